"""Reads Bicep text to a located tree; a statement that cannot be read does not cost the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from azmlint.expressions.arm_syntax import Call
from azmlint.sources.bicep_tokens import (
    END,
    LINE,
    MULTI,
    NAME,
    NUMBER,
    OPEN,
    SIGN,
    TEXT,
    TextProblem,
    Tokens,
    UnknownForm,
)
from azmlint.sources.bicep_tree import (
    Access,
    ArrayNode,
    Bare,
    If,
    Joined,
    Lambda,
    Literal,
    Loop,
    MethodCall,
    Name,
    Node,
    ObjectNode,
    Operation,
    Program,
    Property,
    Spread,
    Statement,
    Trouble,
    Type,
)

if TYPE_CHECKING:
    from collections.abc import Callable

DEPTH_LIMIT: Final = 100
"""How deeply expressions may nest; real files stay under 30."""

NUMBER_LIMIT: Final = 19
"""The digits of the longest whole number."""

_OPERATORS: Final = {
    "||": (1, "or"),
    "&&": (2, "and"),
    "??": (3, "coalesce"),
    "==": (4, "equals"),
    "!=": (4, "equals"),
    "=~": (4, "equals"),
    "!~": (4, "equals"),
    "<": (5, "less"),
    ">": (5, "greater"),
    "<=": (5, "lessorequals"),
    ">=": (5, "greaterorequals"),
    "+": (6, "add"),
    "-": (6, "sub"),
    "*": (7, "mul"),
    "/": (7, "div"),
    "%": (7, "mod"),
}
"""How strongly each binds, and the function that works it out."""

_CONTINUE: Final = ("||", "&&", "??")
"""Operators before which a line may end."""

_KEYWORDS: Final = (
    "targetScope", "metadata", "param", "var", "resource", "module", "output", "type", "func",
    "import", "extension", "extensionConfig", "provider", "assert", "test", "using", "extends",
)  # fmt: skip
_NEXT: Final = re.compile(rf"^(?:@|(?:{'|'.join(_KEYWORDS)})\b)", re.MULTILINE)
_LAMBDA: Final = re.compile(r"\((?:[\s\w,]|//[^\n\r]*|/\*[\s\S]*?\*/)*+\)\s*=>")
_QUOTES: Final = re.compile(r"'{3,5}")


def parse(text: str) -> Program:
    """Read a text; what is wrong with it is among the program's troubles."""
    return _Parser(text).program()


class _Parser(Tokens):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0
        self.troubles: list[Trouble] = []

    # Statements

    def program(self) -> Program:
        statements: list[Statement] = []
        begun = 0
        is_over = False
        while not is_over:
            try:
                if begun == 0 and self.next == 0:
                    self.advance()
                self.skip_lines()
                if self.kind == END:
                    break
                begun = self.start
                statements.append(self.statement())
                self.end_of_statement()
            except TextProblem as problem:
                is_over = not self.recover(problem, begun)
            except RecursionError:
                is_over = not self.recover(UnknownForm("nested too deeply", begun), begun)
        return Program(len(self.text), statements, self.troubles)

    def end_of_statement(self) -> None:
        if self.kind not in {LINE, END}:
            message = f"expected the end of the line, not {self.shown()}"
            raise TextProblem(message, self.start)

    def recover(self, problem: TextProblem, begun: int) -> bool:
        """Note a problem and go to the next line that begins a statement; False without one."""
        while True:
            within = [] if problem.is_final else _beginnings(self.text, begun + 1, problem.start)
            if within:
                # What was read beyond the end of its own statement belongs to the next one.
                at = len(self.text[: within[-1]].rstrip())
                self.note("the declaration ends too early", max(at - 1, begun), is_syntax=True)
            else:
                is_syntax = not isinstance(problem, UnknownForm)
                self.note(problem.message, problem.start, is_syntax=is_syntax)
            after = max(problem.start, begun, self.start) + 1
            match = None if problem.is_final else _NEXT.search(self.text, after)
            if not within and match is None:
                return False
            begun = within[-1] if within else match.start() if match is not None else after
            self.skips_lines, self.depth = False, 0
            self.kind, self.next, self.start = LINE, begun, begun
            try:
                self.advance()
            except TextProblem as another:
                problem = another
            else:
                return True

    def note(self, message: str, start: int, *, is_syntax: bool) -> None:
        end = max(self.rest_of_line(start), start)
        self.troubles.append(Trouble(start, end, message, is_syntax=is_syntax))

    def statement(self) -> Statement:
        start = self.start
        decorators = self.decorators()
        statement = Statement(start, start, self.value)
        statement.decorators = decorators
        read = _STATEMENTS.get(self.value) if self.kind == NAME else None
        if read is None:
            # A new kind of declaration would name what it declares.
            word = self.kind == NAME and self.after_lines()
            if word and word.isidentifier():
                message = f"'{self.value}' begins a declaration that azmlint does not know"
                raise UnknownForm(message, self.start)
            message = f"expected a declaration, not {self.shown()}"
            raise TextProblem(message, self.start)
        self.advance()
        read(self, statement)
        statement.end = self.last
        return statement

    def decorators(self) -> list[Node]:
        found: list[Node] = []
        while self.take("@"):
            found.append(self.accesses(self.primary()))
            self.skip_lines()
        return found

    def name(self) -> Name:
        if self.kind != NAME:
            message = f"expected a name, not {self.shown()}"
            raise TextProblem(message, self.start)
        node = Name(self.start, self.next, self.value)
        self.advance()
        return node

    def value_of(self, statement: Statement) -> None:
        self.expect("=")
        self.skip_lines()
        statement.value = self.expression()

    def named_value(self, statement: Statement) -> None:
        statement.name = self.name()
        if not self.at("="):
            statement.type = self.type()
        self.value_of(statement)

    def parameter(self, statement: Statement) -> None:
        statement.name = self.name()
        self.skip_lines_before("|")
        if self.kind not in {LINE, END} and not self.at("="):
            statement.type = self.type()
        if self.at("="):
            self.value_of(statement)

    def resource(self, statement: Statement) -> None:
        statement.name = self.name()
        statement.type = self.accesses(self.primary())
        if self.at_word("existing"):
            statement.is_existing = True
            self.advance()
        self.skip_lines_before("=")
        self.value_of(statement)

    def type_alias(self, statement: Statement) -> None:
        statement.name = self.name()
        self.expect("=")
        self.skip_lines()
        statement.type = self.type()

    def function(self, statement: Statement) -> None:
        statement.name = self.name()
        names: list[str] = []
        outer, self.skips_lines = self.skips_lines, True
        self.expect("(")
        while not self.at(")"):
            names.append(self.name().name)
            self.type()
            if not self.take(","):
                break
        self.skips_lines = outer
        self.expect(")")
        statement.parameters = names
        statement.type = self.type()
        self.expect("=>")
        self.skip_lines()
        statement.value = self.expression()

    def import_(self, statement: Statement) -> None:
        if self.at("{"):
            statement.imported = self.imported()
        elif not self.take("*"):
            statement.value = self.expression()
        self.clauses(statement)

    def imported(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        self.advance()
        self.skip_lines()
        while not self.at("}"):
            there = str(self.simple_text().value) if self.kind == TEXT else self.name().name
            here = there
            if self.at_word("as"):
                self.advance()
                here = self.name().name
            found.append((there, here))
            if not self.take(",") and self.kind != LINE and not self.at("}"):
                message = f"expected a comma or a new line, not {self.shown()}"
                raise TextProblem(message, self.start)
            self.skip_lines()
        self.advance()
        return found

    def using(self, statement: Statement) -> None:
        statement.value = self.expression()
        self.clauses(statement)

    def clauses(self, statement: Statement) -> None:
        while self.kind == NAME and self.value in {"as", "from", "with"}:
            word = self.value
            self.advance()
            if word == "as":
                statement.name = self.name()
            elif word == "from":
                statement.value = self.expression()
            else:
                self.expression()

    # Types

    def type(self) -> Type:
        self.enter()
        start = self.start
        choices = []
        if self.take("|"):
            self.skip_lines()
        while True:
            choices.append(self.simple_type())
            self.skip_lines_before("|")
            if not self.take("|"):
                break
            self.skip_lines()
        self.depth -= 1
        if len(choices) == 1:
            return choices[0]
        is_nullable = any(c.is_nullable for c in choices)
        return Type(start, self.last, choices=choices, is_nullable=is_nullable)

    def simple_type(self) -> Type:
        start = self.start
        sign = ""
        while self.kind == SIGN and self.value in {"-", "+", "!"}:
            sign += self.value
            self.advance()
        found = Type(start, start)
        if self.at("("):
            outer, self.skips_lines = self.skips_lines, True
            self.advance()
            inner = self.type()
            self.skips_lines = outer
            self.expect(")")
            found = Type(start, self.last, inner.name, inner.literal, inner.choices)
            found.is_nullable = inner.is_nullable
        elif self.at("{"):
            found.name = "object"
            self.type_members("}")
        elif self.at("["):
            found.name = "array"
            self.type_members("]")
        elif self.kind == NAME:
            found = self.named_type()
        elif self.kind in {NUMBER, TEXT, OPEN, MULTI}:
            literal = self.primary()
            if isinstance(literal, Literal):
                is_minus = sign == "-" and isinstance(literal.value, int)
                value = -literal.value if is_minus else literal.value  # type: ignore[operator]
                found.literal = Literal(start, literal.end, value)
        else:
            message = f"expected a type, not {self.shown()}"
            raise TextProblem(message, self.start)
        self.type_suffixes(found)
        found.end = self.last
        return found

    def named_type(self) -> Type:
        start, word = self.start, self.value
        self.advance()
        if word in {"true", "false", "null"}:
            values = {"true": True, "false": False, "null": None}
            return Type(start, self.last, literal=Literal(start, self.last, values[word]))
        if word == "resource" and self.kind == TEXT:
            self.advance()
        return Type(start, self.last, word)

    def type_suffixes(self, found: Type) -> None:
        while self.kind == SIGN:
            if self.value in {"?", "??"}:
                found.is_nullable = True
                self.advance()
            elif self.value == "!":
                self.advance()
            elif self.value == "[":
                self.advance()
                if not self.at("]"):
                    self.take("*") or self.take("?") or self.primary()
                self.expect("]")
                found.name, found.literal, found.choices = "array", None, ()
            elif self.value in {".", ".?"}:
                self.advance()
                member = "*" if self.take("*") else self.name().name
                is_of_name = found.name not in {"", "array", "object"}
                found.name = f"{found.name}.{member}" if is_of_name else ""
            elif self.value == "<":
                self.type_arguments()
                found.name = ""
            else:
                return

    def type_arguments(self) -> None:
        self.advance()
        self.skip_lines()
        while not self.at(">"):
            self.type()
            self.skip_lines()
            if not self.take(","):
                break
            self.skip_lines()
        self.expect(">")

    def type_members(self, close: str) -> None:
        outer, self.skips_lines = self.skips_lines, False
        self.advance()
        self.skip_lines()
        while not self.at(close):
            self.decorators()
            self.take(",")
            self.skip_lines()
            if close == "}":
                if self.kind == TEXT:
                    self.advance()
                elif not self.take("*"):
                    self.name()
                self.expect(":")
                self.skip_lines()
            self.type()
            self.end_of_member(close)
        self.skips_lines = outer
        self.advance()

    def end_of_member(self, close: str) -> None:
        if not self.take(",") and self.kind != LINE and not self.at(close):
            message = f"expected a comma or a new line, not {self.shown()}"
            raise TextProblem(message, self.start)
        self.skip_lines()

    # Expressions

    def enter(self) -> None:
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            message = f"nested more than {DEPTH_LIMIT} levels deep"
            raise UnknownForm(message, self.start)

    def expression(self) -> Node:
        self.enter()
        node = self.operators()
        self.skip_lines_before("?")
        if self.take("?"):
            self.skip_lines()
            yes = self.expression()
            self.skip_lines()
            self.expect(":")
            self.skip_lines()
            no = self.expression()
            node = Operation(node.start, no.end, Call("if", (node, yes, no), "?:"))
        self.depth -= 1
        return node

    def operators(self) -> Node:
        """Read operands and operators; those that bind equally go from the left."""
        operands = [self.operand()]
        waiting: list[str] = []
        while True:
            if self.kind == LINE and self.after_lines() in _CONTINUE:
                self.skip_lines()
            sign = self.value if self.kind == SIGN else ""
            strength = _OPERATORS[sign][0] if sign in _OPERATORS else 0
            while waiting and _OPERATORS[waiting[-1]][0] >= strength:
                right, left = operands.pop(), operands.pop()
                operands.append(_applied(waiting.pop(), left, right))
            if not strength:
                return operands[0]
            waiting.append(sign)
            self.advance()
            self.skip_lines()
            operands.append(self.operand())

    def operand(self) -> Node:
        signs: list[tuple[str, int]] = []
        while self.kind == SIGN and self.value in {"!", "-", "+"}:
            signs.append((self.value, self.start))
            self.advance()
            if len(signs) > DEPTH_LIMIT:
                message = "too many signs in a row"
                raise UnknownForm(message, self.start)
        node = self.accesses(self.primary())
        for sign, start in reversed(signs):
            node = _signed(sign, start, node)
        return node

    def accesses(self, node: Node) -> Node:
        while self.kind == SIGN:
            if self.value in {".", ".?"}:
                is_safe = self.value == ".?"
                self.advance()
                key = self.name()
                if self.at("("):
                    arguments = self.arguments()
                    call = Call(key.name.lower(), tuple(arguments), key.name)
                    node = MethodCall(node.start, self.last, node, call)
                else:
                    name = Bare(key.start, key.end, key.name)
                    node = Access(node.start, key.end, node, name, is_safe=is_safe)
            elif self.value == "[":
                node = self.item(node)
            elif self.value == "::":
                self.advance()
                key = self.name()
                name = Bare(key.start, key.end, key.name)
                node = Access(node.start, key.end, node, name, is_nested=True)
            elif self.value == "!":
                # It only tells the compiler that the value is there.
                self.advance()
            else:
                break
        return node

    def item(self, of: Node) -> Node:
        outer, self.skips_lines = self.skips_lines, True
        self.advance()
        is_safe = self.take("?")
        is_from_end = self.take("^")
        key = self.expression()
        self.skips_lines = outer
        self.expect("]")
        return Access(of.start, self.last, of, key, is_safe=is_safe, is_from_end=is_from_end)

    def primary(self) -> Node:
        read = _PRIMARIES.get(self.value if self.kind == SIGN else self.kind)
        if read is None:
            message = f"expected a value, not {self.shown()}"
            raise TextProblem(message, self.start)
        return read(self)

    def number(self) -> Node:
        start, digits = self.start, self.value
        if len(digits) > NUMBER_LIMIT:
            message = "a number is too large"
            raise TextProblem(message, start)
        self.advance()
        return Literal(start, self.last, int(digits))

    def in_parentheses(self) -> Node:
        if _LAMBDA.match(self.text, self.start):
            return self.lambda_()
        outer, self.skips_lines = self.skips_lines, True
        self.advance()
        node = self.expression()
        self.skips_lines = outer
        self.expect(")")
        return node

    def simple_text(self) -> Literal:
        node = Literal(self.start, self.next, self.unescaped(self.start + 1, self.next - 1))
        self.advance()
        return node

    def word(self) -> Node:
        start, word = self.start, self.value
        self.advance()
        if word in {"true", "false"}:
            return Literal(start, self.last, word == "true")
        if word == "null":
            return Literal(start, self.last, None)
        if self.at("=>"):
            self.advance()
            self.skip_lines()
            body = self.expression()
            return Lambda(start, body.end, (word,), body)
        if self.at("("):
            arguments = self.arguments()
            if word == "if" and self.at("{"):
                body = self.object()
                if len(arguments) == 1:
                    return If(start, body.end, arguments[0], body)
                message = "if wants one condition"
                raise TextProblem(message, start)
            return Operation(start, self.last, Call(word.lower(), tuple(arguments), word))
        return Name(start, self.last, word)

    def arguments(self) -> list[Node]:
        outer, self.skips_lines = self.skips_lines, True
        self.advance()
        found: list[Node] = []
        while not self.at(")"):
            found.append(self.expression())
            self.take("...")
            if not self.take(","):
                break
        self.skips_lines = outer
        self.expect(")")
        return found

    def lambda_(self) -> Node:
        start = self.start
        names: list[str] = []
        outer, self.skips_lines = self.skips_lines, True
        self.advance()
        while not self.at("=>"):
            if self.kind == NAME:
                names.append(self.value)
            self.advance()
        self.skips_lines = outer
        self.advance()
        self.skip_lines()
        body = self.expression()
        return Lambda(start, body.end, names, body)

    def joined(self) -> Node:
        """Read a text with `${...}` on one line."""
        start = self.start
        parts: list[Node] = [Literal(start, self.next, self.unescaped(start + 1, self.next - 2))]
        outer, self.skips_lines = self.skips_lines, True
        is_open = True
        while is_open:
            self.hole(parts)
            at = self.next
            written, is_open = self.piece()
            parts.append(Literal(at, self.next, written))
        end = self.next
        self.skips_lines = outer
        self.advance()
        return Joined(start, end, [p for p in parts if not _is_empty(p)])

    def hole(self, parts: list[Node]) -> None:
        self.advance()
        parts.append(self.expression())
        if not self.at("}"):
            message = f"expected '}}', not {self.shown()}"
            raise TextProblem(message, self.start)

    def multi_line(self) -> Node:
        """Read a text in three quotes; the `$` before them say what opens a hole in it."""
        start, at = self.start, self.next
        opening = "$" * (at - start - 3) + "{" if at - start > 3 else ""  # noqa: PLR2004
        parts: list[Node] = []
        outer, self.skips_lines = self.skips_lines, True
        if self.text.startswith("\r\n", at):
            at += 2
        elif self.text.startswith("\n", at):
            at += 1
        while True:
            close = _QUOTES.search(self.text, at)
            if close is None:
                message = "a text over several lines is never closed"
                raise TextProblem(message, start, is_final=True)
            hole = self.text.find(opening, at, close.start()) if opening else -1
            if hole < 0:
                break
            parts.append(Literal(at, hole, self.text[at:hole]))
            self.next = hole + len(opening)
            self.hole(parts)
            at = self.next
        end = close.end()
        parts.append(Literal(at, end, self.text[at : end - 3]))
        self.skips_lines = outer
        self.next, self.kind = end, TEXT
        self.advance()
        if len(parts) == 1:
            return Literal(start, end, parts[0].value)  # type: ignore[attr-defined]  # a Literal
        return Joined(start, end, [p for p in parts if not _is_empty(p)])

    def object(self) -> ObjectNode:
        self.enter()
        start = self.start
        members: list[Property | Spread] = []
        resources: list[Statement] = []
        outer, self.skips_lines = self.skips_lines, False
        self.advance()
        self.skip_lines()
        while not self.at("}"):
            if self.at("..."):
                members.append(self.spread())
            elif self.at("@") or (self.at_word("resource") and self.after_lines() != ":"):
                resources.append(self.nested_resource())
            else:
                members.append(self.member())
            self.end_of_member("}")
        self.skips_lines = outer
        self.advance()
        self.depth -= 1
        return ObjectNode(start, self.last, members, resources)

    def nested_resource(self) -> Statement:
        statement = Statement(self.start, self.start, "resource")
        statement.decorators = self.decorators()
        if not self.at_word("resource"):
            message = f"expected a resource, not {self.shown()}"
            raise TextProblem(message, self.start)
        self.advance()
        self.resource(statement)
        statement.end = self.last
        return statement

    def spread(self) -> Spread:
        start = self.start
        self.advance()
        value = self.expression()
        return Spread(start, value.end, value)

    def member(self) -> Property:
        key: Node
        if self.kind == NAME:
            key = Bare(self.start, self.next, self.value)
            self.advance()
        elif self.kind in {TEXT, OPEN, MULTI}:
            key = self.primary()
        else:
            message = f"expected the name of a property, not {self.shown()}"
            raise TextProblem(message, self.start)
        self.skip_lines_before(":")
        self.expect(":")
        self.skip_lines()
        return Property(key, self.expression())

    def array(self) -> Node:
        start = self.start
        outer, self.skips_lines = self.skips_lines, False
        self.advance()
        self.skip_lines()
        if self.at_word("for"):
            node = self.loop(start)
        else:
            items: list[Node] = []
            while not self.at("]"):
                items.append(self.spread() if self.at("...") else self.expression())
                self.end_of_member("]")
            node = ArrayNode(start, self.next, items)
        self.skips_lines = outer
        self.advance()
        return node

    def loop(self, start: int) -> Node:
        self.advance()
        index: str | None = None
        if self.take("("):
            item = self.name().name
            self.expect(",")
            index = self.name().name
            self.expect(")")
        else:
            item = self.name().name
        if not self.at_word("in"):
            message = f"expected 'in', not {self.shown()}"
            raise TextProblem(message, self.start)
        self.advance()
        source = self.expression()
        self.skip_lines_before(":")
        self.expect(":")
        self.skip_lines()
        body = self.expression()
        self.skip_lines()
        if not self.at("]"):
            message = f"expected ']', not {self.shown()}"
            raise TextProblem(message, self.start)
        return Loop(start, self.next, item, index, source, body)


def _beginnings(text: str, start: int, end: int) -> list[int]:
    """Find the lines of a stretch that begin a statement."""
    # NOTE: the word that begins one may reach beyond the end of the stretch.
    ahead = end + max(len(word) for word in _KEYWORDS)
    return [m.start() for m in _NEXT.finditer(text, start, ahead + 2) if m.start() <= end]


def _is_empty(node: Node) -> bool:
    return isinstance(node, Literal) and node.value == ""


def _applied(sign: str, left: Node, right: Node) -> Node:
    name = _OPERATORS[sign][1]
    if sign in {"=~", "!~"}:
        left, right = _lower(left), _lower(right)
    node = Operation(left.start, right.end, Call(name, (left, right), sign))
    if sign in {"!=", "!~"}:
        return Operation(left.start, right.end, Call("not", (node,), sign))
    return node


def _lower(node: Node) -> Node:
    return Operation(node.start, node.end, Call("tolower", (node,), "toLower"))


def _signed(sign: str, start: int, node: Node) -> Node:
    if sign == "!":
        return Operation(start, node.end, Call("not", (node,), "!"))
    if sign == "+":
        return node
    if (
        isinstance(node, Literal)
        and isinstance(node.value, int)
        and not isinstance(node.value, bool)
    ):
        return Literal(start, node.end, -node.value)
    zero = Literal(start, start, 0)
    return Operation(start, node.end, Call("sub", (zero, node), "-"))


_STATEMENTS: Final[dict[str, Callable[[_Parser, Statement], None]]] = {
    "targetScope": _Parser.value_of,
    "metadata": _Parser.named_value,
    "param": _Parser.parameter,
    "var": _Parser.named_value,
    "resource": _Parser.resource,
    "module": _Parser.resource,
    "output": _Parser.named_value,
    "type": _Parser.type_alias,
    "func": _Parser.function,
    "import": _Parser.import_,
    "extension": _Parser.using,
    "extensionConfig": _Parser.using,
    "provider": _Parser.using,
    "assert": _Parser.named_value,
    "test": _Parser.resource,
    "using": _Parser.using,
    "extends": _Parser.using,
}
"""How to read each kind of declaration, by its first word."""

_PRIMARIES: Final[dict[str, Callable[[_Parser], Node]]] = {
    TEXT: _Parser.simple_text,
    NAME: _Parser.word,
    NUMBER: _Parser.number,
    OPEN: _Parser.joined,
    MULTI: _Parser.multi_line,
    "{": _Parser.object,
    "[": _Parser.array,
    "(": _Parser.in_parentheses,
}
"""How to read a value, by the kind of its first token or by its sign."""
