"""The port ``UsageDecisions`` over the real ledger: what the chain says of usage, and asks of it.

``Pictures`` reads the chain, each event once; ``ChainDecisions`` decides for one actor under one
command id, so that a wish that is repeated meets its own decision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import polars as pl
from pydantic import ValidationError

from ledger.app import Ledger
from ledger.commands.load_usage import LoadUsage
from ledger.commands.reserve_usage_turn import ReserveUsageTurn
from ledger.commands.withdraw_usage import WithdrawUsage
from ledger.decision import Command
from ledger.errors import BadInputError, RefusedError
from ledger.log.index import Stored
from ledger.log.query import Query, QueryItem
from ledger.log.reader import Reader
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
from ledger.usage.log import Cut
from schemas import catalogue, usage
from schemas.corrections import FactCorrected
from schemas.envelope import Attributes
from schemas.migrations import CustomerMigrated
from schemas.parties import CustomerRegistered
from schemas.subscriptions import SubscriptionMoved, SubscriptionStarted
from schemas.time import from_us, to_us

_OUTRUN = ("basis_outrun", "usage_turn_taken")
_ABOUT_USAGE = Query(
    (
        QueryItem(
            (
                usage.UsageReportLoaded.TYPE,
                usage.UsageReportWithdrawn.TYPE,
                usage.UsageTurnReserved.TYPE,
            )
        ),
        QueryItem(tags=("usage:births",)),
    )
)


class Pictures:
    """The chain's view of usage, kept up to date by reading each event once. For one thread."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._position = 0
        self._decided: list[Decided] = []
        self._turns: dict[str, Turn] = {}
        self._births: dict[tuple[str, str], tuple[date | None, int]] = {}

    def at_head(self, now_us: int) -> Picture:
        """The view at the head; a turn stands while it expires after ``now_us`` (UTC).

        The head is the log's own: who waits for another's turn sees it end on another node.
        """
        head = self._reader.latest().position
        for stored in self._reader.read(_ABOUT_USAGE, after=self._position, upto=head):
            self._take(stored)
        self._position = head
        standing = {turn for turn in self._turns.values() if turn.expires_us > now_us}
        return Picture(head, tuple(self._decided), self._births_frame(), tuple(standing))

    def _take(self, stored: Stored) -> None:
        match event := catalogue.decode(stored.type, stored.data):
            case usage.UsageReportLoaded() | usage.UsageReportWithdrawn():
                self._decide(stored.position, event)
            case usage.UsageTurnReserved():
                turn = Turn(event.attempt, event.metrics, to_us(event.expires_at))
                self._turns |= dict.fromkeys(event.metrics, turn)
            case CustomerRegistered():
                start = event.since and event.since.replace(day=1)
                self._born("tenant", event.tenant, start, event.succeeds, stored.position)
            case CustomerMigrated():
                self._born("tenant", event.to, None, event.tenant, stored.position)
            case SubscriptionStarted():
                effective_us = Attributes.from_bytes(stored.attributes).effective_at_us
                start = from_us(effective_us).date().replace(day=1)
                self._born(
                    "subscription", event.subscription, start, event.succeeds, stored.position
                )

            case FactCorrected() if event.of == SubscriptionStarted.TYPE:
                self._born_anew(event, stored.position)
            case SubscriptionMoved() if event.becomes != event.subscription:
                self._born("subscription", event.becomes, None, event.subscription, stored.position)

    def _decide(
        self, position: int, event: usage.UsageReportLoaded | usage.UsageReportWithdrawn
    ) -> None:
        self._decided.append(Decided(position, decision_of(event)))
        for metric in event.metrics:
            turn = self._turns.get(metric)
            if turn is not None and turn.attempt == event.attempt:
                del self._turns[metric]

    def _born(
        self, scope: str, name: str, start: date | None, succeeds: str | None, position: int
    ) -> None:
        """A start is evidence of zero before it, unless it goes on with another's usage."""
        if start is not None or succeeds is not None:
            self._births[scope, name] = (None if succeeds else start, position)

    def _born_anew(self, event: FactCorrected, position: int) -> None:
        """A start that was corrected: another month of birth, unless it succeeds another."""
        name = event.about[0].removeprefix("subscription:")
        known = self._births.get(("subscription", name))
        if known is not None and known[0] is not None:
            self._births["subscription", name] = (event.now.date().replace(day=1), position)

    def _births_frame(self) -> pl.DataFrame:
        rows = [(*of, *born) for of, born in self._births.items()]
        return pl.DataFrame(rows, schema=BIRTHS_SCHEMA, orient="row")


def decided(reader: Reader, upto: int | None = None) -> list[Decided]:
    """Every usage decision up to a position (the head), in order."""
    types = (usage.UsageReportLoaded.TYPE, usage.UsageReportWithdrawn.TYPE)
    found = []
    for stored in reader.read(Query((QueryItem(types),)), upto=upto):
        event = catalogue.decode(stored.type, stored.data)
        assert isinstance(event, usage.UsageReportLoaded | usage.UsageReportWithdrawn), (
            "the query asks for these only"
        )
        found.append(Decided(stored.position, decision_of(event)))
    return found


def decision_of(event: usage.UsageReportLoaded | usage.UsageReportWithdrawn) -> UsageDecision:
    """What an event about a report states, as an attempt wrote it."""
    cut = tuple(Cut(**part.model_dump()) for part in event.cut)
    if isinstance(event, usage.UsageReportWithdrawn):
        return WithdrawDecision(**(_values(event, WithdrawDecision) | {"cut": cut}))
    exported_us = to_us(event.exported_at)
    values = _values(event, LoadDecision) | {"cut": cut, "exported_us": exported_us}
    return LoadDecision(**values)


def _values(event: usage.UsageDecision, kind: type[UsageDecision]) -> dict[str, Any]:
    return {
        field.name: getattr(event, field.name)
        for field in fields(kind)
        if field.name in type(event).model_fields
    }


@dataclass(frozen=True, slots=True)
class ChainDecisions:
    """Decisions of one wish: by ``actor``, under ``command_id``, on a told clock at ``at_us``.

    Without a ``command_id`` each attempt decides under its own name. ``now_us`` is the time, for
    turns that expire.
    """

    ledger: Ledger
    pictures: Pictures
    actor: str
    now_us: Callable[[], int]
    command_id: str | None = None
    at_us: int | None = None

    def picture(self) -> Picture:
        """See ``UsageDecisions.picture``."""
        return self.pictures.at_head(self.now_us())

    def load(self, decision: LoadDecision) -> Verdict:
        """See ``UsageDecisions.load``."""
        values = _plain(decision) | {"exported_at": from_us(decision.exported_us)}
        del values["exported_us"]
        return self._decide(LoadUsage, values, self.command_id or decision.attempt)

    def withdraw(self, decision: WithdrawDecision) -> Verdict:
        """See ``UsageDecisions.withdraw``."""
        return self._decide(WithdrawUsage, _plain(decision), self.command_id or decision.attempt)

    def reserve(self, turn: Turn) -> Verdict:
        """See ``UsageDecisions.reserve``."""
        values = {
            "attempt": turn.attempt,
            "metrics": turn.metrics,
            "expires_at": from_us(turn.expires_us),
        }
        return self._decide(ReserveUsageTurn, values, f"{turn.attempt}.turn")

    def _decide(self, kind: type[Command], values: dict[str, Any], command_id: str) -> Verdict:
        try:
            command = kind.model_validate(values)
        except ValidationError as error:
            raise _unspeakable(error) from error
        try:
            outcome = self.ledger.submit(
                command, actor=self.actor, command_id=command_id, at_us=self.at_us
            )
        except RefusedError as error:
            if error.code in _OUTRUN:
                return Outrun(self.ledger.head.position)
            return Refused(error.code, error.message, error.hint)
        return Accepted(outcome.position)


def _plain(decision: UsageDecision) -> dict[str, Any]:
    values = {field.name: getattr(decision, field.name) for field in fields(decision)}
    cut = [
        {field.name: getattr(part, field.name) for field in fields(part)} for part in decision.cut
    ]
    return values | {"cut": cut}


def _unspeakable(error: ValidationError) -> BadInputError:
    """What a user gave (a file name, an id, a reason) can't stand in an event."""
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"])) or "value"
    return BadInputError(
        f"The {place} {first['input']!r} can't be recorded: {first['msg']}.",
        hint="Give it a shorter, printable one; nothing was counted.",
        code="bad_value",
    )
