"""The space in which photos and captions are to meet.

A text tower trained on a few thousand captions forgets most of what its teacher knew. So the space
is found first, with the teacher's own vectors on the text side (``training.tune``): several small
pairs of heads, each trained with InfoNCE from another seed, under dropout and with noise on the
teacher's vectors. The noise is what makes them carry over to posts of publishers never seen
(training/README.md has the figures). Their mean cosine is one dot product of the joined outputs,
which principal axes bring down to the model's width. The text tower then learns this space from
every text there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from imgfit.metrics import unit

if TYPE_CHECKING:
    from collections.abc import Callable


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


@dataclass(frozen=True, slots=True)
class Space:
    """Where the heads say that photos and texts belong: unit rows of the model's width."""

    photos: np.ndarray
    texts: np.ndarray


def join(
    photos: np.ndarray,
    texts: np.ndarray,
    linked: np.ndarray,
    width: int,
    say: Callable[[str], None],
) -> Space:
    """Bring the joined heads' outputs to the model's width, along their principal axes.

    Both sides weigh the same; of the texts, `linked` to photos, one in five decides.
    """
    sample = texts[linked[::5]].astype(np.float32)
    spread = photos.T @ photos / len(photos) + sample.T @ sample / len(sample)
    values, axes = np.linalg.eigh(spread)
    axes = axes[:, ::-1][:, :width].astype(np.float32)
    say(f"{width} axes keep {values[::-1][:width].sum() / values.sum():.3f} of {len(values)}")
    return Space(
        unit(photos @ axes).astype(np.float16),
        unit(texts.astype(np.float32) @ axes).astype(np.float16),
    )


def turned(space: Space, made: np.ndarray, rows: np.ndarray) -> tuple[Space, float]:
    """Turn the space so that `rows` of its texts lie as near as can be to where a tower puts them.

    A rotation changes no cosine, but a text tower that was taught an earlier space starts near.
    Returns the space and the mean cosine of the tower's texts to it.
    """
    texts = space.texts[rows].astype(np.float64)
    left, _, right = np.linalg.svd(texts.T @ made.astype(np.float64))
    turn = (left @ right).astype(np.float32)
    found = Space(
        (space.photos.astype(np.float32) @ turn).astype(np.float16),
        (space.texts.astype(np.float32) @ turn).astype(np.float16),
    )
    return found, float((found.texts[rows].astype(np.float32) * made).sum(1).mean())


def start_projection(pooled: np.ndarray, space: Space, proj: nn.Linear) -> float:
    """Set the photo tower's projection by ridge regression onto the space.

    Returns the mean cosine of what it gives to where the heads put the photos.
    """
    features = pooled.astype(np.float64)
    ridge = 1e-3 * len(features) * features.var() * np.eye(features.shape[1])
    weights = np.linalg.solve(features.T @ features + ridge, features.T @ space.photos)
    with torch.no_grad():
        proj.weight.copy_(torch.from_numpy(weights.T.astype(np.float32)))
    return float((unit(features @ weights) * space.photos).sum(1).mean())
