"""The one way to Azure Resource Manager: typed clients and plain requests share its guards."""

from __future__ import annotations

import email.utils
import json
import re
import threading
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from azure.core.exceptions import (
    ClientAuthenticationError,
    DecodeError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline.policies import (
    ContentDecodePolicy,
    CustomHookPolicy,
    HeadersPolicy,
    HTTPPolicy,
    ProxyPolicy,
    RequestIdPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.core.pipeline.transport import HttpTransport, RequestsTransport
from azure.core.rest import HttpResponse
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

from azmlint.azure.calls import RESOURCE_GRAPH
from azmlint.azure.cloud import is_loopback
from azmlint.azure.fault import ReadError
from azmlint.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azmlint.azure.clock import Clock
    from azmlint.azure.cloud import Cloud
    from azmlint.azure.credential import Credential

TRIES: Final = 6
THROTTLED_TRIES: Final = 12
"""Before each the service says how long to wait, so that more of them cost it nothing."""

HOPELESS: Final = 8 * THROTTLED_TRIES
"""So many refusals in a row, and nothing is waited for in that subscription any more."""

LONGEST_WAIT: Final = 60.0
RATE: Final = 20.0
"""Reads a second in a subscription that ran low; Azure gives back 25."""

LOW: Final = 20
_RETRIED: Final = frozenset({408, 429, 500, 502, 503, 504})
_THROTTLED: Final = 429
_UNAUTHORIZED: Final = 401
_OK: Final = 200
_SUBSCRIPTION: Final = re.compile(r"/subscriptions/([^/?]+)", re.IGNORECASE)
_PORTS: Final = {"https": 443, "http": 80}
ACCEPTED: Final = "azmlint_accepted"
"""The option of a request that names the statuses that are an answer."""


class ReadOnly(SansIOHTTPPolicy[Any, Any]):
    """Lets reads out and nothing else, whatever a client tries."""

    def __init__(self) -> None:
        self.allowed_posts = {RESOURCE_GRAPH.path.lower()}

    def on_request(self, request: Any) -> None:  # noqa: ANN401  # two generations of requests
        """Raise ReadError for what could change something."""
        method, url = request.http_request.method, request.http_request.url
        if method == "GET":
            return
        if method == "POST" and urlsplit(url).path.lower() in self.allowed_posts:
            return
        raise ReadError("ReadOnly", f"refused to send {method} {urlsplit(url).path}")


def origin(url: str) -> tuple[str, str, int | None]:
    """Give scheme, host and port of a URL; raises ReadError for what is none."""
    try:
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme)
    except ValueError as error:
        raise ReadError("ForeignHost", f"the service named a broken URL: {error}") from None


class OneHost(SansIOHTTPPolicy[Any, Any]):
    """Keeps the token at the endpoint of the run, whatever a link says."""

    def __init__(self, endpoint: str) -> None:
        self._origin = origin(endpoint)

    def on_request(self, request: Any) -> None:  # noqa: ANN401  # two generations of requests
        """Raise ReadError for another host; without TLS only this machine is spoken to."""
        asked = origin(request.http_request.url)
        if asked != self._origin:
            raise ReadError("ForeignHost", f"refused to follow a link to {asked[0]}://{asked[1]}")
        if asked[0] == "http" and is_loopback(asked[1]):
            request.context.options["enforce_https"] = False


class Checked(SansIOHTTPPolicy[Any, Any]):
    """Makes what is no proper answer a ReadError, and reads the JSON of what is one."""

    def on_request(self, request: Any) -> None:  # noqa: ANN401  # two generations of requests
        """Keep which statuses are an answer."""
        request.context[ACCEPTED] = request.context.options.pop(ACCEPTED, (_OK,))

    def on_response(self, request: Any, response: Any) -> None:  # noqa: ANN401  # see above
        """Raise ReadError, or leave the data where the SDK's own policy would."""
        http = response.http_response
        content = http.content if isinstance(http, HttpResponse) else http.body()
        status = http.status_code
        request_id = _request_id(http.headers)
        accepted = status in request.context[ACCEPTED]
        data, why = _json(content, http.headers.get("Content-Type") or "")
        if not accepted:
            code, text = _error(data)
            fallback = "Redirected" if 300 <= status < 400 else "HttpError"  # noqa: PLR2004
            text = text or (why if content else "")
            raise ReadError(code or fallback, text, status=status, request_id=request_id)
        if why and (content or status == _OK):
            raise ReadError("NotJson", why, status=status, request_id=request_id)
        response.context[ContentDecodePolicy.CONTEXT_NAME] = data


def _json(content: bytes, content_type: str) -> tuple[Any, str]:
    if not content.strip():
        return None, "the answer is empty"
    try:
        return json.loads(content), ""
    except (ValueError, RecursionError):
        if "html" in content_type.lower() or content.lstrip()[:1] == b"<":
            return None, "a web page came instead of an answer: is there a proxy in between?"
        return None, f"the answer of {len(content)} bytes is broken JSON"


def _error(data: object) -> tuple[str, str]:
    if not isinstance(data, dict):
        return "", ""
    inner = data.get("error", data)
    if isinstance(inner, str):
        return inner, str(data.get("error_description") or data.get("message") or "")
    if not isinstance(inner, dict):
        return "", ""
    return str(inner.get("code") or ""), str(inner.get("message") or "")


def _request_id(headers: Mapping[str, str]) -> str:
    return headers.get("x-ms-request-id") or headers.get("x-ms-correlation-request-id") or ""


class _Gate:
    """When the next read of one subscription may go."""

    __slots__ = ("is_paced", "next_at", "refused")

    def __init__(self) -> None:
        self.next_at = 0.0
        self.refused = 0
        self.is_paced = False


class Throttle(HTTPPolicy[Any, Any]):
    """Tries again what may pass, with one gate for each subscription that all threads share."""

    def __init__(self, clock: Clock, *, connect_timeout: float, read_timeout: float) -> None:
        super().__init__()
        self._clock = clock
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._lock = threading.Lock()
        self._gates: dict[str, _Gate] = {}
        self.sent = 0
        """How many requests went out, repetitions among them."""

    def send(self, request: Any) -> Any:  # noqa: ANN401  # two generations of requests
        """Send until there is an answer, the tries are used up or the run is over."""
        url = request.http_request.url
        gate = self._gate(url)
        repeatable = (
            request.http_request.method == "GET"
            or urlsplit(url).path.lower() == RESOURCE_GRAPH.path.lower()
        )
        tries = throttled = 0
        renewed = False
        while True:
            self._admit(gate)
            try:
                response = self._once(request)
            except ClientAuthenticationError as error:
                raise ReadError("SignIn", str(error)) from None
            except (ServiceRequestError, ServiceResponseError, IncompleteReadError) as error:
                tries += 1
                most = TRIES // 2 if isinstance(error, ServiceResponseTimeoutError) else TRIES
                if not repeatable or tries >= most:
                    raise _transport_fault(error) from None
                self._clock.sleep(_backoff(tries))
                continue
            except DecodeError as error:
                raise _transport_fault(error) from None
            http = response.http_response
            self._heed(gate, http)
            if http.status_code == _UNAUTHORIZED and not renewed:
                renewed = True  # the policy below forgot the token that was refused
                continue
            if http.status_code not in _RETRIED:
                return response
            if http.status_code == _THROTTLED:
                throttled += 1
                wait = self._wait_of(http.headers, throttled)
                is_over = throttled >= THROTTLED_TRIES or gate.refused >= HOPELESS
                if is_over or wait > LONGEST_WAIT:
                    return response
                self._close(gate, wait)
                continue
            tries += 1
            wait = self._wait_of(http.headers, tries)
            if not repeatable or tries >= TRIES or wait > LONGEST_WAIT:
                return response
            self._clock.sleep(wait)

    def _once(self, request: Any) -> Any:  # noqa: ANN401  # two generations of requests
        left = self._clock.left()
        options = request.context.options
        options["connection_timeout"] = min(self._connect_timeout, left or self._connect_timeout)
        options["read_timeout"] = min(self._read_timeout, left or self._read_timeout)
        with self._lock:
            self.sent += 1
        return self.next.send(request)

    def _gate(self, url: str) -> _Gate:
        found = _SUBSCRIPTION.search(url)
        key = found.group(1).lower() if found else ""
        with self._lock:
            return self._gates.setdefault(key, _Gate())

    def _admit(self, gate: _Gate) -> None:
        self._clock.check()
        with self._lock:
            now = self._clock.now()
            at = max(now, gate.next_at)
            if gate.is_paced:
                gate.next_at = at + 1 / RATE
        if at > now:
            self._clock.sleep(at - now)

    def _close(self, gate: _Gate, seconds: float) -> None:
        with self._lock:
            gate.is_paced = True
            gate.next_at = max(gate.next_at, self._clock.now() + seconds)

    def _heed(self, gate: _Gate, http: Any) -> None:  # noqa: ANN401  # see above
        left = http.headers.get("x-ms-ratelimit-remaining-subscription-reads") or ""
        with self._lock:
            gate.refused = gate.refused + 1 if http.status_code == _THROTTLED else 0
            if left.isdigit() and int(left) < LOW:
                gate.is_paced = True

    @staticmethod
    def _wait_of(headers: Mapping[str, str], attempt: int) -> float:
        for name in ("retry-after-ms", "x-ms-retry-after-ms"):
            milliseconds = _number(headers.get(name))
            if milliseconds is not None:
                return milliseconds / 1000
        stated = headers.get("Retry-After")
        seconds = _number(stated)
        if seconds is not None:
            return seconds
        if stated:
            try:
                return max(0.0, email.utils.parsedate_to_datetime(stated).timestamp() - time.time())
            except ValueError:
                pass
        return _backoff(attempt)


def _number(text: str | None) -> float | None:
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if found >= 0 else None


def _backoff(attempt: int) -> float:
    return min(8.0, 0.25 * 2.0**attempt)


def _transport_fault(error: Exception) -> ReadError:
    name = type(error).__name__.removesuffix("Error")
    return ReadError(name, str(error))


class Transport(RequestsTransport):  # type: ignore[misc]  # loaded on demand, so untyped
    """One pool of connections for all clients; closing one client does not close it."""

    def close(self) -> None:
        """Leave it to the end of the process."""

    def __exit__(self, *args: object) -> None:
        """Leave it to the end of the process."""


class Guards:
    """The policies of a run, and the transport under them."""

    def __init__(
        self,
        cloud: Cloud,
        credential: Credential,
        clock: Clock,
        *,
        transport: HttpTransport[Any, Any] | None = None,
        connect_timeout: float = 10,
        read_timeout: float = 60,
    ) -> None:
        """Guard `cloud`; the token of `credential` is asked for it and goes to it only."""
        self.read_only = ReadOnly()
        self.transport = transport or Transport()
        self.throttle = Throttle(clock, connect_timeout=connect_timeout, read_timeout=read_timeout)
        self.policies = [
            self.read_only,
            OneHost(cloud.endpoint),
            RequestIdPolicy(),
            HeadersPolicy(),
            UserAgentPolicy(f"azmlint/{__version__}"),
            ProxyPolicy(),
            CustomHookPolicy(),
            Checked(),
            self.throttle,
            ARMChallengeAuthenticationPolicy(credential, cloud.scope),
        ]
