"""Every rule of the built-in pack keeps the promises that its file makes."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from azmlint import catalog, testing
from azmlint.engine.fix import apply, edits
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.engine.repair import repair
from azmlint.finding import Applicability
from azmlint.model.capacity.rows import stated
from azmlint.model.estate import facet_of
from azmlint.model.value import NotEditable
from azmlint.report import concise
from azmlint.sources.document import decode

ROOT = Path(__file__).parent.parent
RULES = rule_classes(BUILT_IN)
CASES = sorted(p.parent for p in (ROOT / "fixtures" / "rules").glob("*/*/expected.txt"))
FAMILIES = {
    "locks", "scale", "region", "network", "identity", "quota", "size", "access", "tooling",
    "state", "resilience",
}  # fmt: skip


def examples():
    return [
        pytest.param(rule, example, id=f"{name}-{'bad' if example.is_bad else 'good'}-{index}")
        for name, rule in RULES.items()
        for index, example in enumerate(catalog.examples(rule))
    ]


def checked(texts, *rules):
    others = {path: text for path, text in texts.items() if path != "azmlint.toml"}
    stated_in = tomllib.loads(texts.get("azmlint.toml", b"").decode())
    limits = stated_in.get("quota", {})
    facts = testing.Facts(
        today=testing.TODAY,
        production_tags=(("environment", "production"),),
        quotas={r: tuple(stated(n, v) for n, v in rows.items()) for r, rows in limits.items()},
    )
    return testing.check(others, rules, options=stated_in.get("rules", {}), facts=facts)


def judged(rule, example):
    path = f"example.{testing.SUFFIXES[example.language]}"
    return checked({path: example.text}, rule)


def files_of(case):
    return {
        p.relative_to(case).as_posix(): p.read_bytes()
        for p in sorted(case.rglob("*"))
        if p.is_file() and p.name != "expected.txt" and "fixed" not in p.relative_to(case).parts
    }


@pytest.mark.parametrize(("rule", "example"), examples())
def test_documentation_is_true(rule, example):
    report = judged(rule, example)

    assert [f.rule for f in report.findings if f.rule != rule.name] == []
    assert bool(report.findings) == example.is_bad
    assert report.failures == []


def assert_well_formed(finding, rule):
    assert finding.message == finding.message.strip()
    assert "\n" not in finding.message
    assert not finding.message.endswith(".")
    assert bool(finding.fixes) != bool(finding.why_no_fix)
    assert finding.severity <= rule.severity or rule.option_names
    for fix in finding.fixes:
        assert fix.changes or fix.steps
        assert not fix.title.endswith(".")
        for step in fix.steps:
            commands = [step.argv, step.undo or ("az",)]
            assert all(
                piece and "{" not in piece for c in commands for piece in c if c[1:2] != ("rest",)
            )
            assert re.fullmatch(r"Microsoft\.\w+/[\w/]+/(write|delete|action)", step.needs)


@pytest.mark.parametrize(("rule", "example"), [e for e in examples() if e.values[1].is_bad])
def test_findings_of_examples_are_well_formed_and_say_what_to_do(rule, example):
    for finding in judged(rule, example).findings:
        assert_well_formed(finding, rule)


@pytest.mark.parametrize("case", CASES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_findings_of_cases_are_well_formed_and_say_what_to_do(case):
    rule = RULES[case.parent.name]

    for finding in checked(files_of(case), rule).findings:
        assert_well_formed(finding, rule)


@pytest.mark.parametrize(
    "name", [n for n, rule in RULES.items() if rule.judges_declared and not rule.needs]
)
def test_rule_about_declared_files_has_cases(name):
    assert any(case.parent.name == name for case in CASES)


@pytest.mark.parametrize(("rule", "example"), [e for e in examples() if e.values[1].is_bad])
def test_fixes_of_examples_make_the_finding_go_away(rule, example):
    path = f"example.{testing.SUFFIXES[example.language]}"
    document = decode(path, example.text.encode())
    report = judged(rule, example)

    for finding in report.findings:
        for fix in finding.fixes:
            if not fix.changes or fix.applicability is Applicability.DISPLAY:
                continue
            try:
                wanted = edits(fix)
            except NotEditable:
                continue
            fixed = example._replace(text=apply(document, wanted))
            after = judged(rule, fixed)
            assert not any(
                f.route == finding.route and f.resource.label == finding.resource.label
                for f in after.findings
            ), fixed.text


@pytest.mark.parametrize("rule", [r for r in RULES.values() if r.judges_deployed], ids=str)
def test_rule_about_what_is_deployed_asks_for_it(rule):
    assert facet_of(rule.kind) in rule.needs | rule.uses


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rule_file_is_complete(rule):
    sections = catalog.sections(rule)
    known = [s for s in catalog.SECTIONS if s in sections]

    assert list(sections) == known
    assert {"Why", "Bad", "Good", "References"} <= sections.keys()
    assert catalog.summary(rule).endswith(".")
    assert rule.__module__.split(".")[-1] == rule.name.replace("-", "_")
    assert rule.__module__.split(".")[-2] in FAMILIES
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert rule.__name__.lower() == rule.name.replace("-", "")
    assert all(o.description for o in catalog.options(rule))


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_fix_safety_is_told_exactly_when_there_is_an_edit(rule):
    offers = any(
        fix.changes
        for example in catalog.examples(rule)
        for finding in judged(rule, example).findings
        for fix in finding.fixes
    )

    assert ("Fix safety" in catalog.sections(rule)) == offers


@pytest.mark.parametrize("case", CASES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_rule_asks_only_for_facets_that_it_declares(case):
    report = checked(files_of(case), *RULES.values())

    assert [f for f in report.failures if f.stage != "live"] == []


@pytest.mark.parametrize("case", CASES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_case(case, request):
    rule = RULES[case.parent.name]
    files = files_of(case)
    report = checked(files, rule)
    gaps = [f for f in report.failures if f.stage == "live"]
    found = (
        "".join(f"{concise.line(f)}\n" for f in report.findings)
        + "".join(f"undecided: {u.resource.label}: {u.reason}\n" for u in report.undecided)
        + "".join(f"not read: {g.reason}\n" for g in gaps)
    )
    expected = case / "expected.txt"
    if request.config.getoption("--update"):
        expected.write_text(found)

    assert report.failures == gaps
    assert found == expected.read_text()
    documents = {path: decode(path, raw) for path, raw in files.items()}
    repaired = repair(
        documents,
        lambda now: checked({p: d.encoded(d.text) for p, d in now.items()}, rule),
        Applicability.UNSAFE,
    )
    changed = {p: d.text for p, d in repaired.documents.items() if d.text != documents[p].text}
    folder = case / "fixed"
    if request.config.getoption("--update"):
        shutil.rmtree(folder, ignore_errors=True)
        for path, text in changed.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(documents[path].encoded(text))
    assert changed == {
        p.relative_to(folder).as_posix(): p.read_bytes().decode()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }
