"""The pages of rules: what their files say, what the article said, and the same in other inputs."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from article import section
from azmlint import catalog, testing
from azmlint.finding import Applicability, Finding, Fix
from azmlint.remediate.command import is_destructive
from azmlint.rule import Rule
from matrix import CASES, INPUTS, input_of, shows

_LANGUAGES: Final = {
    ".bicep": "bicep",
    ".ipynb": "json",
    ".json": "json",
    ".ps1": "powershell",
    ".py": "python",
    ".sh": "bash",
    ".tf": "hcl",
    ".yaml": "yaml",
    ".yml": "yaml",
}
_LONGEST: Final = 6_000
"""Characters of a case that a page still shows."""

_WIDEST: Final = 100
"""Characters of a line of Python on a page."""


def rule_page(rule: type[Rule[Any]]) -> str:
    """Write a rule's page."""
    text = catalog.page(rule)
    head, mark, tail = text.partition("\n## References\n")
    parts = [head.rstrip("\n"), "", section(rule.name)]
    before, found, after = head.partition("\n## Fix safety\n")
    if not found:
        before, found, after = head.partition("\n## How sure\n")
    more = [text for text in (_in_another_input(rule), _fix(rule)) if text]
    parts[0] = "\n\n".join([before.rstrip("\n"), *more, f"{found}{after}".strip("\n")])
    return "\n".join(parts) + f"\n{mark}{tail}"


def shown_inputs(rule: type[Rule[Any]], *, is_bad: bool) -> set[str]:
    """List the inputs of which the page shows a fault, or what has none."""
    found = {shows(e) for e in catalog.examples(rule) if e.is_bad is is_bad}
    case = _case(rule, found) if is_bad else _clean(rule, found, None)
    if case is not None:
        found.add(_input(case))
    return {which for which in found if which is not None}


def _in_another_input(rule: type[Rule[Any]]) -> str:
    """Show a fault, and what has none, in another input, where the examples are of one alone."""
    examples = catalog.examples(rule)
    bad = {shows(e) for e in examples if e.is_bad}
    good = {shows(e) for e in examples if not e.is_bad}
    shown = []
    which = next(iter(bad - good), None)
    if len(bad) < _TWO:
        case = _case(rule, bad)
        if case is not None:
            which = _input(case)
            shown.append(_bad(case))
            fixed = case.parent / "fixed" / case.name
            if fixed.is_file() and which not in good:
                shown.append(_block("Good", which, fixed))
                return "\n\n".join(shown)
    if len(good) < _TWO:
        clean = _clean(rule, good, which)
        if clean is not None:
            shown.append(_block("Good", _input(clean), clean))
    return "\n\n".join(shown)


@cache
def _input(file: Path) -> str:
    raw = file.read_bytes()
    return "deployed" if testing.is_snapshot(raw) else input_of(file.name, raw) or ""


def _block(word: str, which: str, file: Path) -> str:
    text = file.read_text(encoding="utf-8").rstrip("\n")
    return f"## {word}, as {INPUTS[which]}\n\n```{_LANGUAGES[file.suffix]}\n{text}\n```"


def _bad(case: Path) -> str:
    expected = (case.parent / "expected.txt").read_text(encoding="utf-8").splitlines()
    line = next(line for line in expected if line.startswith((f"{case.name}:", "/subscriptions/")))
    return f"{_block('Bad', _input(case), case)}\n\n```text\n{line}\n```"


def _case(rule: type[Rule[Any]], known: set[str | None]) -> Path | None:
    """Find the shortest case of another input that is one file and has a finding."""
    found = [
        (len(file.read_bytes()), file.as_posix(), file)
        for file, text in _cases(rule)
        if _input(file) not in known and text.startswith(f"{file.name}:")
    ]
    return min(found)[2] if found else None


def _clean(rule: type[Rule[Any]], known: set[str | None], wanted: str | None) -> Path | None:
    """Find a short case of another input, best of `wanted`, in which nothing is found or open."""
    found = [
        (
            _input(file) != wanted,
            not file.parent.name.endswith("good"),
            len(file.read_bytes()),
            file.as_posix(),
            file,
        )
        for file, text in _cases(rule)
        if _input(file) not in known and not text
    ]
    return min(found)[-1] if found else None


@cache
def _cases(rule: type[Rule[Any]]) -> list[tuple[Path, str]]:
    """List the cases that are one file, or one beside what is deployed, with what is expected."""
    found: list[tuple[Path, str]] = []
    for expected in sorted((CASES / rule.name).glob("*/expected.txt")):
        files = [
            p
            for p in sorted(expected.parent.iterdir())
            if p.is_file() and p.name not in {"expected.txt", "azmlint.toml"}
        ]
        # What is deployed around it need not be shown.
        declared = [p for p in files if not testing.is_snapshot(p.read_bytes())]
        files = declared or files
        if len(files) != 1 or files[0].suffix not in _LANGUAGES:
            continue
        raw = files[0].read_bytes()
        # Formatters read the Python of pages, and would break what is longer.
        is_broken = files[0].suffix == ".py" and max(map(len, raw.splitlines())) > _WIDEST
        if _input(files[0]) and not is_broken and len(raw) <= _LONGEST:
            found.append((files[0], expected.read_text(encoding="utf-8")))
    return found


_TWO: Final = 2
_APPLIED: Final = {
    Applicability.SAFE: "`--fix` makes it",
    Applicability.UNSAFE: "`--fix --unsafe-fixes` makes it",
    Applicability.DISPLAY: "shown, and left to you",
}


def _fix(rule: type[Rule[Any]]) -> str:
    """Say what cures the first finding of the examples, else of the cases, and what that risks."""
    facts = testing.Facts(today=testing.TODAY, production_tags=(("environment", "production"),))
    for texts in _faults(rule):
        for finding in testing.check(texts, [rule], facts=facts).findings:
            return f"## Fix\n\n{_cure(finding)}"
    return ""


def _faults(rule: type[Rule[Any]]) -> Iterator[dict[str, bytes]]:
    for example in catalog.examples(rule):
        if example.is_bad:
            yield {f"example.{testing.SUFFIXES[example.language]}": example.text.encode()}
    for expected in sorted((CASES / rule.name).glob("*/expected.txt")):
        if f"[{rule.name}]" in expected.read_text(encoding="utf-8"):
            files = [p for p in sorted(expected.parent.rglob("*")) if p.is_file()]
            yield {
                p.relative_to(expected.parent).as_posix(): p.read_bytes()
                for p in files
                if p.name not in {"expected.txt", "azmlint.toml"}
                and "fixed" not in p.relative_to(expected.parent).parts
            }


def _cure(finding: Finding) -> str:
    if not finding.fixes:
        return f"None that azmlint can spell: {finding.why_no_fix}."
    return "\n\n".join(_said(fix) for fix in finding.fixes)


def _said(fix: Fix) -> str:
    title = fix.title[:1].upper() + fix.title[1:]
    lines = [f"{title} ({_APPLIED[fix.applicability]})."]
    if fix.steps:
        commands = "\n".join(shlex.join(step.argv) for step in fix.steps)
        undo = [shlex.join(step.undo) for step in reversed(fix.steps) if step.undo is not None]
        lines.append(f"```bash\n{commands}\n```")
        needs = ", ".join(dict.fromkeys(f"`{step.needs}`" for step in fix.steps))
        risk = "it takes something away for good" if any(map(is_destructive, fix.steps)) else ""
        if undo and len(undo) == len(fix.steps):
            taken_back = "\n".join(undo)
            lines.append(f"It takes {needs}. What takes it back:\n\n```bash\n{taken_back}\n```")
        elif fix.applicability is not Applicability.DISPLAY:
            lines.append(f"What is deployed already takes {needs}.")
        else:
            risk = risk or "no command takes all of it back; note what is there before"
            lines.append(f"It takes {needs}. Risk: {risk}.")
    elif fix.applicability is Applicability.DISPLAY:
        lines.append("Risk: what is deployed may have to be created again; decide on it first.")
    return "\n\n".join(lines)
