"""Whether variables take the value that a fix gives them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from azmlint.model.value import NotEditable
from azmlint.sources.hcl import For, Node
from azmlint.sources.hcl_evaluator import Frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.location import Place
    from azmlint.sources.terraform_module import Module


def require_valid(module: Module, origin: Place, new: object) -> None:
    """Raise NotEditable where a variable that gets its value from `origin` refuses another one."""
    if origin.role not in {"default", "argument", "parameter-file"}:
        return
    here: Module | None = module
    while here is not None:
        for condition, frame in _conditions(here, origin, new):
            answer = here.evaluate(condition, frame).data
            if answer is not True:
                how = "does not allow" if answer is False else "may not allow"
                message = f"the variable {how} that value"
                raise NotEditable(message)
        here = here.caller


def _conditions(module: Module, origin: Place, new: object) -> Iterator[tuple[Node, Frame]]:
    for name, statement in module.folder.variables.items():
        blocks = list(statement.block.body.blocks_of("validation"))
        trace = module.variable(name).trace if blocks else ()
        if not trace or (trace[-1].document, trace[-1].start) != (origin.document, origin.start):
            continue
        for block in blocks:
            node = block.body.value("condition")
            if node is not None:
                yield _given(node, name, new), Frame(statement.document)


def _given(node: Node, name: str, new: object) -> Node:
    """Put a value into an expression for a variable."""
    of = node.items[0] if node.kind == "attribute" else None
    if of is not None and of.kind == "name" and of.value == "var" and node.value == name:
        return Node("literal", node.start, node.end, new)  # type: ignore[arg-type]  # of a property
    made = copy.copy(node)
    made.items = tuple(_given(item, name, new) for item in node.items)
    if isinstance(made, For):
        made.key = _given(made.key, name, new) if made.key is not None else None
        made.condition = _given(made.condition, name, new) if made.condition is not None else None
    return made
