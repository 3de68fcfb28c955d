"""What options, the day and other rules change in the rules of scale, size and identity."""

from __future__ import annotations

import datetime as dt

import pytest

from azmlint import testing
from azmlint.engine.packs import BUILT_IN, rule_classes

RULES = rule_classes(BUILT_IN)
IDENTITY = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/"
    "Microsoft.ManagedIdentity/userAssignedIdentities/"
)


def cluster(*lines, size="Standard_D4s_v5", kind="amlcompute"):
    return "\n".join(["name: train", f"type: {kind}", f"size: {size}", *lines, ""])


def judged(text, *names, today=testing.TODAY, tags=(), **options):
    facts = testing.Facts(today=today, production_tags=tags)
    rules = [RULES[name] for name in names]
    return testing.check(
        {"cluster.yml": text}, rules, options={names[0]: options} if options else None, facts=facts
    )


def levels(report):
    return [(f.rule, f.severity.level) for f in report.findings]


@pytest.mark.parametrize(
    ("nodes", "options", "level"),
    [
        (100, {}, None),
        (101, {}, "note"),
        (300, {}, "note"),
        (301, {}, "warning"),
        (4_000, {}, "warning"),
        (4_001, {}, "error"),
        (1_000, {"granted": 1_000}, None),
        (1_001, {"granted": 1_000}, "warning"),
        (5_000, {"granted": 5_000}, "error"),
        (5_000, {"granted": 5_000, "communication_off": True}, None),
        (65_000, {"communication_off": True}, "warning"),
        (65_001, {"communication_off": True}, "error"),
    ],
)
def test_what_was_granted_decides_how_many_nodes_are_too_many(nodes, options, level):
    name = "max-nodes-above-default-limit"

    report = judged(cluster(f"max_instances: {nodes}"), name, **options)

    assert levels(report) == ([(name, level)] if level else [])


@pytest.mark.parametrize(("seconds", "count"), [(1_800, 0), (1_799, 1)])
def test_the_longest_idle_time_is_an_option(seconds, count):
    text = cluster("max_instances: 4", "idle_time_before_scale_down: 1800")

    report = judged(text, "idle-timeout-too-long", seconds=seconds)

    assert len(report.findings) == count


def test_the_tag_of_a_warm_pool_is_an_option():
    text = cluster("min_instances: 1", "tags:", "  keep: always")

    default = judged(text, "min-nodes-above-zero")
    tagged = judged(text, "min-nodes-above-zero", warm_pool_tag="keep")

    assert levels(default) == [("min-nodes-above-zero", "warning")]
    assert levels(tagged) == [("min-nodes-above-zero", "note")]


def created_from(text):
    (finding,) = judged(text, "vm-size-retired").findings
    (fix,) = finding.fixes
    argv = fix.steps[1].argv
    return argv[argv.index("--file") + 1]


def test_what_is_created_again_comes_from_the_file_that_holds_it_alone():
    alone = cluster("max_instances: 4", size="Standard_NC6")
    other = "name: more\ntype: amlcompute\n"

    assert created_from(alone) == "cluster.yml"
    assert created_from(f"{alone}---\n{other}") == "<file.yml>"


def test_a_warm_pool_is_not_repaired_away():
    text = cluster("min_instances: 1", "tags:", "  warm-pool: training")

    (finding,) = judged(text, "min-nodes-above-zero").findings

    assert finding.fixes == ()
    assert "warm-pool" in finding.why_no_fix


def test_mixed_identities_are_an_error_on_request():
    text = cluster("identity:", "  type: system_assigned,user_assigned")
    name = "mixed-identity-types"

    assert levels(judged(text, name)) == [(name, "warning")]
    assert levels(judged(text, name, is_error=True)) == [(name, "error")]


def test_the_step_against_mixed_identities_names_the_ones_that_stay():
    text = cluster(
        "identity:",
        "  type: system_assigned,user_assigned",
        "  user_assigned_identities:",
        f"    - resource_id: {IDENTITY}a",
        f"    - resource_id: {IDENTITY}b",
    )

    (finding,) = judged(text, "mixed-identity-types").findings

    assert finding.fixes[0].steps[0].argv[-1] == f"{IDENTITY}a,{IDENTITY}b"


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2027-04-30", [("vm-size-retirement-announced", "note")]),
        ("2027-05-02", [("vm-size-retirement-announced", "warning")]),
        ("2028-04-30", [("vm-size-retirement-announced", "warning")]),
        ("2028-05-01", [("vm-size-retired", "error")]),
    ],
)
def test_the_day_decides_between_announced_and_retired(today, expected):
    names = ("vm-size-retirement-announced", "vm-size-retired")

    report = judged(cluster(size="Standard_D2_v2"), *names, today=dt.date.fromisoformat(today))

    assert levels(report) == expected


def test_how_early_a_retirement_is_a_warning_is_an_option():
    name = "vm-size-retirement-announced"

    report = judged(cluster(size="Standard_D2_v2"), name, days=1_000)

    assert levels(report) == [(name, "warning")]


@pytest.mark.parametrize(("today", "count"), [("2028-04-30", 1), ("2028-05-01", 0)])
def test_quota_for_a_retired_series_is_no_question(today, count):
    day = dt.date.fromisoformat(today)

    report = judged(cluster(size="Standard_D2_v2"), "vm-size-growth-restricted", today=day)

    assert len(report.findings) == count


@pytest.mark.parametrize(("today", "is_decided"), [("2027-01-30", False), ("2027-01-31", True)])
def test_a_region_that_is_not_stated_matters_until_the_last_one_is_over(today, is_decided):
    day = dt.date.fromisoformat(today)

    report = judged(cluster(size="Standard_NV12s_v3"), "vm-size-retired", today=day)

    assert (len(report.findings), len(report.undecided)) == ((1, 0) if is_decided else (0, 1))


def test_production_does_not_tolerate_nodes_that_can_be_taken_away():
    text = cluster("tier: low_priority", "tags:", "  environment: production")
    name = "low-priority-without-tolerance"

    marked = judged(text, name, tags=(("environment", "production"),))
    unmarked = judged(text, name)

    assert levels(marked) == [(name, "warning")]
    assert levels(unmarked) == []


@pytest.mark.parametrize(
    ("text", "weaker", "stronger"),
    [
        (
            cluster("min_instances: 4", "max_instances: 4"),
            "min-nodes-above-zero",
            "fixed-size-cluster",
        ),
        (
            cluster("min_instances: 5", "max_instances: 4"),
            "min-nodes-above-zero",
            "min-exceeds-max",
        ),
        (
            cluster("max_instances: 400", size="Standard_HB120rs_v3"),
            "max-nodes-above-default-limit",
            "rdma-cluster-above-100",
        ),
        (
            cluster("tier: low_priority", size="Standard_NC40ads_H100_v5"),
            "low-priority-retired",
            "size-not-low-priority-capable",
        ),
    ],
)
def test_the_weightier_finding_replaces_the_weaker_one(text, weaker, stronger):
    alone = judged(text, weaker)
    together = judged(text, weaker, stronger)

    assert [f.rule for f in alone.findings] == [weaker]
    assert [f.rule for f in together.findings] == [stronger]


def test_no_size_of_a_tool_is_taken_for_an_attached_kubernetes_cluster():
    text = "name: k8s\ntype: kubernetes\nresource_id: /subscriptions/s/resourceGroups/g/x/y\n"
    names = [n for n in RULES if "size" in n and not n.startswith("fixed")]

    report = judged(text, *names)

    assert report.findings == []
    assert report.undecided == []
