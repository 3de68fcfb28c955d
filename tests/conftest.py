"""Options and fixtures that all tests share."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# The suite is the same every time; HYPOTHESIS_PROFILE=search looks further.
settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
settings.register_profile("search", max_examples=5_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


def pytest_addoption(parser):
    parser.addoption("--update", action="store_true", help="rewrite expected files")


def pytest_collection_modifyitems(items):
    if os.name == "posix":
        return
    for item in items:
        if item.get_closest_marker("posix") is not None:
            item.add_marker(pytest.mark.skip(reason="needs pipes, links or shell scripts"))
