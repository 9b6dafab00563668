"""What a claim has to do with arbitrations: whom it challenges, who challenges it (§5, §14.7)."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.disputes import (
    ArbitrationAnswered,
    ArbitrationDecided,
    ArbitrationOpened,
    ClaimDisputed,
)
from schemas.time import to_us


class Challenge(NamedTuple):
    """A challenger's claim and the incumbents that were told of it.

    They may answer before ``due_us`` (microseconds UTC), whether or not the clock recorded their
    silence; ``awaited`` have not yet.
    """

    challenger: str
    told: tuple[str, ...]
    awaited: tuple[str, ...]
    due_us: int

    def answered_by(self, incumbent: str) -> Challenge:
        """This challenge after one of the incumbents answered."""
        return self._replace(awaited=tuple(one for one in self.awaited if one != incumbent))


class Arbitrations(NamedTuple):
    """The challenge that a claim makes, and those it may answer."""

    claim: str = ""
    own: Challenge | None = None
    against: tuple[Challenge, ...] = ()

    def without(self, *challengers: str) -> Arbitrations:
        """This claim after some challenges of it found their answer or end."""
        kept = tuple(one for one in self.against if one.challenger not in challengers)
        return self._replace(against=kept)


def _opened(state: Arbitrations, event: ArbitrationOpened) -> Arbitrations:
    told = tuple(side.claim for side in event.incumbents)
    challenge = Challenge(event.challenger.claim, told, told, to_us(event.answer_due))
    if event.challenger.claim == state.claim:
        return state._replace(own=challenge)
    before = state.without(event.challenger.claim)
    return before._replace(against=(*before.against, challenge))


def _answered(state: Arbitrations, event: ArbitrationAnswered) -> Arbitrations:
    if event.claim == state.claim:
        return state.without(*event.challengers)
    return state._replace(own=state.own.answered_by(event.claim)) if state.own else state


def _apply(state: Arbitrations, fact: Fact) -> Arbitrations:
    event = fact.event
    match event:
        case ArbitrationOpened():
            return _opened(state, event)
        case ArbitrationAnswered():
            return _answered(state, event)
        case ArbitrationDecided():
            return state.without(event.challenger.claim)
        case ClaimDisputed():
            return state._replace(own=None)
    return state


ARBITRATION: Model[Arbitrations] = Model(
    name="arbitration",
    tag="claim",
    types=(
        ArbitrationOpened,
        ArbitrationAnswered,
        ArbitrationDecided,
        ClaimDisputed,
    ),
    start=Arbitrations(),
    apply=_apply,
    named=Arbitrations,
)
"""The arbitrations of a claim; key: the claim id."""
