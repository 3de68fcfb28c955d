"""Terraform's functions over lists, sets and maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.expressions.arm_values import (
    ITEM_LIMIT,
    NotWorkedOut,
    Refused,
    TooLarge,
    decisions_of,
    decisions_within,
    plain,
)
from azmlint.expressions.hcl_values import (
    as_set,
    as_string,
    as_whole,
    define,
    define_scalar,
    distinct,
    items_of,
    list_of,
    map_of,
    members_of,
    number,
    ordered,
    tobool,
)
from azmlint.expressions.term import Object, Term, same

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _flags(arguments: Sequence[Term]) -> tuple[set[bool], bool]:
    """Give the flags of a list, and whether some of them are not known."""
    items = items_of(arguments[0])
    flags = {tobool(plain(i)) is True for i in items if i.is_known}
    return flags, any(i.is_unknown for i in items)


@define("alltrue", 1, 1)
def _all_true(arguments: Sequence[Term]) -> Term:
    flags, is_open = _flags(arguments)
    if False not in flags and is_open:
        raise NotWorkedOut
    return Term(False not in flags, decisions=decisions_within(arguments))


@define("anytrue", 1, 1)
def _any_true(arguments: Sequence[Term]) -> Term:
    flags, is_open = _flags(arguments)
    if True not in flags and is_open:
        raise NotWorkedOut
    return Term(True in flags, decisions=decisions_within(arguments))


@define("chunklist", 2, 2)
def _chunks(arguments: Sequence[Term]) -> Term:
    items, size = items_of(arguments[0]), as_whole(plain(arguments[1]))
    if size < 0:
        raise Refused("chunklist wants a size")
    size = size or max(1, len(items))
    rows = [Term(items[i : i + size]) for i in range(0, len(items), size)]
    return list_of(rows, arguments)


def _chosen(arguments: Sequence[Term], is_empty: Callable[[Term], bool]) -> Term:
    passed: list[Term] = []
    for argument in arguments:
        if argument.is_unknown and not argument.is_text:
            raise NotWorkedOut
        if not is_empty(argument):
            return argument.resting_on(decisions_of(passed))
        passed.append(argument)
    raise Refused("all of them are empty")


@define("coalesce", 1)
def _coalesce(arguments: Sequence[Term]) -> Term:
    return _chosen(arguments, lambda a: a.data is None or a.data == "")


@define("coalescelist", 1)
def _coalesce_list(arguments: Sequence[Term]) -> Term:
    return _chosen(arguments, lambda a: a.data is None or a.data == [])


@define("compact", 1, 1)
def _compact(arguments: Sequence[Term]) -> Term:
    items = items_of(arguments[0])
    if any(i.is_unknown and not i.is_text for i in items):
        raise NotWorkedOut
    return list_of([i for i in items if i.data is not None and i.data != ""], arguments)


@define("concat", 1)
def _concat(arguments: Sequence[Term]) -> Term:
    return list_of([i for a in arguments for i in items_of(a)], arguments)


@define("contains", 2, 2)
def _contains(arguments: Sequence[Term]) -> Term:
    verdicts = [same(item, arguments[1]).known for item in items_of(arguments[0])[:ITEM_LIMIT]]
    if True not in verdicts and None in verdicts:
        raise NotWorkedOut
    return Term(True in verdicts, decisions=decisions_within(arguments))


@define("distinct", 1, 1)
def _distinct(arguments: Sequence[Term]) -> Term:
    return list_of(distinct(items_of(arguments[0])), arguments)


@define("element", 2, 2)
def _element(arguments: Sequence[Term]) -> Term:
    items = items_of(arguments[0])
    if not items:
        raise Refused("element of an empty list")
    chosen = items[as_whole(plain(arguments[1])) % len(items)]
    return chosen.resting_on(decisions_of(arguments))


@define("flatten", 1, 1)
def _flatten(arguments: Sequence[Term]) -> Term:
    flat: list[Term] = []
    waiting = list(reversed(items_of(arguments[0])))
    while waiting:
        item = waiting.pop()
        if isinstance(item.data, list):
            waiting += reversed(item.data)
        elif item.is_unknown and not item.is_text:
            raise NotWorkedOut
        else:
            flat.append(item)
        if len(waiting) + len(flat) > ITEM_LIMIT:
            raise TooLarge
    return list_of(flat, arguments)


@define("index", 2, 2)
def _index(arguments: Sequence[Term]) -> Term:
    for at, item in enumerate(items_of(arguments[0])):
        verdict = same(item, arguments[1]).known
        if verdict is None:
            raise NotWorkedOut
        if verdict:
            return Term(at, decisions=decisions_within(arguments))
    raise Refused("the list does not hold it")


@define("keys", 1, 1)
def _keys(arguments: Sequence[Term]) -> Term:
    members = members_of(arguments[0])
    return list_of([members.keys_at.get(k, Term(k)) for k in ordered(members)], arguments)


@define("values", 1, 1)
def _values(arguments: Sequence[Term]) -> Term:
    members = members_of(arguments[0])
    return list_of([members[k] for k in ordered(members)], arguments)


@define("length", 1, 1)
def _length(arguments: Sequence[Term]) -> Term:
    data = arguments[0].data
    if isinstance(data, Object) and not data.is_listed:
        raise NotWorkedOut
    if isinstance(data, (str, list, Object)):
        return Term(len(data), decisions=decisions_of(arguments))
    if arguments[0].is_unknown:
        raise NotWorkedOut
    raise Refused("length wants a collection or a text")


@define("lookup", 2, 3)
def _lookup(arguments: Sequence[Term]) -> Term:
    name = as_string(arguments[1])
    whole = arguments[0]
    if isinstance(whole.data, Object):
        found = whole.data.get(name)
        if found is not None:
            return found.resting_on(decisions_of(arguments[:2]))
        if not whole.data.is_listed:
            raise NotWorkedOut
    elif whole.is_unknown:
        raise NotWorkedOut
    if len(arguments) > 2:  # noqa: PLR2004
        return arguments[2].resting_on(decisions_of(arguments[:2]))
    raise Refused(f"the map holds no '{name}'")


@define("matchkeys", 3, 3)
def _match_keys(arguments: Sequence[Term]) -> Term:
    values, keys, wanted = (items_of(a) for a in arguments)
    kept: list[Term] = []
    for value, key in zip(values, keys, strict=False):
        verdicts = [same(key, w).known for w in wanted]
        if True not in verdicts and None in verdicts:
            raise NotWorkedOut
        if True in verdicts:
            kept.append(value)
    return list_of(kept, arguments)


@define("merge", 0)
def _merge(arguments: Sequence[Term]) -> Term:
    made = Object()
    for argument in arguments:
        if argument.data is None:
            continue
        members = members_of(argument)
        made.update(members)
        made.keys_at.update(members.keys_at)
    return map_of(made, arguments)


@define("one", 1, 1)
def _one(arguments: Sequence[Term]) -> Term:
    items = items_of(arguments[0])
    if len(items) > 1:
        raise Refused("one wants a list of at most one item")
    return (items[0] if items else Term(None)).resting_on(decisions_of(arguments))


@define_scalar("range", 1, 3)
def _range(first: object, second: object = None, third: object = None) -> object:
    start, stop = (0, number(first)) if second is None else (number(first), number(second))
    step = number(third) if third is not None else (1 if start <= stop else -1)
    if not step:
        raise Refused("range wants a step other than 0")
    if abs((stop - start) / step) > 1024:  # noqa: PLR2004  # Terraform's own limit
        raise TooLarge
    found: list[object] = []
    value = start
    while value < stop if step > 0 else value > stop:
        found.append(number(value))
        value += step
    return found


@define("reverse", 1, 1)
def _reverse(arguments: Sequence[Term]) -> Term:
    return list_of(items_of(arguments[0])[::-1], arguments)


@define("setunion", 1)
def _set_union(arguments: Sequence[Term]) -> Term:
    return list_of(as_set([i for a in arguments for i in items_of(a)]), arguments)


def _within(item: Term, items: Sequence[Term]) -> bool:
    verdicts = [same(item, other).known for other in items]
    if True not in verdicts and None in verdicts:
        raise NotWorkedOut
    return True in verdicts


@define("setintersection", 1)
def _set_intersection(arguments: Sequence[Term]) -> Term:
    first, *others = (items_of(a) for a in arguments)
    return list_of(as_set([i for i in first if all(_within(i, o) for o in others)]), arguments)


@define("setsubtract", 2, 2)
def _set_subtract(arguments: Sequence[Term]) -> Term:
    first, second = (items_of(a) for a in arguments)
    return list_of(as_set([i for i in first if not _within(i, second)]), arguments)


@define("setproduct", 1)
def _set_product(arguments: Sequence[Term]) -> Term:
    rows: list[list[Term]] = [[]]
    for argument in arguments:
        items = items_of(argument)
        if len(rows) * max(1, len(items)) > ITEM_LIMIT:
            raise TooLarge
        rows = [[*row, item] for row in rows for item in items]
    return list_of([Term(row) for row in rows], arguments)


@define("slice", 3, 3)
def _slice(arguments: Sequence[Term]) -> Term:
    items = items_of(arguments[0])
    start, stop = as_whole(plain(arguments[1])), as_whole(plain(arguments[2]))
    if not 0 <= start <= stop <= len(items):
        raise Refused("slice is out of range")
    return list_of(items[start:stop], arguments)


@define("sort", 1, 1)
def _sort(arguments: Sequence[Term]) -> Term:
    return list_of(sorted(items_of(arguments[0]), key=as_string), arguments)


@define("transpose", 1, 1)
def _transpose(arguments: Sequence[Term]) -> Term:
    made: dict[str, list[Term]] = {}
    members = members_of(arguments[0])
    for name in ordered(members):
        for item in items_of(members[name]):
            made.setdefault(as_string(item), []).append(Term(name))
    return map_of(Object((k, Term(v)) for k, v in made.items()), arguments)


@define("zipmap", 2, 2)
def _zip_map(arguments: Sequence[Term]) -> Term:
    names, values = items_of(arguments[0]), items_of(arguments[1])
    if len(names) != len(values):
        raise Refused("zipmap wants two lists of one length")
    pairs = zip(names, values, strict=True)
    return map_of(Object((as_string(n), v) for n, v in pairs), arguments)
