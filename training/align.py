"""Third stage: both towers learn from photos and captions, held near the space they start in."""

from __future__ import annotations

import copy
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.distil import closeness, groups_for_decay, schedule
from training.student import TokenTable, hidden_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.corpus import Links


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run of this stage is told."""

    steps: int
    batch: int = 1024
    text_rate: float = 3e-4
    photo_rate: float = 5e-4
    decay: float = 0.1
    hold: float = 5.0  # weight of the distance from the space, against InfoNCE's 1
    average: float = 0.98  # of the weights, over about 50 steps
    warm: int = 20


class PhotoSide(nn.Module):
    """Pooled feature -> embedding, as open_clip's timm tower ends."""

    def __init__(self, proj: nn.Module, drop: float) -> None:
        super().__init__()
        self.proj, self.drop = proj, nn.Dropout(drop)

    def forward(self, photos: Tensor) -> Tensor:
        """Embeddings, not yet of unit length."""
        return self.proj(self.drop(photos))


class Average:
    """Running mean of the weights, which is what is kept."""

    def __init__(self, modules: list[nn.Module], rate: float) -> None:
        self.live, self.kept, self.rate, self.count = modules, copy.deepcopy(modules), rate, 0

    @torch.no_grad()
    def update(self) -> None:
        """Move the kept weights towards the live ones."""
        self.count += 1
        rate = min(self.rate, self.count / (self.count + 10))
        for live, kept in zip(self.live, self.kept, strict=True):
            for a, b in zip(kept.parameters(), live.parameters(), strict=True):
                a.lerp_(b, 1 - rate)


def same_group(groups: np.ndarray) -> Tensor:
    """Which pairs of different rows are of one group."""
    same = torch.from_numpy(groups[:, None] == groups[None])
    return same.fill_diagonal_(False)


def contrast(photos: Tensor, texts: Tensor, scale: Tensor, groups: np.ndarray) -> Tensor:
    """InfoNCE both ways, as CLIP is trained (Radford et al. 2021), with no negatives in a group."""
    logits = (scale * photos @ texts.T).masked_fill(same_group(groups), -1e4)
    labels = torch.arange(len(logits))
    return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.T, labels)) / 2


def align(
    text: nn.Module,
    photo: PhotoSide,
    logit_scale: nn.Parameter,
    table: TokenTable,
    places: np.ndarray,
    maps: np.ndarray,
    links: Links,
    plan: Plan,
    *,
    rng: np.random.Generator,
    say: Callable[[str], None],
    check: Callable[[nn.Module, PhotoSide], str] | None = None,
    check_every: int = 100,
) -> tuple[nn.Module, PhotoSide]:
    """Train both sides; returns the averaged text tower and photo side.

    `maps[photo, view]` is what `PhotoSide` takes.
    """
    groups = [
        *({**g, "peak": plan.text_rate} for g in groups_for_decay([text], plan.decay)),
        *({**g, "peak": plan.photo_rate} for g in groups_for_decay([photo.proj], plan.decay)),
        {"params": [logit_scale], "weight_decay": 0.0, "peak": plan.photo_rate},
    ]
    groups = [g for g in groups if g["params"]]
    optimiser = torch.optim.AdamW(groups, lr=plan.text_rate, betas=(0.9, 0.98))
    averaged = Average([text, photo], plan.average)
    aim = torch.from_numpy(places)
    started, shown = time.monotonic(), []
    for step in range(plan.steps):
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * schedule(
                step, plan.steps, min(plan.warm, max(1, plan.steps // 8))
            )
        text.train()
        photo.train()
        photo_rows, text_rows = links.draw(plan.batch, rng)
        views = rng.choice(maps.shape[1], len(photo_rows))
        seen = torch.from_numpy(np.ascontiguousarray(maps[photo_rows, views]))
        with torch.autocast("cpu", torch.bfloat16):
            left = photo(seen.float())
            right = hidden_of(text, table, text_rows) @ text.text_projection
        taught = closeness(right, aim[text_rows])
        matched = contrast(
            F.normalize(left.float(), dim=-1),
            F.normalize(right.float(), dim=-1),
            logit_scale.clamp(max=math.log(100)).exp(),
            links.groups[photo_rows],
        )
        loss = matched + plan.hold * taught
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_([p for g in groups for p in g["params"]], 1.0)
        optimiser.step()
        averaged.update()
        shown.append((matched.item(), taught.item()))
        if (step + 1) % 20 == 0:
            a, b = np.mean(shown[-20:], 0)
            clock = time.monotonic() - started
            say(
                f"align {step + 1}/{plan.steps} match {a:.3f} hold {b:.3f} "
                f"scale {logit_scale.exp().item():.1f} {clock:.0f}s"
            )
        if check is not None and (step + 1) % check_every == 0:
            say(check(*averaged.kept))
    kept_text, kept_photo = averaged.kept
    return kept_text, kept_photo
