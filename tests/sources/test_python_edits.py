"""Edits of Python text: one argument or the value it comes from, and nothing else."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.engine.fix import apply
from azmlint.model.resources import ComputeCluster
from azmlint.model.value import REMOVED, NotEditable
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

HEAD = "from azure.ai.ml.entities import *\n"


def cluster(text):
    document = decode("a.py", text.encode())
    reading = load.read(document, Texts({"a.py": document}))
    return next(r for r in reading.resources if isinstance(r, ComputeCluster))


def edited(value, new):
    changes = value.edits(new)
    return apply(changes[0].document, list(changes))


@pytest.mark.parametrize(
    ("call", "changed"),
    [
        ("AmlCompute(name='c', min_instances=1)", "AmlCompute(name='c', min_instances=0)"),
        ("AmlCompute(name='c')", "AmlCompute(name='c', min_instances=0)"),
        ("AmlCompute(name='c',)", "AmlCompute(name='c', min_instances=0,)"),
        ("AmlCompute(\n    name='c',\n)", "AmlCompute(\n    name='c',\n    min_instances=0,\n)"),
        ("AmlCompute(\n    name='c'\n)", "AmlCompute(\n    name='c',\n    min_instances=0\n)"),
        (
            "AmlCompute(\n    name='c'  # é, name\n)",
            "AmlCompute(\n    name='c',  # é, name\n    min_instances=0\n)",
        ),
        (
            "AmlCompute(\n    name='c',  # name)\n    # end\n)",
            "AmlCompute(\n    name='c',  # name)\n    min_instances=0,\n    # end\n)",
        ),
        ("AmlCompute(name='c'\n)", "AmlCompute(name='c',\nmin_instances=0\n)"),
        ("AmlCompute(name='c',\n    )", "AmlCompute(name='c',\nmin_instances=0,\n    )"),
        ("AmlCompute(name='c', min_instances=None)", "AmlCompute(name='c', min_instances=0)"),
        ("AmlCompute(name='c', min_instances=+1)", None),
        ("AmlCompute(name='c', min_instances=1 + 1)", None),
        ("AmlCompute(name='c', min_instances=n)", None),
        ("AmlCompute(name='c', **more)", None),
        (
            "AmlCompute(name='c', min_instances=int('1'))",
            "AmlCompute(name='c', min_instances=int('0'))",
        ),
        (
            "n = 1\nAmlCompute(name='c', min_instances=n)",
            "n = 0\nAmlCompute(name='c', min_instances=n)",
        ),
        (
            "def f(n=1):\n    AmlCompute(name='c', min_instances=n)",
            "def f(n=0):\n    AmlCompute(name='c', min_instances=n)",
        ),
        (
            "c = AmlCompute(name='c')\nc.min_instances = 1",
            "c = AmlCompute(name='c')\nc.min_instances = 0",
        ),
    ],
)
def test_a_number_is_set(call, changed):
    value = cluster(HEAD + call + "\n").min_nodes
    if changed is None:
        with pytest.raises(NotEditable):
            value.edits(0)
        return

    assert edited(value, 0) == HEAD + changed + "\n"


@pytest.mark.parametrize(
    ("call", "changed"),
    [
        ("AmlCompute(name='c', size='a')", "AmlCompute(name='c')"),
        ("AmlCompute(size='a', name='c')", "AmlCompute(name='c')"),
        ("AmlCompute(size='a')", "AmlCompute()"),
        ("AmlCompute(\n    size='a',  # s\n    name='c',\n)", "AmlCompute(\n    name='c',\n)"),
        ("AmlCompute(\n    name='c',\n    size='a'\n)", "AmlCompute(\n    name='c'\n)"),
    ],
)
def test_an_argument_is_taken_away(call, changed):
    assert edited(cluster(HEAD + call + "\n").size, REMOVED) == HEAD + changed + "\n"


def test_an_argument_that_is_set_later_is_not_taken_away():
    value = cluster(HEAD + "c = AmlCompute(name='c')\nc.size = 'a'\n").size

    with pytest.raises(NotEditable):
        value.edits(REMOVED)


@pytest.mark.parametrize(
    ("written", "new", "expected"),
    [
        ("'a'", "b", "'b'"),
        ('"a"', "b", '"b"'),
        ("'a'", "it's", '"it\'s"'),
        ('"a"', 'a"b', "'a\"b'"),
        ("r'a'", "b\\c", "'b\\\\c'"),
        ("('a'\n    'c')", "b", '("b")'),
    ],
)
def test_quotes_are_kept(written, new, expected):
    text = HEAD + f"AmlCompute(name='c', size={written})\n"

    changed = edited(cluster(text).size, new)
    assert cluster(changed).size.known == new
    if "(" not in written:
        assert changed == text.replace(written, expected)


ARGUMENTS = [
    "size='a'",
    'tier="dedicated"',
    "max_instances = 3",
    "tags={'a': 'b',}",
    "location=(  'x' )",
]
SEPARATORS = [", ", ",", ",\n    ", ",  # é, (note\n    ", "\n    , ", ",\\\n "]


@st.composite
def calls(draw):
    arguments = draw(st.lists(st.sampled_from(ARGUMENTS), unique=True, max_size=5))
    if draw(st.booleans()):
        arguments.insert(draw(st.integers(0, len(arguments))), "min_instances=1")
    text = draw(st.sampled_from(["", " ", "\n    ", "  # first\n    "]))
    for index, argument in enumerate(arguments):
        text += argument
        if index + 1 < len(arguments):
            text += draw(st.sampled_from(SEPARATORS))
    text += draw(st.sampled_from(["", " ", "\n", "  # last, )\n"])) if arguments else ""
    if arguments and draw(st.booleans()):
        text += draw(st.sampled_from([",", ", ", ",\n", ",  # last, )\n", "\n,\n"]))
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    return f"{HEAD}x = 'é'; AmlCompute({text})  # after\ny = 2\n".replace("\n", ending)


def others(text):
    found = cluster(text)
    return [found.size.known, found.tier.known, found.max_nodes.known, found.location.known]


@given(calls())
def test_whatever_the_layout_one_argument_changes_and_nothing_else(text):
    changed = edited(cluster(text).min_nodes, 0)

    ast.parse(changed)
    assert cluster(changed).min_nodes.known == 0
    assert others(changed) == others(text)
    assert changed.count("#") == text.count("#")
    assert ("\r\n" in changed) == ("\r\n" in text)
    assert changed.replace("\r\n", "").count("\r") == 0


@given(calls())
def test_whatever_the_layout_one_argument_is_taken_away(text):
    value = cluster(text).max_nodes
    if value.is_absent:
        return
    changed = edited(value, REMOVED)

    ast.parse(changed)
    assert cluster(changed).max_nodes.is_absent
    assert cluster(changed).min_nodes.known == cluster(text).min_nodes.known
    assert others(changed)[:2] == others(text)[:2]
