"""Read the documents of a run into the estate that rules judge."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from azmlint.engine.deployed import split
from azmlint.location import Place, Span
from azmlint.model.estate import NOTHING_READ, Estate, Later
from azmlint.sources import load
from azmlint.sources.document import may_hold_secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from azmlint.engine.deployed import Deployed
    from azmlint.location import Document
    from azmlint.model.addresses import NetworkLimits
    from azmlint.model.capacity.rows import Quotas, Row
    from azmlint.model.resource import Resource
    from azmlint.model.sizes import Listed, Sizes
    from azmlint.sources.document import Context, Problem, Reading


class Facts(NamedTuple):
    """What the configuration says about the estate."""

    is_complete: bool = False
    production_tags: tuple[tuple[str, str | None], ...] = ()
    production_names: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    """Resources that the configuration describes."""

    today: dt.date | None = None
    """The day that decides what is past; None for the clock's."""

    quotas: Mapping[str, tuple[Row, ...]] = {}
    """What the configuration states of quotas, by region."""

    sizes: Mapping[str, Listed] = {}
    """What a file that the configuration names says of VM sizes, by region."""


class Inputs(NamedTuple):
    """All that a run judges; it can be sent to another process before anything is read of it."""

    documents: Mapping[str, Document]
    surroundings: Mapping[str, Document]
    context: Context
    facts: Facts
    deployed: Deployed | None = None


class Gathered(NamedTuple):
    """What a run is about; the same inputs always give the same, in the same order."""

    estate: Estate
    judged: list[Resource]
    others: list[Resource]
    """What only surrounds the judged."""

    problems: list[Problem]
    """Of the judged documents."""

    secrets: list[Place]
    """Where the documents hold passwords and keys that are no property of a resource."""

    @property
    def resources(self) -> list[Resource]:
        """Every resource, the judged first."""
        return [*self.judged, *self.others]


def gather(inputs: Inputs) -> Gathered:
    """Read the documents; in what surrounds the judged ones nothing is reported."""
    documents, surroundings, context, facts, deployed = inputs
    judged: list[Resource] = []
    others: list[Resource] = []
    problems: list[Problem] = []
    given = dict(sorted({**surroundings, **documents}.items()))
    readings = load.read_all(given, context)
    parts = _parts(readings)
    # Of a file that others use, its own modules are read with the arguments that these pass on.
    ours = {*documents, *(m for p in parts.intersection(documents) for m in readings[p].modules)}
    for path, reading in readings.items():
        if path in parts:
            continue
        for resource in reading.resources:
            is_judged = path in documents or resource.path in ours
            (judged if is_judged else others).append(resource)
        problems += [p for p in reading.problems if path in documents or p.document.path in ours]
    others += facts.resources
    coverages = NOTHING_READ
    if deployed is not None:
        coverages = deployed.snapshot.coverages
        found, around_it = _deployed(deployed, judged)
        others = [*_not_deployed(others, [*found, *around_it]), *around_it]
        judged += found
    estate = Estate(
        [*judged, *others],
        today=facts.today or today(),
        now=deployed.snapshot.taken if deployed is not None else None,
        coverages=coverages,
        is_complete=facts.is_complete,
        production_tags=facts.production_tags,
        production_names=facts.production_names,
        later=Later(
            partial(_quotas, inputs) if deployed is not None or facts.quotas else None,
            partial(_sizes, inputs),
            partial(_network_limits, inputs),
        ),
        worlds=context.worlds,
    )
    secrets = [place for reading in readings.values() for place in reading.secrets]
    secrets += _shaped(given, readings)
    return Gathered(estate, judged, others, problems, secrets)


def _shaped(given: Mapping[str, Document], readings: Mapping[str, Reading]) -> Iterator[Place]:
    """Point at what is a secret by its form, wherever it stands in what was read."""
    modules = {path: d for reading in readings.values() for path, d in reading.modules.items()}
    for document in {**modules, **given}.values():
        if may_hold_secret(document.text):
            from azmlint.sources.scrub import shaped  # noqa: PLC0415  # most files hold none

            for start, end in shaped(document.text):
                yield Place(document, Span(start, end))


def _quotas(inputs: Inputs) -> Quotas:
    from azmlint.sources.quota import quotas  # noqa: PLC0415  # only where a rule asks for them

    snapshot = inputs.deployed.snapshot if inputs.deployed is not None else None
    return quotas(snapshot, inputs.facts.quotas)


def _network_limits(inputs: Inputs) -> NetworkLimits:
    from azmlint.sources.network_usage import limits  # noqa: PLC0415  # only where a rule asks

    return limits(inputs.deployed.snapshot) if inputs.deployed is not None else {}


def _sizes(inputs: Inputs) -> Sizes:
    from azmlint.sources.vm_size import sizes  # noqa: PLC0415  # only where a rule asks for them

    snapshot = inputs.deployed.snapshot if inputs.deployed is not None else None
    return sizes(snapshot, inputs.facts.sizes)


def _parts(readings: Mapping[str, Reading]) -> frozenset[str]:
    """Say which files are read as modules of others, with the arguments that they get there.

    Of files that use each other in a circle the first one stands for itself.
    """
    return frozenset(
        path
        for user, reading in readings.items()
        for path in reading.modules
        if path in readings and (user not in readings[path].modules or user < path)
    )


def _deployed(
    deployed: Deployed, declared: list[Resource]
) -> tuple[list[Resource], list[Resource]]:
    """Give what of the deployed is judged, and what only surrounds it."""
    if deployed.is_judged:
        return list(deployed.snapshot.resources()), []
    return split(deployed.snapshot.resources(), declared)


def _not_deployed(described: list[Resource], deployed: list[Resource]) -> list[Resource]:
    """Drop what the configuration describes and the service has answered for itself."""
    answered = {r.id.key for r in deployed}
    return [r for r in described if r.id.key not in answered]


def today(now: dt.datetime | None = None) -> dt.date:
    """Give the day that decides what is past; the one place in which the clock enters."""
    return (now or dt.datetime.now(dt.UTC)).date()
