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
DEFAULTS = 'variable "min" {\n  default = 3\n}\nvariable "max" {\n  default = 3\n}\n'
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
BICEP = """\
resource train 'Microsoft.MachineLearningServices/workspaces/computes@2024-04-01' = {
  name: 'fraud/train'
  location: 'westeurope'
  properties: {
    computeType: 'AmlCompute'
    properties: { vmSize: 'Standard_D4s_v5', scaleSettings: { minNodeCount: 1, maxNodeCount: 3 } }
  }
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


def test_a_changed_call_is_judged_with_what_it_calls(azmlint, called):
    result = azmlint("check", "--select", "fixed-size-cluster", "--format", "concise", "main.tf")

    assert result.code == 1
    assert result.out.startswith("inner/main.tf:10:44: warning[fixed-size-cluster]")


@pytest.mark.parametrize(
    ("added", "told"),
    [
        ("locals {\n  a = [ }\n}\n", "main.tf:10:9: error[syntax-error]"),
        ('module "lost" {\n  source = "./lost"\n}\n', "module 'lost' is in 'lost', where no"),
    ],
)
def test_what_is_not_read_of_a_file_that_only_calls_is_told(azmlint, called, added, told):
    (called / "main.tf").write_text(CALL + added)

    result = azmlint("check", "--select", "syntax-error", "--format", "text")

    assert told in result.out + result.err


def test_modules_that_call_each_other_say_so(azmlint, called):
    (called / "outer").mkdir()
    (called / "outer" / "main.tf").write_text('module "i" {\n  source = "../inner"\n}\n')
    with (called / "inner" / "main.tf").open("a") as file:
        file.write('module "o" {\n  source = "../outer"\n}\n')

    result = azmlint("check", "--select", "syntax-error", "--format", "text")

    assert "outer/main.tf: skipped: line 1, column 1: module 'i' calls itself" in result.out


def test_what_is_not_read_of_calls_of_other_things_is_not_told(azmlint, called):
    (called / "inner" / "main.tf").write_text("locals {\n  a = [ }\n}\n")

    result = azmlint("check")

    assert result.code == 0
    assert "skipped" not in result.out


def test_a_module_in_the_middle_is_judged_with_what_it_uses_as_it_is_used(azmlint, project):
    (project / "cluster.bicep").write_text(
        "param nodes int\n"
        "resource c 'Microsoft.MachineLearningServices/workspaces/computes@2025-06-01' = {\n"
        "  name: 'ws/train'\n"
        "  properties: {\n"
        "    computeType: 'AmlCompute'\n"
        "    properties: { scaleSettings: { minNodeCount: nodes, maxNodeCount: 4 } }\n"
        "  }\n"
        "}\n"
    )
    (project / "team.bicep").write_text(
        "param nodes int\n"
        "module cluster 'cluster.bicep' = {\n"
        "  name: 'cluster'\n"
        "  params: { nodes: nodes }\n"
        "}\n"
    )
    (project / "main.bicep").write_text(
        "module team 'team.bicep' = {\n  name: 'team'\n  params: { nodes: 2 }\n}\n"
    )
    result = azmlint("check", "--select", "min-nodes-above-zero", "team.bicep")

    assert result.code == 1
    assert "the value is passed at team.bicep:4:20" in result.out
    assert "the value is passed at main.bicep:3:20" in result.out


def test_a_name_that_two_uses_of_a_module_give_is_reported_with_both(azmlint, called):
    second = CALL.partition("module")[2].replace('"train"', '"second"')
    (called / "main.tf").write_text(f"{CALL}module{second}")
    result = azmlint("check", "--select", "duplicate-compute-name")

    assert result.code == 1
    assert result.out.count("error[duplicate-compute-name]") == 1
    assert "main.tf:9:8: one use of its module" in result.out
    assert "main.tf:4:8: the other use of it" in result.out


def test_a_fix_of_a_file_that_was_not_given_says_so(azmlint, called):
    whole = azmlint("check", "--select", "fixed-size-cluster")
    one = azmlint("check", "--select", "fixed-size-cluster", "inner/main.tf")

    assert "(safe, --fix applies it)" in whole.out
    assert "(safe, applied only where its file is given too)" in one.out


TEMPLATE = """\
param nodes int
resource c 'Microsoft.MachineLearningServices/workspaces/computes@2025-06-01' = {
  name: 'ws/train'
  properties: {
    computeType: 'AmlCompute'
    properties: { vmSize: 'x', scaleSettings: { minNodeCount: nodes, maxNodeCount: 3 } }
  }
}
"""
ARGUMENTS = '{"parameters": {"nodes": {"value": 3}}}'


@pytest.mark.parametrize("options", [(), ("--as-found",)])
@pytest.mark.parametrize(
    ("template", "text", "values", "given"),
    [
        ("main.bicep", TEMPLATE, "main.bicepparam", "using 'main.bicep'\nparam nodes = 3\n"),
        ("src/main.bicep", TEMPLATE, "p.bicepparam", "using './src/main.bicep'\nparam nodes = 3\n"),
        (
            "src/main.bicep",
            TEMPLATE,
            "params/p.bicepparam",
            "using '../src/main.bicep'\nparam nodes = 3\n",
        ),
        ("main.bicep", TEMPLATE, "main.parameters.dev.json", ARGUMENTS),
        ("main.tf", MODULE, "terraform.tfvars", "min = 3\nmax = 3\n"),
        ("main.tf", MODULE, "prod.tfvars", "min = 3\nmax = 3\n"),
        ("infra/main.tf", MODULE, "infra/env/prod/x.tfvars", "min = 3\nmax = 3\n"),
        ("main.tf", MODULE, "env/prod.tfvars.json", '{"min": 3, "max": 3}'),
        ("main.tf", MODULE, "a.auto.tfvars.json", '{"min": 3, "max": 3}'),
        ("main.tf", "".join(MODULE.partition("resource")[1:]), "v.tf", DEFAULTS),
        ("main.tf", MODULE, "x_override.tf", DEFAULTS),
    ],
)
def test_changed_values_are_judged_where_they_go_and_alone_edited(
    azmlint, project, template, text, values, given, options
):
    for path, content in ((template, text), (values, given)):
        (project / path).parent.mkdir(exist_ok=True, parents=True)
        (project / path).write_text(content)

    result = azmlint("check", "--select", "fixed-size-cluster", "--fix", *options, values)

    assert result.code == 0
    assert (project / template).read_text() == text
    assert (project / values).read_text() == given.replace("3", "0", 1)


def test_values_of_what_is_excluded_are_not_judged(azmlint, project):
    (project / "azmlint.toml").write_text('exclude = ["main.tf"]\n')
    (project / "main.tf").write_text(MODULE)
    (project / "terraform.tfvars").write_text("min = 3\nmax = 3\n")

    assert azmlint("check", "--select", "fixed-size-cluster", "terraform.tfvars").code == 0


@pytest.mark.parametrize("options", [(), ("--as-found",)])
def test_values_that_nothing_takes_are_named(azmlint, project, options):
    (project / "main.tf").write_text(MODULE)
    (project / "prod.tfvars").write_text("other = 3\n")

    result = azmlint("check", *options, "prod.tfvars")

    assert result.code == 0
    assert "no configuration beside it or above it has the variables" in result.out


def test_of_several_files_of_values_findings_say_which(azmlint, project):
    (project / "main.tf").write_text(MODULE)
    (project / "dev.tfvars").write_text("min = 1\nmax = 3\n")
    (project / "prod.tfvars").write_text("min = 3\nmax = 3\n")

    result = azmlint("check", "--select", "fixed-size-cluster", ".")

    assert "holds when the file of values is prod.tfvars" in result.out
    assert "dev.tfvars" not in result.out


def test_of_files_of_values_those_that_are_named_count(azmlint, project):
    (project / "main.tf").write_text(MODULE)
    (project / "dev.tfvars").write_text("min = 1\nmax = 3\n")
    (project / "prod.tfvars").write_text("min = 3\nmax = 3\n")

    assert azmlint("check", "--select", "fixed-size-cluster", "dev.tfvars").code == 0
    assert azmlint("check", "--select", "fixed-size-cluster", "prod.tfvars").code == 1


def test_what_takes_given_values_is_not_edited(azmlint, project):
    (project / "main.tf").write_text(MODULE.replace('"PT120S"', '"PT9H"'))
    (project / "terraform.tfvars").write_text("min = 0\nmax = 3\n")

    result = azmlint("check", "--select", "idle-timeout-too-long", "--fix", "terraform.tfvars")

    assert result.code == 1
    assert '"PT9H"' in (project / "main.tf").read_text()


def test_values_are_shown_without_what_takes_them(azmlint, project):
    (project / "main.bicep").write_text(TEMPLATE)
    (project / "main.bicepparam").write_text("using 'main.bicep'\nparam nodes = 3\n")

    assert "train" not in azmlint("show", "main.bicepparam").out


@pytest.mark.parametrize("given", [".", "a", "a/main.tf", "b/main.tf"])
def test_modules_that_call_each_other_are_named_whatever_they_declare(azmlint, project, given):
    for one, other in (("a", "b"), ("b", "a")):
        (project / one).mkdir()
        call = f'module "{other}" {{\n  source = "../{other}"\n}}\n'
        (project / one / "main.tf").write_text(call)

    result = azmlint("check", given)

    assert result.code == 0
    assert result.out.count("calls itself") == 1


def test_what_a_module_that_was_not_given_does_not_follow_is_told_at_the_call(azmlint, project):
    (project / "inner").mkdir()
    far = 'module "far" {\n  source = "hashicorp/far/azurerm"\n}\n'
    (project / "inner" / "main.tf").write_text(far + MODULE)
    (project / "main.tf").write_text(CALL)

    result = azmlint("check", "main.tf")

    assert (
        "main.tf: skipped: line 4, column 8: in 'inner/main.tf', module 'far' is at" in result.out
    )


@pytest.mark.parametrize("language", ["terraform", "bicep"])
def test_what_a_module_states_itself_is_traced_to_its_calls_and_told_once(
    azmlint, project, language
):
    if language == "terraform":
        head = 'resource "azurerm_machine_learning_workspace" "w" {\n  name = "ws"\n'
        inner = f'{head}  location = "westeurope"\n  resource_group_name = "rg"\n}}\n'
        (project / "inner").mkdir()
        (project / "inner" / "main.tf").write_text(inner)
        call = 'module "{}" {{\n  source = "./inner"\n}}\n'
        name = "main.tf"
    else:
        type_ = "Microsoft.MachineLearningServices/workspaces@2025-12-01"
        inner = f"resource w '{type_}' = {{\n  name: 'ws'\n  location: 'westeurope'\n}}\n"
        (project / "inner.bicep").write_text(inner)
        call = "module {0} 'inner.bicep' = {{\n  name: '{0}'\n}}\n"
        name = "main.bicep"
    (project / name).write_text(call.format("one") + call.format("two"))

    result = azmlint("check", "--select", "workspace-public-access", ".")

    assert result.out.count("warning[workspace-public-access]") == 1
    assert f"= {name}:1:8: the module that declares it is used here" in result.out
    assert f"= {name}:4:8: the module that declares it is used here" in result.out


@pytest.mark.posix
def test_a_module_behind_a_link_that_leads_out_of_the_project_says_so(azmlint, project, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "main.tf").write_text(MODULE)
    root = tmp_path / "root"
    root.mkdir()
    (root / "azmlint.toml").touch()
    (root / "inner").symlink_to(outside)
    (root / "main.tf").write_text(CALL + MODULE)

    result = azmlint("check", str(root / "main.tf"))

    assert "module 'train' is in 'inner', which leads out of the project" in result.out


@pytest.mark.posix
@pytest.mark.parametrize("given", [".", "main"])
def test_a_module_that_is_reached_by_a_link_is_the_one_that_it_leads_to(azmlint, project, given):
    (project / "real").mkdir()
    (project / "main").mkdir()
    (project / "real" / "main.tf").write_text(DEFAULTS + MODULE.partition('variable "max" {}\n')[2])
    (project / "main" / "linked").symlink_to("../real")
    calls = ('module "a" {\n  source = "./linked"\n}\n', 'module "b" {\n  source = "../real"\n}\n')
    (project / "main" / "main.tf").write_text("".join(calls))

    result = azmlint("check", "--select", "fixed-size-cluster", "--format", "concise", given)

    assert [line.partition(" ")[0] for line in result.out.splitlines()] == ["real/main.tf:14:44:"]


@pytest.mark.posix
@pytest.mark.parametrize("given", [".", "main", "real"])
def test_a_bicep_module_is_read_once_however_it_is_reached(azmlint, project, given):
    (project / "real").mkdir()
    (project / "main").mkdir()
    (project / "real" / "train.bicep").write_text(BICEP)
    (project / "main" / "folder").symlink_to("../real")
    (project / "main" / "file.bicep").symlink_to("../real/train.bicep")
    ways = ("folder/train.bicep", "file.bicep", "../real/train.bicep")
    (project / "main" / "main.bicep").write_text(
        "".join(f"module m{i} '{way}' = {{\n  name: 'm{i}'\n}}\n" for i, way in enumerate(ways))
    )

    result = azmlint("check", "--select", "min-nodes-above-zero", given)

    assert result.out.count("warning[min-nodes-above-zero]") == 1
    assert result.out.count("the module that declares it is used here") == (given != "real") * 3


LIBRARY = {
    "infra/lib/common.bicep": "@export()\nvar nodes = 2\n",
    "infra/lib/settings.bicep": "import { nodes } from 'common.bicep'\n"
    "@export()\nvar low = nodes\n",
    "infra/data/more.json": '{"high": 4}\n',
    "infra/data/more.yaml": "size: Standard_D4s_v5\n",
    "infra/main/main.bicep": "import { low } from '../lib/settings.bicep'\n"
    "var more = loadJsonContent('../data/more.json')\n"
    "var size = loadYamlContent('../data/more.yaml').size\n"
    + BICEP.replace("Count: 1", "Count: low")
    .replace("Count: 3", "Count: more.high")
    .replace("'Standard_D4s_v5'", "size"),
    "tf/conf.yaml": "low: 3\n",
    "tf/variables.tf": 'locals {\n  y = yamldecode(file("${path.module}/conf.yaml"))\n}\n',
    "tf/main.tf": MODULE.replace("var.min", "local.y.low").replace("var.max", "local.y.low + 1"),
}


@pytest.mark.parametrize("given", [path for path in LIBRARY if "main" not in path])
def test_a_changed_file_is_judged_by_those_who_take_it_in(azmlint, project, given):
    for path, text in LIBRARY.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text)

    result = azmlint("check", "--select", "min-nodes-above-zero", "--format", "concise", given)

    assert result.code == 1
    users = {line.partition(":")[0] for line in result.out.splitlines()}
    assert users == {"tf/main.tf" if given.startswith("tf/") else "infra/main/main.bicep"}


def test_of_what_takes_in_a_changed_library_the_library_alone_is_edited(azmlint, project):
    for path, text in LIBRARY.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text)
    given = "infra/lib/common.bicep"

    result = azmlint("check", "--select", "min-nodes-above-zero", "--fix", given)

    assert result.code == 0
    changed = {p for p, text in LIBRARY.items() if (project / p).read_text() != text}
    assert changed == {given}
    assert (project / given).read_text() == "@export()\nvar nodes = 0\n"


def test_libraries_modules_and_data_are_edited_where_they_are_given_with_their_user(
    azmlint, project
):
    use = (
        "import { nodes } from 'lib.bicep'\nvar data = loadJsonContent('data.json')\n"
        + BICEP.replace("Count: 1", "Count: nodes")
        + BICEP.replace("train", "other").replace("Count: 1", "Count: data.low")
        + "module m 'inner.bicep' = {\n  name: 'm'\n}\n"
    )
    texts = {
        "lib.bicep": "@export()\nvar nodes = 2\n",
        "data.json": '{ "low": 3 }\n',
        "inner.bicep": "output o string = 'o'\n",
        "main.bicep": use,
    }
    for path, text in texts.items():
        (project / path).write_text(text)

    result = azmlint("check", "--select", "min-nodes-above-zero", "--fix")

    assert result.code == 0
    assert (project / "lib.bicep").read_text() == "@export()\nvar nodes = 0\n"
    assert (project / "data.json").read_text() == '{ "low": 0 }\n'
    assert (project / "main.bicep").read_text() == use


def test_a_changed_file_that_nothing_takes_in_brings_in_nobody(azmlint, project):
    (project / "other.json").write_text("{}\n")
    (project / "main.bicep").write_text("var o = loadJsonContent('another.json')\n" + BICEP)

    assert azmlint("check", "other.json").code == 0


def test_what_a_loop_works_out_is_found_once_for_each_value(azmlint, project):
    made = BICEP.replace("= {", "= [for i in range(0, 4): {", 1).removesuffix("}\n") + "}]\n"
    made = made.replace("fraud/train", "fraud/train${i}").replace("Count: 1", "Count: i / 2")
    (project / "main.bicep").write_text(made)

    result = azmlint("check", "--select", "min-nodes-above-zero")

    assert result.out.count("warning[min-nodes-above-zero]") == 1
    assert "also compute cluster 'train3'" in result.out

    (project / "main.bicep").write_text(made.replace("i / 2", "i"))
    result = azmlint("check", "--select", "min-nodes-above-zero")

    assert result.out.count("warning[min-nodes-above-zero]") == 3
