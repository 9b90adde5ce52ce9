"""How the time to clean and cut a caption grows with its length.

Run: ``python -m benchmarks.cleaning``

For captions that repeat one piece up to `MAX_CHARACTERS` characters, doubles the length and fits
the exponent of processor time, the least of several runs: 1 is linear, 2 quadratic. Ends with an
error where an exponent is above the bar and the time is long enough to be told from noise.
"""

from __future__ import annotations

import math
import sys
import time

from imgfit.captions.cleaning import clean
from imgfit.captions.versions import MAX_CHARACTERS
from imgfit.captions.windows import split_windows

PIECES = (
    "#a", "#a ", "#pelayananprima ", "@a.", "@a dan ", "(@a) ", "a.go.", "a-.", "A.", "a",
    "a@", "0812 ", "+62", "www.,", "https://)", "🔥 ", "🔥A", "1️⃣", " ", "\n", " \n", "-", "* ",
    "a*", ". ", "a..", "(a)", ".(humas", "S.H., ", "A. Dalam ", "jangan lupa ", "like, ",
    "ikuti kami ", "wa ", "info lebih lanjut ", "foto/", "Foto: Budi. ", "salam sehat, ",
    "terima kasih ", "yuk, ", "wassalamualaikum. ", "baca ", "link di ", "kata ", "kata. ",
    "kata, ",
)  # fmt: skip
BAR = 1.5
LEAST_SECONDS = 0.1
REPEATS = 3


def seconds(caption: str) -> float:
    """Return the processor time of one caption, the least of several runs."""
    taken = []
    for _ in range(REPEATS):
        start = time.process_time()
        text = clean(caption).text
        split_windows(text or caption, lambda window: len(window) // 4, 64)
        taken.append(time.process_time() - start)
    return min(taken)


def main() -> None:
    """Print the slowest pieces and their exponents."""
    rows = []
    for piece in PIECES:
        sizes = (MAX_CHARACTERS // 4, MAX_CHARACTERS)
        short, long = (seconds((piece * size)[:size]) for size in sizes)
        rows.append((long, math.log(long / short) / math.log(sizes[1] / sizes[0]), piece))
    print(f"seconds for {MAX_CHARACTERS} characters, exponent, piece")
    for long, exponent, piece in sorted(rows, reverse=True)[:12]:
        print(f"{long:7.3f}  {exponent:5.2f}  {piece!r}")
    if any(exponent > BAR and long > LEAST_SECONDS for long, exponent, _ in rows):
        sys.exit("a rule grows faster than the caption")


if __name__ == "__main__":
    main()
