"""What an environment takes on the disk, by package, as its packages' own lists of files say.

Run: ``.venv/bin/python scripts/disk.py [--most MB] [--absent NAME ...]``

Exits 1 if the sum is above ``--most``, or if a package that should be absent is installed.
"""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import Distribution, distributions

MEGABYTE = 1_000_000


def main() -> None:
    """Print the table, and judge it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=float, help="megabytes that all may take together")
    parser.add_argument("--absent", nargs="*", default=(), help="packages that must not be there")
    options = parser.parse_args()
    found = {package.name: (bytes_of(package), package.version) for package in distributions()}
    for name, (size, version) in sorted(found.items(), key=lambda item: -item[1][0]):
        print(f"{size / MEGABYTE:8.1f} MB  {name} {version}")
    total = sum(size for size, _ in found.values()) / MEGABYTE
    print(f"{total:8.1f} MB  in all, {len(found)} packages")
    here = sorted({name.lower().replace("_", "-") for name in found} & set(options.absent))
    if here:
        sys.exit(f"installed and should not be: {', '.join(here)}")
    if options.most is not None and total > options.most:
        sys.exit(f"{total:.0f} MB are more than {options.most:.0f}")


def bytes_of(package: Distribution) -> int:
    """Return the bytes of a package's files, compiled modules included."""
    size = 0
    for file in package.files or ():
        try:
            size += file.locate().stat().st_size  # type: ignore[attr-defined]
        except OSError:  # listed and not there
            continue
    return size


if __name__ == "__main__":
    main()
