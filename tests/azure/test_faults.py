"""What happens to one answer never costs another, and is never mistaken for "there is none"."""

from __future__ import annotations

import json
import logging

import pytest
from arm_server import KEY, TOKEN, ArmServer, Fault, World

from azmlint.azure import FACETS, Plan, collect
from azmlint.azure.calls import CALLS, needed
from azmlint.model.facet import COLLECTED, DENIED, FAILED, Facet
from azmlint.sources.snapshot import dump, read

OTHERS = frozenset({Facet.LOCKS, Facet.GROUPS, Facet.DENY_ASSIGNMENTS})
LISTS = frozenset(call.facet for call in CALLS if call.is_list)
SECRETS = (TOKEN, KEY, "hunter2", "someone@contoso.com", TOKEN.split(".")[1])

FAULTS = {
    "forbidden": (Fault("403", code="AuthorizationFailed"), DENIED, "403 AuthorizationFailed"),
    "not found": (Fault("404", code="NotFound"), FAILED, "404 NotFound"),
    "conflict": (Fault("409", code="Conflict"), FAILED, "409 Conflict"),
    "throttled for ever": (
        Fault("429", code="SubscriptionRequestsThrottled", headers=(("Retry-After", "3"),)),
        FAILED,
        "429 SubscriptionRequestsThrottled",
    ),
    "throttled for an hour": (
        Fault("429", code="TooManyRequests", headers=(("Retry-After", "3600"),)),
        FAILED,
        "429 TooManyRequests",
    ),
    "server error": (Fault("500", code="InternalServerError"), FAILED, "500 InternalServerError"),
    "gateway error": (Fault("503", code="ServerTimeout"), FAILED, "503 ServerTimeout"),
    "reset": (Fault("reset"), FAILED, "ServiceResponse"),
    "truncated": (Fault("truncated"), FAILED, "IncompleteRead"),
    "empty": (Fault("empty"), FAILED, "the answer is empty"),
    "web page": (Fault("html"), FAILED, "a web page"),
    "broken JSON": (Fault("broken"), FAILED, "broken JSON"),
    "JSON of another shape": (Fault("wrong"), FAILED, "NotA"),
    "links in circles": (Fault("loop"), FAILED, "NextLinkLoop"),
    "link to another host": (Fault("foreign"), FAILED, "ForeignHost"),
    "expired token": (Fault("expired"), DENIED, "401 ExpiredAuthenticationToken"),
}
LINKS = {"links in circles", "link to another host"}


@pytest.fixture(scope="module")
def elsewhere():
    with ArmServer() as other:
        yield other


def depend_on(facet):
    return {f for f in FACETS if facet in needed({f})}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("facet", sorted(FACETS))
def test_a_fault_is_a_named_gap_and_the_rest_is_read(name, facet, server, elsewhere, open_at):
    if name in LINKS and facet not in LISTS:
        pytest.skip("one item has no link to more")
    fault, state, reason = FAULTS[name]
    link = f"{elsewhere.url}/subscriptions?api-version=1"
    server.reset(World(), fault._replace(facet=facet, link=link))
    elsewhere.reset()

    found = collect(Plan(OTHERS | {facet}), open_at(server))

    spoilt = [a for a in found.answers if a.facet == facet]
    assert spoilt
    assert {a.state for a in spoilt} == {state}
    for answer in spoilt:
        assert reason in answer.reason
        assert "\n" not in answer.reason
        assert answer.permission
        assert bool(answer.items) == (name in LINKS)
        if reason[0].isdigit():
            assert "request id request-1" in answer.reason
    rest = [a for a in found.answers if a.facet != facet]
    assert all(a.state == COLLECTED for a in rest)
    read_at_all = {a.facet for a in rest}
    assert read_at_all >= needed(OTHERS - depend_on(facet)) - {facet}
    text = dump(found)
    assert '"complete": false' in text
    assert read(text.encode(), "it") == found
    assert not [secret for secret in SECRETS if secret in text]
    assert server.writes == []
    assert elsewhere.seen == []


@pytest.mark.parametrize("half", [0, 1])
def test_answers_that_do_not_come_in_time_are_gaps(half, arm, open_at):
    leaves = sorted(f for f in FACETS if depend_on(f) == {f})
    slow = set(leaves[half::2])
    arm.reset(World(), *(Fault("slow", facet) for facet in slow))

    found = collect(Plan(FACETS, workers=32), open_at(arm, read_timeout=0.4))

    states = {a.facet: a.state for a in found.answers}
    assert {f for f, state in states.items() if state == FAILED} == slow
    assert set(states) == FACETS
    assert all("Timeout" in a.reason for a in found.answers if a.facet in slow)


@pytest.mark.parametrize("facet", sorted({f for f in FACETS if depend_on(f) != {f}}))
def test_what_is_asked_of_unread_parents_is_not_invented(facet, arm, open_at):
    arm.reset(World(2, 4, 2), Fault("slow", facet))

    found = collect(Plan(FACETS), open_at(arm, read_timeout=0.3))

    assert {a.state for a in found.answers if a.facet == facet} == {FAILED}
    assert all(a.state == COLLECTED for a in found.answers if a.facet != facet)


@pytest.mark.parametrize("name", ["server error", "reset", "truncated", "expired token"])
def test_what_passes_is_no_fault(name, arm, reader):
    arm.reset(World(), FAULTS[name][0]._replace(times=1))

    found = collect(Plan(FACETS), reader)

    assert all(a.state == COLLECTED for a in found.answers)


@pytest.mark.parametrize("facet", [Facet.LOCKS, Facet.GROUPS])
def test_pages_before_a_fault_are_kept(facet, arm, reader):
    arm.reset(World(page=1), Fault("403", facet, after=2))

    found = collect(Plan(frozenset({facet})), reader)

    answer = next(a for a in found.answers if a.facet == facet)
    assert answer.state == DENIED
    assert len(answer.items) == 2


@pytest.mark.parametrize("name", FAULTS)
def test_no_secret_is_logged(name, arm, elsewhere, reader, caplog):
    caplog.set_level(logging.DEBUG)
    fault = FAULTS[name][0]
    arm.reset(World(), fault._replace(after=3, link=elsewhere.url))

    collect(Plan(FACETS, workers=2), reader)

    assert "GET /subscriptions" in caplog.text
    assert [secret for secret in SECRETS if secret in caplog.text] == []


def test_a_token_that_expires_in_mid_run_leaves_what_was_read(arm, reader):
    arm.reset(World(3, 12, 2), Fault("expired", after=30))

    found = collect(Plan(FACETS), reader)

    assert {a.state for a in found.answers} == {COLLECTED, DENIED}
    assert sum(a.state == COLLECTED for a in found.answers) == 30
    assert not [secret for secret in SECRETS if secret in dump(found)]


def test_workspaces_are_read_when_the_provider_cannot_be(arm, reader):
    arm.reset(World(), Fault("403", Facet.PROVIDER))

    found = collect(Plan(frozenset({Facet.COMPUTES})), reader)

    states = {a.facet: a.state for a in found.answers}
    assert states[Facet.PROVIDER] == DENIED
    assert states[Facet.WORKSPACES] == states[Facet.COMPUTES] == COLLECTED


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        ("400", b'{"error": "invalid", "error_description": "why"}', "400 invalid: why"),
        ("400", b'{"code": "Flat", "message": "why"}', "400 Flat: why"),
        ("400", b'{"error": {"message": "why"}}', "400 HttpError: why"),
        ("400", b'{"error": ["odd"]}', "400 HttpError"),
        ("400", b"[1]", "400 HttpError"),
        ("502", b"<html>Bad Gateway</html>", "502 HttpError: a web page"),
        ("418", b"not JSON", "418 HttpError: the answer of 8 bytes"),
        ("204", b"{}", "204 HttpError"),
        ("200", b"[" * 100_000, "200 NotJson: the answer of 100000 bytes"),
        ("200", b'{"value": [], "nextLink": 7}', "NotAList: the link"),
        ("200", b'{"value": ["text"]}', "NotAList: the answer holds no list of objects"),
        ("200", b"null", "NotAnObject: the answer is NoneType"),
    ],
)
@pytest.mark.parametrize("facet", [Facet.LOCKS, Facet.GROUPS])
def test_odd_answers_are_named(facet, status, body, reason, arm, reader):
    arm.reset(World(), Fault(status, facet, body=body))

    found = collect(Plan(frozenset({facet})), reader)

    answer = next(a for a in found.answers if a.facet == facet)
    assert answer.state == FAILED
    assert answer.reason.startswith(reason)


@pytest.mark.parametrize("facet", sorted(c.facet for c in CALLS if c.is_typed))
def test_what_a_model_of_the_sdk_does_not_understand_is_kept(facet, arm, reader):
    item = {"id": f"/x/{facet}", "name": 7, "properties": ["odd"], "resourceTypes": "odd"}
    body = {"value": [item], **item}
    arm.reset(World(), Fault("200", facet, body=json.dumps(body).encode()))

    found = collect(Plan(frozenset({facet})), reader)

    answer = next(a for a in found.answers if a.facet == facet)
    assert answer.state == COLLECTED
    assert answer.items[0]["properties"] == ["odd"]
