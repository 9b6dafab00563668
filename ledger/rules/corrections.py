"""Which facts can be set right, by whom, and within which instants: ``corrections.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ledger.decision import Context, Fact, Facts
from ledger.decision_models.group import GROUP
from ledger.decision_models.recorded import recorded
from ledger.decision_models.tracking import TRACKING
from ledger.refusal import Refused
from ledger.rules.cua import rules
from ledger.rules.references import known
from ledger.rules.roles import permit
from ledger.rules.standing import slot_now
from schemas.corrections import Awaits
from schemas.event import Event, Timer
from schemas.subscriptions import SubscriptionMoved
from schemas.time import FOREVER_US, from_us, to_us
from schemas.tracking import DeploymentReported


class Correctable(NamedTuple):
    """A row of the table."""

    command: str
    subject: str
    retract: bool
    source: str
    same: str = ""
    among: tuple[str, ...] = ()
    without_claims: bool = False


class Mending(NamedTuple):
    """A fact as it is known now, its row, and the instants of the facts before and after it.

    ``others`` are all facts about the same, itself left out, in order of position.
    """

    fact: Fact
    row: Correctable
    after_us: int
    before_us: int
    others: tuple[Fact, ...]


@cache
def table() -> dict[str, Correctable]:
    """The rows by type of event."""
    text = files("ledger.rules").joinpath("corrections.toml").read_text("utf-8")
    return {
        name: Correctable(**row | {"among": tuple(row.get("among", ()))})
        for name, row in tomllib.loads(text).items()
    }


def to_mend(facts: Facts, context: Context, position: int) -> Mending:
    """The fact at a position, for somebody who may set it right; else ``Refused``.

    Refused as ``not_correctable`` where its type has no row, ``already_retracted`` where it was
    taken back.
    """
    fact = facts.fact(position)
    if fact is None:
        raise Refused("unknown_reference", what="event at position", value=position)
    row = table().get(fact.event.TYPE)
    if row is None:
        raise Refused("not_correctable", position=position, type=fact.event.TYPE)
    about = {
        name: getattr(fact.event, name)
        for name in ("tenant", "location", "identity")
        if getattr(fact.event, name, None)
    }
    if "tenant" not in about and (group := getattr(fact.event, "group", None)):
        about["tenant"] = known(facts, GROUP, group).tenant
    _permit(facts, context, row, fact, about)
    told = sorted(_siblings(facts, fact, row), key=lambda one: (one.effective_at_us, one.position))
    place = next((n for n, one in enumerate(told) if one.position == position), None)
    if place is None:
        raise Refused("already_retracted", position=position, type=fact.event.TYPE)
    if row.without_claims:
        _no_claim_ended(facts, fact)
    before = told[place - 1].effective_at_us if place else -1
    after = told[place + 1].effective_at_us if place + 1 < len(told) else FOREVER_US
    others = tuple(sorted((*told[:place], *told[place + 1 :]), key=lambda one: one.position))
    since_us, until_us = _bounds_us(facts, fact)
    return Mending(told[place], row, max(before, since_us), min(after, until_us), others)


def _permit(
    facts: Facts, context: Context, row: Correctable, fact: Fact, about: dict[str, str]
) -> None:
    """Whoever may record such a fact may set it right; GDAP ends by the side that said so."""
    by = getattr(fact.event, "by", None)
    if by is None:
        permit(facts, context, row.command, **about)
        return
    side = {"tenant": about["tenant"]} if by == "customer" else {"location": about["location"]}
    permit(facts, context, f"{row.command} {by}", **side)


def _no_claim_ended(facts: Facts, fact: Fact) -> None:
    """Refuse, as ``claims_ended_with_it``, to mend an end on which the way of claims rests."""
    slots = getattr(fact.event, "slots", ())
    claims = {one.claim for slot in slots for one in slot_now(facts, slot).holdings}
    claims |= {one.claim for one in getattr(fact.event, "claims", None) or ()}
    if claims:
        raise Refused(
            "claims_ended_with_it",
            position=fact.position,
            type=fact.event.TYPE,
            claims=", ".join(sorted(claims)),
        )


def _bounds_us(facts: Facts, fact: Fact) -> tuple[int, int]:
    """After and before when the fact must be true.

    Its own end, what happened to its new id, and while its tracking id was registered (§6.4).
    """
    event = fact.event
    if isinstance(event, DeploymentReported):
        found = known(facts, TRACKING, event.tracking_id)
        since_us = rules().back_filled_from_us if event.automatic else found.registered_us
        return since_us - 1, found.removed_us
    until = getattr(event, "until", None)
    bound_us = to_us(until) if until else FOREVER_US
    if isinstance(event, SubscriptionMoved) and event.becomes != event.subscription:
        after = [
            one.effective_at_us
            for one in facts(recorded("subscription"), event.becomes)
            if getattr(one.event, "subscription", None) == event.becomes
        ]
        bound_us = min((bound_us, *after))
    return -1, bound_us


def awaited(mending: Mending) -> tuple[Awaits, ...] | None:
    """Which ends by time are awaited again or no more once the fact never was."""
    with_it = sorted((*mending.others, mending.fact), key=lambda one: one.position)
    before, after = _running(with_it), _running(mending.others)
    changed = [
        Awaits.model_validate({"name": timer.name, "due": from_us(timer.due_us), "runs": runs})
        for runs, now, then in ((False, before, after), (True, after, before))
        for key, timer in sorted(now.items())
        if then.get(key) != timer and timer.due_us is not None and (runs or key not in after)
    ]
    return tuple(changed) or None


def _running(facts: Iterable[Fact]) -> dict[str, Timer]:
    """The timers that run after these facts, by key."""
    running: dict[str, Timer] = {}
    for fact in facts:
        for timer in fact.event.timers():
            running.pop(timer.key, None)
            if timer.due_us is not None:
                running[timer.key] = timer
    return running


def _siblings(facts: Facts, fact: Fact, row: Correctable) -> list[Fact]:
    """The facts about the same subject, in the same tenant where that has several."""
    prefix = f"{row.subject}:"
    tag = next(each for each in fact.event.tags() if each.startswith(prefix))
    key = tag.removeprefix(prefix)
    named = getattr(fact.event, row.subject, None)
    return [
        one
        for one in facts(recorded(row.subject), key)
        if getattr(one.event, "tenant", None) == getattr(fact.event, "tenant", None)
        # A successor carries the tag of the subscription it renews.
        and getattr(one.event, row.subject, None) == named
        and (not row.same or _alike(one.event, fact.event, row.same))
        and (not row.among or {one.event.TYPE, _family(one.event)} & set(row.among))
    ]


def _alike(one: Event, other: Event, name: str) -> bool:
    named = getattr(one, name, None)
    return _family(one) == _family(other) and named == getattr(other, name, None)


def _family(event: Event) -> str:
    return event.TYPE.partition(".")[0]
