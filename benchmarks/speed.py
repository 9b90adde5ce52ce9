"""How fast imgfit is on this machine, beside what people would otherwise write or install.

Run: ``python -m benchmarks.speed --data ../shared/data --work WORK [--quick] [--only STAGE,...]``

Needs ``pip install -e .[benchmarks]``. Every contender runs in a process of its own, in rounds
that take turns, so that a slow minute of the machine falls on all alike; only figures of one stage
of one run may be compared. Figures are kept in the work folder's results.json: stages that were
run apart print as one report. Nothing but prebuilt photos and models is read, all of it by then in
the system's file cache.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.contenders import OURS, PEERS, RUNTIMES
from benchmarks.material import Work
from benchmarks.speed_report import report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MODELS = ("vit", "mini")
PACKAGES = ("torch", "onnxruntime", "open_clip_torch", "transformers", "torchmetrics",
            "sentence-transformers", "rclip", "pillow", "numpy")  # fmt: skip
# A contender whose time grows with the photos alone needs fewer of them: its rate is the same.
PEER_PHOTOS = {"phone": 60, "small": 150}
# torchmetrics takes seconds for each 12 MP photo.
SLOW = {"torchmetrics CLIPScore": 8}
TOWER_PHOTOS = 160
DRAFTS = 500
SCALES = (200, 1000, 5000)
_TIMEOUT = 900


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Attributes:
        phone: 12 MP photos.
        small: Small photos.
        many: Drafts of the longest run.
        drafts: 12 MP drafts for the command line.
        rounds: Times that each contender is run.
    """

    phone: int
    small: int
    many: int
    drafts: int
    rounds: int


@dataclass(frozen=True)
class Bench:
    """One run: where, how much, and with which Python.

    Attributes:
        work: The work folder.
        sizes: How much is measured.
        peer_python: Who runs the peers.
    """

    work: Work
    sizes: Sizes
    peer_python: str

    def phone(self) -> dict[str, Any]:
        """12 MP photos: every contender, end to end."""
        return self._race("phone", self.sizes.phone, ["imgfit", "imgfit photos only"])

    def small(self) -> dict[str, Any]:
        """Small photos: every contender, end to end, and the bare towers."""
        return self._race("small", self.sizes.small, list(OURS))

    def parts(self) -> dict[str, Any]:
        """Time imgfit's stages apart."""
        sets = (("phone", self.sizes.phone), ("small", self.sizes.small))
        jobs = {
            f"{model}|{runtime}|{name}": self._probe(
                "parts", model, runtime, "--set", name, "--count", str(count)
            )
            for model in MODELS
            for runtime in RUNTIMES
            for name, count in sets
        }
        return self._rounds(jobs, rounds=1)

    def texts(self) -> dict[str, Any]:
        """Time windows of posts against open_clip's fixed length."""
        count = str(min(256, self.sizes.small))
        jobs = {
            f"{model}|{runtime}": self._probe(
                "texts", model, runtime, "--count", count, "--rounds", str(self.sizes.rounds)
            )
            for model in MODELS
            for runtime in RUNTIMES
        }
        return self._rounds(jobs, rounds=1)

    def equality(self) -> dict[str, Any]:
        """Compare scores between settings."""
        jobs = {
            f"{model}|{runtime}": self._probe("equality", model, runtime, "--count", "60")
            for model in reversed(MODELS)
            for runtime in RUNTIMES
        }
        return self._rounds(jobs, rounds=1)

    def scale(self) -> dict[str, Any]:
        """Check ever more drafts with the embedded model."""
        jobs = {
            f"{runtime}|{count}": self._probe("scale", "mini", runtime, "--count", str(count))
            for runtime in RUNTIMES
            for count in SCALES
            if count <= self.sizes.many
        }
        return self._rounds(jobs, rounds=1)

    def command(self) -> dict[str, Any]:
        """Run the command line on 12 MP drafts: cold, again, and with one caption changed."""
        drafts = self.work.manifest("drafts").read_text("utf-8").splitlines()[: self.sizes.drafts]
        photos = "\n".join(str(self.work.path / json.loads(line)["photo"]) for line in drafts)
        floors = {
            "python -c pass": (_PYTHON_PASS, ""),
            **{
                f"python, digesting the files, {name}": (
                    [*_PYTHON_C, _DIGEST.format(digest)],
                    photos,
                )
                for name, digest in (("SHA-256", "hashlib.sha256"), ("BLAKE3", "blake3.blake3"))
            },
        }
        found: dict[str, Any] = {"count": len(drafts), "models": {}}
        for model in reversed(MODELS):
            for runtime in RUNTIMES:
                name = f"{model}|{runtime}"
                if (refusal := self._command_refuses(runtime)) is not None:
                    found["models"][name] = {"unavailable": refusal}
                    continue
                self._check(drafts[:2], model, runtime, None)  # exports, where the runtime does
                times: dict[str, list[float]] = {}
                equal = True
                for number in range(self.sizes.rounds):
                    outputs = {}
                    for run, seconds, output in self._reruns(drafts, model, runtime, number):
                        outputs[run] = output
                        times.setdefault(run, []).append(seconds)
                    equal &= outputs["cold"] == outputs["nothing changed"]
                    for floor, (command, given) in floors.items():
                        times.setdefault(floor, []).append(self._seconds(command, given))
                found["models"][name] = {"times": times, "equal": equal}
        return found

    def _reruns(
        self, drafts: Sequence[str], model: str, runtime: str, number: int
    ) -> Iterator[tuple[str, float, str]]:
        """Run the command with an empty cache, again, and again with one caption changed."""
        cache = self.work.path / "command.sqlite"
        for part in self.work.path.glob("command.sqlite*"):
            part.unlink()
        changed = json.loads(drafts[0])
        changed["caption"] += f" Round {number}."
        edited = [json.dumps(changed), *drafts[1:]]
        for run, lines in (
            ("cold", drafts),
            ("nothing changed", drafts),
            ("one caption changed", edited),
        ):
            yield run, *self._check(lines, model, runtime, cache)

    def start(self) -> dict[str, Any]:
        """Time one check from the command line, from nothing."""
        (photo,), (caption,) = self.work.rows("small", 1)
        commands = {
            "python -c 'import torch, open_clip'": [*_PYTHON_C, "import torch, open_clip"],
            "python -c 'import imgfit.cli.app'": [*_PYTHON_C, "import imgfit.cli.app"],
            "python -c pass": _PYTHON_PASS,
        }
        found: dict[str, Any] = {}
        for runtime in RUNTIMES:
            name = f"imgfit check, {runtime}"
            if (refusal := self._command_refuses(runtime)) is not None:
                found[name] = {"unavailable": refusal}
                continue
            commands[name] = [*_IMGFIT, str(photo), "--caption", caption, "--json", "--no-cache",
                              *self._runtime(runtime)]  # fmt: skip
        for command in commands.values():  # into the file cache, and exported
            self._seconds(command)
        for _ in range(max(3, self.sizes.rounds)):
            for name, command in commands.items():
                found.setdefault(name, {"times": []})["times"].append(self._seconds(command))
        return found

    def machine(self) -> dict[str, Any]:
        """Say what this ran on."""
        signatures = [self._run(self._probe("signature", m, "torch"))["signature"] for m in MODELS]
        return {
            "date": dt.datetime.now(dt.UTC).date().isoformat(),
            "cores": os.cpu_count(),
            "processor": _processor(),
            "python": platform.python_version(),
            "packages": {name: _version(name) for name in PACKAGES},
            "threads": os.environ.get("OMP_NUM_THREADS", "as the libraries choose"),
            "signatures": signatures,
            "sizes": vars(self.sizes),
        }

    def _race(self, name: str, count: int, ours: Sequence[str]) -> dict[str, Any]:
        jobs = {}
        for model in MODELS:
            for peer in PEERS:
                photos = min(count, PEER_PHOTOS[name])
                if name == "phone":
                    photos = min(photos, SLOW.get(peer, photos))
                if "tower" in peer:
                    if name == "phone":
                        continue
                    photos = TOWER_PHOTOS
                jobs[f"{model}|{peer}"] = self._contender(peer, model, name, photos)
            for mine in ours:
                for runtime in RUNTIMES:
                    photos = TOWER_PHOTOS if mine == "bare tower" else count
                    job = self._contender(mine, model, name, photos, "--runtime", runtime)
                    jobs[f"{model}|{mine}|{runtime}"] = job
        return self._rounds(jobs, rounds=self.sizes.rounds)

    def _rounds(self, jobs: dict[str, list[str]], *, rounds: int) -> dict[str, Any]:
        """Run all jobs in turn, again and again; one that cannot run is not tried again."""
        found: dict[str, Any] = {}
        for number in range(rounds):
            for name, command in jobs.items():
                if "unavailable" in found.get(name, {}):
                    continue
                print(f"  round {number + 1} of {rounds}: {name}", file=sys.stderr, flush=True)
                result = self._run(command)
                if "unavailable" in result:
                    found[name] = result
                else:
                    found.setdefault(name, {"runs": []})["runs"].append(result)
        return found

    def _contender(self, name: str, model: str, photos: str, count: int, *more: str) -> list[str]:
        python = self.peer_python if name in PEERS else sys.executable
        return [python, "-m", "benchmarks.contenders", name, "--model", model, "--set", photos,
                "--count", str(count), "--work", str(self.work.path), *more]  # fmt: skip

    def _probe(self, name: str, model: str, runtime: str, *more: str) -> list[str]:
        return [sys.executable, "-m", "benchmarks.probes", name, "--model", model, "--runtime",
                runtime, "--work", str(self.work.path), *more]  # fmt: skip

    def _run(self, command: Sequence[str]) -> dict[str, Any]:
        """Run a process that prints JSON; one that fails is unavailable for its last words."""
        done = subprocess.run(  # noqa: S603 - our own modules
            command, capture_output=True, text=True, check=False, env=self._environment,
            timeout=_TIMEOUT,
        )  # fmt: skip
        lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
        if done.returncode != 0 or not lines:
            return {"unavailable": f"it failed: {lines[-1] if lines else 'no output'}"}
        result: dict[str, Any] = json.loads(lines[-1])
        return result

    def _check(
        self, lines: Sequence[str], model: str, runtime: str, cache: Path | None
    ) -> tuple[float, str]:
        """Run the command line on drafts; return the seconds and what it printed."""
        manifest = self.work.path / "command.jsonl"
        manifest.write_text("\n".join(lines) + "\n", "utf-8")
        place = ["--no-cache"] if cache is None else ["--cache", str(cache)]
        chosen = ["--model", str(self.work.vit) if model == "vit" else model]
        command = [*_IMGFIT, str(manifest), "--json", *place, *chosen, *self._runtime(runtime)]
        started = time.perf_counter()
        done = subprocess.run(  # noqa: S603 - our own command
            command, capture_output=True, text=True, check=False, env=self._environment
        )
        seconds = time.perf_counter() - started
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        if len(rows) != len(lines) or any(row["fit"] is None for row in rows):
            raise SystemExit(f"imgfit check: {len(rows)} rows of {len(lines)}: {done.stderr}")
        return seconds, done.stdout

    def _seconds(self, command: Sequence[str], given: str = "") -> float:
        started = time.perf_counter()
        done = subprocess.run(  # noqa: S603 - our own commands
            command, input=given, capture_output=True, text=True, check=False,
            env=self._environment,
        )  # fmt: skip
        # 1 of our command: a draft is below the threshold.
        if done.returncode not in ((0, 1) if command[: len(_IMGFIT)] == [*_IMGFIT] else (0,)):
            raise SystemExit(f"{command}: {done.stderr}")
        return time.perf_counter() - started

    def _command_refuses(self, runtime: str) -> str | None:
        if runtime == "torch":
            return None
        if not self._runtime(runtime):
            return "the command has no --runtime"
        found = self._run(self._probe("signature", "mini", runtime))
        reason: str | None = found.get("unavailable")
        return reason

    def _runtime(self, runtime: str) -> list[str]:
        return ["--runtime", runtime] if self._command_has_runtime else []

    @cached_property
    def _command_has_runtime(self) -> bool:
        done = subprocess.run(  # noqa: S603 - our own command
            [*_IMGFIT, "--help"], capture_output=True, text=True, check=True,
            env={**self._environment, "COLUMNS": "200"},
        )  # fmt: skip
        return "--runtime" in done.stdout

    @cached_property
    def _environment(self) -> dict[str, str]:
        """The usual one, but offline, without progress bars, and with a cache folder of its own."""
        return {
            **os.environ,
            "XDG_CACHE_HOME": str(self.work.cache),
            "HF_HUB_OFFLINE": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "PYTHONWARNINGS": "ignore",
        }


STAGES: dict[str, Callable[[Bench], dict[str, Any]]] = {
    "phone": Bench.phone,
    "small": Bench.small,
    "parts": Bench.parts,
    "texts": Bench.texts,
    "command": Bench.command,
    "start": Bench.start,
    "scale": Bench.scale,
    "equality": Bench.equality,
}
_IMGFIT = (sys.executable, "-m", "imgfit", "check")
_PYTHON_C = (sys.executable, "-c")
_PYTHON_PASS = (*_PYTHON_C, "pass")
_DIGEST = (
    "import hashlib, sys, blake3; "
    "[{}(open(p, 'rb').read()).hexdigest() for p in sys.stdin.read().splitlines()]"
)


def main() -> None:
    """Make what is missing, measure the stages asked for, print the report."""
    options = _options()
    quick = options.quick
    sizes = Sizes(
        phone=options.photos or (48 if quick else 200),
        small=options.small or (96 if quick else 500),
        many=1000 if quick else max(SCALES),
        drafts=100 if quick else DRAFTS,
        rounds=options.rounds or (1 if quick else 2),
    )
    bench = Bench(Work(options.work.absolute()), sizes, options.peer_python)
    results = options.work / "results.json"
    stages = options.only.split(",") if options.only else list(STAGES)
    if unknown := set(stages) - set(STAGES) - {"none"}:
        raise SystemExit(f"no such stage: {', '.join(sorted(unknown))}; known: {', '.join(STAGES)}")
    if options.fresh:
        results.unlink(missing_ok=True)
    _make(bench, options.data)
    found = json.loads(results.read_text("utf-8")) if results.is_file() else {}
    for stage in stages:
        if stage not in STAGES:
            continue
        print(f"stage {stage}", file=sys.stderr, flush=True)
        started, others = time.perf_counter(), _others_seconds()
        found[stage] = STAGES[stage](bench)
        taken = time.perf_counter() - started
        # Work of other processes makes figures worthless, so it is shown beside them.
        share = (_others_seconds() - others) / taken / (os.cpu_count() or 1)
        found.setdefault("taken", {})[stage] = {"seconds": taken, "others": max(0.0, share)}
        found.setdefault("machines", {})[stage] = bench.machine()
        results.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(report(found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the development sets")
    parser.add_argument("--work", type=Path, required=True, help="folder to keep material in")
    parser.add_argument("--photos", type=int, help="12 MP photos (200)")
    parser.add_argument("--small", type=int, help="small photos (500)")
    parser.add_argument("--rounds", type=int, help="times each contender is run (2)")
    parser.add_argument("--quick", action="store_true", help="fewer photos, one round")
    parser.add_argument("--only", help=f"stages, commas between: {', '.join(STAGES)}, or none")
    parser.add_argument("--fresh", action="store_true", help="forget the figures kept")
    parser.add_argument("--peer-python", default=sys.executable, help="Python that has the peers")
    return parser.parse_args()


def _make(bench: Bench, data: Path | None) -> None:
    """Make photos and models in processes of their own, whose memory does not count."""
    work = str(bench.work.path)
    sizes = bench.sizes
    command = [sys.executable, "-m", "benchmarks.material", "--work", work]
    counts = ["--phone", str(max(sizes.phone, 60)), "--small", str(max(sizes.small, 150)),
              "--many", str(sizes.many), "--drafts", str(sizes.drafts)]  # fmt: skip
    if data is not None:
        subprocess.run(  # noqa: S603 - our own module
            [*command, "--data", str(data), *counts], check=True, stdout=subprocess.DEVNULL
        )
    elif not bench.work.manifest("many").is_file():
        raise SystemExit("--data is needed, to make the photos from")
    peers = [bench.peer_python, *command[1:], "--peers"]
    done = subprocess.run(peers, check=True, capture_output=True, text=True)  # noqa: S603
    for name, reason in json.loads(done.stdout.splitlines()[-1]).items():
        print(f"no model for {name}: {reason}", file=sys.stderr)
    if shutil.disk_usage(work).free < 10**9:
        print(f"less than 1 GB is free where {work} is", file=sys.stderr)


def _others_seconds() -> float:
    """Return the processor time used so far by processes that are not this one's children.

    0 where the system does not tell.
    """
    path = Path("/proc/stat")
    if not path.is_file():
        return 0.0
    user, nice, system = map(int, path.read_text().split()[1:4])
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (user + nice + system) / os.sysconf("SC_CLK_TCK") - usage.ru_utime - usage.ru_stime


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


if __name__ == "__main__":
    main()
