"""The rule deny-assignment-blocks-scaling."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

from azmlint import (
    FALSE,
    TRUE,
    Compute,
    DenyAssignment,
    DeploymentStack,
    Estate,
    Facet,
    Finding,
    Items,
    Object,
    Reason,
    ResourceId,
    Rule,
    Severity,
    Term,
    Truth,
    Value,
    Workspace,
)
from azmlint_rules.locks._guarded import (
    BATCH_KINDS,
    has_public_address,
    in_force_on,
    network_users,
    workspaces_in,
)


class DenyAssignmentBlocksScaling(Rule[DenyAssignment]):
    """Deny assignment forbids what scaling of compute clusters takes.

    ## Why
    A deny assignment refuses actions to everybody but the principals that it leaves out, whatever roles
    they have. Deployment stacks with deny settings, managed applications and blueprints set them. Where
    one forbids to write or delete load balancers, public addresses or network security groups in the
    resource group of a virtual network with compute nodes, Azure cannot make or give back what these
    need; where it forbids to write or delete computes, none can be created, changed or deleted. The
    effect on scaling is deduced, not documented.

    ## Not when
    It leaves out whoever acts for the service, which cannot be seen, or covers no compute and no network of
    one.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "properties": {"computeType": "AmlCompute", "properties": {"subnet": {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"}}}}]},
        {"facet": "denyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Authorization/denyAssignments/d1", "name": "d1", "properties": {"denyAssignmentName": "Keep the network", "scope": "/subscriptions/s/resourceGroups/net", "permissions": [{"actions": ["*/delete"], "notActions": []}], "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}], "excludePrincipals": []}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "properties": {"computeType": "AmlCompute", "properties": {"subnet": {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"}}}}]},
        {"facet": "denyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Authorization/denyAssignments/d1", "name": "d1", "properties": {"denyAssignmentName": "Keep the network", "scope": "/subscriptions/s/resourceGroups/net", "permissions": [{"actions": ["Microsoft.Network/virtualNetworks/delete"], "notActions": []}], "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}], "excludePrincipals": []}}]}
      ]
    }
    ```

    ## How sure
    Deduced from how deny assignments work.

    ## References
    - Azure role-based access control, List Azure deny assignments (read November 2026)
    - Azure Resource Manager, Deployment stacks, deny settings (read November 2026)
    """

    name = "deny-assignment-blocks-scaling"
    severity = Severity.ERROR
    needs = frozenset({Facet.DENY_ASSIGNMENTS, Facet.WORKSPACES})
    uses = frozenset({Facet.COMPUTES, Facet.DEPLOYMENT_STACKS})
    judges_declared = False

    def check(self, denial: DenyAssignment, estate: Estate) -> Iterator[Finding]:
        on_network = _denied(denial, BATCH_KINDS)
        if on_network is not None:
            users = [
                (network, compute)
                for scope in _below(denial)
                for network, compute in network_users(scope, estate)
                if has_public_address(compute)
            ]
            if users:
                yield self._on_network(denial, users, on_network(), estate)
                return
        on_computes = _denied(denial, frozenset({_COMPUTES}))
        covered = _covered(denial, estate) if on_computes is not None else []
        if covered and on_computes is not None:
            more = f" and {len(covered) - 1} more" if len(covered) > 1 else ""
            yield self.finding(
                denial,
                f"{_named(denial)} forbids {_whom(denial)} to {on_computes()} {covered[0].label}"
                f"{more}; {_whose(denial, estate)}",
                severity=Severity.WARNING,
                related=[(c, f"{c.label} is covered by it") for c in covered],
                why_no_fix=_way_out(denial, f"{_COMPUTES}/*"),
            )

    def _on_network(
        self,
        denial: DenyAssignment,
        users: list[tuple[ResourceId, Compute]],
        verbs: str,
        estate: Estate,
    ) -> Finding:
        network, first = users[0]
        group = network.group.name if network.group is not None else ""
        more = f" and of {len(users) - 1} more" if len(users) > 1 else ""
        return self.finding(
            denial,
            f"{_named(denial)} forbids {_whom(denial)} to {verbs} network objects in the resource "
            f"group '{group}' of the network of {first.label}{more}, which Azure makes and deletes as "
            f"nodes come and go; {_whose(denial, estate)}",
            severity=None if _is_for_all(denial) else Severity.WARNING,
            related=[(c, f"{c.label} has its nodes in '{n.name}'") for n, c in users],
            why_no_fix=_way_out(denial, "Microsoft.Network/*"),
        )


_VERBS = ("delete", "write")
_COMPUTES = "microsoft.machinelearningservices/workspaces/computes"
_EVERYBODY = "00000000-0000-0000-0000-000000000000"
_STACK = re.compile(r"created by deployment stack '([^']+)'", re.IGNORECASE)
_TOLD = 3


def _denied(denial: DenyAssignment, kinds: frozenset[str]) -> Callable[[], str] | None:
    """Give the verbs that are denied on resources of some types; None when none can be.

    Asking for them raises Undecided where a condition decides.
    """
    verdicts = {v: _denies(denial, [f"{k}/{v}" for k in sorted(kinds)]) for v in _VERBS}
    if all(verdict.known is False for verdict in verdicts.values()):
        return None
    return lambda: " and ".join(verb for verb, verdict in verdicts.items() if verdict)


def _denies(denial: DenyAssignment, actions: list[str]) -> Truth:
    """Whether one of some actions is denied."""
    verdict = FALSE
    for permission in denial.permissions.require().members:
        data = permission.data
        if not isinstance(data, Object):
            continue
        denied, left = _patterns(data.lookup("actions")), _patterns(data.lookup("notActions"))
        if any(_is_in(a, denied) and not _is_in(a, left) for a in actions):
            condition = data.lookup("condition")
            if condition is None or condition.data in {None, ""}:
                return TRUE
            text = f"the condition of {denial.label} is not evaluated"
            verdict = Truth(None, (Reason("function", text),))
    return verdict


def _is_in(action: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(action, pattern) for pattern in patterns)


def _patterns(term: Term | None) -> list[str]:
    found = [str(t.data).lower() for t in term.members()] if term is not None else []
    # Of the characters that stand for others, actions know the asterisk only.
    return [re.sub(r"([\[?])", r"[\1]", text) for text in found]


def _below(denial: DenyAssignment) -> list[ResourceId]:
    """List the groups and subscriptions in which it reaches what is in them."""
    return [] if denial.skips_children.equals(other=True) else in_force_on(denial)


def _covered(denial: DenyAssignment, estate: Estate) -> list[Compute]:
    """List the computes that it reaches."""
    scope = denial.scope
    kind = scope.resource_type if scope is not None else None
    if scope is not None and kind == _COMPUTES:
        compute = estate.look_up(Compute, scope)
        return [compute] if compute is not None else []
    if denial.skips_children.equals(other=True):
        return []
    workspaces = [w for s in in_force_on(denial) for w in workspaces_in(s, estate)]
    if scope is not None and kind == Workspace.arm_type.lower():
        workspaces = [estate.find(Workspace, scope)]
    return [c for w in workspaces for c in estate.scaled_computes_of(w)]


def _is_for_all(denial: DenyAssignment) -> bool:
    return any(_EVERYBODY in name for name in _ids(denial.principals))


def _ids(principals: Value[Items]) -> list[str]:
    """List the ids of principals."""
    items = principals.known
    found = []
    for term in items.members if items is not None else ():
        own = term.data.lookup("id") if isinstance(term.data, Object) else None
        if own is not None and own.data:
            found.append(str(own.data))
    return found


def _whom(denial: DenyAssignment) -> str:
    """Say to whom it applies, and whom it leaves out."""
    excluded = _ids(denial.excluded_principals)
    but = f" but {_listed(excluded)}" if excluded else ""
    if _is_for_all(denial):
        return f"everybody{but}"
    return f"{_listed(_ids(denial.principals)) or 'some principals'}{but}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(names[:_TOLD]) + more


def _whose(denial: DenyAssignment, estate: Estate) -> str:
    """Say what set it, as far as that is known."""
    match = _STACK.search(denial.title.known or "")
    if match is not None:
        stack = estate.look_up(DeploymentStack, ResourceId((match[1],)))
        mode = stack.deny_mode.known if stack is not None else None
        how = f" with the deny mode {mode}" if mode else ""
        return f"the deployment stack '{match[1].rpartition('/')[2]}' set it{how}"
    if denial.is_of_the_system.equals(other=True):
        return "the system holds it, for a managed application or a blueprint as a rule"
    return "what set it is not known here"


def _way_out(denial: DenyAssignment, actions: str) -> str:
    match = _STACK.search(denial.title.known or "")
    if match is not None:
        return (
            f"deploy the stack {match[1]} again with {actions} among its excluded actions; the "
            "assignment itself cannot be taken away"
        )
    return "only what set it can take it away: ask its owner to leave these actions out"


def _named(denial: DenyAssignment) -> str:
    title = denial.title.known
    # The name that a stack gives holds the whole id of the stack, which is named anyhow.
    return f"{denial.label} ({title})" if title and not _STACK.search(title) else denial.label
