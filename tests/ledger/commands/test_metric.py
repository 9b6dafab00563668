"""Figures that people record for programmes: whose, for what, corrected and withdrawn."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.rules.programmes import files
from schemas.figures import MetricRecorded, MetricWithdrawn
from schemas.governance import ProgrammeAdopted
from schemas.time import from_iso
from tests.builders import World, refuses
from tests.ledger.commands.estate import do_example, estate


@pytest.fixture
def world() -> World:
    """A ledger with organisation 100 and its locations 101 and 102."""
    return estate("metric.record")


def recorded(world: World, **other: Any) -> MetricRecorded:
    """The event of a record."""
    event = do_example(world, "metric.record", **other).event
    assert isinstance(event, MetricRecorded)
    return event


def test_a_figure_is_true_from_the_day_it_is_as_of(world: World) -> None:
    """Recorded later, true then: two times."""
    fact = do_example(world, "metric.record")
    assert fact.effective_at_us == from_iso("2021-02-28T00:00:00Z")
    assert fact.recorded_at_us > fact.effective_at_us


@pytest.mark.parametrize(
    "given, day",
    [("2021-02", "2021-02-28"), ("2020-02", "2020-02-29"), ("2021-02-03", "2021-02-03")],
)
def test_a_month_stands_for_its_last_day(world: World, given: str, day: str) -> None:
    """A figure as of a month counts for the whole of it."""
    assert str(recorded(world, on=given).on) == day


@pytest.mark.parametrize(
    "given, kept",
    [(4, "4"), ("4.50", "4.5"), (0.1, "0.1"), ("-3", "-3"), ("0", "0"), ("1e2", "100")],
)
def test_a_value_is_kept_exactly(world: World, given: Any, kept: str) -> None:
    """As the shortest text of the number that was given."""
    assert recorded(world, value=given).value == kept


@pytest.mark.parametrize("value", ["many", "", "1.0000001", 10**12, "NaN", True])
def test_what_is_no_exact_number_is_no_command(world: World, value: Any) -> None:
    """Nothing is rounded silently."""
    with pytest.raises(ValueError, match=r"number|decimals"):
        recorded(world, value=value)


def test_a_location_stands_with_its_organisation(world: World) -> None:
    """The event tells both, so that either finds it."""
    event = recorded(world, organisation=None, location="101")
    assert (event.organisation, event.location) == ("100", "101")
    assert {"partner:101", "organisation:100"} <= set(event.tags())


@pytest.mark.parametrize("whose", [{}, {"location": "101", "organisation": "100"}])
def test_a_figure_is_of_one(world: World, whose: dict[str, str]) -> None:
    """Of an organisation or of a location, never of both or neither."""
    with pytest.raises(ValueError, match="either organisation or location"):
        recorded(world, **({"organisation": None} | whose))


@pytest.mark.parametrize(
    "wrong, code",
    [
        ({"programme": "luck_2023"}, "unknown_programme"),
        ({"metric": "luck"}, "unknown_figure"),
        ({"tenant_class": "tiny"}, "unknown_figure"),
        ({"type": "PAL"}, "unknown_figure"),
        ({"organisation": "999"}, "unknown_reference"),
        ({"on": "2031-01-01"}, "effective_in_future"),
    ],
)
def test_a_figure_no_programme_asks_for_is_refused(
    world: World, wrong: dict[str, str], code: str
) -> None:
    """A misspelt name is named, never silently without effect."""
    with refuses(code):
        recorded(world, **wrong)


def test_an_adopted_programme_goes_before_the_shipped_one(world: World) -> None:
    """A metric of one's own file can be recorded once it is adopted."""
    content = files.builtin("modern_work_2023")
    first = content["metric"][1]
    content["metric"][1] = first | {"id": "beginner_certs"}
    with refuses("unknown_figure"):
        recorded(world, metric="beginner_certs")
    world.do("programme.adopt", "own-operator", content=content)
    assert recorded(world, metric="beginner_certs").metric == "beginner_certs"
    with refuses("unknown_figure"):
        recorded(world)


def test_what_was_adopted_before_programmes_were_checked_is_said_to_be_unreadable(
    world: World,
) -> None:
    """An old content that says no programme can't be recorded for."""
    world.record(ProgrammeAdopted(programme="old", content={"a": 1}, sha256="0" * 64))
    with refuses("programme_unreadable"):
        recorded(world, programme="old")


def test_another_value_for_the_same_day_goes_before_the_first(world: World) -> None:
    """The same value again is refused; back to an earlier value is a correction, too."""
    recorded(world)
    with refuses("metric_already_recorded"):
        recorded(world, value="4.0")
    assert recorded(world, value=5).value == "5"
    assert recorded(world, value=4).value == "4"


def test_figures_of_other_days_classes_and_partners_are_others(world: World) -> None:
    """Each is recorded by itself."""
    recorded(world)
    for other in (
        {"on": "2021-01-31"},
        {"tenant_class": "smb"},
        {"type": "CSP"},
        {"organisation": None, "location": "101"},
        {"metric": "advanced_certs"},
    ):
        recorded(world, **other)


def test_a_withdrawn_figure_is_not_known_and_can_be_recorded_anew(world: World) -> None:
    """What was never recorded can't be withdrawn, nor twice."""
    with refuses("metric_not_recorded"):
        do_example(world, "metric.withdraw")
    recorded(world)
    with refuses("metric_not_recorded"):
        do_example(world, "metric.withdraw", on="2021-01-31")
    event = do_example(world, "metric.withdraw").event
    assert isinstance(event, MetricWithdrawn)
    with refuses("metric_not_recorded"):
        do_example(world, "metric.withdraw")
    assert recorded(world).value == "4"
