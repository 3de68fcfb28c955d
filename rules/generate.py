"""Write what is generated: index, pages of rules, engine and calls, parts of README, the schema.

`python rules/generate.py` writes; `python rules/generate.py --check` only says what has drifted.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from inspect import cleandoc
from io import StringIO
from pathlib import Path

import click

HERE = Path(__file__).parent
ESTATES = HERE.parent / "fixtures" / "estates"
sys.path[:0] = [str(HERE.parent / "linter"), str(HERE)]

from article import coverage_page  # noqa: E402  # after the path is set
from azmlint.azure.page import live_page  # noqa: E402  # after the path is set
from azmlint.catalog import options  # noqa: E402
from azmlint.cli import azmlint, run  # noqa: E402
from azmlint.config_schema import RuleOptions, schema_text  # noqa: E402
from azmlint.engine.own import OWN_RULES  # noqa: E402
from azmlint.engine.packs import BUILT_IN, index_of, rule_classes  # noqa: E402
from azmlint.expressions import hcl_functions  # noqa: E402
from azmlint.expressions.arm_catalog import functions_page  # noqa: E402
from azmlint.sources import bicep_files, terraform_files  # noqa: E402
from azmlint.testing import index_text  # noqa: E402
from matrix import matrix_page  # noqa: E402
from pages import rule_page  # noqa: E402


def generated() -> dict[Path, str]:
    """Give every generated file with its text."""
    rules = rule_classes(BUILT_IN)
    index = index_of(BUILT_IN)
    files = {
        HERE / BUILT_IN / "index.json": index_text(BUILT_IN),
        HERE / "README.md": _table(index),
        HERE.parent / "README.md": _front_page(index),
        HERE.parent / "docs" / "commands.md": _commands(),
        HERE.parent / "docs" / "engine-findings.md": _engine_findings(),
        HERE.parent / "docs" / "live.md": live_page(),
        HERE.parent / "docs" / "azmlint.schema.json": schema_text(
            RuleOptions(
                name, {o.name: (o.type_name, o.default, o.description) for o in options(rule)}
            )
            for name, rule in rules.items()
        ),
    }
    examples = HERE.parent / "tests" / "expressions" / "examples"
    files[HERE.parent / "docs" / "functions.md"] = functions_page(
        {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in sorted(examples.glob("*.json"))}
    )
    files[HERE.parent / "docs" / "functions.md"] += _terraform_functions(
        json.loads((examples.parent / "terraform_examples.json").read_text(encoding="utf-8"))
    )
    files[HERE.parent / "docs" / "matrix.md"] = matrix_page(rules)
    files[HERE.parent / "docs" / "article-coverage.md"] = coverage_page(rules)
    files |= {HERE / "docs" / f"{name}.md": rule_page(rule) for name, rule in rules.items()}
    return files


def _terraform_functions(answers: Mapping[str, object]) -> str:
    """List what Bicep adds, and Terraform's functions with how often Terraform was asked."""
    base = "https://developer.hashicorp.com/terraform/language/functions/"
    worked = {*hcl_functions.FUNCTIONS, *hcl_functions.LAZY}
    lines = [
        "",
        "# Bicep's functions",
        "",
        "They are those of templates, and these are worked out for files of the project:",
        f"{_listed(bicep_files.READERS)}.",
        "",
        "# Terraform's functions",
        "",
        f"{len(worked)} functions are worked out. What an argument leaves open stays unknown.",
        "A regular expression is tried on short texts only, and only if it cannot take long.",
        "The last column counts expressions of the tests that Terraform 1.15.5 was asked for.",
        "",
        "| function | examples |",
        "| --- | ---: |",
    ]
    for name in sorted(worked):
        count = sum(re.search(rf"\b{name}\(", text) is not None for text in answers)
        lines.append(f"| [{name}]({base}{name}) | {count or ''} |")
    of_names = {"basename", "dirname", "yamldecode"}
    later = hcl_functions.READING - terraform_files.OF_FILES - of_names
    lines += [
        "",
        f"These are worked out for files of the project: {_listed(terraform_files.OF_FILES)}.",
        f"Of what is known, {_listed(of_names)} are worked out, too.",
        f"These are answered when Terraform runs, and unknown until then: {_listed(later)}.",
    ]
    return "\n".join(lines) + "\n"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


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


def _front_page(index: dict[str, object]) -> str:
    text = (HERE.parent / "README.md").read_text(encoding="utf-8")
    parts = {
        "finding": _shown_finding(),
        "audit": _shown_audit(),
        "diagnosis": _shown_diagnosis(),
        "capacity": _shown_capacity(),
        "fixes": _fixes(index),
    }
    for name, content in parts.items():
        start = f"<!-- {name}: written by rules/generate.py -->\n"
        end = f"<!-- end of {name} -->\n"
        before, _, rest = text.partition(start)
        text = f"{before}{start}{content}{end}{rest.partition(end)[2]}"
    return text


def _shown_finding() -> str:
    """Show a finding of the example estate as a terminal does."""
    text = _told("check", str(ESTATES / "contoso"))
    found = next(f for f in text.split("\n\n") if "'backfill' keeps" in f)
    return f"```text\n{found}\n```\n"


def _shown_audit() -> str:
    """Show the stuck cluster of the estate as deployed."""
    text = _told("audit", "--snapshot", str(ESTATES / "contoso-live" / "estate.json"))
    found = next(f for f in text.split("\n\n") if "[stuck-resizing-zero]" in f)
    return f"```text\n{found}\n```\n"


def _shown_diagnosis() -> str:
    """Show what is wrong with it, with the likeliest cause."""
    estate = str(ESTATES / "contoso-live" / "estate.json")
    text = _told("diagnose", "mlw-fraud/train", "--snapshot", estate)
    return f"```text\n{text.partition('  2. ')[0].rstrip()}\n```\n"


def _shown_capacity() -> str:
    """Show how far the clusters of one region get."""
    text = _told("capacity", "--snapshot", str(ESTATES / "contoso-quota" / "estate.json"))
    return f"```text\n{text.partition(chr(10) * 2)[0]}\n```\n"


def _told(*words: str) -> str:
    out = StringIO()
    with redirect_stdout(out):
        run([*words, "--no-color"])
    return out.getvalue()


def _fixes(index: dict[str, object]) -> str:
    rows: dict[str, dict[str, list[str]]] = index["rules"]  # type: ignore[assignment]  # index_of's shape
    kinds = {
        "safe": "**safe**: `--fix` applies it; what is deployed stays, or one edit undoes it",
        "unsafe": "**unsafe**: `--fix --unsafe-fixes` applies it; may change how work runs",
        "display": "**display**: only shown; recreates something or needs a decision",
    }
    lines = ["| fix | rules |", "| --- | --- |"]
    for kind, meaning in kinds.items():
        names = [f"[{n}](rules/docs/{n}.md)" for n, row in rows.items() if kind in row["fixes"]]
        lines.append(f"| {meaning} | {', '.join(names)} |")
    return "\n".join(lines) + "\n"


def _engine_findings() -> str:
    lines = [
        "# The engine's own findings",
        "",
        "These need no rule pack: they are about files, values and suppressions as such.",
        "They are selected and ignored by name as rules are, or together as the family `engine`.",
        "`azmlint explain NAME` shows the same text.",
    ]
    for info in OWN_RULES.values():
        text = info.help_markdown.partition("\n\n")[2].rstrip("\n")
        lines += ["", f"## {info.name}", "", f"Severity: {info.severity.level}.", "", text]
    return "\n".join(lines) + "\n"


def _commands() -> str:
    lines = [
        "# Commands",
        "",
        "Each command shows the same with `--help`. Repeatable options add up; names of rules and",
        "families can also be joined by commas.",
        "",
        *_options(azmlint),
    ]
    lines += _described("azmlint", azmlint)
    return "\n".join(lines).rstrip("\n") + "\n"


def _described(path: str, group: click.Group) -> list[str]:
    """Describe the commands of a group, each followed by its own."""
    lines: list[str] = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            continue
        words = [_words(p) for p in command.params if isinstance(p, click.Argument)]
        lines += ["", f"## {path} {name}", "", f"    {' '.join([path, name, *words])}", ""]
        lines += [cleandoc(command.help or ""), "", *_options(command)]
        if isinstance(command, click.Group):
            lines += _described(f"{path} {name}", command)
    return lines


def _options(command: click.Command) -> list[str]:
    rows = []
    for option in command.params:
        if isinstance(option, click.Option):
            spelled = " ".join([", ".join(option.opts), _words(option)]).strip()
            help_text = option.help or ""
            if isinstance(option.default, str) and option.default and not option.is_flag:
                help_text = f"{help_text} [default: {option.default}]".strip()
            rows.append(f"| `{_cell(spelled)}` | {_cell(help_text)} |")
    return ["| option | |", "| --- | --- |", *rows] if rows else []


def _words(parameter: click.Parameter) -> str:
    """Say what is written for a parameter, in the same way with every version of click."""
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return ""
    if parameter.metavar is not None:
        return parameter.metavar
    if isinstance(parameter.type, click.Choice):
        return "|".join(parameter.type.choices)
    if isinstance(parameter, click.Option):
        return "TEXT"
    name = (parameter.name or "").upper()
    return name if parameter.required else f"[{name}]"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


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
