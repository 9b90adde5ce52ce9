"""Files are read whole or refused, and nothing else is opened."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from imgfit.files.bounded import OversizeError, open_regular, read_regular

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices")


@pytest.mark.parametrize("size", [0, 1, 99, 100])
def test_a_file_within_its_limit_is_read_whole(tmp_path: Path, size: int) -> None:
    (tmp_path / "a").write_bytes(bytes(range(size)))
    assert read_regular(tmp_path / "a", 100) == bytes(range(size))


def test_a_file_over_its_limit_says_how_large_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(101))
    with pytest.raises(OversizeError, match=r"over 0\.0001 MB") as caught:
        read_regular(tmp_path / "a", 100)
    assert caught.value.size == 101


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").symlink_to("a")
    assert read_regular(tmp_path / "b", 100) == b"x"


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "/dev/stdin", "/tmp", "/proc/self/cwd"])  # noqa: S108
def test_devices_and_folders_are_no_files(name: str) -> None:
    with pytest.raises((ValueError, OSError)):
        read_regular(Path(name), 100)


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="Linux")  # noqa: PTH110
@pytest.mark.parametrize("name", ["/proc/self/status", "/proc/self/pagemap", "/proc/self/maps"])
def test_a_file_that_says_it_is_empty_and_is_not_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="changed while it was read"):
        read_regular(Path(name), 10**9)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for read in (lambda path: read_regular(path, 100), open_regular):
        with pytest.raises(ValueError, match="not a file"):
            read(tmp_path / "pipe")
