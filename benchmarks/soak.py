"""What a long-lived process costs: memory, files, threads and speed over many checks.

Run: ``python -m benchmarks.soak [--checks 20000] [--model mini] [--runtime onnx]``

One process and one `Checker` with a cache small enough to be evicted from. Each thousand checks
is half single ones and half batches of fifty; of every ten drafts about four carry a photo never
seen before, five one of a few hundred, one something broken; half the captions are new. What the
process holds after each thousand is printed; the first thousand, in which libraries fill their
pools, is told but not compared. The command fails where a thousand ends with more open files or
threads than the second one did, where memory in the last tenth lies more than a tenth over the
first tenth's, or where any draft lacks its row. Speed is printed as a ratio; only tenths of the
same run may be compared.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from imgfit import Checker, Draft, EmbeddingCache
from imgfit.photos.drawn import sample_photos

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVERY = 1000
BATCH = 50
KNOWN_PHOTOS = 200
# About three thousand drafts' rows: evicted from again and again.
CACHE_BYTES = 8_000_000
MOST_GROWTH = 1.1
WORDS = ["sidang", "rapat", "upacara", "panen", "lomba", "pelatihan", "kunjungan", "pameran"]


@dataclass(frozen=True, slots=True)
class Held:
    """What the process held after some checks.

    Attributes:
        checks: How many were done.
        seconds: What the last thousand took by the clock.
        worked: What the processor did for it, all threads together; steadier than the clock.
        memory: Resident bytes.
        files: Open file descriptors.
        threads: Threads, those of libraries included.
        cache: Bytes of the cache on disk.
        errors: Rows of the last thousand that carry an error.
    """

    checks: int
    seconds: float
    worked: float
    memory: int
    files: int
    threads: int
    cache: int
    errors: int


def main() -> None:
    """Run, print the table, and fail where something grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=20_000)
    parser.add_argument("--model", default="mini")
    parser.add_argument("--runtime", default="onnx")
    options = parser.parse_args()
    if options.checks < 4 * EVERY:
        parser.error(f"--checks: at least {4 * EVERY}, or there is nothing to compare")
    print(f"model {options.model}, runtime {options.runtime}, cache of {CACHE_BYTES / 1e6:g} MB")
    columns = ("checks", "seconds", "CPU s", "RSS MB", "files", "threads", "errors")
    print(" ".join(f"{column:>8}" for column in columns))
    with tempfile.TemporaryDirectory() as name:
        cache = EmbeddingCache(Path(name) / "cache.sqlite", max_bytes=CACHE_BYTES)
        checker = Checker.load(options.model, runtime=options.runtime, cache=cache)
        rows = []
        for row in soak(checker, cache, options.checks):
            rows.append(row)
            memory = f"{row.memory / 1e6:.0f}"
            clocks = (f"{row.seconds:.1f}", f"{row.worked:.1f}")
            cells = (row.checks, *clocks, memory, row.files, row.threads, row.errors)
            print(" ".join(f"{cell:>8}" for cell in cells), flush=True)
        cache.close()
    grown = complaints(rows)
    print("\n".join(grown) if grown else "flat: memory, files and threads")
    sys.exit(1 if grown else 0)


def soak(checker: Checker, cache: EmbeddingCache, checks: int) -> Iterator[Held]:
    """Check drafts without end.

    Args:
        checker: With the cache.
        cache: Looked at for its size.
        checks: How many drafts.

    Yields:
        What the process holds, after each thousand.

    Raises:
        AssertionError: A draft came back without its row.
    """
    draft = maker()
    for start in range(0, checks, EVERY):
        begun, before = time.perf_counter(), time.process_time()
        errors = 0
        for place in range(start, start + EVERY // 2):
            item = draft(place)
            score = checker.check(item.photo or b"", item.caption or "")
            errors += score.error is not None
        for first in range(start + EVERY // 2, start + EVERY, BATCH):
            batch = checker.check_drafts([draft(place) for place in range(first, first + BATCH)])
            if len(batch) != BATCH:
                raise AssertionError(f"{len(batch)} rows for {BATCH} drafts")
            errors += sum(score.error is not None for score in batch)
        seconds = time.perf_counter() - begun
        worked = time.process_time() - before
        yield Held(start + EVERY, seconds, worked, *held(), cache.info().size, errors)


def maker() -> Callable[[int], Draft]:
    """Return what makes the n-th draft: mostly good, a tenth of them broken."""
    photos = []
    for image in sample_photos(KNOWN_PHOTOS):
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=80)
        photos.append(stream.getvalue())
    broken: list[tuple[bytes | Path, str]] = [
        (b"", "Foto kosong di meja rapat"),
        (b"this is text", "Teks yang bernama foto"),
        (photos[0][: len(photos[0]) // 3], "Foto yang terpotong di tengah jalan"),
        (Path("nowhere/none.jpg"), "Foto yang tidak ada di mana pun"),
        (photos[1], ""),
        (photos[2], "12345 67890"),
        (photos[3], "rapat " * 5000),
    ]

    def draft(place: int) -> Draft:
        generator = np.random.default_rng(place)
        if place % 10 == 9:
            photo, caption = broken[place // 10 % len(broken)]
            return Draft(photo, caption)
        data = photos[int(generator.integers(len(photos)))]
        if place % 10 < 4:
            # What follows a JPEG's end is no part of the picture: another file, equal pixels.
            data += f" {place}".encode()
        number = place if place % 2 else int(generator.integers(500))
        said = " ".join(WORDS[number // 8**power % 8] for power in range(6))
        return Draft(data, f"Kegiatan {said} nomor {number}. Warga mengikuti acara di balai desa.")

    return draft


def held() -> tuple[int, int, int]:
    """Return resident bytes, open files and threads of this process."""
    proc = Path("/proc/self")
    if not proc.is_dir():
        sys.exit("this benchmark reads /proc, so it needs Linux")
    pages = int((proc / "statm").read_text("ascii").split()[1])
    files = len(list((proc / "fd").iterdir()))
    threads = len(list((proc / "task").iterdir()))
    if threads < threading.active_count():
        raise AssertionError("fewer threads than Python knows of")
    return pages * 4096, files, threads


def complaints(rows: list[Held]) -> list[str]:
    """Say what grew.

    Args:
        rows: One a thousand, at least four.

    Returns:
        A line each, none where all is flat.
    """
    compared = rows[1:]
    many = max(1, len(rows) // 10)
    first, last = compared[:many], compared[-many:]
    speed = sum(row.worked for row in last) / sum(row.worked for row in first)
    memory = sum(row.memory for row in last) / sum(row.memory for row in first)
    print(f"last tenth against first: CPU time {speed:.2f}, memory {memory:.2f}")
    found = []
    if memory > MOST_GROWTH:
        found.append(f"memory grew to {memory:.2f} of what it was")
    found.extend(
        f"{name} grew from {getattr(compared[0], name)} to {max(values)}"
        for name in ("files", "threads")
        if max(values := [getattr(row, name) for row in compared]) > getattr(compared[0], name)
    )
    return found


if __name__ == "__main__":
    main()
