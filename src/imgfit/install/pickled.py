"""Weights from a pickle, for a user who allows it. torch is imported here, when needed."""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from imgfit.errors import PickleUnsafeError
from imgfit.language import Phrase
from imgfit.printable import RefusedError, said_by

if TYPE_CHECKING:
    from pathlib import Path

# Although told to take tensors only, torch ran a file's code before 2.6 (CVE-2025-32434) and
# let it spoil memory before 2.10 (CVE-2026-24747).
SAFE_TORCH = (2, 10)


def require_safe_torch() -> None:
    """Refuse a torch that a pickle of tensors can make run code, without loading it.

    Raises:
        PickleUnsafeError: The torch installed has one of these holes.
    """
    installed = version("torch")
    numbers = tuple(int(number) for number in re.findall(r"\d+", installed)[:2])
    if numbers < SAFE_TORCH:
        needed = ".".join(map(str, SAFE_TORCH))
        raise PickleUnsafeError(installed=installed, needed=needed)


def convert_pickle(source: Path, target: Path) -> None:
    """Write a checkpoint's tensors as safetensors.

    torch is told to take tensors only. That has had holes before, so nothing calls this unasked,
    nor with a torch whose holes are known.

    Args:
        source: A checkpoint as ``torch.save`` writes it.
        target: The file to write.

    Raises:
        PickleUnsafeError: The torch installed must not read it.
        ValueError: It holds anything else, or no tensors.
    """
    import torch  # noqa: PLC0415 - when needed
    from safetensors.torch import save_file  # noqa: PLC0415 - with torch

    require_safe_torch()
    try:
        loaded: Any = torch.load(source, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds
        said = said_by(error)
        raise RefusedError(
            id=f"bukan tensor saja: {said.id}", en=f"not tensors alone: {said.en}"
        ) from error
    if isinstance(loaded, dict) and isinstance(loaded.get("state_dict"), dict):
        loaded = loaded["state_dict"]
    if not isinstance(loaded, dict) or not loaded:
        raise ValueError(Phrase(id="tidak berisi tensor bernama", en="no tensors by name"))
    tensors = {}
    for name, tensor in loaded.items():
        if not isinstance(name, str) or not isinstance(tensor, torch.Tensor):
            said = Phrase(id=f"{name!r} bukan tensor", en=f"{name!r} is not a tensor")
            raise ValueError(said)  # noqa: TRY004 - the file's fault
        # A model trained on several devices has this before each name.
        tensors[name.removeprefix("module.")] = tensor.detach().clone().contiguous()
    save_file(tensors, target)
    target.chmod(0o644)  # safetensors writes for its owner alone
