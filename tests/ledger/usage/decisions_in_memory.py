"""The port ``UsageDecisions`` over a list: what the chain promises, without a chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from ledger.usage.decisions import (
    BIRTHS_SCHEMA,
    Accepted,
    Decided,
    LoadDecision,
    Outrun,
    Picture,
    Refused,
    Turn,
    UsageDecision,
    Verdict,
    WithdrawDecision,
)


@dataclass
class DecisionsInMemory:
    """Positions 1, 2, 3 ...; one event each. ``now_us`` is the clock that turns expire by."""

    now_us: int = 0
    position: int = 0
    decided: list[Decided] = field(default_factory=list)
    births: dict[tuple[str, str], tuple[date | None, int]] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)

    def picture(self) -> Picture:
        """See ``UsageDecisions``."""
        births = [(*who, *what) for who, what in self.births.items()]
        return Picture(
            self.position,
            tuple(self.decided),
            pl.DataFrame(births, schema=BIRTHS_SCHEMA, orient="row"),
            tuple(self._standing()),
        )

    def load(self, decision: LoadDecision) -> Verdict:
        """See ``UsageDecisions``."""
        if self.picture().report_of_file(decision.sha256):
            return Refused("report_already_counted", f"{decision.file_name} counts already.")
        return self._decide(decision)

    def withdraw(self, decision: WithdrawDecision) -> Verdict:
        """See ``UsageDecisions``."""
        if not self.picture().report(decision.report):
            return Refused("report_not_counted", f"{decision.report} does not count.")
        return self._decide(decision)

    def reserve(self, turn: Turn) -> Verdict:
        """See ``UsageDecisions``."""
        if self.picture().turn_of_others(turn.attempt, turn.metrics):
            return Outrun(self.position)
        self.turns.append(turn)
        return self._accepted()

    def born(self, scope: str, name: str, month: date | None) -> None:
        """Record that a tenant or subscription began in ``month``; None takes the start back."""
        self.births[scope, name] = month, self._accepted().position

    def _decide(self, decision: UsageDecision) -> Verdict:
        shared = [it for it in self.decided if set(it.decision.metrics) & set(decision.metrics)]
        if any(it.position > decision.basis for it in shared):
            return Outrun(self.position)
        if self.picture().turn_of_others(decision.attempt, decision.metrics):
            return Outrun(self.position)
        self.turns = [turn for turn in self.turns if turn.attempt != decision.attempt]
        accepted = self._accepted()
        self.decided.append(Decided(accepted.position, decision))
        return accepted

    def _standing(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.expires_us > self.now_us]

    def _accepted(self) -> Accepted:
        self.position += 1
        return Accepted(self.position)
