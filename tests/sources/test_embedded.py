"""What is embedded in a file is read by itself, and is placed and edited in the file."""

from __future__ import annotations

import json
import pickle
import re

import pytest
import yaml as pyyaml
from hypothesis import assume, given
from hypothesis import strategies as st

from azmlint.engine.fix import apply
from azmlint.location import Document, Edit, Place, Span, in_files
from azmlint.model.value import NotEditable
from azmlint.sources import yaml
from azmlint.sources.embedded import Assembly

STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
TEXTS = st.text(
    st.sampled_from('ab "\\/#:-\t\n\r{}é\u2028😀\ud83d\x00') | st.characters(), max_size=8
)
LINES = st.text(st.sampled_from("ab '\"\\#:-\n|>é😀"), max_size=24)


def cells(text, encoding="utf-8"):
    """Embed all strings of a JSON text, as one."""
    assembly = Assembly(Document("x.json", text, encoding=encoding))
    for match in STRING.finditer(text):
        assembly.take_json(*match.span())
    return assembly.embedded("x.py")


def script(text, key="run"):
    """Embed the scalar of a key in a YAML text."""
    host = Document("x.yml", text)
    assembly = Assembly(host)
    use = yaml.parse(host)[0].get(key)
    assert use is not None
    return assembly.embedded("x.sh") if assembly.take_yaml(use.node) else None


def edited(inner, start, end, new):
    """Give the file's text after an edit of what is embedded in it."""
    edits = in_files([Edit(inner, start, end, new)])
    assert all(e.document is inner.host for e in edits)
    return apply(inner.host, edits)


def in_file(place):
    return place.document.text[place.start : place.end]


def extents(text):
    return st.tuples(*[st.integers(0, len(text))] * 2).map(sorted)


@given(st.lists(TEXTS, max_size=5), st.booleans(), st.sampled_from([None, 1]), st.data())
def test_every_extent_of_json_strings_goes_to_the_file_and_back(texts, ascii_only, indent, data):
    inner = cells(json.dumps(texts, ensure_ascii=ascii_only, indent=indent))
    start, end = data.draw(extents(inner.text))

    assert inner.text == "".join(texts)
    place = Place(inner, Span(start, end))
    assert place.document is inner.host
    if start < end:
        assert inner.extent_of(place.start, place.end) == (start, end)
        assert place.text == inner.text[start:end]
        spelled = "".join(place.document.text[a:b] for a, b in place.pieces)
        assert json.loads(f'"{spelled}"') == place.text
        assert (place.pieces[0].start, place.pieces[-1].end) == (place.start, place.end)
        escaped = json.dumps(inner.text[start:end], ensure_ascii=ascii_only)[1:-1]
        assert "".join(re.split(r'"[\s,]*"', in_file(place))) == escaped or '"' in inner.text


@given(st.lists(TEXTS, min_size=1, max_size=5), st.booleans(), TEXTS, st.data())
def test_an_edit_of_json_strings_is_the_edit_of_what_they_say(texts, ascii_only, new, data):
    before = json.dumps({"source": texts}, ensure_ascii=ascii_only, indent=1)[:-1]
    before = before.replace('"source"', "source")
    inner = cells(before)
    start, end = data.draw(extents(inner.text))

    after = edited(inner, start, end, new)

    again = cells(after)
    assert again.text == inner.text[:start] + new + inner.text[end:]
    assert STRING.sub("_", after) == STRING.sub("_", before)
    untouched = [
        old == now for old, now in zip(STRING.findall(before), STRING.findall(after), strict=True)
    ]
    assert untouched.count(False) <= max(1, len(set(range(start, end))))


def test_a_deletion_across_strings_leaves_their_other_text():
    inner = cells('["ab\\n", "cd\\n", "ef"]')

    assert edited(inner, 1, 7, "X") == '["aX", "", "f"]'


@pytest.mark.parametrize(
    ("host", "written"),
    [('["a"]', '["\\u00e9a"]'), ('["aé"]', '["éaé"]')],
)
def test_new_text_is_escaped_as_the_file_escapes(host, written):
    assert edited(cells(host), 0, 0, "é") == written


def test_what_the_encoding_cannot_spell_is_escaped():
    assert edited(cells('["aé"]', encoding="latin-1"), 0, 0, "😀") == '["\\ud83d\\ude00aé"]'


def test_an_insertion_stands_on_the_line_that_it_is_written_for():
    inner = cells('["a\\n", "b\\n"]')

    assert edited(inner, 2, 2, "x\n") == '["a\\n", "x\\nb\\n"]'
    assert edited(inner, 2, 2, "x") == '["a\\nx", "b\\n"]'


def test_what_is_only_put_between_pieces_cannot_be_edited():
    assembly = Assembly(Document("x.json", '["a"],["b"]'))
    assembly.take_json(1, 4)
    assembly.add("\n")
    assembly.take_json(7, 10)
    inner = assembly.embedded("x.py")

    with pytest.raises(NotEditable):
        inner.host_edits(Edit(inner, 0, 3, "x"))
    assert edited(inner, 1, 1, "x") == '["ax"],["b"]'
    assert edited(inner, 2, 3, "x") == '["a"],["x"]'


def test_what_is_blanked_keeps_its_place_and_cannot_be_edited():
    assembly = Assembly(Document("x.txt", "%run a\nb"))
    assembly.blank(0, 7)
    assembly.take(7, 8)
    inner = assembly.embedded("x.py")

    assert inner.text == "      \nb"
    assert Place(inner, Span(7, 8)).start == 7
    with pytest.raises(NotEditable):
        inner.host_edits(Edit(inner, 0, 1, "x"))


def test_what_is_said_instead_stands_for_all_of_what_is_written():
    assembly = Assembly(Document("x.txt", "echo {a.b}!"))
    assembly.take(0, 5)
    assembly.instead(5, 10, "${a}")
    assembly.take(10, 11)
    inner = assembly.embedded("x.sh")

    assert inner.text == "echo ${a}!"
    assert in_file(Place(inner, Span(5, 9))) == in_file(Place(inner, Span(6, 8))) == "{a.b}"
    with pytest.raises(NotEditable):
        inner.host_edits(Edit(inner, 5, 9, "x"))


def test_texts_of_one_name_in_one_file_are_told_apart():
    host = Document("x.txt", "ab")
    inner = []
    for start in (0, 1):
        assembly = Assembly(host)
        assembly.take(start, start + 1)
        inner.append(assembly.embedded("x.sh"))

    assert list(host.leaves()) == inner


def test_what_is_embedded_does_not_go_along_to_another_process():
    host = Document("x.yml", "run: |\n  a\n", bom=b"x")
    assembly = Assembly(host)
    assert assembly.take_yaml(yaml.parse(host)[0].get("run").node)
    assembly.embedded("x.sh")

    other = pickle.loads(pickle.dumps(host))

    assert list(host.leaves())
    assert (other.path, other.text, other.bom, other.inner) == ("x.yml", host.text, b"x", None)


def test_an_empty_text_takes_what_is_written_into_it():
    assert edited(cells('{"source": ""}'.replace('"source"', "s")), 0, 0, "x") == '{s: "x"}'


def test_what_is_embedded_in_what_is_embedded_is_placed_and_edited_in_the_file():
    outer = cells('["\\n", "a\\"b\\n"]')
    assembly = Assembly(outer)
    assembly.take(1, 4)
    inner = assembly.embedded("y.sh")
    place = Place(inner, Span(1, 2))

    assert inner.text == 'a"b'
    assert place.document is outer.host
    assert place.text == '"'
    assert in_file(place) == '\\"'
    assert apply(outer.host, in_files([Edit(inner, 1, 2, "\\")])) == '["\\n", "a\\\\b\\n"]'
    assert inner.extent_of(place.start, place.end) == (1, 2)
    assert list(outer.host.leaves()) == [inner]


def test_what_crosses_lines_of_a_file_has_pieces():
    outer = cells('["a = f(\\n", "  b)\\n", "c"]')
    assembly = Assembly(outer)
    assembly.take(4, 12)
    inner = assembly.embedded("y.py")

    for place in (Place(inner, Span(0, 7)), Place(outer, Span(4, 11))):
        text = place.document.text
        assert [text[a:b] for a, b in place.pieces] == ["f(\\n", "  b)"]
    assert Place(Document("x", "abc"), Span(1, 2)).pieces == ((1, 2),)


def test_indented_lines_are_read_and_written_without_their_indentation():
    host = Document("x.md", "- ```\n  a\n  b\n\n  ```\n")
    assembly = Assembly(host)
    assembly.take_indented(8, 14, "  ")
    inner = assembly.embedded("x.sh")

    assert inner.text == "a\nb\n"
    assert edited(inner, 2, 3, "c\nd") == "- ```\n  a\n  c\n  d\n\n  ```\n"
    assert Place(inner, Span(2, 3)).shown == "x.md:3:3"


STYLES = ["|", ">", "'", '"', None]


def written(value, style, *, width=1000):
    class Styled(str):
        __slots__ = ()

    class Dumper(pyyaml.SafeDumper):
        pass

    Dumper.add_representer(
        Styled, lambda d, v: d.represent_scalar("tag:yaml.org,2002:str", str(v), style=style)
    )
    data = {"jobs": {"steps": 1}, "run": Styled(value), "after": 1}
    return pyyaml.dump(data, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=width)


@given(LINES, st.sampled_from(STYLES), st.sampled_from([5, 1000]), st.data())
def test_every_extent_of_a_yaml_scalar_goes_to_the_file_and_back(value, style, width, data):
    text = written(value, style, width=width)
    value = pyyaml.safe_load(text)["run"]
    assume(isinstance(value, str))
    inner = script(text)
    start, end = data.draw(extents(value))

    assert inner is not None
    assert inner.text == value
    if start < end:
        place = Place(inner, Span(start, end))
        assert inner.extent_of(place.start, place.end) == (start, end)
        if re.fullmatch("[ab]+", value[start:end]):
            assert place.text == in_file(place) == value[start:end]


@given(LINES, st.sampled_from(STYLES), LINES, st.data())
def test_an_edit_of_a_yaml_scalar_is_exact_or_refused(value, style, new, data):
    text = written(value, style)
    assume(isinstance(pyyaml.safe_load(text)["run"], str))
    inner = script(text)
    start, end = data.draw(extents(value))
    try:
        after = edited(inner, start, end, new)
    except NotEditable:
        return

    loaded = pyyaml.safe_load(after)
    assert loaded == {
        **pyyaml.safe_load(text),
        "run": value[:start] + new + value[end:],
    }


BLOCK = """\
steps:
  - name: a
    run: {}
      az ml compute create \\
        --min-instances 1

      echo done{}
    shell: bash
"""


@pytest.mark.parametrize("header", ["|", "|-", "|+", "|2", "| # why"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("tail", ["", "\n", "\n\n"])
def test_a_block_is_edited_with_its_indentation(header, newline, tail):
    host = Document("x.yml", BLOCK.format(header, tail).replace("\n", newline))
    step = yaml.parse(host)[0].get("steps").node.items[0].node
    assembly = Assembly(host)
    assert assembly.take_yaml(step.get("run").node)
    inner = assembly.embedded("x.sh")
    at = inner.text.index("1")
    end = inner.text.index("\n\necho")

    assert apply(host, in_files([Edit(inner, at, at + 1, "0")])) == host.text.replace("1", "0")
    added = apply(host, in_files([Edit(inner, end, end, " \\\n  --max-instances 4")]))
    wanted = "--min-instances 1 \\\n        --max-instances 4".replace("\n", newline)
    assert added == host.text.replace("--min-instances 1", wanted)


@pytest.mark.parametrize("header", ["|", "|+", "|2"])
def test_a_line_is_added_after_the_last_one_of_a_block(header):
    host = Document("x.yml", BLOCK.format(header, ""))
    step = yaml.parse(host)[0].get("steps").node.items[0].node
    assembly = Assembly(host)
    assert assembly.take_yaml(step.get("run").node)
    inner = assembly.embedded("x.sh")
    last = len(inner.text)

    after = apply(host, in_files([Edit(inner, last, last, "exit\n")]))

    assert after == host.text.replace("done\n", "done\n      exit\n")


def test_what_is_no_text_is_not_embedded():
    assert script("run: 5\n") is None
    assert script("run: [a]\n") is None


def test_what_would_mean_something_else_is_not_written():
    inner = script("run: az ml\n")

    with pytest.raises(NotEditable):
        inner.host_edits(Edit(inner, 5, 5, ": x"))
    with pytest.raises(NotEditable):
        inner.host_edits(Edit(inner, 5, 5, " # x"))
    assert edited(inner, 5, 5, " -n x") == "run: az ml -n x\n"
