"""The rule cli-v1-used."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import CLI_V1, Estate, Finding, Rule, ToolUse


class CliV1Used(Rule[ToolUse]):
    r"""Script uses the extension `azure-cli-ml` (CLI v1), which is no longer supported.

    ## Why
    Support of CLI v1 ended on 30 September 2025. Its commands still run as long as somebody keeps the
    extension installed, but they speak version 2020-02-02 of the interface and know nothing of what
    came later. It cannot be installed beside the extension `ml`, so a script that wants both fails.

    ## Not when
    The command is of the newer extension `ml`.

    ## Bad
    ```bash
    az extension add -n azure-cli-ml
    az ml computetarget create amlcompute -n train -s Standard_D4s_v5 --min-nodes 0 --max-nodes 4 \
      -g rg-ml -w ws
    ```

    ## Good
    ```bash
    az extension add -n ml
    az ml compute create -n train --type amlcompute --size Standard_D4s_v5 --min-instances 0 \
      --max-instances 4 -g rg-ml -w ws
    ```

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, CLI v1 deprecation; Upgrade to CLI v2 (read November 2026)
    """

    name = "cli-v1-used"
    judges_deployed = False

    def check(self, use: ToolUse, estate: Estate) -> Iterator[Finding]:
        if use.tool != CLI_V1.name or use.subject is not use:
            return
        yield self.finding(
            use,
            f"'{use.name}' is of CLI v1, the extension azure-cli-ml, which {CLI_V1.told(estate.today)}",
            why_no_fix=CLI_V1.instead,
        )
