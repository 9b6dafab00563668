"""The views show what the decisions saw: both fold the same events, written separately."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.decision_models.claim import CLAIM, Claim, Consent
from ledger.decision_models.slot import SLOT
from ledger.rules.policy import BUILTIN, ClaimState
from projections import views
from projections.fold import Fold
from projections.record import Record
from schemas import catalogue
from schemas.time import FOREVER_US
from tests.claim_plans import CLAIMS, WORKLOADS, Plan, plans, play
from tests.claims import Claims, m365

_SPANS = """
SELECT claim, effective_from, effective_to FROM holdings
WHERE slot = ? AND known_to = 9223372036854775807 ORDER BY effective_from
"""
_OUTCOMES = """
SELECT slot, outcome FROM claim_slots JOIN claims USING (claim_no) WHERE claim = ? ORDER BY n
"""
_STANDING = "SELECT state, consent, deadline, deadline_us FROM claims WHERE claim = ?"
_REVIEWERS = {
    ClaimState.SUBMITTED: "review",
    ClaimState.UNDER_REVIEW: "decision",
    ClaimState.DISPUTE: "dispute_answer",
}


def shown(world: Claims, path: Path) -> sqlite3.Connection:
    """Views built from every event of a world."""
    path.unlink(missing_ok=True)
    connection = views.open_building(path)
    fold = Fold(connection, fresh=True)
    fold.fold(records(world))
    fold.write()
    return connection


def records(world: Claims) -> list[Record]:
    """The events of a world as the views are fed with them."""
    found = []
    for fact in world.facts:
        name, data = catalogue.decode_plain(fact.event.TYPE, catalogue.encode(fact.event))
        times = (fact.effective_at_us, fact.recorded_at_us)
        found.append(Record(fact.position, name, data, *times, fact.actor, "h"))
    return found


@given(st.sampled_from(BUILTIN), plans)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_holdings_and_outcomes_are_those_the_decisions_saw(
    tmp_path: Path, policy: str, plan: Plan
) -> None:
    """Who holds each slot when, what became of each slot, the claim's state, what it awaits."""
    *_, world = play(policy, plan)
    connection = shown(world, tmp_path / "views.db")
    for workload in WORKLOADS:
        holdings = world(SLOT, m365(workload)).holdings
        spans = [(one.claim, one.since_us, one.until_us) for one in holdings]
        assert connection.execute(_SPANS, (m365(workload),)).fetchall() == [
            span for span in spans if span[1] < span[2]
        ]
    for name in CLAIMS:
        claim = world(CLAIM, name)
        if claim is not None:
            outcomes = zip(claim.slots, claim.outcomes, strict=True)
            assert connection.execute(_OUTCOMES, (name,)).fetchall() == [
                (slot.slot, outcome) for slot, outcome in outcomes
            ]
            state, consent, *awaited = connection.execute(_STANDING, (name,)).fetchone()
            assert state == claim.state
            assert tuple(awaited) == _awaited(claim, awaited[1])
            none = consent if consent in (None, "declined") else "none"
            assert consent == (none if claim.consent is Consent.NONE else claim.consent)
    connection.close()


def _awaited(claim: Claim, shown_us: int | None) -> tuple[str | None, int | None]:
    """What is awaited and until when; the reviewer's own days are no matter of decisions."""
    if claim.state in _REVIEWERS:
        return _REVIEWERS[claim.state], shown_us
    if claim.state is ClaimState.PARTNER_ACTION_REQUIRED:
        return "answer", claim.answer_due_us
    return ("consent", claim.consent_closes_us) if claim.in_window else (None, None)


@pytest.mark.parametrize("policy", BUILTIN)
def test_an_open_holding_is_open_in_both(tmp_path: Path, policy: str) -> None:
    """A first look at the same thing without chance."""
    world = next(play(policy, []))
    connection = shown(world, tmp_path / "views.db")
    rows = connection.execute(_SPANS, (m365("exchange"),)).fetchall()
    expected = [] if policy == "EXPLICIT" else [("C-1", world.now_us, FOREVER_US)]
    assert rows == expected
    connection.close()
