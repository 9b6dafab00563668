"""Keeping views and log in step: batches, checkpoints, rebuilding, dying, being read meanwhile."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import BusyError, DamagedError, StorageError
from projections import views as store
from projections.fold import Fold
from projections.record import Record
from projections.runner import Views, catch_up, rebuild, rebuild_file
from schemas.associations import DporSet
from schemas.catalogue import MODELS
from tests.projections.histories import histories
from tests.projections.memory_log import IN_MEMORY, TENANT, MemoryLog, made


def _log(count: int) -> MemoryLog:
    log = MemoryLog()
    for n in range(count):
        where = {"subscription": f"S-{n % 7}", "tenant": TENANT}
        log.add(made(DporSet, **where, location=f"10{n % 3}"), on=n % 11, recorded=n / 10)
    return log


def _dump(views: sqlite3.Connection) -> list[str]:
    return list(store.dump(views))


def test_every_type_of_event_is_known_to_the_fold() -> None:
    """A new type in the catalogue has to say what it means for the views, if only nothing."""
    views = Views(IN_MEMORY)
    assert Fold(views.connection).types == set(MODELS)
    views.close()


@given(histories, st.integers(1, 30), st.integers(1, 5))
def test_any_cut_into_batches_gives_the_same_bytes(log: MemoryLog, batch: int, most: int) -> None:
    """One event at a time, or in batches with folds that forget: the sorted dump is equal."""
    whole, cut = Views(IN_MEMORY), Views(IN_MEMORY)
    catch_up(log, whole, batch=1)
    with pytest.MonkeyPatch.context() as forgetful:
        for module in ("slots", "claims", "parties"):
            forgetful.setattr(f"projections.{module}._LIMIT", most)
        for reached in range(batch, len(log.records) + batch, batch):
            catch_up(log.upto(reached), cut, batch=most)
    assert _dump(cut.connection) == _dump(whole.connection)
    whole.close()
    cut.close()


@settings(max_examples=500 if os.environ.get("LEDGER_SOAK") else 15)
@given(histories, st.integers(1, 30), st.integers(1, 5), st.booleans())
def test_a_rebuild_gives_the_same_bytes(log: MemoryLog, batch: int, most: int, apart: bool) -> None:
    """Whatever its batches, however little it remembers, and whichever process writes."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as forgetful:
        if apart:
            _write_apart(forgetful)
        live = Views(Path(folder) / "views.db")
        catch_up(log, live)
        before = _dump(live.connection)
        for module in ("slots", "claims", "parties"):
            forgetful.setattr(f"projections.{module}._LIMIT", most)
        rebuild(log, live, batch=batch)
        assert _dump(live.connection) == before
        live.close()


def _write_apart(patch: pytest.MonkeyPatch) -> None:
    """From here on every rebuild has a second process, however small the log and the machine."""
    patch.setattr("projections.runner.APART_FROM", 0)
    patch.setattr("projections.beside.worthwhile", lambda: True)


@pytest.mark.parametrize("apart", [False, True])
def test_rebuilt_views_have_every_index_of_live_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, apart: bool
) -> None:
    """Those made last in a rebuild are made, whatever the folds looked up before."""
    if apart:
        _write_apart(monkeypatch)
    log, live = _log(20), Views(tmp_path / "live.db")
    catch_up(log, live)
    rebuild_file(log, tmp_path / "rebuilt.db")
    rebuilt = store.open_reading(tmp_path / "rebuilt.db")
    named = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    assert rebuilt.execute(named).fetchall() == live.connection.execute(named).fetchall()
    rebuilt.close()
    live.close()


class _Ending(MemoryLog):
    """A log at whose end the process that writes the views is ended first."""

    def after(self, position: int, limit: int) -> Sequence[Record]:
        """As the log it is, but for the end."""
        found = super().after(position, limit)
        if not found:
            children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text("ascii")
            (child,) = children.split()
            os.kill(int(child), signal.SIGKILL)
        return found


def test_views_stay_when_the_process_that_writes_new_ones_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, nothing is put in place, and the next rebuild does it."""
    _write_apart(monkeypatch)
    log, views = _log(40), Views(tmp_path / "views.db")
    catch_up(log, views)
    before = _dump(views.connection)
    ending = _Ending()
    ending.records += log.records
    with pytest.raises(sqlite3.OperationalError, match="was ended"):
        rebuild(ending, views)
    assert _dump(views.connection) == before
    rebuild(log, views)
    assert _dump(views.connection) == before
    views.close()


def test_what_the_writing_process_refuses_is_an_error_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk there is told as one here, though it is noticed later."""
    _write_apart(monkeypatch)
    monkeypatch.setattr("projections.views._BUILDING", ("max_page_count=100",))
    with pytest.raises(StorageError, match="full"):
        rebuild_file(_log(4_000), tmp_path / "views.db")
    assert not (tmp_path / "views.db").exists()


def test_a_reader_sees_whole_batches_and_never_waits(tmp_path: Path) -> None:
    """While a thread feeds, every look shows rows and checkpoint of one and the same position."""
    log, path = _log(600), tmp_path / "views.db"
    views = Views(path)
    feeding = threading.Thread(target=catch_up, args=(log, views), kwargs={"batch": 7})
    feeding.start()
    reader = store.open_reading(path)
    reader.execute("PRAGMA busy_timeout=0")
    seen: set[int] = set()
    while feeding.is_alive() or not seen:
        with store.snapshot(reader):
            at = store.checkpoint(reader).position
            newest = reader.execute("SELECT max(known_from) FROM holdings").fetchone()[0] or 0
        assert newest == at
        assert at == len(log.records) or at % 7 == 0
        seen.add(at)
    feeding.join()
    assert store.checkpoint(reader).position == len(log.records)


class _Fatal(Sequence[Record]):
    """Records, the last of which is never reached: the process kills itself before it."""

    def __init__(self, records: list[Record]) -> None:
        self._records = records

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, n: int) -> Record:  # type: ignore[override]  # slices are not asked for
        if n == len(self._records) - 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return self._records[n]


def die_in_the_second_batch(path: str) -> None:
    """Feed ten events, then die by SIGKILL in the middle of the next ten."""
    log = _log(20)
    views = Views(Path(path))
    at = catch_up(log.upto(10), views)
    views.connection.execute("PRAGMA cache_size=1")  # so that pages reach the file early
    views.apply(at, _Fatal(log.records[10:]))


def test_killed_in_the_middle_of_a_batch_it_resumes_exactly(tmp_path: Path) -> None:
    """The batch that was not committed is folded again, from the checkpoint before it."""
    path = tmp_path / "views.db"
    code = (
        "from tests.projections.test_runner import die_in_the_second_batch as die;"
        f"die({str(path)!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=Path.cwd())
    assert done.returncode == -signal.SIGKILL
    log = _log(20)
    resumed, whole = Views(path), Views(tmp_path / "whole.db")
    assert store.checkpoint(resumed.connection).position == 10
    catch_up(log, resumed)
    catch_up(log, whole)
    assert _dump(resumed.connection) == _dump(whole.connection)


def test_a_fold_that_fails_leaves_the_views_as_they_were(tmp_path: Path) -> None:
    """Also what it remembered is dropped: the same batch can be tried again."""
    log, views = _log(10), Views(tmp_path / "views.db")
    catch_up(log.upto(5), views)
    before = _dump(views.connection)
    strange = log.records[7]._replace(type="from.the.future.v9")
    broken = log.upto(10)
    broken.records = [*log.records[:7], strange, *log.records[8:]]
    with pytest.raises(DamagedError, match=r"from\.the\.future\.v9"):
        catch_up(broken, views)
    assert _dump(views.connection) == before
    assert catch_up(log, views).position == 10


def test_two_writers_of_one_file_do_no_harm(tmp_path: Path) -> None:
    """Whoever comes second sees that the views moved, forgets what it remembers and goes on."""
    log, path = _log(40), tmp_path / "views.db"
    one, two = Views(path), Views(path)
    for n in range(4, 41, 4):
        catch_up(log.upto(n), one if n % 8 else two, batch=3)
    assert not one.apply(store.checkpoint(one.connection)._replace(position=3), log.records[3:6])
    alone = Views(tmp_path / "alone.db")
    catch_up(log, alone)
    assert _dump(one.connection) == _dump(alone.connection)


def test_views_ahead_of_their_log_are_noticed(tmp_path: Path) -> None:
    """The log was restored to an earlier state: the advice is to rebuild."""
    log, views = _log(9), Views(tmp_path / "views.db")
    catch_up(log, views)
    with pytest.raises(DamagedError, match="rebuild") as caught:
        catch_up(log.upto(8), views)
    assert caught.value.code == "views_ahead"
    assert rebuild(log.upto(8), views).position == 8


def test_views_of_another_log_are_noticed(tmp_path: Path) -> None:
    """The commit at the checkpoint is another one."""
    views, other = Views(tmp_path / "views.db"), MemoryLog()
    catch_up(_log(9), views)
    for n in range(12):
        other.add(made(DporSet, subscription="S-1", tenant=TENANT, location="900"), on=n)
    with pytest.raises(DamagedError) as caught:
        catch_up(other, views)
    assert caught.value.code == "views_astray"


def test_torn_views_are_named_and_rebuilt(tmp_path: Path) -> None:
    """A file that is no database, or of another format, is said to be so; rebuilding mends it."""
    log, path = _log(9), tmp_path / "views.db"
    path.write_bytes(b"\x00torn" * 4096)
    for open_it in (store.open_reading, store.open_writing):
        with pytest.raises(DamagedError) as caught:
            open_it(path)
        assert caught.value.code == "views_torn"
    rebuild_file(log, path)
    views = Views(path)
    assert catch_up(log, views).position == 9
    views.connection.execute("PRAGMA user_version = 99")
    with pytest.raises(DamagedError) as caught:
        store.open_reading(path)
    assert caught.value.code == "views_format"


def test_missing_views_are_named_to_a_reader(tmp_path: Path) -> None:
    """A reader makes no file."""
    with pytest.raises(DamagedError) as caught:
        store.open_reading(tmp_path / "views.db")
    assert caught.value.code == "views_missing"
    assert list(tmp_path.iterdir()) == []


def test_a_rebuild_shows_old_or_new_views_to_a_reader_and_nothing_between(tmp_path: Path) -> None:
    """A reader in the middle of its snapshot keeps it, and sees the new views after."""
    log, path = _log(50), tmp_path / "views.db"
    views = Views(path)
    catch_up(log.upto(20), views)
    reader = store.open_reading(path)
    with store.snapshot(reader):
        assert store.checkpoint(reader).position == 20
        rebuild(log, views)
        assert store.checkpoint(reader).position == 20
    assert store.checkpoint(reader).position == 50
    assert list(tmp_path.glob("*.building*")) == []


def test_a_rebuild_that_dies_leaves_the_views_as_they_were(tmp_path: Path) -> None:
    """What it left beside is swept away by the next."""
    log, path = _log(50), tmp_path / "views.db"
    views = Views(path)
    catch_up(log.upto(20), views)
    before = _dump(views.connection)

    def dies(position: int, head: int) -> None:
        raise SystemExit(f"stopped at {position} of {head}")

    with pytest.raises(SystemExit):
        rebuild(log, views, batch=10, progress=dies)
    assert _dump(views.connection) == before
    assert rebuild(log, views).position == 50


def test_a_second_rebuild_at_once_is_told_to_wait(tmp_path: Path) -> None:
    """Two would write the same file beside."""
    log, path = _log(20), tmp_path / "views.db"

    def again(_: int, __: int) -> None:
        with pytest.raises(BusyError):
            rebuild_file(log, path)

    assert rebuild_file(log, path, batch=10, progress=again).position == 20


def test_progress_is_told_after_each_batch(tmp_path: Path) -> None:
    """Position reached and head, for a bar."""
    told = SimpleNamespace(seen=[])
    log = _log(25)
    catch_up(log, Views(tmp_path / "views.db"), batch=10, progress=lambda *at: told.seen.append(at))
    assert told.seen == [(10, 25), (20, 25), (25, 25)]


def test_an_empty_log_gives_empty_views(tmp_path: Path) -> None:
    """Caught up and rebuilt alike."""
    views = Views(tmp_path / "views.db")
    assert catch_up(MemoryLog(), views).position == 0
    assert rebuild(MemoryLog(), views).position == 0
