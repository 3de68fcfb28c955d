"""Scripts: what `az` and PowerShell commands in them declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from azmlint.location import Place, Span
from azmlint.sources import az
from azmlint.sources.document import Problem, Reading
from azmlint.sources.embedded import Embedded
from azmlint.sources.shell_run import Runner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azmlint.location import Document
    from azmlint.sources.document import Context
    from azmlint.sources.shell_state import Path, Performs
    from azmlint.sources.shell_tree import Script
    from azmlint.sources.shell_values import Variable

POWERSHELL_SUFFIXES: Final = (".ps1", ".psm1")


def read(document: Document, context: Context) -> Reading:
    """Read what a script declares."""
    reading = Reading()
    session = az.Session(reading, context)
    follow(document, context, session, {})
    session.finish()
    return reading


def follow(
    document: Document,
    context: Context,
    session: az.Session,
    environment: Mapping[str, Variable],
    bases: tuple[str, ...] = (),
    *,
    path: Path = (),
    is_rooted: bool = False,
    performs: Performs | None = None,
) -> Runner:
    """Follow one script of a file; what it makes goes to `session`.

    `bases` are the folders in which it may run, other than its own and those above, and `path`
    the branches in which it stands; with `is_rooted`, absolute paths begin at the project's root.
    """
    script = parse(document)
    for fault in script.faults:
        is_own = fault.is_invalid and not document.is_embedded
        rule = "syntax-error" if is_own else None
        session.reading.problems.append(_problem(document, fault.start, rule, fault.message))
    runner = Runner(
        document,
        context,
        performs or session.perform,
        parse,
        folds_names=is_powershell(document),
    )
    for name, variable in environment.items():
        runner.state.variables[runner.folded(name)] = variable
    runner.state.bases = bases or runner.state.bases
    runner.path = path
    runner.state.is_rooted = is_rooted
    runner.run(script, document.shells if isinstance(document, Embedded) else ())
    session.reading.secrets += runner.secrets
    session.reading.called |= runner.outside
    if runner.is_cut:
        message = "the script is followed only in part: its loops or calls are too many"
        session.reading.problems.append(_problem(document, 0, None, message))
    return runner


def _problem(document: Document, start: int, rule: str | None, message: str) -> Problem:
    end = min(start + 1, len(document.text))
    place = Place(document, Span(min(start, end), end))
    return Problem(place.document, place.start, place.end, rule, message)


def parse(document: Document) -> Script:
    """Read the syntax of a script."""
    if is_powershell(document):
        from azmlint.sources import powershell_syntax  # noqa: PLC0415  # one of two languages

        return powershell_syntax.parse(document.text)
    from azmlint.sources import shell_syntax  # noqa: PLC0415

    return shell_syntax.parse(document.text)


def is_powershell(document: Document) -> bool:
    """Whether a script is one of PowerShell."""
    path = document.path.lower()
    first = document.text.partition("\n")[0]
    return path.endswith(POWERSHELL_SUFFIXES) or ("#!" in first and "pwsh" in first)
