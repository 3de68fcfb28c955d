"""The report as one page that needs nothing else: no network, no other file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.report.html.data import data
from azmlint.report.html.page import page

if TYPE_CHECKING:
    from azmlint.engine.report import Report
    from azmlint.report.options import ReportOptions


def write(report: Report, options: ReportOptions) -> str:
    """Write the page; the same report gives the same bytes."""
    return page(data(report, options))
