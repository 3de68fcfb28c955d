"""Lists of VM sizes as the service answers them, in a snapshot or in a file of our own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from azmlint.data.sizes import Size
from azmlint.errors import ConfigError
from azmlint.model.facet import COLLECTED, Facet
from azmlint.model.sizes import Listed, Sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from azmlint.sources.snapshot import Answer, Item, Snapshot

_LOCATIONS: Final = "/providers/microsoft.machinelearningservices/locations/"
_TYPES: Final = "supportedComputeTypes"
VERSION: Final = 1


def sizes(snapshot: Snapshot | None, stated: Mapping[str, Listed]) -> Sizes:
    """Read the lists of a snapshot; `stated` are those of a file, by region."""
    if snapshot is None:
        return Sizes(stated=stated)
    live: dict[tuple[str, str], Listed] = {}
    problems: list[str] = []
    for answer, place in _answers(snapshot):
        source = f"the service in {place[1]}, {snapshot.taken.date()}"
        live[place], wrong = listed(answer.items, source)
        problems += [f"{place[1]}: {text}" for text in wrong]
    return Sizes(live, stated, problems)


def _answers(snapshot: Snapshot) -> Iterator[tuple[Answer, tuple[str, str]]]:
    """Yield complete lists with their subscription and region."""
    for answer in snapshot.answers:
        place = _place(answer.scope) if answer.facet == Facet.VM_SIZES else None
        if place is not None and answer.state == COLLECTED:
            yield answer, place


def _place(scope: str) -> tuple[str, str] | None:
    """Part the id of a region into subscription and region."""
    subscription, _, region = scope.casefold().partition(_LOCATIONS)
    return (subscription, "".join(region.split())) if region else None


def listed(items: Iterable[Item], source: str) -> tuple[Listed, list[str]]:
    """Read one list; gives what is wrong with its rows too.

    Of two rows of one name only that counts in which they agree.
    """
    found: Listed = {}
    problems: list[str] = []
    for item in items:
        row = {k.replace("_", "").lower(): v for k, v in item.items()}
        name = row.get("name")
        if not isinstance(name, str) or not name.strip():
            problems.append("a size without a name")
            continue
        size = _size(name.strip(), row, source, problems)
        key = size.name.lower()
        known = found.get(key)
        if known is not None and known != size:
            differing = [
                f for f, v in known._asdict().items() if f != "name" and v != getattr(size, f)
            ]
            problems.append(f"{name}: two rows differ in {', '.join(differing)}")
            size = known._replace(**{f: Size._field_defaults[f] for f in differing})
        found[key] = size
    return found, problems


def _size(name: str, row: Item, source: str, problems: list[str]) -> Size:
    def read(key: str, is_right: Callable[[Any], bool]) -> Any:  # noqa: ANN401  # plain JSON data
        value = row.get(key)
        if value is None or is_right(value):
            return value
        problems.append(f"{name}: {key} is {str(value)[:40]!r}")
        return None

    family = read("family", lambda v: isinstance(v, str))
    types = read("supportedcomputetypes", _is_texts)
    memory = read("memorygb", lambda v: _is_number(v) and v >= 0)
    return Size(
        name,
        (family or "").strip() or None,
        read("vcpus", lambda v: _is_count(v) and v > 0),
        None if memory is None else float(memory),
        read("gpus", lambda v: _is_count(v) and v >= 0),
        read("lowprioritycapable", lambda v: isinstance(v, bool)),
        sources=(source,),
        compute_types=None if types is None else frozenset(t.lower() for t in types),
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def dump(snapshot: Snapshot) -> str:
    """Write the lists of a snapshot by region, for the configuration to name.

    What several subscriptions are offered in one region is joined.
    """
    regions: dict[str, dict[str, Item]] = {}
    for answer, (_, region) in _answers(snapshot):
        rows = regions.setdefault(region, {})
        for item in answer.items:
            text = json.dumps({k: v for k, v in item.items() if k != _TYPES}, sort_keys=True)
            types = {str(t) for one in (item, rows.get(text, {})) for t in one.get(_TYPES) or ()}
            rows[text] = {**item, _TYPES: sorted(types)} if _TYPES in item else item
    lines = [
        f"  {json.dumps(region)}: [\n"
        + ",\n".join(f"   {json.dumps(rows[text], sort_keys=True)}" for text in sorted(rows))
        + "\n  ]"
        for region, rows in sorted(regions.items())
    ]
    head = f' "version": {VERSION},\n "taken": "{snapshot.taken.date()}",\n'
    return f'{{\n{head} "regions": {{\n' + ",\n".join(lines) + "\n }\n}\n"


def read(text: str, name: str) -> tuple[dict[str, Listed], list[str]]:
    """Read such a file: lists by region, and what is wrong with their rows.

    Raises ConfigError that names it for anything else.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        message = f"{name} is no list of sizes: it is no JSON"
        raise ConfigError(message) from None
    regions = data.get("regions") if isinstance(data, dict) else None
    if not isinstance(regions, dict) or data.get("version") != VERSION:
        message = f"{name} is no list of sizes: `azmlint sizes refresh` writes one"
        raise ConfigError(message)
    day = data.get("taken")
    found: dict[str, Listed] = {}
    problems: list[str] = []
    for region, rows in regions.items():
        if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
            message = f"{name}: the sizes of {region} are no list of objects"
            raise ConfigError(message)
        key = "".join(region.split()).casefold()
        own, wrong = listed(rows, f"{name}, {day}" if isinstance(day, str) else name)
        found[key] = {**found.get(key, {}), **own}
        problems += [f"{name}: {region}: {text}" for text in wrong]
    return found, problems
