"""What the article of 2022 said, which rules carry it, and whether it holds today."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from azmlint.rule import Rule
from matrix import INPUTS, shown

_TABLE: Final = Path(__file__).parent / "article.toml"
ARTICLE: Final = (
    'The article is Microsoft\'s page "Create an Azure Machine Learning compute cluster" of 2022,'
    " in the edition for SDK v1."
)
HOLDS: Final = {
    "yes": "yes",
    "no": "no",
    "changed": "changed",
    "contradictory": "pages disagree",
}


class Statement(NamedTuple):
    """One statement of the article, in our own words."""

    number: int
    said: str
    rules: tuple[str, ...]
    holds: str
    today: str


@cache
def statements() -> tuple[Statement, ...]:
    """Read the table."""
    rows = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["statement"]
    return tuple(Statement(**{**row, "rules": tuple(row["rules"])}) for row in rows)


def coverage_page(rules: dict[str, type[Rule[Any]]]) -> str:
    """Give docs/article-coverage.md."""
    counts = shown(rules)
    lines = [
        "# What the article said, and what checks it",
        "",
        "Generated from `rules/article.toml`. " + ARTICLE,
        "The inputs are those in which an example or case of one of the rules has a finding.",
        "",
        "| # | said | rules | inputs | holds today | |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for one in statements():
        names = ", ".join(f"[{n}](../rules/docs/{n}.md)" for n in one.rules) or "none"
        found = {which for n in one.rules for which in counts.get(n, {})}
        inputs = ", ".join(title for key, title in INPUTS.items() if key in found)
        cells = (f"S{one.number}", one.said, names, inputs, HOLDS[one.holds], one.today)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def section(name: str) -> str:
    """Give the section of a rule's page that says what changed since the article."""
    found = [one for one in statements() if name in one.rules]
    lines = ["## Since the article", ""]
    if not found:
        lines.append(f"{ARTICLE} It does not speak of this.")
        return "\n".join(lines)
    lines.append(ARTICLE)
    for one in found:
        lines += ["", f"- It said (S{one.number}): {one.said}", f"  Today: {one.today}"]
    return "\n".join(lines)
