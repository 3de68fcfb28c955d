"""The rule kubernetes-identity-limits."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Facet, Finding, KubernetesCompute, Rule, Severity

BOTH = frozenset({"systemassigned", "userassigned"})


class KubernetesIdentityLimits(Rule[KubernetesCompute]):
    """Kubernetes compute has more than one identity.

    ## Why
    One system-assigned or one user-assigned identity is supported; more are refused.

    ## Not when
    The compute is a cluster or an instance: a cluster may have several user-assigned identities.

    ## Bad
    ```yaml
    name: k8s
    type: kubernetes
    resource_id: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Kubernetes/connectedClusters/k
    identity:
      type: user_assigned
      user_assigned_identities:
        - resource_id: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a
        - resource_id: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/b
    ```

    ## Good
    ```yaml
    name: k8s
    type: kubernetes
    resource_id: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Kubernetes/connectedClusters/k
    identity:
      type: system_assigned
    ```

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Attach a Kubernetes cluster (read November 2026)
    """

    name = "kubernetes-identity-limits"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES})
    supersedes = ("mixed-identity-types", "default-identity-ambiguous")

    def check(self, compute: KubernetesCompute, _: Estate) -> Iterator[Finding]:
        ids = compute.identity_ids.known
        if (ids is not None and len(ids) > 1) or compute.identity.equals(BOTH):
            yield self.finding(
                compute.identity,
                f"{compute.label} has more than one identity; only one is supported",
                why_no_fix="which one is to stay is for its author to say",
            )
