"""Write `docs/live.md` from the table of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from azmlint.azure.calls import CALLS, EXTRAS, FACETS, ML, Call, Per, calls_for, request_count
from azmlint.azure.cloud import CLOUDS
from azmlint.model.facet import Facet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SYMBOLS: Final = {
    Per.TENANT: "1",
    Per.SUBSCRIPTION: "S",
    Per.REGION: "R",
    Per.WORKSPACE: "W",
    Per.ENDPOINT: "E",
    Per.GROUP: "G",
    Per.LOCKED_GROUP: "L",
    Per.ZONE: "Z",
    Per.DEFINITION: "D",
    Per.PRINCIPAL: "I",
    Per.FIREWALL_POLICY: "F",
}
_MEANINGS: Final = {
    Per.SUBSCRIPTION: "subscriptions",
    Per.REGION: "regions of workspaces and computes, added up over the subscriptions",
    Per.WORKSPACE: "workspaces",
    Per.ENDPOINT: "online endpoints",
    Per.GROUP: "resource groups of workspaces and of the networks of their computes",
    Per.LOCKED_GROUP: "resource groups with a lock on them or in them",
    Per.ZONE: "private DNS zones of workspaces",
    Per.DEFINITION: "policy definitions and sets that are assigned, and the members of those sets",
    Per.PRINCIPAL: "managed identities of workspaces and computes",
    Per.FIREWALL_POLICY: "firewall policies",
}
CORE: Final = frozenset(
    {Facet.LOCKS, Facet.COMPUTES, Facet.USAGES, Facet.VM_SIZES, Facet.GROUPS, Facet.NETWORKS}
)
"""What most rules need; the page reckons an example with it."""

_HEAD: Final = """\
# What is asked of Azure

Generated from the table of calls in `linter/azmlint/azure/calls.py`.

`azmlint audit`, `azmlint snapshot` and `azmlint diagnose` only read. Everything goes through one
pipeline that lets out GET requests to Azure Resource Manager and nothing else, but for the two
POST requests below that change nothing and are made only when asked for. The token goes to that
host only; redirects and links to other hosts are refused, and no resource provider is registered.

`--select` and `--ignore` decide which rules run, the rules say which facets they need, and only
the calls of those facets are made. `azmlint audit --print-role` prints the role that allows them.

## Calls

The scope of a call is the id of that for which it is made. *SDK* calls are made by
`ResourceManagementClient` and `AuthorizationManagementClient`, the others by plain GET; what is
answered is kept as it is, whatever a model of the SDK would drop. Where the version is followed by
`*`, it is chosen among those that the resource provider says it serves: the one named, else the
newest older. A service that answers that it does not serve a version is asked the newest older one
that it names.
"""
_LIMITS: Final = """\
## Limits and faults

Azure gives each principal 250 reads at once and 25 a second after that, for each subscription.
Eight threads share one gate for each subscription: a 429 closes it for as long as `Retry-After`
says, and from then on, or as soon as fewer than 20 reads are left, it lets 20 a second through.
Longer waits than 60 seconds are not waited for.

408, 429 and 5xx answers, and broken connections, are tried again; a 401 once, with a new token.
What then is not answered as it should be (another status, an empty or broken or incomplete answer,
a web page, a list whose links go in circles or to another host) is recorded as *denied* (401 and
403, with the permission) or *failed*, with status, code and request id. What was read before that
is kept, everything else is read, and rules that needed what is missing are undecided. The same
holds for what is left when `--deadline` passes or the run is interrupted.

A resource provider that is not registered holds no workspaces: that is an answer, not a fault.
"""


def live_page() -> str:
    """Give the page."""
    lines = [_HEAD, "| facet | path | version | permission | requests | |", "|" + " --- |" * 6]
    for call in CALLS:
        version = f"{call.version}{' *' if call.resource_type else ''}"
        note = "; ".join(part for part in ("SDK" if call.is_typed else "", call.note) if part)
        lines.append(
            f"| {call.facet} | `{call.path}{_filter(call)}` | {version} | {call.permission}"
            f" | {_SYMBOLS[call.per]} | {note} |"
        )
    lines += ["", "Only when asked for:", "", "| option | call | version | permission | requests |"]
    lines.append("|" + " --- |" * 5)
    lines += [
        f"| `{e.option}` | {e.method} `{e.path}` | {e.version} | {e.permission} | {e.times} |"
        for e in EXTRAS
    ]
    lines += [
        "",
        "## Requests",
        "",
        "Where each list fits on one page, the facets of all rules take",
    ]
    lines += [
        "",
        f"    {formula(FACETS)}",
        "",
        "requests, and locks, computes, usages, sizes, groups",
    ]
    lines += ["and networks", "", f"    {formula(CORE)}", "", "where"]
    lines += ["", *(f"- {_SYMBOLS[per]} counts {said}," for per, said in _MEANINGS.items())]
    lines[-1] = f"{lines[-1][:-1]}."
    lines += ["", "| subscriptions | workspaces | regions in each | all facets | the second sum |"]
    lines.append("|" + " ---: |" * 5)
    for subscriptions, workspaces, regions in ((1, 1, 1), (3, 12, 2), (10, 200, 4)):
        counts = {
            Per.SUBSCRIPTION: subscriptions,
            Per.REGION: subscriptions * regions,
            Per.WORKSPACE: workspaces,
        }
        sums = [request_count(facets, counts) for facets in (FACETS, CORE)]
        lines.append(f"| {subscriptions} | {workspaces} | {regions} | {sums[0]} | {sums[1]} |")
    lines += ["", "E, G, L, Z, D, I and F are 0 in this table.", "", _LIMITS, "## Clouds", ""]
    lines += ["| `--cloud` | endpoint | audience | authority |", "|" + " --- |" * 4]
    lines += [f"| {c.name} | {c.endpoint} | {c.scope} | {c.authority} |" for c in CLOUDS.values()]
    lines += [
        "",
        "`--arm-endpoint` names another endpoint; a token for a named cloud never goes there, its",
        "audience is the endpoint itself. Without TLS it is taken on the machine itself only.",
        "",
        "## Discovery",
        "",
        "`--discover resource-graph` asks Resource Graph which subscriptions hold workspaces, and",
        "reads only those; it lags behind by minutes, so that a workspace made just now may be",
        "missed. Where it does not answer, every subscription is read.",
        "",
        "## Parts",
        "",
        "`--shard 2/4` reads the second of four parts of the subscriptions, for audits side by",
        "side. The id of a subscription decides in which part it is. Where a compute has its",
        "network in a subscription of another part, or in one that Resource Graph left out, all",
        "but provider and workspaces is asked there too: what hinders a network hinders its nodes.",
        "",
        "## What is not confirmed",
        "",
        f"The shapes of {ML}'s usages, quotas and sizes are those of the specification's",
        "examples: no recording of the real service is known.",
    ]
    return "\n".join(lines) + "\n"


def _filter(call: Call) -> str:
    return f"?$filter={call.filter}" if call.filter else ""


def formula(facets: Iterable[str]) -> str:
    """Write how many requests some facets take as a sum."""
    kinds = {(call.facet, call.per) for call in calls_for(facets)}
    counts: Mapping[Per, int] = {per: sum(p is per for _, p in kinds) for per in Per}
    terms = ["1"]
    for per in list(Per)[1:]:
        if counts[per]:
            number = "" if counts[per] == 1 else f"{counts[per]}·"
            terms.append(f"{number}{_SYMBOLS[per]}")
    return " + ".join(terms)
