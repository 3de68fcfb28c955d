"""Notebooks of every format: their cells are found, told apart, and edited in place."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint import testing
from azmlint.engine.fix import apply
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.location import Document, Edit, Place, Span, in_files
from azmlint.model.value import REMOVED, NotEditable
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.notebook_cells import scan
from azmlint.sources.texts import Texts

CLUSTER = """\
%%writefile cluster.yml
name: train
type: amlcompute
size: Standard_DS3_v2
min_instances: 1
max_instances: 4
"""


def lines(text, *, is_list=True):
    return text.splitlines(keepends=True) if is_list else text


def code(text, *, is_list=True, **more):
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": lines(text, is_list=is_list),
        **more,
    }


def notebook(*cells, **metadata):
    made = [c if isinstance(c, dict) else code(c) for c in cells]
    return {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def read(data, *, path="nb/a.ipynb", others=None, **style):
    text = data if isinstance(data, str) else json.dumps(data, **{"indent": 1, **style})
    document = decode(path, text.encode())
    documents = {path: document, **{p: Document(p, t) for p, t in (others or {}).items()}}
    return document, load.read(document, Texts(documents))


def inner(document, suffix):
    """Give the one text of a kind that stands in a notebook; None when there is none."""
    found = [d for d in document.leaves() if d.path.endswith(suffix)]
    assert len(found) <= 1
    return found[0].text if found else None


def source_of(text):
    (cell,) = json.loads(text)["cells"]
    return "".join(cell["source"])


def clusters(reading):
    return [(r.name, r.min_nodes.known) for r in reading.resources if r.kind == "compute cluster"]


def formats(text, *, is_list):
    source = lines(text, is_list=is_list)
    three = {"cell_type": "code", "language": "python", "input": source, "outputs": []}
    return {
        4: notebook({"cell_type": "markdown", "source": "# x"}, code(text, is_list=is_list)),
        3: {"worksheets": [{"cells": [three]}], "metadata": {"name": ""}, "nbformat": 3},
        2: {"worksheets": [{"cells": [three]}], "nbformat": 2},
        1: {"cells": [{"cell_type": "code", "code": source, "prompt_number": 1}], "nbformat": 1},
    }


@pytest.mark.parametrize("is_list", [True, False])
@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_notebooks_of_every_format_are_read(version, is_list):
    document, reading = read(formats(CLUSTER, is_list=is_list)[version])

    assert clusters(reading) == [("train", 1)]
    assert not reading.problems
    place = reading.resources[0].min_nodes.place
    assert place.text == "1"
    assert place.document is document
    assert place.cell == (1 + int(version == 4), 5, 16)


@pytest.mark.parametrize("version", [1, 2, 3, 4])
@pytest.mark.parametrize("is_list", [True, False])
@pytest.mark.parametrize(
    "style",
    [
        {},
        {"indent": None},
        {"indent": "\t", "ensure_ascii": False},
        {"separators": (",", ":"), "indent": None},
    ],
)
def test_a_fix_rewrites_nothing_but_its_line(version, is_list, style):
    text = CLUSTER.replace("max_instances: 4", 'max_instances: 4  # é 😀 "x" \\')
    document, reading = read(formats(text, is_list=is_list)[version], **style)
    value = reading.resources[0].min_nodes

    (edit,) = value.edits(0)

    assert (edit.document, edit.start, edit.end, edit.text) == (
        document,
        value.place.start,
        value.place.end,
        "0",
    )
    after = document.text[: edit.start] + edit.text + document.text[edit.end :]
    assert clusters(read(after)[1]) == [("train", 0)]


@given(
    st.sampled_from([None, 1, 2, "\t"]),
    st.booleans(),
    st.booleans(),
    st.text(
        st.characters(codec="utf-8", exclude_characters="\r\n\x85\u2028\u2029\x0b\x0c\x1c\x1d\x1e"),
        max_size=9,
    ),
)
def test_after_a_new_line_the_notebook_is_the_same_but_for_one_string(
    indent, ascii_only, is_list, comment
):
    text = (
        CLUSTER.replace("min_instances: 1\n", "") + "# " + json.dumps(comment, ensure_ascii=False)
    )
    data = notebook(code(text, is_list=is_list), "print('é')\n")
    document, reading = read(data, indent=indent, ensure_ascii=ascii_only)
    if reading.problems:
        return  # YAML takes less than JSON
    (edit,) = reading.resources[0].min_nodes.edits(0)
    after = document.text[: edit.start] + edit.text + document.text[edit.end :]

    _, reading = read(after)

    assert clusters(reading) == [("train", 0)]
    assert [c.start for c in scan(after).cells][:1] == [c.start for c in scan(document.text).cells][
        :1
    ]
    old, new = (json.loads(t)["cells"][0]["source"] for t in (document.text, after))
    if is_list:
        assert sum(a != b for a, b in zip(old, new, strict=True)) == 1
    assert json.loads(after)["cells"][1] == data["cells"][1]
    restored = json.loads(after)
    restored["cells"][0]["source"] = old
    assert json.dumps(restored, indent=indent, ensure_ascii=ascii_only) == document.text


def test_what_an_output_or_a_text_cell_says_is_not_read():
    output = {"output_type": "stream", "name": "stdout", "text": lines(CLUSTER)}
    cells = [
        code("x = 1\n", outputs=[output]),
        {"cell_type": "markdown", "metadata": {}, "source": lines(CLUSTER)},
        {"cell_type": "raw", "metadata": {}, "source": lines(CLUSTER)},
    ]

    _, reading = read(notebook(*cells))

    assert reading.resources == []


def test_outputs_are_passed_over_and_not_copied():
    output = {"output_type": "display_data", "data": {"image/png": "iVBORw0" * 500_000}}
    text = json.dumps(notebook(code("x = 1\n", outputs=[output])))
    tracemalloc.start()
    try:
        found = scan(text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(text) > 3_000_000
    assert len(found.cells) == 1
    assert peak < 200_000


# What is no notebook, or only half of one


def test_a_notebook_that_is_cut_off_is_told_of_and_its_whole_cells_are_read():
    text = json.dumps(notebook(CLUSTER, "print(1)\n"), indent=1)
    _, reading = read(text[: text.index("print")])

    assert clusters(reading) == [("train", 1)]
    (problem,) = reading.problems
    assert problem.rule == "syntax-error"
    assert problem.message == (
        "this is no valid notebook: a string is not closed, or has a character that JSON does "
        "not take"
    )
    assert (
        problem.document.position(problem.start).line == text[: text.index("print")].count("\n") + 1
    )


def test_cells_after_a_conflict_are_read():
    text = json.dumps(notebook("a = 1\n", "b = 1\n", CLUSTER), indent=1)
    at = text.index('   "source": [\n    "b')
    conflict = "<<<<<<< HEAD\n" + text[at:].split("\n", 1)[0] + "\n=======\n"

    _, reading = read(text[:at] + conflict + text[at:])

    assert clusters(reading) == [("train", 1)]
    assert [p.rule for p in reading.problems] == ["syntax-error"]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ({"source": ["x = 1\n"]}, "cell 1 does not say of which type it is"),
        ({"cell_type": "code"}, "cell 1 has no source"),
        ({"cell_type": "code", "source": 3}, "cell 1 has no source"),
        ({"cell_type": "code", "source": ["a\n", 3]}, "a line of a cell is no text"),
        ("text", "a cell is no JSON object"),
    ],
)
def test_half_a_cell_is_told_of_and_the_rest_is_read(cell, message):
    data = notebook(CLUSTER)
    data["cells"].insert(0, cell)

    _, reading = read(data)

    assert clusters(reading) == [("train", 1)]
    assert [(p.rule, p.message) for p in reading.problems] == [(None, message)]


@pytest.mark.parametrize("text", ["[]", "3", '"x"', "null"])
def test_json_that_is_no_notebook_is_told_of(text):
    _, reading = read(text)

    assert [(p.rule, p.message) for p in reading.problems] == [
        (None, "it is no notebook: a notebook is a JSON object")
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a value is expected"),
        ("{", "a string is expected"),
        ('{"cells"}', "':' is expected after \"cells\""),
        ('{"cells": []', "',' or '}' is expected"),
        ('{"metadata": {"x": [', "'[' is not closed"),
        ('{"x": "y', "a string is not closed"),
        ('{"cells": [],}', "a string is expected"),
        ('{"cells": []} x', "there is text after the end of the notebook"),
        ('{"cells": [{"source": ["a\\q"]}]}', "a string is not closed, or has a character"),
    ],
)
def test_text_that_is_no_json_is_a_syntax_error(text, message):
    _, reading = read(text)

    assert [p.rule for p in reading.problems] == ["syntax-error"]
    assert message in reading.problems[0].message


@pytest.mark.parametrize("text", ['{"cells": 3}', '{"worksheets": [3, {"cells": {}}]}', "{}"])
def test_odd_notebooks_have_no_cells(text):
    document, reading = read(text)

    assert reading.resources == []
    assert document.inner is None


def test_a_cell_that_is_no_python_costs_only_itself():
    document, reading = read(notebook("a = 1\n", "# x\nmake(\n", "b = 2\n"))

    assert inner(document, ".py") == "a = 1\n\nb = 2\n\n"
    (problem,) = reading.problems
    place = Place(problem.document, Span(problem.start, problem.end))
    assert (problem.rule, problem.message) == (
        "syntax-error",
        "this is not valid Python 3: '(' was never closed",
    )
    assert (place.cell, place.text) == ((2, 2, 5), "(")


def test_statements_beside_one_that_is_no_python_are_judged_in_the_same_cell():
    cell = """\
from azure.ai.ml.entities import AmlCompute
a = AmlCompute(name="train", min_instances=2)
mine = AmlCompute(name=<your name>)
!echo nothing
b = AmlCompute(name="other", min_instances=3)
"""
    _, reading = read(notebook(cell, "x = 1\n"))
    (problem,) = reading.problems

    assert clusters(reading) == [("train", 2), ("other", 3)]
    assert Place(problem.document, Span(problem.start, problem.end)).cell[:2] == (1, 3)


def test_a_cell_that_is_indented_as_a_whole_is_python():
    cell = """\
  # as in a list of steps
  from azure.ai.ml.entities import AmlCompute

  if True:
      a = AmlCompute(name="train", min_instances=2)
"""
    _, reading = read(notebook(cell))

    assert reading.problems == []
    assert clusters(reading) == [("train", 2)]
    assert reading.resources[0].min_nodes.trace[0].cell == (1, 5, 50)


def test_an_indentation_that_nothing_explains_is_told_of():
    _, reading = read(notebook("x = 1\n", "%pip install y\n   x = 1\n z = 2\n"))

    assert [p.rule for p in reading.problems] == ["syntax-error"]


@given(st.data())
def test_damaged_notebooks_are_read_as_far_as_they_go(data):
    whole = json.dumps(notebook(CLUSTER, "!az ml compute create -f cluster.yml\n"), indent=1)
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    text = whole[:start] + data.draw(st.text('{}[]",:\\ua1\n', max_size=3)) + whole[end:]

    document, reading = read(text)

    for problem in reading.problems:
        place = Place(problem.document, Span(problem.start, problem.end))
        assert place.document is document
        assert 0 <= place.start <= place.end <= len(text)


# What IPython adds to Python


@pytest.mark.parametrize(
    ("cell", "program"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("!pip install a \\\n  b\nx = 1", "pass\n\nx = 1"),
        ("if a:\n    !ls\nx = 1", "if a:\n    pass\nx = 1"),
        ("x = !ls\ny = %who_ls", "x = get_ipython()\ny = get_ipython()"),
        ("%%time\nx = 1", "      \nx = 1"),
        ("%time x = 1\n%timeit -n 3 y(\n 1)", "x = 1\ny(\n 1)"),
        ("x?\n?y\nz.a??", "pass\npass\npass"),
        ("x = (1\n% 2)\ny = '''\n%a\n!b'''", "x = (1\n% 2)\ny = '''\n%a\n!b'''"),
        ("x = 'a' \\\n% 2", "x = 'a' \\\n% 2"),
        ("x = 1 # (\n!ls", "x = 1 # (\npass"),
        ("x = 5 %2\ny = a != b", "x = 5 %2\ny = a != b"),
        ("pip install x\nx = 1", "pass\nx = 1"),
        ("ls = 1\nls", "ls = 1\nls"),
        ("\n%%capture out\n%pip install y\nx = 1", "\n\npass\nx = 1"),
    ],
)
def test_python_is_what_ipython_runs_of_a_cell(cell, program):
    document, reading = read(notebook(cell))

    assert not reading.problems
    found = inner(document, ".py").splitlines()
    assert [x.rstrip() for x in found] == [x.rstrip() for x in program.splitlines()]


@pytest.mark.parametrize(
    ("cells", "script"),
    [
        (["!az ml workspace create -n a"], "az ml workspace create -n a\n"),
        (["x = !az ml x"], "az ml x\n"),
        (["!!az ml x\n%sx az ml y\n%system az ml z"], "az ml x\naz ml y\naz ml z\n"),
        (["!az ml x \\\n  --y\na = 1"], "az ml x \\\n  --y\n"),
        (["%%bash\naz ml x\n\naz ml $y"], "az ml x\n\naz ml $y\n"),
        (["%%script --bg /bin/bash\naz ml x"], "az ml x\n"),
        (["%%sh\naz ml {x}"], "az ml {x}\n"),
        (["%sh az ml x"], "az ml x\n"),
        (["%sh\naz ml x"], "az ml x\n"),
        (["%env A=b\n!az ml $A"], "export A=b\naz ml $A\n"),
        (["n = 'a'\n!az ml {n}"], "python_n='a'\naz ml ${python_n}\n"),
        (["n = 'a'", "!az ml $n"], "python_n='a'\naz ml ${python_n}\n"),
        (["n = 2\n!az ml {n}\n!az ml {n}"], "python_n=2\naz ml ${python_n}\naz ml ${python_n}\n"),
        (
            ["n = 2\n!az ml {n}\nn = 3\n!az ml {n}"],
            "python_n=2\naz ml ${python_n}\npython_n=3\naz ml ${python_n}\n",
        ),
        (["n = f()\n!az ml {n}"], "python_n=$(python)\naz ml ${python_n}\n"),
        (["n = 2\nfor n in x: pass\n!az ml $n"], "python_n=$(python)\naz ml ${python_n}\n"),
        (["n = 2\nn += 1\n!az ml $n"], "python_n=$(python)\naz ml ${python_n}\n"),
        (["n = 2\nimport n\n!az ml $n"], "python_n=$(python)\naz ml ${python_n}\n"),
        (["!az ml {n}"], "az ml ${python_n}\n"),
        (["!az ml $HOME ${HOME} $$ok"], "az ml $HOME ${HOME} $ok\n"),
        (["!az ml {ws.name} {d['k']}"], "az ml ${python_ws_name__} ${python_d__k____}\n"),
        (["!az ml --q '[].{a:b}' {{x}}"], "az ml --q '[].{a:b}' {{x}}\n"),
        (["n = 'a'\n!az ml --set '{n}'"], "python_n='a'\naz ml --set ''\"${python_n}\"''\n"),
        (["!ls\n!pip install x"], None),
        (["# !az ml x"], None),
    ],
)
def test_a_script_is_what_a_shell_gets_of_the_cells(cells, script):
    document, _ = read(notebook(*cells))

    assert inner(document, ".sh") == script


def test_a_value_of_python_in_a_command_stands_where_python_says_it():
    document, _ = read(notebook("n = 'a'\n", "!az ml {n}"))
    (script,) = (d for d in document.leaves() if d.path.endswith(".sh"))
    start = script.text.index("'a'")
    use = script.text.index("${")

    assert Place(script, Span(start, start + 3)).cell == (1, 1, 5)
    assert Place(script, Span(use, use + 3)).text == "${p"
    assert document.text[Place(script, Span(use, use + 3)).start :].startswith("{n}")


def test_what_python_fills_in_can_be_replaced_as_a_whole():
    document, _ = read(notebook("n = 2\n", "!az ml --min {n} --max $n"))
    (script,) = (d for d in document.leaves() if d.path.endswith(".sh"))
    start = script.text.index("${")
    end = script.text.index("}") + 1

    (edit,) = in_files([Edit(script, start, end, "0")])

    assert document.text[edit.start : edit.end] == "{n}"
    assert edit.text == "0"
    for wrong in (Edit(script, start, end, "${x}"), Edit(script, start, end - 1, "0")):
        with pytest.raises(NotEditable):
            in_files([wrong])


@pytest.mark.parametrize("command", ["!az ml x\n", "!az ml x \\\n  --y\n", "y = !az ml x\n"])
def test_a_line_of_python_can_be_added_above_a_command(command):
    document, _ = read(notebook(f"x = 1\n{command}"))
    (program,) = (d for d in document.leaves() if d.path.endswith(".py"))

    fixed = apply(document, in_files([Edit(program, 6, 6, "# why\n")]))

    assert source_of(fixed) == f"x = 1\n# why\n{command}"


def test_no_line_is_added_within_a_command():
    document, _ = read(notebook("!az ml x\n"))
    (script,) = (d for d in document.leaves() if d.path.endswith(".sh"))

    with pytest.raises(NotEditable, match="is one line"):
        in_files([Edit(script, 0, 0, "# why\n")])
    added = in_files([Edit(script, 7, 7, " \\\n  --y z")])
    assert source_of(apply(document, added)) == "!az ml x \\\n  --y z\n"


# Other languages


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"name": "ir", "language": "R"}},
        {"kernelspec": {"name": "ir"}},
        {"language_info": {"name": "R"}, "kernelspec": {"name": "python3"}},
    ],
)
def test_cells_of_another_kernel_are_told_of_when_they_may_create_something(metadata):
    _, reading = read(notebook("create_aml_compute(ws)\n", "x <- 1\n", CLUSTER, **metadata))

    assert clusters(reading) == [("train", 1)]
    (problem,) = reading.problems
    assert problem.rule is None
    assert "which azmlint does not read in notebooks" in problem.message
    assert Place(problem.document, Span(problem.start, problem.end)).cell == (1, 1, 1)


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"kernelspec": {"name": "python38-azureml", "language": "python"}},
        {"kernelspec": {"name": "synapse_pyspark"}},
        {"language_info": {"name": "ipython", "version": "2.7"}},
        {"kernelspec": 3, "language_info": []},
    ],
)
def test_cells_of_a_python_kernel_are_read(metadata):
    document, reading = read(notebook("x = 1\n", **metadata))

    assert inner(document, ".py") == "x = 1\n\n"
    assert not reading.problems


def test_cells_of_a_shell_kernel_are_a_script():
    document, _ = read(notebook("az ml x\n", kernelspec={"name": "bash", "language": "bash"}))

    assert inner(document, ".sh") == "az ml x\n\n"
    assert inner(document, ".py") is None


def test_an_editor_may_note_the_language_of_one_cell():
    shell = code("az ml x\n", metadata={"vscode": {"languageId": "shellscript"}})

    document, _ = read(notebook(shell, "y = 1\n"))

    assert inner(document, ".sh") == "az ml x\n\n"
    assert inner(document, ".py") == "y = 1\n\n"


def test_a_magic_of_another_language_is_told_of_when_it_may_create_something():
    _, reading = read(notebook("%%R\naml_compute(x)\n", "%%html\n<b>\n", "%sql\nselect 1\n"))

    assert [p.message for p in reading.problems] == [
        "a cell in 'R', which azmlint does not read in notebooks"
    ]


# Files that cells write


def test_a_file_that_is_written_again_is_what_was_written_last():
    again = CLUSTER.replace("min_instances: 1", "min_instances: 2")

    _, reading = read(notebook(CLUSTER, again))

    assert clusters(reading) == [("train", 2)]


def test_a_file_that_is_appended_to_is_both():
    _, reading = read(
        notebook(
            CLUSTER.replace("min_instances: 1\n", ""),
            "%%writefile -a cluster.yml\nmin_instances: 3\n",
        )
    )

    assert clusters(reading) == [("train", 3)]
    assert reading.resources[0].min_nodes.place.cell == (2, 2, 16)


def test_a_file_of_the_same_name_in_the_project_is_another_one():
    program = (
        "from azure.ai.ml import load_compute\n"
        "cluster = load_compute('cluster.yml')\n"
        "ml_client.begin_create_or_update(cluster)\n"
    )
    other = CLUSTER.partition("\n")[2].replace("train", "other")
    text = json.dumps(notebook(CLUSTER, program))

    report = testing.check(
        {"nb/a.ipynb": text, "nb/cluster.yml": other},
        [rule_classes(BUILT_IN)["min-nodes-above-zero"]],
    )

    assert {(f.place.document.path, f.resource.name) for f in report.findings} == {
        ("nb/a.ipynb", "train"),
        ("nb/cluster.yml", "other"),
    }


def test_what_is_written_is_read_only_for_what_it_declares():
    _, reading = read(notebook("%%writefile x.yml\na: [\n", "%%writefile\nx\n", "%%file y.txt\nx"))

    assert reading.resources == []
    assert reading.problems == []


# Fixes of Python


PROGRAM = """\
from azure.ai.ml.entities import AmlCompute

cluster = AmlCompute(
    name="train",
    size='Standard_DS3_v2',
    min_instances=1,
    max_instances=4,
    tier="low_priority",
)
ml_client.begin_create_or_update(cluster)
"""


@pytest.mark.parametrize("is_list", [True, False])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("name", "new", "old", "after"),
    [
        ("min_nodes", 0, "min_instances=1", "min_instances=0"),
        ("tier", "dedicated", 'tier="low_priority"', 'tier="dedicated"'),
        ("size", "Standard_D4s_v5", "'Standard_DS3_v2'", "'Standard_D4s_v5'"),
        ("tier", REMOVED, '    tier="low_priority",\n', ""),
        (
            "location",
            "westeurope",
            '    tier="low_priority",\n',
            '    tier="low_priority",\n    location="westeurope",\n',
        ),
    ],
)
def test_python_in_a_cell_is_edited_as_python_in_the_escapes_of_the_file(
    is_list, newline, name, new, old, after
):
    text = PROGRAM.replace("\n", newline)
    document, reading = read(notebook("x = 'é'\n", code(text, is_list=is_list)))
    (cluster,) = (r for r in reading.resources if r.kind == "compute cluster")

    fixed = apply(document, getattr(cluster, name).edits(new))

    wanted = text.replace(old.replace("\n", newline), after.replace("\n", newline))
    source = json.loads(fixed)["cells"][1]["source"]
    assert "".join(source) == wanted
    before = json.loads(document.text)
    if is_list:
        lines = zip(before["cells"][1]["source"], source, strict=True)
        assert sum(one != two for one, two in lines) == 1
    before["cells"][1]["source"] = source
    assert json.dumps(before, indent=1) == fixed


def test_a_file_that_a_cell_writes_and_a_command_follows_is_one_thing():
    cells = (
        "%%writefile c.yml\nname: train\ntype: amlcompute\nmin_instances: 2\n",
        "!az ml compute create -f c.yml --set min_instances=0\n",
    )
    _, reading = read(notebook(*cells))
    (cluster,) = (r for r in reading.resources if r.kind == "compute cluster")

    assert cluster.min_nodes.known == 0


# Folders and variables of the environment

IN_FOLDER = "name: deep\ntype: amlcompute\nmin_instances: 3\n"
LOADS = """\
from azure.ai.ml import MLClient, load_compute
ml.begin_create(load_compute("c.yml"))
"""


@pytest.mark.parametrize(
    "cells",
    [
        ["%cd infra\n", "!az ml compute create -f c.yml\n"],
        ["%cd infra\n", "%%bash\naz ml compute create -f c.yml\n"],
        ["%cd infra\n", LOADS],
        ["f = 'infra'\n%cd {f}\n", LOADS],
        ["f = 'infra'\n%cd $f\n!az ml compute create -f c.yml\n"],
        ["%cd -q 'infra'\n" + LOADS],
        ["import os\nos.chdir('infra')\n" + LOADS],
        ["!cd infra && az ml compute create -f c.yml\n"],
    ],
)
def test_files_are_looked_for_where_a_notebook_has_gone_to(cells):
    others = {"nb/infra/c.yml": IN_FOLDER, "nb/c.yml": IN_FOLDER.replace("deep", "here")}
    _, reading = read(notebook(*cells), others=others)

    assert clusters(reading) == [("deep", 3)]
    assert reading.problems == []


@pytest.mark.parametrize("cell", ["!cd infra\n", "%%bash\ncd infra\n", "%cd infra\n%cd ..\n"])
def test_a_command_leaves_the_folder_of_the_next_one_as_it_is(cell):
    others = {"nb/infra/c.yml": IN_FOLDER, "nb/c.yml": IN_FOLDER.replace("deep", "here")}
    _, reading = read(notebook(cell, "!az ml compute create -f c.yml\n"), others=others)

    assert clusters(reading) == [("here", 3)]


@pytest.mark.parametrize("go", ["%cd {somewhere()}\n", "%cd $elsewhere_unknown\n"])
def test_in_a_folder_that_is_not_known_no_file_is_found(go):
    others = {"nb/c.yml": IN_FOLDER}
    text = "elsewhere_unknown = input()\n" + go.replace("somewhere()", "elsewhere_unknown")
    _, reading = read(notebook(text, "!az ml compute create -f c.yml\n"), others=others)

    assert clusters(reading) == []
    assert len(reading.problems) == 1


@pytest.mark.parametrize(
    "cell",
    [
        "%env LEAST=2\n",
        "%env LEAST 2\n",
        "%set_env LEAST=2\n",
        "n = 2\n%env LEAST={n}\n",
        "import os\nos.environ['LEAST'] = '2'\n",
    ],
)
@pytest.mark.parametrize("command", ["!", "%%bash\n", "%%sh\necho\n"])
def test_variables_of_the_environment_reach_every_command(cell, command):
    text = f"{command}az ml compute create -n train --type amlcompute --min-instances $LEAST\n"
    _, reading = read(notebook(cell, text))

    assert clusters(reading) == [("train", 2)]


@pytest.mark.parametrize("cell", ["!LEAST=2\n", "!export LEAST=2\n", "%%bash\nLEAST=2\n"])
def test_variables_of_one_command_do_not_reach_the_next(cell):
    text = "!az ml compute create -n train --type amlcompute --min-instances $LEAST\n"
    _, reading = read(notebook(cell, text))

    assert clusters(reading) == [("train", None)]


def test_what_az_is_told_holds_for_the_next_command():
    cells = ["!az configure -d group=rg\n", "!az lock create -n keep -t ReadOnly\n"]
    _, reading = read(notebook(*cells))

    assert "/resourceGroups/rg" in str(reading.resources[0].id)


def test_a_value_with_blanks_is_one_value():
    cells = ['%env TAGS=a b c\n!az ml workspace create -n "$TAGS"\n']
    _, reading = read(notebook(*cells))

    assert reading.resources[0].name == "a b c"
