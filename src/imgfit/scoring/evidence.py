"""Evidence: the findings that reasons are drawn from, and which of them hold at given thresholds.

Evidence is gathered once a run. Whether a finding is worth telling depends on the false-accept
rate, so deciding again at another rate needs no model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgfit.calibration import LEAST_SHARE
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
        weight: What it weighs in the caption's score beside the heaviest window, in (0, 1].
    """

    text: str
    cosine: float
    fit: float
    weight: float = 1.0

    @property
    def judged(self) -> bool:
        """Whether it weighs enough to matter: at least `LEAST_SHARE` of the heaviest."""
        return self.weight >= LEAST_SHARE


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
        """Tell whether this fit is more than the best of so many drafts would reach by chance.

        Args:
            far: False-accept rate, in (0, 1).

        Returns:
            Whether ``fit >= 1 - far / tried`` (Bonferroni's bound on the best of many).
        """
        return self.fit >= 1 - far / self.tried


@dataclass(frozen=True, slots=True)
class SceneFit:
    """A scene of the package's list that the photo may show.

    Attributes:
        names: Its name, by language.
        kind: ``"poster"``, ``"logo"``, ``"generic"`` (would stand under any post), or ``""``.
        fit: Its fit with the photo, in [0, 1].
    """

    names: dict[str, str]
    kind: str
    fit: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Findings about a draft beside its fit; gathered once, whatever the thresholds.

    Attributes:
        swap: The draft with which exchanging captions would gain most, if that is more than
            chance would give; its fit is that of its caption with this photo.
        other: The other draft whose caption fits this photo best.
        scenes: The scenes that fit the photo best, best first.
        unjudged: Why the draft was not scored although photo and caption can be read; None if it
            was.
        animated: Whether only the first of several frames was looked at.
        unfitted: Whether the model has no calibration, and the batch could not take its place.
        opinions: The fits of two encoders if the draft's fit is their mean; else None.
    """

    swap: OtherDraft | None = None
    other: OtherDraft | None = None
    scenes: tuple[SceneFit, ...] = ()
    unjudged: Reason | None = None
    animated: bool = False
    unfitted: bool = False
    opinions: tuple[float, float] | None = None

    def weaknesses(self, fit: float, windows: Sequence[Window], far: float) -> Iterator[Reason]:
        """Find what the photo shows instead, and which part of the caption it supports.

        Args:
            fit: Of the draft, below ``1 - far``.
            windows: The caption's.
            far: False-accept rate: the share of unrelated pairs that may pass.

        Yields:
            At least one reason, the weightiest first.
        """
        found = [*self._draft(fit, far), *_part(windows, far), *self._scene(fit, far)]
        yield from found or [Reason("unsupported", {})]

    def _draft(self, fit: float, far: float) -> Iterator[Reason]:
        """Name the draft whose caption fits the photo better, if one stands out."""
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
    windows = [window for window in windows if window.judged]
    if len(windows) < 2:
        return
    best = max(windows, key=lambda window: window.fit)
    worst = min(windows, key=lambda window: window.fit)
    if best.fit >= 1 - far / len(windows):
        facts = {"supported": shortened(best.text), "unsupported": shortened(worst.text)}
        yield Reason("supports_part", facts)
