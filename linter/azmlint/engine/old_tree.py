"""The tree of an earlier commit, laid out for as long as it is judged."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.engine.git import GitError, git
from azmlint.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LARGEST: Final = 20_000_000
"""Bytes; of larger files nothing is read."""

_BATCH: Final = 64_000_000
"""How many bytes are asked of git at once."""

_LINK, _MODULE = "120000", "160000"


class OldTree(NamedTuple):
    """Files as they were, and what they are called now."""

    root: Path
    """Stands for the project root."""

    commit: str
    paths: tuple[str, ...]
    """Relative to the root, with `/`."""

    renamed: Mapping[str, str]
    """The path that a file has now, by the one that it had."""


class _Blob(NamedTuple):
    path: str
    mode: str
    name: str
    """Its hash."""

    size: int


@contextlib.contextmanager
def old_tree(root: Path, revision: str) -> Iterator[OldTree]:
    """Lay out the project as it was where its history and that of a revision part.

    Of the repository only objects are read: nothing is checked out, no filter or hook is run and
    nothing is fetched. Raises ConfigError when the revision, or what it takes, is not there.
    """
    try:
        if revision.startswith("-"):
            message = f"--diff-base: '{revision}' is no revision"
            raise ConfigError(message)
        commit = _parting(root, revision)
        blobs = list(_blobs(root, commit))
        renamed = _renamed(root, commit)
        with tempfile.TemporaryDirectory(prefix="azmlint-") as folder:
            place = Path(os.path.realpath(folder))
            _lay_out(root, blobs, place)
            paths = tuple(b.path for b in blobs if b.mode != _MODULE)
            yield OldTree(place, commit, paths, renamed)
    except GitError as error:
        message = f"--diff-base {revision}: {error}"
        raise ConfigError(message) from None


def _parting(root: Path, revision: str) -> str:
    asked = f"{revision}^{{commit}}"
    try:
        named = git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", asked)
    except GitError as error:
        message = "there is no such commit here" if error.is_silent else str(error)
        raise GitError(message) from None
    commit = named.decode().split()[-1]
    try:
        return git(root, "merge-base", "HEAD", commit).decode().split()[0]
    except GitError:
        message = (
            f"HEAD and {revision} share no commit here; in a shallow clone, fetch the whole history"
        )
        raise GitError(message) from None


def _blobs(root: Path, commit: str) -> Iterator[_Blob]:
    for entry in git(root, "ls-tree", "-r", "-l", "-z", commit).split(b"\0"):
        if entry:
            facts, _, raw = entry.partition(b"\t")
            mode, _, name, size = facts.decode().split()
            path = os.fsdecode(raw)
            # Git itself refuses such paths; what is written here must not rest on that.
            if not any(part in {"", ".", ".."} for part in path.split("/")):
                yield _Blob(path, mode, name, int(size) if size != "-" else 0)


def _renamed(root: Path, commit: str) -> dict[str, str]:
    what = ("--find-renames", "--diff-filter=R", "--name-status", "-z", "--relative")
    told = git(root, "diff", *what, "--no-ext-diff", "--no-textconv", commit)
    words = [os.fsdecode(word) for word in told.split(b"\0")]
    return {words[i + 1]: words[i + 2] for i in range(0, len(words) - 2, 3)}


def _lay_out(root: Path, blobs: list[_Blob], place: Path) -> None:
    batch: list[_Blob] = []
    size = 0
    for blob in blobs:
        if blob.mode == _MODULE or blob.size > _LARGEST:
            continue
        batch.append(blob)
        size += blob.size
        if size > _BATCH:
            _write(root, batch, place)
            batch, size = [], 0
    _write(root, batch, place)


def _write(root: Path, batch: list[_Blob], place: Path) -> None:
    if not batch:
        return
    asked = "".join(f"{blob.name}\n" for blob in batch).encode()
    told = git(root, "cat-file", "--batch", given=asked)
    at = 0
    for blob in batch:
        head = told.index(b"\n", at)
        words = told[at:head].split()
        if len(words) != 3:  # noqa: PLR2004  # hash, type, size
            message = f"{blob.path} is not here as it was; a partial clone has to be completed"
            raise GitError(message)
        start, end = head + 1, head + 1 + int(words[2])
        at = end + 1
        # What this system cannot hold, it could not hold in the work tree either.
        with contextlib.suppress(OSError):
            _put(place, blob, told[start:end])


def _put(place: Path, blob: _Blob, raw: bytes) -> None:
    target = place / blob.path
    target.parent.mkdir(parents=True, exist_ok=True)
    if os.path.commonpath([os.path.realpath(target.parent), place]) != str(place):
        return
    if blob.mode != _LINK:
        target.write_bytes(raw)
        return
    aim = os.path.normpath(target.parent / os.fsdecode(raw))
    if os.path.commonpath([aim, place]) == str(place):
        target.symlink_to(os.fsdecode(raw))
