"""Linking a partner id to an identity in one customer tenant."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.customer import CUSTOMER
from ledger.decision_models.identity import IDENTITY
from ledger.decision_models.partner import LOCATION, ORGANISATION
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import known
from ledger.rules.roles import permit
from ledger.rules.standing import living_location
from schemas.associations import PalLinked
from schemas.time import FOREVER_US
from schemas.values import Id, Instant, TenantId


class LinkPal(Command):
    """Link a partner location to an identity in one customer tenant (PAL)."""

    NAME: ClassVar[str] = "pal.link"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "identity": "dev-1",
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "location": "101",
        "effective_at": "2020-09-01T00:00:00Z",
    }
    identity: Id
    tenant: TenantId
    location: Id
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The link, one for each identity and tenant, to a location only (domain.md §6.2).

        In the identity's home tenant, which is no customer, it counts for what Azure Lighthouse
        delegates there.
        """
        permit(facts, context, self.NAME, tenant=self.tenant, identity=self.identity)
        identity = known(facts, IDENTITY, self.identity)
        link = identity.link(self.tenant)
        if self.tenant != identity.home_tenant:
            known(facts, CUSTOMER, self.tenant)
        self._check_location(facts)
        if identity.state != "active":
            raise Refused(
                "identity_state",
                identity=self.identity,
                state=identity.state,
                command=self.NAME,
            )
        if link and link.ended_us == FOREVER_US:
            raise Refused(
                "pal_already_linked",
                identity=self.identity,
                location=link.location,
                tenant=self.tenant,
            )
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=link.ended_us if link else 0,
            because="the end of the link before",
        )
        event = PalLinked(identity=self.identity, tenant=self.tenant, location=self.location)
        return Decision(event, at_us)

    def _check_location(self, facts: Facts) -> None:
        """Only location ids work: "no record for this partner id" otherwise (domain.md §6.2)."""
        if facts(LOCATION, self.location) is None:
            organisation = facts(ORGANISATION, self.location) is not None
            raise Refused(
                "no_partner_record",
                value=self.location,
                what="an organisation" if organisation else "nobody's location",
            )
        living_location(facts, self.location)
