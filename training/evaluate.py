"""The four figures the recipe is steered by, on the development sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from training.data import Post, read_posts, read_rows, windows

if TYPE_CHECKING:
    from pathlib import Path

EncodeTexts = Callable[[list[str]], np.ndarray]


def auc(positive: np.ndarray, negative: np.ndarray) -> float:
    """Chance that a positive scores above a negative; ties count half."""
    negative = np.sort(negative)
    below = np.searchsorted(negative, positive, "left")
    upto = np.searchsorted(negative, positive, "right")
    return float((below + upto).mean() / (2 * len(negative)))


def recall(scores: np.ndarray, owner: np.ndarray, k: int) -> float:
    """Share of captions (rows) whose own photo (column) is among the best k."""
    own = scores[np.arange(len(owner)), owner]
    return float(((scores > own[:, None]).sum(1) < k).mean())


def s_norm(
    scores: np.ndarray,
    photos: np.ndarray,
    texts: np.ndarray,
    cohort_photos: np.ndarray,
    cohort_texts: np.ndarray,
) -> np.ndarray:
    """Scores (text x photo) normalised by both cohorts."""
    t = photos @ cohort_texts.T
    z = texts @ cohort_photos.T
    t_norm = (scores - t.mean(1)[None]) / t.std(1)[None]
    z_norm = (scores - z.mean(1)[:, None]) / z.std(1)[:, None]
    return (t_norm + z_norm) / 2


@dataclass(frozen=True, slots=True)
class Retrieval:
    """A captioned set as arrays: texts, and each text's photo by row."""

    texts: list[str]
    owner: np.ndarray

    @classmethod
    def read(cls, table: Path, rows: dict[str, int], prefix: str, lang: str) -> Retrieval:
        found = [r for r in read_rows(table) if r["lang"] == lang]
        owner = np.array([rows[f"{prefix}/{r['image']}"] for r in found])
        return cls([r["caption"] for r in found], owner)

    def figures(self, encode: EncodeTexts, photos: np.ndarray) -> dict[str, float]:
        scores = encode(self.texts) @ photos.T
        own = np.zeros(scores.shape, bool)
        own[np.arange(len(self.owner)), self.owner] = True
        return {
            "r1": recall(scores, self.owner, 1),
            "r10": recall(scores, self.owner, 10),
            "auc": auc(scores[own], scores[~own]),
            "n": len(self.texts),
        }


def _unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


@dataclass(frozen=True, slots=True)
class PostTrials:
    """Posts whose photo shows the text, against photos and texts of other publishers."""

    titles: list[str]
    pieces: list[list[str]]
    rows: np.ndarray
    publishers: np.ndarray

    @classmethod
    def read(
        cls, table: Path, rows: dict[str, int], prefix: str, only: set[str] | None = None
    ) -> PostTrials:
        posts = [
            p
            for p in read_posts(table)
            if p.label in ("", "shows", "template") and (only is None or p.publisher in only)
        ]
        posts = [p for p in posts if p.title]
        return cls.of(posts, [rows[f"{prefix}/{p.photo}"] for p in posts])

    @classmethod
    def of(cls, posts: list[Post], rows: list[int]) -> PostTrials:
        """Posts with a title, and the row of each one's photo."""
        return cls(
            [p.title for p in posts],
            [windows(p.title, p.body) for p in posts],
            np.array(rows),
            np.array([p.publisher for p in posts]),
        )

    def figures(
        self,
        encode: EncodeTexts,
        photos: np.ndarray,
        cohort_photos: np.ndarray,
        cohort_texts: np.ndarray,
    ) -> dict[str, float]:
        own_photos = photos[self.rows]
        titles = encode(self.titles)
        flat = encode([w for ws in self.pieces for w in ws])
        cuts = np.cumsum([len(ws) for ws in self.pieces])[:-1]
        bodies = _unit(np.stack([part.mean(0) for part in np.split(flat, cuts)]))
        other = self.publishers[:, None] != self.publishers[None]
        own = np.eye(len(self.titles), dtype=bool)
        found: dict[str, float] = {"n": len(self.titles)}
        for name, texts in (("title", titles), ("body", bodies)):
            raw = texts @ own_photos.T
            normed = s_norm(raw, own_photos, texts, cohort_photos, cohort_texts)
            found[name] = auc(normed[own], normed[other])
            found[name + "_raw"] = auc(raw[own], raw[other])
        return found
