"""The rule old-api-version."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import SINCE, STABLE, Applicability, Compute, Estate, Finding, Fix, Rule, Severity


class OldApiVersion(Rule[Compute]):
    """Declaration uses a version of the interface that does not know a property it states.

    ## Why
    The service drops what the version does not know, and says nothing: `enableNodePublicIp` came with
    2021-01-01, `disableLocalAuth` with 2021-04-01.

    ## Not when
    The declaration states nothing that its version lacks. Previews before a version are left out, because
    which of them knew it is not listed.

    ## Bad
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2020-08-01",
          "name": "ws/train",
          "location": "westeurope",
          "properties": {
            "computeType": "AmlCompute",
            "properties": {"vmSize": "Standard_D4s_v5", "enableNodePublicIp": false}
          }
        }
      ]
    }
    ```

    ## Good
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "location": "westeurope",
          "properties": {
            "computeType": "AmlCompute",
            "properties": {"vmSize": "Standard_D4s_v5", "enableNodePublicIp": false}
          }
        }
      ]
    }
    ```

    ## Fix safety
    Shown only: a newer version may want other properties too.

    ## How sure
    Specified; that the service says nothing is deduced.

    ## References
    - Azure/bicep-types-az (20 August 2026)
    """

    name = "old-api-version"
    severity = Severity.NOTE
    judges_deployed = False

    stable: str = STABLE[0]
    """The version to move to; by default the newest stable one that is known."""

    def check(self, compute: Compute, _: Estate) -> Iterator[Finding]:
        version = compute.api_version
        if version.is_absent:
            return
        for value, since in (
            (compute.public_ip, SINCE["public_ip"]),
            (compute.disable_local_auth, SINCE["disable_local_auth"]),
        ):
            if value.is_absent:
                continue
            # Previews of the months before knew some of it; which ones is not listed.
            if version.require() < since and not version.matches(".*-preview"):
                yield self.finding(
                    value,
                    f"{compute.label} is declared with version {version.text}, which silently drops its "
                    f"'{value.property.title}': that came with {since}",
                    related=((version, "the version"),),
                    fixes=(
                        Fix(
                            f"use {self.stable}, the newest stable version known",
                            Applicability.DISPLAY,
                            (version.set(self.stable),),
                        ),
                    ),
                )
