"""The words of the HTML page, in Indonesian and English.

Sentences are filled by `imgfit.language.fill`. English ones choose a noun or a verb by a count, as
in ``{count:draft|drafts}``; Indonesian has no plural to choose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgfit.language import Language
    from imgfit.remarks import Verdict
    from imgfit.reports.mix import Pillar

# As the page lists them: weakest first.
VERDICT_ORDER: tuple[Verdict, ...] = ("failed", "unsure", "silent", "weak", "speaks")

# What each verdict means and asks for; {far} and {weak} are the least fits of two of them.
MEANINGS: dict[Language, dict[Verdict, str]] = {
    "id": {
        "failed": "Foto atau keterangannya tidak dapat dibaca. Perbaiki dulu, lalu periksa lagi.",
        "unsure": "Foto dan keterangannya terbaca, tetapi tidak dapat dinilai; alasannya ada di "
        "kartunya.",
        "silent": "Foto tidak menggambarkan isi keterangan (kecocokan di bawah {weak}). Sebaiknya "
        "pilih foto lain.",
        "weak": "Foto hanya sedikit mendukung keterangan (kecocokan {weak} sampai di bawah {far}). "
        "Lihat sekali lagi.",
        "speaks": "Foto menggambarkan isi keterangan (kecocokan {far} atau lebih).",
    },
    "en": {
        "failed": "The photo or the caption could not be read. Fix it first, then check again.",
        "unsure": "Photo and caption can be read but not judged; the card says why.",
        "silent": "The photo does not show what the caption says (fit below {weak}). Choose "
        "another photo if you can.",
        "weak": "The photo supports the caption only a little (fit from {weak} to below {far}). "
        "Look again.",
        "speaks": "The photo shows what the caption says (fit of {far} or more).",
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

MONTHS: dict[Language, tuple[str, ...]] = {
    "id": (
        "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September",
        "Oktober", "November", "Desember",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
}  # fmt: skip

# Monday first, as the working week of both countries begins: short, and in full.
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
        "summary_line": "{total} draf diperiksa: {speaks} di antaranya berbicara, {look} perlu "
        "dilihat lagi.",
        "no_drafts": "Tidak ada draf yang diperiksa.",
        "how": "Cara membaca halaman ini",
        "what": "Satu draf adalah satu foto bersama keterangan (caption) yang akan diterbitkan. "
        "Halaman ini menunjukkan apakah foto setiap draf menggambarkan isi keterangannya. Draf "
        "yang paling lemah ada di atas.",
        "fit_means": "Kecocokan adalah hasil perbandingan. “Lebih cocok daripada 90% keterangan "
        "yang tidak berkaitan” berarti: andai keterangan ini diganti dengan 100 keterangan lain "
        "yang tidak ada hubungannya, sekitar 90 di antaranya kurang cocok. Jadi 50% bukan nilai "
        "lulus: pasangan yang dipilih secara acak pun rata-rata mencapainya. Dua garis pada bilah "
        "menandai batas {weak} dan {far}.",
        "errors_mean": "Penilaian bisa keliru: dari 100 pasangan yang tidak berkaitan, sekitar "
        "{far_count:.3g} tetap lolos.",
        "errors_unknown": "Penilaian bisa keliru, dan belum diketahui seberapa sering: model ini "
        "belum dikalibrasi.",
        "limits": "Komputer hanya melihat adegan dan benda; ia tidak tahu siapa, di mana, atau "
        "kapan. Foto rapat lain bisa tetap cocok untuk berita rapat Anda. Pakailah hasil ini untuk "
        "melihat sekali lagi. Yang memutuskan tetap Anda.",
        "sentences_mean": "Keterangan dinilai kalimat demi kalimat. Tanda di depan kalimat "
        "menunjukkan seberapa jauh foto mendukungnya. Kalimat ajakan, jadwal, atau nama memang "
        "jarang terlihat di foto; cukup bila kalimat utamanya didukung.",
        "spread": "Sebaran kecocokan",
        "spread_title": "Bagian draf menurut kecocokannya, dibandingkan dengan pasangan acak",
        "spread_line": "Dari {scored} draf yang dinilai, {passed} ({share}) mencapai kecocokan "
        "{limit} atau lebih.",
        "spread_rate": "Dari pasangan foto dan keterangan yang dipilih secara acak, hanya {far} "
        "yang mencapainya.",
        "spread_key": "Batang: bagian draf Anda di setiap rentang {width}; angka di atasnya adalah "
        "jumlah draf. Garis putus-putus: bagian yang diharapkan bila foto dan keterangan "
        "dipasangkan secara acak. Makin banyak batang di kanan, makin baik.",
        "spread_table": "Angka di balik gambar",
        "range": "Kecocokan",
        "count": "Jumlah draf",
        "share": "Bagian",
        "expected": "pasangan acak: {width}",
        "axis": "kecocokan",
        "mix": "Bauran konten",
        "mix_means": "Pedoman bulanan: informasi 70%, emosi 20%, promosi 10%.",
        "mix_of": "Dihitung dari {known} unggahan yang jenisnya dikenal.",
        "mix_none": "Tidak ada unggahan yang jenisnya dikenal.",
        "mix_row": "{count} dari {known} unggahan, {share}",
        "kind": "Jenis",
        "planned": "Direncanakan",
        "guide": "Pedoman",
        "mix_unknown": "{count} unggahan tidak dihitung dalam bauran karena jenisnya kosong atau "
        "tidak dikenal.",
        "mix_unknown_words": "Jenis yang tidak dikenal: {names}. Tulis informasi, emosi, atau "
        "promosi.",
        "mix_unread": "{count} tanggal tidak terbaca ({dates}). Tulis seperti 2026-11-25, "
        "25/11/2026, atau 25 November 2026.",
        "mix_undated": "{count} draf tidak bertanggal, jadi tidak masuk kalender.",
        "mix_left_out": "{count} bulan sebelumnya tidak ditampilkan.",
        "calendar": "Rencana {month}",
        "no_kind": "jenis tidak dikenal",
        "more_posts": "+{count}",
        "drafts": "Draf, yang paling lemah dahulu",
        "account": "Yang tidak diperiksa",
        "account_line": "{count} catatan tentang berkas dan tabel di samping draf.",
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
        "not_judged": "Tidak dinilai",
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
        "omitted_note": "{count} gambar kecil tidak dimuat agar halaman ini tidak terlalu besar.",
        "cards_left_out": "Hanya {shown} draf terlemah yang ditampilkan; {count} draf lainnya ada "
        "di berkas hasil (imgfit check --output).",
        "cut": "… ({count} karakter lagi tidak dimuat di sini)",
        "sentences_cut": "{count} kalimat lagi tidak dimuat di sini.",
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
        "summary_line": "{total} {total:draft|drafts} checked: {speaks} {speaks:speaks|speak}, "
        "{look} {look:needs|need} another look.",
        "no_drafts": "No drafts were checked.",
        "how": "How to read this page",
        "what": "A draft is one photo with the caption it is meant to carry. This page shows "
        "whether each photo shows what its caption says. The weakest drafts come first.",
        "fit_means": "The fit is a comparison. “Fits better than 90% of unrelated captions” means: "
        "if this caption were swapped for 100 others that have nothing to do with it, about 90 of "
        "them would fit worse. So 50% is not a pass mark: pairs picked at random reach it on "
        "average. The two lines on the bar mark the limits of {weak} and {far}.",
        "errors_mean": "Verdicts can be wrong: of 100 unrelated pairs, about {far_count:.3g} still "
        "{far_count:passes|pass}.",
        "errors_unknown": "Verdicts can be wrong, and how often is not known: this model has no "
        "calibration.",
        "limits": "The computer sees scenes and things only; it does not know who, where or when. "
        "A photo of another meeting may still fit the report of yours. Use this to look twice. The "
        "decision stays yours.",
        "sentences_mean": "Captions are judged sentence by sentence. The mark before a sentence "
        "shows how far the photo supports it. Invitations, schedules and names are seldom seen in "
        "a photo; it is enough if the main sentence is supported.",
        "spread": "How the fits are spread",
        "spread_title": "Share of the drafts by their fit, against pairs picked at random",
        "spread_line": "Of {scored} {scored:draft|drafts} judged, {passed} ({share}) "
        "{passed:reaches|reach} a fit of {limit} or more.",
        "spread_rate": "Of photos and captions paired at random, only {far} do.",
        "spread_key": "Bars: the share of your drafts in each range of {width}; the number above "
        "is how many drafts. Dashed line: the share expected if photos and captions were paired at "
        "random. The more of the bars stand at the right, the better.",
        "spread_table": "The numbers behind the picture",
        "range": "Fit",
        "count": "Drafts",
        "share": "Share",
        "expected": "paired at random: {width}",
        "axis": "fit",
        "mix": "Content mix",
        "mix_means": "Guide for a month: 70% information, 20% emotion, 10% promotion.",
        "mix_of": "Out of {known} {known:post|posts} of a known kind.",
        "mix_none": "No post is of a known kind.",
        "mix_row": "{count} of {known} {known:post|posts}, {share}",
        "kind": "Kind",
        "planned": "Planned",
        "guide": "Guide",
        "mix_unknown": "{count} {count:post does|posts do} not count in the mix because the kind "
        "is empty or unknown.",
        "mix_unknown_words": "Unknown kinds: {names}. Write informasi, emosi or promosi "
        "(information, emotion, promotion).",
        "mix_unread": "{count} {count:date|dates} could not be read ({dates}). Write dates like "
        "2026-11-25, 25/11/2026 or 25 November 2026.",
        "mix_undated": "{count} {count:draft has|drafts have} no date and so no place in the "
        "calendar.",
        "mix_left_out": "{count} earlier {count:month is|months are} not shown.",
        "calendar": "Plan for {month}",
        "no_kind": "unknown kind",
        "more_posts": "+{count}",
        "drafts": "Drafts, weakest first",
        "account": "Not checked",
        "account_line": "{count} {count:remark|remarks} on files and tables beside the drafts.",
        "filters": "Filter the drafts",
        "all": "all",
        "search": "Search names and captions",
        "shown": "{shown} of {total} {total:draft|drafts} shown",
        "none_shown": "No draft matches. Clear the search or choose “all”.",
        "fit": "Fits better than {fit} of unrelated captions",
        "needed": "(speaks from {far})",
        "probability": "Probability that photo and caption belong together: {probability}",
        "caption": "Caption",
        "caption_by_sentence": "Caption, sentence by sentence",
        "dropped": "Not judged",
        "not_judged": "Not judged",
        "written": "The caption as written",
        "no_caption": "(no caption)",
        "reasons": "Why",
        "mend": "How to fix it",
        "hints": "Notes on the photo",
        "better": "A photo of this set that fits better",
        "better_fit": "fits better than {fit} of unrelated captions",
        "alt": "This draft's photo",
        "absent": "No photo to show",
        "unreadable": "The photo cannot be shown",
        "omitted": "Thumbnail left out",
        "omitted_note": "{count} {count:thumbnail was|thumbnails were} left out to keep this page "
        "from growing too large.",
        "cards_left_out": "Only the {shown} weakest {shown:draft is|drafts are} shown; {count} "
        "{count:other is|others are} in the results file (imgfit check --output).",
        "cut": "… ({count} more {count:character is|characters are} not shown here)",
        "sentences_cut": "{count} more {count:sentence is|sentences are} not shown here.",
        "made": "Made by imgfit {version} on this computer, without internet. This page holds "
        "small copies of the photos; treat it as you would the photos.",
        "signature": "Signature: everything that the numbers depend on",
    },
}

# The workbook: the sheet's name and its headings.
SHEET: dict[Language, dict[str, str]] = {
    "id": {
        "title": "Penilaian",
        "picture": "Gambar",
        "id": "Draf",
        "verdict": "Penilaian",
        "fit": "Kecocokan",
        "why": "Alasan",
        "caption": "Keterangan",
        "photo": "Foto",
    },
    "en": {
        "title": "Verdicts",
        "picture": "Picture",
        "id": "Draft",
        "verdict": "Verdict",
        "fit": "Fit",
        "why": "Why",
        "caption": "Caption",
        "photo": "Photo",
    },
}
