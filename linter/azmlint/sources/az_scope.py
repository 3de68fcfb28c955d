"""Where things are that commands name: their subscription, group and parent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from azmlint.expressions.arm_values import joined
from azmlint.expressions.term import ABSENT, Symbol, Term
from azmlint.location import Place, Span
from azmlint.model.ids import ResourceId
from azmlint.sources.az_values import symbol_term
from azmlint.sources.document import Binding

if TYPE_CHECKING:
    from azmlint.expressions.term import Part
    from azmlint.location import Document
    from azmlint.sources.command_body import CommandBody, Invocation
    from azmlint.sources.document import Context, Reading

_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PARENTS: Final = {
    "virtualnetworks": ("--vnet-name",),
    "privatednszones": ("--zone-name",),
    "networksecuritygroups": ("--nsg-name",),
    "routetables": ("--route-table-name",),
    "serviceendpointpolicies": ("--policy-name",),
    "firewallpolicies": ("--policy-name",),
    "onlineendpoints": ("--endpoint-name",),
    "workspaces": ("--workspace-name", "-WorkspaceName"),
}
"""The options that name what a resource is in, by type."""

GROUP: Final = ("--resource-group", "-ResourceGroupName")


class Scopes:
    """Says where a command works, by its options and by what az has been told before."""

    def __init__(self, reading: Reading, context: Context) -> None:
        """Add to `reading`."""
        self.reading = reading
        self.context = context
        self._followed: str | None = None
        """The file that the command at hand follows."""

    def _binding(self, found: Invocation) -> Binding:
        """Say what the configuration states of the script, else of the file that it follows."""
        stated = self.context.binding(host(found.call.document))
        if self._followed is None:
            return stated
        other = self.context.binding(self._followed)
        return Binding(
            stated.subscription or other.subscription,
            stated.resource_group or other.resource_group,
            stated.workspace or other.workspace,
        )

    def _setting(self, found: Invocation, name: str) -> tuple[Part, ...] | None:
        variable = found.call.state.variables.get(f"az {name}")
        return variable.value().text_parts if variable is not None else None

    def _subscription(self, found: Invocation) -> tuple[Part, ...]:
        given = found.value("--subscription", "-SubscriptionId")
        parts = given.value().text_parts if given is not None else None
        parts = parts or self._setting(found, "subscription")
        stated = self._binding(found).subscription
        if parts and stated is None and len(parts) == 1 and _is_name(parts[0]):
            text = f"the subscription named '{parts[0]}'"
            return (Symbol(("subscription named", str(parts[0]).casefold()), text),)
        if parts and len(parts) == 1 and _is_name(parts[0]):
            parts = None
        symbol = Symbol(("subscription of", host(found.call.document)), "the subscription")
        return _settled(parts, stated, symbol)

    def _group(self, found: Invocation) -> tuple[Part, ...]:
        given = found.value(*GROUP)
        parts = given.value().text_parts if given is not None else None
        parts = parts or self._setting(found, "group")
        symbol = Symbol(("group of", host(found.call.document)), "the resource group")
        return _settled(parts, self._binding(found).resource_group, symbol)

    def _scope(self, found: Invocation) -> tuple[Part, ...]:
        return (
            "/subscriptions/", *self._subscription(found), "/resourceGroups/", *self._group(found),
        )  # fmt: skip

    def _parent(
        self, found: Invocation, type_: str, body: CommandBody | None = None
    ) -> tuple[Part, ...]:
        given = found.value(*_PARENTS.get(type_.lower(), ()))
        parts = given.value().text_parts if given is not None else None
        if type_.lower() == "onlineendpoints" and body is not None:
            parts = parts or body.at(("endpoint_name",)).text_parts
        if type_.lower() == "workspaces":
            parts = parts or self._setting(found, "workspace")
            symbol = Symbol(("workspace of", host(found.call.document)), "the workspace")
            return _settled(parts, self._binding(found).workspace, symbol)
        start = found.call.fields[0].place.shown
        return parts or (Symbol((type_, start), f"the parent in {type_}"),)

    def _id(
        self, found: Invocation, name: tuple[Part, ...], body: CommandBody | None = None
    ) -> ResourceId:
        type_ = found.command.arm_type
        if type_ == "Microsoft.Resources/resourceGroups":
            return ResourceId(
                ("/subscriptions/", *self._subscription(found), "/resourceGroups/", *name)
            )
        namespace, *types = type_.split("/")
        parts: tuple[Part, ...] = (*self._scope(found), f"/providers/{namespace}")
        for inner in types[:-1]:
            parts = (*parts, f"/{inner}/", *self._parent(found, inner, body))
        return ResourceId((*parts, f"/{types[-1]}/", *name))

    def _named_id(self, found: Invocation, type_: str, name: Term) -> Term:
        """Give an id for what an option names by its name or by its id."""
        text = name.data
        if text in {"", "null"}:
            # So something is taken away.
            return Term(ABSENT, name.trace, decisions=name.decisions)
        if isinstance(text, str) and not text.startswith("/"):
            parts = (*self._scope(found), f"/providers/{type_}/", text)
            made = joined([Term(p) if isinstance(p, str) else symbol_term(p) for p in parts])
            return Term(
                made.data,
                name.trace,
                reason=made.reason,
                parts=made.parts,
                decisions=name.decisions,
            )
        return name


def host(document: Document) -> str:
    """Give the path of the file in which a script stands."""
    return Place(document, Span(0, 0)).document.path


def _is_name(part: Part) -> bool:
    """Whether a subscription is called by its name, which is not its id."""
    return isinstance(part, str) and _GUID.fullmatch(part) is None


def _settled(
    parts: tuple[Part, ...] | None, stated: str | Symbol | None, symbol: Symbol
) -> tuple[Part, ...]:
    """Choose what a script says, or the configuration where that is not known."""
    if parts and (stated is None or all(isinstance(p, str) for p in parts)):
        return parts
    return (stated or symbol,)
