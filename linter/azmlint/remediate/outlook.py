"""What would be found once fixes are made: an audit of the snapshot as it would then be."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from azmlint.finding import Severity
from azmlint.model.value import Removed, Value
from azmlint.remediate import command
from azmlint.sources.deployed import DeployedBody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from azmlint.engine.report import Report
    from azmlint.finding import Finding, Fix, Step
    from azmlint.model.value import Change, Route
    from azmlint.sources.snapshot import Item, Snapshot

_Key: TypeAlias = tuple[str, str, str]
"""What a finding is known by: rule, id in lower case and route."""

_LOCKS: Final = "/providers/Microsoft.Authorization/locks/"


class Cure(NamedTuple):
    """A finding and the fix that is taken for it."""

    finding: Finding
    fix: Fix


class Brought(NamedTuple):
    """Something that is found only after a fix is made."""

    finding: Finding
    of: tuple[Cure, ...]
    """The fixes that it comes from."""


class Outlook:
    """Audits a snapshot as it would be after fixes."""

    def __init__(
        self, snapshot: Snapshot, report: Report, judge: Callable[[Snapshot], Report]
    ) -> None:
        """Compare with the report on the snapshot as it is."""
        self._snapshot = snapshot
        self._judge = judge
        self._before = _counted(report)

    def brought(self, cures: Sequence[Cure]) -> list[Brought]:
        """Give what is found only after fixes are made, each with those that it comes from."""
        tried = [cure for cure in cures if is_tried(cure)]
        found = self._found_after(tried)
        if not found:
            return []
        by_rule = {
            rule: [cure for cure in tried if cure.finding.rule == rule]
            for rule in dict.fromkeys(cure.finding.rule for cure in tried)
        }
        brought_by = {
            rule: set(map(_key, self._found_after(own) if len(by_rule) > 1 else found))
            for rule, own in by_rule.items()
        }
        return [Brought(one, _culprits(one, by_rule, brought_by)) for one in found]

    def _found_after(self, cures: Sequence[Cure]) -> list[Finding]:
        if not cures:
            return []
        left = self._before.copy()
        new = []
        for finding in self._judge(_after(self._snapshot, cures)).findings:
            key = (*_key(finding), finding.severity)
            left[key] -= 1
            if left[key] < 0:
                new.append(finding)
        return new


def _culprits(
    found: Finding, by_rule: Mapping[str, list[Cure]], brought_by: Mapping[str, set[_Key]]
) -> tuple[Cure, ...]:
    """Say which fixes something comes from: of a rule whose fixes bring it by themselves.

    Of these it is those that change what it is about, or what holds that. Where no rule's fixes
    bring it by themselves, it comes from all that do.
    """
    key = _key(found)
    cures = [c for rule, own in by_rule.items() if key in brought_by[rule] for c in own]
    cures = cures or [c for own in by_rule.values() for c in own]
    places = (found.place, *found.on.trace, *(r.place for r in found.related))
    about = {place.document.path.casefold() for place in places}
    exact = [c for c in cures if about & _touched(c)]
    around = exact or [c for c in cures if any(_is_in(a, t) for a in about for t in _touched(c))]
    return tuple(around or cures)


def is_tried(cure: Cure) -> bool:
    """Whether it is known what its commands make of a snapshot."""
    return all(
        _lock_of(step) is not None or _deleted(step) is not None or cure.fix.changes
        for step in cure.fix.steps
    )


def _key(finding: Finding) -> _Key:
    return finding.rule, finding.place.document.path.casefold(), finding.route


def _counted(report: Report) -> Counter[tuple[str, str, str, Severity]]:
    """Count findings of at least each severity, so that a milder one is none that is new."""
    return Counter(
        (*_key(finding), severity)
        for finding in (*report.findings, *(s.finding for s in report.suppressed))
        for severity in Severity
        if severity <= finding.severity
    )


def _is_in(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith(f"{outer}/")


def _touched(cure: Cure) -> set[str]:
    """Give the ids of what a fix changes, in lower case; of a lock what it is on."""
    found = {body.document.path.casefold() for body, _, _ in _written(cure.fix.changes)}
    for step in cure.fix.steps:
        lock = _lock_of(step)
        if lock is not None:
            found |= {lock.casefold(), lock.casefold().partition(_LOCKS.casefold())[0]}
        deleted = _deleted(step)
        found |= {deleted.casefold()} if deleted is not None else set()
    return found


def _written(changes: Iterable[Change]) -> list[tuple[DeployedBody, Route, object]]:
    return [
        (value.body, (*value.body.prefix, *value.route), value.written(change.new))
        for change in changes
        if isinstance(value := change.value, Value)
        and isinstance(value.body, DeployedBody)
        and value.route is not None
    ]


def _lock_of(step: Step) -> str | None:
    """Give the id of the lock that a command is about; None for any other command."""
    if command.verbs(step.argv)[:2] != ("az", "lock"):
        return None
    given = command.options(step.argv)
    if "--ids" in given:
        return given["--ids"]
    scope = given.get("--resource")
    if scope is None and "--subscription" in given:
        group = given.get("--resource-group")
        scope = f"/subscriptions/{given['--subscription']}"
        scope += f"/resourceGroups/{group}" if group is not None else ""
    name = given.get("--name")
    return f"{scope}{_LOCKS}{name}" if scope is not None and name is not None else None


def _deleted(step: Step) -> str | None:
    """Give the id of what a command deletes by its id; None for any other command."""
    is_deleting = command.verbs(step.argv)[-1:] == ("delete",)
    return command.options(step.argv).get("--ids") if is_deleting else None


def _after(snapshot: Snapshot, cures: Sequence[Cure]) -> Snapshot:
    """Give a snapshot as it would be after fixes are made, in their order."""
    changed: dict[str, Item | None] = {}
    """By id in lower case; None for what is gone."""
    items = {
        str(item.get("id", "")).casefold(): item
        for answer in snapshot.answers
        for item in answer.items
    }
    for cure in cures:
        for body, route, new in _written(cure.fix.changes):
            key = str(body.document.item.get("id", "")).casefold()
            item = changed.setdefault(key, deepcopy(items.get(key)))
            if item is not None:
                _set(item, route, new)
        for step in cure.fix.steps:
            lock = _lock_of(step)
            gone = _deleted(step)
            if gone is not None:
                changed[gone.casefold()] = None
            elif lock is not None:
                changed[lock.casefold()] = _locked(lock, step)
    answers = []
    for answer in snapshot.answers:
        kept = [changed.get(str(i.get("id", "")).casefold(), i) for i in answer.items]
        kept += [
            item
            for key, item in changed.items()
            if key not in items and answer.facet == "locks" and _is_of(key, answer.scope)
        ]
        answers.append(answer._replace(items=tuple(i for i in kept if i is not None)))
    return snapshot._replace(answers=tuple(answers))


def _is_of(resource_id: str, scope: str) -> bool:
    return _is_in(resource_id, scope.casefold())


def _locked(lock: str, step: Step) -> Item:
    level = command.options(step.argv).get("--lock-type", "CanNotDelete")
    return {
        "id": lock,
        "name": lock.rpartition("/")[2],
        "type": "Microsoft.Authorization/locks",
        "properties": {"level": level},
    }


def _set(item: Item, route: Route, new: object) -> None:
    """Write a value, or take it away; names are those of the item whatever their case."""
    node: Any = item
    for index, key in enumerate(route):
        is_last = index == len(route) - 1
        if isinstance(node, list):
            at = int(key) if key.isdigit() else len(node)
            if at >= len(node):
                return
            if is_last:
                node[at] = new
            node = node[at]
        elif isinstance(node, dict):
            name = next((n for n in node if n.casefold() == key.casefold()), key)
            if not is_last:
                if not isinstance(node.get(name), dict | list):
                    node[name] = {}
                node = node[name]
            elif isinstance(new, Removed):
                node.pop(name, None)
            else:
                node[name] = new
        else:
            return
