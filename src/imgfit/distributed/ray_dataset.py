"""Scoring a Ray Dataset: one checker a worker, rows in, rows out. Ray is imported when needed.

Ray does what a distributed engine does: it schedules, moves data, restarts workers that die and
gives them their rows again. A row here never depends on which rows it was scored with, so how Ray
cuts the data into blocks changes nothing. A worker that was restarted scores in a process beside
it, so that a draft that kills whoever scores it ends as a row with its error.
"""

from __future__ import annotations

import sys
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgfit.cache.embeddings import EmbeddingCache
from imgfit.checker import Checker
from imgfit.distributed.process import Disposable, ProcessLostError
from imgfit.drafts.draft import Draft
from imgfit.drafts.parquet import require_pyarrow, take_rows
from imgfit.drafts.rows import cells_of_rows, draft_of_row, find_columns
from imgfit.embedding.encoding import DEFAULT_BATCH
from imgfit.encoders.loading import require_known
from imgfit.errors import ArgumentError, ImgfitError, PackageMissingError, WorkerLostError
from imgfit.files.remote import RemoteFile, place_of
from imgfit.models.finding import find_model
from imgfit.reports.arrow import score_table
from imgfit.scoring.opinions import combine
from imgfit.scoring.thresholds import Thresholds

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from ray.data import Dataset

# Drafts that a worker scores at a time. A worker that dies loses the work of one such batch at
# most, and towers gain nothing beyond `DEFAULT_BATCH`.
DRAFTS_PER_TASK = 64
# What stands before the name of an input column that a score has as well.
_GIVEN = "input_"
_WORDS = ("photo", "caption", "id")


class DraftScorer:
    """Scores batches of rows: a callable class for ``ray.data.Dataset.map_batches``.

    `score_dataset` sets Ray up around it. Use the class itself to choose otherwise, with
    ``batch_format="pyarrow"``. Each worker makes its own checker when it starts.
    """

    def __init__(
        self,
        load: Callable[[], Checker],
        *,
        second: Callable[[], Checker] | None = None,
        root: str | os.PathLike[str] | None = None,
        columns: Mapping[str, str] | None = None,
        far: float | None = None,
        clean: bool = True,
    ) -> None:
        """Load the checker.

        Args:
            load: Makes it, on the worker; such as ``partial(Checker.load, "mini", threads=1)``.
            second: Makes one of another model, for a second opinion as `combine` gives it.
            root: As in `score_dataset`.
            columns: The table's columns by ``"photo"``, ``"caption"`` and ``"id"``; those not
                named are found by the words that manifests use.
            far: As in `Checker.check_drafts`.
            clean: As in `Checker.check_drafts`.

        Raises:
            ArgumentError: ``root`` is an address of a scheme that is not allowed, ``columns`` has
                another key, or ``far`` is out of range.
            ModelError: The model cannot be used.
        """
        _require_settings(columns or {}, far)
        place, words = None if root is None else place_of(root), dict(columns or {})
        make = partial(_Scoring, load, second, place, words, far=far, clean=clean)
        self._score: Callable[[Any], Any] = _Careful(make) if _was_restarted() else make()

    def __call__(self, table: Any) -> Any:
        """Score a batch.

        In a worker that died before, a draft that ends the process that scores it, and again when
        it is scored by itself, is a row with `WorkerLostError`.

        Args:
            table: A ``pyarrow.Table`` of n rows: a photo (path, address, bytes, or a struct of
                ``bytes`` and ``path``), a caption, and maybe an id.

        Returns:
            A ``pyarrow.Table`` of n rows in the same order: the fields of `Score.row`, then the
            input's other columns as they are. One that a score has as well is called ``input_``
            and its name.

        Raises:
            ManifestColumnError: There is no photo or no caption column.
            EncoderFailedError: The encoder raised.
            WorkerLostError: A process died while it loaded the model.
        """
        return self._score(table)


class _Careful:
    """Scores tables in a process that may be lost, and finds out which row it dies of."""

    def __init__(self, make: Callable[[], _Scoring]) -> None:
        from ray import cloudpickle  # noqa: PLC0415 - an extra; it takes any ``load``

        self._beside = Disposable(cloudpickle.dumps(make))

    def __call__(self, table: Any) -> Any:
        """Score a table, as `DraftScorer` does."""
        try:
            return self._beside(table)
        except ProcessLostError:
            rows = [self._alone(table.take([n])) for n in range(table.num_rows)]
            return require_pyarrow("score_dataset").concat_tables(rows)

    def _alone(self, row: Any) -> Any:
        """Score a table of one row."""
        try:
            return self._beside(row)
        except ProcessLostError as lost:
            cause = str(lost)
        try:
            return self._beside(row, cause)
        except ProcessLostError as lost:
            raise WorkerLostError(what="the model", cause=str(lost)) from lost


class _Scoring:
    """A checker with what it needs to score tables."""

    def __init__(
        self,
        load: Callable[[], Checker],
        second: Callable[[], Checker] | None,
        root: Path | RemoteFile | None,
        columns: Mapping[str, str],
        *,
        far: float | None,
        clean: bool,
    ) -> None:
        """Load what `DraftScorer` is told to."""
        self._root, self._columns = root, columns
        self._far, self._clean = far, clean
        self._checker = load()
        self._other = None if second is None else second()

    def __call__(self, table: Any, lost: str | None = None) -> Any:
        """Score a table, as `DraftScorer` does.

        Args:
            table: As there.
            lost: What the process died of that scored these rows; they are not looked at again.

        Returns:
            As there.
        """
        found = find_columns(table.column_names, "dataset", None, self._columns)
        chosen = {word: found[word] for word in _WORDS if word in found}
        drafts = [
            Draft(None, None, str(number), error=row)
            if isinstance(row, ImgfitError)
            else draft_of_row(row, number, self._root)
            if lost is None
            else _lost_draft(row, lost)
            for number, row in cells_of_rows(enumerate(take_rows(table, chosen), 1), "dataset")
        ]
        batch = self._checker.check_drafts(drafts, far=self._far, clean=self._clean, alone=True)
        if self._other is not None:
            said = self._other.check_drafts(drafts, far=self._far, clean=self._clean, alone=True)
            batch = combine(batch, said)
        scored = score_table([score.row() for score in batch])
        for index, name in enumerate(table.column_names):
            if index not in chosen.values():
                scored = scored.append_column(_free_name(name, scored.column_names), table[index])
        return scored


def score_dataset(
    ds: Dataset,
    *,
    model: str = "mini",
    runtime: str | None = None,
    root: str | os.PathLike[str] | None = None,
    columns: Mapping[str, str] | None = None,
    far: float | None = None,
    clean: bool = True,
    calibration: str | os.PathLike[str] | None = None,
    second: str | None = None,
    any_language: bool = False,
    actors: int | tuple[int, int] = 1,
    num_cpus: float = 1,
    num_gpus: float = 0,
    drafts_per_task: int = DRAFTS_PER_TASK,
    batch_size: int | None = None,
    decode_threads: int | None = None,
    cache: str | os.PathLike[str] | None = None,
) -> Dataset:
    """Score a Ray Dataset of drafts on a pool of workers; lazy, as Ray's datasets are.

    Each draft is scored as `Checker.check` would score it alone: drafts do not join each other's
    cohort, and no reason or hint names another draft. A row that cannot be scored is a row with
    its error.

    Args:
        ds: Rows with a photo, a caption and maybe an id, named as in manifests or by ``columns``.
            A photo is its bytes, or a path or address under ``root``.
        model: As in `Checker.load`; it must be on every machine, under the same name or path.
        runtime: As in `Checker.load`; ``"onnx"`` is the fastest on CPUs with the same scores.
            With ``num_gpus``, ``"torch"`` if not given.
        root: Folder or address that photos are looked up in and must lie in. Rows come from
            strangers: without it, only photos given as bytes are read, and a path is that row's
            error.
        columns: The columns' names by ``"photo"``, ``"caption"`` and ``"id"``.
        far: As in `Checker.check_drafts`.
        clean: As in `Checker.check_drafts`.
        calibration: As in `Checker.load`; the file must be on every machine. Without one, a model
            that has none is judged by the package's captions, as `Checker.check` does: rows do not
            stand in for it, since which of them meet in a batch is Ray's choice.
        second: Another model, for a second opinion as `combine` gives it.
        any_language: As in `Checker.load`.
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
        As many rows as ``ds`` has, in no order that Ray does not promise: what `DraftScorer`
        returns.

    Raises:
        PackageMissingError: Ray or pyarrow is not installed.
        ArgumentError: An argument is out of range.
        ModelUnknownError: There is no such model here.
    """
    require_pyarrow("score_dataset")
    try:
        from ray.data import ActorPoolStrategy  # noqa: PLC0415 - an extra
    except ImportError as error:
        package = error.name or str(error)
        raise PackageMissingError(what="score_dataset", package=package, extra="ray") from error
    least, most = (actors, actors) if isinstance(actors, int) else actors
    _require_settings(columns or {}, far)
    _require_numbers(
        {
            "actors": least,
            "drafts_per_task": drafts_per_task,
            "batch_size": batch_size,
            "num_cpus": num_cpus,
            "decode_threads": decode_threads,
        }
    )
    if most < least or num_gpus < 0:
        wrong, value = ("actors", actors) if most < least else ("num_gpus", num_gpus)
        raise ArgumentError(argument=wrong, value=value, needed="least, then most; none negative")
    if runtime is None and num_gpus:
        runtime = "torch"
    if runtime is not None:
        require_known(runtime)
    if num_gpus and runtime != "torch":
        raise ArgumentError(argument="num_gpus", value=num_gpus, needed="0 for an ONNX runtime")
    _require_room(least, num_cpus)
    if second is not None and find_model(second).path == find_model(model).path:
        raise ArgumentError(argument="second", value=second, needed="another model")
    find_model(model)
    place = None if root is None else place_of(root)
    calibration = None if calibration is None else Path(calibration).absolute()
    threads = max(1, int(num_cpus))
    load = partial(
        _load,
        folder=None if cache is None else Path(cache).absolute(),
        runtime=runtime,
        device=None if num_gpus else "cpu",
        threads=threads,
        decode_threads=decode_threads or threads,
        batch_size=min(batch_size or DEFAULT_BATCH, drafts_per_task),
        any_language=any_language,
    )
    # Ray cuts blocks by bytes, 128 MB each: a manifest of 100,000 rows would be one block, and one
    # worker's work.
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


def _load(model: str, *, folder: Path | None, **settings: Any) -> Checker:
    """Make a worker's checker, on the worker."""
    cache = None if folder is None else own_cache(folder)
    return Checker.load(model, cache=cache, **settings)


def _was_restarted() -> bool:
    """Tell whether this process stands in for a worker of Ray's that died."""
    ray = sys.modules.get("ray")
    if ray is None or not ray.is_initialized():
        return False
    context = ray.get_runtime_context()
    return context.get_actor_id() is not None and bool(context.was_current_actor_reconstructed)


def _lost_draft(row: Mapping[str, str | bytes], cause: str) -> Draft:
    """Make a draft of a row without a look at its photo."""
    texts = {word: cell for word, cell in row.items() if isinstance(cell, str) and cell}
    name = texts.get("id") or texts.get("photo") or "-"
    error = WorkerLostError(what=name, cause=cause)
    return Draft(texts.get("photo"), texts.get("caption"), name, error=error)


def _require_settings(columns: Mapping[str, str], far: float | None) -> None:
    if not columns.keys() <= set(_WORDS):
        needed = f"keys among {', '.join(_WORDS)}"
        raise ArgumentError(argument="columns", value=dict(columns), needed=needed)
    if far is not None:
        Thresholds.at(far)


def _require_numbers(values: Mapping[str, float | None]) -> None:
    for argument, value in values.items():
        if value is not None and not value > 0:
            raise ArgumentError(argument=argument, value=value, needed="more than 0")


def _require_room(actors: int, num_cpus: float) -> None:
    """Refuse a pool that takes every core: Ray would wait for ever for one to read on."""
    import ray  # noqa: PLC0415 - an extra
    from ray.data import DataContext  # noqa: PLC0415 - the same

    if not ray.is_initialized():
        return
    cores = ray.cluster_resources().get("CPU", 0.0)
    # What is done already is filtered out on a core of its own.
    kept = getattr(DataContext.get_current(), "checkpoint_config", None)
    spare = 1 if kept is None else 2
    if actors * num_cpus > cores - spare:
        raise ArgumentError(
            argument="actors",
            value=actors,
            needed=f"at most {max(0, int((cores - spare) / num_cpus))}, since Ray has {cores:g} "
            f"cores and needs {spare} to read; or tell Ray of more: ray.init(num_cpus=...)",
        )


def _free_name(name: str, taken: list[str]) -> str:
    while name in taken:
        name = _GIVEN + name
    return name
