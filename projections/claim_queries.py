"""Claims as they stand, their histories and what is awaited: questions to the claims view."""

from __future__ import annotations

import sqlite3

from projections.claim_record import state_name
from projections.filters import Row, one, rows, where

_MOST = 10_000


def claim_list(  # noqa: PLR0913  one keyword per filter, none positional
    views: sqlite3.Connection,
    *,
    tenant: str | None = None,
    partner: str | None = None,
    organisation: str | None = None,
    state: str | None = None,
    policy: str | None = None,
    slot: str | None = None,
    contested: bool | None = None,
    before: int | None = None,
    limit: int = _MOST,
) -> list[Row]:
    """Claims that fit every filter, newest first; ``before`` (a ``claim_no``) pages on.

    ``state_name`` is the state in the words of the claim's policy (domain.md §4.1).
    """
    conditions, values = where(
        {
            "claim_no IN (SELECT claim_no FROM claim_slots WHERE slot = ?)": slot,
            "tenant = ?": tenant,
            "partner = ?": partner,
            "organisation = ?": organisation,
            "state = ?": state,
            "policy = ?": policy,
            "contested = ?": contested,
            "claim_no < ?": before,
        }
    )
    sql = f"SELECT * FROM claims{conditions} ORDER BY claim_no DESC LIMIT ?"
    return [_named(row) for row in rows(views, sql, [*values, min(limit, _MOST)])]


def claim_show(views: sqlite3.Connection, claim: str) -> Row | None:
    """One claim with its slots under ``slots`` (workload, subscription, outcome); None: unknown."""
    found = one(views, "SELECT * FROM claims WHERE claim = ?", claim)
    if found is None:
        return None
    slots = "SELECT slot, workload, subscription, outcome FROM claim_slots WHERE claim_no = ?"
    return {**_named(found), "slots": rows(views, f"{slots} ORDER BY n", [found["claim_no"]])}


def claim_history(views: sqlite3.Connection, claim: str, *, known: int | None = None) -> list[Row]:
    """What happened to a claim, in order of position, up to ``known`` when that is given.

    ``other_claim`` names a rival or predecessor: for auditors, not for the claimant.
    """
    conditions, values = where(
        {
            "claim_no = (SELECT claim_no FROM claims WHERE claim = ?)": claim,
            "position <= ?": known,
        }
    )
    columns = "position, recorded_at_us, effective_at_us, actor, type, what, why, state"
    sql = f"SELECT {columns}, other_claim FROM claim_history{conditions} ORDER BY row_id"
    return rows(views, sql, values)


def deadlines(
    views: sqlite3.Connection,
    *,
    from_us: int | None = None,
    until_us: int | None = None,
    partner: str | None = None,
    tenant: str | None = None,
    name: str | None = None,
    limit: int = _MOST,
) -> list[Row]:
    """What is awaited, soonest first, due in ``[from_us, until_us)``.

    Names: ``review`` and ``decision`` (promised days), ``answer`` and ``consent`` (the clock acts
    when they pass), ``dispute_answer`` (promised), ``dispute`` (until then the partner may).
    """
    conditions, values = where(
        {
            "due_us >= ?": from_us,
            "due_us < ?": until_us,
            "partner = ?": partner,
            "tenant = ?": tenant,
            "name = ?": name,
        }
    )
    sql = f"SELECT * FROM deadlines{conditions} ORDER BY due_us, claim_no, name LIMIT ?"
    return rows(views, sql, [*values, min(limit, _MOST)])


def _named(claim: Row) -> Row:
    return {**claim, "state_name": state_name(claim["state"], claim["policy"])}
