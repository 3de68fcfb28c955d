"""What is known of VM sizes, from whoever knows it best."""

from __future__ import annotations

from azmlint.data.sizes import Size
from azmlint.model.sizes import Sizes

ONE = "/subscriptions/1"
TWO = "/subscriptions/2"
NAME = "standard_d4s_v5"


def listed(**facts):
    types = facts.pop("types", None)
    return {NAME: Size("Standard_D4s_v5", compute_types=types, sources=("live",), **facts)}


def test_without_lists_what_is_shipped_counts():
    found = Sizes().find("STANDARD_D4S_V5")

    assert found is not None
    assert (found.family, found.vcpus) == ("standardDSv5Family", 4)
    assert found.compute_types is None


def test_what_nobody_lists_is_not_known():
    assert Sizes().find("Standard_D4s_v99") is None


def test_the_list_of_the_region_counts_first_and_others_fill_what_it_leaves_open():
    sizes = Sizes(
        {(ONE, "westeurope"): listed(vcpus=7)}, {"westeurope": listed(vcpus=8, family="stated")}
    )

    found = sizes.find(NAME, ONE, "westeurope")

    assert found is not None
    assert (found.vcpus, found.family, found.memory_gib) == (7, "standardDSv5Family", 16.0)
    assert found.sources[0] == "live"


def test_a_file_counts_before_what_is_shipped():
    sizes = Sizes(stated={"westeurope": listed(family="stated")})

    found = sizes.find(NAME, ONE, "eastus")

    assert found is not None
    assert (found.family, found.vcpus) == ("stated", 4)


def test_what_a_size_is_offered_for_is_that_of_its_region():
    sizes = Sizes({(ONE, "westeurope"): listed(types=frozenset({"amlcompute"}))})

    here = sizes.find(NAME, ONE, "westeurope")
    there = sizes.find(NAME, ONE, "eastus")

    assert here is not None
    assert here.compute_types == {"amlcompute"}
    assert there is not None
    assert there.compute_types is None


def test_nothing_is_offered_where_no_list_was_read():
    sizes = Sizes({(ONE, "westeurope"): listed()}, {"eastus": listed()})

    assert list(sizes.offered(ONE, "westeurope") or ()) == [NAME]
    assert list(sizes.offered(ONE, "eastus") or ()) == [NAME]
    assert sizes.offered(TWO, "westeurope") is None


def test_a_region_of_which_a_list_is_known_has_what_is_on_it():
    sizes = Sizes({(ONE, "westeurope"): listed()})

    assert [s.name for s in sizes.listed(ONE, "westeurope")] == ["Standard_D4s_v5"]
    assert len(sizes.listed(ONE, "eastus")) == len(Sizes().listed("", "")) > 1_000


def test_the_subscription_of_a_region_is_named_when_it_is_the_only_one():
    one = Sizes({(ONE, "westeurope"): listed()})
    both = Sizes({(ONE, "westeurope"): listed(), (TWO, "westeurope"): listed()})

    assert one.subscription("westeurope") == ONE
    assert one.subscription("eastus") == ""
    assert both.subscription("westeurope") == ""
    assert both.regions == ["westeurope"]
