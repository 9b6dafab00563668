"""Whether a statement was issued."""

from __future__ import annotations

from ledger.decision import Fact, Model
from schemas.statements import StatementIssued


def _apply(state: int | None, fact: Fact) -> int | None:
    return fact.position if isinstance(fact.event, StatementIssued) else state


STATEMENT: Model[int | None] = Model(
    name="statement", tag="statement", types=(StatementIssued,), start=None, apply=_apply
)
"""The position at which the statement was issued, or None; key: the statement's id."""
