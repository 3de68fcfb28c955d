"""A text that stands in another one: a cell in a notebook, a script in a workflow.

Its own reader sees a document like any other. Every character of it knows which characters of
the host spell it, so that places and edits are those of the file.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple, TypeAlias

from azmlint.location import Document, Edit, Span
from azmlint.model.value import NotEditable
from azmlint.sources.document import SyntaxProblem, line_end, line_ending

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azmlint.location import Spanned
    from azmlint.sources.yaml import YamlNode

_JSON_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL
)
_BREAK: Final = r"[ \t]*+(?:\r\n|\r|\n)[ \t]*(?:(?:\r\n|\r|\n)[ \t]*)*"
# NOTE: A search that began at every blank of a long run would never end.
_FOLD: Final = rf"(?:(?<![ \t])|(?<=\\[ \t])){_BREAK}"
_IN_PLAIN: Final = re.compile(_FOLD)
_IN_SINGLE: Final = re.compile(rf"''|{_FOLD}")
_IN_DOUBLE: Final = re.compile(
    rf"\\x[0-9a-fA-F]{{2}}|\\u[0-9a-fA-F]{{4}}|\\U[0-9a-fA-F]{{8}}|\\{_BREAK}|\\.|{_FOLD}",
    re.DOTALL,
)
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_CHARACTER: Final = re.compile(r"[^\r\n]")
_Speller: TypeAlias = "Callable[[str, int], str]"
_YAML_ESCAPES: Final = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}


class _Part(NamedTuple):
    """A stretch of the embedded text that one stretch of the host spells."""

    start: int
    end: int
    host: Span
    spell: _Speller | None
    """Spells new text for an offset of the embedded text; None where nothing can be written."""

    value: Callable[[str], object] | None = None
    """What the part says in another text of the host, where spelling alone does not tell."""

    is_one: bool = False
    """Whether it is only replaced as a whole."""


class Embedded(Document):
    """A text in a host document, made of an `Assembly`."""

    __slots__ = ("_by_host", "_hosts", "_parts", "_runs", "_widths", "host", "shells")

    is_embedded: ClassVar[bool] = True

    def __init__(self, path: str, assembly: Assembly, *, is_listed: bool = True) -> None:
        """Take what was assembled; the host knows of it unless comments are the host's alone."""
        host = assembly.host
        super().__init__(path, "".join(assembly.pieces), encoding=host.encoding)
        self.host = host
        self._parts = assembly.parts
        self._runs = assembly.runs
        self._hosts = assembly.hosts
        self._widths = assembly.widths
        self._by_host: list[int] | None = None
        self.shells: tuple[Span, ...] = ()
        """Of a script: the extents that each run in a shell of their own."""
        if not is_listed:
            return
        if host.inner is None:
            host.inner = {}
        host.inner[path, self.host_start(0)] = self

    def in_host(self, node: Spanned) -> tuple[Document, Spanned]:
        """Say where an extent stands in the host."""
        return self.host, HostSpan(self, node)

    def host_start(self, offset: int) -> int:
        """Give the offset at which the host begins to spell the character at `offset`."""
        if offset >= len(self.text):
            return self.host_end(offset)
        index = bisect_right(self._runs, offset) - 1
        inside = offset - self._runs[index]
        return self._hosts[index] + (inside if self._is_plain(index) else 0)

    def host_end(self, offset: int) -> int:
        """Give the offset at which the host has spelled the character before `offset`."""
        if not self._runs:
            return self._parts[0].host.start if self._parts else 0
        if offset <= 0:
            return self._hosts[0]
        index = bisect_right(self._runs, offset - 1) - 1
        if self._is_plain(index):
            return self._hosts[index] + offset - self._runs[index]
        return self._hosts[index] + self._widths[index]

    def pieces_of(self, start: int, end: int) -> Iterator[Span]:
        """Yield the extents of the host that spell an extent of this text."""
        low = high = self.host_start(start)
        at = start
        while at < end:
            index = bisect_right(self._runs, at) - 1
            after = min(end, self._runs[index] + self._length(index))
            begins, ends = self.host_start(at), self.host_end(after)
            if begins != high and begins < ends:
                if low < high:
                    yield Span(low, high)
                low = begins
            high = max(high, ends) if begins < ends else high
            at = after
        yield Span(low, high)

    def _is_plain(self, index: int) -> bool:
        # NOTE: what is as long by chance, and said instead, is taken for plain: the same extent.
        return self._widths[index] == self._length(index)

    def _length(self, index: int) -> int:
        after = self._runs[index + 1] if index + 1 < len(self._runs) else len(self.text)
        return after - self._runs[index]

    def extent_of(self, start: int, end: int) -> Span | None:
        """Find what an extent of the file is in this text; None when it does not begin here."""
        if isinstance(self.host, Embedded):
            outer = self.host.extent_of(start, end)
            if outer is None:
                return None
            start, end = outer
        first = self._at(start)
        if first is None:
            return None
        last = self._at(end - 1) if end > start else None
        return Span(first[0], first[0] if last is None else max(first[0], last[1]))

    def _at(self, host_offset: int) -> tuple[int, int] | None:
        """Find the character that the host spells at an offset: where it starts and ends."""
        if self._by_host is None:
            spelled = (i for i, width in enumerate(self._widths) if width)
            self._by_host = sorted(spelled, key=self._hosts.__getitem__)
        at = bisect_right(self._by_host, host_offset, key=self._hosts.__getitem__) - 1
        if at < 0:
            return None
        index = self._by_host[at]
        inside = host_offset - self._hosts[index]
        if inside >= self._widths[index]:
            return None
        start = self._runs[index]
        if self._is_plain(index):
            return start + inside, start + inside + 1
        return start, start + self._length(index)

    def host_edits(self, edit: Edit) -> tuple[Edit, ...]:
        """Spell an edit as edits of the host, the new text where the old one began."""
        touched = list(self._touched(edit))
        spelled: list[Edit] = []
        text = edit.text
        for part in touched:
            start, end = max(edit.start, part.start), min(edit.end, part.end)
            is_cut = part.is_one and (start, end) != (part.start, part.end)
            if part.spell is None or is_cut:
                message = "what stands there is not read as it is written"
                raise NotEditable(message)
            if start < end:
                low, high = self.host_start(start), self.host_end(end)
            else:
                low = high = self._between(start, part)
            spelled.append(Edit(self.host, low, high, part.spell(text, start)))
            text = ""
        self._check(edit, touched, spelled)
        return tuple(e for e in spelled if e.start < e.end or e.text)

    def _touched(self, edit: Edit) -> Iterator[_Part]:
        """Yield the parts that an edit changes; raises NotEditable when it is about no part."""
        if edit.start == edit.end:
            around = [p for p in self._parts if p.start <= edit.start <= p.end]
            parts = [p for p in around if p.spell is not None and not p.is_one] or around
            if not parts:
                message = "nothing is written there"
                raise NotEditable(message)
            # What ends with a line end belongs before what follows, all else to what precedes.
            yield parts[-1 if edit.text.endswith(("\n", "\r")) else 0]
            return
        at = edit.start
        for part in self._parts:
            if part.end <= at or part.start >= edit.end:
                continue
            if part.start > at:
                break
            yield part
            at = part.end
        if at < edit.end:
            message = "it reaches from one part of the file into another"
            raise NotEditable(message)

    def _between(self, offset: int, part: _Part) -> int:
        """Give the host's offset for what is inserted into a part."""
        if offset == part.end:
            return part.host.end
        return part.host.start if offset == part.start else self.host_start(offset)

    def _check(self, edit: Edit, parts: list[_Part], spelled: list[Edit]) -> None:
        if all(part.value is None for part in parts):
            return
        part = parts[0]
        if len(parts) == 1 and part.value is not None:
            wanted = self.text[part.start : edit.start] + edit.text + self.text[edit.end : part.end]
            old, change = self.host.text, spelled[0]
            new = old[: change.start] + change.text + old[change.end :]
            if part.value(new) == wanted:
                return
        message = "the file around it cannot spell it as it is written there"
        raise NotEditable(message)


class HostSpan:
    """An extent of an embedded text as an extent of its host."""

    __slots__ = ("embedded", "node")

    def __init__(self, embedded: Embedded, node: Spanned) -> None:
        """Locate `node` when somebody asks."""
        self.embedded = embedded
        self.node = node

    @property
    def start(self) -> int:
        """The host's offset of the first character."""
        return self.embedded.host_start(self.node.start)

    @property
    def end(self) -> int:
        """The host's offset after the last character."""
        start, end = self.node.start, self.node.end
        return self.embedded.host_end(end) if start < end else self.start

    @property
    def pieces(self) -> tuple[Span, ...]:
        """The extents of the host that spell it."""
        inner: tuple[Span, ...] = (Span(self.node.start, self.node.end),)
        if isinstance(self.node, HostSpan):
            inner = self.node.pieces
        return tuple(p for start, end in inner for p in self.embedded.pieces_of(start, end))

    @property
    def inside(self) -> tuple[Document, Spanned]:
        """The text that is embedded innermost, and the extent in it."""
        return self.node.inside if isinstance(self.node, HostSpan) else (self.embedded, self.node)


class Assembly:
    """Puts a text together from what a host spells, piece by piece."""

    def __init__(self, host: Document) -> None:
        """Take from `host`, which may itself be embedded."""
        self.host = host
        self.pieces: list[str] = []
        self.parts: list[_Part] = []
        self.runs: list[int] = []
        """Where stretches begin that map to the host in one way."""
        self.hosts: list[int] = []
        self.widths: list[int] = []
        """How much of the host spells a stretch; character by character if it is as long."""
        self.length = 0

    def embedded(self, path: str, *, is_listed: bool = True) -> Embedded:
        """Make the document; its path says in which language it is read."""
        return Embedded(path, self, is_listed=is_listed)

    def extend(self, other: Assembly) -> None:
        """Add what another one has taken from the same host."""
        self.pieces += other.pieces
        self.runs += [at + self.length for at in other.runs]
        self.hosts += other.hosts
        self.widths += other.widths
        self.parts += [
            part._replace(start=part.start + self.length, end=part.end + self.length)
            for part in other.parts
        ]
        self.length += other.length

    def take(self, start: int, end: int, spell: _Speller | None = None) -> None:
        """Add what the host says, as it is; `spell` says how something else is written there."""
        begins = self.length
        self._run(self.host.text[start:end], start, end - start)
        self._part(begins, Span(start, end), spell or _as_it_is)

    def blank(self, start: int, end: int) -> None:
        """Add blanks for what the host says, and its line ends."""
        begins = self.length
        self._run(_CHARACTER.sub(" ", self.host.text[start:end]), start, end - start)
        self._part(begins, Span(start, end), None)

    def instead(self, start: int, end: int, text: str, spell: _Speller | None = None) -> None:
        """Add another text than the one that the host says.

        With `spell`, it can be replaced as a whole.
        """
        begins = self.length
        self._run(text, start, end - start)
        self._part(begins, Span(start, end), spell)
        self.parts[-1] = self.parts[-1]._replace(is_one=True)

    def add(self, text: str) -> None:
        """Add what the host does not say, such as the line end between two cells."""
        self._run(text, self.hosts[-1] + self.widths[-1] if self.hosts else 0, 0)

    def take_indented(self, start: int, end: int, indent: str) -> None:
        """Add lines of the host without the indentation of those after the first."""
        begins = self.length
        text, at = self.host.text, start
        for match in re.finditer(rf"(\r\n|\r|\n){re.escape(indent)}", text[start:end]):
            self._run(text[at : start + match.start()], at, start + match.start() - at)
            self._run(match[1], start + match.start(), len(match[0]))
            at = start + match.end()
        self._run(text[at:end], at, end - at)
        self._part(
            begins, Span(start, end), lambda new, _: _LINE_END.sub(lambda m: m[0] + indent, new)
        )

    def take_json(self, start: int, end: int) -> None:
        """Add the content of a string of JSON that is valid; the extent is that with its quotes."""
        self.take_escaped(start + 1, end - 1, _JSON_ESCAPE, _json_character, self._json)

    def take_escaped(
        self,
        start: int,
        end: int,
        escapes: re.Pattern[str],
        meant: Callable[[re.Match[str]], str],
        spell: _Speller,
    ) -> None:
        """Add what the host says, in which `escapes` stand for what is `meant`."""
        begins = self.length
        text, at = self.host.text, start
        for match in escapes.finditer(text, start, end):
            self._run(text[at : match.start()], at, match.start() - at)
            self._run(meant(match), match.start(), len(match[0]))
            at = match.end()
        self._run(text[at:end], at, end - at)
        self._part(begins, Span(start, end), spell)

    def _json(self, text: str, _: int) -> str:
        spelled = json.dumps(text, ensure_ascii=self.host.text.isascii())[1:-1]
        try:
            self.host.encoded(spelled)
        except UnicodeEncodeError:
            return json.dumps(text)[1:-1]
        return spelled

    def take_yaml(self, node: YamlNode) -> bool:
        """Add the text of a YAML scalar; False, and nothing added, when it cannot be followed."""
        value = node.value
        if node.kind != "scalar" or not isinstance(value, str):
            return False
        begins, pieces, runs = self.length, len(self.pieces), len(self.runs)
        if node.style in {"|", ">"}:
            host, spell = self._block(node, value)
        else:
            host, spell = self._flow(node)
        if "".join(self.pieces[pieces:]) != value:
            del self.pieces[pieces:], self.runs[runs:], self.hosts[runs:], self.widths[runs:]
            self.length = begins
            return False
        self._part(begins, host, spell, lambda text: _scalar_at(self.host, text, node.start))
        return True

    def _flow(self, node: YamlNode) -> tuple[Span, _Speller]:
        """Add a scalar without header, in which a line end is a blank."""
        text = self.host.text
        start, end = node.start, node.end
        pattern, spell = _IN_PLAIN, _as_it_is
        if node.style in {"'", '"'}:
            start, end = start + 1, end - 1
            pattern, spell = (
                (_IN_SINGLE, _in_single) if node.style == "'" else (_IN_DOUBLE, _in_double)
            )
        at = start
        for match in pattern.finditer(text, start, end):
            self._run(text[at : match.start()], at, match.start() - at)
            self._written(match[0], match.start())
            at = match.end()
        self._run(text[at:end], at, end - at)
        return Span(start, end), spell

    def _written(self, written: str, at: int) -> None:
        """Add what an escape or line ends stand for in a YAML scalar without header."""
        breaks = [m.start() for m in _LINE_END.finditer(written)]
        if len(breaks) > 1:
            # All but the first line end are said.
            starts = [0, *breaks[2:]]
            for start, end in zip(starts, [*breaks[2:], len(written)], strict=True):
                self._run("\n", at + start, end - start)
            return
        if breaks:
            meant = "" if written[0] == "\\" else " "
        elif written == "''":
            meant = "'"
        elif written[1] in "xuU":
            meant = chr(int(f"0x{written[2:]}", 0))
        else:
            meant = _YAML_ESCAPES.get(written[1], written[1])
        self._run(meant, at, len(written))

    def _block(self, node: YamlNode, value: str) -> tuple[Span, _Speller]:
        """Add a scalar with header; a line end takes the next line's indentation along."""
        text, begins = self.host.text, self.length
        at = min(line_end(text, node.start), node.end)
        start = at
        lines = _LINE_END.split(text[at : node.end])[1:]
        indent = max(0, _indent(lines) - _indent(value.split("\n")))
        said = [line[min(indent, len(line) - len(line.lstrip(" "))) :] for line in lines]
        breaks = _folded(said) if node.style == ">" else ["\n"] * len(said)
        for index, (line, inner, between) in enumerate(zip(lines, said, breaks, strict=True)):
            ending = _LINE_END.match(text, at)
            width = len(line) - len(inner) + (len(ending[0]) if ending is not None else 0)
            if index:
                self._run(between, at, width)
            else:
                start = at + width
            at += width
            self._run(inner, at, len(inner))
            at += len(inner)
        closing = len(value) - (self.length - begins)
        for _ in range(closing):
            ending = _LINE_END.match(text, at)
            width = len(ending[0]) if ending is not None else 0
            self._run("\n", at, width)
            at += width
        return Span(start, at), self._in_block(" " * indent)

    def _in_block(self, indent: str) -> _Speller:
        newline, end = line_ending(self.host.text), self.length
        is_closed = bool(self.pieces) and self.pieces[-1].endswith("\n")

        def spell(new: str, offset: int) -> str:
            lines = _LINE_END.split(new)
            if offset == end and is_closed:
                # What follows the last line end has no indentation before it yet.
                return newline.join(f"{indent}{line}" if line else "" for line in lines)
            return f"{newline}{indent}".join(lines)

        return spell

    def _run(self, text: str, host: int, width: int) -> None:
        if text:
            self.pieces.append(text)
            self.runs.append(self.length)
            self.hosts.append(host)
            self.widths.append(width)
            self.length += len(text)

    def _part(
        self,
        begins: int,
        host: Span,
        spell: _Speller | None,
        value: Callable[[str], object] | None = None,
    ) -> None:
        self.parts.append(_Part(begins, self.length, host, spell, value))


def _as_it_is(text: str, _: int) -> str:
    return text


def _json_character(match: re.Match[str]) -> str:
    return "\n" if match[0] == "\\n" else str(json.loads(f'"{match[0]}"'))


def _in_single(text: str, _: int) -> str:
    return text.replace("'", "''")


def _in_double(text: str, _: int) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _indent(lines: list[str]) -> int:
    return next((len(x) - len(x.lstrip(" ")) for x in lines if x.strip(" ")), 0)


def _folded(lines: list[str]) -> list[str]:
    """Say what stands between each line of a folded scalar and the one before."""
    breaks: list[str] = []
    above = "\n"
    """The last line with text; what begins with white space is not folded."""
    for index, line in enumerate(lines):
        below = next((x for x in lines[index:] if x), "\n")
        if above[0].isspace() or below[0].isspace() or (index and not lines[index - 1]):
            breaks.append("\n")
        else:
            breaks.append(" " if line else "")
        above = line or above
    return breaks


def _scalar_at(host: Document, text: str, start: int) -> object:
    """Read the YAML scalar that stands at an offset of another text of a host."""
    from azmlint.sources import yaml  # noqa: PLC0415  # only edits of YAML ask

    try:
        waiting = yaml.parse(Document(host.path, text))
    except SyntaxProblem:
        return None
    while waiting:
        node = waiting.pop()
        if node.kind == "scalar" and node.start == start:
            return node.value
        uses = [*node.items, *(use for _, use in node.pairs)]
        waiting += [use.node for use in uses if not use.is_indirect]
    return None
