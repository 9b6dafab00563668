"""Placing a subscription or a management group in the scope tree of its tenant."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.customer import CUSTOMER
from ledger.decision_models.group import PLACE
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import known
from ledger.rules.roles import permit
from ledger.rules.scope_tree import check_tree
from schemas.directory import ScopePlaced, place_tag
from schemas.values import Id, Instant, TenantId


class PlaceScope(Command):
    """Put a subscription or management group under a management group: roles above reach it."""

    NAME: ClassVar[str] = "scope.place"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "subscription": "S-3",
        "parent": "production",
        "effective_at": "2020-09-01T00:00:00Z",
    }
    tenant: TenantId
    subscription: Id | None = None
    management_group: Id | None = None
    parent: Id | None = None
    effective_at: Instant | None = None

    @model_validator(mode="after")
    def _one_is_placed(self) -> Self:
        if (self.subscription is None) == (self.management_group is None):
            raise ValueError("needs either subscription or management_group, to say what is placed")
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The move; without a parent it goes to the tenant's root (domain.md §6)."""
        permit(facts, context, self.NAME, tenant=self.tenant)
        known(facts, CUSTOMER, self.tenant)
        placed = place_tag(self.tenant, self.subscription, self.management_group)
        before = facts(PLACE, placed.partition(":")[2])
        if before.placed and before.parent == self.parent:
            raise Refused("already_placed", child=self._child, parent=self.parent or "the root")
        event = ScopePlaced(
            tenant=self.tenant,
            subscription=self.subscription,
            management_group=self.management_group,
            parent=self.parent,
        )
        check_tree(facts, event)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=before.since_us,
            because="its last move",
        )
        return Decision(event, at_us)

    @property
    def _child(self) -> str:
        if self.subscription:
            return f"subscription {self.subscription}"
        return f"management group {self.management_group}"
