"""Which runtime a model's towers run in: torch, or ONNX Runtime in 32 or 8 bits."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from imgfit.encoders.model import ModelEncoder
from imgfit.encoders.onnx_export import open_export
from imgfit.encoders.onnx_towers import RECORD_ERRORS, Export
from imgfit.errors import ArgumentError, ModelGraphsError
from imgfit.printable import said_by

if TYPE_CHECKING:
    from imgfit.encoders.model import Towers
    from imgfit.models.folder import ModelFolder

RUNTIMES = ("torch", "onnx", "onnx-int8")


def load_encoder(
    folder: ModelFolder,
    *,
    runtime: str | None = None,
    device: str | None = None,
    threads: int | None = None,
) -> ModelEncoder:
    """Make a folder's encoder; its towers are loaded when first needed.

    The embedded model runs in ONNX Runtime if nothing is said, by graphs that come with it, and
    neither loads torch nor writes anything; any other model runs in torch. ``"onnx"`` exports the
    towers of another model to the user's cache where that was not done before, which takes torch
    and some seconds once. Its embeddings are torch's but for rounding, so they share the
    calibration and the cache. ``"onnx-int8"`` computes in 8 bits: its embeddings have a
    fingerprint of their own, and how far its fits drift is measured at export.

    Args:
        folder: The model.
        runtime: One of `RUNTIMES`; `usual_runtime` if not given.
        device: torch's name of a device; the best there is if not given. ONNX runs on the CPU.
        threads: Threads that a tower computes on; the runtime's own choice if not given. Torch's
            are those of the whole process.

    Returns:
        The encoder.

    Raises:
        ArgumentError: No such runtime, a device that it cannot use, or ``threads`` below 1.
        ModelBrokenError: The folder cannot be loaded.
        RuntimeMissingError: The runtime's packages are not installed.
        ExportError: The towers cannot be exported, or the export is not close enough.
    """
    if runtime is None:
        runtime = usual_runtime(folder, device)
    require_known(runtime)
    if threads is not None and threads < 1:
        raise ArgumentError(argument="threads", value=threads, needed="at least 1")

    if runtime != "torch" and device not in (None, "cpu"):
        raise ArgumentError(argument="device", value=device, needed="'cpu' for an ONNX runtime")
    if runtime == "onnx" and folder.is_embedded:
        return ModelEncoder(folder, partial(_load_graphs, folder, threads), runtime="onnx")

    def load_torch() -> Towers:
        from imgfit.encoders.torch_towers import TorchTowers  # noqa: PLC0415 - torch is imported when first needed

        return TorchTowers(folder, device=device, threads=threads)

    encoder = ModelEncoder(folder, load_torch)
    if runtime == "torch":
        return encoder
    export = open_export(encoder, int8=runtime == "onnx-int8")
    return ModelEncoder(
        folder,
        partial(export.load, threads),
        origin=encoder.origin,
        suffix="-int8" if export.int8 else "",
        runtime=export.label,
        fit_drift=export.drift.fit_mean if export.int8 else None,
    )


def usual_runtime(folder: ModelFolder, device: str | None = None) -> str:
    """Say what a model runs in where nobody chose.

    Args:
        folder: The model.
        device: As in `load_encoder`; ONNX Runtime is used on the CPU alone.

    Returns:
        ``"onnx"`` for the embedded model, which brings its graphs; else ``"torch"``.
    """
    return "onnx" if folder.is_embedded and device in (None, "cpu") else "torch"


def require_known(runtime: str) -> None:
    """Make sure that there is such a runtime.

    Args:
        runtime: Its name.

    Raises:
        ArgumentError: There is none.
    """
    if runtime not in RUNTIMES:
        needed = " or ".join(repr(name) for name in RUNTIMES)
        raise ArgumentError(argument="runtime", value=runtime, needed=needed)


def _load_graphs(folder: ModelFolder, threads: int | None) -> Towers:
    """Load the towers that come with the embedded model.

    Raises:
        ModelGraphsError: They, or the weights, are not those of their record: what would run
            instead would not be what was compared with torch.
    """
    try:
        graphs = Export.read(folder.path)
        if folder.weights.name not in graphs.digests:
            raise ValueError("the record lacks the weights' digest")
    except RECORD_ERRORS as error:
        raise ModelGraphsError(folder=folder.path, cause=said_by(error)) from error
    return graphs.load(threads)
