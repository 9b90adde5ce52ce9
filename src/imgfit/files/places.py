"""Where imgfit keeps its own files in a user's folders, on each system."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

# Where models are, in place of the usual folder.
MODELS_VARIABLE = "IMGFIT_MODELS"


def embeddings_file() -> Path:
    """Return where the user's embedding cache is."""
    return _cache() / "embeddings.sqlite"


def cohorts_folder() -> Path:
    """Return where the embeddings of imgfit's own captions are kept, a folder for each model."""
    return _cache() / "cohorts"


def exports_folder() -> Path:
    """Return where models exported to ONNX are kept, a folder for each model."""
    return _cache() / "onnx"


def models_folder() -> Path:
    """Return where pulled and added models are.

    Returns:
        The folder that the environment names in `MODELS_VARIABLE`, or else the user's own.
    """
    chosen = os.environ.get(MODELS_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_data_path("imgfit") / "models"


def _cache() -> Path:
    return platformdirs.user_cache_path("imgfit")
