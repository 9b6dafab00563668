"""Which facts can be set right, by whom, and within which instants: ``corrections.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ledger.decision import Context, Fact, Facts
from ledger.decision_models.recorded import recorded
from ledger.refusal import Refused
from ledger.rules.roles import permit
from schemas.time import FOREVER_US


class Correctable(NamedTuple):
    """A row of the table."""

    command: str
    subject: str
    retract: bool
    source: str


class Mending(NamedTuple):
    """A fact as it is known now, its row, and the instants of the facts before and after it."""

    fact: Fact
    row: Correctable
    after_us: int
    before_us: int


@cache
def table() -> dict[str, Correctable]:
    """The rows by type of event."""
    text = files("ledger.rules").joinpath("corrections.toml").read_text("utf-8")
    return {name: Correctable(**row) for name, row in tomllib.loads(text).items()}


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
    permit(facts, context, row.command, **about)
    known = sorted(_siblings(facts, fact, row), key=lambda one: (one.effective_at_us, one.position))
    place = next((n for n, one in enumerate(known) if one.position == position), None)
    if place is None:
        raise Refused("already_retracted", position=position, type=fact.event.TYPE)
    before = known[place - 1].effective_at_us if place else -1
    after = known[place + 1].effective_at_us if place + 1 < len(known) else FOREVER_US
    return Mending(known[place], row, before, after)


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
    ]
