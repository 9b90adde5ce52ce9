"""The page's cards: one draft's score as the texts that a person reads, each of bounded length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from imgfit.photos.thumbnails import Thumbnail
from imgfit.reports.words import PAGE, SUPPORT, Outcome, filled, fit_percent, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgfit.language import Language
    from imgfit.photos.thumbnails import Shown
    from imgfit.remarks import Verdict
    from imgfit.scoring.results import Score

# Longer than any post (Instagram takes 2,200 characters), and still a bound on the page: a thousand
# of the longest cards take about 17 MB beside their thumbnails, a thousand usual ones 3 MB.
_MOST_CHARACTERS = 3_000
_MOST_PIECES = 60
_MOST_LINE = 600
_MOST_NAME = 200


class Says(Protocol):
    """A remark that can be said in both languages, such as a reason."""

    def say(self, language: Language) -> str:
        """Return it as one line of plain text."""


@dataclass(frozen=True, slots=True)
class BetterPhoto:
    """Another photo of the batch that fits a caption better.

    Attributes:
        draft: Place in the batch, from 0, of the draft whose photo it is.
        fit: Its fit with the caption, in [0, 1].
    """

    draft: int
    fit: float


@dataclass(frozen=True, slots=True)
class Advice:
    """What else is known about one draft.

    Attributes:
        hints: Remarks on the photo's quality.
        better: A photo of the same batch to consider.
    """

    hints: tuple[Says, ...] = ()
    better: BetterPhoto | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """A text of bounded length.

    Attributes:
        text: Its beginning, or all of it.
        rest: What to say of the rest; empty where there is none.
    """

    text: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One window of the caption.

    Attributes:
        text: As scored.
        verdict: What its own fit would get.
        said: How far the photo supports it, in words.
        fit: Its own fit in percent.
    """

    text: str
    verdict: Verdict
    said: str
    fit: str


@dataclass(frozen=True, slots=True)
class Better:
    """A better photo as the card shows it.

    Attributes:
        name: Id of the draft whose photo it is.
        fit: In words.
        anchor: That draft's card; None where it has none.
        picture: A small copy, if there is one.
    """

    name: str
    fit: str
    anchor: str | None
    picture: Thumbnail | None


@dataclass(frozen=True, slots=True)
class Card:
    """One draft as the page shows it.

    Attributes:
        anchor: Its place on the page.
        outcome: Its verdict, or ``"failed"``.
        name: The draft's id.
        picture: The thumbnail, if there is one.
        placeholder: What stands in its place if there is none.
        fit: In words; None where there is none.
        bar: The fit, in [0, 1].
        probability: In words; None where there is none.
        sentences: The caption as judged; empty where it was not.
        sentences_cut: What to say of the sentences left out.
        dropped: What cleaning took off the caption.
        written: The caption as written, where that is not what the sentences say.
        reasons: Why the verdict is what it is.
        mend: What went wrong and how to mend it; None unless the draft failed.
        hints: Remarks on the photo.
        better: A better photo, if one is known.
    """

    anchor: str
    outcome: Outcome
    name: str
    picture: Thumbnail | None
    placeholder: str
    fit: str | None
    bar: float | None
    probability: str | None
    sentences: tuple[Sentence, ...]
    sentences_cut: str
    dropped: tuple[str, ...]
    written: Cut | None
    reasons: tuple[str, ...]
    mend: str | None
    hints: tuple[str, ...]
    better: Better | None


def short_name(name: str) -> str:
    """Cut a name to the length that the page shows.

    Args:
        name: An id, or the path of what was checked.

    Returns:
        At most 200 characters.
    """
    return _short(name, _MOST_NAME)


def _short(line: str, most: int = _MOST_LINE) -> str:
    return line if len(line) <= most else line[: most - 1] + "…"


@dataclass(frozen=True, slots=True)
class CardWriter:
    """Writes cards in a language.

    Attributes:
        language: Of the words.
        places: Name of each draft of the batch and the anchor of its card, if it has one.
    """

    language: Language
    places: Sequence[tuple[str, str | None]]

    def card(
        self, anchor: str, score: Score, copy: Shown, advice: Advice, better: Shown = "absent"
    ) -> Card:
        """Write one draft's card.

        Args:
            anchor: Its place on the page.
            score: What to show.
            copy: The photo's thumbnail, or why there is none.
            advice: What else is known of the draft.
            better: The thumbnail of the better photo.

        Returns:
            The card.
        """
        words = PAGE[self.language]
        sentences, sentences_cut = self._sentences(score)
        said = " ".join(window.text for window in score.windows)
        written = score.draft.caption or ""
        same = bool(sentences) and not sentences_cut and said.split() == written.split()
        return Card(
            anchor=anchor,
            outcome=score.verdict,
            name=short_name(score.draft.id),
            picture=copy if isinstance(copy, Thumbnail) else None,
            placeholder="" if isinstance(copy, Thumbnail) else words[copy],
            fit=None if score.fit is None else self._fit("fit", score.fit),
            bar=score.fit,
            probability=None
            if score.probability is None
            else filled(
                words, "probability", probability=percent(score.probability, self.language)
            ),
            sentences=sentences,
            sentences_cut=sentences_cut,
            dropped=self._dropped(score),
            written=None if same else self._cut(written),
            reasons=tuple(_short(reason.say(self.language)) for reason in score.reasons),
            mend=_short(score.error.say(self.language)) if score.error else None,
            hints=tuple(_short(hint.say(self.language)) for hint in advice.hints),
            better=self._better(advice.better, better) if advice.better else None,
        )

    def _fit(self, key: str, fit: float) -> str:
        return filled(PAGE[self.language], key, fit=fit_percent(fit, self.language))

    def _better(self, photo: BetterPhoto, copy: Shown) -> Better:
        name, anchor = self.places[photo.draft]
        return Better(
            name=name,
            fit=self._fit("better_fit", photo.fit),
            anchor=anchor,
            picture=copy if isinstance(copy, Thumbnail) else None,
        )

    def _sentences(self, score: Score) -> tuple[tuple[Sentence, ...], str]:
        """Return the windows as far as there is room, and what to say of the rest."""
        sentences: list[Sentence] = []
        room = _MOST_CHARACTERS
        for window in score.windows:
            room -= len(window.text)
            if room < 0 or len(sentences) == _MOST_PIECES:
                break
            verdict = score.thresholds.verdict(window.fit)
            said = SUPPORT[self.language][verdict]
            fit = fit_percent(window.fit, self.language)
            sentences.append(Sentence(window.text, verdict, said, fit))
        left_out = len(score.windows) - len(sentences)
        words = PAGE[self.language]
        return tuple(sentences), filled(words, "sentences_cut", count=left_out) if left_out else ""

    def _dropped(self, score: Score) -> tuple[str, ...]:
        pieces: list[str] = []
        room = _MOST_CHARACTERS
        for piece in score.dropped[:_MOST_PIECES]:
            if room <= 0:
                break
            cut = self._cut(piece, room)
            pieces.append(cut.text + cut.rest)
            room -= len(piece)
        return tuple(pieces)

    def _cut(self, text: str, most: int = _MOST_CHARACTERS) -> Cut:
        over = len(text) - most
        if over <= 0:
            return Cut(text)
        return Cut(text[:most], filled(PAGE[self.language], "cut", count=over))
