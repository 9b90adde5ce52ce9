"""Captions made ready for an encoder: cleaned, cut into windows, and judged fit to be scored.

Cleaning and counting tokens need patterns and a tokenizer that take longer to load than a whole
run whose captions are known; so a prepared caption is cached like an embedding.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass, replace
from functools import cache as memoised
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from imgfit import arguments
from imgfit.captions import CAPTION_LANGUAGES, MAX_CHARACTERS, PICTURABLE_VERSION, text_versions
from imgfit.errors import (
    CaptionEmptyError,
    CaptionError,
    CaptionLanguageError,
    CaptionMissingError,
    CaptionTooLongError,
    CaptionWordlessError,
    ImgfitError,
)
from imgfit.remarks import Reason
from imgfit.version import __version__

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from imgfit.cache import EmbeddingCache
    from imgfit.encoders import Encoder

# A caption changed by a person costs a few milliseconds: written this many at a time, an interrupt
# loses nothing worth keeping.
_WRITE_EVERY = 256
# NFKC writes U+FDFA, a blessing, as 18 letters, and no other sign as more (Unicode 16).
_MOST_WRITTEN_OUT = 18
# The fields that depend on the caption and the encoder alone, and so are kept across runs.
_KEPT = ("text", "dropped", "windows", "over", "names_only", "language")


@dataclass(frozen=True, slots=True)
class PreparedCaption:
    """A caption made ready for an encoder, or the reason why it is not scored.

    Attributes:
        text: The text that is scored; empty if cleaning left no words or the caption has an error.
        dropped: The pieces that cleaning took off.
        windows: The text in pieces that fit the tower; empty if the caption is not scored.
        over: Tokens that the tower cannot read, summed over the windows.
        names_only: Whether the text is names, titles and dates, nothing that a photo could show.
        language: ISO 639-1 code of the text's language; None if it cannot be told.
        unjudged: Why the caption is not scored though it can be read.
        error: Why the caption cannot be used.
    """

    text: str = ""
    dropped: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    over: int = 0
    names_only: bool = False
    language: str | None = None
    unjudged: Reason | None = None
    error: ImgfitError | None = None

    def unusable(self, name: str) -> ImgfitError | None:
        """Return why nothing can be ranked or explained by this caption.

        Args:
            name: What messages call the caption.

        Returns:
            The error; None if the caption can be scored.
        """
        if self.error is not None or self.unjudged is None:
            return self.error
        return unjudged_error(name, self.unjudged)


def unjudged_error(name: str, reason: Reason) -> CaptionError:
    """Turn a reason into an error, for callers who need a caption that can be scored.

    Args:
        name: What messages call the caption.
        reason: Why it is not scored.

    Returns:
        The error.
    """
    if reason.code == "language_not_covered":
        return CaptionLanguageError(draft=name, **reason.facts)
    return CaptionWordlessError(draft=name)


def read_captions(
    encoder: Encoder,
    captions: Sequence[str | None],
    names: Sequence[str],
    *,
    clean: bool,
    languages: Collection[str] | None = None,
    cache: EmbeddingCache | None = None,
) -> list[PreparedCaption]:
    """Clean captions and cut them into windows, or say why one is not scored.

    Args:
        encoder: The windows must fit its text tower.
        captions: n captions as written; None if there is none.
        names: What messages call each of them.
        clean: Whether to take off links, hashtag blocks and the like.
        languages: ISO 639-1 codes of the languages that the encoder learned; None if every
            language is scored.
        cache: Where prepared captions are looked up and kept.

    Returns:
        n captions, in order.
    """
    errors = [_unreadable(caption, name) for caption, name in zip(captions, names, strict=True)]
    readable = [
        caption or "" for caption, error in zip(captions, errors, strict=True) if error is None
    ]
    prepared = iter(prepare_captions(encoder, readable, clean=clean, cache=cache))
    return [
        PreparedCaption(error=error)
        if error is not None
        else _judged(next(prepared), name, languages)
        for name, error in zip(names, errors, strict=True)
    ]


def _unreadable(caption: Any, name: str) -> ImgfitError | None:
    """Say why a caption cannot be cleaned, if it cannot."""
    if caption is None:
        return CaptionMissingError(photo=name, expected="Draft.caption")
    if not isinstance(caption, str):
        return arguments.wrong_type("caption", caption, arguments.TEXT)
    if not caption.strip():
        return CaptionEmptyError(draft=name)
    size = _written_out(caption)
    if size > MAX_CHARACTERS:
        return CaptionTooLongError(draft=name, size=size, limit=MAX_CHARACTERS)
    return None


def _written_out(caption: str) -> int:
    """Count characters as cleaning will find them: one sign may stand for eighteen letters."""
    if _MOST_WRITTEN_OUT * len(caption) <= MAX_CHARACTERS or len(caption) > MAX_CHARACTERS:
        return len(caption)
    return max(len(caption), len(unicodedata.normalize("NFKC", caption)))


def _judged(
    caption: PreparedCaption, name: str, languages: Collection[str] | None
) -> PreparedCaption:
    """Take the windows of a caption that has words and still must not be scored."""
    unjudged = _unjudged(caption, languages)
    if unjudged is None:
        return caption
    if unjudged.facts.get("language") in CAPTION_LANGUAGES:
        # Captions are mostly in these: not an odd draft, but the wrong model.
        return PreparedCaption(error=CaptionLanguageError(draft=name, **unjudged.facts))
    return replace(caption, windows=(), over=0, unjudged=unjudged)


def _unjudged(caption: PreparedCaption, languages: Collection[str] | None) -> Reason | None:
    """Say why a caption is not scored, if it is not."""
    if not caption.text:
        return Reason("nothing_to_score", {})
    if caption.names_only:
        return Reason("names_only", {})
    if languages is None or caption.language is None or caption.language in languages:
        return None
    covered = ", ".join(sorted(languages))
    return Reason("language_not_covered", {"language": caption.language, "covered": covered})


def prepare_captions(
    encoder: Encoder,
    captions: Iterable[str],
    *,
    clean: bool,
    cache: EmbeddingCache | None = None,
) -> list[PreparedCaption]:
    """Clean captions and cut them into windows, equal ones once.

    Args:
        encoder: The windows must fit its text tower.
        captions: n captions, each of at most `MAX_CHARACTERS` characters, not blank.
        clean: Whether to take off links, hashtag blocks and the like.
        cache: Where prepared captions are looked up and kept.

    Returns:
        n captions, in order.
    """
    captions = list(captions)
    digests = [_digest(caption) for caption in captions]
    by_digest = dict(zip(digests, captions, strict=True))
    space = _space(encoder, clean=clean)
    kept = cache.get_bytes(space, list(by_digest)) if cache is not None else {}
    known = {digest: _from_bytes(value) for digest, value in kept.items()}
    fresh: dict[str, bytes] = {}
    try:
        for digest, caption in by_digest.items():
            if digest in known:
                continue
            known[digest] = _prepared(encoder, caption, clean=clean)
            fresh[digest] = _as_bytes(known[digest])
            if cache is not None and len(fresh) == _WRITE_EVERY:
                cache.put_bytes({space: fresh})
                fresh = {}
    finally:
        if cache is not None:
            cache.put_bytes({space: fresh})
    return [known[digest] for digest in digests]


def _prepared(encoder: Encoder, caption: str, *, clean: bool) -> PreparedCaption:
    # Imported when first needed: they compile the patterns.
    from imgfit.captions import (  # noqa: PLC0415  # noqa: PLC0415
        CleanCaption,
        clean as clean_caption,
        language_of,
        names_only,
        split_windows,
    )

    cleaned = clean_caption(caption) if clean else CleanCaption(caption.strip(), ())
    if not cleaned.text:
        return PreparedCaption(dropped=cleaned.dropped)
    # Packing asks for the same pieces again, and so does the sum below; a tokenizer is slow.
    limit, count = encoder.context_length, memoised(encoder.count_tokens)
    windows = split_windows(cleaned.text, count, limit)
    return PreparedCaption(
        cleaned.text,
        cleaned.dropped,
        windows,
        over=sum(max(0, count(window) - limit) for window in windows),
        names_only=names_only(cleaned.text),
        language=language_of(cleaned.text),
    )


def _space(encoder: Encoder, *, clean: bool) -> str:
    """Name everything that a prepared caption depends on."""
    parts = [__version__, text_versions(), f"picturable-{PICTURABLE_VERSION}"]
    parts += [version(name) for name in ("regex", "sentencex")]
    parts += ["clean" if clean else "unclean"]
    return f"wording-{'-'.join(parts)}@{encoder.fingerprint}"


def _digest(caption: str) -> str:
    return hashlib.sha256(b"caption\0" + caption.encode("utf-8", "surrogatepass")).hexdigest()


def _as_bytes(caption: PreparedCaption) -> bytes:
    return json.dumps({name: getattr(caption, name) for name in _KEPT}).encode()


def _from_bytes(value: bytes) -> PreparedCaption:
    """Read what was kept; its checksum was right, so it is whole."""
    kept = json.loads(value)
    kept |= {"dropped": tuple(kept["dropped"]), "windows": tuple(kept["windows"])}
    return PreparedCaption(**kept)
