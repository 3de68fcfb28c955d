"""Three-valued truth: a comparison that may be undecided, and says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable


class Need(NamedTuple):
    """What would have to be read to decide."""

    facet: str
    scope: str | None = None
    permission: str | None = None


class Reason(NamedTuple):
    """Why something is not known."""

    kind: str
    """One of parameter, runtime, function, placeholder, invalid, limit, missing, facet, open,
    unchanged.

    `open` leaves open whether anything is written at all.
    """

    text: str
    need: Need | None = None


class Decision(NamedTuple):
    """A choice that is made at deployment, among options known now."""

    key: Hashable
    question: str
    """As a reader would put it, such as `parameters('tier')`."""

    options: tuple[str, ...]
    """The answers, as shown to a reader; at least two."""


class Undecided(Exception):  # noqa: N818  # it is no error: the engine counts it
    """A question has no answer from what is known."""

    def __init__(self, reasons: tuple[Reason, ...], decisions: tuple[Decision, ...] = ()) -> None:
        """Carry why, and which decisions would settle it."""
        super().__init__("; ".join(r.text for r in reasons))
        self.reasons = reasons
        self.decisions = decisions


class Truth:
    """True, false or undecided; `&`, `|` and `~` are Kleene's."""

    __slots__ = ("_value", "decisions", "reasons")

    def __init__(
        self,
        value: bool | None,  # noqa: FBT001
        reasons: tuple[Reason, ...] = (),
        decisions: tuple[Decision, ...] = (),
    ) -> None:
        """Hold a verdict; None is undecided and wants reasons."""
        self._value = value
        self.reasons = reasons
        self.decisions = decisions

    @property
    def known(self) -> bool | None:
        """The verdict, None when undecided."""
        return self._value

    def __bool__(self) -> bool:
        """Decide, or raise Undecided."""
        if self._value is None:
            raise Undecided(self.reasons, self.decisions)
        return self._value

    def __and__(self, other: Truth) -> Truth:
        """Hold when both hold; decided when either is false."""
        if self._value is False or other._value is False:
            return FALSE
        if self._value is None:
            return self if other._value else self._with(other)
        return other

    def __or__(self, other: Truth) -> Truth:
        """Hold when either holds; decided when either is true."""
        if self._value is True or other._value is True:
            return TRUE
        if self._value is None:
            return self if other._value is False else self._with(other)
        return other

    def __invert__(self) -> Truth:
        """Turn true and false round, and leave undecided as it is."""
        if self._value is None:
            return self
        return FALSE if self._value else TRUE

    def _with(self, other: Truth) -> Truth:
        reasons = dict.fromkeys(self.reasons + other.reasons)
        decisions = dict.fromkeys(self.decisions + other.decisions)
        return Truth(None, tuple(reasons), tuple(decisions))

    def __repr__(self) -> str:
        """Show the verdict and why there is none."""
        return f"Truth({self._value}, {[r.text for r in self.reasons]})"


TRUE = Truth(True)  # noqa: FBT003
FALSE = Truth(False)  # noqa: FBT003


def always() -> Truth:
    """Say of what is created on no condition that it is."""
    return TRUE


def truth(value: bool) -> Truth:  # noqa: FBT001
    """Lift a decided verdict."""
    return TRUE if value else FALSE


def undecided(kind: str, text: str, need: Need | None = None) -> Truth:
    """Make an undecided verdict with one reason."""
    return Truth(None, (Reason(kind, text, need),))
