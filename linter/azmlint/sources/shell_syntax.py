"""The syntax of POSIX shells and bash: words with exact offsets, commands, and what guards them.

A text is read in place, so spans are those of the file. What the shell would refuse, and what is
only not followed here, is a fault with its position; the statements around it are read.
"""

from __future__ import annotations

import re
from typing import Final

from azmlint.sources.shell_tree import (
    Assignment,
    Case,
    Chars,
    Expansion,
    Fault,
    For,
    Function,
    Group,
    HereDocument,
    Hole,
    If,
    Loop,
    Piece,
    Redirect,
    Script,
    Simple,
    Statement,
    Substitution,
    Table,
    Unfollowed,
    Word,
)

DEPTH_LIMIT: Final = 60
"""How deeply commands may stand in others."""

_BLANK: Final = re.compile(r"(?:[ \t\r\f\v]|\\\r?\n)+")
_RUN: Final = re.compile(r"[^\s\\'\"$`|&;()<>]+")
_QUOTED_RUN: Final = re.compile(r"[^\\\"$`]+")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_SPECIAL: Final = re.compile(r"[0-9@*#?$!-]")
_ASSIGNED: Final = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]\n]*\])?(\+?)=")
_HOLE: Final = re.compile(
    r"\$\{\{.{0,500}?\}\}|\{\{.{0,500}?\}\}|<[A-Za-z][\w .-]*>(?=[\s\"',;/]|\Z)", re.DOTALL
)
_HERE: Final = re.compile(r"(\d*)<<(-?)(?!<)")
_REDIRECT: Final = re.compile(r"(?:\d+|\{\w+\})?(?:<<<|<>|>>|>\||>&|<&|[<>])|&>>?")
_RESERVED: Final = re.compile(
    r"(?:if|then|elif|else|fi|for|select|while|until|do|done|case|esac|function|time|\{|\}|!|\[\[)"
    r"(?=[\s;&|()<>]|\Z)"
)
_FUNCTION: Final = re.compile(r"([\w.:+-]+)[ \t]*\([ \t]*\)")
_WORD_END: Final = frozenset(" \t\r\n\f\v;&|()<>")
_ANSI: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|(.))", re.DOTALL
)
_ANSI_LETTERS: Final = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
    "v": "\v",
}  # fmt: skip
_TESTS: Final = frozenset({"[", "[[", "test", "(("})

_NOTHING: Final[frozenset[str]] = frozenset()


class _Refused(Exception):  # noqa: N818  # it becomes a fault
    def __init__(self, start: int, message: str, *, is_invalid: bool = True) -> None:
        super().__init__(message)
        self.fault = Fault(start, message, is_invalid)


def parse(text: str, start: int = 0, end: int | None = None) -> Script:
    """Read a script."""
    parser = _Parser(text, start, len(text) if end is None else end)
    return parser.script()


def split(text: str) -> tuple[Word, ...]:
    """Read the words of one command."""
    parser = _Parser(text, 0, len(text))
    return parser.words()


class _Parser:
    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.pos = start
        self.end = end
        self.depth = 0
        self.faults: list[Fault] = []
        self.here: list[tuple[Word, bool, list[Redirect], int]] = []
        """Here-documents that begin on this line: mark, whether tabs go, where it belongs."""

    # Statements

    def script(self) -> Script:
        statements: list[Statement] = []
        while True:
            statements += self._statements(_NOTHING)
            if self.pos >= self.end:
                break
            # Something closes here that nothing opened.
            self._note(self.pos, "closes nothing")
            self.pos += 1
        return Script(tuple(statements), tuple(self.faults))

    def words(self) -> tuple[Word, ...]:
        found = []
        while self._blank() < self.end and self.text[self.pos] not in _WORD_END:
            found.append(self._word())
        return tuple(found)

    def _statements(self, ends: frozenset[str]) -> list[Statement]:
        found: list[Statement] = []
        while True:
            self._gap()
            if self.pos >= self.end or self.text[self.pos] == ")":
                return found
            if self.text.startswith(";;", self.pos) or self.text.startswith(";&", self.pos):
                if ends:
                    return found
                self.pos += 2
                continue
            if self._reserved() in ends:
                return found
            before, depth = self.pos, self.depth
            try:
                found += self._chain()
            except _Refused as refused:
                self.depth = depth
                self.faults.append(refused.fault)
                self._skip_line(max(before, self.pos))
                if refused.fault.is_invalid:
                    # What is not closed takes in all the rest.
                    self.pos = self.end
                continue
            if self.pos == before:
                if self._reserved() is None or not ends:
                    self._note(before, "is not expected here")
                    self.pos = before + 1
                    continue
                return found

    def _note(self, start: int, what: str) -> None:
        self.faults.append(Fault(start, f"'{self.text[start]}' {what}", is_invalid=False))

    def _skip_line(self, start: int) -> None:
        found = self.text.find("\n", start, self.end)
        self.pos = self.end if found < 0 else found

    def _gap(self) -> None:
        """Skip blanks, line ends, comments and what separates statements."""
        while True:
            self._blank()
            char = self.text[self.pos : self.pos + 1] if self.pos < self.end else ""
            if char == "\n":
                self._line_end()
            elif char == "#":
                self._comment()
            elif (char == ";" and self.text[self.pos + 1 : self.pos + 2] not in {";", "&"}) or (
                char == "&" and self.text[self.pos + 1 : self.pos + 2] not in {"&", ">"}
            ):
                self.pos += 1
            else:
                return

    def _comment(self) -> None:
        found = self.text.find("\n", self.pos, self.end)
        self.pos = self.end if found < 0 else found

    def _blank(self) -> int:
        match = _BLANK.match(self.text, self.pos, self.end)
        if match is not None:
            self.pos = match.end()
        return self.pos

    def _line_end(self) -> None:
        self.pos += 1
        waiting, self.here = self.here, []
        for mark, has_tabs, redirects, index in waiting:
            word = mark.literal
            name = word if word is not None else self.text[mark.start : mark.end]
            start = self.pos
            pattern = rf"^{chr(9) + '*' if has_tabs else ''}{re.escape(name)}\r?$"
            match = re.compile(pattern, re.MULTILINE).search(self.text, self.pos, self.end)
            end = match.start() if match is not None else self.end
            self.pos = min(match.end(), self.end) if match is not None else self.end
            if self.pos < self.end and self.text[self.pos] == "\n":
                self.pos += 1
            is_literal = any(isinstance(p, Chars) and p.is_quoted for p in mark.pieces)
            old = redirects[index]
            redirects[index] = old._replace(document=HereDocument(start, end, is_literal))

    def _reserved(self) -> str | None:
        match = _RESERVED.match(self.text, self.pos, self.end)
        return match[0] if match is not None else None

    def _take(self, word: str) -> None:
        self._gap()
        if self._reserved() != word:
            raise _Refused(self.pos, f"'{word}' is expected here", is_invalid=False)
        self.pos += len(word)

    def _chain(self) -> list[Statement]:
        """Read commands that are joined by `&&` and `||`."""
        links: list[tuple[str, list[Statement]]] = [("", self._pipeline())]
        while True:
            self._blank()
            operator = self.text[self.pos : self.pos + 2]
            if self.pos >= self.end or operator not in {"&&", "||"}:
                return self._chained(links)
            self.pos += 2
            self._new_lines()
            links.append((operator, self._pipeline()))

    def _chained(self, links: list[tuple[str, list[Statement]]]) -> list[Statement]:
        """Put what follows a test into its branches; what follows another command just follows."""
        _, head = links[0]
        rest = links[1:]
        if not rest:
            return head
        if not _is_test(head):
            return [*head, *self._chained(rest)]
        operator = rest[0][0]
        turn = next((i for i, link in enumerate(rest) if link[0] != operator), len(rest))
        inner = tuple(self._chained(rest[:turn]))
        outer = tuple(self._chained(rest[turn:])) if turn < len(rest) else ()
        test = head[0]
        question = " ".join(self.text[test.start : _end_of(test)].split())
        then, otherwise = (inner, outer) if operator == "&&" else (outer, inner)
        return [If(test.start, question, tuple(head), then, otherwise)]

    def _new_lines(self) -> None:
        while True:
            self._blank()
            if self.pos < self.end and self.text[self.pos] == "\n":
                self._line_end()
            elif self.pos < self.end and self.text[self.pos] == "#":
                self._comment()
            else:
                return

    def _pipeline(self) -> list[Statement]:
        start = self._blank()
        is_negated = False
        while (word := self._reserved()) in {"!", "time"}:
            is_negated = is_negated is not (word == "!")
            self.pos += len(word or "")
            self._blank()
        found = self._command()
        while True:
            self._blank()
            is_end = self.pos >= self.end or self.text[self.pos] != "|"
            if is_end or self.text.startswith("||", self.pos):
                # The opposite of a test is another question.
                return [Group(start, tuple(found), is_apart=False)] if is_negated else found
            self.pos += 2 if self.text.startswith("|&", self.pos) else 1
            self._new_lines()
            found += self._command()

    def _command(self) -> list[Statement]:
        self.depth += 1
        try:
            if self.depth > DEPTH_LIMIT:
                raise _Refused(self.pos, "commands nest too deeply", is_invalid=True)
            return self._compound()
        finally:
            self.depth -= 1

    def _compound(self) -> list[Statement]:
        start = self.pos
        word = self._reserved()
        made: Statement
        if word == "if":
            made = self._if()
        elif word in {"for", "select"}:
            made = self._for()
        elif word in {"while", "until"}:
            self.pos += len(word)
            condition = tuple(self._statements(frozenset({"do"})))
            made = Loop(start, condition, self._do())
        elif word == "case":
            made = self._case()
        elif word == "function":
            self.pos += len(word)
            self._blank()
            name = self._word().literal or ""
            self._blank()
            if self.text.startswith("(", self.pos):
                self.pos = self.text.find(")", self.pos, self.end) + 1 or self.end
            made = self._function(start, name)
        elif word == "{":
            self.pos += 1
            body = tuple(self._statements(frozenset({"}"})))
            self._take("}")
            made = Group(start, body, is_apart=False)
        elif self.text.startswith("((", self.pos) and self._arithmetic_end() is not None:
            self.pos = self._arithmetic_end() or self.end
            made = Simple(start, self.pos, (), (_word_of("((", start),), [])
        elif self.text.startswith("(", self.pos):
            self.pos += 1
            made = Group(start, tuple(self._nested()), is_apart=True)
        elif word == "[[":
            made = self._test()
        elif (match := _FUNCTION.match(self.text, self.pos, self.end)) is not None:
            self.pos = match.end()
            made = self._function(start, match[1])
        elif word is not None:
            return []
        else:
            simple = self._simple()
            return [simple] if simple is not None else []
        redirects: list[Redirect] = []
        while self._redirect(redirects):
            pass
        if redirects:
            # What is read or written belongs to the whole; a here-document must be read over.
            return [made, Simple(self.pos, self.pos, (), (), redirects)]
        return [made]

    def _nested(self) -> list[Statement]:
        """Read statements up to the closing parenthesis."""
        opened = self.pos - 1
        body = self._statements(_NOTHING)
        if self.pos >= self.end:
            raise _Refused(opened, "a parenthesis is not closed")
        self.pos += 1
        return body

    def _if(self) -> If:
        start = self.pos
        self.pos += len(self._reserved() or "")
        asked = self._blank()
        condition = tuple(self._statements(frozenset({"then"})))
        question = " ".join(self.text[asked : self.pos].split()).rstrip("; ")
        self._take("then")
        then = tuple(self._statements(frozenset({"elif", "else", "fi"})))
        self._gap()
        otherwise: tuple[Statement, ...] = ()
        word = self._reserved()
        if word == "elif":
            otherwise = (self._if(),)
            return If(start, question, condition, then, otherwise)
        if word == "else":
            self.pos += len(word)
            otherwise = tuple(self._statements(frozenset({"fi"})))
        self._take("fi")
        return If(start, question, condition, then, otherwise)

    def _do(self) -> tuple[Statement, ...]:
        self._gap()
        if self._reserved() == "{":
            self.pos += 1
            body = tuple(self._statements(frozenset({"}"})))
            self._take("}")
            return body
        self._take("do")
        body = tuple(self._statements(frozenset({"done"})))
        self._take("done")
        return body

    def _for(self) -> Statement:
        start = self.pos
        self.pos += len(self._reserved() or "")
        self._blank()
        if self.text.startswith("((", self.pos):
            self.pos = self._arithmetic_end() or self.end
            return Loop(start, (), self._do())
        name = self._word().literal or ""
        self._new_lines()
        words: list[Word] = []
        if re.compile(r"in\b").match(self.text, self.pos, self.end):
            self.pos += 2
            while self._blank() < self.end and self.text[self.pos] not in "\n;":
                if self.text[self.pos] in "&|()<>":
                    raise _Refused(self.pos, "a list of words is expected here", is_invalid=False)
                words.append(self._word())
        else:
            words.append(_arguments(start))
        return For(start, name, tuple(words), self._do())

    def _case(self) -> Case:
        start = self.pos
        self.pos += len("case")
        self._blank()
        subject = self._word()
        self._gap()
        if not self.text.startswith("in", self.pos):
            raise _Refused(self.pos, "'in' is expected here", is_invalid=False)
        self.pos += 2
        arms: list[tuple[str, tuple[Statement, ...]]] = []
        ends = frozenset({"esac"})
        while True:
            self._gap()
            if self.pos >= self.end:
                raise _Refused(start, "a case is not closed")
            if self._reserved() == "esac":
                self.pos += len("esac")
                return Case(start, subject, tuple(arms))
            if self.text.startswith("(", self.pos):
                self.pos += 1
            pattern = self._pattern()
            body = tuple(self._statements(ends))
            arms.append((pattern, body))
            self._gap()
            match = re.compile(r";;&?|;&").match(self.text, self.pos, self.end)
            if match is not None:
                self.pos = match.end()
            elif self.pos < self.end and self.text[self.pos] == ")":
                raise _Refused(self.pos, "a pattern is expected here", is_invalid=False)

    def _pattern(self) -> str:
        start = self.pos
        while self._blank() < self.end and self.text[self.pos] != ")":
            if self.text[self.pos] == "|":
                self.pos += 1
            elif self.text[self.pos] in "\n;&<>":
                raise _Refused(self.pos, "')' is expected here", is_invalid=False)
            elif self.text[self.pos] == "(":
                self.pos += 1
            else:
                self._word()
        pattern = " ".join(self.text[start : self.pos].split())
        self.pos += 1
        return pattern

    def _function(self, start: int, name: str) -> Function:
        self._new_lines()
        body = self._command()
        return Function(start, name, tuple(body))

    def _test(self) -> Simple:
        start = self.pos
        words = [_word_of("[[", start)]
        self.pos += 2
        while True:
            self._new_lines()
            if self.pos >= self.end:
                raise _Refused(start, "'[[' is not closed")
            if self.text.startswith("]]", self.pos):
                self.pos += 2
                return Simple(start, self.pos, (), tuple(words), [])
            if self.text[self.pos] in _WORD_END:
                self.pos += 1
            else:
                words.append(self._word())

    def _simple(self) -> Simple | None:
        start = self.pos
        assignments: list[Assignment] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        end = start
        while self._blank() < self.end:
            char = self.text[self.pos]
            if char == "#":
                self._comment()
                break
            if self._redirect(redirects):
                end = self.pos
                continue
            if not self._begins_word():
                break
            assigned = self._assignment() if not words else None
            if assigned is not None:
                assignments.append(assigned)
            else:
                words.append(self._declared(words))
            end = self.pos
        if not assignments and not words and not redirects:
            return None
        return Simple(start, end, tuple(assignments), tuple(words), redirects)

    def _is_process(self) -> bool:
        return self.text.startswith(("<(", ">("), self.pos)

    def _begins_word(self) -> bool:
        return self.text[self.pos] not in _WORD_END or self._is_process() or self._is_hole()

    def _declared(self, words: list[Word]) -> Word:
        """Read a word; `declare x=(a b)` has an array in it."""
        first = words[0].literal if words else None
        if first in {"declare", "local", "export", "readonly", "typeset"}:
            match = _ASSIGNED.match(self.text, self.pos, self.end)
            if match is not None and self.text.startswith("(", match.end()):
                start = self.pos
                name = Chars(start, match.end(), match[0])
                self.pos = match.end()
                return Word(start, self.pos, (name, *self._array().pieces))
        return self._word()

    def _assignment(self) -> Assignment | None:
        match = _ASSIGNED.match(self.text, self.pos, self.end)
        if match is None:
            return None
        start = self.pos
        self.pos = match.end()
        if "[" in match[0]:
            self._word_or_nothing()
            return Assignment(start, match[1], None)
        if self.text.startswith("(", self.pos) and self.pos < self.end:
            return Assignment(start, match[1], self._array(), match[2] == "+")
        return Assignment(start, match[1], self._word_or_nothing(), match[2] == "+")

    def _word_or_nothing(self) -> Word:
        if self.pos >= self.end or not self._begins_word():
            return Word(self.pos, self.pos, (Chars(self.pos, self.pos, ""),))
        return self._word()

    def _array(self) -> Word:
        start = self.pos
        self.pos += 1
        rows: list[tuple[Word | None, Word]] = []
        while True:
            self._new_lines()
            if self.pos >= self.end:
                raise _Refused(start, "an array is not closed")
            if self.text[self.pos] == ")":
                self.pos += 1
                return Word(start, self.pos, (Table(start, self.pos, tuple(rows)),))
            if not self._begins_word():
                raise _Refused(self.pos, "a word is expected here", is_invalid=False)
            rows.append((None, self._word()))

    def _redirect(self, redirects: list[Redirect]) -> bool:
        self._blank()
        if self.pos < self.end and self.text[self.pos] == "<" and self._is_hole():
            return False
        here = _HERE.match(self.text, self.pos, self.end)
        if here is not None:
            self.pos = here.end()
            self._blank()
            mark = self._word_or_nothing()
            redirects.append(Redirect("<<", None))
            self.here.append((mark, here[2] == "-", redirects, len(redirects) - 1))
            return True
        if self._is_process():
            return False
        match = _REDIRECT.match(self.text, self.pos, self.end)
        if match is None:
            return False
        self.pos = match.end()
        self._blank()
        redirects.append(Redirect(match[0].lstrip("0123456789"), self._word_or_nothing()))
        return True

    def _is_hole(self) -> bool:
        return _HOLE.match(self.text, self.pos, self.end) is not None

    # Words

    def _word(self) -> Word:
        start = self.pos
        pieces: list[Piece] = []
        while self.pos < self.end:
            char = self.text[self.pos]
            if char in "$<{" and (hole := _HOLE.match(self.text, self.pos, self.end)):
                pieces.append(Hole(self.pos, hole.end(), hole[0]))
                self.pos = hole.end()
            elif self._is_process():
                opened = self.pos
                self.pos += 2
                body = self._inside()
                pieces.append(Substitution(opened, self.pos, body))
            elif char in _WORD_END:
                break
            elif char == "\\":
                self._escape(pieces)
            elif char == "'":
                pieces.append(self._single())
            elif char == '"':
                self._double(pieces)
            elif char == "$":
                pieces.append(self._dollar(is_quoted=False))
            elif char == "`":
                pieces.append(self._backticks(is_quoted=False))
            else:
                match = _RUN.match(self.text, self.pos, self.end)
                stop = match.end() if match is not None else self.pos + 1
                hole = _HOLE.search(self.text, self.pos, stop)
                stop = hole.start() if hole is not None and hole.start() > self.pos else stop
                pieces.append(Chars(self.pos, stop, self.text[self.pos : stop]))
                self.pos = stop
        return Word(start, self.pos, tuple(pieces))

    def _escape(self, pieces: list[Piece]) -> None:
        following = self.text[self.pos + 1 : min(self.pos + 2, self.end)]
        if self.text.startswith("\\\r\n", self.pos):
            self.pos = min(self.pos + 3, self.end)
        elif following == "\n":
            self.pos += 2
        else:
            stop = min(self.pos + 2, self.end)
            pieces.append(Chars(self.pos, stop, following or "\\", is_quoted=True))
            self.pos = stop

    def _single(self) -> Chars:
        start = self.pos
        stop = self.text.find("'", start + 1, self.end)
        if stop < 0:
            raise _Refused(start, "a quote is not closed")
        self.pos = stop + 1
        return Chars(start + 1, stop, self.text[start + 1 : stop], is_quoted=True)

    def _double(self, pieces: list[Piece]) -> None:
        start = self.pos
        self.pos += 1
        before = len(pieces)
        while True:
            if self.pos >= self.end:
                raise _Refused(start, "a quote is not closed")
            char = self.text[self.pos]
            if char == '"':
                self.pos += 1
                if len(pieces) == before:
                    pieces.append(Chars(self.pos - 1, self.pos - 1, "", is_quoted=True))
                return
            if char in "${" and (hole := _HOLE.match(self.text, self.pos, self.end)):
                pieces.append(Hole(self.pos, hole.end(), hole[0], is_quoted=True))
                self.pos = hole.end()
            elif char == "\\":
                following = self.text[self.pos + 1 : self.pos + 2]
                if following == "\n":
                    self.pos += 2
                elif following and following in '"\\$`':
                    piece = Chars(self.pos, self.pos + 2, following, is_quoted=True)
                    pieces.append(piece)
                    self.pos += 2
                else:
                    pieces.append(Chars(self.pos, self.pos + 1, "\\", is_quoted=True))
                    self.pos += 1
            elif char == "$":
                pieces.append(self._dollar(is_quoted=True))
            elif char == "`":
                pieces.append(self._backticks(is_quoted=True))
            else:
                match = _QUOTED_RUN.match(self.text, self.pos, self.end)
                stop = match.end() if match is not None else self.pos + 1
                hole = re.compile(r"\{\{").search(self.text, self.pos + 1, stop)
                stop = hole.start() if hole is not None else stop
                pieces.append(Chars(self.pos, stop, self.text[self.pos : stop], is_quoted=True))
                self.pos = stop

    def _dollar(self, *, is_quoted: bool) -> Piece:
        start = self.pos
        following = self.text[start + 1 : min(start + 2, self.end)]
        if following == "(":
            end = self._arithmetic_end(start + 1)
            if end is not None:
                self.pos = end
                return Unfollowed(start, end, "arithmetic", is_quoted)
            self.pos = start + 2
            return Substitution(start, self.pos, self._inside(), is_quoted)._replace(end=self.pos)
        if following == "{":
            return self._braced(start, is_quoted=is_quoted)
        if following == "'" and not is_quoted:
            return self._ansi(start)
        if following == '"' and not is_quoted:
            self.pos += 1
            return Chars(start, start + 1, "")
        match = _NAME.match(self.text, start + 1, self.end)
        match = match or _SPECIAL.match(self.text, start + 1, self.end)
        if match is None:
            self.pos = start + 1
            return Chars(start, start + 1, "$", is_quoted)
        self.pos = match.end()
        is_list = match[0] in {"@", "*"} and not (match[0] == "*" and is_quoted)
        return Expansion(start, self.pos, match[0], "", None, is_quoted, is_list)

    def _inside(self) -> tuple[Statement, ...]:
        self.depth += 1
        waiting, self.here = self.here, []
        try:
            if self.depth > DEPTH_LIMIT:
                raise _Refused(self.pos, "commands nest too deeply")
            return tuple(self._nested())
        finally:
            self.depth -= 1
            self.here = waiting + self.here

    def _arithmetic_end(self, start: int | None = None) -> int | None:
        """Find where `((...))` ends; None when it is something else."""
        start = self.pos if start is None else start
        if not self.text.startswith("((", start):
            return None
        depth = 0
        for match in re.compile(r"[()\n;]").finditer(self.text, start, self.end):
            char = match[0]
            if char == "(":
                depth += 1
            elif char == ")":
                depth -= 1
                if depth == 0:
                    is_arithmetic = self.text[match.start() - 1] == ")"
                    return match.end() if is_arithmetic else None
        return None

    def _braced(self, start: int, *, is_quoted: bool) -> Piece:
        self.pos = start + 2
        length = self.text.startswith("#", self.pos) and not self.text.startswith("#}", self.pos)
        if length or self.text.startswith("!", self.pos):
            self.pos += 1
        match = _NAME.match(self.text, self.pos, self.end)
        match = match or re.compile(r"\d+|[@*#?$!-]").match(self.text, self.pos, self.end)
        name = match[0] if match is not None else ""
        self.pos = match.end() if match is not None else self.pos
        is_list = False
        subscript = re.compile(r"\[([^\]\n]*)\]").match(self.text, self.pos, self.end)
        if subscript is not None:
            self.pos = subscript.end()
            is_list = subscript[1] == "@" or (subscript[1] == "*" and not is_quoted)
        elif name == "@":
            is_list = True
        operator = re.compile(r":?[-=?+]|\^\^?|,,?|%%?|##?|/[/#%]?|:|@").match(
            self.text, self.pos, self.end
        )
        written = operator[0] if operator is not None else ""
        argument = None
        if operator is not None:
            self.pos = operator.end()
            self.depth += 1
            if self.depth > DEPTH_LIMIT:
                raise _Refused(start, "expansions nest too deeply")
            argument = self._argument(is_quoted=is_quoted)
            self.depth -= 1
        if self.pos >= self.end or self.text[self.pos] != "}":
            close = self._closing_brace(start)
            self.pos = close
            name, written = "", "?"
        self.pos += 1
        if length or self.text.startswith("!", start + 2) or not name:
            written = "?" + written
        elif subscript is not None and subscript[1] not in {"@", "*"}:
            written = "?["
        return Expansion(start, self.pos, name, written, argument, is_quoted, is_list)

    def _closing_brace(self, start: int) -> int:
        stop = self.text.find("}", self.pos, self.end)
        if stop < 0:
            raise _Refused(start, "a brace is not closed")
        return stop

    def _argument(self, *, is_quoted: bool) -> Word:
        """Read what stands behind an operator, up to the closing brace."""
        start = self.pos
        pieces: list[Piece] = []
        while self.pos < self.end and self.text[self.pos] != "}":
            char = self.text[self.pos]
            if char == "\\":
                self._escape(pieces)
            elif char == "'" and not is_quoted:
                pieces.append(self._single())
            elif char == '"':
                self._double(pieces)
            elif char == "$":
                pieces.append(self._dollar(is_quoted=is_quoted))
            elif char == "`":
                pieces.append(self._backticks(is_quoted=is_quoted))
            else:
                match = re.compile(r"[^}\\'\"$`]+" if not is_quoted else r"[^}\\\"$`]+").match(
                    self.text, self.pos, self.end
                )
                stop = match.end() if match is not None else self.pos + 1
                piece = Chars(self.pos, stop, self.text[self.pos : stop], is_quoted)
                pieces.append(piece)
                self.pos = stop
        if not pieces:
            pieces.append(Chars(start, start, "", is_quoted))
        return Word(start, self.pos, tuple(pieces))

    def _ansi(self, start: int) -> Chars:
        match = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL).match(self.text, start, self.end)
        if match is None:
            raise _Refused(start, "a quote is not closed")
        self.pos = match.end()
        return Chars(start, self.pos, _ANSI.sub(_ansi_char, match[1]), is_quoted=True)

    def _backticks(self, *, is_quoted: bool) -> Substitution:
        start = self.pos
        match = re.compile(r"`((?:[^`\\]|\\.)*)`", re.DOTALL).match(self.text, start, self.end)
        if match is None:
            raise _Refused(start, "a backtick is not closed")
        if self.depth > DEPTH_LIMIT:
            raise _Refused(start, "commands nest too deeply")
        inner = _Parser(self.text, match.start(1), match.end(1))
        inner.depth = self.depth + 1
        script = inner.script()
        self.pos = match.end()
        return Substitution(start, self.pos, script.statements, is_quoted)


def _ansi_char(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        return chr(min(int(code, 16), 0x10FFFF))
    if match[4]:
        return chr(int(match[4], 8) & 0xFF)
    return _ANSI_LETTERS.get(match[5], match[5] if match[5] in "\\'\"?" else match[0])


def _word_of(text: str, start: int) -> Word:
    return Word(start, start + len(text), (Chars(start, start + len(text), text),))


def _arguments(start: int) -> Word:
    """Give what a loop goes over when it names nothing."""
    piece = Expansion(start, start, "@", is_quoted=True, is_list=True)
    return Word(start, start, (piece,))


def _is_test(statements: list[Statement]) -> bool:
    if len(statements) != 1:
        return False
    first = statements[0]
    if isinstance(first, Group):
        return not first.is_apart and _is_test(list(first.body))
    return isinstance(first, Simple) and bool(first.words) and first.words[0].literal in _TESTS


def _end_of(statement: Statement) -> int:
    return statement.end if isinstance(statement, Simple) else statement.start
