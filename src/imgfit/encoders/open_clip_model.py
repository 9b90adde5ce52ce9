"""open_clip's own model and tokenizer from a vetted folder; importing this loads torch.

open_clip's loader would fetch the configuration of a text tower from the hub, fill a missing bias
with zeros and stretch positions that do not fit. Here the towers are built from the folder's
files alone and every tensor must be in the weights, in its shape: first on torch's meta device,
which allocates nothing, and only then in memory.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from imgfit.errors import ModelBrokenError, ModelTokenizerError, ModelWeightsError
from imgfit.language import Phrase
from imgfit.lazily import environment_kept
from imgfit.models import NLLB_LANGUAGE, tokenizer_class
from imgfit.printable import said_by

with environment_kept():
    import open_clip
    import torch
    from open_clip.tokenizer import HFTokenizer
    from safetensors.torch import load_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imgfit.models import Ids, ModelFolder, Tensor, VettedFolder

# Older transformers kept this counter 0, 1, 2, ... in the weights.
_COUNTERS = "embeddings.position_ids"
_LOGITS = ("logit_scale", "logit_bias")
# Tensors of the text tower in weights written before it had a prefix of its own.
_TEXT = ("text_projection", "positional_embedding", "token_embedding", "transformer", "ln_final")


def load_model(vetted: VettedFolder) -> Any:
    """Build a folder's model and fill it with the folder's weights.

    Args:
        vetted: The model. Nothing reaches for the network.

    Returns:
        open_clip's model in float32 on the CPU, in evaluation mode, without gradients.

    Raises:
        ModelBrokenError: The folder cannot be loaded, or must not be.
    """
    folder, config = vetted.folder, vetted.config
    try:
        with torch.device("meta"):
            sketch = _construct(folder, config["model_cfg"])
    except Exception as error:  # whatever open_clip, timm or transformers makes of it
        raise ModelBrokenError(folder=folder.path, cause=said_by(error)) from error
    sources = match_tensors(folder, sketch.state_dict(), vetted.header)
    # A configuration may ask for half precision; the CPU computes in float32.
    model = _construct(folder, config["model_cfg"]).float()
    wanted = model.state_dict()
    stored = load_file(folder.weights)
    tensors = {name: stored[source].reshape(wanted[name].shape) for name, source in sources.items()}
    spoilt = [name for name, tensor in tensors.items() if not _is_finite(tensor)]
    if spoilt:
        cause = Phrase(
            id=f"{len(spoilt)} tensor berisi nilai yang bukan bilangan: {spoilt[0]}",
            en=f"{len(spoilt)} tensors hold values that are not numbers: {spoilt[0]}",
        )
        raise ModelWeightsError(folder=folder.path, cause=cause)
    model.load_state_dict(tensors, strict=True)
    # open_clip builds models in training mode, with dropout on.
    return model.eval().requires_grad_(requires_grad=False)


def match_tensors(
    folder: ModelFolder, wanted: Mapping[str, torch.Tensor], header: Mapping[str, Tensor]
) -> dict[str, str]:
    """Find every tensor of a model in its weights.

    Args:
        folder: The model, for the error.
        wanted: The model's tensors, by name; only their shapes and types are looked at.
        header: Of the weights.

    Returns:
        For each of the model's names, the name in the weights.

    Raises:
        ModelWeightsError: Tensors are missing, left over or of another shape or type.
    """
    names = {name: name for name in header if not name.endswith(_COUNTERS)}
    if "positional_embedding" in names and "text.positional_embedding" in wanted:
        names = {("text." + n if n.startswith(_TEXT) else n): n for n in names}
    missing, extra = sorted(wanted.keys() - names.keys()), sorted(names.keys() - wanted.keys())
    if missing or extra:
        raise ModelWeightsError(folder=folder.path, cause=_unmatched(missing, extra))
    for name, source in names.items():
        one, other = wanted[name], header[source]
        shape = tuple(one.shape)
        # The scale is a single number or a list of one, as the years went.
        alike = shape == other.shape or (name in _LOGITS and {shape, other.shape} == {(), (1,)})
        if not alike or one.is_floating_point() != other.floating:
            raise ModelWeightsError(
                folder=folder.path,
                cause=Phrase(
                    id=f"{name} berbentuk {other.kind} {list(other.shape)}, harus {list(shape)}",
                    en=f"{name} is {other.kind} {list(other.shape)}, must be {list(shape)}",
                ),
            )
    return names


def _unmatched(missing: Sequence[str], extra: Sequence[str]) -> Phrase:
    """Say which tensors are missing in the weights, and which are left over."""
    found = [
        (f"{len(some)} tensor {indonesian}: {some[0]}", f"{len(some)} tensors {english}: {some[0]}")
        for some, indonesian, english in (
            (missing, "tidak ada", "missing"),
            (extra, "berlebih", "left over"),
        )
        if some
    ]
    return Phrase(id="; ".join(said for said, _ in found), en="; ".join(said for _, said in found))


class OpenClipTokenizer:
    """open_clip's tokenizer of a folder, for those that only it can read.

    Attributes:
        pad: Id of the padding token.
    """

    def __init__(self, vetted: VettedFolder) -> None:
        """Load the tokenizer; nothing reaches for the network.

        Args:
            vetted: The model.

        Raises:
            ModelBrokenError: The tokenizer cannot be loaded, or must not be.
        """
        folder, text = vetted.folder, vetted.text
        length = int(text.get("context_length", open_clip.tokenizer.DEFAULT_CONTEXT_LENGTH))
        options = dict(text.get("tokenizer_kwargs") or {})
        self._inner: Any = None
        try:
            if not text.get("hf_tokenizer_name"):
                self._tokenizer: Any = open_clip.SimpleTokenizer(context_length=length, **options)
                self.pad = 0
                return
            language = options.pop("language", None)
            self._tokenizer = HFTokenizer(
                str(folder.path),
                context_length=length,
                tokenizer_mode=text.get("tokenizer_mode"),
                local_files_only=True,
                trust_remote_code=False,
                **_type_of(folder),
                **options,
            )
            self._inner = self._tokenizer.tokenizer
            self.pad = self._inner.pad_token_id
            _speak(folder, self._inner, language)
        except ModelBrokenError:
            raise
        except Exception as error:  # whatever open_clip or transformers makes of it
            cause = said_by(error, "tokenizer")
            raise ModelBrokenError(folder=folder.path, cause=cause) from error

    @property
    def pieces(self) -> int:
        """How many pieces the tokenizer knows, without those added for other uses."""
        inner = self._inner
        return int(self._tokenizer.vocab_size if inner is None else inner.vocab_size)

    def count(self, text: str) -> int:
        """Count a text's tokens, uncut.

        Args:
            text: Any text.

        Returns:
            Tokens, with the special ones.
        """
        if self._inner is None:
            return len(self._tokenizer.encode(text)) + 2
        cleaned = self._tokenizer.clean_fn(text)
        return len(self._inner(cleaned, truncation=False, verbose=False).input_ids)

    def ids(self, texts: Sequence[str]) -> Ids:
        """Turn texts into ids.

        Args:
            texts: n texts.

        Returns:
            Shape ``(n, context_length)``.
        """
        return np.asarray(self._tokenizer(list(texts)).numpy(), np.int64)


def _construct(folder: ModelFolder, model_cfg: Mapping[str, Any]) -> Any:
    """Build open_clip's model with random weights, as its own factory chooses the class."""
    options = json.loads(json.dumps(model_cfg))  # open_clip writes into it
    custom = options.pop("custom_text", False)
    if options["vision_cfg"].get("timm_model_name"):
        options["vision_cfg"]["timm_model_pretrained"] = False
    if options["text_cfg"].get("hf_model_name"):
        custom = True
        options["text_cfg"] |= {
            "hf_model_name": str(folder.text_tower.parent.resolve()),
            "hf_model_pretrained": False,
        }
    if custom and "multimodal_cfg" in options:
        return open_clip.CoCa(**options)
    return (open_clip.CustomTextCLIP if custom else open_clip.CLIP)(**options)


def _type_of(folder: ModelFolder) -> dict[str, str]:
    """Return the tokenizer that transformers is to take, if the tokenizer's settings name none.

    XLM-R's and BERT's first releases leave it to the model's configuration.
    """
    settings = folder.path / "tokenizer_config.json"
    if settings.is_file() and tokenizer_class(folder.read_json(settings.name)):
        return {}
    if folder.text_tower.is_file():
        tower = folder.text_tower.relative_to(folder.path).as_posix()
        return {"tokenizer_type": str(folder.read_json(tower)["model_type"])}
    cause = Phrase(
        id="tokenizer_config.json tidak menyebut tokenizer_class, misalnya BertTokenizer",
        en="tokenizer_config.json names no tokenizer_class, such as BertTokenizer",
    )
    raise ModelBrokenError(folder=folder.path, cause=cause)


_LANGUAGE = Phrase(id="bahasa", en="language")


def _speak(folder: ModelFolder, inner: Any, language: str | None) -> None:
    """Set the language that a tokenizer announces its texts in, if it announces one."""
    if not hasattr(inner, "src_lang"):
        if language is not None:
            raise ModelTokenizerError(
                folder=folder.path, what=_LANGUAGE, found="-", needed=language
            )
        return
    wanted = language or NLLB_LANGUAGE
    number = inner.convert_tokens_to_ids(wanted)
    if number is None or number == inner.unk_token_id:
        raise ModelTokenizerError(folder=folder.path, what=_LANGUAGE, found="-", needed=wanted)
    # open_clip's set_language is undone by the next call, which goes back to src_lang.
    inner.src_lang = wanted
    if number not in inner("a").input_ids:
        raise ModelTokenizerError(folder=folder.path, what=_LANGUAGE, found="-", needed=wanted)


def _is_finite(tensor: torch.Tensor) -> bool:
    if not tensor.is_floating_point():
        return True
    # One pass without a copy. As many float32 as memory holds do not overflow a float64.
    return bool(torch.isfinite(tensor.sum(dtype=torch.float64)))


# open_clip reports every step of loading at INFO, through the root logger.
logging.getLogger("open_clip").setLevel(logging.WARNING)
