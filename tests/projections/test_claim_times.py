"""Claims in two times: as known at a position they are what views of the log up to there show."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from projections import claim_queries
from projections.runner import Views, catch_up
from tests.projections.histories import histories
from tests.projections.memory_log import IN_MEMORY, MemoryLog

_STATES = ("submitted", "approved", "rejected", "dispute", "ended", "replaced")


def _fed(log: MemoryLog, batch: int = 5000) -> Views:
    views = Views(IN_MEMORY)
    catch_up(log, views, batch=batch)
    return views


def _filters(log: MemoryLog) -> list[dict[str, Any]]:
    """No filter, each alone with the values that occur, and some together."""
    claims = [record.data for record in log.records if record.type == "claim.submitted.v1"]
    partners = sorted({data["location"] for data in claims})
    slots = sorted({slot["slot"] for data in claims for slot in data["slots"]})
    found: list[dict[str, Any]] = [{}, {"contested": True}, {"contested": False}]
    found += [{"state": state} for state in _STATES]
    found += [{"partner": partner} for partner in partners]
    found += [{"slot": slot} for slot in slots]
    found += [{"partner": partner, "state": "approved"} for partner in partners]
    return [*found, {"limit": 1}, {"before": 2}]


@given(histories, st.integers(1, 50), st.data())
def test_claims_as_known_at_a_position_are_those_of_the_log_up_to_there(
    log: MemoryLog, batch: int, data: st.DataObject
) -> None:
    """Every row, state, filter, slot and deadline, however the events came in batches."""
    views = _fed(log, batch)
    known = data.draw(st.integers(0, len(log.records)), label="known")
    then = _fed(log.upto(known))
    whole, cut = views.connection, then.connection
    for asked in _filters(log):
        expected = claim_queries.claim_list(cut, **asked)
        assert claim_queries.claim_list(whole, known=known, **asked) == expected, asked
    for record in log.records:
        if record.type == "claim.submitted.v1":
            claim = record.data["claim"]
            expected_claim = claim_queries.claim_show(cut, claim)
            assert claim_queries.claim_show(whole, claim, known=known) == expected_claim
    assert claim_queries.deadlines(whole, known=known) == claim_queries.deadlines(cut)
    views.close()
    then.close()
