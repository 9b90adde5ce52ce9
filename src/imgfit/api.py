"""The two-line way: one call that loads a model, keeps it, and checks or explains one photo."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from imgfit.checker import Checker

if TYPE_CHECKING:
    from imgfit.explaining.explanation import Explanation
    from imgfit.explaining.regions import Method
    from imgfit.photos.sources import PhotoSource
    from imgfit.scoring.results import Score


def check(
    photo: PhotoSource,
    caption: str,
    *,
    model: str = "mini",
    far: float | None = None,
    clean: bool = True,
) -> Score:
    """Check one photo against one caption; the two-line way.

    The model is loaded on the first call and kept.

    Args:
        photo: Path or bytes of the photo.
        caption: The text it is meant to carry.
        model: As in `Checker.load`.
        far: False-accept rate, the share of unrelated pairs that may pass, in (0, 1); if not
            given, the calibration's, or else 0.05.
        clean: Whether to clean the caption of links, hashtag blocks, sign-offs and the like.

    Returns:
        The score; a photo or caption that cannot be used is in its ``error``.

    Raises:
        ModelError: The model or its calibration cannot be used.
        ArgumentError: ``far`` is out of range.
    """
    return _loaded(model).check(photo, caption, far=far, clean=clean)


def explain(
    photo: PhotoSource,
    caption: str,
    *,
    model: str = "mini",
    clean: bool = True,
    method: Method | None = None,
) -> Explanation:
    """Show which region of a photo supports which window of a caption.

    The model is loaded on the first call and kept.

    Args:
        photo: Path or bytes of the photo.
        caption: The text it is meant to carry.
        model: As in `Checker.load`.
        clean: Whether to clean the caption.
        method: As in `Checker.explain`.

    Returns:
        The heat of each window; ``save("why.png")`` draws it.

    Raises:
        PhotoError: The photo cannot be used.
        CaptionError: The caption cannot be used.
        ModelError: The model or its calibration cannot be used.
        ArgumentError: The model does not allow the method.
    """
    return _loaded(model).explain(photo, caption, clean=clean, method=method)


@lru_cache(maxsize=2)
def _loaded(model: str) -> Checker:
    return Checker.load(model)
