"""What imgfit says of a draft: verdicts, reasons and hints, in Indonesian and English."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from imgfit.language import Phrase, fill, or_system
from imgfit.printable import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgfit.language import Language

Verdict = Literal["speaks", "weak", "silent", "unsure", "failed"]

VERDICTS: dict[Language, dict[Verdict, str]] = {
    "id": {
        "speaks": "berbicara",
        "weak": "kurang berbicara",
        "silent": "tidak berbicara",
        "unsure": "tidak dapat dinilai",
        "failed": "gagal",
    },
    "en": {
        "speaks": "speaks",
        "weak": "weak",
        "silent": "silent",
        "unsure": "unsure",
        "failed": "failed",
    },
}

# Headings that the terminal, the page and notebooks share.
HEADINGS: dict[Language, dict[str, str]] = {
    "id": {
        "draft": "Draf",
        "verdict": "Penilaian",
        "fit": "Kecocokan",
        "reason": "Alasan",
        "error": "gagal",
        "photo": "Foto",
        "left_out": "{count} draf lain yang lebih cocok tidak ditampilkan",
    },
    "en": {
        "draft": "Draft",
        "verdict": "Verdict",
        "fit": "Fit",
        "reason": "Reason",
        "error": "failed",
        "photo": "Photo",
        "left_out": "{count} other {count:draft that fits|drafts that fit} better {count:is|are} "
        "not shown",
    },
}

REASONS: dict[str, dict[Language, str]] = {
    "swapped": {
        "id": "foto ini tampaknya tertukar dengan {other}: “{caption}” (tertukar?)",
        "en": "the photo seems to be swapped with that of {other}: “{caption}” (swapped?)",
    },
    "speaks_of_other": {
        "id": "foto ini lebih cocok untuk keterangan {other}: “{caption}”",
        "en": "the photo rather speaks for the caption of {other}: “{caption}”",
    },
    "supports_part": {
        "id": "foto ini mendukung “{supported}”, tetapi tidak “{unsupported}”",
        "en": "the photo supports “{supported}” but not “{unsupported}”",
    },
    "speaks_of_scene": {
        "id": "foto ini tampaknya lebih berbicara tentang: {scene_id}",
        "en": "the photo seems to speak rather about: {scene_en}",
    },
    "generic_scene": {
        "id": "foto ini tampaknya {scene_id}: bisa dipasang pada pesan apa saja",
        "en": "the photo seems to be a {scene_en}: it could stand under any message",
    },
    "poster_or_text": {
        "id": "gambar ini tampaknya bukan foto peristiwa: {scene_id}",
        "en": "the picture seems to be no photo of an event: {scene_en}",
    },
    "logo": {
        "id": "gambar ini tampaknya logo atau lambang, bukan foto peristiwa",
        "en": "the picture seems to be a logo or emblem, no photo of an event",
    },
    "nothing_in_particular": {
        "id": "foto ini tidak menonjolkan hal tertentu: tidak satu pun pemandangan umum yang "
        "dikenali",
        "en": "the photo says nothing in particular: none of the usual scenes stands out in it",
    },
    "unsupported": {
        "id": "foto ini sama cocoknya dengan keterangan lain yang tidak berkaitan",
        "en": "the photo fits unrelated captions about as well",
    },
    "nothing_to_score": {
        "id": "keterangan tidak berisi kata yang dapat digambarkan (hanya tagar, tautan, emoji, "
        "angka atau salam penutup)",
        "en": "the caption holds no words to picture (only hashtags, links, emoji, numbers "
        "or sign-offs)",
    },
    "names_only": {
        "id": "keterangan hanya berisi nama, gelar, tanggal atau angka: tidak ada yang dapat "
        "digambarkan; tulis apa yang terjadi",
        "en": "the caption holds only names, titles, dates or numbers: nothing that a picture "
        "could show; write what happens",
    },
    "language_not_covered": {
        "id": "bahasa keterangan ({language}) tidak dikuasai model ini (yang dikuasai: {covered}); "
        "pakai model lain, atau tetap nilai dengan --any-language",
        "en": "the caption's language ({language}) is not covered by this model (covered: "
        "{covered}); use another model, or score it all the same with --any-language",
    },
    "tokens_dropped": {
        "id": "{tokens} token keterangan tidak terbaca: satu huruf saja sudah melebihi "
        "panjang teks yang dapat dibaca model",
        "en": "{tokens} tokens of the caption were not read: a single character is longer than "
        "the text the model can read",
    },
    "first_frame": {
        "id": "gambar bergerak: hanya bingkai pertama yang dinilai",
        "en": "animated picture: only its first frame was scored",
    },
    "opinions_differ": {
        "id": "dua model tidak sependapat: menurut yang pertama {first_id}, menurut "
        "yang kedua {second_id}; lihat sendiri",
        "en": "the two models disagree: the first says {first_en}, the second {second_en}; look "
        "yourself",
    },
    "uncalibrated": {
        "id": "model ini belum dikalibrasi dan draf yang berbeda kurang dari {drafts}: nilainya "
        "hanya dibandingkan dengan keterangan bawaan imgfit, sehingga pasangan yang tak berkaitan "
        "lolos lebih sering daripada yang diminta (dua sampai tiga kali pada model bawaan); "
        "periksa lebih banyak draf sekaligus, atau jalankan imgfit calibrate",
        "en": "this model has no calibration and fewer than {drafts} drafts differ: fits are held "
        "against imgfit's own captions only, so more unrelated pairs pass than asked (two to three "
        "times as many with the embedded model); check more drafts at once, or run imgfit "
        "calibrate",
    },
    "null_of_batch": {
        "id": "model ini belum dikalibrasi: {drafts} draf yang berbeda dalam kumpulan ini, dengan "
        "pasangan ditukar, menjadi pembandingnya; untuk batas yang tetap, jalankan imgfit "
        "calibrate",
        "en": "this model has no calibration: the {drafts} drafts of this batch that differ, "
        "mismatched, stand in for one; for thresholds that stay, run imgfit calibrate",
    },
    "hard_null": {
        "id": "{drafts} draf dalam kumpulan ini mirip satu sama lain: {reached} dari pasangan yang "
        "ditukar di antaranya akan dinilai berbicara (diminta {asked}). Foto lain dari peristiwa "
        "yang sama pun bisa lolos.",
        "en": "the {drafts} drafts of this batch are alike: {reached} of their pairs would be told "
        "to speak when swapped (asked: {asked}). Another photo of the same event may pass as well.",
    },
}

HINTS: dict[str, dict[Language, str]] = {
    "blurred": {
        "id": "foto tampak buram: ketajaman {value:.0%} (foto biasa di atas {limit:.0%})",
        "en": "the photo looks blurred: sharpness {value:.0%} "
        "(photos are usually above {limit:.0%})",
    },
    "dark": {
        "id": "foto gelap: terang rata-rata {value:.0%}, bagian paling terang {brightest:.0%} "
        "(foto biasa di atas {limit:.0%} dan di atas {limit_brightest:.0%})",
        "en": "the photo is dark: mean brightness {value:.0%}, brightest parts {brightest:.0%} "
        "(photos are usually above {limit:.0%}, and above {limit_brightest:.0%})",
    },
    "overexposed": {
        "id": "foto terlalu terang: {value:.0%} bagian tengahnya putih tanpa rincian (foto biasa "
        "di bawah {limit:.0%})",
        "en": "the photo is over-exposed: {value:.0%} of its middle is white without detail "
        "(photos are usually below {limit:.0%})",
    },
    "low_resolution": {
        "id": "foto kecil: sisi pendeknya {value} piksel; di bawah {limit} piksel foto diperbesar "
        "dan tampak pecah, pakai berkas aslinya",
        "en": "the photo is small: its short side is {value} pixels; below {limit} pixels it is "
        "enlarged and looks coarse, use the original file",
    },
    "extreme_aspect": {
        "id": "foto terlalu memanjang: sisi panjangnya {value:.1f} kali sisi pendeknya; di atas "
        "{limit:.1f} kali tepinya terpotong di media sosial",
        "en": "the photo is very elongated: its long side is {value:.1f} times the short one; "
        "above {limit:.1f} times social media crop it",
    },
    "poster": {
        "id": "foto tampak seperti poster atau bingkai bertulisan (nilai rancangan {value:.2f}, "
        "foto biasa di bawah {limit:.2f}): tulisan di gambar tidak dinilai sebagai isi foto",
        "en": "the photo looks like a poster or a frame with text (design value {value:.2f}, "
        "photos are usually below {limit:.2f}): words in the picture are not what a photo shows",
    },
    "same_file": {
        "id": "berkas foto sama persis dengan draf {other}",
        "en": "the very same photo file as draft {other}",
    },
    "near_copy": {
        "id": "foto hampir sama dengan draf {other}: {value} dari 64 bit sidik gambarnya berbeda, "
        "kosinus {cosine:.2f}",
        "en": "nearly the same photo as draft {other}: {value} of 64 bits of their hashes differ, "
        "cosine {cosine:.2f}",
    },
    "caption_from_photo": {
        "id": "keterangan diambil dari metadata foto itu sendiri ({value})",
        "en": "the caption was taken from the photo's own metadata ({value})",
    },
}


class Remark:
    """A stable code, the facts that belong to it, and one sentence of it in each language.

    Reasons, hints and errors are remarks: a script reads ``code`` and ``facts``, a person ``say``.
    """

    __slots__ = ()

    facts: Mapping[str, Any]

    @abstractmethod
    def _sentence(self, language: Language) -> str:
        """Return the sentence with its facts not yet filled in."""

    def say(self, language: Language | None = None) -> str:
        """Return the remark as a sentence.

        Args:
            language: ``"id"`` or ``"en"``; the system's if None.

        Returns:
            One line. Names of strangers in it command no terminal and no log, and the line can be
            written as UTF-8.
        """
        language = or_system(language)
        return one_line(fill(self._sentence(language), language, self.facts))


@dataclass(frozen=True, slots=True)
class Reason(Remark):
    """Why a verdict is what it is.

    Attributes:
        code: Stable word for scripts, such as ``"speaks_of_scene"``.
        facts: What the sentence names.
    """

    texts: ClassVar[Mapping[str, Mapping[Language, str]]] = REASONS

    code: str
    facts: Mapping[str, Any]

    def _sentence(self, language: Language) -> str:
        return self.texts[self.code][language]

    def __str__(self) -> str:
        return self.say("en")

    def row(self) -> dict[str, Any]:
        """Return the remark as plain values, ready for JSON; numbers to four digits."""
        return {"code": self.code, **{name: _plain(fact) for name, fact in self.facts.items()}}


@dataclass(frozen=True, slots=True)
class Hint(Reason):
    """Something about a draft's photo that a person should look at.

    Attributes:
        code: Stable word for scripts, such as ``"blurred"``.
        facts: What the sentence names: ``value``, what was measured, and mostly ``limit``, what
            it was held against, each a plain number or text.
    """

    texts: ClassVar[Mapping[str, Mapping[Language, str]]] = HINTS


def _plain(fact: Any) -> Any:
    if isinstance(fact, Phrase):
        return fact.en
    return round(fact, 4) if isinstance(fact, float) else fact
