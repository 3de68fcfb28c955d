"""How many network objects a region may have, as the service answers it in a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from azmlint.model.addresses import NetworkLimit, NetworkLimits
from azmlint.model.facet import COLLECTED, Facet

if TYPE_CHECKING:
    from azmlint.sources.snapshot import Item, Snapshot

_LOCATIONS: Final = "/providers/microsoft.machinelearningservices/locations/"


def limits(snapshot: Snapshot) -> NetworkLimits:
    """Read the rows of a snapshot; one without numbers limits nothing."""
    found: NetworkLimits = {}
    for answer in snapshot.answers:
        subscription, _, region = answer.scope.casefold().partition(_LOCATIONS)
        if answer.facet == Facet.NETWORK_USAGES and answer.state == COLLECTED and region:
            rows = found.setdefault((subscription, region), {})
            for item in answer.items:
                row = _row(item)
                if row is not None:
                    rows[row.kind.lower()] = row
    return found


def _row(item: Item) -> NetworkLimit | None:
    name = item.get("name")
    kind = name.get("value") if isinstance(name, dict) else name
    limit, used = _count(item.get("limit")), _count(item.get("currentValue"))
    if not isinstance(kind, str) or limit is None or used is None:
        return None
    return NetworkLimit(kind, limit, used)


def _count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if isinstance(value, int) and is_count else None
