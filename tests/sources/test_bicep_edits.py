"""Edits of Bicep text: the value, the default or the parameter file, and nothing else."""

# ruff: noqa: E501  # lines of Bicep as they stand in files

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint import testing
from azmlint.engine.fix import apply, edits
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.expressions.term import ABSENT_TERM
from azmlint.model.resources import ComputeCluster
from azmlint.model.value import REMOVED, NotEditable
from azmlint.sources import load
from azmlint.sources.bicep_edit import insert, name_of, remove, spelled
from azmlint.sources.bicep_syntax import parse
from azmlint.sources.bicep_tree import ArrayNode, Literal, ObjectNode, Property
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

MIN_NODES_ABOVE_ZERO = rule_classes(BUILT_IN)["min-nodes-above-zero"]
HEAD = """\
resource c 'Microsoft.MachineLearningServices/workspaces/computes@2024-04-01' = {
  name: 'ws/c'
  properties: {
    computeType: 'AmlCompute'
    properties: {
"""
TAIL = "    }\n  }\n}\n"


def cluster(text, files=None):
    texts = {"main.bicep": text, **(files or {})}
    documents = {p: decode(p, t.encode()) for p, t in texts.items()}
    reading = load.read(documents["main.bicep"], Texts(documents))
    return next(r for r in reading.resources if isinstance(r, ComputeCluster))


def edited(value, new):
    """Give the text of the one file that a change edits, with its path."""
    changes = value.edits(new)
    (path,) = {e.document.path for e in changes}
    return path, apply(changes[0].document, list(changes))


def body(lines, before=""):
    return before + HEAD + lines + TAIL


@pytest.mark.parametrize(
    ("before", "line", "new", "changed"),
    [
        ("", "      vmSize: 'a' // note\n", "b", "      vmSize: 'b' // note\n"),
        ("", "      vmSize: true ? 'a' : 'c'\n", "b", "      vmSize: true ? 'b' : 'c'\n"),
        ("", "      vmSize:   '''a'''\n", "it's", "      vmSize:   'it\\'s'\n"),
        (
            "",
            "      vmSize: [for x in ['a']: x][0]\n",
            "b",
            "      vmSize: [for x in ['b']: x][0]\n",
        ),
    ],
)
def test_a_value_is_replaced_where_it_stands(before, line, new, changed):
    text = body(line, before)

    assert edited(cluster(text).size, new) == ("main.bicep", body(changed, before))


def both_edited(before, expression):
    """Give the expression after a fix that sets the minimum to 0 whatever is chosen."""
    text = body(f"      scaleSettings: {{ minNodeCount: {expression}, maxNodeCount: 4 }}\n", before)
    document = decode("main.bicep", text.encode())
    (finding,) = testing.check({"main.bicep": text}, [MIN_NODES_ABOVE_ZERO]).findings
    after = apply(document, edits(finding.fixes[0]))
    return re.search("minNodeCount: (.*), max", after)[1]


@pytest.mark.parametrize(
    ("expression", "after"),
    [
        ("x ? 2 : 3", "0"),
        ("x ? 2 : 0", "0"),
        ("x ? (y ? 1 : 2) : 3", "0"),
        ("x ? (y ? 1 : m) : 3", "x ? (y ? 0 : m) : 0"),
        ("x ? m : 3", "x ? m : 0"),
    ],
)
def test_a_conditional_with_twice_the_same_is_replaced_by_that(expression, after):
    before = "param x bool\nparam y bool\nparam m int\n"

    assert both_edited(before, expression) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("param s string = 'a' // d\n", "param s string = 'b' // d\n"),
        ("@allowed(['a', 'b'])\nparam s string = 'a'\n", "@allowed(['a', 'b'])\nparam s string = 'b'\n"),
        ("param s 'a' | 'b' = 'a'\n", "param s 'a' | 'b' = 'b'\n"),
        ("type t = 'A' | u\ntype u = 'B'\nparam s t = 'a'\n", "type t = 'A' | u\ntype u = 'B'\nparam s t = 'b'\n"),
        ("type t = string\nparam s t = 'a'\n", "type t = string\nparam s t = 'b'\n"),
        ("param o object = { s: 'a' }\nvar s = o.s\n", "param o object = { s: 'b' }\nvar s = o.s\n"),
        ("var s = 'a'\n", "var s = 'b'\n"),
    ],
)  # fmt: skip
def test_a_value_is_replaced_at_its_origin(before, after):
    line = "      vmSize: s\n"

    assert edited(cluster(body(line, before)).size, "b") == ("main.bicep", body(line, after))


@pytest.mark.parametrize(
    ("before", "new"),
    [
        ("@allowed(['a', 'c'])\nparam s string = 'a'\n", "b"),
        ("param s 'a' | 'c' = 'a'\n", "b"),
        ("param s string\n", "b"),
        ("var s = toLower('A')\n", "b"),
        ("param p string = 'a'\nvar s = '${p}'\n", "b"),
    ],
)
def test_what_an_edit_cannot_do_is_refused(before, new):
    with pytest.raises(NotEditable):
        cluster(body("      vmSize: s\n", before)).size.edits(new)


@pytest.mark.parametrize(("new", "is_allowed"), [(0, False), (1, True), (3, True), (4, False)])
def test_a_default_stays_within_its_bounds(new, is_allowed):
    before = "@minValue(1)\n@maxValue(3)\nparam n int = 2\n"
    line = "      scaleSettings: { maxNodeCount: n }\n"
    value = cluster(body(line, before)).max_nodes

    if is_allowed:
        assert edited(value, new)[1] == body(line, before.replace("= 2", f"= {new}"))
    else:
        with pytest.raises(NotEditable, match="does not allow"):
            value.edits(new)


def test_a_number_in_quotes_stays_in_quotes():
    line = "      scaleSettings: { maxNodeCount: '2' }\n"

    assert edited(cluster(body(line)).max_nodes, 3)[1] == body(line.replace("2", "3"))


def test_parameter_files_are_edited():
    text = body("      vmSize: s\n", "param s string\n")
    files = {"main.bicepparam": "using 'main.bicep'\n\nparam s = 'a' // why\n"}

    assert edited(cluster(text, files).size, "b") == (
        "main.bicepparam",
        "using 'main.bicep'\n\nparam s = 'b' // why\n",
    )
    files = {"main.parameters.json": json.dumps({"parameters": {"s": {"value": "a"}}})}
    assert edited(cluster(text, files).size, "b") == (
        "main.parameters.json",
        files["main.parameters.json"].replace('"a"', '"b"'),
    )


@pytest.mark.parametrize(
    ("lines", "changed"),
    [
        ("      vmSize: 'a'\n", "      vmSize: 'a'\n      scaleSettings: {\n        maxNodeCount: 2\n      }\n"),
        ("      scaleSettings: {}\n", "      scaleSettings: { maxNodeCount: 2 }\n"),
        ("      scaleSettings: { minNodeCount: 0 }\n", "      scaleSettings: { minNodeCount: 0, maxNodeCount: 2 }\n"),
        ("      scaleSettings: {\n        minNodeCount: 0 // none\n      }\n",
         "      scaleSettings: {\n        minNodeCount: 0 // none\n        maxNodeCount: 2\n      }\n"),
        ("      scaleSettings: {\n        minNodeCount: 0, /* a */\n      }\n",
         "      scaleSettings: {\n        minNodeCount: 0, /* a */\n        maxNodeCount: 2\n      }\n"),
        ("      scaleSettings: {\n      }\n", "      scaleSettings: {\n        maxNodeCount: 2\n      }\n"),
        ("      scaleSettings: { // s\n      }\n", "      scaleSettings: { // s\n        maxNodeCount: 2\n      }\n"),
        ("      scaleSettings: { minNodeCount:\n 0 }\n", "      scaleSettings: { minNodeCount:\n 0\n        maxNodeCount: 2\n      }\n"),
    ],
)  # fmt: skip
def test_a_member_is_added(lines, changed):
    text = body(lines)
    path, after = edited(cluster(text).max_nodes, 2)

    assert cluster(after).max_nodes.known == 2
    if "minNodeCount:\n" not in lines:
        assert (path, after) == ("main.bicep", body(changed))


def test_nothing_is_added_to_what_is_computed():
    with pytest.raises(NotEditable, match="computed"):
        cluster(body("      scaleSettings: s\n", "var s = {}\n")).max_nodes.edits(2)


@pytest.mark.parametrize(
    ("lines", "changed"),
    [
        ("      vmSize: 'a'\n      vmPriority: 'b'\n", "      vmPriority: 'b'\n"),
        ("      vmSize: 'a', vmPriority: 'b'\n", "      vmPriority: 'b'\n"),
        ("      vmPriority: 'b', vmSize: 'a'\n", "      vmPriority: 'b'\n"),
        ("      vmSize: 'a' // why\n", "      // why\n"),
        ("      vmSize: 'a',\r\n", ""),
    ],
)
def test_a_member_is_taken_away(lines, changed):
    path, after = edited(cluster(body(lines)).size, REMOVED)

    assert cluster(after).size.is_absent
    if "// why" not in lines:
        assert (path, after) == ("main.bicep", body(changed))


def test_what_is_not_written_once_is_not_taken_away():
    twice = body("      vmSize: 'a'\n      vmSize: 'b'\n")
    with pytest.raises(NotEditable, match="exactly once"):
        cluster(twice).size.edits(REMOVED)
    spread = body("      ...x\n", "var x = { vmSize: 'a' }\n")
    with pytest.raises(NotEditable, match="exactly once"):
        cluster(spread).size.edits(REMOVED)
    computed = body("", "var x = { vmSize: 'a' }\n").replace(
        "properties: {\n    }", "properties: x"
    )
    with pytest.raises(NotEditable, match="not written in this resource"):
        cluster(computed).size.edits(REMOVED)


def test_items_of_a_list_are_edited():
    text = (
        "resource v 'Microsoft.Network/virtualNetworks@2024-01-01' = {\n  name: 'v'\n"
        "  properties: {\n    subnets: [\n      {\n        name: 's'\n      }\n    ]\n  }\n}\n"
    )
    added = text.replace(
        "'s'\n", "'s'\n        properties: {\n          addressPrefix: 'p'\n        }\n"
    )
    reading = load.read(decode("main.bicep", text.encode()), Texts({}))
    assert edited(reading.resources[-1].prefix, "p")[1] == added
    again = load.read(decode("main.bicep", added.encode()), Texts({}))
    assert edited(again.resources[-1].prefix, REMOVED)[1] == added.replace(
        "          addressPrefix: 'p'\n", ""
    )


def test_nothing_is_written_twice():
    compute = cluster(body("      vmSize: null\n"))
    with pytest.raises(NotEditable, match="written already"):
        compute.body.edits(("properties", "properties", "vmSize"), ABSENT_TERM, "a")
    with pytest.raises(NotEditable, match="not written in this resource"):
        compute.body.edits(("properties", "computeType", "0", "x"), ABSENT_TERM, REMOVED)


def test_the_version_of_an_interface_is_edited_alone():
    text = body("")
    reading = load.read(decode("main.bicep", text.encode()), Texts({}))
    use = reading.resources[-1]

    assert edited(use.version, "2025-12-01")[1] == text.replace("2024-04-01", "2025-12-01")


# Properties of all edits

KEYS = st.sampled_from(["a", "b", "c", "dash-ed", "é"])
SCALARS = st.none() | st.booleans() | st.integers(-9, 99) | st.text("a'\\${\n é", max_size=4)
DATA = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=2), max_leaves=4)
TREES = st.recursive(
    st.dictionaries(KEYS, DATA, max_size=3),
    lambda inner: st.dictionaries(KEYS, inner | DATA, max_size=3),
    max_leaves=6,
)
NOTES = st.sampled_from(["", " // note", " /* note */"])


@st.composite
def texts(draw):
    """Make an object's text and what it holds."""
    tree = draw(TREES)
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    if draw(st.booleans()):
        return "var x = " + spelled(tree, "", "  ", newline), tree, newline
    lines = []
    for key, value in tree.items():
        indent = draw(st.sampled_from([None, "  "]))
        lines.append(f"  {name_of(key)}: {spelled(value, indent, '  ', newline)}{draw(NOTES)}")
    inner = "".join(newline + line for line in lines)
    return f"var x = {{{inner}{newline}}}", tree, newline


def data(node):
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, ArrayNode):
        return [data(i) for i in node.items]
    assert isinstance(node, ObjectNode)
    return {m.name: data(m.value) for m in node.members if isinstance(m, Property)}


def whole(text):
    program = parse(text)
    assert [t.message for t in program.troubles] == []
    return program.statements[0].value


@given(texts(), KEYS, st.lists(KEYS, max_size=2), SCALARS)
def test_an_added_member_is_there_and_all_else_stays(made, key, more, new):
    text, tree, _ = made
    document = decode("x.bicep", text.encode())
    node = whole(text)
    assert data(node) == tree
    if key in tree:
        return
    after = apply(document, [insert(document, node, (key, *more), new)])

    wanted = new
    for name in reversed(more):
        wanted = {name: wanted}
    assert data(whole(after)) == {**tree, key: wanted}
    assert [c for c in after if c == "/"] == [c for c in text if c == "/"] or "/" in str(new)


@given(texts(), KEYS)
def test_a_member_taken_away_is_gone_and_all_else_stays(made, key):
    text, tree, _ = made
    document = decode("x.bicep", text.encode())
    if key not in tree:
        with pytest.raises(NotEditable):
            remove(document, whole(text), key)
        return
    after = apply(document, [remove(document, whole(text), key)])

    assert data(whole(after)) == {k: v for k, v in tree.items() if k != key}
    assert after.count("note") == text.count("note")
