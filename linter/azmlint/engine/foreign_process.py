"""The process in which foreign rules judge; `foreign` starts it and reads what it writes."""

from __future__ import annotations

import json
import os
import pickle
import sys
from typing import IO, TYPE_CHECKING, Any

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
    for entry in work.entries:
        _say(results, {"rule": entry.name})
        rule = _loaded(entry, work, results)
        if rule is not None and gathered is not None and work.inputs is not None:
            _judge(rule, gathered, work.inputs.context.worlds, results)
        _say(results, {"done": entry.name})
    _say(results, {"end": True})


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
