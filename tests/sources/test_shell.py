"""What the commands of scripts make, where their values are written, and how they are changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.engine.fix import apply
from azmlint.expressions.term import Symbol
from azmlint.model.resources import (
    ComputeCluster,
    ComputeInstance,
    ContainerRegistry,
    Lock,
    OnlineDeployment,
    Patch,
    PrivateEndpoint,
    ResourceGroup,
    Route,
    RouteTable,
    SecurityRule,
    StorageAccount,
    Subnet,
    ToolUse,
    VirtualNetwork,
    Workspace,
)
from azmlint.model.value import NotEditable
from azmlint.sources import load
from azmlint.sources.document import Binding, decode
from azmlint.sources.texts import Texts

SUB = "11111111-1111-1111-1111-111111111111"
UPDATE = "az ml compute update -n train"
CREATE = "az ml compute create -n train --type amlcompute"


def read(text, path="a.sh", others=None, **binding):
    documents = {p: decode(p, t.encode()) for p, t in {**(others or {}), path: text}.items()}
    context = Texts(documents, {path: Binding(**binding)})
    return load.read(documents[path], context)


def resources(text, *args, **named):
    found = read(text, *args, **named).resources
    return [r for r in found if not isinstance(r, ToolUse)]


def one(text, kind=ComputeCluster, **named):
    (resource,) = resources(text, **named)
    assert type(resource) is kind
    return resource


def made_by(text, kind, **named):
    return [r for r in resources(text, **named) if type(r) is kind]


# Words and values


@pytest.mark.parametrize(
    "text",
    [
        f"{CREATE} --min-instances 2",
        f"{CREATE} --min-instances=2",
        f"{CREATE} --min-in 2",
        f"{CREATE} \\\n  --min-instances \\\n  '2'",
        f'sudo {CREATE} --min-instances "2" > out.json',
        f"if x; then {CREATE} --min-instances 2; fi",
        f"x=$({CREATE} --min-instances 2 --query name)",
        f"M=2\n{CREATE} --min-instances $M",
        f'export M=2; {CREATE} --min-instances "${{M}}"',
        f"A='--min-instances 2'; {CREATE} $A",
        f'A=(--min-instances 2); {CREATE} "${{A[@]}}"',
        f"A=(--tier dedicated); A+=(--min-instances 2); {CREATE} ${{A[@]}}",
        f"{CREATE} --min-instances ${{M:-2}}",
        f'[ -z "$M" ] && M=2\n{CREATE} --min-instances $M',
        f"if [[ -z $M ]]; then M=2; fi\n{CREATE} --min-instances $M",
        f"f() {{ {CREATE} --min-instances $2; }}\nf a 2",
        f"f() {{ local m=${{1:-2}}; {CREATE} --min-instances $m; }}",
        f'f() {{ "$@"; }}\nf {CREATE} --min-instances 2',
        f"for m in 2; do {CREATE} --min-instances $m; done",
        f"f() {{ echo 2; }}; {CREATE} --min-instances $(f)",
        f"bash <<EOF\n{CREATE} --min-instances 2\nEOF",
        f"bash -c '{CREATE} --min-instances 2'",
        f"eval '{CREATE} --min-instances 2'",
        f"case x in x) M=2;; *) M=3;; esac\n{CREATE} --min-instances $M",
        f"{CREATE} --set min_instances=2",
        f"{CREATE} --set tags.a=b min_instances=2",
    ],
)
def test_a_value_is_known_however_it_is_written(text):
    cluster = one(text)

    assert cluster.name == "train"
    assert cluster.min_nodes.known == 2
    last = cluster.min_nodes.trace[-1]
    assert last.text.strip("'\"") == "2"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{CREATE} --min-instances $1", "'$1' is an argument that the file is called with"),
        (f"{CREATE} --min-instances $M", "'$M' is not set in this file"),
        (f"{CREATE} --min-instances $(nproc)", "`$(nproc)` is known only when it has run"),
        (f"{CREATE} --min-instances $((1+1))", "it is computed"),
        (f"{CREATE} --min-instances ${{1:-}}", "'$1' is an argument that the file is called"),
        (f"{CREATE} --min-instances <MIN>", "'<MIN>' is filled in before deployment"),
        (f"{CREATE} --min-instances ${{{{ vars.M }}}}", "'${{ vars.M }}' is filled in before"),
        (f"f() {{ if x; then echo 1; else echo 2; fi; }}; {CREATE} --min-instances $(f)", "`$(f)`"),
        (f"f() {{ echo 1; echo 2; }}; {CREATE} --min-instances $(f)", "`$(f)` is known only when"),
        (f"read M; {CREATE} --min-instances $M", "'$M' is read when the script runs"),
        (f"M=1; while x; do {CREATE} --min-instances $M; M=2; done", "'$M' changes in a loop"),
        (f"for m in $(x); do {CREATE} --min-instances $m; done", "'$m' takes values that are not"),
        (f"{CREATE} $MORE", "'$MORE' may hold more options"),
        (f'{CREATE} "$@"', "'$@' may hold more options"),
    ],
)
def test_what_is_not_known_says_why(text, reason):
    value = one(text).min_nodes

    assert value.known is None
    assert value.reasons[0].text.startswith(reason)


def test_a_value_that_branches_set_is_another_in_each_world():
    text = f"if test-prod; then M=2; else M=0; fi\n{CREATE} --min-instances $M --max-instances $M"
    document = decode("a.sh", text.encode())
    context = Texts({"a.sh": document})
    (cluster, _) = load.read(document, context).resources
    (decision,) = cluster.min_nodes.term.decisions

    found = []
    for index in range(2):
        context.worlds.enter({decision.key: index})
        found.append((cluster.min_nodes.known, cluster.max_nodes.known))

    assert (decision.question, decision.options) == ("test-prod", ("true", "false"))
    assert found == [(2, 2), (0, 0)]


@pytest.mark.parametrize(
    ("expansion", "text"),
    [
        ("${X%.*}", "a/b.c"),
        ("${X%%.*}", "a/b"),
        ("${X#*/}", "b.c.d"),
        ("${X##*.}", "d"),
        ("${X%.zip}", "a/b.c.d"),
        ("${X^^}", "A/B.C.D"),
        ("${X:-y}", "a/b.c.d"),
    ],
)
def test_pieces_of_a_text_are_taken_away(expansion, text):
    assert one(f"X=a/b.c.d\n{CREATE} --size {expansion}").size.known == text


def test_a_default_counts_in_the_worlds_in_which_nothing_is_set():
    text = f"case $E in prod) M=2;; esac\n{CREATE} --min-instances ${{M:-0}}"
    document = decode("a.sh", text.encode())
    context = Texts({"a.sh": document})
    (cluster, _) = load.read(document, context).resources
    (decision,) = cluster.min_nodes.term.decisions

    found = []
    for index in range(len(decision.options)):
        context.worlds.enter({decision.key: index})
        found.append(cluster.min_nodes.known)

    assert (decision.options, found) == (("prod", "anything else"), [2, 0])


@pytest.mark.parametrize(
    "text",
    [
        f"# {CREATE}",
        f'echo "{CREATE}"',
        f"cat <<EOF\n{CREATE}\nEOF",
        f"cat > x.sh <<'EOF'\n{CREATE}\nEOF",
        f"X='{CREATE}'",
        f"printf '%s' {CREATE}",
        "az ml compute show -n train",
        "az ml compute list",
        "az ml job create -f job.yml",
        "az vm create -n x",
        "baz ml compute create -n x --type amlcompute",
    ],
)
def test_what_is_no_creation_declares_nothing(text):
    assert resources(text) == []


def test_functions_that_nothing_calls_are_followed_with_their_defaults():
    command = "az ml compute create -n ${1:-cpu} --type amlcompute --max-instances ${2:-8}"
    text = f"make() {{\n  {command}\n}}\n"

    cluster = one(text)

    assert (cluster.name, cluster.max_nodes.known) == ("cpu", 8)
    assert [p.role for p in cluster.max_nodes.trace] == ["use", "default"]


def test_loops_make_one_for_each_word():
    text = "for n in cpu gpu; do az ml compute create -n $n-cluster --type amlcompute; done"

    assert [c.name for c in resources(text)] == ["cpu-cluster", "gpu-cluster"]


def test_loops_over_files_follow_each_of_them():
    others = {
        "compute/a.yml": "name: first\ntype: amlcompute\n",
        "compute/b.yml": "name: second\ntype: amlcompute\n",
        "compute/c.txt": "",
    }
    text = 'for f in compute/*.yml; do az ml compute create -f "$f"; done'

    assert [c.name for c in resources(text, others=others)] == ["first", "second"]


def test_a_sourced_file_sets_what_follows():
    others = {"env.sh": "SIZE=Standard_D4s_v5\n"}
    text = f'source "$(dirname "$0")/env.sh"\n{CREATE} --size $SIZE'

    cluster = one(text, others=others)

    assert cluster.size.known == "Standard_D4s_v5"
    assert cluster.size.trace[-1].document.path == "env.sh"


# Computes and workspaces


def test_options_say_what_the_yaml_would():
    text = (
        f"{CREATE} --size Standard_D4s_v5 --tier low_priority --min-instances 0 --max-instances 3 "
        "-d 300 -l westeurope --vnet-name v --subnet s --enable-node-public-ip false "
        "-p true --admin-username me --admin-password Secret1 --tags a=b 'c=d e' "
        "--identity-type UserAssigned -i /a,/b"
    )

    cluster = one(text)

    assert cluster.size.known == "Standard_D4s_v5"
    assert cluster.tier.known == "lowpriority"
    assert (cluster.min_nodes.known, cluster.max_nodes.known) == (0, 3)
    assert cluster.idle_seconds.known == 300
    assert cluster.location.known == "westeurope"
    assert (cluster.vnet_name.known, cluster.subnet_text.known) == ("v", "s")
    assert cluster.public_ip.known is False
    assert cluster.ssh_public.known == "enabled"
    assert (cluster.admin_user.known, cluster.admin_password.text) == ("me", "(secret)")
    assert cluster.local_auth.known is True
    assert {k: v.data for k, v in cluster.tags.known.items()} == {"a": "b", "c": "d e"}
    assert cluster.identity.known == frozenset({"userassigned"})
    assert [m.data for m in cluster.identity_ids.known.members] == ["/a", "/b"]
    assert [m.trace[0].text for m in cluster.identity_ids.known.members] == ["/a", "/b"]


@pytest.mark.parametrize(
    ("option", "identity"),
    [
        ("-i '[system]'", {"systemassigned"}),
        ("-i /x/y", {"userassigned"}),
        ("-i '[system],/x/y'", {"systemassigned", "userassigned"}),
        ("--identity-type system_assigned", {"systemassigned"}),
        ("--identity-type systemassigned", {"systemassigned"}),
        ("--identity-type user_assigned --user-assigned-identities $ID", {"userassigned"}),
    ],
)
def test_identities_are_said_in_several_ways(option, identity):
    assert one(f"{CREATE} {option}").identity.known == frozenset(identity)


def test_other_kinds_of_compute_are_told_by_their_type():
    text = "az ml compute create -n box -t ComputeInstance --size Standard_DS3_v2"

    assert one(text, ComputeInstance).size.known == "Standard_DS3_v2"


def test_workspaces_are_made_by_commands():
    text = (
        "az ml workspace create -n ws -g rg --public-network-access Disabled "
        "-m allow_internet_outbound --storage-account /s -l westus"
    )

    workspace = one(text, Workspace)

    assert workspace.public_access.known is False
    assert workspace.isolation.known == "allowinternetoutbound"
    assert workspace.storage.known == "/s"


def test_an_update_of_something_else_is_a_patch():
    patch = one("az ml compute update -n train --min-instances 1", Patch)

    assert patch.min_nodes.known == 1
    assert patch.max_nodes.is_absent


def test_an_update_of_what_the_script_made_is_what_it_becomes():
    cluster = one(f"{CREATE} --min-instances 1\naz ml compute update -n train --min-instances 0")

    assert cluster.min_nodes.known == 0


def test_creating_twice_is_reusing():
    cluster = one(f"{CREATE} --min-instances 1\n{CREATE} --min-instances 0")

    assert cluster.min_nodes.known == 0


def test_what_is_deleted_again_is_not_there():
    assert resources(f"{CREATE}\naz ml compute delete -n train --yes") == []


def test_each_branch_makes_its_own():
    text = f"if x; then {CREATE} --min-instances 1; else {CREATE} --min-instances 2; fi"

    assert [c.min_nodes.known for c in resources(text)] == [1, 2]


# Files that commands follow

YAML = "name: train\ntype: amlcompute\nmin_instances: 1\nmax_instances: 4\n"


def test_options_stand_over_the_file_that_is_followed():
    text = "az ml compute create -f jobs/c.yml --set max_instances=9 identity.type=system_assigned"

    reading = read(text, others={"jobs/c.yml": YAML})
    (cluster, _) = reading.resources

    assert type(cluster) is ComputeCluster
    assert (cluster.min_nodes.known, cluster.max_nodes.known) == (1, 9)
    assert cluster.min_nodes.place.shown == "jobs/c.yml:3:16"
    assert cluster.max_nodes.place.document.path == "a.sh"
    assert cluster.identity.known == frozenset({"systemassigned"})
    assert list(reading.modules) == ["jobs/c.yml"]


def test_a_file_that_the_script_writes_is_read():
    text = (
        "MOST=6\ncat > c.yml <<EOF\nname: train\ntype: amlcompute\nmin_instances: 2\n"
        "max_instances: $MOST\nsize: $SIZE\nEOF\naz ml compute create --file c.yml\n"
    )
    cluster = one(text)

    assert (cluster.min_nodes.known, cluster.max_nodes.known) == (2, 6)
    assert cluster.size.known is None
    assert cluster.min_nodes.place.shown == "a.sh:5:16"
    assert "min_instances: 0" in changed(text, "min_nodes", 0)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("deploy/a.sh", "az ml compute create -f c.yml"),
        ("deploy/a.sh", "az ml compute create -f ../deploy/c.yml"),
        ("deploy/a.sh", "cd deploy && az ml compute create -f c.yml"),
        ("deploy/sub/a.sh", "az ml compute create --file c.yml"),
        ("x/a.sh", "pushd ../deploy; az ml compute create --file c.yml"),
        ("x/a.sh", "az ml compute create --file deploy/c.yml"),
        ("x/a.sh", "D=deploy; az ml compute create --file $D/c.yml"),
        ("x/a.sh", 'az ml compute create --file "$ROOT/deploy/c.yml"'),
    ],
)
def test_files_are_looked_for_where_scripts_run(path, text):
    assert one(text, path=path, others={"deploy/c.yml": YAML}).max_nodes.known == 4


def test_a_file_that_is_not_there_leaves_all_of_it_open():
    reading = read(f"{CREATE} -f gone.yml --max-instances 4")
    (cluster, _) = reading.resources

    assert cluster.max_nodes.known == 4
    assert cluster.min_nodes.absent.known is False
    assert cluster.min_nodes.reasons[0].text == (
        "it may be stated in 'gone.yml', which is not among the files"
    )
    assert "not among the files" in reading.problems[0].message


# Where things are


def test_ids_are_made_of_what_commands_say():
    text = f"{CREATE} -g rg -w ws --subscription {SUB}"

    assert str(one(text).id) == (
        f"/subscriptions/{SUB}/resourceGroups/rg/providers"
        "/Microsoft.MachineLearningServices/workspaces/ws/computes/train"
    )


def test_defaults_hold_for_what_follows():
    text = f"az account set -s {SUB}\nRG=rg\naz configure -d group=$RG workspace=ws\n{CREATE}"

    assert str(one(text).id.parent) == (
        f"/subscriptions/{SUB}/resourceGroups/rg/providers"
        "/Microsoft.MachineLearningServices/workspaces/ws"
    )


def test_the_configuration_says_what_the_script_does_not():
    cluster = one(CREATE, subscription=SUB, resource_group="rg", workspace="ws")

    assert cluster.id.is_ground


def test_a_list_of_options_may_have_holes_in_it():
    text = f"WHERE='--resource-group <GROUP> --workspace-name ws-<NAME>'\n{CREATE} $WHERE"
    cluster = one(text)

    assert str(cluster.id.group).endswith("/resourceGroups/{<GROUP>}")
    assert cluster.id.parent.shown_name == "ws-{<NAME>}"
    assert cluster.min_nodes.is_absent


def test_the_configuration_says_what_is_in_variables_that_nothing_sets():
    document = decode("a.sh", b'az ml compute create -f c.yml -g "$GROUP" -w "$WS"\n')
    documents = {"a.sh": document, "c.yml": decode("c.yml", YAML.encode())}
    stated = {"a.sh": Binding(None, "rg"), "c.yml": Binding(SUB, "other", "ws")}
    cluster = load.read(document, Texts(documents, stated)).resources[0]

    assert str(cluster.id) == (
        f"/subscriptions/{SUB}/resourceGroups/rg/providers"
        "/Microsoft.MachineLearningServices/workspaces/ws/computes/train"
    )


def test_a_subscription_by_its_name_is_equal_to_itself_alone():
    first, second = resources(
        "az account set -s Prod\naz group create -n a -l westus\naz group create -n b -l westus"
    )

    assert isinstance(first.id.segments[1][0], Symbol)
    assert first.id.subscription.key == second.id.subscription.key


def test_ids_that_commands_print_are_those_of_what_they_name():
    text = (
        "ID=$(az network vnet subnet show -g net --vnet-name v -n s --query id -o tsv)\n"
        f"{CREATE} --subnet $ID --subscription {SUB}\n"
        "WS=$(az ml workspace show -g rg -n ws --query id -o tsv | tr -d '\"')\n"
        "az lock create -n l -t ReadOnly --resource $WS\n"
        "SUB=$(az account show --query id -o tsv)"
    )
    cluster, lock = resources(text, subscription=SUB)

    assert cluster.subnet.known == (
        f"/subscriptions/{SUB}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v"
        "/subnets/s"
    )
    assert lock.locked.name == "ws"


# Locks


@pytest.mark.parametrize(
    ("options", "scope", "role", "name"),
    [
        ("--role AcrPull --scope /subscriptions/x/r", "/subscriptions/x/r", None, "AcrPull"),
        ("--role AcrPull -g rg", f"/subscriptions/{SUB}/resourceGroups/rg", None, "AcrPull"),
        (f"--role {SUB}", f"/subscriptions/{SUB}", SUB, None),
        ("--role /x/roleDefinitions/y", f"/subscriptions/{SUB}", "/x/roleDefinitions/y", None),
    ],
)
def test_a_role_is_assigned_on_a_scope_a_group_or_the_subscription(options, scope, role, name):
    text = f"az role assignment create --assignee-object-id p {options}\n"

    (assignment,) = resources(text, subscription=SUB)

    assert str(assignment.scope) == scope
    assert (assignment.role.known, assignment.role_name.known) == (role, name)
    assert assignment.principal.known == "p"


@pytest.mark.parametrize(
    ("command", "scope"),
    [
        ("az lock create -n l -t ReadOnly", ""),
        ("az account lock create -n l -t ReadOnly", ""),
        ("az lock create -n l -t ReadOnly -g rg", "/resourceGroups/rg"),
        (
            "az group lock create -n l --lock-type ReadOnly --resource-group rg",
            "/resourceGroups/rg",
        ),
        (
            "az lock create -n l -t ReadOnly -g rg --resource v --resource-type "  # noqa: ISC004
            "Microsoft.Network/virtualNetworks",
            "/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v",
        ),
        (
            "az resource lock create -n l -t ReadOnly -g rg --resource-name s "  # noqa: ISC004
            "--namespace Microsoft.Network --resource-type subnets --parent virtualNetworks/v",
            "/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/s",
        ),
        (
            f"az lock create -n l -t ReadOnly --resource /subscriptions/{SUB}/resourceGroups/x",
            "/resourceGroups/x",
        ),
        ("az configure -d group=rg; az lock create -n l -t ReadOnly", "/resourceGroups/rg"),
    ],
)
def test_locks_are_on_what_commands_name(command, scope):
    lock = one(command, Lock, subscription=SUB)

    assert lock.level.known == "readonly"
    assert str(lock.locked) == f"/subscriptions/{SUB}{scope}"


@pytest.mark.parametrize(
    "after",
    [
        "az lock delete -n l -g rg",
        'az lock delete --name l --resource-group "$RG"',
        "az group lock delete -n l -g rg",
        "az lock delete --ids $(az lock show -n l -g rg --query id -o tsv)",
        "az lock delete --ids $ID",
    ],
)
def test_a_lock_that_is_deleted_again_is_not_there(after):
    before = "RG=rg; ID=$(az lock create -n l -t CanNotDelete -g rg --query id -o tsv)"

    assert resources(f"{before}\n{after}") == []


@pytest.mark.parametrize(
    "text",
    [
        "az lock delete -n l -g rg\naz lock create -n l -t CanNotDelete -g rg",
        "az lock create -n l -t CanNotDelete -g rg\nif x; then az lock delete -n l -g rg; fi",
        "case $1 in lock) az lock create -n l -t CanNotDelete -g rg;; "  # noqa: ISC004
        "unlock) az lock delete -n l -g rg;; esac",
        "az lock create -n l -t ReadOnly -g rg; az lock update -n l -g rg -t CanNotDelete",
        "az lock create -n l -t CanNotDelete -g rg\naz lock delete -n other -g rg",
    ],
)
def test_a_lock_that_may_stay_is_there(text):
    assert one(text, Lock).level.known == "cannotdelete"


# What surrounds computes


def test_networks_and_what_is_in_them_are_read():
    text = (
        "az group create -n rg -l westeurope\n"
        "az network vnet create -g rg -n v --address-prefixes 10.0.0.0/16 -l westeurope "
        "--subnet-name first --subnet-prefixes 10.0.0.0/24\n"
        "az network vnet subnet create -g rg --vnet-name v -n s --address-prefixes 10.0.1.0/28 "
        "--nsg n --route-table r --delegations Microsoft.Web/serverFarms\n"
        "az network vnet subnet update -g rg --vnet-name v -n s --nat-gateway nat "
        "--default-outbound-access false\n"
        "az network route-table create -g rg -n r\n"
        "az network route-table route create -g rg --route-table-name r -n d "
        "--address-prefix 0.0.0.0/0 --next-hop-type VirtualAppliance\n"
        "az network private-endpoint create -g rg -n pe --vnet-name v --subnet s "
        "--private-connection-resource-id /w --group-id amlworkspace --connection-name c\n"
        "az storage account create -g rg -n sa --allow-shared-key-access false\n"
        "az acr create -g rg -n acr --sku Premium --admin-enabled true"
    )
    found = resources(text, subscription=SUB)
    by_kind = {type(r): r for r in found}
    first, subnet = (r for r in found if isinstance(r, Subnet))

    assert by_kind[ResourceGroup].location.known == "westeurope"
    assert [p.data for p in by_kind[VirtualNetwork].prefixes.known.members] == ["10.0.0.0/16"]
    assert (first.name, first.prefix.known) == ("first", "10.0.0.0/24")
    assert subnet.id.parent.key == by_kind[VirtualNetwork].id.key
    assert subnet.prefix.known == "10.0.1.0/28"
    assert subnet.network_security_group.known.endswith("/networkSecurityGroups/n")
    assert subnet.route_table.known == str(by_kind[RouteTable].id)
    assert subnet.nat_gateway.known.endswith("/natGateways/nat")
    assert subnet.default_outbound.known is False
    assert len(subnet.delegations.known) == 1
    assert by_kind[Route].id.parent.key == by_kind[RouteTable].id.key
    assert by_kind[Route].next_hop.known == "VirtualAppliance"
    assert by_kind[PrivateEndpoint].target.known == "/w"
    assert by_kind[PrivateEndpoint].subnet.known == str(subnet.id)
    assert by_kind[StorageAccount].shared_key_access.known is False
    assert by_kind[ContainerRegistry].admin_user.known is True


def test_security_rules_have_what_azure_cli_takes():
    text = (
        "az network nsg rule create -g rg --nsg-name nsg -n deny --priority 200 --access Deny "
        "--direction Outbound --destination-address-prefixes Internet "
        "--destination-port-ranges 443 8443"
    )
    rule = one(text, SecurityRule)
    properties = rule.item().data.lookup("properties").data

    assert rule.id.parent.name == "nsg"
    assert (rule.priority.known, rule.access.known, rule.direction.known) == (
        200,
        "Deny",
        "Outbound",
    )
    assert properties.lookup("destinationAddressPrefix").data == "Internet"
    assert [t.data for t in properties.lookup("destinationPortRanges").data] == ["443", "8443"]
    assert properties.lookup("sourceAddressPrefix").data == "*"


def test_a_deployment_says_where_its_template_goes():
    text = (
        f"az account set -s {SUB}\n"
        "az deployment group create -g rg -f infra/main.bicep --parameters @infra/prod.json x=y"
    )
    others = {"infra/main.bicep": "", "infra/prod.json": "{}"}

    reading = read(text, others=others)

    ((path, (binding,)),) = reading.bindings.items()
    ((name, value),) = binding.arguments
    term = value()
    assert path == "infra/main.bicep"
    assert binding._replace(arguments=()) == Binding(
        SUB, "rg", parameters=("infra/prod.json",), said_at="a.sh:2:1"
    )
    assert (name, term.data, [p.role for p in term.trace]) == ("x", "y", ["argument"])


def test_what_a_script_gives_to_a_template_may_be_another_in_each_world():
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    row = (
        '{"type": "Microsoft.Authorization/locks", "apiVersion": "2020-05-01", "name": "l",'
        ' "properties": {"level": "[parameters(\'level\')]"}}'
    )
    parameters = '{"level": {"type": "string"}}'
    template = f'{{"$schema": "{schema}", "parameters": {parameters}, "resources": [{row}]}}'
    script = (
        'if [ "$1" = x ]; then L=ReadOnly; else L=CanNotDelete; fi\n'
        "az deployment group create -g rg -f main.json --parameters level=$L"
    )
    documents = {p: decode(p, t.encode()) for p, t in (("main.json", template), ("a.sh", script))}
    context = Texts(documents)
    (lock,) = load.read_all(documents, context)["main.json"].resources
    (decision,) = lock.level.term.decisions

    found = []
    for index in range(2):
        context.worlds.enter({decision.key: index})
        found.append(lock.level.known)

    assert found == ["readonly", "cannotdelete"]


LOCKS = (
    '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",'
    ' "parameters": {"level": {"type": "string", "defaultValue": "CanNotDelete"}},'
    ' "resources": [{"type": "Microsoft.Authorization/locks", "apiVersion": "2020-05-01",'
    ' "name": "l", "properties": {"level": "[parameters(\'level\')]"}}]}'
)


def levels(script):
    """Give the lock of a template that a script deploys, and its level in each world."""
    documents = {p: decode(p, t.encode()) for p, t in (("main.json", LOCKS), ("a.sh", script))}
    context = Texts(documents)
    (lock,) = load.read_all(documents, context)["main.json"].resources
    found = []
    for decision in lock.level.term.decisions:
        for index, option in enumerate(decision.options):
            context.worlds.enter({decision.key: index})
            found.append((option, lock.level.known))
    context.worlds.enter({})
    return lock, found


def test_several_deployments_of_one_template_are_a_decision():
    lock, found = levels(
        "az deployment group create -g dev -f main.json\n"
        "az deployment group create -g prod -f main.json -p level=ReadOnly\n"
    )

    assert found == [("a.sh:1:1", "cannotdelete"), ("a.sh:2:1", "readonly")]
    assert "resourceGroup().name" in str(lock.id)


def test_deployments_that_say_the_same_are_one():
    line = "az deployment group create -g dev -f main.json -p level=ReadOnly\n"
    lock, found = levels(line + line)

    assert (lock.level.known, found) == ("readonly", [])
    assert "/resourceGroups/dev/" in str(lock.id)


@pytest.mark.parametrize(
    "written",
    [
        """'{"level": {"value": "ReadOnly"}}'""",
        """'{"parameters": {"level": {"value": "ReadOnly"}}}'""",
        '"{\\"level\\": {\\"value\\": \\"ReadOnly\\"}}"',
    ],
)
def test_parameters_may_be_written_as_json(written):
    lock, _ = levels(f"az deployment group create -g dev -f main.json --parameters {written}")

    assert lock.level.known == "readonly"
    assert lock.level.trace[-1].shown.startswith("a.sh:1:")


def test_templates_are_bound_by_scripts_where_the_configuration_says_nothing():
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    row = '{"type": "Microsoft.Authorization/locks", "apiVersion": "2020-05-01", "name": "l"}'
    lock = f'{{"$schema": "{schema}", "resources": [{row}]}}'
    documents = {
        "main.json": decode("main.json", lock.encode()),
        "z.sh": decode("z.sh", b"az deployment group create -g from-script -f main.json"),
    }
    stated = {"main.json": Binding(None, "stated")}

    free = load.read_all(documents, Texts(documents))["main.json"]
    bound = load.read_all(documents, Texts(documents, stated))["main.json"]

    assert free.resources[0].locked.name == "from-script"
    assert bound.resources[0].locked.name == "stated"


# The retired extension


def test_the_retired_extension_is_noted_once_and_its_clusters_are_read():
    text = (
        "az extension add -n azure-cli-ml\n"
        "az ml folder attach -w ws -g rg\n"
        "az ml computetarget create amlcompute -n old -s STANDARD_D2_V2 --min-nodes 1 "
        "--max-nodes 4 -i 600 --vm-priority lowpriority --assign-identity '[system]' "
        "--vnet-name v --vnet-resourcegroup-name net --subnet-name s"
    )
    reading = read(text, subscription=SUB)
    uses = [r for r in reading.resources if isinstance(r, ToolUse) and r.subject is r]
    (cluster,) = (r for r in reading.resources if isinstance(r, ComputeCluster))

    assert [(u.tool, u.place.text) for u in uses] == [("CLI v1", "az extension add")]
    assert (cluster.min_nodes.known, cluster.max_nodes.known) == (1, 4)
    assert cluster.idle_seconds.known == 600
    assert cluster.tier.known == "lowpriority"
    assert cluster.identity.known == frozenset({"systemassigned"})
    assert cluster.subnet.known.endswith("/resourceGroups/net/providers/Microsoft.Network"
                                         "/virtualNetworks/v/subnets/s")  # fmt: skip


# Edits


def changed(text, name, new, **others):
    documents = {p: decode(p, t.encode()) for p, t in {**others, "a.sh": text}.items()}
    reading = load.read(documents["a.sh"], Texts(documents))
    value = getattr(reading.resources[0], name)
    edits = value.edits(new)
    (document,) = {e.document for e in edits}
    return apply(document, edits)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{CREATE} --min-instances 2 # x", f"{CREATE} --min-instances 0 # x"),
        (f"{CREATE} --min-instances '2'", f"{CREATE} --min-instances '0'"),
        (f'{CREATE} --min-instances="2"', f'{CREATE} --min-instances="0"'),
        (f"M=2\n{CREATE} --min-instances $M", f"M=0\n{CREATE} --min-instances $M"),
        (f"{CREATE} --min-instances ${{M:-2}}", f"{CREATE} --min-instances ${{M:-0}}"),
        (f"A='--min-instances 2'; {CREATE} $A", f"A='--min-instances 0'; {CREATE} $A"),
        (f"{CREATE} --set min_instances=2", f"{CREATE} --set min_instances=0"),
        (f"{CREATE} --set 'min_instances=2'", f"{CREATE} --set 'min_instances=0'"),
        (CREATE, f"{CREATE} --min-instances 0"),
        (f"{CREATE} > x.json # y", f"{CREATE} --min-instances 0 > x.json # y"),
        (f"x=$({CREATE})", f"x=$({CREATE} --min-instances 0)"),
        (
            f"{CREATE} \\\n    --max-instances 3\necho",
            f"{CREATE} \\\n    --max-instances 3 \\\n    --min-instances 0\necho",
        ),
        (
            f"{CREATE} \\\r\n  --max-instances 3\r\n",
            f"{CREATE} \\\r\n  --max-instances 3 \\\r\n  --min-instances 0\r\n",
        ),
    ],
)
def test_a_value_is_changed_where_it_is_written(before, after):
    assert changed(before, "min_nodes", 0) == after


_OPTIONS = {
    "--max-instances": st.integers(0, 9).map(str),
    "--size": st.sampled_from(["Standard_D4s_v5", "'Standard_D4s_v5'", '"Standard_NC6"', "$SIZE"]),
    "--tags": st.sampled_from(["a=b", "'a=b c' d=e", '"x=$Y"']),
    "--tier": st.sampled_from(["dedicated", "low_priority"]),
    "--set": st.sampled_from(["description=x", "'description=a b'"]),
}


@st.composite
def commands(draw):
    """Write a creation in some layout, with or without a minimum."""
    minimum = draw(st.sampled_from(["2", "'2'", '"2"', "${M:-2}", None]))
    options = [(name, draw(value)) for name, value in _OPTIONS.items() if draw(st.booleans())]
    if minimum is not None:
        options.insert(draw(st.integers(0, len(options))), ("--min-instances", minimum))
    text = draw(st.sampled_from(["", "set -e\n", "if x; then\n  ", "y=$("]))
    closing = {"if x; then\n  ": "\nfi", "y=$(": ")"}.get(text, "")
    text += CREATE
    for name, value in options:
        gap = draw(st.sampled_from([" ", "  ", " \\\n    ", "\\\n "]))
        equals = "=" if name not in {"--tags", "--set"} and draw(st.booleans()) else " "
        text += f"{gap}{name}{equals}{value}"
    return (
        text
        + draw(st.sampled_from(["", " # why", " > out.json", " || exit 1"])) * (closing != ")")
        + closing
        + "\n"
    )


@given(commands())
def test_a_changed_command_says_the_new_value_and_else_what_it_said(text):
    document = decode("a.sh", text.encode())
    cluster = load.read(document, Texts({"a.sh": document})).resources[0]
    new = apply(document, cluster.min_nodes.edits(0))
    again = load.read(decode("a.sh", new.encode()), Texts({})).resources[0]

    assert again.min_nodes.known == 0
    for name in ("max_nodes", "size", "tier", "tags"):
        before, after = getattr(cluster, name), getattr(again, name)
        assert (before.text, before.known is None) == (after.text, after.known is None)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{CREATE} -i /a,/b --tier dedicated", f"{CREATE} --tier dedicated"),
        (f"{CREATE} \\\n  -i /a \\\n  --size x", f"{CREATE} \\\n  --size x"),
        (f"{CREATE} \\\n  -i /a\necho", f"{CREATE}\necho"),
        (f"{CREATE} --tier t\n{UPDATE} -i /a --size x", f"{CREATE} --tier t\n{UPDATE} --size x"),
        (
            f"{CREATE}\n{UPDATE} --size x --tags a=b c=d -i /a",
            f"{CREATE}\n{UPDATE} --size x --tags a=b c=d",
        ),
    ],
)
def test_an_option_is_taken_away_with_its_words(before, after):
    cluster = one(before)

    (edit,) = cluster.identity_ids.remove().value.edits(cluster.identity_ids.remove().new)

    assert before[: edit.start] + edit.text + before[edit.end :] == after


def test_what_a_followed_file_says_is_changed_there():
    text = "az ml compute create -f c.yml"

    assert changed(text, "min_nodes", 0, **{"c.yml": YAML}) == YAML.replace(": 1", ": 0")
    assert changed(text, "public_ip", new=False, **{"c.yml": YAML}).startswith(YAML)


@pytest.mark.parametrize(
    ("text", "name", "new"),
    [
        (f"{CREATE} --size Standard_$X", "size", "Standard_D4s_v5"),
        (f'{CREATE} --size "a-$(x)"', "size", "Standard_D4s_v5"),
        ("az lock create -n l -t $(x)", "level", "cannotdelete"),
    ],
)
def test_what_a_script_computes_is_not_changed(text, name, new):
    with pytest.raises(NotEditable):
        changed(text, name, new)


def test_very_long_scripts_end():
    text = "f() { for i in {1..60}; do g; done; }\ng() { for i in {1..60}; do h; done; }\n"
    text += "h() { for i in {1..60}; do x; done; }\nf\nr() { r; r; }\nr\n"

    assert "followed only in part" in read(text).problems[0].message


def test_secrets_are_known_wherever_they_stand():
    text = (
        "DB_PASSWORD='Correct-Horse-7'\n"
        "az login --service-principal -u me --password Battery-Staple-9\n"
        "export SAS_TOKEN=abc PASSWORD_FILE=x KEY=${STORAGE_KEY}\n"
        'az storage blob list --account-key=abcd --sas-token "$SAS_TOKEN"\n'
    )

    found = [place.text for place in read(text).secrets]

    assert found == ["'Correct-Horse-7'", "Battery-Staple-9", "abc", "--account-key=abcd", "abc"]


def test_what_is_made_of_itself_over_and_over_ends():
    doubled = "A=$A$A\n" * 60
    known = one(f"A=xx\n{doubled}{CREATE} --size $A")
    branches = one(f"if x; then A=a; else A=b; fi\n{doubled}{CREATE} --size $A")
    unset = one(f"{doubled}{CREATE} --size $A")

    assert known.size.reasons[0].kind == "limit"
    assert branches.size.known is unset.size.known is None


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("az ml compute create -f gone.yml --min-instances 2", ComputeCluster),
        ('az ml compute create -n train -f "$FILE" --set min_instances=2', ComputeCluster),
        ("az ml workspace create -f gone.yml --public-network-access Enabled", Workspace),
    ],
)
def test_options_over_a_file_that_is_not_read_are_judged(command, kind):
    reading = read(command)
    (resource,) = [r for r in reading.resources if not isinstance(r, ToolUse)]

    assert type(resource) is kind
    assert len(reading.problems) == 1
    assert not resource.location.is_absent
    if kind is ComputeCluster:
        assert resource.min_nodes.known == 2
        assert resource.local_auth.known is None


def test_a_file_that_is_not_read_is_nothing_by_itself():
    assert read("az ml compute create -f gone.yml -g rg --no-wait").resources == []


# Other scripts


DEPLOYMENT = """\
$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
name: blue
endpoint_name: score
instance_type: Standard_DS3_v2
instance_count: 3
"""


@pytest.mark.parametrize(
    ("options", "own", "count"),
    [
        ("", "score/deployments/blue", 3),
        (" --set instance_count=5", "score/deployments/blue", 5),
        (" -e other -n green --all-traffic", "other/deployments/green", 3),
        ("; az ml online-deployment update -n blue -e score -g rg -w ws --set instance_count=7",
         "score/deployments/blue", 7),
    ],
)  # fmt: skip
def test_an_online_deployment_is_what_its_file_and_the_command_say(options, own, count):
    text = f"az ml online-deployment create -f jobs/d.yml -g rg -w ws{options}"
    made = one(text, OnlineDeployment, others={"jobs/d.yml": DEPLOYMENT})

    assert str(made.id).endswith(f"/workspaces/ws/onlineEndpoints/{own}")
    assert (made.size.known, made.instances.known) == ("Standard_DS3_v2", count)


@pytest.mark.parametrize(
    "text",
    [
        "az ml online-deployment create -f jobs/d.yml -g rg -w ws --local",
        (
            "az ml online-deployment create -f jobs/d.yml -g rg -w ws\n"
            "az ml online-deployment delete -n blue -e score -g rg -w ws --yes"
        ),
    ],
)
def test_an_online_deployment_on_this_machine_or_deleted_is_none(text):
    assert made_by(text, OnlineDeployment, others={"jobs/d.yml": DEPLOYMENT}) == []


def read_together(**texts):
    documents = {f"{n}.sh": decode(f"{n}.sh", t.encode()) for n, t in texts.items()}
    found = load.read_all(documents, Texts(documents))
    return {
        path.removesuffix(".sh"): [
            (r.name, r.min_nodes.known) for r in reading.resources if type(r) is ComputeCluster
        ]
        for path, reading in found.items()
    }


def test_a_function_of_a_sourced_file_is_judged_with_the_arguments_of_its_caller():
    lib = (
        'make() { az ml compute create -n "$1" --type amlcompute --min-instances 2; }\n'
        'other() { az ml compute create -n "$1" --type amlcompute --min-instances 3; }\n'
    )
    found = read_together(main=". ./lib.sh\nmake train\n", lib=lib)

    assert found == {"main": [("train", 2)], "lib": [("{$1}", 3)]}


def test_what_a_sourced_file_sets_is_known_after_it():
    found = read_together(
        main=f"source ./env.sh\n{CREATE} --min-instances $LEAST\n", env="export LEAST=2\n"
    )

    assert found == {"main": [("train", 2)], "env": []}


@pytest.mark.parametrize(
    "start", ["bash create.sh train 2", "./create.sh train 2", "sh -x create.sh"]
)
def test_a_script_that_another_one_starts_is_judged_by_itself(start):
    create = 'az ml compute create -n "$1" --type amlcompute --min-instances "$2"\n'
    found = read_together(main=f"{start}\n", create=create)

    assert found == {"main": [], "create": [("{$1}", None)]}
