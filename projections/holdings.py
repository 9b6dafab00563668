"""Fold of who holds what: which event starts, ends, moves or annuls a holding, of every kind.

Effective time is settled by the pure functions of ``projections.timeline``, known time by
``projections.slots``; PAL, which is joined with role assignments, by ``projections.pal``. This
module says only what each event means (DESIGN §6; domain.md §4-6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from projections import timeline
from projections.claim_changes import awaits_yes
from projections.claims import Claims
from projections.parties import Parties
from projections.placing import Placing
from projections.record import Record
from projections.relocations import changed_locations
from projections.rules import RULES
from projections.slots import Slots
from projections.timeline import Holding
from schemas.time import FOREVER_US, from_iso

_ACTIVITIES = ("usage", "pre_sales", "revenue")


class Holdings(Placing):
    """What holdings follow from each event, brought to the slots."""

    def __init__(self, slots: Slots, claims: Claims, parties: Parties) -> None:
        super().__init__(slots, parties)
        self._claims = claims

    def handlers(self) -> dict[str, Callable[[Record], None]]:
        """What this fold does about each type of event, before the claims fold does its part."""
        return {
            "claim.imported.v1": self._imported,
            "claim.approved.v1": self._approved,
            "consent.confirmed.v1": self._confirmed,
            "consent.declined.v1": self._declined,
            "claim.rejected.v1": self._ended,
            "claim.lapsed.v1": self._ended,
            "claim.disassociated.v1": self._ended,
            "arbitration.decided.v1": self._arbitrated,
            "customer.migrated.v1": self._migrated,
            "dpor.set.v1": self._dpor_set,
            "dpor.removed.v1": self._dpor_removed,
            "subscription.started.v1": self._subscription_started,
            "subscription.transferred.v1": self._chain_begins,
            "subscription.moved.v1": self._subscription_moved,
            "subscription.ended.v1": self._subscription_ended,
            "agreement.signed.v1": self._agreement_signed,
            "agreement.amended.v1": self._agreement_amended,
            "agreement.ended.v1": self._agreement_ended,
            "delegated_admin.granted.v1": self._delegated,
            "delegated_admin.ended.v1": self._delegation_ended,
            "organisation.merged.v1": self._location_changed,
            "location.moved.v1": self._location_changed,
            "location.repointed.v1": self._location_changed,
            "location.deleted.v1": self._location_changed,
        }

    # CPOR (domain.md §4, §5)

    def _approved(self, record: Record) -> None:
        data = record.data
        mode = data["consent_mode"]
        if awaits_yes(self._claims.get(data["claim"], record), data):
            return
        self._claim_starts(record, data["claim"], data["location"], data["slots"], mode)

    def _imported(self, record: Record) -> None:
        data = record.data
        organisation = data["organisation"]
        for slot in data["slots"]:
            subscription = slot.get("subscription")
            holding = Holding(
                kind="CPOR",
                slot=slot["slot"],
                tenant=data["tenant"],
                subscription=subscription,
                workload=slot.get("workload"),
                activity=data["activity"],
                scope=None,
                role=None,
                partner=data["location"],
                organisation=organisation,
                claim=data["claim"],
                because=record.position,
                rule=RULES["imported"],
            )
            end_us = self._parties.subscription_end(subscription) if subscription else FOREVER_US
            self._start(slot["slot"], [holding], end_us, record)

    def _confirmed(self, record: Record) -> None:
        data = record.data
        awaiting = self._claims.get(data["claim"], record).with_outcome(("awaiting_consent",))
        if awaiting:
            self._claim_starts(record, data["claim"], data["location"], awaiting, "explicit")

    def _declined(self, record: Record) -> None:
        data = record.data
        if not data["from_the_beginning"]:
            self._ended(record)
            return
        restored = {back["slot"]: back["claim"] for back in data.get("restored", ())}
        for slot in data["slots"]:
            spans = self._slots.spans(slot)
            annulled = timeline.annulled(spans, data["claim"], restored.get(slot))
            self._slots.settle(slot, annulled, record)

    def _ended(self, record: Record) -> None:
        self._claim_ends(record, record.data["claim"], record.data["slots"])

    def _arbitrated(self, record: Record) -> None:
        data = record.data
        if data["outcome"] != "challenger_wins":
            return
        # The incumbents leave and the winner comes in one step, so no row lives for an instant.
        losers = {side["claim"] for side in data["incumbents"]}
        for loser in sorted(losers):
            self._claim_ends(record, loser, data.get("vacated", ()))
        winner = data["challenger"]
        self._claim_starts(
            record, winner["claim"], winner["location"], data["slots"], "arbitration", losers
        )

    def _claim_starts(
        self,
        record: Record,
        claim: str,
        location: str,
        slots: Iterable[str],
        rule: str,
        losers: Iterable[str] = (),
    ) -> None:
        known = self._claims.get(claim, record)
        organisation = known.organisation if location == known.partner else ""
        organisation = organisation or self._parties.organisation_of(location)
        for slot in slots:
            asked = known.find(slot)
            subscription = asked.subscription if asked else None
            holding = Holding(
                "CPOR",
                slot,
                record.data["tenant"],
                subscription,
                asked.workload if asked else None,
                known.activity,
                None,
                None,
                location,
                organisation,
                claim,
                record.position,
                RULES[rule],
            )
            end_us = self._parties.subscription_end(subscription) if subscription else FOREVER_US
            self._start(slot, [holding], end_us, record, losers)

    def _migrated(self, record: Record) -> None:
        """Claims go on at the other tenant, and end here where all users left (§14.9)."""
        data = record.data
        for one in data.get("followed", ()):
            if one.get("to"):
                known = self._claims.get(one["claim"], record)
                organisation = self._parties.organisation_of(one["location"])
                holding = Holding(
                    "CPOR",
                    one["to"],
                    data["to"],
                    None,
                    one["workload"],
                    known.activity,
                    None,
                    None,
                    one["location"],
                    organisation,
                    one["claim"],
                    record.position,
                    RULES["migrated"],
                )
                self._start(one["to"], [holding], FOREVER_US, record)
            if "users" not in data:
                self._claim_ends(record, one["claim"], [one["slot"]])

    def _claim_ends(self, record: Record, claim: str, slots: Iterable[str]) -> None:
        which = timeline.of_claim(claim)
        for slot in slots:
            spans = self._slots.spans(slot)
            if spans:
                left = timeline.without(spans, record.effective_at_us, FOREVER_US, which)
                self._slots.settle(slot, left, record)

    # DPOR and CSP, which live on a subscription (domain.md §6.1, §6.3)

    def _dpor_set(self, record: Record) -> None:
        data = record.data
        rule = "dpor_imported" if data.get("imported") else "dpor"
        self._set_dpor(record, data["location"], rule)

    def _set_dpor(self, record: Record, location: str, rule: str) -> None:
        subscription = record.data["subscription"]
        slot = f"dpor:{subscription}"
        holding = self._plain(record, "DPOR", slot, location, rule, subscription=subscription)
        self._set(slot, holding, self._parties.subscription_end(subscription), record)

    def _dpor_removed(self, record: Record) -> None:
        self._empty(f"dpor:{record.data['subscription']}", record)

    def _subscription_started(self, record: Record) -> None:
        data = record.data
        if data.get("dpor"):
            self._set_dpor(record, data["dpor"], "dpor_at_purchase")
        self._chain_begins(record)

    def _chain_begins(self, record: Record) -> None:
        """The partners of the order hold from now on, in place of those before (§6.3)."""
        data = record.data
        subscription = data.get("becomes") or data["subscription"]
        slot = f"csp:{subscription}"
        chain = [
            self._plain(record, kind, slot, data[who], rule, subscription=subscription, role=role)
            for kind, who, rule, role in _CHAINS.get(data["channel"], ())
            if data.get(who)
        ]
        if chain:
            self._start(slot, chain, self._parties.subscription_end(subscription), record)

    def _subscription_moved(self, record: Record) -> None:
        """DPOR does not move to the other platform; a new id starts empty (§6.1)."""
        data = record.data
        if data["becomes"] == data["subscription"]:
            self._empty(f"dpor:{data['subscription']}", record)
        else:
            self._subscription_ended(record)
        self._chain_begins(record)

    def _subscription_ended(self, record: Record) -> None:
        data = record.data
        subscription, at_us = data["subscription"], record.effective_at_us
        places = [f"cpor:bizapps:{subscription}:{activity}" for activity in _ACTIVITIES]
        places += [f"dpor:{subscription}", f"csp:{subscription}", *data.get("slots", ())]
        over: dict[str, set[str]] = {
            each["claim"]: set(data["slots"]) for each in data.get("claims", ())
        }
        for slot in dict.fromkeys(places):
            for span in self._cut(slot, at_us, record):
                if span.holding.claim:
                    over.setdefault(span.holding.claim, set()).add(slot)
        self._claims.ended_with_subscription(over, record)

    # TPOR (domain.md §6) and delegated administration (§6.3)

    def _agreement_signed(self, record: Record) -> None:
        data = record.data
        for partner in data["partners"]:
            location, role = partner["location"], partner["role"]
            slot = f"tpor:{data['agreement']}:{role}:{location}"
            holding = self._plain(record, "TPOR", slot, location, "tpor", role=role)
            self._start(slot, [holding], FOREVER_US, record)

    def _agreement_amended(self, record: Record) -> None:
        data = record.data
        for partner in data["removed"]:
            role = partner["role"]
            self._empty(f"tpor:{data['agreement']}:{role}:{partner['location']}", record)
        for partner in data["added"]:
            location, role = partner["location"], partner["role"]
            slot = f"tpor:{data['agreement']}:{role}:{location}"
            holding = self._plain(record, "TPOR", slot, location, "tpor_amended", role=role)
            self._set(slot, holding, FOREVER_US, record)

    def _agreement_ended(self, record: Record) -> None:
        for slot in self._parties.agreement_slots(record.data["agreement"]):
            self._cut(slot, record.effective_at_us, record)

    def _delegated(self, record: Record) -> None:
        data = record.data
        slot = f"dap:{data['tenant']}:{data['location']}"
        until = data.get("until")
        holding = self._plain(record, "DAP", slot, data["location"], "dap", role=data["kind"])
        self._set(slot, holding, from_iso(until) if until else FOREVER_US, record)

    def _delegation_ended(self, record: Record) -> None:
        self._empty(f"dap:{record.data['tenant']}:{record.data['location']}", record)

    # What became of the partner itself (domain.md §7.5)

    def _location_changed(self, record: Record) -> None:
        for location in changed_locations(record):
            self._slots.settle_anew(location, record)


# Who stands in the chain of a CSP order: association kind, field of the event, rule, role.
_CHAINS = {
    "csp_direct": (("CSP_T1", "transacting_partner", "csp_direct", "direct"),),
    "csp_indirect": (
        ("CSP_T2", "transacting_partner", "csp_indirect", "indirect_provider"),
        ("CSP_T2", "indirect_reseller", "csp_indirect", "indirect_reseller"),
    ),
}
