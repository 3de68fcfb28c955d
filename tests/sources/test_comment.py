"""Finding comments in texts."""

from __future__ import annotations

import pytest

from azmlint.location import Document
from azmlint.sources.comment import comments


def found(path, text):
    document = Document(path, text)
    return [(text[c.start : c.end], c.is_alone) for c in comments(document)]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.yml", "# one\na: 1 # two\n", [("# one", True), ("# two", False)]),
        ("a.yml", "a: b#c\nd: 'x # y'\ne: \"x # y\"\n", []),
        ("a.yml", "a: 'one\n  # two'\n", []),
        ("a.yml", "a: | # one\n  # two\n# three\n", [("# one", False), ("# three", True)]),
        ("a.yml", "é: 1 # ü\r\n", [("# ü", False)]),
        ("a.yml", "a: {b: 1, # one\n  # two\n  c: 2}\n", [("# one", False), ("# two", True)]),
        ("a.yml", "a: {{ hole }} # one\nb: '# two'\n", [("# one", False)]),
        ("a.yml", "a: '# one'\nb: [ # two\n", [("# two", False)]),
        ("a.json", '{"a": "// one", // two\n/* three */ "b": 1}', ["// two", "/* three */"]),
        ("a.json", '{"a": "one\n // two"}', []),
        ("a.json", "{\n/* one\ntwo */\n}", [("/* one\ntwo */", True)]),
        ("a.json", "{} /* never closed", ["/* never closed"]),
        ("a.json", "{} // '", ["// '"]),
        ("main.tf", 'a = "http://x" # one\n// two\n', ["# one", "// two"]),
        ("main.bicep", "param a string = 'http://x' // one\n", ["// one"]),
        ("deploy.sh", "echo '# one' \"# two\" $# # three\n", ["# three"]),
    ],
)
def test_comments_are_told_from_texts(path, text, expected):
    pairs = found(path, text)

    assert pairs == expected or [comment for comment, _ in pairs] == expected


def test_comments_on_one_long_line_are_alone_only_with_nothing_beside_them():
    assert found("a.json", "/* a */ /* b */\n\t/* c */ \r{}/* d */") == [
        ("/* a */", False),
        ("/* b */", False),
        ("/* c */", True),
        ("/* d */", False),
    ]
