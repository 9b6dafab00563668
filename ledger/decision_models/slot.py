"""Who holds a slot in which interval of effective time, and who asks for it (DESIGN §6).

Intervals never overlap, stand in the order of their beginning, and only the last can be open: no
decision is effective later than it is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ledger.decision import Fact, Model
from schemas.claims import (
    ClaimAmended,
    ClaimApproved,
    ClaimDisassociated,
    ClaimImported,
    ClaimRejected,
    ClaimSubmitted,
)
from schemas.consent import ConsentConfirmed, ConsentDeclined
from schemas.disputes import ArbitrationDecided
from schemas.event import Event
from schemas.migrations import CustomerMigrated
from schemas.subscriptions import SubscriptionEnded, SubscriptionMoved
from schemas.time import FOREVER_US
from schemas.values import ConsentMode


class Holding(NamedTuple):
    """A claim holds the slot at ``since_us <= instant < until_us`` (microseconds UTC).

    ``replaces`` is the claim that an arbitration ended in its favour, or empty.
    """

    claim: str
    location: str
    since_us: int
    until_us: int = FOREVER_US
    replaces: str = ""


class Asker(NamedTuple):
    """A claim that ever asked for the slot, and whose it is."""

    claim: str
    location: str
    organisation: str


class SlotHistory(NamedTuple):
    """Everything that ever happened to a slot.

    ``awaiting`` are claims that were approved and hold the slot from the customer's yes on;
    ``confirmed`` are claims whose customer has said yes; ``slot`` is its name.
    """

    holdings: tuple[Holding, ...] = ()
    askers: tuple[Asker, ...] = ()
    awaiting: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
    slot: str = ""

    @property
    def holder(self) -> Holding | None:
        """Who holds the slot with no end in sight."""
        last = self.holdings[-1] if self.holdings else None
        return last if last and last.until_us == FOREVER_US else None

    def at(self, instant_us: int) -> Holding | None:
        """Who holds the slot at an instant."""
        for holding in reversed(self.holdings):
            if holding.since_us <= instant_us < holding.until_us:
                return holding
        return None

    def after(self, instant_us: int) -> Holding | None:
        """The last holding that reaches beyond an instant, whosever it is."""
        for holding in reversed(self.holdings):
            if holding.until_us > instant_us:
                return holding
        return None

    def occupants(self) -> tuple[str, ...]:
        """The claims in the way of another: the holder, and those that await a customer's yes."""
        holder = self.holder
        return (holder.claim, *self.awaiting) if holder else self.awaiting

    def replaced_by(self, claim: str) -> str:
        """Whom the claim replaced, if no other came after it; else empty.

        Empty, too, where the replaced claim never held: its customer's no undid that since.
        """
        if len(self.holdings) < 2:
            return ""
        before, last = self.holdings[-2:]
        return last.replaces if last.claim == claim and before.claim == last.replaces else ""

    def ended(self, claim: str, at_us: int) -> SlotHistory:
        """This slot when the claim holds nothing from an instant on, nor waits for the customer.

        An end that is told late ends earlier holdings of the claim, too, as far as they lie after.
        """
        left = []
        for held in self.holdings:
            if held.claim != claim or held.until_us <= at_us:
                left.append(held)
            elif held.since_us < at_us:
                left.append(held._replace(until_us=at_us))
        return self._replace(holdings=tuple(left), awaiting=_without(self.awaiting, claim))

    def begun(self, claim: str, location: str, at_us: int, replaces: str = "") -> SlotHistory:
        """This slot after the claim began to hold it."""
        return self._replace(
            holdings=(*self.holdings, Holding(claim, location, at_us, FOREVER_US, replaces)),
            awaiting=_without(self.awaiting, claim),
        )

    def annulled(self, claim: str) -> SlotHistory:
        """This slot as if the claim's last holding, or its waiting for one, had never been."""
        rest = self._replace(awaiting=_without(self.awaiting, claim))
        for n in range(len(self.holdings) - 1, -1, -1):
            if self.holdings[n].claim == claim:
                return rest._replace(holdings=self.holdings[:n] + self.holdings[n + 1 :])
        return rest

    def restored(self, claim: str, until_us: int) -> SlotHistory:
        """This slot after the claim's last holding was lengthened."""
        last = self.holdings[-1]
        assert last.claim == claim, "only the holder just before can be restored"
        return self._replace(holdings=(*self.holdings[:-1], last._replace(until_us=until_us)))


def _without(claims: tuple[str, ...], claim: str) -> tuple[str, ...]:
    return tuple(one for one in claims if one != claim) if claim in claims else claims


def _submitted(slot: SlotHistory, _: Fact, event: ClaimSubmitted) -> SlotHistory:
    asker = Asker(event.claim, event.location, event.organisation)
    return slot._replace(askers=(*slot.askers, asker))


def _imported(slot: SlotHistory, fact: Fact, event: ClaimImported) -> SlotHistory:
    asker = Asker(event.claim, event.location, event.organisation)
    begun = slot.begun(event.claim, event.location, fact.effective_at_us)
    return begun._replace(askers=(*slot.askers, asker))


def _amended(slot: SlotHistory, _: Fact, event: ClaimAmended) -> SlotHistory:
    # Whether the claim still asks for this slot is the claim's to say; here counts whose it is.
    others = tuple(asker for asker in slot.askers if asker.claim != event.claim)
    asker = Asker(event.claim, event.location, event.organisation)
    return slot._replace(askers=(*others, asker))


def _approved(slot: SlotHistory, fact: Fact, event: ClaimApproved) -> SlotHistory:
    awaits_yes = event.awaits_yes
    if awaits_yes is None:
        awaits_yes = (
            event.consent_mode is ConsentMode.EXPLICIT and event.claim not in slot.confirmed
        )
    if awaits_yes:
        return slot._replace(awaiting=(*slot.awaiting, event.claim))
    return slot.begun(event.claim, event.location, fact.effective_at_us)


def _confirmed(slot: SlotHistory, fact: Fact, event: ConsentConfirmed) -> SlotHistory:
    begins = event.claim in slot.awaiting
    if event.claim not in slot.confirmed:
        slot = slot._replace(confirmed=(*slot.confirmed, event.claim))
    return slot.begun(event.claim, event.location, fact.effective_at_us) if begins else slot


def _given_up(
    slot: SlotHistory, fact: Fact, event: ClaimDisassociated | ClaimRejected
) -> SlotHistory:
    return slot.ended(event.claim, fact.effective_at_us)


def _declined(slot: SlotHistory, fact: Fact, event: ConsentDeclined) -> SlotHistory:
    slot = slot._replace(confirmed=_without(slot.confirmed, event.claim))
    if not event.from_the_beginning:
        return slot.ended(event.claim, fact.effective_at_us)
    before = slot.replaced_by(event.claim)
    after = slot.annulled(event.claim)
    if any(back.claim == before for back in event.restored):
        return after.restored(before, slot.holdings[-1].until_us)
    return after


def _arbitrated(slot: SlotHistory, fact: Fact, event: ArbitrationDecided) -> SlotHistory:
    if event.outcome != "challenger_wins":
        return slot
    holder, winner = slot.holder, event.challenger
    for side in event.incumbents:
        slot = slot.ended(side.claim, fact.effective_at_us)
    if slot.slot in (event.vacated or ()):
        return slot
    replaces = holder.claim if holder else ""
    return slot.begun(winner.claim, winner.location, fact.effective_at_us, replaces)


def _migrated(slot: SlotHistory, fact: Fact, event: CustomerMigrated) -> SlotHistory:
    """The claim goes on at the other tenant; it ends here where all users left (§14.9)."""
    for one in event.followed:
        if one.slot == slot.slot and event.users is None:
            slot = slot.ended(one.claim, fact.effective_at_us)
        if one.to == slot.slot:
            asker = Asker(one.claim, one.location, "")
            slot = slot._replace(askers=(*slot.askers, asker))
            slot = slot.begun(one.claim, one.location, fact.effective_at_us)
    return slot


def _subscription_ended(
    slot: SlotHistory, fact: Fact, _: SubscriptionEnded | SubscriptionMoved
) -> SlotHistory:
    for claim in (*dict.fromkeys(held.claim for held in slot.holdings), *slot.awaiting):
        slot = slot.ended(claim, fact.effective_at_us)
    return slot


_FOLDS: dict[type[Event], Callable[[SlotHistory, Fact, Any], SlotHistory]] = {
    ClaimSubmitted: _submitted,
    ClaimImported: _imported,
    ClaimAmended: _amended,
    ClaimApproved: _approved,
    ClaimDisassociated: _given_up,
    ClaimRejected: _given_up,
    ConsentConfirmed: _confirmed,
    ConsentDeclined: _declined,
    ArbitrationDecided: _arbitrated,
    CustomerMigrated: _migrated,
    SubscriptionEnded: _subscription_ended,
    SubscriptionMoved: _subscription_ended,  # tagged with the slots that end only
}


def _apply(slot: SlotHistory, fact: Fact) -> SlotHistory:
    return _FOLDS[type(fact.event)](slot, fact, fact.event)


def _named(slot: str) -> SlotHistory:
    return SlotHistory(slot=slot)


SLOT = Model(
    name="slot", tag="slot", types=tuple(_FOLDS), start=SlotHistory(), apply=_apply, named=_named
)
"""The intervals of a slot; key: its name, such as ``cpor:m365:<tenant>:teams``."""
