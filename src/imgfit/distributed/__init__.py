"""Drafts scored on many machines by Ray, row for row what one machine gives.

A worker that dies costs its draft, never the run.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit.distributed.ray_dataset import score_dataset as score_dataset
    from imgfit.distributed.scorer import DraftScorer as DraftScorer
else:
    __getattr__ = exported(
        __name__,
        {
            "ray_dataset": ("score_dataset",),
            "scorer": ("DraftScorer",),
        },
    )
