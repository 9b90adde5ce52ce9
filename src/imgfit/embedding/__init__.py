"""The hot loop: drafts become embeddings, through the cache, a bounded number ahead.

Equal photos and texts are embedded once a run; a failure is one row's.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit.embedding.captions import unjudged_error as unjudged_error
    from imgfit.embedding.drafts import (
        DraftEmbedder as DraftEmbedder,
        EmbeddedDrafts as EmbeddedDrafts,
        StageProgress as StageProgress,
    )
    from imgfit.embedding.encoding import DEFAULT_BATCH as DEFAULT_BATCH
    from imgfit.embedding.photos import (
        PhotoEmbeddings as PhotoEmbeddings,
        embed_images as embed_images,
    )
    from imgfit.embedding.texts import (
        CaptionEmbeddings as CaptionEmbeddings,
        embed_texts as embed_texts,
    )
else:
    __getattr__ = exported(
        __name__,
        {
            "captions": ("unjudged_error",),
            "drafts": ("DraftEmbedder", "EmbeddedDrafts"),
            "encoding": ("DEFAULT_BATCH",),
            "photos": ("PhotoEmbeddings", "embed_images"),
            "texts": ("CaptionEmbeddings", "embed_texts"),
        },
    )
