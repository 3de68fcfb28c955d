"""Progressive filling: one node for each cluster in each round, until limits or sizes end it."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Demand(NamedTuple):
    """What one cluster asks for."""

    most: int
    """The nodes that it may have."""

    costs: tuple[tuple[int, int], ...]
    """Of each limit that it is under, by number: what one node takes, more than nothing.

    The order says which of several full limits is named.
    """


class Reached(NamedTuple):
    """How far one cluster gets."""

    nodes: int
    full: int | None
    """The number of the first limit that was full; None when the cluster got all it asked for."""


def alone(demand: Demand, room: Sequence[int]) -> Reached:
    """Say how far a cluster gets when no other scales."""
    nodes, full = max(demand.most, 0), None
    for limit, cost in demand.costs:
        if room[limit] // cost < nodes:
            nodes, full = max(room[limit], 0) // cost, limit
    return Reached(nodes, full)


def fill(demands: Sequence[Demand], room: Sequence[int]) -> list[Reached]:
    """Say how far each cluster gets when all scale at once, in the order of `demands`.

    In a round each cluster that still grows gets one node, if all its limits have room for one.
    All that grow have the same number of nodes. So only those rounds are worked through in which
    a limit becomes full, and in those only the clusters under it; what lies between is arithmetic.
    """
    return _Filling(demands, room).run()


class _Filling:
    """The state between two rounds; `loads` are what a round takes of each limit."""

    def __init__(self, demands: Sequence[Demand], room: Sequence[int]) -> None:
        self.demands = demands
        self.left = [max(r, 0) for r in room]
        self.loads = [0] * len(room)
        self.settled = [0] * len(room)
        """The round up to which `left` is reckoned."""
        self.under: list[list[int]] = [[] for _ in room]
        """The clusters under each limit; some may have stopped."""
        self.found: list[Reached | None] = [None] * len(demands)
        for number, demand in enumerate(demands):
            for limit, cost in demand.costs:
                self.loads[limit] += cost
                self.under[limit].append(number)

    def run(self) -> list[Reached]:
        """Go from one round in which something ends to the next."""
        ends = sorted((max(d.most, 0), n) for n, d in enumerate(self.demands))
        events = [(self._tight_after(limit), limit) for limit in range(len(self.left))]
        heap = [(t, limit) for t, limit in events if t is not None]
        heapq.heapify(heap)
        position = 0
        while position < len(ends):
            round_ = ends[position][0]
            if heap and heap[0][0] < round_:
                round_ = heap[0][0]
            touched: set[int] = set()
            while position < len(ends) and ends[position][0] <= round_:
                number = ends[position][1]
                position += 1
                if self.found[number] is None:
                    touched |= self._stop(number, round_, None)
            tight: list[int] = []
            while heap and heap[0][0] <= round_:
                limit = heapq.heappop(heap)[1]
                # What stopped meanwhile may have made room for a round or more.
                if self._tight_after(limit) == round_ and limit not in tight:
                    tight.append(limit)
            touched |= self._round(tight, round_)
            for limit in touched.union(tight):
                after = self._tight_after(limit)
                if after is not None:
                    heapq.heappush(heap, (after, limit))
        return [r if r is not None else Reached(0, None) for r in self.found]

    def _tight_after(self, limit: int) -> int | None:
        """Say after which round there is no room for a whole round; None for never."""
        if self.loads[limit] == 0:
            return None
        return self.settled[limit] + self.left[limit] // self.loads[limit]

    def _settle(self, limit: int, round_: int) -> None:
        self.left[limit] -= self.loads[limit] * (round_ - self.settled[limit])
        self.settled[limit] = round_

    def _stop(self, number: int, round_: int, full: int | None) -> set[int]:
        """Let a cluster keep what it has after a round; gives the limits of which less is asked."""
        self.found[number] = Reached(round_, full)
        for limit, cost in self.demands[number].costs:
            self._settle(limit, round_)
            self.loads[limit] -= cost
        return {limit for limit, _ in self.demands[number].costs}

    def _round(self, tight: Iterable[int], round_: int) -> set[int]:
        """Work through the round in which `tight` limits have not room for all."""
        taken = dict.fromkeys(tight, 0)
        touched: set[int] = set()
        growing: set[int] = set()
        for limit in taken:
            self._settle(limit, round_)
            still = [n for n in self.under[limit] if self.found[n] is None]
            self.under[limit] = still
            growing.update(still)
        for number in sorted(growing):
            costs = [(li, c) for li, c in self.demands[number].costs if li in taken]
            full = next((li for li, c in costs if self.left[li] - taken[li] < c), None)
            if full is not None:
                touched |= self._stop(number, round_, full)
                continue
            for limit, cost in costs:
                taken[limit] += cost
        return touched
