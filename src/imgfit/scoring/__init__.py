"""Embeddings become scores, verdicts, reasons and hints; a batch is the general case.

Results are frozen and carry the signature of everything they depend on.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit.scoring.assembling import scores_of as scores_of
    from imgfit.scoring.batch_cohort import BatchCohort as BatchCohort, BatchNull as BatchNull
    from imgfit.scoring.evidence import Window as Window
    from imgfit.scoring.hints import hints_of_photos as hints_of_photos
    from imgfit.scoring.opinions import combine as combine
    from imgfit.scoring.results import Batch as Batch, Score as Score, weakness as weakness
    from imgfit.scoring.scorer import (
        DraftFacts as DraftFacts,
        PairTable as PairTable,
        Scorer as Scorer,
        adjusted_pairs as adjusted_pairs,
        is_exchange as is_exchange,
        least_gain as least_gain,
    )
    from imgfit.scoring.signature import Signature as Signature
    from imgfit.scoring.thresholds import FAR as FAR, Thresholds as Thresholds
    from imgfit.scoring.uncalibrated import fallback_null as fallback_null
else:
    __getattr__ = exported(
        __name__,
        {
            "assembling": ("scores_of",),
            "batch_cohort": ("BatchCohort", "BatchNull"),
            "evidence": ("Window",),
            "hints": ("hints_of_photos",),
            "opinions": ("combine",),
            "results": ("Batch", "Score", "weakness"),
            "scorer": (
                "DraftFacts",
                "PairTable",
                "Scorer",
                "adjusted_pairs",
                "is_exchange",
                "least_gain",
            ),
            "signature": ("Signature",),
            "thresholds": ("FAR", "Thresholds"),
            "uncalibrated": ("fallback_null",),
        },
    )
