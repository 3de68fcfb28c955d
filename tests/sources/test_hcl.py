"""The syntax of HCL: what is read, where it stands, and what is said of the rest."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.location import Document
from azmlint.model.value import NotEditable
from azmlint.sources import hcl, hcl_edit, terraform_json
from azmlint.sources.document import SyntaxProblem

SAMPLE = """\
# é 😀
terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "~> 4.0" }
  }
}

variable "sizes" { # one line comment
  type    = map(object({ size = optional(string, "S") }))
  default = {
    "a-b" : { size = "x" }, // and
    c = {}
  }
}

locals {
  text  = <<-EOT
    first ${var.a}
      second %{ if var.b ~} yes %{ else } no %{ endif }
    EOT
  list  = [for k, v in var.sizes : upper(v.size) if k != ""]
  map   = { for v in [1, 2] : "k${v}" => v... }
  chain = var.a.b[0].c["d"].*.e[*].f
  math  = -(1 + 2) * 3 % 4 >= 1.5e1 && !false || null == 2 ? "y" : "n"
  call  = provider::x::y(1, [2]...)
}

resource "azurerm_x" "y" {
  count = 1
  lifecycle { ignore_changes = [location] }
  dynamic "identity" {
    for_each = toset(["a"])
    content {
      type = identity.value /* and
      more */
    }
  }
}
"""


def parsed(text):
    return hcl.parse(Document("main.tf", text))


def attributes(body):
    return {name: a.value for name, a in body.attributes.items()}


def only(text):
    found = parsed(f"x = {text}\n")
    assert found.problems == []
    return found.body.attributes["x"].value


END = "the end of the line after the argument is expected here, not "


def problems(text):
    return [(p.message, text[p.offset : p.offset + 8]) for p in parsed(text).problems]


def nodes(node):
    yield node
    for item in node.items:
        yield from nodes(item)
    if isinstance(node, hcl.For):
        for inner in (node.key, node.condition):
            if inner is not None:
                yield from nodes(inner)


def all_nodes(body):
    for attribute in body.attributes.values():
        yield attribute.name
        yield from nodes(attribute.value)
    for block in body.blocks:
        yield block.type
        yield from block.labels
        yield from all_nodes(block.body)


def test_the_sample_is_read_whole():
    found = parsed(SAMPLE)

    assert found.problems == []
    assert found.statements == 4
    assert [(b.type.value, b.label) for b in found.body.blocks] == [
        ("terraform", ""),
        ("variable", "sizes"),
        ("locals", ""),
        ("resource", "y"),
    ]


def test_spans_are_those_of_the_text():
    found = parsed(SAMPLE)

    for block in found.body.blocks:
        assert SAMPLE[block.start : block.end].startswith(block.type.value)
        assert SAMPLE[block.end - 1] == "}"
        for name, attribute in block.body.attributes.items():
            assert SAMPLE[attribute.name.start : attribute.name.end] == name
    for node in all_nodes(found.body):
        assert 0 <= node.start <= node.end <= len(SAMPLE)
        if node.kind == "literal" and node.value in {1, 2, 3, 4}:
            assert SAMPLE[node.start : node.end] == str(node.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"a"', "a"),
        (r'"a\n\t\"\\\u00e9\U0001F600"', 'a\n\t"\\é😀'),
        ('"$${a} %%{b} $5 100%"', "${a} %{b} $5 100%"),
        ("12", 12),
        ("-12", -12),
        ("1.5", 1.5),
        ("1e3", 1000),
        ("true", True),
        ("null", None),
        ("<<EOT\na\n  b\nEOT", "a\n  b\n"),
        ("<<-EOT\n    a\n      b\n    EOT", "a\n  b\n"),
        ("<<-EOT\n\n    a\n    EOT", "\na\n"),
        ("<<EOT\nEOT", ""),
        ("<<EOT\r\na\r\nEOT", "a\r\n"),
        ('""', ""),
    ],
)
def test_literals_have_their_values(text, value):
    node = only(text)

    assert node.kind == "literal"
    assert node.value == value
    assert type(node.value) is type(value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a", "name"),
        ("a.b", "attribute"),
        ("a[0]", "index"),
        ("a.0", "index"),
        ("a[*].b", "splat"),
        ("a.*.b[0]", "index"),
        ("f(1,\n 2,)", "call"),
        ("f(a...)", "spread"),
        ("!a", "unary"),
        ("a == b", "binary"),
        ("a ? b : c", "conditional"),
        ("[1,\n 2,\n]", "tuple"),
        ("{ a = 1\n b : 2, }", "object"),
        ("(\n a\n)", "parentheses"),
        ('"${a}"', "parentheses"),
        ('"a${b}"', "template"),
        ("[for a in b : a]", "for"),
        ("{for a, b in c : a => b... if b}", "for"),
        ("[for]", "tuple"),
        ("{for = 1}", "object"),
        ("{(a) = 1}", "object"),
    ],
)
def test_expressions_are_told_apart(text, kind):
    assert only(text).kind == kind


def test_a_full_splat_takes_all_that_follows_of_each():
    full, short = only("a[*].b[0].c"), only("a.*.b[0]")

    assert [n.kind for n in nodes(full.items[1])] == [
        "attribute",
        "index",
        "attribute",
        "item",
        "literal",
    ]
    assert short.items[0].kind == "splat"


def test_a_number_with_a_point_after_a_point_is_two_steps():
    node = only("a.0.1")

    assert [node.items[1].value, node.items[0].items[1].value] == [1, 0]


def test_a_one_line_block_holds_one_argument():
    found = parsed('a { b = 1 }\nc {}\nd "e" f { g { h = 1 } }\n')

    assert found.problems == []
    assert [len(b.body.attributes) for b in found.body.blocks] == [1, 0, 0]


def test_names_of_object_members_are_texts():
    node = only('{ a = 1, 2 = 3, true = 4, "b" = 5 }')

    assert [k.value for k in node.items[::2]] == ["a", "2", "true", "b"]


def test_directives_enclose_what_stands_between():
    node = only('"%{ for i, x in y }a%{ if x }b%{ else }c%{ endif }%{ endfor }"')

    loop = node.items[0]
    assert isinstance(loop, hcl.For)
    assert loop.names == ("i", "x")
    assert loop.value == "join"
    assert [n.kind for n in loop.items[1].items] == ["literal", "conditional"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = \n", ("a value is expected here, not the end of the line", "\n")),
        ("a = 1 b = 2\n", (f"{END}'b'", "b = 2\n")),
        ("a {\n", ("this block is never closed", "{\n")),
        ("a {} b {}\n", (END.replace("argument", "block") + "'b'", "b {}\n")),
        ("a { b = 1, }\n", (f"{END}','", ", }\n")),
        ("a { b = 1\n}\n", (f"{END}the end of the line", "\n}\n")),
        ("a {\n b = 1 }\n", (END + "'}'", "}\n")),
        ("a\n", ("'=' or '{' is expected here, not the end of the line", "\n")),
        ("1 = 2\n", ("an argument or a block is expected here, not '1'", "1 = 2\n")),
        ("a = 1\na = 2\n", ("'a' is given twice", "a = 2\n")),
        ('a = "b\n', ("this text does not end on its line", '"b\n')),
        ('a = "${b"\n', ("this text does not end on its line", '"\n')),
        ('a = "${b c}"\n', ("'}' is expected here, not 'c'", 'c}"\n')),
        ('a = "\\q"\n', ("'\\q' is no escape sequence", '\\q"\n')),
        ('a = "%{ end }"\n', ("'if', 'for' or their end is expected here, not 'end'", 'end }"\n')),
        ('a = "%{ endif }"\n', ("'endif' has no beginning", "%{ endif")),
        ('a = "%{ if b }"\n', ("'if' has no end", "%{ if b ")),
        ('a = "%{ if b }%{ endfor }"\n', ("'endfor' does not belong here", "%{ endfo")),
        ('a = "${b}\n', ("this text is never closed", '"${b}\n')),
        ("a = <<EOT\nb\n", ("this text is never closed by 'EOT'", "<<EOT\nb\n")),
        ("a = <<EOT\nb\nEOT", ("this text is never closed by 'EOT'", "<<EOT\nb\n")),
        ("a = [<<EOT\nb\nEOT]\n", ("this text is never closed by 'EOT'", "<<EOT\nb\n")),
        ("/* a\n", ("this comment never ends", "/* a\n")),
        ("a = b.\n", ("a name after '.' is expected here, not the end of the line", "\n")),
        ("a = b[1\n", ("']' is expected here, not the end of the text", "")),
        ("a = f(1 2)\n", ("')' is expected here, not '2'", "2)\n")),
        ("a = b::c\n", ("'(' is expected here, not the end of the line", "\n")),
        ("a = b::1\n", ("the name of a function is expected here, not '1'", "1\n")),
        ("a = {b 1}\n", ("'=' is expected here, not '1'", "1}\n")),
        (
            "a = {b = 1 c = 2}\n",
            ("',' or the end of the line is expected here, not 'c'", "c = 2}\n"),
        ),
        ("a = [for 1 in b : c]\n", ("a name is expected here, not '1'", "1 in b :")),
        ("a = [for x of b : c]\n", ("'in' is expected here, not 'of'", "of b : c")),
        ("a = ` \n", ("'`' is not expected here", "` \n")),
        ("a = b ? c\n", ("':' is expected here, not the end of the line", "\n")),
        ("a = b ?\n c : d\n", ("a value is expected here, not the end of the line", "\n c : d\n")),
        ("a = {b =\n1}\n", ("a value is expected here, not the end of the line", "\n1}\n")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where_it_is(text, problem):
    assert problems(text)[0] == problem


def test_the_statements_around_a_broken_one_are_read():
    text = 'a = 1\nresource "x" "y" {\n  b {\n}\nvariable "v" {}\nlocals {\n  c = 3\n}\n'
    found = parsed(text)

    assert len(found.problems) == 1
    assert attributes(found.body)["a"].value == 1
    assert [b.type.value for b in found.body.blocks] == ["variable", "locals"]
    assert found.statements == 4


def test_the_next_value_of_a_file_of_values_is_read():
    found = parsed("a = [1\nb = 2\nc = 3\n")

    assert len(found.problems) == 1
    assert {n: a.value.kind for n, a in found.body.attributes.items()} == {
        "a": "broken",
        "b": "literal",
        "c": "literal",
    }


@pytest.mark.parametrize(
    "broken",
    [
        "b = = 2",
        "b = [1, 2",
        "b = {\n    x = 1",
        "b = {\n    x = = 1\n  }",
        "b = f(1,\n    2",
        'b = "text',
        "b = 1 2",
        "b = ${1}",
        "b = 1\n  b = 2",
        "b = x ? 1",
        "b = `\n    more = 1\n  ",
    ],
)
def test_a_broken_argument_costs_no_more_than_itself(broken):
    rest = "  c = 3\n  d {\n    e = 5\n  }\n}\nf {\n}\n"
    text = f'resource "x" "y" {{\n  a = 1\n  {broken}\n{rest}'
    found = parsed(text)

    assert [b.type.value for b in found.body.blocks] == ["resource", "f"]
    body = found.body.blocks[0].body
    assert {n: a.value.kind for n, a in body.attributes.items()} == {
        "a": "literal",
        "b": "broken",
        "c": "literal",
    }
    assert [list(b.body.attributes) for b in body.blocks] == [["e"]]
    assert len(found.problems) == 1
    assert found.problems[0].message == body.attributes["b"].value.value
    assert found.lost == 0


@pytest.mark.parametrize(
    "block",
    [
        "b { c = 1 + }",
        'b { c = "text }',
        "b { c = [1, { d = 2 }}",
        "b {\n    c = 1 + }",
        "b {\n    c = 1 }",
        'b {\n    c = "}" + } # }',
        "b {\n    c = 1 + }\n  }",
    ],
)
def test_a_broken_argument_before_a_brace_costs_no_more_than_itself(block):
    found = parsed(f"a {{\n  {block}\n  d = 2\n}}\ne {{\n}}\n")

    assert [b.type.value for b in found.body.blocks] == ["a", "e"]
    body = found.body.blocks[0].body
    assert {n: a.value.kind for n, a in body.attributes.items()} == {"d": "literal"}
    (inner,) = body.blocks
    assert {n: a.value.kind for n, a in inner.body.attributes.items()} == {"c": "broken"}
    assert (len(found.problems), found.lost) == (1, 0)


def test_a_brace_too_many_closes_nothing():
    found = parsed("a {\n  b = 1 }\n  c = 2\n}\nd {\n}\n")

    assert [list(b.body.attributes) for b in found.body.blocks] == [["b", "c"], []]


def test_of_arguments_on_one_line_none_passes_for_absent():
    body = parsed("a {\n  b { c = 1, d = 2 }\n}\n").body.blocks[0].body.blocks[0].body

    assert {n: a.value.kind for n, a in body.attributes.items()} == {"c": "broken", "d": "broken"}


@pytest.mark.parametrize(
    "text",
    ["a {\n  b = [\n}\nc {\n  d = 1\n}\n", "a {\n  b = (1\n    x = 2\n}\nc {\n  d = 1\n}\n"],
)
def test_an_argument_that_never_ends_is_ended_by_its_block(text):
    found = parsed(text)

    assert [b.type.value for b in found.body.blocks] == ["a", "c"]
    assert found.body.blocks[0].body.attributes["b"].value.kind == "broken"


def test_reading_on_again_and_again_is_bounded():
    text = "a {\n" + "  b = [\n" * 20_000 + "}\n"

    assert parsed(text).problems


@pytest.mark.parametrize("text", ["(" * 500, "a = " + "[" * 5000, "a = " + "!" * 5000 + "b",
                                  "a {\n" * 500, 'a = "${' * 300, "a = b" + ".c" * 500,
                                  "a = " + "b ? c : " * 500])  # fmt: skip
def test_deep_nesting_is_a_problem_not_a_crash(text):
    assert parsed(text).problems


def test_a_long_chain_of_operators_is_read():
    assert only(" + ".join(["1"] * 2000)).kind == "binary"


@pytest.mark.parametrize(
    "unit",
    ['a = "${b}"\n', "a {\n}\n", "# c\n", "a = [1, {b = 2}]\n", '"', "${", "a = <<E\n", "a = /*\n",
     "a = b ? \n", "x y z\n", "}\n", "a = [for\n"],
)  # fmt: skip
def test_long_texts_are_read_to_their_end(unit):
    text = unit * 30_000
    found = parsed(text)

    assert found.statements or found.problems or unit == "# c\n"
    assert found.body.end == len(text)


@given(st.text())
def test_any_text_gives_statements_or_problems(text):
    found = parsed(text)

    for problem in found.problems:
        assert 0 <= problem.offset <= len(text)
    for node in all_nodes(found.body):
        assert 0 <= node.start <= node.end <= len(text)


WORDS = """a b.c = { } [ ] ( ) " ${ %{ } ~ , : ? for in if endif else => ... 1 2.5 "x" == && ! - //
/* */ # true null * . :: provider resource"""
TOKENS = st.sampled_from([*WORDS.split(), "\n", "<<E\n", "E\n"])


@given(st.lists(TOKENS, max_size=40).map(" ".join))
def test_any_row_of_tokens_gives_statements_or_problems(text):
    found = parsed(text)

    assert all(0 <= p.offset <= len(text) for p in found.problems)
    assert all(0 <= n.start <= n.end <= len(text) for n in all_nodes(found.body))


@given(st.randoms(use_true_random=False), st.integers(1, 5))
def test_damaged_text_gives_statements_or_problems(source, count):
    text = SAMPLE
    for _ in range(count):
        at, length = source.randrange(len(text)), source.randrange(8)
        text = text[:at] + source.choice(["", '"', "{", "}", "${", "\n"]) + text[at + length :]
    found = parsed(text)

    assert all(0 <= p.offset <= len(text) for p in found.problems)
    assert all(0 <= n.start <= n.end <= len(text) for n in all_nodes(found.body))


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def plain(node):
    if node.kind == "object":
        return {
            str(k.value): plain(v) for k, v in zip(node.items[::2], node.items[1::2], strict=True)
        }
    if node.kind == "tuple":
        return [plain(i) for i in node.items]
    assert node.kind == "literal"
    return node.value


@given(PLAIN)
def test_what_is_written_is_read_again(data):
    assert plain(hcl.parse_expression(hcl_edit.spelled(data))) == data


def applied(text, edit):
    return text[: edit.start] + edit.text + text[edit.end :]


BODIES = [
    'resource "x" "y" {\n  name     = "a" # why\n  location = "b"\n\n  s {\n    m = 1\n  }\n}\n',
    'resource "x" "y" {\n}\n',
    'resource "x" "y" {}\n',
    'resource "x" "y" {\r\n\tname = "a"\r\n}\r\n',
    'resource "x" "y" { # note\n  name = <<EOT\na\nEOT\n}\n',
    'resource "x" "y" {\n  scale {\n    min = 1\n  }\n  # last\n}\n',
]


@pytest.mark.parametrize("text", BODIES)
@pytest.mark.parametrize("route", [("new",), ("inner", "new"), ("outer", "inner", "new")])
def test_an_argument_that_is_added_is_read_again(text, route):
    document = Document("main.tf", text)
    body = hcl.parse(document).body.blocks[0].body

    changed = applied(text, hcl_edit.insert(document, body, route, 'x"${'))

    again = parsed(changed)
    assert again.problems == []
    inner = again.body.blocks[0].body
    for name in route[:-1]:
        inner = inner.blocks_of(name)[0].body
    assert inner.attributes["new"].value.value == 'x"${'
    kept = changed.split("\n")
    assert all(line in kept for line in text.split("\n") if not line.endswith("{}"))
    assert ("\r\n" in changed) == ("\r\n" in text)


def test_an_argument_is_added_in_the_column_of_its_neighbours():
    text = BODIES[0]
    document = Document("main.tf", text)
    body = hcl.parse(document).body.blocks[0].body

    changed = applied(text, hcl_edit.insert(document, body, ("tags",), 1))

    assert '\n  location = "b"\n  tags     = 1\n' in changed


def test_nothing_is_added_to_a_block_on_one_line():
    document = Document("main.tf", "a { b = 1 }\n")

    with pytest.raises(NotEditable):
        hcl_edit.insert(document, hcl.parse(document).body.blocks[0].body, ("c",), 1)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a {\n  b = 1\n  c = 2 # two\n}\n", "a {\n  c = 2 # two\n}\n"),
        ("a {\n  b = 1 # one\n}\n", "a {\n  # one\n}\n"),
        ("a { b = 1 }\n", "a {  }\n"),
        ("a {\n  b = [\n    1,\n  ]\n  c = 2\n}\n", "a {\n  c = 2\n}\n"),
    ],
)
def test_an_argument_is_taken_away_with_its_line(text, after):
    document = Document("main.tf", text)
    row = hcl.parse(document).body.blocks[0].body.attributes["b"]

    assert applied(text, hcl_edit.remove(document, row)) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("x = {}\n", "x = { new = { deep = 1 } }\n"),
        ("x = { a = 1 }\n", "x = { a = 1, new = { deep = 1 } }\n"),
        ("x = {\n  a = 1 # one\n}\n", "x = {\n  a = 1 # one\n  new = { deep = 1 }\n}\n"),
        ("x = {\n  a = 1,\n}\n", "x = {\n  a = 1,\n  new = { deep = 1 }\n}\n"),
    ],
)
def test_a_member_is_added_to_an_object(text, after):
    document = Document("main.tf", text)
    node = hcl.parse(document).body.attributes["x"].value

    changed = applied(text, hcl_edit.insert_member(document, node, ("new", "deep"), 1))

    assert changed == after
    assert parsed(changed).problems == []


def test_no_member_is_added_where_the_object_goes_on_in_the_line():
    document = Document("main.tf", "x = {\n  a = 1 }\n")

    with pytest.raises(NotEditable):
        hcl_edit.insert_member(document, hcl.parse(document).body.attributes["x"].value, ("b",), 1)


# JSON


def as_json(text):
    return terraform_json.parse(Document("main.tf.json", text))


def test_json_gives_the_same_blocks():
    found = as_json(
        """{
          "//": "a comment",
          "terraform": {"required_providers": {"azurerm": {"version": "~> 4.0"}}},
          "provider": {"azurerm": [{"alias": "a"}, {"alias": "b"}]},
          "variable": {"v": {"type": "map(string)", "default": {"a": "${b}"}}},
          "locals": [{"a": 1}, {"b": "x-${var.v}"}],
          "resource": {"t": {"n": {"//": "why", "provider": "azurerm.a", "s": {"m": 1},
            "dynamic": {
              "i": {"for_each": "${var.v}", "iterator": "it", "content": {"x": "${it.key}"}}
            },
            "lifecycle": {"ignore_changes": ["tags"]}}}},
          "module": {"m": {"source": "./m", "providers": {"azurerm": "azurerm.a"}}}
        }"""
    )

    assert found.problems == []
    assert [(b.type.value, b.label) for b in found.body.blocks] == [
        ("terraform", ""), ("provider", "azurerm"), ("provider", "azurerm"), ("variable", "v"),
        ("locals", ""), ("locals", ""), ("resource", "n"), ("module", "m"),
    ]  # fmt: skip
    resource = found.body.blocks[6].body
    assert resource.attributes["provider"].value.kind == "attribute"
    assert [b.type.value for b in resource.blocks] == ["dynamic", "lifecycle"]
    assert found.body.blocks[3].body.attributes["type"].value.kind == "call"
    assert found.body.blocks[5].body.attributes["b"].value.kind == "template"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"variable": 1}', "'variable' wants an object"),
        ('{"locals": {"a": "${"}}', "a value is expected here, not the end of the text"),
        ('{"variable": {"v": {"type": "("}}}', "a value is expected here, not the end of the text"),
        ('{"locals": {"a": "${b} ${"}}', "a value is expected here, not the end of the text"),
    ],
)
def test_json_says_what_it_does_not_understand(text, message):
    assert [p.message for p in as_json(text).problems] == [message]


def test_what_is_no_json_is_refused():
    with pytest.raises(SyntaxProblem):
        as_json("{")


def test_texts_in_json_are_templates():
    found = as_json('{"x": "${var.a}", "y": "a%{ if b }c%{ endif }", "z": "$${d}", "w": 1.5}')

    kinds = {k: (v.kind, v.value) for k, v in attributes(found.body).items()}
    assert kinds == {
        "x": ("parentheses", None),
        "y": ("template", None),
        "z": ("literal", "${d}"),
        "w": ("literal", 1.5),
    }


@given(st.randoms(use_true_random=False))
def test_damaged_json_gives_blocks_or_problems(source: random.Random):
    text = '{"resource": {"t": {"n": {"a": "${[for x in y : x]}", "b": [1, {"c": "d"}]}}}}'
    at = source.randrange(len(text))
    text = text[:at] + source.choice(["", '"', "}", "[", "$"]) + text[at + 1 :]
    try:
        found = as_json(text)
    except SyntaxProblem:
        return

    assert all(0 <= p.offset <= len(text) for p in found.problems)
    assert all(0 <= n.start <= n.end <= len(text) for n in all_nodes(found.body))
