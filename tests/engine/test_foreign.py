"""Rules of a pack that did not come with azmlint: what they do wrong costs nobody else."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import textwrap
import time

import pytest

from azmlint import catalog, testing
from azmlint.cli import run
from azmlint.engine import foreign_process, packs
from azmlint.engine.foreign import Work, judge_apart
from azmlint.engine.gather import Facts, Inputs, gather
from azmlint.engine.wire import Decoder, Malformed
from azmlint.errors import ConfigError, PackError
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

CLUSTER = """\
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: train
type: amlcompute
size: Standard_D4s_v5
min_instances: 2  # warm
max_instances: 4
"""
RULE = '''\
"""A rule."""

from azmlint import *
{top}


class {class_name}(Rule[ComputeCluster]):
    """Compute cluster has a size that nobody asked for.

    ## Why
    Because.
    """

    name = "{name}"

    limit: int = 3
    """How many nodes."""

    def check(self, cluster, estate):
{body}
'''
GOOD = """
value = cluster.max_nodes
if value.above(self.limit):
    fix = Fix(
        "allow 3", Applicability.SAFE, (value.set(3),), (Step(("az", "x"), "some/write"),)
    )
    yield self.finding(
        value, f"{cluster.label} may grow", fixes=[fix], related=[(cluster.size, "the size")]
    )
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project with one cluster, beside which packs can be made."""
    place = tmp_path / "project"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.syspath_prepend(str(tmp_path / "installed"))
    (place / "cluster.yml").write_text(CLUSTER)
    (place / "azmlint.toml").write_text("pack_seconds = 300\n")
    return place


@pytest.fixture
def pack(project, tmp_path):
    """Make a pack of rules, each a body of `check` and what stands above the class."""
    made = set()

    def make(package, **rules):
        folder = tmp_path / "installed" / package
        folder.mkdir(parents=True)
        made.add(package)
        (folder / "__init__.py").write_text("")
        rows = {}
        for module, given in rules.items():
            body, top = given if isinstance(given, tuple) else (given, "")
            name = module.replace("_", "-")
            class_name = "".join(w.capitalize() for w in module.split("_"))
            text = RULE.format(
                class_name=class_name,
                name=name,
                body=textwrap.indent(body.strip("\n"), " " * 8),
                top=top,
            )
            (folder / f"{module}.py").write_text(text)
            rows[name] = {
                "class": class_name,
                "family": package,
                "fixes": [],
                "formerly": [],
                "help_uri": "",
                "judges": ["declared"],
                "kind": "ComputeCluster",
                "module": f"{package}.{module}",
                "needs": [],
                "options": [{"name": "limit", "type": "int", "default": 3, "description": "How."}],
                "security_severity": None,
                "severity": "warning",
                "summary": "Compute cluster has a size that nobody asked for.",
                "supersedes": [],
                "uses": [],
            }
        (folder / "index.json").write_text(json.dumps({"version": 1, "rules": rows}))
        return folder

    yield make
    for name in [m for m in sys.modules if m.partition(".")[0] in made]:
        del sys.modules[name]


@pytest.fixture
def check(capsys):
    """Check the working directory, and give the exit code and the JSON report."""

    def call(*words):
        capsys.readouterr()
        code = run(["check", "--format", "json", *words])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else err

    return call


def rules_of(data):
    return {f["rule"] for f in data["findings"]}


def test_a_foreign_finding_has_all_that_a_finding_has(pack, check):
    pack("acme", grows=GOOD)
    code, data = check("--pack", "acme")

    assert code == 1
    assert data["failures"] == []
    found = {f["rule"]: f for f in data["findings"]}
    own, foreign = found["min-nodes-above-zero"], found["grows"]
    assert foreign["path"] == "cluster.yml"
    assert foreign["start"] == {"line": 6, "column": 16}
    assert foreign["pointer"] == "/max_instances"
    assert foreign["resource"] == own["resource"]
    assert foreign["family"] == "acme"
    assert foreign["trace"][0]["role"] == "use"
    assert foreign["related"][0]["start"] == {"line": 4, "column": 7}
    assert foreign["related"][0]["resource"]["name"] == "train"
    (fix,) = foreign["fixes"]
    assert fix["applicability"] == "safe"
    assert fix["edits"][0]["text"] == "3"
    assert fix["steps"] == [{"argv": ["az", "x"], "needs": "some/write", "undo": None}]


def test_foreign_code_runs_in_no_process_of_ours(pack, check):
    pack("acme", grows=GOOD)
    check("--pack", "acme")

    assert not [m for m in sys.modules if m.partition(".")[0] == "acme"]


def test_a_foreign_finding_can_be_suppressed(pack, check, project):
    pack("acme", grows=GOOD)
    text = CLUSTER.replace("max_instances: 4", "max_instances: 4  # azmlint: ignore[grows] asked")
    (project / "cluster.yml").write_text(text)
    _, data = check("--pack", "acme")

    assert rules_of(data) == {"min-nodes-above-zero"}
    assert data["suppressed"][0]["reason"] == "asked"


def test_a_foreign_fix_is_applied(pack, check, project):
    pack("acme", grows=GOOD)
    code, data = check("--pack", "acme", "--fix")

    assert code == 0
    assert data["findings"] == []
    assert (project / "cluster.yml").read_text() == CLUSTER.replace("4\n", "3\n").replace(
        "min_instances: 2", "min_instances: 0"
    )


def test_a_foreign_rule_judges_and_fixes_what_a_notebook_holds(pack, check, project):
    pack("acme", may_grow=GOOD)
    (project / "cluster.yml").unlink()
    source = ["%%writefile c.yml\n", *CLUSTER.splitlines(keepends=True)]
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": source}
    path = project / "a.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}, indent=1))
    before = path.read_text()

    _, data = check("--pack", "acme", "--select", "may-grow")
    check("--pack", "acme", "--select", "may-grow", "--fix")

    assert data["failures"] == []
    assert [f["cell"] for f in data["findings"]] == [{"number": 1, "line": 7, "column": 16}]
    assert path.read_text() == before.replace("max_instances: 4", "max_instances: 3")


def test_a_foreign_rule_has_options_and_a_severity(pack, check, project):
    pack("acme", grows=GOOD)
    config = project / "azmlint.toml"
    config.write_text("[rules.grows]\nlimit = 9\n")
    assert rules_of(check("--pack", "acme")[1]) == {"min-nodes-above-zero"}

    config.write_text('[rules.grows]\nlimit = "many"\n')
    code, text = check("--pack", "acme")
    assert (code, "rules.grows.limit" in text) == (2, True)

    config.write_text('[rules.grows]\nseverity = "error"\n')
    found = {f["rule"]: f["severity"] for f in check("--pack", "acme")[1]["findings"]}
    assert found["grows"] == "error"


SNAPSHOT = {
    "version": 1,
    "taken": "2026-11-24T00:00:00Z",
    "cloud": "AzureCloud",
    "answers": [
        {
            "facet": "workspaces",
            "scope": "/subscriptions/s",
            "state": "collected",
            "items": [
                {
                    "id": "/subscriptions/s/resourceGroups/rg/providers/"
                    "Microsoft.MachineLearningServices/workspaces/ws/computes/train",
                    "name": "train",
                    "type": "Microsoft.MachineLearningServices/workspaces/computes",
                    "location": "westeurope",
                    "properties": {
                        "computeType": "AmlCompute",
                        "properties": {"scaleSettings": {"minNodeCount": 2, "maxNodeCount": 4}},
                    },
                }
            ],
        }
    ],
}


def test_a_foreign_rule_judges_what_is_deployed(pack, project, capsys):
    folder = pack("acme", grows=GOOD)
    index = json.loads((folder / "index.json").read_text())
    index["rules"]["grows"]["judges"] = ["deployed"]
    (folder / "index.json").write_text(json.dumps(index))
    (project / "snapshot.json").write_text(json.dumps(SNAPSHOT))
    run(["audit", "--snapshot", "snapshot.json", "--pack", "acme", "--format", "json"])
    data = json.loads(capsys.readouterr().out)

    assert data["failures"] == []
    found = {f["rule"]: f for f in data["findings"]}
    own, foreign = found["min-nodes-above-zero"], found["grows"]
    assert foreign["resource"] == own["resource"]
    assert foreign["path"] is None
    assert foreign["pointer"] == "/properties/properties/scaleSettings/maxNodeCount"
    assert foreign["fixes"][0]["edits"] == []
    assert foreign["fixes"][0]["steps"] == [
        {"argv": ["az", "x"], "needs": "some/write", "undo": None}
    ]


def test_a_value_that_is_unknown_is_undecided(pack, check, project):
    pack("acme", grows=GOOD)
    (project / "cluster.yml").write_text(CLUSTER.replace("max_instances: 4", "max_instances: $(N)"))
    _, data = check("--pack", "acme")

    assert "grows" in {u["rule"] for u in data["undecided"]}


def test_a_value_with_several_origins_and_worlds_stays_what_it_is(pack, check, project):
    pack("acme", grows=GOOD)
    (project / "cluster.yml").unlink()
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {
            "nodes": {"type": "int", "allowedValues": [3, 8]},
            "floor": {"type": "int", "defaultValue": 1},
        },
        "resources": [
            {
                "type": "Microsoft.MachineLearningServices/workspaces/computes",
                "apiVersion": "2024-10-01",
                "name": "ws/train",
                "properties": {
                    "computeType": "AmlCompute",
                    "properties": {
                        "vmSize": "Standard_D4s_v5",
                        "scaleSettings": {
                            "minNodeCount": "[parameters('floor')]",
                            "maxNodeCount": "[parameters('nodes')]",
                        },
                    },
                },
            }
        ],
    }
    (project / "main.json").write_text(json.dumps(template, indent=2))
    (project / "main.parameters.json").write_text(
        json.dumps({"parameters": {"floor": {"value": 2}}})
    )
    floor = GOOD.replace("max_nodes", "min_nodes").replace("self.limit", "1")
    pack("other", stays=floor)
    _, data = check("--pack", "acme", "--pack", "other")

    found = {f["rule"]: f for f in data["findings"]}
    assert found["grows"]["worlds"] == [{"parameters('nodes')": "8"}]
    own, foreign = found["min-nodes-above-zero"], found["stays"]
    assert len(foreign["trace"]) > 1
    assert foreign["trace"] == own["trace"]


FIXING = "yield self.finding(cluster, 'x', fixes=[Fix('f', Applicability.SAFE, (Change(V(), 1),))])"
BROKEN = {
    "raises": ("raise ValueError('boom')\nyield", "ValueError: boom"),
    "import_fails": (("yield", "1 / 0"), "ZeroDivisionError"),
    "import_exits": (("yield", "import os; os._exit(7)"), "ended its process with code 7"),
    "leaves": ("import os\nos._exit(3)\nyield", "ended its process with code 3"),
    "leaves_politely": ("import sys\nsys.exit('bye')\nyield", "ended its process with code 1"),
    "crashes": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\nyield",
        "ended its process with",
    ),
    "yields_nonsense": ("yield 'cluster is bad'", "yielded str, not a finding"),
    "gives_nothing": ("return 5", "TypeError"),
    "number_as_message": ("yield self.finding(cluster, 42)", "gave int where a text"),
    "wrong_severity": (
        "yield self.finding(cluster, 'x', severity='bad')",
        "gave str where a severity",
    ),
    "wrong_fix": ("yield self.finding(cluster, 'x', fixes=['do it'])", "gave str where a fix"),
    "wrong_place": ("yield self.finding('cluster', 'x')", "AttributeError"),
    "alien_resource": (
        "import copy\nyield self.finding(copy.copy(cluster), 'x')",
        "not of this estate",
    ),
    "other_name": (
        "f = self.finding(cluster, 'x')\nf.rule = 'min-nodes-above-zero'\nyield f",
        "yielded a finding of the rule 'min-nodes-above-zero'",
    ),
    "bad_edit": (
        "class V:\n    def edits(self, new):\n        raise KeyError('k')\n" + FIXING,
        "KeyError",
    ),
    "edit_elsewhere": (
        "from azmlint.location import Document, Edit\nclass V:\n    def edits(self, new):\n"
        "        return (Edit(Document('x.yml', 'a'), 0, 1, ''),)\n" + FIXING,
        "is no place in the files of this run",
    ),
    "bytes_as_reason": (
        (
            "step = Step((b'az',), 'n')\nyield self.finding(cluster, 'x', "
            "fixes=[Fix('f', Applicability.SAFE, (), (step,))])"
        ),
        "bytes",
    ),
    "never_ending": (
        "while True:\n    yield self.finding(cluster, 'x')",
        "yielded more than 10000 findings",
    ),
    "forges_results": (
        (
            "import os\nfor fd in range(3, 20):\n    try:\n        os.write(fd, b'[no\\n')\n"
            "    except OSError:\n        pass\nreturn\nyield"
        ),
        "wrote into the results",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_goes_wrong_is_a_failure_that_names_pack_and_rule(pack, check, kind):
    body, part = BROKEN[kind]
    pack("acme", **{kind: body, "zz_grows": GOOD})
    code, data = check("--pack", "acme")

    assert code == 3
    assert rules_of(data) == {"min-nodes-above-zero", "zz-grows"}
    (failure,) = data["failures"]
    assert failure["scope"] == kind.replace("_", "-")
    assert failure["reason"].startswith(f"rule pack 'acme': {failure['scope']} ") or (
        failure["scope"] in failure["reason"]
    )
    assert part in failure["reason"]


def test_what_a_rule_prints_and_reads_harms_nobody(pack, check):
    body = (
        "import os, sys\nprint('{\"end\": true}')\nos.write(1, b'garbage\\n')\n"
        "sys.stderr.write('x' * 5_000_000)\nassert sys.stdin.read() == ''\n"
        "assert os.read(0, 10) == b''\n" + GOOD
    )
    pack("acme", loud=body)
    code, data = check("--pack", "acme")

    assert code == 1
    assert rules_of(data) == {"min-nodes-above-zero", "loud"}


def test_a_rule_that_changes_the_model_is_named_and_changes_it_for_no_other(pack, check):
    nothing = "return iter(())"
    changes = {
        "b_renames": f"cluster.name = 'other'\n{nothing}",
        "c_exchanges": f"cluster.body = None\n{nothing}",
        "d_empties": f"estate.resources = ()\n{nothing}",
        "e_rewrites": f"cluster.grip.document.text = ''\n{nothing}",
    }
    pack("acme", a_grows=GOOD, **changes, f_grows=GOOD)
    pack("other", g_grows=GOOD)
    code, data = check("--pack", "acme", "--pack", "other")

    assert code == 3
    assert rules_of(data) == {"min-nodes-above-zero", "a-grows", "f-grows", "g-grows"}
    names = [name.replace("_", "-") for name in changes]
    assert [f["reason"] for f in data["failures"]] == [
        f"rule pack 'acme': {name} changed what it was given to judge" for name in names
    ]


def test_what_a_pack_does_to_azmlint_itself_reaches_no_other_pack(pack, check):
    top = "import azmlint\nComputeCluster.max_nodes = None\nazmlint.Finding = None"
    pack("acme", breaks=("return iter(())", top))
    pack("other", grows=GOOD)
    code, data = check("--pack", "acme", "--pack", "other")

    assert code == 1
    assert data["failures"] == []
    assert rules_of(data) == {"min-nodes-above-zero", "grows"}


@pytest.mark.posix
@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\nyield", "with SIGKILL"),
        ("import os\nos.killpg(os.getpgid(0), 9)\nyield", "with SIGKILL"),
        ("import os\nif os.fork():\n    os._exit(0)\nyield 5", ""),
        ("import os\nos.close(1)\nos.closerange(3, 99)\nyield", ""),
    ],
)
def test_a_rule_that_ends_or_multiplies_its_process_is_named(pack, check, body, part):
    pack("acme", a_grows=GOOD, b_ends=body, c_grows=GOOD)
    code, data = check("--pack", "acme")

    assert code == 3
    assert rules_of(data) == {"min-nodes-above-zero", "a-grows", "c-grows"}
    (failure,) = data["failures"]
    assert failure["scope"] == "b-ends"
    assert part in failure["reason"]


def test_megabytes_of_findings_are_taken_and_megabytes_of_noise_are_not(pack, check):
    many = "for _ in range(3000):\n    yield self.finding(cluster, 'x' * 1000 + str(_))"
    noise = "import os\nfor _ in range(300):\n    os.write(1, b'y' * 65536)\n" + GOOD
    pack("acme", many=many, noise=noise)
    _, data = check("--pack", "acme")

    assert data["failures"] == []
    assert rules_of(data) == {"min-nodes-above-zero", "many", "noise"}


def test_last_words_are_told(pack, check):
    pack("acme", dies="import os, sys\nprint('out of quarters')\nsys.stdout.flush()\nos._exit(9)")
    _, data = check("--pack", "acme")

    assert "code 9: out of quarters" in data["failures"][0]["reason"]


def test_a_rule_that_sleeps_past_the_deadline_is_stopped(pack, check, project):
    pack("first", z_grows=GOOD)
    began = time.monotonic()
    check("--pack", "first")
    # As long as a whole run takes here and now, many times over.
    seconds = round(1 + 8 * (time.monotonic() - began))
    (project / "azmlint.toml").write_text(f"pack_seconds = {seconds}\n")
    pack("acme", a_grows=GOOD, b_sleeps="import time\ntime.sleep(6000)\nyield", c_waits=GOOD)
    pack("other", d_waits=GOOD)
    code, data = check("--pack", "acme", "--pack", "other")

    assert code == 3
    assert rules_of(data) == {"min-nodes-above-zero", "a-grows"}
    reasons = [f["reason"] for f in data["failures"]]
    assert reasons == [
        "rule pack 'acme': b-sleeps was still at work when the time was up",
        f"rule pack 'acme': c-waits was not judged within {seconds} seconds",
        f"rule pack 'other': d-waits was not judged within {seconds} seconds",
    ]


@pytest.mark.posix
def test_what_a_rule_started_ends_with_it(pack, check, project):
    pipe = project / "alive"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    code = (
        f"import os, time; p = os.open({str(pipe)!r}, os.O_WRONLY); os.write(p, b'begun');"
        "print(flush=True); time.sleep(60); os.write(p, b'ended')"
    )
    pack(
        "acme",
        starts=f"import os, subprocess, sys\n"
        f"command = [sys.executable, '-c', {code!r}]\n"
        "subprocess.Popen(command, stdout=subprocess.PIPE).stdout.readline()\n"
        "os._exit(3)\nyield",
    )
    check("--pack", "acme")
    os.set_blocking(reader, True)
    with os.fdopen(reader, "rb") as said:
        text = said.read()

    assert text == b"begun"


def test_a_process_that_cannot_start_blames_the_packs(pack, project, monkeypatch, check):
    pack("acme", grows=GOOD, shrinks=GOOD)
    monkeypatch.setattr("azmlint.engine.foreign._START", "raise SystemExit('no luck')")
    code, data = check("--pack", "acme")

    assert code == 3
    assert rules_of(data) == {"min-nodes-above-zero"}
    (failure,) = data["failures"]
    assert failure["scope"] == "acme"
    assert "2 rules, from grows to shrinks, were not judged" in failure["reason"]
    assert "no luck" in failure["reason"]


def test_a_pack_that_nobody_names_is_not_loaded(pack, check, project):
    pack("acme", grows=GOOD)
    _, data = check()
    assert rules_of(data) == {"min-nodes-above-zero"}

    (project / "azmlint.toml").write_text('packs = ["acme"]\n')
    code, text = check()
    assert code == 2
    assert "--config" in text

    _, data = check("--config", "azmlint.toml")
    assert "grows" in rules_of(data)


def test_a_pack_that_is_not_there_is_wrong_usage(project, check):
    code, text = check("--pack", "no_such_pack")

    assert code == 2
    assert text == "azmlint: rule pack 'no_such_pack' is not installed\n"
    assert check("--pack", "acme.no.such")[0] == 2
    assert check("--pack", "json.tool")[1] == (
        "azmlint: rule pack 'json.tool' is one file, not a package\n"
    )


def test_a_dotted_pack_is_found_without_importing_what_holds_it(pack, project, check):
    folder = pack("acme", grows=GOOD)
    inner = folder / "inner"
    inner.mkdir()
    (inner / "index.json").write_text('{"version": 1, "rules": {}}')
    (inner / "__init__.py").write_text("")
    (folder / "__init__.py").write_text("raise RuntimeError('imported')")

    assert packs.entries(["acme.inner"]) == {}


def test_an_index_is_written_from_the_rules(pack, project, check):
    folder = pack("acme", grows=GOOD)
    before = json.loads((folder / "index.json").read_text())
    (folder / "index.json").unlink()
    code, text = check("--pack", "acme")
    assert code == 3
    assert "python -m azmlint.testing acme" in text

    assert testing.main(["acme"]) == 0
    after = json.loads((folder / "index.json").read_text())
    row = after["rules"]["grows"]
    assert row["fixes"] == ["safe"]
    assert row["options"][0]["description"] == "How many nodes."
    assert row.keys() == before["rules"]["grows"].keys()
    assert "grows" in rules_of(check("--pack", "acme")[1])


@pytest.mark.parametrize(
    ("damage", "part"),
    [
        (lambda row: row.pop("module"), "KeyError"),
        (lambda row: row.update(module=5), "'module' is no text"),
        (lambda row: row.update(needs="locks"), "'needs' is no list"),
        (lambda row: row.update(severity="awful"), "AWFUL"),
        (lambda row: row.update(security_severity="high"), "is no number"),
        (lambda row: row.update(options=[{"name": "x"}]), "TypeError"),
    ],
)
def test_a_damaged_index_is_told(pack, project, damage, part):
    folder = pack("acme", grows=GOOD)
    data = json.loads((folder / "index.json").read_text())
    damage(data["rules"]["grows"])
    (folder / "index.json").write_text(json.dumps(data))

    with pytest.raises(PackError, match=part):
        packs.entries(["acme"])


def test_names_that_are_taken_are_refused(pack, project):
    pack("acme", grows=GOOD, syntax_error=GOOD)
    with pytest.raises(PackError, match="has the name of azmlint's own"):
        packs.entries(["acme"])

    pack("first", grows=GOOD)
    pack("second", grows=GOOD)
    with pytest.raises(PackError, match=r"first\.grows and in second\.grows"):
        packs.entries(["first", "second"])


def test_an_index_that_is_out_of_date_is_a_failure(pack, project, check):
    folder = pack("acme", grows=GOOD)
    text = (folder / "grows.py").read_text()
    (folder / "grows.py").write_text(text.replace('name = "grows"', 'name = "widens"'))
    _, data = check("--pack", "acme")
    assert "index is out of date" in data["failures"][0]["reason"]

    (folder / "grows.py").write_text(text.replace("limit: int", "other: int"))
    (project / "azmlint.toml").write_text("[rules.grows]\nlimit = 9\n")
    _, data = check("--pack", "acme")
    assert (
        "grows cannot be made: TypeError: grows has no option 'limit'"
        in (data["failures"][0]["reason"])
    )

    (folder / "grows.py").write_text("Grows = 5")
    _, data = check("--pack", "acme")
    assert "acme.grows.Grows is not a Rule" in data["failures"][0]["reason"]


def test_explain_and_sarif_show_a_foreign_rule(pack, project, capsys):
    pack("acme", grows=GOOD)
    assert run(["explain", "grows", "--pack", "acme"]) == 0
    assert "## Why\n\nBecause." in capsys.readouterr().out

    run(["check", "--pack", "acme", "--format", "sarif"])
    driver = json.loads(capsys.readouterr().out)["runs"][0]["tool"]["driver"]
    (rule,) = [r for r in driver["rules"] if r["id"] == "grows"]
    assert "Because." in rule["help"]["markdown"]
    assert "helpUri" not in rule
    assert not [m for m in sys.modules if m.partition(".")[0] == "acme"]


def test_explain_tells_of_a_rule_that_cannot_be_loaded(pack, project, capsys):
    pack("acme", grows=("yield", "1 / 0"))

    assert run(["explain", "grows", "--pack", "acme"]) == 3
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_rules_lists_what_is_enabled_and_what_could_be(pack, project, capsys, tmp_path):
    pack("acme", grows=GOOD)
    about = tmp_path / "installed" / "acme_azmlint-1.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-azmlint\nVersion: 1.2\n")
    (about / "entry_points.txt").write_text("[azmlint.rules]\nacme = acme\n")
    run(["rules"])
    out, err = capsys.readouterr()
    assert "grows" not in out.split()
    assert "acme-azmlint 1.2 is installed; --pack acme adds its rules" in err

    run(["rules", "--pack", "acme", "--format", "json"])
    data = json.loads(capsys.readouterr().out)
    row = next(r for r in data["rules"] if r["name"] == "grows")
    assert row["pack"] == "acme"
    assert row["inputs"] == [
        "ARM JSON",
        "Python SDK v1",
        "Python SDK v2",
        "Terraform",
        "az ml YAML",
    ]
    assert data["packs_not_enabled"] == []
    assert not [m for m in sys.modules if m.partition(".")[0] == "acme"]


def served(entries, text):
    """Let the child's work be done in this process, and give what it would write."""
    documents = {"cluster.yml": decode("cluster.yml", text.encode())}
    inputs = Inputs(documents, {}, Texts(documents), Facts(today=testing.TODAY))
    results = io.BytesIO()
    foreign_process.serve(Work(tuple(entries.values()), {}, inputs), results)
    return [json.loads(line) for line in results.getvalue().splitlines()]


def test_a_child_says_what_it_is_at_before_it_is_at_it(pack, project):
    pack(
        "acme",
        a_good=GOOD,
        b_import=("yield", "1 / 0"),
        c_nonsense="yield 5",
        d_wrong="yield self.finding(cluster, 5)",
        e_bytes="yield self.finding(cluster, 'x', related=[(cluster, 'y')], why_no_fix=b'')",
    )
    said = served(packs.entries(["acme"]), CLUSTER)

    keys = [next(iter(message)) for message in said]
    assert keys == [
        *("rule", "page", "finding", "done"),
        *("rule", "broken", "done"),
        *("rule", "page", "failure", "done"),
        *("rule", "page", "broken", "done"),
        *("rule", "page", "broken", "done"),
        "end",
    ]


ROW = {
    "severity": "WARNING",
    "message": "may grow",
    "on": {"place": ["cluster.yml", 0, 7, "use"], "trace": [], "route": ["max_instances"]},
    "resource": 0,
    "related": [],
    "fixes": [],
    "why_no_fix": None,
    "worlds": None,
}
DEADLY = {"import_exits", "leaves", "leaves_politely", "crashes", "forges_results"}
FAR = {"edit_elsewhere"}
"""What only the run itself can see."""


def test_a_child_tells_of_what_it_cannot_make_or_name(pack, project):
    folder = pack("acme", a_lacks=GOOD, b_named=GOOD, c_paged=GOOD)
    lacks = (folder / "a_lacks.py").read_text()
    (folder / "a_lacks.py").write_text("ALacks = 5\n" + lacks.replace("class ALacks", "class X"))
    named = (folder / "b_named.py").read_text()
    (folder / "b_named.py").write_text(named.replace('"b-named"', '"c"'))
    paged = (folder / "c_paged.py").read_text()
    (folder / "c_paged.py").write_text(paged + "\nCPaged.severity = None\n")
    said = served(packs.entries(["acme"]), CLUSTER)

    broken = [m["broken"] for m in said if "broken" in m]
    assert broken == [
        "rule 'a-lacks': acme.a_lacks.ALacks is not a Rule",
        "b-named calls itself 'c': the pack's index is out of date",
        "c-paged has no page: AttributeError: 'NoneType' object has no attribute 'level'",
    ]


@pytest.mark.parametrize("kind", sorted(BROKEN.keys() - DEADLY - FAR))
def test_a_child_goes_on_after_what_a_rule_does_wrong(pack, kind):
    body, part = BROKEN[kind]
    pack("acme", **{kind: body, "zz_grows": GOOD})
    said = served(packs.entries(["acme"]), CLUSTER)

    wrong = [m for m in said if "broken" in m or "failure" in m]
    assert len(wrong) == 1
    assert part in json.dumps(wrong[0])
    assert "finding" in [next(iter(m)) for m in said]


def test_a_child_sends_what_is_undecided(pack):
    pack("acme", grows=GOOD)
    said = served(
        packs.entries(["acme"]), CLUSTER.replace("max_instances: 4", "max_instances: $(N)")
    )

    (message,) = [m["undecided"] for m in said if "undecided" in m]
    assert message[0] == 0
    assert "$(N)" in message[1]


@pytest.mark.parametrize(
    "row",
    [
        {"finding": {}},
        {"finding": None},
        {"undecided": [7, "x", "y", None]},
        {"undecided": [-1, "x", "y", None]},
        {"failure": ["x"]},
        {"unheard-of": 1},
        {"finding": {**ROW, "severity": "AWFUL"}},
        {"finding": {**ROW, "on": {**ROW["on"], "place": ["cluster.yml", 0, 10**9, "use"]}}},
        {"finding": {**ROW, "on": {**ROW["on"], "place": ["cluster.yml", -1, 2, "use"]}}},
        {"finding": {**ROW, "on": {**ROW["on"], "place": ["/etc/passwd", 0, 1, "use"]}}},
        {"finding": {**ROW, "on": {**ROW["on"], "place": ["cluster.yml", 0, 1, "owner"]}}},
        {"finding": {**ROW, "related": [1]}},
    ],
)
def test_the_run_believes_no_row_that_is_malformed(row):
    documents = {"cluster.yml": decode("cluster.yml", CLUSTER.encode())}
    gathered = gather(Inputs(documents, {}, Texts(documents), Facts(today=testing.TODAY)))
    decoder = Decoder("grows", gathered.resources, documents.get)

    with pytest.raises(Malformed, match="sent what is no result"):
        decoder.decode(row)


def test_the_run_believes_a_row_that_is_right():
    documents = {"cluster.yml": decode("cluster.yml", CLUSTER.encode())}
    gathered = gather(Inputs(documents, {}, Texts(documents), Facts(today=testing.TODAY)))
    finding = Decoder("grows", gathered.resources, documents.get).decode({"finding": ROW})

    assert finding.resource is gathered.resources[0]
    assert finding.place.text == "$schema"


def test_nothing_to_judge_starts_no_process(monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", None)

    assert judge_apart([], {}, None, None, 1).outcomes == []


@pytest.mark.parametrize("name", ["no_such_pack", "no_such_pack.inner", "", ".", "..x", "json.."])
def test_an_unknown_pack_is_a_wrong_configuration(name):
    with pytest.raises(ConfigError):
        packs.folder(name)


def test_one_name_for_two_rules_of_a_pack_is_refused(pack):
    folder = pack("acme", grows=GOOD, widens=GOOD)
    text = (folder / "widens.py").read_text()
    (folder / "widens.py").write_text(text.replace('"widens"', '"grows"'))

    with pytest.raises(PackError, match="rule 'grows' stands twice in acme"):
        packs.rule_classes("acme")


def test_families_are_the_folders_of_a_pack(pack):
    folder = pack("acme", grows=GOOD)
    (folder / "size").mkdir()
    (folder / "grows.py").rename(folder / "size" / "grows.py")
    (folder / "size" / "_hidden.py").write_text("1 / 0")

    assert packs.index_of("acme")["rules"]["grows"]["family"] == "size"


def test_a_page_tells_all_that_a_rule_declares(pack):
    pack("acme", grows=GOOD)
    (rule,) = packs.rule_classes("acme").values()
    rule.supersedes = ("min-nodes-above-zero",)
    rule.formerly = ("widens",)
    text = catalog.page(rule)

    assert "| `limit` | int | `3` | How many nodes. |" in text
    assert "Its findings replace those of `min-nodes-above-zero` on the same resource." in text
    assert "Formerly widens." in text
