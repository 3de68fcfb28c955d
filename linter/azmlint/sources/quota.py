"""What a snapshot says of quotas: rows of usages and quotas, whatever their spelling."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from azmlint.model.capacity.rows import (
    DEDICATED,
    LOW_PRIORITY,
    NO_LIMIT,
    Problem,
    Quotas,
    Row,
    region_key,
    total_of,
)
from azmlint.model.facet import Facet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from azmlint.sources.snapshot import Item, Snapshot

_REGIONS: Final = "/providers/microsoft.machinelearningservices/locations/"
_USED: Final = ("currentValue", "current_value")
_WORKSPACE: Final = re.compile(
    r"(/subscriptions/[^/]+/resourcegroups/[^/]+/providers/"
    r"microsoft\.machinelearningservices/workspaces/[^/]+)/(?:(computes)/)?"
)


def quotas(snapshot: Snapshot | None, stated: Mapping[str, Iterable[Row]] | None = None) -> Quotas:
    """Read the rows of a snapshot; `stated` are those of the configuration, by region."""
    regions: dict[tuple[str, str], list[Row]] = {}
    problems: list[Problem] = []
    for answer in snapshot.answers if snapshot is not None else ():
        if answer.facet not in {Facet.USAGES, Facet.QUOTAS}:
            continue
        subscription, _, name = answer.scope.casefold().partition(_REGIONS)
        if not name:
            continue
        rows = regions.setdefault((subscription, region_key(name)), [])
        for item in answer.items:
            row, problem = _row(item, answer.facet)
            if problem:
                problems.append(Problem(f"{subscription} {region_key(name)}", problem))
            if row is not None:
                rows.append(row)
    return Quotas(regions, stated=stated, problems=problems)


def _row(item: Item, facet: str) -> tuple[Row | None, str]:
    """Read one row, None for one that limits nothing; gives what is wrong with it too."""
    names = item.get("name")
    parts = names if isinstance(names, dict) else {"value": names}
    spelled = [_text(parts.get(k)) for k in ("value", "localizedValue", "localized_value")]
    name = next((s for s in spelled if s), "")
    if not name:
        return None, "a row without a name"
    pool = next((p for s in spelled if (p := total_of(s)) is not None), None)
    family = "" if pool is not None else name
    if pool is None:
        pool = _pool(" ".join([_text(item.get("type")), *spelled]))
        if pool is None and facet == Facet.QUOTAS:
            # Shares are set of dedicated vCPUs; of others the name says it.
            pool = DEDICATED
        if pool is None:
            return None, f"{name}: it is neither of dedicated nor of low-priority vCPUs"
    where = _WORKSPACE.match(_text(item.get("id")).casefold())
    kind = _text(item.get("type")).casefold()
    if where is None and re.search(r"/workspaces?/", kind):
        return None, f"{name}: its id names no workspace"
    if where is not None and (where[2] or "/computes/" in kind):
        # How much one compute uses limits nothing.
        return None, ""
    if family and pool == LOW_PRIORITY:
        # One pool is shared by all families; the rows of families hold -1.
        return None, ""
    limit, problem = _number(item.get("limit"), "limit")
    stated = next((v for k in _USED if (v := item.get(k)) is not None), None)
    used, no_use = _number(stated, "current value")
    workspace = where[1] if where is not None else ""
    if workspace and item.get("limit") in (None, NO_LIMIT):
        # A workspace without a limit of its own is under that of the subscription.
        problem = ""
    row = Row(pool, family, limit, used, workspace, facet, problem)
    # Without a current value, free trials and lists of limits say nothing of what is in use.
    return row, f"{row.title}: {no_use}" if no_use and stated is not None else ""


def _pool(words: str) -> str | None:
    squeezed = re.sub(r"[^a-z]", "", words.casefold())
    if "lowpriority" in squeezed:
        return LOW_PRIORITY
    return DEDICATED if "dedicated" in squeezed else None


def _number(value: Any, what: str) -> tuple[int | None, str]:  # noqa: ANN401  # plain JSON data
    """Read a count; gives what is wrong where it is none."""
    if value is None:
        return None, f"its {what} is null"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None, f"its {what} is no whole number"
    if value == NO_LIMIT:
        return None, f"its {what} is -1, which states none"
    return (value, "") if value >= 0 else (None, f"its {what} is {value}")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
