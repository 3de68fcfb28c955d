"""JSON as Resource Manager takes it: values, their places, and edits of the text."""

from __future__ import annotations

import json as stdlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from azmlint.engine.fix import apply
from azmlint.location import Document
from azmlint.model.value import NotEditable
from azmlint.sources import json
from azmlint.sources.comment import comments
from azmlint.sources.document import SyntaxProblem


def parse(text):
    return json.parse(Document("a.json", text))


def plain(node):
    if isinstance(node.value, dict):
        return {key.name: plain(inner) for key, inner in node.members}
    if isinstance(node.value, list):
        return [plain(item) for item in node.items]
    return node.value


def spans(text, node):
    yield node
    for key, inner in node.members:
        assert stdlib.loads(text[key.start : key.end], strict=False) == key.name
        yield from spans(text, inner)
    for item in node.items:
        yield from spans(text, item)


_DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("aB/*,é😀", max_size=4), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(_DATA, st.sampled_from([None, 0, 2, "\t"]), st.booleans())
def test_every_value_has_its_span(data, indent, ascii_only):
    text = " " + stdlib.dumps(data, indent=indent, ensure_ascii=ascii_only) + "\n"
    root = parse(text)

    assert plain(root) == data
    for node in spans(text, root):
        assert stdlib.loads(text[node.start : node.end]) == node.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1} // end', {"a": 1}),
        ('// top\n{"a": /* in */ 1}', {"a": 1}),
        ('{"a": "// no", /* "b": 2, */ "c": 3}', {"a": "// no", "c": 3}),
        ('{"a": [1, 2,], }', {"a": [1, 2]}),
        ('{"a": [1, /* x */ 2 , // y\n ], }', {"a": [1, 2]}),
        ('{"a": "one\n\ttwo"}', {"a": "one\n\ttwo"}),
        ('{"a": "\\" // \\\\", "b": 1}', {"a": '" // \\', "b": 1}),
        ('{"a": ",]"}', {"a": ",]"}),
        ('{"a": 1, "A": 2, "a": 3}', {"a": 3, "A": 2}),
        ('\ufeff{"a": 1,}', {"a": 1}),
    ],
)
def test_what_resource_manager_takes_is_read_with_true_places(text, value):
    root = parse(text)

    assert root.value == value
    for node in spans(text, root):
        if not isinstance(node.value, (dict, list)):
            assert stdlib.loads(text[node.start : node.end], strict=False) == node.value


def test_names_compare_without_case_and_the_last_one_counts():
    root = parse('{"Aa": 1, "aA": 2}')

    assert root.get("AA").value == 2
    assert root.has("aa")
    assert not root.has("b")
    assert root.get("b") is None


def test_only_objects_have_members_and_only_arrays_have_items():
    number, array = parse("3"), parse("[1]")

    assert (number.members, number.items, number.get("a"), number.has("a")) == ([], [], None, False)
    assert (array.members, [i.value for i in array.items]) == ([], [1])


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("", "expecting value", 0),
        ('{"a": 1', "expecting ',' delimiter", 7),
        ('{"a" 1}', "expecting ':' delimiter", 5),
        ("{'a': 1}", "expecting property name enclosed in double quotes", 1),
        ('{"a": 1} x', "extra data", 9),
        ('{"a": "x}', "unterminated string starting at", 6),
        ('{"a": 1, /* never closed', "expecting property name enclosed in double quotes", 24),
        ("[" * 100_000, "nested too deeply", 0),
        ('{"a": ' + "9" * 5000 + "}", "a number of 5000 digits is too long", 6),
        ('{"' + "1" * 6000 + '": -' + "9" * 5000 + "}", "a number of 5000 digits", 6005),
    ],
)
def test_what_is_no_json_is_said_with_its_place(text, message, at):
    with pytest.raises(SyntaxProblem) as caught:
        parse(text)

    assert message in caught.value.message
    assert caught.value.offset == at


@pytest.mark.parametrize(
    "text",
    ["/* " * 300_000, '"' + '\\"' * 300_000, "," + "/* " * 300_000, '{"a": "' + "\\" * 300_001],
    ids=["comments", "escaped quotes", "comma and comments", "backslashes"],
)
def test_text_that_is_never_closed_is_looked_at_once(text):
    with pytest.raises(SyntaxProblem):
        parse(text)
    found = list(comments(Document("a.json", text)))

    assert len(found) <= 1


def test_many_comments_on_one_line_are_told_one_by_one():
    text = "{" + "/* x */ " * 50_000 + "}"

    assert parse(text).value == {}
    assert sum(1 for _ in comments(Document("a.json", text))) == 50_000


# Edits


def inserted(text, keys, data):
    document = Document("a.json", text)
    root = json.parse(document)
    return apply(document, [json.insert(document, root, keys, data)])


def removed(text, name):
    document = Document("a.json", text)
    return apply(document, [json.remove(document, json.parse(document), name)])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{}", '{"k": 1}'),
        ("{ }", '{"k": 1}'),
        ("{/* c */}", '{"k": 1/* c */}'),
        ('{"a": 0}', '{"a": 0, "k": 1}'),
        ('{"a": 0, }', '{"a": 0, "k": 1, }'),
        ('{\n  "a": 0\n}\n', '{\n  "a": 0,\n  "k": 1\n}\n'),
        ('{\n\t"a": {\n\t}\n}', '{\n\t"a": {\n\t},\n\t"k": 1\n}'),
        ('{\r\n  "a": 0\r\n}', '{\r\n  "a": 0,\r\n  "k": 1\r\n}'),
        ('{\r  "a": 0\r}', '{\r  "a": 0,\r  "k": 1\r}'),
        ('{\n  "a": 0 // c\n}', '{\n  "a": 0, // c\n  "k": 1\n}'),
        ('{\n  "a": 0, // c\n}', '{\n  "a": 0, // c\n  "k": 1\n}'),
        ('{\n  "a": 0 /* c */\n}', '{\n  "a": 0,\n  "k": 1 /* c */\n}'),
        ('{\n  "a": 0 // c\n  // d\n  ,\n}', '{\n  "a": 0, // c\n  "k": 1\n  // d\n  ,\n}'),
        ("{\n}", '{\n  "k": 1\n}'),
        ("{\n  // c\n}", '{\n  "k": 1\n  // c\n}'),
    ],
)
def test_a_member_is_added_after_the_last(before, after):
    assert inserted(before, ("k",), 1) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"a": 0}', '{"a": 0, "k": {"l": "x"}}'),
        ('{\n    "a": 0\n}', '{\n    "a": 0,\n    "k": {\n        "l": "x"\n    }\n}'),
    ],
)
def test_objects_around_a_member_are_added_with_it(before, after):
    assert inserted(before, ("k", "l"), "x") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"k": 1}', "{}"),
        ('{"k": 1, }', "{ }"),
        ('{"k": 1 /* c */ , }', "{ /* c */  }"),
        ('{"k": 1, "a": 0}', '{"a": 0}'),
        ('{"a": 0, "k": 1}', '{"a": 0}'),
        ('{"a": 0, "k": 1,}', '{"a": 0,}'),
        ('{\n  "k": 1,\n  "a": 0\n}', '{\n  "a": 0\n}'),
        ('{\n  "a": 0,\n  "k": 1\n}', '{\n  "a": 0\n}'),
        ('{\n  "a": 0,\n  "K": {"x": [1]}\n}', '{\n  "a": 0\n}'),
        ('{\n  "k": 1, // c\n  "a": 0\n}', '{\n   // c\n  "a": 0\n}'),
        ('{\n  "k": 1 // c\n  , "a": 0\n}', '{\n   // c\n   "a": 0\n}'),
        ('{\n  "a": 0, // c\n  "k": 1\n}', '{\n  "a": 0 // c\n}'),
        ('{\n  "a": 0, // c\n  "k": 1 }', '{\n  "a": 0 // c\n }'),
        ('{\n  "a": 0, /* c */\n  "k": 1 }', '{\n  "a": 0 /* c */ }'),
    ],
)
def test_a_member_is_removed_with_one_comma_and_no_comment(before, after):
    assert removed(before, "k") == after


@pytest.mark.parametrize("text", ['{"a": 1}', '{"k": 1, "K": 2}'])
def test_what_is_not_written_once_is_not_removed(text):
    with pytest.raises(NotEditable):
        removed(text, "k")


def test_only_objects_take_members():
    with pytest.raises(NotEditable):
        inserted("[1]", ("k",), 1)


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("1", 0, "0"),
        ('"1"', 0, '"0"'),
        ('"false"', True, '"true"'),
        ('"x"', "é 😀\n", '"é 😀\\n"'),
        ("null", "x", '"x"'),
        ("true", None, "null"),
    ],
)
def test_a_scalar_is_replaced_in_its_own_form(before, new, after):
    assert json.replace(Document("a.json", before), 0, len(before), new).text == after


@pytest.mark.parametrize("text", ["{}", "[1]"])
def test_a_structure_is_not_replaced(text):
    with pytest.raises(NotEditable):
        json.replace(Document("a.json", text), 0, len(text), 1)


def test_a_text_that_latin_1_cannot_hold_is_escaped():
    document = Document("a.json", '"caf\u00e9"', encoding="latin-1")

    assert json.replace(document, 0, 6, "\u20ac").text == '"\\u20ac"'
    assert json.replace(document, 0, 6, "\u00e9").text == '"\u00e9"'


def test_a_name_is_replaced():
    document = Document("a.json", '{"a": 1}')
    key = json.parse(document).members[0][0]

    assert apply(document, [json.rename(document, key, "b")]) == '{"b": 1}'


@st.composite
def documents(draw):
    """An object as somebody may write it, with comments wherever they may stand."""
    names = draw(st.lists(st.sampled_from("abcdk"), unique=True, max_size=4))
    style = draw(st.sampled_from(["line", "lines"]))
    gap = st.sampled_from(
        ["", "", " ", " /* c, */ "] + ([" // c, }\n  "] if style == "lines" else [])
    )
    between = {"line": st.sampled_from([" ", ""]), "lines": st.sampled_from(["\n  ", "\n\t", "\n"])}
    text = draw(gap) + "{"
    for index, name in enumerate(names):
        value = draw(st.sampled_from(["0", '"x,"', "[1,]", '{"y": 2}', "{\n}", "null"]))
        text += (
            f'{draw(between[style])}{draw(gap)}"{name}"{draw(gap)}:{draw(gap)}{value}{draw(gap)}'
        )
        if index + 1 < len(names) or draw(st.sampled_from([False, False, True])):
            text += "," + draw(gap)
    return text + draw(between[style]) + draw(gap) + "}" + draw(st.sampled_from(["", "\n"]))


@given(documents(), st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["insert", "remove"]))
def test_one_change_changes_one_member(text, newline, action):
    document = Document("a.json", text.replace("\n", newline))
    root = json.parse(document)
    try:
        if action == "insert":
            edit = json.insert(document, root, ("new", "inner"), {"v": ["x"]})
            expected = {**root.value, "new": {"inner": {"v": ["x"]}}}
        else:
            edit = json.remove(document, root, "k")
            expected = {k: v for k, v in root.value.items() if k != "k"}
    except NotEditable:
        assume("k" in root.value)
        raise

    after = Document("a.json", apply(document, [edit]))
    found = json.parse(after)
    assert found.value == expected
    assert list(found.value) == list(expected)
    assert not set("\r\n") & set(after.text.replace(newline, ""))
    kept = [document.text[c.start : c.end] for c in comments(document)]
    now = [after.text[c.start : c.end] for c in comments(after)]
    if action == "insert":
        assert now == kept
    else:
        assert set(now) <= set(kept)
        assert len(kept) - len(now) <= document.text.count("k") * 3


def test_a_part_is_held_once_however_deep_it_is_asked_for():
    root = parse('{"a": [{"b": {"c": [1, "x"]}}]}')
    deep = root.get("a").items[0].get("b")

    assert deep.value is root.value["a"][0]["b"]
    assert deep.get("c").items[1].value == "x"


def test_of_names_that_are_written_twice_each_has_its_own_value():
    root = parse('{"a": {"x": 1}, "a": {"x": 2}}')

    assert [node.value for _, node in root.members] == [{"x": 1}, {"x": 2}]
