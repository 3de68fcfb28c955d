"""`azmlint check`: find problems in files, and fix them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from azmlint.cli.options import chained, configuration, day, words
from azmlint.cli.reporting import Wanted, gate, output_options, publish, targets_of
from azmlint.config_schema import unknown_name
from azmlint.engine import project
from azmlint.engine.discover import shown_path
from azmlint.engine.report import Failure
from azmlint.errors import ConfigError, SourceError
from azmlint.finding import Applicability
from azmlint.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from azmlint.cli.known import Earlier
    from azmlint.config import Config
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
@click.option("--baseline", metavar="FILE", help="Leave out the findings that this file knows.")
@click.option(
    "--diff-base",
    metavar="REV",
    help="Leave out the findings that were there where this branch and REV part.",
)
@click.option("--no-ignores", is_flag=True, help="Show suppressed findings as findings.")
@click.option(
    "--as-found",
    is_flag=True,
    help="Leave out named files that a search would: excluded ones, and those not ours.",
)
@click.option("--include-docs", is_flag=True, help="Read the code in Markdown files, too.")
@click.option("--now", metavar="DATE", help="The day that decides what is past.")
@click.option("--stdin-filename", metavar="PATH", help="What `-` stands for.")
def command(
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
    split: bool,  # noqa: FBT001
    min_severity: str | None,
    no_color: bool,  # noqa: FBT001
    safe: bool,  # noqa: FBT001
    unsafe: bool,  # noqa: FBT001
    show_diff: bool,  # noqa: FBT001
    add_ignore: str | None,
    reason: str,
    snapshot_files: tuple[str, ...],
    baseline: str | None,
    diff_base: str | None,
    no_ignores: bool,  # noqa: FBT001
    as_found: bool,  # noqa: FBT001
    include_docs: bool,  # noqa: FBT001
    now: str | None,
    stdin_filename: str | None,
) -> int:
    """Check files, or all files below folders; without PATH, the working directory.

    Exit codes: 0 clean, 1 findings, 2 wrong usage or configuration, 3 incomplete.
    """
    targets = targets_of(output)
    today = day(now)
    plan = Plan(_floor(safe=safe, unsafe=unsafe, show_diff=show_diff), add_ignore, reason)
    _refuse(plan, paths, stdin_filename, is_fixing=safe or unsafe)
    _refuse_to_overwrite(paths, targets)
    texts, named = _standard_input(paths, stdin_filename)
    start = Path(named[0] if named else stdin_filename or ".")
    rules = project.settle(start if start.exists() else Path.cwd(), _path(config), pack)
    settings = rules.config.override(
        profile=profile,
        select=words(select),
        ignore=words(ignore),
        fail_on=fail_on,
        min_severity=min_severity,
        undecided=undecided,
        fail_on_skip=fail_on_skip,
    )
    found = _snapshot(snapshot_files)
    context = project.ProjectContext(settings, found)
    given = {shown_path(Path(p).absolute(), settings.root): raw for p, raw in texts.items()}
    targeted = named or ([] if given else ["."])
    loaded = project.load(
        targeted, settings, context, given, as_found=as_found, include_docs=include_docs
    )
    rules = rules._replace(config=settings)
    earlier: Earlier | None = None
    if baseline is not None or diff_base is not None:
        from azmlint.cli import known  # noqa: PLC0415  # only when asked for

        options = (found, no_ignores, as_found, include_docs)
        asked = known.Asked([*targeted, *texts], rules, loaded, today, *options)
        earlier = known.Earlier(baseline, diff_base, asked)

    def judge(documents: Mapping[str, Document]) -> Report:
        context.provide(documents)
        report = project.check(
            loaded,
            rules,
            context,
            documents=documents,
            today=today,
            no_ignores=no_ignores,
            snapshot=found,
        )
        if earlier is not None:
            earlier.leave_out(report)
        return report

    first = judge(loaded.editable)
    after, documents = _corrected(first, loaded.editable, judge, plan, settings)
    if show_diff:
        after = first
        _show_diff(loaded.editable, documents)
    elif plan.is_changing:
        failures = _write_back(loaded, documents, given)
        if failures:
            # What could not be written is as it was, and so are its findings.
            after = judge({**documents, **{p: loaded.editable[p] for p in failures}})
            after.failures += failures.values()
    if earlier is not None and earlier.stale:
        text = f"{earlier.stale} of the baseline's findings are gone: `azmlint baseline prune`"
        click.echo(f"azmlint: {text}", err=True)
    return publish(
        after,
        settings,
        Wanted(form, targets, no_color, split),
        exit_zero=exit_zero,
        is_shown=not show_diff,
        # What is corrected of standard input goes to standard output, so the report cannot.
        is_aside=bool(given) and plan.is_changing,
    )


class Plan(NamedTuple):
    """What is to be changed in the files."""

    floor: Applicability | None
    """How far a fix has to be trusted; None fixes nothing."""

    add_ignore: str | None
    reason: str

    @property
    def is_changing(self) -> bool:
        """Whether anything is to be changed."""
        return self.floor is not None or self.add_ignore is not None


def _snapshot(files: Sequence[str]) -> Snapshot | None:
    if not files:
        return None
    from azmlint.engine import snapshots  # noqa: PLC0415  # only when asked for

    return snapshots.load([Path(name) for name in files])


def _refuse(
    plan: Plan, paths: tuple[str, ...], stdin_filename: str | None, *, is_fixing: bool
) -> None:
    """Refuse options that contradict each other, or do nothing without another."""
    problem = None
    if plan.add_ignore is not None and is_fixing:
        problem = "--add-ignore accepts findings and --fix corrects them: choose one"
    elif plan.add_ignore is not None and not plan.reason.strip():
        problem = "--add-ignore needs a --reason"
    elif plan.reason and plan.add_ignore is None:
        problem = "--reason belongs to --add-ignore"
    elif stdin_filename is not None and "-" not in paths:
        problem = "--stdin-filename names the text given by `-`, which is missing"
    if problem is not None:
        raise click.UsageError(problem)


def _refuse_to_overwrite(paths: tuple[str, ...], targets: Sequence[tuple[str, str]]) -> None:
    named = {Path(path).resolve() for path in paths}
    for _, path in targets:
        if Path(path).resolve() in named:
            message = f"--output: a report would replace '{path}', which is to be checked"
            raise click.UsageError(message)


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


def _corrected(
    before: Report,
    documents: Mapping[str, Document],
    judge: Callable[[Mapping[str, Document]], Report],
    plan: Plan,
    settings: Config,
) -> tuple[Report, Mapping[str, Document]]:
    """Give the documents as they are to be, and the report on them."""
    if plan.add_ignore is not None:
        from azmlint.engine.suppress import added  # noqa: PLC0415  # only when asked for

        problem = unknown_name(plan.add_ignore, settings.names, families=False)
        if problem is not None:
            message = f"--add-ignore: {problem}"
            raise ConfigError(message)
        rule = settings.names.formerly.get(plan.add_ignore, plan.add_ignore)
        if rule in settings.enforce:
            message = f"--add-ignore: {rule} is enforced by a shared configuration"
            raise ConfigError(message)
        written, refused = added(before, documents, rule, plan.reason)
        for line in refused:
            click.echo(f"azmlint: {line}", err=True)
        if written == documents and not refused:
            click.echo(f"azmlint: there is no finding of {rule}", err=True)
        return judge(written), written
    if plan.floor is None:
        return before, documents
    from azmlint.engine.repair import repair  # noqa: PLC0415  # only when asked for

    repaired = repair(documents, judge, plan.floor)
    shown = _names_shown(repaired.report) if repaired.refused else str
    for finding, brought in repaired.refused:
        on = f" on {shown(brought.resource.label)}" if brought.resource is not None else ""
        text = f"{finding.place.shown}: {finding.rule} is not fixed: {brought.rule}{on}"
        click.echo(f"azmlint: {printable(text)} would come of it", err=True)
    return repaired.report, repaired.documents


def _names_shown(report: Report) -> Callable[[str], str]:
    """Give what takes the secrets of files out of names."""
    from azmlint.report.mask import Mask  # noqa: PLC0415  # only when it is needed

    return Mask(report.secrets).quoted()


def _changed(before: Mapping[str, Document], after: Mapping[str, Document]) -> list[str]:
    return [path for path, document in after.items() if document.text != before[path].text]


def _show_diff(before: Mapping[str, Document], after: Mapping[str, Document]) -> None:
    from azmlint.engine.fix import diff  # noqa: PLC0415  # only when asked for

    paths = _changed(before, after)
    text = diff({p: _whole(before[p]) for p in paths}, {p: _whole(after[p]) for p in paths})
    click.echo(text, nl=False)


def _whole(document: Document) -> str:
    """Give a text with its byte order mark, without which a diff does not apply."""
    return f"\ufeff{document.text}" if document.bom else document.text


def _write_back(
    loaded: project.Loaded, documents: Mapping[str, Document], texts: Mapping[str, bytes]
) -> dict[str, Failure]:
    """Write what changed; standard input goes to standard output, changed or not.

    Gives a failure for each file that cannot be written, by path.
    """
    from azmlint.engine.fix import write as write_file  # noqa: PLC0415  # only when asked for

    failures: dict[str, Failure] = {}
    count = 0
    for path in _changed(loaded.editable, documents):
        if path in texts:
            continue
        was = loaded.editable[path].encoded(loaded.editable[path].text)
        raw = documents[path].encoded(documents[path].text)
        try:
            write_file(loaded.absolute[path], raw, was=was)
        except SourceError as error:
            failures[path] = Failure(path, None, "write", str(error))
        else:
            count += 1
    if count:
        click.echo(f"azmlint: changed {count} {'file' if count == 1 else 'files'}", err=True)
    for path, given in texts.items():
        document = documents.get(path)
        sys.stdout.buffer.write(given if document is None else document.encoded(document.text))
        sys.stdout.buffer.flush()
    return failures
