"""One call of an encoder, with what it returns checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from imgfit.errors import EncoderFailedError, ImgfitError
from imgfit.language import Phrase
from imgfit.printable import RefusedError, said_by

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from imgfit.encoders import Encoder
    from imgfit.metrics import Vectors

    # Called with how many items are done and how many there are.
    Progress: TypeAlias = Callable[[int, int], None]

Items = TypeVar("Items", bound="Sequence[str] | NDArray[np.float32]")

# Photos or texts in one forward pass.
DEFAULT_BATCH = 32


PHOTOS, TEXTS = Phrase(id="foto", en="photos"), Phrase(id="teks", en="texts")


def encode_checked(
    encoder: Encoder, what: Phrase, encode: Callable[[Items], Vectors], items: Items
) -> Vectors:
    """Call the encoder, and check the shape and the finiteness of what it returns.

    Args:
        encoder: Embeds the items.
        what: `PHOTOS` or `TEXTS`. A photo's row that is not finite is left to the caller, who
            knows the photo's name.
        encode: The encoder's method for them.
        items: n inputs of one forward pass.

    Returns:
        Rows of shape ``(n, dim)``.

    Raises:
        EncoderFailedError: The encoder raised, or returned another shape or a text's row that is
            not finite.
    """
    try:
        rows = np.asarray(encode(items), np.float32)
        if rows.shape != (len(items), encoder.dim):
            raise RefusedError(
                id=f"hasilnya {rows.shape}, seharusnya {(len(items), encoder.dim)}",
                en=f"it returned {rows.shape}, not {(len(items), encoder.dim)}",
            )
        if what is TEXTS and not np.isfinite(rows).all():
            raise RefusedError(id="ada angka yang tidak terhingga", en="a number is not finite")
    except ImgfitError:
        raise
    except Exception as error:  # whatever torch, onnxruntime or a user's own encoder makes of it
        raise EncoderFailedError(
            model=encoder.name, what=what, count=len(items), cause=said_by(error)
        ) from error
    return rows
