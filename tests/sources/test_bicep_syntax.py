"""Bicep text becomes a located tree, and broken statements cost only themselves."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azmlint.expressions.arm_syntax import Call
from azmlint.sources.bicep_syntax import DEPTH_LIMIT, parse
from azmlint.sources.bicep_tokens import quoted
from azmlint.sources.bicep_tree import (
    Access,
    ArrayNode,
    If,
    Joined,
    Lambda,
    Literal,
    Loop,
    MethodCall,
    Name,
    Node,
    ObjectNode,
    Operation,
    Property,
    Spread,
    Statement,
    Type,
)


def shown(node):  # noqa: PLR0911  # one for each class
    """Spell a tree so that its structure can be read."""
    match node:
        case Literal():
            return repr(node.value)
        case Name():
            return node.name
        case Joined():
            return f"join({', '.join(shown(p) for p in node.parts)})"
        case Operation():
            return f"{node.call.name}({', '.join(shown(a) for a in node.call.arguments)})"
        case MethodCall():
            inner = ", ".join(shown(a) for a in node.call.arguments)
            return f"{shown(node.of)}.{node.call.shown}({inner})"
        case Access():
            sign = "::" if node.is_nested else "?" if node.is_safe else ""
            return f"{shown(node.of)}[{sign}{'^' if node.is_from_end else ''}{shown(node.key)}]"
        case Spread():
            return f"...{shown(node.value)}"
        case ObjectNode():
            inner = [
                f"{shown(m.key)}: {shown(m.value)}" if isinstance(m, Property) else shown(m)
                for m in node.members
            ]
            return f"{{{', '.join([*inner, *(r.key for r in node.resources)])}}}"
        case ArrayNode():
            return f"[{', '.join(shown(i) for i in node.items)}]"
        case Lambda():
            return f"({', '.join(node.names)}) => {shown(node.body)}"
        case Loop():
            return f"for({node.item}, {node.index}, {shown(node.source)}): {shown(node.body)}"
        case If():
            return f"if({shown(node.condition)}): {shown(node.body)}"
    raise AssertionError(node)


def value(text):
    program = parse(f"var x = {text}\n")
    assert [t.message for t in program.troubles] == []
    return shown(program.statements[0].value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'a'", "'a'"),
        (r"'it\'s \\ \n \t \r \${x} \u{e9} \u{D83D}\u{DE00}'", repr("it's \\ \n \t \r ${x} é 😀")),
        ("'''\nfirst\n  'second'\n'''", r'''"first\n  'second'\n"'''),
        ("'''\r\na'''", "'a'"),
        ("''''quoted''''", '''"'quoted'"'''),
        ("'${a}-${b.c}'", "join(a, '-', b['c'])"),
        ("'${'x${y}'}'", "join(join('x', y))"),
        ("$'''${a} b'''", "join(a, ' b')"),
        ("$$'''${a} $${b}'''", "join('${a} ', b)"),
        ("12", "12"),
        ("-12", "-12"),
        ("+12", "12"),
        ("-a", "sub(0, a)"),
        ("!!a", "not(not(a))"),
        ("true", "True"),
        ("null", "None"),
        ("a + b * c - d", "sub(add(a, mul(b, c)), d)"),
        ("a && b || c && d", "or(and(a, b), and(c, d))"),
        ("a ?? b ?? c", "coalesce(coalesce(a, b), c)"),
        ("a == b ? c : d ? e : f", "if(equals(a, b), c, if(d, e, f))"),
        ("a != b", "not(equals(a, b))"),
        ("a =~ b", "equals(tolower(a), tolower(b))"),
        ("a !~ b", "not(equals(tolower(a), tolower(b)))"),
        ("a < b", "less(a, b)"),
        ("a >= b % c", "greaterorequals(a, mod(b, c))"),
        ("(a + b) / c", "div(add(a, b), c)"),
        ("a\n  ? b\n  : c", "if(a, b, c)"),
        ("a\n  && b\n  || c", "or(and(a, b), c)"),
        ("a.b.?c[0][?'d'][^1][?^2]", "a['b'][?'c'][0][?'d'][^1][?^2]"),
        ("a!.b", "a['b']"),
        ("a::b", "a[::'b']"),
        ("f(a, 1)", "f(a, 1)"),
        ("f(\n  a,\n  // note\n  b\n)", "f(a, b)"),
        ("sys.f(a)", "sys.f(a)"),
        ("a.listKeys().keys[0].value", "a.listKeys()['keys'][0]['value']"),
        ("x => x.a", "(x) => x['a']"),
        ("map(a, (x, i) => x)", "map(a, (x, i) => x)"),
        ("map(a, () => 1)", "map(a, () => 1)"),
        ("{}", "{}"),
        ("{ a: 1, 'b-c': 2, '${d}': 3 }", "{'a': 1, 'b-c': 2, join(d): 3}"),
        ("{\n  a: 1\n  ...b\n  resource: 2\n}", "{'a': 1, ...b, 'resource': 2}"),
        ("[]", "[]"),
        ("[ 1, 2\n 3 ]", "[1, 2, 3]"),
        ("[\n  1\n  ...a\n]", "[1, ...a]"),
        ("[for x in y: x]", "for(x, None, y): x"),
        ("[for (x, i) in y: {\n  a: x\n}]", "for(x, i, y): {'a': x}"),
        ("[\n  for x in y: if (x.on) {\n  }\n]", "for(x, None, y): if(x['on']): {}"),
    ],
)
def test_expressions_are_read(text, expected):
    assert value(text) == expected


def named(text):
    program = parse(text)
    assert [t.message for t in program.troubles] == []
    return program


def test_every_kind_of_statement_is_read():
    program = named(
        "targetScope = 'subscription'\n"
        "metadata m = 'x'\n"
        "@description('d')\n@sys.allowed([\n  'a'\n])\nparam p string = 'a'\n"
        "param q int?\nparam r\n"
        "var v string[] = []\n"
        "type t = 'a' | 'b' | null\n"
        "func f(a string, b int) string => '${a}${b}'\n"
        "import { x, 'y' as z } from 'a.bicep'\n"
        "import * as ns from 'a.bicep'\n"
        "import 'az@1.0.0' as az\n"
        "extension kubernetes with {\n  a: 1\n} as k8s\n"
        "resource w 'T/t@2024-01-01' existing = {\n  name: 'n'\n}\n"
        "module m1 'm.bicep' =\n  if (a) {\n  name: 'n'\n}\n"
        "output o string = w.id\n"
        "assert ok = true\n"
        "test y 'm.bicep' = {\n}\n"
        "provider microsoftGraph\n"
    )
    found = {s.key or s.keyword: s for s in program.statements}

    assert len(program.statements) == 18
    assert found["p"].decorator("allowed").arguments[0].items[0].value == "a"
    assert found["p"].decorator("secure") is None
    assert found["q"].type.is_nullable
    assert [c.literal.value for c in found["t"].type.choices] == ["a", "b", None]
    assert found["f"].parameters == ["a", "b"]
    assert found["import"].imported == [("x", "x"), ("y", "z")]
    assert found["w"].is_existing
    assert isinstance(found["m1"].value, If)
    assert program.output("O") is found["o"]
    assert program.named.keys() >= {"p", "v", "t", "f", "ns", "w", "m1"}


@pytest.mark.parametrize(
    ("text", "name", "literal"),
    [
        ("string", "string", None),
        ("'a'", "", "a"),
        ("-3", "", -3),
        ("true", "", True),
        ("(string)", "string", None),
        ("string[]", "array", None),
        ("('a' | 'b')[]", "array", None),
        ("[string, int]", "array", None),
        ("{\n  @description('x')\n  a: string\n  'b': int?\n  *: bool\n}", "object", None),
        ("ns.inner", "ns.inner", None),
        ("t[*].a?", "", None),
        ("resourceInput<'T/t@2024-01-01'>.properties?", "", None),
        ("[@discriminator('type'), a | b]", "array", None),
        ("'${x}'", "", None),
        ("!a", "a", None),
    ],
)
def test_types_say_which_values_there_are(text, name, literal):
    type_ = named(f"type x = {text}\n").statements[0].type

    assert isinstance(type_, Type)
    assert type_.name == name
    assert (type_.literal.value if type_.literal else None) == literal


def test_nested_resources_are_told_from_members():
    program = named(
        "resource a 'A/a@1' = {\n  name: 'a'\n  @batchSize(1)\n  resource b 'b' = {\n"
        "    name: 'b'\n  }\n  resource: 'member'\n}\n"
    )
    body = program.statements[0].value

    assert [r.key for r in body.resources] == ["b"]
    assert body.get("RESOURCE").value == "member"


@pytest.mark.parametrize(
    ("text", "message", "is_syntax"),
    [
        ("var a = ", "the declaration ends too early", True),
        ("var a = 1 2", "expected the end of the line, not '2'", True),
        ("var a = 'x", "a text is not closed on its line", True),
        ("var a = '${x", "the declaration ends too early", True),
        ("var a = '${x}", "a text is not closed on its line", True),
        ("var a = $'''${x", "a text over several lines is never closed", True),
        ("var a = '''x", "a text over several lines is never closed", True),
        ("var a = /* x", "a comment is never closed", True),
        (r"var a = '\x'", r"'\x' stands for nothing in a text", True),
        (r"var a = '\u{FFFFFF}'", r"'\u{FFFFFF}' stands for nothing in a text", True),
        ("var a = ~", "unexpected '~'", True),
        ("var a = [1 2]", "expected a comma or a new line, not '2'", True),
        ("var a = [for x y: z]", "expected 'in', not 'y'", True),
        ("var a = [for x in y: z z]", "expected ']', not 'z'", True),
        ("var a = {1: 2}", "expected the name of a property, not '1'", True),
        ("var a = {@d()\n b: 1}", "expected a resource, not 'b'", True),
        ("var a = 12345678901234567890", "a number is too large", True),
        ("var a = if () {}", "if wants one condition", True),
        ("var 1 = 2", "expected a name, not '1'", True),
        ("param a = ", "the declaration ends too early", True),
        ("param a ,", "expected a type, not ','", True),
        ("import {a b} from 'x'", "expected a comma or a new line, not 'b'", True),
        ("bad", "expected a declaration, not 'bad'", True),
        ("policy p = {}", "'policy' begins a declaration that azmlint does not know", False),
        ("var a = " + "[" * 101, "nested more than 100 levels deep", False),
        ("var a = " + "!" * 102 + "b", "too many signs in a row", False),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_read(text, message, is_syntax):
    program = parse(f"var before = 1\n{text}\nvar after = 2\n")
    is_final = "never closed" in message

    first = program.troubles[0]
    assert (first.message, first.is_syntax) == (message, is_syntax)
    assert "before" in program.named
    assert ("after" in program.named) is not is_final


def test_a_program_ends_where_nothing_more_begins():
    program = parse("var a = 1\nvar b = {\n")

    assert [s.key for s in program.statements] == ["a"]
    assert len(program.troubles) == 1


def nodes(found):
    """Yield every node below something."""
    if isinstance(found, Node):
        yield found
        for slot in {s for c in type(found).__mro__ for s in getattr(c, "__slots__", ())}:
            yield from nodes(getattr(found, slot, None))
    elif isinstance(found, Call):
        yield from nodes(found.arguments)
    elif isinstance(found, (list, tuple)):
        for item in found:
            yield from nodes(item)


FRAGMENTS = st.sampled_from(
    [
        "param ", "var ", "resource ", "module ", "type ", "func ", "import ", "output ", "using ",
        "a", "b", "'x'", "'${", "}'", "'''", "$'''", "{", "}", "[", "]", "(", ")", "for ", " in ",
        ": ", "= ", "=>", "\n", "\r\n", ", ", "...", ".", ".?", "::", "!", "@d()\n", "if (", "??",
        " ? ", "1", "-", "|", "<", ">", "/*", "*/", "//", "\\", "$", "\t", "é", "existing ", "\0",
    ]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(FRAGMENTS, max_size=60).map("".join) | st.text(max_size=80))
def test_any_text_gives_a_tree_within_the_text(text):
    program = parse(text)

    for found in nodes([program.statements, program.troubles]):
        assert 0 <= found.start <= found.end <= len(text)
    for statement in program.statements:
        assert isinstance(statement, Statement)


WHOLE = """\
@allowed(['a', 'b'])
param p string = 'a'
var v = { a: [for (x, i) in range(0, 3): { n: '${p}-${i}' }], b: p == 'a' ? 1 : -2 }
resource w 'Microsoft.MachineLearningServices/workspaces@2024-04-01' = if (v.b > 0) {
  name: 'w' // a name
  resource c 'computes' = {
    name: 'c'
    properties: { ...v, t: '''
text''' }
  }
}
output o string = w.id
"""


@settings(max_examples=300)
@given(st.integers(0, len(WHOLE)), st.integers(0, 12), st.text(max_size=3))
def test_damaged_text_loses_no_more_than_what_follows_the_damage(at, count, new):
    text = WHOLE[:at] + new + WHOLE[at + count :]
    program = parse(text)

    for found in nodes([program.statements, program.troubles]):
        assert 0 <= found.start <= found.end <= len(text)
    if at > WHOLE.index("var v"):
        assert "p" in program.named


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_in_quotes_means_what_it_was_made_of(text):
    program = named(f"var x = {quoted(text)}\n")

    assert program.statements[0].value.value == text


def calls_of(text):
    """Count the calls that reading takes."""
    count = 0

    def note(_frame, event, _argument):
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        parse(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "text",
    [
        "var a = [", "var a = (", "var a = '${", "(", "var a = x ? ", "!", "/*", "'''", "param p {",
        "\n@d()", "var a = b.", "{ a: ", "var x = 1\n", "type t = a | ", "import {a, ",
    ],
)  # fmt: skip
def test_work_grows_with_the_length_alone(text):
    assert calls_of(text * 800) <= 10 * calls_of(text * 100)


def test_the_deepest_nesting_is_read():
    depth = DEPTH_LIMIT // 2 - 2

    assert value("[" * depth + "]" * depth)
