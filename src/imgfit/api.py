"""The two-line way: one call that loads a model, keeps it, and checks or explains one photo."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from imgfit.arguments import MODEL, require_a
from imgfit.checker import Checker

if TYPE_CHECKING:
    from imgfit.explaining import Explanation, Method
    from imgfit.photos import PhotoSource
    from imgfit.scoring import Score


def check(
    photo: PhotoSource,
    caption: str,
    *,
    model: str | os.PathLike[str] = "mini",
    far: float | None = None,
    clean: bool = True,
) -> Score:
    """Check one photo against one caption; the two-line way.

    The model is loaded on the first call and kept.

    Args:
        photo: Path or bytes of the photo.
        caption: The text it is meant to carry.
        model: ``"mini"``, the built-in model; the name of another one that was pulled or added; or
            the path of a model folder.
        far: False-accept rate: the share of unrelated pairs that may pass, in (0, 1); if not given,
            the calibration's, or else 0.05.
        clean: Whether to clean the caption of links, hashtag blocks, sign-offs and the like.

    Returns:
        The score; a photo or caption that cannot be used is in its ``error``.

    Raises:
        ModelError: The model or its calibration cannot be used.
        ArgumentError: An argument is of the wrong type or out of range.
    """
    return _loaded(model).check(photo, caption, far=far, clean=clean)


def explain(
    photo: PhotoSource,
    caption: str,
    *,
    model: str | os.PathLike[str] = "mini",
    far: float | None = None,
    clean: bool = True,
    method: Method | None = None,
) -> Explanation:
    """Show which region of a photo supports which window of a caption.

    The model is loaded on the first call and kept.

    Args:
        photo: Path or bytes of the photo.
        caption: The text it is meant to carry.
        model: ``"mini"``, the built-in model; the name of another one that was pulled or added; or
            the path of a model folder.
        far: False-accept rate: the share of unrelated pairs that may pass, in (0, 1); if not given,
            the calibration's, or else 0.05.
        clean: Whether to clean the caption.
        method: ``"exact"`` or ``"occlusion"``; if not given, the exact one if the model's photo
            tower allows it.

    Returns:
        The heat of each window; ``save("why.png")`` draws it.

    Raises:
        PhotoError: The photo cannot be used.
        CaptionError: The caption cannot be used.
        ModelError: The model or its calibration cannot be used.
        ArgumentError: An argument is of the wrong type or out of range, or the model does not allow
            the method.
    """
    return _loaded(model).explain(photo, caption, far=far, clean=clean, method=method)


def _loaded(model: str | os.PathLike[str]) -> Checker:
    require_a("model", model, (str, os.PathLike), MODEL)
    return _kept(os.fspath(model))


@lru_cache(maxsize=2)
def _kept(model: str) -> Checker:
    return Checker.load(model)
