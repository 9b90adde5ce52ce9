"""What imgfit asks of an encoder: the protocol that users implement, and two powers it may add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from imgfit.metrics import Vectors


class Encoder(Protocol):
    """Anything that turns photos and texts into unit embeddings of one space.

    There is nothing to inherit from: any object with these attributes and methods is an encoder.
    `TracedEncoder` and `RegionEncoder` name what one may add.
    """

    @property
    def name(self) -> str:
        """Short name for signatures."""
        ...

    @property
    def fingerprint(self) -> str:
        """Identity: a digest of everything an embedding depends on."""
        ...

    @property
    def dim(self) -> int:
        """Length of an embedding."""
        ...

    @property
    def context_length(self) -> int:
        """Most tokens of a text, special tokens included."""
        ...

    @property
    def photo_size(self) -> int:
        """Side in pixels of what the photo tower sees."""
        ...

    def count_tokens(self, text: str) -> int:
        """Return the tokens of a text, special tokens included."""
        ...

    def prepare(self, image: Image.Image) -> NDArray[np.float32]:
        """Turn an upright RGB image into the tower's input, ``(3, h, w)``; called on threads."""
        ...

    def encode_photos(self, pixels: NDArray[np.float32]) -> Vectors:
        """Return unit rows ``(n, dim)`` of inputs ``(n, 3, h, w)``."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows ``(n, dim)`` of n texts."""
        ...


@runtime_checkable
class TracedEncoder(Encoder, Protocol):
    """An encoder that stands in for a model in another runtime, and says how closely.

    Its cohort and calibration may then be those of the model itself.
    """

    @property
    def origin(self) -> str:
        """The model's own fingerprint, which runtimes share."""
        ...

    @property
    def runtime(self) -> str:
        """What signatures say of the runtime; empty for the model's own."""
        ...

    @property
    def fit_drift(self) -> float | None:
        """Mean absolute change of fit against the model's own runtime.

        None if the change is rounding, or was not measured.
        """
        ...


@runtime_checkable
class RegionEncoder(Encoder, Protocol):
    """An encoder that takes a photo's embedding apart by position."""

    def encode_regions(self, pixels: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Return ``(n, rows, columns, dim)`` of inputs ``(n, 3, h, w)``.

        A photo's vectors add up to its unit embedding. None if the tower cannot be taken apart.
        """
        ...


class Measure(Protocol):
    """A few numbers taken of each decoded photo on the threads that decode, and cached."""

    @property
    def key(self) -> str:
        """Name and version of what is measured; the cache keeps the numbers under it."""
        ...

    @property
    def size(self) -> int:
        """How many numbers."""
        ...

    def __call__(self, image: Image.Image) -> NDArray[np.float32]:
        """Return finite numbers, shape ``(size,)``.

        The image is upright RGB; a JPEG may have been scaled down, but no side below the tower's.
        """
        ...
