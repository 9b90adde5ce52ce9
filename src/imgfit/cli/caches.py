"""``imgfit cache``: looking at embedding caches, emptying and merging them."""

from __future__ import annotations

from dataclasses import asdict

from imgfit.cache import merge_caches
from imgfit.cli.options import Bounding, Keeping, MergeIn, MergeOut
from imgfit.cli.session import kept_cache, max_bytes, open_cache, session
from imgfit.cli.words import CACHE, said
from imgfit.printable import plain


def info(asked: Keeping) -> None:
    """Show where a cache is, how large it is and how many rows it has."""
    with session(asked) as s, kept_cache(asked, s.language) as cache:
        held = cache.info()
    print(plain(said(CACHE, "path", s.language, path=held.path)))
    print(said(CACHE, "size", s.language, size=held.size / 1e6, bound=held.max_bytes / 1e6))
    for space, rows in held.rows.items():
        print(plain(said(CACHE, "rows", s.language, rows=rows, space=space)))


def clear(asked: Keeping) -> None:
    """Empty a cache."""
    with session(asked) as s, kept_cache(asked, s.language) as cache:
        before = cache.info()
        cache.clear()
        after = cache.info()
    rows = sum(before.rows.values())
    freed = max(0, before.size - after.size) / 1e6
    print(plain(said(CACHE, "cleared", s.language, path=after.path, rows=rows, freed=freed)))


def merge(output: MergeOut, sources: MergeIn, asked: Bounding) -> None:
    """Merge caches into one."""
    with session(asked) as s:
        merged = merge_caches(
            output, sources, max_bytes=max_bytes(asked), on_network=asked.cache_on_network
        )
        with open_cache(output, asked) as cache:
            held = cache.info()
    print(plain(said(CACHE, "merged", s.language, path=output, **asdict(merged))))
    if held.size > held.max_bytes:
        size, bound = held.size / 1e6, held.max_bytes / 1e6
        s.tell(said(CACHE, "over_bound", s.language, size=size, bound=bound))
