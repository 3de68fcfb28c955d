"""Resources of what a template declares, whatever the language of the template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions.arm import decision_on
from azmlint.expressions.term import Object, Symbol, Term
from azmlint.expressions.truth import FALSE, TRUE, Reason, Truth, always
from azmlint.location import Place
from azmlint.model.ids import ResourceId
from azmlint.model.resources import (
    COMPUTE_KINDS,
    KINDS,
    Compute,
    Lock,
    ResourceGroup,
    RoleAssignment,
    Subnet,
    ToolUse,
    VirtualNetwork,
)
from azmlint.sources.arm_body import ItemBody
from azmlint.sources.document import ROOM

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.expressions.arm import Evaluator
    from azmlint.expressions.term import Part
    from azmlint.expressions.worlds import Worlds
    from azmlint.model.resource import Resource
    from azmlint.model.value import Body
    from azmlint.sources.document import Reading

_KINDS: Final = {k.arm_type.lower(): k for k in KINDS if k.arm_type}
_GROUP_TYPE: Final = ResourceGroup.arm_type.lower()
_ML: Final = "microsoft.machinelearningservices/"
ON_A_RESOURCE: Final[dict[str, type[Resource]]] = {
    "/providers/locks": Lock,
    "/providers/roleassignments": RoleAssignment,
}
"""How the type of what is set on a resource ends, where the resource's own comes before it."""

TEMPLATE: Final = "ARM template"
"""What messages call the tool; Bicep is a way to write such templates."""

RESOURCE_LIMIT: Final = 2_000
"""Resources that the loops of one file may make; Azure takes 800 at once."""


def most_resources(text: str) -> int:
    """Say how many resources a file may declare: those of its loops, and what it has room for."""
    return RESOURCE_LIMIT + len(text) // ROOM


class Condition(NamedTuple):
    """What decides whether a resource is created."""

    evaluator: Evaluator
    term: Callable[[], Term]
    """Evaluates it in the world of the moment."""


class Module(NamedTuple):
    """A use of another file, whatever its language."""

    read: Callable[[tuple[Condition, ...]], None]
    """Reads its resources, which exist only under conditions."""
    output: Callable[[str], Term | None]
    """Works an output out."""


class Declaration(NamedTuple):
    """One resource as a template declares it."""

    body: Body
    type: str
    """In full, with its namespace."""
    name: tuple[Part, ...]
    id: ResourceId
    grip: Place
    exists: Callable[[], Truth]
    version: Place | None
    is_existing: bool = False
    scope: ResourceId | None = None
    """Of a lock, what it locks."""

    address: str = ""


class Declarations:
    """Makes the resources of one reading."""

    def __init__(self, reading: Reading) -> None:
        """Add to `reading`."""
        self.reading = reading
        self.count = 0
        self.uses: tuple[Place, ...] = ()
        """Of the module that is being read, from the inside out."""

    def add(self, made: Declaration, kind: type[Resource] | None) -> None:
        """Add what a declaration makes; without a kind only its use of the interface counts."""
        if kind is not None:
            self._add(
                kind(
                    made.body,
                    name=last_name(made.name),
                    resource_id=made.id,
                    grip=made.grip,
                    address=made.address,
                    exists=made.exists,
                    is_existing=made.is_existing,
                    scope=made.scope,
                )
            )
            if kind is VirtualNetwork:
                self._subnets(made)
        # What is only referred to is not declared with any interface.
        is_ml = made.type.lower().startswith(_ML) and not made.is_existing
        if is_ml and made.version is not None:
            self._tool_use(made, made.version)

    def _add(self, resource: Resource) -> None:
        self.count += 1
        resource.uses = self.uses
        self.reading.resources.append(resource)

    def _tool_use(self, made: Declaration, version: Place) -> None:
        last = self.reading.resources[-1] if self.reading.resources else None
        use = ToolUse(
            made.body,
            name=last_name(made.name),
            resource_id=made.id.child("declarations", "arm"),
            grip=version,
            address=made.address,
            exists=made.exists,
        )
        use.tool = TEMPLATE
        use.subject = last if last is not None and last.id.key == made.id.key else use
        self._add(use)

    def _subnets(self, made: Declaration) -> None:
        """Read the subnets that a network lists, be it in an array, a loop or an expression."""
        listed = made.body.at(("properties", "subnets"))
        for index, item in enumerate(listed.data if isinstance(listed.data, list) else ()):
            term = item.data.lookup("name") if isinstance(item.data, Object) else None
            if term is None:
                continue
            place = (*item.trace, *listed.trace, made.grip)[0]
            line, column = place.document.position(place.start)
            self._add(
                Subnet(
                    ItemBody(made.body, ("properties", "subnets", str(index))),
                    name=last_name(term.text_parts),
                    resource_id=made.id.child("subnets", term.text_parts),
                    grip=(*term.trace, place)[0],
                    address=f"{line}:{column}",
                    exists=made.exists,
                )
            )


def is_ours(type_: str) -> bool:
    """Whether rules may have something to say of a type."""
    lowered = type_.lower()
    is_set_on = lowered.endswith(tuple(ON_A_RESOURCE))
    return lowered in _KINDS or lowered.startswith(_ML) or is_set_on


def kind_of(type_: str, body: Body) -> tuple[type[Resource] | None, str]:
    """Give the kind that a type is, and why it is not known more exactly."""
    lowered = type_.lower()
    for end, set_on in ON_A_RESOURCE.items():
        if lowered.endswith(end):
            return set_on, ""
    kind = _KINDS.get(lowered)
    if kind is None or not issubclass(kind, Compute):
        return kind, ""
    term = body.at(("properties", "computeType"))
    if isinstance(term.data, str):
        return COMPUTE_KINDS.get(term.data.lower()), ""
    if term.is_unknown:
        why = term.reason.text if term.reason is not None else term.shown()
        return Compute, f"the kind of this compute is not known: {why}"
    return None, ""


def open_kinds(
    made: Declaration, kind: type[Resource] | None, why: str, worlds: Worlds
) -> list[tuple[Declaration, type[Resource] | None, str]]:
    """Give a declaration as each kind that it may be, of which a condition decides."""
    if kind is not Compute:
        return [(made, kind, why)]
    from azmlint.sources import compute_kinds  # noqa: PLC0415  # few kinds are open

    found = compute_kinds.open_kinds(made.body, worlds, made.exists)
    return [(made._replace(exists=e), k, why if k is Compute else "") for k, e in found.items()]


def existence(conditions: tuple[Condition, ...]) -> Callable[[], Truth]:
    """Say whether all conditions hold, in the world of the moment."""
    if not conditions:
        return always

    def exists() -> Truth:
        verdict = TRUE
        for condition in conditions:
            term = condition.term()
            decided = condition.evaluator.decided(term)
            if decided is False:
                return FALSE
            if decided is None:
                reason = term.reason or Reason("invalid", "a condition is not true or false")
                decisions = term.decisions or (decision_on(term),)
                verdict &= Truth(None, (reason,), decisions)
        return verdict

    return exists


def resource_id(scope: tuple[Part, ...], type_: str, name: tuple[Part, ...]) -> ResourceId:
    """Make the id of what is deployed to a scope; a name holds one segment for each type."""
    if type_.lower() == _GROUP_TYPE:
        # What is deployed into the group names it so, and not as a provider's resource.
        above = ResourceId(scope)
        return (above.subscription or above).child("resourceGroups", name)
    namespace, *types = type_.split("/")
    segments = list(ResourceId(name).segments)
    if len(segments) != len(types):
        # The name is one unknown text that holds several segments.
        missing = len(types) - len(segments)
        whole = Symbol(("parents", name), "the parent")
        segments = [(whole,)] * max(0, missing) + segments[max(0, -missing) :]
    parts: list[Part] = [*scope, f"/providers/{namespace}"]
    for type_name, segment in zip(types, segments, strict=True):
        parts += [f"/{type_name}/", *segment]
    return ResourceId(tuple(parts))


def last_name(name: tuple[Part, ...]) -> str:
    """Give the last segment of a name for messages, unknown pieces in braces."""
    segments = ResourceId(name).segments
    last = segments[-1] if segments else ()
    return "".join(p if isinstance(p, str) else f"{{{p.text}}}" for p in last) or "(no name)"
