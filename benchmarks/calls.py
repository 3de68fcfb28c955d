"""Counts what runs do instead of timing them, so that a slower change shows on any machine.

    python benchmarks/calls.py            prints the table of calls.json, counted anew
    python benchmarks/calls.py --check    ends with 1 where more is done than calls.json allows
    python benchmarks/calls.py --write    takes what is counted as what is allowed

Counted are the calls of functions, Python's own included, in a process that starts anew, with
compiled modules; they are the same in every run of one version of Python and of the libraries.
Growth is the exponent between two sizes of one input: 1 is linear.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from estate import Estate

ROOT = Path(__file__).parents[1]
ALLOWED = Path(__file__).with_suffix(".json")
MARGIN = 1.05
"""What is counted may be so much more than what is recorded."""

MOST_GROWTH = 1.1
SMALL, LARGE = 100, 400
COUNT = """\
import cProfile, sys
profile = cProfile.Profile()
profile.enable()
from azmlint.cli import run
run(sys.argv[1:])
profile.disable()
print(sum(e.callcount for e in profile.getstats()), file=sys.stderr)
"""
HEAD = "$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json"
NAMED = (
    ("azmlint --version", "."),
    ("azmlint check train.yml", "fixtures/estates/clean/compute/risk"),
    ("azmlint check main.json", "fixtures/estates/clean/infra/vision"),
    ("azmlint check .", "fixtures/estates/contoso"),
    ("azmlint audit --snapshot estate.json", "fixtures/estates/contoso-live"),
)


def calls(command: str, folder: Path) -> int:
    """Count the calls of a run; the second of two, so that modules are compiled."""
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'linter'}{os.pathsep}{ROOT / 'rules'}",
        "PYTHONHASHSEED": "0",
        "NO_COLOR": "1",
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    words = [sys.executable, "-c", COUNT, *command.split()[1:]]
    for _ in range(2):
        done = subprocess.run(
            words, cwd=folder, env=environment, capture_output=True, text=True, check=True
        )
    return int(done.stderr.split()[-1])


def yaml(count: int) -> str:
    """Make clusters in one file of az ml."""
    each = "type: amlcompute\nsize: Standard_D4s_v5\nmin_instances: 1\nmax_instances: 4\n"
    return "---\n".join(f"{HEAD}\nname: train-{n}\n{each}" for n in range(count))


def template(count: int) -> str:
    """Make clusters in one template."""
    resources = [
        {
            "type": "Microsoft.MachineLearningServices/workspaces/computes",
            "apiVersion": "2024-04-01",
            "name": f"ws/train-{n}",
            "location": "[resourceGroup().location]",
            "properties": {
                "computeType": "AmlCompute",
                "properties": {
                    "vmSize": "[parameters('size')]",
                    "scaleSettings": {"minNodeCount": 1, "maxNodeCount": 4},
                },
            },
        }
        for n in range(count)
    ]
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    sizes = {"size": {"type": "string", "defaultValue": "Standard_D4s_v5"}}
    whole: dict[str, Any] = {"$schema": schema, "contentVersion": "1.0.0.0"}
    return json.dumps({**whole, "parameters": sizes, "resources": resources}, indent=2)


def bicep(count: int) -> str:
    """Make clusters in one Bicep file."""
    text = "param size string = 'Standard_D4s_v5'\n"
    for n in range(count):
        text += f"""
resource c{n} 'Microsoft.MachineLearningServices/workspaces/computes@2024-04-01' = {{
  name: 'ws/train-{n}'
  location: resourceGroup().location
  properties: {{
    computeType: 'AmlCompute'
    properties: {{ vmSize: size, scaleSettings: {{ minNodeCount: 1, maxNodeCount: 4 }} }}
  }}
}}
"""
    return text


def terraform(count: int) -> str:
    """Make clusters in one Terraform file."""
    text = 'variable "size" {\n  default = "STANDARD_D4S_V5"\n}\n'
    for n in range(count):
        text += f"""
resource "azurerm_machine_learning_compute_cluster" "c{n}" {{
  name                          = "train-{n}"
  location                      = "westeurope"
  vm_priority                   = "Dedicated"
  vm_size                       = var.size
  machine_learning_workspace_id = azurerm_machine_learning_workspace.ws.id
  scale_settings {{
    min_node_count                       = 1
    max_node_count                       = 4
    scale_down_nodes_after_idle_duration = "PT120S"
  }}
}}
"""
    return text


def python(count: int) -> str:
    """Make clusters in one program."""
    text = "from azure.ai.ml.entities import AmlCompute\nSIZE = 'Standard_D4s_v5'\n"
    for n in range(count):
        text += (
            f"c{n} = AmlCompute(name='train-{n}', size=SIZE, min_instances=1, max_instances=4)\n"
            f"client.compute.begin_create_or_update(c{n})\n"
        )
    return text


def shell(count: int) -> str:
    """Make clusters in one script."""
    text = "#!/bin/bash\nSIZE=Standard_D4s_v5\n"
    for n in range(count):
        text += (
            f"az ml compute create -n train-{n} -g rg -w ws --type amlcompute --size $SIZE "
            "--min-instances 1 --max-instances 4\n"
        )
    return text


GROWING = {
    "az ml YAML": ("many.yml", yaml),
    "ARM template": ("many.json", template),
    "Bicep": ("many.bicep", bicep),
    "Terraform": ("many.tf", terraform),
    "Python": ("many.py", python),
    "shell": ("many.sh", shell),
}


def counted() -> dict[str, int]:
    """Count every run."""
    found = {}
    for command, folder in NAMED:
        name = f"{command}, in {folder}" if folder != "." else command
        found[name] = calls(command, ROOT / folder)
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        for name, (file, make) in GROWING.items():
            for count in (SMALL, LARGE):
                (base / file).write_text(make(count), encoding="utf-8")
                found[f"{name}, {count} clusters"] = calls(f"azmlint check {file}", base)
            (base / file).unlink()
        for count in (SMALL * 10, LARGE * 10):
            (base / "estate.json").write_text(Estate(count).text(), encoding="utf-8")
            command = "azmlint audit --snapshot estate.json --format json"
            found[f"estate, {count} clusters"] = calls(command, base)
    return found


def growth(found: dict[str, int], name: str) -> float | None:
    """Give the exponent from the small to the large input of one kind."""
    kind, _, size = name.rpartition(", ")
    for factor in (1, 10):
        small = found.get(f"{kind}, {SMALL * factor} clusters")
        if small is not None and size == f"{LARGE * factor} clusters":
            return math.log(found[name] / small) / math.log(LARGE / SMALL)
    return None


def main() -> int:
    """Print the table; say what does more than it may."""
    found = counted()
    here = f"Python {sys.version_info.major}.{sys.version_info.minor} on {sys.platform}"
    if sys.argv[1:] == ["--write"]:
        text = json.dumps({"counted with": here, "calls": found}, indent=2)
        ALLOWED.write_text(f"{text}\n", encoding="utf-8")
    recorded_with, allowed = json.loads(ALLOWED.read_text(encoding="utf-8")).values()
    if recorded_with != here:
        print(f"recorded with {recorded_with}, not {here}: only growth is judged\n")
        allowed = found
    print("| run | calls | recorded | growth |\n| --- | ---: | ---: | ---: |")
    wrong = []
    for name, count in found.items():
        steep = growth(found, name)
        recorded = allowed.get(name, 0)
        shown = f"n^{steep:.2f}" if steep is not None else ""
        print(f"| {name} | {count:,} | {recorded:,} | {shown} |")
        if count > recorded * MARGIN:
            wrong.append(f"{name}: {count:,} calls, {recorded:,} are recorded")
        if steep is not None and steep > MOST_GROWTH:
            wrong.append(f"{name}: grows as n^{steep:.2f}")
    if sys.argv[1:] == ["--check"] and wrong:
        print("\nMore is done than benchmarks/calls.json allows; cut it, or say why in a commit")
        print("that records it with `python benchmarks/calls.py --write`:")
        print("\n".join(wrong))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
