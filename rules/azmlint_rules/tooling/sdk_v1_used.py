"""The rule sdk-v1-used."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import SDK_V1, Estate, Finding, Rule, ToolUse


class SdkV1Used(Rule[ToolUse]):
    """Program uses SDK v1, which is no longer supported.

    ## Why
    `azureml-core` and the packages around it were deprecated on 31 March 2025 and have had no support
    since 30 June 2026. What they do still works, but they speak version 2020-02-02 of the interface
    and drop what came later, such as computes without public addresses.

    ## Not when
    The program uses azure-ai-ml. Packages that carry azureml in their name and are no part of SDK v1, such
    as azureml-mlflow and azureml-defaults, are left alone; so is a conda environment that has packages of
    SDK v2, whose runtimes may need azureml-core.

    ## Bad
    ```python
    from azureml.core import Workspace
    from azureml.core.compute import AmlCompute, ComputeTarget

    ws = Workspace.from_config()
    config = AmlCompute.provisioning_configuration(vm_size="Standard_D4s_v5", max_nodes=4)
    ComputeTarget.create(ws, "train", config)
    ```

    ```yaml
    name: training
    dependencies:
    - python=3.10
    - pip:
      - azureml-core==1.48.0
    ```

    ## Good
    ```python
    from azure.ai.ml import MLClient
    from azure.ai.ml.entities import AmlCompute
    from azure.identity import DefaultAzureCredential

    client = MLClient.from_config(DefaultAzureCredential())
    cluster = AmlCompute(name="train", size="Standard_D4s_v5", max_instances=4)
    client.compute.begin_create_or_update(cluster)
    ```

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, SDK v1 deprecation; Azure/EOL (18 December 2025)
    - azureml-core 1.61 (source)
    """

    name = "sdk-v1-used"
    judges_deployed = False

    def check(self, use: ToolUse, estate: Estate) -> Iterator[Finding]:
        module = use.module
        if use.tool != SDK_V1.name or module.is_absent:
            return
        yield self.finding(
            module,
            f"'{module.text}' is part of SDK v1, which {SDK_V1.told(estate.today)}",
            why_no_fix=SDK_V1.instead,
        )
