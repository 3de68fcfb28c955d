"""The rule min-exceeds-max."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ClusterSettings, Estate, Finding, Fix, Rule, Severity


class MinExceedsMax(Rule[ClusterSettings]):
    """Compute cluster has a minimum above its maximum.

    ## Why
    The service rejects such bounds, and the SDK raises before it asks: the cluster is not
    created, or an update of it fails.

    ## Not when
    One of the two is not known.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    min_instances: 5
    max_instances: 2
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    min_instances: 0
    max_instances: 2
    ```

    ## Fix safety
    Safe: a cluster with these bounds cannot exist, and a minimum of 0 is the usual value.

    ## How sure
    Observed in the source of SDK v1, which raises; the service's answer is deduced.

    ## References
    - azureml-core 1.61, `AmlCompute.provisioning_configuration` (source)
    """

    name = "min-exceeds-max"
    severity = Severity.ERROR
    judges_deployed = False
    supersedes = ("min-nodes-above-zero",)

    def check(self, cluster: ClusterSettings, _: Estate) -> Iterator[Finding]:
        minimum, maximum = cluster.min_nodes, cluster.max_nodes.effective()
        if maximum.is_absent or not minimum.above(0) & ~minimum.same_as(maximum):
            return
        if minimum.above(maximum.require()):
            nodes = "node" if minimum.equals(1) else "nodes"
            yield self.finding(
                minimum,
                f"{cluster.label} has at least {minimum.text} {nodes} but at most {maximum.text}; "
                "the service rejects it",
                related=((cluster.max_nodes, "the maximum"),),
                fixes=(Fix("set the minimum to 0", Applicability.SAFE, (minimum.set(0),)),),
            )
