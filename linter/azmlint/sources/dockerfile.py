"""Dockerfiles: the commands that they run, with what ENV and ARG set before them."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Final

from azmlint.sources import shell
from azmlint.sources.az import Session
from azmlint.sources.document import Reading
from azmlint.sources.embedded import Assembly

if TYPE_CHECKING:
    from azmlint.location import Document
    from azmlint.sources.document import Context
    from azmlint.sources.embedded import Embedded

_RUNNING: Final = frozenset({"RUN", "CMD", "ENTRYPOINT"})
"""Instructions that say what is run, when the image is made or when it is started."""

_TEXT: Final = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_INSTRUCTION: Final = re.compile(r"[ \t]*([A-Za-z]+)[ \t]+(?:--\S+[ \t]+)*")
_LINE: Final = re.compile(r"[^\n]*(?:\n|\Z)")
_HERE: Final = re.compile(r"<<-?(['\"]?)([A-Za-z_]\w*)\1")
_ASSIGNED: Final = re.compile(r"[A-Za-z_]\w*=")
_COMMENT: Final = re.compile(r"[ \t]*#")


def read(document: Document, context: Context) -> Reading:
    """Read what the commands of a Dockerfile declare."""
    reading = Reading()
    session = Session(reading, context)
    shell.follow(_script(document), context, session, {})
    session.finish()
    return reading


def _script(document: Document) -> Embedded:
    """Give the commands as one script, in which all else is blank."""
    assembly = Assembly(document)
    text, at = document.text, 0
    while at < len(text):
        match = _INSTRUCTION.match(text, at)
        word = match[1].upper() if match is not None else ""
        end = _end(text, at)
        if match is None or not _is_script(word, text, match.end()):
            assembly.blank(at, end)
        elif word in _RUNNING and text.startswith("[", match.end()):
            assembly.blank(at, match.end())
            _take_words(assembly, match.end(), end)
        elif _HERE.match(text, match.end()) is not None:
            # The here-document is the script itself.
            body = _line_end(text, match.end())
            last = text.rfind("\n", body, end - 1) + 1
            assembly.blank(at, body)
            _take(assembly, body, max(body, last))
            assembly.blank(max(body, last), end)
        else:
            assembly.blank(at, match.end())
            _take(assembly, match.end(), end)
        at = end
    return assembly.embedded(f"{document.path}/run.sh")


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _is_script(word: str, text: str, start: int) -> bool:
    return word in _RUNNING or (word in {"ENV", "ARG"} and _ASSIGNED.match(text, start) is not None)


def _end(text: str, start: int) -> int:
    """Find where an instruction ends, with the lines on which it goes on."""
    at = start
    marks: list[str] = []
    while at < len(text):
        match = _LINE.match(text, at)
        assert match is not None  # noqa: S101  # any text has a line
        line = match[0].rstrip()
        is_comment = at > start and _COMMENT.match(line) is not None
        at = match.end()
        if not is_comment:
            marks += [m[2] for m in _HERE.finditer(line)]
        if not is_comment and not line.endswith("\\"):
            break
    for mark in marks:
        closing = re.compile(rf"^\t*{re.escape(mark)}[ \t\r]*$", re.MULTILINE).search(text, at)
        at = len(text) if closing is None else min(closing.end() + 1, len(text))
    return at


def _take(assembly: Assembly, start: int, end: int) -> None:
    """Take the lines of an instruction; comments between them are no part of it."""
    text, at = assembly.host.text, start
    while at < end:
        match = _LINE.match(text, at)
        stop = min(match.end(), end) if match is not None else end
        if at > start and _COMMENT.match(text, at, stop) is not None:
            assembly.instead(at, stop, " ")
        else:
            assembly.take(at, stop)
        at = stop


def _take_words(assembly: Assembly, start: int, end: int) -> None:
    """Take the words of a list, in which nothing is filled in; each can be replaced as a whole."""
    text, at = assembly.host.text, start
    for match in _TEXT.finditer(text, start, end):
        # Between words there may be line ends, with which no command ends here.
        assembly.instead(at, match.start(), " ")
        word = match[1]
        if "'" in word or "\\" in word:
            assembly.instead(match.start(), match.end(), shlex.quote(word))
        else:
            assembly.instead(match.start(), match.end(), f"'{word}'", _in_double_quotes)
        at = match.end()
    assembly.blank(at, end)


def _in_double_quotes(word: str, _: int) -> str:
    return json.dumps(word.strip("'"), ensure_ascii=False)
