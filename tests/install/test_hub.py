"""Pulling models: from a hub on this machine, whole, broken off, wrong, moved and hostile."""

from __future__ import annotations

import errno
import io
import json
import pickle
import re
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import huggingface_hub
import pytest
import torch
import transformers
from filelock import FileLock
from safetensors.torch import load_file, save_file

from imgfit.encoders.loading import load_encoder
from imgfit.errors import (
    ArgumentError,
    HubBrokenError,
    HubError,
    HubOfflineError,
    HubPickledError,
    HubRefusedError,
    HubUnreachableError,
    HubUnsafeError,
    LicenceWarning,
    ModelBusyError,
    ModelChangedError,
    ModelError,
    ModelMissingError,
    ModelSpaceError,
    ModelUnknownError,
    PickleUnsafeError,
    PickleWarning,
)
from imgfit.install import pull as pulling
from imgfit.install.bundles import installed_bundles, verify_bundle
from imgfit.install.pull import pull_model
from imgfit.install.sums import locked_files, write_sums
from imgfit.models.finding import find_model
from imgfit.models.folder import ModelFolder
from imgfit.models.registry import Registered
from tests.support.carried import NAME, SLUG, SMALL, WORDS, write_small
from tests.support.hubserver import FakeHub, serving
from tests.support.tiny import build, configuration

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = pytest.mark.loopback

WEIGHTS = "open_clip_model.safetensors"
CONFIG = "open_clip_config.json"
TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    return write_small(tmp_path_factory.mktemp("original"))


@pytest.fixture(scope="module")
def files(original: ModelFolder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in original.path.iterdir()}


@pytest.fixture
def hub(
    files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[FakeHub]:
    """A hub with one model, whose tokenizer lies in a repository of its own."""
    monkeypatch.setenv("IMGFIT_MODELS", str(tmp_path / "models"))
    # The library waits between tries, and reads large pieces; neither is what is tested.
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", 1 << 14)
    with serving() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        model = {name: files[name] for name in (CONFIG, WEIGHTS)} | {"LICENSE": b"MIT License"}
        hub.put("toko/foto", model, "license:mit")
        hub.put("toko/kata", {n: files[n] for n in TOKENIZER} | {"README.md": b"words"})
        yield hub


@pytest.fixture
def models(hub: FakeHub, tmp_path: Path) -> Path:
    return tmp_path / "models"


def assert_nothing_installed(models: Path) -> None:
    assert installed_bundles() == []
    assert [p.name for p in models.glob("*") if not p.name.startswith(".")] in ([], [LOCK])
    with pytest.raises(ModelMissingError):
        find_model(NAME)


LOCK = "imgfit-models.lock"


def changed(data: bytes, place: int = -1) -> bytes:
    other = bytearray(data)
    other[place] ^= 1
    return bytes(other)


def test_huggingface_hubs_own_download_understands_this_hub(hub: FakeHub, tmp_path: Path) -> None:
    for name in (WEIGHTS, CONFIG):
        path = huggingface_hub.hf_hub_download(
            "toko/foto", name, endpoint=hub.url, token=False, cache_dir=tmp_path / "cache"
        )
        assert Path(path).read_bytes() == hub.repositories["toko/foto"][0][name]
        assert hub.commit("toko/foto") in path


def test_a_model_is_pulled_whole(
    hub: FakeHub, models: Path, original: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    seen: dict[str, tuple[int, int]] = {}
    pulled = pull_model(NAME, progress=lambda name, done, total: seen.update({name: (done, total)}))
    assert pulled.folder.path == models / SLUG
    assert (pulled.name, pulled.revision, pulled.fresh) == (NAME, hub.commit("toko/foto"), True)
    names = {path.name for path in pulled.folder.path.iterdir()}
    assert names == {
        *(CONFIG, WEIGHTS, *TOKENIZER),
        *("LICENSE", "imgfit.json", "SHA256SUMS", "golden.safetensors"),
    }
    assert pulled.folder.read_notes() == {
        "licence": "mit",
        "name": NAME,
        "revision": hub.commit("toko/foto"),
        "source": "hf-hub:toko/foto",
        "sources": {"toko/foto": hub.commit("toko/foto"), "toko/kata": hub.commit("toko/kata")},
    }
    assert pulled.folder.read_languages() is None
    assert all(path.stat().st_mode & 0o044 for path in pulled.folder.path.iterdir())
    for name in (WEIGHTS, *TOKENIZER):
        assert (pulled.folder.path / name).read_bytes() == (original.path / name).read_bytes()
    assert seen[WEIGHTS] == (pulled.folder.weights.stat().st_size,) * 2
    for asked in hub.asked:
        assert "authorization" not in {name.lower() for name in asked.headers}
        assert asked.headers["user-agent"].startswith("imgfit/")
    theirs, ours = load_encoder(original, device="cpu"), load_encoder(find_model(NAME))
    texts = ["dua perahu", "a hill"]
    assert ours.encode_texts(texts) == pytest.approx(theirs.encode_texts(texts), abs=1e-6)
    assert verify_bundle(pulled.folder).locked
    assert not [path for path in models.iterdir() if path.name.startswith(".pull")]


def test_a_model_that_is_there_is_not_received_again(hub: FakeHub, models: Path) -> None:
    pull_model(NAME)
    hub.asked.clear()
    again = pull_model(NAME)
    assert not again.fresh
    # What is small tells what belongs to the model; the weights stay where they are.
    assert {one.path for one in hub.asked} == {CONFIG, "tokenizer_config.json"}
    (models / SLUG / "tokenizer.json").write_bytes(b"{}")
    assert pull_model(NAME).fresh
    verify_bundle(find_model(NAME))


def test_a_tag_gets_its_preprocessing_languages_and_licence(
    hub: FakeHub, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Registered("ViT-B-32-SigLIP2-256", "webli", SMALL, "toko/foto", "")
    monkeypatch.setattr(pulling, "registered", lambda *_: found)
    pulled = pull_model("fast")
    assert pulled.folder.path == models / "ViT-B-32-SigLIP2-256--webli"
    assert pulled.folder.read_config() == SMALL
    assert pulled.folder.read_licence() == "Apache-2.0"
    assert {"id", "en", "ja"} <= (pulled.folder.read_languages() or set())
    assert find_model("fast") == find_model("ViT-B-32-SigLIP2-256/webli") == pulled.folder


def test_what_was_received_is_not_asked_for_again(hub: FakeHub, models: Path) -> None:
    hub.cut[WEIGHTS] = 200_000
    with pytest.raises(HubUnreachableError, match="what was received is kept"):
        pull_model(NAME)
    assert_nothing_installed(models)
    (first,) = hub.received(WEIGHTS)
    assert (first.range, first.sent) == (None, 200_000)
    (part,) = models.glob(".pull-*/received/*.part")
    kept = part.stat().st_size
    assert 200_000 - (1 << 14) <= kept <= 200_000

    hub.silent = False
    hub.cut.clear()
    hub.asked.clear()
    assert pull_model(NAME).fresh
    (rest,) = hub.received(WEIGHTS)
    size = (models / SLUG / WEIGHTS).stat().st_size
    assert (rest.range, rest.sent) == (f"bytes={kept}-", size - kept)
    # Small files that had come before were not asked for again either.
    assert not hub.received(CONFIG)
    verify_bundle(find_model(NAME))


def test_a_connection_that_breaks_is_gone_on_with_in_the_same_pull(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.cut[WEIGHTS] = 200_000

    def wake(_: float) -> None:
        """Answer again when the library tries again, and cut that answer too."""
        hub.silent = False

    monkeypatch.setattr(time, "sleep", wake)
    pull_model(NAME)
    asked = hub.received(WEIGHTS)
    assert len(asked) > 2
    assert sum(one.sent for one in asked) < 1.1 * find_model(NAME).weights.stat().st_size
    verify_bundle(find_model(NAME))


@pytest.mark.parametrize("name", [WEIGHTS, "tokenizer.json"])
def test_a_wrong_digest_installs_nothing(hub: FakeHub, models: Path, name: str) -> None:
    repository = "toko/kata" if name in TOKENIZER else "toko/foto"
    hub.served[name] = changed(hub.repositories[repository][0][name])
    with pytest.raises(HubBrokenError, match=f"{name}.*digest"):
        pull_model(NAME)
    assert_nothing_installed(models)
    assert not list(models.glob(".pull-*/received/*.part"))
    hub.served.clear()
    assert pull_model(NAME).fresh


@pytest.mark.parametrize("change", [-100, 100])
def test_a_wrong_size_installs_nothing(hub: FakeHub, models: Path, change: int) -> None:
    whole = hub.repositories["toko/foto"][0][WEIGHTS]
    hub.served[WEIGHTS] = whole[:change] if change < 0 else whole + bytes(change)
    with pytest.raises(HubError, match=WEIGHTS):
        pull_model(NAME)
    assert_nothing_installed(models)
    hub.served.clear()
    assert pull_model(NAME).fresh


def test_a_part_that_is_too_long_is_begun_again(hub: FakeHub, models: Path) -> None:
    hub.cut[WEIGHTS] = 200_000
    with pytest.raises(HubUnreachableError):
        pull_model(NAME)
    (part,) = models.glob(".pull-*/received/*.part")
    part.write_bytes(bytes(5_000_000))
    hub.silent = False
    hub.cut.clear()
    assert pull_model(NAME).fresh


def test_a_revision_that_moved_is_told_before_anything_is_received(
    hub: FakeHub, models: Path, files: dict[str, bytes]
) -> None:
    old = pull_model(NAME).revision
    before = json.loads((models / LOCK).read_text())
    new = hub.put("toko/foto", hub.repositories["toko/foto"][0] | {"README.md": b"new"})
    hub.asked.clear()
    with pytest.raises(ModelChangedError, match=f"{new}.*records {old}.*--revision {old}"):
        pull_model(NAME)
    assert not hub.received(WEIGHTS)
    assert not pull_model(NAME, revision=old).fresh
    assert json.loads((models / LOCK).read_text()) == before
    # Without the record, the new one is taken.
    (models / LOCK).unlink()
    assert pull_model(NAME).revision == new
    assert json.loads((models / LOCK).read_text())["models"][NAME]["sources"]["toko/foto"] == new


def test_an_offices_lock_file_binds_every_machine(
    hub: FakeHub, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "kantor.lock"
    pull_model(NAME, lock=shared)
    assert not (models / LOCK).exists()
    # The same commits with other bytes: what no honest hub can have.
    files = hub.repositories["toko/kata"][0]
    files["tokenizer.json"] += b" "
    monkeypatch.setenv("IMGFIT_MODELS", str(tmp_path / "other"))
    with pytest.raises(ModelChangedError, match=r"tokenizer\.json.*kantor\.lock"):
        pull_model(NAME, lock=shared)
    assert installed_bundles() == []


@pytest.mark.parametrize("stored", ["", "[]", '{"version": 2, "models": {}}', '{"version": 1}'])
def test_a_file_that_is_no_lock_file_is_refused(hub: FakeHub, tmp_path: Path, stored: str) -> None:
    path = tmp_path / "kantor.lock"
    path.write_text(stored)
    with pytest.raises(ArgumentError, match=r"kantor\.lock"):
        pull_model(NAME, lock=path)
    assert path.read_text() == stored


def pickled(files: dict[str, bytes], state: Any) -> dict[str, bytes]:
    file = io.BytesIO()
    torch.save(state, file)
    return {CONFIG: files[CONFIG], "open_clip_pytorch_model.bin": file.getvalue()}


@pytest.fixture
def _any_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the lowest torch that imgfit runs with read these tests' own pickles."""
    monkeypatch.setattr("imgfit.install.pickled.SAFE_TORCH", (2, 4))


@pytest.mark.usefixtures("_any_torch")
def test_pickled_weights_are_refused_unless_allowed(
    hub: FakeHub, models: Path, files: dict[str, bytes], original: ModelFolder
) -> None:
    state = load_file(original.weights)
    wrapped = {"state_dict": {f"module.{name}": rows for name, rows in state.items()}}
    hub.put("toko/foto", pickled(files, wrapped))
    with pytest.raises(HubPickledError, match=r"open_clip_pytorch_model\.bin.*--allow-pickle"):
        pull_model(NAME)
    assert not hub.received("open_clip_pytorch_model.bin")
    assert_nothing_installed(models)
    with pytest.warns(PickleWarning, match="weights_only"):
        pulled = pull_model(NAME, allow_pickle=True)
    assert not list(pulled.folder.path.glob("*.bin"))
    kept = load_file(pulled.folder.weights)
    assert kept.keys() == state.keys()
    assert all(torch.equal(kept[name], rows) for name, rows in state.items())


@pytest.mark.parametrize("installed", ["2.4.0", "2.5.1+cpu", "2.9.1"])
def test_a_torch_that_a_pickle_can_use_reads_none(
    hub: FakeHub,
    models: Path,
    files: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    installed: str,
) -> None:
    hub.put("toko/foto", pickled(files, {"a": torch.zeros(1)}))
    monkeypatch.setattr("imgfit.install.pickled.version", {"torch": installed}.get)
    with pytest.raises(PickleUnsafeError, match=rf"{re.escape(installed)} .* 2\.10 or later"):
        pull_model(NAME, allow_pickle=True)
    assert not hub.received("open_clip_pytorch_model.bin")
    assert_nothing_installed(models)


class Hostile:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("hostile-pickle-ran"),))


@pytest.mark.usefixtures("_any_torch")
@pytest.mark.parametrize("state", [Hostile(), {"a": Hostile()}, [1], {}, {"a": "b"}], ids=str)
def test_a_pickle_of_anything_else_than_tensors_is_not_run(
    hub: FakeHub,
    files: dict[str, bytes],
    state: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    hub.put("toko/foto", pickled(files, state))
    with (
        pytest.warns(PickleWarning),
        pytest.raises(HubBrokenError, match=r"open_clip_pytorch_model\.bin"),
    ):
        pull_model(NAME, allow_pickle=True)
    assert_nothing_installed(tmp_path / "models")
    assert not (tmp_path / "hostile-pickle-ran").exists()
    pickle.loads(pickle.dumps(Hostile()))  # noqa: S301 - the trap works
    assert (tmp_path / "hostile-pickle-ran").exists()


@pytest.mark.parametrize(
    "name", ["../evil.model", "/etc/passwd", "a/../../b", "a\\b", "C:x", "", "a//b", "./a"]
)
def test_names_that_lead_outside_are_refused(hub: FakeHub, models: Path, name: str) -> None:
    hub.listed.append({"rfilename": name, "size": 4, "blobId": "0" * 40})
    with pytest.raises(HubUnsafeError, match="outside"):
        pull_model(NAME)
    assert_nothing_installed(models)
    assert not hub.asked


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("hf_tokenizer_name", "../../etc"),
        ("hf_tokenizer_name", "/etc"),
        ("hf_tokenizer_name", "http://x/y"),
        ("hf_tokenizer_name", ["a"]),
        ("hf_model_name", "a/b/c"),
        ("hf_model_name", "a--b/c"),
        ("hf_model_name", 3),
    ],
)
def test_a_configuration_that_leads_outside_is_refused(
    hub: FakeHub, models: Path, files: dict[str, bytes], key: str, name: Any
) -> None:
    config = json.loads(files[CONFIG])
    config["model_cfg"]["text_cfg"][key] = name
    hub.put("toko/foto", {CONFIG: json.dumps(config).encode(), WEIGHTS: files[WEIGHTS]})
    with pytest.raises(HubUnsafeError, match="outside"):
        pull_model(NAME)
    assert_nothing_installed(models)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"preprocess_cfg": {"std": [1, 1, 1]}}, "lacks mean"),
        ({"preprocess_cfg": None}, "lacks mean"),
        ({"model_cfg": 3}, ""),
        ({"model_cfg": {"text_cfg": {}, "vision_cfg": []}}, "not objects"),
    ],
)
def test_a_configuration_that_says_too_little_is_refused(
    hub: FakeHub, models: Path, files: dict[str, bytes], damage: dict[str, Any], said: str
) -> None:
    config = json.loads(files[CONFIG]) | damage
    hub.put("toko/foto", {CONFIG: json.dumps(config).encode(), WEIGHTS: files[WEIGHTS]})
    with pytest.raises(HubBrokenError, match=f"{CONFIG}.*{said}"):
        pull_model(NAME)
    assert_nothing_installed(models)


def test_a_complete_configuration_is_kept_to_the_byte(
    hub: FakeHub, files: dict[str, bytes], original: ModelFolder
) -> None:
    pull_model(NAME)
    completed = find_model(NAME).read_config()
    assert completed["preprocess_cfg"] == {
        "fill_color": 0,
        "interpolation": "bicubic",
        "mean": [0.5, 0.4, 0.3],
        "mode": "RGB",
        "resize_mode": "squash",
        "size": 32,
        "std": [0.2, 0.3, 0.4],
    }
    # What its publisher fitted and noted comes along, and holds: the fingerprint is the same.
    own = json.dumps(completed, indent=7).encode()
    published = original.path.with_name("published")
    published.mkdir(exist_ok=True)
    for name, data in (files | {CONFIG: own}).items():
        (published / name).write_bytes(data)
    beside = {
        "calibration.json": b"{}",
        "cohort.safetensors": b"rows",
        "imgfit.json": json.dumps({"languages": ["id"], "anything": 1}).encode(),
    }
    hub.put("toko/lain", {CONFIG: own, WEIGHTS: files[WEIGHTS]} | beside)
    pulled = pull_model("hf-hub:toko/lain").folder
    assert pulled.config.read_bytes() == own
    assert pulled.read_languages() == frozenset({"id"})
    assert pulled.fingerprint(1) == ModelFolder(published).fingerprint(1)
    assert pulled.calibration.is_file()
    assert pulled.cohort.is_file()


def text_tower(path: Path, pad: int) -> tuple[dict[str, bytes], bytes]:
    """Make a model with an XLM-R text tower: its files, and the tower's configuration."""
    transformers.XLMRobertaConfig(
        vocab_size=WORDS,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=90,
        pad_token_id=pad,
        bos_token_id=1,
        eos_token_id=2,
    ).save_pretrained(path)
    text = {
        "hf_model_name": str(path),
        "hf_model_pretrained": False,
        "hf_tokenizer_name": "toko/kata",
        "hf_pooler_type": "mean_pooler",
        "hf_proj_type": "mlp",
    }
    config = configuration(text=text, custom=True)
    save_file(build(config).state_dict(), path / WEIGHTS)
    config["model_cfg"]["text_cfg"]["hf_model_name"] = "toko/menara"
    model = {CONFIG: json.dumps(config).encode(), WEIGHTS: (path / WEIGHTS).read_bytes()}
    return model, (path / "config.json").read_bytes()


def test_a_text_tower_brings_its_own_configuration(hub: FakeHub, tmp_path: Path) -> None:
    model, tower = text_tower(tmp_path / "tower", pad=0)
    hub.put("toko/foto", model)
    hub.put("toko/menara", {"config.json": tower})
    folder = pull_model(NAME).folder
    assert (folder.path / "text_tower/config.json").read_bytes() == tower
    assert folder.read_config()["model_cfg"]["text_cfg"]["hf_model_name"] == "toko/menara"
    # It loads without a look at the hub.
    hub.silent = True
    assert verify_bundle(folder).locked
    before = folder.fingerprint(1)
    (folder.path / "text_tower/config.json").write_bytes(tower + b" ")
    assert folder.fingerprint(1) != before


def test_a_tokenizer_of_another_tower_is_never_installed(
    hub: FakeHub, models: Path, tmp_path: Path
) -> None:
    model, tower = text_tower(tmp_path / "tower", pad=1)
    hub.put("toko/foto", model)
    hub.put("toko/menara", {"config.json": tower})
    with pytest.raises(HubBrokenError, match="pad_token_id"):
        pull_model(NAME)
    assert_nothing_installed(models)


def test_a_tokenizer_that_does_not_name_its_class_brings_the_configuration_that_does(
    hub: FakeHub, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "write_golden", lambda _: None)  # the class is another one
    words = {n: files[n] for n in TOKENIZER}
    assert b"tokenizer_class" in words["tokenizer_config.json"]
    hub.put("toko/kata", words | {"config.json": b'{"model_type": "bert"}'})
    assert not (pull_model(NAME).folder.path / "config.json").exists()
    stored = json.loads(words["tokenizer_config.json"])
    del stored["tokenizer_class"]
    words["tokenizer_config.json"] = json.dumps(stored).encode()
    hub.put("toko/kata2", words | {"config.json": b'{"model_type": "bert"}'})
    config = json.loads(files[CONFIG])
    config["model_cfg"]["text_cfg"]["hf_tokenizer_name"] = "toko/kata2"
    hub.put("toko/dua", {CONFIG: json.dumps(config).encode(), WEIGHTS: files[WEIGHTS]})
    assert (pull_model("hf-hub:toko/dua").folder.path / "config.json").is_file()


@pytest.mark.parametrize("missing", ["config", "weights", "tokenizer", "tower"])
def test_a_repository_that_lacks_something_is_refused(
    hub: FakeHub, models: Path, files: dict[str, bytes], missing: str
) -> None:
    config = json.loads(files[CONFIG])
    if missing == "tower":
        config["model_cfg"]["text_cfg"]["hf_model_name"] = "toko/kata"
    model = {
        CONFIG: json.dumps(config).encode(),
        WEIGHTS: files[WEIGHTS],
        "model.safetensors": b"x",
    }
    model.pop({"config": CONFIG, "weights": WEIGHTS}.get(missing, ""), None)
    hub.put("toko/foto", model)
    if missing == "tokenizer":
        hub.put("toko/kata", {"README.md": b"words"})
    with pytest.raises((HubBrokenError, HubPickledError), match="toko/"):
        pull_model(NAME)
    assert_nothing_installed(models)


def test_weights_that_do_not_fit_are_never_installed(
    hub: FakeHub, models: Path, files: dict[str, bytes]
) -> None:
    config = json.loads(files[CONFIG])
    config["model_cfg"]["vision_cfg"]["layers"] = 3
    hub.put("toko/foto", {CONFIG: json.dumps(config).encode(), WEIGHTS: files[WEIGHTS]})
    with pytest.raises(HubBrokenError, match=NAME):
        pull_model(NAME)
    assert_nothing_installed(models)
    assert not (models / LOCK).exists()


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_the_hub_refuses_is_told(hub: FakeHub, status: int) -> None:
    hub.status = status
    with pytest.raises(HubRefusedError, match="toko/foto"):
        pull_model(NAME)


def test_a_revision_that_is_none_is_told(hub: FakeHub) -> None:
    with pytest.raises(HubRefusedError, match="toko/foto"):
        pull_model(NAME, revision="dulu")
    with pytest.raises(HubRefusedError, match="toko/tiada"):
        pull_model("hf-hub:toko/tiada")


def test_a_hub_that_is_down_is_told(hub: FakeHub) -> None:
    hub.status = 503
    with pytest.raises(HubUnreachableError, match="toko/foto"):
        pull_model(NAME)


def test_without_a_network_it_is_said_what_to_carry_and_where(
    hub: FakeHub, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(HubUnreachableError) as raised:
            pull_model(NAME)
    for line in (raised.value.say("en"), raised.value.say("id")):
        assert f"imgfit models bundle {NAME} model.tar" in line
        assert "imgfit models add model.tar" in line
        assert str(models / SLUG) in line


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_the_environment_can_forbid_the_network(
    hub: FakeHub, models: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "1")
    with pytest.raises(HubOfflineError) as raised:
        pull_model(NAME)
    assert str(models / SLUG) in raised.value.say("id")
    assert not hub.looked


def test_a_full_disk_is_told_before_the_weights_are_received(
    hub: FakeHub, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 50_000_000}))
    with pytest.raises(ModelSpaceError, match="50 MB are free"):
        pull_model(NAME)
    assert not hub.received(WEIGHTS)
    assert_nothing_installed(models)


class FailingFile:
    """A file on a disk that takes nothing more."""

    def __init__(self, file: Any, number: int) -> None:
        self.file, self.name, self.number = file, file.name, number

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def tell(self) -> int:
        return int(self.file.tell())

    def write(self, data: bytes) -> int:
        raise OSError(self.number, "no")


@pytest.mark.parametrize(
    ("number", "expected"), [(errno.ENOSPC, ModelSpaceError), (errno.EACCES, ModelBusyError)]
)
def test_a_disk_that_fails_while_receiving_is_told(
    hub: FakeHub,
    models: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    expected: type[ModelError],
) -> None:
    opened = Path.open

    def open_failing(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        file = opened(self, mode, *rest, **more)
        if mode != "ab":
            return file
        return FailingFile(file, number)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", open_failing)
        with pytest.raises(expected):
            pull_model(NAME)
    assert_nothing_installed(models)


def test_names_with_a_colon_are_no_drives(hub: FakeHub) -> None:
    hub.listed.append({"rfilename": "runs/10:30/log.txt", "size": 4, "blobId": "0" * 40})
    assert pull_model(NAME).fresh


def test_one_command_writes_at_a_time(hub: FakeHub, models: Path) -> None:
    models.mkdir()
    with FileLock(models / ".writing"), pytest.raises(ModelBusyError, match="another command"):
        pull_model(NAME)
    assert not hub.looked


@pytest.mark.parametrize("name", ["mini", "local-dir:x", "."])
def test_what_is_here_is_not_pulled(hub: FakeHub, name: str) -> None:
    with pytest.raises(ArgumentError, match="on this machine already"):
        pull_model(name)


@pytest.mark.parametrize("name", ["ViT-B-33/openai", "hf-hub:../x", "hf-hub:a", "", "a--b/c"])
def test_what_nobody_knows_is_not_pulled(hub: FakeHub, name: str) -> None:
    with pytest.raises(ModelUnknownError):
        pull_model(name)
    assert not hub.looked


def test_a_non_commercial_licence_is_named_when_the_model_is_found(hub: FakeHub) -> None:
    model = hub.repositories["toko/foto"][0]
    hub.put("toko/foto", model | {"README.md": b""}, "license:cc-by-nc-4.0")
    pull_model(NAME)
    with pytest.warns(LicenceWarning, match="cc-by-nc-4.0: not for commercial use"):
        find_model(NAME)


def test_a_tampered_folder_does_not_agree_with_the_lock(hub: FakeHub) -> None:
    folder = pull_model(NAME).folder
    config = folder.read_config()
    config["preprocess_cfg"]["mean"] = [0.1, 0.1, 0.1]
    folder.config.write_text(json.dumps(config))
    assert CONFIG in locked_files(write_sums(folder.path))
    with pytest.raises(ModelChangedError, match=CONFIG):
        verify_bundle(folder)
