"""What a verdict's reasons are drawn from, and which of them hold at given thresholds.

Evidence is gathered once a run; whether a finding is worth telling depends on the false-accept
rate asked, so deciding again needs no model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgfit.printable import shortened
from imgfit.remarks import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# A scene is named from a fit of 1 - FAR / 10 on: of 150 scenes some would reach 1 - FAR by chance.
# On a sheet of posts' photos, 20 of the 34 scenes named at this mark were right to the eye
# (docs/scores.md), so sentences say "seems".
_SCENE_STRICTNESS = 10


@dataclass(frozen=True, slots=True)
class Window:
    """One window of a caption with its own scores.

    Attributes:
        text: The sentence or clause.
        cosine: Photo against this window, in [-1, 1].
        fit: Its fit as if it were the whole caption, in [0, 1].
    """

    text: str
    cosine: float
    fit: float


@dataclass(frozen=True, slots=True)
class OtherDraft:
    """Another draft of the batch whose caption fits the photo.

    Attributes:
        id: The draft.
        caption: Its caption, shortened.
        fit: The caption's fit with this photo, in [0, 1].
        tried: How many drafts' captions this is the best of.
    """

    id: str
    caption: str
    fit: float
    tried: int

    def stands_out(self, far: float) -> bool:
        """Tell whether the best of so many would reach this fit by chance at a rate of ``far``.

        Args:
            far: In (0, 1).

        Returns:
            Whether ``fit >= 1 - far / tried`` (Bonferroni's bound on the best of many).
        """
        return self.fit >= 1 - far / self.tried


@dataclass(frozen=True, slots=True)
class SceneFit:
    """A scene of the package's list that the photo may show.

    Attributes:
        names: What to call it, by language.
        kind: ``"poster"``, ``"logo"``, ``"generic"`` (would stand under any post), or ``""``.
        fit: Its fit with the photo, in [0, 1].
    """

    names: dict[str, str]
    kind: str
    fit: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a draft beside its fit; gathered once, whatever the thresholds.

    Attributes:
        swap: The draft with which exchanging captions would gain most, if that is more than
            chance would give; its fit is that of its caption with this photo.
        other: The other draft whose caption fits this photo best.
        scenes: The scenes that fit the photo best, best first.
        unjudged: Why the draft was not scored, though photo and caption can be read.
        animated: Whether only the first of several frames was looked at.
        unfitted: Whether the model has no calibration, and the batch could not stand in for one.
        opinions: The fits of two encoders, where the draft's is their mean.
    """

    swap: OtherDraft | None = None
    other: OtherDraft | None = None
    scenes: tuple[SceneFit, ...] = ()
    unjudged: Reason | None = None
    animated: bool = False
    unfitted: bool = False
    opinions: tuple[float, float] | None = None

    def weaknesses(self, fit: float, windows: Sequence[Window], far: float) -> Iterator[Reason]:
        """Say what the photo speaks for instead, and which part of the caption it supports.

        Args:
            fit: Of the draft, below ``1 - far``.
            windows: The caption's.
            far: Rate at which unrelated pairs may be told to speak.

        Yields:
            At least one reason, the weightiest first.
        """
        found = [*self._draft(fit, far), *_part(windows, far), *self._scene(fit, far)]
        yield from found or [Reason("unsupported", {})]

    def _draft(self, fit: float, far: float) -> Iterator[Reason]:
        """Name the draft whose caption the photo speaks for, if one stands out."""
        if self.swap is not None:
            yield Reason("swapped", {"other": self.swap.id, "caption": self.swap.caption})
        elif self.other is not None and self.other.fit > fit and self.other.stands_out(far):
            yield Reason("speaks_of_other", {"other": self.other.id, "caption": self.other.caption})

    def _scene(self, fit: float, far: float) -> Iterator[Reason]:
        """Name the scene that the photo shows, or say that it shows none of them."""
        mark = 1 - far / _SCENE_STRICTNESS
        shown = [scene for scene in self.scenes if scene.fit >= max(mark, fit)]
        if not shown:
            # Not even the best of the scenes reaches what a single one would by chance.
            if self.scenes and self.scenes[0].fit < 1 - far:
                yield Reason("nothing_in_particular", {})
            return
        code = {
            "poster": "poster_or_text",
            "logo": "logo",
            "generic": "generic_scene",
        }.get(shown[0].kind, "speaks_of_scene")
        named = [s for s in shown if s.kind == shown[0].kind]
        joined = {lang: " / ".join(scene.names[lang] for scene in named) for lang in ("id", "en")}
        yield Reason(code, {f"scene_{language}": names for language, names in joined.items()})


def _part(windows: Sequence[Window], far: float) -> Iterator[Reason]:
    """Name the window that the photo supports beside the one that it supports least."""
    if len(windows) < 2:  # noqa: PLR2004 - a part needs a rest
        return
    best = max(windows, key=lambda window: window.fit)
    worst = min(windows, key=lambda window: window.fit)
    if best.fit >= 1 - far / len(windows):
        facts = {"supported": shortened(best.text), "unsupported": shortened(worst.text)}
        yield Reason("supports_part", facts)
