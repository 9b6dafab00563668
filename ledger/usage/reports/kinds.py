"""The kinds of usage report that can be loaded, and the parser of each."""

from __future__ import annotations

from collections.abc import Callable

from ledger.errors import BadInputError
from ledger.usage.reports import azure, cpor_m365
from ledger.usage.reports.parsed import ParsedReport
from ledger.usage.reports.read import ReportFile

PARSERS: dict[str, Callable[[ReportFile], ParsedReport]] = {
    cpor_m365.KIND: cpor_m365.parse,
    azure.KIND: azure.parse,
}


class UnknownReportKindError(BadInputError):
    """A kind of report that has no parser."""

    code = "unknown_report_kind"


def parse_report(kind: str, file: ReportFile) -> ParsedReport:
    """What ``file`` says, read as a report of ``kind``.

    Raises:
        UnknownReportKindError: no such kind.
        BadInputError: the file can't be read as one; see ``read`` and ``columns``.
    """
    if kind not in PARSERS:
        raise UnknownReportKindError(
            f"There is no report kind {kind!r}.", hint=f"Known kinds: {', '.join(PARSERS)}."
        )
    return PARSERS[kind](file)
