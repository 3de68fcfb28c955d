"""The world that is being judged: which way each open decision was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from azmlint.expressions.term import Term
    from azmlint.expressions.truth import Decision

LIMIT = 16
"""How many worlds one rule is tried in on one resource; more is undecided."""


class Worlds:
    """The decisions taken at this moment; evaluators ask it, the engine sets it."""

    __slots__ = ("_taken", "turn")

    def __init__(self) -> None:
        """Start with every decision open."""
        self._taken: Mapping[Hashable, int] = {}
        self.turn = 0
        """Counts the worlds entered; what rests on decisions holds for one turn."""

    @property
    def taken(self) -> Mapping[Hashable, int]:
        """What is taken in this world; entering it again comes back here."""
        return self._taken

    def enter(self, taken: Mapping[Hashable, int]) -> None:
        """Take each decision named in `taken` as the index of its option says."""
        if taken or self._taken:
            self.turn += 1
        self._taken = taken

    def answers(self, ask: Callable[[], Term]) -> tuple[list[Term], bool]:
        """Ask in every world that the answer leaves open; says whether these were all of them."""
        found: list[Term] = []
        waiting: list[Mapping[Hashable, int]] = [self._taken]
        here = self._taken
        tried = 0
        try:
            while waiting and tried < LIMIT:
                world = waiting.pop(0)
                tried += 1
                self.enter(world)
                term = ask()
                fork = next((d for d in term.decisions if d.key not in world), None)
                if term.is_unknown and fork is not None:
                    waiting += [{**world, fork.key: i} for i in range(len(fork.options))]
                else:
                    found.append(term)
        finally:
            self.enter(here)
        return found, not waiting

    def choice(self, decision: Decision) -> int | None:
        """Say which option holds in this world; None while the decision is open."""
        return self._taken.get(decision.key)
