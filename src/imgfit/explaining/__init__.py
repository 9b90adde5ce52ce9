"""Which region of a photo supports which window of its caption, as numbers and as a picture."""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit.explaining.explanation import (
        DRAWN_SIDE as DRAWN_SIDE,
        Explanation as Explanation,
        explain_score as explain_score,
    )
    from imgfit.explaining.regions import METHODS as METHODS, Method as Method
else:
    __getattr__ = exported(
        __name__,
        {
            "explanation": ("DRAWN_SIDE", "Explanation", "explain_score"),
            "regions": ("METHODS", "Method"),
        },
    )
