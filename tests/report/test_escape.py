"""Names from outside do nothing to a terminal, a reader or a pipeline."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.report.escape import printable, visible

ANYTHING = st.text(st.characters(), max_size=60)
COMMANDS = st.lists(st.sampled_from(["#", "[", ":", "vso[", "VSO[", " ", "\t", "a"])).map("".join)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 'name' (1)", "plain 'name' (1)"),
        ("東京 é", "東京 é"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\r\nb\x00", r"a\x0d\x0ab\x00"),
        ("\u202egpj", r"\u202egpj"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("\ufeff", r"\ufeff"),
        ("\udcff", r"\udcff"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_cannot_be_seen_is_shown(text, shown):
    assert visible(text) == shown
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", ": :error::x"),
        ("  ::set-output name=a::b", "  : :set-output name=a::b"),
        ("a ##vso[task.complete]", "a # #vso[task.complete]"),
        ("##VSO[task.complete]", "# #VSO[task.complete]"),
        ("##[error]", "# #[error]"),
        ("a::b", "a::b"),
        ("## heading", "## heading"),
    ],
)
def test_commands_of_pipelines_lose_their_effect(text, shown):
    assert printable(text) == shown


@given(ANYTHING)
def test_nothing_that_moves_a_cursor_is_left(text):
    shown = printable(text)

    assert not any(c < " " or "\x7f" <= c < "\xa0" for c in shown)
    assert shown.encode("utf-8").decode("utf-8") == shown


@given(COMMANDS)
def test_no_command_is_left(text):
    shown = printable(text).lower()

    assert "##[" not in shown
    assert "##vso[" not in shown
    assert not shown.lstrip().startswith("::")
