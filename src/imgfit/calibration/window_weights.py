"""How much each window of a caption weighs: learned from how well windows find their own photo.

Agencies dress captions: greetings, datelines, tables, slogans, credits. What a window weighs comes
from its embedding alone, not from its place, so nothing that stands before or after a caption can
outvote it. Weights belong to the encoder that they were learned with and are kept beside it; an
encoder without them weighs windows by their place (`imgfit.metrics.LEAD`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from imgfit.errors import CalibrationBrokenError, CalibrationMismatchError
from imgfit.files import write_whole
from imgfit.printable import said_by

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from imgfit.metrics import Floats, Vectors

# How signatures and calibrations name pooling by place.
LEAD_POOLING = "lead045"
# Log-weights lie within this of 0: a window can be outweighed, and is never taken out.
CAP = 12.0
# A window that weighs less than this share of its caption's heaviest is not judged.
LEAST_SHARE = 0.05
# Embeddings are unit rows; times this, their numbers have about unit variance for 256 of them.
_SCALE = 16.0
_MAX_BYTES = 8_000_000
_MOST_MEMBERS, _MOST_HIDDEN = 64, 1024


@dataclass(frozen=True, slots=True)
class WindowWeights:
    """A small ensemble that maps a window's embedding to the logarithm of its weight.

    A member with hidden layer ``tanh(A x + a)``, outputs ``b`` and a linear path ``c`` gives
    ``CAP * tanh((b . tanh(A x + a) + c . x + d) / CAP)`` for ``x`` 16 times the embedding; the
    log-weight is the members' mean.

    Attributes:
        hidden: ``A``, shape ``(k, h, dim)``.
        hidden_bias: ``a``, shape ``(k, h)``.
        output: ``b``, shape ``(k, h)``.
        direct: ``c``, shape ``(k, dim)``.
        bias: ``d``, shape ``(k,)``.
        fingerprint: The encoder that they were learned with.
    """

    hidden: NDArray[np.float32]
    hidden_bias: NDArray[np.float32]
    output: NDArray[np.float32]
    direct: NDArray[np.float32]
    bias: NDArray[np.float32]
    fingerprint: str

    def log_weights(self, windows: Vectors) -> Floats:
        """Weigh windows.

        Args:
            windows: Unit rows, shape ``(m, dim)``.

        Returns:
            Logarithms of weights in [-12, 12], shape ``(m,)``; only their differences within a
            caption matter.
        """
        rows = np.asarray(windows, np.float64) * _SCALE
        found = np.zeros(len(rows))
        for a, a_bias, b, c, d in zip(
            self.hidden, self.hidden_bias, self.output, self.direct, self.bias, strict=True
        ):
            raw = np.tanh(rows @ a.T.astype(np.float64) + a_bias) @ b + rows @ c + d
            found += CAP * np.tanh(raw / CAP)
        result: Floats = found / len(self.bias)
        return result

    @property
    def digest(self) -> str:
        """Identity of the weights: 8 hex digits over the numbers as they are stored."""
        digest = hashlib.sha256()
        for name in _TENSORS:
            digest.update(np.ascontiguousarray(getattr(self, name), "<f2").tobytes())
        return digest.hexdigest()[:8]

    @property
    def pooling(self) -> str:
        """How signatures and calibrations name pooling by these weights."""
        return f"learned-{self.digest}"

    def save(self, path: Path) -> None:
        """Write the weights as safetensors, half precision, whole or not at all.

        Args:
            path: The file to write.

        Raises:
            ArgumentError: The file cannot be written.
        """
        tensors = {name: np.ascontiguousarray(getattr(self, name), np.float16) for name in _TENSORS}
        write_whole(save(tensors, metadata={"fingerprint": self.fingerprint}), path)

    @classmethod
    def load(cls, path: Path, *, fingerprint: str, dim: int) -> WindowWeights:
        """Read weights and check that they belong to an encoder.

        Args:
            path: A file written by `save`.
            fingerprint: The encoder in use.
            dim: Its embedding length.

        Returns:
            The weights, float32.

        Raises:
            CalibrationBrokenError: The file is damaged, too large or of another shape.
            CalibrationMismatchError: They were learned with another encoder.
        """
        try:
            if path.stat().st_size > _MAX_BYTES:
                raise ValueError(f"over {_MAX_BYTES} bytes")
            with safe_open(path, framework="numpy") as file:
                learned_with = (file.metadata() or {}).get("fingerprint", "?")
                found = {name: file.get_tensor(name) for name in _TENSORS}
            _require_shapes(found, dim)
        except (OSError, SafetensorError, ValueError, TypeError) as error:
            raise CalibrationBrokenError(path=path, cause=said_by(error)) from error
        if learned_with != fingerprint:
            raise CalibrationMismatchError(
                what="model", calibrated=learned_with, actual=fingerprint
            )
        return cls(
            **{name: tensor.astype(np.float32) for name, tensor in found.items()},
            fingerprint=learned_with,
        )


_TENSORS = ("hidden", "hidden_bias", "output", "direct", "bias")


def pooling_of(weights: WindowWeights | None) -> str:
    """Name the way in which windows are pooled, as signatures and calibrations do.

    Args:
        weights: The encoder's; None if it has none.

    Returns:
        ``"learned-"`` and a digest, or `LEAD_POOLING`.
    """
    return LEAD_POOLING if weights is None else weights.pooling


def _require_shapes(found: dict[str, NDArray[np.floating]], dim: int) -> None:
    """Refuse tensors of a stranger that do not fit each other or the encoder."""
    hidden = found["hidden"]
    if hidden.ndim != 3:
        raise ValueError("hidden has other than three dimensions")
    members, units, length = hidden.shape
    if not 1 <= members <= _MOST_MEMBERS or not 1 <= units <= _MOST_HIDDEN or length != dim:
        raise ValueError(f"hidden is of shape {hidden.shape}")
    shapes = {
        "hidden": (members, units, dim),
        "hidden_bias": (members, units),
        "output": (members, units),
        "direct": (members, dim),
        "bias": (members,),
    }
    for name, tensor in found.items():
        if tensor.shape != shapes[name] or not np.issubdtype(tensor.dtype, np.floating):
            raise ValueError(f"{name} is no array of floats of shape {shapes[name]}")
        if not np.isfinite(tensor).all():
            raise ValueError(f"{name} holds numbers that are not finite")
