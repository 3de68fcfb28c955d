"""Commands that a program starts are read as those of a script."""

from __future__ import annotations

import json

import pytest

from azmlint import testing
from azmlint.engine.fix import apply
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.engine.relevance import concerns
from azmlint.model.resources import ComputeCluster, Lock, ToolUse, Workspace
from azmlint.model.value import NotEditable
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

IMPORTS = """\
import asyncio, os, shlex, shutil, subprocess, sys
from azure.cli.core import get_default_cli
from subprocess import run as start
"""
MAKE = "'ml', 'compute', 'create', '-n', 'train', '--type', 'amlcompute'"
CREATE = "az ml compute create -n train --type amlcompute --min-instances"
WORDS = f"{MAKE}, '--min-instances'"


def reading(text, others=None, path="src/a.py"):
    documents = {p: decode(p, t.encode()) for p, t in {**(others or {}), path: text}.items()}
    return load.read(documents[path], Texts(documents))


def made(text, others=None, **options):
    found = reading(IMPORTS + text, others, **options)
    assert [p.message for p in found.problems] == []
    return [r for r in found.resources if not isinstance(r, ToolUse)]


def one(text, **options):
    (resource,) = made(text, **options)
    return resource


@pytest.mark.parametrize(
    "text",
    [
        f"os.system('{CREATE} 2')",
        f"os.popen('{CREATE} 2').read()",
        f"subprocess.run(\"{CREATE} '2'\", shell=True, check=True)",
        f"subprocess.check_call('{CREATE} 2')",
        f"subprocess.run(args=['az', {WORDS}, '2'])",
        f"start(('az', {WORDS}, '2'))",
        f"subprocess.Popen(['sudo', 'az', {WORDS}, '2'])",
        f"subprocess.check_output(shlex.split('{CREATE} 2')).decode()",
        f"subprocess.run('{CREATE} 2'.split())",
        f"subprocess.run([shutil.which('az'), {WORDS}, '2'])",
        f"subprocess.run([sys.argv[1], {WORDS}, '2'])",
        f"subprocess.run(['bash', '-c', '{CREATE} 2'])",
        f"asyncio.create_subprocess_exec('az', {WORDS}, '2')",
        f"get_default_cli().invoke([{WORDS}, '2'])",
        f"get_ipython().system('{CREATE} 2')",
        f"n = 2\nget_ipython().system('{CREATE} {{n}}')",
        f"n = 2\nos.system(f'{CREATE} {{n}}')",
        f"n = 2\nos.system('{CREATE} {{}}'.format(n))",
        f"n = 2\nos.system('{CREATE} {{count}}'.format(count=n))",
        f"n = 2\nos.system('{CREATE} %d' % n)",
        f"n = 2\nos.system('{CREATE} ' + str(n))",
        f"n = 2\nos.system(' '.join(['{CREATE}', str(n)]))",
        f"cmd = ['az', {WORDS}]\ncmd.append('2')\nsubprocess.run(cmd)",
        f"cmd = ['az', {WORDS}]\ncmd += ['2']\nsubprocess.run(cmd)",
        f"subprocess.run(['az', {MAKE}, '--min-instances=2'])",
        f"def sh(c):\n    subprocess.run(c, shell=True)\n\nsh('{CREATE} 2')",
        f"def sh(*w):\n    subprocess.run(['az', *w])\n\nsh({WORDS}, '2')",
        f"os.system('''\n{CREATE} \\\\\n  2\n''')",
        f"os.system(r'''\n{CREATE} \\\n  2\n''')",
        f"os.system('cd x && ' '{CREATE} ' '2' ' > out')",
        f"subprocess.run('{CREATE} $N', shell=True, env={{'N': '2'}})",
    ],
)
def test_commands_of_az_are_read_however_they_are_started(text):
    cluster = one(text)

    assert type(cluster) is ComputeCluster
    assert cluster.name == "train"
    assert cluster.min_nodes.known == 2


def test_a_finding_stands_at_the_word_in_the_text():
    found = one(f"n = 'x'\nos.system(f'''{CREATE} 2 --description {{n}}''')")

    assert found.min_nodes.trace[0].text == "2"
    assert found.min_nodes.trace[0].document.path == "src/a.py"


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        (f"os.system('{CREATE} 2')", f"os.system('{CREATE} 0')"),
        (f"subprocess.run(['az', {WORDS}, \"2\"])", f"subprocess.run(['az', {WORDS}, \"0\"])"),
        (
            f"subprocess.run(['az', {MAKE}, '--min-instances=2'])",
            f"subprocess.run(['az', {MAKE}, '--min-instances=0'])",
        ),
        (f"n = 2\nos.system(f'{CREATE} {{n}}')", f"n = 0\nos.system(f'{CREATE} {{n}}')"),
        (
            f"n = 2\nprint(n)\nos.system(f'{CREATE} {{n}} {{{{}}}}')",
            f"n = 2\nprint(n)\nos.system(f'{CREATE} 0 {{{{}}}}')",
        ),
        (
            f"n = '2'\nprint(n)\nsubprocess.run(['az', {WORDS}, n])",
            f"n = '2'\nprint(n)\nsubprocess.run(['az', {WORDS}, \"0\"])",
        ),
        (f"n = 2\nos.system('{CREATE} ' + str(n))", f"n = 0\nos.system('{CREATE} ' + str(n))"),
        (
            f"os.system('{CREATE} 2 --tags \\'a b\\'')",
            f"os.system('{CREATE} 0 --tags \\'a b\\'')",
        ),
    ],
)
def test_a_fix_changes_the_word_where_it_is_written(text, fixed):
    edits = one(text).min_nodes.edits(0)

    assert apply(edits[0].document, edits) == IMPORTS + fixed


LINES = """\
subprocess.run(
    [
        "az", "ml", "compute", "create",
        "-n", "train",  # why
        "--type", "amlcompute",  # because
    ],
    check=True,
)
"""


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        (
            f"subprocess.run(['az', {MAKE}])",
            f"subprocess.run(['az', {MAKE}, '--min-instances', '0'])",
        ),
        (
            f"cmd = ('az', {MAKE},)\nsubprocess.run(cmd, check=True)",
            f"cmd = ('az', {MAKE}, '--min-instances', '0',)\nsubprocess.run(cmd, check=True)",
        ),
        (LINES, LINES.replace("# because\n", '# because\n        "--min-instances", "0",\n')),
        (
            f"def sh(c):\n    subprocess.run(c)\n\nsh(['az', {MAKE}])",
            f"def sh(c):\n    subprocess.run(c)\n\nsh(['az', {MAKE}, '--min-instances', '0'])",
        ),
        (
            f"subprocess.run(['sh', '-c', '{CREATE[:-16]}' + ''])",
            f"subprocess.run(['sh', '-c', '{CREATE[:-16]} --min-instances 0' + ''])",
        ),
        (f"os.system('{CREATE[:-16]}')", f"os.system('{CREATE[:-16]} --min-instances 0')"),
    ],
)
def test_an_option_is_added_behind_the_words(text, fixed):
    edits = one(text).min_nodes.edits(0)

    assert apply(edits[0].document, edits) == IMPORTS + fixed


@pytest.mark.parametrize(
    "text",
    [
        f"subprocess.run(['az'] + [{MAKE}])",
        f"cmd = ['az', {MAKE}]\nprint(cmd)\nsubprocess.run(cmd)",
        f"cmd = ['az', {WORDS[:-33]}]\ncmd += ['--type', 'amlcompute']\nsubprocess.run(cmd)",
        f"def sh(*w):\n    subprocess.run(['az', *w])\n\nsh({MAKE})",
        f"asyncio.create_subprocess_exec('az', {MAKE})",
    ],
)
def test_no_option_is_added_to_words_that_are_put_together_elsewhere(text):
    with pytest.raises(NotEditable, match="elsewhere"):
        one(text).min_nodes.edits(0)


def test_what_is_not_known_of_a_command_is_unknown_with_its_reason():
    cluster = one(f"os.system(f'{CREATE} {{sys.argv[1]}}')")

    assert cluster.min_nodes.known is None
    assert "argv" in cluster.min_nodes.reasons[0].text


def test_a_command_behind_something_unknown_is_a_named_skip():
    (problem,) = reading(f"import os, sys\nos.system(sys.argv[1] + ' {CREATE} 2')\n").problems

    assert problem.rule is None
    assert "is not known" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        f"subprocess.run(['echo', '{CREATE} 2'])",
        f"os.system('echo {CREATE} 2')",
        f"print('{CREATE} 2')",
        "subprocess.run(['az', 'ml', 'compute', 'list'])",
        "subprocess.run(command, shell=True)",
        "os.system(sys.argv[1])",
    ],
)
def test_what_makes_nothing_is_silent(text):
    assert made(text) == []


def test_words_that_are_not_known_leave_options_open():
    words = "'az', 'ml', 'compute', 'create', '-n', 'train', '--type', 'amlcompute'"
    cluster = one(f"subprocess.run([{words}, *sys.argv])")

    assert cluster.min_nodes.known is None
    assert not cluster.min_nodes.is_absent


def test_a_file_that_a_command_follows_is_found_from_its_folder():
    others = {"infra/c.yml": "name: fromfile\ntype: amlcompute\nmin_instances: 3\n"}
    text = "subprocess.run(['az', 'ml', 'compute', 'create', '-f', 'c.yml'], cwd='infra')"
    cluster = one(text, others=others)

    assert (cluster.name, cluster.min_nodes.known) == ("fromfile", 3)


def test_conditions_of_the_program_decide_on_what_a_command_makes():
    text = f"if sys.argv[1]:\n    os.system('{CREATE} 2')\nelse:\n    os.system('{CREATE} 0')\n"
    first, second = made(text)

    assert [first.min_nodes.known, second.min_nodes.known] == [2, 0]
    assert first.exists().known is None


def test_what_one_command_sets_holds_for_the_next():
    text = (
        "os.system('az configure -d group=rg workspace=ws')\n"
        "os.system('az lock create -n keep -t CanNotDelete')\n"
        "os.system('az ml workspace create -n ws')\n"
    )
    lock, workspace = made(text)

    assert (type(lock), type(workspace)) == (Lock, Workspace)
    assert "/resourceGroups/rg" in str(lock.id)


def test_texts_of_a_list_are_told_apart_although_one_line_makes_them():
    text = (
        "names = ['one', 'two']\n"
        "cmds = [f'az ml compute create -n {n} --type amlcompute' for n in names]\n"
        "for c in cmds:\n    os.system(c)\n"
    )

    assert [c.name for c in made(text)] == ["one", "two"]


def test_a_notebook_is_read_as_well_and_fixed_in_its_line():
    source = ["import subprocess\n", f"subprocess.run('{CREATE} 2', shell=True)\n"]
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    cell["execution_count"] = None
    raw = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    rule = rule_classes(BUILT_IN)["min-nodes-above-zero"]
    (finding,) = testing.check({"a.ipynb": raw}, [rule]).findings

    assert finding.place.cell.line == 2


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", f"import os\nos.system('{CREATE} 2')\n"),
        ("a.py", f"import subprocess\nsubprocess.run(['az', {WORDS}, '2'])\n"),
        ("a.py", "import subprocess\nsubprocess.run([AZ, 'lock',\n 'create'])\n"),
    ],
)
def test_a_program_that_only_starts_commands_concerns_us(path, text):
    assert concerns(path, text.encode()) is not None


def test_what_the_program_puts_into_the_environment_reaches_its_commands_and_itself():
    text = (
        "os.environ['LEAST'] = '2'\n"
        f"os.system('{CREATE} $LEAST')\n"
        "n = os.environ.get('LEAST', '7')\n"
        "os.system(f'az ml compute create -n other --type amlcompute --min-instances {n}')\n"
    )

    assert [c.min_nodes.known for c in made(text)] == [2, 2]


def test_words_that_a_function_is_given_are_pointed_at_and_changed_where_they_are_written():
    text = (
        "def az(command):\n"
        "    return os.popen(f'az {command} -g rg')\n\n"
        'az("ml compute create -n train --type amlcompute --min-instances 2")\n'
    )
    value = one(text).min_nodes
    edits = value.edits(0)

    assert value.trace[0].text == "2"
    assert apply(edits[0].document, edits) == IMPORTS + text.replace("instances 2", "instances 0")
