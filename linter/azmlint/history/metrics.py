"""An audit as numbers that Prometheus reads from a file."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from azmlint.history.lifecycle import Event

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from azmlint.history.observation import Observation, Row

_LEVELS: Final = ("error", "warning", "note")
_STATES: Final = ("open", "accepted")

FAILED: Final = (
    "# HELP azmlint_scan_success Whether the last audit read and judged everything.\n"
    "# TYPE azmlint_scan_success gauge\n"
    "azmlint_scan_success 0\n"
)
"""What is known of an audit that could not even begin."""


def metrics(seen: Observation, *, requests: int, changes: Mapping[Event, int] | None = None) -> str:
    """Write an audit in Prometheus's text format; always the same for the same audit.

    `changes` are those of the history, None where there is none.
    """
    by_level = Counter((r.severity, _state(r)) for r in seen.rows)
    families = [
        _family(
            "azmlint_findings",
            "gauge",
            "Findings of the last audit by rule and workspace.",
            _by_rule(seen.rows),
        ),
        _family(
            "azmlint_findings_by_severity",
            "gauge",
            "Findings of the last audit by severity; those accepted are suppressed.",
            [
                ({"severity": level, "state": state}, by_level[level, state])
                for level in _LEVELS
                for state in _STATES
            ],
        ),
    ]
    if changes is not None:
        rows = [({"event": event.value}, changes.get(event, 0)) for event in Event]
        told = "Findings that the last audit found to have changed."
        families.append(_family("azmlint_changes", "gauge", told, rows))
    single = (
        (
            "azmlint_scan_success",
            "gauge",
            "Whether the last audit read and judged everything.",
            int(seen.is_complete),
        ),
        ("azmlint_scan_failures", "gauge", "What the last audit could not read.", seen.failures),
        (
            "azmlint_scan_undecided",
            "gauge",
            "How often a rule of the last audit could not decide.",
            seen.undecided,
        ),
        (
            "azmlint_last_scan_timestamp_seconds",
            "gauge",
            "When the last audit began to read.",
            _seconds(seen.taken),
        ),
        (
            "azmlint_azure_requests_total",
            "counter",
            "Requests of the last audit to Azure, repetitions among them.",
            requests,
        ),
    )
    families += [_family(name, kind, told, [({}, value)]) for name, kind, told, value in single]
    return "".join(families)


def _state(row: Row) -> str:
    return _STATES[row.is_accepted]


def _seconds(moment: dt.datetime) -> int:
    return int(moment.timestamp())


def _by_rule(rows: Iterable[Row]) -> Iterator[tuple[dict[str, str], int]]:
    counts = Counter((r.rule, r.severity, r.workspace, _state(r)) for r in rows)
    for (rule, severity, workspace, state), count in sorted(counts.items()):
        parts = workspace.split("/")
        # "", subscriptions, id, resourcegroups, group, providers, ..., workspaces, name
        yield (
            {
                "rule": rule,
                "severity": severity,
                "state": state,
                "subscription": parts[2] if workspace else "",
                "resource_group": parts[4] if workspace else "",
                "workspace": parts[-1] if workspace else "",
            },
            count,
        )


def _family(name: str, kind: str, told: str, rows: Iterable[tuple[Mapping[str, str], int]]) -> str:
    lines = [f"# HELP {name} {told}", f"# TYPE {name} {kind}"]
    for labels, value in rows:
        inner = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        lines.append(f"{name}{{{inner}}} {value}" if inner else f"{name} {value}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
