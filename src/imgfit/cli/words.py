"""The command's own words, in Indonesian and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgfit.language import Language

TABLE: dict[Language, dict[str, str]] = {
    "id": {
        "probability": "peluang {probability}",
        "hint": "catatan foto",
        "title": "Apakah fotonya berbicara? Yang paling lemah di atas",
        "summary": "{total} draf: {speaks} berbicara, {weak} kurang berbicara, {silent} tidak "
        "berbicara, {unsure} tidak dapat dinilai, {failed} gagal",
        "meaning": "Kecocokan = persentase pasangan foto dan keterangan yang tidak berkaitan "
        "yang dikalahkan draf ini.",
        "rate": "Putusan “berbicara” keliru diberikan pada sekitar {far} pasangan seperti itu.",
        "loading": "memuat model …",
        "drift": "8 bit: nilai cocok bergeser rata-rata {drift} dari 32 bit, diukur saat ekspor",
        "photos": "foto",
        "thumbnails": "gambar kecil",
        "reported": "laporan ditulis ke {path}; buka di peramban",
        "texts": "keterangan",
        "written": "hasil ditulis ke {path}",
    },
    "en": {
        "probability": "probability {probability}",
        "hint": "photo note",
        "title": "Does the photo speak? Weakest first",
        "summary": "{total} drafts: {speaks} speak, {weak} weak, {silent} silent, {unsure} "
        "unsure, {failed} failed",
        "meaning": "Fit = share of unrelated pairs of photo and caption that this draft beats.",
        "rate": "About {far} of such pairs are wrongly told to speak.",
        "loading": "loading the model …",
        "drift": "8 bits: fits move by {drift} on average against 32 bits, measured at export",
        "photos": "photos",
        "thumbnails": "thumbnails",
        "reported": "report written to {path}; open it in a browser",
        "texts": "captions",
        "written": "results written to {path}",
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
