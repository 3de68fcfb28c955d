"""Commands that a Python program starts, as they are when it starts them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions.term import Term
from azmlint.sources import python_operations as operations
from azmlint.sources.python_course import Argument
from azmlint.sources.python_syntax import Extent
from azmlint.sources.python_values import Choice, Listed, Mapped, narrowed, trace_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from azmlint.location import Document, Place
    from azmlint.sources.python_course import Arguments
    from azmlint.sources.python_expression import Expressions
    from azmlint.sources.python_values import Path, Thing

_STARTERS: Final = {
    "asyncio.create_subprocess_exec": "",
    "asyncio.create_subprocess_shell": "cmd",
    "invoke.run": "command",
    "os.popen": "cmd",
    "os.system": "command",
    "subprocess.Popen": "args",
    "subprocess.call": "args",
    "subprocess.check_call": "args",
    "subprocess.check_output": "args",
    "subprocess.getoutput": "cmd",
    "subprocess.getstatusoutput": "cmd",
    "subprocess.run": "args",
}
"""What starts a command, and its parameter for that; empty where each argument is a word."""

_OF_IPYTHON: Final = frozenset({"getoutput", "system"})
_NEAR: Final = re.compile(r"\baz\b|-Az", re.IGNORECASE)
_SHELLS: Final = frozenset({"bash", "cmd", "cmd.exe", "dash", "ksh", "sh", "zsh"})
_POWERSHELLS: Final = frozenset({"powershell", "powershell.exe", "pwsh"})
_TEXT_FOLLOWS: Final = re.compile(r"(?i:-\w*c|/c|-command)")


class Written(NamedTuple):
    """A piece of a command's text, and where it is written."""

    node: ast.expr
    things: tuple[Thing, ...]
    """Of a literal what its fields are; else the one thing that it is."""

    is_literal: bool


class Started(NamedTuple):
    """A command that a program starts."""

    home: Document
    """The text in which its words are written."""

    words: Listed | None
    """None where a shell gets a text."""

    pieces: tuple[Written, ...]
    """Of a text."""

    place: Place
    path: Path
    folder: Thing | None
    environment: Mapping[str, Thing]
    names: Mapping[str, Thing]
    """What IPython fills in."""

    suffix: str = ".sh"
    """Of files in the language of the shell that gets the text."""


def of_function(program: Expressions, name: str, given: Arguments, node: ast.Call) -> list[Started]:
    """List what a call starts, once for each thing that the command may be."""
    keyword = _STARTERS.get(name)
    if keyword is None:
        return []
    if not keyword:
        words = Listed([a.thing for a in given.positional], (program.place(node),))
        words.rest = given.rest
        return list(_started(program, Argument(words, program.place(node)), given, node))
    argument = given.bind((keyword,)).get(keyword)
    return list(_started(program, argument, given, node)) if argument is not None else []


def of_method(program: Expressions, name: str, given: Arguments, node: ast.Call) -> list[Started]:
    """List what `get_ipython().system(...)` starts, or `get_default_cli().invoke([...])`."""
    called = node.func.value if isinstance(node.func, ast.Attribute) else None
    if not given.positional or not isinstance(called, ast.Call):
        return []
    first = given.positional[0]
    if name in _OF_IPYTHON and program.shown(called.func).endswith("get_ipython"):
        return list(_started(program, first, given, node, program.scope.names))
    words = narrowed(first.thing, program.path)
    is_cli = name == "invoke" and program.shown(called.func).endswith("get_default_cli")
    if not is_cli or not isinstance(words, Listed):
        return []
    az = Term("az", (program.place(called),))
    whole = Listed([az, *words.items], (), rest=words.rest)
    return list(_started(program, first._replace(thing=whole), given, node))


def _started(
    program: Expressions,
    argument: Argument,
    given: Arguments,
    node: ast.Call,
    names: Mapping[str, Thing] | None = None,
) -> Iterator[Started]:
    folder = given.named.get("cwd")
    environment = given.named.get("env")
    held = environment.thing if environment is not None else None
    variables = dict(program.course.environment)
    variables |= {str(k): v for k, v in held.pairs.items()} if isinstance(held, Mapped) else {}
    for path, thing in _cases(argument.thing, program.path):
        made = Started(
            program.document,
            None,
            (),
            program.place(node),
            path,
            folder.thing if folder is not None else program.course.folder,
            variables,
            names or {},
        )
        found = _of_words(program, made, thing) if isinstance(thing, Listed) else None
        if found is None and isinstance(thing, (Term, Listed)):
            found = _of_text(program, made, thing, argument.place)
        if found is not None and _is_near(found):
            yield found


def _of_words(program: Expressions, made: Started, words: Listed) -> Started | None:
    """Take a list for words; None where a shell is given a text with it."""
    kept = _kept(program, words)
    if kept is not None and len(kept) == 1:
        return None
    texts = [i.data if isinstance(i, Term) and isinstance(i.data, str) else "" for i in words.items]
    if len(texts) == 1 and " " in texts[0]:
        return _of_text(program, made, words.items[0], None)
    name = texts[0].replace("\\", "/").rpartition("/")[2].lower() if texts else ""
    is_powershell = name in _POWERSHELLS
    if is_powershell or name in _SHELLS:
        for index, text in enumerate(texts[1:-1], 1):
            if _TEXT_FOLLOWS.fullmatch(text):
                inner = _of_text(program, made, words.items[index + 1], None)
                return inner._replace(suffix=".ps1") if is_powershell else inner
    return made._replace(words=words)


def _of_text(program: Expressions, made: Started, thing: Thing, place: Place | None) -> Started:
    """Take a text apart into what is written, and what is filled in."""
    if isinstance(thing, Listed):
        thing = (_kept(program, thing) or (thing,))[0]
        place = None
    found = _node(place)
    if found is None or not (
        isinstance(found[1], ast.Constant) or found[1] in program.course.texts
    ):
        found = _node(_origin(thing)) or found
    if found is None:
        found = _node(made.place)
    assert found is not None  # noqa: S101  # a call is a node of this program
    home, node = found
    return made._replace(home=home, pieces=tuple(_pieces(program, made.path, node, thing)))


def _origin(thing: Thing) -> Place | None:
    return (None, *trace_of(thing))[-1]


def _node(place: Place | None) -> tuple[Document, ast.expr] | None:
    """Find the expression that is written at a place."""
    if place is None:
        return None
    document, extent = place.inside
    node = extent.node if isinstance(extent, Extent) else None
    return (document, node) if isinstance(node, ast.expr) else None


def _kept(program: Expressions, thing: Thing) -> tuple[Thing, ...] | None:
    """Give what something was made of, when it is still the same."""
    found = _node(_origin(thing))
    kept = program.course.texts.get(found[1]) if found is not None else None
    if kept is None or not isinstance(thing, Listed):
        return kept
    # What was added to a list since it was made is no part of the text.
    text = kept[0].data if isinstance(kept[0], Term) else None
    is_same = not isinstance(text, str) or len(text.split()) >= len(thing.items)
    return kept if is_same else None


def _pieces(program: Expressions, path: Path, node: ast.expr, thing: Thing) -> Iterator[Written]:
    thing = narrowed(thing, path)
    whole = operations.as_term(thing)
    if isinstance(node, ast.Constant) and whole.data == node.value:
        yield Written(node, (), is_literal=True)
        return
    kept = [narrowed(k, path) for k in program.course.texts.get(node, ())]
    if not kept or operations.joined(kept, ()).text_parts != whole.text_parts:
        # What was worked out here since is another text.
        yield Written(node, (thing,), is_literal=False)
    elif isinstance(node, ast.JoinedStr):
        pairs = zip(node.values, kept, strict=True)
        fields = [k for value, k in pairs if isinstance(value, ast.FormattedValue)]
        yield Written(node, tuple(fields), is_literal=True)
    elif isinstance(node, ast.BinOp):
        yield from _pieces(program, path, node.left, kept[0])
        yield from _pieces(program, path, node.right, kept[1])
    else:
        yield from _of_items(node, kept)


def _of_items(node: ast.expr, items: Sequence[Thing]) -> Iterator[Written]:
    """Take the items of a list that are joined, each where it is written if that is here."""
    inside = {id(n) for n in ast.walk(node)}
    for item in items:
        found = _node(_origin(item))
        if found is not None and id(found[1]) in inside and isinstance(found[1], ast.Constant):
            yield Written(found[1], (), is_literal=True)
        else:
            yield Written(node, (item,), is_literal=False)


def _cases(thing: Thing, path: Path) -> list[tuple[Path, Thing]]:
    thing = narrowed(thing, path)
    if not isinstance(thing, Choice):
        return [(path, thing)]
    return [
        *_cases(thing.yes, (*path, (thing.decision, True))),
        *_cases(thing.no, (*path, (thing.decision, False))),
    ]


def _is_near(found: Started) -> bool:
    """Whether what is known of a command may be one for Azure."""
    if found.words is not None:
        return any(_NEAR.search(_known(i)) for i in found.words.items) or _is_unnamed(found.words)
    text = "".join(t for piece in found.pieces for t in _texts(piece))
    return _NEAR.search(text) is not None


def _texts(piece: Written) -> Iterator[str]:
    for node in ast.walk(piece.node) if piece.is_literal else ():
        if isinstance(node, ast.Constant):
            yield str(node.value)
    yield from map(_known, piece.things)


def _known(thing: Thing) -> str:
    parts = thing.text_parts if isinstance(thing, Term) else ()
    return "".join(p if isinstance(p, str) else " " for p in parts)


_GROUPS: Final = frozenset({"account", "configure", "deployment", "group", "lock", "ml", "network"})


def _is_unnamed(words: Listed) -> bool:
    """Whether the program is not known, and its first argument is one of az."""
    first = words.items[0] if words.items else None
    is_open = isinstance(first, Term) and first.is_unknown
    return is_open and len(words.items) > 2 and _known(words.items[1]) in _GROUPS  # noqa: PLR2004
