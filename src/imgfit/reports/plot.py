"""The frame of a drawing with a horizontal axis: from values and shares to places.

The page's spread and the calibration's histogram stand in one; ``templates/plot.svg`` draws what
they share.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plot:
    """A frame, in the drawing's own units; y grows downwards, as in SVG.

    Attributes:
        width: Of the drawing.
        height: Of the drawing.
        left: Left end of the axis.
        right: Right end of the axis.
        top: Where the highest share reaches.
        base: Where the axis lies.
        low: Value at the left end.
        high: Value at the right end, above ``low``.
        most: The highest share, above 0.
    """

    width: int
    height: int
    left: int
    right: int
    top: int
    base: int
    low: float
    high: float
    most: float

    def across(self, value: float) -> float:
        """Return where a value stands on the axis; one beyond an end stands at that end."""
        inside = min(max(value, self.low), self.high)
        return self.left + (inside - self.low) / (self.high - self.low) * (self.right - self.left)

    def up(self, share: float) -> float:
        """Return how high a share reaches.

        Args:
            share: In [0, ``most``].

        Returns:
            Its y.
        """
        return self.base - share / self.most * (self.base - self.top)
