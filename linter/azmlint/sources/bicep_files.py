"""Bicep's functions that take in other files: what is in the project is read, nothing else is."""

from __future__ import annotations

import base64
import posixpath
import re
from typing import TYPE_CHECKING, Final

from azmlint.expressions.arm_values import NODE_LIMIT, TEXT_LIMIT, TooLarge, opaque
from azmlint.expressions.term import UNKNOWN, Object, Term
from azmlint.expressions.truth import Reason
from azmlint.location import Place
from azmlint.sources import json
from azmlint.sources.document import SyntaxProblem
from azmlint.sources.parameter_files import plain_term

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from azmlint.expressions.arm_syntax import Call
    from azmlint.location import Document
    from azmlint.sources.yaml import YamlNode

    Sibling = Callable[[str], Document | None]

_STEP: Final = re.compile(r"\.?([A-Za-z_][\w-]*)|\[(\d+)\]|\[['\"]([^'\"\]]+)['\"]\]")
_WHOLE: Final = re.compile(r"[-+]?\d{1,40}")
_BASED: Final = re.compile(r"0x[0-9a-fA-F]{1,40}|0o[0-7]{1,40}")
_DECIMAL: Final = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d{1,3})?")
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def beside(path: str, written: str) -> str | None:
    """Resolve a path that a file writes; None for what is outside of the project."""
    folder = posixpath.dirname(path)
    found = posixpath.normpath(posixpath.join(folder, written.replace("\\", "/")))
    return None if found.startswith(("../", "/")) or found == ".." else found


def content(path: str, call: Call, arguments: Sequence[Term], sibling: Sibling) -> Term:
    """Give what `call` in the file at `path` takes in."""
    written = arguments[0].data if arguments else None
    read = _BY_CALL.get(call.name)
    if read is None or not isinstance(written, str):
        return opaque(call.shown, arguments)
    target = beside(path, written)
    if target is None:
        text = f"'{written}' leads out of the checked folders, where azmlint does not read"
        return _unread(call, arguments, text)
    document = sibling(target)
    if document is None:
        return _unread(call, arguments, f"'{target}' is no file that azmlint may read here")
    if len(document.text) > TEXT_LIMIT:
        return _unread(call, arguments, f"'{target}' goes over a limit of azmlint")
    try:
        whole = read(document)
    except SyntaxProblem as problem:
        line = document.position(min(problem.offset, len(document.text))).line
        return _unread(call, arguments, f"line {line} of '{target}': {problem.message}")
    if len(arguments) < 2 or not whole.trace:  # noqa: PLR2004  # path and route
        return whole
    found = _inside(whole, arguments[1].data)
    if found is None:
        text = f"'{target}' has nothing at '{arguments[1].shown()}'"
        return _unread(call, arguments, text)
    return found


def _unread(call: Call, arguments: Sequence[Term], text: str) -> Term:
    made = opaque(call.shown, arguments)
    return Term(UNKNOWN, reason=Reason("missing", text), parts=made.parts, decisions=made.decisions)


def _inside(whole: Term, route: object) -> Term | None:
    """Follow a route of names and indexes; None for where it leads to nothing we know."""
    if not isinstance(route, str):
        return None
    rest = route.removeprefix("$")
    found: Term | None = whole
    while rest and found is not None:
        step = _STEP.match(rest)
        if step is None:
            return None
        rest = rest[step.end() :]
        name, index = step[1] or step[3], step[2]
        data = found.data
        if index is not None:
            found = data[int(index)] if isinstance(data, list) and int(index) < len(data) else None
        else:
            found = data.get(name) if isinstance(data, Object) else None
    return found


def _json(document: Document) -> Term:
    node = json.parse(document)
    return plain_term(document, node, Place(document, node, "variable"))


def _yaml(document: Document) -> Term:
    from azmlint.sources import yaml  # noqa: PLC0415  # loads PyYAML

    roots = yaml.parse(document)
    if len(roots) != 1:
        message = "it is not one document"
        raise SyntaxProblem(message, 0)
    return _of_yaml(document, roots[0], [NODE_LIMIT])


def _of_yaml(document: Document, node: YamlNode, budget: list[int]) -> Term:
    budget[0] -= 1
    if budget[0] < 0:
        raise TooLarge
    trace = (Place(document, node, "variable"),)
    if node.kind == "list":
        return Term([_of_yaml(document, use.node, budget) for use in node.items], trace)
    if node.kind == "map":
        made = Object()
        for key, use in node.pairs:
            name = str(key.value)
            made[name] = _of_yaml(document, use.node, budget)
            made.keys_at[name] = Term(name, (Place(document, key),), is_literal=True)
        return Term(made, trace)
    return Term(_scalar(document, node), trace)


def _scalar(document: Document, node: YamlNode) -> str | int | float | bool | None:
    """Read a scalar as the Bicep compiler does: `yes` and `12:30` are texts to it."""
    if node.style:
        return str(node.value)
    written = document.text[node.start : node.end]
    if written in _WORDS:
        return _WORDS[written]
    if _WHOLE.fullmatch(written):
        return int(written)
    if _BASED.fullmatch(written):
        return int(written, 0)
    return float(written) if _DECIMAL.fullmatch(written) else " ".join(written.split())


READERS: Final[dict[str, Callable[[Document], Term]]] = {
    "loadFileAsBase64": lambda d: Term(base64.b64encode(d.encoded(d.text)).decode()),
    "loadJsonContent": _json,
    "loadTextContent": lambda d: Term(d.text),
    "loadYamlContent": _yaml,
}
"""By function: what it makes of a file."""

_BY_CALL: Final = {name.lower(): read for name, read in READERS.items()}
