"""Incentive programmes as files: those that ship, and what is said of one that is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from ledger.commands.adopt_programme import AdoptProgramme
from ledger.rules import data_file, rates
from ledger.rules.incentive_programmes import files
from ledger.rules.incentives import table as prerequisites

SHIPPED = tuple(files.shipped())


def tables(content: Any) -> Iterator[dict[str, Any]]:
    """Every table of a content, those in lists too, itself last."""
    if isinstance(content, dict):
        for value in content.values():
            yield from tables(value)
        yield content
    elif isinstance(content, list):
        for value in content:
            yield from tables(value)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_table_that_ships_names_its_source(name: str) -> None:
    """A section of domain.md, beside each number; what none tells is not published."""
    content = tomllib.loads(files.text_of(name))
    assert all("domain.md §" in one["source"] for one in tables(content))


@pytest.mark.parametrize("name", SHIPPED)
def test_what_a_programme_asks_of_partners_is_known(name: str) -> None:
    """Its prerequisites ship, too, where it has any."""
    asked = files.parse(files.shipped()[name]).incentive
    assert asked is None or asked in prerequisites()


def test_the_programmes_of_the_domain_ship() -> None:
    """domain.md §8.4 row by row, and partner earned credit (§6.3)."""
    assert SHIPPED == ("mci_usage_2023", "osa_sell_2020", "osu_fy16", "osu_m365_2020", "pec")


def test_no_number_is_made_up() -> None:
    """Sizes, milestones, the longest time, caps and accelerators are not in the sources."""
    osu, mci = files.shipped()["osu_m365_2020"], files.shipped()["mci_usage_2023"]
    assert osu["formula"]["bucket"] == "not_published"
    assert mci["attach"]["most_months"] == mci["cap"][0]["most"] == "not_published"
    assert {one["accelerator"] for one in files.shipped().values()} == {"not_published"}
    sell = files.shipped()["osa_sell_2020"]["formula"]
    assert sell["attach_within_days"] == "not_published"


def said(name: str, before: str, after: str) -> str:
    """What is said of a shipped file with one text in place of another."""
    text = files.text_of(name)
    assert before in text
    with pytest.raises(files.BadIncentiveProgrammeError) as caught:
        data_file.checked(
            text.replace(before, after, 1),
            "own.toml",
            files.parse,
            wrong=files.BadIncentiveProgrammeError,
            hint="",
        )
    return caught.value.message


def bucket(name: str, seats_from: int, milestones: str) -> str:
    """An inline table of a size."""
    told = f'id = "{name}", seats_from = {seats_from}, milestones = [{milestones}]'
    return f'{{{told}, share_at_claim_below = 20, source = "own"}}'


@pytest.mark.parametrize(
    "name, before, after, message",
    [
        ("mci_usage_2023", "units = 300", "units = 0", "minimum.units is 0: Input should be great"),
        (
            "mci_usage_2023",
            'pays = "m365.pau"',
            'pays = "seats"',
            "formula.pays is 'seats': is non",
        ),
        (
            "mci_usage_2023",
            'mark_moves = "every_level"',
            'mark_moves = "yes"',
            "formula.mark_moves is 'yes': Input should be 'every_level' or 'earned'",
        ),
        ("mci_usage_2023", '"yammer"', '"jammer"', "0.workloads.0 is 'jammer': is none of exchang"),
        (
            "mci_usage_2023",
            "valid_from = 2022-10-01",
            "valid_from = 2022-10-02",
            "first of a month",
        ),
        ("mci_usage_2023", 'period = "fiscal_year"', 'period = "claim"', "per must name claim"),
        ("mci_usage_2023", 'name = "high_water_mark"', 'name = "hwm"', "'hwm' found using 'name'"),
        ("mci_usage_2023", "units = 300", "seats = 300", "minimum.units is missing"),
        ("osu_fy16", "valid_until = 2016-07-01", "valid_until = 2016-01-01", "does not lie after"),
        ("osu_fy16", 'kinds = ["DPOR"]', 'kinds = ["DPORR"]', "kinds.0 is 'DPORR': is none of"),
    ],
)
def test_a_wrong_value_is_named_with_its_line_and_what_is_allowed(
    name: str, before: str, after: str, message: str
) -> None:
    """Line, key, value and what is allowed, for whatever of it is wrong."""
    told = said(name, before, after)
    assert message in told
    assert told.startswith("own.toml, line ")


def test_the_line_is_that_of_the_value() -> None:
    """Inside lists of tables and inline tables, too."""
    text = files.text_of("osu_m365_2020").splitlines()
    line = next(n for n, one in enumerate(text, 1) if one.startswith("bucket = "))
    falling = f"bucket = [{bucket('XXS', 1, '40, 30')}]"
    told = said("osu_m365_2020", 'bucket = "not_published"', falling)
    assert told.startswith(f"own.toml, line {line}: ")
    assert "milestones must rise" in told


def test_buckets_do_not_overlap_and_an_open_end_is_the_last() -> None:
    """Else a customer had two sizes."""
    both = f"bucket = [{bucket('A', 1, '40')}, {bucket('B', 9, '40')}]"
    told = said("osu_m365_2020", 'bucket = "not_published"', both)
    assert "buckets A and B overlap" in told


def test_a_wrong_programme_is_never_adopted() -> None:
    """Whatever the way it comes in, or reading it would stop every answer about earnings."""
    content = files.shipped()["mci_usage_2023"]
    with pytest.raises(files.BadIncentiveProgrammeError, match="era is missing"):
        AdoptProgramme(content={key: value for key, value in content.items() if key != "era"})
    AdoptProgramme(content=content)
    AdoptProgramme(builtin="pec")


def rate(**more: Any) -> dict[str, Any]:
    """A rate with some values changed."""
    told = {"programme": "mci_usage_2023", "per_unit": "1", "first": "2023-01-01", "source": "own"}
    return told | more


def card(*rows: dict[str, Any]) -> dict[str, Any]:
    """A card with these rates."""
    return {"rates": "own", "title": "Own", "currency": "EUR", "source": "own", "rate": list(rows)}


@pytest.mark.parametrize(
    "one, other",
    [
        ({}, {}),
        ({"until": "2023-03-01"}, {"first": "2023-02-01"}),
        ({"workload": "teams"}, {"country": "CZ"}),
    ],
)
def test_two_rates_for_the_same_thing_are_refused(one: Any, other: Any) -> None:
    """At the same time, and neither names more than the other."""
    with pytest.raises(ValidationError, match="rate 1 and rate 2 are for the same thing"):
        rates.parse(card(rate(**one), rate(**other)))


@pytest.mark.parametrize(
    "one, other",
    [
        ({"until": "2023-02-01"}, {"first": "2023-02-01"}),
        ({"workload": "teams"}, {"workload": "exchange"}),
        ({}, {"workload": "teams"}),
        ({}, {"programme": "pec"}),
    ],
)
def test_rates_that_never_meet_or_say_more_stand_together(one: Any, other: Any) -> None:
    """The end of one is the beginning of the next; more names go before fewer."""
    assert len(rates.parse(card(rate(**one), rate(**other))).rate) == 2
