"""The estate as deployed is as its page says, however it is packed, split or masked."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path

import jsonschema
import pytest

from azmlint.cli import run
from azmlint.engine import snapshots
from azmlint.report import FORMATS
from azmlint.sources.mask import mask
from azmlint.sources.snapshot import dump, merge, read, snapshot

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "fixtures" / "estates" / "contoso-live"
ESTATE = FOLDER / "estate.json"
SCHEMA = json.loads((ROOT / "docs" / "snapshot.schema.json").read_text("utf-8"))
REPORT_SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text("utf-8"))
WHOLE = read(ESTATE.read_bytes(), "estate.json")


def table(heading):
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pytest.fixture
def audit(capsys, tmp_path, monkeypatch):
    """Audit snapshots and give exit code and standard output."""
    monkeypatch.chdir(tmp_path)

    def call(*paths, form="json", more=()):
        capsys.readouterr()
        code = run(["audit", *(f"--snapshot={p}" for p in paths), f"--format={form}", *more])
        return code, capsys.readouterr().out

    return call


def rules_of(text):
    return Counter(f["rule"] for f in json.loads(text)["findings"])


def test_everything_planted_is_found_and_everything_found_is_planted(audit):
    code, text = audit(ESTATE)
    report = json.loads(text)

    found = Counter(
        (f["resource"]["name"], f["resource"]["kind"], f["rule"]) for f in report["findings"]
    )
    assert found == Counter(tuple(row[:3]) for row in table("What is wrong"))
    assert code == 3
    jsonschema.Draft202012Validator(REPORT_SCHEMA).validate(report)


def test_every_judged_resource_is_in_a_table():
    kinds = {"lock", "workspace", "compute cluster", "compute instance"}
    wrong, right = table("What is wrong"), table("What is right")

    there = {(r.name, r.kind) for r in WHOLE.resources() if r.kind in kinds}
    assert {tuple(row[:2]) for row in [*wrong, *right]} == there
    assert not {tuple(row[:2]) for row in wrong} & {tuple(row[:2]) for row in right}


def test_what_could_not_be_read_is_named_with_its_permission(audit):
    report = json.loads(audit(ESTATE)[1])

    gaps = [(a.facet, a.scope.rpartition("/")[2], a.state) for a in WHOLE.answers if a.reason]
    assert [list(gap) for gap in gaps] == table("What could not be read")
    (failure,) = report["failures"]
    assert failure["stage"] == "live"
    assert "workspaces/computes/read" in failure["reason"]
    needs = [u["needs"] for u in report["undecided"] if u["needs"] and u["needs"]["permission"]]
    assert {n["permission"] for n in needs} == {
        "Microsoft.MachineLearningServices/workspaces/computes/read"
    }


def test_the_file_is_valid_and_as_azmlint_writes_it():
    raw = ESTATE.read_bytes().decode()

    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(raw))
    # Of the file only the version that wrote it may be another.
    assert without_generator(dump(WHOLE)) == without_generator(raw)


def without_generator(text):
    return [line for line in text.splitlines() if '"generator"' not in line]


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_two_audits_write_the_same_bytes(audit, form):
    assert audit(ESTATE, form=form) == audit(ESTATE, form=form)


@pytest.mark.parametrize("form", ["json", "text", "sarif"])
def test_packed_split_reordered_and_repeated_answers_give_the_same_bytes(audit, tmp_path, form):
    def put(name, one):
        (tmp_path / name).write_bytes(snapshots.packed(dump(one), Path(name)))
        return tmp_path / name

    expected = audit(ESTATE, form=form)
    packed = put("whole.json.gz", WHOLE)
    parts = [snapshot(WHOLE.taken, WHOLE.cloud, WHOLE.answers[i::3]) for i in range(3)]
    shards = [put(f"{i}.json", part) for i, part in enumerate(parts)]
    data = json.loads(ESTATE.read_bytes())
    chance = random.Random(7)
    chance.shuffle(data["answers"])
    for answer in data["answers"]:
        answer["items"] = [dict(chance.sample(list(i.items()), len(i))) for i in answer["items"]]
        chance.shuffle(answer["items"])
    shuffled = tmp_path / "shuffled.json"
    shuffled.write_text(json.dumps(data))

    assert audit(packed, form=form) == expected
    assert audit(shuffled, form=form) == expected
    assert audit(*shards, form=form) == audit(*shards[::-1], form=form) == expected
    assert audit(ESTATE, packed, form=form) == expected
    assert run(["snapshot", "merge", *map(str, shards), "-o", str(tmp_path / "m.json")]) == 3
    assert audit(tmp_path / "m.json", form=form) == expected


@pytest.mark.parametrize("profile", ["default", "strict"])
def test_an_audit_of_the_masked_estate_finds_the_same_rules_as_often(audit, tmp_path, profile):
    masked = tmp_path / "masked.json"
    assert run(["snapshot", "mask", str(ESTATE), "-o", str(masked)]) == 3

    more = [f"--profile={profile}"]
    before, after = (json.loads(audit(p, more=more)[1]) for p in (ESTATE, masked))
    count = [Counter(f["rule"] for f in report["findings"]) for report in (before, after)]
    assert count[0] == count[1]
    assert Counter(u["rule"] for u in before["undecided"]) == Counter(
        u["rule"] for u in after["undecided"]
    )
    assert before["summary"] == after["summary"]


def test_no_name_and_no_number_survives_masking():
    text = dump(mask(WHOLE))

    guids = re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", ESTATE.read_text("utf-8"))
    assert guids
    assert not [guid for guid in guids if guid in text]
    kept = {"AzureBackupProtectionLock"}  # what Azure itself names
    names = {r.name for r in WHOLE.resources() if "azurebatch" not in r.name} - kept
    names |= {r.id.group.name for r in WHOLE.resources() if r.id.group is not None}
    survivors = {n for n in names if re.search(rf"(?<![a-z0-9-]){re.escape(n)}(?![a-z0-9-])", text)}
    assert survivors == set()
    for word in ("ontoso", "fraud", "Fraud", "Network Team", "rg-", "mlw-", "baseline", "lab-"):
        assert word not in text, word
    assert text.count("-azurebatch-cloudservicenetworksecurityggroup") > 1


def test_masking_is_repeatable_and_hangs_on_no_order():
    shuffled = snapshot(WHOLE.taken, WHOLE.cloud, WHOLE.answers[::-1])

    assert dump(mask(shuffled)) == dump(mask(WHOLE))
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(dump(mask(WHOLE))))
    assert mask(WHOLE) == merge([mask(WHOLE), mask(WHOLE)])
