"""The report as a page: what is in the file. What a browser makes of it is test_html_browser.py."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path

import networkx as nx
import pytest

from azmlint import testing
from azmlint.engine.capacity import answer
from azmlint.engine.report import Report
from azmlint.finding import Severity
from azmlint.report import capacity, write
from azmlint.report.html.drawing import boxes
from azmlint.report.html.estate import LARGEST
from azmlint.report.options import ReportOptions
from azmlint_rules.locks.declared_lock_blocks_scaling import DeclaredLockBlocksScaling
from azmlint_rules.scale.min_nodes_above_zero import MinNodesAboveZero

ROOT = Path(__file__).parent.parent.parent
ASSETS = ROOT / "linter" / "azmlint" / "report" / "html" / "assets"
QUOTAS = ROOT / "fixtures" / "estates" / "contoso-quota" / "estate.json"
PLAIN = ReportOptions()
VOID = {"meta", "link", "input", "br", "img", "hr"}
HOSTILE = "</script><img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """Keep the elements of a page, and what stands in scripts and styles."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements = []
        self.texts = []
        self.open = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag in {"script", "style"}:
            self.texts.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in {"script", "style"}:
            tag, attrs, text = self.texts.pop()
            self.texts.append((tag, attrs, text + data))

    def all(self, *tags):
        return [attrs for tag, attrs in self.elements if tag in tags]

    @property
    def data(self):
        (text,) = [t for tag, a, t in self.texts if a.get("type") == "application/json"]
        return json.loads(text)

    @property
    def policy(self):
        (content,) = [m["content"] for m in self.all("meta") if "http-equiv" in m]
        return dict(part.split(" ", 1) for part in content.split("; "))


def html(report, **options):
    return write("html", report, ReportOptions(**options))


@pytest.fixture
def text(report):
    return html(report)


@pytest.fixture
def page(text):
    return Page(text)


def template(*resources):
    return json.dumps(
        {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/"
            "deploymentTemplate.json#",
            "contentVersion": "1.0.0.0",
            "resources": list(resources),
        }
    ).encode()


def workspace(name):
    return {
        "type": "Microsoft.MachineLearningServices/workspaces",
        "apiVersion": "2025-06-01",
        "name": name,
        "location": "westeurope",
    }


def cluster(workspace_name, name):
    return {
        "type": "Microsoft.MachineLearningServices/workspaces/computes",
        "apiVersion": "2025-06-01",
        "name": f"{workspace_name}/{name}",
        "location": "westeurope",
        "properties": {
            "computeType": "AmlCompute",
            "properties": {
                "vmSize": "Standard_D4s_v5",
                "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4},
            },
        },
    }


LOCK = {
    "type": "Microsoft.Authorization/locks",
    "apiVersion": "2020-05-01",
    "name": "keep",
    "properties": {"level": "CanNotDelete"},
}


def locked():
    """Judge a group with a lock, a workspace and two clusters."""
    resources = (workspace("ml"), cluster("ml", "cpu"), cluster("ml", "gpu"), LOCK)
    return testing.check({"main.json": template(*resources)}, [DeclaredLockBlocksScaling])


# What the file allows itself


def test_policy_allows_the_scripts_and_styles_of_the_page_and_nothing_else(page):
    policy = page.policy
    running = [t for tag, a, t in page.texts if tag == "script" and "type" not in a]
    styles = [t for tag, _, t in page.texts if tag == "style"]

    assert policy["default-src"] == "'none'"
    assert policy["script-src"].split() == list(map(sha256, running))
    assert policy["style-src"].split() == list(map(sha256, styles))
    assert policy["base-uri"] == policy["form-action"] == "'none'"


def sha256(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_page_has_nothing_that_the_policy_would_block_or_a_browser_would_load(page):
    assert not page.all("link", "img", "iframe", "object", "embed", "base", "audio", "video")
    for tag, attrs in page.elements:
        assert "style" not in attrs, tag
        assert "src" not in attrs, tag
        assert not [name for name in attrs if name.startswith("on")], tag


def test_own_scripts_make_text_and_never_markup():
    for path in ASSETS.glob("*.js"):
        if path.name != "cytoscape.min.js":
            code = path.read_text(encoding="utf-8")

            assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|eval\(|Function\(", code)


def test_the_same_report_gives_the_same_bytes(report):
    assert html(report) == html(report)


# What names from outside can do


@pytest.mark.parametrize(
    "name", [HOSTILE, "<!--<script>", "&lt;b&gt;&amp;", '" onload="x', "{{data}}", "a\u2028b"]
)
def test_names_from_outside_stay_data(report, name):
    plain = Page(html(report))
    for finding in [*report.findings, *(s.finding for s in report.suppressed)]:
        finding.message = name
        finding.related = tuple(r._replace(message=name) for r in finding.related)
        finding.fixes = tuple(f._replace(title=name) for f in finding.fixes)
    report.failures = [f._replace(path=name, reason=name) for f in report.failures]
    report.skipped = [s._replace(path=name, reason=name) for s in report.skipped]
    report.undecided = [u._replace(reason=name) for u in report.undecided]

    page = Page(html(report))

    assert page.elements == plain.elements
    assert {f["message"] for f in page.data["findings"]} == {name.replace("\u2028", "\\u2028")}


# What a page says to those who do not see it


def test_landmarks_headings_and_labels_are_there(page):
    assert page.all("html") == [{"lang": "en"}]
    for tag in ("header", "nav", "main", "footer", "h1"):
        assert len(page.all(tag)) == 1, tag
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    for section in page.all("section"):
        assert section["aria-labelledby"] in ids
    labelled = {label.get("for") for label in page.all("label")}
    for field in page.all("input", "select"):
        assert field.get("type") == "checkbox" or field["id"] in labelled


def test_links_within_the_page_lead_somewhere(page):
    ids = {a["id"] for _, a in page.elements if "id" in a}

    assert {a["href"][1:] for a in page.all("a")} <= ids


def test_every_table_of_the_scripts_has_a_caption():
    for path in ASSETS.glob("*.js"):
        if path.name != "cytoscape.min.js":
            code = path.read_text(encoding="utf-8")

            assert code.count("new PagedTable(") == len(re.findall(r"\bcaption(?::|,\n)", code))


# What is in the data


def test_nothing_of_the_run_is_left_out(report, page):
    data = page.data

    assert len(data["findings"]) == len(report.findings) + len(report.suppressed)
    assert [f["suppressed"]["by"] for f in data["findings"] if "suppressed" in f] == [
        s.by for s in report.suppressed
    ]
    assert len(data["failures"]) == len(report.failures)
    assert len(data["skipped"]) == len(report.skipped)
    assert len(data["undecided"]) == data["undecided_count"] == len(report.undecided)
    assert {row["facet"]: row["rules"] for row in data["not_applicable"]} == {
        "locks": ["a-rule", "z-rule"],
        "usages": ["a-rule"],
    }
    assert data["complete"] is False


def test_what_is_not_shown_is_counted(report):
    data = Page(html(report, min_severity=Severity.ERROR, show_undecided=False)).data

    assert data["below"] == len([f for f in report.findings if f.severity < Severity.ERROR])
    assert data["undecided"] == []
    assert data["undecided_count"] == len(report.undecided)


def test_excerpt_marks_the_value_between_the_lines_around_it(page):
    (found,) = [f for f in page.data["findings"] if f["message"].endswith("keeps 2 nodes running")]

    assert found["excerpt"] == [
        [3, "", "", "type: amlcompute"],
        [4, "", "", "size: Standard_D4s_v5 # 東京 😀"],
        [5, "min_instances: ", "2", ""],
        [6, "", "", "max_instances: 4"],
        [7, "", "", "ssh_settings:"],
    ]


def test_a_long_line_is_cut_around_what_is_marked():
    names = ", ".join(f"v{n}: {n}" for n in range(200))
    line = f"min_instances: 2 # {names}"
    text = (
        f"$schema: https://x/amlCompute.schema.json\nname: a\ntype: amlcompute\nsize: s\n{line}\n"
    )
    report = testing.check({"a.yml": text.encode()}, [MinNodesAboveZero])
    (found,) = Page(html(report)).data["findings"]
    (shown,) = [row for row in found["excerpt"] if row[2]]

    assert len("".join(shown[1:])) < 210
    assert shown[3].endswith("…")


def test_a_page_without_resources_brings_no_drawing_program():
    page = Page(html(Report()))

    assert page.data["estate"] is None
    assert len([t for tag, a, t in page.texts if tag == "script" and "type" not in a]) == 1


# The estate


def names(data, way):
    return [data["estate"]["nodes"][node]["name"] for node, _ in way["steps"]]


def test_a_lock_lights_up_the_way_to_every_cluster_it_stops():
    data = Page(html(locked())).data
    (found,) = data["findings"]
    way = found["way"]
    before = dict(way["steps"])
    nodes = data["estate"]["nodes"]

    def back(node):
        return [] if node < 0 else [*back(before[node]), nodes[node]["kind"]]

    ends = {nodes[n]["name"]: back(n) for n in before if n not in before.values()}
    kinds = ["lock", "resource group", "workspace", "compute cluster"]
    assert ends == {"cpu": kinds, "gpu": kinds}
    assert found["workspaces"] == ["ml"]


def test_the_way_of_a_network_finding_passes_the_subnet_to_what_filters_it():
    live = ROOT / "fixtures" / "estates" / "contoso" / "infra" / "network" / "main.json"
    report = testing.check({"main.json": live.read_bytes()}, [])
    data = Page(html(report)).data["estate"]
    relations = {
        (data["nodes"][a]["kind"], relation, data["nodes"][b]["kind"])
        for a, b, relation in data["edges"]
    }

    assert ("subnet", "in", "virtual network") in relations
    assert ("subnet", "filtered by", "network security group") in relations


def test_every_resource_is_in_the_table_and_in_a_drawing():
    data = Page(html(locked())).data["estate"]

    assert len(data["views"]) == 1
    drawn = {box[0] for box in data["views"][0]["boxes"]}
    assert drawn == set(range(len(data["nodes"])))
    assert {n["name"] for n in data["nodes"]} >= {"ml", "cpu", "gpu", "keep"}


def test_an_estate_too_large_for_one_drawing_is_drawn_by_workspace():
    count = 30
    resources = [workspace(f"ml{n}") for n in range(count)]
    resources += [cluster(f"ml{n}", f"c{m}") for n in range(count) for m in range(LARGEST // count)]
    report = testing.check({"main.json": template(*resources, LOCK)}, [])
    data = Page(html(report)).data["estate"]

    assert len(data["nodes"]) > LARGEST
    assert len(data["views"]) == count
    assert all(len(view["boxes"]) <= LARGEST for view in data["views"])
    drawn = {box[0] for view in data["views"] for box in view["boxes"]}
    assert drawn == set(range(len(data["nodes"])))


def forest(seed):
    """Make a graph of things in things, some of them locked."""
    chance = random.Random(seed)
    view = nx.DiGraph()
    for number in range(chance.randrange(1, 40)):
        view.add_node(f"n{number}", kind="thing", name=f"n{number}")
        if number and chance.random() < 0.8:
            view.add_edge(f"n{number}", f"n{chance.randrange(number)}", relation="in")
    for number in range(chance.randrange(6)):
        view.add_node(f"lock{number}", kind="lock", name=f"lock{number}")
        target = f"n{chance.randrange(view.number_of_nodes() - number - 1)}"
        view.add_edge(f"lock{number}", target, relation="locks")
    return view


def corners(box):
    return (
        box.x - box.width / 2,
        box.y - box.height / 2,
        box.x + box.width / 2,
        box.y + box.height / 2,
    )


def holds(outer, inner):
    a, b = corners(outer), corners(inner)
    return a[0] <= b[0] and a[1] <= b[1] and a[2] >= b[2] and a[3] >= b[3]


def apart(one, other):
    a, b = corners(one), corners(other)
    return a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


@pytest.mark.parametrize("seed", range(25))
def test_boxes_hold_what_is_in_them_and_never_overlap(seed):
    view = forest(seed)
    found = boxes(view, list(view))
    by_node = {box.node: box for box in found}

    assert set(by_node) == set(view)
    for one, other in combinations(found, 2):
        assert apart(one, other) or holds(one, other) or holds(other, one)
    for inner, outer, relation in view.edges(data="relation"):
        if relation == "in":
            assert holds(by_node[outer], by_node[inner])


def test_the_order_of_what_is_read_moves_nothing():
    view = forest(3)
    other = nx.DiGraph()
    other.add_nodes_from(reversed(list(view.nodes(data=True))))
    other.add_edges_from(reversed(list(view.edges(data=True))))

    assert boxes(view, list(view)) == boxes(other, reversed(list(view)))


# Quotas


def test_bars_and_figures_are_those_of_the_capacity_command():
    report = testing.check({"estate.json": QUOTAS.read_bytes()}, [])
    data = Page(html(report)).data["capacity"]
    answered = json.loads(capacity.write("json", answer(report.estate, report.snapshot), PLAIN))

    assert len(data["places"]) > 1
    for shown, place in zip(data["places"], answered["regions"], strict=True):
        assert (shown["reached"], shown["wanted"]) == (place["reached"], place["wanted"])
        assert [x["limit"] for x in shown["limits"]] == [x["limit"] for x in place["limits"]]
        assert any(x["bounds"] for x in shown["limits"])
        for limit in shown["limits"]:
            assert limit["reached"] <= limit["asked"]
            if limit["limit"] is not None:
                assert limit["held"] + limit["reached"] <= max(limit["limit"], limit["held"])


def test_without_a_stated_limit_there_are_no_figures():
    assert Page(html(locked())).data["capacity"] is None
