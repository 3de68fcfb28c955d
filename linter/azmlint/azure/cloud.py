"""Where Azure is: the endpoint, the audience of its tokens and the authority, always together."""

from __future__ import annotations

import ipaddress
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from azmlint.errors import ConfigError


class Cloud(NamedTuple):
    """One cloud."""

    name: str
    endpoint: str
    """Where Azure Resource Manager answers; without a slash at the end."""

    scope: str
    """What a token is asked for."""

    authority: str
    """Where a token is asked."""

    workspace_zones: tuple[str, ...]
    """The private DNS zones in which workspaces have their private addresses."""


CLOUDS: Final = {
    cloud.name: cloud
    for cloud in (
        Cloud(
            "AzureCloud",
            "https://management.azure.com",
            "https://management.azure.com/.default",
            "https://login.microsoftonline.com",
            ("privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"),
        ),
        Cloud(
            "AzureUSGovernment",
            "https://management.usgovcloudapi.net",
            "https://management.core.usgovcloudapi.net/.default",
            "https://login.microsoftonline.us",
            ("privatelink.api.ml.azure.us", "privatelink.notebooks.usgovcloudapi.net"),
        ),
        Cloud(
            "AzureChinaCloud",
            "https://management.chinacloudapi.cn",
            "https://management.chinacloudapi.cn/.default",
            "https://login.chinacloudapi.cn",
            ("privatelink.api.ml.azure.cn", "privatelink.notebooks.chinacloudapi.cn"),
        ),
    )
}

WORKSPACE_ZONES: Final = frozenset(zone for c in CLOUDS.values() for zone in c.workspace_zones)


def cloud_at(name: str, endpoint: str = "", audience: str = "") -> Cloud:
    """Find a cloud by name; with `endpoint`, the same cloud answering somewhere else.

    A token for a named cloud never goes to another host: elsewhere the audience is the endpoint
    itself, unless `audience` names one. Raises ConfigError.
    """
    cloud = CLOUDS.get(name)
    if cloud is None:
        message = f"there is no cloud '{name}': it is one of {', '.join(CLOUDS)}"
        raise ConfigError(message)
    if not endpoint:
        if audience:
            message = "an audience of its own goes with an endpoint of its own: give --arm-endpoint"
            raise ConfigError(message)
        return cloud
    at = checked_endpoint(endpoint)
    if not audience:
        own = urlsplit(cloud.endpoint).hostname or ""
        host = urlsplit(at).hostname or ""
        audience = cloud.scope if host == own or host.endswith(f".{own}") else f"{at}/.default"
    elif not audience.endswith("/.default"):
        audience = f"{audience.rstrip('/')}/.default"
    return cloud._replace(endpoint=at, scope=audience)


def checked_endpoint(url: str) -> str:
    """Give the endpoint without a slash at its end; raises ConfigError for what is none."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        message = f"--arm-endpoint {url} is no URL: {error}"
        raise ConfigError(message) from None
    if parts.scheme not in {"https", "http"} or not host:
        message = f"--arm-endpoint {url} is no URL of the form https://host"
        raise ConfigError(message)
    if parts.username or parts.password or parts.query or parts.fragment:
        message = f"--arm-endpoint takes no more than https://host[:port][/path], not '{url}'"
        raise ConfigError(message)
    if parts.scheme == "http" and not is_loopback(host):
        message = f"--arm-endpoint {url}: without TLS only to this machine itself (127.0.0.1)"
        raise ConfigError(message)
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host name is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
