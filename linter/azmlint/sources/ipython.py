"""What IPython adds to Python: magics, lines for the shell, questions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE: Final = "code"
"""Python."""
PREFIX: Final = "prefix"
"""What precedes Python and is none."""
STATEMENT: Final = "statement"
"""A line that stands for a statement and is no Python."""
VALUE: Final = "value"
"""What stands for an expression and is no Python."""
SCRIPT: Final = "script"
"""A text for a shell."""
FILE: Final = "file"
"""A text that is written into a file."""
OTHER: Final = "other"
"""A text in another language."""
BROKEN: Final = "broken"
"""What should be Python and is none."""


SETTING: Final = "env"
"""The magic of a line of which the shell's part sets a variable."""
FOLDER: Final = "cd"
"""The magic of a line of which the shell's part is the folder to go to."""


class Stretch(NamedTuple):
    """A part of a cell's text."""

    kind: str
    start: int
    end: int
    magic: str = ""
    """The magic that says what it is, with its arguments."""

    shell: int | None = None
    """Of a statement or value, where the part begins that a shell sees."""

    @property
    def is_for_shell(self) -> bool:
        """Whether a shell sees some of it."""
        return self.kind == SCRIPT or self.shell is not None


_FIRST: Final = re.compile(r"\s*%%(?P<name>[\w.!]+)[ \t]*(?P<rest>[^\r\n]*)(?:\r\n|\r|\n|\Z)")
_ALONE: Final = re.compile(
    r"\s*%(?P<name>sh|bash|sql|md|scala|r)\b[ \t]*(?P<rest>[^\r\n]*)(?:\r\n|\r|\n|\Z)"
)
"""How a cell of another language begins in Databricks."""

_PYTHON_MAGICS: Final = frozenset(
    {
        *("capture", "debug", "local", "memit", "mprun", "prun", "py", "pyspark", "python"),
        *("python3", "snakeviz", "time", "timeit", "wandb"),
    }
)
_SHELLS: Final = frozenset({"bash", "sh", "zsh", "ksh", "dash"})
_FILES: Final = frozenset({"writefile", "file"})

_TOKEN: Final = re.compile(
    r'(?P<text>"""(?:[^"\\]++|\\.|"(?!""))*+(?:"""|\Z)'
    r"|'''(?:[^'\\]++|\\.|'(?!''))*+(?:'''|\Z)"
    r'|"(?:[^"\\\r\n]++|\\(?:\r\n|.))*+"?'
    r"|'(?:[^'\\\r\n]++|\\(?:\r\n|.))*+'?"
    r"|#[^\r\n]*)"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<joined>\\(?:\r\n|\r|\n))|(?P<end>\r\n|\r|\n)",
    re.DOTALL,
)
_LINE: Final = re.compile(r"(?:[^\r\n\\]|\\(?:\r\n|.))*+", re.DOTALL)
"""A line, and those that backslashes join to it."""

_ESCAPED: Final = re.compile(r"[ \t]*[%!?]")
_TIMED: Final = re.compile(
    r"[ \t]*%(?:time|timeit|prun|memit|mprun)\b(?:[ \t]+-\w+(?:[ \t]+\d+)?)*[ \t]*"
)
_ASSIGNED: Final = re.compile(r"[^=\r\n#'\"(]+=[ \t]*(?=[!%])")
_QUESTION: Final = re.compile(r"[ \t]*[\w.*%\[\]]+\?\??[ \t]*;?[ \t]*(?=\r|\n|\Z)")
_COMMAND: Final = re.compile(r"[ \t]*(?:!!?|%(?:sx|system)\b|%(?=(?:pip|conda|mamba)\b))[ \t]*")
_SET: Final = re.compile(
    r"[ \t]*%(?:set_)?env[ \t]+(?=[A-Za-z_]\w*(?:=|[ \t]+)\S[^\r\n]*(?:\r|\n|\Z))"
)
_CD: Final = re.compile(r"[ \t]*%(?:cd|pushd)[ \t]+(?:-q[ \t]+)?(?=[^\s-])")
_AUTOMAGIC: Final = re.compile(
    r"(?:pip3?|conda|mamba|ls|cd|pwd|cat|cp|mv|rm|mkdir|rmdir|more|less|man|clear|run|load|env"
    r"|matplotlib|who|whos|reset|reload_ext|load_ext|tensorboard|autoreload)\b"
    r"(?:(?=[ \t]*(?:\r|\n|\Z))|[ \t]+(?![=(.,\[+*/%&|^<>!:]|(?:in|is|if|and|or|not)\b))"
)


def stretches(text: str, start: int, end: int, *, automagic: bool = False) -> Iterator[Stretch]:
    """Take a cell apart, in order and without gaps.

    With `automagic`, lines that begin with the name of a usual magic are taken for one.
    """
    first = _FIRST.match(text, start, end)
    alone = _ALONE.match(text, start, end) if first is None else None
    match = first or alone
    if match is None:
        yield from _lines(text, start, end, automagic=automagic)
        return
    name, rest = match["name"], match["rest"].strip()
    magic = f"{name} {rest}".strip()
    if first is not None and name in _PYTHON_MAGICS:
        yield Stretch(PREFIX, start, match.end(), magic)
        yield from stretches(text, match.end(), end, automagic=automagic)
    elif first is not None:
        yield Stretch(PREFIX, start, match.end(), magic)
        yield Stretch(_kind(name, rest), match.end(), end, magic)
    elif name in _SHELLS or not rest:
        body = match.start("rest") if rest else match.end()
        yield Stretch(PREFIX, start, body, magic)
        yield Stretch(SCRIPT if name in _SHELLS else OTHER, body, end, magic)
    else:
        # A line of another magic, such as a query, can be followed by Python.
        yield from _lines(text, start, end, automagic=automagic)


def _kind(name: str, rest: str) -> str:
    if name in _FILES:
        return FILE
    if name == "script":
        program = next((w for w in rest.split() if not w.startswith("-")), "")
        return SCRIPT if program.rpartition("/")[2] in _SHELLS else OTHER
    return SCRIPT if name in {*_SHELLS, "sx", "system", "!"} else OTHER


def _lines(text: str, start: int, end: int, *, automagic: bool) -> Iterator[Stretch]:
    at = code = start
    depth = 0
    is_fresh = True
    """Whether a statement may begin here."""
    while at < end:
        if is_fresh:
            found = _escaped(text, at, end, automagic=automagic)
            if found is not None:
                if code < found.start:
                    yield Stretch(CODE, code, found.start)
                yield found
                at = code = found.end
                is_fresh = found.kind != PREFIX
                continue
        match = _TOKEN.search(text, at, end)
        if match is None:
            break
        at = match.end()
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth = max(0, depth - 1)
        is_fresh = match["end"] is not None and not depth
    if code < end:
        yield Stretch(CODE, code, end)


def _escaped(text: str, at: int, end: int, *, automagic: bool) -> Stretch | None:
    """Find what is no Python in the line that begins at an offset."""
    timed = _TIMED.match(text, at, end)
    if timed is not None:
        return Stretch(PREFIX, at, timed.end())
    last = _LINE.match(text, at, end).end()  # type: ignore[union-attr]  # it matches nothing too
    if _ESCAPED.match(text, at, end) is not None:
        return _line(text, STATEMENT, at, last)
    assigned = _ASSIGNED.match(text, at, last)
    if assigned is not None:
        return _line(text, VALUE, assigned.end(), last)
    if _QUESTION.match(text, at, end) is not None:
        return Stretch(STATEMENT, at, last)
    if automagic and _AUTOMAGIC.match(text, at, end) is not None:
        return Stretch(STATEMENT, at, last)
    return None


def _line(text: str, kind: str, start: int, end: int) -> Stretch:
    """Say whether a line that is no Python is for the shell, and which part of it."""
    setting, folder = _SET.match(text, start, end), _CD.match(text, start, end)
    found = setting or folder or _COMMAND.match(text, start, end)
    magic = SETTING if setting is not None else FOLDER if folder is not None else ""
    return Stretch(kind, start, end, magic, found.end() if found is not None else None)
