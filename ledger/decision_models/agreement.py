"""A licensing agreement's life; the partners it names are TPOR while it lasts (domain.md §6)."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.agreements import (
    AgreementAmended,
    AgreementEnded,
    AgreementSigned,
    TransactingPartner,
)
from schemas.time import FOREVER_US


class Agreement(NamedTuple):
    """An agreement as known now; ``changed_us`` is its last amendment; microseconds UTC."""

    agreement: str
    kind: str
    tenant: str
    partners: tuple[TransactingPartner, ...]
    signed_us: int
    changed_us: int
    ended_us: int = FOREVER_US


def _apply(state: Agreement | None, fact: Fact) -> Agreement | None:
    event = fact.event
    if isinstance(event, AgreementSigned):
        at_us = fact.effective_at_us
        return Agreement(
            event.agreement, event.kind, event.tenant, event.partners, at_us, changed_us=at_us
        )
    if state and isinstance(event, AgreementAmended):
        left = tuple(one for one in state.partners if one not in event.removed)
        return state._replace(partners=(*left, *event.added), changed_us=fact.effective_at_us)
    return state and state._replace(ended_us=fact.effective_at_us)


AGREEMENT: Model[Agreement | None] = Model(
    name="agreement",
    tag="agreement",
    types=(AgreementSigned, AgreementAmended, AgreementEnded),
    start=None,
    apply=_apply,
)
"""The agreement, or None while nobody signed it; key: the agreement id."""
