"""The time of a run: how much is left, and whether somebody wants it to stop."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from azmlint.azure.fault import ReadError

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """Shared by all threads of a run."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """Count with `now`; `wait` passes time, and by default ends early when the run stops."""
        self.now = now
        self._stop = threading.Event()
        self._wait = wait or self._stop.wait
        self._until: float | None = None
        self._limit = 0.0

    def limit(self, seconds: float | None) -> None:
        """End the run so many seconds from now; None for never."""
        self._until = None if seconds is None else self.now() + seconds
        self._limit = seconds or 0.0

    def stop(self) -> None:
        """Let nothing begin any more."""
        self._stop.set()

    @property
    def is_stopped(self) -> bool:
        """Whether somebody stopped the run."""
        return self._stop.is_set()

    def left(self) -> float | None:
        """Give the seconds that are left; None without a limit."""
        return None if self._until is None else max(0.0, self._until - self.now())

    @property
    def is_over(self) -> bool:
        """Whether the time is used up or somebody stopped the run."""
        return self._stop.is_set() or self.left() == 0

    def check(self) -> None:
        """Raise ReadError when the run is over."""
        if self.is_over:
            raise self.why_over()

    def sleep(self, seconds: float) -> None:
        """Wait; raises ReadError when the run would be over by then."""
        left = self.left()
        if left is not None and seconds >= left:
            raise self._overdue()
        if seconds > 0:
            self._wait(seconds)
        self.check()

    def why_over(self) -> ReadError:
        """Say why the run is over."""
        if self._stop.is_set():
            return ReadError("Interrupted", "the run was interrupted")
        return self._overdue()

    def _overdue(self) -> ReadError:
        return ReadError("Deadline", f"the deadline of {self._limit:g} seconds passed")
