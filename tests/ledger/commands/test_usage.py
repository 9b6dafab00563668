"""Usage decisions hang on the file, the report, the basis and the turn (DESIGN §2.4)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.commands.load_usage import LoadUsage
from ledger.decision import Fact
from schemas.usage import UsageReportLoaded, UsageReportWithdrawn
from tests.builders import World, refuses
from tests.ledger.commands.estate import do_example, estate, example

OTHER_FILE = "ef" * 32


@pytest.fixture
def world() -> World:
    """An empty ledger on 16 September 2020."""
    return estate("usage.reserve")


def head(world: World) -> int:
    """The position of the last event, on which a fresh attempt is based."""
    return len(world.facts)


def load(world: World, **other: Any) -> Fact:
    """Load the example report on the head, with some fields changed."""
    return do_example(world, "usage.load", **{"basis": head(world)} | other)


def another(world: World, **other: Any) -> Fact:
    """Load another report of another file on the head, with some fields changed."""
    return load(world, **{"report": "R-2", "attempt": "R-2.1", "sha256": OTHER_FILE} | other)


def withdraw(world: World, **other: Any) -> Fact:
    """Withdraw the example report on the head, with some fields changed."""
    return do_example(world, "usage.withdraw", **{"basis": head(world)} | other)


def reserve(world: World, **other: Any) -> Fact:
    """Reserve the example turn, with some fields changed."""
    return do_example(world, "usage.reserve", **other)


def test_a_load_and_a_withdrawal_say_what_the_attempt_said(world: World) -> None:
    """Every field of the attempt reaches the event as it is."""
    loaded = load(world).event
    assert isinstance(loaded, UsageReportLoaded)
    fields = UsageReportLoaded.model_validate(example("usage.load") | {"basis": loaded.basis})
    assert loaded == fields
    withdrawn = withdraw(world).event
    assert isinstance(withdrawn, UsageReportWithdrawn)
    assert withdrawn == UsageReportWithdrawn.model_validate(
        example("usage.withdraw") | {"basis": withdrawn.basis}
    )


def test_a_file_counts_once(world: World) -> None:
    """Loaded again under any report id it is refused, and the report that counts is named."""
    load(world)
    for report in ("R-2020-08", "R-9"):
        with refuses("report_already_counted") as refused:
            load(world, report=report, attempt="again.1")
        assert "'R-2020-08'" in str(refused.value)


@pytest.mark.parametrize("report", ["R-2020-08", "R-9"])
def test_a_withdrawn_file_counts_again_when_it_is_loaded_again(world: World, report: str) -> None:
    """Under its old report id or a new one, and then it counts once again."""
    load(world)
    withdraw(world)
    load(world, report=report, attempt="again.1")
    with refuses("report_already_counted"):
        load(world, report="R-10", attempt="again.2")
    withdraw(world, report=report, attempt="again.3")


def test_a_report_id_stands_for_one_file(world: World) -> None:
    """Another file under a used id is refused, even after the withdrawal."""
    load(world)
    with refuses("already_exists"):
        another(world, report="R-2020-08")
    withdraw(world)
    with refuses("already_exists"):
        another(world, report="R-2020-08")


def test_only_what_counts_is_withdrawn(world: World) -> None:
    """An unknown report and one withdrawn before are refused."""
    with refuses("unknown_reference"):
        withdraw(world)
    load(world)
    withdraw(world)
    with refuses("report_not_counted"):
        withdraw(world, attempt="R-2020-08.3")


def test_a_report_is_withdrawn_with_all_its_metrics(world: World) -> None:
    """In any order, but none left out."""
    load(world)
    with refuses("report_metrics_differ"):
        withdraw(world, metrics=["m365.mau"])
    withdraw(world, metrics=["m365.pau", "m365.mau"])


def test_an_attempt_that_was_overtaken_does_not_count(world: World) -> None:
    """A decision about one of its metrics after the basis outruns it; on a new basis it counts."""
    basis = head(world)
    rival = another(world, metrics=["m365.mau"])
    with refuses("basis_outrun") as refused:
        load(world, basis=basis)
    assert f"position {rival.position}" in str(refused.value)
    load(world, basis=rival.position)


def test_a_withdrawal_outruns_and_is_outrun(world: World) -> None:
    """It is a usage decision like a load."""
    load(world)
    basis = head(world)
    another(world)
    with refuses("basis_outrun"):
        withdraw(world, basis=basis)
    withdraw(world)
    with refuses("basis_outrun"):
        another(world, report="R-3", attempt="R-3.1", sha256="12" * 32, basis=basis)


def test_decisions_about_other_metrics_do_not_outrun(world: World) -> None:
    """Azure consumption and Microsoft 365 users are loaded side by side."""
    basis = head(world)
    another(world, metrics=["azure.acr"])
    load(world, basis=basis)


def test_a_reserved_turn_goes_first_until_it_expires(world: World) -> None:
    """Others are refused until then, and free at the instant it expires."""
    reserve(world)
    with refuses("usage_turn_taken") as refused:
        load(world)
    assert "2020-09-16T00:10:00Z" in str(refused.value)
    world.at("2020-09-16T00:09:59.999999Z")
    with refuses("usage_turn_taken"):
        load(world)
    load(world.at("2020-09-16T00:10:00Z"))


def test_a_turn_holds_back_withdrawals_and_other_turns(world: World) -> None:
    """Whoever reserved first goes first."""
    load(world)
    reserve(world)
    with refuses("usage_turn_taken"):
        withdraw(world)
    with refuses("usage_turn_taken"):
        reserve(world, attempt="R-9.1", metrics=["azure.acr", "m365.pau"])


def test_a_turn_is_used_up_by_its_attempt(world: World) -> None:
    """Its owner decides within it, and then others may at once."""
    reserve(world)
    load(world, attempt="R-2020-08.3")
    another(world)


def test_a_turn_is_of_its_metrics_only(world: World) -> None:
    """Other metrics are free."""
    reserve(world, metrics=["azure.acr"])
    load(world)


def test_a_reservation_does_not_outrun(world: World) -> None:
    """Nothing that counts changed, so the basis still holds."""
    basis = head(world)
    reserve(world)
    load(world, attempt="R-2020-08.3", basis=basis)


def test_a_turn_can_be_reserved_longer_by_its_owner(world: World) -> None:
    """The later reservation decides when it expires."""
    reserve(world)
    reserve(world, expires_at="2020-09-16T00:30:00Z")
    world.at("2020-09-16T00:20:00Z")
    with refuses("usage_turn_taken"):
        load(world)


@pytest.mark.parametrize(
    "expires_at, code",
    [
        ("2020-09-16T00:00:00Z", "until_not_after"),
        ("2020-09-15T00:00:00Z", "until_not_after"),
        ("2020-09-16T01:00:00.000001Z", "turn_too_long"),
    ],
)
def test_a_turn_lasts_some_time_but_not_long(world: World, expires_at: str, code: str) -> None:
    """It ends after now and within the hour, so that a crashed load blocks nobody for long."""
    with refuses(code):
        reserve(world, expires_at=expires_at)
    reserve(world, expires_at="2020-09-16T01:00:00Z")


def test_a_report_is_not_exported_in_the_future(world: World) -> None:
    """A wrong year would outrank every later report."""
    with refuses("exported_in_future"):
        load(world, exported_at="2120-09-16T00:00:00Z")


def test_a_period_runs_forward() -> None:
    """An end before the beginning is bad input; a single day is a period."""
    LoadUsage.model_validate(example("usage.load", period_to="2020-08-01"))
    with pytest.raises(ValidationError, match="lies before"):
        LoadUsage.model_validate(example("usage.load", period_to="2020-07-31"))
