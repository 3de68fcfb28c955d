"""The process in which foreign rules judge; `foreign` starts it and reads what it writes."""

from __future__ import annotations

import json
import os
import pickle
import sys
from operator import attrgetter
from typing import IO, TYPE_CHECKING, Any, Final

from azmlint.catalog import page
from azmlint.engine import packs
from azmlint.engine.gather import gather
from azmlint.engine.judge import judge
from azmlint.engine.wire import Encoder, Malformed
from azmlint.errors import PackError

if TYPE_CHECKING:
    from azmlint.engine.foreign import Work
    from azmlint.engine.gather import Gathered
    from azmlint.engine.packs import Entry
    from azmlint.expressions.worlds import Worlds
    from azmlint.rule import Rule


def main() -> None:  # pragma: no cover  # runs in the child, which coverage does not see
    """Do the work that stands on standard input, and write a line for everything it gives."""
    # What a rule prints must not be taken for a result, and what it reads must not be ours.
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    work: Work = pickle.load(sys.stdin.buffer)  # noqa: S301  # of the process that started this one
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    sys.stdin = os.fdopen(nothing, encoding="utf-8")
    serve(work, results)
    # A thread or an exit handler of a pack could keep the process from ending.
    os._exit(0)


def serve(work: Work, results: IO[bytes]) -> None:
    """Load each rule and judge with it."""
    gathered = gather(work.inputs) if work.inputs is not None else None
    before = _state(gathered)
    for entry in work.entries:
        _say(results, {"rule": entry.name})
        rule = _loaded(entry, work, results)
        if rule is not None and gathered is not None and work.inputs is not None:
            _judge(rule, gathered, work.inputs.context.worlds, results)
        is_changed = any(a is not b for a, b in zip(before, _state(gathered), strict=False))
        if is_changed:
            _say(results, {"broken": f"{entry.name} changed what it was given to judge"})
        _say(results, {"done": entry.name})
        if is_changed:
            # The rest is judged by a process that reads the inputs anew.
            _say(results, {"again": True})
            return
    _say(results, {"end": True})


_GIVEN: Final = attrgetter(
    *("address", "body", "exists", "grip", "id", "name", "scope", "read_in", "updates", "uses"),
    *("is_deployed", "is_existing", "is_update"),
)
"""What of a resource no rule has to change; its values and entries are read as they are asked."""


def _state(gathered: Gathered | None) -> list[object]:
    """Give what rules are given, piece by piece, to see whether it is still the same."""
    if gathered is None:
        return []
    found: list[object] = [gathered.estate.resources, *gathered.estate.resources]
    for resource in gathered.resources:
        found += _GIVEN(resource)
        if not resource.is_deployed:
            # An answer of the service has no text until somebody asks for it.
            found.append(resource.grip.document.text)
    return found


def _say(results: IO[bytes], message: dict[str, Any]) -> None:
    results.write(json.dumps(message).encode() + b"\n")
    results.flush()


def _loaded(entry: Entry, work: Work, results: IO[bytes]) -> Rule[Any] | None:
    try:
        rule = packs.make(entry, work.options.get(entry.name))
        _say(results, {"page": page(type(rule))})
    except PackError as error:
        _say(results, {"broken": str(error)})
        return None
    except Exception as error:  # noqa: BLE001  # NOTE: a rule's docstring is foreign too
        _say(results, {"broken": f"{entry.name} has no page: {type(error).__name__}: {error}"})
        return None
    if rule.name != entry.name:
        text = f"{entry.name} calls itself '{rule.name}': the pack's index is out of date"
        _say(results, {"broken": text})
        return None
    return rule


def _judge(rule: Rule[Any], gathered: Gathered, worlds: Worlds, results: IO[bytes]) -> None:
    encoder = Encoder(rule.name, gathered.resources)
    for outcome in judge([rule], gathered.estate, gathered.judged, worlds):
        try:
            _say(results, encoder.encode(outcome))
        except Malformed as error:
            _say(results, {"broken": f"{rule.name} {error}"})
        except (TypeError, ValueError) as error:
            _say(results, {"broken": f"{rule.name} yielded what is no finding: {error}"})
