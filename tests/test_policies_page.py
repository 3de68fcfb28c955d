"""The page about policies shows definitions that do what it says of them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from azmlint.engine import policy_examples
from azmlint.testing import SUFFIXES, TODAY

PAGE = (Path(__file__).parent.parent / "docs" / "policies.md").read_text(encoding="utf-8")
FENCE = re.compile(
    r"^(?P<label>Caught|Accepted)[^\n]*:\n\n```(?P<word>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
DEFINITION = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PARTS = PAGE.split("\n### ")[1:]


def examples():
    for part in PARTS:
        title = part.partition("\n")[0]
        for fence in FENCE.finditer(part):
            yield pytest.param(part, fence, id=f"{title}-{fence['label']}")


def test_there_are_ten_with_an_example_of_each_kind():
    assert len(PARTS) == 10
    assert len(list(examples())) == 20


@pytest.mark.parametrize(("part", "fence"), list(examples()))
def test_an_example_is_caught_or_accepted_as_the_page_says(tmp_path, monkeypatch, part, fence):
    text = DEFINITION.search(part)[1]
    definition = json.loads(text)
    (tmp_path / "definition.json").write_text(text)
    name = f"example.{SUFFIXES[fence['word']]}"
    (tmp_path / name).write_text(fence["text"])
    monkeypatch.chdir(tmp_path)
    effect = definition["properties"]["policyRule"]["then"]["effect"]

    policy = policy_examples.policy_of(tmp_path / "definition.json", {})
    answer = policy_examples.answer(policy, [tmp_path / name], TODAY, None)

    found = [tried.verdict for tried in answer.tried]
    assert policy.name == f"policy-{definition['name']}"
    assert found == ([effect] if fence["label"] == "Caught" else ["compliant"])
