"""Small bundles as `imgfit models pull` makes them, for tests that need no hub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from imgfit.bundle import write_sums
from imgfit.golden import write_golden
from imgfit.runtimes import load_encoder
from tests.tiny import STORED_TEXT, configuration, write_folder

if TYPE_CHECKING:
    from pathlib import Path

    from imgfit.models import ModelFolder

# The embedded model's tokenizer on a text tower of a megabyte.
SMALL_TEXT = STORED_TEXT | {"width": 8, "hf_tokenizer_name": "toko/kata"}
SMALL = configuration(text=SMALL_TEXT)
NAME = "hf-hub:toko/foto"
SLUG = "hf-hub--toko--foto"


def write_bundle(path: Path, name: str = NAME, **notes: Any) -> ModelFolder:
    """Write a whole bundle."""
    folder = write_folder(path, SMALL)
    stored = {"languages": ["en", "id"], "licence": "MIT", "name": name, **notes}
    (path / "imgfit.json").write_text(json.dumps(stored))
    write_golden(load_encoder(folder, device="cpu"))
    write_sums(path)
    return folder
