"""SARIF as GitHub's code scanning takes it: within its limits, and without what it ignores.

It lists accepted findings as open ones, and refuses a whole file over its limits (docs.github.com,
"SARIF support for code scanning", November 2026).
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any, Final

from azmlint.report.sarif import Subject, log_of, run, spelled, subjects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.engine.report import Report
    from azmlint.report.options import ReportOptions

Run = dict[str, Any]

MOST_RUNS: Final = 20
"""In one file."""

MOST_RESULTS: Final = 5_000
"""In one run; it takes more, and shows these."""

LARGEST: Final = 10_000_000
"""Bytes of a file, packed."""


def write(report: Report, options: ReportOptions) -> str:
    """Write everything as one log, whatever the number of runs."""
    return spelled(log_of(_runs(report, options)))


def write_files(report: Report, options: ReportOptions) -> list[str]:
    """Write as many files as the limits ask for, each of which can be uploaded."""
    runs = list(_runs(report, options))
    starts = range(0, len(runs), MOST_RUNS)
    return [text for start in starts for text in _files(runs[start : start + MOST_RUNS])]


def _files(runs: list[Run]) -> Iterator[str]:
    text = spelled(log_of(runs))
    if len(runs) == 1 or not _is_too_large(text):
        yield text
    else:
        middle = len(runs) // 2
        yield from _files(runs[:middle])
        yield from _files(runs[middle:])


def _runs(report: Report, options: ReportOptions) -> Iterator[Run]:
    for subject in subjects(report, options):
        open_ones = tuple(sorted(subject.found, key=lambda r: -r.finding.severity))
        plain = subject._replace(found=open_ones, suppressed=(), gone=())
        size = MOST_RESULTS
        runs = _parted(report, options, plain, size)
        while size > 1 and any(_is_too_large(spelled(log_of([one]))) for one in runs):
            size //= 2
            runs = _parted(report, options, plain, size)
        yield from runs


def _parted(report: Report, options: ReportOptions, subject: Subject, size: int) -> list[Run]:
    """Make runs of at most so many results; without `split` only the first, the worst ones."""
    chunks = [subject.found[i : i + size] for i in range(0, len(subject.found), size)] or [()]
    if not options.split:
        left = len(subject.found) - len(chunks[0])
        note = f"{left} results have no room here, none worse than those that have; --split writes"
        more = (f"{note} them to further runs.",) if left else ()
        return [run(report, options, subject._replace(found=chunks[0]), more)]
    return [
        run(report, options, subject._replace(found=chunk, category=_category(subject, number)))
        for number, chunk in enumerate(chunks, 1)
    ]


def _category(subject: Subject, number: int) -> str:
    return subject.category if number == 1 else f"{subject.category}part-{number}/"


def _is_too_large(text: str) -> bool:
    # What is no larger unpacked need not be packed to know.
    return len(text) > LARGEST and len(gzip.compress(text.encode(), 6, mtime=0)) > LARGEST
