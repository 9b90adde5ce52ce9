"""Exported towers and how ONNX Runtime runs them. onnxruntime is imported here, when needed.

The built-in model comes with graphs of its own, in the form of an export: they hold no weights but
point into the model's safetensors file, and are made by training/graphs.py.
"""

from __future__ import annotations

import ctypes
import json
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from blake3 import blake3

from imgfit.encoders.preprocessing import AT_ONCE, few_at_once
from imgfit.errors import RuntimeMissingError
from imgfit.files import Fields, install_command, parse_json, read_regular
from imgfit.language import Phrase
from imgfit.lazily import environment_kept
from imgfit.metrics import unit
from imgfit.models import Trim

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from imgfit.metrics import Vectors
    from imgfit.models import Ids

RECORD = "export.json"
TOWERS = ("photo.onnx", "text.onnx")
# The photo tower taken apart by position; of the built-in model only.
REGIONS = "regions.onnx"
# What `Export.read` raises of a damaged record or tower.
RECORD_ERRORS = (OSError, ValueError)
_MAX_RECORD = 100_000


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a runtime's embeddings and fits lie from those of the runtime it replaces.

    Both were computed on photos made in code and on the caption cohort.

    Attributes:
        photo_cosine: Mean cosine between a photo's two embeddings.
        text_cosine: Mean cosine between a caption's two embeddings.
        least_cosine: The least of either.
        distance: Greatest Euclidean distance between two embeddings of one photo or caption;
            bounds the change of any cosine.
        fit_mean: Mean absolute change of fit over all photos and captions; None if the model
            has no calibration.
        fit_most: The greatest such change.
    """

    photo_cosine: float
    text_cosine: float
    least_cosine: float
    distance: float
    fit_mean: float | None = None
    fit_most: float | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """A model's two towers as ONNX files, with the record kept beside them.

    Attributes:
        path: The folder.
        int8: Whether they compute in 8 bits.
        trim: How much of the token ids the text tower needs.
        singly: Files of the towers that take one item a run: quantisation there adapts to the items
            of a run, and a score must not depend on the rest of the batch.
        drift: How far they lie from the towers they were made from.
        digests: BLAKE3 of each tower's file, in hex.
        model: Fingerprint of the model whose weights file the towers point into; empty if they
            hold their weights themselves.
    """

    path: Path
    int8: bool
    trim: Trim
    singly: tuple[str, ...]
    drift: Drift
    digests: Mapping[str, str]
    model: str = ""

    @property
    def label(self) -> str:
        """The runtime's name in signatures."""
        if not self.int8:
            return "onnx"
        fit = self.drift.fit_mean
        return "onnx-int8" if fit is None else f"onnx-int8,fit~{fit:.3f}"

    def load(self, threads: int | None = None) -> OnnxTowers:
        """Load the towers.

        Args:
            threads: How many each tower computes on; one a core if not given.

        Returns:
            The towers.

        Raises:
            RuntimeMissingError: onnxruntime is not installed.
        """
        return OnnxTowers(self, threads)

    def save(self) -> None:
        """Write the record beside the towers."""
        values = {key: value for key, value in asdict(self).items() if key != "path"}
        (self.path / RECORD).write_text(json.dumps(values, indent=1) + "\n", "utf-8")

    @classmethod
    def read(cls, path: Path) -> Export:
        """Read an export's record, and check that the towers are those it was written for.

        Args:
            path: The folder.

        Returns:
            The export.

        Raises:
            OSError: A file is missing.
            ValueError: A file is damaged, or the record is of another shape.
        """
        fields = Fields(parse_json(read_regular(path / RECORD, _MAX_RECORD)))
        trim, drift = fields.inner("trim"), fields.inner("drift")
        export = cls(
            path=path,
            int8=fields.flag("int8"),
            trim=Trim(trim.take("rule"), trim.count("token")),
            singly=tuple(str(name) for name in fields.items("singly")),
            drift=Drift(
                *map(drift.real, ("photo_cosine", "text_cosine", "least_cosine", "distance")),
                *(drift.optional(n, drift.real, null=True) for n in ("fit_mean", "fit_most")),
            ),
            digests={Path(n).name: digest for n, digest in fields.texts("digests").items()},
            model=fields.optional("model", fields.text) or "",
        )
        if not export.digests.keys() >= set(TOWERS):
            raise ValueError(
                Phrase(
                    id=f"{RECORD} tidak menyebut sidik sebuah menara",
                    en=f"{RECORD} lacks a tower's digest",
                )
            )
        for name, digest in export.digests.items():
            if file_digest(path / name) != digest:
                raise ValueError(
                    Phrase(
                        id=f"{name} bukan berkas yang diekspor",
                        en=f"{name} is not the file that was exported",
                    )
                )
        return export


class OnnxTowers:
    """A model's towers in ONNX Runtime, on the CPU.

    Attributes:
        at_once: Photos a pass.
        has_regions: Whether there is a graph that takes photos apart by position.
        sparing: Whether at most one tower is held at a time, and what opening one leaves behind is
            given back to the system. For a process of its own that embeds all its photos, then all
            its texts: a tower that is needed again is opened again.
    """

    def __init__(self, export: Export, threads: int | None = None) -> None:
        """Load the towers.

        Args:
            export: Where they are.
            threads: How many each tower computes on; one a core if not given.

        Raises:
            RuntimeMissingError: onnxruntime is not installed.
        """
        self.sparing = False
        # Each is opened when first used: a changed caption does not wait for the photo tower.
        self._opened: dict[str, Any] = {}
        self._path, self._threads = export.path, threads
        require_runtime()
        self._trim = export.trim
        self.has_regions = REGIONS in export.digests
        photos_singly, self._texts_singly = (name in export.singly for name in TOWERS)
        # The built-in model's photos are as fast one by one, and equal to the bit.
        self.at_once = 1 if photos_singly or export.model else AT_ONCE

    def encode_photos(self, pixels: NDArray[np.float32]) -> Vectors:
        """Embed prepared photos.

        Args:
            pixels: Shape ``(n, 3, h, w)``.

        Returns:
            Unit rows, shape ``(n, dim)``.
        """
        tower = self._tower("photo.onnx")
        runs = few_at_once(pixels, self.at_once)
        return unit(np.concatenate([_run(tower, "pixels", run) for run in runs]))

    def encode_ids(self, ids: Ids) -> Vectors:
        """Embed texts given as token ids.

        Args:
            ids: Shape ``(n, context_length)``.

        Returns:
            Unit rows, shape ``(n, dim)``.
        """
        runs = [row[None] for row in ids] if self._texts_singly else [ids]
        tower = self._tower("text.onnx")
        rows = [_run(tower, "ids", np.ascontiguousarray(self._trim(run))) for run in runs]
        return unit(np.concatenate(rows))

    def encode_regions(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take the embeddings of prepared photos apart by position; needs `has_regions`.

        Args:
            pixels: Shape ``(n, 3, h, w)``.

        Returns:
            Shape ``(n, rows, columns, dim)``, summing over positions to a unit embedding.
        """
        return _run(self._tower(REGIONS), "pixels", pixels)

    def _tower(self, name: str) -> Any:
        if name not in self._opened:
            if self.sparing:
                self._opened.clear()
                _give_back()
            self._opened[name] = session(self._path / name, self._threads)
            if self.sparing:
                _give_back()  # what optimising the graph took: 26 MB for the photo tower
        return self._opened[name]


def session(path: Path, threads: int | None = None) -> Any:
    """Open a tower.

    Args:
        path: The ONNX file.
        threads: How many it computes on; as many as there are cores if not given.

    Returns:
        An ``onnxruntime.InferenceSession``.

    Raises:
        RuntimeMissingError: onnxruntime is not installed.
    """
    ort = require_runtime()
    options = ort.SessionOptions()
    options.log_severity_level = 3  # errors, which come as exceptions too
    options.intra_op_num_threads = threads or 0  # 0: as many as there are cores
    # Batches of every size come by, and the arena keeps room for each: 1.1 GB that grew to 1.3 in
    # benchmarks/soak.py, against 0.7 to 0.8 without it, for the same processor time.
    options.enable_cpu_mem_arena = False
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def require_runtime() -> Any:
    """Import ONNX Runtime.

    Returns:
        The module.

    Raises:
        RuntimeMissingError: It is not installed.
    """
    try:
        with environment_kept():
            import onnxruntime  # noqa: PLC0415 - when first needed
    except ImportError as error:
        raise runtime_missing("onnxruntime") from error
    return onnxruntime


def runtime_version() -> str:
    """Return the version of ONNX Runtime without loading it.

    Returns:
        Such as ``"1.20.0"``.

    Raises:
        RuntimeMissingError: It is not installed.
    """
    try:
        return version("onnxruntime")
    except PackageNotFoundError as error:
        raise runtime_missing("onnxruntime") from error


def runtime_missing(package: str) -> RuntimeMissingError:
    """Make the error that a package of the extra ``onnx`` is missing.

    Args:
        package: Its name.

    Returns:
        The error.
    """
    return RuntimeMissingError(runtime="onnx", package=package, command=install_command("onnx"))


def file_digest(path: Path) -> str:
    """Digest a file.

    Args:
        path: The file.

    Returns:
        BLAKE3 in hex.
    """
    return blake3().update_mmap(path).hexdigest()


def _give_back() -> None:
    """Return freed memory to the system, where the C library can be asked to (glibc's)."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def _run(tower: Any, name: str, values: NDArray[Any]) -> NDArray[np.float32]:
    rows: NDArray[np.float32] = tower.run(None, {name: values})[0]
    return rows
