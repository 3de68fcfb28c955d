"""The rule terraform-provider-recreates."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, Estate, Finding, Fix, Rule, ToolUse
from azmlint_rules.versions import bounds, number

NEWEST = "; there is no lock file here, and one elsewhere may hold such a version"


class TerraformProviderRecreates(Rule[ToolUse]):
    """Provider version is one that creates a compute cluster again to scale it.

    ## Why
    Until 4.35.0 the azurerm provider deleted a cluster and created it again when its scale settings or
    tags changed: running jobs die because somebody edited the number of nodes.
    A lock file that holds a newer version decides; without one the constraint does: it is at fault when
    it allows an older version, even if a first `terraform init` takes the newest.

    ## Not when
    A lock file or the constraint holds a provider that updates in place.

    ## Bad
    ```hcl
    terraform {
      required_providers {
        azurerm = {
          source  = "hashicorp/azurerm"
          version = "~> 3.100"
        }
      }
    }

    resource "azurerm_machine_learning_compute_cluster" "train" {
      name                          = "train"
      location                      = "westeurope"
      machine_learning_workspace_id = var.workspace_id
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
    terraform {
      required_providers {
        azurerm = {
          source  = "hashicorp/azurerm"
          version = ">= 4.35.0"
        }
      }
    }

    resource "azurerm_machine_learning_compute_cluster" "train" {
      name                          = "train"
      location                      = "westeurope"
      machine_learning_workspace_id = var.workspace_id
      vm_priority                   = "Dedicated"
      vm_size                       = "Standard_D4s_v5"

      scale_settings {
        min_node_count                       = 0
        max_node_count                       = 4
        scale_down_nodes_after_idle_duration = "PT2M"
      }
    }
    ```

    ## Fix safety
    Shown only: a newer major version of the provider may want other changes too.

    ## How sure
    Documented in the provider's changelog.

    ## References
    - hashicorp/terraform-provider-azurerm, CHANGELOG 4.35.0 (1 July 2025), issues 26404, 29859 and 25883
    """

    name = "terraform-provider-recreates"
    judges_deployed = False

    updates_since: str = "4.35.0"
    """The first version of the provider that updates scale settings and tags in place."""

    def check(self, use: ToolUse, _: Estate) -> Iterator[Finding]:
        if use.tool != "azurerm":
            return
        since, unless = number(self.updates_since), ""
        if use.locked.given:
            value, least = use.locked, number(use.locked.require())
            said = f"the lock file holds azurerm {use.locked.text}"
        elif use.constraint.given:
            value, allowed = use.constraint, bounds(use.constraint.require())
            least = allowed.lowest if allowed is not None else None
            said = f"'{use.constraint.text}' allows an azurerm"
            if allowed is not None and since is not None:
                is_open = allowed.below is None or allowed.below > since
                unless = NEWEST if is_open else ""
        else:
            return
        if least is None or since is None or least >= since:
            return
        is_constraint = value is use.constraint
        fix = Fix(
            f"require >= {self.updates_since}",
            Applicability.DISPLAY,
            (use.constraint.set(f">= {self.updates_since}"),),
        )
        yield self.finding(
            value,
            f"{said} before {self.updates_since}, which deletes {use.subject.label} and creates "
            f"it again when its scale settings or tags change{unless}",
            related=((use.subject, "the cluster"),),
            fixes=(fix,) if is_constraint else (),
            why_no_fix=None if is_constraint else "`terraform init -upgrade` takes a newer one",
        )
