"""Sentences about a calibration, in Indonesian and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgfit.language import Language

CALIBRATION: dict[Language, dict[str, str]] = {
    "id": {
        "null": "{pairs} pasangan yang sengaja ditukar, dari {drafts} draf; {different} di "
        "antaranya berbeda. Pasangan yang berbagi foto atau keterangan tidak saling bebas: "
        "sama telitinya dengan paling sedikit {independent} percobaan bebas. Tidak ada batas atas "
        "yang dijamin.",
        "before": "Menurut kalibrasi sebelumnya, {before:.1%} pasangan itu akan lolos; yang "
        "diminta {asked:.1%}.",
        "copies": "Salinan: foto dengan berkas yang sama persis, atau keterangan yang "
        "sedikitnya {overlap:.0%} katanya sama. Foto yang disimpan ulang tidak dikenali.",
        "labels": "Berlabel cocok {positives}, tidak cocok {negatives}; tanpa label {unlabelled}.",
        "bound": "Batas atas tingkat salah terima untuk draf seperti yang berlabel tidak cocok: "
        "{bound:.1%}, keyakinan {confidence:.0%} (Clopper dan Pearson 1934; {accepted} dari "
        "{independent_labelled} draf yang saling bebas boleh diterima). Batas ini berlaku bila "
        "draf baru datang dari sumber yang sama.",
        "rates": "Salah tolak {frr:.1%}; EER {eer:.1%}; AUC {auc:.3f}.",
        "probability": "Peluang cocok: Platt, galat kalibrasi {error:.3f} (validasi silang). "
        "Berlaku bila draf yang cocok sesering di antara yang berlabel ({prior:.0%}).",
        "threshold": "Berbicara mulai kecocokan {fit:.2%}.",
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
        "before": "By the calibration used until now, {before:.1%} of these pairs would pass; "
        "asked for: {asked:.1%}.",
        "copies": "Copies: photos whose files are the same to the byte, or captions that share at "
        "least {overlap:.0%} of their words. A photo saved again is not recognised.",
        "labels": "Labelled as fitting {positives}, as not fitting {negatives}; without a label "
        "{unlabelled}.",
        "bound": "Upper bound on the false-accept rate among drafts like those labelled as not "
        "fitting: {bound:.1%} at {confidence:.0%} confidence (Clopper and Pearson 1934; {accepted} "
        "of {independent_labelled} independent drafts may be accepted). It holds for new drafts "
        "from the same source.",
        "rates": "False rejects {frr:.1%}; EER {eer:.1%}; AUC {auc:.3f}.",
        "probability": "Probability of fitting: Platt, calibration error {error:.3f} "
        "(cross-validated). It holds if drafts fit as often as among the labelled ones "
        "({prior:.0%}).",
        "threshold": "Speaks from a fit of {fit:.2%}.",
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
