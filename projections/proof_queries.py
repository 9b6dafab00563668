"""The proofs of a claim, document by document, read from the events that brought them."""

from __future__ import annotations

import sqlite3

from projections.draft_queries import EventAt, content
from projections.filters import Row, rows, where

_BRING = (
    "claim.submitted.v1",
    "claim.resubmitted.v1",
    "claim.proof_added.v1",
    "claim.disputed.v1",
)
_BEGIN_ANEW = ("claim.submitted.v1", "claim.resubmitted.v1")


def proofs(
    views: sqlite3.Connection, claim: str, event_at: EventAt, known: int | None = None
) -> list[Row]:
    """Every document delivered, oldest first, up to ``known``; that of a draft, where it is one.

    ``counts`` tells whether it belongs to the proof as it stands: an answer to the reviewer takes
    the place of what came before, everything else is added (domain.md §3.4, §4.2 row 5).
    """
    steps = _steps(views, claim, known)
    if not steps:
        drafted = content(views, claim, event_at, known).get("proof")
        return _documents(drafted, None, counts=True) if drafted else []
    begun = max((at for at, step in steps if step in _BEGIN_ANEW), default=0)
    found = []
    for position, _ in steps:
        proof = event_at(position).data.get("proof")
        if proof:
            found += _documents(proof, position, counts=position >= begun)
    return found


def _steps(views: sqlite3.Connection, claim: str, known: int | None) -> list[tuple[int, str]]:
    marks = ", ".join("?" * len(_BRING))
    conditions, values = where(
        {
            "claim_no = (SELECT claim_no FROM claims WHERE claim = ?)": claim,
            "position <= ?": known,
            f"step IN ({marks})": _BRING,
        }
    )
    sql = f"SELECT position, step FROM claim_history{conditions} ORDER BY row_id"
    return [(row["position"], row["step"]) for row in rows(views, sql, values)]


def _documents(proof: Row, position: int | None, *, counts: bool) -> list[Row]:
    return [
        {
            "position": position,
            "document": document["title"],
            "sha256": document["sha256"],
            "acknowledged_on": proof.get("acknowledged_on"),
            "elements": proof["elements"],
            "counts": counts,
        }
        for document in proof["documents"]
    ]
