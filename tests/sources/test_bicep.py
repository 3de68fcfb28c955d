"""Bicep files: which resources they and their modules declare, where, and with which values."""

from __future__ import annotations

import json

import pytest

from azmlint.expressions.truth import Undecided
from azmlint.model.resources import (
    Compute,
    ComputeCluster,
    ComputeInstance,
    Lock,
    ResourceGroup,
    Subnet,
    ToolUse,
    VirtualNetwork,
    Workspace,
)
from azmlint.sources import load
from azmlint.sources.document import Binding, decode
from azmlint.sources.texts import Texts

ML = "Microsoft.MachineLearningServices/workspaces"
GROUP = "/subscriptions/{subscription().subscriptionId}/resourceGroups/{resourceGroup().name}"
WORKSPACE = f"{GROUP}/providers/{ML}/ws"


def reading(text, *, files=None, path="main.bicep", binding=None, switched_off=False):
    texts = {path: text, **(files or {})}
    documents = {
        name: decode(name, (t if isinstance(t, str) else json.dumps(t)).encode())
        for name, t in texts.items()
    }
    context = Texts(documents, {path: binding} if binding else {})
    return load.read(documents[path], context, switched_off=switched_off)


def resources(text, kind=Compute, **options):
    found = reading(text, **options)
    assert [p.message for p in found.problems] == []
    return [r for r in found.resources if isinstance(r, kind)]


def only(text, kind=Compute, **options):
    (resource,) = resources(text, kind, **options)
    return resource


def cluster(size="'s'", before="", name="'ws/c'"):
    return (
        f"{before}\nresource c '{ML}/computes@2025-12-01' = {{\n  name: {name}\n"
        "  location: 'westeurope'\n"
        "  properties: {\n    computeType: 'AmlCompute'\n    properties: {\n"
        f"      vmSize: {size}\n    }}\n  }}\n}}\n"
    )


def size(expression, before="", **options):
    return only(cluster(expression, before), **options).size


def places(value):
    return [(p.role, p.text) for p in value.trace]


def test_what_is_declared_has_its_place():
    text = cluster("'Standard_D4s_v5'")
    found = reading(text)
    compute, use = found.resources

    assert [type(r) for r in found.resources] == [ComputeCluster, ToolUse]
    assert str(compute.id) == f"{WORKSPACE}/computes/c"
    assert compute.grip.text == "'ws/c'"
    assert compute.address == "2:1"
    assert compute.size.known == "Standard_D4s_v5"
    assert compute.size.place.text == "'Standard_D4s_v5'"
    assert use.version.place.text == "2025-12-01"
    assert (use.tool, use.subject) == ("ARM template", compute)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'a${1}b'", "a1b"),
        ("toLower('ABC')", "abc"),
        ("true ? 'a' : 'b'", "a"),
        ("null ?? 'b'", "b"),
        ("{ a: { b: 'c' } }.a.b", "c"),
        ("{ a: 'c' }['A']", "c"),
        ("{ a: 'c' }.?b ?? 'd'", "d"),
        ("{ a: 'c' }.?b.c.d ?? 'd'", "d"),
        ("['a', 'b'][1]", "b"),
        ("['a', 'b'][^1]", "b"),
        ("['a', 'b'][?^3] ?? 'none'", "none"),
        ("['a'][?3] ?? 'none'", "none"),
        ("join(map(['a', 'b'], x => '${x}1'), '-')", "a1-b1"),
        ("join(map(['a', 'b'], (x, i) => '${x}${i}'), '-')", "a0-b1"),
        ("filter([{ n: 'a' }, { n: 'b' }], x => x.n == 'b')[0].n", "b"),
        ("string(reduce([1, 2, 3], 0, (a, b) => a + b))", "6"),
        ("sort(['b', 'a'], (a, b) => a < b)[0]", "a"),
        ("toObject(['a'], x => x, x => '${x}!').a", "a!"),
        ("mapValues({ a: 'x' }, v => '${v}y').a", "xy"),
        ("groupBy(['aa', 'b'], x => string(length(x))).2[0]".replace(".2", "['2']"), "aa"),
        ("[for x in ['a', 'b']: '${x}2'][1]", "b2"),
        ("[for (x, i) in ['a', 'b']: '${x}${i}'][1]", "b1"),
        ("[for i in range(5, 2): 'n${i}'][1]", "n6"),
        ("items({ k: 'v' })[0].value", "v"),
        ("[for x in items({ k: 'v' }): '${x.key}${x.value}'][0]", "kv"),
        ("{ a: 'x', ...{ a: 'y' } }.a", "y"),
        ("{ ...{ a: 'y' }, a: 'x' }.a", "x"),
        ("{ ...null, a: 'x' }.a", "x"),
        ("{ '${'a'}b': 'x' }.ab", "x"),
        ("[...['a'], 'b'][1]", "b"),
        ("any('a')", "a"),
        ("sys.toLower('A')", "a"),
        ("az.resourceId('A.B/c', 'n') == resourceId('A.B/c', 'n') ? 'same' : 'other'", "same"),
        ("'A' =~ 'a' ? 'y' : 'n'", "y"),
        ("'A' !~ 'a' ? 'y' : 'n'", "n"),
        ("1 != 2 ? 'y' : 'n'", "y"),
        ("-1 < 0 && !false ? 'y' : 'n'", "y"),
        ("string(7 % 4 + 2 * 3 - 8 / 2)", "5"),
        ("union({ a: 'x' }, { b: 'y' }).b", "y"),
        ("nameof(c)", "c"),
        ("nameof(c.properties)", "properties"),
        ("'''a\nb'''", "a\nb"),
        ("$'''${'a'}b'''", "ab"),
        ("c.name", "ws/c"),
        ("c.type", f"{ML}/computes"),
        ("c.apiVersion", "2025-12-01"),
        ("c.location", "westeurope"),
        ("c.properties.computeType", "AmlCompute"),
        ("last(split(c.id, '/'))", "c"),
    ],
)
def test_expressions_come_to_a_value(expression, expected):
    assert size(expression).known == expected


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("nowhere", "'nowhere' is not declared"),
        ("c.properties.state", "c.properties.state is answered at deployment"),
        ("c.identity.principalId", "c.identity is answered at deployment"),
        ("c.listKeys().key", "listKeys() is answered at deployment"),
        ("listKeys('x', '2020').key", "listKeys() is answered at deployment"),
        ("reference('x').y", "reference() is answered at deployment"),
        ("environment().name", "environment() is answered at deployment"),
        ("newGuid()", "newGuid() differs at each deployment"),
        ("loadYamlContent('x.yml').a", "'x.yml' is no file that azmlint may read here"),
        ("loadDirectoryFileInfo('.')", "loadDirectoryFileInfo() is not worked out here"),
        ("noSuchFunction(1)", "the function noSuchFunction() is not known"),
        ("x => x", "the expression would be refused: it stands where no value can"),
        ("nameof(1)", "nameof would be refused: nameof wants a name"),
        ("map(['a'], 'b')[0]", "map would be refused: a lambda is missing"),
        ("{ a: 1 }.b", "the expression would be refused: there is no property 'b'"),
        ("resourceGroup().tags.x", "resourceGroup().tags is not known here"),
        ("'<size>'", "'<size>' is filled in before deployment"),
        ("c.properties.properties.vmSize", "'the expression' goes over a limit of azmlint"),
    ],
)
def test_what_is_not_known_says_why(expression, reason):
    value = size(expression)

    assert value.known is None
    assert [r.text for r in value.reasons] == [reason]


def test_the_trace_goes_from_use_to_origin():
    value = size("sizes.gpu", "param gpu string = 'g'\nvar sizes = { gpu: gpu }")

    assert value.known == "g"
    assert places(value) == [("use", "sizes.gpu"), ("variable", "gpu"), ("default", "'g'")]


def test_a_value_inside_the_use_is_pointed_at_itself():
    assert places(size("true ? 'a' : 'b'")) == [("use", "'a'")]
    assert places(size("concat('a', 'b')")) == [("use", "concat('a', 'b')")]


def test_a_parameter_without_a_value_is_open():
    value = size("p", "param p string")

    assert [r.text for r in value.reasons] == ["parameter 'p' has no value here"]
    assert places(value) == [("use", "p"), ("default", "p")]


@pytest.mark.parametrize(
    ("declared", "options"),
    [
        ("@allowed(['a', 'b'])\nparam p string", ("a", "b")),
        ("param p 'a' | 'b'", ("a", "b")),
        ("type t = 'a' | 'b'\nparam p t", ("a", "b")),
        ("type u = 'b'\ntype t = 'a' | u\nparam p t", ("a", "b")),
        ("import { t as s } from 'types.bicep'\nparam p s", ("x", "y")),
        ("import * as ns from 'types.bicep'\nparam p ns.t", ("x", "y")),
        ("param p bool", ("true", "false")),
    ],
)
def test_listed_values_are_worlds(declared, options):
    value = size("'${p}'", declared, files={"types.bicep": "@export()\ntype t = 'x' | 'y'\n"})

    assert [d.options for d in value.term.decisions] == [options]


@pytest.mark.parametrize(
    "declared",
    [
        "param p 'a' | string",
        "param p string | int",
        "param p object",
        "type t = t\nparam p t",
        "param p nowhere",
        "param p none.t",
        "import { gone } from 'none.bicep'\nparam p gone",
        f"@allowed({[str(n) for n in range(20)]})\nparam p string",
        "@allowed(other)\nparam p string",
    ],
)
def test_other_values_are_not_listed(declared):
    assert size("p", declared).term.decisions == ()


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("param p string?", "none"),
        ("@allowed(['a'])\nparam p string", "a"),
        ("param p 'a'", "a"),
        ("param p string = q\nparam q string = 'b'", "b"),
    ],
)
def test_a_parameter_may_have_one_value_only(declared, expected):
    assert size("p ?? 'none'", declared).known == expected


def test_circles_are_known_for_what_they_are():
    found = reading(cluster("a", "var a = b\nvar b = a"))
    (value,) = [r.size for r in found.resources if isinstance(r, Compute)]

    assert [p.rule for p in found.problems] == ["syntax-error"]
    assert [r.text for r in value.reasons] == ["variable 'a' refers to itself"]


def test_a_name_that_refers_to_itself_is_unknown():
    compute = only(cluster(name="'ws/${c.name}'"))

    assert compute.name == "{c}"


def test_functions_of_the_file_and_of_others_are_called():
    files = {
        "lib.bicep": "@export()\nfunc twice(a string) string => '${a}${a}'\n"
        "@export()\nvar d = 'd'\nvar inner = { x: d }\n@export()\nvar e = inner.x\n"
    }

    assert size("f('a', 1)", "func f(a string, n int) string => '${a}${n}'").known == "a1"
    assert size("t('a')", "import { twice as t } from 'lib.bicep'", files=files).known == "aa"
    assert size("l.twice('a')", "import * as l from 'lib.bicep'", files=files).known == "aa"
    assert size("l.e", "import * as l from 'lib.bicep'", files=files).known == "d"
    assert size("d", "import { d } from 'lib.bicep'", files=files).known == "d"
    assert size("z ?? 'z'", "import { z } from 'lib.bicep'", files=files).known is None
    assert size("z", "import { z } from 'lib.json'", files=files).known is None
    assert size("l.nothing('a')", "import * as l from 'lib.bicep'", files=files).known is None


def test_files_are_loaded():
    files = {"f.json": {"a": {"b": "c"}}, "f.txt": "text", "bad.json": "{"}

    value = size("loadJsonContent('f.json').a.b", files=files)
    assert value.known == "c"
    assert value.trace[-1].document.path == "f.json"
    assert size("loadJsonContent('f.json', '$.a.b')", files=files).known == "c"
    assert size("loadJsonContent('f.json', '$.x')", files=files).known is None
    assert size("loadJsonContent('bad.json')", files=files).known is None
    assert size("loadTextContent('f.txt')", files=files).known == "text"
    assert size("loadTextContent('../../f.txt')", files=files).known is None


YAML = """\
a: &a
  b: c
  list: [1, 0x10, 010, yes, true, 12:30, ~, "1"]
d: *a
"""


@pytest.mark.parametrize(
    ("expression", "known"),
    [
        ("loadYamlContent('f.yml').a.b", "c"),
        ("loadYamlContent('f.yml', '$.d.b')", "c"),
        ("loadYamlContent('f.yml', 'd').b", "c"),
        ("loadYamlContent('f.yml', '$.a.list[0]')", "1"),
        ("string(loadYamlContent('f.yml').a.list)", '[1,16,10,"yes",true,"12:30",null,"1"]'),
        ("loadJsonContent('f.json', '$.x[1].y')", "z"),
        ("loadFileAsBase64('two.yml')", "YTogMQotLS0KYjogMgo="),
        ("loadTextContent('two.yml', 'utf-8')", "a: 1\n---\nb: 2\n"),
        ("loadJsonContent('f.json', '$.x[\\'0\\']')", None),
        ("loadJsonContent('f.json', '$..y')", None),
        ("loadYamlContent('bad.yml')", None),
        ("loadYamlContent('two.yml')", None),
    ],
)
def test_what_is_loaded_is_followed_to_a_place_in_it(expression, known):
    files = {
        "f.yml": YAML,
        "f.json": {"x": [1, {"y": "z"}]},
        "bad.yml": "a: [",
        "two.yml": "a: 1\n---\nb: 2\n",
    }

    assert size(expression, files=files).known == known


def test_what_is_loaded_from_yaml_is_traced_to_its_line():
    value = size("loadYamlContent('f.yml').d.b", files={"f.yml": YAML})

    assert [str(p.document.path) for p in value.trace] == ["main.bicep", "f.yml"]
    assert value.trace[-1].document.position(value.trace[-1].start).line == 2


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("loadTextContent('../../f.txt')", "'../../f.txt' leads out of the checked folders"),
        ("loadJsonContent('/etc/f.json')", "'/etc/f.json' leads out of the checked folders"),
        ("loadYamlContent('none.yml')", "'none.yml' is no file that azmlint may read here"),
        ("loadYamlContent('bad.yml')", "line 1 of 'bad.yml': "),
        ("loadJsonContent('f.json', '$.x')", "'f.json' has nothing at '$.x'"),
    ],
)
def test_what_cannot_be_loaded_says_why(expression, why):
    value = size(expression, files={"bad.yml": "a: [", "f.json": {}})

    assert value.known is None
    assert value.reasons[0].text.startswith(why)


WS = f"resource ws '{ML}@2024-04-01' = {{\n  name: 'ws'\n  location: 'northeurope'\n}}\n"
CHILD = f"resource c '{ML}/computes@2024-04-01' = {{ parent: ws, name: 'c' BODY }}"


@pytest.mark.parametrize(
    "text",
    [
        WS + CHILD,
        WS.replace(
            "  location", "  resource c 'computes@2024-04-01' = { name: 'c' BODY }\n  location"
        ),
        WS.replace("  location", "  resource c 'computes' = { name: 'c' BODY }\n  location"),
        WS + f"resource c '{ML}/computes@2024-04-01' = {{ name: '${{ws.name}}/c' BODY }}",
        f"resource ws '{ML}@2024-04-01' existing = {{ name: 'ws' }}\n{CHILD}",
    ],
)
def test_a_child_is_in_its_parent(text):
    compute = only(text.replace(" BODY", ", properties: { computeType: 'ComputeInstance' }"))

    assert isinstance(compute, ComputeInstance)
    assert str(compute.id) == f"{WORKSPACE}/computes/c"


def test_a_child_of_something_unknown_is_a_child_all_the_same():
    text = f"resource c '{ML}/computes@2024-04-01' = {{ parent: nowhere, name: 'c',"
    compute = only(text + " properties: { computeType: 'AmlCompute' } }")

    assert compute.id.name == "c"
    assert not compute.id.is_ground


def test_nested_resources_are_referred_to():
    text = (
        "resource v 'Microsoft.Network/virtualNetworks@2024-01-01' = {\n  name: 'v'\n"
        "  resource s 'subnets' = {\n    name: 's'\n    properties: { addressPrefix: 'p' }\n  }\n"
        "  resource t 'subnets' = [for n in ['a', 'b']: {\n    name: n\n  }]\n}\n"
    )

    assert size("last(split(v::s.id, '/'))", text).known == "s"
    assert size("v::s.properties.addressPrefix", text).known == "p"
    assert size("v::t[1].name", text).known == "b"
    assert size("v::u.name", text).known is None
    assert size("'a'::u", text).known is None


def test_subnets_that_a_network_lists_have_ids():
    text = (
        "resource v 'Microsoft.Network/virtualNetworks@2024-01-01' = {\n  name: 'v'\n"
        "  properties: { subnets: [{ name: 's', properties: { addressPrefix: 'p' } }] }\n}\n"
    )
    found = resources(text + cluster(), object)

    assert [type(r) for r in found[:2]] == [VirtualNetwork, Subnet]
    assert size("last(split(v.properties.subnets[0].id, '/'))", text).known == "s"
    assert size("v.properties.subnets[0].properties.addressPrefix", text).known == "p"
    assert size("v.properties.subnets[0].etag", text).known is None


LOCK = "resource l 'Microsoft.Authorization/locks@2020-05-01' = {{\n  name: 'l'\n{}  properties: {{ level: 'ReadOnly' }}\n}}\n"  # noqa: E501


@pytest.mark.parametrize(
    ("head", "scope", "locked"),
    [
        ("", "", GROUP),
        ("targetScope = 'subscription'\n", "", GROUP.partition("/resourceGroups")[0]),
        ("", "  scope: resourceGroup()\n", GROUP),
        (WS, "  scope: ws\n", WORKSPACE),
        ("targetScope = 'subscription'\n", "  scope: subscription()\n", GROUP.partition("/res")[0]),
    ],
)
def test_a_lock_is_on_its_scope_or_on_what_is_deployed_to(head, scope, locked):
    lock = only(head + LOCK.format(scope), Lock)

    assert str(lock.locked) == locked
    assert lock.level.known == "readonly"


def test_locks_of_one_name_on_two_things_are_two():
    one, two = resources(
        WS + LOCK.format("  scope: ws\n") + LOCK.format("").replace("resource l", "resource k"),
        Lock,
    )

    assert one.id.key != two.id.key


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("[for n in ['a', 'b']: { BODY }]", ["a", "b"]),
        ("[for (x, i) in [1, 2]: { BODY }]", ["c0", "c1"]),
        ("[for n in names: { BODY }]", ["x", "y"]),
        ("[for n in range(0, 2): { BODY }]", ["0", "1"]),
        ("[for o in items({ k: 1 }): { BODY }]", ["k"]),
        ("[for n in ['a', 'b']: if (n == 'b') { BODY }]", ["b"]),
        ("[for n in map(names, n => '${n}!'): { BODY }]", ["x!", "y!"]),
        ("[for n in open: { BODY }]", ["{open.*}"]),
        ("[for (n, j) in open: { BODY }]", ["{open.*}{j}"]),
        ("[]", []),
    ],
)
def test_loops_make_resources(source, names):
    body = "name: NAME, properties: { computeType: 'AmlCompute' }"
    name = {"x, i": "'ws/c${i}'", "for o": "'ws/${o.key}'", "n, j": "'ws/${n}${j}'"}
    spelled = next((v for k, v in name.items() if k in source), "'ws/${n}'")
    text = (
        "param open array\nvar names = ['x', 'y']\n"
        f"resource c '{ML}/computes@2024-04-01' = "
        f"{source.replace('BODY', body.replace('NAME', spelled))}\n"
    )
    if source == "[]":
        text = text.replace("= []", "= [for n in []: { name: n }]")

    assert [r.name for r in resources(text)] == names


def test_items_of_a_loop_are_pointed_at():
    text = (
        "param sizes array = [{ n: 'a', s: 'x' }, { n: 'b', s: 'y' }]\n"
        f"resource c '{ML}/computes@2024-04-01' = [for z in sizes: {{\n  name: 'ws/${{z.n}}'\n"
        "  properties: { computeType: 'AmlCompute', properties: { vmSize: z.s } }\n}]\n"
    )
    one, two = resources(text)

    assert [one.size.known, two.size.known] == ["x", "y"]
    assert places(two.size)[0] == ("use", "z.s")
    assert two.size.trace[-1].text == "'y'"


def test_what_a_loop_goes_through_may_rest_on_a_decision():
    text = (
        "param big bool\n"
        f"resource c '{ML}/computes@2024-04-01' = [for z in [{{ s: big ? 'x' : 'y' }}]: {{\n"
        "  name: 'ws/c'\n"
        "  properties: { computeType: 'AmlCompute', properties: { vmSize: z.s } }\n}]\n"
    )
    documents = {"main.bicep": decode("main.bicep", text.encode())}
    context = Texts(documents)
    (compute, _) = load.read(documents["main.bicep"], context).resources

    (decision,) = compute.size.term.decisions
    found = []
    for choice in (0, 1):
        context.worlds.enter({decision.key: choice})
        found.append(compute.size.known)
    context.worlds.enter({})
    assert found == ["x", "y"]


def test_an_instance_of_a_loop_is_referred_to():
    text = f"resource w '{ML}@2024-04-01' = [for n in ['a', 'b']: {{\n  name: n\n}}]\n"

    assert size("w[1].name", text).known == "b"
    assert size("w[0].id == w[1].id ? 'same' : 'other'", text).known == "other"
    open_ = text.replace("['a', 'b']", "open")
    assert size("w[1].name", f"param open array\n{open_}").known is None


@pytest.mark.parametrize(
    ("condition", "exists"),
    [("true", True), ("false", None), ("1 == 2", None), ("on", "open"), ("!empty(list)", "open")],
)
def test_a_condition_decides(condition, exists):
    text = (
        "param on bool\nparam list array\n"
        f"resource w '{ML}@2024-04-01' = if ({condition}) {{\n  name: 'w'\n}}\n"
    )
    found = resources(text, Workspace)

    if exists is None:
        assert found == []
        (off,) = resources(text, Workspace, switched_off=True)
        assert off.exists().known is False
        return
    assert found[0].exists().known is (True if exists is True else None)


def test_nested_resources_exist_with_their_parent():
    nested = "  resource c 'computes' = { name: 'c', properties: { computeType: 'AmlCompute' } }\n"
    text = WS.replace("= {", "= if (on) {").replace("  location", f"{nested}  location")

    with pytest.raises(Undecided):
        bool(only("param on bool\n" + text).exists())


MODULE = (
    "param size string = 'inner'\nparam name string\nparam on bool = true\n"
    "param location string = resourceGroup().location\n"
    f"resource c '{ML}/computes@2024-04-01' = if (on) {{\n  name: 'ws/${{name}}'\n"
    "  location: location\n"
    "  properties: { computeType: 'AmlCompute', properties: { vmSize: size } }\n}\n"
    "output id string = c.id\noutput size string = size\noutput list array = [for i in [1]: i]\n"
)


def module(params="name: 'c'", path="mod/m.bicep", head="{", extra=""):
    return f"module m '{path}' = {head}\n  name: 'd'\n{extra}  params: {{ {params} }}\n}}\n"


def test_a_module_takes_arguments():
    compute = only(
        "var s = 'outer'\n" + module("name: 'c', size: s"), files={"mod/m.bicep": MODULE}
    )

    assert compute.name == "c"
    assert compute.path == "mod/m.bicep"
    assert compute.size.known == "outer"
    assert [(p.document.path, p.role, p.text) for p in compute.size.trace] == [
        ("mod/m.bicep", "use", "size"),
        ("main.bicep", "argument", "s"),
        ("main.bicep", "variable", "'outer'"),
    ]


def test_arguments_may_come_from_an_expression():
    files = {"mod/m.bicep": MODULE}

    compute = only("var p = { name: 'x' }\n" + module("...p\n    size: 'y'"), files=files)
    assert (compute.name, compute.size.known) == ("x", "y")
    spread = "var p = { name: 'x' }\n" + module("X").replace("{ X }", "union(p, { size: 'z' })")
    assert only(spread, files=files).size.known == "z"


def test_null_leaves_a_parameter_its_default():
    compute = only(module("name: 'c', size: null"), files={"mod/m.bicep": MODULE})

    assert compute.size.known == "inner"


def test_outputs_of_a_module_are_known():
    files = {"mod/m.bicep": MODULE}
    use = module("name: 'c', size: 'x'").replace("module m", "module q")

    assert resources(use + cluster("q.outputs.size"), files=files)[1].size.known == "x"
    assert resources(use + cluster("q.outputs.list[0]"), files=files)[1].size.known == "1"
    assert resources(use + cluster("q.name"), files=files)[1].size.known == "d"
    assert resources(use + cluster("q.outputs.none"), files=files)[1].size.known is None
    assert resources(use + cluster("q.other"), files=files)[1].size.known is None


def test_what_any_keeps_from_the_compiler_is_read_where_it_stands():
    text = cluster().replace("properties: {\n    comp", "properties: any({\n    comp")
    text = text.replace("    }\n  }\n}\n", "    }\n  })\n}\n")
    found = only(text)

    assert places(found.size) == [("use", "'s'")]
    (edit,) = found.disable_local_auth.edits(new=True)
    assert edit.text.strip() == "disableLocalAuth: true"
    assert text[edit.end :].strip() == "})\n}"


def test_one_module_used_many_times_is_many():
    text = "module m 'mod/m.bicep' = [for n in ['a', 'b']: {\n  name: 'd-${n}'\n"
    text += "  params: { name: n, size: 's-${n}' }\n}]\n" + module("name: 'c'").replace(
        "module m", "module other"
    )
    found = resources(text + cluster("m[1].outputs.size"), files={"mod/m.bicep": MODULE})

    assert [(r.name, r.size.known) for r in found] == [
        ("a", "s-a"), ("b", "s-b"), ("c", "inner"), ("c", "s-b"),
    ]  # fmt: skip


def test_a_module_that_is_switched_off_declares_nothing():
    files = {"mod/m.bicep": MODULE}

    assert resources(module(head="if (false) {"), files=files) == []
    compute = only("param on bool\n" + module(head="if (on) {"), files=files)
    assert compute.exists().known is None


MADE = """\
targetScope = 'subscription'
resource g 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'made'
  location: 'norwayeast'
}
"""


@pytest.mark.parametrize(
    ("head", "scope", "group", "location"),
    [
        ("", "", "{resourceGroup().name}", "{resourceGroup().location}"),
        ("", "resourceGroup('other')", "other", "{resourceGroup().location}"),
        ("", "resourceGroup('sub', 'other')", "other", "{resourceGroup().location}"),
        (
            MADE,
            "g",
            "made",
            "norwayeast",
        ),
        ("param p string\n", "resourceGroup('x-${p}')", "{x-{p}}", "{resourceGroup().location}"),
    ],
)
def test_a_module_goes_where_its_scope_says(head, scope, group, location):
    extra = f"  scope: {scope}\n" if scope else ""
    found = resources(head + module(extra=extra), object, files={"mod/m.bicep": MODULE})
    compute = next(r for r in found if isinstance(r, Compute))

    assert f"/resourceGroups/{group}/" in str(compute.id)
    assert compute.location.text == location


def test_a_subscription_is_a_scope_of_modules_too():
    files = {
        "m.bicep": "targetScope = 'subscription'\nparam name string\n"
        "resource g 'Microsoft.Resources/resourceGroups@2024-03-01' = {\n  name: name\n"
        "  location: deployment().location\n}\n"
    }
    group = only(
        module("name: 'g'", "m.bicep", extra="  scope: subscription('s')\n"),
        ResourceGroup,
        files=files,
    )

    assert str(group.id) == "/subscriptions/s/resourceGroups/g"
    assert group.location.known is None


def test_regions_of_one_group_are_one_region():
    files = {"mod/m.bicep": MODULE}
    text = module() + module("name: 'e'", extra="  scope: resourceGroup('o')\n").replace(
        "module m", "module n"
    )
    here, there = resources(text, files=files)
    (other,) = resources(module("name: 'f'"), files=files)

    assert here.location.same_as(here.location).known is True
    assert here.location.same_as(there.location).known is None
    assert here.location.same_as(other.location).known is True


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "br/public:avm/res/x:1.0",
            "the module 'br/public:avm/res/x:1.0' is in a registry and is not read",
        ),
        ("ts:sub/rg/x:1.0", "the module 'ts:sub/rg/x:1.0' is a template spec and is not read"),
        ("../../x.bicep", "the module '../../x.bicep' is outside of the project and is not read"),
        ("none.bicep", "the module 'none.bicep' is not found"),
        ("main.bicep", "the module 'main.bicep' uses this file, which goes round in a circle"),
        ("x.arm", "the module 'x.arm' is no template and is not read"),
    ],
)
def test_a_module_that_is_not_read_is_said_with_its_place(path, message):
    text = module(path=path) + cluster("m.outputs.x")
    found = reading(text)
    (problem,) = found.problems

    assert problem.message == message
    assert problem.rule == ("syntax-error" if path == "main.bicep" else None)
    assert text[problem.start : problem.end] == f"'{path}'"
    value = next(r for r in found.resources if isinstance(r, Compute)).size
    assert [r.text for r in value.reasons] == ["m.outputs.x is answered at deployment"]


def test_modules_that_use_each_other_end():
    files = {"a.bicep": module(path="b.bicep"), "b.bicep": module(path="a.bicep")}
    found = reading(module(path="a.bicep"), files=files)

    assert [(p.document.path, p.message) for p in found.problems] == [
        ("b.bicep", "the module 'a.bicep' uses this file, which goes round in a circle")
    ]
    assert found.modules.keys() == {"a.bicep", "b.bicep"}


def test_modules_that_fan_out_end():
    files = {
        f"m{n}.bicep": "".join(
            module("", f"m{n + 1}.bicep").replace("module m", f"module m{i}") for i in range(3)
        )
        for n in range(15)
    }
    found = reading(module("", "m0.bicep"), files=files)

    assert "modules are used too often or nest too deeply" in {p.message for p in found.problems}


def test_what_is_broken_in_a_module_is_said_and_the_rest_is_read():
    found = reading(module(), files={"mod/m.bicep": MODULE + "var x =\n"})

    assert [(p.document.path, p.rule) for p in found.problems] == [("mod/m.bicep", "syntax-error")]
    assert len(found.resources) == 2


def test_parameter_files_give_arguments():
    use = "param size string\n" + cluster("size")
    json_file = {"parameters": {"size": {"value": "j"}, "other": {"reference": {}}}}
    bicep_file = "using './main.bicep'\nvar x = 'p'\nparam size = x\n"

    value = only(use, files={"main.parameters.json": json_file}).size
    assert (value.known, value.trace[-1].role) == ("j", "parameter-file")
    value = only(use, files={"dev.bicepparam": bicep_file}).size
    assert value.known == "p"
    assert [(p.role, p.text) for p in value.trace[1:]] == [
        ("parameter-file", "x"),
        ("variable", "'p'"),
    ]
    inner = bicep_file.replace("./main", "../main")
    assert only(use, files={"params/dev.bicepparam": inner}).size.known == "p"


def test_several_parameter_files_are_worlds():
    use = "param size string\n" + cluster("size")
    files = {
        "main.parameters.json": {"parameters": {"size": {"value": "j"}}},
        "main.bicepparam": "using 'main.bicep'\nparam size = 'p'\n",
        "other.bicepparam": "using 'other.bicep'\nparam size = 'o'\n",
    }
    value = only(use, files=files).size

    assert [d.options for d in value.term.decisions] == [
        ("main.bicepparam", "main.parameters.json")
    ]
    binding = Binding(parameters=("main.bicepparam",))
    assert only(use, files=files, binding=binding).size.known == "p"


def test_a_parameter_file_extends_another():
    files = {
        "main.bicepparam": "using 'main.bicep'\nextends 'base.bicepparam'\n",
        "base.bicepparam": "using none\nparam size = 'b'\n",
    }

    assert only("param size string\n" + cluster("size"), files=files).size.known == "b"


def test_what_a_parameter_file_reads_at_deployment_is_unknown():
    files = {"a.bicepparam": "using 'main.bicep'\nparam size = readEnvironmentVariable('S', 'x')\n"}
    value = only("param size string\n" + cluster("size"), files=files).size

    assert [r.text for r in value.reasons] == [
        "readEnvironmentVariable() is answered at deployment"
    ]


def test_a_broken_parameter_file_is_said():
    files = {"a.bicepparam": "using 'main.bicep'\nparam size = \n", "main.parameters.json": "{"}
    found = reading("param size string\n" + cluster("size"), files=files)

    assert {(p.document.path, p.rule) for p in found.problems} == {
        ("a.bicepparam", "syntax-error"),
        ("main.parameters.json", "syntax-error"),
    }
    alone = reading(files["a.bicepparam"], path="a.bicepparam")
    assert [p.rule for p in alone.problems] == ["syntax-error"]


def test_the_configuration_says_where_a_file_goes():
    binding = Binding("sub", "rg", location="westeurope")
    compute = only(cluster().replace("'westeurope'", "resourceGroup().location"), binding=binding)

    assert str(compute.id).startswith("/subscriptions/sub/resourceGroups/rg/")
    assert compute.location.known == "westeurope"


def test_existing_resources_are_referred_to_only():
    text = f"resource w '{ML}@2024-04-01' existing = {{\n  name: 'w'\n  scope: resourceGroup('o')\n}}\n"  # noqa: E501
    found = resources(text, object)

    assert [type(r) for r in found] == [Workspace]
    assert found[0].is_existing
    assert "/resourceGroups/o/" in str(found[0].id)
    unknown = text.replace(f"{ML}@", f"{ML}/computes@").replace("'w'", "'w/c'")
    assert resources(unknown, object) == []


def test_what_spreads_over_a_property_decides_it():
    body = "vmSize: 'a'\n      ...{ vmSize: big ? 'b' : 'c' }\n"
    compute = only(cluster("'a'", "param big bool").replace("vmSize: 'a'", body))
    assert [d.options for d in compute.size.term.decisions] == [("true", "false")]

    kept = "...(big ? { other: 1 } : {})"
    value = only(
        cluster("'a'", "param big bool").replace("vmSize: 'a'", f"vmSize: 'a'\n{kept}")
    ).size
    assert value.known is None
    assert [d.options for d in value.term.decisions] == [("true", "false")]
    assert only(cluster("'a'").replace("vmSize: 'a'", "'${'vmSize'}': 'k'")).size.known == "k"


def test_a_list_that_is_spread_out_is_read_by_its_items():
    text = "param more array\nvar list = [...more, 'x']\n" + cluster("list[0]")

    assert only(text).size.known is None


def test_a_compute_of_unknown_kind_is_said():
    found = reading(cluster(before="param kind string").replace("'AmlCompute'", "kind"))

    assert [type(r) for r in found.resources] == [Compute, ToolUse]
    assert [p.message for p in found.problems] == [
        "the kind of this compute is not known: parameter 'kind' has no value here"
    ]


def test_a_type_may_say_that_it_is_of_azure():
    assert only(cluster().replace("resource c '", "resource c 'az:")).size.known == "s"


def test_other_things_are_no_resources():
    text = (
        "resource s 'Contoso.Store/things@2024-01-01' = {\n  name: 's'\n}\n"
        "resource t '${'x'}' = {\n  name: 't'\n}\n"
        f"resource u '{ML}/computes' = {{\n  name: 'ws/u'\n"
        "  properties: { computeType: 'Databricks' }\n}\n"
    )

    assert resources(text, object) == []


def test_too_many_resources_are_said():
    text = "module m 'm.bicep' = [for i in range(0, 30): {\n  name: 'd${i}'\n}]\n"
    inner = f"resource w '{ML}@2024-04-01' = [for i in range(0, 700): {{\n  name: 'w${{i}}'\n}}]\n"
    found = reading(text, files={"m.bicep": inner})

    assert [p.message for p in found.problems] == ["more than 2000 resources"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [("false", "none"), ("true", "x"), ("on", None)],
)
def test_what_is_not_created_has_no_outputs(condition, expected):
    use = module("name: 'c', size: 'x'", head=f"if ({condition}) {{").replace(
        "module m", "module q"
    )
    text = cluster("q.?outputs.size ?? 'none'", f"param on bool\n{use}", name="'ws/last'")
    found = resources(text, files={"mod/m.bicep": MODULE})[-1].size

    assert found.known == expected
    assert bool(found.term.decisions) is (expected is None)


def test_a_safe_access_to_what_is_there_is_an_access():
    assert size("c.?location").known == "westeurope"


TEMPLATE = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {"Name": {"type": "string"}, "size": {"type": "string", "defaultValue": "d"}},
    "resources": [
        {
            "type": f"{ML}/computes",
            "apiVersion": "2024-04-01",
            "name": "[concat('ws/', parameters('name'))]",
            "properties": {
                "computeType": "AmlCompute",
                "properties": {"vmSize": "[parameters('size')]"},
            },
        }
    ],
    "outputs": {"size": {"type": "string", "value": "[parameters('size')]"}},
}


def test_a_template_is_a_module_too():
    use = module("name: 'c', size: 'x'", "t.json").replace("module m", "module q")
    one, two = resources(use + cluster("q.outputs.size"), files={"t.json": TEMPLATE})

    assert (one.name, one.size.known, two.size.known) == ("c", "x", "x")
    assert [(p.document.path, p.role) for p in one.size.trace] == [
        ("t.json", "use"),
        ("main.bicep", "argument"),
    ]
    assert only(module(path="t.json"), files={"t.json": TEMPLATE}).size.known == "d"


def test_a_broken_template_is_said():
    found = reading(module(path="t.json"), files={"t.json": "{"})

    assert [(p.document.path, p.rule) for p in found.problems] == [("t.json", "syntax-error")]


AVM = "br/public:avm/res"


def avm_lock(path, params, extra=""):
    found = reading(module(params, f"{AVM}/{path}:0.4.0", extra=extra))
    assert len(found.problems) == 1
    return [r for r in found.resources if isinstance(r, Lock)]


def test_a_verified_module_takes_a_lock():
    (lock,) = avm_lock(
        "resources/resource-group", "name: 'rg', lock: { kind: 'ReadOnly', name: 'keep' }"
    )
    assert str(lock.locked) == "/subscriptions/{subscription().subscriptionId}/resourceGroups/rg"
    assert (lock.name, lock.level.known, lock.level.place.text) == (
        "keep",
        "readonly",
        "'ReadOnly'",
    )
    assert lock.grip.text == "'keep'"
    (edit,) = lock.level.edits("cannotdelete")
    assert edit.text == "'CanNotDelete'"

    (lock,) = avm_lock("storage/storage-account", "name: 'st', lock: { kind: 'CanNotDelete' }")
    assert str(lock.locked) == f"{GROUP}/providers/Microsoft.Storage/storageAccounts/st"
    assert lock.name == "st"
    assert lock.body.at(("properties", "notes")).is_absent
    other = "  scope: resourceGroup('other')\n"
    (lock,) = avm_lock("network/virtual-network", "name: 'v', lock: { kind: 'ReadOnly' }", other)
    assert "/resourceGroups/other/" in str(lock.locked)


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("resources/resource-group", "name: 'rg'"),
        ("resources/resource-group", "name: 'rg', lock: null"),
        ("resources/resource-group", "name: 'rg', lock: { kind: 'None' }"),
        ("app/job", "name: 'j', lock: { kind: 'ReadOnly' }"),
        ("../ptn/some/thing", "name: 'j', lock: { kind: 'ReadOnly' }"),
    ],
)
def test_a_verified_module_may_take_no_lock(path, params):
    assert avm_lock(path, params) == []


@pytest.mark.parametrize(
    "made",
    [
        "reduce(map(ids, (id) => { '${id}': {} }), {}, (all, next) => union(all, next))",
        "toObject(filter(ids, (id) => id != ''), (id) => id, (id) => {})",
        "toObject(sort(ids, (a, b) => length(a) < length(b)), (id) => id, (id) => {})",
    ],
)
def test_what_is_made_of_a_list_goes_back_to_where_the_list_is_written(made):
    text = f"param ids array\nvar made = {made}\n" + cluster().replace(
        "  location:",
        "  identity: { type: 'UserAssigned', userAssignedIdentities: made }\n  location:",
    )
    user = "module m 'm.bicep' = {\n  name: 'm'\n  params: { ids: ['/a', '/b'] }\n}\n"
    compute = only(user, files={"m.bicep": text})

    assert list(compute.identity_ids.term.data) == ["/a", "/b"]
    last = compute.identity_ids.trace[-1]
    assert (last.document.path, last.role, last.text) == ("main.bicep", "argument", "['/a', '/b']")
