"""A draft: one photo with the caption it is meant to carry."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from imgfit.errors import ArgumentError, ImgfitError
from imgfit.language import Phrase
from imgfit.photos.reading import name_of

if TYPE_CHECKING:
    from imgfit.photos.description import Standard
    from imgfit.photos.reading import PhotoSource

TEXT_NEEDED = Phrase(id="harus berupa teks (str)", en="must be text (str)")
_PHOTO_NEEDED = Phrase(
    id="harus berupa path, isi berkas (bytes), berkas yang terbuka, gambar PIL, atau array numpy",
    en="must be a path, the bytes of a file, an open file, a PIL image or a numpy array",
)
_LABEL_NEEDED = Phrase(id="harus True atau False", en="must be True or False")
_ONE_NEEDED = Phrase(
    id="draf memerlukan foto atau keterangan, sedangkan caption juga None",
    en="a draft needs a photo or a caption, and caption is None as well",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """One photo with the caption it is meant to carry.

    A draft whose fields are of the wrong type is made all the same and carries an `ArgumentError`,
    so that one bad draft among many costs its own row only.

    Attributes:
        photo: The photo, as `Checker.check` takes it; None if there is none.
        caption: The text as written; None if there is none.
        id: Name of the draft in results; the photo's path if not given.
        pillar: Kind of content (informasi, emosi, promosi), if the manifest says.
        date: Planned date as the manifest writes it.
        error: Why the draft cannot be scored, found while it was read or made; None if it can.
        label: Whether people found that the photo fits the caption; None if nobody said.
        caption_from: The standard of the photo's own metadata that the caption was read from;
            None for a caption that was written for the draft.
    """

    photo: PhotoSource | None
    caption: str | None
    id: str = ""
    pillar: str | None = None
    date: str | None = None
    error: ImgfitError | None = None
    label: bool | None = None
    caption_from: Standard | None = None

    def __post_init__(self) -> None:
        if self.error is None:
            object.__setattr__(self, "error", _wrong(self))
        if not self.id or not isinstance(self.id, str):
            object.__setattr__(self, "id", _name_of(self.photo))


def wrong_type(argument: str, value: object, needed: Phrase) -> ArgumentError:
    """Make the error of an argument of the wrong type; it never shows the value.

    Args:
        argument: The argument's name.
        value: The argument.
        needed: The types that are allowed.

    Returns:
        The error, which names the argument and the type.
    """
    kind = type(value).__name__
    said = Phrase(id=f"data bertipe {kind}", en=f"of type {kind}")
    return ArgumentError(argument=argument, value=said, needed=needed)


def _wrong(draft: Draft) -> ArgumentError | None:
    """Say which field of a draft made by hand cannot be used, if one cannot."""
    # Of any type: users give what they like.
    given: dict[str, Any] = {name: getattr(draft, name) for name in draft.__slots__}
    if given["photo"] is None and given["caption"] is None:
        return ArgumentError(argument="photo", value="None", needed=_ONE_NEEDED)
    if given["photo"] is not None and not _is_photo(given["photo"]):
        return wrong_type("photo", given["photo"], _PHOTO_NEEDED)
    if not isinstance(given["id"], str):
        return wrong_type("id", given["id"], TEXT_NEEDED)
    for name in ("caption", "pillar", "date"):
        if not isinstance(given[name], (str, type(None))):
            return wrong_type(name, given[name], TEXT_NEEDED)
    if not isinstance(given["label"], (bool, type(None))):
        return wrong_type("label", given["label"], _LABEL_NEEDED)
    return None


def _is_photo(photo: Any) -> bool:
    """Tell whether a value is of a type that photos are read from."""
    kinds = (str, os.PathLike, bytes, bytearray, memoryview, Image.Image, np.ndarray)
    return isinstance(photo, kinds) or callable(getattr(photo, "read", None))


def _name_of(photo: Any) -> str:
    if photo is None:
        return "-"
    return name_of(photo) if _is_photo(photo) else f"<{type(photo).__name__}>"
