"""A rule's docstring and metadata as data and as a page; explain, SARIF and rules/docs use it."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from azmlint.model.resources import KINDS
from azmlint.model.value import LIKE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from azmlint.model.resource import Resource
    from azmlint.rule import Rule

SECTIONS = ("Why", "Not when", "Bad", "Good", "Fix safety", "How sure", "References")
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """One example of a rule's docstring."""

    is_bad: bool
    language: str
    """A key of `testing.SUFFIXES`."""

    text: str


class Option(NamedTuple):
    """One option of a rule."""

    name: str
    type_name: str
    default: object
    description: str


def _doc(rule: type[Rule[Any]]) -> str:
    return inspect.cleandoc(rule.__doc__ or "")


def summary(rule: type[Rule[Any]]) -> str:
    """Give the first sentence of the docstring, which describes the fault."""
    return _doc(rule).partition("\n\n")[0].replace("\n", " ").strip()


def sections(rule: type[Rule[Any]]) -> dict[str, str]:
    """Split the docstring into its sections, in the order written."""
    pieces = _HEADING.split(_doc(rule))
    return {
        title.strip(): text.strip() for title, text in zip(pieces[1::2], pieces[2::2], strict=True)
    }


def examples(rule: type[Rule[Any]]) -> list[Example]:
    """List the examples of the sections Bad and Good."""
    found = []
    for title, text in sections(rule).items():
        if title in {"Bad", "Good"}:
            found += [Example(title == "Bad", m[1], m[2]) for m in _FENCE.finditer(text)]
    return found


def options(rule: type[Rule[Any]]) -> list[Option]:
    """List a rule's options with the docstrings that stand under its fields."""
    if not rule.option_names:
        return []
    import ast  # noqa: PLC0415  # only pages and schemas need the source
    import textwrap  # noqa: PLC0415

    tree = ast.parse(textwrap.dedent(inspect.getsource(rule)))
    found = []
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    for field, following in zip(body, [*body[1:], None], strict=True):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        name = field.target.id
        if name not in rule.option_names:
            continue
        text = ""
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            text = inspect.cleandoc(str(following.value.value))
        type_name = ast.unparse(field.annotation)
        found.append(Option(name, type_name, getattr(rule, name), text))
    return found


def page(rule: type[Rule[Any]]) -> str:
    """Write a rule's page in Markdown."""
    family = rule.__module__.split(".")[-2]
    needs = ", ".join(sorted(rule.needs)) or "files only"
    lines = [
        f"# {rule.name}",
        "",
        summary(rule),
        "",
        "| severity | family | judges | needs |",
        "| --- | --- | --- | --- |",
        f"| {rule.severity.level} | {family} | {rule.kind.kind} | {needs} |",
    ]
    for title, text in sections(rule).items():
        lines += ["", f"## {title}", "", text]
    described = options(rule)
    if described:
        lines += [
            "",
            "## Options",
            "",
            "| option | type | default | |",
            "| --- | --- | --- | --- |",
        ]
        lines += [
            f"| `{o.name}` | {o.type_name} | `{o.default!r}` | {' '.join(o.description.split())} |"
            for o in described
        ]
    if rule.supersedes:
        names = ", ".join(f"`{n}`" for n in rule.supersedes)
        lines += ["", f"Its findings replace those of {names} on the same resource."]
    if rule.formerly:
        lines += ["", f"Formerly {', '.join(rule.formerly)}."]
    return "\n".join(lines) + "\n"


def fix_kinds(rule: type[Rule[Any]]) -> list[str]:
    """List how far the fixes that a rule can offer may be trusted.

    The source of the rule says it, with that of the functions of its pack that it calls.
    """
    source = inspect.getsource(rule)
    names = vars(inspect.getmodule(rule))
    source += "".join(_called(source, names, rule.__module__.partition(".")[0], set()))
    return [word.lower() for word in ("SAFE", "UNSAFE", "DISPLAY") if _applies(word, source)]


def _called(source: str, names: Mapping[str, object], pack: str, seen: set[str]) -> Iterator[str]:
    for name in re.findall(r"\b(\w+)\(", source):
        found = names.get(name)
        is_ours = inspect.isfunction(found) and found.__module__.partition(".")[0] == pack
        if not inspect.isfunction(found) or not is_ours or name in seen:
            continue
        seen.add(name)
        own = inspect.getsource(found)
        yield own
        yield from _called(own, found.__globals__, pack, seen)


def _applies(word: str, source: str) -> bool:
    return re.search(rf"Applicability\.{word}\b", source) is not None


def inputs(kind: type[Resource]) -> list[str]:
    """List the inputs that can carry a property of a kind of resource or of a derived one."""
    kinds = [k for k in KINDS if issubclass(k, kind)] or [kind]
    dialects = {d for k in kinds for p in k.properties() for d in p.spellings}
    dialects |= {like for like, other in LIKE.items() if other in dialects}
    names = {
        "arm": "ARM JSON",
        "azurerm": "Terraform",
        "cli": "az ml YAML",
        "python": "Python",
        "sdk_v1": "Python SDK v1",
        "sdk_v2": "Python SDK v2",
        "terraform": "Terraform",
    }
    return sorted({names.get(d, d) for d in dialects})
