"""What can go wrong, as one tree of exceptions.

Each error says what happened, where, and how to mend it, in Indonesian and in English::

    ImgfitError
    ├── PhotoError            about one photo; costs its own draft only
    │   ├── PhotoMissingError
    │   ├── PhotoUnreadableError
    │   ├── PhotoTooLargeError
    │   ├── PhotoShapeError
    │   └── PhotoFailedError
    ├── CaptionError          about one caption; costs its own draft only
    │   ├── CaptionMissingError
    │   ├── CaptionEmptyError
    │   ├── CaptionTooLongError
    │   ├── CaptionWordlessError
    │   ├── CaptionLanguageError
    │   ├── CaptionUnreadableError
    │   └── CaptionAmbiguousError
    ├── DraftError            about the input as a whole or one row of it
    │   ├── DraftsMissingError
    │   ├── DraftsEmptyError
    │   ├── PhotosEmptyError
    │   ├── ManifestColumnError
    │   ├── ManifestRowError
    │   ├── ManifestUnreadableError
    │   ├── PhotoOutsideError
    │   ├── PhotoRootlessError
    │   ├── DraftsFewError
    │   ├── LabelUnreadableError
    │   ├── LabelsFewError
    │   ├── LabelsContradictError
    │   └── LabelsHardError
    ├── ModelError            about the model, its calibration or its files
    │   ├── ModelUnknownError
    │   ├── ModelBrokenError
    │   ├── CalibrationMissingError
    │   ├── CalibrationBrokenError
    │   ├── CalibrationMismatchError
    │   ├── EncoderFailedError
    │   ├── RuntimeMissingError
    │   └── ExportError
    ├── CacheError            about the embedding cache's file
    │   ├── CacheNetworkError
    │   ├── CacheDamagedError     (said in a `CacheWarning`: work goes on)
    │   └── CacheLostError        (the same)
    ├── PackageMissingError   an extra that is not installed
    └── ArgumentError         a value that no call can use
"""

from __future__ import annotations

from typing import ClassVar


class ImgfitError(Exception):
    """The root of every error that imgfit raises on purpose.

    Attributes:
        facts: The values that the message names (a path, a limit, a cause).
    """

    text: ClassVar[dict[str, str]] = {"en": "{cause}", "id": "{cause}"}

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.say("en"))

    def say(self, language: str = "en") -> str:
        """Return the message in a language.

        Args:
            language: ``"en"`` or ``"id"``.

        Returns:
            One line: what, where, how to mend it.
        """
        line = self.text[language].format_map(self.facts)
        return " ".join(line.split())

    @property
    def name(self) -> str:
        """The error's class name, the stable word for scripts."""
        return type(self).__name__

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.facts))


def _rebuild(kind: type[ImgfitError], facts: dict[str, object]) -> ImgfitError:
    """Make an error again from its pickled parts (exceptions pickle by position only)."""
    return kind(**facts)


class PhotoError(ImgfitError):
    """A photo cannot be used."""


class PhotoMissingError(PhotoError):
    """There is no file at the photo's path, or no photo for a caption."""

    text: ClassVar[dict[str, str]] = {
        "en": "no photo at {photo}: check the name and the folder, then run again",
        "id": "foto tidak ada di {photo}: periksa nama berkas dan foldernya, lalu jalankan lagi",
    }


class PhotoUnreadableError(PhotoError):
    """The file is there but is no photo that can be decoded."""

    text: ClassVar[dict[str, str]] = {
        "en": "cannot read {photo} as a photo ({cause}): open it in a viewer and save it again "
        "as JPEG, or take the original file",
        "id": "{photo} tidak terbaca sebagai foto ({cause}): buka di penampil gambar dan simpan "
        "ulang sebagai JPEG, atau ambil berkas aslinya",
    }


class PhotoTooLargeError(PhotoError):
    """The photo is over the limit of bytes or pixels, found before decoding."""

    text: ClassVar[dict[str, str]] = {
        "en": "{photo} is too large ({size}, limit {limit}): save a smaller copy",
        "id": "{photo} terlalu besar ({size}, batas {limit}): simpan salinan yang lebih kecil",
    }


class PhotoShapeError(PhotoError):
    """The photo is too narrow or too small to hold a picture."""

    text: ClassVar[dict[str, str]] = {
        "en": "{photo} is {width}x{height} pixels: sides of at least {least} pixels and at most "
        "{aspect}:1 are needed; use an uncropped photo",
        "id": "{photo} berukuran {width}x{height} piksel: sisi minimal {least} piksel dan "
        "perbandingan paling besar {aspect}:1; pakai foto yang utuh",
    }


class PhotoFailedError(PhotoError):
    """Work on the photo broke off for a reason that nobody foresaw, or memory ran out."""

    text: ClassVar[dict[str, str]] = {
        "en": "work on {photo} broke off ({cause}): run again with fewer programs open; if it "
        "stays, save the photo again as JPEG",
        "id": "pengolahan {photo} terputus ({cause}): jalankan lagi dengan lebih sedikit program "
        "terbuka; bila tetap gagal, simpan ulang fotonya sebagai JPEG",
    }


class CaptionError(ImgfitError):
    """A caption cannot be used."""


class CaptionMissingError(CaptionError):
    """A photo stands alone: no caption was found for it."""

    text: ClassVar[dict[str, str]] = {
        "en": "no caption for {photo}, and none in its own metadata: put the text in {expected} "
        "or in a manifest",
        "id": "{photo} belum punya keterangan, juga tidak di metadatanya: tulis teksnya di "
        "{expected} atau di manifes",
    }


class CaptionEmptyError(CaptionError):
    """The caption has no characters but white space."""

    text: ClassVar[dict[str, str]] = {
        "en": "the caption of {draft} is empty: write what the post says",
        "id": "keterangan {draft} kosong: tulis isi pesannya",
    }


class CaptionTooLongError(CaptionError):
    """The caption is over the limit of characters."""

    text: ClassVar[dict[str, str]] = {
        "en": "the caption of {draft} has {size} characters, limit {limit}: keep the post's own "
        "text and leave out attachments",
        "id": "keterangan {draft} berisi {size} karakter, batas {limit}: pakai teks unggahannya "
        "saja tanpa lampiran",
    }


class CaptionWordlessError(CaptionError):
    """Cleaning left no words of the caption, so no photo can be chosen by it."""

    text: ClassVar[dict[str, str]] = {
        "en": "the caption of {draft} holds no words to picture (only names, titles, dates, "
        "hashtags, links, emoji, numbers or sign-offs): write what is to be seen",
        "id": "keterangan {draft} tidak berisi kata yang dapat digambarkan (hanya nama, gelar, "
        "tanggal, tagar, tautan, emoji, angka atau salam penutup): tulis apa yang seharusnya "
        "terlihat",
    }


class CaptionLanguageError(CaptionError):
    """The model never learned the caption's language, so no photo can be chosen by it."""

    text: ClassVar[dict[str, str]] = {
        "en": "the caption of {draft} is in a language ({language}) that this model does not "
        "cover (covered: {covered}): write it in one of those, or use a model that covers it",
        "id": "bahasa keterangan {draft} ({language}) tidak dikuasai model ini (yang dikuasai: "
        "{covered}): tulis dalam salah satunya, atau pakai model yang menguasainya",
    }


class CaptionUnreadableError(CaptionError):
    """The caption's file is not text that can be decoded."""

    text: ClassVar[dict[str, str]] = {
        "en": "cannot read {path} as text ({cause}): save it as UTF-8",
        "id": "{path} tidak terbaca sebagai teks ({cause}): simpan sebagai UTF-8",
    }


class CaptionAmbiguousError(CaptionError):
    """One photo has more than one caption file."""

    text: ClassVar[dict[str, str]] = {
        "en": "{photo} has more than one caption ({paths}): keep one",
        "id": "{photo} punya lebih dari satu keterangan ({paths}): sisakan satu",
    }


class DraftError(ImgfitError):
    """The drafts cannot be read."""


class DraftsMissingError(DraftError):
    """There is nothing at the path given."""

    text: ClassVar[dict[str, str]] = {
        "en": "nothing at {path}: give a photo, a manifest (.csv, .tsv, .jsonl, .parquet) or a "
        "folder",
        "id": "tidak ada apa-apa di {path}: beri foto, manifes (.csv, .tsv, .jsonl, .parquet) "
        "atau folder",
    }


class DraftsEmptyError(DraftError):
    """The folder or manifest is there but holds no draft."""

    text: ClassVar[dict[str, str]] = {
        "en": "no draft in {path}: put photos with captions there (a.jpg and a.txt) or rows in "
        "the manifest",
        "id": "tidak ada draf di {path}: taruh foto dengan keterangannya (a.jpg dan a.txt) atau "
        "isi baris manifes",
    }


class PhotosEmptyError(DraftError):
    """The folder is there but holds no photo."""

    text: ClassVar[dict[str, str]] = {
        "en": "no photo in {path}: give photos, or a folder that holds some",
        "id": "tidak ada foto di {path}: beri foto, atau folder yang berisi foto",
    }


class ManifestColumnError(DraftError):
    """The manifest lacks a column that is needed."""

    text: ClassVar[dict[str, str]] = {
        "en": "{path} has no {needed} column (columns found: {found}): name one {names}",
        "id": "{path} tidak punya kolom {needed} (kolom yang ada: {found}): beri nama {names}",
    }


class ManifestRowError(DraftError):
    """One row of a manifest cannot be understood."""

    text: ClassVar[dict[str, str]] = {
        "en": "{path}, row {row}: {cause}; mend the row and run again",
        "id": "{path}, baris {row}: {cause}; perbaiki barisnya lalu jalankan lagi",
    }


class ManifestUnreadableError(DraftError):
    """The manifest's file cannot be read."""

    text: ClassVar[dict[str, str]] = {
        "en": "cannot read {path} as a manifest ({cause}): save it as UTF-8 CSV, TSV or JSON "
        "lines, or as Parquet",
        "id": "{path} tidak terbaca sebagai manifes ({cause}): simpan sebagai CSV, TSV, atau JSON "
        "lines berkode UTF-8, atau sebagai Parquet",
    }


class PhotoOutsideError(DraftError):
    """A manifest names a photo outside the folder it may read."""

    text: ClassVar[dict[str, str]] = {
        "en": "{photo} lies outside {root}: move the photo into the folder or give another root",
        "id": "{photo} berada di luar {root}: pindahkan foto ke folder itu atau tentukan root lain",
    }


class PhotoRootlessError(DraftError):
    """A table names a photo by its path, and nobody said where photos may be read from."""

    text: ClassVar[dict[str, str]] = {
        "en": "{photo} is a path, and no root was given: say with root which folder or address "
        "photos may be read from, or give their bytes",
        "id": "{photo} adalah path, sedangkan root tidak diberikan: tentukan dengan root folder "
        "atau alamat asal foto, atau berikan isi berkasnya",
    }


class DraftsFewError(DraftError):
    """Too few drafts differ for a null to be fitted on them at the rate asked."""

    text: ClassVar[dict[str, str]] = {
        "en": "{found} drafts that differ in photo and caption are too few for a false-accept "
        "rate of {far}: {needed} are needed; add drafts, or ask for a higher rate with --far (12 "
        "drafts are enough for 0.15)",
        "id": "{found} draf dengan foto dan keterangan yang berbeda terlalu sedikit untuk tingkat "
        "salah terima {far}: perlu {needed}; tambah draf, atau minta tingkat yang lebih tinggi "
        "dengan --far (12 draf cukup untuk 0.15)",
    }


class LabelUnreadableError(DraftError):
    """A manifest's label is neither yes nor no."""

    text: ClassVar[dict[str, str]] = {
        "en": "row {row}: cannot read the label '{label}': write 1 or 0, ya or tidak, yes or no, "
        "cocok or tidak cocok",
        "id": "baris {row}: label '{label}' tidak terbaca: tulis 1 atau 0, ya atau tidak, yes "
        "atau no, cocok atau tidak cocok",
    }


class LabelsFewError(DraftError):
    """Too few drafts carry one of the two labels."""

    text: ClassVar[dict[str, str]] = {
        "en": "{found} different drafts labelled {label} are too few for a bound on a "
        "false-accept rate of {far}: {needed} are needed; label more, or ask for a higher rate "
        "with --far",
        "id": "{found} draf berbeda yang berlabel {label} terlalu sedikit untuk batas atas tingkat "
        "salah terima {far}: perlu {needed}; beri label lebih banyak draf, atau minta tingkat "
        "yang lebih tinggi dengan --far",
    }


class LabelsContradictError(DraftError):
    """Drafts labelled as fitting do not score higher than the others."""

    text: ClassVar[dict[str, str]] = {
        "en": "drafts labelled 1 score no higher than drafts labelled 0 (AUC {auc}): check that 1 "
        "means that the photo fits, or calibrate without labels",
        "id": "draf berlabel 1 tidak berskor lebih tinggi daripada draf berlabel 0 (AUC {auc}): "
        "pastikan 1 berarti fotonya cocok, atau buat kalibrasi tanpa label",
    }


class LabelsHardError(DraftError):
    """Drafts labelled as not fitting score above every mismatched pair."""

    text: ClassVar[dict[str, str]] = {
        "en": "no threshold bounds the false-accept rate at {far}: {draft} is labelled 0 but "
        "scores above every mismatched pair; check its label, or ask for a higher rate with --far",
        "id": "tidak ada ambang yang menjaga tingkat salah terima {far}: {draft} berlabel 0 tetapi "
        "skornya di atas semua pasangan yang ditukar; periksa labelnya, atau minta tingkat yang "
        "lebih tinggi dengan --far",
    }


class ModelError(ImgfitError):
    """The model cannot be used."""


class ModelUnknownError(ModelError):
    """No model goes by this name."""

    text: ClassVar[dict[str, str]] = {
        "en": "no model '{model}': use 'mini' (embedded) or the path of a model folder that holds "
        "open_clip_config.json",
        "id": "model '{model}' tidak dikenal: pakai 'mini' (bawaan) atau folder model yang berisi "
        "open_clip_config.json",
    }


class ModelBrokenError(ModelError):
    """The model's folder is there but cannot be loaded."""

    text: ClassVar[dict[str, str]] = {
        "en": "cannot load the model in {folder} ({cause}): copy the whole folder again",
        "id": "model di {folder} tidak dapat dimuat ({cause}): salin ulang seluruh foldernya",
    }


class CalibrationMissingError(ModelError):
    """The model has no calibration, so no score of it can be judged."""

    text: ClassVar[dict[str, str]] = {
        "en": "no calibration in {folder}: a score means nothing without one; put the model's "
        "calibration.json and cohort.safetensors there",
        "id": "tidak ada kalibrasi di {folder}: tanpa itu skor tidak bermakna; taruh "
        "calibration.json dan cohort.safetensors milik model itu di sana",
    }


class CalibrationBrokenError(ModelError):
    """The calibration's file cannot be understood."""

    text: ClassVar[dict[str, str]] = {
        "en": "cannot read the calibration {path} ({cause}): fit it again with imgfit calibrate",
        "id": "kalibrasi {path} tidak terbaca ({cause}): buat ulang dengan imgfit calibrate",
    }


class CalibrationMismatchError(ModelError):
    """The calibration was fitted for another encoder, cohort or cleaning."""

    text: ClassVar[dict[str, str]] = {
        "en": "this calibration is for {what} {calibrated}, but {actual} is in use: fit it again "
        "for this one with imgfit calibrate",
        "id": "kalibrasi ini untuk {what} {calibrated}, sedangkan yang dipakai {actual}: buat "
        "ulang untuk yang ini dengan imgfit calibrate",
    }


class EncoderFailedError(ModelError):
    """The encoder raised, or returned something that is no embedding."""

    text: ClassVar[dict[str, str]] = {
        "en": "the model {model} failed on a batch of {count} {what} ({cause}): run again with a "
        "smaller batch_size; what was embedded before is kept where a cache is used",
        "id": "model {model} gagal pada {count} {what} sekaligus ({cause}): jalankan lagi dengan "
        "batch_size lebih kecil; yang sudah dihitung tersimpan bila cache dipakai",
    }


class CacheError(ImgfitError):
    """The embedding cache's file cannot be used."""

    text: ClassVar[dict[str, str]] = {
        "en": "cannot use the embedding cache {path} ({cause}): name another file with --cache, "
        "or work without one with --no-cache",
        "id": "cache embedding {path} tidak dapat dipakai ({cause}): tentukan berkas lain dengan "
        "--cache, atau bekerja tanpa cache dengan --no-cache",
    }


class CacheNetworkError(CacheError):
    """The cache's file is on a drive that other machines share."""

    text: ClassVar[dict[str, str]] = {
        "en": "the embedding cache {path} is on a network drive ({kind}), where SQLite loses or "
        "damages data as soon as two machines use it: name a file on this machine's own disk, give "
        "each machine one and join them with imgfit cache merge, or set "
        "IMGFIT_CACHE_ON_NETWORK=1 (in Python on_network=True) if only this machine uses it",
        "id": "cache embedding {path} berada di drive jaringan ({kind}); di sana SQLite kehilangan "
        "atau merusak data begitu dipakai dua mesin: pakai berkas di disk mesin ini, beri tiap "
        "mesin satu berkas lalu gabungkan dengan imgfit cache merge, atau setel "
        "IMGFIT_CACHE_ON_NETWORK=1 (di Python on_network=True) bila hanya mesin ini yang "
        "memakainya",
    }


class CacheDamagedError(CacheError):
    """The cache's file was damaged, or of a newer version, and was set aside."""

    text: ClassVar[dict[str, str]] = {
        "en": "the embedding cache {path} cannot be used ({cause}); it was set aside as {aside} "
        "and a new one begun: results stay the same, this run is slower",
        "id": "cache embedding {path} tidak dapat dipakai ({cause}); berkasnya disisihkan sebagai "
        "{aside} dan cache baru dimulai: hasilnya tetap sama, kali ini lebih lambat",
    }


class CacheLostError(CacheError):
    """The cache's file failed while in use."""

    text: ClassVar[dict[str, str]] = {
        "en": "the embedding cache {path} cannot be used any more ({cause}); going on without it: "
        "what is embedded from here on is not kept",
        "id": "cache embedding {path} tidak dapat dipakai lagi ({cause}); pekerjaan dilanjutkan "
        "tanpa cache: yang dihitung mulai dari sini tidak disimpan",
    }


class CacheWarning(UserWarning):
    """Says that work goes on although the cache's file does not.

    Attributes:
        error: What happened.
    """

    def __init__(self, error: CacheError) -> None:
        super().__init__(str(error))
        self.error = error


class RuntimeMissingError(ModelError):
    """A runtime's packages are not installed."""

    text: ClassVar[dict[str, str]] = {
        "en": "the runtime {runtime} needs {package}, which is not installed: pip install "
        "'imgfit[onnx]'",
        "id": "mesin {runtime} memerlukan {package} yang belum terpasang: pip install "
        "'imgfit[onnx]'",
    }


class PackageMissingError(ImgfitError):
    """What was asked for needs a package that is not installed."""

    text: ClassVar[dict[str, str]] = {
        "en": "{what} needs {package}, which is not installed: pip install 'imgfit[{extra}]'",
        "id": "{what} memerlukan {package} yang belum terpasang: pip install 'imgfit[{extra}]'",
    }


class ExportError(ModelError):
    """A model cannot be exported to ONNX, or its export is not close enough to it."""

    text: ClassVar[dict[str, str]] = {
        "en": "cannot export the model in {folder} to ONNX ({cause}): use the runtime torch",
        "id": "model di {folder} tidak dapat diekspor ke ONNX ({cause}): pakai mesin torch",
    }


class ArgumentError(ImgfitError, ValueError):
    """An argument is out of its range."""

    text: ClassVar[dict[str, str]] = {
        "en": "{argument} is {value}: {needed}",
        "id": "{argument} bernilai {value}: {needed}",
    }
