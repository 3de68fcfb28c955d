"""One report that holds a bit of everything, hostile names among it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from azmlint.engine.own import OWN_RULES, TextSpot
from azmlint.engine.report import Failure, Report, RuleInfo, Skip, Suppressed, UndecidedPair
from azmlint.expressions.truth import Need
from azmlint.finding import Applicability, Finding, Fix, Related, Severity, Step
from azmlint.model.resources import ComputeCluster
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

EXPECTED = Path(__file__).parent.parent.parent / "fixtures" / "reports"

NAME = "tr\x1b[31main ##vso[task.complete] 東京 [x](https://example.org) \u202e"
PASSWORD = "correct-horse-battery"

TRAIN = f"""\
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: {json.dumps(NAME)}
type: amlcompute
size: Standard_D4s_v5 # 東京 😀
min_instances: 2
max_instances: 4
ssh_settings:
  admin_username: azureuser
  admin_password: {PASSWORD}
"""

TEMPLATE = """\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"least": {"type": "int", "defaultValue": 0}},
  "resources": [
    {
      "type": "Microsoft.MachineLearningServices/workspaces/computes",
      "apiVersion": "2024-04-01",
      "name": "ws/gpu",
      "location": "westeurope",
      "properties": {
        "computeType": "AmlCompute",
        "properties": {
\t\t\t"vmSize": "Standard_NC6s_v3",
\t\t\t"scaleSettings": {"minNodeCount": "[parameters('least')]", "maxNodeCount": 4}
        }
      }
    }
  ]
}
"""

PARAMETERS = """\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    "least": {"value": 3}
  }
}
"""

BROKEN = "name: [\n"
BROKEN_PATH = "teams/::error file=x::/50% off #1.yml"


def info(name, severity, summary, **more):
    page = f"https://github.com/azmlint/azmlint/blob/main/rules/docs/{name}.md"
    return RuleInfo(
        **{
            "name": name,
            "family": "scale",
            "severity": severity,
            "summary": summary,
            "help_markdown": f"# {name}\n\n{summary}\n",
            "help_uri": page,
            "security_severity": None,
            "kind": "compute cluster",
            **more,
        }
    )


RULES = {
    r.name: r
    for r in (
        info("min-nodes", Severity.WARNING, "Compute cluster keeps nodes running."),
        info("no-tier", Severity.NOTE, "Compute cluster names no tier.", help_markdown=""),
        info(
            "password-in-file",
            Severity.ERROR,
            "File holds a password.",
            family="access",
            security_severity=9.5,
        ),
        info("never-found", Severity.ERROR, "Nothing is wrong."),
        OWN_RULES["syntax-error"],
    )
}


def documents_of(texts):
    return {path: decode(path, text.encode()) for path, text in texts.items()}


def resources_of(documents):
    context = Texts(documents)
    return [r for d in documents.values() for r in load.read(d, context).resources]


def make_report():
    documents = documents_of(
        {
            "compute/train.yml": TRAIN,
            "infra/main.json": TEMPLATE,
            "infra/main.parameters.json": PARAMETERS,
            BROKEN_PATH: BROKEN,
        }
    )
    train, gpu = (r for r in resources_of(documents) if isinstance(r, ComputeCluster))
    report = Report()
    report.documents = documents
    report.resource_count = 2
    report.rules = RULES
    report.secrets = [train.admin_password.place]
    step = Step(
        ("az", "ml", "compute", "update", "--name", NAME, "--min-instances", "0"),
        "Microsoft.MachineLearningServices/workspaces/computes/write",
        ("az", "ml", "compute", "update", "--name", NAME, "--min-instances", "2"),
    )
    report.findings = [
        Finding(
            "no-tier",
            Severity.NOTE,
            f"{train.label} names no tier",
            train.tier,
            train,
            fixes=(
                Fix("say which tier", Applicability.UNSAFE, (train.tier.set("dedicated"),)),
                Fix("create it again", Applicability.DISPLAY),
            ),
        ),
        Finding(
            "min-nodes",
            Severity.WARNING,
            f"{train.label} keeps 2 nodes running",
            train.min_nodes,
            train,
            related=tuple(Related(gpu.grip, f"also {gpu.label}, {i}", gpu) for i in range(1, 13)),
            fixes=(
                Fix(
                    "scale down to 0 nodes",
                    Applicability.SAFE,
                    (train.min_nodes.set(0),),
                    (step,),
                ),
            ),
        ),
        Finding(
            "password-in-file",
            Severity.ERROR,
            f"the password of {train.label} stands in the file",
            train.admin_password,
            train,
            why_no_fix="it has to be changed",
            related=(Related(train.admin_user.place, "the user", train),),
        ),
        Finding(
            "min-nodes",
            Severity.WARNING,
            f"{gpu.label} keeps 3 nodes running",
            gpu.min_nodes,
            gpu,
            worlds=({"parameters(tier)": "prod"}, {"parameters('tier')": "test", "hour": "12"}),
            fixes=(Fix("scale down to 0 nodes", Applicability.SAFE, (gpu.min_nodes.set(0),)),),
        ),
        Finding(
            "syntax-error",
            Severity.ERROR,
            "the text ends inside a list",
            TextSpot(documents[BROKEN_PATH], len(BROKEN) - 2, len(BROKEN)),
            None,
            why_no_fix="only its author knows what was meant",
        ),
    ]
    size = Finding("min-nodes", Severity.WARNING, "the size is large", train.size, train)
    most = Finding("min-nodes", Severity.WARNING, "4 nodes are many", gpu.max_nodes, gpu)
    report.suppressed = [
        Suppressed(size, "comment", "agreed with finance", "2027-01-31"),
        Suppressed(most, "configuration", "", None),
    ]
    lock = Need("locks", "/subscriptions/x", "Microsoft.Authorization/locks/read")
    report.undecided = [
        UndecidedPair("no-tier", gpu, "parameters('a') is not known", "parameter", None),
        UndecidedPair("min-nodes", gpu, "the locks were not read", "facet", lock),
    ]
    report.failures = [
        Failure("a/::b.json", None, "read", "not allowed\x07"),
        Failure(None, "acme_rules", "load", "ValueError: ##[error]no"),
    ]
    report.skipped = [Skip("big.json", "discover", "larger than 10 MB")]
    report.not_applicable = {"locks": ["z-rule", "a-rule"], "usages": ["a-rule"]}
    return report


@pytest.fixture
def report():
    return make_report()


@pytest.fixture
def expect(request):
    """Compare with a committed file, which `--update` rewrites."""

    def check(name, text):
        path = EXPECTED / name
        if request.config.getoption("--update"):
            path.write_bytes(text.encode())
        assert path.read_bytes().decode() == text

    return check
