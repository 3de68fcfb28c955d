"""Properties: known, absent, unknown or invalid, and how they compare."""

from __future__ import annotations

import json

import pytest

from azmlint.expressions.truth import Undecided
from azmlint.model.resources import Compute
from azmlint.model.value import REMOVED, NotEditable
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts


def clusters(text, path="a.yml"):
    document = decode(path, text.encode())
    reading = load.read(document, Texts({path: document}))
    return [r for r in reading.resources if isinstance(r, Compute)]


def cluster(text=""):
    return clusters(f"name: c\ntype: amlcompute\n{text}")[0]


def template(*bodies, parameters=None):
    data = {
        "contentVersion": "1.0.0.0",
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "parameters": parameters or {"p": {"type": "string"}, "b": {"type": "bool"}},
        "resources": [
            {
                "type": "Microsoft.MachineLearningServices/workspaces/computes",
                "name": f"ws/c{i}",
                **body,
                "properties": {"computeType": "AmlCompute", "properties": body.get("inner", {})},
            }
            for i, body in enumerate(bodies)
        ],
    }
    return clusters(json.dumps(data), "a.json")


def decided(truth):
    try:
        return bool(truth)
    except Undecided:
        return None


KNOWN = "size: Standard_D4s_v5\nmax_instances: 4\n"
UNKNOWN = "size: ${{ size }}\nmax_instances: ${{ n }}\n"
INVALID = "size: [1]\nmax_instances: many\n"


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        (KNOWN, [True, False, True, False, True, False, True]),
        ("", [False, False, False, False, False, False, False]),
        (UNKNOWN, [None, None, None, None, None, None, None]),
        (INVALID, [None, None, None, None, None, None, None]),
    ],
)
def test_comparisons_are_decided_as_far_as_the_value_is_known(text, verdicts):
    size, nodes = cluster(text).size, cluster(text).max_nodes

    assert [
        decided(t)
        for t in (
            nodes.equals(4),
            nodes.equals(5),
            nodes.one_of(3, 4),
            nodes.above(4),
            nodes.below(5),
            size.matches("standard"),
            size.matches("standard_d.*"),
        )
    ] == verdicts


def test_a_value_has_no_truth_of_its_own():
    with pytest.raises(TypeError, match="ask size"):
        bool(cluster().size)


@pytest.mark.parametrize(
    ("text", "absent"), [("", True), ("size:\n", True), (KNOWN, False), (UNKNOWN, False)]
)
def test_nothing_written_and_an_explicit_null_are_absent(text, absent):
    value = cluster(text).size

    assert decided(value.absent) is absent
    assert decided(value.given) is not absent
    assert value.is_absent is absent


def test_what_a_decision_leaves_open_may_be_absent():
    (pool,) = template({"inner": {"vmSize": "[if(parameters('b'), 's', null())]"}})

    assert decided(pool.size.absent) is None


def test_a_value_is_required_or_undecided_with_its_reason():
    assert cluster(KNOWN).max_nodes.require() == 4
    for text, reason in [
        ("", "max nodes of compute cluster 'c' is not written"),
        (UNKNOWN, "'${{ n }}' is filled in before deployment"),
        (INVALID, "max nodes is not a whole number of 0 to 2147483647"),
    ]:
        with pytest.raises(Undecided) as caught:
            cluster(text).max_nodes.require()
        assert [r.text for r in caught.value.reasons] == [reason]


def test_defaults_are_those_of_the_tool():
    value = cluster().max_nodes
    effective = value.effective()

    assert (effective.known, effective.is_default, effective.text) == (4, True, "4")
    assert (value.known, value.is_default, value.default.value) == (None, False, 4)
    assert cluster(KNOWN).max_nodes.effective().is_default is False
    assert cluster().subnet.effective().known is None


def test_what_a_tool_requires_is_told_by_dialect():
    (pool,) = template({})

    assert "ScaleSettings" in pool.max_nodes.required
    assert cluster().max_nodes.required is None


def test_a_property_that_a_dialect_does_not_have_is_absent_and_cannot_be_written():
    pool = cluster()

    assert pool.api_version.is_absent
    assert (pool.api_version.default, pool.api_version.required) == (None, None)
    with pytest.raises(NotEditable):
        pool.api_version.edits("x")


@pytest.mark.parametrize(
    ("one", "two", "verdict"),
    [
        ("westeurope", "West Europe", True),
        ("westeurope", "northeurope", False),
        ("[resourceGroup().location]", "[resourceGroup().location]", True),
        ("[resourceGroup().location]", "westeurope", None),
        ("[parameters('p')]", "[concat(parameters('p'), 'x')]", False),
        ("[concat('a', parameters('p'))]", "[concat('B', parameters('p'))]", False),
        (None, None, True),
        (None, "westeurope", False),
        (["x"], "westeurope", None),
    ],
)
def test_two_uses_of_one_unknown_are_the_same(one, two, verdict):
    first, second = template(*({"location": x} if x is not None else {} for x in (one, two)))

    assert decided(first.location.same_as(second.location)) is verdict
    assert decided(second.location.same_as(first.location)) is verdict


def test_what_is_not_written_may_still_differ():
    first, second = template({"location": "westeurope"}, {})

    with pytest.raises(Undecided) as caught:
        bool(first.location.differs_from(second.location))
    assert caught.value.reasons[0].text == "region of compute cluster 'c1' is not written"
    assert decided(first.location.differs_from(first.location)) is False


def test_a_member_of_a_map_is_pointed_at_by_its_name():
    tags = cluster("tags: {a: 1, b: 2}\n").tags
    member = tags.member("b")

    assert (member.place.text, member.route) == ("b", ("tags", "b"))
    assert tags.member("c") is tags
    assert cluster().tags.member("a").is_absent


def test_an_item_of_a_list_is_pointed_at_by_its_place():
    ids = cluster("identity: {user_assigned_identities: [x, y]}\n").identity_ids
    item = ids.item(1, ids.known.members[1])

    assert item.place.text == "y"
    assert item.route == ("identity", "user_assigned_identities", "1")


def test_a_secret_is_never_shown():
    pool = cluster("ssh_settings: {admin_password: hunter2}\n")

    assert pool.admin_password.text == "(secret)"


def test_a_change_says_what_becomes_of_a_value():
    value = cluster(KNOWN).max_nodes

    assert value.set(1) == (value, 1)
    assert value.remove().new is REMOVED


def test_a_value_shows_its_owner_and_text():
    pool = cluster(KNOWN)

    assert repr(pool.size) == "Value(compute cluster 'c'.size=Term(Standard_D4s_v5))"
    assert repr(pool) == "<compute cluster 'c' at a.yml:1:7>"
    assert (pool.place, pool.trace) == (pool.grip, (pool.grip,))


def test_an_absent_value_points_at_the_name():
    pool = cluster()

    assert pool.size.place is pool.grip


def test_what_todays_tool_refuses_is_known_all_the_same():
    value = cluster("tier: LowPriority\n").tier

    assert (value.known, value.invalid, value.refused) == (
        "lowpriority",
        None,
        "dedicated or low_priority",
    )


def test_reading_twice_gives_one_value_unless_a_decision_is_open():
    pool = cluster(KNOWN)
    (other,) = template({"inner": {"vmSize": "[if(parameters('b'), 's', 't')]"}})

    assert pool.size is pool.size
    assert other.size is not other.size
