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
from training.space import find_space, start_projection
from training.teacher import TeacherCache
from training.weights import learn_weights

TRAIN_VIEWS, DEV_VIEWS = 5, 3
PHOTO_DROP = 0.4
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
    """Read, find the space, distil, align, tune, export, calibrate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/train"))
    parser.add_argument("--texts", type=Path, default=Path("../shared/data/text"))
    parser.add_argument("--coco40k", type=Path, required=True, help="folder that holds coco40k")
    parser.add_argument("--dev", type=Path, help="development sets to report on")
    parser.add_argument("--work", type=Path, default=Path("work"))
    parser.add_argument("--out", type=Path, default=Path("models/mini"))
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--trunk", default="tf_efficientnet_lite2")
    parser.add_argument("--heads", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--hold-out", nargs="*", default=[], help="publishers left out")
    parser.add_argument("--distil-epochs", type=float, default=3.0)
    parser.add_argument("--align-steps", type=int, default=160)
    parser.add_argument("--tune-steps", type=int, default=0)
    args = parser.parse_args(argv)

    torch.set_num_threads(args.threads)

    def seeded_for(stage: int) -> np.random.Generator:
        # Each stage starts from its own seed, whether those before it ran or were found on disk.
        torch.manual_seed(100 * args.seed + stage)
        return np.random.default_rng([args.seed, stage])

    args.work.mkdir(parents=True, exist_ok=True)
    log = Log(args.work / "log.json")
    shape = student.Shape(trunk=args.trunk, width=args.width, layers=args.layers)

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

    seeded_for(1)
    model = student.build(shape)
    words = [i for i, g in enumerate(corpus.groups) if g.endswith("word")]
    seeded = student.seed_embeddings(
        model.text, tokenizer, targets[words], {corpus.texts[i]: k for k, i in enumerate(words)}
    )
    log.say(f"{seeded} pieces start from the teacher's vector of the word")
    space = find_space(pooled, targets, links, shape.embed, args.heads, args.work, log.say)
    first = args.work / "distilled.pt"
    if first.is_file():
        model.text.load_state_dict(torch.load(first, weights_only=True))
    else:
        rng = seeded_for(2)
        distil(
            model.text,
            table,
            space.texts,
            epochs=args.distil_epochs,
            batch=512,
            rate=1e-3,
            rng=rng,
            say=log.say,
        )
        torch.save(model.text.state_dict(), first)

    model.logit_scale.data.fill_(math.log(20.0))
    photo = PhotoSide(None, model.visual.head.proj, PHOTO_DROP)
    near = start_projection(pooled, space, model.visual.head.proj)
    log.say(f"photo projection starts at mean cosine {near:.3f} to the space")
    log.keep("photo projection's cosine to the space", near)
    if frozen_exam:
        log.keep("distilled", found := frozen_exam(model.text, photo))
        log.say("distilled: " + short(found))

    def examiner(exam: Exam | None, stage: str) -> Any:
        def check(text: nn.Module, photo: PhotoSide) -> str:
            assert exam is not None
            found = exam(text, photo)
            log.keep(stage, found)
            return f"{stage}: {short(found)}"

        return check if exam else None

    rng = seeded_for(3)
    text, photo = align(
        model.text,
        photo,
        model.logit_scale,
        table,
        space.texts,
        pooled,
        links,
        Plan(args.align_steps),
        rng=rng,
        say=log.say,
        check=examiner(frozen_exam, "aligned"),
        check_every=50,
    )
    torch.save(
        {
            "text": text.state_dict(),
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
        photo = PhotoSide(upper, photo.proj, PHOTO_DROP)
        tuning = Plan(
            args.tune_steps,
            batch=768,
            text_rate=2e-4,
            photo_rate=4e-4,
            trunk_rate=2e-4,
            average=0.97,
            warm=10,
        )
        rng = seeded_for(4)
        text, photo = align(
            text,
            photo,
            model.logit_scale,
            table,
            space.texts,
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
    learn_weights(args.data, args.texts, args.out)
    calibrate(args.data, args.out, args.coco40k)


if __name__ == "__main__":
    main()
