"""Ranking: what is chosen from, how each candidate scores, and in which order they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imgfit.choosing.results import Ranked, Ranking
from imgfit.photos import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imgfit.embedding import DraftEmbedder, StageProgress
    from imgfit.errors import ImgfitError
    from imgfit.metrics import Floats
    from imgfit.photos import PhotoSource
    from imgfit.scoring import Scorer, Signature


@dataclass(frozen=True, slots=True)
class Candidates:
    """What is ranked, in the order given.

    Attributes:
        names: What to call each of the n.
        errors: Why one could not be used; None if it could.
        usable: Which have an embedding, shape ``(n,)``.
        cosine: Against the query, shape ``(n,)``; anything if not usable.
        normalised: The cosines' adaptive s-norm, shape ``(n,)``.
        groups: Number of each one's group of near-duplicates, shape ``(n,)``.
    """

    names: Sequence[str]
    errors: Sequence[ImgfitError | None]
    usable: NDArray[np.bool_]
    cosine: Floats
    normalised: Floats
    groups: NDArray[np.intp]

    def ranking(
        self, query: str, *, scorer: Scorer, signature: Signature, top: int | None
    ) -> Ranking:
        """Order the candidates, best first, near-duplicates numbered by their best one.

        Args:
            query: What they are ranked for.
            scorer: Whose null gives the fits.
            signature: Of the numbers; verdicts are decided at its thresholds.
            top: How many of the scored ones to keep; all if None. Failures are always kept.

        Returns:
            The ranking; ties stay in the order given.
        """
        scored = np.flatnonzero(self.usable)
        order = scored[np.argsort(-self.normalised[scored], kind="stable")]
        fits = scorer.calibration.fit(self.normalised[order])
        number: dict[int, int] = {}
        entries = []
        for index, fit in zip(order.tolist(), fits.tolist(), strict=True):
            group = number.setdefault(int(self.groups[index]), len(number) + 1)
            entries.append(
                Ranked(
                    index=index,
                    id=self.names[index],
                    cosine=float(self.cosine[index]),
                    normalised=float(self.normalised[index]),
                    fit=fit,
                    verdict=signature.thresholds.verdict(fit),
                    group=group,
                )
            )
        failed = [
            Ranked(index=n, id=self.names[n], error=self.errors[n])
            for n in np.flatnonzero(~self.usable).tolist()
        ]
        rival = next((entry for entry in entries if entry.group != 1), None)
        return Ranking(query, (*entries[:top], *failed), signature, rival)


def photo_candidates(
    embedder: DraftEmbedder,
    scorer: Scorer,
    photos: Sequence[PhotoSource],
    caption: str,
    *,
    clean: bool,
    progress: StageProgress | None,
) -> Candidates:
    """Score photos for one caption.

    Args:
        embedder: Embeds both.
        scorer: Normalises the cosines.
        photos: n photos.
        caption: What a photo is wanted for.
        clean: Whether to clean the caption.
        progress: Called as photos are embedded.

    Returns:
        n candidates.

    Raises:
        CaptionError: The caption cannot be used.
    """
    row = embedder.embed_caption(caption, clean=clean)[None]
    embedded = embedder.embed_photos(photos, progress)
    cosines = embedded.vectors @ row[0]
    return Candidates(
        names=[name_of(photo) for photo in photos],
        errors=embedded.errors,
        usable=np.array([error is None for error in embedded.errors], bool),
        cosine=cosines.astype(np.float64),
        normalised=scorer.normalise(cosines[:, None], embedded.vectors, row)[:, 0],
        groups=embedder.prints(embedded).group(),
    )


def caption_candidates(
    embedder: DraftEmbedder,
    scorer: Scorer,
    captions: Sequence[str],
    photo: PhotoSource,
    *,
    clean: bool,
) -> Candidates:
    """Score captions for one photo.

    Args:
        embedder: Embeds both.
        scorer: Normalises the cosines.
        captions: n texts.
        photo: What a caption is wanted for.
        clean: Whether to clean the captions.

    Returns:
        n candidates; captions that are the same text once cleaned are one group.

    Raises:
        PhotoError: The photo cannot be used.
    """
    names = [f"#{n}" for n in range(1, len(captions) + 1)]
    texts = embedder.read_captions(captions, names, clean=clean)
    embedded = embedder.embed_photos([photo])
    if embedded.errors[0] is not None:
        raise embedded.errors[0]
    usable = np.array([bool(text.windows) for text in texts], bool)
    pooled = embedder.pool_captions([text.windows for text in texts if text.windows]).pooled
    cosine, normalised = np.zeros(len(texts)), np.zeros(len(texts))
    cosine[usable] = pooled @ embedded.vectors[0]
    normalised[usable] = scorer.normalise(cosine[usable][None, :], embedded.vectors, pooled)[0]
    return Candidates(
        names=list(captions),
        errors=[text.unusable(name) for name, text in zip(names, texts, strict=True)],
        usable=usable,
        cosine=cosine,
        normalised=normalised,
        groups=np.unique([text.text for text in texts], return_inverse=True)[1],
    )
