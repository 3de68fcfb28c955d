"""Resource ids of which pieces may be unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.expressions.term import Symbol, Term
from azmlint.expressions.truth import Undecided
from azmlint.model.ids import ResourceId, group_scope, subscription_scope

SUB = Symbol("sub", "the subscription")
GROUP = Symbol("group", "the group")
NET = "/providers/Microsoft.Network/virtualNetworks/v"


def an_id(text):
    return ResourceId((text,))


WS = an_id(
    "/subscriptions/S/resourceGroups/G/providers/Microsoft.MachineLearningServices/workspaces/W"
    "/computes/C"
)


def test_the_parts_of_an_id_are_told():
    assert (WS.name, WS.resource_type) == (
        "C",
        "microsoft.machinelearningservices/workspaces/computes",
    )
    assert str(WS.parent).endswith("/workspaces/W")
    assert str(WS.group) == "/subscriptions/S/resourceGroups/G"
    assert str(WS.subscription) == "/subscriptions/S"
    assert repr(WS.subscription) == "ResourceId(/subscriptions/S)"


def test_a_scope_has_no_type():
    group = group_scope("S", "G")

    assert (group.resource_type, group.name) == (None, "G")
    assert str(group.group) == str(group)
    assert (subscription_scope("S").group, an_id("/providers/X/y/z").subscription) == (None, None)
    assert an_id("/subscriptions").subscription is None
    assert an_id("").name is None


def test_an_extension_resource_has_the_type_of_its_last_provider():
    lock = an_id(f"/subscriptions/S{NET}/providers/Microsoft.Authorization/locks/l")

    assert lock.resource_type == "microsoft.authorization/locks"


def test_a_type_of_which_a_piece_is_unknown_says_so():
    found = ResourceId(("/subscriptions/S/providers/Microsoft.X/", GROUP, "/n"))

    assert found.resource_type == "microsoft.x/?"


def test_a_child_adds_segments_that_may_be_unknown():
    child = subscription_scope(SUB).child("resourceGroups", GROUP).child("x", ("a-", GROUP))

    assert (
        str(child) == "/subscriptions/{the subscription}/resourceGroups/{the group}/x/a-{the group}"
    )
    assert (child.name, child.is_ground, WS.is_ground) == (None, False, True)


@pytest.mark.parametrize(
    ("one", "two", "verdict"),
    [
        (an_id("/subscriptions/S"), an_id("/SUBSCRIPTIONS/s"), True),
        (an_id("/subscriptions/S"), an_id("/subscriptions/T"), False),
        (an_id("/subscriptions/S"), an_id("/subscriptions/S/resourceGroups/G"), False),
        (subscription_scope(SUB), subscription_scope(SUB), True),
        (subscription_scope(SUB), an_id("/subscriptions/S"), None),
        (group_scope(SUB, "a"), group_scope("S", "b"), False),
        (ResourceId((GROUP,)), ResourceId((GROUP,)), True),
        (ResourceId((GROUP,)), an_id("/subscriptions/S"), None),
        (an_id("a"), an_id("b"), False),
        (an_id("a"), ResourceId(("a", GROUP)), None),
    ],
)
def test_ids_are_compared_as_far_as_they_are_known(one, two, verdict):
    assert decided(one.equals(two)) is decided(two.equals(one)) is verdict


def decided(truth):
    try:
        return bool(truth)
    except Undecided:
        return None


@pytest.mark.parametrize(
    ("scope", "other", "verdict"),
    [
        (subscription_scope("S"), WS, True),
        (group_scope("s", "g"), WS, True),
        (WS, WS, True),
        (WS, WS.parent, False),
        (group_scope("S", "other"), WS, False),
        (group_scope("S", "Gx"), WS, False),
        (group_scope("S", GROUP), WS, None),
        (group_scope(SUB, GROUP), group_scope(SUB, GROUP).child("x", "y"), True),
        (ResourceId((GROUP,)), WS, None),
        (ResourceId((GROUP,)), ResourceId((GROUP,)), True),
    ],
)
def test_a_scope_covers_itself_and_what_is_below_it(scope, other, verdict):
    assert decided(scope.covers(other)) is verdict


def test_what_is_unknown_is_named_in_the_reason():
    with pytest.raises(Undecided) as caught:
        bool(group_scope(SUB, GROUP).equals(group_scope("S", "G")))

    assert [r.text for r in caught.value.reasons] == [
        "the subscription is not known before deployment",
        "the group is not known before deployment",
    ]


def test_an_id_is_read_from_a_value():
    assert ResourceId.of(Term("/a/b")).key == ("/a/b",)
    assert ResourceId.of(Term(3)).segments == ()


_SEGMENT = st.text("abC", min_size=1, max_size=3) | st.sampled_from([SUB, GROUP])
_IDS = st.lists(_SEGMENT, min_size=1, max_size=4).map(
    lambda s: ResourceId(tuple(p for segment in s for p in ("/", segment)))
)


@given(_IDS, _IDS)
def test_equality_is_the_same_from_both_sides(one, two):
    assert decided(one.equals(two)) is decided(two.equals(one))
    assert decided(one.equals(one)) is True


@given(_IDS, _IDS)
def test_a_scope_covers_its_descendants_and_never_its_ancestors(scope, rest):
    below = ResourceId((*scope.parts, *rest.parts))

    assert decided(scope.covers(below)) is True
    assert decided(below.covers(scope)) is False


def test_groups_and_subscriptions_are_told_from_what_is_in_them():
    group, subscription = group_scope("S", "G"), subscription_scope("S")

    assert [(i.is_group, i.is_subscription) for i in (group, subscription, WS)] == [
        *((True, False), (False, True), (False, False)),
    ]


def test_the_last_segment_is_shown_with_what_is_unknown_in_it():
    assert [group_scope("S", ("a-", GROUP)[1]).shown_name, WS.shown_name] == ["{the group}", "C"]
    assert ResourceId(()).shown_name == ""
