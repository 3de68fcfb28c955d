"""Read what is deployed, facet by facet; what could not be read is said, not left out."""

from __future__ import annotations

import contextlib
import datetime as dt
import queue
import re
import signal
import threading
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from azmlint.azure.calls import (
    CALLS,
    MANAGEMENT_GROUP,
    ML,
    RESOURCE_GRAPH,
    Call,
    Per,
    Question,
    calls_for,
)
from azmlint.azure.cloud import WORKSPACE_ZONES
from azmlint.azure.fault import ReadError, one_line
from azmlint.azure.version import best_version
from azmlint.errors import LiveError
from azmlint.model.access.access import principal_scope
from azmlint.model.facet import COLLECTED, DENIED, FAILED, Facet
from azmlint.model.ids import ResourceId
from azmlint.sources.snapshot import Answer, Snapshot, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

    from azmlint.azure.clock import Clock
    from azmlint.azure.cloud import Cloud
    from azmlint.azure.shard import Shard

Item = dict[str, Any]

WORKERS: Final = 8
LIST: Final = "list"
GRAPH: Final = "resource-graph"
_GRAPH_SUBSCRIPTIONS: Final = 300
_GRAPH_QUERY: Final = (
    f"resources | where type =~ '{ML.lower()}/workspaces' | distinct subscriptionId"
)
_GRACE: Final = 1.0
"""Seconds that a read gets to notice that the time is used up."""

_TICK: Final = 0.5
"""Seconds after which the main thread looks up, so that an interrupt is seen everywhere."""

_NOT_FOUND: Final = 404


class Progress(NamedTuple):
    """How far a collection is; more is asked as more is found."""

    done: int
    asked: int
    facet: str
    scope: str


class Plan(NamedTuple):
    """What to read of which scopes; without a scope, of every subscription that is visible."""

    facets: frozenset[str]
    subscriptions: tuple[str, ...] = ()
    """Ids or display names."""

    resource_groups: tuple[str, ...] = ()
    """Ids, or names in the subscriptions."""

    workspaces: tuple[str, ...] = ()
    """Ids, or names in the groups or subscriptions."""

    management_group: str = ""
    shard: Shard | None = None
    """Which part of the subscriptions; None for all."""

    discover: str = LIST
    """`list`, or `resource-graph`: read only subscriptions that hold workspaces."""

    deadline: float | None = None
    """Seconds for the whole collection."""

    workers: int = WORKERS
    now: dt.datetime | None = None
    """The moment of the snapshot; by default that at which it begins."""

    progress: Callable[[Progress], object] | None = None


class Reads(Protocol):
    """What a collection needs of a reader."""

    @property
    def cloud(self) -> Cloud:
        """The cloud that is read."""

    @property
    def clock(self) -> Clock:
        """The time of the run."""

    def pages(self, question: Question) -> Iterator[list[Item]]:
        """Yield the items of each page; raises ReadError."""

    def post(self, path: str, version: str, body: Item) -> Item:
        """Ask with a body; raises ReadError."""


def collect(plan: Plan, reader: Reads) -> Snapshot:
    """Read what the plan names.

    Every call ends as an answer, also when time runs out or somebody interrupts: the snapshot
    then says of what is missing why. Raises LiveError when there is nothing to read: a
    subscription, group or management group that this sign-in does not see.
    """
    taken = plan.now or dt.datetime.now(dt.UTC)
    reader.clock.limit(plan.deadline)
    run = _Run(plan, reader)
    with _interrupts_stop(reader.clock):
        run.run()
    return snapshot(taken, reader.cloud.name, _built_in_once(run.answers))


@contextlib.contextmanager
def _interrupts_stop(clock: Clock) -> Iterator[None]:
    """Let an interrupt stop the run between two steps, not in one; a second one ends it at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_: int, __: FrameType | None) -> None:
        if clock.is_stopped:
            raise KeyboardInterrupt
        clock.stop()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


class _Job:
    """One question, and what came of it; filled by the thread that asks it."""

    __slots__ = ("fault", "items", "question")

    def __init__(self, question: Question) -> None:
        self.question = question
        self.items: list[Item] = []
        self.fault: ReadError | None = None


class _Run:
    """One collection. All that is here happens in the thread that began it, but for `_work`."""

    def __init__(self, plan: Plan, reader: Reads) -> None:
        self.plan = plan
        self.reader = reader
        self.answers: list[Answer] = []
        self._calls = calls_for(plan.facets)
        self._todo: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._open: dict[int, _Job] = {}
        self._asked: set[tuple[str, str]] = set()
        self._providers: dict[str, Item] = {}
        self._chosen: set[str] = set()
        self._read: frozenset[str] = frozenset()
        self._within: frozenset[str] = frozenset()
        """The subscriptions that networks of computes may be in: those read, and other parts."""

        self._groups_seen: dict[str, bool] = {}
        self._workspaces_seen: set[str] = set()

    def run(self) -> None:
        """Ask, and ask what follows from the answers, until all is answered or the run is over."""
        threads = [
            threading.Thread(target=self._work, daemon=True)
            for _ in range(max(1, self.plan.workers))
        ]
        for thread in threads:
            thread.start()
        try:
            self._begin()
            while self._open:
                job = self._next()
                if job is None:
                    break
                self._settle(job)
            self._check_names()
        except BaseException:
            self.reader.clock.stop()
            raise
        finally:
            for _ in threads:
                self._todo.put(None)
        for job in self._open.values():
            self._record(job, [*job.items], self.reader.clock.why_over())

    def _work(self) -> None:
        while (job := self._todo.get()) is not None:
            try:
                self.reader.clock.check()
                for page in self.reader.pages(job.question):
                    job.items += page
            except ReadError as fault:
                job.fault = fault
            except Exception as error:  # noqa: BLE001  # a thread that dies would hang the run
                job.fault = ReadError("Unexpected", f"{type(error).__name__}: {error}")
            self._done.put(job)

    def _next(self) -> _Job | None:
        """Wait for the next that is done; None when the run is over and nobody comes back."""
        while True:
            over = self.reader.clock.is_over
            with contextlib.suppress(queue.Empty):
                return self._done.get(timeout=_GRACE if over else _TICK)
            if over:
                return None

    def _ask(self, question: Question) -> None:
        key = (question.call.facet, question.scope.casefold())
        if key in self._asked:
            return
        self._asked.add(key)
        job = _Job(question)
        self._open[id(job)] = job
        self._todo.put(job)

    def _settle(self, job: _Job) -> None:
        del self._open[id(job)]
        items, fault = job.items, job.fault
        is_unregistered = fault is not None and fault.code == "MissingSubscriptionRegistration"
        if is_unregistered and job.question.call.is_list:
            # What nobody has registered holds nothing.
            items, fault = [], None
        if job.question.call.facet == Facet.WORKSPACES:
            self._settle_workspaces(job.question, items, fault)
        elif job.question.call.facet == Facet.SUBSCRIPTIONS:
            self._settle_subscriptions(job, items, fault)
        else:
            self._record(job, items, fault)
            self._follow(job.question, items)
        if self.plan.progress is not None:
            done = len(self._asked) - len(self._open)
            facet, scope = job.question.call.facet, job.question.scope
            self.plan.progress(Progress(done, len(self._asked), facet, scope))

    def _record(self, job: _Job, items: Iterable[Item], fault: ReadError | None) -> None:
        self.answers.append(_answer(job.question, items, fault))

    # What is asked first.

    def _begin(self) -> None:
        if self.plan.management_group:
            self._chosen |= self._managed(self.plan.management_group)
        call = next(c for c in self._calls if c.facet == Facet.SUBSCRIPTIONS)
        self._ask(Question(call, "/", call.path, call.version))

    def _managed(self, group: str) -> set[str]:
        name = group.rstrip("/").rpartition("/")[2]
        extra = MANAGEMENT_GROUP
        path = extra.path.format(group=name)
        call = Call("managementGroups", Per.TENANT, path, extra.version, extra.permission)
        found: set[str] = set()
        try:
            for page in self.reader.pages(Question(call, "/", path, extra.version)):
                found |= {
                    str(item.get("name", "")).lower()
                    for item in page
                    if str(item.get("type", "")).lower().endswith("/subscriptions")
                }
        except ReadError as fault:
            needs = f"; it takes {extra.permission}" if fault.is_denied else ""
            message = f"management group '{name}' cannot be read: {fault}{needs}"
            raise LiveError(message) from None
        if not found:
            message = f"management group '{name}' holds no subscription that this sign-in sees"
            raise LiveError(message)
        return found

    def _settle_subscriptions(self, job: _Job, items: list[Item], fault: ReadError | None) -> None:
        question = job.question
        listed = {
            str(item["subscriptionId"]).lower(): item
            for item in items
            if item.get("subscriptionId") and item.get("state") != "Deleted"
        }
        wanted = self._wanted_subscriptions(listed, is_complete=fault is None)
        if fault is None:
            for subscription in self._part(sorted(self._chosen - listed.keys())):
                # It is in the management group, and to leave it out would be to call it sound.
                hidden = ReadError("NotVisible", "this sign-in does not see the subscription")
                own = question._replace(scope=f"/subscriptions/{subscription}")
                self.answers.append(_answer(own, (), hidden)._replace(state=DENIED))
        is_named = wanted is not None or self.plan.shard is not None
        if not is_named or fault is not None:
            self._record(job, items, fault)
        else:
            for subscription in self._part(sorted(listed) if wanted is None else wanted):
                scope = f"/subscriptions/{subscription}"
                self.answers.append(
                    _answer(question._replace(scope=scope), [listed[subscription]], None)
                )
        if wanted is None:
            wanted = sorted(listed)
            if not wanted and fault is None:
                message = "this sign-in sees no subscription: check --tenant, or ask for Reader"
                raise LiveError(message)
        self._within = frozenset(wanted)
        holding = self._holding(self._part(wanted))
        self._read = frozenset(holding)
        for subscription in holding:
            self._ask_subscription(subscription)

    def _part(self, subscriptions: list[str]) -> list[str]:
        shard = self.plan.shard
        return [s for s in subscriptions if shard is None or shard.holds(s)]

    def _wanted_subscriptions(
        self, listed: dict[str, Item], *, is_complete: bool
    ) -> list[str] | None:
        """Give the subscriptions that the plan names; None when it names none."""
        plan = self.plan
        ids = [i for i in (*plan.resource_groups, *plan.workspaces) if i.startswith("/")]
        named = [*plan.subscriptions, *self._chosen]
        if len(ids) == len(plan.resource_groups) + len(plan.workspaces):
            named += [_subscription_of(i) for i in ids]
        if not named:
            return None
        by_name = {str(item.get("displayName", "")).lower(): s for s, item in listed.items()}
        found: set[str] = set()
        for word in named:
            lowered = word.lower().removeprefix("/subscriptions/")
            subscription = lowered if lowered in listed else by_name.get(lowered)
            if subscription is not None:
                found.add(subscription)
            elif is_complete and lowered not in self._chosen:
                message = (
                    f"subscription '{one_line(word)}' is not visible to this sign-in:"
                    " check --subscription and --tenant"
                )
                raise LiveError(message)
            elif not is_complete and lowered.count("-") == _GUID_DASHES:
                found.add(lowered)
        return sorted(found)

    def _holding(self, subscriptions: list[str]) -> list[str]:
        """Keep the subscriptions that hold workspaces, if the plan lets Resource Graph say."""
        plan = self.plan
        names_some = plan.resource_groups or plan.workspaces
        if plan.discover != GRAPH or names_some or not subscriptions:
            return subscriptions
        found: set[str] = set()
        try:
            for start in range(0, len(subscriptions), _GRAPH_SUBSCRIPTIONS):
                found |= self._graph(subscriptions[start : start + _GRAPH_SUBSCRIPTIONS])
        except ReadError:
            return subscriptions  # all are asked themselves, so that nothing is missed
        call = next((c for c in self._calls if c.facet == Facet.WORKSPACES), None)
        for subscription in subscriptions:
            if call is not None and subscription not in found:
                scope = f"/subscriptions/{subscription}"
                told = f"POST {RESOURCE_GRAPH.path}?api-version={RESOURCE_GRAPH.version}"
                self.answers.append(Answer(call.facet, scope, told, COLLECTED, (), call.permission))
        return [s for s in subscriptions if s in found]

    def _graph(self, subscriptions: list[str]) -> set[str]:
        found: set[str] = set()
        token = ""
        while True:
            options = {"resultFormat": "objectArray", "$top": 1000}
            if token:
                options["$skipToken"] = token
            body = {"subscriptions": subscriptions, "query": _GRAPH_QUERY, "options": options}
            told = self.reader.post(RESOURCE_GRAPH.path, RESOURCE_GRAPH.version, body)
            rows = told.get("data")
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise ReadError("NotAList", "Resource Graph answered no rows")
            found |= {_text(row.get("subscriptionId")).lower() for row in rows}
            before, token = token, str(told.get("$skipToken") or "")
            if not token or token == before:
                return found

    def _ask_subscription(self, subscription: str, but: frozenset[str] = frozenset()) -> None:
        for call in self._calls:
            if call.per is Per.SUBSCRIPTION and call.facet not in {Facet.WORKSPACES, *but}:
                path = call.path.format(subscription=subscription)
                scope = f"/subscriptions/{subscription}"
                self._ask(Question(call, scope, path, call.version, subscription))

    # What follows from an answer.

    def _follow(self, question: Question, items: list[Item]) -> None:
        match question.call.facet:
            case Facet.PROVIDER:
                self._providers[question.subscription] = items[0] if items else {}
                self._ask_workspaces(question)
            case Facet.COMPUTES:
                for item in items:
                    self._follow_compute(question, item)
            case Facet.ONLINE_ENDPOINTS:
                for item in items:
                    self._ask_scope(Per.ENDPOINT, _text(item.get("id")), question.subscription)
            case Facet.LOCKS:
                for item in items:
                    self._ask_group(_text(item.get("id")), Per.LOCKED_GROUP)
            case Facet.PRIVATE_ZONES:
                for item in items:
                    if _text(item.get("name")).lower() in WORKSPACE_ZONES:
                        self._ask_scope(Per.ZONE, _text(item.get("id")), question.subscription)
            case Facet.FIREWALL_POLICIES:
                for item in items:
                    own = _text(item.get("id"))
                    self._ask_scope(Per.FIREWALL_POLICY, own, question.subscription)
            case Facet.POLICY_ASSIGNMENTS | Facet.POLICY_DEFINITIONS:
                for item in items:
                    self._ask_definitions(item)

    def _ask_workspaces(self, provider: Question) -> None:
        call = next((c for c in self._calls if c.facet == Facet.WORKSPACES), None)
        if call is None:
            return
        state = _text(self._providers[provider.subscription].get("registrationState"))
        for question in self._workspace_questions(call, provider.subscription):
            if state.lower() in {"notregistered", "unregistered"} and question.call.is_list:
                # Where the provider is not registered there is no workspace.
                told = _answer(question, (), None)
                self.answers.append(told._replace(call=str(provider)))
            else:
                self._ask(question)

    def _workspace_questions(self, call: Call, subscription: str) -> Iterator[Question]:
        own = f"/subscriptions/{subscription}"
        version = self._version(call, subscription)
        ids = [w for w in self.plan.workspaces if w.startswith("/")]
        for workspace in ids:
            if _subscription_of(workspace) == subscription:
                one = call._replace(is_list=False)
                yield Question(one, workspace, workspace, version, subscription)
        groups = [
            group if group.startswith("/") else f"{own}/resourceGroups/{group}"
            for group in self.plan.resource_groups
        ]
        for group in groups:
            if _subscription_of(group) == subscription:
                path = f"{group}/providers/{ML}/workspaces"
                yield Question(call, group, path, version, subscription)
        if not groups and len(ids) == len(self.plan.workspaces) and ids:
            return
        if not groups:
            path = call.path.format(subscription=subscription)
            yield Question(call, own, path, version, subscription)

    def _settle_workspaces(
        self, question: Question, items: list[Item], fault: ReadError | None
    ) -> None:
        is_group = question.call.is_list and "/resourcegroups/" in question.scope.lower()
        if is_group:
            gone = fault is not None and fault.code == "ResourceGroupNotFound"
            name = question.scope.rpartition("/")[2].lower()
            self._groups_seen[name] = self._groups_seen.get(name, False) or not gone
            if gone and len(self._read) > 1:
                items, fault = [], None  # a name is asked of every subscription
        names = {w.lower() for w in self.plan.workspaces if not w.startswith("/")}
        if names and question.call.is_list:
            items = [i for i in items if _text(i.get("name")).lower() in names]
            self._workspaces_seen |= {_text(i.get("name")).lower() for i in items}
            if fault is None:
                for item in items:
                    own = question._replace(scope=_text(item.get("id")))
                    self.answers.append(_answer(own, [item], None))
        if fault is not None or not names or not question.call.is_list:
            self.answers.append(_answer(question, items, fault))
        for item in items:
            own_id = _text(item.get("id"))
            if own_id:
                self._ask_scope(Per.WORKSPACE, own_id, question.subscription)
                self._ask_principals(item, question.subscription)
                self._ask_group(own_id, Per.GROUP)
                self._ask_region(item.get("location"), question.subscription)

    def _check_names(self) -> None:
        """Raise LiveError for a group or workspace that is nowhere, not merely unread."""
        if any(
            a.facet in {Facet.WORKSPACES, Facet.SUBSCRIPTIONS} and a.state != COLLECTED
            for a in self.answers
        ):
            return
        for group in self.plan.resource_groups:
            name = group.rpartition("/")[2].lower()
            if not self._groups_seen.get(name, True):
                message = f"resource group '{name}' is in none of the subscriptions read"
                raise LiveError(message)
        for name in self.plan.workspaces:
            if not name.startswith("/") and name.lower() not in self._workspaces_seen:
                message = f"workspace '{one_line(name)}' is in none of the subscriptions read"
                raise LiveError(message)

    def _follow_compute(self, question: Question, item: Item) -> None:
        self._ask_principals(item, question.subscription)
        properties = item.get("properties")
        inner = properties if isinstance(properties, dict) else {}
        for location in (item.get("location"), inner.get("computeLocation")):
            self._ask_region(location, question.subscription)
        own = inner.get("properties")
        subnet = own.get("subnet") if isinstance(own, dict) else None
        if isinstance(subnet, dict):
            self._ask_around(_text(subnet.get("id")))
            self._ask_group(_text(subnet.get("id")), Per.GROUP)

    def _ask_around(self, subnet_id: str) -> None:
        """Ask what surrounds a network whose subscription is not read for its workspaces."""
        subscription = _subscription_of(subnet_id)
        if subscription in self._within - self._read:
            self._ask_subscription(subscription, but=frozenset({Facet.PROVIDER}))

    def _ask_region(self, location: object, subscription: str) -> None:
        region = _text(location).replace(" ", "").lower()
        if region:
            scope = f"/subscriptions/{subscription}/providers/{ML}/locations/{region}"
            self._ask_scope(Per.REGION, scope, subscription)

    def _ask_group(self, resource_id: str, per: Per) -> None:
        parts = resource_id.lower().split("/")
        # "", subscriptions, id, resourcegroups, name
        if len(parts) < 5 or parts[3] != "resourcegroups":  # noqa: PLR2004  # see above
            return
        subscription, name = parts[2], parts[4]
        if subscription in self._within:
            # In lower case: which of two spellings comes first depends on the threads.
            scope = f"/subscriptions/{subscription}/resourceGroups/{name}"
            self._ask_scope(per, scope, subscription)

    def _ask_scope(self, per: Per, scope: str, subscription: str) -> None:
        for call in self._calls:
            if call.per is per and scope:
                region = scope.rpartition("/")[2]
                path = call.path.format(scope=scope, subscription=subscription, region=region)
                version = self._version(call, subscription)
                self._ask(Question(call, scope, path, version, subscription))

    def _ask_principals(self, item: Item, subscription: str) -> None:
        """Ask for the roles of the identities that a workspace or compute has."""
        identity = item.get("identity")
        if not isinstance(identity, dict):
            return
        assigned = identity.get("userAssignedIdentities")
        rows = [identity, *(assigned.values() if isinstance(assigned, dict) else ())]
        for row in rows:
            principal = _text(row.get("principalId")).lower() if isinstance(row, dict) else ""
            for call in self._calls:
                if call.per is Per.PRINCIPAL and _PRINCIPAL.fullmatch(principal):
                    own = ResourceId((f"/subscriptions/{subscription}",))
                    scope = str(principal_scope(own, principal))
                    path = call.path.format(subscription=subscription)
                    kept = call.filter.format(principal=principal)
                    self._ask(Question(call, scope, path, call.version, subscription, kept))

    def _ask_definitions(self, item: Item) -> None:
        """Ask for what an assignment assigns, or what a set holds."""
        properties = item.get("properties")
        if not isinstance(properties, dict):
            return
        members = properties.get("policyDefinitions")
        rows = [properties, *(members if isinstance(members, list) else ())]
        for row in rows:
            own = _text(row.get("policyDefinitionId")) if isinstance(row, dict) else ""
            scope = own.lower()  # see _ask_group
            for call in self._calls:
                kind = call.permission.lower().removesuffix("/read").rpartition("/")[2]
                if call.per is Per.DEFINITION and f"/{kind}/" in scope:
                    self._ask(Question(call, scope, scope, call.version))

    def _version(self, call: Call, subscription: str) -> str:
        """Choose the version to ask: that of the table, else the best that the provider serves."""
        if not call.resource_type:
            return call.version
        types = self._providers.get(subscription, {}).get("resourceTypes")
        served = {
            _text(row.get("resourceType")).lower(): row.get("apiVersions")
            for row in (types if isinstance(types, list) else ())
            if isinstance(row, dict)
        }
        stated = served.get(call.resource_type.lower()) or served.get("workspaces")
        versions = {v for v in stated if isinstance(v, str)} if isinstance(stated, list) else set()
        return best_version(versions, call.version) or call.version


_GUID_DASHES: Final = 4
_PRINCIPAL: Final = re.compile(r"[0-9a-f-]{36}")


def _answer(question: Question, items: Iterable[Item], fault: ReadError | None) -> Answer:
    call = question.call
    items = (_trimmed(call.facet, item) for item in items)
    state = COLLECTED if fault is None else DENIED if fault.is_denied else FAILED
    reason = "" if fault is None else str(fault)
    return Answer(
        call.facet, question.scope, str(question), state, tuple(items), call.permission, reason
    )


_SERVED: Final = frozenset(call.resource_type.lower() for call in CALLS if call.resource_type)
_UNSEEN: Final = frozenset({"parameters", "outputs", "template"})
_DEPLOYED: Final = frozenset({Facet.DEPLOYMENTS, Facet.DEPLOYMENT_STACKS})


def _trimmed(facet: str, item: Item) -> Item:
    """Leave out what nobody reads and is large, or may be a secret under any name."""
    if facet == Facet.PROVIDER:
        rows = item.get("resourceTypes")
        types = [
            row
            for row in (rows if isinstance(rows, list) else ())
            if isinstance(row, dict) and _text(row.get("resourceType")).lower() in _SERVED
        ]
        return {**item, "resourceTypes": types}
    properties = item.get("properties")
    if facet in _DEPLOYED and isinstance(properties, dict):
        return {**item, "properties": {k: v for k, v in properties.items() if k not in _UNSEEN}}
    return item


def _built_in_once(answers: Iterable[Answer]) -> Iterator[Answer]:
    """Keep built-in roles in the first list only: they are the same, and many, in every one."""
    known: set[str] = set()
    for answer in sorted(answers, key=lambda a: a.scope):
        if answer.facet == Facet.ROLE_DEFINITIONS and answer.state == COLLECTED:
            names = {_text(i.get("name")) for i in answer.items if _is_built_in(i)}
            items = tuple(i for i in answer.items if _text(i.get("name")) not in known)
            known |= names
            yield answer._replace(items=items)
        else:
            yield answer


def _is_built_in(item: Item) -> bool:
    properties = item.get("properties")
    return isinstance(properties, dict) and properties.get("type") == "BuiltInRole"


def _subscription_of(resource_id: str) -> str:
    parts = resource_id.lower().split("/")
    return parts[2] if len(parts) > 2 and parts[1] == "subscriptions" else ""  # noqa: PLR2004


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
