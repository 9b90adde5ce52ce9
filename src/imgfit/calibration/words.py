"""Sentences about a calibration, in Indonesian and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgfit.language import Language

CALIBRATION: dict[Language, dict[str, str]] = {
    "id": {
        "null": "{pairs} pasangan yang sengaja ditukar, dari {drafts} draf; {different} di "
        "antaranya berbeda. Pasangan yang berbagi foto atau keterangan tidak saling bebas: "
        "ketelitiannya setara dengan paling sedikit {independent} percobaan bebas. Tidak ada batas "
        "atas yang dijamin.",
        "before": "Menurut kalibrasi sebelumnya, {before:percent} pasangan itu akan lolos; yang "
        "diminta {asked:percent}.",
        "copies": "Salinan: foto dengan berkas yang sama persis, atau keterangan yang "
        "sedikitnya {overlap:.0%} katanya sama. Foto yang disimpan ulang tidak dikenali.",
        "labels": "Berlabel cocok {positives}, tidak cocok {negatives}; tanpa label {unlabelled}.",
        "bound": "Batas atas tingkat salah terima untuk draf seperti yang berlabel tidak cocok: "
        "{bound:percent}, keyakinan {confidence:.0%} (Clopper dan Pearson 1934; {accepted} dari "
        "{independent_labelled} draf yang saling bebas boleh diterima). Batas ini berlaku bila "
        "draf baru datang dari sumber yang sama.",
        "rates": "Salah tolak {frr:percent}; EER {eer:percent}; AUC {auc:.3f}.",
        "probability": "Peluang cocok: Platt, galat kalibrasi {error:.3f} (validasi silang). "
        "Berlaku bila bagian draf yang cocok sama besar dengan di antara yang berlabel "
        "({prior:.0%}).",
        "threshold": "Berbicara mulai kecocokan {fit:percent}.",
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
        "before": "By the calibration used until now, {before:percent} of these pairs would pass; "
        "asked for: {asked:percent}.",
        "copies": "Copies: photos whose files are the same to the byte, or captions that share at "
        "least {overlap:.0%} of their words. A photo saved again is not recognised.",
        "labels": "Labelled as fitting {positives}, as not fitting {negatives}; without a label "
        "{unlabelled}.",
        "bound": "Upper bound on the false-accept rate among drafts like those labelled as not "
        "fitting: {bound:percent} at {confidence:.0%} confidence (Clopper and Pearson 1934; "
        "{accepted} of {independent_labelled} independent drafts may be accepted). It holds for "
        "new drafts from the same source.",
        "rates": "False rejects {frr:percent}; EER {eer:percent}; AUC {auc:.3f}.",
        "probability": "Probability of fitting: Platt, calibration error {error:.3f} "
        "(cross-validated). It holds if drafts fit as often as among the labelled ones "
        "({prior:.0%}).",
        "threshold": "Speaks from a fit of {fit:percent}.",
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
