"""A long run over every target, as long as one asks: ``python -m fuzzing --minutes 20``.

With atheris (``pip install atheris``), which watches which code an input reaches; without it, by
hypothesis. What is found is written to a folder, each input in a file named by its digest.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import subprocess
import sys
import time
import traceback
from pathlib import Path

from fuzzing.targets import TARGETS

# Longer than any input takes on a busy machine, but for what is not linear.
_SLOW_SECONDS = 10.0


class Record:
    """Counts inputs and keeps what was found, one input a place in the code."""

    def __init__(self, target: str, place: Path) -> None:
        self.target = target
        self.place = place
        self.inputs = 0
        self.found: dict[str, str] = {}

    def check(self, data: bytes) -> None:
        """Run the target on one input; whatever it raises is written down."""
        self.inputs += 1
        begun = time.monotonic()
        try:
            TARGETS[self.target].check(data)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - a panic of a library in Rust is no Exception
            frames = traceback.extract_tb(error.__traceback__)
            place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
            kind = f"{type(error).__name__} at {place}"
            if isinstance(error, AssertionError):  # a promise, which all targets hold in one place
                kind = str(error).split(":")[0]
            self._keep(kind, data, traceback.format_exc())
        if time.monotonic() - begun > _SLOW_SECONDS:
            self._keep("slow", data, f"{time.monotonic() - begun:.1f} s")
        if self.inputs % 500 == 0:
            self.write()

    def _keep(self, kind: str, data: bytes, details: str) -> None:
        if kind in self.found:
            return
        name = f"{self.target}-{hashlib.sha256(data).hexdigest()[:12]}"
        self.found[kind] = name
        (self.place / name).write_bytes(data)
        (self.place / f"{name}.txt").write_text(details, "utf-8", "backslashreplace")
        self.write()

    def write(self) -> None:
        """Write the counts down."""
        values = {"target": self.target, "inputs": self.inputs, "found": self.found}
        (self.place / f"{self.target}.json").write_text(json.dumps(values))


def _run_atheris(record: Record, seconds: float, corpus: Path) -> None:
    import atheris  # noqa: PLC0415 - when installed

    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(TARGETS[record.target].seeds()):
        (corpus / f"seed{number}").write_bytes(seed)
    atheris.instrument_all()
    options = [f"-max_total_time={seconds:.0f}", "-max_len=60000", "-rss_limit_mb=3000",
               "-timeout=120", "-verbosity=0", "-print_final_stats=0"]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], record.check)
    atheris.Fuzz()


def _run_hypothesis(record: Record, seconds: float) -> None:
    from hypothesis import HealthCheck, given, settings  # noqa: PLC0415 - without atheris

    from fuzzing.inputs import changed  # noqa: PLC0415

    end = time.monotonic() + seconds

    @settings(
        max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(changed(TARGETS[record.target].seeds()))
    def some(data: bytes) -> None:
        if time.monotonic() < end:
            record.check(data)

    while time.monotonic() < end:
        some()


def main() -> int:
    """Run each target in a process of its own for its share of the time.

    Returns:
        1 where something was found or a process ended early, else 0.
    """
    parser = argparse.ArgumentParser(prog="fuzzing", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--target", choices=TARGETS, action="append")
    parser.add_argument("--folder", type=Path, default=Path("fuzzing-found"))
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    targets = options.target or list(TARGETS)
    options.folder.mkdir(parents=True, exist_ok=True)
    seconds = 60 * options.minutes / len(targets)
    if options.one:
        record = Record(targets[0], options.folder)
        record.write()
        if importlib.util.find_spec("atheris") is not None:
            _run_atheris(record, seconds, options.folder / "corpus" / targets[0])
        else:
            _run_hypothesis(record, seconds)
            record.write()
        return 0
    bad = 0
    for target in targets:
        command = [sys.executable, "-m", "fuzzing", "--one", "--target", target, "--minutes",
                   str(seconds / 60), "--folder", str(options.folder)]  # fmt: skip
        ended = subprocess.run(command, check=False, timeout=10 * seconds + 600)  # noqa: S603 - ourselves
        result = json.loads((options.folder / f"{target}.json").read_text())
        early = f", ended with {ended.returncode}" if ended.returncode else ""
        print(f"{target:14} {result['inputs']:>9} inputs, {len(result['found'])} found{early}")
        for kind, name in result["found"].items():
            print(f"    {kind}: {options.folder / name}")
        bad += bool(result["found"]) or ended.returncode != 0
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
