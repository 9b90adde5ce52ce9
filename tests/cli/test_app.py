"""The command: what it prints, where, and how it exits."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import fsspec
import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet
from typer.testing import CliRunner

from imgfit import Calibration, Checker, EmbeddingCache, read_drafts
from imgfit.cli import app as cli
from imgfit.language import percent
from tests.conftest import (
    COLOURS,
    Another,
    FakeEncoder,
    fake_calibration,
    fake_cohort,
    own_drafts,
    photos_of,
    save_photo,
)

if TYPE_CHECKING:
    from typer.testing import Result


@pytest.fixture
def run(checker: Checker, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command over the fake encoder: what is tested is the command, not the model."""
    monkeypatch.setattr(Checker, "load", lambda *_, **__: checker)
    monkeypatch.setenv("COLUMNS", "160")

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(cli.app, ["check", *map(str, arguments), "--no-cache"])

    return run


@pytest.fixture
def drafts(tmp_path: Path) -> Path:
    folder = tmp_path / "drafts"
    for name, colour, caption in [
        ("bagus", "merah", "Mobil merah di jalan"),
        ("salah", "biru", "Daun hijau di kebun hijau"),
    ]:
        save_photo(folder / f"{name}.png", colour)
        (folder / f"{name}.txt").write_text(caption, "utf-8")
    save_photo(folder / "sendiri.png")
    return folder


def test_table_weakest_first(run: Any, drafts: Path) -> None:
    result = run(drafts, "--lang", "id")
    assert result.exit_code == 1
    rows = [result.stdout.index(name) for name in ("sendiri.png", "salah.png", "bagus.png")]
    assert rows == sorted(rows)
    assert "tidak berbicara" in result.stdout
    assert "3 draf: 1 berbicara, 0 kurang berbicara, 1 tidak berbicara" in result.stdout
    assert "model:fake@fake-1" in result.stdout


def test_english_table(run: Any, drafts: Path) -> None:
    result = run(drafts, "--lang", "en")
    assert "3 drafts: 1 speaks, 0 weak, 1 silent, 0 unsure, 1 failed" in result.stdout
    assert "no caption for" in " ".join(result.stdout.split())


def test_all_pass_is_zero(run: Any, drafts: Path) -> None:
    assert run(drafts / "bagus.png").exit_code == 0
    assert run(drafts / "bagus.png", "--caption", "Langit biru").exit_code == 1


def test_json_lines_on_stdout(run: Any, drafts: Path) -> None:
    result = run(drafts, "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["id"] for row in rows] == ["bagus.png", "salah.png", "sendiri.png"]
    assert [row["verdict"] for row in rows] == ["speaks", "silent", "failed"]
    assert rows[2]["error"].startswith("CaptionMissingError: ")
    assert all(row["signature"] for row in rows)


def test_output_files_hold_every_draft(run: Any, drafts: Path, tmp_path: Path) -> None:
    run(drafts, "--output", tmp_path / "x.jsonl")
    run(drafts, "-o", tmp_path / "x.csv")
    lines = (tmp_path / "x.jsonl").read_text("utf-8").splitlines()
    table = list(csv.DictReader(io.StringIO((tmp_path / "x.csv").read_text("utf-8-sig"))))
    assert [json.loads(line)["id"] for line in lines] == [row["id"] for row in table]
    assert len(table) == 3


@pytest.mark.parametrize(
    ("lang", "title"), [("id", "Apakah fotonya berbicara?"), ("en", "Does the photo speak?")]
)
def test_a_report_to_look_at(run: Any, drafts: Path, tmp_path: Path, lang: str, title: str) -> None:
    result = run(drafts, "--report", tmp_path / "r.HTML", "--lang", lang)
    assert result.exit_code == 1
    html = (tmp_path / "r.HTML").read_text("utf-8")
    assert f"<h1>{title}</h1>" in html
    assert html.count("<article") == 3
    assert html.count("<img") == 3
    assert str(drafts) in html
    assert str(tmp_path / "r.HTML") in result.stderr
    assert "<" not in result.stdout


@pytest.mark.parametrize("name", ["r.pdf", "r", "nowhere/r.html", "drafts.html"])
def test_a_bad_place_for_the_report_is_refused_before_the_work(
    run: Any, drafts: Path, tmp_path: Path, name: str, encoder: FakeEncoder
) -> None:
    (tmp_path / "drafts.html").mkdir()
    result = run(drafts, "--report", tmp_path / name, "--lang", "en")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""
    assert encoder.photos_encoded == 0
    assert not (tmp_path / name).is_file()


def test_far_moves_the_gate(run: Any, drafts: Path) -> None:
    result = run(drafts / "salah.png", "--far", "0.999", "--json")
    assert json.loads(result.stdout)["verdict"] == "speaks"
    assert "far:0.999" in json.loads(result.stdout)["signature"]


def test_no_clean_scores_the_caption_as_written(run: Any, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png")
    caption = "Mobil merah. Jangan lupa like dan share! #a #b"
    cleaned, whole = (
        json.loads(run(photo, "--caption", caption, "--json", *flag).stdout)
        for flag in ([], ["--no-clean"])
    )
    assert cleaned["text"] == "Mobil merah."
    assert whole["text"] == caption
    assert "-unclean" not in cleaned["signature"]
    assert "-unclean" in whole["signature"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "nothing at nowhere"),
        (["{drafts}", "--far", "2"], "far is 2.0"),
        (["{drafts}", "--caption", "x"], "caption is given"),
        (["{drafts}", "--output", "x.pdf"], ".jsonl or .csv or .parquet"),
        (["{drafts}/empty"], "no draft in"),
        (["{drafts}/bad.csv"], "no caption column"),
    ],
)
def test_usage_errors_are_one_line_and_exit_2(
    run: Any, drafts: Path, arguments: list[str], says: str
) -> None:
    (drafts / "empty").mkdir()
    (drafts / "bad.csv").write_text("photo,judul\na.jpg,x\n")
    result = run(*[a.format(drafts=drafts) for a in arguments], "--lang", "en")
    assert result.exit_code == 2
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_an_unknown_model_exits_2(tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png")
    result = CliRunner().invoke(
        cli.app,
        ["check", str(photo), "-c", "x", "--model", "gpt", "--no-cache", "--lang", "id"],
    )
    assert result.exit_code == 2
    assert "model 'gpt' tidak dikenal" in result.stderr


def test_captions_cannot_command_the_terminal(run: Any, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png", "merah")
    result = run(photo, "--caption", "\x1b[31mLangit biru\x07 [bold]x[/bold]")
    assert "\x1b[31m" not in result.stdout
    assert "\x07" not in result.stdout
    assert "[bold]x[/bold]" in result.stdout


def test_hints_stand_under_the_reasons(run: Any, tmp_path: Path) -> None:
    described = Image.Exif()
    described[0x010E] = "Mobil merah di jalan"
    Image.new("RGB", (40, 30), COLOURS["merah"]).save(tmp_path / "a.jpg", exif=described)
    table = " ".join(run(tmp_path, "--lang", "id").stdout.split())
    assert "catatan foto: keterangan diambil dari metadata foto itu sendiri (EXIF)" in table
    (row,) = map(json.loads, run(tmp_path, "--json").stdout.splitlines())
    assert {"code": "caption_from_photo", "value": "EXIF"} in row["hints"]
    assert row["verdict"] == "speaks"


def test_several_paths(run: Any, drafts: Path) -> None:
    result = run(drafts / "salah.txt", drafts / "bagus.png", drafts, "--json")
    names = [json.loads(line)["id"] for line in result.stdout.splitlines()]
    assert names == [f"{drafts}/{name}.png" for name in ("salah", "bagus", "sendiri")]
    assert run(drafts / "bagus.png", drafts / "bagus.txt").exit_code == 0


def test_version() -> None:
    result = CliRunner().invoke(cli.app, ["--version"])
    assert result.exit_code == 0
    assert result.stdout.startswith("imgfit 0.")


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "imgfit", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("imgfit 0.")


@pytest.fixture
def bare(checker: Checker, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run any command over the fake encoder, without a cache."""
    monkeypatch.setattr(Checker, "load", lambda *_, **__: checker)
    monkeypatch.setenv("COLUMNS", "160")

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(cli.app, [*map(str, arguments), "--no-cache"])

    return run


def test_rank_shows_the_best_photo_first(bare: Any, drafts: Path) -> None:
    save_photo(drafts / "dalam" / "hijau.png", "hijau")
    result = bare("rank", drafts, "--caption", "Laut biru", "--lang", "id")
    assert result.exit_code == 0
    rows = [line for line in result.stdout.splitlines() if ".png" in line and "│" in line]
    assert "salah.png" in rows[0]
    assert "berbicara" in rows[0]
    assert len(rows) == 4
    assert "hampir sama dengan no." in result.stdout  # two photos are red
    assert "Foto terbaik unggul" in result.stdout
    assert "model:fake@fake-1" in result.stdout
    assert bare("rank", drafts / "bagus.png", "-c", "Laut biru").exit_code == 1


def test_rank_as_json_keeps_what_cannot_be_read(bare: Any, drafts: Path) -> None:
    arguments = ("rank", "hilang.png", drafts, "-c", "Laut biru", "--top", 1, "--json")
    result = bare(*arguments)
    assert result.exit_code == 1
    first, last = map(json.loads, result.stdout.splitlines())
    assert (first["place"], first["verdict"], first["group"]) == (1, "speaks", 1)
    assert first["margin"] > 1.75
    assert first["close"] is False
    assert last["error"].startswith("PhotoMissingError: ")
    assert first["signature"] == last["signature"]


def test_swap_names_who_takes_what(bare: Any, tmp_path: Path) -> None:
    for name, colour, caption in [
        ("a", "merah", "Laut biru"),
        ("b", "biru", "Mobil merah"),
        ("c", "hijau", "Daun hijau"),
    ]:
        save_photo(tmp_path / f"{name}.png", colour)
        (tmp_path / f"{name}.txt").write_text(caption, "utf-8")
    result = bare("swap", tmp_path, "--lang", "id")
    assert result.exit_code == 1
    assert "a.png: pakai foto b.png" in result.stdout
    assert "b.png: pakai foto a.png" in result.stdout
    assert "c.png" not in result.stdout
    rows = [json.loads(line) for line in bare("swap", tmp_path, "--json").stdout.splitlines()]
    assert [row["kind"] for row in rows] == ["swap", "better_photo", "better_photo"]
    assert {move["draft"] for move in rows[0]["moves"]} == {"a.png", "b.png"}
    (tmp_path / "a.txt").write_text("Mobil merah", "utf-8")
    (tmp_path / "b.txt").write_text("Laut biru", "utf-8")
    result = bare("swap", tmp_path, "--lang", "en")
    assert result.exit_code == 0
    assert "No photos are clearly swapped." in result.stdout
    save_photo(tmp_path / "sendiri.png")
    result = bare("swap", tmp_path, "--lang", "en")
    assert result.exit_code == 1
    assert "sendiri.png: no caption for" in result.stderr


def test_explain_writes_a_picture(bare: Any, drafts: Path, tmp_path: Path) -> None:
    place = tmp_path / "why.png"
    result = bare("explain", drafts / "bagus.png", "-o", place, "--lang", "id")
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"gambar ditulis ke {place}" in result.stderr
    before = place.read_bytes()
    assert before.startswith(b"\x89PNG")
    caption = ("--caption", "Langit biru", "--lang", "en")
    assert bare("explain", drafts / "bagus.png", "-o", place, *caption).exit_code == 0
    assert place.read_bytes() != before


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["rank", "{drafts}/empty", "-c", "x"], 2, "no photo in"),
        (["rank", "{drafts}", "-c", "#a #b"], 2, "holds no words to picture"),
        (["rank", "{drafts}", "-c", "Laut", "--far", "2"], 2, "far is 2"),
        (["swap", "nowhere"], 2, "nothing at nowhere"),
        (["explain", "{drafts}/bagus.png", "-o", "{drafts}/x.jpg"], 2, "name ending in .png"),
        (["explain", "{drafts}/hilang.png", "-o", "{drafts}/x.png"], 1, "no photo at"),
        (["explain", "{drafts}/sendiri.png", "-o", "{drafts}/x.png"], 1, "no caption for"),
        (["explain", "{drafts}/bagus.png", "-o", "{drafts}/x.png", "--far", "2"], 2,
         "between 0 and 1"),
        (["explain", "{drafts}/bagus.png", "-o", "{drafts}/x.png", "--method", "exact"], 2,
         "method is exact"),
    ],
)  # fmt: skip
def test_what_cannot_be_chosen_or_explained_is_one_line(
    bare: Any, drafts: Path, arguments: list[str], code: int, says: str
) -> None:
    (drafts / "empty").mkdir()
    result = bare(*[a.format(drafts=drafts) for a in arguments], "--lang", "en")
    assert result.exit_code == code
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""
    assert not list(drafts.glob("x.*"))


@pytest.fixture
def calibrate(checker: Checker, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run ``imgfit calibrate`` over the fake encoder."""
    monkeypatch.setattr(Checker, "load", lambda *_, **__: checker)

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(cli.app, ["calibrate", *map(str, arguments), "--no-cache"])

    return run


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A manifest of sixty drafts; every other one is labelled as not fitting, and is not."""
    rows = ["photo,caption,cocok"]
    for number, draft in enumerate(own_drafts(tmp_path, 60, labels=True)):
        rows.append(f"{number}.png,{draft.caption},{'ya' if draft.label else 'tidak'}")
    rows += ["hilang.png,Mobil merah,ya", "0.png,Mobil merah,entah"]
    path = tmp_path / "drafts.csv"
    path.write_text("\n".join(rows))
    return path


def test_calibrate_without_labels(calibrate: Any, own: Path, tmp_path: Path) -> None:
    place = tmp_path / "calibration.json"
    result = calibrate(own, "-o", place, "--lang", "id")
    assert result.exit_code == 0, result.stderr
    written = Calibration.load(place)
    assert (written.drafts, written.far, written.labels) == (60, 0.05, None)
    assert "ditukar, dari 61 draf; 60 di antaranya berbeda" in result.stdout
    assert "Berbicara mulai kecocokan 95%." in result.stdout
    assert "1 draf tidak dipakai" in result.stderr
    assert "foto tidak ada di" in result.stderr
    assert f"imgfit check --calibration {place}" in result.stderr


def test_calibrate_with_labels_and_a_picture(calibrate: Any, own: Path, tmp_path: Path) -> None:
    place, picture = tmp_path / "c.json", tmp_path / "c.svg"
    arguments = (own, "--labels", "cocok", "--far", "0.3", "-o", place, "--picture", picture)
    result = calibrate(*arguments, "--lang", "en")
    assert result.exit_code == 0, result.stderr
    labels = Calibration.load(place).labels
    assert labels is not None
    assert (labels.positives, labels.negatives) == (30, 30)
    assert f"not fitting: {percent(labels.bound, 'en')} at 95% confidence (Clopper" in result.stdout
    assert "2 drafts were left out" in result.stderr
    assert "cannot read the label 'entah'" in result.stderr
    assert "labelled as fitting (30)" in picture.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{own}", "-o", "{folder}/c.txt"], "name ending in .json"),
        (["{own}", "-o", "{folder}/none/c.json"], "folder that exists"),
        (["{own}", "-o", "{folder}/c.json", "--picture", "{folder}/c.png"], "ending in .svg"),
        (["{own}", "-o", "{folder}/c.json", "--far", "0.01"], "198 are needed"),
        (["{own}", "-o", "{folder}/c.json", "--labels", "cocok"], "labelled 0 .* 59 are needed"),
        (["{own}", "-o", "{folder}/c.json", "--labels", "nilai"], "no label column"),
        (["{folder}", "-o", "{folder}/c.json", "--labels", "x"], "labels is x"),
        (["{own}", "-o", "{folder}/c.json", "--far", "0"], "far is 0"),
    ],
)
def test_what_cannot_be_calibrated_leaves_no_file(
    calibrate: Any, own: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    before = sorted(tmp_path.iterdir())
    filled = [a.format(own=own, folder=tmp_path) for a in arguments]
    result = calibrate(*filled, "--lang", "en")
    assert result.exit_code == 2
    assert re.search(says, result.stderr)
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""
    assert sorted(tmp_path.iterdir()) == before


def test_check_decides_as_the_calibration_says(
    checker: Checker, run: Any, drafts: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = checker.recalibrated(
        checker.calibrate(read_drafts(own, labels="cocok"), far=0.3).calibration
    )
    monkeypatch.setattr(Checker, "load", lambda *_, **__: mine)
    (row,) = map(json.loads, run(drafts / "bagus.png", "--json").stdout.splitlines())
    assert f"|null:labels-{mine.scorer.calibration.digest}|" in row["signature"]
    assert row["signature"].endswith(f"|far:{mine.scorer.calibration.far:g}/0.3")
    assert row["probability"] > 0.5
    assert "probability " in run(drafts / "bagus.png", "--lang", "en").stdout
    (row,) = map(
        json.loads, run(drafts / "bagus.png", "--json", "--far", "0.2").stdout.splitlines()
    )
    assert row["signature"].endswith("|far:0.2/0.25")


def test_a_calibration_that_is_none_exits_2(tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png")
    path = tmp_path / "c.json"
    path.write_text("{}")
    arguments = ["check", str(photo), "-c", "x", "--calibration", str(path), "--no-cache"]
    result = CliRunner().invoke(cli.app, [*arguments, "--lang", "id"])
    assert result.exit_code == 2
    assert "c.json tidak terbaca" in result.stderr
    assert "imgfit calibrate" in result.stderr


# --- the cache -----------------------------------------------------------------------------------


@pytest.fixture
def command(encoder: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command over the fake encoder with the cache that it opened."""
    cohort = fake_cohort(encoder)
    calibration = fake_calibration(encoder, cohort)

    def load(*_: object, cache: EmbeddingCache | None, **__: object) -> Checker:
        return Checker(encoder, calibration, cohort, cache=cache)

    monkeypatch.setattr(Checker, "load", load)
    monkeypatch.setenv("COLUMNS", "160")

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(cli.app, list(map(str, arguments)))

    return run


def test_cache_info_and_clear(command: Any, drafts: Path, tmp_path: Path) -> None:
    place = tmp_path / "c.sqlite"
    command("check", drafts, "--cache", place)
    info = command("cache", "info", "--cache", place, "--lang", "en")
    assert info.exit_code == 0
    assert str(place) in info.stdout
    assert re.search(r"of at most 512 MB", info.stdout)
    assert re.search(r"\b4 rows  fake-1", info.stdout)  # two photos, two windows
    assert re.search(r"\b2 rows  header-1", info.stdout)
    cleared = command("cache", "clear", "--cache", place, "--lang", "id")
    assert cleared.exit_code == 0
    assert re.search(rf"^10 baris dihapus dari {re.escape(str(place))}", cleared.stdout)
    assert " rows  " not in command("cache", "info", "--cache", place, "--lang", "en").stdout
    assert "embedding" in command("cache", "info", "--cache", place, "--lang", "id").stdout


def test_no_cache_yet_is_said_and_none_is_made(command: Any, tmp_path: Path) -> None:
    place = tmp_path / "c.sqlite"
    for word in ("info", "clear"):
        result = command("cache", word, "--cache", place, "--lang", "en")
        assert result.exit_code == 0
        assert f"no cache at {place}" in result.stdout
    assert not place.exists()


def test_a_changed_caption_embeds_that_caption_only(
    command: Any, encoder: Any, drafts: Path, tmp_path: Path
) -> None:
    place = tmp_path / "c.sqlite"
    first = command("check", drafts, "--cache", place, "--json").stdout
    encoder.photos_encoded = 0
    encoder.texts_encoded.clear()
    counted = encoder.count_tokens
    encoder.count_tokens = None  # a warm run asks no tokenizer
    assert command("check", drafts, "--cache", place, "--json").stdout == first
    encoder.count_tokens = counted
    (drafts / "bagus.txt").write_text("Truk merah di jalan")
    command("check", drafts, "--cache", place)
    assert encoder.photos_encoded == 0
    assert encoder.texts_encoded == ["Truk merah di jalan"]


def test_a_damaged_cache_is_one_line_on_stderr(command: Any, drafts: Path, tmp_path: Path) -> None:
    place = tmp_path / "c.sqlite"
    first = command("check", drafts, "--cache", place, "--json").stdout
    place.write_bytes(b"no database " * 100)
    again = command("check", drafts, "--cache", place, "--json", "--lang", "id")
    assert again.stdout == first
    assert again.stderr.startswith("imgfit: cache embedding")
    assert "c.sqlite.broken" in again.stderr
    assert len(again.stderr.splitlines()) == 1


def test_a_cache_asked_for_must_work_and_the_usual_one_may_fail(
    command: Any, drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    asked = command("check", drafts, "--cache", tmp_path / "file/c", "--lang", "en")
    assert asked.exit_code == 2
    assert "--no-cache" in asked.stderr
    assert asked.stdout == ""
    monkeypatch.setattr("imgfit.cli.session.user_cache", lambda: tmp_path / "file/c")
    usual = command("check", drafts, "--json", "--lang", "en")
    assert usual.exit_code == 1
    assert len(usual.stdout.splitlines()) == 3
    assert "--no-cache" in usual.stderr


def test_looking_at_what_is_no_cache_leaves_it_as_it_is(command: Any, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png")
    before = photo.read_bytes()
    for word in ("info", "clear"):
        result = command("cache", word, "--cache", photo, "--lang", "en")
        assert result.exit_code == 2
        assert "not an imgfit cache file" in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
    assert photo.read_bytes() == before


@pytest.mark.parametrize(
    ("written", "code", "says"),
    [("3", 0, "of at most 3 MB"), *((w, 2, "IMGFIT_CACHE_MB") for w in ("0", "many", "-1"))],
)
def test_the_bound_comes_from_the_environment(
    command: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    *,
    written: str,
    code: int,
    says: str,
) -> None:
    place = tmp_path / "c.sqlite"
    EmbeddingCache(place).close()
    monkeypatch.setenv("IMGFIT_CACHE_MB", written)
    result = command("cache", "info", "--cache", place, "--lang", "en")
    assert result.exit_code == code
    assert says in result.output


_SLOW = """
import sys, time
from imgfit import Checker
from imgfit.cli import app as cli
from tests.conftest import FakeEncoder, fake_calibration, fake_cohort

class Slow(FakeEncoder):
    slow = False
    def encode_photos(self, pixels):
        rows = super().encode_photos(pixels)
        if self.slow:
            if self.photos_encoded == 32:
                print("ready", flush=True)
            time.sleep(0.1 if self.photos_encoded <= 32 else 60)
        return rows

encoder = Slow()
cohort = fake_cohort(encoder)
calibration = fake_calibration(encoder, cohort)
encoder.photos_encoded, encoder.slow = 0, True
Checker.load = lambda *_, cache, **__: Checker(encoder, calibration, cohort, cache=cache)
cli.main()
"""


def test_ctrl_c_is_a_line_and_130_and_keeps_what_was_embedded(tmp_path: Path) -> None:
    for path in photos_of(tmp_path / "photos", 100):
        path.with_suffix(".txt").write_text(f"Foto {path.stem}")
    place = tmp_path / "c.sqlite"
    process = subprocess.Popen(
        [sys.executable, "-c", _SLOW, "check", str(tmp_path / "photos"), "--cache", str(place),
         "--lang", "en"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, complaint = process.communicate(timeout=30)
    assert time.monotonic() - started < 2
    assert process.returncode == 130
    assert out == ""
    assert complaint.startswith("imgfit: stopped; ")
    assert len(complaint.splitlines()) == 1
    with EmbeddingCache(place) as cache:
        assert cache.info().rows["fake-1"] == 32


def test_a_second_model_gives_a_second_opinion(
    checker: Checker, run: Any, drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = Another()
    cohort = fake_cohort(encoder)
    other = Checker(encoder, fake_calibration(encoder, cohort), cohort)
    asked: list[tuple[str, bool]] = []

    def load(model: str, *, any_language: bool, **_: object) -> Checker:
        asked.append((model, any_language))
        return other if model == "other" else checker

    monkeypatch.setattr(Checker, "load", load)
    options = ("--second", "other", "--any-language", "--report", tmp_path / "r.html")
    result = run(drafts, "--json", *options)
    assert asked == [("mini", True), ("other", True)]
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    alone = [json.loads(line) for line in run(drafts, "--json").stdout.splitlines()]
    assert [row["id"] for row in rows] == [row["id"] for row in alone]
    assert all(row["signature"].startswith("mean-of-2|") for row in rows)
    assert "mean-of-2" in (tmp_path / "r.html").read_text("utf-8")
    result = run(drafts, "--second", "mini", "--lang", "en")
    assert result.exit_code == 2
    assert "another model" in result.stderr


def test_parquet_in_and_out(run: Any, drafts: Path, tmp_path: Path) -> None:
    table = {"foto": ["bagus.png", "salah.png"], "teks": ["Mobil merah", "Daun hijau"]}
    parquet.write_table(pa.table(table), drafts / "m.parquet")
    result = run(drafts / "m.parquet", "--output", tmp_path / "out.parquet", "--lang", "en")
    assert result.exit_code == 1
    assert parquet.read_table(tmp_path / "out.parquet")["verdict"].to_pylist() == [
        "speaks",
        "silent",
    ]
    wrong = run(drafts / "m.parquet", "--output", tmp_path / "out.xlsx")
    assert (wrong.exit_code, ".parquet" in wrong.stderr) == (2, True)


def test_a_package_that_lacks_is_told_before_the_work(
    run: Any, drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_work(*_: object, **__: object) -> NoReturn:
        raise AssertionError("drafts were read")

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr("imgfit.cli.check.read_drafts", no_work)
    result = run(drafts, "--output", tmp_path / "out.parquet", "--lang", "id")
    assert (result.exit_code, 'pip install ".[parquet]"' in result.stderr) == (2, True)


def test_a_manifest_and_a_root_by_address(run: Any, drafts: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/arsip/m.csv", b"photo,caption\nbagus.png,Mobil merah\n")
    memory.pipe("/foto/bagus.png", (drafts / "bagus.png").read_bytes())
    try:
        result = run("memory://arsip/m.csv", "--root", "memory://foto", "--json")
    finally:
        memory.store.clear()
    assert result.exit_code == 0
    assert json.loads(result.stdout)["photo"] == "memory://foto/bagus.png"


def test_caches_are_merged(command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("satu", "dua"):
        with EmbeddingCache(tmp_path / f"{name}.sqlite") as cache:
            cache.put("fake-1", {name: np.ones(4, np.float32), "x": np.ones(4, np.float32)})
    inputs = [tmp_path / "satu.sqlite", tmp_path / "dua.sqlite"]
    result = command("cache", "merge", tmp_path / "semua.sqlite", *inputs, "--lang", "en")
    assert result.exit_code == 0
    assert "3 rows added, 1 there already and equal, 0 there already with other" in result.stdout
    with EmbeddingCache(tmp_path / "semua.sqlite") as cache:
        assert len(cache) == 3
    missing = command("cache", "merge", tmp_path / "semua.sqlite", tmp_path / "tiga.sqlite")
    assert (missing.exit_code, "tiga.sqlite" in missing.stderr) == (2, True)


def test_a_cache_on_a_network_drive_is_refused_with_the_reason(
    command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c.sqlite"
    EmbeddingCache(path).close()
    monkeypatch.setattr("imgfit.cache.embeddings.network_filesystem", lambda _: "cifs")
    refused = command("cache", "info", "--cache", path, "--lang", "id")
    assert (refused.exit_code, "drive jaringan (cifs)" in refused.stderr) == (2, True)
    monkeypatch.setenv("IMGFIT_CACHE_ON_NETWORK", "1")
    assert command("cache", "info", "--cache", path).exit_code == 0
    monkeypatch.setenv("IMGFIT_CACHE_ON_NETWORK", "ya")
    assert command("cache", "info", "--cache", path).exit_code == 2
