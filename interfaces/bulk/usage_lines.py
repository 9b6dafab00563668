"""Lines about usage reports: the file they name is loaded or withdrawn, to its end."""

from __future__ import annotations

import re
from typing import Any

from interfaces.bulk.forms import LoadReport, WithdrawReport
from interfaces.bulk.read import Wish
from interfaces.bulk.references import beside
from interfaces.bulk.run import LineOutcome, Result
from interfaces.moments import start_us
from interfaces.usage_reports import Caller, Loaded, UsageReports
from schemas.usage import UsageReportLoaded, UsageReportWithdrawn

MOST_LISTED = 100
"""Refused rows of a report that an outcome lists; their number is always told."""

_REPORT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def carry_out(reports: UsageReports, wish: Wish) -> LineOutcome:
    """What came of a line's wish, but for the line's own place; raises what refuses it."""
    caller = Caller(wish.actor, wish.at_us, wish.command_id)
    if isinstance(wish.form, LoadReport):
        return _load(reports, wish, wish.form, caller)
    return _withdraw(reports, wish, wish.form, caller)


def _load(reports: UsageReports, wish: Wish, form: LoadReport, caller: Caller) -> LineOutcome:
    exported_us = None if form.exported is None else start_us(form.exported, "exported")
    own = wish.command_id if _REPORT_ID.fullmatch(wish.command_id) else None
    loaded = reports.load(
        beside(wish.folder, form.file),
        form.kind,
        caller,
        exported_us=exported_us,
        report=form.report or own,
    )
    repeated = loaded.outcome.outcome == "already_counted"
    return _outcome(
        Result.REPEATED if repeated else Result.ACCEPTED,
        loaded.outcome.position,
        UsageReportLoaded.TYPE,
        {"report": loaded.outcome.report} if repeated else told(loaded),
    )


def _withdraw(
    reports: UsageReports, wish: Wish, form: WithdrawReport, caller: Caller
) -> LineOutcome:
    report = form.report or reports.report_of_file(beside(wish.folder, form.file or ""))
    outcome = reports.withdraw(report, form.reason, caller)
    result = Result.ACCEPTED if outcome.attempts else Result.REPEATED
    about = {"report": report, "increments": outcome.increments} if outcome.attempts else {}
    return _outcome(result, outcome.position, UsageReportWithdrawn.TYPE, about)


def told(loaded: Loaded) -> dict[str, Any]:
    """What a load tells beside its position; nothing that is empty."""
    found: dict[str, Any] = {
        "report": loaded.outcome.report,
        "statements": loaded.outcome.statements,
        "increments": loaded.outcome.increments,
        "rejected_rows": loaded.parsed.rejected_rows,
        "rejected": loaded.rejected[:MOST_LISTED],
        "ignored": list(loaded.parsed.ignored_columns),
        "notes": list(loaded.parsed.notes),
    }
    needed = ("report", "statements", "increments")
    return {name: value for name, value in found.items() if value or name in needed}


def _outcome(result: Result, position: int, type_name: str, about: dict[str, Any]) -> LineOutcome:
    return LineOutcome(0, "", "", result, position, type_name, told=about)
