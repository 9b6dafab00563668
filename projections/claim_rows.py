"""The rows of the claims tables: the statements, and the values of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from projections.claim_record import ClaimRecord
from projections.record import Record

CHANGING = (
    "state, consent, consent_mode, consent_closes_us, deadline, deadline_us, dispute_until_us,"
    " disputes, updated_at_us, updated_at"
)
# '' stands for nothing: the driver binds text several times faster than None.
_MAYBE = "NULLIF(?, '')"
_STANDING = f"?, {_MAYBE}, {_MAYBE}, {_MAYBE}, {_MAYBE}, {_MAYBE}, {_MAYBE}, ?, ?, ?"
INSERT = f"INSERT INTO claims VALUES ({', '.join('?' * 13)}, {_STANDING})"
UPDATE = (
    f"UPDATE claims SET ({CHANGING}) = ({_STANDING}), partner = ?, organisation = ?,"
    " contested = ? WHERE claim_no = ?"
)
STEP = "INSERT INTO claim_history VALUES (?, ?, ?, ?, ?, NULL, NULL)"
STEP_WITH_OTHER = f"INSERT INTO claim_history VALUES (?, ?, ?, ?, ?, {_MAYBE}, {_MAYBE})"
PAST = f"INSERT INTO claim_states VALUES (?, ?, {_STANDING}, ?, ?, ?, ?)"
MOVED = "INSERT OR IGNORE INTO claim_moves VALUES (?, ?)"
SLOTS = f"INSERT OR REPLACE INTO claim_slots VALUES (?, ?, ?, {_MAYBE}, {_MAYBE}, ?, ?, ?)"


def fixed(record: Record) -> tuple[Any, ...]:
    """The columns of a claim that its submission settles, in the order of the table."""
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
    assert known.fixed, "only a claim that was never written is inserted"
    assert known.noted, "every change of a claim is noted"
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
        *known.noted[:-4],
    )


def changes(known: ClaimRecord) -> tuple[Any, ...]:
    """The values of ``UPDATE``."""
    assert known.noted, "every change of a claim is noted"
    return (*known.noted[:-1], known.no)


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
            slot.asked_at,
            slot.consented,
        )
        for known in claims
        if known.slots_changed
        for n, slot in enumerate(known.slots)
    ]
