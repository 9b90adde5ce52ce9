"""What is fuzzed: each target takes bytes and raises where a promise does not hold.

Beside a crash, these are failures: an error that is none of imgfit's own, a row that is lost, a
text that no number of cleanings brings to rest, a value that a cache made up.
"""

from __future__ import annotations

import io
import json
import random
import sqlite3
import tempfile
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from PIL import Image
from tests.conftest import FakeEncoder, fake_cohort
from tests.support import hostile_files as made

from imgfit.cache.embeddings import EmbeddingCache
from imgfit.calibration.cohort import Cohort, cohort_captions, scenes
from imgfit.calibration.null import Calibration
from imgfit.captions.cleaning import clean
from imgfit.captions.picturable import language_of, names_only
from imgfit.captions.windows import split_windows
from imgfit.drafts.draft import Draft
from imgfit.drafts.reading import read_drafts
from imgfit.encoders.model import ModelEncoder
from imgfit.errors import CacheWarning, ImgfitError, PhotoError, PhotoMissingError
from imgfit.models.finding import find_model
from imgfit.models.folder import ModelFolder
from imgfit.photos.decoding import decode_photo, decoding_bytes
from imgfit.photos.description import read_description
from imgfit.photos.reading import read_photo
from imgfit.photos.size_limits import MAX_PIXELS_JPEG
from imgfit.printable import page_text, plain, shortened
from imgfit.reports import rows as report
from imgfit.scoring import results as scores
from imgfit.scoring.signature import Signature
from imgfit.scoring.thresholds import Thresholds

if TYPE_CHECKING:
    from collections.abc import Callable

# Decoding what a fuzzer made must not fill this machine; larger ones are read only.
_MOST_DECODED = 40_000_000
_LIMIT = 12
# A caption that is fuzzed for its length is this long: a quadratic rule takes seconds over it.
_LONG = 20_000
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Target:
    """Something that reads what a stranger wrote.

    Attributes:
        check: Raises where a promise does not hold for some bytes.
        seeds: Makes well-formed inputs to begin from.
    """

    check: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


@cache
def _folder() -> Path:
    """Return a folder for what must lie in files, gone when Python ends."""
    place = tempfile.TemporaryDirectory(prefix="imgfit-fuzzing-")
    _kept.append(place)
    return Path(place.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []


def _require(holds: object, what: str) -> None:
    if not holds:
        raise AssertionError(what)


# --- manifests -----------------------------------------------------------------------------------


def check_manifest(data: bytes) -> None:
    """Read a manifest: rows keep their order and number, or all of it is refused by name."""
    suffix = (".csv", ".tsv", ".jsonl")[data[0] % 3] if data else ".csv"
    path = _folder() / f"manifest{suffix}"
    path.write_bytes(data[1:])
    try:
        drafts = read_drafts(path)
    except ImgfitError as error:
        _require(error.say("id") and error.say("en"), "an error without words")
        return
    _require(all(draft.id for draft in drafts), "a draft without a name")
    if suffix == ".jsonl":
        lines = _text(data[1:]).split("\n")
        _require(len(drafts) == sum(bool(line.strip()) for line in lines), "a line is lost")
    root = _folder().resolve()
    for draft in drafts:
        if draft.error is None and isinstance(draft.photo, Path):
            _require(draft.photo.resolve().is_relative_to(root), "a photo outside the folder")


def _text(data: bytes) -> str:
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return data.decode("utf-16" if marked else "utf-8-sig")


def manifest_seeds() -> list[bytes]:
    """Return manifests of each kind, the first byte naming it."""
    row = {"photo": "a.jpg", "caption": "Rapat", "id": "x", "pillar": "emosi", "date": "2026-11-25"}
    lines = "\n".join(json.dumps(row | {"caption": text}) for text in ("Rapat", '"', "\u2028"))
    table = 'photo,caption,id\r\na.jpg,"Rapat, di\naula",1\r\n"../b.jpg",x,2\r\n,,\r\n'
    return [
        b"\0" + table.encode(),
        b"\1" + table.replace(",", "\t").encode(),
        b"\0" + table.replace(",", ";").encode("utf-16"),
        b"\2" + lines.encode(),
        b"\2" + lines.encode("utf-16"),
    ]


def check_parquet(data: bytes) -> None:
    """Read a manifest in Parquet: each row is a draft with a name, or all of it is refused."""
    path = _folder() / "manifest.parquet"
    path.write_bytes(data)
    try:
        drafts = read_drafts(path)
    except ImgfitError as error:
        _require(error.say("id") and error.say("en"), "an error without words")
        return
    _require(all(draft.id for draft in drafts), "a draft without a name")


def parquet_seeds() -> list[bytes]:
    """Return small manifests as different writers lay them out."""
    import pyarrow as pa  # noqa: PLC0415 - for this target only
    from pyarrow import parquet  # noqa: PLC0415

    table = pa.table(
        {
            "photo": [{"bytes": b"\x89PNG", "path": "a.png"}, {"bytes": None, "path": "b.png"}] * 3,
            "caption": ["Rapat di aula", None, "x" * 300, "", "Rapat di aula", "\u2028"],
            "date": pa.array([0, 1, 20_000, None, -1, 5], pa.int32()).cast(pa.date32()),
        }
    )
    found = []
    layouts: list[dict[str, object]] = [
        {}, {"use_dictionary": False, "compression": "none", "row_group_size": 2},
        {"compression": "zstd", "data_page_version": "2.0", "write_page_index": True},
    ]  # fmt: skip
    for layout in layouts:
        out = io.BytesIO()
        parquet.write_table(table, out, **layout)
        found.append(out.getvalue())
    return found


# --- captions ------------------------------------------------------------------------------------


def check_caption(data: bytes) -> None:
    """Clean a caption and cut it: nothing is lost, nothing is over the limit, it comes to rest."""
    text = data.decode("utf-8", "replace")[:400]
    _require_clean(text)


def check_long_caption(data: bytes) -> None:
    """Do the same with a piece over and over, where a rule that is not linear takes seconds."""
    text = data.decode("utf-8", "replace")[:12]
    if text:
        cleaned = clean(text * (_LONG // len(text)))
        split_windows(text * (_LONG // len(text)), _count, _LIMIT)
        language_of(cleaned.text)


def _count(text: str) -> int:
    """Count tokens as a tokenizer that passes over signs does."""
    return 2 + sum(1 + len(word) // 6 for word in text.split() if any(map(str.isalnum, word)))


def _require_clean(text: str) -> None:
    cleaned = clean(text)
    # Once is enough for captions that people write (tests/captions/test_cleaning.py); where a
    # greeting was glued to a mark, the mark is bare only after the greeting went.
    again = cleaned.text
    for _ in range(_ROUNDS):
        before, again = again, clean(again).text
    _require(before == again, f"never comes to rest: {text!r}")
    _require(all(piece.strip() for piece in cleaned.dropped), "an empty piece was dropped")
    names_only(cleaned.text)
    language_of(cleaned.text)
    shortened(text)
    for raw in (cleaned.text, text):
        if not raw.strip():
            continue
        windows = split_windows(raw, _count, _LIMIT)
        _require("".join("".join(windows).split()) == "".join(raw.split()), f"lost of {raw!r}")
        for window in windows:
            _require(_count(window) <= _LIMIT or len(window) == 1, f"too long: {window!r}")


def caption_seeds() -> list[bytes]:
    """Return captions as agencies write them, and the rules' own words."""
    texts = [
        (
            "Way Kanan, 12/3/2026 – Ketua PA, Dr. H. Ahmad, S.H., membuka sidang keliling.\n\n"
            "#PengadilanAgama #WBK #Sidang https://s.id/abc @pa_waykanan 0812-3456-7890"
        ),
        "Foto: Humas/Red (Tim IT) ... mantaaap!!! Yuk, jangan lupa like, share & follow IG kami",
        "Assalamualaikum wr. wb. Salam sehat, terima kasih 🙏🏽 Info lebih lanjut hubungi kami",
        *cohort_captions()[:6],
    ]
    return [text.encode() for text in texts]


# --- photos --------------------------------------------------------------------------------------


def check_photo(data: bytes) -> None:
    """Read and decode a photo: upright RGB of its size, or one of the named errors."""
    try:
        file = read_photo(data)
        _require(file.width * file.height <= MAX_PIXELS_JPEG, "more pixels than are let in")
        if decoding_bytes(file) > _MOST_DECODED and file.format != "AVIF":
            return
        image = decode_photo(file, short_side=16)
    except PhotoError:
        return
    _require(image.mode == "RGB", "no RGB")
    _require(sorted(image.size) <= sorted((file.width, file.height)), "larger than it declared")


def photo_seeds() -> list[bytes]:
    """Return a small photo of each format and mode."""
    generator = random.Random(0)  # noqa: S311 - no secret
    whole = [made.photo(suffix, generator) for suffix in made.FORMATS]
    modes = [made.encoded(kind, mode, (32, 24)) for _, kind, mode in made.MODES]
    return [
        *whole, *modes, made.mpo(generator), made.cyclic_tiff(generator),
        made.gif_of_frames(3), made.apng_of_frames(3), made.jpeg_of_scans(32, 32, 3),
        made.with_exif(whole[0], made.recursive_ifd()), made.lying_webp(96, 64),
    ]  # fmt: skip


def check_metadata(data: bytes) -> None:
    """Read the description in a photo: a person's words, or none; never an error."""
    described = made.with_segments(_plain_jpeg(), _segments(data))
    for photo in (described, data):
        found = read_description(photo)
        _require(found is None or found.text.strip(), "an empty description")


@cache
def _plain_jpeg() -> bytes:
    return made.encoded("JPEG", "RGB")


def _segments(data: bytes) -> bytes:
    """Wrap bytes as the segments that hold EXIF, XMP and IPTC."""
    body = data[1:60_000]
    marks = (
        (0xE1, b"Exif\0\0"),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0"),
        (0xED, b"Photoshop 3.0\0"),
    )
    kind, mark = marks[data[0] % 3] if data else marks[0]
    return made.segment(kind, mark + body)


def metadata_seeds() -> list[bytes]:
    """Return a block of each standard, the first byte naming it."""
    exif = Image.Exif()
    exif[0x010E] = "Rapat di aula"
    exif[0x9C9C] = "Rapat di aula".encode("utf-16-le")
    xmp = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
        '"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc='
        '"http://purl.org/dc/elements/1.1/"><dc:description><rdf:Alt><rdf:li xml:lang="id">'
        "Rapat di aula</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    iptc = b"\x1c\x01\x5a\0\3\x1b%G\x1c\x02\x78\0\x0dRapat di aula"
    block = b"8BIM\4\4\0\0" + len(iptc).to_bytes(4, "big") + iptc
    return [b"\0" + exif.tobytes()[6:], b"\1" + xmp.encode(), b"\2" + block]


# --- calibrations, cohorts, caches, models -------------------------------------------------------


def check_calibration(data: bytes) -> None:
    """Read a calibration: whole and rising, the same once saved, or refused by name."""
    path = _folder() / "calibration.json"
    path.write_bytes(data)
    try:
        calibration = Calibration.load(path)
    except ImgfitError:
        return
    fits = calibration.fit(np.linspace(-20, 20, 41))
    _require(((fits >= 0) & (fits <= 1)).all() and (np.diff(fits) >= 0).all(), "fits do not rise")
    _require("\n" not in calibration.name + calibration.norm, "a name of two lines")
    calibration.save(path)
    _require(Calibration.load(path) == calibration, "not the same once saved")


def calibration_seeds() -> list[bytes]:
    """Return the embedded model's, and one of few steps less."""
    path = find_model("mini").calibration
    stored = json.loads(path.read_text("utf-8"))
    labels = {
        "positives": 9, "negatives": 9, "independent": 9, "accepted": 0, "bound": 0.3,
        "confidence": 0.95, "frr": 0.1, "slope": 1.0, "intercept": 0.0, "auc": 0.9, "eer": 0.1,
        "calibration_error": 0.1, "bins": [{"count": 3, "probability": 0.5, "share": 0.4}],
        "roc": [[0.0, 0.1, 0.2]],
    }  # fmt: skip
    return [path.read_bytes(), json.dumps(stored | {"labels": labels, "far": 0.1}).encode()]


def check_cohort(data: bytes) -> None:
    """Read a cohort's file: finite rows of the right shape, or refused by name."""
    path = _folder() / "cohort.safetensors"
    path.write_bytes(data)
    try:
        cohort = Cohort.load(path, fingerprint="fake-1", dim=FakeEncoder.dim)
    except ImgfitError:
        return
    for rows in (cohort.photos, cohort.captions, cohort.scenes):
        _require(rows.ndim == 2 and np.isfinite(rows).all(), "rows that are none")
    _require(len(cohort.captions) == len(cohort_captions()), "captions are missing")
    _require(len(cohort.scenes) == len(scenes()), "scenes are missing")


def cohort_seeds() -> list[bytes]:
    """Return a small cohort."""
    path = _folder() / "seed.safetensors"
    fake_cohort(FakeEncoder()).save(path)
    return [path.read_bytes()]


_VALUES = {f"{n:064x}": np.full(8, n, np.float32) for n in range(20)}


def check_cache(data: bytes) -> None:
    """Open a cache's file: what it returns is what was put there, or nothing."""
    path = _folder() / "cache.sqlite"
    for old in _folder().glob("cache.sqlite*"):
        old.unlink()
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CacheWarning)
        try:
            with EmbeddingCache(path) as cache:
                found = cache.get("space", list(_VALUES), 8)
                for key, value in found.items():
                    _require((value == _VALUES[key]).all(), "a value that nobody put there")
                cache.put("space", dict(list(_VALUES.items())[:2]))
                cache.info()
        except ImgfitError:
            return


def cache_seeds() -> list[bytes]:
    """Return a small cache's file."""
    path = _folder() / "seed.sqlite"
    for old in _folder().glob("seed.sqlite*"):
        old.unlink()
    with EmbeddingCache(path) as cache:
        cache.put("space", _VALUES)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return [path.read_bytes()]


_MODEL_FILES = ("open_clip_config.json", "imgfit.json", "tokenizer_config.json", "tokenizer.json")


def check_model(data: bytes) -> None:
    """Read a model's folder, one of whose files is another's: usable, or refused by name."""
    home = _model()
    name = _MODEL_FILES[data[0] % len(_MODEL_FILES)] if data else _MODEL_FILES[0]
    path = home / name
    whole = path.read_bytes()
    try:
        path.write_bytes(data[1:])
        folder = ModelFolder(home)
        folder.read_languages()
        encoder = ModelEncoder(folder, _no_towers)
        encoder.prepare(Image.new("RGB", (64, 48)))
        if folder.read_config()["model_cfg"]["text_cfg"].get("hf_tokenizer_name"):
            encoder.count_tokens("Rapat di aula")
    except ImgfitError:
        return
    finally:
        path.write_bytes(whole)


def _no_towers(_: ModelEncoder) -> NoReturn:
    raise AssertionError("towers were asked for")


@cache
def _model() -> Path:
    """Return a model's folder with a tokenizer of a few words, and weights of one number."""
    from safetensors.numpy import save_file  # noqa: PLC0415 - for this target only
    from tokenizers import Tokenizer, models, pre_tokenizers  # noqa: PLC0415

    home = _folder() / "model"
    home.mkdir()
    embedded = find_model("mini").path
    for name in ("open_clip_config.json", "imgfit.json", "tokenizer_config.json"):
        (home / name).write_bytes((embedded / name).read_bytes())
    words = ["<pad>", "<s>", "</s>", "<unk>", "rapat", "di", "aula"]
    tokenizer = Tokenizer(models.WordLevel({w: n for n, w in enumerate(words)}, unk_token="<unk>"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(home / "tokenizer.json"))
    save_file({"x": np.zeros(1, np.float32)}, home / "open_clip_model.safetensors")
    return home


def model_seeds() -> list[bytes]:
    """Return each file of the folder, the first byte naming it."""
    return [bytes([n]) + (_model() / name).read_bytes() for n, name in enumerate(_MODEL_FILES)]


# --- what is shown -------------------------------------------------------------------------------


def check_shown(data: bytes) -> None:
    """Show a text everywhere: it commands no terminal, no page and no spreadsheet."""
    text = data.decode("utf-8", "surrogateescape")[:300]
    shown = plain(text)
    _require(all(c.isprintable() or c == "\n" for c in shown), "a terminal would obey")
    _require(page_text(page_text(text)) == page_text(text), "not all was taken out at once")
    signature = Signature.of({"model": text}, Thresholds())
    score = scores.Score(Draft("a.jpg", text, text), text=text, fit=0.5, signature=signature)
    failed = scores.Score(Draft(None, text, text), error=PhotoMissingError(photo=text))
    batch = scores.Batch((score, failed), Thresholds(), signature)
    row = json.loads(report.json_lines(batch).split("\n")[0])
    _require(row["caption"] == text and row["id"] == (text or "a.jpg"), "JSON is not exact")
    table = report.csv_table(batch)
    table.encode("utf-8")
    for cells in _cells(table):
        for cell in cells:
            _require(cell.lstrip()[:1] not in tuple("=+@"), f"a formula: {cell!r}")


def _cells(table: str) -> list[list[str]]:
    import csv  # noqa: PLC0415 - for this target only

    return list(csv.reader(io.StringIO(table.removeprefix("\ufeff"), newline="")))[1:]


def shown_seeds() -> list[bytes]:
    """Return texts that command something somewhere."""
    return [
        b"\x1b[31mred\x1b]8;;http://x\x07y\x1b\\", b"=HYPERLINK(1)", b" \t=1+1", "\u202ea".encode(),
        b"<script>", "\u009b2J".encode(), b"[bold]x[/]", b"\xff\xfe", "\uff1d1+1".encode(),
    ]  # fmt: skip


TARGETS = {
    "manifest": Target(check_manifest, manifest_seeds),
    "parquet": Target(check_parquet, parquet_seeds),
    "caption": Target(check_caption, caption_seeds),
    "long-caption": Target(check_long_caption, caption_seeds),
    "photo": Target(check_photo, photo_seeds),
    "metadata": Target(check_metadata, metadata_seeds),
    "calibration": Target(check_calibration, calibration_seeds),
    "cohort": Target(check_cohort, cohort_seeds),
    "cache": Target(check_cache, cache_seeds),
    "model": Target(check_model, model_seeds),
    "shown": Target(check_shown, shown_seeds),
}
