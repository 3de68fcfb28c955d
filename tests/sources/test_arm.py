"""ARM templates: which resources they declare, where, and with which values."""

from __future__ import annotations

import json

import pytest

from azmlint.expressions.truth import Undecided
from azmlint.model.resources import (
    Compute,
    ComputeCluster,
    ComputeInstance,
    Lock,
    ResourceGroup,
    Subnet,
    ToolUse,
    VirtualNetwork,
    Workspace,
)
from azmlint.sources import load
from azmlint.sources.document import Binding, decode
from azmlint.sources.texts import Texts
from azmlint.testing import check
from azmlint_rules.scale.min_nodes_above_zero import MinNodesAboveZero

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01"
ML = "Microsoft.MachineLearningServices/workspaces"
LOCKS = "Microsoft.Authorization/locks"


def template(*resources, scope="deploymentTemplate", **parts):
    return {
        "$schema": f"{SCHEMA}/{scope}.json#",
        "contentVersion": "1.0.0.0",
        **parts,
        "resources": list(resources),
    }


def cluster(name="ws/c", *, body=None, **extra):
    properties = {"vmSize": "s", **(body or {})}
    return {
        "type": f"{ML}/computes",
        "apiVersion": "2025-12-01",
        "name": name,
        "properties": {"computeType": "AmlCompute", "properties": properties},
        **extra,
    }


def scaled(**scale):
    return cluster(body={"scaleSettings": scale})


def nested(*resources, scope=None, parameters=None, inner=None, **extra):
    properties = {"mode": "Incremental", "template": template(*resources, **(inner or {}))}
    if scope is not None:
        properties["expressionEvaluationOptions"] = {"scope": scope}
    if parameters is not None:
        properties["parameters"] = parameters
    return {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2022-09-01",
        "name": "dep",
        "properties": properties,
        **extra,
    }


def reading(data, *, files=None, path="main.json", binding=None):
    text = data if isinstance(data, str) else json.dumps(data, indent=2)
    texts = {path: text, **(files or {})}
    documents = {
        name: decode(name, (t if isinstance(t, str) else json.dumps(t)).encode())
        for name, t in texts.items()
    }
    context = Texts(documents, {path: binding} if binding else {})
    return load.read(documents[path], context)


def resources(data, kind=Compute, **options):
    found = reading(data, **options)
    assert not found.problems
    return [r for r in found.resources if isinstance(r, kind)]


def only(data, kind=Compute, **options):
    (resource,) = resources(data, kind, **options)
    return resource


def shown(resource):
    return str(resource.id)


GROUP = "/subscriptions/{subscription().subscriptionId}/resourceGroups/{resourceGroup().name}"


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("deploymentTemplate", GROUP),
        ("subscriptionDeploymentTemplate", GROUP.partition("/resourceGroups")[0]),
        ("managementGroupDeploymentTemplate", GROUP.partition("/resourceGroups")[0]),
        ("tenantDeploymentTemplate", GROUP.partition("/resourceGroups")[0]),
    ],
)
def test_a_lock_without_scope_is_on_what_is_deployed_to(scope, expected):
    lock = only(
        template({"type": LOCKS, "name": "l", "properties": {"level": "ReadOnly"}}, scope=scope),
        Lock,
    )

    assert str(lock.locked) == expected
    assert lock.level.known == "readonly"


def test_what_is_no_template_holds_nothing():
    for text in ("[]", "{}", '{"resources": []}', "3", '{"resources": 3, "contentVersion": 1}'):
        assert reading(text).resources == []


@pytest.mark.parametrize(
    ("kind", "found"),
    [("AmlCompute", ComputeCluster), ("computeinstance", ComputeInstance), ("AKS", None)],
)
def test_the_kind_of_a_compute_comes_from_its_type(kind, found):
    body = cluster()
    body["properties"]["computeType"] = kind

    assert [type(r) for r in resources(template(body))] == ([found] if found else [])


def test_a_compute_of_unknown_kind_is_a_compute_and_is_said():
    body = cluster()
    body["properties"]["computeType"] = "[parameters('kind')]"
    found = reading(template(body, parameters={"kind": {"type": "string"}}))

    assert [type(r) for r in found.resources] == [Compute, ToolUse]
    assert [p.message for p in found.problems] == [
        "the kind of this compute is not known: parameter 'kind' has no value here"
    ]


def test_comments_and_texts_over_lines_are_read():
    text = """
    // a template
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0", /* "resources": [] */
      "resources": [
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "name": "[concat(
              'ws',  // not a comment
              '/c')]",
          "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "s", }},
        },
      ],
    }
    """.replace("  // not a comment", "")
    found = only(text)

    assert found.name == "c"
    assert found.size.place.document.position(found.size.place.start) == (12, 80)


def test_symbolic_names_of_language_version_2_are_read():
    data = template(languageVersion="2.0")
    data["resources"] = {
        "ws": {"existing": True, "type": ML, "apiVersion": "2025-12-01", "name": "ws"},
        "pool": cluster("[format('{0}/{1}', 'ws', 'c')]"),
    }
    workspace, pool = resources(data, (Workspace, Compute))

    assert (workspace.is_existing, pool.is_existing) == (True, False)
    assert pool.id.parent.equals(workspace.id)


def test_a_reference_to_a_symbolic_name_is_followed():
    data = template(languageVersion="2.0")
    data["resources"] = {
        "ws": {"existing": True, "type": ML, "name": "ws", "location": "westeurope"},
        "pool": cluster(location="[reference('WS', '2025-12-01', 'full').location]"),
    }
    pool = only(data)

    assert pool.location.known == "westeurope"


def test_what_a_reference_does_not_declare_is_known_at_deployment_only():
    data = template(languageVersion="2.0")
    data["resources"] = {
        "ws": {"existing": True, "type": ML, "name": "ws"},
        "pool": cluster(location="[reference('ws', '2025-12-01', 'full').location]"),
    }

    assert only(data).location.reasons[0].text == "reference() is answered at deployment"


def test_children_get_their_parents_type_and_name():
    child = cluster("c")
    child["type"] = "computes"
    parent = {"type": ML, "name": "ws", "apiVersion": "2025-12-01", "resources": [child]}
    workspace, pool = resources(template(parent), (Workspace, Compute))

    assert pool.id.parent.equals(workspace.id)
    assert (pool.name, shown(pool).rpartition("/workspaces/")[2]) == ("c", "ws/computes/c")


def test_children_with_whole_names_and_types_are_read_too():
    parent = {"type": ML, "name": "ws", "resources": [cluster("ws/c")]}

    assert shown(only(template(parent))).endswith("/workspaces/ws/computes/c")


def test_children_in_an_object_are_read():
    child = cluster("c")
    child["type"] = "computes"
    parent = {"type": ML, "name": "ws", "resources": {"pool": child}}

    assert shown(only(template(parent))).endswith("/workspaces/ws/computes/c")


def test_children_of_what_is_not_ours_are_read():
    child = {"type": "subnets", "name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}
    network = {"type": "Microsoft.Network/virtualNetworks", "name": "v", "resources": [child]}
    subnet = only(template(network), Subnet)

    assert shown(subnet).endswith("/virtualNetworks/v/subnets/s")


def test_subnets_inside_a_network_are_resources():
    network = {
        "type": "Microsoft.Network/virtualNetworks",
        "name": "v",
        "properties": {"subnets": [{"name": "a"}, {"properties": {}}, {"name": "b"}]},
    }
    broken = {
        "type": "Microsoft.Network/virtualNetworks",
        "name": "w",
        "properties": {"subnets": 3},
    }

    assert [s.name for s in resources(template(network, broken), Subnet)] == ["a", "b"]


def test_an_unknown_name_with_several_segments_keeps_the_shape_of_the_id():
    data = template(cluster("[parameters('name')]"), parameters={"name": {"type": "string"}})

    assert shown(only(data)).endswith("/workspaces/{the parent}/computes/{parameters('name')}")


# Loops and conditions


def test_a_loop_makes_each_of_its_resources():
    body = cluster("[concat('ws/c', copyIndex())]", copy={"name": "loop", "count": 3})
    body["properties"]["properties"]["scaleSettings"] = {"minNodeCount": "[copyIndex('loop', 1)]"}
    found = resources(template(body))

    assert [(c.name, c.min_nodes.known) for c in found] == [("c0", 1), ("c1", 2), ("c2", 3)]


@pytest.mark.parametrize(("count", "made"), [(0, 0), (-1, 0), ("2", 2), ("[add(1, 1)]", 2)])
def test_a_loop_makes_as_many_as_it_says(count, made):
    body = cluster("[concat('ws/c', copyIndex())]", copy={"name": "loop", "count": count})

    assert len(resources(template(body))) == made


def test_a_loop_of_unknown_length_makes_one_with_an_unknown_index():
    body = cluster(
        "[concat('ws/c', copyIndex('l', 1))]",
        copy={"name": "l", "count": "[length(parameters('p'))]"},
    )
    found = only(template(body, parameters={"p": {"type": "array"}}))

    assert found.name.startswith("c{")


def test_a_loop_longer_than_allowed_is_said():
    body = cluster("[concat('ws/c', copyIndex())]", copy={"name": "l", "count": 801})
    found = reading(template(body))

    assert [p.message for p in found.problems] == ["a loop makes 801 resources; 800 are allowed"]


def test_a_loop_of_properties_is_expanded():
    network = {
        "type": "Microsoft.Network/virtualNetworks",
        "name": "v",
        "properties": {
            "addressSpace": {
                "copy": [
                    {
                        "name": "addressPrefixes",
                        "count": "[length(variables('p'))]",
                        "input": "[variables('p')[copyIndex('addressPrefixes')]]",
                    }
                ]
            }
        },
    }
    found = only(template(network, variables={"p": ["10.0.0.0/16", "10.1.0.0/16"]}), VirtualNetwork)

    assert [t.data for t in found.prefixes.known.members] == ["10.0.0.0/16", "10.1.0.0/16"]


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        ({"name": "n", "count": 3, "input": "[mul(copyIndex('n'), 2)]"}, 4),
        ({"name": "n", "count": "3", "input": "[copyIndex('n', 2)]"}, 4),
        ({"name": "n", "count": 3, "input": 4}, 4),
    ],
)
def test_a_loop_of_variables_is_expanded(loop, expected):
    data = template(scaled(minNodeCount="[variables('n')[2]]"), variables={"copy": [loop]})

    assert only(data).min_nodes.known == expected


@pytest.mark.parametrize(
    "loop",
    [
        {"name": "n", "count": "[parameters('p')]", "input": 1},
        {"name": "n", "count": True, "input": 1},
        {"name": "n", "count": 10**9, "input": 1},
        {"name": "n", "count": 2},
        {"name": 3, "count": 2, "input": 1},
    ],
)
def test_a_loop_that_cannot_be_expanded_is_unknown(loop):
    data = template(
        scaled(minNodeCount="[variables('n')[0]]"),
        variables={"copy": [loop]},
        parameters={"p": {"type": "int"}},
    )

    assert only(data).min_nodes.term.is_unknown


def test_a_loop_of_outputs_is_expanded():
    inner = {
        "outputs": {
            "sizes": {"type": "array", "copy": {"count": 2, "input": "[concat('s', copyIndex())]"}},
            "none": {"type": "array"},
        }
    }
    size = "[reference('dep').outputs.sizes.value[1]]"
    data = template(nested(inner=inner), cluster(body={"vmSize": size}))

    assert only(data).size.known == "s1"


@pytest.mark.parametrize("name", ["none", "other"])
def test_an_output_that_is_not_declared_is_not_known(name):
    size = f"[reference('dep').outputs.{name}.value]"
    data = template(
        nested(inner={"outputs": {"none": {"type": "string"}}}), cluster(body={"vmSize": size})
    )

    assert only(data).size.known is None


def test_what_is_never_created_is_not_there():
    data = template(
        cluster(condition=False),
        cluster(condition="[equals(1, 2)]"),
        cluster("ws/d", condition=True),
    )

    assert [c.name for c in resources(data)] == ["d"]


def test_an_open_condition_is_a_decision():
    parameters = {"on": {"type": "bool"}}
    pool = only(template(cluster(condition="[parameters('on')]"), parameters=parameters))

    with pytest.raises(Undecided) as caught:
        bool(pool.exists())
    assert caught.value.decisions


def test_a_condition_that_is_no_truth_value_leaves_it_open():
    pool = only(
        template(cluster(condition="[parameters('on')]"), parameters={"on": {"type": "int"}})
    )

    with pytest.raises(Undecided):
        bool(pool.exists())


# Nested deployments


def test_the_outer_scope_sees_the_parents_parameters():
    data = template(
        nested(
            scaled(minNodeCount="[parameters('n')]"),
            inner={"parameters": {"n": {"type": "int", "defaultValue": 1}}},
        ),
        parameters={"n": {"type": "int", "defaultValue": 2}},
    )

    assert only(data).min_nodes.known == 2


def test_the_inner_scope_sees_its_own_parameters_and_arguments():
    inner = {
        "parameters": {"n": {"type": "int"}, "m": {"type": "int", "defaultValue": 7}},
        "variables": {"v": "[add(parameters('n'), 1)]"},
    }
    pool = only(
        template(
            nested(
                scaled(minNodeCount="[variables('v')]", maxNodeCount="[parameters('m')]"),
                scope="Inner",
                parameters={"N": {"value": "[variables('v')]"}},
                inner=inner,
            ),
            variables={"v": 2},
        )
    )

    assert (pool.min_nodes.known, pool.max_nodes.known) == (3, 7)


def test_an_argument_is_traced_to_where_it_is_written():
    text = json.dumps(
        template(
            nested(
                scaled(minNodeCount="[parameters('n')]"),
                scope="inner",
                parameters={"n": {"value": "[parameters('outer')]"}},
                inner={"parameters": {"n": {"type": "int"}}},
            ),
            parameters={"outer": {"type": "int", "defaultValue": 2}},
        )
    )

    assert [(p.role, p.text) for p in only(text).min_nodes.trace] == [
        ("use", "\"[parameters('n')]\""),
        ("argument", "\"[parameters('outer')]\""),
        ("default", "2"),
    ]


def test_arguments_that_are_loops_or_expressions_are_read():
    inner = {
        "parameters": {
            "sizes": {"type": "array"},
            "whole": {"type": "string"},
            "no": {"type": "string"},
        }
    }
    arguments = {
        "sizes": {
            "copy": [{"name": "value", "count": 2, "input": "[concat('s', copyIndex('value'))]"}]
        },
        "whole": "[createObject('value', 'w')]",
        "no": {"reference": {}},
    }
    first, second, third = resources(
        template(
            nested(
                cluster("ws/a", body={"vmSize": "[parameters('sizes')[1]]"}),
                cluster("ws/b", body={"vmSize": "[parameters('whole')]"}),
                cluster("ws/c", body={"vmSize": "[parameters('no')]"}),
                scope="inner",
                parameters=arguments,
                inner=inner,
            )
        )
    )

    assert (first.size.known, second.size.known) == ("s1", "w")
    assert third.size.reasons[0].text == "parameter 'no' is not given as a value"


def test_a_nested_deployment_in_a_loop_is_read_for_each_turn():
    data = template(
        nested(
            cluster("[concat('ws/c', copyIndex())]"),
            copy={"name": "l", "count": 2},
        )
        | {"name": "[concat('dep', copyIndex())]"}
    )

    assert [c.name for c in resources(data)] == ["c0", "c1"]


def test_the_outputs_of_a_nested_deployment_are_followed():
    inner = {"outputs": {"size": {"type": "string", "value": "Standard_D4s_v5"}}}
    size = "[reference(resourceId('Microsoft.Resources/deployments', 'dep')).outputs.size.value]"

    assert only(template(nested(inner=inner), cluster(body={"vmSize": size}))).size.known == (
        "Standard_D4s_v5"
    )


def test_outputs_go_through_several_levels():
    deepest = nested(scope="inner", inner={"outputs": {"o": {"type": "string", "value": "s"}}})
    middle = nested(
        deepest | {"name": "deep"},
        scope="inner",
        inner={
            "outputs": {"o": {"type": "string", "value": "[reference('deep').outputs.o.value]"}}
        },
    )
    data = template(middle, cluster(body={"vmSize": "[reference('dep').outputs.o.value]"}))

    assert only(data).size.known == "s"


@pytest.mark.parametrize(
    ("extra", "schema", "scope"),
    [
        ({}, "deploymentTemplate", GROUP),
        ({"resourceGroup": "other"}, "deploymentTemplate", GROUP.rpartition("/")[0] + "/other"),
        (
            {"resourceGroup": "other", "subscriptionId": "s"},
            "deploymentTemplate",
            "/subscriptions/s/resourceGroups/other",
        ),
        ({"subscriptionId": "s", "location": "l"}, "deploymentTemplate", "/subscriptions/s"),
        (
            {"location": "l"},
            "subscriptionDeploymentTemplate",
            GROUP.partition("/resourceGroups")[0],
        ),
        (
            {"scope": "/", "location": "l"},
            "tenantDeploymentTemplate",
            GROUP.partition("/resourceGroups")[0],
        ),
        (
            {"resourceGroup": "[concat('rg-', parameters('p'))]"},
            "deploymentTemplate",
            GROUP.rpartition("/")[0] + "/{rg-{parameters('p')}}",
        ),
    ],
)
def test_a_nested_deployment_goes_where_it_says(extra, schema, scope):
    lock = {"type": LOCKS, "name": "l", "properties": {"level": "ReadOnly"}}
    data = template(
        nested(lock, inner={"scope": schema}, **extra), parameters={"p": {"type": "string"}}
    )

    assert str(only(data, Lock).locked) == scope


def test_a_deployment_to_a_subscription_has_a_region_of_its_own():
    group = {
        "type": "Microsoft.Resources/resourceGroups",
        "name": "g",
        "location": "[deployment().location]",
    }
    data = template(
        nested(
            group,
            scope="inner",
            inner={"scope": "subscriptionDeploymentTemplate"},
            location="westeurope",
        ),
        scope="subscriptionDeploymentTemplate",
    )

    assert only(data, ResourceGroup).location.known == "westeurope"


def test_a_declared_group_has_the_id_that_its_contents_name():
    group = {"type": "Microsoft.Resources/resourceGroups", "name": "g", "location": "westeurope"}
    inside = nested(cluster(), scope="inner", resourceGroup="g")
    data = template(group, inside, scope="subscriptionDeploymentTemplate")

    assert only(data).id.group.key == only(data, ResourceGroup).id.key


def test_another_group_has_another_region():
    here = cluster("ws/a", location="[resourceGroup().location]")
    there = nested(
        cluster("ws/b", location="[resourceGroup().location]"), scope="inner", resourceGroup="other"
    )
    first, second = resources(template(here, there))

    with pytest.raises(Undecided):
        bool(first.location.same_as(second.location))
    assert first.location.same_as(first.location)


def test_one_group_is_one_region():
    data = template(
        {"type": ML, "name": "ws", "location": "[resourceGroup().location]"},
        nested(cluster(location="[resourceGroup().location]"), scope="inner"),
    )
    workspace, pool = resources(data, (Workspace, Compute))

    assert workspace.location.same_as(pool.location)


def test_the_configuration_says_where_a_template_goes():
    binding = Binding(subscription="s", resource_group="g", location="westeurope")
    pool = only(template(cluster(location="[resourceGroup().location]")), binding=binding)

    assert shown(pool).startswith("/subscriptions/s/resourceGroups/g/")
    assert pool.location.known == "westeurope"


@pytest.mark.parametrize(
    "link",
    [
        {"uri": "https://example.org/x.json"},
        {"id": "/subscriptions/s/templateSpecs/x"},
        {"relativePath": "gone.json"},
        {"relativePath": "broken.json"},
        {"relativePath": "other.json"},
        {"relativePath": "[parameters('p')]"},
    ],
)
def test_a_linked_template_that_is_not_read_is_said(link):
    deployment = {
        "type": "Microsoft.Resources/deployments",
        "name": "d",
        "properties": {"templateLink": link},
    }
    found = reading(
        template(deployment, parameters={"p": {"type": "string"}}),
        files={"broken.json": "{", "other.json": "{}"},
    )

    assert [(p.rule, p.message) for p in found.problems] == [
        (None, "a linked template is not read")
    ]


def test_a_template_linked_by_a_relative_path_is_read_with_its_arguments():
    linked = template(scaled(minNodeCount="[parameters('n')]"), parameters={"n": {"type": "int"}})
    deployment = {
        "type": "Microsoft.Resources/deployments",
        "name": "d",
        "properties": {
            "templateLink": {"relativePath": "linked.json"},
            "parameters": {"n": {"value": 5}},
        },
    }
    pool = only(template(deployment), files={"infra/linked.json": linked}, path="infra/main.json")

    assert pool.min_nodes.known == 5
    assert pool.grip.document.path == "infra/linked.json"


def test_a_template_that_links_itself_ends():
    deployment = {
        "type": "Microsoft.Resources/deployments",
        "name": "d",
        "properties": {"templateLink": {"relativePath": "main.json"}},
    }
    found = reading(template(deployment))

    assert [p.message for p in found.problems] == ["deployments are nested too deeply"]


def test_a_deployment_without_a_template_is_nothing():
    assert (
        reading(template({"type": "Microsoft.Resources/deployments", "name": "d"})).problems == []
    )


# Locks and other extension resources


def lock(**extra):
    return {"type": LOCKS, "name": "l", "properties": {"level": "CanNotDelete"}, **extra}


@pytest.mark.parametrize(
    ("scope", "locked"),
    [
        ("[resourceGroup().id]", GROUP),
        ("[subscription().id]", "/subscriptions/{subscription().subscriptionId}"),
        (
            "Microsoft.Network/virtualNetworks/v",
            GROUP + "/providers/Microsoft.Network/virtualNetworks/v",
        ),
        (
            "[concat('Microsoft.Network/virtualNetworks/', parameters('v'))]",
            GROUP + "/providers/Microsoft.Network/virtualNetworks/{parameters('v')}",
        ),
        (
            "[resourceId('Microsoft.MachineLearningServices/workspaces', 'ws')]",
            GROUP + f"/providers/{ML}/ws",
        ),
        (
            "[resourceId('other', 'Microsoft.Network/virtualNetworks', 'v')]",
            GROUP.rpartition("/")[0] + "/other/providers/Microsoft.Network/virtualNetworks/v",
        ),
        ("[parameters('v')]", "{parameters('v')}"),
    ],
)
def test_a_lock_with_a_scope_is_on_that(scope, locked):
    data = template(lock(scope=scope), parameters={"v": {"type": "string"}})

    assert str(only(data, Lock).locked) == locked


def test_the_scope_of_a_lock_may_be_a_symbolic_name():
    data = template(languageVersion="2.0")
    data["resources"] = {
        "net": {"type": "Microsoft.Network/virtualNetworks", "name": "v"},
        "nameless": {"type": "Microsoft.Network/virtualNetworks"},
        "a": lock(scope="NET"),
        "b": lock(scope="nameless"),
        "c": lock(scope="gone"),
    }

    assert [str(x.locked).removeprefix(GROUP + "/providers/") for x in resources(data, Lock)] == [
        "Microsoft.Network/virtualNetworks/v",
        "nameless",
        "gone",
    ]


@pytest.mark.parametrize(
    ("kind", "name", "locked"),
    [
        ("Microsoft.Storage/storageAccounts", "s/Microsoft.Authorization/l", "storageAccounts/s"),
        (f"{ML}", "ws/Microsoft.Authorization/l", "workspaces/ws"),
        (f"{ML}/computes", "ws/c/Microsoft.Authorization/l", "workspaces/ws/computes/c"),
    ],
)
def test_the_old_form_of_a_lock_names_what_it_locks(kind, name, locked):
    old = {
        "type": f"{kind}/providers/locks",
        "name": name,
        "properties": {"level": "ReadOnly"},
    }

    assert str(only(template(old), Lock).locked).endswith(f"/{locked}")


def test_the_old_form_of_a_lock_stands_inside_its_resource_too():
    old = {"type": "providers/locks", "name": "Microsoft.Authorization/l", "properties": {}}
    data = template({"type": ML, "name": "ws", "resources": [old]})

    assert str(only(data, Lock).locked).endswith(f"/providers/{ML}/ws")


# Parameters


PARAMETERS = {"n": {"type": "int", "defaultValue": 1}, "size": {"type": "string"}}
BODY = cluster(
    body={"vmSize": "[parameters('size')]", "scaleSettings": {"minNodeCount": "[parameters('n')]"}}
)
FILE = {"$schema": f"{SCHEMA}/deploymentParameters.json#", "contentVersion": "1.0.0.0"}


def arguments(**values):
    return {**FILE, "parameters": {k: {"value": v} for k, v in values.items()}}


def test_a_parameter_file_beside_the_template_is_taken():
    pool = only(
        template(BODY, parameters=PARAMETERS),
        files={"main.parameters.json": arguments(N=3, size="s"), "other.json": "{"},
    )

    assert (pool.min_nodes.known, pool.size.known) == (3, "s")
    assert [(p.role, p.document.path) for p in pool.min_nodes.trace] == [
        ("use", "main.json"),
        ("parameter-file", "main.parameters.json"),
    ]


def test_parameter_files_that_agree_leave_nothing_open():
    pool = only(
        template(BODY, parameters=PARAMETERS),
        files={
            "main.parameters.dev.json": arguments(n=3, size="s"),
            "main.parameters.prod.json": arguments(n=4, size="s"),
        },
    )

    assert pool.size.known == "s"
    assert pool.min_nodes.reasons[0].text == "parameter 'n' depends on the parameter file"
    (decision,) = pool.min_nodes.term.decisions
    assert decision.options == ("main.parameters.dev.json", "main.parameters.prod.json")


def test_the_configuration_names_parameter_files_and_the_last_one_wins():
    pool = only(
        template(BODY, parameters=PARAMETERS),
        files={
            "a.json": arguments(n=3, size="s"),
            "b.json": arguments(n=4),
            "main.parameters.json": arguments(n=9, size="no"),
        },
        binding=Binding(parameters=("a.json", "b.json", "gone.json")),
    )

    assert (pool.min_nodes.known, pool.size.known) == (4, "s")


def test_a_value_from_a_vault_is_unknown():
    files = {"main.parameters.json": {**FILE, "parameters": {"size": {"reference": {}}}}}
    pool = only(template(BODY, parameters=PARAMETERS), files=files)

    assert pool.size.reasons[0].text == "parameter 'size' comes from a key vault"


def test_structures_and_holes_of_a_parameter_file_are_read():
    parameters = {"o": {"type": "object"}, "h": {"type": "string"}}
    pool = only(
        template(
            cluster(
                body={"vmSize": "[parameters('o').list[0].Size]"}, location="[parameters('h')]"
            ),
            parameters=parameters,
        ),
        files={"main.parameters.json": arguments(o={"list": [{"size": "s"}]}, h="${{ region }}")},
    )

    assert pool.size.known == "s"
    assert pool.location.term.is_unknown


def test_a_broken_parameter_file_is_a_syntax_error_there():
    found = reading(
        template(BODY, parameters=PARAMETERS), files={"main.parameters.json": '{"parameters": '}
    )

    (problem,) = found.problems
    assert (problem.rule, problem.document.path) == ("syntax-error", "main.parameters.json")


def test_a_parameter_with_one_allowed_value_has_it():
    parameters = {"size": {"type": "string", "allowedValues": ["s"]}, "n": PARAMETERS["n"]}

    assert only(template(BODY, parameters=parameters)).size.known == "s"


def test_a_nullable_parameter_without_value_is_nothing():
    parameters = {"size": {"type": "string", "nullable": True}, "n": PARAMETERS["n"]}

    assert only(template(BODY, parameters=parameters)).size.is_absent


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ("[parameters('gone')]", "there is no parameter 'gone'"),
        ("[variables('gone')]", "there is no variable 'gone'"),
        ("[variables('copy')]", "there is no variable 'copy'"),
        ("[parameters(]", "is no expression"),
        ("[parameters()]", "wants an argument"),
        ("[newGuid()]", "newGuid() differs at each deployment"),
        ("[listKeys('x', '1')]", "listKeys() is answered at deployment"),
        ("[reference('x').y]", "reference() is answered at deployment"),
        ("[managementGroup().id]", "managementGroup() is not known here"),
        ("[variables(parameters('v'))]", "parameter 'v' has no value here"),
        ("[parameters(parameters('v'))]", "parameter 'v' has no value here"),
        ("[reference()]", "reference wants a resource"),
        ("[extensionResourceId()]", "wants an argument"),
        ("[resourceId(parameters('v'), 'c')]", "parameter 'v' has no value here"),
        ("[subscriptionResourceId(parameters('v'), 'c')]", "parameter 'v' has no value here"),
        ("[managementGroupResourceId(parameters('v'))]", "parameter 'v' has no value here"),
        ("[tenantResourceId()]", ""),
        ("[copyIndex()]", "copyIndex stands outside of its loop"),
        ("[resourceId('Microsoft.X/a/b', 'c')]", "'Microsoft.X/a/b' wants 2 names"),
    ],
)
def test_an_unknown_value_says_why(size, reason):
    data = template(cluster(body={"vmSize": size}), parameters={"v": {"type": "string"}})
    value = only(data).size

    assert value.known is None
    assert reason in value.reasons[0].text


def test_functions_of_the_template_are_called():
    functions = [
        {
            "namespace": "my",
            "members": {
                "size": {
                    "parameters": [{"name": "n", "type": "int"}],
                    "output": {"type": "string", "value": "[concat('s', parameters('N'))]"},
                },
                "empty": {},
                "wrong": {
                    "output": {"type": "string", "value": "[parameters('gone')]"},
                },
            },
        },
        {"members": {}},
        3,
    ]

    def size(expression):
        return only(template(cluster(body={"vmSize": expression}), functions=functions)).size

    assert size("[My.Size(2)]").known == "s2"
    assert size("[my.empty()]").known is None
    assert size("[my.gone()]").known is None
    assert "has no parameter 'gone'" in size("[my.wrong()]").reasons[0].text


def test_functions_of_the_outer_template_are_called_inside_a_nested_one():
    functions = [
        {"namespace": "my", "members": {"s": {"output": {"type": "string", "value": "s"}}}}
    ]
    data = template(nested(cluster(body={"vmSize": "[my.s()]"})), functions=functions)

    assert only(data).size.known == "s"


def test_a_whole_object_may_be_an_expression():
    data = template(
        cluster(body={"scaleSettings": "[variables('scale')]", "subnet": "[parameters('net')]"}),
        variables={"scale": {"minNodeCount": 1, "list": [1]}},
        parameters={"net": {"type": "object"}},
    )
    pool = only(data)

    assert pool.min_nodes.known == 1
    assert pool.max_nodes.is_absent
    assert pool.subnet.term.is_unknown
    assert [p.role for p in pool.min_nodes.trace] == ["use", "variable"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("resourceId('Microsoft.X/a', 'b')", GROUP + "/providers/Microsoft.X/a/b"),
        (
            "resourceId('s', 'g', 'Microsoft.X/a', 'b')",
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.X/a/b",
        ),
        (
            "subscriptionResourceId('Microsoft.X/a', 'b')",
            GROUP.partition("/resourceGroups")[0] + "/providers/Microsoft.X/a/b",
        ),
        (
            "subscriptionResourceId('s', 'Microsoft.X/a', 'b')",
            "/subscriptions/s/providers/Microsoft.X/a/b",
        ),
        ("tenantResourceId('Microsoft.X/a', 'b')", "/providers/Microsoft.X/a/b"),
        (
            "managementGroupResourceId('m', 'Microsoft.X/a', 'b')",
            "/providers/Microsoft.Management/managementGroups/m/providers/Microsoft.X/a/b",
        ),
        (
            "managementGroupResourceId('Microsoft.X/a', 'b')",
            "/providers/Microsoft.Management/managementGroups/{managementGroup().name}/providers/Microsoft.X/a/b",
        ),
        (
            "extensionResourceId(tenantResourceId('Microsoft.X/a', 'b'), 'Microsoft.Y/c', 'd')",
            "/providers/Microsoft.X/a/b/providers/Microsoft.Y/c/d",
        ),
    ],
)
def test_ids_are_built_from_where_the_template_goes(expression, expected):
    value = only(template(cluster(body={"subnet": {"id": f"[{expression}]"}}))).subnet

    assert value.text == expected


def test_a_group_has_no_meaning_above_groups():
    data = template(
        cluster(location="[resourceGroup().location]"), scope="subscriptionDeploymentTemplate"
    )

    assert "has no meaning outside of a group" in only(data).location.reasons[0].text
    assert shown(only(data)).startswith("/subscriptions/{subscription().subscriptionId}/providers/")


def test_a_resource_id_above_groups_names_none():
    data = template(
        cluster(body={"subnet": {"id": "[resourceId('Microsoft.X/a', 'b')]"}}),
        scope="subscriptionDeploymentTemplate",
    )

    assert only(data).subnet.text == (
        "/subscriptions/{subscription().subscriptionId}/providers/Microsoft.X/a/b"
    )


def test_a_finding_names_the_parameter_file_with_which_it_holds():
    files = {
        "main.parameters.dev.json": arguments(n=0, size="s"),
        "main.parameters.prod.json": arguments(n=4),
    }
    texts = {"main.json": json.dumps(template(BODY, parameters=PARAMETERS))}
    texts |= {name: json.dumps(data) for name, data in files.items()}
    report = check(texts, [MinNodesAboveZero])

    (finding,) = report.findings
    assert finding.worlds == ({"parameter file of main.json": "main.parameters.prod.json"},)


@pytest.mark.parametrize("reference", ["mod[1]", "MOD[0]", "dep0"])
def test_the_outputs_of_a_module_in_a_loop_are_followed(reference):
    inner = {"outputs": {"size": {"type": "string", "value": "s"}}}
    data = template(languageVersion="2.0")
    data["resources"] = {
        "mod": nested(inner=inner, copy={"name": "l", "count": 2})
        | {"name": "[concat('dep', copyIndex())]"},
        "other": {"type": "Microsoft.Resources/deployments"},
        "linked": {"type": "Microsoft.Resources/deployments", "name": "x", "properties": {}},
        "broken": nested(scope="inner", inner={}) | {"name": "y"},
        "pool": cluster(body={"vmSize": f"[reference('{reference}').outputs.size.value]"}),
    }
    data["resources"]["broken"]["properties"]["template"]["resources"] = 3
    (pool,) = [r for r in reading(data).resources if isinstance(r, Compute)]

    assert pool.size.known == "s"


def test_an_inner_list_is_indexed_and_its_end_is_known():
    data = template(
        {
            "type": "Microsoft.Network/virtualNetworks/subnets",
            "name": "v/s",
            "properties": {"addressPrefixes": "[variables('p')]"},
        },
        {
            "type": "Microsoft.Network/virtualNetworks/subnets",
            "name": "v/t",
            "properties": "[variables('q')]",
        },
        variables={"p": ["10.0.0.0/24"], "q": {"addressPrefixes": []}},
    )
    first, second = resources(data, Subnet)

    assert first.prefix.known == "10.0.0.0/24"
    assert second.prefix.is_absent


def test_a_structure_nested_too_deeply_is_unknown():
    tags = {"a": "[parameters('t')]"}
    for _ in range(60):
        tags = {"a": tags}
    pool = only(template(cluster(tags=tags), parameters={"t": {"type": "string"}}))

    assert pool.tags.known is not None
    deepest = pool.tags.term
    while deepest.is_known:
        deepest = deepest.data["a"]
    assert deepest.reason.text == "nested too deeply"


# Bad input


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (3, "a resource is not an object"),
        (None, "a resource is not an object"),
        ([], "a resource is not an object"),
    ],
)
def test_a_resource_that_is_none_is_said(value, message):
    found = reading(template(value, cluster()))

    assert [p.message for p in found.problems] == [message]
    assert len(found.resources) == 2


def test_resources_that_are_no_list_are_said():
    data = template()
    data["resources"] = "x"

    assert [p.message for p in reading(data).problems] == [
        "'resources' is neither an array nor an object"
    ]


def test_resources_without_a_type_or_with_another_are_passed_over():
    data = template(
        {"name": "x"},
        {"type": 3, "name": "x"},
        {"type": "[parameters('t')]", "name": "x"},
        {"type": "Microsoft.Web/sites", "name": "x"},
        {"type": f"{ML}/schedules", "name": "ws/j"},
        parameters={"t": {"type": "string"}},
    )

    assert resources(data, object) == []


def test_other_resources_of_the_service_are_known_by_their_version():
    job = {"type": f"{ML}/schedules", "name": "ws/j", "apiVersion": "2025-12-01"}
    use = only(template(job), ToolUse)

    assert use.version.known == "2025-12-01"
    assert use.subject is use


def test_a_version_is_that_of_the_resource_declared():
    found = resources(template(cluster()), object)

    assert [type(r) for r in found] == [ComputeCluster, ToolUse]
    assert found[1].subject is found[0]


def test_a_name_written_twice_is_said_once():
    text = json.dumps(
        template(cluster("[concat('ws/c', copyIndex())]", copy={"name": "l", "count": 2}))
    ).replace('"vmSize": "s"', '"vmSize": "a", "VMSIZE": "b"')
    found = reading(text)

    assert [r.size.known for r in found.resources if isinstance(r, Compute)] == ["b", "b"]
    assert [(p.rule, p.message) for p in found.problems] == [
        (None, "'vmSize' is written twice; only the last one counts")
    ]


def test_what_a_template_declares_twice_is_said_too():
    text = json.dumps(template(cluster(), parameters={"p": {"type": "int"}}, variables={"v": 1}))
    text = text.replace('"v": 1', '"v": 1, "V": 2')
    found = reading(text.replace('"parameters"', '"parameters": {}, "parameters"'))

    assert [p.message for p in found.problems] == [
        "'parameters' is written twice; only the last one counts",
        "'v' is written twice; only the last one counts",
    ]


def test_a_cycle_is_unknown_and_says_so():
    data = template(
        scaled(minNodeCount="[variables('a')]", maxNodeCount="[parameters('p')]"),
        variables={"a": "[variables('b')]", "b": "[variables('a')]"},
        parameters={"p": {"type": "int", "defaultValue": "[parameters('p')]"}},
    )
    found = reading(data)
    (pool,) = [r for r in found.resources if isinstance(r, Compute)]

    assert [p.rule for p in found.problems] == ["syntax-error", "syntax-error"]
    assert pool.min_nodes.reasons[0].text == "variable 'a' refers to itself"
    assert pool.max_nodes.reasons[0].text == "parameter 'p' refers to itself"


def test_deployments_nested_too_deeply_are_said():
    inner = nested(cluster())
    for _ in range(25):
        inner = nested(inner)

    assert [p.message for p in reading(template(inner)).problems] == [
        "deployments are nested too deeply"
    ]


def test_more_resources_than_a_file_may_hold_are_said():
    one_loop = cluster("[concat('ws/c', copyIndex())]", copy={"name": "l", "count": 800})
    found = reading(template(*[one_loop] * 15))

    (message,) = {p.message for p in found.problems}
    assert message.startswith("more than 20")
    assert message.endswith(" resources")
    assert 1_600 <= len(found.resources) <= 2_200


def test_arguments_that_are_loops_of_another_name_are_not_given():
    inner = {"parameters": {"sizes": {"type": "array"}}}
    loop = {"copy": [{"name": "other", "count": 2, "input": "s"}]}
    data = template(
        nested(
            cluster(body={"vmSize": "[parameters('sizes')[0]]"}),
            scope="inner",
            parameters={"sizes": loop},
            inner=inner,
        )
    )

    assert "is not given as a value" in only(data).size.reasons[0].text


def test_two_conditions_must_both_hold():
    parameters = {"on": {"type": "bool"}, "off": {"type": "bool", "defaultValue": False}}
    child = cluster("c", condition="[parameters('on')]")
    child["type"] = "computes"
    parent = {
        "type": ML,
        "name": "ws",
        "condition": "[not(parameters('on'))]",
        "resources": [child],
    }
    pool = only(template(parent, parameters=parameters))

    with pytest.raises(Undecided):
        bool(pool.exists())
