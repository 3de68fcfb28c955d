"""The pages of rules: what their files say, what the article said, and the same in other inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from article import section
from azmlint import catalog, testing
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
    other = _in_another_input(rule)
    if other:
        before, good, after = head.partition("\n## Fix safety\n")
        if not good:
            before, good, after = head.partition("\n## How sure\n")
        parts[0] = f"{before.rstrip(chr(10))}\n\n{other}\n{good}{after}".rstrip("\n")
    return "\n".join(parts) + f"\n{mark}{tail}"


def shown_inputs(rule: type[Rule[Any]]) -> set[str]:
    """List the inputs of which the page has an example."""
    found = {shows(e) for e in catalog.examples(rule)}
    case = _case(rule, found)
    if case is not None:
        found.add(input_of(case.name, case.read_bytes()))
    return {which for which in found if which is not None}


def _in_another_input(rule: type[Rule[Any]]) -> str:
    """Show one case of another input than the examples are of; nothing where there is none."""
    known = {shows(e) for e in catalog.examples(rule)}
    if len(known) > 1:
        return ""
    case = _case(rule, known)
    if case is None:
        return ""
    title = INPUTS[input_of(case.name, case.read_bytes()) or ""]
    expected = (case.parent / "expected.txt").read_text(encoding="utf-8").splitlines()
    line = next(line for line in expected if line.startswith(f"{case.name}:"))
    text = case.read_text(encoding="utf-8").rstrip("\n")
    language = _LANGUAGES[case.suffix]
    lines = [f"## Bad, as {title}", "", f"```{language}", text, "```", "", "```text", line, "```"]
    fixed = case.parent / "fixed" / case.name
    if fixed.is_file():
        text = fixed.read_text(encoding="utf-8").rstrip("\n")
        lines += ["", f"## Good, as {title}", "", f"```{language}", text, "```"]
    return "\n".join(lines)


def _case(rule: type[Rule[Any]], known: set[str | None]) -> Path | None:
    """Find the shortest case of another input that is one file and has a finding."""
    found: list[tuple[int, str, Path]] = []
    for expected in (CASES / rule.name).glob("*/expected.txt"):
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
        which = "deployed" if testing.is_snapshot(raw) else input_of(files[0].name, raw)
        # Formatters read the Python of pages, and would break what is longer.
        is_broken = files[0].suffix == ".py" and max(map(len, raw.splitlines())) > _WIDEST
        text = expected.read_text(encoding="utf-8")
        is_bad = text.startswith(f"{files[0].name}:")
        if which is None or which in known or not is_bad or is_broken or len(raw) > _LONGEST:
            continue
        found.append((len(raw), files[0].as_posix(), files[0]))
    return min(found)[2] if found else None
