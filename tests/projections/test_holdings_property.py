"""Holdings against a naive model: any valid history, any day, as known at any position."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from projections import holder_queries
from projections.runner import Views, catch_up, rebuild_file
from projections.views import dump, open_reading
from tests.projections.azure_histories import azure_histories
from tests.projections.histories import DAYS, histories
from tests.projections.memory_log import IN_MEMORY, MemoryLog, day
from tests.projections.reference_holders import holders, organisation_of, told


@given(histories, st.integers(1, 50), st.data())
def test_holders_agree_with_a_naive_replay_on_any_day_as_known_at_any_position(
    log: MemoryLog, batch: int, data: st.DataObject
) -> None:
    """However late facts come, both answer the same who, by what and on which scope."""
    _agree(log, batch, data)


@given(azure_histories, st.integers(1, 50), st.data())
def test_holders_by_way_of_azure_agree_with_a_naive_replay(
    log: MemoryLog, batch: int, data: st.DataObject
) -> None:
    """Links, group roles, Lighthouse, identities that go, GDAP and tracked deployments alike."""
    _agree(log, batch, data)


@given(azure_histories, st.integers(1, 20))
def test_azure_views_equal_a_rebuild(log: MemoryLog, batch: int) -> None:
    """Whatever is joined anew on the way, byte for byte the same rows."""
    live, path = Views(IN_MEMORY), Path(tempfile.mkdtemp()) / "views.db"
    catch_up(log, live, batch=batch)
    rebuild_file(log, path)
    with closing(open_reading(path)) as rebuilt:
        assert list(dump(live.connection)) == list(dump(rebuilt))
    live.close()
    shutil.rmtree(path.parent)


def _agree(log: MemoryLog, batch: int, data: st.DataObject) -> None:
    views = Views(IN_MEMORY)
    catch_up(log, views, batch=batch)
    for _ in range(8):
        known = data.draw(st.integers(0, len(log.records)), label="known")
        on = data.draw(st.integers(0, DAYS - 1), label="on")
        rows = holder_queries.holders(views.connection, effective_us=day(on), known=known)
        names = ("kind", "slot", "partner", "claim", "scope", "role")
        found = [tuple(row[name] for name in names) for row in rows]
        assert sorted(found, key=repr) == sorted(
            holders(log.records, on=day(on), known=known), key=repr
        )
        facts = told(log.records, known)
        for row in rows:
            assert row["organisation"] == organisation_of(facts, row["partner"], day(on))
    views.close()


@given(histories)
def test_a_slot_of_an_exclusive_kind_never_has_two_holders(log: MemoryLog) -> None:
    """As known at any position, no two intervals of an exclusive slot overlap."""
    views = Views(IN_MEMORY)
    catch_up(log, views)
    twice = views.connection.execute(
        "SELECT count(*) FROM holdings a JOIN holdings b ON a.slot = b.slot"
        " AND a.row_id < b.row_id AND a.kind IN ('CPOR', 'DPOR', 'SUBSCRIPTION_ADVISOR')"
        " AND a.known_from < b.known_to AND b.known_from < a.known_to"
        " AND a.effective_from < b.effective_to AND b.effective_from < a.effective_to"
    ).fetchone()[0]
    empty = views.connection.execute(
        "SELECT count(*) FROM holdings"
        " WHERE effective_from >= effective_to OR known_from >= known_to"
    ).fetchone()[0]
    assert (twice, empty) == (0, 0)
    views.close()
