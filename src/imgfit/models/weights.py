"""The header of a model's safetensors file: which tensors it holds, read within bounds.

The format: eight bytes with the header's length, little-endian; that much JSON, one entry a
tensor; then the tensors, back to back (https://github.com/huggingface/safetensors#format).

safetensors' own `safe_open` checks places too, but accepts types and shapes that no tower has,
cannot give a bfloat16 number without torch, and does not tell where a tensor begins, which the
built-in model's graphs need.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from imgfit.errors import ModelSizeError, ModelWeightsError
from imgfit.language import Phrase, megabytes
from imgfit.printable import said_by

if TYPE_CHECKING:
    from pathlib import Path

    from imgfit.models.folder import ModelFolder

# Bytes of an element, of the types that a model's weights may have. Eight-bit ones would need
# scales that this form does not carry.
_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "BOOL": 1}
_LENGTH = 8
# ViT-bigG's 1,900 tensors take 0.2 MB. safetensors itself would go up to 100 MB.
_MAX_HEADER = 10_000_000
_MOST_AXES = 8


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor's entry in the header.

    Attributes:
        kind: Its type in safetensors' words, such as ``"F16"``.
        shape: Its sides.
        start: Where its bytes begin in the file.
    """

    kind: str
    shape: tuple[int, ...]
    start: int

    @property
    def count(self) -> int:
        """How many elements it has."""
        return math.prod(self.shape)

    @property
    def floating(self) -> bool:
        """Whether it holds numbers with fractions."""
        return "F" in self.kind


def read_header(folder: ModelFolder) -> dict[str, Tensor]:
    """Read which tensors a model's weights hold; none of them is read.

    Args:
        folder: The model.

    Returns:
        The tensors by name.

    Raises:
        ModelPickledError: The weights are there as a pickle only.
        ModelFileMissingError: There are no weights.
        ModelSizeError: The header is over the limit; it was not read.
        ModelWeightsError: The file is not a safetensors file, or is cut short.
    """
    folder.require_weights()
    name = folder.weights.name
    try:
        with folder.weights.open("rb") as file:
            length = int.from_bytes(file.read(_LENGTH), "little")
            if length > folder.weights.stat().st_size - _LENGTH:
                raise ValueError(
                    Phrase(
                        id="bukan berkas safetensors, atau terpotong",
                        en="not a safetensors file, or cut short",
                    )
                )
            if length > _MAX_HEADER:
                raise ModelSizeError(
                    folder=folder.path,
                    place=f"{name}: header",
                    size=megabytes(length),
                    limit=megabytes(_MAX_HEADER),
                )
            entries = json.loads(file.read(length))
        entries.pop("__metadata__", None)
        header = {str(key): _tensor(entry, _LENGTH + length) for key, entry in entries.items()}
        _check_places(header, _LENGTH + length, folder.weights.stat().st_size)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelWeightsError(folder=folder.path, cause=said_by(error, name)) from error
    return header


def read_scalar(path: Path, tensor: Tensor) -> float:
    """Read a tensor of one element.

    Args:
        path: The file.
        tensor: The tensor's entry in the file's header.

    Returns:
        Its value.

    Raises:
        ValueError: It has more or fewer elements, or is not a floating-point number.
    """
    if tensor.count != 1 or not tensor.floating:
        found = f"{tensor.kind} {list(tensor.shape)}"
        raise ValueError(
            Phrase(id=f"harus satu bilangan, bukan {found}", en=f"must be one number, not {found}")
        )
    with path.open("rb") as file:
        file.seek(tensor.start)
        data = file.read(_BYTES[tensor.kind])
    if tensor.kind == "BF16":  # the upper half of a float32
        return float(np.frombuffer(b"\0\0" + data, "<f4")[0])
    return float(np.frombuffer(data, f"<f{_BYTES[tensor.kind]}")[0])


def _tensor(entry: dict[str, Any], base: int) -> Tensor:
    kind, shape, (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
    if kind not in _BYTES:
        found, known = str(kind)[:20], ", ".join(_BYTES)
        raise ValueError(
            Phrase(
                id=f"ada tensor berjenis {found}, bukan {known}",
                en=f"a tensor is of type {found}, not {known}",
            )
        )
    if len(shape) > _MOST_AXES or not all(_is_count(n) for n in (*shape, start, end)):
        raise ValueError(
            Phrase(
                id="bentuk atau letak sebuah tensor tidak sah",
                en="a tensor's shape or place is not valid",
            )
        )
    tensor = Tensor(kind, tuple(shape), base + start)
    if end - start != tensor.count * _BYTES[kind]:
        raise ValueError(
            Phrase(
                id=f"tensor berbentuk {shape} berisi {end - start} bita",
                en=f"a tensor of shape {shape} has {end - start} bytes",
            )
        )
    return tensor


def _check_places(header: dict[str, Tensor], base: int, size: int) -> None:
    """Make sure that the tensors lie back to back and fill the file."""
    end = base
    for tensor in sorted(header.values(), key=lambda tensor: tensor.start):
        length = tensor.count * _BYTES[tensor.kind]
        if length and tensor.start != end:
            raise ValueError(
                Phrase(
                    id="tensor bertumpuk atau menyisakan celah",
                    en="tensors overlap or leave gaps",
                )
            )
        end = max(end, tensor.start + length)
    if end != size:
        raise ValueError(
            Phrase(
                id=f"yang dinyatakan {end} bita, berkasnya {size}",
                en=f"{end} bytes are declared, the file has {size}",
            )
        )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**48
