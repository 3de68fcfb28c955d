"""Every documented function of the template language, and how much of it is worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions import arm_syntax
from azmlint.expressions.arm_syntax import Call, Index, Member

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from azmlint.expressions.arm_syntax import Node

FULL: Final = "full"
PARTIAL: Final = "partial"
UNKNOWN: Final = "unknown"

_BASE: Final = "https://learn.microsoft.com/azure/azure-resource-manager/templates/"


class Documented(NamedTuple):
    """One documented function."""

    name: str
    coverage: str
    """`full`, `partial` or `unknown`."""

    note: str = ""
    """What is missing of a partial one, or why an unknown one stays so."""


_GUID = "a hash; the same arguments give the same unknown value"
_RUNTIME = "answered by the deployment"
_ORDER = "keys are ordered without regard to case; computed keys that are unknown leave it unknown"
_PIECES = "characters beyond the basic plane leave it unknown"
_CULTURE = "texts of letters and digits only, since others are ordered by culture"
_LAMBDA = "one unknown answer of the lambda leaves the whole unknown"
_FORMATS = "`D` and `N` with a number of digits, and alignment; other format strings are unknown"
_DATES = "dates written as `2026-01-31T12:00:00Z`"

GROUPS: Final[dict[str, tuple[Documented, ...]]] = {
    "array": (
        Documented("array", FULL),
        Documented("concat", PARTIAL, "decimal numbers in a text stay unknown"),
        Documented("contains", PARTIAL, "known when the known pieces or items decide it"),
        Documented("createArray", FULL),
        Documented("empty", FULL),
        Documented("first", PARTIAL, _PIECES),
        Documented("flatten", PARTIAL, "arrays whose items are all arrays"),
        Documented("indexFromEnd", FULL),
        Documented("indexOf", PARTIAL, _PIECES),
        Documented(
            "intersection", PARTIAL, "objects and arrays within objects are not intersected"
        ),
        Documented("last", PARTIAL, _PIECES),
        Documented("lastIndexOf", PARTIAL, "the position of an empty text is unknown"),
        Documented("length", PARTIAL, _PIECES),
        Documented("max", FULL),
        Documented("min", FULL),
        Documented("range", FULL),
        Documented("skip", PARTIAL, _PIECES),
        Documented("take", PARTIAL, _PIECES),
        Documented("tryGet", PARTIAL, "what is missing after the first step is unknown"),
        Documented("tryIndexFromEnd", FULL),
        Documented(
            "union", PARTIAL, "null over another value, or what may be the same, is unknown"
        ),
    ),
    "cidr": (
        Documented("parseCidr", PARTIAL, "IPv4 ranges of one or two addresses are unknown"),
        Documented("cidrSubnet", FULL),
        Documented("cidrHost", PARTIAL, "ranges of one or two addresses are unknown"),
    ),
    "comparison": (
        Documented("coalesce", FULL),
        Documented("equals", PARTIAL, "keys that differ by case, and 1 against 1.0, are undecided"),
        Documented("greater", PARTIAL, _CULTURE),
        Documented("greaterOrEquals", PARTIAL, _CULTURE),
        Documented("less", PARTIAL, _CULTURE),
        Documented("lessOrEquals", PARTIAL, _CULTURE),
    ),
    "date": (
        Documented("dateTimeAdd", PARTIAL, f"{_DATES}, days and shorter; numeric formats"),
        Documented("dateTimeFromEpoch", FULL),
        Documented("dateTimeToEpoch", PARTIAL, _DATES),
        Documented("utcNow", UNKNOWN, "differs at each deployment"),
    ),
    "deployment": (
        Documented("deployer", UNKNOWN, _RUNTIME),
        Documented("deployment", PARTIAL, "its location is known where the deployment's is"),
        Documented("environment", UNKNOWN, _RUNTIME),
        Documented("parameters", FULL),
        Documented("variables", FULL),
    ),
    "lambda": (
        Documented("filter", PARTIAL, _LAMBDA),
        Documented("groupBy", PARTIAL, _LAMBDA),
        Documented("lambda", FULL),
        Documented("lambdaVariables", FULL),
        Documented("map", FULL),
        Documented("mapValues", FULL),
        Documented("reduce", FULL),
        Documented("sort", PARTIAL, _LAMBDA),
        Documented("toObject", PARTIAL, _LAMBDA),
    ),
    "logical": (
        Documented("and", FULL),
        Documented("bool", FULL),
        Documented("false", FULL),
        Documented("if", FULL),
        Documented("not", FULL),
        Documented("or", FULL),
        Documented("true", FULL),
    ),
    "numeric": (
        Documented("add", FULL),
        Documented("copyIndex", FULL),
        Documented("div", FULL),
        Documented("float", FULL),
        Documented("int", FULL),
        Documented("mod", FULL),
        Documented("mul", FULL),
        Documented("sub", FULL),
    ),
    "object": (
        Documented("createObject", PARTIAL, "keys of which nothing is known leave it unknown"),
        Documented("items", PARTIAL, _ORDER),
        Documented("json", PARTIAL, "standard JSON; what .NET's reader takes beyond it is unknown"),
        Documented("null", FULL),
        Documented("objectKeys", PARTIAL, _ORDER),
        Documented("shallowMerge", FULL),
    ),
    "resource": (
        Documented("extensionResourceId", FULL),
        Documented("listAccountSas", UNKNOWN, _RUNTIME),
        Documented("listKeys", UNKNOWN, _RUNTIME),
        Documented("listSecrets", UNKNOWN, _RUNTIME),
        Documented(
            "managementGroupResourceId", PARTIAL, "the name of the management group is unknown"
        ),
        Documented("pickZones", UNKNOWN, _RUNTIME),
        Documented("providers", UNKNOWN, _RUNTIME),
        Documented(
            "reference", PARTIAL, "outputs of nested templates; what a full reference declares"
        ),
        Documented("references", UNKNOWN, _RUNTIME),
        Documented("resourceId", FULL),
        Documented("roleDefinitions", UNKNOWN, _RUNTIME),
        Documented("subscriptionResourceId", FULL),
        Documented("tenantResourceId", FULL),
        Documented("toLogicalZone", UNKNOWN, _RUNTIME),
        Documented("toLogicalZones", UNKNOWN, _RUNTIME),
        Documented("toPhysicalZone", UNKNOWN, _RUNTIME),
        Documented("toPhysicalZones", UNKNOWN, _RUNTIME),
    ),
    "scope": (
        Documented("managementGroup", UNKNOWN, _RUNTIME),
        Documented("resourceGroup", PARTIAL, "symbolic where the configuration names no group"),
        Documented("subscription", PARTIAL, "symbolic where the configuration names none"),
        Documented("tenant", UNKNOWN, _RUNTIME),
    ),
    "string": (
        Documented("base64", FULL),
        Documented("base64ToJson", PARTIAL, "standard JSON"),
        Documented("base64ToString", PARTIAL, "bytes that are no UTF-8 are unknown"),
        Documented("buildUri", UNKNOWN, "no property that rules read is built by it"),
        Documented("dataUri", FULL),
        Documented("dataUriToString", PARTIAL, "UTF-8 only"),
        Documented("endsWith", FULL),
        Documented("format", PARTIAL, _FORMATS),
        Documented("guid", UNKNOWN, _GUID),
        Documented("join", PARTIAL, "decimal numbers stay unknown"),
        Documented("newGuid", UNKNOWN, "differs at each deployment"),
        Documented("padLeft", PARTIAL, _PIECES),
        Documented("parseUri", UNKNOWN, "no property that rules read is taken from it"),
        Documented("replace", FULL),
        Documented("split", PARTIAL, "unknown pieces are taken to hold no `/` of their own"),
        Documented("startsWith", FULL),
        Documented("string", PARTIAL, "decimal numbers stay unknown"),
        Documented("substring", PARTIAL, _PIECES),
        Documented("toLower", FULL),
        Documented("toUpper", FULL),
        Documented("trim", FULL),
        Documented("uniqueString", UNKNOWN, _GUID),
        Documented("uri", PARTIAL, "plain paths below a base with a path"),
        Documented("uriComponent", FULL),
        Documented("uriComponentToString", PARTIAL, "UTF-8 only"),
    ),
}
"""Documented functions by the page that describes them; each stands once."""


def functions_page(examples: Mapping[str, Mapping[str, object]]) -> str:
    """Write the page of all functions; `examples` are expressions by the file they stand in."""
    counts: dict[str, dict[str, int]] = {}
    for file, expressions in examples.items():
        for expression in expressions:
            for name in sorted(set(calls(arm_syntax.parse(expression)))):
                per_file = counts.setdefault(name, {})
                per_file[file] = per_file.get(file, 0) + 1
    rows = [row for group in GROUPS.values() for row in group]
    lines = [
        "# Template functions",
        "",
        f"How much of each of the {len(rows)} documented functions azmlint works out.",
        "*Full*: every documented case.",
        "*Partial*: what the note leaves out is unknown, never guessed.",
        "*Unknown*: always unknown, with the reason shown.",
        "An unknown argument makes a result unknown unless what is known decides it,",
        "as in `and(false(), x)`, `startsWith(concat('dev-', x), 'dev')`",
        "or `first(createArray('a', x))`.",
        "The last column counts the tested examples in `tests/expressions/examples/`.",
    ]
    for group, functions in GROUPS.items():
        lines += ["", f"## {group.capitalize()}", ""]
        page = f"{_BASE}template-functions-{group}"
        lines += ["| function | | what is left out | examples |", "| --- | --- | --- | --- |"]
        for name, coverage, note in functions:
            found = counts.get(name.lower(), {})
            tests = ", ".join(f"{file} ({found[file]})" for file in sorted(found))
            link = f"[{name}]({page}#{name.lower()})"
            lines.append(f"| {link} | {coverage} | {note} | {tests or '**none**'} |")
    return "\n".join(lines) + "\n"


def calls(node: Node) -> Iterator[str]:
    """Yield the name of each function that an expression calls, in lower case."""
    if isinstance(node, Call):
        yield node.name
        for argument in node.arguments:
            yield from calls(argument)
    elif isinstance(node, (Member, Index)):
        yield from calls(node.of)
        if isinstance(node, Index):
            yield from calls(node.at)
