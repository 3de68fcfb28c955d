"""Makes the tables of accuracy.md: what azmlint reads and finds in real files.

    python benchmarks/accuracy.py CORPUS [NAME=FOLDER]...
    python benchmarks/accuracy.py CORPUS --fetched FETCHED
    python benchmarks/accuracy.py CORPUS --sample

CORPUS holds real files in a folder for each kind; a further FOLDER is a repository, judged as a
whole. The tables stand between markers of accuracy.md and are replaced there. `--fetched` makes
the table of facts, of the files of the corpus and of those that fetched.py has laid out in FETCHED,
and prints what is wrong; `--sample` prints the findings that are to be read by hand.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import re
import statistics
import sys
import time
from collections import Counter, defaultdict
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import facts
import fetched

import azmlint
import azmlint_rules
from azmlint.cli import run
from azmlint.engine.packs import entries

READ = facts.SHIPPED
"""The folders of a corpus that are judged as a whole."""

JUDGED_BY_TEST = frozenset(
    {
        "min-nodes-above-zero",
        "fixed-size-cluster",
        "mixed-identity-types",
        "user-assigned-without-ids",
        "cluster-in-other-region",
        "cross-region-with-private-endpoint",
        "cross-region-in-managed-network",
        "ssh-port-public",
        "max-nodes-above-default-limit",
        "rdma-cluster-above-100",
        "max-nodes-missing",
        "vm-size-retired",
    }
)
"""Rules of which tests/test_accuracy.py holds every verdict."""

TODAY = "2026-11-24"
SAMPLE = 50
PAGE = Path(__file__).with_name("accuracy.md")
SUFFIXES = {".yml", ".yaml", ".json"}

PARAMETER = "a parameter without default"
SYMBOL = "the group, subscription or region of the deployment, as a symbol"

MADE_UP = frozenset({"principal"})
"""What Azure makes up when it creates something: a file can but refer to it."""

Json = dict[str, Any]


class Checked(NamedTuple):
    """One run of `azmlint check`."""

    report: Json
    seconds: float
    """Of the processor."""


def azmlint_json(*words: str) -> Json:
    out = io.StringIO()
    with redirect_stdout(out):
        run([*words, "--format", "json"])
    found: Json = json.loads(out.getvalue())
    return found


def check(profile: str, *paths: Path) -> Checked:
    start = time.process_time()
    words = ["check", "--exit-zero", "--profile", profile, "--now", TODAY]
    report = azmlint_json(*words, *(str(p) for p in paths))
    return Checked(report, time.process_time() - start)


def files_below(*folders: Path) -> list[Path]:
    return [p for f in folders for p in sorted(f.rglob("*")) if p.suffix in SUFFIXES]


def names_read() -> set[str]:
    """Collect the attributes that rules and the model's own questions read."""
    names: set[str] = set()
    bases = (Path(azmlint_rules.__file__).parent, Path(azmlint.__file__).parent / "model")
    for path in (p for base in bases for p in base.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names |= {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    return names


def resources_of(paths: list[Path]) -> list[Json]:
    """Read what each file declares, without what a condition switches off."""
    found = [
        {**r, "file": p.as_posix()}
        for p in paths
        for r in azmlint_json("show", str(p))["resources"]
    ]
    return [r for r in found if r["exists"] is not False]


def state_of(value: Json) -> tuple[str, str]:
    """Say how much is known of a value, and why no more is."""
    reason = value["reason"] or ""
    if value["state"] != "unknown":
        return value["state"], reason
    if re.fullmatch(r"parameter '[^']+' has no value here", reason):
        return PARAMETER, ""
    if reason.endswith("not known here"):
        return SYMBOL, ""
    return "unknown", re.sub(r"'[^']*'", "'...'", reason)


def table(head: list[str], rows: list[list[object]]) -> str:
    numbers = [all(isinstance(r[i], (int, float)) for r in rows) for i in range(len(head))]
    lines = [head, ["---:" if n else "---" for n in numbers], *rows]
    return "\n".join("| " + " | ".join(str(c) for c in line) + " |" for line in lines)


def count_reads(resources: list[Json]) -> tuple[Counter[str], Counter[str]]:
    """Count the states of what rules read, and why the rest is not known."""
    names = names_read() - MADE_UP
    states: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for resource in resources:
        for name, value in resource["properties"].items():
            if name not in names:
                continue
            state, why = state_of(value)
            states[state] += 1
            if state in {"unknown", "invalid"}:
                others[f"{state}: {why}"] += 1
    return states, others


def reads_table(resources: list[Json]) -> str:
    states, others = count_reads(resources)
    written = states.total() - states["absent"]
    rows: list[list[object]] = [
        [state, count, "" if state == "absent" else f"{100 * count / written:.1f} %"]
        for state, count in states.most_common()
    ]
    more: list[list[object]] = [[why, count] for why, count in others.most_common()]
    return (
        table(["state of the property", "reads", "of what is written"], rows)
        + "\n\n"
        + table(["what else is not known", "reads"], more)
    )


def of_cluster(finding: Json, cluster: Json) -> bool:
    return bool(
        finding["resource"]["kind"] == cluster["kind"]
        and finding["resource"]["name"] == cluster["name"]
        and cluster["file"].endswith("/" + finding["path"])
    )


def per_cluster(report: Json, clusters: list[Json]) -> list[int]:
    return [sum(of_cluster(f, c) for f in report["findings"]) for c in clusters]


def rules_table(columns: dict[str, Counter[str]]) -> str:
    rows: list[list[object]] = []
    silent: dict[str, list[str]] = {"files": [], "notes": [], "deployed": []}
    for name, entry in sorted(entries().items()):
        counts = [c[name] for c in columns.values()]
        severity = entry.severity.name.lower()
        if any(counts):
            rows.append([f"`{name}`", severity, *counts])
        elif entry.needs:
            silent["deployed"].append(f"`{name}`")
        else:
            silent["notes" if severity == "note" else "files"].append(f"`{name}`")
    return (
        table(["rule", "severity", *columns], rows)
        + "\n\nRules of the default profile that never fired on a file that we did not write: "
        + ", ".join(silent["files"])
        + ".\n\nOf the strict profile: "
        + (", ".join(silent["notes"]) or "none")
        + ".\n\nAsked of deployed resources only, so never of these files: "
        + ", ".join(silent["deployed"])
        + "."
    )


def count_rules(report: Json) -> Counter[str]:
    return Counter(f["rule"] for f in report["findings"])


def in_general(reason: str) -> str:
    """Leave out of a reason what it is about."""
    text = re.sub(r"^line \d+, column \d+: ", "", reason)
    text = re.sub(r"\{.*\}", "{...}", text)
    return re.sub(r"'[^']*'", "'...'", text)


def why_table(reports: list[Json]) -> str:
    reasons = Counter(in_general(u["reason"]) for r in reports for u in r["undecided"])
    skips = Counter(in_general(s["reason"]) for r in reports for s in r["skipped"])
    rows: list[list[object]] = [["undecided", k, n] for k, n in reasons.most_common()]
    rows += [["skipped", k, n] for k, n in skips.most_common()]
    return table(["", "reason", "times"], rows)


def sample(report: Json) -> list[Json]:
    """Choose findings, turn by turn of each rule; which of a rule is chance that stays the same."""
    by_rule: defaultdict[str, list[Json]] = defaultdict(list)
    for finding in report["findings"]:
        if finding["rule"] not in JUDGED_BY_TEST:
            by_rule[finding["rule"]].append(finding)
    for found in by_rule.values():
        found.sort(key=_chance)
    chosen: list[Json] = []
    for turn in range(max((len(f) for f in by_rule.values()), default=0)):
        chosen += [by_rule[name][turn] for name in sorted(by_rule) if turn < len(by_rule[name])]
    return chosen[:SAMPLE]


def _chance(finding: Json) -> str:
    path = _short(finding["path"])
    text = f"{finding['rule']}\0{path}\0{finding['resource']['name']}\0{finding['pointer']}"
    return hashlib.sha256(text.encode()).hexdigest()


def _short(path: str) -> str:
    return re.sub(r"^.*?((?:cli-yaml|arm)/)", r"\1", path)


def in_markers(page: str, name: str, text: str) -> str:
    begin, end = f"<!-- table: {name} -->", "<!-- end of table -->"
    pattern = re.compile(re.escape(begin) + r".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(page):
        message = f"accuracy.md has no place for the table '{name}'"
        raise SystemExit(message)
    return pattern.sub(lambda _: f"{begin}\n{text}\n{end}", page)


def facts_table(corpus: Path, folder: Path) -> str:
    """Compare every fact and problem, and look for findings in noise; print what is wrong."""
    rows: list[list[object]] = []
    for kind in (*facts.SHIPPED, *facts.FETCHED):
        base = corpus if kind in facts.SHIPPED else folder
        described = facts.expectations(corpus, (kind,))
        held = [r for r in described if (base / r["path"]).exists()]
        counts: Counter[str] = Counter()
        for row in held:
            with facts.opened(base, row["path"]) as file:
                read, found = facts.compare_facts(file, row), facts.compare_problems(file, row)
            for line in (*read.misses, *found.misses):
                print(f"{row['path']}: {line}")
            for line in found.by_callers:
                print(f"{row['path']}: as its users call it: {line}")
            counts["clusters"] += len(row["clusters"])
            counts["facts"] += read.facts
            counts["wrong facts"] += len(read.misses)
            counts["problems"] += found.facts
            counts["wrong findings"] += len(found.misses)
            counts["by callers"] += len(found.by_callers)
        names = ("clusters", "facts", "wrong facts", "problems", "wrong findings", "by callers")
        rows.append([kind, f"{len(held)} of {len(described)}", *(counts[n] for n in names)])
    entries = [e for e in fetched.entries(corpus) if e.kind.endswith("-noise")]
    noise = [e for e in entries if (folder / e.path).exists()]
    noisy = [line for e in noise for line in facts.noise_in(folder, e.path, e.facts)]
    print("\n".join(noisy))
    head = ["kind", "files", "clusters", "facts", "wrong or missed", "problems"]
    head += ["not found, or found beyond", "open here, decided by callers"]
    text = table(head, rows)
    count = f"{len(noise)} of {len(entries)}"
    return f"{text}\n\nFiles of noise: {count}; what is found in them: {len(noisy)}."


def main(words: list[str]) -> None:
    corpus = Path(words[0])
    if "--fetched" in words:
        text = facts_table(corpus, Path(words[words.index("--fetched") + 1]))
        page = in_markers(PAGE.read_text(encoding="utf-8"), "facts", text)
        PAGE.write_text(page, encoding="utf-8", newline="\n")
        return
    folders = [corpus / kind for kind in READ]
    reports = {(p, f.name): check(p, f) for p in ("default", "strict") for f in folders}
    strict: Json = {
        "findings": [
            {**f, "path": f"{kind}/{f['path']}"}
            for kind in READ
            for f in reports["strict", kind].report["findings"]
        ]
    }
    if "--sample" in words:
        for finding in sample(strict):
            line = finding["start"]["line"]
            print(f"{finding['rule']}\t{_short(finding['path'])}:{line}\t{finding['message']}")
        return
    resources = resources_of(files_below(*folders))
    clusters = [r for r in resources if r["kind"] == "compute cluster"]
    columns: dict[str, Counter[str]] = {
        f"{kind}, {profile}": count_rules(reports[profile, kind].report)
        for kind in READ
        for profile in ("default", "strict")
    }
    lines: list[list[object]] = [
        [
            f"{kind}, {profile}",
            len(files_below(corpus / kind)),
            len(found.report["findings"]),
            len(found.report["undecided"]),
            len(found.report["failures"]),
            f"{found.seconds:.1f}",
        ]
        for (profile, kind), found in reports.items()
    ]
    others: list[Json] = []
    for word in (w for w in words[1:] if "=" in w):
        name, _, folder = word.partition("=")
        for profile in ("default", "strict"):
            found = check(profile, Path(folder))
            columns[f"{name}, {profile}"] = count_rules(found.report)
            files = sum(1 for p in files_below(Path(folder)) if p.is_file())
            parts = (found.report[k] for k in ("findings", "undecided", "failures"))
            lines.append([f"{name}, {profile}", files, *map(len, parts), f"{found.seconds:.1f}"])
        others.append(found.report)
    default: Json = {
        "findings": [f for k in READ for f in reports["default", k].report["findings"]]
    }
    counts = per_cluster(default, clusters)
    page = PAGE.read_text(encoding="utf-8")
    page = in_markers(page, "reads", reads_table(resources))
    head = ["files", "YAML and JSON files", "findings", "undecided", "failures", "CPU seconds"]
    page = in_markers(page, "runs", table(head, lines))
    page = in_markers(page, "rules", rules_table(columns))
    whole = [reports["strict", kind].report for kind in READ]
    page = in_markers(page, "reasons", why_table([*whole, *others]))
    shown = f"{len(clusters)} clusters; findings of the default profile on one cluster: "
    shown += f"median {statistics.median(counts):g}, most {max(counts)}."
    page = in_markers(page, "clusters", shown)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
