"""Lists of VM sizes as the service answers them."""

from __future__ import annotations

import datetime as dt

import pytest

from azmlint.errors import ConfigError
from azmlint.sources.snapshot import Answer, snapshot
from azmlint.sources.vm_size import dump, listed, read, sizes

ONE = "/subscriptions/AAAA"
TWO = "/subscriptions/bbbb"
ROW = {
    "name": "Standard_DS1_v2",
    "family": "standardDSv2Family",
    "vCPUs": 1,
    "gpus": 0,
    "memoryGB": 3.5,
    "lowPriorityCapable": True,
    "supportedComputeTypes": ["AmlCompute", "ComputeInstance"],
}


def taken(*answers):
    return snapshot(dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC), "AzureCloud", answers)


def answer(subscription, region, *items, facet="vmSizes", state="collected"):
    scope = f"{subscription}/providers/Microsoft.MachineLearningServices/locations/{region}"
    return Answer(facet, scope, "GET", state, items)


def test_a_list_is_that_of_its_subscription_and_region():
    found = sizes(taken(answer(ONE, "West Europe", ROW)), {})

    offered = found.offered("/subscriptions/aaaa", "westeurope")
    assert offered is not None
    row = offered["standard_ds1_v2"]
    assert (row.family, row.vcpus, row.gpus, row.memory_gib) == ("standardDSv2Family", 1, 0, 3.5)
    assert row.compute_types == {"amlcompute", "computeinstance"}
    assert row.is_low_priority_capable is True
    assert row.sources == ("the service in westeurope, 2026-11-20",)


@pytest.mark.parametrize(
    "one",
    [
        answer(ONE, "westeurope", ROW, state="failed"),
        answer(ONE, "westeurope", ROW, facet="usages"),
        Answer("vmSizes", ONE, "GET", "collected", (ROW,)),
    ],
)
def test_what_is_no_whole_list_of_a_region_is_none(one):
    assert sizes(taken(one), {}).regions == []


def test_the_spelling_of_the_command_line_is_read_too():
    row = {"name": "Standard_DS1_v2", "v_cp_us": 1, "memory_gb": 4, "low_priority_capable": False}

    found, problems = listed([row], "here")

    size = found["standard_ds1_v2"]
    assert (size.vcpus, size.memory_gib, size.is_low_priority_capable) == (1, 4.0, False)
    assert (size.family, size.gpus, size.compute_types) == (None, None, None)
    assert problems == []


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        ("vCPUs", 0, "vcpus"),
        ("vCPUs", -4, "vcpus"),
        ("vCPUs", "four", "vcpus"),
        ("vCPUs", True, "vcpus"),
        ("gpus", -1, "gpus"),
        ("gpus", 0.5, "gpus"),
        ("memoryGB", -1, "memory_gib"),
        ("lowPriorityCapable", "yes", "is_low_priority_capable"),
        ("supportedComputeTypes", "AmlCompute", "compute_types"),
        ("supportedComputeTypes", [1], "compute_types"),
        ("family", 7, "family"),
    ],
)
def test_a_value_that_cannot_be_is_named_and_not_known(key, value, field):
    found, problems = listed([{**ROW, key: value}], "here")

    assert getattr(found["standard_ds1_v2"], field) is None
    (problem,) = problems
    assert problem.startswith(f"Standard_DS1_v2: {key.lower()} is ")


@pytest.mark.parametrize("key", ["vCPUs", "gpus", "memoryGB", "family", "supportedComputeTypes"])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_value_that_nobody_states_is_no_problem(key, is_there):
    row = {k: v for k, v in ROW.items() if k != key} | ({key: None} if is_there else {})

    _, problems = listed([row], "here")

    assert problems == []


@pytest.mark.parametrize("name", [None, "", "  ", 7])
def test_a_row_without_a_name_is_named(name):
    assert listed([{**ROW, "name": name}], "here") == ({}, ["a size without a name"])


def test_of_two_rows_that_differ_only_what_they_agree_on_counts():
    found, problems = listed([ROW, {**ROW, "vCPUs": 2}], "here")

    size = found["standard_ds1_v2"]
    assert (size.vcpus, size.family) == (None, "standardDSv2Family")
    assert problems == ["Standard_DS1_v2: two rows differ in vcpus"]


def test_two_equal_rows_are_one():
    assert listed([ROW, dict(ROW)], "here")[1] == []


def test_a_list_that_is_written_reads_the_same():
    estate = taken(
        answer(ONE, "westeurope", ROW, {**ROW, "name": "Standard_D4s_v5", "vCPUs": 4}),
        answer(TWO, "eastus", ROW),
    )

    text = dump(estate)
    found, problems = read(text, "sizes.json")

    assert problems == []
    assert list(found) == ["eastus", "westeurope"]
    assert found["westeurope"]["standard_d4s_v5"].vcpus == 4
    assert found["eastus"]["standard_ds1_v2"].sources == ("sizes.json, 2026-11-20",)
    assert dump(estate) == text


def test_what_subscriptions_are_offered_in_one_region_is_joined():
    estate = taken(
        answer(ONE, "westeurope", {**ROW, "supportedComputeTypes": ["ComputeInstance"]}),
        answer(TWO, "westeurope", {**ROW, "supportedComputeTypes": ["AmlCompute"]}),
    )

    found, problems = read(dump(estate), "sizes.json")

    assert problems == []
    assert found["westeurope"]["standard_ds1_v2"].compute_types == {"amlcompute", "computeinstance"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "it is no JSON"),
        ("[]", "`azmlint sizes refresh` writes one"),
        ('{"version": 2, "regions": {}}', "`azmlint sizes refresh` writes one"),
        ('{"version": 1, "regions": []}', "`azmlint sizes refresh` writes one"),
        ('{"version": 1, "regions": {"eastus": {}}}', "the sizes of eastus are no list"),
        ('{"version": 1, "regions": {"eastus": [1]}}', "the sizes of eastus are no list"),
        ("[" * 100_000, "it is no JSON"),
    ],
)
def test_another_file_is_refused_by_name(text, message):
    with pytest.raises(ConfigError, match=r"sizes\.json") as caught:
        read(text, "sizes.json")

    assert message in str(caught.value)


def test_wrong_rows_of_a_file_are_named_with_their_region():
    text = '{"version": 1, "regions": {"East US": [{"name": "X", "vCPUs": -1}]}}'

    found, problems = read(text, "sizes.json")

    assert list(found) == ["eastus"]
    assert problems == ["sizes.json: East US: X: vcpus is '-1'"]
