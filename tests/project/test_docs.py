"""The documents' code runs and prints what they say, and they name all that the code can say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from imgfit.calibration.cohort import cohort_captions, scenes
from imgfit.calibration.norms import COHORT_TOP
from imgfit.calibration.null import _PROBABILITIES
from imgfit.remarks import REASONS, VERDICTS, Verdict
from imgfit.scoring import thresholds

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted((ROOT / "docs").glob("*.md"))
SCORES = ROOT / "docs" / "scores.md"

# A block of Python and, next after it, the block that shows what it prints.
_EXAMPLE = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", re.MULTILINE | re.DOTALL)


def examples(document: Path) -> list[tuple[str, str]]:
    return _EXAMPLE.findall(document.read_text("utf-8"))


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        pytest.param(code, printed, id=f"{document.name}-{place}")
        for document in DOCUMENTS
        for place, (code, printed) in enumerate(examples(document))
    ],
)
def test_an_example_prints_what_the_document_shows(
    code: str,
    printed: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # nothing is left in the user's
    exec(compile(code, "example", "exec"), {})  # noqa: S102 - our own page
    assert capsys.readouterr().out == printed


def test_the_document_has_examples() -> None:
    assert len(examples(SCORES)) == 3


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_python_block_goes_unchecked(document: Path) -> None:
    assert document.read_text("utf-8").count("```python\n") == len(examples(document))


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_is_explained_in_its_own_words(code: str) -> None:
    rows = [line for line in SCORES.read_text("utf-8").splitlines() if line.startswith("| `")]
    (row,) = [row for row in rows if row.startswith(f"| `{code}` |")]
    for sentence in REASONS[code].values():
        assert f"“{sentence}”" in row


def test_every_verdict_is_explained_with_its_rate() -> None:
    text = " ".join(SCORES.read_text("utf-8").split())
    for verdict in get_args(Verdict):
        assert f"| `{verdict}` | {VERDICTS['id'][verdict]} |" in text
    assert f"fit ≥ 1 - {thresholds.FAR:g}, `weak` if fit ≥ 1 - {thresholds.WEAK_FAR:g}" in text


def test_the_sizes_are_those_of_the_code() -> None:
    text = " ".join(SCORES.read_text("utf-8").split())
    assert f"{len(cohort_captions())} captions, Indonesian and English" in text
    assert f"of {len(scenes())} scenes" in text
    assert f"the {COHORT_TOP} captions that fit" in text
    assert f"the {COHORT_TOP} photos that fit" in text
    assert f"{len(_PROBABILITIES)} quantiles" in text


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text("utf-8"))
    local = [link for link in links if "://" not in link]
    assert local
    for link in local:
        assert (document.parent / link).exists(), link
