"""Tells whether a photo speaks for its caption.

The two-line way::

    import imgfit
    imgfit.check("sidang.jpg", "Sidang keliling di balai desa ...").verdict
"""

from importlib.metadata import version as _version

__version__ = _version("imgfit")

from imgfit import metrics
from imgfit.cache import EmbeddingCache
from imgfit.calibration import Calibration
from imgfit.checker import Checker, check, explain
from imgfit.drafts import Draft, read_drafts
from imgfit.embedding import Encoder
from imgfit.errors import ImgfitError
from imgfit.opinions import combine
from imgfit.page import render_html
from imgfit.ray_data import DraftScorer, score_dataset
from imgfit.scores import Batch, Score

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
