"""One part of the subscriptions, for several audits side by side."""

from __future__ import annotations

from typing import NamedTuple


class Shard(NamedTuple):
    """The part `number` of `parts`, from 1."""

    number: int
    parts: int

    def holds(self, subscription: str) -> bool:
        """Whether a subscription belongs to this part.

        That hangs on its id alone: whatever else an audit sees, each subscription is in exactly
        one part, and always in the same.
        """
        from hashlib import sha256  # noqa: PLC0415  # loads OpenSSL, and most runs read all

        digest = sha256(subscription.lower().encode()).digest()
        return int.from_bytes(digest[:8], "big") % self.parts == self.number - 1


def shard_of(text: str) -> Shard:
    """Read `2/5`; raises ValueError for what is no part."""
    number, sign, count = text.partition("/")
    if sign and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count):
        return Shard(int(number), int(count))
    message = f"'{text}' is no part: write 1/4, 2/4 and so on up to 4/4"
    raise ValueError(message)
