import re
import subprocess
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from azmlint.path_pattern import PathPatterns


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.json", "a/b/main.json", True),
        ("/main.json", "main.json", True),
        ("/main.json", "a/main.json", False),
        ("infra/*.json", "infra/main.json", True),
        ("infra/*.json", "infra/a/main.json", False),
        ("infra/**", "infra/a/main.json", True),
        ("infra/**", "infra", False),
        ("infra/**/", "infra/a/main.json", True),
        ("infra/**/", "infra/main.json", False),
        (r"infra\/*.json", "infra/main.json", True),
        ("infra", "infra/a/main.json", True),
        ("infra/", "infra", False),
        ("infra/", "infra/main.json", True),
        ("**/prod/*.yml", "a/b/prod/x.yml", True),
        ("**/prod/*.yml", "prod/x.yml", True),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("a/**/z", "ab/z", False),
        ("./infra/*", "infra/main.json", True),
        (".", "anything/at/all", True),
        ("**", "anything/at/all", True),
        ("x?.yml", "x1.yml", True),
        ("x?.yml", "x/.yml", False),
        ("x[0-9].yml", "x7.yml", True),
        ("x[!0-9].yml", "x7.yml", False),
        ("x[.yml", "x[.yml", True),
        (r"x\*.yml", "x*.yml", True),
        (r"x\*.yml", "xy.yml", False),
        ("main.js", "main.json", False),
        ("a*b*c", "aXbYc", True),
        ("a*b*c", "aXbYcZ", False),
        ("", "x", False),
    ],
)
def test_a_pattern_means_what_gitignore_says(pattern, path, expected):
    patterns = PathPatterns([pattern])

    assert patterns.match(path) is expected


def test_the_last_pattern_that_matches_decides():
    patterns = PathPatterns(["*.json", "!keep.json", "# comment", ""])

    assert patterns.match("a.json")
    assert not patterns.match("keep.json")
    assert patterns.verdict("a.yml") is None


def test_a_hostile_pattern_takes_no_time():
    patterns = PathPatterns(["*a" * 60 + "b", "**/a/" * 60 + "b"])
    began = time.perf_counter()

    patterns.match("/".join(["a" * 200] * 20))
    patterns.match("/".join(["a"] * 500))

    assert time.perf_counter() - began < 1


_NAMES = st.text("ab.*[]!?", min_size=1, max_size=5).filter(lambda t: t not in {".", ".."})


@settings(max_examples=40, deadline=None)
@given(
    st.lists(_NAMES | st.just("**"), min_size=1, max_size=3).map("/".join),
    st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=3).map("/".join),
)
def test_git_agrees(tmp_path_factory, pattern, path):
    # A set of characters that reaches over a slash means something to git, and to nobody else.
    assume(re.search(r"\[[!^]?\]?[^\]]*/", pattern) is None)
    root = tmp_path_factory.mktemp("git")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    (root / ".gitignore").write_text(pattern + "\n")

    ours = PathPatterns([pattern]).match(path)

    done = subprocess.run(["git", "check-ignore", "-q", "--no-index", path], cwd=root, check=False)
    assert ours is (done.returncode == 0)
