"""Capacity as text, JSON, Markdown and Mermaid."""

from __future__ import annotations

import json as plain_json
import re
from typing import TYPE_CHECKING, Any, Final

from azmlint.engine.capacity import OUT_OF_REACH
from azmlint.model.resources import OnlineDeployment
from azmlint.report.escape import printable
from azmlint.report.mask import Mask, values_without

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from azmlint.engine.capacity import Answer, Gap, Place
    from azmlint.location import Place as At
    from azmlint.model.capacity.market import Limit, Outcome
    from azmlint.report.options import ReportOptions

VERSION: Final = 1

FORMATS: Final = ("text", "json", "markdown", "mermaid")

_HEADS: Final = ("compute", "size", "vCPUs", "asked", "alone", "together", "full first")


def write(form: str, answer: Answer, options: ReportOptions, secrets: Iterable[At] = ()) -> str:
    """Write an answer in one of FORMATS, without the secrets of files."""
    mask = Mask(secrets)
    if form == "json":
        data = values_without(_data(answer, options), mask.quoted())
        return plain_json.dumps(data, indent=2) + "\n"
    return mask.quoted(_ESCAPES[form])(_WRITERS[form](answer, options))


def _title(place: Place) -> str:
    subscription = place.subscription.rpartition("/")[2]
    return f"{place.region} of subscription {subscription}" if subscription else place.region


def _name(outcome: Outcome) -> str:
    compute = outcome.claim.compute
    parent = compute.id.parent
    names = [compute.name]
    if isinstance(compute, OnlineDeployment):
        names.insert(0, parent.name or "?")
        parent = parent.parent
    if parent.name:
        names.insert(0, parent.name)
    return "/".join(names) + (f" ({compute.kind})" if outcome.claim.is_fixed else "")


def _row(outcome: Outcome) -> tuple[str, ...]:
    claim = outcome.claim
    mark = "?" if outcome.unknown else ""
    return (
        _name(outcome),
        claim.size,
        str(claim.vcpus),
        "?" if claim.most is None else str(claim.asked),
        f"{outcome.alone}{mark}",
        f"{outcome.together}{mark}",
        _limit(outcome.full) if outcome.full is not None else "",
    )


def _limit(limit: Limit) -> str:
    return _stated(limit, limit.held, "others")


def _stated(limit: Limit, held: int, holders: str) -> str:
    unit = "nodes" if limit.is_addresses else "vCPUs"
    part = f", {held} of them held by {holders}" if held else ""
    return f"{limit.row.title} ({limit.row.limit} {unit}{part})"


def _sums(place: Place) -> Iterator[str]:
    """Say what all get together, what would be the most in any order, and which quota to raise."""
    start = f"together {place.reached} of {place.wanted} vCPUs"
    bound = place.bound
    if bound is None:
        yield f"{start}; the most in any order is {OUT_OF_REACH}"
        return
    yield f"{start}; the most in any order is {bound.amount}"
    for limit in place.cut:
        helps = "lets more through" if limit in place.helping else "is not enough: see above it"
        stated = _stated(limit, limit.unlisted, "what is not listed")
        yield f"bounded by {stated}: more of it {helps}"
    if not place.cut:
        is_known = not any(o.unknown for o in place.outcomes)
        subnets = {_limit(o.full): 0 for o in place.outcomes if o.full and o.full.is_addresses}
        text = f"no quota {'' if is_known else 'that is known '}bounds it"
        yield f"{text}; addresses do: {', '.join(subnets)}" if subnets else text


def _answering(gap: Gap) -> Iterator[str]:
    """Say which call would answer, and what it takes."""
    if gap.call:
        yield f"{gap.call} answers it"
    if gap.need is not None and gap.need.permission:
        yield f"it takes {gap.need.permission} on {gap.need.scope}"


# Text


def _text(answer: Answer, options: ReportOptions) -> str:
    return "".join(f"{line}\n" for line in _lines(answer, options))


def _lines(answer: Answer, options: ReportOptions) -> Iterator[str]:
    def paint(code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if options.color else text

    for text in answer.supposed:
        yield f"supposing {printable(text)}"
    if answer.supposed:
        yield ""
    for place in answer.places:
        yield paint("1", printable(_title(place)))
        rows = [_HEADS, *map(_row, place.outcomes)]
        shown = [[printable(cell) for cell in row] for row in rows]
        widths = [max(len(row[i]) for row in shown) for i in range(len(_HEADS))]
        for row in shown:
            cells = [
                cell.rjust(width) if 2 <= i <= 5 else cell.ljust(width)  # noqa: PLR2004  # numbers
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            yield f"  {'  '.join(cells)}".rstrip()
        yield from (f"  {printable(line)}" for line in _sums(place))
        yield ""
    if not answer.places:
        yield "no compute that can be reckoned with"
        yield ""
    if answer.gaps:
        yield paint("1;31", "not known")
        for gap in answer.gaps:
            yield f"  {printable(gap.where)}: {printable(gap.reason)}"
            yield from (f"    {printable(line)}" for line in _answering(gap))
    for note in answer.notes:
        yield f"note: {note}"


# Markdown


def _markdown(answer: Answer, _: ReportOptions) -> str:
    lines = ["# Capacity", ""]
    lines += [f"Supposing `{_cell(text)}`." for text in answer.supposed]
    lines += [""] if answer.supposed else []
    for place in answer.places:
        lines += [f"## {_cell(_title(place))}", ""]
        lines += [f"| {' | '.join(_HEADS)} |", "| --- | --- | ---: | ---: | ---: | ---: | --- |"]
        lines += [f"| {' | '.join(map(_cell, _row(o)))} |" for o in place.outcomes]
        lines += ["", *(f"- {_cell(line)}" for line in _sums(place)), ""]
    if answer.gaps:
        lines += ["## Not known", ""]
        for gap in answer.gaps:
            lines.append(f"- {_cell(gap.where)}: {_cell(gap.reason)}")
            lines += [f"  - {_cell(line)}" for line in _answering(gap)]
        lines += [""]
    lines += [f"Note: {note}." for note in answer.notes]
    return "\n".join(lines).rstrip("\n") + "\n"


def _cell(text: str) -> str:
    return re.sub(r"([\\|<>&*_`\[\]])", r"\\\1", printable(text))


# JSON


def _data(answer: Answer, options: ReportOptions) -> dict[str, Any]:
    return {
        "version": VERSION,
        "supposed": list(answer.supposed),
        "regions": [_region(place) for place in answer.places],
        "gaps": [
            {
                "where": g.where,
                "reason": g.reason,
                "needs": None if g.need is None else {**g.need._asdict(), "call": g.call or None},
            }
            for g in answer.gaps
        ],
        "notes": list(answer.notes),
        "complete": answer.is_complete,
        "exit_code": options.exit_code,
    }


def _region(place: Place) -> dict[str, Any]:
    bound = place.bound
    cut, helping = set(place.cut), set(place.helping)
    return {
        "subscription": place.subscription or None,
        "region": place.region,
        "clusters": [_reached(place, o) for o in place.outcomes if not o.claim.is_fixed],
        "others": [
            {"kind": o.claim.compute.kind, **_reached(place, o)}
            for o in place.outcomes
            if o.claim.is_fixed
        ],
        "limits": [
            {
                "number": x.number,
                "name": x.row.title,
                "pool": x.row.pool,
                "family": x.row.family or None,
                "scope": x.row.scope or None,
                "source": x.row.source or None,
                "limit": x.row.limit,
                "used": x.row.used,
                "unlisted": x.unlisted,
                "held": x.held,
                "room": x.room,
                "in_cut": x in cut,
                "helps": x in helping,
            }
            for x in place.market.limits
        ],
        "wanted": place.wanted,
        "reached": place.reached,
        "bound": None if bound is None else bound.amount,
        "bound_missing": OUT_OF_REACH if bound is None else None,
    }


def _reached(place: Place, outcome: Outcome) -> dict[str, Any]:
    claim = outcome.claim
    return {
        "name": claim.compute.name,
        "id": str(claim.compute.id),
        "size": claim.size,
        "vcpus": claim.vcpus,
        "pool": claim.pool,
        "asked": None if claim.most is None else claim.asked,
        "alone": outcome.alone,
        "alone_full": _full(outcome.alone_full),
        "together": outcome.together,
        "full": _full(outcome.full),
        "limits": [x.number for x in place.market.limits_of(claim.compute)],
        "unknown": [x.number for x in outcome.unknown],
    }


def _full(limit: Limit | None) -> int | None:
    return None if limit is None else limit.number


# Mermaid


def _mermaid(answer: Answer, _: ReportOptions) -> str:
    lines = ["graph LR"]
    for index, place in enumerate(answer.places):
        lines.append(f'  subgraph p{index}["{_escaped(_title(place))}"]')
        cut = set(place.cut)
        for limit in place.market.limits:
            own = f"p{index}l{limit.number}"
            room = "not known" if limit.room is None else f"{limit.room} for clusters"
            lines.append(f'    {own}["{_escaped(f"{limit.row.title}: {room}")}"]')
            if limit in cut:
                lines.append(f"    style {own} stroke:#c00,stroke-width:2px")
        for number, outcome in enumerate(place.outcomes):
            claim = outcome.claim
            own = f"p{index}c{number}"
            asked = "?" if claim.most is None else claim.asked
            text = f"{_name(outcome)}: {outcome.together} of {asked} nodes"
            lines.append(f'    {own}(["{_escaped(text)}"])')
            lines += [
                f"    {own} -- {outcome.together * limit.cost(claim)} --> p{index}l{limit.number}"
                for limit in place.market.limits_of(claim.compute)
            ]
        lines.append("  end")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return re.sub(r"[\"<>&#`\[\]{}|;]", lambda m: f"#{ord(m[0])};", printable(text))


_ESCAPES: Final[dict[str, Callable[[str], str]]] = {
    "text": printable,
    "markdown": _cell,
    "mermaid": _escaped,
}
"""How each format writes what it quotes."""

_WRITERS: Final[dict[str, Callable[[Answer, ReportOptions], str]]] = {
    "text": _text,
    "markdown": _markdown,
    "mermaid": _mermaid,
}
