"""Second stage: photos and captions meet in one space."""

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
    from training.features import UpperTrunk


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run of this stage is told."""

    steps: int
    batch: int = 1024
    text_rate: float = 5e-4
    photo_rate: float = 1e-3
    trunk_rate: float = 0.0
    decay: float = 0.1
    drop: float = 0.3
    teacher_weight: float = 1.0
    smoothing: float = 0.0
    views: tuple[int, ...] = (0, 1, 3, 4)
    average: float = 0.99  # of the weights, over about 100 steps
    warm: int = 30
    budget: float = math.inf
    photo_chunk: int = 128


class PhotoSide(nn.Module):
    """Map (or pooled feature) -> embedding, as open_clip's timm tower ends."""

    def __init__(self, upper: UpperTrunk | None, proj: nn.Module, drop: float) -> None:
        super().__init__()
        self.upper, self.proj, self.drop = upper, proj, nn.Dropout(drop)

    def forward(self, photos: Tensor) -> Tensor:
        """Embeddings, not yet of unit length."""
        pooled = photos if self.upper is None else self.upper(photos).float()
        return self.proj(self.drop(pooled))


def train_with_frozen_statistics(module: nn.Module) -> None:
    """Train mode, but BatchNorm keeps ImageNet's statistics: our batches are small and odd."""
    module.train()
    for part in module.modules():
        if isinstance(part, nn.modules.batchnorm._BatchNorm):
            part.eval()


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


def contrast(photos: Tensor, texts: Tensor, scale: Tensor, smoothing: float) -> Tensor:
    """InfoNCE both ways."""
    logits = scale * photos @ texts.T
    labels = torch.arange(len(logits))
    there = F.cross_entropy(logits, labels, label_smoothing=smoothing)
    back = F.cross_entropy(logits.T, labels, label_smoothing=smoothing)
    return (there + back) / 2


def align(
    text: nn.Module,
    teacher_head: nn.Linear,
    photo: PhotoSide,
    logit_scale: nn.Parameter,
    table: TokenTable,
    targets: np.ndarray,
    maps: np.ndarray,
    links: Links,
    plan: Plan,
    *,
    rng: np.random.Generator,
    say: Callable[[str], None],
    check: Callable[[nn.Module, PhotoSide], str] | None = None,
    check_every: int = 100,
) -> tuple[nn.Module, nn.Linear, PhotoSide]:
    """Train both sides; returns the averaged text tower, teacher head and photo side.

    `maps[photo, view]` is what `PhotoSide` takes.
    """
    trunk = [photo.upper] if photo.upper is not None else []
    groups = [
        *(
            {**g, "peak": plan.text_rate}
            for g in groups_for_decay([text, teacher_head], plan.decay)
        ),
        *({**g, "peak": plan.photo_rate} for g in groups_for_decay([photo.proj], plan.decay)),
        *({**g, "peak": plan.trunk_rate} for g in groups_for_decay(trunk, plan.decay)),
        {"params": [logit_scale], "weight_decay": 0.0, "peak": plan.photo_rate},
    ]
    groups = [g for g in groups if g["params"]]
    optimiser = torch.optim.AdamW(groups, lr=plan.text_rate, betas=(0.9, 0.98))
    averaged = Average([text, teacher_head, photo], plan.average)
    aim = torch.from_numpy(targets)
    started, shown = time.monotonic(), []
    for step in range(plan.steps):
        done = max(step / plan.steps, (time.monotonic() - started) / plan.budget)
        if done >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * schedule(int(done * plan.steps), plan.steps, plan.warm)
        text.train()
        train_with_frozen_statistics(photo)
        photo_rows, text_rows = links.draw(plan.batch, rng)
        views = rng.choice(plan.views, len(photo_rows))
        seen = torch.from_numpy(np.ascontiguousarray(maps[photo_rows, views]))
        with torch.autocast("cpu", torch.bfloat16):
            if photo.upper is None:
                left = photo(seen.float())
            else:
                chunks = seen.split(plan.photo_chunk)
                left = torch.cat(
                    [photo(c.float().to(memory_format=torch.channels_last)) for c in chunks]
                )
            hidden = hidden_of(text, table, text_rows)
            right = hidden @ text.text_projection
            taught = closeness(teacher_head(hidden), aim[text_rows])
        matched = contrast(
            F.normalize(left.float(), dim=-1),
            F.normalize(right.float(), dim=-1),
            logit_scale.clamp(max=math.log(100)).exp(),
            plan.smoothing,
        )
        loss = matched + plan.teacher_weight * taught
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
                f"align {step + 1}/{plan.steps} match {a:.3f} teach {b:.3f} "
                f"scale {logit_scale.exp().item():.1f} {clock:.0f}s"
            )
        if check is not None and (step + 1) % check_every == 0:
            say(check(averaged.kept[0], averaged.kept[2]))
    kept_text, kept_head, kept_photo = averaged.kept
    return kept_text, kept_head, kept_photo
