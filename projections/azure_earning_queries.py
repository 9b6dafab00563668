"""Who earns on a subscription's consumption; partner earned credit by day (domain.md §6.3, §13)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ledger.rules import azure_earning, pec
from ledger.rules.azure_earning import Attachment
from ledger.rules.azure_scope import Access
from ledger.rules.pec import Sale
from projections import holder_queries, subscription_queries
from projections.filters import Row, one
from projections.pal_queries import pal_list, placements
from schemas.time import from_us, to_us


def earning(
    views: sqlite3.Connection,
    subscription: str,
    *,
    scope: str | None = None,
    effective_us: int,
    known: int,
) -> list[Row]:
    """For each programme, every partner organisation that is attached, and whether it earns.

    By PAL on ``scope`` (the whole subscription), rolled down from above, and by TPOR of the
    subscription's agreement. Empty for a subscription that nobody started.
    """
    sold = one(views, "SELECT * FROM subscriptions WHERE subscription = ?", subscription)
    if sold is None:
        return []
    when: dict[str, Any] = {"effective_us": effective_us, "known": known}
    links = pal_list(
        views, tenant=sold["tenant"], scope=scope or f"/subscriptions/{subscription}", **when
    )
    attached = [Attachment(_who(row), "PAL", row["role"]) for row in links]
    if sold["agreement"]:
        signed = holder_queries.holders(views, tenant=sold["tenant"], kind="TPOR", **when)
        beginning = f"tpor:{sold['agreement']}:"
        attached += [
            Attachment(_who(row), "TPOR") for row in signed if row["slot"].startswith(beginning)
        ]
    on = from_us(effective_us).date()
    return [
        _row(sold["tenant"], programme, each, azure_earning.earning(attached, programme, on), on)
        for programme in azure_earning.programmes()
        for each in dict.fromkeys(attached)
    ]


def _row(
    tenant: str, programme: str, attached: Attachment, earning: frozenset[str], on: date
) -> Row:
    return {
        "programme": programme,
        "tenant": tenant,
        "organisation": attached.partner,
        "attached_by": attached.kind,
        "role": attached.role,
        "earns": azure_earning.earns_by(attached, programme, earning, on),
        "rule": azure_earning.programmes()[programme].source,
    }


def _who(row: Row) -> str:
    found: str = row["organisation"] or row["partner"]
    return found


def pec_days(
    views: sqlite3.Connection,
    subscription: str,
    first: date,
    last: date,
    *,
    scope: str | None = None,
    charge: str = "consumption",
    known: int,
) -> list[Row]:
    """For each day, ``last`` included, which partners held access all day and who earns for it.

    Access is held by a linked identity with a role of the PEC list. Who sold is who did at the
    day's end [P].
    """
    sold = one(views, "SELECT tenant FROM subscriptions WHERE subscription = ?", subscription)
    if sold is None:
        return []
    tenant = sold["tenant"]
    filters = {"tenant": tenant, "kind": "PAL", "known": known}
    found = holder_queries.pages(views, holder_queries.associations, filters)
    accesses = [
        Access(
            row["partner"], row["role"], row["scope"], row["effective_from"], row["effective_to"]
        )
        for row in found
        if row["scope"]
    ]
    held = pec.days_held(
        accesses,
        scope or f"/subscriptions/{subscription}",
        first,
        last,
        placements=placements(views, tenant, known),
        root=tenant,
    )
    chain = subscription_queries.sellers(views, subscription, known=known)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [_day(tenant, day, held, _sale(chain, day), charge) for day in days]


def _day(
    tenant: str, day: date, held: Mapping[str, tuple[date, ...]], sale: Sale | None, charge: str
) -> Row:
    having = sorted(who for who, days in held.items() if day in days)
    earner = pec.earner(sale, having) if sale and not pec.excluded(charge) else None
    return {
        "day": day.isoformat(),
        "tenant": tenant,
        "partner": earner,
        "earns": earner is not None,
        "with_access": having,
        "left_out": pec.excluded(charge),
    }


_CHANNELS = {"CSP_T1": "csp_direct", "CSP_T2": "csp_indirect"}


def _sale(chain: Iterable[Row], day: date) -> Sale | None:
    """Who sold a subscription at the end of a day; None where no CSP partner did."""
    end_us = to_us(datetime(day.year, day.month, day.day, tzinfo=UTC)) + pec.DAY_US - 1
    sold = [row for row in chain if row["effective_from"] <= end_us < row["effective_to"]]
    if not sold:
        return None
    by_role = {row["role"]: row["partner"] for row in sold}
    transacting = by_role.get("direct") or by_role.get("indirect_provider")
    return Sale(_CHANNELS[sold[0]["kind"]], transacting, by_role.get("indirect_reseller"))
