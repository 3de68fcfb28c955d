"""A template with parameters of every type, none of which has a value."""

from __future__ import annotations

import json

import pytest

from azmlint.expressions import arm_syntax
from azmlint.expressions.arm import Budget, Locals
from azmlint.expressions.term import Symbol, Term, unknown
from azmlint.expressions.worlds import Worlds
from azmlint.location import Document
from azmlint.sources import json as json_source
from azmlint.sources.arm_template import Template
from azmlint.sources.deployment import Deployment

DOGS = [
    {"name": "Evie", "age": 5, "interests": ["Ball", "Frisbee"]},
    {"name": "Casper", "age": 3, "interests": ["Other dogs"]},
    {"name": "Indy", "age": 2, "interests": ["Butter"]},
    {"name": "Kira", "age": 8, "interests": ["Rubs"]},
]
TEMPLATE = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "parameters": {
        "text": {"type": "string"},
        "other": {"type": "string"},
        "number": {"type": "int"},
        "flag": {"type": "bool"},
        "list": {"type": "array"},
        "thing": {"type": "object"},
        "tier": {"type": "string", "allowedValues": ["dedicated", "low_priority"]},
    },
    "variables": {
        "dogs": DOGS,
        "names": ["one", "two", "three"],
        "object": {"one": "a", "two": "b", "three": "c"},
        "partly": {"[parameters('text')]": 1, "[concat('x-', parameters('text'))]": 2, "b": 3},
        "tiers": ["[parameters('tier')]"],
        "isLow": "[contains(variables('tiers'), 'low_priority')]",
        "short": "[substring(parameters('tier'), 0, 10)]",
        "rest": "[padLeft(skip(variables('short'), 1), 12)]",
        "entities": {
            "item002": {"enabled": False, "number": 200},
            "item001": {"enabled": True, "number": 300},
        },
        "nulls": {"null1": None, "null2": None, "string": "default"},
    },
    "functions": [
        {
            "namespace": "contoso",
            "members": {
                "twice": {
                    "parameters": [{"name": "it", "type": "string"}],
                    "output": {
                        "type": "string",
                        "value": "[concat(parameters('it'), parameters('it'))]",
                    },
                }
            },
        }
    ],
    "resources": [],
}


def template(worlds=None, arguments=None):
    document = Document("main.json", json.dumps(TEMPLATE))
    location = unknown(
        "parameter", "the region is not known here", Symbol("region", "resourceGroup().location")
    )
    deployment = Deployment(
        Symbol("subscription", "subscription().subscriptionId"),
        Symbol("group", "resourceGroup().name"),
        location,
        "deployment",
    )
    return Template(
        document,
        json_source.parse(document),
        deployment,
        worlds or Worlds(),
        Budget(),
        arguments={name: lambda term=term: term for name, term in (arguments or {}).items()},
    )


@pytest.fixture(scope="session")
def evaluate():
    """Evaluate an expression; parameters are unknown unless they are given as terms."""

    def work(expression, worlds=None, /, **arguments):
        tree = arm_syntax.parse(expression)
        locals_ = Locals().with_index("loop", Term(2))
        return template(worlds, arguments).expression(tree, locals_)

    return work


@pytest.fixture(scope="session")
def template_of():
    """Make a fresh template."""
    return template


@pytest.fixture(scope="session")
def evaluate_in():
    """Evaluate an expression in one world after another, by the same template."""

    def work(choices, expression):
        worlds = Worlds()
        here = template(worlds)
        tree = arm_syntax.parse(f"[{expression}]")
        found = {}
        for choice in choices:
            worlds.enter({("parameter", "deployment", "tier"): choice})
            found[choice] = spelled(here.expression(tree, Locals()))
        return [found[c] for c in choices]

    return work


def spelled(term):
    """Write a value so that two can be compared, unknown or not."""
    if isinstance(term.data, list):
        return [spelled(t) for t in term.data]
    if isinstance(term.data, dict):
        return {k: spelled(t) for k, t in term.data.items()}
    return term.shown() if term.is_known else (term.shown(), term.reason.kind)
