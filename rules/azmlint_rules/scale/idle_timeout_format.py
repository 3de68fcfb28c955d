"""The rule idle-timeout-format."""

from __future__ import annotations

import re
from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Finding, Fix, Rule, Severity

_NUMBER = re.compile(r"\s*+(?P<s>\d{1,9})(?:\.0*+)?\s*+(?:(?:seconds|sec|s)\s*+)?", re.IGNORECASE)
_CLOCK = re.compile(r"(?P<h>\d{1,3}):(?P<m>\d\d):(?P<s>\d\d)")
_ISO = re.compile(
    r"P?(?:(?P<d>\d{1,3})D)?T?(?:(?P<h>\d{1,4})H)?(?:(?P<m>\d{1,6})M)?(?:(?P<s>\d{1,9})S)?",
    re.IGNORECASE,
)
_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


class IdleTimeoutFormat(Rule[ComputeCluster]):
    """Compute cluster states its idle time in a notation that the tool refuses.

    ## Why
    Templates want an ISO 8601 duration such as `PT120S`, az ml YAML a number of seconds. The
    other one is refused at creation.

    ## Not when
    The text is filled in before deployment.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    idle_time_before_scale_down: PT120S
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    idle_time_before_scale_down: 120
    ```

    ## Fix safety
    Safe: the text is refused as it stands. The fix writes the time it means, and 120 seconds where
    it means none.

    ## How sure
    Specified; azure-ai-ml was run for what it takes.

    ## References
    - REST type ScaleSettings (API 2025-12-01)
    """

    name = "idle-timeout-format"
    severity = Severity.ERROR
    judges_deployed = False

    seconds: int = 120
    """The idle time that the fix writes when the text means none."""

    def check(self, cluster: ComputeCluster, _: Estate) -> Iterator[Finding]:
        idle = cluster.idle_seconds
        if idle.invalid is None:
            return
        seconds = _meant(idle.text) or self.seconds
        fix = Fix(
            f"scale down after {seconds} idle seconds", Applicability.SAFE, (idle.set(seconds),)
        )
        yield self.finding(
            idle,
            f"the idle time of {cluster.label} is '{idle.text}', but must be {idle.invalid}",
            fixes=(fix,),
        )


def _meant(text: str) -> int:
    """Read the seconds in any of the usual notations; 0 when it is none of them."""
    for pattern in (_NUMBER, _CLOCK, _ISO):
        match = pattern.fullmatch(text)
        if match is not None:
            return sum(_UNITS[unit] * int(n) for unit, n in match.groupdict().items() if n)
    return 0
