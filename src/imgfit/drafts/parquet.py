"""Parquet files read row by row. pyarrow is imported when needed.

Parquet files come from strangers: a small one may say that it holds a great deal, so each value is
looked at before it is taken out, and all of them together are bounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgfit.drafts.parquet_pages import LIMITS, require_modest_pages
from imgfit.files import RemoteFile, needing, open_regular
from imgfit.language import Phrase
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from imgfit.drafts.parquet_pages import ParquetLimits
    from imgfit.drafts.rows import Choose

# Rows decoded at a time. Strings and bytes stay in dictionaries, so that a value that a thousand
# rows share is held once: 100,000 rows of one value of 20 MB, 0.9 MB on disk, take 0.2 GB.
_ROWS = 64
_LIST = Phrase(id="sebuah daftar, padahal perlu satu nilai", en="a list where one value is needed")


def require_pyarrow(what: str) -> Any:
    """Import pyarrow.

    Args:
        what: What needs it, for the message.

    Returns:
        The module.

    Raises:
        PackageMissingError: It is not installed.
    """
    with needing("parquet", what):
        import pyarrow as pa  # noqa: PLC0415 - an extra
    return pa


def read_columns(
    path: Path | RemoteFile, choose: Choose, *, limits: ParquetLimits = LIMITS
) -> Iterator[dict[str, Any] | ValueError]:
    """Read some columns of a Parquet file, row by row.

    Args:
        path: The file.
        choose: Called with the names of the columns.
        limits: How much the file may hold.

    Yields:
        A row: values by the chosen words; or why this row cannot be taken.

    Raises:
        PackageMissingError: pyarrow is not installed.
        OSError: The file cannot be read.
        ValueError: It is not a Parquet file, is damaged, or holds too much.
    """
    pa = require_pyarrow("Parquet")
    try:
        yield from _read_columns(pa, path, choose, limits)
    except (ValueError, OSError, MemoryError):
        raise
    except pa.lib.ArrowException as error:  # the file holds something that pyarrow does not know
        raise ValueError(said_by(error)) from error


def _read_columns(
    pa: Any, path: Path | RemoteFile, choose: Choose, limits: ParquetLimits
) -> Iterator[dict[str, Any] | ValueError]:
    from pyarrow import parquet  # noqa: PLC0415 - an extra

    with path.open() if isinstance(path, RemoteFile) else open_regular(path) as source:
        metadata = parquet.read_metadata(source)
        header = metadata.schema.to_arrow_schema()
        chosen = {word: header.names[index] for word, index in choose(list(header.names)).items()}
        _require_single(chosen, header.names)
        texts = [path for name in chosen.values() for path in _text_paths(pa, header.field(name))]
        columns = list(dict.fromkeys(chosen.values()))
        require_modest_pages(source, metadata.schema, columns, limits)
        file = parquet.ParquetFile(source, metadata=metadata, read_dictionary=texts)
        taken = 0
        for batch in file.iter_batches(batch_size=_ROWS, columns=columns, use_threads=False):
            for row in take_rows(batch, chosen, limits=limits):
                taken += 0 if isinstance(row, ValueError) else sum(map(_size, row.values()))
                if taken > limits.taken:
                    raise ValueError(_too_much(limits.taken))
                yield row


def _require_single(chosen: Mapping[str, str], names: list[str]) -> None:
    """Refuse a file in which a chosen column is there twice."""
    twice = ", ".join(sorted(name for name in set(chosen.values()) if names.count(name) > 1))
    if twice:
        raise ValueError(
            Phrase(
                id=f"lebih dari satu kolom bernama {twice}",
                en=f"more than one column is called {twice}",
            )
        )


def _too_much(limit: int) -> Phrase:
    size = f"{limit / 1e9:.0f} GB"
    return Phrase(
        id=f"foto dan teksnya lebih dari {size}: nilai sebagian demi sebagian, atau dengan "
        "imgfit.score_dataset",
        en=f"photos and texts of over {size}: score it in parts, or with imgfit.score_dataset",
    )


def take_rows(
    table: Any, chosen: Mapping[str, str | int], *, limits: ParquetLimits = LIMITS
) -> Iterator[dict[str, Any] | ValueError]:
    """Take rows out of Arrow, each by itself, so that a bad one costs no other.

    Args:
        table: A ``pyarrow.Table`` or ``RecordBatch``.
        chosen: Columns, by name or index, under our words for them.
        limits: How much a value may hold.

    Yields:
        A row: values by the chosen words; or why this row cannot be taken.
    """
    columns = {word: table.column(name) for word, name in chosen.items()}
    for place in range(table.num_rows):
        try:
            yield {word: _value(column[place], limits.value) for word, column in columns.items()}
        except ValueError as error:
            yield error.with_traceback(None)  # the calls that it was raised through hold the value
        except Exception as error:  # noqa: BLE001 - days and spans that Python cannot write
            yield ValueError(said_by(error))


def _text_paths(pa: Any, field: Any, prefix: str = "") -> list[str]:
    """Name the columns of text or bytes in a field, those in structs by their path."""
    name = f"{prefix}{field.name}"
    if pa.types.is_struct(field.type):
        return [path for inner in field.type for path in _text_paths(pa, inner, f"{name}.")]
    kinds = (pa.types.is_string, pa.types.is_binary)
    return [name] if any(kind(field.type) for kind in kinds) else []


def _value(scalar: Any, limit: int) -> Any:
    """Take a value out of Arrow if it is not too large; its size is looked at first."""
    if not scalar.is_valid:
        return None
    kind = type(scalar).__name__
    if kind == "DictionaryScalar":
        return _value(scalar.value, limit)
    if kind == "StructScalar":
        return {name: _value(scalar[name], limit) for name in scalar}
    if hasattr(scalar, "as_buffer"):
        size = scalar.as_buffer().size
        if size > limit:
            raise ValueError(_too_large(size, limit))
    elif kind in ("ListScalar", "LargeListScalar", "FixedSizeListScalar", "MapScalar"):
        raise ValueError(_LIST)
    return scalar.as_py()


def _too_large(size: int, limit: int) -> Phrase:
    written, most = f"{size / 1e6:.0f} MB", f"{limit / 1e6:.0f} MB"
    return Phrase(
        id=f"nilai sebesar {written}, batas {most}", en=f"a value of {written}, limit {most}"
    )


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_size(inner) for inner in value.values())
    return len(value) if isinstance(value, (bytes, str)) else 8
