"""A claim as its fold knows it now, and the tables of what an event makes of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

OPEN = frozenset({"asked", "awaiting_consent", "held"})
"""Outcomes of slots that a claim still asks for or has."""

HELD = ("held", "awaiting_consent")
"""Outcomes of slots that a claim has, or is to have with the customer's yes."""

LOST = frozenset({"rejected", "lapsed", "declined", "replaced"})
"""Outcomes that may be disputed (domain.md §4.2, 9)."""

_ONCE_HELD = (*HELD, "replaced")

_NAMES_2023 = {
    "draft": "Draft",
    "discarded": "Discarded",
    "submitted": "Submitted",
    "under_review": "Under review",
    "partner_action_required": "Partner action required",
    "approved": "Approved",
    "rejected": "Rejected",
    "dispute": "Dispute",
    "rejected_final": "Rejected final",
    "replaced": "Replaced",
    "ended": "Ended",
}

# In 2020 a draft was being edited, a dispute was an action, not a state, and nothing was final in
# name (domain.md §4.1).
_NAMES_2020 = {
    **_NAMES_2023,
    "draft": "Editing",
    "dispute": "Under review",
    "rejected_final": "Rejected",
}

STATE_NAMES = {"P2020": _NAMES_2020, "P2023": _NAMES_2023}
"""What each policy calls a state; the sources have no name for replaced, ended and discarded."""


def state_name(state: str, policy: str | None) -> str:
    """The state in the words of the claim's policy; other policies speak as the newest does.

    >>> state_name("dispute", "P2020"), state_name("dispute", "P2023")
    ('Under review', 'Dispute')
    """
    return STATE_NAMES.get(policy or "", _NAMES_2023)[state]


class ClaimSlot:
    """A slot on a claim and what became of it.

    ``consented`` is 1 where its consent was settled before that of slots approved later began;
    ``asked_at`` is the position from which on the claim asked for it.
    """

    __slots__ = ("asked_at", "consented", "outcome", "slot", "subscription", "workload")

    def __init__(
        self,
        slot: str,
        workload: str | None,
        subscription: str | None,
        outcome: str,
        asked_at: int,
        consented: int = 0,
    ) -> None:
        self.slot, self.workload, self.subscription = slot, workload, subscription
        self.outcome, self.asked_at, self.consented = outcome, asked_at, consented


class ClaimRecord:
    """What changes about a claim, and what later events need of it. Mutable: a row in memory.

    ``fixed`` are the columns that never change, until the row is first written; ``noted`` is what
    ``standing`` gave after the latest step.
    """

    __slots__ = (
        "activity",
        "consent",
        "consent_closes_us",
        "consent_mode",
        "contested",
        "deadline",
        "deadline_us",
        "dispute_until_us",
        "disputes",
        "fixed",
        "no",
        "noted",
        "organisation",
        "partner",
        "slots",
        "slots_changed",
        "state",
        "updated_at",
        "updated_at_us",
    )

    def __init__(
        self, no: int, partner: str, organisation: str, activity: str, slots: list[ClaimSlot]
    ) -> None:
        self.no, self.partner, self.organisation = no, partner, organisation
        self.activity, self.slots = activity, slots
        self.fixed: tuple[Any, ...] | None = None
        self.noted: tuple[str | int, ...] | None = None
        self.slots_changed = True
        self.state = "submitted"
        self.contested = 0
        self.consent: str | None = None
        self.consent_mode: str | None = None
        self.consent_closes_us: int | None = None
        self.deadline: str | None = None
        self.deadline_us: int | None = None
        self.dispute_until_us: int | None = None
        self.disputes = 0
        self.updated_at = self.updated_at_us = 0

    def standing(self) -> tuple[str | int, ...]:
        """What events change, in the order of the table ``claim_states``; '' for none."""
        closes_us, due_us, until_us = (
            self.consent_closes_us,
            self.deadline_us,
            self.dispute_until_us,
        )
        return (
            self.state,
            self.consent or "",
            self.consent_mode or "",
            "" if closes_us is None else closes_us,
            self.deadline or "",
            "" if due_us is None else due_us,
            "" if until_us is None else until_us,
            self.disputes,
            self.updated_at_us,
            self.updated_at,
            self.partner,
            self.organisation,
            self.contested,
            self.outcomes(),
        )

    def outcomes(self) -> str:
        """What became of each slot, in their order on the claim, space between."""
        if len(self.slots) == 1:  # as most claims
            return self.slots[0].outcome
        return " ".join([slot.outcome for slot in self.slots])

    def await_until(self, deadline: str | None, due_us: int | None) -> None:
        """What is awaited next, and until when; None for nothing."""
        self.deadline, self.deadline_us = deadline, due_us

    def await_the_rest(self) -> None:
        """What is still awaited after a slot or the consent found its end."""
        outcomes = [slot.outcome for slot in self.slots]
        # While another slot of the claim is asked for, its review goes on.
        if "asked" in outcomes:
            return
        waits = [slot for slot in self.slots if slot.outcome in HELD and not slot.consented]
        if self.consent == "window" and waits:
            self.await_until("consent", self.consent_closes_us)
        else:
            self.await_until(None, None)

    def begin_consent(self, slots: Collection[str]) -> None:
        """A consent begins for some slots; that of the others is settled, if it came to its end."""
        settled = self.consent in ("passed", "confirmed")
        for slot in self.slots:
            if slot.slot in slots:
                consented = 0
            elif settled and slot.outcome in _ONCE_HELD:
                consented = 1
            else:
                continue
            self.slots_changed = self.slots_changed or slot.consented != consented
            slot.consented = consented

    def ask(self, slot: ClaimSlot) -> None:
        """Ask for a slot besides, unless it stands on the claim already."""
        if self.find(slot.slot) is None:
            self.slots.append(slot)
            self.slots_changed = True

    def turn(self, slots: Collection[str], outcome: str, end: str) -> None:
        """Give some slots an outcome; ``end`` is the state if no other is asked for or held."""
        asked = held = False
        for slot in self.slots:
            if slot.slot in slots and slot.outcome != "ended":  # nothing revives what is over
                slot.outcome = outcome
                self.slots_changed = True
            asked = asked or slot.outcome == "asked"
            held = held or slot.outcome in OPEN
        if not asked:
            over = all(slot.outcome == "ended" for slot in self.slots)
            self.state = "approved" if held else "ended" if over else end

    def with_outcome(self, outcomes: Collection[str]) -> list[str]:
        """The slots with one of these outcomes."""
        return [slot.slot for slot in self.slots if slot.outcome in outcomes]

    def find(self, slot: str) -> ClaimSlot | None:
        """The slot of that name on the claim."""
        return next((own for own in self.slots if own.slot == slot), None)
