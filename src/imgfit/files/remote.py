"""Files behind addresses (``s3://``, ``gs://`` and the like), through fsspec, when one is given.

Nothing here looks for addresses by itself: the caller of imgfit gives one, and so allows its scheme
and its folder. Names in a stranger's manifest are looked up in that folder only.
"""

from __future__ import annotations

import os
import posixpath
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO

from imgfit.errors import ArgumentError
from imgfit.files.bounded import OversizeError
from imgfit.files.extras import needing
from imgfit.language import Phrase
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    FilePath: TypeAlias = "os.PathLike[str]"

# Object stores, and fsspec's own memory. No http: a server may redirect to any other, and a name
# may mean another place once it is decoded. No chains (``zip::s3://``): each link is one more
# reader of a stranger's bytes.
SCHEMES = ("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "hdfs", "memory")
# What fsspec calls this machine's own files; those are read without it.
LOCAL_SCHEMES = ("file", "local")
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RemoteFile(os.PathLike[str]):
    """A file, or a folder of files, behind an address.

    Attributes:
        address: The address, normalised: no ``.``, ``..`` or empty part in its path.
    """

    address: str
    _files: Any = field(repr=False, compare=False)

    @classmethod
    def at(cls, address: str) -> RemoteFile:
        """Make ready to read from an address; nothing is read yet.

        Args:
            address: Such as ``"s3://bucket/posts/manifest.csv"``.

        Returns:
            The file or folder there, whether or not there is one.

        Raises:
            ArgumentError: The scheme is not one of `SCHEMES`, or the path leaves its own start.
            PackageMissingError: fsspec, or its part for this scheme, is not installed.
        """
        found = _ADDRESS.fullmatch(address)
        scheme = found.group(1).lower() if found else ""
        path = _normal(found.group(2)) if found else None
        if scheme not in SCHEMES or not path:
            schemes = ", ".join(SCHEMES)
            needed = Phrase(
                id=f"alamat harus diawali salah satu dari {schemes}, lalu jalur",
                en=f"an address begins with one of {schemes}, then a path",
            )
            raise ArgumentError(argument="address", value=address, needed=needed)
        with needing("remote", f"{scheme}://"):
            import fsspec  # noqa: PLC0415 - an extra

            files = fsspec.filesystem(scheme)
        return cls(f"{scheme}://{path}", files)

    @property
    def name(self) -> str:
        """The last part of the address."""
        return PurePosixPath(self.address).name

    @property
    def suffix(self) -> str:
        """The ending of the name, with its dot."""
        return PurePosixPath(self.address).suffix

    @property
    def parent(self) -> RemoteFile:
        """The folder that the file is in."""
        return RemoteFile(self.address.rpartition("/")[0], self._files)

    def inside(self, name: str) -> RemoteFile | None:
        """Look a name up in this folder.

        Args:
            name: A relative path, or the address of a file in this folder.

        Returns:
            The file; None if the name leads out of the folder.
        """
        if _ADDRESS.fullmatch(name):
            name = name.removeprefix(f"{self.address}/") if name.startswith(self.address) else ".."
        path = None if name.startswith("/") or _ADDRESS.fullmatch(name) else _normal(name)
        return RemoteFile(f"{self.address}/{path}", self._files) if path else None

    def read_bytes(self, limit: int) -> bytes:
        """Read the whole file in one request.

        Args:
            limit: Most bytes it may have.

        Returns:
            Its bytes.

        Raises:
            OSError: It cannot be read; a `FileNotFoundError` if there is no such file.
            OversizeError: It is over the limit; no more than a byte above it was read.
        """
        with _as_os_error():
            data = bytes(self._files.cat_file(self.address, start=0, end=limit + 1))
        if len(data) > limit:
            raise OversizeError(None, limit)
        return data

    def size(self) -> int | None:
        """Ask the store for the file's size.

        Returns:
            Bytes; None if the store does not tell.

        Raises:
            OSError: It cannot be asked; a `FileNotFoundError` if there is no such file.
        """
        with _as_os_error():
            size = self._files.info(self.address).get("size")
        return size if isinstance(size, int) else None

    def open(self) -> BinaryIO:
        """Open the file for reading at any place in it.

        Returns:
            The open file.

        Raises:
            OSError: It cannot be opened; a `FileNotFoundError` if there is no such file.
        """
        with _as_os_error():
            opened: BinaryIO = self._files.open(self.address, "rb")
        return opened

    def __fspath__(self) -> str:
        return self.address

    def __str__(self) -> str:
        return self.address

    def __reduce__(self) -> tuple[object, ...]:
        return (RemoteFile.at, (self.address,))


def place_of(path: str | os.PathLike[str]) -> Path | RemoteFile:
    """Return what a path or an address given by the user stands for; nothing is read yet.

    Args:
        path: A path, ``file:///`` and a path, or an address as in `RemoteFile.at`.

    Returns:
        A place on this machine, or a file or folder behind an address.

    Raises:
        ArgumentError: The scheme is not one of `SCHEMES`, the path leaves its own start, or an
            address of this machine is not a whole path.
        PackageMissingError: fsspec, or its part for this scheme, is not installed.
    """
    if isinstance(path, RemoteFile):
        return path
    found = _ADDRESS.fullmatch(os.fspath(path))
    if found is None:
        return Path(path)
    if found.group(1).lower() in LOCAL_SCHEMES:
        local = Path(found.group(2).removeprefix("/") if os.name == "nt" else found.group(2))
        if not local.is_absolute() or "\0" in found.group(2):
            needed = Phrase(
                id="tulis file:/// lalu jalur lengkap di komputer ini",
                en="write file:/// and a whole path on this machine",
            )
            raise ArgumentError(argument="address", value=path, needed=needed)
        return local
    return RemoteFile.at(os.fspath(path))


@contextmanager
def _as_os_error() -> Iterator[None]:
    """Turn each store's own errors into the one kind that a file's reader expects."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(str(said_by(error))) from error


def _normal(path: str) -> str | None:
    """Take out empty parts and dots; None where the path leaves its own start, or is none."""
    if "\0" in path or "\\" in path:
        return None
    normal = posixpath.normpath(path.lstrip("/")) if path.strip("/") else ""
    return None if normal in ("", ".", "..") or normal.startswith("../") else normal
