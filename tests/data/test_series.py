"""The table of VM series."""

from __future__ import annotations

import csv
import datetime as dt
import os
from pathlib import Path

import pytest

from azmlint.data.series import SERIES, series_of

DATED = {
    "2022-08-31": ["Standard_H8", "Standard_H16r", "Standard_H16mr", "Standard_H8_Promo"],
    "2023-08-31": [
        "Standard_NC6", "Standard_NC24r", "Standard_NC12_Promo", "Standard_NC6s_v2",
        "Standard_NC24rs_v2", "Standard_ND6s", "Standard_ND24rs", "Standard_NV12",
        "Standard_NV24_Promo",
    ],
    "2024-08-31": ["Standard_A8", "Basic_A1", "Standard_HB60rs", "Standard_HB60-15rs"],
    "2025-09-30": ["Standard_NC6s_v3", "Standard_NC24rs_v3"],
    "2026-06-30": ["Standard_DC4s_v2", "Standard_DC8_v2"],
    "2026-09-01": [
        "Standard_DC4as_cc_v5", "Standard_DC4ads_cc_v5", "Standard_EC4as_cc_v5",
        "Standard_EC4ads_cc_v5",
    ],
    "2026-09-30": [
        "Standard_NV12s_v3", "Standard_NV12hs_v3", "Standard_NV24ms_v3", "Standard_NV8as_v4",
        "Standard_NV4ahs_v4",
    ],
    "2027-03-31": ["Standard_M192is_v2", "Standard_M192idms_v2"],
    "2027-05-31": [
        "Standard_HC44rs", "Standard_HC44-16rs", "Standard_HB120rs_v2", "Standard_HB120-16rs_v2",
        "Standard_NP10s",
    ],
    "2028-05-01": [
        "Standard_D2", "Standard_DS3", "Standard_D2_v2", "STANDARD_DS3_V2", "Standard_DS11-1_v2",
        "Standard_D11_v2_Promo", "Standard_L8s",
    ],
    "2028-11-15": [
        "Standard_F4", "Standard_F4s", "Standard_F4s_v2", "Standard_L8s_v2", "Standard_G5",
        "Standard_GS4-8", "Standard_A2_v2", "Standard_A2m_v2", "Standard_B2s", "Standard_B1ls",
    ],
    "2029-10-31": ["Standard_DC2s_v3", "Standard_DC2ds_v3"],
    "2029-11-15": [
        "Standard_D4_v3", "Standard_D4s_v3", "Standard_E4_v3", "Standard_E4s_v3",
        "Standard_E64is_v3", "Standard_E4-2s_v3",
    ],
}  # fmt: skip

UNDATED = [
    "Standard_ND40rs_v2", "Standard_NC4as_T4_v3", "Standard_NV36ads_A10_v5",
    "Standard_NC24ads_A100_v4", "Standard_ND96asr_v4", "Standard_ND96amsr_A100_v4",
    "Standard_HB120rs_v3", "Standard_HB176rs_v4", "Standard_HX176rs", "Standard_D4_v4",
    "Standard_D4s_v4", "Standard_E4s_v4", "Standard_D4s_v5", "Standard_F8as_v6",
    "Standard_B2s_v2", "Standard_L8s_v3", "Standard_M192ims_v3", "Standard_NC40ads_H100_v5",
    "Standard_NC24lds_xl_RTXPRO6000BSE_v6", "DS3_v2", "Standard_D4s_v3x",
]  # fmt: skip

RDMA = [
    "Standard_H16r", "Standard_HB60rs", "Standard_HC44rs", "Standard_HB120rs_v2",
    "Standard_HB120rs_v3", "Standard_HB176-24rs_v4", "Standard_HX176rs", "Standard_NC24r",
    "Standard_NC24rs_v3", "Standard_ND24rs", "Standard_ND40rs_v2", "Standard_ND96asr_v4",
    "Standard_ND96isr_H100_v5", "Standard_ND96isr_H200_v5", "Standard_ND96isr_MI300X_v5",
]  # fmt: skip

NOT_RDMA = [
    "Standard_H8", "Standard_NC6", "Standard_NC6s_v3", "Standard_ND12s", "Standard_NP10s",
    "Standard_D4s_v3", "Standard_DS3_v2", "Standard_M192is_v2",
]  # fmt: skip

RESTRICTED = [
    "Standard_F2", "Standard_F2s", "Standard_F2s_v2", "Standard_D1", "Standard_DS1",
    "Standard_D2_v2", "Standard_DS2_v2", "Standard_D2_v3", "Standard_D2s_v3", "Standard_B2ms",
    "Standard_A1_v2", "Standard_A2m_v2", "Standard_E2_v3", "Standard_E2s_v3", "Standard_G1",
    "Standard_GS1", "Standard_L4s", "Standard_L8s_v2",
]  # fmt: skip

LISTED_OTHERWISE = {
    # The tsv has the day of the virtual machine pages, the table that of the Azure Machine
    # Learning page; both are past.
    "2023-09-06": "2023-08-31",
}


@pytest.mark.parametrize(("day", "size"), [(d, s) for d, sizes in DATED.items() for s in sizes])
def test_sizes_of_dated_series_have_their_date(day, size):
    series = series_of(size)

    assert series is not None
    assert series.retires == dt.date.fromisoformat(day)


def test_every_dated_series_has_an_example():
    shown = {series_of(s) for sizes in DATED.values() for s in sizes}

    assert [s.name for s in SERIES if s.retires is not None and s not in shown] == []


@pytest.mark.parametrize("size", UNDATED)
def test_other_sizes_have_no_date(size):
    series = series_of(size)

    assert series is None or series.retires is None


@pytest.mark.parametrize("size", RDMA)
def test_sizes_with_rdma_are_known(size):
    series = series_of(size)

    assert series is not None
    assert series.is_rdma


@pytest.mark.parametrize("size", NOT_RDMA)
def test_siblings_without_rdma_are_told_apart(size):
    series = series_of(size)

    assert series is not None
    assert not series.is_rdma


@pytest.mark.parametrize("size", RESTRICTED)
def test_series_without_further_quota_are_known(size):
    series = series_of(size)

    assert series is not None
    assert series.is_growth_restricted


def test_nothing_else_is_without_further_quota():
    shown = {series_of(s) for s in RESTRICTED}

    assert {s.name for s in SERIES if s.is_growth_restricted} == {s.name for s in shown if s}


@pytest.mark.parametrize("size", ["standard_nc6", "STANDARD_NC6", " Standard_NC6 "])
def test_case_and_outer_spaces_do_not_matter(size):
    series = series_of(size)

    assert series is not None
    assert series.name == "NC"


@pytest.mark.parametrize(
    ("size", "region", "day"),
    [
        ("Standard_NV12s_v3", "uaenorth", "2027-01-31"),
        ("Standard_NV12s_v3", "westeurope", "2026-09-30"),
        ("Standard_NV12s_v3", None, "2026-09-30"),
        ("Standard_D4s_v3", "westeurope", "2029-11-15"),
        ("Standard_D4s_v3", "usgovvirginia", None),
        ("Standard_E4s_v3", "chinanorth3", None),
        ("Standard_NC6", "usgovvirginia", "2023-08-31"),
    ],
)
def test_a_region_may_keep_a_series_for_longer(size, region, day):
    series = series_of(size)

    assert series is not None
    assert series.retirement(region) == (dt.date.fromisoformat(day) if day else None)


@pytest.mark.skipif("AZMLINT_CORPUS" not in os.environ, reason="AZMLINT_CORPUS is not set")
def test_retirements_of_the_corpus_are_known():
    table = Path(os.environ["AZMLINT_CORPUS"]) / "vmsizes.tsv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file, delimiter="\t") if r["retirement_date"]]
    differing = {}
    for row in rows:
        series = series_of(row["size"])
        listed = row["retirement_date"]
        wanted = LISTED_OTHERWISE.get(listed, listed)
        found = series.retires.isoformat() if series and series.retires else None
        if found != wanted:
            differing[row["size"]] = (found, wanted)

    assert len(rows) > 100
    assert differing == {}
