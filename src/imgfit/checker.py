"""Where the parts meet: drafts in, scores out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from imgfit.cache.embeddings import EmbeddingCache, open_cache
from imgfit.calibration.cohort import Cohort
from imgfit.calibration.fitting import CalibrationRun, FittingInput, fit_calibration
from imgfit.calibration.norms import norm_of
from imgfit.calibration.null import Calibration
from imgfit.captions.versions import text_versions
from imgfit.choosing.ranking import BatchChooser, Candidates
from imgfit.choosing.rankings import candidate_name
from imgfit.drafts.draft import Draft
from imgfit.embedding.captions import unjudged_error
from imgfit.embedding.drafts import DraftEmbedder
from imgfit.embedding.encoding import DEFAULT_BATCH
from imgfit.encoders.loading import load_encoder
from imgfit.encoders.protocol import Encoder, TracedEncoder
from imgfit.explaining.explanation import DRAWN_SIDE, Explanation, explain_score
from imgfit.models.finding import find_model
from imgfit.photos.copies import near_cosine
from imgfit.photos.reading import decode_photo, read_photo
from imgfit.remarks import Reason
from imgfit.scoring.evidence import Evidence
from imgfit.scoring.hints import COPY_HINTS, caption_hints, hints_of_photos
from imgfit.scoring.results import Batch, Score
from imgfit.scoring.scorer import DraftFacts, Scorer, Trial
from imgfit.scoring.signature import Signature
from imgfit.scoring.thresholds import FAR, Thresholds
from imgfit.scoring.uncalibrated import uncalibrated
from imgfit.version import __version__

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Iterable

    from imgfit.calibration.null import NullKind
    from imgfit.choosing.rankings import Ranking
    from imgfit.embedding.captions import PreparedCaption
    from imgfit.embedding.drafts import EmbeddedDrafts, StageProgress
    from imgfit.errors import ImgfitError
    from imgfit.explaining.regions import Method
    from imgfit.photos.copies import PhotoPrints
    from imgfit.photos.reading import PhotoFile, PhotoSource
    from imgfit.remarks import Hint
    from imgfit.scoring.batch_cohort import BatchCohort, BatchNull


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
    ) -> None:
        """Put the parts together; `load` is the usual way.

        Args:
            encoder: Who embeds.
            calibration: Its null.
            cohort: Its cohorts' embeddings.
            batch_size: Items a forward pass.
            decode_threads: Threads that read and decode photos; the number of cores if not given.
            cache: Where embeddings are kept across runs.
            languages: ISO 639-1 codes of what the encoder learned, so that a caption in another
                language is not scored: an Indonesian or English one is an error, for the wrong
                model is loaded, and any other ``unsure``. None where nobody said, and then all
                are scored and the signature says so.
            any_language: Whether to score every caption all the same.

        Raises:
            CalibrationMismatchError: The parts do not belong together.
            ArgumentError: ``batch_size`` or ``decode_threads`` is below 1.
        """
        # A runtime may stand in for the model that the null was fitted for: it says so itself,
        # and how far its fits drift is in its name, on every signature.
        origin = encoder.origin if isinstance(encoder, TracedEncoder) else encoder.fingerprint
        own = calibration.fingerprint == encoder.fingerprint
        calibration.require(
            fingerprint=encoder.fingerprint if own else origin,
            cohort=cohort.digest,
            norm=norm_of(cohort),
        )
        self.encoder = encoder
        self.scorer = Scorer(calibration, cohort)
        self._languages = None if languages is None else frozenset(languages)
        self._any_language = any_language
        self._embedder = DraftEmbedder(
            encoder,
            cache,
            DEFAULT_BATCH if batch_size is None else batch_size,
            decode_threads,
            None if any_language else self._languages,
            near_cosine(cohort.photos),
        )

    @classmethod
    def load(
        cls,
        model: str = "mini",
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

        A model that has none is judged by t-norm against the package's captions, and by the
        batch's own drafts where a dozen differ; every score and signature says so. What that
        takes is made once by the model and kept in the user's cache.

        Args:
            model: ``"mini"``, the embedded one; a preset (``"fast"``, ``"base"``,
                ``"accurate"``), ``name/tag`` of open_clip's registry or ``hf-hub:org/name``, once
                it was pulled or added (``imgfit models pull``); or the path of a model folder. As
                in `find_model`.
            runtime: ``"torch"``, ``"onnx"`` or ``"onnx-int8"``; if not given, ``"onnx"`` for the
                embedded model, which brings its graphs, and ``"torch"`` for any other. The ONNX
                ones of other models, and 8 bits, need ``imgfit[onnx]`` and export the model
                once, as `load_encoder` says.
            device: torch's name of a device, which takes torch unless it is ``"cpu"``. If not
                given, the CPU for ONNX, and for torch CUDA if there is one, else the CPU.
            batch_size: Items a forward pass.
            decode_threads: Threads that read and decode photos; the number of cores if not given.
            threads: Threads that a tower computes on; the runtime's own choice, mostly the number
                of cores, if not given. Torch's are those of the whole process.
            cache: Path of the embedding cache's file, or an open cache; ``"user"`` for the user's
                own, the one that the command uses; None for no cache.
            calibration: Path of a calibration to use in place of the model's own, as
                ``imgfit calibrate`` writes it.
            any_language: Whether to score captions in languages that the model never learned.

        Returns:
            The checker.

        Raises:
            ModelError: The model or its calibration cannot be used.
            CacheError: The cache's file cannot be used.
            ArgumentError: An argument is out of range.
        """
        folder = find_model(model)
        chosen = folder.calibration if calibration is None else Path(calibration)
        fitted = calibration is not None or chosen.is_file()
        null = Calibration.load(chosen) if fitted else None
        encoder = load_encoder(folder, runtime=runtime, device=device, threads=threads)
        if null is not None and folder.cohort.is_file():
            cohort = Cohort.load(folder.cohort, fingerprint=encoder.origin, dim=encoder.dim)
        else:
            cohort, unfitted = uncalibrated(encoder)
            null = null or unfitted
        return cls(
            encoder,
            null,
            cohort,
            batch_size=batch_size,
            decode_threads=decode_threads,
            cache=open_cache(cache),
            languages=folder.read_languages(),
            any_language=any_language,
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
            calibration: As `calibrate` fits it; without one, as in `load`.
            batch_size: As in the class.
            decode_threads: As in the class.
            cache: As in the class.
            languages: As in the class.
            any_language: As in the class.

        Returns:
            The checker.

        Raises:
            CalibrationMismatchError: The calibration belongs to another encoder.
            EncoderFailedError: The encoder raised, or returned something that is no embedding.
            ArgumentError: An argument is out of range.
        """
        cohort, null = uncalibrated(encoder)
        return cls(
            encoder,
            calibration or null,
            cohort,
            batch_size=batch_size,
            decode_threads=decode_threads,
            cache=cache,
            languages=languages,
            any_language=any_language,
        )

    def recalibrated(self, calibration: Calibration) -> Self:
        """Return a checker that judges by another calibration; the model is shared.

        Args:
            calibration: As `calibrate` fits it.

        Returns:
            The checker.

        Raises:
            CalibrationMismatchError: It belongs to another encoder, cohort or cleaning.
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
        )

    def calibrate(
        self,
        drafts: Iterable[Draft],
        *,
        far: float = FAR,
        progress: StageProgress | None = None,
    ) -> CalibrationRun:
        """Fit a calibration on drafts of one's own, mismatched on purpose.

        Where drafts have a ``label``, they add a probability (Platt scaling) and a threshold
        whose FAR among drafts like those labelled as not fitting is bounded (Clopper-Pearson).

        Args:
            drafts: As in `check_drafts`; those that cannot be used are listed in the result.
            far: Rate at which unrelated pairs may be told to speak, in (0, 1); with labels, the
                bound.
            progress: As in `check_drafts`.

        Returns:
            The calibration, for `recalibrated` or to save, and what it was fitted on.

        Raises:
            DraftsFewError: Too few drafts differ.
            LabelsFewError: Too few drafts of a label.
            LabelsContradictError: Drafts that fit do not score higher.
            LabelsHardError: No threshold keeps the bound.
            ArgumentError: ``far`` is out of range.
        """
        Thresholds.at(far)
        drafts = list(drafts)
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
            null: Of the batch, where its drafts joined the cohort.
            calibration: The batch's own, where it stood in for one.

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
            far: Rate at which unrelated pairs may be told to speak, in (0, 1); if not given, the
                calibration's, or else 0.05.
            clean: Whether to clean the caption.

        Returns:
            The score; a photo or caption that cannot be used is in its ``error``.

        Raises:
            ArgumentError: ``far`` is out of range.
        """
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

        The drafts join the cohort of each other, copies apart, so a score depends a little on
        what it was checked with; the signature counts them.

        Args:
            drafts: n drafts, from `read_drafts` or made by hand.
            far: Rate at which unrelated pairs may be told to speak, in (0, 1); if not given, the
                calibration's, or else 0.05.
            clean: Whether to clean captions of links, hashtag blocks and the like.
            alone: Whether each draft is scored as if it were the only one: no draft joins
                another's cohort, and no reason or hint names another draft. So a row is the one
                that `check` gives, whatever it was checked with, but for rounding of the last
                digits; this is what several machines must agree on.
            progress: Called with the stage (``"photos"`` or ``"texts"``), done, and total.

        Returns:
            n scores, in order; if ``alone``, the signature counts no drafts.

        Raises:
            ArgumentError: ``far`` is out of range.
        """
        drafts = list(drafts)
        thresholds = self._thresholds(far)
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
            scorer = scorer.settled(photos, ready.captions.pooled, facts)
        trials, batch = scorer.score(photos, ready.captions, facts, batch_cohort=not alone)
        signature = self.signature(
            thresholds,
            clean=clean,
            null=batch.null if batch else None,
            calibration=scorer.calibration,
        )
        trial_of = dict(zip(ready.scored, trials, strict=True))
        scores = tuple(
            _score(
                draft,
                ready.texts[i],
                trial_of.get(i),
                error=ready.error_of(i),
                photo=ready.photos.files[ready.row_of[i]] if i in ready.row_of else None,
                hints=hints[ready.row_of[i]] if i in ready.row_of else (),
                thresholds=thresholds,
                signature=signature,
                null_kind=scorer.calibration.kind,
                alone=alone,
            )
            for i, draft in enumerate(drafts)
        )
        null = None if batch is None else batch.null
        chooser = self._chooser(ready, prints, batch, scorer, clean=clean)
        return Batch(scores, thresholds, signature, null, scorer.calibration.kind, chooser)

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
        """Rank photos by how well they speak for a caption.

        Args:
            caption: The message.
            photos: Paths or bytes.
            far: As in `check_drafts`.
            clean: Whether to clean the caption.
            top: How many of the photos to return; all if not given. Failures are always there.
            progress: As in `check_drafts`.

        Returns:
            The photos, best first; one that cannot be read is last, with its error.

        Raises:
            CaptionError: The caption cannot be used.
            ArgumentError: ``far`` or ``top`` is out of range.
        """
        sources = list(photos)
        thresholds = self._thresholds(far)
        row = self._embedder.embed_caption(caption, clean=clean)[None]
        embedded = self._embedder.embed_photos(sources, progress)
        raw = embedded.vectors @ row[0]
        return Candidates(
            names=[candidate_name(source) for source in sources],
            errors=embedded.errors,
            usable=np.array([error is None for error in embedded.errors], bool),
            cosine=raw.astype(np.float64),
            normalised=self.scorer.normalise(raw[:, None], embedded.vectors, row)[:, 0],
            groups=self._embedder.prints(embedded).group(),
        ).ranking(
            caption,
            scorer=self.scorer,
            thresholds=thresholds,
            signature=self.signature(thresholds, clean=clean),
            top=top,
        )

    def rank_captions(
        self,
        photo: PhotoSource,
        captions: Iterable[str],
        *,
        far: float | None = None,
        clean: bool = True,
        top: int | None = None,
    ) -> Ranking:
        """Rank captions by how well a photo speaks for them.

        Args:
            photo: Path or bytes.
            captions: The texts to choose from.
            far: As in `check_drafts`.
            clean: Whether to clean the captions.
            top: How many of the captions to return; all if not given. Failures are always there.

        Returns:
            The captions, best first; one that cannot be used is last, with its error. Captions
            that are the same text once cleaned are one group.

        Raises:
            PhotoError: The photo cannot be used.
            ArgumentError: ``far`` or ``top`` is out of range.
        """
        written = list(captions)
        thresholds = self._thresholds(far)
        names = [f"#{n}" for n in range(1, len(written) + 1)]
        texts = self._embedder.read_captions(written, names, clean=clean)
        embedded = self._embedder.embed_photos([photo])
        if embedded.errors[0] is not None:
            raise embedded.errors[0]
        usable = np.array([bool(text.windows) for text in texts], bool)
        pooled = self._embedder.pool_captions([t.windows for t in texts if t.windows]).pooled
        cosine, normalised = np.zeros(len(texts)), np.zeros(len(texts))
        cosine[usable] = pooled @ embedded.vectors[0]
        normalised[usable] = self.scorer.normalise(
            cosine[usable][None, :], embedded.vectors, pooled
        )[0]
        return Candidates(
            names=written,
            errors=[text.unusable(name) for name, text in zip(names, texts, strict=True)],
            usable=usable,
            cosine=cosine,
            normalised=normalised,
            groups=np.unique([text.text for text in texts], return_inverse=True)[1],
        ).ranking(
            candidate_name(photo),
            scorer=self.scorer,
            thresholds=thresholds,
            signature=self.signature(thresholds, clean=clean),
            top=top,
        )

    def explain(
        self,
        photo: PhotoSource,
        caption: str,
        *,
        clean: bool = True,
        method: Method | None = None,
    ) -> Explanation:
        """Show which region of a photo supports which window of a caption.

        Args:
            photo: Path or bytes.
            caption: The text it is meant to carry.
            clean: Whether to clean the caption.
            method: ``"exact"`` or ``"occlusion"``; the exact one where the model's photo tower
                allows it, if not given.

        Returns:
            The heat of each window, and a picture of it.

        Raises:
            PhotoError: The photo cannot be used.
            CaptionError: The caption cannot be used.
            ArgumentError: The model does not allow the method.
        """
        score = self.check(photo, caption, clean=clean)
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


def _score(
    draft: Draft,
    text: PreparedCaption,
    trial: Trial | None,
    *,
    error: ImgfitError | None,
    photo: PhotoFile | None,
    hints: tuple[Hint, ...],
    thresholds: Thresholds,
    signature: Signature,
    null_kind: NullKind,
    alone: bool,
) -> Score:
    """Put one draft's parts together; if alone, without what other drafts told of it."""
    if alone:
        hints = tuple(hint for hint in hints if hint.code not in COPY_HINTS)
    told = None if alone else trial
    evidence = Evidence(
        swap=told.swap if told else None,
        other=told.other if told else None,
        scenes=trial.scenes if trial else (),
        unjudged=text.unjudged,
        animated=photo is not None and photo.animated,
        unfitted=trial is not None and null_kind == "cohort",
    )
    return Score(
        draft=draft,
        text=text.text,
        dropped=text.dropped,
        windows=trial.windows if trial else (),
        dropped_tokens=text.over,
        cosine=trial.cosine if trial else None,
        normalised=trial.normalised if trial else None,
        fit=trial.fit if trial else None,
        probability=trial.probability if trial else None,
        thresholds=thresholds,
        evidence=evidence,
        hints=hints + caption_hints(draft.caption_from),
        error=error,
        signature=signature,
    )
