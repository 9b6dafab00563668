"""Taking over a claim that was approved elsewhere before this ledger began."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.claim import CLAIM
from ledger.decision_models.customer import CUSTOMER
from ledger.decision_models.policy import POLICY
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.exclusivity import (
    Reach,
    free_since,
    not_yet_own,
    occupied,
    on_living_subscriptions,
)
from ledger.rules.references import known, unused
from ledger.rules.roles import permit
from ledger.rules.slots import wanted_slots
from ledger.rules.standing import living_location
from schemas.claims import ClaimImported
from schemas.time import iso
from schemas.values import Activity, Id, Imported, Instant, SolutionArea, TenantId, Text


class ImportClaim(Command):
    """Record a claim that a file of its day tells as approved: the partner holds its slots.

    Judged from now on under the policy of its first day. Nothing is known of its contacts and
    its proof; a proof can be added, and whoever challenges it compares with none until then.
    """

    NAME: ClassVar[str] = "claim.import"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "location": "101",
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "solution_area": "microsoft_365",
        "activity": "usage",
        "workloads": ["Teams"],
        "effective_at": "2021-03-01T00:00:00Z",
        "imported": {
            "source": "CPOR_M365_Usage.tsv",
            "sha256": "ab" * 32,
            "line": 2,
            "as_of": "2021-06-30",
        },
    }
    claim: Id
    title: Text | None = None
    location: Id
    tenant: TenantId
    solution_area: SolutionArea
    activity: Activity
    workloads: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    subscriptions: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    effective_at: Instant
    imported: Imported

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The claim, if its slots were free since then (domain.md §3.2, §11.1, 1)."""
        permit(facts, context, self.NAME, tenant=self.tenant)
        unused(facts, CLAIM, self.claim)
        organisation = living_location(facts, self.location).organisation
        known(facts, CUSTOMER, self.tenant)
        since_us = effective_us(context, self.NAME, self.effective_at)
        policy = facts(POLICY, "all").in_force(since_us)
        if policy is None:
            raise Refused("no_policy", now=iso(since_us))
        area = policy.areas.get(self.solution_area)
        if area is None:
            raise Refused(
                "area_not_offered",
                policy=policy.policy,
                area=self.solution_area,
                allowed=", ".join(policy.areas),
            )
        slots = wanted_slots(facts, policy, area, self, context.now_us)
        on_living_subscriptions(facts, slots)
        for slot in slots:
            not_yet_own(facts, slot.slot, self.location)
        reach, names = Reach(area, organisation), [slot.slot for slot in slots]
        for taken, _ in occupied(facts, reach, names):
            raise Refused("already_claimed", slot=taken, policy=policy.policy)
        free_since(facts, reach, names, since_us, holder_ends=False)
        event = ClaimImported(
            claim=self.claim,
            tenant=self.tenant,
            location=self.location,
            title=self.title or f"Imported from {self.imported.source}",
            policy=policy.policy,
            organisation=organisation,
            solution_area=self.solution_area,
            activity=self.activity,
            slots=slots,
            imported=self.imported,
        )
        return Decision(event, since_us)
