"""Asking git about a repository; nothing that a repository names is started."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class GitError(Exception):
    """Git is not there, or refuses; the message is its own first line."""

    is_silent = False
    """Whether git gave no message."""


def environment() -> dict[str, str]:
    """Give an environment in which git looks at the folder and at nothing that a hook has set."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return kept | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}


def git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    """Run git in a folder and give what it writes; raises GitError."""
    # NOTE: a repository can name a program as its file system monitor; a linter never starts it.
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", *arguments]
    try:
        done = subprocess.run(  # noqa: S603  # no shell, and names come after `--`
            command, cwd=folder, env=environment(), input=given, capture_output=True, check=False
        )
    except OSError as error:
        raise GitError(error.strerror or str(error)) from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        refused = GitError(
            said[0].removeprefix("fatal: ") if said else f"git {arguments[0]} failed"
        )
        refused.is_silent = not said
        raise refused
    return done.stdout
