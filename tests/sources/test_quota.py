"""Rows of quotas are read in every spelling, and what states nothing is named."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.model.capacity.rows import stated
from azmlint.sources.quota import quotas
from azmlint.sources.snapshot import Answer, snapshot

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
ML = "Microsoft.MachineLearningServices"
SUB = "/subscriptions/5a000000-0000-4000-8000-000000000001"
LONG = "Standard DSv2 Family Cluster Dedicated vCPUs"
EASTUS = f"{SUB}/providers/{ML}/locations/eastus"
WORKSPACE = f"{SUB}/resourceGroups/RG/providers/{ML}/workspaces/WS"


def row(name="standardDSv2Family", kind="dedicatedCores/usages", own=None, **more):
    return {
        "id": own or f"{SUB}/usages",
        "type": f"{ML}/{kind}",
        "name": {"value": name},
        "limit": 24,
        "currentValue": 2,
        **more,
    }


def read(*items, facet="usages", scope=EASTUS):
    return quotas(snapshot(NOW, "AzureCloud", [Answer(facet, scope, "", "collected", items)]))


def region(found):
    return found.of(SUB, "eastus")


@pytest.mark.parametrize(
    ("name", "kind", "pool"),
    [
        ("TotalClusters", "totalCores/usages", "computes"),
        ("Clusters", "totalCores/usages", "computes"),
        ("TotalDedicatedCores", "dedicatedCores/usages", "dedicated"),
        ("Total Cluster Dedicated Regional vCPUs", "dedicatedCores/usages", "dedicated"),
        ("totalLowPriorityCores", "lowPriorityCores/usages", "low priority"),
        ("Total Cluster LowPriority Regional vCPUs", "lowPriorityCores/usages", "low priority"),
        ("Total Cluster Low Priority Regional vCPUs", "lowPriorityCores/usages", "low priority"),
        ("Total Regional Low-priority vCPUs", "lowPriorityCores/usages", "low priority"),
    ],
)
def test_totals_are_known_by_every_name(name, kind, pool):
    found = read(row(name, kind))

    assert region(found).find(pool)[1:4] == ("", 24, 2)
    assert found.problems == ()


@pytest.mark.parametrize(
    "item",
    [
        row("standardDSv2Family"),
        row("Standard DSv2 Family Cluster Dedicated vCPUs", "vmFamily/usages"),
        row(name={})
        | {
            "name": {"value": "", "localized_value": "Standard DSv2 Family Cluster Dedicated vCPUs"}
        },
        {**row(), "currentValue": None, "current_value": 2},
        row(limit=24.0),
    ],
)
def test_a_family_is_known_by_every_name(item):
    found = read(item)

    known = region(found).find("dedicated", "standardDSv2Family")
    assert (known.limit, known.used) == (24, 2)
    assert found.problems == ()


def test_low_priority_rows_of_families_limit_nothing():
    found = read(
        row("standardDSv2Family", "lowPriorityCores/usages", limit=-1),
        row("Standard DSv2 Family Cluster LowPriority vCPUs", "vmFamily/usages", limit=-1),
    )

    assert region(found).rows == {}
    assert found.problems == ()


def test_what_one_compute_uses_limits_nothing():
    own = f"{WORKSPACE}/computes/c/usages/standardDSv2Family"

    found = read(
        row(kind="workspaces/computes/dedicatedCores/usages", own=own),
        row(kind="workspace/computes/dedicatedCores/usages", own=own),
    )

    assert region(found).rows == {}


@pytest.mark.parametrize("kind", ["workspaces/usages", "workspace/usages"])
def test_use_of_a_workspace_is_joined_with_its_limit(kind):
    used = row(LONG, kind, own=f"{WORKSPACE}/usages/x", currentValue=8, limit=100)
    limit = row(
        "standardDSv2Family", "workspaces/quotas", own=f"{WORKSPACE.upper()}/quotas/x", limit=48
    )
    answers = [
        Answer("usages", EASTUS, "", "collected", (used,)),
        Answer("quotas", EASTUS, "", "collected", (limit,)),
    ]

    found = quotas(snapshot(NOW, "AzureCloud", answers))

    known = region(found).find("dedicated", "dsv2", WORKSPACE.casefold())
    assert (known.limit, known.used) == (48, 8)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (row(limit=None), "its limit is null"),
        (row(limit=-1), "its limit is -1, which states none"),
        (row(limit=-7), "its limit is -7"),
        (row(limit="24"), "its limit is no whole number"),
        (row(limit=True), "its limit is no whole number"),
        (row(limit=2.5), "its limit is no whole number"),
        (row(currentValue=-3), "its current value is -3"),
        (row(currentValue="x"), "its current value is no whole number"),
        (row(kind="vmFamily/usages"), "it is neither of dedicated nor of low-priority vCPUs"),
        (row(kind="workspaces/dedicatedCores/usages"), "its id names no workspace"),
        ({"limit": 3}, "a row without a name"),
    ],
)
def test_what_states_nothing_is_named(item, said):
    found = read(item)

    (problem,) = found.problems
    assert said in problem.text
    assert problem.where == f"{SUB} eastus"


def test_two_rows_that_differ_state_nothing_and_two_that_agree_one_limit():
    agree = read(row(), row("Standard DSv2 Family", "vmFamily/dedicatedCores/usages"))
    differ = read(row(), row(limit=48))

    assert region(agree).find("dedicated", "dsv2").limit == 24
    assert agree.problems == ()
    assert region(differ).find("dedicated", "dsv2").limit is None
    assert "two rows of standardDSv2Family differ: " in differ.problems[0].text


def test_a_region_in_display_form_is_one_with_its_name():
    found = read(row(), scope=f"{SUB.upper()}/providers/{ML}/locations/East US")

    assert region(found).find("dedicated", "dsv2").limit == 24


def test_what_is_read_counts_before_what_is_stated_and_each_fills_in_the_other():
    answers = [
        Answer("usages", f"{SUB}/providers/{ML}/locations/eastus", "", "collected", (row(),))
    ]

    found = quotas(
        snapshot(NOW, "AzureCloud", answers),
        {"eastus": (stated("standardDSv2Family", 99), stated("TotalDedicatedCores", 50))},
    )

    assert region(found).find("dedicated", "dsv2").limit == 24
    assert region(found).find("dedicated").limit == 50
    assert found.of("/subscriptions/other", "eastus").find("dedicated", "dsv2").limit == 99


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-3, 99)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
)
JSON = PLAIN | st.lists(PLAIN, max_size=2) | st.dictionaries(st.text(max_size=5), PLAIN, max_size=2)
WORDS = st.sampled_from(
    ["TotalClusters", "standardDSv2Family", "x vCPUs", f"{ML}/dedicatedCores/usages"]
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "id": JSON | st.just(f"{WORKSPACE}/usages"),
                "type": JSON | WORDS,
                "name": JSON | WORDS | st.dictionaries(st.just("value"), JSON | WORDS),
                "limit": JSON,
                "currentValue": JSON,
            },
        ),
        max_size=4,
    ),
    st.sampled_from(["usages", "quotas"]),
)
def test_no_answer_breaks_the_reading(items, facet):
    found = read(*items, facet=facet)

    for known in region(found).rows.values():
        assert known.limit is None or known.limit >= 0
        assert known.used is None or known.used >= 0
