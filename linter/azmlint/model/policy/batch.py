"""What Azure Batch makes for the nodes of a cluster in a virtual network, as policies see it.

Source: Azure Machine Learning, secure training environments with virtual networks (June 2025): a
network security group, public IP addresses and load balancers in the resource group of the network.
That they carry no tags is deduced: nothing in a cluster says which they should have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from azmlint.expressions.term import ABSENT_TERM, Symbol, Term, unknown
from azmlint.location import Document, Place, Span
from azmlint.model.resources import LoadBalancer, NetworkSecurityGroup, PublicIpAddress
from azmlint.model.value import NotEditable

if TYPE_CHECKING:
    from azmlint.location import Edit
    from azmlint.model.ids import ResourceId
    from azmlint.model.resource import Resource
    from azmlint.model.value import Route

_NAMES: Final[tuple[tuple[type[Resource], str], ...]] = (
    (NetworkSecurityGroup, "networksecuritygroup"),
    (PublicIpAddress, "publicip"),
    (LoadBalancer, "loadbalancer"),
)


class _Body:
    """A body of which the region alone is known, and that there are no tags."""

    __slots__ = ("kind", "region")

    dialect = "arm"

    def __init__(self, kind: type[Resource], region: Term | None) -> None:
        self.kind = kind
        self.region = region

    def at(self, route: Route) -> Term:
        first = route[0].casefold()
        if first == "location" and self.region is not None:
            return self.region
        if first in {"tags", "identity", "kind"}:
            return ABSENT_TERM
        name = ".".join(route)
        text = f"{name} of a {self.kind.kind} that Azure Batch makes is not documented"
        return unknown("open", text, Symbol(("batch", self.kind, name), name))

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:  # noqa: ARG002
        message = "Azure Batch makes it"
        raise NotEditable(message)


def batch_objects(group: ResourceId, region: Term | None) -> tuple[Resource, ...]:
    """Give the network objects that a cluster makes Azure Batch create in a resource group.

    `region` is that of the network; None where it is not known.
    """
    grip = Place(Document(str(group), ""), Span(0, 0))
    made: list[Resource] = []
    for kind, word in _NAMES:
        symbol = Symbol(("batch", word), "the id in the name that Azure Batch gives")
        name = (symbol, f"-azurebatch-cloudservice{word}")
        provider, _, own = kind.arm_type.partition("/")
        made.append(
            kind(
                _Body(kind, region),
                name=f"azurebatch-cloudservice{word}",
                resource_id=group.child("providers", provider, own, name),
                grip=grip,
                address="",
            )
        )
    return tuple(made)
