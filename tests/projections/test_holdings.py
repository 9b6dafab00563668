"""What each event means for who holds what, one promise at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from projections import holder_queries
from schemas import agreements, associations, claims, consent, parties, subscriptions
from schemas.time import from_us
from tests.projections.claim_events import (
    EXCHANGE,
    TEAMS,
    USAGE_OF_S1,
    about,
    approved,
    arbitrated,
    submitted,
)
from tests.projections.memory_log import TENANT, Told, day, made


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """A log with views that follow it."""
    return Told(tmp_path)


def _row(told: Told, on: float, **filters: Any) -> dict[str, Any]:
    known = told.log.head().position
    found = told.ask(holder_queries.holders, effective_us=day(on), known=known, **filters)
    assert len(found) == 1
    row: dict[str, Any] = found[0]
    return row


def _claim_held(told: Told, claim: str, slot: str, location: str, on: float) -> None:
    told.add(submitted(claim, slot, location=location), on=on)
    told.add(approved(claim, slot, location=location), on=on)


def _ever(told: Told, slot: str) -> list[dict[str, Any]]:
    """Every row there ever was for a slot, superseded ones included."""
    views = told.views.connection
    found = views.execute("SELECT * FROM holdings WHERE slot = ? ORDER BY row_id", (slot,))
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]


def test_an_approval_holds_every_slot_it_lists_from_its_effective_instant(told: Told) -> None:
    """The other slots of the claim are not held; the row says by which claim, activity and rule."""
    told.add(submitted("C-1", TEAMS, EXCHANGE), on=1)
    position = told.add(approved("C-1", TEAMS), on=2)
    assert told.held(1.9) == set()
    row = _row(told, 2)
    assert (row["slot"], row["workload"], row["activity"]) == (TEAMS, "teams", "usage")
    assert (row["organisation"], row["claim"], row["because"]) == ("100", "C-1", position)
    assert "4.2" in row["rule"]


def test_explicit_consent_holds_from_the_customers_yes(told: Told) -> None:
    """Approval alone holds nothing (DESIGN §6)."""
    told.add(submitted("C-1", TEAMS), on=1)
    told.add(approved("C-1", TEAMS, consent_mode="explicit"), on=2)
    assert told.held(9) == set()
    told.add(made(consent.ConsentConfirmed, **about("C-1"), slots=(TEAMS,), how="portal"), on=3)
    assert told.held(2.9) == set()
    assert told.held(3) == {("CPOR", "101", "C-1")}


def test_a_yes_before_an_explicit_approval_lets_the_approval_hold(told: Told) -> None:
    """The customer may confirm first and the proof come last (domain.md §13.16)."""
    told.add(submitted("C-1", TEAMS), on=1)
    told.add(made(consent.ConsentConfirmed, **about("C-1"), slots=(TEAMS,), how="portal"), on=2)
    told.add(approved("C-1", TEAMS, consent_mode="explicit"), on=3)
    assert told.held(2.9) == set()
    assert told.held(3) == {("CPOR", "101", "C-1")}


def test_scenario_s1_arbitration_moves_the_slot_at_one_instant(told: Told) -> None:
    """S1 (domain.md §15): A until the decision, B from it, and before it was known A for ever."""
    _claim_held(told, "C-1", TEAMS, "101", 0)
    told.add(submitted("C-2", TEAMS, location="201"), on=5)
    before = told.log.head().position
    told.add(arbitrated(("C-2", "201"), ("C-1", "101"), "challenger_wins", TEAMS), on=19)
    assert told.held(18.9) == {("CPOR", "101", "C-1")}
    assert told.held(19) == {("CPOR", "201", "C-2")}
    assert told.held(19, known=before) == {("CPOR", "101", "C-1")}


def test_an_incumbent_that_stays_keeps_its_row(told: Told) -> None:
    """Nothing is learned about the holding, so no row is closed."""
    _claim_held(told, "C-1", TEAMS, "101", 0)
    told.add(submitted("C-2", TEAMS, location="201"), on=5)
    told.add(arbitrated(("C-2", "201"), ("C-1", "101"), "incumbent_stays", TEAMS), on=19)
    assert len(_ever(told, TEAMS)) == 1


def test_a_decline_inside_the_window_undoes_the_holding_from_its_beginning(told: Told) -> None:
    """It vanishes from that position on; as known before, it was held."""
    _claim_held(told, "C-1", TEAMS, "101", 2)
    before = told.log.head().position
    told.add(
        made(consent.ConsentDeclined, **about("C-1"), slots=(TEAMS,), from_the_beginning=True), on=4
    )
    assert told.held(3) == told.held(9) == set()
    assert told.held(3, known=before) == {("CPOR", "101", "C-1")}


def test_the_predecessor_a_decline_restores_holds_the_vacated_interval_again(told: Told) -> None:
    """In one piece, by its own approval, as if the successor had never won (DESIGN §6)."""
    _claim_held(told, "C-1", TEAMS, "101", 0)
    told.add(submitted("C-2", TEAMS, location="201"), on=5)
    told.add(arbitrated(("C-2", "201"), ("C-1", "101"), "challenger_wins", TEAMS), on=19)
    no = {"from_the_beginning": True, "restored": ({"slot": TEAMS, "claim": "C-1"},)}
    told.add(made(consent.ConsentDeclined, **about("C-2", "201"), slots=(TEAMS,), **no), on=21)
    assert told.held(20) == {("CPOR", "101", "C-1")}
    row = _row(told, 20)
    assert (row["effective_from"], row["because"]) == (day(0), 2)


def test_a_later_decline_ends_the_holding_from_then_on(told: Told) -> None:
    """Where the policy allows declining at any time (P2023)."""
    _claim_held(told, "C-1", TEAMS, "101", 2)
    told.add(
        made(consent.ConsentDeclined, **about("C-1"), slots=(TEAMS,), from_the_beginning=False),
        on=30,
    )
    assert told.held(29.9) == {("CPOR", "101", "C-1")}
    assert told.held(30) == set()


@pytest.mark.parametrize(
    "ends",
    [
        made(claims.ClaimDisassociated, **about("C-1"), slots=(TEAMS,), reason="wrong_location"),
        made(
            claims.ClaimRejected,
            **about("C-1"),
            slots=(TEAMS,),
            reason="partner_request",
            comment="Wrong location.",
        ),
        made(claims.ClaimLapsed, **about("C-1"), slots=(TEAMS,), due=from_us(day(8))),
    ],
    ids=lambda event: event.TYPE,
)
def test_a_holding_ends_when_the_claim_is_given_back_or_rejected(told: Told, ends: Any) -> None:
    """Only for the slots listed, and from the effective instant on."""
    told.add(submitted("C-1", TEAMS, EXCHANGE), on=1)
    told.add(approved("C-1", TEAMS, EXCHANGE), on=2)
    told.add(ends, on=8)
    assert len(told.held(7.9)) == 1
    assert told.held(8, slot=TEAMS) == set()
    assert told.held(8, slot=EXCHANGE) == {("CPOR", "101", "C-1")}


def _started(subscription: str, **more: Any) -> subscriptions.SubscriptionStarted:
    fields = {"product": "dynamics_365", "offer": "Sales", "channel": "ea", **more}
    return made(
        subscriptions.SubscriptionStarted, subscription=subscription, tenant=TENANT, **fields
    )


def _ended(subscription: str) -> subscriptions.SubscriptionEnded:
    return made(
        subscriptions.SubscriptionEnded, subscription=subscription, tenant=TENANT, reason="renewed"
    )


def test_scenario_s4_a_renewal_ends_all_that_lives_on_the_subscription(told: Told) -> None:
    """S4 (domain.md §15): claim and DPOR end with S-1, and both places of S-2 start empty."""
    told.add(_started("S-1", dpor="101"), on=0)
    _claim_held(told, "C-5", USAGE_OF_S1, "101", 1)
    told.add(_ended("S-1"), on=30)
    told.add(_started("S-2", succeeds="S-1"), on=30)
    assert told.held(29.9) == {("CPOR", "101", "C-5"), ("DPOR", "101", None)}
    assert told.held(30) == set()


def test_what_is_learned_after_an_end_does_not_outlive_it(told: Told) -> None:
    """A back-dated DPOR on an ended subscription ends with the subscription."""
    told.add(_started("S-1"), on=0)
    told.add(_ended("S-1"), on=30)
    told.add(made(associations.DporSet, subscription="S-1", tenant=TENANT, location="101"), on=10)
    assert told.held(29.9) == {("DPOR", "101", None)}
    assert told.held(30) == set()


def test_a_back_dated_dpor_holds_until_the_next_fact_known(told: Told) -> None:
    """Learned last, true first: it neither replaces nor outlives what came after it."""
    on_s1 = {"subscription": "S-1", "tenant": TENANT}
    told.add(made(associations.DporSet, **on_s1, location="101"), on=20)
    told.add(made(associations.DporRemoved, **on_s1, previous="101"), on=15)
    told.add(made(associations.DporSet, **on_s1, location="102"), on=10)
    assert [told.held(on) for on in (9.9, 10, 15, 20)] == [
        set(),
        {("DPOR", "102", None)},
        set(),
        {("DPOR", "101", None)},
    ]


def test_the_customers_admin_replaces_a_dpor(told: Told) -> None:
    """One place, one holder; the row closed says how it was believed to go on."""
    told.add(_started("S-1", dpor="201"), on=0)
    to = {"subscription": "S-1", "tenant": TENANT, "location": "101", "previous": "201"}
    told.add(made(associations.DporSet, **to), on=40)
    assert told.held(39.9) == {("DPOR", "201", None)}
    assert told.held(40) == {("DPOR", "101", None)}
    assert len(_ever(told, "dpor:S-1")) == 3


def test_a_csp_order_associates_its_chain(told: Told) -> None:
    """Direct: the partner as tier 1. Indirect: provider and reseller as tier 2 (domain.md §6.3)."""
    told.add(_started("S-1", channel="csp_direct", transacting_partner="101"), on=0)
    chain = {"transacting_partner": "101", "indirect_reseller": "201"}
    told.add(_started("S-2", channel="csp_indirect", **chain), on=0)
    told.add(_started("S-3", channel="web_direct", transacting_partner="101"), on=0)
    assert told.held(1, subscription="S-1") == {("CSP_T1", "101", "direct")}
    assert told.held(1, subscription="S-2") == {
        ("CSP_T2", "101", "indirect_provider"),
        ("CSP_T2", "201", "indirect_reseller"),
    }
    assert told.held(1, subscription="S-3") == set()


def test_scenario_s5_a_csp_transfer_moves_the_holder_on_its_date(told: Told) -> None:
    """S5 (domain.md §15): who held before the transfer is A, whenever it is asked."""
    told.add(_started("S-1", channel="csp_direct", transacting_partner="101"), on=0)
    told.add(_ended("S-1"), on=30)
    told.add(_started("S-2", channel="csp_direct", transacting_partner="201"), on=30)
    assert told.held(1) == {("CSP_T1", "101", "direct")}
    assert told.held(30) == {("CSP_T1", "201", "direct")}


def test_an_agreement_associates_its_partners_until_it_ends(told: Told) -> None:
    """TPOR follows by itself, one for each role (domain.md §6)."""
    partners = [{"location": "201", "role": role} for role in ("reseller", "software_advisor")]
    signed = made(
        agreements.AgreementSigned, agreement="EA-1", kind="EA", tenant=TENANT, partners=partners
    )
    told.add(signed, on=0)
    told.add(made(agreements.AgreementEnded, agreement="EA-1", tenant=TENANT), on=50)
    assert told.held(49.9) == {("TPOR", "201", "reseller"), ("TPOR", "201", "software_advisor")}
    assert told.held(50) == set()


def test_delegated_administration_stands_from_grant_to_end_or_until(told: Told) -> None:
    """GDAP ends by itself on its last day; DAP when it is ended (domain.md §6.3)."""
    granted = associations.DelegatedAdminGranted
    gdap = {"kind": "GDAP", "until": from_us(day(20))}
    told.add(made(granted, tenant=TENANT, location="101", **gdap), on=0)
    told.add(made(granted, tenant=TENANT, location="201", kind="DAP"), on=0)
    told.add(made(associations.DelegatedAdminEnded, tenant=TENANT, location="201"), on=10)
    assert told.held(9) == {("DAP", "101", "GDAP"), ("DAP", "201", "DAP")}
    assert told.held(19) == {("DAP", "101", "GDAP")}
    assert told.held(20) == set()


def _assigned(assignment: str, role: str, scope: str) -> associations.AzureRoleAssigned:
    return made(
        associations.AzureRoleAssigned,
        assignment=assignment,
        identity="dev-1",
        tenant=TENANT,
        role=role,
        scope=scope,
    )


def test_a_link_measures_within_each_role_it_has(told: Told) -> None:
    """One row per role and scope while both stand; without a role one row that measures nothing."""
    link = {"identity": "dev-1", "tenant": TENANT, "location": "101"}
    told.add(made(associations.PalLinked, **link), on=1)
    told.add(_assigned("A-1", "Contributor", "/subscriptions/S-9/resourceGroups/web"), on=3)
    told.add(_assigned("A-2", "Reader", "/providers/groups/all"), on=4)
    gone = {"identity": "dev-1", "tenant": TENANT}
    told.add(made(associations.AzureRoleRemoved, assignment="A-1", **gone), on=6)
    told.add(made(associations.PalUnlinked, **link), on=8)
    assert told.held(2) == {("PAL", "101", None)}
    assert told.held(3) == {("PAL", "101", "Contributor")}
    assert told.held(5) == {("PAL", "101", "Contributor"), ("PAL", "101", "Reader")}
    assert told.held(7) == {("PAL", "101", "Reader")}
    assert told.held(8) == set()
    assert _row(told, 3, subscription="S-9")["scope"] == "/subscriptions/S-9/resourceGroups/web"


def test_linking_anew_replaces_the_link_of_that_identity_and_tenant(told: Told) -> None:
    """One link per identity and customer tenant (domain.md §6.2)."""
    for on, location in ((1, "101"), (5, "201")):
        link = {"identity": "dev-1", "tenant": TENANT, "location": location}
        told.add(made(associations.PalLinked, **link), on=on)
    assert told.held(4) == {("PAL", "101", None)}
    assert told.held(5) == {("PAL", "201", None)}


def test_the_organisation_of_a_location_stands_on_its_rows(told: Told) -> None:
    """Kinds that name only a location take the organisation from its registration."""
    location = {"location": "101", "organisation": "100", "name": "Prague", "country": "CZ"}
    told.add(made(parties.LocationRegistered, **location), on=0)
    told.add(made(associations.DporSet, subscription="S-1", tenant=TENANT, location="101"), on=1)
    assert _row(told, 2)["organisation"] == "100"


def test_a_row_is_only_ever_changed_by_the_end_of_its_knowledge(told: Told) -> None:
    """What was answered as known at a position is answered the same for ever."""
    _claim_held(told, "C-1", TEAMS, "101", 0)
    first = _ever(told, TEAMS)[0]
    told.add(
        made(claims.ClaimDisassociated, **about("C-1"), slots=(TEAMS,), reason="wrong_activity"),
        on=9,
    )
    again = _ever(told, TEAMS)[0]
    ends = {"known_to": 3, "recorded_to": told.log.recorded_at_us(3)}
    assert again == {**first, **ends}
