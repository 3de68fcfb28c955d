"""Edits of az ml YAML: one property changes, and nothing else does."""

from __future__ import annotations

import pytest
import yaml as pyyaml
from hypothesis import assume, given
from hypothesis import strategies as st

from azmlint.engine.fix import apply
from azmlint.model.value import REMOVED, NotEditable
from azmlint.sources import load
from azmlint.sources.comment import comments
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts


def read(raw, path="cluster.yml"):
    document = decode(path, raw)
    reading = load.read(document, Texts({path: document}))
    assert not [p for p in reading.problems if p.rule]
    return document, reading.resources


def edited(document, value, new):
    text = apply(document, value.edits(new))
    return document.encoded(text)


def changed(text, new, prop="min_nodes", path="cluster.yml"):
    """Set one property of the first resource of a text, and give the text after it."""
    document, resources = read(text.encode(), path)
    raw = edited(document, getattr(resources[0], prop), new)
    _, after = read(raw, path)
    value = getattr(after[0], prop)
    assert value.is_absent if new is REMOVED else value.known == new
    return raw.decode()


HEAD = "name: c\ntype: amlcompute\n"


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("min_instances: 2 # keep\n", 0, "min_instances: 0 # keep\n"),
        ("min_instances:   '2'\n", 0, "min_instances:   0\n"),
        ("min_instances: &n 2\nmax_instances: *n\n", 0, "min_instances: &n 0\nmax_instances: *n\n"),
        ("max_instances: &n 2\nmin_instances: *n\n", 0, "max_instances: &n 0\nmin_instances: *n\n"),
        ("min_instances: !!int '2'\n", 0, "min_instances: !!int 0\n"),
        ("min_instances:\n", 0, "min_instances: 0\n"),
        ("min_instances: \n", 0, "min_instances: 0 \n"),
        ("min_instances: # none\n", 0, "min_instances: 0 # none\n"),
        ("min_instances: &n\nx: *n\n", 0, "min_instances: &n 0\nx: *n\n"),
        ("min_instances: null\n", 0, "min_instances: 0\n"),
        ("min_instances: |-\n  2\nmax_instances: 4\n", 0, "min_instances: 0\nmax_instances: 4\n"),
        ("size: s # last", 0, "size: s # last\nmin_instances: 0"),
        ("size: s\n\n# end\n", 0, "size: s\nmin_instances: 0\n\n# end\n"),
        ("tags: {a: b}\n...\n", 0, "tags: {a: b}\nmin_instances: 0\n...\n"),
        ("description: |\n  one\n\n\n", 0, "description: |\n  one\nmin_instances: 0\n\n\n"),
        ("description: |+\n  one\n\n\n", 0, "description: |+\n  one\n\n\nmin_instances: 0\n"),
        ("tags:\n  a: b\n  # c\n", 0, "tags:\n  a: b\nmin_instances: 0\n  # c\n"),
        ("scale_settings: {min_node_count: 2}\n", 0, "scale_settings: {min_node_count: 0}\n"),
    ],
)
def test_a_number_is_set_in_place_or_at_the_end(before, new, after):
    assert changed(HEAD + before, new) == HEAD + after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "network_settings:\n    vnet_name: v\n",
            "network_settings:\n    vnet_name: v\n    subnet: s\n",
        ),
        ("network_settings: {vnet_name: v}\n", "network_settings: {vnet_name: v, subnet: s}\n"),
        (
            "network_settings: {vnet_name: v , }\n",
            "network_settings: {vnet_name: v, subnet: s , }\n",
        ),
        ("network_settings: {}\n", "network_settings: {subnet: s}\n"),
        ("network_settings: { }\n", "network_settings: {subnet: s}\n"),
        ("network_settings: { # c\n  }\n", "network_settings: {subnet: s # c\n  }\n"),
        ("size: s\n", "size: s\nnetwork_settings:\n  subnet: s\n"),
    ],
)
def test_a_nested_property_is_added_where_it_belongs(before, after):
    assert changed(HEAD + before, "s", "subnet") == HEAD + after


def test_a_nested_property_is_added_inside_flow_maps():
    text = "{name: c, type: amlcompute, size: s}\n"

    assert changed(text, "x", "subnet") == (
        "{name: c, type: amlcompute, size: s, network_settings: {subnet: x}}\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("min_instances: 2 # why\nmax_instances: 4\n", "max_instances: 4\n"),
        ("max_instances: 4\nmin_instances: 2", "max_instances: 4\n"),
        ("max_instances: &n 4\nmin_instances: *n\n", "max_instances: &n 4\n"),
        (
            "# one\nmin_instances: |\n  2\n\n# two\nsize: s\n",
            "# one\n\n# two\nsize: s\n",
        ),
    ],
)
def test_a_property_is_removed_with_its_line(before, after):
    assert changed(HEAD + before, REMOVED) == HEAD + after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{name: c, type: amlcompute, min_instances: 2}", "{name: c, type: amlcompute}"),
        ("{min_instances: 2, name: c, type: amlcompute}", "{name: c, type: amlcompute}"),
        ("{name: c, min_instances: 2,\n type: amlcompute}", "{name: c, type: amlcompute}"),
        ("{name: c, type: amlcompute, min_instances: 2, }", "{name: c, type: amlcompute, }"),
    ],
)
def test_a_property_is_removed_from_a_flow_map_with_one_comma(before, after):
    assert changed(before, REMOVED) == after


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "x: &x {min_instances: 2}\n<<: *x\n",
        HEAD + "x: &x {min_instances: 2}\n<<: *x\nmin_instances: 3\n",
        HEAD + "min_instances: 2\nmin_instances: 3\n",
        HEAD + "min_instances: &n 2\nmax_instances: *n\n",
        HEAD + "? min_instances\n: 2\n",
        "{name: c, type: amlcompute, # one, two\n min_instances: 2}\n",
        "{name: c, type: amlcompute, &k min_instances: 2}\n",
        HEAD + "scale_settings:\n  min_node_count: 2\n",
    ],
)
def test_what_cannot_be_removed_alone_is_left(text):
    _, (resource,) = read(text.encode())

    with pytest.raises(NotEditable):
        resource.min_nodes.edits(REMOVED)


@pytest.mark.parametrize(
    ("text", "prop"),
    [
        (HEAD + "size: s\nmin_instances: ${{ nodes }}\n", "min_nodes"),
        (HEAD + "size: s\nmin_instances: [2]\n", "min_nodes"),
        ("{name: c, type: amlcompute, size: s, min_instances}\n", "min_nodes"),
        (HEAD + "min_instances: | # why\n  2\n", "min_nodes"),
        (HEAD + "size: s\nnetwork_settings: 3\n", "subnet"),
        (HEAD + "size: s\nnetwork_settings:\n", "subnet"),
        (HEAD + "x: &x {a: 1}\nsize: s\nnetwork_settings:\n  <<: *x\n", "subnet"),
    ],
)
def test_what_cannot_be_set_is_left(text, prop):
    _, (resource,) = read(text.encode())

    with pytest.raises(NotEditable):
        getattr(resource, prop).edits(0 if prop == "min_nodes" else "s")


def test_a_parent_that_is_not_written_has_nothing_to_remove():
    _, (resource,) = read((HEAD + "size: s\n").encode())

    with pytest.raises(NotEditable):
        resource.subnet.edits(REMOVED)


@pytest.mark.parametrize("quote", ["'", '"', ""])
def test_quotes_stay(quote):
    text = f"{HEAD}size: s\ntier: {quote}low_priority{quote}\n"

    assert changed(text, "dedicated", "tier") == text.replace("low_priority", "dedicated")


def test_a_text_that_yaml_would_take_for_something_else_is_quoted():
    text = HEAD + "size: s\n"

    assert [
        changed(text, new, "size").partition("size: ")[2].strip()
        for new in ("on", "12", "a: b", "Standard_D4s_v5", "x #y", "null")
    ] == ['"on"', '"12"', '"a: b"', "Standard_D4s_v5", '"x #y"', '"null"']


# Whatever the document looks like

_COMMENT = st.sampled_from(["", " # c", "  # é 😀: 'x'", " #, {"])
_VALUES = {
    "size": ["Standard_D4s_v5", "'Standard_D4s_v5'", '"x"', "!!str s"],
    "min_instances": ["0", "2", "'3'", "&n 4", "", "0x10", "1:30"],
    "max_instances": ["4", "1_0", "~"],
    "idle_time_before_scale_down": ["120", "017"],
    "tier": ["dedicated", "low_priority", '"low_priority"'],
    "location": ["westeurope", "'West Europe'"],
    "description": ["one two", "'é 😀'", '"a\\tb"', "it's", "b#c"],
}
_BLOCK_VALUES = ["|\n  one\n  # two", ">-\n  one\n\n  two", "one\n  two", "'one\n\n  two'"]
_NESTED = {
    "tags": ["{a: b, 'c': d}", "\n  a: b{c}\n  c:\n    - d", "\n    a: {b: [1, 2]}", "{}"],
    "identity": ["{type: system_assigned}", "\n  type: user_assigned{c}"],
    "network_settings": [
        "{vnet_name: v}",
        "\n  vnet_name: v{c}\n  # c",
        "{vnet_name: v,\n   x: y}",
    ],
}


@st.composite
def block_documents(draw):
    keys = draw(st.lists(st.sampled_from([*_VALUES, *_NESTED]), unique=True, min_size=1))
    entries = []
    for key in ["name", "type", *keys]:
        comment = draw(_COMMENT)
        if key in _NESTED:
            text = draw(st.sampled_from(_NESTED[key])).replace("{c}", comment)
            entry = f"{key}: {text}".replace(": \n", f":{comment}\n")
        elif key == "description" and draw(st.booleans()):
            entry = f"{key}: {draw(st.sampled_from(_BLOCK_VALUES))}"
        else:
            fixed = {"name": ["c", '"c"'], "type": ["amlcompute", "AmlCompute"]}
            value = draw(st.sampled_from(fixed.get(key) or _VALUES[key]))
            space = draw(st.sampled_from([" ", "  "])) if value else ""
            entry = f"{key}:{space}{value}{comment}"
        entries.append(entry + draw(st.sampled_from(["", "\n", "\n# alone", "\n  # within"])))
    entries = draw(st.permutations(entries))
    start = draw(st.sampled_from(["", "# top\n", "---\n", "%YAML 1.1\n---\n"]))
    end = draw(st.sampled_from(["", "\n", "\n\n", "\n...\n", "\n# end", "\n---\n# other\n"]))
    return start + "\n".join(entries) + end


@st.composite
def flow_documents(draw):
    keys = draw(st.lists(st.sampled_from([*_VALUES]), unique=True, min_size=1))
    entries = ["name: c", "type: amlcompute"]
    entries += [f"{key}: {draw(st.sampled_from(_VALUES[key]))}" for key in keys]
    entries = draw(st.permutations(entries))
    commas = st.sampled_from([", ", ",", " , ", ",\n  ", ", # c\n  ", "\n  , "])
    text = draw(st.sampled_from(["{", "{ ", "{\n  ", "{ # a\n  "]))
    for index, entry in enumerate(entries):
        text += entry + (draw(commas) if index + 1 < len(entries) else "")
    return text + draw(st.sampled_from(["}", " }", "\n}", ", }", " # b\n}"]))


_DOCUMENTS = st.one_of(block_documents(), flow_documents())
_NEW = {
    "min_nodes": [0, 7],
    "max_nodes": [1],
    "size": ["Standard_E4s_v5", "on", "a: b", "é 😀"],
    "idle_seconds": [300],
    "tier": ["dedicated", "lowpriority"],
    "location": ["northeurope"],
    "subnet": ["/subscriptions/x/subnets/y"],
    "public_ip": [True, False],
    "ssh_public": ["enabled", "disabled"],
}
_CHANGES = st.sampled_from(
    [(name, new) for name, values in _NEW.items() for new in (*values, REMOVED)]
)
_ENCODINGS = st.sampled_from(
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe")]
)


@given(_DOCUMENTS, _CHANGES, st.sampled_from(["\n", "\r\n", "\r"]), _ENCODINGS)
def test_one_change_changes_one_property(text, change, newline, encoding):
    codec, bom = encoding
    raw = bom + text.replace("\n", newline).encode(codec)
    document, (resource, *_) = read(raw)
    name, new = change
    value = getattr(resource, name)
    try:
        (edit,) = value.edits(new)
    except NotEditable:
        assume(False)  # noqa: FBT003  # nothing was changed

    after_raw = document.encoded(apply(document, [edit]))
    after, (again, *_) = read(after_raw)
    assert after_raw.startswith(bom)
    got = getattr(again, name)
    assert got.is_absent if new is REMOVED else got.known == new
    for other in _NEW:
        if other != name:
            old = getattr(resource, other)
            assert getattr(again, other).known == old.known
            assert getattr(again, other).text == old.text
    whole, whole_after = (next(pyyaml.safe_load_all(d.text)) for d in (document, after))
    top = value.route[0]
    whole.pop(top, None), whole_after.pop(top, None)
    assert whole_after == whole
    kept = comments_of(document)
    if new is REMOVED:
        assert len(comments_of(after)) in {len(kept), len(kept) - 1}
    else:
        assert comments_of(after) == kept
    assert not set("\r\n") & set(after.text.replace(newline, ""))


def comments_of(document):
    return [document.text[c.start : c.end] for c in comments(document)]


def test_a_text_that_latin_1_cannot_hold_is_escaped():
    document, (resource,) = read((HEAD + "description: caf\u00e9\nsize: s\n").encode("latin-1"))
    raw = edited(document, resource.size, "\u20ac 😀 \u00e9")

    assert raw.decode("latin-1").endswith('size: "\\u20ac \\U0001f600 é"\n')
    assert read(raw)[1][0].size.known == "\u20ac 😀 \u00e9"
