"""Nothing but reads, to one host, at the pace that the service sets."""

from __future__ import annotations

import email.utils
import time

import pytest
from arm_server import TOKEN, ArmServer, Bucket, Fault, Signed, World, subscription_id
from azure.core import AzureClouds
from azure.core.credentials import AccessToken
from azure.core.exceptions import ServiceRequestError
from azure.core.pipeline.transport import HttpTransport
from azure.identity import AzureAuthorityHosts
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.core.tools import get_arm_endpoints
from azure.mgmt.resource.resources import ResourceManagementClient

from azmlint.azure import CLOUDS, FACETS, Plan, ReadError, collect, service_diagnosis
from azmlint.azure.calls import CALLS, Question
from azmlint.azure.clock import Clock
from azmlint.azure.cloud import cloud_at
from azmlint.azure.credential import Credential
from azmlint.azure.pipeline import HOPELESS, RATE, origin
from azmlint.azure.reader import Reader
from azmlint.errors import ConfigError, LiveError
from azmlint.model.facet import COLLECTED, DENIED, FAILED, Facet

SPEED = 30
"""How much faster than in truth time passes for the bucket and for those who wait for it."""

SUB = f"/subscriptions/{subscription_id(0)}"
WORKSPACE = f"{SUB}/resourceGroups/rg-0/providers/Microsoft.MachineLearningServices/workspaces/ws-0"


def question(facet):
    call = next(c for c in CALLS if c.facet == facet)
    path = call.path.format(subscription=subscription_id(0))
    return Question(call, SUB, path, call.version, subscription_id(0))


def only(facet):
    return Plan(frozenset({facet}), workers=1)


class TestReadOnly:
    def test_a_write_of_a_client_does_not_leave(self, arm, reader):
        client = reader.client(ResourceManagementClient, question(Facet.GROUPS))

        with pytest.raises(ReadError, match="refused to send PUT"):
            client.resource_groups.create_or_update("rg", {"location": "eastus"})
        with pytest.raises(ReadError, match="refused to send DELETE"):
            client.resource_groups.begin_delete("rg")
        with pytest.raises(ReadError, match="refused to send POST"):
            client.providers.register("Microsoft.MachineLearningServices")

        assert arm.seen == []

    def test_nor_does_one_of_the_other_client(self, arm, reader):
        client = reader.client(AuthorizationManagementClient, question(Facet.ROLE_ASSIGNMENTS))

        with pytest.raises(ReadError, match="refused to send DELETE"):
            client.role_assignments.delete(SUB, "name")

        assert arm.seen == []

    def test_nor_a_post_that_nobody_asked_for(self, arm, reader):
        with pytest.raises(ReadError, match="refused to send POST"):
            reader.post(f"{WORKSPACE}/diagnose", "2025-12-01", {})

        assert arm.seen == []

    @pytest.mark.parametrize("facet", sorted(c.facet for c in CALLS if c.is_typed))
    def test_no_provider_is_registered(self, facet, arm, reader):
        arm.reset(World(), Fault("409", facet, code="MissingSubscriptionRegistration"))

        collect(only(facet), reader)

        assert arm.writes == []


class TestOneHost:
    def test_a_redirect_is_not_followed(self, arm, reader):
        with ArmServer() as other:
            location = (("Location", f"{other.url}/subscriptions"),)
            arm.reset(World(), Fault("307", "locks", headers=location))

            found = collect(only(Facet.LOCKS), reader)

            assert other.seen == []
        answer = next(a for a in found.answers if a.facet == Facet.LOCKS)
        assert answer.reason.startswith("307 ")

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("https://management.azure.com", "https://MANAGEMENT.azure.com:443/x", True),
            ("https://management.azure.com", "http://management.azure.com", False),
            ("https://management.azure.com", "https://management.azure.com.evil.example", False),
            ("https://management.azure.com", "https://management.azure.com@evil.example", False),
            ("https://management.azure.com", "https://management.azure.com:444", False),
            ("http://127.0.0.1:80", "http://127.0.0.1", True),
        ],
    )
    def test_a_host_is_the_same_by_scheme_name_and_port(self, one, other, same):
        assert (origin(one) == origin(other)) is same

    def test_a_broken_link_is_refused(self):
        with pytest.raises(ReadError, match="broken URL"):
            origin("https://host:port/")

    def test_a_relative_link_is_followed(self, arm, reader):
        link = f"{SUB}/providers/Microsoft.Authorization/locks?api-version=2020-05-01&a=1"
        arm.reset(World(), Fault("foreign", "locks", times=1, link=link))

        found = collect(only(Facet.LOCKS), reader)

        assert all(a.state == COLLECTED for a in found.answers)
        assert arm.count("locks") == 2


class TestPace:
    def test_retry_after_is_waited_for(self, arm, reader, fake_time):
        arm.reset(World(), Fault("429", "locks", times=2, headers=(("Retry-After", "7"),)))

        found = collect(only(Facet.LOCKS), reader)

        assert all(a.state == COLLECTED for a in found.answers)
        assert [round(w) for w in fake_time.waits if w > 1] == [7, 7]

    @pytest.mark.parametrize("name", ["retry-after-ms", "x-ms-retry-after-ms"])
    def test_in_milliseconds_too(self, name, arm, reader, fake_time):
        arm.reset(World(), Fault("429", "locks", times=1, headers=((name, "2500"),)))

        collect(only(Facet.LOCKS), reader)

        assert max(fake_time.waits) == pytest.approx(2.5, abs=0.1)

    def test_and_as_a_date(self, arm, reader, fake_time):
        later = email.utils.formatdate(time.time() + 50, usegmt=True)
        arm.reset(World(), Fault("503", "locks", times=1, headers=(("Retry-After", later),)))

        collect(only(Facet.LOCKS), reader)

        assert 30 < max(fake_time.waits) <= 50

    def test_nonsense_is_waited_for_a_moment(self, arm, reader, fake_time):
        arm.reset(World(), Fault("503", "locks", times=1, headers=(("Retry-After", "soon"),)))

        found = collect(only(Facet.LOCKS), reader)

        assert all(a.state == COLLECTED for a in found.answers)
        assert fake_time.waits == [0.5]

    def test_an_hour_is_not_waited_for(self, arm, reader, fake_time):
        arm.reset(World(), Fault("429", "locks", headers=(("Retry-After", "3600"),)))

        collect(only(Facet.LOCKS), reader)

        assert arm.count("locks") == 1
        assert fake_time.waits == []

    def test_a_subscription_that_always_refuses_is_given_up(self, arm, reader):
        arm.reset(World(1, 100), Fault("429", "computes", headers=(("Retry-After", "1"),)))

        found = collect(Plan(frozenset({Facet.COMPUTES}), workers=2), reader)

        assert sum(a.state == FAILED for a in found.answers) == 100
        assert HOPELESS <= arm.count("computes") < HOPELESS + 110

    def test_a_throttled_subscription_is_read_slowly_from_then_on(self, arm, reader, fake_time):
        arm.reset(World(), Fault("429", "locks", times=1, headers=(("Retry-After", "1"),)))

        collect(Plan(FACETS, workers=1), reader)

        assert sum(w == pytest.approx(1 / RATE) for w in fake_time.waits) > 10

    def test_other_subscriptions_are_not(self, arm, reader, fake_time):
        arm.reset(World(2), Fault("429", "locks", times=1, headers=(("Retry-After", "1"),)))

        collect(only(Facet.LOCKS), reader)

        assert fake_time.waits == [pytest.approx(1)]

    def test_600_workspaces_fit_through_the_bucket(self, arm):
        def fast():
            return time.monotonic() * SPEED

        arm.reset(World(1, 600, page=1000))
        arm.bucket = Bucket(fast)
        cloud = cloud_at("AzureCloud", arm.url)
        clock = Clock(fast, lambda seconds: time.sleep(seconds / SPEED))
        reader = Reader(cloud, Credential(Signed(), "cli", "", cloud), clock)

        found = collect(Plan(frozenset({Facet.COMPUTES})), reader)

        assert len(found.answers) == 603
        assert all(a.state == COLLECTED for a in found.answers)

    def test_few_reads_left_slow_it_down_before_it_is_throttled(self, arm, reader, fake_time):
        arm.remaining = "3"

        collect(Plan(FACETS, workers=1), reader)

        assert sum(w == pytest.approx(1 / RATE) for w in fake_time.waits) > 10

    def test_a_read_that_hangs_ends_with_the_deadline(self, arm, open_at, fake_time):
        arm.reset(World(), Fault("slow", "locks"))
        reader = open_at(arm, read_timeout=20)
        plan = Plan(frozenset({Facet.LOCKS}), workers=1, deadline=0.4)

        found = collect(plan, reader)

        answer = next(a for a in found.answers if a.facet == Facet.LOCKS)
        assert answer.reason == "Deadline: the deadline of 0.4 seconds passed"
        assert fake_time.waits == []

    def test_a_refused_token_is_renewed_once(self, arm, open_at):
        tokens = []

        class Renewing:
            def get_token(self, *_, **__):
                tokens.append(f"{TOKEN}{len(tokens)}")
                return AccessToken(tokens[-1], 4_102_444_800)

        arm.tokens = {f"{TOKEN}1"}

        found = collect(only(Facet.LOCKS), open_at(arm, inner=Renewing()))

        assert all(a.state == COLLECTED for a in found.answers)
        assert len(tokens) == 2

    def test_not_for_ever(self, arm, open_at):
        arm.tokens = set()

        found = collect(only(Facet.LOCKS), open_at(arm))

        assert [a.state for a in found.answers] == [DENIED]
        assert len(arm.seen) == 2
        assert TOKEN not in found.answers[0].reason


class Recording(HttpTransport):
    """Sends nothing, and remembers what it was to send."""

    def __init__(self):
        self.sent = []

    def send(self, request, **_):
        self.sent.append((request.url, request.headers.get("Authorization")))
        message = "recorded"
        raise ServiceRequestError(message)

    def open(self):
        pass

    def close(self):
        pass

    def __exit__(self, *_):
        pass


class TestClouds:
    @pytest.mark.parametrize("name", CLOUDS)
    def test_endpoint_and_audience_go_together(self, name, fake_time):
        cloud = cloud_at(name)
        inner, transport = Signed(), Recording()
        reader = Reader(
            cloud,
            Credential(inner, "cli", "", cloud),
            Clock(fake_time.now, fake_time.wait),
            transport=transport,
        )

        found = collect(Plan(FACETS, subscriptions=(subscription_id(0),)), reader)

        assert {c.facet for c in CALLS if c.is_typed} <= {a.facet for a in found.answers}
        assert transport.sent
        assert all(url.startswith(f"{cloud.endpoint}/subscriptions") for url, _ in transport.sent)
        assert set(inner.scopes) == {(cloud.scope,)}

    def test_they_are_those_of_the_sdk(self):
        pairs = {
            "AzureCloud": (AzureClouds.AZURE_PUBLIC_CLOUD, AzureAuthorityHosts.AZURE_PUBLIC_CLOUD),
            "AzureUSGovernment": (
                AzureClouds.AZURE_US_GOVERNMENT,
                AzureAuthorityHosts.AZURE_GOVERNMENT,
            ),
            "AzureChinaCloud": (AzureClouds.AZURE_CHINA_CLOUD, AzureAuthorityHosts.AZURE_CHINA),
        }
        assert set(pairs) == set(CLOUDS)
        for name, (cloud, authority) in pairs.items():
            said = get_arm_endpoints(cloud)
            assert CLOUDS[name].endpoint == said["resource_manager"].rstrip("/")
            assert [CLOUDS[name].scope] == said["credential_scopes"]
            assert CLOUDS[name].authority == f"https://{authority}"

    def test_a_token_for_a_cloud_is_not_asked_for_another_host(self):
        cloud = cloud_at("AzureCloud", "https://arm.contoso.example/")

        assert cloud.endpoint == "https://arm.contoso.example"
        assert cloud.scope == "https://arm.contoso.example/.default"

    def test_it_is_for_a_host_of_the_cloud(self):
        cloud = cloud_at("AzureCloud", "https://westeurope.management.azure.com")

        assert cloud.scope == CLOUDS["AzureCloud"].scope

    def test_an_audience_can_be_named(self):
        cloud = cloud_at("AzureCloud", "https://arm.contoso.example", "https://other.example/x")

        assert cloud.scope == "https://other.example/x/.default"

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.1.2.3"])
    def test_without_tls_this_machine_is_spoken_to(self, host):
        assert cloud_at("AzureCloud", f"http://{host}:1").endpoint == f"http://{host}:1"

    @pytest.mark.parametrize(
        ("url", "why"),
        [
            ("http://arm.example", "without TLS"),
            ("http://127.0.0.1.evil.example", "without TLS"),
            ("ftp://arm.example", "no URL of the form"),
            ("arm.example", "no URL of the form"),
            ("https://", "no URL of the form"),
            ("https://user:pw@arm.example", "no more than"),
            ("https://arm.example?x=1", "no more than"),
            ("https://arm.example:port", "is no URL"),
            ("https://[arm", "is no URL"),
        ],
    )
    def test_other_endpoints_are_refused(self, url, why):
        with pytest.raises(ConfigError, match=why):
            cloud_at("AzureCloud", url)

    def test_there_are_three_clouds(self):
        with pytest.raises(ConfigError, match="AzureCloud, AzureUSGovernment, AzureChinaCloud"):
            cloud_at("AzureGermanCloud")

    def test_an_audience_alone_is_refused(self):
        with pytest.raises(ConfigError, match="--arm-endpoint"):
            cloud_at("AzureCloud", "", "https://x")


class TestDiagnosis:
    def test_it_is_asked_for_and_waited_for(self, arm, reader, fake_time):
        told = service_diagnosis(reader, WORKSPACE)

        assert told["value"]["resourceLockResults"][0]["code"] == "ResourceLock"
        assert [(s.method, s.facet) for s in arm.seen] == [
            ("POST", "diagnose"),
            ("GET", "diagnose"),
            ("GET", "diagnose"),
        ]
        assert fake_time.waits == [1.0, 1.0]

    def test_it_opens_the_way_for_this_workspace_only(self, arm, reader):
        service_diagnosis(reader, WORKSPACE)
        before = len(arm.seen)

        with pytest.raises(ReadError, match="refused"):
            reader.post(f"{WORKSPACE}-other/diagnose", "2025-12-01", {})

        assert len(arm.seen) == before

    @pytest.mark.parametrize("status", ["403", "404", "500"])
    def test_a_refusal_is_one_line(self, status, arm, reader):
        arm.reset(World(), Fault(status, "diagnose", code="Nope"))

        with pytest.raises(ReadError, match=f"{status} Nope"):
            service_diagnosis(reader, WORKSPACE)

        assert len(arm.seen) == 1

    def test_a_result_that_is_nowhere(self, arm, reader):
        arm.reset(World(), Fault("202", "diagnose"))

        with pytest.raises(ReadError, match="does not say where"):
            service_diagnosis(reader, WORKSPACE)

    def test_a_result_whose_state_is_asked(self, arm, reader):
        state = f"{arm.url}/diagnoseResults/1?api-version=2025-12-01"
        headers = (("Azure-AsyncOperation", state),)
        arm.reset(World(), Fault("202", "diagnose", times=1, headers=headers))
        arm.states = [
            {"status": "InProgress"},
            {"status": "Succeeded", "properties": {"value": {"x": []}}},
        ]

        assert service_diagnosis(reader, WORKSPACE) == {"value": {"x": []}}

    def test_a_version_that_is_not_served_gives_way(self, arm, reader):
        text = "The supported api-versions are '2024-04-01'."
        code = "InvalidApiVersionParameter"
        arm.reset(World(), Fault("400", "diagnose", times=1, code=code, link=text))

        service_diagnosis(reader, WORKSPACE)

        assert arm.seen[1].query["api-version"] == "2024-04-01"

    @pytest.mark.parametrize("name", ["ws-0", f"{WORKSPACE}/computes/x", f"{WORKSPACE}?x=1", SUB])
    def test_what_is_no_workspace_is_not_asked(self, name, arm, reader):
        with pytest.raises(LiveError, match="is not the id of a workspace"):
            service_diagnosis(reader, name)

        assert arm.seen == []

    def test_a_diagnosis_that_fails(self, arm, reader):
        state = f"{arm.url}/diagnoseResults/1?api-version=2025-12-01"
        headers = (("Azure-AsyncOperation", state),)
        arm.reset(World(), Fault("202", "diagnose", times=1, headers=headers))
        arm.states = [{"status": "Failed", "error": {"code": "Broken"}}]

        with pytest.raises(ReadError, match="DiagnoseFailed"):
            service_diagnosis(reader, WORKSPACE)
