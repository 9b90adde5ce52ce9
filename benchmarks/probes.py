"""Looks inside imgfit, each in a process of its own by `benchmarks.speed`.

Run: ``python -m benchmarks.probes parts --work WORK --set phone --model vit --count 200``

Prints one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from benchmarks.contenders import (
    BATCH,
    RUNTIMES,
    WARM_UP,
    UnavailableError,
    load_checker,
    open_clip_model,
    peak_megabytes,
)
from benchmarks.material import Work
from imgfit import Checker, Draft
from imgfit.cache.embeddings import EmbeddingCache
from imgfit.captions.cleaning import clean
from imgfit.captions.windows import split_windows
from imgfit.embedding.photos import embed_photos
from imgfit.embedding.texts import embed_captions, embed_texts
from imgfit.photos.reading import read_photo
from imgfit.scoring.scorer import DraftFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imgfit import Encoder
    from imgfit.metrics import Vectors

Found = TypeVar("Found")

# Batch sizes and thread counts that scores must not depend on.
BATCH_SIZES, THREADS = (1, 7), (1, 4)


class IdleEncoder:
    """An encoder that prepares photos as the real one does and embeds nothing."""

    def __init__(self, encoder: Encoder) -> None:
        """Stand in for an encoder.

        Args:
            encoder: Who prepares.
        """
        self._encoder = encoder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def encode_photos(self, pixels: Sequence[Any]) -> Vectors:
        """Return zero rows."""
        return np.zeros((len(pixels), self._encoder.dim), np.float32)


def parts(checker: Any, work: Work, name: str, count: int) -> dict[str, float]:
    """Time the stages of checking drafts apart, in milliseconds a draft."""
    encoder, scorer = checker.encoder, checker.scorer
    photos, captions = work.rows(name, count)
    warm, _ = work.rows("small", WARM_UP)
    embed_photos(encoder, warm)
    found = {}
    _, found["read, digest, header (one thread)"] = _timed(lambda: [read_photo(p) for p in photos])
    idle: Any = IdleEncoder(encoder)
    _, found["read, decode, prepare (the loop, no tower)"] = _timed(
        lambda: embed_photos(idle, photos)
    )
    embedded, found["photos end to end"] = _timed(lambda: embed_photos(encoder, photos))
    cut, found["captions: clean and cut"] = _timed(
        lambda: [
            split_windows(clean(text).text, encoder.count_tokens, encoder.context_length)
            for text in captions
        ]
    )
    windows, found["captions: embed"] = _timed(lambda: embed_captions(encoder, cut))
    facts = [
        DraftFacts(str(photo), text, text, file.digest if file else "")
        for photo, text, file in zip(photos, captions, embedded.files, strict=True)
    ]
    _, found["score"] = _timed(lambda: scorer.score(embedded.vectors, windows, facts))
    with tempfile.TemporaryDirectory() as folder, EmbeddingCache(Path(folder, "c.sqlite")) as cache:
        rows = list(embedded.vectors)
        batches = [
            {f"{n:064x}": rows[n] for n in range(start, min(start + BATCH, count))}
            for start in range(0, count, BATCH)
        ]
        started = time.perf_counter()
        for batch in batches:
            cache.put(encoder.fingerprint, batch)
        found["cache: write"] = time.perf_counter() - started
    return {part: 1e3 * seconds / count for part, seconds in found.items()}


def texts(checker: Any, work: Work, model: str, count: int, rounds: int) -> dict[str, Any]:
    """Time imgfit's texts against open_clip's fixed length, on the posts' windows."""
    import torch  # noqa: PLC0415 - the other probes measure what a runtime without it takes

    encoder = checker.encoder
    clip, _, tokenizer = open_clip_model(work, model)
    posts = json.loads(work.posts.read_text("utf-8"))
    cut = (
        split_windows(clean(post).text, encoder.count_tokens, encoder.context_length)
        for post in posts
    )
    windows = list(dict.fromkeys(window for post in cut for window in post))[:count]

    def fixed() -> Vectors:
        batches = (windows[start : start + BATCH] for start in range(0, len(windows), BATCH))
        with torch.inference_mode():
            rows = [clip.encode_text(tokenizer(batch), normalize=True) for batch in batches]
        return np.asarray(torch.cat(rows).numpy(), np.float32)

    embed_texts(encoder, windows[:WARM_UP])
    ours, theirs, difference = [], [], 0.0
    for _ in range(rounds):
        rows, seconds = _timed(lambda: embed_texts(encoder, windows))
        ours.append(seconds)
        expected, seconds = _timed(fixed)
        theirs.append(seconds)
        difference = max(difference, float(np.abs(rows - expected).max()))
    return {"count": len(windows), "imgfit": ours, "open_clip": theirs, "difference": difference}


def scale(checker: Any, work: Work, count: int) -> dict[str, float]:
    """Check many drafts with a cache, as the command line does."""
    photos, captions = work.rows("many", count)
    drafts = [Draft(photo, text) for photo, text in zip(photos, captions, strict=True)]
    with tempfile.TemporaryDirectory() as folder, EmbeddingCache(Path(folder, "c.sqlite")) as cache:
        cached = _again(checker, cache=cache)
        batch, seconds = _timed(lambda: cached.check_drafts(drafts))
        _, ranking = _timed(batch.ranked)
    _require_scores(batch)
    return {"seconds": seconds, "ranking": ranking, "count": len(batch),
            "megabytes": peak_megabytes()}  # fmt: skip


def equality(checker: Any, work: Work, count: int) -> dict[str, float]:
    """Return the largest difference in fit from the usual settings, by what was changed."""
    rows = [work.rows("small", count), work.rows("phone", max(1, count // 5))]
    drafts = [
        Draft(photo, text)
        for photos, captions in rows
        for photo, text in zip(photos, captions, strict=True)
    ]
    usual = _fits(_again(checker), drafts)
    found = {}
    for size in BATCH_SIZES:
        found[f"batches of {size}"] = _fits(_again(checker, batch_size=size), drafts)
    for threads in THREADS:
        found[f"threads: {threads}"] = _fits(_again(checker, decode_threads=threads), drafts)
    found["order reversed"] = _fits(checker, drafts[::-1])[::-1]
    with tempfile.TemporaryDirectory() as folder, EmbeddingCache(Path(folder, "c.sqlite")) as cache:
        cached = _again(checker, cache=cache)
        found["cache, written"] = _fits(cached, drafts)
        found["cache, read"] = _fits(cached, drafts)
    return {name: float(np.abs(fits - usual).max()) for name, fits in found.items()}


def _again(checker: Any, **options: Any) -> Checker:
    """Return a checker of the same model with other settings."""
    scorer = checker.scorer
    return Checker(checker.encoder, scorer.calibration, scorer.cohort, **options)


def _fits(checker: Any, drafts: Sequence[Draft]) -> Any:
    batch = checker.check_drafts(drafts)
    _require_scores(batch)
    return np.array([score.fit for score in batch])


def _require_scores(batch: Any) -> None:
    """Refuse to time drafts that were not scored."""
    for score in batch:
        if score.error is not None:
            raise SystemExit(f"{score.draft.id}: {score.error}")
        if score.fit is None:
            raise SystemExit(f"{score.draft.id}: no fit")


def _timed(work: Callable[[], Found]) -> tuple[Found, float]:
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def main() -> None:
    """Run one probe once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=("parts", "texts", "scale", "equality", "signature"))
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--set", dest="photos", default="small")
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--model", choices=("vit", "mini"), required=True)
    parser.add_argument("--runtime", choices=RUNTIMES, default="torch")
    options = parser.parse_args()
    work, count = Work(options.work), options.count
    try:
        checker = load_checker(work, options.model, options.runtime)
    except UnavailableError as reason:
        print(json.dumps({"unavailable": str(reason)}))
        return
    found: Any
    if options.name == "parts":
        found = parts(checker, work, options.photos, count)
    elif options.name == "texts":
        found = texts(checker, work, options.model, count, options.rounds)
    elif options.name == "scale":
        found = scale(checker, work, count)
    elif options.name == "equality":
        found = equality(checker, work, count)
    else:
        found = {"signature": str(checker.check_drafts([]).signature)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
