"""A subscription's life in two times, its owners, and the names that holdings go by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from projections import holder_queries, party_queries, subscription_queries
from schemas import agreements, associations, parties, subscriptions
from tests.projections.claim_events import approved, submitted
from tests.projections.memory_log import TENANT, Told, day, made


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """A log with views that follow it, and a CSP subscription S-1 of 101 from day 1 on."""
    told = Told(tmp_path)
    for location, kind in (("101", None), ("109", "frp")):
        where = {"location": location, "organisation": "100", "name": "A", "country": "CZ"}
        told.add(made(parties.LocationRegistered, **where, kind=kind))
    started = {"product": "azure", "offer": "Azure plan", "seats": 10}
    sold = {"channel": "csp_direct", "transacting_partner": "101"}
    told.add(about(subscriptions.SubscriptionStarted, **started, **sold), on=1)
    return told


def about(model: Any, **fields: Any) -> Any:
    """An event about S-1 of the tenant."""
    return made(model, **{"subscription": "S-1", "tenant": TENANT, **fields})


def transferred(to: str) -> Any:
    """S-1 goes to another direct partner."""
    sold = {"channel": "csp_direct", "transacting_partner": to, "previous_partner": "101"}
    return about(subscriptions.SubscriptionTransferred, **sold)


def at(told: Told, on: float, known: int | None = None) -> dict[str, Any]:
    """S-1 on a day, as known at a position (now)."""
    known = told.log.head().position if known is None else known
    found: dict[str, Any] = told.ask(
        subscription_queries.subscription, "S-1", effective_us=day(on), known=known
    )
    return found


def test_state_and_seats_are_those_of_the_day_as_known_then(told: Told) -> None:
    """A change that is learned late is not known before, and is known for its day after."""
    before = told.log.head().position
    told.add(about(subscriptions.SubscriptionStateChanged, state="suspended"), on=9)
    told.add(about(subscriptions.SubscriptionStateChanged, state="in_grace"), on=5)
    told.add(about(subscriptions.SubscriptionSeatsChanged, seats=25), on=7)
    found = [(at(told, on)["state"], at(told, on)["seats"]) for on in (0, 4, 6, 8, 9)]
    assert found == [
        ("not started", 10),
        ("active", 10),
        ("in_grace", 10),
        ("in_grace", 25),
        ("suspended", 25),
    ]
    assert at(told, 9, before)["state"] == "active"


def test_an_end_is_the_last_word(told: Told) -> None:
    """Whatever state was recorded for a day after it."""
    told.add(about(subscriptions.SubscriptionEnded, reason="cancelled"), on=6)
    told.add(about(subscriptions.SubscriptionStateChanged, state="suspended"), on=8)
    found = at(told, 9)
    assert (found["state"], found["ended_us"], found["end_reason"]) == (
        "ended",
        day(6),
        "cancelled",
    )
    assert at(told, 5)["ended_us"] is None


def test_a_subscription_is_not_known_before_its_position(told: Told) -> None:
    """And one that nobody started is never."""
    assert told.ask(subscription_queries.subscription, "S-9", effective_us=0, known=9) is None
    assert at(told, 5, known=2) is None


def test_the_present_owner_takes_the_history_and_who_held_stays(told: Told) -> None:
    """Both answers, before and after the transfer is known (domain.md §6.3, §15 S5)."""
    before = told.log.head().position
    after = told.add(transferred("201"), on=5, recorded=8)
    owners = {
        known: [
            (one.partner, one.since_us, one.history_from_us)
            for one in told.ask(subscription_queries.present_owners, "S-1", known=known)
        ]
        for known in (before, after)
    }
    assert owners == {before: [("101", day(1), day(1))], after: [("201", day(5), day(1))]}
    sellers = told.ask(subscription_queries.sellers, "S-1", known=after)
    assert [(one["partner"], one["effective_from"]) for one in sellers] == [
        ("101", day(1)),
        ("201", day(5)),
    ]
    assert told.held(4, slot="csp:S-1") == {("CSP_T1", "101", "direct")}
    assert told.held(5, slot="csp:S-1") == {("CSP_T1", "201", "direct")}
    assert told.held(5, before, slot="csp:S-1") == {("CSP_T1", "101", "direct")}


def test_after_the_end_the_last_owner_is_credited(told: Told) -> None:
    """And nobody where no CSP partner ever sold it."""
    told.add(transferred("201"), on=5)
    end = told.add(about(subscriptions.SubscriptionEnded, reason="cancelled"), on=6)
    found = told.ask(subscription_queries.present_owners, "S-1", known=end)
    assert [(one.partner, one.until_us) for one in found] == [("201", day(6))]
    assert told.ask(subscription_queries.present_owners, "S-9", known=end) == []


def test_a_move_shows_both_ids(told: Told) -> None:
    """The old one ended by the move, the new one is its successor and starts empty."""
    sold = {"product": "azure", "offer": "Azure plan"}
    told.add(
        about(subscriptions.SubscriptionStarted, subscription="S-2", channel="ea", **sold), on=1
    )
    told.add(about(associations.DporSet, subscription="S-2", location="101"), on=2)
    moved = {"subscription": "S-2", "becomes": "S-2M", "channel": "csp_direct"}
    head = told.add(
        about(subscriptions.SubscriptionMoved, **moved, **sold, transacting_partner="201"), on=4
    )
    assert told.ask(subscription_queries.successors, "S-2", known=head) == ["S-2M"]
    old, new = (told.ask(party_queries.subscription, name) for name in ("S-2", "S-2M"))
    assert (old["ended_us"], old["end_reason"]) == (day(4), "moved")
    assert (new["succeeds"], new["started_us"], new["channel"]) == ("S-2", day(4), "csp_direct")
    assert told.held(3, subscription="S-2") == {("DPOR", "101", None)}
    assert told.held(4, subscription="S-2") == set()
    assert told.held(4, subscription="S-2M") == {("CSP_T1", "201", "direct")}


def test_a_move_under_the_same_id_empties_the_dpor_place_only(told: Told) -> None:
    """The place can be filled again, and a day before the move keeps its partner."""
    sold = {"product": "azure", "offer": "Azure plan"}
    told.add(
        about(subscriptions.SubscriptionStarted, subscription="S-2", channel="ea", **sold), on=1
    )
    told.add(about(associations.DporSet, subscription="S-2", location="101"), on=2)
    moved = {"subscription": "S-2", "becomes": "S-2", "channel": "web_direct"}
    told.add(about(subscriptions.SubscriptionMoved, **moved, **sold), on=4)
    told.add(about(associations.DporSet, subscription="S-2", location="201"), on=6)
    held = {on: told.held(on, slot="dpor:S-2") for on in (3, 5, 6)}
    assert held == {3: {("DPOR", "101", None)}, 5: set(), 6: {("DPOR", "201", None)}}
    found = told.ask(
        subscription_queries.subscription,
        "S-2",
        effective_us=day(5),
        known=told.log.head().position,
    )
    assert (found["state"], found["channel"]) == ("active", "web_direct")


def test_an_agreement_shows_who_stands_on_it_now(told: Told) -> None:
    """Also one who came back; and TPOR ends for all who ever did."""
    both = [{"location": "101", "role": "reseller"}, {"location": "201", "role": "distributor"}]
    signed = {"agreement": "EA-1", "tenant": TENANT}
    told.add(made(agreements.AgreementSigned, **signed, kind="EA", partners=both), on=1)
    told.add(made(agreements.AgreementAmended, **signed, removed=both[:1]), on=3)
    found = told.ask(party_queries.agreement, "EA-1")
    assert found["partners"] == both[1:]
    told.add(made(agreements.AgreementAmended, **signed, added=both[:1], removed=both[1:]), on=5)
    assert told.ask(party_queries.agreement, "EA-1")["partners"] == both[:1]
    assert told.held(4, kind="TPOR") == {("TPOR", "201", "distributor")}
    told.add(made(agreements.AgreementEnded, **signed), on=7)
    assert told.held(6, kind="TPOR") == {("TPOR", "101", "reseller")}
    assert told.held(7, kind="TPOR") == set()


def labels(told: Told, **filters: Any) -> dict[str, str]:
    """The label of each holding on day 9, by slot."""
    head = told.log.head().position
    rows = told.ask(holder_queries.holders, effective_us=day(9), known=head, **filters)
    return {row["slot"]: row["label"] for row in rows}


def test_holdings_go_by_their_narrowest_name_and_are_asked_for_by_it(told: Told) -> None:
    """Claims by activity and by a FastTrack Ready Partner's id, CSP by place in the chain."""
    for claim, slot, location in (
        ("C-1", f"cpor:m365:{TENANT}:teams", "109"),
        ("C-2", f"cpor:m365:{TENANT}:exchange", "101"),
        ("C-3", "cpor:bizapps:S-5:usage", "101"),
    ):
        told.add(submitted(claim, slot, location=location), on=1)
        told.add(approved(claim, slot, location=location), on=2)
    found = labels(told)
    assert found == {
        "csp:S-1": "CSP_T1",
        f"cpor:m365:{TENANT}:teams": "CPOR_FRP",
        f"cpor:m365:{TENANT}:exchange": "CPOR_M365",
        "cpor:bizapps:S-5:usage": "CPOR_OSU",
    }
    for slot, label in found.items():
        assert slot in labels(told, kind=label)
    assert set(labels(told, kind="CPOR")) == set(found) - {"csp:S-1"}
    assert set(labels(told, kind="CPOR_FRP")) == {f"cpor:m365:{TENANT}:teams"}
    assert set(labels(told, kind="CPOR_OSU")) == {"cpor:bizapps:S-5:usage"}
    assert labels(told, kind="CPOR_OSA") == {}


def test_associations_end_with_what_they_stand_on(told: Told) -> None:
    """A subscription or an agreement; one on the tenant stays."""
    places = {
        "association:pipe:subscription:S-1:201": {"subscription": "S-1"},
        "association:pipe:agreement:EA-1:201": {"agreement": "EA-1"},
        f"association:pipe:tenant:{TENANT}:201": {},
    }
    for slot, place in places.items():
        fields = {"kind": "pipe", "slot": slot, "tenant": TENANT, "location": "201", **place}
        told.add(made(associations.AssociationRecorded, **fields, source="A list"), on=2)
    assert len(told.held(3, kind="PIPE")) == 1
    assert set(labels(told, kind="PIPE")) == set(places)
    told.add(about(subscriptions.SubscriptionEnded, reason="expired"), on=5)
    told.add(made(agreements.AgreementEnded, agreement="EA-1", tenant=TENANT), on=6)
    assert set(labels(told, kind="PIPE")) == {f"association:pipe:tenant:{TENANT}:201"}
