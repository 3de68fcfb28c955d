"""Options and fixtures that all tests share."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

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


@pytest.fixture(scope="session")
def oracles():
    """Give the folder that `.ci/oracles` filled: npm packages, schemas."""
    folder = os.environ.get("AZMLINT_ORACLES")
    if not folder:
        pytest.skip("AZMLINT_ORACLES names no folder: run .ci/oracles FOLDER")
    return Path(folder)


@pytest.fixture(scope="session")
def npm_package(oracles):
    """Find an npm package that `.ci/oracles` installed."""

    def find(name):
        package = oracles / "node_modules" / name
        if not package.is_dir():
            pytest.skip(f"the npm package {name} is not installed")
        return package

    return find


@pytest.fixture(scope="session")
def program():
    """Find a program of the machine."""

    def find(*names):
        path = next((p for p in map(shutil.which, names) if p is not None), None)
        if path is None:
            pytest.skip(f"{' or '.join(names)} is not installed")
        return path

    return find
