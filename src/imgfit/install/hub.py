"""Files from a hub that speaks Hugging Face's protocol. huggingface_hub is imported here.

Files are asked for by commit, received into a file beside their place, and compared with the
digest that the hub announced. Interrupted downloads resume where they stopped, even in a later
run: huggingface_hub's own downloads would begin again, so its resumable request is used, and a
part is named by the digest of the whole.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from imgfit.errors import (
    HubBrokenError,
    HubError,
    HubOfflineError,
    HubRefusedError,
    HubUnreachableError,
    HubUnsafeError,
    ImgfitError,
    ModelBusyError,
    ModelSpaceError,
)
from imgfit.language import Phrase
from imgfit.models import is_repository
from imgfit.printable import said_by
from imgfit.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from imgfit.models import ModelName

    # Called with a file's name, the bytes received and all its bytes.
    Progress = Callable[[str, int, int], None]

ENDPOINT = "https://huggingface.co"
_YES = {"1", "ON", "YES", "TRUE"}
# Neither absolute nor a drive's, and with no part that is empty.
_SAFE_PATH = re.compile(r"(?![A-Za-z]:)[^/\\\0]+(/[^/\\\0]+)*")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_DIGEST = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_TIMEOUT = 30.0
_REFUSED = (400, 401, 403, 404, 410, 451)
_BEYOND_END = 416
_CHUNK = 1 << 20
# A connection that brings nothing is tried so many times, with a pause between.
_TRIES = 2
_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file as the hub announces it.

    Attributes:
        path: Its path in the repository.
        size: Bytes.
        digest: SHA-256 of a large file, git's SHA-1 of a small one, in hex.
    """

    path: str
    size: int
    digest: str

    def matches(self, place: Path) -> bool:
        """Tell whether a file on disk is this one."""
        if not place.is_file() or place.stat().st_size != self.size:
            return False
        large = len(self.digest) == hashlib.sha256().digest_size * 2
        digest = hashlib.sha256() if large else hashlib.sha1(usedforsecurity=False)
        if not large:
            digest.update(f"blob {self.size}\0".encode())
        with place.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest() == self.digest


@dataclass(frozen=True, slots=True)
class HubRepository:
    """A repository at one commit.

    Attributes:
        name: Such as ``"org/name"``.
        revision: The commit.
        licence: From its model card; None if that gives none.
        files: By path.
    """

    name: str
    revision: str
    licence: str | None
    files: dict[str, HubFile]


class Hub:
    """A hub, asked for the files of one model."""

    def __init__(self, model: ModelName, *, endpoint: str | None = None) -> None:
        """Prepare; nothing is asked yet.

        Args:
            model: The model to fetch.
            endpoint: The hub's address; the environment's ``HF_ENDPOINT`` or Hugging Face's own
                if not given.

        Raises:
            HubOfflineError: The environment forbids the network.
        """
        self.model = model
        self.endpoint = (endpoint or os.environ.get("HF_ENDPOINT") or ENDPOINT).rstrip("/")
        from huggingface_hub import constants  # noqa: PLC0415 - when first needed

        if constants.HF_HUB_OFFLINE or any(
            os.environ.get(name, "").upper() in _YES
            for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
        ):
            raise HubOfflineError(model=model.asked, place=model.place)
        # No token is sent, and nothing about this machine but imgfit's version.
        self._headers = {"user-agent": f"imgfit/{__version__}", "accept-encoding": "identity"}

    def open(self, name: str, revision: str | None = None) -> HubRepository:
        """Look at a repository.

        Args:
            name: Its name.
            revision: A commit, branch or tag; the main branch if not given.

        Returns:
            Its files at that commit.

        Raises:
            HubError: It cannot be looked at, or a name in it leads outside.
        """
        if not is_repository(name):
            raise HubUnsafeError(what=self.model.name, name=name)
        from huggingface_hub import HfApi  # noqa: PLC0415

        api = HfApi(endpoint=self.endpoint, token=False, headers=self._headers)
        with self._told(name):
            info = api.model_info(
                name, revision=revision, timeout=_TIMEOUT, files_metadata=True, token=False
            )
            found = [self._file(name, sibling) for sibling in info.siblings or ()]
            commit = str(info.sha)
            if not _COMMIT.fullmatch(commit):
                raise self._broken(name, _phrase("komitnya", "its commit is", repr(commit[:80])))
            licence = next((t[8:] for t in info.tags or () if t.startswith("license:")), None)
        return HubRepository(name, commit, licence, {file.path: file for file in found})

    def fetch(
        self,
        repository: HubRepository,
        path: str,
        into: Path,
        *,
        progress: Progress | None = None,
    ) -> Path:
        """Receive a file, or the missing rest of it.

        Args:
            repository: Where it is.
            path: Its path there.
            into: Folder that received files are kept in, named by their digests.
            progress: Called as bytes come in.

        Returns:
            The file, whose digest is the announced one.

        Raises:
            HubUnreachableError: The connection broke; the part received is kept.
            HubBrokenError: The file is not the announced one; it is removed.
            HubError: The hub does not give it.
            ModelSpaceError: The disk is full.
        """
        file = repository.files[path]
        whole = into / file.digest
        if file.matches(whole):
            return whole
        part = into / f"{file.digest}.part"
        try:
            if part.is_file() and part.stat().st_size > file.size:
                part.unlink()
            fruitless = 0
            while True:
                with part.open("ab") as out, self._quiet():
                    have = out.tell()
                    try:
                        with self._told(path):
                            self._receive(repository, file, out, progress)
                        break
                    except HubUnreachableError:
                        # Not every release of the library tries again by itself.
                        fruitless = 0 if out.tell() > have else fruitless + 1
                        if fruitless == _TRIES:
                            raise
                time.sleep(_PAUSE_SECONDS)
        except HubBrokenError:
            part.unlink(missing_ok=True)
            raise
        if not file.matches(part):
            part.unlink()
            raise self._broken(path, _phrase("sidiknya bukan", "its digest is not", file.digest))
        part.replace(whole)
        return whole

    def _receive(
        self,
        repository: HubRepository,
        file: HubFile,
        out: BinaryIO,
        progress: Progress | None,
    ) -> None:
        """Ask for a file from where it broke off."""
        from huggingface_hub.file_download import hf_hub_url, http_get  # noqa: PLC0415

        have = out.tell()
        if have == file.size:
            return
        url = hf_hub_url(
            repository.name, file.path, revision=repository.revision, endpoint=self.endpoint
        )

        def count(done: int) -> None:
            if done > file.size:
                more = Phrase(
                    id=f"datang lebih dari {file.size} bita", en=f"more than {file.size} bytes came"
                )
                raise self._broken(file.path, more)
            if progress is not None:
                progress(file.path, done, file.size)

        http_get(
            url,
            _Counted(out, count),  # type: ignore[arg-type]
            resume_size=have,
            headers=dict(self._headers),
            expected_size=file.size,
            displayed_filename=file.path,
        )

    def _file(self, repository: str, sibling: Any) -> HubFile:
        """Read how the hub announces a file."""
        path, size = sibling.rfilename, sibling.size
        parts = path.split("/") if isinstance(path, str) else [".."]
        if not _SAFE_PATH.fullmatch(str(path)) or {".", ".."} & set(parts):
            raise HubUnsafeError(what=f"{self.endpoint}/{repository}", name=repr(path))
        large = sibling.lfs
        digest = large["sha256"] if isinstance(large, dict) else getattr(large, "sha256", None)
        digest = digest or sibling.blob_id
        if not isinstance(size, int) or size < 0 or not _DIGEST.fullmatch(str(digest)):
            cause = Phrase(
                id=f"{path} diumumkan tanpa ukuran atau sidik",
                en=f"{path} is announced without size or digest",
            )
            raise self._broken(repository, cause)
        return HubFile(path, size, digest)

    def _broken(self, what: str, cause: str | Phrase) -> HubBrokenError:
        return HubBrokenError(what=what, endpoint=self.endpoint, cause=cause)

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """Keep the library's own bars and remarks off: imgfit says what happens."""
        from huggingface_hub import utils  # noqa: PLC0415

        bars: Any = utils
        shown = not bars.are_progress_bars_disabled()
        log = logging.getLogger("huggingface_hub")
        level = log.level
        log.setLevel(logging.ERROR)
        if shown:
            bars.disable_progress_bars()
        try:
            yield
        finally:
            log.setLevel(level)
            if shown:
                bars.enable_progress_bars()

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Turn whatever the library raises, which differs by version, into an error of imgfit's."""
        from huggingface_hub import errors  # noqa: PLC0415

        try:
            yield
        except ImgfitError:
            raise
        except errors.OfflineModeIsEnabled as error:
            raise HubOfflineError(model=self.model.asked, place=self.model.place) from error
        except (errors.HFValidationError, errors.HfHubHTTPError) as error:
            raise self._from_status(what, error) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._broken(what, said_by(error)) from error
        except Exception as error:  # requests', httpx's or httpx2's, and the system's
            raise self._unreachable(what, error) from error

    def _from_status(self, what: str, error: Exception) -> HubError:
        status = getattr(getattr(error, "response", None), "status_code", None)
        if status == _BEYOND_END:
            cause = Phrase(
                id="berkas berakhir sebelum ukuran yang diumumkan",
                en="the file ends before its announced size",
            )
            return self._broken(what, cause)
        if status is None or status in _REFUSED:
            said = said_by(error) if status is None else f"HTTP {status}"
            return HubRefusedError(what=what, endpoint=self.endpoint, cause=said)
        return self._unreachable(what, error)

    def _unreachable(self, what: str, error: Exception) -> HubUnreachableError:
        return HubUnreachableError(
            what=what,
            endpoint=self.endpoint,
            cause=said_by(error),
            model=self.model.asked,
            place=self.model.place,
        )


def _phrase(indonesian: str, english: str, value: str) -> Phrase:
    return Phrase(id=f"{indonesian} {value}", en=f"{english} {value}")


class _Counted:
    """A file wrapper that reports progress and turns disk errors into ours."""

    def __init__(self, file: BinaryIO, count: Callable[[int], None]) -> None:
        self._file = file
        self._count = count

    def write(self, data: bytes) -> int:
        self._count(self._file.tell() + len(data))
        try:
            return self._file.write(data)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise ModelSpaceError(
                    folder=self._file.name, needed=f"{len(data) / 1e6:.1f}", free=0
                ) from error
            raise ModelBusyError(place=self._file.name, cause=said_by(error)) from error

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def truncate(self, size: int | None = None) -> int:
        return self._file.truncate(size)
