"""Credit by every rule once more, as lists and loops: written from domain.md, not from the SQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from projections.growth.growth import Wanted
from schemas.time import to_us
from tests.projections.growth.naive_growth import Facts, Held, keys_at, latest, slot_holders

Holder = tuple[str, str, str]
NOBODY = ("", "", "")
DIMENSIONS = ("metric", "month", "workload", "tenant", "subscription", "attribution")

SHARED = {"bizapps.mau", "dynamics365.seats.active"}
COUNTING_ROLES = {"owner", "contributor"}
MCI_BEGINS = date(2021, 10, 1)
ABOUT: dict[str, set[str] | None] = {
    "slot_holder": None,
    "shared": SHARED,
    "present_owner": {"azure.acr"},
    "rbac_mci": {"azure.acr"},
    "rbac_enterprise": {"azure.acr"},
}


def naive_credit(facts: Facts, rule: str, position: int) -> dict[tuple[Any, ...], list[int]]:
    """``(key, holder)`` -> what grew, of that across a gap, openings, levels, how many stated."""
    answer: dict[tuple[Any, ...], list[int]] = {}
    about = ABOUT[rule]
    for key, marks, level, _ in keys_at(facts, Wanted(), position):
        if about is not None and key["metric"] not in about:
            continue
        for holder in holders(facts, rule, key, position) or {NOBODY}:
            row = answer.setdefault((*(key[name] for name in DIMENSIONS), *holder), [0] * 5)
            grown = marks["growth"] + marks["gap"]
            for at, more in enumerate((grown, marks["gap"], marks["opening"], level or 0)):
                row[at] += more
            row[4] += level is not None
    return answer


def holders(facts: Facts, rule: str, key: dict[str, Any], position: int) -> set[Holder]:
    """Who is credited for a key and month."""
    if rule == "slot_holder":
        found = slot_holders(facts, key, Wanted(), position)
        return {(one["kind"], one["partner"], one["organisation"]) for one in found}
    known = [one for one in facts.held if one.known_from <= position < one.known_to]
    if rule == "present_owner":
        chain = [
            one
            for one in known
            if one.kind in {"CSP_T1", "CSP_T2"} and one.subscription == key["subscription"]
        ]
        last = max((one.since_us for one in chain), default=0)
        return {_who(one) for one in chain if one.since_us == last}
    first_us = to_us(datetime(key["month"].year, key["month"].month, 1, tzinfo=UTC))
    standing = [one for one in known if one.since_us <= first_us < one.until_us]
    if rule == "shared":
        return _sharing(facts, standing, key, position)
    pal = {_who(one) for one in standing if _measures(one, key)}
    if rule == "rbac_mci":
        return pal
    bought = latest(facts.agreements, position).get(key["subscription"])
    linked = {organisation for _, _, organisation in pal}
    return {
        _who(one)
        for one in standing
        if one.kind == "TPOR"
        and bought is not None
        and one.slot.split(":")[1] == bought
        and one.organisation not in linked
    }


def _sharing(facts: Facts, standing: list[Held], key: dict[str, Any], position: int) -> set[Holder]:
    products = latest(facts.products, position)
    found: set[Holder] = set()
    for subscription, product in products.items():
        if subscription in facts.free or product not in {"dynamics365", "power_platform"}:
            continue
        on = [
            one
            for one in standing
            if (one.tenant, one.subscription) == (key["tenant"], subscription)
        ]
        claimed = [one for one in on if one.kind == "CPOR" and one.activity == "usage"]
        others = {"CSP_T1", "CSP_T2"} if claimed else {"CSP_T1", "CSP_T2", "DPOR"}
        found |= {_who(one) for one in (*claimed, *(one for one in on if one.kind in others))}
    return found


def _measures(one: Held, key: dict[str, Any]) -> bool:
    if one.kind != "PAL" or one.role.lower() not in COUNTING_ROLES or key["month"] < MCI_BEGINS:
        return False
    root = f"/providers/microsoft.management/managementgroups/{key['tenant'].lower()}"
    whole = f"/subscriptions/{key['subscription']}"
    return (one.scope == whole and one.tenant == key["tenant"]) or one.scope.lower() == root


def _who(one: Held) -> Holder:
    return one.kind, one.partner, one.organisation
