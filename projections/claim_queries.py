"""Claims as they stand, their histories and what is awaited: questions to the claims view."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from projections import claim_times, draft_queries
from projections.claim_record import state_name
from projections.claim_sentences import told
from projections.filters import Row, rows, where
from projections.moved_claims import with_tenants
from projections.record import Record
from projections.views import checkpoint

_MOST = 10_000
_AWAITED = (
    "claim_no, claim, relationship, about, tenant, partner, organisation, policy, state, name,"
    " due_us, effect"
)
_AWAITED_THEN = _AWAITED.replace(
    "organisation",
    "CASE WHEN claim_no IS NULL THEN coalesce((SELECT target FROM location_changes WHERE"
    " location = partner AND what = 'organisation' AND position <= ? ORDER BY position DESC"
    " LIMIT 1), organisation) ELSE organisation END AS organisation",
)
"""Whose a location was then: it may have moved to another organisation since (§7.5)."""
_SOONEST = "ORDER BY due_us, claim_no, relationship, about, tenant, partner, name LIMIT ?"


def claim_list(  # noqa: PLR0913  one keyword per filter, none positional
    views: sqlite3.Connection,
    *,
    known: int | None = None,
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
    """Claims that fit every filter, drafts before others, newest first.

    One whose customer's users moved is found by each of its tenants; ``migrated_to`` names those
    that it was not filed for.

    ``before`` (a ``claim_no``) pages on.

    With ``known`` as they stood at that position: claims, states and filters alike.
    ``state_name`` is the state in the words of the claim's policy (domain.md §4.1).
    """
    asked = {
        "tenant": tenant,
        "partner": partner,
        "organisation": organisation,
        "state": state,
        "policy": policy,
        "slot": slot,
        "contested": contested,
        "before": before,
    }
    limit = min(limit, _MOST)
    drafts = draft_queries.drafts(views, _past(views, known), asked)
    claims = with_tenants(views, _claims(views, known, limit, **asked), known)
    return [_named(row) for row in (*drafts, *claims)][:limit]


def claim_show(views: sqlite3.Connection, claim: str, *, known: int | None = None) -> Row | None:
    """One claim with its slots under ``slots`` (workload, subscription, outcome); None: unknown.

    With ``known`` as it stood at that position; None when it was not even drafted by then. A draft
    asks for no slot.
    """
    found = next(iter(_claims(views, known, 1, claim=claim)), None)
    if found is None:
        drafts = draft_queries.drafts(views, _past(views, known), {"claim": claim})
        return {**_named(drafts[0]), "slots": []} if drafts else None
    (found,) = with_tenants(views, [found], known)
    return {**_named(found), "slots": claim_times.outcomes(views, found["claim_no"], known)}


def _past(views: sqlite3.Connection, known: int | None) -> int | None:
    """The position asked for, if something came since."""
    return None if known is None or known >= checkpoint(views).position else known


def _claims(views: sqlite3.Connection, known: int | None, limit: int, **asked: Any) -> list[Row]:
    past = _past(views, known)
    if past is None:
        return claim_times.present(views, limit, **asked)
    return claim_times.as_known(views, past, limit, **asked)


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
    steps = (*draft_queries.steps(views, claim, known), *rows(views, sql, values))
    return [_worded(row, event_at(row["position"])) for row in steps]


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


def deadlines(  # noqa: PLR0913  one keyword per filter, none positional
    views: sqlite3.Connection,
    *,
    from_us: int | None = None,
    until_us: int | None = None,
    partner: str | None = None,
    tenant: str | None = None,
    name: str | None = None,
    known: int | None = None,
    limit: int = _MOST,
) -> list[Row]:
    """What is awaited, soonest first, due in ``[from_us, until_us)``; with ``known`` as then.

    Names: ``review`` and ``decision`` (promised days), ``answer`` and ``consent`` (the clock acts
    when they pass), ``dispute_answer`` (promised), ``dispute`` (until then the partner may); of
    GDAP relationships ``gdap_request``, ``gdap_notice`` and ``gdap_end`` (the clock acts); of
    delegations ``delegation_end``, of roles ``role_end``, of enrolments ``enrolment_term``, of
    competencies ``anniversary`` (the clock acts) and of profiles ``validation`` (promised).
    """
    asked = {
        "due_us >= ?": from_us,
        "due_us < ?": until_us,
        "partner = ?": partner,
        "tenant = ?": tenant,
        "name = ?": name,
    }
    limit = min(limit, _MOST)
    if known is None or known >= checkpoint(views).position:
        conditions, values = where(asked)
        sql = f"SELECT {_AWAITED} FROM deadlines{conditions} {_SOONEST}"
        return rows(views, sql, [*values, limit])
    now, now_values = where({**asked, "updated_at <= ?": known})
    then, then_values = where({**asked, "updated_at <= ? AND known_to > ?": (known, known)})
    sql = f"SELECT {_AWAITED_THEN} FROM deadlines{now} {_SOONEST}"
    soonest = rows(views, sql, [known, *now_values, limit])
    sql = f"SELECT {_AWAITED_THEN} FROM past_deadlines{then} {_SOONEST}"
    soonest += rows(views, sql, [known, *then_values, limit])
    return sorted(soonest, key=_by_due)[:limit]


def _by_due(row: Row) -> tuple[Any, ...]:
    """As ``_SOONEST`` orders, where what is missing comes first."""
    names = ("relationship", "about", "tenant", "partner", "name")
    return (row["due_us"], row["claim_no"] or 0, *(row[name] or "" for name in names))


def _named(claim: Row) -> Row:
    return {**claim, "state_name": state_name(claim["state"], claim["policy"])}
