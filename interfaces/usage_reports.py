"""Usage reports from their files to the decision that makes them count, or count no longer."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ledger.app import Ledger
from ledger.log.query import Query, QueryItem
from ledger.log.reader import Reader
from ledger.refusal import Refused
from ledger.usage.attempt import Outcome, Surroundings, UsageLoads
from ledger.usage.chain_decisions import ChainDecisions, Pictures
from ledger.usage.decisions import Picture
from ledger.usage.log import UsageLog
from ledger.usage.reports.parse import parse_report
from ledger.usage.reports.parsed import ParsedReport
from ledger.usage.reports.read import ReportFile
from schemas import catalogue
from schemas.event import Event
from schemas.usage import UsageReportLoaded, UsageReportWithdrawn

REPORT_ID_DIGITS = 12
"""How many digits of a file's SHA-256 are its report's id when nobody names one."""


class Caller(NamedTuple):
    """Who acts, on a told clock at which instant, and under which command id when there is one."""

    actor: str
    at_us: int | None = None
    command_id: str | None = None


class Loaded(NamedTuple):
    """How a load ended: what came of it, and what the file told that was left out."""

    outcome: Outcome
    parsed: ParsedReport

    @property
    def rejected(self) -> list[dict[str, Any]]:
        """The rows that were refused, each with line, field, value, problem and hint."""
        return self.parsed.rejected.to_dicts()


@dataclass(frozen=True)
class UsageReports:
    """Loads and withdraws reports of one ledger, whoever else does the same meanwhile."""

    ledger: Ledger
    reader: Reader
    log: UsageLog
    pictures: Pictures

    def picture(self) -> Picture:
        """What counts at the head."""
        return self.pictures.at_head(_wall_us())

    def load(
        self,
        path: Path,
        kind: str,
        caller: Caller,
        *,
        exported_us: int | None = None,
        report: str | None = None,
    ) -> Loaded:
        """Make the report in the file at ``path`` count; one that counts already changes nothing.

        Raises ``BadInputError`` for a file that can't be read as a report of ``kind``,
        ``RefusedError`` when a rule refused; nothing counts then.
        """
        parsed = parse_report(kind, ReportFile.open(path))
        decided = self._decided(caller)
        if decided is not None:
            return Loaded(_repeated_load(decided, parsed, caller), parsed)
        named = report or parsed.sha256[:REPORT_ID_DIGITS]
        return Loaded(
            self._loads(caller).load(parsed, exported_us=exported_us, report=named), parsed
        )

    def withdraw(self, report: str, reason: str, caller: Caller) -> Outcome:
        """Make ``report`` count no longer; raises ``RefusedError`` when it does not count."""
        decided = self._decided(caller)
        if decided is not None:
            return _repeated_withdrawal(decided, report, caller)
        return self._loads(caller).withdraw(report, reason=reason)

    def report_of_file(self, path: Path) -> str:
        """The id under which a file was last loaded; raises ``RefusedError`` when it never was."""
        sha256 = ReportFile.open(path).sha256
        tagged = Query((QueryItem((UsageReportLoaded.TYPE,), (f"file:{sha256}",)),))
        found = [catalogue.decode(it.type, it.data) for it in self.reader.read(tagged)]
        if not found:
            raise Refused("unknown_reference", what="loaded report of file", value=path.name)
        assert isinstance(found[-1], UsageReportLoaded), "the query asks for loads only"
        return found[-1].report

    def _loads(self, caller: Caller) -> UsageLoads:
        now_us: Callable[[], int] = _wall_us
        if caller.at_us is not None:
            at_us = caller.at_us
            now_us = lambda: at_us  # noqa: E731  a told clock stands still within a command
        decisions = ChainDecisions(
            self.ledger, self.pictures, caller.actor, now_us, caller.command_id, caller.at_us
        )
        return UsageLoads(decisions, self.log, Surroundings(_fresh_id, now_us, _pause))

    def _decided(self, caller: Caller) -> tuple[int, Event] | None:
        """The event that this actor's command id already led to, with its position."""
        if caller.command_id is None:
            return None
        place = (caller.command_id, caller.actor)
        known = self.ledger.index.commands([place]).get(place)
        if known is None:
            return None
        stored = self.reader.find(after=known.position - 1, limit=1)[0]
        return known.position, catalogue.decode(stored.type, stored.data)


def _repeated_load(decided: tuple[int, Event], parsed: ParsedReport, caller: Caller) -> Outcome:
    position, event = decided
    if isinstance(event, UsageReportLoaded) and event.sha256 == parsed.sha256:
        return Outcome("already_counted", event.report, position)
    raise Refused("command_id_reused", id=caller.command_id, position=position)


def _repeated_withdrawal(decided: tuple[int, Event], report: str, caller: Caller) -> Outcome:
    position, event = decided
    if isinstance(event, UsageReportWithdrawn) and event.report == report:
        return Outcome("withdrawn", report, position)
    raise Refused("command_id_reused", id=caller.command_id, position=position)


def _fresh_id() -> str:
    return f"u-{os.urandom(8).hex()}"


def _wall_us() -> int:
    return time.time_ns() // 1000


def _pause(duration_us: int) -> None:
    time.sleep(duration_us / 1_000_000)
