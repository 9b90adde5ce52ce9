"""From drafts to embeddings: each photo and caption that can be used, and why the rest cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgfit import arguments
from imgfit.embedding.captions import PreparedCaption, read_captions
from imgfit.embedding.photos import PhotoEmbeddings, embed_photos
from imgfit.embedding.texts import CaptionEmbeddings, embed_captions
from imgfit.errors import ImgfitError, PhotoMissingError
from imgfit.photos import PhotoPrints, QualityMeasure, perceptual_hashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from imgfit.cache import EmbeddingCache
    from imgfit.calibration import WindowWeights
    from imgfit.drafts import Draft
    from imgfit.encoders import Encoder
    from imgfit.metrics import Vectors
    from imgfit.photos import PhotoSource

    # Called with the stage ("photos" or "texts"), how many are done, and how many there are.
    StageProgress: TypeAlias = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class EmbeddedDrafts:
    """The embeddings of n drafts.

    Attributes:
        texts: Each draft's caption.
        photos: Those of the drafts in ``row_of``.
        captions: Those of the drafts in ``scored``.
        row_of: Row in ``photos`` of a draft.
        scored: Drafts that have both.
    """

    texts: list[PreparedCaption]
    photos: PhotoEmbeddings
    captions: CaptionEmbeddings
    row_of: dict[int, int]
    scored: list[int]

    def digests(self, rows: Iterable[int]) -> list[str]:
        """Return the digests of photos that could be read, by their rows."""
        files = [self.photos.files[row] for row in rows]
        return [file.digest for file in files if file is not None]

    def error_of(self, draft: int) -> ImgfitError | None:
        """Return why a draft's caption or photo cannot be used, if it cannot."""
        row = self.row_of.get(draft)
        return self.texts[draft].error or (None if row is None else self.photos.errors[row])


@dataclass(frozen=True, slots=True)
class DraftEmbedder:
    """Embeds drafts, photos and captions by one encoder, with one cache.

    Attributes:
        encoder: Embeds photos and texts.
        cache: Where embeddings are kept across runs.
        batch_size: Items a forward pass.
        decode_threads: Decoding threads; the number of cores if None.
        languages: ISO 639-1 codes of the languages that the encoder learned; None if every
            language is scored.
        near: Cosine from which two photos' embeddings alone show that they are near-duplicates.
        weights: What the windows of captions weigh; by their place if None.
    """

    encoder: Encoder
    cache: EmbeddingCache | None
    batch_size: int
    decode_threads: int | None
    languages: frozenset[str] | None
    near: float
    weights: WindowWeights | None = None

    def __post_init__(self) -> None:
        arguments.require_count("batch_size", self.batch_size)
        if self.decode_threads is not None:
            arguments.require_count("decode_threads", self.decode_threads)

    def embed(
        self, drafts: Sequence[Draft], *, clean: bool, progress: StageProgress | None = None
    ) -> EmbeddedDrafts:
        """Embed the photos and captions of drafts; note why one cannot be used.

        Args:
            drafts: n drafts.
            clean: Whether to clean captions.
            progress: Called with the stage (``"photos"`` or ``"texts"``), done, and total.

        Returns:
            The drafts' embeddings.

        Raises:
            EncoderFailedError: The encoder raised.
        """
        texts = self._captions_of(drafts, clean=clean)
        sources = [
            (i, draft.photo)
            for i, draft in enumerate(drafts)
            if draft.photo is not None and texts[i].error is None
        ]
        photos = self.embed_photos([photo for _, photo in sources], progress)
        row_of = {i: row for row, (i, _) in enumerate(sources)}
        scored = [i for i, row in row_of.items() if photos.errors[row] is None and texts[i].windows]
        captions = self.pool_captions([texts[i].windows for i in scored], progress)
        return EmbeddedDrafts(texts, photos, captions, row_of, scored)

    def embed_photos(
        self, sources: Sequence[PhotoSource], progress: StageProgress | None = None
    ) -> PhotoEmbeddings:
        """Embed and measure photos; see `imgfit.embedding.photos.embed_photos`."""
        return embed_photos(
            self.encoder,
            sources,
            cache=self.cache,
            batch_size=self.batch_size,
            decode_threads=self.decode_threads,
            progress=_stage(progress, "photos"),
            measure=QualityMeasure(),
        )

    def pool_captions(
        self, windows: Sequence[Sequence[str]], progress: StageProgress | None = None
    ) -> CaptionEmbeddings:
        """Embed captions given as windows; see `imgfit.embedding.texts.embed_captions`."""
        return embed_captions(
            self.encoder,
            windows,
            weights=self.weights,
            cache=self.cache,
            batch_size=self.batch_size,
            progress=_stage(progress, "texts"),
        )

    def embed_caption(self, caption: str, *, clean: bool) -> Vectors:
        """Embed one caption.

        Args:
            caption: Any text.
            clean: Whether to clean it.

        Returns:
            A unit row, shape ``(dim,)``.

        Raises:
            CaptionError: It cannot be used.
        """
        (text,) = self.read_captions([caption], ["--caption"], clean=clean)
        error = text.unusable("--caption")
        if error is not None:
            raise error
        row: Vectors = self.pool_captions([text.windows]).pooled[0]
        return row

    def prints(self, photos: PhotoEmbeddings) -> PhotoPrints:
        """Return the digests, hashes and embeddings by which copies of photos are found."""
        return PhotoPrints(
            [file.digest if file else None for file in photos.files],
            perceptual_hashes(photos.measures),
            photos.vectors,
            self.near,
        )

    def read_captions(
        self, captions: Sequence[str | None], names: Sequence[str], *, clean: bool
    ) -> list[PreparedCaption]:
        """Clean captions and cut them into windows, or say why one is not scored.

        Args:
            captions: n captions as written; None if there is none.
            names: What messages call each of them.
            clean: Whether to clean captions.

        Returns:
            n captions, in order.
        """
        return read_captions(
            self.encoder,
            captions,
            names,
            clean=clean,
            languages=self.languages,
            cache=self.cache,
        )

    def _captions_of(self, drafts: Sequence[Draft], *, clean: bool) -> list[PreparedCaption]:
        """Read the captions of drafts that have a photo and no error of their own."""
        errors = [_unusable(draft) for draft in drafts]
        whole = [draft for draft, error in zip(drafts, errors, strict=True) if error is None]
        captions = [draft.caption for draft in whole]
        read = iter(self.read_captions(captions, [draft.id for draft in whole], clean=clean))
        return [next(read) if error is None else PreparedCaption(error=error) for error in errors]


def _unusable(draft: Draft) -> ImgfitError | None:
    """Say why a draft's caption need not be read, if so."""
    if draft.error is None and draft.photo is None:
        return PhotoMissingError(photo=draft.id)
    return draft.error


def _stage(progress: StageProgress | None, stage: str) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    return lambda done, total: progress(stage, done, total)
