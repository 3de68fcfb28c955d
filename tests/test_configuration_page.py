"""The page about the configuration says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from azmlint.config import load
from azmlint.config_schema import FILE

PAGE = (Path(__file__).parent.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
RULES = {
    "declared-lock-blocks-scaling": (),
    "idle-timeout-unset": (),
    "min-nodes-above-zero": ("warm_pool_tag",),
    "old-api-version": (),
}
FAMILIES = ("access", "locks", "scale")


def test_every_key_is_in_the_table():
    rows = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)

    assert rows == list(FILE.keys)


@pytest.mark.parametrize("table", ["workspaces", "deployments", "ignore", "production", "policies"])
def test_every_key_of_a_table_is_mentioned(table):
    shape = FILE.keys[table]
    inner = getattr(shape, "item", shape)
    keys = getattr(inner, "table", inner).keys

    missing = [
        key for key in keys if not re.search(rf"`{key}`|^{key} = |\b{key} = ", PAGE, re.MULTILINE)
    ]

    assert not missing


@pytest.mark.parametrize("block", BLOCKS)
def test_every_example_is_a_valid_configuration(tmp_path, block):
    path = tmp_path / "project" / "azmlint.toml"
    shared = tmp_path / "platform" / "azmlint.toml"
    path.parent.mkdir()
    shared.parent.mkdir()
    shared.write_text("")
    path.write_text(block)

    assert load(path.parent, None, RULES, FAMILIES).path == path


def test_the_errors_shown_are_those_given(tmp_path):
    shown = re.findall(r"^azmlint\.toml: .*$", PAGE, re.MULTILINE)
    (tmp_path / "azmlint.toml").write_text('fail_onn = "x"\n[rules.min-node-above-zero]\n')

    with pytest.raises(Exception, match="unknown key") as caught:
        load(tmp_path, None, RULES, FAMILIES)

    assert str(caught.value).splitlines() == shown
