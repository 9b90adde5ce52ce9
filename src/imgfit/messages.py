"""What imgfit tells people, in Indonesian and English: verdicts, reasons and table heads."""

from __future__ import annotations

import locale
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["id", "en"]

Verdict = Literal["speaks", "weak", "silent", "unsure"]

VERDICTS: dict[Language, dict[Verdict, str]] = {
    "id": {
        "speaks": "berbicara",
        "weak": "kurang berbicara",
        "silent": "tidak berbicara",
        "unsure": "tidak dapat dinilai",
    },
    "en": {"speaks": "speaks", "weak": "weak", "silent": "silent", "unsure": "unsure"},
}

_REASONS: dict[str, dict[Language, str]] = {
    "speaks_of_other": {
        "id": "foto ini lebih cocok untuk {other}: “{caption}” (tertukar?)",
        "en": "the photo speaks for {other} instead: “{caption}” (swapped?)",
    },
    "speaks_of_scene": {
        "id": "foto ini lebih berbicara tentang: {scene_id}",
        "en": "the photo rather speaks about: {scene_en}",
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
}

TABLE: dict[Language, dict[str, str]] = {
    "id": {
        "draft": "Draf",
        "verdict": "Putusan",
        "fit": "Kecocokan",
        "reason": "Alasan",
        "error": "gagal",
        "title": "Apakah fotonya berbicara? Yang paling lemah di atas",
        "summary": "{total} draf: {speaks} berbicara, {weak} kurang berbicara, {silent} tidak "
        "berbicara, {unsure} tidak dapat dinilai, {failed} gagal",
        "meaning": "Kecocokan = persentase pasangan foto dan keterangan yang tidak berkaitan "
        "yang dikalahkan draf ini. Putusan “berbicara” keliru diberikan pada sekitar {far} "
        "pasangan seperti itu.",
        "loading": "memuat model …",
        "photos": "foto",
        "texts": "keterangan",
        "written": "hasil ditulis ke {path}",
    },
    "en": {
        "draft": "Draft",
        "verdict": "Verdict",
        "fit": "Fit",
        "reason": "Reason",
        "error": "failed",
        "title": "Does the photo speak? Weakest first",
        "summary": "{total} drafts: {speaks} speak, {weak} weak, {silent} silent, {unsure} "
        "unsure, {failed} failed",
        "meaning": "Fit = share of unrelated pairs of photo and caption that this draft beats. "
        "About {far} of such pairs are wrongly told to speak.",
        "loading": "loading the model …",
        "photos": "photos",
        "texts": "captions",
        "written": "results written to {path}",
    },
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is what it is.

    Attributes:
        code: Stable word for scripts, such as ``"speaks_of_scene"``.
        facts: What the sentence names.
    """

    code: str
    facts: Mapping[str, str]

    def say(self, language: Language = "en") -> str:
        """Return the reason as a sentence.

        Args:
            language: ``"id"`` or ``"en"``.

        Returns:
            One line of plain text.
        """
        return _REASONS[self.code][language].format_map(self.facts)

    def __str__(self) -> str:
        return self.say()


def system_language() -> Language:
    """Return the language of the user's system.

    Returns:
        ``"id"`` where the locale is Indonesian, else ``"en"``.
    """
    name = locale.setlocale(locale.LC_CTYPE) or ""
    return "id" if name.lower().startswith(("id", "in_")) else "en"
