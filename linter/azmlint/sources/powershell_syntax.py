"""The syntax of PowerShell, as far as commands and their words go, in the tree of shell scripts.

Expressions are read only where they are a text, a variable, a list, a hashtable or a sum of texts;
any other has a value that is not known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from azmlint.sources.shell_tree import (
    Assignment,
    Case,
    Chars,
    Expansion,
    Fault,
    For,
    Function,
    Group,
    Hole,
    If,
    Loop,
    Piece,
    Script,
    Simple,
    Statement,
    Substitution,
    Table,
    Unfollowed,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Callable

DEPTH_LIMIT: Final = 60
"""How deeply blocks may stand in others."""

_BLANK: Final = re.compile(r"(?:[ \t\f\v\ufeff]|`\r?\n)+")
_GAP: Final = re.compile(r"(?:[\s;\ufeff]|`\r?\n|<#.*?(?:#>|\Z)|\#[^\n]*)+", re.DOTALL)
_COMMENT: Final = re.compile(r"<#.*?(?:#>|\Z)|\#[^\n]*", re.DOTALL)
_VARIABLE: Final = re.compile(
    r"\$(?:((?:env|script|global|local|private|using):)?(\w+)|\{([^}\n]+)\})",
    re.IGNORECASE,
)
_ASSIGN: Final = re.compile(
    r"(?:\[[\w.\[\], ]+\][ \t]*)*\$(?:((?:env|script|global|local|private):)?(\w+)|\{([^}\n]+)\})"
    r"[ \t]*(\+)?=(?!=)",
    re.IGNORECASE,
)
_KEYWORD: Final = re.compile(
    r"(if|elseif|else|foreach|for|while|do|until|switch|function|filter|workflow|try|catch|finally|param"
    r"|begin|process|end|trap|class|enum|return|throw|exit|break|continue)(?![\w-])",
    re.IGNORECASE,
)
_RUN: Final = re.compile(r"(?:[^\s;|&(){}\"'`$,#@]|(?<=\S)[#@])+")
_QUOTED: Final = re.compile(r"[^\"`$\u201c\u201d]+")
_END: Final = frozenset(" \t\r\n\f\v;|&(){}")
_HOLE: Final = re.compile(r"<[A-Za-z][\w .-]*>(?=[\s\"',;/]|\Z)|\$\{\{.*?\}\}|\{\{.*?\}\}")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "e": "\x1b", "a": "\a", "b": "\b"}
_WORDS: Final = {"true": "true", "false": "false", "null": ""}


class _Refused(Exception):  # noqa: N818  # it becomes a fault
    def __init__(self, start: int, message: str) -> None:
        super().__init__(message)
        self.fault = Fault(start, message, is_invalid=False)


def parse(text: str) -> Script:
    """Read a script; what cannot be read is left out with its position."""
    parser = _Parser(text)
    found: list[Statement] = []
    while True:
        found += parser.statements()
        if parser.pos >= len(text):
            return Script(tuple(found), tuple(parser.faults))
        parser.fault(parser.pos, f"'{text[parser.pos]}' closes nothing")
        parser.pos += 1


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.depth = 0
        self.work = 0
        self.limit = 1_000 + 20 * len(text)
        self.faults: list[Fault] = []
        self.unclosed: set[str] = set()
        """The quotes of texts over lines that do not end any more."""

    def fault(self, start: int, message: str) -> None:
        self.faults.append(Fault(start, message, is_invalid=False))

    # Statements

    def statements(self) -> list[Statement]:
        """Read up to what closes the block around, or to the end."""
        found: list[Statement] = []
        self.depth += 1
        while True:
            self._gap()
            if self.pos >= len(self.text) or self.text[self.pos] in ")}":
                break
            before, depth = self.pos, self.depth
            try:
                found += self._statement()
            except _Refused as refused:
                self.depth = depth
                self.faults.append(refused.fault)
                self._skip_line(before)
            if self.pos == before:
                self.pos += 1
        self.depth -= 1
        return found

    def _skip_line(self, before: int) -> None:
        found = self.text.find("\n", max(self.pos, before))
        self.pos = len(self.text) if found < 0 else found

    def _gap(self) -> None:
        match = _GAP.match(self.text, self.pos)
        if match is not None:
            self.pos = match.end()

    def _blank(self) -> int:
        while (match := _BLANK.match(self.text, self.pos)) is not None:
            self.pos = match.end()
            if self.text.startswith("<#", self.pos):
                self._comment()
        return self.pos

    def _comment(self) -> None:
        match = _COMMENT.match(self.text, self.pos)
        if match is not None:
            self.pos = match.end()

    def _lines(self) -> None:
        """Skip blanks, comments and line ends, but nothing that ends a statement."""
        while True:
            self._blank()
            char = self.text[self.pos : self.pos + 1]
            if char in {"\n", "\r"}:
                self.pos += 1
            elif char == "#" or self.text.startswith("<#", self.pos):
                self._comment()
            else:
                return

    def _keyword(self) -> str | None:
        match = _KEYWORD.match(self.text, self.pos)
        return match[1].lower() if match is not None else None

    def _statement(self) -> list[Statement]:
        if self.depth > DEPTH_LIMIT:
            raise _Refused(self.pos, "blocks nest too deeply")
        word = self._keyword()
        read = _READERS.get(word or "")
        if read is not None:
            return read(self)
        assigned = _ASSIGN.match(self.text, self.pos)
        if assigned is not None:
            return [self._assignment(assigned)]
        return self._pipeline()

    def while_(self) -> list[Statement]:
        """Read `while (...) {...}` and `for (...) {...}`."""
        start = self.pos
        self.pos += len(self._keyword() or "")
        condition = self._condition()
        return [Loop(start, condition, self._block())]

    def do(self) -> list[Statement]:
        """Read `do {...} while (...)`."""
        start = self.pos
        self.pos += len("do")
        body = self._block()
        self._gap()
        self.pos += len(self._keyword() or "")
        return [Loop(start, (), (*body, *self._condition()))]

    def block(self) -> list[Statement]:
        """Read a block that runs as a matter of course, such as `try {...}`."""
        start = self.pos
        self.pos += len(self._keyword() or "")
        return [Group(start, self._block(), is_apart=False)]

    def catch(self) -> list[Statement]:
        """Read a block that runs when something fails."""
        start = self.pos
        while self._peek() not in {"{", ""}:
            self.pos += 1
        return [If(start, "an error occurred", (), self._block(), ())]

    def skipped(self) -> list[Statement]:
        """Read over a declaration that runs nothing."""
        while self._peek() not in {"{", ""}:
            self.pos += 1
        self._block()
        return []

    def param(self) -> list[Statement]:
        """Read the parameters of the script."""
        start = self.pos
        self.pos += len("param")
        given = tuple(p for p in self._parameters() if p.value is not None)
        return [Simple(start, self.pos, given, (), [])]

    def leave(self) -> list[Statement]:
        """Read `return`, `throw` and the like, with what they give."""
        start = self.pos
        word = self._keyword() or ""
        self.pos += len(word)
        name = Word(start, self.pos, (Chars(start, self.pos, word),))
        rest: list[Statement] = []
        if self._peek() not in {"", "\n", "\r", ";", "}", ")"}:
            rest = self._pipeline()
        return [*rest, Simple(start, self.pos, (), (name,), [])]

    def if_(self) -> list[Statement]:
        """Read `if`."""
        return [self._if()]

    def foreach(self) -> list[Statement]:
        """Read `foreach`."""
        return [self._foreach()]

    def switch(self) -> list[Statement]:
        """Read `switch`."""
        return [self._switch()]

    def function(self) -> list[Statement]:
        """Read a function."""
        return [self._function()]

    def _peek(self) -> str:
        self._blank()
        return self.text[self.pos : self.pos + 1]

    def _block(self) -> tuple[Statement, ...]:
        self._lines()
        if self._peek() != "{":
            raise _Refused(self.pos, "'{' is expected here")
        opened = self.pos
        self.pos += 1
        body = tuple(self.statements())
        self._close("}", opened)
        return body

    def _close(self, sign: str, opened: int) -> None:
        if self.text[self.pos : self.pos + 1] != sign:
            raise _Refused(opened, f"'{self.text[opened]}' is not closed")
        self.pos += 1

    def _condition(self) -> tuple[Statement, ...]:
        self._lines()
        if self._peek() != "(":
            raise _Refused(self.pos, "'(' is expected here")
        opened = self.pos
        self.pos += 1
        found = tuple(self.statements())
        self._close(")", opened)
        return found

    def _if(self) -> If:
        start = self.pos
        self.pos += len(self._keyword() or "")
        self._lines()
        asked = self.pos
        condition = self._condition()
        question = " ".join(self.text[asked + 1 : self.pos - 1].split())
        then = self._block()
        kept = self.pos
        self._gap()
        word = self._keyword()
        if word == "elseif":
            return If(start, question, condition, then, (self._if(),))
        if word == "else":
            self.pos += len(word)
            self._lines()
            otherwise = (self._if(),) if self._keyword() == "if" else self._block()
            return If(start, question, condition, then, otherwise)
        self.pos = kept
        return If(start, question, condition, then, ())

    def _foreach(self) -> Statement:
        start = self.pos
        self.pos += len("foreach")
        self._lines()
        if self._peek() != "(":
            # The command of that name, with a block behind it.
            return Group(start, tuple(self._pipeline()), is_apart=False)
        opened = self.pos
        self.pos += 1
        self._lines()
        match = _VARIABLE.match(self.text, self.pos)
        name = (match[2] or match[3]) if match is not None else ""
        self.pos = match.end() if match is not None else self.pos
        self._lines()
        if re.compile(r"in\b", re.IGNORECASE).match(self.text, self.pos):
            self.pos += 2
        words = self._items(self._result(")"))
        self._lines()
        self._close(")", opened)
        return For(start, name, words, self._block())

    def _items(self, word: Word) -> tuple[Word, ...]:
        piece = word.pieces[0] if len(word.pieces) == 1 else None
        if isinstance(piece, Table) and all(name is None for name, _ in piece.rows):
            return tuple(value for _, value in piece.rows)
        if isinstance(piece, Expansion) and not piece.operator:
            return (Word(word.start, word.end, (piece._replace(is_list=True),)),)
        return (word,)

    def _switch(self) -> Statement:
        start = self.pos
        self.pos += len("switch")
        while self._peek() == "-":
            self._word()
        self._lines()
        opened = self.pos
        if self._peek() != "(":
            raise _Refused(self.pos, "'(' is expected here")
        self.pos += 1
        subject = self._expression(")")
        self._lines()
        self._close(")", opened)
        self._lines()
        opened = self.pos
        if self._peek() != "{":
            raise _Refused(self.pos, "'{' is expected here")
        self.pos += 1
        arms: list[tuple[str, tuple[Statement, ...]]] = []
        while True:
            self._gap()
            if self._peek() in {"}", ""}:
                self._close("}", opened)
                return Case(start, subject, tuple(arms))
            if self._peek() == "{":
                self._block()
                label = "?"
            else:
                label = self._label()
            arms.append(("*" if label.lower() == "default" else label, self._block()))

    def _label(self) -> str:
        word = self._word()
        return word.literal if word.literal is not None else self.text[word.start : word.end]

    def _function(self) -> Function:
        start = self.pos
        self.pos += len(self._keyword() or "")
        self._lines()
        match = re.compile(r"[\w:-]+").match(self.text, self.pos)
        name = match[0].rpartition(":")[2] if match is not None else ""
        self.pos = match.end() if match is not None else self.pos
        self._lines()
        parameters: tuple[Assignment, ...] = ()
        if self._peek() == "(":
            parameters = self._parameters()
        self._lines()
        opened = self.pos
        if self._peek() != "{":
            raise _Refused(self.pos, "'{' is expected here")
        self.pos += 1
        self._gap()
        while self.text.startswith("[", self.pos):
            self._brackets()
            self._gap()
        if self._keyword() == "param":
            self.pos += len("param")
            parameters = self._parameters()
        body = tuple(self.statements())
        self._close("}", opened)
        return Function(start, name, body, parameters)

    def _parameters(self) -> tuple[Assignment, ...]:
        """Read `param(...)`; a default is what counts when nothing else is given."""
        self._lines()
        if self._peek() != "(":
            return ()
        opened = self.pos
        self.pos += 1
        found: list[Assignment] = []
        while True:
            self._lines()
            char = self._peek()
            if char in {"", ")"}:
                self._close(")", opened)
                return tuple(found)
            if char == "[":
                self._brackets()
                continue
            match = _VARIABLE.match(self.text, self.pos)
            if match is None:
                self.pos += 1
                continue
            start, name = self.pos, match[2] or match[3]
            self.pos = match.end()
            self._lines()
            if self._peek() != "=":
                found.append(Assignment(start, name, None))
                continue
            self.pos += 1
            default = self._expression(",)")
            piece = Expansion(default.start, default.end, name, ":-", default)
            found.append(Assignment(start, name, Word(default.start, default.end, (piece,))))

    def _brackets(self) -> None:
        """Skip a type or an attribute."""
        depth = 0
        for match in re.compile(r"[\[\]]|\"[^\"]*\"|'[^']*'").finditer(self.text, self.pos):
            depth += {"[": 1, "]": -1}.get(match[0], 0)
            if depth == 0:
                self.pos = match.end()
                return
        raise _Refused(self.pos, "'[' is not closed")

    def _assignment(self, match: re.Match[str]) -> Simple:
        start = self.pos
        self.pos = match.end()
        self._lines()
        value = self._result("")
        name = match[2] or match[3]
        assigned = Assignment(start, name, value, match[4] is not None)
        return Simple(start, self.pos, (assigned,), (), [])

    def _is_command(self) -> bool:
        char = self._peek()
        return char.isalpha() or char in {"&", ".", "_"} or self.text.startswith("\\", self.pos)

    def _pipeline(self) -> list[Statement]:
        found: list[Statement] = []
        while True:
            found += self._command()
            self._blank()
            operator = self.text[self.pos : self.pos + 2]
            if operator in {"&&", "||"}:
                self.pos += 2
            elif operator[:1] == "|":
                self.pos += 1
            elif operator[:1] == "&":
                self.pos += 1
                return found
            else:
                return found
            self._lines()

    def _command(self) -> list[Statement]:
        start = self._blank()
        words: list[Word] = []
        if (
            self.text[self.pos : self.pos + 1] == "&"
            and self.text[self.pos + 1 : self.pos + 2] != "&"
        ):
            self.pos += 1
        end = self.pos
        while True:
            char = self._peek()
            if not char or char in "\n\r;|&)}" or (char == "#" and self._is_comment()):
                break
            before = self.pos
            words.append(self._argument())
            end = self.pos
            if self.pos == before:
                self.pos += 1
        if self.pos < len(self.text) and self.text[self.pos] == "#":
            self._comment()
        if not words:
            return []
        return [Simple(start, end, (), tuple(words), [])]

    def _is_comment(self) -> bool:
        return self.pos == 0 or self.text[self.pos - 1].isspace()

    # Words and expressions

    def _argument(self) -> Word:
        """Read an argument, which may be a list with commas."""
        word = self._word()
        if self.text[self.pos : self.pos + 1] != ",":
            return word
        rows = [(None, word)]
        while self.text[self.pos : self.pos + 1] == ",":
            self.pos += 1
            self._lines()
            rows.append((None, self._word()))
        if all(value.bare is not None for _, value in rows):
            text = self.text[word.start : self.pos]
            return Word(word.start, self.pos, (Chars(word.start, self.pos, text),))
        return Word(word.start, self.pos, (Table(word.start, self.pos, tuple(rows)),))

    def _word(self) -> Word:
        start = self.pos
        pieces: list[Piece] = []
        self.work += 1
        self.depth += 1
        if self.work > self.limit:
            # What stands in parentheses may be read twice, and twice again within.
            self.pos = len(self.text)
            raise _Refused(start, "the text takes too long to read")
        if self.depth > 2 * DEPTH_LIMIT:
            raise _Refused(start, "blocks nest too deeply")
        self._pieces(pieces)
        self.depth -= 1
        return Word(start, self.pos, tuple(pieces))

    def _pieces(self, pieces: list[Piece]) -> None:
        while self.pos < len(self.text):
            char = self.text[self.pos]
            hole = _HOLE.match(self.text, self.pos) if char in "<${" else None
            if hole is not None:
                pieces.append(Hole(self.pos, hole.end(), hole[0]))
                self.pos = hole.end()
            elif char == "(":
                pieces.append(self._parenthesised())
            elif char == "{":
                pieces.append(self._braced())
            elif char in "'\u2018\u2019":
                pieces.append(self._single())
            elif char in '"\u201c\u201d':
                self._double(pieces)
            elif char == "$":
                pieces.append(self._dollar(is_quoted=False))
            elif char == "@":
                pieces.append(self._at())
            elif char == "`":
                if re.compile(r"`\r?\n").match(self.text, self.pos):
                    break
                following = self.text[self.pos + 1 : self.pos + 2]
                pieces.append(Chars(self.pos, self.pos + 2, following, is_quoted=True))
                self.pos += 2
            elif char in _END or char == ",":
                break
            else:
                match = _RUN.match(self.text, self.pos)
                stop = match.end() if match is not None else self.pos + 1
                pieces.append(Chars(self.pos, stop, self.text[self.pos : stop]))
                self.pos = stop

    def _single(self) -> Chars:
        start = self.pos
        match = re.compile(
            r"['\u2018\u2019]((?:[^'\u2018\u2019]|['\u2018\u2019]{2})*)['\u2018\u2019]"
        ).match(self.text, start)
        if match is None:
            raise _Refused(start, "a quote is not closed")
        self.pos = match.end()
        if "'" in match[1]:
            return Chars(start, self.pos, match[1].replace("''", "'"), is_quoted=True)
        return Chars(start + 1, self.pos - 1, match[1], is_quoted=True)

    def _double(self, pieces: list[Piece], *, here_end: int | None = None) -> None:
        start = self.pos
        self.pos += 1 if here_end is None else 0
        before = len(pieces)
        while True:
            if here_end is not None and self.pos >= here_end:
                return
            if self.pos >= len(self.text):
                raise _Refused(start, "a quote is not closed")
            char = self.text[self.pos]
            if char in '"\u201c\u201d' and here_end is None:
                if self.text[self.pos + 1 : self.pos + 2] == char == '"':
                    pieces.append(Chars(self.pos, self.pos + 2, '"', is_quoted=True))
                    self.pos += 2
                    continue
                self.pos += 1
                if len(pieces) == before:
                    pieces.append(Chars(self.pos - 1, self.pos - 1, "", is_quoted=True))
                return
            if char == "`":
                following = self.text[self.pos + 1 : self.pos + 2]
                text = _ESCAPES.get(following, following)
                pieces.append(Chars(self.pos, self.pos + 2, text, is_quoted=True))
                self.pos += 2
            elif char == "$":
                pieces.append(self._dollar(is_quoted=True))
            else:
                match = _QUOTED.match(self.text, self.pos)
                stop = match.end() if match is not None else self.pos + 1
                stop = min(stop, here_end) if here_end is not None else stop
                pieces.append(Chars(self.pos, stop, self.text[self.pos : stop], is_quoted=True))
                self.pos = stop

    def _dollar(self, *, is_quoted: bool) -> Piece:
        start = self.pos
        if self.text.startswith("$(", start):
            self.pos += 2
            body = tuple(self.statements())
            self._close(")", start + 1)
            return Substitution(start, self.pos, body, is_quoted)
        match = _VARIABLE.match(self.text, start)
        if match is None:
            self.pos = start + 1
            return Chars(start, start + 1, "$", is_quoted)
        self.pos = match.end()
        name = match[2] or match[3]
        word = _WORDS.get(name.lower())
        if word is not None and not match[1]:
            return Chars(start, self.pos, word, is_quoted)
        if not is_quoted and self.text[self.pos : self.pos + 1] in {".", "["}:
            member = re.compile(r"\.\w|\[").match(self.text, self.pos)
            if member is not None:
                self._members()
                return Unfollowed(start, self.pos, "a member", is_quoted)
        return Expansion(start, self.pos, name, "", None, is_quoted)

    def _members(self) -> None:
        while (match := re.compile(r"\.\w+").match(self.text, self.pos)) or (
            self.text.startswith(("[", "("), self.pos)
        ):
            if match is not None:
                self.pos = match.end()
            elif self.text[self.pos] == "[":
                self._brackets()
            else:
                self._parenthesised()

    def _at(self) -> Piece:
        start = self.pos
        following = self.text[start + 1 : start + 2]
        if following == "{":
            return self._hashtable(start)
        if following == "(":
            return self._list(start)
        if following in {"'", '"'}:
            return self._here_string(start)
        match = re.compile(r"@(\w+)").match(self.text, start)
        if match is not None and (start == 0 or self.text[start - 1] in " \t`\n"):
            self.pos = match.end()
            return Expansion(start, self.pos, match[1], is_list=True)
        self.pos = start + 1
        return Chars(start, start + 1, "@")

    def _here_string(self, start: int) -> Piece:
        quote = self.text[start + 1]
        opened = re.compile(rf"@{quote}[ \t]*\r?\n").match(self.text, start)
        match = None
        if opened is not None and quote not in self.unclosed:
            match = re.compile(rf"(.*?)\r?\n{quote}@", re.DOTALL).match(self.text, opened.end())
            if match is None:
                self.unclosed.add(quote)
        if match is None:
            raise _Refused(start, "a text over lines is not closed")
        self.pos = match.end()
        if quote == "'" or "$" not in match[1]:
            return Chars(start, self.pos, match[1], is_quoted=True)
        return Unfollowed(start, self.pos, "a text over lines", is_quoted=True)

    def _hashtable(self, start: int) -> Table:
        self.pos = start + 2
        rows: list[tuple[Word | None, Word]] = []
        while True:
            self._gap()
            if self._peek() in {"}", ""}:
                self._close("}", start + 1)
                return Table(start, self.pos, tuple(rows))
            name = self._key()
            self._lines()
            if self._peek() != "=":
                raise _Refused(self.pos, "'=' is expected here")
            self.pos += 1
            self._lines()
            rows.append((name, self._result("}")))

    def _result(self, ends: str) -> Word:
        """Read an expression, or a pipeline of which the result is the value."""
        start = self.pos
        if not self._is_command() and self._keyword() is None:
            word = self._expression(ends)
            if self._peek() != "|":
                return word
        self.pos = start
        body = tuple(self._statement())
        if self.pos == start:
            raise _Refused(start, "a value is expected here")
        return Word(start, self.pos, (Substitution(start, self.pos, body),))

    def _key(self) -> Word:
        match = re.compile(r"[\w-]+|'[^'\n]*'|\"[^\"\n]*\"").match(self.text, self.pos)
        if match is None:
            return self._word()
        start, self.pos = self.pos, match.end()
        return Word(start, self.pos, (Chars(start, self.pos, match[0].strip("'\"")),))

    def _list(self, start: int) -> Piece:
        self.pos = start + 2
        rows: list[tuple[Word | None, Word]] = []
        while True:
            self._gap()
            if self._peek() in {")", ""}:
                self._close(")", start + 1)
                return Table(start, self.pos, tuple(rows))
            before = self.pos
            if not self._is_command():
                rows.append((None, self._expression(",)")))
                self._lines()
            if self.pos == before or self._peek() not in {",", ")", "", ";"}:
                self.pos = start + 2
                body = tuple(self.statements())
                self._close(")", start + 1)
                return Substitution(start, self.pos, body)
            if self._peek() == ",":
                self.pos += 1

    def _braced(self) -> Piece:
        start = self.pos
        self.pos += 1
        body = tuple(self.statements())
        self._close("}", start)
        return Substitution(start, self.pos, body)

    def _parenthesised(self) -> Piece:
        """Read what stands in parentheses: a command whose result counts, or an expression."""
        start = self.pos
        self.pos += 1
        self._lines()
        made: Piece | None = None
        if not self._is_command():
            inner = self._expression(")")
            self._lines()
            if self._peek() == ")":
                alone = inner.pieces[0] if len(inner.pieces) == 1 else None
                made = alone or Unfollowed(start, self.pos + 1, "a sum")
        if made is None:
            self.pos = start + 1
            body = tuple(self.statements())
            self._close(")", start)
            made = Substitution(start, self.pos, body)
        else:
            self._close(")", start)
        if self.text[self.pos : self.pos + 1] in {".", "["}:
            self._members()
            return Unfollowed(start, self.pos, "a member")
        return made

    def _expression(self, ends: str) -> Word:
        """Read an expression up to one of the signs, a line end or a semicolon."""
        start = self._blank()
        operands: list[Word] = []
        is_sum = True
        has_comma = False
        while True:
            char = self._peek()
            if not char or char in f"\n\r;)}}|{ends}" or char == "&":
                break
            if char == "#":
                self._comment()
                continue
            if char == "," and "," not in ends:
                has_comma = True
                self.pos += 1
                self._lines()
                continue
            if char == "+" and operands:
                self.pos += 1
                self._lines()
                continue
            if char == "[":
                self._brackets()
                # A cast leaves the value as it is; a static member does not.
                is_sum = is_sum and not self.text.startswith("::", self.pos)
                continue
            before = self.pos
            word = self._word()
            if self.pos == before:
                self.pos += 1
                is_sum = False
                continue
            bare = word.bare
            if bare is not None and not re.fullmatch(r"-?[\d.]+\w*", bare):
                is_sum = False
            operands.append(word)
        if has_comma and is_sum and operands:
            rows = tuple((None, word) for word in operands)
            return Word(start, self.pos, (Table(start, self.pos, rows),))
        if len(operands) == 1 and is_sum:
            return operands[0]
        end = operands[-1].end if operands else self.pos
        pieces = tuple(p for word in operands for p in word.pieces)
        is_text = any(isinstance(p, Chars) and p.is_quoted for p in pieces)
        if operands and is_sum and is_text and "+" in self.text[start:end]:
            return Word(start, end, pieces)
        return Word(start, max(end, start), (Unfollowed(start, max(end, start), "an expression"),))


_READERS: Final[dict[str, Callable[[_Parser], list[Statement]]]] = {
    **dict.fromkeys(("while", "for"), _Parser.while_),
    **dict.fromkeys(("try", "finally", "begin", "process", "end"), _Parser.block),
    **dict.fromkeys(("catch", "trap"), _Parser.catch),
    **dict.fromkeys(("class", "enum"), _Parser.skipped),
    **dict.fromkeys(("return", "throw", "exit", "break", "continue"), _Parser.leave),
    **dict.fromkeys(("function", "filter", "workflow"), _Parser.function),
    "do": _Parser.do,
    "foreach": _Parser.foreach,
    "if": _Parser.if_,
    "param": _Parser.param,
    "switch": _Parser.switch,
}
