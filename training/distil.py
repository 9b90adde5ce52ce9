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
    from pathlib import Path


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
    steps: int,
    batch: int,
    rate: float,
    seed: int,
    path: Path,
    say: Callable[[str], None],
    weights: np.ndarray | None = None,
    minutes: float = 8,
) -> None:
    """Minimise the angle between a text's embedding and its place in the space.

    Goes on from `path` where an earlier run was stopped; the state there is saved every few
    `minutes`. `weights` are the texts' chances. No steps: the tower stays as it comes.
    """
    if not steps:
        return
    text.train()
    aim = torch.from_numpy(places)
    optimiser = torch.optim.AdamW(groups_for_decay([text], 0.02), lr=rate, betas=(0.9, 0.98))
    step = 0
    if path.is_file():
        state = torch.load(path, weights_only=True)
        text.load_state_dict(state["text"])
        optimiser.load_state_dict(state["optimiser"])
        step = state["step"]
        say(f"distil goes on from step {step}")
    chances = None if weights is None else weights / weights.sum()
    started = saved = time.monotonic()
    begun, shown = step, []
    while step < steps:
        # Each block of steps has its own seed, so that a run that goes on sees other texts.
        rng = np.random.default_rng([seed, step])
        block = min(50, steps - step)
        picked = rng.choice(len(table.lengths), block * batch, p=chances)
        # Texts of like length share a batch; the noise keeps the batches different.
        order = picked[np.argsort(table.lengths[picked] + rng.uniform(0, 3, len(picked)))]
        for start in rng.permutation(block) * batch:
            for group in optimiser.param_groups:
                group["lr"] = rate * schedule(step, steps, min(100, max(1, steps // 10)))
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
        speed = (step - begun) * batch / (time.monotonic() - started)
        say(f"distil {step}/{steps} loss {np.mean(shown[-block:]):.4f} {speed:.0f} texts/s")
        if step == steps or time.monotonic() - saved > 60 * minutes:
            part = path.with_suffix(".part")
            state = {"text": text.state_dict(), "optimiser": optimiser.state_dict(), "step": step}
            torch.save(state, part)
            part.replace(path)
            saved = time.monotonic()


def closeness(made: Tensor, aim: Tensor) -> Tensor:
    """Mean of one less the cosine: 0 where both agree."""
    return (1 - F.cosine_similarity(made.float(), aim.float())).mean()
