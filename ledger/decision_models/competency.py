"""A competency of a partner organisation and its agreement with Microsoft, as they stand."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.competencies import (
    CompetencyAtRisk,
    CompetencyAttained,
    CompetencyEvent,
    CompetencyExpired,
    CompetencyQualified,
    CompetencyRenewed,
    CompetencyStarted,
    PartnerAgreementEnded,
    PartnerAgreementSigned,
)
from schemas.time import FOREVER_US, to_us


class CompetencyState(StrEnum):
    """The states of a competency (domain.md §8.1), and ``expired`` after its anniversary."""

    STARTED = "started"
    QUALIFIED = "qualified"
    ACTIVE = "active"
    AT_RISK = "at_risk"
    EXPIRED = "expired"


class Competency(NamedTuple):
    """A competency as known now; instants in microseconds UTC."""

    state: CompetencyState
    level: str | None
    since_us: int
    anniversary_us: int
    position: int

    @property
    def held(self) -> bool:
        """Whether the organisation has it: at risk it still has, to the anniversary (§13.7)."""
        return self.state in (CompetencyState.ACTIVE, CompetencyState.AT_RISK)


def _apply(state: Competency | None, fact: Fact) -> Competency | None:
    event = fact.event
    assert isinstance(event, CompetencyEvent)
    level = state.level if state else None
    anniversary_us = state.anniversary_us if state else 0
    match event:
        case CompetencyAttained() | CompetencyRenewed():
            new, level = CompetencyState.ACTIVE, event.level
            anniversary_us = to_us(event.anniversary)
        case CompetencyQualified():
            new, level = CompetencyState.QUALIFIED, event.level
        case CompetencyAtRisk():
            new = CompetencyState.AT_RISK
        case CompetencyExpired():
            new = CompetencyState.EXPIRED
        case _:
            new = CompetencyState.STARTED
    return Competency(new, level, fact.effective_at_us, anniversary_us, fact.position)


COMPETENCY: Model[Competency | None] = Model(
    name="competency",
    tag="competency",
    types=(
        CompetencyStarted,
        CompetencyQualified,
        CompetencyAttained,
        CompetencyRenewed,
        CompetencyAtRisk,
        CompetencyExpired,
    ),
    start=None,
    apply=_apply,
)
"""The competency, or None before its first event; key: ``organisation:competency``."""


class PartnerAgreement(NamedTuple):
    """An organisation's agreement with Microsoft; FOREVER_US while it has not ended."""

    signed_us: int
    ended_us: int = FOREVER_US


def _apply_agreement(state: PartnerAgreement | None, fact: Fact) -> PartnerAgreement | None:
    if isinstance(fact.event, PartnerAgreementSigned):
        return PartnerAgreement(fact.effective_at_us)
    return state and state._replace(ended_us=fact.effective_at_us)


PARTNER_AGREEMENT: Model[PartnerAgreement | None] = Model(
    name="partner_agreement",
    tag="partneragreement",
    types=(PartnerAgreementSigned, PartnerAgreementEnded),
    start=None,
    apply=_apply_agreement,
)
"""The agreement, or None while it was never signed; key: ``organisation:agreement``."""
