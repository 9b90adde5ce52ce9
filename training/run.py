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
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn

from training import student, tune, vocabulary
from training.align import PhotoSide, Plan, align
from training.calibrate import calibrate
from training.corpus import ID_WORDS, Corpus, Links, gathered
from training.data import (
    DEV_SETS,
    TRAIN_SETS,
    find_set,
    read_held_out,
    read_posts,
    read_rows,
    windows,
)
from training.distil import distil
from training.evaluate import PostTrials, Retrieval
from training.export import export, verify
from training.features import UpperTrunk, cache, load_trunk, open_view
from training.space import Space, join, start_projection, turned
from training.teacher import TeacherCache
from training.weights import learn_weights

PHOTO_DROP = 0.4
# Chances of a text in distillation by its group; captions of photos have their own.
CAPTION_WEIGHT = 2.0
TEXT_WEIGHTS = {"id": 1.0, "en": 0.7, "id word": 0.5, "en word": 0.3}


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
    """The development sets' figures for the towers in training, on the tuned trunk's features."""

    def __init__(
        self,
        dev: Path,
        features: list[np.ndarray],
        names: list[str],
        tokenizer: Tokenizer,
        cohort: np.ndarray,
        cohort_texts: list[str],
    ) -> None:
        rows = {name: row for row, name in enumerate(names)}
        self.features, self.tokenizer = np.concatenate(features), tokenizer
        self.everyday = len(features[0])
        self.cohort, self.cohort_texts = cohort, cohort_texts
        table = dev / "flickr8k.tsv"
        self.sets = {lang: Retrieval.read(table, rows, "flickr8k", lang) for lang in ("en", "id")}
        self.posts = PostTrials.read(dev / "posts.tsv", rows, "posts")

    def __call__(self, text: nn.Module, photo: PhotoSide) -> dict[str, Any]:
        text.eval()
        photo.eval()

        def encode(texts: list[str]) -> np.ndarray:
            table = student.TokenTable(self.tokenizer, texts)
            with torch.inference_mode():
                hidden = student.hidden_of(text, table, np.arange(len(texts)))
                return nn.functional.normalize(hidden @ text.text_projection, dim=-1).numpy()

        def embed(features: np.ndarray) -> np.ndarray:
            with torch.inference_mode():
                made = photo(torch.from_numpy(features.astype(np.float32)))
                return nn.functional.normalize(made, dim=-1).numpy()

        photos = embed(self.features)
        found: dict[str, Any] = {
            lang: part.figures(encode, photos[: self.everyday]) for lang, part in self.sets.items()
        }
        cohort = embed(self.cohort)
        found["posts"] = self.posts.figures(encode, photos, cohort, encode(self.cohort_texts))
        return found


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


def read_start(start: Path, work: Path) -> None:
    """Take the vocabulary of the model that the text tower goes on from."""
    folder = work / "vocabulary"
    if not (folder / "tokenizer.json").is_file():
        folder.mkdir(parents=True)
        for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
            shutil.copy(start / name, folder)


def main(argv: list[str] | None = None) -> None:
    """Read, cache, tune, find the space, distil, align, export, calibrate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", default=[Path("../shared/data/train")])
    parser.add_argument("--texts", type=Path, default=Path("../shared/data/text"))
    parser.add_argument("--dev", type=Path, default=Path("../shared/data/dev"))
    parser.add_argument("--work", type=Path, default=Path("work"))
    parser.add_argument("--out", type=Path, default=Path("models/mini"))
    parser.add_argument("--start", type=Path, help="a model whose text tower goes on learning")
    parser.add_argument("--name", default="tuned", help="the tuning's folder in the work folder")
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--vocabulary", type=int, default=32000)
    parser.add_argument("--trunk", default="tf_efficientnet_lite2")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--views", type=int, nargs="+", default=[0, 3, 4])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=8, help="between checkpoints")
    parser.add_argument("--hold-out", nargs="*", default=[], help="publishers left out")
    parser.add_argument("--steps", type=int, default=4000, help="of tuning at a level rate")
    parser.add_argument("--cool", type=int, default=1000, help="of tuning at a falling rate")
    parser.add_argument("--plan", type=json.loads, default={}, help="of tuning, as JSON")
    parser.add_argument("--distil-steps", type=int, default=4000)
    parser.add_argument("--distil-rate", type=float, default=1e-3)
    parser.add_argument("--align-steps", type=int, default=160)
    parser.add_argument(
        "--as-is",
        action="store_true",
        help="go on with the maps, vectors and tuning that are there already",
    )
    args = parser.parse_args(argv)

    torch.set_num_threads(args.threads)

    def seeded_for(stage: int) -> np.random.Generator:
        # Each stage starts from its own seed, whether those before it ran or were found on disk.
        torch.manual_seed(100 * args.seed + stage)
        return np.random.default_rng([args.seed, stage])

    args.work.mkdir(parents=True, exist_ok=True)
    log = Log(args.work / "log.json")
    shape = student.Shape(
        trunk=args.trunk,
        photo_size=args.size,
        width=args.width,
        layers=args.layers,
        vocabulary=args.vocabulary,
    )

    if not args.as_is:
        cache(
            args.data,
            args.dev,
            args.work,
            trunk=args.trunk,
            size=args.size,
            views=args.views,
            threads=args.threads,
        )
    corpus = gathered(args.data, args.texts, args.work, paraphrases=2, without=set(args.hold_out))
    teacher = TeacherCache(args.work)
    if args.as_is:
        corpus = corpus.known(teacher)
    else:
        posts = read_posts(args.dev / "posts.tsv")
        posts += [p for kept in read_held_out(args.data).values() for p in kept]
        asked = [w for p in posts for w in (p.title, *windows(p.title, p.body))]
        asked += [r["caption"] for r in read_rows(args.dev / "flickr8k.tsv")]
        teacher.compute([t.lower() for t in (*asked, *corpus.aims)], log.say)
    log.say(f"{len(corpus.texts)} texts, {len(corpus.captions)} captions")
    log.keep("texts", len(corpus.texts))
    log.keep("captions", len(corpus.captions))

    if not args.as_is:
        plan = tune.Plan(**args.plan)
        plan.weights = tune.WEIGHTS | plan.weights
        run = tune.Run(args, plan, log.say)
        run.begin()
        run.go(args.steps, args.cool)
    tower, step = tune.load_kept(args.work / args.name, args.trunk)
    log.keep("steps of tuning", step)
    centres = tune.centres_of(teacher, {}, args.work / "centres.npz")
    targets = corpus.targets(teacher, centres)

    stage = args.work / f"{args.name}_{step}"
    stage.mkdir(exist_ok=True)
    maps = tune.maps_folder(args.work, args.trunk, args.size)
    names: list[str] = []
    parts: list[np.ndarray] = []
    for name in TRAIN_SETS:
        where = find_set(args.data, name)
        if where is None:
            continue
        views = {}
        for v in args.views:
            found = open_view(where / f"{name}.tar", f"train_{name}", v, maps)
            if found is not None:
                views[v] = (
                    found.names,
                    tune.pooled_by(tower, found, stage / f"pooled_{name}_{v}.npy"),
                )
        if 0 not in views:
            continue
        listed, squashed = views[0]
        names += listed[: len(squashed)]
        # Where a view is not there yet, the squashed one stands for it.
        table = np.repeat(squashed[:, None], len(args.views), axis=1)
        for column, v in enumerate(args.views):
            if v in views:
                many = min(len(squashed), len(views[v][1]))
                table[:many, column] = views[v][1][:many]
        parts.append(table)
        log.say(f"features of {len(squashed)} photos of {name}")
    pooled = np.concatenate(parts)
    rows = {name: row for row, name in enumerate(names)}
    links = Links.build(corpus, rows, tune.WEIGHTS)
    log.say(f"{len(links.photos)} photos with captions")
    log.keep("photos", len(links.photos))

    if args.start:
        read_start(args.start, args.work)
    tokenizer = read_vocabulary(corpus, shape, args.work)
    table = student.TokenTable(tokenizer, corpus.texts)

    seeded_for(1)
    model = student.build(shape)
    words = [i for i, g in enumerate(corpus.groups) if g.endswith("word")]
    if args.start:
        stored = load_file(args.start / "open_clip_model.safetensors")
        own = {k[5:]: v.float() for k, v in stored.items() if k.startswith("text.")}
        model.text.load_state_dict(own, strict=False)
    else:
        seeded = student.seed_embeddings(
            model.text, tokenizer, targets[words], {corpus.texts[i]: k for k, i in enumerate(words)}
        )
        log.say(f"{seeded} pieces start from the teacher's vector of the word")

    kept = stage / "space.npz"
    if kept.is_file():
        with np.load(kept) as stored_space:
            space = Space(stored_space["photos"], stored_space["texts"])
    else:
        with torch.inference_mode():
            photos = tower.photos(torch.from_numpy(pooled[:, 0].astype(np.float32))).numpy()
            texts = np.concatenate(
                [
                    tower.texts(torch.from_numpy(part.astype(np.float32))).half().numpy()
                    for part in np.array_split(targets, 1 + len(targets) // 10000)
                ]
            )
        linked = np.unique(np.concatenate(links.texts))
        space = join(photos, texts, linked, shape.embed, log.say)
        if args.start:
            some = seeded_for(5).choice(linked, min(6000, len(linked)), replace=False)
            model.text.eval()
            with torch.inference_mode():
                hidden = student.hidden_of(model.text, table, some)
                made = nn.functional.normalize(hidden @ model.text.text_projection, dim=-1)
            space, near = turned(space, made.numpy(), some)
            log.say(f"the text tower it goes on from lies at mean cosine {near:.3f} to the space")
            log.keep("first text tower's cosine to the space", near)
        np.savez(kept, photos=space.photos, texts=space.texts)

    dev_names: list[str] = []
    dev_features: list[np.ndarray] = []
    for name in DEV_SETS:
        found = open_view(args.dev / f"{name}.tar", f"dev_{name}", 0, maps)
        if found is None:
            raise FileNotFoundError(f"maps of dev/{name}")
        dev_names += found.names
        dev_features.append(
            tune.pooled_by(tower, found, stage / f"pooled_dev_{name}.npy", torch.float32)
        )
    pick = np.random.default_rng(5)
    of_posts = [r for r, n in enumerate(names) if n.startswith("posts/")]
    others = [r for r, n in enumerate(names) if n.startswith("flickr8k/")]
    cohort = np.concatenate([pick.choice(of_posts, 250, False), pick.choice(others, 250, False)])
    titles = [c.text for c, _ in corpus.captions if c.kind == "title"]
    plain = [c.text for c, _ in corpus.captions if c.kind in ("caption", "translated")]
    cohort_texts = [*pick.choice(titles, 250, False), *pick.choice(plain, 250, False)]
    exam = Exam(args.dev, dev_features, dev_names, tokenizer, pooled[cohort, 0], cohort_texts)

    photo = PhotoSide(model.visual.head.proj, PHOTO_DROP)
    near = start_projection(pooled[:, 0], space, model.visual.head.proj)
    log.say(f"photo projection starts at mean cosine {near:.3f} to the space")
    log.keep("photo projection's cosine to the space", near)
    if args.start:
        log.keep("text tower before", found := exam(model.text, photo))
        log.say("text tower before: " + tune.short(found))
    seeded_for(2)
    # Words alone and far-off kinds of text count less: a student this small has to choose.
    weights = np.array([TEXT_WEIGHTS.get(g, 0.3) for g in corpus.groups])
    weights[np.unique(np.concatenate(links.texts))] = CAPTION_WEIGHT
    distil(
        model.text,
        table,
        space.texts,
        steps=args.distil_steps,
        batch=512,
        rate=args.distil_rate,
        seed=args.seed,
        path=stage / "distilled.pt",
        say=log.say,
        weights=weights,
        minutes=args.minutes,
    )
    log.keep("distilled", found := exam(model.text, photo))
    log.say("distilled: " + tune.short(found))

    def check(text: nn.Module, photo: PhotoSide) -> str:
        log.keep("aligned", found := exam(text, photo))
        return f"aligned: {tune.short(found)}"

    model.logit_scale.data.fill_(math.log(20.0))
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
        check=check,
        check_every=40,
    )
    torch.save(
        {
            "text": text.state_dict(),
            "photo": photo.state_dict(),
            "scale": model.logit_scale.data,
        },
        stage / "aligned.pt",
    )
    log.say(check(text, photo))

    scale = model.logit_scale.data.clone()
    model = student.build(shape)
    whole = load_trunk(shape.trunk)
    UpperTrunk(whole).load_state_dict(tower.upper.state_dict())
    state = whole.state_dict()
    model.visual.trunk.load_state_dict({n: state[n] for n in model.visual.trunk.state_dict()})
    model.visual.head.proj.load_state_dict(photo.proj.state_dict())
    model.text.load_state_dict(text.state_dict())
    model.logit_scale.data.copy_(scale.clamp(max=math.log(100.0)))
    export(model, shape, tokenizer, args.out)
    shutil.copy(Path(__file__).parents[1] / "LICENSE", args.out)
    least = verify(args.out, model, ["PENYERAHAN bantuan di balai desa!", "a dog runs", ""])
    log.keep("least cosine after export", least)
    log.say(f"exported to {args.out}; least cosine to the model in memory {least:.5f}")
    learn_weights(args.data[0], args.texts, args.out)
    unseen = find_set(args.data, "coco40k")
    if unseen is None:
        raise FileNotFoundError("coco40k, whose photos kept back make the everyday positives")
    calibrate(args.data[0], args.out, unseen)


if __name__ == "__main__":
    main()
