"""Take secrets and e-mail addresses out of what the service answers."""

from __future__ import annotations

import re
from typing import Any, Final

REMOVED: Final = "(removed)"

_SECRET_NAME: Final = re.compile(
    r"password|passphrase|secret(?!uri|identifier|name)|accountkey|accesskey|sharedkey|primarykey"
    r"|secondarykey|sshpublickey|keydata|privatekey|connectionstring|instrumentationkey|sastoken"
    r"|saskey|bearer|authorization$|^token$|accesstoken|refreshtoken|apikey|clientsecret",
    re.IGNORECASE,
)
"""Names of which a text is never kept; flags and maps of such names are."""

_SECRET_TEXT: Final = re.compile(
    r"(?:(?<=[?&;\s\"'])|^)(?:sig|AccountKey|SharedAccessKey|SharedAccessSignature|Password|Pwd)="
    r"[^&;\s\"']+"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?"
    r"|(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}=="
    r"|(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=(?![A-Za-z0-9+/=])"
    r"|\bssh-(?:rsa|ed25519|dss)\s+[A-Za-z0-9+/=]+"
    r"|\becdsa-sha2-\S+\s+[A-Za-z0-9+/=]+"
    r"|-----BEGIN [A-Z ]+-----[\s\S]*?(?:-----END [A-Z ]+-----|\Z)"
    r"|\bBearer\s+\S+",
    re.IGNORECASE,
)
_MAIL: Final = re.compile(r"[\w.+'#-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_SYSTEM_DATA: Final = frozenset({"createdat", "lastmodifiedat"})
"""What is kept of `systemData`: when, not who."""

_DEPTH: Final = 60


def scrub(data: Any, name: str = "", depth: int = 0) -> Any:  # noqa: ANN401  # plain JSON data
    """Give a copy of plain JSON data without secrets and e-mail addresses."""
    if isinstance(data, str):
        return REMOVED if name and _SECRET_NAME.search(name) and data else clean(data)
    if depth > _DEPTH:
        return REMOVED
    if isinstance(data, dict):
        if name.lower() == "systemdata":
            data = {k: v for k, v in data.items() if k.lower() in _SYSTEM_DATA}
        return {clean(str(k)): scrub(v, str(k), depth + 1) for k, v in data.items()}
    if isinstance(data, list):
        return [scrub(v, name, depth + 1) for v in data]
    return data


def clean(text: str) -> str:
    """Take what looks like a secret or an e-mail address out of a text."""
    if "@" in text:
        text = _MAIL.sub(REMOVED, text)
    return _SECRET_TEXT.sub(REMOVED, text)
