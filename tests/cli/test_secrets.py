"""What a file keeps secret is not repeated by what draws or reckons, in any format."""

from __future__ import annotations

import json

import pytest

GROUP = "/subscriptions/s/resourceGroups/r/providers"
WORKSPACE = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/w"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/v/subnets"
CLUSTER = f"""\
variable "pw" {{
  default = "Sup3r-|<Secret\\"x"
}}

resource "azurerm_machine_learning_compute_cluster" "c" {{
  name                          = "c-${{var.pw}}"
  location                      = "westeurope"
  vm_priority                   = "Dedicated"
  vm_size                       = "Standard_D4ds_v5"
  machine_learning_workspace_id = "{WORKSPACE}"
  subnet_resource_id            = "{SUBNET}/x${{var.pw}}"
  scale_settings {{
    min_node_count                       = 0
    max_node_count                       = 3
    scale_down_nodes_after_idle_duration = "PT120S"
  }}
  ssh {{
    admin_username = "me"
    admin_password = var.pw
  }}
}}
"""


@pytest.mark.parametrize(
    ("command", "form"),
    [
        *(("capacity", form) for form in ("text", "json", "markdown", "mermaid")),
        *(("graph", form) for form in ("dot", "json", "mermaid")),
    ],
)
def test_a_secret_that_names_repeat_is_not_told(project, azmlint, command, form):
    (project / "main.tf").write_text(CLUSTER, encoding="utf-8")

    out = azmlint(command, "--format", form).out

    assert "c-***" in out.replace("\\", "")
    assert "secret" not in out.casefold()


def test_a_secret_that_a_reason_repeats_is_not_told(project, azmlint):
    text = CLUSTER.replace("Standard_D4ds_v5", "Standard_${var.pw}")
    (project / "main.tf").write_text(text, encoding="utf-8")

    gaps = json.loads(azmlint("capacity", "--format", "json").out)["gaps"]

    assert [(g["where"], g["reason"]) for g in gaps] == [
        (
            "compute cluster 'c-***' (main.tf:6)",
            "how many vCPUs size Standard_*** has is not known",
        )
    ]
