"""Colours of wide-gamut photos brought to sRGB, which encoders were trained on.

Phones store Display P3, cameras Adobe RGB; read as sRGB their colours come out pale. Profiles come
from strangers: only small ones made of three primaries and a curve each reach the colour engine,
and a profile whose primaries are those of sRGB changes nothing.
"""

from __future__ import annotations

import io
import struct
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL import Image

# Profiles of primaries and curves take 0.5 to 20 kB.
_MOST_BYTES = 200_000
_MOST_TAGS = 100
_MOST_CURVE = 4_096
_HEADER = 128
_PRIMARIES = (b"rXYZ", b"gXYZ", b"bXYZ")
_CURVES = (b"rTRC", b"gTRC", b"bTRC")
_TABLES = (b"A2B0", b"A2B1", b"D2B0", b"D2B1")
# sRGB's own, brought to the white of profiles (D50): the x, y and z of red, green and blue.
_SRGB = (0.4361, 0.2225, 0.0139, 0.3851, 0.7169, 0.0971, 0.1431, 0.0606, 0.7139)
# Makers round differently, and old profiles of screens lie this near.
_NEAR = 0.02


def is_wide(image: Image.Image) -> bool:
    """Tell whether an image's profile says other primaries than sRGB's.

    Args:
        image: Its header is enough.

    Returns:
        Whether `to_srgb` would change its pixels.
    """
    profile = image.info.get("icc_profile")
    return image.mode in ("RGB", "RGBA", "P") and _wide(profile) is not None


def to_srgb(pixels: Image.Image, profile: object) -> Image.Image:
    """Bring pixels from a wide-gamut profile to sRGB, in place.

    Args:
        pixels: RGB.
        profile: The profile's bytes as Pillow found them; anything else, and a profile that is
            damaged, too large or sRGB's own, changes nothing.

    Returns:
        The same image.
    """
    wide = _wide(profile)
    if wide is None:
        return pixels
    from PIL import ImageCms  # noqa: PLC0415 - a colour engine that most photos do not need

    try:
        source: Any = ImageCms.ImageCmsProfile(io.BytesIO(wide))
        ImageCms.profileToProfile(pixels, source, _srgb(), inPlace=True)
    except (ImageCms.PyCMSError, OSError, ValueError):
        pass  # the engine does not take the profile: its colours are read as they stand
    return pixels


@cache
def _srgb() -> Any:
    from PIL import ImageCms  # noqa: PLC0415 - as above

    return ImageCms.createProfile("sRGB")


def _wide(profile: object) -> bytes | None:
    """Return a profile that is sound, simple, and not sRGB."""
    if not isinstance(profile, bytes) or not _HEADER < len(profile) <= _MOST_BYTES:
        return None
    if profile[16:20] != b"RGB " or profile[20:24] != b"XYZ " or profile[36:40] != b"acsp":
        return None
    try:
        tags = _tags(profile)
        primaries = [value for name in _PRIMARIES for value in _xyz(tags[name])]
        for name in _CURVES:
            _require_curve(tags[name])
    except (struct.error, KeyError, ValueError):
        return None
    if any(name in tags for name in _TABLES):
        return None
    near = all(abs(a - b) <= _NEAR for a, b in zip(primaries, _SRGB, strict=True))
    return None if near else profile


def _tags(profile: bytes) -> Mapping[bytes, bytes]:
    (count,) = struct.unpack_from(">L", profile, _HEADER)
    if count > _MOST_TAGS:
        raise ValueError("too many tags")
    tags = {}
    for index in range(count):
        name, at, size = struct.unpack_from(">4sLL", profile, _HEADER + 4 + 12 * index)
        if at + size > len(profile):
            raise ValueError("a tag past the end")
        tags[name] = profile[at : at + size]
    return tags


def _xyz(tag: bytes) -> tuple[float, ...]:
    kind, *numbers = struct.unpack_from(">4s4x3l", tag)
    if kind != b"XYZ ":
        raise ValueError("no primary")
    return tuple(number / 65536 for number in numbers)


def _require_curve(tag: bytes) -> None:
    kind, count = struct.unpack_from(">4s4xL", tag)
    if kind != b"para" and (kind != b"curv" or count > _MOST_CURVE):
        raise ValueError("no simple curve")
