"""What the parts that follow a Python program share: its arguments, its course, its limits."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from azmlint.expressions.term import Symbol, Term, unknown
from azmlint.sources.python_operations import as_term
from azmlint.sources.python_values import Choice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from azmlint.location import Place
    from azmlint.sources.python_expression import Expressions
    from azmlint.sources.python_values import Bound, Foreign, Function, Made, Path, Scope, Thing

STEP_LIMIT: Final = 60_000
"""How many expressions and statements of one file are followed."""

DEPTH_LIMIT: Final = 70
"""How deeply expressions, blocks and calls may nest."""

FORK_LIMIT: Final = 10
"""On how many conditions a place may rest."""

CASE_LIMIT: Final = 4
"""On how many conditions one operation may depend, each of which doubles its cases."""

TURN_LIMIT: Final = 200
"""How many turns of a loop are followed."""


class OverLimit(Exception):  # noqa: N818  # the rest of the file is skipped
    """A file takes more steps than are followed."""


class Argument(NamedTuple):
    """One argument of a call, and where it is written."""

    thing: Thing
    place: Place


class Arguments(NamedTuple):
    """What a call is given."""

    positional: list[Argument]
    named: dict[str, Argument]
    rest: Term | None
    """Why there may be more."""

    def bind(self, names: Sequence[str]) -> dict[str, Argument]:
        """Give arguments by their names, of a function whose first parameters are `names`."""
        found = dict(zip(names, self.positional, strict=False))
        return {**found, **self.named}


class Sdk(Protocol):
    """What knows the meaning of names that are not defined in the program."""

    def constant(self, name: str) -> str | None:
        """Give the value of a constant; None when it is none."""
        ...

    def exports(self, module: str) -> tuple[str, ...]:
        """List the names that `from module import *` brings, as far as they are known."""
        ...

    def call(
        self, program: Expressions, callee: Foreign | Bound, given: Arguments, node: ast.Call
    ) -> Thing | None:
        """Call something foreign; None when nothing is known of it."""
        ...

    def alone(self, function: Function, work: Callable[[], object]) -> None:
        """Do something that is only done because nothing in the program calls a function."""
        ...

    def only_new(self, work: Callable[[], object]) -> None:
        """Do something of which only what it makes at new places counts."""
        ...

    def attribute(self, program: Expressions, of: Made, name: str, place: Place) -> Thing | None:
        """Give an attribute of what the SDK made; None when it is none that is known."""
        ...


class Guard(NamedTuple):
    """A look-up that fails, or a test of it, on the way to a place."""

    lookup: Made
    caught: Place | None
    """The handler of its failure; None for a test."""


class Course:
    """Where the following of a program and of the modules it uses has come to."""

    def __init__(self, sdk: Sdk) -> None:
        """Start with nothing decided and nothing called; `sdk` knows what foreign names mean."""
        self.sdk = sdk
        self.own_sdk = sdk
        """That of the program; while another module is followed, that one's is asked."""
        self.home = ""
        """The path of the program."""
        self.path: Path = ()
        self.steps = 0
        self.depth = 0
        self.cases = 0
        self.calls: list[ast.AST] = []
        self.entered: set[ast.AST] = set()
        self.returns: list[list[tuple[Path, Thing]]] = []
        self.modules: dict[str, Scope | None] = {}
        """By path; None while a module is being followed."""
        self.lookups: list[Made] = []
        """What was asked for, whether it is there or not."""
        self.guards: tuple[Guard, ...] = ()
        """What was asked before coming here, and not found."""
        self.environment: dict[str, Thing] = {}
        """What the program puts into the environment."""
        self.folder: Thing | None = None
        """Where the program has gone to; None for where it was started."""
        self.outside: set[tuple[str, int]] = set()
        """Functions of other modules that are called, by path and offset."""
        self.recursive: dict[ast.AST, Function] = {}
        """Functions that call themselves, as far as they were met."""
        self.texts: dict[ast.AST, tuple[Thing, ...]] = {}
        """Of what texts were made when they were worked out last, by what makes them."""


def as_term_of_any(thing: Thing) -> Term:
    """Give the unknown that stands for something, be it a choice."""
    if isinstance(thing, Choice):
        symbol = Symbol(("python", id(thing)), thing.decision.question)
        return unknown("parameter", f"it depends on {thing.decision.question}", symbol)
    found = as_term(thing)
    if found.is_unknown:
        return found
    return unknown(
        "runtime", f"'{found.shown()}' is not worked out", Symbol(object(), found.shown())
    )


def everywhere(thing: Thing, work: Callable[[Thing], Thing]) -> Thing:
    """Do something with all that a thing may be."""
    if isinstance(thing, Choice):
        return Choice(thing.decision, everywhere(thing.yes, work), everywhere(thing.no, work))
    return work(thing)


def with_trace(term: Term, trace: tuple[Place, ...]) -> Term:
    """Give the same value with another trace."""
    return Term(
        term.data,
        trace,
        reason=term.reason,
        parts=term.parts,
        decisions=term.decisions,
        is_literal=term.is_literal,
    )


def in_default_role(thing: Thing) -> Thing:
    """Mark a value as one that is only taken where nothing else is given."""
    if not isinstance(thing, Term):
        return thing
    return with_trace(
        thing, tuple(p.as_role("default") if p.role == "use" else p for p in thing.trace)
    )


def in_variable_role(thing: Thing) -> Thing:
    """Mark a value as one that is used elsewhere."""
    if not isinstance(thing, Term):
        return thing
    return with_trace(
        thing, tuple(p.as_role("variable") if p.role == "use" else p for p in thing.trace)
    )


def as_default(thing: Thing, place: Place) -> Thing:
    """Mark a value as what is taken at a place where nothing else is given."""
    marked = in_default_role(thing)
    return with_trace(marked, (place, *marked.trace)) if isinstance(marked, Term) else marked


ENDS: Final = Term(None)
"""What a call gives that does not come back."""

NO_CALL: Final = ast.Call(ast.Name("_"), [], [])
"""Stands for the call of what is asked without one."""

NO_ARGUMENTS: Final = Arguments([], {}, None)
