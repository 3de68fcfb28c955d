"""Every error azmlint reports, each with the exit code it leads to."""

from __future__ import annotations

from typing import ClassVar


class AzmlintError(Exception):
    """Something a person has to act on, said in one line."""

    exit_code: ClassVar[int] = 3


class ConfigError(AzmlintError):
    """The configuration or the command line is wrong; the user's turn."""

    exit_code = 2


class SourceError(AzmlintError):
    """An input cannot be read; the turn of whoever owns the input or the disk."""


class LiveError(AzmlintError):
    """Azure or the network did not answer as needed."""


class PackError(AzmlintError):
    """A rule pack is broken; its author's turn."""


class HistoryError(AzmlintError):
    """The history of audits cannot be read or written; the turn of whoever owns its database."""


class NotifyError(AzmlintError):
    """Others could not be told what changed; the turn of whoever owns the webhook."""
