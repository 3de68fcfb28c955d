"""What every kind of resource has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from azmlint.expressions.truth import always
from azmlint.model.value import Property

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azmlint.expressions.truth import Truth
    from azmlint.location import Place
    from azmlint.model.ids import ResourceId
    from azmlint.model.resources import Entry
    from azmlint.model.value import Body, Value


class Resource:
    """One resource, from whatever input described it."""

    kind: ClassVar[str] = "resource"
    """What messages call it."""

    arm_type: ClassVar[str] = ""
    """Its type in Azure Resource Manager, empty for what is no Azure resource."""

    __slots__ = (
        "address",
        "body",
        "entries",
        "exists",
        "grip",
        "id",
        "is_deployed",
        "is_existing",
        "is_update",
        "name",
        "read_in",
        "scope",
        "updates",
        "uses",
        "values",
    )

    def __init__(
        self,
        body: Body,
        *,
        name: str,
        resource_id: ResourceId,
        grip: Place,
        address: str,
        exists: Callable[[], Truth] = always,
        is_existing: bool = False,
        scope: ResourceId | None = None,
        is_deployed: bool = False,
    ) -> None:
        """Describe one resource; a source does this."""
        self.body = body
        self.name = name
        """As messages show it; unknown pieces stand in braces."""
        self.id = resource_id
        self.grip = grip
        """The place to point at when a property is absent: the name, or the header."""
        self.address = address
        """Where in its artifact it is, in the artifact's own notation."""
        self.exists = exists
        """Whether it is created at all, in the world being judged."""
        self.is_existing = is_existing
        """Whether it is only referred to, and created elsewhere."""
        self.is_deployed = is_deployed
        """Whether it is an answer of the service, not a declaration."""
        self.scope = scope if scope is not None else resource_id.group or resource_id.subscription
        """The resource group or subscription it is deployed to."""
        self.read_in: tuple[ResourceId, ...] = ()
        """Of what is set above subscriptions, or is a role: the scopes of answers that hold it."""
        self.entries: tuple[Entry, ...] = ()
        """What is declared apart and belongs to one of its lists; an estate says so."""
        self.is_update = False
        """Whether it is a change of what is not here: what is not written stays as it is."""
        self.updates: tuple[Resource, ...] = ()
        """What changes it after it was made, in the order of the changes."""
        self.uses: tuple[Place, ...] = ()
        """Where the module that declares it is used, from the inside out."""
        self.values: dict[str, Value[Any]] = {}

    def joins(self, entries: tuple[Entry, ...]) -> None:
        """Take what is declared apart into the properties that list it."""
        if entries or self.entries:
            self.entries = entries
            for listing in self.properties():
                if listing.has_entries:
                    self.values.pop(listing.name, None)

    @classmethod
    def properties(cls) -> Iterator[Property[Any]]:
        """Yield the properties of this kind, base kinds first; its own stand over theirs."""
        found: dict[str, Property[Any]] = {}
        for base in reversed(cls.__mro__):
            for attribute in vars(base).values():
                if isinstance(attribute, Property):
                    found[attribute.name] = attribute
        yield from found.values()

    @property
    def path(self) -> str:
        """The artifact it stands in."""
        return self.grip.document.path

    @property
    def place(self) -> Place:
        """Where to point at for the resource as a whole."""
        return self.grip

    @property
    def trace(self) -> tuple[Place, ...]:
        """The resource's own place."""
        return (self.grip,)

    @property
    def label(self) -> str:
        """Kind and name, as messages show them."""
        return f"{self.kind} '{self.name}'"

    def __repr__(self) -> str:
        """Show kind, name and place."""
        return f"<{self.label} at {self.grip!r}>"
