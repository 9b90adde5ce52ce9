"""How often the language of a caption's windows is told rightly.

Run: ``python -m benchmarks.language --data ../shared/data``

Windows of six words and more, as cleaning and cutting leave them for the embedded model; shorter
ones are never told. The sets say their language: posts are Indonesian, the others by their column.
"Alarm" is what would refuse a caption of a model that knows Indonesian and English.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from training.data import read_posts, read_rows

from imgfit.captions.cleaning import clean
from imgfit.captions.picturable import language_of
from imgfit.captions.windows import split_windows
from imgfit.encoders.loading import load_encoder
from imgfit.models.finding import find_model

LEAST_WORDS = 6
MOST = 3000
COVERED = ("id", "en")


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    encoder = load_encoder(find_model("mini"))
    texts: dict[tuple[str, str], list[str]] = {}
    for name in ("dev/posts", "train/posts"):
        for post in read_posts(data / f"{name}.tsv"):
            texts.setdefault((f"{name}, titles", "id"), []).append(post.title)
            texts.setdefault((f"{name}, bodies", "id"), []).append(post.body)
    for name in ("dev/flickr8k", "train/flickr8k", "train/events", "train/coco"):
        for row in read_rows(data / f"{name}.tsv"):
            texts.setdefault((name, row["lang"]), []).append(row["caption"])
    print(
        "| set | language | windows | right | untold | another of the two | alarm |\n"
        + "|---" * 7
        + "|"
    )
    right_of_all = told = 0
    for (name, language), captions in texts.items():
        windows = [
            window
            for caption in dict.fromkeys(captions)
            for window in split_windows(
                clean(caption).text, encoder.count_tokens, encoder.context_length
            )
            if len(window.split()) >= LEAST_WORDS
        ][:MOST]
        if not windows:
            continue
        found = [language_of(window) for window in windows]
        right = found.count(language)
        untold = found.count(None)
        other = sum(f in COVERED and f != language for f in found)
        alarm = len(found) - right - untold - other if language in COVERED else right
        right_of_all, told = right_of_all + right, told + len(found)
        shares = (f"{count / len(found):.1%}" for count in (right, untold, other, alarm))
        print(f"| {name} | {language} | {len(found)} | {' | '.join(shares)} |")
    print(f"\nright of all {told} windows: {right_of_all / told:.1%}")


if __name__ == "__main__":
    main()
