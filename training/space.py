"""First stage: the space in which photos and captions are to meet.

A text tower trained on a few thousand captions forgets most of what its teacher knew. So the space
is found first, with the teacher's own vectors on the text side: several small pairs of heads, each
trained with InfoNCE from another seed, under dropout and with noise on the teacher's vectors. The
noise is what makes them carry over to posts of publishers never seen (training/README.md has the
figures). Their mean cosine is one dot product of the joined outputs, which principal axes bring
down to the model's width. The text tower then learns this space from every text there is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from imgfit.metrics import unit
from training.align import Average, contrast
from training.distil import groups_for_decay, schedule

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from training.corpus import Links


@dataclass(frozen=True, slots=True)
class HeadsPlan:
    """What the training of one pair of heads is told."""

    steps: int = 350
    batch: int = 1024
    width: int = 256
    rate: float = 1e-3
    decay: float = 0.1
    photo_drop: float = 0.5
    text_drop: float = 0.2
    average: float = 0.99
    warm: int = 30
    views: tuple[int, ...] = (0, 1, 3, 4)


# Length of the noise added to a teacher's unit vector, by head in turn.
NOISES = (1.2, 0.8, 1.0)


class TextHead(nn.Module):
    """Teacher's vector -> space: a linear map and a residual of one hidden layer."""

    def __init__(self, width_in: int, width: int, drop: float, hidden: int = 512) -> None:
        super().__init__()
        self.straight = nn.Linear(width_in, width)
        self.bent = nn.Sequential(
            nn.Linear(width_in, hidden), nn.GELU(), nn.Dropout(drop), nn.Linear(hidden, width)
        )
        self.drop = nn.Dropout(drop)

    def forward(self, texts: Tensor) -> Tensor:
        """Embeddings, not yet of unit length."""
        texts = self.drop(texts)
        return self.straight(texts) + self.bent(texts)


class PhotoHead(nn.Module):
    """Pooled feature -> space: one linear map, after the features are brought to one scale."""

    def __init__(self, features: np.ndarray, width: int, drop: float) -> None:
        super().__init__()
        self.mean = nn.Buffer(torch.from_numpy(features.mean(0)))
        self.spread = nn.Buffer(torch.from_numpy(features.std(0) + 1e-3))
        self.linear = nn.Linear(features.shape[1], width)
        self.drop = nn.Dropout(drop)

    def forward(self, photos: Tensor) -> Tensor:
        """Embeddings, not yet of unit length."""
        return self.linear(self.drop((photos - self.mean) / self.spread))


def train_heads(
    pooled: np.ndarray, targets: np.ndarray, links: Links, plan: HeadsPlan, seed: int
) -> tuple[PhotoHead, TextHead]:
    """One pair of heads, averaged over its last steps.

    `pooled[photo, view]` are features, `targets[text]` the teacher's centred unit vectors.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    noise = NOISES[seed % len(NOISES)]
    photo = PhotoHead(pooled[:, 0].astype(np.float32), plan.width, plan.photo_drop)
    text = TextHead(targets.shape[1], plan.width, plan.text_drop)
    scale = nn.Parameter(torch.tensor(math.log(20.0)))
    groups = [
        *groups_for_decay([photo, text], plan.decay),
        {"params": [scale], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.98))
    averaged = Average([photo, text], plan.average)
    for step in range(plan.steps):
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * schedule(step, plan.steps, plan.warm)
        photo_rows, text_rows = links.draw(plan.batch, rng)
        views = rng.choice(plan.views, len(photo_rows))
        vectors = torch.from_numpy(targets[text_rows].astype(np.float32))
        vectors = vectors + torch.randn_like(vectors) * (noise / math.sqrt(vectors.shape[1]))
        loss = contrast(
            F.normalize(photo(torch.from_numpy(pooled[photo_rows, views].astype(np.float32)))),
            F.normalize(text(F.normalize(vectors))),
            scale.clamp(max=math.log(100)).exp(),
        )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        averaged.update()
    kept_photo, kept_text = averaged.kept
    return kept_photo.eval(), kept_text.eval()


@dataclass(frozen=True, slots=True)
class Space:
    """Where the heads say that photos and texts belong: unit rows of the model's width."""

    photos: np.ndarray
    texts: np.ndarray


def find_space(
    pooled: np.ndarray,
    targets: np.ndarray,
    links: Links,
    width: int,
    heads: int,
    work: Path,
    say: Callable[[str], None],
) -> Space:
    """Train the heads, join them, and place every photo (first view) and text; kept on disk."""
    path = work / "space.npz"
    if path.is_file():
        with np.load(path) as stored:
            return Space(stored["photos"], stored["texts"])
    photo_parts, text_parts = [], []
    features = torch.from_numpy(pooled[:, 0].astype(np.float32))
    for seed in range(heads):
        photo, text = train_heads(pooled, targets, links, HeadsPlan(), seed)
        with torch.inference_mode():
            photo_parts.append(F.normalize(photo(features)).numpy())
            made = [
                F.normalize(text(torch.from_numpy(part.astype(np.float32)))).numpy()
                for part in np.array_split(targets, 10)
            ]
        text_parts.append(np.concatenate(made).astype(np.float16))
        say(f"heads {seed + 1}/{heads}")
    photos = np.concatenate(photo_parts, axis=1)
    texts = np.concatenate(text_parts, axis=1)
    linked = np.unique(np.concatenate(links.texts))[::5]
    sample = texts[linked].astype(np.float32)
    spread = photos.T @ photos / len(photos) + sample.T @ sample / len(sample)
    values, axes = np.linalg.eigh(spread)
    axes = axes[:, ::-1][:, :width].astype(np.float32)
    say(f"{width} axes keep {values[::-1][:width].sum() / values.sum():.3f} of {len(values)}")
    space = Space(
        unit(photos @ axes).astype(np.float16),
        unit(texts.astype(np.float32) @ axes).astype(np.float16),
    )
    np.savez(path, photos=space.photos, texts=space.texts)
    return space


def start_projection(pooled: np.ndarray, space: Space, proj: nn.Linear) -> float:
    """Set the photo tower's projection by ridge regression onto the space.

    Returns the mean cosine of what it gives to where the heads put the photos.
    """
    features = pooled[:, 0].astype(np.float64)
    ridge = 1e-3 * len(features) * features.var() * np.eye(features.shape[1])
    weights = np.linalg.solve(features.T @ features + ridge, features.T @ space.photos)
    with torch.no_grad():
        proj.weight.copy_(torch.from_numpy(weights.T.astype(np.float32)))
    return float((unit(features @ weights) * space.photos).sum(1).mean())
