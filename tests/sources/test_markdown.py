"""The code of Markdown pages: scripts that go on, sessions with prompts, files in a fence."""

from __future__ import annotations

from azmlint.engine.fix import apply
from azmlint.model.resources import ComputeCluster, ToolUse, Workspace
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

PAGE = """\
# How to

Run `az ml compute create -n no --type amlcompute`, or rather:

```azurecli
MIN=2
az configure -d group=rg workspace=ws
```

1. Then this:

   ```bash
   az ml compute create -n train --type amlcompute \\
     --min-instances $MIN
   ```

~~~console
$ az ml compute create -n shown --type amlcompute \\
    --max-instances 6
{
  "name": "shown"
}
~~~

  ```yaml
  name: file
  type: amlcompute
  min_instances: 3
  ```

```powershell
New-AzMLWorkspace -Name ws2 -ResourceGroupName rg
```

```yaml
name: [broken
```
    az ml compute create -n indented --type amlcompute
"""


def read(text):
    document = decode("a.md", text.encode())
    return load.read(document, Texts({"a.md": document}))


def test_fences_are_read_in_their_languages():
    reading = read(PAGE)
    found = {r.name: r for r in reading.resources if not isinstance(r, ToolUse)}

    assert sorted(found) == ["file", "shown", "train", "ws2"]
    assert found["train"].min_nodes.known == 2
    assert found["train"].min_nodes.place.shown == "a.md:14:22"
    assert str(found["train"].id.group).endswith("/resourceGroups/rg")
    assert found["shown"].max_nodes.known == 6
    assert found["file"].min_nodes.known == 3
    assert type(found["file"]) is ComputeCluster
    assert type(found["ws2"]) is Workspace


def test_what_is_only_a_piece_is_no_mistake():
    (problem,) = read(PAGE).problems

    assert problem.rule is None


def test_a_value_is_changed_where_it_is_written():
    clusters = [r for r in read(PAGE).resources if isinstance(r, ComputeCluster)]
    by_name = {c.name: c for c in clusters}
    document = by_name["file"].grip.document

    assert apply(document, by_name["file"].min_nodes.set(0).value.edits(0)) == PAGE.replace(
        "min_instances: 3", "min_instances: 0"
    )
    assert apply(document, by_name["train"].min_nodes.set(0).value.edits(0)) == PAGE.replace(
        "MIN=2", "MIN=0"
    )
