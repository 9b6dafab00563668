"""Issuing a statement: the last step, after it was computed at a position."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.partner import ORGANISATION
from ledger.decision_models.statement import STATEMENT
from ledger.refusal import Refused
from ledger.rules.references import known, unused
from ledger.rules.roles import permit
from schemas.statements import StatedRule, StatementIssued
from schemas.time import iso, to_us
from schemas.values import Count, Id, Sha256


class IssueStatement(Command):
    """Record what a partner earned in a month, as known at a position, by the hash of its bytes."""

    NAME: ClassVar[str] = "statement.issue"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "statement": "100-2020-08-1",
        "organisation": "100",
        "month": "2020-08-01",
        "position": 2,
        "form": 1,
        "sha256": "ab" * 32,
        "lines": 3,
        "credited": 1,
        "rules": [
            {"sort": "programme", "name": "osu_m365_2020", "sha256": "cd" * 32, "content": {}}
        ],
    }
    statement: Id
    organisation: Id
    location: Id | None = None
    month: date
    position: Count
    form: Count
    sha256: Sha256
    lines: Count
    credited: Count
    rules: Annotated[tuple[StatedRule, ...], Field(max_length=1000)]

    @model_validator(mode="after")
    def _is_of_a_month(self) -> Self:
        if self.month.day != 1:
            raise ValueError(f"month must be the first of a month, not {self.month}")
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The statement, once the month is over; its id stands for one statement for ever."""
        permit(facts, context, self.NAME)
        known(facts, ORGANISATION, self.organisation)
        unused(facts, STATEMENT, self.statement)
        over_us = to_us(datetime.combine(_next(self.month), time(), UTC))
        if context.now_us < over_us:
            raise Refused(
                "month_not_over",
                month=f"{self.month:%Y-%m}",
                now=iso(context.now_us),
                from_=iso(over_us),
            )
        if self.position and facts.fact(self.position) is None:
            raise Refused("statement_ahead", position=self.position)
        event = StatementIssued(**{name: getattr(self, name) for name in type(self).model_fields})
        return Decision(event, context.now_us)


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
