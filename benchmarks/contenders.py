"""Ways to score photos against captions, each run in a process of its own by `benchmarks.speed`.

Run: ``python -m benchmarks.contenders NAME --work WORK --set phone --model vit --count 200``

A contender loads its model, warms up on a few small photos, and is then timed from the list of
file paths to one score a pair. The peers are written as their own documentation shows them.
Prints one line of JSON: seconds, peak memory, or why there is nothing to measure.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from benchmarks.material import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    # From paths and captions to one score a pair.
    Run: TypeAlias = Callable[[Sequence[Path], Sequence[str]], Sequence[float]]

BATCH = 32
LOADER_WORKERS = 2
# Small photos, one batch and two over.
WARM_UP = 34


class UnavailableError(Exception):
    """A contender cannot be run here, with the reason."""


def plain(work: Work, model: str) -> Run:
    """open_clip as its README shows it: one photo and its caption at a time, whole."""
    import torch
    from PIL import Image

    clip, preprocess, tokenizer = open_clip_model(work, model)

    def run(photos: Sequence[Path], captions: Sequence[str]) -> list[float]:
        scores = []
        with torch.no_grad():
            for photo, caption in zip(photos, captions, strict=True):
                image = preprocess(Image.open(photo)).unsqueeze(0)
                image_features = clip.encode_image(image)
                text_features = clip.encode_text(tokenizer([caption]))
                image_features /= image_features.norm(dim=-1, keepdim=True)
                text_features /= text_features.norm(dim=-1, keepdim=True)
                scores.append(float((image_features * text_features).sum()))
        return scores

    return run


def loader(work: Work, model: str) -> Run:
    """open_clip fed by torch's DataLoader: two worker processes, batches of 32."""
    import torch
    from PIL import Image
    from torch.utils.data import DataLoader, Dataset

    clip, preprocess, tokenizer = open_clip_model(work, model)

    class Pairs(Dataset[tuple[torch.Tensor, str]]):
        def __init__(self, photos: Sequence[Path], captions: Sequence[str]) -> None:
            self.photos, self.captions = photos, captions

        def __len__(self) -> int:
            return len(self.photos)

        def __getitem__(self, index: int) -> tuple[torch.Tensor, str]:
            return preprocess(Image.open(self.photos[index])), self.captions[index]

    def run(photos: Sequence[Path], captions: Sequence[str]) -> list[float]:
        scores: list[float] = []
        batches = DataLoader(Pairs(photos, captions), batch_size=BATCH, num_workers=LOADER_WORKERS)
        with torch.inference_mode():
            for images, texts in batches:
                image_features = clip.encode_image(images, normalize=True)
                text_features = clip.encode_text(tokenizer(list(texts)), normalize=True)
                scores += (image_features * text_features).sum(dim=-1).tolist()
        return scores

    return run


def torchmetrics(work: Work, model: str) -> Run:
    """torchmetrics' CLIPScore, a pair a call: a call returns the mean of its pairs.

    transformers 5 wraps the features that torchmetrics 1.9 expects bare, so they are unwrapped.
    """
    _vit_only(model)
    import transformers
    from torchmetrics.multimodal import CLIPScore
    from torchvision.io import decode_image

    hub: Any = transformers

    class Bare(hub.CLIPModel):  # type: ignore[misc] # transformers is of any type here
        def get_image_features(self, *inputs: Any) -> Any:
            features = super().get_image_features(*inputs)
            return getattr(features, "pooler_output", features)

        def get_text_features(self, *inputs: Any) -> Any:
            features = super().get_text_features(*inputs)
            return getattr(features, "pooler_output", features)

    clip = Bare.from_pretrained(work.transformers)
    processor = hub.CLIPProcessor.from_pretrained(work.transformers)
    metric = CLIPScore(model_name_or_path=lambda: (clip, processor))

    def run(photos: Sequence[Path], captions: Sequence[str]) -> list[float]:
        scores = []
        for photo, caption in zip(photos, captions, strict=True):
            # Calling the metric would embed each pair twice, to keep a running mean as well.
            metric.update(decode_image(str(photo), mode="RGB"), caption)
            scores.append(float(metric.compute()))
            metric.reset()
        return scores

    return run


def sentence_transformers(work: Work, model: str) -> Run:
    """sentence-transformers' CLIP: lists of 32 opened photos, which it decodes and holds."""
    _vit_only(model)
    from PIL import Image
    from sentence_transformers import SentenceTransformer, util

    clip = SentenceTransformer(str(work.sentence_transformers))

    def run(photos: Sequence[Path], captions: Sequence[str]) -> list[float]:
        scores: list[float] = []
        for start in range(0, len(photos), BATCH):
            images = [Image.open(photo) for photo in photos[start : start + BATCH]]
            texts = list(captions[start : start + BATCH])
            options = {"batch_size": BATCH, "convert_to_tensor": True, "show_progress_bar": False}
            pairs = (clip.encode(images, **options), clip.encode(texts, **options))
            scores += util.pairwise_cos_sim(*pairs).tolist()
        return scores

    return run


def rclip(work: Work, model: str) -> Run:
    """rclip's loader and model class over the same random towers as ONNX files, its batch of 8.

    rclip knows one model only, which it downloads; so its sessions, its vocabulary and the side
    of 256 pixels that its preprocessing is written for are put in by hand.
    """
    _vit_only(model)
    import open_clip
    from rclip import main as rclip_main, model as rclip_model, model_download
    from rclip.utils import preprocess, tokenizer

    preprocess.IMAGE_SIZE = 224
    vocabulary = Path(open_clip.__file__).parent / "bpe_simple_vocab_16e6.txt.gz"
    clip = rclip_model.Model()
    clip._session_visual_var = model_download._load_onnx_session(str(work.onnx / "visual.onnx"))
    clip._session_text_var = model_download._load_onnx_session(str(work.onnx / "textual.onnx"))
    clip._tokenizer_var = tokenizer.SimpleTokenizer(bpe_path=str(vocabulary))
    own_batch = 8

    def run(photos: Sequence[Path], captions: Sequence[str]) -> list[float]:
        indexer = rclip_main.RClip(clip, None, own_batch, None)
        items = ((str(photo), {"modified_at": 0.0, "size": 0}) for photo in photos)
        scores: list[float] = []
        try:
            for batch in _batches(indexer._load_images(items), own_batch):
                rows = clip.compute_preprocessed_image_features(
                    [image for _, _, _, image in batch], for_indexing=True
                )
                texts = list(captions[len(scores) : len(scores) + len(batch)])
                scores += (rows * clip.compute_text_features(texts)).sum(axis=1).tolist()
        finally:
            indexer.close()
        return scores

    return run


def imgfit(work: Work, model: str, runtime: str) -> Run:
    """imgfit's `Checker.check_drafts`, with no cache."""
    from imgfit import Draft

    checker = load_checker(work, model, runtime)

    def run(photos: Sequence[Path], captions: Sequence[str]) -> list[float]:
        drafts = [Draft(p, caption) for p, caption in zip(photos, captions, strict=True)]
        return [math.nan if s.cosine is None else s.cosine for s in checker.check_drafts(drafts)]

    return run


def embedding(work: Work, model: str, runtime: str) -> Run:
    """imgfit's `embed_photos`: paths to embeddings, no captions and no scores."""
    from imgfit.embedding.photos import embed_photos

    encoder = load_checker(work, model, runtime).encoder

    def run(photos: Sequence[Path], captions: Sequence[str]) -> list[float]:  # noqa: ARG001
        done = embed_photos(encoder, photos)
        rows = zip(done.errors, done.vectors[:, 0], strict=True)
        return [math.nan if error else float(first) for error, first in rows]

    return run


def tower(work: Work, model: str, runtime: str) -> Run:
    """The bare photo tower: one batch of prepared pixels in memory, again and again."""
    import numpy as np
    from PIL import Image

    encoder = load_checker(work, model, runtime).encoder
    first = encoder.prepare(Image.new("RGB", (64, 64), "grey"))
    noise = np.random.default_rng(0).standard_normal((BATCH, *first.shape))
    pixels = (
        noise.astype(first.dtype)
        if first.dtype.kind == "f"
        else ((noise * 40 + 128).clip(0, 255).astype(first.dtype))
    )

    def run(photos: Sequence[Path], captions: Sequence[str]) -> list[float]:  # noqa: ARG001
        rows: list[float] = []
        while len(rows) < len(photos):
            batch = pixels[: len(photos) - len(rows)]
            rows += encoder.encode_photos(batch)[:, 0].tolist()
        return rows

    return run


def eager_tower(work: Work, model: str) -> Run:
    """The same of open_clip's own model, as it comes."""
    import torch

    clip, _, _ = open_clip_model(work, model)
    pixels = torch.randn(BATCH, 3, 224, 224, generator=torch.Generator().manual_seed(0))

    def run(photos: Sequence[Path], captions: Sequence[str]) -> list[float]:  # noqa: ARG001
        rows: list[float] = []
        with torch.no_grad():
            while len(rows) < len(photos):
                rows += clip.encode_image(pixels[: len(photos) - len(rows)])[:, 0].tolist()
        return rows

    return run


PEERS: dict[str, Callable[[Work, str], Run]] = {
    "open_clip, plain loop": plain,
    "open_clip, DataLoader": loader,
    "torchmetrics CLIPScore": torchmetrics,
    "sentence-transformers CLIP": sentence_transformers,
    "rclip (ONNX)": rclip,
    "open_clip, bare tower": eager_tower,
}
OURS: dict[str, Callable[[Work, str, str], Run]] = {
    "imgfit": imgfit,
    "imgfit photos only": embedding,
    "bare tower": tower,
}
RUNTIMES = ("torch", "onnx", "onnx-int8")


def load_checker(work: Work, model: str, runtime: str, **options: Any) -> Any:
    """Load imgfit's checker, or say why this runtime cannot be had.

    Raises:
        UnavailableError: imgfit refuses the runtime, or a package for it is missing.
    """
    from imgfit import Checker, ImgfitError

    place = str(work.vit) if model == "vit" else model
    try:
        return Checker.load(place, runtime=runtime, **options)
    except (ImgfitError, ImportError) as error:
        raise UnavailableError(f"{type(error).__name__}: {error}") from error


def peak_megabytes() -> float:
    """Return this process's highest resident memory in MB."""
    status = Path("/proc/self/status")
    if status.is_file():
        # ru_maxrss counts the parent's pages too where the process was forked from it.
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def main() -> None:
    """Measure one contender once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=[*PEERS, *OURS])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--set", dest="photos", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--model", choices=("vit", "mini"), required=True)
    parser.add_argument("--runtime", choices=RUNTIMES, default="torch")
    options = parser.parse_args()
    work = Work(options.work)
    try:
        run = (
            PEERS[options.name](work, options.model)
            if options.name in PEERS
            else OURS[options.name](work, options.model, options.runtime)
        )
    except UnavailableError as reason:
        print(json.dumps({"unavailable": str(reason)}))
        return
    run(*work.rows("small", WARM_UP))
    photos, captions = work.rows(options.photos, options.count)
    started = time.perf_counter()
    scores = run(photos, captions)
    seconds = time.perf_counter() - started
    if len(scores) != options.count or not all(map(math.isfinite, scores)):
        raise SystemExit(f"{options.name}: {len(scores)} scores, or some not finite")
    found = {"seconds": seconds, "count": len(scores), "megabytes": peak_megabytes()}
    print(json.dumps(found))


def open_clip_model(work: Work, model: str) -> tuple[Any, Any, Any]:
    """Load a model, its preprocessing and its tokenizer as open_clip does."""
    import open_clip

    place = work.vit if model == "vit" else Path(__file__).parents[1] / "models" / model
    clip, preprocess = open_clip.create_model_from_pretrained(f"local-dir:{place}")
    clip.eval()
    return clip, preprocess, open_clip.get_tokenizer(f"local-dir:{place}")


def _vit_only(model: str) -> None:
    if model != "vit":
        raise UnavailableError("it cannot load this model's form")


def _batches(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


if __name__ == "__main__":
    main()
