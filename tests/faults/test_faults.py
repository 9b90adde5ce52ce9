"""Nothing is lost or torn by a kill, a full disk, a lock, a wrong clock or too little memory."""

from __future__ import annotations

import ast
import errno
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from imgfit import EmbeddingCache
from imgfit.encoders.loading import load_encoder
from imgfit.encoders.onnx_export import open_export
from imgfit.errors import ArgumentError, ExportError
from imgfit.files.writing import write_whole
from imgfit.reports.rows import write_rows
from tests.conftest import fake_calibration, fake_cohort, own_drafts, save_photo
from tests.support.faults import ROOT, Commands, Done, drafts, kill_runs, share_cache
from tests.support.tiny import CONV, STORED_TEXT, configuration, write_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imgfit.checker import Checker
    from tests.conftest import FakeEncoder

resource = pytest.importorskip("resource", reason="these are faults of POSIX systems")

SHELL = shutil.which("sh") or "sh"
NOTE = "drafts of this batch are similar"


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    with Commands(tmp_path_factory.mktemp("commands")) as started:
        yield started


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drafts(tmp_path_factory.mktemp("photos"), 30)


@pytest.fixture(scope="module")
def plain(commands: Commands, photos: Path) -> Done:
    """What a run says that nothing disturbs."""
    done = commands.run("check", photos, "--json", "--lang", "en", "--no-cache")
    assert done.code == 1
    assert len(done.out.splitlines()) == 30
    assert done.encoded == 27
    return done


def complaints(done: Done) -> list[str]:
    return [line for line in done.err.splitlines() if NOTE not in line]


@contextmanager
def small_disk(place: Path, kilobytes: int, *more: str) -> Iterator[Path]:
    """A file system of its own, where this user may mount one."""
    place.mkdir()
    options = ",".join([f"size={kilobytes}k", *more])
    made = mount("mount", "-t", "tmpfs", "-o", options, "tmpfs", place)
    if made.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
    try:
        yield place
    finally:
        mount("umount", place).check_returncode()


def mount(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"there is no {program} here")
    command = [found, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    """Let the system refuse to write more than some bytes to any file of this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# --- killed and stopped --------------------------------------------------------------------------


def test_runs_killed_at_random_moments_end_as_an_undisturbed_one(
    commands: Commands, tmp_path: Path
) -> None:
    found = kill_runs(commands, tmp_path, kills=8, count=30, seed=8)
    assert found.wrong == found.torn == 0
    assert [line for line in found.complaints if NOTE not in line] == []
    assert found.landed >= 8
    assert found.kept > 0


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_stopped_run_says_so_and_keeps_what_was_embedded(
    commands: Commands, photos: Path, plain: Done, tmp_path: Path, *, number: int, code: int
) -> None:
    cached = ["check", photos, "--json", "--lang", "en", "--cache", tmp_path / "c"]
    output = ["--output", tmp_path / "rows.jsonl"]
    running = commands.start(*cached, *output, seconds_a_batch=0.2)
    running.wait_for(8)
    running.send(number)
    done = running.wait()
    assert done.code == code
    assert done.out == ""
    assert [line[:17] for line in done.err.splitlines()] == ["imgfit: stopped; "]
    assert [path.name for path in tmp_path.iterdir()] == ["c"]
    again = commands.run(*cached)
    assert again.out == plain.out
    assert again.encoded <= 27 - 8


def test_a_run_that_outlives_its_terminal_on_purpose_goes_on(
    commands: Commands, photos: Path, plain: Done
) -> None:
    running = commands.start(
        "check", photos, "--json", "--lang", "en", "--no-cache",
        prelude="import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)", seconds_a_batch=0.05,
    )  # fmt: skip
    running.wait_for(8)
    running.send(signal.SIGHUP)
    done = running.wait()
    assert (done.code, done.out) == (1, plain.out)


# --- several processes ---------------------------------------------------------------------------


def test_processes_that_share_a_cache_agree(commands: Commands, tmp_path: Path) -> None:
    alone, *together, last = share_cache(commands, tmp_path, processes=4, count=60)
    assert {done.out for done in (*together, last)} == {alone.out}
    assert {done.code for done in (*together, last)} == {1}
    assert [line for done in (*together, last) for line in complaints(done)] == []
    assert last.encoded == 0
    encoded = [done.encoded for done in together]
    assert 54 <= sum(encoded) <= 4 * 54
    with EmbeddingCache(tmp_path / "cache.sqlite") as cache:
        assert cache.info().rows["fake-1"] == 2 * 54


# --- standard streams ----------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_reader_that_has_seen_enough_is_no_error(
    commands: Commands, tmp_path: Path, form: str
) -> None:
    """As ``imgfit check photos | head -1``."""
    photos = drafts(tmp_path / "photos", 120)  # whose rows are more than a pipe holds
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    rows = tmp_path / "rows.jsonl"
    more = ["--json"] if form == "json" else []
    arguments = ["check", photos, "--no-cache", "--lang", "en", "--output", rows, *more]
    running = commands.start(*arguments, streams={1: pipe})
    with pipe.open() as reader:
        assert reader.readline()
    done = running.wait()
    assert done.code == 1
    assert [
        line for line in complaints(done) if "rows written" not in line and str(rows) not in line
    ] == []
    assert len(rows.read_text().splitlines()) == 120


@pytest.mark.parametrize("closed", [[0], [1], [2], [0, 1, 2]])
@pytest.mark.parametrize("form", ["table", "json"])
def test_a_closed_stream_is_nothing_and_no_file_takes_its_place(
    commands: Commands, photos: Path, plain: Done, tmp_path: Path, *, closed: list[int], form: str
) -> None:
    rows = tmp_path / "rows.jsonl"
    more = ["--json"] if form == "json" else []
    done = commands.run(
        "check", photos, "--cache", tmp_path / "c", "--lang", "en", "--output", rows, *more,
        streams=dict.fromkeys(closed),
    )  # fmt: skip
    assert done.code == 1
    assert "Traceback" not in done.err
    assert rows.read_text() == plain.out
    if form == "json" and 1 not in closed:
        assert done.out == plain.out
    with EmbeddingCache(tmp_path / "c") as cache:
        assert cache.info().rows["fake-1"] == 2 * 27  # photos, and a window a caption


def test_closed_streams_of_a_fresh_interpreter(tmp_path: Path) -> None:
    place = tmp_path / "c"
    EmbeddingCache(place).close()
    command = f"{sys.executable} -m imgfit cache info --cache {place} <&- >&- 2>&-"
    assert subprocess.run([SHELL, "-c", command], check=False, cwd=ROOT).returncode == 0
    command = f"{sys.executable} -m imgfit cache info --cache {place} > /dev/full"
    done = subprocess.run([SHELL, "-c", command], check=False, cwd=ROOT, capture_output=True)
    assert done.returncode == 2
    assert done.stderr.startswith(b"imgfit: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_full_disk_under_stdout_is_said_and_is_no_verdict(
    commands: Commands, photos: Path, tmp_path: Path, form: str
) -> None:
    rows = tmp_path / "rows.csv"
    more = ["--json"] if form == "json" else []
    done = commands.run(
        "check", photos, "--no-cache", "--lang", "en", "--output", rows, *more,
        streams={1: Path("/dev/full")},
    )  # fmt: skip
    assert done.code == 2
    assert done.err.splitlines()[-1].startswith("imgfit: ")
    assert "No space left" in done.err
    assert "Traceback" not in done.err
    assert rows.exists()


def test_what_nobody_foresaw_is_no_verdict(commands: Commands, photos: Path) -> None:
    """Python's own exit code for it is 1, which says that a draft is weak."""
    done = commands.run(
        "check", photos, "--no-cache",
        prelude="from imgfit import Checker\ndef broken(*a, **b): raise ZeroDivisionError\n"
        "Checker.load = broken",
    )  # fmt: skip
    assert done.code == 2
    assert "ZeroDivisionError" in done.err


# --- full disks ----------------------------------------------------------------------------------


@pytest.fixture
def writers(
    checker: Checker, encoder: FakeEncoder, tmp_path: Path
) -> dict[str, Callable[[Path], object]]:
    """Everything that writes a file of its own, by the file's name."""
    (tmp_path / "own").mkdir()
    own = own_drafts(tmp_path / "own", 40)
    batch = checker.check_drafts(own)
    explanation = checker.explain(own[0].photo or b"", own[0].caption or "", method="occlusion")
    cohort = fake_cohort(encoder)
    return {
        "rows.jsonl": lambda path: write_rows(batch, path),
        "rows.csv": lambda path: write_rows(batch, path),
        "page.html": lambda path: write_whole("<p>" * 40_000, path),
        "calibration.json": fake_calibration(encoder, cohort).save,
        "cohort.safetensors": cohort.save,
        "why.png": explanation.save,
    }


WRITTEN = [
    "rows.jsonl",
    "rows.csv",
    "page.html",
    "calibration.json",
    "cohort.safetensors",
    "why.png",
]


@pytest.mark.parametrize("name", WRITTEN)
def test_a_file_that_does_not_fit_leaves_the_old_one(
    writers: dict[str, Callable[[Path], object]], tmp_path: Path, name: str
) -> None:
    place = tmp_path / "out"
    place.mkdir()
    (place / name).write_text("lama")
    with no_file_over(1000), pytest.raises(ArgumentError, match=re.escape(name)):
        writers[name](place / name)
    assert (place / name).read_text() == "lama"
    assert [path.name for path in place.iterdir()] == [name]
    writers[name](place / name)
    assert (place / name).stat().st_size > 1000


@pytest.mark.parametrize("name", WRITTEN)
def test_a_full_disk_leaves_the_old_file(
    writers: dict[str, Callable[[Path], object]], tmp_path: Path, name: str
) -> None:
    with small_disk(tmp_path / "disk", 64) as place:
        (place / name).write_text("lama")
        fill(place / "junk")
        with pytest.raises(ArgumentError, match="No space left"):
            writers[name](place / name)
        assert (place / name).read_text() == "lama"
        assert sorted(path.name for path in place.iterdir()) == sorted([name, "junk"])


def fill(path: Path) -> None:
    """Leave no room on a file system."""
    with path.open("wb", buffering=0) as file:
        for _ in range(1000):
            try:
                file.write(b"." * 1024)
            except OSError as error:
                assert error.errno == errno.ENOSPC  # noqa: PT017 - any other is a surprise
                return
    raise AssertionError("the disk does not fill")


def test_only_these_places_write_files() -> None:
    """Anyone who writes a file past `write_whole` is listed here, with where it writes."""
    found = set()
    for path in sorted((ROOT / "src" / "imgfit").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
            modes = [m for m in texts if isinstance(m, str) and re.fullmatch("[rwaxbt+]{1,3}", m)]
            opens = name in ("open", "NamedTemporaryFile") and any(
                set(m) & set("wax+") for m in modes
            )
            if opens or name in ("write_text", "write_bytes", "mkdtemp", "mkstemp", "save_file"):
                found.add((path.relative_to(ROOT / "src" / "imgfit").as_posix(), name))
    assert found == {
        ("files/writing.py", "NamedTemporaryFile"),
        ("files/writing.py", "mkdtemp"),  # renamed when it is whole
        ("encoders/onnx_towers.py", "write_text"),  # into that folder
        ("install/archives.py", "open"),  # into such a folder, or a partial archive
        ("install/golden.py", "save_file"),  # into such a folder
        ("install/pickled.py", "save_file"),  # into such a folder
        ("install/hub.py", "open"),  # partial downloads, named by their digest
    }


@pytest.mark.parametrize(("option", "name"), [("--output", "a.jsonl"), ("--report", "a.html")])
def test_results_are_printed_though_their_file_cannot_be_written(
    commands: Commands, photos: Path, plain: Done, tmp_path: Path, *, option: str, name: str
) -> None:
    place = tmp_path / "out" / name
    place.parent.mkdir()
    place.write_text("lama")
    os.mkfifo(tmp_path / "pipe")  # which no limit of files holds back
    running = commands.start(
        "check", photos, "--json", "--lang", "en", "--no-cache", option, place,
        prelude="import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, -1))",
        streams={1: tmp_path / "pipe"},
    )  # fmt: skip
    printed = (tmp_path / "pipe").read_text()
    done = running.wait()
    assert (done.code, printed) == (2, plain.out)
    assert [line for line in complaints(done) if str(place) not in line] == []
    assert place.read_text() == "lama"
    assert list(place.parent.iterdir()) == [place]


@pytest.mark.parametrize("kilobytes", [48, 80, 160])
def test_a_cache_on_a_full_disk_is_done_without(
    commands: Commands, photos: Path, plain: Done, tmp_path: Path, kilobytes: int
) -> None:
    """At the smallest it cannot even begin, which is said as an error; it was asked for."""
    with small_disk(tmp_path / "disk", kilobytes) as place:
        cached = ["check", photos, "--json", "--lang", "en", "--cache", place / "c"]
        for _ in range(2):
            done = commands.run(*cached)
            (line,) = complaints(done)
            assert "full" in line or "disk I/O error" in line
            if done.code == 2:
                assert "cannot use the embedding cache" in line
                assert kilobytes == 48
            else:
                assert "going on without it" in line
                assert (done.code, done.out) == (1, plain.out)


def test_a_cache_file_that_may_not_grow_is_done_without(
    commands: Commands, photos: Path, plain: Done, tmp_path: Path
) -> None:
    """As on a full disk, on systems where none can be mounted."""
    os.mkfifo(tmp_path / "pipe")
    arguments = ["check", photos, "--json", "--lang", "en", "--cache", tmp_path / "c"]
    running = commands.start(
        *arguments, streams={1: tmp_path / "pipe"},
        prelude="import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (90_000, -1))",
    )  # fmt: skip
    printed = (tmp_path / "pipe").read_text()
    done = running.wait()
    assert (done.code, printed) == (1, plain.out)
    (line,) = complaints(done)
    assert "going on without it" in line
    again = commands.run(*arguments)
    assert again.out == plain.out
    assert complaints(again) == []


# --- caches that cannot be used ------------------------------------------------------------------


def test_a_cache_on_a_read_only_disk_is_named(
    commands: Commands, photos: Path, plain: Done, tmp_path: Path
) -> None:
    cached = ["check", photos, "--json", "--lang", "en", "--cache", tmp_path / "disk" / "c"]
    with small_disk(tmp_path / "disk", 4000) as place:
        commands.run(*cached)
        mount("mount", "-o", "remount,ro", place).check_returncode()
        done = commands.run(*cached)
        assert (done.code, done.out) == (2, "")
        (line,) = complaints(done)
        assert "cannot use the embedding cache" in line
        assert "--no-cache" in line
        usual = commands.run(
            *cached[:-2],
            prelude=f"from pathlib import Path; from imgfit.cli import session\n"
            f"session.user_cache = lambda: Path({str(place / 'c')!r})",
        )
        assert (usual.code, usual.out) == (1, plain.out)
        assert len(complaints(usual)) == 1
        output = commands.run(*cached[:-2], "--no-cache", "--output", place / "a.csv")
        assert (output.code, output.encoded) == (2, 0)  # said before the work


@pytest.mark.parametrize(
    ("lock", "code", "says"),
    [
        ("BEGIN IMMEDIATE", 1, "going on without it"),
        ("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; SELECT * FROM entries", 2, "locked"),
    ],
)
def test_a_cache_that_another_process_never_lets_go(
    commands: Commands,
    photos: Path,
    plain: Done,
    tmp_path: Path,
    *,
    lock: str,
    code: int,
    says: str,
) -> None:
    EmbeddingCache(tmp_path / "c").close()
    other = sqlite3.connect(tmp_path / "c", isolation_level=None)
    for statement in lock.split("; "):
        other.execute(statement).fetchall()
    done = commands.run(
        "check", photos, "--json", "--lang", "en", "--cache", tmp_path / "c",
        prelude="from functools import partialmethod\nfrom imgfit import EmbeddingCache\n"
        "EmbeddingCache.__init__ = partialmethod(EmbeddingCache.__init__, patience_seconds=0.2)",
    )  # fmt: skip
    other.close()
    assert (done.code, done.out) == (code, plain.out if code == 1 else "")
    (line,) = complaints(done)
    assert says in line


def test_a_newer_versions_cache_is_set_aside_whole(
    commands: Commands, photos: Path, plain: Done, tmp_path: Path
) -> None:
    place = tmp_path / "c"
    arguments = ["check", photos, "--json", "--lang", "en", "--cache", place]
    commands.run(*arguments)
    with sqlite3.connect(place) as database:
        database.execute("PRAGMA user_version=3")
        database.execute("ALTER TABLE entries RENAME TO things")
    database.close()
    before = place.read_bytes()
    done = commands.run(*arguments)
    assert (done.code, done.out, done.encoded) == (1, plain.out, plain.encoded)
    (line,) = complaints(done)
    assert "schema version 3" in line
    assert (tmp_path / "c.broken").read_bytes() == before
    assert commands.run(*arguments).encoded == 0


# --- clocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("then", [4_000_000_000, 0, -1_000_000])
def test_a_clock_that_was_wrong_costs_no_new_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: int
) -> None:
    keys = [f"{n:064x}" for n in range(900)]
    now = [float(then)]
    monkeypatch.setattr("imgfit.cache.store.time.time", lambda: now[0])
    with EmbeddingCache(tmp_path / "c", max_bytes=1_000_000) as cache:
        cache.put("f", {key: np.ones(256, np.float32) for key in keys[:600]})
        now[0] = 1_800_000_000.0
        for start in range(600, 900, 50):  # evicts again and again
            cache.put("f", {key: np.ones(256, np.float32) for key in keys[start : start + 50]})
            assert len(cache.get("f", keys[start : start + 50], 256)) == 50
        kept = cache.get("f", keys, 256)
    assert set(keys[600:]) <= kept.keys()
    assert keys[0] not in kept


def test_a_clock_that_goes_back_during_a_run_changes_nothing(
    commands: Commands, photos: Path, plain: Done, tmp_path: Path
) -> None:
    arguments = ["check", photos, "--json", "--lang", "en", "--cache", tmp_path / "c"]
    backwards = (
        "import itertools, time\nticks = itertools.count()\n"
        "time.time = lambda: 2e9 - 1e6 * next(ticks)"
    )
    first = commands.run(*arguments, prelude=backwards)
    assert (first.out, complaints(first)) == (plain.out, [])
    again = commands.run(*arguments)
    assert (again.out, again.encoded) == (plain.out, 0)


def test_a_photos_date_of_change_says_nothing(commands: Commands, tmp_path: Path) -> None:
    """What counts is its content, whatever a wrong clock or a copying program wrote."""
    folder = drafts(tmp_path / "photos", 6)
    arguments = ["check", folder, "--json", "--lang", "en", "--cache", tmp_path / "c"]
    first = commands.run(*arguments)
    for path in folder.iterdir():
        os.utime(path, (4e9, 4e9))
    again = commands.run(*arguments)
    assert (again.out, again.encoded) == (first.out, 0)
    changed = save_photo(folder / "0000.png", "hijau")
    os.utime(changed, (0, 0))
    assert commands.run(*arguments).encoded == 1


# --- memory --------------------------------------------------------------------------------------

_LIMIT = """
# Modules load when they are first used; here all that a check needs are there before the limit.
import imgfit.checker, imgfit.cli.check, imgfit.cli.tables, imgfit.explaining.regions
import imgfit.reports.page, imgfit.reports.rows, imgfit.photos.thumbnails, imgfit.embedding.drafts
import imgfit.captions.cleaning, imgfit.captions.picturable, imgfit.scoring.assembling, jinja2
from imgfit.captions.languages import told
told("Warga bergotong royong membersihkan saluran air di depan balai desa")
import resource
with open("/proc/self/statm") as file:
    size = int(file.read().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (size + {}_000_000, -1))
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads its size from Linux")
@pytest.mark.parametrize("room", [50, 90])
def test_too_little_memory_costs_the_large_photos_row_and_no_other(
    commands: Commands, photos: Path, plain: Done, tmp_path: Path, room: int
) -> None:
    for name in ("large.png", "large.tif"):
        Image.new("RGB", (7000, 7000)).save(tmp_path / name, compression="tiff_deflate")
        (tmp_path / name).with_suffix(".txt").write_text("Foto besar di balai")
    done = commands.run(
        "check", photos, tmp_path / "large.png", "--json", "--lang", "en", "--no-cache",
        "--report", tmp_path / "page.html", prelude=_LIMIT.format(room),
    )  # fmt: skip
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert len(rows) == 31
    (large,) = [row for row in rows if row["photo"].endswith("large.png")]
    assert "PhotoFailedError" in large["error"]
    assert "out of memory" in large["error"]
    assert [json.dumps(row["error"]) for row in rows if row is not large] == [
        json.dumps(json.loads(line)["error"]) for line in plain.out.splitlines()
    ]
    assert done.code in (1, 2)
    if done.code == 2:  # the page's pictures found no room; the rows are there all the same
        assert [line[:24] for line in complaints(done)] == ["imgfit: memory ran out ("]


_NO_THREADS = """
import threading
usual = threading.Thread.start
def start(self):
    if self.name.startswith("imgfit"):
        raise RuntimeError("can't start new thread")
    usual(self)
threading.Thread.start = start
"""


def test_no_room_for_threads_is_a_named_end(commands: Commands, photos: Path) -> None:
    done = commands.run(
        "check", photos, "--no-cache", "--lang", "en",
        prelude=_NO_THREADS,
    )  # fmt: skip
    assert (done.code, done.out) == (2, "")
    assert [line[:24] for line in done.err.splitlines()] == ["imgfit: memory ran out ("]


# --- exports -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    config = configuration(CONV, STORED_TEXT, custom=True)
    return load_encoder(write_folder(tmp_path_factory.mktemp("conv") / "tiny", config))


def test_an_export_that_does_not_fit_leaves_nothing(model: Any, tmp_path: Path) -> None:
    with no_file_over(30_000), pytest.raises(ExportError, match="cannot export"):
        open_export(model, root=tmp_path / "onnx")
    assert list((tmp_path / "onnx").iterdir()) == []


def test_an_export_on_a_full_disk_leaves_nothing(model: Any, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 64) as place:
        with pytest.raises(ExportError, match="cannot export"):
            open_export(model, root=place)
        assert list(place.iterdir()) == []
        assert shutil.disk_usage(place).used == 0
