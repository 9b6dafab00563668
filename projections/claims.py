"""Fold of claims: state, slots, consent and deadlines as they stand, and the history of each.

Agrees with the decision model of a claim (``ledger.decision_models.claim``). Contacts are
never read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ledger.errors import DamagedError
from projections.challenges import Challenges
from projections.claim_changes import (
    CHANGES,
    approve,
    asked_slots,
    instant_us,
    lose,
    maybe_us,
)
from projections.claim_record import HELD, OPEN, ClaimRecord, ClaimSlot
from projections.claim_rows import (
    CHANGING,
    INSERT,
    MOVED,
    PAST,
    SLOTS,
    STEP,
    STEP_WITH_OTHER,
    UPDATE,
    changes,
    fixed,
    row,
    slot_rows,
)
from projections.record import Record
from projections.relocations import changed_locations
from projections.remembered import Remembered
from projections.views import index_for_folds

_LIMIT = 40_000
_AT_ONCE = 1_000
_OF_PARTNER = "SELECT claim FROM claims WHERE partner = ? ORDER BY claim_no"


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
        self._challenges = Challenges(views)
        self._past: list[tuple[Any, ...]] = []
        self._moved: list[tuple[str, int]] = []
        self._steps: list[tuple[Any, ...]] = []
        self._steps_with_other: list[tuple[Any, ...]] = []

    def handlers(self) -> dict[str, Callable[[Record], None]]:
        """What this fold does about each type of event."""
        return {
            **dict.fromkeys(CHANGES, self._changed),
            "claim.amended.v1": self._amended,
            "claim.submitted.v1": self._submitted,
            "claim.imported.v1": self._imported,
            "customer.migrated.v1": self._migrated,
            "arbitration.opened.v1": self._arbitration_opened,
            "arbitration.answered.v1": self._arbitration_answered,
            "arbitration.unanswered.v1": self._arbitration_unanswered,
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
            ended = slots.intersection(known.with_outcome(HELD))
            if ended:
                known.turn(ended, "ended", "ended")
                known.await_the_rest()
                self._note(known, record, "ended", "", ended)

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
        self._views.executemany(STEP, self._steps)
        self._views.executemany(STEP_WITH_OTHER, self._steps_with_other)
        self._steps, self._steps_with_other = [], []
        self._views.executemany(PAST, self._past)
        self._views.executemany(MOVED, self._moved)
        self._past, self._moved = [], []

    def _store(self, waiting: list[ClaimRecord]) -> None:
        # At the end of a rebuild that is all that are remembered: their rows together would be
        # as much again.
        for start in range(0, len(waiting), _AT_ONCE):
            self._store_some(waiting[start : start + _AT_ONCE])

    def _store_some(self, claims: list[ClaimRecord]) -> None:
        self._views.executemany(INSERT, [row(known) for known in claims if known.fixed])
        self._views.executemany(UPDATE, [changes(known) for known in claims if not known.fixed])
        self._views.executemany(SLOTS, slot_rows(claims))
        for known in claims:
            known.fixed, known.slots_changed = None, False

    def _load(self, claim: str) -> ClaimRecord | None:
        if not self._indexed:
            index_for_folds(self._views)
            self._indexed = True
        found = self._views.execute(
            f"SELECT claim_no, partner, organisation, activity, contested, {CHANGING}"
            " FROM claims WHERE claim = ?",
            (claim,),
        ).fetchone()
        if found is None:
            return None
        slots = self._views.execute(
            "SELECT slot, workload, subscription, outcome, asked_at, consented FROM claim_slots"
            " WHERE claim_no = ? ORDER BY n",
            (found[0],),
        )
        no, partner, organisation, activity = found[:4]
        asked = [ClaimSlot(*slot) for slot in slots]
        known = ClaimRecord(no, partner, organisation, activity, asked)
        known.contested, known.state, known.consent, known.consent_mode = found[4:8]
        known.consent_closes_us, known.deadline, known.deadline_us = found[8:11]
        known.dispute_until_us, known.disputes, known.updated_at_us, known.updated_at = found[11:]
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
        step_row = (self._next_row, known.no, record.position, step, known.state)
        if other or slots:
            self._steps_with_other.append((*step_row, other, " ".join(sorted(slots))))
        else:
            self._steps.append(step_row)
        self._next_row += 1

    def _changed(self, record: Record) -> None:
        data = record.data
        known = self.get(data["claim"], record)
        if known.partner != data["location"]:
            self._moved.append((known.partner, known.no))
            known.partner = data["location"]
        CHANGES[record.type](known, data)
        self._note(known, record, record.type)
        self._challenges_over(known, data["claim"], record)

    def _challenges_over(self, known: ClaimRecord, claim: str, record: Record) -> None:
        """A challenger that asks for nothing, a holder that holds nothing: nothing is awaited."""
        if self._challenges.none:
            return
        if not known.with_outcome(("asked",)):
            self._challenges.close(record, challenger=claim)
        if not known.with_outcome(("held", "awaiting_consent")):
            self._challenges.close(record, claim_no=known.no)

    def _submitted(self, record: Record) -> None:
        data = record.data
        slots = asked_slots(data, record.position)
        who = (data["location"], data["organisation"], data["activity"])
        known = ClaimRecord(self._next_no, *who, slots)
        self._next_no += 1
        self._known[data["claim"]] = known
        known.await_until("review", instant_us(data["review_due"]))
        known.fixed = fixed(record)
        contested = data.get("contested")
        known.contested = 1 if contested else 0
        self._note(known, record, record.type)
        if contested:
            self._challenged(record)

    def _imported(self, record: Record) -> None:
        data = record.data
        who = (data["location"], data["organisation"], data["activity"])
        known = ClaimRecord(self._next_no, *who, asked_slots(data, record.position))
        self._next_no += 1
        self._known[data["claim"]] = known
        known.turn([slot["slot"] for slot in data["slots"]], "held", "approved")
        known.consent = "passed"
        known.fixed = fixed(record)
        self._note(known, record, record.type)

    def _amended(self, record: Record) -> None:
        known = self.get(record.data["claim"], record)
        for slot in asked_slots(record.data, record.position):
            known.ask(slot)
        known.contested = 1 if record.data.get("contested") else known.contested
        self._changed(record)
        self._challenged(record)

    def _migrated(self, record: Record) -> None:
        """A claim that followed its customer's users holds at the other tenant (§14.9)."""
        data = record.data
        claims: dict[str, list[dict[str, Any]]] = {}
        for one in data.get("followed", ()):
            claims.setdefault(one["claim"], []).append(one)
        for claim, moves in claims.items():
            known = self.get(claim, record)
            for one in moves:
                self._follows_users(known, one, record)
            if any(one.get("to") for one in moves):
                self._views.execute(
                    "INSERT OR IGNORE INTO claim_tenants VALUES (?, ?, ?)",
                    (data["to"], known.no, record.position),
                )
            slots = [one.get("to") or one["slot"] for one in moves]
            self._note(known, record, record.type, "", slots)

    def _follows_users(self, known: ClaimRecord, one: dict[str, Any], record: Record) -> None:
        before, to = known.find(one["slot"]), one.get("to")
        if to:
            consented = before.consented if before else 0
            known.ask(ClaimSlot(to, one["workload"], None, "held", record.position, consented))
            known.turn([to], "held", known.state)
        if "users" not in record.data:
            known.turn([one["slot"]], "moved", known.state)

    def _challenged(self, record: Record) -> None:
        holders: dict[str, list[str]] = {}
        for contest in record.data.get("contested", ()):
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
                self._follows(claim, self.get(claim, record), record)

    def _follows(self, claim: str, known: ClaimRecord, record: Record) -> None:
        data, slots = record.data, known.with_outcome(OPEN)
        if record.type == "location.deleted.v1":
            if slots:
                known.turn(slots, "ended", "ended")
                known.await_until(None, None)
                self._note(known, record, record.type, "", slots)
                self._challenges_over(known, claim, record)
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

    def _arbitration_opened(self, record: Record) -> None:
        data = record.data
        challenger = data["challenger"]["claim"]
        known = self.get(challenger, record)
        known.contested = 1
        self._note(known, record, record.type)
        self._challenges.close(record, challenger=challenger)
        for side in data["incumbents"]:
            known = self.get(side["claim"], record)
            known.contested = 1
            self._challenges.open(challenger, known.no, instant_us(data["answer_due"]), record)
            self._note(known, record, "told", challenger, data["slots"])

    def _arbitration_answered(self, record: Record) -> None:
        data = record.data
        known = self.get(data["claim"], record)
        self._note(known, record, record.type)
        for challenger in data["challengers"]:
            self._challenges.close(record, challenger=challenger, claim_no=known.no)
            self._note(self.get(challenger, record), record, "rival_answered", data["claim"])

    def _arbitration_unanswered(self, record: Record) -> None:
        data = record.data
        challenger = data["challenger"]["claim"]
        self._challenges.close(record, challenger=challenger)
        self._note(self.get(challenger, record), record, record.type)
        for side in data.get("silent", ()):
            self._note(self.get(side["claim"], record), record, "stayed_silent", challenger)

    def _arbitrated(self, record: Record) -> None:
        data = record.data
        wins = data["outcome"] == "challenger_wins"
        challenger = data["challenger"]["claim"]
        until_us = maybe_us(data.get("dispute_until"))
        known = self.get(challenger, record)
        if wins:
            approve(known, data, "held")
        else:
            lose(known, data["slots"], "rejected", until_us)
        if wins or data.get("closed"):
            self._challenges.close(record, challenger=challenger)
        rival = data["incumbents"][0]["claim"]
        self._note(known, record, f"won={wins}", rival)
        for side in data["incumbents"]:
            known = self.get(side["claim"], record)
            if wins:
                lost = {*data["slots"], *data.get("vacated", ())}
                taken = lost.intersection(known.with_outcome(("held", "awaiting_consent")))
                known.turn(taken, "replaced", "replaced")
                known.dispute_until_us = until_us
                known.await_the_rest()
            self._challenges.close(record, challenger=challenger, claim_no=known.no)
            self._note(known, record, f"kept={not wins}", challenger)
            self._challenges_over(known, side["claim"], record)


def _last(views: sqlite3.Connection, column: str, table: str) -> int:
    found: int = views.execute(f"SELECT coalesce(max({column}), 0) FROM {table}").fetchone()[0]
    return found
