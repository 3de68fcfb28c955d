"""How resources of Terraform are read and changed where blocks are no plain text."""

from __future__ import annotations

import json

import pytest

from azmlint.engine.fix import apply
from azmlint.model.resources import ComputeCluster, Datastore, ToolUse, Workspace
from azmlint.model.value import REMOVED, NotEditable
from azmlint.sources import load
from azmlint.sources.document import Binding, decode
from azmlint.sources.texts import Texts

AZAPI = """
resource "azapi_resource" "d" {
  type      = "Microsoft.MachineLearningServices/workspaces/datastores@2025-12-01"
  name      = "d"
  parent_id = "/ws"
  identity {
    type         = "UserAssigned"
    identity_ids = ["/a"]
  }
  body = {
    properties = { (var.key) = "x" }
  }
}
"""
CLUSTER = """
resource "azurerm_machine_learning_compute_cluster" "c" {
  name                          = "c"
  machine_learning_workspace_id = "/ws"
%s
}
"""


def read(text, path="main.tf", bound=None, **files):
    texts = {path: text, **{k.replace("__", "."): v for k, v in files.items()}}
    documents = {p: decode(p, t.encode()) for p, t in texts.items()}
    readings = load.read_all(documents, Texts(documents, bound))
    return [r for reading in readings.values() for r in reading.resources]


def one(kind, text, **more):
    (found,) = [r for r in read(text, **more) if isinstance(r, kind)]
    return found


def changed(body, route, new, at=None):
    (edit,) = body.edits(route, body.at(at or route), new)
    return apply(edit.document, (edit,))


# azapi


def test_the_version_of_azapi_stands_in_the_type():
    body = one(Datastore, AZAPI).body

    assert body.at(("apiVersion",)).data == "2025-12-01"
    assert '/datastores@2026-05-01"' in changed(body, ("apiVersion",), "2026-05-01")


@pytest.mark.parametrize(
    ("type_", "is_absent"),
    [("", True), ('"Microsoft.MachineLearningServices/workspaces/datastores"', True)],
)
def test_a_type_without_a_version_has_none(type_, is_absent):
    text = AZAPI.replace("@2025-12-01", "")
    body = one(Datastore, text.replace("[type]", type_)).body

    assert body.at(("apiVersion",)).is_absent is is_absent
    with pytest.raises(NotEditable, match="computed"):
        body.edits(("apiVersion",), body.at(("apiVersion",)), "2026-05-01")


def test_identities_of_azapi_are_blocks_of_their_own():
    body = one(Datastore, AZAPI).body

    assert '"SystemAssigned"' in changed(body, ("identity", "type"), "SystemAssigned")
    route = ("identity", "userAssignedIdentities")
    assert [i.data for i in body.at(route).data] == ["/a"]
    assert "identity_ids" not in changed(body, route, REMOVED)


def test_what_stands_beside_the_body_is_added_there():
    body = one(Datastore, AZAPI).body

    assert 'location = "westeurope"' in " ".join(changed(body, ("location",), "westeurope").split())


def test_a_member_may_stand_behind_a_name_that_is_not_known():
    body = one(Datastore, AZAPI + 'variable "key" {}\n').body

    assert body.at(("properties", "datastoreType")).is_unknown
    assert body.at(("properties", "credentials", "x")).is_unknown
    assert body.at(("other",)).is_absent


def test_what_a_body_computes_is_not_edited():
    body = one(Datastore, AZAPI.replace('{ (var.key) = "x" }', "merge({}, {})")).body

    with pytest.raises(NotEditable, match="plain text"):
        body.edits(("properties", "x"), body.at(("properties", "x")), 1)


def test_without_a_body_azapi_is_edited_as_blocks_are():
    start = AZAPI.index("  body")
    body = one(Datastore, AZAPI[:start] + "}\n").body

    assert body.at(("properties", "x")).is_absent
    assert "tags" in changed(body, ("tags",), {"a": "b"})


# Blocks


def test_blocks_are_taken_by_their_number():
    text = CLUSTER % '  identity {\n    type = "A"\n  }\n  identity {\n    type = "B"\n  }'
    body = one(ComputeCluster, text).body

    assert body.at(("identity", "1", "type")).data == "B"
    assert body.at(("identity", "2")).is_absent
    assert [i.data["type"].data for i in body.at(("identity",)).data] == ["A", "B"]
    assert body.at(("identity", "type")).data == "A"


def test_a_block_that_may_be_there_is_unknown_as_a_member_too():
    text = CLUSTER % (
        '  identity {\n    dynamic "inner" {\n      for_each = var.x\n      content {}\n    }\n'
        '    dynamic "empty" {\n      for_each = [1]\n    }\n'
        '    dynamic "none" {\n      for_each = []\n      content {}\n    }\n  }'
    )
    body = one(ComputeCluster, text + 'variable "x" {}\n').body

    found = body.at(("identity",)).data
    assert found["inner"].is_unknown
    assert set(found) == {"inner"}
    assert body.at(("identity", "inner", "a", "b")).is_unknown


def test_members_of_what_is_not_known_are_unknown():
    text = CLUSTER % "  identity = var.x\n  tags = [var.x, { a = 1 }]\n  other = [{ a = 2 }]"
    body = one(ComputeCluster, text + 'variable "x" {}\n').body

    assert body.at(("identity", "type", "x")).is_unknown
    assert body.at(("tags", "1", "a")).data == 1
    assert body.at(("tags", "7")).is_absent
    assert body.at(("tags", "a")).is_absent
    assert body.at(("other", "a")).data == 2
    assert body.at(("other", "a", "b")).is_absent


def test_an_attribute_of_a_block_is_that_of_the_block():
    more = 'resource "azurerm_x" "y" {\n  outer {\n    inner {\n      a = "v"\n    }\n  }\n}\n'
    text = CLUSTER % "  vm_size = azurerm_x.y.outer[0].inner[0].a"
    other = CLUSTER % "  vm_size = azurerm_x.y.outer[0].none"
    given = CLUSTER % "  vm_size = azurerm_x.y.id"

    assert one(ComputeCluster, text + more).size.known == "v"
    assert one(ComputeCluster, other + more).size.reasons[0].kind == "runtime"
    assert one(ComputeCluster, given + more).size.text == "{azurerm_x.y.id}"


# JSON


def as_json(**rows):
    rows = {"name": "c", "machine_learning_workspace_id": "/ws", **rows}
    return json.dumps({"resource": {"azurerm_machine_learning_compute_cluster": {"c": rows}}})


def from_json(**rows):
    return one(ComputeCluster, as_json(**rows), path="main.tf.json").body


def test_json_is_changed_in_the_object_that_is_there():
    body = from_json(scale_settings=[{"max_node_count": 2}, {"max_node_count": 3}], identity="x")

    assert '"tags": {"a": 1}' in changed(body, ("tags", "a"), 1, at=("none",))
    assert "vm_size" in changed(body, ("vm_size",), "x")
    with pytest.raises(NotEditable):
        body.edits(("nothing", "x"), body.at(("nothing", "x")), REMOVED)


def test_a_constraint_in_json_is_changed():
    resource = json.loads(as_json())["resource"]
    needed = {"required_providers": {"azurerm": {"version": "~> 3.0"}}}
    text = json.dumps({"terraform": needed, "resource": resource})
    use = one(ToolUse, text, path="main.tf.json")

    (edit,) = use.constraint.edits(">= 4.35.0")
    assert '"version": ">= 4.35.0"' in apply(edit.document, (edit,))
    with pytest.raises(NotEditable, match="not written"):
        use.body.edits(("locked",), use.body.at(("locked",)), "x")


# Variables, names, instances


@pytest.mark.parametrize(
    ("count", "shown"),
    [("-1", []), ("null", []), ("2", ["c[0]", "c[1]"]), ('"1"', ["c[0]"])],
)
def test_a_count_makes_as_many(count, shown):
    found = read(CLUSTER % f"  count = {count}")

    addresses = [r.address.rpartition(".")[2] for r in found if isinstance(r, ComputeCluster)]
    assert addresses == shown


@pytest.mark.parametrize("each", ["null", "toset([])", "{}"])
def test_nothing_is_made_for_nothing(each):
    assert read(CLUSTER % f"  for_each = {each}") == []


@pytest.mark.parametrize("each", ["var.x", "[1, 2]", "azurerm_x.y"])
def test_one_stands_for_all_that_are_not_known(each):
    more = 'variable "x" {}\nresource "azurerm_x" "y" {\n  count = 1\n}\n'
    text = CLUSTER.replace('= "c"', "= each.key") % f"  for_each = {each}"

    assert one(ComputeCluster, text + more).name == "{each.key}"


def test_an_argument_that_is_not_declared_is_still_what_is_given():
    main = 'module "m" {\n  source = "./m"\n  size = "big"\n}\n'
    found = one(ComputeCluster, main, **{"m/main__tf": CLUSTER % "  vm_size = var.size"})

    assert found.size.known == "big"


@pytest.mark.parametrize(
    ("condition", "is_open"),
    [
        ("contains(var.y, var.x)", True),
        ('contains(["a"], var.y)', True),
        ('length(var.x) > 1 && contains(["a"], var.x)', True),
        ("contains([var.y], var.x)", True),
        ('contains(["a"])', True),
        ('contains(["a"], var.x)', False),
    ],
)
def test_one_allowed_value_is_the_value(condition, is_open):
    text = CLUSTER % "  vm_size = var.x"
    text += f'variable "x" {{\n  validation {{\n    condition = {condition}\n  }}\n}}\n'

    assert (one(ComputeCluster, text).size.known is None) is is_open


@pytest.mark.parametrize(
    ("provider", "subscription"),
    [
        ('provider "azurerm" {\n  subscription_id = "one"\n}\n', "one"),
        ('provider "azurerm" {\n  subscription_id = null\n}\n', "bound"),
        ('provider "azurerm" {\n  subscription_id = "${var.a}-${var.b}"\n}\n', "bound"),
        ("", "bound"),
    ],
)
def test_the_subscription_is_that_of_the_provider_or_of_the_configuration(provider, subscription):
    text = provider + 'variable "a" {}\nvariable "b" {}\n'
    text += 'resource "azurerm_machine_learning_workspace" "w" {\n  name = "w"\n'
    text += '  resource_group_name = "rg"\n}\n'
    found = one(Workspace, text, bound={"main.tf": Binding("bound")})

    assert str(found.id.subscription) == f"/subscriptions/{subscription}"


def test_text_that_is_no_name_is_no_part_of_an_id():
    text = 'resource "azurerm_machine_learning_workspace" "w" {\n  name = ["w"]\n'
    found = one(Workspace, text + "  resource_group_name = null\n}\n")

    assert not found.id.is_ground


def test_a_root_path_is_a_dot():
    assert one(ComputeCluster, CLUSTER % "  vm_size = path.root").size.known == "."


def test_a_value_of_another_type_that_is_not_known_stays_unknown():
    main = 'module "m" {\n  source = "./m"\n  size = [var.open]\n}\nvariable "open" {}\n'
    module = (CLUSTER % "  vm_size = var.size[0]") + (
        'variable "size" {\n  type = set(number)\n}\n'
    )

    assert one(ComputeCluster, main, **{"m/main__tf": module}).size.known is None


JSON_BODY = '{"properties": {"computeType": "AmlCompute", "properties": {"vmSize": "s"}}}'


@pytest.mark.parametrize(
    "body",
    [
        f"<<-JSON\n  {JSON_BODY}\n  JSON",
        "local.body",
        'file("body.json")',
        'templatefile("body.json", {})',
    ],
)
def test_a_body_that_is_a_text_of_json_is_read(body):
    text = f"""
locals {{
  body = jsonencode(jsondecode(file("body.json")))
}}
resource "azapi_resource" "c" {{
  type      = "Microsoft.MachineLearningServices/workspaces/computes@2025-12-01"
  name      = "c"
  parent_id = "/ws"
  body      = {body}
}}
"""
    found = one(ComputeCluster, text, body__json=JSON_BODY)

    assert found.size.known == "s"
    with pytest.raises(NotEditable):
        found.size.edits("t")
    with pytest.raises(NotEditable):
        found.max_nodes.edits(2)


VALIDATED = """
variable "min" {
  default = 2
  validation {
    condition     = CONDITION
    error_message = "no"
  }
}
variable "least" {}
resource "azurerm_machine_learning_compute_cluster" "c" {
  name                          = "c"
  machine_learning_workspace_id = "/ws"
  scale_settings {
    min_node_count = var.min
  }
}
"""


@pytest.mark.parametrize(
    ("condition", "refused"),
    [
        ("var.min >= 0", None),
        ("var.min >= 1", "does not allow"),
        ("contains([for n in [1, 2] : n if n <= var.min], 1)", "does not allow"),
        ("contains([for n in [0, 1] : n + var.min], 1)", None),
        ("var.min >= var.least", "may not allow"),
    ],
)
@pytest.mark.parametrize("values", [None, "min = 3\n"])
def test_a_value_that_a_validation_refuses_is_not_written(condition, refused, values):
    files = {"terraform__tfvars": values} if values else {}
    found = one(ComputeCluster, VALIDATED.replace("CONDITION", condition), **files).min_nodes

    if refused is None:
        (edit,) = found.edits(0)
        assert edit.text == "0"
    else:
        with pytest.raises(NotEditable, match=refused):
            found.edits(0)


def test_a_value_that_a_module_refuses_is_not_passed_to_it():
    text = 'module "m" {\n  source = "./m"\n  min    = 2\n}\n'
    inner = VALIDATED.replace("CONDITION", "var.min >= 1")
    found = one(ComputeCluster, text, **{"m/main__tf": inner}).min_nodes

    with pytest.raises(NotEditable, match="does not allow"):
        found.edits(0)
