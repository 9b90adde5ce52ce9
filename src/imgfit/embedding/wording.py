"""What of a caption is scored, cut into windows, and kept across runs.

Cleaning and counting tokens need patterns and a tokenizer that take longer to load than a whole
run whose captions are known; so a caption's wording is cached like an embedding.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache as memoised
from importlib.metadata import version
from typing import TYPE_CHECKING

from imgfit.captions.versions import PICTURABLE_VERSION, text_versions
from imgfit.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgfit.cache.embeddings import EmbeddingCache
    from imgfit.encoders.protocol import Encoder

# A caption changed by a person costs a few milliseconds: written this many at a time, an interrupt
# loses nothing worth keeping.
_WRITE_EVERY = 256


@dataclass(frozen=True, slots=True)
class Wording:
    """A caption made ready for an encoder.

    Attributes:
        text: What is scored; empty when nothing of the caption is words.
        dropped: What cleaning took off.
        windows: The text in pieces that fit the tower.
        over: Tokens that the tower cannot read.
        names_only: Whether the text is names, titles and dates, nothing that a photo could show.
        language: ISO 639-1 code of the text's language; None where it cannot be told.
    """

    text: str
    dropped: tuple[str, ...]
    windows: tuple[str, ...]
    over: int
    names_only: bool = False
    language: str | None = None


def word_captions(
    encoder: Encoder,
    captions: Sequence[str],
    *,
    clean: bool,
    cache: EmbeddingCache | None = None,
) -> list[Wording]:
    """Clean captions and cut them into windows, equal ones once.

    Args:
        encoder: Whose tower the windows must fit.
        captions: n captions, each of at most `MAX_CHARACTERS` characters, not blank.
        clean: Whether to take off links, hashtag blocks and the like.
        cache: Where wordings are looked up and kept.

    Returns:
        n wordings, in order.
    """
    digests = [_digest(caption) for caption in captions]
    by_digest = dict(zip(digests, captions, strict=True))
    space = _space(encoder, clean=clean)
    kept = cache.get_bytes(space, list(by_digest)) if cache is not None else {}
    known = {digest: _read(value) for digest, value in kept.items()}
    fresh: dict[str, bytes] = {}
    try:
        for digest, caption in by_digest.items():
            if digest in known:
                continue
            known[digest] = _word(encoder, caption, clean=clean)
            fresh[digest] = json.dumps(asdict(known[digest])).encode()
            if cache is not None and len(fresh) == _WRITE_EVERY:
                cache.put_bytes({space: fresh})
                fresh = {}
    finally:
        if cache is not None:
            cache.put_bytes({space: fresh})
    return [known[digest] for digest in digests]


def _word(encoder: Encoder, caption: str, *, clean: bool) -> Wording:
    # Imported when first needed: see above.
    from imgfit.captions.cleaning import CleanCaption, clean as clean_caption, split_windows  # noqa: PLC0415
    from imgfit.captions.picturable import language_of, names_only  # noqa: PLC0415

    cleaned = clean_caption(caption) if clean else CleanCaption(caption.strip(), ())
    if not cleaned.text:
        return Wording("", cleaned.dropped, (), 0)
    # Packing asks for the same pieces again, and so does the sum below; a tokenizer is slow.
    limit, count = encoder.context_length, memoised(encoder.count_tokens)
    windows = split_windows(cleaned.text, count, limit)
    over = sum(max(0, count(window) - limit) for window in windows)
    return Wording(
        cleaned.text,
        cleaned.dropped,
        windows,
        over,
        names_only=names_only(cleaned.text),
        language=language_of(cleaned.text),
    )


def _space(encoder: Encoder, *, clean: bool) -> str:
    """Name everything that a wording depends on."""
    parts = [__version__, text_versions(), f"picturable-{PICTURABLE_VERSION}"]
    parts += [version(name) for name in ("regex", "sentencex", "eld")]
    parts += ["clean" if clean else "unclean"]
    return f"wording-{'-'.join(parts)}@{encoder.fingerprint}"


def _digest(caption: str) -> str:
    return hashlib.sha256(b"caption\0" + caption.encode("utf-8", "surrogatepass")).hexdigest()


def _read(value: bytes) -> Wording:
    """Read what was kept; its checksum was right, so it is whole."""
    kept = json.loads(value)
    kept |= {"dropped": tuple(kept["dropped"]), "windows": tuple(kept["windows"])}
    return Wording(**kept)
