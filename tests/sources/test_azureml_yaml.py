"""Which YAML is a compute or workspace of `az ml`, and what its properties are."""

from __future__ import annotations

import pytest

from azmlint.model.resources import (
    ComputeCluster,
    ComputeInstance,
    KubernetesCompute,
    OnlineDeployment,
    Workspace,
)
from azmlint.sources import load
from azmlint.sources.document import Binding, decode
from azmlint.sources.texts import Texts

SCHEMAS = "https://azuremlschemas.azureedge.net/latest"


def read(text, path="a.yml", **binding):
    document = decode(path, text if isinstance(text, bytes) else text.encode())
    context = Texts({path: document}, {path: Binding(**binding)})
    return load.read(document, context)


def one(text, **binding):
    reading = read(text, **binding)
    assert not reading.problems
    (resource,) = reading.resources
    return resource


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"$schema: {SCHEMAS}/amlCompute.schema.json\nname: c\n", ComputeCluster),
        (f"$schema: {SCHEMAS}/amlCompute.schema.json\nname: c\ntype: amlcompute\n", ComputeCluster),
        (f"$schema: {SCHEMAS}/compute.schema.json\nname: c\ntype: amlcompute\n", ComputeCluster),
        ("$schema: http://azureml/sdk-2-0/AmlCompute.json\nname: c\n", ComputeCluster),
        ("$schema: ../schemas/amlCompute.schema.json\nname: c\nsize: s\n", ComputeCluster),
        ("name: c\ntype: amlcompute\n", ComputeCluster),
        ("name: c\ntype: AmlCompute\nsize: s\n", ComputeCluster),
        (
            "type: aml_compute\nname: c\nmin_instances: 1\ndescription: d\ntags: {}\n",
            ComputeCluster,
        ),
        ("name: c\ntype: amlcompute\ndescription: d\ntags: {}\nlocation: l\n", ComputeCluster),
        ("{name: c, type: amlcompute, size: s}", ComputeCluster),
        ("&root\nname: c\ntype: amlcompute\n", ComputeCluster),
        (f"$schema: {SCHEMAS}/computeInstance.schema.json\nname: c\n", ComputeInstance),
        ("name: c\ntype: computeinstance\n", ComputeInstance),
        ("name: c\ntype: compute_instance\nsize: s\n", ComputeInstance),
        (f"$schema: {SCHEMAS}/kubernetesCompute.schema.json\nname: c\n", KubernetesCompute),
        ("name: c\ntype: kubernetes\nresource_id: r\n", KubernetesCompute),
        (f"$schema: {SCHEMAS}/workspace.schema.json\nname: w\n", Workspace),
        (f"$schema: {SCHEMAS}/hub.schema.json\nname: w\n", Workspace),
        (f"$schema: {SCHEMAS}/project.schema.json\nname: w\n", Workspace),
        (f"$schema: {SCHEMAS}/featureStore.schema.json\nname: w\n", Workspace),
        ("name: w\nstorage_account: s\nkey_vault: k\n", Workspace),
    ],
)
def test_computes_and_workspaces_are_recognised(text, kind):
    assert type(one(text)) is kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "just a text\n",
        "[1, 2]\n",
        "- name: c\n  type: amlcompute\n  size: s\n",
        f"$schema: {SCHEMAS}/commandJob.schema.json\ntype: command\ncompute: azureml:c\nname: j\n",
        f"$schema: {SCHEMAS}/pipelineJob.schema.json\ntype: pipeline\nname: amlcompute\n",
        f"$schema: {SCHEMAS}/environment.schema.json\nname: e\ntype: amlcompute\n",
        f"$schema: {SCHEMAS}/kubernetesOnlineDeployment.schema.json\nname: d\ninstance_type: s\n",
        f"$schema: {SCHEMAS}/managedOnlineDeployment.schema.json\nname: d\ntype: kubernetes\n",
        f"$schema: {SCHEMAS}/batchDeployment.schema.json\nname: d\nendpoint_name: e\n",
        "name: d\nendpoint_name: e\ninstance_type: s\ninstance_count: 1\ntype: kubernetes\n",
        f"$schema: {SCHEMAS}/compute.schema.json\nname: c\ntype: virtualmachine\n",
        f"$schema: {SCHEMAS}/compute.schema.json\nname: c\n",
        f"$schema: {SCHEMAS}/amlCompute.schema.json\nname: c\ntype: virtualmachine\n",
        "name: c\ntype: kubernetes\nregion: r\n",
        "type: amlcompute\nsize: s\n",
        "type: amlcompute\nname: c\na: 1\nb: 2\nc: 3\n",
        "type: 3\nname: c\nsize: s\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: amlcompute}\n",
        "name: w\nstorage_account: s\nother: k\n",
        "$schema: https://json-schema.org/x.json\nname: w\nstorage_account: s\nkey_vault: k\n",
        "on: push\njobs:\n  compute:\n    runs-on: x\n    with: {type: amlcompute}\n",
        "resources:\n  x: {type: !GetAtt amlcompute, name: c}\n",
    ],
)
def test_files_of_other_kinds_cause_nothing(text):
    reading = read(text)

    assert reading.resources == []
    assert reading.problems == []


@pytest.mark.parametrize(
    ("more", "endpoint"),
    [
        (f"$schema: {SCHEMAS}/managedOnlineDeployment.schema.json\nendpoint_name: e\n", "e"),
        (f"$schema: {SCHEMAS}/managedOnlineDeployment.schema.json\n", None),
        ("endpoint_name: e\n", "e"),
    ],
)
def test_an_online_deployment_is_under_its_endpoint(more, endpoint):
    text = f"{more}name: blue\ninstance_type: Standard_D4ds_v5\ninstance_count: 3\n"
    deployment = one(text, subscription="s", resource_group="g", workspace="w")

    assert type(deployment) is OnlineDeployment
    assert deployment.id.parent.parent.name == "w"
    assert deployment.id.parent.name == endpoint
    assert deployment.id.is_ground is (endpoint is not None)
    assert deployment.id.resource_type == OnlineDeployment.arm_type.lower()
    assert (deployment.size.known, deployment.instances.known) == ("Standard_D4ds_v5", 3)
    assert deployment.endpoint_compute.effective().known == "managed"


def test_every_document_of_a_stream_is_read():
    reading = read(
        "name: a\ntype: amlcompute\n---\nkind: Pod\n---\nname: b\ntype: computeinstance\n"
    )

    assert [(r.name, r.address) for r in reading.resources] == [("a", "/0"), ("b", "/2")]


def test_anchors_aliases_and_merges_are_followed_to_where_the_value_is_written():
    text = (
        "x-common: &common\n"
        "  size: Standard_D4s_v5 # here\n"
        "  min_instances: 1\n"
        "name: c\n"
        "type: amlcompute\n"
        "<<: *common\n"
        "min_instances: &low 0\n"
        "max_instances: *low\n"
    )
    cluster = one(text)

    assert (cluster.size.known, cluster.min_nodes.known, cluster.max_nodes.known) == (
        "Standard_D4s_v5",
        0,
        0,
    )
    assert [(p.role, p.text) for p in cluster.size.trace] == [
        ("use", "*common"),
        ("variable", "Standard_D4s_v5"),
    ]
    assert [(p.role, repr(p)) for p in cluster.max_nodes.trace] == [
        ("use", "a.yml:8:16"),
        ("variable", "a.yml:7:21"),
    ]


def test_a_value_inside_an_alias_is_traced_through_the_alias():
    text = "x: &net {subnet: s}\nname: c\ntype: amlcompute\nsize: s\nnetwork_settings: *net\n"
    cluster = one(text)

    assert [(p.role, p.text) for p in cluster.subnet.trace] == [
        ("use", "*net"),
        ("variable", "s"),
    ]


def test_flow_style_is_read():
    cluster = one(
        "{name: c, type: amlcompute, identity: {type: user_assigned,"
        " user_assigned_identities: [{resource_id: /subscriptions/s}]}, tags: {a: 1}}"
    )

    assert cluster.identity.known == {"userassigned"}
    assert len(cluster.identity_ids.known) == 1
    assert cluster.tags.known["a"].data == 1


@pytest.mark.parametrize("spelling", ["lowpriority", "low_priority", "LowPriority", "low-priority"])
def test_older_spellings_of_the_tier_are_read(spelling):
    assert one(f"name: c\ntype: amlcompute\ntier: {spelling}\n").tier.known == "lowpriority"


@pytest.mark.parametrize(
    ("identity", "types", "count"),
    [
        ("[/subscriptions/a, /subscriptions/b]", {"userassigned"}, 2),
        ("{user_assigned_identities: [/subscriptions/a]}", {"userassigned"}, 1),
        ("{type: SystemAssigned}", {"systemassigned"}, None),
        ("system_assigned", {"systemassigned"}, None),
        ("{type: 'system_assigned,user_assigned'}", {"systemassigned", "userassigned"}, None),
        ("{type: none}", set(), None),
    ],
)
def test_older_forms_of_the_identity_are_read(identity, types, count):
    cluster = one(f"name: c\ntype: amlcompute\nidentity: {identity}\n")

    assert cluster.identity.known == types
    assert (len(cluster.identity_ids.known) if count else cluster.identity_ids.known) == count


def test_older_places_of_the_scale_settings_are_read():
    cluster = one(
        "name: c\ntype: amlcompute\nscale_settings:\n  min_node_count: 1\n  max_node_count: 2\n"
        "  idle_time_before_scale_down: 1_800\n"
    )

    assert [v.known for v in (cluster.min_nodes, cluster.max_nodes, cluster.idle_seconds)] == [
        1,
        2,
        1800,
    ]


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("no", False),
        ("off", False),
        ("Yes", True),
        ("on", True),
        ("'true'", True),
        ("FALSE", False),
        ("'no'", False),
        ("1", True),
    ],
)
def test_words_are_truth_values_as_in_yaml_1_1(written, known):
    text = f"name: c\ntype: amlcompute\nenable_node_public_ip: {written}\n"

    assert one(text).public_ip.known is known


@pytest.mark.parametrize(("written", "known"), [("yes", "enabled"), ("'off'", "disabled")])
def test_the_switch_of_ssh_takes_the_same_words(written, known):
    text = f"name: c\ntype: amlcompute\nssh_public_access_enabled: {written}\n"

    assert one(text).ssh_public.known == known


def test_an_empty_region_is_that_of_the_workspace():
    assert one("name: c\ntype: amlcompute\nlocation: ''\n").location.is_absent


@pytest.mark.parametrize(
    ("written", "known"), [("010", 8), ("1:30", 90), ("1_000", 1000), ("0x10", 16), ("2.0", 2)]
)
def test_numbers_are_those_of_yaml_1_1(written, known):
    text = f"name: c\ntype: amlcompute\nmax_instances: {written}\n"

    assert one(text).max_nodes.known == known


@pytest.mark.parametrize("written", ["1e3", "many", "2.5", "yes", "[1]", "{a: 1}"])
def test_what_is_no_number_is_invalid_and_not_unknown(written):
    value = one(f"name: c\ntype: amlcompute\nmax_instances: {written}\n").max_nodes

    assert value.known is None
    assert value.invalid == "a whole number of 0 to 2147483647"


def test_a_template_hole_is_unknown_and_its_reason_names_it():
    value = one("name: c-${{ env }}\ntype: amlcompute\nmax_instances: $(nodes)\n").max_nodes

    assert value.term.is_unknown
    assert value.reasons[0].text == "'$(nodes)' is filled in before deployment"
    assert value.owner.name == "c-{${{ env }}}"


def test_ids_come_from_the_configuration():
    cluster = one(
        "name: c\ntype: amlcompute\n", subscription="s", resource_group="g", workspace="w"
    )

    assert str(cluster.id) == (
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices"
        "/workspaces/w/computes/c"
    )


def test_what_nobody_says_is_one_unknown_for_the_file():
    reading = read("name: a\ntype: amlcompute\n---\nname: b\ntype: amlcompute\n")
    first, second = reading.resources

    assert first.id.parent.equals(second.id.parent)
    assert not first.id.equals(second.id)


def test_a_compute_without_a_name_is_pointed_at_by_its_first_key():
    compute = one(f"size: s\n$schema: {SCHEMAS}/amlCompute.schema.json\n")

    assert compute.name == "(no name)"
    assert compute.grip.text == "size"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name: c\ntype: amlcompute\nsize: !!int x\n", 3),
        ("name: c\ntype: amlcompute\nsize: !Ref x\n", 3),
        ("name: c\ntype: amlcompute\ntags: &t {}\nx: &t {}\n", 4),
        ("name: c\ntype: amlcompute\n<<: s\n", 3),
        ("name: c\ntype: amlcompute\nsize: s\t# why\n", 3),
    ],
)
def test_what_only_az_ml_refuses_is_a_syntax_error(text, line):
    reading = read(text)

    (problem,) = reading.problems
    assert problem.rule == "syntax-error"
    assert problem.document.position(problem.start).line == line
    assert reading.resources == []


def test_a_key_written_twice_is_said():
    reading = read(
        "name: c\ntype: amlcompute\nmin_instances: 1\ntags: {a: 1, a: 2}\nmin_instances: 0\n"
    )

    assert reading.resources[0].min_nodes.known == 0
    assert [(p.rule, p.document.position(p.start), p.message) for p in reading.problems] == [
        (None, (3, 1), "'min_instances' is written twice; only the last one counts"),
        (None, (4, 8), "'a' is written twice; only the last one counts"),
    ]


def test_one_merge_under_another_value_is_no_key_written_twice():
    reading = read("x: &x {size: a}\nname: c\ntype: amlcompute\n<<: *x\nsize: b\n")

    assert reading.problems == []
