"""Wraps a model folder as an `imgfit.Encoder`.

Everything except computing embeddings works without torch. The folder's settings (sizes, tokens,
preprocessing) are read at once; the towers are loaded when something is first encoded. A run whose
embeddings are all cached loads no runtime.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from imgfit.encoders.onnx_towers import OnnxTowers
from imgfit.encoders.preprocessing import Preprocessing
from imgfit.errors import ModelBrokenError, ModelTokenizerError, ModelWeightsError
from imgfit.language import Phrase
from imgfit.models import (
    TextTokenizer,
    read_scalar,
    read_tokenizer,
    vet_folder,
    vet_vocabulary,
    vocabulary_of,
)
from imgfit.photos import PREPROCESSING_VERSION
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray
    from PIL import Image

    from imgfit.encoders.torch_towers import TorchTowers
    from imgfit.metrics import Vectors
    from imgfit.models import Ids, ModelFolder, Tensor, VettedFolder


class Towers(Protocol):
    """A model's two towers in some runtime."""

    def encode_photos(self, pixels: NDArray[np.float32]) -> Vectors:
        """Return unit rows ``(n, dim)`` of inputs ``(n, 3, h, w)``."""
        ...

    def encode_ids(self, ids: Ids) -> Vectors:
        """Return unit rows ``(n, dim)`` of token ids ``(n, context_length)``."""
        ...


class ModelEncoder:
    """A model in open_clip's folder form, as an `imgfit.Encoder`.

    Attributes:
        vetted: The folder, checked once.
        name: The folder's name.
        origin: Digest of the folder: weights, configuration, tokenizer, preprocessing.
        fingerprint: Identity of the embeddings: ``origin``, and a suffix if a runtime's
            embeddings differ from torch's by more than rounding.
        runtime: The runtime's name in signatures; empty for torch.
        fit_drift: Mean absolute change of fit against the runtime that the calibration was fitted
            for; None if it is only rounding, or was not measured.
        dim: Length of an embedding.
        context_length: Most tokens of a text.
        photo_size: Longer side of the photo tower's input, in pixels.
        logit_scale: Logarithm of the factor that the model learned for cosines; None if its
            weights hold none.
        logit_bias: The term that a model trained with sigmoids (SigLIP) adds after that; None for
            others.
            Its probability that a pair belongs together is
            ``sigmoid(exp(logit_scale) * cosine + logit_bias)``
            (https://arxiv.org/abs/2303.15343).
    """

    def __init__(
        self,
        folder: ModelFolder,
        load: Callable[[ModelEncoder], Towers],
        *,
        runtime: str = "",
        suffix: str = "",
        fit_drift: float | None = None,
        like: ModelEncoder | None = None,
    ) -> None:
        """Vet the folder and read its settings.

        Args:
            folder: Where the model is.
            load: Loads the towers; called once, when something is first encoded.
            runtime: The runtime's name in signatures; empty for torch.
            suffix: Added to the fingerprint, if embeddings differ from torch's by more than
                rounding.
            fit_drift: Mean absolute change of fit against torch, if it is more than rounding.
            like: The same model in another runtime; the folder is then not vetted again.

        Raises:
            ModelBrokenError: The configuration, the tokenizer or the weights' header is damaged.
        """
        self.folder = folder
        self.name = folder.name
        self.vetted: VettedFolder = like.vetted if like else vet_folder(folder)
        self.origin: str = like.origin if like else folder.fingerprint(PREPROCESSING_VERSION)
        self.fingerprint = self.origin + suffix
        self.runtime = runtime
        self.fit_drift = fit_drift
        config, header = self.vetted.config, self.vetted.header
        try:
            text = self.vetted.text
            self.dim = int(config["model_cfg"]["embed_dim"])
            self.context_length = int(text.get("context_length", 77))
            self._preprocessing = Preprocessing.from_config(config)
            _check_weights(folder, header, dim=self.dim, length=self.context_length, text=text)
            scalars = (
                read_scalar(folder.weights, header[name]) if name in header else None
                for name in ("logit_scale", "logit_bias")
            )
            self.logit_scale, self.logit_bias = scalars
        except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
            raise ModelBrokenError(folder=folder.path, cause=said_by(error)) from error
        self.photo_size = max(self._preprocessing.height, self._preprocessing.width)
        self._vocabulary = vocabulary_of(header)
        self._tokenizer: TextTokenizer | None = None
        self._load = load
        self._towers: Towers | None = None
        self._seen_inside: TorchTowers | None = None
        self._sparing = False
        self._lock = threading.RLock()  # towers may ask for the tokenizer

    @property
    def towers(self) -> Towers:
        """The towers, loaded when first asked for."""
        with self._lock:
            if self._towers is None:
                self._towers = self._load(self)
                if isinstance(self._towers, OnnxTowers):
                    self._towers.sparing = self._sparing
            return self._towers

    def spare_memory(self) -> None:
        """Hold one tower at a time, if the runtime is ONNX; call it before anything is encoded.

        For a process of its own, such as the command: see `OnnxTowers.sparing`.
        """
        self._sparing = True

    @property
    def tokenizer(self) -> TextTokenizer:
        """The tokenizer, read when first asked for.

        If only open_clip's own can read the folder's files, it is that one, which needs torch.

        Raises:
            ModelBrokenError: The folder's cannot be read.
        """
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = self._read_tokenizer()
            return self._tokenizer

    def _read_tokenizer(self) -> TextTokenizer:
        tokenizer: TextTokenizer | None = read_tokenizer(self.folder, self.vetted.text)
        if tokenizer is None:
            from imgfit.encoders.open_clip_model import OpenClipTokenizer  # noqa: PLC0415 - torch, when needed

            tokenizer = OpenClipTokenizer(self.vetted)
        text = self.vetted.text
        if self._vocabulary is not None:
            own = bool(text.get("hf_tokenizer_name"))
            vet_vocabulary(self.folder, pieces=tokenizer.pieces, table=self._vocabulary, own=own)
        # A tower that masks padding must mask the tokenizer's, or every text is blurred by it.
        if text.get("hf_model_name"):
            tower = self.folder.text_tower.relative_to(self.folder.path).as_posix()
            masked = self.folder.read_json(tower).get("pad_token_id")
            if masked is not None and masked != tokenizer.pad:
                raise ModelTokenizerError(
                    folder=self.folder.path, what="pad_token_id", found=tokenizer.pad, needed=masked
                )
        elif text.get("pool_type") == "eos" and not text.get("embed_cls"):
            end = int(text.get("eos_id", 2))
            row = tokenizer.ids(["a"])[0]
            if end not in row:
                raise ModelTokenizerError(
                    folder=self.folder.path, what="eos_id", found=row.tolist()[:4], needed=end
                )
        return tokenizer

    def count_tokens(self, text: str) -> int:
        """Count a text's tokens as the tower would read them, uncut.

        Args:
            text: Any text.

        Returns:
            Tokens, with the special ones.

        Raises:
            ModelBrokenError: The folder's tokenizer was read but does not work.
        """
        tokenizer = self.tokenizer
        try:
            return tokenizer.count(text)
        except Exception as error:  # whatever a stranger's settings make of transformers
            cause = said_by(error, "tokenizer")
            raise ModelBrokenError(folder=self.folder.path, cause=cause) from error

    def prepare(self, image: Image.Image) -> NDArray[np.float32]:
        """Apply the model's own preprocessing; safe on threads.

        Args:
            image: Upright, RGB.

        Returns:
            The tower's input, shape ``(3, h, w)``.
        """
        return self._preprocessing(image)

    def encode_photos(self, pixels: NDArray[np.float32]) -> Vectors:
        """Embed prepared photos.

        Args:
            pixels: Shape ``(n, 3, h, w)``.

        Returns:
            Unit rows, shape ``(n, dim)``.
        """
        return self.towers.encode_photos(pixels)

    def encode_regions(self, pixels: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Take the embeddings of prepared photos apart by position, if the tower allows it.

        The built-in model brings a graph for it. Of any other model only torch shows a tower from
        inside, so it is loaded in every runtime.

        Args:
            pixels: Shape ``(n, 3, h, w)``.

        Returns:
            Shape ``(n, rows, columns, dim)``, summing over positions to torch's embedding; None
            if the tower is built otherwise.
        """
        towers = self.towers
        if isinstance(towers, OnnxTowers) and towers.has_regions:
            return towers.encode_regions(pixels)
        from imgfit.encoders.torch_towers import TorchTowers  # noqa: PLC0415 - torch, when needed

        with self._lock:
            if self._seen_inside is None:
                if not isinstance(towers, TorchTowers):
                    towers = TorchTowers(self.vetted, device="cpu")
                self._seen_inside = towers
        return self._seen_inside.encode_regions(pixels)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Embed texts that fit the context.

        Args:
            texts: n texts.

        Returns:
            Unit rows, shape ``(n, dim)``.
        """
        if not texts:
            return np.empty((0, self.dim), np.float32)
        ids = self.tokenizer.ids(texts)
        if self._vocabulary is not None and int(ids.max()) >= self._vocabulary:
            raise ModelTokenizerError(
                folder=self.folder.path,
                what=Phrase(id="nomor token", en="token id"),
                found=int(ids.max()),
                needed=f"< {self._vocabulary}",
            )
        return self.towers.encode_ids(ids)


def _check_weights(
    folder: ModelFolder,
    header: Mapping[str, Tensor],
    *,
    dim: int,
    length: int,
    text: Mapping[str, Any],
) -> None:
    """Refuse weights that cannot be this model's, by their header alone."""
    # Name of a tensor, its number of axes, and the one that has a length that is known.
    positions = length + bool(text.get("embed_cls"))
    known = {
        "text_projection": (2, 1, dim, "embed_dim"),
        "text.text_projection": (2, 1, dim, "embed_dim"),
        "text.text_projection.weight": (2, 0, dim, "embed_dim"),
        "visual.proj": (2, 1, dim, "embed_dim"),
        "visual.head.proj.weight": (2, 0, dim, "embed_dim"),
        "positional_embedding": (2, 0, positions, "context_length"),
        "text.positional_embedding": (2, 0, positions, "context_length"),
    }
    for name in known.keys() & header.keys():
        axes, axis, wanted, what = known[name]
        shape = header[name].shape
        if len(shape) != axes or shape[axis] != wanted:
            found = f"{name} {list(shape)}"
            raise ModelWeightsError(
                folder=folder.path,
                cause=Phrase(
                    id=f"{found} tidak sesuai {what} {wanted}",
                    en=f"{found} does not match {what} {wanted}",
                ),
            )
