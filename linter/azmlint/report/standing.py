"""The path that stands for what is deployed, where a format knows files only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from azmlint.location import Document

SNAPSHOTS: Final = ".azmlint/snapshots"
"""The folder, of no repository, in which what is deployed is said to stand."""


def standing_path(document: Document) -> str:
    """Give a file's path, relative to the project root; of what is deployed one made of its id."""
    return path_of_deployed(document.path) if document.is_deployed else document.path


def path_of_deployed(resource_id: str) -> str:
    """Give the path that stands for a deployed resource."""
    return f"{SNAPSHOTS}/{resource_id.strip('/')}.json"
