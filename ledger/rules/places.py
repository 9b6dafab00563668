"""The place of an association of a kind without commands of its own (domain.md §6.6)."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Facts
from ledger.decision_models.agreement import AGREEMENT
from ledger.decision_models.association import Association
from ledger.decision_models.customer import CUSTOMER
from ledger.decision_models.subscription import SUBSCRIPTION
from ledger.refusal import Refused
from ledger.rules import kinds
from ledger.rules.kinds import Cardinality, Kind, Place
from ledger.rules.references import known, same_tenant
from ledger.rules.standing import place_of
from ledger.rules.subscription_slots import ZERO_ID
from schemas.time import FOREVER_US


class Target(NamedTuple):
    """What an association is recorded on: its customer, since when it is and whether it ended."""

    place: Place
    value: str
    tenant: str
    since_us: int = 0
    ended_us: int = FOREVER_US


def recordable(text: str) -> Kind:
    """The kind a text names, if ``association.record`` is the command that records it.

    Refused as ``unknown_kind``, or as ``kind_has_command`` with the commands to use instead.
    """
    kind = kinds.kind(text)
    if kind is None:
        near = " or ".join(kinds.near(text)) or "a name of the table"
        raise Refused("unknown_kind", value=text, near=near)
    if kind.place is None:
        raise Refused("kind_has_command", kind=kind.kind, commands=", ".join(kind.commands))
    return kind


def target(
    facts: Facts, kind: Kind, tenant: str | None, subscription: str | None, agreement: str | None
) -> Target:
    """What the association is on: the subscription or agreement named, else the tenant.

    Refused as ``wrong_place`` where the kind is recorded on something else.
    """
    if subscription == ZERO_ID:
        raise Refused("zero_subscription", subscription=subscription)
    if subscription and agreement:
        raise _wrong(kind, "both a subscription and an agreement")
    if subscription:
        on = _subscription(facts, subscription)
    elif agreement:
        on = _agreement(facts, agreement)
    elif tenant:
        known(facts, CUSTOMER, tenant)
        on = Target(Place.TENANT, tenant, tenant)
    else:
        raise _wrong(kind, "nothing")
    if kind.place not in (Place.ANY, on.place):
        raise _wrong(kind, f"the {on.place} {on.value}")
    if tenant:
        same_tenant(on.place, on.value, on.tenant, tenant)
    return on


def slot(kind: Kind, on: Target, location: str, reference: str | None) -> str:
    """The name of the place: of its own for every partner and reference, unless exclusive."""
    name = f"association:{kind.slug}:{on.place}:{on.value}"
    if kind.cardinality is Cardinality.EXCLUSIVE:
        return name
    return ":".join((name, location, *([reference] if reference else [])))


def occupant(facts: Facts, there: Association) -> str | None:
    """The location that holds the place now, re-pointing followed; None when none does (§7.5)."""
    if there.location is None:
        return None
    place = place_of(facts, there.location)
    return place.location if place.ended_us == FOREVER_US else None


def _subscription(facts: Facts, subscription: str) -> Target:
    found = known(facts, SUBSCRIPTION, subscription)
    return Target(Place.SUBSCRIPTION, subscription, found.tenant, found.started_us, found.ended_us)


def _agreement(facts: Facts, agreement: str) -> Target:
    found = known(facts, AGREEMENT, agreement)
    return Target(Place.AGREEMENT, agreement, found.tenant, found.signed_us, found.ended_us)


def _wrong(kind: Kind, found: str) -> Refused:
    wanted = "a tenant, subscription or agreement" if kind.place is Place.ANY else f"a {kind.place}"
    return Refused("wrong_place", kind=kind.kind, wanted=wanted, found=found)
