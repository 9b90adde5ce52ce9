"""Where models are found, what is refused, and what a fingerprint covers."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from imgfit.errors import (
    LicenceError,
    LicenceWarning,
    ModelBrokenError,
    ModelMissingError,
    ModelNewerError,
    ModelUnknownError,
)
from imgfit.files.places import models_folder
from imgfit.install.pull import pull_model
from imgfit.models.finding import find_model
from imgfit.models.folder import ModelFolder
from imgfit.models.known import (
    AFTER_RELEASE,
    ENGLISH,
    KNOWN,
    PRESETS,
    is_non_commercial,
    languages_of,
)
from imgfit.models.names import BUILT_IN, ModelName, is_repository
from imgfit.models.registry import registered, registered_names

FILES = {
    "open_clip_config.json": b'{"model_cfg": {"embed_dim": 8}, "preprocess_cfg": {}}',
    "open_clip_model.safetensors": b"weights",
    "tokenizer.json": b"{}",
    "tokenizer_config.json": b"{}",
    "special_tokens_map.json": b"{}",
    "calibration.json": b"{}",
    "README.md": b"a model",
}


@pytest.fixture
def folder(tmp_path: Path) -> ModelFolder:
    path = tmp_path / "toy"
    path.mkdir()
    for name, content in FILES.items():
        (path / name).write_bytes(content)
    return ModelFolder(path)


def test_the_built_in_model_is_found_and_whole() -> None:
    model = find_model(BUILT_IN)
    assert model.name == "mini"
    assert model.calibration.is_file()
    assert model.cohort.is_file()
    assert model.read_config()["model_cfg"]["embed_dim"] > 0


@pytest.mark.parametrize("prefix", ["", "local-dir:"])
def test_a_folder_is_found_by_its_path(folder: ModelFolder, prefix: str) -> None:
    assert find_model(f"{prefix}{folder.path}") == folder
    assert folder.name == "toy"
    assert {folder.config.name, folder.weights.name} <= set(FILES)
    assert folder.cohort.parent == folder.calibration.parent == folder.path


def test_a_folder_named_as_the_built_in_model_needs_its_path(
    folder: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.path.rename(folder.path.with_name("mini"))
    monkeypatch.chdir(folder.path.parent)
    assert find_model("mini").path.is_absolute()
    assert find_model("local-dir:mini").path == Path("mini")


@pytest.mark.parametrize(
    "name",
    [
        *("ViT-B-32", "", "local-dir:", "Mini", "Fast", "a\0b", "empty", "file", "hf-hub:x"),
        *("ViT-B-32/openai2", "../models/x", "/etc/passwd", "hf-hub:../x/y", "hf-hub:a/b/c"),
        *(
            "hf-hub:a--b/c",
            "local-dir:ViT-B-32/openai",
            "x" * 300 + "/y",
            "local-dir:" + "x" * 300,
            "a/b\n",
        ),
    ],
)
def test_other_names_are_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(ModelUnknownError, match="no model"):
        find_model(name)


def test_missing_weights_are_named(folder: ModelFolder) -> None:
    folder.weights.unlink()
    with pytest.raises(ModelBrokenError, match=r"lacks open_clip_model\.safetensors"):
        find_model(str(folder.path))
    folder.weights.mkdir()
    with pytest.raises(ModelBrokenError, match=r"lacks open_clip_model\.safetensors"):
        find_model(str(folder.path))


def test_a_config_is_read(folder: ModelFolder) -> None:
    assert folder.read_config() == json.loads(FILES["open_clip_config.json"])


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"3", b"{}", b'{"model_cfg": []}', b"\xff\xfe", None]
)
def test_a_broken_config_is_named(folder: ModelFolder, content: bytes | None) -> None:
    if content is None:
        folder.config.unlink()
    else:
        folder.config.write_bytes(content)
    with pytest.raises(ModelBrokenError, match=r"toy.*open_clip_config\.json"):
        folder.read_config()


@pytest.mark.parametrize("name", FILES)
def test_a_fingerprint_covers_what_an_embedding_depends_on(folder: ModelFolder, name: str) -> None:
    before = folder.fingerprint(1)
    (folder.path / name).write_bytes(FILES[name] + b" ")
    covered = name not in ("calibration.json", "README.md")
    assert (folder.fingerprint(1) != before) == covered


def test_a_fingerprint_is_that_of_contents_and_not_of_places(
    folder: ModelFolder, tmp_path: Path
) -> None:
    other = ModelFolder(tmp_path / "copy")
    other.path.mkdir()
    for name in reversed(FILES):
        (other.path / name).write_bytes(FILES[name])
    assert other.fingerprint(1) == folder.fingerprint(1)
    assert other.fingerprint(2) != folder.fingerprint(1)
    (other.path / "tokenizer.json").rename(other.path / "tokenizer2.json")
    assert other.fingerprint(1) != folder.fingerprint(1)


def test_a_fingerprint_is_short_and_passes_over_folders(folder: ModelFolder) -> None:
    before = folder.fingerprint(1)
    assert len(before) == 16
    assert set(before) <= set("0123456789abcdef")
    (folder.path / "tokenizer_cache").mkdir()
    assert folder.fingerprint(1) == before


# --- names, and the bundles that they stand for --------------------------------------------------

SLUGS = {
    "fast": "ViT-B-32-SigLIP2-256--webli",
    "base": "ViT-B-16-SigLIP2-256--webli",
    "accurate": "ViT-L-16-SigLIP2-256--webli",
    "ViT-B-32/openai": "ViT-B-32--openai",
    "ViT-B/32/OpenAI": "ViT-B-32--openai",
    "xlm-roberta-base-ViT-B-32/laion5b-s13b-b90k": "xlm-roberta-base-ViT-B-32--laion5b_s13b_b90k",
    "ViT-H-14-worldwide/metaclip2_worldwide": "ViT-H-14-worldwide-quickgelu--metaclip2_worldwide",
    "hf-hub:timm/ViT-B-16-SigLIP2": "hf-hub--timm--ViT-B-16-SigLIP2",
    "hf-hub:laion/CLIP-ViT-B-32.x": "hf-hub--laion--CLIP-ViT-B-32.x",
}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IMGFIT_MODELS", str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "models"


def put(path: Path, **notes: object) -> ModelFolder:
    path.mkdir(parents=True)
    for name, content in FILES.items():
        (path / name).write_bytes(content)
    if notes:
        (path / "imgfit.json").write_text(json.dumps(notes))
    return ModelFolder(path)


@pytest.mark.parametrize("name", SLUGS)
def test_a_name_stands_for_one_folder(models: Path, name: str) -> None:
    place = models / SLUGS[name]
    with pytest.raises(ModelMissingError) as raised:
        find_model(name)
    for line in (raised.value.say("en"), raised.value.say("id")):
        assert f"imgfit models pull {name}'" in line
        assert "imgfit models add model.tar" in line
        assert line.endswith(str(place))
    folder = put(place, licence="MIT")
    assert find_model(name) == folder
    assert ModelName.parse(ModelName.parse(name).name).place == place


def test_folders_of_names_are_read_back_and_differ() -> None:
    names = [*registered_names(), "hf-hub:a/b", "hf-hub:a/b__c", "hf-hub:a__b/c"]
    slugs = {ModelName.parse(name).slug for name in names}
    renamed = {"ViT-H-14-worldwide--metaclip2_worldwide"}
    assert slugs == {n.replace("/", "--").replace("hf-hub:", "hf-hub--") for n in names} - renamed


def test_a_folder_that_exists_wins_over_a_name_with_a_slash(models: Path) -> None:
    bundle = put(models / "ViT-B-32--openai")
    assert find_model("ViT-B-32/openai") == bundle
    own = put(models.parent / "ViT-B-32" / "openai")
    assert find_model("ViT-B-32/openai").path.resolve() == own.path
    # Presets and the built-in model do not give way; a prefix or a path does.
    put(models.parent / "fast")
    with pytest.raises(ModelMissingError):
        find_model("fast")
    assert find_model("./fast").path.resolve() == models.parent / "fast"
    assert find_model("local-dir:fast").path.resolve() == models.parent / "fast"


def test_the_error_lists_what_was_tried_and_what_is_near(models: Path) -> None:
    with pytest.raises(ModelUnknownError) as raised:
        find_model("ViT-B-32/laion2b_s34b_b79")
    for line in (raised.value.say("en"), raised.value.say("id")):
        assert "fast, base, accurate" in line
        assert str(models.parent / "ViT-B-32" / "laion2b_s34b_b79") in line
        assert str(models / "ViT-B-32--laion2b_s34b_b79") in line
        assert f"({len(registered_names())})" in line
        assert "ViT-B-32/laion2b_s34b_b79k" in line


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("basee", "base"),
        ("Mini", "mini"),
        ("ViT-B-32", "ViT-B-32/openai"),
        ("ViT-B-16-SigLIP2-256/webly", "ViT-B-16-SigLIP2-256/webli"),
        ("qqqqqq", "–"),
    ],
)
def test_near_names_are_proposed_and_never_taken(models: Path, name: str, near: str) -> None:
    with pytest.raises(ModelUnknownError) as raised:
        find_model(name)
    assert near in str(raised.value.facts["near"]).split(", ")


def test_a_bundle_is_found_without_torch(models: Path) -> None:
    put(models / "ViT-B-16-SigLIP2-256--webli")
    code = (
        "import sys; from imgfit.models.finding import find_model; find_model('base'); "
        "print([m for m in ('torch', 'open_clip', 'huggingface_hub') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_models_are_kept_in_the_users_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMGFIT_MODELS", raising=False)
    assert models_folder().name == "models"
    assert models_folder().parent.name == "imgfit"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("org/name", True),
        ("xlm-roberta-base", True),
        ("org/name.v2_x", True),
        ("", False),
        ("/name", False),
        ("org/", False),
        ("a/b/c", False),
        ("../x", False),
        ("org/..", False),
        ("org/.x", False),
        ("org/x.", False),
        ("org--x/y", False),
        ("http://x", False),
        ("org/x\n", False),
        ("org\\x", False),
    ],
)
def test_names_of_repositories(name: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert is_repository(name) == expected


# --- licences, languages and figures -------------------------------------------------------------


@pytest.mark.parametrize("licence", ["CC-BY-NC-4.0", "cc-by-nc-sa-4.0", "nc", None])
def test_a_non_commercial_licence_is_named_when_loaded(models: Path, licence: str | None) -> None:
    put(models / "nllb-clip-base--v1", **({"licence": licence} if licence else {}))
    with pytest.warns(LicenceWarning, match="not for commercial use") as caught:
        find_model("nllb-clip-base/v1")
    error = caught[0].message.error  # type: ignore[union-attr]
    assert isinstance(error, LicenceError)
    assert "tidak untuk keperluan komersial" in error.say("id")
    assert "fast, base, accurate" in error.say("id")


@pytest.mark.parametrize("licence", ["MIT", "Apache-2.0", "sync", "other", "launch-1.0"])
def test_other_licences_pass_in_silence(models: Path, licence: str) -> None:
    put(models / "nllb-clip-base--v1", licence=licence)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        find_model("nllb-clip-base/v1")


@pytest.mark.parametrize("name", AFTER_RELEASE)
def test_a_model_that_needs_a_newer_open_clip_is_named(models: Path, name: str) -> None:
    with pytest.raises(ModelNewerError, match=r"newer than 3\.3\.0") as caught:
        find_model(name)
    assert "lebih baru daripada 3.3.0" in caught.value.say("id")
    with pytest.raises(ModelNewerError):
        pull_model(name, endpoint="http://127.0.0.1:9")
    assert list(models.iterdir()) == [models / ".writing"]


def test_licences_and_figures_as_published() -> None:
    worldwide = [known for name, known in KNOWN.items() if "worldwide" in name]
    assert [known.licence for known in worldwide] == ["CC-BY-NC-4.0"] * 4
    figures = KNOWN["nllb-clip-large-siglip/v1"].figures
    assert [(f.percent, f.what) for f in figures] == [(85.5, "id_mean"), (63.8, "id_first")]


def test_known_models_are_in_open_clips_registry() -> None:
    assert set(KNOWN) - {"mini"} <= set(registered_names())
    assert languages_of("a", "b") is None


def test_presets_may_be_used_by_anybody_and_know_both_languages() -> None:
    for known in (KNOWN["mini"], *PRESETS.values()):
        assert known.licence == "Apache-2.0"
        assert known.languages is not None
        assert {"id", "en"} <= known.languages
        assert known.figures
    assert all(figure.source for known in KNOWN.values() for figure in known.figures)
    built_in = find_model("mini")
    assert built_in.read_languages() == KNOWN["mini"].languages
    assert built_in.read_licence() == KNOWN["mini"].licence
    size = sum(path.stat().st_size for path in built_in.path.iterdir())
    assert round(size / 1e6) == KNOWN["mini"].megabytes


@pytest.mark.parametrize(
    ("name", "english"),
    [
        ("ViT-B-32/openai", True),
        ("ViT-B-32/laion400m_e31", True),
        ("ViT-B-32/laion2b_s34b_b79k", True),
        ("ViT-L-14/datacomp_xl_s13b_b90k", True),
        ("ViT-L-14-CLIPA/datacomp1b", True),
        ("MobileCLIP-S1/datacompdr", True),
        ("MobileCLIP2-S0/dfndr2b", True),
        ("ViT-B-16-SigLIP/webli", True),
        ("ViT-SO400M-14-SigLIP-384/webli", True),
        ("coca_ViT-B-32/mscoco_finetuned_laion2b_s13b_b90k", True),
        ("ViT-B-16-SigLIP-i18n-256/webli", False),
        ("ViT-B-16-SigLIP2/webli", False),
        ("xlm-roberta-base-ViT-B-32/laion5b_s13b_b90k", False),
        ("ViT-H-14-worldwide/metaclip2_worldwide", False),
        ("nllb-clip-large-siglip/mrl", False),
        ("PE-Core-B-16/meta", None),
        ("ViT-B-32/commonpool_m_s128m_b4k", None),
    ],
)
def test_languages_by_name(name: str, english: bool | None) -> None:  # noqa: FBT001 - a table
    assert name in registered_names()
    languages = languages_of(*name.split("/"))
    if english is None:
        assert languages is None
    else:
        assert languages is not None
        assert (languages == ENGLISH) == english
        assert ("id" in languages) != english


def test_non_commercial_is_read_from_the_name() -> None:
    assert is_non_commercial("CC-BY-NC-4.0")
    assert not is_non_commercial("apple-ascl")
    assert not is_non_commercial(None)


@pytest.mark.parametrize(
    ("name", "mean", "resize", "size", "quick"),
    [
        ("ViT-B-32-SigLIP2-256/webli", 0.5, "squash", 256, False),
        ("ViT-B-32/openai", 0.48145466, "shortest", 224, True),
        ("ViT-B-32/laion2b_s34b_b79k", 0.48145466, "shortest", 224, False),
        ("ViT-H-14-worldwide/metaclip2_worldwide", 0.48145466, "shortest", 224, True),
        ("ViT-H-14-worldwide-378/metaclip2_worldwide", 0.48145466, "squash", 378, False),
        ("MobileCLIP-S1/datacompdr", 0.0, "shortest", 256, False),
    ],
)
def test_the_registry_gives_a_tags_own_preprocessing_and_activation(
    name: str,
    mean: float,
    resize: str,
    size: int,
    quick: bool,  # noqa: FBT001 - a table
) -> None:
    found = registered(*name.split("/"))
    assert found is not None
    stored = found.config["preprocess_cfg"]
    assert (stored["mean"][0], stored["resize_mode"], stored["size"]) == (mean, resize, size)
    assert stored.keys() == {
        *("fill_color", "interpolation", "mean", "mode", "resize_mode", "size", "std")
    }
    assert found.config["model_cfg"].get("quick_gelu", False) == quick
    assert found.repository.count("/") == 1
    json.dumps(found.config)


def test_every_model_of_the_registry_names_repositories_that_may_be_asked_for() -> None:
    for name in registered_names():
        found = registered(*name.rsplit("/", 1))
        assert found is not None
        assert is_repository(found.repository)
        text = found.config["model_cfg"]["text_cfg"]
        for key in ("hf_tokenizer_name", "hf_model_name"):
            assert key not in text or is_repository(text[key])


@pytest.mark.parametrize(
    "content", ["", "[]", "3", '{"languages": "id"}', '{"languages": ["ind"]}']
)
def test_damaged_notes_are_named(models: Path, content: str) -> None:
    folder = put(models / "ViT-B-32--openai")
    (folder.path / "imgfit.json").write_text(content)
    with pytest.raises(ModelBrokenError, match=r"imgfit\.json"):
        folder.read_languages()


def test_notes_that_say_more_are_no_mistake(models: Path) -> None:
    folder = put(models / "ViT-B-32--openai", languages=["id"], licence=3, later={"a": [1]})
    assert folder.read_languages() == frozenset({"id"})
    assert folder.read_licence() is None
    assert put(models / "x", licence="MIT").read_languages() is None
