"""What can go wrong, as one tree of exceptions.

Each error says what happened, where, and how to mend it, in Indonesian and in English::

    ImgfitError
    ├── PhotoError            about one photo; costs its own draft only
    │   ├── PhotoMissingError
    │   │   └── PhotoMisnamedError
    │   ├── PhotoUnreadableError
    │   │   └── PhotoKindError
    │   ├── PhotoTooLargeError
    │   ├── PhotoShapeError
    │   └── PhotoFailedError
    ├── CaptionError          about one caption; costs its own draft only
    │   ├── CaptionMissingError
    │   │   └── CaptionDamagedError
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
    │   ├── FolderUnreadableError
    │   ├── ManifestColumnError
    │   ├── ManifestRowError
    │   ├── ManifestUnreadableError
    │   ├── ManifestsSeveralError
    │   ├── PhotoCellError
    │   ├── PhotoAddressError
    │   ├── PhotoOutsideError
    │   ├── PhotoRootlessError
    │   ├── WorkerLostError
    │   ├── DraftsFewError
    │   ├── LabelUnreadableError
    │   ├── LabelsFewError
    │   ├── LabelsContradictError
    │   └── LabelsHardError
    ├── ModelError            about the model, its calibration or its files
    │   ├── ModelUnknownError
    │   ├── ModelMissingError
    │   ├── ModelNewerError
    │   ├── ModelBrokenError
    │   │   ├── ModelFileMissingError
    │   │   ├── ModelPickledError
    │   │   ├── ModelUnsafeError
    │   │   ├── ModelSizeError
    │   │   ├── ModelPreprocessingError
    │   │   ├── ModelTokenizerError
    │   │   ├── ModelWeightsError
    │   │   └── ModelGraphsError
    │   ├── ModelDamagedError
    │   ├── ModelChangedError
    │   ├── ModelBusyError
    │   ├── ModelSpaceError
    │   ├── ModelArchiveError
    │   ├── PickleUnsafeError
    │   ├── PickleUsedError       (said in a `PickleWarning`: work goes on)
    │   ├── LicenceError          (said in a `LicenceWarning`: work goes on)
    │   ├── HubError              about the hub that models are pulled from
    │   │   ├── HubOfflineError
    │   │   ├── HubUnreachableError
    │   │   ├── HubRefusedError
    │   │   ├── HubBrokenError
    │   │   ├── HubUnsafeError
    │   │   └── HubPickledError
    │   ├── CalibrationBrokenError
    │   ├── CalibrationMismatchError
    │   ├── EncoderFailedError
    │   ├── RuntimeMissingError
    │   ├── ExportDamagedError    (said in an `ExportWarning`: work goes on)
    │   └── ExportError
    ├── CacheError            about the embedding cache's file
    │   ├── CacheNetworkError
    │   ├── CacheDamagedError     (said in a `CacheWarning`: work goes on)
    │   └── CacheLostError        (the same)
    ├── PackageMissingError   an extra that is not installed
    ├── MemoryLackError       memory ran out for more than one photo
    ├── OutputLostError       what was to be printed could not be
    └── ArgumentError         a value that no call can use
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from imgfit.language import Phrase
from imgfit.remarks import Remark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgfit.language import Language


class ImgfitError(Remark, Exception):
    """The root of every error that imgfit raises on purpose.

    Attributes:
        facts: The values that the message names (a path, a limit, a cause).
    """

    text: ClassVar[Mapping[Language, str]] = {"en": "{cause}", "id": "{cause}"}

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.say("en"))

    def _sentence(self, language: Language) -> str:
        return self.text[language]

    @property
    def code(self) -> str:
        """The error's class name, the stable word for scripts."""
        return type(self).__name__

    def bare(self) -> Self:
        """Return the same error without the calls that it was raised through.

        An error that a result keeps would keep all that those calls held: a photo's bytes, a batch.
        """
        return type(self)(**self.facts)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.facts))


def _rebuild(kind: type[ImgfitError], facts: dict[str, object]) -> ImgfitError:
    """Make an error again from its pickled parts (exceptions pickle by position only)."""
    return kind(**facts)


class PhotoError(ImgfitError):
    """A photo cannot be used."""


class PhotoMissingError(PhotoError):
    """There is no file at the photo's path, or no photo for a caption."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "no photo at {photo}: check the name and the folder, then run again",
        "id": "foto tidak ada di {photo}: periksa nama berkas dan foldernya, lalu jalankan lagi",
    }


class PhotoMisnamedError(PhotoMissingError):
    """There is no file of that name, but one of a name that is close to it."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "no photo at {photo}: did you mean {near}? Write the name as the file has it",
        "id": "foto tidak ada di {photo}: apakah maksudnya {near}? Tulis namanya persis seperti "
        "nama berkasnya",
    }


class PhotoUnreadableError(PhotoError):
    """The file is there but cannot be decoded as a photo."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "cannot read {photo} as a photo ({cause}): open it in a viewer and save it again "
        "as JPEG, or take the original file",
        "id": "{photo} tidak terbaca sebagai foto ({cause}): buka di penampil gambar dan simpan "
        "ulang sebagai JPEG, atau ambil berkas aslinya",
    }


class PhotoKindError(PhotoUnreadableError):
    """The file is something other than a photo that is read: a web page, a film, a PDF."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{photo} is {kind}: {mend}",
        "id": "{photo} adalah {kind}: {mend}",
    }


class PhotoTooLargeError(PhotoError):
    """The photo is over the limit of bytes or pixels, found before decoding."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{photo} is too large ({size}, limit {limit}): save a smaller copy",
        "id": "{photo} terlalu besar ({size}, batas {limit}): simpan salinan yang lebih kecil",
    }


class PhotoShapeError(PhotoError):
    """The photo is too narrow or too small to hold a picture."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{photo} is {width}x{height} pixels: sides of at least {least} pixels and at most "
        "{aspect}:1 are needed; use an uncropped photo",
        "id": "{photo} berukuran {width}x{height} piksel: sisi minimal {least} piksel dan "
        "perbandingan keduanya paling besar {aspect}:1; pakai foto yang utuh",
    }


class PhotoFailedError(PhotoError):
    """Work on the photo broke off for a reason that nobody foresaw, or memory ran out."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "work on {photo} broke off ({cause}): run again with fewer programs open; if it "
        "stays, save the photo again as JPEG",
        "id": "pengolahan {photo} terputus ({cause}): jalankan lagi dengan lebih sedikit program "
        "terbuka; bila tetap gagal, simpan ulang fotonya sebagai JPEG",
    }


class CaptionError(ImgfitError):
    """A caption cannot be used."""


class CaptionMissingError(CaptionError):
    """A photo stands alone: no caption was found for it."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "no caption for {photo}, and none in its own metadata: put the text in {expected} "
        "or in a manifest",
        "id": "{photo} belum punya keterangan, juga tidak di metadatanya: tulis teksnya di "
        "{expected} atau di manifes",
    }


class CaptionDamagedError(CaptionMissingError):
    """A photo stands alone, and its own metadata is damaged where a caption would stand."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "no caption for {photo}: its own metadata ({standard}) is damaged or too large to be "
        "read; put the text in {expected} or in a manifest",
        "id": "{photo} belum punya keterangan: metadatanya ({standard}) rusak atau terlalu besar "
        "untuk dibaca; tulis teksnya di {expected} atau di manifes",
    }


class CaptionEmptyError(CaptionError):
    """The caption has no characters but white space."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the caption of {draft} is empty: write what the post says",
        "id": "keterangan {draft} kosong: tulis isi pesannya",
    }


class CaptionTooLongError(CaptionError):
    """The caption is over the limit of characters."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the caption of {draft} has {size} characters, limit {limit}: keep the post's own "
        "text and leave out attachments",
        "id": "keterangan {draft} berisi {size} karakter, batas {limit}: pakai teks unggahannya "
        "saja tanpa lampiran",
    }


class CaptionWordlessError(CaptionError):
    """Cleaning left no words of the caption, so no photo can be chosen by it."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the caption of {draft} holds no words to picture (only names, titles, dates, "
        "hashtags, links, emoji, numbers or sign-offs): write what is to be seen",
        "id": "keterangan {draft} tidak berisi kata yang dapat digambarkan (hanya nama, gelar, "
        "tanggal, tagar, tautan, emoji, angka atau salam penutup): tulis apa yang seharusnya "
        "terlihat",
    }


class CaptionLanguageError(CaptionError):
    """The model never learned the caption's language: the wrong model, or the wrong caption."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the caption of {draft} is in a language ({language}) that this model does not "
        "cover (covered: {covered}): use a model that covers it (--model mini, or fast, base or "
        "accurate once pulled), or score it all the same with --any-language (any_language=True)",
        "id": "bahasa keterangan {draft} ({language}) tidak dikuasai model ini (yang dikuasai: "
        "{covered}): pakai model yang menguasainya (--model mini, atau fast, base atau accurate "
        "setelah diunduh), atau tetap nilai dengan --any-language (any_language=True)",
    }


class CaptionUnreadableError(CaptionError):
    """The caption's file is not text that can be decoded."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "cannot read {path} as text ({cause}): save it as UTF-8",
        "id": "{path} tidak terbaca sebagai teks ({cause}): simpan sebagai UTF-8",
    }


class CaptionAmbiguousError(CaptionError):
    """One photo has more than one caption file."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{photo} has more than one caption ({paths}): keep one",
        "id": "{photo} punya lebih dari satu keterangan ({paths}): sisakan satu",
    }


class DraftError(ImgfitError):
    """The drafts cannot be read."""


class DraftsMissingError(DraftError):
    """There is nothing at the path given."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "nothing at {path}: give a photo, a manifest (.csv, .tsv, .jsonl, .parquet) or a "
        "folder",
        "id": "tidak ada apa-apa di {path}: beri foto, manifes (.csv, .tsv, .jsonl, .parquet) "
        "atau folder",
    }


class DraftsEmptyError(DraftError):
    """The folder or manifest is there but holds no draft."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "no draft in {path}: put photos with captions there (a.jpg and a.txt) or rows in "
        "the manifest",
        "id": "tidak ada draf di {path}: taruh foto dengan keterangannya (a.jpg dan a.txt) atau "
        "isi baris manifes",
    }


class PhotosEmptyError(DraftError):
    """The folder is there but holds no photo."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "no photo in {path}: give photos, or a folder that holds some",
        "id": "tidak ada foto di {path}: beri foto, atau folder yang berisi foto",
    }


class FolderUnreadableError(DraftError):
    """A folder among the drafts was not searched: what lies in it was not checked."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the folder {folder} was not searched ({cause}): let it be read, or give its own "
        "path as well",
        "id": "folder {folder} tidak diperiksa ({cause}): beri izin baca, atau sebutkan juga "
        "jalurnya sendiri",
    }


class ManifestColumnError(DraftError):
    """The manifest lacks a column that is needed."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{path} has no {needed} column (columns found: {found}): name one {names}",
        "id": "{path} tidak punya kolom {needed} (kolom yang ada: {found}): beri nama {names}",
    }


class ManifestRowError(DraftError):
    """One row of a manifest cannot be understood."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{path}, row {row}: {cause}; mend the row and run again",
        "id": "{path}, baris {row}: {cause}; perbaiki barisnya lalu jalankan lagi",
    }


class ManifestUnreadableError(DraftError):
    """The manifest's file cannot be read."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "cannot read {path} as a manifest ({cause}): save it as UTF-8 CSV, TSV or JSON "
        "lines, or as Parquet",
        "id": "{path} tidak terbaca sebagai manifes ({cause}): simpan sebagai CSV, TSV, atau JSON "
        "lines berkode UTF-8, atau sebagai Parquet",
    }


class ManifestsSeveralError(DraftError):
    """A folder holds more than one manifest, and nobody said which is meant."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{folder} holds more than one manifest ({paths}): check the one that you mean by its "
        "own name, or move the others elsewhere",
        "id": "{folder} berisi lebih dari satu manifes ({paths}): periksa yang dimaksud dengan "
        "menyebut namanya, atau pindahkan yang lain",
    }


class PhotoCellError(DraftError):
    """A row of a table has no photo in its cell."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "row {row} names no photo: fill its {column} cell with the photo's file name, or "
        "delete the row",
        "id": "baris {row} tidak menyebut foto: isi kolom {column} dengan nama berkas fotonya, "
        "atau hapus barisnya",
    }


class PhotoAddressError(DraftError):
    """A table names a photo by a web address, and nothing is fetched."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{photo} is a web address, and imgfit fetches nothing from the web: download the "
        "photo, put it beside the table and write its file name in the cell",
        "id": "{photo} adalah alamat web, sedangkan imgfit tidak mengunduh apa pun: unduh fotonya, "
        "taruh di samping tabelnya, lalu tulis nama berkasnya di sel itu",
    }


class PhotoOutsideError(DraftError):
    """A manifest names a photo outside the folder it may read."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{photo} lies outside {root}, the only folder that photos are read from here: move "
        "the photo into the folder, or give another root (--root FOLDER, root=...)",
        "id": "{photo} berada di luar {root}, satu-satunya folder asal foto kali ini: pindahkan "
        "foto ke folder itu atau tentukan root lain (--root FOLDER, root=...)",
    }


class PhotoRootlessError(DraftError):
    """A table names a photo by its path, and nobody said where photos may be read from."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{photo} is a path, and no root was given: say with root which folder or address "
        "photos may be read from, or give their bytes",
        "id": "{photo} adalah path, sedangkan root tidak diberikan: tentukan dengan root folder "
        "atau alamat asal foto, atau berikan isi berkasnya",
    }


class WorkerLostError(DraftError):
    """The process that scored a draft died over it, and again when it scored nothing else."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the process that worked on {what} died ({cause}), and again with nothing else to "
        "do: save the photo again as JPEG or leave it out, or give the worker more memory",
        "id": "proses yang mengolah {what} mati ({cause}), lalu mati lagi saat hanya mengolah itu: "
        "simpan ulang fotonya sebagai JPEG atau lewati, atau beri pekerja lebih banyak memori",
    }


class DraftsFewError(DraftError):
    """Too few drafts differ for a null to be fitted on them at the rate asked."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{found} drafts that differ in photo and caption are too few for a false-accept "
        "rate of {far:percent}: {needed} are needed; add drafts, or ask for a higher rate with "
        "--far (12 drafts are enough for --far 0.15)",
        "id": "{found} draf dengan foto dan keterangan yang berbeda terlalu sedikit untuk tingkat "
        "salah terima {far:percent}: perlu {needed}; tambah draf, atau minta tingkat yang lebih "
        "tinggi dengan --far (12 draf cukup untuk --far 0.15)",
    }


class LabelUnreadableError(DraftError):
    """A manifest's label is neither yes nor no."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "row {row}: cannot read the label '{label}': write 1 or 0, ya or tidak, yes or no, "
        "cocok or tidak cocok",
        "id": "baris {row}: label '{label}' tidak terbaca: tulis 1 atau 0, ya atau tidak, yes "
        "atau no, cocok atau tidak cocok",
    }


class LabelsFewError(DraftError):
    """Too few drafts carry one of the two labels."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{found} different drafts labelled {label} are too few for a bound on a "
        "false-accept rate of {far:percent}: {needed} are needed; label more, or ask for a higher "
        "rate with --far",
        "id": "{found} draf berbeda yang berlabel {label} terlalu sedikit untuk batas atas tingkat "
        "salah terima {far:percent}: perlu {needed}; beri label lebih banyak draf, atau minta "
        "tingkat yang lebih tinggi dengan --far",
    }


class LabelsContradictError(DraftError):
    """Drafts labelled as fitting do not score higher than the others."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "drafts labelled 1 score no higher than drafts labelled 0 (AUC {auc:.2f}): check "
        "that 1 means that the photo fits, or calibrate without labels",
        "id": "draf berlabel 1 tidak berskor lebih tinggi daripada draf berlabel 0 (AUC "
        "{auc:.2f}): pastikan 1 berarti fotonya cocok, atau buat kalibrasi tanpa label",
    }


class LabelsHardError(DraftError):
    """Drafts labelled as not fitting score above every mismatched pair."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "no threshold bounds the false-accept rate at {far:percent}: {draft} is labelled 0 "
        "but scores above every mismatched pair; check its label, or ask for a higher rate with "
        "--far",
        "id": "tidak ada ambang yang menjaga tingkat salah terima {far:percent}: {draft} berlabel "
        "0 tetapi skornya di atas semua pasangan yang ditukar; periksa labelnya, atau minta "
        "tingkat yang lebih tinggi dengan --far",
    }


class ModelError(ImgfitError):
    """The model cannot be used."""


class ModelUnknownError(ModelError):
    """No model goes by this name."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "no model '{model}': it is neither 'mini', nor a preset ({presets}), nor a folder "
        "with open_clip_config.json (looked in {places}), nor in open_clip's registry "
        "({registry}); near to it: {near}; 'imgfit models list' names the recommended ones",
        "id": "model '{model}' tidak dikenal: bukan 'mini', bukan pilihan siap pakai ({presets}), "
        "bukan folder berisi open_clip_config.json (dicari di {places}), dan tidak ada di daftar "
        "open_clip ({registry}); yang mirip: {near}; 'imgfit models list' menyebut yang disarankan",
    }


class ModelMissingError(ModelError):
    """The model is known, but not on this machine."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the model '{model}' is not on this machine (looked in {places}): run 'imgfit models "
        "pull {model}'; without a network, run 'imgfit models bundle {model} model.tar' where it "
        "is, carry model.tar here and run 'imgfit models add model.tar', or put the carried folder "
        "at {place}",
        "id": "model '{model}' belum ada di komputer ini (dicari di {places}): jalankan 'imgfit "
        "models pull {model}'; tanpa jaringan, jalankan 'imgfit models bundle {model} "
        "model.tar' di "
        "komputer yang memilikinya, bawa model.tar ke sini lalu jalankan 'imgfit models add "
        "model.tar', atau taruh folder yang dibawa di {place}",
    }


class ModelNewerError(ModelError):
    """The model needs an open_clip newer than the one installed."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the model '{model}' needs an open_clip newer than {release} ({installed} is "
        "installed): run 'pip install --upgrade open_clip_torch' if a newer one is released, or "
        "use a preset of the same family ({presets})",
        "id": "model '{model}' memerlukan open_clip yang lebih baru daripada {release} (yang "
        "terpasang {installed}): jalankan 'pip install --upgrade open_clip_torch' bila versi baru "
        "sudah dirilis, atau pakai salah satu pilihan siap pakai sekeluarga ({presets})",
    }


class ModelBrokenError(ModelError):
    """The model's folder is there but cannot be loaded."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "cannot load the model in {folder} ({cause}): copy the whole folder again",
        "id": "model di {folder} tidak dapat dimuat ({cause}): salin ulang seluruh foldernya",
    }


class ModelDamagedError(ModelError):
    """The model's files are not those that were installed."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the model in {folder} is not as it was installed (changed: {changed}; missing: "
        "{missing}; not listed: {extra}; links or no files: {odd}; golden pair: {golden}): do not "
        "use it; remove the folder and pull or add the model again",
        "id": "model di {folder} tidak sama dengan yang dipasang (berubah: {changed}; hilang: "
        "{missing}; tidak terdaftar: {extra}; tautan atau bukan berkas: {odd}; pasangan emas: "
        "{golden}): jangan dipakai; hapus foldernya lalu pasang ulang dengan pull atau add",
    }


class ModelChangedError(ModelError):
    """The model differs from what the lock file records."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{what} of the model '{model}' is {found}, but {lock} records {recorded}: pull it "
        "with --revision {revision} to get the recorded one; if the change is meant, remove the "
        "model's entry from that file first",
        "id": "{what} model '{model}' adalah {found}, sedangkan {lock} mencatat {recorded}: pull "
        "dengan --revision {revision} untuk memperoleh yang tercatat; bila perubahan itu memang "
        "dikehendaki, hapus dahulu catatan model itu dari berkas tersebut",
    }


class ModelBusyError(ModelError):
    """Something stands where a model is to be put."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "cannot write {place} ({cause}): remove or rename what is there, or wait until the "
        "other command is done",
        "id": "{place} tidak dapat ditulis ({cause}): hapus atau ganti nama yang ada di sana, atau "
        "tunggu sampai perintah lain selesai",
    }


class ModelSpaceError(ModelError):
    """The disk has too little room."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{needed} MB are needed in {folder}, {free} MB are free: make room, or name another "
        "folder in IMGFIT_MODELS",
        "id": "perlu {needed} MB di {folder}, yang kosong {free} MB: kosongkan ruang, atau "
        "tentukan "
        "folder lain di IMGFIT_MODELS",
    }


class ModelArchiveError(ModelError):
    """A carried model is not a bundle that may be installed."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "cannot install {path} ({cause}): write it again with 'imgfit models bundle'",
        "id": "{path} tidak dapat dipasang ({cause}): buat lagi dengan 'imgfit models bundle'",
    }


class PickleUnsafeError(ModelError):
    """The torch installed has known holes that a pickle of tensors can use."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "torch {installed} lets a pickle run code even where it is told to take tensors "
        "only: install torch {needed} or later, or choose a model with safetensors",
        "id": "torch {installed} membiarkan pickle menjalankan program meski hanya disuruh "
        "mengambil tensor: pasang torch {needed} atau lebih baru, atau pilih model yang punya "
        "safetensors",
    }


class PickleUsedError(ModelError):
    """A pickle was read after all, because the user said so."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "reading the pickle {files} of {repository} because of --allow-pickle: torch is told "
        "to take tensors only (weights_only), which has had holes before; what is kept is "
        "safetensors",
        "id": "membaca pickle {files} dari {repository} karena --allow-pickle: torch hanya boleh "
        "mengambil tensor (weights_only), tetapi pengaman itu pernah bocor; yang disimpan adalah "
        "safetensors",
    }


class LicenceError(ModelError):
    """The model's licence forbids commercial use."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the licence of the model '{model}' is {licence}: not for commercial use; the "
        "presets "
        "{presets} may be used for any purpose",
        "id": "lisensi model '{model}' adalah {licence}: tidak untuk keperluan komersial; pilihan "
        "{presets} boleh dipakai untuk keperluan apa pun",
    }


class HubError(ModelError):
    """The hub did not give what was asked for."""


class HubOfflineError(HubError):
    """The environment forbids the network."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "HF_HUB_OFFLINE is set, so '{model}' is not pulled: unset it; or, without a network, "
        "run 'imgfit models bundle {model} model.tar' where the model is, carry model.tar here and "
        "run 'imgfit models add model.tar', or put the carried folder at {place}",
        "id": "HF_HUB_OFFLINE aktif sehingga '{model}' tidak diunduh: matikan dahulu; atau, tanpa "
        "jaringan, jalankan 'imgfit models bundle {model} model.tar' di komputer yang memiliki "
        "modelnya, bawa model.tar ke sini lalu jalankan 'imgfit models add model.tar', atau taruh "
        "folder yang dibawa di {place}",
    }


class HubUnreachableError(HubError):
    """The hub cannot be reached, or stopped answering."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "cannot get {what} from {endpoint} ({cause}): check the network and pull again, what "
        "was received is kept; without a network, run 'imgfit models bundle {model} model.tar' "
        "where the model is, carry model.tar here and run 'imgfit models add model.tar', or put "
        "the carried folder at {place}",
        "id": "{what} tidak dapat diambil dari {endpoint} ({cause}): periksa jaringan lalu "
        "jalankan "
        "pull lagi, yang sudah diterima tersimpan; tanpa jaringan, jalankan 'imgfit models bundle "
        "{model} model.tar' di komputer yang memiliki modelnya, bawa model.tar ke sini lalu "
        "jalankan 'imgfit models add model.tar', atau taruh folder yang dibawa di {place}",
    }


class HubRefusedError(HubError):
    """The hub answered, but does not have or does not give what was asked for."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{endpoint} does not give {what} ({cause}): check the name and the revision; a "
        "repository that asks for a login cannot be pulled",
        "id": "{endpoint} tidak memberikan {what} ({cause}): periksa nama dan revisinya; "
        "repositori "
        "yang meminta login tidak dapat diunduh",
    }


class HubBrokenError(HubError):
    """The hub sent something other than it announced, or something that is not a model."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{what} from {endpoint} is not what it should be ({cause}): nothing was installed; "
        "pull again, and if it stays, do not trust the source",
        "id": "{what} dari {endpoint} tidak semestinya ({cause}): tidak ada yang dipasang; "
        "jalankan "
        "pull lagi, dan bila tetap begitu, jangan percayai sumbernya",
    }


class HubUnsafeError(HubError):
    """The hub names a file or repository that would lead outside."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{what} names {name}, which would lead outside the model's folder: nothing was "
        "installed; do not trust the source",
        "id": "{what} menyebut {name} yang mengarah ke luar folder model: tidak ada yang dipasang; "
        "jangan percayai sumbernya",
    }


class HubPickledError(HubError):
    """The weights are there only as a pickle."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{repository} has its weights only as a pickle ({files}), a program that could do "
        "anything when it is loaded: choose a model with {wanted}, or, if you trust its authors, "
        "run again with --allow-pickle",
        "id": "bobot di {repository} hanya ada sebagai pickle ({files}), yaitu program yang dapat "
        "melakukan apa saja ketika dimuat: pilih model yang punya {wanted}, atau, bila Anda "
        "percaya pada pembuatnya, jalankan lagi dengan --allow-pickle",
    }


class ModelFileMissingError(ModelBrokenError):
    """A file that the model's configuration asks for is not in its folder."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{folder} lacks {file}: copy it there from the same release of {source}; nothing is "
        "downloaded when a model is loaded",
        "id": "{folder} tidak berisi {file}: salin berkas itu dari rilis {source} yang sama ke "
        "sana; tidak ada yang diunduh saat model dimuat",
    }


class ModelPickledError(ModelBrokenError):
    """The weights are there only as a pickle, which can run code when it is read."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{folder} holds its weights only as {files}, a pickle, and reading one can run "
        "whatever its maker wrote: on a machine that may be lost, read it with torch.load(file, "
        "weights_only=True), write the tensors with safetensors.torch.save_file as {wanted}, and "
        "copy that file here",
        "id": "bobot di {folder} hanya ada sebagai {files}, yaitu pickle, dan membacanya dapat "
        "menjalankan apa pun yang ditulis pembuatnya: di komputer yang boleh rusak, baca dengan "
        "torch.load(file, weights_only=True), tulis tensornya dengan "
        "safetensors.torch.save_file sebagai {wanted}, lalu salin berkas itu ke sini",
    }


class ModelUnsafeError(ModelBrokenError):
    """A model folder asks for something that could run code, or lead out of the folder."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{folder}: {place} is {value}, which imgfit does not follow, because it can run "
        "code, reach for the network or lead out of the folder: take the model from a source "
        "that you trust, or remove it",
        "id": "{folder}: {place} bernilai {value}, yang tidak diikuti imgfit karena dapat "
        "menjalankan kode, menghubungi jaringan, atau keluar dari folder: ambil model dari "
        "sumber tepercaya, atau hapus bagian itu",
    }


class ModelSizeError(ModelBrokenError):
    """A file or a number of a model folder is over what any model needs."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{folder}: {place} is {size}, the limit is {limit}: no model is like that; copy the "
        "folder again from its source",
        "id": "{folder}: {place} sebesar {size}, batasnya {limit}: tidak ada model yang begitu; "
        "salin ulang foldernya dari sumbernya",
    }


class ModelPreprocessingError(ModelBrokenError):
    """A model folder does not say how photos are prepared, and a guess would be wrong."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{folder}: open_clip_config.json lacks {missing} in preprocess_cfg, and another "
        "model's values would give wrong scores without a word; write what the model was trained "
        "with; {likely} are common: {lines}",
        "id": "{folder}: open_clip_config.json tidak memuat {missing} di preprocess_cfg, dan "
        "nilai model lain akan menghasilkan skor yang salah tanpa peringatan; tulis nilai yang "
        "dipakai saat model dilatih; yang lazim {likely}: {lines}",
    }


class ModelTokenizerError(ModelBrokenError):
    """The tokenizer in a model folder is not the one that its text tower learned with."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the tokenizer in {folder} does not belong to its text tower ({what}: tokenizer "
        "{found}, tower {needed}): copy the tokenizer's files, and hf_tokenizer_name in "
        "open_clip_config.json, from the same release as the weights",
        "id": "tokenizer di {folder} bukan milik menara teksnya ({what}: tokenizer {found}, "
        "menara {needed}): salin berkas tokenizer, dan hf_tokenizer_name di "
        "open_clip_config.json, dari rilis yang sama dengan bobotnya",
    }


class ModelWeightsError(ModelBrokenError):
    """The weights in a model folder are not those of its configuration."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the weights in {folder} do not belong to its open_clip_config.json ({cause}): "
        "take both from one release of the model; nothing is filled in at random",
        "id": "bobot di {folder} bukan milik open_clip_config.json di sana ({cause}): ambil "
        "keduanya dari satu rilis model; tidak ada yang diisi secara acak",
    }


class ModelGraphsError(ModelBrokenError):
    """The graphs that come with the built-in model are not those that were made of its weights."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "cannot run the model in {folder} in ONNX Runtime ({cause}): install imgfit again; "
        "until then, use the runtime torch",
        "id": "model di {folder} tidak dapat dijalankan di ONNX Runtime ({cause}): pasang ulang "
        "imgfit; sementara itu, pakai mesin torch",
    }


class CalibrationBrokenError(ModelError):
    """The calibration's file cannot be understood."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "cannot read the calibration {path} ({cause}): fit it again with imgfit calibrate",
        "id": "kalibrasi {path} tidak terbaca ({cause}): buat ulang dengan imgfit calibrate",
    }


class CalibrationMismatchError(ModelError):
    """The calibration was fitted for another encoder, cohort or cleaning."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "this calibration is for {what} {calibrated}, but {actual} is in use: fit it again "
        "for this one with imgfit calibrate",
        "id": "kalibrasi ini untuk {what} {calibrated}, sedangkan yang dipakai {actual}: buat "
        "ulang untuk yang ini dengan imgfit calibrate",
    }


class EncoderFailedError(ModelError):
    """The encoder raised, or did not return embeddings."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the model {model} failed on a batch of {count} {what} ({cause}): run again with a "
        "smaller batch_size; what was embedded before is kept where a cache is used",
        "id": "model {model} gagal pada {count} {what} sekaligus ({cause}): jalankan lagi dengan "
        "batch_size lebih kecil; yang sudah dihitung tersimpan bila cache dipakai",
    }


class CacheError(ImgfitError):
    """The embedding cache's file cannot be used."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "cannot use the embedding cache {path} ({cause}): name another file with --cache, "
        "or work without one with --no-cache",
        "id": "cache embedding {path} tidak dapat dipakai ({cause}): tentukan berkas lain dengan "
        "--cache, atau bekerja tanpa cache dengan --no-cache",
    }


class CacheNetworkError(CacheError):
    """The cache's file is on a drive that other machines share."""

    text: ClassVar[Mapping[Language, str]] = {
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

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the embedding cache {path} cannot be used ({cause}); it was set aside as {aside} "
        "and a new one begun: results stay the same, this run is slower",
        "id": "cache embedding {path} tidak dapat dipakai ({cause}); berkasnya disisihkan sebagai "
        "{aside} dan cache baru dimulai: hasilnya tetap sama, kali ini lebih lambat",
    }


class CacheLostError(CacheError):
    """The cache's file failed while in use."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the embedding cache {path} cannot be used any more ({cause}); going on without it: "
        "what is embedded from here on is not kept",
        "id": "cache embedding {path} tidak dapat dipakai lagi ({cause}); pekerjaan dilanjutkan "
        "tanpa cache: yang dihitung mulai dari sini tidak disimpan",
    }


class ImgfitWarning(UserWarning):
    """Says that work goes on although something deserves to be known.

    Attributes:
        error: What happened.
    """

    def __init__(self, error: ImgfitError) -> None:
        super().__init__(str(error))
        self.error = error


class CacheWarning(ImgfitWarning):
    """Says that work goes on although the cache's file does not."""


class ExportWarning(ImgfitWarning):
    """A model's export to ONNX was damaged; it is made again."""


class LicenceWarning(ImgfitWarning):
    """Says that a model that is used may not be used commercially."""


class PickleWarning(ImgfitWarning):
    """Says that pickled weights are read because the user allowed it."""


class RuntimeMissingError(ModelError):
    """A runtime's packages are not installed."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the runtime {runtime} needs {package}, which is not installed: {command}",
        "id": "mesin {runtime} memerlukan {package} yang belum terpasang: {command}",
    }


class PackageMissingError(ImgfitError):
    """What was asked for needs a package that is not installed."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{what} needs {package}, which is not installed: {command}",
        "id": "{what} memerlukan {package} yang belum terpasang: {command}",
    }


class ExportDamagedError(ModelError):
    """An export was damaged, and is made again."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the export {path} cannot be used ({cause}) and is made again: this run is slower",
        "id": "hasil ekspor {path} tidak dapat dipakai ({cause}) dan dibuat lagi: kali ini lebih "
        "lambat",
    }


class ExportError(ModelError):
    """A model cannot be exported to ONNX, or its export is not close enough to it."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "cannot export the model in {folder} to ONNX ({cause}): use the runtime torch",
        "id": "model di {folder} tidak dapat diekspor ke ONNX ({cause}): pakai mesin torch",
    }


class MemoryLackError(ImgfitError):
    """Memory ran out where more than one photo's row hangs on it."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "memory ran out ({cause}): close other programs or raise the limit, and run again; "
        "what was embedded is kept where a cache is used",
        "id": "memori habis ({cause}): tutup program lain atau naikkan batasnya, lalu jalankan "
        "lagi; yang sudah dihitung tersimpan bila cache dipakai",
    }


class OutputLostError(ImgfitError):
    """Standard output does not take what is printed."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "the results could not be printed ({cause}): free the disk, or write them "
        "elsewhere with --output",
        "id": "hasil tidak dapat dicetak ({cause}): kosongkan disk, atau tulis ke tempat lain "
        "dengan --output",
    }


class ArgumentError(ImgfitError, ValueError):
    """An argument is out of its range."""

    text: ClassVar[Mapping[Language, str]] = {
        "en": "{argument} is {value}: {needed}",
        "id": "{argument} bernilai {value}: {needed}",
    }

    def _sentence(self, language: Language) -> str:
        sentence = self.text[language]
        # A phrase describes the value: "berupa 3 draf", where a number is "bernilai 3".
        described = isinstance(self.facts["value"], Phrase)
        return sentence.replace("bernilai", "berupa") if described else sentence
