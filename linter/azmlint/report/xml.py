"""XML that any parser takes: names from outside hold no character that it forbids."""

from __future__ import annotations

from xml.etree import ElementTree as ET

_FORBIDDEN = {code: f"\\u{code:04x}" for code in (0xFFFE, 0xFFFF)}


def element(
    tag: str,
    parent: ET.Element | None = None,
    /,
    text: str | None = None,
    **attributes: str,
) -> ET.Element:
    """Make an element, below `parent` if there is one; names are made visible by the caller."""
    made = ET.Element(tag, attributes) if parent is None else ET.SubElement(parent, tag, attributes)
    made.text = text
    return made


def write(root: ET.Element) -> str:
    """Write a document, indented."""
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode").translate(_FORBIDDEN)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'
