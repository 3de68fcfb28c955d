"""Which identity is the default is said with its reason, and not where nobody knows it."""

from __future__ import annotations

import pytest
from test_access import GROUP, NOW, SUB, TEAM, WHO, answer

from azmlint.expressions.truth import Undecided
from azmlint.model.access.identity import default_identity
from azmlint.model.estate import Estate
from azmlint.model.facet import Facet
from azmlint.model.resources import Compute, Workspace
from azmlint.sources import load
from azmlint.sources.document import Binding, decode
from azmlint.sources.snapshot import snapshot
from azmlint.sources.texts import Texts

WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws"
ONE = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one"
TWO = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/two"
SYSTEM = {"type": "SystemAssigned", "principalId": WHO}


def assigned(*ids):
    return {"userAssignedIdentities": {i: {"principalId": p, "clientId": "c"} for i, p in ids}}


def deployed(identity, kind="AmlCompute", *more):
    compute = {
        "id": f"{WORKSPACE}/computes/train",
        "name": "train",
        "identity": identity,
        "properties": {"computeType": kind},
    }
    workspace = {"id": WORKSPACE, "name": "ws", "identity": identity, "properties": {}}
    return [
        answer(Facet.WORKSPACES, workspace),
        answer(Facet.COMPUTES, compute, scope=WORKSPACE),
        *more,
    ]


def estate(answers, text=None):
    found = snapshot(NOW, "AzureCloud", answers)
    resources = [*found.resources()]
    if text is not None:
        document = decode("c.yml", text.encode())
        binding = Binding(SUB.rpartition("/")[2], "ml", "ws")
        context = Texts({"c.yml": document}, {"c.yml": binding})
        resources += load.read(document, context).resources
    return Estate(resources, today=NOW.date(), coverages=found.coverages)


def asked(one):
    compute = next((c for c in one.of(Compute) if not c.is_deployed), one.of(Compute)[0])
    found = default_identity(compute, one)
    return [i.principal.parts for i in found.candidates], found.why


@pytest.mark.parametrize(
    ("identity", "principals", "why"),
    [
        (SYSTEM, [WHO], "it is the system-assigned one"),
        (
            {"type": "UserAssigned", **assigned((ONE, TEAM))},
            [TEAM],
            "it is the only user-assigned one",
        ),
        (
            {"type": "UserAssigned", **assigned((ONE, TEAM), (TWO, WHO))},
            [TEAM, WHO],
            "the first of 2 user-assigned ones is, and the order of them is not guaranteed",
        ),
        (
            {**SYSTEM, "type": "SystemAssigned,UserAssigned", **assigned((ONE, TEAM))},
            [WHO, TEAM],
            "a system-assigned and user-assigned ones are mixed, for which no order is documented",
        ),
        (None, [], ""),
        ({"type": "None"}, [], ""),
    ],
)
def test_the_default_is_said_with_its_reason(identity, principals, why):
    found, reason = asked(estate(deployed(identity)))

    assert found == [(p,) for p in principals]
    assert reason == why


def test_a_declared_identity_has_the_principal_of_the_deployed_one():
    text = f"""\
name: train
type: amlcompute
identity:
  type: user_assigned
  user_assigned_identities:
    - resource_id: {ONE.upper()}
"""
    item = {"id": ONE, "name": "one", "properties": {"principalId": TEAM}}

    found, why = asked(estate([answer(Facet.IDENTITIES, item)], text))

    assert (found, why) == ([(TEAM,)], "it is the only user-assigned one")


def test_a_declared_compute_keeps_the_system_assigned_identity_it_has():
    text = "name: train\ntype: amlcompute\nidentity:\n  type: system_assigned\n"

    assert asked(estate(deployed(SYSTEM), text))[0] == [(WHO,)]


def test_a_compute_that_is_not_created_yet_has_no_principal():
    text = "name: other\ntype: amlcompute\nidentity:\n  type: system_assigned\n"
    one = estate([], text)
    (identity,) = default_identity(one.of(Compute)[0], one).candidates

    with pytest.raises(Undecided, match="gets its principal when it is created"):
        _ = identity.principal


def test_a_user_assigned_identity_that_nobody_read_has_no_principal():
    one = estate(deployed({"type": "UserAssigned", "userAssignedIdentities": {ONE: {}}}))
    (identity,) = default_identity(one.of(Compute)[0], one).candidates

    with pytest.raises(Undecided, match="no input says which principal"):
        _ = identity.principal


def test_a_workspace_acts_as_its_primary_identity():
    identity = {"type": "UserAssigned", **assigned((ONE, TEAM), (TWO, WHO))}
    answers = deployed(identity)
    item = answers[0].items[0]
    item["properties"]["primaryUserAssignedIdentity"] = TWO
    one = estate(answers)

    found = default_identity(one.of(Workspace)[0], one)

    assert [i.principal.parts for i in found.candidates] == [(WHO,)]
    assert found.why == "it is the primary identity of the workspace"
