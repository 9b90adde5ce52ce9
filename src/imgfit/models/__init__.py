"""Model folders: names, places, vetting, weights and tokenizers, all without torch.

A folder comes from a stranger: nothing in it runs, and every size is bounded.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit.models.finding import (
        find_model as find_model,
        locate_model as locate_model,
        not_found as not_found,
    )
    from imgfit.models.folder import ModelFolder as ModelFolder
    from imgfit.models.known import (
        KNOWN as KNOWN,
        MINI as MINI,
        PRESETS as PRESETS,
        KnownModel as KnownModel,
        languages_of as languages_of,
    )
    from imgfit.models.names import (
        BUILT_IN as BUILT_IN,
        ModelName as ModelName,
        is_repository as is_repository,
    )
    from imgfit.models.registry import (
        complete_preprocessing as complete_preprocessing,
        registered as registered,
    )
    from imgfit.models.tokenizer import (
        NLLB_LANGUAGE as NLLB_LANGUAGE,
        Ids as Ids,
        TextTokenizer as TextTokenizer,
        Trim as Trim,
        read_tokenizer as read_tokenizer,
    )
    from imgfit.models.vetting import (
        VettedFolder as VettedFolder,
        tokenizer_class as tokenizer_class,
        vet_folder as vet_folder,
        vet_vocabulary as vet_vocabulary,
        vocabulary_of as vocabulary_of,
    )
    from imgfit.models.weights import Tensor as Tensor, read_scalar as read_scalar
else:
    __getattr__ = exported(
        __name__,
        {
            "finding": ("find_model", "locate_model", "not_found"),
            "folder": ("ModelFolder",),
            "known": ("KNOWN", "KnownModel", "MINI", "PRESETS", "languages_of"),
            "names": ("BUILT_IN", "ModelName", "is_repository"),
            "registry": ("complete_preprocessing", "registered"),
            "tokenizer": ("NLLB_LANGUAGE", "TextTokenizer", "Trim", "read_tokenizer"),
            "vetting": (
                "VettedFolder",
                "tokenizer_class",
                "vet_folder",
                "vet_vocabulary",
                "vocabulary_of",
            ),
            "weights": ("Tensor", "read_scalar"),
        },
    )
