import json

import pytest

from azmlint import config
from azmlint.engine.bindings import Bindings
from azmlint.engine.run import Facts
from azmlint.expressions.term import Symbol
from azmlint.expressions.truth import Undecided
from azmlint.model.estate import Estate
from azmlint.model.resources import ComputeCluster
from azmlint.model.value import NotEditable
from azmlint.sources import load
from azmlint.sources.document import Binding, decode
from azmlint.sources.texts import Texts


def bindings(root, text=""):
    (root / "azmlint.toml").write_text(text)
    return Bindings(config.load(root, None, {}, ()))


def home(folder, **data):
    (folder / ".azureml").mkdir(parents=True)
    (folder / ".azureml" / "config.json").write_text(json.dumps(data))


def test_without_a_word_nothing_is_bound(tmp_path):
    assert bindings(tmp_path).binding("a/b.yml") == Binding()


def test_the_first_deployment_that_matches_counts(tmp_path):
    found = bindings(
        tmp_path,
        '[[deployments]]\npaths = ["infra/*.json"]\nsubscription = "s"\nresource_group = "g"\n'
        'location = "westeurope"\nparameters = ["p.json"]\n'
        '[[deployments]]\npaths = ["**"]\nresource_group = "other"',
    )

    assert found.binding("infra/a.json") == Binding("s", "g", None, "westeurope", ("p.json",))
    assert found.binding("x/a.json") == Binding(resource_group="other")


def test_azureml_config_binds_what_lies_below_it(tmp_path):
    home(tmp_path, subscription_id="s", resource_group="g", workspace_name="w")
    home(tmp_path / "a", subscription_id="<fill in>", resource_group="h", workspace_name="v")

    found = bindings(tmp_path)

    assert found.binding("x/y.yml") == Binding("s", "g", "w")
    assert found.binding("a/b/y.yml") == Binding(None, "h", "v")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is not valid JSON, so it names no workspace"),
        ("[]", "holds no JSON object, so it names no workspace"),
        ("[" * 100_000, "is not valid JSON, so it names no workspace"),
    ],
)
def test_a_bad_azureml_config_is_skipped_once(tmp_path, text, reason):
    (tmp_path / ".azureml").mkdir()
    (tmp_path / ".azureml" / "config.json").write_text(text)
    found = bindings(tmp_path)

    bound = [found.binding("a.yml"), found.binding("b/c.yml")]

    assert bound == [Binding(), Binding()]
    assert [(s.path, s.reason) for s in found.skipped] == [(".azureml/config.json", reason)]


def test_the_configuration_wins_over_azureml_config(tmp_path):
    home(tmp_path, subscription_id="s", resource_group="g", workspace_name="w")
    found = bindings(
        tmp_path,
        '[[workspaces]]\npaths = ["a/"]\nname = "v"\nsubscription = "t"\nresource_group = "h"\n'
        '[[deployments]]\npaths = ["b/"]\nlocation = "x"\n'
        '[[deployments]]\npaths = ["c/"]\nresource_group = "other"',
    )

    assert found.binding("a/x.yml") == Binding("t", "h", "v")
    assert found.binding("b/x.yml") == Binding("s", "g", "w", "x")
    assert found.binding("c/x.yml") == Binding(None, "other", None)


def test_a_workspace_file_gives_the_name_and_is_bound_itself(tmp_path):
    (tmp_path / "ws.yml").write_text('$schema: x\nname: "fraud"  # why\n')
    found = bindings(
        tmp_path,
        '[[workspaces]]\npaths = ["computes/"]\nfile = "ws.yml"\nsubscription = "s"\n'
        'resource_group = "g"',
    )

    assert found.binding("computes/a.yml") == Binding("s", "g", "fraud")
    assert found.binding("ws.yml") == Binding("s", "g", "fraud")
    assert found.workspace_files() == ("ws.yml",)
    assert found.described() == ()


def test_a_missing_workspace_file_is_skipped(tmp_path):
    found = bindings(tmp_path, '[[workspaces]]\npaths = ["**"]\nfile = "gone.yml"')

    assert found.binding("a.yml").workspace is None
    assert [s.path for s in found.skipped] == ["gone.yml"]


def test_what_nobody_says_is_one_thing_for_all_files_of_a_workspace(tmp_path):
    found = bindings(tmp_path, '[[workspaces]]\npaths = ["**"]\nname = "fraud"')

    one, two = found.binding("a.yml"), found.binding("b/c.yml")

    assert isinstance(one.subscription, Symbol)
    assert one == two


CLUSTER = """\
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: train
type: amlcompute
size: Standard_D4s_v5
max_instances: 4
"""


class _Bound(Texts):
    def __init__(self, documents, found):
        super().__init__(documents)
        self.found = found

    def binding(self, path):
        return self.found.binding(path)


def estate(found):
    document = decode("computes/a.yml", CLUSTER.encode())
    context = _Bound({document.path: document}, found)
    read = load.read(document, context).resources
    return Estate([*read, *found.described()], today=Facts().today), read[0]


def test_a_described_workspace_is_that_of_its_files(tmp_path):
    found = bindings(
        tmp_path,
        '[[workspaces]]\npaths = ["computes/"]\nname = "fraud"\nlocation = "West Europe"\n'
        'public_network_access = false\nmanaged_network = "allow_only_approved_outbound"',
    )

    whole, cluster = estate(found)
    workspace = whole.workspace_of(cluster)

    assert isinstance(cluster, ComputeCluster)
    assert workspace.location.known == "westeurope"
    assert workspace.public_access.known is False
    assert workspace.isolation.known == "allowonlyapprovedoutbound"


def test_what_is_not_stated_of_a_described_workspace_is_unknown(tmp_path):
    found = bindings(tmp_path, '[[workspaces]]\npaths = ["computes/"]\nname = "fraud"')
    (workspace,) = found.described()

    with pytest.raises(Undecided):
        bool(workspace.location.equals("westeurope"))
    with pytest.raises(NotEditable):
        workspace.body.edits(("location",), workspace.body.at(("location",)), "x")


def test_a_deployment_says_more_of_a_workspaces_template(tmp_path):
    found = bindings(
        tmp_path,
        '[[workspaces]]\npaths = ["**"]\nname = "w"\nsubscription = "s"\nresource_group = "g"\n'
        '[[deployments]]\npaths = ["infra/*"]\nresource_group = "other"\nlocation = "westeurope"\n'
        'parameters = ["p.json"]\n',
    )

    assert found.binding("infra/a.json") == Binding("s", "other", "w", "westeurope", ("p.json",))
    assert found.binding("a.yml") == Binding("s", "g", "w")


@pytest.mark.parametrize(
    ("group", "workspace"), [("g", "w"), ("other", None)], ids=["same group", "another group"]
)
def test_a_deployment_to_where_azureml_points_is_for_its_workspace(tmp_path, group, workspace):
    home(tmp_path, subscription_id="s", resource_group="g", workspace_name="w")
    text = f'[[deployments]]\npaths = ["**"]\nresource_group = "{group}"\n'

    assert bindings(tmp_path, text).binding("a.json").workspace == workspace


def test_a_workspace_file_that_names_nothing_is_told(tmp_path):
    (tmp_path / "ws.yml").write_text("location: westeurope\n")
    found = bindings(tmp_path, '[[workspaces]]\npaths = ["**"]\nfile = "ws.yml"\n')

    assert found.binding("a.yml").workspace is None
    assert [(s.path, s.reason) for s in found.skipped] == [
        ("ws.yml", "states no name of a workspace")
    ]


def test_a_workspace_file_that_is_not_there_is_told(tmp_path):
    found = bindings(tmp_path, '[[workspaces]]\npaths = ["**"]\nfile = "ws.yml"\n')

    assert found.binding("a.yml").workspace is None
    assert [s.path for s in found.skipped] == ["ws.yml"]


def test_the_environment_counts_only_where_it_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("TF_VAR_least", "3")
    asked = '[[deployments]]\npaths = ["a/**"]\nenvironment = true\n'
    found = bindings(tmp_path, asked + '[[deployments]]\npaths = ["b/**"]\n')

    assert ("least", "3") in found.binding("a/main.tf").environment
    assert found.binding("b/main.tf") == Binding()
    assert bindings(tmp_path).binding("a/main.tf") == Binding()
