"""Whether a location is enrolled, where a policy asks for that before a claim (§4.2, row 1)."""

from __future__ import annotations

from collections.abc import Collection

from ledger.decision import Facts
from ledger.decision_models.enrolment import ENROLMENT, EnrolmentState
from ledger.refusal import Refused


def enrolled(facts: Facts, policy: str, location: str, programmes: Collection[str]) -> None:
    """Return only if the location is enrolled in one of the programmes that the claim earns in.

    A claim that earns in none, such as a revenue association, needs no enrolment.
    """
    for programme in programmes:
        found = facts(ENROLMENT, f"{programme}:{location}")
        if found is not None and found.state is EnrolmentState.ENROLLED:
            return
    if programmes:
        names = " or ".join(sorted(programmes))
        raise Refused("not_enrolled", policy=policy, location=location, programmes=names)
