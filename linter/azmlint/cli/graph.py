"""`azmlint graph`: draw how resources relate."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from azmlint.engine import project
from azmlint.engine.gather import today
from azmlint.engine.run import secrets_of
from azmlint.model.estate import Estate
from azmlint.model.resources import ToolUse
from azmlint.report.escape import printable
from azmlint.report.mask import Mask, values_without
from azmlint.sources import load

if TYPE_CHECKING:
    import networkx as nx


@click.command("graph", short_help="Draw how the resources of files relate.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--config", metavar="FILE", help="Use this configuration file and no other.")
@click.option("--format", "form", type=click.Choice(["dot", "json", "mermaid"]), default="mermaid")
def command(paths: tuple[str, ...], config: str | None, form: str) -> int:
    """Draw the resources that files declare, and what they are in, use and lock."""
    start = Path(paths[0]) if paths else Path.cwd()
    rules = project.settle(start, Path(config) if config else None)
    context = project.ProjectContext(rules.config)
    loaded = project.load(list(paths) or ["."], rules.config, context)
    readings = load.read_all(loaded.documents, context)
    resources = [
        resource
        for path, reading in readings.items()
        if path in loaded.documents
        for resource in reading.resources
        if not isinstance(resource, ToolUse) and resource.exists().known is not False
    ]
    view = Estate(resources, today=today()).graph()
    secrets = [place for reading in readings.values() for place in reading.secrets]
    everything = (r for reading in readings.values() for r in reading.resources)
    secrets += [place for r in everything for place in secrets_of(r, context.worlds)]
    click.echo(_written(view, form, Mask(secrets)))
    return 3 if loaded.failures else 0


def _written(view: nx.DiGraph[str], form: str, mask: Mask) -> str:
    if form == "json":
        return json.dumps(values_without(_data(view), mask.quoted()), indent=2)
    if form == "dot":
        return mask.quoted(lambda text: json.dumps(printable(text))[1:-1])(_dot(view))
    return mask.quoted(lambda text: _escaped(printable(text)))(_mermaid(view))


def _label(data: dict[str, Any]) -> str:
    return printable(f"{data['kind']}: {data['name']}")


def _dot(view: nx.DiGraph[str]) -> str:
    lines = ["digraph estate {", "  rankdir=LR;", "  node [shape=box];"]
    for node in sorted(view):
        data = view.nodes[node]
        style = "" if data["is_declared"] else ", style=dashed"
        lines.append(f"  {json.dumps(node)} [label={json.dumps(_label(data))}{style}];")
    lines += [
        f"  {json.dumps(a)} -> {json.dumps(b)} [label={json.dumps(d['relation'])}];"
        for a, b, d in sorted(view.edges(data=True), key=lambda e: e[:2])
    ]
    return "\n".join([*lines, "}"])


def _data(view: nx.DiGraph[str]) -> dict[str, Any]:
    nodes = [{"id": node, **view.nodes[node]} for node in sorted(view)]
    edges = [
        {"from": a, "to": b, "relation": d["relation"]}
        for a, b, d in sorted(view.edges(data=True), key=lambda e: e[:2])
    ]
    return {"version": 1, "nodes": nodes, "edges": edges}


def _mermaid(view: nx.DiGraph[str]) -> str:
    names = {node: f"n{index}" for index, node in enumerate(sorted(view))}
    lines = ["graph LR"]
    for node, name in names.items():
        data = view.nodes[node]
        text = _escaped(_label(data))
        shape = ('["', '"]') if data["is_declared"] else ('(["', '"])')
        lines.append(f"  {name}{shape[0]}{text}{shape[1]}")
    lines += [
        f"  {names[a]} -- {d['relation']} --> {names[b]}"
        for a, b, d in sorted(view.edges(data=True), key=lambda e: e[:2])
    ]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return re.sub(r"[\"<>&#`\[\]{}|;]", _entity, text)


def _entity(match: re.Match[str]) -> str:
    return f"#{ord(match[0])};"
