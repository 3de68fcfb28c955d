"""The shape of the configuration file: what is checked, described and published as JSON Schema."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

from azmlint.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

SEVERITIES = ("note", "warning", "error")
SCHEMA_URI = "https://github.com/azmlint/azmlint/blob/main/docs/azmlint.schema.json"


class RuleOptions(NamedTuple):
    """What the configuration may say of one rule."""

    name: str
    options: Mapping[str, tuple[str, object, str]]
    """By name: the type as Python writes it, the default, and what it means."""


class Names(NamedTuple):
    """The names that a configuration may use."""

    rules: Mapping[str, tuple[str, ...]]
    """Rule name -> names of its options."""

    families: frozenset[str]
    formerly: Mapping[str, str] = {}
    """A rule's former name -> its name."""


PROBLEM_LIMIT = 100
"""Problems of one file that are told."""


class Check:
    """Collects what is wrong with one file, a line for each problem."""

    __slots__ = ("file", "lines", "names", "prefix")

    def __init__(self, file: str, names: Names, prefix: str = "") -> None:
        """Begin; `file` and `prefix` are how lines name the file and the table in it."""
        self.file = file
        self.names = names
        self.prefix = prefix
        self.lines: list[str] = []

    def say(self, where: str, message: str) -> None:
        """Note that the value at `where`, a dotted key, is wrong; raises ConfigError in the end."""
        self.lines.append(f"{self.file}: {self.prefix}{where}: {message}")
        if len(self.lines) == PROBLEM_LIMIT:
            raise ConfigError("\n".join([*self.lines, f"{self.file}: there may be more"]))


class Shape(Protocol):
    """What one value may be."""

    @property
    def about(self) -> str:
        """What it means, as one or two sentences."""
        ...

    def read(self, value: object, where: str, check: Check) -> Any:  # noqa: ANN401  # TOML data
        """Give the value in its settled form; None, with a problem noted, when it is wrong."""
        ...

    def schema(self, rules: Iterable[RuleOptions]) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        ...


_LONG_ENOUGH = 4
"""Characters of a word that can be meant for a name that holds it."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Make the end of a message that names the nearest spelling; empty when none is near."""
    from difflib import get_close_matches  # noqa: PLC0415  # only for what is misspelt

    names = sorted(known)
    near = get_close_matches(word.lower(), names, 1, 0.6)
    if not near and len(word) >= _LONG_ENOUGH:
        near = [name for name in names if word.lower() in name][:1]
    return f", did you mean '{near[0]}'?" if near else ""


_TYPE_NAMES = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a table",
}


def _shown(value: object) -> str:
    if isinstance(value, str):
        from azmlint.brief import brief  # noqa: PLC0415  # only for what is wrong

        return f"'{brief(value, 60)}'"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)[:40]
    return _TYPE_NAMES.get(type(value), "a date or time")


class Text:
    """A text, one of `choices` when there are any."""

    __slots__ = ("about", "choices")

    def __init__(self, about: str, choices: tuple[str, ...] = ()) -> None:
        """Describe it."""
        self.about = about
        self.choices = choices

    def read(self, value: object, where: str, check: Check) -> str | None:
        """Refuse what is no text, what is empty, and what is no choice."""
        if not isinstance(value, str):
            check.say(where, f"must be {self._expected()}, not {_shown(value)}")
            return None
        if self.choices and value not in self.choices:
            near = nearest(value, self.choices)
            check.say(where, f"must be {self._expected()}, not {_shown(value)}{near}")
            return None
        if not value.strip():
            check.say(where, "must not be empty")
            return None
        return value

    def _expected(self) -> str:
        return f"one of {', '.join(self.choices)}" if self.choices else "a text"

    def schema(self, _: Iterable[RuleOptions]) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        if self.choices:
            return {"enum": list(self.choices)}
        return {"type": "string", "minLength": 1}


class Flag:
    """True or false."""

    __slots__ = ("about",)

    def __init__(self, about: str) -> None:
        """Describe it."""
        self.about = about

    def read(self, value: object, where: str, check: Check) -> bool | None:
        """Refuse everything but true and false."""
        if not isinstance(value, bool):
            check.say(where, f"must be true or false, not {_shown(value)}")
            return None
        return value

    @staticmethod
    def schema(_: Iterable[RuleOptions]) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        return {"type": "boolean"}


class Seconds:
    """A time in seconds."""

    __slots__ = ("about",)

    def __init__(self, about: str) -> None:
        """Describe it."""
        self.about = about

    @staticmethod
    def read(value: object, where: str, check: Check) -> float | None:
        """Refuse everything but a number above 0."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < _LONG:
            check.say(where, f"must be a number of seconds above 0, not {_shown(value)}")
            return None
        return float(value)

    @staticmethod
    def schema(_: Iterable[RuleOptions]) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        return {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": _LONG}


_LONG = 1_000_000


class Switch:
    """True or false, or Azure's words for them."""

    __slots__ = ("about",)

    words: ClassVar[dict[str, bool]] = {"enabled": True, "disabled": False}

    def __init__(self, about: str) -> None:
        """Describe it."""
        self.about = about

    def read(self, value: object, where: str, check: Check) -> bool | None:
        """Refuse everything but true, false, `Enabled` and `Disabled`."""
        found = self.words.get(value.lower()) if isinstance(value, str) else value
        if not isinstance(found, bool):
            check.say(where, f"must be true, false, Enabled or Disabled, not {_shown(value)}")
            return None
        return found

    @staticmethod
    def schema(_: Iterable[RuleOptions]) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        return {"enum": [True, False, "Enabled", "Disabled", "enabled", "disabled"]}


class Day:
    """A date, as TOML writes it or as a text."""

    __slots__ = ("about",)

    def __init__(self, about: str) -> None:
        """Describe it."""
        self.about = about

    @staticmethod
    def read(value: object, where: str, check: Check) -> dt.date | None:
        """Refuse what is no date."""
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
        day = day_of(value) if isinstance(value, str) else None
        if day is None:
            check.say(where, f"must be a date such as 2027-01-31, not {_shown(value)}")
        return day

    @staticmethod
    def schema(_: Iterable[RuleOptions]) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        return {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


def day_of(text: str) -> dt.date | None:
    """Read a date written as 2027-01-31; None for anything else."""
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None


class Rules:
    """The name of a rule, and of a family where those are meant too."""

    __slots__ = ("about", "families")

    def __init__(self, about: str, *, families: bool = True) -> None:
        """Describe it."""
        self.about = about
        self.families = families

    def read(self, value: object, where: str, check: Check) -> str | None:
        """Give a rule's present name; refuse names that nobody knows."""
        if not isinstance(value, str):
            check.say(where, f"must be the name of a rule, not {_shown(value)}")
            return None
        problem = unknown_name(value, check.names, families=self.families)
        if problem is not None:
            check.say(where, problem)
            return None
        return check.names.formerly.get(value, value)

    @staticmethod
    def schema(_: Iterable[RuleOptions]) -> dict[str, Any]:
        """Describe it as JSON Schema; other packs have other names, so that any name is valid."""
        return {"$ref": "#/$defs/rule"}


def unknown_name(word: str, names: Names, *, families: bool = True) -> str | None:
    """Say that no rule has this name; None when one has."""
    if word in names.rules or word in names.formerly or (families and word in names.families):
        return None
    if word in names.families:
        return f"'{word}' is a family, but only single rules can stand here"
    near = nearest(word, (*names.rules, *(names.families if families else ())))
    return f"no rule {'or family ' if families else ''}is called {_shown(word)}{near}"


class List:
    """A list of which every item has one shape."""

    __slots__ = ("about", "item")

    def __init__(self, item: Shape, about: str) -> None:
        """Describe it."""
        self.item = item
        self.about = about

    def read(self, value: object, where: str, check: Check) -> tuple[Any, ...] | None:
        """Check every item, and keep those that are right."""
        if not isinstance(value, list):
            check.say(where, f"must be a list, not {_shown(value)}")
            return None
        read = [self.item.read(v, f"{where}[{i}]", check) for i, v in enumerate(value)]
        return tuple(v for v in read if v is not None)

    def schema(self, rules: Iterable[RuleOptions]) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        return {"type": "array", "items": self.item.schema(rules)}


class Either:
    """A text or a table; which one decides what it means."""

    __slots__ = ("about", "table", "text")

    def __init__(self, text: Shape, table: Shape) -> None:
        """Describe it."""
        self.text = text
        self.table = table
        self.about = text.about

    def read(self, value: object, where: str, check: Check) -> Any:  # noqa: ANN401  # TOML data
        """Check by the kind of value."""
        return (self.table if isinstance(value, dict) else self.text).read(value, where, check)

    def schema(self, rules: Iterable[RuleOptions]) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        return {"oneOf": [self.text.schema(rules), self.table.schema(rules)]}


class Table:
    """A table of known keys."""

    __slots__ = ("about", "keys", "one_of", "required")

    def __init__(
        self,
        keys: Mapping[str, Shape],
        about: str,
        *,
        required: tuple[str, ...] = (),
        one_of: tuple[str, ...] = (),
    ) -> None:
        """Describe it; at least one key of `one_of` has to be there."""
        self.keys = keys
        self.about = about
        self.required = required
        self.one_of = one_of

    def read(self, value: object, where: str, check: Check) -> dict[str, Any] | None:
        """Check every key; refuse unknown and missing ones."""
        if not isinstance(value, dict):
            check.say(where, f"must be a table, not {_shown(value)}")
            return None
        before = len(check.lines)
        found: dict[str, Any] = {}
        for key, inner in value.items():
            dotted = f"{where}.{_key(key)}" if where else _key(key)
            shape = self.keys.get(key)
            if shape is None:
                check.say(dotted, f"unknown key{nearest(key, self.keys)}")
                continue
            read = shape.read(inner, dotted, check)
            if read is not None:
                found[key] = read
        for key in self.required:
            if key not in value:
                check.say(where, f"'{key}' is missing")
        if self.one_of and not any(key in value for key in self.one_of):
            names = " or ".join(f"'{k}'" for k in self.one_of)
            check.say(where, f"{names} is missing")
        return found if not where or len(check.lines) == before else None

    def schema(self, rules: Iterable[RuleOptions]) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        rules = tuple(rules)
        properties = {
            key: {"description": shape.about, **shape.schema(rules)}
            for key, shape in self.keys.items()
        }
        made: dict[str, Any] = {
            "type": "object",
            "additionalProperties": False,
            "properties": properties,
        }
        if self.required:
            made["required"] = list(self.required)
        if self.one_of:
            made["anyOf"] = [{"required": [key]} for key in self.one_of]
        return made


def _key(key: str) -> str:
    is_bare = key != "" and all(c.isalnum() or c in "-_" for c in key) and key.isascii()
    return key if is_bare else '"' + key.encode("unicode_escape").decode() + '"'


class Tags:
    """Tags with the values that count, `*` for any."""

    __slots__ = ("about",)

    def __init__(self, about: str) -> None:
        """Describe it."""
        self.about = about

    @staticmethod
    def read(value: object, where: str, check: Check) -> tuple[tuple[str, str | None], ...] | None:
        """Give pairs of tag and value, the value None for any."""
        if not isinstance(value, dict):
            check.say(where, f"must be a table of texts, not {_shown(value)}")
            return None
        pairs: list[tuple[str, str | None]] = []
        for tag, wanted in value.items():
            for text in wanted if isinstance(wanted, list) else [wanted]:
                if isinstance(text, str):
                    pairs.append((tag, None if text == "*" else text))
                else:
                    check.say(f"{where}.{_key(tag)}", f"must be a text, not {_shown(text)}")
        return tuple(pairs)

    @staticmethod
    def schema(_: Iterable[RuleOptions]) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        text = {"type": "string"}
        either = {"oneOf": [text, {"type": "array", "items": text}]}
        return {"type": "object", "additionalProperties": either}


class Limits:
    """The limits of single regions, by the names that the service has for them."""

    __slots__ = ("about",)

    def __init__(self, about: str) -> None:
        """Describe it."""
        self.about = about

    @staticmethod
    def read(value: object, where: str, check: Check) -> dict[str, dict[str, int]] | None:
        """Refuse all but whole numbers that are not negative."""
        if not isinstance(value, dict):
            check.say(where, f"must be a table of regions, not {_shown(value)}")
            return None
        found: dict[str, dict[str, int]] = {}
        for region, limits in value.items():
            dotted = f"{where}.{_key(region)}"
            own = re.sub(r"^\s*\([^()]*\)|\s", "", region).casefold()
            if not isinstance(limits, dict):
                check.say(dotted, f"must be a table of limits, not {_shown(limits)}")
                continue
            if own in found:
                check.say(dotted, "states the limits of a region that stands here already")
            for name, limit in limits.items():
                is_count = isinstance(limit, int) and not isinstance(limit, bool)
                if is_count and limit >= 0:
                    found.setdefault(own, {})[name] = limit
                else:
                    wanted = "must be a whole number of 0 or more"
                    check.say(f"{dotted}.{_key(name)}", f"{wanted}, not {_shown(limit)}")
        return found

    @staticmethod
    def schema(_: Iterable[RuleOptions]) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        limits = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}
        return {"type": "object", "additionalProperties": limits}


class Values:
    """Values of any kind, by name."""

    __slots__ = ("about",)

    def __init__(self, about: str) -> None:
        """Describe it."""
        self.about = about

    @staticmethod
    def read(value: object, where: str, check: Check) -> dict[str, Any] | None:
        """Refuse what is no table."""
        if not isinstance(value, dict):
            check.say(where, f"must be a table, not {_shown(value)}")
            return None
        return value

    @staticmethod
    def schema(_: Iterable[RuleOptions]) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        return {"type": "object"}


class RuleTables:
    """A table for each rule that is set up differently."""

    __slots__ = ("about",)

    severity = Text("How much a finding of the rule matters.", SEVERITIES)

    def __init__(self, about: str) -> None:
        """Describe it."""
        self.about = about

    def read(self, value: object, where: str, check: Check) -> dict[str, dict[str, Any]] | None:
        """Check names of rules and options; the types of options need the rules themselves."""
        if not isinstance(value, dict):
            check.say(where, f"must be a table, not {_shown(value)}")
            return None
        found: dict[str, dict[str, Any]] = {}
        for word, table in value.items():
            dotted = f"{where}.{_key(word)}"
            name = check.names.formerly.get(word, word)
            options = check.names.rules.get(name)
            if options is None:
                problem = unknown_name(word, check.names, families=False)
                check.say(dotted, problem or f"no rule is called {_shown(word)}")
            elif not isinstance(table, dict):
                check.say(dotted, f"must be a table, not {_shown(table)}")
            else:
                found.setdefault(name, {}).update(self._table(table, dotted, options, check))
        return found

    def _table(
        self, table: dict[str, object], where: str, options: Collection[str], check: Check
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in table.items():
            dotted = f"{where}.{_key(key)}"
            if key == "severity" and key not in options:
                severity = self.severity.read(value, dotted, check)
                if severity is not None:
                    found[key] = severity
            elif key in options:
                found[key] = _settled(value)
            else:
                near = nearest(key, (*options, "severity"))
                check.say(dotted, f"the rule has no option {_shown(key)}{near}")
        return found

    def schema(self, rules: Iterable[RuleOptions]) -> dict[str, Any]:
        """Describe it as JSON Schema: known rules exactly, rules of other packs openly."""
        tables = {}
        for rule in sorted(rules, key=lambda r: r.name):
            keys: dict[str, Any] = {
                "severity": {"description": self.severity.about, **self.severity.schema(())}
            }
            for name, (type_name, default, about) in rule.options.items():
                described = {"description": " ".join(about.split())} if about else {}
                keys[name] = {**described, "default": _plain(default), **type_schema(type_name)}
            tables[rule.name] = {
                "type": "object",
                "additionalProperties": False,
                "properties": keys,
            }
        return {"type": "object", "additionalProperties": {"type": "object"}, "properties": tables}


def _settled(value: object) -> object:
    """Turn lists into tuples, because the options of a rule never change."""
    if isinstance(value, list):
        return tuple(_settled(v) for v in value)
    if isinstance(value, dict):
        return {k: _settled(v) for k, v in value.items()}
    return value


def _plain(value: object) -> object:
    if isinstance(value, (frozenset, set)):
        return sorted(_plain(v) for v in value)  # type: ignore[type-var]  # options hold one type
    if isinstance(value, (tuple, list)):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return value


_SIMPLE = {"int": "integer", "float": "number", "str": "string", "bool": "boolean"}
_LISTS = ("tuple", "list", "frozenset", "set", "Sequence", "Collection", "Iterable", "AbstractSet")
_MAPS = ("dict", "Mapping")


def type_schema(type_name: str) -> dict[str, Any]:
    """Describe the type of an option, as Python writes it, as JSON Schema; `{}` takes anything."""
    parts = [p.strip() for p in _split(type_name, "|") if p.strip() != "None"]
    if len(parts) > 1:
        return {"anyOf": [type_schema(p) for p in parts]}
    name = parts[0] if parts else ""
    if name in _SIMPLE:
        return {"type": _SIMPLE[name]}
    outer, _, inner = name.partition("[")
    arguments = [a.strip() for a in _split(inner.removesuffix("]"), ",")] if inner else []
    if outer == "Literal":
        return {"enum": [a.strip("'\"") for a in arguments]}
    if outer in _LISTS:
        items = type_schema(arguments[0]) if arguments else {}
        return {"type": "array", "items": items}
    if outer in _MAPS:
        values = type_schema(arguments[-1]) if arguments else {}
        return {"type": "object", "additionalProperties": values}
    return {}


def _split(text: str, sign: str) -> list[str]:
    """Split at a sign that stands in no bracket."""
    pieces, depth = [""], 0
    for char in text:
        depth += (char == "[") - (char == "]")
        if char == sign and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += char
    return pieces


def misfit(value: object, schema: Mapping[str, Any]) -> str | None:
    """Say what a value must be when it does not fit the type of an option; None when it fits."""
    if "anyOf" in schema:
        misfits = [misfit(value, s) for s in schema["anyOf"]]
        return None if None in misfits else " or ".join(m for m in misfits if m)
    if "enum" in schema:
        return None if value in schema["enum"] else f"one of {', '.join(map(str, schema['enum']))}"
    fits, expected = _TESTS.get(schema.get("type", ""), _ANYTHING)
    if not fits(value):
        return expected
    inner = schema.get("items") or schema.get("additionalProperties")
    if not inner:
        return None
    values: Iterable[object] = ()
    if isinstance(value, dict):
        values = value.values()
    elif isinstance(value, (tuple, list)):
        values = value
    wrong = next((m for v in values if (m := misfit(v, inner)) is not None), None)
    return f"{expected} of which each item is {wrong}" if wrong else None


_ANYTHING: tuple[Callable[[object], bool], str] = (lambda _: True, "anything")
_TESTS: dict[str, tuple[Callable[[object], bool], str]] = {
    "integer": (lambda v: isinstance(v, int) and not isinstance(v, bool), "a whole number"),
    "number": (lambda v: isinstance(v, (int, float)) and not isinstance(v, bool), "a number"),
    "string": (lambda v: isinstance(v, str), "a text"),
    "boolean": (lambda v: isinstance(v, bool), "true or false"),
    "array": (lambda v: isinstance(v, (tuple, list)), "a list"),
    "object": (lambda v: isinstance(v, dict), "a table"),
}

_PATHS = List(
    Text("A pattern as `.gitignore` spells it."),
    "The files it is about, as patterns relative to the project root.",
)
_IGNORE = Table(
    {
        "rule": Rules("The rule, or the family of rules, that is ignored."),
        "path": Text("The files in which it is ignored, as a pattern."),
        "resource": Text("The name, or the whole id, of the resource for which it is ignored."),
        "reason": Text("Why; reports show it beside the suppressed finding."),
        "until": Day("The last day on which it is ignored."),
    },
    "One thing that is known and accepted.",
    required=("rule", "reason"),
    one_of=("path", "resource"),
)
_WORKSPACE = Table(
    {
        "paths": _PATHS,
        "name": Text("The name of the workspace that these files are meant for."),
        "resource_group": Text("The resource group of the workspace."),
        "subscription": Text("The id of the subscription of the workspace."),
        "location": Text("The region of the workspace."),
        "public_network_access": Switch("Whether the workspace accepts public traffic."),
        "managed_network": Text(
            "The isolation mode of the workspace's managed network.",
            ("disabled", "allow_internet_outbound", "allow_only_approved_outbound"),
        ),
        "kind": Text("The kind of the workspace.", ("default", "hub", "project", "featurestore")),
        "file": Text("The file that declares the workspace, relative to the project root."),
    },
    "A workspace, and the files that are meant for it.",
    required=("paths",),
    one_of=("name", "file"),
)
_POLICIES = "A policy definition, or a pattern of several, relative to this file."
_POLICY = Table(
    {
        "path": Text(_POLICIES),
        "parameters": Values("The values of the parameters of the definition, by name."),
    },
    "Policy definitions with the values of their parameters.",
    required=("path",),
)
_DEPLOYMENT = Table(
    {
        "paths": _PATHS,
        "subscription": Text("The id of the subscription it goes to."),
        "resource_group": Text("The resource group it goes to."),
        "location": Text("The region of that resource group."),
        "parameters": List(
            Text("A parameter file."),
            "The parameter files it is made with, relative to the project root; a later one wins.",
        ),
        "environment": Switch(
            "Whether variables of Terraform take values from TF_VAR_... of the environment."
        ),
    },
    "A deployment, and the templates that it deploys.",
    required=("paths",),
)
FILE = Table(
    {
        "extends": Text("A configuration file that this one adds to, relative to this file."),
        "profile": Text(
            "Which notes are reported beside all errors and warnings.", ("default", "strict")
        ),
        "select": List(
            Rules("A rule or a family of rules."), "The only rules that run; all of them if empty."
        ),
        "ignore": List(
            Either(Rules("A rule or a family of rules that does not run."), _IGNORE),
            "Rules that do not run, and single findings that are accepted.",
        ),
        "default_notes": List(
            Rules("A rule.", families=False),
            "Rules of which notes are reported in the default profile too.",
        ),
        "fail_on": Text(
            "The lowest severity that makes the exit code 1.", ("error", "warning", "note", "none")
        ),
        "min_severity": Text("The lowest severity that is shown.", SEVERITIES),
        "undecided": Text(
            "What becomes of a rule that an unknown value keeps from judging.",
            ("note", "fail", "ignore"),
        ),
        "fail_on_skip": Flag("Whether anything that was not read makes the exit code 3."),
        "exclude": List(
            Text("A pattern as `.gitignore` spells it."),
            "Files that are not read unless they are named on the command line.",
        ),
        "complete": Flag("Whether these files declare everything that is deployed."),
        "production": Table(
            {
                "workspaces": List(Text("A workspace."), "The names of production workspaces."),
                "tags": Tags("Tags that mark production, with their values; `*` is any value."),
            },
            "What counts as production.",
        ),
        "rules": RuleTables("Options and severities of single rules, by name."),
        "workspaces": List(_WORKSPACE, "The workspaces that files are meant for."),
        "deployments": List(_DEPLOYMENT, "Where templates are deployed, and with what."),
        "quota": Limits(
            "Limits of vCPUs by region and family, such as `standardDSv2Family`, and of "
            "`TotalDedicatedCores`, `TotalLowPriorityCores` and `TotalClusters`; they hold in "
            "subscriptions of which no snapshot says the usages of the region."
        ),
        "sizes": Text(
            "A file of VM sizes that `azmlint sizes refresh` wrote, relative to the project root; "
            "it counts before what azmlint ships, and a snapshot counts before it."
        ),
        "enforce": List(
            Rules("A rule.", families=False),
            "Rules that a file which extends this one cannot switch off, soften or ignore.",
        ),
        "policies": List(
            Either(Text(_POLICIES), _POLICY),
            "Azure Policy definitions that are judged like rules, in files of JSON or YAML.",
        ),
        "packs": List(
            Text("A module."),
            "The rule packs to load; they run code, so `--config` has to name the file.",
        ),
        "pack_seconds": Seconds("How long rules of other packs may take, all together."),
    },
    "The configuration of azmlint.",
)
"""A whole file, or the table `tool.azmlint` of a `pyproject.toml`."""


def json_schema(rules: Iterable[RuleOptions]) -> dict[str, Any]:
    """Describe `azmlint.toml` as JSON Schema, draft 2020-12."""
    described = tuple(sorted(rules, key=lambda r: r.name))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_URI,
        "title": "azmlint.toml",
        "description": FILE.about,
        **FILE.schema(described),
        "$defs": {
            "rule": {
                "type": "string",
                "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
                "examples": [rule.name for rule in described],
            }
        },
    }


def schema_text(rules: Iterable[RuleOptions]) -> str:
    """Write the JSON Schema as it is published."""
    import json  # noqa: PLC0415  # only the generator writes it

    return json.dumps(json_schema(rules), indent=2, ensure_ascii=False) + "\n"
