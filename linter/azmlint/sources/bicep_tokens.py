"""The tokens of Bicep, one at a time, so that `${...}` in texts can nest."""

from __future__ import annotations

import re
import sys
from typing import Final

END: Final = "end"
LINE: Final = "line"
NAME: Final = "name"
NUMBER: Final = "number"
TEXT: Final = "text"
OPEN: Final = "open"
"""A text up to its first `${`."""

MULTI: Final = "multi"
"""The quotes that open a text over several lines, with the `$` before them."""

SIGN: Final = "sign"

_SKIPPED: Final = r"[ \t\f\v\xa0\ufeff]|//[^\n\r]*|/\*[\s\S]*?\*/|\#(?:disable|restore)-[^\n\r]*"
_PLAIN: Final = r"(?:[^'\\\n\r$]|\\[^\n\r]|\$(?!\{))*+"
_TOKEN: Final = re.compile(
    rf"""(?:{_SKIPPED})*+(?:
      (?P<line>[\r\n](?:[\r\n]|{_SKIPPED})*+)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<number>[0-9]+)
    | (?P<multi>\$*+''')
    | (?P<text>'{_PLAIN}')
    | (?P<open>'{_PLAIN}\$\{{)
    | (?P<sign>\.\.\.|=>|==|!=|=~|!~|<=|>=|&&|\|\||\?\?|::|\.\?
        |/(?!\*)|[{{}}()\[\],.:?=!<>+\-*%@|^])
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_MIDDLE: Final = re.compile(rf"{_PLAIN}(?P<sign>\$\{{|')")
_ESCAPE: Final = re.compile(r"\\(?:u\{(?P<code>[0-9A-Fa-f]{1,6})\}|(?P<sign>.))", re.DOTALL)
_SIGNS: Final = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", "$": "$"}
_SPELLED: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", "'": "\\'"}
_HALVES: Final = re.compile("[\ud800-\udfff]")
_REST_OF_LINE: Final = re.compile(r"[^\r\n]*")
_UNCLOSED_COMMENT: Final = re.compile(rf"(?:{_SKIPPED}|[\r\n])*+/\*")


class TextProblem(Exception):  # noqa: N818  # it becomes a Trouble
    """Bicep refuses the text."""

    def __init__(self, message: str, start: int, *, is_final: bool = False) -> None:
        """Say what is wrong at which offset."""
        super().__init__(message)
        self.message = message
        self.start = start
        self.is_final = is_final
        """Whether everything after it is lost, as after a comment that is never closed."""


class UnknownForm(TextProblem):
    """A form that Bicep may know and azmlint does not."""


def quoted(text: str) -> str:
    """Spell a text in quotes."""
    spelled = "".join(_SPELLED.get(c, c) for c in text)
    return "'" + spelled.replace("${", "\\${") + "'"


class Tokens:
    """Stands on one token of a text and moves to the next."""

    def __init__(self, text: str) -> None:
        """Stand on the first token."""
        self.text = text
        self.kind = LINE
        self.value = ""
        self.start = 0
        self.next = 0
        """The offset after the token."""
        self.last = 0
        """The offset after the last token that was no line end."""
        self.skips_lines = False
        """Whether line ends mean nothing here, as inside of parentheses."""

    def advance(self) -> None:
        """Move to the next token; raises TextProblem."""
        if self.kind != LINE:
            self.last = self.next
        while True:
            match = _TOKEN.match(self.text, self.next)
            if match is None or match.lastgroup is None:
                raise self._unreadable()
            self.kind = match.lastgroup
            self.start, self.next = match.span(self.kind)
            if self.kind != LINE:
                self.value = match[self.kind]
                return
            if not self.skips_lines:
                self.value = ""
                return

    def _unreadable(self) -> TextProblem:
        comment = _UNCLOSED_COMMENT.match(self.text, self.next)
        if comment is not None:
            message = "a comment is never closed"
            return TextProblem(message, comment.end() - 2, is_final=True)
        match = re.compile(rf"(?:{_SKIPPED})*+").match(self.text, self.next)
        at = match.end() if match is not None else self.next
        sign = self.text[at : at + 1]
        self.start = at
        if sign == "'":
            return TextProblem("a text is not closed on its line", at)
        return TextProblem(f"unexpected '{sign}'", at)

    def at(self, sign: str) -> bool:
        """Whether this is a certain sign."""
        return self.kind == SIGN and self.value == sign

    def at_word(self, word: str) -> bool:
        """Whether this is a certain word."""
        return self.kind == NAME and self.value == word

    def take(self, sign: str) -> bool:
        """Move on if this is a certain sign."""
        if self.at(sign):
            self.advance()
            return True
        return False

    def expect(self, sign: str) -> None:
        """Move over a certain sign; raises TextProblem."""
        if not self.at(sign):
            message = f"expected '{sign}', not {self.shown()}"
            raise TextProblem(message, self.start)
        self.advance()

    def shown(self) -> str:
        """Say what this is, for a message."""
        if self.kind == END:
            return "the end of the file"
        return "the end of the line" if self.kind == LINE else f"'{self.value[:40]}'"

    def skip_lines(self) -> None:
        """Move over line ends."""
        while self.kind == LINE:
            self.advance()

    def after_lines(self) -> str:
        """Give the sign or word after the line ends that this is, without moving."""
        match = _TOKEN.match(self.text, self.next)
        return match[match.lastgroup] if match is not None and match.lastgroup else ""

    def skip_lines_before(self, sign: str) -> None:
        """Move over line ends that only stand before a certain sign."""
        if self.kind == LINE and self.after_lines() == sign:
            self.advance()

    def piece(self) -> tuple[str, bool]:
        """Read on in a text after `}`: what follows, and whether another `${` does."""
        match = _MIDDLE.match(self.text, self.next)
        if match is None:
            message = "a text is not closed on its line"
            raise TextProblem(message, self.start)
        start = self.next
        self.next = match.end()
        self.kind = TEXT
        return self.unescaped(start, match.start("sign")), match["sign"] != "'"

    def unescaped(self, start: int, end: int) -> str:
        """Give what a stretch of a text stands for."""
        written = self.text[start:end]
        if "\\" not in written:
            return written
        text = _ESCAPE.sub(lambda m: self._sign(m, start), written)
        if _HALVES.search(text) is None:
            return text
        # Two escapes may be the halves of one character.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _sign(self, match: re.Match[str], start: int) -> str:
        code, sign = match["code"], match["sign"]
        if code is not None and int(code, 16) <= sys.maxunicode:
            return chr(int(code, 16))
        found = _SIGNS.get(sign or "")
        if found is None:
            message = f"'{match[0]}' stands for nothing in a text"
            raise TextProblem(message, start + match.start())
        return found

    def rest_of_line(self, offset: int) -> int:
        """Find where the line of an offset ends."""
        match = _REST_OF_LINE.match(self.text, offset)
        return match.end() if match is not None else offset
