"""Write what is generated from the rules: the pack's index and the rules' pages.

`python rules/generate.py` writes; `python rules/generate.py --check` only says what has drifted.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "linter"), str(HERE)]

from azmlint.catalog import options, page  # noqa: E402  # after the path is set
from azmlint.config_schema import RuleOptions, schema_text  # noqa: E402
from azmlint.engine.packs import BUILT_IN, index_of, rule_classes  # noqa: E402


def generated() -> dict[Path, str]:
    """Give every generated file with its text."""
    rules = rule_classes(BUILT_IN)
    index = index_of(BUILT_IN)
    files = {
        HERE / BUILT_IN / "index.json": json.dumps(index, indent=1, sort_keys=True) + "\n",
        HERE / "README.md": _table(index),
        HERE.parent / "docs" / "azmlint.schema.json": schema_text(
            RuleOptions(
                name, {o.name: (o.type_name, o.default, o.description) for o in options(rule)}
            )
            for name, rule in rules.items()
        ),
    }
    files |= {HERE / "docs" / f"{name}.md": page(rule) for name, rule in rules.items()}
    return files


def _table(index: dict[str, object]) -> str:
    rows: dict[str, dict[str, object]] = index["rules"]  # type: ignore[assignment]  # index_of's shape
    lines = [
        "# Rules",
        "",
        f"{len(rows)} rules, generated from their files in `azmlint_rules/`.",
    ]
    for family in sorted({str(row["family"]) for row in rows.values()}):
        lines += ["", f"## {family}", "", "| rule | severity | |", "| --- | --- | --- |"]
        lines += [
            f"| [{name}](docs/{name}.md) | {row['severity']} | {row['summary']} |"
            for name, row in rows.items()
            if row["family"] == family
        ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the files, or say which differ."""
    files = generated()
    stale = [p for p in sorted((HERE / "docs").glob("*.md")) if p not in files]
    changed = [
        path
        for path, text in files.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv[1:]:
        for path in [*changed, *stale]:
            print(f"out of date: {path.relative_to(HERE.parent)}; run python rules/generate.py")
        return 1 if changed or stale else 0
    for path in changed:
        path.parent.mkdir(exist_ok=True)
        path.write_text(files[path], encoding="utf-8", newline="\n")
    for path in stale:
        path.unlink()
    print(f"{len(changed)} written, {len(stale)} removed, {len(files)} in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
