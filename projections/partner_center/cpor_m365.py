"""The CPOR-M365 usage file: who holds each workload by which claim, and what is used there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time

from ledger.rules.workloads import table as workload_names
from projections.filters import Row
from projections.growth.engine import AnalyticsEngine
from projections.growth.growth import levels
from projections.holder_queries import holders, pages
from schemas.time import from_us, to_us

COLUMNS = (
    "CustomerTenantId",
    "CustomerName",
    "WorkloadName",
    "MonthlyActiveUsers",
    "PaidAvailableUnits",
    "ClaimId",
    "MpnId",
    "DateAssociated",
    "PartnerAttributionType",
    "Date",
)
"""As the documentation names them (partner_center_files.md §1)."""

MICRO = 1_000_000


def cpor_m365(
    views: sqlite3.Connection, engine: AnalyticsEngine, months: Sequence[date], position: int
) -> Iterator[Row]:
    """A row for each month and Microsoft 365 workload that is held at the month's last instant.

    As known at ``position``, in order of month, tenant and workload. Active users and paid units
    are those stated for that very month; empty where no report that counts states them.
    """
    names = dict(views.execute("SELECT tenant, name FROM customers"))
    for month in months:
        users, units = (
            {
                (tenant, workload): level_micro // MICRO
                for tenant, workload, level_micro in levels(
                    engine, metric, month, position=position
                )
            }
            for metric in ("m365.mau", "m365.pau")
        )
        for row in _held(views, month, position):
            key = (row["tenant"], row["workload"])
            yield {
                "CustomerTenantId": row["tenant"],
                "CustomerName": names.get(row["tenant"]),
                "WorkloadName": workload_names().get(row["workload"], row["workload"]),
                "MonthlyActiveUsers": users.get(key),
                "PaidAvailableUnits": units.get(key),
                "ClaimId": row["claim"],
                "MpnId": row["partner"],
                "DateAssociated": from_us(row["effective_from"]).date().isoformat(),
                "PartnerAttributionType": "CPOR",
                "Date": month.isoformat(),
            }


def _held(views: sqlite3.Connection, month: date, position: int) -> list[Row]:
    asked = {"effective_us": last_instant_us(month), "known": position, "kind": "CPOR"}
    held = pages(views, holders, asked)
    of_workloads = (row for row in held if row["slot"].startswith("cpor:m365:"))
    return sorted(of_workloads, key=lambda row: (row["tenant"], row["workload"]))


def last_instant_us(month: date) -> int:
    """The last microsecond of a month, UTC.

    >>> last_instant_us(date(1970, 1, 1)) == 31 * 24 * 3600 * 1_000_000 - 1
    True
    """
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return to_us(datetime.combine(following, time(), UTC)) - 1
