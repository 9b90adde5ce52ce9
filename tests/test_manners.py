"""imgfit as a guest: importing and using it leaves the program that it runs in as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Runs in a process of its own. Each part prints what changed, and nothing if nothing did.
STATE = """
import json, locale, os, pkgutil, signal, sys, threading, warnings
from PIL import Image, ImageFile

def state():
    return {
        "open": {k: repr(v) for k, v in Image.OPEN.items()},
        "id": list(Image.ID),
        "extension": dict(Image.EXTENSION),
        "mime": dict(Image.MIME),
        "save": sorted(Image.SAVE),
        "pixels": Image.MAX_IMAGE_PIXELS,
        "block": Image.core.get_block_size(),
        "blocks": Image.core.get_blocks_max(),
        "truncated": ImageFile.LOAD_TRUNCATED_IMAGES,
        "environment": dict(os.environ),
        "warnings": [repr(entry) for entry in warnings.filters],
        "locale": [locale.setlocale(kind) for kind in
                   (locale.LC_CTYPE, locale.LC_NUMERIC, locale.LC_TIME, locale.LC_COLLATE)],
        "signals": {int(s): repr(signal.getsignal(s)) for s in signal.valid_signals()},
        "hooks": [repr(sys.excepthook), repr(threading.excepthook), repr(sys.displayhook)],
        "streams": [repr(sys.stdout), repr(sys.stderr)],
        "folder": os.getcwd(),
    }

def preload():
    # Libraries set up filters of warnings of their own, each when it is first imported.
    for name in json.loads(os.environ.pop("PRELOADED")):
        try:
            __import__(name)
        except Exception:
            pass

def foreign():
    return sorted(name for name in sys.modules if name.split(".")[0] not in ("imgfit", "__main__"))

def changed(before, after):
    return {key: [before[key], after[key]] for key in before if before[key] != after[key]}
"""

IMPORT = """
preload()
before = state()
import imgfit
for name in imgfit.__all__:
    getattr(imgfit, name)
for module in pkgutil.walk_packages(imgfit.__path__, "imgfit."):
    if not module.name.endswith("__main__"):
        __import__(module.name)
print(json.dumps([foreign(), changed(before, state())]))
"""

CHECK = """
import imgfit, io
from pathlib import Path
import pillow_heif
preload()
Image.init()  # Pillow's own readers, which it registers when a photo is first opened
# A host with settings of its own: a limit of pixels, and warnings that are errors.
Image.MAX_IMAGE_PIXELS = int(sys.argv[2])
warnings.simplefilter("error")
before = state()
place = Path(sys.argv[1])
image = Image.new("RGB", (1300, 1000), (200, 40, 30))
sources = []
for suffix, kind in (("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP"), ("gif", "GIF"),
                     ("tif", "TIFF"), ("avif", "AVIF")):
    image.save(place / f"a.{suffix}", kind)
    sources.append(place / f"a.{suffix}")
heif = pillow_heif.from_pillow(image)
heif.save(place / "a.heic")
if Image.MAX_IMAGE_PIXELS < 1_300_000:
    # Pillow's reader of TIFF looks at the program's limit itself, and the program is right.
    (place / "a.tif").unlink()
    sources.remove(place / "a.tif")
sources += [place / "a.heic", image.convert("RGBA"), image.convert("P")]
checker = imgfit.Checker.load("mini")
batch = checker.check_drafts([imgfit.Draft(s, "mobil merah di jalan raya") for s in sources])
errors = [str(score.error) for score in batch if score.error is not None]
imgfit.check(sources[0], "mobil merah")
imgfit.read_drafts(place)
imgfit.render_html(batch)
repr(batch)
print(json.dumps([foreign(), {**changed(before, state()), **({"errors": errors} if errors else {})}]))
"""


def left_by(code: str, *arguments: object) -> dict[str, object]:
    """Return what imgfit's code changed, beside filters of warnings that its libraries set up."""
    modules, found = run(code, [], *arguments)
    for key in found.keys() - {"warnings"}:
        raise AssertionError(f"{key} changed: {found[key]}")
    return run(code, modules, *arguments)[1]


def run(code: str, preloaded: list[str], *arguments: object) -> tuple[list[str], dict[str, Any]]:
    """Run code in a new process, after imports, and return the modules there and its finding."""
    done = subprocess.run(
        [sys.executable, "-c", STATE + code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={
            **os.environ,
            "PRELOADED": json.dumps(preloaded),
            "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        },
    )
    assert done.returncode == 0, done.stderr
    modules, found = json.loads(done.stdout.splitlines()[-1])
    return modules, found


def test_importing_every_module_changes_nothing() -> None:
    assert left_by(IMPORT) == {}


@pytest.mark.parametrize("limit", [89_478_485, 650_000])
def test_a_check_of_every_format_changes_nothing(tmp_path: Path, limit: int) -> None:
    # 650,000 is below the photos' 1.3 MP, and 89 MP is Pillow's own limit.
    assert left_by(CHECK, tmp_path, limit) == {}


def test_the_command_owns_its_process_and_may_set_more() -> None:
    code = (
        "from imgfit.cli.process import run\nrun(lambda: None)\n"
        "print(json.dumps([[], {'block': Image.core.get_block_size()}]))"
    )
    assert "PILLOW_BLOCK_SIZE" not in os.environ
    assert run(code, [])[1] == {"block": 64 * 1024 * 1024}
