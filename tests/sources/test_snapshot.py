"""Snapshots say what they said, whoever wrote them and in whatever order."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import zipfile
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.engine import snapshots
from azmlint.errors import ConfigError, SourceError
from azmlint.model.facet import COLLECTED, DENIED, FAILED, Facet
from azmlint.sources import snapshot as module
from azmlint.sources.snapshot import Answer, Snapshot, dump, merge, read, snapshot

DOCS = Path(__file__).parent.parent.parent / "docs"
SCHEMA = json.loads((DOCS / "snapshot.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
SUBSCRIPTION = "/subscriptions/7f1a0f6e-4f0e-4a0f-8d66-0d5c2b6a9f11"
FACETS = sorted(v for k, v in vars(Facet).items() if k.isupper())

names = st.text(st.characters(exclude_characters="/"), min_size=1, max_size=12)
scopes = st.one_of(
    st.just("/"),
    st.just(SUBSCRIPTION),
    st.just(SUBSCRIPTION.upper()),
    names.map(lambda n: f"{SUBSCRIPTION}/resourceGroups/{n}"),
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
items = st.builds(
    lambda id_, name, properties: {**id_, "name": name, "properties": properties},
    st.one_of(st.just({}), names.map(lambda n: {"id": f"{SUBSCRIPTION}/x/{n}"})),
    names,
    plain,
)
answers = st.builds(
    Answer,
    facet=st.sampled_from([*FACETS, "whatLaterVersionsRead"]),
    scope=scopes,
    call=st.sampled_from(["", "GET /subscriptions?api-version=2022-12-01"]),
    state=st.sampled_from([COLLECTED, DENIED, FAILED]),
    items=st.lists(items, max_size=4).map(tuple),
    permission=st.sampled_from(["", "Microsoft.Authorization/locks/read"]),
    reason=st.text(max_size=20),
)
moments = st.integers(-700_000, 2_900_000).map(lambda days: NOON + dt.timedelta(days=days))
shots = st.builds(
    snapshot, moments, st.just("AzureCloud"), st.lists(answers, max_size=6)
)  # fmt: skip


def again(one: Snapshot) -> Snapshot:
    return read(dump(one).encode(), "x.json")


@given(shots)
def test_what_is_written_is_valid_and_read_back(one):
    text = dump(one)

    VALIDATOR.validate(json.loads(text))
    assert read(text.encode(), "x.json") == one
    assert dump(again(one)) == text


@given(shots, st.randoms())
def test_the_order_of_answers_items_and_keys_changes_no_byte(one, random):
    def shuffled(data):
        if isinstance(data, dict):
            return {k: shuffled(data[k]) for k in random.sample(sorted(data), len(data))}
        return [shuffled(v) for v in data] if isinstance(data, list) else data

    rows = [
        a._replace(items=tuple(random.sample([shuffled(i) for i in a.items], len(a.items))))
        for a in one.answers
    ]
    other = snapshot(one.taken, one.cloud, random.sample(rows, len(rows)))

    def tied(found):
        # Only answers to one question with one call could change places.
        return len({(a.facet, a.scope.casefold(), a.call) for a in found.answers})

    if tied(one) == len(one.answers):
        assert dump(other) == dump(one)


def test_of_two_answers_about_one_thing_the_choice_does_not_hang_on_order():
    one, two = ({"id": "/x", "name": "x", "etag": e} for e in ("1", "2"))

    forth, back = (
        snapshot(NOON, "AzureCloud", [Answer("locks", "/", "", COLLECTED, pair)])
        for pair in ((one, two), (two, one))
    )
    assert dump(forth) == dump(back)
    assert len(forth.answers[0].items) == 1


def test_a_snapshot_of_nothing_is_not_complete():
    assert json.loads(dump(snapshot(NOON, "AzureCloud", [])))["complete"] is False


def test_schema_is_strict_and_describes_every_key():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    row = SCHEMA["$defs"]["answer"]
    assert SCHEMA["additionalProperties"] is row["additionalProperties"] is False
    assert set(row["properties"]) == set(Answer._fields)
    for found in (SCHEMA, row):
        for name, entry in found["properties"].items():
            assert "description" in entry or "$ref" in entry, name
    assert SCHEMA["$id"] == module.SCHEMA
    assert SCHEMA["properties"]["version"]["const"] == module.VERSION


def test_the_page_names_every_facet_and_state():
    page = (DOCS / "snapshot.md").read_text("utf-8")

    for word in (*FACETS, COLLECTED, DENIED, FAILED, *SCHEMA["properties"], *Answer._fields):
        assert f"`{word}`" in page, word


# Merging

GROUP = f"{SUBSCRIPTION}/resourceGroups/ml"


def shot(*rows, taken=NOON, cloud="AzureCloud"):
    return snapshot(taken, cloud, rows)


def row(state=COLLECTED, *found, facet=Facet.LOCKS, scope=SUBSCRIPTION):
    items_ = tuple({"id": f"{scope}/{name}", "name": name} for name in found)
    return Answer(facet, scope, "GET x", state, items_, reason="" if state == COLLECTED else "no")


def held(one):
    return [(a.facet, a.scope, a.state, [i["name"] for i in a.items]) for a in one.answers]


LATER = NOON + dt.timedelta(hours=1)


@given(st.lists(shots, min_size=1, max_size=4), st.randoms())
def test_merging_in_any_order_gives_the_same_bytes(shards, random):
    merged = dump(merge(shards))

    VALIDATOR.validate(json.loads(merged))
    assert dump(merge(random.sample(shards, len(shards)))) == merged


@given(st.lists(shots, min_size=1, max_size=3))
def test_merging_again_changes_nothing(shards):
    once = merge(shards)

    assert dump(merge([once])) == dump(once)
    assert dump(merge([*shards, *shards])) == dump(once)
    assert dump(merge([again(s) for s in shards])) == dump(once)


@given(st.lists(shots, min_size=1, max_size=3))
def test_what_is_merged_was_taken_when_the_first_was(shards):
    merged = merge(shards)

    assert merged.taken == min(s.taken for s in shards)
    questions = {(a.facet, a.scope.casefold()) for s in shards for a in s.answers}
    assert {(a.facet, a.scope.casefold()) for a in merged.answers} == questions


def test_shards_stand_side_by_side():
    other = SUBSCRIPTION.replace("7f1a", "8a2b")
    merged = merge([shot(row(COLLECTED, "a")), shot(row(COLLECTED, "b", scope=other))])

    assert held(merged) == [
        ("locks", SUBSCRIPTION, COLLECTED, ["a"]),
        ("locks", other, COLLECTED, ["b"]),
    ]


def test_a_repeated_run_fills_the_gaps_of_an_interrupted_one():
    first = shot(row(COLLECTED, "a"), row(FAILED, "c1", facet=Facet.COMPUTES, scope=GROUP))
    second = shot(row(COLLECTED, "c1", "c2", facet=Facet.COMPUTES, scope=GROUP), taken=LATER)

    assert held(merge([second, first])) == [
        ("computes", GROUP, COLLECTED, ["c1", "c2"]),
        ("locks", SUBSCRIPTION, COLLECTED, ["a"]),
    ]
    assert merge([first, second]).is_complete
    assert not first.is_complete


@pytest.mark.parametrize(
    ("early", "late", "kept"),
    [
        (row(COLLECTED, "old"), row(COLLECTED, "new"), ["new"]),
        (row(COLLECTED, "old"), row(FAILED, "new"), ["old"]),
        (row(DENIED), row(FAILED, "new"), ["new"]),
        (row(FAILED, "old"), row(DENIED), []),
        (row(FAILED, "old"), row(COLLECTED), []),
    ],
)
def test_of_two_answers_the_complete_one_counts_else_the_later(early, late, kept):
    merged = merge([shot(late, taken=LATER), shot(early)])

    assert [[i["name"] for i in a.items] for a in merged.answers] == [kept]


def test_scopes_that_differ_in_case_only_are_one():
    upper = row(COLLECTED, "new", scope=SUBSCRIPTION.upper())

    assert len(merge([shot(row(COLLECTED, "old")), shot(upper, taken=LATER)]).answers) == 1


def test_clouds_do_not_mix():
    with pytest.raises(SourceError, match="AzureChinaCloud, AzureCloud"):
        merge([shot(), shot(cloud="AzureChinaCloud")])


def test_nothing_cannot_be_merged():
    with pytest.raises(SourceError, match="no snapshot"):
        merge([])


# Reading what others wrote

WHOLE = json.loads(dump(shot(row(COLLECTED, "a", "b"), row(FAILED, facet=Facet.USAGES))))


def changed(**changes):
    return json.dumps({**WHOLE, **changes}).encode()


def row_changed(**changes):
    found = {**WHOLE["answers"][0], **changes}
    return changed(answers=[{k: v for k, v in found.items() if v is not ...}])


def test_what_a_later_version_adds_is_passed_over():
    extended = {**WHOLE["answers"][0], "etag": 1, "facet": "newFacet"}
    found = read(changed(answers=[extended], more={"x": []}), "x.json")

    assert [a.facet for a in found.answers] == ["newFacet"]
    assert list(found.resources()) == []


def test_what_may_be_left_out_is_empty():
    facts = {"version": 1, "taken": "2026-11-24T13:00:00+01:00", "cloud": "AzureCloud"}
    rows = [{"facet": "locks", "scope": "/", "state": "denied"}]

    found = read(json.dumps({**facts, "answers": rows}).encode(), "x.json")
    assert found.taken == NOON
    assert found.answers == (Answer("locks", "/", "", DENIED),)
    VALIDATOR.validate(json.loads(dump(found)))


def test_a_moment_without_offset_is_in_utc():
    assert read(changed(taken="2026-11-24T12:00:00"), "x").taken == NOON


def test_packed_and_plain_are_the_same(tmp_path):
    raw = json.dumps(WHOLE).encode()

    assert read(gzip.compress(raw), "x.json") == read(raw, "x") == read(b"\xef\xbb\xbf" + raw, "x")
    assert snapshots.packed("{}", tmp_path / "x.json") == b"{}"
    packed = snapshots.packed("{}", tmp_path / "X.JSON.GZ")
    assert gzip.decompress(packed) == b"{}"
    assert packed == snapshots.packed("{}", tmp_path / "other.gz")


def zipped():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("estate.json", json.dumps(WHOLE))
    return stream.getvalue()


WRONG = {
    "nothing at all": (b"", "is no snapshot"),
    "a ZIP": (zipped(), "is no snapshot"),
    "not JSON": (b"name: x\n", "is no snapshot"),
    "UTF-16": (json.dumps(WHOLE).encode("utf-16"), "is no snapshot"),
    "cut off": (json.dumps(WHOLE).encode()[:-20], "is no snapshot"),
    "cut off while packed": (gzip.compress(json.dumps(WHOLE).encode())[:-20], "is no snapshot"),
    "packed like a bomb": (gzip.compress(b" " * 60_000_000, 9), "unpacks to more than a snapshot"),
    "packed and damaged": (gzip.compress(b"{}")[:12] + b"\0\xff\0\xff" * 9, "is no snapshot"),
    "a list": (b"[]", "`azmlint snapshot` writes one"),
    "a report": (b'{"version": 1, "findings": []}', "`azmlint snapshot` writes one"),
    "deep": (b'{"version":1,"answers":' + b"[" * 200_000, "nested too deeply"),
    "NaN": (changed(version=float("nan")), "NaN is no JSON"),
    "a later version": (changed(version=2), "version 2; this azmlint reads 1"),
    "true for a version": (changed(version=True), "version True"),
    "a text for a version": (changed(version="1"), "version '1'"),
    "no moment": (changed(taken="yesterday"), "'taken' is 'yesterday', which is no moment"),
    "a number for a moment": (changed(taken=1), "'taken' is 1, which is no text"),
    "before all time": (changed(taken="0001-01-01T00:00:00+14:00"), "broken snapshot"),
    "no cloud": (changed(cloud=None), "'cloud' is missing or null"),
    "answers that are none": (changed(answers={}), "'answers' is {}, which is no list"),
    "an answer that is none": (changed(answers=[1]), "'answers[0]' is 1, which is no object"),
    "no facet": (row_changed(facet=...), "'answers[0].facet' is missing or null"),
    "an empty facet": (row_changed(facet=""), "no scope of a facet ''"),
    "no scope": (row_changed(scope="x"), "'answers[0].scope' is 'x'"),
    "an unknown state": (row_changed(state="done"), "none of collected, denied, failed"),
    "a list for a state": (row_changed(state=["x" * 100]), "'answers[0].state' is ['xxx"),
    "items that are none": (row_changed(items={}), "'answers[0].items' is {}"),
    "an item that is none": (row_changed(items=[{}, 1]), "no list of objects"),
    "a number for a reason": (row_changed(reason=403), "'answers[0].reason' is 403"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_snapshot_gives_one_clear_line(name):
    raw, text = WRONG[name]

    with pytest.raises(SourceError) as caught:
        read(raw, "estate.json")
    assert str(caught.value).startswith("estate.json is ")
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250
    assert caught.value.exit_code == 3


@given(st.data())
def test_a_damaged_snapshot_is_read_or_refused(data):
    raw = bytearray(data.draw(shots.map(lambda s: dump(s).encode())))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        length = data.draw(st.integers(0, 8))
        raw[start : start + length] = data.draw(
            st.sampled_from([b"", b"{", b"]", b'"', b"null", b"1e999", b"\xff", b"\\ud800", b":"])
        )  # fmt: skip
    packed = gzip.compress(bytes(raw)) if data.draw(st.booleans()) else bytes(raw)

    try:
        found = read(packed, "x.json")
    except SourceError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017  # reading may as well succeed
    else:
        VALIDATOR.validate(json.loads(dump(found)))
        assert again(found) == found
        list(found.resources())


@given(
    st.recursive(plain, lambda i: st.dictionaries(st.sampled_from(sorted(WHOLE)), i), max_leaves=9)
)
def test_any_json_is_read_or_refused(data):
    with pytest.raises(SourceError):
        read(json.dumps(data).encode(), "x.json")


def test_what_unpacks_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(module, "SIZE_LIMIT", 1_000_000)
    bomb = gzip.compress(b" " * 1_000_000) * 20

    with pytest.raises(SourceError, match="unpacks to more than a snapshot can hold"):
        read(bomb, "x.json.gz")


def test_deep_nesting_in_an_item_is_cut():
    deep = {"x": 1}
    for _ in range(300):
        deep = {"x": deep}
    found = read(row_changed(items=[{"id": "/x", "properties": deep}]), "x.json")

    assert "(removed)" in dump(found)
    assert again(found) == found


def test_a_folder_is_no_snapshot(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        snapshots.load([tmp_path])


def test_a_missing_file_is_a_mistake_of_the_command_line(tmp_path):
    with pytest.raises(ConfigError, match="there is no such file"):
        snapshots.load([tmp_path / "estate.json"])


def test_several_files_are_merged_when_they_are_loaded(tmp_path):
    other = SUBSCRIPTION.replace("7f1a", "8a2b")
    parts = [shot(row(COLLECTED, "a")), shot(row(COLLECTED, "b", scope=other))]
    paths = [tmp_path / "a.json", tmp_path / "b.json.gz"]
    for path, part in zip(paths, parts, strict=True):
        path.write_bytes(snapshots.packed(dump(part), path))

    assert snapshots.load(paths) == snapshots.load(paths[::-1]) == merge(parts)
    assert snapshots.load(paths[:1]) == parts[0]


def test_each_id_is_one_resource_whatever_lists_it():
    item = {
        "id": f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws",
        "name": "ws",
    }
    nameless = {"type": "Microsoft.Network/virtualNetworks"}
    rows = [
        Answer(Facet.WORKSPACES, SUBSCRIPTION, "", COLLECTED, (item, nameless)),
        Answer(Facet.WORKSPACES, GROUP, "", COLLECTED, ({**item, "id": item["id"].upper()},)),
    ]

    assert [r.label for r in shot(*rows).resources()] == ["workspace 'ws'"]
