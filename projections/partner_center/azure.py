"""The Azure usage file with its three duplicate flags (domain.md §7.1).

The form is that of partner_center_files.md §3.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import polars as pl

from ledger.usage.reports import resource
from ledger.usage.reports.columns import names_of
from ledger.usage.reports.kinds import report_kind
from projections.filters import Row
from projections.growth import store
from projections.growth.engine import AnalyticsEngine
from projections.growth.literals import Parameter
from projections.recognition.duplicates import flagged

FLAGS = {
    "IsACRDuplicateAtPGALevel": "duplicate_at_pga",
    "IsACRDuplicateAtPGAAttachTypeLevel": "duplicate_at_pga_attach_type",
    "IsACRDuplicateAtMPNLevel": "duplicate_at_mpn",
}
"""The flags by the names of the file."""

_SERVICE = tuple(names_of("columns")[field][0] for field in report_kind("azure").resource)
"""What was used, in the names and order of the file that was read."""

COLUMNS = (
    "PGAPartnerID",
    "SubscriptionId",
    "Month",
    *_SERVICE,
    "CustomerName",
    "CustomerTenantId",
    "CustomerMarket",
    "PartnerID",
    "PartnerName",
    "PartnerLocation",
    "PartnerAttributionType",
    *FLAGS,
    "AdminType",
    "ACR_USD",
)
"""The columns that the ledger can fill, in the file's order."""

_FACT = ("month", "tenant", "subscription", "resource")


def azure(
    views: sqlite3.Connection,
    engine: AnalyticsEngine,
    months: tuple[date, date],
    position: int,
) -> Iterator[Row]:
    """A row for each consumption and attribution that counts, months inclusive, with its flags.

    As stated by the reports that count at ``position``. Deal registration is not among them: a
    promise is never loaded as consumption.
    """
    asked: dict[str, Parameter] = {
        "from_month": months[0],
        "to_month": months[1],
        "position": position,
    }
    told = pl.from_arrow(engine.query(store.sql("questions", "attributed"), asked))
    assert isinstance(told, pl.DataFrame), "a table of columns"
    customers = _by_id(views, "SELECT tenant, name, country FROM customers")
    locations = _by_id(views, "SELECT location, name, country FROM locations")
    for row in flagged(told, _FACT).iter_rows(named=True):
        attach_type, _, role = row["attribution"].partition(".")
        customer = customers.get(row["tenant"], (None, None))
        location = locations.get(row["partner"], (None, None))
        services = dict(zip(_SERVICE, resource.split(row["resource"], len(_SERVICE)), strict=True))
        yield {
            "PGAPartnerID": row["organisation"],
            "SubscriptionId": row["subscription"],
            "Month": row["month"].isoformat(),
            **services,
            "CustomerName": customer[0],
            "CustomerTenantId": row["tenant"],
            "CustomerMarket": customer[1],
            "PartnerID": row["partner"],
            "PartnerName": location[0],
            "PartnerLocation": location[1],
            "PartnerAttributionType": attach_type,
            **{name: row[flag] for name, flag in FLAGS.items()},
            "AdminType": role,
            "ACR_USD": Decimal(row["amount_micro"]).scaleb(-6).normalize().__format__("f"),
        }


def _by_id(views: sqlite3.Connection, sql: str) -> dict[str, tuple[str, str]]:
    return {key: (name, country) for key, name, country in views.execute(sql)}
