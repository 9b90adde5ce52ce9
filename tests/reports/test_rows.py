"""Rows as files: whole, in order, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from imgfit import Batch, Draft, Score
from imgfit.errors import ArgumentError, PhotoMissingError
from imgfit.remarks import Reason
from imgfit.reports.rows import csv_table, json_lines, write_rows
from imgfit.scoring.evidence import Evidence, OtherDraft, Window
from imgfit.scoring.signature import Signature
from imgfit.scoring.thresholds import Thresholds

KEYS = ["row_version", "id", "photo", "caption", "text", "cosine", "fit", "probability", "evidence_ratio", "verdict", "reasons", "hints", "windows",
        "dropped_tokens", "error", "signature"]  # fmt: skip
SIGNED = Signature.of({"imgfit": "0"}, Thresholds())


def batch(*captions: str) -> Batch:
    scores = [Score(Draft(Path("a.jpg"), c), text=c, cosine=0.1, fit=0.5) for c in captions]
    failed = Score(Draft(Path("b.jpg"), "x"), error=PhotoMissingError(photo="b.jpg"))
    return Batch((*scores, failed), Thresholds(), SIGNED)


def test_json_lines_have_the_agreed_keys() -> None:
    rows = [json.loads(line) for line in json_lines(batch("satu\u2028dua")).splitlines()]
    assert [list(row) for row in rows] == [[*KEYS, "columns"]] * 2
    assert rows[0]["caption"] == "satu\u2028dua"
    assert rows[0]["verdict"] == "silent"
    assert rows[1]["error"].startswith("PhotoMissingError: no photo at b.jpg")


def whole_batch() -> Batch:
    evidence = Evidence(other=OtherDraft("b.jpg", "=rapat", 0.99, 1))
    scores = (
        Score(Draft("z.jpg", "Rapat", "z"), text="Rapat", cosine=-0.123456789, fit=0.5,
              windows=(Window("=rapat", 0.1, 0.2), Window("di aula", 0.3, 0.4, 0.03)), dropped_tokens=3,
              evidence=evidence, signature=SIGNED),
        Score(Draft(b"xyz", "Apel"), text="Apel", cosine=0.3, fit=0.97, signature=SIGNED),
        Score(Draft(Path("w.jpg"), "12"), evidence=Evidence(unjudged=Reason("nothing_to_score", {})), signature=SIGNED),
        Score(Draft(None, None, "y"), error=PhotoMissingError(photo="y.jpg"), signature=SIGNED),
    )  # fmt: skip
    return Batch(scores, Thresholds(), SIGNED)


def test_each_kind_of_row_as_json() -> None:
    rows = [json.loads(line) for line in json_lines(whole_batch()).splitlines()]
    assert [list(row) for row in rows] == [[*KEYS, "columns"]] * 4
    assert [row["id"] for row in rows] == ["z", "<3 bytes>", "w.jpg", "y"]
    assert [row["photo"] for row in rows] == ["z.jpg", None, "w.jpg", None]
    assert [row["verdict"] for row in rows] == ["silent", "speaks", "unsure", "failed"]
    assert [row["fit"] for row in rows] == [0.5, 0.97, None, None]
    assert [[r["code"] for r in row["reasons"]] for row in rows] == [
        ["speaks_of_other", "tokens_dropped"], [], ["nothing_to_score"], [],
    ]  # fmt: skip
    assert rows[0]["cosine"] == -0.123457
    assert rows[0]["windows"] == [
        {"text": "=rapat", "cosine": 0.1, "fit": 0.2, "weight": 1.0, "judged": True},
        {"text": "di aula", "cosine": 0.3, "fit": 0.4, "weight": 0.03, "judged": False},
    ]  # fmt: skip
    assert rows[0]["dropped_tokens"] == 3
    assert {row["signature"] for row in rows} == {str(SIGNED)}
    assert [row["error"] is None for row in rows] == [True, True, True, False]


def test_each_kind_of_row_as_csv() -> None:
    text = csv_table(whole_batch())
    assert text.startswith("\ufeff" + ",".join(KEYS) + "\r\n")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [list(row) for row in rows] == [KEYS] * 4
    assert rows[0]["windows"] == "'=rapat | di aula"
    told = [reason.say("en") for reason in whole_batch()[0].reasons]
    assert len(told) == 2
    assert rows[0]["reasons"] == " | ".join(told)
    assert rows[0]["cosine"] == "-0.123457"  # a number is no formula
    assert [row["fit"] for row in rows] == ["0.5", "0.97", "", ""]
    assert rows[3]["error"].startswith("PhotoMissingError: ")


def test_a_cell_keeps_its_lines_quotes_and_commas() -> None:
    caption = 'Rapat, "sidang"\nlalu apel; selesai\r\n'
    table = csv_table(batch(caption)).removeprefix("\ufeff")
    assert next(csv.DictReader(io.StringIO(table, newline="")))["caption"] == caption


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "JSONL"])
def test_what_no_file_can_hold_is_escaped(tmp_path: Path, suffix: str) -> None:
    # Half an emoji from a cut caption, and a file name that is no UTF-8.
    rows = batch("Rapat \ud83d", "foto\udcff")
    write_rows(rows, tmp_path / f"x.{suffix}")
    text = (tmp_path / f"x.{suffix}").read_text("utf-8")
    assert "Rapat \\ud83d" in text
    if suffix != "csv":
        again = [json.loads(line)["caption"] for line in text.splitlines()]
        assert again == ["Rapat \ud83d", "foto\udcff", "x"]


def test_every_text_cell_is_guarded() -> None:
    draft = Draft("=a.jpg", "+b", "@c")
    (row,) = csv.DictReader(
        io.StringIO(
            csv_table(
                Batch(
                    (Score(draft, text="-d", signature=Signature.of({"=s": ""}, Thresholds())),),
                    Thresholds(),
                    SIGNED,
                )
            ).removeprefix("\ufeff")
        )
    )
    assert [row[key] for key in ("photo", "caption", "id", "text", "signature")] == [
        "'=a.jpg", "'+b", "'@c", "'-d", "'=s:|far:0.05/0.25",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "caption",
    [
        "=HYPERLINK(1)",
        '=HYPERLINK("https://x.id","klik")',
        "+1",
        "-2",
        "@x",
        "  =1",
        "\t=1",
        "\r=1",
    ],
)
def test_no_cell_is_a_formula(caption: str) -> None:
    text = csv_table(batch(caption)).removeprefix("\ufeff")
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(table[0]) == KEYS
    assert table[0]["caption"] == "'" + caption


@pytest.mark.parametrize(
    ("caption", "cell"),
    [
        ("Rapat;=1+1", "Rapat;'=1+1"),
        ("Rapat; @SUM(1)", "Rapat;' @SUM(1)"),
        ("satu\n- dua\r\n+ tiga", "satu\n'- dua\r\n'+ tiga"),
        ("a\t=1", "a\t'=1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("\x1b[31m=1\x07\x9b", "[31m=1"),
        ("\x00=1", "'=1"),
        (";;;\n\n;=1", ";;;\n\n;'=1"),
    ],
)
def test_no_cell_hides_a_formula(caption: str, cell: str) -> None:
    text = csv_table(batch(caption)).removeprefix("\ufeff")
    assert next(csv.DictReader(io.StringIO(text, newline="")))["caption"] == cell


def test_guarding_a_cell_takes_time_in_proportion_to_it() -> None:
    # Quadratic, it would take minutes.
    for piece in ("\n", "; ", " ", "\t", "\r\n", "\u00a0"):
        assert len(csv_table(batch(piece * (400_000 // len(piece))))) > 400_000


@pytest.mark.parametrize(
    "text", ["\x7f", "\x9b31m", "a\u202eb", "\u2066", "\ufeff", "\u2028", "\x1b]8;;x\x07", "\ud83d"]
)
def test_json_lines_command_no_terminal_and_stay_exact(text: str) -> None:
    lines = json_lines(batch(text))
    assert all(c.isprintable() or c == "\n" for c in lines)
    assert json.loads(lines.split("\n")[0])["caption"] == text


@pytest.mark.parametrize("caption", ["Rapat = apel", "a-b", "a@b", "'=1", "", "a; b - c", "a, =b"])
def test_other_cells_are_left_alone(caption: str) -> None:
    text = csv_table(batch(caption)).removeprefix("\ufeff")
    assert next(csv.DictReader(io.StringIO(text)))["caption"] == caption


def test_both_kinds_of_file(tmp_path: Path) -> None:
    for name, render in (("x.jsonl", json_lines), ("X.CSV", csv_table)):
        write_rows(whole_batch(), str(tmp_path / name))
        assert (tmp_path / name).read_bytes().decode("utf-8") == render(whole_batch())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["X.CSV", "x.jsonl"]


def test_a_number_that_is_none_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("old")
    broken = Batch((Score(Draft("a", "b"), fit=float("nan")),), Thresholds(), SIGNED)
    with pytest.raises(ValueError, match="JSON"):
        write_rows(broken, tmp_path / "x.jsonl")
    assert (tmp_path / "x.jsonl").read_text() == "old"


def test_files_are_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.jsonl"
    write_rows(batch("satu"), path)
    before = path.read_text("utf-8")
    assert before == json_lines(batch("satu"))

    def full(self: Path, target: Path) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ArgumentError, match="no space left"):
        write_rows(batch("dua"), path)
    assert path.read_text("utf-8") == before
    assert [p.name for p in tmp_path.iterdir()] == ["x.jsonl"]


@pytest.mark.parametrize("name", ["x.pdf", "x", "x.json", ".jsonl", "x.csv.bak"])
def test_a_name_that_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArgumentError, match="path is .*: a name ending in") as caught:
        write_rows(batch("satu"), tmp_path / name)
    assert "nama berkas harus berakhiran .jsonl, .csv, .xlsx, atau .parquet" in caught.value.say(
        "id"
    )


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="nowhere"):
        write_rows(batch("satu"), tmp_path / "nowhere" / "x.csv")


def test_a_table_without_rows_has_its_header() -> None:
    empty = Batch((), Thresholds(), Signature())
    assert csv_table(empty).removeprefix("\ufeff").startswith("row_version,id,photo,caption,")
