"""What is defined by itself is invalid, and nothing else is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.sources import load
from azmlint.sources.circle import circles
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

HEAD = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "resources": [],
}


def problems(path, text, **others):
    documents = {p: decode(p, t.encode()) for p, t in {path: text, **others}.items()}
    readings = load.read_all(documents, Texts(documents))
    return [
        (p.document.text[p.start : p.end], p.message)
        for reading in readings.values()
        for p in reading.problems
        if p.rule == "syntax-error"
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("param p int = p\n", [("p", "parameter 'p' refers to itself")]),
        (
            "var a = '${b}'\nvar b = [c]\nvar c = { x: max(a, 1) }\nvar d = a\n",
            [("a", "variable 'a' refers to itself by way of 'b', 'c'")],
        ),
        (
            "param a int = b\nvar b = a\nvar c = c.c\n",
            [
                ("a", "parameter 'a' refers to itself by way of 'b'"),
                ("c", "variable 'c' refers to itself"),
            ],
        ),
        ("var a = b.a\nvar b = { a: 1 }\n", []),
        ("var a = map([1], a => a)\nvar b = [for b in [1]: b]\n", []),
        ("var a = [for (x, a) in [1]: a]\nvar b = concat(b2, b2)\nvar b2 = 'b'\n", []),
    ],
)
def test_in_bicep(text, found):
    assert problems("main.bicep", text) == found


def test_files_of_bicep_that_use_each_other():
    first, second = (f"module m '{p}.bicep' = {{\n  name: 'm'\n}}\n" for p in ("b", "a"))

    assert problems("a.bicep", first, **{"b.bicep": second})[0] == (
        "'a.bicep'",
        "the module 'a.bicep' uses this file, which goes round in a circle",
    )


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        (
            {"parameters": {"P": {"type": "int", "defaultValue": "[add(parameters( 'p' ), 1)]"}}},
            [('"P"', "parameter 'P' refers to itself")],
        ),
        (
            {"variables": {"a": {"x": ["[variables('B')]"]}, "b": "[Variables('a').x]"}},
            [('"a"', "variable 'a' refers to itself by way of 'b'")],
        ),
        ({"variables": {"a": "variables('a')", "b": "[[variables('b')]"}}, []),
        ({"variables": {"a": "[variables('b')]", "b": "[variables('c')]", "c": 1}}, []),
    ],
)
def test_in_templates(parts, found):
    assert problems("main.json", json.dumps(HEAD | parts)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "locals {\n  a = [for x in [1] : x if local.b]\n  b = local.a\n}\n",
            [("a", "local 'a' refers to itself by way of 'b'")],
        ),
        ('locals {\n  a = "${local.a}"\n}\n', [("a", "local 'a' refers to itself")]),
        ("locals {\n  a = { a = var.a, local = 1 }\n  b = local.a.b\n}\n", []),
    ],
)
def test_in_terraform(text, found):
    assert problems("main.tf", text) == found


def test_across_the_files_of_a_folder():
    other = json.dumps({"locals": {"b": "${local.a}"}})

    assert problems("a.tf", "locals {\n  a = local.b\n}\n", **{"b.tf.json": other}) == [
        ("a", "local 'a' refers to itself by way of 'b'")
    ]


@given(st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 9), max_size=3)))
def test_a_circle_is_found_wherever_one_is(numbers):
    uses = {str(n): [str(u) for u in used] for n, used in numbers.items()}
    reachable = {n: set(used) for n, used in uses.items()}
    for _ in uses:
        reachable = {n: r.union(*(reachable.get(u, ()) for u in r)) for n, r in reachable.items()}
    round_about = {n for n, r in reachable.items() if n in r}
    found = circles(uses)

    assert bool(found) == bool(round_about)
    assert len({n for circle in found for n in circle}) == sum(map(len, found))
    for circle in found:
        assert all(b in uses[a] for a, b in zip(circle, circle[1:] + circle[:1], strict=True))
    # Whatever goes round meets a circle that is told.
    told = {n for circle in found for n in circle}
    assert all(n in told or reachable[n] & told for n in round_about)
