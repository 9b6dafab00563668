"""Claims as they stand, their histories and what is awaited: questions to the claims view."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from projections.claim_record import state_name
from projections.claim_sentences import told
from projections.filters import Row, one, rows, where
from projections.record import Record

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


def claim_history(
    views: sqlite3.Connection,
    claim: str,
    event_at: Callable[[int], Record],
    *,
    known: int | None = None,
) -> list[Row]:
    """What happened to a claim, in order of position, up to ``known`` when that is given.

    ``event_at`` gives the log's event at a position; ``what`` and ``why`` are worded from it.
    ``other_claim`` names a rival or predecessor: for auditors, not for the claimant.
    """
    conditions, values = where(
        {
            "claim_no = (SELECT claim_no FROM claims WHERE claim = ?)": claim,
            "position <= ?": known,
        }
    )
    columns = "position, step, state, other_claim, slots"
    sql = f"SELECT {columns} FROM claim_history{conditions} ORDER BY row_id"
    return [_worded(row, event_at(row["position"])) for row in rows(views, sql, values)]


def _worded(row: Row, event: Record) -> Row:
    what, why = told(row["step"], event.data, (row["slots"] or "").split())
    return {
        "position": event.position,
        "recorded_at_us": event.recorded_at_us,
        "effective_at_us": event.effective_at_us,
        "actor": event.actor,
        "type": event.type,
        "what": what,
        "why": why,
        "state": row["state"],
        "other_claim": row["other_claim"],
    }


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
