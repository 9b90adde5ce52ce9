"""The golden pair: one photo and one caption whose embeddings a bundle keeps, to be made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from imgfit.errors import ModelBrokenError
from imgfit.language import Phrase
from imgfit.photos import golden_photo
from imgfit.printable import said_by

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from imgfit.encoders import ModelEncoder

GOLDEN_NAME = "golden.safetensors"
GOLDEN_CAPTION = "Dua perahu merah di pantai, a green hill behind them"
# Largest difference of any number of the two embeddings. Two machines' order of summing leaves
# about 1e-6; another mean, crop, activation or tokenizer moves them by more than 1e-2.
TOLERANCE = 1e-4
_MAX_BYTES = 1_000_000


def write_golden(encoder: ModelEncoder) -> None:
    """Embed the golden pair and store it with the model.

    Args:
        encoder: The model, on the CPU.

    Raises:
        ModelBrokenError: The model cannot embed it.
    """
    path = encoder.folder.path / GOLDEN_NAME
    save_file(_embed(encoder), path)
    path.chmod(0o644)  # safetensors writes for its owner alone


def golden_distance(encoder: ModelEncoder) -> float:
    """Embed the golden pair again and compare it with the stored embeddings.

    Args:
        encoder: The model, on the CPU.

    Returns:
        Largest difference of any number; infinite if they are of another shape.

    Raises:
        ModelBrokenError: The stored embeddings cannot be read, or the model cannot embed it.
    """
    path: Path = encoder.folder.path / GOLDEN_NAME
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError(
                Phrase(id=f"lebih dari {_MAX_BYTES} bita", en=f"over {_MAX_BYTES} bytes")
            )
        kept = load_file(path)
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelBrokenError(folder=path.parent, cause=said_by(error, GOLDEN_NAME)) from error
    made = _embed(encoder)
    if {k: v.shape for k, v in kept.items()} != {k: v.shape for k, v in made.items()}:
        return float("inf")
    distance = max(float(np.abs(kept[name] - rows).max()) for name, rows in made.items())
    return distance if np.isfinite(distance) else float("inf")


def _embed(encoder: ModelEncoder) -> dict[str, NDArray[np.float32]]:
    try:
        photo = encoder.encode_photos(encoder.prepare(golden_photo())[None])[0]
        caption = encoder.encode_texts([GOLDEN_CAPTION])[0]
    except ModelBrokenError:
        raise
    except Exception as error:  # such as a tokenizer of more words than the tower has
        raise ModelBrokenError(folder=encoder.folder.path, cause=said_by(error)) from error
    rows = {"photo": photo, "caption": caption}
    return {name: np.ascontiguousarray(row, np.float32) for name, row in rows.items()}
