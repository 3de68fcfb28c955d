"""The CI system that azmlint finds itself in, and what it takes beside standard output."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from azmlint.engine.fingerprint import digest
from azmlint.engine.fix import write as write_file
from azmlint.errors import SourceError
from azmlint.report import write
from azmlint.report.markdown import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azmlint.engine.report import Report
    from azmlint.report.options import ReportOptions

LARGEST_SUMMARY: Final = 1024 * 1024
"""Bytes that GitHub takes as the summary of one step; of more it takes nothing."""


class Surroundings(NamedTuple):
    """Where a run takes place."""

    form: str
    """The format for standard output."""

    summary: Path | None = None
    """The file to which GitHub wants a step's summary appended."""

    folder: Path | None = None
    """The folder for files that Azure Pipelines is told of."""


def surroundings(variables: Mapping[str, str]) -> Surroundings:
    """Recognise a CI system by the variables it sets; elsewhere the report is text.

    GitLab shows no annotations of a job's output; its report is a file (`--output gitlab=PATH`).
    """
    if variables.get("GITHUB_ACTIONS") == "true":
        return Surroundings("github", summary=_path(variables.get("GITHUB_STEP_SUMMARY")))
    if variables.get("TF_BUILD", "").lower() == "true":
        return Surroundings("azure-devops", folder=_path(variables.get("AGENT_TEMPDIRECTORY")))
    return Surroundings("text")


def publish_summary(report: Report, options: ReportOptions, around: Surroundings) -> None:
    """Give the CI system a summary in Markdown, if it takes one.

    What cannot be written is said on standard error: a summary is no reason to fail.
    """
    try:
        if around.summary is not None:
            _append(around.summary, write("markdown", report, options))
        elif around.folder is not None:
            text = write("markdown", report, options)
            path = around.folder / f"azmlint-{digest(text)[:16]}.md"
            write_file(path, text.encode("utf-8", "backslashreplace"), may_be_new=True)
            click.echo(f"##vso[task.uploadsummary]{os.path.abspath(path)}")  # noqa: PTH100  # keeps links
    except (OSError, SourceError) as error:
        click.echo(f"azmlint: the summary is not written: {error}", err=True)


def _append(path: Path, text: str) -> None:
    there = path.stat().st_size if path.exists() else 0
    kept = shortened(text, LARGEST_SUMMARY - there)
    with path.open("ab") as file:
        file.write(kept.encode("utf-8", "backslashreplace"))


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
