"""The rule terraform-cross-region-recreate."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, ToolUse
from azmlint_rules.versions import bounds, number


class TerraformCrossRegionRecreate(Rule[ToolUse]):
    """Provider takes a cluster in another region for changed, and creates it again at each apply.

    ## Why
    Since 3.100 the azurerm provider reads a cluster's `location` from the field that holds the region of
    the workspace, and a change of `location` deletes the cluster and creates it again.

    ## Not when
    The provider is older than 3.100, or `ignore_changes` names the location.

    ## Bad
    ```hcl
    resource "azurerm_machine_learning_workspace" "ws" {
      name                    = "ws"
      location                = "westeurope"
      resource_group_name     = "rg"
      application_insights_id = var.insights_id
      key_vault_id            = var.vault_id
      storage_account_id      = var.storage_id

      identity {
        type = "SystemAssigned"
      }
    }

    resource "azurerm_machine_learning_compute_cluster" "train" {
      name                          = "train"
      location                      = "northeurope"
      machine_learning_workspace_id = azurerm_machine_learning_workspace.ws.id
      vm_priority                   = "Dedicated"
      vm_size                       = "Standard_D4s_v5"

      scale_settings {
        min_node_count                       = 0
        max_node_count                       = 4
        scale_down_nodes_after_idle_duration = "PT2M"
      }
    }
    ```

    ## Good
    ```hcl
    resource "azurerm_machine_learning_workspace" "ws" {
      name                    = "ws"
      location                = "westeurope"
      resource_group_name     = "rg"
      application_insights_id = var.insights_id
      key_vault_id            = var.vault_id
      storage_account_id      = var.storage_id

      identity {
        type = "SystemAssigned"
      }
    }

    resource "azurerm_machine_learning_compute_cluster" "train" {
      name                          = "train"
      location                      = "northeurope"
      machine_learning_workspace_id = azurerm_machine_learning_workspace.ws.id
      vm_priority                   = "Dedicated"
      vm_size                       = "Standard_D4s_v5"

      scale_settings {
        min_node_count                       = 0
        max_node_count                       = 4
        scale_down_nodes_after_idle_duration = "PT2M"
      }

      lifecycle {
        ignore_changes = [location]
      }
    }
    ```

    ## How sure
    Observed in the provider's source; deduced from it, as no report is known.

    ## References
    - hashicorp/terraform-provider-azurerm, machine_learning_compute_cluster_resource.go (4.x) (read
      November 2026)
    - Azure/azure-sdk-for-python, issue 35820 (read November 2026)
    """

    name = "terraform-cross-region-recreate"
    uses = frozenset({Facet.WORKSPACES})
    judges_deployed = False

    reads_since: str = "3.100.0"
    """The first version of the provider that reads the region so."""

    def check(self, use: ToolUse, estate: Estate) -> Iterator[Finding]:
        cluster = use.subject
        if use.tool != "azurerm" or not isinstance(cluster, ComputeCluster):
            return
        if cluster.location.is_absent or not self._may_be_new(use):
            return
        ignored = {term.data for term in use.ignored.require().members}
        if ignored & {"location", "all"}:
            return
        workspace = estate.workspace_of(cluster)
        if cluster.location.differs_from(workspace.location):
            yield self.finding(
                cluster.location,
                f"{cluster.label} is in {cluster.location.text}, its {workspace.label} in "
                f"{workspace.location.text}: azurerm takes that for a change, and each apply "
                "deletes the cluster and creates it again",
                related=((workspace.location, "the workspace's region"),),
                why_no_fix="write `ignore_changes = [location]` into its `lifecycle` block, or "
                "declare the cluster with azapi",
            )

    def _may_be_new(self, use: ToolUse) -> bool:
        since = number(self.reads_since)
        if since is None:
            return False
        if use.locked.given:
            return (number(use.locked.require()) or since) >= since
        if use.constraint.given:
            allowed = bounds(use.constraint.require())
            return allowed is None or allowed.below is None or allowed.below > since
        return True
