"""What a rule reports, and how to correct it."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from azmlint.location import Place
    from azmlint.model.resource import Resource
    from azmlint.model.value import Change


class Severity(IntEnum):
    """How much a finding matters; the names are SARIF's levels."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    @property
    def level(self) -> str:
        """The name as SARIF and every report spell it."""
        return self.name.lower()


class Applicability(IntEnum):
    """How far a fix may be trusted."""

    DISPLAY = 1
    """Shown, never applied: it recreates something or needs a decision."""

    UNSAFE = 2
    """Applied by `--unsafe-fixes`: it may change how work runs."""

    SAFE = 3
    """Applied by `--fix`: what is deployed stays, or one edit undoes it without loss."""

    @property
    def level(self) -> str:
        """The name as every report spells it."""
        return self.name.lower()


class Step(NamedTuple):
    """One command that cures what is deployed already."""

    argv: tuple[str, ...]
    """Program and arguments; a piece in angle brackets has to be filled in."""

    needs: str
    """The permission it takes."""

    undo: tuple[str, ...] | None = None
    """The command that takes it back; None when nothing does."""


class Fix(NamedTuple):
    """Changes that together make one finding go away, and the same for what is deployed."""

    title: str
    """An imperative: `scale down to 0 nodes`."""

    applicability: Applicability
    changes: tuple[Change, ...] = ()
    steps: tuple[Step, ...] = ()


class Related(NamedTuple):
    """Another place that a finding is about, and what it has to do with it."""

    place: Place
    message: str
    resource: Resource | None = None


class Target(Protocol):
    """What a finding stands on: a property, a resource, or a piece of a file."""

    @property
    def place(self) -> Place:
        """Where to point at."""
        ...

    @property
    def trace(self) -> tuple[Place, ...]:
        """From the use to the origin."""
        ...


class Finding:
    """One violation of one rule at one place."""

    __slots__ = (
        "fixes",
        "message",
        "on",
        "related",
        "resource",
        "rule",
        "severity",
        "why_no_fix",
        "worlds",
    )

    def __init__(  # a record; every part has a name
        self,
        rule: str,
        severity: Severity,
        message: str,
        on: Target,
        resource: Resource | None,
        *,
        related: tuple[Related, ...] = (),
        fixes: tuple[Fix, ...] = (),
        why_no_fix: str | None = None,
        worlds: tuple[dict[str, str], ...] | None = None,
    ) -> None:
        """State that `on`, a property or a whole resource, violates `rule`."""
        self.rule = rule
        self.severity = severity
        self.message = message
        self.on = on
        self.resource = resource
        self.related = related
        self.fixes = fixes
        self.why_no_fix = why_no_fix
        """A plain statement why there is no fix, when there is none."""
        self.worlds = worlds
        """The answers to open decisions under which it holds; None when it always does."""

    @property
    def place(self) -> Place:
        """Where to point at."""
        return self.on.place

    @property
    def route(self) -> str:
        """The property's place in its resource, empty for the resource as a whole."""
        route = getattr(self.on, "route", None)
        return ".".join(route) if route else ""
