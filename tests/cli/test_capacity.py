"""`azmlint capacity` says how far clusters get, and what it does not know."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parent.parent.parent
ESTATE = ROOT / "fixtures" / "estates" / "contoso-quota"
SCHEMA = json.loads((ROOT / "docs" / "capacity.schema.json").read_text("utf-8"))

CLUSTERS = """\
$schema: https://azuremlschemas.azureedge.net/latest/compute.schema.json
name: score
type: amlcompute
size: Standard_D4ds_v5
location: West Europe
max_instances: 6
---
$schema: https://azuremlschemas.azureedge.net/latest/compute.schema.json
name: train
type: amlcompute
size: Standard_D8ds_v5
location: westeurope
max_instances: 6
"""
SUBNET = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/net/providers/"
    "Microsoft.Network/virtualNetworks/vnet/subnets/ml"
)
NETWORK = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "resources": [
        {
            "type": "Microsoft.Network/virtualNetworks",
            "apiVersion": "2024-05-01",
            "name": "vnet",
            "location": "westeurope",
            "properties": {
                "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
                "subnets": [{"name": "ml", "properties": {"addressPrefix": "10.0.0.0/29"}}],
            },
        }
    ],
}
LIMITS = '[quota."West Europe"]\nstandardDDSv5Family = 40\nTotalDedicatedCores = 100\n'


@pytest.fixture
def reckon(project, azmlint):
    """Reckon with the files of a project; give exit code and the JSON answer."""

    def call(*words, clusters=CLUSTERS, limits=LIMITS):
        (project / "clusters.yml").write_text(clusters, encoding="utf-8")
        (project / "azmlint.toml").write_text(limits, encoding="utf-8")
        code, out, err = azmlint("capacity", "--format", "json", *words)
        if not out:
            return code, err
        data = json.loads(out)
        jsonschema.Draft202012Validator(SCHEMA).validate(data)
        assert data["exit_code"] == code
        return code, data

    return call


def reached(data):
    return {
        c["name"]: (c["asked"], c["alone"], c["together"])
        for region in data["regions"]
        for c in region["clusters"]
    }


def full(data):
    return {
        c["name"]: c["full"] if c["full"] is None else region["limits"][c["full"]]["name"]
        for region in data["regions"]
        for c in region["clusters"]
    }


def test_schema_is_valid_and_leaves_nothing_open():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    objects = [SCHEMA, *SCHEMA["$defs"].values()]
    assert all(o["additionalProperties"] is False for o in objects)


def test_files_and_stated_limits_are_enough(reckon):
    code, data = reckon()

    assert reached(data) == {"score": (6, 6, 4), "train": (6, 5, 3)}
    assert full(data) == {"score": "standardDDSv5Family", "train": "standardDDSv5Family"}
    (region,) = data["regions"]
    assert (region["wanted"], region["reached"], region["bound"]) == (72, 40, 40)
    assert [x["name"] for x in region["limits"] if x["helps"]] == ["standardDDSv5Family"]
    assert (code, data["gaps"]) == (0, [])


def test_another_limit_can_be_supposed(reckon):
    code, data = reckon("--what-if", "quota:westeurope/Standard DDSv5 Family=72")

    assert reached(data) == {"score": (6, 6, 6), "train": (6, 6, 6)}
    assert full(data) == {"score": None, "train": None}
    (region,) = data["regions"]
    assert not any(x["in_cut"] for x in region["limits"])
    assert code == 0


def test_other_sizes_of_clusters_can_be_supposed(reckon):
    _, data = reckon("--what-if", "train.max=2", "--what-if", "SCORE.max=50")

    assert reached(data) == {"score": (50, 10, 6), "train": (2, 2, 2)}
    assert data["supposed"] == ["train.max=2", "SCORE.max=50"]


def test_what_is_supposed_changes_no_file(reckon, project):
    reckon("--what-if", "train.max=2")

    assert (project / "clusters.yml").read_text() == CLUSTERS


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("trian.max=5", "there is no cluster 'trian', did you mean 'train'?"),
        ("train.min=5", "write it as CLUSTER.max=50 or quota:eastus/standardDSv2Family=100"),
        ("train.max=-1", "'-1' is no whole number of 0 or more"),
        ("quota:westeurope/x=many", "'many' is no whole number of 0 or more"),
        ("quota:westeurope=5", "write it as"),
        (
            "quota:westeurope/standardDDSv5Famly=4",
            "nothing is under standardDDSv5Famly in westeurope; there they are under Total",
        ),
        (
            "quota:eastus/standardDDSv5Family=4",
            "under standardDDSv5Family in eastus; what is listed is in westeurope",
        ),
    ],
)
def test_what_cannot_be_supposed_is_refused(reckon, change, said):
    code, err = reckon("--what-if", change)

    assert code == 2
    assert said in err


def test_a_name_that_several_clusters_have_is_refused_with_their_ids(reckon, project):
    (project / "more").mkdir()
    (project / "more" / "clusters.yml").write_text(CLUSTERS, encoding="utf-8")

    code, err = reckon("--what-if", "train.max=2")

    assert code == 2
    assert err.count("/computes/train") == 2


def test_instances_have_their_place_or_not_before_clusters_share_the_rest(reckon, azmlint):
    instances = "".join(
        f"---\nname: {name}\ntype: computeinstance\nsize: Standard_D8ds_v5\nlocation: westeurope\n"
        for name in ("zoe", "ann")
    )

    code, data = reckon(clusters=f"{CLUSTERS.partition('---')[0]}{instances}", limits=LIMITS)
    _, tight = reckon(
        *("--what-if", "quota:westeurope/standardDDSv5Family=15"),
        clusters=f"{CLUSTERS.partition('---')[0]}{instances}",
    )
    out = azmlint("capacity", "--what-if", "quota:westeurope/standardDDSv5Family=15").out

    assert reached(data) == {"score": (6, 6, 6)}
    (region,) = data["regions"]
    others = [(o["kind"], o["name"], o["asked"], o["together"]) for o in region["others"]]
    assert others == [("compute instance", n, 1, 1) for n in ("ann", "zoe")]
    assert (region["wanted"], region["reached"], code) == (40, 40, 0)
    (region,) = tight["regions"]
    assert [(o["name"], o["alone"], o["together"]) for o in region["others"]] == [
        ("ann", 1, 1),
        ("zoe", 1, 0),
    ]
    assert reached(tight) == {"score": (6, 1, 1)}
    assert region["limits"][0]["held"] == 8
    row = r"  zoe \(compute instance\) .* standardDDSv5Family \(15 vCPUs, 8 of them held by others"
    assert re.search(row, out)


def test_an_instance_is_in_the_region_of_its_workspace(reckon, project):
    schema = "https://azuremlschemas.azureedge.net/latest/workspace.schema.json"
    workspace = f"$schema: {schema}\nname: ws\nlocation: westeurope\n"
    (project / "ws.yml").write_text(workspace, encoding="utf-8")
    instance = "type: computeinstance\nsize: Standard_D4ds_v5\nlocation: eastus\n"

    _, data = reckon(clusters=f"name: ann\n{instance}")

    assert [(r["region"], o["name"]) for r in data["regions"] for o in r["others"]] == [
        ("westeurope", "ann")
    ]


def test_addresses_are_named_where_they_and_no_quota_bound_all(reckon, project, azmlint):
    (project / "net.json").write_text(json.dumps(NETWORK), encoding="utf-8")
    clusters = CLUSTERS.partition("---")[0].replace("max_instances: 6", "max_instances: 9")

    deployed = (
        '[[deployments]]\npaths = ["net.json"]\nresource_group = "net"\n'
        'subscription = "11111111-1111-1111-1111-111111111111"\n'
    )

    code, data = reckon(
        clusters=f"{clusters}network_settings:\n  subnet: {SUBNET}\n", limits=LIMITS + deployed
    )
    out = azmlint("capacity").out

    assert reached(data) == {"score": (9, 3, 3)}
    assert "  no quota bounds it; addresses do: subnet 'ml' (3 nodes)\n" in out
    assert code == 0


def test_without_any_limit_all_is_a_gap(reckon):
    code, data = reckon(limits="")

    assert code == 3
    assert [c["unknown"] for r in data["regions"] for c in r["clusters"]] == [[0, 1], [0, 1]]
    says = "in westeurope is not stated, and no input says in which subscription it is asked for"
    assert {g["reason"] for g in data["gaps"]} == {
        f"{name} {says}"
        for name in ("standardDDSv5Family", "the regional total of dedicated vCPUs")
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Standard_D8ds_v5", "Standard_Q8x", "how many vCPUs size Standard_Q8x has is not known"),
        ("max_instances: 6\n---", "max_instances: ${{ n }}\n---", "n"),
        ("location: westeurope", "tags: {}", "workspace"),
    ],
)
def test_a_cluster_that_cannot_be_reckoned_with_is_named(reckon, old, new, said):
    code, data = reckon(clusters=CLUSTERS.replace(old, new))

    assert code == 3
    (gap,) = data["gaps"]
    assert said in gap["reason"]
    assert re.match(r"compute cluster '(train|score)' \(clusters.yml:\d+\)$", gap["where"])


@pytest.mark.parametrize("number", ["-4", "9000000000"])
def test_a_max_that_no_service_takes_is_named_where_it_stands_and_not_reckoned_as_none(
    reckon, azmlint, number
):
    clusters = CLUSTERS.replace("max_instances: 6\n---", f"max_instances: {number}\n---")

    code, data = reckon(clusters=clusters)

    assert code == 3
    assert reached(data)["score"] == (None, 0, 0)
    assert [g["where"] for g in data["gaps"]] == ["compute cluster 'score' (clusters.yml:6)"]
    assert data["gaps"][0]["reason"] == "max nodes is not a whole number of 0 to 2147483647"
    assert "score" in azmlint("capacity").out.partition("  ?  ")[0]
    found = azmlint("check", ".", "--select", "property-value-invalid", "--format", "concise").out
    assert found.startswith("clusters.yml:6:16: error[property-value-invalid]")


def test_two_limits_of_one_family_are_told_from_none(project, azmlint):
    other = '"Standard DDSv5 Family" = 48\n'
    (project / "clusters.yml").write_text(CLUSTERS, encoding="utf-8")
    (project / "azmlint.toml").write_text(LIMITS + other, encoding="utf-8")

    out = azmlint("check", ".", "--select", "quota-unknown").out

    assert "in westeurope: two rows of Standard DDSv5 Family differ: 40 and 48" in out
    assert "is not stated" not in out


def test_what_is_misspelt_is_named_with_the_nearest_name(reckon, project, azmlint):
    limits = (
        '[quota."(Europe) West Europe"]\nstandardDDSv5Famly = 40\nTotalDedicatedCore = 100\n'
        "quiteOther = 3\n[quota.estus]\nstandardDSv2Family = 4\n[quota.nowhere]\n"
    )
    clusters = CLUSTERS.replace("D8ds_v5", "D8ds_v55").replace("West Europe", "westeuroppe")

    code, data = reckon(limits=limits, clusters=clusters)
    out = azmlint("check", ".", "--select", "quota-unknown").out

    assert code == 3
    assert [(g["where"], g["reason"]) for g in data["gaps"]][:6] == [
        (
            "configuration westeurope",
            (
                "no size that is known is of family 'standardDDSv5Famly'; "
                "did you mean 'standardDDSv5Family'?"
            ),
        ),
        (
            "configuration westeurope",
            (
                "no size that is known is of family 'TotalDedicatedCore'; "
                "did you mean 'TotalDedicatedCores'?"
            ),
        ),
        ("configuration westeurope", "no size that is known is of family 'quiteOther'"),
        ("configuration", "no list of regions has 'estus'; did you mean 'eastus'?"),
        ("westeuroppe", "no list of regions has 'westeuroppe'; did you mean 'westeurope'?"),
        (
            "compute cluster 'train' (clusters.yml:9)",
            (
                "how many vCPUs size Standard_D8ds_v55 has is not known; "
                "did you mean 'Standard_D8ds_v5'?"
            ),
        ),
    ]
    assert "is not stated, and no input says" in out


def test_what_is_stated_under_a_misspelt_family_is_said_where_the_family_is_missing(
    reckon, azmlint
):
    reckon(limits=LIMITS.replace("Family", "Famly"))

    out = azmlint("check", ".", "--select", "quota-unknown").out

    assert (
        "standardDDSv5Family in westeurope is not stated ('standardDDSv5Famly' is, of which no "
        "size that is known is), and" in out
    )


def test_a_gap_names_the_call_that_answers_it(reckon, azmlint):
    _, data = reckon(limits="")

    scope = (
        "/subscriptions/{the subscription}/providers/Microsoft.MachineLearningServices/locations"
    )
    (needs,) = {tuple(g["needs"].items()) for g in data["gaps"]}
    assert dict(needs) == {
        "facet": "usages",
        "scope": f"{scope}/westeurope",
        "permission": "Microsoft.MachineLearningServices/locations/usages/read",
        "call": f"GET {scope}/westeurope/usages?api-version=2025-12-01",
    }
    for form in ("text", "markdown"):
        out = azmlint("capacity", "--format", form).out.replace("\\", "")
        assert f"{needs[3][1]} answers it\n" in out
        assert f"it takes {needs[2][1]} on {needs[1][1]}\n" in out


def test_a_broken_file_is_a_gap(reckon, project):
    (project / "broken.yml").write_text("$schema: azureml\nname: [\ntype: amlcompute\n")

    code, data = reckon()

    assert code == 3
    assert reached(data)["score"] == (6, 6, 4)


def test_nothing_to_reckon_with_is_said(project, azmlint):
    code, out, _ = azmlint("capacity")

    assert out.startswith("no compute that can be reckoned with\n")
    assert "--snapshot has them, or [quota] of the configuration" in out
    assert code == 0


def test_what_is_supposed_is_told_first_and_what_it_takes_last(project, azmlint):
    answers = json.loads((ESTATE / "estate.json").read_text("utf-8"))
    for answer in answers["answers"]:
        if answer["facet"] == "usages":
            answer.update(state="denied", reason="403 AuthorizationFailed", items=[])
    (project / "estate.json").write_text(json.dumps(answers))

    code, out, _ = azmlint("capacity", "--snapshot", "estate.json", "--what-if", "tokens.max=1")

    assert out.startswith("supposing tokens.max=1\n\n")
    assert "it takes Microsoft.MachineLearningServices/locations/usages/read on /subscr" in out
    assert code == 3


def test_a_region_of_too_many_clusters_has_figures_and_no_bound(project, azmlint):
    clusters = "---\n".join(
        CLUSTERS.partition("---")[0].replace("score", f"c{n}") for n in range(60)
    )
    (project / "c.yml").write_text(clusters)
    (project / "azmlint.toml").write_text(LIMITS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("azmlint.model.capacity.flow.REACH", 50)

        told = {f: azmlint("capacity", "--format", f).out for f in ("text", "markdown", "json")}

    assert "together 40 of 1440 vCPUs; the most in any order is not worked out" in told["text"]
    assert "not worked out" in told["markdown"]
    data = json.loads(told["json"])
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    assert data["regions"][0]["bound"] is None


def test_colours_are_for_terminals_that_want_them(project, azmlint, monkeypatch):
    (project / "c.yml").write_text(CLUSTERS)
    monkeypatch.setenv("FORCE_COLOR", "1")

    assert "\x1b[1mwesteurope\x1b[0m" in azmlint("capacity").out
    assert "\x1b" not in azmlint("capacity", "--no-color").out


def test_hostile_names_stay_names(project, azmlint):
    (project / "c.yml").write_text(CLUSTERS.replace("name: train", 'name: "a|b\\e[31m<b>"'))
    (project / "azmlint.toml").write_text(LIMITS)

    told = {
        form: azmlint("capacity", "--format", form).out for form in ("text", "markdown", "mermaid")
    }

    assert all("\x1b" not in text for text in told.values())
    assert "a\\|b" in told["markdown"]
    assert "<b>" not in told["mermaid"]
    assert "\\<b\\>" in told["markdown"]


@pytest.mark.parametrize("form", ["text", "json", "markdown", "mermaid"])
def test_the_estate_with_quotas_is_told_as_its_page_says(azmlint, form, request):
    suffix = {"text": "txt", "json": "json", "markdown": "md", "mermaid": "mmd"}[form]
    expected = ESTATE / f"capacity.{suffix}"

    code, out, _ = azmlint("capacity", "--snapshot", str(ESTATE / "estate.json"), "--format", form)

    if request.config.getoption("--update"):
        expected.write_text(out, encoding="utf-8")
    assert out == expected.read_text(encoding="utf-8")
    assert code == 3


def test_files_are_reckoned_among_what_is_deployed(project, azmlint):
    workspace = (
        "/subscriptions/4b7e19d2-6c3a-4f08-9a51-2d8e70c4b6f1/resourceGroups/rg-ml-text/providers/"
        "Microsoft.MachineLearningServices/workspaces/mlw-text"
    )
    (project / "main.tf").write_text(
        'resource "azurerm_machine_learning_compute_cluster" "t" {\n'
        '  name = "tokens"\n  location = "westeurope"\n  vm_priority = "Dedicated"\n'
        f'  vm_size = "Standard_E8ds_v5"\n  machine_learning_workspace_id = "{workspace}"\n'
        "  scale_settings {\n    min_node_count = 0\n    max_node_count = 3\n"
        '    scale_down_nodes_after_idle_duration = "PT120S"\n  }\n}\n'
    )

    code, out, _ = azmlint(
        "capacity", "main.tf", "--snapshot", str(ESTATE / "estate.json"), "--format", "json"
    )

    # What is declared stands for what is deployed under its id; all else stays.
    data = json.loads(out)
    assert reached(data)["tokens"] == (3, 3, 3)
    assert reached(data)["train"] == (4, 4, 2)
    assert code == 3


FIXING = ("check", ".", "--select", "quota", "--fix", "--unsafe-fixes")


@pytest.mark.parametrize(
    ("quota", "most"),
    [
        (24, (3, 3)),
        (25, (3, 3)),
        (8, (1, 1)),
        (48, (6, 6)),
    ],
)
def test_two_clusters_that_ask_for_all_of_a_quota_are_fixed_together(project, azmlint, quota, most):
    text = CLUSTERS.replace("D8ds", "D4ds").replace("max_instances: 6", "max_instances: 12")
    (project / "c.yml").write_text(text)
    limits = f"[quota.westeurope]\nstandardDDSv5Family = {quota}\nTotalDedicatedCores = 100\n"
    (project / "azmlint.toml").write_text(limits)

    code, _, err = azmlint(*FIXING)
    again = azmlint(*FIXING)

    numbers = re.findall(r"max_instances: (\d+)", (project / "c.yml").read_text())
    assert tuple(map(int, numbers)) == most
    assert (code, err) == (0, "azmlint: changed 1 file\n")
    assert again.code == 0


def test_a_fix_that_is_taken_back_says_what_would_come_of_it(project, azmlint):
    text = CLUSTERS.replace("D8ds", "D4ds")
    (project / "c.yml").write_text(text)
    limits = "[quota.westeurope]\nstandardDDSv5Family = 4\nTotalDedicatedCores = 100\n"
    (project / "azmlint.toml").write_text(limits)

    code, out, err = azmlint(*FIXING)

    # One node for each is more than the quota, and none is no max.
    assert (project / "c.yml").read_text() == text
    assert code == 1
    assert err.splitlines() == [
        f"azmlint: c.yml:{line}:16: family-quota-shortfall is not fixed: "
        "capacity-bottleneck on compute cluster 'train' would come of it"
        for line in (6, 13)
    ]
    assert "ask for 48 vCPUs of standardDDSv5Family" in out
