"""`azmlint check`: find problems in files, and fix them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from azmlint.cli.options import LEVELS, chained, configuration, day, words
from azmlint.engine import project
from azmlint.engine.report import Gate, exit_code
from azmlint.errors import ConfigError, SourceError
from azmlint.finding import Applicability, Severity
from azmlint.report import FORMATS, write
from azmlint.report.options import ReportOptions

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from azmlint.engine.report import Report
    from azmlint.location import Document

_gate = chained(
    click.option(
        "--fail-on",
        type=click.Choice([*LEVELS, "none"]),
        help="The lowest severity that ends with exit code 1 [default: warning].",
    ),
    click.option(
        "--undecided",
        type=click.Choice(["note", "fail", "ignore"]),
        help="What an undecided result does: shown, exit code 3, or not shown.",
    ),
    click.option(
        "--fail-on-skip", is_flag=True, default=None, help="Exit 3 if anything is skipped."
    ),
    click.option(
        "--exit-zero", is_flag=True, help="Findings end with 0; an incomplete run with 3."
    ),
)
_output = chained(
    click.option("--format", "form", type=click.Choice(sorted(FORMATS)), default="text"),
    click.option(
        "--output", multiple=True, metavar="FORMAT=PATH", help="Write a report too; repeatable."
    ),
    click.option("--min-severity", type=click.Choice(LEVELS), help="The lowest severity shown."),
    click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same."),
)
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
@_gate
@_output
@_fixing
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
    no_ignores: bool,  # noqa: FBT001
    as_found: bool,  # noqa: FBT001
    now: str | None,
    stdin_filename: str | None,
) -> int:
    """Check files, or all files below folders; without PATH, the working directory.

    Exit codes: 0 clean, 1 findings, 2 wrong usage or configuration, 3 incomplete.
    """
    targets = _targets(output)
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
    context = project.ProjectContext(settings)
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
    )
    gate = Gate(settings.fail_on, settings.undecided == "fail", settings.fail_on_skip, exit_zero)
    if show_diff:
        _show_diff(loaded, changed)
        ctx.exit(exit_code(report, gate))
    _write_back(loaded, changed, texts or {})
    code = exit_code(report, gate)
    is_terminal = sys.stdout.isatty() and not targets.get("-")
    options = ReportOptions(
        color=_has_color(no_color=no_color, is_terminal=is_terminal),
        min_severity=settings.min_severity,
        exit_code=code,
        show_undecided=settings.undecided != "ignore",
        root=str(settings.root),
    )
    if not (texts and changed):
        click.echo(write(form, report, options), nl=False)
    for name, path in targets.items():
        _write_report(Path(path), write(name, report, options._replace(color=False)))
    return code


def _targets(output: tuple[str, ...]) -> dict[str, str]:
    targets: dict[str, str] = {}
    for text in output:
        name, sign, path = text.partition("=")
        if not sign or name not in FORMATS or not path:
            message = f"'{text}' is not FORMAT=PATH; formats are {', '.join(sorted(FORMATS))}"
            raise click.BadParameter(message, param_hint="--output")
        targets[name] = path
    return targets


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
) -> tuple[Report, dict[str, Document]]:
    def judge(documents: Mapping[str, Document]) -> Report:
        context.provide(documents)
        judged = {path: documents[path] for path in loaded.documents}
        return project.check(
            loaded, rules, context, documents=judged, today=today, no_ignores=no_ignores
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


def _write_report(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        message = f"{path} is not written: {error.strerror or error}"
        raise SourceError(message) from None


def _has_color(*, no_color: bool, is_terminal: bool) -> bool:
    if no_color or os.environ.get("NO_COLOR"):
        return False
    return is_terminal or bool(os.environ.get("FORCE_COLOR"))


__all__ = ["ConfigError", "Severity", "command"]
