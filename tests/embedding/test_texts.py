"""Texts and captions: order, equal ones once, and windows pooled into captions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imgfit.cache.embeddings import EmbeddingCache
from imgfit.embedding.texts import embed_captions, embed_texts
from tests.conftest import FakeEncoder

if TYPE_CHECKING:
    from pathlib import Path


def test_texts_keep_their_order_and_are_encoded_once(tmp_path: Path) -> None:
    texts = ["mobil merah di jalan", "biru", "mobil merah di jalan", "hijau sekali"]
    encoder = FakeEncoder()
    with EmbeddingCache(tmp_path / "cache.sqlite") as cache:
        rows = embed_texts(encoder, texts, cache=cache, batch_size=2)
        assert sorted(encoder.texts_encoded) == sorted(set(texts))
        assert rows == pytest.approx(FakeEncoder().encode_texts(texts))
        warm = FakeEncoder()
        assert (embed_texts(warm, [*texts, "baru"], cache=cache)[:-1] == rows).all()
        assert warm.texts_encoded == ["baru"]


def test_captions_are_pooled_from_their_own_windows() -> None:
    encoder = FakeEncoder()
    captions = [["merah"], ["biru", "hijau", "merah sekali"], ["hijau"]]
    result = embed_captions(encoder, captions)
    assert result.owner.tolist() == [0, 1, 1, 1, 2]
    assert result.texts == ("merah", "biru", "hijau", "merah sekali", "hijau")
    rows = (encoder.encode_texts(captions[1]) * np.array([[1], [0.45], [0.2025]])).sum(axis=0)
    assert result.pooled[1] == pytest.approx(rows / np.linalg.norm(rows), abs=1e-6)
    assert result.pooled[[0, 2]] == pytest.approx(result.windows[[0, 4]], abs=1e-6)


def test_no_texts_make_no_rows() -> None:
    assert embed_texts(FakeEncoder(), []).shape == (0, 16)
    assert embed_captions(FakeEncoder(), []).pooled.shape == (0, 16)
