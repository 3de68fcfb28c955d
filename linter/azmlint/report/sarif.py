"""SARIF 2.1.0, in the shape that code scanning services take."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from azmlint.report.escape import visible
from azmlint.report.line_hash import line_hashes
from azmlint.report.records import FixRecord, Record, Records
from azmlint.report.standing import path_of_deployed, standing_path
from azmlint.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from azmlint.engine.report import Report, RuleInfo
    from azmlint.finding import Finding
    from azmlint.location import Document, Edit, Place
    from azmlint.report.options import Gone, ReportOptions

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
ROOT = "SRCROOT"

_LONGEST = 2000
"""How much of a file a result quotes at most, in characters."""

_MARGIN = 200
_EARLIER = frozenset({"baseline", "diff-base"})
"""Who says of a finding that it was there before."""

PORTALS = {
    "AzureCloud": "https://portal.azure.com",
    "AzureUSGovernment": "https://portal.azure.us",
    "AzureChinaCloud": "https://portal.azure.cn",
}
_PROBLEM = {"error": "error", "warning": "warning", "note": "recommendation"}


def write(report: Report, options: ReportOptions) -> str:
    """Write the whole report, one run for each subject."""
    return spelled(log(report, options))


def spelled(data: dict[str, Any]) -> str:
    """Write a log."""
    return json.dumps(data, indent=2, ensure_ascii=True) + "\n"


def log(report: Report, options: ReportOptions) -> dict[str, Any]:
    """Give the log as plain data."""
    return log_of(run(report, options, subject) for subject in subjects(report, options))


def log_of(runs: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Make a log of runs."""
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": list(runs)}


def run(
    report: Report, options: ReportOptions, subject: Subject, more: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Give what a report says of one subject, with further notifications."""
    return _Run(report, options, subject, more).data()


class Subject(NamedTuple):
    """What one run is about; a service keeps the last run of each category."""

    category: str
    records: Records
    found: tuple[Record, ...]
    suppressed: tuple[Record, ...] = ()
    gone: tuple[Gone, ...] = ()


def subjects(report: Report, options: ReportOptions) -> list[Subject]:
    """Part a report into files, or into the subscriptions that were judged.

    A subscription without findings is a subject too: its run closes what earlier ones told.
    """
    records = Records(report, options.min_severity)
    past = options.past.gone if options.past is not None else ()
    gone = tuple(g for g in past if g.severity >= options.min_severity)
    if report.deployed_count is None:
        found, suppressed = tuple(records.found), tuple(records.suppressed)
        return [Subject("azmlint/files/", records, found, suppressed, gone)]
    judged = report.snapshot.subscriptions if report.snapshot is not None else ()
    parts: dict[str, _Part] = {name: _Part([], [], []) for name in judged}
    for record in records.found:
        _part(parts, _id(record)).found.append(record)
    for record in records.suppressed:
        _part(parts, _id(record)).suppressed.append(record)
    for left in gone:
        _part(parts, left.resource_id).gone.append(left)
    if not parts:
        parts[""] = _Part([], [], [])
    return [
        Subject(
            f"azmlint/deployed/{name}/" if name else "azmlint/deployed/",
            records,
            tuple(part.found),
            tuple(part.suppressed),
            tuple(part.gone),
        )
        for name, part in sorted(parts.items())
    ]


class _Part(NamedTuple):
    found: list[Record]
    suppressed: list[Record]
    gone: list[Gone]


def _part(parts: dict[str, _Part], resource_id: str) -> _Part:
    """Find the subscription of an id if it was judged, else what stands above all of them."""
    words = resource_id.casefold().split("/")
    is_in_one = len(words) > 2 and words[1] == "subscriptions"  # noqa: PLR2004  # and its name
    name = words[2] if is_in_one and words[2] in parts else ""
    return parts.setdefault(name, _Part([], [], []))


def _id(record: Record) -> str:
    return record.finding.place.document.path


class _Run:
    def __init__(
        self, report: Report, options: ReportOptions, subject: Subject, more: tuple[str, ...]
    ) -> None:
        self.report = report
        self.options = options
        self.subject = subject
        self.more = more
        self.artifacts: dict[str, int] = {}
        self.embedded: dict[str, Document] = {}
        """What is deployed has no file: its text goes along, by the path that stands for it."""
        self.hashes: dict[str, dict[int, str]] = {}
        self.lines: dict[str, set[int]] = {}
        """On which lines of each document findings are."""
        told = [*subject.found, *subject.suppressed]
        for record in told:
            place = record.finding.place
            line, _ = place.document.position(place.start)
            self.lines.setdefault(place.document.path, set()).add(line)
        used = {r.finding.rule for r in told} | {g.rule for g in subject.gone}
        self.rules = [info for name, info in sorted(report.rules.items()) if name in used]
        self.rule_index = {info.name: index for index, info in enumerate(self.rules)}

    def data(self) -> dict[str, Any]:
        results = [self._result(r) for r in [*self.subject.found, *self.subject.suppressed]]
        results += [self._absent(g) for g in self.subject.gone]
        return {
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
            # Of two uploads of one category a service keeps the later and closes the other's.
            "automationDetails": {"id": self.subject.category},
            "invocations": [self._invocation()],
            "columnKind": "utf16CodeUnits",
            "defaultEncoding": "utf-8",
            "language": "en-US",
            "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the project."}}},
            "artifacts": [self._artifact(path) for path in self.artifacts],
            "results": results,
        }

    def _artifact(self, path: str) -> dict[str, Any]:
        artifact: dict[str, Any] = {"location": _location(path), "roles": ["analysisTarget"]}
        if path in self.embedded:
            artifact["contents"] = {"text": self.embedded[path].text}
        return artifact

    def _invocation(self) -> dict[str, Any]:
        invocation: dict[str, Any] = {
            "executionSuccessful": self.report.is_complete,
            "exitCode": self.options.exit_code,
            "toolExecutionNotifications": list(self._notifications()),
        }
        if self.options.now is not None:
            moment = self.options.now.astimezone(dt.UTC)
            invocation["endTimeUtc"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        return invocation

    def _result(self, record: Record) -> dict[str, Any]:
        finding = record.finding
        result: dict[str, Any] = {
            "ruleId": finding.rule,
            "level": finding.severity.level,
            "kind": "fail",
            "message": _message(finding.message),
            "locations": [self._physical(finding.place) | self._logical(finding)],
            "partialFingerprints": {
                "primaryLocationLineHash": self._line_hash(finding.place),
                "azmlint/v1": record.fingerprint,
            },
        }
        if finding.rule in self.rule_index:
            result["ruleIndex"] = self.rule_index[finding.rule]
        link = self._portal(finding.place.document)
        if link is not None:
            result["hostedViewerUri"] = link
        related = self._related(finding)
        if related:
            result["relatedLocations"] = related
        fixes = [self._fix(f) for f in record.fixes if f.edits]
        if fixes:
            result["fixes"] = fixes
        if record.suppressed is not None:
            result["suppressions"] = [
                {
                    "kind": "inSource" if record.suppressed.by == "comment" else "external",
                    "status": "accepted",
                    "justification": record.suppressed.reason or "no reason is given",
                }
            ]
        if self.options.past is not None:
            # Where one result has a state, SARIF wants one of each.
            life = self.options.past.lives.get(record.fingerprint)
            result["baselineState"] = life.state if life is not None else "new"
            if life is not None:
                result["provenance"] = {"firstDetectionTimeUtc": life.first_seen}
        elif self.report.is_compared:
            was_there = record.suppressed is not None and record.suppressed.by in _EARLIER
            result["baselineState"] = "unchanged" if was_there else "new"
        return result

    def _absent(self, gone: Gone) -> dict[str, Any]:
        """Give a finding of an earlier run that is there no more; its text is not known."""
        path = path_of_deployed(gone.resource_id)
        route = f"/{gone.pointer}" if gone.pointer else ""
        result: dict[str, Any] = {
            "ruleId": gone.rule,
            "level": gone.severity.level,
            "kind": "fail",
            "message": _message(gone.message),
            "locations": [
                {
                    "physicalLocation": {"artifactLocation": self._location(path)},
                    "logicalLocations": [
                        {
                            "name": gone.pointer or gone.name,
                            "fullyQualifiedName": f"{gone.kind}/{gone.name}{route}",
                            "kind": "member" if route else "object",
                        }
                    ],
                }
            ],
            "partialFingerprints": {"azmlint/v1": gone.fingerprint},
            "baselineState": "absent",
            "provenance": {"firstDetectionTimeUtc": gone.first_seen},
        }
        if gone.rule in self.rule_index:
            result["ruleIndex"] = self.rule_index[gone.rule]
        return result

    def _physical(self, place: Place) -> dict[str, Any]:
        document = place.document
        line, _ = document.position(place.start)
        last, _ = document.position(place.end)
        high = min(document.line_count, last + 1)
        start = document.line_start(max(1, line - 1))
        end = document.line_start(high) + len(document.line(high))
        physical = {
            "artifactLocation": self._location(self._path(document)) | self._link(document),
            "region": self._quoted(document, place.start, place.end),
        }
        if end - start > _LONGEST:
            # What surrounds it is then a part of its line: other lines can be as long.
            low, high = _line_around(document, place.start)
            start, end = max(low, place.start - _MARGIN), min(high, place.end + _MARGIN)
        if start <= place.start and place.end <= end and end - start <= _LONGEST:
            physical["contextRegion"] = self._quoted(document, start, end)
        location: dict[str, Any] = {"physicalLocation": physical}
        cell = place.cell
        if cell is not None:
            at = {"number": cell.number, "line": cell.line, "column": cell.column}
            location["properties"] = {"cell": at}
        return location

    def _quoted(self, document: Document, start: int, end: int) -> dict[str, Any]:
        region = _region(document, start, end)
        if start < end <= start + _LONGEST:
            region["snippet"] = {"text": self.subject.records.mask.excerpt(document, start, end)}
        return region

    def _logical(self, finding: Finding) -> dict[str, Any]:
        resource = finding.resource
        if resource is None:
            return {}
        route = f"/{finding.route}" if finding.route else ""
        name = self.subject.records.shown(resource.name)
        return {
            "logicalLocations": [
                {
                    "name": finding.route or name,
                    "fullyQualifiedName": f"{resource.kind}/{name}{route}",
                    "kind": "member" if route else "object",
                }
            ]
        }

    def _related(self, finding: Finding) -> list[dict[str, Any]]:
        found = [
            {**self._physical(place), "message": {"text": "The value comes from here."}}
            for place in finding.on.trace[1:]
        ]
        found += [
            {**self._physical(r.place), "message": _message(r.message)} for r in finding.related
        ]
        return [{"id": index, **location} for index, location in enumerate(found, 1)]

    def _fix(self, record: FixRecord) -> dict[str, Any]:
        by_path: dict[str, list[Edit]] = {}
        for edit in record.edits:
            by_path.setdefault(edit.document.path, []).append(edit)
        return {
            "description": _message(record.fix.title),
            "artifactChanges": [
                {
                    "artifactLocation": self._location(path),
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

    def _portal(self, document: Document) -> str | None:
        """Give the address at which a reader sees what is deployed."""
        snapshot = self.report.snapshot
        portal = PORTALS.get(snapshot.cloud) if snapshot is not None else None
        if portal is None or not document.is_deployed:
            return None
        return f"{portal}/#resource{quote(document.path, safe='/')}"

    def _path(self, document: Document) -> str:
        if not document.is_deployed:
            return document.path
        path = standing_path(document)
        self.embedded[path] = document
        return path

    def _link(self, document: Document) -> dict[str, Any]:
        link = self._portal(document)
        return {} if link is None else {"properties": {"href": link}}

    def _location(self, path: str) -> dict[str, Any]:
        index = self.artifacts.setdefault(path, len(self.artifacts))
        return {**_location(path), "index": index}

    def _line_hash(self, place: Place) -> str:
        document = place.document
        if document.path not in self.hashes:
            # A hash of a secret would let it be guessed.
            text = self.subject.records.mask.excerpt(document, 0, len(document.text))
            mark = "\ufeff" if document.bom else ""
            self.hashes[document.path] = line_hashes(mark + text, self.lines[document.path])
        line, _ = document.position(place.start)
        return self.hashes[document.path][line]

    def _notifications(self) -> Iterator[dict[str, Any]]:
        for text in self.more:
            yield {"level": "warning", "message": _message(text)}
        for failure in self.report.failures:
            where = failure.path or failure.scope or "azmlint"
            text = f"'{where}' failed ({failure.stage}): {failure.reason}"
            yield {"level": "error", "message": _message(text), **self._at(failure.path)}
        for skip in self.report.skipped:
            text = f"'{skip.path}' is skipped: {skip.reason}"
            yield {"level": "note", "message": _message(text), **self._at(skip.path)}
        if not self.options.show_undecided:
            return
        reasons: dict[str, Counter[str]] = {}
        for pair in self.report.undecided:
            reasons.setdefault(pair.rule, Counter())[pair.reason] += 1
        for rule, counts in sorted(reasons.items()):
            reason, _ = min(counts.items(), key=lambda item: (-item[1], item[0]))
            cases = "1 case" if counts.total() == 1 else f"{counts.total()} cases"
            text = f"rule '{rule}' is undecided in {cases}, most often because {reason}"
            yield {"level": "note", "message": _message(text)}

    def _at(self, path: str | None) -> dict[str, Any]:
        if not path:
            return {}
        return {"locations": [{"physicalLocation": {"artifactLocation": _location(path)}}]}


def _line_around(document: Document, offset: int) -> tuple[int, int]:
    line, _ = document.position(offset)
    start = document.line_start(line)
    return start, start + len(document.line(line))


def _rule(info: RuleInfo) -> dict[str, Any]:
    written = info.page() if info.page is not None else info.help_markdown
    properties: dict[str, Any] = {
        "tags": ["azureml", info.family],
        "precision": "high",
        "problem.severity": _PROBLEM[info.severity.level],
    }
    if info.security_severity is not None:
        properties["security-severity"] = f"{info.security_severity:.1f}"
        properties["tags"].append("security")
    text = _message(info.summary)["text"]
    known = {"helpUri": info.help_uri} if info.help_uri else {}
    see = f" See {info.help_uri}." if info.help_uri else ""
    link = f"[{info.name}]({info.help_uri})" if info.help_uri else info.name
    return {
        "id": info.name,
        "name": "".join(w.capitalize() for w in info.name.split("-")),
        "shortDescription": {"text": text},
        "fullDescription": {"text": text},
        "help": {
            "text": f"{text}{see}",
            "markdown": written or f"{text}\n\n{link}",
        },
        **known,
        "defaultConfiguration": {"level": info.severity.level},
        "properties": properties,
    }


def _location(path: str) -> dict[str, Any]:
    return {"uri": "/".join(_segment(s) for s in path.split("/")), "uriBaseId": ROOT}


def _segment(segment: str) -> str:
    try:
        raw = segment.encode("utf-8", "surrogateescape")  # the bytes of its name on disk
    except UnicodeEncodeError:
        raw = segment.encode("utf-8", "surrogatepass")
    return quote(raw, safe="")


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
    if document.text.isascii():
        return line, column
    before = document.text[document.line_start(line) : offset]
    return line, len(before.encode("utf-16-le", "surrogatepass")) // 2 + 1


def _message(text: str) -> dict[str, str]:
    """Make a sentence; brackets that would make a link lose that meaning."""
    text = visible(text)
    if "](" in text:
        text = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return {"text": text if text.endswith(".") else f"{text}."}
