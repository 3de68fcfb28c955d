"""The names that a firewall has to let nodes without public addresses reach.

Source: Azure Machine Learning, Secure training environments, the table of names for a firewall
(12 June 2025). Pages disagree on whether the region of a name is that of the workspace or that of
the nodes, so that both are needed where they differ (Data exfiltration prevention, 2025).
"""

from __future__ import annotations

from typing import Final, NamedTuple

REGION: Final = "{region}"
"""Stands for a region in a name."""


class FirewallName(NamedTuple):
    """A name that nodes have to reach through a firewall."""

    name: str
    """`*` for what is known to the service alone; `{region}` for the region."""

    tag: str
    """The service tag that holds its addresses."""

    port: int = 443
    protocol: str = "Tcp"


FIREWALL_NAMES: Final = (
    FirewallName("*.{region}.batch.azure.com", "BatchNodeManagement"),
    FirewallName("*.{region}.service.batch.azure.com", "BatchNodeManagement"),
    FirewallName("*.instances.azureml.ms", "AzureMachineLearning"),
    FirewallName("{region}.tundra.azureml.ms", "AzureMachineLearning", 5831, "Udp"),
    FirewallName("graph.windows.net", "AzureActiveDirectory"),
    FirewallName("*.blob.core.windows.net", "Storage"),
    FirewallName("*.queue.core.windows.net", "Storage"),
    FirewallName("*.table.core.windows.net", "Storage"),
)
"""What nodes in a network of their owner have to reach."""
