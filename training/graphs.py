"""Write the built-in model's towers as ONNX graphs that take their weights from its safetensors.

Run: ``python -m training.graphs models/mini``

No weight is stored twice: an initialiser is external data that points at a tensor's bytes in
``open_clip_model.safetensors``, in the type that it has there, and a Cast makes it float32. ONNX
Runtime folds the Cast, and the normalisations into their convolutions, as it loads the graph.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import StringStringEntryProto, TensorProto, helper, numpy_helper
from onnxscript import optimizer
from safetensors.numpy import load_file

from imgfit.calibration.cohort import cohort_captions
from imgfit.encoders.loading import load_encoder
from imgfit.encoders.onnx_export import MOST_DISTANCE, measure_drift
from imgfit.encoders.onnx_towers import REGIONS, TOWERS, Drift, Export, file_digest
from imgfit.encoders.open_clip_model import load_model
from imgfit.encoders.torch_towers import TextTower, export_towers
from imgfit.install.sums import write_sums
from imgfit.models.finding import find_model
from imgfit.photos.drawn import sample_photos

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from imgfit.encoders.model import ModelEncoder
    from imgfit.models.weights import Tensor

# What may stay in a graph, in bytes: the mask of a causal tower with 64 positions takes 16 kB.
MOST_INLINE = 20_000
_TYPES = {"F16": TensorProto.FLOAT16, "F32": TensorProto.FLOAT}


def main() -> None:
    """Write ``photo.onnx``, ``text.onnx``, ``regions.onnx`` and their record into the model's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    options = parser.parse_args()
    drift = write_graphs(options.model)
    print(f"embeddings are torch's to {drift.distance:.1e}")


def write_graphs(model: Path) -> Drift:
    """Write both towers and their record, and list them in SHA256SUMS.

    Args:
        model: The model's folder.

    Returns:
        How far they lie from torch.

    Raises:
        ValueError: They lie too far, or hold weights that the model's file lacks.
    """
    folder = find_model(str(model))
    encoder = load_encoder(folder, runtime="torch", device="cpu")
    made, header = load_model(encoder.vetted), encoder.vetted.header
    stored = load_file(folder.weights)
    pixels = encoder.prepare(sample_photos(1)[0])[None].repeat(2, axis=0)
    ids = encoder.tokenizer.ids(cohort_captions()[:2])
    with tempfile.TemporaryDirectory() as place:
        export_towers(made, Path(place), pixels, ids, optimise=False, regions=True)
        for name in (*TOWERS, REGIONS):
            graph = without_weights(
                onnx.load(Path(place) / name), folder.weights.name, header, stored
            )
            (folder.path / name).write_bytes(graph.SerializeToString(deterministic=True))
    return record(encoder, TextTower(made))


def record(encoder: ModelEncoder, text: TextTower) -> Drift:
    """Compare the graphs in a model's folder with torch, and write their record.

    Args:
        encoder: The model in torch.
        text: Its text tower.

    Returns:
        How far they lie from torch.

    Raises:
        ValueError: Too far.
    """
    path = encoder.folder.path
    digests = {name: file_digest(path / name) for name in (*TOWERS, REGIONS)}
    export = Export(path, False, text.trim, (), Drift(0, 0, 0, 0), digests, encoder.origin)
    drift = measure_drift(encoder, encoder.towers, export.load())
    if not drift.distance <= MOST_DISTANCE:
        raise ValueError(f"embeddings differ from torch's by {drift.distance:.1e}")
    Export(path, False, text.trim, (), drift, digests, encoder.origin).save()
    write_sums(path)
    return drift


def without_weights(
    model: Any, file: str, header: Mapping[str, Tensor], stored: Mapping[str, NDArray[Any]]
) -> Any:
    """Make a graph take its weights from a safetensors file.

    Args:
        model: The graph, with its weights under their names there after ``model.``.
        file: The file's name, beside the graph.
        header: Where its tensors are.
        stored: Its tensors.

    Returns:
        The graph: no weights, and nothing of where and by what it was made.

    Raises:
        ValueError: It holds something large that the file lacks.
    """
    weights = {}
    for initialiser in model.graph.initializer:
        name = initialiser.name.removeprefix("model.")
        values = numpy_helper.to_array(initialiser)
        if name in stored and np.array_equal(stored[name].astype(values.dtype), values):
            weights[initialiser.name] = name
        elif values.nbytes > MOST_INLINE:
            raise ValueError(f"{initialiser.name} is not in {file}: {values.nbytes} bytes")
    graph = _folded(model, weights).graph
    given = {value.name for value in model.graph.input}
    outside, casts = [], []
    for name, source in weights.items():
        tensor = header[source]
        outside.append(
            TensorProto(
                name=source,
                dims=tensor.shape,
                data_type=_TYPES[tensor.kind],
                data_location=TensorProto.EXTERNAL,
                external_data=[
                    StringStringEntryProto(key=key, value=value)
                    for key, value in (
                        ("location", file),
                        ("offset", str(tensor.start)),
                        ("length", str(stored[source].nbytes)),
                    )
                ],
            )
        )
        casts.append(helper.make_node("Cast", [source], [name], to=TensorProto.FLOAT))
    inline = [
        numpy_helper.from_array(numpy_helper.to_array(one), one.name) for one in graph.initializer
    ]
    inputs = [value for value in graph.input if value.name in given]
    nodes = [*casts, *graph.node]
    for part in (*nodes, *inputs, *graph.output):
        part.ClearField("metadata_props")  # the exporter's: stack traces with paths of its machine
        part.ClearField("doc_string")
    made = helper.make_graph(nodes, "tower", inputs, graph.output, [*outside, *inline])
    return helper.make_model(
        made,
        opset_imports=[one for one in model.opset_import if not one.domain],
        ir_version=model.ir_version,
        producer_name="imgfit",
    )


def _folded(model: Any, weights: Collection[str]) -> Any:
    """Fold what hangs on no weight: the optimiser sees weights as inputs, which it cannot know.

    Without it ONNX Runtime finds the convolutions' biases too late to fold normalisations into
    them, and photos take three times as long.
    """
    bare = onnx.ModelProto.FromString(model.SerializeToString())
    del bare.graph.initializer[:]
    for initialiser in model.graph.initializer:
        if initialiser.name in weights:
            bare.graph.input.append(
                helper.make_tensor_value_info(
                    initialiser.name, initialiser.data_type, initialiser.dims
                )
            )
        else:
            bare.graph.initializer.append(initialiser)
    return optimizer.optimize(bare)


if __name__ == "__main__":
    main()
