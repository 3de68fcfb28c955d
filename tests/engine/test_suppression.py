import datetime as dt
import json
import re

import pytest

from azmlint import config
from azmlint.engine.own import TextSpot
from azmlint.engine.run import Selection
from azmlint.engine.suppress import Suppression, added
from azmlint.errors import ConfigError
from azmlint.finding import Finding
from azmlint.location import Document
from azmlint.sources.embedded import Assembly
from azmlint.testing import check, entry_of
from azmlint_rules.scale.min_nodes_above_zero import MinNodesAboveZero

NAME = MinNodesAboveZero.name
TODAY = dt.date(2026, 11, 24)
CLUSTER = "name: a\ntype: amlcompute\nsize: x\nmin_instances: 1  # azmlint: ignore[{}] pool\n"
JSON = """\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "resources": [
    {
      "type": "Microsoft.MachineLearningServices/workspaces/computes",
      "apiVersion": "2024-04-01",
      "name": "ws/train",
      "properties": {
        "computeType": "AmlCompute",
        "properties": {"vmSize": "x", "scaleSettings": {"minNodeCount": 1, "maxNodeCount": 2}}
      }
    }
  ]
}
"""


def suppression(tmp_path, **keys):
    settings = config.load(tmp_path, None, {NAME: (), "other-rule": ()}, {"scale"})
    selection = Selection({NAME: entry_of(MinNodesAboveZero)})
    return Suppression(settings, selection, TODAY, **keys)


def judged(text):
    report = check({"a.yml": text}, [MinNodesAboveZero])
    assert report.findings
    return report.findings, report.documents


def test_a_run_takes_it_as_it_is(tmp_path):
    kept, suppressed, extra = suppression(tmp_path)(*judged(CLUSTER.format(NAME)))

    assert kept == extra == []
    assert [(s.by, s.reason) for s in suppressed] == [("comment", "pool")]


def test_a_family_is_known_from_the_selection(tmp_path):
    kept, suppressed, _ = suppression(tmp_path)(*judged(CLUSTER.format("scale")))

    assert kept == []
    assert len(suppressed) == 1


def test_a_rule_that_did_not_run_is_known_all_the_same(tmp_path):
    kept, suppressed, extra = suppression(tmp_path)(*judged(CLUSTER.format("other-rule")))

    assert len(kept) == 1
    assert suppressed == extra == []


def test_switched_off_it_keeps_everything(tmp_path):
    kept, suppressed, extra = suppression(tmp_path, is_off=True)(*judged(CLUSTER.format(NAME)))

    assert len(kept) == 1
    assert suppressed == extra == []


def test_written_ignores_suppress_on_the_next_run(tmp_path):
    report = check({"a.yml": CLUSTER.format("other-rule")}, [MinNodesAboveZero])

    documents, refused = added(report, report.documents, NAME, "warm pool", dt.date(2027, 1, 31))

    assert refused == ()
    again = check({"a.yml": documents["a.yml"].text}, [MinNodesAboveZero])
    kept, suppressed, _ = suppression(tmp_path)(again.findings, again.documents)
    assert kept == []
    assert [(s.reason, s.until) for s in suppressed] == [("warm pool", "2027-01-31")]


def test_where_no_comment_can_stand_the_entry_is_given():
    report = check({"a.json": JSON}, [MinNodesAboveZero])
    assert report.findings

    documents, refused = added(report, report.documents, NAME, "warm pool")

    assert documents == report.documents
    assert len(refused) == 1
    assert "plain JSON" in refused[0]
    assert 'path = "a.json"' in refused[0]


def test_a_reason_that_reads_as_syntax_is_an_error_of_the_user():
    report = check({"a.yml": CLUSTER.format("other-rule")}, [MinNodesAboveZero])

    with pytest.raises(ConfigError, match="reads as part of the comment's syntax"):
        added(report, report.documents, NAME, "x until=2027-01-31")


def embedded(text):
    """Put a YAML text into the strings of a JSON file, a line into each, and judge it."""
    path = "a.json"
    host = Document(path, json.dumps(text.splitlines(keepends=True)))
    assembly = Assembly(host)
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"', host.text):
        assembly.take_json(*match.span())
    inner = assembly.embedded("inner.yml")
    report = check({"inner.yml": text}, [MinNodesAboveZero])
    place = report.findings[0].place
    found = Finding(
        NAME,
        report.findings[0].severity,
        report.findings[0].message,
        TextSpot(inner, place.start, place.end),
        None,
    )
    return [found], {path: host}


def test_a_comment_in_what_is_embedded_holds_for_its_lines(tmp_path):
    text = CLUSTER.format(NAME)

    kept, suppressed, extra = suppression(tmp_path)(*embedded(text))

    assert kept == extra == []
    assert [(s.by, s.reason) for s in suppressed] == [("comment", "pool")]


def test_a_comment_on_another_line_of_the_same_string_accepts_nothing(tmp_path):
    text = f"name: a # azmlint: ignore[{NAME}]\ntype: amlcompute\nsize: x\nmin_instances: 1\n"

    kept, suppressed, extra = suppression(tmp_path)(*embedded(text))

    assert len(kept) == 1
    assert suppressed == []
    assert [e.place.shown for e in extra] == ["a.json:1:13"]


PROGRAM = """\
from azure.ai.ml.entities import AmlCompute

cluster = AmlCompute(
    name="train",
    size="Standard_D4s_v5",
    min_instances=1,
    max_instances=4,
)
ml_client.begin_create_or_update(cluster)
"""


def cells(*texts):
    made = [
        {"cell_type": "code", "metadata": {}, "source": text.splitlines(keepends=True)}
        for text in texts
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4}, indent=1)


def with_comments(tmp_path, files):
    """Add a comment at each finding, and give the texts and what is found and refused then."""
    report = check(files, [MinNodesAboveZero])
    assert report.findings
    changed, refused = added(report, report.documents, NAME, "warm pool")
    texts = {path: document.text for path, document in changed.items()}
    again = check(texts, [MinNodesAboveZero])
    kept, suppressed, extra = suppression(tmp_path)(again.findings, again.documents)
    assert extra == []
    assert len(kept) + len(suppressed) == len(report.findings)
    return texts, kept, refused


def test_a_comment_is_written_into_python(tmp_path):
    texts, kept, refused = with_comments(tmp_path, {"a.py": PROGRAM})

    comment = f"    # azmlint: ignore[{NAME}] warm pool\n"
    assert texts["a.py"] == PROGRAM.replace("    min_i", f"{comment}    min_i")
    assert (kept, refused) == ([], ())


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_comments_are_written_into_cells(tmp_path, newline):
    written = "%%writefile c.yml\nname: a\ntype: amlcompute\nsize: x\nmin_instances: 1\n"
    script = "%%bash\naz ml compute create -n b --type AmlCompute --min-instances 1\n"
    before = [t.replace("\n", newline) for t in (PROGRAM, written, script)]

    texts, kept, refused = with_comments(tmp_path, {"a.ipynb": cells(*before)})

    comment = f"# azmlint: ignore[{NAME}] warm pool{newline}"
    after = [
        before[0].replace("    min_i", f"    {comment}    min_i"),
        before[1].replace("min_i", f"{comment}min_i"),
        before[2].replace("az ml", f"{comment}az ml"),
    ]
    found = json.loads(texts["a.ipynb"])["cells"]
    assert ["".join(c["source"]) for c in found] == after
    assert (kept, refused) == ([], ())


@pytest.mark.parametrize("between", ["", "\\\n    "])
def test_a_comment_is_written_above_a_command_in_a_cell(tmp_path, between):
    command = f"!az ml compute create -n a --type AmlCompute {between}--min-instances 1\n"

    texts, kept, refused = with_comments(tmp_path, {"a.ipynb": cells(f"x = 1\n{command}")})

    (cell,) = json.loads(texts["a.ipynb"])["cells"]
    comment = f"# azmlint: ignore[{NAME}] warm pool\n"
    assert "".join(cell["source"]) == f"x = 1\n{comment}{command}"
    assert (kept, refused) == ([], ())


def test_no_comment_is_written_into_a_text_of_python(tmp_path):
    text = PROGRAM.replace("    min_instances=1,", '    tags={"a": """\n"""}, min_instances=1,')

    texts, _, refused = with_comments(tmp_path, {"a.py": text})

    assert texts["a.py"] == text
    assert "without changing what the file says" in refused[0]


def test_a_comment_is_written_into_a_script_of_a_workflow(tmp_path):
    text = """\
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: |
          az login
          az ml compute create -n a --type AmlCompute --min-instances 1
"""

    texts, kept, refused = with_comments(tmp_path, {".github/workflows/a.yml": text})

    comment = f"          # azmlint: ignore[{NAME}] warm pool\n"
    assert texts[".github/workflows/a.yml"] == text.replace(
        "          az ml", f"{comment}          az ml"
    )
    assert (kept, refused) == ([], ())
