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
        said: dict[str, dict[object, Binding]] = {}
        for reading in readings:
            for path, bindings in reading.bindings.items():
                for binding in bindings:
                    said.setdefault(path, {}).setdefault(_key(binding), binding)
        self._said = {path: _together(list(found.values())) for path, found in said.items()}

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
            said.said_at,
            said.others if not stated.parameters else (),
        )

    def sibling(self, path: str) -> Document | None:
        """Read another file of the project."""
        return self._context.sibling(path)

    def siblings(self, path: str, matches: Callable[[str], bool]) -> tuple[str, ...]:
        """List the paths beside `path` of which the file name matches."""
        return self._context.siblings(path, matches)


def _key(binding: Binding) -> object:
    """Tell ways to deploy something apart; arguments are the same where they show the same."""
    values = [(name, value()) for name, value in binding.arguments]
    shown = tuple((name, term.shown(), term.parts) for name, term in values)
    return binding._replace(arguments=(), said_at=""), shown


def _together(ways: list[Binding]) -> Binding:
    """Join what several commands say of one template: it is nowhere in particular."""
    first, *others = ways
    if not others:
        return first
    merged = first._replace(others=tuple(others))
    if any(way.subscription != first.subscription for way in others):
        merged = merged._replace(subscription=None)
    if any(way.resource_group != first.resource_group for way in others):
        merged = merged._replace(resource_group=None)
    if any(way.location != first.location for way in others):
        merged = merged._replace(location=None)
    return merged
