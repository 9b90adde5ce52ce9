"""A draft: one photo with the caption it is meant to carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imgfit import arguments
from imgfit.errors import ArgumentError, ImgfitError
from imgfit.language import Phrase
from imgfit.photos import name_of, require_photo, take_photo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgfit.photos import PhotoSource, Standard

_ONE_NEEDED = Phrase(
    id="draf memerlukan foto atau keterangan, sedangkan caption juga None",
    en="a draft needs a photo or a caption, and caption is None as well",
)


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """One photo with the caption it is meant to carry.

    A draft whose fields are of the wrong type is made all the same and carries an `ArgumentError`,
    so that one bad draft among many costs its own row only.

    Attributes:
        photo: The photo, as `Checker.check` takes it; None if there is none. An open file is read
            and a picture in memory is copied when the draft is made, so this is a path, an address
            or bytes afterwards, and None if the photo given cannot be used.
        caption: The text as written; None if there is none.
        id: Name of the draft in results; the photo's path if not given.
        pillar: Kind of content (informasi, emosi, promosi), if the manifest says.
        date: Planned date as the manifest writes it.
        error: Why the draft cannot be scored, found while it was read or made; None if it can.
        label: Whether people found that the photo fits the caption; None if nobody said.
        caption_from: The standard of the photo's own metadata that the caption was read from;
            None for a caption that was written for the draft.
        extra: The user's own columns of the row that the draft comes from, by name: carried
            through to every output, never read.
    """

    photo: PhotoSource | None
    caption: str | None
    id: str = ""
    pillar: str | None = None
    date: str | None = None
    error: ImgfitError | None = None
    label: bool | None = None
    caption_from: Standard | None = None
    extra: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.error is None:
            object.__setattr__(self, "error", _wrong(self))
        if not self.id or not isinstance(self.id, str):
            object.__setattr__(self, "id", name_of(self.photo))
        if self.photo is not None:
            try:
                photo = take_photo(self.photo)
            except ImgfitError as error:
                photo = None
                object.__setattr__(self, "error", self.error or error.bare())
            object.__setattr__(self, "photo", photo)

    def __repr__(self) -> str:
        # Never the photo's bytes, nor the whole caption.
        state = "" if self.error is None else f", {self.error.code}"
        return f"<Draft {self.id!r}{state}>"


def _wrong(draft: Draft) -> ArgumentError | None:
    """Say which field of a draft made by hand cannot be used, if one cannot."""
    if draft.photo is None and draft.caption is None:
        return ArgumentError(argument="photo", value=None, needed=_ONE_NEEDED)
    try:
        if draft.photo is not None:
            require_photo(draft.photo)
        arguments.require_a("id", draft.id, str)
        for name in ("caption", "pillar", "date"):
            arguments.require_a(name, getattr(draft, name), (str, type(None)))
        arguments.require_a("label", draft.label, (bool, type(None)), arguments.FLAG)
    except ArgumentError as error:
        return error.bare()
    return None
