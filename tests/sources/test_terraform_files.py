"""Terraform's override files, functions that read files, and files of a module that are broken."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from azmlint.engine.fix import apply
from azmlint.model.resources import ComputeCluster, Datastore, ToolUse, Workspace
from azmlint.model.value import REMOVED, NotEditable
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

MAIN = """
resource "azurerm_machine_learning_compute_cluster" "c" {
  name                          = "c"
  machine_learning_workspace_id = "/ws"
  vm_size                       = "small"
  scale_settings {
    min_node_count = 1
    max_node_count = 4
  }
}
"""


class Read:
    """What files give, of which all or some are checked."""

    def __init__(self, texts, checked=None):
        raw = {p: t if isinstance(t, bytes) else t.encode() for p, t in texts.items()}
        documents = {p: decode(p, r) for p, r in raw.items()}
        taken = {p: d for p, d in documents.items() if p.endswith((".tf", ".tf.json"))}
        taken = {p: d for p, d in taken.items() if checked is None or p in checked}
        self.readings = load.read_all(taken, Texts(documents))
        self.resources = [r for reading in self.readings.values() for r in reading.resources]
        self.problems = {
            (path, p.document.path, p.rule, p.message)
            for path, reading in self.readings.items()
            for p in reading.problems
        }

    def one(self, kind=ComputeCluster):
        (found,) = [r for r in self.resources if isinstance(r, kind)]
        return found


def overridden(text, path="override.tf", **more):
    return Read({"main.tf": MAIN, path: text, **more})


def block(text):
    return f'resource "azurerm_machine_learning_compute_cluster" "c" {{\n{text}\n}}\n'


# Override files


@pytest.mark.parametrize("path", ["override.tf", "dev_override.tf"])
def test_an_override_replaces_arguments_where_it_states_them(path):
    cluster = overridden(block('  vm_size = "large"'), path).one()

    assert cluster.size.known == "large"
    assert cluster.size.place.shown == f"{path}:2:13"
    assert cluster.name == "c"
    assert cluster.grip.document.path == "main.tf"


def test_blocks_of_an_override_replace_all_of_their_type():
    read = overridden(block("  scale_settings {\n    min_node_count = 0\n  }"))

    cluster = read.one()
    assert cluster.min_nodes.known == 0
    assert cluster.min_nodes.place.document.path == "override.tf"
    assert cluster.max_nodes.is_absent
    assert not read.problems


def test_a_dynamic_block_of_an_override_replaces_plain_ones():
    text = '  dynamic "scale_settings" {\n    for_each = [7]\n    content {\n'
    text += "      min_node_count = scale_settings.value\n    }\n  }"
    cluster = overridden(block(text)).one()

    assert cluster.min_nodes.known == 7


def test_what_an_override_changes_counts_for_it_when_the_rest_is_not_checked():
    texts = {"main.tf": MAIN, "override.tf": block('  vm_size = "large"')}

    found = [list(Read(texts, [given]).readings) for given in texts]
    clusters = [Read(texts, [given]).readings[given].resources for given in texts]
    assert found == [["main.tf"], ["override.tf"]]
    assert [r.path for given in clusters for r in given if isinstance(r, ComputeCluster)] == [
        "main.tf",
        "main.tf",
    ]


def test_overrides_of_json_replace_blocks_and_are_replaced_by_blocks():
    rows = {"scale_settings": {"min_node_count": 5}}
    text = {"resource": {"azurerm_machine_learning_compute_cluster": {"c": rows}}}
    first = overridden(json.dumps(text), "override.tf.json").one()
    base = {**rows, "name": "c", "machine_learning_workspace_id": "/ws"}
    text = {"resource": {"azurerm_machine_learning_compute_cluster": {"c": base}}}
    native = block("  scale_settings {\n    min_node_count = 6\n  }")
    second = Read({"main.tf.json": json.dumps(text), "override.tf": native}).one()

    assert first.min_nodes.known == 5
    assert second.min_nodes.known == 6


def test_the_last_override_wins():
    files = {"b_override.tf": block('  vm_size = "b"'), "c_override.tf": block('  vm_size = "c"')}

    assert overridden(block('  vm_size = "a"'), "a_override.tf", **files).one().size.known == "c"


def test_variables_locals_outputs_modules_and_providers_are_overridden_too():
    main = MAIN.replace('"small"', "module.m.size").replace("= 1\n", "= var.n\n")
    main = main.replace("= 4", "= local.n")
    read = Read(
        {
            "main.tf": main + 'variable "n" {\n  type = string\n  default = 1\n}\n'
            "locals {\n  n = 1\n  other = 2\n}\n"
            'module "m" {\n  source = "./m"\n  size = "one"\n}\n',
            "override.tf": 'variable "n" {\n  type = number\n  default = "2"\n}\n'
            'locals {\n  n = 3\n}\nmodule "m" {\n  size = "two"\n}\n',
            "m/main.tf": 'variable "size" {}\noutput "size" {\n  value = "x"\n}\n',
            "m/override.tf": 'output "size" {\n  value = var.size\n}\n',
        }
    )

    cluster = read.one()
    assert cluster.min_nodes.known == 2
    assert cluster.max_nodes.known == 3
    assert cluster.size.known == "two"
    assert not read.problems


def test_the_version_and_the_subscription_of_a_provider_can_be_overridden():
    read = Read(
        {
            "main.tf": MAIN + 'provider "azurerm" {\n  subscription_id = "one"\n}\n'
            "terraform {\n  required_providers {\n"
            '    azurerm = {\n      version = "~> 3.1"\n    }\n  }\n}\n'
            'resource "azurerm_machine_learning_workspace" "w" {\n  name = "w"\n'
            '  resource_group_name = "rg"\n}\n',
            "override.tf": 'provider "azurerm" {\n  subscription_id = "two"\n}\n'
            "terraform {\n  required_providers {\n"
            '    azurerm = {\n      version = "~> 4.1"\n    }\n  }\n}\n',
        }
    )

    assert read.one(ToolUse).constraint.known == "~> 4.1"
    assert str(read.one(Workspace).id).startswith("/subscriptions/two/")


def test_lifecycles_are_merged_by_argument():
    kept = MAIN[:-2] + "  lifecycle {\n    ignore_changes = [tags]\n  }\n}\n"
    text = block("  lifecycle {\n    prevent_destroy = true\n  }")
    other = block("  lifecycle {\n    ignore_changes = [scale_settings]\n  }")
    reads = [
        Read({"main.tf": main, "override.tf": override}).one(ToolUse).ignored
        for main, override in ((kept, text), (kept, other), (MAIN, other))
    ]

    found = [[t.data for t in value.require().members] for value in reads]
    assert found == [["tags"], ["scale_settings"], ["scale_settings"]]
    assert reads[1].require().members[0].trace[0].document.path == "override.tf"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('resource "azurerm_machine_learning_workspace" "w" {}', "workspace"),
        ("locals {\n  x = 1\n}\n", "locals"),
        ('variable "x" {}\n', "variable"),
    ],
)
def test_an_override_of_nothing_is_told(text, what):
    (problem,) = overridden(text).problems

    assert problem[0] == "override.tf"
    assert what in problem[3]
    assert "is overridden" in problem[3]


def changed(read, value, new):
    edits = value.edits(new)
    return edits[0].document.path, apply(edits[0].document, edits)


def test_a_fix_changes_the_override():
    read = overridden(block("  scale_settings {\n    min_node_count = 2\n  }"))

    path, text = changed(read, read.one().min_nodes, 0)
    assert path == "override.tf"
    assert "min_node_count = 0" in text


def test_what_is_written_nowhere_is_added_where_its_block_stands():
    read = overridden(block("  scale_settings {\n    min_node_count = 2\n  }"))

    path, text = changed(read, read.one().max_nodes, 3)
    assert path == "override.tf"
    assert "    min_node_count = 2\n    max_node_count = 3\n" in text


def test_an_argument_is_added_to_the_block_that_is_overridden():
    read = overridden(block('  vm_size = "large"\n  description = "long enough to be far away"'))

    path, text = changed(read, read.one().public_ip, False)  # noqa: FBT003
    assert path == "main.tf"
    assert text.replace(" ", "").count("node_public_ip_enabled=false") == 1


@pytest.mark.parametrize(
    "text", ['  vm_size = "large"', "  scale_settings {\n    max_node_count = 2\n  }"]
)
def test_what_an_override_states_is_not_taken_away(text):
    cluster = overridden(block(text)).one()
    value = cluster.size if "vm_size" in text else cluster.max_nodes

    with pytest.raises(NotEditable, match="overrides"):
        value.edits(REMOVED)


def test_a_body_of_azapi_is_overridden_and_changed_where_it_stands():
    base = (
        'resource "azapi_resource" "d" {\n'
        '  type = "Microsoft.MachineLearningServices/workspaces/datastores@2025-12-01"\n'
        '  name = "d"\n  parent_id = "/ws"\n  body = { properties = {} }\n}\n'
    )
    over = 'resource "azapi_resource" "d" {\n  body = {\n    properties = {\n'
    over += '      datastoreType = "AzureBlob"\n    }\n  }\n}\n'
    read = Read({"main.tf": base, "override.tf": over})

    store = read.one(Datastore)
    term = store.body.at(("properties", "datastoreType"))
    edits = store.body.edits(("properties", "accountName"), store.body.at(("x",)), "a")
    assert term.data == "AzureBlob"
    assert term.trace[0].document.path == "override.tf"
    assert edits[0].document.path == "override.tf"


# Functions that read files


def value_of(expression, **files):
    main = MAIN.replace('"small"', expression)
    return Read({"main.tf": main, **{k.replace("__", "."): v for k, v in files.items()}}).one().size


def test_a_template_is_filled_with_what_it_is_given():
    text = "%{ for n in names ~}\n${n}-\n%{~ endfor }${upper(last)}"
    value = value_of('templatefile("${path.module}/t.tpl", { names = ["a", "b"], last = "c" })',
                     t__tpl=text)  # fmt: skip

    assert value.known == "a-b-C"
    assert value.place.document.path == "main.tf"


def test_what_a_template_is_given_may_be_unknown():
    value = value_of(
        'templatefile("t.tpl", { n = azurerm_x.y.z })\n}\nresource "azurerm_x" "y" {',
        t__tpl="Standard_${n}",
    )

    assert value.text == "Standard_{azurerm_x.y.z}"


@pytest.mark.parametrize(
    ("template", "values", "reason"),
    [
        ("${b}", "{ a = 1 }", "the template is given no 'b'"),
        ("${var.b}", "{ a = 1 }", "the template is given no 'var'"),
        ("x\n${", "{}", "line 2 of 't.tpl'"),
        ('${templatefile("t.tpl", {})}', "{}", "a template may not use templatefile"),
        ("x", "1", "a map is wanted here"),
    ],
)
def test_a_template_that_terraform_refuses_is_unknown(template, values, reason):
    value = value_of(f'templatefile("t.tpl", {values})', t__tpl=template)

    assert value.known is None
    assert value.reasons[0].kind == "invalid"
    assert reason in value.reasons[0].text


def test_a_template_reads_files_and_is_parsed_once():
    values = 'join("", [for n in ["a", "b"] : templatefile("t.tpl", { n = n })])'

    assert value_of(values, t__tpl='${file("x.txt")}${n}', x__txt="x").known == "xaxb"


@pytest.mark.parametrize("path", ["../x", "/etc/hosts", "none", "in/../../x"])
@pytest.mark.parametrize("name", ["file", "templatefile", "fileexists", "filesha256"])
def test_what_is_not_in_the_project_is_not_read(name, path):
    more = ", {}" if name == "templatefile" else ""
    value = value_of(f'tostring({name}("{path}"{more}))', x="secret")

    assert value.known is None
    assert value.reasons[0].kind == "missing"
    assert value.reasons[0].text == f"'{path}' is no file that azmlint may read here"


class Folders(Texts):
    """Texts of which folders are listed beside files, as on a disk."""

    def siblings(self, path, matches):
        folder = path.rpartition("/")[0]
        prefix = f"{folder}/" if folder else ""
        below = {p[len(prefix) :] for p in self.documents if p.startswith(prefix)}
        names = {p.partition("/")[0] for p in below}
        return tuple(sorted(f"{prefix}{n}" for n in names if matches(n)))


@pytest.mark.parametrize(
    ("folder", "pattern", "known"),
    [
        ("${path.module}", "*.yml", ["a.yml"]),
        (".", "c/*.{yml,json}", ["c/b.json", "c/b.yml"]),
        ("c", "?.y[a-m]l", ["b.yml"]),
        ("c", "[^a].*", ["b.json", "b.yml"]),
        ("c", "[!a].*", []),
        ("c", r"b\\.json", ["b.json"]),
        (".", "**/*.yml", ["a.yml", "c/b.yml", "c/d/e.yml"]),
        ("c", "**", ["b.json", "b.yml", "d/e.yml"]),
        (".", "c", []),
        (".", "x/*", []),
        ("none", "*", []),
        (".", "{a,c/b}.yml", None),
        (".", "[", None),
        ("../../out", "*", None),
        (".", "[z-a]", []),
        (".", "*.*.*.*.*", None),
        (".", "${var.open}", None),
    ],
)
def test_files_of_the_project_are_listed(folder, pattern, known):
    main = MAIN.replace('"small"', f'join(",", fileset("{folder}", "{pattern}"))')
    names = ["a.yml", "c/b.yml", "c/b.json", "c/d/e.yml"]
    texts = {"in/main.tf": main + 'variable "open" {}\n', **{f"in/{n}": "x" for n in names}}
    documents = {p: decode(p, t.encode()) for p, t in texts.items()}
    readings = load.read_all({"in/main.tf": documents["in/main.tf"]}, Folders(documents))
    (cluster,) = [r for r in readings["in/main.tf"].resources if isinstance(r, ComputeCluster)]

    assert cluster.size.known == (",".join(known) if known is not None else None)


def test_clusters_may_be_declared_by_a_folder_of_files():
    main = MAIN.replace('"c" {', '"c" {\n  for_each = fileset(".", "*.yml")', 1)
    main = main.replace('"small"', "yamldecode(file(each.value)).size")
    texts = {"main.tf": main, "a.yml": "size: one", "b.yml": "size: two"}
    documents = {p: decode(p, t.encode()) for p, t in texts.items()}
    readings = load.read_all({"main.tf": documents["main.tf"]}, Folders(documents))

    found = [r for r in readings["main.tf"].resources if isinstance(r, ComputeCluster)]
    assert [r.size.known for r in found] == ["one", "two"]


RAW = b"\xff\x00 \xe4"


@pytest.mark.parametrize(
    ("function", "known"),
    [
        ("filebase64", base64.b64encode(RAW).decode()),
        ("filemd5", hashlib.md5(RAW, usedforsecurity=False).hexdigest()),
        ("filesha1", hashlib.sha1(RAW, usedforsecurity=False).hexdigest()),
        ("filesha256", hashlib.sha256(RAW).hexdigest()),
        ("filesha512", hashlib.sha512(RAW).hexdigest()),
        ("filebase64sha256", base64.b64encode(hashlib.sha256(RAW).digest()).decode()),
        ("filebase64sha512", base64.b64encode(hashlib.sha512(RAW).digest()).decode()),
        ("fileexists", "true"),
    ],
)
def test_bytes_are_those_of_the_file(function, known):
    assert value_of(f'tostring({function}("x.bin"))', x__bin=RAW).known == known


def test_the_mark_at_the_start_of_a_file_is_a_part_of_its_text():
    assert value_of('tostring(length(file("x.txt")))', x__txt=b"\xef\xbb\xbfab").known == "3"


def test_a_file_that_is_no_text_is_refused_as_one():
    assert value_of('file("x.bin")', x__bin=RAW).reasons[0].kind == "invalid"


def test_paths_of_a_module_begin_where_terraform_runs():
    read = Read(
        {
            "in/main.tf": 'module "m" {\n  source = "../m"\n}\n',
            "m/main.tf": MAIN.replace('"small"', 'file("${path.module}/size.txt")'),
            "m/size.txt": "big",
        }
    )

    assert read.one().size.known == "big"


# Broken files

BROKEN = 'variable "size" {\n  default 1\n}\nlocals {\n  n = 1\n}\n'


def test_a_broken_neighbour_is_reported_and_named_by_what_may_stand_in_it():
    read = Read(
        {"main.tf": MAIN.replace('"small"', "var.size"), "variables.tf": BROKEN}, ["main.tf"]
    )

    value = read.one().size
    (problem,) = read.problems
    assert problem[:3] == ("main.tf", "variables.tf", "syntax-error")
    assert value.reasons[0].kind == "missing"
    assert value.reasons[0].text == (
        "there is no variable 'size', unless in 'variables.tf', of which a part cannot be read"
    )


@pytest.mark.parametrize(
    "expression", ["local.none", "module.none.x", "azurerm_x.none.y", 'try(local.none, "small")']
)
def test_nothing_is_taken_for_missing_beside_a_broken_file(expression):
    read = Read({"main.tf": MAIN.replace('"small"', expression), "b.tf": BROKEN})

    value = read.one().size
    assert value.known is None
    assert "unless in 'b.tf'" in value.reasons[0].text


def test_an_output_may_stand_in_a_broken_file_of_the_module():
    main = MAIN.replace('"small"', "module.m.size") + 'module "m" {\n  source = "./m"\n}\n'
    read = Read({"main.tf": main, "m/main.tf": "", "m/b.tf": BROKEN, "m/c.tf.json": "{"})

    assert "unless in 'b.tf' or 'c.tf.json'" in read.one().size.reasons[0].text


# Null


@pytest.mark.parametrize(
    ("variable", "known"),
    [
        ('default = "d"', None),
        ('default = "d"\n  nullable = true', None),
        ('default = "d"\n  nullable = false', "d"),
        ("", None),
    ],
)
def test_null_takes_the_default_only_where_null_is_no_value(variable, known):
    main = 'module "m" {\n  source = "./m"\n  size = null\n}\n'
    module = MAIN.replace('"small"', "var.size") + f'variable "size" {{\n  {variable}\n}}\n'
    value = Read({"main.tf": main, "m/main.tf": module}).one().size

    assert value.known == known
    assert value.is_absent is (known is None)


def test_null_for_a_variable_that_is_never_null_is_refused():
    main = 'module "m" {\n  source = "./m"\n  size = null\n}\n'
    module = MAIN.replace('"small"', "var.size") + 'variable "size" {\n  nullable = false\n}\n'
    value = Read({"main.tf": main, "m/main.tf": module}).one().size

    assert value.reasons[0].kind == "invalid"
    assert value.reasons[0].text == "var.size is given null, which it does not allow"
