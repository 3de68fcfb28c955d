"""Sign in, and say in one line what to do when it does not work."""

from __future__ import annotations

import logging
import os
import re
import threading
from typing import TYPE_CHECKING, Any, Final

from azure.core.exceptions import AzureError, ClientAuthenticationError

from azmlint.azure.fault import one_line
from azmlint.azure.options import AUTH_METHODS
from azmlint.errors import ConfigError, LiveError

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import AccessToken

    from azmlint.azure.cloud import Cloud

_AADSTS: Final = re.compile(r"AADSTS(\d+)")
_ADVICE: Final = {
    "50020": "the account is not in this tenant: name yours with --tenant",
    "50034": "the account is not in this tenant: name yours with --tenant",
    "50076": "it asks for a second factor: run `az login` again",
    "50079": "it asks for a second factor: run `az login` again",
    "50158": "it asks for a second factor: run `az login` again",
    "53003": "conditional access forbids it from here",
    "70043": "the sign-in is too old: run `az login` again",
    "700016": "there is no such application in this tenant: check AZURE_CLIENT_ID and --tenant",
    "700082": "the sign-in is too old: run `az login` again",
    "7000215": "the client secret is wrong: check AZURE_CLIENT_SECRET",
    "7000222": "the client secret has expired: make a new one",
    "90002": "there is no such tenant: check --tenant",
    "900023": "there is no such tenant: check --tenant",
    "500011": "the audience does not exist in this tenant: check --cloud and --arm-endpoint",
}


class Credential:
    """A credential of azure-identity for one tenant, whose tokens are kept out of every text."""

    def __init__(self, inner: Any, method: str, tenant: str, cloud: Cloud) -> None:  # noqa: ANN401
        """Wrap `inner`, a credential of azure-identity."""
        self._inner = inner
        self._method = method
        self._tenant = tenant
        self._cloud = cloud
        self._lock = threading.Lock()
        self._number = 0
        self._token: AccessToken | None = None
        self._is_spare = False

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:  # noqa: ANN401  # the SDK's
        """Give a token; raises ClientAuthenticationError that says what to do.

        Threads that ask while one is being fetched get that one: fetching may run a program.
        """
        if self._tenant:
            options["tenant_id"] = self._tenant
        number = self._number
        with self._lock:
            is_fresh = self._number > number or self._is_spare
            if self._token is not None and is_fresh and not options.get("claims"):
                self._is_spare = False
                return self._token
            try:
                self._token = self._inner.get_token(*scopes, **options)
            except (AzureError, OSError, ValueError) as error:
                raise ClientAuthenticationError(self._advice(str(error))) from None
            self._number += 1
            return self._token

    def check(self) -> None:
        """Raise LiveError unless a token can be had."""
        try:
            self.get_token(self._cloud.scope)
        except ClientAuthenticationError as error:
            raise LiveError(str(error)) from None
        self._is_spare = True  # for the first that asks

    def _advice(self, said: str) -> str:
        found = _AADSTS.search(said)
        known = _ADVICE.get(found.group(1)) if found else None
        if found and known:
            return f"cannot sign in to Azure: {known} ({found.group(0)})"
        lowered = said.lower()
        login = f"az login --tenant {self._tenant}" if self._tenant else "az login"
        if self._method == "default":
            advice = f"run `{login}`, or choose a way with --auth"
        elif self._method == "cli":
            advice = f"run `{login}`"
            if "not found on path" in lowered or "not installed" in lowered:
                advice = "`az` is not on PATH: install Azure CLI, or choose another --auth"
            elif self._cloud.name != "AzureCloud":
                advice = f"run `az cloud set --name {self._cloud.name}`, then `{login}`"
        else:
            advice = _WHAT_TO_SET[self._method]
        detail = "" if self._method == "default" else f" ({one_line(said)})" if said else ""
        return f"cannot sign in to Azure: {advice}{detail}"


_WHAT_TO_SET: Final = {
    "environment": "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
    " (or AZURE_CLIENT_CERTIFICATE_PATH)",
    "managed-identity": "give this machine a managed identity; of several, name one with"
    " AZURE_CLIENT_ID",
    "workload-identity": "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE",
    "device-code": "enter the code in time",
}


def credential_for(
    method: str, tenant: str, cloud: Cloud, tell: Callable[[str], None]
) -> Credential:
    """Make the credential of `--auth`; `tell` shows the person a code to enter.

    Raises ConfigError when method and tenant do not fit.
    """
    # Libraries that warn on standard error would say in ten lines what `Credential` says in one.
    for name in ("azure", "msal", "urllib3"):
        logging.getLogger(name).addHandler(logging.NullHandler())
    return Credential(_inner(method, tenant, cloud, tell), method, tenant, cloud)


def _inner(method: str, tenant: str, cloud: Cloud, tell: Callable[[str], None]) -> Any:  # noqa: ANN401
    from azure import identity  # noqa: PLC0415  # a third of a second

    authority = cloud.authority
    any_tenant: dict[str, Any] = {"additionally_allowed_tenants": ["*"]} if tenant else {}
    own_tenant: dict[str, Any] = {"tenant_id": tenant} if tenant else {}
    client = os.environ.get("AZURE_CLIENT_ID")
    match method:
        case "default":
            return identity.DefaultAzureCredential(authority=authority, **any_tenant)
        case "cli":
            return identity.AzureCliCredential(process_timeout=30, **own_tenant, **any_tenant)
        case "environment":
            return identity.EnvironmentCredential(authority=authority, **any_tenant)
        case "managed-identity":
            if tenant:
                message = "a managed identity has a tenant of its own: leave --tenant out"
                raise ConfigError(message)
            return identity.ManagedIdentityCredential(client_id=client)
        case "workload-identity":
            try:
                return identity.WorkloadIdentityCredential(
                    authority=authority, **own_tenant, **any_tenant
                )
            except ValueError:
                message = f"cannot sign in to Azure: {_WHAT_TO_SET[method]}"
                raise LiveError(message) from None
        case "device-code":
            return identity.DeviceCodeCredential(
                authority=authority,
                prompt_callback=lambda uri, code, _: tell(f"open {uri} and enter {code}"),
                **own_tenant,
                **any_tenant,
            )
        case _:
            message = f"there is no --auth {method}: it is one of {', '.join(AUTH_METHODS)}"
            raise ConfigError(message)
