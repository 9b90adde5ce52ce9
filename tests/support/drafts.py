"""Drafts as tests compare them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgfit import Draft


def seen(drafts: list[Draft]) -> list[tuple[str, str | None, str | None]]:
    return [(d.id, d.caption, d.error.code if d.error else None) for d in drafts]
