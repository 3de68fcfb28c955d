"""What a Bicep text is made of: located expressions, types and statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from azmlint.expressions.arm_syntax import Foreign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from azmlint.expressions.arm_syntax import Call

Scalar: TypeAlias = "str | int | float | bool | None"


class Node(Foreign):
    """An extent of the text that means something."""

    __slots__ = ("end", "start")

    may_end_in_null: ClassVar[bool] = False
    """Whether it holds a safe access, after which a whole chain of accesses is null."""

    def __init__(self, start: int, end: int) -> None:
        """Locate it."""
        self.start = start
        self.end = end


class Literal(Node):
    """A text, number, `true`, `false` or `null`."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: Scalar) -> None:
        """Hold the value that is written."""
        super().__init__(start, end)
        self.value = value


class Bare(Literal):
    """A text that stands in the file without quotes of its own, such as a property's name."""

    __slots__ = ()


class Joined(Node):
    """A text with `${...}` in it."""

    __slots__ = ("parts",)

    def __init__(self, start: int, end: int, parts: Sequence[Node]) -> None:
        """Hold known and computed pieces in order."""
        super().__init__(start, end)
        self.parts = parts


class Name(Node):
    """A name that something else declares."""

    __slots__ = ("name",)

    def __init__(self, start: int, end: int, name: str) -> None:
        """Hold the name, which has a case."""
        super().__init__(start, end)
        self.name = name


class Operation(Node):
    """A function call or an operator, as the function that works it out."""

    __slots__ = ("call",)

    def __init__(self, start: int, end: int, call: Call) -> None:
        """Hold the call; its arguments are nodes of this tree."""
        super().__init__(start, end)
        self.call = call

    @property
    def shown(self) -> str:
        """What messages call it."""
        return self.call.shown


def untyped(node: Node | None) -> Node | None:
    """Look into `any()`, which only keeps the compiler from asking what type something has."""
    while isinstance(node, Operation) and node.call.name == "any" and node.call.arguments:
        inner = node.call.arguments[0]
        if not isinstance(inner, Node):
            break
        node = inner
    return node


class MethodCall(Node):
    """A function of a resource or of a namespace, such as `account.listKeys()`."""

    __slots__ = ("call", "of")

    def __init__(self, start: int, end: int, of: Node, call: Call) -> None:
        """Hold what is before the dot, and the call after it."""
        super().__init__(start, end)
        self.of = of
        self.call = call


class Access(Node):
    """A property, an item, or a nested resource of something."""

    __slots__ = ("is_from_end", "is_nested", "is_safe", "key", "may_end_in_null", "of")

    def __init__(
        self,
        start: int,
        end: int,
        of: Node,
        key: Node,
        *,
        is_safe: bool = False,
        is_from_end: bool = False,
        is_nested: bool = False,
    ) -> None:
        """Hold what is accessed, and by what."""
        super().__init__(start, end)
        self.of = of
        self.key = key
        self.is_safe = is_safe
        """Whether it is written `.?` or `[?`, which gives null for what is missing."""
        self.is_from_end = is_from_end
        """Whether it is written `[^n]`, which counts from the end."""
        self.is_nested = is_nested
        """Whether it is written `::`, which names a resource declared inside another."""
        self.may_end_in_null = is_safe or of.may_end_in_null  # type: ignore[misc]  # of each access


class Spread(Node):
    """`...x` among members or items."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: Node) -> None:
        """Hold what is spread out."""
        super().__init__(start, end)
        self.value = value


class Property(Node):
    """One member of an object."""

    __slots__ = ("key", "value")

    def __init__(self, key: Node, value: Node) -> None:
        """Hold name and value; a name is a Literal or computed."""
        super().__init__(key.start, value.end)
        self.key = key
        self.value = value

    @property
    def name(self) -> str | None:
        """The name, None when it is computed."""
        value = self.key.value if isinstance(self.key, Literal) else None
        return value if isinstance(value, str) else None


class ObjectNode(Node):
    """Members in braces."""

    __slots__ = ("members", "resources")

    def __init__(
        self,
        start: int,
        end: int,
        members: Sequence[Property | Spread],
        resources: Sequence[Statement],
    ) -> None:
        """Hold members in order, and the resources that are declared among them."""
        super().__init__(start, end)
        self.members = members
        self.resources = resources

    def find(self, name: str) -> Property | None:
        """Find a member that is written out; names compare without case, the last one counts."""
        folded = name.casefold()
        for member in reversed(self.members):
            if isinstance(member, Property) and (member.name or "").casefold() == folded:
                return member
        return None

    def get(self, name: str) -> Node | None:
        """Give the value of a member that is written out."""
        member = self.find(name)
        return member.value if member is not None else None


class ArrayNode(Node):
    """Items in brackets."""

    __slots__ = ("items",)

    def __init__(self, start: int, end: int, items: Sequence[Node]) -> None:
        """Hold items in order, some of which may be spread out."""
        super().__init__(start, end)
        self.items = items


class Lambda(Node):
    """A function without a name."""

    __slots__ = ("body", "names")

    def __init__(self, start: int, end: int, names: Sequence[str], body: Node) -> None:
        """Hold the names of its parameters and what it gives."""
        super().__init__(start, end)
        self.names = names
        self.body = body


class Loop(Node):
    """`[for item in source: body]`."""

    __slots__ = ("body", "index", "item", "source")

    def __init__(
        self, start: int, end: int, item: str, index: str | None, source: Node, body: Node
    ) -> None:
        """Hold the names of item and index, what is gone through, and what each turn makes."""
        super().__init__(start, end)
        self.item = item
        self.index = index
        self.source = source
        self.body = body


class If(Node):
    """`if (condition) {...}`, which is only a value of resources and modules."""

    __slots__ = ("body", "condition")

    def __init__(self, start: int, end: int, condition: Node, body: Node) -> None:
        """Hold the condition and what it guards."""
        super().__init__(start, end)
        self.condition = condition
        self.body = body


class Type(Node):
    """The type of a parameter, as far as it says which values there are."""

    __slots__ = ("choices", "is_nullable", "literal", "name")

    def __init__(
        self,
        start: int,
        end: int,
        name: str = "",
        literal: Literal | None = None,
        choices: Sequence[Type] = (),
        *,
        is_nullable: bool = False,
    ) -> None:
        """Hold a name, a value that is a type of its own, or what `|` joins."""
        super().__init__(start, end)
        self.name = name
        """Of a simple or declared type; empty for other forms."""
        self.literal = literal
        self.choices = choices
        self.is_nullable = is_nullable


class Statement(Node):
    """One declaration."""

    __slots__ = (
        "decorators",
        "imported",
        "is_existing",
        "keyword",
        "name",
        "parameters",
        "type",
        "value",
    )

    def __init__(self, start: int, end: int, keyword: str) -> None:
        """Begin with what every declaration has."""
        super().__init__(start, end)
        self.keyword = keyword
        self.name: Name | None = None
        self.type: Node | None = None
        """A Type; of a resource, module or test the text after its name."""
        self.value: Node | None = None
        self.decorators: Sequence[Node] = ()
        self.is_existing = False
        self.parameters: Sequence[str] = ()
        """Of a function."""
        self.imported: Sequence[tuple[str, str]] = ()
        """Of an import: names as they are there and as they are here."""

    @property
    def key(self) -> str:
        """The name that is declared; empty where there is none."""
        return self.name.name if self.name is not None else ""

    def decorator(self, name: str) -> Call | None:
        """Find a decorator by its name in lower case."""
        for node in self.decorators:
            call = node.call if isinstance(node, (Operation, MethodCall)) else None
            if call is not None and call.name == name:
                return call
        return None


class Trouble(Node):
    """A stretch of the text that is not understood."""

    __slots__ = ("is_syntax", "message")

    def __init__(self, start: int, end: int, message: str, *, is_syntax: bool) -> None:
        """Say why; `is_syntax` tells what Bicep refuses from what only azmlint cannot read."""
        super().__init__(start, end)
        self.message = message
        self.is_syntax = is_syntax


class Program(Node):
    """One file."""

    __slots__ = ("imports", "named", "statements", "troubles")

    def __init__(self, end: int, statements: list[Statement], troubles: list[Trouble]) -> None:
        """Hold what is declared, and what could not be read."""
        super().__init__(0, end)
        self.statements = statements
        self.troubles = troubles
        self.imports: dict[str, tuple[Statement, str]] = {}
        """What other files export, by its name here: the import, and the name there.

        The name of a whole file stands for "".
        """
        for statement in self.of("import"):
            for there, here in statement.imported:
                self.imports.setdefault(here, (statement, there))
            if statement.name is not None:
                self.imports.setdefault(statement.key, (statement, ""))
        self.named: dict[str, Statement] = {}
        """Declarations by name; resources, modules, parameters and variables share their names."""
        for statement in statements:
            if statement.name is not None and statement.keyword not in {"output", "metadata"}:
                self.named.setdefault(statement.key, statement)

    def of(self, *keywords: str) -> list[Statement]:
        """List the declarations of some kinds."""
        return [s for s in self.statements if s.keyword in keywords]

    def output(self, name: str) -> Statement | None:
        """Find an output; names compare without case."""
        folded = name.casefold()
        return next((s for s in self.of("output") if s.key.casefold() == folded), None)


def used_names(node: Node) -> list[str]:
    """List what an expression refers to, without what it names itself, as loops and lambdas do."""
    found: dict[str, None] = {}
    own: set[str] = set()
    waiting: list[object] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Name):
            found[one.name] = None
        elif isinstance(one, (list, tuple)):
            waiting += one
        elif isinstance(one, Node):
            if isinstance(one, Lambda):
                own.update(one.names)
            elif isinstance(one, Loop):
                own.update(n for n in (one.item, one.index) if n is not None)
            waiting += [getattr(one, slot) for slot in type(one).__slots__]
    return [name for name in found if name not in own]
