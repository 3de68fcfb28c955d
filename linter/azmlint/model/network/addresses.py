"""Sets of addresses, as questions and security rules name them, and how they relate."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.data.service_tags import (
    CLOUD,
    IN_CLOUD,
    INTERNET,
    LOAD_BALANCER,
    NETWORK,
    OVERLAPPING,
    SERVICES,
    SPELLED,
    tag_of,
)
from azmlint.expressions.truth import FALSE, TRUE, Truth, truth, undecided

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from azmlint.expressions.term import Part

LAST: Final = 2**32 - 1


class Range(NamedTuple):
    """IPv4 addresses from first to last."""

    first: int
    last: int

    def holds(self, other: Range) -> bool:
        """Whether all of another range is in this one."""
        return self.first <= other.first and other.last <= self.last

    def meets(self, other: Range) -> bool:
        """Whether the two share an address."""
        return self.first <= other.last and other.first <= self.last

    def __str__(self) -> str:
        """Show it as a block where it is one, else by its ends."""
        size = self.last - self.first + 1
        if size & (size - 1) == 0 and self.first % size == 0:
            return f"{_dotted(self.first)}/{33 - size.bit_length()}"
        return f"{_dotted(self.first)}-{_dotted(self.last)}"


class Tag(NamedTuple):
    """The addresses of a service tag; names in lower case."""

    name: str
    region: tuple[Part, ...] = ()
    """Empty for all regions; of a region that is not known, its symbol."""


class Nodes(NamedTuple):
    """The addresses of a subnet of which the prefix is not known."""

    prefix: tuple[Part, ...] = ()
    """As it is written."""


Addresses = Range | Tag | Nodes
"""What a question is about: every rule holds all of it, nothing, or it is not known."""

EVERYWHERE: Final = Range(0, LAST)


def _dotted(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


_BLOCK = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:/(\d{1,2}))?")


def _number(text: str) -> Range | None:
    found = _BLOCK.fullmatch(text)
    if found is None:
        return None
    *octets, length = (int(g) if g is not None else 32 for g in found.groups())
    if max(octets) > 255 or length > 32:  # noqa: PLR2004  # what an address is made of
        return None
    number = octets[0] << 24 | octets[1] << 16 | octets[2] << 8 | octets[3]
    size = 1 << (32 - length)
    first = number - number % size
    return Range(first, first + size - 1)


def range_of(text: str) -> Range | None:
    """Read an address, a block, or `first-last`; None for what is none of these."""
    text = text.strip()
    if "-" in text:
        ends = [_number(end.strip()) for end in text.split("-", 1)]
        first, last = ends
        if first is None or last is None or first.first > last.last:
            return None
        return Range(first.first, last.last)
    return _number(text)


def _ranges(*texts: str) -> tuple[Range, ...]:
    return tuple(r for r in map(range_of, texts) if r is not None)


PRIVATE: Final = _ranges(
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
)
"""What is never an address of the internet."""

HOST: Final = _ranges("168.63.129.16/32")
"""The address of the host, from which health probes come: the tag AzureLoadBalancer."""


class Surroundings(NamedTuple):
    """What is known of the network around the addresses of a question."""

    prefixes: tuple[Range, ...] = ()
    """Address blocks that are certainly the network's own."""

    is_public_inside: bool = False
    """Whether public addresses count as the network's: its default route says so."""


def relation(about: Addresses, prefix: str, around: Surroundings) -> Truth:
    """Whether a prefix or tag of a rule holds all of some addresses, or nothing of them."""
    text = prefix.strip()
    if text in {"*", "0.0.0.0/0"} or text.casefold() == "any":
        return TRUE
    block = range_of(text)
    if block is not None:
        return _in_block(about, block, text)
    if ":" in text:
        return FALSE
    tag = tag_of(text)
    if tag is None:
        return undecided("invalid", f"'{text}' is no address that is understood here")
    if isinstance(about, Tag):
        return _tag_in_tag(about, tag, around)
    if isinstance(about, Range):
        return _range_in_tag(about, tag, around)
    return truth(tag[0] == NETWORK)


def _in_block(about: Addresses, block: Range, text: str) -> Truth:
    if isinstance(about, Range):
        if block.holds(about):
            return TRUE
        if not block.meets(about):
            return FALSE
        return undecided("limit", f"{text} holds a part of {about}")
    if isinstance(about, Nodes):
        return undecided("parameter", f"whether the subnet is in {text} is not known")
    if about.name == LOAD_BALANCER:
        return _in_block(HOST[0], block, text)
    if about.name != NETWORK and any(r.holds(block) for r in PRIVATE):
        return FALSE
    return undecided("runtime", f"which services have addresses in {text} is not known")


def _tag_in_tag(about: Tag, tag: tuple[str, str], around: Surroundings) -> Truth:
    name, region = tag
    if about.name in {NETWORK, LOAD_BALANCER} or name == LOAD_BALANCER:
        return truth(name == about.name)
    if name in {INTERNET, NETWORK}:
        return truth(around.is_public_inside == (name == NETWORK))
    if name == about.name:
        return _same_region(about, region)
    if name == CLOUD:
        return _in_cloud(about, region)
    if about.name in SERVICES and (about.name, name) not in OVERLAPPING:
        return FALSE
    return undecided("runtime", f"what '{name}' holds of {shown(about)} is not known")


def _in_cloud(about: Tag, region: str) -> Truth:
    held = IN_CLOUD.get(about.name)
    if held is False:
        return FALSE
    # What is of a region is in its data centers, whatever else the service has.
    if held or (about.region and about.name in SERVICES):
        return _same_region(about, region)
    return undecided("runtime", f"AzureCloud holds a part of {shown(about)}")


def _same_region(about: Tag, region: str) -> Truth:
    if not region:
        return TRUE
    if not about.region:
        return undecided("runtime", f"'{region}' holds a part of {shown(about)}")
    if len(about.region) == 1 and isinstance(about.region[0], str):
        return truth(about.region[0] == region)
    return undecided("parameter", f"the region of {shown(about)} is not known")


def _range_in_tag(about: Range, tag: tuple[str, str], around: Surroundings) -> Truth:
    name = tag[0]
    own = any(r.holds(about) for r in around.prefixes)
    is_private = any(r.holds(about) for r in PRIVATE)
    if name == NETWORK:
        if own or (around.is_public_inside and not is_private):
            return TRUE
        return undecided("runtime", f"whether {about} belongs to the virtual network is not known")
    if name == INTERNET:
        if own or is_private or around.is_public_inside:
            return FALSE
        if any(r.meets(about) for r in (*PRIVATE, *around.prefixes)):
            return undecided("runtime", f"whether {about} is on the internet is not known")
        return TRUE
    if name == LOAD_BALANCER:
        return _in_block(about, HOST[0], LOAD_BALANCER)
    if own or is_private:
        return FALSE
    return undecided("runtime", f"which addresses of {about} are of '{name}' changes")


def shown(about: Addresses) -> str:
    """Say what addresses a question is about."""
    if isinstance(about, Range):
        return str(about)
    if isinstance(about, Nodes):
        return "the subnet"
    region = "".join(p if isinstance(p, str) else f"{{{p.text}}}" for p in about.region)
    name = SPELLED.get(about.name, about.name)
    return f"{name}.{region}" if region else name


def split(whole: Range, others: Iterable[Range]) -> Iterator[Range]:
    """Cut a range where others begin and end, so that each holds every piece or nothing of it."""
    cuts = {whole.first}
    for other in others:
        cuts.update(c for c in (other.first, other.last + 1) if whole.first < c <= whole.last)
    ordered = sorted(cuts)
    for cut in ordered:
        at = bisect_right(ordered, cut)
        yield Range(cut, ordered[at] - 1 if at < len(ordered) else whole.last)
