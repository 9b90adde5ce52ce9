"""Tells whether a photo fits its caption.

The two-line way::

    import imgfit
    imgfit.check("sidang.jpg", "Sidang keliling di balai desa ...").verdict

Import from `imgfit`, `imgfit.errors` and `imgfit.metrics`; anything else may move.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit import errors as errors, metrics as metrics
    from imgfit.api import check as check, explain as explain
    from imgfit.cache.embeddings import EmbeddingCache as EmbeddingCache
    from imgfit.cache.merging import merge_caches as merge_caches
    from imgfit.calibration.fitting import CalibrationRun as CalibrationRun
    from imgfit.calibration.mismatching import groups_needed as groups_needed
    from imgfit.calibration.null import Calibration as Calibration
    from imgfit.checker import Checker as Checker
    from imgfit.choosing.results import (
        Assignment as Assignment,
        Move as Move,
        Ranked as Ranked,
        Ranking as Ranking,
        Swap as Swap,
    )
    from imgfit.distributed.ray_dataset import score_dataset as score_dataset
    from imgfit.distributed.scorer import DraftScorer as DraftScorer
    from imgfit.drafts.draft import Draft as Draft
    from imgfit.drafts.reading import find_photos as find_photos, read_drafts as read_drafts
    from imgfit.encoders.protocol import Encoder as Encoder
    from imgfit.errors import ImgfitError as ImgfitError
    from imgfit.explaining.explanation import Explanation as Explanation
    from imgfit.remarks import Hint as Hint, Reason as Reason
    from imgfit.reports.histogram import histogram_svg as histogram_svg
    from imgfit.reports.page import render_html as render_html
    from imgfit.scoring.evidence import Window as Window
    from imgfit.scoring.opinions import combine as combine
    from imgfit.scoring.results import Batch as Batch, Score as Score
    from imgfit.scoring.signature import Signature as Signature
    from imgfit.scoring.thresholds import Thresholds as Thresholds
    from imgfit.version import __version__ as __version__
else:
    __getattr__ = exported(
        __name__,
        {
            "Assignment": "imgfit.choosing.results",
            "Batch": "imgfit.scoring.results",
            "Calibration": "imgfit.calibration.null",
            "CalibrationRun": "imgfit.calibration.fitting",
            "Checker": "imgfit.checker",
            "Draft": "imgfit.drafts.draft",
            "DraftScorer": "imgfit.distributed.scorer",
            "EmbeddingCache": "imgfit.cache.embeddings",
            "Encoder": "imgfit.encoders.protocol",
            "Explanation": "imgfit.explaining.explanation",
            "Hint": "imgfit.remarks",
            "ImgfitError": "imgfit.errors",
            "Move": "imgfit.choosing.results",
            "Ranked": "imgfit.choosing.results",
            "Ranking": "imgfit.choosing.results",
            "Reason": "imgfit.remarks",
            "Score": "imgfit.scoring.results",
            "Signature": "imgfit.scoring.signature",
            "Swap": "imgfit.choosing.results",
            "Thresholds": "imgfit.scoring.thresholds",
            "Window": "imgfit.scoring.evidence",
            "__version__": "imgfit.version",
            "check": "imgfit.api",
            "combine": "imgfit.scoring.opinions",
            "errors": "imgfit.errors",
            "explain": "imgfit.api",
            "find_photos": "imgfit.drafts.reading",
            "groups_needed": "imgfit.calibration.mismatching",
            "histogram_svg": "imgfit.reports.histogram",
            "merge_caches": "imgfit.cache.merging",
            "metrics": "imgfit.metrics",
            "read_drafts": "imgfit.drafts.reading",
            "render_html": "imgfit.reports.page",
            "score_dataset": "imgfit.distributed.ray_dataset",
        },
    )

__all__ = [
    "Assignment",
    "Batch",
    "Calibration",
    "CalibrationRun",
    "Checker",
    "Draft",
    "DraftScorer",
    "EmbeddingCache",
    "Encoder",
    "Explanation",
    "Hint",
    "ImgfitError",
    "Move",
    "Ranked",
    "Ranking",
    "Reason",
    "Score",
    "Signature",
    "Swap",
    "Thresholds",
    "Window",
    "check",
    "combine",
    "errors",
    "explain",
    "find_photos",
    "groups_needed",
    "histogram_svg",
    "merge_caches",
    "metrics",
    "read_drafts",
    "render_html",
    "score_dataset",
]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
