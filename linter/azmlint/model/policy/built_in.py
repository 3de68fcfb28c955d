"""Built-in policies that are known without being read: what they test, in our own words.

Source: Azure/azure-policy, release 3.2026.0417.1, and the list of built-in definitions. They serve
where the definitions of a subscription were not read.
"""

from __future__ import annotations

from typing import Any, Final

from azmlint.expressions.arm_values import known
from azmlint.model.policy import definition as definitions

_BUILT_IN: Final[dict[str, tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]]] = {
    "78460a36-508a-49a4-b2b2-2f5ec564f4bb": (
        "Do not allow deletion of resource types",
        {
            "listOfResourceTypesDisallowedForDeletion": {"type": "Array"},
            "effect": {"type": "String", "defaultValue": "DenyAction"},
        },
        {"field": "type", "in": "[parameters('listOfResourceTypesDisallowedForDeletion')]"},
        {"effect": "[parameters('effect')]", "details": {"actionNames": ["delete"]}},
    ),
    "6c112d4e-5bc7-47ae-a041-ea2d9dccd749": (
        "Not allowed resource types",
        {
            "listOfResourceTypesNotAllowed": {"type": "Array"},
            "effect": {"type": "String", "defaultValue": "Deny"},
        },
        {"field": "type", "in": "[parameters('listOfResourceTypesNotAllowed')]"},
        {"effect": "[parameters('effect')]"},
    ),
    "a08ec900-254a-4555-9bf5-e42af04b5c5c": (
        "Allowed resource types",
        {
            "listOfResourceTypesAllowed": {"type": "Array"},
            "effect": {"type": "String", "defaultValue": "Deny"},
        },
        {"not": {"field": "type", "in": "[parameters('listOfResourceTypesAllowed')]"}},
        {"effect": "[parameters('effect')]"},
    ),
    "e56962a6-4747-49cd-b67b-bf8b01975c4c": (
        "Allowed locations",
        {
            "listOfAllowedLocations": {"type": "Array"},
            "effect": {"type": "String", "defaultValue": "Deny"},
        },
        {
            "allOf": [
                {"field": "location", "notIn": "[parameters('listOfAllowedLocations')]"},
                {"field": "location", "notEquals": "global"},
            ]
        },
        {"effect": "[parameters('effect')]"},
    ),
    "871b6d14-10aa-478d-b590-94f262ecfa99": (
        "Require a tag on resources",
        {"tagName": {"type": "String"}},
        {"field": "[concat('tags[', parameters('tagName'), ']')]", "exists": "false"},
        {"effect": "deny"},
    ),
}
"""By name: title, parameters, condition, effect."""

_OF_ALL: Final = frozenset(
    {"78460a36-508a-49a4-b2b2-2f5ec564f4bb", "6c112d4e-5bc7-47ae-a041-ea2d9dccd749"}
)
"""Those of the mode `All`; the others are of the mode `Indexed`."""


def built_in(name: str) -> definitions.Definition | None:
    """Give a built-in definition by its name, a GUID; None where it is not known here."""
    found = _BUILT_IN.get(name.casefold())
    if found is None:
        return None
    title, parameters, condition, then = found
    properties = {
        "displayName": title,
        "mode": "All" if name.casefold() in _OF_ALL else "Indexed",
        "parameters": parameters,
        "policyRule": {"if": condition, "then": then},
    }
    return definitions.read(known(properties), name)
