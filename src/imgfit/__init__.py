"""Tells whether a photo speaks for its caption.

The two-line way::

    import imgfit
    imgfit.check("sidang.jpg", "Sidang keliling di balai desa ...").verdict
"""

from importlib.metadata import version as _version

__version__ = _version("imgfit")

from imgfit import metrics
from imgfit.cache.embeddings import EmbeddingCache
from imgfit.calibration.null import Calibration
from imgfit.checker import Checker, check, explain
from imgfit.distributed.ray_dataset import DraftScorer, score_dataset
from imgfit.drafts.reading import Draft, read_drafts
from imgfit.embedding.photos import Encoder
from imgfit.errors import ImgfitError
from imgfit.reports.page import render_html
from imgfit.scoring.opinions import combine
from imgfit.scoring.results import Batch, Score

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
