"""Suppressing findings by comments and by the configuration."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from azmlint.config import Config, load
from azmlint.config_schema import Names
from azmlint.engine.fix import apply as edited
from azmlint.engine.suppress import Run, add_ignores, apply, parse_ignores
from azmlint.finding import Finding, Severity
from azmlint.location import Document, Place, Span
from azmlint.testing import check
from azmlint_rules.scale.fixed_size_cluster import FixedSizeCluster
from azmlint_rules.scale.min_nodes_above_zero import MinNodesAboveZero

TODAY = dt.date(2026, 11, 24)
RULES = {"min-nodes-above-zero": (), "fixed-size-cluster": (), "public-ssh": ()}
FAMILIES = {"min-nodes-above-zero": "scale", "fixed-size-cluster": "scale", "public-ssh": "network"}
NAMES = Names(RULES, frozenset({"scale", "network"}), {"min-nodes-set": "min-nodes-above-zero"})
RUN = Run(FAMILIES, frozenset(FAMILIES))
PLAIN = Config(root=Path(), names=NAMES)

CLUSTER = """\
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: train
type: amlcompute
size: Standard_D4s_v5
min_instances: 1
max_instances: 4
"""


def cluster(line=None, *, above=None, of="min_instances: 1"):
    text = CLUSTER
    if line is not None:
        text = text.replace(of, f"{of}  {line}")
    if above is not None:
        text = text.replace(of, f"{above}\n{of}")
    return text


def sorted_out(texts, config=PLAIN, run=RUN, today=TODAY, undecided=()):
    if isinstance(texts, str):
        texts = {"cluster.yml": texts}
    report = check(texts, [MinNodesAboveZero, FixedSizeCluster])
    return apply(report.findings, report.documents, config, today, run, undecided)


def spot(document, text, rule="min-nodes-above-zero"):
    start = document.text.index(text)
    place = Place(document, Span(start, start + len(text)))

    class On:
        trace = (place,)

    On.place = place
    return Finding(rule, Severity.WARNING, "m", On(), None)


@pytest.mark.parametrize(
    "text",
    [
        cluster("# azmlint: ignore[min-nodes-above-zero] warm pool"),
        cluster("#azmlint:ignore[min-nodes-above-zero] warm pool"),
        cluster("# noqa: X; azmlint: ignore[min-nodes-above-zero]: warm pool"),
        cluster("# azmlint: ignore[public-ip, min-nodes-above-zero] warm pool"),
        cluster("# azmlint: ignore[scale] warm pool"),
        cluster("# azmlint: ignore[min-nodes-set] warm pool"),
        cluster(above="# azmlint: ignore[min-nodes-above-zero] warm pool"),
        cluster(above="# azmlint: ignore[min-nodes-above-zero] warm pool\n# more to say"),
        cluster(above="# azmlint: ignore[min-nodes-above-zero] - warm pool", of="min_instances:"),
        CLUSTER + "# azmlint: ignore-file[min-nodes-above-zero] warm pool\n",
        cluster("# azmlint: ignore[min-nodes-above-zero] warm pool until=2026-11-24"),
        cluster("# azmlint: ignore[min-nodes-above-zero] until=2027-01-31 warm pool"),
        cluster("# azmlint: ignore[min-nodes-above-zero] warm pool").replace("\n", "\r\n"),
    ],
)
def test_a_comment_on_or_above_the_line_suppresses_with_its_reason(text):
    kept, suppressed, _ = sorted_out(text)

    assert not kept
    assert [(s.by, s.reason) for s in suppressed] == [("comment", "warm pool")]


@pytest.mark.parametrize(
    "text",
    [
        cluster("# azmlint: ignore[public-ssh] other rule"),
        cluster("# azmlint: ignore[network] other family"),
        cluster(above="# azmlint: ignore[min-nodes-above-zero] not next to it\n"),
        cluster(above="# azmlint: ignore[min-nodes-above-zero] elsewhere", of="size:"),
        cluster("# azmlint: ignore[min-nodes-above-zero] elsewhere", of="max_instances: 4"),
        cluster("# azmlint: ignore[min-nodes-above-zero] over until=2026-11-23"),
        cluster("# azmlint: ignore[min-nodes-above-zero] no date until=soon"),
        cluster(above='description: "# azmlint: ignore[min-nodes-above-zero] in a text"'),
        cluster(above="description: |\n  # azmlint: ignore-file[min-nodes-above-zero] in a text"),
    ],
)
def test_other_comments_leave_the_finding(text):
    kept, suppressed, _ = sorted_out(text)

    assert [f.rule for f in kept] == ["min-nodes-above-zero"]
    assert not suppressed


def test_a_missing_reason_is_allowed():
    _, suppressed, extra = sorted_out(cluster("# azmlint: ignore[min-nodes-above-zero]"))

    assert [s.reason for s in suppressed] == [""]
    assert not extra


def test_the_last_day_is_reported():
    _, suppressed, _ = sorted_out(
        cluster("# azmlint: ignore[min-nodes-above-zero] x until=2027-01-31")
    )

    assert suppressed[0].until == "2027-01-31"
    assert suppressed[0].reason == "x"


def complaint(text, **options):
    return [(f.rule, f.message, repr(f.place)) for f in sorted_out(text, **options)[2]]


def test_an_expired_ignore_is_a_finding_at_the_comment():
    found = complaint(cluster("# azmlint: ignore[min-nodes-above-zero] x until=2026-01-31"))

    assert [(rule, place) for rule, _, place in found] == [("ignore-expired", "cluster.yml:5:21")]
    assert "2026-01-31" in found[0][1]


def test_an_ignore_that_matches_nothing_is_a_finding():
    found = complaint(cluster("# azmlint: ignore[public-ssh] x"))

    message = "ignore of 'public-ssh' matches no finding"
    assert found == [("ignore-unused", message, "cluster.yml:5:21")]


def test_each_name_of_a_list_has_to_match_something():
    found = complaint(cluster("# azmlint: ignore[min-nodes-above-zero, public-ssh] x"))

    assert [(rule, place) for rule, _, place in found] == [("ignore-unused", "cluster.yml:5:59")]


def test_an_unknown_rule_is_reported_with_the_nearest_spelling():
    found = complaint(cluster("# azmlint: ignore[min-node-above-zero] x"))

    assert [rule for rule, _, _ in found] == ["ignore-unused"]
    assert "did you mean 'min-nodes-above-zero'?" in found[0][1]


@pytest.mark.parametrize(
    ("comment", "part"),
    [
        ("# azmlint: ignore min-nodes-above-zero", "it names no rule"),
        ("# azmlint: ignore[] x", "it names no rule"),
        ("# azmlint: ignore[min-nodes-above-zero] x until=31.1.2027", "not '31.1.2027'"),
    ],
)
def test_an_ignore_that_cannot_be_understood_says_what_is_wrong(comment, part):
    found = complaint(cluster(comment))

    assert [rule for rule, _, _ in found] == ["ignore-unused"]
    assert part in found[0][1]


def test_prose_about_ignores_is_no_ignore():
    assert not complaint(cluster("# see the page on azmlint: ignore comments"))


def test_an_unused_ignore_is_silent_for_rules_that_did_not_run():
    run = Run(FAMILIES, frozenset({"min-nodes-above-zero"}))

    assert not complaint(cluster("# azmlint: ignore[public-ssh] x"), run=run)


def test_an_unused_ignore_is_silent_where_the_rule_could_not_decide():
    undecided = {("public-ssh", "cluster.yml")}

    assert not complaint(cluster("# azmlint: ignore[public-ssh] x"), undecided=undecided)


def test_an_unused_ignore_is_silent_in_a_file_that_cannot_be_read():
    assert not complaint("name: [\n# azmlint: ignore[public-ssh] x\n")


def test_an_unused_ignore_is_silent_in_files_that_are_not_judged():
    run = RUN._replace(paths=frozenset({"other.yml"}))

    assert not complaint(cluster("# azmlint: ignore[public-ssh] x"), run=run)


def test_an_enforced_rule_cannot_be_ignored_by_a_comment():
    config = PLAIN._replace(enforce=frozenset({"min-nodes-above-zero"}))

    kept, suppressed, extra = sorted_out(
        cluster("# azmlint: ignore[min-nodes-above-zero] x"), config
    )

    assert [f.rule for f in kept] == ["min-nodes-above-zero"]
    assert not suppressed
    assert ["enforced" in f.message for f in extra] == [True]


def configured(tmp_path, text, enforced=()):
    path = tmp_path / "azmlint.toml"
    if enforced:
        (tmp_path / "shared").mkdir()
        (tmp_path / "shared" / "azmlint.toml").write_text(f"enforce = {list(enforced)!r}\n")
        text = f'extends = "shared/azmlint.toml"\n{text}'
    path.write_text(text)
    return load(tmp_path, None, RULES, ("scale", "network"), {})


@pytest.mark.parametrize(
    "entry",
    [
        'path = "*.yml"',
        'path = "clusters/"',
        'path = "clusters/cluster.yml"',
        'resource = "train"',
        'resource = "TRAIN"',
        'path = "clusters/**"\nresource = "train"',
    ],
)
def test_the_configuration_suppresses_by_path_and_resource(tmp_path, entry):
    config = configured(
        tmp_path, f'[[ignore]]\nrule = "min-nodes-above-zero"\nreason = "warm pool"\n{entry}\n'
    )

    kept, suppressed, extra = sorted_out({"clusters/cluster.yml": CLUSTER}, config)

    assert not kept
    assert [(s.by, s.reason) for s in suppressed] == [("configuration", "warm pool")]
    assert not extra


@pytest.mark.parametrize(
    "entry", ['path = "other/"', 'resource = "other"', 'path = "*.yml"\nresource = "other"']
)
def test_an_entry_about_something_else_leaves_the_finding(tmp_path, entry):
    config = configured(
        tmp_path, f'[[ignore]]\nrule = "min-nodes-above-zero"\nreason = "x"\n{entry}\n'
    )

    kept, suppressed, _ = sorted_out({"clusters/cluster.yml": CLUSTER}, config)

    assert len(kept) == 1
    assert not suppressed


def test_an_expired_entry_is_a_finding_at_the_configuration(tmp_path):
    config = configured(
        tmp_path,
        '[[ignore]]\nrule = "scale"\npath = "*"\nreason = "x"\nuntil = 2026-01-31\n',
    )

    kept, suppressed, extra = sorted_out(CLUSTER, config)

    assert len(kept) == 1
    assert not suppressed
    assert [(f.rule, repr(f.place)) for f in extra] == [("ignore-expired", "azmlint.toml:1:1")]


def test_an_unused_entry_is_a_finding_when_its_files_were_judged(tmp_path):
    config = configured(
        tmp_path, '[[ignore]]\nrule = "public-ssh"\npath = "cluster.yml"\nreason = "x"\n'
    )

    _, _, extra = sorted_out(CLUSTER, config)

    assert [(f.rule, repr(f.place)) for f in extra] == [("ignore-unused", "azmlint.toml:1:1")]


@pytest.mark.parametrize("entry", ['path = "other.yml"', 'resource = "other"'])
def test_an_entry_about_what_was_not_judged_is_unused_only_in_a_whole_run(tmp_path, entry):
    config = configured(tmp_path, f'[[ignore]]\nrule = "public-ssh"\nreason = "x"\n{entry}\n')

    _, _, part = sorted_out(CLUSTER, config)
    _, _, whole = sorted_out(CLUSTER, config, RUN._replace(is_whole=True))

    assert not part
    assert [f.rule for f in whole] == ["ignore-unused"]


def test_an_enforced_rule_cannot_be_ignored_by_the_configuration(tmp_path):
    config = configured(
        tmp_path,
        '[[ignore]]\nrule = "min-nodes-above-zero"\npath = "*"\nreason = "x"\n',
        enforced=("min-nodes-above-zero",),
    )

    kept, suppressed, extra = sorted_out(CLUSTER, config)

    assert [f.rule for f in kept] == ["min-nodes-above-zero"]
    assert not suppressed
    assert ["enforced" in f.message for f in extra] == [True]


JSON = """\
{
  // azmlint: ignore[a] above
  "one": 1,
  "two": 2, // azmlint: ignore[b] beside
  /* azmlint: ignore[c] in a block */
  "three": "// azmlint: ignore[d] in a text",
  "four": "a long
    text" /* azmlint: ignore-file[e] x */
}
"""


def test_json_comments_count_and_texts_do_not():
    found = parse_ignores(Document("t.json", JSON))

    assert [(i.names[0][0], i.reason, i.lines) for i in found] == [
        ("a", "above", range(2, 4)),
        ("b", "beside", range(4, 5)),
        ("c", "in a block", range(5, 7)),
        ("e", "x", None),
    ]


def test_one_comment_can_hold_several_ignores():
    text = "a: 1  # azmlint: ignore[x] one azmlint: ignore[y] two\n"

    found = parse_ignores(Document("t.yml", text))

    assert [(i.names[0][0], i.reason) for i in found] == [("x", "one"), ("y", "two")]


@pytest.mark.parametrize(
    "text",
    [
        "# azmlint: ignore[min-nodes-above-zero] x\nkey:\n  value\n",
        "key: # azmlint: ignore[min-nodes-above-zero] x\n  value\n",
        "key:\n  # azmlint: ignore[min-nodes-above-zero] x\n  value\n",
        "# azmlint: ignore[min-nodes-above-zero] x\nkey:\n- value\n",
        "key: {\n  # azmlint: ignore[min-nodes-above-zero] x\n  a: value }\n",
    ],
)
def test_a_value_on_a_line_of_its_own_belongs_to_its_key(text):
    document = Document("t.yml", text)

    kept, _, _ = apply([spot(document, "value")], {"t.yml": document}, PLAIN, TODAY, RUN)

    assert not kept


def test_an_empty_key_above_is_not_the_key_of_the_next_one():
    document = Document("t.yml", "# azmlint: ignore[min-nodes-above-zero] x\nempty:\nkey: 1\n")

    kept, _, _ = apply([spot(document, "key")], {"t.yml": document}, PLAIN, TODAY, RUN)

    assert len(kept) == 1


def test_a_written_ignore_stands_above_with_the_same_indentation():
    document = Document("t.yml", "a:\r\n    b: 1\r\n")

    edits, refused = add_ignores(
        [spot(document, "1")], "min-nodes-above-zero", "so\nbe it", dt.date(2027, 1, 31)
    )

    assert not refused
    assert edited(document, edits) == (
        "a:\r\n    # azmlint: ignore[min-nodes-above-zero] so be it until=2027-01-31\r\n"
        "    b: 1\r\n"
    )


def test_findings_on_one_line_share_one_written_ignore():
    document = Document("t.yml", "a: {b: 1, c: 2}\n")

    edits, _ = add_ignores([spot(document, "1"), spot(document, "2")], "min-nodes-above-zero", "x")

    assert len(edits) == 1


def test_only_the_named_rule_is_ignored():
    document = Document("t.yml", "a: 1\n")

    assert not add_ignores([spot(document, "1")], "public-ssh", "x").edits


@pytest.mark.parametrize(
    ("path", "text"),
    [("t.jsonc", '{\n  "a": 1\n}\n'), ("t.json", '{ // why\n  "a": 1\n}\n')],
)
def test_json_that_takes_comments_gets_one(path, text):
    document = Document(path, text)

    edits, _ = add_ignores([spot(document, "1")], "min-nodes-above-zero", "x")

    expected = '  // azmlint: ignore[min-nodes-above-zero] x\n  "a": 1\n'
    assert expected in edited(document, edits)


def test_plain_json_is_refused_with_an_entry_for_the_configuration():
    document = Document("t.json", '{\n  "a": 1\n}\n')

    edits, refused = add_ignores([spot(document, "1")], "min-nodes-above-zero", "x")

    assert not edits
    assert "plain JSON" in refused[0][1]
    assert 'path = "t.json"' in refused[0][1]


def test_a_place_inside_a_text_is_refused():
    document = Document("t.yml", 'a: "one\n  two"\n')

    edits, refused = add_ignores([spot(document, "two")], "min-nodes-above-zero", "x")

    assert not edits
    assert "cannot stand above" in refused[0][1]


def test_a_reason_that_the_file_cannot_hold_is_refused():
    document = Document("t.yml", "a: é1\n", encoding="latin-1")

    edits, refused = add_ignores([spot(document, "1")], "min-nodes-above-zero", "wärmt → alles")

    assert not edits
    assert "latin-1" in refused[0][1]


@pytest.mark.parametrize("reason", ["x until=2027-01-01", "azmlint: ignore[y]", "a */ b"])
def test_a_reason_that_reads_as_syntax_is_refused(reason):
    document = Document("t.yml", "a: 1\n")

    with pytest.raises(ValueError, match="reads as"):
        add_ignores([spot(document, "1")], "min-nodes-above-zero", reason)


_NAMES = st.text("abcdefgh", min_size=1, max_size=6)
_CLUSTERS = st.builds(
    (
        "name: {}\ntype: amlcompute\nsize: Standard_D4s_v5\n"
        "{}min_instances: {}\n{}max_instances: 9\n"
    ).format,
    _NAMES,
    st.sampled_from(["", "# a comment\n", "tags: {a: b}\n", "description: |\n  # no comment\n\n"]),
    st.integers(1, 8),
    st.sampled_from(
        ["", "\n", "# azmlint: ignore[public-ssh] other\n", 'description: "x\n  # y"\n']
    ),
)


@given(st.lists(_CLUSTERS, min_size=1, max_size=4), st.data())
def test_a_suppression_removes_exactly_its_finding(clusters, data):
    text = "---\n".join(clusters)
    before = check({"t.yml": text}, [MinNodesAboveZero]).findings
    chosen = data.draw(st.integers(0, len(before) - 1))
    edits, _ = add_ignores([before[chosen]], "min-nodes-above-zero", "why")

    after = edited(before[0].place.document, edits)
    report = check({"t.yml": after}, [MinNodesAboveZero])
    kept, suppressed, _ = apply(report.findings, report.documents, PLAIN, TODAY, RUN)

    expected = [f.message for i, f in enumerate(before) if i != chosen]
    assert [f.message for f in kept] == expected
    assert [s.finding.message for s in suppressed] == [before[chosen].message]


_SCALARS = st.one_of(st.integers(), st.booleans(), st.text(max_size=12), st.none())
_DATA = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_NAMES, _DATA, min_size=1, max_size=4), st.booleans(), st.data())
def test_a_written_ignore_keeps_what_the_yaml_says(content, is_flow, data):
    text = yaml.safe_dump(content, default_flow_style=is_flow, width=20, allow_unicode=True)
    document = Document("t.yml", text)
    at = data.draw(st.integers(0, len(text) - 1))
    finding = spot(document, text[at])
    edits, _ = add_ignores([finding], "min-nodes-above-zero", "why")

    after = edited(document, edits)

    assert yaml.safe_load(after) == yaml.safe_load(text)


SCRIPT = (
    "# azmlint: ignore[min-nodes-above-zero] on purpose\n"
    "az ml compute create -n train --type amlcompute \\\n"
    "  --min-instances 2 \\\n"
    "  --max-instances 4\n"
)


def test_a_comment_above_a_command_is_about_all_of_its_lines():
    (ignore,) = parse_ignores(Document("a.sh", SCRIPT))

    assert ignore.lines == range(1, 5)


def test_a_comment_behind_a_command_is_about_all_of_its_lines():
    text = "a \\\n  b \\\n  c # azmlint: ignore[min-nodes-above-zero] on purpose\nd\n"
    (ignore,) = parse_ignores(Document("a.sh", text))

    assert ignore.lines == range(1, 4)
