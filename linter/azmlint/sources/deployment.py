"""What expressions see of the deployment they are in, whatever the language of the template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions.arm import Budget, Evaluator, Locals
from azmlint.expressions.arm_values import Refused, joined, opaque
from azmlint.expressions.term import UNKNOWN, Object, Symbol, Term, text_of, unknown
from azmlint.expressions.truth import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from azmlint.expressions.arm_syntax import Call
    from azmlint.expressions.term import Part
    from azmlint.expressions.worlds import Worlds
    from azmlint.sources.document import Binding

OPTION_LIMIT: Final = 16
"""How many allowed values of a parameter are tried; more is undecided."""

# fmt: off
_RUNTIME: Final = frozenset({
    "deployer", "environment", "pickzones", "providers", "references", "roledefinitions", "tenant",
    "tologicalzone", "tologicalzones", "tophysicalzone", "tophysicalzones",
})
# fmt: on

_RANDOM: Final = frozenset({"newguid", "utcnow"})


class Deployment(NamedTuple):
    """Where a template is deployed to."""

    subscription: Part
    group: Part | None
    """None in a deployment to a subscription or above."""

    location: Term
    """The region of the group, or of the deployment itself."""

    key: Hashable
    """Tells deployments apart."""

    def scope(self) -> tuple[Part, ...]:
        """Give the id of the group or subscription."""
        parts: tuple[Part, ...] = ("/subscriptions/", self.subscription)
        if self.group is not None:
            parts = (*parts, "/resourceGroups/", self.group)
        return parts


def root_deployment(path: str, binding: Binding, *, has_group: bool) -> Deployment:
    """Say where a file that is deployed itself goes, as far as anybody says."""
    key = ("deployment", path)
    subscription: Part = binding.subscription or Symbol(
        ("subscription", key), "subscription().subscriptionId"
    )
    group: Part = binding.resource_group or Symbol(("group", key), "resourceGroup().name")
    shown = "resourceGroup().location" if has_group else "deployment().location"
    location = (
        Term(binding.location)
        if binding.location
        else unknown("parameter", f"{shown} is not known here", Symbol((shown, key), shown))
    )
    return Deployment(subscription, group if has_group else None, location, key)


class DeploymentEvaluator(Evaluator):
    """Evaluates the functions that ask for the deployment."""

    def __init__(self, deployment: Deployment, worlds: Worlds, budget: Budget) -> None:
        """Answer for one deployment."""
        super().__init__(worlds, budget)
        self.deployment = deployment
        self._kept: dict[tuple[str, str], Term] = {}
        self._kept_here: dict[tuple[str, str], Term] = {}
        """What rests on decisions, for the world of `_turn` only."""
        self._turn = worlds.turn
        self._active: set[tuple[str, str]] = set()

    def scope_call(self, call: Call, locals_: Locals) -> Term | None:
        """Call a function that depends on the deployment."""
        name = call.name
        method = _SCOPE.get(name)
        if method is not None:
            return method(self, call, locals_)
        if (name.startswith("list") and name != "list") or name in _RUNTIME:
            return self._runtime(call, locals_)
        if name in _RANDOM:
            symbol = Symbol((name, self.deployment.key, call), f"{call.shown}()")
            return unknown("function", f"{call.shown}() differs at each deployment", symbol)
        return None

    def first(self, call: Call, locals_: Locals) -> Term:
        """Evaluate the first argument of a call."""
        if not call.arguments:
            message = f"{call.shown} wants an argument"
            raise Refused(message)
        return self.expression(call.arguments[0], locals_)

    def _runtime(self, call: Call, locals_: Locals) -> Term:
        arguments = [self.expression(a, locals_) for a in call.arguments]
        made = opaque(call.shown, arguments)
        reason = Reason("runtime", f"{call.shown}() is answered at deployment")
        return Term(UNKNOWN, reason=reason, parts=made.parts, decisions=made.decisions)

    def once(self, kind: str, name: str, work: Callable[[str], Term]) -> Term:
        """Work a named value out once in each world on which it rests."""
        key = (kind, name.casefold())
        if self._turn != self.worlds.turn:
            self._turn = self.worlds.turn
            self._kept_here = {}
        kept = self._kept.get(key) or self._kept_here.get(key)
        if kept is not None:
            return kept
        if key in self._active:
            symbol = Symbol((kind, self.deployment.key, name.casefold()), f"{kind}s('{name}')")
            return unknown("invalid", f"{kind} '{name}' refers to itself", symbol)
        self._active.add(key)
        try:
            term = work(name)
        finally:
            self._active.discard(key)
        kept_in = self._kept_here if term.rests_on_decisions else self._kept
        kept_in[key] = term
        return term

    # Scopes and ids

    def _resource_group(self, _call: Call, _locals: Locals) -> Term:
        here = self.deployment
        if here.group is None:
            message = "resourceGroup() has no meaning outside of a group"
            raise Refused(message)
        group = _part_term(here.group, "the resource group of the deployment")
        return Term(
            Object(
                (
                    ("id", parts_term(here.scope())),
                    ("name", group),
                    ("location", here.location),
                    ("type", Term("Microsoft.Resources/resourceGroups")),
                    ("tags", _member_symbol(here, "resourceGroup().tags")),
                    ("properties", _member_symbol(here, "resourceGroup().properties")),
                )
            )
        )

    def _subscription(self, _call: Call, _locals: Locals) -> Term:
        here = self.deployment
        return Term(
            Object(
                (
                    ("id", parts_term(("/subscriptions/", here.subscription))),
                    ("subscriptionId", _part_term(here.subscription, "the subscription")),
                    ("tenantId", _member_symbol(here, "subscription().tenantId")),
                    ("displayName", _member_symbol(here, "subscription().displayName")),
                )
            )
        )

    def _deployment(self, _call: Call, _locals: Locals) -> Term:
        here = self.deployment
        return Term(
            Object(
                (
                    ("name", _member_symbol(here, "deployment().name")),
                    ("location", here.location),
                    ("properties", _member_symbol(here, "deployment().properties")),
                )
            )
        )

    def _management_group(self, _call: Call, _locals: Locals) -> Term:
        return _member_symbol(self.deployment, "managementGroup()")

    def _resource_id(self, call: Call, locals_: Locals) -> Term:
        arguments = [self.expression(a, locals_) for a in call.arguments]
        at = _type_index(arguments)
        if at is None:
            return opaque("resourceId", arguments)
        here = self.deployment
        subscription: tuple[Part, ...] = (here.subscription,)
        group: tuple[Part, ...] | None = (here.group,) if here.group is not None else None
        if at == 1:
            group = arguments[0].text_parts
        elif at == 2:  # noqa: PLR2004  # subscription and group
            subscription, group = arguments[0].text_parts, arguments[1].text_parts
        prefix: tuple[Part, ...] = ("/subscriptions/", *subscription)
        if group is not None:
            prefix = (*prefix, "/resourceGroups/", *group)
        return _id_term(prefix, arguments[at:])

    def _subscription_resource_id(self, call: Call, locals_: Locals) -> Term:
        arguments = [self.expression(a, locals_) for a in call.arguments]
        at = _type_index(arguments)
        if at is None:
            return opaque("subscriptionResourceId", arguments)
        subscription = arguments[0].text_parts if at else (self.deployment.subscription,)
        return _id_term(("/subscriptions/", *subscription), arguments[at:])

    def _tenant_resource_id(self, call: Call, locals_: Locals) -> Term:
        return _id_term((), [self.expression(a, locals_) for a in call.arguments])

    def _management_group_resource_id(self, call: Call, locals_: Locals) -> Term:
        arguments = [self.expression(a, locals_) for a in call.arguments]
        at = _type_index(arguments)
        if at is None:
            return opaque("managementGroupResourceId", arguments)
        here = Symbol(("management group", self.deployment.key), "managementGroup().name")
        group: tuple[Part, ...] = arguments[0].text_parts if at else (here,)
        prefix = ("/providers/Microsoft.Management/managementGroups/", *group)
        return _id_term(prefix, arguments[at:])

    def _extension_resource_id(self, call: Call, locals_: Locals) -> Term:
        base = self.first(call, locals_)
        rest = [self.expression(a, locals_) for a in call.arguments[1:]]
        return _id_term(base.text_parts, rest).resting_on(base.decisions)


def with_role(term: Term, role: str) -> Term:
    """Give a value whose first place plays another part, such as that of an argument."""
    if not term.trace:
        return term
    first, *rest = term.trace
    return Term(
        term.data,
        (first.as_role(role), *rest),
        reason=term.reason,
        parts=term.parts,
        decisions=term.decisions,
        is_literal=term.is_literal,
    )


def _part_term(part: Part, text: str) -> Term:
    if isinstance(part, str):
        return Term(part)
    return Term(UNKNOWN, reason=Reason("parameter", f"{text} is not known here"), parts=(part,))


def parts_term(parts: Sequence[Part]) -> Term:
    """Give a text of which pieces may be unknown as a term."""
    whole = text_of(parts)
    if len(whole) == 1 and isinstance(whole[0], str):
        return Term(whole[0])
    names = [p.text for p in whole if isinstance(p, Symbol)]
    text = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} not known here"
    return Term(UNKNOWN, reason=Reason("parameter", text), parts=whole)


def _member_symbol(deployment: Deployment, text: str) -> Term:
    return unknown("runtime", f"{text} is not known here", Symbol((text, deployment.key), text))


def _type_index(arguments: Sequence[Term]) -> int | None:
    for index, argument in enumerate(arguments[:3]):
        if isinstance(argument.data, str) and "/" in argument.data and "." in argument.data:
            return index
    return None


def _id_term(prefix: tuple[Part, ...], arguments: Sequence[Term]) -> Term:
    kind = arguments[0].data if arguments else None
    if not isinstance(kind, str):
        return opaque("resourceId", arguments)
    # The service takes `Microsoft.Storage/storageAccounts/` as well, and its samples write it.
    namespace, *types = kind.removesuffix("/").split("/")
    names = list(arguments[1:])
    if len(types) != len(names):
        message = f"'{kind}' wants {len(types)} names"
        raise Refused(message)
    pieces: list[Term] = [parts_term(prefix)] if prefix else []
    pieces.append(Term(f"/providers/{namespace}"))
    for type_name, name in zip(types, names, strict=True):
        pieces += [Term(f"/{type_name}/"), name]
    return joined(pieces)


_SCOPE: Final[dict[str, Callable[[DeploymentEvaluator, Call, Locals], Term | None]]] = {
    "resourcegroup": DeploymentEvaluator._resource_group,  # noqa: SLF001  # the class's own table
    "subscription": DeploymentEvaluator._subscription,  # noqa: SLF001
    "deployment": DeploymentEvaluator._deployment,  # noqa: SLF001
    "managementgroup": DeploymentEvaluator._management_group,  # noqa: SLF001
    "resourceid": DeploymentEvaluator._resource_id,  # noqa: SLF001
    "subscriptionresourceid": DeploymentEvaluator._subscription_resource_id,  # noqa: SLF001
    "managementgroupresourceid": DeploymentEvaluator._management_group_resource_id,  # noqa: SLF001
    "tenantresourceid": DeploymentEvaluator._tenant_resource_id,  # noqa: SLF001
    "extensionresourceid": DeploymentEvaluator._extension_resource_id,  # noqa: SLF001
}
"""Functions that depend on the deployment, in lower case."""
