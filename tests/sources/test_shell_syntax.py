"""Words are split as bash splits them, and what is no command is none."""

from __future__ import annotations

import shlex
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.sources.shell_syntax import parse, split
from azmlint.sources.shell_tree import Case, For, Function, Group, If, Loop, Simple, Substitution


def commands(statements):
    """List the first words of all commands, wherever they stand."""
    found = []
    for statement in statements:
        if isinstance(statement, Simple):
            found += [statement.words[0].literal] if statement.words else []
            for word in statement.words:
                for piece in word.pieces:
                    if isinstance(piece, Substitution):
                        found += commands(piece.body)
        elif isinstance(statement, If):
            inner = (*statement.condition, *statement.then, *statement.otherwise)
            found += commands(inner)
        elif isinstance(statement, Case):
            found += [c for _, body in statement.arms for c in commands(body)]
        elif isinstance(statement, Loop):
            found += commands((*statement.condition, *statement.body))
        elif isinstance(statement, (For, Function, Group)):
            found += commands(statement.body)
    return found


def literals(text):
    return [word.literal for word in split(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a b  c", ["a", "b", "c"]),
        ("a \\\n  b", ["a", "b"]),
        ("a\\\r\n b", ["a", "b"]),
        ("a 'b c' \"d e\"", ["a", "b c", "d e"]),
        ("a''b \"\"", ["ab", ""]),
        ('a\\ b \\$x "\\$y \\z"', ["a b", "$x", "$y \\z"]),
        ("a=b --c=d", ["a=b", "--c=d"]),
        ("$'a\\tb' $'\\x41'", ["a\tb", "A"]),
        ("a#b", ["a#b"]),
        ("{a} @x % ^", ["{a}", "@x", "%", "^"]),
    ],
)
def test_words_are_without_their_quotes(text, words):
    assert literals(text) == words


def test_words_stand_where_they_are_written():
    text = "az  ml 'a b' --x=\"$Y\" \\\n  z"

    assert [text[w.start : w.end] for w in split(text)] == [
        "az", "ml", "'a b'", '--x="$Y"', "z",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a; b && c || d | e & f", ["a", "b", "c", "d", "e", "f"]),
        ("if a; then b; elif c; then d; else e; fi; f", ["a", "b", "c", "d", "e", "f"]),
        ("for x in 1 2; do a; done\nwhile b; do c; done; until d\ndo e; done", list("abcde")),
        ("for ((i=0;i<3;i++)); do a; done", ["a"]),
        ("case $x in (a|b) c ;; *) d;& esac; e", ["c", "d", "e"]),
        ("f() { a; }; function g { b; }; h() ( c )", ["a", "b", "c"]),
        ("(a; b) > x; { c; } 2>&1", ["a", "b", "c"]),
        ("x=1 y=2 a b", ["a"]),
        ("# a\nb # c\nd", ["b", "d"]),
        ('a $(b "$(c)") `d`', ["a", "b", "c", "d"]),
        ("cat <<EOF\naz ml\nEOF\nb", ["cat", "b"]),
        ("cat <<-'X' && b\n\taz\n\tX\nc", ["cat", "b", "c"]),
        ("cat <<A <<B\n1\nA\n2\nB\nc", ["cat", "c"]),
        ("a <<< 'b c' > d", ["a"]),
        ("[[ $a == b* && ( -n c ) ]] && d", ["[[", "d"]),
        ("((x++)); a $((1 + (2 * 3)))", ["((", "a"]),
        ("a <(b) >(c)", ["a", "b", "c"]),
        ("a=(1 2 3); b", ["b"]),
        ("declare -a x=(1 2); b", ["declare", "b"]),
        ("! a | b; time c", ["a", "b", "c"]),
        ("a ${x:-${y:-'z}'}} b; c", ["a", "c"]),
        ("echo done; a", ["echo", "a"]),
        ("a -g <my-group> --x <NAME>", ["a"]),
        ("a ${{ secrets.X }} b; c", ["a", "c"]),
    ],
)
def test_commands_are_found_wherever_they_stand(text, names):
    script = parse(text)

    assert commands(script.statements) == names
    assert script.faults == ()


@pytest.mark.parametrize(
    ("text", "start"),
    [("a 'b", 2), ('a; b "c', 5), ("a $(b", 3), ("a `b", 2), ("x=(a", 2), ("a ${b", 2)],
)
def test_what_is_not_closed_is_refused_where_it_opens(text, start):
    (fault,) = parse(text).faults

    assert (fault.start, fault.is_invalid) == (start, True)


@pytest.mark.parametrize("text", ["if a; then b", "a )", "for x in a; b", "case x y", "}", "fi; a"])
def test_what_is_only_not_followed_is_no_error(text):
    faults = parse(text).faults

    assert faults
    assert not any(f.is_invalid for f in faults)


def test_deep_nesting_ends():
    assert parse("$(" * 5_000).faults
    assert parse("(" * 5_000).faults
    assert parse("`" * 5_001).faults
    assert parse("${x:-" * 3_000) is not None


_PIECES = st.lists(
    st.one_of(
        st.text("abcXYZ019_./:=-+@%,", min_size=1, max_size=4),
        st.text('ab c"$`\\#;&|*', max_size=5).map(lambda t: f"'{t}'"),
        st.text("ab c'#;&|*<>()", max_size=5).map(lambda t: f'"{t}"'),
        st.sampled_from(['"\\""', '"\\\\"', '"a\\b"', "\\ ", "\\'", '\\"', "\\$", "\\#", "\\\n"]),
        st.sampled_from(["$'\\n'", "$'a\\'b'", '"\\$x"', "\\a", "''", '""']),
    ),
    min_size=1,
    max_size=5,
).map("".join)


@pytest.mark.posix
@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_words_are_those_of_bash():
    lines = []

    @given(st.lists(_PIECES, max_size=4).map(" ".join))
    def collect(line):
        lines.append(line)

    collect()
    # One shell for all lines: each is printed with a mark behind it.
    script = "\n".join(f"printf '%s\\0' x {line}\nprintf '\\1\\0'" for line in lines)
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=True, timeout=60)
    groups = done.stdout.decode().split("\1\0")[:-1]
    expected = [group.split("\0")[1:-1] for group in groups]

    assert [literals(f"x {line}")[1:] for line in lines] == expected


@given(st.lists(st.text("abc .'\"\\$#&", max_size=6), max_size=5))
def test_what_shlex_quotes_is_read_back(words):
    assert literals(shlex.join(words)) == words


@given(st.text("ab \n'\"\\$(){}[]`<>;&|#=!*", max_size=40))
def test_any_text_is_read_to_its_end(text):
    script = parse(text)

    assert all(0 <= f.start <= len(text) for f in script.faults)
