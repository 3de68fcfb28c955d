"""Rules in the worlds that open decisions make."""

from __future__ import annotations

import json

import pytest

from azmlint import Applicability, ComputeCluster, Fix, Rule, Severity, Step, Workspace
from azmlint.engine import judge
from azmlint.engine.run import MOST_STEPS
from azmlint.expressions.worlds import LIMIT
from azmlint.testing import check

COMPUTES = "Microsoft.MachineLearningServices/workspaces/computes"


def template(parameters, *, low=0, high=4, tier="Dedicated", condition=None, copies=None):
    compute = {
        "type": COMPUTES,
        "apiVersion": "2024-10-01",
        "name": "ws/train",
        "properties": {
            "computeType": "AmlCompute",
            "properties": {
                "vmSize": "Standard_D4s_v5",
                "vmPriority": tier,
                "scaleSettings": {"minNodeCount": low, "maxNodeCount": high},
            },
        },
    }
    if condition is not None:
        compute["condition"] = condition
    if copies is not None:
        compute |= {"name": "[format('ws/c{0}', copyIndex())]"}
        compute["copy"] = {"name": "c", "count": copies}
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": parameters,
        "resources": [compute],
    }


def judged(rule, *args, **options):
    return check({"main.json": json.dumps(template(*args, **options))}, [rule])


def one_of(*values):
    return {"type": "int" if isinstance(values[0], int) else "string", "allowedValues": [*values]}


class TooMany(Rule[ComputeCluster]):
    """Cluster keeps nodes, or may grow far."""

    name = "too-many"

    def check(self, cluster, _):
        if cluster.min_nodes.above(1):
            yield self.finding(cluster.min_nodes, "keeps nodes")
        if cluster.max_nodes.above(5):
            yield self.finding(cluster.max_nodes, "may grow far")


def worlds(report):
    return {f.message: f.worlds for f in report.findings}


def test_a_finding_says_in_which_worlds_it_holds():
    report = judged(TooMany, {"n": one_of(0, 1, 2, 3)}, low="[parameters('n')]")

    assert worlds(report) == {"keeps nodes": ({"parameters('n')": "2"}, {"parameters('n')": "3"})}
    assert report.undecided == []


def test_what_holds_in_every_world_names_none():
    report = judged(TooMany, {"n": one_of(2, 3)}, low="[parameters('n')]", high=9)

    assert worlds(report) == {"keeps nodes": None, "may grow far": None}


def test_two_decisions_make_four_worlds():
    parameters = {"n": one_of(1, 2), "m": one_of(5, 6)}
    report = judged(TooMany, parameters, low="[parameters('n')]", high="[parameters('m')]")

    found = worlds(report)
    assert all(w["parameters('n')"] == "2" for w in found["keeps nodes"])
    assert all(w["parameters('m')"] == "6" for w in found["may grow far"])


def test_more_worlds_than_the_limit_are_undecided():
    values = range(LIMIT)
    parameters = {"n": one_of(*values), "m": one_of(*values)}
    few = judged(TooMany, parameters, low="[parameters('n')]", high=9)
    many = judged(TooMany, parameters, low="[parameters('n')]", high="[parameters('m')]")

    assert few.undecided == []
    assert len(few.findings) == 2
    assert len(many.undecided) == 1
    assert "parameter 'm'" in many.undecided[0].reason


def test_an_unknown_value_keeps_what_was_said_before_it():
    report = judged(TooMany, {"m": {"type": "int"}}, low=2, high="[parameters('m')]")

    assert [f.message for f in report.findings] == ["keeps nodes"]
    assert [(u.rule, u.kind) for u in report.undecided] == [("too-many", "parameter")]


class Twice(Rule[ComputeCluster]):
    """Cluster is named twice at one place."""

    name = "twice"

    def check(self, cluster, _):
        if cluster.min_nodes.above(-1):
            yield self.finding(cluster, "first")
            yield self.finding(cluster, "second")
            yield self.finding(cluster, "third", severity=Severity.NOTE)


def test_findings_at_one_place_stay_apart_and_merge_over_worlds():
    report = judged(Twice, {"n": one_of(0, 1, 2)}, low="[parameters('n')]")

    assert worlds(report) == {"first": None, "second": None, "third": None}
    assert report.failures == []


def test_a_loop_reports_each_finding_once():
    report = judged(Twice, {}, copies=3)

    assert [f.message for f in report.findings] == ["first", "second", "third"]
    assert all(
        [r.message for r in f.related] == ["also compute cluster 'c1'", "also compute cluster 'c2'"]
        for f in report.findings
    )


class Stepped(Rule[ComputeCluster]):
    """Name each cluster in a command."""

    name = "stepped"
    severity = Severity.WARNING

    def check(self, cluster, _):
        steps = (Step(("az", cluster.id.parent.name, cluster.name), "write"),)
        fix = Fix("do it", Applicability.DISPLAY, steps=steps)
        yield self.finding(cluster.min_nodes, "found", fixes=(fix,))


def commands(report):
    (finding,) = report.findings
    (fix,) = finding.fixes
    return [" ".join(step.argv) for step in fix.steps]


def test_what_a_loop_repeats_has_a_command_each_up_to_a_limit():
    assert commands(judged(Stepped, {}, copies=3)) == ["az ws c0", "az ws c1", "az ws c2"]
    assert len(commands(judged(Stepped, {}, copies=50))) == MOST_STEPS


def test_clusters_of_one_name_in_two_workspaces_are_told_apart():
    one = template({}, low=1, copies=2)
    one["resources"][0]["name"] = "[concat('ws', copyIndex(), '/c')]"
    report = check({"main.json": json.dumps(one)}, [Stepped])

    (finding,) = report.findings
    assert [r.message for r in finding.related] == ["also compute cluster 'c' of 'ws1'"]
    assert commands(report) == ["az ws0 c", "az ws1 c"]


def test_a_condition_that_is_open_is_a_world():
    report = judged(TooMany, {"on": {"type": "bool"}}, low=2, condition="[parameters('on')]")

    assert report.undecided == []
    assert [w["parameters('on')"] for w in worlds(report)["keeps nodes"]] == ["true"]


def test_what_is_not_created_is_not_judged():
    parameters = {"on": {"type": "bool", "defaultValue": False}}
    report = judged(TooMany, parameters, low=2, condition="[parameters('on')]")
    assert len(report.findings) <= 1

    assert judged(TooMany, {}, low=2, condition=False).findings == []


class Both(Rule[ComputeCluster]):
    """Cluster keeps low-priority nodes."""

    name = "both"

    def check(self, cluster, _):
        if cluster.min_nodes.above(1) & cluster.tier.equals("lowpriority"):
            yield self.finding(cluster, "keeps low-priority nodes")


def test_conditions_that_may_exclude_each_other_are_undecided():
    parameters = {"size": {"type": "string"}}
    low = "[if(equals(parameters('size'), 'big'), 2, 0)]"
    tier = "[if(equals(parameters('size'), 'small'), 'LowPriority', 'Dedicated')]"
    report = judged(Both, parameters, low=low, tier=tier)

    assert report.findings == []
    (pair,) = report.undecided
    assert pair.reason.startswith("it rests on conditions that may never hold together: ")


class HubsOnly(Rule[Workspace]):
    """Hub is here."""

    name = "hubs-only"
    workspace_kinds = ("hub",)

    def check(self, workspace, _):
        yield self.finding(workspace, "is a hub")


@pytest.mark.parametrize(
    ("line", "count"), [("kind: hub", 1), ("kind: project", 0), ("display_name: w", 0)]
)
def test_a_rule_may_be_about_some_kinds_of_workspace(line, count):
    schema = "https://azuremlschemas.azureedge.net/latest/workspace.schema.json"
    text = f"$schema: {schema}\nname: w\n{line}\n"

    assert len(check({"w.yml": text}, [HubsOnly]).findings) == count


class Broken(Rule[ComputeCluster]):
    """Broken rule."""

    name = "broken"
    how: str = "raises"
    """What it does."""

    def check(self, cluster, _):
        if self.how == "raises":
            raise ZeroDivisionError
        yield "bad" if self.how == "text" else self.finding(cluster, "x", severity="bad")


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("raises", "ZeroDivisionError: "),
        ("text", "TypeError: yielded str, not a finding"),
        ("severity", "TypeError: gave str where a severity belongs"),
    ],
)
def test_a_broken_rule_is_a_failure_and_stops_no_other(how, reason):
    files = {"main.json": json.dumps(template({}, low=2))}
    report = check(files, [Broken, TooMany], options={"broken": {"how": how}})

    assert [f.rule for f in report.findings] == ["too-many"]
    (failure,) = report.failures
    assert (failure.path, failure.scope, failure.stage) == ("main.json", "broken", "judge")
    assert failure.reason == f"broken on compute cluster 'train': {reason}"


def test_an_option_that_a_rule_lacks_is_a_failure():
    report = check(
        {"main.json": json.dumps(template({}))}, [TooMany], options={"too-many": {"x": 1}}
    )

    assert report.findings == []
    assert report.failures[0].stage == "load"


class Endless(Rule[ComputeCluster]):
    """Endless rule."""

    name = "endless"

    def check(self, cluster, _):
        while True:
            yield self.finding(cluster, "again")


def test_a_rule_that_never_ends_is_stopped(monkeypatch):
    monkeypatch.setattr(judge, "FINDINGS_LIMIT", 50)
    (failure,) = judged(Endless, {}).failures

    assert "yielded more than 50 findings on one resource" in failure.reason


def test_the_invalid_value_of_what_is_not_created_is_none_of_ours():
    on = judged(TooMany, {}, tier="Cheap")
    off = judged(TooMany, {}, tier="Cheap", condition=False)

    assert on.failures == off.failures == []


def test_a_rule_keeps_no_state_and_knows_its_options():
    rule = TooMany()

    with pytest.raises(AttributeError, match="keeps no state"):
        rule.seen = 1
    with pytest.raises(TypeError, match="has no option 'nodes'"):
        TooMany(nodes=1)


class Again(Rule[ComputeCluster]):
    """Cluster is told of twice in the same words."""

    name = "again"

    def check(self, cluster, _):
        yield self.finding(cluster, "same")
        yield self.finding(cluster, "same")


def test_the_same_words_at_one_place_are_one_finding():
    assert [f.message for f in judged(Again, {}).findings] == ["same"]


def test_a_loop_that_differs_by_world_holds_where_any_of_it_holds():
    parameters = {"n": one_of(0, 2)}
    one = template(parameters, low="[parameters('n')]", copies=2)
    report = check({"main.json": json.dumps(one)}, [TooMany])

    (finding,) = report.findings
    assert finding.worlds == ({"parameters('n')": "2"},)
    assert [r.message for r in finding.related] == ["also compute cluster 'c1'"]


def test_what_is_only_referred_to_is_not_judged():
    text = json.dumps(
        {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "languageVersion": "2.0",
            "contentVersion": "1.0.0.0",
            "resources": {
                "train": {
                    "existing": True,
                    "type": COMPUTES,
                    "apiVersion": "2024-10-01",
                    "name": "ws/train",
                }
            },
        }
    )

    assert check({"main.json": text}, [Again]).findings == []
