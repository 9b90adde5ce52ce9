"""Embeddings kept across runs in one SQLite file, safe with several processes.

The file may be deleted at any time: only time is lost, never a result.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit.cache.embeddings import (
        MAX_BYTES as MAX_BYTES,
        EmbeddingCache as EmbeddingCache,
        as_bytes as as_bytes,
        as_vector as as_vector,
        open_cache as open_cache,
        text_digest as text_digest,
    )
    from imgfit.cache.merging import merge_caches as merge_caches
else:
    __getattr__ = exported(
        __name__,
        {
            "embeddings": (
                "EmbeddingCache",
                "MAX_BYTES",
                "as_bytes",
                "as_vector",
                "open_cache",
                "text_digest",
            ),
            "merging": ("merge_caches",),
        },
    )
