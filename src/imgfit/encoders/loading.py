"""Which runtime a model's towers run in: torch, or ONNX Runtime in 32 or 8 bits."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from imgfit.encoders.model import ModelEncoder
from imgfit.encoders.onnx_export import open_export
from imgfit.encoders.onnx_towers import RECORD, RECORD_ERRORS, Export
from imgfit.errors import ArgumentError, ModelGraphsError
from imgfit.files import require_clip
from imgfit.language import Phrase
from imgfit.printable import said_by

if TYPE_CHECKING:
    from imgfit.encoders.model import Towers
    from imgfit.models import ModelFolder

RUNTIMES = ("torch", "onnx", "onnx-int8")


def load_encoder(
    folder: ModelFolder,
    *,
    runtime: str | None = None,
    device: str | None = None,
    threads: int | None = None,
) -> ModelEncoder:
    """Make a folder's encoder; its towers are loaded when first needed.

    By default the built-in model runs in ONNX Runtime, by graphs that come with it, and neither
    loads torch nor writes anything; any other model runs in torch. ``"onnx"`` exports the towers
    of another model to the user's cache if that was not done before, which takes torch and some
    seconds once. Its embeddings are torch's but for rounding, so they share the
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
        PackageMissingError: The extra ``clip`` is needed and not installed.
        RuntimeMissingError: The runtime's packages are not installed.
        ExportError: The towers cannot be exported, or the export is not close enough.
    """
    if runtime is None:
        runtime = usual_runtime(folder, device)
    require_known(runtime)
    if threads is not None and threads < 1:
        raise ArgumentError(
            argument="threads", value=threads, needed=Phrase(id="paling sedikit 1", en="at least 1")
        )

    if runtime != "torch" and device not in (None, "cpu"):
        needed = Phrase(id="'cpu' untuk runtime ONNX", en="'cpu' for an ONNX runtime")
        raise ArgumentError(argument="device", value=device, needed=needed)
    if runtime == "onnx" and folder.is_built_in:
        return ModelEncoder(folder, partial(_load_graphs, threads=threads), runtime="onnx")

    def load_torch(encoder: ModelEncoder) -> Towers:
        from imgfit.encoders.torch_towers import TorchTowers  # noqa: PLC0415 - torch, when needed

        return TorchTowers(encoder.vetted, device=device, threads=threads)

    require_clip(
        Phrase(
            id=f"model {folder.name} dengan mesin {runtime}",
            en=f"the model {folder.name} in the runtime {runtime}",
        )
    )
    encoder = ModelEncoder(folder, load_torch)
    if runtime == "torch":
        return encoder
    export = open_export(encoder, int8=runtime == "onnx-int8")
    return ModelEncoder(
        folder,
        lambda _: export.load(threads),
        runtime=export.label,
        suffix="-int8" if export.int8 else "",
        fit_drift=export.drift.fit_mean if export.int8 else None,
        like=encoder,
    )


def usual_runtime(folder: ModelFolder, device: str | None = None) -> str:
    """Return the runtime of a model if none was chosen.

    Args:
        folder: The model.
        device: torch's name of a device, or None; ONNX Runtime runs on the CPU only.

    Returns:
        ``"onnx"`` for the built-in model, which brings its graphs; else ``"torch"``.
    """
    return "onnx" if folder.is_built_in and device in (None, "cpu") else "torch"


def require_known(runtime: str) -> None:
    """Refuse the name of a runtime that does not exist.

    Args:
        runtime: Its name.

    Raises:
        ArgumentError: No runtime has this name.
    """
    if runtime not in RUNTIMES:
        *most, last = map(repr, RUNTIMES)
        first = ", ".join(most)
        needed = Phrase(id=f"{first} atau {last}", en=f"{first} or {last}")
        raise ArgumentError(argument="runtime", value=runtime, needed=needed)


def _load_graphs(encoder: ModelEncoder, *, threads: int | None) -> Towers:
    """Load the towers that come with the built-in model.

    Raises:
        ModelGraphsError: They are not the files of their record, or belong to other weights:
            only the recorded ones were compared with torch.
    """
    folder = encoder.folder
    try:
        graphs = Export.read(folder.path)
        if graphs.model != encoder.origin:
            # The fingerprint covers the weights, so they are not digested a second time.
            said = f"{graphs.model or '–'}"
            raise ValueError(
                Phrase(
                    id=f"{RECORD}: untuk model {said}, bukan {encoder.origin}",
                    en=f"{RECORD}: for model {said}, not {encoder.origin}",
                )
            )
    except RECORD_ERRORS as error:
        raise ModelGraphsError(folder=folder.path, cause=said_by(error)) from error
    return graphs.load(threads)
