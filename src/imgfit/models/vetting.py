"""Limits on a stranger's model folder, checked before any library acts on it.

open_clip, timm and transformers follow what a folder's files say: they import code that a
configuration names, fetch missing files and allocate any size that is asked for. So names,
sizes and files are checked first. Loading takes its text tower and its tokenizer from the
folder alone; a hub name in a configuration is never followed.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imgfit.errors import (
    ModelBrokenError,
    ModelFileMissingError,
    ModelPreprocessingError,
    ModelSizeError,
    ModelTokenizerError,
    ModelUnsafeError,
    ModelWeightsError,
)
from imgfit.language import Phrase, megabytes
from imgfit.models.folder import MAX_TOKENIZER, not_object
from imgfit.models.weights import read_header
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from imgfit.models.folder import ModelFolder
    from imgfit.models.weights import Tensor

# Options that open_clip's tokenizers take from a configuration. Anything else would go on to
# transformers, where trust_remote_code is one of the words.
_TOKENIZER_OPTIONS = {"clean", "strip_sep_token", "language"}
_CLEANINGS = ("whitespace", "lower", "canonicalize")
# Text towers that open_clip knows how to pool (its hf_configs), by transformers' model_type.
TEXT_TOWERS = ("roberta", "xlm-roberta", "mt5", "bert", "m2m_100")
# Classes that the tokenizers of open_clip's models name, all of them inside transformers.
_TOKENIZERS = {
    "PreTrainedTokenizer", "TokenizersBackend", "GemmaTokenizer", "T5Tokenizer", "MT5Tokenizer",
    "XLMRobertaTokenizer", "NllbTokenizer", "BertTokenizer", "RobertaTokenizer", "CLIPTokenizer",
}  # fmt: skip
# These name code, kernels from the hub or files of one's own.
_REFUSED = (
    "auto_map", "trust_remote_code", "custom_pipelines", "attn_implementation",
    "_attn_implementation", "_attn_implementation_internal", "experts_implementation",
    "quantization_config", "compression_config", "gguf_file", "tokenizer_file", "vocab_file",
    "merges_file", "source_spm", "target_spm", "spm_file",
)  # fmt: skip
_TIMM_NAME = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)?")

# The largest of open_clip's own: 64,000 pieces aside, no number but a vocabulary's is over 16,384
# (width of bigG's hidden layer); 901,629 pieces (XLM-V); 48 layers.
_MOST = {"vocab_size": 4_000_000, "layers": 256, "image_size": 4096}
_MOST_NUMBER = 1_000_000
_MOST_LAYERS = ("layers", "num_layers", "num_hidden_layers", "encoder_layers", "decoder_layers",
                "num_decoder_layers")  # fmt: skip
_MOST_DEPTH, _MOST_ITEMS, _MOST_LETTERS = 6, 5000, 1000
_MOST_FILES = 1000

_SIGLIP = ('"preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], '
           '"interpolation": "bicubic", "resize_mode": "squash"}')  # fmt: skip
_OPENAI = ('"preprocess_cfg": {"mean": [0.48145466, 0.4578275, 0.40821073], '
           '"std": [0.26862954, 0.26130258, 0.27577711], '
           '"interpolation": "bicubic", "resize_mode": "shortest"}')  # fmt: skip
# Left side of a token table in the weights of every family.
_TOKEN_TABLE = re.compile(
    r"(text\.)?(token_embedding|transformer\.(embeddings\.word_embeddings|embed_tokens))\.weight"
)
# Vocabularies are padded: BERT's 30,522 pieces stand in CLIPA's table of 32,000. A tokenizer that
# fills less than nine tenths of the table is another model's.
_LEAST_FILLED = 0.9


@dataclass(frozen=True, slots=True)
class VettedFolder:
    """A model folder that `vet_folder` has checked: loaders take no other.

    Attributes:
        folder: The model.
        config: open_clip's configuration, parsed.
        header: The tensors of the weights, by name.
    """

    folder: ModelFolder
    config: Mapping[str, Any]
    header: Mapping[str, Tensor]

    @property
    def text(self) -> Mapping[str, Any]:
        """Settings of the text tower."""
        text: Mapping[str, Any] = self.config["model_cfg"]["text_cfg"]
        return text


def vet_folder(folder: ModelFolder) -> VettedFolder:
    """Refuse a folder that asks for more than any model needs, before anything is loaded from it.

    Args:
        folder: The model.

    Returns:
        The folder, with its configuration and the weights' header.

    Raises:
        ModelUnsafeError: The folder asks for code, for the network or for places outside it.
        ModelSizeError: A file or a number is over its limit.
        ModelFileMissingError: A file is missing that the configuration asks for.
        ModelPreprocessingError: The configuration does not say how photos are prepared.
        ModelWeightsError: The weights are not those of the configuration.
        ModelBrokenError: A file is damaged; the root of those above.
    """
    _vet_files(folder)
    _vet_settings(folder)
    config = folder.read_config()
    model = config["model_cfg"]
    _vet_numbers(folder, folder.config.name, model)
    for part in ("text_cfg", "vision_cfg"):
        if not isinstance(model.get(part), dict):
            raise ModelBrokenError(folder=folder.path, cause=not_object(part))
    _vet_vision(folder, model["vision_cfg"])
    _vet_text(folder, model["text_cfg"])
    header = read_header(folder)
    _vet_preprocessing(folder, config, sigmoid="init_logit_bias" in model)
    if ("logit_bias" in header) != (model.get("init_logit_bias") is not None):
        cause = Phrase(
            id="logit_bias hanya ada di salah satu: init_logit_bias atau bobot",
            en="logit_bias is in only one of init_logit_bias and the weights",
        )
        raise ModelWeightsError(folder=folder.path, cause=cause)
    noted = folder.read_notes().get("quick_gelu")
    if noted is not None and bool(noted) != bool(model.get("quick_gelu")):
        found = f"quick_gelu: imgfit.json {noted}, model_cfg {bool(model.get('quick_gelu'))}"
        raise ModelWeightsError(folder=folder.path, cause=found)
    return VettedFolder(folder, config, header)


def vocabulary_of(header: Mapping[str, Tensor]) -> int | None:
    """Return how many tokens a text tower knows.

    Args:
        header: Of the weights.

    Returns:
        Rows of its token table; None if no tensor has such a name.
    """
    tables = (t for name, t in header.items() if _TOKEN_TABLE.fullmatch(name))
    return next((table.shape[0] for table in tables if table.shape), None)


def vet_vocabulary(folder: ModelFolder, *, pieces: int, table: int, own: bool) -> None:
    """Refuse a tokenizer whose vocabulary is not the tower's.

    Args:
        folder: The model.
        pieces: Of the tokenizer.
        table: Rows of the tower's token table.
        own: Whether the folder names its own tokenizer; if not, it uses OpenAI's.

    Raises:
        ModelTokenizerError: The two do not belong together.
    """
    if pieces != table and not (own and _LEAST_FILLED * table <= pieces <= table):
        raise ModelTokenizerError(folder=folder.path, what="vocab_size", found=pieces, needed=table)


def tokenizer_class(settings: Mapping[str, Any]) -> str:
    """Return the class that a tokenizer's settings name, without the ending of the fast ones.

    Args:
        settings: Parsed ``tokenizer_config.json``.

    Returns:
        Such as ``"GemmaTokenizer"``; empty if none is named.
    """
    return str(settings.get("tokenizer_class") or "").removesuffix("Fast")


def _target(link: Path) -> Path:
    """Follow a link; one that leads nowhere is where it leads, one to itself is an error."""
    with suppress(FileNotFoundError):
        link.stat()  # from Python 3.13 on, a circle is no error of resolve's
    return link.resolve()


def _vet_files(folder: ModelFolder) -> None:
    """Refuse links that leave the folder, and files too large to be read whole."""
    try:
        root = folder.path.resolve()
        paths = [*folder.path.iterdir(), folder.text_tower.parent, folder.text_tower]
        targets = [_target(path) if path.is_symlink() else path for path in paths]
    except (OSError, RuntimeError) as error:  # the latter is a link to itself, before Python 3.13
        raise ModelBrokenError(folder=folder.path, cause=said_by(error)) from error
    # The hub's cache keeps files in blobs/ and links to them from snapshots/REVISION/.
    roots = (root, root.parents[1] / "blobs") if root.parent.name == "snapshots" else (root,)
    if len(paths) > _MOST_FILES:
        raise ModelSizeError(
            folder=folder.path,
            place=Phrase(id="banyaknya berkas", en="files"),
            size=len(paths),
            limit=_MOST_FILES,
        )
    for path, target in zip(paths, targets, strict=True):
        if target is not path and not any(target.is_relative_to(one) for one in roots):
            raise ModelUnsafeError(folder=folder.path, place=path.name, value=f"-> {target}")
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise ModelUnsafeError(
                folder=folder.path,
                place=path.name,
                value=Phrase(id="perangkat atau pipa", en="a device or pipe"),
            )
    for path in folder.tokenizer_files():
        if path.stat().st_size > MAX_TOKENIZER:
            raise ModelSizeError(
                folder=folder.path,
                place=path.name,
                size=megabytes(path.stat().st_size),
                limit=megabytes(MAX_TOKENIZER),
            )


def _vet_settings(folder: ModelFolder) -> None:
    """Refuse tokenizer settings that would lead transformers out of the folder."""
    for name in ("tokenizer_config.json", "special_tokens_map.json", "config.json"):
        if (folder.path / name).is_file():
            settings = folder.read_json(name)
            _refuse_keys(folder, name, settings)
            if name == "tokenizer_config.json":
                kind = tokenizer_class(settings)
                if kind and kind not in _TOKENIZERS:
                    raise ModelUnsafeError(
                        folder=folder.path, place=f"{name}: tokenizer_class", value=kind[:100]
                    )


def _vet_vision(folder: ModelFolder, vision: dict[str, Any]) -> None:
    name = vision.get("timm_model_name")
    # timm takes hf-hub:, local-dir: and the like before the name.
    if name is not None and not (isinstance(name, str) and _TIMM_NAME.fullmatch(name)):
        raise ModelUnsafeError(folder=folder.path, place="timm_model_name", value=str(name)[:100])


def _vet_text(folder: ModelFolder, text: dict[str, Any]) -> None:
    options = text.get("tokenizer_kwargs") or {}
    if not isinstance(options, dict):
        raise ModelBrokenError(folder=folder.path, cause=not_object("tokenizer_kwargs"))
    allowed = _TOKENIZER_OPTIONS if text.get("hf_tokenizer_name") else {"clean"}
    for key, value in options.items():
        if key not in allowed or (key == "clean" and value not in _CLEANINGS):
            raise ModelUnsafeError(
                folder=folder.path, place=f"tokenizer_kwargs: {key[:100]}", value=str(value)[:100]
            )
    if text.get("tokenizer_mode") not in (None, "", "clips"):
        raise ModelUnsafeError(
            folder=folder.path, place="tokenizer_mode", value=str(text["tokenizer_mode"])[:100]
        )
    source = text.get("hf_model_name")
    if not source:
        return
    place = folder.text_tower.relative_to(folder.path).as_posix()
    if not folder.text_tower.is_file():
        raise ModelFileMissingError(folder=folder.path, file=place, source=str(source)[:100])
    tower = folder.read_json(place)
    _refuse_keys(folder, place, tower)
    _vet_numbers(folder, place, tower)
    if tower.get("model_type") not in TEXT_TOWERS:
        raise ModelUnsafeError(
            folder=folder.path,
            place=f"{place}: model_type",
            value=str(tower.get("model_type"))[:100],
        )


def _refuse_keys(folder: ModelFolder, name: str, settings: dict[str, Any]) -> None:
    for key in _REFUSED:
        if settings.get(key):
            raise ModelUnsafeError(
                folder=folder.path, place=f"{name}: {key}", value=str(settings[key])[:100]
            )


def _vet_numbers(folder: ModelFolder, name: str, settings: dict[str, Any]) -> None:
    """Refuse sizes that no model has, before anything is allocated by them."""
    for key, value in _leaves(settings):
        if value is _TOO_DEEP or (isinstance(value, str) and len(value) > _MOST_LETTERS):
            cause = Phrase(
                id=f"{name}: {key[:100]} bersarang terlalu dalam atau terlalu panjang",
                en=f"{name}: {key[:100]} is nested too deep or too long",
            )
            raise ModelBrokenError(folder=folder.path, cause=cause)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        kind = "layers" if key in _MOST_LAYERS else key
        limit = _MOST.get(kind, _MOST_NUMBER)
        # Real configurations hold 1e20 for a length without bound; only integers size tensors.
        if (isinstance(value, int) and abs(value) > limit) or not math.isfinite(value):
            raise ModelSizeError(
                folder=folder.path, place=f"{name}: {key}", size=str(value)[:40], limit=limit
            )


_TOO_DEEP = object()


def _leaves(value: Any, key: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield a configuration's values, each with the name nearest above it."""
    if isinstance(value, dict | list):
        if depth > _MOST_DEPTH or len(value) > _MOST_ITEMS:
            yield key, _TOO_DEEP
            return
        items = value.items() if isinstance(value, dict) else ((key, one) for one in value)
        for name, one in items:
            yield from _leaves(one, str(name), depth + 1)
    else:
        yield key, value


def _vet_preprocessing(folder: ModelFolder, config: dict[str, Any], *, sigmoid: bool) -> None:
    """Refuse a folder that leaves mean and deviation, and SigLIP's way of resizing, to a guess.

    open_clip would fill in OpenAI's values, which are wrong for every family but its own.
    """
    stored = config.get("preprocess_cfg")
    stored = stored if isinstance(stored, dict) else {}
    needed = ["mean", "std", *(["interpolation", "resize_mode"] if sigmoid else [])]
    missing = [key for key in needed if stored.get(key) is None]
    if missing:
        raise ModelPreprocessingError(
            folder=folder.path,
            missing=", ".join(missing),
            likely="SigLIP" if sigmoid else "OpenAI, LAION",
            lines=_SIGLIP if sigmoid else _OPENAI,
        )
