"""What is asked for which plan, and what the snapshot then says."""

from __future__ import annotations

import datetime as dt
import os
import re
import signal
import threading
from pathlib import Path

import pytest
from arm_server import ML, TENANT, Fault, World, subscription_id

from azmlint.azure import FACETS, Plan, Shard, collect, custom_role
from azmlint.azure.calls import CALLS, Per, calls_for, needed, request_count
from azmlint.azure.page import formula, live_page
from azmlint.engine.deployed import gaps
from azmlint.errors import LiveError
from azmlint.model.facet import COLLECTED, FAILED, Facet
from azmlint.sources.snapshot import dump, merge, read

SUB = f"/subscriptions/{subscription_id(0)}"
NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
ZONES = {"privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"}


def answers(snapshot, facet):
    return [a for a in snapshot.answers if a.facet == facet]


@pytest.mark.parametrize("facets", [FACETS, frozenset({Facet.LOCKS, Facet.USAGES, Facet.COMPUTES})])
@pytest.mark.parametrize("size", [(1, 1, 1), (3, 12, 2), (10, 200, 4)])
def test_requests_are_as_many_as_the_table_says(size, facets, arm, reader):
    subscriptions, workspaces, regions = size
    arm.reset(World(subscriptions, workspaces, regions))

    found = collect(Plan(facets), reader)

    counts = {
        Per.SUBSCRIPTION: subscriptions,
        Per.REGION: subscriptions * regions,
        Per.WORKSPACE: workspaces,
        Per.ENDPOINT: workspaces,
        Per.GROUP: workspaces,
        Per.LOCKED_GROUP: subscriptions,
        Per.ZONE: subscriptions,
        Per.DEFINITION: 3,
        # One of each workspace, and one that all computes of a subscription share.
        Per.PRINCIPAL: workspaces + subscriptions,
        Per.FIREWALL_POLICY: subscriptions,
    }
    assert len(arm.seen) == request_count(facets, counts)
    assert len(found.answers) == len(arm.seen)
    assert arm.writes == []
    assert all(a.state == COLLECTED for a in found.answers)
    assert len({(s.path, tuple(s.query.items())) for s in arm.seen}) == len(arm.seen)


def test_calls_are_those_of_the_table(arm, reader):
    arm.reset(World(2, 4, 2))

    collect(Plan(FACETS), reader)

    table = [
        (
            re.compile(re.sub(r"\\{(\w+)\\}", r"[^?]+", re.escape(call.path)) + "$", re.IGNORECASE),
            call,
        )
        for call in CALLS
    ]
    made = set()
    for seen in arm.seen:
        fits = [c for p, c in table if c.facet == seen.facet and p.match(seen.path)]
        assert fits, seen
        assert seen.query["api-version"] == fits[0].version
        made |= {c.path for c in fits}
    assert made == {c.path for c in CALLS}


def action_of(path):
    """Say which action a GET takes, after the rule by which Azure names them."""
    parts = [p for p in path.lower().split("/") if p]
    if "providers" not in parts:
        return f"microsoft.resources/{'/'.join(parts[::2])}/read"
    at = len(parts) - 1 - parts[::-1].index("providers")
    namespace, *rest = parts[at + 1 :]
    if not rest:
        return "microsoft.resources/subscriptions/providers/read"
    return f"{namespace}/{'/'.join(rest[::2])}/read"


def test_the_role_allows_what_is_asked_and_nothing_else(arm, reader):
    collect(Plan(FACETS), reader)

    role = custom_role(FACETS, [subscription_id(0)])
    assert {a.lower() for a in role["Actions"]} == {action_of(s.path) for s in arm.seen}
    assert role["AssignableScopes"] == [SUB]
    assert role["DataActions"] == []


def test_the_diagnosis_of_the_service_takes_an_action_more():
    plain, more = custom_role(FACETS), custom_role(FACETS, with_diagnose=True)

    assert set(more["Actions"]) - set(plain["Actions"]) == {f"{ML}/workspaces/diagnose/action"}
    assert plain["AssignableScopes"] == ["/subscriptions/<subscription id>"]


def test_the_page_of_calls_is_up_to_date():
    page = Path(__file__).parents[2] / "docs" / "live.md"

    assert page.read_text(encoding="utf-8") == live_page()


def test_the_formula_is_the_sum_of_the_table():
    assert formula({Facet.LOCKS}) == "1 + S"
    assert formula({Facet.USAGES, Facet.QUOTAS}) == "1 + 2·S + 2·R + W"


@pytest.mark.parametrize("facet", sorted(FACETS))
def test_the_role_of_a_facet_allows_its_calls(facet, arm, reader):
    collect(Plan(frozenset({facet})), reader)

    allowed = {a.lower() for a in custom_role({facet})["Actions"]}
    assert allowed == {action_of(s.path) for s in arm.seen}


@pytest.mark.parametrize("facet", sorted(FACETS))
def test_only_what_is_wanted_is_asked(facet, arm, reader):
    collect(Plan(frozenset({facet})), reader)

    assert {s.facet for s in arm.seen} == needed({facet})


def test_threads_do_not_change_the_snapshot(arm, open_at):
    texts = set()
    for workers in (1, 3, 8, 16):
        arm.reset(World(3, 12, 2, page=2))
        texts.add(dump(collect(Plan(FACETS, workers=workers, now=NOW), open_at(arm))))

    assert len(texts) == 1


def test_groups_of_networks_elsewhere_are_asked_whichever_answer_comes_first(arm, open_at):
    world = World(2, 2, computes=1, network=subscription_id(1))
    plan = Plan(frozenset({Facet.DEPLOYMENT_STACKS}))
    for first in (0, 1):
        arm.reset(world, Fault("slow", "provider", after=first, times=3))

        found = collect(plan, open_at(arm, read_timeout=0.3))

        scopes = {a.scope for a in answers(found, Facet.DEPLOYMENT_STACKS)}
        assert f"/subscriptions/{subscription_id(1)}/resourceGroups/rg-0" in scopes


def test_what_is_answered_is_kept_as_it_is(arm, reader):
    found = collect(Plan(FACETS), reader)

    group = answers(found, Facet.GROUPS)[0].items[0]
    assert group["properties"] == {"provisioningState": "Succeeded", "unknownToTheModel": 0}
    for facet in (Facet.ROLE_ASSIGNMENTS, Facet.ROLE_DEFINITIONS, Facet.DENY_ASSIGNMENTS):
        assert answers(found, facet)[0].items[0]["properties"]["unknownToTheModel"] == {"kept": [1]}
    assert answers(found, Facet.PROVIDER)[0].items[0]["resourceTypes"][0]["apiVersions"]
    workspace = answers(found, Facet.WORKSPACES)[0].items[0]
    assert workspace["properties"]["newInThisVersion"] == {"kept": True}


def test_the_roles_of_an_identity_are_asked_with_those_of_its_groups(arm, reader):
    found = collect(Plan(frozenset({Facet.PRINCIPAL_ROLES})), reader)

    asked = {a.scope: a.call for a in answers(found, Facet.PRINCIPAL_ROLES)}
    own = {name: f"{SUB}/principals/{name}" for name in (TENANT, subscription_id(900))}
    assert asked == {
        scope: f"GET {SUB}/providers/Microsoft.Authorization/roleAssignments"
        f"?api-version=2022-04-01&$filter=assignedTo('{name}')"
        for name, scope in own.items()
    }
    filters = {s.query.get("$filter") for s in arm.seen if s.facet == "principalRoles"}
    assert filters == {f"assignedTo('{name}')" for name in own}


def test_built_in_roles_are_kept_once_and_roles_of_ones_own_always(arm, reader):
    arm.reset(World(3))

    found = collect(Plan(frozenset({Facet.ROLE_DEFINITIONS})), reader)

    kept = [[i["name"] for i in a.items] for a in answers(found, Facet.ROLE_DEFINITIONS)]
    assert [len(names) for names in kept] == [2, 1, 1]
    assert all("custom" in names for names in kept)


def test_of_deployments_no_parameters_are_kept(arm, reader):
    found = collect(Plan(frozenset({Facet.DEPLOYMENTS, Facet.DEPLOYMENT_STACKS})), reader)

    for facet in (Facet.DEPLOYMENTS, Facet.DEPLOYMENT_STACKS):
        for answer in answers(found, facet):
            assert {"parameters", "outputs"}.isdisjoint(answer.items[0]["properties"])
    assert "correct horse" not in dump(found)


def test_rows_that_share_an_id_are_both_kept(arm, reader):
    found = collect(Plan(frozenset({Facet.USAGES})), reader)

    rows = answers(found, Facet.USAGES)[0].items
    assert len({row["id"] for row in rows}) == 1
    assert [row["name"]["value"] for row in rows] == [
        "Total Cluster Dedicated Regional vCPUs",
        "Clusters",
    ]
    assert read(dump(found).encode(), "it") == found


@pytest.mark.parametrize("facet", [Facet.LOCKS, Facet.GROUPS])
def test_all_pages_are_read(facet, arm, reader):
    arm.reset(World(page=1))

    found = collect(Plan(frozenset({facet})), reader)

    assert arm.count(facet) == 3
    assert len(answers(found, facet)[0].items) == 3


def test_only_zones_of_workspaces_are_looked_into(arm, reader):
    arm.reset(World(zones=("privatelink.notebooks.azure.net", "PrivateLink.api.azureml.ms", "x.y")))

    found = collect(Plan(frozenset({Facet.ZONE_LINKS})), reader)

    scopes = {a.scope.rpartition("/")[2].lower() for a in answers(found, Facet.ZONE_LINKS)}
    assert scopes == ZONES


def test_an_unregistered_provider_holds_no_workspaces(arm, reader):
    arm.reset(World(registered=False))

    found = collect(Plan(FACETS), reader)

    answer = answers(found, Facet.WORKSPACES)[0]
    assert (answer.state, answer.items, answer.scope) == (COLLECTED, (), SUB)
    assert arm.count("workspaces") == 0
    assert arm.writes == []


def test_a_provider_that_turns_out_unregistered_is_not_registered(arm, reader):
    arm.reset(World(), Fault("409", "workspaces", code="MissingSubscriptionRegistration"))

    found = collect(Plan(FACETS), reader)

    assert answers(found, Facet.WORKSPACES)[0].state == COLLECTED
    assert arm.writes == []


@pytest.mark.parametrize(
    ("served", "asked"),
    [
        (("2026-05-01", "2025-12-01", "2025-06-01"), "2025-12-01"),
        (("2025-06-01", "2024-04-01", "2025-10-01-preview"), "2025-06-01"),
        (("2026-05-01", "2026-01-01"), "2026-01-01"),
        (("2023-02-01-preview",), "2023-02-01-preview"),
        ((), "2025-12-01"),
    ],
)
def test_the_version_is_one_that_the_provider_serves(served, asked, arm, reader):
    arm.reset(World(served=served))

    collect(Plan(frozenset({Facet.USAGES, Facet.DATASTORES})), reader)

    ours = {"workspaces", "computes", "usages", "datastores"}
    assert {s.query["api-version"] for s in arm.seen if s.facet in ours} == {asked}


@pytest.mark.parametrize("facet", [Facet.REGISTRIES, Facet.GROUPS, Facet.ROLE_ASSIGNMENTS])
def test_a_version_that_is_not_served_gives_way_to_one_that_is(facet, arm, reader):
    code = "NoRegisteredProviderFound"
    text = "The supported api-versions are '2015-07-01, 2016-09-01, 2019-05-01-preview'."
    arm.reset(World(), Fault("400", facet, times=1, code=code, link=text))

    found = collect(Plan(frozenset({facet})), reader)

    assert answers(found, facet)[0].state == COLLECTED
    assert [s.query["api-version"] for s in arm.seen if s.facet == facet][1] == "2016-09-01"


class TestScopes:
    def test_subscriptions_by_id_and_by_name(self, arm, reader):
        arm.reset(World(4, 4))
        plan = Plan(frozenset({Facet.LOCKS}), subscriptions=(subscription_id(1), "subscription 3"))

        found = collect(plan, reader)

        scopes = [a.scope for a in answers(found, Facet.LOCKS)]
        assert scopes == [f"/subscriptions/{subscription_id(n)}" for n in (1, 3)]
        assert [a.scope for a in answers(found, Facet.SUBSCRIPTIONS)] == scopes

    def test_a_subscription_that_is_not_visible(self, arm, reader):
        plan = Plan(frozenset({Facet.LOCKS}), subscriptions=("Other",))

        with pytest.raises(LiveError, match="subscription 'Other' is not visible"):
            collect(plan, reader)

        assert arm.count("locks") == 0

    def test_a_named_subscription_is_read_when_they_cannot_be_listed(self, arm, reader):
        arm.reset(World(2), Fault("403", Facet.SUBSCRIPTIONS))
        plan = Plan(frozenset({Facet.LOCKS}), subscriptions=(subscription_id(1),))

        found = collect(plan, reader)

        assert answers(found, Facet.LOCKS)[0].state == COLLECTED
        assert answers(found, Facet.SUBSCRIPTIONS)[0].state != COLLECTED

    def test_no_subscription_at_all(self, arm, reader):
        arm.reset(World(0))

        with pytest.raises(LiveError, match="sees no subscription"):
            collect(Plan(FACETS), reader)

    def test_a_group(self, arm, reader):
        arm.reset(World(2, 6))
        plan = Plan(frozenset({Facet.COMPUTES}), resource_groups=(f"{SUB}/resourceGroups/rg-2",))

        found = collect(plan, reader)

        assert [a.scope.rpartition("/")[2] for a in answers(found, Facet.COMPUTES)] == ["ws-2"]
        assert answers(found, Facet.WORKSPACES)[0].scope == f"{SUB}/resourceGroups/rg-2"
        assert arm.count("provider") == 1

    def test_a_group_by_name_is_looked_for_in_every_subscription(self, arm, reader):
        arm.reset(World(2, 6))
        plan = Plan(frozenset({Facet.COMPUTES}), resource_groups=("RG-3",))

        found = collect(plan, reader)

        assert [a.scope.rpartition("/")[2] for a in answers(found, Facet.COMPUTES)] == ["ws-3"]
        assert all(a.state == COLLECTED for a in found.answers)

    def test_a_group_that_is_nowhere(self, arm, reader):
        arm.reset(World(2, 6))
        plan = Plan(frozenset({Facet.COMPUTES}), resource_groups=("typo",))

        with pytest.raises(LiveError, match="resource group 'typo' is in none"):
            collect(plan, reader)

    def test_a_workspace_by_id(self, arm, reader):
        arm.reset(World(2, 6))
        workspace = f"{SUB}/resourceGroups/rg-4/providers/{ML}/workspaces/ws-4"

        found = collect(Plan(frozenset({Facet.COMPUTES}), workspaces=(workspace,)), reader)

        assert [a.scope for a in answers(found, Facet.WORKSPACES)] == [workspace]
        assert [a.scope for a in answers(found, Facet.COMPUTES)] == [workspace]
        assert arm.count("workspaces") == 1

    def test_a_workspace_by_name(self, arm, reader):
        arm.reset(World(2, 6))

        found = collect(Plan(frozenset({Facet.COMPUTES}), workspaces=("WS-5",)), reader)

        assert [a.scope.rpartition("/")[2] for a in answers(found, Facet.WORKSPACES)] == ["ws-5"]
        assert arm.count("computes") == 1

    def test_a_workspace_that_is_nowhere(self, reader):
        with pytest.raises(LiveError, match="workspace 'typo' is in none"):
            collect(Plan(frozenset({Facet.COMPUTES}), workspaces=("typo",)), reader)

    def test_a_management_group(self, arm, reader):
        arm.reset(World(3))

        found = collect(Plan(frozenset({Facet.LOCKS}), management_group="prod"), reader)

        assert len(answers(found, Facet.LOCKS)) == 3
        assert arm.seen[0].path.endswith("/managementGroups/prod/descendants")

    def test_a_subscription_of_the_group_that_is_not_visible_is_a_gap(self, arm, reader):
        arm.reset(World(3, hidden=1))

        found = collect(Plan(frozenset({Facet.LOCKS}), management_group="prod"), reader)

        assert len(answers(found, Facet.LOCKS)) == 2
        gap = next(a for a in found.answers if a.state != COLLECTED)
        assert (gap.facet, gap.scope) == (
            Facet.SUBSCRIPTIONS,
            f"/subscriptions/{subscription_id(2)}",
        )
        assert "does not see" in gap.reason

    def test_a_management_group_without_subscriptions(self, arm, reader):
        arm.reset(World(0))

        with pytest.raises(LiveError, match="holds no subscription"):
            collect(Plan(frozenset({Facet.LOCKS}), management_group="prod"), reader)

    def test_a_workspace_by_id_of_a_group_that_is_named_too(self, arm, reader):
        arm.reset(World(2, 6))
        workspace = f"{SUB}/resourceGroups/rg-4/providers/{ML}/workspaces/ws-4"
        group = f"/subscriptions/{subscription_id(1)}/resourceGroups/rg-1"
        plan = Plan(frozenset({Facet.COMPUTES}), workspaces=(workspace,), resource_groups=(group,))

        found = collect(plan, reader)

        names = [a.scope.rpartition("/")[2] for a in answers(found, Facet.COMPUTES)]
        assert names == ["ws-4", "ws-1"]

    def test_a_workspace_that_does_not_exist_is_a_gap(self, arm, reader):
        workspace = f"{SUB}/resourceGroups/rg-4/providers/{ML}/workspaces/gone"
        arm.reset(World(registered=False))

        found = collect(Plan(frozenset({Facet.COMPUTES}), workspaces=(workspace,)), reader)

        gap = answers(found, Facet.WORKSPACES)[0]
        assert (gap.scope, gap.state) == (workspace, FAILED)
        assert gap.reason.startswith("404 ")

    def test_a_management_group_that_may_not_be_read(self, arm, reader):
        arm.reset(World(3), Fault("403", "descendants", code="AuthorizationFailed"))

        with pytest.raises(LiveError, match=r"403 AuthorizationFailed.*descendants/read"):
            collect(Plan(frozenset({Facet.LOCKS}), management_group="prod"), reader)


class TestDiscovery:
    def test_resource_graph_says_where_workspaces_are(self, arm, reader):
        arm.reset(World(20, 4, holding=2))

        found = collect(Plan(FACETS, discover="resource-graph"), reader)

        assert arm.count("resourceGraph") == 1
        assert arm.count("locks") == 2
        workspaces = answers(found, Facet.WORKSPACES)
        assert [len(a.items) for a in workspaces] == [2, 2] + 18 * [0]
        assert all(a.state == COLLECTED for a in workspaces)
        assert arm.writes == []

    def test_pages_of_resource_graph_are_followed(self, arm, reader):
        arm.reset(World(320, 320, graph_page=100))

        found = collect(Plan(frozenset({Facet.WORKSPACES}), discover="resource-graph"), reader)

        assert arm.count("resourceGraph") == 4
        assert sum(len(a.items) for a in answers(found, Facet.WORKSPACES)) == 320

    @pytest.mark.parametrize("kind", ["wrong", "empty", "html", "500"])
    def test_with_nonsense_of_resource_graph_all_are_asked(self, kind, arm, reader):
        arm.reset(World(5, 4, holding=2), Fault(kind, "resourceGraph"))

        collect(Plan(frozenset({Facet.WORKSPACES}), discover="resource-graph"), reader)

        assert arm.count("workspaces") == 5

    def test_what_is_named_is_not_asked_of_resource_graph(self, arm, reader):
        arm.reset(World(2, 2, holding=1))
        workspace = f"/subscriptions/{subscription_id(1)}/resourceGroups/g/providers/{ML}"
        plan = Plan(
            frozenset({Facet.COMPUTES}),
            workspaces=(f"{workspace}/workspaces/ws",),
            discover="resource-graph",
        )

        found = collect(plan, reader)

        assert arm.count("resourceGraph") == 0
        assert answers(found, Facet.WORKSPACES)[0].state == FAILED

    def test_without_resource_graph_all_are_asked(self, arm, reader):
        arm.reset(World(5, 4, holding=2), Fault("403", "resourceGraph"))

        found = collect(Plan(FACETS, discover="resource-graph"), reader)

        assert arm.count("locks") == 5
        assert all(a.state == COLLECTED for a in found.answers)


class TestEndings:
    def test_a_deadline_leaves_the_rest_as_gaps(self, arm, reader):
        wait = (("Retry-After", "20"),)
        arm.reset(World(), Fault("429", "locks", headers=wait))

        found = collect(Plan(frozenset({Facet.LOCKS, Facet.GROUPS}), deadline=30), reader)

        answer = answers(found, Facet.LOCKS)[0]
        assert answer.state == FAILED
        assert answer.reason == "Deadline: the deadline of 30 seconds passed"

    @pytest.mark.posix
    @pytest.mark.parametrize("send", [signal.SIGINT, signal.SIGTERM])
    def test_an_interrupt_leaves_the_rest_as_gaps(self, send, arm, reader):
        arm.reset(World(4, 8, 2), Fault("slow", "locks"))
        before = signal.getsignal(signal.SIGTERM)

        def interrupt(progress):
            if progress.done == progress.asked - 4:
                os.kill(os.getpid(), send)

        found = collect(Plan(FACETS, progress=interrupt), reader)

        assert {a.facet for a in found.answers if a.state != COLLECTED} == {Facet.LOCKS}
        assert {a.reason for a in answers(found, Facet.LOCKS)} == {
            "Interrupted: the run was interrupted"
        }
        assert '"complete": false' in dump(found)
        assert signal.getsignal(signal.SIGTERM) is before

    @pytest.mark.parametrize("after", [1, 5, 20, 40])
    def test_an_interrupt_at_any_moment_loses_no_question(self, after, arm, reader):
        arm.reset(World(4, 8, 2))

        def interrupt(progress):
            if progress.done == after:
                reader.clock.stop()

        found = collect(Plan(FACETS, progress=interrupt), reader)

        read_ = {(a.facet, a.scope) for a in found.answers if a.state == COLLECTED}
        gaps = {(a.facet, a.scope) for a in found.answers if a.state != COLLECTED}
        assert gaps
        assert not read_ & gaps
        for answer in answers(found, Facet.WORKSPACES):
            for item in answer.items:
                assert (Facet.COMPUTES, item["id"]) in read_ | gaps

    def test_it_can_run_in_a_thread(self, reader):
        found = []
        thread = threading.Thread(
            target=lambda: found.append(collect(Plan(frozenset({Facet.LOCKS})), reader))
        )
        thread.start()
        thread.join()

        assert answers(found[0], Facet.LOCKS)[0].state == COLLECTED

    def test_progress_ends_with_all_that_was_asked(self, arm, reader):
        told = []
        arm.reset(World(2, 4, 2))

        found = collect(Plan(FACETS, progress=told.append), reader)

        assert told[-1].done == told[-1].asked == len(found.answers)
        assert [t.done for t in told] == sorted(t.done for t in told)


def test_every_facet_that_is_collected_has_a_call():
    named = {v for k, v in vars(Facet).items() if k.isupper()}
    # What the service finds is asked for by an option alone.
    collected = named - {Facet.SERVICE_DIAGNOSES}

    assert collected == FACETS == {c.facet for c in calls_for(FACETS)}


class TestShards:
    """Parts of the subscriptions, read side by side."""

    WORLD = World(subscriptions=6, workspaces=7, regions=2)
    FACETS = frozenset(
        {Facet.LOCKS, Facet.COMPUTES, Facet.NETWORKS, Facet.DEPLOYMENT_STACKS, Facet.USAGES}
    )

    def parts(self, arm, open_at, world, count, **plan):
        found = []
        for number in range(1, count + 1):
            arm.reset(world)
            asked = Plan(self.FACETS, shard=Shard(number, count), now=NOW, **plan)
            found.append(collect(asked, open_at(arm)))
        return found

    def test_each_subscription_is_in_one_part_whatever_else_is_there(self):
        ids = [subscription_id(n) for n in range(200)]
        of = {i: [n for n in range(1, 6) if Shard(n, 5).holds(i)] for i in ids}

        assert all(len(numbers) == 1 for numbers in of.values())
        assert all(sum(of[i] == [n] for i in ids) > 20 for n in range(1, 6))
        assert [Shard(n, 5).holds(ids[7].upper()) for n in of[ids[7]]] == [True]

    @pytest.mark.parametrize("network", ["", subscription_id(5)])
    def test_parts_together_are_the_whole(self, arm, open_at, network):
        world = self.WORLD._replace(network=network)
        arm.reset(world)
        named = tuple(subscription_id(n) for n in range(6))
        whole = collect(Plan(self.FACETS, named, now=NOW), open_at(arm))
        parts = self.parts(arm, open_at, world, 3)

        assert dump(merge(parts)) == dump(whole)
        assert dump(merge(parts[::-1])) == dump(whole)
        read = [{a.scope for a in p.answers if a.facet == Facet.WORKSPACES} for p in parts]
        assert sum(map(len, read)) == 6

    def test_a_part_has_what_surrounds_networks_in_another_one(self, arm, open_at):
        world = self.WORLD._replace(network=subscription_id(5))
        for part in self.parts(arm, open_at, world, 3):
            assert list(gaps(part, self.FACETS)) == []

    def test_a_part_without_subscriptions_is_empty_and_no_fault(self, arm, open_at):
        parts = self.parts(arm, open_at, World(), 4)

        assert sorted(bool(p.answers) for p in parts) == [False, False, False, True]
        assert merge(parts).is_complete

    def test_a_list_that_could_not_be_read_is_a_gap_of_every_part(self, arm, open_at):
        arm.reset(World(3, page=1), Fault("403", "subscriptions", after=1))
        found = collect(Plan(self.FACETS, shard=Shard(1, 2)), open_at(arm))

        assert [a.state for a in found.answers if a.scope == "/"] == ["denied"]

    def test_networks_that_resource_graph_leaves_out_are_read(self, arm, open_at):
        arm.reset(World(4, 2, holding=2, network=subscription_id(3)))
        found = collect(Plan(self.FACETS, discover="resource-graph", now=NOW), open_at(arm))

        assert {a.scope for a in answers(found, Facet.NETWORKS)} == {
            f"/subscriptions/{subscription_id(n)}" for n in (0, 1, 3)
        }
        assert list(gaps(found, self.FACETS)) == []
