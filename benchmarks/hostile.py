"""What a folder of hostile drafts costs the command: rows, seconds, and the most memory held.

Run: ``python -m benchmarks.hostile [--runtime default] [--runtime torch] [--rounds 3]``

The folder is the one of the tests, written anew: some 250 photos and captions that are broken,
bloated or lie about themselves, and manifests of 63 rows. Each run is a process of its own that may
not reach for a network or another program; beside it stands the same command over two small good
photos, which is what the libraries and the model take by themselves. Memory is the most that was
resident; the command fails where a run over the hostile folder holds a gigabyte and its plain run
does not, and where one in the usual runtime does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.support import guarded, hostile

from imgfit.encoders.loading import RUNTIMES
from imgfit.photos.drawn import sample_photos

USUAL = "default"  # what the embedded model runs in where nobody chose
LIMIT_MB = 1000.0
HANG_SECONDS = 600.0


def main() -> None:
    """Print a line for each run; fail where memory passes the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runtime", action="append", choices=(USUAL, *RUNTIMES))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    most = []
    columns = ("runtime", "drafts", "page", "rows", "code", "seconds", "peak MB")
    print(" ".join(f"{column:>9}" for column in columns))
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        folder = hostile.write(place / "hostile")
        plain = place / "plain"
        plain.mkdir()
        for number, photo in enumerate(sample_photos(2)):
            photo.save(plain / f"{number}.jpg")
        (plain / "caption.txt").write_text(hostile.CAPTION)
        strange = [folder.drafts, *(manifest.path for manifest in folder.accepted)]
        for runtime in options.runtime or (USUAL, "torch"):
            run([plain], "plain", runtime, place, page=False)  # 8 bits are made, once
            alone = run([plain], "plain", runtime, place, page=False)
            for page in (False, True):
                peaks = [
                    run(strange, "hostile", runtime, place, page=page)
                    for _ in range(options.rounds)
                ]
                if (runtime == USUAL or alone < LIMIT_MB) and max(peaks) >= LIMIT_MB:
                    most.append(f"{runtime}: {max(peaks):.0f} MB")
    if most:
        sys.exit(f"over {LIMIT_MB:.0f} MB: {', '.join(most)}")


def run(drafts: list[Path], what: str, runtime: str, place: Path, *, page: bool) -> float:
    """Check drafts in a process of its own, and print what it took.

    Returns:
        The most memory that was resident, in MB.
    """
    scratch = Path(tempfile.mkdtemp(dir=place))
    more: list[str | Path] = ["--report", scratch / "page.html"] if page else []
    more += [] if runtime == USUAL else ["--runtime", runtime]
    begun = time.perf_counter()
    outcome = guarded.run(
        ["check", *drafts, "--json", "--no-cache", *more],
        scratch,
        seconds=HANG_SECONDS,
    )
    seconds = time.perf_counter() - begun
    rows = outcome.stdout.count(b"\n")
    cells = (runtime, what, "yes" if page else "no", rows, outcome.code, f"{seconds:.1f}")
    print(" ".join(f"{cell!s:>9}" for cell in (*cells, f"{outcome.peak:.0f}")), flush=True)
    if outcome.reached:
        sys.exit(f"it reached out: {outcome.reached}")
    return outcome.peak


if __name__ == "__main__":
    main()
