"""Where scripts deploy templates to, as far as the configuration says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.sources.document import Binding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from azmlint.expressions.worlds import Worlds
    from azmlint.location import Document
    from azmlint.sources.document import Context, Reading


class Bound:
    """A context that also knows what scripts say."""

    def __init__(self, context: Context, readings: Iterable[Reading]) -> None:
        """Add what `readings` of scripts say to what `context` does."""
        self._context = context
        said: dict[str, set[Binding]] = {}
        for reading in readings:
            for path, bindings in reading.bindings.items():
                said.setdefault(path, set()).update(bindings)
        # A template that goes to several places is nowhere in particular.
        self._said = {path: next(iter(b)) for path, b in said.items() if len(b) == 1}

    @property
    def worlds(self) -> Worlds:
        """The world being judged."""
        return self._context.worlds

    def binding(self, path: str) -> Binding:
        """Say where the deployment declared by `path` goes."""
        stated = self._context.binding(path)
        said = self._said.get(path)
        if said is None:
            return stated
        return Binding(
            stated.subscription or said.subscription,
            stated.resource_group or said.resource_group,
            stated.workspace or said.workspace,
            stated.location or said.location,
            stated.parameters or said.parameters,
            stated.environment,
            stated.values,
            said.arguments if not stated.parameters else (),
        )

    def sibling(self, path: str) -> Document | None:
        """Read another file of the project."""
        return self._context.sibling(path)

    def siblings(self, path: str, matches: Callable[[str], bool]) -> tuple[str, ...]:
        """List the paths beside `path` of which the file name matches."""
        return self._context.siblings(path, matches)
