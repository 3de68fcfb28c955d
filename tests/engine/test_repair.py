"""Fixes are applied only where they may be, and taken back when they do harm."""

from __future__ import annotations

from azmlint import testing
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.engine.repair import repair
from azmlint.finding import Applicability
from azmlint.sources.document import decode

RULES = rule_classes(BUILT_IN)
WORKSPACE = """\
$schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
name: lab
location: westeurope
public_network_access: enabled
"""
CLUSTER = """\
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: train
type: amlcompute
size: Standard_D4s_v5
min_instances: 1
max_instances: 4
"""


def repaired(files, *names):
    def judge(now):
        raw = {path: document.encoded(document.text) for path, document in now.items()}
        return testing.check(raw, [RULES[name] for name in names])

    documents = {path: decode(path, text.encode()) for path, text in files.items()}
    return repair(documents, judge, Applicability.UNSAFE)


def test_a_fix_from_which_an_error_comes_is_taken_back_and_the_others_stay():
    result = repaired(
        {"all.yml": WORKSPACE + "---\n" + CLUSTER},
        "workspace-public-access",
        "cluster-outside-private-workspace",
        "min-nodes-above-zero",
        "datastore-key-auth",
    )

    text = result.documents["all.yml"].text.lower()
    assert "public_network_access: enabled" in text
    assert "min_instances: 0" in text
    assert "system_datastores_auth_mode: identity" in text
    assert result.refused == 1


def test_a_fix_that_does_no_harm_is_applied():
    result = repaired(
        {"lab.yml": WORKSPACE}, "workspace-public-access", "cluster-outside-private-workspace"
    )

    assert "public_network_access: disabled" in result.documents["lab.yml"].text.lower()
    assert result.refused == 0
