"""Texts that cameras, phones and programs write into photos by themselves, told from captions."""

from __future__ import annotations

import re

# Without spaces and signs. A text of one word (DCIM, SAMSUNG, Screenshot, dav_vivid, IMG_2041.JPG)
# is no person's caption either.
_WHOLE = frozenset(
    [
        "sonydsc",
        "minoltadsc",
        "samsungcamerapictures",
        "casiocomputercoltd",
        "exifjpegpicture",
        "exifjpeg",
        "imagedescription",
        "usercomment",
        "usercomments",
        "defaultdescription",
        "nodescription",
        "description",
        "descriptionhere",
        "yourdescriptionhere",
        "adddescription",
        "addcaption",
        "captionhere",
        "notitle",
        "notitles",
        "untitleddesign",
        "untitledimage",
        "untitledproject",
        "untitledphoto",
        "tanpajudul",
        "desaintanpajudul",
        "gambartanpajudul",
        "judulfoto",
        "jpegimage",
        "digitalimage",
        "cameraphone",
        "picasa",
        "applemark",
        "acdsystemsdigitalimaging",
        "leadtechnologiesincv",
        "intelrjpeglibrary",
        "charsetascii",
        "binarycomment",
        "screenshot",
        "screencapture",
        "tangkapanlayar",
        "cuplikanlayar",
        "newimage",
        "stockphoto",
        "aigeneratedimage",
        "generatedimage",
        "gambarbuatanai",
    ]
)
_MAKING = (
    r"processed|edited|created|made|generated|enhanced|filtered|designed|retouched|optimi[sz]ed|"
    r"compressed|converted|written|rendered|produced|exported|scanned|captured|taken|shot|"
    r"dibuat|diedit|disunting|diproses|dihasilkan|didesain|dirancang|dipotret|difoto|direkam|"
    r"diambil|dikompres|dipindai"
)
_BY = r"with|by|using|via|dengan|oleh|pakai|memakai|menggunakan|melalui|lewat|through"
# A maker's name follows: capitals or a version. "Dibuat dengan bambu oleh siswa" is a caption.
_MAKER = re.compile(
    rf"(?i:(?:image |photo |picture |file |foto |gambar |desain )?(?:{_MAKING}) (?:{_BY})) "
    r"(?:(?i:the|aplikasi|app|software|kamera) )?[A-Z0-9@#\"'][^,;]{0,60}"
)
_SHOT_ON = re.compile(
    r"(?i:shot|taken|captured|difoto|diambil) (?i:on|in|di) [A-Za-z]*[A-Z][^,;]{0,40}"
)
_DEVICES = re.compile(
    r"(?i)\b(?:iphone|ipad|samsung|galaxy|xiaomi|redmi|poco|oppo|vivo|realme|infinix|huawei|oneplus|"
    r""
    r"pixel|nikon|canon|sony|fujifilm|gopro|dji|leica|hasselblad|vsco|snapseed|lightroom)\b"
)
_STAMPED = re.compile(
    r"(?i)(?:whats\s?app|wa|telegram|signal|line|instagram|facebook|fb)[ _-]*"
    r"(?:image|video|photo|picture|gambar|foto|img|post|story)?[ _-]*\d.*"
    r"|(?:gambar|foto|image|photo|video|rekaman)[ _-]*(?:whats\s?app|telegram|instagram)[ _-]*\d?.*"
    r"|(?:screen\s?shot|screen capture|screen recording|tangkapan layar|cuplikan layar|"
    r""
    r"capture d.écran|snapchat|photo|foto|image|gambar|picture|scan|img|dsc|dscn|dscf|pxl|vid|"
    r"mvimg|untitled|desain tanpa judul|new project|proyek baru)"
    r"[ _(#.-]*(?:from|dari|at|on|pada|tanggal)?[ _(#.-]*\d[\d\s._:()/-]*"
    r"(?:(?:at|pukul|jam|wa|am|pm|edited|copy|salinan)[\d\s._:()-]*)*(?:jpe?g|png|webp|heic)?"
)
_CAMERA = re.compile(r"(?i)(?:[\w®™.-]+ ){0,4}digital (?:still )?camera(?: [\w.-]+)?")
_BRACKETED = re.compile(r"<[^<>]*>|\[[^\[\]]*\]|\{[^{}]*\}")
# Settings: "filter: 0; fileterIntensity: 0.0; module: photo", and what image generators leave.
_SETTINGS = re.compile(
    r"(?:[a-z]\w{0,40}\s?[:=][^;\n]{0,60};\s*){2,40}[a-z]\w*\s?[:=].*"
    r"|(?s:.*)\bSteps: \d+, Sampler: (?s:.*)|[\[{]\s*[\"'].*|CREATOR: (?s:.*)"
    r"|(?:LEAD|Intel)\b.{0,40}Librar.*|LEAD Technologies.*|File (?:written|source) .{0,60}"
    r"|Software: .*|Charset=.*"
)
_CREDIT = re.compile(
    r"(?i)(?:photo|image|picture|foto|gambar) (?:by|oleh) [^,;:]{1,60}"
    r"|.{1,60} / (?:unsplash|pexels|pixabay|getty.*)"
)
_MOST_LETTERS = 300
_LONGEST = 12  # words; machines write short texts, settings apart


def is_by_machine(text: str) -> bool:
    """Tell whether a camera, a phone or a program wrote a text, or nobody at all.

    Args:
        text: Stripped, of bounded length.

    Returns:
        True as well for a text of a single word, and one of signs and numbers.
    """
    words = [word for word in text.split() if re.search(r"[^\W\d_]{2}", word)]
    bare = "".join(re.findall(r"[^\W\d_]", text)).lower()
    if len(words) < 2 or bare in _WHOLE:
        return True
    if _SETTINGS.fullmatch(text[:4000]):
        return True
    if len(words) > _LONGEST or len(text) > _MOST_LETTERS:
        return False
    patterns = (_MAKER, _STAMPED, _CAMERA, _BRACKETED, _CREDIT)
    if any(pattern.fullmatch(text) for pattern in patterns):
        return True
    return bool(_SHOT_ON.fullmatch(text) and _DEVICES.search(text))
