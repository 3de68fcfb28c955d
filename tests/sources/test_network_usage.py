"""How many network objects a region may have."""

from __future__ import annotations

import datetime as dt

import pytest

from azmlint.sources.network_usage import limits
from azmlint.sources.snapshot import Answer, snapshot

SCOPE = "/subscriptions/AAAA/providers/Microsoft.MachineLearningServices/locations/WestEurope"
ROW = {
    "id": "/subscriptions/AAAA/providers/Microsoft.Network/usages/LoadBalancers",
    "name": {"value": "LoadBalancers", "localizedValue": "Load Balancers"},
    "currentValue": 7,
    "limit": 1_000,
    "unit": "Count",
}


def read(*items, facet="networkUsages", state="collected", scope=SCOPE):
    moment = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    answer = Answer(facet, scope, "GET", state, items)
    return limits(snapshot(moment, "AzureCloud", [answer]))


def test_a_row_is_that_of_its_subscription_region_and_kind():
    found = read(ROW)

    row = found["/subscriptions/aaaa", "westeurope"]["loadbalancers"]
    assert (row.kind, row.limit, row.used) == ("LoadBalancers", 1_000, 7)


@pytest.mark.parametrize(
    "change",
    [
        {"limit": -1},
        {"limit": None},
        {"limit": "1000"},
        {"limit": True},
        {"currentValue": None},
        {"currentValue": 1.5},
        {"name": None},
        {"name": {"value": 3}},
    ],
)
def test_a_row_without_numbers_or_name_limits_nothing(change):
    assert read({**ROW, **change}) == {("/subscriptions/aaaa", "westeurope"): {}}


@pytest.mark.parametrize(
    "where", [{"facet": "usages"}, {"state": "failed"}, {"scope": "/subscriptions/AAAA"}]
)
def test_what_is_no_whole_answer_of_a_region_is_none(where):
    assert read(ROW, **where) == {}
