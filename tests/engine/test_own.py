"""The findings that the engine makes itself."""

from __future__ import annotations

import json

from azmlint.engine.fix import apply, edits
from azmlint.engine.own import value_findings
from azmlint.finding import Applicability
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

CLUSTER = "name: train\ntype: amlcompute\nsize: Standard_D4s_v5\n"


def found_in(text, path="a.yml"):
    document = decode(path, text.encode())
    (resource,) = load.read(document, Texts({path: document})).resources
    return document, list(value_findings(resource))


def test_a_value_of_the_wrong_kind_is_told_with_what_it_must_be():
    document, (finding,) = found_in(f"{CLUSTER}min_instances: two\n")

    assert finding.rule == "property-value-invalid"
    assert finding.message == (
        "min nodes of compute cluster 'train' is 'two', "
        "but must be a whole number of 0 to 2147483647"
    )
    assert document.position(finding.place.start) == (4, 16)
    assert finding.fixes == ()
    assert finding.why_no_fix == "only its author knows what was meant"


def test_an_older_spelling_has_a_safe_fix():
    document, (finding,) = found_in(f"{CLUSTER}tier: LowPriority\n")
    (fix,) = finding.fixes

    assert fix.applicability is Applicability.SAFE
    assert finding.why_no_fix is None
    assert apply(document, edits(fix)) == f"{CLUSTER}tier: low_priority\n"
    assert found_in(apply(document, edits(fix)))[1] == []


def test_a_secret_is_not_repeated():
    _, (finding,) = found_in(
        f"{CLUSTER}ssh_settings:\n  admin_username: me\n  admin_password: [hunter2]\n"
    )

    assert "hunter2" not in finding.message
    assert "is the value, but must be a text" in finding.message


def test_a_value_that_is_filled_in_later_is_not_judged():
    assert found_in(f"{CLUSTER}min_instances: $(MIN)\n")[1] == []


def test_a_wrong_value_of_what_is_not_created_is_none_of_ours():
    def found_when(condition):
        template = {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/x.json#",
            "contentVersion": "1.0.0.0",
            "parameters": {"on": {"type": "bool"}},
            "resources": [
                {
                    "type": "Microsoft.MachineLearningServices/workspaces/computes",
                    "apiVersion": "2024-10-01",
                    "name": "ws/train",
                    "condition": condition,
                    "properties": {
                        "computeType": "AmlCompute",
                        "properties": {"scaleSettings": {"minNodeCount": "two"}},
                    },
                }
            ],
        }
        document = decode("main.json", json.dumps(template).encode())
        resources = load.read(document, Texts({"main.json": document})).resources
        return [f for r in resources for f in value_findings(r)]

    assert found_when(condition=False) == []
    assert found_when("[if(parameters('on'), false(), false())]") == []
    assert len(found_when(condition=True)) == 1
    assert len(found_when("[parameters('on')]")) == 1
