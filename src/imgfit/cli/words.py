"""The command's own words, in Indonesian and English: help, usage errors, tables and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgfit.language import Phrase, fill

if TYPE_CHECKING:
    from imgfit.language import Language


def said(words: dict[Language, dict[str, str]], key: str, language: Language, **facts: Any) -> str:
    """Return a sentence of one of the tables below.

    Args:
        words: The table.
        key: The sentence's name.
        language: Of the sentence.
        **facts: What it names; a `Phrase` is said in the language.

    Returns:
        The sentence; names of strangers in it are not cleaned yet.
    """
    return fill(words[language][key], language, facts)


TABLE: dict[Language, dict[str, str]] = {
    "id": {
        "shadowed": "paket lain bernama imgfit ({version}) terpasang di lingkungan ini; itu bukan "
        "proyek ini dan berkas keduanya saling menimpa: jalankan 'pip uninstall imgfit', lalu "
        "pasang ulang yang ini dengan --force-reinstall",
        "summary": "{total} draf: {speaks} berbicara, {weak} kurang berbicara, {silent} tidak "
        "berbicara, {unsure} tidak dapat dinilai, {failed} gagal",
        "probability": "peluang {probability}",
        "hint": "catatan foto",
        "title": "Apakah fotonya berbicara? Yang paling lemah di atas",
        "meaning": "Kecocokan = persentase pasangan foto dan keterangan yang tidak berkaitan "
        "yang dikalahkan draf ini.",
        "rate": "Sekitar {far} pasangan seperti itu keliru dinilai berbicara.",
        "loading": "memuat model …",
        "drift": "8 bit: kecocokan bergeser rata-rata {drift:.3f} dari 32 bit, diukur saat ekspor",
        "photos": "foto",
        "thumbnails": "gambar kecil",
        "reported": "laporan ditulis ke {path}; buka di peramban",
        "not_opened": "peramban tidak dapat dibuka dari sini: buka sendiri {path}",
        "texts": "keterangan",
        "written": "hasil ditulis ke {path}",
    },
    "en": {
        "shadowed": "another package named imgfit ({version}) is installed in this environment; it "
        "is not this project's, and the two overwrite each other's files: run 'pip uninstall "
        "imgfit', then install this one again with --force-reinstall",
        "probability": "probability {probability}",
        "hint": "photo note",
        "summary": "{total} {total:draft|drafts}: {speaks} {speaks:speaks|speak}, {weak} weak, "
        "{silent} silent, {unsure} unsure, {failed} failed",
        "title": "Does the photo speak? Weakest first",
        "meaning": "Fit = share of unrelated pairs of photo and caption that this draft beats.",
        "rate": "About {far} of unrelated pairs pass by mistake.",
        "loading": "loading the model …",
        "drift": "8 bits: fits move by {drift:.3f} on average against 32 bits, measured at export",
        "photos": "photos",
        "thumbnails": "thumbnails",
        "reported": "report written to {path}; open it in a browser",
        "not_opened": "no browser could be opened from here: open {path} yourself",
        "texts": "captions",
        "written": "results written to {path}",
    },
}

CALIBRATING: dict[Language, dict[str, str]] = {
    "id": {
        "left_out": "{count} draf tidak dipakai:",
        "written": "kalibrasi ditulis ke {path}; pakai dengan: imgfit check --calibration {path}",
        "picture": "gambar ditulis ke {path}",
    },
    "en": {
        "left_out": "{count} {count:draft was|drafts were} left out:",
        "written": "calibration written to {path}; use it with: imgfit check --calibration {path}",
        "picture": "picture written to {path}",
    },
}

CACHE: dict[Language, dict[str, str]] = {
    "id": {
        "path": "Cache embedding: {path}",
        "size": "{size:.1f} MB dari paling banyak {bound:.0f} MB (ubah dengan IMGFIT_CACHE_MB; "
        "baris yang paling lama tidak dipakai dibuang lebih dulu)",
        "rows": "{rows:>9} baris  {space}",
        "none": "belum ada cache di {path}",
        "cleared": "{rows} baris dihapus dari {path}; {freed:.1f} MB dibebaskan",
        "merged": "{path}: {added} baris ditambahkan, {equal} sudah ada dan sama, {differing} "
        "sudah ada dengan nilai lain (yang pertama dipakai), {damaged} rusak dan dilewati",
        "over_bound": "cache ini {size:.0f} MB, melebihi batas {bound:.0f} MB: naikkan "
        "IMGFIT_CACHE_MB sebelum memakainya, atau baris yang paling lama tidak dipakai akan "
        "dibuang",
        "interrupted": "dihentikan; jika cache dipakai, yang sudah dihitung tersimpan: jalankan "
        "lagi untuk melanjutkan",
    },
    "en": {
        "path": "Embedding cache: {path}",
        "size": "{size:.1f} MB of at most {bound:.0f} MB (change it with IMGFIT_CACHE_MB; rows "
        "unused longest go first)",
        "rows": "{rows:>9} {rows:row|rows}  {space}",
        "none": "there is no cache at {path}",
        "cleared": "{rows} {rows:row|rows} removed from {path}; {freed:.1f} MB freed",
        "merged": "{path}: {added} {added:row|rows} added, {equal} there already and equal, "
        "{differing} there already with other values (the first is kept), {damaged} damaged and "
        "left out",
        "over_bound": "this cache has {size:.0f} MB, over the bound of {bound:.0f} MB: raise "
        "IMGFIT_CACHE_MB before using it, or the rows unused longest will go",
        "interrupted": "stopped; if a cache is used, finished embeddings are kept: run again to go "
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
        "captions_title": "Keterangan mana yang paling cocok? Yang terbaik di atas",
        "caption": "Keterangan",
        "same_text": "teks yang sama dengan no. {place}",
        "caption_leads": "Keterangan terbaik unggul {margin:.1f} simpangan baku atas “{other}”.",
        "caption_close": "Terlalu tipis untuk diputuskan: keterangan terbaik hanya unggul "
        "{margin:.1f} simpangan baku atas “{other}” (yang jelas: {least:.2f} atau lebih). Baca "
        "keduanya.",
        "caption_alone": "Tidak ada keterangan lain yang berbeda untuk dibandingkan.",
        "leads": "Foto terbaik unggul {margin:.1f} simpangan baku atas {other}.",
        "close": "Terlalu tipis untuk diputuskan: foto terbaik hanya unggul {margin:.1f} simpangan "
        "baku atas {other} (di bawah {least:.2f}, urutannya keliru pada sekitar 3 di antara 10). "
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
        "captions_title": "Which caption fits this photo best? Best first",
        "caption": "Caption",
        "same_text": "the same text as no. {place}",
        "caption_leads": "The best caption leads “{other}” by {margin:.1f} standard deviations.",
        "caption_close": "Too close to call: the best caption leads “{other}” by only "
        "{margin:.1f} standard deviations (clear from {least:.2f}). Read both.",
        "caption_alone": "There is no other caption to compare it with.",
        "leads": "The best photo leads {other} by {margin:.1f} standard deviations.",
        "close": "Too close to call: the best photo leads {other} by only {margin:.1f} standard "
        "deviations (under {least:.2f}, the order is wrong in about 3 cases of 10). Look at both.",
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

EXPLAINING: dict[Language, dict[str, str]] = {
    "id": {"written": "gambar ditulis ke {path}"},
    "en": {"written": "picture written to {path}"},
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
        "built_in": "bawaan",
        "unknown": "tidak diketahui",
        "count": "{count} bahasa",
        "of": ", diukur pada {model}",
        "id_mean": "keterangan Indonesia menemukan fotonya, rata-rata R@1, R@5 dan R@10, "
        "Crossmodal-3600",
        "id_first": "keterangan Indonesia menemukan fotonya, R@1, Crossmodal-3600",
        "all_first": "keterangan dalam 36 bahasa menemukan fotonya, R@1, Crossmodal-3600",
        "id_ten": "keterangan Indonesia buatan orang menemukan fotonya, R@10, 172 keterangan dan "
        "500 foto Flickr8k",
        "note": "Ukuran unduhan dihitung dari jumlah parameter kali 4 byte. Hasil itu milik "
        "penerbitnya, bukan diukur imgfit. Pasang dengan: imgfit models pull NAMA",
        "place": "Folder model: {place}",
        "pulled": "{model} terpasang di {folder} (revisi {revision})",
        "already": "{model} sudah ada di {folder}, utuh, pada revisi {revision}",
        "restricted": "Lisensi: {licence}. Bahasa: {languages}.",
        "verified": "{folder}: {files} berkas ({size:.1f} MB) sesuai SHA256SUMS; pasangan emas "
        "bergeser {distance:.1e} (batas {most:g}); {locked}",
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
        "built_in": "built in",
        "unknown": "unknown",
        "count": "{count} {count:language|languages}",
        "of": ", measured on {model}",
        "id_mean": "an Indonesian caption finds its photo, mean of R@1, R@5 and R@10, "
        "Crossmodal-3600",
        "id_first": "an Indonesian caption finds its photo, R@1, Crossmodal-3600",
        "all_first": "a caption in any of 36 languages finds its photo, R@1, Crossmodal-3600",
        "id_ten": "an Indonesian caption written by people finds its photo, R@10, 172 captions and "
        "500 photos of Flickr8k",
        "note": "Download sizes are estimates: parameters times 4 bytes. Figures are the "
        "publishers', not measured by imgfit. Install with: imgfit models pull NAME",
        "place": "Folder of models: {place}",
        "pulled": "{model} is installed in {folder} (revision {revision})",
        "already": "{model} is in {folder} already, whole, at revision {revision}",
        "restricted": "Licence: {licence}. Languages: {languages}.",
        "verified": "{folder}: {files} {files:file|files} ({size:.1f} MB) as SHA256SUMS lists "
        "them; the golden pair moved by {distance:.1e} (at most {most:g}); {locked}",
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
        "interrupted": "stopped; the files received so far are kept: run again to go on",
    },
}

# Where published figures come from, as `imgfit.models.known` names it in English.
SOURCES: dict[str, str] = {
    "Immich's table of models": "tabel model Immich",
    "arXiv 2502.14786, table 1": "arXiv 2502.14786, tabel 1",
}

# --- help ------------------------------------------------------------------------------------

# What stands for a value in help and in usage errors.
METAVARS: dict[str, Phrase] = {
    word.en: word
    for word in (
        Phrase(en="OPTIONS", id="OPSI"),
        Phrase(en="COMMAND", id="PERINTAH"),
        Phrase(en="ARGUMENTS", id="ARGUMEN"),
        Phrase(en="PATH", id="LOKASI"),
        Phrase(en="PHOTO", id="FOTO"),
        Phrase(en="FILE", id="BERKAS"),
        Phrase(en="FOLDER", id="FOLDER"),
        Phrase(en="TEXT", id="TEKS"),
        Phrase(en="RATE", id="ANGKA"),
        Phrase(en="COUNT", id="BANYAKNYA"),
        Phrase(en="COLUMN", id="KOLOM"),
        Phrase(en="MODEL", id="MODEL"),
        Phrase(en="RUNTIME", id="RUNTIME"),
        Phrase(en="METHOD", id="CARA"),
        Phrase(en="REVISION", id="REVISI"),
        Phrase(en="LANGUAGE", id="BAHASA"),
        Phrase(en="MB", id="MB"),
        Phrase(en="OUT", id="KELUARAN"),
        Phrase(en="IN", id="MASUKAN"),
    )
}

# What each command does; its first paragraph is also the list of commands'.
COMMANDS: dict[str, Phrase] = {
    "imgfit": Phrase(
        en="Tells whether a photo fits its caption, and why it does not. Works offline.",
        id="Menilai apakah foto cocok dengan keterangannya, dan mengapa tidak. Bekerja tanpa "
        "internet.",
    ),
    "cache": Phrase(
        en="Look at, empty or merge embedding caches.",
        id="Melihat, mengosongkan, atau menggabungkan cache embedding.",
    ),
    "models": Phrase(
        en="List, download, verify and carry models.",
        id="Menampilkan daftar model, mengunduh, memeriksa, dan membawanya.",
    ),
    "check": Phrase(
        en="Check drafts: does each photo speak for its caption? Weakest first.\n\n"
        "Exit code 0: every draft speaks. 1: some draft is below the threshold, cannot be judged "
        "or cannot be read. 2: usage or model error.",
        id="Memeriksa draf: apakah tiap foto berbicara untuk keterangannya? Yang paling lemah di "
        "atas.\n\n"
        "Kode keluar 0: semua draf berbicara. 1: ada draf di bawah ambang, tidak dapat dinilai "
        "atau tidak terbaca. 2: perintah keliru atau model bermasalah.",
    ),
    "calibrate": Phrase(
        en="Fit thresholds to your own drafts: their photos and captions, mismatched on "
        "purpose.\n\n"
        "Exit code 0: the calibration is written. 2: usage or model error, or too few drafts.",
        id="Menyesuaikan ambang dengan draf Anda sendiri: foto dan keterangannya sengaja "
        "ditukar.\n\n"
        "Kode keluar 0: kalibrasi ditulis. 2: perintah keliru, model bermasalah, atau draf terlalu "
        "sedikit.",
    ),
    "rank": Phrase(
        en="Rank photos for a caption, best first.\n\n"
        "Exit code 0: the best photo speaks. 1: it does not, or some photo cannot be read. 2: "
        "usage or model error, or the caption cannot be used.",
        id="Mengurutkan foto untuk satu keterangan, yang terbaik di atas.\n\n"
        "Kode keluar 0: foto terbaik berbicara. 1: tidak, atau ada foto yang tidak terbaca. 2: "
        "perintah keliru, model bermasalah, atau keterangan tidak dapat dipakai.",
    ),
    "rank-captions": Phrase(
        en="Rank captions for a photo, best first.\n\n"
        "Give captions with --caption, once each, or in a text file with one caption a line, or "
        "both.\n\n"
        "Exit code 0: the photo speaks for the best caption. 1: it does not, or the photo or some "
        "caption cannot be used. 2: usage or model error.",
        id="Mengurutkan keterangan untuk satu foto, yang terbaik di atas.\n\n"
        "Beri keterangan dengan --caption, satu per satu, atau dalam berkas teks, satu keterangan "
        "per baris, atau keduanya.\n\n"
        "Kode keluar 0: foto berbicara untuk keterangan terbaik. 1: tidak, atau foto atau salah "
        "satu keterangan tidak dapat dipakai. 2: perintah keliru atau model bermasalah.",
    ),
    "swap": Phrase(
        en="Find drafts whose photos were swapped, and better photos among the drafts.\n\n"
        "Exit code 0: nothing is proposed. 1: something is, or some draft cannot be read. 2: "
        "usage or model error.",
        id="Mencari draf yang fotonya tertukar, dan foto yang lebih cocok di antara draf.\n\n"
        "Kode keluar 0: tidak ada usulan. 1: ada usulan, atau ada draf yang tidak terbaca. 2: "
        "perintah keliru atau model bermasalah.",
    ),
    "explain": Phrase(
        en="Show on the photo which regions support the caption.\n\n"
        "Exit code 0: the picture is written. 1: the photo or the caption cannot be used. 2: usage "
        "or model error.",
        id="Menunjukkan bagian foto mana yang mendukung keterangannya.\n\n"
        "Kode keluar 0: gambar ditulis. 1: foto atau keterangan tidak dapat dipakai. 2: perintah "
        "keliru atau model bermasalah.",
    ),
    "doctor": Phrase(
        en="Show what a bug report needs: versions, model, cache, what is missing and how to mend "
        "it.\n\n"
        "It names no drafts and no people; your home folder is written as ~. Exit code 0: all is "
        "well. 1: something is broken. 2: usage error.",
        id="Menunjukkan yang diperlukan laporan masalah: versi, model, cache, apa yang belum ada "
        "dan cara memasangnya.\n\n"
        "Tidak ada nama draf atau orang di dalamnya; folder pribadi Anda ditulis ~. Kode keluar 0: "
        "semua baik. 1: ada yang rusak. 2: perintah keliru.",
    ),
    "cache info": Phrase(
        en="Show where the cache is, how large it is and how many rows it has.",
        id="Menunjukkan letak cache, ukurannya, dan jumlah barisnya.",
    ),
    "cache clear": Phrase(
        en="Empty the cache without asking; results stay the same, the next run is slower.",
        id="Mengosongkan cache tanpa bertanya; hasil tetap sama, pemeriksaan berikutnya lebih "
        "lambat.",
    ),
    "cache merge": Phrase(
        en="Merge the caches of several workers into one, completely or not at all.",
        id="Menggabungkan cache beberapa pekerja menjadi satu, seluruhnya atau tidak sama sekali.",
    ),
    "models list": Phrase(
        en="List presets and installed models: licence, languages, size and published figures.",
        id="Menampilkan daftar model pilihan dan yang terpasang: lisensi, bahasa, ukuran, dan "
        "hasil yang diterbitkan.",
    ),
    "models pull": Phrase(
        en="Download a model with all files needed to use and verify it offline.\n\n"
        "Exit code 0: it is installed. 2: it is not; the files received so far are kept for the "
        "next pull.",
        id="Mengunduh model dengan semua berkas yang diperlukan untuk memakai dan memeriksanya "
        "tanpa internet.\n\n"
        "Kode keluar 0: model terpasang. 2: belum; yang sudah diunduh disimpan untuk lain kali.",
    ),
    "models verify": Phrase(
        en="Verify an installed model: every digest, the lock, and the golden pair.\n\n"
        "Exit code 0: nothing changed. 2: something differs.",
        id="Memeriksa model yang terpasang: semua sidik berkas, catatan, dan pasangan emas.\n\n"
        "Kode keluar 0: tidak ada yang berubah. 2: ada yang berbeda.",
    ),
    "models bundle": Phrase(
        en="Write a model as one file or folder, to carry to a machine without network.\n\n"
        "Exit code 0: it is written. 2: it is not.",
        id="Menulis model sebagai satu berkas atau folder, untuk dibawa ke komputer tanpa "
        "jaringan.\n\n"
        "Kode keluar 0: tertulis. 2: tidak.",
    ),
    "models add": Phrase(
        en="Install a carried model; every file is checked first.\n\n"
        "Exit code 0: it is installed. 2: it is not.",
        id="Memasang model yang dibawa; semua berkasnya diperiksa lebih dulu.\n\n"
        "Kode keluar 0: terpasang. 2: tidak.",
    ),
    "models info": Phrase(
        en="Show what is known about a model, installed or not.\n\n"
        "Exit code 0: it is shown. 2: no such model.",
        id="Menunjukkan apa yang diketahui tentang sebuah model, terpasang atau belum.\n\n"
        "Kode keluar 0: ditunjukkan. 2: model tidak dikenal.",
    ),
}

# What ``imgfit doctor`` says.
DOCTOR: dict[Language, dict[str, str]] = {
    "id": {
        "imgfit": "imgfit",
        "python": "Python",
        "system": "Sistem",
        "packages": "Paket",
        "model": "Model",
        "runtimes": "Mesin",
        "cache": "Cache",
        "calibration": "Kalibrasi",
        "languages": "Bahasa",
        "extras": "Tambahan",
        "variables": "Variabel",
        "imgfit_line": "{version} ({distribution}) di {place}",
        "python_line": "{version} ({implementation}) di {place}",
        "system_line": "{platform}, {cores} inti, teks {encoding}",
        "model_line": "{name}@{fingerprint}: {files} berkas, {megabytes} MB, utuh; pasangan emas "
        "bergeser {distance:.6f}",
        "model_broken": "{name} di {place}: rusak",
        "cache_line": "{place}: {megabytes:.1f} MB dari paling banyak {most} MB",
        "cache_none": "{place}: belum ada",
        "calibration_line": "{negatives} pasangan tak berkaitan, norma {norm}, teks {texts}",
        "calibration_broken": "rusak",
        "languages_line": "berbicara {spoken}, sistem {system}; model membaca {model}",
        "extra_here": "{extra}: terpasang",
        "extra_missing": "{extra}: belum ada {packages}; {command}",
        "none": "tidak ada",
        "well": "Semua baik.",
        "broken": "Rusak: {what}",
        "reinstall": "{package} belum terpasang: pasang ulang imgfit",
        "other_model": "kalibrasi model bawaan dibuat untuk {fingerprint}: pasang ulang imgfit",
    },
    "en": {
        "imgfit": "imgfit",
        "python": "Python",
        "system": "System",
        "packages": "Packages",
        "model": "Model",
        "runtimes": "Runtimes",
        "cache": "Cache",
        "calibration": "Calibration",
        "languages": "Languages",
        "extras": "Extras",
        "variables": "Variables",
        "imgfit_line": "{version} ({distribution}) in {place}",
        "python_line": "{version} ({implementation}) in {place}",
        "system_line": "{platform}, {cores} {cores:core|cores}, text {encoding}",
        "model_line": "{name}@{fingerprint}: {files} files, {megabytes} MB, whole; the golden pair "
        "moved by {distance:.6f}",
        "model_broken": "{name} in {place}: broken",
        "cache_line": "{place}: {megabytes:.1f} MB of at most {most} MB",
        "cache_none": "{place}: not there yet",
        "calibration_line": "{negatives} unrelated pairs, norm {norm}, texts {texts}",
        "calibration_broken": "broken",
        "languages_line": "speaks {spoken}, system {system}; the model reads {model}",
        "extra_here": "{extra}: installed",
        "extra_missing": "{extra}: {packages} missing; {command}",
        "none": "none",
        "well": "All is well.",
        "broken": "Broken: {what}",
        "reinstall": "{package} is not installed: install imgfit again",
        "other_model": "the built-in model's calibration is for {fingerprint}: install imgfit "
        "again",
    },
}

# What each option and argument means.
HELP: dict[str, Phrase] = {
    "help": Phrase(en="Show this help.", id="Tampilkan bantuan ini."),
    "version": Phrase(en="Show the version.", id="Tampilkan versi."),
    "lang": Phrase(
        en="Language of everything printed: 'id' or 'en'. Default: the system's.",
        id="Bahasa semua yang ditampilkan: 'id' atau 'en'. Bawaan: bahasa sistem.",
    ),
    "paths": Phrase(
        en="Photos, caption files, manifests (.csv, .tsv, .jsonl, .parquet) or folders; photos and "
        "manifests also by address (s3://..., gs://...).",
        id="Foto, berkas keterangan, manifes (.csv, .tsv, .jsonl, .parquet) atau folder; foto dan "
        "manifes boleh berupa alamat (s3://..., gs://...).",
    ),
    "manifest": Phrase(
        en="A manifest (.csv, .tsv, .jsonl, .parquet; also by address: s3://...) or a folder.",
        id="Manifes (.csv, .tsv, .jsonl, .parquet; boleh berupa alamat: s3://...) atau folder.",
    ),
    "photos": Phrase(
        en="Photos (also by address: s3://...), or folders of photos.",
        id="Foto (boleh berupa alamat: s3://...), atau folder berisi foto.",
    ),
    "photo": Phrase(
        en="A photo (also by address: s3://...).", id="Foto (boleh berupa alamat: s3://...)."
    ),
    "caption_of_photo": Phrase(
        en="The caption of a single photo.", id="Keterangan untuk satu foto."
    ),
    "caption_wanted": Phrase(
        en="The caption that needs a photo.", id="Keterangan yang memerlukan foto."
    ),
    "caption_to_rank": Phrase(
        en="A caption to compare; repeat the option for more.",
        id="Keterangan yang dibandingkan; ulangi opsi ini untuk menambah.",
    ),
    "captions": Phrase(
        en="A text file with one caption a line (also by address: s3://...).",
        id="Berkas teks dengan satu keterangan per baris (boleh berupa alamat: s3://...).",
    ),
    "caption_explained": Phrase(
        en="The photo's caption. Default: the text file beside it, or its own metadata.",
        id="Keterangan foto. Bawaan: berkas teks di sampingnya, atau metadata foto itu.",
    ),
    "second": Phrase(
        en="A second model, for a second opinion: the mean of both fits decides.",
        id="Model kedua sebagai pendapat kedua: rata-rata kedua kecocokan yang menentukan.",
    ),
    "rows": Phrase(
        en="Also write the rows to a .jsonl, .csv, .xlsx or .parquet file.",
        id="Tulis juga barisnya ke berkas .jsonl, .csv, .xlsx atau .parquet.",
    ),
    "photo_column": Phrase(
        en="Column of the manifest that names the photo, if its name is not a usual one.",
        id="Kolom manifes yang menyebut fotonya, bila namanya bukan nama yang lazim.",
    ),
    "caption_column": Phrase(
        en="Column of the manifest that holds the caption, if its name is not a usual one.",
        id="Kolom manifes yang berisi keterangan, bila namanya bukan nama yang lazim.",
    ),
    "account": Phrase(
        en="Also write the files that were passed over, and why, to a .json file.",
        id="Tulis juga berkas yang dilewati beserta sebabnya ke berkas .json.",
    ),
    "csv_semicolons": Phrase(
        en="Write CSV with semicolons and decimal commas, for Excel in Indonesian.",
        id="Tulis CSV dengan titik koma dan koma desimal, untuk Excel berbahasa Indonesia.",
    ),
    "report": Phrase(
        en="Also write a page with thumbnails for people to look at: a .html file.",
        id="Tulis juga halaman bergambar untuk dilihat orang: berkas .html.",
    ),
    "open": Phrase(
        en="Open the page in the browser. Unless the report has a place of its own, it is written "
        "beside the folder that is checked.",
        id="Buka halamannya di peramban. Jika tempat laporan tidak disebut, halaman ditulis di "
        "samping folder yang diperiksa.",
    ),
    "json": Phrase(
        en="Print JSON lines on stdout instead of the table.",
        id="Tulis baris JSON ke stdout, bukan tabel.",
    ),
    "json_object": Phrase(
        en="Print JSON on stdout instead of text.", id="Tulis JSON ke stdout, bukan teks."
    ),
    "top": Phrase(
        en="How many to show. Default: all.", id="Berapa banyak yang ditampilkan. Bawaan: semua."
    ),
    "far": Phrase(
        en="False-accept rate: the share of unrelated pairs allowed to pass, between 0 and 1. "
        "Default: the calibration's, else 0.05.",
        id="Tingkat salah terima: bagian pasangan tak berkaitan yang boleh lolos, antara 0 dan 1. "
        "Bawaan: menurut kalibrasi, atau 0.05.",
    ),
    "far_fitted": Phrase(
        en="False-accept rate: the share of unrelated pairs allowed to pass, between 0 and 1. With "
        "labels: its upper bound among drafts like those labelled as not fitting.",
        id="Tingkat salah terima: bagian pasangan tak berkaitan yang boleh lolos, antara 0 dan 1. "
        "Dengan label: batas atasnya untuk draf seperti yang berlabel tidak cocok.",
    ),
    "no_clean": Phrase(
        en="Score captions exactly as written, with links, hashtags and sign-offs.",
        id="Nilai keterangan persis seperti tertulis, dengan tautan, tagar dan salam penutup.",
    ),
    "calibration": Phrase(
        en="A calibration written by 'imgfit calibrate'. Default: the model's own.",
        id="Kalibrasi yang ditulis 'imgfit calibrate'. Bawaan: milik model.",
    ),
    "calibration_written": Phrase(
        en="The calibration to write, a .json file.", id="Kalibrasi yang ditulis, berkas .json."
    ),
    "labels": Phrase(
        en="Column of the manifest that tells whether a photo fits: 1 or 0, ya or tidak, yes or "
        "no, cocok or tidak cocok.",
        id="Kolom manifes yang menyatakan apakah foto cocok: 1 atau 0, ya atau tidak, yes atau no, "
        "cocok atau tidak cocok.",
    ),
    "picture": Phrase(
        en="Also draw how the scores are spread, as a .svg file.",
        id="Gambar juga sebaran skornya, berkas .svg.",
    ),
    "heat": Phrase(en="The picture to write, a .png file.", id="Gambar yang ditulis, berkas .png."),
    "method": Phrase(
        en="How to find the regions: 'exact' or 'occlusion'. Default: exact if the model allows "
        "it.",
        id="Cara mencari bagian foto: 'exact' (tepat) atau 'occlusion' (oklusi). Bawaan: exact "
        "jika model mendukungnya.",
    ),
    "model": Phrase(
        en="A name from 'imgfit models list', or a model folder.",
        id="Nama dari 'imgfit models list', atau folder model.",
    ),
    "runtime": Phrase(
        en="Runs the model in 'torch', 'onnx' or 'onnx-int8'. Default: onnx for mini, torch for "
        "any other. ONNX for other models, and 8 bits, need the extra onnx (pip install "
        '".[onnx]") and one export.',
        id="Menjalankan model di 'torch', 'onnx' atau 'onnx-int8'. Bawaan: onnx untuk mini, torch "
        "untuk model lain. ONNX untuk model lain, dan 8 bit, memerlukan tambahan onnx (pip "
        'install ".[onnx]") dan satu kali ekspor.',
    ),
    "any_language": Phrase(
        en="Also score captions in languages that the model never learned.",
        id="Nilai juga keterangan dalam bahasa yang tidak pernah dipelajari model.",
    ),
    "root": Phrase(
        en="Folder or address (s3://...) of the manifest's photos. Default: the manifest's own "
        "folder.",
        id="Folder atau alamat (s3://...) foto-foto manifes. Bawaan: folder manifes itu sendiri.",
    ),
    "cache": Phrase(
        en="File of the embedding cache. Default: the user's.",
        id="Berkas cache embedding. Bawaan: milik pengguna.",
    ),
    "no_cache": Phrase(
        en="Do not read or write an embedding cache.",
        id="Jangan membaca atau menulis cache embedding.",
    ),
    "cache_mb": Phrase(
        en="Most megabytes that the cache's file may take. Default: 512.",
        id="Ukuran terbesar berkas cache, dalam megabyte. Bawaan: 512.",
    ),
    "cache_on_network": Phrase(
        en="Allow a cache on a network drive.",
        id="Izinkan cache di drive jaringan.",
    ),
    "merge_out": Phrase(en="The cache to add rows to.", id="Cache yang ditambahi baris."),
    "merge_in": Phrase(
        en="Caches of workers; they are not changed.", id="Cache para pekerja; tidak diubah."
    ),
    "all_models": Phrase(
        en="Also list multilingual models that are not presets.",
        id="Tampilkan juga model multibahasa yang bukan pilihan.",
    ),
    "name": Phrase(
        en="A preset, name/tag from open_clip's registry, or hf-hub:org/name.",
        id="Model pilihan, nama/tag dari daftar open_clip, atau hf-hub:org/nama.",
    ),
    "place": Phrase(en="A model's name, or its folder.", id="Nama model, atau foldernya."),
    "revision": Phrase(
        en="Commit, branch or tag. Default: the main branch.",
        id="Commit, cabang atau tag. Bawaan: cabang utama.",
    ),
    "allow_pickle": Phrase(
        en="Read weights even if they are published only as a pickle.",
        id="Baca bobot meskipun hanya diterbitkan sebagai pickle.",
    ),
    "lock": Phrase(
        en="The lock file. Default: imgfit-models.lock beside the models.",
        id="Berkas catatan. Bawaan: imgfit-models.lock di samping model.",
    ),
    "target": Phrase(
        en="A .tar file to write, or a folder.", id="Berkas .tar yang ditulis, atau folder."
    ),
    "bundle": Phrase(
        en="A file or folder written by 'imgfit models bundle'.",
        id="Berkas atau folder yang ditulis 'imgfit models bundle'.",
    ),
}

# The fixed words of a help page and of a usage error.
USAGE: dict[Language, dict[str, str]] = {
    "id": {
        "usage": "Cara pakai: ",
        "arguments": "Argumen",
        "options": "Opsi",
        "commands": "Perintah",
        "default": "bawaan: {value}",
        "required": "wajib",
        "env": "variabel lingkungan: {name}",
        "try": "Lihat bantuan: {command} --help",
        "missing_argument": "argumen {name} belum diberikan",
        "missing_option": "opsi {name} belum diberikan",
        "missing_command": "perintah belum diberikan",
        "no_option": "opsi {name} tidak ada",
        "no_such_option": "opsi {name} tidak ada; maksudnya {near}?",
        "no_command": "perintah {name} tidak ada",
        "no_such_command": "perintah {name} tidak ada; maksudnya {near}?",
        "needs_value": "opsi {name} memerlukan nilai",
        "takes_no_value": "opsi {name} tidak menerima nilai",
        "bad_value": "{name} memerlukan {needed}",
        "from_env": "{name} (variabel lingkungan {env})",
        "extra": "argumen berlebih: {names}",
        "no_captions": "beri keterangan dengan --caption atau --captions",
    },
    "en": {
        "usage": "Usage: ",
        "arguments": "Arguments",
        "options": "Options",
        "commands": "Commands",
        "default": "default: {value}",
        "required": "required",
        "env": "environment variable: {name}",
        "try": "For help: {command} --help",
        "missing_argument": "argument {name} is missing",
        "missing_option": "option {name} is missing",
        "missing_command": "a command is missing",
        "no_option": "there is no option {name}",
        "no_such_option": "there is no option {name}; did you mean {near}?",
        "no_command": "there is no command {name}",
        "no_such_command": "there is no command {name}; did you mean {near}?",
        "needs_value": "option {name} needs a value",
        "takes_no_value": "option {name} takes no value",
        "bad_value": "{name} needs {needed}",
        "from_env": "{name} (environment variable {env})",
        "extra": "too many arguments: {names}",
        "no_captions": "give captions with --caption or --captions",
    },
}

# What a value must be, by the name of its option.
NEEDED: dict[str, Phrase] = {
    "far": Phrase(en="a number between 0 and 1", id="angka di antara 0 dan 1"),
    "top": Phrase(en="a whole number, 1 or more", id="bilangan bulat, paling kecil 1"),
    "cache_mb": Phrase(
        en="a whole number of megabytes, 1 or more",
        id="bilangan bulat dalam megabyte, paling kecil 1",
    ),
    "cache_on_network": Phrase(en="1 or 0", id="1 atau 0"),
    "lang": Phrase(en="id or en", id="id atau en"),
    "method": Phrase(en="exact or occlusion", id="exact atau occlusion"),
}

# What the command needs of a place to write to, or of a file to read.
PLACES: dict[str, Phrase] = {
    "folder_exists": Phrase(
        en="a file in a folder that exists",
        id="berkas di folder yang ada",
    ),
    "folder_writable": Phrase(
        en="a folder that may be written to",
        id="folder yang boleh ditulisi",
    ),
    "page_name": Phrase(
        en="a name for the page: add --report NAME.html",
        id="nama untuk halamannya: tambahkan --report NAMA.html",
    ),
    "not_our_page": Phrase(
        en="another name for the page, because imgfit did not write the file of this name: move "
        "that file, or add --report NAME.html",
        id="nama lain untuk halamannya, sebab berkas bernama ini tidak ditulis imgfit: pindahkan "
        "berkas itu, atau tambahkan --report NAMA.html",
    ),
    "no_cache": Phrase(en="not an imgfit cache file", id="bukan berkas cache imgfit"),
}
