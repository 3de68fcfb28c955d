"""Judge with rules that did not come with azmlint, in a process of their own.

A pack can crash its process, never end, or write where it likes; the findings of all other rules
must not suffer from it. So for each pack a child process reads the same inputs again, judges them
with its rules alone, and sends what they say as data. When it dies, or a rule changes what it was
given to judge, that rule is a failure and another child goes on with the rest; when the time is
up, what is left is a failure.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from azmlint.engine.report import Failure
from azmlint.engine.wire import Decoder, Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from azmlint.engine.gather import Gathered, Inputs
    from azmlint.engine.packs import Entry
    from azmlint.engine.wire import Outcome
    from azmlint.location import Document

_TAIL: Final = 2000
"""Bytes kept of what a child writes to standard error."""

_START: Final = (
    "import sys, json\n"
    "sys.path[:] = json.loads(sys.stdin.buffer.readline())\n"
    "from azmlint.engine.foreign_process import main\n"
    "main()\n"
)


class Apart(NamedTuple):
    """What foreign rules said."""

    outcomes: list[Outcome]
    pages: dict[str, Callable[[], str]]
    """The page of each rule that could be loaded."""


class Work(NamedTuple):
    """What a child is asked to do."""

    entries: tuple[Entry, ...]
    options: Mapping[str, Mapping[str, object]]
    inputs: Inputs | None
    """None only describes the rules."""


def judge_apart(
    entries: Sequence[Entry],
    options: Mapping[str, Mapping[str, object]],
    inputs: Inputs | None,
    gathered: Gathered | None,
    seconds: float,
) -> Apart:
    """Load rules, and judge `inputs` with them; `gathered` is what this process read of them."""
    run = _Run(entries, options, inputs, gathered, time.monotonic() + seconds)
    while run.left and not run.is_over:
        run.turn()
    if run.left:
        run.give_up(seconds)
    return Apart(run.outcomes, run.pages)


class _Run:
    """The children of one run, one after the other, and what came of them."""

    def __init__(
        self,
        entries: Sequence[Entry],
        options: Mapping[str, Mapping[str, object]],
        inputs: Inputs | None,
        gathered: Gathered | None,
        until: float,
    ) -> None:
        self.left = {entry.name: entry for entry in entries}
        self.options = {n: o for n, o in options.items() if n in self.left}
        self.inputs = inputs
        self.until = until
        self.outcomes: list[Outcome] = []
        self.pages: dict[str, Callable[[], str]] = {}
        self.resources = gathered.resources if gathered is not None else []
        self.documents: dict[str, Document] = {}
        for resource in self.resources:
            self.documents.setdefault(resource.grip.document.path, resource.grip.document)
        if inputs is not None:
            self.documents |= {**inputs.surroundings, **inputs.documents}
        self.is_over = False

    def document(self, path: str) -> Document | None:
        """Find a document that a place of a finding is in."""
        found = self.documents.get(path)
        if found is None and self.inputs is not None:
            found = self.inputs.context.sibling(path)
        return found

    def turn(self) -> None:
        """Let one child judge what is left of one pack, until it ends or fails."""
        pack, names = next(self.by_pack())
        work = Work(tuple(self.left[name] for name in names), self.options, self.inputs)
        child = _Child(work, self.until)
        current: Entry | None = None
        try:
            for message in child.messages():
                if "again" in message:
                    return
                if "rule" in message:
                    current = self.left[message["rule"]]
                elif current is not None and not self.take(message, current):
                    current = None
        except (Malformed, KeyError, TypeError) as error:
            self.fail(current, f"{error}")
        except TimeoutError:
            if current is not None:
                self.fail(current, "was still at work when the time was up")
            self.is_over = True
        else:
            if any(entry.pack == pack for entry in self.left.values()):
                self.fail(current, f"ended its process with {child.ending()}")
        finally:
            child.kill()

    def take(self, message: dict[str, Any], entry: Entry) -> bool:
        """Take what a child says of a rule; False when it is done with it."""
        if "done" in message:
            del self.left[entry.name]
            return False
        if "page" in message:
            self.pages[entry.name] = partial(str, message["page"])
        elif "broken" in message:
            self.outcomes.append(_failure(entry, message["broken"]))
        else:
            decoder = Decoder(entry.name, self.resources, self.document)
            try:
                outcome = decoder.decode(message)
            except Malformed as error:
                outcome = Failure(None, entry.name, "judge", f"{entry.name} {error}")
            if isinstance(outcome, Failure):
                outcome = _failure(entry, outcome.reason, outcome.path)
            self.outcomes.append(outcome)
        return True

    def fail(self, entry: Entry | None, reason: str) -> None:
        """Blame a rule; when none had its turn, the packs cannot be judged with at all."""
        if entry is not None:
            del self.left[entry.name]
            self.outcomes.append(_failure(entry, f"{entry.name} {reason}"))
            return
        self.is_over = True
        for pack, names in self.by_pack():
            text = f"rule pack '{pack}': {_counted(names)} not judged: the process {reason}"
            self.outcomes.append(Failure(None, pack, "judge", text))
        self.left.clear()

    def give_up(self, seconds: float) -> None:
        """Say what was not judged for want of time."""
        for pack, names in self.by_pack():
            text = f"rule pack '{pack}': {_counted(names)} not judged within {seconds:g} seconds"
            self.outcomes.append(Failure(None, pack, "judge", text))

    def by_pack(self) -> Iterator[tuple[str, list[str]]]:
        """Yield what is left, pack by pack."""
        for pack in dict.fromkeys(e.pack for e in self.left.values()):
            yield pack, [e.name for e in self.left.values() if e.pack == pack]


def _counted(names: list[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} was"
    return f"{len(names)} rules, from {names[0]} to {names[-1]}, were"


def _failure(entry: Entry, reason: str, path: str | None = None) -> Failure:
    text = f"rule pack '{entry.pack}': {reason}"
    return Failure(path, entry.name, "judge", text)


class _Child:
    """One process; its lines are read by a thread, so that waiting for them can end."""

    def __init__(self, work: Work, until: float) -> None:
        self.until = until
        self.lines: SimpleQueue[bytes] = SimpleQueue()
        self.tail = b""
        with tempfile.TemporaryFile() as request:
            # A file takes any amount at once, while a pipe waits for a reader that may never read.
            request.write(json.dumps(sys.path).encode() + b"\n")
            pickle.dump(work, request)
            request.seek(0)
            self.process = subprocess.Popen(  # noqa: S603  # this interpreter, no shell
                [sys.executable, "-P", "-c", _START],
                stdin=request,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # The order of a set's items must not differ from run to run.
                env={**os.environ, "PYTHONHASHSEED": "0"},
                start_new_session=True,
            )
        self.readers = [
            Thread(target=self.read_lines, args=(self.process.stdout,), daemon=True),
            Thread(target=self.read_tail, args=(self.process.stderr,), daemon=True),
        ]
        for reader in self.readers:
            reader.start()

    def read_lines(self, stream: IO[bytes]) -> None:
        """Pass lines on; an empty one says that there are no more."""
        for line in stream:
            self.lines.put(line)
        self.lines.put(b"")

    def read_tail(self, stream: IO[bytes]) -> None:
        """Keep the end of what comes, however much that is."""
        while piece := os.read(stream.fileno(), 1 << 16):
            self.tail = (self.tail + piece)[-_TAIL:]

    def messages(self) -> Iterator[dict[str, Any]]:
        """Yield what the child says; raises TimeoutError, and Malformed for what is no message."""
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, self.until - time.monotonic()))
            except Empty:
                raise TimeoutError from None
            if not line:
                return
            try:
                message = json.loads(line)
            except ValueError:
                message = None
            if not isinstance(message, dict):
                text = "wrote into the results of its process"
                raise Malformed(text)
            if "end" in message:
                return
            yield message

    def ending(self) -> str:
        """Say how the process ended, and its last words."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        code = self.process.returncode
        told = f"code {code}"
        if code is not None and code < 0:
            told = f"signal {-code}"
            with contextlib.suppress(ValueError):
                told = signal.Signals(-code).name
        self.readers[1].join(1)
        words = self.tail.decode("utf-8", "replace").strip().splitlines()
        return f"{told}: {words[-1]}" if words else told

    def kill(self) -> None:
        """End the process and, where groups of processes exist, what it started."""
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        for reader, stream in zip(
            self.readers, (self.process.stdout, self.process.stderr), strict=True
        ):
            # A grandchild may hold the pipe open; its reader then goes down with this process.
            reader.join(1)
            if stream is not None and not reader.is_alive():
                stream.close()


__all__ = ["Apart", "Work", "judge_apart"]
