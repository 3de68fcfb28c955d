"""Signing in with the credentials of azure-identity, and what is said when that fails."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import metadata

import pytest
from arm_server import TOKEN

from azmlint.azure import AUTH_METHODS, FACETS, Options, Plan, collect, open_reader
from azmlint.errors import ConfigError, LiveError
from azmlint.model.facet import COLLECTED, Facet

VARIABLES = (
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_TENANT_ID",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_TOKEN_CREDENTIALS",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "MSI_ENDPOINT",
)
ANSWER = json.dumps(
    {
        "accessToken": TOKEN,
        "expiresOn": "2099-01-01 00:00:00.000000",
        "expires_on": 4_070_908_800,
        "subscription": "s",
        "tenant": "t",
        "tokenType": "Bearer",
    }
)


@pytest.fixture(autouse=True)
def _nobody_is_signed_in(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def az(tmp_path, monkeypatch):
    """Put an `az` on the path that runs a line of shell; gives where it writes its arguments."""

    def make(line):
        tool = tmp_path / "az"
        log = tmp_path / "az.log"
        tool.write_text(f'#!/bin/sh\necho "$@" >> {log}\n{line}\n')
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        return log

    return make


def signed_in(arm, **options):
    return open_reader(Options(arm_endpoint=arm.url, **options))


def failure(arm, **options):
    with pytest.raises(LiveError) as caught:
        signed_in(arm, **options)
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 500
    assert TOKEN not in said
    assert arm.seen == []
    return said


@pytest.mark.posix
class TestAzureCli:
    def test_an_estate_is_read_with_its_token(self, az, arm):
        log = az(f"echo '{ANSWER}'")

        found = collect(Plan(FACETS), signed_in(arm, auth="cli"))

        assert all(a.state == COLLECTED for a in found.answers)
        assert {s.authorization for s in arm.seen} == {f"Bearer {TOKEN}"}
        asked = log.read_text().splitlines()
        assert len([line for line in asked if "get-access-token" in line]) == 1
        assert f"--resource {arm.url}" in asked[0]

    def test_the_default_finds_it(self, az, arm, monkeypatch):
        az(f"echo '{ANSWER}'")
        monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")

        found = collect(Plan(frozenset({Facet.LOCKS})), signed_in(arm))

        assert all(a.state == COLLECTED for a in found.answers)

    @pytest.mark.parametrize("auth", ["cli", "default"])
    def test_the_tenant_is_handed_on(self, auth, az, arm, monkeypatch):
        log = az(f"echo '{ANSWER}'")
        monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")

        signed_in(arm, auth=auth, tenant="contoso.example")

        assert "--tenant contoso.example" in log.read_text()

    def test_nobody_logged_in(self, az, arm):
        az("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1")

        assert "run `az login`" in failure(arm, auth="cli")
        assert "run `az login --tenant t.example`" in failure(arm, auth="cli", tenant="t.example")

    def test_not_logged_in_to_this_cloud(self, az, arm):
        az("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1")

        said = failure(arm, auth="cli", cloud="AzureChinaCloud")
        assert "az cloud set --name AzureChinaCloud" in said

    def test_it_is_not_installed(self, arm, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))

        assert "`az` is not on PATH" in failure(arm, auth="cli")

    def test_another_tenant(self, az, arm):
        az(f"echo 'ERROR: AADSTS50020: user from {TOKEN} not there' >&2; exit 1")

        said = failure(arm, auth="cli")
        assert "--tenant" in said
        assert "AADSTS50020" in said

    def test_what_it_says_is_shown_without_secrets(self, az, arm):
        az(f"echo 'ERROR: something with {TOKEN}' >&2; exit 1")

        assert "cannot sign in to Azure" in failure(arm, auth="cli")

    def test_the_default_says_one_line_and_logs_nothing(self, az, arm, monkeypatch, capfd):
        az("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1")
        monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")

        said = failure(arm)

        assert said == "cannot sign in to Azure: run `az login`, or choose a way with --auth"
        assert capfd.readouterr() == ("", "")

    def test_a_sign_in_that_ends_in_mid_run_is_a_gap(self, az, arm, tmp_path):
        flag = tmp_path / "out"
        az(f"if [ -e {flag} ]; then echo gone >&2; exit 1; fi; echo '{ANSWER}'")
        reader = signed_in(arm, auth="cli")
        flag.touch()
        arm.tokens = set()

        found = collect(Plan(frozenset({Facet.LOCKS})), reader)

        assert found.answers[0].reason.startswith("SignIn: cannot sign in to Azure")


def test_a_managed_identity(arm, monkeypatch):
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            asked.append(self.path)
            body = json.dumps(
                {
                    "access_token": TOKEN,
                    "expires_on": "4070908800",
                    "resource": arm.url,
                    "token_type": "Bearer",
                }
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with HTTPServer(("127.0.0.1", 0), Handler) as identity:
        threading.Thread(target=identity.serve_forever, daemon=True).start()
        monkeypatch.setenv(
            "IDENTITY_ENDPOINT", f"http://127.0.0.1:{identity.server_address[1]}/msi/token"
        )
        monkeypatch.setenv("IDENTITY_HEADER", "x")

        found = collect(Plan(FACETS), signed_in(arm, auth="managed-identity"))

        identity.shutdown()
    assert all(a.state == COLLECTED for a in found.answers)
    assert len(asked) == 1
    assert "resource=" in asked[0]


@pytest.mark.parametrize(
    ("auth", "advice"),
    [
        ("environment", "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"),
        ("workload-identity", "AZURE_FEDERATED_TOKEN_FILE"),
    ],
)
def test_what_has_to_be_set_is_named(auth, advice, arm):
    assert advice in failure(arm, auth=auth)


def test_a_managed_identity_has_its_own_tenant(arm):
    with pytest.raises(ConfigError, match="leave --tenant out"):
        signed_in(arm, auth="managed-identity", tenant="t")


def test_unknown_ways_are_refused(arm):
    with pytest.raises(ConfigError, match=", ".join(AUTH_METHODS)):
        signed_in(arm, auth="magic")


@pytest.mark.parametrize("found", [None, "0.9.0"])
def test_missing_and_old_packages_name_the_command(found, arm, monkeypatch):
    real = metadata.version

    def version(name):
        if name != "azure-mgmt-resource":
            return real(name)
        if found is None:
            raise metadata.PackageNotFoundError(name)
        return found

    monkeypatch.setattr(metadata, "version", version)

    said = failure(arm, auth="cli")
    assert "azure-mgmt-resource" in said
    assert 'pip install --upgrade "azure-identity>=1.15"' in said


def test_packages_that_do_not_load_name_the_command(arm, monkeypatch):
    monkeypatch.setitem(sys.modules, "azmlint.azure.reader", None)

    assert "pip install" in failure(arm, auth="cli")


def test_the_sdk_is_not_loaded_before_it_is_needed():
    code = (
        "import sys, azmlint.cli, azmlint.azure as live\n"
        "live.custom_role(live.FACETS)\n"
        "sys.exit(any(m == 'azure' or m.startswith(('azure.', 'msal', 'requests'))"
        " for m in sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], check=False, env=os.environ)

    assert done.returncode == 0


def test_the_sdk_logs_nothing_by_itself(arm, az, capfd):
    if os.name != "posix":
        pytest.skip("needs a shell script")
    az(f"echo '{ANSWER}'")
    signed_in(arm, auth="cli")

    logging.getLogger("azure.identity").warning("ten lines")

    assert capfd.readouterr().err == ""
