"""What functions of Python's own library give to a program that is followed."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from azmlint.expressions.term import Symbol, Term, unknown
from azmlint.sources import python_operations as operations
from azmlint.sources import python_paths as paths
from azmlint.sources import python_times as times
from azmlint.sources.python_course import (
    ENDS,
    NO_ARGUMENTS,
    Argument,
    Arguments,
    as_default,
    as_term_of_any,
    everywhere,
)
from azmlint.sources.python_operations import truth
from azmlint.sources.python_values import Bound, Foreign, Function, Listed, Made, Mapped

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

    from azmlint.sources.python_expression import Expressions
    from azmlint.sources.python_values import Thing

_PARSER: Final = "argparse.ArgumentParser"
_SWITCHES: Final = frozenset({"store_true", "store_false", "count", "append", "store_const"})


def call(program: Expressions, name: str, given: Arguments, node: ast.Call) -> Thing | None:
    """Call a function by its dotted name; None for one of which nothing is known."""
    special = _SPECIAL.get(name)
    if special is not None:
        return special(program, given, node)
    made = paths.call(program, name, given, node) or times.call(program, name, given, node)
    if made is not None:
        return made
    if name in _COPIES and given.positional:
        return given.positional[-1].thing
    if not name.startswith("builtins.") or given.rest is not None:
        return None
    short = name.removeprefix("builtins.")
    names = list(given.named)
    things = [paths.plain(a.thing) for a in given.positional]
    things += [given.named[n].thing for n in names]
    count = len(given.positional)
    trace = (program.place(node),)

    def work(found: list[Thing]) -> Thing:
        options = dict(zip(names, found[count:], strict=True))
        made = operations.function(short, found[:count], options, trace)
        return made if made is not None else _NONE

    made = program.combined(things, work)
    return None if made is _NONE else made


def method(
    program: Expressions, of: Thing, name: str, given: Arguments, node: ast.Call
) -> Thing | None:
    """Call a method of what the library made; None for one of which nothing is known."""
    if name == "chdir" and program.shown(node.func) == "get_ipython().chdir":
        # So stands `%cd` in a notebook.
        return _go(program, given, node)
    made = paths.method(program, of, name, given, node)
    made = made or times.method(of, name, program.place(node))
    if made is not None:
        return made
    if isinstance(of, Bound) and isinstance(of.of, Made):
        of = of.of  # a group of arguments belongs to its parser
    if not isinstance(of, Made) or of.kind != _PARSER:
        return None
    if name == "add_argument":
        _add_argument(program, of, given, node)
        return Term(None, (program.place(node),))
    if name in {"add_argument_group", "add_mutually_exclusive_group"}:
        return of
    if name in {"parse_args", "parse_known_args"}:
        parsed = Made("argparse.Namespace", of.attributes, (program.place(node),))
        if name == "parse_args":
            return parsed
        return Listed([parsed, Listed([])], (program.place(node),), is_tuple=True)
    return None


def _add_argument(program: Expressions, of: Made, given: Arguments, node: ast.Call) -> None:
    texts = [a.thing.data for a in given.positional if isinstance(a.thing, Term)]
    flags = [t for t in texts if isinstance(t, str)]
    long = next((f for f in flags if f.startswith("--")), flags[0] if flags else "")
    option = given.named.get("dest")
    stated = option.thing.data if option is not None and isinstance(option.thing, Term) else None
    name = stated if isinstance(stated, str) else long.lstrip("-").replace("-", "_")
    if not name:
        return
    place = program.place(node)
    default, action = given.named.get("default"), given.named.get("action")
    is_switch = (
        action is not None and isinstance(action.thing, Term) and action.thing.data in _SWITCHES
    )
    # A switch decides: whoever runs the program may turn it either way.
    is_switch = is_switch or (default is not None and _is_switch(default.thing))
    if default is not None and not is_switch and not _is_none(default.thing):
        of.attributes[name] = everywhere(default.thing, lambda t: as_default(t, default.place))
        return
    symbol = Symbol(("parameter", place.document.path, place.start), f"args.{name}")
    text = f"the argument '{long}' of the program has no value here"
    of.attributes[name] = unknown("parameter", text, symbol, (place,))


def _is_switch(thing: Thing) -> bool:
    return isinstance(thing, Term) and isinstance(thing.data, bool)


def _is_none(thing: Thing) -> bool:
    return isinstance(thing, Term) and thing.is_known and thing.data is None


def _environment(program: Expressions, given: Arguments, node: ast.Call) -> Thing | None:
    bound = given.bind(("key", "default"))
    if "key" not in bound:
        return None
    default = bound["default"].thing if "default" in bound else None
    return program.environment(bound["key"].thing, default, node)


def _exit(program: Expressions, given: Arguments, node: ast.Call) -> Thing | None:
    del program, given, node
    return ENDS


def _attribute(program: Expressions, given: Arguments, node: ast.Call) -> Thing | None:
    if len(given.positional) < 2:  # noqa: PLR2004  # a thing and a name
        return None
    of, name = (a.thing for a in given.positional[:2])
    if isinstance(name, Term) and isinstance(name.data, str):
        return program.attribute(of, name.data, node)
    return None


def _parser(program: Expressions, given: Arguments, node: ast.Call) -> Thing | None:
    del given
    return Made(_PARSER, {}, (program.place(node),), node=node, path=program.path)


def _filter(program: Expressions, given: Arguments, node: ast.Call) -> Thing | None:
    items = _items(program, given)
    if items is None:
        return None
    kept: list[Thing] = []
    for item in items:
        verdict = truth(_applied(program, given.positional[0].thing, item, node))
        if verdict is None:
            return None
        if verdict:
            kept.append(item)
    return Listed(kept, (program.place(node),))


def _map(program: Expressions, given: Arguments, node: ast.Call) -> Thing | None:
    items = _items(program, given)
    if items is None:
        return None
    made = [_applied(program, given.positional[0].thing, item, node) for item in items]
    return Listed(made, (program.place(node),))


def _items(program: Expressions, given: Arguments) -> list[Thing] | None:
    if len(given.positional) != 2 or given.named:  # noqa: PLR2004  # a function and what it is for
        return None
    return program.items_of(given.positional[1].thing)


def _applied(program: Expressions, function: Thing, item: Thing, node: ast.Call) -> Thing:
    if isinstance(function, Term) and function.data is None:
        return item
    argument = Argument(item, program.place(node))
    if not isinstance(function, (Function, Foreign)):
        return program.call(function, NO_ARGUMENTS, node)
    return program.call(function, Arguments([argument], {}, None), node)


def _words(program: Expressions, given: Arguments, node: ast.Call) -> Thing | None:
    """Split a command as a shell does, and remember the command itself."""
    text = given.positional[0].thing if given.positional else None
    if text is None:
        return None
    data = text.data if isinstance(text, Term) else None
    made = Listed([], (program.place(node),))
    program.course.texts[node] = (text,)
    if not isinstance(data, str):
        made.rest = as_term_of_any(text)
        return made
    try:
        made.items = [Term(word, made.trace) for word in shlex.split(data)]
    except ValueError:
        return None
    return made


def _go(program: Expressions, given: Arguments, node: ast.Call) -> Thing | None:
    """Go to another folder, from which paths are looked for after it."""
    where = paths.plain(given.positional[0].thing) if given.positional else None
    if where is None:
        return None
    trace = (program.place(node),)
    before = program.course.folder
    steps = [before, where] if before is not None else [where]
    program.course.folder = program.combined(steps, lambda t: paths.joined(t, trace))
    return Term(None, trace)


def _quoted(program: Expressions, given: Arguments, node: ast.Call) -> Thing | None:
    text = given.positional[0].thing if given.positional else None
    if not isinstance(text, Term) or not isinstance(text.data, str):
        return text
    quoted = shlex.quote(text.data)
    return text if quoted == text.data else Term(quoted, (program.place(node),))


def _open_map(program: Expressions, given: Arguments, node: ast.Call) -> Thing | None:
    del given
    return Mapped((program.place(node),), program.path)


_NONE: Final = Term(None)
_COPIES: Final = frozenset(
    {"copy.copy", "copy.deepcopy", "shutil.which", "textwrap.dedent", "typing.cast"}
)
"""What gives its last argument, as far as it matters to a reader of the program."""

_SPECIAL: Final[dict[str, Callable[[Expressions, Arguments, ast.Call], Thing | None]]] = {
    "argparse.ArgumentParser": _parser,
    "builtins.exit": _exit,
    "builtins.filter": _filter,
    "builtins.getattr": _attribute,
    "builtins.map": _map,
    "builtins.quit": _exit,
    "collections.OrderedDict": _open_map,
    "os._exit": _exit,
    "os.chdir": _go,
    "os.environ.get": _environment,
    "os.getenv": _environment,
    "shlex.quote": _quoted,
    "shlex.split": _words,
    "sys.exit": _exit,
}
