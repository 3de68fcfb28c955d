"""A gap in what was read is never a clean audit."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from arm_server import Fault, World

from azmlint.azure import Plan, collect, needed
from azmlint.azure.calls import CALLS
from azmlint.engine import project
from azmlint.engine.report import INCOMPLETE, Gate, exit_code
from azmlint.expressions.truth import Undecided
from azmlint.model.facet import Facet

LISTS = frozenset(call.facet for call in CALLS if call.is_list)
FAULTS = ("403", "404", "429", "500", "reset", "truncated", "empty", "html", "wrong", "broken")
LINK_FAULTS = ("loop", "foreign")


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    settled = project.settle(tmp_path_factory.mktemp("project"))
    return settled._replace(config=settled.config.override(profile="strict"))


def audit(found, rules):
    context = project.ProjectContext(rules.config)
    return project.audit(found, rules, context, today=dt.date(2026, 11, 24))


def asked(settled):
    return sorted(needed(project.facets(settled)) & {c.facet for c in CALLS})


FACETS = asked(project.settle(Path("/")))


@pytest.mark.parametrize("kind", [*FAULTS, *LINK_FAULTS])
@pytest.mark.parametrize("facet", FACETS)
def test_a_spoilt_answer_is_a_gap_of_the_audit(kind, facet, rules, server, open_at):
    if kind in LINK_FAULTS and facet not in LISTS:
        pytest.skip("one item has no link to more")
    link = "http://127.0.0.1:9/?api-version=1"
    server.reset(World(), Fault(kind, facet, link=link))
    found = collect(Plan(project.facets(rules)), open_at(server))
    report = audit(found, rules)

    assert server.writes == []
    spoilt = [a for a in found.answers if a.state != "collected"]
    if facet in {*project.facets(rules), Facet.SUBSCRIPTIONS}:
        assert exit_code(report, Gate(exit_zero=True)) == INCOMPLETE
        assert any(f.reason.startswith(f"{facet} were not read: ") for f in report.failures)
        assert all(f.stage == "live" for f in report.failures)
    assert {a.facet for a in spoilt} >= {facet}
    assert not any("Traceback" in f.reason for f in report.failures)


def test_rules_that_needed_a_gap_are_undecided_and_others_judge(rules, server, open_at):
    server.reset(World())
    whole = audit(collect(Plan(project.facets(rules)), open_at(server)), rules)
    server.reset(World(), Fault("403", "computes", code="AuthorizationFailed"))
    report = audit(collect(Plan(project.facets(rules)), open_at(server)), rules)

    found = {f.rule for f in whole.findings}
    assert {"lock-on-workspace-rg", "workspace-public-access"} <= found
    assert "workspace-public-access" in {f.rule for f in report.findings}
    undecided = {u.rule: u for u in report.undecided}
    assert "lock-on-workspace-rg" in undecided
    need = undecided["lock-on-workspace-rg"].need
    assert need is not None
    assert need.facet == "computes"
    assert need.permission == "Microsoft.MachineLearningServices/workspaces/computes/read"


def test_a_gap_is_the_reason_that_a_rule_gives(rules, server, open_at):
    server.reset(World(), Fault("403", "computes", code="AuthorizationFailed"))
    found = collect(Plan(project.facets(rules)), open_at(server))
    workspace = next(r for r in found.resources() if r.kind == "workspace")

    with pytest.raises(Undecided, match="403 AuthorizationFailed"):
        found.coverages.require("computes", workspace.id)
