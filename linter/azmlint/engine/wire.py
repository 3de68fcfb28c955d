"""What rules say as plain data, to go from one process to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from azmlint.engine.report import Failure, UndecidedPair
from azmlint.expressions.truth import Need
from azmlint.finding import Applicability, Finding, Fix, Related, Severity, Step
from azmlint.location import Document, Edit, Place, Span
from azmlint.model.value import Change, NotEditable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from azmlint.finding import Target
    from azmlint.model.resource import Resource

Outcome: TypeAlias = "Finding | UndecidedPair | Failure"
Row: TypeAlias = "list[Any]"
"""A tuple as JSON has it."""

ROLES: Final = frozenset({"use", "argument", "variable", "default", "parameter-file"})


class Malformed(Exception):  # noqa: N818  # it becomes a failure that names the rule
    """A rule said something that is no finding, or no valid one."""


class Encoder:
    """Writes outcomes of one rule; resources go by their number in the estate."""

    def __init__(self, rule: str, resources: Sequence[Resource]) -> None:
        """Take the rule, and the resources in the order that gives each its number."""
        self.rule = rule
        self.numbers = {id(r): number for number, r in enumerate(resources)}

    def encode(self, outcome: Outcome) -> dict[str, Any]:
        """Give plain data; raises Malformed for a finding that holds what a finding cannot."""
        if isinstance(outcome, Failure):
            # What it would take to read is no matter of rules.
            return {"failure": [outcome.path, outcome.scope, outcome.stage, outcome.reason]}
        if isinstance(outcome, UndecidedPair):
            need = list(outcome.need) if outcome.need is not None else None
            return {
                "undecided": [self._number(outcome.resource), outcome.reason, outcome.kind, need]
            }
        try:
            return {"finding": self._finding(outcome)}
        except Malformed:
            raise
        except Exception as error:
            # NOTE: what a rule puts into a finding can be anything, and do anything when read.
            message = f"yielded a finding that cannot be read: {type(error).__name__}: {error}"
            raise Malformed(message) from error

    def _finding(self, finding: Finding) -> dict[str, Any]:
        if finding.rule != self.rule:
            message = f"yielded a finding of the rule '{finding.rule}'"
            raise Malformed(message)
        return {
            "severity": finding.severity.name,
            "message": _text(finding.message, "the message of a finding"),
            "on": _target(finding.on),
            "resource": self._number(finding.resource),
            "related": [
                [_place(r.place), _text(r.message, "a related message"), self._number(r.resource)]
                for r in finding.related
            ],
            "fixes": [_fix(_is(f, Fix, "a fix")) for f in finding.fixes],
            "why_no_fix": None
            if finding.why_no_fix is None
            else _text(finding.why_no_fix, "the reason for no fix"),
            "worlds": None if finding.worlds is None else [dict(w) for w in finding.worlds],
        }

    def _number(self, resource: Resource | None) -> int | None:
        if resource is None:
            return None
        number = self.numbers.get(id(resource))
        if number is None:
            message = "yielded a finding on a resource that is not of this estate"
            raise Malformed(message)
        return number


def _is(value: Any, kind: type, what: str) -> Any:  # noqa: ANN401  # what a rule gave
    if not isinstance(value, kind):
        message = f"gave {type(value).__name__} where {what} belongs"
        raise Malformed(message)
    return value


def _text(value: object, what: str) -> str:
    text: str = _is(value, str, f"a text, {what},")
    return text


def _place(place: Place) -> Row:
    return [place.document.path, place.start, place.end, place.role]


def _target(on: Target) -> dict[str, Any]:
    route = getattr(on, "route", None)
    return {
        "place": _place(on.place),
        "trace": [_place(p) for p in on.trace],
        "route": list(route) if route is not None else None,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    spelled: list[Row] = []
    refused: str | None = None
    try:
        for change in fix.changes:
            spelled += [[e.document.path, *e[1:]] for e in change.value.edits(change.new)]
    except NotEditable as reason:
        spelled, refused = [], str(reason)
    return {
        "title": _text(fix.title, "the title of a fix"),
        "applicability": _is(fix.applicability, Applicability, "an applicability").name,
        "steps": [[list(s.argv), s.needs, s.undo and list(s.undo)] for s in fix.steps],
        "changes": bool(fix.changes),
        "edits": spelled,
        "refused": refused,
    }


class Spot(NamedTuple):
    """What a finding of another process stands on."""

    place: Place
    trace: tuple[Place, ...]
    route: tuple[str, ...] | None


class SpelledChange(NamedTuple):
    """A change of which another process has spelled the edits."""

    spelled: tuple[Edit, ...]
    refused: str | None

    def edits(self, new: object) -> tuple[Edit, ...]:  # noqa: ARG002  # what is new is spelled already
        """Give the edits; raises NotEditable when the source refused to spell them."""
        if self.refused is not None:
            raise NotEditable(self.refused)
        return self.spelled


class Decoder:
    """Reads outcomes; checks everything, for it comes from a process that ran foreign code."""

    def __init__(
        self,
        rule: str,
        resources: Sequence[Resource],
        document: Callable[[str], Document | None],
    ) -> None:
        """Take the resources by number, and documents by path."""
        self.rule = rule
        self.resources = resources
        self.document = document

    def decode(self, row: dict[str, Any]) -> Outcome:
        """Make an outcome again; raises Malformed."""
        try:
            if "finding" in row:
                return self._finding(row["finding"])
            if "undecided" in row:
                number, reason, kind, need = row["undecided"]
                needed = Need(*need) if need is not None else None
                return UndecidedPair(
                    self.rule, self._resource(number), str(reason), str(kind), needed
                )
            path, scope, stage, reason = row["failure"]
            return Failure(path, scope, str(stage), str(reason))
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            message = f"sent what is no result: {type(error).__name__}: {error}"
            raise Malformed(message) from None

    def _finding(self, row: dict[str, Any]) -> Finding:
        number = row["resource"]
        route = row["on"]["route"]
        worlds = row["worlds"]
        return Finding(
            self.rule,
            Severity[row["severity"]],
            row["message"],
            Spot(
                self._place(row["on"]["place"]),
                tuple(self._place(p) for p in row["on"]["trace"]),
                tuple(map(str, route)) if route is not None else None,
            ),
            self._resource(number) if number is not None else None,
            related=tuple(
                Related(self._place(p), m, self._resource(n) if n is not None else None)
                for p, m, n in row["related"]
            ),
            fixes=tuple(self._fix(f) for f in row["fixes"]),
            why_no_fix=row["why_no_fix"],
            worlds=None if worlds is None else tuple(worlds),
        )

    def _resource(self, number: int) -> Resource:
        if not 0 <= number < len(self.resources):
            message = f"there is no resource {number}"
            raise ValueError(message)
        return self.resources[number]

    def _place(self, row: Row) -> Place:
        path, start, end, role = row
        document = self._extent(path, start, end)
        if role not in ROLES:
            message = f"'{role}' is no role"
            raise ValueError(message)
        return Place(document, Span(start, end), role)

    def _extent(self, path: str, start: int, end: int) -> Document:
        document = self.document(path)
        if document is None or not 0 <= start <= end <= len(document.text):
            message = f"{path}:{start}-{end} is no place in the files of this run"
            raise ValueError(message)
        return document

    def _fix(self, row: dict[str, Any]) -> Fix:
        spelled = tuple(self._edit(*edit) for edit in row["edits"])
        change = Change(SpelledChange(spelled, row["refused"]), None)
        return Fix(
            row["title"],
            Applicability[row["applicability"]],
            (change,) if row["changes"] else (),
            tuple(Step(tuple(a), n, tuple(u) if u else None) for a, n, u in row["steps"]),
        )

    def _edit(self, path: str, start: int, end: int, text: str, around: Row) -> Edit:
        wider = [Span(*extent) for extent in around]
        for extent in wider:
            self._extent(path, *extent)
        return Edit(self._extent(path, start, end), start, end, str(text), tuple(wider))


__all__ = ["Decoder", "Encoder", "Malformed", "Outcome"]
