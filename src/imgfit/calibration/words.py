"""What a calibration says of itself, in Indonesian and English."""

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
