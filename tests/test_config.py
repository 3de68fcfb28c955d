import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest

from azmlint import config
from azmlint.catalog import options
from azmlint.config_schema import RuleOptions, schema_text
from azmlint.engine import packs
from azmlint.engine.own import OWN_RULES
from azmlint.errors import ConfigError
from azmlint.finding import Severity

RULES = {
    "idle-timeout-too-long": ("seconds",),
    "min-nodes-above-zero": (),
    "old-api-version": (),
    "group-lock": (),
}
FAMILIES = {"scale", "locks", "tooling"}
FORMERLY = {"idle-too-long": "idle-timeout-too-long"}


def load(folder, explicit=None):
    return config.load(folder, explicit, RULES, FAMILIES, FORMERLY)


def loaded(tmp_path, text):
    (tmp_path / "azmlint.toml").write_text(text)
    return load(tmp_path)


def problems(tmp_path, text):
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    assert caught.value.exit_code == 2
    return str(caught.value).splitlines()


def test_without_a_file_the_defaults_hold(tmp_path):
    found = load(tmp_path)

    assert found.path is None
    assert found.root == tmp_path
    assert found.profile == "default"
    assert found.fail_on is Severity.WARNING
    assert found.min_severity is Severity.NOTE
    assert found.packs == ("azmlint_rules",)


def test_every_key_is_read(tmp_path):
    found = loaded(
        tmp_path,
        """
profile = "strict"
select = ["scale", "idle-too-long"]
ignore = ["old-api-version", {rule = "scale", path = "a/*.yml", reason = "r", until = 2027-01-31}]
default_notes = ["old-api-version"]
fail_on = "none"
min_severity = "error"
undecided = "fail"
fail_on_skip = true
exclude = ["examples/"]
complete = true
[production]
workspaces = ["fraud"]
tags = {env = ["prod", "live"], critical = "*"}
[rules.idle-timeout-too-long]
seconds = 600
severity = "note"
[[workspaces]]
paths = ["computes/**"]
name = "fraud"
location = "westeurope"
public_network_access = "Disabled"
managed_network = "allow_only_approved_outbound"
kind = "hub"
[[deployments]]
paths = ["infra/*.json"]
resource_group = "rg"
parameters = ["infra/p.json"]
""",
    )

    assert found.profile == "strict"
    assert found.select == ("scale", "idle-timeout-too-long")
    assert found.ignore == ("old-api-version",)
    assert found.fail_on is None
    assert found.min_severity is Severity.ERROR
    assert found.undecided == "fail"
    assert found.fail_on_skip
    assert found.complete
    assert found.exclude == ("examples/",)
    assert found.production_workspaces == ("fraud",)
    assert found.production_tags == (("env", "prod"), ("env", "live"), ("critical", None))
    assert found.rule_options == {"idle-timeout-too-long": {"seconds": 600}}
    assert found.severities == {"idle-timeout-too-long": Severity.NOTE}
    (ignore,) = found.ignores
    assert (ignore.rule, ignore.path, ignore.until) == ("scale", "a/*.yml", dt.date(2027, 1, 31))
    (workspace,) = found.workspaces
    assert workspace.public_network_access is False
    assert workspace.kind == "hub"
    (deployment,) = found.deployments
    assert deployment.parameters == ("infra/p.json",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('fail_onn = "error"', "azmlint.toml: fail_onn: unknown key, did you mean 'fail_on'?"),
        (
            'fail_on = "eror"',
            (
                "azmlint.toml: fail_on: must be one of error, warning, note, none, not 'eror', "
                "did you mean 'error'?"
            ),
        ),
        ("fail_on_skip = 1", "azmlint.toml: fail_on_skip: must be true or false, not 1"),
        ("exclude = 'x'", "azmlint.toml: exclude: must be a list, not 'x'"),
        ("exclude = [1]", "azmlint.toml: exclude[0]: must be a text, not 1"),
        ("production = 1", "azmlint.toml: production: must be a table, not 1"),
        ("rules = []", "azmlint.toml: rules: must be a table, not a list"),
        (
            'select = ["min-node-above-zero"]',
            (
                "azmlint.toml: select[0]: no rule or family is called 'min-node-above-zero', "
                "did you mean 'min-nodes-above-zero'?"
            ),
        ),
        (
            'enforce = ["scale"]',
            "azmlint.toml: enforce[0]: 'scale' is a family, but only single rules can stand here",
        ),
        (
            "[rules.idle-timeout-too-long]\nsecond = 1",
            (
                "azmlint.toml: rules.idle-timeout-too-long.second: the rule has no option "
                "'second', did you mean 'seconds'?"
            ),
        ),
        (
            "[rules.idle-timeout-to-long]\n",
            (
                "azmlint.toml: rules.idle-timeout-to-long: no rule is called "
                "'idle-timeout-to-long', did you mean 'idle-timeout-too-long'?"
            ),
        ),
        ('[[ignore]]\nrule = "scale"\npath = "x"', "azmlint.toml: ignore[0]: 'reason' is missing"),
        (
            '[[ignore]]\nrule = "scale"\nreason = "x"',
            "azmlint.toml: ignore[0]: 'path' or 'resource' is missing",
        ),
        (
            '[[ignore]]\nrule = "scale"\nreason = "x"\npath = "x"\nuntil = "31.1.2027"',
            "azmlint.toml: ignore[0].until: must be a date such as 2027-01-31, not '31.1.2027'",
        ),
        (
            '[[workspaces]]\npaths = ["x"]\nname = "x"\npublic_network_access = "no"',
            (
                "azmlint.toml: workspaces[0].public_network_access: must be true, false, Enabled "
                "or Disabled, not 'no'"
            ),
        ),
        ("x = = 1", "azmlint.toml:1:5: invalid value"),
        ("x = [", "azmlint.toml:1:6: invalid value"),
    ],
)
def test_a_mistake_is_one_line_with_the_key(tmp_path, text, expected):
    assert problems(tmp_path, text) == [expected]


def test_every_mistake_is_reported_at_once(tmp_path):
    lines = problems(tmp_path, 'profile = "lax"\nexclude = 3\nselct = []')

    assert [line.split(": ")[1] for line in lines] == ["profile", "exclude", "selct"]


def test_both_forms_of_ignore_in_one_file_are_explained(tmp_path):
    (line,) = problems(
        tmp_path, 'ignore = ["scale"]\n[[ignore]]\nrule = "scale"\nreason = "x"\npath = "y"'
    )

    assert "write both into one list" in line


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe\x00", b"x = " + b"[" * 5000, b"x = " + b"9" * 5000, b"\xef\xbb\xbfx = 1"]
)
def test_any_bytes_are_a_configuration_error(tmp_path, raw):
    (tmp_path / "azmlint.toml").write_bytes(raw)

    with pytest.raises(ConfigError, match=r"^azmlint\.toml"):
        load(tmp_path)


def test_the_nearest_file_upwards_counts(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "azmlint.toml").write_text('profile = "strict"')
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.azmlint]\ncomplete = true")
    (inner / "pyproject.toml").write_text("[tool.other]\nx = 'azmlint'")

    found = load(inner)

    assert found.path == tmp_path / "a" / "pyproject.toml"
    assert found.root == tmp_path / "a"
    assert found.complete
    assert found.profile == "default"


def test_the_search_ends_at_the_repository(tmp_path):
    inner = tmp_path / "repository" / "a"
    inner.mkdir(parents=True)
    (tmp_path / "azmlint.toml").write_text('profile = "strict"')
    (tmp_path / "repository" / ".git").mkdir()

    found = load(inner)

    assert found.path is None
    assert found.root == tmp_path / "repository"


def test_keys_of_pyproject_are_named_in_full(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.azmlint]\nprofil = 1")

    with pytest.raises(ConfigError, match=r"pyproject\.toml: tool\.azmlint\.profil: unknown key"):
        load(tmp_path)


def test_a_broken_pyproject_that_does_not_name_us_is_left_alone(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.")

    assert load(tmp_path).path is None


def test_a_missing_explicit_file_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="no such configuration file"):
        load(tmp_path, tmp_path / "missing.toml")


def test_a_file_elsewhere_does_not_move_the_root(tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    named = tmp_path / "shared" / "any.toml"
    named.write_text("complete = true")

    found = load(tmp_path / "repository", named)

    assert found.complete
    assert found.root == tmp_path / "repository"


def shared(tmp_path, ours, theirs):
    (tmp_path / "org").mkdir()
    (tmp_path / "repository").mkdir()
    (tmp_path / "org" / "azmlint.toml").write_text(theirs)
    (tmp_path / "repository" / "azmlint.toml").write_text(
        f'extends = "../org/azmlint.toml"\n{ours}'
    )
    return load(tmp_path / "repository")


def test_lists_add_tables_merge_and_the_nearer_file_wins(tmp_path):
    found = shared(
        tmp_path,
        'profile = "strict"\nexclude = ["a"]\n[rules.idle-timeout-too-long]\nseconds = 1',
        'profile = "default"\nfail_on = "error"\nexclude = ["b"]\n'
        '[rules.idle-timeout-too-long]\nseconds = 2\nseverity = "error"',
    )

    assert found.profile == "strict"
    assert found.fail_on is Severity.ERROR
    assert found.exclude == ("a", "b")
    assert found.rule_options["idle-timeout-too-long"] == {"seconds": 1}
    assert found.severities == {"idle-timeout-too-long": Severity.ERROR}
    assert found.files == ("azmlint.toml", "../org/azmlint.toml")


def test_an_enforced_rule_cannot_be_switched_off(tmp_path):
    found = shared(
        tmp_path,
        'select = ["locks"]\nignore = ["idle-timeout-too-long", "scale"]\n'
        '[rules.idle-timeout-too-long]\nseconds = 1\nseverity = "note"',
        'enforce = ["idle-timeout-too-long"]\n[rules.idle-timeout-too-long]\nseconds = 2',
    )

    assert found.chooses("idle-timeout-too-long", "scale")
    assert not found.chooses("min-nodes-above-zero", "scale")
    assert found.rule_options == {"idle-timeout-too-long": {"seconds": 2}}
    assert found.severities == {}
    assert len(found.without_effect) == 2
    assert all("../org/azmlint.toml enforces the rule" in text for _, text in found.without_effect)
    assert found.override(ignore=["idle-timeout-too-long"]).chooses(
        "idle-timeout-too-long", "scale"
    )


def test_files_hidden_from_an_enforced_rule_are_told_of(tmp_path):
    found = shared(tmp_path, 'exclude = ["old/"]', 'enforce = ["idle-timeout-too-long"]')

    ((_, text),) = found.without_effect
    assert text == ("exclude hides files from the rules that ../org/azmlint.toml enforces")


def test_a_shared_file_may_leave_files_out_itself(tmp_path):
    found = shared(tmp_path, "", 'exclude = ["old/"]\nenforce = ["idle-timeout-too-long"]')

    assert found.without_effect == ()


def test_a_repository_enforces_nothing_against_itself(tmp_path):
    found = loaded(tmp_path, 'enforce = ["group-lock"]\nignore = ["group-lock"]')

    assert not found.enforce
    assert not found.chooses("group-lock", "locks")


def test_a_circle_of_extends_is_named(tmp_path):
    with pytest.raises(ConfigError, match="extends: goes round in a circle"):
        shared(tmp_path, "", 'extends = "../repository/azmlint.toml"')


def test_a_missing_extended_file_is_named(tmp_path):
    assert problems(tmp_path, 'extends = "no.toml"') == [
        "azmlint.toml: extends: there is no file 'no.toml'"
    ]


def test_packs_are_taken_only_from_a_named_file(tmp_path):
    path = tmp_path / "azmlint.toml"
    path.write_text('packs = ["acme_rules"]')

    with pytest.raises(ConfigError, match="packs: rule packs run code"):
        config.read(tmp_path)
    assert config.read(tmp_path, path).packs == ("azmlint_rules", "acme_rules")


def test_the_command_line_wins(tmp_path):
    found = loaded(tmp_path, 'select = ["locks"]\nignore = ["old-api-version"]\nfail_on = "error"')

    changed = found.override(
        select=["old-api-version", "scale"], ignore=["min-nodes-above-zero"], fail_on="none"
    )

    assert changed.chooses("old-api-version", "tooling")
    assert changed.chooses("idle-timeout-too-long", "scale")
    assert not changed.chooses("min-nodes-above-zero", "scale")
    assert not changed.chooses("group-lock", "locks")
    assert changed.fail_on is None
    assert found.override().fail_on is Severity.ERROR


def test_an_unknown_name_on_the_command_line_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="--select: no rule or family is called 'scal', did you"):
        load(tmp_path).override(select=["scal"])


def test_a_rule_weighs_more_than_its_family(tmp_path):
    found = loaded(tmp_path, 'select = ["min-nodes-above-zero"]\nignore = ["scale"]')

    assert found.chooses("min-nodes-above-zero", "scale")
    assert not found.chooses("idle-timeout-too-long", "scale")


@pytest.mark.parametrize(
    ("type_name", "value", "expected"),
    [
        ("int", "600", None),
        ("int", "true", "must be a whole number, not True"),
        ("int", '"x"', "must be a whole number, not 'x'"),
        ("tuple[str, ...]", '["a"]', None),
        ("tuple[str, ...]", "[1]", "must be a list of which each item is a text, not (1,)"),
        ("int | None", "1.5", "must be a whole number, not 1.5"),
        ("Literal['a', 'b']", '"c"', "must be one of a, b, not 'c'"),
        ("Mapping[str, int]", "{a = 1}", None),
        ("Mapping[str, int]", '{a = "x"}', "must be a table of which each item is a whole"),
    ],
)
def test_options_are_held_to_their_types(tmp_path, type_name, value, expected):
    found = loaded(tmp_path, f"[rules.idle-timeout-too-long]\nseconds = {value}")
    described = [RuleOptions("idle-timeout-too-long", {"seconds": (type_name, 1, "x")})]

    if expected is None:
        found.check_options(described)
        assert found.rule_options
    else:
        with pytest.raises(ConfigError) as caught:
            found.check_options(described)
        assert expected in str(caught.value)


def test_an_ignore_knows_where_it_is_written(tmp_path):
    found = loaded(
        tmp_path,
        '[[ignore]]\nrule = "scale"\npath = "x"\nreason = "a"\n\n'
        '[[ignore]]\nrule = "locks"\npath = "y"\nreason = "b"\n',
    )

    lines = [i.place.document.position(i.place.start).line for i in found.ignores]

    assert lines == [1, 6]


def test_an_inline_ignore_knows_where_it_is_written(tmp_path):
    found = loaded(
        tmp_path,
        'ignore = [\n  "locks",\n  {rule = "scale", path = "x", reason = "because"},\n]\n',
    )

    (ignore,) = found.ignores

    assert ignore.place.text == "because"


def test_configuration_loads_no_parser_and_no_command_line():
    code = (
        "import sys, azmlint.config; "
        "print([m for m in ('click', 'yaml', 'networkx', 'dataclasses') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def described():
    return [
        RuleOptions(name, {o.name: (o.type_name, o.default, o.description) for o in options(rule)})
        for name, rule in packs.rule_classes("azmlint_rules").items()
    ]


def test_the_published_schema_is_up_to_date():
    published = Path(__file__).parent.parent / "docs" / "azmlint.schema.json"

    assert published.read_text(encoding="utf-8") == schema_text(described())


def validator():
    jsonschema = pytest.importorskip("jsonschema")
    schema = config.json_schema(
        [RuleOptions("idle-timeout-too-long", {"seconds": ("int", 120, "How long.")})]
    )
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize(
    ("data", "is_valid"),
    [
        ({"profile": "strict", "ignore": ["scale"]}, True),
        ({"profile": "lax"}, False),
        ({"unknown": 1}, False),
        ({"rules": {"idle-timeout-too-long": {"seconds": 1, "severity": "note"}}}, True),
        ({"rules": {"idle-timeout-too-long": {"seconds": "x"}}}, False),
        ({"rules": {"acme-rule": {"anything": 1}}}, True),
        ({"ignore": [{"rule": "scale", "reason": "x", "path": "y"}]}, True),
        ({"ignore": [{"rule": "scale", "path": "y"}]}, False),
        ({"workspaces": [{"paths": ["x"], "name": "y"}]}, True),
        ({"workspaces": [{"name": "y"}]}, False),
    ],
)
def test_the_schema_and_the_reader_agree(tmp_path, data, is_valid):
    check = validator()

    assert check.is_valid(data) is is_valid
    (tmp_path / "azmlint.toml").write_text(toml(data))
    rules = {**RULES, "acme-rule": ("anything",)}
    try:
        found = config.load(tmp_path, None, rules, FAMILIES)
        found.check_options(
            [RuleOptions("idle-timeout-too-long", {"seconds": ("int", 120, "How long.")})]
        )
    except ConfigError:
        accepted = False
    else:
        accepted = True
    assert accepted is is_valid


def toml(data):
    def inline(value):
        if isinstance(value, dict):
            return "{" + ", ".join(f"{k} = {inline(v)}" for k, v in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(inline, value)) + "]"
        return json.dumps(value)

    return "\n".join(f"{k} = {inline(v)}" for k, v in data.items())


def test_the_engines_own_rules_can_be_configured(tmp_path):
    (tmp_path / "azmlint.toml").write_text('ignore = ["file-not-read"]')

    found = config.load(tmp_path, None, dict.fromkeys(OWN_RULES, ()), {"engine"})

    assert not found.chooses("file-not-read", "engine")
