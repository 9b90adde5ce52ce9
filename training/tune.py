"""The photo tower's last stages learn, with the heads, against the teacher's vectors.

Run: ``python -m training.tune --data DIR … --dev DIR --work DIR --steps 4000``

The lower stages stay as they are; the maps they give are cached (``training.features``), and what
is there of them is used, so this can start before the cache is whole. Photos and texts meet by
InfoNCE in several small pairs of heads at once, as in ``training.space``. To the photos of a batch
come those of the batches before it, as features without gradient: heads want more negatives than
the trunk can pass in one step. No photo is a negative of another with the same title, album or
class, nor where the teacher finds both texts nearly alike.

The rate stays level after its rise, so a run may stop anywhere and go on: every few minutes all of
its state is saved. ``--cool N`` ends it: N further steps while the rate falls to zero.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from timm.layers import pad_same
from torch import Tensor, nn

from imgfit.metrics import unit
from training.data import (
    DEV_SETS,
    TRAIN_SETS,
    Caption,
    Post,
    find_set,
    kept_back,
    read_captions,
    read_held_out,
    read_rows,
    windows,
)
from training.distil import groups_for_decay, schedule
from training.evaluate import PostTrials, Retrieval
from training.features import UpperTrunk, View, load_trunk, maps_folder, open_view
from training.space import NOISES, PhotoHead, TextHead
from training.teacher import TeacherCache

KINDS = {"caption": 1.0, "title": 1.0, "body": 0.3, "class": 0.5, "translated": 0.5, "machine": 1.0}
# Chances of a photo to be drawn, by set: posts are the domain, COCO is many.
WEIGHTS = {
    "posts": 3.0,
    "posts2": 3.0,
    "posts3": 3.0,
    "flickr8k": 1.5,
    "coco": 1.0,
    "coco40k": 0.6,
    "events": 1.0,
    "events2": 0.8,
    "scenes": 0.7,
}
ALIKE = 0.85  # cosine of the teacher's centred vectors from which two texts say the same


@dataclass(slots=True)
class Plan:
    """What a run is told."""

    heads: int = 3
    batch: int = 256
    queue: int = 512
    head_steps: int = 350
    head_rate: float = 1e-3
    rate: float = 4e-4  # of the heads while the trunk learns
    trunk_rate: float = 3e-4
    decay: float = 0.1
    trunk_decay: float = 0.02
    photo_drop: float = 0.5
    text_drop: float = 0.2
    warm: int = 60
    average: float = 0.995
    class_loss: float = 0.2
    chunk: int = 64
    crop: float = 0.6  # share of chunks whose maps are cropped
    weights: dict[str, float] = field(default_factory=lambda: dict(WEIGHTS))


def gain_of(norm: nn.Module) -> tuple[Tensor, Tensor]:
    """What a BatchNorm multiplies by and adds, its statistics being ImageNet's for good."""
    gain = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    return gain, norm.bias - norm.running_mean * gain


def pointwise(x: Tensor, conv: nn.Conv2d, norm: nn.Module, kind: torch.dtype) -> Tensor:
    """A 1 x 1 convolution and its BatchNorm as one matrix: (n, h, w, in) -> (n, h, w, out)."""
    gain, bias = gain_of(norm)
    weight = conv.weight[:, :, 0, 0] * gain[:, None]
    return F.linear(x.to(kind), weight.to(kind), bias.to(kind))


def depthwise(x: Tensor, conv: nn.Conv2d, norm: nn.Module) -> Tensor:
    """A depthwise convolution and its BatchNorm, neither of which learns."""
    gain, bias = (part.detach() for part in gain_of(norm))
    weight = conv.weight.detach() * gain[:, None, None, None]
    y, padding = x.permute(0, 3, 1, 2), conv.padding
    if conv.stride[0] > 1:
        # oneDNN's backward pass of this one is thirty times as slow in bfloat16.
        y = pad_same(y.float(), conv.kernel_size, conv.stride)
        padding = (0, 0)
    y = F.conv2d(y, weight.to(y.dtype), bias.to(y.dtype), conv.stride, padding, 1, conv.groups)
    return y.permute(0, 2, 3, 1)


def through_upper(upper: UpperTrunk, maps: Tensor, kind: torch.dtype) -> Tensor:
    """What `UpperTrunk` computes in eval mode, (n, h, w, channels) -> features.

    On two cores it learns in half the time of timm's modules: the 1 x 1 convolutions are matrices
    in bfloat16, and the depthwise kernels, 3 % of the weights whose gradient took a third of the
    time, stay as they are.
    """
    x = maps.float()
    for stage in upper.blocks:
        for block in stage:
            y = F.relu6(pointwise(x, block.conv_pw, block.bn1, kind))
            y = F.relu6(depthwise(y, block.conv_dw, block.bn2))
            y = pointwise(y, block.conv_pwl, block.bn3, kind).float()
            x = x + y if block.has_skip else y
    return F.relu6(pointwise(x, upper.conv_head, upper.bn2, kind)).float().mean((1, 2))


class Tower(nn.Module):
    """The last stages and the pairs of heads."""

    def __init__(self, upper: UpperTrunk, photo: list[PhotoHead], text: list[TextHead]) -> None:
        super().__init__()
        self.upper = upper
        for stage in upper.blocks:
            for block in stage:
                block.conv_dw.requires_grad_(False)
                block.bn2.requires_grad_(False)
        self.photo, self.text = nn.ModuleList(photo), nn.ModuleList(text)
        self.scale = nn.Parameter(torch.full((len(photo),), math.log(20.0)))

    def pooled(self, maps: Tensor, kind: torch.dtype = torch.float32) -> Tensor:
        """(n, 14, 14, channels) -> features."""
        return through_upper(self.upper, maps, kind)

    def photos(self, pooled: Tensor) -> Tensor:
        """The joined heads' embedding, of unit length: its cosine is the heads' mean cosine."""
        parts = [F.normalize(head(pooled), dim=-1) for head in self.photo]
        return torch.cat(parts, 1) / math.sqrt(len(parts))

    def texts(self, vectors: Tensor) -> Tensor:
        """The same for texts, from the teacher's centred vectors."""
        parts = [F.normalize(head(vectors), dim=-1) for head in self.text]
        return torch.cat(parts, 1) / math.sqrt(len(parts))


class Centred:
    """The teacher's vectors, centred per language, so that a language is not a direction."""

    def __init__(self, cache: TeacherCache, centres: dict[str, np.ndarray]) -> None:
        self.cache, self.centres = cache, centres

    def known(self, text: str) -> bool:
        return text.lower() in self.cache.rows

    def get(self, texts: Sequence[str], lang: Sequence[str]) -> np.ndarray:
        """Unit vectors of texts that the cache knows."""
        rows = [self.cache.rows[t.lower()] for t in texts]
        found = self.cache.vectors[rows].astype(np.float32)
        return unit(found - np.stack([self.centres[name] for name in lang]))


def centres_of(cache: TeacherCache, texts: dict[str, list[str]], path: Path) -> dict[str, Any]:
    """Mean vector of each language's everyday texts; fixed once, or the space would move."""
    if path.is_file():
        with np.load(path) as stored:
            return dict(stored)
    found = {}
    for lang, lines in texts.items():
        rows = [cache.rows[t.lower()] for t in lines if t.lower() in cache.rows]
        if len(rows) < 1000:
            raise ValueError(f"too few texts of {lang} have vectors yet: {len(rows)}")
        found[lang] = cache.vectors[rows].astype(np.float32).mean(0)
    np.savez(path, **found)
    return found


class Pairs:
    """Photos with maps and captions with vectors, for drawing batches."""

    def __init__(
        self,
        data: Sequence[Path],
        maps: Path,
        captions: Sequence[Caption],
        vectors: Centred,
        weights: dict[str, float],
        views: Sequence[int],
        without: frozenset[str] = frozenset(),
    ) -> None:
        self.views: dict[tuple[str, int], View] = {}
        place: dict[str, tuple[str, int]] = {}
        for name in TRAIN_SETS:
            where = find_set(data, name)
            for view in views if where else ():
                found = open_view(where / f"{name}.tar", f"train_{name}", view, maps)
                if found is None:
                    continue
                self.views[name, view] = found
                if view == 0:
                    place |= {n: (name, i) for i, n in enumerate(found.names[: found.done])}
        kept = [
            c
            for c in captions
            if c.photo in place and vectors.known(c.text) and c.publisher not in without
        ]
        self.texts = [c.text for c in kept]
        self.vectors = vectors.get(self.texts, [c.lang for c in kept])
        by_photo: dict[str, list[int]] = {}
        for row, caption in enumerate(kept):
            by_photo.setdefault(caption.photo, []).append(row)
        self.names = list(by_photo)
        self.place = [place[n] for n in self.names]
        self.rows = [np.array(by_photo[n]) for n in self.names]
        self.shares = []
        for rows in self.rows:
            share = np.array([KINDS[kept[r].kind] for r in rows])
            self.shares.append(share / share.sum())
        chances = np.array([weights.get(name, 0.0) for name, _ in self.place])
        self.chances = chances / chances.sum()
        numbers: dict[str, int] = {}
        self.groups = np.array(
            [
                numbers.setdefault(kept[r[0]].group or n, len(numbers))
                for n, r in zip(self.names, self.rows, strict=True)
            ]
        )
        self.classes = [kept[r[0]].group if kept[r[0]].kind == "class" else "" for r in self.rows]

    def draw(self, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Distinct photos and one caption each: numbers of photos, rows of texts."""
        picked = rng.choice(len(self.names), size, replace=False, p=self.chances)
        texts = [rng.choice(self.rows[i], p=self.shares[i]) for i in picked]
        return picked, np.array(texts)

    def view(self, photo: int, rng: np.random.Generator, squash: float = 0.4) -> tuple[View, int]:
        """A view of a photo among those there, the squashed one with a chance of its own."""
        name, row = self.place[photo]
        others = [v for (n, i), v in self.views.items() if n == name and i != 0 and row < v.done]
        if not others or rng.random() < squash:
            return self.views[name, 0], row
        return others[rng.integers(len(others))], row

    def maps(self, photos: np.ndarray, rng: np.random.Generator, crop: float) -> np.ndarray:
        """Maps of views of these photos; all are cropped to one size, each at its own place."""
        parts = []
        for photo in photos:
            view, row = self.view(photo, rng)
            parts.append(view.maps[row])
        side = parts[0].shape[0]
        if rng.random() >= crop:
            return np.stack(parts)
        high, wide = rng.integers(side - 3, side + 1, 2)
        cut = []
        for part in parts:
            top, left = rng.integers(side - high + 1), rng.integers(side - wide + 1)
            cut.append(part[top : top + high, left : left + wide])
        return np.stack(cut)

    def pooled(self, photos: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The untouched trunk's features of views of these photos."""
        found = [self.view(photo, rng) for photo in photos]
        return np.stack([view.pooled[row] for view, row in found]).astype(np.float32)


def contrast(photos: Tensor, texts: Tensor, scale: Tensor, alike: Tensor) -> Tensor:
    """InfoNCE both ways; pairs that are alike without being each other's are no negatives."""
    logits = (scale * photos @ texts.T).masked_fill(alike, -1e4)
    labels = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.T, labels)) / 2


def alike_pairs(groups: np.ndarray, vectors: Tensor) -> Tensor:
    """Which pairs of a batch are no negatives: one group, or texts that say the same."""
    same = torch.from_numpy(groups[:, None] == groups[None]).to(vectors.device)
    same |= vectors @ vectors.T > ALIKE
    same.fill_diagonal_(False)
    return same


def noised(vectors: Tensor, amount: float) -> Tensor:
    """The teacher's vectors with noise of a given length."""
    noise = torch.randn_like(vectors) * (amount / math.sqrt(vectors.shape[1]))
    return F.normalize(vectors + noise, dim=-1)


def first_heads(pairs: Pairs, plan: Plan, seed: int) -> tuple[PhotoHead, TextHead]:
    """A pair of heads on the untouched trunk's features."""
    torch.manual_seed(seed)
    rng = np.random.default_rng([seed, 7])
    sample = rng.choice(len(pairs.names), min(4000, len(pairs.names)), replace=False)
    photo = PhotoHead(pairs.pooled(sample, rng), 256, plan.photo_drop)
    text = TextHead(pairs.vectors.shape[1], 256, plan.text_drop)
    scale = nn.Parameter(torch.tensor(math.log(20.0)))
    groups = [*groups_for_decay([photo, text], plan.decay), {"params": [scale], "weight_decay": 0}]
    optimiser = torch.optim.AdamW(groups, lr=plan.head_rate, betas=(0.9, 0.98))
    kept = copy.deepcopy(nn.ModuleList([photo, text]))
    for step in range(plan.head_steps):
        for group in optimiser.param_groups:
            group["lr"] = plan.head_rate * schedule(step, plan.head_steps, 30)
        picked, rows = pairs.draw(min(1024, len(pairs.names) // 2), rng)
        vectors = torch.from_numpy(pairs.vectors[rows])
        loss = contrast(
            F.normalize(photo(torch.from_numpy(pairs.pooled(picked, rng))), dim=-1),
            F.normalize(text(noised(vectors, NOISES[seed % len(NOISES)])), dim=-1),
            scale.clamp(max=math.log(100)).exp(),
            alike_pairs(pairs.groups[picked], vectors),
        )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        follow(kept, nn.ModuleList([photo, text]), min(0.99, (step + 1) / (step + 11)))
    return kept[0], kept[1]


@torch.no_grad()
def follow(kept: nn.Module, live: nn.Module, rate: float) -> None:
    """Move the kept weights towards the live ones."""
    for a, b in zip(kept.parameters(), live.parameters(), strict=True):
        a.lerp_(b.detach(), 1 - rate)


class Exam:
    """The development sets' figures, text side the teacher's vectors through the heads."""

    def __init__(
        self, data: Sequence[Path], dev: Path, maps: Path, vectors: Centred, captions: list[Caption]
    ) -> None:
        self.vectors = vectors
        found = []
        for name in DEV_SETS:
            view = open_view(dev / f"{name}.tar", f"dev_{name}", 0, maps)
            if view is None or view.done < len(view.names):
                raise FileNotFoundError(f"the maps of dev/{name} are not whole")
            found.append(view)
        self.everyday = len(found[0].names)
        names = [n for view in found for n in view.names]
        self.maps = [view.maps for view in found]
        rows = {n: i for i, n in enumerate(names)}
        table = dev / "flickr8k.tsv"
        self.sets = {lang: Retrieval.read(table, rows, "flickr8k", lang) for lang in ("en", "id")}
        self.posts = PostTrials.read(dev / "posts.tsv", rows, "posts")
        self.language = {t: lang for lang, part in self.sets.items() for t in part.texts}
        pick = np.random.default_rng(5)
        cohort: list[np.ndarray] = []
        self.cohort_texts: list[str] = []
        for name in ("posts", "flickr8k"):
            where = find_set(data, name)
            view = open_view(where / f"{name}.tar", f"train_{name}", 0, maps) if where else None
            if view is None or view.done < 1000:
                raise FileNotFoundError(f"the maps of {name} have not gone far enough")
            cohort.append(view.maps[np.sort(pick.choice(1000, 250, replace=False))])
            kind = "title" if name == "posts" else "caption"
            own = [
                c
                for c in captions
                if c.photo.startswith(name + "/") and c.kind == kind and vectors.known(c.text)
            ][:3000]
            chosen = [own[i] for i in pick.choice(len(own), 250, replace=False)]
            self.cohort_texts += [c.text for c in chosen]
            self.language |= {c.text: c.lang for c in chosen}
        self.maps += cohort
        self.held: tuple[PostTrials, list[np.ndarray]] | None = None
        posts: list[Post] = []
        held_maps: list[np.ndarray] = []
        for name, kept in read_held_out(data).items():
            where = find_set(data, name)
            view = open_view(where / f"{name}.tar", f"train_{name}", 0, maps) if where else None
            place = {n: i for i, n in enumerate(view.names[: view.done])} if view else {}
            there = [
                p
                for p in kept
                if f"{name}/{p.photo}" in place
                and all(vectors.known(t) for t in windows(p.title, p.body))
            ]
            posts += there
            if view is not None and there:
                held_maps.append(view.maps[[place[f"{name}/{p.photo}"] for p in there]])
        if posts:
            self.held = PostTrials.of(posts, list(range(len(posts)))), held_maps
        self.scenes: list[tuple[View, np.ndarray]] = []
        where = find_set(data, "scenes")
        view = open_view(where / "scenes.tar", "train_scenes", 0, maps) if where else None
        if view is not None and view.done == len(view.names):
            table_rows = read_rows(where / "scenes.tsv")
            own = {f"scenes/{r['image']}": r["class"] for r in table_rows}
            self.classes = sorted(set(own.values()))
            self.class_names = [
                [(r["caption"], r["lang"]) for r in table_rows if r["class"] == c][:2]
                for c in self.classes
            ]
            kept = [i for i, n in enumerate(view.names) if n in own and kept_back("scenes", n[7:])]
            self.scenes = [(view, np.array(kept))]
            self.owner = np.array([self.classes.index(own[view.names[i]]) for i in kept])

    def __call__(self, tower: Tower, device: torch.device) -> dict[str, Any]:
        """All figures of a tower."""
        tower.eval()

        def embed(maps: np.ndarray) -> np.ndarray:
            with torch.inference_mode():
                parts = [
                    tower.photos(
                        tower.pooled(torch.from_numpy(np.array(maps[s : s + 64])).to(device))
                    ).cpu()
                    for s in range(0, len(maps), 64)
                ]
                return torch.cat(parts).numpy()

        def encode(texts: list[str], lang: list[str] | None = None) -> np.ndarray:
            lang = lang or [self.language.get(t, "id") for t in texts]
            with torch.inference_mode():
                made = torch.from_numpy(self.vectors.get(texts, lang)).to(device)
                return tower.texts(made).cpu().numpy()

        photos = [embed(m) for m in self.maps]
        found: dict[str, Any] = {
            lang: part.figures(encode, photos[0]) for lang, part in self.sets.items()
        }
        found["posts"] = self.posts.figures(
            encode,
            np.concatenate(photos[:2]),
            np.concatenate(photos[2:]),
            encode(self.cohort_texts),
        )
        if self.held is not None:
            trials, held_maps = self.held
            found["held"] = trials.figures(
                encode,
                np.concatenate([embed(m) for m in held_maps]),
                np.concatenate(photos[2:]),
                encode(self.cohort_texts),
            )
        for view, rows in self.scenes:
            shown = embed(view.maps[rows])
            flat = [pair for names in self.class_names for pair in names]
            texts = encode([t for t, _ in flat], [lang for _, lang in flat])
            texts = unit(texts.reshape(len(self.classes), -1, texts.shape[1]).mean(1))
            scores = shown @ texts.T
            own = scores[np.arange(len(rows)), self.owner]
            rank = (scores > own[:, None]).sum(1)
            found["scenes"] = {
                "top1": float((rank < 1).mean()),
                "top5": float((rank < 5).mean()),
                "n": len(rows),
            }
        return found


def short(found: dict[str, Any]) -> str:
    """One line of an exam's figures."""
    en, id_, posts = found["en"], found["id"], found["posts"]
    line = (
        f"EN R@10 {en['r10']:.3f} AUC {en['auc']:.4f} | ID R@10 {id_['r10']:.3f} "
        f"AUC {id_['auc']:.4f} | posts title {posts['title']:.3f} body {posts['body']:.3f}"
    )
    if "held" in found:
        line += f" | held out {found['held']['title']:.3f} {found['held']['body']:.3f}"
    if "scenes" in found:
        line += f" | scenes {found['scenes']['top1']:.3f} {found['scenes']['top5']:.3f}"
    return line


def everyday_texts(data: Sequence[Path], texts: Path) -> dict[str, list[str]]:
    """The texts whose mean is a language's centre."""
    where = find_set(data, "flickr8k")
    if where is None:
        raise FileNotFoundError("flickr8k, whose captions centre English")
    english = [c.text for c in read_captions(where, "flickr8k")]
    indonesian = [r["caption_id"].strip() for r in read_rows(texts / "xflickrco_id.tsv")]
    return {"en": english, "id": [t for t in indonesian if t][:3000]}


class Run:
    """A run of tuning: its state, and what it needs to go on."""

    def __init__(self, options: argparse.Namespace, plan: Plan, say: Callable[[str], None]) -> None:
        self.options, self.plan, self.say = options, plan, say
        self.folder: Path = options.work / options.name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.maps = maps_folder(options.work, options.trunk, options.size)
        self.cache = TeacherCache(options.work)
        centres = centres_of(
            self.cache, everyday_texts(options.data, options.texts), options.work / "centres.npz"
        )
        self.vectors = Centred(self.cache, centres)
        self.captions = [
            c
            for name in TRAIN_SETS
            if (where := find_set(options.data, name))
            for c in read_captions(where, name)
        ]
        self.exam = Exam(options.data, options.dev, self.maps, self.vectors, self.captions)
        self.refresh()
        self.step, self.cooling = 0, 0
        self.queue: list[tuple[Tensor, np.ndarray, np.ndarray]] = []

    def refresh(self) -> None:
        """Take in maps and vectors that were made meanwhile."""
        self.cache.read()
        self.pairs = Pairs(
            self.options.data,
            self.maps,
            self.captions,
            self.vectors,
            self.plan.weights,
            self.options.views,
            frozenset(self.options.hold_out),
        )
        count: dict[str, int] = {}
        for name, _ in self.pairs.place:
            count[name] = count.get(name, 0) + 1
        self.say(f"photos {len(self.pairs.names)}: {count}, captions {len(self.pairs.texts)}")
        names = {c.group: (c.text, c.lang) for c in self.captions if c.kind == "class"}
        self.class_numbers = {name: i for i, name in enumerate(sorted(names))}
        self.class_texts = (
            {
                lang: [
                    next(c.text for c in self.captions if c.group == name and c.lang == lang)
                    for name in self.class_numbers
                ]
                for lang in ("en", "id")
            }
            if names
            else {}
        )

    def begin(self) -> None:
        """Load the last checkpoint, or train the first heads on the untouched trunk."""
        plan, path = self.plan, self.folder / "state.pt"
        if path.is_file():
            state = torch.load(path, weights_only=False, map_location="cpu")
            self.tower, _ = load_kept(self.folder, self.options.trunk)
            self.tower.load_state_dict(state["live"])
        else:
            state, made = None, []
            upper = UpperTrunk(load_trunk(self.options.trunk))
            for seed in range(plan.heads):
                made.append(first_heads(self.pairs, plan, seed))
                self.say(f"first heads {seed + 1}/{plan.heads}")
            self.tower = Tower(upper, [p for p, _ in made], [t for _, t in made])
        self.tower.to(self.device, memory_format=torch.channels_last)
        self.kept = copy.deepcopy(self.tower)
        heads = [self.tower.photo, self.tower.text]
        groups = [
            *({**g, "peak": plan.rate} for g in groups_for_decay(heads, plan.decay)),
            *(
                {**g, "peak": plan.trunk_rate}
                for g in groups_for_decay([self.tower.upper], plan.trunk_decay)
            ),
            {"params": [self.tower.scale], "weight_decay": 0.0, "peak": plan.rate},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.98))
        if state is None:
            self.rng = np.random.default_rng(11)
            self.report("heads on the untouched trunk")
            self.save()
        else:
            self.kept.load_state_dict(state["kept"])
            self.optimiser.load_state_dict(state["optimiser"])
            for group, fresh in zip(self.optimiser.param_groups, groups, strict=True):
                group["peak"] = fresh["peak"]  # a run may go on with other rates
            self.step, self.rng = state["step"], state["rng"]
            torch.set_rng_state(state["torch"])
            self.say(f"goes on from step {self.step}")

    def save(self) -> None:
        """The whole state, in one move."""
        part = self.folder / "state.part"
        torch.save(
            {
                "live": self.tower.state_dict(),
                "kept": self.kept.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "step": self.step,
                "rng": self.rng,
                "torch": torch.get_rng_state(),
                "plan": asdict(self.plan),
            },
            part,
        )
        part.replace(self.folder / "state.pt")

    def report(self, stage: str) -> None:
        """Examine the kept weights; a line for the eye and one for the record."""
        found = self.exam(self.kept, self.device)
        self.say(f"{stage}: {short(found)}")
        with (self.folder / "figures.jsonl").open("a") as lines:
            lines.write(json.dumps({"stage": stage, "step": self.step, **found}) + "\n")

    def one_step(self, factor: float) -> float:
        """One batch through the trunk and all heads."""
        plan, tower, pairs = self.plan, self.tower, self.pairs
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * factor
        tower.train()
        picked, rows = pairs.draw(plan.batch, self.rng)
        parts = []
        for chunk in np.array_split(np.arange(len(picked)), math.ceil(plan.batch / plan.chunk)):
            maps = pairs.maps(picked[chunk], self.rng, plan.crop)
            made = tower.pooled(torch.from_numpy(maps).to(self.device), torch.bfloat16)
            parts.append(made)
        fresh = torch.cat(parts)
        vectors = torch.from_numpy(pairs.vectors[rows]).to(self.device)
        groups = pairs.groups[picked]
        pooled = torch.cat([fresh, *(q[0] for q in self.queue)])
        # The queue holds texts by their vectors, groups by their number: both outlive a refresh.
        texts = torch.cat([vectors, *(torch.from_numpy(q[1]).to(self.device) for q in self.queue)])
        alike = alike_pairs(np.concatenate([groups, *(q[2] for q in self.queue)]), texts)
        shown = [pairs.classes[i] for i in picked]
        scenes = [i for i, name in enumerate(shown) if name]
        loss = torch.zeros((), device=self.device)
        scale = tower.scale.clamp(max=math.log(100)).exp()
        for h, (photo, text) in enumerate(zip(tower.photo, tower.text, strict=True)):
            left = F.normalize(photo(pooled), dim=-1)
            right = F.normalize(text(noised(texts, NOISES[h % len(NOISES)])), dim=-1)
            loss = loss + contrast(left, right, scale[h], alike)
            if scenes and plan.class_loss:
                lang = ("en", "id")[self.rng.integers(2)]
                names = self.class_texts[lang]
                made = torch.from_numpy(self.vectors.get(names, [lang] * len(names)))
                right = F.normalize(text(made.to(self.device)), dim=-1)
                labels = torch.tensor([self.class_numbers[shown[i]] for i in scenes])
                loss = loss + plan.class_loss * F.cross_entropy(
                    scale[h] * left[scenes] @ right.T, labels.to(self.device)
                )
        loss = loss / plan.heads
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(tower.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        follow(self.kept, tower, min(plan.average, self.step / (self.step + 10)))
        self.queue.insert(0, (fresh.detach(), pairs.vectors[rows], groups))
        del self.queue[plan.queue // plan.batch :]
        return loss.item()

    def go(self, steps: int, cool: int) -> None:
        """Up to `steps` in all at a level rate; then `cool` more while the rate falls."""
        started = saved = time.monotonic()
        begun, shown, end = self.step, [], steps + cool
        while self.step < end:
            factor = min(1.0, (self.step + 1) / self.plan.warm)
            if self.step >= steps:
                factor = 0.5 * (1 + math.cos(math.pi * (self.step - steps) / cool))
            shown.append(self.one_step(factor))
            if self.step % 20 == 0:
                speed = (time.monotonic() - started) / (self.step - begun)
                scale = self.tower.scale.detach().exp().mean().item()
                self.say(
                    f"step {self.step}/{end} loss {np.mean(shown[-20:]):.3f} scale {scale:.1f} "
                    f"{speed:.1f} s a step"
                )
            last = self.step == end
            if last or time.monotonic() - saved > 60 * self.options.minutes:
                self.save()
                self.report(f"step {self.step}")
                saved = time.monotonic()
                if not last:
                    before = len(self.pairs.names)
                    self.refresh()
                    if len(self.pairs.names) != before:
                        self.queue.clear()  # its groups have other numbers now


def load_kept(folder: Path, trunk: str) -> tuple[Tower, int]:
    """The averaged weights of a run's last checkpoint, and its step."""
    state = torch.load(folder / "state.pt", weights_only=False, map_location="cpu")
    upper = UpperTrunk(load_trunk(trunk))
    kept, plan = state["kept"], state["plan"]
    blank = np.zeros((2, upper.conv_head.out_channels), np.float32)
    width = kept["text.0.straight.weight"].shape[1]
    tower = Tower(
        upper,
        [PhotoHead(blank, 256, plan["photo_drop"]) for _ in range(plan["heads"])],
        [TextHead(width, 256, plan["text_drop"]) for _ in range(plan["heads"])],
    )
    tower.load_state_dict(kept)
    return tower.eval(), state["step"]


def pooled_by(
    tower: Tower, view: View, path: Path, kind: torch.dtype = torch.bfloat16
) -> np.ndarray:
    """The tuned trunk's feature of every photo of a view that is there; kept on disk.

    For training bfloat16 is near enough (cosine 0.999) and twice as fast.
    """
    if path.is_file():
        stored = np.load(path, mmap_mode="r")
        if len(stored) == view.done:
            return stored
    device = next(tower.parameters()).device
    parts = []
    with torch.inference_mode():
        for start in range(0, view.done, 64):
            maps = np.array(view.maps[start : min(start + 64, view.done)])
            made = tower.pooled(torch.from_numpy(maps).to(device), kind)
            parts.append(made.half().cpu().numpy())
    found = np.concatenate(parts)
    np.save(path, found)
    return found


def main() -> None:
    """Tune the photo tower's last stages; goes on from the last checkpoint."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--name", default="tuned", help="the run's folder in the work folder")
    parser.add_argument("--trunk", default="tf_efficientnet_lite2")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--views", type=int, nargs="+", default=[0, 3, 4])
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--cool", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=8, help="between checkpoints")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--hold-out", nargs="*", default=[], help="publishers left out")
    parser.add_argument("--plan", type=json.loads, default={}, help="fields of the plan, as JSON")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    started = time.monotonic()
    plan = Plan(**options.plan)
    plan.weights = WEIGHTS | plan.weights
    run = Run(
        options, plan, lambda s: print(f"[{time.monotonic() - started:6.0f}s] {s}", flush=True)
    )
    run.begin()
    run.go(options.steps, options.cool)


if __name__ == "__main__":
    main()
