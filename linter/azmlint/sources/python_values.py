"""What names and expressions of a Python program stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from azmlint.expressions.term import ABSENT_TERM, UNKNOWN, Object, Symbol, Term, unknown
from azmlint.expressions.truth import Reason

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator

    from azmlint.expressions.truth import Decision
    from azmlint.expressions.worlds import Worlds
    from azmlint.location import Place
    from azmlint.sources.python_expression import Expressions

Condition: TypeAlias = "tuple[Decision, bool]"
Path: TypeAlias = "tuple[Condition, ...]"
"""What was decided, and how, on the way to a place in the program."""

Thing: TypeAlias = "Term | Listed | Mapped | Made | Foreign | Function | Bound | Class | Choice"
"""A scalar or an unknown is a term; all else has a class of its own."""


class Choice:
    """One of two things, as a condition of unknown outcome goes."""

    __slots__ = ("decision", "depth", "no", "yes")

    def __init__(self, decision: Decision, yes: Thing, no: Thing) -> None:
        """Be `yes` where the decision is taken for true."""
        self.decision = decision
        self.yes = yes
        self.no = no
        self.depth: int = 1 + max(t.depth if isinstance(t, Choice) else 0 for t in (yes, no))
        """How many decisions there may be on the way to what it is."""


class Listed:
    """A list, tuple or set."""

    __slots__ = ("is_tuple", "items", "path", "rest", "trace")

    def __init__(
        self,
        items: list[Thing],
        trace: tuple[Place, ...] = (),
        *,
        rest: Term | None = None,
        path: Path = (),
        is_tuple: bool = False,
    ) -> None:
        """Hold `items`; `rest` is why there may be more."""
        self.items = items
        self.trace = trace
        self.rest = rest
        self.path = path
        self.is_tuple = is_tuple


class Mapped:
    """A dictionary."""

    __slots__ = ("keys_at", "pairs", "path", "rest", "trace")

    def __init__(self, trace: tuple[Place, ...] = (), path: Path = ()) -> None:
        """Start empty."""
        self.pairs: dict[str | int | float | bool | None, Thing] = {}
        self.keys_at: dict[object, Place] = {}
        self.rest: Term | None = None
        """Why there may be more than `pairs`."""
        self.trace = trace
        self.path = path


class Foreign:
    """Something of a module that is not read: its dotted name."""

    __slots__ = ("name", "trace")

    def __init__(self, name: str, trace: tuple[Place, ...] = ()) -> None:
        """Stand for what `name` is imported as."""
        self.name = name
        self.trace = trace


class Made:
    """What a call of something foreign gives: a class's instance, or a handle."""

    __slots__ = ("attributes", "extra", "kind", "node", "path", "rest", "trace")

    def __init__(
        self,
        kind: str,
        attributes: dict[str, Thing],
        trace: tuple[Place, ...],
        *,
        node: ast.Call | None = None,
        rest: Term | None = None,
        path: Path = (),
    ) -> None:
        """Be an instance of `kind`, a dotted name; `rest` is what more arguments may hold."""
        self.kind = kind
        self.attributes = attributes
        self.trace = trace
        self.node = node
        self.rest = rest
        self.path = path
        self.extra: object = None
        """What the source that made it wants to remember."""


class Function:
    """A function that the program defines."""

    __slots__ = ("defaults", "home", "name", "node", "owner", "scope", "trace")

    def __init__(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        scope: Scope,
        defaults: dict[str, Thing],
        home: Expressions,
        owner: Made | None = None,
        trace: tuple[Place, ...] = (),
    ) -> None:
        """Call `node` of `home` in `scope`; `owner` is the instance it is a method of."""
        self.home = home
        self.node = node
        self.scope = scope
        self.defaults = defaults
        self.owner = owner
        self.name = getattr(node, "name", "lambda")
        self.trace = trace

    @property
    def site(self) -> tuple[str, int]:
        """Where it is defined: the file, and the offset in it."""
        return self.trace[0].document.path, self.trace[0].start


class Bound:
    """An attribute of something that is not read, to be called."""

    __slots__ = ("name", "of", "trace")

    def __init__(self, of: Thing, name: str, trace: tuple[Place, ...]) -> None:
        """Be the method `name` of `of`."""
        self.of = of
        self.name = name
        self.trace = trace


class Class:
    """A class that the program defines, or another module of the repository."""

    __slots__ = ("bases", "fields", "name", "scope", "trace")

    def __init__(self, name: str, bases: list[Thing], scope: Scope) -> None:
        """Find attributes in `scope`."""
        self.name = name
        self.bases = bases
        self.scope = scope
        self.fields: tuple[str, ...] = ()
        """The names that are annotated, in order, as a dataclass has its parameters."""
        self.trace: tuple[Place, ...] = ()

    def find(self, name: str) -> Thing | None:
        """Find an attribute here or in the classes it is derived from."""
        waiting: list[Class] = [self]
        for _ in range(20):
            if not waiting:
                break
            one = waiting.pop(0)
            found = one.scope.names.get(name)
            if found is not None:
                return found
            waiting += [b for b in one.bases if isinstance(b, Class)]
        return None


class Scope:
    """The names that a block sees."""

    __slots__ = ("globals", "module", "names", "outer", "path")

    def __init__(self, outer: Scope | None = None, path: Path = ()) -> None:
        """See what `outer` sees, too."""
        self.names: dict[str, Thing] = {}
        self.outer = outer
        self.path = path
        self.globals: set[str] = set()
        self.module: Scope = outer.module if outer is not None else self

    def find(self, name: str) -> Thing | None:
        """Find a name here or further out."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.names.get(name)
            if found is not None:
                return found
            scope = scope.outer
        return None


NOTHING: Final = ABSENT_TERM
"""What is not there."""

_DEPTH: Final = 12

CHOICE_LIMIT: Final = 12
"""On how many decisions one value may depend."""


def given_up(choice: Choice) -> Term:
    """Stand for a choice that is not followed any further."""
    reason = Reason("limit", "it depends on more conditions than are followed")
    symbol = Symbol(("python choice", id(choice)), f"as {choice.decision.question} says")
    return Term(UNKNOWN, reason=reason, parts=(symbol,), decisions=(choice.decision,))


def trace_of(thing: Thing) -> tuple[Place, ...]:
    """Say where something is written down."""
    return () if isinstance(thing, Choice) else thing.trace


def narrowed(thing: Thing, path: Path) -> Thing:
    """Choose as the way to a place has decided already."""
    while isinstance(thing, Choice):
        taken = next((v for d, v in path if d.key == thing.decision.key), None)  # used at once
        if taken is None:
            return thing
        thing = thing.yes if taken else thing.no
    return thing


def leaves(thing: Thing) -> Iterator[Thing]:
    """Yield all that something may be."""
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Choice):
            waiting += [one.no, one.yes]
        else:
            yield one


def under(conditions: Path, new: Thing, old: Thing) -> Thing:
    """Be `new` where all conditions hold, else `old`."""
    if isinstance(old, Choice) and old.depth + len(conditions) > CHOICE_LIMIT:
        old = given_up(old)
    for decision, verdict in reversed(conditions):
        new = Choice(decision, new, old) if verdict else Choice(decision, old, new)
    return new


def settled(thing: Thing, worlds: Worlds) -> tuple[Thing, tuple[Decision, ...]]:
    """Choose as this world has it, and say on which decisions that rests.

    What is left is a choice only while its decision is open.
    """
    met: list[Decision] = []
    while isinstance(thing, Choice):
        met.append(thing.decision)
        taken = worlds.choice(thing.decision)
        if taken is None:
            return thing, tuple(met)
        thing = thing.yes if taken == 0 else thing.no
    return thing, tuple(met)


def term_of(thing: Thing, worlds: Worlds, depth: int = 0) -> Term:
    """Give something as the model reads it, in this world."""
    thing, met = settled(thing, worlds)
    if isinstance(thing, Choice):
        return open_choice(thing, met)
    if isinstance(thing, Term):
        return thing.resting_on(met)
    if depth > _DEPTH:
        return unknown("limit", "it nests deeper than it is followed", Symbol(object(), "..."))
    if isinstance(thing, Listed):
        if thing.rest is not None:
            return Term(
                thing.rest.data, thing.trace, reason=thing.rest.reason, parts=thing.rest.parts
            ).resting_on(met)
        items = [term_of(i, worlds, depth + 1) for i in thing.items]
        kept = [i for i in items if not i.is_absent]
        return Term(kept, thing.trace, decisions=met)
    if isinstance(thing, Mapped):
        return _map_term(thing, worlds, depth).resting_on(met)
    if isinstance(thing, Made):
        return _made_term(thing, worlds, depth).resting_on(met)
    name = thing.name
    text = f"'{name}' is not worked out"
    return unknown("runtime", text, Symbol(("python", name), name), thing.trace, met)


def _made_term(thing: Made, worlds: Worlds, depth: int) -> Term:
    if "" in thing.attributes:
        # It is a text all the same, as a path is.
        return term_of(thing.attributes[""], worlds, depth + 1)
    made = Object()
    for name, value in thing.attributes.items():
        term = term_of(value, worlds, depth + 1)
        if not term.is_absent:
            made[name] = term
    return Term(made, thing.trace)


def _map_term(thing: Mapped, worlds: Worlds, depth: int) -> Term:
    made = Object()
    for key, value in thing.pairs.items():
        term = term_of(value, worlds, depth + 1)
        if term.is_absent:
            continue
        name = str(key)
        made[name] = term
        place = thing.keys_at.get(key)
        if place is not None:
            made.keys_at[name] = Term(name, (place,), is_literal=True)
    if thing.rest is not None:
        return Term(thing.rest.data, thing.trace, reason=thing.rest.reason, parts=thing.rest.parts)
    return Term(made, thing.trace)


def open_choice(choice: Choice, decisions: tuple[Decision, ...]) -> Term:
    """Stand for a choice of which the condition is open in this world."""
    question = choice.decision.question
    symbol = Symbol(("choice", choice.decision.key, id(choice)), f"as {question} says")
    text = f"it depends on {question}"
    return unknown("parameter", text, symbol, decisions=decisions)


def lifted(thing: Thing, work: Callable[[Thing], Thing]) -> Thing:
    """Do something with whatever a choice may be."""
    if isinstance(thing, Choice):
        return Choice(thing.decision, lifted(thing.yes, work), lifted(thing.no, work))
    return work(thing)
