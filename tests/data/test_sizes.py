"""The shipped table of VM sizes."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from azmlint.data import sizes as module
from azmlint.data.sizes import SOURCES, nearest_size, size, sizes

ROOT = Path(__file__).parents[2]

with_corpus = pytest.mark.skipif("AZMLINT_CORPUS" not in os.environ, reason="no AZMLINT_CORPUS")


def listed():
    table = Path(os.environ["AZMLINT_CORPUS"]) / "vmsizes.tsv"
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.mark.parametrize(
    ("name", "family", "vcpus", "gpus"),
    [
        ("Standard_DS1_v2", "standardDSv2Family", 1, 0),
        ("Standard_DS3_v2", "standardDSv2Family", 4, 0),
        ("Standard_DS5_v2", "standardDSv2Family", 16, 0),
        ("Standard_DS14_v2", "standardDSv2Family", 16, 0),
        ("Standard_D4s_v3", "standardDSv3Family", 4, 0),
        ("Standard_NC24ads_A100_v4", "StandardNCADSA100v4Family", 24, 1),
        ("Standard_NC4as_T4_v3", "Standard NCASv3_T4 Family", 4, 1),
        ("Standard_ND96isr_H100_v5", "standardNDSH100v5Family", 96, 8),
    ],
)
def test_a_size_is_known_as_the_catalogue_of_azure_has_it(name, family, vcpus, gpus):
    found = size(name)

    assert found is not None
    assert (found.name, found.family, found.vcpus, found.gpus) == (name, family, vcpus, gpus)


@pytest.mark.parametrize(
    ("name", "vcpus"),
    [
        ("Standard_E16-4s_v3", 4),
        ("Standard_M8-2ms", 2),
        ("Standard_DS14-8_v2", 8),
        ("Standard_HB176-24s_v4", 24),
        ("Standard_HX176-144s", 144),
    ],
)
def test_a_constrained_size_counts_the_vcpus_after_the_dash(name, vcpus):
    found = size(name)

    assert found is not None
    assert found.vcpus == vcpus


@pytest.mark.parametrize("name", ["standard_ds3_v2", "STANDARD_DS3_V2", " Standard_DS3_v2 "])
def test_case_and_outer_spaces_do_not_matter(name):
    found = size(name)

    assert found is not None
    assert found.name == "Standard_DS3_v2"


@pytest.mark.parametrize("name", ["", " ", "#", "Standard_", "Standard_DS3_v2x", "DS3_v2", "zzz"])
def test_other_names_are_not_in_the_table(name):
    assert size(name) is None


def test_every_row_is_found_by_its_name():
    rows = list(sizes())

    assert [size(r.name.upper()) for r in rows] == rows


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DS3_v2", "Standard_DS3_v2"),
        ("D4s v5", "Standard_D4s_v5"),
        ("Standard_D4sv5", "Standard_D4s_v5"),
        ("standard_ds3v2", "Standard_DS3_v2"),
        ("Standard_NC24ads_A100_v5", "Standard_NC24ads_A100_v4"),
        ("Basic_A33", "Basic_A3"),
        ("Standard_Potato", None),
        ("", None),
    ],
)
def test_the_nearest_name_is_what_was_meant(name, meant):
    assert nearest_size(name) == meant


def test_what_the_lists_do_not_say_is_unknown():
    counts_no_gpus = size("Standard_ND128isr_NDR_GB200_v6")
    without_family = size("Standard_D2darm_V3")
    capability = size("Standard_D4s_v5")

    assert counts_no_gpus is not None
    assert counts_no_gpus.gpus is None
    assert without_family is not None
    assert without_family.family is None
    assert capability is not None
    assert capability.is_low_priority_capable is None
    assert capability.is_rdma is None


def test_rdma_is_that_of_the_series():
    fast, slow = size("Standard_HB120rs_v3"), size("Standard_D2_v2")

    assert fast is not None
    assert fast.is_rdma is True
    assert slow is not None
    assert slow.is_rdma is False


def test_every_list_is_named_with_its_licence():
    head = [
        line
        for line in Path(module.__file__).with_name("sizes.tsv").read_text("utf-8").splitlines()
        if re.match(r"# \w: ", line)
    ]
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")

    assert {line[2] for line in head} == set(SOURCES)
    assert all(re.search(rf"^{letter}  ", notice, re.MULTILINE) for letter in SOURCES)
    assert all(re.search(r"\((Apache-2.0|MIT)\)$", line) for line in head)


@with_corpus
def test_every_row_says_what_its_lists_say():
    differing = {}
    for row in listed():
        found = size(row["size"])
        if found is None:
            continue
        dash = re.search(r"_[A-Za-z]+\d+-(\d+)", row["size"])
        vcpus = dash[1] if dash else row["vcpus"]
        wanted = (row["family"], vcpus, float(row["memory_gib"]), row["low_priority_capable"])
        told = (
            found.family or "",
            str(found.vcpus),
            found.memory_gib,
            "" if found.is_low_priority_capable is None else str(found.is_low_priority_capable),
        )
        if wanted != told:
            differing[row["size"]] = (told, wanted)

    assert differing == {}


@with_corpus
def test_gpus_are_those_of_the_lists_or_unknown():
    told = {row["size"]: row["gpus"] for row in listed()}
    found = list(sizes())

    assert {
        str(s.gpus) for s in found if s.gpus is not None and str(s.gpus) != told[s.name]
    } == set()
    assert {s.name.lower()[:10] for s in found if s.gpus is None} == {"standard_n"}


@with_corpus
def test_only_hosts_and_names_under_another_licence_are_left_out():
    missing = [row for row in listed() if size(row["size"]) is None]

    assert {row["sources"] for row in missing} == {"tflint-names", "azqr"}
    assert all(row["memory_gib"] in {"", "0"} for row in missing)
    assert len(list(sizes())) + len(missing) == len(listed())


@with_corpus
def test_the_table_is_what_its_generator_makes():
    table = Path(os.environ["AZMLINT_CORPUS"]) / "vmsizes.tsv"

    code = subprocess.run(
        [sys.executable, str(ROOT / "rules" / "generate_sizes.py"), str(table), "--check"],
        check=False,
    ).returncode

    assert code == 0
