"""Tells whether a photo speaks for its caption.

The two-line way::

    import imgfit
    imgfit.check("sidang.jpg", "Sidang keliling di balai desa ...").verdict

Import from `imgfit`, `imgfit.errors` and `imgfit.metrics`; anything else may move.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit import metrics as metrics
    from imgfit.api import check as check, explain as explain
    from imgfit.cache.embeddings import EmbeddingCache as EmbeddingCache
    from imgfit.calibration.null import Calibration as Calibration
    from imgfit.checker import Checker as Checker
    from imgfit.distributed.ray_dataset import (
        DraftScorer as DraftScorer,
        score_dataset as score_dataset,
    )
    from imgfit.drafts.draft import Draft as Draft
    from imgfit.drafts.reading import read_drafts as read_drafts
    from imgfit.encoders.protocol import Encoder as Encoder
    from imgfit.errors import ImgfitError as ImgfitError
    from imgfit.reports.page import render_html as render_html
    from imgfit.scoring.opinions import combine as combine
    from imgfit.scoring.results import Batch as Batch, Score as Score
    from imgfit.version import __version__ as __version__
else:
    __getattr__ = exported(
        __name__,
        {
            "Batch": "imgfit.scoring.results",
            "Calibration": "imgfit.calibration.null",
            "Checker": "imgfit.checker",
            "Draft": "imgfit.drafts.draft",
            "DraftScorer": "imgfit.distributed.ray_dataset",
            "EmbeddingCache": "imgfit.cache.embeddings",
            "Encoder": "imgfit.encoders.protocol",
            "ImgfitError": "imgfit.errors",
            "Score": "imgfit.scoring.results",
            "__version__": "imgfit.version",
            "check": "imgfit.api",
            "combine": "imgfit.scoring.opinions",
            "explain": "imgfit.api",
            "metrics": "imgfit.metrics",
            "read_drafts": "imgfit.drafts.reading",
            "render_html": "imgfit.reports.page",
            "score_dataset": "imgfit.distributed.ray_dataset",
        },
    )

__all__ = [
    "Batch",
    "Calibration",
    "Checker",
    "Draft",
    "DraftScorer",
    "EmbeddingCache",
    "Encoder",
    "ImgfitError",
    "Score",
    "check",
    "combine",
    "explain",
    "metrics",
    "read_drafts",
    "render_html",
    "score_dataset",
]
