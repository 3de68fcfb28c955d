"""The findings that the engine makes itself, without a rule of a pack."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING, Final

from azmlint.engine.report import RuleInfo
from azmlint.expressions.truth import Undecided
from azmlint.finding import Applicability, Finding, Fix, Severity
from azmlint.location import Place, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.location import Document
    from azmlint.model.resource import Resource
    from azmlint.sources.document import Problem

_PAGES = "https://github.com/azmlint/azmlint/blob/main/docs/engine-findings.md"


def _own(name: str, severity: Severity, text: str) -> RuleInfo:
    """Describe one; its first paragraph is the summary."""
    written = cleandoc(text)
    summary = " ".join(written.partition("\n\n")[0].split())
    page = f"# {name}\n\n{written}\n"
    return RuleInfo(name, "engine", severity, summary, page, f"{_PAGES}#{name}", None, "file")


OWN_RULES: Final[dict[str, RuleInfo]] = {
    info.name: info
    for info in (
        _own(
            "file-not-read",
            Severity.NOTE,
            """
            A file declares Azure ML resources in a language that azmlint does not read yet.

            azmlint judges az ml YAML, ARM JSON, Bicep, Terraform, Python, notebooks, scripts of
            shells and of PowerShell, pipelines and Dockerfiles. A workspace, compute or lock that
            is declared in Ansible or Pulumi is found by a search of the text, and said once for
            each file, so that silence about it is not taken for a clean result. What it declares
            also stays unknown to rules about other files.

            Nothing has to be done. A file that is of no interest can be left out with `exclude`,
            and the note as a whole with `ignore = ["file-not-read"]`.
            """,
        ),
        _own(
            "ignore-expired",
            Severity.WARNING,
            """
            A suppression is past its last day.

            It was written with an `until`, and that day is over: the finding that it accepted
            counts again and is reported beside this one.

            ```yaml
            min_instances: 1  # azmlint: ignore[min-nodes-above-zero] for the demo until=2026-06-30
            ```

            Correct what the finding is about and remove the suppression, or give it a later day
            with a reason that still holds. The day is that of the clock, or of `--now`.
            """,
        ),
        _own(
            "ignore-unused",
            Severity.WARNING,
            """
            A suppression matches no finding.

            Nothing is wrong where it stands any more, or it never had an effect: it names no rule
            or one that nobody knows, its `until` is no date, it stands on another line than the
            value, or a shared configuration enforces the rule. A suppression that nobody needs
            would hide the next finding there.

            Remove it, or correct what the message says. It is not reported when a rule could not
            judge the file, when the rule did not run, or when an entry of the configuration is
            about files that were not given.
            """,
        ),
        _own(
            "property-value-invalid",
            Severity.ERROR,
            """
            A property has a value that the service or its tool refuses.

            A number stands where true or false belongs, a word where a number does, or a property
            with few values has none of them. The deployment fails, or today's tool refuses the
            file that an older one took. Rules take the value for unknown where it cannot be read.

            ```yaml
            tier: low-prio  # must be dedicated or low_priority
            ```

            Write one of the values that the message lists. Where the meaning is clear, as in an
            older spelling, the fix writes what today's tool takes; it is safe, because it says the
            same.
            """,
        ),
        _own(
            "syntax-error",
            Severity.ERROR,
            """
            A file is not valid in its own language.

            YAML, JSON or Bicep ends before its time, a bracket or quote is missing, a character is
            not allowed. The tool that the file is for refuses it. azmlint judges nothing in such a
            YAML or JSON file; of a Bicep file it judges the other declarations.

            A parameter, variable or local that refers to itself, if by way of others, is refused as
            well, and so is a Bicep file that a module of its own uses. All else is judged.

            YAML is read as `az ml` reads it (version 1.1), JSON as Azure Resource Manager does:
            comments, trailing commas and strings over several lines are no errors. Text that a
            step before deployment fills in (`{{ name }}`, `$(name)`, `<name>`) is taken for a
            value that is not known.

            Correct it at the position given: that is where reading stopped, and the cause may
            stand a little before. A file that is no YAML or JSON for good reasons, such as a
            chart's template, is left out with `exclude`, or with `--as-found` when files are
            named.
            """,
        ),
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
    "file-not-read": "azmlint reads az ml YAML, ARM JSON, Bicep, Terraform, Python and notebooks",
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


def _may_exist(resource: Resource) -> bool:
    """Whether a resource is there in the world at hand, of which its values are."""
    try:
        return resource.exists().known is not False
    except Undecided:
        return True


def value_findings(resource: Resource) -> Iterator[Finding]:
    """Yield a finding for each property that holds what its reader refuses."""
    if resource.is_existing or not _may_exist(resource):
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
