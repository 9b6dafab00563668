"""A partner's request for granular delegated administration."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.customer import CUSTOMER
from ledger.decision_models.gdap import GDAP
from ledger.refusal import Refused
from ledger.rules.gdap import terms
from ledger.rules.references import known, unused
from ledger.rules.roles import permit
from ledger.rules.standing import living_location
from schemas.gdap import GdapRequested
from schemas.time import from_us
from schemas.values import Id, TenantId, Text


class RequestGdap(Command):
    """Ask a customer for GDAP: named roles for a stated time; lapses unless it is approved."""

    NAME: ClassVar[str] = "gdap.request"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "relationship": "G-1",
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "location": "101",
        "roles": ["Service Support Administrator", "Directory Readers"],
        "duration_days": 365,
    }
    relationship: Id
    tenant: TenantId
    location: Id
    roles: Annotated[tuple[Text, ...], Field(min_length=1, max_length=100)]
    duration_days: Annotated[int, Field(ge=0, le=100_000)]
    auto_extend: bool = False

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The request; a partner may have several with one tenant (domain.md §6.3)."""
        permit(facts, context, self.NAME, location=self.location)
        known(facts, CUSTOMER, self.tenant)
        living_location(facts, self.location)
        unused(facts, GDAP, self.relationship)
        now, rules = from_us(context.now_us), terms()
        if not rules.shortest_days <= self.duration_days <= rules.longest_days:
            raise Refused(
                "gdap_duration",
                days=self.duration_days,
                least=rules.shortest_days,
                most=rules.longest_days,
            )
        if self.auto_extend and not rules.extends_at(now):
            raise Refused("gdap_no_auto_extend", since=rules.auto_extend_from)
        event = GdapRequested(
            relationship=self.relationship,
            tenant=self.tenant,
            location=self.location,
            roles=self.roles,
            duration_days=self.duration_days,
            auto_extend=self.auto_extend,
            lapses=now + timedelta(days=rules.request_lapses_days),
        )
        return Decision(event, context.now_us)
