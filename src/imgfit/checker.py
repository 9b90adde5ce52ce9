"""Where the parts meet: drafts in, scores out."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from imgfit.arguments import (
    MODEL,
    PATH,
    TEXT,
    require_a,
    require_counts,
    require_flags,
    require_one_of,
    require_progress,
    require_several,
    wrong_type,
)
from imgfit.cache import EmbeddingCache, open_cache
from imgfit.calibration import (
    Calibration,
    CalibrationRun,
    Cohort,
    FittingInput,
    WindowWeights,
    fit_calibration,
    norm_of,
    pooling_of,
)
from imgfit.captions import text_versions
from imgfit.choosing import BatchChooser, caption_candidates, photo_candidates
from imgfit.drafts import Draft
from imgfit.embedding import DEFAULT_BATCH, DraftEmbedder, unjudged_error
from imgfit.encoders import RUNTIMES, Encoder, TracedEncoder, load_encoder
from imgfit.explaining import DRAWN_SIDE, METHODS, Explanation, explain_score
from imgfit.language import Phrase
from imgfit.models import find_model
from imgfit.photos import decode_photo, name_of, near_cosine, read_photo, require_photo, take_photo
from imgfit.remarks import Reason
from imgfit.scoring import (
    FAR,
    Batch,
    DraftFacts,
    Score,
    Scorer,
    Signature,
    Thresholds,
    fallback_null,
    hints_of_photos,
    scores_of,
)
from imgfit.version import __version__

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from imgfit.choosing import Ranking
    from imgfit.embedding import EmbeddedDrafts, StageProgress
    from imgfit.explaining import Method
    from imgfit.photos import PhotoPrints, PhotoSource
    from imgfit.scoring import BatchCohort, BatchNull

_CALIBRATION = Phrase(
    id="harus berupa Calibration; path berkasnya diberikan kepada Checker.load",
    en="must be a Calibration; Checker.load takes the path of one",
)
_CACHE = Phrase(id="harus berupa EmbeddingCache", en="must be an EmbeddingCache")
_DRAFTS = Phrase(
    id="harus berupa daftar Draft, misalnya dari read_drafts",
    en="must be several Drafts, such as those of read_drafts",
)
_PHOTOS = Phrase(id="harus berupa daftar foto", en="must be several photos, such as a list")
_CAPTIONS = Phrase(id="harus berupa daftar teks", en="must be several texts, such as a list")
_LANGUAGES = Phrase(
    id="harus berupa daftar kode bahasa", en="must be several language codes, such as a list"
)
_ENCODER = Phrase(
    id="harus punya semua atribut dan metode imgfit.Encoder",
    en="must have all attributes and methods of imgfit.Encoder",
)
_ENCODER_NAMES = (
    "name", "fingerprint", "dim", "context_length", "photo_size", "count_tokens", "prepare",
    "encode_photos", "encode_texts",
)  # fmt: skip


class Checker:
    """A model with its calibration, ready to check drafts."""

    def __init__(
        self,
        encoder: Encoder,
        calibration: Calibration,
        cohort: Cohort,
        *,
        batch_size: int | None = None,
        decode_threads: int | None = None,
        cache: EmbeddingCache | None = None,
        languages: Collection[str] | None = None,
        any_language: bool = False,
        window_weights: WindowWeights | None = None,
    ) -> None:
        """Put the parts together; `load` is the usual way.

        Args:
            encoder: Embeds photos and captions.
            calibration: The encoder's null.
            cohort: The cohorts' embeddings, by the same encoder.
            batch_size: Items a forward pass.
            decode_threads: Threads that read and decode photos; the number of cores if not given.
            cache: Where embeddings are kept across runs.
            languages: ISO 639-1 codes of the languages that the encoder learned. A caption in
                another language is not scored: an Indonesian or English one is an error, because
                the wrong model is loaded, and any other is ``unsure``. None if unknown: every
                caption is scored, and the signature records ``languages:unknown``.
            any_language: Whether to score captions in every language all the same.
            window_weights: What the windows of captions weigh, learned with this encoder; by
                their place (``pool:lead045`` in signatures) if None.

        Raises:
            CalibrationMismatchError: The parts do not belong together.
            ArgumentError: An argument is of the wrong type or out of range.
        """
        if not all(hasattr(encoder, name) for name in _ENCODER_NAMES):
            raise wrong_type("encoder", encoder, _ENCODER)
        require_a("calibration", calibration, Calibration, _CALIBRATION)
        require_a("cohort", cohort, Cohort, Phrase(id="harus berupa Cohort", en="must be a Cohort"))
        require_a("cache", cache, (EmbeddingCache, type(None)), _CACHE)
        require_flags(any_language=any_language)
        require_counts(batch_size=batch_size, decode_threads=decode_threads)
        # A runtime may stand in for the model that the null was fitted for: it says so itself,
        # and how far its fits drift is in its name, on every signature.
        origin = encoder.origin if isinstance(encoder, TracedEncoder) else encoder.fingerprint
        own = calibration.fingerprint == encoder.fingerprint
        calibration.require(
            fingerprint=encoder.fingerprint if own else origin,
            cohort=cohort.digest,
            norm=norm_of(cohort),
            pooling=pooling_of(window_weights),
        )
        self.encoder = encoder
        self.scorer = Scorer(calibration, cohort)
        self._languages = (
            None
            if languages is None
            else frozenset(require_several("languages", languages, _LANGUAGES))
        )
        self._any_language = any_language
        self._embedder = DraftEmbedder(
            encoder,
            cache,
            DEFAULT_BATCH if batch_size is None else batch_size,
            decode_threads,
            None if any_language else self._languages,
            near_cosine(cohort.photos),
            window_weights,
        )

    def __repr__(self) -> str:
        return f"<Checker with {self.encoder.name}@{self.encoder.fingerprint}>"

    @classmethod
    def load(
        cls,
        model: str | os.PathLike[str] = "mini",
        *,
        runtime: str | None = None,
        device: str | None = None,
        batch_size: int | None = None,
        decode_threads: int | None = None,
        threads: int | None = None,
        cache: str | os.PathLike[str] | EmbeddingCache | None = None,
        calibration: str | os.PathLike[str] | None = None,
        any_language: bool = False,
    ) -> Self:
        """Load a model with its calibration; nothing reaches for the network.

        A model without a calibration is judged by t-norm against imgfit's own captions, and by the
        batch's own drafts if a dozen of them differ; every score and signature says so. The cohort
        embeddings this needs are computed once and kept in the user's cache.

        Args:
            model: ``"mini"``, the built-in model; a preset (``"fast"``, ``"base"``,
                ``"accurate"``), ``name/tag`` of open_clip's registry or ``hf-hub:org/name``, once
                it was pulled or added (``imgfit models pull``); or the path of a model folder.
            runtime: ``"torch"``, ``"onnx"`` or ``"onnx-int8"``; if not given, ``"onnx"`` for the
                built-in model, which brings its graphs, and ``"torch"`` for any other. ONNX for
                other models, and 8 bits, need the extra ``onnx`` and export the model once.
            device: torch's name of a device, which takes torch unless it is ``"cpu"``. If not
                given, the CPU for ONNX, and for torch CUDA if there is one, else the CPU.
            batch_size: Items a forward pass.
            decode_threads: Threads that read and decode photos; the number of cores if not given.
            threads: Threads that a tower computes on; the runtime's own choice, mostly the number
                of cores, if not given. Torch's are those of the whole process.
            cache: ``"user"`` for the user's own cache, the file that the command ``imgfit`` uses;
                the path of another; an open cache; None for no cache.
            calibration: Path of a calibration to use in place of the model's own, as
                ``imgfit calibrate`` writes it.
            any_language: Whether to score captions in languages that the model never learned.

        Returns:
            The checker.

        Raises:
            ModelError: The model or its calibration cannot be used.
            CacheError: The cache's file cannot be used.
            ArgumentError: An argument is of the wrong type or out of range.
        """
        require_a("model", model, (str, os.PathLike), MODEL)
        if runtime is not None:
            require_one_of("runtime", runtime, RUNTIMES)
        require_a("device", device, (str, type(None)), TEXT)
        require_a("calibration", calibration, (str, os.PathLike, type(None)), PATH)
        require_flags(any_language=any_language)
        require_counts(batch_size=batch_size, decode_threads=decode_threads, threads=threads)
        kept = open_cache(cache)
        folder = find_model(os.fspath(model))
        chosen = folder.calibration if calibration is None else Path(calibration)
        fitted = calibration is not None or chosen.is_file()
        null = Calibration.load(chosen) if fitted else None
        encoder = load_encoder(folder, runtime=runtime, device=device, threads=threads)
        weights = None
        if folder.window_weights.is_file():
            weights = WindowWeights.load(
                folder.window_weights, fingerprint=encoder.origin, dim=encoder.dim
            )
        if null is not None and folder.cohort.is_file():
            cohort = Cohort.load(folder.cohort, fingerprint=encoder.origin, dim=encoder.dim)
        else:
            cohort, unfitted = fallback_null(encoder)
            null = null or replace(unfitted, pooling=pooling_of(weights))
        return cls(
            encoder,
            null,
            cohort,
            batch_size=batch_size,
            decode_threads=decode_threads,
            cache=kept,
            languages=folder.read_languages(),
            any_language=any_language,
            window_weights=weights,
        )

    @classmethod
    def from_encoder(
        cls,
        encoder: Encoder,
        *,
        calibration: Calibration | None = None,
        batch_size: int | None = None,
        decode_threads: int | None = None,
        cache: EmbeddingCache | None = None,
        languages: Collection[str] | None = None,
        any_language: bool = False,
    ) -> Self:
        """Check drafts with an encoder of one's own, which has no cohort of photos.

        Args:
            encoder: Anything with the attributes and methods of `Encoder`.
            calibration: As `calibrate` fits it. Without one, fits are judged as `load` does for a
                model without a calibration.
            batch_size: Items a forward pass.
            decode_threads: Threads that read and decode photos; the number of cores if not given.
            cache: Where embeddings are kept across runs.
            languages: ISO 639-1 codes of the languages that the encoder learned; None if unknown.
            any_language: Whether to score captions in every language all the same.

        Returns:
            The checker.

        Raises:
            CalibrationMismatchError: The calibration belongs to another encoder.
            EncoderFailedError: The encoder raised, or did not return embeddings.
            ArgumentError: An argument is of the wrong type or out of range.
        """
        if not all(hasattr(encoder, name) for name in _ENCODER_NAMES):
            raise wrong_type("encoder", encoder, _ENCODER)
        cohort, null = fallback_null(encoder)
        return cls(
            encoder,
            null if calibration is None else calibration,
            cohort,
            batch_size=batch_size,
            decode_threads=decode_threads,
            cache=cache,
            languages=languages,
            any_language=any_language,
        )

    @property
    def fit_drift(self) -> float | None:
        """Mean absolute change of fit against the runtime that the calibration was fitted for.

        Measured when a model is exported to 8 bits; None if the change is rounding, or was not
        measured.
        """
        drift: float | None = getattr(self.encoder, "fit_drift", None)
        return drift

    @property
    def window_weights(self) -> WindowWeights | None:
        """What the windows of captions weigh; None if it is by their place."""
        return self._embedder.weights

    def recalibrated(self, calibration: Calibration) -> Self:
        """Return a checker that judges by another calibration; the model is shared.

        Args:
            calibration: As `calibrate` fits it.

        Returns:
            The checker.

        Raises:
            CalibrationMismatchError: It belongs to another encoder, cohort or cleaning.
            ArgumentError: It is not a `Calibration`.
        """
        return type(self)(
            self.encoder,
            calibration,
            self.scorer.cohort,
            batch_size=self._embedder.batch_size,
            decode_threads=self._embedder.decode_threads,
            cache=self._embedder.cache,
            languages=self._languages,
            any_language=self._any_language,
            window_weights=self._embedder.weights,
        )

    def calibrate(
        self,
        drafts: Iterable[Draft],
        *,
        far: float = FAR,
        progress: StageProgress | None = None,
    ) -> CalibrationRun:
        """Fit a calibration on drafts of one's own, mismatched on purpose.

        If drafts have a ``label``, they add a probability (Platt scaling) and a threshold whose
        false-accept rate among drafts like those labelled as not fitting is bounded
        (Clopper-Pearson).

        Args:
            drafts: Drafts with photos and captions; those that cannot be used are listed in the
                result.
            far: False-accept rate: the share of unrelated pairs that may pass, in (0, 1); with
                labels, its upper bound.
            progress: Called with the stage (``"photos"`` or ``"texts"``), done, and total.

        Returns:
            The calibration, for `recalibrated` or to save, and what it was fitted on.

        Raises:
            DraftsFewError: Too few drafts differ.
            LabelsFewError: Too few drafts of a label.
            LabelsContradictError: Drafts that fit do not score higher.
            LabelsHardError: No threshold keeps the bound.
            ArgumentError: An argument is of the wrong type or out of range.
        """
        Thresholds.at(far)
        drafts = _require_drafts(drafts, progress)
        ready = self._embedder.embed(drafts, clean=True, progress=progress)
        rows = [ready.row_of[i] for i in ready.scored]
        material = FittingInput(
            drafts=[drafts[i] for i in ready.scored],
            digests=ready.digests(rows),
            texts=[ready.texts[i].text for i in ready.scored],
            photos=ready.photos.vectors[rows],
            captions=ready.captions.pooled,
        )
        usable = set(ready.scored)
        left_out = tuple(
            (draft, ready.error_of(i) or ready.texts[i].unjudged or Reason("nothing_to_score", {}))
            for i, draft in enumerate(drafts)
            if i not in usable
        )
        run = fit_calibration(
            self.scorer.cohort, self.scorer.calibration, material, far=far, left_out=left_out
        )
        # Fitted on what this runtime's embeddings score, whatever the scorer's null was made of.
        calibration = replace(run.calibration, fingerprint=self.encoder.fingerprint)
        return replace(run, calibration=calibration)

    def signature(
        self,
        thresholds: Thresholds,
        *,
        clean: bool = True,
        null: BatchNull | None = None,
        calibration: Calibration | None = None,
    ) -> Signature:
        """Name everything that a score depends on.

        Args:
            thresholds: What verdicts are decided at.
            clean: Whether captions are cleaned.
            null: Of the batch, if its drafts joined the cohort.
            calibration: The batch's own, if it stood in for one.

        Returns:
            The signature.
        """
        runtime = self.encoder.runtime if isinstance(self.encoder, TracedEncoder) else ""
        calibration = calibration or self.scorer.calibration
        languages = "any" if self._any_language else "unknown" if self._languages is None else ""
        fields = {
            "imgfit": __version__,
            "model": f"{self.encoder.name}@{self.encoder.fingerprint}",
            **({"runtime": runtime} if runtime else {}),
            "text": text_versions() if clean else f"{text_versions()}-unclean",
            **({"languages": languages} if languages else {}),
            "pool": calibration.pooling,
            "norm": calibration.norm,
            "cohort": self.scorer.cohort.digest + (f"+{null.drafts}" if null else ""),
            "null": calibration.name,
        }
        return Signature.of(fields, thresholds)

    def check(
        self, photo: PhotoSource, caption: str, *, far: float | None = None, clean: bool = True
    ) -> Score:
        """Check one photo against one caption: a batch of one.

        Args:
            photo: Path or bytes of the photo.
            caption: The text it is meant to carry.
            far: False-accept rate: the share of unrelated pairs that may pass, in (0, 1); if not
                given, the calibration's, or else 0.05.
            clean: Whether to clean the caption.

        Returns:
            The score; a photo or caption that cannot be used is in its ``error``.

        Raises:
            ArgumentError: An argument is of the wrong type or out of range.
        """
        require_photo(photo)
        require_a("caption", caption, str)
        return self.check_drafts([Draft(photo, caption)], far=far, clean=clean)[0]

    def check_drafts(
        self,
        drafts: Iterable[Draft],
        *,
        far: float | None = None,
        clean: bool = True,
        alone: bool = False,
        progress: StageProgress | None = None,
    ) -> Batch:
        """Check drafts; one that cannot be used is a score with its error.

        The drafts join the cohort of each other, near-duplicates apart, so a score depends a little
        on the drafts it was checked with; the signature counts them.

        Args:
            drafts: n drafts, from `read_drafts` or made by hand.
            far: False-accept rate: the share of unrelated pairs that may pass, in (0, 1); if not
                given, the calibration's, or else 0.05.
            clean: Whether to clean captions of links, hashtag blocks and the like.
            alone: Whether each draft is scored as if it were the only one: no draft joins
                another's cohort, and no reason or hint names another draft. So a row is the one
                that `check` gives, whatever it was checked with, but for rounding of the last
                digits; this is what several machines must agree on.
            progress: Called with the stage (``"photos"`` or ``"texts"``), done, and total.

        Returns:
            n scores, in order; if ``alone``, the signature counts no drafts.

        Raises:
            ArgumentError: An argument is of the wrong type or out of range.
        """
        thresholds = self._thresholds(far)
        require_flags(clean=clean, alone=alone)
        drafts = _require_drafts(drafts, progress)
        ready = self._embedder.embed(drafts, clean=clean, progress=progress)
        prints = self._embedder.prints(ready.photos)
        hints = hints_of_photos(
            [drafts[i].id for i in ready.row_of],
            ready.photos,
            prints.find_copies(),
            self.scorer.cohort.scenes,
        )
        rows = [ready.row_of[i] for i in ready.scored]
        photos = ready.photos.vectors[rows]
        facts = [
            DraftFacts(drafts[i].id, drafts[i].caption or "", ready.texts[i].text, digest)
            for i, digest in zip(ready.scored, ready.digests(rows), strict=True)
        ]
        scorer = self.scorer
        if not alone:
            scorer = scorer.with_batch_null(photos, ready.captions.pooled, facts)
        pairs, batch = scorer.score(photos, ready.captions, facts, batch_cohort=not alone)
        null, kind = None if batch is None else batch.null, scorer.calibration.kind
        signature = self.signature(
            thresholds, clean=clean, null=null, calibration=scorer.calibration
        )
        scores = scores_of(
            drafts, ready, pairs, hints, signature=signature, null_kind=kind, alone=alone
        )
        chooser = self._chooser(ready, prints, batch, scorer, clean=clean)
        return Batch(scores, thresholds, signature, null, kind, chooser)

    def rank_photos(
        self,
        caption: str,
        photos: Iterable[PhotoSource],
        *,
        far: float | None = None,
        clean: bool = True,
        top: int | None = None,
        progress: StageProgress | None = None,
    ) -> Ranking:
        """Rank photos by how well they fit a caption.

        Args:
            caption: The message.
            photos: Paths or bytes, several of them.
            far: False-accept rate: the share of unrelated pairs that may pass, in (0, 1); if not
                given, the calibration's, or else 0.05.
            clean: Whether to clean the caption.
            top: How many of the photos to return; all if not given. Failures are always there.
            progress: Called with the stage (``"photos"``), done, and total.

        Returns:
            The photos, best first; one that cannot be read is last, with its error.

        Raises:
            CaptionError: The caption cannot be used.
            ArgumentError: An argument is of the wrong type or out of range.
        """
        require_a("caption", caption, str)
        sources = require_several("photos", photos, _PHOTOS)
        signature = self._ranking_signature(far, clean=clean, top=top)
        require_progress(progress)
        return photo_candidates(
            self._embedder, self.scorer, sources, caption, clean=clean, progress=progress
        ).ranking(caption, scorer=self.scorer, signature=signature, top=top)

    def rank_captions(
        self,
        photo: PhotoSource,
        captions: Iterable[str],
        *,
        far: float | None = None,
        clean: bool = True,
        top: int | None = None,
    ) -> Ranking:
        """Rank captions by how well they fit a photo.

        Args:
            photo: Path or bytes.
            captions: The texts to choose from.
            far: False-accept rate: the share of unrelated pairs that may pass, in (0, 1); if not
                given, the calibration's, or else 0.05.
            clean: Whether to clean the captions.
            top: How many of the captions to return; all if not given. Failures are always there.

        Returns:
            The captions, best first; one that cannot be used is last, with its error. Captions
            that are the same text once cleaned are one group.

        Raises:
            PhotoError: The photo cannot be used.
            ArgumentError: An argument is of the wrong type or out of range.
        """
        photo = take_photo(photo)
        written = require_several("captions", captions, _CAPTIONS)
        for text in written:
            require_a("captions", text, str)
        signature = self._ranking_signature(far, clean=clean, top=top)
        return caption_candidates(self._embedder, self.scorer, written, photo, clean=clean).ranking(
            name_of(photo), scorer=self.scorer, signature=signature, top=top
        )

    def explain(
        self,
        photo: PhotoSource,
        caption: str,
        *,
        far: float | None = None,
        clean: bool = True,
        method: Method | None = None,
    ) -> Explanation:
        """Show which region of a photo supports which window of a caption.

        Args:
            photo: Path or bytes.
            caption: The text it is meant to carry.
            far: False-accept rate: the share of unrelated pairs that may pass, in (0, 1); if not
                given, the calibration's, or else 0.05.
            clean: Whether to clean the caption.
            method: ``"exact"`` or ``"occlusion"``; if not given, the exact one if the model's
                photo tower allows it.

        Returns:
            The heat of each window, and a picture of it.

        Raises:
            PhotoError: The photo cannot be used.
            CaptionError: The caption cannot be used.
            ArgumentError: An argument is of the wrong type or out of range, or the model does not
                allow the method.
        """
        if method is not None:
            require_one_of("method", method, METHODS)
        photo = take_photo(photo)
        score = self.check(photo, caption, far=far, clean=clean)
        if score.error is not None:
            raise score.error
        if score.evidence.unjudged is not None:
            raise unjudged_error(score.draft.id, score.evidence.unjudged)
        file = read_photo(photo)
        seen = decode_photo(file, short_side=self.encoder.photo_size)
        windows = [window.text for window in score.windows]
        return explain_score(
            score,
            self.encoder,
            self.encoder.prepare(seen),
            self._embedder.pool_captions([windows]),
            photo=decode_photo(file, short_side=DRAWN_SIDE),
            cohort=self.scorer.cohort.captions,
            batch_size=self._embedder.batch_size,
            method=method,
        )

    def _thresholds(self, far: float | None) -> Thresholds:
        return Thresholds.at(self.scorer.calibration.far or FAR if far is None else far)

    def _ranking_signature(self, far: float | None, *, clean: bool, top: int | None) -> Signature:
        """Check what both rankings take, and sign them."""
        require_flags(clean=clean)
        require_counts(top=top)
        return self.signature(self._thresholds(far), clean=clean)

    def _chooser(
        self,
        ready: EmbeddedDrafts,
        known: PhotoPrints,
        batch: BatchCohort | None,
        scorer: Scorer,
        *,
        clean: bool,
    ) -> BatchChooser:
        """Keep what a batch needs to compare its photos and captions."""
        count = len(ready.texts)
        digests: list[str | None] = [None] * count
        hashes = [0] * count
        vectors = np.zeros((count, self.encoder.dim), np.float32)
        for draft, row in ready.row_of.items():
            digests[draft], hashes[draft] = known.digests[row], known.hashes[row]
            vectors[draft] = known.vectors[row]
        return BatchChooser(
            scorer,
            batch,
            replace(known, digests=digests, hashes=hashes, vectors=vectors),
            ready.captions.pooled,
            np.array(ready.scored, np.intp),
            partial(self._embedder.embed_caption, clean=clean),
        )


def _require_drafts(drafts: Any, progress: Any) -> list[Draft]:
    """Return drafts as a list, or refuse what is none."""
    require_progress(progress)
    found = require_several("drafts", drafts, _DRAFTS)
    for draft in found:
        require_a("drafts", draft, Draft, _DRAFTS)
    return found
