"""The formats of a report; each is a pure function of it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from azmlint.engine.report import Report
    from azmlint.report.options import ReportOptions

FORMATS: Final = (
    "azure-devops",
    "checkstyle",
    "concise",
    "csv",
    "github",
    "gitlab",
    "html",
    "json",
    "junit",
    "markdown",
    "sarif",
    "text",
)
"""Every format; each is a module of this package with a function `write`."""


def write(form: str, report: Report, options: ReportOptions) -> str:
    """Write a report in one of FORMATS, without the secrets of the files that it is about."""
    if report.secrets:
        from azmlint.report.mask import without_secrets  # noqa: PLC0415  # most files have none

        report = without_secrets(report)
    text: str = import_module(f"azmlint.report.{form.replace('-', '_')}").write(report, options)
    return text
