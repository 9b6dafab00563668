"""The difference of two states of knowledge: nothing is missing from it, nothing is invented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections import claim_queries, diff_claims, diff_holdings, holder_queries
from projections.diff_holdings import Between
from projections.runner import Views, catch_up
from schemas.associations import DporRemoved, DporSet
from schemas.consent import ConsentDeclined
from tests.projections.claim_events import TEAMS, about, approved, arbitrated, submitted
from tests.projections.histories import histories
from tests.projections.memory_log import IN_MEMORY, TENANT, MemoryLog, Told, day, made

_SAID = (
    *("kind", "slot", "partner", "claim", "scope", "role", "because", "effective_from"),
    *("effective_to", "organisation", "rule"),
)


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """A log with views that follow it."""
    return Told(tmp_path)


def _known(views: Views, position: int, **asked: Any) -> list[tuple[Any, ...]]:
    rows = holder_queries.associations(views.connection, known=position, **asked)
    return [_said(row) for row in rows]


def _changes(told: Told, before: int, after: int) -> list[tuple[str, Any, Any, int]]:
    found = diff_holdings.known_between(told.views.connection, Between(before, after))
    return [
        (
            one.change,
            one.before and one.before["partner"],
            one.after and one.after["partner"],
            one.position,
        )
        for one in found
    ]


def _dpor(location: str, **more: Any) -> DporSet:
    return made(DporSet, subscription="S-1", tenant=TENANT, location=location, **more)


@given(histories, st.data())
def test_the_difference_tells_every_row_that_came_or_went_and_no_other(
    log: MemoryLog, data: st.DataObject
) -> None:
    """What is known at both positions is in no change; what at one only, is in one."""
    views = Views(IN_MEMORY)
    catch_up(log, views)
    a = data.draw(st.integers(0, len(log.records)), label="a")
    b = data.draw(st.integers(a, len(log.records)), label="b")
    before, after = set(_known(views, a)), set(_known(views, b))
    came: list[tuple[Any, ...]] = []
    went: list[tuple[Any, ...]] = []
    for one in diff_holdings.known_between(views.connection, Between(a, b)):
        came += [_said(one.after)] if one.after else []
        went += [_said(one.before)] if one.before and one.change != "moved" else []
        if one.change == "moved" and one.before:
            # The giver's end is told by the same change: its row came, an open one went.
            came += {_said(one.before)} & (after - before)
            went += [row for row in before - after if row[:8] == _said(one.before)[:8]]
        assert one.position <= b
    assert set(came) == after - before
    assert set(went) == before - after
    views.close()


def _said(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _SAID)


@given(histories, st.data())
def test_a_claim_is_in_the_difference_with_its_two_states(
    log: MemoryLog, data: st.DataObject
) -> None:
    """Both sides are what the claim showed at the two positions; others did not change."""
    views = Views(IN_MEMORY)
    catch_up(log, views)
    a = data.draw(st.integers(0, len(log.records)), label="a")
    b = data.draw(st.integers(a, len(log.records)), label="b")
    found = diff_claims.known_between(views.connection, Between(a, b))
    named = {row["claim"]: row for row in found}
    assert len(named) == len(found)
    for claim in {row["claim"] for row in claim_queries.claim_list(views.connection)}:
        sides = [claim_queries.claim_show(views.connection, claim, known=at) for at in (a, b)]
        if claim in named:
            assert [_state(side) for side in sides] == [
                _state(named[claim][side]) for side in ("before", "after")
            ]
        else:
            assert sides[0] == sides[1]
    views.close()


def _state(row: dict[str, Any] | None) -> tuple[Any, ...] | None:
    if row is None:
        return None
    outcomes = row.get("outcomes") or " ".join(slot["outcome"] for slot in row["slots"])
    return (row["state"], row["consent"], row["deadline"], row["deadline_us"], outcomes)


def test_a_partner_that_comes_where_another_goes_has_moved(told: Told) -> None:
    """One change, with both and the event that did it."""
    first = told.add(_dpor("101"), on=1, recorded=1)
    second = told.add(_dpor("201", previous="101"), on=3, recorded=4)
    assert _changes(told, 0, first) == [("began", None, "101", first)]
    assert _changes(told, first, second) == [("moved", "101", "201", second)]
    assert _changes(told, second, second) == []


def test_an_end_is_told_with_the_event_that_recorded_it(told: Told) -> None:
    """What came and went in between is seen as what is left of it."""
    first = told.add(_dpor("101"), on=1, recorded=1)
    removed = made(DporRemoved, subscription="S-1", tenant=TENANT, previous="101")
    second = told.add(removed, on=5, recorded=6)
    assert _changes(told, first, second) == [("ended", "101", "101", second)]
    assert _changes(told, 0, second) == [("began", None, "101", first)]


def test_a_fact_that_comes_late_corrects_what_was_known(told: Told) -> None:
    """The later partner stays; that of before it is shortened."""
    told.add(_dpor("101"), on=1, recorded=1)
    told.add(_dpor("201", previous="101"), on=9, recorded=9)
    known = told.log.head().position
    late = told.add(_dpor("301", previous="101"), on=4, recorded=12)
    changes = _changes(told, known, late)
    assert ("corrected", "101", "101", late) in changes
    assert [one for one in changes if one[2] == "301"] == [("began", None, "301", late)]


def test_a_declined_consent_annuls(told: Told) -> None:
    """The holding never was (domain.md §4.2 row 7)."""
    told.add(submitted("C-1", TEAMS), on=1, recorded=1)
    held = told.add(approved("C-1", TEAMS, consent_mode="opt_out_window"), on=2, recorded=2)
    fields = {"slots": (TEAMS,), "from_the_beginning": True, "how": "in_writing"}
    known = set(ConsentDeclined.model_fields)
    event = made(ConsentDeclined, **about("C-1"), **{k: v for k, v in fields.items() if k in known})
    declined = told.add(event, on=3, recorded=3)
    assert _changes(told, held, declined) == [("annulled", "101", None, declined)]
    assert _changes(told, 0, declined) == []


def test_two_instants_are_compared_at_one_knowledge(told: Told) -> None:
    """Who held then, who held later, and by which event."""
    told.add(submitted("C-1", TEAMS), on=1, recorded=1)
    told.add(approved("C-1", TEAMS), on=2, recorded=2)
    told.add(submitted("C-2", TEAMS, location="201"), on=3, recorded=3)
    won = told.add(
        arbitrated(
            ("C-2", "201"),
            ("C-1", "101"),
            "challenger_wins",
            TEAMS,
            consent_mode="decline_any_time",
        ),
        on=5,
        recorded=5,
    )
    asked = Between(0, won)
    views = told.views.connection

    def seen(a: float, b: float) -> list[tuple[str, int]]:
        found = diff_holdings.effective_between(views, asked, day(a), day(b))
        return [(one.change, one.position) for one in found]

    assert seen(3, 9) == [("moved", won)]
    assert seen(0, 3) == [("began", 2)]
    assert seen(0, 9) == [("began", won)]
    assert seen(6, 9) == []
