"""What one audit says: its findings, and what it has looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.finding import Severity
from azmlint.history.scope import (
    EVERYWHERE,
    holds,
    is_workspace,
    scope_of,
    subscription_of,
    touches,
)
from azmlint.model.facet import COLLECTED, Facet
from azmlint.report.escape import visible
from azmlint.report.mask import without_secrets
from azmlint.report.records import Records

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from azmlint.engine.packs import Entry
    from azmlint.engine.report import Failure, Report
    from azmlint.finding import Finding
    from azmlint.model.resource import Resource
    from azmlint.report.records import Record
    from azmlint.sources.snapshot import Snapshot


class Row(NamedTuple):
    """A finding as it is kept: what reports show of it, without a place in a text."""

    fingerprint: str
    content_hash: str
    rule: str
    family: str
    severity: str
    message: str
    kind: str
    name: str
    resource_id: str
    pointer: str
    workspace: str
    """The id of the workspace it concerns, in lower case; empty where that is none or several."""

    subjects: tuple[str, ...]
    """Ids, in lower case, of what it stands on and of those who suffer: only an audit that has
    looked at them all can say that it is gone."""

    is_accepted: bool = False
    """Whether somebody decided not to act on it."""


class Reach(NamedTuple):
    """Where an audit has looked, so that what it did not find there is not there."""

    rules: frozenset[str]
    """Rules that ran, with all that they read."""

    read: frozenset[str]
    """Scopes of which all workspaces were listed."""

    subscriptions: frozenset[str]
    """Those of which anything was asked: what surrounds workspaces may be in another one."""

    gaps: frozenset[str]
    """Scopes in which something could not be read."""

    undecided: frozenset[tuple[str, str]]
    """Rules that could not decide, with the id of what about, or the scope of what was missing."""

    def covers(self, rule: str, subjects: Iterable[str]) -> bool:
        """Whether a finding of a rule would have been found if it were still there."""
        about = [*subjects]
        places = {scope_of(s) for s in about}
        if rule not in self.rules or any(touches(p, gap) for p in places for gap in self.gaps):
            return False
        open_here = [u for r, u in self.undecided if r == rule]
        if any(touches(s, u) for s in about for u in open_here):
            return False
        if (open_here or self.gaps) and not about:
            return False
        around = {subscription_of(p) for p in places} - {EVERYWHERE}
        if not around <= self.subscriptions:
            return False
        workspaces = [p for p in places if is_workspace(p)]
        if workspaces:
            # What surrounds a workspace was looked at with it.
            return all(self._is_read(p) for p in workspaces)
        return all(self._is_read(p) for p in places)

    def _is_read(self, scope: str) -> bool:
        return any(holds(known, scope) for known in self.read)


class Observation(NamedTuple):
    """What one audit says."""

    taken: dt.datetime
    """The moment of the snapshot."""

    rows: tuple[Row, ...]
    reach: Reach
    is_complete: bool
    exit_code: int
    failures: int
    undecided: int


def observe(
    report: Report, snapshot: Snapshot, entries: Mapping[str, Entry], exit_code: int
) -> Observation:
    """Take from a report what is kept of it; secrets are left out as every format does."""
    shown = without_secrets(report) if report.secrets else report
    records = Records(shown, Severity.NOTE)
    families = {name: info.family for name, info in report.rules.items()}
    rows = [_row(r, families) for r in [*records.found, *records.suppressed]]
    return Observation(
        snapshot.taken,
        tuple(rows),
        _reach(report, snapshot, entries),
        report.is_complete,
        exit_code,
        len(report.failures),
        len(report.undecided),
    )


def _row(record: Record, families: Mapping[str, str]) -> Row:
    finding = record.finding
    resource = finding.resource
    path = finding.place.document.path
    subjects = tuple(sorted({*_subjects(finding)}))
    workspaces = {s for s in map(scope_of, subjects) if is_workspace(s)}
    return Row(
        record.fingerprint,
        record.content_hash,
        finding.rule,
        families.get(finding.rule, ""),
        finding.severity.level,
        _kept(finding.message),
        resource.kind if resource is not None else "file",
        _kept(resource.name if resource is not None else path),
        _kept(_id_of(resource) or path),
        _kept(finding.route),
        _kept(workspaces.pop()) if len(workspaces) == 1 else "",
        tuple(map(_kept, subjects)),
        record.suppressed is not None,
    )


def _kept(text: str) -> str:
    """Spell what no database takes: zeros and halves of characters, as reports do."""
    return visible(text)


def _id_of(resource: Resource | None) -> str:
    if resource is None or not resource.id.is_ground:
        return ""
    return str(resource.id)


def _subjects(finding: Finding) -> Iterator[str]:
    """Yield the ids of what a finding stands on and of those who suffer."""
    for resource in (finding.resource, *(r.resource for r in finding.related)):
        if resource is not None:
            yield from _ids(resource)


def _ids(resource: Resource) -> Iterator[str]:
    """Yield the id of a resource, and of where one that is set above subscriptions holds."""
    yield _id_of(resource).casefold().rstrip("/") or EVERYWHERE
    for scope in resource.read_in:
        yield str(scope).casefold()


def _reach(report: Report, snapshot: Snapshot, entries: Mapping[str, Entry]) -> Reach:
    is_looked_at = _looked_at(snapshot)
    rules = {
        name
        for name in report.rules
        if name not in entries
        or all(is_looked_at(f) for f in (*entries[name].needs, *entries[name].uses))
    }
    gaps = set()
    for failure in report.failures:
        if failure.scope in report.rules:
            rules.discard(failure.scope)
        else:
            gaps.add(_gap(failure))
    # What a value leaves open is open for one resource, what was not read for all around it.
    undecided = frozenset(
        (pair.rule, i if pair.need is None else scope_of(i))
        for pair in report.undecided
        for i in _ids(pair.resource)
    )
    read = frozenset(
        c.scope.casefold().rstrip("/") or EVERYWHERE
        for c in snapshot.coverages
        if c.facet == Facet.WORKSPACES and c.state == COLLECTED
    )
    asked = frozenset(subscription_of(scope_of(a.scope)) for a in snapshot.answers)
    return Reach(frozenset(rules), read, asked, frozenset(gaps), undecided)


def _gap(failure: Failure) -> str:
    """Give the scope of a failure; one that names none leaves everything open."""
    return scope_of(failure.scope) if failure.stage == "live" and failure.scope else EVERYWHERE


class _LookedAt:
    """Knows of which facets all was asked that there is to ask."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.asked = {a.facet for a in snapshot.answers}
        self.found = {a.facet for a in snapshot.answers if a.items}

    def __call__(self, facet: str) -> bool:
        if facet in self.asked:
            return True
        before = _FOLLOWS.get(facet)
        if before is None or not self(before):
            return False
        return before not in self.found or facet in _OF_SOME


def _looked_at(snapshot: Snapshot) -> _LookedAt:
    return _LookedAt(snapshot)


_FOLLOWS: Final = {
    **dict.fromkeys(
        (
            *(Facet.COMPUTES, Facet.DATASTORES, Facet.ONLINE_ENDPOINTS),
            *(Facet.USAGES, Facet.QUOTAS, Facet.VM_SIZES, Facet.NETWORK_USAGES),
        ),
        Facet.WORKSPACES,
    ),
    Facet.ONLINE_DEPLOYMENTS: Facet.ONLINE_ENDPOINTS,
    Facet.ZONE_LINKS: Facet.PRIVATE_ZONES,
    Facet.POLICY_DEFINITIONS: Facet.POLICY_ASSIGNMENTS,
    Facet.DEPLOYMENTS: Facet.LOCKS,
}
"""Facets that are asked of what another one holds: where that is empty there is nothing to ask."""

_OF_SOME: Final = frozenset({Facet.ZONE_LINKS, Facet.DEPLOYMENTS})
"""Facets that are asked of some of what the other one holds."""
