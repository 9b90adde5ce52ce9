"""Results of comparing: which photo fits best, which drafts should exchange photos.

Normalised scores are compared, in standard deviations of the cohorts: the adaptive s-norm takes out
of each what a photo or a caption that suits everything would get anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgfit.errors import ImgfitError
    from imgfit.remarks import Verdict
    from imgfit.scoring import Signature

# If one of the best two is the right photo, their order is wrong in 25 to 33 % of cases below
# this margin and in 1 to 7 % above it, in folders of 5 to 100 photos; at the margin itself in about
# one case of ten: `python -m benchmarks.ranking`, table in benchmarks/README.md.
CLOSE_MARGIN = 1.75


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate of a ranking: a photo for a caption, or a caption for a photo.

    Attributes:
        index: Its place among the candidates as they were given, from 0.
        id: The photo's path, the draft's id, or the caption as written.
        cosine: Photo against caption, in [-1, 1]; None on failure.
        normalised: Adaptive s-norm of the cosine, in standard deviations; what is ranked by.
        fit: Share of unrelated pairs that score lower, in [0, 1].
        verdict: Of the fit; ``failed`` if there is an error.
        group: Number of its group of near-duplicates, 1 for that of the best; None on failure.
        error: Why it could not be scored; None if it was.
    """

    index: int
    id: str
    cosine: float | None = None
    normalised: float | None = None
    fit: float | None = None
    verdict: Verdict = "failed"
    group: int | None = None
    error: ImgfitError | None = None

    def row(self) -> dict[str, Any]:
        """Return the candidate as plain values.

        Returns:
            ``id, index, cosine, normalised, fit, verdict, group, error``; ready for JSON.
        """
        return {
            "id": self.id,
            "index": self.index,
            "cosine": _rounded(self.cosine),
            "normalised": _rounded(self.normalised),
            "fit": _rounded(self.fit),
            "verdict": self.verdict,
            "group": self.group,
            "error": f"{self.error.code}: {self.error}" if self.error else None,
        }


@dataclass(frozen=True, slots=True, repr=False)
class Ranking:
    """Candidates, best first; those that could not be scored come last.

    A sequence: iterate it, index it, take its length.

    Attributes:
        query: The caption, or the photo's name, that candidates were ranked for.
        entries: All candidates, or the best few if only they were asked for.
        signature: Everything that the numbers depend on; ``str`` gives it as one line.
        runner_up: The best candidate that is not a near-duplicate of the best; None if there is
            none. It is found before the list is cut short.
    """

    query: str
    entries: tuple[Ranked, ...]
    signature: Signature
    runner_up: Ranked | None = None

    def __repr__(self) -> str:
        best = self.best
        first = "" if best is None else f", first {best.id!r}: {best.verdict}"
        return f"<Ranking of {len(self)}{first}>"

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Ranked]:
        return iter(self.entries)

    def __getitem__(self, index: int) -> Ranked:
        return self.entries[index]

    @property
    def best(self) -> Ranked | None:
        """The first candidate; None if none could be scored."""
        first = self.entries[0] if self.entries else None
        return first if first is not None and first.normalised is not None else None

    @property
    def margin(self) -> float | None:
        """How far the best leads the runner-up, in standard deviations; None if there is none."""
        best, second = self.best, self.runner_up
        if best is None or second is None:
            return None
        return (best.normalised or 0.0) - (second.normalised or 0.0)

    @property
    def close(self) -> bool:
        """Whether it is too close to call: a margin under `CLOSE_MARGIN`."""
        return self.margin is not None and self.margin < CLOSE_MARGIN


@dataclass(frozen=True, slots=True)
class Move:
    """A better photo for one draft: that of another draft of the batch.

    Attributes:
        draft: Index in the batch of the draft that takes the photo.
        source: Index of the draft whose photo it takes.
        draft_id: Name of the draft that takes the photo.
        source_id: Name of the draft whose photo it takes.
        fit_now: Fit of the draft's caption with its own photo, in [0, 1].
        fit_then: Fit of the same caption with the other photo, in [0, 1].
        gain: By how much the normalised score rises, in standard deviations.
    """

    draft: int
    source: int
    draft_id: str
    source_id: str
    fit_now: float
    fit_then: float
    gain: float

    def row(self) -> dict[str, Any]:
        """Return the move as plain values.

        Returns:
            ``draft, photo_of, fit_now, fit_then, gain``; ready for JSON.
        """
        return {
            "draft": self.draft_id,
            "photo_of": self.source_id,
            "fit_now": _rounded(self.fit_now),
            "fit_then": _rounded(self.fit_then),
            "gain": _rounded(self.gain),
        }


@dataclass(frozen=True, slots=True)
class Swap:
    """Drafts that should exchange photos, in a ring: two of them, or more.

    Attributes:
        moves: One for each draft; each takes the photo of the next, the last that of the first.
    """

    moves: tuple[Move, ...]

    @property
    def gain(self) -> float:
        """Sum of the moves' gains, in standard deviations."""
        return sum(move.gain for move in self.moves)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which photo each draft of a batch should carry.

    Attributes:
        photos: For each of the n drafts, the index of the draft whose photo it should carry: its
            own unless a swap is clearly better.
        swaps: The exchanges that this takes, the greatest gain first; empty if every draft keeps
            its photo.
        signature: Everything that the numbers depend on; ``str`` gives it as one line.
    """

    photos: tuple[int, ...]
    swaps: tuple[Swap, ...]
    signature: Signature


def _rounded(value: float | None) -> float | None:
    """Six digits, as in the rows of scores."""
    return None if value is None else round(float(value), 6)
