"""`azmlint sizes`."""

from __future__ import annotations

import json

import pytest

SCOPE = "/subscriptions/1/providers/Microsoft.MachineLearningServices/locations/westeurope"
ROW = {
    "name": "Standard_D4s_v5",
    "family": "standardDSv5Family",
    "vCPUs": 6,
    "supportedComputeTypes": ["AmlCompute"],
}
CLUSTER = "name: train\ntype: amlcompute\nsize: {}\nmax_instances: 2\nlocation: westeurope\n"


def snapshot(*rows, facet="vmSizes"):
    answer = {"facet": facet, "scope": SCOPE, "state": "collected", "items": list(rows)}
    taken = "2026-11-20T12:00:00Z"
    return json.dumps({"version": 1, "taken": taken, "cloud": "AzureCloud", "answers": [answer]})


@pytest.fixture
def estate(project):
    (project / "estate.json").write_text(snapshot(ROW))
    return project


def test_a_size_is_shown_with_what_is_known_and_who_says_so(azmlint, project):
    result = azmlint("sizes", "standard_nc6s_v3", "--now", "2026-11-24")

    assert result.code == 0
    lines = {
        k.strip(): v.strip() for k, _, v in (x.partition(":") for x in result.out.splitlines())
    }
    assert "Standard_NC6s_v3" in lines
    assert lines["quota family"] == "standardNCSv3Family"
    assert (lines["vCPUs"], lines["GPUs"], lines["memory"]) == ("6", "1", "112 GiB")
    assert lines["retirement"] == "the NCv3 series retired on 2025-09-30"
    assert lines["Azure Machine Learning"] == "documented in 2024 as NCv3"
    assert "Azure Quick Review" in lines["sources"]
    assert lines["lists as of"] == "2026-07-03"


@pytest.mark.parametrize(
    ("day", "region", "told"),
    [
        ("2026-11-24", "uaenorth", "the NVv3 series retires on 2027-01-31"),
        ("2027-02-01", "uaenorth", "the NVv3 series retired on 2027-01-31"),
        ("2026-11-24", "West Europe", "the NVv3 series retired on 2026-09-30"),
        ("2026-11-24", "", "in uaenorth on 2027-01-31"),
    ],
)
def test_retirement_is_that_of_the_region_by_the_day(azmlint, project, day, region, told):
    where = ("--region", region) if region else ()

    assert told in azmlint("sizes", "Standard_NV12s_v3", "--now", day, *where).out


def test_what_nobody_says_is_not_known(azmlint, project):
    out = azmlint("sizes", "Standard_D2darm_V3").out

    assert "quota family:           not known" in out
    assert "low priority:           not known" in out
    assert "retirement:             none is known" in out


def test_a_misspelt_size_gets_the_nearest_name(azmlint, project):
    result = azmlint("sizes", "DS3v2")

    assert result.code == 2
    assert "no list has a size 'DS3v2'. Did you mean 'Standard_DS3_v2'?" in result.err


def test_another_word_gets_the_way_to_all_sizes(azmlint, project):
    assert "`azmlint sizes` lists them" in azmlint("sizes", "potato").err


def test_all_sizes_are_listed(azmlint, project):
    lines = azmlint("sizes").out.splitlines()

    assert lines[0].split() == ["size", "quota", "family", "vCPUs", "GiB", "GPUs"]
    assert len(lines) > 1_000
    assert any(
        x.split() == ["Standard_ND96is_MI300X_v5", "standardNDISv5MI300XFamily", "96", "1850", "?"]
        for x in lines
    )


def test_sizes_as_data(azmlint, project):
    data = json.loads(azmlint("sizes", "Standard_D4s_v3", "--format", "json").out)

    assert data["shipped_as_of"] == "2026-07-03"
    (row,) = data["sizes"]
    assert (row["name"], row["vcpus"], row["gpus"]) == ("Standard_D4s_v3", 4, 0)
    assert (row["retires"], row["is_growth_restricted"]) == ("2029-11-15", True)
    assert row["compute_types"] is None


def test_what_the_service_lists_counts_before_what_is_shipped(azmlint, estate):
    known = ("sizes", "--region", "westeurope", "--snapshot", "estate.json")

    one = azmlint(*known, "Standard_D4s_v5")
    every = azmlint(*known)

    assert "vCPUs:                  6" in one.out
    assert "offered in westeurope for amlcompute" in one.out
    assert "the service in westeurope, 2026-11-20" in one.out
    assert [x.split()[0] for x in every.out.splitlines()[1:]] == ["Standard_D4s_v5"]


def test_rows_that_say_nothing_are_named(azmlint, project):
    (project / "estate.json").write_text(snapshot({**ROW, "vCPUs": -1}))

    result = azmlint("sizes", "Standard_D4s_v5", "--snapshot", "estate.json")

    assert result.code == 3
    assert "westeurope: Standard_D4s_v5: vcpus is '-1'" in result.err


def test_a_refreshed_file_counts_once_the_configuration_names_it(azmlint, estate):
    written = azmlint("sizes", "refresh", "--snapshot", "estate.json", "-o", "sizes.json")
    before = azmlint("sizes", "Standard_D4s_v5").out
    (estate / "azmlint.toml").write_text('sizes = "sizes.json"\n')
    after = azmlint("sizes", "Standard_D4s_v5").out

    assert written.code == 0
    assert "sizes of westeurope in sizes.json" in written.err
    assert "vCPUs:                  4" in before
    assert "vCPUs:                  6" in after
    assert "sizes.json, 2026-11-20" in after


def test_rules_know_what_the_refreshed_file_says(azmlint, estate):
    azmlint("sizes", "refresh", "--snapshot", "estate.json", "-o", "sizes.json")
    (estate / "azmlint.toml").write_text('sizes = "sizes.json"\n')
    (estate / "train.yml").write_text(CLUSTER.format("Standard_D4ds_v5"))
    (estate / "other.yml").write_text(CLUSTER.format("Standard_D4s_v5"))

    result = azmlint("check", ".", "--select", "vm-size-unsupported", "--format", "concise")

    assert result.code == 1
    assert "train.yml:3:7: error[vm-size-unsupported]" in result.out
    assert "other.yml" not in result.out


@pytest.mark.parametrize(
    "words",
    [
        ("sizes", "refresh"),
        ("sizes", "refresh", "--snapshot", "estate.json"),
        ("sizes", "refresh", "-o", "sizes.json"),
        ("sizes", "Standard_D4s_v5", "-o", "sizes.json"),
        ("sizes", "--now", "tomorrow"),
    ],
)
def test_half_a_request_is_refused(azmlint, estate, words):
    assert azmlint(*words).code == 2
    assert not (estate / "sizes.json").exists()


def test_a_snapshot_without_lists_refreshes_nothing(azmlint, project):
    (project / "estate.json").write_text(snapshot(facet="usages"))

    result = azmlint("sizes", "refresh", "--snapshot", "estate.json", "-o", "sizes.json")

    assert result.code == 3
    assert "holds no list of VM sizes" in result.err
    assert not (project / "sizes.json").exists()


@pytest.mark.parametrize(
    "text", ["{", '{"version": 1, "regions": {"x": [{"name": "A", "gpus": -1}]}}']
)
def test_a_file_of_sizes_that_is_none_is_refused(azmlint, project, text):
    (project / "azmlint.toml").write_text('sizes = "sizes.json"\n')
    (project / "sizes.json").write_text(text)
    (project / "train.yml").write_text(CLUSTER.format("Standard_D4s_v5"))

    result = azmlint("check", ".")

    assert result.code == 2
    assert "sizes.json" in result.err


def test_a_file_of_sizes_that_is_not_there_is_named(azmlint, project):
    (project / "azmlint.toml").write_text('sizes = "gone.json"\n')

    result = azmlint("sizes", "Standard_D4s_v5")

    assert result.code == 2
    assert "gone.json cannot be read" in result.err
