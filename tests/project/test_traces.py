"""What a run leaves on the disk, and that it asks nothing of a network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import imgfit.lazily

EXAMPLES = Path(__file__).parents[2] / "examples/drafts"
PHOTO = str(EXAMPLES / "kucing.png")
COMMANDS = {
    "check": ["check", str(EXAMPLES)],
    "report": ["check", str(EXAMPLES), "--report", "page.html"],
    "explain": ["explain", PHOTO, "-c", "Seekor kucing menatap kamera", "-o", "heat.png"],
}
ASKED_FOR = {"check": set[str](), "report": {"work/page.html"}, "explain": {"work/heat.png"}}
# Refuses every address that is not a file of this machine, and says who asked.
GUARDED = """
import socket, sys
def refuse(*asked, **_):
    sys.stderr.write(f"NETWORK {asked}\\n")
    raise AssertionError("network")
class Guarded(socket.socket):
    connect = connect_ex = sendto = bind = refuse
socket.socket = Guarded
socket.getaddrinfo = socket.gethostbyname = socket.create_connection = refuse
import time
from imgfit.cli import main
try:
    main()
finally:
    time.sleep(float(sys.argv[0]))
"""


def run(folder: Path, *arguments: str, wait: float = 0) -> subprocess.CompletedProcess[str]:
    """Run the command in a home of its own; no variable says that this is a test machine."""
    places = {
        "HOME": "home",
        "TMPDIR": "tmp",
        "XDG_CACHE_HOME": "home/.cache",
        "XDG_CONFIG_HOME": "home/.config",
        "XDG_DATA_HOME": "home/.local/share",
        "XDG_STATE_HOME": "home/.local/state",
        "XDG_RUNTIME_DIR": "run",
    }
    for place in (*places.values(), "work"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    environment = kept | {name: str(folder / place) for name, place in places.items()}
    code = GUARDED.replace("sys.argv[0]", repr(str(wait)))
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment | {"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=folder / "work",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()}


@pytest.mark.parametrize("name", COMMANDS)
def test_without_a_cache_nothing_is_written_but_what_was_asked_for(
    tmp_path: Path, name: str
) -> None:
    done = run(tmp_path, *COMMANDS[name], "--no-cache")
    assert done.returncode in (0, 1), done.stderr
    assert files(tmp_path) == ASKED_FOR[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_with_a_cache_its_one_file_is_written(tmp_path: Path, name: str) -> None:
    done = run(tmp_path, *COMMANDS[name])
    assert done.returncode in (0, 1), done.stderr
    assert files(tmp_path) == ASKED_FOR[name] | {"home/.cache/imgfit/embeddings.sqlite"}


def test_nothing_connects_even_after_the_time_that_telemetry_waits(tmp_path: Path) -> None:
    # ONNX Runtime's telemetry looks its address up nine seconds after it is imported.
    done = run(tmp_path, *COMMANDS["check"], "--no-cache", wait=11)
    assert done.returncode == 1
    assert "NETWORK" not in done.stderr
    assert files(tmp_path) == set()


def test_telemetry_is_off_while_a_library_is_imported_and_the_environment_is_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR", raising=False)
    before = dict(os.environ)
    with imgfit.lazily.environment_kept():
        assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
        os.environ["SET_BY_A_LIBRARY"] = "1"
    assert dict(os.environ) == before
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    with imgfit.lazily.environment_kept():
        assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "0"


def test_every_import_of_onnxruntime_is_made_with_its_telemetry_off() -> None:
    source = Path(imgfit.lazily.__file__).parent
    found = []
    for path in sorted(source.rglob("*.py")):
        lines = path.read_text("utf-8").splitlines()
        for number, line in enumerate(lines):
            if line.strip().startswith(("import onnxruntime", "from onnxruntime")):
                found.append(path.name)
                assert "with environment_kept()" in lines[number - 1], f"{path}:{number + 1}"
    assert found == ["onnx_int8.py", "onnx_towers.py"]
