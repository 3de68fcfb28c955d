"""The rule no-identity-for-identity-access."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from azmlint import (
    Applicability,
    ComputeCluster,
    ContainerRegistry,
    Estate,
    Facet,
    Finding,
    Fix,
    ResourceId,
    Rule,
    Value,
)
from azmlint_rules.recipes import data_roles, grant, update_compute


class NoIdentityForIdentityAccess(Rule[ComputeCluster]):
    """Compute cluster has no identity, although its workspace reaches data or images by identity.

    ## Why
    Where the default datastores take identities only, or the registry has no admin user, nodes of a
    cluster without an identity cannot mount data or pull images, unless a job brings its user's
    identity.

    ## Not when
    The workspace uses keys and its registry has an admin user, or one of both is not known. A job that
    brings its user's identity works all the same, and is not seen.

    ## Bad
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    system_datastores_auth_mode: identity
    ---
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## Good
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    system_datastores_auth_mode: identity
    ---
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    identity:
      type: system_assigned
    ```

    ## Fix safety
    Shown only: which identity it is to be has to be decided, and it needs roles before it is of use.

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Identity-based service authentication (10 June 2025)
    """

    name = "no-identity-for-identity-access"
    uses = frozenset({Facet.COMPUTES, Facet.REGISTRIES, Facet.WORKSPACES})

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        identity = cluster.identity
        if not cluster.identity_ids.is_absent or not (
            identity.absent | identity.equals(frozenset())
        ):
            return
        workspace = estate.workspace_of(cluster)
        auth = workspace.datastore_auth
        steps = update_compute(cluster, "--identity-type", "SystemAssigned")
        if auth.effective().equals("identity"):
            related: tuple[Value[Any], str] = (auth, "datastores take identities only")
            steps += data_roles(workspace)
            effect = "its default datastores by identity only: jobs cannot mount data"
        else:
            if workspace.registry.is_absent:
                return
            registry_id = ResourceId.of(workspace.registry.term)
            registry = estate.find(ContainerRegistry, registry_id)
            if not registry.admin_user.equals(other=False):
                return
            related = (registry.admin_user, "the admin user is off")
            steps += (grant("AcrPull", registry_id, "registry"),)
            effect = f"{registry.label} by identity only: nodes cannot pull its images"
        yield self.finding(
            identity,
            f"{cluster.label} has no identity, but its {workspace.label} reaches {effect}",
            related=(related,),
            fixes=(
                Fix(
                    "give it a system-assigned identity",
                    Applicability.DISPLAY,
                    (identity.set(frozenset({"systemassigned"})),),
                    steps,
                ),
            ),
        )
