"""The trend of open findings as a picture."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from azmlint.history.trend import LEVELS
from azmlint.report.summary import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from azmlint.history.trend import Point

WIDTH: Final = 720
HEIGHT: Final = 260
_LEFT: Final = 48
_RIGHT: Final = 704
_TOP: Final = 40
_BOTTOM: Final = 220
_STYLE: Final = (
    "text{font:12px system-ui,sans-serif;fill:#24292f}.error{fill:#b42318}.warning{fill:#b54708}"
    ".note{fill:#175cd3}.axis{stroke:#8c959f;stroke-width:1}.title{font-weight:600}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.error{fill:#f97066}"
    ".warning{fill:#fdb022}.note{fill:#84caff}}"
)


def svg(points: Sequence[Point], title: str) -> str:
    """Draw what was open after each audit, severities on top of each other."""
    highest = max((p.total for p in points), default=0) or 1
    columns = _columns(points)
    below = [0] * len(points)
    areas = []
    for level in LEVELS:
        above = [b + getattr(p, level) for b, p in zip(below, points, strict=True)]
        areas.append(_area(level, columns, below, above, highest))
        below = above
    first, last = (points[0].taken[:10], points[-1].taken[:10]) if points else ("", "")
    said = f"{counted(len(points), 'audit')}, {first} to {last}; most open at once: {highest}."
    if points:
        now = points[-1]
        said += f" Now: {now.error} errors, {now.warning} warnings, {now.note} notes."
    legend = "".join(
        f'<rect class="{level}" x="{_LEFT + 220 + 110 * n}" y="14" width="10" height="10"/>'
        f'<text x="{_LEFT + 235 + 110 * n}" y="23">{level}: {getattr(points[-1], level)}</text>'
        for n, level in enumerate(LEVELS)
        if points
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' width="{WIDTH}" height="{HEIGHT}" role="img" aria-labelledby="title said">'
        f'<title id="title">{escape(title)}</title><desc id="said">{escape(said)}</desc>'
        f"<style>{_STYLE}</style>"
        f'<text class="title" x="{_LEFT}" y="23">{escape(title)}</text>{legend}'
        f"{''.join(areas)}"
        f'<line class="axis" x1="{_LEFT}" y1="{_BOTTOM}" x2="{_RIGHT}" y2="{_BOTTOM}"/>'
        f'<text x="{_LEFT - 6}" y="{_TOP + 4}" text-anchor="end">{highest}</text>'
        f'<text x="{_LEFT - 6}" y="{_BOTTOM + 4}" text-anchor="end">0</text>'
        f'<text x="{_LEFT}" y="{_BOTTOM + 20}">{first}</text>'
        f'<text x="{_RIGHT}" y="{_BOTTOM + 20}" text-anchor="end">{last}</text></svg>\n'
    )


def _columns(points: Sequence[Point]) -> list[float]:
    """Give the place of each audit in time, and of the end of the last one."""
    moments = [dt.datetime.fromisoformat(p.taken).timestamp() for p in points]
    if not moments:
        return []
    # The last audit's step is as wide as the steps before it are on average.
    span = moments[-1] - moments[0]
    end = moments[-1] + (span / (len(moments) - 1) if span else 1.0)
    scale = (_RIGHT - _LEFT) / (end - moments[0])
    return [_LEFT + (moment - moments[0]) * scale for moment in (*moments, end)]


def _area(
    level: str, columns: Sequence[float], below: Sequence[int], above: Sequence[int], highest: int
) -> str:
    def row(value: int) -> float:
        return _BOTTOM - value * (_BOTTOM - _TOP) / highest

    if not any(a > b for a, b in zip(above, below, strict=True)):
        return ""
    steps = [*zip(columns, columns[1:], above, below, strict=False)]
    there = [f"{x:.1f},{row(a):.1f} {end:.1f},{row(a):.1f}" for x, end, a, _ in steps]
    back = [f"{end:.1f},{row(b):.1f} {x:.1f},{row(b):.1f}" for x, end, _, b in reversed(steps)]
    return f'<polygon class="{level}" points="{" ".join((*there, *back))}"/>'
