"""Facts as they are known now: what was retracted left out, what was corrected at its new instant.

Every decision model folds them so, and none has to know of corrections (DESIGN §5: two times).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger.decision import Fact
from schemas.corrections import Correction, FactCorrected
from schemas.time import to_us

TYPES = ("fact.corrected.v1", "fact.retracted.v1")
"""The events that say so."""


def corrected(facts: Iterable[Fact]) -> Sequence[Fact]:
    """The facts in order of position without corrections, each as the last one left it."""
    found = list(facts)
    mends = [fact.event for fact in found if isinstance(fact.event, Correction)]
    if not mends:
        return found
    latest = {mend.fact: mend for mend in mends}
    kept = (fact for fact in found if not isinstance(fact.event, Correction))
    return [
        fact if mend is None else fact._replace(effective_at_us=to_us(mend.now))
        for fact in kept
        if (mend := latest.get(fact.position)) is None or isinstance(mend, FactCorrected)
    ]
