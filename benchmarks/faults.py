"""Runs that are killed, stopped, or share a cache, in numbers too large for the tests.

Run: ``python -m benchmarks.faults [--kills 100] [--drafts 2000] [--processes 4] [--real 10]``

The kills and the sharing use the tests' harness, whose encoder costs next to nothing; ``--real``
then kills the installed command with the embedded model, over photos made in code. The command
fails where a finished result is not that of an undisturbed run, where an output file is torn, or
where anything complains.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.faults import ROOT, Commands, Done, kill_runs, share_cache

from imgfit.photos.drawn import sample_photos

NOTE = "drafts of this batch are similar"
REAL_DRAFTS = 60


def main() -> None:
    """Run what was asked for and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--drafts", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--real", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("commands", "killed", "shared", "real"):
            (folder / part).mkdir()
        with Commands(folder / "commands") as commands:
            if options.kills:
                found = kill_runs(
                    commands, folder / "killed", kills=options.kills, count=60, seed=options.seed
                )
                said = [line for line in found.complaints if NOTE not in line]
                print(
                    f"kill -9: {found.landed} landed at random moments ({found.late} came too "
                    f"late), {found.rounds} runs finished after one to three of them: "
                    f"{found.wrong} results differ, {found.torn} torn output files, "
                    f"{len(said)} complaints, {found.left} unfinished files left beside the "
                    f"output, {found.kept} photos not embedded again",
                    flush=True,
                )
                bad += found.wrong + found.torn + len(said)
            if options.processes:
                bad += shared(
                    share_cache(
                        commands, folder / "shared", processes=options.processes,
                        count=options.drafts,
                    )
                )  # fmt: skip
        if options.real:
            bad += real(folder / "real", options.real, random.Random(options.seed))  # noqa: S311 - moments
    sys.exit(1 if bad else 0)


def shared(runs: list[Done]) -> int:
    """Print what processes that share a cache did.

    Args:
        runs: As `tests.support.faults.share_cache` gives them.

    Returns:
        How much of it was wrong.
    """
    alone, *together, last = runs
    differ = sum(done.out != alone.out or done.code != alone.code for done in (*together, last))
    said = [
        line for done in (*together, last) for line in done.err.splitlines() if NOTE not in line
    ]
    each = [done.encoded for done in together]
    print(
        f"sharing: {len(together)} processes at once over {len(alone.out.splitlines())} drafts "
        f"({alone.encoded} photos): {differ} results differ, {len(said)} complaints; embedded "
        f"{' + '.join(map(str, each))} = {sum(each) / alone.encoded:.2f} times the photos, and "
        f"{last.encoded} in a run after them",
        *said,
        sep="\n",
        flush=True,
    )
    return differ + len(said) + last.encoded


def real(folder: Path, count: int, generator: random.Random) -> int:
    """Kill, interrupt and terminate the command with the embedded model, then finish.

    Args:
        folder: An empty one.
        count: How many times each.
        generator: Of the moments.

    Returns:
        How much was wrong.
    """
    photos = folder / "photos"
    photos.mkdir()
    for number, image in enumerate(sample_photos(REAL_DRAFTS)):
        image.save(photos / f"{number:03}.jpg")
        (photos / f"{number:03}.txt").write_text(f"Warga mengikuti acara nomor {number} di balai.")
    command = [
        sys.executable, "-m", "imgfit", "check", str(photos), "--json", "--lang", "en",
        "--cache", str(folder / "c"),
    ]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}

    def begun() -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own command
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        )

    started = time.monotonic()
    plain, _ = begun().communicate()
    lasting = time.monotonic() - started
    wrong = 0
    for number, code in ((signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, 143)):
        ended: dict[int, int] = {}
        differ = traces = 0
        for _ in range(count):
            for file in folder.glob("c*"):
                file.unlink()
            running = begun()
            time.sleep(generator.uniform(0, lasting))
            running.send_signal(number)
            _, complaint = running.communicate()
            ended[running.returncode] = ended.get(running.returncode, 0) + 1
            traces += b"Traceback" in complaint
            out, _ = begun().communicate()
            differ += out != plain
        print(
            f"embedded model, {signal.Signals(number).name}: {count} at random moments of "
            f"{lasting:.1f} s, exit codes {ended} ({code} is meant, 1 had ended before, the "
            f"negative number came before the command began), {traces} tracebacks, {differ} "
            "results differ once finished",
            flush=True,
        )
        wrong += differ
    shutil.rmtree(photos)
    return wrong


if __name__ == "__main__":
    main()
