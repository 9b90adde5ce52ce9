"""Models that are known by name: licences, languages, sizes and published figures. Data only.

Only the built-in model's figures were measured by this project. A model that is not listed works
as well; only less is known about it before it is pulled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

# The test languages of Crossmodal-3600 (Thapliyal et al. 2022), on which the multilingual models
# below were measured: Filipino under its two-letter code; Cusco Quechua, which has none, left out.
# fmt: off
XM3600 = frozenset({
    "ar", "bn", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id",
    "it", "ja", "ko", "mi", "nl", "no", "pl", "pt", "ro", "ru", "sv", "sw", "te", "th", "tl", "tr",
    "uk", "vi", "zh",
})
# fmt: on
ENGLISH = frozenset({"en"})

_BYTES_A_PARAMETER = 4  # weights are published in float32
_IMMICH = "Immich's table of models"
_OPEN_CLIP = "open_clip, docs/openclip_multilingual_retrieval_results.csv"
_SIGLIP2 = "arXiv 2502.14786, table 1"

# The kinds of measurement; their words are the command's.
Measure = Literal["id_mean", "id_first", "all_first", "id_ten"]

APACHE = "Apache-2.0"
MIT = "MIT"
NON_COMMERCIAL = "CC-BY-NC-4.0"


@dataclass(frozen=True, slots=True)
class Figure:
    """A published result.

    Attributes:
        percent: The value, in percent.
        what: ``"id_mean"``, ``"id_first"`` and ``"all_first"`` are Crossmodal-3600: how often a
            caption finds its photo, Indonesian ones by the mean of R@1, R@5 and R@10 or by R@1,
            and R@1 over its 36 languages. ``"id_ten"`` is R@10 for 172 Indonesian captions by
            people, among 500 photos of Flickr8k.
        source: Who published it.
        model: The model that was measured, if it is another one of the same kind.
    """

    percent: float
    what: Measure
    source: str
    model: str | None = None


@dataclass(frozen=True, slots=True)
class KnownModel:
    """Facts about a model before it is on this machine.

    Attributes:
        name: ``name/tag`` in open_clip's registry; ``"mini"`` for the built-in model.
        licence: Of the weights; None if it was not found.
        megabytes: To download: parameters times 4 bytes, for float32 weights without tokenizer
            files; the built-in model's files as they are. None if its parameters are not known.
        languages: ISO 639-1 codes; None if unknown.
        figures: Published results.
    """

    name: str
    licence: str | None
    megabytes: int | None
    languages: frozenset[str] | None
    figures: tuple[Figure, ...] = ()


def _known(
    name: str, licence: str | None, parameters: float | None, *figures: Figure
) -> KnownModel:
    """Describe a multilingual model by its millions of parameters."""
    megabytes = None if parameters is None else round(parameters * _BYTES_A_PARAMETER)
    return KnownModel(name, licence, megabytes, XM3600, figures)


MINI = KnownModel(
    "mini",
    APACHE,
    35,
    frozenset({"en", "id"}),
    (
        Figure(
            63.4,
            "id_ten",
            "models/mini/README.md",
        ),
    ),
)

# Short names for models to recommend.
PRESETS: dict[str, KnownModel] = {
    "fast": _known(
        "ViT-B-32-SigLIP2-256/webli",
        APACHE,
        376.9,
        Figure(77.0, "id_mean", _IMMICH),
        Figure(38.3, "all_first", _SIGLIP2),
    ),
    "base": _known(
        "ViT-B-16-SigLIP2-256/webli",
        APACHE,
        375.2,
        Figure(79.8, "id_mean", _IMMICH, "ViT-B-16-SigLIP2/webli"),
        Figure(40.7, "all_first", _SIGLIP2),
    ),
    "accurate": _known(
        "ViT-L-16-SigLIP2-256/webli",
        APACHE,
        881.5,
        Figure(83.7, "id_mean", _IMMICH),
        Figure(46.5, "all_first", _SIGLIP2),
    ),
}

_OTHERS = (
    _known(
        "ViT-B-16-SigLIP2/webli",
        APACHE,
        375.2,
        Figure(79.8, "id_mean", _IMMICH),
        Figure(40.3, "all_first", _SIGLIP2),
    ),
    _known("ViT-B-16-SigLIP2-384/webli", APACHE, 375.2),
    _known("ViT-B-16-SigLIP2-512/webli", APACHE, 375.2),
    _known("ViT-L-16-SigLIP2-384/webli", APACHE, 881.5, Figure(84.6, "id_mean", _IMMICH)),
    _known("ViT-L-16-SigLIP2-512/webli", APACHE, 881.5),
    _known("ViT-SO400M-14-SigLIP2/webli", APACHE, 1135.5),
    _known("ViT-SO400M-14-SigLIP2-378/webli", APACHE, 1135.5, Figure(85.1, "id_mean", _IMMICH)),
    _known("ViT-SO400M-16-SigLIP2-256/webli", APACHE, 1135.5, Figure(84.1, "id_mean", _IMMICH)),
    _known("ViT-SO400M-16-SigLIP2-384/webli", APACHE, 1135.5, Figure(85.0, "id_mean", _IMMICH)),
    _known("ViT-SO400M-16-SigLIP2-512/webli", APACHE, 1135.5),
    _known("ViT-gopt-16-SigLIP2-256/webli", APACHE, 1871),
    _known("ViT-gopt-16-SigLIP2-384/webli", APACHE, 1871),
    # No statement of the i18n models' licence was found, so none is given.
    _known(
        "ViT-B-16-SigLIP-i18n-256/webli",
        None,
        370.6,
        Figure(77.1, "id_mean", _IMMICH),
        Figure(58.8, "id_first", _OPEN_CLIP),
    ),
    _known("ViT-SO400M-16-SigLIP-i18n-256/webli", None, 1127),
    _known(
        "xlm-roberta-base-ViT-B-32/laion5b_s13b_b90k",
        MIT,
        366,
        Figure(74.2, "id_mean", _IMMICH),
        Figure(54.3, "id_first", _OPEN_CLIP),
    ),
    _known(
        "xlm-roberta-large-ViT-H-14/frozen_laion5b_s13b_b90k",
        MIT,
        1193,
        Figure(80.9, "id_mean", _IMMICH),
        Figure(64.3, "id_first", _OPEN_CLIP),
    ),
    _known("nllb-clip-base/v1", NON_COMMERCIAL, 502),
    _known("nllb-clip-base-siglip/v1", NON_COMMERCIAL, 507),
    _known(
        "nllb-clip-base-siglip/mrl",
        NON_COMMERCIAL,
        507,
        Figure(82.0, "id_mean", _IMMICH),
        Figure(64.9, "id_first", _OPEN_CLIP),
    ),
    _known("nllb-clip-large/v1", NON_COMMERCIAL, 1399),
    _known(
        "nllb-clip-large-siglip/v1",
        NON_COMMERCIAL,
        1196,
        Figure(85.5, "id_mean", _IMMICH),
        Figure(63.8, "id_first", _OPEN_CLIP),
    ),
    _known(
        "nllb-clip-large-siglip/mrl",
        NON_COMMERCIAL,
        1196,
        Figure(85.0, "id_mean", _IMMICH),
        Figure(69.6, "id_first", _OPEN_CLIP),
    ),
    # MetaCLIP 2 was trained with quick GELU, and only the name that ends so says it.
    _known("ViT-H-14-worldwide-quickgelu/metaclip2_worldwide", NON_COMMERCIAL, 1859),
    _known("ViT-H-14-worldwide-378/metaclip2_worldwide", NON_COMMERCIAL, 1859),
    _known("ViT-bigG-14-worldwide/metaclip2_worldwide", NON_COMMERCIAL, 3630),
    _known("ViT-bigG-14-worldwide-378/metaclip2_worldwide", NON_COMMERCIAL, 3630),
)

KNOWN: dict[str, KnownModel] = {model.name: model for model in (MINI, *PRESETS.values(), *_OTHERS)}

# Models that open_clip has only after the release named. They keep a photo's aspect ratio.
AFTER_RELEASE = {
    "ViT-B-16-SigLIP2-naflex/webli": "3.3.0",
    "ViT-SO400M-16-SigLIP2-naflex/webli": "3.3.0",
}

# Names whose weights answer for another name's settings.
RENAMED = {
    "ViT-H-14-worldwide/metaclip2_worldwide": "ViT-H-14-worldwide-quickgelu/metaclip2_worldwide",
}

# Tags of sets of English captions: OpenAI's and MetaCLIP 1's own, LAION-400M and LAION-2B-en and
# subsets of them, YFCC15M, CC12M, DataComp's filtered pools and DFN's, which MobileCLIP
# was made of.
_ENGLISH_TAGS = re.compile(
    r"openai|yfcc15m|cc12m|laion400m.*|laion2b.*|laion_aesthetic.*|mscoco_finetuned_laion2b.*"
    r"|merged2b.*|datacomp.*|dfn2b.*|dfn5b.*|dfndr2b|metaclip_(400m|fullcc|altogether)"
)
# SigLIP of the first kind is English but for the names that say i18n.
_ENGLISH_SIGLIP = re.compile(r"ViT-.*-SigLIP(-\d+)?")


def languages_of(name: str, tag: str) -> frozenset[str] | None:
    """Return the languages that a model of open_clip's registry learned.

    Args:
        name: Its architecture's name there.
        tag: Its pretrained tag there.

    Returns:
        ISO 639-1 codes; for multilingual models those that they were measured on. None if
        unknown: the model may know any.
    """
    full = f"{name}/{tag}"
    known = KNOWN.get(RENAMED.get(full, full))
    if known is not None:
        return known.languages
    english = _ENGLISH_TAGS.fullmatch(tag) or (tag == "webli" and _ENGLISH_SIGLIP.fullmatch(name))
    return ENGLISH if english else None


def is_non_commercial(licence: str | None) -> bool:
    """Tell whether a licence forbids commercial use, by its name.

    Args:
        licence: Such as ``"CC-BY-NC-4.0"``; None if it is not known.

    Returns:
        True if the name says so.
    """
    return licence is not None and re.search(r"(^|[-_ ])nc([-_ ]|$)", licence.lower()) is not None
