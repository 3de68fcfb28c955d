"""Service tags: which one holds which, and which of them nodes have to reach.

Sources: Azure, Virtual network service tags, and the published ranges, Azure IP Ranges and
Service Tags, Public, change 376, from which the relations below were worked out: of the services
named here none shares an address with another tag unless this table says so, the regions of a tag
are disjoint, and no tag holds a private address. What is not listed here is unknown.
"""

from __future__ import annotations

from typing import Final, NamedTuple

INTERNET: Final = "internet"
NETWORK: Final = "virtualnetwork"
LOAD_BALANCER: Final = "azureloadbalancer"
CLOUD: Final = "azurecloud"

_LEGACY: Final = {
    "virtual_network": NETWORK,
    "azure_loadbalancer": LOAD_BALANCER,
    # As pages of Azure Machine Learning spell them.
    "frontdoor.firstparty": "azurefrontdoor.firstparty",
    "keyvault": "azurekeyvault",
}

SERVICES: Final = frozenset(
    {
        "azureactivedirectory",
        "azurefrontdoor.firstparty",
        "azurefrontdoor.frontend",
        "azurekeyvault",
        "azuremachinelearning",
        "azuremonitor",
        "azureresourcemanager",
        "batchnodemanagement",
        "microsoftcontainerregistry",
        "storage",
    }
)
"""Tags of services of which the relation to every other tag is known."""

IN_CLOUD: Final = {
    "azurekeyvault": True,
    "azuremachinelearning": True,
    "azuremonitor": True,
    "azureresourcemanager": True,
    "batchnodemanagement": True,
    "microsoftcontainerregistry": True,
    "azurefrontdoor.firstparty": False,
}
"""Whether AzureCloud holds all of a service, or nothing of it; of the others it holds a part."""

OVERLAPPING: Final = frozenset({("azureactivedirectory", "azureactivedirectorydomainservices")})
"""Pairs of services that share addresses, though neither holds the other."""

REGIONAL: Final = SERVICES - {
    "azureactivedirectory",
    "azurefrontdoor.firstparty",
    "azurefrontdoor.frontend",
}
"""Services of which a tag can be narrowed to a region."""

_REGIONS: Final = {
    "brazilse": "brazilsoutheast",
    "centralfrance": "francecentral",
    "chilec": "chilecentral",
    "germanyn": "germanynorth",
    "germanywc": "germanywestcentral",
    "norwaye": "norwayeast",
    "norwayw": "norwaywest",
    "southfrance": "francesouth",
    "switzerlandn": "switzerlandnorth",
    "switzerlandw": "switzerlandwest",
}
"""Regions that AzureCloud calls by another name."""


def tag_of(text: str) -> tuple[str, str] | None:
    """Split a tag into its name and region, in lower case; None for what is no tag."""
    name = text.strip().casefold()
    name = _LEGACY.get(name, name)
    if not name or not name[0].isalpha() or "/" in name or ":" in name:
        return None
    if name in SERVICES or name.startswith("azurefrontdoor."):
        return name, ""
    head, _, region = name.partition(".")
    region = region.replace(" ", "")
    return _LEGACY.get(head, head), _REGIONS.get(region, region)


class Requirement(NamedTuple):
    """Something that nodes in a network of their owner have to reach."""

    tag: str
    protocol: str
    port: int
    purpose: str
    is_vital: bool = False
    """Whether nodes do not start without it."""

    is_regional: bool = False
    """Whether the tag of the region is enough."""

    is_optional: bool = False
    """Whether nodes do without it in documented set-ups."""


_TCP: Final = "Tcp"

NODES_NEED: Final = (
    Requirement("AzureActiveDirectory", _TCP, 443, "signing in", is_vital=True),
    Requirement("AzureMachineLearning", _TCP, 443, "the service", is_vital=True),
    Requirement("AzureMachineLearning", "Udp", 5831, "the service", is_vital=True),
    Requirement(
        "BatchNodeManagement", _TCP, 443, "starting nodes", is_vital=True, is_regional=True
    ),
    Requirement("Storage", _TCP, 443, "storage of Batch", is_vital=True, is_regional=True),
    Requirement("AzureResourceManager", _TCP, 443, "creating resources"),
    Requirement("MicrosoftContainerRegistry", _TCP, 443, "images of Microsoft"),
    Requirement("AzureFrontDoor.FirstParty", _TCP, 443, "images of Microsoft"),
    Requirement("AzureFrontDoor.FrontEnd", _TCP, 443, "images of AutoML", is_optional=True),
    Requirement("AzureMonitor", _TCP, 443, "logs and metrics", is_optional=True),
)
"""What nodes have to reach.

Source: Azure Machine Learning, Configure inbound and outbound network traffic (19 March 2026).
Ports 8787 and 18881 of its table are of compute instances alone. AzureMonitor is not needed where
Azure Monitor is private, and AzureFrontDoor.FrontEnd is left out against exfiltration.
"""

NODES_ANSWER: Final = Requirement(
    "AzureMachineLearning", _TCP, 44224, "the service's calls to nodes", is_vital=True
)
"""What has to reach nodes with public addresses; the same page."""

FILE_SHARES: Final = Requirement("Storage", _TCP, 445, "file shares", is_regional=True)
"""What mounting file shares takes; Secure training environments, Limitations (12 June 2025)."""

BATCH_VAULT: Final = Requirement("AzureKeyVault", _TCP, 443, "the vault of Batch", is_regional=True)
"""What nodes of a workspace with high business impact have to reach as well; the first page."""

OUTSIDE: Final = Requirement("Internet", _TCP, 443, "images and packages")
"""What lies outside of Azure and of the network."""

SPELLED: Final = {
    need.tag.casefold(): need.tag
    for need in (*NODES_NEED, NODES_ANSWER, FILE_SHARES, BATCH_VAULT, OUTSIDE)
}
"""Tags as Azure writes them."""
