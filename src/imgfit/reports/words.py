"""The words of the HTML page, in Indonesian and English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from imgfit.remarks import HEADINGS, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from imgfit.language import Language
    from imgfit.reports.mix import Pillar

# A verdict, or that there is none because the draft failed.
Outcome = Literal["failed", "unsure", "silent", "weak", "speaks"]

OUTCOMES: dict[Language, dict[Outcome, str]] = {
    language: {
        "failed": HEADINGS[language]["error"],
        "unsure": VERDICTS[language]["unsure"],
        "silent": VERDICTS[language]["silent"],
        "weak": VERDICTS[language]["weak"],
        "speaks": VERDICTS[language]["speaks"],
    }
    for language in VERDICTS
}

# What each outcome says and asks for; {far} and {weak} are the least fits of the two verdicts.
ADVICE: dict[Language, dict[Outcome, str]] = {
    "id": {
        "silent": "Foto tidak menggambarkan isi keterangan (kecocokan di bawah {weak}). Sebaiknya "
        "pilih foto lain.",
        "weak": "Foto hanya sedikit mendukung keterangan (kecocokan {weak} sampai di bawah {far}). "
        "Lihat sekali lagi.",
        "speaks": "Foto menggambarkan isi keterangan (kecocokan {far} ke atas).",
        "unsure": "Keterangan tidak menyebut hal yang dapat terlihat di foto.",
        "failed": "Foto atau keterangan tidak terbaca. Perbaiki dulu, lalu periksa lagi.",
    },
    "en": {
        "silent": "The photo does not show what the caption says (fit below {weak}). Better choose "
        "another photo.",
        "weak": "The photo supports the caption only a little (fit from {weak} to below {far}). "
        "Look again.",
        "speaks": "The photo shows what the caption says (fit of {far} or more).",
        "unsure": "The caption names nothing that a photo could show.",
        "failed": "The photo or the caption could not be read. Mend it first, then check again.",
    },
}

# How far a photo supports one sentence of the caption.
SUPPORT: dict[Language, dict[str, str]] = {
    "id": {
        "speaks": "didukung foto",
        "weak": "sedikit didukung",
        "silent": "tidak didukung",
    },
    "en": {
        "speaks": "supported by the photo",
        "weak": "supported a little",
        "silent": "not supported",
    },
}

PILLAR_NAMES: dict[Language, dict[Pillar, str]] = {
    "id": {"informasi": "Informasi", "emosi": "Emosi", "promosi": "Promosi"},
    "en": {"informasi": "Information", "emosi": "Emotion", "promosi": "Promotion"},
}

# From this fit on, in thousandths, tenths of a percent are told apart.
_TENTHS_FROM = 990

_MONTHS: dict[Language, str] = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "en": "January February March April May June July August September October November December",
}

# Monday first, as both countries' calendars of work have it: short, and in full.
WEEKDAYS: dict[Language, tuple[tuple[str, str], ...]] = {
    "id": (
        ("Sen", "Senin"), ("Sel", "Selasa"), ("Rab", "Rabu"), ("Kam", "Kamis"), ("Jum", "Jumat"),
        ("Sab", "Sabtu"), ("Min", "Minggu"),
    ),
    "en": (
        ("Mon", "Monday"), ("Tue", "Tuesday"), ("Wed", "Wednesday"), ("Thu", "Thursday"),
        ("Fri", "Friday"), ("Sat", "Saturday"), ("Sun", "Sunday"),
    ),
}  # fmt: skip

PAGE: dict[Language, dict[str, str]] = {
    "id": {
        "title": "Apakah fotonya berbicara?",
        "of": "Pemeriksaan {name}",
        "skip": "Langsung ke daftar draf",
        "contents": "Isi halaman",
        "summary": "Ringkasan",
        "summary_line": "{total} draf diperiksa; {speaks} fotonya berbicara, {look} perlu dilihat "
        "lagi.",
        "no_drafts": "Tidak ada draf yang diperiksa.",
        "how": "Cara membaca halaman ini",
        "what": "Satu draf adalah satu foto bersama keterangan (caption) yang akan diterbitkan. "
        "Halaman ini menunjukkan apakah foto setiap draf menggambarkan isi keterangannya. Draf "
        "yang paling lemah ada di atas.",
        "fit_means": "Kecocokan diukur dengan perbandingan. “Lebih cocok daripada 90 % keterangan "
        "yang tidak berkaitan” berarti: andai keterangan ini ditukar dengan 100 keterangan lain "
        "yang tidak ada hubungannya, sekitar 90 di antaranya kalah cocok. Jadi 50 % bukan nilai "
        "lulus: pasangan yang dipilih sembarang pun rata-rata mencapainya. Dua garis pada bilah "
        "menandai batas {weak} dan {far}.",
        "errors_mean": "Putusan bisa keliru: dari 100 pasangan yang sebenarnya tidak berkaitan, "
        "sekitar {far_count} tetap dinilai berbicara.",
        "errors_unknown": "Putusan bisa keliru, dan seberapa sering belum diketahui: model ini "
        "belum disetel.",
        "limits": "Komputer hanya melihat adegan dan benda; ia tidak tahu siapa, di mana, atau "
        "kapan. Foto rapat lain bisa tetap cocok untuk berita rapat Anda. Pakailah hasil ini untuk "
        "menengok sekali lagi. Yang memutuskan tetap Anda.",
        "sentences_mean": "Keterangan dinilai kalimat demi kalimat. Tanda di depan kalimat "
        "menunjukkan seberapa jauh foto mendukungnya. Kalimat ajakan, jadwal, atau nama memang "
        "jarang terlihat di foto; cukup bila kalimat utamanya didukung.",
        "spread": "Sebaran kecocokan",
        "spread_title": "Bagian draf menurut kecocokannya, dibandingkan dengan pasangan sembarang",
        "spread_line": "Dari {scored} draf yang dinilai, {passed} ({share}) mencapai kecocokan "
        "{limit} ke atas.",
        "spread_rate": "Pasangan foto dan keterangan yang dipilih sembarang mencapainya hanya "
        "{far}.",
        "spread_key": "Batang: bagian draf Anda di setiap rentang {width}, dengan jumlahnya. Garis "
        "putus-putus: bagian yang diharapkan bila foto dan keterangan dipasangkan sembarang "
        "({width} di setiap rentang). Makin banyak batang di kanan, makin baik.",
        "spread_table": "Angka di balik gambar",
        "range": "Kecocokan",
        "count": "Jumlah draf",
        "expected": "sembarang: {width}",
        "axis": "kecocokan",
        "mix": "Bauran konten",
        "mix_means": "Pedoman bulanan: informasi 70 %, emosi 20 %, promosi 10 %.",
        "mix_of": "Bagian dari {known} unggahan yang jenisnya dikenal.",
        "mix_none": "Tidak ada unggahan yang jenisnya dikenal.",
        "mix_row": "{count} dari {known} unggahan, {share}",
        "kind": "Jenis",
        "planned": "Direncanakan",
        "guide": "Pedoman",
        "mix_unknown": "Unggahan yang tidak dihitung dalam bauran karena jenisnya kosong atau "
        "tidak dikenal: {count}.",
        "mix_unknown_words": "Jenis yang tidak dikenal: {names}. Tulis informasi, emosi, atau "
        "promosi.",
        "mix_unread": "Tanggal yang tidak terbaca: {count} ({dates}). Tulis seperti 2026-11-25, "
        "25/11/2026, atau 25 November 2026.",
        "mix_undated": "Draf tanpa tanggal, yang tidak masuk kalender: {count}.",
        "mix_left_out": "Bulan sebelumnya yang tidak ditampilkan: {count}.",
        "calendar": "Rencana {month}",
        "no_kind": "jenis tidak dikenal",
        "more_posts": "+{count}",
        "drafts": "Draf, yang paling lemah dahulu",
        "filters": "Saring draf",
        "all": "semua",
        "search": "Cari dalam nama dan keterangan",
        "shown": "{shown} dari {total} draf ditampilkan",
        "none_shown": "Tidak ada draf yang sesuai. Hapus pencarian atau pilih “semua”.",
        "fit": "Lebih cocok daripada {fit} keterangan yang tidak berkaitan",
        "needed": "(berbicara mulai {far})",
        "probability": "Peluang foto dan keterangan memang sepasang: {probability}",
        "caption": "Keterangan",
        "caption_by_sentence": "Keterangan, kalimat demi kalimat",
        "dropped": "Tidak ikut dinilai",
        "written": "Keterangan seperti ditulis",
        "no_caption": "(tanpa keterangan)",
        "reasons": "Alasan",
        "mend": "Cara memperbaiki",
        "hints": "Catatan tentang foto",
        "better": "Foto yang lebih cocok di kumpulan ini",
        "better_fit": "lebih cocok daripada {fit} keterangan yang tidak berkaitan",
        "alt": "Foto draf ini",
        "absent": "Tidak ada foto untuk ditampilkan",
        "unreadable": "Foto tidak dapat ditampilkan",
        "omitted": "Gambar kecil tidak dimuat",
        "omitted_note": "Gambar kecil yang tidak dimuat agar halaman ini tidak terlalu besar: "
        "{count}.",
        "cards_left_out": "Hanya {shown} draf terlemah yang ditampilkan; {count} lainnya ada di "
        "berkas hasil (imgfit check --output).",
        "cut": "… (karakter yang tidak dimuat di sini: {count})",
        "sentences_cut": "Kalimat yang tidak dimuat di sini: {count}.",
        "made": "Dibuat oleh imgfit {version} di komputer ini, tanpa internet. Halaman ini memuat "
        "salinan kecil foto; perlakukan seperti fotonya.",
        "signature": "Tanda pengenal hasil: semua yang menentukan angkanya",
    },
    "en": {
        "title": "Does the photo speak?",
        "of": "Check of {name}",
        "skip": "Skip to the drafts",
        "contents": "On this page",
        "summary": "Summary",
        "summary_line": "Drafts checked: {total}. Photos that speak: {speaks}. To look at again: "
        "{look}.",
        "no_drafts": "No drafts were checked.",
        "how": "How to read this page",
        "what": "A draft is one photo with the caption it is meant to carry. This page shows "
        "whether each photo shows what its caption says. The weakest drafts come first.",
        "fit_means": "The fit is a comparison. “Better than 90 % of unrelated captions” means: if "
        "this caption were swapped for 100 others that have nothing to do with it, about 90 of "
        "them would fit worse. So 50 % is no pass mark: pairs picked at random reach it on "
        "average. The two lines on the bar mark the limits of {weak} and {far}.",
        "errors_mean": "Verdicts can be wrong: of 100 pairs that do not belong together, about "
        "{far_count} are still told to speak.",
        "errors_unknown": "Verdicts can be wrong, and how often is not known: nobody fitted this "
        "model.",
        "limits": "The computer sees scenes and things only; it does not know who, where or when. "
        "A photo of another meeting may still fit the report of yours. Use this to look twice. The "
        "decision stays yours.",
        "sentences_mean": "Captions are judged sentence by sentence. The mark before a sentence "
        "shows how far the photo supports it. Invitations, schedules and names are seldom seen in "
        "a photo; it is enough if the main sentence is supported.",
        "spread": "How the fits are spread",
        "spread_title": "Share of the drafts by their fit, against pairs picked at random",
        "spread_line": "Of {scored} drafts judged, {passed} ({share}) reach a fit of {limit} or "
        "more.",
        "spread_rate": "Photos and captions paired at random reach it in only {far}.",
        "spread_key": "Bars: the share of your drafts in each range of {width}, with their number. "
        "Dashed line: the share expected if photos and captions were paired at random ({width} in "
        "each range). The more of the bars stand at the right, the better.",
        "spread_table": "The numbers behind the picture",
        "range": "Fit",
        "count": "Drafts",
        "expected": "at random: {width}",
        "axis": "fit",
        "mix": "Content mix",
        "mix_means": "Guide for a month: 70 % information, 20 % emotion, 10 % promotion.",
        "mix_of": "Shares of the posts whose kind is known: {known}.",
        "mix_none": "No post has a kind that is known.",
        "mix_row": "{count} of {known} posts, {share}",
        "kind": "Kind",
        "planned": "Planned",
        "guide": "Guide",
        "mix_unknown": "Posts that do not count in the mix, their kind being empty or unknown: "
        "{count}.",
        "mix_unknown_words": "Unknown kinds: {names}. Write informasi, emosi or promosi "
        "(information, emotion, promotion).",
        "mix_unread": "Dates that could not be read: {count} ({dates}). Write them like "
        "2026-11-25, 25/11/2026 or 25 November 2026.",
        "mix_undated": "Drafts without a date, which are not in the calendar: {count}.",
        "mix_left_out": "Earlier months that are not shown: {count}.",
        "calendar": "Plan for {month}",
        "no_kind": "unknown kind",
        "more_posts": "+{count}",
        "drafts": "Drafts, weakest first",
        "filters": "Filter the drafts",
        "all": "all",
        "search": "Search names and captions",
        "shown": "{shown} of {total} drafts shown",
        "none_shown": "No draft matches. Clear the search or choose “all”.",
        "fit": "Better than {fit} of unrelated captions",
        "needed": "(speaks from {far})",
        "probability": "Probability that photo and caption belong together: {probability}",
        "caption": "Caption",
        "caption_by_sentence": "Caption, sentence by sentence",
        "dropped": "Not judged",
        "written": "The caption as written",
        "no_caption": "(no caption)",
        "reasons": "Why",
        "mend": "How to mend it",
        "hints": "Notes on the photo",
        "better": "A photo of this set that fits better",
        "better_fit": "better than {fit} of unrelated captions",
        "alt": "This draft's photo",
        "absent": "No photo to show",
        "unreadable": "The photo cannot be shown",
        "omitted": "Thumbnail left out",
        "omitted_note": "Thumbnails left out, to keep this page from growing too large: {count}.",
        "cards_left_out": "Only the {shown} weakest drafts are shown; the other {count} are in the "
        "results file (imgfit check --output).",
        "cut": "… (characters left out here: {count})",
        "sentences_cut": "Sentences left out here: {count}.",
        "made": "Made by imgfit {version} on this computer, without internet. This page holds "
        "small copies of the photos; treat it as you would the photos.",
        "signature": "Signature: everything that the numbers depend on",
    },
}


def percent(share: float, language: Language) -> str:
    """Write a share as people of a language do, to at most a tenth.

    Args:
        share: In [0, 1].
        language: Indonesian has a decimal comma.

    Returns:
        Such as ``"12,5 %"``, with a space that does not break.
    """
    return _number(f"{100 * share:.1f}", language)


def fit_percent(fit: float, language: Language) -> str:
    """Write a fit, rounded down: none reads as if it reached a threshold that it does not.

    Args:
        fit: In [0, 1].
        language: Indonesian has a decimal comma.

    Returns:
        Whole percents below 99, tenths from there on.
    """
    # The null is finite: none is beaten whole. Six digits of a fit are all that is ever written.
    tenths = min(int(round(1000 * fit, 3)), 999)
    return _number(f"{tenths / 10:.1f}" if tenths >= _TENTHS_FROM else str(tenths // 10), language)


def month_name(day: date, language: Language) -> str:
    """Name a month with its year.

    Args:
        day: Any day of it.
        language: Of the name.

    Returns:
        Such as ``"November 2026"``.
    """
    return f"{_MONTHS[language].split()[day.month - 1]} {day.year}"


def filled(words: Mapping[str, str], key: str, **facts: object) -> str:
    """Fill one of the page's sentences.

    Args:
        words: `PAGE` of a language.
        key: Which sentence.
        **facts: What it names.

    Returns:
        Plain text.
    """
    return words[key].format_map(facts)


def _number(digits: str, language: Language) -> str:
    digits = digits.removesuffix(".0")
    return f"{digits.replace('.', ',') if language == 'id' else digits}\N{NO-BREAK SPACE}%"
