"""One resource as a command states it, on top of the file that the command reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from azmlint.expressions.term import ABSENT_TERM, UNKNOWN, Object, Symbol, Term, unknown
from azmlint.location import Edit
from azmlint.model.value import NotEditable, Removed
from azmlint.sources.arm_body import inside
from azmlint.sources.shell_names import replaced
from azmlint.sources.shell_values import SettablePlace, plain, spelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.expressions.truth import Reason
    from azmlint.model.value import Body, Route
    from azmlint.sources.az_commands import Command, Option
    from azmlint.sources.shell_state import Call
    from azmlint.sources.shell_values import Field


class Argument(NamedTuple):
    """An option with its words."""

    option: Option
    written: tuple[Field, ...]
    """Its words, after the one that stands before them."""

    values: tuple[Field, ...]


class Invocation(NamedTuple):
    """A command with its options told apart."""

    call: Call
    words: str
    command: Command
    arguments: tuple[Argument, ...]
    gap: Reason | None
    """Why there may be more options than are seen."""

    def find(self, *names: str) -> Argument | None:
        """Find an option by a spelling of it; the last counts."""
        for argument in reversed(self.arguments):
            if any(name in argument.option.names for name in names):
                return argument
        return None

    def value(self, *names: str) -> Field | None:
        """Give the word behind an option."""
        argument = self.find(*names)
        return argument.values[0] if argument is not None and argument.values else None

    @property
    def is_powershell(self) -> bool:
        """Whether it is a command of PowerShell's own, not of az."""
        return "-" in self.words.partition(" ")[0]


class Setting(NamedTuple):
    """What a command says of one property."""

    value: Callable[[], Term]
    argument: Argument | None = None


class CommandBody:
    """What a command makes: its options over the file that it follows."""

    __slots__ = ("file", "invocation", "settings")

    def __init__(
        self,
        invocation: Invocation,
        settings: dict[Route, Setting],
        file: Body | None = None,
    ) -> None:
        """State `settings`, and what `file` states beside them."""
        self.invocation = invocation
        self.settings = settings
        self.file = file

    @property
    def dialect(self) -> str:
        """That of the command."""
        return self.invocation.command.dialect

    def at(self, route: Route) -> Term:
        """Evaluate what stands at `route`: in the command, else in its file."""
        for length in range(len(route), 0, -1):
            found = self.settings.get(route[:length])
            if found is not None:
                return inside(found.value(), route[length:])
        below = self.file.at(route) if self.file is not None else ABSENT_TERM
        inner = {r[len(route) :]: s for r, s in self.settings.items() if r[: len(route)] == route}
        if inner:
            return _with(below, inner)
        if below.is_absent and self.invocation.gap is not None:
            gap = self.invocation.gap
            symbol = Symbol(("options", self.invocation.call.fields[0].place.shown), gap.text)
            return Term(UNKNOWN, reason=gap, parts=(symbol,))
        return below

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:
        """Spell a change where the value is written: the command, a variable, or the file."""
        found = self.settings.get(route)
        if isinstance(new, Removed):
            if found is not None and found.argument is not None:
                return (self._removed(found.argument),)
            return self._of_file(route, term, new)
        if term.is_absent:
            if self.file is not None:
                return self.file.edits(route, term, new)
            return self._inserted(route, new)
        last = term.trace[-1] if term.trace else None
        if term.is_literal and isinstance(last, SettablePlace):
            return replaced(term.trace, new)
        if found is not None or any(r[: len(route)] == route for r in self.settings):
            message = "the value is computed by the script"
            raise NotEditable(message)
        return self._of_file(route, term, new)

    def _of_file(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:
        if self.file is None or any(r[: len(route)] == route for r in self.settings):
            message = "it is not written as one option of the command"
            raise NotEditable(message)
        return self.file.edits(route, term, new)

    def _removed(self, argument: Argument) -> Edit:
        # NOTE: It may belong to another command than the one that makes the resource: an update.
        taken = argument.written
        if any(f.word is None or f.document is not taken[0].document for f in taken):
            message = "the option comes out of a variable"
            raise NotEditable(message)
        return Edit(taken[0].document, taken[0].end, taken[-1].end, "")

    def _inserted(self, route: Route, new: object) -> tuple[Edit, ...]:
        command, call = self.invocation.command, self.invocation.call
        option = command.for_route(route)
        can_set = command.option("--set") if option is None else None
        if option is not None:
            name, lead = option.name, ""
        elif can_set is not None and can_set.name == "--set":
            name, lead = "--set", f"{'.'.join(route)}="
        else:
            message = f"the command has no option for '{route[-1]}'"
            raise NotEditable(message)
        if call.append is not None:
            return call.append((name, f"{lead}{plain(new)}"))
        text = f"{name} {lead}{self._spelled(new)}"
        written = [f for f in call.fields if f.word is not None and f.document is call.document]
        if len(written) < 2:  # noqa: PLR2004  # a name and what it is asked to do
            message = "the command is put together elsewhere"
            raise NotEditable(message)
        whole = call.document.text
        end = written[-1].end
        between = whole[written[-2].end : written[-1].start]
        lines = whole[written[0].start : end]
        if "\n" in between or (between.isspace() and _goes_on(lines)):
            mark = "`" if "`\n" in lines or "`\r\n" in lines else "\\"
            line = whole.rfind("\n", 0, end) + 1
            indent = whole[line:end][: len(whole[line:end]) - len(whole[line:end].lstrip())]
            ending = "\r\n" if "\r\n" in lines else "\n"
            return (Edit(call.document, end, end, f" {mark}{ending}{indent}{text}"),)
        return (Edit(call.document, end, end, f" {text}"),)

    def _spelled(self, new: object) -> str:
        if self.invocation.is_powershell and isinstance(new, bool):
            return "$true" if new else "$false"
        return spelled(new)


class UpdatingBody(CommandBody):
    """What a command changes of something that exists: the rest of it stays as it is."""

    __slots__ = ()

    def at(self, route: Route) -> Term:
        """Evaluate what the command says; of the rest nothing is known."""
        term = super().at(route)
        # Without a word about it, it is of the kind that most are.
        if not term.is_absent or route in {("type",), ("kind",)}:
            return term
        place, shown = self.invocation.call.fields[0].place.shown, ".".join(route)
        symbol = Symbol(("unchanged", place, route), shown)
        return unknown("unchanged", f"the update leaves '{shown}' as it is", symbol)

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:
        """Spell a change of what the command says."""
        is_unchanged = term.reason is not None and term.reason.kind == "unchanged"
        return super().edits(route, ABSENT_TERM if is_unchanged else term, new)


def _goes_on(lines: str) -> bool:
    return "\\\n" in lines or "\\\r\n" in lines or "`\n" in lines or "`\r\n" in lines


def _with(below: Term, inner: dict[Route, Setting]) -> Term:
    """Give a map with what a command says of its members."""
    made = Object()
    if isinstance(below.data, Object):
        made.update(below.data)
        made.keys_at = dict(below.data.keys_at)
    trace = below.trace
    for route, setting in inner.items():
        target = made
        for key in route[:-1]:
            old = target.lookup(key)
            copy = Object()
            if old is not None and isinstance(old.data, Object):
                copy.update(old.data)
                copy.keys_at = dict(old.data.keys_at)
            target[key] = Term(copy, old.trace if old is not None else ())
            target = copy
        term = setting.value()
        target[route[-1]] = term
        trace = trace or term.trace[:1]
    return Term(made, trace)
