"""Why one deployed compute is in the state that it is in."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from azmlint.engine import packs
from azmlint.engine.passage import Passage, passages
from azmlint.errors import ConfigError, LiveError
from azmlint.expressions.term import Object
from azmlint.finding import Severity
from azmlint.model.estate import Estate, facet_of
from azmlint.model.facet import COLLECTED, Facet
from azmlint.model.ids import ResourceId
from azmlint.model.resources import (
    KINDS,
    Compute,
    ComputeCluster,
    Lock,
    ServiceDiagnosis,
    Workspace,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from azmlint.engine.packs import Entry
    from azmlint.engine.report import Failure, Report
    from azmlint.expressions.truth import Need
    from azmlint.finding import Finding
    from azmlint.model.facet import Coverages
    from azmlint.model.resource import Resource
    from azmlint.sources.snapshot import Snapshot

_KINDS = {kind.__name__: kind for kind in KINDS}

SYMPTOMS = "state"
"""The family of rules that say what is wrong to see."""


class Node(NamedTuple):
    """One thing on the way from a cause to the compute."""

    kind: str
    name: str
    id: str
    relation: str
    """How it leads to the next: locks, is in force on, holds; empty for the last."""


class Cause(NamedTuple):
    """Something found that explains a symptom."""

    finding: Finding
    path: tuple[Node, ...]
    """The evidence: from the cause to the compute."""

    explains: tuple[str, ...]
    """The symptoms, by rule."""

    code: str = ""
    """The code with which the service itself names this cause; empty where it does not."""


class Refusal(NamedTuple):
    """A cause that the service names, and of which no rule found anything."""

    code: str
    message: str
    rules: tuple[str, ...]
    """The rules that look for it."""


class Unread(NamedTuple):
    """A possible cause that could not be judged."""

    rule: str
    reason: str
    need: Need | None = None


class Diagnosis(NamedTuple):
    """What was found about one compute."""

    compute: Compute
    workspace: Workspace | None
    symptoms: tuple[Finding, ...]
    causes: tuple[Cause, ...]
    """The likeliest first: before all others what the service names."""

    refusals: tuple[Refusal, ...]
    """What the service names, and no rule sees any more, or could not judge."""

    opinions: tuple[Finding, ...]
    """What the service itself says of the workspace, where it was asked."""

    others: tuple[Finding, ...]
    """What else is wrong with it, and explains nothing."""

    ruled_out: tuple[str, ...]
    """Rules that looked for a cause, saw all they needed, and found none."""

    unread: tuple[Unread, ...]
    failures: tuple[Failure, ...]
    """What went wrong, or was not read, of that on which the answer rests."""

    report: Report
    """The whole audit on which it rests."""

    taken: dt.datetime
    """When its state was read."""

    passages: tuple[Passage, ...]
    """What decides on the traffic that its nodes need, where their subnet was read."""

    @property
    def is_complete(self) -> bool:
        """Whether every possible cause could be judged."""
        return not self.unread and not self.failures


def find(snapshot: Snapshot, target: str) -> tuple[Compute, list[Resource]]:
    """Find the compute that `WORKSPACE/COMPUTE`, its name alone, or its id says, among all.

    Raises ConfigError that says what there is instead, LiveError where it may hide in what was
    not read.
    """
    resources = list(snapshot.resources())
    computes = [r for r in resources if isinstance(r, Compute)]
    wanted = target.strip("/").casefold()
    found = [
        c
        for c in computes
        if wanted in {n.casefold() for n in (c.name, _short(c), str(c.id).strip("/"))}
    ]
    if len(found) == 1:
        return found[0], resources
    if found:
        lines = "\n".join(f"  {c.id}" for c in found)
        message = f"several computes are called '{target}'; name one by its id:\n{lines}"
        raise ConfigError(message)
    for coverage in snapshot.coverages:
        if coverage.facet in _HIDING and coverage.state != COLLECTED:
            needs = f"; it takes {coverage.permission}" if coverage.permission else ""
            message = (
                f"no compute '{target}' was read, but {coverage.facet} of {coverage.scope} were "
                f"not read: {coverage.reason}{needs}"
            )
            raise LiveError(message)
    names = sorted({_short(c) for c in computes})
    near = get_close_matches(target, names, 1)
    hint = f" Did you mean '{near[0]}'?" if near else _listed(names)
    message = f"no compute '{target}' was read; it is written WORKSPACE/COMPUTE.{hint}"
    raise ConfigError(message)


_HIDING = frozenset({Facet.SUBSCRIPTIONS, Facet.WORKSPACES, Facet.COMPUTES})
"""Facets without which nobody knows which computes there are."""

_LISTED = 10


def _listed(names: list[str]) -> str:
    if not names:
        return " No compute was read at all."
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f" There are: {', '.join(names[:_LISTED])}{more}."


def _short(compute: Compute) -> str:
    return f"{compute.id.parent.name or '?'}/{compute.name}"


def diagnose(
    snapshot: Snapshot, target: str, report: Report, entries: Mapping[str, Entry]
) -> Diagnosis:
    """Explain the state of a compute from an audit with all rules."""
    compute, resources = find(snapshot, target)
    estate = Estate(
        resources,
        today=snapshot.taken.date(),
        now=snapshot.taken,
        coverages=snapshot.coverages,
    )
    concerned = _Concerned(compute, estate)
    mine = [f for f in report.findings if concerned.by(f)]
    opinions = [f for f in mine if isinstance(f.resource, ServiceDiagnosis)]
    mine = [f for f in mine if f not in opinions]
    symptoms = [f for f in mine if _family(f, entries) == SYMPTOMS and _is_about(f, compute)]
    ranks = _ranks(symptoms or None, entries)
    named = list(_named(compute, ranks, entries))
    codes = {rule: refusal.code for refusal in reversed(named) for rule in refusal.rules}
    causes = [
        Cause(f, concerned.path(f), ranks[f.rule][1], codes.get(f.rule, ""))
        for f in mine
        if f.rule in ranks and f not in symptoms and f.severity > Severity.NOTE
    ]
    causes.sort(
        key=lambda c: (
            not c.code,
            ranks[c.finding.rule][0],
            -c.finding.severity,
            c.finding.rule,
        )
    )
    explained = {id(c.finding) for c in causes}
    others = [
        f
        for f in mine
        if id(f) not in explained and f not in symptoms and f.severity > Severity.NOTE
    ]
    unread = _unread(ranks, report, entries, concerned, snapshot.coverages)
    failures = [f for f in report.failures if f.stage != "live" or concerned.rests_on(f.scope)]
    found = {c.finding.rule for c in causes}
    open_ = {u.rule for u in unread}
    ruled_out = [r for r in ranks if r in entries and r not in found and r not in open_]
    return Diagnosis(
        compute,
        concerned.workspace,
        tuple(symptoms),
        tuple(causes),
        tuple(r for r in named if not found.intersection(r.rules)),
        tuple(opinions),
        tuple(others),
        tuple(ruled_out),
        tuple(unread),
        tuple(failures),
        report,
        snapshot.taken,
        passages(compute, estate),
    )


def _named(
    compute: Compute, ranks: Iterable[str], entries: Mapping[str, Entry]
) -> Iterator[Refusal]:
    """Yield what the errors of a compute name, each code once, with the rules that look for it."""
    rules: dict[str, list[str]] = {}
    said = dict(_errors(compute))
    for name in ranks if said else ():
        for code in packs.load(entries[name]).codes if name in entries else ():
            rules.setdefault(code.casefold(), []).append(name)
    for code, message in said.items():
        found = rules.get(code.casefold())
        if found:
            yield Refusal(code, message, tuple(found))


def _errors(compute: Compute) -> Iterator[tuple[str, str]]:
    """Yield codes and messages of the errors that a compute carries, with their details."""
    values = [compute.provisioning_errors]
    if isinstance(compute, ComputeCluster):
        values.append(compute.errors)
    waiting = [t for v in values if v.known is not None for t in v.known.members]
    while waiting:
        data = waiting.pop(0).data
        if not isinstance(data, Object):
            continue
        inner = data.lookup("error")
        if inner is not None:
            waiting.insert(0, inner)
            continue
        code, message = data.lookup("code"), data.lookup("message")
        if code is not None and isinstance(code.data, str):
            yield code.data, str(message.data) if message is not None else ""
        details = data.lookup("details")
        if details is not None and isinstance(details.data, list):
            waiting += details.data


def _family(finding: Finding, entries: Mapping[str, Entry]) -> str:
    entry = entries.get(finding.rule)
    return entry.family if entry is not None else ""


def _is_about(finding: Finding, compute: Compute) -> bool:
    return finding.resource is not None and finding.resource.id.key == compute.id.key


def _ranks(
    symptoms: Iterable[Finding] | None, entries: Mapping[str, Entry]
) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Give, by rule, how likely it is as a cause, and which symptoms it explains.

    Without a symptom every cause of every symptom is looked for.
    """
    names = (
        [f.rule for f in symptoms]
        if symptoms is not None
        else [n for n, e in entries.items() if e.family == SYMPTOMS]
    )
    ranks: dict[str, tuple[int, tuple[str, ...]]] = {}
    for name in dict.fromkeys(names):
        for rank, cause in enumerate(packs.load(entries[name]).causes):
            known = ranks.get(cause, (rank, ()))
            explains = (*known[1], name) if symptoms is not None else ()
            ranks[cause] = (min(known[0], rank), explains)
    return dict(sorted(ranks.items(), key=lambda item: item[1][0]))


class _Concerned:
    """What a compute depends on, and how what is found there leads to it."""

    def __init__(self, compute: Compute, estate: Estate) -> None:
        from azmlint.model.graph import Dependencies  # noqa: PLC0415  # loads networkx

        self.compute = compute
        self.dependencies = Dependencies(estate, compute.id)
        workspaces = [r for r in estate.of(Workspace) if r.id.key == compute.id.parent.key]
        self.workspace = workspaces[0] if workspaces else None

    def by(self, finding: Finding) -> bool:
        """Whether a finding is about the compute, something it depends on, or names it."""
        resource = finding.resource
        if resource is None:
            return False
        if self._is_other(resource):
            return False
        return self.reaches(resource) or any(
            r.resource is not None and r.resource.id.key == self.compute.id.key
            for r in finding.related
        )

    def _is_other(self, resource: Resource) -> bool:
        return isinstance(resource, Compute) and resource.id.key != self.compute.id.key

    def reaches(self, resource: Resource) -> bool:
        """Whether the compute depends on a resource, or on what that is set on."""
        return not self._is_other(resource) and self._target(resource) in self.dependencies

    def rests_on(self, scope: str | None) -> bool:
        """Whether what is read at a scope could tell something of the compute.

        It does if the compute depends on it, or on something in it; a region counts for its
        whole subscription.
        """
        if not scope:
            return True
        own = scope.casefold().partition(_REGIONS)[0].rstrip("/")
        return any(f"{str(i).casefold()}/".startswith(f"{own}/") for i in self.scopes())

    def scopes(self) -> Iterator[ResourceId]:
        """Yield the ids of all that the compute depends on."""
        yield from self.dependencies.ids()

    def _target(self, resource: Resource) -> ResourceId:
        if resource.id in self.dependencies:
            return resource.id
        set_on = resource.locked if isinstance(resource, Lock) else resource.scope
        for scope in (set_on, *resource.read_in):
            if scope is not None and scope in self.dependencies:
                return scope
        return set_on if set_on is not None else resource.id

    def path(self, finding: Finding) -> tuple[Node, ...]:
        """Lead from what a finding is about to the compute."""
        resource = finding.resource
        if resource is None:
            return ()
        target = self._target(resource)
        found: list[Node] = []
        if target.key != resource.id.key:
            word = "locks" if isinstance(resource, Lock) else "is in force on"
            found.append(Node(resource.kind, resource.name, str(resource.id), word))
        while target not in self.dependencies:
            # What stands beside the compute leads to it by what both are in.
            above = target.parent
            if not above.segments or above.key == target.key:
                return (*found, *self._own())
            found.append(Node(_kind_of(target), target.name or "?", str(target), "is in"))
            target = above
        for node in reversed(self.dependencies.path(target)):
            leads = _LEADS.get(node.relation, node.relation)
            found.append(Node(node.kind, node.name, node.id, leads))
        return tuple(found)

    def _own(self) -> Iterator[Node]:
        yield Node(self.compute.kind, self.compute.name, str(self.compute.id), "")


def _kind_of(resource_id: ResourceId) -> str:
    from azmlint.model.graph import kind_of  # noqa: PLC0415  # loads networkx

    return kind_of(resource_id)


_REGIONS = "/providers/microsoft.machinelearningservices/locations/"
_LEADS = {"in": "holds", "on": "carries", "uses": "is used by", "runs as": "is the identity of"}


_ANYWHERE = frozenset(
    {Facet.LOCKS, Facet.DENY_ASSIGNMENTS, Facet.DEPLOYMENT_STACKS, Facet.POLICY_ASSIGNMENTS}
)
"""Facets of what can be set on anything: due of every subscription."""

_OWN = frozenset({Facet.WORKSPACES, Facet.COMPUTES})
"""Facets that are due of the workspace."""


def _unread(
    ranks: Mapping[str, tuple[int, tuple[str, ...]]],
    report: Report,
    entries: Mapping[str, Entry],
    concerned: _Concerned,
    coverages: Coverages,
) -> list[Unread]:
    """List the causes that could not be judged: undecided, failed, or short of a facet."""
    found: dict[str, Unread] = {}
    for failure in report.failures:
        if failure.stage != "live" and failure.scope in ranks:
            found.setdefault(failure.scope or "", Unread(failure.scope or "", failure.reason))
    for pair in report.undecided:
        is_near = concerned.reaches(pair.resource) and _is_near(pair.need, concerned, coverages)
        if pair.rule in ranks and is_near:
            found.setdefault(pair.rule, Unread(pair.rule, pair.reason, pair.need))
    for rule, (_, explains) in ranks.items():
        entry = entries.get(rule)
        if entry is None and explains:
            found.setdefault(rule, Unread(rule, "no rule that is loaded looks for this cause"))
        if entry is not None and rule not in found:
            # A rule that also judges files needs nothing; it sees nothing where its kind is unread.
            own = facet_of(_KINDS[entry.kind]) if entry.kind in _KINDS else None
            facets = dict.fromkeys((*entry.needs, *([own] if own else ())))
            gap = next((g for f in facets if (g := _gap(f, concerned, coverages))), None)
            if gap is not None:
                found[rule] = Unread(rule, *gap)
    return [found[rule] for rule in ranks if rule in found]


def _gap(facet: str, concerned: _Concerned, coverages: Coverages) -> tuple[str, Need | None] | None:
    """Say why a facet of some scope is not known; None when it is."""
    if not coverages.asked(facet):
        return f"{facet} were not asked for", None
    workspace = concerned.compute.id.parent
    for scope in concerned.scopes():
        reading = coverages.of(facet, scope)
        is_due = (facet in _ANYWHERE and scope.is_subscription) or (
            facet in _OWN and scope.key == workspace.key
        )
        if (is_due and reading is None) or (reading is not None and reading.state != COLLECTED):
            gap = coverages.gap(facet, scope)
            return gap.text, gap.need
    return None


def _is_near(need: Need | None, concerned: _Concerned, coverages: Coverages) -> bool:
    """Whether what was missing could have told something of the compute, not of others."""
    if need is None:
        return True
    if need.facet in _OWN:
        # Other workspaces of the group may be unknown when that of the compute is not.
        return not coverages.is_collected(need.facet, concerned.compute.id.parent)
    return concerned.rests_on(need.scope)
