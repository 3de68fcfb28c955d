"""Policy definitions: what they test, what they do, and what they take as parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions.term import ABSENT_TERM, Object, Term

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azmlint.model.resources import PolicyDefinition

EFFECTS: Final = {
    name.casefold(): name
    for name in (
        *("deny", "audit", "append", "modify", "auditIfNotExists", "deployIfNotExists"),
        *("denyAction", "auditAction", "disabled"),
    )
}
"""The effects that are worked out, by their names in lower case."""

RELATED: Final = frozenset({"auditIfNotExists", "deployIfNotExists"})
"""Effects that ask for another resource beside the one tested."""

CHANGING: Final = frozenset({"append", "modify"})
"""Effects that change a request."""

_NOTHING: Final = Term(None)


class Definition(NamedTuple):
    """One policy definition."""

    name: str
    title: str
    """What people call it: its display name, or its name."""

    mode: str
    """`all`, `indexed`, or the mode of a resource provider, in lower case."""

    condition: Term
    """The `if`."""

    then: Term
    defaults: Mapping[str, Term]
    """The default values of parameters, by name in lower case."""

    parameters: frozenset[str]
    """The names of all parameters, in lower case."""

    metadata: Term = _NOTHING

    @property
    def is_for_resources(self) -> bool:
        """Whether it is about resources, and not about what is inside of them."""
        return self.mode in {"all", "indexed"}

    def asks_for(self, field: str) -> bool:
        """Whether the `if` names a field anywhere."""
        return any(
            isinstance(t.data, str) and t.data.casefold() == field for t in self.condition.within()
        )


def read(properties: Term, name: str) -> Definition:
    """Read the `properties` of a definition, or what stands in their place."""
    rule = at(properties, "policyRule")
    parameters = at(properties, "parameters")
    declared = parameters.data if isinstance(parameters.data, Object) else Object()
    defaults = {n.casefold(): at(t, "defaultValue") for n, t in declared.items()}
    title = at(properties, "displayName").data
    mode = at(properties, "mode").data
    return Definition(
        name,
        title if isinstance(title, str) and title else name,
        mode.casefold() if isinstance(mode, str) else "all",
        at(rule, "if"),
        at(rule, "then"),
        {n: t for n, t in defaults.items() if t.data is not None and not t.is_absent},
        frozenset(n.casefold() for n in declared),
        at(properties, "metadata"),
    )


def of(definition: PolicyDefinition) -> Definition:
    """Read a definition that a file declares or the service has answered."""
    return read(definition.body.at(("properties",)), definition.name)


def at(term: Term, *names: str) -> Term:
    """Give a member of a member; ABSENT where there is none."""
    for name in names:
        found = term.data.lookup(name) if isinstance(term.data, Object) else None
        if found is None:
            return ABSENT_TERM
        term = found
    return term
