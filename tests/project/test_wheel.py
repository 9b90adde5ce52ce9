"""What is built is what is promised: the wheel carries the embedded model whole."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_carries_the_model(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("imgfit_clip-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {
            name.removeprefix("imgfit/_models/mini/"): archive.read(name)
            for name in archive.namelist()
            if name.startswith("imgfit/_models/mini/")
        }
        names = set(archive.namelist())
    kept = {p.name: p.read_bytes() for p in (ROOT / "models/mini").iterdir() if p.is_file()}
    assert packed == kept
    assert {
        "imgfit/captions/data/languages.npz",
        "imgfit/py.typed",
        "imgfit/calibration/data/cohort.tsv",
        "imgfit/calibration/data/scenes.tsv",
    } <= names
    templates = {
        f"imgfit/reports/templates/{p.name}"
        for p in (ROOT / "src/imgfit/reports/templates").iterdir()
    }
    assert templates
    assert templates <= names
