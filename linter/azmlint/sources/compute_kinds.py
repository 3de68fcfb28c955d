"""Which kinds of compute a declaration may be, where a condition decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from azmlint.expressions.truth import Reason, Truth, truth
from azmlint.model.resources import COMPUTE_KINDS, Compute

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.expressions.term import Term
    from azmlint.expressions.worlds import Worlds
    from azmlint.model.value import Body

_ROUTE: Final = ("properties", "computeType")


def open_kinds(
    body: Body, worlds: Worlds, exists: Callable[[], Truth]
) -> dict[type[Compute] | None, Callable[[], Truth]]:
    """Give the kinds that a compute has in some world, and whether it exists as one of them.

    None stands for kinds that are not judged, `Compute` for one that no decision tells.
    """
    terms, is_all = worlds.answers(lambda: body.at(_ROUTE))
    found = {_kind(t) for t in terms}
    if not is_all or Compute in found:
        return {Compute: exists}
    if len(found) == 1:
        return dict.fromkeys(found, exists)
    return {k: _existing_as(k, body, exists) for k in sorted(found, key=str)}


def _kind(term: Term) -> type[Compute] | None:
    if term.is_unknown:
        return Compute
    return COMPUTE_KINDS.get(term.data.lower()) if isinstance(term.data, str) else None


def _existing_as(
    kind: type[Compute] | None, body: Body, exists: Callable[[], Truth]
) -> Callable[[], Truth]:
    def exists_as() -> Truth:
        term = body.at(_ROUTE)
        if term.is_unknown:
            reason = term.reason or Reason("parameter", "the kind of this compute is not known")
            own = Truth(None, (reason,), term.decisions)
        else:
            own = truth(_kind(term) is kind)
        return own if own.known is False else exists() & own

    return exists_as
