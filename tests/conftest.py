"""Options and fixtures that all tests share."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser):
    parser.addoption("--update", action="store_true", help="rewrite expected files")


def pytest_collection_modifyitems(items):
    if os.name == "posix":
        return
    for item in items:
        if item.get_closest_marker("posix") is not None:
            item.add_marker(pytest.mark.skip(reason="needs pipes, links or shell scripts"))
