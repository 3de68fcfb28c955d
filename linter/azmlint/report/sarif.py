"""SARIF 2.1.0, in the shape that code scanning services take."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from azmlint.report.line_hash import line_hashes
from azmlint.report.records import FixRecord, Record, fixes_of, masked, records
from azmlint.version import __version__

if TYPE_CHECKING:
    from azmlint.engine.report import Report, RuleInfo
    from azmlint.finding import Finding, Related
    from azmlint.location import Document, Edit, Place
    from azmlint.report.options import ReportOptions

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
ROOT = "SRCROOT"
_PROBLEM = {"error": "error", "warning": "warning", "note": "recommendation"}


def write(report: Report, options: ReportOptions) -> str:
    """Write the whole report as one run."""
    return json.dumps(log(report, options), indent=2, ensure_ascii=True) + "\n"


def log(report: Report, options: ReportOptions) -> dict[str, Any]:
    """Give the log as plain data."""
    return _Log(report, options).data()


class _Log:
    def __init__(self, report: Report, options: ReportOptions) -> None:
        self.report = report
        self.options = options
        self.artifacts: dict[str, int] = {}
        self.hashes: dict[str, list[str]] = {}
        found = list(records(report, options.min_severity))
        used = {r.finding.rule for r in found} | {s.finding.rule for s in report.suppressed}
        self.rules = [info for name, info in sorted(report.rules.items()) if name in used]
        self.rule_index = {info.name: index for index, info in enumerate(self.rules)}
        self.found = found

    def data(self) -> dict[str, Any]:
        results = [self._result(r) for r in self.found]
        for suppressed in self.report.suppressed:
            record = _record(suppressed.finding)
            result = self._result(record)
            result["suppressions"] = [
                {
                    "kind": "inSource" if suppressed.by == "comment" else "external",
                    "status": "accepted",
                    "justification": suppressed.reason or "no reason is given",
                }
            ]
            results.append(result)
        run = {
            "tool": {
                "driver": {
                    "name": "azmlint",
                    "fullName": f"azmlint {__version__}",
                    "organization": "azmlint",
                    "version": __version__,
                    "semanticVersion": __version__,
                    "informationUri": "https://github.com/azmlint/azmlint",
                    "rules": [_rule(info) for info in self.rules],
                }
            },
            "automationDetails": {"id": "azmlint/files/"},
            "invocations": [
                {
                    "executionSuccessful": self.report.is_complete,
                    "exitCode": self.options.exit_code,
                    "toolExecutionNotifications": self._notifications(),
                }
            ],
            "columnKind": "utf16CodeUnits",
            "defaultEncoding": "utf-8",
            "language": "en-US",
            "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the project."}}},
            "artifacts": [{"location": _location(path)} for path in self.artifacts],
            "results": results,
        }
        return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}

    def _result(self, record: Record) -> dict[str, Any]:
        finding = record.finding
        place = finding.place
        result: dict[str, Any] = {
            "ruleId": finding.rule,
            "level": finding.severity.level,
            "kind": "fail",
            "message": {"text": _sentence(finding.message)},
            "locations": [self._physical(place) | self._logical(finding)],
            "partialFingerprints": {
                "primaryLocationLineHash": self._line_hash(place),
                "azmlint/v1": record.fingerprint,
            },
        }
        if finding.rule in self.rule_index:
            result["ruleIndex"] = self.rule_index[finding.rule]
        related = self._related(finding)
        if related:
            result["relatedLocations"] = related
        fixes = [self._fix(f) for f in record.fixes if f.edits]
        if fixes:
            result["fixes"] = fixes
        return result

    def _physical(self, place: Place) -> dict[str, Any]:
        document = place.document
        line, _ = document.position(place.start)
        last, _ = document.position(place.end)
        low = max(1, line - 1)
        high = min(document.line_count, last + 1)
        start = document.line_start(low)
        end = document.line_start(high) + len(document.line(high))
        region = _region(document, place.start, place.end)
        text = masked(self.report, place, document.text[place.start : place.end], place.start)
        region["snippet"] = {"text": text}
        around = _region(document, start, end)
        around["snippet"] = {"text": masked(self.report, place, document.text[start:end], start)}
        return {
            "physicalLocation": {
                "artifactLocation": _location(document.path, self._artifact(document.path)),
                "region": region,
                "contextRegion": around,
            }
        }

    def _logical(self, finding: Finding) -> dict[str, Any]:
        resource = finding.resource
        if resource is None:
            return {}
        route = f"/{finding.route}" if finding.route else ""
        return {
            "logicalLocations": [
                {
                    "name": resource.name,
                    "fullyQualifiedName": f"{resource.kind}/{resource.name}{route}",
                    "kind": "member" if route else "object",
                }
            ]
        }

    def _related(self, finding: Finding) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for place in finding.on.trace[1:]:
            text = "The value comes from here."
            found.append({**self._physical(place), "message": {"text": text}})
        found += [self._related_to(r) for r in finding.related]
        return [{"id": index, **location} for index, location in enumerate(found, 1)]

    def _related_to(self, related: Related) -> dict[str, Any]:
        return {
            **self._physical(related.place),
            "message": {"text": _sentence(related.message)},
        }

    def _fix(self, record: FixRecord) -> dict[str, Any]:
        by_path: dict[str, list[Edit]] = {}
        for edit in record.edits:
            by_path.setdefault(edit.document.path, []).append(edit)
        return {
            "description": {"text": _sentence(record.fix.title)},
            "artifactChanges": [
                {
                    "artifactLocation": _location(path, self._artifact(path)),
                    "replacements": [
                        {
                            "deletedRegion": _region(e.document, e.start, e.end),
                            "insertedContent": {"text": e.text},
                        }
                        for e in edits
                    ],
                }
                for path, edits in by_path.items()
            ],
        }

    def _artifact(self, path: str) -> int:
        return self.artifacts.setdefault(path, len(self.artifacts))

    def _line_hash(self, place: Place) -> str:
        path = place.document.path
        if path not in self.hashes:
            self.hashes[path] = line_hashes(place.document.text)
        line, _ = place.document.position(place.start)
        return self.hashes[path][line - 1]

    def _notifications(self) -> list[dict[str, Any]]:
        found = []
        for failure in self.report.failures:
            where = failure.path or failure.scope or "azmlint"
            text = f"{where} failed ({failure.stage}): {failure.reason}"
            found.append({"level": "error", "message": {"text": _sentence(text)}})
        for skip in self.report.skipped:
            text = f"{skip.path} is skipped: {skip.reason}"
            found.append({"level": "note", "message": {"text": _sentence(text)}})
        if self.report.undecided and self.options.show_undecided:
            count = len(self.report.undecided)
            text = f"{count} results are undecided; the JSON report gives each with its reason"
            found.append({"level": "note", "message": {"text": _sentence(text)}})
        return found


def _record(finding: Finding) -> Record:
    from azmlint.engine.fingerprint import fingerprints  # noqa: PLC0415  # suppressed only

    ((fingerprint, content),) = fingerprints([finding])
    return Record(finding, fixes_of(finding), fingerprint, content)


def _rule(info: RuleInfo) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "tags": ["azureml", info.family],
        "precision": "high",
        "problem.severity": _PROBLEM[info.severity.level],
    }
    if info.security_severity is not None:
        properties["security-severity"] = f"{info.security_severity:.1f}"
        properties["tags"].append("security")
    text = _sentence(info.summary)
    return {
        "id": info.name,
        "name": "".join(w.capitalize() for w in info.name.split("-")),
        "shortDescription": {"text": text},
        "fullDescription": {"text": text},
        "help": {
            "text": f"{text} See {info.help_uri}.",
            "markdown": info.help_markdown or f"{text}\n\n[{info.name}]({info.help_uri})",
        },
        "helpUri": info.help_uri,
        "defaultConfiguration": {"level": info.severity.level},
        "properties": properties,
    }


def _location(path: str, index: int | None = None) -> dict[str, Any]:
    location: dict[str, Any] = {
        "uri": "/".join(quote(segment, safe="") for segment in path.split("/")),
        "uriBaseId": ROOT,
    }
    if index is not None:
        location["index"] = index
    return location


def _region(document: Document, start: int, end: int) -> dict[str, Any]:
    first, first_column = _utf16(document, start)
    last, last_column = _utf16(document, end)
    return {
        "startLine": first,
        "startColumn": first_column,
        "endLine": last,
        "endColumn": last_column,
    }


def _utf16(document: Document, offset: int) -> tuple[int, int]:
    line, column = document.position(offset)
    before = document.text[document.line_start(line) : offset]
    return line, column + sum(1 for c in before if ord(c) > 0xFFFF)  # noqa: PLR2004  # two units each


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
