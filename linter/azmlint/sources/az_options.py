"""The options of a command told apart, as azure-cli and PowerShell tell them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from azmlint.expressions.truth import Reason
from azmlint.sources.az_commands import Command, Option, commands
from azmlint.sources.command_body import Argument, Invocation
from azmlint.sources.shell_tree import Chars
from azmlint.sources.shell_values import rest_of

if TYPE_CHECKING:
    from azmlint.sources.shell_state import Call
    from azmlint.sources.shell_values import Field

_NUMBER: Final = re.compile(r"-\d+(?:\.\d+)?")
_MOST_WORDS: Final = 7


def invocation(call: Call) -> Invocation | None:
    """Read a command; None for one that declares nothing which rules judge."""
    name = (call.fields[0].text or "").casefold().rpartition("/")[2]
    if name in {"az", "az.cmd", "az.exe"}:
        return _az(call)
    command = commands().get(name) if "-az" in name else None
    if command is None or "-" not in name:
        return None
    return _read(call, name, command, 1)


def _az(call: Call) -> Invocation | None:
    table = commands()
    words: list[str] = []
    for item in call.fields[1 : _MOST_WORDS + 1]:
        text = item.text
        if text is None or text.startswith("-"):
            break
        words.append(text.casefold())
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        command = table.get(name)
        if command is not None and "-az" not in name:
            return _read(call, name, command, count + 1)
    return None


def _read(call: Call, words: str, command: Command, first: int) -> Invocation:
    is_az = "-az" not in words
    fields = call.fields
    found: list[Argument] = []
    gap: Reason | None = None
    index = first
    while index < len(fields):
        item = fields[index]
        name, value = _named(item, command, is_az=is_az)
        if name is None:
            if item.text is None:
                parts = item.value().text_parts
                shown = "".join(p if isinstance(p, str) else p.text for p in parts)
                gap = Reason("parameter", f"'{shown}' may hold more options")
            index += 1
            continue
        option = _option(command, name, is_az=is_az)
        last, values = index, [value] if value is not None else []
        takes_none = option is not None and option.arity == "!"
        takes_many = option is None or option.arity == "*"
        while value is None and not takes_none and last + 1 < len(fields):
            following = fields[last + 1]
            if _is_name(following, is_az=is_az) or (values and not takes_many):
                break
            last += 1
            values.append(following)
        if option is not None:
            found.append(Argument(option, fields[index - 1 : last + 1], tuple(values)))
        index = last + 1
    return Invocation(call, words, command, tuple(found), gap)


def _named(item: Field, command: Command, *, is_az: bool) -> tuple[str | None, Field | None]:
    """Split a word into the name of an option and what is written in the same word."""
    lead = _lead(item)
    if lead is None or not lead.startswith("-") or len(lead) < 2 or _NUMBER.fullmatch(lead):  # noqa: PLR2004  # a dash and a letter
        return None, None
    if not is_az:
        name, colon, _ = lead.partition(":")
        return name, rest_of(item, len(name) + 1) if colon else None
    name, equals, _ = lead.partition("=")
    if equals:
        return name, rest_of(item, len(name) + 1)
    if item.text is None:
        return None, None
    if not lead.startswith("--") and len(lead) > 2 and command.option(lead) is None:  # noqa: PLR2004
        short = command.option(lead[:2])
        if short is not None and short.arity != "!":
            return lead[:2], rest_of(item, 2)
    return lead, None


def _lead(item: Field) -> str | None:
    """Give the known text with which a word begins."""
    if item.text is not None:
        return item.text
    first = item.pieces[0].piece if item.pieces else None
    if isinstance(first, Chars):
        return first.text
    parts = item.value().text_parts
    return parts[0] if parts and isinstance(parts[0], str) and not item.pieces else None


def _is_name(item: Field, *, is_az: bool) -> bool:
    lead = _lead(item)
    if lead is None or not lead.startswith("-") or _NUMBER.fullmatch(lead) is not None:
        return False
    if not is_az:
        word = item.word
        is_quoted = word is not None and word.bare is None and word.literal is not None
        return not is_quoted and len(lead) > 1
    return " " not in lead and len(lead) > 1


def _option(command: Command, name: str, *, is_az: bool) -> Option | None:
    if is_az:
        return command.option(name)
    folded = name.casefold()
    exact = [o for o in command.options if any(n.casefold() == folded for n in o.names)]
    found = exact or [
        o for o in command.options if any(n.casefold().startswith(folded) for n in o.names)
    ]
    return found[0] if len(found) == 1 or exact else None
