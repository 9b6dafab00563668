"""Questions to the views: filters, times, pages, and an index behind each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from projections import claim_queries, holder_queries, party_queries
from projections.runner import Views
from schemas.associations import DelegatedAdminGranted, DporSet
from schemas.parties import LocationRegistered, OrganisationMerged
from schemas.time import from_us
from tests.projections.claim_events import EXCHANGE, TEAMS, approved, submitted
from tests.projections.memory_log import OTHER_TENANT, TENANT, MemoryLog, Told, day, made


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """Two claims of two partners in one tenant, and DPOR in another."""
    told = Told(tmp_path)
    for claim, slot, location in (("C-1", TEAMS, "101"), ("C-2", EXCHANGE, "201")):
        told.add(submitted(claim, slot, location=location), on=1, recorded=1)
        told.add(approved(claim, slot, location=location), on=2, recorded=2)
    told.add(
        made(DporSet, subscription="S-1", tenant=OTHER_TENANT, location="101"), on=3, recorded=3
    )
    return told


@pytest.mark.parametrize(
    "filters, found",
    [
        ({}, {"C-1", "C-2", None}),
        ({"tenant": TENANT}, {"C-1", "C-2"}),
        ({"tenant": TENANT, "partner": "101"}, {"C-1"}),
        ({"partner": "101"}, {"C-1", None}),
        ({"kind": "DPOR"}, {None}),
        ({"kind": "CPOR", "partner": "201"}, {"C-2"}),
        ({"slot": TEAMS}, {"C-1"}),
        ({"slot": TEAMS, "partner": "201"}, set()),
        ({"subscription": "S-1"}, {None}),
        ({"workload": "exchange"}, {"C-2"}),
    ],
)
def test_holders_are_found_by_every_filter_and_all_together(
    told: Told, filters: dict[str, Any], found: set[str | None]
) -> None:
    """Filters narrow; none gives all."""
    rows = told.ask(holder_queries.holders, effective_us=day(9), known=9, **filters)
    assert {row["claim"] for row in rows} == found


def test_holders_come_in_pages(told: Told) -> None:
    """In order of row_id, from after the last one read."""
    first = told.ask(holder_queries.holders, effective_us=day(9), known=9, limit=2)
    rest = told.ask(
        holder_queries.holders, effective_us=day(9), known=9, after_row=first[-1]["row_id"]
    )
    assert [row["row_id"] for row in first + rest] == [1, 2, 3]


def test_an_instant_is_resolved_to_the_last_position_recorded_by_then(told: Told) -> None:
    """Also before the first and after the last."""
    for on, position in ((0, 0), (1, 1), (1.5, 1), (2, 4), (3, 5), (99, 5)):
        assert told.ask(holder_queries.position_at, told.log, day(on)) == position


@pytest.mark.parametrize(
    "filters, found",
    [
        ({}, ["C-2", "C-1"]),
        ({"partner": "101"}, ["C-1"]),
        ({"organisation": "200"}, ["C-2"]),
        ({"tenant": OTHER_TENANT}, []),
        ({"state": "approved", "policy": "P2020"}, ["C-2", "C-1"]),
        ({"slot": TEAMS}, ["C-1"]),
        ({"contested": True}, []),
        ({"before": 2}, ["C-1"]),
        ({"limit": 1}, ["C-2"]),
    ],
)
def test_claims_are_listed_newest_first_by_every_filter(
    told: Told, filters: dict[str, Any], found: list[str]
) -> None:
    """Filters narrow; none gives all."""
    rows = told.ask(claim_queries.claim_list, **filters)
    assert [row["claim"] for row in rows] == found


def test_deadlines_are_asked_for_by_time_partner_and_name(told: Told) -> None:
    """Due in an interval that includes its beginning and not its end."""
    told.add(submitted("C-3", TEAMS, location="201"))
    ask = claim_queries.deadlines
    assert len(told.ask(ask, from_us=day(5), partner="201", name="review", tenant=TENANT)) == 1
    assert told.ask(ask, until_us=day(5)) == []
    assert told.ask(ask, partner="101") == []


def test_deadlines_as_known_name_the_organisation_that_a_location_was_of_then(told: Told) -> None:
    """Its merger with another, recorded later, was not known (domain.md §7.5)."""
    for location in ("101", "102"):
        place = {"location": location, "organisation": "100", "name": "Alfa", "country": "CZ"}
        told.add(made(LocationRegistered, **place), on=4, recorded=4)
    given = made(
        DelegatedAdminGranted, tenant=TENANT, location="101", kind="DAP", until=from_us(day(400))
    )
    before = told.add(given, on=4, recorded=4)
    merged = made(OrganisationMerged, organisation="100", into="200", locations=("101", "102"))
    after = told.add(merged, on=5, recorded=5)
    for known, organisation in ((before, "100"), (after, "200"), (None, "200")):
        (found,) = told.ask(claim_queries.deadlines, name="delegation_end", known=known)
        assert found["organisation"] == organisation


def test_an_unknown_claim_is_none_and_has_no_history(told: Told) -> None:
    """Asked for by an id that nobody used."""
    assert told.ask(claim_queries.claim_show, "C-9") is None
    assert told.history("C-9") == []


@pytest.mark.parametrize(
    "ask, values, filters",
    [
        (holder_queries.holders, (), {"effective_us": 1, "known": 1, "tenant": "t"}),
        (holder_queries.holders, (), {"effective_us": 1, "known": 1, "partner": "p"}),
        (holder_queries.holders, (), {"effective_us": 1, "known": 1, "slot": "s", "tenant": "t"}),
        (holder_queries.holders, (), {"effective_us": 1, "known": 1, "subscription": "s"}),
        (holder_queries.holders, (), {"effective_us": 1, "known": 1, "kind": "TPOR"}),
        (claim_queries.claim_list, (), {"tenant": "t"}),
        (claim_queries.claim_list, (), {"partner": "p"}),
        (claim_queries.claim_list, (), {"state": "submitted"}),
        (claim_queries.claim_list, (), {"slot": "s"}),
        (claim_queries.claim_show, ("c",), {}),
        (claim_queries.claim_history, ("c", MemoryLog().event_at), {}),
        (claim_queries.deadlines, (), {"until_us": 1}),
        (party_queries.customer, ("t",), {}),
        (party_queries.migrations, (), {"to": ("t", "u")}),
        (party_queries.subscriptions, ("t",), {}),
        (party_queries.agreements, ("t",), {}),
        (party_queries.identity, ("i",), {}),
        (party_queries.grants, (), {"grantee": "g"}),
    ],
)
def test_every_narrow_question_seeks_in_an_index(
    tmp_path: Path, ask: Any, values: tuple[Any, ...], filters: dict[str, Any]
) -> None:
    """No table is read from end to end, however large it is."""
    views = Views(tmp_path / "views.db").connection
    asked: list[str] = []
    views.set_trace_callback(asked.append)
    ask(views, *values, **filters)
    views.set_trace_callback(None)
    plans = [row[3] for sql in asked for row in views.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert any(plan.startswith("SEARCH") for plan in plans)
    # The deadlines view is two seeks brought together, and that result is read whole.
    assert {plan for plan in plans if plan.startswith("SCAN")} <= {"SCAN deadlines"}
