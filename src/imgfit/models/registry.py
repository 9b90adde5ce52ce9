"""open_clip's registry of models. open_clip is imported here, when first needed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from imgfit.files import require_clip
from imgfit.language import Phrase
from imgfit.lazily import environment_kept

_WHAT = Phrase(id="daftar model open_clip", en="open_clip's registry of models")


@dataclass(frozen=True, slots=True)
class Registered:
    """A model of open_clip's registry.

    Attributes:
        name: Its architecture's name.
        tag: Its pretrained tag.
        config: ``model_cfg`` and ``preprocess_cfg``, complete.
        repository: Where its weights are on the hub.
        filename: Their file there; empty for open_clip's usual one.
    """

    name: str
    tag: str
    config: dict[str, Any]
    repository: str
    filename: str


@lru_cache(maxsize=1)
def registered_names() -> tuple[str, ...]:
    """List the models that open_clip knows.

    Returns:
        Names as ``name/tag``, in its order.

    Raises:
        PackageMissingError: open_clip is not installed.
    """
    require_clip(_WHAT)
    with environment_kept():
        import open_clip  # noqa: PLC0415 - it loads torch

    return tuple(f"{name}/{tag}" for name, tag in open_clip.list_pretrained())


def registered(name: str, tag: str) -> Registered | None:
    """Look a model up.

    Args:
        name: Its architecture's name.
        tag: Its pretrained tag.

    Returns:
        The model that open_clip would load, with the preprocessing that belongs to the weights;
        None if it does not know the name.

    Raises:
        PackageMissingError: open_clip is not installed.
    """
    require_clip(_WHAT)
    with environment_kept():
        import open_clip  # noqa: PLC0415 - it loads torch
        from open_clip.pretrained import get_pretrained_cfg  # noqa: PLC0415

    model = open_clip.get_model_config(name)
    weights = get_pretrained_cfg(name, tag)
    if model is None or not weights:
        return None
    # The activation is the weights', whatever the name says: open_clip only warns of a mismatch.
    if weights.get("quick_gelu"):
        model["quick_gelu"] = True
    repository, _, filename = str(weights.get("hf_hub", "")).rpartition("/")
    preprocess = weights | {"size": model["vision_cfg"].get("image_size", 224)}
    config = {"model_cfg": model, "preprocess_cfg": complete_preprocessing(preprocess)}
    return Registered(name, tag, config, repository, filename)


def complete_preprocessing(stored: dict[str, Any]) -> dict[str, Any]:
    """Complete a preprocessing with open_clip's defaults.

    Args:
        stored: The keys that are written; others than preprocessing's are left out.

    Returns:
        Every key, JSON values only.

    Raises:
        PackageMissingError: open_clip is not installed.
    """
    require_clip(_WHAT)
    with environment_kept():
        from open_clip.transform import PreprocessCfg, merge_preprocess_dict  # noqa: PLC0415

    merged = merge_preprocess_dict(asdict(PreprocessCfg()), stored)
    return {k: list(v) if isinstance(v, tuple) else v for k, v in sorted(merged.items())}
