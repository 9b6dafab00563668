"""The claims export: one row a claim and slot with everything the claim says and what came of it.

The portal has an export of this kind whose columns are not documented; these are our own
(partner_center_files.md §3, fields of domain.md §3.1) and stand in ``docs/claims_export.md``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from projections.claim_queries import claim_history, claim_list, claim_show
from projections.record import Record
from projections.visibility import Sight
from projections.visible_events import history_step
from schemas.time import iso
from schemas.values import Sealed

SEALED = "sealed"
_PAGE = 500

ABOUT = (
    *("claim", "title", "policy", "partner", "organisation", "tenant", "domain"),
    *("solution_area", "activity", "slot", "workload", "subscription", "outcome", "state"),
    *("state_name", "consent", "consent_mode", "consent_closes", "contested"),
    *("deadline", "deadline_at", "dispute_until", "disputes", "payment_opt_out"),
)
PROOF = ("documents", "documents_sha256", "proof_elements", "acknowledged_on", "acknowledged")
MORE = ("comment", "customer_name", "isv_product")
CONTACTS = (
    "customer_contact",
    "customer_technical_contact",
    "partner_contact",
    "solution_seller",
)
_PARTS = ("name", "title", "email")
DATES = {
    "claim.submitted.v1": "submitted_on",
    "claim.amended.v1": "amended_on",
    "claim.review_started.v1": "review_started_on",
    "claim.action_requested.v1": "action_requested_on",
    "claim.resubmitted.v1": "resubmitted_on",
    "claim.proof_added.v1": "proof_added_on",
    "claim.approved.v1": "approved_on",
    "claim.rejected.v1": "rejected_on",
    "claim.lapsed.v1": "lapsed_on",
    "consent.confirmed.v1": "consent_confirmed_on",
    "consent.passed.v1": "consent_passed_on",
    "consent.declined.v1": "consent_declined_on",
    "claim.disputed.v1": "disputed_on",
    "arbitration.decided.v1": "arbitrated_on",
    "claim.disassociated.v1": "disassociated_on",
    "subscription.ended.v1": "ended_on",
}
"""For each step the column with the date (effective, of the last one) at which it was taken."""

_REVIEWERS = (
    "claim.action_requested.v1",
    "claim.approved.v1",
    "claim.rejected.v1",
    "arbitration.decided.v1",
)

COLUMNS = (
    *ABOUT,
    *PROOF,
    *MORE,
    *(f"{contact}.{part}" for contact in CONTACTS for part in _PARTS),
    *DATES.values(),
    "reviewer_reasons",
)
"""Every column of the export, in order."""

Opened = Callable[[Sealed], Mapping[str, Any] | None]
"""Opens a sealed contact; None where its person was erased."""


def rows(
    views: sqlite3.Connection,
    event_at: Callable[[int], Record],
    known: int,
    opened: Opened | None = None,
    sight: Sight | None = None,
    **asked: Any,
) -> Iterator[dict[str, Any]]:
    """One row a claim and slot of the claims that fit, as known at a position, the newest first.

    Contacts are opened with ``opened``, else shown as ``sealed``; where ``sight`` is given, why a
    rival won is left out.
    """
    before: int | None = None
    while page := claim_list(views, known=known, before=before, limit=_PAGE, **asked):
        for claim in page:
            about = _Asked(event_at, known, opened, sight)
            yield from _claim(views, about, claim["claim"])
        before = page[-1]["claim_no"]


class _Asked(NamedTuple):
    event_at: Callable[[int], Record]
    known: int
    opened: Opened | None
    sight: Sight | None


def _claim(views: sqlite3.Connection, asked: _Asked, name: str) -> Iterator[dict[str, Any]]:
    event_at, known, opened, sight = asked
    found = claim_show(views, name, known=known)
    assert found is not None, "a claim that is listed is there"
    steps = claim_history(views, name, event_at, known=known)
    if sight is not None:
        steps = [history_step(sight, step) for step in steps]
    told: dict[str, Any] = {}
    for step in steps:
        told |= _said(event_at(step["position"]).data, step["type"], name)
    row: dict[str, Any] = {column: found.get(column) for column in ABOUT}
    row |= {
        "contested": bool(found["contested"]),
        "payment_opt_out": bool(found["payment_opt_out"]),
        "consent_closes": _instant(found["consent_closes_us"]),
        "deadline_at": _instant(found["deadline_us"]),
        "dispute_until": _instant(found["dispute_until_us"]),
        "domain": told.get("domain"),
        **{column: told.get(column) for column in MORE},
        **_proof(told),
        **_contacts(told, opened),
        **dict.fromkeys(DATES.values()),
        **_dates(steps),
        "reviewer_reasons": _reasons(steps),
    }
    for slot in found["slots"] or [{}]:
        yield {**row, **{part: slot.get(part) for part in _SLOT}}


_SLOT = ("slot", "workload", "subscription", "outcome")


def _said(data: Mapping[str, Any], type_name: str, name: str) -> dict[str, Any]:
    """What an event says of the claim's fields; the latest that says something counts."""
    if data.get("claim") != name:
        return {}
    wanted: tuple[str, ...] = (*CONTACTS, *MORE, "domain", "proof", "acknowledged")
    if type_name not in ("claim.submitted.v1", "claim.amended.v1"):
        wanted = ("proof",)
    return {field: data[field] for field in wanted if data.get(field) is not None}


def _proof(told: Mapping[str, Any]) -> dict[str, Any]:
    proof = told.get("proof") or {}
    documents = proof.get("documents", ())
    return {
        "documents": [document["title"] for document in documents],
        "documents_sha256": [document["sha256"] for document in documents],
        "proof_elements": list(proof.get("elements", ())),
        "acknowledged_on": proof.get("acknowledged_on"),
        "acknowledged": told.get("acknowledged"),
    }


def _contacts(told: Mapping[str, Any], opened: Opened | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for contact in CONTACTS:
        box = told.get(contact)
        for part in _PARTS:
            found[f"{contact}.{part}"] = SEALED if box else None
        if box and opened:
            plain = opened(Sealed.model_validate(box)) or {}
            found |= {f"{contact}.{part}": plain.get(part) for part in _PARTS}
    return found


def _dates(steps: list[dict[str, Any]]) -> dict[str, str]:
    known = [step for step in steps if step["type"] in DATES]
    return {DATES[step["type"]]: iso(step["effective_at_us"]) for step in known}


def _reasons(steps: list[dict[str, Any]]) -> str | None:
    """What reviewers gave as reasons, in order."""
    given = [step["why"] for step in steps if step["type"] in _REVIEWERS]
    return " | ".join(given) or None


def _instant(us: int | None) -> str | None:
    return None if us is None else iso(us)
