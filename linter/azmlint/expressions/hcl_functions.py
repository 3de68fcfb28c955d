"""The pure functions of Terraform's language, over terms.

Each takes evaluated arguments and gives a term. An argument that is not known makes the result
unknown, unless what is known decides it. A set is a list without repetitions, texts in order.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import math
import re
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import quote_plus

from azmlint.expressions.arm_values import (
    ITEM_LIMIT,
    TEXT_LIMIT,
    NotWorkedOut,
    Refused,
    TooLarge,
    decisions_of,
    decisions_within,
    joined,
    known,
    opaque,
    plain,
    want,
)
from azmlint.expressions.term import Object, Term, same

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Function: TypeAlias = "Callable[[Sequence[Term]], Term]"

FUNCTIONS: Final[dict[str, Function]] = {}
"""By name; names have a case."""

LAZY: Final = frozenset({"try", "can"})
"""Functions that the evaluator calls itself, because an argument may fail."""

READING: Final = frozenset(
    {
        "abspath", "basename", "bcrypt", "dirname", "file", "filebase64", "filebase64sha256",
        "filebase64sha512", "fileexists", "filemd5", "fileset", "filesha1", "filesha256",
        "filesha512", "pathexpand", "plantimestamp", "rsadecrypt", "templatefile", "timestamp",
        "uuid",
    }
)  # fmt: skip
"""Functions of which the answer depends on more than the arguments."""


def _function(name: str, low: int, high: int | None = None) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        def checked(arguments: Sequence[Term]) -> Term:
            want(len(arguments), low, high)
            try:
                return function(arguments)
            except NotWorkedOut:
                return opaque(name, arguments)

        FUNCTIONS[name] = checked
        return function

    return register


def _scalar(
    name: str, low: int, high: int | None = None
) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Register a function over plain data; what it cannot take, Terraform refuses."""

    def register(function: Callable[..., object]) -> Callable[..., object]:
        def over_terms(arguments: Sequence[Term]) -> Term:
            values = [plain(a) for a in arguments]
            try:
                made = known(function(*values))
            except (ValueError, ArithmeticError, TypeError, AttributeError) as error:
                raise Refused(f"{name} does not take this: {error}") from None
            return made.resting_on(decisions_within(arguments))

        _function(name, low, high)(over_terms)
        return function

    return register


def call(name: str, arguments: Sequence[Term]) -> Term | None:
    """Call a function; None when there is none of that name."""
    function = FUNCTIONS.get(name.removeprefix("core::"))
    return function(arguments) if function is not None else None


def spelled(term: Term) -> Term:
    """Turn a scalar into the text that Terraform makes of it; an unknown one stays."""
    data = term.data
    if isinstance(data, (Object, list)) or data is None or term.is_absent:
        raise Refused("a text is wanted here")
    if isinstance(data, str) or term.is_unknown:
        return term
    return Term(_text(data), decisions=term.decisions)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, (str, int)):
        return str(value)
    raise Refused("a text is wanted here")


def text_of(pieces: Sequence[Term]) -> Term:
    """Join pieces as a template does."""
    return joined([spelled(p) for p in pieces])


def number(value: object) -> int | float:
    """Read a number, also one that is written as a text."""
    if isinstance(value, bool) or value is None:
        raise Refused("a number is wanted here")
    if isinstance(value, str):
        if not re.fullmatch(r"-?\d{1,300}(\.\d+)?([eE][+-]?\d{1,3})?", value):
            raise Refused("a number is wanted here")
        value = float(value) if re.search(r"[.eE]", value) else int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() else value
    raise Refused("a number is wanted here")


def _whole(value: object) -> int:
    found = number(value)
    if isinstance(found, float):
        raise Refused("a whole number is wanted here")
    return found


def items_of(term: Term) -> list[Term]:
    """Give the items of a list or set; raises NotWorkedOut for what is not known."""
    if isinstance(term.data, list):
        return term.data
    if term.is_unknown:
        raise NotWorkedOut(term)
    raise Refused("a list is wanted here")


def members_of(term: Term) -> Object:
    """Give the members of a map or object of which all are listed."""
    if isinstance(term.data, Object):
        if not term.data.is_listed:
            raise NotWorkedOut(term)
        return term.data
    if term.is_unknown:
        raise NotWorkedOut(term)
    raise Refused("a map is wanted here")


def _string(term: Term) -> str:
    text = spelled(term)
    if not isinstance(text.data, str):
        raise NotWorkedOut(term)
    return text.data


def _listed(items: Sequence[Term], arguments: Sequence[Term]) -> Term:
    if len(items) > ITEM_LIMIT:
        raise TooLarge
    return Term(list(items), decisions=decisions_of(arguments))


def _mapped(members: Object, arguments: Sequence[Term]) -> Term:
    return Term(members, decisions=decisions_of(arguments))


def ordered(members: Object) -> list[str]:
    """Give the names of a map in the order in which Terraform walks through it."""
    return sorted(members)


def distinct(items: Sequence[Term]) -> list[Term]:
    """Drop repetitions; raises NotWorkedOut when it is open whether two are the same.

    The items of a list are of one type, so numbers beside texts are texts.
    """
    if len({type(i.data) for i in items} & {str, int, float, bool}) > 1 and any(
        isinstance(i.data, str) for i in items
    ):
        items = [spelled(i) if i.data is not None else i for i in items]
    kept: list[Term] = []
    compared: list[Term] = []
    """What cannot be told by a key: structures, and what is unknown."""

    seen: set[tuple[str, object]] = set()
    for item in items:
        if isinstance(item.data, (str, int, float, bool)) or item.data is None:
            key = (type(item.data).__name__, item.data)
            if key in seen:
                continue
            seen.add(key)
            others = [k for k in compared if k.is_unknown]
        else:
            others = kept if item.is_unknown else compared
        if len(others) > 500:  # noqa: PLR2004  # comparing each with each takes too long
            raise TooLarge
        verdicts = [same(item, other).known for other in others]
        if True in verdicts:
            continue
        if None in verdicts:
            raise NotWorkedOut(item)
        kept.append(item)
        if not _is_plain(item):
            compared.append(item)
    return kept


def _is_plain(term: Term) -> bool:
    return isinstance(term.data, (str, int, float, bool)) or term.data is None


def as_set(items: Sequence[Term]) -> list[Term]:
    """Make a set: no repetitions, texts in order."""
    kept = distinct(items)
    if all(isinstance(i.data, str) for i in kept):
        kept.sort(key=lambda i: str(i.data))
    return kept


# Texts


@_scalar("chomp", 1, 1)
def _chomp(value: str) -> str:
    return re.sub(r"(\r\n|\n|\r)+\Z", "", _text(value))


@_scalar("endswith", 2, 2)
def _ends_with(value: str, end: str) -> bool:
    return _text(value).endswith(_text(end))


@_scalar("startswith", 2, 2)
def _starts_with(value: str, start: str) -> bool:
    return _text(value).startswith(_text(start))


@_scalar("strcontains", 2, 2)
def _contains_text(value: str, part: str) -> bool:
    return _text(part) in _text(value)


@_scalar("indent", 2, 2)
def _indent(count: object, value: str) -> str:
    return _text(value).replace("\n", "\n" + " " * min(_whole(count), 1000))


@_function("lower", 1, 1)
def _lower(arguments: Sequence[Term]) -> Term:
    return _by_piece("lower", str.lower, arguments)


@_function("upper", 1, 1)
def _upper(arguments: Sequence[Term]) -> Term:
    return _by_piece("upper", str.upper, arguments)


def _by_piece(name: str, change: Callable[[str], str], arguments: Sequence[Term]) -> Term:
    """Change the known pieces of a text; the unknown ones are changed when they are known."""
    text = spelled(arguments[0])
    if isinstance(text.data, str):
        return Term(change(text.data), decisions=text.decisions)
    if len(text.parts) < 2:  # noqa: PLR2004  # one symbol: nothing of it is known
        raise NotWorkedOut
    pieces = [
        Term(change(p))
        if isinstance(p, str)
        else opaque(name, [Term(text.data, reason=text.reason, parts=(p,))])
        for p in text.parts
    ]
    return joined(pieces).resting_on(text.decisions)


@_scalar("title", 1, 1)
def _title(value: str) -> str:
    return re.sub(r"(?<!\w)\w", lambda m: m[0].upper(), _text(value))


@_scalar("strrev", 1, 1)
def _reversed_text(value: str) -> str:
    return _text(value)[::-1]


@_scalar("substr", 3, 3)
def _substr(value: str, start: object, length: object) -> str:
    text, at, count = _text(value), _whole(start), _whole(length)
    if at < 0:
        at = max(0, len(text) + at)
    return text[at:] if count < 0 else text[at : at + count]


@_scalar("trim", 2, 2)
def _trim(value: str, signs: str) -> str:
    return _text(value).strip(_text(signs))


@_scalar("trimprefix", 2, 2)
def _trim_prefix(value: str, start: str) -> str:
    return _text(value).removeprefix(_text(start))


@_scalar("trimsuffix", 2, 2)
def _trim_suffix(value: str, end: str) -> str:
    return _text(value).removesuffix(_text(end))


@_scalar("trimspace", 1, 1)
def _trim_space(value: str) -> str:
    return _text(value).strip()


@_function("split", 2, 2)
def _split(arguments: Sequence[Term]) -> Term:
    mark, text = _string(arguments[0]), _string(arguments[1])
    pieces = text.split(mark) if mark else list(text)
    return _listed([Term(p) for p in pieces], arguments)


@_function("join", 2)
def _join(arguments: Sequence[Term]) -> Term:
    mark = spelled(arguments[0])
    pieces: list[Term] = []
    for group in arguments[1:]:
        for item in items_of(group):
            pieces += [mark, item] if pieces else [item]
    return text_of(pieces).resting_on(decisions_of(arguments)) if pieces else Term("")


def _pattern(pattern: object, *texts: str) -> re.Pattern[str]:
    """Compile a regular expression that cannot take long here; others are not worked out."""
    source = _text(pattern)
    risky = re.search(r"\)[*+{?]|\(\?(?![:P])|\\[pPQCz]|\[\[:", source)
    count = len(re.findall(r"[*+{]", source))
    if risky or count > 3 or any(len(t) > 200 for t in texts):  # noqa: PLR2004  # cubic at worst
        raise NotWorkedOut
    try:
        return re.compile(source, re.ASCII)
    except re.error as error:
        raise Refused(f"'{source}' is no regular expression: {error}") from None


@_function("replace", 3, 3)
def _replace(arguments: Sequence[Term]) -> Term:
    text, old, new = arguments
    wanted, put = _string(old), _string(new)
    if len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        found = _pattern(wanted[1:-1], _string(text))
        template = re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", put.replace("\\", r"\\"))
        try:
            return Term(found.sub(template, _string(text)), decisions=decisions_of(arguments))
        except (re.error, IndexError) as error:
            raise Refused(f"replace: {error}") from None
    if not wanted:
        raise NotWorkedOut
    whole = spelled(text)
    if isinstance(whole.data, str):
        made = whole.data.replace(wanted, put)
        if len(made) > TEXT_LIMIT:
            raise TooLarge
        return Term(made, decisions=decisions_of(arguments))
    raise NotWorkedOut


def _match(match: re.Match[str]) -> object:
    if match.re.groupindex:
        return dict(match.groupdict())
    return list(match.groups()) if match.re.groups else match[0]


@_scalar("regex", 2, 2)
def _regex(pattern: str, text: str) -> object:
    match = _pattern(pattern, _text(text)).search(_text(text))
    if match is None:
        raise Refused("regex finds no match")
    return _match(match)


@_scalar("regexall", 2, 2)
def _regex_all(pattern: str, text: str) -> object:
    return [_match(m) for m in _pattern(pattern, _text(text)).finditer(_text(text))]


_VERB: Final = re.compile(
    r"%(?:\[(?P<index>\d{1,4})\])?(?P<flags>[-+# 0]*)(?P<width>\d{1,3})?"
    r"(?:\.(?P<precision>\d{1,3}))?(?P<verb>[a-zA-Z%])"
)


@_function("format", 1)
def _format(arguments: Sequence[Term]) -> Term:
    pattern = _string(arguments[0])
    pieces: list[Term] = []
    last, following = 0, 1
    for match in _VERB.finditer(pattern):
        pieces.append(Term(pattern[last : match.start()]))
        last = match.end()
        if match["verb"] == "%":
            pieces.append(Term("%"))
            continue
        index = int(match["index"]) if match["index"] else following
        if index >= len(arguments) or not index:
            raise Refused("format names an argument that is missing")
        following = index + 1
        pieces.append(_formatted(arguments[index], match))
    pieces.append(Term(pattern[last:]))
    return joined(pieces).resting_on(decisions_of(arguments))


def _formatted(term: Term, match: re.Match[str]) -> Term:
    flags, width, verb = match["flags"], int(match["width"] or 0), match["verb"]
    if term.is_unknown:
        if width or match["precision"] or verb not in "svd" or flags:
            raise NotWorkedOut
        return spelled(term)
    if verb == "s" and isinstance(term.data, (Object, list)):
        raise Refused("format writes no collection as a text")
    if verb in {"s", "v", "t"} and not isinstance(term.data, (Object, list)):
        text = "null" if term.data is None and verb == "v" else _text(term.data)
        if match["precision"] and verb == "s":
            text = text[: int(match["precision"])]
    elif verb in {"d", "b", "o", "x", "X"}:
        spec = ("+" if "+" in flags else "") + (verb if verb != "d" else "d")
        text = format(_whole(term.data), spec)
    elif verb in {"f", "F"}:
        text = format(float(number(term.data)), f".{match['precision'] or 6}f")
    elif verb in {"q", "v"}:
        text = json.dumps(plain(term), separators=(",", ":"), ensure_ascii=False)
    else:
        raise NotWorkedOut
    if "0" in flags and "-" not in flags and verb in "dfFxX":
        return Term(text.zfill(width))
    return Term(text.ljust(width) if "-" in flags else text.rjust(width))


@_function("formatlist", 1)
def _format_list(arguments: Sequence[Term]) -> Term:
    lists = [items_of(a) for a in arguments[1:] if isinstance(a.data, list)]
    if any(a.is_unknown for a in arguments[1:]):
        raise NotWorkedOut
    count = len(lists[0]) if lists else 1
    if any(len(items) != count for items in lists):
        raise Refused("formatlist wants lists of one length")
    rows = [
        _format(
            [arguments[0], *(a.data[i] if isinstance(a.data, list) else a for a in arguments[1:])]
        )
        for i in range(count)
    ]
    return _listed(rows, arguments)


# Numbers


@_scalar("abs", 1, 1)
def _abs(value: object) -> object:
    return abs(number(value))


@_scalar("ceil", 1, 1)
def _ceil(value: object) -> object:
    return math.ceil(number(value))


@_scalar("floor", 1, 1)
def _floor(value: object) -> object:
    return math.floor(number(value))


@_scalar("log", 2, 2)
def _log(value: object, base: object) -> object:
    return number(math.log(number(value), number(base)))


@_scalar("pow", 2, 2)
def _pow(value: object, exponent: object) -> object:
    base, power = number(value), number(exponent)
    if abs(power) > 1000 or abs(base) > 1e6:  # noqa: PLR2004  # no configuration needs more
        raise TooLarge
    return number(base**power)


@_scalar("signum", 1, 1)
def _signum(value: object) -> object:
    found = number(value)
    return (found > 0) - (found < 0)


@_scalar("parseint", 2, 2)
def _parse_int(value: str, base: object) -> object:
    if len(_text(value)) > 100:  # noqa: PLR2004  # no number that anybody means
        raise TooLarge
    return int(_text(value), _whole(base))


@_function("max", 1)
def _max(arguments: Sequence[Term]) -> Term:
    return Term(max(number(plain(a)) for a in arguments), decisions=decisions_of(arguments))


@_function("min", 1)
def _min(arguments: Sequence[Term]) -> Term:
    return Term(min(number(plain(a)) for a in arguments), decisions=decisions_of(arguments))


@_function("sum", 1, 1)
def _sum(arguments: Sequence[Term]) -> Term:
    items = items_of(arguments[0])
    if not items:
        raise Refused("sum wants at least one number")
    total = number(sum(number(plain(i)) for i in items))
    return Term(total, decisions=decisions_within(arguments))


# Collections


def _flags(arguments: Sequence[Term]) -> tuple[set[bool], bool]:
    """Give the flags of a list, and whether some of them are not known."""
    items = items_of(arguments[0])
    flags = {tobool(plain(i)) is True for i in items if i.is_known}
    return flags, any(i.is_unknown for i in items)


@_function("alltrue", 1, 1)
def _all_true(arguments: Sequence[Term]) -> Term:
    flags, is_open = _flags(arguments)
    if False not in flags and is_open:
        raise NotWorkedOut
    return Term(False not in flags, decisions=decisions_within(arguments))


@_function("anytrue", 1, 1)
def _any_true(arguments: Sequence[Term]) -> Term:
    flags, is_open = _flags(arguments)
    if True not in flags and is_open:
        raise NotWorkedOut
    return Term(True in flags, decisions=decisions_within(arguments))


@_function("chunklist", 2, 2)
def _chunks(arguments: Sequence[Term]) -> Term:
    items, size = items_of(arguments[0]), _whole(plain(arguments[1]))
    if size < 0:
        raise Refused("chunklist wants a size")
    size = size or max(1, len(items))
    rows = [Term(items[i : i + size]) for i in range(0, len(items), size)]
    return _listed(rows, arguments)


def _chosen(arguments: Sequence[Term], is_empty: Callable[[Term], bool]) -> Term:
    passed: list[Term] = []
    for argument in arguments:
        if argument.is_unknown and not argument.is_text:
            raise NotWorkedOut
        if not is_empty(argument):
            return argument.resting_on(decisions_of(passed))
        passed.append(argument)
    raise Refused("all of them are empty")


@_function("coalesce", 1)
def _coalesce(arguments: Sequence[Term]) -> Term:
    return _chosen(arguments, lambda a: a.data is None or a.data == "")


@_function("coalescelist", 1)
def _coalesce_list(arguments: Sequence[Term]) -> Term:
    return _chosen(arguments, lambda a: a.data is None or a.data == [])


@_function("compact", 1, 1)
def _compact(arguments: Sequence[Term]) -> Term:
    items = items_of(arguments[0])
    if any(i.is_unknown and not i.is_text for i in items):
        raise NotWorkedOut
    return _listed([i for i in items if i.data is not None and i.data != ""], arguments)


@_function("concat", 1)
def _concat(arguments: Sequence[Term]) -> Term:
    return _listed([i for a in arguments for i in items_of(a)], arguments)


@_function("contains", 2, 2)
def _contains(arguments: Sequence[Term]) -> Term:
    verdicts = [same(item, arguments[1]).known for item in items_of(arguments[0])[:ITEM_LIMIT]]
    if True not in verdicts and None in verdicts:
        raise NotWorkedOut
    return Term(True in verdicts, decisions=decisions_within(arguments))


@_function("distinct", 1, 1)
def _distinct(arguments: Sequence[Term]) -> Term:
    return _listed(distinct(items_of(arguments[0])), arguments)


@_function("element", 2, 2)
def _element(arguments: Sequence[Term]) -> Term:
    items = items_of(arguments[0])
    if not items:
        raise Refused("element of an empty list")
    chosen = items[_whole(plain(arguments[1])) % len(items)]
    return chosen.resting_on(decisions_of(arguments))


@_function("flatten", 1, 1)
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
    return _listed(flat, arguments)


@_function("index", 2, 2)
def _index(arguments: Sequence[Term]) -> Term:
    for at, item in enumerate(items_of(arguments[0])):
        verdict = same(item, arguments[1]).known
        if verdict is None:
            raise NotWorkedOut
        if verdict:
            return Term(at, decisions=decisions_within(arguments))
    raise Refused("the list does not hold it")


@_function("keys", 1, 1)
def _keys(arguments: Sequence[Term]) -> Term:
    members = members_of(arguments[0])
    return _listed([members.keys_at.get(k, Term(k)) for k in ordered(members)], arguments)


@_function("values", 1, 1)
def _values(arguments: Sequence[Term]) -> Term:
    members = members_of(arguments[0])
    return _listed([members[k] for k in ordered(members)], arguments)


@_function("length", 1, 1)
def _length(arguments: Sequence[Term]) -> Term:
    data = arguments[0].data
    if isinstance(data, Object) and not data.is_listed:
        raise NotWorkedOut
    if isinstance(data, (str, list, Object)):
        return Term(len(data), decisions=decisions_of(arguments))
    if arguments[0].is_unknown:
        raise NotWorkedOut
    raise Refused("length wants a collection or a text")


@_function("lookup", 2, 3)
def _lookup(arguments: Sequence[Term]) -> Term:
    name = _string(arguments[1])
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


@_function("matchkeys", 3, 3)
def _match_keys(arguments: Sequence[Term]) -> Term:
    values, keys, wanted = (items_of(a) for a in arguments)
    kept: list[Term] = []
    for value, key in zip(values, keys, strict=False):
        verdicts = [same(key, w).known for w in wanted]
        if True not in verdicts and None in verdicts:
            raise NotWorkedOut
        if True in verdicts:
            kept.append(value)
    return _listed(kept, arguments)


@_function("merge", 0)
def _merge(arguments: Sequence[Term]) -> Term:
    made = Object()
    for argument in arguments:
        if argument.data is None:
            continue
        members = members_of(argument)
        made.update(members)
        made.keys_at.update(members.keys_at)
    return _mapped(made, arguments)


@_function("one", 1, 1)
def _one(arguments: Sequence[Term]) -> Term:
    items = items_of(arguments[0])
    if len(items) > 1:
        raise Refused("one wants a list of at most one item")
    return (items[0] if items else Term(None)).resting_on(decisions_of(arguments))


@_scalar("range", 1, 3)
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


@_function("reverse", 1, 1)
def _reverse(arguments: Sequence[Term]) -> Term:
    return _listed(items_of(arguments[0])[::-1], arguments)


@_function("setunion", 1)
def _set_union(arguments: Sequence[Term]) -> Term:
    return _listed(as_set([i for a in arguments for i in items_of(a)]), arguments)


def _within(item: Term, items: Sequence[Term]) -> bool:
    verdicts = [same(item, other).known for other in items]
    if True not in verdicts and None in verdicts:
        raise NotWorkedOut
    return True in verdicts


@_function("setintersection", 1)
def _set_intersection(arguments: Sequence[Term]) -> Term:
    first, *others = (items_of(a) for a in arguments)
    return _listed(as_set([i for i in first if all(_within(i, o) for o in others)]), arguments)


@_function("setsubtract", 2, 2)
def _set_subtract(arguments: Sequence[Term]) -> Term:
    first, second = (items_of(a) for a in arguments)
    return _listed(as_set([i for i in first if not _within(i, second)]), arguments)


@_function("setproduct", 1)
def _set_product(arguments: Sequence[Term]) -> Term:
    rows: list[list[Term]] = [[]]
    for argument in arguments:
        items = items_of(argument)
        if len(rows) * max(1, len(items)) > ITEM_LIMIT:
            raise TooLarge
        rows = [[*row, item] for row in rows for item in items]
    return _listed([Term(row) for row in rows], arguments)


@_function("slice", 3, 3)
def _slice(arguments: Sequence[Term]) -> Term:
    items = items_of(arguments[0])
    start, stop = _whole(plain(arguments[1])), _whole(plain(arguments[2]))
    if not 0 <= start <= stop <= len(items):
        raise Refused("slice is out of range")
    return _listed(items[start:stop], arguments)


@_function("sort", 1, 1)
def _sort(arguments: Sequence[Term]) -> Term:
    return _listed(sorted(items_of(arguments[0]), key=_string), arguments)


@_function("transpose", 1, 1)
def _transpose(arguments: Sequence[Term]) -> Term:
    made: dict[str, list[Term]] = {}
    members = members_of(arguments[0])
    for name in ordered(members):
        for item in items_of(members[name]):
            made.setdefault(_string(item), []).append(Term(name))
    return _mapped(Object((k, Term(v)) for k, v in made.items()), arguments)


@_function("zipmap", 2, 2)
def _zip_map(arguments: Sequence[Term]) -> Term:
    names, values = items_of(arguments[0]), items_of(arguments[1])
    if len(names) != len(values):
        raise Refused("zipmap wants two lists of one length")
    pairs = zip(names, values, strict=True)
    return _mapped(Object((_string(n), v) for n, v in pairs), arguments)


# Types


def tobool(value: object) -> bool | None:
    """Read a flag, also one that is written as a text."""
    if isinstance(value, bool) or value is None:
        return value
    if value in {"true", "false"}:
        return value == "true"
    raise Refused("true or false is wanted here")


def converted(term: Term, read: Callable[[object], object]) -> Term:
    """Convert a scalar; what fits already stays as it stands, with its places."""
    if term.data is None or term.is_unknown or term.is_absent:
        return term
    if isinstance(term.data, (Object, list)):
        raise Refused("a single value is wanted here")
    made = read(term.data)
    if type(made) is type(term.data) and made == term.data:
        return term
    return Term(
        made,  # type: ignore[arg-type]  # a scalar
        term.trace,
        decisions=term.decisions,
        is_literal=term.is_literal,
    )


@_function("tobool", 1, 1)
def _to_bool(arguments: Sequence[Term]) -> Term:
    return converted(arguments[0], tobool)


@_function("tonumber", 1, 1)
def _to_number(arguments: Sequence[Term]) -> Term:
    return converted(arguments[0], number)


@_function("tostring", 1, 1)
def _to_string(arguments: Sequence[Term]) -> Term:
    return converted(arguments[0], _text)


@_function("tolist", 1, 1)
def _to_list(arguments: Sequence[Term]) -> Term:
    return arguments[0] if arguments[0].data is None else _listed(items_of(arguments[0]), arguments)


@_function("toset", 1, 1)
def _to_set(arguments: Sequence[Term]) -> Term:
    return (
        arguments[0]
        if arguments[0].data is None
        else _listed(as_set(items_of(arguments[0])), arguments)
    )


@_function("tomap", 1, 1)
def _to_map(arguments: Sequence[Term]) -> Term:
    if arguments[0].data is not None:
        members_of(arguments[0])
    return arguments[0]


def _same(arguments: Sequence[Term]) -> Term:
    return arguments[0]


for _name in ("sensitive", "nonsensitive", "ephemeralasnull"):
    _function(_name, 1, 1)(_same)


@_function("list", 0)
def _list(arguments: Sequence[Term]) -> Term:
    return _listed(arguments, arguments)


@_function("map", 0)
def _map(arguments: Sequence[Term]) -> Term:
    if len(arguments) % 2:
        raise Refused("map wants names and values by turns")
    pairs = zip(arguments[::2], arguments[1::2], strict=True)
    return _mapped(Object((_string(n), v) for n, v in pairs), arguments)


# Encoding


@_scalar("base64encode", 1, 1)
def _base64_encode(value: str) -> str:
    return base64.b64encode(_text(value).encode()).decode()


@_scalar("base64decode", 1, 1)
def _base64_decode(value: str) -> str:
    return base64.b64decode(_text(value), validate=True).decode()


@_scalar("urlencode", 1, 1)
def _url_encode(value: str) -> str:
    return quote_plus(_text(value))


@_scalar("jsondecode", 1, 1)
def _json_decode(value: str) -> object:
    try:
        return json.loads(_text(value))
    except RecursionError:
        raise TooLarge from None


@_scalar("jsonencode", 1, 1)
def _json_encode(value: object) -> str:
    made = json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
    for sign, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        made = made.replace(sign, code)
    return made


@_scalar("md5", 1, 1)
def _md5(value: str) -> str:
    return hashlib.md5(_text(value).encode(), usedforsecurity=False).hexdigest()


@_scalar("sha1", 1, 1)
def _sha1(value: str) -> str:
    return hashlib.sha1(_text(value).encode(), usedforsecurity=False).hexdigest()


@_scalar("sha256", 1, 1)
def _sha256(value: str) -> str:
    return hashlib.sha256(_text(value).encode()).hexdigest()


@_scalar("sha512", 1, 1)
def _sha512(value: str) -> str:
    return hashlib.sha512(_text(value).encode()).hexdigest()


@_scalar("base64sha256", 1, 1)
def _base64_sha256(value: str) -> str:
    return base64.b64encode(hashlib.sha256(_text(value).encode()).digest()).decode()


# Networks

_Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"


def _network(value: object) -> _Network:
    return ipaddress.ip_network(_text(value), strict=False)


def _part(network: _Network, more: int, index: int) -> _Network:
    length = network.prefixlen + more
    if not 0 <= more <= 32 or length > network.max_prefixlen or not 0 <= index < 1 << more:  # noqa: PLR2004  # as Terraform has it
        raise Refused("the range has no such part")
    start = int(network.network_address) + (index << (network.max_prefixlen - length))
    return type(network)((start, length))


@_scalar("cidrsubnet", 3, 3)
def _cidr_subnet(prefix: str, more: object, index: object) -> str:
    return str(_part(_network(prefix), _whole(more), _whole(index)))


@_scalar("cidrsubnets", 1)
def _cidr_subnets(prefix: str, *mores: object) -> list[str]:
    network = _network(prefix)
    at, found = int(network.network_address), []
    for more in mores:
        length = network.prefixlen + _whole(more)
        if not network.prefixlen < length <= network.max_prefixlen:
            raise Refused("the range has no such part")
        size = 1 << (network.max_prefixlen - length)
        at = -(-at // size) * size
        if at + size > int(network.network_address) + network.num_addresses:
            raise Refused("the range has no room for all of them")
        found.append(str(type(network)((at, length))))
        at += size
    return found


@_scalar("cidrhost", 2, 2)
def _cidr_host(prefix: str, index: object) -> str:
    network, at = _network(prefix), _whole(index)
    if at < 0:
        at += network.num_addresses
    if not 0 <= at < network.num_addresses:
        raise Refused("the range has no such address")
    return str(network.network_address + at)


@_scalar("cidrnetmask", 1, 1)
def _cidr_netmask(prefix: str) -> str:
    return str(_network(prefix).netmask)
