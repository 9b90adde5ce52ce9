"""The one normalisation that scores and nulls share: adaptive s-norm, or t-norm without photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgfit import metrics

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imgfit.calibration.cohort import Cohort
    from imgfit.metrics import Floats

# How many of each cohort a score is held against: the fittest, so that the null of everyday photos
# and that of agencies' posts lie close together (benchmarks/README.md has the comparison).
COHORT_TOP = 50
# How signatures name it: adaptive s-norm, or t-norm where the model has no cohort of photos.
NORMALISATION = f"as{COHORT_TOP}"
T_NORMALISATION = f"at{COHORT_TOP}"


def norm_of(cohort: Cohort) -> str:
    """Name the normalisation that a cohort allows, as signatures do.

    Args:
        cohort: With or without photos.

    Returns:
        `NORMALISATION`, or `T_NORMALISATION` for a cohort without photos.
    """
    return NORMALISATION if len(cohort.photos) else T_NORMALISATION


def normalise(
    raw: NDArray[np.floating],
    caption_cohort: NDArray[np.floating],
    photo_cohort: NDArray[np.floating],
) -> Floats:
    """Normalise cosines by the fittest of each cohort.

    Args:
        raw: Cosines of trials ``(n,)``, or of all photos against all captions ``(n, m)``.
        caption_cohort: Scores of each photo against the caption cohort, shape ``(n, k)``.
        photo_cohort: Scores of each caption against the photo cohort, shape ``(n, l)`` or
            ``(m, l)``; l is 0 if no photos are known.

    Returns:
        `metrics.adaptive_s_norm` by the `COHORT_TOP` fittest of each cohort, or by all of a
        smaller cohort; without photos, `metrics.t_norm` by the fittest captions. Same shape as
        ``raw``.
    """
    top = shared_top(caption_cohort, photo_cohort)
    if not photo_cohort.shape[1]:
        return metrics.t_norm(raw, metrics.fittest(caption_cohort, top))
    return metrics.adaptive_s_norm(raw, caption_cohort, photo_cohort, top=top)


def normalise_by_fittest(
    raw: NDArray[np.floating],
    fittest_captions: NDArray[np.floating],
    fittest_photos: NDArray[np.floating],
) -> Floats:
    """Normalise as `normalise` does, when the fittest of each cohort are already chosen.

    Args:
        raw: Cosines, shape ``(n,)`` or ``(n, m)``.
        fittest_captions: Each photo's highest scores, shape ``(n, k)``.
        fittest_photos: Each caption's highest scores, shape ``(n, k)`` or ``(m, k)``; k is 0 if
            no photos are known.

    Returns:
        In standard deviations, same shape as ``raw``.
    """
    if not fittest_photos.shape[1]:
        return metrics.t_norm(raw, fittest_captions)
    return metrics.s_norm(raw, fittest_captions, fittest_photos)


def shared_top(caption_cohort: NDArray[np.floating], photo_cohort: NDArray[np.floating]) -> int:
    """Return how many of each cohort are kept.

    Args:
        caption_cohort: Shape ``(n, k)``.
        photo_cohort: Shape ``(m, l)``; l may be 0.

    Returns:
        `COHORT_TOP`, or the size of the smaller cohort that is not empty.
    """
    sizes = [cohort.shape[1] for cohort in (caption_cohort, photo_cohort) if cohort.shape[1]]
    return int(min(COHORT_TOP, *sizes))
