"""Where a program writes down passwords and keys that it signs in with."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# azure-identity 1.27, azure-core 1.41, azureml-core 1.61; msrestazure and azure-storage as their
# reference documentation has them.
_POSITIONS: Final = {
    "AccessToken": 0,
    "AuthorizationCodeCredential": 2,
    "AzureKeyCredential": 0,
    "AzureNamedKeyCredential": 1,
    "AzureSasCredential": 0,
    "BlobServiceClient": 1,
    "ClientSecretCredential": 2,
    "DataLakeServiceClient": 1,
    "ServicePrincipalAuthentication": 2,
    "ServicePrincipalCredentials": 1,
    "UserPassCredentials": 1,
    "UsernamePasswordCredential": 2,
    "from_connection_string": 0,
}
"""Which argument is secret of what a program calls, by the last of its names."""

_BY_NAME: Final = frozenset({
    "account_key", "admin_password", "admin_user_password", "certificate_data", "client_secret",
    "conn_str", "sas_token", "secret_access_key", "service_principal_password", "user_assertion",
})  # fmt: skip
"""Keywords that are secret whatever is called: Azure's own names."""

_OF_CALLED: Final = frozenset(
    {"authorization_code", "credential", "key", "password", "pat", "secret"}
)
"""Keywords that are secret where something is called that takes one."""

_SIGN: Final = re.compile(
    r"[Cc]redential|Authentication|AccessToken|TokenConfiguration|ServiceClient|password|secret"
    r"|conn(?:ection)?_str|_key\b|sas_token|certificate_data|user_assertion"
)
"""What a text has in which one of these is called."""

_CLIENT: Final = re.compile(r"(?:Credential|Credentials|Client|Service|Configuration)$")
_DEFAULTS: Final = frozenset({"get", "getenv", "pop"})
"""What gives its second argument where there is nothing else."""


def written_secrets(text: str, body: Iterable[ast.stmt]) -> Iterator[ast.expr]:
    """Yield the texts in a program that are passwords and keys by where they are given.

    A name is followed to what is assigned to it anywhere in the program, which may be more than
    it holds when it is given.
    """
    if _SIGN.search(text) is None:
        return
    nodes = [node for statement in body for node in ast.walk(statement)]
    assigned: dict[str, list[ast.expr]] = {}
    for node in nodes:
        for name, value in _assigned(node):
            assigned.setdefault(name, []).append(value)
    calls = (node for node in nodes if isinstance(node, ast.Call))
    waiting = [given for call in calls for given in _given(call)]
    while waiting:
        node = waiting.pop()
        if _is_text(node):
            yield node
        elif isinstance(node, ast.Name | ast.Attribute):
            # What is assigned to a name is looked at once.
            waiting += assigned.pop(_last(node), ())
        else:
            waiting += _inner(node)


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name | ast.Attribute):
                yield _last(target), node.value
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield _last(node.target), node.value


def _given(call: ast.Call) -> Iterator[ast.expr]:
    called = _last(call.func)
    position = _POSITIONS.get(called)
    if position is not None and position < len(call.args):
        before = call.args[: position + 1]
        if not any(isinstance(argument, ast.Starred) for argument in before):
            yield call.args[position]
    takes_one = position is not None or _CLIENT.search(called) is not None
    for keyword in call.keywords:
        name = keyword.arg or ""
        if name in _BY_NAME or (takes_one and name in _OF_CALLED):
            yield keyword.value


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str | bytes) and bool(node.value)
    return isinstance(node, ast.JoinedStr) and any(
        isinstance(piece, ast.Constant) for piece in node.values
    )


def _inner(node: ast.expr) -> Iterable[ast.expr]:
    """Give what a value is one of, or made of."""
    if isinstance(node, ast.BinOp):
        return node.left, node.right
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.IfExp):
        return node.body, node.orelse
    if isinstance(node, ast.Call) and _last(node.func) in _DEFAULTS:
        return node.args[1:2]
    return ()
