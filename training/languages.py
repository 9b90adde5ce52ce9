"""Learn to tell languages: character n-grams, one linear layer, bytes for weights.

Run: ``python -m training.languages --texts ../shared/data/text --out
src/imgfit/captions/data/languages.npz``

Indonesian, English and the regional languages are learned from sentences. Other languages are learned
from their most frequent words (wordfreq), drawn as often as people use them: what tells a language
by its letters stands within words. Every tenth sentence is held out, and a confusion table of those
is printed.
"""

from __future__ import annotations

import argparse
import csv
import lzma
import random
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
import wordfreq

from imgfit.captions.languages import BUCKETS, buckets_of

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 11
# Languages of Latin letters that wordfreq counts; other scripts are told by their letters.
FOREIGN = [
    "es",
    "fr",
    "de",
    "nl",
    "pt",
    "it",
    "tr",
    "fil",
    "vi",
    "pl",
    "ro",
    "ca",
    "cs",
    "da",
    "fi",
    "hu",
    "is",
    "lt",
    "lv",
    "nb",
    "sh",
    "sk",
    "sl",
    "sv",
]
# Regional languages of the set, by their ISO 639 codes; Javanese and Sundanese have two letters.
REGIONAL = {
    "javanese": "jv",
    "sundanese": "su",
    "jv": "jv",
    "su": "su",
    "jav": "jv",
    "sun": "su",
}
MOST = 6_000  # sentences a language
HELD_OUT = 10
STEPS, BATCH, RATE = 1_500, 384, 0.03
# Rates of being dropped while learning: no single n-gram may decide.
DROPOUT = 0.4


def main() -> None:
    """Learn, print the confusion table, write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    random.seed(SEED)
    sentences = read(options.texts)
    codes = sorted(sentences)
    learned: list[tuple[str, int]] = []
    held: list[tuple[str, int]] = []
    for number, code in enumerate(codes):
        for place, text in enumerate(sentences[code]):
            (held if place % HELD_OUT == 0 else learned).append((text, number))
    weights, bias = learn(learned, len(codes))
    scale = np.abs(weights).max(axis=1, keepdims=True) / 127
    small = np.round(weights / scale).astype(np.int8)
    np.savez_compressed(
        options.out,
        codes=np.array(codes),
        weights=small,
        scale=scale.astype(np.float32)[:, 0],
        bias=bias.astype(np.float32),
    )
    print(f"{options.out}: {options.out.stat().st_size / 1000:.0f} kB, {len(codes)} languages")
    table(held, codes)


def held_out(folder: Path) -> dict[str, list[str]]:
    """Return the sentences that are not learned from, by language."""
    random.seed(SEED)
    return {code: texts[::HELD_OUT] for code, texts in sorted(read(folder).items())}


def read(folder: Path) -> dict[str, list[str]]:
    """Return sentences by language, at most `MOST` each, in a random order that is always the same."""
    found: dict[str, list[str]] = {"id": [], "en": []}
    for row in rows(folder / "indonesian_sentences.tsv.xz"):
        found["id"].append(row["text"])
    found["id"] = random.sample(found["id"], 3 * MOST)
    for row in rows(folder / "id_en_parallel.tsv.xz"):
        found["en"].append(row["en"])
    for row in rows(folder / "regional_languages.tsv.xz"):
        found.setdefault(REGIONAL.get(row["lang"], row["lang"]), []).append(row["text"])
        # The Indonesian side of the same sentences: what differs is the language alone.
        if row["id"]:
            found["id"].append(row["id"])
    for code in FOREIGN:
        found[code] = list(made_up(code, MOST // 2))
    kept = {}
    for code, texts in found.items():
        once = list(dict.fromkeys(text for text in texts if len(text) > 8))
        random.shuffle(once)
        kept[code] = once[: 4 * MOST if code == "id" else MOST]
    return kept


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a packed table."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def made_up(code: str, count: int) -> Iterator[str]:
    """Yield word lists drawn by how often people use each word."""
    words = wordfreq.top_n_list(code, 20_000, wordlist="best")
    words = [word for word in words if word.isalpha()]
    weights = [wordfreq.word_frequency(word, code) for word in words]
    for _ in range(count):
        yield " ".join(random.choices(words, weights, k=random.randint(4, 18)))


def learn(items: list[tuple[str, int]], classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Fit one linear layer over hashed n-grams by cross-entropy, every language as often.

    Returns:
        Weights ``(classes, BUCKETS)`` and biases ``(classes,)``.
    """
    torch.manual_seed(SEED)
    places = [buckets_of(cut(text)) for text, _ in items]
    by_class = [[i for i, (_, c) in enumerate(items) if c == k] for k in range(classes)]
    bag = torch.nn.EmbeddingBag(BUCKETS, classes, mode="sum", sparse=False)
    torch.nn.init.zeros_(bag.weight)
    bias = torch.nn.Parameter(torch.zeros(classes))
    optimiser = torch.optim.Adam([*bag.parameters(), bias], RATE)
    generator = np.random.default_rng(SEED)
    total = 0.0
    for step in range(STEPS):
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 - step / STEPS)
        wanted = generator.integers(classes, size=BATCH)
        chosen = [by_class[k][generator.integers(len(by_class[k]))] for k in wanted]
        kept = []
        for i in chosen:
            part = places[i]
            # Captions are short more often than sentences of a corpus are: learn from parts too.
            if generator.random() < 0.5 and len(part) > 40:
                start = generator.integers(len(part) - 30)
                part = part[start : start + generator.integers(30, 120)]
            mask = generator.random(len(part)) >= DROPOUT
            kept.append(part[mask] if mask.any() else part)
        lengths = np.array([len(k) for k in kept])
        offsets = torch.tensor(np.concatenate([[0], lengths.cumsum()[:-1]]))
        summed = bag(torch.tensor(np.concatenate(kept)), offsets)
        scores = summed / torch.tensor(np.sqrt(lengths), dtype=torch.float32)[:, None] + bias
        loss = torch.nn.functional.cross_entropy(scores, torch.tensor(wanted))
        loss = loss + 2e-6 * bag.weight.square().sum()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        total += float(loss.detach())
        if (step + 1) % 1000 == 0:
            print(f"step {step + 1}: loss {total / 1000:.3f}", flush=True)
            total = 0.0
    return bag.weight.detach().numpy().T.copy(), bias.detach().numpy()


def cut(text: str) -> str:
    """Return the part of a text that is read."""
    return text[:400]


def table(held: list[tuple[str, int]], codes: list[str]) -> None:
    """Print, by language, how the held-out sentences are told."""
    from imgfit.captions.languages import told  # noqa: PLC0415 - reads the file just written

    print("| language | sentences | right | Indonesian | another regional | foreign | not told |")
    print("|---|---|---|---|---|---|---|")
    regional = {c for c in codes if c not in {"id", "en", *FOREIGN}}
    for number, code in enumerate(codes):
        answers = [told(text) for text, k in held if k == number]
        n = len(answers)
        counts = [
            sum(a == code for a in answers),
            sum(a == "id" and code != "id" for a in answers),
            sum(a in regional and a != code for a in answers),
            sum(a is not None and a not in regional | {"id", code} for a in answers),
            sum(a is None for a in answers),
        ]
        print(f"| {code} | {n} | " + " | ".join(f"{c / n:.1%}" for c in counts) + " |")


if __name__ == "__main__":
    main()
