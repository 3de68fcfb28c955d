"""Terraform's functions over texts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from azmlint.expressions.arm_values import (
    TEXT_LIMIT,
    NotWorkedOut,
    Refused,
    TooLarge,
    decisions_of,
    joined,
    opaque,
    plain,
)
from azmlint.expressions.hcl_values import (
    as_string,
    as_text,
    as_whole,
    define,
    define_scalar,
    items_of,
    list_of,
    number,
    spelled,
    text_of,
)
from azmlint.expressions.term import Object, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@define_scalar("chomp", 1, 1)
def _chomp(value: str) -> str:
    return re.sub(r"(\r\n|\n|\r)+\Z", "", as_text(value))


@define_scalar("endswith", 2, 2)
def _ends_with(value: str, end: str) -> bool:
    return as_text(value).endswith(as_text(end))


@define_scalar("startswith", 2, 2)
def _starts_with(value: str, start: str) -> bool:
    return as_text(value).startswith(as_text(start))


@define_scalar("strcontains", 2, 2)
def _contains_text(value: str, part: str) -> bool:
    return as_text(part) in as_text(value)


@define_scalar("indent", 2, 2)
def _indent(count: object, value: str) -> str:
    return as_text(value).replace("\n", "\n" + " " * min(as_whole(count), 1000))


@define("lower", 1, 1)
def _lower(arguments: Sequence[Term]) -> Term:
    return _by_piece("lower", str.lower, arguments)


@define("upper", 1, 1)
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


@define_scalar("title", 1, 1)
def _title(value: str) -> str:
    return re.sub(r"(?<!\w)\w", lambda m: m[0].upper(), as_text(value))


@define_scalar("strrev", 1, 1)
def _reversed_text(value: str) -> str:
    return as_text(value)[::-1]


@define_scalar("substr", 3, 3)
def _substr(value: str, start: object, length: object) -> str:
    text, at, count = as_text(value), as_whole(start), as_whole(length)
    if at < 0:
        at = max(0, len(text) + at)
    return text[at:] if count < 0 else text[at : at + count]


@define_scalar("trim", 2, 2)
def _trim(value: str, signs: str) -> str:
    return as_text(value).strip(as_text(signs))


@define_scalar("trimprefix", 2, 2)
def _trim_prefix(value: str, start: str) -> str:
    return as_text(value).removeprefix(as_text(start))


@define_scalar("trimsuffix", 2, 2)
def _trim_suffix(value: str, end: str) -> str:
    return as_text(value).removesuffix(as_text(end))


@define_scalar("trimspace", 1, 1)
def _trim_space(value: str) -> str:
    return as_text(value).strip()


@define("split", 2, 2)
def _split(arguments: Sequence[Term]) -> Term:
    mark, text = as_string(arguments[0]), as_string(arguments[1])
    pieces = text.split(mark) if mark else list(text)
    return list_of([Term(p) for p in pieces], arguments)


@define("join", 2)
def _join(arguments: Sequence[Term]) -> Term:
    mark = spelled(arguments[0])
    pieces: list[Term] = []
    for group in arguments[1:]:
        for item in items_of(group):
            pieces += [mark, item] if pieces else [item]
    return text_of(pieces).resting_on(decisions_of(arguments)) if pieces else Term("")


def _pattern(pattern: object, *texts: str) -> re.Pattern[str]:
    """Compile a regular expression that cannot take long here; others are not worked out."""
    source = as_text(pattern)
    risky = re.search(r"\)[*+{?]|\(\?(?![:P])|\\[pPQCz]|\[\[:", source)
    count = len(re.findall(r"[*+{]", source))
    if risky or count > 3 or any(len(t) > 200 for t in texts):  # noqa: PLR2004  # cubic at worst
        raise NotWorkedOut
    try:
        return re.compile(source, re.ASCII)
    except re.error as error:
        raise Refused(f"'{source}' is no regular expression: {error}") from None
    except (RecursionError, OverflowError):
        raise TooLarge from None


@define("replace", 3, 3)
def _replace(arguments: Sequence[Term]) -> Term:
    text, old, new = arguments
    wanted, put = as_string(old), as_string(new)
    if len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        found = _pattern(wanted[1:-1], as_string(text))
        template = re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", put.replace("\\", r"\\"))
        try:
            return Term(found.sub(template, as_string(text)), decisions=decisions_of(arguments))
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


@define_scalar("regex", 2, 2)
def _regex(pattern: str, text: str) -> object:
    match = _pattern(pattern, as_text(text)).search(as_text(text))
    if match is None:
        raise Refused("regex finds no match")
    return _match(match)


@define_scalar("regexall", 2, 2)
def _regex_all(pattern: str, text: str) -> object:
    return [_match(m) for m in _pattern(pattern, as_text(text)).finditer(as_text(text))]


_VERB: Final = re.compile(
    r"%(?:\[(?P<index>\d{1,4})\])?(?P<flags>[-+# 0]*)(?P<width>\d{1,3})?"
    r"(?:\.(?P<precision>\d{1,3}))?(?P<verb>[a-zA-Z%])"
)


@define("format", 1)
def _format(arguments: Sequence[Term]) -> Term:
    pattern = as_string(arguments[0])
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
        text = "null" if term.data is None and verb == "v" else as_text(term.data)
        if match["precision"] and verb == "s":
            text = text[: int(match["precision"])]
    elif verb in {"d", "b", "o", "x", "X"}:
        spec = ("+" if "+" in flags else "") + (verb if verb != "d" else "d")
        text = format(as_whole(term.data), spec)
    elif verb in {"f", "F"}:
        text = format(float(number(term.data)), f".{match['precision'] or 6}f")
    elif verb in {"q", "v"}:
        text = json.dumps(plain(term), separators=(",", ":"), ensure_ascii=False)
    else:
        raise NotWorkedOut
    if "0" in flags and "-" not in flags and verb in "dfFxX":
        return Term(text.zfill(width))
    return Term(text.ljust(width) if "-" in flags else text.rjust(width))


@define("formatlist", 1)
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
    return list_of(rows, arguments)
