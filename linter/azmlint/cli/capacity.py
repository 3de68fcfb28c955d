"""`azmlint capacity`: how far clusters get under their quotas."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from azmlint.cli.options import has_color
from azmlint.engine import capacity, project, snapshots
from azmlint.report import capacity as report
from azmlint.report.options import ReportOptions


@click.command("capacity", short_help="Say how far clusters get under their quotas.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--config", metavar="FILE", help="Use this configuration file and no other.")
@click.option(
    "--snapshot",
    "snapshot_files",
    multiple=True,
    metavar="FILE",
    help="Take quotas, and what is deployed, from this snapshot; repeatable.",
)
@click.option(
    "--what-if",
    "supposed",
    multiple=True,
    metavar="CHANGE",
    help="Suppose `CLUSTER.max=50` or `quota:REGION/FAMILY=96`; repeatable.",
)
@click.option("--format", "form", type=click.Choice(report.FORMATS), default="text")
@click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same.")
def command(
    paths: tuple[str, ...],
    config: str | None,
    snapshot_files: tuple[str, ...],
    supposed: tuple[str, ...],
    form: str,
    *,
    no_color: bool,
) -> int:
    """Say how many nodes each cluster asks for and gets, alone and when all scale at once.

    Clusters are those of the files, among those of the snapshot; without a path, those of the
    snapshot alone. Limits come from the snapshot or from `[quota]` of the configuration.

    Exit codes: 0 answered, 2 wrong usage or configuration, 3 answered with gaps.
    """
    start = Path(paths[0]) if paths else Path.cwd()
    rules = project.settle(start, Path(config) if config else None)
    snapshot = snapshots.load([Path(name) for name in snapshot_files]) if snapshot_files else None
    given = list(paths) or ([] if snapshot is not None else ["."])
    gathered = project.gathered(given, rules, snapshot)
    answer = _with_calls(capacity.answer(gathered.estate, snapshot, supposed))
    code = 0 if answer.is_complete and not gathered.failures else 3
    color = not no_color and has_color(sys.stdout)
    options = ReportOptions(color=color, exit_code=code)
    told = report.write(form, answer, options, gathered.secrets)
    click.echo(told, nl=False, color=color)
    for failure in gathered.failures:
        click.echo(f"azmlint: {failure.path or failure.scope}: {failure.reason}", err=True)
    return code


def _with_calls(answer: capacity.Answer) -> capacity.Answer:
    """Say of each gap which call answers it, and what that takes."""
    if not answer.gaps:
        return answer
    from azmlint.azure import asking  # noqa: PLC0415  # few answers have gaps

    gaps = []
    for gap in answer.gaps:
        need = gap.need
        question = asking(need.facet, need.scope or "/") if need is not None else None
        if need is not None and question is not None:
            permission = need.permission or question.call.permission
            need = need._replace(permission=permission)
            gap = gap._replace(need=need, call=str(question))  # noqa: PLW2901  # the same, told in full
        gaps.append(gap)
    return answer._replace(gaps=tuple(gaps))
