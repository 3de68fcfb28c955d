"""Terraform's functions that encode, decode and hash."""

from __future__ import annotations

import base64
import hashlib
import json

from azmlint.expressions.arm_values import TooLarge
from azmlint.expressions.hcl_values import as_text, define_scalar


@define_scalar("base64encode", 1, 1)
def _base64_encode(value: str) -> str:
    return base64.b64encode(as_text(value).encode()).decode()


@define_scalar("base64decode", 1, 1)
def _base64_decode(value: str) -> str:
    return base64.b64decode(as_text(value), validate=True).decode()


@define_scalar("urlencode", 1, 1)
def _url_encode(value: str) -> str:
    from urllib.parse import quote_plus  # noqa: PLC0415  # few configurations need it

    return quote_plus(as_text(value))


@define_scalar("jsondecode", 1, 1)
def _json_decode(value: str) -> object:
    try:
        return json.loads(as_text(value))
    except RecursionError:
        raise TooLarge from None


@define_scalar("jsonencode", 1, 1)
def _json_encode(value: object) -> str:
    made = json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
    for sign, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        made = made.replace(sign, code)
    return made


@define_scalar("md5", 1, 1)
def _md5(value: str) -> str:
    return hashlib.md5(as_text(value).encode(), usedforsecurity=False).hexdigest()


@define_scalar("sha1", 1, 1)
def _sha1(value: str) -> str:
    return hashlib.sha1(as_text(value).encode(), usedforsecurity=False).hexdigest()


@define_scalar("sha256", 1, 1)
def _sha256(value: str) -> str:
    return hashlib.sha256(as_text(value).encode()).hexdigest()


@define_scalar("sha512", 1, 1)
def _sha512(value: str) -> str:
    return hashlib.sha512(as_text(value).encode()).hexdigest()


@define_scalar("base64sha256", 1, 1)
def _base64_sha256(value: str) -> str:
    return base64.b64encode(hashlib.sha256(as_text(value).encode()).digest()).decode()
