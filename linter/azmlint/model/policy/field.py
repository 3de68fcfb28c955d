"""What a field of a policy is of a resource, whatever language states the resource.

Azure Policy sees a resource as Resource Manager does. What speaks that dialect is read as it is;
of another one each property is asked that has a place there, with what its tool sends where nothing
is written. What a tool sends for the rest is unknown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from azmlint.data.policy_aliases import ALIASES, BESIDE, IN_VAULT_PROPERTIES, OF_ITEMS, Properties
from azmlint.expressions.arm_values import unknown_member
from azmlint.expressions.term import ABSENT_TERM, UNKNOWN, Object, Symbol, Term, unknown
from azmlint.expressions.truth import Reason, Undecided
from azmlint.model.kinds import ITEMS, OBJECT, Kind
from azmlint.model.resources import (
    Compute,
    ComputeCluster,
    ComputeInstance,
    KubernetesCompute,
    ResourceGroup,
    Workspace,
)
from azmlint.model.value import Property, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from azmlint.expressions.term import Part
    from azmlint.model.estate import Estate
    from azmlint.model.ids import ResourceId
    from azmlint.model.resource import Resource
    from azmlint.model.value import Route, Spelling

Chain = dict[str, Term]
"""By the path of a list in lower case: the one item of it that counts."""

NO_CHAIN: Final[Chain] = {}


class Picked(NamedTuple):
    """One value that a field selects."""

    term: Term
    chain: Chain
    """The items of lists in which it stands."""


class Selected(NamedTuple):
    """All that a field selects of a resource."""

    picked: tuple[Picked, ...]
    is_list: bool
    """Whether it selects items, be they none, and not one value."""

    on: Value[Any] | Resource
    """Where to point at."""

    title: str
    is_open: bool = False
    """Whether more may be selected than is known."""

    is_secret: bool = False
    is_foreign: bool = False
    """Whether it is an alias of another type, so that nothing can be there."""


class _Step(NamedTuple):
    name: str
    is_list: bool


_STEP: Final = re.compile(r"(?P<name>[^.\[\]]+)(?P<list>\[\*\])?(?:\.|\Z)")
_TAG: Final = re.compile(
    r"tags(?:\.(?P<dotted>.+)|\['''(?P<quoted>.*)'''\]|\['(?P<plain>.*)'\]|\[(?P<bare>[^'].*)\])",
    re.IGNORECASE | re.DOTALL,
)
_RAW: Final = Kind[object]("anything", lambda data: data)
_TOOLS: Final = {"cli": "az ml", "azurerm": "azurerm", "sdk_v1": "SDK v1", "sdk_v2": "SDK v2"}
_TYPES: Final[dict[type[Resource], str]] = {
    ComputeCluster: "AmlCompute",
    ComputeInstance: "ComputeInstance",
    KubernetesCompute: "Kubernetes",
}
_GROUP_TYPE: Final = "Microsoft.Resources/subscriptions/resourceGroups"
_SENT: Final = {
    # azure-ai-ml 1.35 and azurerm 4 send this word where nothing is written.
    (ComputeCluster, "ssh_public", "cli"): "NotSpecified",
    (ComputeCluster, "ssh_public", "sdk_v2"): "NotSpecified",
    (ComputeCluster, "ssh_public", "azurerm"): "NotSpecified",
}
_NOT_STATED: Final = frozenset({(Workspace, "identity", "cli"), (Workspace, "identity", "sdk_v2")})
"""What a tool sends by itself where nothing is written, in words that the model does not hold."""


def type_of(resource: Resource) -> str:
    """Give the type that policies see."""
    if isinstance(resource, ResourceGroup):
        return _GROUP_TYPE
    if resource.arm_type:
        return resource.arm_type
    stated = resource.body.at(("type",)).data
    return stated if isinstance(stated, str) else resource.id.resource_type or ""


class Fields:
    """The fields of one resource."""

    __slots__ = ("_estate", "resource", "type")

    def __init__(self, resource: Resource, estate: Estate) -> None:
        """Read `resource`; `estate` knows what it is in."""
        self.resource = resource
        self.type = type_of(resource)
        self._estate = estate

    def select(self, name: str, chain: Chain = NO_CHAIN) -> Selected:
        """Select what a field names; of lists in `chain` the one item counts."""
        folded = name.casefold()
        plain = _PLAIN.get(folded)
        if plain is not None:
            return plain(self)
        tag = _TAG.fullmatch(name)
        if tag is not None:
            return self._tag(tag["dotted"] or tag["quoted"] or tag["plain"] or tag["bare"] or "")
        if "/" not in name:
            return self._nothing_known(f"'{name}' is no field that azmlint knows", name)
        own = f"{self.type.casefold()}/"
        rest = name[len(own) :]
        if not folded.startswith(own) or "/" in rest:
            text = f"{name} is an alias of another type than {self.type}"
            return self._nothing_known(text, name)._replace(is_foreign=True)
        steps = tuple(_Step(m["name"], m["list"] is not None) for m in _STEP.finditer(rest))
        return self._alias(steps, rest, chain)

    # Fields that are no aliases

    def _type(self) -> Selected:
        return self._one(Term(self.type), self.resource, "type")

    def _name(self) -> Selected:
        segments = self.resource.id.segments
        term = _text(segments[-1], self.resource) if segments else ABSENT_TERM
        return self._one(term, self.resource, "name")

    def _full_name(self) -> Selected:
        names = _names(self.resource.id)
        parts: list[Part] = []
        for index, segment in enumerate(names):
            parts += ["/"] if index else []
            parts += segment
        return self._one(_text(tuple(parts), self.resource), self.resource, "fullName")

    def _id(self) -> Selected:
        return self._one(_text(self.resource.id.parts, self.resource), self.resource, "id")

    def _kind(self) -> Selected:
        if self._is_arm or isinstance(self.resource, Workspace):
            return self._beside("kind")
        return self._nothing_known(f"what {self._tool} sends as kind is not known", "kind")

    def _location(self) -> Selected:
        resource = self.resource
        if self._is_arm or not isinstance(resource, Compute):
            return self._beside("location")
        # What az ml, the SDKs and azurerm send as the region of a compute is the workspace's;
        # a cluster's own one takes its place where az ml and SDK v2 have it.
        own = resource.location
        takes_own = isinstance(resource, ComputeCluster) and resource.body.dialect != "azurerm"
        if takes_own and not own.is_absent:
            return self._one(_spelled(own, own.property), own, "location")
        try:
            found = self._estate.workspace_of(resource).location
        except Undecided as gap:
            reason = gap.reasons[0] if gap.reasons else Reason("missing", "the workspace")
            term = _unknown(reason, resource, "location")
            return self._one(term, own, "location")
        term = _spelled(found, found.property)
        return self._one(term, own if not own.is_absent else resource, "location")

    def _identity(self) -> Selected:
        found = self._beside("identity", "type")
        term = found.picked[0].term
        if isinstance(term.data, str):
            # The service writes both types with a space between them, and without.
            squeezed = Term(re.sub(r",\s*", ", ", term.data), term.trace, decisions=term.decisions)
            return found._replace(picked=(Picked(squeezed, NO_CHAIN),), title="identity.type")
        return found._replace(title="identity.type")

    def _tags(self) -> Selected:
        return self._one(self.resource.body.at(("tags",)), self._tags_value(), "tags")

    def _tag(self, name: str) -> Selected:
        whole = self.resource.body.at(("tags",))
        value = self._tags_value()
        on = value.member(name)
        return self._one(_member(whole, name), on, f"tags['{name}']")

    def _tags_value(self) -> Value[Any]:
        found = getattr(type(self.resource), "tags", None)
        if isinstance(found, Property):
            return found.__get__(self.resource, type(self.resource))
        term = self.resource.body.at(("tags",))
        return _value(self.resource, term, ("tags",), "tags", None)

    def _beside(self, *names: str) -> Selected:
        term, on = self._stated(names)
        return self._one(term, on, names[0])

    # Aliases

    def _alias(self, steps: tuple[_Step, ...], rest: str, chain: Chain) -> Selected:
        names = tuple(s.name for s in steps)
        if not names:
            return self._nothing_known(f"{self.type}/{rest} is no alias", rest)
        count = next((i + 1 for i, s in enumerate(steps) if s.is_list), len(steps))
        term, on = self._stated(self._route(names[:count]))
        is_list = any(s.is_list for s in steps)
        title = rest.removesuffix("[*]")
        is_secret = isinstance(on, Value) and on.property.is_secret
        if term.is_absent:
            gap = self._why_open(names)
            if gap is not None:
                text = _unknown(gap, self.resource, rest)
                return Selected((Picked(text, NO_CHAIN),), is_list, on, title, is_open=is_list)
        if is_list:
            key = ".".join(names[:count]).casefold() + "[*]"
            walk = _Walk(chain)
            picked = tuple(walk.items(term, key, steps[count:], NO_CHAIN))
            return Selected(picked, is_list, on, title, walk.is_open, is_secret)
        return Selected((Picked(term, NO_CHAIN),), is_list, on, title, is_secret=is_secret)

    def _route(self, names: tuple[str, ...]) -> Route:
        first = names[0].casefold()
        lowered = self.type.casefold()
        if first in BESIDE and not (first == "sku" and lowered == IN_VAULT_PROPERTIES):
            return names
        properties = ALIASES.get(lowered)
        outer = properties.outer if properties is not None else frozenset()
        inside = ("properties",) if not outer or first in outer else ("properties", "properties")
        return (*inside, *names)

    def _why_open(self, names: tuple[str, ...]) -> Reason | None:
        """Say why a property that is not written may be there all the same."""
        listed = ALIASES.get(self.type.casefold(), _NO_PROPERTIES).find(names)
        path = ".".join(names)
        if listed is None:
            return Reason("open", f"azmlint does not know the alias {self.type}/{path}")
        if listed is False and not self.resource.is_deployed:
            return Reason("open", f"{path} is set by the service")
        return None

    # What stands at a route

    def _stated(self, route: Route) -> tuple[Term, Value[Any] | Resource]:
        resource = self.resource
        found = _properties(type(resource)).get(_folded(route))
        if self._is_arm:
            if found is not None and found.has_entries:
                value = found.__get__(resource, type(resource))
                return value.term, value
            term = resource.body.at(route)
            if term.is_absent and _folded(route) == _COMPUTE_TYPE:
                return self._compute_type(), resource
            return term, _value(resource, term, route, ".".join(route), found)
        if _folded(route) == _COMPUTE_TYPE:
            return self._compute_type(), resource
        if _folded(route) == _LOCAL_AUTH and isinstance(resource, Compute):
            return _local_auth(resource), resource.local_auth
        if _folded(route) == _COMPUTE_LOCATION and isinstance(resource, Compute):
            found = type(resource).location
        if _folded(route) == _KEY_STATUS and isinstance(resource, Workspace):
            key = resource.customer_managed_key
            return (ABSENT_TERM if key.is_absent else Term("Enabled", key.term.trace)), key
        if found is None or found.spelling(resource.body.dialect) is None:
            text = f"what {self._tool} sends as {'.'.join(route)} is not known"
            return _unknown(Reason("open", text), resource, ".".join(route)), resource
        value = found.__get__(resource, type(resource))
        return self._sent(value, found), value

    def _sent(self, value: Value[Any], found: Property[Any]) -> Term:
        key = (type(self.resource), found.name, self.resource.body.dialect)
        if value.is_absent and key in _NOT_STATED:
            text = f"what {self._tool} sends as {found.title} where none is written is not known"
            return _unknown(Reason("open", text), self.resource, found.name)
        if value.is_absent and key in _SENT:
            return Term(_SENT[key])
        return _spelled(value, found)

    def _compute_type(self) -> Term:
        for kind, word in _TYPES.items():
            if isinstance(self.resource, kind):
                return Term(word)
        return ABSENT_TERM

    @property
    def _is_arm(self) -> bool:
        return self.resource.body.dialect == "arm"

    @property
    def _tool(self) -> str:
        return _TOOLS.get(self.resource.body.dialect, self.resource.body.dialect)

    def _one(self, term: Term, on: Value[Any] | Resource, title: str) -> Selected:
        return Selected((Picked(term, NO_CHAIN),), is_list=False, on=on, title=title)

    def _nothing_known(self, text: str, name: str) -> Selected:
        term = _unknown(Reason("open", text), self.resource, name)
        picked = (Picked(term, NO_CHAIN),)
        return Selected(picked, "[*]" in name, self.resource, name, is_open=True)


class _Walk:
    """Goes down from a list into its items, and into the lists in them."""

    __slots__ = ("chain", "is_open")

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.is_open = False

    def items(
        self, term: Term, key: str, steps: tuple[_Step, ...], above: Chain
    ) -> Iterator[Picked]:
        """Yield what stands below each item of a list."""
        fixed = self.chain.get(key)
        if fixed is not None:
            yield from self._below(fixed, key, steps, {**above, key: fixed})
        elif isinstance(term.data, list):
            for item in term.data:
                item = item.resting_on(term.decisions)  # noqa: PLW2901  # the same item
                yield from self._below(item, key, steps, {**above, key: item})
        elif term.is_unknown:
            self.is_open = True
            yield Picked(term, above)

    def _below(
        self, item: Term, key: str, steps: tuple[_Step, ...], chain: Chain
    ) -> Iterator[Picked]:
        path = key
        for index, step in enumerate(steps):
            item = _of_item(item, step.name) if index == 0 else _member(item, step.name)
            path = f"{path}.{step.name.casefold()}"
            if step.is_list:
                yield from self.items(item, f"{path}[*]", steps[index + 1 :], chain)
                return
        yield Picked(item, chain)


def _of_item(item: Term, name: str) -> Term:
    """Give a property of an item; one that is a resource states most in its `properties`."""
    if isinstance(item.data, Object) and name.casefold() not in OF_ITEMS:
        inner = item.data.lookup("properties")
        if inner is not None and item.data.lookup(name) is None:
            return _member(inner, name)
    return _member(item, name)


def _member(term: Term, name: str) -> Term:
    if isinstance(term.data, Object):
        if term.data.may_be(name):
            return unknown_member(term, Term(name))
        found = term.data.lookup(name)
        return found.resting_on(term.decisions) if found is not None else ABSENT_TERM
    return unknown_member(term, Term(name)) if term.is_unknown else ABSENT_TERM


def _value(
    resource: Resource, term: Term, route: Route, title: str, found: Property[Any] | None
) -> Value[Any]:
    """Make a value of what stands at a route, be it a property of the model or not."""
    if found is None:
        spellings: dict[str, Spelling] = {}
        found = Property(
            _RAW,
            title=title.rpartition("properties.")[2],
            invalid_rule=None,
            is_secret=False,
            has_entries=False,
            spellings=spellings,
        )
        found.name = "_".join(route)
    return Value(resource, found, term, route)


def _spelled(value: Value[Any], found: Property[Any]) -> Term:
    """Spell what a tool sends as Resource Manager does."""
    sent = value.effective()
    if sent.is_absent and not sent.is_default:
        return ABSENT_TERM.resting_on(value.term.decisions)
    arm = found.spellings.get("arm")
    kind = (arm.kind if arm is not None else None) or found.kind
    if kind in {ITEMS, OBJECT}:
        if found.name == "identity_ids":
            return _as_map(value.term)
        return value.term
    if sent.known is None:
        reasons = sent.reasons or (Reason("invalid", f"{found.title} cannot be read"),)
        if value.term.is_unknown:
            return value.term
        return _unknown(reasons[0], value.owner, found.name)
    data: Any = kind.write(sent.known)
    return Term(data, value.term.trace, decisions=value.term.decisions)


def _as_map(term: Term) -> Term:
    """Give a list of ids the shape of Resource Manager's map."""
    if not isinstance(term.data, list) or not all(isinstance(t.data, str) for t in term.data):
        return term
    made = Object((str(t.data), Term(Object(), t.trace)) for t in term.data)
    return Term(made, term.trace, decisions=term.decisions)


def _local_auth(compute: Compute) -> Term:
    value = compute.local_auth
    if value.property.spelling(compute.body.dialect) is None:
        text = f"what {_TOOLS.get(compute.body.dialect, '')} sends as disableLocalAuth is not known"
        return _unknown(Reason("open", text), compute, "disableLocalAuth")
    sent = value.effective()
    if sent.known is None:
        return value.term
    return Term(not sent.known, value.term.trace, decisions=value.term.decisions)


def _unknown(reason: Reason, resource: Resource, name: str) -> Term:
    symbol = Symbol(("field", resource.id.key, id(resource), name), name)
    made = unknown(reason.kind, reason.text, symbol)
    return Term(UNKNOWN, reason=reason, parts=made.parts)


def _text(parts: tuple[Part, ...], resource: Resource) -> Term:
    trace = (resource.grip,)
    if all(isinstance(p, str) for p in parts):
        return Term("".join(str(p) for p in parts), trace)
    symbols = [p for p in parts if isinstance(p, Symbol)]
    names = " and ".join(dict.fromkeys(s.text for s in symbols))
    reason = Reason("parameter", f"{names} is not known before deployment")
    return Term(UNKNOWN, trace, reason=reason, parts=parts)


def _names(resource_id: ResourceId) -> tuple[tuple[Part, ...], ...]:
    segments = resource_id.segments
    at = next(
        (
            i
            for i in range(len(segments) - 1, -1, -1)
            if len(segments[i]) == 1 and str(segments[i][0]).casefold() == "providers"
        ),
        None,
    )
    return tuple(segments[at + 3 :: 2]) if at is not None else tuple(segments[-1:])


def _folded(route: Route) -> Route:
    return tuple(key.casefold() for key in route)


_COMPUTE_TYPE: Final = ("properties", "computetype")
_LOCAL_AUTH: Final = ("properties", "disablelocalauth")
_COMPUTE_LOCATION: Final = ("properties", "computelocation")
_KEY_STATUS: Final = ("properties", "encryption", "status")
_NO_PROPERTIES: Final = Properties(frozenset(), frozenset())
_INDEXES: Final[dict[type[Resource], Mapping[Route, Property[Any]]]] = {}


def _properties(kind: type[Resource]) -> Mapping[Route, Property[Any]]:
    """Index the properties of a kind by where Resource Manager has them."""
    found = _INDEXES.get(kind)
    if found is None:
        made: dict[Route, Property[Any]] = {}
        for declared in kind.properties():
            spelling = declared.spellings.get("arm")
            if spelling is None or declared.name in {"local_auth", "top_location"}:
                continue
            for route in spelling.routes:
                made.setdefault(_folded(route), declared)
        found = _INDEXES[kind] = made
    return found


_PLAIN: Final = {
    "type": Fields._type,  # noqa: SLF001  # the class's own table
    "name": Fields._name,  # noqa: SLF001
    "fullname": Fields._full_name,  # noqa: SLF001
    "id": Fields._id,  # noqa: SLF001
    "kind": Fields._kind,  # noqa: SLF001
    "location": Fields._location,  # noqa: SLF001
    "identity.type": Fields._identity,  # noqa: SLF001
    "tags": Fields._tags,  # noqa: SLF001
}
"""The fields that are no aliases, in lower case."""
