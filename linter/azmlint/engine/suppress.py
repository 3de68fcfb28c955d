"""Findings that somebody decided not to act on: by a comment, or in the configuration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.config_schema import Names, day_of, unknown_name
from azmlint.engine.own import OWN_RULES, TextSpot
from azmlint.engine.report import Suppressed
from azmlint.errors import ConfigError
from azmlint.finding import Finding
from azmlint.location import Document, Edit, Place, Span, in_files
from azmlint.model.value import NotEditable
from azmlint.path_pattern import PathPatterns
from azmlint.sources.load import is_script

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from azmlint.config import Config
    from azmlint.config import Ignore as Entry
    from azmlint.engine.report import Report
    from azmlint.engine.run import Selection
    from azmlint.sources.comment import Comment

_MARK: Final = re.compile(
    r"azmlint:[ \t]*ignore(?P<file>-file)?\b(?P<list>[ \t]*\[(?P<names>[^\]\r\n]*)\])?"
    r"(?P<rest>(?:(?!azmlint:)[^\r\n])*)",
    re.IGNORECASE,
)
_UNTIL: Final = re.compile(r"(?:^|(?<=\s))until[ \t]*=[ \t]*(\S+)")
_EDGES: Final = " \t-–—:;,"  # noqa: RUF001  # dashes that people write before a reason
_YAML: Final = (".yml", ".yaml")
_JSON: Final = (".json", ".jsonc")
_BICEP: Final = (".bicep", ".bicepparam")
_NOTEBOOK: Final = ".ipynb"
_PYTHON: Final = (".py", ".pyw")


class Ignore(NamedTuple):
    """A comment that accepts findings."""

    names: tuple[tuple[str, Place], ...]
    """Rules and families, each where it is written."""

    reason: str
    until: dt.date | None
    """The last day on which it holds."""

    place: Place
    document: Document
    """The text in which the comment stands, be it embedded in the file of the place."""

    lines: range | None
    """Its lines, from 1, on which findings are accepted; None for the whole file."""

    fault: str | None
    """Why it accepts nothing at all; None when it can be understood."""


class Run(NamedTuple):
    """What a run covered, which decides whether an ignore that matches nothing is a mistake."""

    families: Mapping[str, str]
    """Rule -> family, of every rule that is known."""

    judged: Collection[str]
    """The rules that reported on this run."""

    paths: Collection[str] | None = None
    """The files that were judged; None for all that were read."""

    is_whole: bool = False
    """Whether it covered the project and not only some of its files."""


def parse_ignores(document: Document) -> list[Ignore]:
    """Read the ignores in a text's comments, in order, and in those of what is embedded in it."""
    found = [] if document.path.lower().endswith(_NOTEBOOK) else _own_ignores(document)
    for inner in document.leaves():
        found += _own_ignores(inner)
    return found


def _comments(document: Document) -> Iterator[Comment]:
    """Give the comments of a text; their patterns load with the first that may accept something."""
    from azmlint.sources.comment import comments  # noqa: PLC0415  # few files accept anything

    return comments(document)


def _own_ignores(document: Document) -> list[Ignore]:
    text = document.text
    if "azmlint:" not in text and "azmlint:" not in text.lower():
        return []
    found: list[Ignore] = []
    code = 0
    for comment in _comments(document):
        inner = text[comment.start : comment.end]
        closing = len(inner) - 2 if inner.startswith("/*") and inner.endswith("*/") else len(inner)
        for match in _MARK.finditer(inner, 0, closing):
            if match["list"] is None and match["file"] is None and not _opens(inner, match):
                # Prose that speaks of ignores.
                continue
            lines = None if match["file"] else _lines(document, comment.start, comment.end)
            if lines is not None and comment.is_alone:
                # The comments of one block are about the same line, which is looked for once.
                code = code if code >= lines.stop else _next_code_line(document, lines.stop)
                lines = range(lines.start, code + 1)
            if lines is not None and is_script(document):
                lines = _whole_command(document, lines)
            found.append(_ignore(document, match, comment.start, lines))
    return found


def _opens(comment: str, match: re.Match[str]) -> bool:
    return not comment[: match.start()].strip("#/* \t")


def _lines(document: Document, start: int, end: int) -> range:
    first = document.position(start).line
    return range(first, document.position(max(start, end - 1)).line + 1)


def _next_code_line(document: Document, line: int) -> int:
    """Find the first line from `line` on that holds more than a comment."""
    while line <= document.line_count:
        bare = document.line(line).strip()
        if bare and not bare.startswith(("#", "//")):
            return line
        if not bare:
            # An empty line ends what a comment is about.
            return line
        line += 1
    return line


def _whole_command(document: Document, lines: range) -> range:
    """Extend lines to the whole of a command that goes on over several, where no comment can be."""
    return range(_first_line(document, lines.start), _last_line(document, lines.stop - 1) + 1)


def _first_line(document: Document, line: int) -> int:
    while line > 1 and _goes_on(document.line(line - 1)):
        line -= 1
    return line


def _last_line(document: Document, line: int) -> int:
    while line < document.line_count and _goes_on(document.line(line)):
        line += 1
    return line


def _goes_on(line: str) -> bool:
    return line.endswith(("\\", "`")) and not line.lstrip().startswith("#")


def _ignore(document: Document, match: re.Match[str], offset: int, lines: range | None) -> Ignore:
    end = offset + match.start() + len(match[0].rstrip())
    place = Place(document, Span(offset + match.start(), end))
    rest = match["rest"]
    dated = list(_UNTIL.finditer(rest))
    until, fault = None, None
    if dated:
        word = dated[-1][1].rstrip(".,;)")
        until = day_of(word)
        if until is None:
            fault = f"until must be a date such as 2027-01-31, not '{word}'"
        rest = rest[: dated[-1].start()] + rest[dated[-1].end() :]
    names: list[tuple[str, Place]] = []
    if match["names"] is not None:
        at = offset + match.start("names")
        for piece in re.finditer(r"[^,\s]+", match["names"]):
            span = Span(at + piece.start(), at + piece.end())
            names.append((piece[0], Place(document, span)))
    if not names:
        fault = "it names no rule: write ignore[rule]"
    reason = " ".join(rest.split()).strip(_EDGES)
    return Ignore(tuple(names), reason, until, place, document, lines, fault)


class Suppression:
    """Sorts the findings of one run by what comments and configuration accept."""

    def __init__(
        self,
        config: Config,
        selection: Selection,
        today: dt.date,
        *,
        is_off: bool = False,
        paths: Collection[str] | None = None,
        is_whole: bool = False,
    ) -> None:
        """Judge expiry on `today`; `is_off` accepts nothing, `paths` and `is_whole` as in `Run`."""
        self.config = config
        self.today = today
        self.is_off = is_off
        families = dict.fromkeys(OWN_RULES, "engine")
        families |= {name: entry.family for name, entry in selection.rules.items()}
        judged = selection.own | {n for n, e in selection.rules.items() if not e.needs}
        self.run = Run(families, judged, paths, is_whole)

    def __call__(
        self,
        findings: list[Finding],
        documents: Mapping[str, Document],
        undecided: Collection[tuple[str, str]] = (),
        /,
    ) -> tuple[list[Finding], list[Suppressed], list[Finding]]:
        """Give what stays, what is suppressed, and findings about suppressions.

        `undecided` are rule and path of what could not be judged: an ignore of those may match
        nothing.
        """
        if self.is_off:
            return findings, [], []
        return apply(findings, documents, self.config, self.today, self.run, undecided)


def apply(  # the parts of a run
    findings: Iterable[Finding],
    documents: Mapping[str, Document],
    config: Config,
    today: dt.date,
    run: Run,
    undecided: Collection[tuple[str, str]] = (),
) -> tuple[list[Finding], list[Suppressed], list[Finding]]:
    """Give what stays, what is suppressed, and findings about suppressions."""
    names = Names(
        {**config.names.rules, **dict.fromkeys(OWN_RULES, ())},
        config.names.families | frozenset(run.families.values()),
        config.names.formerly,
    )
    sort = _Sort(config, names, run, today)
    findings = list(findings)
    met = {f.place.document.path for f in findings}
    for path in sorted(documents):
        is_given = run.paths is None or path in run.paths
        if is_given or path in met:
            sort.add_comments(documents[path], is_given=is_given)
    sort.add_entries()
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    broken: set[str] = set()
    for finding in findings:
        if finding.rule == "syntax-error":
            broken.add(finding.place.document.path)
        accepted = sort.accept(finding)
        if accepted is None:
            kept.append(finding)
        else:
            suppressed.append(accepted)
    return kept, suppressed, list(sort.complaints(broken, frozenset(undecided), documents))


class _Claim:
    """One name of one ignore, and what it has met."""

    __slots__ = (
        "by",
        "document",
        "entry",
        "expired",
        "is_used",
        "lines",
        "name",
        "place",
        "reason",
        "until",
    )

    def __init__(  # a record; every part has a name
        self,
        name: str,
        *,
        place: Place,
        by: str,
        reason: str,
        until: dt.date | None,
        is_expired: bool,
        document: Document | None = None,
        lines: range | None = None,
        entry: _Target | None = None,
    ) -> None:
        self.name = name
        self.place = place
        self.by = by
        self.reason = reason
        self.until = until
        self.expired = is_expired
        self.document = document
        self.lines = lines
        self.entry = entry
        self.is_used = False

    def covers(self, finding: Finding, extents: dict[int, range]) -> bool:
        """Whether the finding stands where this holds; the rule is known to fit.

        `extents` are the finding's lines in each text, as far as they were asked for.
        """
        if self.entry is not None:
            return self.entry.covers(finding)
        if self.lines is None:
            return True
        lines = extents.get(id(self.document))
        if lines is None:
            lines = _extent(finding, self.document or finding.place.document)
            extents[id(self.document)] = lines
        return self.lines.start < lines.stop and lines.start < self.lines.stop


class _Target:
    """What an entry of the configuration is about."""

    __slots__ = ("path", "resource")

    def __init__(self, entry: Entry) -> None:
        self.path = PathPatterns([entry.path]) if entry.path is not None else None
        self.resource = entry.resource.casefold().rstrip("/") if entry.resource else None

    def covers(self, finding: Finding) -> bool:
        if self.path is not None and not self.path.match(finding.place.document.path):
            return False
        if self.resource is None:
            return True
        if finding.resource is None:
            return False
        name = finding.resource.name.casefold()
        parts = finding.resource.id.parts
        whole = "".join(p if isinstance(p, str) else f"{{{p.text}}}" for p in parts).casefold()
        return self.resource in {name, name.rpartition("/")[2], whole}


class _Sort:
    """The claims of one run by where they can hold."""

    def __init__(self, config: Config, names: Names, run: Run, today: dt.date) -> None:
        self.config = config
        self.names = names
        self.run = run
        self.today = today
        self.by_path: dict[str, list[_Claim]] = {}
        self.anywhere: list[_Claim] = []
        self.faults: list[Finding] = []

    def add_comments(self, document: Document, *, is_given: bool) -> None:
        """Read a document's ignores.

        A file that was not given can have findings as a module of one that was. What its ignores
        accept is accepted, but what they do not meet says nothing.
        """
        claims: list[_Claim] = []
        for ignore in parse_ignores(document):
            if not is_given and (
                ignore.fault is not None
                or any(unknown_name(word, self.names) for word, _ in ignore.names)
            ):
                continue
            if ignore.fault is not None:
                self.complain(
                    "ignore-unused", ignore.place, f"ignore has no effect: {ignore.fault}"
                )
                continue
            for word, place in ignore.names:
                problem = unknown_name(word, self.names)
                if problem is not None:
                    self.complain("ignore-unused", place, f"ignore has no effect: {problem}")
                    continue
                claims.append(
                    _Claim(
                        self.names.formerly.get(word, word),
                        place=place if len(ignore.names) > 1 else ignore.place,
                        by="comment",
                        reason=ignore.reason,
                        until=ignore.until,
                        is_expired=self.is_past(ignore.until),
                        document=ignore.document,
                        lines=ignore.lines,
                    )
                )
        for claim in claims:
            claim.is_used = not is_given
        if claims:
            self.by_path[document.path] = claims

    def add_entries(self) -> None:
        """Take the ignores of the configuration."""
        self.anywhere = [
            _Claim(
                entry.rule,
                place=entry.place,
                by="configuration",
                reason=entry.reason,
                until=entry.until,
                is_expired=self.is_past(entry.until),
                entry=_Target(entry),
            )
            for entry in self.config.ignores
        ]

    def is_past(self, until: dt.date | None) -> bool:
        """Whether a last day is over."""
        return until is not None and until < self.today

    def accept(self, finding: Finding) -> Suppressed | None:
        """Say who suppresses a finding; None when nobody may."""
        claims = (*self.by_path.get(finding.place.document.path, ()), *self.anywhere)
        if not claims:
            return None
        family = self.run.families.get(finding.rule, "")
        extents: dict[int, range] = {}
        first: _Claim | None = None
        for claim in claims:
            if claim.name not in {finding.rule, family}:
                continue
            if not claim.covers(finding, extents):
                continue
            claim.is_used = True
            if first is None and not claim.expired and finding.rule not in self.config.enforce:
                first = claim
        if first is None:
            return None
        until = first.until.isoformat() if first.until is not None else None
        return Suppressed(finding, first.by, first.reason, until)

    def complaints(
        self,
        broken: Collection[str],
        undecided: Collection[tuple[str, str]],
        documents: Mapping[str, Document],
    ) -> Iterator[Finding]:
        """Yield a finding for each ignore that is wrong, expired, enforced against or unused."""
        yield from self.faults
        self.faults = []
        for claim in (*(c for path in sorted(self.by_path) for c in self.by_path[path]),):
            path = claim.place.document.path
            is_open = path in broken or any(
                (rule, path) in undecided for rule in self.rules_of(claim.name)
            )
            self.judge(claim, may_be_unused=not is_open)
        for claim in self.anywhere:
            self.judge(claim, may_be_unused=self.is_answerable(claim, broken, undecided, documents))
        yield from self.faults

    def judge(self, claim: _Claim, *, may_be_unused: bool) -> None:
        """Complain about one claim if there is reason to."""
        name = claim.name
        if claim.is_used and claim.expired and claim.until is not None:
            message = f"ignore of '{name}' ended on {claim.until.isoformat()}: its finding counts"
            self.complain("ignore-expired", claim.place, message)
        elif name in self.config.enforce:
            message = f"ignore has no effect: '{name}' is enforced by a shared configuration"
            self.complain("ignore-unused", claim.place, message)
        elif not claim.is_used and may_be_unused and self.is_judged(name):
            self.complain("ignore-unused", claim.place, f"ignore of '{name}' matches no finding")

    def is_answerable(
        self,
        claim: _Claim,
        broken: Collection[str],
        undecided: Collection[tuple[str, str]],
        documents: Mapping[str, Document],
    ) -> bool:
        """Whether this run could have met what an entry of the configuration is about."""
        if claim.entry is None or claim.place.document.path not in self.config.files[:1]:
            # An organisation's shared file speaks of other repositories too.
            return False
        paths = self.run.paths if self.run.paths is not None else documents
        if claim.entry.path is not None:
            paths = [p for p in paths if claim.entry.path.match(p)]
        is_met = bool(paths) and claim.entry.path is not None and claim.entry.resource is None
        if not is_met and not self.run.is_whole:
            return False
        open_rules = self.rules_of(claim.name)
        return not any(p in broken or (r, p) in undecided for p in paths for r in open_rules)

    def rules_of(self, name: str) -> list[str]:
        """List the rules that a name stands for."""
        return [name, *(r for r, family in self.run.families.items() if family == name)]

    def is_judged(self, name: str) -> bool:
        """Whether any rule of this name reported on the run."""
        return any(rule in self.run.judged for rule in self.rules_of(name))

    def complain(self, rule: str, place: Place, message: str) -> None:
        """Note a finding of the engine's own."""
        self.faults.append(
            Finding(
                rule,
                OWN_RULES[rule].severity,
                message,
                TextSpot(place.document, place.start, place.end),
                None,
                why_no_fix="whether the reason still holds is for its author to say",
            )
        )


_INDENT: Final = re.compile(r"[ \t]*")
_ENDS_IN_KEY: Final = re.compile(r":[ \t]*(?:[ \t]#.*|//.*)?\Z")


def _extent(finding: Finding, document: Document) -> range:
    """Find the lines of a text on which a comment is about a finding; none in another text."""
    span = document.extent_of(finding.place.start, finding.place.end)
    if span is None:
        return range(0)
    lines = _lines(document, span.start, span.end)
    return range(_key_line(document, span.start), lines.stop)


def _key_line(document: Document, offset: int) -> int:
    """Find the line of the key of which the value begins at `offset`."""
    line = document.position(offset).line
    begins = document.text[document.line_start(line) : offset]
    if begins.strip(" \t-"):
        return line
    above = line - 1
    while above > 0 and document.line(above).lstrip().startswith(("#", "//")):
        above -= 1
    if above == 0 or _ENDS_IN_KEY.search(document.line(above)) is None:
        return line
    is_item = begins.strip() != ""
    room = len(_indent(document, line)) - len(_indent(document, above))
    return above if room > 0 or (room == 0 and is_item) else line


def _indent(document: Document, line: int) -> str:
    match = _INDENT.match(document.line(line))
    return match[0] if match is not None else ""


class Additions(NamedTuple):
    """Comments that accept findings, as edits."""

    edits: tuple[Edit, ...]
    refused: tuple[tuple[Finding, str], ...]
    """Findings at which no comment can stand, each with the reason and what to do instead."""


def add_ignores(
    findings: Iterable[Finding], rule: str, reason: str, until: dt.date | None = None
) -> Additions:
    """Write an ignore above each finding of `rule`.

    Raises ValueError for a reason that would be read as something else.
    """
    words = " ".join(reason.split())
    if "azmlint:" in words.lower() or _UNTIL.search(words) or "*/" in words:
        message = f"the reason '{words}' reads as part of the comment's syntax"
        raise ValueError(message)
    ending = f" until={until.isoformat()}" if until is not None else ""
    comment = f"azmlint: ignore[{rule}] {words}".rstrip() + ending
    edits: dict[tuple[str, int], tuple[Edit, ...]] = {}
    refused: list[tuple[Finding, str]] = []
    for finding in findings:
        if finding.rule != rule:
            continue
        document, offset = _text_around(finding.place)
        line = _key_line(document, offset)
        if is_script(document):
            line = _first_line(document, line)
        key = (document.path, line)
        if key in edits:
            continue
        edit = _comment_line(document, line, comment)
        if isinstance(edit, Edit):
            try:
                edits[key] = in_files([edit])
                continue
            except NotEditable as reason_against:
                edit = str(reason_against)
        refused.append((finding, f"{edit}; {_entry(finding, words, until)}"))
    return Additions(tuple(e for found in edits.values() for e in found), tuple(refused))


def _text_around(place: Place) -> tuple[Document, int]:
    """Find the text in whose language a place is written, embedded or not, and the offset in it."""
    for inner in place.document.leaves():
        span = inner.extent_of(place.start, place.end)
        if span is not None:
            return inner, span.start
    return place.document, place.start


def _comment_line(document: Document, line: int, comment: str) -> Edit | str:
    path = document.path.lower()
    if path.endswith(_YAML):
        sign = "#"
    elif path.endswith(_JSON):
        sign = "//"
        if not path.endswith(".jsonc") and next(iter(_comments(document)), None) is None:
            return "the file is plain JSON, in which many tools take no comment"
    elif path.endswith(_BICEP):
        sign = "//"
    elif is_script(document) or path.endswith(_PYTHON):
        sign = "#"
    else:
        return "azmlint writes comments into YAML, JSON, Bicep, Python and scripts only"
    try:
        document.encoded(comment)
    except UnicodeEncodeError:
        return f"the file is {document.encoding}, which cannot spell the reason"
    start = document.line_start(line)
    newline = "\r\n" if "\r\n" in document.text else "\n"
    edit = Edit(document, start, start, f"{_indent(document, line)}{sign} {comment}{newline}")
    if not _keeps_meaning(edit):
        return "a comment line cannot stand above it without changing what the file says"
    return edit


def _keeps_meaning(edit: Edit) -> bool:
    """Whether what is added is a comment, and nothing but one."""
    old = edit.document
    text = old.text[: edit.start] + edit.text + old.text[edit.end :]
    new = Document(old.path, text)
    if sum(1 for _ in _comments(new)) != sum(1 for _ in _comments(old)) + 1:
        return False
    if old.path.lower().endswith(_PYTHON):
        return _same_python(old.text, text)
    if not old.path.lower().endswith(_YAML):
        return True
    from azmlint.sources.comment import yaml_scalars  # noqa: PLC0415  # see _comments

    try:
        before = [(style, value) for style, value, _, _ in yaml_scalars(old.text)]
        after = [(style, value) for style, value, _, _ in yaml_scalars(text)]
    except ValueError:
        return False
    return before == after


def _same_python(before: str, after: str) -> bool:
    import ast  # noqa: PLC0415  # only new comments in Python ask
    import warnings  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _entry(finding: Finding, reason: str, until: dt.date | None) -> str:
    import json  # noqa: PLC0415  # only a refusal quotes

    parts = [f"rule = {json.dumps(finding.rule)}"]
    parts.append(f"path = {json.dumps(finding.place.document.path)}")
    if finding.resource is not None and "{" not in finding.resource.name:
        parts.append(f"resource = {json.dumps(finding.resource.name)}")
    parts.append(f"reason = {json.dumps(reason)}")
    if until is not None:
        parts.append(f"until = {until.isoformat()}")
    return f"add {{ {', '.join(parts)} }} to the list `ignore` of azmlint.toml"


def added(
    report: Report,
    documents: Mapping[str, Document],
    rule: str,
    reason: str,
    until: dt.date | None = None,
) -> tuple[dict[str, Document], tuple[str, ...]]:
    """Give the documents with a comment above each finding of `rule`.

    Where no comment can stand the finding stays, and a line says why and what to do instead.
    Raises ConfigError for a reason that cannot be written.
    """
    from azmlint.engine.fix import apply as edited  # noqa: PLC0415  # only when asked for

    try:
        additions = add_ignores(report.findings, rule, reason, until)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    changed = dict(documents)
    for path, before in documents.items():
        edits = [e for e in additions.edits if e.document.path == path]
        if edits:
            text = edited(before, edits)
            changed[path] = Document(path, text, encoding=before.encoding, bom=before.bom)
    refused = (f"{finding.place.shown}: {why}" for finding, why in additions.refused)
    return changed, tuple(dict.fromkeys(refused))
