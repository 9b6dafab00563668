"""Taking over who stood on a subscription's DPOR place before this ledger began."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import still_in_force
from ledger.rules.roles import permit
from ledger.rules.standing import living_location, subscription_now
from schemas.associations import DporSet
from schemas.values import Id, Imported, Instant


class ImportDpor(Command):
    """Record that the customer had put a partner on the DPOR place, as a file of its day tells.

    Only an empty place is filled so: whoever the customer's admin put there since stays.
    """

    NAME: ClassVar[str] = "dpor.import"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "subscription": "S-1",
        "location": "101",
        "effective_at": "2021-01-15T00:00:00Z",
        "imported": {
            "source": "Dynamics365_Usage.tsv",
            "sha256": "ab" * 32,
            "line": 2,
            "as_of": "2021-06-30",
        },
    }
    subscription: Id
    location: Id
    effective_at: Instant
    imported: Imported

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The place as the file tells it; the act was the customer's own (domain.md §6.1)."""
        found = subscription_now(facts, self.subscription)
        permit(facts, context, self.NAME, tenant=found.tenant)
        still_in_force("subscription", self.subscription, found.ended_us)
        living_location(facts, self.location)
        if found.dpor is not None:
            raise Refused("dpor_taken", location=found.dpor, subscription=self.subscription)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.dpor_since_us,
            because="the last change of this place",
        )
        event = DporSet(
            subscription=self.subscription,
            tenant=found.tenant,
            location=self.location,
            imported=self.imported,
        )
        return Decision(event, at_us)
