"""Nulls, cohorts and norms: from a cosine to a fit with a known error rate.

Arrays in, arrays out; a calibration names what it was fitted on.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit.calibration.cohort import (
        Cohort as Cohort,
        cohort_captions as cohort_captions,
        scenes as scenes,
    )
    from imgfit.calibration.fitting import (
        CalibrationRun as CalibrationRun,
        FittingInput as FittingInput,
        Histogram as Histogram,
        fit_calibration as fit_calibration,
    )
    from imgfit.calibration.mismatching import (
        LEAST_GROUPS as LEAST_GROUPS,
        group_copies as group_copies,
        groups_needed as groups_needed,
    )
    from imgfit.calibration.norms import (
        COHORT_TOP as COHORT_TOP,
        T_NORMALISATION as T_NORMALISATION,
        norm_of as norm_of,
        normalise_by_fittest as normalise_by_fittest,
        shared_top as shared_top,
    )
    from imgfit.calibration.null import Calibration as Calibration, NullKind as NullKind
    from imgfit.calibration.window_weights import (
        LEAST_SHARE as LEAST_SHARE,
        WindowWeights as WindowWeights,
        pooling_of as pooling_of,
    )
    from imgfit.calibration.words import CALIBRATION as CALIBRATION
else:
    __getattr__ = exported(
        __name__,
        {
            "cohort": ("Cohort", "cohort_captions", "scenes"),
            "fitting": ("CalibrationRun", "FittingInput", "Histogram", "fit_calibration"),
            "mismatching": ("LEAST_GROUPS", "group_copies", "groups_needed"),
            "norms": (
                "COHORT_TOP",
                "T_NORMALISATION",
                "norm_of",
                "normalise_by_fittest",
                "shared_top",
            ),
            "null": ("Calibration", "NullKind"),
            "window_weights": ("LEAST_SHARE", "WindowWeights", "pooling_of"),
            "words": ("CALIBRATION",),
        },
    )
