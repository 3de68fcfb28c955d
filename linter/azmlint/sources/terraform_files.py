"""Terraform's functions that read files: what is in the project is read, nothing else is."""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from typing import TYPE_CHECKING, Final

from azmlint.expressions.arm_values import (
    NODE_LIMIT,
    NotWorkedOut,
    Refused,
    TooLarge,
    decisions_within,
)
from azmlint.expressions.hcl_values import members_of
from azmlint.expressions.term import Object, Symbol, Term, unknown
from azmlint.location import Document
from azmlint.sources import hcl
from azmlint.sources.document import SyntaxProblem
from azmlint.sources.hcl_evaluator import Frame, HclEvaluator

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from azmlint.sources.hcl import Node
    from azmlint.sources.terraform_module import Module
    from azmlint.sources.yaml import YamlNode


FOLDER_LIMIT: Final = 500
"""In how many folders files are listed for one pattern."""

STAR_LIMIT: Final = 4
"""How many stars one name of a pattern may have; each multiplies the time that it takes."""


def call(module: Module, name: str, arguments: Sequence[Term]) -> Term | None:
    """Call a function that reads a file of the project; None for another function."""
    first = arguments[0].data if arguments else None
    if not isinstance(first, str):
        return None
    if name in {"basename", "dirname"}:
        folder, _, last = first.rpartition("/")
        made = Term(last if name == "basename" else folder or ".")
    elif name == "yamldecode":
        found = _of_yaml(first)
        if found is None:
            return None
        made = found
    elif name == "templatefile" and len(arguments) == 2:  # noqa: PLR2004  # path and values
        made = _template(module, first, arguments[1])
    elif name == "fileset" and len(arguments) == 2:  # noqa: PLR2004  # folder and pattern
        made = _listed(module, first, arguments[1])
    elif name in _READERS:
        made = _read(module, name, first, _READERS[name])
    else:
        return None
    return made.resting_on(decisions_within(arguments))


def _within(module: Module, path: str) -> str | None:
    """Give a path that begins where Terraform runs from the root; None for what is outside."""
    whole = posixpath.normpath(posixpath.join(str(module.root.key[1]), path))
    if posixpath.isabs(path) or whole.startswith(".."):
        return None
    return "" if whole == "." else whole


def _file(module: Module, path: str) -> Document | None:
    whole = _within(module, path)
    return module.root.read(whole) if whole is not None else None


def _read(module: Module, name: str, path: str, read: Callable[[Document], Term]) -> Term:
    document = _file(module, path)
    return read(document) if document is not None else _unread(module, name, path)


def _unread(module: Module, name: str, path: str) -> Term:
    symbol = Symbol((name, module.root.key, path), f'{name}("{path}")')
    return unknown("missing", f"'{path}' is no file that azmlint may read here", symbol)


def _text(document: Document) -> Term:
    if document.encoding != "utf-8":
        raise Refused(f"'{document.path}' is not in UTF-8")
    # Terraform keeps the mark that says which order bytes have.
    return Term(document.bom.decode() + document.text)


def _raw(document: Document) -> bytes:
    return document.encoded(document.text)


def _hash(algorithm: str) -> Callable[[Document], Term]:
    return lambda d: Term(hashlib.new(algorithm, _raw(d), usedforsecurity=False).hexdigest())


def _base64_hash(algorithm: str) -> Callable[[Document], Term]:
    return lambda d: _encoded(hashlib.new(algorithm, _raw(d)).digest())


def _encoded(raw: bytes) -> Term:
    return Term(base64.b64encode(raw).decode())


_READERS: Final[dict[str, Callable[[Document], Term]]] = {
    "file": _text,
    "filebase64": lambda d: _encoded(_raw(d)),
    "filebase64sha256": _base64_hash("sha256"),
    "filebase64sha512": _base64_hash("sha512"),
    # What is not here may be made before Terraform runs.
    "fileexists": lambda _: Term(data=True),
    "filemd5": _hash("md5"),
    "filesha1": _hash("sha1"),
    "filesha256": _hash("sha256"),
    "filesha512": _hash("sha512"),
}
"""By function: what it makes of a file."""

OF_FILES: Final = frozenset({*_READERS, "fileset", "templatefile"})
"""The functions that are worked out for files of the project."""


class _Template(HclEvaluator):
    """Evaluates the template of a file, which sees nothing but the values that it is given."""

    def __init__(self, module: Module) -> None:
        super().__init__(module.worlds, module.budget)
        self.module = module

    def named(self, word: str, path: Sequence[Term]) -> tuple[Term, int]:
        """Refuse a name that was not given."""
        del path
        raise Refused(f"the template is given no '{word}'")

    def reading(self, name: str, arguments: Sequence[Term]) -> Term | None:
        """Read files as the module does, but no further template."""
        if name == "templatefile":
            raise Refused("a template may not use templatefile")
        return call(self.module, name, arguments)


def _template(module: Module, path: str, values: Term) -> Term:
    document = _file(module, path)
    if document is None:
        return _unread(module, "templatefile", path)
    names = members_of(values)
    node = _parsed(module, document)
    return _Template(module).evaluate(node, Frame(document, dict(names), "variable"))


def _parsed(module: Module, document: Document) -> Node:
    kept = module.root.templates.get(document.path)
    if kept is None:
        try:
            kept = hcl.parse_template(_text(document).data)  # type: ignore[arg-type]  # a text
        except SyntaxProblem as problem:
            line = document.position(min(problem.offset, len(document.text))).line
            text = f"line {line} of '{document.path}': {problem.message}"
            raise Refused(text) from None
        module.root.templates[document.path] = kept
    return kept


def _listed(module: Module, folder: str, pattern: Term) -> Term:
    """List the files of a folder that a pattern names, as a set."""
    whole = _within(module, folder)
    if whole is None:
        return _unread(module, "fileset", folder)
    if not isinstance(pattern.data, str):
        raise NotWorkedOut(pattern)
    found: set[str] = set()
    waiting = [(whole, tuple(pattern.data.split("/")))]
    for _ in range(FOLDER_LIMIT):
        if not waiting:
            names = sorted(posixpath.relpath(p, whole or ".") for p in found)
            return Term([Term(name) for name in names])
        here, (segment, *rest) = waiting.pop()
        inside = module.root.names(here)
        if segment == "**":
            waiting.append((here, tuple(rest) or ("*",)))
            waiting += [(path, (segment, *rest)) for path in inside]
            continue
        matches = _glob(segment)
        named = [path for path in inside if matches.fullmatch(path.rpartition("/")[2])]
        if rest:
            waiting += [(path, tuple(rest)) for path in named]
        else:
            found.update(path for path in named if module.root.read(path) is not None)
    raise TooLarge


_GLOB: Final = re.compile(
    r"\*|\?|\{([^{}]*)\}|\[\^?\]?[^\]]{0,200}\]|\\.|[^\[\]{}\\]|(?P<odd>.)", re.DOTALL
)
_NEVER: Final = re.compile(r"(?!)")


def _glob(segment: str) -> re.Pattern[str]:
    """Compile what Terraform allows between two slashes of a pattern."""
    if segment.count("*") > STAR_LIMIT:
        raise TooLarge

    def spelled(match: re.Match[str]) -> str:
        text = match[0]
        if match["odd"]:
            raise Refused(f"'{segment}' is no pattern of files")
        if text in {"*", "?"}:
            return ".*" if text == "*" else "."
        if match[1] is not None:
            return f"(?:{'|'.join(_glob(part).pattern for part in match[1].split(','))})"
        if len(text) > 1 and text[0] == "[":
            return text.replace("\\", r"\\").replace("[", r"\[")[1:]
        return re.escape(text[-1])

    try:
        return re.compile(_GLOB.sub(spelled, segment), re.DOTALL)
    except re.error:
        # A range that ends before it begins holds nothing.
        return _NEVER


def _of_yaml(text: str) -> Term | None:
    """Read a YAML text as plain data; None for what is no plain YAML."""
    from azmlint.sources import yaml  # noqa: PLC0415  # loads PyYAML

    try:
        roots = yaml.parse(Document("", text))
    except SyntaxProblem:
        return None
    budget = [NODE_LIMIT]
    return _of_node(roots[0], budget) if len(roots) == 1 else None


def _of_node(node: YamlNode, budget: list[int]) -> Term:
    budget[0] -= 1
    if budget[0] < 0:
        raise TooLarge
    if node.kind == "list":
        return Term([_of_node(use.node, budget) for use in node.items])
    if node.kind == "map":
        return Term(Object((str(k.value), _of_node(use.node, budget)) for k, use in node.pairs))
    return Term(node.value)  # type: ignore[arg-type]  # a scalar's value
