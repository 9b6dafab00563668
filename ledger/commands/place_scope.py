"""Placing a subscription or a management group in the scope tree of its tenant."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.customer import CUSTOMER
from ledger.decision_models.group import PLACE
from ledger.refusal import Refused
from ledger.rules.azure_scope import DEEPEST
from ledger.rules.effective import effective_us
from ledger.rules.references import known
from ledger.rules.roles import permit
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
        before = facts(PLACE, self._key(self.subscription, self.management_group))
        if before.placed and before.parent == self.parent:
            raise Refused("already_placed", child=self._child, parent=self.parent or "the root")
        self._check_tree(facts)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=before.since_us,
            because="its last move",
        )
        event = ScopePlaced(
            tenant=self.tenant,
            subscription=self.subscription,
            management_group=self.management_group,
            parent=self.parent,
        )
        return Decision(event, at_us)

    @property
    def _child(self) -> str:
        if self.subscription:
            return f"subscription {self.subscription}"
        return f"management group {self.management_group}"

    def _key(self, subscription: str | None, management_group: str | None) -> str:
        return place_tag(self.tenant, subscription, management_group).partition(":")[2]

    def _check_tree(self, facts: Facts) -> None:
        """Refuse a circle, and a tree deeper than Azure's: so every walk up is short."""
        at, depth = self.parent, 0
        while at is not None:
            depth += 1
            if at == self.management_group:
                raise Refused("scope_in_itself", child=self._child, parent=self.parent)
            if depth > DEEPEST:
                raise Refused("scope_too_deep", child=self._child, most=DEEPEST)
            at = facts(PLACE, self._key(None, at)).parent
