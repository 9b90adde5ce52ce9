"""What a file in a folder is, told by its name: photos, captions, tables, and all that is neither.

Nothing is opened here. What a file's bytes say, if they say something else, shows when it is read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

from imgfit.language import Phrase

PHOTO_SUFFIXES = frozenset(
    # JPEG, as browsers, cameras and Twitter call it
    [
        ".jpg",
        ".jpeg",
        ".jfif",
        ".jpe",
        ".jif",
        ".jfi",
        ".pjpeg",
        ".pjp",
        ".mpo",
        ".jpg_large",
        ".jpg-large",
        ".jpeg_large",
        ".jpg_orig",
        ".png",
        ".apng",
        ".png_large",
        ".webp",
        ".gif",
        ".tif",
        ".tiff",
        ".bmp",
        ".dib",
        ".avif",
        ".heic",
        ".heif",
        ".hif",
    ]
)
CAPTION_SUFFIXES = (".txt", ".md")
MANIFEST_SUFFIXES = frozenset(
    [".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".xlsx", ".xlsm", ".ods"]
)

_EXPORT = Phrase(
    id="buka dengan program pembuatnya dan ekspor sebagai JPEG atau PNG",
    en="open it in the program that made it and export it as JPEG or PNG",
)
_CONVERT = Phrase(
    id="buka di penampil gambar dan simpan sebagai JPEG atau PNG",
    en="open it in a viewer and save it as JPEG or PNG",
)
_FRAME = Phrase(id="simpan satu bingkainya sebagai JPEG", en="save one frame of it as JPEG")
_PAGE = Phrase(
    id="simpan foto di dalamnya sebagai JPEG atau PNG", en="save the photo in it as JPEG or PNG"
)
_UNPACK = Phrase(
    id="ekstrak dulu, lalu sebutkan foldernya", en="unpack it first, then give its folder"
)
_AS_TABLE = Phrase(id="simpan sebagai .xlsx atau CSV UTF-8", en="save it as .xlsx or as CSV UTF-8")


@dataclass(frozen=True, slots=True)
class Unread:
    """A kind of file that imgfit knows by its suffix and does not read.

    Attributes:
        name: To stand after "is".
        mend: What to do to have it checked.
        picture: Whether it is a picture, so that a caption may be meant for it.
    """

    name: Phrase
    mend: Phrase
    picture: bool


def _unread(en: str, id: str, mend: Phrase, *, picture: bool = True) -> Unread:  # noqa: A002 - the language's name
    return Unread(Phrase(id=id, en=en), mend, picture)


_RAW = _unread("a camera's raw photo", "foto mentah kamera (RAW)", _EXPORT)
_JP2 = _unread("a JPEG 2000 picture", "gambar JPEG 2000", _CONVERT)
_MOVIE = _unread("a video", "video", _FRAME, picture=False)
_SOUND = _unread("a sound recording", "rekaman suara", _FRAME, picture=False)
_ARCHIVE = _unread("an archive", "arsip terkompresi", _UNPACK, picture=False)
_TABLE = _unread("a table in a format that is not read",
                 "tabel berformat yang tidak dibaca", _AS_TABLE, picture=False)  # fmt: skip
_DOCUMENT = _unread("a document", "dokumen", _PAGE, picture=False)
UNREAD: dict[str, Unread] = {
    ".jxl": _unread("a JPEG XL picture", "gambar JPEG XL", _CONVERT),
    **dict.fromkeys((".jp2", ".j2k", ".jpf", ".jpx", ".jpm", ".j2c", ".jph"), _JP2),
    **dict.fromkeys((".svg", ".svgz"), _unread("a vector drawing (SVG)", "gambar vektor (SVG)",
                                               _EXPORT)),
    **dict.fromkeys((".psd", ".psb"), _unread("a Photoshop document", "dokumen Photoshop",
                                              _EXPORT)),
    ".xcf": _unread("a GIMP document", "dokumen GIMP", _EXPORT),
    **dict.fromkeys((".ai", ".eps", ".cdr", ".indd", ".afphoto", ".afdesign", ".kra", ".sketch",
                     ".fig", ".wmf", ".emf", ".ps", ".clip", ".procreate"),
                    _unread("a design or drawing", "berkas rancangan atau gambar vektor", _EXPORT)),
    **dict.fromkeys((".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2",
                     ".orf", ".rw2", ".raf", ".pef", ".srw", ".x3f", ".raw", ".rwl", ".3fr",
                     ".iiq", ".kdc", ".dcr", ".erf", ".mrw", ".gpr"), _RAW),
    **dict.fromkeys((".heics", ".heifs", ".avifs"),
                    _unread("a sequence of pictures", "rangkaian gambar bergerak", _FRAME)),
    **dict.fromkeys((".ico", ".cur", ".icns", ".tga", ".pcx", ".ppm", ".pgm", ".pbm", ".pnm",
                     ".exr", ".hdr", ".qoi", ".jxr", ".wdp", ".hdp", ".dds", ".xbm", ".xpm",
                     ".jls", ".flif", ".bpg", ".djvu", ".insp", ".livp"),
                    _unread("a picture in a format that is not read",
                            "gambar berformat yang tidak dibaca", _CONVERT)),
    **dict.fromkeys((".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".3gp", ".3g2", ".mpg",
                     ".mpeg", ".mts", ".m2ts", ".wmv", ".flv", ".insv", ".ogv"), _MOVIE),
    **dict.fromkeys((".mp3", ".m4a", ".wav", ".ogg", ".opus", ".aac", ".flac", ".amr"), _SOUND),
    ".pdf": _unread("a PDF document", "dokumen PDF", _PAGE, picture=False),
    **dict.fromkeys((".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst"),
                    _ARCHIVE),
    **dict.fromkeys((".xls", ".xlsb", ".numbers", ".sqlite", ".db", ".sav", ".dta", ".feather"),
                    _TABLE),
    **dict.fromkeys((".doc", ".odt", ".rtf", ".ppt", ".pptx", ".odp", ".pages", ".key", ".pub"),
                    _DOCUMENT),
}  # fmt: skip

_SYSTEM_FOLDERS = frozenset(
    [
        "@eadir",
        "#recycle",
        "#snapshot",
        "@recycle",
        "@recently-snapshot",
        "@sharebin",
        "@tmp",
        "$recycle.bin",
        "recycler",
        "system volume information",
        "__macosx",
        "lost+found",
        "found.000",
        "network trash folder",
        "temporary items",
        "__pycache__",
        "node_modules",
    ]
)
_SYSTEM_FILES = frozenset(
    [
        "thumbs.db",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "desktop.ini",
        "icon\r",
        "picasa.ini",
        "zbthumbnail.info",
        "pspbrwse.jbf",
        "folder.jpg~",
        "synophoto_thumb.db",
        "autorun.inf",
    ]
)
_LEFT = re.compile(
    r"\A(?:~\$|\._|#.*#\Z|~wr[ld]\d)"
    r"|(?:~|\.(?:tmp|temp|part|partial|crdownload|download|bak|swp|swo|lock|old|opdownload))\Z"
    r"|\.[a-z]{3,4}_original\Z",
    re.IGNORECASE | re.DOTALL,
)
# WordPress makes a-300x200.jpg, and a-scaled.jpg, of a.jpg.
_DERIVED = re.compile(r"(?P<base>.+?)-(?:\d{2,5}x\d{2,5}|scaled)\Z", re.DOTALL)
LANGUAGES = frozenset(
    ["id", "en", "jv", "su", "ban", "min", "ace", "bjn", "bew", "mad", "ms", "ar", "zh", "ja"]
)
_LANGUAGE = re.compile(r"(?P<base>.+)[._](?P<language>[a-z]{2,3})\Z", re.DOTALL)


def key_of(name: str) -> str:
    """Return what names that people take for the same have in common.

    Args:
        name: A file's name, or part of it.

    Returns:
        The name in Unicode's composed form and without case: macOS keeps it decomposed.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def loose_key(name: str) -> str:
    """Return what names have in common of which one went through a web address.

    Args:
        name: A file's name, or part of it.

    Returns:
        `key_of` the name with ``%20`` and ``+`` as spaces, each space single.
    """
    return key_of(" ".join(unquote(name.replace("+", " ")).split()))


def is_photo(name: str) -> bool:
    """Tell whether a file's name is that of a photo that imgfit reads."""
    return _suffix(name) in PHOTO_SUFFIXES


def unread_kind(name: str) -> Unread | None:
    """Return the known kind that a file's name says, if imgfit does not read it."""
    return UNREAD.get(_suffix(name))


def _suffix(name: str) -> str:
    dot = name.rfind(".")
    return name[dot:].lower() if dot > 0 else ""


def left_behind(name: str, *, folder: bool = False) -> str | None:
    """Tell whether the system or a program left a file or folder, so that nobody means it.

    Args:
        name: Its name.
        folder: Whether it is a folder.

    Returns:
        The code of the remark: ``"hidden"``, ``"of_system"`` or ``"leftover"``; None for all else.
    """
    lower = name.lower()
    if lower in (_SYSTEM_FOLDERS if folder else _SYSTEM_FILES) or lower == ".ds_store":
        return "of_system"
    if folder and lower.endswith((".lrdata", ".lrlibrary")):
        return "of_system"
    if lower.startswith("._"):
        return "of_system"
    if name.startswith("."):
        return "hidden"
    return "leftover" if not folder and _LEFT.search(name) else None


def derived_from(stem: str) -> str | None:
    """Return the stem of the original that a publishing system would have made a photo from."""
    match = _DERIVED.match(stem)
    return match["base"] if match else None


def language_of(stem: str) -> tuple[str, str] | None:
    """Split a caption file's stem such as ``rapat.id``.

    Args:
        stem: The name without its suffix.

    Returns:
        The rest and the language's code; None if the stem names no language.
    """
    match = _LANGUAGE.match(stem)
    if match is None or match["language"] not in LANGUAGES:
        return None
    return match["base"], match["language"]
