"""The native syntax of HCL, as Terraform and OpenTofu write it, with the place of everything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from azmlint.sources.document import SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from azmlint.location import Document
    from azmlint.sources.json import JsonNode

Scalar: TypeAlias = "str | int | float | bool | None"

DEPTH_LIMIT: Final = 90
"""How deeply expressions and blocks may nest; Terraform sets no limit, people stay far below."""


class Node:
    """One expression."""

    __slots__ = ("end", "items", "kind", "start", "value")

    def __init__(
        self,
        kind: str,
        start: int,
        end: int,
        value: Scalar = None,
        items: tuple[Node, ...] = (),
    ) -> None:
        """Hold what was read between two offsets.

        Kinds and their items: literal; template (pieces); name; attribute (of) and index (of, key);
        splat (of, what is taken of each, in which `item` stands for one); item; call (arguments),
        spread when the last argument is expanded; unary; binary; conditional (test, then, else);
        tuple; object (key and value by turns); parentheses; broken (why, as its value).
        """
        self.kind = kind
        self.start = start
        self.end = end
        self.value = value
        self.items = items

    def __repr__(self) -> str:
        """Show kind, value and place."""
        return f"<{self.kind} {self.value!r} {self.start}:{self.end}>"


class For(Node):
    """A `for` expression, or a `for` directive of a template: kind `for`."""

    __slots__ = ("condition", "groups", "key", "names")

    def __init__(
        self,
        start: int,
        end: int,
        names: tuple[str, ...],
        items: tuple[Node, Node],
        *,
        key: Node | None = None,
        condition: Node | None = None,
        groups: bool = False,
        joins: bool = False,
    ) -> None:
        """Hold collection and body; `joins` makes a text of what the bodies give."""
        super().__init__("for", start, end, "join" if joins else None, items)
        self.names = names
        self.key = key
        self.condition = condition
        self.groups = groups


class Elsewhere(Node):
    """An expression of another text than the block to which it belongs."""

    __slots__ = ("document",)

    def __init__(self, node: Node, document: Document) -> None:
        """Stand for `node`, which is of `document`."""
        plain = node.__class__ is Node
        kind, items = (node.kind, node.items) if plain else ("parentheses", (node,))
        super().__init__(kind, node.start, node.end, node.value, items)
        self.document = document


class Attribute:
    """One argument: `name = value`."""

    __slots__ = ("end", "name", "start", "value")

    def __init__(self, name: Node, value: Node) -> None:
        """Hold the name, of which the value is the text, and the expression."""
        self.name = name
        self.value = value
        self.start = name.start
        self.end = value.end


class Block:
    """One block: type, labels and body."""

    __slots__ = ("body", "end", "labels", "start", "type")

    def __init__(
        self, type_: Node, labels: tuple[Node, ...], body: Body, start: int, end: int
    ) -> None:
        """Hold the parts; labels are literals."""
        self.type = type_
        self.labels = labels
        self.body = body
        self.start = start
        self.end = end

    @property
    def label(self) -> str:
        """The last label, which names it; empty without any."""
        return str(self.labels[-1].value) if self.labels else ""

    def __repr__(self) -> str:
        """Show type and labels."""
        return f"<block {self.type.value} {[n.value for n in self.labels]}>"


class Body:
    """What stands in a block, or in a file."""

    __slots__ = ("attributes", "blocks", "document", "end", "json", "start", "written")

    def __init__(self, start: int, json: JsonNode | None = None) -> None:
        """Start empty; `json` is the object of which this is another form."""
        self.attributes: dict[str, Attribute] = {}
        self.blocks: list[Block] = []
        self.start = start
        """The offset after the opening brace."""
        self.end = start
        """The offset of the closing brace."""
        self.json = json
        self.document: Document | None = None
        """The text in which it stands, when that is another than that of what holds it."""
        self.written: Body | None = None
        """What stands in its own text, when other texts change it."""

    def value(self, name: str) -> Node | None:
        """Give the expression of an argument."""
        found = self.attributes.get(name)
        return found.value if found is not None else None

    def blocks_of(self, name: str) -> list[Block]:
        """List the blocks of a type, in order."""
        return [b for b in self.blocks if b.type.value == name]


class Parsed:
    """One file: what could be read, and what could not."""

    __slots__ = ("body", "lost", "problems", "statements")

    def __init__(self, body: Body) -> None:
        """Start without problems."""
        self.body = body
        self.problems: list[SyntaxProblem] = []
        self.lost = 0
        """How many statements at the top are not here because they cannot be read."""
        self.statements = 0
        """How many arguments and blocks stand at the top, read or not."""


def parse(document: Document) -> Parsed:
    """Read a file; a statement that cannot be read is a problem, and the next ones are read."""
    parser = _Parser(document.text)
    parsed = Parsed(Body(0))
    at: int | None = 0
    while at is not None:
        at = _statements(parser, parsed, at)
    parsed.lost = len(parsed.problems)
    parsed.problems = sorted([*parsed.problems, *parser.problems], key=lambda p: p.offset)
    parsed.body.end = len(document.text)
    return parsed


def parse_expression(text: str) -> Node:
    """Read one expression; raises SyntaxProblem."""
    parser = _Parser(text)
    parser.nesting = 1
    parser.advance()
    node = parser.expression()
    if parser.kind != _END:
        raise parser.unexpected("the end of the expression")
    return node


def parse_template(text: str) -> Node:
    """Read a text as a template, as JSON holds one; raises SyntaxProblem."""
    return _Parser(text).whole_template()


def _statements(parser: _Parser, parsed: Parsed, at: int) -> int | None:
    """Read statements from an offset on; give where to go on after one that cannot be read."""
    parser.restart(at)
    begun = at
    try:
        parser.advance()
        while True:
            parser.skip_lines()
            if parser.kind == _END:
                return None
            begun = parser.start
            parsed.statements += 1
            parser.statement(parsed.body, None)
    except SyntaxProblem as problem:
        parsed.problems.append(problem)
        # NOTE: what stands at the start of a line and looks like a statement ends a broken one.
        found = _AGAIN.search(parser.text, max(begun + 1, min(problem.offset, len(parser.text))))
        return found.start() if found is not None else None


_END: Final = 0
_LINE: Final = 1
_NAME: Final = 2
_NUMBER: Final = 3
_TEXT: Final = 4
_OPEN: Final = 5
_SIGN: Final = 6

_SPACE: Final = r"[ \t\xa0]|\#[^\n]*|//[^\n]*"
_PLAIN: Final = r'(?:[^"\\\n$%]|\\[^\n]|\$\$\{|%%\{|\$(?!\{)|%(?!\{))*+'
_TOKEN: Final = re.compile(
    rf"""(?:{_SPACE})*+(?:
   (\r?\n(?:[\r\n]|{_SPACE})*+)
  |([^\W\d][\w-]*)
  |(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  |("{_PLAIN}")
  |("{_PLAIN}[$%]\{{|<<-?[^\W\d][\w-]*\r?\n)
  |(\.\.\.|=>|==|!=|<=|>=|&&|\|\||::|[{{}}()\[\],.:?=!<>+\-*%~]|/(?!\*))
)?""",
    re.VERBOSE,
)
_MIDDLE: Final = re.compile(rf'{_PLAIN}([$%]\{{|")')
_FREE: Final = re.compile(r"(?:[^$%]|\$\$\{|%%\{|\$(?!\{)|%(?!\{))*+([$%]\{|\Z)")
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))|([$%])[$%]\{")
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_DOUBLED: Final = re.compile(r"([$%])[$%]\{")
_AGAIN: Final = re.compile(
    r'^(?=[^\W\d][\w-]*+[ \t]*+(?:=(?!=)|\{|"[^"\n]*"|\w++[ \t]*+\{))', re.MULTILINE
)
_NEXT: Final = re.compile(
    r'^([ \t]*+)(?:(\})|(?=[^\W\d][\w-]*+[ \t]*+(?:=(?!=)|\{|"[^"\n]*"|\w++[ \t]*+\{)))',
    re.MULTILINE,
)
"""What may end a broken argument of a block."""

_BRACE: Final = re.compile(r'("(?:[^"\\\n]|\\[^\n])*+"|[{}])|\n|\#|//|\Z')
"""A text, a brace, or what ends a line or what is read of it."""

_LISTED: Final = re.compile(r"[,;][ \t]*([^\W\d][\w-]*)[ \t]*=(?!=)")
"""What is written as a further argument of the same line."""

_NO_LOOP: Final = re.compile(r"\s*[=:,\].(]")
"""What follows a `for` that is a name."""

_HOLE: Final = re.compile(r"(?<![$%])(?:\$\$|%%)*+[$%]\{")

_RANK: Final = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


class _Text(Node):
    """A stretch of a template that is no hole."""

    __slots__ = ()


class _Directive:
    """One `%{ ... }` of a template while it is read."""

    __slots__ = ("end", "names", "node", "start", "word")

    def __init__(
        self, word: str, start: int, end: int, node: Node | None, names: tuple[str, ...]
    ) -> None:
        self.word = word
        self.start = start
        self.end = end
        self.node = node
        self.names = names


_Piece: TypeAlias = "Node | _Directive"


class _Parser:
    """Takes tokens when asked, so that a template within a template needs no stack of modes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.size = len(text)
        self.nesting = 0
        """Within how many brackets, where the end of a line means nothing, the next token is."""
        self.depth = 0
        self.kind = _END
        self.start = self.stop = self.last = 0
        self.sign = ""
        self.uncommented = self.size
        """From where on no comment ends."""

        self.problems: list[SyntaxProblem] = []
        """What is wrong with arguments, after which reading went on."""

        self.read_again = 0
        """How many characters were read more than once."""

        self.unclosed: set[str] = set()
        """The marks of heredocs that do not end any more."""

    def restart(self, at: int) -> None:
        """Go on at another offset."""
        self.nesting = self.depth = 0
        self.stop = self.last = at

    # Tokens

    def advance(self) -> None:
        """Take the next token."""
        self.last = self.stop
        at = self.stop
        while True:
            match = _TOKEN.match(self.text, at)
            kind = match.lastindex if match is not None else None
            if match is None or kind is None:
                at = match.end() if match is not None else at
                if self.text.startswith("/*", at):
                    at = self._after_comment(at)
                    continue
                if at < self.size:
                    if self.text[at] == '"':
                        raise self.problem("this text does not end on its line", at)
                    raise self.problem(f"'{self.text[at]}' is not expected here", at)
                self.kind, self.start, self.stop, self.sign = _END, self.size, self.size, ""
                return
            if kind != _LINE or not self.nesting:
                break
            at = match.end()
        self.kind, self.start, self.stop = kind, match.start(kind), match.end()
        self.sign = match[kind]

    def _after_comment(self, at: int) -> int:
        # NOTE: looking for an end that is not there, again and again, would take a square of time.
        end = self.text.find("*/", at + 2) if at < self.uncommented else -1
        if end < 0:
            self.uncommented = min(self.uncommented, at)
            raise self.problem("this comment never ends", at)
        return end + 2

    def problem(self, message: str, at: int) -> SyntaxProblem:
        """Make the error for an offset."""
        return SyntaxProblem(message, min(at, self.size))

    def unexpected(self, wanted: str) -> SyntaxProblem:
        """Make the error for the token at hand."""
        if self.kind == _END:
            found = "the end of the text"
        elif self.kind == _LINE:
            found = "the end of the line"
        else:
            found = f"'{' '.join(self.sign[:30].split())}'"
        return self.problem(f"{wanted} is expected here, not {found}", self.start)

    def at_sign(self, sign: str) -> bool:
        """Whether the token at hand is this sign."""
        return self.kind == _SIGN and self.sign == sign

    def took(self, sign: str) -> bool:
        """Take the sign if it is there."""
        if self.at_sign(sign):
            self.advance()
            return True
        return False

    def take(self, sign: str) -> None:
        """Take the sign, which has to be there."""
        if not self.took(sign):
            raise self.unexpected(f"'{sign}'")

    def skip_lines(self) -> None:
        """Pass empty lines and comments."""
        while self.kind == _LINE:
            self.advance()

    def enter(self) -> None:
        """Go one level down."""
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise self.problem("this is nested too deeply to be read", self.start)

    # Bodies

    def statement(self, into: Body, opening: int | None, *, on_one_line: bool = False) -> None:
        """Read one argument or block, with the end of its line."""
        if self.kind != _NAME:
            raise self.unexpected("an argument or a block")
        name = Node("literal", self.start, self.stop, self.sign)
        self.advance()
        if self.at_sign("="):
            depth = self.depth
            try:
                into.attributes[str(name.value)] = self._attribute(
                    name, into, opening, on_one_line=on_one_line
                )
            except SyntaxProblem as problem:
                again = self._after_broken(name, problem, opening, on_one_line=on_one_line)
                if again is None:
                    raise
                self.problems.append(problem.with_traceback(None))
                broken = Node("broken", name.end, again, problem.message)
                into.attributes[str(name.value)] = Attribute(name, broken)
                for other in _LISTED.finditer(self.text, name.end, again):
                    named = Node("literal", other.start(1), other.end(1), other[1])
                    into.attributes.setdefault(other[1], Attribute(named, broken))
                self.nesting, self.depth = 0, depth
                self.stop = again
                self.advance()
            return
        labels: list[Node] = []
        while self.kind in {_NAME, _TEXT}:
            text = self.sign
            if self.kind == _TEXT:
                text = self._unescaped(text[1:-1], self.start + 1)
            labels.append(Node("literal", self.start, self.stop, text))
            self.advance()
        if not self.at_sign("{"):
            raise self.unexpected("'=' or '{'")
        self.enter()
        body, end = self._body(self.start)
        self.depth -= 1
        into.blocks.append(Block(name, tuple(labels), body, name.start, end))
        self._end_of_statement("block", opening, on_one_line=on_one_line)

    def _attribute(
        self, name: Node, into: Body, opening: int | None, *, on_one_line: bool
    ) -> Attribute:
        self.advance()
        attribute = Attribute(name, self.expression())
        self._end_of_statement("argument", opening, on_one_line=on_one_line)
        if str(name.value) in into.attributes:
            raise self.problem(f"'{name.value}' is given twice", name.start)
        return attribute

    def _after_broken(
        self, name: Node, problem: SyntaxProblem, opening: int | None, *, on_one_line: bool
    ) -> int | None:
        """Find the end of an argument that cannot be read, by how its line is indented.

        It ends before what stands as far in as it does and looks like a statement, or before what
        closes its block, be it on the same line. None when that is not told.
        """
        closing = self._closing(name.end) if opening is not None else None
        if on_one_line:
            return closing
        line = self.text.rfind("\n", 0, name.start) + 1
        indent = self.text[line : name.start]
        if indent.strip(" \t"):
            return None
        end, read = closing, self.size
        for found in _NEXT.finditer(self.text, name.end):
            if found[2] and len(found[1]) >= len(indent):
                # It closes a bracket of the argument.
                continue
            is_closed = closing is not None and found[1] != self._indent(opening or 0)
            is_end = found[2] and indent.startswith(found[1]) and not is_closed
            if found[1] != indent and not is_end and len(found[1]) > len(indent):
                continue
            if found[1] == indent or is_end:
                end = found.start() - 1
            read = found.start()
            break
        if end is None:
            return None
        self.read_again += max(0, problem.offset - end, read - end - 1)
        # What reads a text again and again takes a square of time.
        return end if self.read_again <= 2 * self.size else None

    def _closing(self, at: int) -> int | None:
        """Find the brace that closes, on its line, what was opened before."""
        depth = 0
        for found in _BRACE.finditer(self.text, at):
            if found[1] is None:
                break
            depth += {"{": 1, "}": -1}.get(found[1], 0)
            if depth < 0:
                return found.start()
        return None

    def _indent(self, at: int) -> str:
        line = self.text[self.text.rfind("\n", 0, at) + 1 : at]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def _end_of_statement(self, what: str, opening: int | None, *, on_one_line: bool) -> None:
        if self.kind in {_LINE, _END} and not on_one_line:
            return
        if on_one_line and opening is not None and self.at_sign("}"):
            return
        raise self.unexpected(f"the end of the line after the {what}")

    def _body(self, opening: int) -> tuple[Body, int]:
        body = Body(self.stop)
        self.advance()
        if self.kind == _LINE:
            self.skip_lines()
            while not self.at_sign("}"):
                if self.kind == _END:
                    raise self.problem("this block is never closed", opening)
                self.statement(body, opening)
                self.skip_lines()
        elif not self.at_sign("}"):
            self.statement(body, opening, on_one_line=True)
        body.end = self.start
        end = self.stop
        self.advance()
        return body, end

    # Expressions

    def expression(self) -> Node:
        """Read one expression; the token after it is at hand."""
        self.enter()
        test = self._binary(1)
        if self.at_sign("?"):
            self.advance()
            yes = self.expression()
            self.take(":")
            no = self.expression()
            test = Node("conditional", test.start, no.end, None, (test, yes, no))
        self.depth -= 1
        return test

    def _binary(self, least: int) -> Node:
        left = self._unary()
        while self.kind == _SIGN:
            rank = _RANK.get(self.sign)
            if rank is None or rank < least:
                break
            sign = self.sign
            self.advance()
            right = self._binary(rank + 1)
            left = Node("binary", left.start, right.end, sign, (left, right))
        return left

    def _unary(self) -> Node:
        signs: list[tuple[str, int]] = []
        while self.kind == _SIGN and self.sign in {"!", "-"}:
            if len(signs) > DEPTH_LIMIT:
                raise self.problem("this is nested too deeply to be read", self.start)
            signs.append((self.sign, self.start))
            self.advance()
        node = self._steps(self._primary())
        for sign, start in reversed(signs):
            number = node.value
            if sign == "-" and node.kind == "literal" and type(number) in {int, float}:
                node = Node("literal", start, node.end, -number)  # type: ignore[operator]  # a number
            else:
                node = Node("unary", start, node.end, sign, (node,))
        return node

    def _primary(self) -> Node:
        kind, start, stop, sign = self.kind, self.start, self.stop, self.sign
        if kind == _TEXT:
            text = self._unescaped(sign[1:-1], start + 1)
            self.advance()
            return Node("literal", start, stop, text)
        if kind == _NUMBER:
            self.advance()
            return Node("literal", start, stop, _number(sign))
        if kind == _OPEN:
            return self._heredoc() if sign[0] == "<" else self._quoted()
        if kind == _NAME:
            return self._named()
        if self.took("("):
            return self._parentheses(start)
        if kind == _SIGN and sign in {"[", "{"}:
            return self._bracketed(start, sign)
        raise self.unexpected("a value")

    def _named(self) -> Node:
        start, stop, name = self.start, self.stop, self.sign
        self.advance()
        while self.at_sign("::"):
            self.advance()
            if self.kind != _NAME:
                raise self.unexpected("the name of a function")
            name += f"::{self.sign}"
            self.advance()
        if self.at_sign("("):
            return self._call(start, name)
        if "::" in name:
            raise self.unexpected("'('")
        if name in _CONSTANTS:
            return Node("literal", start, stop, _CONSTANTS[name])
        return Node("name", start, stop, name)

    def _call(self, start: int, name: str) -> Node:
        self.nesting += 1
        self.advance()
        arguments: list[Node] = []
        kind = "call"
        while not self.at_sign(")"):
            arguments.append(self.expression())
            if self.took("..."):
                kind = "spread"
                self.took(",")
                break
            if not self.took(","):
                break
        end = self._close(")")
        return Node(kind, start, end, name, tuple(arguments))

    def _close(self, sign: str) -> int:
        """Take a closing bracket; what follows it may end the line again."""
        if not self.at_sign(sign):
            raise self.unexpected(f"'{sign}'")
        end = self.stop
        self.nesting -= 1
        self.advance()
        return end

    def _parentheses(self, start: int) -> Node:
        # NOTE: the token after the bracket is at hand already, and may be the end of a line.
        self.nesting += 1
        self.skip_lines()
        inner = self.expression()
        end = self._close(")")
        return Node("parentheses", start, end, None, (inner,))

    def _bracketed(self, start: int, opening: str) -> Node:
        nesting = self.nesting
        self.nesting += 1
        self.advance()
        is_loop = self.kind == _NAME and self.sign == "for"
        if is_loop and not _NO_LOOP.match(self.text, self.stop):
            return self._for(start, opening)
        if opening == "[":
            return self._tuple(start)
        # The ends of lines part members.
        self.nesting = 0
        return self._object(start, nesting)

    def _tuple(self, start: int) -> Node:
        items: list[Node] = []
        while not self.at_sign("]"):
            items.append(self.expression())
            if not self.took(","):
                break
        end = self._close("]")
        return Node("tuple", start, end, None, tuple(items))

    def _object(self, start: int, nesting: int) -> Node:
        items: list[Node] = []
        while True:
            self.skip_lines()
            if self.at_sign("}"):
                break
            items += self._pair()
            if not self.took(",") and self.kind != _LINE and not self.at_sign("}"):
                raise self.unexpected("',' or the end of the line")
        end = self.stop
        self.nesting = nesting
        self.advance()
        return Node("object", start, end, None, tuple(items))

    def _pair(self) -> tuple[Node, Node]:
        key = self.expression()
        if key.kind == "name":
            key = Node("literal", key.start, key.end, key.value)
        elif key.kind == "literal" and not isinstance(key.value, str):
            key = Node("literal", key.start, key.end, self.text[key.start : key.end])
        if not self.took("=") and not self.took(":"):
            raise self.unexpected("'='")
        return key, self.expression()

    def _for(self, start: int, opening: str) -> Node:
        closing = "]" if opening == "[" else "}"
        self.advance()
        names, collection = self._for_intro()
        self.take(":")
        key: Node | None = None
        body = self.expression()
        if opening == "{":
            self.take("=>")
            key, body = body, self.expression()
        groups = self.took("...")
        condition: Node | None = None
        if self.kind == _NAME and self.sign == "if":
            self.advance()
            condition = self.expression()
        end = self._close(closing)
        return For(
            start, end, names, (collection, body), key=key, condition=condition, groups=groups
        )

    def _for_intro(self) -> tuple[tuple[str, ...], Node]:
        names: list[str] = []
        while True:
            if self.kind != _NAME:
                raise self.unexpected("a name")
            names.append(self.sign)
            self.advance()
            if len(names) == 2 or not self.took(","):  # noqa: PLR2004  # key and value
                break
        if self.kind != _NAME or self.sign != "in":
            raise self.unexpected("'in'")
        self.advance()
        return tuple(names), self.expression()

    def _steps(self, node: Node) -> Node:
        """Read what is taken of a value: attributes, items, splats."""
        count = 0
        while self.kind == _SIGN and self.sign in {".", "["}:
            count += 1
            if count > DEPTH_LIMIT:
                raise self.problem("this is nested too deeply to be read", self.start)
            if self.sign == ".":
                node = self._dot(node)
                continue
            self.nesting += 1
            self.advance()
            if self.at_sign("*"):
                self.advance()
                end = self._close("]")
                self.enter()
                each = self._steps(Node("item", end, end))
                self.depth -= 1
                return Node("splat", node.start, max(end, each.end), "full", (node, each))
            key = self.expression()
            end = self._close("]")
            node = Node("index", node.start, end, None, (node, key))
        return node

    def _dot(self, node: Node) -> Node:
        self.advance()
        start, stop, sign = self.start, self.stop, self.sign
        if self.kind == _NAME:
            self.advance()
            return Node("attribute", node.start, stop, sign, (node,))
        if self.kind == _NUMBER:
            self.advance()
            # `a.0.1` is read as a decimal number first.
            for piece in sign.split("."):
                key = Node("literal", start, stop, int(piece) if piece.isdigit() else piece)
                node = Node("index", node.start, stop, None, (node, key))
            return node
        if self.at_sign("*"):
            self.advance()
            self.enter()
            each = Node("item", stop, stop)
            for _ in range(DEPTH_LIMIT):
                if not self.at_sign("."):
                    break
                each = self._dot(each)
            self.depth -= 1
            return Node("splat", node.start, max(stop, each.end), "attributes", (node, each))
        raise self.unexpected("a name after '.'")

    # Templates

    def _unescaped(self, text: str, at: int) -> str:
        if "\\" not in text:
            return _DOUBLED.sub(r"\1{", text)

        def plain(match: re.Match[str]) -> str:
            code = match[1] or match[2]
            if code is not None and int(code, 16) <= 0x10FFFF:  # noqa: PLR2004  # the last one
                return chr(int(code, 16))
            if match[4] is not None:
                return f"{match[4]}{{"
            if match[3] is not None and match[3] in _ESCAPES:
                return _ESCAPES[match[3]]
            message = f"'{match[0]}' is no escape sequence"
            raise self.problem(message, at + match.start())

        return _ESCAPE.sub(plain, text)

    def _quoted(self) -> Node:
        """Read a text in quotes that has holes; the token at hand ends at the first hole."""
        start = self.start
        nesting = self.nesting
        pieces: list[_Piece] = []
        text_at, text = start + 1, self.sign[1:-2]
        opener = self.sign[-2:]
        is_trimmed = False
        while True:
            if text:
                value = self._unescaped(text, text_at)
                value = value.lstrip() if is_trimmed else value
                pieces.append(_Text("literal", text_at, text_at + len(text), value))
            if opener == '"':
                break
            is_trimmed = self._hole(opener, pieces, by_line=False)
            text_at = self.stop
            match = _MIDDLE.match(self.text, text_at)
            if match is None:
                raise self.problem("this text is never closed", start)
            opener = match[1]
            text = self.text[text_at : match.start(1)]
            self.stop = match.end()
        end = self.stop
        self.nesting = nesting
        self.advance()
        return _template(self, pieces, start, end)

    def _hole(self, opener: str, pieces: list[_Piece], *, by_line: bool = True) -> bool:
        """Read a hole, after its opening; then `stop` is after its closing brace.

        A `~` takes blanks away: those of the line beside it, line end included, or without
        `by_line` all of the text beside it. Tells whether it does so with what follows.
        """
        start = self.stop - 2
        nesting, self.nesting = self.nesting, 1
        self.enter()
        if self.text.startswith("~", self.stop):
            self.stop += 1
            _strip_end(pieces, by_line=by_line)
        self.advance()
        piece = self.expression() if opener == "${" else self._directive(start)
        is_trimmed = self.at_sign("~")
        if is_trimmed:
            self.advance()
        if not self.at_sign("}"):
            raise self.unexpected("'}'")
        self.nesting = nesting
        self.depth -= 1
        if isinstance(piece, _Directive):
            piece.end = self.stop
        pieces.append(piece)
        return is_trimmed

    def _directive(self, start: int) -> _Directive:
        if self.kind != _NAME or self.sign not in {"if", "else", "endif", "for", "endfor"}:
            raise self.unexpected("'if', 'for' or their end")
        word = self.sign
        self.advance()
        if word == "if":
            return _Directive(word, start, start, self.expression(), ())
        if word == "for":
            names, collection = self._for_intro()
            return _Directive(word, start, start, collection, names)
        return _Directive(word, start, start, None, ())

    def _heredoc(self) -> Node:
        start = self.start
        mark = self.sign[2:].lstrip("-").strip()
        is_flush = self.sign.startswith("<<-")
        ending = re.compile(rf"^[ \t]*{re.escape(mark)}(?=[ \t]*\r?\n)", re.MULTILINE)
        nesting = self.nesting
        at = self.stop
        pieces: list[_Piece] = []
        close: re.Match[str] | None = None
        is_trimmed = False
        while True:
            if close is None or close.start() < at:
                close = ending.search(self.text, at) if mark not in self.unclosed else None
            if close is None:
                self.unclosed.add(mark)
                raise self.problem(f"this text is never closed by '{mark}'", start)
            hole = _HOLE.search(self.text, at, close.start())
            stop = close.start() if hole is None else hole.end() - 2
            if at < stop:
                pieces.append(self._stretch(at, stop, is_trimmed=is_trimmed))
            if hole is None:
                break
            self.stop = hole.end()
            is_trimmed = self._hole(hole[0][-2:], pieces)
            at = self.stop
        self.stop = close.end()
        end = self.stop
        self.nesting = nesting
        self.advance()
        if is_flush:
            _outdent(pieces)
        return _template(self, pieces, start, end, is_text=True)

    def whole_template(self) -> Node:
        """Read all of the text as a template."""
        pieces: list[_Piece] = []
        at = 0
        is_trimmed = False
        while True:
            match = _FREE.match(self.text, at)
            assert match is not None  # noqa: S101  # it matches anything
            if match.start(1) > at:
                pieces.append(self._stretch(at, match.start(1), is_trimmed=is_trimmed))
            if not match[1]:
                return _template(self, pieces, 0, self.size)
            self.stop = match.end()
            is_trimmed = self._hole(match[1], pieces)
            at = self.stop

    def _stretch(self, start: int, stop: int, *, is_trimmed: bool) -> _Text:
        value = _DOUBLED.sub(r"\1{", self.text[start:stop])
        if is_trimmed:
            line = value.find("\n") + 1 or len(value)
            value = value[:line].lstrip() + value[line:]
        return _Text("literal", start, stop, value)


def _number(text: str) -> int | float:
    if text.isdigit() and len(text) < 400:  # noqa: PLR2004  # what Python converts
        return int(text)
    number = float(text)
    return int(number) if number.is_integer() else number


def _strip_end(pieces: list[_Piece], *, by_line: bool) -> None:
    last = pieces[-1] if pieces else None
    if isinstance(last, _Text):
        text = str(last.value)
        line = text.rfind("\n", 0, max(len(text) - 1, 0)) + 1 if by_line else 0
        last.value = text[:line] + text[line:].rstrip()


def _outdent(pieces: Sequence[_Piece]) -> None:
    """Take away the blanks with which every line of a `<<-` text begins."""
    lines: list[int] = []
    starts_line = True
    for piece in pieces:
        if not isinstance(piece, _Text):
            if starts_line:
                lines.append(0)
            starts_line = False
            continue
        text = str(piece.value)
        rows = text.split("\n")
        if not text and starts_line:
            lines.append(0)
        for index, row in enumerate(rows):
            is_last = index == len(rows) - 1
            if (index or starts_line) and (row.strip() or (is_last and row)):
                lines.append(len(row) - len(row.lstrip(" \t")))
        starts_line = text.endswith("\n")
    least = min(lines, default=0)
    if not least:
        return
    starts_line = True
    for piece in pieces:
        if not isinstance(piece, _Text):
            starts_line = False
            continue
        rows = str(piece.value).split("\n")
        piece.value = "\n".join(
            row[least:] if (index or starts_line) and row[:least].isspace() else row
            for index, row in enumerate(rows)
        )
        starts_line = str(piece.value).endswith("\n")


def _template(
    parser: _Parser, pieces: Sequence[_Piece], start: int, end: int, *, is_text: bool = False
) -> Node:
    """Join what was read of a template, directives with what they enclose."""
    rest = iter(pieces)
    nodes, ended = _until(parser, rest, ())
    if ended is not None:
        raise parser.problem(f"'{ended.word}' has no beginning", ended.start)
    if not nodes:
        return Node("literal", start, end, "")
    if len(nodes) == 1 and isinstance(nodes[0], _Text):
        return Node("literal", start, end, nodes[0].value)
    if len(nodes) == 1 and not is_text and not isinstance(pieces[0], _Directive):
        # `"${x}"` is x itself, whatever its type.
        return Node("parentheses", start, end, None, (nodes[0],))
    return Node("template", start, end, None, tuple(nodes))


def _until(
    parser: _Parser, rest: Iterator[_Piece], words: tuple[str, ...]
) -> tuple[list[Node], _Directive | None]:
    nodes: list[Node] = []
    for piece in rest:
        if isinstance(piece, Node):
            nodes.append(piece)
        elif piece.word in {"if", "for"}:
            nodes.append(_enclosing(parser, piece, rest))
        elif piece.word in words or not words:
            return nodes, piece
        else:
            raise parser.problem(f"'{piece.word}' does not belong here", piece.start)
    return nodes, None


def _enclosing(parser: _Parser, opening: _Directive, rest: Iterator[_Piece]) -> Node:
    closings = ("else", "endif") if opening.word == "if" else ("endfor",)
    parser.enter()
    first, closing = _until(parser, rest, closings)
    second: list[Node] = []
    if closing is not None and closing.word == "else":
        second, closing = _until(parser, rest, ("endif",))
    if closing is None or opening.node is None:
        raise parser.problem(f"'{opening.word}' has no end", opening.start)
    parser.depth -= 1
    start, end = opening.start, closing.end
    body = Node("template", start, end, None, tuple(first))
    if opening.word == "for":
        return For(start, end, opening.names, (opening.node, body), joins=True)
    other = Node("template", start, end, None, tuple(second))
    return Node("conditional", start, end, None, (opening.node, body, other))
