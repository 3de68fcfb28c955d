"""Modules that are used: where their findings stand, what is related, and what is edited."""

from __future__ import annotations

import pytest

MODULE = """\
variable "min" {}
variable "max" {}
resource "azurerm_machine_learning_compute_cluster" "c" {
  name                          = "train"
  machine_learning_workspace_id = "x"
  location                      = "westeurope"
  vm_priority                   = "Dedicated"
  vm_size                       = "Standard_D4s_v5"
  scale_settings {
    min_node_count                       = var.min
    max_node_count                       = var.max
    scale_down_nodes_after_idle_duration = "PT120S"
  }
}
"""
CALL = """\
locals {
  nodes = 3
}
module "train" {
  source = "./inner"
  min    = local.nodes
  max    = local.nodes # the same
}
"""


@pytest.fixture
def called(project):
    """A module of Terraform, and a file that does nothing but call it."""
    (project / "inner").mkdir()
    (project / "inner" / "main.tf").write_text(MODULE)
    (project / "main.tf").write_text(CALL)
    return project


def test_an_argument_is_edited_in_a_file_that_declares_nothing_itself(azmlint, called):
    result = azmlint("check", "--select", "fixed-size-cluster", "--fix")

    assert result.code == 0
    assert (called / "main.tf").read_text() == CALL.replace("min    = local.nodes", "min    = 0")
    assert (called / "inner" / "main.tf").read_text() == MODULE


def test_a_file_that_was_not_given_is_read_and_not_edited(azmlint, called):
    result = azmlint("check", "--select", "fixed-size-cluster", "--fix", "inner/main.tf")

    assert result.code == 1
    assert (called / "main.tf").read_text() == CALL
