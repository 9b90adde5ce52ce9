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
    from imgfit.cache import EmbeddingCache as EmbeddingCache, merge_caches as merge_caches
    from imgfit.calibration import (
        Calibration as Calibration,
        CalibrationRun as CalibrationRun,
        groups_needed as groups_needed,
    )
    from imgfit.checker import Checker as Checker
    from imgfit.choosing import (
        Assignment as Assignment,
        Move as Move,
        Ranked as Ranked,
        Ranking as Ranking,
        Swap as Swap,
    )
    from imgfit.distributed import DraftScorer as DraftScorer, score_dataset as score_dataset
    from imgfit.drafts import Draft as Draft, find_photos as find_photos, read_drafts as read_drafts
    from imgfit.encoders import Encoder as Encoder
    from imgfit.errors import ImgfitError as ImgfitError
    from imgfit.explaining import Explanation as Explanation
    from imgfit.remarks import Hint as Hint, Reason as Reason
    from imgfit.reports import histogram_svg as histogram_svg, render_html as render_html
    from imgfit.scoring import (
        Batch as Batch,
        Score as Score,
        Signature as Signature,
        Thresholds as Thresholds,
        Window as Window,
        combine as combine,
    )
    from imgfit.version import __version__ as __version__
else:
    __getattr__ = exported(
        __name__,
        {
            "metrics": (),
            "api": ("check", "explain"),
            "cache": ("EmbeddingCache", "merge_caches"),
            "calibration": ("Calibration", "CalibrationRun", "groups_needed"),
            "checker": ("Checker",),
            "choosing": ("Assignment", "Move", "Ranked", "Ranking", "Swap"),
            "distributed": ("DraftScorer", "score_dataset"),
            "drafts": ("Draft", "find_photos", "read_drafts"),
            "encoders": ("Encoder",),
            "errors": ("ImgfitError",),
            "explaining": ("Explanation",),
            "remarks": ("Hint", "Reason"),
            "reports": ("histogram_svg", "render_html"),
            "scoring": ("Batch", "Score", "Signature", "Thresholds", "Window", "combine"),
            "version": ("__version__",),
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
