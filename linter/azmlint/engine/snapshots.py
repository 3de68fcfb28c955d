"""Snapshots on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.config import content
from azmlint.errors import ConfigError, SourceError
from azmlint.sources import snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from azmlint.sources.snapshot import Snapshot


def load(paths: Sequence[Path]) -> Snapshot:
    """Read snapshots and join them.

    Raises ConfigError for a path that does not exist, SourceError for what is no snapshot.
    """
    found = []
    for path in paths:
        try:
            raw = content(path, snapshot.SIZE_LIMIT)
        except FileNotFoundError:
            message = f"{path}: there is no such file"
            raise ConfigError(message) from None
        except OSError as error:
            message = f"{path} cannot be read: {error.strerror or error}"
            raise SourceError(message) from None
        found.append(snapshot.read(raw, str(path)))
    return found[0] if len(found) == 1 else snapshot.merge(found)


def packed(text: str, path: Path) -> bytes:
    """Encode a snapshot for `path`: packed when its name ends in `.gz`, always the same bytes."""
    raw = text.encode("utf-8", "surrogatepass")
    if path.suffix.lower() != ".gz":
        return raw
    import gzip  # noqa: PLC0415  # few snapshots are packed

    return gzip.compress(raw, 9, mtime=0)
