import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint import config
from azmlint.engine.bindings import Bindings
from azmlint.engine.init import Deployment, Facts, Workspace, guess, render
from azmlint.sources.document import Binding

TEMPLATE = '{"$schema": "https://schema.management.azure.com/x/deploymentTemplate.json#"}'


def tree(root, **files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def guessed(root, files):
    tree(root, **files)
    return tomllib.loads(guess(root))


def test_nothing_to_guess_from_gives_comments_only(tmp_path):
    text = guess(tmp_path)

    assert tomllib.loads(text) == {}
    assert "# [[workspaces]]" in text
    assert "# [[deployments]]" in text


def test_what_is_written_loads_again(tmp_path):
    tree(
        tmp_path,
        **{
            ".azureml/config.json": json.dumps(
                {"subscription_id": "s", "resource_group": "g", "workspace_name": "w"}
            ),
            "infra/main.json": TEMPLATE,
            "infra/main.parameters.json": "{}",
        },
    )
    (tmp_path / "azmlint.toml").write_text(guess(tmp_path))

    found = config.load(tmp_path, None, {}, ())

    assert [w.name for w in found.workspaces] == ["w"]
    assert [d.parameters for d in found.deployments] == [("infra/main.parameters.json",)]


def test_the_examples_in_comments_are_valid_too(tmp_path):
    lines = guess(tmp_path).splitlines()
    shown = [line.removeprefix("# ") for line in lines if " = " in line or "# [" in line]
    rules = {"old-api-version": ()}
    (tmp_path / "azmlint.toml").write_text("\n".join(shown))

    found = config.load(tmp_path, None, rules, {"locks", "network"})

    assert found.workspaces
    assert found.deployments
    assert found.production_tags == (("env", "prod"),)


def test_azureml_config_gives_a_workspace_for_its_folder(tmp_path):
    found = guessed(
        tmp_path,
        {
            "team/.azureml/config.json": json.dumps(
                {"subscription_id": "<id>", "resource_group": "g", "workspace_name": "w"}
            ),
            "other/config.json": '{"workspace_name": 3}',
            "bad/config.json": "{",
        },
    )

    assert found["workspaces"] == [{"paths": ["team/**"], "name": "w", "resource_group": "g"}]


def test_a_script_says_where_files_go(tmp_path):
    found = guessed(
        tmp_path,
        {
            "computes/a.yml": "name: a",
            "computes/b.yml": "name: b",
            "infra/main.json": TEMPLATE,
            "infra/prod.json": "{}",
            "deploy.sh": (
                "RG=rg-fraud\n"
                "az account set -s 1234\n"
                'az configure --defaults group="$RG" workspace=fraud\n'
                "az ml compute create -f computes/a.yml\n"
                "az ml compute create \\\n  --file computes/b.yml -w fraud\n"
                "# az ml compute create -f computes/a.yml -w no\n"
                "az deployment group create -g ${RG} --template-file infra/main.json "
                "--parameters @infra/prod.json name=x\n"
            ),
        },
    )

    assert found["workspaces"] == [
        {
            "paths": ["computes/a.yml", "computes/b.yml"],
            "name": "fraud",
            "resource_group": "rg-fraud",
            "subscription": "1234",
        }
    ]
    assert found["deployments"] == [
        {
            "paths": ["infra/main.json"],
            "resource_group": "rg-fraud",
            "subscription": "1234",
            "parameters": ["infra/prod.json"],
        }
    ]


def test_a_pipeline_says_it_too(tmp_path):
    found = guessed(
        tmp_path,
        {
            "computes/a.yml": "name: a",
            ".github/workflows/ci.yml": (
                "env:\n  RG: rg-fraud\nsteps:\n"
                "- run: az ml compute create -f computes/a.yml -g ${{ env.RG }} -w ${{ vars.WS }}\n"
                "- run: az ml compute create -f computes/a.yml -g ${{ env.RG }} -w fraud\n"
            ),
        },
    )

    assert found["workspaces"] == [
        {"paths": ["computes/a.yml"], "name": "fraud", "resource_group": "rg-fraud"}
    ]


def test_what_a_variable_hides_is_left_to_be_filled_in(tmp_path):
    tree(
        tmp_path,
        **{
            "infra/main.json": TEMPLATE,
            "d.sh": "az deployment group create -g $1 -f infra/main.json",
        },
    )

    text = guess(tmp_path)

    assert tomllib.loads(text)["deployments"] == [{"paths": ["infra/main.json"]}]
    assert '# resource_group = "..."' in text


def test_of_several_parameter_files_none_is_chosen(tmp_path):
    files = {"a.json": TEMPLATE, "a.parameters.dev.json": "{}", "a.parameters.prod.json": "{}"}
    tree(tmp_path, **files)

    text = guess(tmp_path)

    assert tomllib.loads(text)["deployments"] == [{"paths": ["/a.json"]}]
    assert "# From the files beside it: a.parameters.dev.json, a.parameters.prod.json" in text


def test_what_two_deployments_of_a_template_disagree_on_is_left_open(tmp_path):
    script = (
        "az deployment group create -g rg-dev -f a.json -p @a.dev.json --subscription s\n"
        "az deployment group create -g rg-prod -f a.json -p @a.prod.json --subscription s\n"
    )
    files = {"a.json": TEMPLATE, "a.dev.json": "{}", "a.prod.json": "{}", "deploy.sh": script}

    found = guessed(tmp_path, files)

    assert found["deployments"] == [{"paths": ["/a.json"], "subscription": "s"}]


def test_a_path_is_guessed_to_mean_itself_alone(tmp_path):
    found = guessed(
        tmp_path, {"a[1].json": TEMPLATE, "a[1].parameters.json": "{}", "sub/a[1].json": "{}"}
    )

    assert found["deployments"][0]["paths"] == ["/a\\[1].json"]


_TEXT = st.text(max_size=20)
_SOME = st.none() | _TEXT.filter(str.strip)


@given(
    st.lists(
        st.builds(Workspace, st.lists(_TEXT, min_size=1).map(tuple), _SOME, _SOME, _SOME, _TEXT),
        max_size=3,
    ),
    st.lists(
        st.builds(
            Deployment,
            st.lists(_TEXT, min_size=1).map(tuple),
            _SOME,
            _SOME,
            st.none(),
            st.lists(_TEXT).map(tuple),
            _TEXT,
        ),
        max_size=3,
    ),
)
def test_whatever_was_found_is_written_as_valid_toml(workspaces, deployments):
    text = render(Facts(tuple(workspaces), tuple(deployments)))

    found = tomllib.loads(text)

    assert [w.get("name") for w in found.get("workspaces", [])] == [w.name for w in workspaces]
    assert [tuple(d["paths"]) for d in found.get("deployments", [])] == [
        d.paths for d in deployments
    ]


@pytest.mark.parametrize("name", ["x.sh", "x.yml"])
def test_a_script_that_is_no_text_says_nothing(tmp_path, name):
    (tmp_path / name).write_bytes(b"az ml compute create\0")

    assert tomllib.loads(guess(tmp_path)) == {}


HOME = json.dumps({"subscription_id": "s", "resource_group": "g", "workspace_name": "w"})


def settled(root, files):
    tree(root, **files)
    (root / "azmlint.toml").write_text(guess(root), encoding="utf-8")
    return config.load(root, None, {}, ())


def test_what_is_guessed_binds_the_files(tmp_path):
    script = "az deployment group create -g g -f infra/main.json -p infra/prod.json x=1"
    files = {"deploy.sh": script, "infra/main.json": TEMPLATE, "infra/prod.json": "{}"}

    bindings = Bindings(settled(tmp_path, {**files, "team/.azureml/config.json": HOME}))

    assert bindings.binding("team/deep/c.yml") == Binding("s", "g", "w")
    bound = bindings.binding("infra/main.json")
    assert (bound.resource_group, bound.parameters) == ("g", ("infra/prod.json",))


def test_a_folder_with_pattern_signs_means_itself(tmp_path):
    bindings = Bindings(settled(tmp_path, {"a[1]/.azureml/config.json": HOME}))

    assert bindings.binding("a[1]/c.yml").workspace == "w"
    assert bindings.binding("a1/c.yml").workspace is None


def test_a_file_that_git_ignores_is_seen_at_the_root(tmp_path):
    found = settled(tmp_path, {".gitignore": ".azureml\n", ".azureml/config.json": HOME})

    assert [w.name for w in found.workspaces] == ["w"]


@pytest.mark.parametrize("text", ["{", "[]", "[" * 100_000, '{"workspace_name": 3}', "\0"])
def test_a_broken_file_says_nothing(tmp_path, text):
    assert not settled(tmp_path, {".azureml/config.json": text}).workspaces


@pytest.mark.parametrize(
    ("path", "script"),
    [
        ("deploy.ps1", "az ml compute create --file infra\\c.yml `\n -g g -w w\n"),
        ("deploy.sh", "az configure -d group=g workspace=w\naz ml compute create -f infra/c.yml"),
        ("infra/deploy.sh", "az ml compute update --file=c.yml -g g --workspace-name=w\n"),
        ("ci.yml", "env:\n  g: g\na:\n- run: az ml compute create -f c.yml -g ${{ env.g }} -w w"),
    ],
)
def test_commands_are_read_however_they_are_written(tmp_path, path, script):
    found = settled(tmp_path, {path: script, "infra/c.yml": "name: c\ntype: amlcompute\n"})

    said = [(w.paths, w.name, w.resource_group) for w in found.workspaces]
    assert said == [(("infra/c.yml",), "w", "g")]


@pytest.mark.parametrize(
    "script",
    [
        "az ml compute create -f missing.yml -g g -w w\n",
        "az ml compute create -n c --type amlcompute -g g -w w\n",
        "az ml compute list -f c.yml -g g -w w\n",
    ],
)
def test_commands_that_name_no_file_of_the_project_say_nothing(tmp_path, script):
    found = settled(tmp_path, {"deploy.sh": script, "c.yml": "name: c\ntype: amlcompute\n"})

    assert not found.workspaces


def test_one_file_of_values_belongs_to_its_configuration(tmp_path):
    found = guessed(
        tmp_path,
        {
            "infra/main.tf": "",
            "infra/env/prod.tfvars": "",
            "infra/x.auto.tfvars": "",
            "two/main.tf": "",
            "two/a.tfvars": "",
            "two/b.tfvars": "",
            "own/main.tf": "",
            "own/terraform.tfvars": "",
        },
    )

    assert found["deployments"] == [
        {"paths": ["infra/*.tf"], "parameters": ["infra/env/prod.tfvars"]}
    ]


BICEP = "param location string\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("infra/main.bicepparam", "using './main.bicep'\n"),
        ("infra/p/dev.bicepparam", "using '../main.bicep'\n"),
        ("infra/main.parameters.json", "{}"),
    ],
)
def test_a_parameter_file_of_bicep_names_a_deployment(tmp_path, path, text):
    (found,) = settled(tmp_path, {"infra/main.bicep": BICEP, path: text}).deployments

    assert (found.paths, found.parameters) == (("infra/main.bicep",), (path,))


def test_a_parameter_file_without_a_template_names_none(tmp_path):
    files = {"infra/main.bicep": BICEP, "a.bicepparam": "using none\n"}

    assert not settled(tmp_path, files).deployments


def test_a_command_deploys_what_its_parameter_file_is_for(tmp_path):
    script = "az deployment group create -g rg -p infra/main.bicepparam\n"
    files = {"infra/main.bicep": BICEP, "infra/main.bicepparam": "using 'main.bicep'\n"}
    (found,) = settled(tmp_path, {"deploy.sh": script, **files}).deployments

    assert (found.paths, found.resource_group) == (("infra/main.bicep",), "rg")
    script = "az deployment sub create -f infra/main.bicep -l westeurope\n"
    (other,) = settled(tmp_path / "b", {"deploy.sh": script, "infra/main.bicep": BICEP}).deployments
    assert (other.paths, other.parameters) == (("infra/main.bicep",), ())
