"""What `check` leaves out because it was there before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from azmlint.engine import baseline, project
from azmlint.engine.discover import shown_path
from azmlint.engine.old_tree import old_tree
from azmlint.report.mask import Mask

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from azmlint.engine.baseline import Known
    from azmlint.engine.old_tree import OldTree
    from azmlint.engine.report import Report
    from azmlint.sources.snapshot import Snapshot


class Before(NamedTuple):
    """Findings that were there before, and who says so."""

    known: Known
    by: str
    """baseline or diff-base."""

    reason: str


class Asked(NamedTuple):
    """How the tree as it is now is judged."""

    paths: Sequence[str]
    rules: project.Rules
    loaded: project.Loaded
    today: dt.date
    snapshot: Snapshot | None = None
    no_ignores: bool = False
    as_found: bool = False
    include_docs: bool = False


class Earlier:
    """Leaves out of reports what was there before."""

    def __init__(self, baseline_file: str | None, revision: str | None, asked: Asked) -> None:
        """Read a baseline, judge an earlier tree, or both."""
        self.asked = asked
        self.before = [_of_file(Path(baseline_file))] if baseline_file is not None else []
        self.before += [_of_revision(revision, asked)] if revision is not None else []
        self.stale = 0
        """How many findings of the baseline the last report no longer had."""

    def leave_out(self, report: Report) -> None:
        """Take out of a report's findings what was there before, as suppressed."""
        rules = self.asked.rules
        report.is_compared = True
        for known, by, reason in self.before:
            left = baseline.set_aside(
                report,
                known,
                Mask(report.secrets),
                by=by,
                reason=reason,
                enforced=rules.config.enforce,
            )
            if by == "baseline":
                gone = baseline.looked_for(left, self.asked.loaded, project.selection(rules))
                self.stale = gone.total()


def _of_file(path: Path) -> Before:
    """Read a baseline."""
    return Before(baseline.read(path), "baseline", f"known by the baseline {path}")


def _of_revision(revision: str, asked: Asked) -> Before:
    """Judge the project as it was where its history and that of a revision part.

    It is judged with the configuration as it is now, so that a rule that is switched on brings
    no finding that was there before.
    """
    root = asked.rules.config.root
    with old_tree(root, revision) as old:
        config = asked.rules.config._replace(root=old.root)
        context = project.ProjectContext(config, asked.snapshot)
        paths, is_named = _then(asked.paths, root, old)
        loaded = project.load(
            paths,
            config,
            context,
            as_found=asked.as_found or not is_named,
            include_docs=asked.include_docs,
        )
        report = project.check(
            loaded._replace(is_whole=asked.loaded.is_whole),
            asked.rules._replace(config=config),
            context,
            today=asked.today,
            no_ignores=asked.no_ignores,
            snapshot=asked.snapshot,
        )
        there = baseline.known(report.findings, Mask(report.secrets))
        reason = f"there since before {revision} ({old.commit[:12]})"
        return Before(baseline.moved(there, old.renamed), "diff-base", reason)


def _then(paths: Iterable[str], root: Path, old: OldTree) -> tuple[list[Path], bool]:
    """Give the files that paths stood for, and whether each of them was named."""
    were = {now: then for then, now in old.renamed.items()}
    found: dict[str, None] = {}
    is_named = True
    for path in paths:
        shown = shown_path(Path(path).absolute(), root)
        if Path(path).is_dir():
            is_named = False
            start = "" if shown == "." else f"{shown}/"
            inside = (p for p in old.paths if p.startswith(start))
            # What has since been moved there was somewhere else.
            found |= dict.fromkeys([*inside, *(t for n, t in were.items() if n.startswith(start))])
        else:
            found[were.get(shown, shown)] = None
    places = (old.root / path for path in found)
    return [place for place in places if place.is_file()], is_named
