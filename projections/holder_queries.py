"""Who held what: questions to the holdings view, each answered through an index."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ledger.rules import kinds
from projections.filters import Row, rows, where
from projections.moved_claims import held_or_moved
from projections.record import Source
from projections.views import checkpoint

_MOST = 10_000
_PAGE = """
SELECT *, (SELECT kind FROM locations WHERE location = holdings.partner) AS location_kind
FROM holdings{} ORDER BY row_id LIMIT ?
"""


def holders(  # noqa: PLR0913  one keyword per filter, none positional
    views: sqlite3.Connection,
    *,
    effective_us: int,
    known: int,
    tenant: str | None = None,
    customer: str | None = None,
    partner: str | None = None,
    kind: str | None = None,
    slot: str | None = None,
    subscription: str | None = None,
    workload: str | None = None,
    after_row: int = 0,
    limit: int = _MOST,
) -> list[Row]:
    """Every holding in effect at ``effective_us``, as known at position ``known``, by ``row_id``.

    Rows carry the columns of the ``holdings`` table and the ``label``, the narrowest kind that
    fits (``CPOR_FRP``); ``kind`` may be a label, too. ``customer`` is a tenant with whatever its
    claims came to hold elsewhere, or held before, as users moved (domain.md §14.9).
    ``after_row`` (the last ``row_id`` read) pages on.
    """
    held, narrower = _of_kind(kind)
    at, moved = _of_customer(views, customer, known)
    conditions, values = where(
        {
            **_sought(slot, subscription, partner, tenant or at, held),
            **moved,
            **narrower,
            "workload = ?": workload,
            "known_from <= ? AND known_to > ?": (known, known),
            "effective_from <= ? AND effective_to > ?": (effective_us, effective_us),
            "row_id > ?" if after_row else "1 = ?": after_row or 1,
        }
    )
    return _labelled(rows(views, _PAGE.format(conditions), [*values, min(limit, _MOST)]))


def pages(
    views: sqlite3.Connection, ask: Callable[..., list[Row]], filters: Mapping[str, Any]
) -> Iterator[Row]:
    """Every row that ``ask`` (``holders`` or ``associations``) finds, fetched page by page."""
    after_row = 0
    while True:
        page = ask(views, after_row=after_row, limit=_MOST, **filters)
        yield from page
        if len(page) < _MOST:
            return
        after_row = page[-1]["row_id"]


def associations(  # noqa: PLR0913  one keyword per filter, none positional
    views: sqlite3.Connection,
    *,
    known: int,
    from_us: int | None = None,
    until_us: int | None = None,
    tenant: str | None = None,
    customer: str | None = None,
    partner: str | None = None,
    organisation: str | None = None,
    kind: str | None = None,
    slot: str | None = None,
    subscription: str | None = None,
    workload: str | None = None,
    claim: str | None = None,
    after_row: int = 0,
    limit: int = _MOST,
) -> list[Row]:
    """Every association with its interval, as known at a position, ended ones included.

    Those that touch ``[from_us, until_us)``, where that is given. By ``row_id`` and with labels
    and ``customer`` as ``holders``; ``after_row`` pages on.
    """
    held, narrower = _of_kind(kind)
    at, moved = _of_customer(views, customer, known)
    conditions, values = where(
        {
            **_sought(slot, subscription, partner, tenant or at, held, claim, organisation),
            **moved,
            **narrower,
            "workload = ?": workload,
            "known_from <= ? AND known_to > ?": (known, known),
            "effective_to > ?": from_us,
            "effective_from < ?": until_us,
            "row_id > ?" if after_row else "1 = ?": after_row or 1,
        }
    )
    return _labelled(rows(views, _PAGE.format(conditions), [*values, min(limit, _MOST)]))


def position_at(views: sqlite3.Connection, source: Source, instant_us: int) -> int:
    """The last position that was recorded at ``instant_us`` or before, as far as the views reach.

    0 when nothing was recorded by then. Resolved by the log, by halving: ``recorded_at`` never
    goes back, so the views need no table of times.
    """
    low, high = 0, checkpoint(views).position
    while low < high:
        middle = (low + high + 1) // 2
        if source.recorded_at_us(middle) <= instant_us:
            low = middle
        else:
            high = middle - 1
    return low


def _sought(
    slot: str | None,
    subscription: str | None,
    partner: str | None,
    tenant: str | None,
    kind: str | None,
    claim: str | None = None,
    organisation: str | None = None,
) -> dict[str, str | None]:
    # Most telling first. All but the first are kept from being sought by: "+column" has no index.
    asked = {
        "slot": slot,
        "claim": claim,
        "subscription": subscription,
        "tenant": tenant,
        "partner": partner,
        "organisation": organisation,
        "kind": kind,
    }
    given = [(column, value) for column, value in asked.items() if value is not None]
    return {f"{'+' if n else ''}{column} = ?": value for n, (column, value) in enumerate(given)}


def _of_customer(
    views: sqlite3.Connection, customer: str | None, known: int
) -> tuple[str | None, dict[str, Any]]:
    """The tenant to seek by, or the condition where its claims moved from or to another."""
    moved = held_or_moved(views, customer, known) if customer else {}
    return (None if moved else customer), moved


def _of_kind(asked: str | None) -> tuple[str | None, dict[str, str | None]]:
    """The kind that holdings carry for a kind or label asked for, and what the label narrows."""
    kind = kinds.table().get(asked or "")
    if kind is None or kind.label_of is None:
        return asked, {}
    where = kind.where
    return kind.label_of, {
        "activity = ?": where.activity,
        "slot GLOB ?": where.area and f"cpor:{where.area}:*",
        "role = ?": where.role,
        "partner IN (SELECT location FROM locations WHERE kind = ?)": where.location,
    }


def _labelled(found: list[Row]) -> list[Row]:
    for row in found:
        label = kinds.label(
            row["kind"],
            slot=row["slot"],
            activity=row["activity"],
            role=row["role"],
            frp=row.pop("location_kind") == "frp",
        )
        row["label"] = label.kind if label else row["kind"]
    return found
