"""Learn what each window of a caption weighs, and keep it with the model.

Run: ``python -m training.weights --data ../shared/data/train --texts ../shared/data/text --model models/mini``
and then ``python -m training.calibrate``, because another null belongs to other weights.

A small network maps a window's embedding to its weight. It is learned end to end: captions are
pooled by the weights, scored and normalised as drafts are, and must find their own photo among 256
(InfoNCE both ways). Lines that no photo shows (`training.boilerplate`, headlines, news and regional
sentences of other stories) are mixed into captions, and the pooled caption must stay as it was
without them. Photos and posts are of sets that the towers never saw (posts2, posts3, events2)
where there are such; what `held_out` names is kept for the null and the positives.
"""

from __future__ import annotations

import argparse
import csv
import io
import lzma
import random
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from imgfit.cache.embeddings import EmbeddingCache
from imgfit.calibration.norms import COHORT_TOP
from imgfit.calibration.window_weights import CAP, WindowWeights
from imgfit.embedding.texts import embed_texts
from imgfit.encoders.loading import load_encoder
from imgfit.install.sums import write_sums
from imgfit.models.finding import find_model
from training.boilerplate import boilerplate
from training.calibrate import caption_windows, embed_archive, make_cohort
from training.data import held_out, read_posts, read_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imgfit import Encoder
    from imgfit.calibration.cohort import Cohort

SEED = 21
# Photos that scores are normalised by while learning; the calibration may settle on others.
COHORT = {"posts3": 230, "flickr8k": 170}
# Captions learned from, by set; 0 for all that are not held out.
SETS = {
    "posts2": 0,
    "posts3": 0,
    "posts": 0,
    "flickr8k": 2000,
    "coco": 1500,
    "events": 1000,
    "events2": 1000,
}
# Share of a batch, by kind of set: posts that the towers never saw, posts they saw, other photos.
MIX = {"unseen": 0.5, "posts": 0.1, "other": 0.4}
LINES = {"boilerplate": 6000, "headline": 600, "news": 600, "regional": 500}
# Of the lines mixed in; headlines are few, because titles look like them.
LINE_MIX = {"boilerplate": 0.8, "headline": 0.07, "news": 0.07, "regional": 0.06}
BATCH, STEPS, MEMBERS, HIDDEN = 256, 500, 2, 48
RATE, DECAY, DROPOUT = 2e-3, 1e-3, 0.3
# Captions that lines are mixed into, and how many lines at most.
DRESSED, MOST_LINES = 0.75, 4
# How much a caption's embedding must stay as it was, beside finding its photo.
KEEP = 20.0


@dataclass(frozen=True)
class Material:
    """Captions with their photos, and lines, embedded.

    Attributes:
        photos: Unit rows, shape ``(n, dim)``, one a caption.
        starts: Where each caption's windows begin in ``rows``, shape ``(n + 1,)``.
        groups: Captions of one group are no negatives of each other, shape ``(n,)``.
        kinds: Captions by kind of set, as in `MIX`.
        rows: Windows, then lines, shape ``(m, dim)``.
        lines: Rows of lines by kind, as in `LINE_MIX`.
    """

    photos: torch.Tensor
    starts: NDArray[np.intp]
    groups: torch.Tensor
    kinds: dict[str, NDArray[np.intp]]
    rows: torch.Tensor
    lines: dict[str, NDArray[np.intp]]


class Member(torch.nn.Module):
    """One network of the ensemble; see `WindowWeights`."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.hidden = torch.nn.Linear(dim, HIDDEN)
        self.output = torch.nn.Linear(HIDDEN, 1)
        self.direct = torch.nn.Linear(dim, 1, bias=False)
        self.dropout = torch.nn.Dropout(DROPOUT)
        torch.nn.init.zeros_(self.output.weight)
        torch.nn.init.zeros_(self.direct.weight)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Map windows ``(m, dim)`` to log-weights ``(m,)``."""
        x = self.dropout(rows * 16)
        raw = self.output(self.dropout(torch.tanh(self.hidden(x)))) + self.direct(self.dropout(x))
        capped: torch.Tensor = CAP * torch.tanh(raw / CAP)
        return capped.squeeze(1)


def main() -> None:
    """Write ``windows.safetensors`` into the model's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="keeps embeddings for the next run")
    options = parser.parse_args()
    cache = EmbeddingCache(options.cache) if options.cache else None
    learn_weights(options.data, options.texts, options.model, cache)


def learn_weights(
    data: Path, texts: Path, model: Path, cache: EmbeddingCache | None = None
) -> None:
    """Learn the weights of a model's windows and write them into its folder.

    Args:
        data: The training sets' folder.
        texts: The folder of texts without photos.
        model: The model's folder.
        cache: Where embeddings are looked up and kept.
    """
    folder = find_model(str(model))
    encoder = load_encoder(folder, runtime="torch", device="cpu")
    cohort, _ = make_cohort(encoder, data, cache, COHORT)
    material = gather(encoder, data, texts, cache)
    members = [learn(material, cohort, SEED + k) for k in range(MEMBERS)]
    weights = joined(members, encoder.fingerprint)
    weights.save(folder.window_weights)
    folder.window_weights.chmod(0o644)  # safetensors writes for its owner only
    write_sums(folder.path)
    print(f"{weights.pooling}: {folder.window_weights.stat().st_size} bytes")


def gather(encoder: Encoder, data: Path, texts: Path, cache: EmbeddingCache | None) -> Material:
    """Embed what is learned from, by imgfit's own path."""
    photos, windows, groups, kinds = [], [], [], []
    for name, most in SETS.items():
        captions = read_learned(data, name)
        if most:
            chosen = np.random.default_rng(SEED).permutation(len(captions))[:most]
            captions = [captions[i] for i in sorted(chosen)]
        names = sorted({photo for photo, _, _ in captions})
        vectors = embed_archive(encoder, data / f"{name}.tar", names, cache=cache)
        row_of = {photo: row for row, photo in enumerate(names)}
        photos.append(vectors[[row_of[photo] for photo, _, _ in captions]])
        windows += caption_windows(encoder, [caption for _, caption, _ in captions])
        groups += [zlib.crc32(f"{name} {group}".encode()) for _, _, group in captions]
        kinds += [kind_of(name)] * len(captions)
        print(f"{name}: {len(captions)} captions of {len(names)} photos", flush=True)
    lines = read_lines(texts)
    cut = {kind: caption_windows(encoder, found) for kind, found in lines.items()}
    flat = [window for caption in windows for window in caption]
    starts = np.cumsum([0] + [len(caption) for caption in windows])
    spans: dict[str, NDArray[np.intp]] = {}
    for kind, found in cut.items():
        pieces = [window for line in found for window in line]
        spans[kind] = np.arange(len(flat), len(flat) + len(pieces))
        flat += pieces
    rows = embed_texts(encoder, flat, cache=cache)
    return Material(
        torch.from_numpy(np.concatenate(photos)),
        starts,
        torch.tensor(groups),
        {kind: np.flatnonzero(np.array(kinds) == kind) for kind in MIX},
        torch.from_numpy(rows),
        spans,
    )


def kind_of(name: str) -> str:
    """Name the kind of a set, as in `MIX`."""
    return "unseen" if name in {"posts2", "posts3"} else "posts" if name == "posts" else "other"


def read_learned(data: Path, name: str) -> list[tuple[str, str, str]]:
    """Return photo, caption and group of what is not held out; posts with and without body."""
    table = data / f"{name}.tsv"
    if not name.startswith("posts"):
        return [
            (row["image"], row["caption"].strip(), row["image"])
            for row in read_rows(table)
            if row["caption"].strip() and row["lang"] in {"en", "es"}
        ]
    found = []
    for post in read_posts(table):
        if not (post.title or post.body) or (name != "posts" and held_out(post.publisher)):
            continue
        found.append((post.photo, f"{post.title}\n{post.body}".strip(), post.publisher))
        if post.title:
            found.append((post.photo, post.title, post.publisher))
    return found


def read_lines(texts: Path) -> dict[str, list[str]]:
    """Return lines that show no photo at hand, by kind."""
    generator = random.Random(SEED)
    found = {"boilerplate": boilerplate(LINES["boilerplate"], 1)}
    sentences = read_compressed(texts / "indonesian_sentences.tsv.xz")
    regional = read_compressed(texts / "regional_languages.tsv.xz")
    for kind, rows, wanted in (
        ("headline", sentences, {"headline"}),
        ("news", sentences, {"news", "press"}),
        ("regional", regional, None),
    ):
        of_kind = [row["text"] for row in rows if wanted is None or row["kind"] in wanted]
        found[kind] = generator.sample(
            [text for text in of_kind if text.strip()], min(LINES[kind], len(of_kind))
        )
    return found


def read_compressed(path: Path) -> list[dict[str, str]]:
    """Rows of a compressed tab-separated file; no quoting rules."""
    text = lzma.decompress(path.read_bytes()).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))


def learn(material: Material, cohort: Cohort, seed: int) -> Member:
    """Learn one member."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    member = Member(material.rows.shape[1])
    optimiser = torch.optim.AdamW(member.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    captions, photos = torch.from_numpy(cohort.captions), torch.from_numpy(cohort.photos)
    means, deviations = fittest(material.photos, captions)
    for step in range(STEPS):
        chosen, rows, owner, own = draw(material, generator)
        windows = material.rows[rows]
        weights = torch.exp(member(windows))
        pooled = pool(windows, weights, owner, len(chosen))
        bare = pool(windows, weights * own, owner, len(chosen)).detach()
        of_photos = (material.photos[chosen] @ pooled.T - means[chosen, None]) / deviations[
            chosen, None
        ]
        mean, deviation = fittest(pooled, photos)
        of_captions = (material.photos[chosen] @ pooled.T - mean) / deviation
        groups = material.groups[chosen]
        same = (groups[:, None] == groups) & ~torch.eye(len(chosen), dtype=torch.bool)
        scores = (0.5 * (of_photos + of_captions)).masked_fill(same, -1e4)
        target = torch.arange(len(chosen))
        loss = functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)
        loss = loss + KEEP * (1 - (pooled * bare).sum(1)).mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        if step % 100 == 0:
            print(f"member {seed}, step {step}: loss {float(loss):.3f}", flush=True)
    return member.eval()


def draw(
    material: Material, generator: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Draw captions and mix lines into them.

    Returns:
        The captions; the rows of windows and lines; whose each is; 1 for the caption's own, else 0.
    """
    chosen = np.concatenate(
        [
            generator.choice(material.kinds[kind], int(BATCH * share), replace=False)
            for kind, share in MIX.items()
        ]
    )
    starts, ends = material.starts[chosen], material.starts[chosen + 1]
    own = np.concatenate([np.arange(a, b) for a, b in zip(starts, ends, strict=True)])
    dressed = generator.random(len(chosen)) < DRESSED
    counts = np.where(dressed, generator.integers(0, MOST_LINES + 1, len(chosen)), 0)
    kinds = generator.choice(list(LINE_MIX), counts.sum(), p=list(LINE_MIX.values()))
    lines = [generator.choice(material.lines[kind]) for kind in kinds]
    rows = torch.from_numpy(np.concatenate([own, np.array(lines, np.intp)]))
    everyone = np.arange(len(chosen))
    owner = np.concatenate([np.repeat(everyone, ends - starts), np.repeat(everyone, counts)])
    is_own = np.concatenate([np.ones(len(own)), np.zeros(len(lines))]).astype(np.float32)
    return torch.from_numpy(chosen), rows, torch.from_numpy(owner), torch.from_numpy(is_own)


def pool(
    windows: torch.Tensor, weights: torch.Tensor, owner: torch.Tensor, captions: int
) -> torch.Tensor:
    """Pool windows into unit rows, one a caption."""
    sums = torch.zeros(captions, windows.shape[1]).index_add(0, owner, windows * weights[:, None])
    return functional.normalize(sums, dim=1)


def fittest(rows: torch.Tensor, cohort: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return mean and deviation of each row's fittest of a cohort."""
    best = (rows @ cohort.T).topk(COHORT_TOP, dim=1).values
    return best.mean(1), best.std(1, correction=0)


def joined(members: Sequence[Member], fingerprint: str) -> WindowWeights:
    """Make one ensemble of members, rounded as it is stored."""

    def stacked(tensors: list[torch.Tensor]) -> NDArray[np.float32]:
        rounded = torch.stack(tensors).detach().to(torch.float16)
        return rounded.to(torch.float32).numpy()

    return WindowWeights(
        hidden=stacked([m.hidden.weight for m in members]),
        hidden_bias=stacked([m.hidden.bias for m in members]),
        output=stacked([m.output.weight[0] for m in members]),
        direct=stacked([m.direct.weight[0] for m in members]),
        bias=stacked([m.output.bias[0] for m in members]),
        fingerprint=fingerprint,
    )


if __name__ == "__main__":
    main()
