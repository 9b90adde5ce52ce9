"""The open_clip encoder. Only this module imports torch and open_clip, and late."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
import open_clip
import torch

from imgfit.errors import ModelBrokenError
from imgfit.photos import PREPROCESSING_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PIL import Image

    from imgfit.metrics import Vectors
    from imgfit.models import ModelFolder


class ClipEncoder:
    """A model in open_clip's folder form, as an `imgfit.Encoder`.

    Runs in evaluation mode, float32 on the CPU, whatever precision the weights are stored in.
    """

    def __init__(self, folder: ModelFolder, *, device: str | None = None) -> None:
        """Load the model; nothing reaches for the network.

        Args:
            folder: Where it is.
            device: torch's name of a device; CUDA if there is one, else the CPU, if not given.

        Raises:
            ModelBrokenError: The folder cannot be loaded.
        """
        self.name = folder.name
        self.fingerprint = folder.fingerprint(PREPROCESSING_VERSION)
        self._device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        config = folder.read_config()["model_cfg"]
        location = f"local-dir:{folder.path}"
        try:
            # create_model would go on with random weights if it found none; this one raises.
            self._model, self._preprocess = open_clip.create_model_from_pretrained(
                location, device=self._device
            )
            self._tokenizer: Any = open_clip.get_tokenizer(location)
            self.dim = int(config["embed_dim"])
        except Exception as error:  # whatever open_clip, torch or transformers makes of it
            raise ModelBrokenError(folder=folder.path, cause=_first_line(error)) from error
        # open_clip returns models in training mode, with dropout on.
        self._model.eval()
        size = self._model.visual.image_size
        self.photo_size = max(size) if isinstance(size, (tuple, list)) else int(size)
        self.context_length = int(self._tokenizer.context_length)

    def count_tokens(self, text: str) -> int:
        """Count a text's tokens as the tower would read them, uncut.

        Args:
            text: Any text.

        Returns:
            Tokens, with the special ones.
        """
        inner = getattr(self._tokenizer, "tokenizer", None)
        if inner is not None:
            return len(
                inner(self._tokenizer.clean_fn(text), truncation=False, verbose=False).input_ids
            )
        return len(self._tokenizer.encode(text)) + 2

    def prepare(self, image: Image.Image) -> NDArray[np.float32]:
        """Apply the model's own preprocessing.

        Args:
            image: Upright, RGB.

        Returns:
            The tower's input, shape ``(3, h, w)``.
        """
        pixels: NDArray[np.float32] = self._preprocess(image).numpy()
        return pixels

    @torch.inference_mode()
    def encode_photos(self, pixels: NDArray[np.float32]) -> Vectors:
        """Embed prepared photos.

        Args:
            pixels: Shape ``(n, 3, h, w)``.

        Returns:
            Unit rows, shape ``(n, dim)``.
        """
        rows = self._model.encode_image(torch.from_numpy(pixels).to(self._device), normalize=True)
        return _array(rows)

    @torch.inference_mode()
    def encode_regions(self, pixels: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Take the embeddings of prepared photos apart by position, where the tower allows it.

        It does where it averages a grid of features and ends in linear layers: then the
        embedding before scaling is the mean over positions of what those layers make of each.

        Args:
            pixels: Shape ``(n, 3, h, w)``.

        Returns:
            Shape ``(n, rows, columns, dim)``, summing over positions to what `encode_photos`
            gives; None where the tower is built otherwise.
        """
        trunk, head = _averaging_tower(self._model.visual)
        if trunk is None:
            return None
        grid = trunk.forward_features(torch.from_numpy(pixels).to(self._device))
        if grid.ndim != 4:  # noqa: PLR2004 - batch, channels, rows, columns
            return None
        parts = head(grid.permute(0, 2, 3, 1)).float()
        positions = parts.shape[1] * parts.shape[2]
        lengths = parts.mean(dim=(1, 2)).norm(dim=-1)
        return _array(parts / (positions * lengths[:, None, None, None]))

    @torch.inference_mode()
    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Embed texts that fit the context.

        Args:
            texts: n texts.

        Returns:
            Unit rows, shape ``(n, dim)``.
        """
        tokens = self._tokenizer(list(texts)).to(self._device)
        return _array(self._model.encode_text(tokens, normalize=True))


def _averaging_tower(visual: Any) -> tuple[Any, Any]:
    """Return the trunk and the head of timm's tower if the one is averaged and the other linear."""
    trunk, head = getattr(visual, "trunk", None), getattr(visual, "head", None)
    pool = getattr(trunk, "global_pool", None)
    if getattr(pool, "pool_type", None) != "avg" or not isinstance(head, torch.nn.Sequential):
        return None, None
    linear = (torch.nn.Linear, torch.nn.Dropout, torch.nn.Identity)
    # What stands between the pool and the head must do nothing (ConvNeXt has a norm there).
    between = getattr(trunk, "classifier", None)
    if not isinstance(between, torch.nn.Identity) or not all(isinstance(x, linear) for x in head):
        return None, None
    return trunk, head


def _array(rows: torch.Tensor) -> Vectors:
    return np.asarray(rows.float().cpu().numpy(), np.float32)


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


# open_clip reports every step of loading at INFO, through the root logger.
logging.getLogger("open_clip").setLevel(logging.WARNING)
