"""Plans: what is planned, what is known after apply only, and the configuration beside them."""

from __future__ import annotations

import json

import pytest

from azmlint.cli import run
from azmlint.engine.fix import apply
from azmlint.model.resources import ComputeCluster, Lock, Subnet, ToolUse, Workspace
from azmlint.model.value import NotEditable
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

CLUSTER = "azurerm_machine_learning_compute_cluster"
WORKSPACE = "azurerm_machine_learning_workspace"


def resource(type_, name, values, *, index=None, module="", gap=None, references=None):
    """Give what a plan says of a resource: its values, its change, its expressions."""
    key = "" if index is None else json.dumps([index])
    address = ".".join(filter(None, [module, type_, name])) + key
    row = {"address": address, "mode": "managed", "type": type_, "name": name, "values": values}
    if index is not None:
        row["index"] = index
    change = {"address": address, "change": {"after_unknown": gap or {}}}
    expressions = {k: {"references": v} for k, v in (references or {}).items()}
    return row, change, {"address": f"{type_}.{name}", "expressions": expressions}


def plan(*rows, children=(), calls=None, outputs=None):
    return {
        "format_version": "1.2",
        "planned_values": {
            "root_module": {"resources": [r[0] for r in rows], "child_modules": list(children)}
        },
        "resource_changes": [r[1] for r in rows],
        "configuration": {
            "root_module": {
                "resources": [r[2] for r in rows],
                "module_calls": calls or {},
                "outputs": outputs or {},
            }
        },
    }


OPEN = {"machine_learning_workspace_id": True}
WS = resource(WORKSPACE, "w", {"name": "ws", "resource_group_name": "rg", "location": "westeurope"},
              gap={"id": True})  # fmt: skip


def cluster(values=None, gap=None, references=None, **more):
    base = {
        "name": "c",
        "scale_settings": [{"min_node_count": 2}],
        "identity": [],
        **(values or {}),
    }
    return resource(
        CLUSTER,
        "c",
        base,
        gap={**OPEN, **(gap or {})},
        references={
            "machine_learning_workspace_id": [f"{WORKSPACE}.w.id", f"{WORKSPACE}.w"],
            **(references or {}),
        },
        **more,
    )


def read(data, **files):
    texts = {"plan.json": json.dumps(data), **{n.replace("__", "."): t for n, t in files.items()}}
    documents = {p: decode(p, t.encode()) for p, t in texts.items()}
    readings = load.read_all(documents, Texts(documents))
    return documents, [r for reading in readings.values() for r in reading.resources]


def only(resources, kind=ComputeCluster):
    found = [r for r in resources if isinstance(r, kind)]
    assert len(found) == 1
    return found[0]


def test_planned_values_are_values_at_their_place_in_the_plan():
    documents, found = read(plan(WS, cluster()))
    one = only(found)

    assert one.address == f"{CLUSTER}.c"
    assert one.min_nodes.known == 2
    assert one.min_nodes.place.text == "2"
    assert one.identity.is_absent
    assert one.scale_settings.is_absent
    assert one.path == "plan.json"
    assert str(one.id).endswith(
        "/rg/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/c"
    )
    with pytest.raises(NotEditable):
        one.min_nodes.edits(0)
    assert documents["plan.json"].text[one.grip.start : one.grip.end] == '"c"'


def test_an_id_that_is_known_is_taken():
    values = {"name": "ws", "id": "/subscriptions/s/resourceGroups/g/providers/a/b/ws"}
    _, found = read(plan(resource(WORKSPACE, "w", values), cluster()))

    assert str(only(found).id) == f"{values['id']}/computes/c"


def test_what_is_known_after_apply_is_unknown():
    gap = {"scale_settings": [{"max_node_count": True}], "location": True, "tags": {"a": True}}
    _, found = read(plan(WS, cluster({"tags": {"b": "x", "n": [1]}}, gap)))
    one = only(found)

    assert one.max_nodes.term.is_unknown
    assert one.min_nodes.known == 2
    assert [r.text for r in one.location.reasons] == [
        f"{CLUSTER}.c.location is known when it is applied"
    ]
    tags = one.tags.known
    assert (tags["b"].data, tags["a"].is_unknown) == ("x", True)


def test_what_refers_to_the_same_is_the_same():
    gap, references = {"location": True}, {"location": ["azurerm_resource_group.g.location"]}
    row = resource(WORKSPACE, "w", {"name": "ws"}, gap=gap, references=references)
    _, found = read(plan(row, cluster(gap=gap, references=references)))

    assert only(found).location.same_as(only(found, Workspace).location).known


def test_references_are_followed_through_modules():
    inner = resource(CLUSTER, "c", {"name": "c"}, module="module.m", gap=OPEN)
    inner[2]["expressions"] = {"machine_learning_workspace_id": {"references": ["var.id"]}}
    there = {"machine_learning_workspace_id": ["module.m.id", "module.m"]}
    other = resource(CLUSTER, "d", {"name": "d"}, gap=OPEN, references=there)
    lost = resource(CLUSTER, "e", {"name": "e"}, gap=OPEN,
                    references={"machine_learning_workspace_id": ["module.m.none"]})  # fmt: skip
    data = plan(
        WS, other, lost,
        children=[{"address": "module.m", "resources": [inner[0]]}],
        calls={"m": {
            "expressions": {"id": {"references": [f"{WORKSPACE}.w.id"]}},
            "module": {
                "resources": [inner[2]],
                "outputs": {"id": {"expression": {"references": ["var.id"]}}},
            },
        }},
    )  # fmt: skip
    data["resource_changes"].append(inner[1])
    _, found = read(data)
    ids = {r.name: str(r.id) for r in found if isinstance(r, ComputeCluster)}

    assert ids["c"].endswith("/workspaces/ws/computes/c")
    assert ids["d"].endswith("/workspaces/ws/computes/d")
    assert ids["e"] == "{module.m.none}/computes/e"


@pytest.mark.parametrize("as_text", [True, False])
def test_azapi_is_read_by_its_body(as_text):
    body = {
        "properties": {
            "computeType": "AmlCompute",
            "properties": {"scaleSettings": {"minNodeCount": 3}},
        }
    }
    values = {
        "type": "Microsoft.MachineLearningServices/workspaces/computes@2020-01-01",
        "name": "c",
        "parent_id": "/subscriptions/s/resourceGroups/g/providers/a/b/w",
        "body": json.dumps(body) if as_text else body,
        "identity": [{"type": "SystemAssigned", "identity_ids": []}],
        "location": "westeurope",
    }
    _, found = read(plan(resource("azapi_resource", "c", values)))
    one = only(found)

    assert one.min_nodes.known == 3
    assert one.identity.known == {"systemassigned"}
    assert one.location.known == "westeurope"
    assert only(found, ToolUse).version.known == "2020-01-01"
    assert str(one.id) == f"{values['parent_id']}/computes/c"


def test_an_azapi_body_that_is_no_json_is_unknown():
    values = {
        "type": "Microsoft.MachineLearningServices/workspaces@2020-01-01",
        "name": "w",
        "body": "{",
    }
    _, found = read(plan(resource("azapi_resource", "w", values)))

    assert only(found, Workspace).public_access.term.is_unknown


def test_other_types_and_broken_plans_give_nothing():
    _, found = read(plan(resource("aws_x", "y", {}), resource(CLUSTER, "c", {"name": "c"})))
    documents = {"plan.json": decode("plan.json", b'{"planned_values": ')}
    reading = load.read(documents["plan.json"], Texts(documents))
    other = {"x.json": decode("x.json", b'["planned_values"]')}

    assert found == []
    assert [p.rule for p in reading.problems] == ["syntax-error"]
    assert load.read(other["x.json"], Texts(other)).resources == []


HCL = f"""
variable "min" {{
  default = 2
}}
resource "{WORKSPACE}" "w" {{
  name                = "ws"
  resource_group_name = "rg"
}}
resource "{CLUSTER}" "c" {{
  name                          = "c"
  machine_learning_workspace_id = {WORKSPACE}.w.id
  location                      = var.region
  scale_settings {{
    min_node_count = var.min
    max_node_count = var.max
  }}
}}
variable "region" {{}}
variable "max" {{}}
resource "azurerm_management_lock" "l" {{
  name  = "l"
  scope = {WORKSPACE}.w.id
}}
"""


def test_a_plan_beside_its_configuration_stands_at_its_lines():
    values = {
        "location": "northeurope",
        "scale_settings": [{"min_node_count": 2, "max_node_count": 9}],
    }
    documents, found = read(plan(WS, cluster(values)), main__tf=HCL)
    one = only(found)

    assert one.path == "main.tf"
    assert one.max_nodes.known == 9
    assert one.max_nodes.place.text == "var.max"
    assert one.location.known == "northeurope"
    assert [p.role for p in one.min_nodes.trace] == ["use", "default"]
    assert "default = 0\n" in apply(documents["main.tf"], one.min_nodes.edits(0))
    with pytest.raises(NotEditable):
        one.max_nodes.edits(4)
    assert only(found, Lock).path == "main.tf"
    assert only(found, ToolUse).subject is one


def test_a_plan_that_is_given_alone_is_judged_at_the_lines_of_its_configuration(tmp_path, capsys):
    scale = "  scale_settings {\n    min_node_count = var.n\n  }\n"
    block = f'resource "{CLUSTER}" "c" {{\n  name = "train"\n{scale}}}\n'
    (tmp_path / "main.tf").write_text(block + 'variable "n" {}\n')
    given = tmp_path / "plan.json"
    given.write_text(json.dumps(plan(cluster({"name": "train"}))))

    code = run(["check", "--select", "min-nodes-above-zero", "--format", "concise", str(given)])

    assert code == 1
    assert capsys.readouterr().out.partition(" ")[0].endswith("main.tf:4:22:")


def test_only_what_the_plan_was_made_of_is_the_plan_s():
    hcl = HCL.replace(
        f'resource "{CLUSTER}" "c" {{\n', f'resource "{CLUSTER}" "c" {{\n  for_each = var.x\n'
    )
    hcl += 'variable "x" {}\n'
    rows = [cluster({"name": k}, index=k) for k in ("a", "b")]
    _, found = read(plan(WS, *rows), main__tf=hcl)
    clusters = [r for r in found if isinstance(r, ComputeCluster)]

    assert [(r.name, r.min_nodes.known) for r in clusters] == [("a", 2), ("b", 2)]
    assert only(found, Lock).name == "l"


def test_what_the_plan_leaves_open_the_configuration_may_still_say():
    _, found = read(plan(WS, cluster(gap={"location": True})), main__tf=HCL)

    assert only(found).location.text == "{var.region}"


def test_lists_that_azure_would_give_are_empty_when_nothing_is_written():
    table = resource("azurerm_route_table", "t", {"name": "t"}, gap={"id": True, "route": True})
    written = resource(
        "azurerm_route_table", "u", {"name": "u"}, gap={"route": True}, references={"route": []}
    )

    _, resources = read(plan(table, written))

    assert {r.name: r.routes.is_absent for r in resources} == {"t": True, "u": False}


def test_what_subnets_have_by_other_resources_is_theirs_in_a_plan_too():
    subnet = resource(
        "azurerm_subnet",
        "s",
        {"name": "s", "virtual_network_name": "net", "resource_group_name": "rg"},
        gap={"id": True},
    )
    link = resource(
        "azurerm_subnet_route_table_association",
        "s",
        {"route_table_id": "/tables/t"},
        gap={"subnet_id": True},
        references={"subnet_id": ["azurerm_subnet.s.id", "azurerm_subnet.s"]},
    )

    _, resources = read(plan(subnet, link, WS, cluster()))

    (found,) = [r for r in resources if isinstance(r, Subnet)]
    assert found.route_table.known == "/tables/t"
    assert found.nat_gateway.is_absent
