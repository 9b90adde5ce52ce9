"""The model in training: open_clip's own towers, with the few things training adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from open_clip.model import CustomTextCLIP
from tokenizers import Tokenizer
from torch import Tensor, nn

from training.vocabulary import EOS_ID, PAD_ID


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides the size of the model."""

    trunk: str = "tf_efficientnet_lite2"
    photo_size: int = 224
    embed: int = 256
    width: int = 256
    layers: int = 4
    context: int = 64
    vocabulary: int = 32000

    def model_cfg(self) -> dict[str, Any]:
        """open_clip's description of the towers."""
        return {
            "embed_dim": self.embed,
            "custom_text": True,
            "vision_cfg": {
                "timm_model_name": self.trunk,
                "timm_model_pretrained": False,
                "timm_pool": "avg",
                "timm_proj": "linear",
                "image_size": self.photo_size,
            },
            "text_cfg": {
                "context_length": self.context,
                "vocab_size": self.vocabulary,
                # Any name will do: with `local-dir:` open_clip takes the folder's own tokenizer.
                "hf_tokenizer_name": "imgfit-mini",
                "tokenizer_kwargs": {"clean": "whitespace"},
                "width": self.width,
                "heads": self.width // 64,
                "layers": self.layers,
                "pad_id": PAD_ID,
                "eos_id": EOS_ID,
                "pool_type": "eos",
            },
        }


def build(shape: Shape) -> CustomTextCLIP:
    """Both towers with random weights."""
    cfg = shape.model_cfg()
    return CustomTextCLIP(
        embed_dim=cfg["embed_dim"], vision_cfg=cfg["vision_cfg"], text_cfg=cfg["text_cfg"]
    )


class TokenTable:
    """Every training text as token ids, kept once in one flat array."""

    def __init__(self, tokenizer: Tokenizer, texts: list[str]) -> None:
        tokenizer = Tokenizer.from_str(tokenizer.to_str())
        tokenizer.no_padding()
        lines = [e.ids for e in tokenizer.encode_batch(texts)]
        self.lengths = np.array([len(line) for line in lines])
        self.starts = np.concatenate([[0], np.cumsum(self.lengths)[:-1]])
        self.flat = np.concatenate([np.array(line, np.int64) for line in lines])

    def batch(self, rows: np.ndarray) -> Tensor:
        """Ids of these texts, padded to the longest of them."""
        longest = int(self.lengths[rows].max())
        ids = np.full((len(rows), longest), PAD_ID, np.int64)
        for line, row in enumerate(rows):
            start, length = self.starts[row], self.lengths[row]
            ids[line, :length] = self.flat[start : start + length]
        return torch.from_numpy(ids)


def text_hidden(text: nn.Module, ids: Tensor) -> Tensor:
    """The tower's feature before its projection.

    Padding may be trimmed: the tower is causal, so what follows a text's end cannot change it.
    """
    x, mask = text._embeds(ids)
    length = ids.shape[1]
    x = text.ln_final(text.transformer(x, attn_mask=mask[:length, :length]))
    ends = (ids == EOS_ID).int().argmax(dim=1)
    return x[torch.arange(len(ids)), ends]


def hidden_of(text: nn.Module, table: TokenTable, rows: np.ndarray, chunk: int = 256) -> Tensor:
    """`text_hidden` of many texts, in chunks of like length so that little padding is computed."""
    order = np.argsort(table.lengths[rows], kind="stable")
    parts = [
        text_hidden(text, table.batch(rows[order[start : start + chunk]]))
        for start in range(0, len(rows), chunk)
    ]
    back = np.empty(len(rows), np.int64)
    back[order] = np.arange(len(rows))
    return torch.cat(parts)[torch.from_numpy(back)]


def seed_embeddings(
    text: nn.Module, tokenizer: Tokenizer, vectors: np.ndarray, listed: dict[str, int]
) -> int:
    """Start whole words from the teacher's vector of that word, turned to the tower's width.

    Returns how many pieces were seeded. The others keep their random start, at the same scale.
    """
    table = text.token_embedding.weight
    width = table.shape[1]
    centred = vectors.astype(np.float32) - vectors.astype(np.float32).mean(0)
    _, _, axes = np.linalg.svd(centred[:: max(1, len(centred) // 8000)], full_matrices=False)
    turned = centred @ axes[:width].T
    turned *= 0.03 / turned.std()
    seeded = 0
    with torch.no_grad():
        for piece, row in tokenizer.get_vocab().items():
            place = listed.get(piece.removeprefix("▁"))
            if piece.startswith("▁") and place is not None:
                table[row, : turned.shape[1]] = torch.from_numpy(turned[place])
                seeded += 1
    return seeded
