"""JUnit's XML, as Jenkins' strict schema (junit-10.xsd) takes it.

That schema has no attributes for file and line; they stand in the name of a test and in its text.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from azmlint.finding import Severity
from azmlint.report import concise
from azmlint.report.commands import failure
from azmlint.report.escape import visible
from azmlint.report.summary import counts, remarks
from azmlint.report.xml import element
from azmlint.report.xml import write as write_xml

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

    from azmlint.engine.report import Report
    from azmlint.finding import Finding
    from azmlint.report.options import ReportOptions


def write(report: Report, options: ReportOptions) -> str:
    """Write a suite for each file and deployed resource, and one for the run itself.

    A finding is a test that failed, a note one that passed and has something to say; a file
    without findings is a test that passed.
    """
    root = element("testsuites", name="azmlint")
    by_path: dict[str, list[Finding]] = {path: [] for path in report.documents}
    for finding in report.findings:
        if finding.severity >= options.min_severity:
            by_path.setdefault(finding.place.document.path, []).append(finding)
    suites = [_suite(root, path, found) for path, found in sorted(by_path.items())]
    suites.append(_run(root, report, options))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    return write_xml(root)


def _suite(root: Element, path: str, findings: Iterable[Finding]) -> Element:
    suite = element("testsuite", root, name=visible(path))
    for finding in findings:
        place = finding.place
        where = ""
        if not place.document.is_deployed:
            where = f" (line {place.document.position(place.start).line})"
        case = _case(suite, path, f"{finding.rule}{where}")
        text = concise.line(finding)
        if finding.severity is Severity.NOTE:
            element("system-out", case, text)
        else:
            said = visible(finding.message)
            element("failure", case, text, type=finding.severity.level, message=said)
    if not len(suite):
        _case(suite, path, "no findings")
    return _counted(suite)


def _run(root: Element, report: Report, options: ReportOptions) -> Element:
    suite = element("testsuite", root, name="azmlint")
    case = _case(suite, "azmlint", "run")
    element("system-out", case, "\n".join([counts(report), *remarks(report, options)]))
    for failed in report.failures:
        case = _case(suite, failed.path or failed.scope or "azmlint", f"azmlint {failed.stage}")
        element("error", case, failure(failed), type=failed.stage, message=visible(failed.reason))
    for skip in report.skipped:
        _skipped(suite, skip.path, "skipped", skip.reason)
    if options.show_undecided:
        reasons = Counter((u.rule, u.reason) for u in report.undecided)
        for (rule, reason), count in sorted(reasons.items()):
            _skipped(suite, rule, f"undecided ({count})", reason)
    return _counted(suite)


def _case(suite: Element, classname: str, name: str) -> Element:
    return element("testcase", suite, classname=visible(classname), name=visible(name))


def _skipped(suite: Element, classname: str, name: str, reason: str) -> None:
    element("skipped", _case(suite, classname, name), message=visible(reason))


def _counted(suite: Element) -> Element:
    suite.set("tests", str(len(suite)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(1 for case in suite if case.find(tag) is not None)))
    return suite
