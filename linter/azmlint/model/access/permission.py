"""Whether the actions of a role, or of a deny assignment, hold one action."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from azmlint.data.roles import Permission
from azmlint.expressions.term import Object
from azmlint.expressions.truth import FALSE, TRUE, Truth, Undecided, undecided

if TYPE_CHECKING:
    from collections.abc import Iterable

    from azmlint.expressions.term import Term
    from azmlint.model.kinds import Items
    from azmlint.model.value import Value


@lru_cache(maxsize=16384)
def matches(pattern: str, action: str) -> bool:
    """Whether a pattern holds an action.

    An asterisk stands for any text, `/` included; between two slashes it also stands for nothing,
    with one of them: so AzureML Data Scientist, who may do `workspaces/*/write`, has to be denied
    `workspaces/write`, and `userAssignedIdentities/*/assign/action` lets one assign them.
    """
    first, *rest = pattern.casefold().split("*")
    text = action.casefold()
    if not rest:
        return first == text
    if not text.startswith(first):
        return False
    at, before = len(first), first
    *middle, last = rest
    for piece in middle:
        found = text.find(piece, at - _shared(before, piece))
        if found < 0:
            return False
        at, before = found + len(piece), piece
    return text.endswith(last) and len(text) - len(last) >= at - _shared(before, last)


def _shared(before: str, after: str) -> int:
    """How many characters the texts around an asterisk may have in common: a slash."""
    return int(before.endswith("/") and after.startswith("/"))


def holds(permission: Permission, action: str, *, is_data: bool) -> bool:
    """Whether one permission holds an action, whatever its condition says."""
    found = permission.data_actions if is_data else permission.actions
    left_out = permission.not_data_actions if is_data else permission.not_actions
    return any(matches(p, action) for p in found) and not any(matches(p, action) for p in left_out)


def held(
    permissions: Iterable[Permission], action: str, whose: str, *, is_data: bool = False
) -> Truth:
    """Whether one of several permissions holds an action; a condition leaves it open."""
    verdict = FALSE
    for permission in permissions:
        if not holds(permission, action, is_data=is_data):
            continue
        if not permission.condition:
            return TRUE
        verdict |= undecided("function", f"the condition of {whose} is not evaluated")
    return verdict


def permissions_of(listed: Value[Items]) -> tuple[Permission, ...]:
    """Read permissions as they are written; raises Undecided for a piece that is not known."""
    return tuple(map(_permission, listed.require().members)) if listed.given else ()


def _permission(term: Term) -> Permission:
    condition = term.data.lookup("condition") if isinstance(term.data, Object) else None
    stated = _text(condition) if condition is not None and condition.data is not None else ""
    return Permission(
        _texts(term, "actions"),
        _texts(term, "notActions"),
        _texts(term, "dataActions"),
        _texts(term, "notDataActions"),
        stated,
    )


def _texts(term: Term, name: str) -> tuple[str, ...]:
    if not isinstance(term.data, Object):
        raise _unknown(term)
    found = term.data.lookup(name)
    if found is None or found.is_absent or found.data is None:
        return ()
    if not isinstance(found.data, list):
        raise _unknown(found)
    return tuple(map(_text, found.data))


def _text(term: Term) -> str:
    if isinstance(term.data, str):
        return term.data
    raise _unknown(term)


def _unknown(term: Term) -> Undecided:
    reasons = (term.reason,) if term.reason is not None else ()
    return Undecided(reasons or _ODD, term.decisions)


_ODD = undecided("invalid", "the actions are no list of texts").reasons
