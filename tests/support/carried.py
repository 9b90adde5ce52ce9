"""Small bundles as `imgfit models pull` makes them, for tests that need no hub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from imgfit.encoders.loading import load_encoder
from imgfit.install.golden import write_golden
from imgfit.install.sums import write_sums
from tests.support.tiny import STORED_TEXT, VIT, configuration, write_folder

if TYPE_CHECKING:
    from pathlib import Path

    from imgfit.models.folder import ModelFolder

# The embedded model's first words only: reading all 32,000 takes longer than the rest.
WORDS = 600
SMALL = configuration(
    VIT | {"width": 96},
    STORED_TEXT | {"vocab_size": WORDS, "width": 16, "hf_tokenizer_name": "toko/kata"},
)
NAME = "hf-hub:toko/foto"
SLUG = "hf-hub--toko--foto"


def write_small(path: Path) -> ModelFolder:
    """Write a model of half a megabyte in the real folder form."""
    folder = write_folder(path, SMALL)
    place = path / "tokenizer.json"
    tokenizer = json.loads(place.read_text("utf-8"))
    tokenizer["model"]["vocab"] = tokenizer["model"]["vocab"][:WORDS]
    place.write_text(json.dumps(tokenizer), "utf-8")
    return folder


def write_bundle(path: Path, name: str = NAME, **notes: Any) -> ModelFolder:
    """Write a whole bundle."""
    folder = write_small(path)
    stored = {"languages": ["en", "id"], "licence": "MIT", "name": name, **notes}
    (path / "imgfit.json").write_text(json.dumps(stored))
    write_golden(load_encoder(folder, device="cpu"))
    write_sums(path)
    return folder
