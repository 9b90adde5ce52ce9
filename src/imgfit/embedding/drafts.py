"""From drafts to embeddings: what of each can be used, and why the rest cannot."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgfit.captions.versions import CAPTION_LANGUAGES, MAX_CHARACTERS
from imgfit.drafts.reading import Draft
from imgfit.embedding.photos import (
    CaptionEmbeddings,
    PhotoEmbeddings,
    embed_captions,
    embed_photos,
)
from imgfit.embedding.wording import word_captions
from imgfit.errors import (
    ArgumentError,
    CaptionEmptyError,
    CaptionError,
    CaptionLanguageError,
    CaptionMissingError,
    CaptionTooLongError,
    CaptionWordlessError,
    ImgfitError,
    PhotoMissingError,
)
from imgfit.photos.copies import PhotoPrints
from imgfit.photos.quality import QualityMeasure, perceptual_hashes
from imgfit.remarks import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from imgfit.cache.embeddings import EmbeddingCache
    from imgfit.embedding.photos import Encoder
    from imgfit.embedding.wording import Wording
    from imgfit.metrics import Vectors
    from imgfit.photos.sources import PhotoSource

    # Called with the stage ("photos" or "texts"), how many are done, and how many there are.
    StageProgress: TypeAlias = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class CaptionText:
    """A draft's caption made ready, or the reason why there is none.

    Attributes:
        text: What is scored; empty where nothing is.
        dropped: What cleaning took off.
        windows: The text in pieces that fit the tower.
        over: Tokens that the tower cannot read.
        unjudged: Why the caption is not scored though it can be read.
        error: Why the draft cannot be used.
    """

    text: str = ""
    dropped: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    over: int = 0
    unjudged: Reason | None = None
    error: ImgfitError | None = None

    def unusable(self, draft: str) -> ImgfitError | None:
        """Return why nothing can be chosen by this caption, if so."""
        if self.error is not None or self.unjudged is None:
            return self.error
        return unjudged_error(draft, self.unjudged)


@dataclass(frozen=True, slots=True)
class EmbeddedDrafts:
    """Drafts embedded.

    Attributes:
        texts: Each draft's caption.
        photos: Those of the drafts in ``row_of``.
        captions: Those of the drafts in ``scored``.
        row_of: Row in ``photos`` of a draft.
        scored: Drafts that have both.
    """

    texts: list[CaptionText]
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
        encoder: Who embeds.
        cache: Where embeddings are kept across runs.
        batch_size: Items a forward pass.
        workers: Decoding threads; the number of cores if None.
        languages: ISO 639-1 codes of what the encoder learned; None where nobody said.
        near: Cosine from which two photos' embeddings alone tell that they are copies.
    """

    encoder: Encoder
    cache: EmbeddingCache | None
    batch_size: int
    workers: int | None
    languages: frozenset[str] | None
    near: float

    def __post_init__(self) -> None:
        for argument, value in (("batch_size", self.batch_size), ("decode_threads", self.workers)):
            if value is not None and value < 1:
                raise ArgumentError(argument=argument, value=value, needed="at least 1")

    def embed(
        self, drafts: Sequence[Draft], *, clean: bool, progress: StageProgress | None = None
    ) -> EmbeddedDrafts:
        """Embed what can be embedded of drafts; note why the rest cannot.

        Args:
            drafts: n drafts.
            clean: Whether to clean captions.
            progress: As the type says.

        Returns:
            The drafts' embeddings.

        Raises:
            EncoderFailedError: The encoder raised.
        """
        texts = self.read_captions(drafts, clean=clean)
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
        """Embed and measure photos; see `embedding.embed_photos`."""
        return embed_photos(
            self.encoder,
            sources,
            cache=self.cache,
            batch_size=self.batch_size,
            workers=self.workers,
            progress=_stage(progress, "photos"),
            measure=QualityMeasure(),
        )

    def pool_captions(
        self, windows: Sequence[Sequence[str]], progress: StageProgress | None = None
    ) -> CaptionEmbeddings:
        """Embed captions given as windows; see `embedding.embed_captions`."""
        return embed_captions(
            self.encoder,
            windows,
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
        (text,) = self.read_captions([Draft(b"", caption, "--caption")], clean=clean)
        error = text.unusable("--caption")
        if error is not None:
            raise error
        row: Vectors = self.pool_captions([text.windows]).pooled[0]
        return row

    def prints(self, photos: PhotoEmbeddings) -> PhotoPrints:
        """Return what photos that `embed_photos` measured are known again by."""
        return PhotoPrints(
            [file.digest if file else None for file in photos.files],
            perceptual_hashes(photos.measures),
            photos.vectors,
            self.near,
        )

    def read_captions(self, drafts: Sequence[Draft], *, clean: bool) -> list[CaptionText]:
        """Clean drafts' captions and cut them into windows, or say why not.

        Args:
            drafts: n drafts.
            clean: Whether to clean captions.

        Returns:
            n captions.
        """
        errors = [_unusable(draft) for draft in drafts]
        captions = [
            draft.caption or ""
            for draft, error in zip(drafts, errors, strict=True)
            if error is None
        ]
        wordings = iter(word_captions(self.encoder, captions, clean=clean, cache=self.cache))
        return [
            CaptionText(error=error)
            if error is not None
            else self._judged(draft.id, next(wordings))
            for draft, error in zip(drafts, errors, strict=True)
        ]

    def _judged(self, draft: str, wording: Wording) -> CaptionText:
        """Leave out a caption that has words and is not to be scored all the same."""
        unjudged = self._unjudged(wording)
        if unjudged is not None and unjudged.facts.get("language") in CAPTION_LANGUAGES:
            # Captions are mostly in these: not an odd draft, but the wrong model.
            return CaptionText(error=CaptionLanguageError(draft=draft, **unjudged.facts))
        windows = () if unjudged else wording.windows
        over = 0 if unjudged else wording.over
        return CaptionText(wording.text, wording.dropped, windows, over, unjudged=unjudged)

    def _unjudged(self, wording: Wording) -> Reason | None:
        """Say why a caption is not scored, if it is not."""
        if not wording.text:
            return Reason("nothing_to_score", {})
        if wording.names_only:
            return Reason("names_only", {})
        if self.languages is None or wording.language is None:
            return None
        if wording.language in self.languages:
            return None
        covered = ", ".join(sorted(self.languages))
        return Reason("language_not_covered", {"language": wording.language, "covered": covered})


def unjudged_error(draft: str, reason: Reason) -> CaptionError:
    """Make an error of a reason, for those who need a caption that can be scored.

    Args:
        draft: The draft's name.
        reason: Why its caption is not scored.

    Returns:
        The error.
    """
    if reason.code == "language_not_covered":
        return CaptionLanguageError(draft=draft, **reason.facts)
    return CaptionWordlessError(draft=draft)


# NFKC writes U+FDFA, a blessing, as 18 letters, and no other sign as more (Unicode 16).
_MOST_WRITTEN_OUT = 18


def _unusable(draft: Draft) -> ImgfitError | None:
    """Say why a draft has no photo and caption to score, if it has not."""
    if draft.error is not None:
        return draft.error
    if draft.photo is None:
        return PhotoMissingError(photo=draft.id)
    if draft.caption is None:
        return CaptionMissingError(photo=draft.id, expected="Draft.caption")
    if not draft.caption.strip():
        return CaptionEmptyError(draft=draft.id)
    size = _written_out(draft.caption)
    if size > MAX_CHARACTERS:
        return CaptionTooLongError(draft=draft.id, size=size, limit=MAX_CHARACTERS)
    return None


def _written_out(caption: str) -> int:
    """Count characters as cleaning will find them: one sign may stand for eighteen letters."""
    if _MOST_WRITTEN_OUT * len(caption) <= MAX_CHARACTERS or len(caption) > MAX_CHARACTERS:
        return len(caption)
    return max(len(caption), len(unicodedata.normalize("NFKC", caption)))


def _stage(progress: StageProgress | None, stage: str) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    return lambda done, total: progress(stage, done, total)
