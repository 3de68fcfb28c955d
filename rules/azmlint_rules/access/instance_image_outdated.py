"""The rule instance-image-outdated."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeInstance, Estate, Facet, Finding, Fix, Rule, Severity
from azmlint_rules.recipes import recreate_compute


class InstanceImageOutdated(Rule[ComputeInstance]):
    """Compute instance runs an old operating system image.

    ## Why
    An instance keeps the image it was created with; security updates of the base system come with a new
    image only. To get it the instance has to be created again, and what is on its disks outside of the
    workspace's file share is lost.

    ## Not when
    The service does not say whether there is a newer image, as older versions of its interface do not.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/dev-box", "name": "dev-box", "properties": {"computeType": "ComputeInstance", "properties": {"osImageMetadata": {"currentImageVersion": "24.01.30", "latestImageVersion": "26.10.02", "isLatestOsImageVersion": false}}}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/dev-box", "name": "dev-box", "properties": {"computeType": "ComputeInstance", "properties": {"osImageMetadata": {"currentImageVersion": "24.01.30", "latestImageVersion": "26.10.02", "isLatestOsImageVersion": true}}}}]}
      ]
    }
    ```

    ## How sure
    Specified: the service says it of each instance itself.

    ## References
    - Azure Policy f110a506; Azure Machine Learning, Vulnerability management (29 April 2026)
    """

    name = "instance-image-outdated"
    severity = Severity.NOTE
    needs = frozenset({Facet.COMPUTES})
    judges_declared = False

    def check(self, instance: ComputeInstance, _: Estate) -> Iterator[Finding]:
        flag = instance.is_newest_image
        if not flag.equals(other=False):
            return
        own, newest = instance.image_version.known, instance.newest_image_version.known
        versions = f": {own}, and {newest} is out" if own and newest else ""
        yield self.finding(
            flag,
            f"{instance.label} does not run the newest image of its operating system{versions}",
            fixes=(
                Fix("create it again", Applicability.DISPLAY, steps=recreate_compute(instance)),
            ),
        )
