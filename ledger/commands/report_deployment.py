"""Reporting what was deployed with a tracking id."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.customer import CUSTOMER
from ledger.decision_models.tracking import DEPLOYMENT, TRACKING, Tracking
from ledger.refusal import Refused
from ledger.rules.azure_scope import key, subscription
from ledger.rules.cua import rules
from ledger.rules.effective import effective_us
from ledger.rules.references import known, unused
from ledger.rules.roles import permit
from schemas.associations import Scope
from schemas.time import iso
from schemas.tracking import DeploymentReported, TrackingId
from schemas.values import Id, Instant, TenantId


class ReportDeployment(Command):
    """Report a deployment that carries a tracking id: its resources are attributed to it."""

    NAME: ClassVar[str] = "deployment.report"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "deployment": "D-1",
        "tracking_id": "pid-eb7927c8-dd66-43e1-b0cf-c346a4220633",
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "subscription": "S-3",
        "scope": "/subscriptions/S-3/resourceGroups/shop",
        "effective_at": "2020-09-01T00:00:00Z",
    }
    deployment: Id
    tracking_id: TrackingId
    tenant: TenantId
    subscription: Id
    scope: Scope
    automatic: bool = False
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The association of its resources; only of new deployments (domain.md §6.4)."""
        permit(facts, context, self.NAME)
        unused(facts, DEPLOYMENT, self.deployment)
        found = known(facts, TRACKING, self.tracking_id)
        known(facts, CUSTOMER, self.tenant)
        self._check_scope()
        earliest_us, because = self._earliest(found, context)
        at_us = effective_us(
            context, self.NAME, self.effective_at, not_before_us=earliest_us, because=because
        )
        if at_us >= found.removed_us:
            raise Refused("tracking_id_removed", value=self.tracking_id, at=iso(found.removed_us))
        event = DeploymentReported(
            deployment=self.deployment,
            tracking_id=self.tracking_id,
            location=found.location,
            kind=found.kind,
            tenant=self.tenant,
            subscription=self.subscription,
            scope=self.scope,
            automatic=self.automatic,
        )
        return Decision(event, at_us)

    def _check_scope(self) -> None:
        lies_in = subscription(self.scope)
        if lies_in is None or key(lies_in) != key(self.subscription):
            raise Refused("scope_elsewhere", scope=self.scope, subscription=self.subscription)

    def _earliest(self, found: Tracking, context: Context) -> tuple[int, str]:
        """Since when deployments with the id are tracked, and why since then."""
        if not self.automatic:
            return found.registered_us, "when its tracking id was registered"
        marketplace = rules()
        since_us = marketplace.automatic_from_us
        if found.kind not in marketplace.automatic_kinds or context.now_us < since_us:
            raise Refused("tracking_not_automatic", kind=found.kind, since=iso(since_us))
        return marketplace.back_filled_from_us, "how far back marketplace deployments are tracked"
