"""Other shapes of a message: a JSON document with `${name}` in its texts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from azmlint.errors import ConfigError
from azmlint.history.lifecycle import Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HOLE: Final = re.compile(r"\$(?:(\$)|\{([a-z_]+)((?:\|[a-z0-9]+)*)\}|)")
_LISTS: Final = frozenset({"changes", *(event.value for event in Event)})
_EACH: Final = frozenset({"$each", "$do", "$most", "$more"})
_MARKDOWN: Final = re.compile(r"([\\`*_\[\]()#|<>~])")

Message = dict[str, Any]


class Template:
    """A JSON document whose texts have holes.

    `${name}` stands for a value, `${name|slack|200}` for one without the signs that mean
    something to Slack, cut after 200 characters; `$$` is a dollar. In a list, an object
    `{"$each": "new", "$do": ...}` stands for its `$do` once for each change of that kind, at most
    `$most` times, and for its `$more` once where some are left. Nothing is run, and what is put
    in is put into texts that are read already: no value can end a text.
    """

    def __init__(self, text: str, name: str) -> None:
        """Read a template; raises ConfigError for what is none."""
        self._name = name
        try:
            self._shape = json.loads(text)
        except (ValueError, RecursionError) as error:
            message = f"{name} is no JSON: {error}"
            raise ConfigError(message) from None
        # Whatever can be wrong with it is said before anything is read.
        self.render(_SAMPLE)

    def render(self, message: Message) -> Any:  # noqa: ANN401  # any JSON
        """Fill in a message."""
        try:
            return self._filled(self._shape, message, _values(message))
        except (ValueError, RecursionError) as error:
            text = f"{self._name} is no template: {error}"
            raise ConfigError(text) from None

    def _filled(self, shape: Any, message: Message, values: Mapping[str, Any]) -> Any:  # noqa: ANN401  # any JSON
        if isinstance(shape, str):
            return _text(shape, values)
        if isinstance(shape, list):
            return [item for s in shape for item in self._items(s, message, values)]
        if isinstance(shape, dict):
            if "$each" in shape:
                text = "'$each' stands in a list"
                raise ValueError(text)
            return {key: self._filled(value, message, values) for key, value in shape.items()}
        return shape

    def _items(self, shape: Any, message: Message, values: Mapping[str, Any]) -> Iterator[Any]:  # noqa: ANN401  # any JSON
        if not isinstance(shape, dict) or "$each" not in shape:
            yield self._filled(shape, message, values)
            return
        kind, most = shape["$each"], shape.get("$most", len(message["changes"]))
        is_known = isinstance(kind, str) and kind in _LISTS and "$do" in shape
        if not is_known or not _EACH.issuperset(shape) or type(most) is not int or most < 0:
            text = f"an object with '$each' has one of {', '.join(sorted(_LISTS))}, a '$do', and"
            text += " perhaps '$most', a number, and '$more'"
            raise ValueError(text)
        chosen = [c for c in message["changes"] if kind in {"changes", c["event"]}]
        for change in chosen[:most]:
            yield self._filled(shape["$do"], message, {**values, **_values_of(change)})
        total = message["counts"].get(kind, sum(message["counts"].values()))
        left = total - len(chosen[:most])
        if left and "$more" in shape:
            yield self._filled(shape["$more"], message, {**values, "left": left})


def _text(text: str, values: Mapping[str, Any]) -> Any:  # noqa: ANN401  # a number stays one
    whole = _HOLE.fullmatch(text)
    if whole is not None and whole[2] and not whole[3]:
        return _value(whole[2], values)

    def put(found: re.Match[str]) -> str:
        if found[1]:
            return "$"
        if not found[2]:
            error = f"write '$$' for a dollar in {text!r}"
            raise ValueError(error)
        shown = str(_value(found[2], values))
        for word in found[3].split("|")[1:]:
            shown = _changed(shown, word)
        return shown

    return _HOLE.sub(put, text)


def _value(name: str, values: Mapping[str, Any]) -> Any:  # noqa: ANN401  # a text or a number
    if name not in values:
        text = f"there is no '${{{name}}}' here; there are {', '.join(sorted(values))}"
        raise ValueError(text)
    return values[name]


def _changed(text: str, word: str) -> str:
    if word.isdecimal():
        most = int(word)
        return text if len(text) <= most else f"{text[: max(0, most - 1)]}…"
    if word == "slack":
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if word == "markdown":
        return _MARKDOWN.sub(r"\\\1", text)
    error = f"'{word}' is no way to write a value; there are slack, markdown and numbers"
    raise ValueError(error)


def _values(message: Message) -> dict[str, Any]:
    counts, is_open = message["counts"], message["open"]
    said = [f"{n} {word}" for word, n in counts.items() if n]
    return {
        **counts,
        "tool": message["tool"],
        "run": message["run"],
        "taken": message["taken"],
        "complete": "yes" if message["complete"] else "no",
        "failures": message["failures"],
        "changes": sum(counts.values()),
        "open_errors": is_open["error"],
        "open_warnings": is_open["warning"],
        "open_notes": is_open["note"],
        "title": f"azmlint: {', '.join(said) or 'nothing changed'}",
    }


def _values_of(change: Message) -> dict[str, Any]:
    resource = change["resource"]
    return {
        **{k: v for k, v in change.items() if k != "resource"},
        "kind": resource["kind"],
        "name": resource["name"],
        "resource_id": resource["id"],
    }


_SAMPLE: Final[Message] = {
    "tool": "azmlint",
    "run": 1,
    "taken": "2026-11-24T04:17:00Z",
    "complete": True,
    "failures": 0,
    "counts": {event.value: 2 for event in Event},
    "open": {"error": 1, "warning": 1, "note": 1},
    "changes": [
        {
            "event": event.value,
            "severity": "error",
            "rule": "rule",
            "message": "message",
            "resource": {"kind": "compute", "name": "name", "id": "/subscriptions/s"},
            "property": "",
            "workspace": "",
            "first_seen": "2026-11-24T04:17:00Z",
            "help_uri": "",
            "fingerprint": "0",
        }
        for event in Event
    ],
}
"""What a template is tried on: one change of each kind, and another that is left out."""
