"""`azmlint check`: find problems in files, and fix them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from azmlint.cli.options import chained, configuration, day, words
from azmlint.cli.reporting import Wanted, gate, gate_of, output_options, publish, targets_of
from azmlint.engine import project, snapshots
from azmlint.engine.report import exit_code
from azmlint.errors import ConfigError
from azmlint.finding import Applicability, Severity

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from azmlint.engine.report import Report
    from azmlint.location import Document
    from azmlint.sources.snapshot import Snapshot

_fixing = chained(
    click.option("--fix", "safe", is_flag=True, help="Apply safe fixes."),
    click.option("--unsafe-fixes", "unsafe", is_flag=True, help="Apply unsafe fixes too."),
    click.option("--diff", "show_diff", is_flag=True, help="Show what --fix would change."),
    click.option("--add-ignore", metavar="RULE", help="Write a suppression at each finding of it."),
    click.option("--reason", default="", help="Why, for --add-ignore."),
)


@click.command("check", short_help="Find problems in files, and fix them.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@configuration
@gate
@output_options
@_fixing
@click.option(
    "--snapshot",
    "snapshot_files",
    multiple=True,
    metavar="FILE",
    help="Judge the files among what this snapshot says is deployed; repeatable.",
)
@click.option("--no-ignores", is_flag=True, help="Show suppressed findings as findings.")
@click.option(
    "--as-found",
    is_flag=True,
    help="Leave out named files that a search would: excluded ones, and those not ours.",
)
@click.option("--now", metavar="DATE", help="The day that decides what is past.")
@click.option("--stdin-filename", metavar="PATH", help="What `-` stands for.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    config: str | None,
    profile: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    pack: tuple[str, ...],
    fail_on: str | None,
    undecided: str | None,
    fail_on_skip: bool | None,  # noqa: FBT001
    exit_zero: bool,  # noqa: FBT001
    form: str,
    output: tuple[str, ...],
    min_severity: str | None,
    no_color: bool,  # noqa: FBT001
    safe: bool,  # noqa: FBT001
    unsafe: bool,  # noqa: FBT001
    show_diff: bool,  # noqa: FBT001
    add_ignore: str | None,
    reason: str,
    snapshot_files: tuple[str, ...],
    no_ignores: bool,  # noqa: FBT001
    as_found: bool,  # noqa: FBT001
    now: str | None,
    stdin_filename: str | None,
) -> int:
    """Check files, or all files below folders; without PATH, the working directory.

    Exit codes: 0 clean, 1 findings, 2 wrong usage or configuration, 3 incomplete.
    """
    targets = targets_of(output)
    texts, named = _standard_input(paths, stdin_filename)
    start = Path(named[0] if named else stdin_filename or ".")
    rules = project.settle(start if start.exists() else Path.cwd(), _path(config), pack)
    rules = rules._replace(
        config=rules.config.override(
            profile=profile,
            select=words(select),
            ignore=words(ignore),
            fail_on=fail_on,
            min_severity=min_severity,
            undecided=undecided,
            fail_on_skip=fail_on_skip,
        )
    )
    settings = rules.config
    found = snapshots.load([Path(n) for n in snapshot_files]) if snapshot_files else None
    context = project.ProjectContext(settings, found)
    if texts:
        shown = os.path.relpath(stdin_filename or "stdin", settings.root).replace(os.sep, "/")
        texts = {shown: texts.popitem()[1]}
    targeted = named or ([] if texts else ["."])
    loaded = project.load(targeted, settings, context, texts, as_found=as_found)
    today = day(now)
    report, changed = _judged(
        loaded,
        rules,
        context,
        today,
        _floor(safe=safe, unsafe=unsafe, show_diff=show_diff),
        no_ignores=no_ignores,
        add_ignore=add_ignore,
        reason=reason,
        snapshot=found,
    )
    if show_diff:
        _show_diff(loaded, changed)
        ctx.exit(exit_code(report, gate_of(settings, exit_zero=exit_zero)))
    _write_back(loaded, changed, texts or {})
    return publish(
        report,
        settings,
        Wanted(form, targets, no_color),
        exit_zero=exit_zero,
        is_shown=not (texts and changed),
    )


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _standard_input(paths: tuple[str, ...], name: str | None) -> tuple[dict[str, bytes], list[str]]:
    named = [p for p in paths if p != "-"]
    if len(named) == len(paths):
        return {}, named
    if name is None:
        message = "give --stdin-filename with `-`: its suffix says what the text is"
        raise click.UsageError(message)
    return {name: sys.stdin.buffer.read()}, named


def _floor(*, safe: bool, unsafe: bool, show_diff: bool) -> Applicability | None:
    if unsafe:
        return Applicability.UNSAFE
    return Applicability.SAFE if safe or show_diff else None


def _judged(
    loaded: project.Loaded,
    rules: project.Rules,
    context: project.ProjectContext,
    today: dt.date,
    floor: Applicability | None,
    *,
    no_ignores: bool,
    add_ignore: str | None,
    reason: str,
    snapshot: Snapshot | None,
) -> tuple[Report, dict[str, Document]]:
    def judge(documents: Mapping[str, Document]) -> Report:
        context.provide(documents)
        judged = {path: documents[path] for path in loaded.documents}
        return project.check(
            loaded,
            rules,
            context,
            documents=judged,
            today=today,
            no_ignores=no_ignores,
            snapshot=snapshot,
        )

    if add_ignore is not None:
        from azmlint.engine.suppress import added  # noqa: PLC0415  # only when asked for

        documents = added(judge(loaded.documents), loaded.documents, add_ignore, reason)
        changed = {p: d for p, d in documents.items() if d.text != loaded.documents[p].text}
        return judge(documents), changed
    if floor is None:
        return judge(loaded.documents), {}
    from azmlint.engine.repair import repair  # noqa: PLC0415  # only when asked for

    before = loaded.editable
    repaired = repair(before, judge, floor)
    if repaired.refused:
        what = "fix is" if repaired.refused == 1 else "fixes are"
        click.echo(
            f"azmlint: {repaired.refused} {what} not applied: an error would come of it", err=True
        )
    changed = {
        path: document
        for path, document in repaired.documents.items()
        if document.text != before[path].text
    }
    return repaired.report, changed


def _show_diff(loaded: project.Loaded, changed: dict[str, Document]) -> None:
    from azmlint.engine.fix import diff  # noqa: PLC0415

    before = {path: document.text for path, document in loaded.editable.items()}
    click.echo(diff(before, {path: d.text for path, d in changed.items()}), nl=False)


def _write_back(
    loaded: project.Loaded, changed: dict[str, Document], texts: Mapping[str, bytes]
) -> None:
    from azmlint.engine.fix import write as write_file  # noqa: PLC0415

    for path, document in changed.items():
        if path in texts:
            sys.stdout.buffer.write(document.encoded(document.text))
            continue
        write_file(loaded.absolute[path], document.encoded(document.text))
    if changed and not texts:
        files = "file" if len(changed) == 1 else "files"
        click.echo(f"azmlint: changed {len(changed)} {files}", err=True)


__all__ = ["ConfigError", "Severity", "command"]
