"""`azmlint diagnose`: why a deployed compute is in the state that it is in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from azmlint import azure
from azmlint.cli.live import (
    Live,
    collect,
    live_of,
    open_reader,
    refuse_beside_snapshot,
    scopes,
    sign_in,
)
from azmlint.cli.options import has_color
from azmlint.engine import diagnose, project, snapshots
from azmlint.model.facet import COLLECTED, DENIED, FAILED, Facet
from azmlint.report import diagnosis
from azmlint.report.options import ReportOptions
from azmlint.sources.scrub import scrub
from azmlint.sources.snapshot import Answer

if TYPE_CHECKING:
    from azmlint.azure.reader import Reader
    from azmlint.sources.snapshot import Snapshot

DIAGNOSES = Facet.SERVICE_DIAGNOSES
"""The service's own opinion, which is asked for by name only."""


@click.command("diagnose", short_help="Say why a deployed compute is stuck.")
@click.argument("target", metavar="WORKSPACE/COMPUTE")
@click.option("--config", metavar="FILE", help="Use this configuration file and no other.")
@click.option(
    "--snapshot",
    "snapshot_files",
    multiple=True,
    metavar="FILE",
    help="Read this snapshot and ask Azure nothing; repeatable.",
)
@scopes
@sign_in
@click.option(
    "--with-service-diagnose",
    "asks_service",
    is_flag=True,
    help="Ask the service for its own diagnosis of the workspace too.",
)
@click.option("--format", "form", type=click.Choice(sorted(diagnosis.FORMATS)), default="text")
@click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same.")
@click.pass_context
def command(
    ctx: click.Context,
    target: str,
    config: str | None,
    snapshot_files: tuple[str, ...],
    form: str,
    *,
    asks_service: bool,
    no_color: bool,
) -> int:
    """Say what is wrong with a compute, why, and what cures it.

    Without --snapshot the workspace, and what its computes depend on, is read from Azure. Causes
    come with their evidence, from the cause to the compute. Exit codes: 0 answered,
    2 wrong usage, 3 answered with gaps.
    """
    rules = project.settle(Path.cwd(), Path(config) if config else None)
    # What a configuration does not want to hear of can be the cause all the same.
    rules = rules._replace(config=rules.config._replace(profile="strict", select=(), ignore=()))
    live = live_of(ctx)
    if snapshot_files:
        refuse_beside_snapshot(ctx, live)
        found = snapshots.load([Path(name) for name in snapshot_files])
    else:
        found = _read(live, target, project.facets(rules), asks_service=asks_service)
    context = project.ProjectContext(rules.config)
    report = project.audit(found, rules, context, today=found.taken.date(), no_ignores=True)
    answer = diagnose.diagnose(found, target, report, rules.entries)
    code = 0 if answer.is_complete else 3
    color = not no_color and has_color(sys.stdout)
    options = ReportOptions(color=color, exit_code=code)
    click.echo(diagnosis.write(form, answer, options), nl=False, color=color)
    return code


def _read(live: Live, target: str, facets: frozenset[str], *, asks_service: bool) -> Snapshot:
    """Read the workspace of a target, and the service's own opinion if it is asked for."""
    whole, _, compute = target.rpartition("/computes/")
    workspace = whole if whole and compute else target.strip("/").rpartition("/")[0]
    if not workspace:
        message = f"'{target}' names no workspace; write it as WORKSPACE/COMPUTE"
        raise click.UsageError(message)
    reader = open_reader(live)
    found = collect(reader, live._replace(workspaces=(workspace,)), facets - {DIAGNOSES})
    if not asks_service:
        return found
    compute_found, _ = diagnose.find(found, target)
    scope = str(compute_found.id.parent)
    return found._replace(answers=(*found.answers, _service_answer(reader, scope)))


def _service_answer(reader: Reader, scope: str) -> Answer:
    call = f"POST {scope}/diagnose"
    permission = azure.DIAGNOSE_PERMISSION
    try:
        said = azure.service_diagnosis(reader, scope)
    except azure.ReadError as error:
        state = DENIED if error.status in {401, 403} else FAILED
        return Answer(DIAGNOSES, scope, call, state, (), permission, str(error))
    item = {
        **said,
        "id": f"{scope}/diagnose/latest",
        "name": "latest",
        "type": "Microsoft.MachineLearningServices/workspaces/diagnose",
    }
    return Answer(DIAGNOSES, scope, call, COLLECTED, (scrub(item),), permission)
