"""What each event changes about its claim in the view (domain.md §4.2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from projections.claim_record import HELD, LOST, ClaimRecord, ClaimSlot
from schemas.time import from_iso

instant_us = lru_cache(maxsize=65_536)(from_iso)
"""Microseconds UTC of an instant as an event writes it."""


def maybe_us(instant: str | None) -> int | None:
    """As ``instant_us``, where there may be none."""
    return instant_us(instant) if instant else None


def asked_slots(data: dict[str, Any], position: int) -> list[ClaimSlot]:
    """The slots that a submission or a change asks for."""
    return [
        ClaimSlot(slot["slot"], slot.get("workload"), slot.get("subscription"), "asked", position)
        for slot in data["slots"]
    ]


def _review_started(known: ClaimRecord, data: dict[str, Any]) -> None:
    known.state = "under_review"
    known.await_until("decision", instant_us(data["decision_due"]))


def _action_requested(known: ClaimRecord, data: dict[str, Any]) -> None:
    known.state = "partner_action_required"
    known.await_until("answer", instant_us(data["answer_due"]))


def _resubmitted(known: ClaimRecord, data: dict[str, Any]) -> None:
    # An answer that came in time but was keyed in late undoes the lapse recorded meanwhile.
    known.state = "submitted"
    known.turn(known.with_outcome(("lapsed",)), "asked", "submitted")
    if not known.with_outcome(LOST):
        known.dispute_until_us = None
    known.await_until("review", instant_us(data["review_due"]))


def _approved(known: ClaimRecord, data: dict[str, Any]) -> None:
    approve(known, data, "awaiting_consent" if awaits_yes(known, data) else "held")


def awaits_yes(known: ClaimRecord, data: dict[str, Any]) -> bool:
    """Whether an approval holds only from the customer's yes on: the event tells, or the claim."""
    told: bool | None = data.get("awaits_yes")
    if told is not None:
        return told
    return data["consent_mode"] == "explicit" and known.consent != "confirmed"


def approve(known: ClaimRecord, data: dict[str, Any], outcome: str) -> None:
    """Slots were approved or won, and a consent of their own begins."""
    known.begin_consent(data["slots"])
    mode = data.get("consent_mode")
    silence = data.get("silence_confirms", True)
    known.turn(data["slots"], outcome, "approved")
    known.consent_mode, known.consent_closes_us = mode, maybe_us(data.get("consent_closes"))
    if mode == "explicit":
        known.consent = "confirmed" if known.consent == "confirmed" else "needed"
    elif not silence:
        known.consent = "needed"
    elif mode == "opt_out_window":
        known.consent = "window"
    else:
        known.consent = "standing"
    known.await_the_rest()


def lose(known: ClaimRecord, slots: list[str], outcome: str, until_us: int | None) -> None:
    """Slots were lost, disputable until an instant or for good."""
    known.turn(slots, outcome, "rejected" if until_us else "rejected_final")
    known.dispute_until_us = until_us
    known.await_the_rest()


def _rejected(known: ClaimRecord, data: dict[str, Any]) -> None:
    if data.get("held"):
        _given_back(known, data)
        return
    lose(known, data["slots"], "rejected", maybe_us(data.get("dispute_until")))


def _lapsed(known: ClaimRecord, data: dict[str, Any]) -> None:
    lose(known, data["slots"], "lapsed", maybe_us(data.get("dispute_until")))


def _declined(known: ClaimRecord, data: dict[str, Any]) -> None:
    rest = [slot for slot in known.slots if slot.outcome in HELD and slot.slot not in data["slots"]]
    going_on = known.consent in ("window", "needed", "standing")
    if not (going_on and any(not slot.consented for slot in rest)):
        # What is still held was consented to before.
        known.consent = "passed" if rest else "declined"
    lose(known, data["slots"], "declined", maybe_us(data.get("dispute_until")))


def _given_back(known: ClaimRecord, data: dict[str, Any]) -> None:
    known.turn(data["slots"], "given_back", "rejected_final")
    if not known.with_outcome(LOST):
        known.dispute_until_us = None
    known.await_the_rest()


def _amended(known: ClaimRecord, data: dict[str, Any]) -> None:
    names = [slot["slot"] for slot in data["slots"]]
    back = [name for name in known.with_outcome(("withdrawn",)) if name in names]
    known.turn(back, "asked", known.state)
    known.turn(data.get("withdrawn", ()), "withdrawn", known.state)
    known.await_the_rest()


def _disputed(known: ClaimRecord, data: dict[str, Any]) -> None:
    known.state = "dispute"
    known.turn(known.with_outcome(LOST), "asked", "dispute")
    known.dispute_until_us = None
    known.disputes += 1
    known.await_until("dispute_answer", instant_us(data["answer_due"]))


def _confirmed(known: ClaimRecord, _: dict[str, Any]) -> None:
    known.turn(known.with_outcome(("awaiting_consent",)), "held", known.state)
    _consented(known, "confirmed")


def _passed(known: ClaimRecord, _: dict[str, Any]) -> None:
    _consented(known, "passed")


def _bounced(known: ClaimRecord, _: dict[str, Any]) -> None:
    _consented(known, "needed" if known.consent in ("window", "standing") else known.consent)


def _consented(known: ClaimRecord, consent: str | None) -> None:
    known.consent = consent
    known.await_the_rest()


def _nothing(_: ClaimRecord, __: dict[str, Any]) -> None:
    """The event is history only."""


CHANGES: dict[str, Callable[[ClaimRecord, dict[str, Any]], None]] = {
    "claim.amended.v1": _amended,
    "claim.commented.v1": _nothing,
    "claim.review_started.v1": _review_started,
    "claim.action_requested.v1": _action_requested,
    "claim.resubmitted.v1": _resubmitted,
    "claim.proof_added.v1": _nothing,
    "claim.approved.v1": _approved,
    "claim.rejected.v1": _rejected,
    "claim.lapsed.v1": _lapsed,
    "claim.disassociated.v1": _given_back,
    "claim.disputed.v1": _disputed,
    "consent.confirmed.v1": _confirmed,
    "consent.passed.v1": _passed,
    "consent.declined.v1": _declined,
    "consent.objection_recorded.v1": _nothing,
    "consent.notice_bounced.v1": _bounced,
}
"""By type; what an arbitration and a subscription's end mean depends on the claim's side."""
