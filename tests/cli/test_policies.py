"""Policy definitions that a configuration names are judged like rules."""

from __future__ import annotations

import json

import pytest

COMPUTES = "Microsoft.MachineLearningServices/workspaces/computes"
CLUSTER = """\
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: train
type: amlcompute
size: Standard_NC24ads_A100_v4
max_instances: 12
idle_time_before_scale_down: 300
"""
BICEP = """\
resource train 'Microsoft.MachineLearningServices/workspaces/computes@2025-06-01' = {
  name: 'ws/train'
  location: 'westeurope'
  properties: {
    computeType: 'AmlCompute'
    properties: {
      vmSize: 'Standard_NC24ads_A100_v4'
      scaleSettings: { maxNodeCount: 12 }
    }
  }
}
"""
SIZES = {
    "name": "allowed sizes",
    "properties": {
        "displayName": "Allowed sizes",
        "description": "Clusters have sizes with quota. The list is the platform team's.",
        "mode": "Indexed",
        "parameters": {"sizes": {"type": "Array", "defaultValue": ["Standard_D4s_v5"]}},
        "policyRule": {
            "if": {"field": f"{COMPUTES}/vmSize", "notIn": "[parameters('sizes')]"},
            "then": {"effect": "deny"},
        },
    },
}
OWNERS = """\
displayName: Owners
mode: Indexed
metadata: {severity: High}
parameters:
  tagName: {type: String}
policyRule:
  if:
    field: "[concat('tags[', parameters('tagName'), ']')]"
    exists: false
  then:
    effect: audit
"""


@pytest.fixture
def policies(project):
    (project / "policies").mkdir()
    (project / "policies" / "sizes.json").write_text(json.dumps(SIZES))
    (project / "policies" / "README.md").write_text("Ours.")
    (project / "azmlint.toml").write_text('policies = ["policies/*"]\n')
    (project / "cluster.yml").write_text(CLUSTER)
    return project


def lines(azmlint, *words):
    result = azmlint("check", "--select", "policies", "--format", "concise", *words)
    return result.code, result.out.splitlines()


def test_a_definition_is_judged_over_every_language(azmlint, policies):
    (policies / "main.bicep").write_text(BICEP)

    code, found = lines(azmlint)

    assert code == 1
    told = (
        "error[policy-allowed-sizes] compute cluster 'train' would be refused by the policy "
        "'Allowed sizes': vmSize is 'Standard_NC24ads_A100_v4', which is none of 'Standard_D4s_v5'"
    )
    assert found == [f"cluster.yml:4:7: {told}", f"main.bicep:7:15: {told}"]


def test_parameters_have_values_in_the_configuration(azmlint, policies):
    (policies / "policies" / "owners.yaml").write_text(OWNERS)
    (policies / "azmlint.toml").write_text(
        'policies = [{path = "policies/owners.yaml", parameters = {tagName = "owner"}}]\n'
    )

    code, found = lines(azmlint)

    assert code == 1
    told = "compute cluster 'train' does not comply with the policy 'Owners'"
    assert found == [f"cluster.yml:2:7: error[policy-owners] {told}: tags['owner'] is not written"]


def test_a_parameter_without_a_value_leaves_the_policy_undecided(azmlint, policies):
    (policies / "policies" / "owners.yaml").write_text(OWNERS)
    (policies / "azmlint.toml").write_text('policies = ["policies/owners.yaml"]\n')

    result = azmlint("check", "--format", "json", "--select", "policies")
    data = json.loads(result.out)

    assert [u["rule"] for u in data["undecided"]] == ["policy-owners"]
    assert "the policy's parameter 'tagName' has no value" in data["undecided"][0]["reason"]


def test_a_finding_can_be_accepted_where_it_stands(azmlint, policies):
    text = CLUSTER.replace("_A100_v4", "_A100_v4  # azmlint: ignore[policy-allowed-sizes] leased")
    (policies / "cluster.yml").write_text(text)

    assert lines(azmlint) == (0, [])


def test_a_finding_can_be_accepted_in_the_configuration(azmlint, policies):
    (policies / "azmlint.toml").write_text(
        'policies = ["policies/*.json"]\n[rules.policy-allowed-sizes]\nseverity = "note"\n'
        '[[ignore]]\nrule = "policies"\npath = "cluster.yml"\nreason = "leased"\n'
    )

    assert lines(azmlint) == (0, [])
    assert lines(azmlint, "--no-ignores")[1][0].startswith("cluster.yml:4:7: note[")


def test_a_policy_can_be_left_out_by_name(azmlint, policies):
    result = azmlint("check", "--ignore", "policy-allowed-sizes", "--format", "concise")

    assert "policy-allowed-sizes" not in result.out


def test_a_note_of_a_policy_is_shown_because_somebody_asked_for_it(azmlint, policies):
    changing = json.loads(json.dumps(SIZES))
    changing["properties"]["policyRule"]["then"]["effect"] = "modify"
    (policies / "policies" / "sizes.json").write_text(json.dumps(changing))

    result = azmlint("check", "--format", "concise", "--profile", "default")

    assert "note[policy-allowed-sizes] compute cluster 'train' would be changed by" in result.out


def test_a_policy_is_a_rule_of_the_report(azmlint, policies):
    data = json.loads(azmlint("check", "--select", "policies", "--format", "sarif").out)
    run = data["runs"][0]
    rule = next(r for r in run["tool"]["driver"]["rules"] if r["id"] == "policy-allowed-sizes")

    assert rule["shortDescription"]["text"] == "Clusters have sizes with quota."
    assert "policies/sizes.json" in rule["help"]["markdown"]
    assert [r["ruleId"] for r in run["results"]] == ["policy-allowed-sizes"]


def test_policies_are_listed_and_explained(azmlint, policies):
    listed = azmlint("rules", "--select", "policies").out
    page = azmlint("explain", "policy-allowed-sizes").out

    start = "policy-allowed-sizes  policies  error    "
    assert listed == f"{start}Clusters have sizes with quota.\n"
    assert "The list is the platform team's." in page
    assert "the effect is deny, the severity error" in page
    assert "policy-allowed-sizes" in azmlint("rules", "--format", "json").out


def test_a_parameter_with_allowed_values_makes_worlds(azmlint, policies):
    sized = BICEP.replace("'Standard_NC24ads_A100_v4'", "size")
    allowed = "@allowed(['Standard_D4s_v5', 'Standard_NC24ads_A100_v4'])\nparam size string\n"
    (policies / "main.bicep").write_text(allowed + sized)
    (policies / "cluster.yml").unlink()

    data = json.loads(azmlint("check", "--select", "policies", "--format", "json").out)

    assert [f["worlds"] for f in data["findings"]] == [[{"size": "Standard_NC24ads_A100_v4"}]]


def snapshot(**properties):
    group = "/subscriptions/s/resourceGroups/ml"
    own = f"{group}/providers/Microsoft.MachineLearningServices/workspaces"
    workspace = {"id": f"{own}/ws", "name": "ws", "location": "westeurope", "properties": {}}
    compute = {
        "id": f"{own}/ws/computes/train",
        "name": "train",
        "properties": {"computeType": "AmlCompute", "properties": properties},
    }
    answers = [
        {"facet": f, "scope": s, "state": "collected", "items": [i]}
        for f, s, i in (
            ("workspaces", "/subscriptions/s", workspace),
            ("computes", f"{own}/ws", compute),
        )
    ]
    taken = "2026-11-24T12:00:00Z"
    return json.dumps({"version": 1, "taken": taken, "cloud": "AzureCloud", "answers": answers})


def test_what_is_deployed_is_judged_too(azmlint, policies):
    (policies / "estate.json").write_text(snapshot(vmSize="Standard_NC24ads_A100_v4"))

    words = ("--snapshot", "estate.json", "--select", "policies", "--format", "concise")
    result = azmlint("audit", *words)

    assert result.code == 1
    assert "/computes/train: error[policy-allowed-sizes]" in result.out


def test_a_role_allows_to_read_what_a_policy_is_about(azmlint, policies):
    tags = {
        "if": {
            "allOf": [
                {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
                {"value": "[resourceGroup().tags.owner]", "equals": "x"},
            ]
        },
        "then": {"effect": "audit"},
    }
    (policies / "policies" / "sizes.json").write_text(json.dumps(tags))

    role = azmlint("audit", "--print-role", "--select", "policies", "--subscription", "s").out

    assert "Microsoft.Storage/storageAccounts/read" in role
    assert "Microsoft.Resources/subscriptions/resourceGroups/read" in role


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"mode": "Microsoft.KeyVault.Data"}, "is about what is inside of resources"),
        ({"effect": "disabled"}, "its effect is disabled"),
        ({"effect": "denyAction"}, "is about actions, not about what is declared"),
    ],
)
def test_a_definition_that_says_nothing_of_files_is_told(azmlint, policies, change, reason):
    made = json.loads(json.dumps(SIZES))
    made["properties"]["mode"] = change.get("mode", "All")
    made["properties"]["policyRule"]["then"]["effect"] = change.get("effect", "deny")
    (policies / "policies" / "sizes.json").write_text(json.dumps(made))

    skipped = json.loads(azmlint("check", "--format", "json").out)["skipped"]

    assert any(s["path"] == "policies/sizes.json" and reason in s["reason"] for s in skipped)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{", "policies/sizes.json:1:2: expecting property name enclosed in double quotes"),
        ("[]", "policies/sizes.json: is no policy definition: 'policyRule' is missing"),
        ('{"policyRule": 1}', "is no policy definition: 'policyRule' must be an object"),
        ('{"properties": {"policyDefinitions": []}}', "is an initiative; name the files"),
        ("[" * 300 + "]" * 300, "is too large, or nested too deeply"),
    ],
)
def test_a_bad_file_gives_one_clear_line(azmlint, policies, text, line):
    (policies / "policies" / "sizes.json").write_text(text)

    result = azmlint("check")

    assert result.code == 2
    assert len(result.err.splitlines()) == 1
    assert line in result.err


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ('policies = ["nothing/*.json"]', "azmlint.toml: policies[0]: no JSON or YAML file"),
        ('policies = ["policies/README.md"]', "policies/README.md: a policy definition is a JSON"),
        ('policies = ["policies/gone.json"]', "no JSON or YAML file matches 'policies/gone.json'"),
        (
            'policies = [{path = "policies/sizes.json", parameters = {size = 1}}]',
            "policies/sizes.json: there is no parameter 'size' to give a value to",
        ),
        ("policies = [1]", "azmlint.toml: policies[0]: must be a text, not 1"),
        ('policies = ["policies/*.json", {path = "x", parameters = 1}]', "must be a table, not 1"),
        ('policies = ["policies/*.json"]\n[rules.policy-x]', "no rule is called 'policy-x'"),
    ],
)
def test_a_wrong_entry_gives_one_clear_line(azmlint, policies, config, line):
    (policies / "azmlint.toml").write_text(config)

    result = azmlint("check")

    assert result.code == 2
    assert line in result.err
    assert len(result.err.splitlines()) == 1


def test_two_definitions_of_one_name_are_refused(azmlint, policies):
    (policies / "policies" / "zebra.json").write_text(json.dumps(SIZES))

    result = azmlint("check")

    assert result.code == 2
    assert "policies/zebra.json: policies/sizes.json has the name 'allowed sizes' too" in result.err


def test_a_definition_may_not_have_the_name_of_a_rule(azmlint, policies):
    made = {**SIZES, "name": "denies-delete"}
    (policies / "policies" / "sizes.json").write_text(json.dumps(made))

    result = azmlint("check")

    assert result.code == 2
    assert "'policy-denies-delete' is the name of a rule" in result.err


def test_a_shared_configuration_brings_its_policies(azmlint, policies):
    shared = policies / "shared"
    shared.mkdir()
    (policies / "policies").rename(shared / "policies")
    (policies / "azmlint.toml").rename(shared / "azmlint.toml")
    (policies / "azmlint.toml").write_text('extends = "shared/azmlint.toml"\n')

    assert len(lines(azmlint)[1]) == 1
