"""The signature of a result: everything that its numbers depend on, in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from imgfit.arguments import require_a
from imgfit.language import Phrase
from imgfit.printable import signature_field
from imgfit.scoring.thresholds import DEFAULT_THRESHOLDS, Thresholds

_OPINIONS = Phrase(
    id="harus berupa tuple; Signature.of menerima dict",
    en="must be a tuple; Signature.of takes a dict",
)
_THRESHOLDS = Phrase(id="harus berupa Thresholds", en="must be Thresholds")
_FIELDS = Phrase(id="harus berupa dict teks", en="must be a dict of texts")


@dataclass(frozen=True, slots=True)
class Signature:
    """Everything that a score depends on; ``str`` gives the line that rows carry.

    Two scores are comparable if their signatures are equal. A second opinion has the fields of
    both models, and the thresholds once.

    Attributes:
        opinions: The fields of each model, as pairs of a name and a value: one model's, two for a
            second opinion, none for a result made by hand.
        thresholds: What verdicts are decided at.
    """

    opinions: tuple[tuple[tuple[str, str], ...], ...] = ()
    thresholds: Thresholds = DEFAULT_THRESHOLDS

    def __post_init__(self) -> None:
        require_a("opinions", self.opinions, tuple, _OPINIONS)
        require_a("thresholds", self.thresholds, Thresholds, _THRESHOLDS)

    @classmethod
    def of(cls, fields: Mapping[str, str], thresholds: Thresholds) -> Signature:
        """Sign with the fields of one model.

        Args:
            fields: Values by name; what would end a field or command a terminal is replaced.
            thresholds: What verdicts are decided at.

        Returns:
            The signature.

        Raises:
            ArgumentError: The fields are not texts by name.
        """
        require_a("fields", fields, Mapping, _FIELDS)
        for value in fields.values():
            require_a("fields", value, str, _FIELDS)
        safe = tuple((name, signature_field(value)) for name, value in fields.items())
        return cls((safe,), thresholds)

    def with_thresholds(self, thresholds: Thresholds) -> Signature:
        """Return the signature of the same numbers, decided at other thresholds.

        Args:
            thresholds: What verdicts are decided at.

        Returns:
            A new signature.
        """
        return replace(self, thresholds=thresholds)

    def and_of(self, other: Signature) -> Signature:
        """Return the signature of a second opinion.

        Args:
            other: That of the second model.

        Returns:
            A signature with the fields of both, and the thresholds of this one.
        """
        return replace(self, opinions=self.opinions + other.opinions)

    def field(self, name: str) -> str:
        """Return a field's value.

        Args:
            name: Such as ``"model"`` or ``"null"``.

        Returns:
            That of the first model; empty if there is no such field.
        """
        return dict(self.opinions[0]).get(name, "") if self.opinions else ""

    def __str__(self) -> str:
        if not self.opinions:
            return ""
        models = ["|".join(f"{name}:{value}" for name, value in one) for one in self.opinions]
        mean = f"mean-of-{len(models)}|" if len(models) > 1 else ""
        return f"{mean}{'|and|'.join(models)}|far:{self.thresholds}"


# That of a result made by hand.
UNSIGNED = Signature()
