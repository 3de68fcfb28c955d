"""YAML text as `az ml` reads it: values as PyYAML's safe loader makes them, and their places."""

from __future__ import annotations

import math

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from azmlint.location import Document
from azmlint.sources import yaml
from azmlint.sources.document import SyntaxProblem


def plain(node):
    """Make what a loader would make of a node."""
    if node.kind == "scalar":
        return node.value
    if node.kind == "list":
        return [plain(use.node) for use in node.items]
    return {name.value: plain(use.node) for name, use in node.pairs}


def parse(text):
    return yaml.parse(Document("a.yml", text))


@pytest.mark.parametrize(
    "text",
    [
        ["yes", "no", "on", "off", "Yes", "NO", "On", "OFF", "true", "False", "y", "n"],
        ["1_000", "1__0", "017", "-017", "08", "0o17", "0x1F", "-0x1f", "0b11", "+1", "00", "0_0"],
        ["1:30", "-1:30", "190:20:30", "09:30", "1:30.5", "-1:30.5"],
        ["1.5", "1.", ".5", "._5", "1e3", "1.e3", "1.0e+3", "6.8523015e+5", "1_0.0"],
        [".inf", "-.INF", "+.Inf", "~", "null", "Null", "NULL", "''", '""', "'5'", '"yes"'],
        ["!!int '5'", "!!float 5", "!!bool yes", "!!str 5", "!!null ''", "! 5", "!!str yes"],
        ["-", ".", "a b", "a: b".replace(": ", ":"), "a#b", "'it''s'", '"\\u00e9\\n"', "-1", "1-"],
    ],
)
def test_scalars_are_read_as_az_ml_reads_them(text):
    document = "\n".join(f"k{i}: {word}" for i, word in enumerate(w for w in text if w != "-"))

    assert plain(parse(document)[0]) == pyyaml.safe_load(document)


def test_nan_is_read():
    assert math.isnan(parse("a: .NaN")[0].get("a").node.value)


@pytest.mark.parametrize(
    "text",
    [
        "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\n",
        "x: &x {a: 1, b: 2}\ny: {b: 3, <<: *x}\n",
        "x: &x {a: 1}\ny: &y {a: 2, c: 4}\nz: {<<: [*x, *y]}\n",
        "x: &x {a: 1}\ny: &y {a: 2, c: 4}\nz: {<<: *x, <<: *y}\n",
        "x: &x {a: 1}\ny: &y {<<: *x, b: 2}\nz:\n  <<: *y\n  c: 3\n",
        "'<<': {a: 1}\n",
        "a: &a one\nb: *a\nc: [*a, *a]\n",
        "a: 1\na: 2\n",
        "{a: , b: 1}\n",
        "{a, b: 1, }\n",
        "? a\n? b\n: 2\n",
        "a: |\n  one\n  two\n\nb: >-\n  three\n  four\nc: |+\n  five\n\n\nd: |2\n   six\n",
        "a:\n- b: 1\n  c: 2\n-\n  - d\n",
        "a: one\n  two\n\n  three\nb: 'four\n  five'\n",
        "%YAML 1.1\n---\na: 1\n...\n",
        "a: 1 # yes\n# no\nb: '# no'\n",
    ],
)
def test_structures_are_read_as_az_ml_reads_them(text):
    assert plain(parse(text)[0]) == pyyaml.safe_load(text)


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False),
    # PyYAML does not read back what it writes for the line ends that only YAML 1.1 knows.
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\x85\u2028\u2029"), max_size=12
    ),
)
_DATA = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc_-é😀", min_size=1, max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(_DATA, st.sampled_from([None, True, False]), st.sampled_from(['"', "'", None]))
def test_what_pyyaml_writes_is_read_as_pyyaml_reads_it(data, flow, style):
    text = pyyaml.safe_dump(
        {"k": data}, default_flow_style=flow, default_style=style, allow_unicode=True
    )

    # PyYAML does not always read back what it writes: U+0085 is a line end in quotes.
    assert plain(parse(text)[0]) == pyyaml.safe_load(text)


@given(_DATA, st.sampled_from(["utf-8", "latin-1"]))
def test_what_is_spelled_is_read_back(data, encoding):
    text = f"k: {yaml.spelled(data, None, encoding)}\nl: [{yaml.spelled(data, None, encoding)}]\n"

    assert pyyaml.safe_load(text.encode(encoding).decode(encoding)) == {"k": data, "l": [data]}


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), st.sampled_from("'\""))
def test_quotes_are_kept_where_they_can_be(data, quote):
    text = yaml.spelled(data, quote)

    assert pyyaml.safe_load(text) == data
    assert text[0] == (quote if data.isprintable() else '"')


def test_numbers_that_only_json_would_take_are_spelled_for_yaml():
    assert [yaml.spelled(n) for n in (1e16, 1e-7, float("inf"), -float("inf"), float("nan"))] == [
        "1.0e+16",
        "1.0e-07",
        ".inf",
        "-.inf",
        ".nan",
    ]


def scalars(node):
    if node.kind == "scalar":
        yield node
    for use in node.items:
        yield from scalars(use.node)
    for name, use in node.pairs:
        yield from scalars(name)
        yield from scalars(use.node)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_span_holds_the_value_as_written(newline):
    text = newline.join(
        [
            "# é 😀",
            "plain: one",
            "tab: two # no",
            "single: 'it''s'",
            'double: "a\\tb"',
            "anchor: &a !!str 5",
            "tagged: ! six",
            "multi: one",
            "  two",
            "block: |",
            "  one",
            "  two",
            "",
            "flow: {a: 1, 'b': [x, 😀]}",
            "empty:",
            "",
        ]
    )
    root = parse(text)[0]

    spans = {
        name.value: text[use.start : use.end].replace(newline, "\n") for name, use in root.pairs
    }

    assert spans == {
        "plain": "one",
        "tab": "two",
        "single": "'it''s'",
        "double": '"a\\tb"',
        "anchor": "5",
        "tagged": "six",
        "multi": "one\n  two",
        "block": "|\n  one\n  two",
        "flow": "{a: 1, 'b': [x, 😀]}",
        "empty": "",
    }


@given(_DATA, st.booleans())
def test_the_text_at_a_span_means_the_value(data, flow):
    text = pyyaml.safe_dump({"k": data}, default_flow_style=flow, allow_unicode=True)

    for node in scalars(parse(text)[0]):
        assert 0 <= node.start <= node.end <= len(text)
        if node.style not in {"|", ">"} and "\n" not in text[node.start : node.end]:
            assert pyyaml.safe_load(text[node.start : node.end]) == node.value


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("a: [1, 2\n", "did not find expected ',' or ']'", 9),
        ("a: 1\n\tb: 2\n", "found a tab character that violates indentation", 5),
        ("a: *x\n", "found undefined alias 'x'", 3),
        ("a: &x [*x]\n", "alias 'x' refers to what it stands in", 7),
        ("a: \x00b\n", "character U+0000 is not allowed in YAML", 3),
        ("ééé: \x01b\n", "character U+0001 is not allowed in YAML", 5),
        ("- " * 300, "nested more than 200 levels deep", 400),
        ("a: " + "[" * 300, "nested more than 200 levels deep", 202),
    ],
)
def test_what_is_no_yaml_is_said_with_its_place(text, message, at):
    with pytest.raises(SyntaxProblem) as caught:
        parse(text)

    assert message in caught.value.message
    assert caught.value.offset == at


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("a: !foo 1\n", "tag '!foo' means nothing to az ml", 3),
        ("a: !foo [1]\n", "tag '!foo' means nothing to az ml", 3),
        ("a:\t1\n", "found character '\\t' that cannot start any token", 2),
        ("a: 1\t# one\n", "found character '\\t' that cannot start any token", 4),
        ("a: =\n", "'=' is not what its tag or form promises", 3),
        ("a: !!int x\n", "'x' is not what its tag or form promises", 9),
        ("a: &x 1\nb: &x 2\n", "anchor 'x' is given twice", 11),
        ("? {a: 1}\n: 2\n", "a map or list cannot be a key", 2),
        ("<<: 3\n", "only a map or a list of maps can be merged", 4),
        ("<<: [{a: 1}, 3]\n", "only a map or a list of maps can be merged", 4),
    ],
)
def test_what_yaml_allows_and_az_ml_refuses_is_remembered(text, message, at):
    root = parse(text)[0]

    with pytest.raises((pyyaml.YAMLError, ValueError)):
        pyyaml.safe_load(text)
    assert (root.refused.message, root.refused.offset) == (message, at)


def test_a_refusal_belongs_to_its_document():
    first, second = parse("a: !foo 1\nb: !bar 2\n---\na: |\n  a\ttab\n")

    assert first.refused.message == "tag '!foo' means nothing to az ml"
    assert second.refused is None


def test_a_number_too_long_for_any_limit_stays_a_text():
    root = parse(f"a: {'9' * 50}\n")[0]

    assert root.get("a").node.value == "9" * 50
    assert root.refused is None


def test_empty_documents_are_left_out():
    assert [plain(n) for n in parse("# nothing\n---\na: 1\n---\n---\nb: 2\n...\n")] == [
        {"a": 1},
        {"b": 2},
    ]
    assert parse("") == parse("# only a comment\n") == []


@pytest.mark.parametrize(
    "text",
    ["name: {{ name }} {{ more }}\nsize: x\n", "name: {{ a }}-{{ b }}\nsize: x {% if x %}\n"],
)
def test_template_holes_that_break_the_syntax_are_read_as_text(text):
    with pytest.raises(pyyaml.YAMLError):
        pyyaml.safe_load(text)
    root = parse(text)[0]

    use = root.get("name")
    assert text[use.start : use.end] == text.partition("\n")[0].removeprefix("name: ")
    assert root.get("size").node.value.startswith("x")


def test_a_key_is_found_with_the_last_value_written():
    root = parse("a: 1\na: 2\n[x]: 3\n")[0]

    assert root.get("a").node.value == 2
    assert root.pair("a")[1].node.value == 2
    assert root.get("b") is None
    assert root.pair("b") is None


def test_a_tab_is_refused_in_the_document_that_has_it():
    first, second, third = parse("a: 1\n---\nb: 1\t\n---\nc: 1\n")

    assert (first.refused, third.refused) == (None, None)
    assert second.refused.offset == 13


def test_texts_are_read_the_same_without_libyaml(monkeypatch):
    monkeypatch.setattr(yaml, "_LOADER", pyyaml.SafeLoader)
    text = "a: &x {b: [1, 'c']}\nd: *x\ne: |\n  f\n<<: *x\n"

    assert plain(parse(text)[0]) == pyyaml.safe_load(text)
    with pytest.raises(SyntaxProblem) as caught:
        parse("ééé: \x01b\n")
    assert (caught.value.message, caught.value.offset) == (
        "character U+0001 is not allowed in YAML",
        5,
    )


def test_half_a_character_is_no_yaml():
    with pytest.raises(SyntaxProblem):
        parse("a: \ud800\n")


def test_the_first_refusal_counts():
    assert parse("a: !foo 1\nb:\t2\n")[0].refused.offset == 3
    assert parse("%YAML 1.1\t\n---\na: 1\n")[0].refused is None
