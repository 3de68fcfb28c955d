"""`azmlint baseline`: accept what is there, so that only what is new is reported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from azmlint.cli.options import chained, configuration, day, words
from azmlint.engine import baseline, project, snapshots
from azmlint.engine.fix import write as write_file
from azmlint.errors import ConfigError
from azmlint.report.escape import printable
from azmlint.report.mask import Mask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from azmlint.engine.baseline import Known
    from azmlint.engine.report import Report

FILE_NAME = "azmlint-baseline.json"

_judging = chained(
    click.argument("paths", nargs=-1, metavar="[PATH]..."),
    configuration,
    click.option(
        "--snapshot",
        "snapshot_files",
        multiple=True,
        metavar="FILE",
        help="Judge the files among what this snapshot says is deployed; repeatable.",
    ),
    click.option("--include-docs", is_flag=True, help="Read the code in Markdown files, too."),
    click.option("--now", metavar="DATE", help="The day that decides what is past."),
    click.option(
        "--file",
        "-f",
        "name",
        default=FILE_NAME,
        metavar="FILE",
        help=f"The baseline [default: {FILE_NAME}].",
    ),
)


@click.group("baseline", short_help="Accept the findings that are there today.")
def command() -> None:
    """Accept the findings that are there today; `check --baseline FILE` reports the others."""


@command.command("write", short_help="Write down the findings of files.")
@_judging
def write(
    paths: tuple[str, ...],
    config: str | None,
    profile: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    pack: tuple[str, ...],
    snapshot_files: tuple[str, ...],
    include_docs: bool,  # noqa: FBT001
    now: str | None,
    name: str,
) -> int:
    """Write down the findings of files, or of all files below folders.

    Findings of enforced rules are left out: no baseline hides them. Exit codes: 0 written, 3
    something could not be judged, and nothing is written.
    """
    chosen = _Chosen(config, profile, select, ignore, pack)
    judged = _judge(paths, chosen, snapshot_files, now, include_docs=include_docs)
    if not _is_complete(judged.report):
        return 3
    enforced = judged.rules.config.enforce
    found = [f for f in judged.report.findings if f.rule not in enforced]
    there = baseline.known(found, Mask(judged.report.secrets))
    _write(Path(name), there)
    click.echo(f"azmlint: {name}: {_findings(there.total())} accepted", err=True)
    left = len(judged.report.findings) - len(found)
    if left:
        click.echo(f"azmlint: {_findings(left)} of enforced rules cannot be accepted", err=True)
    return 0


@command.command("prune", short_help="Take out what is no longer found.")
@_judging
def prune(
    paths: tuple[str, ...],
    config: str | None,
    profile: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    pack: tuple[str, ...],
    snapshot_files: tuple[str, ...],
    include_docs: bool,  # noqa: FBT001
    now: str | None,
    name: str,
) -> int:
    """Take out of a baseline what is no longer found in the files given; nothing is added.

    What stands in other files, or was found by rules that are not selected, stays. Exit codes: 0
    done, 3 something could not be judged, and nothing is changed.
    """
    there = baseline.read(Path(name))
    chosen = _Chosen(config, profile, select, ignore, pack)
    judged = _judge(paths, chosen, snapshot_files, now, include_docs=include_docs)
    if not _is_complete(judged.report):
        return 3
    left = baseline.set_aside(
        judged.report, there, Mask(judged.report.secrets), by="baseline", reason=""
    )
    gone = judged.gone(left)
    if gone:
        _write(Path(name), there - gone)
    click.echo(f"azmlint: {name}: {_findings(gone.total())} taken out", err=True)
    return 0


class _Chosen(NamedTuple):
    config: str | None
    profile: str | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    pack: tuple[str, ...]


class _Judged(NamedTuple):
    report: Report
    rules: project.Rules
    loaded: project.Loaded

    def gone(self, left: Known) -> Known:
        """Give what of a baseline was looked for and not found."""
        return baseline.looked_for(left, self.loaded, project.selection(self.rules))


def _judge(
    paths: Sequence[str],
    chosen: _Chosen,
    snapshot_files: Sequence[str],
    now: str | None,
    *,
    include_docs: bool,
) -> _Judged:
    given = list(paths) or ["."]
    start = Path(given[0])
    explicit = Path(chosen.config) if chosen.config else None
    rules = project.settle(start if start.exists() else Path.cwd(), explicit, chosen.pack)
    settings = rules.config.override(
        profile=chosen.profile, select=words(chosen.select), ignore=words(chosen.ignore)
    )
    rules = rules._replace(config=settings)
    found = snapshots.load([Path(file) for file in snapshot_files]) if snapshot_files else None
    context = project.ProjectContext(settings, found)
    loaded = project.load(given, settings, context, include_docs=include_docs)
    report = project.check(loaded, rules, context, today=day(now), snapshot=found)
    return _Judged(report, rules, loaded)


def _is_complete(report: Report) -> bool:
    for failure in report.failures:
        where = printable(failure.path or failure.scope or "azmlint")
        click.echo(f"azmlint: {where}: {printable(failure.reason)}", err=True)
    return report.is_complete


def _write(path: Path, there: Known) -> None:
    if path.is_dir():
        message = f"{path} is a folder"
        raise ConfigError(message)
    write_file(path, baseline.written(there).encode(), may_be_new=True)


def _findings(count: int) -> str:
    return "1 finding" if count == 1 else f"{count} findings"
