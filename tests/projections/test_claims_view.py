"""Claims as the view tells them: state, slots, deadlines, and a history with its reasons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ledger.errors import DamagedError
from projections import claim_queries
from schemas import claims, consent, disputes, subscriptions
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


def _claim(told: Told, claim: str = "C-1") -> dict[str, Any]:
    found: dict[str, Any] = told.ask(claim_queries.claim_show, claim)
    return found


def _outcomes(told: Told, claim: str = "C-1") -> list[str]:
    return [slot["outcome"] for slot in _claim(told, claim)["slots"]]


def _awaited(told: Told) -> list[tuple[str, str, int]]:
    found = told.ask(claim_queries.deadlines)
    return [(row["claim"], row["name"], row["due_us"]) for row in found]


def test_a_claim_walks_to_its_silent_confirmation(told: Told) -> None:
    """Each step has its state, its next deadline and one line of history (domain.md §4.2)."""
    due = [from_us(day(n)) for n in range(30)]
    steps = [
        (submitted("C-1", TEAMS), "submitted", "review", 5),
        (
            made(claims.ClaimReviewStarted, **about("C-1"), decision_due=due[8]),
            "under_review",
            "decision",
            8,
        ),
        (
            made(
                claims.ClaimActionRequested,
                **about("C-1"),
                deficiencies=("acknowledgement_missing",),
                comment="Who signed?",
                answer_due=due[12],
            ),
            "partner_action_required",
            "answer",
            12,
        ),
        (
            made(
                claims.ClaimResubmitted,
                **about("C-1"),
                proof=submitted("C-1", TEAMS).proof,
                review_due=due[14],
            ),
            "submitted",
            "review",
            14,
        ),
        (
            approved("C-1", TEAMS, consent_mode="opt_out_window", consent_closes=due[20]),
            "approved",
            "consent",
            20,
        ),
        (
            made(consent.ConsentPassed, **about("C-1"), slots=(TEAMS,), due=due[20]),
            "approved",
            None,
            0,
        ),
    ]
    for event, state, name, on in steps:
        told.add(event)
        assert _claim(told)["state"] == state
        assert _awaited(told) == ([("C-1", name, day(on))] if name else [])
    assert _claim(told)["consent"] == "passed"
    history = told.history("C-1")
    assert [line["position"] for line in history] == [1, 2, 3, 4, 5, 6]
    assert history[2]["why"].startswith("acknowledgement_missing: Who signed? (")
    assert all(line["what"].endswith(".") for line in history)


def test_states_are_shown_in_the_words_of_the_claims_policy(told: Told) -> None:
    """P2020 knew no dispute as a state and no final rejection (domain.md §4.1)."""
    for claim, policy in (("C-1", "P2020"), ("C-2", "P2023"), ("C-3", "EXPLICIT")):
        told.add(submitted(claim, TEAMS, policy=policy))
        no = {"slots": (TEAMS,), "reason": "insufficient_proof", "comment": "No proof."}
        told.add(made(claims.ClaimRejected, **about(claim), **no, dispute_until=from_us(day(30))))
        told.add(
            made(
                disputes.ClaimDisputed,
                **about(claim),
                justification="Here it is.",
                answer_due=from_us(day(9)),
            )
        )
    names = [_claim(told, claim)["state_name"] for claim in ("C-1", "C-2", "C-3")]
    assert names == ["Under review", "Dispute", "Dispute"]


def test_a_rejection_that_can_be_disputed_shows_until_when(told: Told) -> None:
    """And one that can't is final; a dispute asks for the lost slots again (domain.md §4.2, 9)."""
    told.add(submitted("C-1", TEAMS))
    no = {"slots": (TEAMS,), "reason": "insufficient_proof", "comment": "No proof."}
    told.add(made(claims.ClaimRejected, **about("C-1"), **no, dispute_until=from_us(day(30))))
    assert (_claim(told)["state"], _awaited(told)) == ("rejected", [("C-1", "dispute", day(30))])
    again = {"justification": "Here it is.", "answer_due": from_us(day(9))}
    told.add(made(disputes.ClaimDisputed, **about("C-1"), **again))
    assert (_claim(told)["state"], _outcomes(told)) == ("dispute", ["asked"])
    assert _awaited(told) == [("C-1", "dispute_answer", day(9))]
    told.add(made(claims.ClaimRejected, **about("C-1"), **no))
    assert (_claim(told)["state"], _awaited(told)) == ("rejected_final", [])


def test_a_lapse_rejects_and_an_answer_that_was_in_time_undoes_it(told: Told) -> None:
    """Judged by when the answer came, not by what was recorded first (DESIGN §3)."""
    told.add(submitted("C-1", TEAMS))
    told.add(
        made(
            claims.ClaimLapsed,
            **about("C-1"),
            slots=(TEAMS,),
            due=from_us(day(3)),
            dispute_until=from_us(day(33)),
        )
    )
    assert (_claim(told)["state"], _outcomes(told)) == ("rejected", ["lapsed"])
    proof = submitted("C-1", TEAMS).proof
    told.add(made(claims.ClaimResubmitted, **about("C-1"), proof=proof, review_due=from_us(day(9))))
    assert (_claim(told)["state"], _outcomes(told)) == ("submitted", ["asked"])
    assert _awaited(told) == [("C-1", "review", day(9))]


def test_slots_of_one_claim_fare_differently(told: Told) -> None:
    """A claim is pending while one slot is asked for, approved while one is held."""
    told.add(submitted("C-1", TEAMS, EXCHANGE))
    told.add(approved("C-1", TEAMS))
    assert (_claim(told)["state"], _outcomes(told)) == ("submitted", ["held", "asked"])
    assert _awaited(told) == [("C-1", "review", day(5))]
    no = {"reason": "insufficient_proof", "comment": "No proof."}
    told.add(made(claims.ClaimRejected, **about("C-1"), slots=(EXCHANGE,), **no))
    assert (_claim(told)["state"], _outcomes(told)) == ("approved", ["held", "rejected"])
    assert _awaited(told) == []
    back = {"slots": (TEAMS,), "reason": "no_longer_working"}
    told.add(made(claims.ClaimDisassociated, **about("C-1"), **back))
    assert (_claim(told)["state"], _outcomes(told)) == (
        "rejected_final",
        ["given_back", "rejected"],
    )


def test_an_arbitration_is_told_to_both_claims(told: Told) -> None:
    """The loser is replaced and may dispute; both know why, and the auditor who the other was."""
    told.add(submitted("C-1", TEAMS))
    told.add(approved("C-1", TEAMS))
    rival = submitted(
        "C-2", TEAMS, location="201", contested=({"slot": TEAMS, "holder_claim": "C-1"},)
    )
    told.add(rival)
    until = from_us(day(30))
    won = {"consent_mode": "decline_any_time", "dispute_until": until}
    told.add(arbitrated(("C-2", "201"), ("C-1", "101"), "challenger_wins", TEAMS, **won))
    assert (_claim(told, "C-1")["state"], _outcomes(told, "C-1")) == ("replaced", ["replaced"])
    assert (_claim(told, "C-2")["state"], _outcomes(told, "C-2")) == ("approved", ["held"])
    contested = told.ask(claim_queries.claim_list, contested=True)
    assert [row["claim"] for row in contested] == ["C-2", "C-1"]
    assert _awaited(told) == [("C-1", "dispute", day(30))]
    history = told.history("C-1")
    assert [line["other_claim"] for line in history] == [None, None, "C-2", "C-2"]
    assert not any("C-2" in line["what"] or "201" in line["what"] for line in history)
    assert history[-1]["why"].startswith("The proofs were compared.")


def test_a_restored_predecessor_is_approved_again(told: Told) -> None:
    """The customer's no undoes what the arbitration did to it."""
    told.add(submitted("C-1", TEAMS))
    told.add(approved("C-1", TEAMS))
    told.add(submitted("C-2", TEAMS, location="201"))
    told.add(arbitrated(("C-2", "201"), ("C-1", "101"), "challenger_wins", TEAMS))
    no = {"from_the_beginning": True, "restored": ({"slot": TEAMS, "claim": "C-1"},)}
    told.add(made(consent.ConsentDeclined, **about("C-2", "201"), slots=(TEAMS,), **no))
    assert (_claim(told, "C-1")["state"], _outcomes(told, "C-1")) == ("approved", ["held"])
    assert _claim(told, "C-2")["state"] == "rejected_final"
    assert _claim(told, "C-2")["consent"] == "declined"


def test_silence_is_not_awaited_where_it_can_not_confirm(told: Told) -> None:
    """A bounced notice, or a contact of the partner's own: the customer's yes is needed."""
    window: dict[str, Any] = {"consent_mode": "opt_out_window", "consent_closes": from_us(day(9))}
    told.add(submitted("C-1", TEAMS))
    told.add(approved("C-1", TEAMS, **window))
    told.add(made(consent.NoticeBounced, **about("C-1")))
    assert (_claim(told)["consent"], _awaited(told)) == ("needed", [])
    told.add(submitted("C-2", EXCHANGE))
    told.add(approved("C-2", EXCHANGE, **window, silence_confirms=False))
    assert (_claim(told, "C-2")["consent"], _awaited(told)) == ("needed", [])


def test_a_late_objection_is_history_and_nothing_else(told: Told) -> None:
    """A fact without effect (domain.md §14.11)."""
    told.add(submitted("C-1", TEAMS))
    told.add(approved("C-1", TEAMS))
    before = _claim(told)
    told.add(made(consent.ObjectionRecorded, **about("C-1"), window_closed=from_us(day(1))))
    after = _claim(told)
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"updated_at", "updated_at_us"}
    assert "no effect" in told.history("C-1")[-1]["what"]


def test_a_business_applications_claim_ends_with_its_subscription(told: Told) -> None:
    """Row 14 of domain.md §4.2, in the history of the claim too."""
    told.add(submitted("C-5", USAGE_OF_S1))
    told.add(approved("C-5", USAGE_OF_S1))
    told.add(
        made(subscriptions.SubscriptionEnded, subscription="S-1", tenant=TENANT, reason="renewed"),
        on=30,
    )
    assert (_claim(told, "C-5")["state"], _outcomes(told, "C-5")) == ("ended", ["ended"])
    assert "renewed" in told.history("C-5")[-1]["what"]


def test_a_history_can_be_cut_where_it_was_known(told: Told) -> None:
    """As known at a position, what came later is not told."""
    told.add(submitted("C-1", TEAMS))
    told.add(approved("C-1", TEAMS))
    assert len(told.history("C-1", known=1)) == 1


def test_no_contact_reaches_the_views(told: Told) -> None:
    """They stay sealed in the log; not even the ciphertext is copied."""
    told.add(submitted("C-1", TEAMS))
    everything = "\n".join(told.views.connection.iterdump())
    assert "QUJD" not in everything
    assert "key-1" not in everything


def test_an_event_about_a_claim_nobody_submitted_is_damage(told: Told) -> None:
    """It can't come from a command; the views stay where they were."""
    told.add(submitted("C-1", TEAMS))
    with pytest.raises(DamagedError, match="C-9"):
        told.add(approved("C-9", TEAMS))
    assert _claim(told)["state"] == "submitted"
