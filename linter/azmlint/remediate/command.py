"""What an az command does, as far as a plan has to know."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from azmlint.finding import Step

_BLANK: Final = re.compile(r"<[a-z][a-z0-9 .-]*>")
"""A piece that the reader has to fill in."""

_UPDATES: Final = (
    ("az", "ml", "compute", "update"),
    ("az", "ml", "workspace", "update"),
    ("az", "acr", "update"),
)
"""Commands that set several properties at once."""

_NAMING: Final = frozenset({"--name", "--resource-group", "--workspace-name", "--subscription"})
"""Options that say what is changed, not how."""


class Phase(IntEnum):
    """When a step is due: what is free to change comes before what changes it."""

    FREE = 1
    """A lock is taken away or made milder."""

    ALLOW = 2
    """A role is given, a policy leaves a group out."""

    CHANGE = 3
    REPLACE = 4
    """Something is deleted, or deleted and created again."""

    KEEP = 5
    """An item is locked: after whatever has to change is changed."""


class Update(NamedTuple):
    """A command that sets properties of one resource."""

    base: tuple[str, ...]
    """The command without what it sets."""

    options: tuple[tuple[str, tuple[str, ...]], ...]
    """What it sets, each with its values, sorted."""


def blanks(argv: tuple[str, ...]) -> list[str]:
    """List the pieces that a reader has to fill in."""
    return [found for word in argv for found in _BLANK.findall(word)]


def is_destructive(step: Step) -> bool:
    """Whether it deletes something that no command brings back."""
    return step.undo is None and "delete" in verbs(step.argv)


def verbs(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Give a command's words before its first option."""
    end = next((i for i, word in enumerate(argv) if word.startswith("-")), len(argv))
    return argv[:end]


def phase(step: Step, *, is_replacing: bool) -> Phase:
    """Say when a step is due; `is_replacing` of one whose fix deletes something."""
    words = verbs(step.argv)
    if words[:2] == ("az", "lock"):
        return Phase.KEEP if words[2:] == ("create",) else Phase.FREE
    if is_replacing:
        return Phase.REPLACE
    is_permission = words[:3] in {("az", "role", "assignment"), ("az", "policy", "exemption")}
    return Phase.ALLOW if is_permission else Phase.CHANGE


def taken_apart(argv: tuple[str, ...]) -> Update | None:
    """Take an update apart; None for any other command."""
    words = verbs(argv)
    if words not in _UPDATES:
        return None
    naming: list[str] = []
    options: list[tuple[str, tuple[str, ...]]] = []
    for option, values in _options(argv[len(words) :]):
        if option in _NAMING:
            naming += [option, *values]
        else:
            options.append((option, values))
    return Update((*words, *naming), tuple(sorted(options)))


def spelled(update: Update) -> tuple[str, ...]:
    """Put an update together."""
    return (*update.base, *(w for option, values in update.options for w in (option, *values)))


def _options(words: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    found: list[tuple[str, tuple[str, ...]]] = []
    for word in words:
        if word.startswith("--"):
            found.append((word, ()))
        elif found:
            option, values = found[-1]
            found[-1] = (option, (*values, word))
    return found


def options(argv: tuple[str, ...]) -> dict[str, str]:
    """Give the first value of each option of a command."""
    return {option: values[0] for option, values in _options(argv) if values}


def locked_item(argv: tuple[str, ...]) -> str | None:
    """Give the id of the resource that a command locks; None for any other command."""
    if verbs(argv) != ("az", "lock", "create"):
        return None
    return next((v[0] for o, v in _options(argv[3:]) if o == "--resource" and v), None)
