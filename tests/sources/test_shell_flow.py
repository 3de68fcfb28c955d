"""How scripts flow: branches, loops, functions, arguments, state; what that leaves known."""

from __future__ import annotations

import pytest

from azmlint.model.resources import (
    ComputeCluster,
    KubernetesCompute,
    Lock,
    Patch,
    PrivateEndpoint,
    ToolUse,
    Workspace,
)
from azmlint.model.value import NotEditable
from azmlint.sources import load
from azmlint.sources.document import Binding, decode
from azmlint.sources.texts import Texts

SUB = "11111111-1111-1111-1111-111111111111"
CREATE = "az ml compute create -n train --type amlcompute"


def read(text, path="a.sh", others=None, **binding):
    documents = {p: decode(p, t.encode()) for p, t in {**(others or {}), path: text}.items()}
    return load.read(documents[path], Texts(documents, {path: Binding(**binding)}))


def resources(text, *args, **named):
    found = read(text, *args, **named).resources
    return [r for r in found if not isinstance(r, ToolUse)]


def minimum(text, **named):
    (cluster,) = resources(text, **named)
    return cluster.min_nodes.known


@pytest.mark.parametrize(
    ("text", "known"),
    [
        # Tests that are decided
        ('[ -n "$X" ] || M=2', 2),
        ('X=a; [ -z "$X" ] && M=3 || M=2', 2),
        ('X=a; if [ "$X" = b ]; then M=3; else M=2; fi', 2),
        ('X=a; if [ "$X" != b ]; then M=2; fi', 2),
        ('X=a; if ! [ "$X" = a ]; then M=3; else M=2; fi', None),
        ('X=a; if [ ! "$X" = b ]; then M=2; fi', 2),
        ("X=a; if [[ $X == a* ]]; then M=2; fi", None),
        ('if [ -z "$1" ]; then echo usage; exit 1; fi; M=2', 2),
        ('if [ -z "$1" ]; then { echo usage; exit 1; }; else M=2; fi', 2),
        ("if test -f x; then if a; then exit 1; else exit 2; fi; fi; M=2", 2),
        ("if a; then M=2; else exit 1; fi", 2),
        ("if a; then exit 1; else exit 2; fi; M=2", 2),
        ("case a in b) M=3;; a*|c) M=2;; esac", 2),
        ("case $1 in a) M=2;; b) exit;; *) exit;; esac", 2),
        # What commands leave
        ("M=2; (M=3)", 2),
        ("M=2; { M=4; }; unset X", 4),
        ("M=2; unset M", None),
        ("set -- 2 3; M=$1", None),
        ("f() { shift; M=$1; }; f 1 2", 2),
        ("f() { shift 2; M=$1; }; f 0 1 2", 2),
        ("f() { local M=9; }; M=2; f", 2),
        ("f() { M=$1; }; f $(x)", None),
        ("f() { M=${3:-2}; }; f a b", 2),
        ('f() { M=$1; }; f "$@"', None),
        ("f() { f; }; f; M=2", 2),
        ("M+=2", None),
        ("M=1; M+=2", 12),
        ("declare -i M=2", 2),
        ("readonly M=2", 2),
        ("export -f x; export M; M=2", 2),
        ("M[0]=2", None),
        ("M=$2; M=${M:=2}", 2),
        (": ${M:=2}", 2),
        ("M=${N:=2}", 2),
        ("M=12; M=${M/1/}", None),
        ("for M in {3..2}; do :; done", 2),
        ("for M in a{1,2}; do M=${M#a}; done", 2),
        ("M=3; M=2 true", 3),
        ("while a; do if b; then M=3; fi; done; M=2", 2),
        ("M=2; while a; do for x in 1; do M=$x; done; done", None),
        ("M=2; until a; do export M=3; { M=3; }; case x in y) M=4;; esac; done", None),
        ("eval M=2", 2),
        ("read -r M", None),
        ("mapfile M", None),
    ],
)  # fmt: skip
def test_what_is_known_after(text, known):
    found = minimum(f"{text}\n{CREATE} --min-instances $M")

    assert found == known


@pytest.mark.parametrize(
    "command",
    [
        "env X=1 Y=2 {}",
        "sudo -E -u me {}",
        "timeout 60 {}",
        "nohup {} &",
        "time {}",
        "X=1 {}",
        "! {}",
        "/usr/bin/{}",
        'run() {{ "$@"; }}; run {}',
        'run() {{ command "$@"; }}; run {}',
        "(cd x && {})",
        "a | {} | b",
        "{} && a",
        "trap 'x' EXIT; {}",
        "if {}; then :; fi",
        "while ! {}; do sleep 1; done",
        "case x in x) {};; esac",
        "for i in; do :; done; {}",
        "for i in $(x); do {}; done",
        "for i; do {}; done",
        "for ((i=0;i<3;i++)); do {}; done",
        "select i in a; do {}; done",
        "f() ( {} ); f",
        "cat <(x) | {}",
        "bash -euc '{}'",
        "sh -s <<X\n{}\nX",
        'eval "{}"',
    ],
)
def test_commands_run_however_they_are_started(command):
    text = command.format(f"{CREATE} --min-instances 2")
    (cluster,) = resources(text)

    assert cluster.min_nodes.known == 2


def test_functions_of_the_names_of_commands_come_first():
    assert resources(f'az() {{ echo "$@"; }}\n{CREATE}') == []


def test_a_loop_without_end_is_cut():
    text = "for i in {1..90}; do az ml compute create -n c$i --type amlcompute; done"
    reading = read(text)

    assert len([r for r in reading.resources if isinstance(r, ComputeCluster)]) == 64
    assert "followed only in part" in reading.problems[0].message


def test_sourced_files_that_source_each_other_end():
    others = {"b.sh": "source a.sh\nM=2\n"}

    assert minimum(f". b.sh\n{CREATE} --min-instances $M", others=others) == 2


def test_files_outside_of_the_project_are_not_followed():
    assert resources("source /etc/profile; source $X; cd /; az ml compute create -f ../x.yml") == []


def test_a_command_may_be_told_where_to_write():
    text = "tee c.yml <<'EOF'\nname: train\ntype: amlcompute\nmin_instances: 2\nEOF\n"

    assert minimum(f"{text}az ml compute create -f c.yml") == 2


def test_attached_computes_are_computes():
    (attached,) = resources(
        "az ml compute attach -n k8s -t Kubernetes --resource-id /x --identity-type SystemAssigned"
    )

    assert type(attached) is KubernetesCompute


@pytest.mark.parametrize(
    "text",
    ["az ml compute attach -n vm -t virtualmachine --resource-id /x", "az ml compute create -f x"],
)
def test_other_computes_are_left_out(text):
    assert resources(text) == []


def test_a_cluster_without_a_type_is_told_by_its_options():
    first, second = resources(
        "az ml compute create -n aaa --min-instances 1; az ml compute create -n bbb --size x"
    )

    assert type(first) is ComputeCluster
    assert second.kind == "compute"


def test_a_broken_file_that_is_followed_is_a_problem_of_the_file():
    reading = read("az ml compute create -n aaa -f c.yml", others={"c.yml": "a: [\n"})

    assert (reading.problems[0].rule, reading.problems[0].document.path) == (
        "syntax-error", "c.yml",
    )  # fmt: skip


def test_what_may_stand_in_a_file_that_is_not_read_is_not_changed():
    (cluster,) = resources(f"{CREATE} -f gone.yml")

    with pytest.raises(NotEditable):
        cluster.min_nodes.edits(0)


def test_values_of_set_may_be_json():
    (cluster,) = resources(
        f'{CREATE} --set identity=\'{{"type": "user_assigned", "n": [1]}}\' tags=\'{{\' x=true'
    )

    assert cluster.identity.known == frozenset({"userassigned"})


def test_updates_follow_files_too():
    patch, other = resources(
        "az ml compute update -n a-b -f c.yml; az ml compute update --min-instances 1",
        others={"c.yml": "name: x\ntype: amlcompute\nmin_instances: 3\n"},
    )

    assert type(patch) is type(other) is Patch
    assert (patch.name, patch.min_nodes.known) == ("a-b", 3)
    assert other.name == "(no name)"


def test_a_workspace_is_changed_by_the_script_that_makes_it():
    text = (
        "az ml workspace create -n ws\n"
        "az ml workspace update -n ws --public-network-access Disabled\n"
        "az ml workspace update --description x\n"
        "az ml workspace update -n other -f other.yml\n"
    )
    (workspace,) = resources(text)

    assert workspace.public_access.known is False


def test_of_a_workspace_that_is_made_elsewhere_what_is_changed_is_known_and_nothing_else():
    text = (
        "az ml workspace update -n ws --public-network-access Enabled\n"
        "az ml workspace update -n ws --image-build-compute build\n"
    )
    (workspace,) = resources(text)

    assert type(workspace) is Workspace
    assert workspace.is_update
    assert workspace.public_access.known is True
    assert workspace.image_build_compute.known == "build"
    assert workspace.flavour.term.is_absent
    assert workspace.isolation.term.reason.kind == "unchanged"
    (edit,) = workspace.public_access.edits(new=False)
    assert (text[edit.start : edit.end], edit.text) == ("Enabled", "Disabled")


@pytest.mark.parametrize(
    "command",
    [
        "az lock create -n l -t ReadOnly -g rg --resource s/t --resource-type Microsoft.X/a/b",
        'az lock create -n l -t ReadOnly -g rg --resource "$X" --resource-type Microsoft.X/a',
        'az lock create -n l -t ReadOnly --resource "$ID"',
        "az lock create -n l -t ReadOnly -g rg --resource r",
    ],
)
def test_locks_on_resources_are_on_no_group(command):
    (lock,) = resources(command, subscription=SUB)

    assert type(lock) is Lock
    assert not lock.locked.is_group
    assert not lock.locked.is_subscription


def test_endpoints_may_name_their_subnet_by_its_id_or_not_at_all():
    first, second = resources(
        "az network private-endpoint create -g r -n a --subnet /x/y --vnet-name v "
        "--private-connection-resource-id /w --connection-name c\n"
        "az network private-endpoint create -g r -n b --private-connection-resource-id /w"
    )

    assert type(first) is type(second) is PrivateEndpoint
    assert first.subnet.known == "/x/y"
    assert second.subnet.is_absent


def test_deployments_may_name_their_parameters_only():
    others = {"main.bicepparam": "using 'main.bicep'\n"}
    reading = read(
        "az deployment sub create -l westus -p main.bicepparam\n"
        "az deployment group create -g rg -f gone.bicep\naz deployment group create -g rg -f $X\n"
        "az deployment group create -g rg --template-uri https://x/y",
        others=others,
    )

    assert list(reading.bindings) == ["main.bicepparam"]
    assert reading.bindings["main.bicepparam"][0].location == "westus"


def test_the_retired_extension_takes_identities_of_users():
    (cluster,) = resources(
        "az ml computetarget create amlcompute -n aaa --max-nodes 2 --assign-identity /a /b"
    )

    assert cluster.identity.known == frozenset({"userassigned"})
    assert len(cluster.identity_ids.known) == 2


@pytest.mark.parametrize(
    "text",
    [
        "az account show --query name",
        "az network vnet show -n v",
        "az ml workspace show --query id",
        "az ml compute show -n x --query id",
        "az lock show -n l -g rg --query level",
        "az lock create -n l -t ReadOnly --query name",
        "az storage account show --query id",
    ],
)
def test_only_ids_that_are_asked_for_are_printed(text):
    found = resources(f'X=$({text}); az group create -n "$X" -l westus')

    assert "{" in found[-1].name


def test_a_resource_group_may_be_asked_for_by_its_id():
    _, lock = resources(
        "G=$(az group create -n rg -l westus --query id -o tsv)\n"
        "az lock create -n l -t ReadOnly --resource $G",
        subscription=SUB,
    )

    assert lock.locked.is_group


def test_options_come_in_many_forms():
    (cluster,) = resources(
        "az ml compute create -ntrain --type=amlcompute -d300 --min-instances=1 --m 2 "
        "--unknown a b --max-instances -1 --no-wait --set min_instances=5 -o json extra --size "
    )

    assert cluster.name == "train"
    assert cluster.idle_seconds.known == 300
    assert cluster.min_nodes.known == 1
    assert cluster.max_nodes.text == "-1"
