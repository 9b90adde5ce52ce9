"""The maths of scores and decisions, as pure functions of NumPy arrays.

Every threshold accepts a score iff ``score >= threshold``: a tie passes. Arrays of *negatives*
(trials whose photo and caption do not belong together) and *positives* (they do) are
keyword-only, because swapping them is a mistake that no type can catch.

Every function raises `ArgumentError` for an argument that is not numbers, or of a shape that does
not belong to the others.
"""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from imgfit.arguments import require_count, require_rate, require_several, wrong_type
from imgfit.errors import ArgumentError
from imgfit.language import Phrase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Vectors: TypeAlias = NDArray[np.float32]

__all__ = [
    "LEAD",
    "adaptive_s_norm",
    "auc",
    "clip_score",
    "eer",
    "far",
    "far_upper_bound",
    "fit_share",
    "fittest",
    "frr",
    "most_accepted",
    "negatives_needed",
    "normalise",
    "pool",
    "recall_at_k",
    "ref_clip_score",
    "roc",
    "s_norm",
    "t_norm",
    "threshold_at_far",
    "unit",
    "window_shares",
    "z_norm",
]

# Below this spread a cohort says nothing: its scores differ by rounding only.
_LEAST_DEVIATION = 1e-6

# A window's weight against the one before it. Chosen so that a verdict outlasts 300 words of
# boilerplate at little cost on real posts (benchmarks/README.md).
LEAD = 0.45


def unit(rows: NDArray[np.floating]) -> Vectors:
    """Scale rows to unit length.

    Args:
        rows: Shape ``(n, dim)``. A row of zeros stays zero.

    Returns:
        Float32 rows of length 1, shape ``(n, dim)``.
    """
    rows = np.asarray(_numbers(rows, "rows", least=1), np.float32)
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    result: Vectors = rows / np.maximum(lengths, np.finfo(np.float32).tiny)
    return result


def pool(
    windows: Vectors, starts: NDArray[np.intp], log_weights: ArrayLike | None = None
) -> Vectors:
    """Pool window embeddings into one caption embedding each: a weighted unit mean.

    Without weights, the window at place p (from 0) weighs `LEAD` to the power p: agencies tell the
    event first, and names, places and sign-offs after it. A geometric weight, unlike 1 / (1 + p),
    leaves the lead its say however much follows.

    Args:
        windows: Unit rows, shape ``(m, dim)``, the windows of all captions in caption order.
        starts: Index of each caption's first window, shape ``(n,)``, increasing strictly.
        log_weights: Logarithms of the windows' weights, shape ``(m,)``; only differences within a
            caption matter. By place if None.

    Returns:
        Unit rows, shape ``(n, dim)``.
    """
    windows = _numbers(windows, "windows", axes=2)
    starts = _indices(starts, "starts", below=len(windows))
    if len(starts) == 0:
        return np.empty((0, windows.shape[1]), np.float32)
    shares = window_shares(starts, len(windows), log_weights)
    return unit(np.add.reduceat(windows * shares[:, None], starts, axis=0))


def window_shares(
    starts: NDArray[np.intp], windows: int, log_weights: ArrayLike | None = None
) -> Floats:
    """Return what windows weigh beside the heaviest of their caption.

    Args:
        starts: Index of each caption's first window, shape ``(n,)``, increasing strictly.
        windows: Number of windows, m.
        log_weights: As in `pool`.

    Returns:
        In (0, 1], 1 for the heaviest of each caption, shape ``(m,)``.
    """
    lengths = np.diff(np.append(starts, windows))
    if log_weights is None:
        places = np.arange(windows) - np.repeat(starts, lengths)
        by_place: Floats = np.power(LEAD, places)
        return by_place
    values = np.asarray(log_weights, np.float64)
    if not len(values):
        return values
    heaviest = np.repeat(np.maximum.reduceat(values, starts), lengths)
    shares: Floats = np.exp(values - heaviest)
    return shares


def clip_score(cosine: ArrayLike) -> Floats:
    """CLIPScore of Hessel et al. 2021 (arXiv 2104.08718): ``2.5 * max(cosine, 0)``.

    torchmetrics gives ``100 * max(mean cosine, 0)`` in its place: 40 times the mean of these
    scores, if no cosine is negative.

    Args:
        cosine: Cosines in [-1, 1], any shape.

    Returns:
        Scores in [0, 2.5], same shape.
    """
    scores: Floats = 2.5 * np.maximum(_floats(cosine, "cosine"), 0.0)
    return scores


def ref_clip_score(
    photos: NDArray[np.floating],
    captions: NDArray[np.floating],
    references: Sequence[NDArray[np.floating]],
) -> Floats:
    """RefCLIPScore of Hessel et al. 2021 (arXiv 2104.08718): CLIPScore with reference captions.

    The harmonic mean of the caption's CLIPScore with the photo and its highest cosine with a
    reference, or 0 if that cosine is negative. The paper puts "A photo depicts " before every
    caption and reference; do so before embedding, to compare with its figures.

    Args:
        photos: Embeddings of n photos, shape ``(n, dim)``, of any length.
        captions: Embeddings of their captions, shape ``(n, dim)``.
        references: For each photo, embeddings of captions that people wrote for it, shape
            ``(r, dim)``, r at least 1.

    Returns:
        Scores in [0, 10 / 7], shape ``(n,)``.

    Raises:
        ArgumentError: The shapes do not belong together, or a photo has no reference.
    """
    photos, captions = _rows(photos, "photos"), _rows(captions, "captions")
    sets = [_rows(rows, "references") for rows in require_several("references", references, _SETS)]
    same = photos.shape == captions.shape and len(sets) == len(photos)
    if not same or any(rows.shape[1] != photos.shape[1] for rows in sets):
        raise ArgumentError(
            argument="photos, captions, references",
            value=f"{photos.shape}, {captions.shape}, {len(sets)}",
            needed=Phrase(
                id="satu keterangan dan satu kumpulan acuan untuk tiap foto, semuanya sedimensi",
                en="one caption and one set of references a photo, all of one dimension",
            ),
        )
    by_photo = clip_score(np.einsum("nd,nd->n", photos, captions))
    by_reference = np.array(
        [max((rows @ caption).max(), 0.0) for rows, caption in zip(sets, captions, strict=True)]
    )
    both = by_photo + by_reference
    product = 2 * by_photo * by_reference
    # A mean of two zeros is zero.
    scores: Floats = np.divide(product, both, out=np.zeros_like(both), where=both > 0)
    return scores


def normalise(scores: ArrayLike, mean: ArrayLike, deviation: ArrayLike) -> Floats:
    """Subtract a cohort's mean and divide by its standard deviation.

    Args:
        scores: Raw scores, shape ``(n,)`` or anything that broadcasts.
        mean: Mean of the cohort's scores.
        deviation: Standard deviation of the cohort's scores; a spread of nearly zero counts as
            the least one that floats can tell, so a flat cohort never divides by zero.

    Returns:
        Scores in standard deviations of the cohort.
    """
    scores, mean = _floats(scores, "scores"), _floats(mean, "mean")
    spread = np.maximum(_floats(deviation, "deviation"), _LEAST_DEVIATION)
    _require_fitting(scores=scores, mean=mean, deviation=spread)
    result: Floats = (scores - mean) / spread
    return result


def t_norm(scores: ArrayLike, caption_cohort: NDArray[np.floating]) -> Floats:
    """Normalise by the photo's scores against a cohort of unrelated captions.

    The t-norm of Auckenthaler, Carey and Lloyd-Thomas 2000, with the photo as the test side.

    Args:
        scores: Raw scores: shape ``(n,)``, one trial a photo, or ``(n, m)``, every photo against
            every caption.
        caption_cohort: Scores of each photo against the cohort, shape ``(n, k)``.

    Returns:
        In standard deviations, same shape as ``scores``.
    """
    scores = _floats(scores, "scores")
    caption_cohort = _numbers(caption_cohort, "caption_cohort", axes=2)
    mean, deviation = caption_cohort.mean(axis=1), caption_cohort.std(axis=1)
    if scores.ndim == 2:
        mean, deviation = mean[:, None], deviation[:, None]
    return normalise(scores, mean, deviation)


def z_norm(scores: ArrayLike, photo_cohort: NDArray[np.floating]) -> Floats:
    """Normalise by the caption's scores against a cohort of unrelated photos.

    The z-norm of speaker verification (see Auckenthaler et al. 2000), with the caption as the
    model side.

    Args:
        scores: Raw scores: shape ``(n,)``, one trial a caption, or ``(m, n)``, every photo
            against every caption.
        photo_cohort: Scores of each caption against the cohort, shape ``(n, k)``.

    Returns:
        In standard deviations, same shape as ``scores``.
    """
    photo_cohort = _numbers(photo_cohort, "photo_cohort", axes=2)
    # The caption is the last axis of scores in both shapes, so the statistics broadcast.
    return normalise(scores, photo_cohort.mean(axis=1), photo_cohort.std(axis=1))


def s_norm(
    scores: ArrayLike, caption_cohort: NDArray[np.floating], photo_cohort: NDArray[np.floating]
) -> Floats:
    """Mean of t-norm and z-norm (Kenny 2010, "Bayesian speaker verification").

    Args:
        scores: Raw scores, shape ``(n,)`` for trials or ``(n, m)`` for every photo against every
            caption.
        caption_cohort: Scores of each photo against the caption cohort, shape ``(n, k)``.
        photo_cohort: Scores of each caption against the photo cohort, shape ``(n, l)`` or
            ``(m, l)``.

    Returns:
        In standard deviations, same shape as ``scores``.
    """
    by_photo, by_caption = t_norm(scores, caption_cohort), z_norm(scores, photo_cohort)
    _require_fitting(caption_cohort=by_photo, photo_cohort=by_caption)
    result: Floats = (by_photo + by_caption) / 2
    return result


def adaptive_s_norm(
    scores: ArrayLike,
    caption_cohort: NDArray[np.floating],
    photo_cohort: NDArray[np.floating],
    *,
    top: int,
) -> Floats:
    """Normalise as s-norm does, by the ``top`` highest cohort scores of each side only.

    Each photo keeps the cohort captions that fit it best and each caption the cohort photos that
    fit it best, so that a trial is held against its hardest rivals. Choosing the cohort by the
    trial is due to Sturim and Reynolds 2005 ("Speaker adaptive cohort selection for Tnorm in
    text-independent speaker verification"); both sides of s-norm are compared by Matejka et al.
    2017 ("Analysis of score normalization in multilingual speaker recognition"). Here each side
    chooses by its own scores.

    Args:
        scores: Raw scores, shape ``(n,)`` for trials or ``(n, m)`` for every photo against every
            caption.
        caption_cohort: Scores of each photo against the caption cohort, shape ``(n, k)``.
        photo_cohort: Scores of each caption against the photo cohort, shape ``(n, l)`` or
            ``(m, l)``.
        top: How many are kept of each cohort, from 2 (one has no spread) to the smaller size.

    Returns:
        In standard deviations of the scores kept, same shape as ``scores``.

    Raises:
        ArgumentError: ``top`` is out of range.
    """
    caption_cohort = _numbers(caption_cohort, "caption_cohort", axes=2)
    photo_cohort = _numbers(photo_cohort, "photo_cohort", axes=2)
    most = min(caption_cohort.shape[1], photo_cohort.shape[1])
    _require_from_to("top", top, 2, most)
    return s_norm(scores, fittest(caption_cohort, top), fittest(photo_cohort, top))


def fittest(cohort: NDArray[np.floating], top: int) -> NDArray[np.floating]:
    """Keep the highest scores of each row.

    Args:
        cohort: Shape ``(n, k)``.
        top: How many are kept, from 1 to k.

    Returns:
        Shape ``(n, top)``, in no order.

    Raises:
        ArgumentError: ``top`` is out of range.
    """
    cohort = _numbers(cohort, "cohort", axes=2)
    _require_from_to("top", top, 1, cohort.shape[1])
    return np.partition(cohort, cohort.shape[1] - top, axis=1)[:, -top:]


def fit_share(scores: ArrayLike, *, negatives: ArrayLike) -> Floats:
    """Share of negative trials that score lower: the fit.

    ``1 - fit_share`` is the false-accept rate with the score itself as threshold, since a tie
    passes.

    Args:
        scores: Shape ``(n,)``.
        negatives: Scores of negative trials, shape ``(k,)``, k > 0.

    Returns:
        Shape ``(n,)``, in [0, 1].
    """
    ordered = _some(negatives, "negatives")
    ordered.sort()
    below = np.searchsorted(ordered, _floats(scores, "scores"), side="left")
    share: Floats = below / len(ordered)
    return share


def far(threshold: float, *, negatives: ArrayLike) -> float:
    """False-accept rate: share of negatives with ``score >= threshold``.

    Args:
        threshold: Decision point.
        negatives: Shape ``(k,)``, k > 0.

    Returns:
        In [0, 1].
    """
    return float((_some(negatives, "negatives") >= _number(threshold, "threshold")).mean())


def frr(threshold: float, *, positives: ArrayLike) -> float:
    """False-reject rate: share of positives with ``score < threshold``.

    Args:
        threshold: Decision point.
        positives: Shape ``(k,)``, k > 0.

    Returns:
        In [0, 1].
    """
    return float((_some(positives, "positives") < _number(threshold, "threshold")).mean())


def threshold_at_far(rate: float, *, negatives: ArrayLike) -> float:
    """Lowest threshold whose false-accept rate on the negatives is at most ``rate``.

    Args:
        rate: In [0, 1].
        negatives: Shape ``(k,)``, k > 0.

    Returns:
        The threshold; just above the highest negative when ``rate`` allows none of them.

    Raises:
        ArgumentError: ``rate`` is out of range.
    """
    if not 0 <= _number(rate, "rate") <= 1:
        raise ArgumentError(argument="rate", value=rate, needed=_from_to(0, 1))
    ordered = _some(negatives, "negatives")
    ordered.sort()
    allowed = int(np.floor(rate * len(ordered) + 1e-9))
    if allowed == len(ordered):
        return float(ordered[0])
    # All of the `allowed` highest pass; everything that ties with the next one must not.
    return float(np.nextafter(ordered[len(ordered) - allowed - 1], np.inf))


def far_upper_bound(accepted: int, negatives: int, *, confidence: float = 0.95) -> float:
    """Upper confidence bound on a false-accept rate, from a count: Clopper and Pearson 1934.

    The largest rate at which ``accepted`` or fewer of independent negatives would still be
    accepted with a chance of ``1 - confidence``; exact for any sample size, and one-sided ("The
    use of confidence or fiducial limits illustrated in the case of the binomial").

    Args:
        accepted: Negatives accepted, from 0 to ``negatives``.
        negatives: Independent negative trials, at least 1.
        confidence: Chance that the bound holds, in (0, 1).

    Returns:
        In (0, 1].

    Raises:
        ArgumentError: An argument is out of range.
    """
    require_count("accepted", accepted, least=0)
    require_count("negatives", negatives)
    if accepted > negatives:
        raise ArgumentError(
            argument="accepted",
            value=Phrase(id=f"{accepted} dari {negatives}", en=f"{accepted} of {negatives}"),
            needed=Phrase(
                id="sebagian dari paling sedikit 1 percobaan", en="a part of at least 1 trial"
            ),
        )
    require_rate("confidence", confidence)
    if accepted == negatives:
        return 1.0
    from scipy.special import betaincinv  # noqa: PLC0415 - most of a second, for labels only

    return float(betaincinv(accepted + 1, negatives - accepted, confidence))


def most_accepted(rate: float, negatives: int, *, confidence: float = 0.95) -> int | None:
    """Return how many of the negatives a threshold may accept for its FAR to be bounded.

    Let the threshold lie just above the negative that follows this many highest ones. The count
    is fixed before any score is seen, so the true false-accept rate is at most ``rate`` with
    the ``confidence`` given, whatever the scores' distribution (order statistics; Wilks 1941,
    "Determination of sample sizes for setting tolerance limits").

    Args:
        rate: The bound wanted, in (0, 1).
        negatives: Independent negative trials, at least 1.
        confidence: Chance that the bound holds, in (0, 1).

    Returns:
        A count, or None if even accepting none of them bounds the rate higher.

    Raises:
        ArgumentError: An argument is out of range.
    """
    require_rate("rate", rate)
    if far_upper_bound(0, negatives, confidence=confidence) > rate:
        return None
    low, high = 0, negatives
    while high - low > 1:
        middle = (low + high) // 2
        kept = far_upper_bound(middle, negatives, confidence=confidence) <= rate
        low, high = (middle, high) if kept else (low, middle)
    return low


def negatives_needed(rate: float, *, confidence: float = 0.95) -> int:
    """Return how many independent negatives it takes to bound a false-accept rate at all.

    Args:
        rate: The bound wanted, in (0, 1).
        confidence: Chance that the bound holds, in (0, 1).

    Returns:
        The smallest n with ``(1 - rate) ** n <= 1 - confidence``.

    Raises:
        ArgumentError: An argument is out of range.
    """
    require_rate("rate", rate)
    require_rate("confidence", confidence)
    return int(np.ceil(np.log(1 - confidence) / np.log1p(-rate) - 1e-9))


def roc(*, negatives: ArrayLike, positives: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Receiver operating characteristic: both error rates at every threshold that matters.

    Args:
        negatives: Shape ``(k,)``, k > 0.
        positives: Shape ``(m,)``, m > 0.

    Returns:
        ``(thresholds, far, frr)``, each of shape ``(t,)``, thresholds rising; only the curve's
        corners, with a last threshold just above every score, where nothing is accepted.
    """
    low = _some(negatives, "negatives")
    high = _some(positives, "positives")
    low.sort()
    high.sort()
    scores = np.unique(np.concatenate([low, high]))
    thresholds = np.append(scores, np.nextafter(scores[-1], np.inf))
    accepted = 1 - np.searchsorted(low, thresholds, side="left") / len(low)
    rejected = np.searchsorted(high, thresholds, side="left") / len(high)
    # A point between two others of equal FAR, or of equal FRR, lies on a straight piece.
    middle = np.zeros(len(thresholds), bool)
    for rate in (accepted, rejected):
        middle[1:-1] |= (rate[1:-1] == rate[:-2]) & (rate[1:-1] == rate[2:])
    return thresholds[~middle], accepted[~middle], rejected[~middle]


def auc(*, negatives: ArrayLike, positives: ArrayLike) -> float:
    """Probability that a positive scores higher than a negative (ties count half).

    The area under the ROC curve as the Mann-Whitney statistic.

    Args:
        negatives: Shape ``(k,)``, k > 0.
        positives: Shape ``(m,)``, m > 0.

    Returns:
        In [0, 1]; 0.5 is chance.
    """
    ordered = _some(negatives, "negatives")
    ordered.sort()
    scores = _some(positives, "positives")
    below = np.searchsorted(ordered, scores, side="left")
    not_above = np.searchsorted(ordered, scores, side="right")
    return float((below + not_above).mean() / (2 * len(ordered)))


def eer(*, negatives: ArrayLike, positives: ArrayLike) -> float:
    """Equal error rate: where false accepts and false rejects meet.

    Args:
        negatives: Shape ``(k,)``, k > 0.
        positives: Shape ``(m,)``, m > 0.

    Returns:
        Mean of FAR and FRR at the threshold where they are closest, in [0, 1].
    """
    low = _some(negatives, "negatives")
    high = _some(positives, "positives")
    low.sort()
    high.sort()
    thresholds = np.unique(np.concatenate([low, high]))
    accepted = 1 - np.searchsorted(low, thresholds, side="left") / len(low)
    rejected = np.searchsorted(high, thresholds, side="left") / len(high)
    nearest = int(np.argmin(np.abs(accepted - rejected)))
    return float((accepted[nearest] + rejected[nearest]) / 2)


def recall_at_k(similarity: NDArray[np.floating], right: NDArray[np.intp], k: int) -> float:
    """Share of queries whose right candidate is among the k most similar.

    A candidate that ties with the right one counts as more similar, so that a constant score
    earns nothing.

    Args:
        similarity: Shape ``(queries, candidates)``.
        right: Column of each query's right candidate, shape ``(queries,)``.
        k: At least 1.

    Returns:
        In [0, 1].
    """
    similarity = _numbers(similarity, "similarity", axes=2)
    right = _indices(right, "right", below=similarity.shape[1])
    if len(right) != len(similarity):
        raise _unlike(similarity=similarity, right=right)
    require_count("k", k)
    own = similarity[np.arange(len(right)), right]
    rank = (similarity >= own[:, None]).sum(axis=1)
    return float((rank <= k).mean())


_NUMBERS = Phrase(id="harus berupa bilangan", en="must be numbers")
_NUMBER = Phrase(id="harus berupa satu bilangan", en="must be one number")
_SETS = Phrase(id="harus berupa daftar array", en="must be several arrays, such as a list")


def _numbers(values: ArrayLike, name: str, *, axes: int = 0, least: int = 0) -> NDArray[Any]:
    """Return numbers as an array of the type they have, or refuse anything else.

    Args:
        values: What was given.
        name: The argument's name.
        axes: How many axes it must have; any number if 0.
        least: The fewest axes it may have.
    """
    try:
        array = np.asarray(values)
    except (TypeError, ValueError):  # rows of unequal length, or of a stranger's type
        raise wrong_type(name, values, _NUMBERS) from None
    if array.dtype.kind not in "biuf":
        raise wrong_type(name, values, _NUMBERS)
    if array.ndim < least or (axes and array.ndim != axes):
        needed = Phrase(id=f"perlu {axes or least} dimensi", en=f"{axes or least} axes are needed")
        raise ArgumentError(argument=name, value=_shape(array), needed=needed)
    return array


def _floats(values: ArrayLike, name: str) -> Floats:
    return np.asarray(_numbers(values, name), np.float64)


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise wrong_type(name, value, _NUMBER)
    return float(value)


def _indices(values: ArrayLike, name: str, *, below: int) -> NDArray[np.intp]:
    """Return indices as an array of one axis, or refuse one that points nowhere."""
    array = _numbers(values, name, axes=1)
    if array.size and array.dtype.kind not in "iu":
        raise wrong_type(name, values, _NUMBERS)
    if array.size and not 0 <= array.min() <= array.max() < below:
        raise ArgumentError(argument=name, value=_shape(array), needed=_from_to(0, below - 1))
    return array.astype(np.intp, copy=False)


def _require_fitting(**arrays: Floats) -> None:
    try:
        np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        raise _unlike(**arrays) from None


def _unlike(**arrays: NDArray[Any]) -> ArgumentError:
    """Make the error of arrays whose shapes do not belong together."""
    shapes = ", ".join(str(array.shape) for array in arrays.values())
    return ArgumentError(
        argument=", ".join(arrays),
        value=Phrase(id=f"array berbentuk {shapes}", en=f"of shape {shapes}"),
        needed=Phrase(id="bentuknya harus sesuai", en="the shapes must belong together"),
    )


def _shape(array: NDArray[Any]) -> Phrase:
    return Phrase(id=f"array berbentuk {array.shape}", en=f"of shape {array.shape}")


def _require_from_to(name: str, value: Any, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise wrong_type(name, value, _from_to(least, most))
    if not least <= int(value) <= most:
        raise ArgumentError(argument=name, value=value, needed=_from_to(least, most))


def _from_to(least: int, most: int) -> Phrase:
    return Phrase(id=f"bilangan dari {least} sampai {most}", en=f"a number from {least} to {most}")


def _rows(values: ArrayLike, name: str) -> Floats:
    """Return float64 rows of unit length, or refuse an array that is not of rows."""
    rows = _floats(values, name)
    if rows.ndim != 2 or not rows.size or not np.isfinite(rows).all():
        raise ArgumentError(
            argument=name,
            value=_shape(rows),
            needed=Phrase(
                id="array (n, dim) yang tidak kosong, semuanya bilangan berhingga",
                en="an array (n, dim) that is not empty, all finite",
            ),
        )
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    result: Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return result


def _some(values: ArrayLike, name: str) -> Floats:
    """Return a fresh float array, or refuse an empty or non-finite one."""
    array = _floats(values, name).ravel().copy()
    if array.size == 0 or not np.isfinite(array).all():
        raise ArgumentError(
            argument=name,
            value=Phrase(id=f"{array.size} skor", en=f"{array.size} scores"),
            needed=Phrase(
                id="paling sedikit satu, semuanya bilangan berhingga",
                en="at least one, all finite",
            ),
        )
    return array
