"""Which version of a rate card is adopted: the one of its latest adoption."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.statements import RatesAdopted


class AdoptedRates(NamedTuple):
    """An adopted rate card, by the hash of its content."""

    sha256: str
    position: int


def _apply(state: AdoptedRates | None, fact: Fact) -> AdoptedRates | None:
    event = fact.event
    return AdoptedRates(event.sha256, fact.position) if isinstance(event, RatesAdopted) else state


RATES: Model[AdoptedRates | None] = Model(
    name="rates", tag="rates", types=(RatesAdopted,), start=None, apply=_apply
)
"""The card as last adopted, or None while nobody did; key: its id."""
