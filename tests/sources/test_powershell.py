"""Scripts of PowerShell: its own commands and those of az, with its quotes, lists and splatting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.engine.fix import apply
from azmlint.model.resources import ComputeCluster, ComputeInstance, Lock, ToolUse, Workspace
from azmlint.sources import load
from azmlint.sources.document import Binding, decode
from azmlint.sources.powershell_syntax import parse
from azmlint.sources.texts import Texts

SUB = "11111111-1111-1111-1111-111111111111"
CREATE = "az ml compute create -n train --type amlcompute"


def read(text, **binding):
    document = decode("a.ps1", text.encode())
    return load.read(document, Texts({"a.ps1": document}, {"a.ps1": Binding(**binding)}))


def resources(text, **binding):
    return [r for r in read(text, **binding).resources if not isinstance(r, ToolUse)]


def one(text, kind=ComputeCluster, **binding):
    (resource,) = resources(text, **binding)
    assert type(resource) is kind
    return resource


@pytest.mark.parametrize(
    "text",
    [
        f"{CREATE} --min-instances 2",
        f"{CREATE} `\n  --min-instances '2' # x",
        '& az ml compute create -n train --type amlcompute --min-instances "2" | Out-Null',
        f"$M = 2\n{CREATE} --min-instances $m",
        f'[int] $Script:M = 2; {CREATE} --min-instances "$M"',
        f"param([int]$M = 2)\n{CREATE} --min-instances $M",
        f"param([Parameter(Mandatory)][string]$A, $M = 2) {CREATE} --min-instances $M",
        f"if ($x.Length -eq 0) {{ {CREATE} --min-instances 2 }} else {{ Write-Host no }}",
        f"try {{ {CREATE} --min-instances 2 }} catch {{ throw }} finally {{ a }}",
        f"foreach ($m in @(2)) {{ {CREATE} --min-instances $m }}",
        f"foreach ($m in 2) {{ {CREATE} --min-instances $m }}",
        f"$all = @('2')\nforeach ($m in $all) {{ {CREATE} --min-instances $m }}",
        f"function f($M) {{ {CREATE} --min-instances $M }}\nf 2",
        f"function f {{ param($N, $M = 9) {CREATE} --min-instances $M }}\nf -M 2 -N x",
        f"function f {{\n [CmdletBinding()]\n param($M = 2)\n {CREATE} --min-instances $M }}",
        f"switch ('p') {{ 'p' {{ $M = 2 }} default {{ $M = 3 }} }}\n{CREATE} --min-instances $M",
        f"$r = {CREATE} --min-instances 2 | ConvertFrom-Json",
        f"$r = $({CREATE} --min-instances 2)",
        f"1..3 | ForEach-Object {{ {CREATE} --min-instances 2 }}",
        f"<# {CREATE} #>\n# {CREATE}\n{CREATE} --min-instances 2",
        f"Write-Host \"{CREATE}\"\n$s = '{CREATE}'\n{CREATE} --min-instances 2",
        f"$s = @'\n{CREATE} --min-instances 3\n'@\n{CREATE} --min-instances 2",
    ],
)
def test_a_value_is_known_however_it_is_written(text):
    cluster = one(text)

    assert (cluster.name, cluster.min_nodes.known) == ("train", 2)
    assert cluster.min_nodes.trace[-1].text.strip("'\"") == "2"


@pytest.mark.parametrize("value", ["$M", "$env:M", "$x.Count", "$(Get-It)", "($a * 2)", "$a[0]"])
def test_what_is_not_known_says_why(value):
    found = one(f"{CREATE} --min-instances {value}").min_nodes

    assert found.known is None
    assert found.reasons


@pytest.mark.parametrize(
    "text",
    [
        "while ($true) {{ {} }}",
        "do {{ {} }} until ($x -gt 3)",
        "for ($i = 0; $i -lt 3; $i++) {{ {} }}",
        "foreach ($x in Get-Items | Where-Object {{ $_.a -eq 1 }}) {{ {} }}",
        "Get-Items | foreach {{ {} }}",
        "if ($a) {{ x }} elseif (-not ($b)) {{ {} }} else {{ y }}",
        "if ($a) {{ x }} else if ($b) {{ {} }}",
        "switch -Regex ($a) {{ 'b' {{ {} }} {{ $_ -gt 1 }} {{ x }} default {{ y }} }}",
        "try {{ x }} catch [System.Exception] {{ {} }}",
        "function f {{ begin {{ }} process {{ {} }} end {{ }} }}",
        "function f([Parameter()][string]$A, [switch]$B) {{ {} }}\nf -A 1 -B",
        "class C {{ [string]$A; F() {{ x }} }}\nenum E {{ A }}\n{}",
        "Invoke-Command -ScriptBlock {{ {} }}",
        "$x = if ($a) {{ {} }} else {{ y }}",
        "$x = @({})",
        "$x = @{{ a = ({}); b = 1 }}",
        "return {}",
        "trap {{ x }}\n{}",
        "$a = $b.C[0].D('x'); {}",
        "$a = [int]::Parse('1'); $b = [string]$c, 'd'; {}",
        '$t = @"\n$a\n"@\n{}',
        "x -A a,b,'c' -B @(1, 2); {}",
        'x `\n  -A "a`"b""c"; {}',
        "1..3 | % {{ x }} && {}",
        "$p = 'a' + 1 + $b; {} # comment",
        "$ErrorActionPreference = 'Stop' <# a #>; {}",
        ". ./other.ps1\n{}",
        "Set-Location x; {}",
        "${{env:A}} = 1; {}",
    ],
)
def test_commands_are_found_wherever_they_stand(text):
    reading = read(text.format(f"{CREATE} --min-instances 2"))
    (cluster,) = (r for r in reading.resources if r.kind == "compute cluster")

    assert cluster.min_nodes.known == 2
    assert reading.problems == []


@pytest.mark.parametrize(
    "text",
    [
        "'a",
        '"a',
        "@'\na",
        "@{a",
        "@{a b}",
        "$(a",
        "if a {}",
        "switch a",
        "function {",
        "@(a",
        ")",
    ],
)
def test_what_is_not_followed_is_said_and_what_is_before_is_read(text):
    reading = read(f"{CREATE}\n{text}")

    assert [r.name for r in reading.resources if r.kind == "compute cluster"] == ["train"]
    assert all(p.rule is None for p in reading.problems)
    assert reading.problems


def test_sums_of_texts_are_texts():
    text = f"$n = 'D4s'\n$size = 'Standard_' + $n + \"_v5\"\n{CREATE} --size $size"

    assert one(text).size.known == "Standard_D4s_v5"


@pytest.mark.parametrize(
    ("command", "scope"),
    [
        ("New-AzResourceLock -LockName l -LockLevel ReadOnly", ""),
        ("New-AzResourceLock -LockName l -LockLevel ReadOnly -ResourceGroupName rg -Force",
         "/resourceGroups/rg"),
        ("New-AzResourceLock -lockname:l -LockLevel:ReadOnly -ResourceGroup 'rg'",
         "/resourceGroups/rg"),
        ("New-AzResourceLock -LockName l -LockLevel ReadOnly -ResourceGroupName rg `\n"  # noqa: ISC004
         " -ResourceName v -ResourceType Microsoft.Network/virtualNetworks",
         "/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v"),
        (f"New-AzResourceLock -LockName l -LockLevel ReadOnly -Scope /subscriptions/{SUB}/x/y",
         "/x/y"),
        ("$p = @{\n LockName = 'l'; LockLevel = \"ReadOnly\"\n ResourceGroupName = 'rg'\n}\n"  # noqa: ISC004
         "New-AzResourceLock @p", "/resourceGroups/rg"),
    ],
)  # fmt: skip
def test_locks_are_on_what_commands_name(command, scope):
    lock = one(command, Lock, subscription=SUB)

    assert lock.level.known == "readonly"
    assert str(lock.locked) == f"/subscriptions/{SUB}{scope}"


def test_a_lock_that_is_removed_again_is_not_there():
    text = (
        "New-AzResourceLock -LockName l -LockLevel ReadOnly -ResourceGroupName rg\n"
        "Remove-AzResourceLock -LockName l -ResourceGroupName rg -Force"
    )

    assert resources(text) == []


def test_clusters_are_made_of_the_object_that_is_given():
    text = (
        "Set-AzContext -Subscription " + SUB + "\n"
        "$aml = New-AzMLWorkspaceAmlComputeObject -OSType 'Linux' -VMSize 'Standard_D4s_v5' `\n"
        "  -ScaleMaxNodeCount 8 -ScaleMinNodeCount 1 -EnableNodePublicIP $false\n"
        "New-AzMLWorkspaceCompute -ResourceGroupName rg -WorkspaceName ws -Name gpu-a "
        "-Location eastus -Compute $aml -IdentityType SystemAssigned"
    )

    cluster = one(text)

    assert cluster.id.is_ground
    assert (cluster.min_nodes.known, cluster.max_nodes.known) == (1, 8)
    assert cluster.public_ip.known is False
    assert cluster.location.known == "eastus"
    assert cluster.identity.known == frozenset({"systemassigned"})


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("'0:30:00'", 1800), ("01:00", 3600), ("'1.00:00:30'", 86430), ("PT2M", 120)],
)
def test_a_time_of_powershell_is_a_duration(written, seconds):
    text = (
        f"$aml = New-AzMLWorkspaceAmlComputeObject -ScaleNodeIdleTimeBeforeScaleDown {written}\n"
        "New-AzMLWorkspaceCompute -Name gpu-a -WorkspaceName ws -Compute $aml"
    )

    assert one(text).idle_seconds.known == seconds


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("'soon'", "'soon' is no time of hours, minutes and seconds"),
        (
            "(New-TimeSpan -Minutes 30)",
            "`(New-TimeSpan -Minutes 30)` is known only when it has run",
        ),
    ],
)
def test_what_is_no_time_that_is_written_is_unknown(written, reason):
    text = (
        f"$aml = New-AzMLWorkspaceAmlComputeObject -ScaleNodeIdleTimeBeforeScaleDown {written}\n"
        "New-AzMLWorkspaceCompute -Name gpu-a -WorkspaceName ws -Compute $aml"
    )

    assert [r.text for r in one(text).idle_seconds.reasons] == [reason]


def test_instances_and_workspaces_are_made_too():
    text = (
        "$o = New-AzMLWorkspaceComputeInstanceObject -VMSize Standard_DS3_v2\n"
        "New-AzMLWorkspaceCompute -Name box -Compute $o -WorkspaceName ws -ResourceGroupName rg\n"
        "New-AzMLWorkspace -Name ws -ResourceGroupName rg -Location westus -HbiWorkspace"
    )
    instance, workspace = resources(text)

    assert type(instance) is ComputeInstance
    assert type(workspace) is Workspace
    assert workspace.hbi.known is True


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"$M = 2\n{CREATE} --min-instances $M", f"$M = 0\n{CREATE} --min-instances $M"),
        (f"{CREATE} --min-instances '2'", f"{CREATE} --min-instances '0'"),
        (
            f"{CREATE} `\n  --tier dedicated",
            f"{CREATE} `\n  --tier dedicated `\n  --min-instances 0",
        ),
    ],
)
def test_a_value_is_changed_where_it_is_written(before, after):
    document = decode("a.ps1", before.encode())
    cluster = load.read(document, Texts({"a.ps1": document})).resources[0]

    assert apply(document, cluster.min_nodes.edits(0)) == after


@given(st.text("a \n'\"`$(){}[]@;|&,=#<>-+.", max_size=40))
def test_any_text_is_read_to_its_end(text):
    assert all(0 <= f.start <= len(text) for f in parse(text).faults)


def test_deep_nesting_ends():
    for text in (
        "(" * 3_000,
        "{" * 3_000,
        "@(" * 3_000,
        "$(" * 3_000,
        "@{a=" * 3_000,
        "if(" * 3_000,
    ):
        assert parse(text) is not None
