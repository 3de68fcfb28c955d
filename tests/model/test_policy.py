"""Policies hold for resources as Azure Policy documents them, and are never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_estate import (
    CLUSTER,
    COMPUTES,
    GROUP,
    NETWORK,
    WORKSPACE,
    answers,
    cluster,
    declared,
    definition,
    estate_of,
    meets,
    template,
    verdict,
)

from azmlint.expressions.term import Symbol, Term, unknown
from azmlint.expressions.truth import Truth
from azmlint.model.policy.condition import holds, operator_of
from azmlint.model.policy.evaluator import evaluate
from azmlint.model.resources import Compute, Workspace

SIZE = f"{COMPUTES}/vmSize"
MAX = f"{COMPUTES}/scaleSettings.maxNodeCount"


# Conditions


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"equals": "STANDARD_nc6"}, True),
        ({"equals": "Standard_NC12"}, False),
        ({"notEquals": "Standard_NC12"}, True),
        ({"like": "standard_n*"}, True),
        ({"like": "*6"}, True),
        ({"like": "Standard_NC6*C6"}, False),
        ({"notLike": "*_D*"}, None),
        ({"notLike": "Standard_D*"}, True),
        ({"match": "Standard_??#"}, True),
        ({"match": "standard_??#"}, False),
        ({"matchInsensitively": "standard_NC."}, True),
        ({"notMatch": "Standard_NC##"}, True),
        ({"notMatchInsensitively": "standard_nc#"}, False),
        ({"contains": "_nc"}, True),
        ({"contains": "*"}, None),
        ({"notContains": "_nc"}, False),
        ({"in": ["Standard_D2", "standard_NC6"]}, True),
        ({"in": "Standard_NC6"}, None),
        ({"notIn": ["Standard_D2"]}, True),
        ({"exists": "true"}, True),
        ({"exists": False}, False),
        ({"containsKey": "a"}, None),
        ({"greater": 3}, None),
        ({"EQUALS": "Standard_NC6"}, True),
        ({"resembles": "Standard_NC6"}, None),
    ],
)
def test_texts_meet_conditions_as_documented(condition, expected):
    item = cluster({"vmSize": "Standard_NC6"})

    assert meets({"field": SIZE, **condition}, item) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"equals": "x"}, False),
        ({"notEquals": "x"}, True),
        ({"in": ["x"]}, False),
        ({"notIn": ["x"]}, True),
        ({"like": "*"}, False),
        ({"notLike": "x*"}, True),
        ({"match": "."}, False),
        ({"contains": ""}, False),
        ({"notContainsKey": "x"}, True),
        ({"greater": 3}, False),
        ({"less": 3}, False),
        ({"exists": "false"}, True),
        ({"equals": ""}, None),
    ],
)
def test_what_is_not_written_meets_negated_conditions_alone(condition, expected):
    assert meets({"field": SIZE, **condition}, cluster()) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"greater": 10}, True),
        ({"greaterOrEquals": 12}, True),
        ({"less": 12}, False),
        ({"lessOrEquals": 12}, True),
        ({"equals": "12"}, True),
        ({"greater": "10"}, None),
    ],
)
def test_numbers_compare_with_numbers(condition, expected):
    item = cluster({"scaleSettings": {"maxNodeCount": 12}})

    assert meets({"field": MAX, **condition}, item) is expected


def test_moments_compare_by_time_and_words_by_letters():
    item = cluster({"vmSize": "b"}, tags={"until": "2026-12-31"})

    assert meets({"field": "tags['until']", "greater": "2026-11-24T00:00:00Z"}, item) is True
    assert meets({"field": "tags['until']", "less": "[addDays(utcNow(), 10)]"}, item) is False
    assert meets({"field": SIZE, "greater": "A"}, item) is True


def test_true_and_false_equal_the_words():
    item = cluster() | {"properties": {"computeType": "AmlCompute", "disableLocalAuth": False}}
    alias = f"{COMPUTES}/disableLocalAuth"

    assert meets({"field": alias, "equals": "false"}, item) is True
    assert meets({"field": alias, "notEquals": True}, item) is True


def test_combinations_are_those_of_logic():
    item = cluster({"vmSize": "Standard_NC6"})
    yes, no = {"field": SIZE, "exists": True}, {"field": SIZE, "exists": False}
    open_ = {"field": f"{COMPUTES}/whatever", "equals": "x"}

    assert meets({"allOf": [yes, no, open_]}, item) is False
    assert meets({"allOf": [yes, open_]}, item) is None
    assert meets({"anyOf": [no, open_, yes]}, item) is True
    assert meets({"anyOf": [no, open_]}, item) is None
    assert meets({"not": no}, item) is True
    assert meets({"not": open_}, item) is None


def test_conditions_that_nest_without_end_are_undecided():
    condition = {"field": SIZE, "exists": True}
    for _ in range(80):
        condition = {"not": condition}

    assert "too deeply" in verdict(condition, cluster()).holds.reasons[0].text


def test_counts_in_counts_are_bounded():
    condition = {"field": SIZE, "exists": True}
    for name in ("a", "b", "c"):
        items = list(range(90))
        count = {"value": items, "name": name, "where": condition}
        condition = {"count": count, "equals": 90}

    assert (
        "too many conditions" in verdict(condition, cluster({"vmSize": "x"})).holds.reasons[0].text
    )


# Fields


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", COMPUTES.lower()),
        ("name", "train"),
        ("fullName", "ws/train"),
        ("id", CLUSTER),
        ("kind", "box"),
        ("location", "West Europe"),
        ("identity.type", "SystemAssigned, UserAssigned"),
        ("tags.owner", "me"),
        ("tags['cost.center']", "7"),
        ("tags[owner]", "me"),
        ("tags['''it''s''']", "odd"),
        (f"{COMPUTES}/sku.name", "S"),
        (f"{COMPUTES}/computeType", "AmlCompute"),
        (f"{COMPUTES}/subnet.id", "/x"),
        (f"{COMPUTES}/ENABLENODEPUBLICIP", "true"),
    ],
)
def test_fields_are_what_resource_manager_calls_them(field, value):
    item = cluster(
        {"subnet": {"id": "/x"}, "enableNodePublicIp": True},
        kind="box",
        sku={"name": "S"},
        identity={"type": "SystemAssigned,UserAssigned"},
        tags={"owner": "me", "cost.center": "7", "it''s": "odd"},
    )

    assert meets({"field": field, "equals": value}, item) is True


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        (f"{COMPUTES}/colour", f"azmlint does not know the alias {COMPUTES}/colour"),
        ("Microsoft.Sql/servers/version", "is an alias of another type than"),
        ("Microsoft.Sql/servers/list[*].x", "is an alias of another type than"),
        ("colour", "'colour' is no field"),
        (f"{COMPUTES}/a/b", "is an alias of another type than"),
    ],
)
def test_an_unknown_field_is_undecided_with_its_reason(field, reason):
    found = verdict({"field": field, "exists": False}, cluster())

    assert found.holds.known is None
    assert reason in found.holds.reasons[0].text


OTHER = "Microsoft.Sql/servers/version"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"field": OTHER, "equals": "x"}, False),
        ({"field": OTHER, "exists": True}, False),
        ({"field": OTHER, "notEquals": "x"}, None),
        ({"field": OTHER, "exists": False}, None),
        ({"not": {"field": OTHER, "equals": "x"}}, None),
        ({"not": {"field": OTHER, "notEquals": "x"}}, False),
        ({"not": {"not": {"field": OTHER, "equals": "x"}}}, False),
        ({"count": {"field": "Microsoft.Sql/servers/list[*]"}, "greater": 0}, False),
        ({"count": {"field": "Microsoft.Sql/servers/list[*]"}, "less": 1}, None),
        (
            {"count": {"value": [1], "where": {"field": OTHER, "equals": "x"}}, "greater": 0},
            None,
        ),
    ],
)
def test_an_alias_of_another_type_catches_nothing(condition, expected):
    assert meets(condition, cluster()) is expected


def test_an_unlisted_property_that_is_written_is_read():
    assert meets({"field": f"{COMPUTES}/colour", "equals": "red"}, cluster({"colour": "Red"}))


def test_tag_names_may_come_from_parameters():
    condition = {"field": "[concat('tags[', parameters('tagName'), ']')]", "exists": "false"}
    parameters = {"tagName": {"type": "String"}}

    found = [
        meets(condition, cluster(tags={"owner": "x"}), parameters=parameters, values={"TagName": n})
        for n in ("owner", "costCenter")
    ]

    assert found == [False, True]


RULES = {
    "id": f"{NETWORK}/networkSecurityGroups/nsg",
    "name": "nsg",
    "type": "Microsoft.Network/networkSecurityGroups",
    "properties": {
        "securityRules": [
            {"name": "ssh", "properties": {"access": "Allow", "destinationPortRange": "22"}},
            {
                "name": "web",
                "properties": {"access": "Allow", "destinationPortRanges": ["80", "443"]},
            },
            {"name": "end", "properties": {"access": "Deny", "destinationPortRange": "*"}},
        ]
    },
}
RULE = "Microsoft.Network/networkSecurityGroups/securityRules[*]"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"field": f"{RULE}.access", "equals": "Allow"}, False),
        ({"field": f"{RULE}.access", "in": ["Allow", "Deny"]}, True),
        ({"field": f"{RULE}.access", "notEquals": "Audit"}, True),
        ({"field": f"{RULE}.destinationPortRanges[*]", "in": ["80", "443"]}, True),
        ({"field": f"{RULE}.name", "like": "*"}, True),
        ({"count": {"field": RULE}, "equals": 3}, True),
        ({"count": {"field": f"{RULE}.destinationPortRanges[*]"}, "equals": 2}, True),
        (
            {
                "count": {
                    "field": RULE,
                    "where": {
                        "allOf": [
                            {"field": f"{RULE}.access", "equals": "Allow"},
                            {"field": f"{RULE}.destinationPortRange", "equals": "22"},
                        ]
                    },
                },
                "greater": 0,
            },
            True,
        ),
        (
            {
                "count": {
                    "field": RULE,
                    "where": {"value": f"[current('{RULE}.access')]", "equals": "Allow"},
                },
                "equals": 2,
            },
            True,
        ),
        (
            {
                "count": {
                    "field": RULE,
                    "where": {
                        "count": {
                            "field": f"{RULE}.destinationPortRanges[*]",
                            "where": {
                                "field": f"{RULE}.destinationPortRanges[*]",
                                "equals": "443",
                            },
                        },
                        "greater": 0,
                    },
                },
                "equals": 1,
            },
            True,
        ),
        (
            {
                "count": {"field": RULE, "where": {"field": "name", "equals": "nsg"}},
                "equals": "[length(field('" + RULE.removesuffix("[*]") + "'))]",
            },
            True,
        ),
        (
            {
                "count": {
                    "value": ["n*", "x*"],
                    "name": "pattern",
                    "where": {"field": "name", "like": "[current('pattern')]"},
                },
                "equals": 1,
            },
            True,
        ),
        (
            {
                "count": {"value": ["n*"], "where": {"field": "name", "like": "[current()]"}},
                "equals": 1,
            },
            True,
        ),
        ({"count": {"field": "name"}, "equals": 1}, None),
        ({"count": {"value": "n*"}, "equals": 1}, None),
    ],
)
def test_lists_are_tested_item_by_item_and_counted(condition, expected):
    assert meets(condition, RULES) is expected


def test_of_an_empty_list_every_item_meets_a_condition():
    item = {**RULES, "properties": {}}

    assert meets({"field": f"{RULE}.access", "equals": "Allow"}, item) is True
    assert meets({"field": f"{RULE}.access", "exists": True}, item) is None
    assert meets({"count": {"field": RULE}, "equals": 0}, item) is True


# Values and functions


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("[resourceGroup().name]", "ml"),
        ("[subscription().subscriptionId]", "s"),
        ("[concat(field('name'), '-x')]", "train-x"),
        ("[if(contains(field('name'), 'rai'), 'yes', 'no')]", "yes"),
        ("[length(field('tags'))]", "1"),
        (f"[empty(field('{COMPUTES}/subnet.id'))]", "true"),
        ("[ipRangeContains('10.0.0.0/8', '10.1.0.0-10.1.0.9')]", "true"),
        ("[ipRangeContains('10.0.0.0/16', '10.1.0.7')]", "false"),
        ("[policy().definitionReferenceId]", None),
        ("[requestContext().apiVersion]", None),
        ("[resourceGroup().location]", None),
        ("[substring(field('name'), 0, 30)]", None),
        ("[resourceId('a/b', 'c')]", None),
        ("[parameters('nothing')]", None),
        ("[field(]", None),
        ("[[text]", "[[text]"),
    ],
)
def test_values_are_worked_out_by_the_functions_of_policies(value, expected):
    item = cluster(tags={"a": "b"})
    found = verdict({"value": value, "equals": expected or "x"}, item)

    assert found.holds.known is (None if expected is None else True)
    assert expected is not None or found.holds.reasons


def test_the_group_is_known_where_it_was_read():
    group = {
        "id": GROUP,
        "name": "ml",
        "type": "Microsoft.Resources/resourceGroups",
        "location": "westeurope",
        "tags": {"owner": "me"},
    }
    found = answers(cluster(), group)
    condition = {"value": "[resourceGroup().tags.owner]", "equals": "me"}

    assert evaluate(definition(condition), {}, found[0], estate_of(found)).holds.known is True
    as_group = {"field": "type", "equals": "Microsoft.Resources/subscriptions/resourceGroups"}
    assert evaluate(definition(as_group), {}, found[1], estate_of(found)).holds.known is True


# Parameters, effects, modes


def test_arguments_stand_before_defaults():
    condition = {"field": SIZE, "notIn": "[parameters('sizes')]"}
    parameters = {"sizes": {"type": "Array", "defaultValue": ["Standard_NC6"]}}
    item = cluster({"vmSize": "Standard_NC6"})

    assert meets(condition, item, parameters=parameters) is False
    assert meets(condition, item, parameters=parameters, values={"sizes": ["Standard_D2"]}) is True


@pytest.mark.parametrize(
    ("effect", "expected", "named"),
    [
        ("Deny", True, "deny"),
        ("AUDIT", True, "audit"),
        ("disabled", False, "disabled"),
        ("[parameters('effect')]", True, "modify"),
        ("manual", None, ""),
        ("[parameters('none')]", None, ""),
    ],
)
def test_an_effect_is_named_as_documented_or_undecided(effect, expected, named):
    parameters = {"effect": {"type": "String", "defaultValue": "Modify"}}

    found = verdict({"field": "name", "exists": True}, cluster(), effect, parameters=parameters)

    assert (found.holds.known, found.effect) == (expected, named)


def test_what_an_effect_changes_is_named():
    operations = [
        {"operation": "add", "field": "tags['owner']", "value": "x"},
        {"operation": "addOrReplace", "field": SIZE, "value": "x"},
    ]
    condition = {"field": "name", "exists": True}

    modified = verdict(condition, cluster(), "modify", details={"operations": operations})
    appended = verdict(condition, cluster(), "append", details=[{"field": SIZE, "value": "x"}])

    assert modified.changes == ("tags['owner']", SIZE)
    assert appended.changes == (SIZE,)


@pytest.mark.parametrize(
    ("actions", "expected"), [(["Delete"], True), (["write"], False), (None, True)]
)
def test_a_refused_action_is_a_deletion(actions, expected):
    details = {"actionNames": actions}

    found = meets(
        {"field": "name", "exists": True}, cluster(), effect="denyAction", details=details
    )

    assert found is expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("All", True), ("Indexed", False), ("Microsoft.KeyVault.Data", False)],
)
def test_a_mode_says_which_types_a_definition_is_about(mode, expected):
    subnet = {
        "id": f"{NETWORK}/virtualNetworks/net/subnets/s",
        "name": "s",
        "type": "Microsoft.Network/virtualNetworks/subnets",
    }

    assert meets({"field": "name", "exists": True}, subnet, mode=mode) is expected


def test_what_the_provider_of_resources_has_is_not_evaluated():
    at = "/subscriptions/s/providers/Microsoft.Resources/deployments/d"
    deployment = {"id": at, "name": "d", "type": "Microsoft.Resources/deployments"}
    subscription = {
        "id": "/subscriptions/s",
        "name": "s",
        "type": "Microsoft.Resources/subscriptions",
    }
    somewhere = {"field": "location", "notIn": ["westeurope"]}

    assert meets({"field": "name", "exists": True}, deployment) is False
    assert meets({"field": "name", "exists": True}, subscription) is True
    assert meets(somewhere, subscription) is False


def test_a_related_resource_that_is_the_resource_itself_is_tested():
    details = {
        "type": COMPUTES,
        "name": "[field('name')]",
        "existenceCondition": {"field": SIZE, "equals": "Standard_NC6"},
    }
    condition = {"field": "type", "equals": COMPUTES}

    found = [
        meets(condition, cluster({"vmSize": s}), effect="auditIfNotExists", details=details)
        for s in ("Standard_NC6", "Standard_D2")
    ]

    assert found == [False, True]


def test_another_related_resource_is_looked_for_where_all_is_known():
    details = {"type": "Microsoft.Network/networkSecurityGroups", "name": "nsg"}
    condition = {"field": "type", "equals": COMPUTES}
    made = definition(condition, "auditIfNotExists", details=details)
    alone, beside = answers(cluster()), answers(cluster(), RULES)

    open_ = evaluate(made, {}, alone[0], estate_of(alone))
    missing = evaluate(made, {}, alone[0], estate_of(alone, is_complete=True))
    there = evaluate(made, {}, beside[0], estate_of(beside, is_complete=True))

    assert [v.holds.known for v in (open_, missing, there)] == [None, True, False]


# Other languages


YAML = """
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: train
type: amlcompute
size: Standard_NC6
max_instances: 12
idle_time_before_scale_down: 300
tags: {owner: me}
"""
TERRAFORM = """
resource "azurerm_machine_learning_workspace" "ws" {
  name     = "ws"
  location = "North Europe"
}
resource "azurerm_machine_learning_compute_cluster" "train" {
  name                          = "train"
  location                      = "westeurope"
  machine_learning_workspace_id = azurerm_machine_learning_workspace.ws.id
  vm_size                       = "Standard_NC6"
  vm_priority                   = "Dedicated"
  scale_settings {
    min_node_count                       = 0
    max_node_count                       = 12
    scale_down_nodes_after_idle_duration = "PT300S"
  }
  identity { type = "SystemAssigned" }
  tags = { owner = "me" }
}
"""
FACTS = [
    (f"{COMPUTES}/computeType", "AmlCompute"),
    (SIZE, "Standard_NC6"),
    (MAX, "12"),
    (f"{COMPUTES}/scaleSettings.minNodeCount", "0"),
    (f"{COMPUTES}/scaleSettings.nodeIdleTimeBeforeScaleDown", "PT300S"),
    (f"{COMPUTES}/vmPriority", "Dedicated"),
    (f"{COMPUTES}/enableNodePublicIp", "true"),
    (f"{COMPUTES}/remoteLoginPortPublicAccess", "NotSpecified"),
    ("tags['owner']", "me"),
]


@pytest.mark.parametrize("text", [("c.yml", YAML), ("main.tf", TERRAFORM)])
@pytest.mark.parametrize(("field", "value"), FACTS)
def test_other_languages_are_read_as_what_their_tool_sends(text, field, value):
    resources, worlds = declared(dict([text]))
    compute = next(r for r in resources if isinstance(r, Compute))
    made = definition({"field": field, "equals": value})

    assert evaluate(made, {}, compute, estate_of(resources, worlds)).holds.known is True


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        (("main.tf", TERRAFORM), "location", "northeurope"),
        (("main.tf", TERRAFORM), f"{COMPUTES}/computeLocation", "westeurope"),
        (("main.tf", TERRAFORM), f"{COMPUTES}/disableLocalAuth", "false"),
        (("main.tf", TERRAFORM), "identity.type", "SystemAssigned"),
        (("c.yml", YAML), f"{COMPUTES}/computeLocation", None),
        (("c.yml", YAML), f"{COMPUTES}/disableLocalAuth", "true"),
        (("c.yml", f"{YAML}location: westeurope\n"), "location", "West Europe"),
    ],
)
def test_tools_send_what_is_not_written_too(text, field, value):
    resources, worlds = declared(dict([text]))
    compute = next(r for r in resources if isinstance(r, Compute))
    wanted = {"equals": value} if value is not None else {"exists": False}
    made = definition({"field": field, **wanted})

    assert evaluate(made, {}, compute, estate_of(resources, worlds)).holds.known is True


@pytest.mark.parametrize(("key", "expected"), [("", None), ("encryption {}", "Enabled")])
def test_a_key_of_a_workspace_is_what_resource_manager_calls_encryption(key, expected):
    text = TERRAFORM.replace('"North Europe"', f'"North Europe"\n  {key}')
    resources, worlds = declared({"main.tf": text})
    workspace = next(r for r in resources if isinstance(r, Workspace))
    field = "Microsoft.MachineLearningServices/workspaces/encryption.status"
    wanted = {"equals": expected} if expected is not None else {"exists": False}

    found = evaluate(
        definition({"field": field, **wanted}), {}, workspace, estate_of(resources, worlds)
    )

    assert found.holds.known is True


@pytest.mark.parametrize("field", ["location", "kind", f"{COMPUTES}/propertyBag", "identity.type"])
def test_what_a_tool_sends_and_nobody_tells_is_undecided(field):
    text = YAML if field != "identity.type" else YAML.replace("amlCompute", "workspace")
    resources, worlds = declared(
        {"c.yml": text.replace("type: amlcompute\n", "") if field == "identity.type" else text}
    )
    kind = Workspace if field == "identity.type" else Compute
    resource = next(r for r in resources if isinstance(r, kind))
    made = definition({"field": field, "equals": "x"})

    found = evaluate(made, {}, resource, estate_of(resources, worlds))

    assert found.holds.known is None
    assert found.holds.reasons


def test_what_the_service_sets_is_not_known_of_a_declaration():
    resource = {
        "type": COMPUTES,
        "apiVersion": "2025-06-01",
        "name": "ws/train",
        "properties": {"computeType": "AmlCompute"},
    }
    resources, worlds = declared({"t.json": template(resource)})
    made = definition({"field": f"{COMPUTES}/provisioningState", "exists": False})

    found = evaluate(made, {}, resources[0], estate_of(resources, worlds))

    assert found.holds.reasons[0].text == "provisioningState is set by the service"


def test_rules_declared_apart_belong_to_their_group():
    group = {
        "type": "Microsoft.Network/networkSecurityGroups",
        "apiVersion": "2024-05-01",
        "name": "nsg",
        "location": "westeurope",
        "properties": {},
    }
    rule = {
        "type": "Microsoft.Network/networkSecurityGroups/securityRules",
        "apiVersion": "2024-05-01",
        "name": "nsg/ssh",
        "properties": {"access": "Allow", "destinationPortRange": "22"},
    }
    resources, worlds = declared({"t.json": template(group, rule)})
    where = {"field": f"{RULE}.destinationPortRange", "equals": "22"}
    made = definition({"count": {"field": RULE, "where": where}, "equals": 1})

    assert evaluate(made, {}, resources[0], estate_of(resources, worlds)).holds.known is True


# Unknown values

SIZED = {"computeType": "AmlCompute", "properties": {"vmSize": "[parameters('size')]"}}


def test_an_unknown_value_leaves_open_what_rests_on_it():
    resource = {
        "type": COMPUTES,
        "apiVersion": "2025-06-01",
        "name": "[concat('ws/gpu-', parameters('who'))]",
        "properties": {
            "computeType": "AmlCompute",
            "properties": {"vmSize": "[parameters('size')]"},
        },
    }
    text = template(resource, who={"type": "string"}, size={"type": "string"})
    resources, worlds = declared({"t.json": text})
    estate = estate_of(resources, worlds)

    def decide(condition):
        return evaluate(definition(condition), {}, resources[0], estate).holds.known

    assert decide({"field": SIZE, "equals": "x"}) is None
    assert decide({"field": SIZE, "exists": True}) is True
    assert decide({"field": "name", "like": "gpu-*"}) is True
    assert decide({"field": "name", "like": "cpu-*"}) is False
    assert decide({"field": "name", "contains": "pu"}) is True
    assert decide({"field": "name", "contains": "xyz"}) is None


def test_a_parameter_with_allowed_values_is_a_decision():
    resource = {
        "type": COMPUTES,
        "apiVersion": "2025-06-01",
        "name": "ws/train",
        "properties": {
            "computeType": "AmlCompute",
            "properties": {"vmSize": "[parameters('size')]"},
        },
    }
    size = {"type": "string", "allowedValues": ["Standard_D2", "Standard_NC6"]}
    resources, worlds = declared({"t.json": template(resource, size=size)})

    made = definition({"field": SIZE, "equals": "Standard_NC6"})
    open_ = evaluate(made, {}, resources[0], estate_of(resources, worlds)).holds
    worlds.enter({open_.decisions[0].key: 1})

    assert open_.known is None
    assert evaluate(made, {}, resources[0], estate_of(resources, worlds)).holds.known is True


OPERATORS = ["equals", "notEquals", "like", "notLike", "contains", "notContains", "in", "notIn"]
WORD = st.text("ab", max_size=3)


@given(st.sampled_from(OPERATORS), WORD, WORD, WORD, WORD, st.booleans())
def test_a_verdict_on_a_text_known_in_part_holds_for_every_such_text(
    word, start, inner, end, wanted, has_star
):
    pattern = Term(f"{wanted}*" if has_star and "ike" in word else wanted)
    if word.casefold().endswith("in") and word != "contains":
        pattern = Term([Term(wanted)])
    symbol = Symbol(("p",), "p")
    base = unknown("parameter", "p has no value", symbol)
    parts = tuple(p for p in (start, symbol, end) if p != "")
    open_ = Term(base.data, reason=base.reason, parts=parts)
    operator = operator_of(word)

    before = holds(operator, open_, pattern)
    after = holds(operator, Term(start + inner + end), pattern)

    assert before.known in {None, after.known}
    assert isinstance(before, Truth)


# What is told


def test_the_condition_that_decides_is_told_with_its_place():
    resources, worlds = declared({"c.yml": YAML})
    condition = {
        "allOf": [
            {"field": "type", "equals": COMPUTES},
            {"field": f"{COMPUTES}/computeType", "equals": "AmlCompute"},
            {"anyOf": [{"field": SIZE, "equals": "x"}, {"field": MAX, "greater": 10}]},
        ]
    }
    compute = next(r for r in resources if isinstance(r, Compute))

    found = evaluate(definition(condition), {}, compute, estate_of(resources, worlds))

    assert found.fact.text == "scaleSettings.maxNodeCount is 12, above 10"
    assert found.fact.on.place.shown == "c.yml:6:16"


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (
            {"field": SIZE, "notIn": ["a", "b", "c", "d"]},
            "vmSize is 'Standard_NC6', which is none of 'a', 'b', 'c' and 1 more",
        ),
        ({"field": SIZE, "in": ["Standard_NC6"]}, "vmSize is 'Standard_NC6', which is listed"),
        ({"not": {"field": SIZE, "in": ["a"]}}, "vmSize is 'Standard_NC6', which is none of 'a'"),
        ({"field": SIZE, "notLike": "a*"}, "vmSize is 'Standard_NC6', not like 'a*'"),
        ({"field": SIZE, "notContains": "a0"}, "vmSize is 'Standard_NC6', without 'a0'"),
        ({"field": "tags", "notContainsKey": "owner"}, "tags has no key 'owner'"),
        ({"field": "tags['owner']", "exists": False}, "tags['owner'] is not written"),
        ({"value": "[length(field('tags'))]", "less": 3}, "[length(field('tags'))] is 1, below 3"),
        (
            {"count": {"field": f"{COMPUTES}/customServices[*]"}, "less": 1},
            "the number of customServices is 0, below 1",
        ),
    ],
)
def test_what_a_condition_found_is_one_clause(condition, text):
    item = cluster({"vmSize": "Standard_NC6"}, tags={"a": "b"})

    assert verdict(condition, item).fact.text == text


def test_the_condition_that_tells_most_is_told():
    item = cluster({"vmSize": "Standard_NC6"})
    condition = {
        "allOf": [
            {"field": "location", "notIn": ["eastus"]},
            {"field": "location", "notEquals": "global"},
            {"field": "type", "equals": COMPUTES},
        ]
    }

    assert (
        verdict(condition, item).fact.text == "location is 'westeurope', which is none of 'eastus'"
    )


def test_a_secret_is_not_told():
    alias = f"{COMPUTES}/userAccountCredentials.adminUserPassword"
    item = cluster({"userAccountCredentials": {"adminUserPassword": "hunter2"}})

    assert "hunter2" not in verdict({"field": alias, "notEquals": "x"}, item).fact.text


def test_a_workspace_is_named_by_its_own_path():
    item = {
        "id": WORKSPACE,
        "name": "ws",
        "type": "Microsoft.MachineLearningServices/workspaces",
        "properties": {"privateEndpointConnections": []},
    }
    alias = "Microsoft.MachineLearningServices/workspaces/privateEndpointConnections[*]"
    status = f"{alias}.privateLinkServiceConnectionState.status"
    where = {"field": status, "equals": "Approved"}

    assert meets({"count": {"field": alias, "where": where}, "less": 1}, item) is True


# Whatever a definition says


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(
        [
            *("type", "name", "tags", "tags['a']", SIZE, MAX, f"{COMPUTES}/errors[*].code", RULE),
            *(
                "a*",
                "*a*",
                "2026-01-01",
                "[field(1)]",
                "[current()]",
                "[parameters(field('name'))]",
            ),
            *("[addDays('x', 1)]", "[addDays(utcNow(), 99999999)]", "[ipRangeContains('a', 'b')]"),
            *("[ipRangeContains('::1', '10.0.0.1')]", "[[x", "[", "[policy().assignmentId]"),
            *("[current(field('name'))]", "[current('x[*]')]", "[subscription().tags.a]"),
        ]
    ),
)
WORDS = [
    *(
        "allOf",
        "anyOf",
        "not",
        "field",
        "value",
        "count",
        "where",
        "name",
        "exists",
        "equals",
        "in",
    ),
    *("like", "match", "contains", "containsKey", "less", "greater", "notIn"),
]
RULES_AT_RANDOM = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(WORDS), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(
    RULES_AT_RANDOM, st.sampled_from(["deny", "[field('name')]", None, ["x"], "auditIfNotExists"])
)
def test_no_definition_breaks_the_evaluator(condition, effect):
    found = verdict(condition, cluster({"vmSize": "a"}, tags={"a": "b"}), effect)

    assert found.holds.known in {True, False, None}
    assert found.holds.known is not None or found.holds.reasons


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("x", "a condition is no object"),
        ({"allOf": "x"}, "'allOf' is no list"),
        ({"equals": "x"}, "a condition tests neither field nor value"),
        ({"field": 7, "equals": "x"}, "a field has no name"),
        ({"field": "name", "exists": "maybe"}, "neither true nor false"),
        ({"field": "tags", "equals": "x"}, "whole lists or objects"),
        ({"field": "tags", "like": "x*"}, "'like' of a list or an object"),
        ({"field": "tags", "match": "x"}, "'match' of a list or an object"),
        ({"field": "tags", "contains": "x"}, "'contains' of a list or an object"),
        ({"field": "name", "equals": ["x"]}, "whole lists or objects"),
        ({"field": "name", "like": ["x"]}, "'like' without a text"),
        ({"field": "name", "match": ["x"]}, "'match' without a text"),
        ({"field": "name", "containsKey": ["x"]}, "'containsKey' without a text"),
        ({"field": "name", "like": "*a*"}, "'like' with several '*'"),
        ({"value": "[addDays('x', 1)]", "equals": "x"}, "addDays wants a moment"),
        ({"value": "[current()]", "equals": "x"}, "current() stands outside of a count"),
        ({"value": "[ipRangeContains('x', 'y')]", "equals": "x"}, "'x' is no range"),
        ({"value": "[ipRangeContains('::1', '10.0.0.1')]", "equals": "x"}, "of one family"),
        ({"value": "[subscription().tags]", "equals": "x"}, "subscription().tags is not known"),
        ({"field": f"{COMPUTES}/[*]", "equals": "x"}, "is no alias"),
    ],
)
def test_what_cannot_be_worked_out_says_why(condition, reason):
    found = verdict(condition, cluster(tags={"a": "b"}))

    assert found.holds.known is None
    assert reason in found.holds.reasons[0].text
