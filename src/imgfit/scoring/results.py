"""Results: what one draft scored, and what a batch of drafts scored."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from imgfit.arguments import PATH, require_a, require_count, require_several
from imgfit.calibration import LEAST_GROUPS
from imgfit.drafts import Draft
from imgfit.errors import (
    ArgumentError,
    CaptionError,
    ImgfitError,
    PhotoError,
)
from imgfit.files import needing
from imgfit.language import Phrase, or_system
from imgfit.printable import encodable
from imgfit.remarks import VERDICTS, Reason, Verdict
from imgfit.scoring.evidence import Evidence
from imgfit.scoring.signature import UNSIGNED, Signature
from imgfit.scoring.thresholds import DEFAULT_THRESHOLDS, Thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    import pyarrow as pa

    from imgfit.calibration import NullKind
    from imgfit.choosing import Assignment, BatchChooser, Move, Ranking
    from imgfit.language import Language
    from imgfit.photos import PhotoSource
    from imgfit.remarks import Hint
    from imgfit.scoring.batch_cohort import BatchNull
    from imgfit.scoring.evidence import Window

_DRAFT = Phrase(id="harus berupa Draft", en="must be a Draft")
_SCORES = Phrase(id="harus berupa daftar Score", en="must be several Scores")
_NO_EVIDENCE = Evidence()
# Weakest first.
_ORDER: dict[Verdict, int] = {"failed": 0, "unsure": 1, "silent": 2, "weak": 2, "speaks": 2}

# From this version on fields are only added to rows, never renamed or taken away.
ROW_VERSION = 1

# What each field of a row holds, in the order of `Score.row`; the reference page is made of it.
ROW_FIELDS: dict[str, str] = {
    "row_version": "1; from this version on fields are only added.",
    "id": "The draft's name: where it lies in the folder, or in the manifest.",
    "photo": "Path or address of the photo; null if it was given as bytes or pixels.",
    "caption": "The caption as written; null if there is none.",
    "text": "The caption as scored, after cleaning.",
    "cosine": "Photo against caption, in [-1, 1]; comparable within one model only.",
    "fit": "Share of unrelated pairs that score lower, in [0, 1].",
    "probability": (
        "That photo and caption belong together, in [0, 1]; only with a calibration fitted on "
        "labels."
    ),
    "evidence_ratio": (
        "How much likelier this score is of an agency's post whose photo fits than of an unrelated "
        "pair; null if the calibration carries no right pairs."
    ),
    "verdict": (
        "`speaks`, `weak` or `silent` by the fit; `unsure` if the draft can be read but not "
        "judged; `failed` if it cannot be used."
    ),
    "reasons": "List of objects with a `code`, and the facts that the reason names.",
    "hints": (
        "List of objects with a `code` and a `value`: what to look at again in the photo; they "
        "change no verdict."
    ),
    "windows": (
        "The caption's sentences or clauses: objects with `text`, `cosine`, `fit`, `weight` (its "
        "share of the caption) and `judged` (false if the weight is too small to matter)."
    ),
    "dropped_tokens": "Tokens that the model could not read; 0 for nearly every caption.",
    "error": "`NameOfTheError: sentence` if the draft could not be used, else null.",
    "signature": "Everything that the numbers depend on, in one line.",
    "columns": "The user's own columns of the manifest, by name.",
}


@dataclass(frozen=True, slots=True, repr=False)
class Score:
    """How well one draft's photo fits its caption.

    Attributes:
        draft: What was scored.
        text: The caption as scored, after cleaning.
        dropped: The pieces that cleaning took off the caption.
        windows: The caption's windows with their own scores, in order.
        dropped_tokens: Tokens that the tower could not read; 0 unless one character is too
            long, as a reason then says.
        cosine: Photo against the caption's pooled embedding, in [-1, 1]; None if it was not scored.
        normalised: The adaptive s-norm of ``cosine``, in standard deviations of the cohorts; in a
            batch, with the other drafts as a further cohort.
        fit: Share of unrelated pairs that score lower, in [0, 1].
        probability: That photo and caption belong together, in [0, 1]; None unless the
            calibration was fitted with labels.
        evidence_ratio: How much likelier this score is of an agency's post whose photo fits than of
            one whose photo does not, above 0: 1 tells nothing, below 1 speaks against the photo.
            None if the calibration has no right pairs of posts.
        thresholds: What the verdict was decided at.
        evidence: What the reasons are drawn from.
        hints: What to look at again in the photo, and whether its caption was read from its own
            metadata; hints never change a fit or a verdict.
        error: Why the photo or the caption cannot be used; None if both can.
        signature: Everything that the numbers depend on; ``str`` gives it as one line.
    """

    draft: Draft
    text: str = ""
    dropped: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    dropped_tokens: int = 0
    cosine: float | None = None
    normalised: float | None = None
    fit: float | None = None
    probability: float | None = None
    evidence_ratio: float | None = None
    thresholds: Thresholds = DEFAULT_THRESHOLDS
    evidence: Evidence = _NO_EVIDENCE
    hints: tuple[Hint, ...] = ()
    error: ImgfitError | None = None
    signature: Signature = UNSIGNED

    def __post_init__(self) -> None:
        require_a("draft", self.draft, Draft, _DRAFT)

    def __repr__(self) -> str:
        fit = "" if self.fit is None else f", fit {self.fit:.4f}"
        return f"<Score of {self.draft.id!r}: {self.verdict}{fit}>"

    @property
    def verdict(self) -> Verdict:
        """``speaks``, ``weak`` or ``silent``, by the fit.

        ``failed`` if the photo or the caption cannot be used, as ``error`` says; ``unsure`` if both
        can be read but not judged, as the reasons say.
        """
        if self.error is not None:
            return "failed"
        return "unsure" if self.fit is None else self.thresholds.verdict(self.fit)

    @property
    def passed(self) -> bool:
        """Whether a gate lets the draft through: only ``speaks`` does."""
        return self.verdict == "speaks"

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why the verdict is not ``speaks``, and what else to know."""
        reasons: list[Reason] = []
        if self.evidence.unjudged is not None and self.error is None:
            reasons.append(self.evidence.unjudged)
        if self.fit is not None and not self.passed:
            far = self.thresholds.far
            reasons.extend(self.evidence.weaknesses(self.fit, self.windows, far))
        if self.dropped_tokens:
            reasons.append(Reason("tokens_dropped", {"tokens": str(self.dropped_tokens)}))
        if self.evidence.animated:
            reasons.append(Reason("first_frame", {}))
        if self.evidence.opinions is not None:
            first, second = map(self.thresholds.verdict, self.evidence.opinions)
            if first != second:
                facts = {f"first_{lang}": words[first] for lang, words in VERDICTS.items()}
                facts |= {f"second_{lang}": words[second] for lang, words in VERDICTS.items()}
                reasons.append(Reason("opinions_differ", facts))
        if self.evidence.unfitted:
            reasons.append(Reason("uncalibrated", {"drafts": str(LEAST_GROUPS)}))
        return tuple(reasons)

    @property
    def picture(self) -> PhotoSource | None:
        """The photo, or None if it may not be shown: one outside the folder of drafts."""
        allowed = self.error is None or isinstance(self.error, (CaptionError, PhotoError))
        return self.draft.photo if allowed else None

    def _repr_html_(self) -> str:
        """Show the score in a notebook, with its photo."""
        from imgfit.reports import rows_html  # noqa: PLC0415 - a view, loaded when shown

        return rows_html([self], total=1)

    def row(self) -> dict[str, Any]:
        """Return the score as plain values, one key a column.

        Returns:
            ``row_version, id, photo, caption, text, cosine, fit, probability, evidence_ratio,
            verdict, reasons, hints, windows, dropped_tokens, error, signature, columns``; ready for
            JSON. The last are the user's own, as the draft's ``extra``.
        """
        photo = self.draft.photo
        return {
            "row_version": ROW_VERSION,
            "id": self.draft.id,
            "photo": os.fspath(photo) if isinstance(photo, (str, os.PathLike)) else None,
            "caption": self.draft.caption,
            "text": self.text,
            "cosine": _rounded(self.cosine),
            "fit": _rounded(self.fit),
            "probability": _rounded(self.probability),
            "evidence_ratio": _rounded(self.evidence_ratio),
            "verdict": self.verdict,
            "reasons": [reason.row() for reason in self.reasons],
            "hints": [hint.row() for hint in self.hints],
            "windows": [
                {
                    "text": w.text,
                    "cosine": _rounded(w.cosine),
                    "fit": _rounded(w.fit),
                    "weight": _rounded(w.weight),
                    "judged": w.judged,
                }
                for w in self.windows
            ],
            "dropped_tokens": self.dropped_tokens,
            "error": f"{self.error.code}: {self.error}" if self.error else None,
            "signature": str(self.signature),
            "columns": dict(self.draft.extra),
        }


@dataclass(frozen=True, slots=True, repr=False)
class Batch:
    """The scores of a run, in input order.

    A sequence: iterate it, index it, take its length.

    Attributes:
        scores: One for each draft, failures among them.
        thresholds: What the verdicts were decided at.
        signature: Everything that the numbers depend on; ``str`` gives it as one line.
        null: How the batch's own mismatched pairs score; None if no two drafts differ, or if the
            drafts did not join each other's cohort.
        null_kind: What the null of the fits was fitted on, as in `Calibration.kind`.
    """

    scores: tuple[Score, ...]
    thresholds: Thresholds
    signature: Signature
    null: BatchNull | None = None
    null_kind: NullKind = "fitted"
    _chooser: BatchChooser | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        scores = require_several("scores", self.scores, _SCORES)
        for score in scores:
            require_a("scores", score, Score, _SCORES)
        object.__setattr__(self, "scores", tuple(scores))

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {name}" for name, count in self.counts().items() if count)
        return f"<Batch of {counts.replace(' total', '') or '0'}>"

    def __len__(self) -> int:
        return len(self.scores)

    def __iter__(self) -> Iterator[Score]:
        return iter(self.scores)

    def __getitem__(self, index: int) -> Score:
        return self.scores[index]

    def _repr_html_(self) -> str:
        """Show the weakest scores in a notebook, with their photos."""
        from imgfit.reports import MOST_ROWS, rows_html  # noqa: PLC0415 - as above

        return rows_html(self.ranked()[:MOST_ROWS], total=len(self))

    @property
    def passed(self) -> bool:
        """Whether every draft speaks; False if there is none."""
        return bool(self.scores) and all(score.passed for score in self.scores)

    def ranked(self) -> list[Score]:
        """Return the scores weakest first: failures, then the unsure, then by rising fit.

        Returns:
            All scores; equal ones stay in input order.
        """
        return sorted(self.scores, key=weakness)

    def counts(self) -> dict[str, int]:
        """Return how many drafts got each verdict.

        Returns:
            Keys ``total, speaks, weak, silent, unsure, failed``.
        """
        counts = dict.fromkeys(("speaks", "weak", "silent", "unsure", "failed"), 0)
        for score in self.scores:
            counts[score.verdict] += 1
        return {"total": len(self.scores), **counts}

    def at(self, far: float, weak_far: float | None = None) -> Batch:
        """Decide again at other false-accept rates, without running a model.

        Args:
            far: Rate for ``speaks``.
            weak_far: Rate for ``weak``; the default rate, or ``far`` if that is higher.

        Returns:
            A new batch; this one is unchanged.

        Raises:
            ArgumentError: A rate is out of range.
        """
        thresholds = Thresholds.at(far) if weak_far is None else Thresholds(far, weak_far)
        signature = self.signature.with_thresholds(thresholds)
        scores = tuple(
            replace(score, thresholds=thresholds, signature=signature) for score in self.scores
        )
        return replace(self, scores=scores, thresholds=thresholds, signature=signature)

    @property
    def keeps_rate(self) -> bool:
        """Whether about as many unrelated pairs pass as `thresholds` allow.

        False if a model is judged by imgfit's own captions alone, as a note then says.
        """
        return self.null_kind != "cohort"

    @property
    def notes(self) -> tuple[Reason, ...]:
        """Warnings about the whole batch: its drafts are very similar, or are its only null."""
        if not self.keeps_rate:
            return (Reason("uncalibrated", {"drafts": str(LEAST_GROUPS)}),)
        if self.null is None:
            return ()
        far, drafts = self.thresholds.far, str(self.null.drafts)
        if self.null_kind == "batch":
            return (Reason("null_of_batch", {"drafts": drafts}),)
        if not self.null.is_hard(far):
            return ()
        facts = {"drafts": drafts, "reached": self.null.far(far), "asked": far}
        return (Reason("hard_null", facts),)

    @property
    def compares(self) -> bool:
        """Whether the batch can compare its photos and captions: `check_drafts` made it."""
        return self._chooser is not None

    def best_photos(self, caption: str, *, top: int | None = None) -> Ranking:
        """Rank this batch's photos for any caption; no photo is looked at again.

        Args:
            caption: The text that a photo is wanted for; cleaned as the batch's captions were.
            top: How many of the photos to return; all if not given.

        Returns:
            The photos, best first, named by their draft; the index is the draft's in the batch.
            A draft whose photo was not embedded is last, with its error.

        Raises:
            CaptionError: The caption cannot be used.
            ArgumentError: An argument is of the wrong type or out of range, or the batch was not
                made by `Checker.check_drafts` in this process.
        """
        require_a("caption", caption, str)
        if top is not None:
            require_count("top", top)
        return self._choosing().best_photos(self, caption, top)

    def assignment(self) -> Assignment:
        """Find drafts that should exchange photos, without running a model.

        Only clear changes count: a photo leads the draft's own by `CLOSE_MARGIN`, or an exchange of
        two gains more than chance would give; and each ring of drafts gains more than the best of
        so many would by chance. All other drafts keep their own photo.

        Returns:
            A photo for each draft, and the swaps that this takes.

        Raises:
            ArgumentError: The batch was not made by `Checker.check_drafts`.
        """
        return self._choosing().assignment(self)

    def suggestions(self) -> dict[int, Move]:
        """Find better photos in this batch for the drafts that do not speak.

        Returns:
            The better photo by the draft's index in the batch, in input order; drafts without one
            have no entry. It is the photo of another draft, with which this draft speaks, that
            leads its own photo by `CLOSE_MARGIN` and would rarely be there by chance. The other
            draft may need its photo itself.

        Raises:
            ArgumentError: The batch was not made by `Checker.check_drafts`.
        """
        return self._choosing().suggestions(self)

    def _choosing(self) -> BatchChooser:
        if self._chooser is None:
            raise ArgumentError(
                argument="batch",
                value=Phrase(id="Batch buatan sendiri", en="made by hand"),
                needed=Phrase(
                    id="pakai yang dikembalikan check_drafts",
                    en="use one that check_drafts returned",
                ),
            )
        return self._chooser

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the rows to a file, in input order, whole or not at all.

        Args:
            path: A file ending in ``.csv``, ``.xlsx``, ``.jsonl`` or ``.parquet``; an existing one
                is replaced.

        Raises:
            PackageMissingError: The file is Parquet or Excel and the package for it is not
                installed.
            ArgumentError: Another ending, or the file cannot be written.
        """
        from imgfit.reports import write_rows  # noqa: PLC0415 - loaded when used

        require_a("path", path, (str, os.PathLike), PATH)
        write_rows(self, path)

    def save_report(
        self, path: str | os.PathLike[str], *, language: Language | None = None
    ) -> None:
        """Write the batch as one page for people, whole or not at all.

        Args:
            path: A file ending in ``.html``; an existing one is replaced.
            language: ``"id"`` or ``"en"``; the system's if not given.

        Raises:
            ArgumentError: Another ending, or the file cannot be written.
        """
        from imgfit.files import write_whole  # noqa: PLC0415 - loaded when used
        from imgfit.reports import render_html  # noqa: PLC0415 - the same

        require_a("path", path, (str, os.PathLike), PATH)
        if Path(path).suffix.lower() != ".html":
            needed = Phrase(id="nama harus berakhiran .html", en="a name ending in .html")
            raise ArgumentError(argument="path", value=path, needed=needed)
        write_whole(render_html(self, language=or_system(language)), path)

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a data frame, in input order.

        Returns:
            One row for each draft, the columns of `Score.row`; a missing number is NaN.

        Raises:
            PackageMissingError: pandas is not installed (extra ``notebook``).
        """
        with needing("notebook", "to_pandas"):
            import pandas as pd  # noqa: PLC0415 - an extra, and slow to import

        columns = list(Score(Draft(None, None)).row())  # a frame without rows has them too
        # Where pyarrow is installed, pandas keeps text in it, and that must be Unicode.
        rows = [
            {k: encodable(v) if isinstance(v, str) else v for k, v in score.row().items()}
            for score in self.scores
        ]
        frame = pd.DataFrame(rows, columns=columns)
        numbers = ["cosine", "fit", "probability", "evidence_ratio"]
        return frame.astype(dict.fromkeys(numbers, np.float64))

    def to_arrow(self) -> pa.Table:
        """Return the rows as an Arrow table, in input order.

        Returns:
            One row for each draft, the columns of `Score.row`.

        Raises:
            PackageMissingError: pyarrow is not installed (extra ``parquet``).
        """
        from imgfit.reports import score_table  # noqa: PLC0415 - loaded when used

        table: pa.Table = score_table([score.row() for score in self.scores])
        return table


def weakness(score: Score) -> tuple[int, float, float]:
    """Return the key that sorts scores weakest first, as `Batch.ranked` does."""
    return _ORDER[score.verdict], score.fit or 0.0, score.normalised or 0.0


def _rounded(value: float | None) -> float | None:
    """Six digits: more than a float32 embedding supports, and equal from cache or not."""
    return None if value is None else round(float(value), 6)
