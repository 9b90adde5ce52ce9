"""The best photo for a caption, the best caption for a photo, and exchanged photos.

A choice is named only if it leads by more than chance gives; else it is too close to call.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit.choosing.candidates import (
        caption_candidates as caption_candidates,
        photo_candidates as photo_candidates,
    )
    from imgfit.choosing.comparing import BatchChooser as BatchChooser
    from imgfit.choosing.results import (
        CLOSE_MARGIN as CLOSE_MARGIN,
        Assignment as Assignment,
        Move as Move,
        Ranked as Ranked,
        Ranking as Ranking,
        Swap as Swap,
    )
else:
    __getattr__ = exported(
        __name__,
        {
            "candidates": ("caption_candidates", "photo_candidates"),
            "comparing": ("BatchChooser",),
            "results": ("Assignment", "CLOSE_MARGIN", "Move", "Ranked", "Ranking", "Swap"),
        },
    )
