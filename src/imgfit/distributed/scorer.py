"""Scoring a table of drafts: rows in, rows out, each as if it were scored alone.

A row never depends on which rows it was scored with. A worker that was restarted scores in a
process beside it, so that a draft that kills the process that scores it ends as a row with its
error.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from imgfit.arguments import CALLABLE, PATH, TEXT, require_a, require_flags, wrong_type
from imgfit.distributed.process import Disposable, ProcessLostError
from imgfit.drafts import (
    Draft,
    cells_of_rows,
    draft_of_row,
    find_columns,
    require_pyarrow,
    take_rows,
)
from imgfit.errors import ArgumentError, ImgfitError, WorkerLostError
from imgfit.files import RemoteFile, place_of
from imgfit.language import Phrase
from imgfit.reports import score_table
from imgfit.scoring import Thresholds, combine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from imgfit.checker import Checker

# What stands before the name of an input column that a score has as well.
_GIVEN = "input_"
_WORDS = ("photo", "caption", "id")
_COLUMNS = Phrase(
    id="harus berupa dict nama kolom menurut photo, caption, atau id",
    en="must be a dict of columns' names by photo, caption or id",
)
_THE_MODEL = Phrase(id="model", en="the model")


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
            load: Makes the checker, on the worker; such as
                ``partial(Checker.load, "mini", threads=1)``.
            second: Makes one of another model, for a second opinion as `combine` gives it.
            root: Folder or address that photos are looked up in and must lie in; without it, only
                photos given as bytes are read.
            columns: The table's columns by ``"photo"``, ``"caption"`` and ``"id"``; those not
                named are found by the words that manifests use.
            far: False-accept rate: the share of unrelated pairs that may pass, in (0, 1); if not
                given, the calibration's, or else 0.05.
            clean: Whether to clean captions.

        Raises:
            ArgumentError: ``root`` is an address of a scheme that is not allowed, ``columns`` has
                another key, or an argument is of the wrong type or out of range.
            ModelError: The model cannot be used.
        """
        _require_callable("load", load)
        if second is not None:
            _require_callable("second", second)
        require_settings(columns, far, root=root, clean=clean)
        place, words = None if root is None else place_of(root), dict(columns or {})
        scoring = partial(_Scoring, load, second, place, words, far=far, clean=clean)
        self._score: Callable[[Any], Any] = _Careful(scoring) if _was_restarted() else scoring()

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
            raise WorkerLostError(what=_THE_MODEL, cause=str(lost)) from lost


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
            table: A ``pyarrow.Table`` of n rows.
            lost: Why the process that scored these rows died; they are not looked at again.

        Returns:
            A ``pyarrow.Table`` of n rows.
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


def require_settings(columns: Any, far: Any, *, root: Any, clean: Any) -> None:
    """Refuse settings that no table can be scored with, before a model is loaded.

    Args:
        columns: Names of columns by ``"photo"``, ``"caption"`` and ``"id"``; None for the usual.
        far: False-accept rate; None for the calibration's.
        root: Folder or address of photos, or None.
        clean: Whether to clean captions.

    Raises:
        ArgumentError: One is of the wrong type or out of range.
    """
    if columns is not None:
        require_a("columns", columns, dict, _COLUMNS)
        for word, name in columns.items():
            if word not in _WORDS:
                raise ArgumentError(argument="columns", value=repr(word), needed=_COLUMNS)
            require_a("columns", name, str, TEXT)
    if far is not None:
        Thresholds.at(far)
    require_a("root", root, (str, os.PathLike, RemoteFile, type(None)), PATH)
    require_flags(clean=clean)


def _require_callable(argument: str, value: Any) -> None:
    if not callable(value):
        raise wrong_type(argument, value, CALLABLE)


def _free_name(name: str, taken: list[str]) -> str:
    while name in taken:
        name = _GIVEN + name
    return name
