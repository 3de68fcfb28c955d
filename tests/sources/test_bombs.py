"""Texts made to take all time or memory are bounded: what goes over a limit is told."""

from __future__ import annotations

import pytest

from azmlint.engine.suppress import parse_ignores
from azmlint.location import Document
from azmlint.model.resources import ComputeCluster
from azmlint.sources import (
    arm_template,
    hcl,
    load,
    python_syntax,
    shell_commands,
    shell_words,
    yaml,
)
from azmlint.sources.document import decode
from azmlint.sources.markdown import _OPENS
from azmlint.sources.texts import Texts

CLUSTER = "type: amlcompute\nname: x\nsize: s\n"
COMPUTE = """\
resource "azurerm_machine_learning_compute_cluster" "c" {
  name    = "x"
  vm_size = %s
}
"""
CREATE = "az ml compute create -n x --type amlcompute --size "
NEAR = "from azure.ai.ml.entities import AmlCompute\n"


def read(path, text):
    """Read a text and ask for every value."""
    documents = {path: decode(path, text.encode())}
    reading = load.read_all(documents, Texts(documents))[path]
    for resource in reading.resources:
        for declared in type(resource).properties():
            repr(declared.__get__(resource, type(resource)))
    return reading


def cluster_of(reading):
    return next(r for r in reading.resources if isinstance(r, ComputeCluster))


def messages(path, text):
    return [p.message for p in read(path, text).problems]


def test_aliases_do_not_nest_without_end():
    chain = "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 2000))

    assert messages("a.yml", f"{CLUSTER}a0: &a0 [x]\n{chain}tags: *a1999\n") == [
        f"nested more than {yaml.DEPTH_LIMIT} levels deep"
    ]


def test_aliases_to_the_limit_are_read():
    chain = "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, yaml.DEPTH_LIMIT - 1))

    assert messages("a.yml", f"{CLUSTER}a0: &a0 [x]\n{chain}") == []


@pytest.mark.parametrize(
    "more",
    [
        "m0: &m0 {k: 1}\n"
        + "".join(f"m{i}: &m{i} {{<<: [*m{i - 1}, *m{i - 1}]}}\n" for i in range(1, 2000)),
        "m: &m {" + ", ".join(f"k{i}: 1" for i in range(3000)) + "}\n"
        f"<<: [{', '.join(['*m'] * 9000)}]\n",
    ],
)
def test_merge_keys_bring_in_a_number_of_members(more):
    assert messages("a.yml", CLUSTER + more) == [
        f"merge keys bring in more than {yaml.MERGE_LIMIT} members"
    ]


@pytest.mark.parametrize(
    "value",
    [
        f"a{'[*]' * 3000}",
        f"a{'.*' * 3000}",
        f"a.*{'.b' * 3000}",
        f'"{"%{if a}" * 3000}"',
        f'"{"%{for i in a}" * 3000}"',
    ],
)
def test_what_nests_without_end_costs_only_its_argument(value):
    reading = read("main.tf", COMPUTE % value)

    assert cluster_of(reading).name == "x"
    assert len(reading.problems) == 1


def test_a_regular_expression_that_nests_without_end_is_a_limit():
    reading = read("main.tf", COMPUTE % f'regex("{"(" * 20_000}", "a")')

    assert cluster_of(reading).size.term.reason.kind == "limit"


def test_copy_loops_within_copy_loops_take_steps(monkeypatch):
    monkeypatch.setattr(arm_template, "STEP_LIMIT", 5_000)
    depth = 15
    tags = '{"copy": [{"name": "x", "count": 800, "input": ' * depth + "1" + "}]}" * depth
    text = (
        '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/'
        'deploymentTemplate.json#", "contentVersion": "1.0.0.0", "resources": [{"type":'
        '"Microsoft.MachineLearningServices/workspaces/computes", "apiVersion": "2025-12-01",'
        f'"name": "ws/c", "tags": {tags}, "properties": {{"computeType": "AmlCompute"}}}}]}}'
    )
    documents = {"main.json": decode("main.json", text.encode())}
    reading = load.read_all(documents, Texts(documents))["main.json"]
    term = cluster_of(reading).body.at(("tags",))

    while term.is_known:
        term = term.data["x"] if isinstance(term.data, dict) else term.data[-1]
    assert term.reason.kind == "limit"


def test_a_child_of_what_has_no_type_is_read():
    text = "resource w 'x@1' = {\n name: 'a/b/c'\n resource c '' = {\n  name: 'd'\n }\n}\n"

    assert messages("main.bicep", text) == []


def test_a_script_that_nests_without_end_is_told():
    doubling = "".join(f"v{i}=$v{i - 1}$v{i - 1}\n" for i in range(1, 3000))

    assert messages("a.sh", f"v0=a\n{doubling}{CREATE}$v2999\n") == [
        "this is nested too deeply to be read"
    ]


@pytest.mark.parametrize(
    ("path", "script"),
    [
        ("a.sh", f"f() {{ f; f; {CREATE}s; }}\nf\n"),
        ("a.ps1", f"function f {{ f; f; {CREATE}s }}\nf\n"),
    ],
)
def test_a_function_is_followed_within_itself_a_few_times(path, script):
    reading = read(path, script)

    assert cluster_of(reading).name == "x"
    assert len(reading.resources) < 4 * 2**shell_commands.RECURSION_LIMIT


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("a*c", "abc", True),
        ("a*c", "abcb", False),
        ("*b*b*", "abcb", True),
        ("*b*b*b*", "abcb", False),
        ("a?c", "abc", True),
        ("*a*ab", "aaab", True),
        ("ab*ba", "aba", False),
        ("*" + "*a" * 12 + "b", "a" * 20_000, False),
    ],
)
def test_a_pattern_of_a_shell_fits_as_there(pattern, text, fits):
    assert shell_words.fits(pattern, text) is fits


@pytest.mark.parametrize("line", ["x = = 1\n", "def f(\n", "if x:\n", "!az ml\n", "\\\n"])
def test_a_program_that_is_none_is_given_up(line):
    parsed = python_syntax.parse(Document("a.py", NEAR + line * (100_000 // len(line))))

    assert parsed.body
    assert 0 < len(parsed.broken) <= python_syntax.BROKEN_LIMIT + 1


def test_one_broken_statement_over_many_lines_costs_no_other():
    inside = "".join(f"x{i}\n" for i in range(python_syntax.SHORT_JOIN * 4))
    text = f'x = = 1\ny = """\n{inside}"""\nz = 1\n'
    parsed = python_syntax.parse(Document("a.py", text))

    assert [type(s).__name__ for s in parsed.body] == ["Assign", "Assign"]
    assert [b.offset for b in parsed.broken] == [4]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [(_OPENS, "`" * 100_000), (hcl._AGAIN, "a" * 100_000), (hcl._NEXT, "a" * 100_000)],
)
def test_one_long_line_is_searched_once(pattern, text):
    assert pattern.search(text) is None


def test_comments_without_end_are_about_the_code_below_them():
    text = "# azmlint: ignore[min-nodes-above-zero]\n" * 2500 + CLUSTER

    assert {i.lines.stop for i in parse_ignores(Document("a.yml", text))} == {2502}


@pytest.mark.parametrize("count", ['"AZFW_VNet"', "[1]", "1.5", "{}", "true"])
def test_a_count_that_is_no_number_costs_no_more_than_its_block(count):
    text = COMPUTE.replace("{\n  name", f"{{\n  count   = {count}\n  name")
    reading = read("main.tf", text % '"Standard_D4s_v5"')

    assert cluster_of(reading).name == "x"
    assert cluster_of(reading).size.term.data == "Standard_D4s_v5"


@pytest.mark.parametrize(
    "value",
    ["![]", "!{}", "-[]", "[] && true", "{} ? 1 : 2", "[] == true", "!![1]", "[] + 1", "{} < 2"],
)
def test_an_operator_on_what_it_does_not_take_is_an_unknown_value(value):
    reading = read("main.tf", COMPUTE % value)

    assert cluster_of(reading).name == "x"
    assert cluster_of(reading).size.known is None


def test_a_problem_is_one_line_whatever_it_quotes():
    assert all("\n" not in m for m in messages("main.tf", COMPUTE % "f<<-E\n  a\n  E\n"))
