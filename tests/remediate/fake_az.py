"""A stand-in for az that keeps the state of an estate in a file.

It knows the commands of plans and refuses any other. AZ_STATE names the file, AZ_FAIL the number
of the changing command that fails (from 1), AZ_FAIL_LATE makes it fail after it took effect.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import jmespath

LOCKS = "/providers/Microsoft.Authorization/locks"
STATE = Path(os.environ["AZ_STATE"])


class Refused(Exception):
    """What az says on standard error before it ends with 1."""


def options(words):
    found = {}
    name = None
    for word in words:
        if word.startswith("--"):
            name = word
            found[name] = []
        else:
            found[name].append(word)
    return {k: v[0] if len(v) == 1 else v for k, v in found.items()}


def scope_of(given):
    if "--resource" in given:
        return given["--resource"]
    scope = f"/subscriptions/{given['--subscription']}"
    group = given.get("--resource-group")
    return f"{scope}/resourceGroups/{group}" if group else scope


def workspace(given, name):
    return f"{scope_of(given)}/providers/Microsoft.MachineLearningServices/workspaces/{given[name]}"


def get(items, given):
    path, _, query = given["--url"].partition("?")
    assert query.startswith("api-version=")
    if path.casefold().endswith(LOCKS.casefold()):
        assert query.endswith("&$filter=atScope()")
        scope = path[: -len(LOCKS)].casefold()
        if scope not in items and "/providers/" in scope:
            raise Refused(f"{path}: not found")
        inside = [i for k, i in items.items() if k.rpartition("/")[0] == path.casefold()]
        return {"value": inside}
    if path.casefold() not in items:
        raise Refused(f"{path}: not found")
    return items[path.casefold()]


def put(body, route, value):
    for key in route[:-1]:
        body = body.setdefault(key, {})
    body[route[-1]] = value


COUNTS = {"--min-instances": "minNodeCount", "--max-instances": "maxNodeCount"}
SCALE = ("properties", "properties", "scaleSettings")


def change(items, verbs, given):
    if verbs == ["lock", "delete"]:
        key = given["--ids"] if "--ids" in given else f"{scope_of(given)}{LOCKS}/{given['--name']}"
        if items.pop(key.casefold(), None) is None:
            raise Refused(f"{key}: not found")
    elif verbs == ["lock", "create"]:
        own = f"{scope_of(given)}{LOCKS}/{given['--name']}"
        items[own.casefold()] = {
            "id": own,
            "name": given["--name"],
            "type": "Microsoft.Authorization/locks",
            "properties": {"level": given["--lock-type"]},
        }
    elif verbs == ["ml", "workspace", "update"]:
        body = items[workspace(given, "--name").casefold()]
        put(body, ("properties", "publicNetworkAccess"), given["--public-network-access"])
    elif verbs == ["ml", "compute", "update"]:
        own = f"{workspace(given, '--workspace-name')}/computes/{given['--name']}"
        for option, key in (
            ("--min-instances", "minNodeCount"),
            ("--max-instances", "maxNodeCount"),
        ):
            if option in given:
                put(items[own.casefold()], (*SCALE, key), int(given[option]))
    elif verbs == ["ml", "compute", "delete"]:
        own = f"{workspace(given, '--workspace-name')}/computes/{given['--name']}"
        del items[own.casefold()]
    elif verbs == ["rest"] and given["--method"] == "post":
        path, _, _ = given["--url"].partition("?")
        own, _, action = path.rpartition("/")
        assert action == "updateIdleShutdownSetting"
        idle = json.loads(given["--body"])["idleTimeBeforeShutdown"]
        put(items[own.casefold()], ("properties", "properties", "idleTimeBeforeShutdown"), idle)
    else:
        raise Refused(f"what is {verbs}?")


def main(words):
    state = json.loads(STATE.read_text())
    end = next(i for i, w in enumerate(words) if w.startswith("--"))
    verbs, given = words[:end], options(words[end:])
    try:
        if verbs == ["rest"] and given["--method"] == "get":
            found = jmespath.search(given["--query"], get(state["items"], given))
            assert given["--output"] == "tsv"
            print(found)
            return 0
        state["log"].append(words)
        STATE.write_text(json.dumps(state))
        fails = len(state["log"]) == int(os.environ.get("AZ_FAIL", "0"))
        if fails and "AZ_FAIL_LATE" not in os.environ:
            raise Refused("the service is busy")
        change(state["items"], verbs, given)
        STATE.write_text(json.dumps(state))
        if fails:
            raise Refused("the connection was lost")
    except Refused as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
