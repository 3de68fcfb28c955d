"""What is set on a management group is in force where the answer of a subscription names it."""

from __future__ import annotations

import json

from azmlint import testing
from azmlint.engine import diagnose, packs
from azmlint.engine.deployed import split
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.model.resources import ComputeCluster, PolicyAssignment
from azmlint.sources import snapshot

MINE, OTHER = "/subscriptions/mine", "/subscriptions/other"
WORKSPACE = f"{MINE}/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws"
SUBNET = f"{MINE}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
POLICY = "/providers/Microsoft.Authorization/policyDefinitions/78460a36-508a-49a4-b2b2-2f5ec564f4bb"
ABOVE = "/providers/Microsoft.Management/managementGroups/platform"
ASSIGNMENT = {
    "id": f"{ABOVE}/providers/Microsoft.Authorization/policyAssignments/keep",
    "name": "keep",
    "type": "Microsoft.Authorization/policyAssignments",
    "properties": {
        "policyDefinitionId": POLICY,
        "parameters": {
            "listOfResourceTypesDisallowedForDeletion": {
                "value": ["Microsoft.Network/loadBalancers"]
            }
        },
    },
}
STUCK = {
    "id": f"{WORKSPACE}/computes/train",
    "name": "train",
    "properties": {
        "computeType": "AmlCompute",
        "properties": {
            "subnet": {"id": SUBNET},
            "allocationState": "Resizing",
            "allocationStateTransitionTime": "2026-11-24T09:00:00Z",
            "currentNodeCount": 0,
            "targetNodeCount": 0,
        },
    },
}


def estate(*scopes):
    def answer(facet, scope, *items):
        return {"facet": facet, "scope": scope, "state": "collected", "items": list(items)}

    answers = [
        answer("workspaces", MINE, {"id": WORKSPACE, "name": "ws", "properties": {}}),
        answer("computes", WORKSPACE, STUCK),
        answer("policyExemptions", MINE),
        *(answer("policyAssignments", scope, ASSIGNMENT) for scope in scopes),
    ]
    taken = "2026-11-24T12:00:00Z"
    text = json.dumps({"version": 1, "taken": taken, "cloud": "AzureCloud", "answers": answers})
    return text.encode()


def assignment_in(found):
    return next(r for r in found if isinstance(r, PolicyAssignment))


def test_it_is_one_resource_that_knows_every_answer_with_it():
    found = list(snapshot.read(estate(MINE, OTHER), "s").resources())

    assert [str(s) for s in assignment_in(found).read_in] == [MINE, OTHER]
    assert sum(isinstance(r, PolicyAssignment) for r in found) == 1


def test_it_guards_what_is_declared_in_a_subscription_that_names_it():
    compute = next(
        r for r in snapshot.read(estate(MINE), "s").resources() if isinstance(r, ComputeCluster)
    )

    mine, _ = split(snapshot.read(estate(MINE), "s").resources(), [compute])
    other, _ = split(snapshot.read(estate(OTHER), "s").resources(), [compute])

    assert [type(r) for r in mine] == [PolicyAssignment]
    assert other == []


def test_it_explains_a_cluster_below_it():
    rules = rule_classes(BUILT_IN)
    names = ("stuck-resizing-zero", "policy-denies-delete")
    raw = estate(MINE)
    report = testing.check({"estate.json": raw}, [rules[name] for name in names])
    taken = snapshot.read(raw, "s")

    found = diagnose.diagnose(taken, "ws/train", report, packs.entries())

    (cause,) = found.causes
    assert cause.finding.rule == "policy-denies-delete"
    assert cause.explains == ("stuck-resizing-zero",)
    assert cause.path[0].name == "keep"
    assert cause.path[-1].name == "train"
