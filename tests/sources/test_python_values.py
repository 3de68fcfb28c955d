"""What is worked out of Python is what Python itself works out."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.expressions.arm_values import NotWorkedOut
from azmlint.sources.document import decode
from azmlint.sources.python_course import OverLimit
from azmlint.sources.python_operations import plain
from azmlint.sources.python_program import Program
from azmlint.sources.python_sdk import AzureSdk
from azmlint.sources.python_syntax import parse
from azmlint.sources.python_values import Choice, narrowed
from azmlint.sources.texts import Texts

NOT_KNOWN = object()


def followed(text):
    document = decode("a.py", text.encode())
    program = Program(document, Texts({"a.py": document}), AzureSdk())
    program.run(parse(document).body)
    return program


def value(text, name="X", answers=()):
    """Give what a name stands for at the end of a program, as conditions are answered."""
    thing = followed(text).scope.names.get(name)
    while isinstance(thing, Choice):
        question = thing.decision.question
        if question not in dict(answers):
            return NOT_KNOWN
        thing = narrowed(thing, ((thing.decision, dict(answers)[question]),))
    try:
        return NOT_KNOWN if thing is None else plain(thing)
    except NotWorkedOut:
        return NOT_KNOWN


numbers = st.integers(-5, 9).map(str) | st.sampled_from(["0.5", "2.0", "True", "None"])
texts = st.sampled_from(["'a'", "'Ab c'", '"x-y"', "''", "'%s'", "'{}-{}'", "'7'"])
BINARY = ["+", "-", "*", "//", "%", "/", "|", "&", "and", "or", "==", "!=", "<", ">=", "in", "is"]
CALLS = ["str", "int", "len", "bool", "list", "sorted", "max", "sum", "repr", "tuple", "abs", "set"]
METHODS = [
    *["upper()", "strip()", "split('-')", "replace('a', 'b')", "startswith('a')", "title()"],
    *["format(1, 'z')", "join(['p', 'q'])", "get('k')", "items()", "keys()", "copy()"],
]


def grown(inner):
    pairs = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, st.sampled_from(BINARY), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.lists(inner, max_size=3).map(lambda i: f"[{', '.join(i)}]"),
        st.lists(inner, min_size=1, max_size=3).map(lambda i: f"({', '.join(i)},)"),
        st.lists(st.tuples(texts, inner), max_size=3).map(
            lambda i: "{" + ", ".join(f"{k}: {v}" for k, v in i) + "}"
        ),
        pairs.map(lambda t: f"{t[0]}[{t[1]}]"),
        inner.map(lambda i: f'f"<{{{i}}}>"' if '"' not in i and "'" not in i else f"(not {i})"),
        inner.map(lambda i: f"(-{i})"),
        st.tuples(st.sampled_from(CALLS), inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(inner, st.sampled_from(METHODS)).map(lambda t: f"({t[0]}).{t[1]}"),
        pairs.map(lambda t: f"[{t[0]} for x in [{t[1]}, 1] if x]"),
        pairs.map(lambda t: f"{{x: {t[0]} for x in ['k', 'l']}}"),
        pairs.map(lambda t: f"(lambda x: [x, {t[0]}])({t[1]})"),
        pairs.map(lambda t: f"('%s/%s' % ({t[0]}, {t[1]}))"),
        pairs.map(lambda t: f"dict(k={t[0]}, **{{'l': {t[1]}}})"),
    )


expressions = st.recursive(numbers | texts, grown, max_leaves=8)


def same(one, two):
    """Whether two values are equal, and of equal types all through."""
    if isinstance(one, (list, tuple)) and isinstance(two, (list, tuple)):
        return len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, dict) and isinstance(two, dict):
        return same(list(one.items()), list(two.items()))
    return type(one) is type(two) and one == two


def as_lists(data):
    """Give a set, or a view of a dictionary, as the list that stands for it."""
    if isinstance(data, (list, tuple)):
        return type(data)(as_lists(i) for i in data)
    if isinstance(data, dict):
        return {k: as_lists(v) for k, v in data.items()}
    return list(data) if isinstance(data, (set, type({}.keys()), type({}.items()))) else data


@given(expressions)
def test_an_expression_is_worked_out_as_python_does(expression):
    found = value(f"X = {expression}\n")

    if "set(" in expression:
        return  # the order of a set is its own
    try:
        expected = as_lists(eval(compile(expression, "x", "eval", dont_inherit=True)))
    except Exception:  # noqa: BLE001  # whatever it raises
        return  # a program that fails somewhere has no value; its parts may have one
    if found is not NOT_KNOWN:
        assert same(found, expected), expression


@pytest.mark.parametrize(
    "expression",
    ["1 / 0", "'a' + 1", "[1][2]", "{}['a']", "int('x')", "-'a'", "'%d' % 'a'", "(1).upper()"],
)
def test_what_fails_has_no_value(expression):
    assert value(f"X = {expression}\n") is NOT_KNOWN


@given(st.recursive(numbers, lambda i: st.tuples(i, st.sampled_from("+-*"), i).map(
    lambda t: f"({t[0]} {t[1]} {t[2]})"), max_leaves=6))  # fmt: skip
def test_sums_are_always_known(expression):
    try:
        expected = eval(expression)
    except TypeError:
        return

    assert value(f"X = {expression}\n") == expected


@given(expressions, expressions, st.booleans())
def test_what_cases_leave_open_is_known_once_it_is_answered(one, two, answer):
    text = f"match wanted:\n    case 1:\n        X = {one}\n    case _:\n        X = {two}\n"
    expected = value(f"X = {one if answer else two}\n")

    assert value(text) is NOT_KNOWN
    found = value(text, answers={"wanted is 1": answer})
    assert found is NOT_KNOWN if expected is NOT_KNOWN else same(found, expected)


@given(expressions, expressions, st.booleans())
def test_what_a_condition_leaves_open_is_known_once_it_is_answered(one, two, answer):
    text = f"X = {one}\nif wanted:\n    X = {two}\n"
    expected = value(f"X = {two if answer else one}\n")

    assert value(text) is NOT_KNOWN
    found = value(text, answers={"wanted": answer})
    assert found is NOT_KNOWN if expected is NOT_KNOWN else same(found, expected)


@given(st.lists(expressions, min_size=1, max_size=3))
def test_a_function_gives_what_its_body_gives(items):
    whole = f"[{', '.join(items)}]"
    body = f"def f(a, b=1, *c, d, **e):\n    r = a\n    return r\nX = f({whole}, d=2)\n"

    found, expected = value(body), value(f"X = {whole}\n")
    assert found is NOT_KNOWN if expected is NOT_KNOWN else same(found, expected)


DATACLASS = """
from dataclasses import dataclass
@dataclass
class A:
    n: int
    m: int = 2
X = [A(1).n, A(1).m]
"""
DERIVED = """
class A:
    n = 2
class B(A):
    def m(self):
        return self.n
X = B().m()
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X = []\nfor n in range(3):\n    if n == 1:\n        continue\n    X.append(n)", [0, 2]),
        ("X = 0\nfor n in [1, 2, 3]:\n    if n == 3:\n        break\n    X += n", 3),
        ("for n in []:\n    X = 1\nelse:\n    X = 2", 2),
        ("def f(n):\n    if n > 1:\n        return 'a'\n    return 'b'\nX = f(2) + f(0)", "ab"),
        ("def f():\n    global X\n    X = 2\nX = 1\nf()", 2),
        ("def f(*a, **k):\n    return [a, k]\nX = f(1, b=2)", [(1,), {"b": 2}]),
        ("a = {'x': 1}\na['y'] = 2\na.update(z=3)\nX = {**a, 'x': 0}", {"x": 0, "y": 2, "z": 3}),
        ("a, (b, c) = 1, (2, 3)\nX = [*[a], b, c]", [1, 2, 3]),
        (DERIVED, 2),
        ("class A:\n    def __init__(self, n=1):\n        self.n = n\nX = A(n=3).n", 3),
        ("class A:\n    @property\n    def n(self):\n        return 4\nX = A().n", 4),
        (DATACLASS, [1, 2]),
        ("from enum import Enum\nclass A(Enum):\n    B = 'b'\nX = A.B.value", "b"),
        ("X = 'x' if (n := 2) > 1 else 'y'", "x"),
        ("try:\n    X = 1\nexcept ValueError:\n    raise\nfinally:\n    Y = 2", 1),
        ("X = ' '.join(s.upper() for s in ('a', 'b'))", "A B"),
        ("X = [i * j for i in (1, 2) for j in (3, 4) if i != j]", [3, 4, 6, 8]),
        ("X = '{n:02d}/{s!r:>4}'.format(n=3, s='a')", "03/ 'a'"),
        ("X = f'{3:03d}{\"a\"!r}'", "003'a'"),
        ("X = '100%% of %d' % 3", "100% of 3"),
        ("import os\nX = os.path.join('a', 'b')", "a/b"),
        ("X = [1, 2, 3][0:2] + list('ab'[1:])", [1, 2, "b"]),
        ("X = list(zip([1], ['a'])) + list(enumerate('b'))", [(1, "a"), (0, "b")]),
        ("X = sorted([3, 1, 2]) + list(reversed((1, 2)))", [1, 2, 3, 2, 1]),
        ("X = list(map(lambda n: n + 1, filter(None, [0, 1])))", [2]),
        ("a = {'x': 1}\nX = [a.pop('x'), a.setdefault('y', 2), a.get('z', 3), len(a)]",
         [1, 2, 3, 1]),
        ("a = {'x': 1}\nX = [list(a), list(a.values()), dict(a.items()), dict([('k', 1)])]",
         [["x"], [1], {"x": 1}, {"k": 1}]),
        ("X = [1, 2]\nX.insert(0, 0)\nX.extend([3])\nX = X + [X.index(3), X.count(1)]",
         [0, 1, 2, 3, 3, 1]),
        ("X = ['b' in {'a': 1}, 1 not in (1,), None is None, 2 is not None, 1 < 2 < 3]",
         [False, False, True, True, True]),
        ("import copy, typing as t\nX = [copy.copy(1), t.cast(int, 2), getattr('A', 'lower')()]",
         [1, 2, "a"]),
        ("class A:\n    @staticmethod\n    def f(n):\n        return n\nX = A().f(2)", 2),
        ("X = {**{'a': 1}} | {'b': 2}", {"a": 1, "b": 2}),
        ("def f():\n    try:\n        return 1\n    finally:\n        pass\nX = f()", 1),
        ("X = 'abc'[1] + 'abc'[::-1]", "bcba"),
        ("X = '{0}{1}{0}{{}}'.format('a', 'b')", "aba{}"),
        ("X = [1]\nX.remove(1)", NOT_KNOWN),
        ("X = [2, 1]\nX.sort()", NOT_KNOWN),
        ("X = {'a': 1}\nX.clear()", NOT_KNOWN),
        ("X = [1]\nif wanted:\n    X.insert(0, 2)", NOT_KNOWN),
        ("X = {'a': 1}\nif wanted:\n    X.pop('a')", NOT_KNOWN),
        ("X = [1]\nX.extend(more)", NOT_KNOWN),
        ("a = {'x': 1}\ndel a['x']\nX = 'x' in a", False),
        ("a, *b = [1, 2]\nX = a if not b else 1", NOT_KNOWN),
        ("match 1:\n    case 1:\n        X = 2", 2),
        ("match 1:\n    case 0:\n        X = 2\n    case 1 | 3:\n        X = 3", 3),
        ("match 1:\n    case 0:\n        X = 2\n    case _:\n        X = 4", 4),
        ("match None:\n    case None if wanted:\n        X = 1\n    case _:\n        X = 2",
         NOT_KNOWN),
        ("match 5:\n    case n:\n        X = n", 5),
        ("match x:\n    case [a, *_]:\n        X = 1\n    case _:\n        X = 3", NOT_KNOWN),
        ("while True:\n    X = 1\n    break", 1),
        ("X = 0\nwhile more():\n    X += 1", NOT_KNOWN),
        ("n = 0\nwhile more():\n    X = n\n    n = n + 1", NOT_KNOWN),
        ("n = 0\nfor _ in more():\n    n += 1\nX = n", NOT_KNOWN),
        ("n = 0 if a else 1\nfor _ in more():\n    n += 1\nX = n", NOT_KNOWN),
        ("n = 0\nfor _ in (1, 2):\n    n += 1\nX = n", 2),
        ("async def f():\n    return 1\nasync def g():\n    global X\n    X = await f()\ng()", 1),
    ],
)  # fmt: skip
def test_statements_do_what_python_does(text, expected):
    found = value(text + "\n")

    assert found is expected or same(found, expected)


@pytest.mark.parametrize(
    "text",
    [
        "X = 'a' * 10**9",
        "X = 10 ** 10 ** 10",
        "X = 1 << 10**9",
        "X = f'{1:1000000000}'",
        "X = '%1000000000d' % 1",
        "X = '{:>1000000000}'.format(1)",
        "X = 'a'.ljust(10**9)",
        "X = list(range(10**9))",
        "X = 'ab'.replace('', 'x' * 10**6).replace('x', 'y' * 10**6)",
        "X = [0] * 10**9",
        "X = '-'.join(['a' * 1000] * 10000)",
        "X = 1\nfor n in range(200):\n    X = X * 10**50",
        "X = 'x'\nfor n in range(100):\n    X = X + X",
        "X = []\nfor n in range(100):\n    X = X + X + [n]",
        "def f(n):\n    return f(n - 1)\nX = f(10**6)",
        "X = [[[x for x in range(99)] for y in range(99)] for z in range(99)]",
        "X = 0\nfor n in items:\n    if n > X:\n        X = n\n    if n < X:\n        X = -n\n"
        * 30,
        "X = 0\nfor n in range(200):\n    if a[n] > X:\n        X = X + a[n]\n",
    ],
)
def test_what_would_take_long_or_become_large_is_given_up(text):
    document = decode("a.py", text.encode())
    program = Program(document, Texts({"a.py": document}), AzureSdk())
    try:
        program.run(parse(document).body)
    except OverLimit:
        return

    thing = program.scope.names["X"]
    try:
        assert len(repr(plain(thing))) < 2_000_000
    except NotWorkedOut:
        assert program.course.steps < 60_000


def test_steps_grow_with_the_text():
    def steps(count):
        line = "config = make(a=1, b=f'{x}', c=[n for n in (1, 2)])\nif config.a:\n    x = x + 1\n"
        return followed("x = 0\n" + line * count).course.steps

    assert steps(40) < 4.5 * steps(10)


def test_every_kind_of_expression_and_statement_is_followed():
    text = """
async def f(a, /, b=1, *c, d: int = 2, **e):
    async with a as x, b: pass
    async for i in a: yield i
    await a
    nonlocal_ = [*c, {**e}, a[1:2:3], a[..., 1], not a, ~b, a @ b, 1j, b"x", ...]
    return await a
@f
class A(B, metaclass=C):
    x: int
    y: str = "a"
    def m(self): return super().m()
lambda *a, **k: (yield)
del a.b, c[0]
assert a, "b"
if a: raise E from e
for a.b, c[0] in d: break
else: continue_ = 1
while a: continue
with a as (b, c): pass
try: pass
except* E as e: pass
import a.b.c, d as e
from . import f
from .g import *
from h import (i, j as k)
global_ = a if b else c
a = b = c
a += 1
a: int
x = {1, 2}
x = {a for a in b}
x = a < b < c in d
match a:
    case [1, *_] | {"k": v, **rest} | P(x=1) if a: pass
    case _: pass
print(f"{a!r:>{w}}", *b, **c)
type_ = a.b.c.d(1)(2)[3]
"""
    document = decode("a.py", text.encode())

    assert {type(s) for s in ast.parse(text).body} >= {ast.Match, ast.TryStar, ast.Delete}
    program = Program(document, Texts({"a.py": document}), AzureSdk())
    program.run(parse(document).body)
    assert program.scope.names["type_"] is not None
