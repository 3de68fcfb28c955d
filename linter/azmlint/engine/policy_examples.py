"""Try a policy definition on example resources, and hold the verdicts to what is expected."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from azmlint.config import content
from azmlint.engine import project
from azmlint.engine.policies import SIZE_LIMIT, OrganisationPolicy
from azmlint.errors import ConfigError
from azmlint.expressions.truth import Undecided
from azmlint.location import Place
from azmlint.model.estate import Estate
from azmlint.model.ids import ResourceId
from azmlint.model.resource import Resource
from azmlint.sources import deployed, load
from azmlint.sources.scrub import scrub

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from azmlint.expressions.worlds import Worlds

EXPECTED: Final = "expected.txt"
"""Beside examples: a line `FILE: VERDICT` for each resource."""

COMPLIANT: Final = "compliant"
UNDECIDED: Final = "undecided"

_GROUP: Final = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/example"


class OtherResource(Resource):
    """A resource of a type that no rule knows, as an example states it."""

    kind = "resource"
    __slots__ = ()


class Tried(NamedTuple):
    """What a policy says of one example."""

    path: str
    """As it was given; in a folder with the name of that."""

    verdict: str
    """The effect of a policy that catches it, `compliant` or `undecided`."""

    label: str
    why: str
    """The condition that decides, or why nothing does."""


class Answer(NamedTuple):
    """All that was tried."""

    tried: tuple[Tried, ...]
    differing: tuple[str, ...]
    """A line for each verdict that was not expected, and each that is missing."""

    is_expected: bool
    """Whether anything said what is expected."""

    @property
    def is_caught(self) -> bool:
        """Whether the policy catches an example."""
        return any(t.verdict not in {COMPLIANT, UNDECIDED} for t in self.tried)

    @property
    def is_open(self) -> bool:
        """Whether a verdict is open, or there is none at all."""
        return not self.tried or any(t.verdict == UNDECIDED for t in self.tried)


def policy_of(path: Path, arguments: Mapping[str, object]) -> OrganisationPolicy:
    """Read the definition to try; raises ConfigError."""
    try:
        raw = content(path, SIZE_LIMIT)
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror or error}"
        raise ConfigError(message) from None
    return OrganisationPolicy(str(path).replace(os.sep, "/"), raw, arguments)


def answer(
    policy: OrganisationPolicy, paths: Iterable[Path], today: dt.date, config: Path | None
) -> Answer:
    """Try a policy on files, and on all files of folders, with what these expect."""
    tried: list[Tried] = []
    differing: list[str] = []
    is_expected = False
    for path in paths:
        if not path.is_dir():
            tried += _tried(policy, path, path.name, today, config)
            continue
        here: list[Tried] = []
        for file in sorted(p for p in path.rglob("*") if p.is_file() and p.name != EXPECTED):
            name = file.relative_to(path).as_posix()
            here += _tried(policy, file, name, today, config)
        tried += here
        if (path / EXPECTED).is_file():
            is_expected = True
            differing += _differing(here, (path / EXPECTED).read_text(encoding="utf-8"))
    return Answer(tuple(tried), tuple(differing), is_expected)


def _differing(tried: list[Tried], text: str) -> Iterator[str]:
    """Compare verdicts with the lines of a file, in any order of files."""
    wanted: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            path, _, verdict = line.rpartition(":")
            wanted.setdefault(path.strip(), []).append(verdict.strip())
    for one in tried:
        expected = wanted.get(one.path, [])
        verdict = expected.pop(0) if expected else "nothing"
        if verdict.casefold() != one.verdict.casefold():
            yield f"{one.path}: {one.verdict}, but {verdict} was expected of {one.label}"
    for path, rest in wanted.items():
        yield from (f"{path}: {verdict} was expected of what is not there" for verdict in rest)


def _tried(
    policy: OrganisationPolicy, file: Path, name: str, today: dt.date, config: Path | None
) -> Iterator[Tried]:
    resources, worlds = _resources(file, config)
    estate = Estate(resources, today=today, worlds=worlds)
    for resource in resources:
        is_other = isinstance(resource, OtherResource)
        if (not resource.arm_type and not is_other) or resource.is_existing:
            continue
        try:
            verdict = policy.verdict(resource, estate)
        except Undecided as gap:
            yield Tried(name, UNDECIDED, resource.label, str(gap))
            continue
        held, fact = verdict.holds, verdict.fact
        why = fact.text if fact is not None else "the policy is not about it"
        if held.known is None:
            why = "; ".join(dict.fromkeys(r.text for r in held.reasons))
        word = {True: verdict.effect, False: COMPLIANT, None: UNDECIDED}[held.known]
        yield Tried(name, word, resource.label, why)


def _resources(file: Path, config: Path | None) -> tuple[list[Resource], Worlds | None]:
    """Read the resources of an example: such as Azure answers, or those that a file declares."""
    answered = _answered(file)
    if answered is not None:
        return answered, None
    rules = project.settle(file, config)
    context = project.ProjectContext(rules.config)
    loaded = project.load([file], rules.config, context)
    if loaded.failures:
        raise ConfigError("\n".join(f"{f.path}: {f.reason}" for f in loaded.failures))
    readings = load.read_all(loaded.documents, context)
    problems = [p for r in readings.values() for p in r.problems if p.rule == "syntax-error"]
    if problems:
        raise ConfigError("\n".join(f"{p.document.path}: {p.message}" for p in problems))
    return [r for reading in readings.values() for r in reading.resources], context.worlds


def _answered(file: Path) -> list[Resource] | None:
    """Read a file of resources as Azure answers them; None for one of another kind."""
    if file.suffix.lower() != ".json" or file.stat().st_size > SIZE_LIMIT:
        return None
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    items = data if isinstance(data, list) else [data]
    if not items or not all(_is_resource(item) for item in items):
        return None
    return [r for item in items for r in _made(scrub(item))]


def _is_resource(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("type"), str) and "resources" not in item


def _made(item: dict[str, Any]) -> Iterator[Resource]:
    name, types = str(item.get("name", "example")), item["type"].split("/")
    pieces = [types[0]]
    for kind, own in zip(types[1:], [*name.split("/"), *types], strict=False):
        pieces += [kind, own]
    whole = {"id": f"{_GROUP}/providers/{'/'.join(pieces)}", **item, "name": pieces[-1]}
    found = list(deployed.resources(whole))
    if found:
        yield found[0]
        return
    document = deployed.DeployedDocument(whole["id"], whole)
    yield OtherResource(
        deployed.DeployedBody(document, whole),
        name=pieces[-1],
        resource_id=ResourceId((whole["id"],)),
        grip=Place(document, deployed.RouteSpan(document, ("name",))),
        address="",
        is_deployed=True,
    )
