"""Secrets and e-mail addresses go, and nothing else."""

from __future__ import annotations

import base64
import copy
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.sources.scrub import REMOVED, clean, hidden, scrub, shaped

ALNUM = string.ascii_letters + string.digits
SUBSCRIPTION = "/subscriptions/7f1a0f6e-4f0e-4a0f-8d66-0d5c2b6a9f11"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-ml"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/mlw-fraud"


def text(alphabet, length, most=None):
    return st.text(alphabet, min_size=length, max_size=most or length)


def base64_of(count):
    return st.binary(min_size=count, max_size=count).map(lambda raw: base64.b64encode(raw).decode())


storage_keys = base64_of(64)
short_keys = base64_of(32)
passwords = text(string.ascii_letters + string.digits + "!#$%*+,.-_~^", 8, 40).filter(
    lambda p: not p.lower().startswith(("true", "false")) and len(set(p)) > 3
)
signatures = base64_of(32).map(lambda s: s.replace("+", "%2B").replace("/", "%2F")[:-1] + "%3D")
web_tokens = st.builds(
    lambda head, body, tail: f"eyJ{head}.eyJ{body}.{tail}",
    text(ALNUM + "-_", 20),
    text(ALNUM + "-_", 80),
    text(ALNUM + "-_", 43),
)
ssh_keys = st.builds(
    lambda kind, key: f"{kind} {key}",
    st.sampled_from(
        ["ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp256", "sk-ssh-ed25519@openssh.com"]
    ),
    text(ALNUM, 60, 300).map(lambda key: f"AAAAB3NzaC1yc2E{key}=="),
)
private_keys = text(ALNUM, 64).map(
    lambda key: f"-----BEGIN RSA PRIVATE KEY-----\n{key}\n-----END RSA PRIVATE KEY-----"
)
client_secrets = st.builds(
    lambda a, b: f"{a}8Q~{b}", text(ALNUM + "_", 3), text(ALNUM + "_~.-", 33).map(lambda s: f"{s}x")
)
mails = st.builds(
    lambda name, domain: f"{name}@{domain}.example",
    st.one_of(
        text(string.ascii_lowercase, 3, 12),
        st.just("o'neill+audit"),
        st.just("jane.doe_fabrikam.com#EXT#"),
        st.just("müller"),
    ),
    text(string.ascii_lowercase, 4, 12).map(lambda d: f"{d}.onmicrosoft"),
)

CORES = {
    "storage key": storage_keys,
    "short key": short_keys,
    "password": passwords,
    "signature": signatures,
    "web token": web_tokens,
    "ssh key": ssh_keys,
    "private key": private_keys,
    "client secret": client_secrets,
    "mail": mails,
}

PLACES = {
    # Where the service, or a person, puts what; `{}` stands for it.
    "storage key": [
        ("{}", ("keys", 0, "value")),
        ("{}", ("properties", "credentials", "secrets", "key")),
        ("{}", ("tags", "note")),
        ("Protocol=https;AccountName=st;AccountKey={};EndpointSuffix=x", ("tags", "c")),
        ("{}", ("properties", "primaryKey")),
        ("Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey={}", ("properties", "hub")),
    ],
    "short key": [
        ("{}", ("tags", "key1")),
        ("{}", ("properties", "encoded")),
        ("use {} for now", ("properties", "notes")),
        ("AccountKey={}", ("properties", "description")),
    ],
    "password": [
        ("{}", ("properties", "properties", "userAccountCredentials", "adminUserPassword")),
        ("{}", ("passwords", 0, "value")),
        ("Server=tcp:x;User ID=admin;Password={};Encrypt=True", ("properties", "db")),
        ("break glass, password: {}", ("properties", "notes")),
        ("pwd={}", ("properties", "description")),
        ("https://admin:{}@proxy.example:3128", ("properties", "proxy")),
        ("{}", ("tags", "admin_password")),
        ("{}", ("properties", "clientSecret")),
        ("{}", ("properties", "connectionString")),
        ("{}", ("properties", "ConnectionString")),
    ],
    "signature": [
        ("https://st.example/c?sv=2024-11-04&se=2027-01-01&sig={}", ("properties", "url")),
        ("sv=2024-11-04&sr=c&sig={}&sp=r", ("tags", "sas")),
        ("?sig={}", ("properties", "notes")),
        ("SharedAccessSignature=sv=2024&sig={}", ("properties", "x")),
        ("see (sig={})", ("properties", "description")),
    ],
    "web token": [
        ("{}", ("tags", "t")),
        ("Bearer {}", ("properties", "header")),
        ("curl -H 'Authorization: Bearer {}'", ("properties", "notes")),
    ],
    "ssh key": [
        ("{}", ("properties", "properties", "userAccountCredentials", "adminUserSshPublicKey")),
        ("{}", ("properties", "properties", "sshSettings", "adminPublicKey")),
        ("{} jane@laptop", ("tags", "login")),
        ("{}", ("properties", "ssh", "publicKeys", 0, "keyData")),
    ],
    "private key": [
        ("{}", ("properties", "cert")),
        ("it was\n{}\nthanks", ("properties", "notes")),
    ],
    "client secret": [
        ("{}", ("tags", "sp")),
        ("client_secret={}", ("properties", "notes")),
        ("the app uses {}", ("properties", "description")),
    ],
    "mail": [
        ("{}", ("tags", "owner")),
        ("{}", ("systemData", "createdBy")),
        ("agreed with {} and the board", ("properties", "description")),
        ("do not remove, ask {}.", ("properties", "notes")),
        ("{}", ("properties", "createdBy", "userName")),
        ("https://portal.example/?upn={}", ("properties", "url")),
        ("mailto:{}", ("tags", "contact")),
    ],
}


@st.composite
def planted(draw):
    kind = draw(st.sampled_from(sorted(PLACES)))
    core = draw(CORES[kind].filter(lambda c: c not in json.dumps(ANSWER)))
    frame, route = draw(st.sampled_from(PLACES[kind]))
    item = copy.deepcopy(ANSWER)
    put(item, route, frame.replace("{}", core))
    # Of a public key the kind stands before it, and is no secret.
    return core.rpartition(" ")[2] if kind == "ssh key" else core, item


def put(data, route, value):
    *before, last = route
    for step, after in zip(before, [*before[1:], last], strict=True):
        empty = [{}] if isinstance(after, int) else {}
        data = data[step] if isinstance(step, int) else data.setdefault(step, empty)
    data[last] = value


ANSWER = {
    "id": f"{WORKSPACE}/computes/train",
    "name": "train",
    "type": "Microsoft.MachineLearningServices/workspaces/computes",
    "location": "westeurope",
    "etag": 'W/"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="',
    "tags": {"environment": "production", "cost-center": "4711"},
    "keys": [{"keyName": "key1", "permissions": "Full"}],
    "identity": {
        "type": "SystemAssigned, UserAssigned",
        "principalId": "0d7b1c54-93aa-4b4c-8c53-0ad4f7a7d001",
        "userAssignedIdentities": {
            f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-train": {
                "clientId": "0d7b1c54-93aa-4b4c-8c53-0ad4f7a7d002"
            }
        },
    },
    "systemData": {"createdAt": "2026-01-01T00:00:00Z", "lastModifiedAt": "2026-02-01T00:00:00Z"},
    "properties": {
        "computeType": "AmlCompute",
        "provisioningState": "Succeeded",
        "allowSharedKeyAccess": False,
        "disableLocalAuth": True,
        "systemDatastoresAuthMode": "accesskey",
        "keyVault": f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-fraud",
        "vaultUri": "https://kv-fraud.vault.azure.net/",
        "workspaceId": "9f1b2f7e-1c1f-4c55-8b8e-4a1f0a3f2b10",
        "encryption": {
            "status": "Enabled",
            "keyVaultProperties": {
                "keyVaultArmId": f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-fraud",
                "keyIdentifier": "https://kv-fraud.vault.azure.net/keys/cmk/0f3ad2",
            },
        },
        "credentials": {
            "credentialsType": "AccountKey",
            "secretsType": "AccountKey",
            "clientId": "0d7b1c54-93aa-4b4c-8c53-0ad4f7a7d003",
        },
        "level": "CanNotDelete",
        "roleDefinitionId": (
            f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/"
            "b24988ac-6180-42a0-ab88-20f7382dd24c"
        ),
        "policyRule": {
            "if": {
                "allOf": [
                    {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
                    {
                        "field": "Microsoft.Storage/storageAccounts/allowSharedKeyAccess",
                        "notEquals": "false",
                    },
                ]
            },
            "then": {"effect": "[parameters('effect')]"},
        },
        "properties": {
            "vmSize": "STANDARD_NC24ADS_A100_V4",
            "vmPriority": "Dedicated",
            "scaleSettings": {"minNodeCount": 0, "nodeIdleTimeBeforeScaleDown": "PT120S"},
            "subnet": {
                "id": f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/snet"
            },
            "remoteLoginPortPublicAccess": "NotSpecified",
            "allocationStateTransitionTime": "2026-11-24T09:00:00.123456+00:00",
            "userAccountCredentials": {"adminUserName": "azureuser"},
            "errors": [{"error": {"code": "ClusterCoreQuotaReached", "message": "No: 24 of 24."}}],
        },
        "addressPrefixes": ["10.4.0.0/24", "fd00:db8::/48"],
        "securityRules": [{"name": "allow-batch", "properties": {"sourceAddressPrefix": "*"}}],
    },
}


@given(planted())
def test_a_secret_is_found_wherever_it_stands(planting):
    secret, item = planting

    dumped = json.dumps(scrub(item), ensure_ascii=False)
    assert secret not in dumped
    assert json.dumps(secret, ensure_ascii=False)[1:-1] not in dumped


@given(planted())
def test_twice_is_once(planting):
    once = scrub(planting[1])

    assert scrub(once) == once


pieces = st.sampled_from(
    [
        *(
            "sig=",
            "password: ",
            "token:",
            "Bearer ",
            "eyJhbGciOiJI",
            "AAAAB3N",
            "-----BEGIN X-----",
        ),
        *("@", "a@b.example", "==", "://", "u:p@", "x" * 43, "%40", REMOVED),
        *(".", "=", " ", "'", '"', "&"),
    ]
)


@given(st.one_of(st.text(), st.lists(pieces, max_size=12).map("".join)))
def test_any_text_is_clean_after_one_pass(given_text):
    once = clean(given_text)

    assert clean(once) == once
    once.encode()


def test_nothing_that_rules_read_is_changed():
    assert scrub(ANSWER) == ANSWER


@pytest.mark.parametrize(
    "kept",
    [
        "accesskey",
        "AccountKey",
        "https://kv-fraud.vault.azure.net/secrets/db-password/0f3ad2",
        "11111111-2222-3333-4444-555555555555-azurebatch-cloudservicenetworksecurityggroup",
        "mcr.microsoft.com/azureml/base@sha256:" + "3b2c1f0e" * 8,
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "Microsoft.Storage/storageAccounts/listKeys/action",
        "GET /subscriptions/x/providers/Microsoft.Authorization/locks?api-version=2020-05-01",
        "The password policy of this subscription is strict",
        "tokens are read from the vault",
        "401 ExpiredAuthenticationToken: The access token expired (request id request-1)",
        "404 SecretNotFound: it is not there",
        "10.0.0.0/16",
        "[concat('rg-', parameters('name'))]",
    ],
)
def test_what_only_looks_like_a_secret_stays(kept):
    assert clean(kept) == kept
    assert scrub({"x": kept}) == {"x": kept}


@pytest.mark.parametrize("name", ["allowSharedKeyAccess", "password", "api_key", "secret"])
@pytest.mark.parametrize("flag", ["true", "Disabled", ""])
def test_a_setting_called_after_a_secret_stays(name, flag):
    assert scrub({name: flag}) == {name: flag}


@pytest.mark.parametrize("name", ["hash", "ETag", "thumbprint", "sha256"])
def test_hashes_stay_where_they_are_called_so(name):
    hashed = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

    assert scrub({name: hashed}) == {name: hashed}
    assert scrub({"other": hashed}) == {"other": REMOVED}


def test_of_system_data_only_the_times_stay():
    data = {"createdBy": "Jane", "createdByType": "User", "createdAt": "2026-01-01T00:00:00Z"}

    assert scrub({"systemData": data}) == {"systemData": {"createdAt": "2026-01-01T00:00:00Z"}}


def test_names_can_be_secrets_too():
    assert scrub({"jane@contoso.example": 1}) == {REMOVED: 1}


def test_names_are_sorted_whatever_their_order_was():
    assert list(scrub({"b": 1, "a": {"d": 1, "c": 2}})) == ["a", "b"]
    assert list(scrub({"b": 1, "a": {"d": 1, "c": 2}})["a"]) == ["c", "d"]


def test_what_no_file_can_hold_is_replaced():
    half = chr(0xD800)

    assert scrub({"a": f"x{half}", "b": float("nan"), "c": float("inf"), "d": 1.5}) == {
        "a": "x\ufffd",
        "b": None,
        "c": None,
        "d": 1.5,
    }
    assert clean("\ud83d\ude00") == "\U0001f600"


def test_what_is_too_deep_to_look_into_is_removed():
    deep = "password"
    for _ in range(100):
        deep = {"x": [deep]}

    found = scrub(deep)
    assert "password" not in json.dumps(found)
    assert REMOVED in json.dumps(found)
    assert scrub(found) == found


def test_what_never_comes_to_an_end_is_removed_as_a_whole():
    assert clean("https://" + "u:p@" * 12) == REMOVED


@pytest.mark.parametrize(
    "hostile",
    ["a" * 200_000, "a@" * 100_000, "-----BEGIN A-----" * 10_000, "sig=" * 50_000, "x.y@z" * 50_000,
     "eyJ" * 60_000, " password" * 30_000, "A" * 200_000 + "=", "https://a:" * 20_000],
)  # fmt: skip
def test_hostile_texts_do_not_take_for_ever(hostile):
    assert len(clean(hostile)) <= 4 * len(hostile)


@pytest.mark.parametrize(
    "beginning",
    ["password=", "pwd=", "-eyj", "://a:", "sig=", "key=", "=", "begin", "bearer ", "basic "],
)
def test_beginnings_of_secrets_do_not_take_for_ever(beginning):
    text = beginning * (300_000 // len(beginning))

    assert len(list(shaped(text))) <= 1


@pytest.mark.parametrize(
    "secret",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "abc1Q~" + "z" * 33,
        "q" * 52 + "JQQJ99" + "r" * 26,
        "s" * 42 + "+ACR" + "t" * 6,
        base64.b64encode(bytes(range(64))).decode(),
        base64.b64encode(bytes(range(32))).decode(),
    ],
)
def test_a_secret_is_hidden_by_its_form_beside_letters_that_grow_in_lower_case(secret):
    assert hidden(f"\u0130 {secret} \u0130") == "\u0130 *** \u0130"
