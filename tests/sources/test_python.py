"""What Python programs declare, without running any of it."""

from __future__ import annotations

import textwrap

import pytest

from azmlint.model.resources import (
    ComputeCluster,
    ComputeInstance,
    CredentialCall,
    KubernetesCompute,
    Lock,
    OnlineDeployment,
    Patch,
    ToolUse,
    Workspace,
)
from azmlint.sources import load
from azmlint.sources.document import Binding, decode
from azmlint.sources.texts import Texts

V1 = "from azureml.core.compute import AmlCompute, ComputeInstance, ComputeTarget\n"
V2 = "from azure.ai.ml import MLClient, load_compute\nfrom azure.ai.ml.entities import *\n"


def read(text, *, worlds=None, siblings=None, **binding):
    texts = {"src/a.py": textwrap.dedent(text), **(siblings or {})}
    documents = {path: decode(path, t.encode()) for path, t in texts.items()}
    context = Texts(documents, {"src/a.py": Binding(**binding)})
    reading = load.read(documents["src/a.py"], context)
    if worlds is not None:
        context.worlds.enter(worlds)
    return reading


def declared(text, **options):
    reading = read(text, **options)
    assert [p.message for p in reading.problems] == []
    return [r for r in reading.resources if not isinstance(r, ToolUse)]


def one(text, **options):
    (resource,) = declared(text, **options)
    return resource


def v1(arguments, before="", after=""):
    return one(
        V1
        + textwrap.dedent(before)
        + f"config = AmlCompute.provisioning_configuration({arguments})\n"
        + "target = ComputeTarget.create(ws, 'train', config)\n"
        + textwrap.dedent(after)
    )


def places(value):
    return [(p.document.position(p.start).line, p.role) for p in value.trace]


# What is declared


def test_cluster_of_sdk_v1():
    cluster = v1("'STANDARD_D2_V2', 'lowpriority', max_nodes=4, location='westeurope'")

    assert type(cluster) is ComputeCluster
    assert cluster.name == "train"
    assert cluster.size.known == "STANDARD_D2_V2"
    assert cluster.tier.known == "lowpriority"
    assert cluster.max_nodes.known == 4
    assert cluster.location.known == "westeurope"
    assert cluster.min_nodes.is_absent
    assert cluster.idle_seconds.effective().known == 1800
    assert cluster.max_nodes.required


def test_cluster_of_sdk_v2():
    cluster = one(
        V2
        + """
client = MLClient(None, "sub", "rg", "ws")
client.begin_create_or_update(AmlCompute(
    name="train",
    size="Standard_D4s_v5",
    tier="LowPriority",
    identity=IdentityConfiguration(
        type="UserAssigned",
        user_assigned_identities=[ManagedIdentityConfiguration(resource_id="/subscriptions/s")],
    ),
    network_settings=NetworkSettings(subnet="/subscriptions/s/subnet"),
    ssh_settings=AmlComputeSshSettings(admin_username="me", admin_password="pw"),
))
"""
    )

    assert str(cluster.id).endswith(
        "/subscriptions/sub/resourceGroups/rg/providers/"
        "Microsoft.MachineLearningServices/workspaces/ws/computes/train"
    )
    assert cluster.tier.known == "lowpriority"
    assert cluster.identity.known == frozenset({"userassigned"})
    assert len(cluster.identity_ids.known) == 1
    assert cluster.subnet.known == "/subscriptions/s/subnet"
    assert cluster.admin_password.known == "pw"
    assert cluster.idle_seconds.effective().known == 120
    assert cluster.max_nodes.effective().known == 4


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ("ComputeInstance(name='c')", ComputeInstance),
        ("KubernetesCompute(name='c')", KubernetesCompute),
        ("Workspace(name='c')", Workspace),
        ("Hub(name='c')", Workspace),
    ],
)
def test_other_kinds_of_sdk_v2(call, kind):
    assert type(one(V2 + call)) is kind


def test_instance_of_sdk_v1():
    instance = one(
        V1 + "c = ComputeInstance.provisioning_configuration('STANDARD_D3_V2', True)\n"
        "ComputeInstance.create(ws, 'mine', c)\n"
    )

    assert type(instance) is ComputeInstance
    assert instance.ssh_public.known == "enabled"


@pytest.mark.parametrize(
    "text",
    [
        V1 + "ComputeTarget(ws, 'train')\nAmlCompute(workspace=ws, name='train')",
        V1 + "# AmlCompute.provisioning_configuration(max_nodes=4)",
        V1 + "'''AmlCompute.provisioning_configuration(max_nodes=4)'''",
        "AmlCompute(name='train')",
        "from acme import AmlCompute\nAmlCompute(name='train')",
        "from azure.ai.ml.entities import *\nfrom acme import AmlCompute\nAmlCompute(name='x')",
        "from azure.ai.ml.entities import AmlCompute\nclass AmlCompute: pass\nAmlCompute()",
        "from azure.mgmt.synapse.models import AutoScale\nAutoScale(min_node_count=3)",
        V2 + "client.compute.get('train')",
        V2 + "isinstance(found, AmlCompute)",
    ],
)
def test_what_is_no_creation_declares_nothing(text):
    assert declared(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "import azure.ai.ml.entities\nazure.ai.ml.entities.AmlCompute(name='train')",
        "import azure.ai.ml.entities as e\ne.AmlCompute(name='train')",
        "from azure.ai.ml import entities\nentities.AmlCompute(name='train')",
        "from azure.ai.ml.entities import AmlCompute as C\nC(name='train')",
        "from azure.ai.ml.entities._compute import AmlCompute\nAmlCompute(name='train')",
        "from azure.ai.ml.entities import *\nmake = AmlCompute\nmake(name='train')",
    ],
)
def test_names_are_resolved_through_imports(text):
    assert one(text).name == "train"


def test_a_workspace_that_is_named_is_that_of_the_cluster():
    cluster = one(
        V1
        + """
from azureml.core import Workspace
ws = Workspace("sub", "rg", "fraud")
ComputeTarget.create(ws, "train", AmlCompute.provisioning_configuration(
    max_nodes=4, vnet_resourcegroup_name="net", vnet_name="v", subnet_name="s"))
"""
    )

    assert cluster.id.parent.name == "fraud"
    assert cluster.subnet.known == (
        "/subscriptions/sub/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
    )
    assert len(places(cluster.subnet)) == 3


def test_a_workspace_of_the_configuration_is_that_of_the_cluster():
    cluster = one(
        V2 + "MLClient.from_config(None).compute.begin_create_or_update(AmlCompute(name='train'))",
        subscription="sub",
        resource_group="rg",
        workspace="fraud",
    )

    assert cluster.id.parent.name == "fraud"
    assert cluster.id.is_ground


def test_a_workspace_that_is_created_holds_its_clusters():
    workspace, cluster = declared(
        V1
        + """
from azureml.core import Workspace
ws = Workspace.create(name="fraud", subscription_id="sub", resource_group="rg",
                      location="westeurope")
ComputeTarget.create(ws, "train", AmlCompute.provisioning_configuration(max_nodes=4))
"""
    )

    assert workspace.location.known == "westeurope"
    assert cluster.id.parent.key == workspace.id.key


# Identity, updates


def test_an_identity_that_is_added_is_that_of_the_cluster():
    cluster = v1("max_nodes=4", after="target.add_identity('UserAssigned', ['/subscriptions/s'])\n")

    assert cluster.identity.known == frozenset({"userassigned"})
    assert len(cluster.identity_ids.known) == 1


def test_an_identity_that_is_removed_is_gone():
    cluster = v1("identity_type='SystemAssigned'", after="target.remove_identity()\n")

    assert cluster.identity.is_absent


def test_an_identity_of_several_is_removed():
    cluster = v1(
        "identity_type='UserAssigned', identity_id=['a', 'b']",
        after="target.remove_identity(identity_id=['a'])\n",
    )

    assert [t.data for t in cluster.identity_ids.known.members] == ["b"]


def test_an_update_of_what_was_created_is_part_of_it():
    cluster = v1("min_nodes=0, max_nodes=4", after="target.update(min_nodes=2)\n")

    assert cluster.min_nodes.known == 2


def test_an_update_of_what_was_looked_up_is_an_update():
    patch = one(V1 + "ComputeTarget(ws, 'train').update(min_nodes=1)")

    assert type(patch) is Patch
    assert patch.min_nodes.known == 1
    assert patch.max_nodes.is_absent
    assert patch.id.name == "train"


def test_what_is_looked_up_and_changed_is_an_update():
    patch = one(
        V2 + "c = client.compute.get('train')\nc.min_instances = 1\nclient.begin_update(c)\n"
    )

    assert type(patch) is Patch
    assert patch.min_nodes.known == 1


def test_attributes_that_are_set_later_count():
    cluster = one(V2 + "c = AmlCompute(name='train', min_instances=2)\nc.min_instances = 0\n")

    assert cluster.min_nodes.known == 0


# Management clients

MGMT = """
from azure.mgmt.machinelearningservices import AzureMachineLearningServices
from azure.mgmt.machinelearningservices.models import *
from azure.mgmt.machinelearningservices import models as m
from azure.mgmt.resource.locks import ManagementLockClient
ml = AzureMachineLearningServices(credential, "sub")
locks = ManagementLockClient(credential, "sub")
"""


@pytest.mark.parametrize(
    "body",
    [
        """{
    "location": "westeurope",
    "properties": {
        "computeType": "AmlCompute",
        "properties": {
            "vmSize": "Standard_D4s_v5",
            "scaleSettings": {"minNodeCount": 1, "maxNodeCount": 4},
        },
    },
}""",
        """m.ComputeResource(
    location="westeurope",
    properties=m.AmlCompute(
        properties=m.AmlComputeProperties(
            vm_size="Standard_D4s_v5",
            scale_settings=m.ScaleSettings(min_node_count=1, max_node_count=4),
        ),
    ),
)""",
    ],
)
def test_bodies_of_the_interface_are_read(body):
    cluster = one(MGMT + f"ml.compute.begin_create_or_update('rg', 'ws', 'train', {body})\n")

    assert type(cluster) is ComputeCluster
    assert str(cluster.id) == (
        "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices"
        "/workspaces/ws/computes/train"
    )
    assert cluster.size.known == "Standard_D4s_v5"
    assert cluster.min_nodes.known == 1
    assert cluster.max_nodes.known == 4
    assert cluster.location.known == "westeurope"


@pytest.mark.parametrize(
    ("call", "scope"),
    [
        ("at_subscription_level('keep', body)", "/subscriptions/sub"),
        ("at_resource_group_level('rg', 'keep', body)", "/subscriptions/sub/resourceGroups/rg"),
        ("by_scope('/subscriptions/s/resourceGroups/g', 'keep', body)",
         "/subscriptions/s/resourceGroups/g"),
        ("at_resource_level('rg', 'Microsoft.Storage', '', 'storageAccounts', 'a', 'keep', body)",
         "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/a"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("body", ["{'level': 'CanNotDelete'}", "Lock(level='CanNotDelete')"])
def test_locks_are_read(call, scope, body):
    lock = one(
        MGMT
        + "from azure.mgmt.resource.locks.models import ManagementLockObject as Lock\n"
        + f"body = {body}\nlocks.management_locks.create_or_update_{call}\n"
    )

    assert type(lock) is Lock
    assert lock.level.known == "cannotdelete"
    assert str(lock.locked) == scope
    assert lock.name == "keep"


@pytest.mark.parametrize(
    "text",
    [
        "ml.compute.begin_create_or_update('rg', 'ws', 'train', body)",
        "ml.compute.create_or_update('rg', 'ws', 'c', {'properties': {'computeType': 'AKS'}})",
        "{'properties': {'computeType': 'AmlCompute', 'properties': {}}}",
        "spark.begin_create_or_update('rg', 'ws', 'pool', {'minNodeCount': 3})",
    ],
)
def test_other_bodies_declare_nothing(text):
    assert declared(MGMT + text) == []


# Values


@pytest.mark.parametrize(
    ("before", "expression"),
    [
        ("N = 3", "N"),
        ("N = 1\nN += 2", "N"),
        ("import os", "int(os.environ.get('N', 3))"),
        ("import os", "int(os.getenv('N', default='3'))"),
        ("import os", "os.environ.get('N') or 3"),
        ("settings = {'n': 3}", "settings['n']"),
        ("settings = dict(n=3)", "settings.get('n')"),
        ("class Settings:\n    n = 3", "Settings.n"),
        ("class Settings:\n    def __init__(self):\n        self.n = 3", "Settings().n"),
        ("def nodes(n=3):\n    return n", "nodes()"),
        ("def nodes(n):\n    return n + 1", "nodes(2)"),
        ("nodes = lambda n: n * 3", "nodes(1)"),
        ("a, b = 1, 2", "a + b"),
        ("sizes = [1, 3]", "max(sizes)"),
        ("sizes = [1, 3]", "sizes[-1]"),
        ("", "len('abc')"),
        ("", "3 if True else 4"),
        ("", "[n for n in range(4)][3]"),
        ("if __name__ == '__main__':\n    N = 3\nelse:\n    N = 4", "N"),
        ("try:\n    N = read()\nexcept KeyError:\n    N = 3", "N"),
        ("for N in (1, 2, 3):\n    pass", "N"),
        ("with open('x') as f:\n    N = 3", "N"),
    ],
)
def test_a_number_is_worked_out(before, expression):
    cluster = v1(f"min_nodes={expression}", before + "\n")

    assert cluster.min_nodes.known == 3


@pytest.mark.parametrize(
    "expression",
    [
        "f'Standard_{series}_v5'",
        "'Standard_' + series + '_v5'",
        "'Standard_{}_v5'.format(series)",
        "'Standard_{s}_v5'.format(s=series)",
        "'Standard_%s_v5' % series",
        "'_'.join(['Standard', series, 'v5'])",
    ],
)
def test_a_text_is_put_together(expression):
    assert v1(f"vm_size={expression}", "series = 'D4s'\n").size.known == "Standard_D4s_v5"


@pytest.mark.parametrize(
    "expression",
    [
        "f'Standard_{series}_v5'",
        "'Standard_' + series + '_v5'",
        "'Standard_{}_v5'.format(series)",
        "'Standard_%s_v5' % series",
    ],
)
def test_a_text_of_unknown_pieces_keeps_the_known_ones(expression):
    size = v1(f"vm_size={expression}", "series = input()\n").size

    assert size.known is None
    assert size.text.startswith("Standard_{")
    assert size.text.endswith("}_v5")


def test_a_value_has_a_trace():
    cluster = one(
        V1
        + """
NODES = 4
def make(ws, nodes, size="Standard_D4s_v5"):
    config = AmlCompute.provisioning_configuration(vm_size=size, max_nodes=nodes)
    ComputeTarget.create(ws, "train", config)
make(ws, NODES)
"""
    )

    assert places(cluster.max_nodes) == [(5, "use"), (7, "argument"), (3, "variable")]
    assert places(cluster.size) == [(5, "use"), (4, "default")]


def test_a_default_of_the_environment_is_marked():
    cluster = v1("max_nodes=int(os.environ.get('N', 4))", "import os\n")

    assert places(cluster.max_nodes)[-1] == (3, "default")


def test_a_parameter_without_argument_is_unknown_with_its_reason():
    cluster = one(
        V1
        + """
def make(ws, nodes):
    ComputeTarget.create(ws, "train", AmlCompute.provisioning_configuration(max_nodes=nodes))
"""
    )

    assert cluster.max_nodes.known is None
    (reason,) = cluster.max_nodes.reasons
    assert reason.text == "the argument 'nodes' of make() has no value here"


def test_a_function_is_read_with_the_arguments_of_each_call():
    clusters = declared(
        V1
        + """
def make(name, nodes=1):
    config = AmlCompute.provisioning_configuration(max_nodes=nodes)
    return ComputeTarget.create(ws, name, config)
make("one")
make("two", nodes=2)
"""
    )

    assert [(c.name, c.max_nodes.known) for c in clusters] == [("one", 1), ("two", 2)]


def test_what_is_left_to_the_reader_is_unknown():
    cluster = v1("vm_size='<size>', min_nodes=0, max_nodes=4")

    assert [r.text for r in cluster.size.reasons] == ["'<size>' is filled in before deployment"]
    assert cluster.max_nodes.known == 4


def test_the_same_words_to_fill_in_are_something_else_in_another_program():
    text = V2 + (
        "client = MLClient(credential, '<subscription>', 'rg', 'ws')\n"
        "client.begin_create_or_update(AmlCompute(name='train'))\n"
    )
    ids = []
    for path in ("a.py", "b.py"):
        document = decode(path, text.encode())
        reading = load.read(document, Texts({path: document}))
        ids += [r.id for r in reading.resources if isinstance(r, ComputeCluster)]

    assert [i.name for i in ids] == ["train", "train"]
    assert ids[0].key != ids[1].key


def test_any_operator_of_what_is_not_known_is_unknown():
    cluster = v1("max_nodes=a @ b")

    assert cluster.max_nodes.reasons


def test_a_loop_over_literals_makes_one_cluster_a_turn():
    clusters = declared(
        V1
        + """
SIZES = {"cpu": {"vm_size": "Standard_D4s_v5", "max_nodes": 4}, "gpu": {"max_nodes": 2}}
for name, settings in SIZES.items():
    ComputeTarget.create(ws, name, AmlCompute.provisioning_configuration(**settings))
"""
    )

    assert [(c.name, c.max_nodes.known) for c in clusters] == [("cpu", 4), ("gpu", 2)]
    assert clusters[1].size.is_absent
    assert places(clusters[0].max_nodes) == [(3, "use")]


def test_arguments_that_are_not_known_leave_open_what_is_given():
    cluster = v1("max_nodes=4, **settings", "import json\nsettings = json.load(f)\n")

    assert cluster.max_nodes.known == 4
    assert cluster.size.absent.known is None
    assert "'vm_size' may be among the arguments" in cluster.size.reasons[0].text


def test_a_condition_is_a_decision():
    cluster = v1("vm_size=size", "size = 'Standard_NC6' if gpu else 'Standard_D4s_v5'\n")
    (decision,) = cluster.size.term.decisions

    assert cluster.size.known is None
    assert decision.question == "gpu"
    cluster = one(
        V1 + "size = 'Standard_NC6' if gpu else 'Standard_D4s_v5'\n"
        "AmlCompute.provisioning_configuration(vm_size=size)\n",
        worlds={decision.key: 0},
    )
    assert cluster.size.known == "Standard_NC6"


@pytest.mark.parametrize(
    ("leaving", "exists"), [("raise ValueError", True), ("return", None), ("sys.exit()", None)]
)
def test_what_is_created_after_a_way_out_may_not_exist(leaving, exists):
    cluster = one(
        V2
        + f"import sys\ndef make(x):\n    if x > 1:\n        {leaving}\n    AmlCompute(name='c')\n"
    )

    assert cluster.exists().known is exists


def test_what_is_created_on_a_condition_may_not_exist():
    cluster = one(V2 + "if wanted:\n    client.begin_create_or_update(AmlCompute(name='train'))\n")

    assert cluster.exists().known is None
    assert cluster.exists().decisions[0].question == "wanted"


@pytest.mark.parametrize(
    "text",
    [
        """
try:
    target = ComputeTarget(ws, name)
except ComputeTargetException:
    target = ComputeTarget.create(ws, name, AmlCompute.provisioning_configuration(max_nodes=4))
target.wait_for_completion(show_output=True)
""",
        """
if name in ws.compute_targets:
    target = ws.compute_targets[name]
    if target and type(target) is AmlCompute:
        print("found")
else:
    target = ComputeTarget.create(ws, name, AmlCompute.provisioning_configuration(max_nodes=4))
""",
        """
def get():
    try:
        return ComputeTarget(ws, name)
    except ComputeTargetException:
        pass
    return ComputeTarget.create(ws, name, AmlCompute.provisioning_configuration(max_nodes=4))
get().add_identity("SystemAssigned")
""",
    ],
)
def test_what_is_created_where_it_is_missing_is_declared(text):
    cluster = one(V1 + "name = 'train'\n" + text)

    assert cluster.name == "train"
    assert cluster.exists().known is True


@pytest.mark.parametrize(
    "test",
    [
        "not any(filter(lambda c: c.name == name, client.compute.list()))",
        "name not in [c.name for c in client.compute.list()]",
        "not any(c.name == name for c in client.compute.list())",
    ],
)
def test_what_is_created_where_it_is_not_listed_is_declared(test):
    cluster = one(
        V2
        + f"name = 'train'\nif {test}:\n    client.begin_create_or_update(AmlCompute(name=name))\n"
    )

    assert cluster.exists().known is True


def test_defaults_of_the_command_line_are_marked():
    cluster = one(
        V1
        + """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("-n", "--max-nodes", type=int, default=4)
parser.add_argument("--size")
parser.add_argument("--private", action="store_true")
args = parser.parse_args()
c = AmlCompute.provisioning_configuration(
    args.size, max_nodes=args.max_nodes, enable_node_public_ip=not args.private)
"""
    )

    assert cluster.max_nodes.known == 4
    assert places(cluster.max_nodes)[-1] == (5, "default")
    assert cluster.size.reasons[0].text == "the argument '--size' of the program has no value here"
    assert cluster.public_ip.known is None


def test_a_file_that_is_loaded_is_followed():
    text = (
        V2
        + """
client = MLClient(None, "sub", "rg", "fraud")
cluster = load_compute("../compute/train.yml", params_override=[{"max_instances": 8}])
cluster.min_instances = 0
client.begin_create_or_update(cluster)
"""
    )
    yaml = "name: train\ntype: amlcompute\nsize: Standard_D4s_v5\nmin_instances: 2\n"
    reading = read(text, siblings={"compute/train.yml": yaml})
    (cluster,) = [r for r in reading.resources if isinstance(r, ComputeCluster)]

    assert cluster.name == "train"
    assert cluster.id.parent.name == "fraud"
    assert cluster.size.known == "Standard_D4s_v5"
    assert cluster.size.place.document.path == "compute/train.yml"
    assert cluster.min_nodes.known == 0
    assert cluster.max_nodes.known == 8
    assert list(reading.modules) == ["compute/train.yml"]


DEPLOYMENT = 'ManagedOnlineDeployment("d", endpoint_name="e", instance_type="s", instance_count=3)'


@pytest.mark.parametrize("made", [DEPLOYMENT, 'load_online_deployment("d.yml")'])
@pytest.mark.parametrize("saved", ["begin_create_or_update", "online_deployments.begin_update"])
def test_an_online_deployment_is_under_its_endpoint_wherever_that_is_said(made, saved):
    schema = "https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json"
    yaml = f"$schema: {schema}\nname: d\nendpoint_name: e\ninstance_type: s\ninstance_count: 1\n"
    text = (
        f"{V2}from azure.ai.ml import load_online_deployment\n"
        f'client = MLClient(None, "sub", "rg", "ws")\nd = {made}\n'
        f"d.instance_count = 5\nclient.{saved}(d)\n"
    )
    reading = read(text, siblings={"src/d.yml": yaml})
    (found,) = [r for r in reading.resources if isinstance(r, OnlineDeployment)]

    assert str(found.id).endswith("/workspaces/ws/onlineEndpoints/e/deployments/d")
    assert (found.size.known, found.instances.known) == ("s", 5)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("'gone.yml'", "'gone.yml' is not among the files: what it states is not known"),
        ("folder / 'a.yml'", "which file is loaded is not known, nor what it states"),
    ],
)
def test_a_file_that_is_loaded_and_not_read_is_told_once(source, message):
    reading = read(V2 + f"for _ in range(2):\n    load_compute({source})\n")

    assert [(p.message, p.rule) for p in reading.problems] == [(message, None)]
    assert reading.problems[0].document.text[reading.problems[0].start :].startswith("load_")


def test_constants_of_other_modules_are_known():
    cluster = one(
        V1
        + """
from settings import NODES
from . import sizes
import common.names as names
c = AmlCompute.provisioning_configuration(vm_size=sizes.CPU, max_nodes=NODES)
ComputeTarget.create(ws, names.TRAIN, c)
""",
        siblings={
            "src/settings.py": "NODES = 4\n",
            "src/sizes.py": "CPU = 'Standard_D4s_v5'\n",
            "common/names.py": "TRAIN = 'train'\n",
        },
    )

    assert cluster.max_nodes.known == 4
    assert cluster.size.known == "Standard_D4s_v5"
    assert cluster.name == "train"


def test_secrets_are_not_shown():
    assert v1("admin_user_password='hunter2'").admin_password.text == "(secret)"


def test_a_credential_is_a_resource():
    credential = one(
        "from azure.identity import ManagedIdentityCredential as C\nC(client_id='x')\n"
    )

    assert type(credential) is CredentialCall
    assert credential.client_id.known == "x"


def test_what_is_added_on_a_condition_is_there_on_that_condition():
    text = (
        V2
        + """
ids = [ManagedIdentityConfiguration(resource_id="a")]
if second:
    ids.extend([ManagedIdentityConfiguration(resource_id="b")])
AmlCompute(name="train", identity=IdentityConfiguration(
    type="user_assigned", user_assigned_identities=ids))
"""
    )
    cluster = one(text)
    (decision,) = cluster.identity_ids.known.members[1].decisions

    assert decision.question == "second"
    for answer, count in ((0, 2), (1, 1)):
        assert len(one(text, worlds={decision.key: answer}).identity_ids.known) == count


def test_what_is_deleted_is_not_stated():
    cluster = one(
        V1 + "s = {'max_nodes': 4, 'vm_size': 'a'}\ndel s['vm_size']\n"
        "AmlCompute.provisioning_configuration(**s)\n"
    )

    assert cluster.size.is_absent
    assert cluster.max_nodes.known == 4


# What cannot be read


@pytest.mark.parametrize(
    "broken",
    [
        "print 'Python 2'",
        "x = = 1",
        "def f(:\n    pass",
        "ws.create(\n",
        "if x:\n",
        "exec 'a' in b",
    ],
)
def test_what_is_broken_is_told_and_the_rest_is_read(broken):
    reading = read(f"{V1}{broken}\nAmlCompute.provisioning_configuration(min_nodes=1)\n")

    assert [p.rule for p in reading.problems] == ["syntax-error"]
    assert [r.min_nodes.known for r in reading.resources if isinstance(r, ComputeCluster)] == [1]


def test_lines_that_follow_a_broken_one_are_not_told_of():
    reading = read("f(1,\n'a': {\nb: 2\nx = 1\n\ny = = 1\n")

    lines = [p.document.position(p.start).line for p in reading.problems]
    assert lines == [1, 6]


def test_each_statement_of_python_2_is_told_of():
    reading = read("print 'a'\nprint 'b'\nexec 'c'\nx = 1\nprint 'd'\n")

    lines = [p.document.position(p.start).line for p in reading.problems]
    assert lines == [1, 2, 3, 5]


def test_the_position_of_what_is_broken_is_that_in_the_file():
    reading = read("# é\n\n" + V1 + "\n\nx = = 1\n")
    (problem,) = reading.problems

    assert problem.document.position(problem.start) == (6, 5)


@pytest.mark.parametrize(
    "text",
    ["(" * 5000, "-" * 100_000 + "1", "x = " + "[" * 150 + "]" * 150, "a" + ".b" * 20_000,
     "x = " + "1 + " * 50_000 + "1", "x = 1\0", "def f(): return f()\nf()", "x = x = x",
     "a = []\na.append(a)\nb = AmlCompute(name=a)", "class A(A): pass\nA.b.c"],
)  # fmt: skip
def test_no_text_is_too_hostile(text):
    reading = read(V2 + text + "\nAmlCompute(name='train', min_instances=1)\n")

    assert all(0 <= p.start <= p.end <= len(p.document.text) for p in reading.problems)


def test_nothing_of_what_is_read_is_run(tmp_path, monkeypatch):
    trace = tmp_path / "trace"
    trap = f"open({str(trace)!r}, 'w').close()\nNODES = 1\n"
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "trap.py").write_text(trap)
    cluster = one(
        V1 + "import trap\nAmlCompute.provisioning_configuration(max_nodes=trap.NODES)\n",
        siblings={"src/trap.py": trap},
    )

    assert cluster.max_nodes.known == 1
    assert not trace.exists()


# Paths


@pytest.mark.parametrize(
    "path",
    [
        "Path(__file__).parent / 'conf' / 'x.yml'",
        "Path(__file__).resolve().parents[1] / 'src' / 'conf/x.yml'",
        "os.path.join(os.path.dirname(os.path.abspath(__file__)), 'conf', 'x.yml')",
        "Path('conf') / 'x.yml'",
        "str(Path(__file__).parent.joinpath('conf', 'x.yml'))",
        "f'{Path(__file__).parent}/conf/x.yml'",
        "Path(__file__).with_name('conf').as_posix() + '/x.yml'",
        "open(Path(__file__).parent / 'conf' / 'x.yml')",
        "os.path.join(os.getcwd(), 'conf', 'x.yml')",
    ],
)
def test_a_file_is_found_by_any_path_to_it(path):
    text = "import os\nfrom pathlib import Path\n" + V2 + f"ml.begin_create(load_compute({path}))\n"
    file = "name: fromfile\ntype: amlcompute\nmin_instances: 2\n"
    cluster = one(text, siblings={"src/conf/x.yml": file, "conf/x.yml": "name: other\n"})

    assert cluster.min_nodes.known == 2
    assert cluster.path == "src/conf/x.yml"


def test_a_path_from_the_program_itself_is_no_other_file_of_that_name():
    text = f"from pathlib import Path\n{V2}load_compute(Path(__file__).parent / 'x.yml')\n"
    file = "name: fromfile\ntype: amlcompute\n"
    (problem,) = read(text, siblings={"x.yml": file}).problems

    assert problem.message == "'src/x.yml' is not among the files: what it states is not known"


# Functions that call themselves


def test_what_only_a_deeper_call_of_a_function_makes_is_judged_once():
    cluster = one(
        V2
        + """
def make(node):
    for child in node.get("children", []):
        make(child)
    if node["kind"] == "cluster":
        ml.begin_create(AmlCompute(name=node["name"], min_instances=2))

make({"kind": "root", "children": [{"kind": "cluster", "name": "deep"}]})
"""
    )

    assert cluster.min_nodes.known == 2
    assert cluster.name == "{node.name}"


def test_what_the_first_call_makes_is_not_judged_again_for_the_calls_within():
    cluster = one(
        V2
        + """
def make(n):
    if n > 0:
        make(n - 1)
        ml.begin_create(AmlCompute(name=f"train{n}", min_instances=2))

make(3)
"""
    )

    assert cluster.name == "train3"


def test_a_command_of_a_function_that_calls_itself_is_read():
    cluster = one(
        """
import os

def walk(node):
    for child in node["children"]:
        walk(child)
    if node["size"]:
        os.system("az ml compute create -n train --type amlcompute --min-instances 2")

walk({"children": [], "size": ""})
walk({"children": [1], "size": ""})
"""
    )

    assert cluster.min_nodes.known == 2


# Spans of time


@pytest.mark.parametrize(
    ("idle", "seconds"),
    [
        ("timedelta(minutes=2).total_seconds()", 120),
        ("int(timedelta(hours=1, seconds=30).total_seconds())", 3630),
        ("timedelta(minutes=2).seconds", 120),
        ("timedelta(0, 90) * 2", 180),
        ("timedelta(minutes=2) // timedelta(seconds=1)", 120),
        ("timedelta(minutes=m).seconds", 180),
    ],
)
def test_spans_of_time_are_worked_out(idle, seconds):
    text = f"{V2}from datetime import timedelta\nm = 3\n"
    cluster = one(
        f"{text}ml.begin_create(AmlCompute(name='x', idle_time_before_scale_down={idle}))"
    )

    assert cluster.idle_seconds.known == seconds


def test_a_management_model_has_a_span_of_time_as_the_interface_has_it():
    cluster = one(
        """
from datetime import timedelta
from azure.mgmt.machinelearningservices import AzureMachineLearningServices
from azure.mgmt.machinelearningservices.models import (
    AmlCompute, AmlComputeProperties, ComputeResource, ScaleSettings,
)
client = AzureMachineLearningServices(None, "sub")
scale = ScaleSettings(max_node_count=4, node_idle_time_before_scale_down=timedelta(hours=3))
body = ComputeResource(properties=AmlCompute(properties=AmlComputeProperties(scale_settings=scale)))
client.compute.begin_create_or_update("rg", "ws", "six", body)
"""
    )

    assert cluster.idle_seconds.known == 10800


def test_what_a_management_client_creates_is_pointed_at_by_its_name():
    body = "ComputeResource(properties=AmlCompute())"
    text = f"{MGMT}ml.compute.begin_create_or_update('rg', 'ws', 'train', {body})\n"
    cluster = read(text).resources[0]

    assert cluster.grip.text == "'train'"


def test_models_of_a_management_client_are_known_from_a_star_import_and_changed_by_keyword():
    text = MGMT + (
        "scale = ScaleSettings(max_node_count=4, min_node_count=1)\n"
        "inner = AmlComputeProperties(scale_settings=scale)\n"
        "body = ComputeResource(properties=AmlCompute(properties=inner))\n"
        "ml.compute.begin_create_or_update('rg', 'ws', 'train', body)\n"
    )
    cluster = one(text)
    (edit,) = cluster.min_nodes.edits(0)

    assert cluster.min_nodes.trace[0].text == "1"
    assert edit.document.text[edit.start - 15 : edit.end] == "min_node_count=1"


# Files that are not read


@pytest.mark.parametrize(
    "text",
    [
        "c = load_compute('gone.yml', params_override=[{'min_instances': 2}])",
        "c = load_compute(which, params_override=[{'min_instances': 2}])",
        "c = load_compute('gone.yml')\nc.min_instances = 2",
    ],
)
def test_what_is_set_over_a_file_that_is_not_read_is_judged(text):
    reading = read(f"{V2}{text}\nml.begin_create(c)\n")
    (cluster,) = [r for r in reading.resources if not isinstance(r, ToolUse)]

    assert type(cluster) is ComputeCluster
    assert cluster.min_nodes.known == 2
    assert cluster.max_nodes.known is None
    assert not cluster.max_nodes.is_absent
    assert len(reading.problems) == 1


def test_a_file_that_is_not_read_is_nothing_by_itself():
    reading = read(f"{V2}ml.begin_create(load_compute('gone.yml'))\n")

    assert reading.resources == []


# Functions of other modules

MODULE = f"""\
{V2}
import os

def make_cluster(name, least=0, client=None):
    client = client or MLClient(None, "s", "g", "w")
    return client.begin_create(AmlCompute(name=name, min_instances=least, size="Standard_D4s_v5"))

def by_command(name):
    os.system(f"az ml compute create -n {{name}} --type amlcompute --min-instances 3")

def nobody_calls(name):
    return AmlCompute(name=name, min_instances=5)
"""


def all_of(texts):
    documents = {path: decode(path, text.encode()) for path, text in texts.items()}
    found = load.read_all(documents, Texts(documents))
    return {
        path: [(r.name, r.min_nodes.known) for r in reading.resources if type(r) is ComputeCluster]
        for path, reading in found.items()
    }


@pytest.mark.parametrize(
    "call",
    [
        "from infra.clusters import make_cluster\nmake_cluster('train', least=1)\n",
        "from infra import clusters\nclusters.make_cluster('train', 1)\n",
        "import infra.clusters as ic\nic.make_cluster(name='train', least=1)\n",
        "from infra.clusters import make_cluster as m\ndef f(n):\n    m('train', n)\nf(1)\n",
    ],
)
def test_a_function_of_another_module_makes_what_its_callers_say(call):
    found = all_of({"infra/clusters.py": MODULE, "infra/__init__.py": "", "main.py": call})

    assert found["main.py"] == [("train", 1)]
    assert found["infra/clusters.py"] == [("{name}", 5), ("{name}", 3)]


def test_a_command_of_a_function_of_another_module_is_read_with_its_caller():
    call = "from infra.clusters import by_command\nby_command('other')\n"
    found = all_of({"infra/clusters.py": MODULE, "main.py": call})

    assert found["main.py"] == [("other", 3)]
    assert found["infra/clusters.py"] == [("{name}", 0), ("{name}", 5)]


def test_what_a_module_makes_itself_is_not_made_again_by_who_imports_it():
    texts = {
        "a.py": MODULE + "make_cluster('mine', 2)\n",
        "b.py": "import a\n",
        "c.py": "from a import make_cluster\nmake_cluster('third', 4)\n",
    }
    found = all_of(texts)

    assert found == {
        "a.py": [("mine", 2), ("{name}", 5), ("{name}", 3)],
        "b.py": [],
        "c.py": [("third", 4)],
    }


def test_a_value_from_a_caller_is_changed_there():
    call = "from infra.clusters import make_cluster\nmake_cluster('train', least=1)\n"
    documents = {
        p: decode(p, t.encode()) for p, t in {"infra/clusters.py": MODULE, "main.py": call}.items()
    }
    reading = load.read_all(documents, Texts(documents))["main.py"]
    (edit,) = reading.resources[0].min_nodes.edits(0)

    assert (edit.document.path, edit.document.text[edit.start - 6 : edit.end]) == (
        "main.py",
        "least=1",
    )


@pytest.mark.parametrize("idle", ["timedelta(seconds=float('nan'))", "timedelta(1) * 1e300"])
def test_a_span_of_time_that_is_none_is_unknown(idle):
    text = f"{V2}from datetime import timedelta\n"
    cluster = one(
        f"{text}ml.begin_create(AmlCompute(name='x', idle_time_before_scale_down={idle}))"
    )

    assert cluster.idle_seconds.known is None
    assert not cluster.idle_seconds.is_absent
