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

TABLE: dict[Language, dict[str, str]] = {
    "id": {
        "draft": "Draf",
        "verdict": "Putusan",
        "fit": "Kecocokan",
        "reason": "Alasan",
        "probability": "peluang {probability}",
        "hint": "catatan foto",
        "error": "gagal",
        "title": "Apakah fotonya berbicara? Yang paling lemah di atas",
        "summary": "{total} draf: {speaks} berbicara, {weak} kurang berbicara, {silent} tidak "
        "berbicara, {unsure} tidak dapat dinilai, {failed} gagal",
        "meaning": "Kecocokan = persentase pasangan foto dan keterangan yang tidak berkaitan "
        "yang dikalahkan draf ini.",
        "rate": "Putusan “berbicara” keliru diberikan pada sekitar {far} pasangan seperti itu.",
        "loading": "memuat model …",
        "drift": "8 bit: nilai cocok bergeser rata-rata {drift} dari 32 bit, diukur saat ekspor",
        "photos": "foto",
        "photo": "Foto",
        "left_out": "{count} draf lain yang lebih cocok tidak ditampilkan",
        "thumbnails": "gambar kecil",
        "reported": "laporan ditulis ke {path}; buka di peramban",
        "texts": "keterangan",
        "written": "hasil ditulis ke {path}",
    },
    "en": {
        "draft": "Draft",
        "verdict": "Verdict",
        "fit": "Fit",
        "reason": "Reason",
        "probability": "probability {probability}",
        "hint": "photo note",
        "error": "failed",
        "title": "Does the photo speak? Weakest first",
        "summary": "{total} drafts: {speaks} speak, {weak} weak, {silent} silent, {unsure} "
        "unsure, {failed} failed",
        "meaning": "Fit = share of unrelated pairs of photo and caption that this draft beats.",
        "rate": "About {far} of such pairs are wrongly told to speak.",
        "loading": "loading the model …",
        "drift": "8 bits: fits move by {drift} on average against 32 bits, measured at export",
        "photos": "photos",
        "photo": "Photo",
        "left_out": "{count} other drafts, which fit better, are not shown",
        "thumbnails": "thumbnails",
        "reported": "report written to {path}; open it in a browser",
        "texts": "captions",
        "written": "results written to {path}",
    },
}

CALIBRATION: dict[Language, dict[str, str]] = {
    "id": {
        "null": "{pairs} pasangan yang sengaja ditukar, dari {drafts} draf; {different} di "
        "antaranya berbeda. Pasangan yang berbagi foto atau keterangan tidak saling bebas: "
        "sama telitinya dengan paling sedikit {independent} percobaan bebas. Tidak ada batas atas "
        "yang dijamin.",
        "before": "Dengan kalibrasi sebelumnya, {before} pasangan itu akan dinilai berbicara; "
        "yang diminta {asked}.",
        "copies": "Salinan: foto dengan berkas yang sama persis, atau keterangan yang "
        "sedikitnya {overlap} katanya sama. Foto yang disimpan ulang tidak dikenali.",
        "labels": "Berlabel cocok {positives}, tidak cocok {negatives}; tanpa label {unlabelled}.",
        "bound": "Batas atas tingkat salah terima untuk draf seperti yang berlabel tidak cocok: "
        "{bound}, keyakinan {confidence} (Clopper dan Pearson 1934; {accepted} dari "
        "{independent_labelled} draf yang saling bebas boleh diterima). Batas ini berlaku bila "
        "draf baru datang dari sumber yang sama.",
        "rates": "Salah tolak {frr}; EER {eer}; AUC {auc}.",
        "probability": "Peluang cocok: Platt, galat kalibrasi {error} (validasi silang). Berlaku "
        "bila draf yang cocok sesering di antara yang berlabel ({prior}).",
        "threshold": "Berbicara mulai kecocokan {fit}.",
        "left_out": "{count} draf tidak dipakai:",
        "written": "kalibrasi ditulis ke {path}; pakai dengan: imgfit check --calibration {path}",
        "picture": "gambar ditulis ke {path}",
        "title": "Sebaran skor",
        "axis": "skor ternormalisasi (simpangan baku)",
        "share": "bagian tiap kelompok per kolom, paling tinggi {most}",
        "mismatched": "ditukar ({count})",
        "own": "pasangan asli ({count})",
        "positives": "berlabel cocok ({count})",
        "negatives": "berlabel tidak cocok ({count})",
        "limit": "ambang berbicara",
    },
    "en": {
        "null": "{pairs} pairs mismatched on purpose, from {drafts} drafts; {different} of them "
        "differ. Pairs that share a photo or a caption are not independent: as precise as at "
        "least {independent} independent trials. No upper bound is guaranteed.",
        "before": "With the calibration used until now, {before} of these pairs would be told to "
        "speak; asked for: {asked}.",
        "copies": "Copies: photos whose files are the same to the byte, or captions that share at "
        "least {overlap} of their words. A photo saved again is not recognised.",
        "labels": "Labelled as fitting {positives}, as not fitting {negatives}; without a label "
        "{unlabelled}.",
        "bound": "Upper bound on the false-accept rate among drafts like those labelled as not "
        "fitting: {bound} at {confidence} confidence (Clopper and Pearson 1934; {accepted} of "
        "{independent_labelled} independent drafts may be accepted). It holds for new "
        "drafts from the same source.",
        "rates": "False rejects {frr}; EER {eer}; AUC {auc}.",
        "probability": "Probability of fitting: Platt, calibration error {error} (cross-validated)."
        " It holds where drafts fit as often as among the labelled ones ({prior}).",
        "threshold": "Speaks from a fit of {fit}.",
        "left_out": "{count} drafts were left out:",
        "written": "calibration written to {path}; use it with: imgfit check --calibration {path}",
        "picture": "picture written to {path}",
        "title": "How the scores are spread",
        "axis": "normalised score (standard deviations)",
        "share": "share of each kind per column, highest {most}",
        "mismatched": "mismatched ({count})",
        "own": "as drafted ({count})",
        "positives": "labelled as fitting ({count})",
        "negatives": "labelled as not fitting ({count})",
        "limit": "speaks from here",
    },
}


CACHE: dict[Language, dict[str, str]] = {
    "id": {
        "path": "Cache embedding: {path}",
        "size": "{size:.1f} MB dari paling banyak {bound:.0f} MB (IMGFIT_CACHE_MB mengubah "
        "batasnya; yang paling lama tidak dipakai dibuang lebih dulu)",
        "rows": "{rows:>9} baris  {space}",
        "none": "belum ada cache di {path}",
        "cleared": "{rows} baris dihapus dari {path}; {freed:.1f} MB dibebaskan",
        "merged": "{path}: {added} baris ditambahkan, {equal} sudah ada dan sama, {differing} "
        "sudah ada dengan nilai lain (yang pertama dipakai), {damaged} rusak dan dilewati",
        "over_bound": "cache ini {size:.0f} MB, melebihi batas {bound:.0f} MB: naikkan "
        "IMGFIT_CACHE_MB sebelum memakainya, atau baris yang paling lama tidak dipakai akan "
        "dibuang",
        "interrupted": "dihentikan; bila cache dipakai, yang sudah dihitung tersimpan: jalankan "
        "lagi untuk melanjutkan",
    },
    "en": {
        "path": "Embedding cache: {path}",
        "size": "{size:.1f} MB of at most {bound:.0f} MB (IMGFIT_CACHE_MB moves the bound; what "
        "was unused longest goes first)",
        "rows": "{rows:>9} rows  {space}",
        "none": "there is no cache at {path}",
        "cleared": "{rows} rows removed from {path}; {freed:.1f} MB freed",
        "merged": "{path}: {added} rows added, {equal} there already and equal, {differing} there "
        "already with other values (the first is kept), {damaged} damaged and left out",
        "over_bound": "this cache has {size:.0f} MB, over the bound of {bound:.0f} MB: raise "
        "IMGFIT_CACHE_MB before using it, or the rows unused longest will go",
        "interrupted": "stopped; where a cache is used, what was embedded is kept: run again to go "
        "on",
    },
}


CHOOSING: dict[Language, dict[str, str]] = {
    "id": {
        "title": "Foto mana yang paling berbicara? Yang terbaik di atas",
        "place": "No.",
        "photo": "Foto",
        "note": "Catatan",
        "copy": "hampir sama dengan no. {place}",
        "leads": "Foto terbaik unggul {margin} simpangan baku atas {other}.",
        "close": "Terlalu tipis untuk diputuskan: foto terbaik hanya unggul {margin} simpangan "
        "baku atas {other} (di bawah {least}, urutannya keliru pada sekitar 3 di antara 10). "
        "Lihat keduanya.",
        "alone": "Tidak ada foto lain yang berbeda untuk dibandingkan.",
        "swaps": "Foto yang tampaknya tertukar",
        "takes": "{draft}: pakai foto {other} (kecocokan {now} → {then})",
        "no_swaps": "Tidak ada foto yang jelas tertukar.",
        "better": "Foto yang lebih cocok di kumpulan ini",
        "no_better": "Tidak ada usulan foto lain.",
        "caution": "Ini usulan: lihat fotonya dahulu. Yang tidak disebut belum tentu tepat.",
    },
    "en": {
        "title": "Which photo speaks best? Best first",
        "place": "No.",
        "photo": "Photo",
        "note": "Note",
        "copy": "nearly the same as no. {place}",
        "leads": "The best photo leads {other} by {margin} standard deviations.",
        "close": "Too close to call: the best photo leads {other} by only {margin} standard "
        "deviations (under {least}, the order is wrong in about 3 cases of 10). Look at both.",
        "alone": "There is no other photo to compare it with.",
        "swaps": "Photos that seem to be swapped",
        "takes": "{draft}: take the photo of {other} (fit {now} → {then})",
        "no_swaps": "No photos are clearly swapped.",
        "better": "Better photos from the same drafts",
        "no_better": "No other photo to suggest.",
        "caution": "These are proposals: look at the photos first. What is not named need not be "
        "right.",
    },
}

MODELS: dict[Language, dict[str, str]] = {
    "id": {
        "title": "Model",
        "name": "Nama",
        "licence": "Lisensi",
        "languages": "Bahasa",
        "size": "Ukuran",
        "figure": "Hasil yang diterbitkan",
        "here": "Terpasang",
        "yes": "ya",
        "no": "belum",
        "embedded": "bawaan",
        "unknown": "tidak diketahui",
        "count": "{count} bahasa",
        "of": ", diukur pada {model}",
        "id_mean": "keterangan Indonesia menemukan fotonya, rata-rata R@1, R@5 dan R@10, "
        "Crossmodal-3600",
        "id_first": "keterangan Indonesia menemukan fotonya, R@1, Crossmodal-3600",
        "all_first": "keterangan dalam 36 bahasa menemukan fotonya, R@1, Crossmodal-3600",
        "id_ten": "keterangan Indonesia buatan orang menemukan fotonya, R@10, 172 keterangan dan "
        "500 foto Flickr8k",
        "note": "Ukuran unduhan dihitung dari jumlah parameter kali 4 bita. Hasil itu milik "
        "penerbitnya, bukan diukur imgfit. Pasang dengan: imgfit models pull NAMA",
        "place": "Folder model: {place}",
        "pulled": "{model} terpasang di {folder} (revisi {revision})",
        "already": "{model} sudah ada di {folder}, utuh, pada revisi {revision}",
        "restricted": "Lisensi: {licence}. Bahasa: {languages}.",
        "verified": "{folder}: {files} berkas ({size} MB) sesuai SHA256SUMS; pasangan emas "
        "bergeser {distance} (batas {most}); {locked}",
        "locked": "sama dengan catatan di {lock}",
        "unlocked": "tidak tercatat di {lock}",
        "packed": "ditulis ke {path}; di komputer lain: imgfit models add {path}",
        "added": "{model} terpasang di {folder}",
        "folder": "Folder",
        "source": "Sumber",
        "revision": "Revisi",
        "fingerprint": "Sidik jari",
        "context": "Panjang teks",
        "tokens": "{count} token",
        "photo": "Foto",
        "pixels": "{count} piksel",
        "calibration": "Kalibrasi",
        "receiving": "mengunduh {name}",
        "checking": "memeriksa {name}",
        "loading": "memuat model dan menghitung pasangan emas …",
        "interrupted": "dihentikan; yang sudah diunduh tersimpan: jalankan lagi untuk melanjutkan",
    },
    "en": {
        "title": "Models",
        "name": "Name",
        "licence": "Licence",
        "languages": "Languages",
        "size": "Size",
        "figure": "Published figure",
        "here": "Here",
        "yes": "yes",
        "no": "no",
        "embedded": "embedded",
        "unknown": "unknown",
        "count": "{count} languages",
        "of": ", measured on {model}",
        "id_mean": "an Indonesian caption finds its photo, mean of R@1, R@5 and R@10, "
        "Crossmodal-3600",
        "id_first": "an Indonesian caption finds its photo, R@1, Crossmodal-3600",
        "all_first": "a caption in any of 36 languages finds its photo, R@1, Crossmodal-3600",
        "id_ten": "an Indonesian caption by people finds its photo, R@10, 172 captions and "
        "500 photos of Flickr8k",
        "note": "Sizes to download are parameters times 4 bytes. Figures are their publishers', "
        "not measured by imgfit. Install with: imgfit models pull NAME",
        "place": "Folder of models: {place}",
        "pulled": "{model} is installed in {folder} (revision {revision})",
        "already": "{model} is in {folder} already, whole, at revision {revision}",
        "restricted": "Licence: {licence}. Languages: {languages}.",
        "verified": "{folder}: {files} files ({size} MB) are those of SHA256SUMS; the golden pair "
        "moved by {distance} (at most {most}); {locked}",
        "locked": "the same as {lock} records",
        "unlocked": "not recorded in {lock}",
        "packed": "written to {path}; on the other machine: imgfit models add {path}",
        "added": "{model} is installed in {folder}",
        "folder": "Folder",
        "source": "Source",
        "revision": "Revision",
        "fingerprint": "Fingerprint",
        "context": "Text length",
        "tokens": "{count} tokens",
        "photo": "Photo",
        "pixels": "{count} pixels",
        "calibration": "Calibration",
        "receiving": "receiving {name}",
        "checking": "checking {name}",
        "loading": "loading the model for its golden pair …",
        "interrupted": "stopped; what was received is kept: run again to go on",
    },
}

EXPLANATION: dict[Language, dict[str, str]] = {
    "id": {
        "photo": "Foto",
        "caption": "Keterangan",
        "whole": "Keterangan seluruhnya",
        "part": "Bagian {number}",
        "fit": "Kecocokan {fit} %",
        "nowhere": "Tidak ada bagian foto yang jelas mendukungnya.",
        "reading": "Jingga: bagian foto yang mendukung teks. Abu-abu: tidak mendukung. "
        "Kecocokan = persentase pasangan "
        "foto dan teks yang tidak berkaitan yang dikalahkan.",
        "unseen": "Tepi gelap: tidak dilihat model.",
        "method_exact": "Cara: tepat. Sumbangan semua petak ({grid}) berjumlah sama dengan "
        "kosinusnya; jingga adalah kelebihannya atas teks lain yang paling cocok dengan foto ini.",
        "method_occlusion": "Cara: oklusi. Kotak {patch} piksel menutup foto, digeser {stride} "
        "piksel; jingga tua adalah turunnya kosinus yang terbesar di gambar ini. Ini menunjukkan "
        "letak, bukan kuatnya dukungan: lihat kecocokannya.",
        "model": "Model {model}. Ini cara model memandang foto, bukan bukti isi foto.",
        "least": "tidak mendukung",
        "most": "sangat mendukung",
        "line": "garis putih: separuh skala",
        "more": "{count} bagian lain tidak digambar.",
        "written": "gambar ditulis ke {path}",
    },
    "en": {
        "photo": "Photo",
        "caption": "Caption",
        "whole": "Whole caption",
        "part": "Part {number}",
        "fit": "Fit {fit} %",
        "nowhere": "No part of the photo clearly supports it.",
        "reading": "Orange: what supports the text. Grey: no support. "
        "Fit = share of unrelated pairs of photo and text that it "
        "beats.",
        "unseen": "Dark border: not seen by the model.",
        "method_exact": "Method: exact. What all fields ({grid}) add sums to the cosine; orange is "
        "what goes beyond the other texts that suit this photo best.",
        "method_occlusion": "Method: occlusion. A square of {patch} pixels covers the photo, moved "
        "by {stride} pixels; full orange is the greatest fall of the cosine in this picture. It "
        "shows where, not how strong support is: see the fit.",
        "model": "Model {model}. This is how the model sees the photo, no proof of what is in it.",
        "least": "no support",
        "most": "strong support",
        "line": "white line: half of the scale",
        "more": "{count} more parts are not drawn.",
        "written": "picture written to {path}",
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
