"""What the front page says is so."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import click
import pytest

from azmlint import cli
from azmlint.config import read
from azmlint.engine.packs import BUILT_IN, index_of

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
CONTOSO = ROOT / "fixtures" / "estates" / "contoso"
RULES = index_of(BUILT_IN)["rules"]


def code():
    """Give the lines of code blocks and the spans of code in the text."""
    blocks = re.findall(r"^```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    text = re.sub(r"^```.*?^```", "", PAGE, flags=re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()] + re.findall(
        r"`([^`\n]+)`", text
    )


def commands():
    for line in code():
        for part in line.removeprefix("      - run: ").split("&&"):
            words = shlex.split(part, comments=True) if "azmlint" in part else []
            if len(words) > 1 and words[0] == "azmlint":
                yield pytest.param(words[1:], id=" ".join(words))


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("words", list(commands()))
def test_the_command_line_takes_every_command(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in (Path(word) for word in words if word.endswith(".json")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    context = click.Context(cli.azmlint)
    command = cli.azmlint.get_command(context, words[0])

    assert command is not None
    command.make_context(words[0], words[1:])


def test_both_commands_to_try_are_there():
    both = [line for line in code() if line.startswith("python3 -m venv")]

    assert len(both) == 2
    assert both[0].endswith(
        "&& pip install . && azmlint check --exit-zero fixtures/estates/contoso"
    )
    assert both[1].endswith("&& pip install '.[test]' && pytest")


def test_the_finding_shown_is_on_screen(capsys):
    code = cli.run(["check", "--exit-zero", "--no-color", str(CONTOSO)])
    shown, *_ = blocks("text")

    assert code == 0
    assert shown in capsys.readouterr().out


def test_what_is_shown_of_snapshots_is_on_screen(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    _, *shown = blocks("text")
    lines = [line for line in code() if "--snapshot fixtures/" in line]
    told = []
    for line in lines:
        assert cli.run([*shlex.split(line)[1:], "--no-color"]) in {0, 3}
        told.append(capsys.readouterr().out)

    assert [words.split()[1] for words in lines] == ["audit", "diagnose", "capacity"]
    assert all(block in out for block, out in zip(shown, told, strict=True))


def test_the_number_of_planted_problems_is_right(capsys):
    cli.run(["check", "--format", "json", str(CONTOSO)])
    found = json.loads(capsys.readouterr().out)["findings"]

    assert f"with {len(found)} planted problems" in PAGE


def test_every_family_is_in_the_table():
    families = re.findall(r"^\| \[(\w+)\]\(rules/README\.md#\1\) \|", PAGE, re.MULTILINE)

    assert sorted(families) == sorted({row["family"] for row in RULES.values()})


def test_the_configuration_shown_is_accepted(tmp_path):
    (shown,) = blocks("toml")
    (tmp_path / "azmlint.toml").write_text(shown, encoding="utf-8")
    (tmp_path / "cluster.yml").write_text("", encoding="utf-8")

    assert read(tmp_path, None) is not None
    assert cli.run(["check", str(tmp_path)]) == 0


def test_links_lead_to_files():
    for target in re.findall(r"\]\(([^)#]+)", PAGE):
        assert target.startswith("https://") or (ROOT / target).exists(), target


def test_exit_codes_are_all_told():
    assert re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE) == ["0", "1", "2", "3"]
