"""The whole recipe in one command: `python -m training.run --data DIR --texts DIR --out DIR`.

Every costly step leaves its result in the work folder and is skipped when found there.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn

from training import student, vocabulary
from training.align import PhotoSide, Plan, align
from training.calibrate import calibrate
from training.corpus import ID_WORDS, Corpus, Links, gather
from training.data import DEV_SETS, TRAIN_SETS
from training.distil import distil
from training.evaluate import PostTrials, Retrieval
from training.export import export, verify
from training.features import PhotoMaps, UpperTrunk, cache_maps, cache_pooled, load_trunk
from training.teacher import TeacherCache

TRAIN_VIEWS, DEV_VIEWS = 6, 3
# Posts are the domain the model is for, but there are few of them.
SET_WEIGHTS = {"flickr8k": 1.0, "coco": 1.0, "posts": 3.0, "events": 1.5}


class Log:
    """Lines for the eye on standard output, figures for the record in a JSON file."""

    def __init__(self, path: Path) -> None:
        self.path, self.started = path, time.monotonic()
        self.figures: dict[str, Any] = {}

    def say(self, line: str) -> None:
        """Show a line with the time since the start."""
        print(f"[{time.monotonic() - self.started:6.0f}s] {line}", flush=True)

    def keep(self, name: str, value: Any) -> None:
        """Record a figure; the file is whole after every one."""
        self.figures[name] = value
        self.path.write_text(json.dumps(self.figures, indent=1) + "\n")


class Exam:
    """The development sets' figures for towers in training."""

    def __init__(
        self,
        dev: Path,
        maps: list[np.ndarray],
        names: list[str],
        tokenizer: Tokenizer,
        cohort_maps: np.ndarray,
        cohort_texts: list[str],
    ) -> None:
        rows = {name: row for row, name in enumerate(names)}
        self.maps, self.tokenizer = np.concatenate(maps), tokenizer
        self.everyday = len(maps[0])
        self.cohort_maps, self.cohort_texts = cohort_maps, cohort_texts
        table = dev / "flickr8k.tsv"
        self.sets = {lang: Retrieval.read(table, rows, "flickr8k", lang) for lang in ("en", "id")}
        self.posts = PostTrials.read(dev / "posts.tsv", rows, "posts")

    def __call__(self, text: nn.Module, photo: PhotoSide, view: int = 0) -> dict[str, Any]:
        text.eval()
        photo.eval()

        def encode(texts: list[str]) -> np.ndarray:
            table = student.TokenTable(self.tokenizer, texts)
            with torch.inference_mode():
                hidden = student.hidden_of(text, table, np.arange(len(texts)))
                return nn.functional.normalize(hidden @ text.text_projection, dim=-1).numpy()

        def embed(maps: np.ndarray) -> np.ndarray:
            with torch.inference_mode():
                parts = [
                    photo(torch.from_numpy(np.array(maps[s : s + 64])).float())
                    for s in range(0, len(maps), 64)
                ]
                return nn.functional.normalize(torch.cat(parts), dim=-1).numpy()

        photos = embed(self.maps[:, view])
        found: dict[str, Any] = {
            lang: part.figures(encode, photos[: self.everyday]) for lang, part in self.sets.items()
        }
        cohort = embed(self.cohort_maps)
        found["posts"] = self.posts.figures(encode, photos, cohort, encode(self.cohort_texts))
        return found


def short(found: dict[str, Any]) -> str:
    """One line of an exam's figures."""
    en, id_, posts = found["en"], found["id"], found["posts"]
    return (
        f"EN R@1 {en['r1']:.3f} R@10 {en['r10']:.3f} AUC {en['auc']:.4f} | "
        f"ID R@10 {id_['r10']:.3f} AUC {id_['auc']:.4f} | "
        f"posts title {posts['title']:.3f} body {posts['body']:.3f}"
    )


def read_vocabulary(corpus: Corpus, shape: student.Shape, work: Path) -> Tokenizer:
    """The tokenizer of this corpus, from the work folder or built now."""
    folder = work / "vocabulary"
    if not (folder / "tokenizer.json").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        texts = [
            t for t, g in zip(corpus.texts, corpus.groups, strict=True) if not g.endswith("word")
        ]
        built = vocabulary.build(
            texts,
            shape.vocabulary,
            shape.context,
            subwords=7000,
            id_words=ID_WORDS,
            en_words=30000,
        )
        vocabulary.save(built, folder, shape.context)
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def main(argv: list[str] | None = None) -> None:
    """Read, distil, align, tune, export, examine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/train"))
    parser.add_argument("--texts", type=Path, default=Path("../shared/data/text"))
    parser.add_argument("--dev", type=Path, help="development sets to report on")
    parser.add_argument("--work", type=Path, default=Path("work"))
    parser.add_argument("--out", type=Path, default=Path("models/mini"))
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--hold-out", nargs="*", default=[], help="publishers left out")
    parser.add_argument("--distil-epochs", type=float, default=2.0)
    parser.add_argument("--align-steps", type=int, default=260)
    parser.add_argument("--tune-steps", type=int, default=0)
    parser.add_argument(
        "--minutes",
        type=float,
        nargs=3,
        default=(math.inf,) * 3,
        help="longest time of each of the three stages; the schedule shrinks to fit",
    )
    args = parser.parse_args(argv)

    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    args.work.mkdir(parents=True, exist_ok=True)
    log = Log(args.work / "log.json")
    shape = student.Shape(width=args.width, layers=args.layers)

    corpus = gather(args.data, args.texts, paraphrases=2, without=set(args.hold_out))
    tokenizer = read_vocabulary(corpus, shape, args.work)
    table = student.TokenTable(tokenizer, corpus.texts)
    targets = corpus.targets(TeacherCache(args.work))
    log.say(f"{len(corpus.texts)} texts, {len(corpus.captions)} captions")
    log.keep("texts", len(corpus.texts))
    log.keep("captions", len(corpus.captions))

    def maps_of(folder: Path, name: str, views: int) -> PhotoMaps:
        return cache_maps(
            folder / f"{name}.tar", name, shape.trunk, shape.photo_size, views, args.work
        )

    sets = {name: maps_of(args.data, name, TRAIN_VIEWS) for name in TRAIN_SETS}
    names = [name for part in sets.values() for name in part.names]
    rows = {name: row for row, name in enumerate(names)}
    pooled = np.concatenate(
        [cache_pooled(p, shape.trunk, f"train_{n}", args.work) for n, p in sets.items()]
    )
    links = Links.build(corpus, rows, SET_WEIGHTS)
    log.say(f"{len(links.photos)} photos with captions")
    log.keep("photos", len(links.photos))

    frozen_exam = tuned_exam = None
    maps = np.concatenate([part.maps for part in sets.values()])
    if args.dev:
        dev = {name: maps_of(args.dev, name, DEV_VIEWS) for name in DEV_SETS}
        dev_names = [name for part in dev.values() for name in part.names]
        dev_pooled = [cache_pooled(p, shape.trunk, f"dev_{n}", args.work) for n, p in dev.items()]
        pick = np.random.default_rng(5)
        of_posts = [r for r, n in enumerate(names) if n.startswith("posts/")]
        others = [r for r, n in enumerate(names) if not n.startswith("posts/")]
        cohort = np.concatenate(
            [pick.choice(of_posts, 250, False), pick.choice(others, 250, False)]
        )
        titles = [c.text for c, _ in corpus.captions if c.kind == "title"]
        plain = [c.text for c, _ in corpus.captions if c.kind in ("caption", "translated")]
        cohort_texts = [*pick.choice(titles, 250, False), *pick.choice(plain, 250, False)]
        frozen_exam = Exam(
            args.dev, dev_pooled, dev_names, tokenizer, pooled[cohort, 0], cohort_texts
        )
        tuned_exam = Exam(
            args.dev,
            [p.maps for p in dev.values()],
            dev_names,
            tokenizer,
            maps[np.sort(cohort), 0],
            cohort_texts,
        )

    model = student.build(shape)
    words = [i for i, g in enumerate(corpus.groups) if g.endswith("word")]
    seeded = student.seed_embeddings(
        model.text, tokenizer, targets[words], {corpus.texts[i]: k for k, i in enumerate(words)}
    )
    log.say(f"{seeded} pieces start from the teacher's vector of the word")
    head = nn.Linear(shape.width, targets.shape[1])
    first = args.work / "distilled.pt"
    if first.is_file():
        state = torch.load(first, weights_only=True)
        model.text.load_state_dict(state["text"])
        head.load_state_dict(state["head"])
    else:
        distil(
            model.text,
            head,
            table,
            targets,
            epochs=args.distil_epochs,
            batch=512,
            rate=1e-3,
            rng=rng,
            say=log.say,
            budget=60 * args.minutes[0],
        )
        torch.save({"text": model.text.state_dict(), "head": head.state_dict()}, first)

    model.logit_scale.data.fill_(math.log(20.0))
    photo = PhotoSide(None, model.visual.head.proj, 0.3)

    def examiner(exam: Exam | None, stage: str) -> Any:
        def check(text: nn.Module, photo: PhotoSide) -> str:
            assert exam is not None
            found = exam(text, photo)
            log.keep(stage, found)
            return f"{stage}: {short(found)}"

        return check if exam else None

    frozen = Plan(args.align_steps, views=(0, 1, 3, 4, 5), budget=60 * args.minutes[1])
    text, head, photo = align(
        model.text,
        head,
        photo,
        model.logit_scale,
        table,
        targets,
        pooled,
        links,
        frozen,
        rng=rng,
        say=log.say,
        check=examiner(frozen_exam, "aligned"),
        check_every=80,
    )
    torch.save(
        {
            "text": text.state_dict(),
            "head": head.state_dict(),
            "photo": photo.state_dict(),
            "scale": model.logit_scale.data,
        },
        args.work / "aligned.pt",
    )
    if frozen_exam:
        log.keep("aligned", found := frozen_exam(text, photo))
        log.say("aligned: " + short(found))

    trunk = load_trunk(shape.trunk)
    if args.tune_steps:
        # Both sides keep learning, the trunk's last stages now too, all of them more slowly.
        upper = UpperTrunk(trunk).to(memory_format=torch.channels_last)
        photo = PhotoSide(upper, photo.proj, 0.3)
        tuning = Plan(
            args.tune_steps,
            batch=768,
            text_rate=2e-4,
            photo_rate=4e-4,
            trunk_rate=2e-4,
            views=(0, 1, 3, 4, 5),
            average=0.97,
            warm=10,
            budget=60 * args.minutes[2],
        )
        text, head, photo = align(
            text,
            head,
            photo,
            model.logit_scale,
            table,
            targets,
            maps,
            links,
            tuning,
            rng=rng,
            say=log.say,
            check=examiner(tuned_exam, "tuned"),
            check_every=25,
        )
        if tuned_exam:
            log.keep("tuned", found := tuned_exam(text, photo))
            log.say("tuned: " + short(found))
            log.keep("tuned, centre crop", found := tuned_exam(text, photo, view=2))
            log.say("centre crop: " + short(found))

    scale = model.logit_scale.data.clone()
    model = student.build(shape)
    whole = load_trunk(shape.trunk)
    if photo.upper is not None:
        UpperTrunk(whole).load_state_dict(photo.upper.state_dict())
    kept = whole.state_dict()
    model.visual.trunk.load_state_dict({n: kept[n] for n in model.visual.trunk.state_dict()})
    model.visual.head.proj.load_state_dict(photo.proj.state_dict())
    model.text.load_state_dict(text.state_dict())
    model.logit_scale.data.copy_(scale.clamp(max=math.log(100.0)))
    export(model, shape, tokenizer, args.out)
    shutil.copy(Path(__file__).parents[1] / "LICENSE", args.out)
    least = verify(args.out, model, ["PENYERAHAN bantuan di balai desa!", "a dog runs", ""])
    log.keep("least cosine after export", least)
    log.say(f"exported to {args.out}; least cosine to the model in memory {least:.5f}")
    calibrate(args.data, args.out)


if __name__ == "__main__":
    main()
