"""Inputs for hypothesis: well-formed bytes with a few places changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy

# What breaks readers: ends of ranges, marks of texts, numbers and brackets.
_PIECES = (
    b"", b"\0", b"\xff", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\x80\0\0\0",
    b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\xbd", b"\r", b"\n", b"\r\n", b'"', b"'", b",", b";",
    b"\t", b"=", b"[", b"{", b"}", b"null", b"-1", b"1e999", b"NaN", b"Infinity", b"9" * 400,
    b"../", b"\\u0000", b"\\ud83d", b"#", b"@", b"http://a.b/", b". ", b"\xe2\x80\xae", b"\xcc\x81",
    "😀".encode(), "\ue000\ue001".encode(), "ﷺ".encode(),
)  # fmt: skip


def changed(seeds: Sequence[bytes]) -> SearchStrategy[bytes]:
    """Return bytes near well-formed ones.

    Args:
        seeds: Well-formed inputs.

    Returns:
        A seed with up to six places cut, overwritten, repeated or put in, and sometimes an end
        cut off.
    """
    piece = st.sampled_from(_PIECES) | st.binary(max_size=8)
    # Half of the places near the start, where headers are.
    place = st.floats(0, 1) | st.floats(0, 0.05)
    edit = st.tuples(place, st.integers(0, 16), piece, st.sampled_from([1, 1, 1, 2, 40]))
    cut = st.none() | st.floats(0, 1)

    def apply(seed: bytes, edits: list[tuple[float, int, bytes, int]], keep: float | None) -> bytes:
        data = seed
        for where, drop, put, times in edits:
            at = int(where * len(data))
            data = data[:at] + put * times + data[at + drop :]
        return data if keep is None else data[: int(keep * len(data)) + 1]

    return st.builds(apply, st.sampled_from(list(seeds)), st.lists(edit, max_size=6), cut)
