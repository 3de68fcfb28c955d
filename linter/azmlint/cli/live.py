"""The options of commands that read Azure, and the reading itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from azmlint import azure
from azmlint.cli.options import chained

if TYPE_CHECKING:
    from azmlint.azure import Progress
    from azmlint.azure.reader import Reader
    from azmlint.sources.snapshot import Snapshot

_KEY: Final = "azmlint.live"


def _keep(ctx: click.Context, option: click.Parameter, value: object) -> object:
    """Set an option aside, so that commands hand on one thing instead of ten."""
    ctx.meta.setdefault(_KEY, {})[option.name] = value
    return value


def _option(*names: str, **settings: Any) -> Any:  # noqa: ANN401  # as click declares it
    return click.option(*names, expose_value=False, callback=_keep, **settings)


scopes = chained(
    _option(
        "--subscription",
        "subscriptions",
        multiple=True,
        metavar="ID|NAME",
        help="Read this one; repeatable [default: all that are visible].",
    ),
    _option(
        "--resource-group",
        "resource_groups",
        multiple=True,
        metavar="ID|NAME",
        help="Read the workspaces in this group; repeatable.",
    ),
    _option(
        "--management-group", default="", metavar="ID", help="Read the subscriptions below it."
    ),
    _option(
        "--discover",
        type=click.Choice(["list", "resource-graph"]),
        default="list",
        help="How to find the subscriptions that hold workspaces.",
    ),
)
shard = chained(
    _option(
        "--shard",
        metavar="I/N",
        help="Read the I-th of N parts of the subscriptions; each is always in the same part.",
    )
)
workspaces = chained(
    _option(
        "--workspace",
        "workspaces",
        multiple=True,
        metavar="ID|NAME",
        help="Read this workspace; repeatable.",
    )
)
sign_in = chained(
    _option(
        "--auth", type=click.Choice(azure.AUTH_METHODS), default="default", help="How to sign in."
    ),
    _option("--tenant", default="", metavar="ID", help="Sign in to this tenant."),
    _option(
        "--cloud", type=click.Choice(tuple(azure.CLOUDS)), default="AzureCloud", help="Which Azure."
    ),
    _option(
        "--arm-endpoint",
        default="",
        metavar="URL",
        help="The Resource Manager of a private cloud; plain http to this machine only.",
    ),
    _option(
        "--deadline",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="Stop reading after so long; what is left is said to be missing.",
    ),
)


class Live(NamedTuple):
    """What the command line says of reading Azure."""

    subscriptions: tuple[str, ...] = ()
    resource_groups: tuple[str, ...] = ()
    workspaces: tuple[str, ...] = ()
    management_group: str = ""
    shard: azure.Shard | None = None
    discover: str = "list"
    auth: str = "default"
    tenant: str = ""
    cloud: str = "AzureCloud"
    arm_endpoint: str = ""
    deadline: float | None = None


def live_of(ctx: click.Context) -> Live:
    """Gather the options set aside."""
    given = dict(ctx.meta.get(_KEY, {}))
    if given.get("shard") is not None:
        try:
            given["shard"] = azure.shard_of(given["shard"])
        except ValueError as error:
            raise click.BadParameter(str(error), ctx, param_hint="--shard") from None
    live = Live(**given)
    if live.shard is not None and (live.resource_groups or live.workspaces):
        message = "--shard takes a part of the subscriptions: name no group or workspace beside it"
        raise click.UsageError(message, ctx)
    return live


def refuse_beside_snapshot(ctx: click.Context, live: Live) -> None:
    """Refuse options about reading Azure where a snapshot is read instead."""
    names = {field: f"--{field.removesuffix('s').replace('_', '-')}" for field in Live._fields}
    names["cloud"], names["tenant"] = "--cloud", "--tenant"
    given = [names[n] for n in Live._fields if getattr(live, n) != Live._field_defaults[n]]
    if given:
        message = f"{', '.join(given)}: a snapshot is read, so Azure is not asked"
        raise click.UsageError(message, ctx)


def open_reader(live: Live) -> Reader:
    """Sign in; the SDK is loaded here."""
    options = azure.Options(
        auth=live.auth, tenant=live.tenant, cloud=live.cloud, arm_endpoint=live.arm_endpoint
    )
    return azure.open_reader(options)


def collect(reader: Reader, live: Live, facets: frozenset[str]) -> Snapshot:
    """Read facets of what the options name; progress goes to a terminal only."""
    line = _Line()
    plan = azure.Plan(
        facets=facets,
        subscriptions=live.subscriptions,
        resource_groups=live.resource_groups,
        workspaces=live.workspaces,
        management_group=live.management_group,
        shard=live.shard,
        discover=live.discover,
        deadline=live.deadline,
        progress=line.show if sys.stderr.isatty() else None,
    )
    try:
        return azure.collect(plan, reader)
    finally:
        line.clear()


class _Line:
    """One line on the terminal that tells how far a collection is."""

    def __init__(self) -> None:
        self.width = 0

    def show(self, progress: Progress) -> None:
        """Write over the line before."""
        text = f"azmlint: {progress.done} of {progress.asked} reads; {progress.facet}"[:79]
        sys.stderr.write(f"\r{text:{self.width}}")
        sys.stderr.flush()
        self.width = len(text)

    def clear(self) -> None:
        """Leave nothing behind."""
        if self.width:
            sys.stderr.write(f"\r{'':{self.width}}\r")
            sys.stderr.flush()
