"""Whether a policy holds for a resource, and which conditions decide it."""

from __future__ import annotations

import datetime as dt
import ipaddress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from azmlint.brief import brief
from azmlint.data.policy_aliases import NOT_INDEXED
from azmlint.expressions import arm_syntax
from azmlint.expressions.arm import Budget, Evaluator, Locals
from azmlint.expressions.arm_values import Refused, opaque, want
from azmlint.expressions.term import ABSENT_TERM, UNKNOWN, Object, Symbol, Term, unknown
from azmlint.expressions.truth import FALSE, TRUE, Reason, Truth, truth, undecided
from azmlint.expressions.worlds import Worlds
from azmlint.model.policy.condition import (
    Operator,
    holds,
    is_nothing,
    moment_of,
    operator_of,
    text_of,
)
from azmlint.model.policy.definition import CHANGING, EFFECTS, RELATED, at
from azmlint.model.policy.field import NO_CHAIN, Chain, Fields, Picked, Selected
from azmlint.model.resources import (
    KINDS,
    Deployment,
    DeploymentStack,
    ResourceGroup,
    Subscription,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from azmlint.expressions.arm_syntax import Call
    from azmlint.model.estate import Estate
    from azmlint.model.policy.definition import Definition
    from azmlint.model.resource import Resource
    from azmlint.model.value import Value

DEPTH_LIMIT: Final = 64
"""How deeply conditions may nest."""

TEST_LIMIT: Final = 20_000
"""How many conditions are tested of one resource, those of each item counted."""

COUNT_LIMIT: Final = 1_000
"""How many items one `count` looks at."""


class Fact(NamedTuple):
    """One condition that decided, and what it found."""

    text: str
    """Such as `vmSize is 'Standard_NC6', which is none of ...`."""

    on: Value[Any] | Resource
    """Where it was read."""

    weight: int
    """How much it tells: what only chooses resources nothing, what only excludes a value little."""


class Verdict(NamedTuple):
    """What a policy says of a resource."""

    holds: Truth
    """Whether the policy catches it: its conditions hold, and its effect is not switched off."""

    effect: str
    """As the documentation spells it; empty while it is not known."""

    facts: tuple[Fact, ...]
    """The conditions that decided, in the order written."""

    changes: tuple[str, ...] = ()
    """Of `append` and `modify`: the fields that it changes."""

    @property
    def fact(self) -> Fact | None:
        """The condition to show: of those that tell most the last one."""
        return max(reversed(self.facts), key=lambda f: f.weight, default=None)


class Use(NamedTuple):
    """In which assignment a definition is evaluated, for its function `policy()`."""

    assignment: str = ""
    definition: str = ""
    initiative: str = ""
    reference: str = ""


NO_USE: Final = Use()


def evaluate(
    definition: Definition,
    values: Mapping[str, Term],
    resource: Resource,
    estate: Estate,
    use: Use = NO_USE,
    effect: str = "",
) -> Verdict:
    """Say whether a policy catches a resource.

    `values` are the arguments by parameter in lower case; `effect` stands for the definition's own.
    """
    case = _Case(definition, values, resource, estate, use)
    stated = Term(effect) if effect else case.value(at(definition.then, "effect"))
    word = stated.data.casefold() if isinstance(stated.data, str) else ""
    known = EFFECTS.get(word, "")
    if known == "disabled" or not case.is_about_it:
        return Verdict(FALSE, known, ())
    outcome = case.meets(definition.condition)
    verdict = outcome.truth
    if not known:
        text = f"the effect '{word}' is not worked out" if word else "the effect is not known"
        reason = stated.reason or Reason("function", text)
        verdict &= Truth(None, (reason,), stated.decisions)
    elif known in RELATED and verdict.known is not False:
        verdict &= case.lacks_related()
    elif known == "denyAction":
        verdict &= case.refuses_deletion()
    facts = outcome.facts if verdict.known is not None else ()
    return Verdict(verdict, known, facts, case.changed() if known in CHANGING else ())


def moment_in(estate: Estate) -> dt.datetime:
    """Give the moment that decides what is past: that of the reading, unless another day is set."""
    now = estate.now
    return (
        now if now.date() == estate.today else dt.datetime.combine(estate.today, dt.time(), dt.UTC)
    )


class _Outcome(NamedTuple):
    truth: Truth
    facts: tuple[Fact, ...]


class _Case(Evaluator):
    """One definition and one resource; the evaluator of the expressions in the definition."""

    def __init__(
        self,
        definition: Definition,
        values: Mapping[str, Term],
        resource: Resource,
        estate: Estate,
        use: Use,
    ) -> None:
        super().__init__(estate.worlds or Worlds(), Budget())
        self.definition = definition
        self.values = values
        self.resource = resource
        self.estate = estate
        self.use = use
        self.fields = Fields(resource, estate)
        self.chain: Chain = NO_CHAIN
        self.current: tuple[tuple[str, Term], ...] = ()
        """The items that counts look at, the innermost last, with their names in lower case."""
        self.depth = 0
        self.tests = 0
        self.is_wanted: bool | None = True
        """Whether the policy catches more where a condition holds, as it does under no `not`."""

    @property
    def is_about_it(self) -> bool:
        """Whether the mode of the definition speaks of this resource.

        Modes of resource providers are about what is inside of resources. Of what the provider
        Microsoft.Resources has, groups and subscriptions alone are evaluated, and subscriptions
        not by a policy on regions.
        """
        mode = self.definition.mode
        if isinstance(self.resource, (Deployment, DeploymentStack)):
            return False
        if isinstance(self.resource, Subscription) and self.definition.asks_for("location"):
            return False
        is_indexed = self.resource.arm_type.casefold() not in NOT_INDEXED
        return self.definition.is_for_resources and (mode == "all" or is_indexed)

    def changed(self) -> tuple[str, ...]:
        """Name the fields that the effect changes."""
        details = at(self.definition.then, "details")
        listed = details if isinstance(details.data, list) else at(details, "operations")
        fields = (self.value(at(o, "field")) for o in listed.members())
        return tuple(f.data if isinstance(f.data, str) else f.shown() for f in fields)

    def refuses_deletion(self) -> Truth:
        """Whether deletion is among the actions that `denyAction` refuses; it is all there is."""
        actions = self.value(at(self.definition.then, "details", "actionNames"))
        if is_nothing(actions):
            return TRUE
        return holds(Operator("in", is_negated=False), Term("delete"), actions)

    def lacks_related(self) -> Truth:
        """Whether the resource that an effect asks for is not there."""
        details = at(self.definition.then, "details")
        wanted = text_of(self.value(at(details, "type"))) or ""
        name = self.value(at(details, "name"))
        condition = at(details, "existenceCondition")
        own = self.fields
        if wanted.casefold() == own.type.casefold() and not is_nothing(name):
            same = holds(_EQUALS, own.select("name").picked[0].term, name)
            if same.known:
                return ~self._existence(condition)
        kind = _KINDS.get(wanted.casefold())
        scope = self.resource.id.group
        text = f"whether a resource of the type {wanted} goes with it is not known"
        if kind is None or scope is None or not self.estate.is_complete:
            return undecided("missing", text)
        verdict = FALSE
        for other in self.estate.within(scope, kind):
            case = _Case(self.definition, self.values, other, self.estate, self.use)
            met = case._existence(condition)  # another case of the same
            if not is_nothing(name):
                met &= holds(_EQUALS, case.fields.select("name").picked[0].term, name)
            verdict |= met
        return ~verdict

    def _existence(self, condition: Term) -> Truth:
        """Whether this is the resource that the effect asks for, as far as it says which."""
        self.is_wanted = False
        return TRUE if condition.is_absent else self.meets(condition).truth

    # Conditions

    def meets(self, term: Term) -> _Outcome:
        """Evaluate a condition or a combination of some."""
        if not isinstance(term.data, Object):
            return _Outcome(undecided("invalid", "a condition is no object"), ())
        self.depth += 1
        self.tests += 1
        try:
            if self.depth > DEPTH_LIMIT:
                return _Outcome(undecided("limit", "the conditions nest too deeply"), ())
            if self.tests > TEST_LIMIT:
                return _Outcome(undecided("limit", "there are too many conditions"), ())
            return self._combined(term.data)
        finally:
            self.depth -= 1

    def _combined(self, data: Object) -> _Outcome:
        for word, decisive in (("allOf", False), ("anyOf", True)):
            inner = data.lookup(word)
            if inner is not None:
                if not isinstance(inner.data, list):
                    return _Outcome(undecided("invalid", f"'{word}' is no list"), ())
                return self._joined(inner.data, decisive=decisive)
        negated = data.lookup("not")
        if negated is not None:
            self.is_wanted = None if self.is_wanted is None else not self.is_wanted
            try:
                outcome = self.meets(negated)
            finally:
                self.is_wanted = None if self.is_wanted is None else not self.is_wanted
            return outcome._replace(truth=~outcome.truth)
        return self._test(data)

    def _joined(self, members: Iterable[Term], *, decisive: bool) -> _Outcome:
        verdict = truth(not decisive)
        facts: tuple[Fact, ...] = ()
        for member in members:
            outcome = self.meets(member)
            if outcome.truth.known is decisive:
                return outcome
            verdict = verdict | outcome.truth if decisive else verdict & outcome.truth
            facts += outcome.facts
        return _Outcome(verdict, facts)

    def _test(self, data: Object) -> _Outcome:
        found = next(((k, operator_of(k)) for k in data if operator_of(k) is not None), None)
        if found is None or found[1] is None:
            words = ", ".join(k for k in data if k.casefold() not in _SUBJECTS)
            return _Outcome(undecided("invalid", f"'{words}' is no condition"), ())
        operator = found[1]
        wanted = self.value(data[found[0]])
        count = data.lookup("count")
        if count is not None:
            return self._counted(count, operator, wanted)
        field = data.lookup("field")
        if field is not None:
            return self._field(field, operator, wanted)
        value = data.lookup("value")
        if value is None:
            return _Outcome(undecided("invalid", "a condition tests neither field nor value"), ())
        term = self.value(value)
        verdict = holds(operator, term, wanted)
        shown = value.data if isinstance(value.data, str) else value.shown()
        text = _told(_brief(str(shown)), operator, term, wanted, verdict)
        on = self.read_by(value)
        return _Outcome(verdict, (Fact(text, self.resource if on is None else on, _TELLING),))

    def _field(self, field: Term, operator: Operator, wanted: Term) -> _Outcome:
        name = self.value(field)
        if not isinstance(name.data, str):
            reason = name.reason or Reason("invalid", "a field has no name")
            return _Outcome(Truth(None, (reason,), name.decisions), ())
        selected = self.fields.select(name.data, self.chain)
        is_region = name.data.casefold() == "location"
        if selected.is_foreign:
            return self._foreign(selected, holds(operator, ABSENT_TERM, wanted))
        if selected.is_list:
            return self._each(selected, operator, wanted)
        term = selected.picked[0].term
        verdict = holds(operator, term, wanted, is_region=is_region)
        told = _HIDDEN if selected.is_secret else term
        text = _told(selected.title, operator, told, wanted, verdict)
        is_selector = name.data.casefold() in _SELECTORS or name.data.endswith("/computeType")
        weight = 0 if is_selector else _weight(operator, term, verdict)
        return _Outcome(verdict, (Fact(text, selected.on, weight),))

    def _foreign(self, selected: Selected, verdict: Truth) -> _Outcome:
        """Take an alias of another type for nothing where that keeps the policy from catching.

        Whether Azure takes it so, or takes the policy to say nothing of the resource, comes to the
        same then. What would catch the resource is left open.
        """
        keeps = {True: False, False: True, None: None}[self.is_wanted]
        reason = selected.picked[0].term.reason
        if (keeps is None or verdict.known is not keeps) and reason is not None:
            verdict = Truth(None, (reason,))
        text = f"{selected.title} is of another type"
        return _Outcome(verdict, (Fact(text, self.resource, 0),))

    def _each(self, selected: Selected, operator: Operator, wanted: Term) -> _Outcome:
        """Test all items that a field selects; of none every condition holds."""
        if operator.base == "exists" and not selected.picked:
            text = "whether an empty list exists is not documented by Azure Policy"
            return _Outcome(undecided("function", text), ())
        verdict = TRUE
        decided: Picked | None = None
        for picked in selected.picked:
            one = holds(operator, picked.term, wanted)
            verdict &= one
            if one.known is False:
                decided = picked
                break
        if selected.is_open and verdict.known:
            reason = next((p.term.reason for p in selected.picked if p.term.reason), None)
            verdict = Truth(None, (reason or Reason("function", "the list is not known"),))
        term = decided.term if decided is not None else _all_of(selected)
        on = selected.on
        text = _told(selected.title, operator, term, wanted, verdict)
        return _Outcome(verdict, (Fact(text, on, _TELLING),))

    # Counts

    def _counted(self, count: Term, operator: Operator, wanted: Term) -> _Outcome:
        where = at(count, "where")
        field = at(count, "field")
        on: Value[Any] | Resource = self.resource
        if not field.is_absent:
            name = self.value(field)
            if not isinstance(name.data, str) or "[*]" not in name.data:
                return _Outcome(undecided("invalid", "'count' wants an alias with [*]"), ())
            selected = self.fields.select(name.data, self.chain)
            if selected.is_foreign:
                return self._foreign(selected, holds(operator, Term(0), wanted))
            on, title = selected.on, selected.title
            frames = [(p, name.data) for p in selected.picked]
            is_open = selected.is_open
        else:
            listed = self.value(at(count, "value"))
            if not isinstance(listed.data, list):
                reason = listed.reason or Reason("invalid", "'count' wants a list")
                return _Outcome(Truth(None, (reason,), listed.decisions), ())
            own = at(count, "name").data
            frames = [
                (Picked(t, NO_CHAIN), own if isinstance(own, str) else "default")
                for t in listed.data
            ]
            title, is_open = "the list", False
        if is_open or len(frames) > COUNT_LIMIT:
            why = next((p.term.reason for p, _ in frames if p.term.reason), None)
            why = why or Reason("limit", f"{title} is too long")
            return _Outcome(Truth(None, (why,)), ())
        verdicts = [self._where(where, picked, name) for picked, name in frames]
        low = sum(1 for v in verdicts if v.known)
        high = low + sum(1 for v in verdicts if v.known is None)
        outcomes = {
            holds(operator, Term(n), wanted).known: holds(operator, Term(n), wanted)
            for n in range(low, high + 1)
        }
        if len(outcomes) == 1:
            verdict = next(iter(outcomes.values()))
        else:
            open_ = [v for v in verdicts if v.known is None]
            reasons = tuple(dict.fromkeys(r for v in open_ for r in v.reasons))
            verdict = Truth(
                None, reasons, tuple(dict.fromkeys(d for v in open_ for d in v.decisions))
            )
        which = "" if where.is_absent else " that meet its condition"
        text = _told(f"the number of {title}{which}", operator, Term(low), wanted, verdict)
        return _Outcome(verdict, (Fact(text, on, _TELLING),))

    def _where(self, where: Term, picked: Picked, name: str) -> Truth:
        if where.is_absent:
            return TRUE
        chain, current, is_wanted = self.chain, self.current, self.is_wanted
        self.is_wanted = None
        self.chain = {**chain, **picked.chain}
        self.current = (*current, (name.casefold(), picked.term))
        try:
            return self.meets(where).truth
        finally:
            self.chain, self.current, self.is_wanted = chain, current, is_wanted

    # Expressions

    def value(self, term: Term) -> Term:
        """Evaluate what the definition states: a literal, or an expression in brackets."""
        data = term.data
        if isinstance(data, str):
            if not arm_syntax.is_expression(data):
                return Term(arm_syntax.unescaped(data), term.trace, decisions=term.decisions)
            try:
                tree = arm_syntax.parse(data)
            except arm_syntax.ExpressionProblem as problem:
                symbol = Symbol(("invalid", data), data)
                return unknown("invalid", f"'{data}' is no expression: {problem}", symbol)
            return self.expression(tree, Locals())
        if isinstance(data, list):
            return Term([self.value(t) for t in data], term.trace)
        return term

    def read_by(self, term: Term) -> Value[Any] | Resource | None:
        """Find what the first field is that an expression reads; None where it reads none."""
        text = term.data
        if not isinstance(text, str) or not arm_syntax.is_expression(text):
            return None
        try:
            waiting: list[object] = [arm_syntax.parse(text)]
        except arm_syntax.ExpressionProblem:
            return None
        while waiting:
            node = waiting.pop(0)
            if isinstance(node, arm_syntax.Call):
                if node.name == "field" and node.arguments:
                    name = self.expression(node.arguments[0], Locals())
                    if isinstance(name.data, str):
                        return self.fields.select(name.data, self.chain).on
                waiting[:0] = node.arguments
            elif isinstance(node, (arm_syntax.Member, arm_syntax.Index)):
                waiting.insert(0, node.of)
        return None

    def scope_call(self, call: Call, locals_: Locals) -> Term | None:
        """Call a function of the policy language."""
        method = _FUNCTIONS.get(call.name)
        if method is not None:
            return method(self, [self.expression(a, locals_) for a in call.arguments])
        return None

    def _parameters(self, arguments: list[Term]) -> Term:
        want(len(arguments), 1, 1)
        name = arguments[0].data
        if not isinstance(name, str):
            return opaque("parameters", arguments)
        folded = name.casefold()
        found = self.values.get(folded, self.definition.defaults.get(folded))
        if found is not None:
            return found
        symbol = Symbol(("policy parameter", folded), f"parameters('{name}')")
        if folded not in self.definition.parameters:
            return unknown("invalid", f"the policy has no parameter '{name}'", symbol)
        return unknown("missing", f"the policy's parameter '{name}' has no value", symbol)

    def _field_of(self, arguments: list[Term]) -> Term:
        want(len(arguments), 1, 1)
        name = arguments[0].data
        if not isinstance(name, str):
            return opaque("field", arguments)
        selected = self.fields.select(name, self.chain)
        if selected.is_list and not selected.is_open:
            return Term([p.term for p in selected.picked])
        term = selected.picked[0].term
        return Term("", decisions=term.decisions) if is_nothing(term) else term

    def _current(self, arguments: list[Term]) -> Term:
        want(len(arguments), 0, 1)
        if not self.current:
            message = "current() stands outside of a count"
            raise Refused(message)
        if not arguments:
            return self.current[-1][1]
        name = arguments[0].data
        if not isinstance(name, str):
            return opaque("current", arguments)
        folded = name.casefold()
        for known, term in reversed(self.current):
            if known == folded:
                return term
        if "[*]" in name:
            picked = self.fields.select(name, self.chain).picked
            if len(picked) == 1:
                return picked[0].term
        message = f"there is no count over '{name}'"
        raise Refused(message)

    def _resource_group(self, arguments: list[Term]) -> Term:
        want(len(arguments), 0, 0)
        group = self.resource.id.group
        if group is None:
            message = "resourceGroup() has no meaning outside of a group"
            raise Refused(message)
        found = self.estate.look_up(ResourceGroup, group)
        name = group.segments[-1] if group.segments else ()
        return Term(
            Object(
                [
                    ("id", _parts_term(group.parts)),
                    ("name", _parts_term(name)),
                    ("location", self._of_scope(found, "location", "resourceGroup()")),
                    ("tags", self._of_scope(found, "tags", "resourceGroup()")),
                    ("managedBy", self._of_scope(found, "managedBy", "resourceGroup()")),
                ]
            )
        )

    def _subscription(self, arguments: list[Term]) -> Term:
        want(len(arguments), 0, 0)
        scope = self.resource.id.subscription
        if scope is None:
            message = "subscription() has no meaning outside of a subscription"
            raise Refused(message)
        found = self.estate.look_up(Subscription, scope)
        name = scope.segments[-1] if scope.segments else ()
        return Term(
            Object(
                [
                    ("id", _parts_term(scope.parts)),
                    ("subscriptionId", _parts_term(name)),
                    ("displayName", self._of_scope(found, "displayName", "subscription()")),
                    ("tags", self._of_scope(found, "tags", "subscription()")),
                    ("tenantId", self._of_scope(found, "tenantId", "subscription()")),
                ]
            )
        )

    def _of_scope(self, found: ResourceGroup | Subscription | None, name: str, shown: str) -> Term:
        if found is not None:
            term = found.body.at((name,))
            if term.is_known or term.is_unknown or found.body.dialect == "arm":
                return Term(Object()) if term.is_absent and name == "tags" else _null(term)
        symbol = Symbol(("scope", self.resource.id.key, shown, name), f"{shown}.{name}")
        return unknown("missing", f"{shown}.{name} is not known here", symbol)

    def _policy(self, arguments: list[Term]) -> Term:
        want(len(arguments), 0, 0)
        names = ("assignmentId", "definitionId", "setDefinitionId", "definitionReferenceId")
        made: list[tuple[str, Term]] = []
        for name, text in zip(names, self.use, strict=True):
            symbol = Symbol(("policy", name), f"policy().{name}")
            made.append(
                (name, Term(text) if text else unknown("missing", f"{name} is not known", symbol))
            )
        return Term(Object(made))

    def _request(self, arguments: list[Term]) -> Term:
        want(len(arguments), 0, 0)
        version = self.resource.body.at(("apiVersion",))
        if not version.is_known or self.resource.is_deployed:
            symbol = Symbol(("request", "apiVersion"), "requestContext().apiVersion")
            text = "the api-version of the request is not known"
            version = unknown("runtime", text, symbol)
        symbol = Symbol(("request", "identity"), "requestContext().identity")
        who = unknown("runtime", "who makes the request is not known", symbol)
        return Term(Object([("apiVersion", version), ("identity", who)]))

    def _utc_now(self, arguments: list[Term]) -> Term:
        want(len(arguments), 0, 1)
        return Term(_written(moment_in(self.estate)))

    @staticmethod
    def _add_days(arguments: list[Term]) -> Term:
        want(len(arguments), 2, 2)
        start, days = arguments[0].data, arguments[1].data
        if not isinstance(start, str) or not isinstance(days, int):
            return opaque("addDays", arguments)
        moment = moment_of(start)
        if moment is None:
            message = "addDays wants a moment as 2027-01-31T00:00:00Z"
            raise Refused(message)
        try:
            return Term(_written(moment + dt.timedelta(days=days)))
        except OverflowError:
            message = "addDays leaves the calendar"
            raise Refused(message) from None

    @staticmethod
    def _ip_range_contains(arguments: list[Term]) -> Term:
        want(len(arguments), 2, 2)
        texts = [a.data for a in arguments]
        if not all(isinstance(t, str) for t in texts):
            return opaque("ipRangeContains", arguments)
        outer, inner = (_range(str(t)) for t in texts)
        if outer[0].version != inner[0].version:
            message = "ipRangeContains wants addresses of one family"
            raise Refused(message)
        return Term(int(outer[0]) <= int(inner[0]) and int(inner[1]) <= int(outer[1]))


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _range(text: str) -> tuple[_Address, _Address]:
    try:
        if "-" in text:
            first, _, last = text.partition("-")
            return ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        message = f"'{text}' is no range of addresses"
        raise Refused(message) from None
    return network[0], network[-1]


def _written(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def _null(term: Term) -> Term:
    return Term(None, decisions=term.decisions) if term.is_absent else term


def _parts_term(parts: tuple[Any, ...]) -> Term:
    if all(isinstance(p, str) for p in parts):
        return Term("".join(parts))
    names = " and ".join(dict.fromkeys(p.text for p in parts if isinstance(p, Symbol)))
    reason = Reason("parameter", f"{names} is not known before deployment")
    return Term(UNKNOWN, reason=reason, parts=parts)


# What a condition found, as a reader would say it

_SUBJECTS: Final = frozenset({"field", "value", "count"})
_SELECTORS: Final = frozenset({"type", "kind"})
_EXCLUDING, _TELLING = 1, 2


def _weight(operator: Operator, term: Term, verdict: Truth) -> int:
    """Say how much it tells that a condition holds, or that it does not."""
    is_so = verdict.known is not operator.is_negated
    is_other = operator.base == "equals" and not is_so and not is_nothing(term)
    return _EXCLUDING if is_other else _TELLING


_HIDDEN: Final = Term("(secret)")
_EQUALS: Final = Operator("equals", is_negated=False)
_SHOWN_ITEMS: Final = 3
_BRIEF: Final = 60


def _all_of(selected: Selected) -> Term:
    return (
        Term([p.term for p in selected.picked])
        if len(selected.picked) != 1
        else (selected.picked[0].term)
    )


def _told(title: str, operator: Operator, term: Term, wanted: Term, verdict: Truth) -> str:
    """Say what stands there, and how that is to what is wanted."""
    is_so = verdict.known is not operator.is_negated
    if operator.base == "exists":
        return f"{title} is {'not written' if is_nothing(term) else 'written'}"
    if is_nothing(term):
        return f"{title} is not written"
    shown, other = _quoted(term), _quoted(wanted)
    match operator.base:
        case "equals":
            return f"{title} is {shown}" if is_so else f"{title} is {shown}, not {other}"
        case "in":
            which = "listed" if is_so else f"none of {_listed(wanted)}"
            return f"{title} is {shown}, which is {which}"
        case "containskey":
            return f"{title} has {'the' if is_so else 'no'} key {other}"
        case "contains":
            return f"{title} is {shown}, {'with' if is_so else 'without'} {other}"
        case "like" | "match" | "matchinsensitively":
            return f"{title} is {shown}, {'' if is_so else 'not '}like {other}"
        case _:
            return f"{title} is {shown}, {'' if is_so else 'not '}{_ORDER[operator.base]} {other}"


_ORDER: Final = {
    "less": "below",
    "lessorequals": "at most",
    "greater": "above",
    "greaterorequals": "at least",
}


def _quoted(term: Term) -> str:
    if isinstance(term.data, str):
        return f"'{_brief(term.data)}'"
    return _brief(term.shown()) or "nothing"


def _brief(text: str) -> str:
    return brief(text, _BRIEF)


def _listed(term: Term) -> str:
    items = term.data if isinstance(term.data, list) else []
    shown = [_quoted(t) for t in items[:_SHOWN_ITEMS]]
    more = len(items) - len(shown)
    text = ", ".join(shown) or "an empty list"
    return f"{text} and {more} more" if more else text


_KINDS: Final = {k.arm_type.casefold(): k for k in KINDS if k.arm_type}

_FUNCTIONS: Final[dict[str, Callable[[_Case, list[Term]], Term]]] = {
    "parameters": _Case._parameters,  # noqa: SLF001  # the class's own table
    "field": _Case._field_of,  # noqa: SLF001
    "current": _Case._current,  # noqa: SLF001
    "resourcegroup": _Case._resource_group,  # noqa: SLF001
    "subscription": _Case._subscription,  # noqa: SLF001
    "policy": _Case._policy,  # noqa: SLF001
    "requestcontext": _Case._request,  # noqa: SLF001
    "utcnow": _Case._utc_now,  # noqa: SLF001
    "adddays": lambda _, arguments: _Case._add_days(arguments),  # noqa: SLF001
    "iprangecontains": lambda _, arguments: _Case._ip_range_contains(arguments),  # noqa: SLF001
}
"""Functions that depend on the policy and its resource, in lower case."""
