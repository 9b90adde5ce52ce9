"""How fast a model's towers encode in each runtime, and what a cold start costs.

Run: ``python -m benchmarks.encode [--model mini] [--model vit-b-32] [--data DATA]``

The plain tower is open_clip's as its README loads it: eager, texts at the context's full length.
``vit-b-32`` is that architecture with random weights, written to a folder for the run. With
``--data`` (the folder that holds ``dev/``; not in this repository) texts are the windows of the
development posts, and the drift of 8 bits is measured on real photos and captions; without, texts
are the package's cohort captions and no drift is printed.

Rounds of all runtimes take turns, and the best of each counts, so that what else runs on the
machine meets them all alike. Figures of one run only may be compared.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import open_clip
import torch
from safetensors.torch import save_file
from training.calibrate import embed_archive, embed_texts_as_captions
from training.data import read_posts, read_rows

from imgfit import metrics
from imgfit.calibration.cohort import Cohort, cohort_captions
from imgfit.calibration.null import Calibration
from imgfit.captions.cleaning import clean
from imgfit.captions.windows import split_windows
from imgfit.encoders.loading import RUNTIMES, load_encoder
from imgfit.models.finding import find_model
from imgfit.models.folder import ModelFolder
from imgfit.models.names import BUILT_IN
from imgfit.photos.drawn import sample_photos
from imgfit.scoring.scorer import Scorer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from imgfit.encoders.model import ModelEncoder
    from imgfit.metrics import Floats

BATCH, PHOTOS, TEXTS = 32, 64, 320
PARTS = (1, 2, 4, 8, 16, 32)
VIT = "vit-b-32"
CAPTION = "Sidang keliling di balai desa dihadiri warga dan perangkat desa pada hari Senin"


def main() -> None:
    """Print speed, cold starts and drift."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", action="append", help=f"as in imgfit, or {VIT}; may be repeated")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=4)
    options = parser.parse_args()
    models = options.model or [BUILT_IN, VIT]
    print(f"{torch.get_num_threads()} threads, batches of {BATCH}, best of {options.rounds} rounds")
    with tempfile.TemporaryDirectory() as place:
        for model in models:
            folder = write_vit(Path(place) / VIT) if model == VIT else find_model(model)
            encoders = {name: load_encoder(folder, runtime=name, device="cpu") for name in RUNTIMES}
            print(f"\n## {folder.name}\n")
            print(table(speeds(folder, encoders, options.data, options.rounds)))
            print(f"\n{table(parts(encoders, options.rounds))}")
            if options.data and folder.calibration.is_file():
                print(f"\n{table(drifts(folder, encoders, options.data / 'dev'))}")
        if BUILT_IN in models:
            print("\n## One check from the command line, embedded model\n")
            print(table(cold_starts(Path(place), options.rounds)))


def write_vit(path: Path) -> ModelFolder:
    """Write a ViT-B/32 with random weights in folder form."""
    path.mkdir()
    torch.manual_seed(0)
    config = open_clip.get_model_config("ViT-B-32")
    weights = open_clip.create_model("ViT-B-32").half().state_dict()
    save_file(weights, path / "open_clip_model.safetensors")
    levels = {"mean": open_clip.OPENAI_DATASET_MEAN, "std": open_clip.OPENAI_DATASET_STD}
    text = json.dumps({"model_cfg": config, "preprocess_cfg": levels})
    (path / "open_clip_config.json").write_text(text)
    return ModelFolder(path)


def speeds(
    folder: ModelFolder, encoders: dict[str, ModelEncoder], data: Path | None, rounds: int
) -> list[dict[str, object]]:
    """Time every runtime's towers on the same photos and texts."""
    encoder = encoders["torch"]
    pixels = np.stack([encoder.prepare(photo) for photo in sample_photos(PHOTOS)])
    texts = windows(encoder, data) if data else list(cohort_captions())[:TEXTS]
    by_length = sorted(texts, key=encoder.count_tokens)
    plain = Plain(folder)
    work: dict[tuple[str, str], Callable[[], object]] = {
        ("open_clip, plain", "photos/s"): partial(in_batches, plain.photos, pixels),
        ("open_clip, plain", "texts/s"): partial(in_batches, plain.texts, texts),
    }
    for name, each in encoders.items():
        work[name, "photos/s"] = partial(in_batches, each.encode_photos, pixels)
        work[name, "texts/s"] = partial(in_batches, each.encode_texts, by_length)
    best = fastest(work, rounds)
    count = {"photos/s": len(pixels), "texts/s": len(texts)}
    rate = {(name, what): count[what] / seconds for (name, what), seconds in best.items()}
    found: list[dict[str, object]] = []
    for name in ("open_clip, plain", *encoders):
        row: dict[str, object] = {"towers": name}
        for what in count:
            row[what] = round(rate[name, what], 1)
            row[f"{what[:-2]} to plain"] = round(
                rate[name, what] / rate["open_clip, plain", what], 2
            )
        found.append(row)
    return found


def parts(encoders: dict[str, ModelEncoder], rounds: int) -> list[dict[str, object]]:
    """Time the photo towers over one batch, a few photos at once and more."""
    pixels = np.stack([encoders["torch"].prepare(photo) for photo in sample_photos(PHOTOS)])

    def encode(encoder: ModelEncoder, count: int) -> None:
        towers: Any = encoder.towers
        usual, towers.at_once = towers.at_once, count
        in_batches(encoder.encode_photos, pixels)
        towers.at_once = usual

    work: dict[tuple[str, str], Callable[[], object]] = {
        (name, str(count)): partial(encode, encoder, count)
        for name, encoder in encoders.items()
        for count in PARTS
    }
    best = fastest(work, rounds)
    return [
        {"photos/s, at once": name}
        | {str(count): round(PHOTOS / best[name, str(count)], 1) for count in PARTS}
        for name in encoders
    ]


@dataclass
class Plain:
    """open_clip as its README shows it."""

    folder: ModelFolder

    def __post_init__(self) -> None:
        location = f"local-dir:{self.folder.path}"
        self.model: Any
        self.model, _, _ = open_clip.create_model_and_transforms(location)
        self.model.eval()
        self.tokenizer = open_clip.get_tokenizer(location)

    def photos(self, pixels: NDArray[np.float32]) -> Any:
        """Embed photos as unit rows."""
        with torch.no_grad():
            rows = self.model.encode_image(torch.from_numpy(pixels))
            return rows / rows.norm(dim=-1, keepdim=True)

    def texts(self, texts: Sequence[str]) -> Any:
        """Embed texts as unit rows."""
        with torch.no_grad():
            rows = self.model.encode_text(self.tokenizer(list(texts)))
            return rows / rows.norm(dim=-1, keepdim=True)


def windows(encoder: ModelEncoder, data: Path) -> list[str]:
    """Windows of the development posts, evenly picked, in the posts' order."""
    found: list[str] = []
    for post in read_posts(data / "dev" / "posts.tsv"):
        text = clean(f"{post.title}\n{post.body}".strip()).text
        found += split_windows(text, encoder.count_tokens, encoder.context_length) if text else ()
    return found[:: max(1, len(found) // TEXTS)]


def drifts(
    folder: ModelFolder, encoders: dict[str, ModelEncoder], dev: Path
) -> list[dict[str, object]]:
    """Compare every runtime's embeddings, fits and AUC with torch's on real photos."""
    rows = read_rows(dev / "flickr8k.tsv")
    scorer = Scorer(
        Calibration.load(folder.calibration),
        Cohort.load(folder.cohort, fingerprint=encoders["torch"].origin, dim=encoders["torch"].dim),
    )
    found: list[dict[str, object]] = []
    names = sorted({row["image"] for row in rows})
    photos = {n: embed_archive(e, dev / "flickr8k.tar", names) for n, e in encoders.items()}
    for lang in ("en", "id"):
        chosen = list({row["image"]: row for row in rows if row["lang"] == lang}.values())
        own = np.array([names.index(row["image"]) for row in chosen])
        positive = own[None, :] == np.arange(len(names))[:, None]
        fits: dict[str, Floats] = {}
        texts: dict[str, NDArray[np.float32]] = {}
        for name, encoder in encoders.items():
            texts[name] = embed_texts_as_captions(encoder, [row["caption"] for row in chosen])
            p, t = photos[name], texts[name]
            scores = scorer.normalise((p @ t.T).astype(np.float64), p, t)
            fits[name] = scorer.calibration.fit(scores)
            change = np.abs(fits[name] - fits["torch"])
            auc = metrics.auc(negatives=scores[~positive], positives=scores[positive])
            found.append(
                {
                    "Flickr8k, dev": lang,
                    "towers": name,
                    "photos, cosine to torch": float(cosines(p, photos["torch"]).mean()),
                    "texts, cosine": float(cosines(t, texts["torch"]).mean()),
                    "change of fit, mean": float(change.mean()),
                    "own pairs": float(change[positive].mean()),
                    "most": float(change.max()),
                    "AUC": float(auc),
                }
            )
    return found


def cold_starts(place: Path, rounds: int) -> list[dict[str, object]]:
    """Time new processes: one check in each runtime, without a cache of embeddings."""
    photo = place / "photo.jpg"
    sample_photos(1)[0].save(photo)
    check = [sys.executable, "-m", "imgfit", "check", str(photo), "-c", CAPTION, "--json"]
    commands = {
        "import torch, open_clip": [sys.executable, "-c", "import torch, open_clip"],
        "a bare Python": [sys.executable, "-c", "pass"],
        **{f"check, {name}": [*check, "--no-cache", "--runtime", name] for name in RUNTIMES},
        "check, all cached": [*check, "--cache", str(place / "cache.sqlite")],
    }
    work: dict[tuple[str, str], Callable[[], object]] = {
        (name, ""): partial(run_process, command) for name, command in commands.items()
    }
    best = fastest(work, rounds)
    reference = best["import torch, open_clip", ""]
    return [
        {
            "process": name,
            "seconds": round(seconds, 2),
            "to the import": round(seconds / reference, 2),
        }
        for (name, _), seconds in best.items()
    ]


def run_process(command: Sequence[str]) -> None:
    """Run a process to its end; a check may well say that the photo does not speak."""
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr.decode())


def fastest(
    work: dict[tuple[str, str], Callable[[], object]], rounds: int
) -> dict[tuple[str, str], float]:
    """Seconds of each piece of work: the best of rounds that take turns, after one to warm up."""
    best = dict.fromkeys(work, float("inf"))
    for number in range(rounds + 1):
        for name, run in work.items():
            started = time.perf_counter()
            run()
            if number:
                best[name] = min(best[name], time.perf_counter() - started)
    return best


def in_batches(encode: Callable[[Any], object], items: Any) -> None:
    """Encode a sequence or array batch by batch."""
    for start in range(0, len(items), BATCH):
        encode(items[start : start + BATCH])


def cosines(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """Row by row."""
    found: NDArray[np.float64] = np.einsum("nd,nd->n", first, second, dtype=np.float64)
    return found


def table(rows: Sequence[dict[str, object]]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| " + " | ".join(rows[0]) + " |", "|---" * len(rows[0]) + "|"]
    for row in rows:
        texts = (f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row.values())
        lines.append("| " + " | ".join(texts) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
