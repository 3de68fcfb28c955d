"""Bytes as documents: encodings, line ends, and places counted in characters."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.sources import load
from azmlint.sources.document import SyntaxProblem, decode, line_end, line_ending
from azmlint.sources.texts import Texts

YAML = "# é 😀\nname: 😀é\ntype: amlcompute\ntags: {'😀': a, b: c}\nsize: s # 😀\n"
JSON = (
    '{ // 😀\n"$schema": "x/deploymentTemplate.json#",\n"resources": [{"x": "😀é", "type": '
    '"Microsoft.MachineLearningServices/workspaces", "name": "ws"}]}\n'
)


@pytest.mark.parametrize(
    ("raw", "encoding", "text"),
    [
        (b"", "utf-8", ""),
        ("é😀".encode(), "utf-8", "é😀"),
        (codecs.BOM_UTF8 + "é".encode(), "utf-8", "é"),
        (codecs.BOM_UTF16_LE + "é😀".encode("utf-16-le"), "utf-16-le", "é😀"),
        (codecs.BOM_UTF16_BE + "é😀".encode("utf-16-be"), "utf-16-be", "é😀"),
        (b"caf\xe9", "latin-1", "café"),
        (codecs.BOM_UTF16_LE + b"a", "latin-1", "ÿþa"),
        (codecs.BOM_UTF8 + b"\xff", "latin-1", "\xef\xbb\xbf\xff"),
    ],
)
def test_bytes_are_read_and_written_back(raw, encoding, text):
    document = decode("a.yml", raw)

    assert (document.encoding, document.text) == (encoding, text)
    assert document.encoded(document.text) == raw


@given(st.binary(max_size=40), st.sampled_from([b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE]))
def test_any_bytes_are_written_back_as_they_were(raw, bom):
    document = decode("a.yml", bom + raw)

    assert document.encoded(document.text) == bom + raw


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("path", "text", "line", "word"), [("a.yml", YAML, 2, "😀é"), ("a.json", JSON, 3, '"ws"')]
)
def test_places_count_lines_and_characters(newline, codec, path, text, line, word):
    document = decode(path, text.replace("\n", newline).encode(codec))
    reading = load.read(document, Texts({path: document}))
    grip = reading.resources[0].grip

    assert grip.text == word
    assert document.position(grip.start) == (line, text.split("\n")[line - 1].index(word) + 1)


def test_a_tab_is_one_character():
    resource = '{"type":\t"Microsoft.Authorization/locks", "name":\t"l"}'
    text = f'{{\t"resources":\t[{resource}],\t"contentVersion": ""}}'
    document = decode("a.json", text.encode())
    (lock,) = load.read(document, Texts({"a.json": document})).resources

    assert document.position(lock.grip.start) == (1, text.index('"l"') + 1)


def test_lines_are_given_without_their_ends():
    document = decode("a.yml", b"one\r\ntwo\rthree\n\nfive")

    assert [document.line(n) for n in range(1, document.line_count + 1)] == [
        *("one", "two", "three", "", "five"),
    ]
    assert [document.line_start(n) for n in (1, 2, 3)] == [0, 5, 9]


@given(st.text("ab\r\n😀", max_size=12))
def test_every_offset_has_one_place(text):
    document = decode("a.yml", text.encode())

    for offset in range(len(text) + 1):
        line, column = document.position(offset)
        assert document.line_start(line) + column - 1 == offset


@pytest.mark.parametrize(
    ("text", "offset", "end"),
    [("ab\ncd", 0, 2), ("ab\r\ncd", 1, 2), ("ab\rcd", 2, 2), ("ab", 1, 2), ("", 0, 0)],
)
def test_a_line_ends_before_its_line_ending(text, offset, end):
    assert line_end(text, offset) == end


def test_a_text_has_the_line_ending_of_its_first_line():
    assert [line_ending(t) for t in ("a\r\nb\n", "a\rb", "a\nb\r\n", "a", "")] == [
        *("\r\n", "\r", "\n", "\n", "\n"),
    ]


@pytest.mark.parametrize(("offset", "extent"), [(0, (0, 1)), (1, (1, 2)), (9, (2, 2))])
def test_a_problem_lies_inside_its_text(offset, extent):
    problem = SyntaxProblem("x", offset).of(decode("a.yml", b"ab"))

    assert (problem.start, problem.end, problem.rule) == (*extent, "syntax-error")


@pytest.mark.parametrize("path", ["a.yml", "A.YAML", "a.json", "a.jsonc"])
def test_broken_text_is_a_problem_of_its_own_language(path):
    document = decode(path, b'{"a": ')
    reading = load.read(document, Texts({path: document}))

    assert [p.rule for p in reading.problems] == ["syntax-error"]


def test_a_file_of_no_language_is_not_read():
    document = decode("a.txt", b'{"a": ')

    assert load.read(document, Texts({})).problems == []
