"""How fast a model's towers encode on this machine, and how long it takes to load.

Run: ``python -m benchmarks.encode [--model mini] [--threads 2]``

Figures of one machine in one run; only those of the same run may be compared.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image

from imgfit import Checker

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH, ROUNDS = 32, 5
TEXT = "Sidang keliling di balai desa dihadiri warga dan perangkat desa pada hari Senin"


def main() -> None:
    """Print the three figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="mini")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    started = time.perf_counter()
    encoder = Checker.load(options.model).encoder
    print(f"model {encoder.name}@{encoder.fingerprint}, {options.threads} threads")
    print(f"load, with what it imports: {time.perf_counter() - started:.1f} s")
    size = encoder.prepare(Image.new("RGB", (64, 64), "grey")).shape
    photos = np.random.default_rng(0).normal(size=(BATCH, *size)).astype(np.float32)
    print(f"photos: {rate(lambda: encoder.encode_photos(photos)):.0f} a second")
    print(f"texts of 13 words: {rate(lambda: encoder.encode_texts([TEXT] * BATCH)):.0f} a second")


def rate(encode: Callable[[], object]) -> float:
    """Items a second: the best of a few rounds, after one that warms up."""
    encode()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        encode()
        times.append(time.perf_counter() - started)
    return BATCH / min(times)


if __name__ == "__main__":
    main()
