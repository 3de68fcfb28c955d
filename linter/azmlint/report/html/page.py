"""The page around the data: its skeleton, its scripts and styles, and what it forbids itself."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape
from importlib.resources import files
from typing import Any, Final

_SCRIPTS: Final = (
    "dom.js",
    "table.js",
    "findings.js",
    "summary.js",
    "estate.js",
    "capacity.js",
    "gaps.js",
    "report.js",
)
"""What makes the page, in the order in which each may use those before it."""

_DRAWING: Final = "cytoscape.min.js"

_CONTAINER: Final = ".__________cytoscape_container { position: relative; }"
"""What cytoscape adds by itself unless a style of its id is there; the policy forbids that."""


def page(data: dict[str, Any]) -> str:
    """Put the data into the page.

    Nothing in it is interpreted: it stands in an inert block, and the scripts only ever make text
    of it. A script or style that differs from those of this page in one character does not run.
    """
    style = _asset("report.css")
    script = "".join(_asset(name) for name in _SCRIPTS)
    drawing = _asset(_DRAWING) if data["estate"] is not None else ""
    parts = {
        "policy": _policy([script, *([drawing] if drawing else [])], [_CONTAINER, style]),
        "container": _CONTAINER,
        "style": style,
        "title": escape(data["title"]),
        "verdict": escape(data["verdict"]),
        "state": "complete" if data["complete"] else "incomplete",
        "version": escape(data["version"]),
        "data": _inert(data),
        "drawing": f"<script>{drawing}</script>\n" if drawing else "",
        "script": script,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda m: parts[m[1]], _asset("page.html"))


def _policy(scripts: list[str], styles: list[str]) -> str:
    """Allow these scripts and styles and nothing else: no request, no frame, no form, no base."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(map(_hash, scripts))}",
            f"style-src {' '.join(map(_hash, styles))}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _inert(data: dict[str, Any]) -> str:
    """Spell the data so that nothing in it can end the block or begin another."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _asset(name: str) -> str:
    """Read a file of this package; line ends are those that a browser hashes."""
    return files("azmlint.report.html").joinpath("assets", name).read_text(encoding="utf-8")
