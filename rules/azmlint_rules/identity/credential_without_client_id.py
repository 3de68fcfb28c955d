"""The rule credential-without-client-id."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, CredentialCall, Estate, Facet, Finding, Rule, Undecided


class CredentialWithoutClientId(Rule[CredentialCall]):
    """Program asks for a token of a managed identity without saying of which.

    ## Why
    On a compute cluster with user-assigned identities azure-identity passes a client id on only when
    it is given one, and does not read `DEFAULT_IDENTITY_CLIENT_ID`, in which the cluster states its
    own. `ManagedIdentityCredential()` then fails, or gets the token of another identity.

    Reported where a cluster with user-assigned identities is among what is checked. A
    `DefaultAzureCredential()` counts only where it reads data: for a token that is not to manage
    resources, or with a client of storage, key vaults or databases. Scripts with `init()` and `run()` are
    left alone, because endpoints run them, and so are Kubernetes computes, whose documentation asks for
    no client id.

    ## Not when
    No cluster with user-assigned identities is among what is checked, the program is a scoring script, or
    the call names an identity.

    ## Bad
    ```python
    from azure.ai.ml.entities import AmlCompute, IdentityConfiguration, ManagedIdentityConfiguration
    from azure.identity import ManagedIdentityCredential

    ID = (
        "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg"
        "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/train"
    )
    cluster = AmlCompute(
        name="train",
        identity=IdentityConfiguration(
            type="user_assigned",
            user_assigned_identities=[ManagedIdentityConfiguration(resource_id=ID)],
        ),
    )
    token = ManagedIdentityCredential().get_token("https://storage.azure.com/.default")
    ```

    ## Good
    ```python
    import os

    from azure.ai.ml.entities import AmlCompute, IdentityConfiguration, ManagedIdentityConfiguration
    from azure.identity import ManagedIdentityCredential

    ID = (
        "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg"
        "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/train"
    )
    cluster = AmlCompute(
        name="train",
        identity=IdentityConfiguration(
            type="user_assigned",
            user_assigned_identities=[ManagedIdentityConfiguration(resource_id=ID)],
        ),
    )
    credential = ManagedIdentityCredential(client_id=os.environ["DEFAULT_IDENTITY_CLIENT_ID"])
    token = credential.get_token("https://storage.azure.com/.default")
    ```

    ## How sure
    Observed in the source of azure-identity; that the variable is set on clusters is documented.

    ## References
    - Azure Machine Learning, Set up service authentication (10 June 2025)
    - azure-identity, `azure_ml.py` (source) (read November 2026)
    """

    name = "credential-without-client-id"
    uses = frozenset({Facet.COMPUTES})
    judges_deployed = False

    def check(self, credential: CredentialCall, estate: Estate) -> Iterator[Finding]:
        if credential.client_id.given:
            return
        if credential.is_scoring.equals(other=True):
            return
        if credential.name == "DefaultAzureCredential" and not credential.reads.given:
            return
        clusters = [c for c in estate.of(ComputeCluster) if _has_identities(c)]
        if not clusters:
            return
        argument = (
            "managed_identity_client_id"
            if credential.name == "DefaultAzureCredential"
            else "client_id"
        )
        yield self.finding(
            credential,
            f"{credential.name}() does not say which identity it means; on {clusters[0].label} with "
            "its user-assigned identities it gets no token, or that of another one",
            related=((clusters[0].identity_ids, "the identities"),),
            why_no_fix=f"pass {argument}=os.environ['DEFAULT_IDENTITY_CLIENT_ID']",
        )


def _has_identities(cluster: ComputeCluster) -> bool:
    try:
        ids = cluster.identity_ids.known
        return ids is not None and len(ids) > 0 and bool(cluster.exists())
    except Undecided:
        return False
