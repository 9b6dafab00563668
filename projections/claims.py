"""Fold of claims: state, slots, consent and deadlines as they stand, and the history of each.

Agrees with the decision model of a claim (``ledger.decision_models.claim``); knows besides when a
claim ended with its subscription. Contacts are never read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from ledger.errors import DamagedError
from projections.claim_record import LOST, OPEN, ClaimRecord, ClaimSlot
from projections.record import Record
from projections.relocations import changed_locations
from projections.remembered import Remembered
from projections.views import index_for_folds
from schemas.time import from_iso

_LIMIT = 40_000
_CHANGING = (
    "state, consent, consent_mode, consent_closes_us, deadline, deadline_us, dispute_until_us,"
    " disputes, updated_at_us, updated_at"
)
# '' stands for nothing: the driver binds text several times faster than None.
_MAYBE = "NULLIF(?, '')"
_STANDING = f"?, {_MAYBE}, {_MAYBE}, {_MAYBE}, {_MAYBE}, {_MAYBE}, {_MAYBE}, ?, ?, ?"
_INSERT = f"INSERT INTO claims VALUES ({', '.join('?' * 13)}, {_STANDING})"
_UPDATE = (
    f"UPDATE claims SET ({_CHANGING}) = ({_STANDING}), partner = ?, organisation = ?,"
    " contested = ?"
    " WHERE claim_no = ?"
)
_STEP = "INSERT INTO claim_history VALUES (?, ?, ?, ?, ?, NULL, NULL)"
_STEP_WITH_OTHER = f"INSERT INTO claim_history VALUES (?, ?, ?, ?, ?, {_MAYBE}, {_MAYBE})"
_PAST = f"INSERT INTO claim_states VALUES (?, ?, {_STANDING}, ?, ?, ?, ?)"
_MOVED = "INSERT OR IGNORE INTO claim_moves VALUES (?, ?)"
_OF_PARTNER = "SELECT claim FROM claims WHERE partner = ? ORDER BY claim_no"
_SLOTS = f"INSERT OR REPLACE INTO claim_slots VALUES (?, ?, ?, {_MAYBE}, {_MAYBE}, ?)"

_us = lru_cache(maxsize=65_536)(from_iso)


def _maybe_us(instant: str | None) -> int | None:
    return _us(instant) if instant else None


class Claims:
    """The claims tables, with changes gathered until ``write``.

    ``fresh`` promises empty tables: what nobody looks up is not indexed yet.
    """

    def __init__(self, views: sqlite3.Connection, *, fresh: bool = False) -> None:
        self._views = views
        self._indexed = not fresh
        self._known: Remembered[str, ClaimRecord] = Remembered(_LIMIT)
        self._next_no = 1 + _last(views, "claim_no", "claims")
        self._next_row = 1 + _last(views, "row_id", "claim_history")
        self._touched: dict[int, ClaimRecord] = {}
        self._past: list[tuple[Any, ...]] = []
        self._moved: list[tuple[str, int]] = []
        self._steps: list[tuple[Any, ...]] = []
        self._steps_with_other: list[tuple[Any, ...]] = []

    def handlers(self) -> dict[str, Callable[[Record], None]]:
        """What this fold does about each type of event."""
        return {
            **dict.fromkeys(_CHANGES, self._changed),
            "claim.submitted.v1": self._submitted,
            "arbitration.decided.v1": self._arbitrated,
            "consent.declined.v1": self._declined,
            "organisation.merged.v1": self._location_changed,
            "location.moved.v1": self._location_changed,
            "location.repointed.v1": self._location_changed,
            "location.deleted.v1": self._location_changed,
        }

    def get(self, claim: str, record: Record) -> ClaimRecord:
        """The claim as it stands; raises ``DamagedError`` when nobody submitted it."""
        known = self._known.get(claim) or self._load(claim)
        if known is None:
            raise DamagedError(
                f"Position {record.position} ({record.type}) is about the claim {claim!r}, which"
                " no earlier event submitted.",
                hint="Check the log with `attribution verify`.",
                code="claim_unknown",
            )
        return known

    def ended_with_subscription(self, over: Mapping[str, set[str]], record: Record) -> None:
        """Slots of claims ended because their subscription did (domain.md §4.4)."""
        for claim, slots in over.items():
            known = self.get(claim, record)
            known.turn(slots, "ended", "ended")
            known.await_the_rest()
            self._note(known, record, "ended", "", slots)

    def write(self, *, whole: bool) -> None:
        """Bring the gathered changes into the tables.

        Unless ``whole``, claims that are still remembered wait: while nobody reads, writing each
        once is enough.
        """
        gone = self._known.forget()
        if whole:
            self._store(list(self._touched.values()))
            self._touched.clear()
        else:
            waiting = (self._touched.pop(known.no, None) for known in gone)
            self._store([known for known in waiting if known])
        self._views.executemany(_STEP, self._steps)
        self._views.executemany(_STEP_WITH_OTHER, self._steps_with_other)
        self._steps, self._steps_with_other = [], []
        self._views.executemany(_PAST, self._past)
        self._views.executemany(_MOVED, self._moved)
        self._past, self._moved = [], []

    def _store(self, claims: list[ClaimRecord]) -> None:
        self._views.executemany(_INSERT, [_row(known) for known in claims if known.fixed])
        self._views.executemany(_UPDATE, [_changes(known) for known in claims if not known.fixed])
        self._views.executemany(_SLOTS, _slot_rows(claims))
        for known in claims:
            known.fixed, known.slots_changed = None, False

    def _load(self, claim: str) -> ClaimRecord | None:
        if not self._indexed:
            index_for_folds(self._views)
            self._indexed = True
        row = self._views.execute(
            f"SELECT claim_no, partner, organisation, activity, contested, {_CHANGING}"
            " FROM claims WHERE claim = ?",
            (claim,),
        ).fetchone()
        if row is None:
            return None
        slots = self._views.execute(
            "SELECT slot, workload, subscription, outcome FROM claim_slots"
            " WHERE claim_no = ? ORDER BY n",
            (row[0],),
        )
        no, partner, organisation, activity = row[:4]
        asked = [ClaimSlot(*slot) for slot in slots]
        known = ClaimRecord(no, partner, organisation, activity, asked)
        known.contested, known.state, known.consent, known.consent_mode = row[4:8]
        known.consent_closes_us, known.deadline, known.deadline_us = row[8:11]
        known.dispute_until_us, known.disputes, known.updated_at_us, known.updated_at = row[11:]
        known.noted = known.standing()
        known.slots_changed = False
        self._known[claim] = known
        return known

    def _note(
        self,
        known: ClaimRecord,
        record: Record,
        step: str,
        other: str = "",
        slots: Iterable[str] = (),
    ) -> None:
        noted = known.noted
        if noted is not None and known.updated_at != record.position:
            self._past.append((known.no, record.position, *noted))
        known.updated_at_us, known.updated_at = record.recorded_at_us, record.position
        known.noted = known.standing()
        self._touched[known.no] = known
        row = (self._next_row, known.no, record.position, step, known.state)
        if other or slots:
            self._steps_with_other.append((*row, other, " ".join(sorted(slots))))
        else:
            self._steps.append(row)
        self._next_row += 1

    def _changed(self, record: Record) -> None:
        data = record.data
        known = self.get(data["claim"], record)
        if known.partner != data["location"]:
            self._moved.append((known.partner, known.no))
            known.partner = data["location"]
        _CHANGES[record.type](known, data)
        self._note(known, record, record.type)

    def _submitted(self, record: Record) -> None:
        data = record.data
        slots = [
            ClaimSlot(slot["slot"], slot.get("workload"), slot.get("subscription"), "asked")
            for slot in data["slots"]
        ]
        who = (data["location"], data["organisation"], data["activity"])
        known = ClaimRecord(self._next_no, *who, slots)
        self._next_no += 1
        self._known[data["claim"]] = known
        known.await_until("review", _us(data["review_due"]))
        known.fixed = _fixed(record)
        contested = data.get("contested")
        known.contested = 1 if contested else 0
        self._note(known, record, record.type)
        if contested:
            self._challenged(record)

    def _challenged(self, record: Record) -> None:
        holders: dict[str, list[str]] = {}
        for contest in record.data["contested"]:
            holders.setdefault(contest["holder_claim"], []).append(contest["slot"])
        for holder, slots in holders.items():
            known = self.get(holder, record)
            known.contested = 1
            self._note(known, record, "challenged", record.data["claim"], slots)

    def _location_changed(self, record: Record) -> None:
        """Claims follow their location, and end with it (domain.md §7.5)."""
        for location in changed_locations(record):
            self.write(whole=True)
            index_for_folds(self._views)
            for (claim,) in self._views.execute(_OF_PARTNER, (location,)).fetchall():
                self._follows(self.get(claim, record), record)

    def _follows(self, known: ClaimRecord, record: Record) -> None:
        data, slots = record.data, known.with_outcome(OPEN)
        if record.type == "location.deleted.v1":
            if slots:
                known.turn(slots, "ended", "ended")
                known.await_until(None, None)
                self._note(known, record, record.type, "", slots)
            return
        before = (known.partner, known.organisation)
        if record.type == "location.repointed.v1":
            known.partner = data["to"]
        else:
            known.organisation = data.get("into") or data["organisation"]
        self._moved += [(name, known.no) for name in before]
        self._note(known, record, record.type, "", slots)

    def _declined(self, record: Record) -> None:
        data = record.data
        self._changed(record)
        backs: dict[str, list[str]] = {}
        for back in data.get("restored", ()):
            backs.setdefault(back["claim"], []).append(back["slot"])
        for claim, slots in backs.items():
            known = self.get(claim, record)
            known.turn(slots, "held", "approved")
            known.dispute_until_us = None
            known.await_the_rest()
            self._note(known, record, "restored", data["claim"], slots)

    def _arbitrated(self, record: Record) -> None:
        data = record.data
        wins = data["outcome"] == "challenger_wins"
        challenger = data["challenger"]["claim"]
        until_us = _maybe_us(data.get("dispute_until"))
        known = self.get(challenger, record)
        if wins:
            _approve(known, data, "held")
        else:
            _lose(known, data["slots"], "rejected", until_us)
        rival = data["incumbents"][0]["claim"]
        self._note(known, record, f"won={wins}", rival)
        for side in data["incumbents"]:
            known = self.get(side["claim"], record)
            if wins:
                taken = set(known.with_outcome(("held", "awaiting_consent"))) & set(data["slots"])
                known.turn(taken, "replaced", "replaced")
                known.dispute_until_us = until_us
                known.await_the_rest()
            self._note(known, record, f"kept={not wins}", challenger)


def _fixed(record: Record) -> tuple[Any, ...]:
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


def _row(known: ClaimRecord) -> tuple[Any, ...]:
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


def _changes(known: ClaimRecord) -> tuple[Any, ...]:
    assert known.noted, "every change of a claim is noted"
    return (*known.noted[:-1], known.no)


def _slot_rows(claims: Iterable[ClaimRecord]) -> list[tuple[Any, ...]]:
    return [
        (known.no, n, slot.slot, slot.workload or "", slot.subscription or "", slot.outcome)
        for known in claims
        if known.slots_changed
        for n, slot in enumerate(known.slots)
    ]


def _last(views: sqlite3.Connection, column: str, table: str) -> int:
    found: int = views.execute(f"SELECT coalesce(max({column}), 0) FROM {table}").fetchone()[0]
    return found


# What each event changes about its claim (domain.md §4.2).


def _review_started(known: ClaimRecord, data: dict[str, Any]) -> None:
    known.state = "under_review"
    known.await_until("decision", _us(data["decision_due"]))


def _action_requested(known: ClaimRecord, data: dict[str, Any]) -> None:
    known.state = "partner_action_required"
    known.await_until("answer", _us(data["answer_due"]))


def _resubmitted(known: ClaimRecord, data: dict[str, Any]) -> None:
    # An answer that came in time but was keyed in late undoes the lapse recorded meanwhile.
    known.state = "submitted"
    known.turn(known.with_outcome(("lapsed",)), "asked", "submitted")
    known.dispute_until_us = None
    known.await_until("review", _us(data["review_due"]))


def _approved(known: ClaimRecord, data: dict[str, Any]) -> None:
    waits = data["consent_mode"] == "explicit" and known.consent != "confirmed"
    _approve(known, data, "awaiting_consent" if waits else "held")


def _approve(known: ClaimRecord, data: dict[str, Any], outcome: str) -> None:
    mode = data.get("consent_mode")
    silence = data.get("silence_confirms", True)
    known.turn(data["slots"], outcome, "approved")
    known.consent_mode, known.consent_closes_us = mode, _maybe_us(data.get("consent_closes"))
    if mode == "explicit":
        known.consent = "confirmed" if known.consent == "confirmed" else "needed"
    elif not silence:
        known.consent = "needed"
    elif mode == "opt_out_window":
        known.consent = "window"
    else:
        known.consent = "standing"
    known.await_the_rest()


def _lose(known: ClaimRecord, slots: list[str], outcome: str, until_us: int | None) -> None:
    known.turn(slots, outcome, "rejected" if until_us else "rejected_final")
    known.dispute_until_us = until_us
    known.await_the_rest()


def _rejected(known: ClaimRecord, data: dict[str, Any]) -> None:
    _lose(known, data["slots"], "rejected", _maybe_us(data.get("dispute_until")))


def _lapsed(known: ClaimRecord, data: dict[str, Any]) -> None:
    _lose(known, data["slots"], "lapsed", _maybe_us(data.get("dispute_until")))


def _declined(known: ClaimRecord, data: dict[str, Any]) -> None:
    known.consent = "declined"
    _lose(known, data["slots"], "declined", _maybe_us(data.get("dispute_until")))


def _disassociated(known: ClaimRecord, data: dict[str, Any]) -> None:
    _lose(known, data["slots"], "given_back", None)


def _disputed(known: ClaimRecord, data: dict[str, Any]) -> None:
    known.state = "dispute"
    known.turn(known.with_outcome(LOST), "asked", "dispute")
    known.dispute_until_us = None
    known.disputes += 1
    known.await_until("dispute_answer", _us(data["answer_due"]))


def _confirmed(known: ClaimRecord, _: dict[str, Any]) -> None:
    known.turn(known.with_outcome(("awaiting_consent",)), "held", known.state)
    _consented(known, "confirmed")


def _passed(known: ClaimRecord, _: dict[str, Any]) -> None:
    _consented(known, "passed")


def _bounced(known: ClaimRecord, _: dict[str, Any]) -> None:
    _consented(known, "needed" if known.consent in ("window", "standing") else known.consent)


def _consented(known: ClaimRecord, consent: str | None) -> None:
    known.consent = consent
    known.await_the_rest()


def _nothing(_: ClaimRecord, __: dict[str, Any]) -> None:
    """The event is history only."""


_CHANGES: dict[str, Callable[[ClaimRecord, dict[str, Any]], None]] = {
    "claim.review_started.v1": _review_started,
    "claim.action_requested.v1": _action_requested,
    "claim.resubmitted.v1": _resubmitted,
    "claim.proof_added.v1": _nothing,
    "claim.approved.v1": _approved,
    "claim.rejected.v1": _rejected,
    "claim.lapsed.v1": _lapsed,
    "claim.disassociated.v1": _disassociated,
    "claim.disputed.v1": _disputed,
    "consent.confirmed.v1": _confirmed,
    "consent.passed.v1": _passed,
    "consent.declined.v1": _declined,
    "consent.objection_recorded.v1": _nothing,
    "consent.notice_bounced.v1": _bounced,
}
