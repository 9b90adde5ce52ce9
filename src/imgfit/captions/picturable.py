"""Whether a caption says anything that a photo could show, and in which language.

A caption of names, titles, dates and numbers has words and yet nothing to picture; a caption in a
language that the model never learned gets a score that means nothing. Both are found by the words
alone, with lists in the package: Indonesian (`words.txt`) and English (`english.txt`, the words of
the training lexicon). Only a text that neither list knows is given to a language detector.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import regex

from imgfit.captions.languages import told
from imgfit.captions.lexicon import is_known

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Fewer words are not given to a detector: it takes names and greetings for any language.
_LEAST_WORDS = 6
# A text is one of ours when this share of its words is in our lists. Of 8,717 Indonesian and
# English captions of posts, sites and everyday photos, of six words or more, 0.7 % have fewer; of
# 420 Wikipedia captions, full of foreign names, 10 %; of 4,812 Vietnamese ones none has as many.
_OURS = 0.3

# One word alone may be a name or a thing ("Kantin"); it is scored.
_LEAST_NAMES = 2
# Shapes of Indonesian words, too many for a short list: pembuatan, kebersihan, sosialisasi.
_INFLECTED = regex.compile(
    r"(?:p(?:er|e[mn]|eng|eny)|ke|ber)\p{L}{3,}an|me(?:m|ng?|ny)\p{L}{4,}|\p{L}{3,}(?:asi|itas|kan|logi)"
)

_WORD = regex.compile(r"[\p{L}\p{M}]+")
_OTHER_SCRIPT = regex.compile(r"(?=\p{L})[^\p{Latin}]")
_LETTER = regex.compile(r"\p{L}")

# Words of posts that the list for hashtags does not have.
_SEEN = (
    "sambutan arahan laporan tarian sendratari gapura pendopo lesehan angkringan sajian "
    "hidangan jajanan gorengan rebusan ketan dodol jenang getuk lepet nagasari serabi "
    "rempeyek keripik wayang gamelan angklung kecapi seruling topeng ukiran anyaman tenun "
    "songket ulos sarung kebaya sanggar paguyuban rusunawa rusun kios lapak warung kantin "
    "kolam taman kebun sawah ladang herbarium aksesoris detail"
)

_FUNCTION_WORDS = {
    "id": "yang di ke dari dan atau pada oleh dengan untuk dalam ini itu para serta sebagai akan "
    "telah sudah juga tidak ada adalah kepada bersama atas bagi saat agar karena dia ia mereka "
    "kami kita anda nya se tersebut tentang hingga sampai antara secara",
    "en": "the a an of in on at to and or by with for from as is are was were be been this that it "
    "its his her their our your he she they we you has have had will not into over under while who "
    "which there",
}
_UNSEEN = (
    # Days, months and times of day.
    "senin selasa rabu kamis jumat sabtu minggu ahad januari februari pebruari maret april "
    "mei juni juli agustus september oktober november nopember desember monday tuesday wednesday "
    "thursday friday saturday sunday january february march may june july august october december "
    "hari tanggal pukul jam tahun wib wita wit tgl pkl day date year "
    # Titles, forms of address, degrees.
    "bapak bpk ibu pak bu sdr sdri saudara saudari tuan nyonya nona mr mrs ms dr drs dra "
    "drg ir h hj kh "
    "ust ustadz ustaz ustadzah prof sh mh se mm si pd ag kom sos hum kes st mt lc ba ma "
    "msi yang mulia ymk alm almh almarhum almarhumah "
    # Greetings, which picture nobody.
    "selamat pagi siang sore malam assalamualaikum wassalamualaikum salam halo hai "
    "warahmatullahi wabarakatuh wr wb hello hi good morning afternoon evening dear"
)


def names_only(text: str) -> bool:
    """Tell whether a text holds names, titles, dates and numbers and nothing else.

    A word counts as a name if it is written with a capital, is in neither list and does not look
    inflected; so a headline in capitals is not all names, as long as one of its words is known.

    Args:
        text: A cleaned caption, not empty.

    Returns:
        Whether there is nothing in it that a photo could show.
    """
    words = _WORD.findall(text)
    return len(words) >= _LEAST_NAMES and all(_is_unseen(word) for word in words)


def _is_unseen(word: str) -> bool:
    lowered = word.lower()
    if lowered in _unseen():
        return True
    known = is_known(lowered) or lowered in _seen() or lowered in _english()
    return word[0].isupper() and not known and not _INFLECTED.fullmatch(lowered)


def language_of(text: str) -> str | None:
    """Tell the language of a text.

    Args:
        text: A cleaned caption or window.

    Returns:
        ISO 639-1 code, or of three letters if it has none of two; ``"id"`` for Malay as well; None
        if the text is too short or too mixed to tell.
    """
    words = [word.lower() for word in _WORD.findall(text)]
    foreign = len(_OTHER_SCRIPT.findall(text)) > len(_LETTER.findall(text)) / 2
    if not foreign:
        if len(words) < _LEAST_WORDS:
            return None
        shares = {"id": _share(words, _indonesian), "en": _share(words, _is_english)}
        best = max(shares, key=lambda language: shares[language])
        if shares[best] >= _OURS and shares["id"] != shares["en"]:
            return best
        if max(shares.values()) >= _OURS:
            return None
    return told(text)


def _share(words: Sequence[str], known: Callable[[str], bool]) -> float:
    return sum(known(word) for word in words) / len(words)


def _indonesian(word: str) -> bool:
    return word in _function_words("id") or (is_known(word) and word not in _function_words("en"))


def _is_english(word: str) -> bool:
    return word in _function_words("en") or (
        word in _english() and word not in _function_words("id")
    )


@cache
def _function_words(language: str) -> frozenset[str]:
    return frozenset(_FUNCTION_WORDS[language].split())


@cache
def _seen() -> frozenset[str]:
    return frozenset(_SEEN.split())


@cache
def _unseen() -> frozenset[str]:
    return frozenset(_UNSEEN.split()) | _function_words("id") | _function_words("en")


@cache
def _english() -> frozenset[str]:
    text = resources.files("imgfit.captions").joinpath("data/english.txt").read_text("utf-8")
    return frozenset(text.split())
