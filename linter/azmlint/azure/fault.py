"""What went wrong with one read."""

from __future__ import annotations

from typing import Final

from azmlint.errors import LiveError
from azmlint.sources.scrub import clean

_LENGTH: Final = 300


class ReadError(LiveError):
    """One request that Azure did not answer as needed: status, code and request id in one line."""

    def __init__(self, code: str, text: str = "", *, status: int = 0, request_id: str = "") -> None:
        """Say it in one line, without secrets and e-mail addresses."""
        self.code = code
        self.status = status
        self.request_id = request_id
        self.text = text
        head = f"{status} {code}" if status else code
        said = one_line(text)
        tail = f" (request id {one_line(request_id)})" if request_id else ""
        super().__init__(f"{head}: {said}{tail}" if said else f"{head}{tail}")

    @property
    def is_denied(self) -> bool:
        """Whether a permission, not a service, was missing."""
        return self.status in {401, 403}


def one_line(text: str) -> str:
    """Make a text of the service fit to be shown: one line, short, nothing secret in it."""
    said = clean(" ".join(text.split()))
    return said if len(said) <= _LENGTH else f"{said[: _LENGTH - 3]}..."
