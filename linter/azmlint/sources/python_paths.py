"""Paths of files in a Python program, be they texts or objects of pathlib.

A program's own file is named from the root of the project, as an absolute path.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from azmlint.expressions.arm_values import NotWorkedOut
from azmlint.expressions.term import UNKNOWN, Term
from azmlint.sources import python_operations as operations
from azmlint.sources.python_values import Listed, Made, Thing

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Sequence

    from azmlint.location import Place
    from azmlint.sources.python_course import Arguments
    from azmlint.sources.python_expression import Expressions

_PATH: Final = "pathlib.Path"
_OPENED: Final = "builtins.open"
_CLASSES: Final = frozenset(
    {_PATH, "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath", "pathlib.WindowsPath"}
)
_SAME: Final = frozenset({"os.fspath", "os.path.abspath", "os.path.normpath", "os.path.realpath"})
_SAME_METHODS: Final = frozenset({"absolute", "expanduser", "resolve"})
_JOINS: Final = frozenset({"os.path.join", "posixpath.join"})
_HERE: Final = frozenset({"os.getcwd", "pathlib.Path.cwd"})


def own(path: str) -> str:
    """Give the path of a program, as its name `__file__` has it."""
    return f"/{path}"


def plain(thing: Thing) -> Thing:
    """Give the text of a path or of what is opened by it; anything else is what it is."""
    is_path = isinstance(thing, Made) and thing.kind in {_PATH, _OPENED}
    return thing.attributes[""] if is_path and isinstance(thing, Made) else thing


def call(program: Expressions, name: str, given: Arguments, node: ast.Call) -> Thing | None:
    """Call a function that makes a path; None for any other."""
    if given.rest is not None:
        return None
    trace = (program.place(node),)
    things = [plain(a.thing) for a in given.positional]
    if name in _CLASSES:
        return program.combined(things, lambda t: _path(joined(t, trace), trace))
    if name in _JOINS:
        return program.combined(things, lambda t: joined(t, trace))
    if name in _HERE:
        here = Term("", trace)
        return here if name == "os.getcwd" else _path(here, trace)
    return _of_one(program, name, things[0], trace) if things else None


def _of_one(
    program: Expressions, name: str, thing: Thing, trace: tuple[Place, ...]
) -> Thing | None:
    if name in _SAME:
        return thing
    if name == "os.path.dirname":
        return program.lifted(thing, lambda t: _folder(t, trace))
    if name == "os.path.basename":
        return program.lifted(thing, lambda t: _of_text(t, posixpath.basename, trace))
    return Made(_OPENED, {"": thing}, trace) if name == _OPENED else None


def method(
    program: Expressions, of: Thing, name: str, given: Arguments, node: ast.Call
) -> Thing | None:
    """Call a method of a path; None for one of which nothing is known."""
    if not isinstance(of, Made) or of.kind != _PATH:
        return None
    trace = (program.place(node),)
    things = [plain(a.thing) for a in given.positional]
    if name in _SAME_METHODS:
        return of
    if name == "as_posix":
        return of.attributes[""]
    if name == "joinpath":
        return program.combined(
            [of.attributes[""], *things], lambda t: _path(joined(t, trace), trace)
        )
    if name == "open":
        return Made(_OPENED, dict(of.attributes), trace)
    if name == "with_name" and things:
        parent = _folder(of.attributes[""], trace)
        return program.combined([parent, *things], lambda t: _path(joined(t, trace), trace))
    return None


def attribute(of: Made, name: str, place: Place) -> Thing | None:
    """Give an attribute of a path; None for one of which nothing is known."""
    if of.kind != _PATH:
        return None
    text, trace = of.attributes[""], (place,)
    if name == "parent":
        return _path(_folder(text, trace), trace)
    if name == "parents":
        above: list[Thing] = []
        data = text.data if isinstance(text, Term) else None
        while isinstance(data, str) and posixpath.dirname(data) != data:
            data = posixpath.dirname(data)
            above.append(_path(Term(data, trace), trace))
        return Listed(above, trace) if above else None
    work = _PARTS.get(name)
    return _of_text(text, work, trace) if work is not None else None


def below(left: Thing, right: Thing, trace: tuple[Place, ...]) -> Thing | None:
    """Give `left / right`; None where neither is a path."""
    is_path = any(isinstance(t, Made) and t.kind == _PATH for t in (left, right))
    return _path(joined([plain(left), plain(right)], trace), trace) if is_path else None


def joined(things: Sequence[Thing], trace: tuple[Place, ...]) -> Term:
    """Put the parts of a path together; what begins at the root stands for itself."""
    pieces: list[Thing] = []
    for thing in things:
        data = thing.data if isinstance(thing, Term) else None
        if isinstance(data, str):
            if data in {"", "."}:
                continue
            is_root = data.startswith("/")
            pieces = [] if is_root else pieces
        pieces += [Term("/"), thing] if pieces else [thing]
    made = operations.joined(pieces, trace)
    one = things[0] if len(things) == 1 else None
    if isinstance(one, Term) and one.trace and pieces:
        # The path is written where its text is.
        return Term(
            made.data, one.trace, reason=made.reason, parts=made.parts, decisions=made.decisions
        )
    return made


def _path(text: Thing, trace: tuple[Place, ...]) -> Made:
    return Made(_PATH, {"": text}, trace)


def _folder(text: Thing, trace: tuple[Place, ...]) -> Thing:
    term = operations.as_term(text)
    if isinstance(term.data, str):
        return Term(posixpath.dirname(term.data), trace)
    *before, last = term.parts or ("",)
    if not isinstance(last, str) or "/" not in last:
        raise NotWorkedOut
    return Term(
        UNKNOWN, trace, reason=term.reason, parts=(*before, posixpath.dirname(last)),
        decisions=term.decisions,
    )  # fmt: skip


def _of_text(text: Thing, work: Callable[[str], str], trace: tuple[Place, ...]) -> Thing:
    if isinstance(text, Term) and isinstance(text.data, str):
        return Term(work(text.data), trace)
    raise NotWorkedOut


def _stem(text: str) -> str:
    return posixpath.splitext(posixpath.basename(text))[0]


def _suffix(text: str) -> str:
    return posixpath.splitext(text)[1]


def _name(text: str) -> str:
    return posixpath.basename(text)


_PARTS: Final[dict[str, Callable[[str], str]]] = {"name": _name, "stem": _stem, "suffix": _suffix}
