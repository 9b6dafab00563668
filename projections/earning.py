"""What each association can earn, by its kind: for information, before any programme is asked.

Whether it is paid in the end is judged by a programme, later and separately (domain.md §1).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date

from ledger.rules import kinds
from projections.filters import Row
from schemas.time import from_us


def with_earning(views: sqlite3.Connection, found: Iterable[Row], on_us: int) -> list[Row]:
    """The rows of holdings with what each can ``earn`` at an instant, or could when it ended."""
    products: dict[str, str] = {}
    return [
        {**row, "earns": _earns(views, row, min(row["effective_to"] - 1, on_us), products)}
        for row in found
    ]


def _earns(views: sqlite3.Connection, row: Row, on_us: int, products: dict[str, str]) -> str:
    kind = kinds.table().get(row["label"])
    if kind is None:
        return "nothing"
    if not kind.steps or row["subscription"] is None:
        return kind.says
    product = _product(views, row["subscription"], products)
    return kind.earning(product, _day(on_us)) if product else kind.says


def _product(views: sqlite3.Connection, subscription: str, products: dict[str, str]) -> str:
    if subscription not in products:
        sql = "SELECT product FROM subscriptions WHERE subscription = ?"
        found = views.execute(sql, (subscription,)).fetchone()
        products[subscription] = found[0] if found else ""
    return products[subscription]


def _day(instant_us: int) -> date:
    return from_us(instant_us).date()
