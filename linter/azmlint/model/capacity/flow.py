"""The most that clusters can reach whatever the order, as a flow of vCPUs, and what bounds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import networkx as nx
from networkx.algorithms.flow import preflow_push

if TYPE_CHECKING:
    from collections.abc import Sequence

REACH: Final = 20_000
"""Clusters and limits of one network of which the flow is worked out; more is left out."""

_SOURCE: Final = "source"
_SINK: Final = "sink"
_Node = str | tuple[str, int]


class Supply(NamedTuple):
    """What one cluster can take at most."""

    amount: int
    """In vCPUs."""

    under: int | None
    """The number of its nearest limit; None when it is under none."""


class Pipe(NamedTuple):
    """One limit."""

    capacity: int | None
    """In vCPUs; None where it is not known, so that it bounds nothing."""

    into: int | None
    """The number of the limit above it; None when there is none."""


class Bound(NamedTuple):
    """The value of the largest flow, and the smallest cut, which has the same value."""

    amount: int
    limits: tuple[int, ...]
    """Numbers of the limits in the cut."""

    supplies: tuple[int, ...]
    """Numbers of the clusters in the cut: they get all that they ask for."""

    helping: tuple[int, ...]
    """Those limits of which more, alone, lets more through."""


def bound(supplies: Sequence[Supply], pipes: Sequence[Pipe]) -> Bound | None:
    """Work out the flow from clusters through limits; None where that is out of reach.

    Of several smallest cuts it is that nearest to the clusters.
    """
    if len(supplies) + len(pipes) > REACH:
        return None
    view: nx.DiGraph[_Node] = nx.DiGraph()
    view.add_nodes_from((_SOURCE, _SINK))
    for number, pipe in enumerate(pipes):
        above: _Node = _SINK if pipe.into is None else ("limit", pipe.into)
        capacity = {} if pipe.capacity is None else {"capacity": max(pipe.capacity, 0)}
        view.add_edge(("limit", number), above, **capacity)
    for number, supply in enumerate(supplies):
        view.add_edge(_SOURCE, ("cluster", number), capacity=max(supply.amount, 0))
        under: _Node = _SINK if supply.under is None else ("limit", supply.under)
        view.add_edge(("cluster", number), under)
    rest = preflow_push(view, _SOURCE, _SINK)
    near = _reached(rest, _SOURCE, forwards=True)
    far = _reached(rest, _SINK, forwards=False)
    limits = tuple(
        number
        for number, pipe in enumerate(pipes)
        if ("limit", number) in near
        and (_SINK if pipe.into is None else ("limit", pipe.into)) not in near
    )
    return Bound(
        rest.graph["flow_value"],
        limits,
        tuple(n for n in range(len(supplies)) if ("cluster", n) not in near),
        tuple(n for n in limits if pipes[n].into is None or ("limit", pipes[n].into) in far),
    )


def _reached(rest: nx.DiGraph[Any], start: _Node, *, forwards: bool) -> set[_Node]:
    """Find what is connected with a node by edges on which more can flow."""
    found, waiting = {start}, [start]
    while waiting:
        node = waiting.pop()
        near = rest.succ[node] if forwards else rest.pred[node]
        for other, edge in near.items():
            if other not in found and edge["flow"] < edge["capacity"]:
                found.add(other)
                waiting.append(other)
    return found
