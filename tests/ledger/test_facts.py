"""Warm facts: whatever was expected, asked or taken back, a state is the fold of its events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.decision import Fact, Model
from ledger.facts import WarmFacts
from ledger.log.database import Database
from ledger.log.group import Group, NewEvent, Work
from ledger.log.index import Index
from ledger.log.journal.sqlite import SqliteJournal
from ledger.log.writer import Writer
from schemas import catalogue
from schemas.envelope import Attributes
from schemas.parties import LocationRegistered, OrganisationRegistered

KEYS = ("100", "101", "102")
BOTH = (OrganisationRegistered, LocationRegistered)


def _names(state: tuple[int, ...], fact: Fact) -> tuple[int, ...]:
    return (*state, fact.position)


NOTHING: tuple[int, ...] = ()
MODELS = (
    Model("organisations", "organisation", (OrganisationRegistered,), NOTHING, _names),
    Model("places", "organisation", BOTH, NOTHING, _names),
    Model("locations", "location", (LocationRegistered,), NOTHING, _names),
)
events = st.one_of(
    st.builds(
        OrganisationRegistered,
        organisation=st.sampled_from(KEYS),
        name=st.just("A"),
        country=st.just("CZ"),
    ),
    st.builds(
        LocationRegistered,
        location=st.sampled_from(KEYS),
        organisation=st.sampled_from(KEYS),
        name=st.just("A"),
        country=st.just("CZ"),
    ),
)
places = st.tuples(st.sampled_from(MODELS), st.sampled_from(KEYS))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("append"), events),
        st.tuples(st.just("expect"), st.lists(places, max_size=4)),
        st.tuples(st.just("ask"), places),
        st.tuples(st.just("retract"), st.integers(0, 3)),
        st.tuples(st.just("keep"), st.none()),
    ),
    max_size=30,
)


@given(steps)
def test_a_state_is_the_fold_of_its_events_whatever_was_expected(steps: list[Any]) -> None:
    """Appended, kept, taken back, expected and asked in any order; compared with a plain list."""
    database = Database(Path(":memory:"))
    index = Index(database)
    writer = Writer(database, SqliteJournal(database), index, "l-test")
    facts = WarmFacts(index)
    written: list[Fact] = []
    kept = 0

    def check(model: Model[tuple[int, ...]], key: str) -> None:
        tag = f"{model.tag}:{key}"
        mine = [one for one in written if isinstance(one.event, model.types)]
        assert facts(model, key) == tuple(one.position for one in mine if tag in one.event.tags())

    for name, what in steps:
        if name == "append":
            written.append(Fact(len(written) + 1, what, 0, 0, "operator"))
            facts.appended(written[-1], what.tags())
        elif name == "expect":
            facts.expect(what)
        elif name == "ask":
            check(*what)
        elif name == "retract":
            del written[max(kept, len(written) - what) :]
            facts.retract(len(written))
        elif written[kept:]:
            writer.submit([_keeping(written[kept:])])
            facts.kept()
            kept = len(written)
    for model in MODELS:
        for key in KEYS:
            check(model, key)
    database.close()


def _keeping(written: list[Fact]) -> Work:
    def work(group: Group) -> None:
        for fact in written:
            attributes = Attributes(fact.event.TYPE, fact.event.tags())
            group.append([NewEvent(attributes, catalogue.encode(fact.event))], 0)

    return work
