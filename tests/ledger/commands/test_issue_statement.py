"""Statements and rate cards are recorded by one decision each, and what they rest on is checked."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.commands.issue_statement import IssueStatement
from ledger.errors import BadInputError
from ledger.rules.content import digest
from schemas.statements import RatesAdopted, StatementIssued
from tests.builders import World, refuses
from tests.ledger.commands.estate import do_example, estate, example

OVER = "2020-09-01T00:00:00Z"
"""The first instant after the month of the example."""


@pytest.fixture
def world() -> World:
    """A ledger with an organisation, in the month after the example's."""
    return estate("statement.issue")


def test_the_event_says_what_was_stated_and_on_which_rules(world: World) -> None:
    """Whose, which month, at which position, by which hash; shipped rules are embedded."""
    event = do_example(world, "statement.issue").event
    assert isinstance(event, StatementIssued)
    assert event == StatementIssued.model_validate(example("statement.issue"))
    assert event.tags() == ("statement:100-2020-08-1", "organisation:100")
    assert event.rules[0].content == {}


def test_a_statement_of_a_location_is_tagged_with_it(world: World) -> None:
    """So that the log shows it to that location."""
    event = do_example(world, "statement.issue", location="101").event
    assert event.tags()[1] == "partner:101"


def test_a_month_is_stated_only_once_it_is_over() -> None:
    """The last microsecond of the month is too early, the first after it is not [P]."""
    early = estate("statement.issue")
    early.now_us = World(OVER).now_us - 1
    with refuses("month_not_over") as refused:
        do_example(early, "statement.issue")
    assert "2020-08" in str(refused.value)
    early.now_us += 1
    do_example(early, "statement.issue")


def test_an_id_stands_for_one_statement(world: World) -> None:
    """Another month under the same id is refused, too."""
    do_example(world, "statement.issue")
    with refuses("already_exists"):
        do_example(world, "statement.issue", month="2020-07-01")


def test_nothing_is_pinned_beyond_the_head(world: World) -> None:
    """A position that the log does not have yet could come to mean anything."""
    head = len(world.facts)
    with refuses("statement_ahead"):
        do_example(world, "statement.issue", position=head + 1)
    do_example(world, "statement.issue", position=head)


def test_an_unknown_organisation_has_no_statement(world: World) -> None:
    """What it names must be there."""
    with refuses("unknown_reference"):
        do_example(world, "statement.issue", organisation="900")


def test_a_month_is_named_by_its_first_day() -> None:
    """Else two ids could mean one month."""
    with pytest.raises(ValidationError, match="first of a month"):
        IssueStatement.model_validate(example("statement.issue") | {"month": "2020-08-02"})


def card(**other: Any) -> dict[str, Any]:
    """The example's rate card with some values changed."""
    content: dict[str, Any] = example("rates.adopt")["content"]
    return content | other


def test_a_rate_card_is_embedded_with_its_hash(world: World) -> None:
    """A file edited later can't change what was adopted (DESIGN §7)."""
    event = do_example(world, "rates.adopt").event
    assert isinstance(event, RatesAdopted)
    assert (event.content, event.sha256) == (card(), digest(card()))


def test_the_same_card_is_adopted_once_in_a_row(world: World) -> None:
    """A changed one, and a return to the first, are new facts."""
    do_example(world, "rates.adopt")
    with refuses("rates_already_adopted"):
        do_example(world, "rates.adopt")
    for currency in ("USD", "EUR"):
        do_example(world, "rates.adopt", content=card(currency=currency))


def test_a_card_that_is_wrong_says_what_is_allowed(world: World) -> None:
    """The value is named, with its place."""
    rate = card()["rate"][0] | {"workload": "teamz"}
    with pytest.raises(BadInputError, match=r"rate\.0\.workload is 'teamz': is none of exchange"):
        do_example(world, "rates.adopt", content=card(rate=[rate]))
    with pytest.raises(ValidationError, match="not of 'other'"):
        do_example(world, "rates.adopt", rates="other")
