"""Files with Azure Policy definitions, in JSON or YAML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from azmlint.errors import ConfigError
from azmlint.expressions.arm_values import NotWorkedOut, TooLarge, known
from azmlint.expressions.term import Object, Term
from azmlint.model.policy import definition as definitions
from azmlint.model.policy.definition import at
from azmlint.model.policy.shape import problem
from azmlint.sources.document import SyntaxProblem, decode

if TYPE_CHECKING:
    from azmlint.location import Document
    from azmlint.model.policy.definition import Definition
    from azmlint.sources.yaml import YamlNode

SUFFIXES: Final = (".json", ".jsonc", ".yaml", ".yml")
NODE_LIMIT: Final = 50_000
"""How many values a file may hold, aliases of YAML counted at each use."""

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class PolicyFile(NamedTuple):
    """One definition as a file states it."""

    definition: Definition
    description: str


def read(path: str, raw: bytes) -> PolicyFile:
    """Read the one definition of a file; raises ConfigError with one line that says where.

    Taken are a whole definition as Azure answers it, its `properties`, and a policy rule alone.
    """
    document = decode(path, raw)
    try:
        whole = _term(document)
    except SyntaxProblem as found:
        line, column = document.position(min(found.offset, len(document.text)))
        message = f"{path}:{line}:{column}: {found.message}"
        raise ConfigError(message) from None
    except (TooLarge, NotWorkedOut, RecursionError):
        message = f"{path}: is too large, or nested too deeply"
        raise ConfigError(message) from None
    properties = at(whole, "properties")
    if properties.is_absent:
        properties = whole
    if at(properties, "policyRule").is_absent and not at(properties, "if").is_absent:
        properties = Term(Object([("policyRule", properties)]))
    if not at(properties, "policyDefinitions").is_absent:
        message = f"{path}: is an initiative; name the files of its definitions"
        raise ConfigError(message)
    wrong = problem(properties)
    if wrong is not None:
        message = f"{path}: is no policy definition: {' '.join(wrong.split())}"
        raise ConfigError(message)
    stated = at(whole, "name").data
    own = stated if isinstance(stated, str) and _GUID.fullmatch(stated) is None else ""
    name = own or path.rpartition("/")[2].rpartition(".")[0]
    description = at(properties, "description").data
    return PolicyFile(
        definitions.read(properties, name), description if isinstance(description, str) else ""
    )


def _term(document: Document) -> Term:
    if document.path.lower().endswith((".yaml", ".yml")):
        from azmlint.sources import yaml  # noqa: PLC0415  # loads PyYAML

        roots = yaml.parse(document)
        if len(roots) != 1:
            message = "holds more than one YAML document" if roots else "is empty"
            raise SyntaxProblem(message, 0)
        return known(_plain(roots[0], [NODE_LIMIT]))
    from azmlint.sources import json  # noqa: PLC0415  # not for YAML

    return known(json.parse(document).value)


def _plain(node: YamlNode, budget: list[int]) -> Any:  # noqa: ANN401  # plain data
    budget[0] -= 1
    if budget[0] < 0:
        raise TooLarge
    if node.kind == "map":
        # Of two members of one name the last one counts, and a merged one stands behind.
        merged = [(k, u) for k, u in node.pairs if u.is_merged]
        own = [(k, u) for k, u in node.pairs if not u.is_merged]
        return {str(k.value): _plain(u.node, budget) for k, u in [*merged, *own]}
    if node.kind == "list":
        return [_plain(use.node, budget) for use in node.items]
    value = node.value
    is_plain = value is None or isinstance(value, (str, int, float, bool))
    return value if is_plain else str(value)
