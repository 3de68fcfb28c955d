"""`azmlint show`: what azmlint reads in a file, value by value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from azmlint.engine import project
from azmlint.engine.run import secrets_of
from azmlint.expressions.term import Object
from azmlint.expressions.truth import Undecided
from azmlint.report.escape import printable
from azmlint.report.mask import Mask
from azmlint.sources import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.location import Place
    from azmlint.model.resource import Resource
    from azmlint.model.value import Value


@click.command("show", short_help="Show what azmlint reads in a file, value by value.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--config", metavar="FILE", help="Use this configuration file and no other.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(file: str, config: str | None, form: str) -> int:
    """Show every resource that FILE declares.

    Each property comes with its value and origin, the tool's default, or why it is not known.
    """
    rules = project.settle(Path(file), Path(config) if config else None)
    context = project.ProjectContext(rules.config)
    loaded = project.load([file], rules.config, context)
    found = load.read_all(loaded.documents, context, switched_off=True)
    readings = [found[path] for path in loaded.documents if path not in loaded.taking]
    resources = [r for reading in readings for r in reading.resources]
    problems = [p for reading in readings for p in reading.problems] + list(loaded.problems)
    secrets = [place for reading in readings for place in reading.secrets]
    secrets += [place for r in resources for place in secrets_of(r, context.worlds)]
    mask = Mask(secrets)
    hidden = mask.hidden
    data = {
        "version": 1,
        "resources": [_hidden(_resource(r), hidden, mask.quoted()) for r in resources],
        "problems": [
            {
                "path": p.document.path,
                "start": dict(p.document.position(p.start)._asdict()),
                "rule": p.rule,
                "message": hidden(p.message),
            }
            for p in problems
        ],
        "failures": [{"path": f.path, "reason": f.reason} for f in loaded.failures],
        "skipped": [{"path": s.path, "reason": s.reason} for s in loaded.skipped],
    }
    click.echo(json.dumps(data, indent=2) if form == "json" else _text(data), nl=form == "json")
    return 3 if loaded.failures else 0


def _hidden(
    shown: dict[str, Any], hidden: Callable[[str], str], named: Callable[[str], str]
) -> dict[str, Any]:
    """Leave out secrets where names, values, or reasons why they are not known repeat them."""
    for key in ("name", "id", "address"):
        shown[key] = named(shown[key])
    shown["exists_reason"] = shown["exists_reason"] and hidden(shown["exists_reason"])
    for value in shown["properties"].values():
        for key in ("value", "text", "reason"):
            if isinstance(value[key], str):
                value[key] = hidden(value[key])
    return shown


def _resource(resource: Resource) -> dict[str, Any]:
    try:
        exists = resource.exists().known
        why = None if exists is not None else "; ".join(r.text for r in resource.exists().reasons)
    except Undecided as undecided:
        exists, why = None, str(undecided)
    return {
        "kind": resource.kind,
        "name": resource.name,
        "id": str(resource.id),
        "path": resource.path,
        "start": _position(resource.grip),
        "address": resource.address,
        "exists": exists,
        "exists_reason": why,
        "properties": {
            p.name: _value(p.__get__(resource, type(resource)))
            for p in type(resource).properties()
            if p.spelling(resource.body.dialect) is not None
        },
    }


def _value(value: Value[Any]) -> dict[str, Any]:
    state = (
        "absent"
        if value.is_absent
        else "invalid"
        if value.invalid is not None
        else "unknown"
        if value.term.is_unknown
        else "known"
    )
    known = value.known
    plain: object = None
    if state == "known" and not value.property.is_secret:
        plain = known if isinstance(known, (str, int, float, bool)) else value.text
        if isinstance(known, frozenset):
            plain = ",".join(sorted(known)) or "none"
    default = value.default
    return {
        "title": value.property.title,
        "state": state,
        "value": plain,
        "text": None if value.is_absent else value.text,
        "length": _length(value),
        "reason": "; ".join(r.text for r in value.reasons) or None,
        "default": None if default is None else {"value": default.value, "source": default.source},
        "trace": []
        if value.is_absent
        else [
            {"path": p.document.path, "start": _position(p), "role": p.role} for p in value.trace
        ],
    }


def _length(value: Value[Any]) -> int | None:
    """Count the items of a list or the members of a map, where all are known."""
    data = value.term.data
    if isinstance(data, list):
        return len(data)
    return len(data) if isinstance(data, Object) and not data.is_lazy else None


def _position(place: Place) -> dict[str, int]:
    line, column = place.document.position(place.start)
    return {"line": line, "column": column}


def _text(data: dict[str, Any]) -> str:
    lines: list[str] = []
    for resource in data["resources"]:
        start = resource["start"]
        lines.append(
            f"{resource['path']}:{start['line']}:{start['column']}: "
            f"{resource['kind']} '{resource['name']}'"
        )
        lines.append(f"  id: {resource['id']}")
        if resource["exists"] is not True:
            word = "no" if resource["exists"] is False else f"open: {resource['exists_reason']}"
            lines.append(f"  created: {word}")
        for name, value in resource["properties"].items():
            lines += _property_lines(name, value)
        lines.append("")
    for problem in data["problems"]:
        start = problem["start"]
        lines.append(f"{problem['path']}:{start['line']}:{start['column']}: {problem['message']}")
    for entry in (*data["failures"], *data["skipped"]):
        lines.append(f"{entry['path']}: {entry['reason']}")
    if not data["resources"] and not data["problems"]:
        lines.append("nothing that azmlint judges is declared here")
    return "\n".join(printable(line) for line in lines) + "\n"


def _property_lines(name: str, value: dict[str, Any]) -> list[str]:
    if value["state"] == "absent":
        if value["default"] is None:
            return []
        default = value["default"]
        return [f"  {name}: not written; {default['value']} by default ({default['source']})"]
    origin = " <- ".join(
        f"{t['path']}:{t['start']['line']}:{t['start']['column']} ({t['role']})"
        for t in value["trace"]
    )
    if value["state"] == "known":
        return [f"  {name}: {value['text']}  [{origin}]"]
    return [f"  {name}: {value['state']}: {value['text']}  [{origin}]", f"    {value['reason']}"]
