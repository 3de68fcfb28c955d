"""What the text of a property may be, and what it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.expressions.term import Object, Term
from azmlint.model import kinds
from azmlint.model.kinds import choice


@pytest.mark.parametrize(
    ("kind", "data", "value"),
    [
        (kinds.TEXT, "a", "a"),
        (kinds.TEXT, 3, "3"),
        (kinds.TEXT, 1.5, "1.5"),
        (kinds.INTEGER, 3, 3),
        (kinds.INTEGER, 3.0, 3),
        (kinds.INTEGER, " -3 ", -3),
        (kinds.INTEGER, "007", 7),
        (kinds.BOOLEAN, True, True),
        (kinds.BOOLEAN, " True", True),
        (kinds.BOOLEAN, "false", False),
        (kinds.CLI_BOOLEAN, True, True),
        (kinds.CLI_BOOLEAN, "No", False),
        (kinds.CLI_BOOLEAN, 1, True),
        (kinds.SWITCH, "Enabled", True),
        (kinds.SWITCH, "disabled ", False),
        (kinds.SWITCH, False, False),
        (kinds.REGION, "West Europe", "westeurope"),
        (kinds.ISO_SECONDS, "PT120S", 120),
        (kinds.ISO_SECONDS, "pt2m", 120),
        (kinds.ISO_SECONDS, "P1DT2H3M4S", 93784),
        (kinds.ISO_SECONDS, "P1D", 86400),
        (kinds.ISO_MINUTES, "PT1H", 60),
        (kinds.ISO_MINUTES, "PT90S", 1),
        (kinds.MINUTES, 30, 30),
        (kinds.ARM_IDENTITY, "SystemAssigned, UserAssigned", {"systemassigned", "userassigned"}),
        (kinds.ARM_IDENTITY, "None", set()),
        (kinds.CLI_IDENTITY, "user_assigned", {"userassigned"}),
        (kinds.OBJECT, None, {}),
    ],
)
def test_what_the_service_takes_is_read(kind, data, value):
    assert kind.read(data) == value


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (kinds.TEXT, True),
        (kinds.TEXT, None),
        (kinds.TEXT, []),
        (kinds.INTEGER, True),
        (kinds.INTEGER, 2.5),
        (kinds.INTEGER, float("inf")),
        (kinds.INTEGER, "2.0"),
        (kinds.INTEGER, "9" * 30),
        (kinds.INTEGER, None),
        (kinds.BOOLEAN, "yes"),
        (kinds.BOOLEAN, 1),
        (kinds.CLI_BOOLEAN, "never"),
        (kinds.CLI_BOOLEAN, 2),
        (kinds.CLI_BOOLEAN, None),
        (kinds.SWITCH, "on"),
        (kinds.REGION, []),
        (kinds.ISO_SECONDS, "120"),
        (kinds.ISO_SECONDS, "PT"),
        (kinds.ISO_SECONDS, "P"),
        (kinds.ISO_SECONDS, 120),
        (kinds.ISO_MINUTES, "30"),
        (kinds.ARM_IDENTITY, "None,SystemAssigned"),
        (kinds.ARM_IDENTITY, ""),
        (kinds.ARM_IDENTITY, "system"),
        (kinds.ARM_IDENTITY, 3),
        (kinds.ITEMS, "a"),
        (kinds.OBJECT, "a"),
        (kinds.OBJECT, []),
    ],
)
def test_what_the_service_refuses_is_invalid(kind, data):
    with pytest.raises(ValueError):
        kind.read(data)


TIER = choice({"dedicated": "Dedicated", "lowpriority": "LowPriority"})
STRICT = choice({"dedicated": "dedicated", "lowpriority": "low_priority"}, strict=True)
OPEN = choice({"default": "Default"}, allow_others=True)


@pytest.mark.parametrize("text", ["LowPriority", "low_priority", "low-priority", "LOW PRIORITY"])
def test_spellings_of_one_name_are_one(text):
    assert TIER.read(text) == "lowpriority"


def test_a_choice_says_what_it_takes():
    assert TIER.expected == "Dedicated or LowPriority"
    assert choice({"a": "A"}).expected == "A"
    assert choice({"a": "A", "b": "B", "c": "C"}).expected == "A, B or C"


def test_what_is_no_choice_is_invalid_unless_others_are_allowed():
    with pytest.raises(ValueError):
        TIER.read("spot")
    assert OPEN.read("Something_New") == "somethingnew"


def test_a_strict_choice_reads_more_than_todays_tool_takes():
    assert STRICT.read("lowpriority") == "lowpriority"
    assert [STRICT.accepts(t) for t in ("low_priority", "Low_Priority", "lowpriority")] == [
        *(True, True, False),
    ]
    assert TIER.accepts is None


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (TIER, "lowpriority", "LowPriority"),
        (OPEN, "other", "other"),
        (kinds.SWITCH, True, "Enabled"),
        (kinds.SWITCH, False, "Disabled"),
        (kinds.ISO_SECONDS, 120, "PT120S"),
        (kinds.ISO_MINUTES, 30, "PT30M"),
        (kinds.ARM_IDENTITY, {"systemassigned", "userassigned"}, "SystemAssigned,UserAssigned"),
        (kinds.ARM_IDENTITY, set(), "None"),
        (kinds.CLI_IDENTITY, {"userassigned"}, "user_assigned"),
        (kinds.CLI_IDENTITY, set(), "none"),
    ],
)
def test_a_value_is_written_as_its_tool_spells_it(kind, value, text):
    assert kind.write(value) == text
    assert kind.read(text) == value


@given(st.integers(0, 10**7))
def test_durations_are_read_as_they_are_written(seconds):
    assert kinds.ISO_SECONDS.read(kinds.ISO_SECONDS.write(seconds)) == seconds


def test_items_are_those_of_a_list_or_the_names_of_a_map():
    listed = kinds.ITEMS.read([Term("a"), Term("b")])
    named = kinds.ITEMS.read(Object([("x", Term("a"))]))

    assert ([t.data for t in listed.members], listed.names, len(listed)) == (["a", "b"], (), 2)
    assert [t.data for t in named.names] == ["x"]
    assert len(kinds.ITEMS.read(None)) == 0
    assert kinds.OBJECT.read(Object([("x", Term(1))])).lookup("X").data == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-24T10:00:00.1234567Z", "2026-11-24T10:00:00.123456+00:00"),
        ("2026-11-24T10:00:00", "2026-11-24T10:00:00+00:00"),
        ("2026-11-24T10:00:00+02:00", "2026-11-24T10:00:00+02:00"),
    ],
)
def test_points_in_time_are_read_as_azure_writes_them(text, shown):
    assert kinds.TIME.write(kinds.TIME.read(text)) == shown


@pytest.mark.parametrize("data", ["soon", "", 3])
def test_what_is_no_point_in_time_is_invalid(data):
    with pytest.raises(ValueError):
        kinds.TIME.read(data)


def test_minutes_are_a_number_or_a_duration():
    assert [kinds.MINUTES_OR_ISO.read(d) for d in (30, "30", "PT1H")] == [30, 30, 60]
    with pytest.raises(ValueError):
        kinds.MINUTES_OR_ISO.read("soon")
