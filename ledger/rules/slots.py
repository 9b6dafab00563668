"""The slots a claim asks for, derived from what it names (domain.md §3.2; DESIGN §6)."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches

from ledger.decision import Facts
from ledger.refusal import Refused
from ledger.rules import workloads
from ledger.rules.policy import Area, Policy
from ledger.rules.subscription_slots import Asks, by_subscription, wrong_grain
from schemas.time import from_us
from schemas.values import Slot, SolutionArea


def wanted_slots(
    facts: Facts, policy: Policy, area: Area, asks: Asks, now_us: int
) -> tuple[Slot, ...]:
    """The slots, in the claim's order and without repeats.

    Microsoft 365: one for each workload of the tenant. Business Applications: one for each
    subscription and activity; the subscription must be the tenant's, of a product that can be
    claimed so, not sold through a channel that the policy refuses, and old enough.
    """
    if asks.solution_area is SolutionArea.MICROSOFT_365:
        return _by_workload(asks, from_us(now_us).date())
    return by_subscription(facts, policy, area, asks, now_us)


def _by_workload(asks: Asks, day: date) -> tuple[Slot, ...]:
    if not asks.workloads or asks.subscriptions:
        raise wrong_grain(asks, "workloads")
    found = dict.fromkeys(_workload(text, day) for text in asks.workloads)
    return tuple(
        Slot(slot=workload_slot(asks.tenant, workload), workload=workload) for workload in found
    )


def workload_slot(tenant: str, workload: str) -> str:
    """The name of the slot of a customer's workload."""
    return f"cpor:m365:{tenant}:{workload}"


def _workload(text: str, day: date) -> str:
    """The workload that the text names on the day of the claim (domain.md §14.8)."""
    found = workloads.claimed(text, day)
    ever = workloads.workload(text)
    if found is None and ever is not None:
        raise Refused("workload_of_another_time", value=text, day=day, workload=ever)
    if found is None:
        every = list(workloads.table())
        near = get_close_matches(text.lower(), every, n=3) or every
        raise Refused("unknown_workload", value=text, known=", ".join(near))
    return found
