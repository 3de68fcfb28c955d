"""Make the shipped table of VM sizes from the table of what public lists say of them.

`python rules/generate_sizes.py vmsizes.tsv` writes `linter/azmlint/data/sizes.tsv`.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).parent
TABLE = HERE.parent / "linter" / "azmlint" / "data" / "sizes.tsv"

LETTERS = {"autoscaler": "a", "azqr": "q", "karpenter-known": "k", "karpenter-sku": "k"}
"""The sources whose licence lets their values be shipped; names alone are never taken."""

HEADER = """\
# VM sizes, sorted by their lower-case name. An empty cell is unknown, never no.
# a: kubernetes/autoscaler, azure_instance_types.go, up to 17 March 2026 (Apache-2.0)
# q: Azure/azqr, list of SKUs, 3 July 2026 (MIT)
# k: Azure/karpenter-provider-azure, known SKUs and their capabilities, 2026 (Apache-2.0)
# Support in Azure Machine Learning: its documentation of 2024 (CC-BY-4.0) and REST examples (MIT)
# size\tfamily\tvCPUs\tGiB\tGPUs\tlow priority\tAML\tsources\tdiffering
"""

CONSTRAINED = re.compile(r"\w+?_[a-z]+\d+-(\d+)", re.IGNORECASE)
GPU_SIZE = re.compile(r"standard_n[a-z]?[a-z]*\d", re.IGNORECASE)
MISCOUNTED = {"standard_nd96is_h100_v5"}
"""Only the list has it that counts 12 GPUs of its sibling, of which the others count 8."""


def table(rows: Iterable[Mapping[str, str]]) -> str:
    """Write the rows that may be shipped, in the order in which they are searched."""
    lines = {line.partition("\t")[0].lower(): line for line in _lines(rows)}
    return HEADER + "".join(f"{lines[name]}\n" for name in sorted(lines))


def _lines(rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    for row in rows:
        letters = {LETTERS[s] for s in row["sources"].split(",") if s in LETTERS}
        if not letters or row["memory_gib"] == "0":  # the latter are dedicated hosts
            continue
        yield "\t".join(
            (
                row["size"],
                row["family"],
                _vcpus(row),
                row["memory_gib"],
                _gpus(row),
                {"True": "y", "False": "n"}.get(row["low_priority_capable"], ""),
                row["aml_supported_evidence"],
                "".join(sorted(letters)),
                row["conflicts_between_dumps"],
            )
        )


def _vcpus(row: Mapping[str, str]) -> str:
    """Give the vCPUs that count; of a constrained size those after the dash."""
    constrained = CONSTRAINED.match(row["size"])
    return constrained[1] if constrained else row["vcpus"]


def _gpus(row: Mapping[str, str]) -> str:
    """Give the GPUs; the lists have 0 for accelerators that they do not count."""
    size = row["size"]
    is_uncounted = row["gpus"] == "0" and GPU_SIZE.match(size)
    return "" if is_uncounted or size.lower() in MISCOUNTED else row["gpus"]


def main() -> int:
    """Write the table, or with `--check` say whether it has drifted."""
    paths = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(paths) != 1:
        print(__doc__)
        return 2
    with Path(paths[0]).open(encoding="utf-8", newline="") as file:
        text = table(csv.DictReader(file, delimiter="\t"))
    if "--check" in sys.argv[1:]:
        return int(TABLE.read_text(encoding="utf-8") != text)
    TABLE.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
