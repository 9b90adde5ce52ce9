"""Whether verdicts and reasons hold where the truth is known by construction.

Run: ``python -m benchmarks.verdicts --data ../shared/data/dev [--model mini]``

Swapped pairs: Flickr8k's photos with a human Indonesian caption, the captions of two and two
exchanged, all in one batch. Boilerplate: each photo against its own caption, then with 300 words
added that have nothing to do with it; counted is how often the verdict stays.
"""

from __future__ import annotations

import argparse
import tarfile
from pathlib import Path

import numpy as np
from training.data import read_rows

from imgfit import Batch, Checker, Draft, Score

SEED = 4
# Pairs swapped in batches of a size.
FEW = {12: 1, 40: 2}
ROUNDS = 40
BOILERPLATE_WORDS = 300
BOILERPLATE = """
Pengadilan berkomitmen memberikan pelayanan prima yang cepat, sederhana, dan berbiaya ringan.
Seluruh aparatur dilarang menerima gratifikasi dalam bentuk apa pun dari para pencari keadilan.
Pembangunan zona integritas terus dilanjutkan menuju wilayah bebas dari korupsi.
Masyarakat dapat menyampaikan pengaduan melalui aplikasi yang tersedia pada jam kerja.
Biaya perkara dibayarkan melalui bank yang ditunjuk sesuai dengan ketentuan yang berlaku.
Kami mengucapkan terima kasih atas kepercayaan yang diberikan kepada lembaga ini.
Informasi jadwal sidang dapat dilihat melalui laman resmi setiap hari.
Pendaftaran perkara kini dapat dilakukan secara elektronik dari rumah masing-masing.
Pimpinan mengingatkan agar setiap laporan kinerja diselesaikan tepat waktu.
Anggaran tahun berjalan diarahkan untuk peningkatan mutu sumber daya manusia.
Nilai-nilai utama lembaga adalah kemandirian, integritas, kejujuran, dan akuntabilitas.
Evaluasi triwulan menunjukkan kenaikan tingkat penyelesaian perkara dibanding tahun lalu.
Rencana strategis lima tahunan disusun dengan memperhatikan arah kebijakan nasional.
Setiap satuan kerja wajib melaporkan capaian indikator kepada instansi pembina.
Sosialisasi peraturan terbaru akan dijadwalkan kembali pada bulan berikutnya.
Penilaian kepuasan masyarakat dilaksanakan dua kali dalam setahun secara mandiri.
Layanan bantuan hukum diberikan tanpa biaya bagi masyarakat yang tidak mampu.
Perubahan jam layanan selama bulan puasa akan diumumkan kemudian.
Standar operasional prosedur ditinjau ulang agar selaras dengan kebutuhan organisasi.
Kerja sama antarlembaga diharapkan memperkuat tata kelola yang transparan.
Hasil survei dipublikasikan secara berkala sebagai bentuk keterbukaan informasi publik.
Pengelolaan arsip mengikuti pedoman yang ditetapkan oleh lembaga kearsipan.
Semoga langkah ini membawa manfaat bagi seluruh pencari keadilan.
Ketentuan lebih lanjut mengenai persyaratan administrasi diatur dalam keputusan tersendiri.
Pembinaan dilakukan secara berjenjang oleh atasan langsung masing-masing bagian.
Target kinerja tahun depan ditetapkan lebih tinggi daripada tahun sebelumnya.
Keterlambatan penyampaian dokumen akan memengaruhi penilaian akhir.
Rapat tinjauan manajemen membahas tindak lanjut temuan pemeriksaan internal.
Setiap pegawai diharapkan menjaga kerahasiaan data para pihak dengan sebaik-baiknya.
Penghargaan diberikan kepada unit yang mencapai sasaran mutu.
Integritas merupakan dasar dari seluruh pelaksanaan tugas dan fungsi.
"""


def main() -> None:
    """Print both counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="mini")
    parser.add_argument("--cache", type=Path)
    options = parser.parse_args()
    # Photos come again in many batches; an embedding cache keeps them.
    checker = Checker.load(options.model, cache=options.cache)
    print(f"model {checker.encoder.name}@{checker.encoder.fingerprint}")
    photos, captions = read_drafts(options.data)
    plain = checker.check_drafts(
        [Draft(p, c, id=f"{n}") for n, (p, c) in enumerate(zip(photos, captions, strict=True))]
    )
    swapped(checker, photos, captions, plain)
    diluted(checker, photos, captions)


def read_drafts(folder: Path) -> tuple[list[bytes], list[str]]:
    """Return photos with the first human Indonesian caption of each."""
    found: dict[str, str] = {}
    for row in read_rows(folder / "flickr8k.tsv"):
        if row["lang"] == "id":
            found.setdefault(row["image"], row["caption"])
    with tarfile.open(folder / "flickr8k.tar") as tar:
        files = {m.name.removeprefix("./"): m for m in tar if m.isfile()}
        streams = [tar.extractfile(files[name]) for name in found]
        return [stream.read() for stream in streams if stream], list(found.values())


def swapped(checker: Checker, photos: list[bytes], captions: list[str], plain: Batch) -> None:
    """Exchange captions two by two; count what is noticed, and what is noticed wrongly."""
    order = np.random.default_rng(SEED).permutation(len(photos) // 2 * 2)
    partner = {int(a): int(b) for pair in order.reshape(-1, 2) for a, b in (pair, pair[::-1])}
    batch = checker.check_drafts(
        [Draft(photos[n], captions[m], id=f"{n}") for n, m in partner.items()]
    )
    n = len(batch)
    flagged = [_swapped_with(score) for score in batch]
    named = sum(
        name == str(partner[int(s.draft.id)]) for s, name in zip(batch, flagged, strict=True)
    )
    refused = sum(not score.passed for score in batch)
    print(
        f"swapped drafts: {n}; not passed {refused / n:.1%}; "
        f"flagged as swapped {sum(map(bool, flagged)) / n:.1%};"
    )
    print(f"  naming the very draft it was swapped with {named / n:.1%}")
    false = sum(_swapped_with(score) is not None for score in plain)
    print(f"drafts as they are: {len(plain)}; flagged as swapped {false / len(plain):.1%}")
    few_swapped(checker, photos, captions)


def few_swapped(checker: Checker, photos: list[bytes], captions: list[str]) -> None:
    """The likelier case: in batches of a few drafts, one pair in ten or so is swapped."""
    generator = np.random.default_rng(SEED)
    for size, swaps in FEW.items():
        found = named = wrong = others = 0
        for _ in range(ROUNDS):
            chosen = generator.permutation(len(photos))[:size].tolist()
            partner = list(range(size))
            for pair in range(swaps):
                partner[2 * pair], partner[2 * pair + 1] = 2 * pair + 1, 2 * pair
            batch = checker.check_drafts(
                [
                    Draft(photos[n], captions[chosen[partner[place]]], id=f"{place}")
                    for place, n in enumerate(chosen)
                ]
            )
            for place, score in enumerate(batch):
                name = _swapped_with(score)
                if partner[place] == place:
                    others += 1
                    wrong += name is not None
                else:
                    found += name is not None
                    named += name == str(partner[place])
        total = 2 * swaps * ROUNDS
        print(
            f"batches of {size}, {2 * swaps} swapped: flagged {found / total:.1%}, named "
            f"{named / total:.1%}; of the others wrongly flagged {wrong / others:.1%}"
        )


def _swapped_with(score: Score) -> str | None:
    """Return the draft that a score names as swapped with, if it names one."""
    names = [r.facts["other"] for r in score.reasons if r.code == "swapped"]
    return names[0] if names else None


def diluted(checker: Checker, photos: list[bytes], captions: list[str]) -> None:
    """Add boilerplate; count verdicts that stay, over all and over those that spoke."""
    words = len(BOILERPLATE.split())
    if words < BOILERPLATE_WORDS:
        raise ValueError(f"only {words} words of boilerplate")
    added = " ".join(BOILERPLATE.split()[:BOILERPLATE_WORDS])
    batch = checker.check_drafts(
        [Draft(p, f"{c}\n{added}") for p, c in zip(photos, captions, strict=True)],
        alone=True,
    )
    # With the same 300 words all captions are near copies of each other; so each draft stands alone
    # here, before and after.
    plain = checker.check_drafts(
        [Draft(p, c) for p, c in zip(photos, captions, strict=True)], alone=True
    )
    kept = [a.verdict == b.verdict for a, b in zip(plain, batch, strict=True)]
    spoke = [k for k, score in zip(kept, plain, strict=True) if score.passed]
    print(f"with {BOILERPLATE_WORDS} words of boilerplate: verdict kept {np.mean(kept):.1%}")
    print(f"  of {len(kept)}; of the {len(spoke)} that spoke, {np.mean(spoke):.1%}")


if __name__ == "__main__":
    main()
