"""Who holds what, told naively: no intervals, no rows, one instant after another.

Shares no code with the views. What was known at a position is replayed from the first event on;
effective time is the list of all instants that the events name, each standing until the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from projections.record import Record
from schemas.time import from_iso
from tests.projections.reference_azure import azure_held

Row = list[tuple[str, str] | None]
"""For each instant the claim that holds a slot from then on, and its location."""

Held = tuple[str, str, str, str | None, str | None, str | None]
"""Kind, slot, partner, claim, scope, role."""


class Fact(NamedTuple):
    """An event with the instant it is effective on, in microseconds UTC."""

    position: int
    on: int
    type: str
    data: dict[str, Any]


def told(records: Iterable[Record], known: int | None = None) -> list[Fact]:
    """The facts of a log, as far as they are known at a position.

    A fact that was corrected by then is told at its new instant, one that was retracted not at all.
    """
    facts = [
        Fact(r.position, r.effective_at_us, r.type, r.data)
        for r in records
        if known is None or r.position <= known
    ]
    gone = {fact.data["fact"] for fact in facts if fact.type == "fact.retracted.v1"}
    moved = {
        fact.data["fact"]: from_iso(fact.data["now"])
        for fact in facts
        if fact.type == "fact.corrected.v1"
    }
    return [
        fact._replace(on=moved.get(fact.position, fact.on))
        for fact in facts
        if fact.position not in gone
    ]


def holders(records: Sequence[Record], *, on: int, known: int) -> set[Held]:
    """Everything held at an instant, as known at a position."""
    facts = told(records, known)
    found: set[Held] = set()
    wall = claimed(facts)
    for slot in wall.rows:
        who = wall.at(slot, on)
        if who:
            found.add(("CPOR", slot, who[1], who[0], None, None))
    found |= _dpor(facts, on) | _csp(facts, on) | _tpor(facts, on) | _dap(facts, on)
    found |= _recorded(facts, on) | azure_held(facts, on)
    return {
        (*held[:2], there, *held[3:])
        for held in found
        if (there := present_location(facts, held[2], on)) is not None
    }


def present_location(facts: Iterable[Fact], location: str, on: int) -> str | None:
    """Where at an instant that is which a location held; None when it was deleted by then."""
    moves = [
        fact
        for fact in facts
        if fact.type in ("location.repointed.v1", "location.deleted.v1") and fact.on <= on
    ]
    for fact in sorted(moves, key=lambda fact: (fact.on, fact.position)):
        if fact.data["location"] == location:
            if fact.type == "location.deleted.v1":
                return None
            location = fact.data["to"]
            if any(_deletes(move, location) for move in moves):
                return None  # deleted, as was learned later, before it took the other's place
    return location


def _deletes(fact: Fact, location: str) -> bool:
    return fact.type == "location.deleted.v1" and bool(fact.data["location"] == location)


def organisation_of(facts: Iterable[Fact], location: str, on: int) -> str:
    """The organisation that a location belongs to at an instant."""
    organisation = ""
    for fact in sorted(facts, key=lambda fact: (fact.on, fact.position)):
        if fact.on <= on or fact.type == "location.registered.v1":
            if fact.type in ("location.registered.v1", "location.moved.v1"):
                if fact.data["location"] == location:
                    organisation = fact.data["organisation"]
            elif fact.type == "organisation.merged.v1" and location in fact.data["locations"]:
                organisation = fact.data["into"]
    return organisation


def claimed(facts: Sequence[Fact]) -> Wall:
    """For each slot and instant, the claim that holds and its location."""
    wall = Wall(facts)
    for fact in facts:
        wall.tell(fact)
    return wall


class Wall:
    """A wall with one field per slot and instant, painted event by event."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.rows: dict[str, Row] = {}
        self._facts = facts
        self._instants = sorted({fact.on for fact in facts})
        self._before: dict[tuple[str, str], Row] = {}
        self._awaiting: dict[str, tuple[str, list[str]]] = {}
        self._confirmed: set[str] = set()
        self._over: dict[str, int] = {}

    def at(self, slot: str, on: int) -> tuple[str, str] | None:
        """Who holds a slot at any instant: the claim and its location."""
        who = None
        for instant, painted in zip(self._instants, self.rows.get(slot, ()), strict=False):
            if instant <= on:
                who = painted
        return who if who and present_location(self._facts, who[1], on) is not None else None

    def tell(self, fact: Fact) -> None:
        """Paint what an event means."""
        tellers = {
            "claim.imported.v1": self._imported,
            "claim.approved.v1": self._approved,
            "consent.confirmed.v1": self._confirm,
            "claim.disassociated.v1": self._ended,
            "claim.rejected.v1": self._ended,  # at the request of a partner that holds (§4.2, 12)
            "consent.declined.v1": self._declined,
            "arbitration.decided.v1": self._arbitrated,
            "customer.migrated.v1": self._migrated,
            "subscription.ended.v1": self._subscription_ended,
            "subscription.moved.v1": self._subscription_moved,
        }
        if fact.type in tellers:
            tellers[fact.type](fact)

    def _paint(self, slot: str, who: tuple[str, str], on: int) -> None:
        row = self.rows.setdefault(slot, [None] * len(self._instants))
        self._before[slot, who[0]] = list(row)
        end = self._over.get(slot.split(":")[2]) if ":bizapps:" in slot else None
        for n, instant in enumerate(self._instants):
            if instant >= on and (end is None or instant < end):
                row[n] = who

    def _imported(self, fact: Fact) -> None:
        for slot in fact.data["slots"]:
            self._paint(slot["slot"], (fact.data["claim"], fact.data["location"]), fact.on)

    def _approved(self, fact: Fact) -> None:
        claim, location, slots = (fact.data[name] for name in ("claim", "location", "slots"))
        if fact.data["consent_mode"] == "explicit" and claim not in self._confirmed:
            awaited = self._awaiting.get(claim, ("", []))[1]
            self._awaiting[claim] = (location, [*awaited, *slots])
            return
        for slot in slots:
            self._paint(slot, (claim, location), fact.on)

    def _confirm(self, fact: Fact) -> None:
        claim = fact.data["claim"]
        self._confirmed.add(claim)
        location, slots = self._awaiting.pop(claim, ("", []))
        for slot in slots:
            self._paint(slot, (claim, location), fact.on)

    def _awaits_no_longer(self, claim: str, slots: Iterable[str]) -> None:
        location, awaited = self._awaiting.pop(claim, ("", []))
        left = [slot for slot in awaited if slot not in slots]
        if left:
            self._awaiting[claim] = (location, left)

    def _ended(self, fact: Fact) -> None:
        self._awaits_no_longer(fact.data["claim"], fact.data["slots"])
        for slot in fact.data["slots"]:
            for n, who in enumerate(self.rows.get(slot, [])):
                if self._instants[n] >= fact.on and who and who[0] == fact.data["claim"]:
                    self.rows[slot][n] = None

    def _declined(self, fact: Fact) -> None:
        claim = fact.data["claim"]
        self._confirmed.discard(claim)  # whoever approves the claim again needs another yes
        if not fact.data["from_the_beginning"]:
            self._ended(fact)
            return
        self._awaits_no_longer(claim, fact.data["slots"])
        back = {one["slot"]: one["claim"] for one in fact.data["restored"]}
        for slot in fact.data["slots"]:
            # A no before any approval vacates nothing.
            for n, old in enumerate(self._before.get((slot, claim), ())):
                who = self.rows[slot][n]
                if who and who[0] == claim and old != who:
                    self.rows[slot][n] = old if old and old[0] == back.get(slot) else None

    def _arbitrated(self, fact: Fact) -> None:
        winner = fact.data["challenger"]
        if fact.data["outcome"] == "challenger_wins":
            for loser in fact.data["incumbents"]:
                lost = [*fact.data["slots"], *fact.data.get("vacated", ())]
                self._awaits_no_longer(loser["claim"], lost)
            for slot in fact.data["slots"]:
                self._paint(slot, (winner["claim"], winner["location"]), fact.on)

    def _subscription_moved(self, fact: Fact) -> None:
        if fact.data["becomes"] != fact.data["subscription"]:
            self._subscription_ended(fact)

    def _migrated(self, fact: Fact) -> None:
        for one in fact.data["followed"]:
            who = (one["claim"], one["location"])
            self._paint(one["to"], who, fact.on)
            if "users" not in fact.data:
                for n, there in enumerate(self.rows[one["slot"]]):
                    if self._instants[n] >= fact.on and there and there[0] == who[0]:
                        self.rows[one["slot"]][n] = None

    def _subscription_ended(self, fact: Fact) -> None:
        subscription = fact.data["subscription"]
        self._over[subscription] = fact.on
        for slot, row in self.rows.items():
            if slot.startswith(f"cpor:bizapps:{subscription}:"):
                for n, instant in enumerate(self._instants):
                    if instant >= fact.on:
                        row[n] = None


def _latest(facts: Iterable[Fact], on: int) -> Fact | None:
    past = [fact for fact in facts if fact.on <= on]
    return max(past, key=lambda fact: (fact.on, fact.position), default=None)


def _over(facts: Iterable[Fact], on: int) -> set[str]:
    return {
        fact.data.get("subscription") or fact.data["agreement"]
        for fact in facts
        if fact.on <= on
        if fact.type in ("subscription.ended.v1", "agreement.ended.v1")
        or (fact.type == "subscription.moved.v1" and not _kept_its_id(fact))
    }


def _kept_its_id(fact: Fact) -> bool:
    return bool(fact.data["becomes"] == fact.data["subscription"])


def _dpor(facts: list[Fact], on: int) -> set[Held]:
    found: set[Held] = set()
    subscriptions = {fact.data["subscription"] for fact in facts if "subscription" in fact.data}
    for subscription in subscriptions - _over(facts, on):
        said = [
            fact
            for fact in facts
            if fact.data.get("subscription") == subscription
            and (
                fact.type in ("dpor.set.v1", "dpor.removed.v1", "subscription.moved.v1")
                or (fact.type == "subscription.started.v1" and "dpor" in fact.data)
            )
        ]
        last = _latest(said, on)
        if last and last.type not in ("dpor.removed.v1", "subscription.moved.v1"):
            partner = last.data.get("dpor") or last.data["location"]
            found.add(("DPOR", f"dpor:{subscription}", partner, None, None, None))
    return found


def _csp(facts: list[Fact], on: int) -> set[Held]:
    found: set[Held] = set()
    orders = [
        fact
        for fact in facts
        if fact.type
        in ("subscription.started.v1", "subscription.moved.v1", "subscription.transferred.v1")
    ]
    for subscription in {_ordered(fact) for fact in orders} - _over(facts, on):
        last = _latest([fact for fact in orders if _ordered(fact) == subscription], on)
        if last is None:
            continue
        data, slot = last.data, f"csp:{subscription}"
        if data["channel"] == "csp_direct":
            found.add(("CSP_T1", slot, data["transacting_partner"], None, None, "direct"))
        if data["channel"] == "csp_indirect":
            provider, reseller = data["transacting_partner"], data["indirect_reseller"]
            found.add(("CSP_T2", slot, provider, None, None, "indirect_provider"))
            found.add(("CSP_T2", slot, reseller, None, None, "indirect_reseller"))
    return found


def _ordered(fact: Fact) -> str:
    return str(fact.data.get("becomes") or fact.data["subscription"])


def _tpor(facts: list[Fact], on: int) -> set[Held]:
    found: set[Held] = set()
    agreed = [
        fact for fact in facts if fact.type in ("agreement.signed.v1", "agreement.amended.v1")
    ]
    named = {
        (fact.data["agreement"], partner["role"], partner["location"])
        for fact in agreed
        for partner in (*_put_on(fact), *fact.data.get("removed", ()))
    }
    for agreement, role, location in named:
        who = {"role": role, "location": location}
        told = [
            fact
            for fact in agreed
            if fact.data["agreement"] == agreement
            and (who in _put_on(fact) or who in fact.data.get("removed", ()))
        ]
        last = _latest(told, on)
        if last and who in _put_on(last) and agreement not in _over(facts, on):
            slot = f"tpor:{agreement}:{role}:{location}"
            found.add(("TPOR", slot, location, None, None, role))
    return found


def _put_on(fact: Fact) -> list[dict[str, str]]:
    return list(fact.data.get("partners") or fact.data.get("added", ()))


def _recorded(facts: list[Fact], on: int) -> set[Held]:
    found: set[Held] = set()
    told = [fact for fact in facts if fact.type.startswith("association.")]
    stands_on = {
        fact.data["slot"]: fact.data.get("subscription") or fact.data.get("agreement")
        for fact in told
        if fact.type == "association.recorded.v1"
    }
    for slot, place in stands_on.items():
        last = _latest([fact for fact in told if fact.data["slot"] == slot], on)
        if last and last.type == "association.recorded.v1" and place not in _over(facts, on):
            data = last.data
            found.add((data["kind"].upper(), slot, data["location"], None, None, None))
    return found


def _dap(facts: list[Fact], on: int) -> set[Held]:
    found: set[Held] = set()
    told = [fact for fact in facts if fact.type.startswith("delegated_admin.")]
    for tenant, location in {(fact.data["tenant"], fact.data["location"]) for fact in told}:
        place = {"tenant": tenant, "location": location}
        last = _latest([fact for fact in told if place.items() <= fact.data.items()], on)
        if last is None or last.type != "delegated_admin.granted.v1":
            continue
        until = last.data.get("until")
        if until is None or on < from_iso(until):
            kind = last.data["kind"]
            found.add(("DAP", f"dap:{tenant}:{location}", location, None, None, kind))
    return found
