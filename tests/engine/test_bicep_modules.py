"""Files that use each other as modules: what is judged, where, and once."""

from __future__ import annotations

import pytest

from azmlint.engine.project import ProjectContext, check, load, settle
from azmlint.testing import TODAY

ML = "Microsoft.MachineLearningServices/workspaces"
CLUSTER = (
    "param minNodes int\nparam name string\n"
    f"resource c '{ML}/computes@2025-12-01' = {{\n  name: 'ws/${{name}}'\n"
    "  location: 'westeurope'\n  properties: {\n    computeType: 'AmlCompute'\n"
    "    properties: {\n      vmSize: 'Standard_D4s_v5'\n      vmPriority: 'Dedicated'\n"
    "      scaleSettings: { minNodeCount: minNodes, maxNodeCount: 4 }\n    }\n  }\n}\n"
)


def use(count, name="cpu", path="modules/cluster.bicep", symbol="m"):
    return (
        f"module {symbol} '{path}' = {{\n  name: 'deploy-{name}'\n"
        f"  params: {{ minNodes: {count}, name: '{name}' }}\n}}\n"
    )


@pytest.fixture
def project(tmp_path):
    (tmp_path / "modules").mkdir()
    (tmp_path / "azmlint.toml").write_text("")
    (tmp_path / "modules" / "cluster.bicep").write_text(CLUSTER)
    return tmp_path


def judged(project, *paths, rules=("min-nodes-above-zero",)):
    found = settle(project)
    context = ProjectContext(found.config)
    loaded = load([project / p for p in paths] or [project], found.config, context)
    report = check(loaded, found, context, today=TODAY)
    return report, [f for f in report.findings if f.rule in rules]


def test_a_module_is_judged_with_its_arguments_and_not_again_alone(project):
    (project / "main.bicep").write_text(use(2))
    report, (finding,) = judged(project)

    assert finding.place.document.path == "modules/cluster.bicep"
    assert [(p.document.path, p.role, p.text) for p in finding.on.trace] == [
        ("modules/cluster.bicep", "use", "minNodes"),
        ("main.bicep", "argument", "2"),
    ]
    assert not [u for u in report.undecided if u.rule == "min-nodes-above-zero"]


def test_a_module_that_nobody_uses_is_judged_alone(project):
    report, findings = judged(project)

    assert findings == []
    assert "parameter 'minNodes' has no value here" in {u.reason for u in report.undecided}


def test_a_finding_appears_once_for_each_place_and_argument(project):
    text = use(2, "one") + use(3, "two", symbol="n") + use(0, "none", symbol="o")
    (project / "main.bicep").write_text(text)
    _, findings = judged(project)

    assert sorted(f.resource.name for f in findings) == ["one", "two"]
    assert {p.text for f in findings for p in f.on.trace} == {"minNodes", "2", "3"}


def test_what_a_module_says_itself_is_one_finding_for_all_uses(project):
    (project / "modules" / "cluster.bicep").write_text(
        CLUSTER.replace("minNodeCount: minNodes", "minNodeCount: 1")
    )
    (project / "main.bicep").write_text(use(0, "one") + use(0, "two", symbol="n"))
    _, (finding,) = judged(project)

    assert [r.message for r in finding.related if "also" in r.message] == [
        "also compute cluster 'two'"
    ]


def test_the_trace_names_the_whole_call_path(project):
    (project / "modules" / "outer.bicep").write_text(
        "param count int\n" + use("count", path="cluster.bicep")
    )
    (project / "main.bicep").write_text(
        "param n int = 2\nmodule o 'modules/outer.bicep' = {\n  name: 'o'\n"
        "  params: { count: n }\n}\n"
    )
    _, (finding,) = judged(project)

    assert [(p.document.path, p.role, p.text) for p in finding.on.trace] == [
        ("modules/cluster.bicep", "use", "minNodes"),
        ("modules/outer.bicep", "argument", "count"),
        ("main.bicep", "argument", "n"),
        ("main.bicep", "default", "2"),
    ]


def test_a_file_that_only_uses_modules_is_read_with_them(project):
    (project / "main.bicep").write_text(use(2, path="modules/between.bicep"))
    (project / "modules" / "between.bicep").write_text(
        "param minNodes int\nparam name string\n"
        + use("minNodes", path="cluster.bicep").replace("'cpu' }", "name }")
    )
    (project / "other.bicep").write_text("module x 'none.bicep' = { name: 'x' }\n")
    _, findings = judged(project)

    assert [f.resource.name for f in findings] == ["cpu"]


def test_one_changed_module_is_judged_as_its_users_call_it(project):
    (project / "main.bicep").write_text(
        use(2) + f"resource w '{ML}@2025-12-01' = {{\n  name: 'ws'\n}}\n"
    )
    report, (finding,) = judged(project, "modules/cluster.bicep")

    assert finding.on.trace[-1].document.path == "main.bicep"
    assert {f.place.document.path for f in report.findings} == {"modules/cluster.bicep"}


def test_a_file_alone_is_judged_with_the_modules_it_uses(project):
    (project / "main.bicep").write_text(use(2))
    report, (finding,) = judged(project, "main.bicep")

    assert finding.place.document.path == "modules/cluster.bicep"
    assert "modules/cluster.bicep" in report.documents


def test_a_file_between_is_judged_with_the_modules_it_uses(project):
    between = "param count int\n" + use("count")
    (project / "between.bicep").write_text(between)
    call = "module b 'between.bicep' = {\n  name: 'b'\n  params: { count: 2 }\n}\n"
    (project / "main.bicep").write_text(call + use(3, "gpu"))
    _, findings = judged(project, "between.bicep")
    paths = {tuple(p.document.path for p in f.on.trace) for f in findings}

    assert ("modules/cluster.bicep", "between.bicep", "main.bicep") in paths


def test_a_comment_in_a_module_accepts_what_is_found_there(project):
    accepted = CLUSTER.replace(
        "      scaleSettings",
        "      // azmlint: ignore[min-nodes-above-zero] a demo\n      scaleSettings",
    )
    (project / "modules" / "cluster.bicep").write_text(accepted)
    (project / "main.bicep").write_text(use(2))
    report, findings = judged(project, "main.bicep")

    assert findings == []
    assert "min-nodes-above-zero" in {s.finding.rule for s in report.suppressed}


def test_a_comment_that_accepts_nothing_in_a_module_that_was_not_given_says_nothing(project):
    ignores = "// azmlint: ignore[max-nodes-zero] no\n// azmlint: ignore[no-such-rule] no\n"
    (project / "modules" / "cluster.bicep").write_text(ignores + CLUSTER)
    (project / "main.bicep").write_text(use(2))
    rules = ("ignore-unused", "min-nodes-above-zero")

    assert [f.rule for f in judged(project, "main.bicep", rules=rules)[1]] == [rules[1]]
    assert {f.rule for f in judged(project, rules=rules)[1]} == set(rules)


def test_files_that_use_each_other_are_judged_once(project):
    circle = use(1, path="b.bicep", symbol="b")
    (project / "a.bicep").write_text("param minNodes int\nparam name string\n" + circle)
    (project / "b.bicep").write_text(CLUSTER + use(2, path="a.bicep", symbol="a"))
    report, findings = judged(project)

    assert [f.resource.name for f in findings] == ["cpu"]
    assert [f.rule for f in report.findings if "round in a circle" in f.message] == ["syntax-error"]


def test_what_a_broken_user_does_not_reach_is_judged_alone(project):
    (project / "main.bicep").write_text(use(2).replace("= {", "= ["))
    report, findings = judged(project)

    assert findings == []
    assert [f.rule for f in report.findings if f.rule == "syntax-error"] == ["syntax-error"]
    assert any(u.resource.path == "modules/cluster.bicep" for u in report.undecided)


def test_a_module_outside_of_the_root_is_not_read(project):
    (project.parent / "outside.bicep").write_text(CLUSTER)
    (project / "main.bicep").write_text(
        use(2, path="../outside.bicep") + f"resource w '{ML}@2025-12-01' = {{\n  name: 'ws'\n}}\n"
    )
    report, findings = judged(project)

    assert findings == []
    assert any("outside of the project" in s.reason for s in report.skipped)


def test_networks_beside_clusters_are_surroundings(project):
    network = "resource v 'Microsoft.Network/virtualNetworks@2024-01-01' = {\n  name: 'v'\n}\n"
    (project / "network.bicep").write_text(network)
    found = settle(project)
    loaded = load([project], found.config, ProjectContext(found.config))

    assert "network.bicep" in loaded.surroundings
    assert "network.bicep" not in loaded.documents


def test_a_parameter_file_that_is_given_may_be_edited(project):
    (project / "main.bicep").write_text("param n int\n" + use("n"))
    (project / "main.bicepparam").write_text("using 'main.bicep'\nparam n = 2\n")
    found = settle(project)
    loaded = load([project], found.config, ProjectContext(found.config))
    _, (finding,) = judged(project)

    assert "main.bicepparam" in loaded.origins
    assert [
        e.document.path for f in finding.fixes for c in f.changes for e in c.value.edits(0)
    ] == ["main.bicepparam"]
