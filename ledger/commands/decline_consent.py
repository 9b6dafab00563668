"""Declining a claim as its customer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, NamedTuple

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.claim import Claim
from ledger.decision_models.policy import policy_of
from ledger.refusal import Refused
from ledger.rules.claim_steps import customers_claim, in_state
from ledger.rules.consent import deniable, no_undoes, restored, window_beside
from ledger.rules.disputes import dispute_until
from ledger.rules.policy import ClaimState, Policy
from ledger.rules.received import judged_us
from ledger.rules.roles import permit
from ledger.rules.standing import living_claim, slot_now
from schemas.consent import ConsentDeclined, ObjectionRecorded
from schemas.time import from_us
from schemas.values import Comment, Id, Instant, SlotName

_WORKLOADS = "cpor:m365:"
"""How slots begin that name a tenant."""


class _No(NamedTuple):
    """What a no is about: slots that were asked for only, or whose holding it undoes or ends."""

    slots: tuple[str, ...]
    pending: bool
    undoes: bool


class DeclineConsent(Command):
    """Say no to a claim, or some slots of it, as its customer; a late no may have no effect.

    ``slots`` narrows the no; what is left of the claim goes on as it was, and so does what it
    holds at another tenant, whose customer says its own no (domain.md §14.9). ``received_at`` is
    for the operator, who keys in late what came in time; ``comment`` then names the evidence.
    """

    NAME: ClassVar[str] = "consent.decline"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "comment": "Another partner did the work.",
    }
    claim: Id
    slots: Annotated[tuple[SlotName, ...], Field(max_length=20)] = ()
    comment: Comment | None = None
    received_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end of the holding, or the objection as a fact (domain.md §4.2, row 7)."""
        if self.received_at is None:
            claim = self._customers(facts, context)
        else:
            claim = living_claim(facts, self.claim)
        at_us = judged_us(facts, context, self.NAME, claim, self.received_at, self.comment)
        policy = policy_of(facts, claim.policy)
        slots, pending, undoes = self._said(claim, policy, at_us)
        if pending and _held_once(facts, claim, slots):
            undoes = False  # it is asked for again; the earlier holding stands as it ended
        if not (undoes or pending) and policy.consent.late_no == "recorded":
            return self._objection(claim, at_us)
        event = ConsentDeclined(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            slots=slots,
            from_the_beginning=undoes,
            restored=restored(facts, claim, slots) if undoes else (),
            comment=self.comment,
            dispute_until=dispute_until(facts, policy, claim, context.now_us),
            answer_due=_still_due(claim, slots),
            consent_closes=window_beside(claim, slots),
        )
        return Decision(event, at_us, claim.position)

    def _customers(self, facts: Facts, context: Context) -> Claim:
        """The claim, for its customer, or for that of the slots named, where users went (§14.9)."""
        places = {slot.split(":")[2] for slot in self.slots if slot.startswith(_WORKLOADS)}
        claim = living_claim(facts, self.claim)
        if len(places) == 1 and set(self.slots) <= {slot.slot for slot in claim.slots}:
            permit(facts, context, self.NAME, tenant=places.pop())
            return claim
        return customers_claim(facts, context, self.NAME, self.claim)

    def _said(self, claim: Claim, policy: Policy, at_us: int) -> _No:
        """What the no is about; ``wrong_state`` where there is nothing to say no to."""
        named = tuple(dict.fromkeys(self.slots))
        undoes = no_undoes(claim, at_us)
        if named:
            return self._narrowed(claim, policy, named, undoes=undoes)
        beginning, held = _at_home(claim, deniable(claim)), _at_home(claim, claim.held)
        if undoes and beginning and (claim.held or claim.state is ClaimState.REPLACED):
            return _No(beginning, pending=False, undoes=True)
        if held:
            return _No(held, pending=False, undoes=False)
        if claim.held and not claim.asked:
            raise Refused(
                "not_deniable",
                claim=claim.claim,
                slots=f"anything at {claim.tenant}",
                deniable=f"{', '.join(claim.held)} (held, another customer's)",
            )
        self._before_approval(claim, policy)
        return _No(claim.asked, pending=bool(claim.asked), undoes=undoes or bool(claim.asked))

    def _narrowed(
        self, claim: Claim, policy: Policy, named: tuple[str, ...], *, undoes: bool
    ) -> _No:
        """The slots that were named; refused as ``not_deniable`` unless they stand alike.

        Each of them waits for approval, or a no undoes it, or it is held.
        """
        beginning = deniable(claim) if undoes else ()
        kept = tuple(slot for slot in claim.held if slot not in beginning)
        if set(named) <= set(claim.asked):
            self._before_approval(claim, policy)
            return _No(named, pending=True, undoes=True)
        if set(named) <= set(beginning):
            return _No(named, pending=False, undoes=True)
        if set(named) <= set(kept):
            return _No(named, pending=False, undoes=False)
        groups = (("asked for", claim.asked), ("not settled", beginning), ("held", kept))
        told = [f"{', '.join(slots)} ({what})" for what, slots in groups if slots]
        raise Refused(
            "not_deniable",
            claim=claim.claim,
            slots=", ".join(named),
            deniable="; ".join(told) or "nothing",
        )

    def _before_approval(self, claim: Claim, policy: Policy) -> None:
        pending = (
            ClaimState.SUBMITTED,
            ClaimState.UNDER_REVIEW,
            ClaimState.PARTNER_ACTION_REQUIRED,
            ClaimState.DISPUTE,
        )
        allowed = pending if policy.consent.no_before_approval else ()
        in_state(claim, self.NAME, *allowed, ClaimState.APPROVED)

    def _objection(self, claim: Claim, at_us: int) -> Decision:
        event = ObjectionRecorded(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            window_closed=from_us(claim.consented_us or claim.consent_closes_us),
            comment=self.comment,
            slots=tuple(dict.fromkeys(self.slots)) or None,
        )
        return Decision(event, at_us, claim.position)


def _at_home(claim: Claim, slots: tuple[str, ...]) -> tuple[str, ...]:
    """The slots less those at tenants to which some of the users went."""
    here = f"{_WORKLOADS}{claim.tenant}:"
    return tuple(slot for slot in slots if slot.startswith(here) or not slot.startswith(_WORKLOADS))


def _still_due(claim: Claim, slots: tuple[str, ...]) -> datetime | None:
    """When the partner's answer about what the no leaves is due, if one is awaited."""
    if claim.state is not ClaimState.PARTNER_ACTION_REQUIRED or set(claim.asked) <= set(slots):
        return None
    return from_us(claim.answer_due_us)


def _held_once(facts: Facts, claim: Claim, slots: tuple[str, ...]) -> bool:
    histories = [slot_now(facts, slot) for slot in slots]
    return any(one.claim == claim.claim for slot in histories for one in slot.holdings)
