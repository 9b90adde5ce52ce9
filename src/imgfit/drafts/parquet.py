"""Rows as Arrow tables and Parquet files. pyarrow is imported here, when needed.

Parquet files come from strangers: a small one may say that it holds a great deal, so values are
looked at before they are taken out, and what is taken out is bounded.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from imgfit.drafts.parquet_pages import require_modest_pages
from imgfit.files.bounded import open_regular
from imgfit.files.extras import needing
from imgfit.files.remote import RemoteFile
from imgfit.printable import encodable, said_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

# Most bytes of one value: what a photo may have (`photos.MAX_BYTES`).
_MAX_VALUE = 100_000_000
# Most bytes of all values of a manifest, which a run on one machine holds at once.
_MAX_TAKEN = 2_000_000_000
# Rows decoded at a time. Strings and bytes stay in dictionaries, so that a value that a thousand
# rows share is held once: 100,000 rows of one value of 20 MB, 0.9 MB on disk, take 0.2 GB.
_ROWS = 64
# Rows of an Arrow table made at a time: a column of strings holds at most 2 GB a piece.
_PIECE = 10_000


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


def score_schema() -> Any:
    """Return the columns of scores: those of `Score.row`, in its order.

    Reasons and hints are a code and the facts by name, each fact as text, a number as JSON writes
    it: so files of different versions, and of blocks that happen to hold other reasons, have one
    schema.

    Returns:
        A ``pyarrow.Schema``.

    Raises:
        PackageMissingError: pyarrow is not installed.
    """
    pa = require_pyarrow("Arrow")
    told = pa.list_(
        pa.struct([("code", pa.string()), ("facts", pa.map_(pa.string(), pa.string()))])
    )
    number, text = pa.float64(), pa.string()
    return pa.schema(
        [
            ("row_version", pa.int64()),
            *((name, text) for name in ("id", "photo", "caption", "text")),
            *((name, number) for name in ("cosine", "fit", "probability")),
            ("verdict", text),
            ("reasons", told),
            ("hints", told),
            ("windows", pa.list_(pa.struct([("text", text), ("cosine", number), ("fit", number)]))),
            ("dropped_tokens", pa.int64()),
            ("error", text),
            ("signature", text),
        ]
    )


def score_table(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Put rows into an Arrow table.

    Args:
        rows: As `Score.row` returns them, n of them.

    Returns:
        A ``pyarrow.Table`` of n rows in `score_schema`.

    Raises:
        PackageMissingError: pyarrow is not installed.
    """
    pa, schema = require_pyarrow("Arrow"), score_schema()
    pieces = (rows[start : start + _PIECE] for start in range(0, len(rows) or 1, _PIECE))
    return pa.concat_tables(
        pa.Table.from_pylist([_plain(row) for row in piece], schema=schema) for piece in pieces
    )


def parquet_bytes(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Write rows as a Parquet file.

    Args:
        rows: As `Score.row` returns them.

    Returns:
        The file.

    Raises:
        PackageMissingError: pyarrow is not installed.
    """
    table = score_table(rows)
    from pyarrow import parquet  # noqa: PLC0415 - as above

    out = io.BytesIO()
    parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def read_columns(
    path: Path | RemoteFile, choose: Callable[[list[str]], Mapping[str, int]]
) -> Iterator[dict[str, Any] | ValueError]:
    """Read some columns of a Parquet file, row by row.

    Args:
        path: The file.
        choose: Given the names of the columns, returns which of them to read by what names.

    Yields:
        A row: values by the chosen names; or why this row cannot be taken.

    Raises:
        PackageMissingError: pyarrow is not installed.
        OSError: The file cannot be read.
        ValueError: It is no Parquet file, is damaged, or holds too much.
    """
    pa = require_pyarrow("Parquet")
    try:
        yield from _read_columns(pa, path, choose)
    except (ValueError, OSError, MemoryError):
        raise
    except pa.lib.ArrowException as error:  # what a file holds that pyarrow does not know
        raise ValueError(str(said_by(error))) from error


def _read_columns(
    pa: Any, path: Path | RemoteFile, choose: Callable[[list[str]], Mapping[str, int]]
) -> Iterator[dict[str, Any] | ValueError]:
    from pyarrow import parquet  # noqa: PLC0415 - an extra

    with path.open() if isinstance(path, RemoteFile) else open_regular(path) as source:
        metadata = parquet.read_metadata(source)
        header = metadata.schema.to_arrow_schema()
        chosen = {word: header.names[index] for word, index in choose(list(header.names)).items()}
        twice = {name for name in chosen.values() if header.names.count(name) > 1}
        if twice:
            raise ValueError(f"more than one column is called {', '.join(sorted(twice))}")
        texts = [path for name in chosen.values() for path in _text_paths(pa, header.field(name))]
        columns = list(dict.fromkeys(chosen.values()))
        require_modest_pages(source, metadata.schema, columns)
        file = parquet.ParquetFile(source, metadata=metadata, read_dictionary=texts)
        taken = 0
        for batch in file.iter_batches(batch_size=_ROWS, columns=columns, use_threads=False):
            for row in take_rows(batch, chosen):
                taken += 0 if isinstance(row, ValueError) else sum(map(_size, row.values()))
                if taken > _MAX_TAKEN:
                    raise ValueError(
                        f"photos and texts of over {_MAX_TAKEN / 1e9:.0f} GB: score it in parts, "
                        "or with imgfit.score_dataset"
                    )
                yield row


def take_rows(table: Any, chosen: Mapping[str, str | int]) -> Iterator[dict[str, Any] | ValueError]:
    """Take rows out of Arrow, each by itself, so that a bad one costs no other.

    Args:
        table: A ``pyarrow.Table`` or ``RecordBatch``.
        chosen: Columns, by name or index, under the names that they are to have.

    Yields:
        A row: values by the chosen names; or why this row cannot be taken.
    """
    columns = {word: table.column(name) for word, name in chosen.items()}
    for place in range(table.num_rows):
        try:
            yield {word: _value(column[place]) for word, column in columns.items()}
        except ValueError as error:
            yield error
        except Exception as error:  # noqa: BLE001 - days and spans that Python has no words for
            yield ValueError(str(said_by(error)))


def cells_of(row: Mapping[str, Any]) -> dict[str, str | bytes]:
    """Return a row of values as a manifest's cells.

    Args:
        row: Values as Arrow gives them to Python, by word.

    Returns:
        Text, stripped, or bytes as they are. An image as Hugging Face's datasets keep it, a struct
        of ``bytes`` and ``path``, is its bytes, if there are any, and the path names the row where
        nothing else does.

    Raises:
        ValueError: The photo is neither a path nor bytes, but pixels, say.
    """
    cells = {word: _cell(value) for word, value in row.items()}
    photo = row.get("photo")
    if not isinstance(photo, (str, bytes, dict, type(None))):
        raise ValueError(f"the photo is a {type(photo).__name__}, not a path or a file's bytes")  # noqa: TRY004 - a bad row, as all others
    if isinstance(photo, dict) and isinstance(cells["photo"], bytes) and not cells.get("id"):
        cells["id"] = _cell(photo.get("path"))
    return cells


def _cell(value: Any) -> str | bytes:
    if isinstance(value, dict) and value.keys() <= {"bytes", "path"}:
        value = value.get("path") if value.get("bytes") is None else value["bytes"]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    return "" if value is None else str(value).strip()


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a row to the schema: facts as text, and no text that is no Unicode."""
    told = {
        name: [
            {
                "code": told["code"],
                "facts": [(key, _fact(value)) for key, value in told.items() if key != "code"],
            }
            for told in row[name]
        ]
        for name in ("reasons", "hints")
    }
    windows = [{**window, "text": encodable(window["text"])} for window in row["windows"]]
    texts = {key: encodable(value) for key, value in row.items() if isinstance(value, str)}
    return {**row, **texts, **told, "windows": windows}


def _fact(value: Any) -> str:
    return encodable(value) if isinstance(value, str) else json.dumps(value)


def _text_paths(pa: Any, field: Any, prefix: str = "") -> list[str]:
    """Name the columns of text or bytes in a field, those in structs by their path."""
    name = f"{prefix}{field.name}"
    if pa.types.is_struct(field.type):
        return [path for inner in field.type for path in _text_paths(pa, inner, f"{name}.")]
    kinds = (pa.types.is_string, pa.types.is_binary)
    return [name] if any(kind(field.type) for kind in kinds) else []


def _value(scalar: Any) -> Any:
    """Take a value out of Arrow if it is not too large; a row that all share is looked at first."""
    if not scalar.is_valid:
        return None
    kind = type(scalar).__name__
    if kind == "DictionaryScalar":
        return _value(scalar.value)
    if kind == "StructScalar":
        return {name: _value(scalar[name]) for name in scalar}
    if hasattr(scalar, "as_buffer"):
        size = scalar.as_buffer().size
        if size > _MAX_VALUE:
            raise ValueError(f"a value of {size / 1e6:.0f} MB, limit {_MAX_VALUE / 1e6:.0f} MB")
    elif kind in ("ListScalar", "LargeListScalar", "FixedSizeListScalar", "MapScalar"):
        raise ValueError("a list where one value is needed")
    return scalar.as_py()


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_size(inner) for inner in value.values())
    return len(value) if isinstance(value, (bytes, str)) else 8
