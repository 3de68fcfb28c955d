"""Terraform configurations: what they declare, where, with which values, and how it is changed."""

from __future__ import annotations

import json

import pytest

from azmlint.cli import run
from azmlint.engine.fix import apply
from azmlint.expressions.truth import Undecided
from azmlint.model.resources import (
    ComputeCluster,
    ComputeInstance,
    Lock,
    Patch,
    ResourceGroup,
    Subnet,
    ToolUse,
    VirtualNetwork,
    Workspace,
)
from azmlint.model.value import NotEditable
from azmlint.sources import load
from azmlint.sources.document import Binding, decode
from azmlint.sources.texts import Texts

GROUP = """
resource "azurerm_resource_group" "g" {
  name     = "rg"
  location = "westeurope"
}
"""
WORKSPACE = """
resource "azurerm_machine_learning_workspace" "w" {
  name                = "ws"
  location            = azurerm_resource_group.g.location
  resource_group_name = azurerm_resource_group.g.name
}
"""


def cluster(extra="", **values):
    rows = {
        "name": '"c"',
        "machine_learning_workspace_id": "azurerm_machine_learning_workspace.w.id",
        **values,
    }
    lines = "\n".join(f"  {k} = {v}" for k, v in rows.items())
    return f'resource "azurerm_machine_learning_compute_cluster" "c" {{\n{lines}\n{extra}\n}}\n'


def scaled(minimum, extra=""):
    return cluster(f"  scale_settings {{\n    min_node_count = {minimum}\n  }}\n{extra}")


class Read:
    """What one set of files gives."""

    def __init__(self, texts, bindings=None):
        if isinstance(texts, str):
            texts = {"main.tf": texts}
        self.documents = {p: decode(p, t.encode()) for p, t in texts.items()}
        self.context = Texts(self.documents, bindings)
        taken = {p: d for p, d in self.documents.items() if load.is_terraform(d)}
        self.readings = load.read_all(taken, self.context)
        self.resources = [r for reading in self.readings.values() for r in reading.resources]
        self.problems = [
            (p.document.path, p.document.position(p.start).line, p.rule, p.message)
            for reading in self.readings.values()
            for p in reading.problems
        ]

    def all(self, kind):
        return [r for r in self.resources if isinstance(r, kind)]

    def one(self, kind=ComputeCluster):
        found = self.all(kind)
        assert len(found) == 1, found
        return found[0]

    def changed(self, value, new):
        edits = value.edits(new)
        assert len({e.document.path for e in edits}) == 1
        document = edits[0].document
        return document.path, apply(document, edits)


def minimum(text, **files):
    return (
        Read({"main.tf": text, **{k.replace("__", "."): v for k, v in files.items()}})
        .one()
        .min_nodes
    )


# Values


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ('variable "x" {\n default = 2\n}\n', 2),
        ('variable "x" {\n default = "2"\n type = number\n}\n', 2),
        ("locals {\n x = 2\n}\n", 2),
        ("locals {\n y = { x = [1, 2] }\n x = local.y.x[1]\n}\n", 2),
        ('variable "x" {\n type = object({ x = optional(number, 7) })\n default = {}\n}\n', 7),
        ('locals {\n x = yamldecode(file("${path.module}/c.yml")).a[1]\n}\n', 4),
        ('locals {\n x = jsondecode(file("c.json")).b\n}\n', 5),
        ('variable "x" {\n type = list(number)\n default = [3]\n}\n', 3),
        ('variable "x" {\n type = set(string)\n default = ["3", "3"]\n}\n', 3),
        ('variable "x" {\n type = tuple([string, number])\n default = [1, "9"]\n}\n', 9),
        ('variable "x" {\n type = map(number)\n default = { k = "6" }\n}\n', 6),
    ],
)
def test_values_are_followed_to_where_they_are_written(text, known):
    use = "var.x" if "variable" in text else "local.x"
    if "object(" in text:
        use = f"{use}.x"
    elif "list(" in text:
        use = f"{use}[0]"
    elif "set(" in text:
        use = f"one({use})"
    elif "tuple(" in text:
        use = f"{use}[1]"
    elif "map(" in text:
        use = f'{use}["k"]'
    files = {"c__yml": "a:\n- 1\n- 4\n", "c__json": '{"b": 5}'}

    assert minimum(GROUP + WORKSPACE + scaled(use) + text, **files).known == known


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("var.none", "there is no variable 'none'"),
        ("local.none", "'local.none' would be refused: there is no local value 'none'"),
        ("module.none.x", "'module.none.x' would be refused: there is no module 'none'"),
        ("var.open", "variable 'open' has no value here"),
        ("local.circle", "'local.circle' refers to itself"),
        ("azurerm_x.none.y", "azurerm_x.none is not declared"),
        ("azurerm_x.there.y", "azurerm_x.there.y is known when it is applied"),
        ("data.azurerm_x.there.y", "data.azurerm_x.there.y is known when it is applied"),
        ("data.x", "'data.x' would be refused: a data source has a type and a name"),
        ("terraform.workspace", "terraform.workspace is not known here"),
        ("path.cwd", "path.cwd is not known here"),
        ("each.key", "'each.key' would be refused: there is no 'each' here"),
        ("var", "'var' would be refused: there is no 'var' here"),
        ("var.wrong", "var.wrong is given a value of another type: a list is wanted"),
        ('file("none")', "'none' is no file that azmlint may read here"),
        ("uuid()", "the function uuid() is answered when it runs"),
        ('yamldecode("{")', "the function yamldecode() is not known"),
        ("yamldecode(var.open)", "the function yamldecode() is not known"),
    ],
)  # fmt: skip
def test_what_has_no_value_says_why(text, reason):
    more = (
        'variable "open" {}\nvariable "wrong" {\n type = list(string)\n default = 1\n}\n'
        "locals {\n circle = local.round\n round = local.circle\n}\n"
        'resource "azurerm_x" "there" {}\ndata "azurerm_x" "there" {}\n'
    )
    value = minimum(GROUP + WORKSPACE + scaled(text) + more)

    assert value.known is None
    assert [r.text for r in value.reasons] == [reason]


def test_files_of_values_win_over_defaults_in_their_order():
    read = Read(
        {
            "main.tf": GROUP + WORKSPACE + scaled("var.x") + 'variable "x" {\n default = 1\n}\n',
            "terraform.tfvars": "x = 2\n",
            "terraform.tfvars.json": '{"x": 3}',
            "b.auto.tfvars": "x = 4\n",
            "c.auto.tfvars.json": '{"x": 5}',
        }
    )

    value = read.one().min_nodes
    assert value.known == 5
    assert [p.role for p in value.trace] == ["use", "parameter-file"]
    assert read.changed(value, 0) == ("c.auto.tfvars.json", '{"x": 0}')


def test_files_of_values_that_the_configuration_names_come_last():
    texts = {
        "main.tf": GROUP + WORKSPACE + scaled("var.x") + 'variable "x" {}\n',
        "terraform.tfvars": "x = 2\n",
        "env/prod.tfvars": "x = 6 # many\n",
    }
    binding = Binding(subscription="s1", parameters=("env/prod.tfvars", "env/none.tfvars"))
    read = Read(texts, {"main.tf": binding})

    assert read.one().min_nodes.known == 6
    assert str(read.one().id).startswith("/subscriptions/s1/resourceGroups/rg/")
    assert read.changed(read.one().min_nodes, 0) == ("env/prod.tfvars", "x = 0 # many\n")


def test_a_flag_without_value_is_a_decision():
    text = scaled("var.x ? 3 : 0") + 'variable "x" {\n type = bool\n}\n'
    value = minimum(GROUP + WORKSPACE + text)

    with pytest.raises(Undecided) as undecided:
        value.require()
    assert [d.question for d in undecided.value.decisions] == ["var.x"]


def test_the_values_that_a_validation_allows_are_decisions():
    text = (
        'variable "x" {\n validation {\n condition = contains([1, 2], var.x)\n }\n default = 1\n}\n'
    )
    read = Read(GROUP + WORKSPACE + scaled("var.x") + text)
    open_ = minimum(GROUP + WORKSPACE + scaled("var.x") + text.replace(" default = 1\n", ""))

    with pytest.raises(NotEditable):
        read.changed(read.one().min_nodes, 0)
    assert read.changed(read.one().min_nodes, 2)[1].endswith("default = 2\n}\n")
    assert [d.options for d in open_.term.decisions] == [("1", "2")]


def test_one_allowed_value_is_the_value():
    text = 'variable "x" {\n validation {\n condition = contains([4], var.x)\n }\n}\n'

    assert minimum(GROUP + WORKSPACE + scaled("var.x") + text).known == 4


def test_null_is_the_default_where_a_variable_takes_no_null():
    text = 'module "m" {\n source = "./m"\n x = null\n}\n'
    module = scaled("var.x", "").replace("azurerm_machine_learning_workspace.w.id", '"/w"')
    read = Read(
        {
            "main.tf": text,
            "m/main.tf": module + 'variable "x" {\n nullable = false\n default = 8\n}\n',
        }
    )

    assert read.one().min_nodes.known == 8


# Ids and references


def test_ids_are_made_of_names_and_parents():
    read = Read(GROUP + WORKSPACE + scaled(0))

    assert str(read.one(ResourceGroup).id) == "/subscriptions/{the subscription}/resourceGroups/rg"
    assert str(read.one().id).endswith(
        "/rg/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/c"
    )
    assert read.one().location.is_absent
    assert read.one(Workspace).location.known == "westeurope"


def test_a_provider_says_the_subscription():
    text = """
provider "azurerm" {
  alias           = "other"
  subscription_id = "s2"
}
provider "azurerm" {
  subscription_id = var.open
}
variable "open" {}
data "azurerm_client_config" "me" {}
data "azurerm_subscription" "me" {}
data "azurerm_subscription" "far" {
  subscription_id = "s3"
}
resource "azurerm_resource_group" "a" {
  provider = azurerm.other
  name     = "a"
}
resource "azurerm_resource_group" "b" {
  name     = data.azurerm_client_config.me.subscription_id
  location = data.azurerm_subscription.me.id
  managed_by = data.azurerm_subscription.far.id
}
module "m" {
  source    = "./m"
  providers = { azurerm = azurerm.other }
}
module "n" {
  source    = "./m"
}
"""
    read = Read({"main.tf": text, "m/main.tf": GROUP})

    m, n, a, b = read.all(ResourceGroup)
    assert str(a.id) == "/subscriptions/s2/resourceGroups/a"
    assert str(b.id) == "/subscriptions/{var.open}/resourceGroups/{var.open}"
    assert b.location.text == "/subscriptions/{var.open}"
    assert b.managed_by.known == "/subscriptions/s3"
    assert str(m.id) == "/subscriptions/s2/resourceGroups/rg"
    assert str(n.id) == "/subscriptions/{var.open}/resourceGroups/rg"


def test_what_a_data_source_gives_equals_itself():
    text = """
data "azurerm_resource_group" "one" {
  name = "rg"
}
data "azurerm_resource_group" "two" {
  name = "RG"
}
resource "azurerm_storage_account" "s" {
  name                = "s"
  location            = data.azurerm_resource_group.one.location
  resource_group_name = data.azurerm_resource_group.two.name
}
resource "azurerm_key_vault" "k" {
  name                = "k"
  location            = data.azurerm_resource_group.two.location
  resource_group_name = "rg"
}
"""
    read = Read(text)
    groups = read.all(ResourceGroup)

    assert all(g.is_existing for g in groups)
    assert groups[0].location.same_as(groups[1].location).known
    assert groups[0].location.term.is_unknown


def test_instances_are_named_by_their_keys():
    text = """
resource "azurerm_resource_group" "n" {
  count = 2
  name  = "n${count.index}"
}
resource "azurerm_resource_group" "k" {
  for_each = { a = "west", b = "east" }
  name     = "k-${each.key}"
  location = each.value
}
resource "azurerm_resource_group" "all" {
  name       = join(",", azurerm_resource_group.n[*].name)
  location   = azurerm_resource_group.k["b"].location
  managed_by = join(",", [for k, g in azurerm_resource_group.k : "${k}${g.location}"])
}
resource "azurerm_resource_group" "none" {
  count = 0
  name  = "none"
}
"""
    read = Read(text)
    found = {r.address: r for r in read.all(ResourceGroup)}

    assert list(found) == [
        "azurerm_resource_group.n[0]", "azurerm_resource_group.n[1]",
        'azurerm_resource_group.k["a"]', 'azurerm_resource_group.k["b"]',
        "azurerm_resource_group.all",
    ]  # fmt: skip
    assert found["azurerm_resource_group.all"].name == "n0,n1"
    assert found["azurerm_resource_group.all"].location.known == "east"
    assert found["azurerm_resource_group.all"].managed_by.known == "awest,beast"


@pytest.mark.parametrize("loop", ["count = var.x", "for_each = var.x"])
def test_instances_of_unknown_number_stand_for_one(loop):
    text = (
        f'variable "x" {{}}\nresource "azurerm_resource_group" "g" {{\n {loop}\n name = "g"\n}}\n'
    )
    use = 'resource "azurerm_resource_group" "u" {\n name = azurerm_resource_group.g["a"].name\n'
    use += " managed_by = join(azurerm_resource_group.g[*].name)\n"
    use += " location = azurerm_resource_group.g.name\n}\n"
    read = Read(text + use)

    one, user = read.all(ResourceGroup)
    assert one.address == "azurerm_resource_group.g[?]"
    assert one.exists().known
    assert user.name == "g"
    assert user.managed_by.known is None


def test_whether_a_resource_exists_is_decided_by_its_count():
    text = 'variable "x" {\n type = bool\n}\n' + GROUP.replace(
        "{\n", "{\n  count = var.x ? 1 : 0\n", 1
    )
    text += 'output "name" {\n value = one(azurerm_resource_group.g[*].name)\n}\n'
    read = Read(text)
    group = read.one(ResourceGroup)

    verdict = group.exists()
    assert verdict.known is None
    read.context.worlds.enter({verdict.decisions[0].key: 0})
    assert group.exists().known is True
    read.context.worlds.enter({verdict.decisions[0].key: 1})
    assert group.exists().known is False


def test_blocks_that_are_made_by_a_loop_are_blocks():
    extra = """
  dynamic "identity" {
    for_each = var.ids == null ? [] : [1]
    iterator = it
    content {
      type         = "UserAssigned"
      identity_ids = [for i in var.ids : "${i}-${it.key}"]
    }
  }
"""
    text = GROUP + WORKSPACE + cluster(extra) + 'variable "ids" {\n default = ["a"]\n}\n'

    one = Read(text).one()
    assert one.identity.known == {"userassigned"}
    assert [t.data for t in one.identity_ids.known.members] == ["a-0"]
    none = Read(text.replace('["a"]', "null")).one()
    assert none.identity.is_absent
    open_ = Read(text.replace('{\n default = ["a"]\n}', "{}")).one()
    assert open_.identity.term.is_unknown


@pytest.mark.parametrize(
    ("collection", "keys"),
    [('["b", "a"]', [0, 1]), ('toset(["b", "a"])', ["a", "b"]), ("var.names", ["a", "b"])],
)
def test_the_key_of_an_item_is_its_index_and_of_a_set_the_item(collection, keys):
    extra = """
  identity {
    type         = "UserAssigned"
    identity_ids = [for k, v in COLLECTION : k]
  }
""".replace("COLLECTION", collection)
    text = cluster(extra) + 'variable "names" {\n type = set(string)\n default = ["b", "a"]\n}\n'

    assert [t.data for t in Read(text).one().identity_ids.known.members] == keys


def test_several_blocks_of_a_type_are_a_list():
    text = GROUP + """
resource "azurerm_virtual_network" "v" {
  name                = "v"
  resource_group_name = "rg"
  address_space       = ["10.0.0.0/16"]
  subnet {
    name             = "one"
    address_prefixes = ["10.0.0.0/24"]
  }
  subnet {
    name             = "two"
    address_prefixes = ["10.0.1.0/24"]
    delegation {
      name = "d"
    }
  }
}
"""  # fmt: skip
    read = Read(text)
    one, two = read.all(Subnet)

    assert str(one.id).endswith("/virtualNetworks/v/subnets/one")
    assert [s.prefix.known for s in (one, two)] == ["10.0.0.0/24", "10.0.1.0/24"]
    assert one.delegations.is_absent
    assert len(two.delegations.known) == 1
    assert read.changed(two.prefix, "10.0.2.0/24")[1] == text.replace("10.0.1.0/24", "10.0.2.0/24")
    with pytest.raises(NotEditable):
        one.delegations.remove().value.edits("x")


def test_a_subnet_has_what_others_say_it_has():
    text = """
resource "azurerm_subnet" "s" {
  name                 = "s"
  resource_group_name  = "rg"
  virtual_network_name = "v"
}
resource "azurerm_subnet" "t" {
  name                 = "t"
  resource_group_name  = "rg"
  virtual_network_name = "v"
}
resource "azurerm_subnet_nat_gateway_association" "s" {
  subnet_id      = azurerm_subnet.s.id
  nat_gateway_id = "/nat"
}
resource "azurerm_subnet_route_table_association" "broken" {
  subnet_id = azurerm_subnet.s.id
}
"""
    s, t = Read(text).all(Subnet)

    assert s.nat_gateway.known == "/nat"
    assert t.nat_gateway.is_absent
    assert s.route_table.is_absent


@pytest.mark.parametrize(
    ("scope", "locked"),
    [
        ("azurerm_resource_group.g.id", "/subscriptions/{the subscription}/resourceGroups/rg"),
        ("var.open", "{var.open}"),
        ('"/subscriptions/s"', "/subscriptions/s"),
    ],
)
def test_a_lock_is_on_its_scope(scope, locked):
    text = f'resource "azurerm_management_lock" "l" {{\n name = "l"\n scope = {scope}\n}}\n'
    lock = Read(GROUP + text + 'variable "open" {}\n').one(Lock)

    assert str(lock.locked) == locked


def test_projects_are_in_the_group_of_their_hub():
    text = 'resource "azurerm_ai_foundry" "h" {\n name = "h"\n resource_group_name = "rg"\n}\n'
    text += (
        'resource "azurerm_ai_foundry_project" "p" {\n name = "p"\n ai_services_hub_id = %s\n}\n'
    )
    hub, project = Read(text % "azurerm_ai_foundry.h.id").all(Workspace)
    other = Read(text % "var.x" + 'variable "x" {}').all(Workspace)[1]
    none = Read(text.replace(" ai_services_hub_id = %s\n", "")).all(Workspace)[1]

    assert str(project.id) == str(hub.id)[:-1] + "p"
    assert str(other.id) == "{the group}/p"
    assert str(none.id) == "{azurerm_ai_foundry_project.p.id}"


# azapi

AZAPI = """
locals {
  group = "/subscriptions/s/resourceGroups/rg"
}
resource "azapi_resource" "c" {
  type      = "Microsoft.MachineLearningServices/workspaces/computes@2025-12-01"
  name      = "c"
  parent_id = "${local.group}/providers/Microsoft.MachineLearningServices/workspaces/ws"
  location  = "westeurope"
  identity {
    type         = "UserAssigned"
    identity_ids = ["/id"]
  }
  body = BODY
}
"""
BODY = """{
    properties = {
      computeType = "AmlCompute"
      properties = {
        ScaleSettings = { minNodeCount = 2, maxNodeCount = 4 }
      }
    }
  }"""


@pytest.mark.parametrize("body", [BODY, f"jsonencode({BODY})", f"(jsonencode({BODY}))"])
def test_an_azapi_body_is_read_as_resource_manager_has_it(body):
    read = Read(AZAPI.replace("BODY", body))
    one = read.one()

    assert str(one.id).endswith("/workspaces/ws/computes/c")
    assert one.min_nodes.known == 2
    assert one.identity.known == {"userassigned"}
    assert len(one.identity_ids.known) == 1
    assert one.location.known == "westeurope"
    assert one.api_version.known == "2025-12-01"
    assert read.changed(one.min_nodes, 0)[1].count("minNodeCount = 0,") == 1
    assert "idleTime" not in read.changed(one.max_nodes, 8)[1]
    assert "      disableLocalAuth = true\n" in read.changed(one.disable_local_auth, True)[1]  # noqa: FBT003
    assert '@2026-05-01"' in read.changed(one.api_version, "2026-05-01")[1]
    use = read.one(ToolUse)
    assert (use.tool, use.subject) == ("azapi", one)


def test_an_azapi_body_that_is_computed_is_read_but_not_changed():
    text = AZAPI.replace("BODY", f"merge({BODY}, {{ sku = null }})")
    read = Read(text)

    assert read.one().min_nodes.known == 2
    with pytest.raises(NotEditable):
        read.changed(read.one().disable_local_auth, True)  # noqa: FBT003


def test_the_identity_may_stand_in_the_body():
    body = BODY.replace("{\n", '{\n    identity = { type = "SystemAssigned" }\n', 1)
    text = AZAPI.replace("BODY", body)
    start, end = text.index("  identity {"), text.index("  body")
    read = Read(text[:start] + text[end:])

    assert read.one().identity.known == {"systemassigned"}


def test_members_under_open_names_are_unknown():
    body = BODY.replace('computeType = "AmlCompute"', 'computeType = "AmlCompute"\n (var.k) = 1')
    read = Read(AZAPI.replace("BODY", body) + 'variable "k" {}\n')

    assert read.one().min_nodes.known == 2
    assert read.one().disable_local_auth.is_absent or read.one().disable_local_auth.known is None


def test_azapi_declares_what_else_there_is():
    text = """
resource "azapi_resource" "g" {
  type = "Microsoft.Resources/resourceGroups@2024-03-01"
  name = "rg"
  parent_id = "/subscriptions/s"
}
resource "azapi_resource" "v" {
  type      = "Microsoft.Network/virtualNetworks@2024-03-01"
  name      = "v"
  parent_id = azapi_resource.g.id
  body = {
    properties = { subnets = [{ name = "a", properties = { addressPrefix = "10.0.0.0/24" } }] }
  }
}
resource "azapi_resource" "i" {
  type      = "Microsoft.MachineLearningServices/workspaces/computes@2024-03-01"
  name      = "i"
  body = { properties = { computeType = "ComputeInstance" } }
}
resource "azapi_resource" "u" {
  type = "Microsoft.MachineLearningServices/workspaces/computes@2024-03-01"
  name = "u"
  body = { properties = { computeType = var.kind } }
}
resource "azapi_resource" "d" {
  type = "Microsoft.MachineLearningServices/workspaces/computes@2024-03-01"
  body = { properties = { computeType = "Databricks" } }
}
resource "azapi_resource" "l" {
  type      = "Microsoft.Authorization/locks@2020-05-01"
  name      = "l"
  parent_id = azapi_resource.g.id
  body = { properties = { level = "CanNotDelete" } }
}
resource "azapi_resource" "o" {
  type = var.kind
}
resource "azapi_update_resource" "p" {
  type        = "Microsoft.MachineLearningServices/workspaces/computes@2024-03-01"
  resource_id = var.elsewhere
  body = { properties = { properties = { scaleSettings = { minNodeCount = 1 } } } }
}
resource "azapi_update_resource" "w" {
  type = "Microsoft.MachineLearningServices/workspaces@2024-03-01"
}
variable "kind" {}
variable "elsewhere" {}
"""
    read = Read(text)

    assert str(read.one(ResourceGroup).id) == "/subscriptions/s/resourceGroups/rg"
    assert str(read.one(VirtualNetwork).id) == (
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v"
    )
    assert read.one(Subnet).prefix.known == "10.0.0.0/24"
    assert read.one(ComputeInstance).name == "i"
    assert str(read.one(Lock).locked) == "/subscriptions/s/resourceGroups/rg"
    assert read.one(Patch).min_nodes.known == 1
    assert read.one(Patch).is_update
    assert read.one(Workspace).is_update
    assert [p[3] for p in read.problems] == ["the kind of this compute is not known"]


def test_a_group_of_azapi_stands_in_the_subscription_of_its_provider():
    text = """
provider "azurerm" {
  subscription_id = "s1"
}
provider "azapi" {
  subscription_id = "s2"
}
provider "azapi" {
  alias           = "other"
  subscription_id = "s3"
}
resource "azapi_resource" "a" {
  type = "Microsoft.Resources/resourceGroups@2024-03-01"
  name = "a"
}
resource "azapi_resource" "b" {
  provider = azapi.other
  type     = "Microsoft.Resources/resourceGroups@2024-03-01"
  name     = "b"
}
resource "azurerm_resource_group" "c" {
  name = "c"
}
"""
    read = Read(text)

    assert [str(g.id) for g in read.all(ResourceGroup)] == [
        "/subscriptions/s2/resourceGroups/a",
        "/subscriptions/s3/resourceGroups/b",
        "/subscriptions/s1/resourceGroups/c",
    ]


# Modules


def test_arguments_outputs_and_call_paths():
    read = Read(
        {
            "main.tf": GROUP + WORKSPACE + """
module "one" {
  source = "./modules/train"
  id     = azurerm_machine_learning_workspace.w.id
  nodes  = 3
}
module "each" {
  for_each = { a = 1, b = 2 }
  source   = "./modules/train"
  id       = module.one.id
  nodes    = each.value
}
resource "azurerm_resource_group" "out" {
  name       = module.each["b"].name
  location   = module.one.none
  managed_by = module.far.x
}
module "far" {
  source = "hashicorp/far/azurerm"
}
""",
            "modules/train/main.tf": cluster(
                "  scale_settings {\n    min_node_count = var.nodes\n  }\n",
                name='"n${var.nodes}"',
                machine_learning_workspace_id="var.id",
            )
            + 'variable "nodes" {}\nvariable "id" {}\n'
            + 'output "id" {\n value = var.id\n}\noutput "name" {\n'
            + " value = azurerm_machine_learning_compute_cluster.c.name\n}\n",
        }
    )  # fmt: skip
    found = {r.address: r for r in read.all(ComputeCluster)}

    assert {a: r.min_nodes.known for a, r in found.items()} == {
        "module.one.azurerm_machine_learning_compute_cluster.c": 3,
        'module.each["a"].azurerm_machine_learning_compute_cluster.c': 1,
        'module.each["b"].azurerm_machine_learning_compute_cluster.c': 2,
    }
    one = found["module.one.azurerm_machine_learning_compute_cluster.c"]
    assert [(p.document.path, p.role) for p in one.min_nodes.trace] == [
        ("modules/train/main.tf", "use"), ("main.tf", "argument"),
    ]  # fmt: skip
    assert str(one.id).endswith("/workspaces/ws/computes/n3")
    with pytest.raises(NotEditable, match="something else reads it"):
        one.min_nodes.edits(0)
    out = next(r for r in read.all(ResourceGroup) if r.address.endswith("out"))
    assert out.name == "n2"
    assert [r.text for r in out.location.reasons] == ["the module 'one' has no output 'none'"]
    assert [r.text for r in out.managed_by.reasons] == [
        "module.far.x is of a module that is not read"
    ]
    message = "module 'far' is at 'hashicorp/far/azurerm', where azmlint does not read"
    assert read.problems == [("main.tf", 29, None, message)]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("../../x", "module 'm' is outside the project, where azmlint does not read"),
        ("./none", "module 'm' is in 'in/none', where no Terraform files are"),
        ("./", "module 'm' calls itself, or modules are nested too deeply"),
        ("git::https://x/y", "module 'm' is at 'git::https://x/y', where azmlint does not read"),
    ],
)
def test_modules_that_are_not_read_are_named(source, message):
    read = Read({"in/main.tf": GROUP + f'module "m" {{\n  source = "{source}"\n}}\n'})

    assert [p[3] for p in read.problems] == [message]
    assert len(read.all(ResourceGroup)) == 1


def test_modules_that_call_each_other_are_read_once():
    call = 'module "m" {\n  source = "../%s"\n}\n'
    read = Read({"a/main.tf": GROUP + call % "b", "b/main.tf": GROUP + call % "a"})

    assert len(read.all(ResourceGroup)) == 2
    assert len(read.problems) == 1


def test_what_init_has_fetched_is_read():
    manifest = {"Modules": [{"Key": "", "Dir": "."}, {"Key": "m", "Dir": ".terraform/modules/m"},
                            {"Key": "x", "Dir": "../../out"}, {"Key": "y"}]}  # fmt: skip
    texts = {
        "in/main.tf": 'module "m" {\n  source = "a/b/c"\n}\n',
        "in/.terraform/modules/modules.json": json.dumps(manifest),
        "in/.terraform/modules/m/main.tf": GROUP,
    }
    documents = {p: decode(p, t.encode()) for p, t in texts.items()}
    readings = load.read_all({"in/main.tf": documents["in/main.tf"]}, Texts(documents))
    broken = Read({"main.tf": texts["in/main.tf"], ".terraform/modules/modules.json": "{"})

    assert [(r.name, r.path) for r in readings["in/main.tf"].resources] == [
        ("rg", "in/.terraform/modules/m/main.tf")
    ]
    assert len(broken.problems) == 1


def test_one_file_is_read_among_its_folder_and_its_callers():
    texts = {
        "main.tf": 'module "m" {\n  source = "./mod"\n  x      = 5\n}\n',
        "mod/main.tf": scaled("var.x").replace("azurerm_machine_learning_workspace.w.id", '"/w"'),
        "mod/variables.tf": 'variable "x" {}\n',
        "other/main.tf": "# nothing\n",
    }
    documents = {p: decode(p, t.encode()) for p, t in texts.items()}

    class Folders(Texts):
        def siblings(self, path, matches):
            folder = path.rpartition("/")[0]
            names = {p.partition("/")[0] for p in self.documents} if not folder else set()
            return tuple({*super().siblings(path, matches), *filter(matches, names)})

    readings = load.read_all({"mod/main.tf": documents["mod/main.tf"]}, Folders(documents))

    assert readings["mod/main.tf"].resources[0].min_nodes.known == 5


def test_an_example_below_a_module_is_no_reason_not_to_judge_it():
    texts = {
        "main.tf": scaled("var.x").replace("azurerm_machine_learning_workspace.w.id", '"/w"'),
        "variables.tf": 'variable "x" {\n  default = 1\n}\n',
        "examples/a/main.tf": 'module "m" {\n  source = "../.."\n  x = 2\n}\n',
    }

    assert sorted(r.min_nodes.known for r in Read(texts).all(ComputeCluster)) == [1, 2]


# Files


def test_a_broken_file_costs_only_itself():
    read = Read({"a.tf": "resource {{\n", "b.tf": GROUP, "c.tf.json": "{"})

    assert [r.name for r in read.all(ResourceGroup)] == ["rg"]
    assert [(p[0], p[2]) for p in read.problems] == [
        ("a.tf", "syntax-error"), ("c.tf.json", "syntax-error"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["terraform.tfvars", "x.auto.tfvars.json"])
def test_broken_values_are_reported_by_who_uses_them(name):
    documents = {"main.tf": decode("main.tf", GROUP.encode()), name: decode(name, b"x = [")}
    context = Texts(documents)

    readings = load.read_all({"main.tf": documents["main.tf"]}, context)

    assert [(p.document.path, p.rule) for p in readings["main.tf"].problems] == [
        (name, "syntax-error")
    ]


def test_a_file_of_opentofu_stands_for_its_namesake():
    read = Read({"main.tf": GROUP, "main.tofu": GROUP.replace('"rg"', '"tofu"')})

    assert [r.name for r in read.all(ResourceGroup)] == ["tofu"]
    assert read.problems == [
        ("main.tf", 1, None, "'main.tofu' is read in its place, as OpenTofu does")
    ]


def test_json_declares_the_same():
    data = {
        "resource": {
            "azurerm_machine_learning_compute_cluster": {
                "c": {
                    "name": "c",
                    "machine_learning_workspace_id": "/subscriptions/s/resourceGroups/g/w",
                    "scale_settings": [{"min_node_count": 2}],
                    "identity": {"type": "SystemAssigned"},
                }
            }
        }
    }
    read = Read({"main.tf.json": json.dumps(data, indent=2)})
    one = read.one()

    assert one.min_nodes.known == 2
    assert one.identity.known == {"systemassigned"}
    changed = json.loads(read.changed(one.min_nodes, 0)[1])
    row = changed["resource"]["azurerm_machine_learning_compute_cluster"]["c"]
    assert row["scale_settings"] == [{"min_node_count": 0}]
    added = json.loads(read.changed(one.max_nodes, 4)[1])
    row = added["resource"]["azurerm_machine_learning_compute_cluster"]["c"]
    assert row["scale_settings"][0]["max_node_count"] == 4
    edits = one.body.edits(("identity", "type"), one.identity.term, one.identity.remove().new)
    assert "SystemAssigned" not in apply(read.documents["main.tf.json"], edits)


# Changes


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (scaled("2 # two"), "min_node_count = 0 # two"),
        (cluster(), "scale_settings {\n    min_node_count = 0\n  }"),
        (cluster("  scale_settings {\n  }\n"), "  scale_settings {\n    min_node_count = 0\n  }"),
    ],
)
def test_a_value_is_changed_or_added_in_its_block(text, after):
    read = Read(GROUP + WORKSPACE + text)

    assert after in read.changed(read.one().min_nodes, 0)[1]


@pytest.mark.parametrize(
    "text",
    [
        scaled("1 + 1"),
        cluster('  dynamic "scale_settings" {\n for_each = [1]\n content {\n }\n }\n'),
        cluster(scale_settings="var.x") + 'variable "x" {\n default = null\n}\n',
    ],
)
def test_what_is_computed_is_not_changed(text):
    read = Read(GROUP + WORKSPACE + text)

    with pytest.raises(NotEditable):
        read.changed(read.one().min_nodes, 0)


def test_an_argument_is_taken_away():
    read = Read(GROUP + WORKSPACE + scaled(2, '  location = "x" # far\n'))
    one = read.one()

    document = read.documents["main.tf"]
    for value, text in ((one.location, '"x"'), (one.min_nodes, "min_node_count")):
        gone = apply(document, one.body.edits(value.route, value.term, value.remove().new))
        assert text not in gone
        assert Read(gone).problems == []
    with pytest.raises(NotEditable):
        one.body.edits(("ssh", "key_value"), one.admin_key.term, one.admin_key.remove().new)


# The provider


@pytest.mark.parametrize(
    ("name", "text", "version", "locked"),
    [
        ("v.tf", 'terraform {\n required_providers {\n azurerm = "~> 3"\n }\n}\n', "~> 3", None),
        ("v.tf", 'provider "azurerm" {\n version = "2.0"\n}\n', "2.0", None),
        ("v.tf", "terraform {\n required_providers {\n other = {}\n }\n}\n", None, None),
        ("v.tf", "terraform {\n required_providers {\n azurerm = {}\n }\n}\n", None, None),
        (".terraform.lock.hcl", 'provider "x/y/azurerm" {\n version = "4.1.0"\n}\n', None, "4.1.0"),
    ],
)
def test_the_version_of_the_provider_is_read(name, text, version, locked):
    main = GROUP + WORKSPACE + cluster("  lifecycle {\n    ignore_changes = all\n  }\n")
    use = Read({"main.tf": main, name: text}).one(ToolUse)

    assert (use.constraint.known, use.locked.known) == (version, locked)
    assert [t.data for t in use.ignored.known.members] == ["all"]


def test_a_constraint_can_be_changed_and_a_locked_version_not():
    files = {
        "main.tf": GROUP + WORKSPACE + cluster(),
        "v.tf": 'terraform {\n required_providers {\n azurerm = { version = "3.0" } # old\n }\n}\n',
        ".terraform.lock.hcl": 'provider "x/azurerm" {\n version = "3.0.1"\n}\n',
    }
    read = Read(files)
    use = read.one(ToolUse)

    assert read.changed(use.constraint, ">= 4") == (
        "v.tf",
        files["v.tf"].replace('"3.0"', '">= 4"'),
    )
    with pytest.raises(NotEditable):
        use.locked.edits("4.0.0")


def test_thousands_of_resources_are_read():
    rows = "".join(
        f'resource "azurerm_storage_account" "s{i}" {{\n  name = "s{i}"\n  location = local.l\n'
        f"  resource_group_name = azurerm_resource_group.g.name\n}}\n"
        for i in range(5_000)
    )
    read = Read(GROUP + rows + 'locals {\n  l = "westeurope"\n}\n')

    assert len(read.resources) == 5_001


def test_values_take_the_type_of_their_variable():
    text = """
variable "v" {
  type = object({
    text   = string
    flag   = bool
    list   = list(any)
    inner  = optional(object({ a = optional(string), b = optional(number, 3) }), {})
    map    = map(string)
    tuple  = tuple([number])
  })
  default = { text = 5, flag = "true", list = [1], map = { a = 1 }, tuple = ["7"] }
}
resource "azurerm_resource_group" "g" {
  name       = "${var.v.text}${var.v.flag}${var.v.inner.b}${var.v.map.a}${var.v.tuple[0]}"
  location   = var.v.inner.a
  managed_by = jsonencode(var.v.list)
}
"""
    group = Read(text).one(ResourceGroup)

    assert group.name == "5true317"
    assert group.location.is_absent
    assert group.managed_by.known == "[1]"


@pytest.mark.parametrize(
    ("type_", "default"),
    [
        ("object({ a = string })", "{}"),
        ("object({ a = string })", "1"),
        ("map(string)", "[]"),
        ("list(string)", "{}"),
        ("map", "1"),
        ("list", "1"),
        ("number", '"x"'),
        ("bool", "5"),
        ("string", "[]"),
    ],
)
def test_a_value_of_another_type_is_unknown(type_, default):
    text = f'variable "x" {{\n type = {type_}\n default = {default}\n}}\n'

    value = minimum(GROUP + WORKSPACE + scaled("var.x") + text)

    assert value.known is None
    assert "given a value of another type" in value.reasons[0].text


@pytest.mark.parametrize(("type_", "default"), [("any", "2"), ("map", "{}"), ("other(x)", "2")])
def test_a_value_that_fits_stays_as_it_is(type_, default):
    text = f'variable "x" {{\n type = {type_}\n default = {default}\n}}\n'
    value = minimum(GROUP + WORKSPACE + scaled("var.x") + text)

    assert value.term.is_known
    assert [p.role for p in value.trace] == ["use", "default"]


def test_blocks_are_attributes_of_a_resource():
    text = """
resource "azurerm_x" "x" {
  identity {
    type = "a"
    inner {
      deep = "b"
    }
  }
}
resource "azurerm_resource_group" "g" {
  name       = azurerm_x.x.identity[0].type
  location   = azurerm_x.x.identity[0].inner[0].deep
  managed_by = azurerm_x.x.identity[0].principal_id
}
"""
    group = Read(text).one(ResourceGroup)

    assert (group.name, group.location.known) == ("a", "b")
    assert [r.text for r in group.managed_by.reasons] == [
        "azurerm_x.x.identity.principal_id is known when it is applied"
    ]


@pytest.mark.parametrize(
    ("path", "base", "shown"),
    [("m/in", "m", "in"), ("m", "", "m"), ("m/in", "m/other", "../in"), ("m", "m", ".")],
)
def test_the_path_of_a_module_is_seen_from_the_root(path, base, shown):
    up = "/".join([".."] * len(base.split("/"))) if base else "."
    texts = {f"{path}/main.tf": GROUP.replace('"rg"', "path.module")}
    if path != base:
        call = f'module "m" {{\n  source = "{up}/{path}"\n}}\n'
        texts[f"{base}/main.tf" if base else "main.tf"] = call
    group = Read(texts).one(ResourceGroup)

    assert group.name == shown


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (cluster("  local_auth_enabled = true # why\n"), "local_auth_enabled = false # why\n"),
        (cluster(), "workspace.w.id\n  local_auth_enabled            = false\n"),
    ],
)
def test_a_flag_that_is_stated_the_other_way_round_is_written_so(text, after):
    read = Read(GROUP + WORKSPACE + text)
    one = read.one()

    assert one.local_auth.effective().known is True
    assert after in read.changed(one.disable_local_auth, True)[1]  # noqa: FBT003


@pytest.mark.parametrize(
    ("block", "known"),
    [
        ("serverless_compute {\n public_ip_enabled = true\n }", False),
        ("serverless_compute {\n public_ip_enabled = false\n }", True),
        ("serverless_compute {\n }", True),
        ("tags = {}", None),
    ],
)
def test_serverless_computes_have_no_public_addresses_unless_it_is_said(block, known):
    text = WORKSPACE.replace("{\n", f"{{\n {block}\n", 1)

    assert Read(GROUP + text).one(Workspace).serverless_no_public_ip.known is known


def test_what_a_subnet_has_is_asked_in_the_world_that_is_judged():
    text = """
variable "x" {
  type = bool
}
resource "azurerm_subnet" "s" {
  name                 = "s"
  resource_group_name  = "rg"
  virtual_network_name = "v"
}
resource "azurerm_subnet_route_table_association" "s" {
  count          = var.x ? 1 : 0
  subnet_id      = azurerm_subnet.s.id
  route_table_id = "/one"
}
"""
    read = Read(text)
    subnet, worlds = read.one(Subnet), read.context.worlds
    decision = subnet.route_table.term.decisions[0]

    assert subnet.route_table.known is None
    for index, known in enumerate(["/one", None]):
        worlds.enter({decision.key: index})
        assert subnet.route_table.known == known
        assert worlds.taken == {decision.key: index}


def test_a_subnet_of_a_module_has_what_its_caller_gives_it():
    found = Read(
        {
            "main.tf": 'module "net" {\n  source = "./net"\n}\n'
            'resource "azurerm_subnet_route_table_association" "s" {\n'
            '  subnet_id      = module.net.id\n  route_table_id = "/tables/t"\n}\n' + GROUP,
            "net/main.tf": 'resource "azurerm_subnet" "s" {\n  name = "s"\n'
            '  virtual_network_name = "v"\n  resource_group_name = "rg"\n}\n'
            'output "id" {\n  value = azurerm_subnet.s.id\n}\n',
        }
    )

    assert found.one(Subnet).route_table.known == "/tables/t"


@pytest.mark.parametrize(
    ("declared", "text", "use", "known"),
    [
        ("type = number", "3", "var.x", 3),
        ("", "3", "var.x", 3),
        ("type = list(number)", "[1, 5]", "var.x[1]", 5),
        ("type = list(number)", "[1, ", "var.x[1]", None),
        ("type = list(number)", "[none.x.y]", "var.x[0]", None),
        ("default = 4", "3", "var.x", 3),
    ],
)
def test_the_environment_gives_values_as_terraform_reads_them(declared, text, use, known):
    main = GROUP + WORKSPACE + scaled(use) + f'variable "x" {{\n  {declared}\n}}\n'
    bound = {"main.tf": Binding(environment=(("x", text),))}

    value = Read({"main.tf": main}, bound).one().min_nodes
    assert value.known == known
    assert all(p.document.path == "main.tf" for p in value.trace)


def test_files_of_values_win_over_the_environment():
    main = GROUP + WORKSPACE + scaled("var.x") + 'variable "x" {}\n'
    bound = {"main.tf": Binding(environment=(("x", "3"),))}

    found = Read({"main.tf": main, "terraform.tfvars": "x = 6\n"}, bound)
    assert found.one().min_nodes.known == 6


def test_what_a_module_declares_counts_for_the_file_that_calls_it():
    texts = {
        "main.tf": 'module "a" {\n  source = "./a"\n}\n',
        "a/main.tf": 'module "b" {\n  source = "./b"\n}\n',
        "a/b/main.tf": cluster(),
    }
    documents = {p: decode(p, t.encode()) for p, t in texts.items()}

    def paths(*given):
        taken = {p: documents[p] for p in given}
        readings = load.read_all(taken, Texts(documents))
        return [
            p for p, r in readings.items() for x in r.resources if isinstance(x, ComputeCluster)
        ]

    assert paths("main.tf") == ["main.tf"]
    assert paths("main.tf", "a/main.tf") == ["a/main.tf"]
    assert paths(*texts) == ["a/b/main.tf"]


def test_a_broken_argument_leaves_the_rest_of_its_block_judged(tmp_path, capsys):
    text = GROUP + WORKSPACE.replace("name                = ", "name                = = ")
    text = text.replace("\n}\n", "\n  public_network_access_enabled = true\n}\n")
    (tmp_path / "main.tf").write_text(text + scaled("2 2"))

    run(["check", "--format", "json", str(tmp_path)])

    report = json.loads(capsys.readouterr().out)
    found = [(f["rule"], f["start"]["line"]) for f in report["findings"]]
    assert [line for rule, line in found if rule == "syntax-error"] == [9, 18]
    assert "workspace-public-access" in {rule for rule, _ in found}
    undecided = {u["rule"]: u["reason"] for u in report["undecided"]}
    assert undecided["min-nodes-above-zero"].startswith("it cannot be read: ")


def test_what_a_lock_holds_up_is_named_once(tmp_path, capsys):
    text = GROUP + WORKSPACE.replace("{\n", "{\n  count = 3\n", 1).replace('"ws"', '"ws-${var.e}"')
    data = (
        'variable "e" {}\ndata "azurerm_machine_learning_workspace" "d" {\n'
        '  name = "ws-${var.e}"\n  resource_group_name = azurerm_resource_group.g.name\n}\n'
    )
    lock = (
        'resource "azurerm_management_lock" "l" {\n  name = "l"\n'
        '  scope = azurerm_resource_group.g.id\n  lock_level = "CanNotDelete"\n}\n'
    )
    (tmp_path / "main.tf").write_text(text + data + lock)

    run(["check", "--select", "declared-lock-blocks-scaling", str(tmp_path)])

    assert capsys.readouterr().out.count("is in the locked resource group") == 1


def test_one_node_is_one_node(tmp_path, capsys):
    settings = "  scale_settings {\n    min_node_count = 1\n    max_node_count = 0\n  }\n"
    (tmp_path / "main.tf").write_text(GROUP + WORKSPACE + cluster(settings))

    run(["check", "--select", "min-exceeds-max", str(tmp_path)])

    assert "has at least 1 node but at most 0" in capsys.readouterr().out


def test_each_of_many_configurations_may_declare_as_much_as_one():
    one = 'resource "azurerm_machine_learning_compute_cluster" "c" {\n  count = 900\n}\n'
    texts = {f"d{n}/main.tf": one for n in range(8)}
    documents = {path: decode(path, text.encode()) for path, text in texts.items()}
    readings = load.read_all(documents, Texts(documents))

    assert [p for r in readings.values() for p in r.problems] == []
    assert all(len(r.resources) >= 900 for r in readings.values())


def test_what_is_written_out_is_read_however_much_it_is():
    text = "".join(
        f'resource "azurerm_machine_learning_compute_cluster" "c{n}" {{\n'
        f'  name = "train-{n}"\n  vm_size = "STANDARD_D4S_V5"\n  location = "westeurope"\n}}\n'
        for n in range(5_000)
    )
    documents = {"main.tf": decode("main.tf", text.encode())}
    reading = load.read_all(documents, Texts(documents))["main.tf"]

    assert reading.problems == []
    assert len([r for r in reading.resources if type(r) is ComputeCluster]) == 5_000
