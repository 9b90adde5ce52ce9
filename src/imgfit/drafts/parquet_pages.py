"""How much the pages of a Parquet file hold, found before they are unpacked.

A page is unpacked as a whole, and 46 kB may say that they are 1.5 GB, which took 6 GB of memory
to find out. So the header of each page is read first. pyarrow tells where pages are only by an
accessor that ends the process where a file contradicts itself (26.0.1, found by fuzzing), so the
file's footer is read here too. Both are Thrift's compact protocol
(https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md), laid out as
https://parquet.apache.org/docs/file-format/ says. Anything that two readers could understand in
two ways, such as a field that is there twice, is refused.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imgfit.language import Phrase

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import BinaryIO, TypeAlias

    # A struct: type and value by field number.
    Fields: TypeAlias = dict[int, tuple[int, Any]]

# A footer of 20,000 columns has 6 MB.
_MAX_FOOTER = 20_000_000
# A header holds sizes and the least and greatest value, which writers leave out or cut when long.
_MAX_HEADER = 1_000_000
_FIRST_READ = 512
_MOST_NESTED = 12
_MAGIC = b"PAR1"

# Types of the compact protocol.
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST = range(1, 10)
_STRUCT = 12
# Fields of Parquet's structs: the file, a row group, a column's chunk, its facts, a page's header.
_ROW_GROUPS, _CHUNKS, _FACTS = 4, 1, 3
_PACKED_CHUNK, _DATA_AT, _DICTIONARY_AT = 7, 9, 11
_UNPACKED, _PACKED = 2, 3


@dataclass(frozen=True, slots=True)
class ParquetLimits:
    """How much a Parquet file may hold; sizes in bytes.

    Attributes:
        value: One value; the most that a photo may have.
        taken: All values of a manifest, which a run on one machine holds at once.
        page: A page as it is unpacked. Writers end a page after a megabyte, but look at its size
            only now and then: pyarrow's hold up to a thousand photos.
        pages: Number of pages of the columns that are read; at a megabyte each, a hundred times
            ``taken``.
    """

    value: int = 100_000_000
    taken: int = 2_000_000_000
    page: int = 500_000_000
    pages: int = 200_000


LIMITS = ParquetLimits()


def _phrased(indonesian: str, english: str) -> ValueError:
    return ValueError(Phrase(id=indonesian, en=english))


def require_modest_pages(
    file: BinaryIO, schema: Any, columns: Collection[str], limits: ParquetLimits = LIMITS
) -> None:
    """Refuse a Parquet file that has a page too large to be unpacked.

    Args:
        file: The open file.
        schema: Its ``pyarrow.parquet.ParquetSchema``.
        columns: Names of the columns at the top that are to be read.
        limits: How large and how many pages may be.

    Raises:
        ValueError: A page is too large, there are too many, or one is not where it should be.
        OSError: The file cannot be read.
    """
    # Names hold dots as they like, so a column may be looked at for its namesake's sake.
    wanted = [
        any(f"{schema.column(number).path}.".startswith(f"{name}.") for name in columns)
        for number in range(len(schema))
    ]
    size, footer = _footer(file)
    pages = 0
    for group in _get(footer, _ROW_GROUPS, _LIST):
        chunks = _get(group, _CHUNKS, _LIST)
        if len(chunks) != len(wanted):
            raise _phrased(
                "kelompok baris tidak memiliki kolom-kolom berkasnya",
                "a row group does not have the columns of the file",
            )
        for chunk, is_wanted in zip(chunks, wanted, strict=True):
            if not is_wanted:
                continue
            at, end = _place(_get(chunk, _FACTS, _STRUCT))
            if not 0 < at <= end <= size:
                raise _phrased(
                    "sebuah kolom terletak di luar berkas", "a column lies outside the file"
                )
            while at < end:
                pages += 1
                if pages > limits.pages:
                    raise _phrased(
                        f"lebih dari {limits.pages} halaman", f"over {limits.pages} pages"
                    )
                at = _next_page(file, at, end, limits.page)


def _footer(file: BinaryIO) -> tuple[int, Fields]:
    """Return the file's size and what its footer says."""
    tail = len(_MAGIC) + 4
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - tail))
    last = file.read(tail)
    many = int.from_bytes(last[:4], "little")
    if last[4:] != _MAGIC or many > min(size - tail, _MAX_FOOTER):
        raise _phrased(
            "bagian akhirnya bukan milik berkas Parquet, atau terlalu besar",
            "it does not end as a Parquet file does, or its footer is too large",
        )
    file.seek(size - tail - many)
    try:
        return size, _Reader(file.read(many)).struct()
    except IndexError:
        raise _phrased("bagian akhirnya terpotong", "its footer is cut off") from None


def _place(facts: Fields) -> tuple[int, int]:
    """Return where a column's chunk begins and ends."""
    at: int = _get(facts, _DATA_AT, _I64)
    if _DICTIONARY_AT in facts:
        dictionary = _get(facts, _DICTIONARY_AT, _I64)
        at = min(at, dictionary) if dictionary > 0 else at
    return at, at + _get(facts, _PACKED_CHUNK, _I64)


def _next_page(file: BinaryIO, at: int, end: int, limit: int) -> int:
    """Look at the page at a place, and return the place after it."""
    many = _FIRST_READ
    while True:
        file.seek(at)
        reader = _Reader(file.read(min(many, end - at)))
        try:
            header = reader.struct()
            break
        except IndexError:
            if many >= min(_MAX_HEADER, end - at):
                raise _phrased("kepala halaman terpotong", "a page's header is cut off") from None
            many *= 8
    unpacked: int = _get(header, _UNPACKED, _I32)
    packed: int = _get(header, _PACKED, _I32)
    if unpacked < 0 or packed < 0:
        raise _phrased("halaman berukuran negatif", "a page of negative size")
    if unpacked > limit:
        raise _large_page(unpacked, limit)
    return at + reader.at + packed


def _large_page(size: int, limit: int) -> ValueError:
    written, most = f"{size / 1e6:.0f} MB", f"{limit / 1e6:.0f} MB"
    return _phrased(
        f"halaman sebesar {written}, batas {most}: tulis dengan kelompok baris yang lebih kecil, "
        "di pyarrow row_group_size=100",
        f"a page of {written}, limit {most}: write it with smaller row groups, in pyarrow "
        "row_group_size=100",
    )


def _get(fields: Any, field: int, kind: int) -> Any:
    """Return a field's value; other readers pass over a field of another type."""
    if not isinstance(fields, dict) or fields.get(field, (0,))[0] != kind:
        raise _phrased(
            "bagian akhirnya atau kepala halaman kurang lengkap",
            "its footer or a page's header lacks something",
        )
    return fields[field][1]


class _Reader:
    """Reads the compact protocol; raises `IndexError` if the bytes end too soon.

    Attributes:
        at: The place after the bytes that were read.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def struct(self, depth: int = 0) -> Fields:
        """Read a struct."""
        if depth > _MOST_NESTED:
            raise _phrased("bersarang terlalu dalam", "nested too deeply")
        found: Fields = {}
        field = 0
        while (head := self._byte()) != 0:
            step, kind = head >> 4, head & 15
            field = field + step if step else self._whole()
            if field in found or not 0 < field < 1 << 15:
                raise _phrased(
                    "bidang yang berulang atau tak bernomor", "a field twice, or without a number"
                )
            # Whether a value is true or false is in its type.
            value = None if kind in (_TRUE, _FALSE) else self._value(kind, depth)
            found[field] = (kind, value)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (_I16, _I32, _I64):
            return self._whole()
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind == _LIST:
            return self._list(depth + 1)
        if kind in (_TRUE, _FALSE, _BYTE, _DOUBLE):
            return self._bytes(8 if kind == _DOUBLE else 1)
        # Sets and maps among them.
        raise _phrased("jenis yang tidak dipakai Parquet", "a type that Parquet does not use")

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        many = head >> 4
        if many == 15:
            many = self._varint()
        if many > len(self._data) - self.at:  # each takes a byte at least
            raise IndexError
        return [self._value(head & 15, depth) for _ in range(many)]

    def _bytes(self, many: int) -> bytes:
        self.at += many
        if self.at > len(self._data):
            raise IndexError
        return self._data[self.at - many : self.at]

    def _byte(self) -> int:
        return self._bytes(1)[0]

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise _phrased("bilangan tanpa akhir", "a number without end")

    def _whole(self) -> int:
        """Read a whole number, whose sign is its last bit."""
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
