"""The tables and bars of `benchmarks.speed`, made of its figures alone."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TITLES = {"vit": "ViT-B/32, random weights", "mini": "mini, the embedded model"}
RUNTIMES = ("torch", "onnx", "onnx-int8")
PLAIN = "open_clip, plain loop"
# Peers that run torch, and all of them.
TORCH_PEERS = ("open_clip, DataLoader", "torchmetrics CLIPScore", "sentence-transformers CLIP")
ALL_PEERS = (*TORCH_PEERS, "rclip (ONNX)")
# Above this share of the cores in other hands, a stage's figures are not to be trusted.
_QUIET = 0.05


def report(found: dict[str, Any]) -> str:
    """Print what was measured.

    Args:
        found: Figures by stage, as `benchmarks.speed` keeps them.

    Returns:
        Markdown.
    """
    lines: list[str] = []
    for stage, title in (("phone", "12 MP photos"), ("small", "Small photos")):
        if stage in found:
            for model, name in TITLES.items():
                lines += [f"### {title}, {name}", "", *_race(found[stage], model), ""]
    if "parts" in found:
        lines += [
            "### Parts of imgfit, ms a draft, each alone",
            "",
            *_side_by_side(found["parts"], "part", ".2f"),
            "",
        ]
    if "texts" in found:
        lines += ["### Texts: windows of posts", "", *_texts(found["texts"]), ""]
    if "command" in found:
        lines += ["### The command line on drafts of 12 MP", "", *_command(found["command"]), ""]
    if "start" in found:
        lines += ["### One check from the command line, mini", "", *_start(found["start"]), ""]
    if "scale" in found:
        lines += ["### Cost of many drafts, mini", "", *_scale(found["scale"]), ""]
    if "equality" in found:
        lines += [
            "### Largest difference in fit",
            "",
            *_side_by_side(found["equality"], "changed", ".1e"),
            "",
        ]
    bars = [f"- {bar}" for bar in _bars(found)]
    return "\n".join([*lines, "### Bars", "", *bars, "", "### Machine", "", *_machine(found)])


def rate(stage: dict[str, Any], name: str) -> float | None:
    """Return a contender's photos a second, the median of its rounds; None if not measured."""
    runs = stage.get(name, {}).get("runs")
    return median(run["count"] / run["seconds"] for run in runs) if runs else None


def _race(stage: dict[str, Any], model: str) -> list[str]:
    base = rate(stage, f"{model}|{PLAIN}")
    rows, missing = [], []
    for key, entry in stage.items():
        owner, name = key.split("|", 1)
        if owner != model:
            continue
        if "unavailable" in entry:
            missing.append(f"- {name.replace('|', ', ')}: not available: {entry['unavailable']}")
            continue
        rates = [run["count"] / run["seconds"] for run in entry["runs"]]
        memory = median(run["megabytes"] for run in entry["runs"])
        rows.append(
            [
                _spoken(name),
                str(entry["runs"][0]["count"]),
                *(f"{value:.1f}" for value in (min(rates), median(rates), max(rates))),
                f"{median(rates) / base:.2f}" if base else "",
                f"{memory:.0f}",
            ]
        )
    head = ["contender", "photos", "photos/s: least", "median", "most", "to the plain loop",
            "peak MB, main process"]  # fmt: skip
    return [*_table(head, rows), *([""] if missing else []), *missing]


def _side_by_side(stage: dict[str, Any], head: str, digits: str) -> list[str]:
    """Put what each contender measured beside the others, a line a measure."""
    done = {key: entry["runs"][0] for key, entry in stage.items() if "runs" in entry}
    names = list(next(iter(done.values()), {}))
    rows = [[name, *(f"{run[name]:{digits}}" for run in done.values())] for name in names]
    return [*_table([head, *map(_spoken, done)], rows), *_missing(stage)]


def _texts(stage: dict[str, Any]) -> list[str]:
    rows = []
    for key, entry in stage.items():
        for run in entry.get("runs", ()):
            ours, theirs = median(run["imgfit"]), median(run["open_clip"])
            rows.append(
                [
                    _spoken(key),
                    str(run["count"]),
                    f"{run['count'] / ours:.0f}",
                    f"{run['count'] / theirs:.0f}",
                    f"{theirs / ours:.2f}",
                    f"{run['difference']:.1e}",
                ]
            )
    head = ["model", "windows", "imgfit, windows/s", "open_clip, fixed length", "ratio",
            "largest difference of an embedding"]  # fmt: skip
    return [*_table(head, rows), *_missing(stage)]


def _command(stage: dict[str, Any]) -> list[str]:
    rows = [
        [
            _spoken(runtime),
            name,
            *(f"{value:.2f}" for value in (min(times), median(times), max(times))),
        ]
        for runtime, entry in stage["models"].items()
        for name, times in entry.get("times", {}).items()
    ]
    head = ["model, runtime", f"{stage['count']} drafts", "s: least", "median", "most"]
    lines = _table(head, rows)
    for name, entry in stage["models"].items():
        if "equal" in entry:
            outcome = "equal" if entry["equal"] else "NOT EQUAL"
            lines += ["", f"- {_spoken(name)}: what was printed cold and from the cache: {outcome}"]
    return [*lines, *_missing(stage["models"])]


def _start(stage: dict[str, Any]) -> list[str]:
    rows = [
        [name, *(f"{value:.2f}" for value in (min(times), median(times), max(times)))]
        for name, times in ((n, entry.get("times")) for n, entry in stage.items())
        if times
    ]
    return [*_table(["command", "s: least", "median", "most"], rows), *_missing(stage)]


def _scale(stage: dict[str, Any]) -> list[str]:
    rows = [
        [
            *key.split("|"),
            f"{run['seconds']:.1f}",
            f"{1e3 * run['seconds'] / run['count']:.1f}",
            f"{1e3 * run['ranking']:.1f}",
            f"{run['megabytes']:.0f}",
        ]
        for key, entry in stage.items()
        for run in entry.get("runs", ())
    ]
    head = ["runtime", "drafts", "s", "ms a draft", "ranking, ms", "peak MB"]
    return [*_table(head, rows), *_missing(stage)]


def _machine(found: dict[str, Any]) -> list[str]:
    lines = []
    described: dict[str, list[str]] = {}
    for stage, machine in found.get("machines", {}).items():
        packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
        text = (
            f"{machine['date']}, {machine['cores']} cores, {machine['processor']}; Python "
            f"{machine['python']}, {packages}; threads: {machine['threads']}; sizes: "
            + ", ".join(f"{name} {size}" for name, size in machine["sizes"].items())
            + "".join(f"\n  - `{signature}`" for signature in machine["signatures"])
        )
        described.setdefault(text, []).append(stage)
    for text, stages in described.items():
        lines.append(f"- {', '.join(stages)}: {text}")
    for stage, taken in found.get("taken", {}).items():
        note = f"; OTHER PROCESSES TOOK {taken['others']:.0%} OF THE CORES, so trust it little"
        noisy = taken["others"] > _QUIET
        lines.append(f"- {stage}: measured in {taken['seconds']:.0f} s{note if noisy else ''}")
    return lines


def _bars(found: dict[str, Any]) -> list[str]:
    return [
        *_phone_bars(found.get("phone", {})),
        *_small_bars(found.get("small", {})),
        *_command_bars(found),
        *_scale_bars(found.get("scale", {})),
        *_texts_bars(found.get("texts", {})),
        *_equality_bars(found.get("equality", {})),
    ]


def _phone_bars(stage: dict[str, Any]) -> list[str]:
    ours = {runtime: rate(stage, f"vit|imgfit|{runtime}") for runtime in RUNTIMES}
    plain = rate(stage, f"vit|{PLAIN}")
    torch_best = _best(stage, TORCH_PEERS)
    best = _best(stage, ALL_PEERS)
    lines = [
        _least("12 MP, ViT-B/32: imgfit torch to the plain loop", ours["torch"], plain, 3),
        _least("12 MP, ViT-B/32: imgfit torch to the best peer with torch", ours["torch"],
               torch_best, 1.5),
        _least("12 MP, ViT-B/32: imgfit torch to the best peer of all", ours["torch"], best, 1.5),
        _least("12 MP, ViT-B/32: imgfit onnx-int8 to the plain loop", ours["onnx-int8"], plain, 4),
    ]  # fmt: skip
    plain = rate(stage, f"mini|{PLAIN}")
    for runtime in RUNTIMES:
        mine = rate(stage, f"mini|imgfit|{runtime}")
        lines.append(_least(f"12 MP, mini: imgfit {runtime} to the plain loop", mine, plain, 2.5))
    return lines


def _small_bars(stage: dict[str, Any]) -> list[str]:
    lines = []
    for model in TITLES:
        for runtime in RUNTIMES:
            limit = rate(stage, f"{model}|bare tower|{runtime}")
            for kind, what in (("imgfit photos only", "photos to embeddings"),
                               ("imgfit", "drafts to scores, captions too")):  # fmt: skip
                mine = rate(stage, f"{model}|{kind}|{runtime}")
                name = f"small, {model}, {runtime}: {what}, to the bare photo tower"
                lines.append(_least(name, mine, limit, 0.85))
    eager = rate(stage, "mini|open_clip, bare tower")
    onnx = rate(stage, "mini|bare tower|onnx")
    lines.append(_least("mini: bare tower, ONNX to torch eager", onnx, eager, 2))
    return lines


def _command_bars(found: dict[str, Any]) -> list[str]:
    lines = []
    for name, entry in found.get("command", {}).get("models", {}).items():
        middle = {run: median(values) for run, values in entry.get("times", {}).items()}
        cold, changed = middle.get("cold"), middle.get("one caption changed")
        same = middle.get("nothing changed")
        who = f"command line, {_spoken(name)}"
        lines.append(_least(f"{who}: cold to one caption changed", cold, changed, 20))
        for digest in ("SHA-256", "BLAKE3"):
            floor = middle.get(f"python, digesting the files, {digest}")
            what = f"{who}: nothing changed, to python and {digest} of the files"
            lines.append(_most(what, same, floor, 1.5))
    start = {
        name: median(entry["times"])
        for name, entry in found.get("start", {}).items()
        if "times" in entry
    }
    floor = start.get("python -c 'import torch, open_clip'")
    name = "one check with ONNX to importing torch and open_clip"
    lines.append(_most(name, start.get("imgfit check, onnx"), floor, 0.5))
    return lines


def _scale_bars(stage: dict[str, Any]) -> list[str]:
    lines = []
    for runtime in RUNTIMES:
        runs = [stage.get(f"{runtime}|{count}", {}).get("runs", [None])[0] for count in (200, 5000)]
        name = f"{runtime}: peak memory of 5,000 drafts over that of 200, MB"
        if None in runs:
            lines.append(f"{name}: not measured")
        else:
            more = runs[1]["megabytes"] - runs[0]["megabytes"]
            lines.append(_line(name, more, 150, held=more <= 150, digits=0, sign="at most"))
    return lines


def _texts_bars(stage: dict[str, Any]) -> list[str]:
    lines = []
    for model in TITLES:
        for runtime in RUNTIMES:
            runs = stage.get(f"{model}|{runtime}", {}).get("runs")
            ours = median(runs[0]["imgfit"]) if runs else None
            theirs = median(runs[0]["open_clip"]) if runs else None
            name = f"texts, {model}, {runtime}: to open_clip's fixed length"
            lines.append(_least(name, theirs, ours, 2))
    return lines


def _equality_bars(stage: dict[str, Any]) -> list[str]:
    lines = []
    for model in TITLES:
        for runtime in RUNTIMES:
            name = f"{model}, {runtime}: largest difference in fit"
            runs = stage.get(f"{model}|{runtime}", {}).get("runs")
            if not runs:
                lines.append(f"{name}: not measured")
                continue
            settings = max(value for key, value in runs[0].items() if "cache" not in key)
            cached = max(value for key, value in runs[0].items() if "cache" in key)
            lines += [
                f"{name} between settings: {settings:.1e}, bar: at most 1e-5: "
                + ("held" if settings <= 1e-5 else f"short by {settings - 1e-5:.1e}"),
                f"{name} from the cache: {cached:.1e}, bar: 0: "
                + ("held" if cached == 0 else f"short by {cached:.1e}"),
            ]
    return lines


def _best(stage: dict[str, Any], names: Iterable[str]) -> float | None:
    rates = [found for name in names if (found := rate(stage, f"vit|{name}")) is not None]
    return max(rates, default=None)


def _least(name: str, value: float | None, unit: float | None, bar: float) -> str:
    if value is None or unit is None:
        return f"{name}: not measured"
    ratio = value / unit
    return _line(name, ratio, bar, held=ratio >= bar, digits=2, sign="at least")


def _most(name: str, value: float | None, unit: float | None, bar: float) -> str:
    if value is None or unit is None:
        return f"{name}: not measured"
    ratio = value / unit
    return _line(name, ratio, bar, held=ratio <= bar, digits=2, sign="at most")


def _line(name: str, value: float, bar: float, *, held: bool, digits: int, sign: str) -> str:
    verdict = "held" if held else f"short by {abs(value - bar):.{digits}f}"
    return f"{name}: {value:.{digits}f}, bar: {sign} {bar:g}: {verdict}"


def _spoken(key: str) -> str:
    return key.replace("|", ", ")


def _missing(stage: dict[str, Any]) -> list[str]:
    lines = [
        f"- {key.replace('|', ', ')}: not available: {entry['unavailable']}"
        for key, entry in stage.items()
        if "unavailable" in entry
    ]
    return ["", *lines] if lines else []


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [" | ".join(head), "|".join("---" for _ in head)]
    return [f"| {lines[0]} |", f"|{lines[1]}|", *(f"| {' | '.join(row)} |" for row in rows)]
