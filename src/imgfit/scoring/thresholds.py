"""At which fits verdicts are decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgfit.arguments import require_rate

if TYPE_CHECKING:
    from imgfit.remarks import Verdict

# False-accept rates of the two thresholds: `speaks` at the first, `weak` at the second.
FAR = 0.05
WEAK_FAR = 0.25


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The two decision points, by their false-accept rates.

    Attributes:
        far: Share of unrelated pairs that may pass, in (0, 1).
        weak_far: Share that may reach ``weak`` or better, at least ``far`` and below 1.
    """

    far: float = FAR
    weak_far: float = WEAK_FAR

    def __post_init__(self) -> None:
        require_rate("far", self.far)
        require_rate("weak_far", self.weak_far, least=self.far)

    @classmethod
    def at(cls, far: float) -> Thresholds:
        """Return the thresholds for a rate, the second one never below the first.

        Args:
            far: Share of unrelated pairs that may pass, in (0, 1).

        Returns:
            Thresholds with ``weak_far`` at its default, or at ``far`` if that is higher.

        Raises:
            ArgumentError: ``far`` is not a number, or out of range.
        """
        require_rate("far", far)
        return cls(far, max(far, WEAK_FAR))

    def verdict(self, fit: float) -> Verdict:
        """Decide on a fit; a tie passes.

        Args:
            fit: In [0, 1].

        Returns:
            ``"speaks"``, ``"weak"`` or ``"silent"``.
        """
        if fit >= 1 - self.far:
            return "speaks"
        return "weak" if fit >= 1 - self.weak_far else "silent"

    def __str__(self) -> str:
        return f"{self.far:g}/{self.weak_far:g}"


DEFAULT_THRESHOLDS = Thresholds()
