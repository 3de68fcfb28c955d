"""What is found in a notebook is said as a place in the file, and as a line of a cell."""

from __future__ import annotations

import json

import pytest

from azmlint import testing
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.report import write
from azmlint.report.options import ReportOptions

RULES = rule_classes(BUILT_IN)
CODE = """\
from azure.ai.ml.entities import AmlCompute

cluster = AmlCompute(
    name="train",
    size="Standard_DS3_v2",
    min_instances=2,
    max_instances=4,
)
ml_client.begin_create_or_update(cluster)
"""


@pytest.fixture(scope="module")
def report():
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Text\n"]},
        {
            "cell_type": "code",
            "execution_count": 1,
            "metadata": {},
            "outputs": [],
            "source": CODE.splitlines(keepends=True),
        },
    ]
    text = json.dumps(
        {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1
    )
    return testing.check({"a.ipynb": text}, [RULES["min-nodes-above-zero"]])


def test_text_says_both(report):
    text = write("text", report, ReportOptions())

    assert text.splitlines()[0].startswith(
        "a.ipynb:21:24 (cell 2, line 6): warning[min-nodes-above-zero] "
    )
    assert '\n    -     "    min_instances=2,\\n",\n    +     "    min_instances=0,\\n",\n' in text


def test_json_says_both(report):
    (found,) = json.loads(write("json", report, ReportOptions()))["findings"]

    assert found["start"] == {"line": 21, "column": 24}
    assert found["end"] == {"line": 21, "column": 25}
    assert found["cell"] == {"number": 2, "line": 6, "column": 19}
    (edit,) = found["fixes"][0]["edits"]
    assert edit == {
        "path": "a.ipynb",
        "start": {"line": 21, "column": 24},
        "end": {"line": 21, "column": 25},
        "text": "0",
    }


def test_sarif_says_both(report):
    log = json.loads(write("sarif", report, ReportOptions()))
    (location,) = log["runs"][0]["results"][0]["locations"]

    assert location["physicalLocation"]["region"] == {
        "startLine": 21,
        "startColumn": 24,
        "endLine": 21,
        "endColumn": 25,
        "snippet": {"text": "2"},
    }
    assert location["properties"] == {"cell": {"number": 2, "line": 6, "column": 19}}


def test_the_concise_format_says_the_place_in_the_file(report):
    assert write("concise", report, ReportOptions()).startswith("a.ipynb:21:24: warning[")


@pytest.mark.parametrize("name", ["fingerprint", "content_hash"])
def test_how_a_cell_is_spelled_does_not_matter_to_what_a_finding_is_known_by(name):
    source = CODE.replace("min_instances=2", "min_instances=(1\n + 1)") + "print('é')\n"
    found = set()
    for spelled, ascii_only in ((source, True), (source.splitlines(keepends=True), False)):
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": spelled}
        data = {"cells": [cell], "metadata": {}, "nbformat": 4}
        text = json.dumps(data, ensure_ascii=ascii_only)
        report = testing.check({"a.ipynb": text}, [RULES["min-nodes-above-zero"]])
        (finding,) = json.loads(write("json", report, ReportOptions()))["findings"]
        found.add(finding[name])

    assert len(found) == 1
