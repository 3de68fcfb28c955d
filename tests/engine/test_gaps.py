"""What was asked of one part of an estate is missing from the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from azmlint.engine.deployed import gaps
from azmlint.model.facet import Facet
from azmlint.sources import snapshot

CONTOSO = Path(__file__).parent.parent.parent / "fixtures/estates/contoso-live/estate.json"
HOME = "/subscriptions/3f9d2a71-5c08-4e1b-9d64-7a20c1e8b5f0"
HUB = "/subscriptions/0a1b2c3d-5c08-4e1b-9d64-7a20c1e8b5f0"
LAB = "/subscriptions/b8e4160c-2d97-4f35-8a1e-60d9f3c7a412"


def without(facet, scope):
    data = json.loads(CONTOSO.read_text("utf-8"))
    data["answers"] = [
        a for a in data["answers"] if a["facet"] != facet or not a["scope"].startswith(scope)
    ]
    return snapshot.read(json.dumps(data).encode(), "estate.json")


@pytest.mark.parametrize("facet", [Facet.LOCKS, Facet.POLICY_ASSIGNMENTS, Facet.COMPUTES])
def test_what_was_asked_elsewhere_only_is_a_gap(facet):
    found = [f for f in gaps(without(facet, LAB), {facet}) if f.scope.startswith(LAB)]

    (gap,) = found
    assert gap.reason.startswith(f"{facet} were not asked for here")


def test_what_was_asked_nowhere_is_no_gap():
    assert not list(gaps(without(Facet.LOCKS, "/"), {Facet.LOCKS}))


def test_what_no_rule_asks_for_is_no_gap():
    assert not list(gaps(without(Facet.LOCKS, LAB), {Facet.NETWORKS}))


def test_locks_of_a_network_elsewhere_are_due():
    data = json.loads(CONTOSO.read_text("utf-8"))
    text = json.dumps([a for a in data["answers"] if a["scope"].startswith(HOME)])
    subnet = f"{HOME}/resourceGroups/rg-network-weu/"
    text = text.replace(subnet, subnet.replace(HOME, HUB))
    data["answers"] = [a for a in json.loads(text) if not a["scope"].startswith(HUB)]
    found = snapshot.read(json.dumps(data).encode(), "estate.json")

    assert [g.scope for g in gaps(found, {Facet.LOCKS}) if g.scope.startswith(HUB)] == [HUB]
