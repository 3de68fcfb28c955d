"""The findings that the engine makes itself, without a rule of a pack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from azmlint.engine.report import RuleInfo
from azmlint.finding import Applicability, Finding, Fix, Severity
from azmlint.location import Place, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.location import Document
    from azmlint.model.resource import Resource
    from azmlint.sources.document import Problem

_PAGES = "https://github.com/azmlint/azmlint/blob/main/docs/engine-findings.md"


def _own(name: str, severity: Severity, summary: str) -> RuleInfo:
    return RuleInfo(name, "engine", severity, summary, summary, f"{_PAGES}#{name}", None, "file")


OWN_RULES: Final[dict[str, RuleInfo]] = {
    info.name: info
    for info in (
        _own(
            "file-not-read",
            Severity.NOTE,
            "A file declares Azure ML resources in a language that azmlint does not read yet.",
        ),
        _own("ignore-expired", Severity.WARNING, "A suppression is past its last day."),
        _own("ignore-unused", Severity.WARNING, "A suppression matches no finding."),
        _own(
            "property-value-invalid",
            Severity.ERROR,
            "A property has a value that the service or its tool refuses.",
        ),
        _own("syntax-error", Severity.ERROR, "A file is not valid in its own language."),
    )
}
"""By name."""


class TextSpot:
    """A piece of a file that a finding stands on when it is about no resource."""

    __slots__ = ("place",)

    route = None

    def __init__(self, document: Document, start: int, end: int) -> None:
        """Point at an extent."""
        self.place = Place(document, Span(start, end))

    @property
    def trace(self) -> tuple[Place, ...]:
        """The spot itself."""
        return (self.place,)


_WHY = {
    "syntax-error": "only its author knows what was meant",
    "file-not-read": "azmlint reads az ml YAML and ARM JSON",
}


def file_finding(problem: Problem) -> Finding | None:
    """Turn a problem of a file into a finding; None for what is only skipped."""
    info = OWN_RULES.get(problem.rule or "")
    if info is None:
        return None
    return Finding(
        info.name,
        info.severity,
        problem.message,
        TextSpot(problem.document, problem.start, problem.end),
        None,
        why_no_fix=_WHY.get(info.name),
    )


def value_findings(resource: Resource) -> Iterator[Finding]:
    """Yield a finding for each property that holds what its reader refuses."""
    if resource.is_existing:
        return
    seen: set[tuple[int, int]] = set()
    for declared in type(resource).properties():
        if declared.invalid_rule is not None:
            continue
        value = declared.__get__(resource, type(resource))
        if value.refused is None:
            continue
        extent = (value.place.start, value.place.end)
        if extent in seen:
            continue
        seen.add(extent)
        shown = "the value" if declared.is_secret else f"'{value.text}'"
        message = f"{declared.title} of {resource.label} is {shown}, but must be {value.refused}"
        fixes: tuple[Fix, ...] = ()
        if value.known is not None:
            title = f"write {declared.title} as the tool spells it"
            fixes = (Fix(title, Applicability.SAFE, (value.set(value.known),)),)
        yield Finding(
            "property-value-invalid",
            Severity.ERROR,
            message,
            value,
            resource,
            fixes=fixes,
            why_no_fix=None if fixes else "only its author knows what was meant",
        )
