"""Photos and captions of the training and development sets, as plain rows.

A set is `NAME.tar` (the photos) beside `NAME.tsv` (one row per caption).
Nothing here decides what is learned; it only reads.
"""

from __future__ import annotations

import csv
import hashlib
import io
import lzma
import re
import tarfile
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# In the order in which photos are passed through the trunk: what matters most comes first.
POST_SETS = ("posts", "posts3", "posts2")
TRAIN_SETS = (*POST_SETS, "flickr8k", "scenes", "events", "coco", "events2", "coco40k")
DEV_SETS = ("flickr8k", "posts")

# A body is cut into windows of at most this many words: about 40 tokens of our vocabulary.
WINDOW_WORDS = 28


@dataclass(frozen=True, slots=True)
class Caption:
    """One text that belongs to one photo.

    `kind` tells how the text came about: `caption` (written on the photo), `title`, `body`
    (of a post), `class` (the name of what is shown), `translated` (by the lexicon), `machine`
    (someone else's machine translation). Photos that share a `group` (a title, an album, a
    class) are never negatives of each other.
    """

    photo: str
    text: str
    lang: str
    kind: str = "caption"
    publisher: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A publisher's photo with its title and body; `label` only in the development set."""

    photo: str
    publisher: str
    title: str
    body: str
    label: str = ""


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a tab-separated file whose first line names the columns; no quoting rules."""
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as lines:
        return [
            {name: value or "" for name, value in row.items() if name}
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def read_photos(path: Path, skip: int = 0) -> Iterator[tuple[str, Image.Image]]:
    """Every photo of a tar, decoded to RGB, in the order of the archive, after the first `skip`."""
    with tarfile.open(path) as archive:
        for member in islice((m for m in archive if m.isfile()), skip, None):
            stream = archive.extractfile(member)
            if stream is None:
                continue
            with Image.open(io.BytesIO(stream.read())) as photo:
                yield member.name.removeprefix("./"), photo.convert("RGB")


def read_posts(path: Path) -> list[Post]:
    """Posts of a set, whether or not they carry labels."""
    return [
        Post(r["image"], r["publisher"], r["title"].strip(), r["body"].strip(), r.get("label", ""))
        for r in read_rows(path)
    ]


# Publishers kept back, of ten: their posts make the cohort, the null and the positives.
_HELD_OUT = 3


def held_out(publisher: str) -> bool:
    """Tell whether a publisher of posts2 and posts3 is kept back from everything that is learned.

    Args:
        publisher: As the table names it.

    Returns:
        The same answer on every machine.
    """
    return hashlib.sha256(publisher.encode()).digest()[0] % 10 < _HELD_OUT


def windows(title: str, body: str) -> list[str]:
    """The title, then the body's sentences packed up to `WINDOW_WORDS` words each."""
    found = [title] if title else []
    packed: list[str] = []
    for sentence in re.split(r"(?<=[.!?;:])\s+|\n+", body):
        words = sentence.split()
        while words:
            room = WINDOW_WORDS - len(packed)
            if packed and len(words) > room:
                found.append(" ".join(packed))
                packed = []
                continue
            packed += words[:room]
            words = words[room:]
    if packed:
        found.append(" ".join(packed))
    return found


def find_set(folders: Sequence[Path], name: str) -> Path | None:
    """The folder that holds a set, the first of several; none where it was not made."""
    return next((f for f in folders if (f / f"{name}.tsv").is_file()), None)


# One photo in so many of these sets is kept back from everything that is learned: those of
# `scenes` measure the naming of what is shown, those of `coco40k` make everyday positives.
_KEPT_BACK = {"scenes": 5, "coco40k": 20}


def kept_back(name: str, photo: str) -> bool:
    """Whether a photo of a set, by its path there, is kept back: by a digest of the path."""
    share = _KEPT_BACK.get(name)
    digest = hashlib.blake2b(photo.encode(), digest_size=4).digest()
    return share is not None and digest[0] % share == 0


def read_held_out(folders: Sequence[Path]) -> dict[str, list[Post]]:
    """Posts with a title of the publishers kept back, by set: a second measure beside dev."""
    found = {}
    for name in POST_SETS[1:]:
        where = find_set(folders, name)
        if where is not None:
            posts = read_posts(where / f"{name}.tsv")
            found[name] = [p for p in posts if p.title and held_out(p.publisher)]
    return found


def read_captions(folder: Path, name: str) -> list[Caption]:
    """Captions of a training set; photos are named `set/path` so that sets can be mixed.

    Languages other than Indonesian and English are left out, and what is kept back: publishers of
    posts2 and posts3, photos of scenes and coco40k.
    """
    table = folder / f"{name}.tsv"
    if name in POST_SETS:
        found = []
        for post in read_posts(table):
            if name != "posts" and held_out(post.publisher):
                continue
            photo = f"{name}/{post.photo}"
            first, *others = windows(post.title, post.body) or [""]
            kinds = ["title" if post.title else "body"] + ["body"] * len(others)
            group = " ".join(re.findall(r"\w+", (post.title or post.body).lower()))
            for kind, text in zip(kinds, [first, *others], strict=True):
                if text:
                    found.append(Caption(photo, text, "id", kind, post.publisher, group))
        return found
    rows = [
        r
        for r in read_rows(table)
        if r["caption"].strip() and r["lang"] in {"en", "id"} and not kept_back(name, r["image"])
    ]
    if name == "scenes":
        return [
            Caption(
                f"{name}/{r['image']}", r["caption"].strip(), r["lang"], "class", "", r["class"]
            )
            for r in rows
        ]
    return [Caption(f"{name}/{r['image']}", r["caption"].strip(), r["lang"]) for r in rows]


def photo_number(path: str) -> str:
    """Flickr's number of a photo, the same in every set that holds it."""
    return path.rsplit("/", 1)[-1].split("_", maxsplit=1)[0].split(".", maxsplit=1)[0].lstrip("0")


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts without photos, each after its language; and captions found for training photos.

    `taught` are texts whose place is that of another: (language, text, language of the other, the
    other). An Indonesian sentence with an English twin is taught from the twin, which the teacher
    knows better, and a regional one from its Indonesian side.
    """

    sentences: list[tuple[str, str]]
    on_photos: list[Caption]
    taught: list[tuple[str, str, str, str]]


# The kinds of `indonesian_sentences`, those nearest to captions of posts first.
SENTENCE_KINDS = ("caption", "headline", "press", "place", "everyday", "news")


def read_texts(folder: Path, train_photos: set[str]) -> Texts:
    """The text-only sets; machine translations of training photos become captions of them."""
    sentences: list[tuple[str, str]] = []
    on_photos: list[Caption] = []
    by_number = {photo_number(p): p for p in train_photos if p.startswith("flickr8k/")}
    columns = {
        "xflickrco_id": ("caption_id",),
        "wit_id_wikipedia_captions": ("caption_id",),
        "marvl_id_statements": ("statement_id",),
    }
    for name, wanted in columns.items():
        path = folder / f"{name}.tsv"
        if path.is_file():
            for row in read_rows(path):
                sentences += [("id", row[c].strip()) for c in wanted if row[c].strip()]
    path = folder / "site_captions.tsv"
    if path.is_file():
        for row in read_rows(path):
            sentences += [("id", w) for w in windows(row["title"].strip(), row["body"].strip())]
    path = folder / "flickr30k_id_machine_translated.tsv"
    if path.is_file():
        for row in read_rows(path):
            text = row["caption_id_machine"].strip()
            english = [c.strip() for c in row["captions_en"].split(" | ") if c.strip()]
            sentences.append(("id", text))
            sentences += [("en", c) for c in english]
            # The Indonesian sentence translates one of the English ones, not known which:
            # the pair is loose, so only its photo link is used.
            photo = by_number.get(photo_number(row["img_path"]))
            if photo:
                on_photos.append(Caption(photo, text, "id", "machine"))
    taught: list[tuple[str, str, str, str]] = []
    path = folder / "id_en_parallel.tsv.xz"
    if path.is_file():
        for row in read_rows(path):
            sentences.append(("en", row["en"].strip()))
            if "(en by machine)" in row["source"] or "independent" in row["source"]:
                sentences.append(("id", row["id"].strip()))
            else:
                taught.append(("id", row["id"].strip(), "en", row["en"].strip()))
    path = folder / "regional_languages.tsv.xz"
    if path.is_file():
        taught += [
            (row["lang"], row["text"].strip(), "id", row["id"].strip())
            for row in read_rows(path)
            if row["id"].strip()
        ]
    path = folder / "indonesian_sentences.tsv.xz"
    if path.is_file():
        rows = read_rows(path)
        for kind in SENTENCE_KINDS:
            sentences += [("id", r["text"].strip()) for r in rows if r["kind"] == kind]
    kept = list(dict.fromkeys(s for s in sentences if s[1]))
    return Texts(kept, on_photos, [t for t in dict.fromkeys(taught) if t[1] and t[3]])
