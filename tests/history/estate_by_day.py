"""Snapshots of one small estate as the days go by."""

from __future__ import annotations

import copy
import json
from pathlib import Path

ESTATE = Path(__file__).parents[2] / "fixtures" / "estates" / "contoso-live" / "estate.json"
FRAUD, LAB = "3f9d2a71-5c08-4e1b-9d64-7a20c1e8b5f0", "b8e4160c-2d97-4f35-8a1e-60d9f3c7a412"
LAB_SCOPE = f"/subscriptions/{LAB}"
READ = json.loads(ESTATE.read_text(encoding="utf-8"))


class Estate:
    """A snapshot that a test changes: what is read, and what is there."""

    def __init__(self):
        self.data = copy.deepcopy(READ)

    def at(self, day, hour=4):
        self.data["taken"] = f"2026-11-{day:02}T{hour:02}:17:00Z"
        return self

    def whole(self):
        """Read what this snapshot could not read."""
        for answer in self.data["answers"]:
            answer["state"] = "collected"
            answer.pop("reason", None)
        return self

    def answer(self, facet, scope=LAB_SCOPE):
        return next(a for a in self.data["answers"] if (a["facet"], a["scope"]) == (facet, scope))

    def item(self, facet, name):
        return next(
            i
            for a in self.data["answers"]
            for i in a["items"]
            if a["facet"] == facet and i["name"] == name
        )

    def without(self, facet, name):
        for answer in self.data["answers"]:
            if answer["facet"] == facet:
                answer["items"] = [i for i in answer["items"] if i.get("name") != name]
        return self

    def unread(self, facet, scope=LAB_SCOPE):
        answer = self.answer(facet, scope)
        answer["items"], answer["state"], answer["reason"] = [], "failed", "500 Broken"
        return self

    def only(self, subscription):
        """Read one subscription."""
        self.data["answers"] = [
            a for a in self.data["answers"] if a["scope"].split("/")[2:3] == [subscription]
        ]
        return self
