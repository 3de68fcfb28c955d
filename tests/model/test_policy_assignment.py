"""Assignments put policies in force where their scopes, selectors and exemptions say."""

from __future__ import annotations

import datetime as dt

import pytest
from policy_estate import CLUSTER, COMPUTES, GROUP, answers, cluster, estate_of

from azmlint.model.ids import ResourceId
from azmlint.model.policy.built_in import built_in
from azmlint.model.resources import ComputeCluster
from azmlint.sources import deployed

SUBSCRIPTION = "/subscriptions/s"
OWN = f"{SUBSCRIPTION}/providers/Microsoft.Authorization"
DEFINITION = f"{OWN}/policyDefinitions/sizes"
INITIATIVE = f"{OWN}/policySetDefinitions/rules"
SIZE = f"{COMPUTES}/vmSize"
DENIED = {
    "id": DEFINITION,
    "name": "sizes",
    "type": "Microsoft.Authorization/policyDefinitions",
    "properties": {
        "displayName": "No GPUs",
        "mode": "Indexed",
        "parameters": {
            "pattern": {"type": "String", "defaultValue": "Standard_N*"},
            "effect": {"type": "String", "defaultValue": "Deny"},
        },
        "policyRule": {
            "if": {"field": SIZE, "like": "[parameters('pattern')]"},
            "then": {"effect": "[parameters('effect')]"},
        },
    },
}


def assignment(target=DEFINITION, scope=SUBSCRIPTION, **properties):
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/policyAssignments/a",
        "name": "a",
        "type": "Microsoft.Authorization/policyAssignments",
        "properties": {"policyDefinitionId": target, **properties},
    }


def initiative(*members, **parameters):
    return {
        "id": INITIATIVE,
        "name": "rules",
        "type": "Microsoft.Authorization/policySetDefinitions",
        "properties": {"parameters": parameters, "policyDefinitions": list(members)},
    }


def member(reference, **parameters):
    return {
        "policyDefinitionId": DEFINITION,
        "policyDefinitionReferenceId": reference,
        "parameters": {name: {"value": value} for name, value in parameters.items()},
    }


def exemption(scope=GROUP, *, of=SUBSCRIPTION, **properties):
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/policyExemptions/e",
        "name": "e",
        "type": "Microsoft.Authorization/policyExemptions",
        "properties": {
            "policyAssignmentId": f"{of}/providers/Microsoft.Authorization/policyAssignments/a",
            "exemptionCategory": "Waiver",
            **properties,
        },
    }


def rulings(*items, size="Standard_NC6", is_complete=True):
    found = answers(cluster({"vmSize": size}), *items)
    estate = estate_of(found, is_complete=is_complete, now=dt.datetime(2026, 11, 24, tzinfo=dt.UTC))
    compute = estate.of(ComputeCluster)[0]
    return list(estate.policies.rulings(compute))


def held(*items, **options):
    return [r.verdict.holds.known for r in rulings(*items, **options)]


def test_an_assigned_policy_is_named_and_judged():
    (ruling,) = rulings(DENIED, assignment())

    assert (ruling.title, ruling.verdict.effect) == ("No GPUs", "deny")
    assert ruling.verdict.fact.text == "vmSize is 'Standard_NC6', like 'Standard_N*'"


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, [True]),
        ({"parameters": {"pattern": {"value": "Standard_D*"}}}, [False]),
        ({"parameters": {"EFFECT": {"value": "Disabled"}}}, [False]),
        ({"enforcementMode": "DoNotEnforce"}, []),
        ({"notScopes": [GROUP]}, []),
        ({"notScopes": [f"{SUBSCRIPTION}/resourceGroups/other"]}, [True]),
        ({"notScopes": [CLUSTER.upper()]}, []),
        ({"notScopes": "x"}, [None]),
        ({"notScopes": ["/providers/Microsoft.Management/managementGroups/lab"]}, [None]),
        ({"resourceSelectors": "x"}, [None]),
        ({"overrides": "x"}, [None]),
    ],
)
def test_an_assignment_says_how_a_policy_is_in_force(properties, expected):
    assert held(DENIED, assignment(**properties)) == expected


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (GROUP, [True]),
        (CLUSTER, [True]),
        (f"{SUBSCRIPTION}/resourceGroups/ml2", []),
        ("/subscriptions/other", []),
        ("/providers/Microsoft.Management/managementGroups/root", []),
    ],
)
def test_an_assignment_reaches_what_is_below_its_scope(scope, expected):
    assert held(DENIED, assignment(scope=scope)) == expected


@pytest.mark.parametrize(
    ("selectors", "expected"),
    [
        ([{"kind": "resourceLocation", "in": ["West Europe"]}], [True]),
        ([{"kind": "resourceLocation", "notIn": ["westeurope"]}], [False]),
        ([{"kind": "resourceType", "in": [COMPUTES]}], [True]),
        (
            [
                {"kind": "resourceType", "in": [COMPUTES]},
                {"kind": "resourceLocation", "in": ["eastus"]},
            ],
            [False],
        ),
        ([{"kind": "resourceWithoutLocation", "in": ["subscriptionLevelResources"]}], [False]),
        ([{"kind": "userPrincipalId", "in": ["x"]}], [None]),
    ],
)
def test_resource_selectors_choose_resources(selectors, expected):
    chosen = [{"name": "one", "selectors": selectors}]

    assert held(DENIED, assignment(resourceSelectors=chosen)) == expected


def test_any_of_several_resource_selectors_is_enough():
    chosen = [
        {"name": "one", "selectors": [{"kind": "resourceLocation", "in": ["eastus"]}]},
        {"name": "two", "selectors": [{"kind": "resourceLocation", "in": ["westeurope"]}]},
    ]

    assert held(DENIED, assignment(resourceSelectors=chosen)) == [True]


def test_an_override_gives_another_effect():
    east = [{"kind": "resourceLocation", "in": ["eastus"]}]
    overrides = [
        {"kind": "policyEffect", "value": "Disabled", "selectors": east},
        {"kind": "policyEffect", "value": "audit"},
    ]

    (ruling,) = rulings(DENIED, assignment(overrides=overrides))

    assert ruling.verdict.effect == "audit"
    assert held(DENIED, assignment(overrides=[{"kind": "definitionVersion", "value": "2"}])) == [
        None
    ]


def test_an_initiative_passes_its_arguments_on():
    rules = initiative(
        member("first", pattern="[parameters('gpu')]"),
        member("second", pattern="[concat('Standard_', 'D*')]"),
        member("third", pattern="[parameters('none')]"),
        gpu={"type": "String", "defaultValue": "Standard_X*"},
    )
    given = {"gpu": {"value": "Standard_NC*"}}

    found = rulings(DENIED, rules, assignment(INITIATIVE, parameters=given))

    assert [r.assigned.reference for r in found] == ["first", "second", "third"]
    assert [r.verdict.holds.known for r in found] == [True, False, None]


def test_an_override_may_be_of_one_policy_of_an_initiative():
    rules = initiative(member("first"), member("second"))
    overrides = [
        {
            "kind": "policyEffect",
            "value": "Disabled",
            "selectors": [{"kind": "policyDefinitionReferenceId", "in": ["First"]}],
        }
    ]

    assert held(DENIED, rules, assignment(INITIATIVE, overrides=overrides)) == [False, True]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (exemption(), [False]),
        (exemption(exemptionCategory="Mitigated"), [False]),
        (exemption(CLUSTER), [False]),
        (exemption(f"{SUBSCRIPTION}/resourceGroups/other"), [True]),
        (exemption(of="/subscriptions/t"), [True]),
        (exemption(expiresOn="2026-11-23T00:00:00Z"), [True]),
        (exemption(expiresOn="2026-11-25T00:00:00.1234567Z"), [False]),
        (exemption(policyDefinitionReferenceIds=["other"]), [True]),
        (
            exemption(
                resourceSelectors=[
                    {"name": "x", "selectors": [{"kind": "resourceLocation", "in": ["eastus"]}]}
                ]
            ),
            [True],
        ),
    ],
)
def test_an_exemption_leaves_out_its_scope_until_it_expires(made, expected):
    assert held(DENIED, assignment(), made) == expected


@pytest.mark.parametrize(("day", "expected"), [(24, [False]), (26, [True])])
def test_another_day_may_be_set_for_what_is_past(day, expected):
    made = (DENIED, assignment(), exemption(expiresOn="2026-11-25T12:00:00Z"))
    found = answers(cluster({"vmSize": "Standard_NC6"}), *made)
    read = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
    estate = estate_of(found, is_complete=True, now=read, today=dt.date(2026, 11, day))

    assert [r.verdict.holds.known for r in estate.policies.rulings(found[0])] == expected


def test_what_is_set_on_a_management_group_holds_where_it_was_read():
    above = "/providers/Microsoft.Management/managementGroups/platform"
    set_above = assignment(scope=above)
    exempt = exemption(above, of=above)
    found = answers(cluster({"vmSize": "Standard_NC6"}), DENIED)
    read_in = (ResourceId((SUBSCRIPTION,)),)
    made = [r for item in (set_above, exempt) for r in deployed.resources(item, read_in)]

    def hold(*resources):
        estate = estate_of(resources, is_complete=True)
        return [r.verdict.holds.known for r in estate.policies.rulings(found[0])]

    assert hold(*found, made[0]) == [True]
    assert hold(*found, *made) == [False]


def test_an_exemption_may_be_of_some_policies_of_an_initiative():
    rules = initiative(member("first"), member("second"))
    exempt = exemption(policyDefinitionReferenceIds=["FIRST"])

    assert held(DENIED, rules, assignment(INITIATIVE), exempt) == [False, True]


def test_exemptions_that_were_not_read_are_a_gap_and_no_verdict():
    (ruling,) = rulings(DENIED, assignment(), is_complete=False)

    assert ruling.verdict.holds.known is True
    assert ruling.gap is not None


def test_what_was_not_read_is_undecided():
    assert held(assignment()) == [None]
    assert held(assignment(INITIATIVE)) == [None]


@pytest.mark.parametrize(
    ("name", "parameters", "expected"),
    [
        (
            "6c112d4e-5bc7-47ae-a041-ea2d9dccd749",
            {"listOfResourceTypesNotAllowed": [COMPUTES]},
            True,
        ),
        ("a08ec900-254a-4555-9bf5-e42af04b5c5c", {"listOfResourceTypesAllowed": [COMPUTES]}, False),
        ("e56962a6-4747-49cd-b67b-bf8b01975c4c", {"listOfAllowedLocations": ["eastus"]}, True),
        ("871b6d14-10aa-478d-b590-94f262ecfa99", {"tagName": "owner"}, True),
    ],
)
def test_some_built_in_policies_are_known_without_being_read(name, parameters, expected):
    target = f"/providers/Microsoft.Authorization/policyDefinitions/{name.upper()}"
    given = {key: {"value": value} for key, value in parameters.items()}

    assert held(assignment(target, parameters=given)) == [expected]
    assert built_in("11111111-0000-0000-0000-000000000000") is None


def test_a_definition_is_read_once():
    found = answers(cluster({"vmSize": "Standard_NC6"}), DENIED, assignment())
    estate = estate_of(found, is_complete=True)
    assigned = estate.policies.assigned_by(found[2])[0]

    assert assigned.definition.equals(ResourceId((DEFINITION,))).known is True
    assert estate.policies.definition_of(assigned) is estate.policies.definition_of(assigned)
