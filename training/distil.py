"""Second stage: the text tower learns the heads' space from every text there is."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.student import TokenTable, text_hidden

if TYPE_CHECKING:
    from collections.abc import Callable


def groups_for_decay(modules: list[nn.Module], decay: float) -> list[dict[str, object]]:
    """Weight decay for matrices only."""
    parameters = [p for m in modules for p in m.parameters() if p.requires_grad]
    return [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]


def schedule(step: int, steps: int, warm: int) -> float:
    """Linear warm-up, then a half cosine to zero."""
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def distil(
    text: nn.Module,
    table: TokenTable,
    places: np.ndarray,
    *,
    epochs: float,
    batch: int,
    rate: float,
    rng: np.random.Generator,
    say: Callable[[str], None],
) -> None:
    """Minimise the angle between a text's embedding and its place in the space."""
    text.train()
    aim = torch.from_numpy(places)
    per_epoch = len(table.lengths) // batch
    steps = int(epochs * per_epoch)
    optimiser = torch.optim.AdamW(groups_for_decay([text], 0.02), lr=rate, betas=(0.9, 0.98))
    started, shown, step = time.monotonic(), [], 0
    while step < steps:
        # Texts of like length share a batch; the noise keeps the batches different each epoch.
        order = np.argsort(table.lengths + rng.uniform(0, 3, len(table.lengths)))
        starts = rng.permutation(per_epoch) * batch
        for start in starts[: steps - step]:
            for group in optimiser.param_groups:
                group["lr"] = rate * schedule(step, steps, 100)
            rows = order[start : start + batch]
            with torch.autocast("cpu", torch.bfloat16):
                made = text_hidden(text, table.batch(rows)) @ text.text_projection
            loss = closeness(made, aim[rows])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(text.parameters(), 1.0)
            optimiser.step()
            shown.append(loss.item())
            step += 1
            if step % 100 == 0:
                speed = step * batch / (time.monotonic() - started)
                say(f"distil {step}/{steps} loss {np.mean(shown[-100:]):.4f} {speed:.0f} texts/s")


def closeness(made: Tensor, aim: Tensor) -> Tensor:
    """Mean of one less the cosine: 0 where both agree."""
    return (1 - F.cosine_similarity(made.float(), aim.float())).mean()
