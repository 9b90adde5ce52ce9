"""Verdicts, reasons and hints: the sentences that imgfit says of a draft, in both languages."""

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
        "id": "foto ini tampaknya tertukar dengan foto {other}: “{caption}”",
        "en": "the photo seems to be swapped with that of {other}: “{caption}”",
    },
    "speaks_of_other": {
        "id": "foto ini lebih cocok dengan keterangan {other}: “{caption}”",
        "en": "the photo fits the caption of {other} better: “{caption}”",
    },
    "supports_part": {
        "id": "foto ini mendukung “{supported}”, tetapi tidak mendukung “{unsupported}”",
        "en": "the photo supports “{supported}” but not “{unsupported}”",
    },
    "speaks_of_scene": {
        "id": "foto ini tampaknya menunjukkan: {scene_id}",
        "en": "the photo seems to show: {scene_en}",
    },
    "generic_scene": {
        "id": "foto ini tampaknya menunjukkan {scene_id}: bisa dipasang pada pesan apa saja",
        "en": "the photo seems to show a {scene_en}: it could go with any message",
    },
    "poster_or_text": {
        "id": "gambar ini tampaknya poster atau dokumen, bukan foto peristiwa: {scene_id}",
        "en": "this looks like a poster or document, not a photo of an event: {scene_en}",
    },
    "logo": {
        "id": "gambar ini tampaknya logo atau lambang, bukan foto peristiwa",
        "en": "this looks like a logo or emblem, not a photo of an event",
    },
    "nothing_in_particular": {
        "id": "foto ini tidak menonjolkan apa pun: tidak ada adegan umum yang terlihat jelas",
        "en": "the photo shows nothing in particular: none of the usual scenes stands out",
    },
    "unsupported": {
        "id": "keterangan lain yang tidak berkaitan pun sama cocok dengan foto ini",
        "en": "the photo fits unrelated captions just as well",
    },
    "nothing_to_score": {
        "id": "keterangan tidak berisi kata yang dapat digambarkan (hanya tagar, tautan, emoji, "
        "angka, atau salam penutup)",
        "en": "the caption has no words that a photo could show (only hashtags, links, emoji, "
        "numbers or sign-offs)",
    },
    "names_only": {
        "id": "keterangan hanya berisi nama, gelar, tanggal, atau angka, yang tidak dapat "
        "digambarkan; tuliskan apa yang terjadi",
        "en": "the caption has only names, titles, dates or numbers, which no photo can show; "
        "write what happens",
    },
    "language_not_covered": {
        "id": "model ini tidak menguasai bahasa keterangan ({language}), hanya {covered}; pakai "
        "model lain, atau tetap nilai dengan --any-language",
        "en": "this model does not know the caption's language ({language}), only {covered}; use "
        "another model, or score it all the same with --any-language",
    },
    "tokens_dropped": {
        "id": "{tokens} token keterangan tidak terbaca: satu huruf saja sudah melebihi panjang "
        "teks yang dapat dibaca model",
        "en": "{tokens} tokens of the caption were not read: one character alone is longer than "
        "the text that the model can read",
    },
    "first_frame": {
        "id": "gambar bergerak atau beberapa halaman: hanya satu gambar darinya yang dinilai, "
        "bingkai pertama atau halaman foto",
        "en": "animated or of several pages: one picture of it was scored, the first frame or the "
        "page of the photo",
    },
    "opinions_differ": {
        "id": "kedua model tidak sependapat: menurut yang pertama “{first_id}”, menurut yang "
        "kedua “{second_id}”; lihat sendiri",
        "en": "the two models disagree: the first says {first_en}, the second {second_en}; look "
        "for yourself",
    },
    "uncalibrated": {
        "id": "model ini belum dikalibrasi dan draf yang berbeda kurang dari {drafts}: kecocokan "
        "hanya dibandingkan dengan keterangan bawaan imgfit, sehingga pasangan yang tidak "
        "berkaitan lolos lebih sering daripada yang diminta (dua sampai tiga kali lipat pada "
        "model bawaan); periksa lebih banyak draf sekaligus, atau jalankan imgfit calibrate",
        "en": "this model has no calibration, and fewer than {drafts} drafts differ: fits are "
        "compared with imgfit's own captions only, so more unrelated pairs pass than asked (two "
        "to three times as many with the built-in model); check more drafts at once, or run "
        "imgfit calibrate",
    },
    "null_of_batch": {
        "id": "model ini belum dikalibrasi: {drafts} draf yang berbeda dalam kumpulan ini, dengan "
        "foto yang ditukar-tukar, menjadi pembandingnya; untuk batas yang tetap, jalankan imgfit "
        "calibrate",
        "en": "this model has no calibration: the {drafts} drafts of this batch that differ, "
        "mismatched, take its place; for thresholds that stay the same, run imgfit calibrate",
    },
    "hard_null": {
        "id": "{drafts} draf dalam kumpulan ini mirip satu sama lain: {reached:percent} pasangan "
        "yang ditukar di antaranya akan lolos (batasnya {asked:percent}). Foto lain dari peristiwa "
        "yang sama pun bisa lolos.",
        "en": "the {drafts} drafts of this batch are similar to each other: {reached:percent} of "
        "their mismatched pairs would pass (target: {asked:percent}). Another photo of the same "
        "event may pass as well.",
    },
}

HINTS: dict[str, dict[Language, str]] = {
    "blurred": {
        "id": "foto tampak buram: ketajaman {value:.0%} (kebanyakan foto di atas {limit:.0%})",
        "en": "the photo looks blurred: sharpness {value:.0%} (most photos are above {limit:.0%})",
    },
    "dark": {
        "id": "foto gelap: {measure} {value:.0%} (kebanyakan foto di atas {limit:.0%}); wajar jika "
        "diambil melawan cahaya atau pada malam hari",
        "en": "the photo is dark: {measure} {value:.0%} (most photos are above {limit:.0%}); that "
        "is fine against the light or at night",
    },
    "overexposed": {
        "id": "foto terlalu terang: {value:.0%} bagian tengahnya putih tanpa rincian (kebanyakan "
        "foto di bawah {limit:.0%})",
        "en": "the photo is over-exposed: {value:.0%} of its middle is white without detail "
        "(most photos are below {limit:.0%})",
    },
    "low_resolution": {
        "id": "foto kecil: sisi pendeknya {value} piksel; di bawah {limit} piksel foto akan "
        "diperbesar dan tampak pecah; pakai berkas aslinya",
        "en": "the photo is small: its short side is {value} pixels; below {limit} pixels it will "
        "be enlarged and look blurry; use the original file",
    },
    "extreme_aspect": {
        "id": "foto sangat memanjang: sisi panjangnya {value:.1f} kali sisi pendeknya; di atas "
        "{limit:.1f} kali, media sosial memotong tepinya",
        "en": "the photo is very elongated: its long side is {value:.1f} times the short one; "
        "above {limit:.1f} times, social media crop it",
    },
    "poster": {
        "id": "foto tampak seperti poster atau bingkai bertulisan (skor poster {value:.2f}, "
        "kebanyakan foto di bawah {limit:.2f}): tulisan di dalam gambar tidak dinilai sebagai isi "
        "foto",
        "en": "the photo looks like a poster or a frame with text (poster score {value:.2f}, "
        "most photos are below {limit:.2f}): text in the image is not scored as content",
    },
    "same_file": {
        "id": "berkas fotonya sama persis dengan draf {other}",
        "en": "exactly the same photo file as draft {other}",
    },
    "near_copy": {
        "id": "fotonya hampir sama dengan foto draf {other}: {value} dari 64 bit sidik gambarnya "
        "berbeda, kosinus {cosine:.2f}",
        "en": "nearly the same photo as draft {other}: {value} of the 64 bits of their hashes "
        "differ, cosine {cosine:.2f}",
    },
    "caption_from_photo": {
        "id": "keterangan diambil dari metadata foto itu sendiri ({value})",
        "en": "the caption was taken from the photo's own metadata ({value})",
    },
}


class Remark:
    """A stable code, facts, and a sentence in each language: reasons, hints and errors are remarks.

    A script reads ``code`` and ``facts``, a person reads what ``say`` returns.
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
            One line. Strangers' names in it cannot command a terminal or a log, and the line can
            be written as UTF-8.

        Raises:
            ArgumentError: It is another language.
        """
        language = or_system(language)
        return one_line(fill(self._sentence(language), language, self.facts))


@dataclass(frozen=True, slots=True)
class Reason(Remark):
    """Why a verdict is what it is.

    Attributes:
        code: Stable word for scripts, such as ``"speaks_of_scene"``.
        facts: The plain numbers and texts that the sentence names.
    """

    texts: ClassVar[Mapping[str, Mapping[Language, str]]] = REASONS

    code: str
    facts: Mapping[str, Any]

    def __post_init__(self) -> None:
        code: object = self.code  # whatever a caller without a type checker passes
        if not (isinstance(code, str) and code in self.texts):
            from imgfit.arguments import require_one_of  # noqa: PLC0415 - errors are remarks too

            require_one_of("code", code, self.texts)

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
        facts: The plain numbers and texts that the sentence names: ``value``, the measurement, and
            mostly ``limit``, the value it was compared with.
    """

    texts: ClassVar[Mapping[str, Mapping[Language, str]]] = HINTS


def _plain(fact: Any) -> Any:
    if isinstance(fact, Phrase):
        return fact.en
    return round(fact, 4) if isinstance(fact, float) else fact
