"""The rows of the claims tables: the statements, and the values of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from projections.claim_record import ClaimRecord
from projections.record import Record

FIXED = (
    "claim",
    "title",
    "tenant",
    "policy",
    "solution_area",
    "payment_opt_out",
    "submitted_at_us",
    "submitted_at",
)
"""The columns that change no more once a claim is submitted."""

_DRAFTED = ("title", "tenant", "solution_area", "payment_opt_out")
CHANGING = (
    "state, consent, consent_mode, consent_closes_us, deadline, deadline_us, dispute_until_us,"
    " disputes, updated_at_us, updated_at"
)
# '' stands for nothing: the driver binds text several times faster than None.
_MAYBE = "NULLIF(?, '')"
_STANDING = f"?, {_MAYBE}, {_MAYBE}, {_MAYBE}, {_MAYBE}, {_MAYBE}, {_MAYBE}, ?, ?, ?"
INSERT = f"INSERT INTO claims VALUES ({', '.join('?' * 13)}, {_STANDING})"
REPLACE = INSERT.replace("INSERT", "INSERT OR REPLACE")
"""Writes the row of a draft anew."""
UPDATE = (
    f"UPDATE claims SET ({CHANGING}) = ({_STANDING}), partner = ?, contested = ? WHERE claim_no = ?"
)
STEP = "INSERT INTO claim_history VALUES (?, ?, ?, ?, ?, NULL, NULL)"
STEP_WITH_OTHER = f"INSERT INTO claim_history VALUES (?, ?, ?, ?, ?, {_MAYBE}, {_MAYBE})"
SLOTS = f"INSERT OR REPLACE INTO claim_slots VALUES (?, ?, ?, {_MAYBE}, {_MAYBE}, ?, ?)"


def fixed(record: Record) -> tuple[Any, ...]:
    """The columns of a claim that its submission settles, in the order of ``FIXED``."""
    data = record.data
    return (
        data["claim"],
        data["title"],
        data["tenant"],
        data["policy"],
        data["solution_area"],
        int(data.get("payment_opt_out", False)),
        record.effective_at_us,
        record.position,
    )


def row(known: ClaimRecord) -> tuple[Any, ...]:
    """The values of ``INSERT``."""
    assert known.fixed, "only a claim whose fixed columns are new is written whole"
    claim, title, tenant, policy, area, opt_out, submitted_at_us, submitted_at = known.fixed
    return (
        known.no,
        claim,
        title,
        tenant,
        known.partner,
        known.organisation,
        policy,
        area,
        known.activity,
        known.contested,
        opt_out,
        submitted_at_us,
        submitted_at,
        *known.changing(),
    )


def changes(known: ClaimRecord) -> tuple[Any, ...]:
    """The values of ``UPDATE``."""
    return (*known.changing(), known.partner, known.contested, known.no)


def slot_rows(claims: Iterable[ClaimRecord]) -> list[tuple[Any, ...]]:
    """The values of ``SLOTS`` for every claim whose slots changed."""
    return [
        (
            known.no,
            n,
            slot.slot,
            slot.workload or "",
            slot.subscription or "",
            slot.outcome,
            slot.consented,
        )
        for known in claims
        if known.slots_changed
        for n, slot in enumerate(known.slots)
    ]


def draft_row(data: dict[str, Any], before: tuple[Any, ...] | None) -> tuple[Any, ...]:
    """The columns of ``FIXED`` of a draft: what stood there before, and what changes."""
    content = data["content"]
    old = dict(zip(FIXED, before, strict=True)) if before else {"policy": data.get("policy")}
    new = {name: content[name] for name in _DRAFTED if name in content}
    emptied = dict.fromkeys(data.get("emptied", ()))
    whole = {**old, **emptied, **new, "claim": data["claim"]}
    whole["payment_opt_out"] = int(whole.get("payment_opt_out") or False)
    return tuple(whole.get(name) for name in FIXED)
