"""VM sizes as text and JSON."""

from __future__ import annotations

import json as plain_json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from azmlint.data.sizes import AS_OF
from azmlint.report.escape import printable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable

    from azmlint.data.sizes import Size

VERSION: Final = 1
_KNOWN: Final = {True: "yes", False: "no", None: "not known"}


class Asked(NamedTuple):
    """What somebody wants to know of sizes."""

    sizes: tuple[Size, ...]
    region: str | None
    today: dt.date
    is_one: bool
    """Whether a single size was asked for."""


def write(form: str, asked: Asked) -> str:
    """Write sizes in one of FORMATS."""
    return FORMATS[form](asked)


def _json(asked: Asked) -> str:
    data = {
        "version": VERSION,
        "region": asked.region,
        "shipped_as_of": AS_OF.isoformat(),
        "sizes": [_record(size, asked) for size in asked.sizes],
    }
    return plain_json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _record(size: Size, asked: Asked) -> dict[str, Any]:
    series = size.series
    day = series.retirement(asked.region) if series is not None else None
    return {
        "name": size.name,
        "family": size.family,
        "vcpus": size.vcpus,
        "memory_gib": size.memory_gib,
        "gpus": size.gpus,
        "rdma": size.is_rdma,
        "low_priority_capable": size.is_low_priority_capable,
        "compute_types": None if size.compute_types is None else sorted(size.compute_types),
        "aml_evidence": size.aml_evidence or None,
        "series": series.name if series is not None else None,
        "retires": day.isoformat() if day is not None else None,
        "is_retired": day is not None and day <= asked.today,
        "is_growth_restricted": series is not None and series.is_growth_restricted,
        "sources": list(size.sources),
        "differing": size.differing or None,
    }


def _text(asked: Asked) -> str:
    lines = _facts(asked.sizes[0], asked) if asked.is_one else _table(asked.sizes)
    return "".join(f"{printable(line)}\n" for line in lines)


def _facts(size: Size, asked: Asked) -> list[str]:
    rows = {
        "quota family": size.family or "not known",
        "vCPUs": _number(size.vcpus),
        "memory": "not known" if size.memory_gib is None else f"{size.memory_gib:g} GiB",
        "GPUs": _number(size.gpus),
        "RDMA": _KNOWN[size.is_rdma],
        "low priority": _KNOWN[size.is_low_priority_capable],
        "Azure Machine Learning": _support(size, asked.region),
        "retirement": _retirement(size, asked),
        "sources": ", ".join(size.sources),
        "lists as of": AS_OF.isoformat(),
    }
    if size.differing:
        rows["lists differ"] = size.differing
    wide = max(map(len, rows)) + 1
    return [size.name, *(f"  {f'{name}:':{wide}} {text}" for name, text in rows.items())]


def _support(size: Size, region: str | None) -> str:
    if size.compute_types is not None:
        return f"offered in {region} for {', '.join(sorted(size.compute_types)) or 'nothing'}"
    said = [_said(text) for text in size.aml_evidence.split(";") if text]
    return "; ".join(said) or "not known"


def _said(evidence: str) -> str:
    where, _, what = evidence.partition(":")
    return f"documented in 2024 as {what}" if where == "docs2024" else f"{what} in a REST example"


def _retirement(size: Size, asked: Asked) -> str:
    series = size.series
    if series is None:
        return "none is known"
    day = series.retirement(asked.region)
    parts = []
    if day is not None:
        word = "retired" if day <= asked.today else "retires"
        parts.append(f"the {series.name} series {word} on {day}")
        if asked.region is None:
            parts += [f"in {region} on {later}" for region, later in series.later_in]
            if series.is_public_only:
                parts.append("in the public cloud only")
    if series.is_growth_restricted:
        parts.append("no further quota is granted since July 2026")
    return "; ".join(parts) or "none is known"


def _number(number: int | None) -> str:
    return "not known" if number is None else str(number)


_HEAD: Final = ("size", "quota family", "vCPUs", "GiB", "GPUs")


def _table(sizes: Iterable[Size]) -> list[str]:
    rows = [_HEAD]
    for size in sizes:
        memory = "?" if size.memory_gib is None else f"{size.memory_gib:g}"
        numbers = ("?" if n is None else str(n) for n in (size.vcpus, size.gpus))
        vcpus, gpus = numbers
        rows.append((size.name, size.family or "?", vcpus, memory, gpus))
    wide = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return [
        "  ".join(
            cell.ljust(wide[column]) if column <= 1 else cell.rjust(wide[column])
            for column, cell in enumerate(row)
        ).rstrip()
        for row in rows
    ]


FORMATS: Final[dict[str, Callable[[Asked], str]]] = {"text": _text, "json": _json}
