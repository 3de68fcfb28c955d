"""The rule registry-abac-ignores-acrpull."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    ContainerRegistry,
    Estate,
    Facet,
    Finding,
    Fix,
    Principal,
    Reason,
    ResourceId,
    RoleAssignment,
    Rule,
    Severity,
    Undecided,
)
from azmlint_rules.granted import ASSIGNED, DEFINED
from azmlint_rules.recipes import grant, revoke

READ_CONTENT = "Microsoft.ContainerRegistry/registries/repositories/content/read"
_INSTEAD = {
    "acrpull": "Container Registry Repository Reader",
    "acrpush": "Container Registry Repository Writer",
}
_NAMES = {
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
    "8311e382-0749-4cb8-b61a-304f252e45ec": "AcrPush",
}


class RegistryAbacIgnoresAcrpull(Rule[RoleAssignment]):
    """AcrPull or AcrPush is assigned on a registry that does not honour them.

    ## Why
    A registry of which the roles are assigned with repository permissions
    (`roleAssignmentMode: AbacRepositoryPermissions`) honours the repository roles only. With AcrPull nodes
    may pull nothing, and it looks as if they could. What Azure Machine Learning grants by itself is
    AcrPull.

    ## Not when
    The registry has no such mode, which is so for all that do not say it, or the principal has a repository
    role as well.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "registries", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images", "name": "images", "location": "westeurope", "properties": {"roleAssignmentMode": "AbacRepositoryPermissions"}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images"}}]},
        {"facet": "denyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ```bicep
    resource images 'Microsoft.ContainerRegistry/registries@2025-11-01' = {
      name: 'images'
      location: 'westeurope'
      sku: {
        name: 'Premium'
      }
      properties: {
        roleAssignmentMode: 'AbacRepositoryPermissions'
      }
    }

    resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
      name: 'train'
      location: 'westeurope'
    }

    resource pull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
      name: guid(images.id, 'train')
      scope: images
      properties: {
        principalId: identity.properties.principalId
        principalType: 'ServicePrincipal'
        roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')
      }
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "registries", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images", "name": "images", "location": "westeurope", "properties": {"roleAssignmentMode": "AbacRepositoryPermissions"}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/b93aa761-3e63-49ed-ac28-beffa264f7ac", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images"}}]},
        {"facet": "denyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ```bicep
    resource images 'Microsoft.ContainerRegistry/registries@2025-11-01' = {
      name: 'images'
      location: 'westeurope'
      sku: {
        name: 'Premium'
      }
      properties: {
        roleAssignmentMode: 'AbacRepositoryPermissions'
      }
    }

    resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
      name: 'train'
      location: 'westeurope'
    }

    resource pull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
      name: guid(images.id, 'train')
      scope: images
      properties: {
        principalId: identity.properties.principalId
        principalType: 'ServicePrincipal'
        roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'b93aa761-3e63-49ed-ac28-beffa264f7ac')
      }
    }
    ```

    ## How sure
    Documented; the name of the property and its values are specified.

    ## References
    - Azure Container Registry, Attribute-based repository permissions (2026)
    - Azure Container Registry, REST reference, registries 2025-11-01
    """

    name = "registry-abac-ignores-acrpull"
    severity = Severity.ERROR
    uses = ASSIGNED | DEFINED | {Facet.REGISTRIES}

    def check(self, assignment: RoleAssignment, estate: Estate) -> Iterator[Finding]:
        scope = assignment.scope
        if scope is None or _is_of_another_role(assignment):
            return
        for registry in _registries(scope, estate):
            if not registry.role_mode.equals("abacrepositorypermissions"):
                continue
            role = _role_of(assignment)
            if role is None:
                return
            has_other = _may_read(assignment, registry, estate)
            if has_other:
                continue
            instead = _INSTEAD[role.casefold()]
            principal = assignment.principal.known or "<principal-id>"
            steps = (grant(instead, registry.id, "registry", principal), revoke(assignment))
            certain = "no other role lets it" if has_other is False else "it lets nobody"
            yield self.finding(
                assignment,
                f"{assignment.label} gives {role} on {registry.label}, which honours repository roles "
                f"only: {certain} pull",
                severity=None if has_other is False else Severity.WARNING,
                related=((registry.role_mode, "the registry has repository permissions"),),
                fixes=(Fix(f"assign {instead} instead", Applicability.DISPLAY, (), steps),),
            )
            return


def _is_of_another_role(assignment: RoleAssignment) -> bool:
    """Whether it is known that the role is none that such a registry ignores."""
    try:
        return _role_of(assignment) is None
    except Undecided:
        # Which role it is matters only where there is such a registry.
        return False


def _role_of(assignment: RoleAssignment) -> str | None:
    """Name the role, if it is one that such a registry ignores."""
    if assignment.role_name.given:
        name = assignment.role_name.require()
        return name if name.casefold() in _INSTEAD else None
    if not assignment.role.given:
        return None
    own = ResourceId.of(assignment.role.term).name
    if own is None:
        text = f"which role {assignment.label} gives is known at deployment only"
        raise Undecided((Reason("runtime", text),), assignment.role.term.decisions)
    return _NAMES.get(own.casefold())


def _registries(scope: ResourceId, estate: Estate) -> list[ContainerRegistry]:
    kind = (scope.resource_type or "").casefold()
    if kind == ContainerRegistry.arm_type.casefold():
        return [estate.find(ContainerRegistry, scope)]
    return estate.within(scope, ContainerRegistry) if not kind else []


def _may_read(
    assignment: RoleAssignment, registry: ContainerRegistry, estate: Estate
) -> bool | None:
    """Whether its principal may pull by another role; None where that is not known."""
    parts = assignment.principal.term.text_parts
    if not parts:
        return None
    who = Principal(parts, f"the principal of {assignment.label}")
    return estate.access.may(who, READ_CONTENT, registry.id, is_data=True).allowed.known
