"""The rule get-or-create-ignores-drift."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Compute, Estate, Finding, Rule, Severity, ToolUse


class GetOrCreateIgnoresDrift(Rule[ToolUse]):
    """Program takes whatever compute has the name, and creates one with its settings only if none has.

    ## Why
    The settings in the program then say nothing of the compute that jobs run on: one of another size,
    with another identity or in a failed state is used without a word. Where every exception is taken
    for "not found", missing permissions and network errors end in an attempt to create, too.

    ## Not when
    The program compares what it finds, or updates it.

    ## Bad
    ```python
    from azureml.core.compute import AmlCompute, ComputeTarget

    try:
        target = ComputeTarget(workspace=ws, name="train")
    except Exception:
        config = AmlCompute.provisioning_configuration(vm_size="Standard_D4s_v5", max_nodes=4)
        target = ComputeTarget.create(ws, "train", config)
    target.wait_for_completion(show_output=True)
    ```

    ## Good
    ```python
    from azureml.core.compute import AmlCompute, ComputeTarget
    from azureml.core.compute_target import ComputeTargetException

    try:
        target = ComputeTarget(workspace=ws, name="train")
        if target.vm_size != "STANDARD_D4S_V5":
            raise RuntimeError("'train' has another size")
        target.update(max_nodes=4)
    except ComputeTargetException:
        config = AmlCompute.provisioning_configuration(vm_size="Standard_D4s_v5", max_nodes=4)
        target = ComputeTarget.create(ws, "train", config)
    ```

    ## How sure
    Deduced from the samples.

    ## References
    - Deduced from the samples of Azure Machine Learning's documentation
    """

    name = "get-or-create-ignores-drift"
    severity = Severity.NOTE
    judges_deployed = False

    broad: tuple[str, ...] = ("BaseException", "Exception")
    """The exceptions that say nothing of why a look-up failed."""

    def check(self, use: ToolUse, _: Estate) -> Iterator[Finding]:
        if not isinstance(use.subject, Compute) or not use.lookup.given:
            return
        if use.compared.equals(other=True):
            return
        caught = use.caught
        is_broad = caught.known in self.broad
        more = ", and any error counts as 'not found'" if is_broad else ""
        yield self.finding(
            use.lookup,
            f"{use.subject.label} is created only if none of that name is found, and one that is found "
            f"is used whatever its settings are{more}",
            related=((caught, "what counts as not found"),) if is_broad else (),
            why_no_fix="compare what is found with what is wanted, and update or refuse it",
        )
