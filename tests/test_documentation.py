"""The documentation speaks of things that exist, and of all that should be spoken of."""

from __future__ import annotations

import re
import textwrap
import tomllib
from importlib import import_module
from pathlib import Path

import click
import pytest

import azmlint
from azmlint import catalog, testing
from azmlint.cli import azmlint as command_line
from azmlint.cli import run
from azmlint.engine.own import OWN_RULES
from azmlint.engine.packs import entries, rule_classes

ROOT = Path(__file__).parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "rules" / "README.md",
]
FENCE = re.compile(r"^(```+|~~~+).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def prose(path):
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def anchors(path):
    titles = [re.sub(r"[^\w\- ]", "", t.strip().lower()) for t in HEADING.findall(prose(path))]
    return {t.replace(" ", "-") for t in titles}


def commands():
    context = click.Context(command_line)
    names = command_line.list_commands(context)
    return {name: command_line.get_command(context, name) for name in names}


def options():
    return {o for c in (command_line, *commands().values()) for p in c.params for o in p.opts}


def dependencies():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    return {re.split(r"[\[>=<]", d)[0] for listed in lists for d in listed}


def is_named(dotted):
    """Whether a dotted name is one of the packages', with or without `azmlint.` before it."""
    parts = dotted.split(".")
    if parts[0] not in {"azmlint", "azmlint_rules"}:
        if hasattr(azmlint, parts[0]) and parts[0][0].isupper():
            return has(azmlint, parts)
        parts.insert(0, "azmlint")
    for length in range(len(parts), 0, -1):
        try:
            module = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        return has(module, parts[length:])
    return False


def has(thing, names):
    for name in names:
        if name in getattr(thing, "__slots__", ()):
            return True
        if not hasattr(thing, name):
            return name in getattr(thing, "__annotations__", {})
        thing = getattr(thing, name)
    return True


def is_there(word):
    word = word.removesuffix("()")
    if word.startswith("azmlint "):
        return word.split()[1] in commands() or word.split()[1] in options()
    if word.startswith("--"):
        return word in options()
    if "/" in word or word.startswith("."):
        return any(ROOT.glob(word.rstrip("/")))
    if (ROOT / word).exists() or word in dependencies() or word in entries() or word in OWN_RULES:
        return True
    return re.fullmatch(r"\w+(\.\w+)*", word) is not None and is_named(word)


def test_the_architecture_names_what_exists():
    words = set(CODE.findall(prose(ROOT / "docs" / "architecture.md")))

    assert len(words) > 50
    assert sorted(w for w in words if not is_there(w)) == []


@pytest.mark.parametrize(
    "word",
    ["engine.run.walk", "Estate.nobody", "docs/gone.md", "--nothing", "azmlint fly", "gone.py"],
)
def test_what_does_not_exist_is_noticed(word):
    assert not is_there(word)


def test_every_module_of_the_engine_is_in_the_architecture():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    folder = ROOT / "linter" / "azmlint"
    names = {p.stem for p in folder.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    public = {n for n in names if not n.startswith("__")}

    assert sorted(n for n in public if f"`{n}`" not in text and f"`{n}/`" not in text) == []


def test_the_architecture_says_whether_the_azure_sdk_is_in_use():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    is_used = (ROOT / "linter" / "azmlint" / "azure").exists()

    assert ("never yet" in text) == (not is_used)


@pytest.mark.parametrize("name", commands())
def test_every_command_is_described(name):
    text = "\n".join(p.read_text(encoding="utf-8") for p in PAGES)

    assert re.search(rf"^## azmlint {name}$", text, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_relative_links_resolve(page):
    broken = []
    for link in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("info", OWN_RULES.values(), ids=OWN_RULES)
def test_a_finding_of_the_engine_leads_to_its_place_on_the_page(info):
    path, _, anchor = info.help_uri.partition("#")
    page = ROOT / "docs" / "engine-findings.md"

    assert path.endswith("/docs/engine-findings.md")
    assert anchor in anchors(page)
    assert info.help_markdown.partition("\n\n")[2] in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("info", OWN_RULES.values(), ids=OWN_RULES)
def test_a_finding_of_the_engine_is_explained_by_the_same_text(info, capsys):
    code = run(["explain", info.name])

    assert code == 0
    assert capsys.readouterr().out == info.help_markdown


def test_a_finding_of_a_rule_leads_to_its_page():
    missing = [
        entry.name
        for entry in entries().values()
        if not (ROOT / "rules" / "docs" / entry.help_uri.rpartition("/")[2]).exists()
    ]

    assert missing == []


def test_the_recipe_for_a_rule_makes_a_rule(tmp_path, monkeypatch):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^   ```python\n(.*?)^   ```$", text, re.MULTILINE | re.DOTALL)
    folder = tmp_path / "recipe_pack" / "access"
    folder.mkdir(parents=True)
    for place in (folder.parent, folder):
        (place / "__init__.py").touch()
    (folder / "instance_kept_on.py").write_text(textwrap.dedent(code), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    rule = rule_classes("recipe_pack")["instance-kept-on"]
    verdicts = [
        (example.is_bad, bool(testing.check({"a.yml": example.text}, [rule]).findings))
        for example in catalog.examples(rule)
    ]

    assert verdicts == [(True, True), (False, False)]
    assert list(catalog.sections(rule)) == list(catalog.SECTIONS)
