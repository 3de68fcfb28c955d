"""Ask Azure Resource Manager one question at a time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from azure.core.exceptions import AzureError
from azure.core.pipeline.policies import ContentDecodePolicy
from azure.core.rest import HttpRequest
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.core import ARMPipelineClient
from azure.mgmt.resource.resources import ResourceManagementClient

from azmlint.azure.calls import DIAGNOSE, ML, Question
from azmlint.azure.fault import ReadError
from azmlint.azure.pipeline import ACCEPTED, Guards
from azmlint.azure.version import VERSION, best_version
from azmlint.model.facet import Facet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azure.core.pipeline.transport import HttpTransport

    from azmlint.azure.clock import Clock
    from azmlint.azure.cloud import Cloud
    from azmlint.azure.credential import Credential

    Hook = Callable[[Any], None]

Item = dict[str, Any]

_PAGES: Final = 10_000
_SAFE: Final = "/()!$'*,;:@"
_VERSION_CODES: Final = frozenset(
    {"NoRegisteredProviderFound", "InvalidApiVersionParameter", "InvalidResourceType"}
)
_ACCEPTED: Final = 202


class Reader:
    """Reads through the guards; safe to share between threads."""

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
        """Read from `cloud` until the clock says stop."""
        self.cloud = cloud
        self.clock = clock
        self._credential = credential
        self._guards = Guards(
            cloud,
            credential,
            clock,
            transport=transport,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )
        self._plain: Any = ARMPipelineClient(
            cloud.endpoint, policies=self._guards.policies, transport=self._guards.transport
        )
        self._lock = threading.Lock()
        self._clients: dict[tuple[type, str, str], Any] = {}

    @property
    def requests(self) -> int:
        """How many requests went out, repetitions among them."""
        return self._guards.throttle.sent

    def pages(self, question: Question) -> Iterator[list[Item]]:
        """Yield the items of each page as answered; raises ReadError, also after some pages.

        Where the service says that it serves older versions only, the newest of those is asked.
        """
        try:
            yield from self._pages(question)
        except ReadError as fault:
            version = _served(fault, question.version)
            if version is None:
                raise
            # Clients of the SDK know some versions only.
            plain = question.call._replace(is_typed=False)
            yield from self._pages(question._replace(version=version, call=plain))

    def _pages(self, question: Question) -> Iterator[list[Item]]:
        return self._typed(question) if question.call.is_typed else self._untyped(question)

    def _untyped(self, question: Question) -> Iterator[list[Item]]:
        # A link of the service may be relative, and is encoded; an id is neither.
        url = f"{quote(question.path, safe=_SAFE)}?api-version={question.version}"
        if question.filter:
            url += f"&$filter={quote(question.filter, safe=_SAFE)}"
        if question.call.is_list:
            return self._linked(url)
        return iter([[_object(self._send("GET", url))]])

    def _linked(self, url: str) -> Iterator[list[Item]]:
        pages = _Pages()
        next_url: str | None = url
        while next_url:
            items, next_url = pages.take(self._send("GET", next_url))
            yield items

    def _typed(self, question: Question) -> Iterator[list[Item]]:
        """Let a client of the SDK ask and follow the links; what it was answered is kept as it is.

        A model of the SDK drops what it does not know, and fails at what it did not expect: then
        the question is asked again without it.
        """
        pages = _Pages()
        answered: list[list[Item]] = []

        def keep(response: Any) -> None:  # noqa: ANN401  # a PipelineResponse
            data = response.context[ContentDecodePolicy.CONTEXT_NAME]
            answered.append(pages.take(data)[0] if question.call.is_list else [_object(data)])

        try:
            asked = _OPERATIONS[question.call.facet](self, question, keep)
            if question.call.is_list:
                for page in asked.by_page():
                    list(page)
                    yield answered.pop()
            else:
                yield answered.pop()
        except (AzureError, AttributeError, KeyError, TypeError, ValueError):
            yield from self._untyped(question)

    def client(self, kind: type, question: Question) -> Any:  # noqa: ANN401  # of several versions
        """Give the SDK's client for a subscription, on the guarded pipeline."""
        key = (kind, question.subscription, question.version)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = kind(
                    self._credential,
                    question.subscription,
                    base_url=self.cloud.endpoint,
                    api_version=question.version,
                    policies=self._guards.policies,
                    transport=self._guards.transport,
                )
            return self._clients[key]

    def post(self, path: str, version: str, body: Item) -> Item:
        """Ask with a body, where the guards allow that."""
        return _object(self._send("POST", f"{path}?api-version={version}", body))

    def _send(self, method: str, url: str, body: Item | None = None) -> object:
        return self._exchange(method, url, body, (200,))[0]

    def _exchange(
        self, method: str, url: str, body: Item | None, accepted: tuple[int, ...]
    ) -> tuple[object, Any]:
        """Give the data of an answer, and the answer."""
        full = url if "://" in url else f"{self.cloud.endpoint}/{url.lstrip('/')}"
        request = HttpRequest(method, full, json=body)
        try:
            found = self._plain.send_request(
                request, **{ACCEPTED: accepted}, _return_pipeline_response=True
            )
        except AzureError as error:
            raise ReadError(type(error).__name__.removesuffix("Error"), str(error)) from None
        return found.context[ContentDecodePolicy.CONTEXT_NAME], found.http_response

    def diagnose(self, workspace: str, version: str) -> Item:
        """Let Azure diagnose a workspace, and wait for what it says; raises ReadError."""
        try:
            return self._diagnose(workspace, version)
        except ReadError as fault:
            other = _served(fault, version)
            if other is None:
                raise
            return self._diagnose(workspace, other)

    def _diagnose(self, workspace: str, version: str) -> Item:
        path = quote(DIAGNOSE.path.format(workspace=workspace), safe=_SAFE)
        self._guards.read_only.allowed_posts.add(path.lower())
        parts: Item = {part: {} for part in _DIAGNOSED}
        url = f"{path}?api-version={version}"
        data, answer = self._exchange("POST", url, {"value": parts}, (200, _ACCEPTED))
        result = answer.headers.get("Location") or ""
        state = answer.headers.get("Azure-AsyncOperation") or ""
        while answer.status_code == _ACCEPTED:
            if not (result or state):
                raise ReadError("NotUnderstood", "the service does not say where its result is")
            self.clock.sleep(_seconds(answer.headers.get("Retry-After")))
            data, answer = self._exchange("GET", result or state, None, (200, _ACCEPTED))
        if not result and state:
            data = self._finished(data, state)
        return _object(data)

    def _finished(self, data: object, url: str) -> object:
        while True:
            told = _object(data)
            status = str(told.get("status", "")).lower()
            if status in {"", "succeeded"}:
                return told.get("properties") or told
            if status in {"failed", "canceled"}:
                raise ReadError("DiagnoseFailed", str(told.get("error") or status))
            self.clock.sleep(_POLL)
            data, _ = self._exchange("GET", url, None, (200, _ACCEPTED))


_DIAGNOSED: Final = (
    "udr",
    "nsg",
    "resourceLock",
    "dnsResolution",
    "storageAccount",
    "keyVault",
    "containerRegistry",
    "applicationInsights",
    "others",
)
_POLL: Final = 5.0


def _seconds(stated: str | None) -> float:
    return float(stated) if stated and stated.isdigit() else _POLL


def _groups(reader: Reader, question: Question, keep: Hook) -> Any:  # noqa: ANN401
    client = reader.client(ResourceManagementClient, question)
    return client.resource_groups.list(raw_response_hook=keep)


def _provider(reader: Reader, question: Question, keep: Hook) -> Any:  # noqa: ANN401
    client = reader.client(ResourceManagementClient, question)
    return client.providers.get(ML, raw_response_hook=keep)


def _assignments(reader: Reader, question: Question, keep: Hook) -> Any:  # noqa: ANN401
    client = reader.client(AuthorizationManagementClient, question)
    return client.role_assignments.list_for_subscription(
        raw_response_hook=keep, api_version=question.version
    )


def _definitions(reader: Reader, question: Question, keep: Hook) -> Any:  # noqa: ANN401
    client = reader.client(AuthorizationManagementClient, question)
    scope = f"subscriptions/{question.subscription}"
    return client.role_definitions.list(scope, raw_response_hook=keep, api_version=question.version)


def _deny_assignments(reader: Reader, question: Question, keep: Hook) -> Any:  # noqa: ANN401
    client = reader.client(AuthorizationManagementClient, question)
    return client.deny_assignments.list(raw_response_hook=keep, api_version=question.version)


_OPERATIONS: Final[dict[str, Callable[[Reader, Question, Hook], Any]]] = {
    Facet.GROUPS: _groups,
    Facet.PROVIDER: _provider,
    Facet.ROLE_ASSIGNMENTS: _assignments,
    Facet.ROLE_DEFINITIONS: _definitions,
    Facet.DENY_ASSIGNMENTS: _deny_assignments,
}


class _Pages:
    """The pages of one list: each link is followed once."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def take(self, data: object) -> tuple[list[Item], str | None]:
        """Give the items of a page and its link; raises ReadError for what is no page."""
        page = _object(data)
        items = page.get("value")
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise ReadError("NotAList", "the answer holds no list of objects in `value`")
        link = page.get("nextLink")
        if not link:
            return items, None
        if not isinstance(link, str):
            raise ReadError("NotAList", "the link to the next page is no text")
        if link in self._seen:
            raise ReadError("NextLinkLoop", f"page {len(self._seen) + 1} leads back to an earlier")
        if len(self._seen) >= _PAGES:
            raise ReadError("NextLinkLoop", f"there are more than {_PAGES} pages")
        self._seen.add(link)
        return items, link


def _object(data: object) -> Item:
    if not isinstance(data, dict):
        raise ReadError("NotAnObject", f"the answer is {type(data).__name__}, not an object")
    return data


def _served(fault: ReadError, asked: str) -> str | None:
    """Find the version to ask instead of one that the service does not serve."""
    if fault.code not in _VERSION_CODES:
        return None
    return best_version(set(VERSION.findall(fault.text)) - {asked}, asked)
