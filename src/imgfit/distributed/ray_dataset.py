"""Scoring a Ray Dataset on a pool of actors, each with a checker. Ray is imported when needed.

Ray schedules, moves data, restarts actors that die and gives them their rows again. A row never
depends on which rows it was scored with (`imgfit.distributed.scorer`), so how Ray cuts the data
into blocks changes nothing.
"""

from __future__ import annotations

import os
from functools import partial
from itertools import count
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgfit.arguments import (
    MODEL,
    PATH,
    require_a,
    require_count,
    require_flags,
    require_one_of,
    wrong_type,
)
from imgfit.cache import EmbeddingCache
from imgfit.checker import Checker
from imgfit.distributed.scorer import DraftScorer, require_settings
from imgfit.drafts import require_pyarrow
from imgfit.embedding import DEFAULT_BATCH
from imgfit.encoders import RUNTIMES
from imgfit.errors import ArgumentError
from imgfit.files import missing, place_of
from imgfit.language import Phrase
from imgfit.models import find_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ray.data import Dataset

# An actor that dies loses the work of one task at most, and towers gain nothing beyond
# `DEFAULT_BATCH`.
DRAFTS_PER_TASK = 64

_NUMBER = Phrase(id="harus berupa angka", en="must be a number")
_POSITIVE = Phrase(id="harus lebih dari 0", en="must be more than 0")
_ACTORS = Phrase(
    id="harus bilangan bulat, atau sepasang: paling sedikit lalu paling banyak",
    en="must be a whole number, or a pair: the least, then the most",
)
_DATASET = Phrase(id="harus berupa ray.data.Dataset", en="must be a ray.data.Dataset")


def score_dataset(
    ds: Dataset,
    *,
    model: str | os.PathLike[str] = "mini",
    runtime: str | None = None,
    root: str | os.PathLike[str] | None = None,
    columns: Mapping[str, str] | None = None,
    far: float | None = None,
    clean: bool = True,
    calibration: str | os.PathLike[str] | None = None,
    second: str | os.PathLike[str] | None = None,
    any_language: bool = False,
    actors: int | tuple[int, int] = 1,
    num_cpus: float = 1,
    num_gpus: float = 0,
    drafts_per_task: int = DRAFTS_PER_TASK,
    batch_size: int | None = None,
    decode_threads: int | None = None,
    cache: str | os.PathLike[str] | None = None,
) -> Dataset:
    """Score a Ray Dataset of drafts on a pool of actors; lazy, as Ray's datasets are.

    Each draft is scored as `Checker.check` would score it alone: drafts do not join each other's
    cohort, and no reason or hint names another draft. A row that cannot be scored is a row with
    its error.

    Args:
        ds: Rows with a photo, a caption and maybe an id, named as in manifests or by ``columns``.
            A photo is its bytes, or a path or address under ``root``.
        model: A model's name or the path of a model folder, as in `Checker.load`; it must be on
            every machine, under the same name or path.
        runtime: ``"torch"``, ``"onnx"`` or ``"onnx-int8"``, as in `Checker.load`; ``"onnx"`` is the
            fastest on CPUs with the same scores. With ``num_gpus``, ``"torch"`` if not given.
        root: Folder or address that photos are looked up in and must lie in. Rows come from
            strangers: without it, only photos given as bytes are read, and a path is that row's
            error.
        columns: The columns' names by ``"photo"``, ``"caption"`` and ``"id"``.
        far: False-accept rate: the share of unrelated pairs that may pass, in (0, 1); if not
            given, the calibration's, or else 0.05.
        clean: Whether to clean captions of links, hashtag blocks and the like.
        calibration: Path of a calibration to use in place of the model's own; the file must be on
            every machine. Without one, a model that has none is judged by imgfit's own captions, as
            `Checker.check` does: rows do not stand in for it, because which of them meet in a task
            is Ray's choice.
        second: Another model, for a second opinion as `combine` gives it.
        any_language: Whether to score captions in languages that the model never learned.
        actors: How many processes score; or the least and the most, between which Ray chooses. They
            must leave Ray one core, on which it reads the data, and one more if it keeps
            checkpoints.
        num_cpus: Cores that Ray sets aside for an actor. Its towers compute on as many threads, at
            least one, so that actors on a machine do not fight for cores.
        num_gpus: Share of a GPU for each actor, such as 0.25 for four actors on one; without any,
            an actor computes on the CPU.
        drafts_per_task: Drafts that an actor scores at a time, which are also Ray's blocks from
            here on. An actor that dies loses the work of one such task at most.
        batch_size: Items a forward pass, as in `Checker.load`; at most ``drafts_per_task``.
        decode_threads: Threads of an actor that read and decode photos; as many as its cores if
            not given. More are worth it if photos are behind a network.
        cache: Folder on each machine's own disk in which each actor keeps a cache of its own,
            ``worker-000.sqlite`` and so on (one for each model), for ``imgfit cache merge``; None
            for no cache.

    Returns:
        As many rows as ``ds`` has, in no order that Ray does not promise; `DraftScorer` says which
        columns they have.

    Raises:
        PackageMissingError: Ray or pyarrow is not installed.
        ArgumentError: An argument is of the wrong type or out of range.
        ModelUnknownError: There is no such model here.
    """
    require_pyarrow("score_dataset")
    try:
        from ray.data import ActorPoolStrategy  # noqa: PLC0415 - an extra
    except ImportError as error:
        package = error.name or str(error)
        raise missing("ray", "score_dataset", package) from error
    require_settings(columns, far, root=root, clean=clean)
    _require_amounts(num_cpus, num_gpus)
    least, most = _pool(actors)
    require_count("drafts_per_task", drafts_per_task)
    for name, value in (("batch_size", batch_size), ("decode_threads", decode_threads)):
        if value is not None:
            require_count(name, value)
    threads = max(1, int(num_cpus))
    load = partial(
        _load,
        folder=_absolute("cache", cache),
        runtime=_runtime(runtime, num_gpus),
        device=None if num_gpus else "cpu",
        threads=threads,
        decode_threads=decode_threads or threads,
        batch_size=min(batch_size or DEFAULT_BATCH, drafts_per_task),
        any_language=any_language,
    )
    require_flags(any_language=any_language)
    calibration = _absolute("calibration", calibration)
    _require_room(least, num_cpus)
    _require_models(model, second)
    place = None if root is None else place_of(root)
    if not hasattr(ds, "map_batches"):
        raise wrong_type("ds", ds, _DATASET)
    # Ray cuts blocks by bytes, 128 MB each: a manifest of 100,000 rows would be one block, and the
    # work of one actor.
    return ds.repartition(target_num_rows_per_block=drafts_per_task).map_batches(
        DraftScorer,
        fn_constructor_args=(partial(load, model, calibration=calibration),),
        fn_constructor_kwargs={
            "second": None if second is None else partial(load, second),
            "root": place.absolute() if isinstance(place, Path) else place,
            "columns": columns,
            "far": far,
            "clean": clean,
        },
        batch_format="pyarrow",
        batch_size=drafts_per_task,
        compute=ActorPoolStrategy(min_size=least, max_size=most),
        num_cpus=num_cpus,
        num_gpus=num_gpus or None,
    )


def own_cache(folder: Path) -> EmbeddingCache:
    """Open a cache that no other process uses: the first free one of a folder.

    Args:
        folder: On this machine's own disk; made if need be.

    Returns:
        The cache; it is this process's until it ends, however it ends.

    Raises:
        CacheError: No cache can be kept there.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - Ray brings it

    folder.mkdir(parents=True, exist_ok=True)
    for number in count():
        path = folder / f"worker-{number:03}.sqlite"
        lock = FileLock(f"{path}.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            continue
        cache = EmbeddingCache(path)
        _HELD.append(lock)  # a lock is given up when nothing refers to it
        return cache
    raise AssertionError("unreachable: numbers do not end")


_HELD: list[Any] = []


def _load(model: str | os.PathLike[str], *, folder: Path | None, **settings: Any) -> Checker:
    """Make an actor's checker, on the actor."""
    cache = None if folder is None else own_cache(folder)
    return Checker.load(model, cache=cache, **settings)


def _absolute(argument: str, path: Any) -> Path | None:
    """Return a path that is the same wherever an actor runs."""
    if path is None:
        return None
    require_a(argument, path, (str, os.PathLike), PATH)
    return Path(path).absolute()


def _pool(actors: Any) -> tuple[int, int]:
    """Return the least and the most actors."""
    match actors:
        case (least, most):
            pass
        case _:
            least = most = actors
    require_count("actors", least)
    require_count("actors", most)
    if most < least:
        raise ArgumentError(argument="actors", value=f"{least}, {most}", needed=_ACTORS)
    return least, most


def _runtime(runtime: Any, num_gpus: float) -> str | None:
    """Return the runtime of the towers; torch if they have a share of a GPU."""
    if runtime is None:
        return "torch" if num_gpus else None
    require_one_of("runtime", runtime, RUNTIMES)
    if num_gpus and runtime != "torch":
        needed = Phrase(id="harus 0 untuk runtime ONNX", en="must be 0 for an ONNX runtime")
        raise ArgumentError(argument="num_gpus", value=num_gpus, needed=needed)
    return str(runtime)


def _require_amounts(num_cpus: Any, num_gpus: Any) -> None:
    for argument, value in (("num_cpus", num_cpus), ("num_gpus", num_gpus)):
        is_number = isinstance(value, Real) and not isinstance(value, bool)
        if not is_number:
            raise wrong_type(argument, value, _NUMBER)
    if not num_cpus > 0:
        raise ArgumentError(argument="num_cpus", value=num_cpus, needed=_POSITIVE)
    if not num_gpus >= 0:
        needed = Phrase(id="tidak boleh negatif", en="must not be negative")
        raise ArgumentError(argument="num_gpus", value=num_gpus, needed=needed)


def _require_models(model: Any, second: Any) -> None:
    """Refuse models that are not here, or are one and the same."""
    for argument, name in (("model", model), ("second", second)):
        if argument == "model" or name is not None:
            require_a(argument, name, (str, os.PathLike), MODEL)
    first = find_model(os.fspath(model))
    if second is not None and find_model(os.fspath(second)).path == first.path:
        needed = Phrase(id="pakai model lain", en="use another model")
        raise ArgumentError(argument="second", value=second, needed=needed)


def _require_room(actors: int, num_cpus: float) -> None:
    """Refuse a pool that takes every core: Ray would wait for ever for a core to read on."""
    import ray  # noqa: PLC0415 - an extra
    from ray.data import DataContext  # noqa: PLC0415 - the same

    if not ray.is_initialized():
        return
    cores = ray.cluster_resources().get("CPU", 0.0)
    # With checkpoints, rows that are done already are filtered out on a core of its own.
    kept = getattr(DataContext.get_current(), "checkpoint_config", None)
    spare = 1 if kept is None else 2
    if actors * num_cpus > cores - spare:
        most = max(0, int((cores - spare) / num_cpus))
        needed = Phrase(
            id=f"paling banyak {most}, sebab Ray punya {cores:g} inti dan memerlukan {spare} untuk "
            "membaca; atau beri Ray lebih banyak: ray.init(num_cpus=...)",
            en=f"at most {most}, since Ray has {cores:g} cores and needs {spare} to read; or tell "
            "Ray of more: ray.init(num_cpus=...)",
        )
        raise ArgumentError(argument="actors", value=actors, needed=needed)
