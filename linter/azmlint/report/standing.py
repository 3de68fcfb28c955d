"""The path that stands for what is deployed, where a format knows files only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from azmlint.location import Document

SNAPSHOTS: Final = ".azmlint/snapshots"
"""The folder, of no repository, in which what is deployed is said to stand."""


def standing_path(document: Document) -> str:
    """Give a file's path, relative to the project root; of what is deployed one made of its id."""
    if not document.is_deployed:
        return document.path
    return f"{SNAPSHOTS}/{document.path.strip('/')}.json"
