"""Random histories that a ledger could hold: every wish is made valid, or dropped.

Valid means what the commands would accept: exclusive claims don't overlap unless arbitrated, a
decline from the beginning restores the predecessor it names, ids are used once. Effective days are
free: facts come in late and out of order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from projections.record import Record
from schemas import agreements, associations, claims, consent, migrations, parties, subscriptions
from schemas.time import from_us
from tests.projections.claim_events import TEAMS, about, approved, arbitrated, registered, submitted
from tests.projections.memory_log import (
    BIRTH_US,
    DAY_US,
    OTHER_TENANT,
    TENANT,
    MemoryLog,
    day,
    made,
)
from tests.projections.reference_holders import claimed, present_location, told

DAYS = 24
"""Days 0 to 23 on which things are true; nothing is told of later ones."""

_LOCATIONS = ("101", "102", "201")
_SLOTS = (TEAMS, "cpor:bizapps:S-0:usage", "cpor:bizapps:S-1:usage")
_SCOPES = ("/subscriptions/S-0", "/subscriptions/S-1/resourceGroups/one")

Wish = tuple[int, int, int, int]
"""Which kind of event, two choices among what there is, and an effective day."""


def _day_of(record: Record) -> int:
    """The day on which a record's event is effective."""
    return (record.effective_at_us - BIRTH_US) // DAY_US


class Estate:
    """A log that grows by wishes."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self._kinds: tuple[Callable[[int, int, int], None], ...] = (
            self._submit_and_approve,
            self._submit_and_approve,
            self._approve_again,
            self._confirm,
            self._arbitrate,
            self._arbitrate,
            self._arbitrate,
            self._decline,
            self._decline,
            self._decline,
            self._disassociate,
            self._start_subscription,
            self._end_subscription,
            self._set_dpor,
            self._set_dpor,
            self._remove_dpor,
            self._agree,
            self._end_agreement,
            self._link,
            self._unlink,
            self._assign,
            self._unassign,
            self._delegate,
            self._end_delegation,
            self._delete_location,
            self._repoint_location,
            self._merge,
            self._migrate,
            self._transfer,
            self._transfer,
            self._move,
            self._amend,
            self._amend,
            self._record,
            self._record,
            self._end_association,
        )
        self._claims: dict[str, tuple[str, str]] = {}
        self._replaced: dict[tuple[str, str], str] = {}
        self._count = 0
        self._changed_on = 0
        for location in _LOCATIONS:
            self._add(registered(location), 0)

    def wish(self, kind: int, one: int, two: int, on: int) -> None:
        """Append the event wished for, if a ledger would accept it."""
        self._kinds[kind % len(self._kinds)](one, two, on % (DAYS - 1))

    def _add(self, event: Any, on: float) -> None:
        self.log.add(event, on=on, recorded=len(self.log.records) / 7)

    def _is_now(self, location: str) -> str | None:
        return present_location(told(self.log.records), location, day(2 * DAYS))

    def _deleted(self, location: str) -> bool:
        return self._is_now(location) is None

    def _living(self, one: int) -> str:
        """A location that is not deleted: nothing begins at another, and the last one stays."""
        chosen = [_LOCATIONS[(one + n) % 3] for n in range(3)]
        return next(location for location in chosen if not self._deleted(location))

    def _had(self, type_name: str, **fields: str) -> bool:
        return self._first(type_name, **fields) is not None

    def _first(self, type_name: str, **fields: str) -> Record | None:
        told_so = (
            record
            for record in self.log.records
            if record.type == type_name and fields.items() <= record.data.items()
        )
        return next(told_so, None)

    def _days(self, slot: str) -> list[tuple[str, str] | None]:
        wall = claimed(told(self.log.records))
        return [wall.at(slot, day(n)) for n in range(DAYS)]

    def _ended(self, slot: str) -> bool:
        return "bizapps" in slot and self._over(slot.split(":")[2])

    def _over(self, subscription: str) -> bool:
        return self._had("subscription.ended.v1", subscription=subscription) or self._had(
            "subscription.moved.v1", subscription=subscription, becomes=f"{subscription}M"
        )

    def _new_claim(self, slot: str, location: str, on: int) -> str:
        claim = f"C-{len(self._claims) + 1}"
        self._claims[claim] = (slot, location)
        self._add(submitted(claim, slot, location=location), on)
        return claim

    def _submit_and_approve(self, one: int, two: int, on: int) -> None:
        slot, location = _SLOTS[one % 3], self._living(two)
        if self._ended(slot):
            return
        claim = self._new_claim(slot, location, on)
        explicit = two % 4 == 0
        if explicit:
            self._add(approved(claim, slot, location=location, consent_mode="explicit"), on)
        elif not any(self._days(slot)[on:]):
            self._add(approved(claim, slot, location=location), on)

    def _approve_again(self, one: int, _: int, on: int) -> None:
        # After a dispute that the partner won.
        if not self._claims:
            return
        claim = f"C-{one % len(self._claims) + 1}"
        slot, location = self._claims[claim]
        if self._deleted(location):
            return
        if not any(self._days(slot)[on:]) and not self._ended(slot):
            self._replaced.pop((slot, claim), None)
            self._add(approved(claim, slot, location=location), on)

    def _confirm(self, one: int, _: int, on: int) -> None:
        if not self._claims:
            return
        claim = f"C-{one % len(self._claims) + 1}"
        slot, location = self._claims[claim]
        if self._deleted(location):
            return
        if not any(self._days(slot)[on:]) and not self._ended(slot):
            said = made(
                consent.ConsentConfirmed, **about(claim, location), slots=(slot,), how="portal"
            )
            self._add(said, on)

    def _arbitrate(self, one: int, two: int, on: int) -> None:
        slot, location = _SLOTS[one % 3], self._living(two)
        days = self._days(slot)
        holder = days[-1]
        # A win at the very instant the holder began is refused: nothing of it would remain.
        if holder is None or days[on] != holder or self._began(slot) >= on:
            return
        claim = self._new_claim(slot, location, on)
        outcome = "incumbent_stays" if two % 4 == 0 else "challenger_wins"
        self._add(arbitrated((claim, location), holder, outcome, slot), on)
        if outcome == "challenger_wins":
            self._replaced[slot, claim] = holder[0]

    def _decline(self, one: int, two: int, on: int) -> None:
        slot = _SLOTS[one % 3]
        holder = self._days(slot)[-1]
        if holder is None:
            return
        beginning = two % 2 == 0
        before = self._replaced.get((slot, holder[0])) if two % 3 else None
        back = ({"slot": slot, "claim": before},) if before and beginning else ()
        self._add(
            made(
                consent.ConsentDeclined,
                **about(*holder),
                slots=(slot,),
                from_the_beginning=beginning,
                restored=back,
            ),
            on if beginning else max(on, self._began(slot)),
        )

    def _began(self, slot: str) -> int:
        days = self._days(slot)
        n = DAYS - 1
        while n > 0 and days[n - 1] == days[-1]:
            n -= 1
        return n

    def _disassociate(self, one: int, _: int, on: int) -> None:
        slot = _SLOTS[one % 3]
        holder = self._days(slot)[-1]
        if holder is not None:
            gone = made(
                claims.ClaimDisassociated,
                **about(*holder),
                slots=(slot,),
                reason="no_longer_working",
            )
            self._add(gone, max(on, self._began(slot)))

    def _start_subscription(self, one: int, two: int, on: int) -> None:
        subscription = f"S-{one % 2}"
        if self._had("subscription.started.v1", subscription=subscription):
            return
        channel = ("ea", "csp_direct", "csp_indirect")[two % 3]
        sold = {"transacting_partner": self._living(0), "indirect_reseller": self._living(2)}
        started = made(
            subscriptions.SubscriptionStarted,
            subscription=subscription,
            tenant=TENANT,
            product="dynamics_365",
            offer="Sales",
            channel=channel,
            dpor=self._living(1) if two % 2 else None,
            **(sold if two % 3 else {}),
        )
        self._add(started, on)

    def _end_subscription(self, one: int, _: int, on: int) -> None:
        subscription = f"S-{one % 2}"
        if not self._had("subscription.started.v1", subscription=subscription):
            return
        if not self._over(subscription):
            gone = made(
                subscriptions.SubscriptionEnded,
                subscription=subscription,
                tenant=TENANT,
                reason="expired",
            )
            self._add(gone, on)

    def _set_dpor(self, one: int, two: int, on: int) -> None:
        place = {"subscription": f"S-{one % 2}", "tenant": TENANT}
        self._add(made(associations.DporSet, **place, location=self._living(two)), on)

    def _remove_dpor(self, one: int, two: int, on: int) -> None:
        place = {"subscription": f"S-{one % 2}", "tenant": TENANT}
        self._add(made(associations.DporRemoved, **place, previous=_LOCATIONS[two % 3]), on)

    def _agree(self, one: int, two: int, on: int) -> None:
        agreement = f"EA-{one % 2}"
        if self._had("agreement.signed.v1", agreement=agreement):
            return
        partners = [
            {"location": self._living(2), "role": "reseller"},
            {"location": self._living(0), "role": "distributor"},
        ]
        signed = made(
            agreements.AgreementSigned,
            agreement=agreement,
            kind="EA",
            tenant=TENANT,
            partners=partners[: 1 + two % 2],
        )
        self._add(signed, on)

    def _end_agreement(self, one: int, _: int, on: int) -> None:
        agreement = f"EA-{one % 2}"
        signed = self._first("agreement.signed.v1", agreement=agreement)
        if signed and not self._had("agreement.ended.v1", agreement=agreement):
            ended = made(agreements.AgreementEnded, agreement=agreement, tenant=TENANT)
            self._add(ended, max(on, _day_of(signed)))

    def _link(self, one: int, two: int, on: int) -> None:
        who = {"identity": f"dev-{one % 2}", "tenant": TENANT}
        self._add(made(associations.PalLinked, **who, location=self._living(two)), on)

    def _unlink(self, one: int, two: int, on: int) -> None:
        who = {"identity": f"dev-{one % 2}", "tenant": TENANT}
        self._add(made(associations.PalUnlinked, **who, location=_LOCATIONS[two % 3]), on)

    def _assign(self, one: int, two: int, on: int) -> None:
        self._count += 1
        assigned = made(
            associations.AzureRoleAssigned,
            assignment=f"A-{self._count}",
            identity=f"dev-{one % 2}",
            tenant=TENANT,
            role=("Owner", "Reader")[two % 2],
            scope=_SCOPES[two % 3 % 2],
        )
        self._add(assigned, on)

    def _unassign(self, one: int, _: int, on: int) -> None:
        if not self._count:
            return
        name = f"A-{one % self._count + 1}"
        if self._had("azure_role.removed.v1", assignment=name):
            return  # a role that was removed can't be removed again
        first = self._first("azure_role.assigned.v1", assignment=name)
        assert first is not None, "assignments are numbered as they come"
        given, on = first.data, max(on, _day_of(first))
        who = {"identity": given["identity"], "tenant": TENANT}
        self._add(made(associations.AzureRoleRemoved, assignment=name, **who), on)

    def _delegate(self, one: int, two: int, on: int) -> None:
        granted = made(
            associations.DelegatedAdminGranted,
            tenant=TENANT,
            location=self._living(one),
            kind=("DAP", "GDAP")[two % 2],
            until=from_us(day(on + 1 + two)) if two % 3 == 0 else None,
        )
        self._add(granted, on)

    def _end_delegation(self, one: int, _: int, on: int) -> None:
        place = {"tenant": TENANT, "location": _LOCATIONS[one % 3]}
        self._add(made(associations.DelegatedAdminEnded, **place), on)

    def _unchanged(self, location: str) -> bool:
        return not any(
            record.type in ("location.deleted.v1", "location.repointed.v1")
            and record.data["location"] == location
            for record in self.log.records
        )

    def _in_turn(self, on: int) -> int:
        # What becomes of a location comes in the order of its instants.
        self._changed_on = max(self._changed_on, on)
        return self._changed_on

    def _delete_location(self, one: int, _: int, on: int) -> None:
        location = _LOCATIONS[one % 3]
        others = [one for one in _LOCATIONS if self._is_now(one) not in (None, location)]
        if self._unchanged(location) and others and on > DAYS // 3:
            gone = made(parties.LocationDeleted, location=location, organisation=f"{location[0]}00")
            # Never at the instant at which something begins.
            self._add(gone, self._in_turn(on) + 0.5)
            self._changed_on += 1

    def _repoint_location(self, one: int, two: int, on: int) -> None:
        location, to = _LOCATIONS[one % 3], _LOCATIONS[two % 3]
        if location != to and self._unchanged(location) and self._unchanged(to):
            moved = made(
                parties.LocationRepointed, location=location, to=to, organisation=f"{to[0]}00"
            )
            self._add(moved, self._in_turn(on))

    def _merge(self, one: int, _: int, on: int) -> None:
        gone, into, locations = (("100", "200", ("101", "102")), ("200", "100", ("201",)))[one % 2]
        if not self._had("organisation.merged.v1"):
            merged = made(
                parties.OrganisationMerged, organisation=gone, into=into, locations=locations
            )
            self._add(merged, self._in_turn(on))

    def _migrate(self, _: int, two: int, on: int) -> None:
        days = self._days(TEAMS)
        holder = days[-1]
        if holder is None or days[on] != holder or self._had("customer.migrated.v1"):
            return
        there = TEAMS.replace(TENANT, OTHER_TENANT)
        follows = {"claim": holder[0], "location": holder[1], "workload": "teams"}
        moved = made(
            migrations.CustomerMigrated,
            tenant=TENANT,
            to=OTHER_TENANT,
            users=900 if two % 2 else None,
            followed=({**follows, "slot": TEAMS, "to": there},),
        )
        self._add(moved, max(on, self._began(TEAMS)))

    def _sold_through(self, subscription: str) -> str:
        """The channel of the last order of a subscription that is not over, or nothing."""
        channels = [
            record.data["channel"]
            for record in self.log.records
            if "channel" in record.data
            and subscription == (record.data.get("becomes") or record.data["subscription"])
        ]
        return "" if self._over(subscription) or not channels else channels[-1]

    def _ordered(self, subscription: str) -> int:
        """The day a subscription began: no order of it is effective before."""
        return next(
            (record.effective_at_us - day(0)) // (day(1) - day(0))
            for record in self.log.records
            if "channel" in record.data
            and subscription == (record.data.get("becomes") or record.data["subscription"])
        )

    def _chain(self, two: int) -> dict[str, Any]:
        direct = {"channel": "csp_direct", "transacting_partner": self._living(two)}
        indirect = {
            "channel": "csp_indirect",
            "transacting_partner": self._living(two),
            "indirect_reseller": self._living(two + 1),
        }
        return indirect if two % 2 else direct

    def _transfer(self, one: int, two: int, on: int) -> None:
        subscription = ("S-0", "S-1", "S-0M", "S-1M")[one % 4]
        if self._sold_through(subscription).startswith("csp"):
            transferred = made(
                subscriptions.SubscriptionTransferred,
                subscription=subscription,
                tenant=TENANT,
                previous_partner="101",
                **self._chain(two),
            )
            self._add(transferred, max(on, self._ordered(subscription)))

    def _move(self, one: int, two: int, on: int) -> None:
        subscription = f"S-{one % 2}"
        if self._sold_through(subscription) != "ea":
            return
        kept = two % 3 == 0
        moved = made(
            subscriptions.SubscriptionMoved,
            subscription=subscription,
            tenant=TENANT,
            becomes=subscription if kept else f"{subscription}M",
            product="dynamics365",
            offer="Sales",
            slots=() if kept else (f"cpor:bizapps:{subscription}:usage",),
            **(self._chain(two) if two % 5 else {"channel": "web_direct"}),
        )
        self._add(moved, max(on, self._ordered(subscription)))

    def _amend(self, one: int, two: int, on: int) -> None:
        about_it = {"agreement": f"EA-{one % 2}", "tenant": TENANT}
        if not self._had("agreement.signed.v1", **about_it) or self._had(
            "agreement.ended.v1", **about_it
        ):
            return
        comes = {"location": self._living(two), "role": "reseller"}
        goes = {"location": _LOCATIONS[(two + 1) % 3], "role": "reseller"}
        partners = ({"added": [comes]}, {"removed": [goes]}, {"added": [comes], "removed": [goes]})
        self._add(made(agreements.AgreementAmended, **about_it, **partners[two // 3 % 3]), on)

    def _place(self, one: int, two: int) -> dict[str, Any]:
        """A place of a kind that takes one partner, or of one that takes any number."""
        place, value = (("subscription", "S-0"), ("agreement", "EA-1"))[one % 2]
        exclusive = {"kind": "subscription_advisor", "subscription": "S-1"}
        exclusive |= {"slot": "association:subscription_advisor:subscription:S-1"}
        location = self._living(two)
        free = {
            "kind": "pipe",
            place: value,
            "slot": f"association:pipe:{place}:{value}:{location}",
        }
        return (exclusive if one % 3 == 0 else free) | {"tenant": TENANT, "location": location}

    def _record(self, one: int, two: int, on: int) -> None:
        place = self._place(one, two)
        ended = self._over(place.get("subscription", ""))
        agreement = place.get("agreement", "")
        if not ended and not self._had("agreement.ended.v1", agreement=agreement):
            self._add(made(associations.AssociationRecorded, **place, source="A list"), on)

    def _end_association(self, one: int, two: int, on: int) -> None:
        place = self._place(one, two)
        about_it = {name: place[name] for name in ("kind", "slot", "tenant", "location")}
        if self._had("association.recorded.v1", **about_it):
            self._add(made(associations.AssociationEnded, **about_it), on)


def grown(wishes: list[Wish]) -> MemoryLog:
    """The log that a list of wishes leads to."""
    estate = Estate()
    for wish in wishes:
        estate.wish(*wish)
    return estate.log


_small = st.integers(0, 11)
histories = st.lists(
    st.tuples(st.integers(0, 35), _small, _small, st.integers(0, DAYS - 2)),
    min_size=30,
    max_size=60,
).map(grown)
"""Logs of some thirty events, up to a hundred."""
