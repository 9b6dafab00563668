"""Giving a partner delegated administration of a tenant."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.customer import CUSTOMER
from ledger.decision_models.delegated_admin import DELEGATIONS
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import known
from ledger.rules.roles import permit
from ledger.rules.standing import living_location
from schemas.associations import DelegatedAdminGranted
from schemas.time import from_us, iso
from schemas.values import Id, Instant, TenantId, Text

SHORTEST_GDAP = timedelta(days=1)
LONGEST_GDAP = timedelta(days=731)
"""Two years with a leap day (domain.md §6.3)."""


class GrantDelegatedAdmin(Command):
    """Give a partner location delegated administration: DAP, or GDAP with roles and an end."""

    NAME: ClassVar[str] = "delegated_admin.grant"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "location": "101",
        "kind": "GDAP",
        "roles": ["Service support administrator"],
        "until": "2022-06-30T00:00:00Z",
        "effective_at": "2020-07-01T00:00:00Z",
    }
    tenant: TenantId
    location: Id
    kind: Literal["DAP", "GDAP"]
    roles: Annotated[tuple[Text, ...], Field(max_length=100)] = ()
    until: Instant | None = None
    effective_at: Instant | None = None

    @model_validator(mode="after")
    def _granular_has_roles_and_an_end(self) -> Self:
        granular = self.kind == "GDAP"
        for name, given in (("roles", bool(self.roles)), ("until", self.until is not None)):
            if granular and not given:
                raise ValueError(f"GDAP needs {name}")
            if given and not granular:
                raise ValueError(f"DAP has no {name}; leave it out or make it GDAP")
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The grant by the customer, one for each partner location at a time (domain.md §6.3)."""
        permit(facts, context, self.NAME, tenant=self.tenant)
        known(facts, CUSTOMER, self.tenant)
        living_location(facts, self.location)
        before = facts(DELEGATIONS, self.tenant).of(self.location)
        if before and before.until_us > context.now_us:
            raise Refused(
                "delegated_admin_held",
                location=self.location,
                kind=before.kind,
                tenant=self.tenant,
                since=iso(before.from_us),
            )
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=before.until_us if before else 0,
            because="the end of the delegation before",
        )
        self._check_term(at_us)
        event = DelegatedAdminGranted(
            tenant=self.tenant,
            location=self.location,
            kind=self.kind,
            roles=self.roles,
            until=self.until,
        )
        return Decision(event, at_us)

    def _check_term(self, from_instant_us: int) -> None:
        start = from_us(from_instant_us)
        if self.until and not SHORTEST_GDAP <= self.until - start <= LONGEST_GDAP:
            raise Refused("gdap_term", start=iso(from_instant_us), until=self.until.isoformat())
