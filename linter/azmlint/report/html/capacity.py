"""Quotas as the page shows them: who has how much of each, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from azmlint.engine.capacity import answer
from azmlint.model.capacity.rows import ADDRESSES
from azmlint.report.escape import visible

if TYPE_CHECKING:
    from azmlint.engine.capacity import Answer, Place
    from azmlint.engine.report import Report
    from azmlint.model.capacity.market import Limit, Market, Outcome
    from azmlint.report.mask import Mask


def capacity(report: Report, mask: Mask) -> dict[str, Any] | None:
    """Reckon with all computes; None where nothing states a limit, so that there is no figure."""
    if report.estate is None:
        return None
    markets = report.estate.capacity().markets
    if not any(_has_limit(m) for m in markets):
        return None
    found = answer(report.estate, report.snapshot)
    places = [_place(p) for p in found.places if _has_limit(p.market)]
    return {"places": places, "gaps": _gaps(found, mask)}


def _has_limit(market: Market) -> bool:
    return any(limit.row.limit is not None for limit in market.limits)


def _gaps(found: Answer, mask: Mask) -> list[dict[str, str]]:
    gaps = [(g.where, g.reason) for g in found.gaps] + [("", note) for note in found.notes]
    return [{"where": visible(a), "reason": visible(mask.hidden(b))} for a, b in gaps]


def _place(place: Place) -> dict[str, Any]:
    return {
        "region": visible(place.region),
        "subscription": visible(place.subscription.rpartition("/")[2]),
        "wanted": place.wanted,
        "reached": place.reached,
        "bound": None if place.bound is None else place.bound.amount,
        "limits": [_limit(x, place) for x in place.market.limits],
        "computes": [_compute(o) for o in place.outcomes],
    }


def _limit(limit: Limit, place: Place) -> dict[str, Any]:
    mine = [o for o in place.outcomes if limit in place.market.limits_of(o.claim.compute)]
    return {
        "name": visible(limit.row.title),
        "unit": "nodes" if limit.row.pool == ADDRESSES else "vCPUs",
        "limit": limit.row.limit,
        "held": limit.unlisted,
        "reached": sum(o.together * limit.cost(o.claim) for o in mine),
        "asked": sum(o.claim.asked * limit.cost(o.claim) for o in mine),
        "problem": visible(limit.row.problem),
        "bounds": limit in place.cut,
    }


def _compute(outcome: Outcome) -> dict[str, Any]:
    claim = outcome.claim
    return {
        "name": visible(claim.compute.name),
        "kind": claim.compute.kind,
        "workspace": visible(claim.workspace.rpartition("/")[2]),
        "size": visible(claim.size),
        "vcpus": claim.vcpus,
        "asked": claim.asked,
        "alone": outcome.alone,
        "together": outcome.together,
        "full": "" if outcome.full is None else visible(outcome.full.row.title),
        "unsure": bool(outcome.unknown),
    }
