"""Telling others over HTTPS."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from azmlint.errors import ConfigError, NotifyError
from azmlint.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

SIGNATURE: Final = "X-Azmlint-Signature-256"
TRIES: Final = 3
_TIMEOUT: Final = 10.0
_WAITS: Final = (1.0, 4.0)
_LONGEST_WAIT: Final = 30.0
_THROTTLED: Final = 429
_BROKEN: Final = 500


class Hook:
    """Where messages go. Its path may be a secret, so only its host is ever shown."""

    def __init__(self, url: str, secret: str = "") -> None:
        """Take a URL; raises ConfigError for one to which nothing is sent."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            host, port = "", None
        if not host:
            message = "--notify is no URL: write https://HOST/PATH"
            raise ConfigError(message)
        self.name = f"{host}:{port}" if port is not None else host
        self._is_near = _is_loopback(host)
        if parts.scheme != "https" and not (parts.scheme == "http" and self._is_near):
            message = f"--notify: {self.name} is told over https only"
            raise ConfigError(message)
        if parts.username or parts.password:
            message = f"--notify: {self.name} is told without a user in the URL; sign it instead"
            raise ConfigError(message)
        self._url = url
        self._secret = secret

    def send(self, body: bytes, wait: Callable[[float], object] = time.sleep) -> None:
        """Post a message, up to three times; raises NotifyError in one line."""
        for left in range(TRIES - 1, -1, -1):
            try:
                self._post(body)
            except urllib.error.HTTPError as error:
                error.close()
                reason = f"it answered {error.code}"
                pause = _pause(error.headers.get("Retry-After"), left)
                if error.code != _THROTTLED and error.code < _BROKEN:
                    break
            except (OSError, http.client.HTTPException, ValueError) as error:
                cause = getattr(error, "reason", error)
                text = str(cause) or type(cause).__name__
                reason = " ".join(text.replace(self._url, self.name).split())
                pause = _pause(None, left)
            else:
                return
            if not left:
                break
            wait(pause)
        message = f"{self.name} was not told what changed: {reason}"
        raise NotifyError(message)

    def _post(self, body: bytes) -> None:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": f"azmlint/{__version__}",
        }
        if self._secret:
            digest = hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
            headers[SIGNATURE] = f"sha256={digest}"
        request = urllib.request.Request(  # noqa: S310  # the scheme was looked at
            self._url, data=body, headers=headers, method="POST"
        )
        handlers: list[Any] = [_NoRedirects()]
        if self._is_near:
            handlers.append(urllib.request.ProxyHandler({}))
        opener = urllib.request.build_opener(*handlers)
        with opener.open(request, timeout=_TIMEOUT):
            pass  # what it says is of no use


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A message goes to the host that was named, and nowhere else."""

    def redirect_request(self, *_: object) -> None:
        return None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _pause(retry_after: str | None, left: int) -> float:
    if retry_after is not None and retry_after.strip().isdecimal():
        return min(float(retry_after), _LONGEST_WAIT)
    return _WAITS[min(TRIES - 1 - left, len(_WAITS) - 1)]
