"""Feeds the readers with texts that a coverage-guided fuzzer makes, and asks what must always hold.

    python benchmarks/fuzz.py TARGET [--runs N] [--seconds N] [--seed N] [--corpus FOLDER]
    python benchmarks/fuzz.py TARGET FILE...

Needs the extra `fuzz`. Begins with the fixtures of the target's kind; ends with the first text
that breaks a promise, which is kept as `crash-...`, `timeout-...` or `oom-...` in the folder
`found` beside the corpus. With files it tries these alone, without the fuzzer. What must hold:
nothing escapes but our own errors, every place lies inside its text, every message is one line, an
edit of a text that was read leaves one that is read, and nothing takes more than three seconds of
the processor. `fuzz_rounds.py` runs all targets in turn.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azmlint.engine.report import Report
    from azmlint.location import Document

Thing = TypeVar("Thing")

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "linter"), str(ROOT / "rules")]
LONGEST = 4_000
TIMEOUT = 300
"""Seconds after which libFuzzer gives up; long, because the processor may be somebody else's."""

CPU_LIMIT = 3.0
"""Seconds of the processor that a text of this length may take, under instruments."""


NAMES = (
    *("a.yml", "main.json", "main.bicep", "main.tf", "a.py", "a.ipynb", "a.sh", "a.ps1"),
    *("Dockerfile", "azure-pipelines.yml", "requirements.txt", "main.tf.json", "a.md"),
)
EDITS = 3
"""Edits tried of each text: as many more texts are read."""

Check = Callable[[bytes], None]


def few(things: list[Thing], text: str, many: int) -> list[Thing]:
    """Take some of many, others for each text."""
    start = zlib.crc32(text.encode("utf-8", "replace")) % max(1, len(things))
    return (things[start:] + things[:start])[:many]


def named(raw: bytes) -> Document:
    """Make a file of a text of which the first line says what it is called."""
    from azmlint.sources.document import decode

    name, _, rest = raw.partition(b"\n")
    return decode(NAMES[(name or b"0")[0] % len(NAMES)], rest)


def read_file(path: str) -> Check:
    """Read a text as the file of a project, ask for everything in it and try every edit."""
    from azmlint.engine.suppress import parse_ignores
    from azmlint.location import Document
    from azmlint.model.value import REMOVED, NotEditable, Value
    from azmlint.sources import load
    from azmlint.sources.document import Reading, decode
    from azmlint.sources.texts import Texts

    wanted = {"size": "x", "min_nodes": 0, "max_nodes": 1, "subnet": "y", "tier": "dedicated"}

    def reading_of(document: Document) -> Reading:
        documents = {path: document}
        return load.read_all(documents, Texts(documents)).get(path, Reading())

    def look(reading: Reading) -> None:
        for problem in reading.problems:
            assert 0 <= problem.start <= problem.end <= len(problem.document.text)
            assert "\n" not in problem.message
        for secret in reading.secrets:
            assert 0 <= secret.start <= secret.end <= len(secret.document.text)
        possible: list[tuple[Value[Any], object]] = []
        for resource in reading.resources:
            repr(resource), str(resource.id), resource.exists()
            for declared in type(resource).properties():
                value = declared.__get__(resource, type(resource))
                repr(value), value.absent
                for place in value.trace:
                    assert 0 <= place.start <= place.end <= len(place.document.text)
                if declared.name in wanted:
                    possible += ((value, wanted[declared.name]), (value, REMOVED))
        text = next((r.grip.document.text for r in reading.resources), "")
        for value, new in few(possible, text, EDITS):
            change(reading, value, new)

    def change(reading: Reading, value: Value[object], new: object) -> None:
        try:
            edits = value.edits(new)
        except NotEditable:
            return
        text = None
        for edit in sorted(edits, key=lambda e: -e.start):
            whole = edit.document
            assert 0 <= edit.start <= edit.end <= len(whole.text)
            if whole.path == path:
                text = whole.text if text is None else text
                text = text[: edit.start] + edit.text + text[edit.end :]
        if text is None or any(p.rule == "syntax-error" for p in reading.problems):
            return
        after = reading_of(Document(path, text))
        assert not any(p.rule == "syntax-error" for p in after.problems), text

    def check(raw: bytes) -> None:
        document = decode(path, raw)
        look(reading_of(document))
        for ignore in parse_ignores(document):
            assert ignore.lines is None or ignore.lines.start >= 1

    return check


def fix_file() -> Check:
    """Judge a text by all rules, repair it, and repair it once more; the first line says its name.

    What comes of it must be as readable as what was given, and a second time changes nothing.
    """
    from azmlint.engine import packs
    from azmlint.engine.gather import Facts
    from azmlint.engine.repair import repair
    from azmlint.engine.run import Selection, run
    from azmlint.finding import Applicability
    from azmlint.sources.texts import Texts

    facts = Facts(today=dt.date(2026, 11, 1))
    selection = Selection(packs.entries(["azmlint_rules"]))

    def judge(documents: Mapping[str, Document]) -> Report:
        return run(documents, Texts(documents), selection, facts=facts)

    def check(raw: bytes) -> None:
        document = named(raw)
        before = judge({document.path: document})
        assert not before.failures, before.failures
        fixed = repair({document.path: document}, judge, Applicability.UNSAFE)
        assert not fixed.report.failures, fixed.report.failures
        if all(f.rule != "syntax-error" for f in before.findings):
            assert all(f.rule != "syntax-error" for f in fixed.report.findings)
        again = repair(fixed.documents, judge, Applicability.UNSAFE)
        assert again.documents[document.path].text == fixed.documents[document.path].text

    return check


def suppressions() -> Check:
    """Read the ignores of a text, in which `@` begins one; the first line says its name."""
    from azmlint.engine.suppress import parse_ignores

    def check(raw: bytes) -> None:
        for ignore in parse_ignores(named(raw.replace(b"@", b"azmlint: ignore"))):
            assert ignore.lines is None or 1 <= ignore.lines.start <= ignore.lines.stop
            assert 0 <= ignore.place.start <= ignore.place.end <= len(ignore.place.document.text)

    return check


def arm_expression() -> Check:
    from azmlint.expressions import arm_syntax

    inner = read_file("main.json")

    def check(raw: bytes) -> None:
        text = raw.decode("utf-8", "replace")
        try:
            arm_syntax.parse(f"[{text}]")
        except arm_syntax.ExpressionProblem:
            return
        compute = {
            "type": "Microsoft.MachineLearningServices/workspaces/computes",
            "apiVersion": "2025-12-01",
            "name": "ws/c",
            "properties": {"computeType": "AmlCompute", "properties": {"vmSize": f"[{text}]"}},
        }
        template = {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/"
            "deploymentTemplate.json#",
            "contentVersion": "1.0.0.0",
            "parameters": {"a": {"type": "string"}},
            "resources": [compute],
        }
        inner(json.dumps(template).encode())

    return check


def hcl_expression() -> Check:
    inner = read_file("main.tf")

    def check(raw: bytes) -> None:
        inner(
            b'locals {\n  a = ["x", 1, {}]\n}\n'
            b'resource "azurerm_machine_learning_compute_cluster" "c" {\n  name = "x"\n  vm_size = '
            + raw
            + b"\n}\n"
        )

    return check


def fast_folder() -> Path:
    """Make a folder in memory, where there is one."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="azmlint-fuzz-", dir=memory if memory.is_dir() else None))


def configuration() -> Check:
    from azmlint import config
    from azmlint.errors import ConfigError

    folder = fast_folder()

    def check(raw: bytes) -> None:
        (folder / "azmlint.toml").write_bytes(raw)
        try:
            config.load(folder, folder / "azmlint.toml", {}, ())
        except ConfigError as error:
            assert str(error)

    return check


def policy() -> Check:
    from azmlint.errors import ConfigError
    from azmlint.sources import policy_file

    def check(raw: bytes) -> None:
        for path in ("a.json", "a.yaml"):
            try:
                policy_file.read(path, raw)
            except ConfigError as error:
                assert "\n" not in str(error)

    return check


def snapshot() -> Check:
    from azmlint.errors import SourceError
    from azmlint.sources import snapshot as snapshots

    def check(raw: bytes) -> None:
        try:
            found = snapshots.read(raw, "a.json")
        except SourceError as error:
            assert "\n" not in str(error)
            return
        for resource in found.resources():
            for declared in type(resource).properties():
                repr(declared.__get__(resource, type(resource)))
        text = snapshots.dump(found)
        assert snapshots.dump(snapshots.read(text.encode("utf-8", "surrogatepass"), "b")) == text

    return check


def baseline() -> Check:
    from azmlint.engine import baseline as baselines
    from azmlint.errors import AzmlintError

    folder = fast_folder()

    def check(raw: bytes) -> None:
        (folder / "known.json").write_bytes(raw)
        try:
            baselines.read(folder / "known.json")
        except AzmlintError as error:
            assert str(error)

    return check


TARGETS: dict[str, tuple[Callable[[], Check], tuple[str, ...]]] = {
    "yaml": (lambda: read_file("a.yml"), ("*.yml", "*.yaml")),
    "arm": (lambda: read_file("main.json"), ("*.json",)),
    "bicep": (lambda: read_file("main.bicep"), ("*.bicep",)),
    "terraform": (lambda: read_file("main.tf"), ("*.tf",)),
    "terraform-json": (lambda: read_file("main.tf.json"), ("*.tf.json",)),
    "python": (lambda: read_file("a.py"), ("*.py",)),
    "notebook": (lambda: read_file("a.ipynb"), ("*.ipynb",)),
    "shell": (lambda: read_file("a.sh"), ("*.sh",)),
    "powershell": (lambda: read_file("a.ps1"), ("*.ps1",)),
    "dockerfile": (lambda: read_file("Dockerfile"), ("Dockerfile*",)),
    "markdown": (lambda: read_file("a.md"), ("*.md",)),
    "pipeline": (lambda: read_file("azure-pipelines.yml"), ("*pipeline*.yml", "*.yaml")),
    "packages": (lambda: read_file("requirements.txt"), ("requirements*.txt", "*.toml")),
    "plan": (lambda: read_file("plan.json"), ("*plan*.json", "*.tf.json")),
    "parameters": (lambda: read_file("main.bicepparam"), ("*.bicepparam",)),
    "fix": (fix_file, ()),
    "suppressions": (suppressions, ()),
    "arm-expression": (arm_expression, ()),
    "hcl-expression": (hcl_expression, ()),
    "configuration": (configuration, ("azmlint.toml",)),
    "policy": (policy, ("*policy*.json", "*definition*.json")),
    "snapshot": (snapshot, ("snapshot*.json", "estate.json")),
    "baseline": (baseline, ("*baseline*.json",)),
}
IGNORES = (
    "\n# @[locks, min-nodes-above-zero] until=2027-01-01 because\na: 1 # @-file\n",
    "\n// @ - why\nparam a string = 'x' // @[size]\n/* @[\n*/\n",
    '\n{"a": "@[x] y", "metadata": {"comment": "@-file[locks]: z"}} // @\n',
    '\nx = """\n# @[a]\n"""  # @[b]\ny = \'@\'\n',
    '\n{"cells": [{"cell_type": "code", "source": ["# @[a]\\n", "x = 1"], "metadata": {}}]}',
    "\ncat <<E\n# @\nE\n<# @[x] #> az ml compute list # @[y] until=2020-02-30\n",
    "\n<!-- @[x] -->\n```bash\naz ml  # @\n```\n",
)
WORDS = {
    "configuration": (
        'profile = "strict"\nselect = ["locks"]\n[rules.x]\nlimit = 1\n',
        '[[ignores]]\nrule = "x"\npaths = ["a/**"]\nuntil = 2027-01-01\nreason = "y"\n',
        '[[deployments]]\npaths = ["a.json"]\nresource_group = "g"\n',
    ),
    "policy": (
        '{"if": {"allOf": [{"field": "type", "equals": "A.b/c"}]}, "then": {"effect": "deny"}}',
        "if: {count: {field: 'A.b/c/d[*]', where: {field: location, in: [a]}}, greater: 1}\n",
    ),
    "baseline": (
        '{"version": 1, "findings": [{"rule": "x", "path": "a", "kind": "k", "name": "n"}]}',
    ),
    "arm-expression": (
        "concat('a', parameters('a'))",
        "if(equals(parameters('a'), 'x'), range(0, 3), createArray(1))",
        "map(range(0, 3), lambda('i', add(lambdaVariables('i'), 1)))",
        "resourceId('A.b/c', 'd').x[0]",
        "format('{0,5}-{1:N}', 'a', 2)",
        "dateTimeAdd('2020-01-01', 'P1D')",
        "json('{\"a\": [1]}').a[0]",
        "cidrSubnet('10.0.0.0/8', 24, 1)",
    ),
    "hcl-expression": (
        '"${local.a[0]}-%{ if true }x%{ else }y%{ endif }"',
        "[for k, v in local.a : upper(v) if v != null]",
        "{for x in local.a : x => x...}",
        'format("%05d %q %v", 1, "a", [])',
        'replace("a.b", "/a|b/", "x")',
        "<<-E\n  a ${1 + 2}\n  E\n",
        'cidrsubnets("10.0.0.0/8", 4, 4)',
        "local.a[*].b.c",
        "try(local.a.x, null) == null ? 1 : 2",
        'yamldecode("a: [1]").a',
    ),
}


def seeds(target: str) -> list[bytes]:
    found = [word.encode() for word in WORDS.get(target, ())]
    if target == "suppressions":
        found = [
            bytes([number]) + word.encode() for number in range(len(NAMES)) for word in IGNORES
        ]
    elif target == "fix":
        for number, name in enumerate(NAMES):
            pattern = name if name in {"Dockerfile", "requirements.txt"} else Path(name).suffix
            paths = sorted((ROOT / "fixtures" / "rules").rglob(f"*{pattern}"))
            some = [p.read_bytes() for p in paths if p.stat().st_size < LONGEST]
            found += [bytes([number]) + b"\n" + raw for raw in few(some, name, 40)]
    for pattern in TARGETS[target][1]:
        for folder in ("fixtures", "examples"):
            paths = sorted((ROOT / folder).rglob(pattern))
            found += [p.read_bytes() for p in paths if p.stat().st_size < LONGEST]
    return found[:600]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=-1)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path)
    given = parser.parse_args()
    if given.files:
        check = TARGETS[given.target][0]()
        for path in given.files:
            check(path.read_bytes())
        return
    import atheris

    with atheris.instrument_imports(include=["azmlint"], enable_loader_override=False):
        check = TARGETS[given.target][0]()
        for raw in seeds(given.target)[:5]:
            # Readers import what they need when they first need it.
            check(raw)
    corpus = given.corpus or Path(tempfile.mkdtemp(prefix=f"azmlint-{given.target}-"), "corpus")
    corpus.mkdir(parents=True, exist_ok=True)
    kept = corpus.parent / "found"
    kept.mkdir(exist_ok=True)
    if not any(corpus.iterdir()):
        for number, raw in enumerate(seeds(given.target)):
            (corpus / f"seed-{number:04}").write_bytes(raw)
    words = [
        *(sys.argv[0], str(corpus), f"-artifact_prefix={kept}/", f"-max_len={LONGEST}"),
        *(
            f"-timeout={TIMEOUT}",
            "-rss_limit_mb=3000",
            f"-runs={given.runs}",
            f"-seed={given.seed}",
            "-report_slow_units=1000",
        ),
        *("-print_final_stats=1", f"-max_total_time={given.seconds}"),
    ]

    def timed(raw: bytes) -> None:
        began = time.process_time()
        check(raw)
        spent = time.process_time() - began
        assert spent < CPU_LIMIT, f"{spent:.1f} CPU seconds"

    atheris.Setup(words, timed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
