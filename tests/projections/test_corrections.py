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
from schemas.associations import DporSet
from schemas.catalogue import MODELS
from schemas.corrections import FactCorrected, FactRetracted
from schemas.time import from_us
from tests.projections.histories import DAYS, histories
from tests.projections.memory_log import IN_MEMORY, TENANT, MemoryLog, Told, day, made

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
    return [record.position for record in log.records if record.type in kinds]


def _about(log: MemoryLog, position: int) -> dict[str, Any]:
    record = log.event_at(position)
    event = MODELS[record.type].model_validate(record.data)
    told = {"fact": position, "of": record.type, "about": event.tags(), "reason": "An error."}
    return {**told, "was": from_us(record.effective_at_us)}


@given(histories, st.integers(1, 50), st.data())
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
    log.add(made(FactRetracted, **_about(log, position)))
    assert _known(log, head + 1, head, batch=batch) == expected + before


@given(histories, st.integers(1, 50), st.data())
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
    log.add(made(FactCorrected, **_about(log, position), now=from_us(at_us)))
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
    told.add(made(FactRetracted, **_about(told.log, wrong)), on=3, recorded=6)
    assert told.held(5) == {("DPOR", "101", None)}
    assert told.held(5, known=wrong) == {("DPOR", "102", None)}
    told.add(_dpor("201", "101"), on=8, recorded=8)
    assert told.held(7) == {("DPOR", "101", None)}
    assert told.held(9) == {("DPOR", "201", None)}
