"""Everything the model is trained on, by number: texts, photos, who belongs to whom."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from training.data import TRAIN_SETS, Caption, Texts, find_set, read_captions, read_texts
from training.translate import translate
from training.vocabulary import word_list

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from training.teacher import TeacherCache

ID_WORDS, EN_WORDS = 31000, 25000
LEAST_COVERAGE = 0.9  # of a translation's words; below it too much English is left standing


@dataclass(slots=True)
class Corpus:
    """Texts with their teacher's targets, and captions as (photo, text) links."""

    texts: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    # The text whose teacher vector is the target: a translation aims at its English source.
    aims: list[str] = field(default_factory=list)
    aim_groups: list[str] = field(default_factory=list)
    captions: list[tuple[Caption, int]] = field(default_factory=list)
    number: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, text: str, group: str, aim: str | None = None, aim_group: str = "") -> int:
        """Give a text its number, the same one each time; `aim` is the text it is taught from."""
        key = (text, aim or text)
        if key not in self.number:
            self.number[key] = len(self.texts)
            self.texts.append(text)
            self.groups.append(group)
            self.aims.append(aim or text)
            self.aim_groups.append(aim_group or group)
        return self.number[key]

    def targets(self, teacher: TeacherCache, centres: dict[str, np.ndarray]) -> np.ndarray:
        """Teacher vectors, centred within each group, so that a language is not a direction.

        `centres` names the languages' own; words have their group's mean.
        """
        vectors = teacher.get([a.lower() for a in self.aims]).astype(np.float32)
        groups = np.array(self.aim_groups)
        for group in np.unique(groups):
            mine = groups == group
            vectors[mine] -= centres.get(group, vectors[mine].mean(0))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-6
        return vectors.astype(np.float16)

    def known(self, teacher: TeacherCache) -> Corpus:
        """The part whose vectors are there: a recipe may go on before the teacher is through."""
        kept = Corpus()
        numbers = {}
        for i, aim in enumerate(self.aims):
            if aim.lower() in teacher.rows:
                numbers[i] = kept.add(self.texts[i], self.groups[i], aim, self.aim_groups[i])
        kept.captions = [(c, numbers[t]) for c, t in self.captions if t in numbers]
        return kept


def gathered(
    data: Sequence[Path], texts: Path, work: Path, *, paraphrases: int, without: set[str]
) -> Corpus:
    """`gather`, kept in the work folder while its sources stay the same size."""
    files = [p for folder in (*data, texts) for p in sorted(folder.glob("*.tsv*"))]
    made_of = [[p.name, p.stat().st_size] for p in files]
    key = json.dumps([made_of, paraphrases, sorted(without)])
    path = work / "corpus.json"
    if path.is_file():
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["key"] == key:
            captions = [(Caption(*c), row) for c, row in stored["captions"]]
            return Corpus(
                stored["texts"], stored["groups"], stored["aims"], stored["aim_groups"], captions
            )
    corpus = gather(data, texts, paraphrases=paraphrases, without=without)
    content = {
        "key": key,
        "texts": corpus.texts,
        "groups": corpus.groups,
        "aims": corpus.aims,
        "aim_groups": corpus.aim_groups,
        "captions": [
            ((c.photo, c.text, c.lang, c.kind, c.publisher, c.group), row)
            for c, row in corpus.captions
        ],
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return corpus


def gather(data: Sequence[Path], texts: Path, *, paraphrases: int, without: set[str]) -> Corpus:
    """The training corpus; `without` names publishers held out for model selection."""
    corpus = Corpus()
    for name in TRAIN_SETS:
        where = find_set(data, name)
        for caption in read_captions(where, name) if where else ():
            if caption.publisher in without:
                continue
            corpus.captions.append((caption, corpus.add(caption.text, caption.lang)))
            if caption.lang != "en":
                continue
            seen: set[str] = set()
            for seed in range(paraphrases):
                text, coverage = translate(caption.text, seed=seed)
                if coverage < LEAST_COVERAGE or text in seen:
                    continue
                seen.add(text)
                row = corpus.add(text, "id", caption.text, "en")
                corpus.captions.append((Caption(caption.photo, text, "id", "translated"), row))
    others: Texts = read_texts(texts, {c.photo for c, _ in corpus.captions})
    for caption in others.on_photos:
        corpus.captions.append((caption, corpus.add(caption.text, "id")))
    for lang, limit in (("id", ID_WORDS), ("en", EN_WORDS)):
        for word in word_list(lang, limit):
            corpus.add(word, f"{lang} word")
    for lang, text in others.sentences:
        corpus.add(text, lang)
        if lang == "en":
            translated, coverage = translate(text, seed=0)
            if coverage >= LEAST_COVERAGE:
                corpus.add(translated, "id", text, "en")
    for lang, text, aim_lang, aim in others.taught:
        corpus.add(text, lang, aim, aim_lang)
    return corpus


@dataclass(frozen=True, slots=True)
class Links:
    """Captions by photo row, for drawing a batch of distinct photos with a caption each.

    Photos of one group (`groups`, by photo row) are never negatives of each other.
    """

    photos: np.ndarray
    groups: np.ndarray
    chances: np.ndarray
    texts: list[np.ndarray]
    text_chances: list[np.ndarray]

    @classmethod
    def build(cls, corpus: Corpus, rows: dict[str, int], set_weights: dict[str, float]) -> Links:
        by_photo: dict[int, list[tuple[int, float]]] = {}
        weights: dict[int, float] = {}
        numbers: dict[str, int] = {}
        groups = np.arange(-len(rows), 0)
        for caption, text in corpus.captions:
            row = rows.get(caption.photo)
            if row is None:
                continue
            kind = {
                "caption": 1.0,
                "title": 1.0,
                "body": 0.3,
                "class": 0.5,
                "translated": 1.0,
                "machine": 2.0,
            }
            by_photo.setdefault(row, []).append((text, kind[caption.kind]))
            weights[row] = set_weights[caption.photo.split("/")[0]]
            if caption.group:
                groups[row] = numbers.setdefault(caption.group, len(numbers))
        photos = np.array(sorted(by_photo))
        chances = np.array([weights[p] for p in photos])
        texts, text_chances = [], []
        for p in photos:
            numbers, shares = zip(*by_photo[p], strict=True)
            texts.append(np.array(numbers))
            share = np.array(shares)
            text_chances.append(share / share.sum())
        return cls(photos, groups, chances / chances.sum(), texts, text_chances)

    def draw(self, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Distinct photos and one caption each: (photo rows, text rows)."""
        picked = rng.choice(len(self.photos), size, replace=False, p=self.chances)
        texts = [int(rng.choice(self.texts[i], p=self.text_chances[i])) for i in picked]
        return self.photos[picked], np.array(texts)
