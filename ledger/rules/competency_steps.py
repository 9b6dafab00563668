"""How every step of a competency begins, and when its anniversary is (domain.md §8.1)."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from pydantic import AfterValidator

from ledger.decision import Context, Facts
from ledger.decision_models.competency import COMPETENCY, Competency, CompetencyState
from ledger.refusal import Refused
from ledger.rules import competencies
from ledger.rules.effective import effective_us
from ledger.rules.references import known
from ledger.rules.roles import permit
from ledger.rules.standing import living_organisation
from schemas.time import from_us, to_us
from schemas.values import Id, Instant, Slug, Value


def _one_of_the_table(name: str) -> str:
    if name not in competencies.table():
        raise ValueError(f"is none of the competencies {', '.join(competencies.table())}")
    return name


class CompetencyStep(Value):
    """What every step of a competency names."""

    organisation: Id
    competency: Annotated[Slug, AfterValidator(_one_of_the_table)]
    effective_at: Instant | None = None

    def ids(self) -> dict[str, str]:
        """What every event of a competency says."""
        return {"organisation": self.organisation, "competency": self.competency}


class Step(NamedTuple):
    """A step that may be taken: when it is true, and what was before it."""

    at_us: int
    before: Competency | None


def competency_step(
    facts: Facts,
    context: Context,
    command: str,
    wish: CompetencyStep,
    allowed: tuple[CompetencyState, ...],
    *,
    first: bool = False,
) -> Step:
    """The step, permitted and possible; ``first`` where there need be nothing before it."""
    permit(facts, context, command, organisation=wish.organisation)
    living_organisation(facts, wish.organisation)
    key = f"{wish.organisation}:{wish.competency}"
    before = facts(COMPETENCY, key) if first else known(facts, COMPETENCY, key)
    at_us = effective_us(
        context,
        command,
        wish.effective_at,
        not_before_us=before.since_us if before else 0,
        because="its last step",
    )
    if before is not None and before.state not in allowed:
        raise Refused(
            "competency_state",
            command=command,
            competency=wish.competency,
            organisation=wish.organisation,
            state=before.state.replace("_", " "),
            allowed=" or ".join(state.replace("_", " ") for state in allowed),
        )
    return Step(at_us, before)


def level_of(wish: CompetencyStep, level: str) -> str:
    """The level, if the competency has it; refused as ``unknown_level`` where it has not."""
    levels = competencies.table()[wish.competency].levels
    if level not in levels:
        raise Refused(
            "unknown_level", competency=wish.competency, level=level, known=", ".join(levels)
        )
    return level


def anniversary_us(wish: CompetencyStep, from_us_: int) -> int:
    """The same day a year later, or the end of the competency where it comes first (§13.7).

    29 February has its anniversary on 1 March. Refused as ``competency_ended`` where the
    competency was ended before.
    """
    start = from_us(from_us_)
    leap = (start.month, start.day) == (2, 29)
    later = start.replace(year=start.year + 1, month=3, day=1) if leap else None
    year_us = to_us(later or start.replace(year=start.year + 1))
    ends_us = competencies.table()[wish.competency].ends_us()
    if from_us_ >= ends_us:
        raise Refused(
            "competency_ended",
            competency=wish.competency,
            day=competencies.table()[wish.competency].ended_on,
        )
    return min(year_us, ends_us)
