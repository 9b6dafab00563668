"""Recording that users of a customer went over to another tenant."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.customer import CUSTOMER
from ledger.decision_models.slot import SlotHistory
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import known
from ledger.rules.roles import permit
from ledger.rules.slots import workload_slot
from ledger.rules.standing import slot_now
from ledger.rules.workloads import table
from schemas.migrations import CustomerMigrated, Followed
from schemas.time import iso
from schemas.values import Instant, SlotName, TenantId


class MigrateCustomer(Command):
    """Record that users of a tenant went over to another one: all of them, or a number."""

    NAME: ClassVar[str] = "customer.migrate"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "to": "00000000-0000-4000-8000-0000000000f1",
        "users": 900,
        "effective_at": "2023-06-30T00:00:00Z",
    }
    tenant: TenantId
    to: TenantId
    users: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    effective_at: Instant | None = None

    @model_validator(mode="after")
    def _to_another(self) -> Self:
        if self.tenant == self.to:
            raise ValueError("`to` is the tenant itself; name the other one")
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The migration, and which holdings follow it (domain.md §14.9).

        Claims on workloads follow where the other tenant's slot is free. Where somebody else holds
        it nothing moves: the migration is a fact and can't be refused for that, and who moves in
        may contest the slot with a claim, as anybody (domain.md §5) [P]. Subscriptions do not move
        between tenants, so claims on those stay (domain.md §4.4).
        """
        permit(facts, context, self.NAME, tenant=self.tenant)
        for tenant in (self.tenant, self.to):
            customer = known(facts, CUSTOMER, tenant)
            if customer.migrated_to:
                at = iso(customer.migrated_us)
                raise Refused("tenant_left", tenant=tenant, to=customer.migrated_to, at=at)
        at_us = effective_us(context, self.NAME, self.effective_at)
        pairs = [self._pair(facts, workload, at_us) for workload in table()]
        found = [one for one in pairs if one is not None]
        event = CustomerMigrated(
            tenant=self.tenant,
            to=self.to,
            users=self.users,
            followed=tuple(one for one in found if isinstance(one, Followed)),
            left=tuple(one for one in found if isinstance(one, str)),
        )
        return Decision(event, at_us)

    def _pair(self, facts: Facts, workload: str, at_us: int) -> Followed | SlotName | None:
        """What becomes of a workload's holding: it follows, stays behind, or there is none."""
        slot, to = (workload_slot(tenant, workload) for tenant in (self.tenant, self.to))
        holder = slot_now(facts, slot).holder
        if holder is None:
            return None
        if at_us < holder.since_us:
            earliest, because = iso(holder.since_us), f"the start of the holding of {slot}"
            raise Refused(
                "effective_too_early", value=iso(at_us), earliest=earliest, because=because
            )
        there = slot_now(facts, to)
        if _taken(there, holder.claim, at_us):
            return to
        holds = there.holder is not None
        if holds and self.users is not None:
            return None  # the claim holds at both tenants already
        return Followed(
            claim=holder.claim,
            location=holder.location,
            workload=workload,
            slot=slot,
            to=None if holds else to,
        )


def _taken(there: SlotHistory, claim: str, at_us: int) -> bool:
    """Whether another claim holds the slot, waits for the customer's yes to, or held it later."""
    others = [one for one in there.occupants() if one != claim]
    after = there.after(at_us)
    return bool(others) or (after is not None and after.claim != claim)
