"""A plan as a shell script that stops at the first thing that is not as it was."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from azmlint.report.escape import visible
from azmlint.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.remediate.plan import Plan, Planned

_HEAD: Final = """\
#!/usr/bin/env bash
# Written by azmlint {version} from a snapshot of {taken}. It changes what is deployed.
#
#   bash {name} --check   only reads: says of each step whether all is still as recorded
#   bash {name}           runs the steps, and stops at the first that is not, or that fails
set -uo pipefail

case "${{1:-}}" in
  "") only_check= ;;
  --check) only_check=yes ;;
  *) echo "usage: bash $0 [--check]" >&2; exit 2 ;;
esac

number=0
title=
back=
undo=()
wrong=0

step() {{ # title, the command that takes it back or nothing
  number=$((number + 1))
  title="$1"
  back="$2"
  echo "step $number of {count}: $title"
}}

stop() {{ # why
  {{
    echo "stopped at step $number of {count}: $title: $1"
    if [[ ${{#undo[@]}} == 0 ]]; then
      echo "nothing was changed before it"
    else
      echo "to take back what was done before it, run in this order:"
      for ((i = ${{#undo[@]}} - 1; i >= 0; i--)); do echo "  ${{undo[i]}}"; done
    fi
  }} >&2
  exit 1
}}

expect() {{ # what was recorded, the read
  local recorded="$1" now
  shift
  if ! now="$("$@")"; then
    now="not to be read"
  fi
  if [[ "$now" != "$recorded" ]]; then
    if [[ -n "$only_check" ]]; then
      wrong=$((wrong + 1))
      echo "  not as recorded: it was $recorded and is $now"
      return
    fi
    stop "not as recorded: it was $recorded and is $now"
  fi
}}

run() {{ # the command
  if [[ -n "$only_check" ]]; then
    return
  fi
  if ! "$@" >/dev/null; then
    [[ -z "$back" ]] || echo "should it be done in spite of that, this takes it back: $back" >&2
    stop "the command failed"
  fi
  undo+=("${{back:-# no command takes back step $number: $title}}")
}}

"""
_TAIL: Final = """\
if [[ -n "$only_check" ]]; then
  echo "$wrong of {count} steps are not as recorded"
  [[ "$wrong" == 0 ]]
else
  echo "done: {count} steps"
fi
"""


def write(plan: Plan, name: str) -> str:
    """Write the script; `name` is what it calls itself."""
    return "".join(_parts(plan, name))


def _parts(plan: Plan, name: str) -> Iterator[str]:
    taken = plan.taken.isoformat().replace("+00:00", "Z")
    count = len(plan.steps)
    shown = shlex.quote(visible(name))
    yield _HEAD.format(version=__version__, taken=taken, count=count, name=shown)
    for step in plan.steps:
        yield from _step(step)
        yield "\n"
    yield _TAIL.format(count=count)


def _step(step: Planned) -> Iterator[str]:
    for reason in step.reasons:
        yield f"# {reason.severity.level}[{reason.rule}] {visible(reason.message)}\n"
    yield f"# Risk: {step.risk}. Takes: {', '.join(step.needs)}\n"
    for reason in step.brings or ():
        yield f"# Brings: {reason.severity.level}[{reason.rule}] {visible(reason.message)}\n"
    back = shlex.join(step.undo) if step.undo is not None else ""
    yield f"step {shlex.quote(visible(step.title))} {shlex.quote(back)}\n"
    for check in step.checks:
        yield f"expect {shlex.quote(check.expected)} {shlex.join(check.argv)}\n"
    yield f"run {shlex.join(step.argv)}\n"
