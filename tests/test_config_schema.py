"""What the description of a configuration refuses, and the JSON Schema made from it."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from azmlint import config
from azmlint.config_schema import RuleOptions, json_schema, misfit, type_schema
from azmlint.errors import ConfigError

RULES = {"idle-too-long": ("seconds", "severity"), "min-nodes": ("tags",)}


def problems(tmp_path, text, rules=RULES):
    (tmp_path / "azmlint.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path, None, rules, {"scale"}, {"idle-long": "idle-too-long"})
    return str(caught.value).removeprefix("azmlint.toml: ")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("profile = true", "profile: must be one of default, strict, not true"),
        ("profile = 3", "profile: must be one of default, strict, not 3"),
        ('profile = ""', "profile: must be one of default, strict, not ''"),
        ('extends = " "', "extends: must not be empty"),
        ("select = [3]", "select[0]: must be the name of a rule, not 3"),
        ('enforce = ["scale"]', "enforce[0]: 'scale' is a family, but only single rules can stand"),
        ("pack_seconds = true", "pack_seconds: must be a number of seconds above 0, not true"),
        ("pack_seconds = -1.5", "pack_seconds: must be a number of seconds above 0, not -1.5"),
        ('pack_seconds = "1"', "pack_seconds: must be a number of seconds above 0, not '1'"),
        ("pack_seconds = nan", "pack_seconds: must be a number of seconds above 0, not nan"),
        ("production = 3", "production: must be a table, not 3"),
        ("production.tags = 3", "production.tags: must be a table of texts, not 3"),
        ("production.tags.env = 3", "production.tags.env: must be a text, not 3"),
        ('production.tags."a b" = [3]', 'production.tags."a b": must be a text, not 3'),
        ("rules = 3", "rules: must be a table, not 3"),
        ("rules.idle-too-long = 3", "rules.idle-too-long: must be a table, not 3"),
        ("rules.scale.x = 3", "rules.scale: 'scale' is a family, but only single rules can stand"),
        ("rules.idle-long.second = 3", "rules.idle-long.second: the rule has no option 'second'"),
        (
            '[[workspaces]]\npaths = ["x"]\nname = "n"\npublic_network_access = "maybe"',
            "workspaces[0].public_network_access: must be true, false, Enabled or Disabled",
        ),
        (
            '[[ignore]]\nrule = "scale"\npath = "x"\nreason = "r"\nuntil = 2027-01-31T10:00:00',
            "ignore[0].until: must be a date such as 2027-01-31, not",
        ),
        (
            '[[ignore]]\nrule = "scale"\npath = "x"\nreason = "r"\nuntil = "31.1.2027"',
            "ignore[0].until: must be a date such as 2027-01-31, not '31.1.2027'",
        ),
        (
            f'profile = "{"x" * 100}"',
            "profile: must be one of default, strict, not '...'",
        ),
        ("ignore = [[]]", "ignore[0]: must be"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(tmp_path, text, problem):
    assert problems(tmp_path, text).startswith(problem)


def test_an_option_called_severity_is_the_rules_own(tmp_path):
    (tmp_path / "azmlint.toml").write_text(
        'rules.idle-too-long.severity = 7\nrules.min-nodes.severity = "note"\n'
    )
    found = config.load(tmp_path, None, RULES, {"scale"})

    assert found.rule_options["idle-too-long"] == {"severity": 7}
    assert set(found.severities) == {"min-nodes"}


def test_a_day_can_be_a_text(tmp_path):
    (tmp_path / "azmlint.toml").write_text(
        'ignore = [{rule = "scale", path = "x", reason = "r", until = "2027-01-31"}]'
    )

    assert config.load(tmp_path, None, RULES, {"scale"}).ignores[0].until == dt.date(2027, 1, 31)


@pytest.mark.parametrize(
    ("type_name", "good", "bad", "expected"),
    [
        ("int", 3, "x", "a whole number"),
        ("int", 3, True, "a whole number"),
        ("int", 3, 1.5, "a whole number"),
        ("float", 1, "x", "a number"),
        ("str", "x", 3, "a text"),
        ("bool", False, 0, "true or false"),
        ("str | None", "x", 3, "a text"),
        ("int | str", "x", [], "a whole number or a text"),
        ("Literal['a', 'b']", "a", "c", "one of a, b"),
        ("tuple[str, ...]", ["x"], "x", "a list"),
        ("tuple[str, ...]", [], [3], "a list of which each item is a text"),
        ("frozenset[int]", [1], ["x"], "a list of which each item is a whole number"),
        ("dict[str, int]", {"a": 1}, [], "a table"),
        ("dict[str, int]", {"a": 1}, {"a": "x"}, "a table of which each item is a whole number"),
        ("Mapping[str, tuple[int, ...]]", {"a": [1]}, {"a": ["x"]}, "each item is a list of which"),
        ("list", ["x", 3], 3, "a list"),
        ("dict", {"x": 3}, 3, "a table"),
    ],
)
def test_options_are_held_to_their_types(type_name, good, bad, expected):
    schema = type_schema(type_name)

    assert misfit(good, schema) is None
    wrong = misfit(bad, schema)
    assert wrong is not None
    assert expected in wrong


def test_a_type_that_nobody_knows_takes_anything():
    assert type_schema("Callable[[int], str]") == {}
    assert misfit(object(), {}) is None


def test_defaults_of_options_stand_in_the_schema():
    rules = [
        RuleOptions(
            "idle-too-long",
            {
                "seconds": ("int", 3, "How long."),
                "names": ("frozenset[str]", frozenset({"b", "a"}), "Names."),
                "pairs": ("tuple[int, ...]", (1, 2), "Pairs."),
                "table": ("dict[str, int]", {"x": 1}, "A table."),
            },
        )
    ]
    schema = json_schema(rules)
    options = schema["properties"]["rules"]["properties"]["idle-too-long"]["properties"]

    assert json.dumps(schema)
    assert options["names"]["default"] == ["a", "b"]
    assert options["pairs"]["default"] == [1, 2]
    assert options["table"]["default"] == {"x": 1}
    assert options["seconds"]["description"] == "How long."


def test_several_problems_come_in_one_message(tmp_path):
    lines = problems(tmp_path, "profile = 3\nundecided = 4\n").splitlines()

    assert len(lines) == 2


def test_an_option_of_the_wrong_type_names_its_file(tmp_path):
    (tmp_path / "azmlint.toml").write_text("rules.min-nodes.tags = 3\n")
    found = config.load(tmp_path, None, RULES, {"scale"})

    with pytest.raises(ConfigError, match=r"azmlint\.toml: rules\.min-nodes\.tags: must be a list"):
        found.check_options([RuleOptions("min-nodes", {"tags": ("tuple[str, ...]", (), "")})])


def test_options_that_nobody_describes_are_not_held(tmp_path):
    (tmp_path / "azmlint.toml").write_text("rules.min-nodes.tags = 3\n")
    found = config.load(tmp_path, None, RULES, {"scale"})

    found.check_options([RuleOptions("min-nodes", {}), RuleOptions("other", {})])

    assert found.rule_options == {"min-nodes": {"tags": 3}}


def test_a_project_file_that_extends_nothing_of_ours(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'azmlint-user'\n")
    (tmp_path / "azmlint.toml").write_text('extends = "pyproject.toml"\n')
    assert config.load(tmp_path, None, RULES, {"scale"}).profile == "default"

    (tmp_path / "pyproject.toml").write_text("[tool]\nazmlint = 3\n")
    with pytest.raises(ConfigError, match=r"tool\.azmlint: must be a table"):
        config.load(tmp_path, None, RULES, {"scale"})


def test_a_configuration_that_is_too_long_is_refused(tmp_path):
    (tmp_path / "azmlint.toml").write_text("#" * (config.SIZE_LIMIT + 1))

    with pytest.raises(ConfigError, match="is longer than 2 MB"):
        config.load(tmp_path, None, RULES, {"scale"})


def test_a_file_that_is_a_folder_is_told(tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "azmlint.toml").write_text('extends = "shared"\n')

    with pytest.raises(ConfigError, match="there is no file 'shared'"):
        config.load(tmp_path, None, RULES, {"scale"})
