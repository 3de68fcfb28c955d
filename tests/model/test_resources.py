"""Properties that a dialect states in its own way."""

from __future__ import annotations

import json

import pytest

from azmlint.model.resource import Resource
from azmlint.model.resources import KINDS, Compute, Lock
from azmlint.model.value import Property
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts


def resources(text, path):
    document = decode(path, text.encode())
    return load.read(document, Texts({path: document})).resources


def cluster(text):
    (found,) = resources(f"name: c\ntype: amlcompute\n{text}", "a.yml")
    return found


def declared(**body):
    data = {
        "contentVersion": "1.0.0.0",
        "parameters": {"p": {"type": "bool"}},
        "resources": [{"type": Compute.arm_type, "name": "ws/c", **body}],
    }
    data["resources"][0]["properties"] |= {"computeType": "AmlCompute"}
    (found,) = resources(json.dumps(data), "a.json")
    return found


@pytest.mark.parametrize(
    ("written", "known"),
    [(True, False), (False, True), ("true", False), ("False", True), ("[parameters('p')]", None)],
)
def test_local_authentication_is_the_opposite_of_its_flag(written, known):
    assert declared(properties={"disableLocalAuth": written}).local_auth.known is known


def test_an_empty_id_names_nothing():
    pool = declared(properties={"properties": {"subnet": {"id": ""}}})

    assert pool.subnet.is_absent
    assert cluster("network_settings: {subnet: ''}\n").subnet.is_absent


def test_an_identity_that_is_filled_in_later_is_unknown():
    assert cluster("identity: ${{ identity }}\n").identity.term.is_unknown


def test_an_identity_without_type_is_absent_unless_identities_are_listed():
    assert cluster("identity: {}\n").identity.is_absent
    assert cluster("identity: {user_assigned_identities: [a]}\n").identity.known == {"userassigned"}


@pytest.mark.parametrize(
    ("settings", "known"), [("{admin_username: a}", True), ("", None), ("null", None)]
)
def test_accounts_are_on_exactly_when_ssh_settings_are_given(settings, known):
    assert cluster(f"ssh_settings: {settings}\n").local_auth.known is known


@pytest.mark.parametrize(
    ("written", "known"), [("true", "enabled"), ("no", "disabled"), ("Enabled", "enabled")]
)
def test_the_ssh_flag_is_read_as_a_word(written, known):
    assert cluster(f"ssh_public_access_enabled: {written}\n").ssh_public.known == known


def test_the_application_that_holds_a_lock_is_told():
    body = {"type": Lock.arm_type, "name": "l", "properties": {"level": "ReadOnly"}}
    owners = [3, {"applicationId": "[guid('x')]"}, {"applicationId": "a"}]
    held = body | {"properties": {"owners": owners[::2]}}
    data = {"contentVersion": "1.0.0.0", "resources": [body, held]}
    first, second = resources(json.dumps(data), "a.json")

    assert (first.application, second.application) == (None, "a")


def test_a_declared_resource_exists():
    assert cluster("size: s\n").exists()


def test_the_properties_of_a_kind_are_listed_once_by_name():
    for kind in KINDS:
        names = [p.name for p in kind.properties()]
        assert len(names) == len(set(names))
        assert issubclass(kind, Resource)
        assert all(isinstance(getattr(kind, name), Property) for name in names)
