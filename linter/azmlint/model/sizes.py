"""The VM sizes of a run: as the service lists them, as a file states them, as they are shipped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from azmlint.data.sizes import size as shipped
from azmlint.data.sizes import sizes as every

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from azmlint.data.sizes import Size

Listed = dict[str, "Size"]
"""The sizes of one region, by their name in lower case."""

_NONE: Final[Mapping[str, Listed]] = {}


class Sizes:
    """What is known of sizes, from whoever knows it best."""

    def __init__(
        self,
        live: Mapping[tuple[str, str], Listed] | None = None,
        stated: Mapping[str, Listed] = _NONE,
        problems: Iterable[str] = (),
    ) -> None:
        """Take the lists of the service, by subscription and region, and those of a file.

        Ids of subscriptions are in lower case.
        """
        self._live = dict(live or {})
        self._stated = dict(stated)
        self.problems = tuple(problems)
        """Rows that say nothing, and why."""

        self._anywhere: Listed = {}
        for lists in (self._live, self._stated):
            for listed in lists.values():
                for name, row in listed.items():
                    self._anywhere.setdefault(name, row)
        self._found: dict[tuple[str, str, str], Size | None] = {}

    def find(self, name: str, subscription: str = "", region: str = "") -> Size | None:
        """Find a size, whatever its case; None when nobody lists it.

        What a size consists of is the same everywhere, so that another region's list tells it too;
        what it is offered for is that of the region.
        """
        key = (name.strip().lower(), subscription, region)
        if key not in self._found:
            self._found[key] = self._find(*key)
        return self._found[key]

    def _find(self, name: str, subscription: str, region: str) -> Size | None:
        offered = self.offered(subscription, region)
        here = offered.get(name) if offered is not None else None
        elsewhere = self._anywhere.get(name)
        if elsewhere is not None:
            elsewhere = elsewhere._replace(compute_types=None)
        found: Size | None = None
        for row in (here, elsewhere, shipped(name)):
            if row is not None:
                found = row if found is None else found.over(row)
        return found

    def listed(self, subscription: str, region: str) -> list[Size]:
        """List every size by name; of a region of which a list is known, what is offered there."""
        names: Iterable[str] | None = self.offered(subscription, region)
        if names is None:
            names = dict.fromkeys([*self._anywhere, *(size.name.lower() for size in every())])
        found = (self.find(name, subscription, region) for name in sorted(names))
        return [size for size in found if size is not None]

    def subscription(self, region: str) -> str:
        """Name the subscription of which a list of the region was read; empty unless it is one."""
        found = [own for own, name in self._live if name == region]
        return found[0] if len(found) == 1 else ""

    @property
    def regions(self) -> list[str]:
        """Name the regions of which a list is known."""
        return sorted({*(region for _, region in self._live), *self._stated})

    def offered(self, subscription: str, region: str) -> Mapping[str, Size] | None:
        """List what is offered in a region; None where no list of it is known."""
        found = self._live.get((subscription, region))
        return found if found is not None else self._stated.get(region)
