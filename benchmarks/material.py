"""What `benchmarks.speed` measures on: photos, captions and models, made once in a work folder.

Photos and captions come from development sets that are not in this repository, and stay in the
work folder. The models have ViT-B/32's architecture and random weights, so they take the time of
the real one without being it.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import os
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageOps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

# What a phone's 12 MP sensor writes, and within what size.
PHONE_SIZE = (4000, 3000)
PHONE_BYTES = (3_000_000, 5_000_000)
# Noise of a phone's sensor in daylight, in levels of 255: with it the files reach a phone's size.
_NOISE_STEPS = (5.0, 6.5, 8.0, 10.0, 3.5)
_EXIF_ORIENTATION, _TURN_RIGHT = 0x0112, 6
_SEED = 0
_COHORT_PHOTOS = 100


@dataclass(frozen=True, slots=True)
class Work:
    """Places in the work folder.

    Attributes:
        path: The folder.
    """

    path: Path

    @property
    def vit(self) -> Path:
        """ViT-B/32 in open_clip's folder form, with imgfit's calibration and cohort."""
        return self.path / "vit-b-32"

    @property
    def transformers(self) -> Path:
        """The same architecture as a folder of transformers."""
        return self.path / "vit-b-32-transformers"

    @property
    def sentence_transformers(self) -> Path:
        """The same again as sentence-transformers saves it."""
        return self.path / "vit-b-32-sentence-transformers"

    @property
    def onnx(self) -> Path:
        """The folder's two towers as ONNX files, named as rclip's."""
        return self.path / "vit-b-32-onnx"

    @property
    def cache(self) -> Path:
        """What stands in for the user's cache folder."""
        return self.path / "cache"

    @property
    def posts(self) -> Path:
        """The development posts' titles and bodies, a list as JSON."""
        return self.path / "posts.json"

    def manifest(self, name: str) -> Path:
        """Drafts of one set, as JSON lines that imgfit reads."""
        return self.path / f"{name}.jsonl"

    def rows(self, name: str, count: int | None = None) -> tuple[list[Path], list[str]]:
        """Return the photos and captions of a set's first drafts."""
        lines = self.manifest(name).read_text("utf-8").splitlines()[:count]
        rows = [json.loads(line) for line in lines]
        return [self.path / row["photo"] for row in rows], [row["caption"] for row in rows]


def make_photos(work: Work, data: Path, *, phone: int, small: int, many: int, drafts: int) -> None:
    """Write the sets that are not there yet.

    Args:
        work: Where to.
        data: The folder of the development and training sets.
        phone: How many 12 MP photos.
        small: How many small ones, as they are in the development set.
        many: How many drafts to show how cost grows: the small photos under new digests.
        drafts: How many drafts of 12 MP for the command line: the phone's photos likewise.
    """
    work.path.mkdir(parents=True, exist_ok=True)
    archive = data / "dev" / "flickr8k.tar"
    captions = _first_captions(data / "dev" / "flickr8k.tsv")
    originals = _members(archive, list(captions))
    names = list(captions)[: max(phone, small)]
    if len(names) < max(phone, small):
        raise SystemExit(f"{archive} holds {len(names)} photos, fewer than asked for")

    def write_small(index: int, place: Path) -> None:
        place.write_bytes(originals[names[index]])

    noise = np.random.default_rng(_SEED).standard_normal(PHONE_SIZE[::-1], np.float32)

    def write_phone(index: int, place: Path) -> None:
        place.write_bytes(phone_jpeg(originals[names[index]], np.roll(noise, 7919 * index)))

    def write_again(index: int, place: Path) -> None:
        place.write_bytes(with_comment(originals[names[index % small]], f"copy {index}"))

    _write_set(work, "phone", [captions[name] for name in names[:phone]], write_phone)
    _write_set(work, "small", [captions[name] for name in names[:small]], write_small)
    texts = list(dict.fromkeys(_captions(data / "train" / "flickr8k.tsv")))
    _write_set(work, "many", texts[:many], write_again)

    def write_phone_again(index: int, place: Path) -> None:
        first = work.path / "phone" / f"{index % phone:05}.jpg"
        place.write_bytes(with_comment(first.read_bytes(), f"copy {index}"))

    _write_set(work, "drafts", texts[:drafts], write_phone_again)
    posts = [f"{row['title']}\n{row['body']}" for row in _table(data / "dev" / "posts.tsv")]
    work.posts.write_text(json.dumps(posts), "utf-8")


def phone_jpeg(original: bytes, noise: NDArray[np.float32]) -> bytes:
    """Make a phone's photo of a small one: 12 MP, fine noise, EXIF turn where it is upright.

    Args:
        original: A JPEG.
        noise: Standard normal, shape of `PHONE_SIZE`.

    Returns:
        A JPEG of a size within `PHONE_BYTES`.

    Raises:
        ValueError: No setting tried gives such a size.
    """
    with Image.open(io.BytesIO(original)) as image:
        upright = image.convert("RGB")
    exif = Image.Exif()
    if upright.height > upright.width:
        # Stored lying on its side; a viewer turns it a quarter to the right.
        upright = upright.transpose(Image.Transpose.ROTATE_90)
        exif[_EXIF_ORIENTATION] = _TURN_RIGHT
    large = np.asarray(ImageOps.fit(upright, PHONE_SIZE, Image.Resampling.LANCZOS), np.float32)
    for quality in (92, 90, 93):
        for step in _NOISE_STEPS:
            pixels = (large + step * noise[..., None]).clip(0, 255).astype(np.uint8)
            stream = io.BytesIO()
            Image.fromarray(pixels).save(stream, "JPEG", quality=quality, exif=exif)
            if PHONE_BYTES[0] <= stream.tell() <= PHONE_BYTES[1]:
                return stream.getvalue()
    raise ValueError(f"a photo's file stays outside {PHONE_BYTES} bytes")


def with_comment(jpeg: bytes, comment: str) -> bytes:
    """Give a JPEG another digest and the same pixels: a comment segment after its first marker.

    Args:
        jpeg: A JPEG file.
        comment: Any short text.

    Returns:
        A JPEG file.
    """
    text = comment.encode()
    return jpeg[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + jpeg[2:]


def make_models(work: Work) -> None:
    """Write the random ViT-B/32 in open_clip's form, fit to be loaded by imgfit."""
    if not (work.vit / "open_clip_config.json").is_file():
        _make_random_clip(work.vit)
    from imgfit import Checker, ImgfitError
    from imgfit.calibration.norms import normalise
    from imgfit.calibration.null import Calibration
    from imgfit.embedding.photos import embed_photos
    from imgfit.encoders.loading import load_encoder
    from imgfit.models.finding import find_model
    from imgfit.scoring.scorer import embed_cohort

    with contextlib.suppress(ImgfitError):  # made before, and still this code's
        Checker.load(str(work.vit))
        return
    encoder = load_encoder(find_model(str(work.vit)), device="cpu")
    photos, _ = work.rows("small", _COHORT_PHOTOS)
    cohort = embed_cohort(encoder, embed_photos(encoder, photos).vectors)
    by_photo, by_caption = cohort.photos @ cohort.captions.T, cohort.captions @ cohort.photos.T
    null = Calibration.from_negatives(
        normalise(by_photo, by_photo, by_caption),
        fingerprint=encoder.fingerprint,
        cohort=cohort.digest,
        source="random weights, for timing only",
    )
    cohort.save(work.vit / "cohort.safetensors")
    null.save(work.vit / "calibration.json")


def _make_random_clip(folder: Path) -> None:
    import open_clip
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    config = open_clip.get_model_config("ViT-B-32")
    torch.manual_seed(_SEED)
    model = open_clip.CLIP(**config)
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    preprocess = {"mean": list(open_clip.OPENAI_DATASET_MEAN),
                  "std": list(open_clip.OPENAI_DATASET_STD)}  # fmt: skip
    text = json.dumps({"model_cfg": config, "preprocess_cfg": preprocess})
    (folder / "open_clip_config.json").write_text(text)


def make_peer_models(work: Work) -> dict[str, str]:
    """Write the forms of the model that peers need.

    Returns:
        What could not be made, with the reason, by the peer's name.
    """
    makers: dict[str, Callable[[Work], None]] = {
        "transformers": _make_transformers,
        "sentence-transformers": _make_sentence_transformers,
        "rclip": _make_onnx,
    }
    missing = {}
    for name, make in makers.items():
        try:
            make(work)
        except Exception as error:  # noqa: BLE001 - a peer that cannot be had is a line of the report
            missing[name] = f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return missing


def _make_transformers(work: Work) -> None:
    """Write transformers' folder: the configuration's defaults are ViT-B/32."""
    if (work.transformers / "model.safetensors").is_file():
        return
    import torch
    import transformers
    from open_clip.tokenizer import SimpleTokenizer

    work.transformers.mkdir(parents=True, exist_ok=True)
    ours: Any = SimpleTokenizer()
    special = {"<start_of_text>": "<|startoftext|>", "<end_of_text>": "<|endoftext|>"}
    vocabulary = {special.get(word, word): index for word, index in ours.encoder.items()}
    merges = [" ".join(pair) for pair in ours.bpe_ranks]
    (work.transformers / "vocab.json").write_text(json.dumps(vocabulary), "utf-8")
    (work.transformers / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]), "utf-8")
    hub: Any = transformers
    tokenizer = hub.CLIPTokenizer(
        str(work.transformers / "vocab.json"),
        str(work.transformers / "merges.txt"),
        model_max_length=77,
    )
    hub.CLIPProcessor(hub.CLIPImageProcessor(), tokenizer).save_pretrained(work.transformers)
    torch.manual_seed(_SEED)
    hub.CLIPModel(hub.CLIPConfig(projection_dim=512)).save_pretrained(work.transformers)


def _make_sentence_transformers(work: Work) -> None:
    if (work.sentence_transformers / "modules.json").is_file():
        return
    from sentence_transformers import SentenceTransformer

    SentenceTransformer(str(work.transformers)).save(str(work.sentence_transformers))


def _make_onnx(work: Work) -> None:
    """Export the folder's towers under the names of inputs and outputs that rclip asks for."""
    if (work.onnx / "textual.onnx").is_file():
        return
    import open_clip
    import torch

    work.onnx.mkdir(parents=True, exist_ok=True)
    model, _ = open_clip.create_model_from_pretrained(f"local-dir:{work.vit}")
    model.eval()

    class _Tower(torch.nn.Module):
        def __init__(self, encode: Any) -> None:
            super().__init__()
            self.model, self.encode = model, encode

        def forward(self, input: torch.Tensor) -> Any:  # noqa: A002 - the name that rclip feeds
            return self.encode(input)

    examples = {
        "visual": (model.encode_image, torch.randn(2, 3, 224, 224)),
        "textual": (model.encode_text, torch.randint(1, 400, (2, 77))),
    }
    for name, (encode, example) in examples.items():
        torch.onnx.export(
            _Tower(encode).eval(),
            (example,),
            str(work.onnx / f"{name}.onnx"),
            input_names=["input"],
            output_names=["output"],
            dynamic_shapes={"input": {0: torch.export.Dim("batch")}},
            dynamo=True,
            verbose=False,
        )


def _write_set(
    work: Work, name: str, captions: Sequence[str], write: Callable[[int, Path], None]
) -> None:
    """Write the photos of a set that are missing, on all cores, then its manifest."""
    folder = work.path / name
    folder.mkdir(parents=True, exist_ok=True)
    places = [folder / f"{index:05}.jpg" for index in range(len(captions))]

    def make(index: int) -> None:
        if not places[index].is_file():
            part = places[index].with_suffix(".part")
            write(index, part)
            part.replace(places[index])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(make, range(len(places))))
    rows = [
        {"photo": f"{name}/{place.name}", "caption": caption}
        for place, caption in zip(places, captions, strict=True)
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    work.manifest(name).write_text("\n".join(lines) + "\n", "utf-8")


def _first_captions(path: Path) -> dict[str, str]:
    """Return the first English caption of each photo, one sentence each."""
    first: dict[str, str] = {}
    for row in _table(path):
        if row["lang"] == "en":
            first.setdefault(row["image"], row["caption"])
    return first


def _captions(path: Path) -> list[str]:
    return [row["caption"] for row in _table(path)]


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            {name: value or "" for name, value in row.items() if name}
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def _members(archive: Path, names: Sequence[str]) -> dict[str, bytes]:
    wanted = set(names)
    found = {}
    with tarfile.open(archive) as file:
        for member in file:
            name = member.name.removeprefix("./")
            stream = file.extractfile(member) if name in wanted else None
            if stream is not None:
                found[name] = stream.read()
    return found


def main() -> None:
    """Make everything; prints as JSON what could not be made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--phone", type=int, default=200)
    parser.add_argument("--small", type=int, default=500)
    parser.add_argument("--many", type=int, default=5000)
    parser.add_argument("--drafts", type=int, default=500)
    parser.add_argument("--peers", action="store_true", help="only the forms that peers need")
    options = parser.parse_args()
    work = Work(options.work)
    if options.peers:
        print(json.dumps(make_peer_models(work)))
        return
    make_photos(
        work,
        options.data,
        phone=options.phone,
        small=options.small,
        many=options.many,
        drafts=options.drafts,
    )
    make_models(work)
    print("{}")


if __name__ == "__main__":
    main()
