"""Options and fixtures that all tests share."""

from __future__ import annotations


def pytest_addoption(parser):
    parser.addoption("--update", action="store_true", help="rewrite expected files")
