"""The `Encoder` protocol and the runtimes behind it: torch, ONNX Runtime, 8 bits.

The only wing that may import torch and onnxruntime; rows are unit vectors.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit.encoders.loading import RUNTIMES as RUNTIMES, load_encoder as load_encoder
    from imgfit.encoders.model import ModelEncoder as ModelEncoder
    from imgfit.encoders.protocol import (
        Encoder as Encoder,
        Measure as Measure,
        RegionEncoder as RegionEncoder,
        TracedEncoder as TracedEncoder,
    )
else:
    __getattr__ = exported(
        __name__,
        {
            "loading": ("RUNTIMES", "load_encoder"),
            "model": ("ModelEncoder",),
            "protocol": ("Encoder", "Measure", "RegionEncoder", "TracedEncoder"),
        },
    )
