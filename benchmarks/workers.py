"""What a draft costs one core, and how that adds up over Ray's workers on this machine.

Run: ``python -m benchmarks.workers --work WORK [--count 400] [--workers 1 2 3 4]``, where WORK is
what ``python -m benchmarks.material --work WORK --data DATA`` made; needs the
extras ``ray`` and ``onnx``.

Cost is processor time, which other programs on the machine disturb less than the clock, of one
process kept to one core. Workers are timed by the clock while all of them are at work: from the
moment that the last of them has begun until the first of them has nothing more to do.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import secrets
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.material import Work
from imgfit import Checker, Draft
from imgfit.distributed.scorer import DraftScorer
from imgfit.photos.decoding import decode_photo
from imgfit.photos.reading import read_photo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MODELS = ("mini", "vit")
RUNTIMES = ("torch", "onnx", "onnx-int8")
SETS = ("phone", "small")
BATCH = 32
# Long posts are counted by their own: a caption's cost grows with its windows.
POSTS = 200


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--count", type=int, default=400, help="small photos a cost; phone: half")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 3, 4])
    parser.add_argument("--rows", type=int, default=1600, help="drafts of a run of workers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-cost", action="store_true", help="the workers only")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ["XDG_CACHE_HOME"] = str(Work(options.work).cache)  # where exports are
    if options.one is not None:
        kind, *rest = options.one.split("|")
        jobs: dict[str, Callable[..., dict[str, float]]]
        jobs = {"cost": cost, "alone": alone, "pool": pool}
        print(json.dumps(jobs[kind](Work(options.work), *rest)))
        return
    print(f"load average at the start: {_load()}", flush=True)
    if not options.no_cost:
        print_costs(options)
    print_pools(options)


def print_costs(options: argparse.Namespace) -> None:
    """Print processor time a draft, by stage."""
    head = (
        "| model | runtime | photos | read | decode | photo tower | caption | the rest | sum, ms "
    )
    print(head + "| drafts/s a core | load |\n|" + 11 * "---|")
    for name in MODELS:
        for runtime in RUNTIMES:
            for photos in SETS:
                count = options.count if photos == "small" else options.count // 2
                found = _run(options, f"cost|{name}|{runtime}|{photos}|{count}")
                stages = ("read", "decode", "photo", "caption", "rest", "sum")
                cells = " | ".join(f"{1e3 * found[stage]:.1f}" for stage in stages)
                rate = f"{1 / found['sum']:.1f} | {_load()}"
                print(f"| {name} | {runtime} | {photos} | {cells} | {rate} |", flush=True)
            post = 1e3 * found["post"]
            print(f"| {name} | {runtime} | a post's caption | | | | {post:.1f} | | | | |")


def print_pools(options: argparse.Namespace) -> None:
    """Print drafts a second by workers, the best of some rounds, each beside one plain process."""
    print("\n| workers | drafts/s | to one worker | efficiency | cpu ms a draft | to start, s "
          "| load |\n|---|---|---|---|---|---|---|")  # fmt: skip
    plain = max(
        (_run(options, f"alone|{options.rows}") for _ in range(options.rounds)),
        key=lambda found: found["rate"],
    )
    print(f"| none: a Checker with one thread | {plain['rate']:.1f} | | | {1e3 * plain['cpu']:.1f} "
          f"| | {_load()} |", flush=True)  # fmt: skip
    first = None
    for workers in options.workers:
        found = max(
            (_run(options, f"pool|{workers}|{options.rows}") for _ in range(options.rounds)),
            key=lambda found: found["rate"],
        )
        first = first or found["rate"]
        gain = found["rate"] / first
        print(
            f"| {workers} | {found['rate']:.1f} | {gain:.2f} | {gain / workers:.0%} | "
            f"{1e3 * found['cpu']:.1f} | {found['start']:.0f} | {_load()} |",
            flush=True,
        )


def cost(work: Work, name: str, runtime: str, photos: str, count: str) -> dict[str, float]:
    """Time the stages of a draft in processor seconds, on one core."""
    _keep_to_one_core()
    checker = _checker(work, name, runtime)
    paths, captions = work.rows(photos, int(count))
    drafts = [Draft(path, caption) for path, caption in zip(paths, captions, strict=True)]
    posts = json.loads(work.posts.read_text("utf-8"))[:POSTS]
    checker.check_drafts(
        [*drafts[:BATCH], *(Draft(paths[0], text) for text in posts[:4])], alone=True
    )
    began = time.process_time()
    for start in range(0, len(drafts), 64):
        checker.check_drafts(drafts[start : start + 64], alone=True)
    total = (time.process_time() - began) / len(drafts)
    found = {"sum": total, "read": 0.0, "decode": 0.0, "photo": 0.0}
    encoder = checker.encoder
    for start in range(0, len(paths), BATCH):
        times = [time.process_time()]
        files = [read_photo(path) for path in paths[start : start + BATCH]]
        times.append(time.process_time())
        size = encoder.photo_size
        pixels = [encoder.prepare(decode_photo(file, short_side=size)) for file in files]
        times.append(time.process_time())
        encoder.encode_photos(np.stack(pixels))
        times.append(time.process_time())
        for stage, taken in zip(("read", "decode", "photo"), np.diff(times), strict=True):
            found[stage] += float(taken) / len(paths)
    embedder = checker._embedder  # noqa: SLF001 - a stage cannot be timed from outside
    for stage, texts in (("caption", captions), ("post", posts)):
        began = time.process_time()
        read = embedder.read_captions(texts, ["-"] * len(texts), clean=True)
        embedder.pool_captions([text.windows for text in read if text.windows])
        found[stage] = (time.process_time() - began) / len(texts)
    stages = ("read", "decode", "photo", "caption")
    return found | {"rest": total - sum(found[stage] for stage in stages)}


def alone(work: Work, rows: str) -> dict[str, float]:
    """Check drafts in one process, one thread for each part, without Ray."""
    checker = _checker(work, "mini", "onnx")
    drafts = [Draft(path, caption) for path, caption in _drafts(work, int(rows))]
    checker.check_drafts(drafts[:BATCH], alone=True)
    began, worked = time.monotonic(), time.process_time()
    for start in range(0, len(drafts), 64):
        checker.check_drafts(drafts[start : start + 64], alone=True)
    return {
        "rate": len(drafts) / (time.monotonic() - began),
        "cpu": (time.process_time() - worked) / len(drafts),
    }


class TimedScorer(DraftScorer):
    """A scorer that notes when it worked, in columns of its own."""

    def __call__(self, table: Any) -> Any:
        """Score a batch and note the clock, which all processes of a machine share."""
        began, worked = time.monotonic(), time.process_time()
        scored = super().__call__(table)
        ended, taken = time.monotonic(), time.process_time() - worked
        import pyarrow as pa  # noqa: PLC0415 - of the extra

        values = {"worker": os.getpid(), "began": began, "ended": ended, "taken": taken}
        for name, value in values.items():
            scored = scored.append_column(name, pa.array([float(value)] * len(scored)))
        return scored


def pool(work: Work, workers: str, rows: str) -> dict[str, float]:
    """Check drafts on some of Ray's workers, one core each."""
    import pyarrow as pa  # noqa: PLC0415 - of the extra

    with _local_ray(int(workers) + 1) as ray:
        drafts = _drafts(work, int(rows))
        table = pa.table(
            {
                "photo": [path.relative_to(work.path).as_posix() for path, _ in drafts],
                "caption": [caption for _, caption in drafts],
            }
        )
        asked = time.monotonic()
        out = (
            ray.data.from_arrow(table)
            .repartition(target_num_rows_per_block=64)
            .map_batches(
                TimedScorer,
                fn_constructor_args=(partial(_checker, work, "mini", "onnx"),),
                fn_constructor_kwargs={"root": work.path},
                batch_format="pyarrow",
                batch_size=64,
                compute=ray.data.ActorPoolStrategy(size=int(workers)),
                num_cpus=1,
            )
        )
        columns = ["worker", "began", "ended", "taken"]
        found = out.select_columns(columns).to_pandas()
    per_worker = found.groupby("worker")
    first, last = per_worker["began"].min(), per_worker["ended"].max()
    # The first batch of a worker opens its towers.
    begun, over = per_worker["ended"].min().max(), last.min()
    inside = found[(found["began"] >= begun) & (found["ended"] <= over)]
    if len(per_worker) < int(workers) or inside.empty:
        raise SystemExit("too few drafts for so many workers: give more with --rows")
    later = found[found["began"] > found["worker"].map(first)]
    batches = later.groupby(["worker", "began"])["taken"].agg(["first", "size"])
    return {
        "rate": len(inside) / (inside["ended"].max() - begun),
        "cpu": batches["first"].sum() / batches["size"].sum(),
        "start": first.max() - asked,
    }


@contextlib.contextmanager
def _local_ray(cores: int) -> Iterator[Any]:
    settings = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token",
                "RAY_AUTH_TOKEN": secrets.token_hex(32)}  # fmt: skip
    os.environ.update(settings, PYTHONPATH=os.pathsep.join(sys.path))
    import ray  # noqa: PLC0415 - it reads the environment
    import ray.data  # noqa: PLC0415

    ray.init(
        address="local",
        num_cpus=cores,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        object_store_memory=200_000_000,
        _node_ip_address="127.0.0.1",
    )
    ray.data.DataContext.get_current().enable_progress_bars = False
    try:
        yield ray
    finally:
        ray.shutdown()


def _checker(work: Work, name: str, runtime: str) -> Checker:
    os.environ["XDG_CACHE_HOME"] = str(work.cache)  # on Ray's workers too
    model = "mini" if name == "mini" else str(work.vit)
    return Checker.load(model, runtime=runtime, device="cpu", decode_threads=1, threads=1)


def _drafts(work: Work, rows: int) -> list[tuple[Path, str]]:
    return list(zip(*work.rows("many", rows), strict=True))


def _keep_to_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):  # Linux
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _run(options: argparse.Namespace, job: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.workers", "--work", str(options.work)]
    done = subprocess.run(  # noqa: S603 - this program
        [*command, "--one", job], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{job}: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()
