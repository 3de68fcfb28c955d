"""Each promise of SECURITY.md is held by tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (?!---|promise)(.+?) \| (.+?) \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("promise", "tests"), ROWS, ids=lambda text: text[:40])
def test_a_promise_is_held(promise, tests):
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", tests)

    assert named
    for path, name in named:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert not name or f"\ndef {name}(" in text, name


def test_there_are_promises():
    assert len(ROWS) > 8
