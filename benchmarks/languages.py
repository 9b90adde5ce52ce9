"""How well detectors tell the language of texts, by themselves and after the lists of words.

Run: ``python -m benchmarks.languages --data ../shared/data [--detector table|eld]``

eld, which imgfit used before it had a table of its own, must be installed to be compared with; the
extra ``dev`` brings it. Of ``text``, from which the table was learned, only the sentences that
``training/languages.py`` holds back are counted; the captions of events and everyday photos the
table never saw. "Kept" is the right language; "untold" is scored as usual; "wrong" is a name of
another language, which makes a caption unsure. For a regional language any regional name is kept.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.data import read_rows
from training.languages import FOREIGN, HELD_OUT, held_out

from imgfit.captions import languages, picturable

if TYPE_CHECKING:
    from collections.abc import Callable

    Detector = Callable[[str], str | None]

LEAST_WORDS = 6
MOST = 3000
# Malay is read as Indonesian; Filipino has two codes.
SAME = {"ms": "id", "tl": "fil", "hr": "sh", "no": "nb"}


def main() -> None:
    """Print a table a detector."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--detector", choices=("table", "eld"), default="table")
    options = parser.parse_args()
    detector = languages.told if options.detector == "table" else eld()
    setattr(picturable, "told", detector)  # noqa: B010 - the place that asks
    print("| texts | language | count | kept | untold | id or en instead | wrong | most often |")
    print("|---" * 8 + "|")
    for (name, language), texts in sorted(material(options.data).items()):
        for how, tell in (("alone", detector), ("language_of", picturable.language_of)):
            print(row(f"{name}, {how}", language, texts, tell))


def eld() -> Detector:
    """Return eld's detector as imgfit asked it."""
    from eld import LanguageDetector  # noqa: PLC0415 - only to compare

    detector: Any = LanguageDetector()

    def told(text: str) -> str | None:
        found = detector.detect(text)
        return str(found.language) if found.language and found.is_reliable() else None

    return told


def row(name: str, language: str, texts: list[str], tell: Detector) -> str:
    """Return a row of the table."""
    answers = Counter(SAME.get(code or "", code) for code in map(tell, texts))
    kept, untold = answers.pop(language, 0), answers.pop(None, 0)
    if language not in {"id", "en", *FOREIGN}:
        # Its own name helps nobody who reads; it only must not be a stranger's.
        kept += sum(answers.pop(code, 0) for code in regional())
    ours = answers.pop("id", 0) + answers.pop("en", 0)
    wrong = answers.most_common(3)
    shares = (f"{n / len(texts):.2%}" for n in (kept, untold, ours, answers.total()))
    most = ", ".join(f"{code} {n}" for code, n in wrong)
    return f"| {name} | {language} | {len(texts)} | {' | '.join(shares)} | {most} |"


def regional() -> set[str]:
    """Return the codes that the table has for languages of Indonesia's regions."""
    return set(languages.codes()) - {"id", "en", *FOREIGN}


def material(data: Path) -> dict[tuple[str, str], list[str]]:
    """Return texts of six words and more, by set and language."""
    texts: dict[tuple[str, str], list[str]] = {}
    for code, sentences in held_out(data / "text").items():
        kind = "made of frequent words" if code in FOREIGN else f"every {HELD_OUT}th sentence"
        texts[kind, code] = sentences
    for name in ("dev/flickr8k", "train/flickr8k", "train/events", "train/events2", "train/coco"):
        if (data / f"{name}.tsv").is_file():
            for found in read_rows(data / f"{name}.tsv"):
                texts.setdefault((name, found["lang"]), []).append(found["caption"])
    long = {
        key: [text for text in dict.fromkeys(some) if len(text.split()) >= LEAST_WORDS][:MOST]
        for key, some in texts.items()
    }
    return {key: some for key, some in long.items() if some}


if __name__ == "__main__":
    main()
