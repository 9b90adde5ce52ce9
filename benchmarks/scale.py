"""How the cost of a draft grows with the number of drafts: it must not.

Run: ``python -m benchmarks.scale [--counts 200 1000 5000]``

Small photos made in code, an encoder that costs next to nothing, and the embedded model's cohort,
so that what is timed is everything but the towers: reading drafts, digesting, decoding, the
cache, windows, scoring every photo against every caption, and JSON. Each row is a fresh process.
Times are of one machine in one run; only those of the same run may be compared.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from imgfit import Calibration, Checker, EmbeddingCache, read_drafts
from imgfit.calibration.cohort import Cohort
from imgfit.metrics import unit
from imgfit.models.finding import find_model
from imgfit.photos.decoding import PREPROCESSING_VERSION
from imgfit.reports.rows import json_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

DIM, SIDE = 256, 224
WORDS = ["sidang", "rapat", "upacara", "panen", "lomba", "pelatihan", "kunjungan", "pameran"]


class CheapEncoder:
    """Embeds photos by a few of their pixels and texts by a seed: all but free."""

    name = "cheap"
    dim = DIM
    context_length = 64
    photo_size = SIDE

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint

    def count_tokens(self, text: str) -> int:
        """Count words."""
        return len(text.split()) + 2

    def prepare(self, image: Image.Image) -> NDArray[np.float32]:
        """Resize as a tower would ask."""
        small = image.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        return np.asarray(small, np.float32).transpose(2, 0, 1)

    def encode_photos(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take pixels as they are."""
        return unit(pixels.reshape(len(pixels), -1)[:, :: 3 * SIDE * SIDE // DIM][:, :DIM])

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Take noise of the text's length."""
        return unit(np.random.default_rng([len(t) for t in texts]).normal(size=(len(texts), DIM)))


def main() -> None:
    """Print the curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[200, 1000, 5000])
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        run(options.one)
        return
    print("ms a draft:")
    print(
        f"{'drafts':>7} {'run':>5} {'read':>7} {'check':>7} {'json':>7} {'sum':>7} {'cpu':>7}"
        f" {'peak MB':>8}"
    )
    with tempfile.TemporaryDirectory() as name:
        for count in options.counts:
            folder = Path(name) / str(count)
            make(folder, count)
            for kind in ("cold", "warm"):
                command = [sys.executable, "-m", "benchmarks.scale", "--one", str(folder)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
                print(f"{count:>7} {kind:>5} {done.stdout.rstrip()}", flush=True)
            size = (folder / "cache.sqlite").stat().st_size
            print(f"        cache: {size / count / 1e3:.1f} kB a draft")


def make(folder: Path, count: int) -> None:
    """Write drafts whose photos and captions all differ."""
    (folder / "drafts").mkdir(parents=True)
    generator = np.random.default_rng(0)
    for number in range(count):
        coarse = generator.integers(0, 255, (12, 16, 3), np.uint8)
        photo = Image.fromarray(coarse).resize((480, 360), Image.Resampling.BICUBIC)
        path = folder / "drafts" / f"{number:05}.jpg"
        photo.save(path, quality=85)
        said = " ".join(generator.choice(WORDS, 9))
        path.with_suffix(".txt").write_text(
            f"Kegiatan {said} nomor {number}. Acara dihadiri {number} warga dan berlangsung "
            "tertib. Info: https://s.id/acara #acara #desa"
        )


def run(folder: Path) -> None:
    """Check one folder and print what each stage cost."""
    model = find_model("mini")
    encoder = CheapEncoder(model.fingerprint(PREPROCESSING_VERSION))
    cohort = Cohort.load(model.cohort, fingerprint=encoder.fingerprint, dim=DIM)
    before = time.process_time()
    times = [time.perf_counter()]
    drafts = read_drafts(folder / "drafts")
    times.append(time.perf_counter())
    with EmbeddingCache(folder / "cache.sqlite") as cache:
        checker = Checker(encoder, Calibration.load(model.calibration), cohort, cache=cache)
        batch = checker.check_drafts(drafts)
    times.append(time.perf_counter())
    json_lines(batch)
    times.append(time.perf_counter())
    # What the processor did, all threads together and imports left out: steadier than the clock.
    worked = time.process_time() - before
    stages = [*np.diff(times), times[-1] - times[0], worked]
    # macOS counts bytes where Linux counts kilobytes.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1e6 if sys.platform == "darwin" else 1e3
    )
    print(" ".join(f"{1e3 * t / len(drafts):7.3f}" for t in stages), f"{peak:8.0f}")


if __name__ == "__main__":
    main()
