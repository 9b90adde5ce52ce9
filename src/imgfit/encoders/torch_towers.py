"""A model's towers in torch: running them, trimming token ids for them, exporting them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from imgfit.encoders.onnx_towers import REGIONS
from imgfit.encoders.open_clip_model import load_model
from imgfit.encoders.preprocessing import AT_ONCE, AT_ONCE_TRANSFORMER, few_at_once
from imgfit.errors import ArgumentError, ImgfitError, ModelBrokenError
from imgfit.language import Phrase
from imgfit.lazily import environment_kept
from imgfit.models import Trim
from imgfit.printable import said_by

with environment_kept():
    import open_clip
    import torch
    from open_clip.hf_model import ClsLastHiddenStatePooler, ClsPooler, HFTextEncoder, MeanPooler
    from open_clip.transformer import TextTransformer, text_global_pool
    from torch import nn
    from torch.nn.functional import normalize
    from torch.nn.utils.fusion import fuse_conv_bn_weights

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from imgfit.metrics import Vectors
    from imgfit.models import Ids, VettedFolder

# A normalisation follows its convolution at once in these blocks of timm and open_clip, so the two
# fold into one convolution. Pairs are named, not found: neighbours in a list of modules need not
# be neighbours in the computation.
_PAIRS = {
    "EfficientNet": (("conv_stem", "bn1"), ("conv_head", "bn2")),
    "ConvBnAct": (("conv", "bn1"),),
    "DepthwiseSeparableConv": (("conv_dw", "bn1"), ("conv_pw", "bn2")),
    "InvertedResidual": (("conv_pw", "bn1"), ("conv_dw", "bn2"), ("conv_pwl", "bn3")),
    "EdgeResidual": (("conv_exp", "bn1"), ("conv_pwl", "bn2")),
    "ModifiedResNet": (("conv1", "bn1"), ("conv2", "bn2"), ("conv3", "bn3")),
    "Bottleneck": (("conv1", "bn1"), ("conv2", "bn2"), ("conv3", "bn3")),
}
# Poolers of open_clip that leave padding out; its max pooler does not run.
_PAD_BLIND = (MeanPooler, ClsPooler, ClsLastHiddenStatePooler)


class TorchTowers:
    """A model's towers in torch: evaluation mode, and float32 on the CPU.

    On the CPU, pairs of convolution and batch normalisation are folded and convolutions run with
    channels last (benchmarks/encode.py measures the gain). On CUDA, memory is pinned and the
    towers run in half precision where torch's autocast finds that safe.

    Attributes:
        model: open_clip's model. Its blocks keep their structure; a folded normalisation leaves
            its activation in its place.
        trim: How much of the token ids its text tower needs.
        at_once: Photos a pass; None if all photos go together.
    """

    def __init__(
        self, vetted: VettedFolder, *, device: str | None = None, threads: int | None = None
    ) -> None:
        """Load the model; nothing reaches for the network.

        Args:
            vetted: Its folder.
            device: torch's name of a device; CUDA if there is one, else MPS, else the CPU, if not
                given.
            threads: How many torch computes on, in all of this process; as torch is set if not
                given.

        Raises:
            ModelBrokenError: The folder cannot be loaded.
            ArgumentError: torch knows no such device.
        """
        if threads is not None:
            torch.set_num_threads(threads)
        self._device = _device_named(device or _best_device())
        try:
            self.model = load_model(vetted).to(self._device)
        except ImgfitError:
            raise
        except Exception as error:  # open_clip, torch and transformers raise many kinds
            raise ModelBrokenError(folder=vetted.folder.path, cause=said_by(error)) from error
        fold_normalisations(self.model.visual)
        self.model.visual.to(memory_format=torch.channels_last)
        self.at_once: int | None = None
        if self._device.type == "cpu":
            self.at_once = _at_once(self.model.visual)
        self.text = TextTower(self.model)
        self.trim = self.text.trim

    @torch.inference_mode()
    def encode_photos(self, pixels: NDArray[np.float32]) -> Vectors:
        """Embed prepared photos.

        Args:
            pixels: Shape ``(n, 3, h, w)``.

        Returns:
            Unit rows, shape ``(n, dim)``.
        """
        count = self.at_once or max(1, len(pixels))
        return np.concatenate([self._encode(part) for part in few_at_once(pixels, count)])

    def _encode(self, pixels: NDArray[np.float32]) -> Vectors:
        batch = self._moved(torch.from_numpy(pixels).to(memory_format=torch.channels_last))
        with self._precision():
            # CoCa's tower returns its tokens too; every model's own call picks the right part.
            return _array(normalize(self.model.encode_image(batch).float(), dim=-1))

    @torch.inference_mode()
    def encode_ids(self, ids: Ids) -> Vectors:
        """Embed texts given as token ids.

        Args:
            ids: Shape ``(n, context_length)``.

        Returns:
            Unit rows, shape ``(n, dim)``.
        """
        batch = self._moved(torch.from_numpy(np.ascontiguousarray(self.trim(ids))))
        with self._precision():
            return _array(self.text(batch).float())

    @torch.inference_mode()
    def encode_regions(self, pixels: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Take the embeddings of prepared photos apart by position, if the tower allows it.

        It does if it averages a grid of features and ends in linear layers: then the embedding
        before scaling is the mean, over positions, of those layers' output.

        Args:
            pixels: Shape ``(n, 3, h, w)``.

        Returns:
            Shape ``(n, rows, columns, dim)``, summing over positions to what `encode_photos`
            gives; None if the tower is built otherwise.
        """
        trunk, head = _averaging_tower(self.model.visual)
        if trunk is None:
            return None
        grid = trunk.forward_features(self._moved(torch.from_numpy(pixels)))
        if grid.ndim != 4:  # batch, channels, rows, columns
            return None
        return _array(_shares(grid, head))

    def _moved(self, batch: torch.Tensor) -> torch.Tensor:
        if self._device.type == "cuda":
            return batch.pin_memory().to(self._device, non_blocking=True)
        return batch.to(self._device)

    def _precision(self) -> torch.autocast:
        return torch.autocast(self._device.type, torch.float16, enabled=self._device.type == "cuda")


class TextTower(nn.Module):
    """A text tower that takes ids of any length, and how much of them it needs.

    open_clip's own forward pass takes causal towers' ids at full length only: positions and mask
    are not cut to them.

    Attributes:
        trim: How much of the token ids the tower needs for the same embedding.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.trim = _trim(model)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Embed texts.

        Args:
            ids: Shape ``(n, k)``, as trimmed.

        Returns:
            Unit rows, shape ``(n, dim)``.
        """
        if self.trim.rule not in ("argmax", "eos", "first"):
            rows: torch.Tensor = self.model.encode_text(ids, normalize=True)
            return rows
        tower = _text_parts(self.model)
        length = ids.shape[1]
        states = tower.token_embedding(ids) + tower.positional_embedding[:length]
        states = tower.transformer(states, attn_mask=tower.attn_mask[:length, :length])
        pooled = text_global_pool(
            tower.ln_final(states), ids, self.trim.rule, eos_token_id=self.trim.token
        )
        projection = tower.text_projection
        if isinstance(projection, nn.Linear):
            pooled = projection(pooled)
        elif projection is not None:
            pooled = pooled @ projection
        return normalize(pooled, dim=-1)


class PhotoTower(nn.Module):
    """A photo tower that returns unit rows."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Embed photos ``(n, 3, h, w)`` as unit rows ``(n, dim)``."""
        return normalize(self.model.encode_image(pixels), dim=-1)


class RegionTower(nn.Module):
    """A photo tower that returns what each position adds to the unit embedding.

    Only of a tower that averages a grid of features and ends in linear layers.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Take photos ``(n, 3, h, w)`` apart: ``(n, rows, columns, dim)``."""
        visual = self.model.visual
        return _shares(visual.trunk.forward_features(pixels), visual.head)


def _shares(grid: torch.Tensor, head: nn.Module) -> torch.Tensor:
    """Return what each position of features ``(n, channels, rows, columns)`` adds."""
    parts: torch.Tensor = head(grid.permute(0, 2, 3, 1)).float()
    positions = parts.shape[1] * parts.shape[2]
    lengths = parts.mean(dim=(1, 2)).norm(dim=-1)
    shares: torch.Tensor = parts / (positions * lengths[:, None, None, None])
    return shares


def fold_normalisations(tower: nn.Module) -> None:
    """Fold batch normalisations into the convolutions before them, in place.

    Args:
        tower: In evaluation mode; blocks of a kind not known here stay as they are.
    """
    for block in tower.modules():
        for conv_name, norm_name in _PAIRS.get(type(block).__name__, ()):
            conv, norm = getattr(block, conv_name, None), getattr(block, norm_name, None)
            if not (isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)):
                continue
            if norm.running_mean is None or norm.running_var is None:
                continue
            conv.weight, conv.bias = fuse_conv_bn_weights(
                conv.weight,
                conv.bias,
                norm.running_mean,
                norm.running_var,
                norm.eps,
                norm.weight,
                norm.bias,
            )
            # timm's normalisation carries the activation that follows it.
            setattr(block, norm_name, getattr(norm, "act", nn.Identity().eval()))


def export_towers(
    model: Any,
    path: Path,
    pixels: NDArray[np.float32],
    ids: Ids,
    *,
    optimise: bool = True,
    regions: bool = False,
) -> None:
    """Write both towers as ``photo.onnx`` and ``text.onnx``; batches of any size fit them.

    Args:
        model: open_clip's model, on the CPU.
        path: An existing folder.
        pixels: An example of the photo tower's input, shape ``(2, 3, h, w)``.
        ids: An example of token ids, shape ``(2, context_length)``.
        optimise: Whether the exporter may fold weights into others; else every weight is written
            under its name and as it is.
        regions: Whether to write ``regions.onnx`` too: a `RegionTower`.
    """
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length")
    text = TextTower(model)
    text_axes = {0: batch} if text.trim.rule == "whole" else {0: batch, 1: length}
    photo = PhotoTower(model).to(memory_format=torch.contiguous_format)
    towers: list[tuple[nn.Module, Any, str, str]] = [
        (photo, pixels, "pixels", "photo.onnx"),
        (text, text.trim(ids), "ids", "text.onnx"),
    ]
    if regions:
        towers.append((RegionTower(model), pixels, "pixels", REGIONS))
    for tower, example, name, file in towers:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's, about its own inner workings
            torch.onnx.export(
                tower.eval(),
                (torch.from_numpy(np.ascontiguousarray(example)),),
                path / file,
                input_names=[name],
                output_names=["rows"],
                dynamic_shapes=(text_axes if name == "ids" else {0: batch},),
                dynamo=True,
                optimize=optimise,
                external_data=False,
                verbose=False,
            )


def _text_parts(model: Any) -> Any:
    """Return the object that holds the text tower's parts: for CLIP, the model itself."""
    return getattr(model, "text", model)


def _trim(model: Any) -> Trim:
    """Find out how much of the token ids a model's text tower needs."""
    tower = _text_parts(model)
    if isinstance(tower, HFTextEncoder):
        blind = isinstance(tower.pooler, _PAD_BLIND)
        return Trim("padding", int(tower.config.pad_token_id)) if blind else Trim("whole")
    if isinstance(tower, TextTransformer):
        rule, token, plain = tower.pool_type, tower.eos_id, tower.cls_emb is None
    elif isinstance(model, open_clip.CLIP):
        rule, token, plain = model.text_pool_type, model.text_eos_id, True
    else:
        return Trim("whole")
    if not plain or tower.attn_mask is None or rule not in ("argmax", "eos", "first"):
        return Trim("whole")
    return Trim(rule, int(token))


def _at_once(tower: nn.Module) -> int:
    """Return how many photos a tower takes at once; a transformer only cuts patches by one."""
    convolutions = sum(isinstance(module, nn.Conv2d) for module in tower.modules())
    return AT_ONCE if convolutions > 1 else AT_ONCE_TRANSFORMER


def _device_named(name: str) -> torch.device:
    try:
        return torch.device(name)
    except RuntimeError as error:
        needed = Phrase(id="perangkat yang dikenal torch", en="a device that torch knows")
        raise ArgumentError(argument="device", value=name, needed=needed) from error


def _best_device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _averaging_tower(visual: Any) -> tuple[Any, Any]:
    """Return the trunk and the head of timm's tower if the one is averaged and the other linear."""
    trunk, head = getattr(visual, "trunk", None), getattr(visual, "head", None)
    pool = getattr(trunk, "global_pool", None)
    if getattr(pool, "pool_type", None) != "avg" or not isinstance(head, torch.nn.Sequential):
        return None, None
    linear = (torch.nn.Linear, torch.nn.Dropout, torch.nn.Identity)
    # Layers between the pool and the head must do nothing (ConvNeXt has a norm there).
    between = getattr(trunk, "classifier", None)
    if not isinstance(between, torch.nn.Identity) or not all(isinstance(x, linear) for x in head):
        return None, None
    return trunk, head


def _array(rows: torch.Tensor) -> Vectors:
    return np.asarray(rows.float().cpu().numpy(), np.float32)
