"""Edits of ARM templates: at the origin of a value, and of nothing else."""

from __future__ import annotations

import json as stdlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.engine.fix import apply
from azmlint.model.resources import ComputeCluster
from azmlint.model.value import REMOVED, NotEditable
from azmlint.sources import json, load
from azmlint.sources.comment import comments
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

HEAD = (
    '{\n  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/'
    'deploymentTemplate.json#",\n  "contentVersion": "1.0.0.0",\n'
)


def template(scale, *, parts=""):
    return (
        HEAD
        + parts
        + '  "resources": [\n    {\n'
        + '      "type": "Microsoft.MachineLearningServices/workspaces/computes",\n'
        + '      "apiVersion": "2025-12-01", // stable\n      "name": "ws/c",\n'
        + '      "properties": {\n        "computeType": "AmlCompute",\n'
        + '        "properties": {\n'
        + f'          "vmSize": "Standard_D4s_v5"{scale}\n        }}\n      }}\n    }}\n  ]\n}}\n'
    )


def read(files):
    documents = {
        path: decode(path, text if isinstance(text, bytes) else text.encode())
        for path, text in files.items()
    }
    reading = load.read(documents["main.json"], Texts(documents))
    (cluster,) = [r for r in reading.resources if isinstance(r, ComputeCluster)]
    return documents, cluster


def changed(files, prop, new):
    """Set one property, and give the texts after it."""
    _, cluster = read(files)
    (edit,) = getattr(cluster, prop).edits(new)
    after = dict(files)
    after[edit.document.path] = apply(edit.document, [edit])
    value = getattr(read(after)[1], prop)
    assert value.is_absent if new is REMOVED else value.known == new
    return after


SCALE = ',\n          "scaleSettings": {\n            "minNodeCount": MIN\n          }'


def using(expression, parts=""):
    return template(SCALE.replace("MIN", stdlib.dumps(expression)), parts=parts)


DECLARED = '  "parameters": {"n": {"type": "int", "defaultValue": 2}},\n'
VARIABLE = '  "variables": {"scale": {"min": 2, "max": [4, 5]}}, // sizes\n'


@pytest.mark.parametrize(
    ("files", "origin", "before", "after"),
    [
        ({"main.json": using(2)}, "main.json", '"minNodeCount": 2', '"minNodeCount": 0'),
        ({"main.json": using("2")}, "main.json", '"minNodeCount": "2"', '"minNodeCount": "0"'),
        (
            {"main.json": using("[parameters('n')]", DECLARED)},
            "main.json",
            '"defaultValue": 2',
            '"defaultValue": 0',
        ),
        (
            {"main.json": using("[variables('scale').min]", VARIABLE)},
            "main.json",
            '"min": 2',
            '"min": 0',
        ),
        (
            {"main.json": using("[variables('scale').max[1]]", VARIABLE)},
            "main.json",
            "[4, 5]",
            "[4, 0]",
        ),
        (
            {
                "main.json": using("[parameters('n')]", DECLARED),
                "main.parameters.json": '{"parameters": {"n": {"value": 3}}} // prod\r\n',
            },
            "main.parameters.json",
            '"value": 3',
            '"value": 0',
        ),
    ],
)
def test_a_value_is_changed_where_it_is_written(files, origin, before, after):
    result = changed(files, "min_nodes", 0)

    assert result == {**files, origin: files[origin].replace(before, after)}


@pytest.mark.parametrize(
    ("prop", "new", "written"),
    [
        (
            "min_nodes",
            0,
            ',\n          "scaleSettings": {\n            "minNodeCount": 0\n          }',
        ),
        ("idle_seconds", 300, '"nodeIdleTimeBeforeScaleDown": "PT300S"'),
        ("tier", "dedicated", ',\n          "vmPriority": "Dedicated"'),
        ("subnet", "/subscriptions/s", '"subnet": {\n            "id": "/subscriptions/s"'),
        ("public_ip", False, '"enableNodePublicIp": false'),
        ("location", "westeurope", ',\n        "computeLocation": "westeurope"'),
    ],
)
def test_an_absent_property_is_added_in_the_style_of_the_file(prop, new, written):
    text = template("")
    after = changed({"main.json": text}, prop, new)["main.json"]

    assert written in after
    assert text.splitlines()[0] == after.splitlines()[0]
    assert {line for line in text.splitlines() if line not in after.splitlines()} <= {
        '          "vmSize": "Standard_D4s_v5"',
        "        }",
    }


def test_a_property_is_removed_with_its_comma():
    assert changed({"main.json": using(2)}, "min_nodes", REMOVED)["main.json"] == using(2).replace(
        '"minNodeCount": 2', ""
    )


@pytest.mark.parametrize(
    ("scale", "parts", "prop", "new"),
    [
        (SCALE.replace("MIN", '"[add(1, 1)]"'), "", "min_nodes", 0),
        (SCALE.replace("MIN", "\"[parameters('gone')]\""), "", "min_nodes", 0),
        (SCALE.replace("MIN", "[2]"), "", "min_nodes", 0),
        (SCALE.replace("MIN", "{}"), "", "min_nodes", 0),
        (',\n "scaleSettings": "[variables(\'scale\')]"', VARIABLE, "max_nodes", 1),
        (',\n "scaleSettings": "[variables(\'scale\')]"', VARIABLE, "max_nodes", REMOVED),
        (',\n "scaleSettings": 3', "", "max_nodes", 1),
        ("", "", "subnet", REMOVED),
    ],
)
def test_what_no_edit_can_do_is_left(scale, parts, prop, new):
    _, cluster = read({"main.json": template(scale, parts=parts)})

    with pytest.raises(NotEditable):
        getattr(cluster, prop).edits(new)


@pytest.mark.parametrize(
    ("rest", "new", "is_allowed"),
    [
        ('"minValue": 1', 0, False),
        ('"minValue": 0, "maxValue": 9', 0, True),
        ('"maxValue": 9', 10, False),
        ('"allowedValues": [1, 2]', 0, False),
        ('"allowedValues": [0, 2]', 0, True),
    ],
)
def test_a_default_is_only_changed_to_what_its_parameter_allows(rest, new, is_allowed):
    parts = f'  "parameters": {{"n": {{"type": "int", {rest}, "defaultValue": 2}}}},\n'
    files = {"main.json": using("[parameters('n')]", parts)}

    if is_allowed:
        assert f'"defaultValue": {new}' in changed(files, "min_nodes", new)["main.json"]
    else:
        with pytest.raises(NotEditable):
            changed(files, "min_nodes", new)


def test_allowed_texts_compare_without_case():
    parts = (
        '  "parameters": {"t": {"type": "string", "allowedValues": ["dedicated", "LowPriority"],'
        ' "defaultValue": "LowPriority"}},\n'
    )
    files = {"main.json": template(',\n "vmPriority": "[parameters(\'t\')]"', parts=parts)}

    assert '"defaultValue": "Dedicated"' in changed(files, "tier", "dedicated")["main.json"]


@pytest.mark.parametrize("old", ['"x"', "null"])
def test_a_text_in_a_bracket_is_no_expression(old):
    text = template("").replace('"Standard_D4s_v5"', old)

    assert '"[[y]"' in changed({"main.json": text}, "size", "[y]")["main.json"]


def test_an_added_text_in_a_bracket_is_no_expression():
    after = changed({"main.json": template("")}, "subnet", "[y]")["main.json"]

    assert '"id": "[[y]"' in after


def test_a_text_in_a_bracket_needs_no_escape_in_a_parameter_file():
    parts = '  "parameters": {"s": {"type": "string"}},\n'
    files = {
        "main.json": template("", parts=parts).replace(
            '"Standard_D4s_v5"', "\"[parameters('s')]\""
        ),
        "main.parameters.json": '{"parameters": {"s": {"value": "x"}}}',
    }

    assert '"[y]"' in changed(files, "size", "[y]")["main.parameters.json"]


_CHANGES = [
    ("min_nodes", 0),
    ("max_nodes", 3),
    ("idle_seconds", 600),
    ("size", "é 😀"),
    ("tier", "dedicated"),
    ("subnet", "/subscriptions/s"),
    ("location", "northeurope"),
    ("ssh_public", "disabled"),
    ("min_nodes", REMOVED),
    ("max_nodes", REMOVED),
    ("size", REMOVED),
    ("tier", REMOVED),
]


@st.composite
def texts(draw):
    """A template as tools and people write them."""
    inner = {"vmSize": "é 😀", "vmPriority": draw(st.sampled_from(["LowPriority", "Dedicated"]))}
    scale = {"maxNodeCount": 4}
    if draw(st.booleans()):
        scale["minNodeCount"] = draw(st.sampled_from([2, "2", "[parameters('n')]"]))
    if draw(st.booleans()):
        inner["scaleSettings"] = scale
    keys = draw(st.permutations(list(inner)))
    body = {
        "type": "Microsoft.MachineLearningServices/workspaces/computes",
        "name": "ws/c",
        "properties": {"computeType": "AmlCompute", "properties": {k: inner[k] for k in keys}},
    }
    data = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"n": {"type": "int", "defaultValue": 2}},
        "resources": [body],
    }
    text = stdlib.dumps(
        data, indent=draw(st.sampled_from([None, 2, "\t"])), ensure_ascii=draw(st.booleans())
    )
    if "\n" in text and draw(st.booleans()):
        lines = text.split("\n")
        for index in draw(st.lists(st.integers(0, len(lines) - 1), max_size=6)):
            if "//" not in lines[index] or '"$schema"' in lines[index]:
                lines[index] += draw(st.sampled_from([" // c, }", " /* c */"]))
        text = "\n".join(lines)
    return text + draw(st.sampled_from(["", "\n"]))


@given(
    texts(),
    st.sampled_from(_CHANGES),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-be", b"\xfe\xff")]),
)
def test_one_change_changes_one_property(text, change, newline, encoding):
    codec, bom = encoding
    name, new = change
    raw = bom + text.replace("\n", newline).encode(codec)
    documents, cluster = read({"main.json": raw})
    document = documents["main.json"]
    try:
        (edit,) = getattr(cluster, name).edits(new)
    except NotEditable:
        assert new is REMOVED
        return

    after_raw = document.encoded(apply(document, [edit]))
    documents_after, again = read({"main.json": after_raw})
    after = documents_after["main.json"]
    assert after_raw.startswith(bom)
    assert not set("\r\n") & set(after.text.replace(newline, ""))
    value = getattr(again, name)
    assert value.is_absent if new is REMOVED else value.known == new
    for other in ("min_nodes", "max_nodes", "size", "tier", "subnet", "location", "idle_seconds"):
        if other != name:
            assert getattr(again, other).known == getattr(cluster, other).known
    kept, now = ([d.text[c.start : c.end] for c in comments(d)] for d in (document, after))
    if new is REMOVED:
        assert len(kept) - len(now) <= 1
    else:
        assert now == kept
    old, found = (json.parse(d).value for d in (document, after))
    for data in (old, found):
        data.pop("parameters")
        data["resources"][0].pop("properties")
    assert found == old
