"""Recording that the resources of a deployment are gone."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.tracking import DEPLOYMENT
from ledger.rules.effective import effective_us
from ledger.rules.references import known, still_in_force
from ledger.rules.roles import permit
from schemas.tracking import DeploymentEnded
from schemas.values import Id, Instant


class EndDeployment(Command):
    """Record that the resources of a tracked deployment were deleted."""

    NAME: ClassVar[str] = "deployment.end"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "deployment": "D-1",
        "effective_at": "2021-03-01T00:00:00Z",
    }
    deployment: Id
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end of the association, for want of resources [P] (domain.md §6.4)."""
        permit(facts, context, self.NAME)
        found = known(facts, DEPLOYMENT, self.deployment)
        still_in_force("deployment", self.deployment, found.ended_us)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.deployed_us,
            because="the deployment itself",
        )
        event = DeploymentEnded(
            deployment=self.deployment,
            tracking_id=found.tracking_id,
            location=found.location,
            tenant=found.tenant,
        )
        return Decision(event, at_us)
