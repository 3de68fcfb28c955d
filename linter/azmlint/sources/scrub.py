"""Take secrets and e-mail addresses out of what the service answers."""

from __future__ import annotations

import math
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

REMOVED: Final = "(removed)"

_SECRET_NAME: Final = re.compile(
    r"password|passwd|passphrase|passcode|^pwd$|^pass$|secrets?$|secretvalue|keys?\d*$|sshkey"
    r"|publickey|keydata|privatekey|kubeconfig|connectionstring|sastoken|sasuri|sasurl|^sig$"
    r"|token$|^bearer|^authorization$|^credentials?$"
)
"""Names, without case and separators, of which a text is never kept."""

_FLAG: Final = re.compile(
    r"|true|false|yes|no|none|null|enabled|disabled|not ?set|auto|default", re.IGNORECASE
)
"""What settings that are called after a secret say; no secret."""

_HASH_NAME: Final = re.compile(
    r"etag|hash|digest|fingerprint|thumbprint|checksum|sha\d+", re.IGNORECASE
)
"""Names of which a text looks like a key and is none."""

_PAIRED: Final = frozenset({"value", "key", "data", "content"})
"""What holds the text of a pair of name and value, and of a member of a list of keys."""

_KEY_TEXT: Final = (
    r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{86}==(?![A-Za-z0-9+/=])",
    r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{43}=(?![A-Za-z0-9+/=])",
)
"""Keys of 64 and 32 bytes."""

_NAMED_TEXT: Final = (
    r"(?:(?<![A-Za-z0-9])(?:sig|pwd|secret|token)"
    r"|(?:account|shared|access|api|primary|secondary|storage)[ _-]?key"
    r"|access[ _-]?signature|client[ _-]?secret|instrumentation[ _-]?key|passw(?:or)?d|passphrase"
    r"|(?:access|refresh|sas|api|bearer|id)[ _-]?token)"
    r"[\"']{0,2}\s{0,3}(?:=|:(?!//)|%3D)\s{0,3}(?:(?:Bearer|Basic)\s{1,3})?"
    r"(?:\"[^\"]+\"|'[^']+'|[^&;\s\"']+)"
)
"""A secret that is called so in a connection string, an address or a note."""

_SECRET_TEXT: Final = re.compile(
    r"-{4,5} ?BEGIN [A-Z0-9 ]+-{4,5}[\s\S]*?(?:-{4,5} ?END [A-Z0-9 ]+-{4,5}|\Z)"
    r"|LS0tLS1CRUdJTi[A-Za-z0-9+/=]+"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3}"
    r"|(?:\bssh-(?:rsa|ed25519|dss)|\becdsa-sha2-\S+|\bsk-\S+@openssh\.com)\s+[A-Za-z0-9+/=]+"
    r"|(?<![A-Za-z0-9+/])AAAA[A-Z][A-Za-z0-9+/]{30,}={0,2}"
    r"|\bBearer\s+[A-Za-z0-9._~+/=-]{16,}"
    r"|\bBasic\s+[A-Za-z0-9+/]{8,}={1,2}"
    r"|(?<=://)[^/\s:@]{1,256}:[^/\s@]{1,256}@"
    r"|\b[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}"
    r"|\b[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}\b"
    r"|\b[A-Za-z0-9+/]{42}\+ACR[A-Za-z0-9+/]{6}\b"
    rf"|{_NAMED_TEXT}",
    re.IGNORECASE,
)
_KEY: Final = re.compile("|".join(_KEY_TEXT))


class _Form(NamedTuple):
    """What the form of a secret is, and a sign by which it is looked for."""

    sign: str
    """In lower case; a text without it holds no such secret."""

    pattern: str
    offsets: tuple[int, ...] = (0,)
    """Where a secret may begin, counted from its sign, the first one first."""


_FORMS: Final = (
    _Form(
        "begin",
        r"-{4,5} ?BEGIN [A-Z0-9 ]*PRIVATE KEY-{4,5}[\s\S]*?(?:-{4,5} ?END [A-Z0-9 ]+-{4,5}|\Z)",
        (-6, -5, -4),
    ),
    _Form("ls0tls1crudjti", r"LS0tLS1CRUdJTi[A-Za-z0-9+/=]+"),
    _Form("eyj", r"\beyJ[A-Za-z0-9_-]{8,4096}+\.[A-Za-z0-9_-]{4,}+(?:\.[A-Za-z0-9_-]*+){0,3}"),
    _Form("bearer", r"\bBearer\s+(?![\$%<{])[A-Za-z0-9._~+/=-]{16,}"),
    _Form("basic", r"\bBasic\s+[A-Za-z0-9+/]{8,}={1,2}"),
    _Form("://", r"[^/\s:@${}\"'\\]{1,256}:[^/\s@${}\"'\\]{1,256}(?=@)", (3,)),
    _Form("q~", r"\b[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}", (-4,)),
    _Form("jqqj99", r"\b[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}\b", (-52,)),
    _Form("+acr", r"\b[A-Za-z0-9+/]{42}\+ACR[A-Za-z0-9+/]{6}\b", (-42,)),
    _Form("sig", r"(?<![A-Za-z0-9])sig(?:=|%3D)[A-Za-z0-9%+/=_-]{16,}"),
    _Form("key=", r"(?<=[ _a-z-]key=)[A-Za-z0-9+/=_-]{16,}", (4,)),
    _Form("password=", r"(?![\$%<{])[^;\s\"'\\]{1,512}+(?=;)", (9,)),
    _Form("pwd=", r"(?![\$%<{])[^;\s\"'\\]{1,512}+(?=;)", (4,)),
    _Form("==", _KEY_TEXT[0], (-86,)),
    _Form("=", _KEY_TEXT[1], (-43,)),
)
"""What its own form shows to be a secret, whatever it is called.

Each is looked for by its sign, and no part of one is longer than it can be: a text may be made to
look like the beginning of many.
"""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_AFTER_SECRETS: Final = (
    r"(?:passw(?:or)?d|passphrase|pwd|secret|token"
    r"|(?:api|access|account|shared|storage|principal)[_-]?key)"
)
_CALLED: Final = re.compile(
    rf"{_AFTER_SECRETS}"
    r"[\"']?\]?[ \t]{0,9}[:=][ \t]{0,9}(?:\r?\n[ \t]{0,80})?[bfru]{0,2}"
    r"([\"'])(?![\[$%<{@])(?P<secret>[^\"'\r\n\\]{4,})\1",
    re.IGNORECASE,
)
"""A text in quotes that is given to what is called after a secret."""

_CALLED_IN_YAML: Final = re.compile(
    rf"(?:^[ \t]*(?:-[ \t]+)?[\"']?[\w.-]*{_AFTER_SECRETS}[\"']?[ \t]*:[ \t]+"
    r"(?!(?:true|false|null|none|yes|no|~|\d{1,6})[ \t]*(?:#|\r?$))"
    rf"|{_AFTER_SECRETS}=(?=\S{{4}}))"
    r"(?P<secret>[^\s\"'#\[$%<{@&*!|>][^\r\n\"']*)",
    re.IGNORECASE | re.MULTILINE,
)
"""What stands without quotes after a key of YAML that is called after a secret, or after a `=`."""

_SUSPECT: Final = re.compile(r"[=:%@\s~+]|[A-Za-z0-9]{33}|AAAA|LS0t|eyJ")
"""What every secret in a text has somewhere; most texts are ids and words, which have not."""

_MAIL: Final = re.compile(
    r"[\w.+'#!$*^{}|~-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.IGNORECASE
)
_SYSTEM_DATA: Final = frozenset({"createdat", "lastmodifiedat"})
"""What is kept of `systemData`: when, not who."""

_DEPTH: Final = 60
_ROUNDS: Final = 8
"""What is taken out can bring a secret's beginning to its end, but not for ever."""


def shaped(text: str) -> Iterator[tuple[int, int]]:
    """Find what its form shows to be a secret: keys, signatures and tokens of any text."""
    low = text.lower()
    if len(low) != len(text):
        # A letter may be two in lower case; signs are looked for where they stand.
        low = "".join(c.lower() if c.isascii() else c for c in text)
    for form in _FORMS:
        at = low.find(form.sign)
        while at >= 0:
            match = _match(form, text, at)
            if match is not None and match.end() > at:
                yield match.span()
                at = match.end()
            else:
                at += len(form.sign)
            at = low.find(form.sign, at)


def _match(form: _Form, text: str, at: int) -> re.Match[str] | None:
    pattern = _compiled(form.pattern)
    starts = (at + offset for offset in form.offsets if at + offset >= 0)
    return next((m for start in starts if (m := pattern.match(text, start)) is not None), None)


def hidden(text: str) -> str:
    """Give a text without what its form shows to be a secret."""
    pieces: list[str] = []
    last = 0
    for start, end in sorted(shaped(text)):
        if start >= last:
            pieces += [text[last:start], "***"]
        last = max(last, end)
    return "".join((*pieces, text[last:]))


def called(text: str) -> Iterator[tuple[int, int]]:
    """Find texts in quotes that are given to what is called after a secret."""
    return (match.span("secret") for match in _CALLED.finditer(text))


def called_in_yaml(text: str) -> Iterator[tuple[int, int]]:
    """Find what is given without quotes to a key of YAML that is called after a secret."""
    return (match.span("secret") for match in _CALLED_IN_YAML.finditer(text))


def scrub(data: Any, name: str = "", depth: int = 0, *, is_secret: bool = False) -> Any:  # noqa: ANN401  # plain JSON data
    """Give a copy of plain JSON data without secrets and e-mail addresses, its names sorted.

    What `name` holds is a secret when it is called so, or when `is_secret` says it.
    """
    if isinstance(data, str):
        return _text(data, name, is_secret=is_secret)
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if depth > _DEPTH:
        return REMOVED
    if isinstance(data, dict):
        return _members(data, name, depth)
    if isinstance(data, list):
        return [scrub(v, name, depth + 1, is_secret=is_secret) for v in data]
    return data


def _members(data: dict[str, Any], name: str, depth: int) -> dict[str, Any]:
    if name.lower() == "systemdata":
        data = {k: v for k, v in data.items() if k.lower() in _SYSTEM_DATA}
    called = data.get("name", data.get("keyName"))
    is_all = name.lower() in {"secret", "secrets"}
    is_pair = _is_secret(name) or (isinstance(called, str) and _is_secret(called))
    return {
        clean(k): scrub(
            v,
            k,
            depth + 1,
            is_secret=k[-4:].lower() != "type" and (is_all or (is_pair and k.lower() in _PAIRED)),
        )
        for k, v in sorted(data.items())
    }


@lru_cache(maxsize=4096)
def _is_secret(name: str) -> bool:
    # What ends in "type" says which kind of secret it is, not the secret.
    if not name or name[-4:].lower() == "type":
        return False
    plain = "".join(c for c in name if c.isalnum()).lower()
    return _SECRET_NAME.search(plain) is not None


def _text(text: str, name: str, *, is_secret: bool) -> str:
    if (is_secret or _is_secret(name)) and not _FLAG.fullmatch(text):
        return REMOVED
    return clean(text, is_hash=name != "" and _HASH_NAME.search(name) is not None)


def clean(text: str, *, is_hash: bool = False) -> str:
    """Take what looks like a secret or an e-mail address out of a text, and what is no text."""
    if not text.isascii():
        # Half of a pair of surrogates is no character, and no file can hold it.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if not _SUSPECT.search(text):
        return text
    for _ in range(_ROUNDS):
        before, text = text, _SECRET_TEXT.sub(REMOVED, text)
        if not is_hash:
            text = _KEY.sub(REMOVED, text)
        text = _MAIL.sub(REMOVED, text)
        if text == before:
            return text
    return REMOVED
