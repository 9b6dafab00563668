"""Programmes, levels and tenures as tests of earnings make them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from ledger.rules import data_file
from ledger.rules.incentive_programmes import files as programme_file
from ledger.rules.incentive_programmes.programme import IncentiveProgramme
from projections.incentives.evaluate import Counted
from projections.incentives.lines import Line, Place, Tenure
from projections.incentives.marks import Level
from projections.incentives.months import first_us, plus
from projections.incentives.reasons import Reason

START = date(2023, 1, 1)
"""Month 0 of the tests."""

TEAMS = Place("00000000-0000-4000-8000-0000000000c1", "teams", "")


def month(number: int) -> date:
    """The month of a number."""
    return plus(START, number)


def programme(name: str, **changed: Any) -> IncentiveProgramme:
    """A programme that ships, valid in all months, with some tables changed."""
    content = programme_file.shipped()[name] | {"valid_from": START} | changed
    content = {key: value for key, value in content.items() if value is not None}
    if "valid_until" not in changed:
        content.pop("valid_until", None)
    return programme_file.parse(content)


def level(value: int, *, opened: bool = False) -> Level:
    """A level as some report states it."""
    return Level(Decimal(value), opened, "R-1", 1)


def tenure(
    claim: str,
    first: int,
    until: int,
    *,
    partner: str = "101",
    organisation: str = "100",
    submitted: int | None = None,
    kind: str = "CPOR",
) -> Tenure:
    """An association from the first of one month until the first of another."""
    since = first_us(month(first if submitted is None else submitted))
    return Tenure(
        kind, partner, organisation, claim, first_us(month(first)), first_us(month(until)), since, 7
    )


def counted(
    levels: dict[str, dict[int, int]],
    tenures: tuple[Tenure, ...],
    *,
    opened: bool = True,
    place: Place = TEAMS,
    **more: Any,
) -> Counted:
    """A place with levels by metric and number of month; the first of each may be an opening."""
    stated = {
        metric: {
            month(n): level(value, opened=opened and n == min(told)) for n, value in told.items()
        }
        for metric, told in levels.items()
    }
    return Counted(place, stated, tenures, **more)


def eligible(_: Tenure, __: Place, ___: date) -> tuple[Reason, ...]:
    """Nobody is refused."""
    return ()


def by_month(lines: list[Line]) -> dict[int, Line]:
    """The lines by number of month; there must be one a month."""
    found = {(one.month.year - START.year) * 12 + one.month.month - 1: one for one in lines}
    assert len(found) == len(lines)
    return found


def several(*values: Any) -> list[Any]:
    """Values to be compared with others, numbers of any sort among them."""
    return list(values)


def wrong(text: str) -> str:
    """What is said of a programme's text that is wrong."""
    try:
        data_file.checked(
            text,
            "own.toml",
            programme_file.parse,
            wrong=programme_file.BadIncentiveProgrammeError,
            hint="",
        )
    except programme_file.BadIncentiveProgrammeError as error:
        return error.message
    raise AssertionError("nothing is wrong with it")
