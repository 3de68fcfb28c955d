"""Evaluates the expressions of HCL; what their names stand for is left to a subclass."""

from __future__ import annotations

import operator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ClassVar, Final

from azmlint.brief import brief
from azmlint.expressions import hcl_functions, hcl_values
from azmlint.expressions.arm import decision_on
from azmlint.expressions.arm_values import (
    ITEM_LIMIT,
    NEST_LIMIT,
    NotWorkedOut,
    Refused,
    TooLarge,
    decisions_of,
    decisions_within,
    identity,
    opaque,
    unknown_member,
)
from azmlint.expressions.hcl_values import number, ordered, tobool
from azmlint.expressions.term import UNKNOWN, Object, Symbol, Term, derived, same, unknown
from azmlint.expressions.truth import Reason
from azmlint.location import Place
from azmlint.sources.hcl import Elsewhere, For, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from azmlint.expressions.arm import Budget
    from azmlint.expressions.truth import Decision
    from azmlint.expressions.worlds import Worlds
    from azmlint.location import Document

DEPTH_LIMIT: Final = 60
"""How deeply evaluations may nest, over variables and modules."""

STEP_LIMIT: Final = 30_000
"""How many expressions one configuration may evaluate; real ones stay under 2,000."""


class Frame:
    """Where an expression stands: its text, and the names that only it sees."""

    __slots__ = ("document", "names", "role")

    def __init__(
        self, document: Document, names: Mapping[str, Term] | None = None, role: str = "use"
    ) -> None:
        """Stand in `document`; `role` is that of the places read from here."""
        self.document = document
        self.names = names or {}
        self.role = role

    def seeing(self, **names: Term) -> Frame:
        """See more names."""
        return Frame(self.document, {**self.names, **names}, self.role)


def seen_from(node: Node, frame: Frame) -> Frame:
    """Give what an expression sees, also when it stands in another text than its block."""
    return Frame(node.document, frame.names, frame.role) if isinstance(node, Elsewhere) else frame


class LazyObject(Object):
    """An object of which members are worked out when somebody asks for them."""

    __slots__ = ("find",)

    is_lazy: ClassVar[bool] = True

    def __init__(self, find: Callable[[str], Term]) -> None:
        """Ask `find` for each member by its name."""
        super().__init__()
        self.find = find

    def lookup(self, name: str) -> Term | None:
        """Work one member out."""
        return self.find(name)

    def get(self, name: str) -> Term | None:  # type: ignore[override]  # there is no default
        """Work one member out."""
        return self.lookup(name)


class OpenInstances(LazyObject):
    """Instances of which the keys are not known: each key that is asked for is one."""

    __slots__ = ("whole",)

    def __init__(self, find: Callable[[str], Term], whole: Term) -> None:
        """Ask `find`; `whole` is what decides how many there are."""
        super().__init__(find)
        self.whole = whole


def member(term: Term, key: Term) -> Term:
    """Take an attribute or an item of a value."""
    data = term.data
    if term.is_unknown or key.is_unknown:
        if isinstance(data, OpenInstances):
            return data.find("")
        return unknown_member(term, key)
    if isinstance(data, Object):
        name = key.data if isinstance(key.data, str) else hcl_values.spelled(key).data
        assert isinstance(name, str)  # noqa: S101  # a known scalar is spelled as a text
        found = data.get(name)
        if found is None:
            if data.open_keys() and data.may_be(name):
                return unknown_member(term, key)
            raise Refused(f"there is no '{name}'")
        return found.resting_on(term.decisions + key.decisions)
    if isinstance(data, list):
        at = number(key.data)
        if not isinstance(at, int) or not 0 <= at < len(data):
            raise Refused(f"there is no item {at}")
        return data[at].resting_on(term.decisions + key.decisions)
    raise Refused(f"{term.shown() or 'null'} has no '{key.shown()}'")


def as_origin(term: Term) -> Term:
    """Let a value that is used elsewhere say from where it comes, not that it is used there."""
    if not any(p.role == "use" for p in term.trace):
        return term
    trace = tuple(p.as_role("variable") if p.role == "use" else p for p in term.trace)
    return Term(
        term.data,
        trace,
        reason=term.reason,
        parts=term.parts,
        decisions=term.decisions,
        is_literal=term.is_literal,
    )


class HclEvaluator:
    """Evaluates expressions over functions, with conditions, loops and templates."""

    def __init__(self, worlds: Worlds, budget: Budget) -> None:
        """Ask `worlds` which way an open condition goes."""
        self.worlds = worlds
        self.budget = budget
        self._met: list[Decision] = []

    def named(self, word: str, path: Sequence[Term]) -> tuple[Term, int]:
        """Give what a name and the steps after it stand for, and how many steps that took."""
        raise NotImplementedError

    def reading(self, name: str, arguments: Sequence[Term]) -> Term | None:
        """Call a function that reads more than its arguments; None leaves it unknown."""
        raise NotImplementedError

    def evaluate(self, node: Node, frame: Frame) -> Term:
        """Evaluate an expression; the trace begins at it."""
        kind = node.kind
        if node.__class__ is Elsewhere:
            frame = seen_from(node, frame)
        place = Place(frame.document, node, frame.role)
        if kind == "literal":
            return Term(node.value, (place,), is_literal=True)
        term = self._guarded(node, frame)
        if term.trace and term.trace[0].node is node:
            return term
        return as_origin(term).at(place)

    def _guarded(self, node: Node, frame: Frame) -> Term:
        budget = self.budget
        budget.steps += 1
        if budget.depth > DEPTH_LIMIT or budget.steps > STEP_LIMIT:
            return _limit(node, frame, ())
        budget.depth += 1
        outer, self._met = self._met, []
        try:
            term = _shallow(_KINDS[node.kind](self, node, frame))
        except Refused as refused:
            shown = _shown(node, frame)
            text = f"'{shown}' would be refused: {refused}"
            symbol = Symbol(("failed", object()), shown)
            term = unknown("invalid", text, symbol, decisions=tuple(self._met))
        except NotWorkedOut as problem:
            because = [problem.because] if problem.because is not None else []
            found = opaque(_shown(node, frame), because, more=object())
            term = found.resting_on(tuple(dict.fromkeys(self._met)))
        except TooLarge:
            term = _limit(node, frame, tuple(self._met))
        finally:
            budget.depth -= 1
            self._met = outer
        self._met += term.decisions
        return term

    # Names

    def _reference(self, node: Node, frame: Frame) -> Term:
        steps: list[Term] = []
        base = node
        while base.kind in {"attribute", "index"}:
            steps.append(
                Term(base.value)
                if base.kind == "attribute"
                else self.evaluate(base.items[1], frame)
            )
            base = base.items[0]
        steps.reverse()
        taken = 0
        if base.kind == "name":
            local = frame.names.get(str(base.value))
            if local is not None:
                term = local
            else:
                term, taken = self.named(str(base.value), steps)
        elif base.kind == "item":
            term = frame.names["*"]
        else:
            term = self.evaluate(base, frame)
        for key in steps[taken:]:
            term = member(term, key)
        return term

    def _broken(self, node: Node, frame: Frame) -> Term:
        symbol = Symbol(("broken", frame.document.path, node.start), "broken")
        return unknown("invalid", f"it cannot be read: {node.value}", symbol)

    def _parentheses(self, node: Node, frame: Frame) -> Term:
        return self.evaluate(node.items[0], frame)

    # Collections

    def _tuple(self, node: Node, frame: Frame) -> Term:
        place = Place(frame.document, node, frame.role)
        return Term([self.evaluate(i, frame) for i in node.items], (place,))

    def _object(self, node: Node, frame: Frame) -> Term:
        made = Object()
        for key_node, value_node in zip(node.items[::2], node.items[1::2], strict=True):
            key = self.evaluate(key_node, frame)
            name = _name_of(key)
            made[name] = self.evaluate(value_node, frame)
            made.keys_at[name] = key
        return Term(made, (Place(frame.document, node, frame.role),))

    def _for(self, node: Node, frame: Frame) -> Term:
        assert isinstance(node, For)  # noqa: S101  # the kind says so
        whole = self.evaluate(node.items[0], frame)
        pairs = list(elements(whole))
        if len(pairs) > ITEM_LIMIT:
            raise TooLarge
        made: list[tuple[Term, Term]] = []
        tests: list[Term] = [whole]
        for key, value in pairs:
            names = {node.names[-1]: value}
            if len(node.names) > 1:
                names[node.names[0]] = key
            inner = frame.seeing(**names)
            if node.condition is not None:
                test = self.evaluate(node.condition, inner)
                tests.append(test)
                verdict = self.decided(test)
                if verdict is None:
                    raise NotWorkedOut(test)
                if not verdict:
                    continue
            name = self.evaluate(node.key, inner) if node.key is not None else key
            made.append((name, self.evaluate(node.items[1], inner)))
        return self._joined_for(node, made, decisions_of(tests))

    @staticmethod
    def _joined_for(
        node: For, made: list[tuple[Term, Term]], decisions: tuple[Decision, ...]
    ) -> Term:
        if node.value == "join":
            return hcl_values.text_of([v for _, v in made]).resting_on(decisions)
        if node.key is None:
            return Term([v for _, v in made], decisions=decisions)
        members = Object()
        for key, value in made:
            name = _name_of(key)
            if node.groups:
                group = members.setdefault(name, Term([]))
                assert isinstance(group.data, list)  # noqa: S101  # made above
                group.data.append(value)
            elif name in members:
                raise Refused(f"'{name}' is given twice")
            else:
                members[name] = value
            members.keys_at[name] = key
        return Term(members, decisions=decisions)

    def _splat(self, node: Node, frame: Frame) -> Term:
        whole = self.evaluate(node.items[0], frame)
        each = node.items[1]
        if whole.data is None:
            return Term([], decisions=whole.decisions)
        if isinstance(whole.data, OpenInstances):
            return opaque("splat", [whole.data.whole], more=identity_of(node, frame))
        if whole.is_unknown:
            return opaque("splat", [whole], more=identity_of(each, frame))
        items = whole.data if isinstance(whole.data, list) else [whole]
        made = [self._reference(each, frame.seeing(**{"*": item})) for item in items]
        return Term(made, decisions=whole.decisions)

    # Operators

    def _conditional(self, node: Node, frame: Frame) -> Term:
        test_node, yes, no = node.items
        test = self.evaluate(test_node, frame)
        verdict = self.decided(test)
        if verdict is not None:
            chosen = self.evaluate(yes if verdict else no, frame)
            open_here = (decision_on(test),) if test.is_unknown else ()
            return chosen.resting_on(test.decisions + open_here)
        branches = [self.evaluate(b, frame) for b in (yes, no)]
        if same(branches[0], branches[1]).known:
            return branches[0].resting_on(decisions_within([test, branches[1]]))
        found = opaque("if", [test, *branches])
        decisions = test.decisions or (decision_on(test),)
        return Term(
            found.data,
            reason=test.reason,
            parts=found.parts,
            decisions=tuple(dict.fromkeys(decisions + found.decisions)),
        )

    def decided(self, term: Term) -> bool | None:
        """Say which way a condition goes in this world; None while it is open."""
        if not term.is_unknown:
            verdict = tobool(term.data) if not isinstance(term.data, (list, Object)) else None
            if verdict is None:
                raise Refused("a condition is neither true nor false")
            return verdict
        choice = self.worlds.choice(decision_on(term))
        return None if choice is None else choice == 0

    def _unary(self, node: Node, frame: Frame) -> Term:
        term = self.evaluate(node.items[0], frame)
        if term.is_unknown:
            return opaque(f"{node.value}", [term])
        if node.value == "-":
            return Term(-number(term.data), decisions=term.decisions)
        verdict = tobool(term.data)
        if verdict is None:
            raise Refused("null is neither true nor false")
        return Term(not verdict, decisions=term.decisions)

    def _binary(self, node: Node, frame: Frame) -> Term:
        sign = str(node.value)
        left = self.evaluate(node.items[0], frame)
        right = self.evaluate(node.items[1], frame)
        decisions = decisions_of((left, right))
        if sign in {"&&", "||"}:
            return self._junction(sign, left, right)
        if sign in {"==", "!="}:
            verdict = _equal(left, right)
            if verdict is None:
                return opaque(sign, [left, right])
            return Term(verdict == (sign == "=="), decisions=decisions_within((left, right)))
        if left.is_unknown or right.is_unknown:
            return opaque(sign, [left, right])
        one, two = number(left.data), number(right.data)
        if sign in {"<", ">", "<=", ">="}:
            return Term(_ORDER[sign](one, two), decisions=decisions)
        if sign in {"/", "%"} and not two:
            raise Refused("nothing can be divided by 0")
        try:
            return Term(number(_worked(sign, one, two)), decisions=decisions)
        except (OverflowError, InvalidOperation):
            raise TooLarge from None

    @staticmethod
    def _junction(sign: str, left: Term, right: Term) -> Term:
        decisive = sign == "||"
        flags = [None if t.is_unknown else tobool(t.data) for t in (left, right)]
        for term, flag in zip((left, right), flags, strict=True):
            if flag is None and not term.is_unknown:
                raise Refused("null is neither true nor false")
            if flag is decisive:
                return Term(decisive, decisions=term.decisions)
        if None in flags:
            return opaque(sign, [left, right])
        return Term(not decisive, decisions=decisions_of((left, right)))

    # Texts and calls

    def _template(self, node: Node, frame: Frame) -> Term:
        pieces = [self.evaluate(i, frame) for i in node.items]
        made = hcl_values.text_of(pieces)
        return made.resting_on(decisions_of(pieces))

    def _call(self, node: Node, frame: Frame) -> Term:
        name = str(node.value)
        if name in hcl_functions.LAZY:
            return self._trying(node, frame)
        arguments = [self.evaluate(a, frame) for a in node.items]
        if node.kind == "spread":
            arguments = [*arguments[:-1], *hcl_values.items_of(arguments[-1])]
        made = hcl_functions.call(name, arguments)
        if made is not None:
            return made
        made = self.reading(name, arguments)
        if made is not None:
            return made
        is_known = name in hcl_functions.READING
        why = "is answered when it runs" if is_known else "is not known"
        key = derived(name, (*(identity(a) for a in arguments), self._once_more(name)))
        return Term(
            UNKNOWN,
            reason=Reason("function", f"the function {name}() {why}"),
            parts=(Symbol(key, f"{name}()"),),
            decisions=decisions_within(arguments),
        )

    @staticmethod
    def _once_more(name: str) -> object:
        """Tell two calls apart that give something else each time."""
        return object() if name in {"uuid", "bcrypt"} else None

    def _trying(self, node: Node, frame: Frame) -> Term:
        is_test = node.value == "can"
        for argument in node.items:
            term = self.evaluate(argument, frame)
            is_refused = (
                term.is_unknown and term.reason is not None and term.reason.kind == "invalid"
            )
            if not is_refused:
                if is_test:
                    return opaque("can", [term]) if term.is_unknown else Term(data=True)
                return term
        if is_test:
            return Term(data=False)
        raise Refused("none of it can be worked out")


def _shallow(term: Term) -> Term:
    if term.is_deeper(NEST_LIMIT):
        raise TooLarge
    return term


def identity_of(node: Node, frame: Frame) -> tuple[str, str]:
    """Give what tells an expression apart: its text and where it stands."""
    return frame.document.path, frame.document.text[node.start : node.end]


def elements(term: Term) -> list[tuple[Term, Term]]:
    """List keys and values of a collection in the order of a `for`; raises NotWorkedOut."""
    data = term.data
    if isinstance(data, hcl_values.SetItems):
        return [(item, item) for item in data]
    if isinstance(data, list):
        return [(Term(i), item) for i, item in enumerate(data)]
    if isinstance(data, Object) and not data.is_lazy:
        if not data.is_listed:
            raise NotWorkedOut(term)
        return [(data.keys_at.get(k) or Term(k), data[k]) for k in ordered(data)]
    if isinstance(data, OpenInstances):
        raise NotWorkedOut(data.whole)
    if term.is_unknown or isinstance(data, Object):
        raise NotWorkedOut(term)
    raise Refused("a collection is wanted here")


def _name_of(key: Term) -> str:
    """Give the name of a member; of an unknown key, what is shown of it."""
    if key.is_unknown:
        return key.shown()
    text = hcl_values.spelled(key).data
    assert isinstance(text, str)  # noqa: S101  # a known scalar is spelled as a text
    return text


def _equal(left: Term, right: Term) -> bool | None:
    for one, other in ((left, right), (right, left)):
        if one.data is None and other.is_unknown and (other.is_text or _is_made(other)):
            return False
    kinds = {type(t.data) for t in (left, right)}
    if kinds == {int, float}:
        return left.data == right.data
    if kinds <= {str, int, float, bool} and len(kinds) > 1:
        return False
    return same(left, right).known


_LARGEST: Final = 10**300
"""Up to which numbers are worked with; nothing that is deployed comes near."""


def _worked(sign: str, left: float, right: float) -> int | float:
    """Work out with decimal numbers, as Terraform does; Python's own are binary."""
    if max(abs(left), abs(right)) > _LARGEST:
        raise TooLarge
    if isinstance(left, int) and isinstance(right, int) and (sign != "/" or not left % right):
        return _ARITHMETIC[sign](left, right) if sign != "/" else left // right
    made = _ARITHMETIC[sign](Decimal(repr(left)), Decimal(repr(right)))
    return float(made)


def _is_made(term: Term) -> bool:
    """Whether it is an attribute that Azure gives, which is never null."""
    first = term.parts[0] if term.parts else None
    key = first.identity if isinstance(first, Symbol) else None
    return isinstance(key, tuple) and key[0] == "id of"


def _shown(node: Node, frame: Frame) -> str:
    text = " ".join(frame.document.text[node.start : node.end].split())
    return brief(text, 60)


def _limit(node: Node, frame: Frame, decisions: tuple[Decision, ...]) -> Term:
    shown = _shown(node, frame)
    text = f"'{shown}' goes over a limit of azmlint"
    return unknown("limit", text, Symbol(("failed", object()), shown), decisions=decisions)


_ORDER: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    # The sign is that of the dividend, which Python has for decimal numbers only.
    "%": lambda a, b: (abs(a) % abs(b)) * (1 if a >= 0 else -1),
}
_KINDS: Final[dict[str, Callable[[HclEvaluator, Node, Frame], Term]]] = {
    "name": HclEvaluator._reference,  # noqa: SLF001  # the class's own table
    "attribute": HclEvaluator._reference,  # noqa: SLF001
    "index": HclEvaluator._reference,  # noqa: SLF001
    "item": HclEvaluator._reference,  # noqa: SLF001
    "broken": HclEvaluator._broken,  # noqa: SLF001
    "parentheses": HclEvaluator._parentheses,  # noqa: SLF001
    "tuple": HclEvaluator._tuple,  # noqa: SLF001
    "object": HclEvaluator._object,  # noqa: SLF001
    "for": HclEvaluator._for,  # noqa: SLF001
    "splat": HclEvaluator._splat,  # noqa: SLF001
    "conditional": HclEvaluator._conditional,  # noqa: SLF001
    "unary": HclEvaluator._unary,  # noqa: SLF001
    "binary": HclEvaluator._binary,  # noqa: SLF001
    "template": HclEvaluator._template,  # noqa: SLF001
    "call": HclEvaluator._call,  # noqa: SLF001
    "spread": HclEvaluator._call,  # noqa: SLF001
}
