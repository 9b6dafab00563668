"""Corrected facts in the views: as if recorded right from the beginning, and as known before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.rules.corrections import table
from projections import holder_queries
from projections.runner import Views, catch_up
from schemas import associations, directory, parties, tracking
from schemas.associations import DporSet
from schemas.corrections import FactCorrected, FactRetracted
from schemas.time import from_us
from tests.projections.azure_histories import about, azure_histories, mendable
from tests.projections.histories import DAYS, histories
from tests.projections.memory_log import DAY_US, IN_MEMORY, TENANT, MemoryLog, Told, day, made

_SAID = ("kind", "slot", "partner", "claim", "scope", "role", "effective_from", "effective_to")


def _known(log: MemoryLog, *positions: int, batch: int = 5000) -> list[list[tuple[Any, ...]]]:
    """Every association as known at each of the positions."""
    views = Views(IN_MEMORY)
    catch_up(log, views, batch=batch)
    answers = [holder_queries.associations(views.connection, known=each) for each in positions]
    views.close()
    return [
        sorted((tuple(row[name] for name in _SAID) for row in rows), key=repr) for rows in answers
    ]


def _without(log: MemoryLog, position: int) -> MemoryLog:
    """The log as if the event had been none of any consequence."""
    other = MemoryLog()
    for record in log.records:
        wrong = record.position == position
        other.records.append(
            record._replace(type="usage.turn.reserved.v1", data={}) if wrong else record
        )
    return other


def _dated(log: MemoryLog, position: int, at_us: int) -> MemoryLog:
    """The log as if the event had been recorded with another instant."""
    other = MemoryLog()
    for record in log.records:
        wrong = record.position == position
        other.records.append(record._replace(effective_at_us=at_us) if wrong else record)
    return other


def _correctable(log: MemoryLog, *, retract: bool) -> list[int]:
    kinds = {name for name, row in table().items() if row.retract or not retract}
    taken = {r.data["fact"] for r in log.records if r.type.startswith("fact.")}
    found = [r.position for r in log.records if r.type in kinds and r.position not in taken]
    # How a delegation's term follows from its day is not a matter of any day at all.
    return [each for each in found if not log.event_at(each).type.startswith("gdap.")]


@given(histories | azure_histories, st.integers(1, 50), st.data())
def test_a_retracted_fact_leaves_what_would_be_known_without_it(
    log: MemoryLog, batch: int, data: st.DataObject
) -> None:
    """Every association, whatever else came before and after; the past is answered as before."""
    positions = _correctable(log, retract=True)
    assume(positions)
    position = data.draw(st.sampled_from(positions), label="position")
    head = log.head().position
    before = _known(log, head)
    expected = _known(_without(log, position), head)
    log.add(made(FactRetracted, **about(log.event_at(position))))
    assert _known(log, head + 1, head, batch=batch) == expected + before


@given(histories | azure_histories, st.integers(1, 50), st.data())
def test_a_corrected_fact_is_known_as_if_it_had_been_recorded_right(
    log: MemoryLog, batch: int, data: st.DataObject
) -> None:
    """Every association, for any other day; the past is answered as before."""
    positions = _correctable(log, retract=False)
    assume(positions)
    position = data.draw(st.sampled_from(positions), label="position")
    at_us = day(data.draw(st.integers(0, DAYS - 1), label="on"))
    head = log.head().position
    before = _known(log, head)
    expected = _known(_dated(log, position, at_us), head)
    log.add(made(FactCorrected, **about(log.event_at(position)), now=from_us(at_us)))
    assert _known(log, head + 1, head, batch=batch) == expected + before


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """A log with views that follow it."""
    return Told(tmp_path)


def _dpor(location: str, previous: str | None = None) -> DporSet:
    return made(DporSet, subscription="S-1", tenant=TENANT, location=location, previous=previous)


def test_what_comes_after_a_correction_rests_on_it(told: Told) -> None:
    """A partner set by mistake is taken back, then another follows the first."""
    told.add(_dpor("101"), on=1, recorded=1)
    wrong = told.add(_dpor("102", "101"), on=3, recorded=3)
    assert told.held(5) == {("DPOR", "102", None)}
    told.add(made(FactRetracted, **about(told.log.event_at(wrong))), on=3, recorded=6)
    assert told.held(5) == {("DPOR", "101", None)}
    assert told.held(5, known=wrong) == {("DPOR", "102", None)}
    told.add(_dpor("201", "101"), on=8, recorded=8)
    assert told.held(7) == {("DPOR", "101", None)}
    assert told.held(9) == {("DPOR", "201", None)}


def _azure_story() -> MemoryLog:
    """One of each fact by which something is held by way of Azure, each on a day of its own."""
    log = MemoryLog()

    def tell(model: Any, on: int, **fields: Any) -> None:
        log.add(made(model, **fields), on=on, recorded=24 + len(log.records) / 7)

    who = {"identity": "dev-1", "location": "101"}
    member = {"identity": "dev-1", "group": "G-1"}
    scope = "/subscriptions/S-0"
    theirs, own = ({"assignment": name, "tenant": TENANT} for name in ("A-1", "A-2"))
    given = {"scope": scope, "role": "Owner"}
    deployed = {"deployment": "D-1", "tracking_id": "1" * 8, "location": "101", "tenant": TENANT}
    tell(parties.IdentityRegistered, 0, **who, kind="user")
    tell(directory.GroupRegistered, 0, group="G-1", tenant=TENANT, name="Managers")
    tell(associations.PalLinked, 1, **who, tenant=TENANT)
    other = {"identity": "dev-2", "location": "102"}  # a member before the group has its role
    tell(parties.IdentityRegistered, 0, **other, kind="user")
    tell(associations.PalLinked, 0, **other, tenant=TENANT)
    tell(directory.GroupMemberAdded, 0, identity="dev-2", group="G-1")
    tell(associations.AzureRoleAssignedToGroup, 2, **theirs, group="G-1", **given)
    tell(directory.GroupMemberAdded, 4, **member)
    tell(directory.IdentityDisabled, 6, **who)
    tell(directory.IdentityEnabled, 8, **who)
    tell(directory.GroupMemberRemoved, 10, **member)
    tell(associations.AzureRoleAssigned, 11, **own, identity="dev-1", **given)
    tell(associations.AzureRoleRemoved, 13, **own, identity="dev-1")
    tell(directory.GroupMemberAdded, 14, **member)
    tell(associations.AzureRoleRemovedFromGroup, 16, **theirs, group="G-1")
    tell(associations.PalUnlinked, 18, **who, tenant=TENANT)
    tell(associations.PalLinked, 19, **who, tenant=TENANT)
    tell(directory.IdentityDeleted, 21, **who)
    reported = {"kind": "cua", "subscription": "S-0", "scope": scope, "automatic": False}
    tell(tracking.DeploymentReported, 3, **deployed, **reported)
    tell(tracking.DeploymentEnded, 12, **deployed)
    return log


_STORY = [
    each
    for each in mendable(_azure_story())
    if _azure_story().event_at(each).data.get("identity") != "dev-2"
]


@pytest.mark.parametrize("position", _STORY)
@pytest.mark.parametrize("later", [1, -1, None])
def test_every_fact_of_azure_is_set_right_or_taken_back(position: int, later: int | None) -> None:
    """A day later, a day earlier, or never: another answer than before, and the right one."""
    log = _azure_story()
    head, fact = log.head().position, log.event_at(position)
    before = _known(log, head)
    if later is None:
        expected = _known(_without(log, position), head)
        log.add(made(FactRetracted, **about(fact)))
    else:
        at_us = fact.effective_at_us + later * DAY_US
        expected = _known(_dated(log, position, at_us), head)
        log.add(made(FactCorrected, **about(fact), now=from_us(at_us)))
    assert expected != before, "the story would not tell"
    assert _known(log, head + 1, head) == expected + before


def test_the_story_has_every_fact_of_azure_that_can_be_set_right() -> None:
    """But where things lie, which changes no holding."""
    log = _azure_story()
    families = ("pal.", "azure_role.", "group.", "identity.", "deployment.")
    told = {log.event_at(position).type for position in _STORY}
    assert told == {name for name in table() if name.startswith(families)}
