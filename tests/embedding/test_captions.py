"""Captions made ready for an encoder: one carrier, equal ones once, kept across runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imgfit.cache.embeddings import EmbeddingCache
from imgfit.captions.versions import MAX_CHARACTERS
from imgfit.embedding.captions import PreparedCaption, prepare_captions, read_captions
from tests.conftest import FakeEncoder

if TYPE_CHECKING:
    from pathlib import Path

GERMAN = "Die Kinder spielen heute im Garten hinter dem alten Haus"


class Counting(FakeEncoder):
    """Counts how often a text's tokens are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.counted = 0

    def count_tokens(self, text: str) -> int:
        self.counted += 1
        return super().count_tokens(text)


def read(captions: list[Any], **options: Any) -> list[PreparedCaption]:
    names = [f"draf {n}" for n in range(len(captions))]
    return read_captions(FakeEncoder(), captions, names, **{"clean": True, **options})


def test_a_caption_is_cleaned_and_cut_into_windows() -> None:
    (caption,) = read(["Rapat di aula besar. Semua peserta hadir tepat waktu. https://a.go.id/x"])
    assert caption.text == "Rapat di aula besar. Semua peserta hadir tepat waktu."
    assert caption.dropped == ("https://a.go.id/x",)
    assert caption.windows == ("Rapat di aula besar.", "Semua peserta hadir tepat waktu.")
    assert (caption.over, caption.unjudged, caption.error) == (0, None, None)
    (unclean,) = read([" Rapat #Aula "], clean=False)
    assert (unclean.text, unclean.dropped) == ("Rapat #Aula", ())


def test_captions_that_cannot_be_read_say_why_in_order() -> None:
    captions = [None, "  ", "a" * (MAX_CHARACTERS + 1), "Rapat di aula", 3, "Rapat di aula"]
    read_ones = read(captions)
    codes = [caption.error.code if caption.error else None for caption in read_ones]
    assert codes == ["CaptionMissingError", "CaptionEmptyError", "CaptionTooLongError", None,
                     "ArgumentError", None]  # fmt: skip
    assert "draf 1" in str(read_ones[1].error)
    assert read_ones[3] == read_ones[5]
    assert [bool(caption.windows) for caption in read_ones] == [False] * 3 + [True, False, True]


@pytest.mark.parametrize(
    ("caption", "languages", "reason", "error"),
    [
        ("#satu #dua #tiga", None, "nothing_to_score", "CaptionWordlessError"),
        ("Siti Nurhaliza dan Ahmad Fauzan", None, "names_only", "CaptionWordlessError"),
        (GERMAN, {"id", "en"}, "language_not_covered", "CaptionLanguageError"),
    ],
)
def test_a_caption_that_is_not_scored_has_no_windows_and_a_reason(
    caption: str, languages: set[str] | None, reason: str, error: str
) -> None:
    (found,) = read([caption], languages=languages)
    assert found.unjudged is not None
    assert (found.unjudged.code, found.windows, found.error) == (reason, (), None)
    unusable = found.unusable("draf 0")
    assert unusable is not None
    assert unusable.code == error


def test_the_wrong_model_for_an_indonesian_caption_is_an_error() -> None:
    caption = "Anak-anak bermain bola di lapangan dekat sekolah dengan gembira"
    (found,) = read([caption], languages={"en"})
    assert found.error is not None
    assert found.error.code == "CaptionLanguageError"
    assert found.unusable("draf 0") is found.error
    assert read([GERMAN])[0].unjudged is None  # where nobody said what the encoder learned


def test_equal_captions_are_prepared_once_and_kept_across_runs(tmp_path: Path) -> None:
    captions = [
        "Rapat di aula besar. https://a.go.id",
        "Upacara di lapangan",
        "Upacara di lapangan",
    ]
    with EmbeddingCache(tmp_path / "c") as cache:
        first, again, other = Counting(), Counting(), Counting()
        made = prepare_captions(first, captions, clean=True, cache=cache)
        known = prepare_captions(again, captions, clean=True, cache=cache)
        assert known == made
        assert (first.counted, again.counted) == (2, 0)
        prepare_captions(other, captions, clean=False, cache=cache)
        assert other.counted > 0  # under another key
