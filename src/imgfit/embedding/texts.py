"""From texts and captions to embeddings: equal texts once, in batches of like length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imgfit.cache import EmbeddingCache, text_digest
from imgfit.embedding.encoding import DEFAULT_BATCH, TEXTS, encode_checked
from imgfit.metrics import pool, window_shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imgfit.calibration import WindowWeights
    from imgfit.embedding.encoding import Progress
    from imgfit.encoders import Encoder
    from imgfit.metrics import Floats, Vectors


@dataclass(frozen=True, slots=True)
class CaptionEmbeddings:
    """Embeddings of n captions and of their m windows.

    Attributes:
        pooled: Unit rows of the captions, shape ``(n, dim)``.
        windows: Unit rows of the windows, shape ``(m, dim)``, in caption order.
        owner: Index of each window's caption, shape ``(m,)``, never falling.
        texts: The windows.
        shares: What each weighs beside the heaviest of its caption, in (0, 1], shape ``(m,)``.
    """

    pooled: Vectors
    windows: Vectors
    owner: NDArray[np.intp]
    texts: tuple[str, ...]
    shares: Floats


def embed_texts(
    encoder: Encoder,
    texts: Sequence[str],
    *,
    cache: EmbeddingCache | None = None,
    batch_size: int = DEFAULT_BATCH,
    progress: Progress | None = None,
) -> Vectors:
    """Embed texts, equal ones once, in batches of like length.

    Args:
        encoder: Embeds the texts.
        texts: n texts, each within the tower's context.
        cache: Where embeddings are looked up and kept.
        batch_size: Texts a forward pass.
        progress: Called with texts done and n.

    Returns:
        Unit rows, shape ``(n, dim)``, in order.

    Raises:
        EncoderFailedError: The encoder raised; what was embedded before is in the cache.
    """
    digests = [text_digest(text) for text in texts]
    by_digest = dict(zip(digests, texts, strict=True))
    known = (
        cache.get(encoder.fingerprint, list(by_digest), encoder.dim) if cache is not None else {}
    )
    missing = sorted((d for d in by_digest if d not in known), key=lambda d: len(by_digest[d]))
    for start in range(0, len(missing), batch_size):
        keys = missing[start : start + batch_size]
        rows = encode_checked(
            encoder, TEXTS, encoder.encode_texts, [by_digest[key] for key in keys]
        )
        fresh = dict(zip(keys, rows, strict=True))
        known.update(fresh)
        if cache is not None:
            cache.put(encoder.fingerprint, fresh)
        if progress:
            progress(len(known), len(by_digest))
    if not digests:
        return np.empty((0, encoder.dim), np.float32)
    return np.stack([known[digest] for digest in digests])


def embed_captions(
    encoder: Encoder,
    captions: Sequence[Sequence[str]],
    *,
    weights: WindowWeights | None = None,
    cache: EmbeddingCache | None = None,
    batch_size: int = DEFAULT_BATCH,
    progress: Progress | None = None,
) -> CaptionEmbeddings:
    """Embed captions given as windows, all in one stream.

    Args:
        encoder: Embeds the texts.
        captions: n captions, each of at least one window.
        weights: What windows weigh; if None, it is by their place (`imgfit.metrics.pool`).
        cache: Where embeddings are looked up and kept.
        batch_size: Windows a forward pass.
        progress: Called with windows done and their number.

    Returns:
        The captions' and windows' embeddings.

    Raises:
        EncoderFailedError: The encoder raised.
    """
    texts = tuple(window for windows in captions for window in windows)
    lengths = np.array([len(windows) for windows in captions], np.intp)
    rows = embed_texts(encoder, texts, cache=cache, batch_size=batch_size, progress=progress)
    starts = np.cumsum(lengths) - lengths
    owner = np.repeat(np.arange(len(captions)), lengths)
    given = None if weights is None else weights.log_weights(rows)
    shares = window_shares(starts, len(rows), given)
    return CaptionEmbeddings(pool(rows, starts, given), rows, owner, texts, shares)
