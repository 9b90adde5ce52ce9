"""The words of a picture of heat, in Indonesian and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgfit.language import Language

EXPLANATION: dict[Language, dict[str, str]] = {
    "id": {
        "photo": "Foto",
        "caption": "Keterangan",
        "whole": "Keterangan seluruhnya",
        "part": "Bagian {number}",
        "fit": "Kecocokan {fit}",
        "nowhere": "Tidak ada bagian foto yang jelas mendukung teks ini.",
        "reading": "Jingga: bagian foto yang mendukung teks. Abu-abu: tidak mendukung. "
        "Kecocokan: persentase pasangan foto dan teks tidak berkaitan yang nilainya lebih rendah.",
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
    },
    "en": {
        "photo": "Photo",
        "caption": "Caption",
        "whole": "Whole caption",
        "part": "Part {number}",
        "fit": "Fit {fit}",
        "nowhere": "No part of the photo clearly supports it.",
        "reading": "Orange: what supports the text. Grey: no support. "
        "Fit: share of unrelated "
        "pairs of photo and text that score lower.",
        "unseen": "Dark border: not seen by the model.",
        "method_exact": "Method: exact. What all fields ({grid}) add sums to the cosine; orange is "
        "what goes beyond the other texts that suit this photo best.",
        "method_occlusion": "Method: occlusion. A square of {patch} pixels covers the photo, moved "
        "by {stride} pixels; full orange is the greatest fall of the cosine in this picture. It "
        "shows where, not how strong support is: see the fit.",
        "model": "Model {model}. This is how the model sees the photo, not proof of what is in it.",
        "least": "no support",
        "most": "strong support",
        "line": "white line: half of the scale",
        "more": "{count} more {count:part is|parts are} not drawn.",
    },
}
