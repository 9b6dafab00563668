"""The ledger as a whole: decided once, durable when answered, in order of time, never half."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from ledger.app import Ledger
from ledger.commands import catalogue as commands
from ledger.deciding import Request
from ledger.errors import AttributionError, BadInputError, BusyError, DamagedError
from ledger.log.group import Group, NewEvent
from ledger.log.query import Query, QueryItem
from ledger.log.verify import verify_chain
from schemas.envelope import Attributes
from schemas.time import from_iso

BORN_US = from_iso("2020-07-01T08:00:00Z")
DAY_US = 86_400_000_000


class SetClock:
    """A clock that a test moves; both hands in microseconds."""

    def __init__(self, wall_us: int = BORN_US) -> None:
        self.wall_us = wall_us
        self.passed_us = 0

    def now_us(self) -> int:
        """The wall clock as set."""
        return self.wall_us

    def monotonic_us(self) -> int:
        """The time that passed as set."""
        return self.passed_us

    def tick(self, us: int) -> None:
        """Let time pass on both hands."""
        self.wall_us += us
        self.passed_us += us


def organisation(number: str, name: str = "Alfa") -> Any:
    """The command that registers an organisation."""
    command = commands.load("organisation.register")
    return command.model_validate({"organisation": number, "name": name, "country": "CZ"})


def request(number: str, *, at_us: int | None = None, command_id: str | None = None) -> Request:
    """A request by the operator to register an organisation."""
    return Request(organisation(number), "operator", command_id or f"c-{number}", at_us)


@pytest.fixture
def clock() -> SetClock:
    """The clock of the ledger under test."""
    return SetClock()


@pytest.fixture
def ledger(tmp_path: Path, clock: SetClock) -> Iterator[Ledger]:
    """A new ledger on a real clock that the test sets."""
    with Ledger.create(tmp_path / "l", clock=clock) as made:
        yield made


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger whose clock is told."""
    with Ledger.create(tmp_path / "t", clock_kind="told", at_us=BORN_US) as made:
        yield made


def code_of(outcome: Any) -> str:
    """The code of a refusal."""
    assert outcome.error is not None
    code: str = outcome.error.code
    return code


def test_the_first_event_names_ledger_clock_and_operator(ledger: Ledger) -> None:
    """Genesis is an event like any other, at position 1."""
    first = next(ledger.reader().read())
    assert first.position == 1
    assert first.type == "ledger.created.v1"
    assert ledger.folder.ledger.encode() in first.data
    assert b'"operator":"operator"' in first.data


def test_a_command_repeated_gives_its_first_event(ledger: Ledger) -> None:
    """Same actor, id and command: nothing new, also within one group and after reopening."""
    first, again = ledger.submit_group([request("100"), request("100")])
    assert (first.position, first.repeated) == (2, False)
    assert (again.position, again.repeated) == (2, True)
    ledger.close()
    with Ledger.open(ledger.folder.path, clock=SetClock()) as opened:
        (third,) = opened.submit_group([request("100")])
        assert (third.position, third.repeated, third.type) == (
            2,
            True,
            "organisation.registered.v1",
        )
        assert opened.head.position == 2


def test_an_id_used_for_another_command_is_refused(ledger: Ledger) -> None:
    """The keyed hash of the command tells them apart, in one group and across groups."""
    ledger.submit_group([request("100", command_id="c")])
    (other,) = ledger.submit_group([request("200", command_id="c")])
    assert code_of(other) == "command_id_reused"
    _, same_group = ledger.submit_group(
        [request("300", command_id="d"), request("400", command_id="d")]
    )
    assert code_of(same_group) == "command_id_reused"


def test_a_command_id_belongs_to_its_actor(ledger: Ledger) -> None:
    """Two actors may use the same id; the second is judged on its own."""
    ledger.submit_group([request("100", command_id="c")])
    other = Request(organisation("200"), "stranger", "c")
    assert code_of(ledger.submit_group([other])[0]) == "not_permitted"


def test_a_refusal_appends_nothing_and_is_judged_again(ledger: Ledger) -> None:
    """A refused command leaves no trace: when its reason is gone, the same line is accepted."""
    location = commands.load("location.register").model_validate(
        {"location": "101", "organisation": "100", "name": "Alfa Praha", "country": "CZ"}
    )
    asked = Request(location, "operator", "c-101")
    (refused,) = ledger.submit_group([asked])
    assert code_of(refused) == "unknown_reference"
    assert ledger.head.position == 1
    ledger.submit_group([request("100")])
    (accepted,) = ledger.submit_group([asked])
    assert (accepted.position, accepted.repeated) == (3, False)


def test_the_others_of_a_group_go_on_when_one_is_refused(ledger: Ledger) -> None:
    """A refusal takes no position and hides nothing from those after it."""
    outcomes = ledger.submit_group(
        [request("100"), request("100", command_id="again"), request("200")]
    )
    assert [outcome.position for outcome in outcomes] == [2, 0, 3]
    assert code_of(outcomes[1]) == "already_exists"


def test_a_group_of_one_instant_is_one_commit(ledger: Ledger) -> None:
    """recorded_at is the commit's time: what is decided together is sealed together."""
    ledger.submit_group([request(str(n)) for n in range(100, 150)])
    sizes = [len(accepted.frame.events) for _, accepted in ledger.reader().commits()]
    assert sizes == [1, 50]


def test_many_callers_get_dense_positions_and_one_winner(ledger: Ledger) -> None:
    """Thirty-two threads register the same ten organisations: each is registered once."""
    positions: list[int] = []

    def call(caller: int) -> None:
        for n in range(10):
            (outcome,) = ledger.submit_group([request(str(n), command_id=f"{caller}-{n}")])
            if outcome.error is None:
                positions.append(outcome.position)
            else:
                assert code_of(outcome) == "already_exists"

    callers = [Thread(target=call, args=(caller,)) for caller in range(32)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert sorted(positions) == list(range(2, 12))


def test_two_open_ledgers_on_one_folder_see_each_others_events(ledger: Ledger) -> None:
    """What another connection appended is a fact for the next decision here."""
    with Ledger.open(ledger.folder.path, clock=SetClock()) as other:
        ledger.submit_group([request("100")])
        (late,) = other.submit_group([request("100", command_id="other")])
        assert code_of(late) == "already_exists"
        other.submit_group([request("200")])
        (again,) = ledger.submit_group([request("200", command_id="mine")])
        assert code_of(again) == "already_exists"


def test_a_told_clock_needs_an_instant_that_never_goes_back(told: Ledger) -> None:
    """Each line carries at; equal is fine, earlier is refused, none is refused."""
    (fine,) = told.submit_group([request("100", at_us=BORN_US + DAY_US)])
    assert fine.position == 2
    assert code_of(told.submit_group([request("200")])[0]) == "at_required"
    (back,) = told.submit_group([request("200", at_us=BORN_US)])
    assert code_of(back) == "at_goes_back"
    (equal,) = told.submit_group([request("200", at_us=BORN_US + DAY_US)])
    assert equal.position == 3


def test_a_repeated_line_of_a_told_clock_is_found_though_time_went_on(told: Ledger) -> None:
    """Repeating the whole file changes nothing, though its instants lie in the past by now."""
    lines = [request(str(n), at_us=BORN_US + n * DAY_US) for n in range(5)]
    list(told.submit_many(lines))
    head = told.head
    assert all(outcome.repeated for outcome in told.submit_many(lines))
    assert told.head == head


def test_a_real_clock_takes_no_instant(ledger: Ledger) -> None:
    """On a real clock nobody says when something was recorded."""
    assert code_of(ledger.submit_group([request("100", at_us=BORN_US)])[0]) == "at_not_allowed"


def test_a_clock_behind_the_log_refuses_to_write(ledger: Ledger, clock: SetClock) -> None:
    """A little skew uses the log's time; more is refused, and recorded_at never goes back."""
    clock.tick(DAY_US)
    ledger.submit_group([request("100")])
    clock.tick(-1_000_000)
    ledger.submit_group([request("200")])
    clock.tick(-DAY_US)
    assert code_of(ledger.submit_group([request("300")])[0]) == "clock_behind"
    recorded = [accepted.head.recorded_at_us for _, accepted in ledger.reader().commits()]
    assert recorded == [BORN_US, BORN_US + DAY_US, BORN_US + DAY_US]


def test_a_clock_that_jumped_ahead_refuses_to_write(ledger: Ledger, clock: SetClock) -> None:
    """A wall clock that ran away from the monotonic one must be confirmed by a human."""
    clock.wall_us += 365 * DAY_US
    assert code_of(ledger.submit_group([request("100")])[0]) == "clock_jumped"
    with Ledger.open(ledger.folder.path, clock=clock) as confirmed:
        assert confirmed.submit_group([request("100")])[0].error is None


def test_an_index_that_fell_behind_is_made_again(ledger: Ledger) -> None:
    """The index is a function of the commits: emptied, it comes back row by row the same."""
    ledger.submit_group([request(str(n)) for n in range(20)])
    ledger.close()
    with sqlite3.connect(ledger.folder.chain) as connection:
        before = list(connection.execute("SELECT * FROM event_tags"))
        for table in ("events", "event_tags", "commands", "timers", "types"):
            connection.execute(f"DELETE FROM {table}")
    connection.close()
    with Ledger.open(ledger.folder.path, clock=SetClock()) as opened:
        assert opened.submit_group([request("3")])[0].repeated
        rows = opened.index.database.connection.execute("SELECT * FROM event_tags")
        assert list(rows) == before
    assert verify_chain(ledger.folder).events == 21


def test_verify_passes_a_whole_ledger_and_says_what_it_checked(ledger: Ledger) -> None:
    """Commits, events and head of the report are those of the log."""
    ledger.submit_group([request(str(n)) for n in range(300)])
    report = verify_chain(ledger.folder)
    assert (report.events, report.head) == (301, ledger.head)
    assert report.commits == sum(1 for _ in ledger.reader().commits())


@pytest.mark.parametrize(
    "change,code",
    [
        ("DELETE FROM event_tags WHERE position = 3", "index_differs"),
        ("INSERT INTO event_tags VALUES ('partner:666', 3)", "index_differs"),
        ("UPDATE commands SET position = 2 WHERE position = 3", "index_differs"),
        ("INSERT INTO timers VALUES ('answer:C', 'answer', 1, 3)", "index_differs"),
        ("UPDATE commits SET recorded_at_us = 1 WHERE first = 3", "damaged"),
        ("DELETE FROM commits WHERE first = 4", "log_truncated"),
    ],
)
def test_verify_finds_every_change_behind_its_back(ledger: Ledger, change: str, code: str) -> None:
    """One changed row of any table is noticed and nothing is mended."""
    for number in ("100", "200", "300"):
        ledger.submit_group([request(number)])
    ledger.close()
    with sqlite3.connect(ledger.folder.chain) as connection:
        connection.execute(change)
    connection.close()
    with pytest.raises(DamagedError) as found:
        verify_chain(ledger.folder)
    assert found.value.code == code


def test_a_folder_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    """Nothing there: bad input with the command that makes one."""
    with pytest.raises(BadInputError, match="attribution init") as found:
        Ledger.open(tmp_path)
    assert found.value.code == "no_ledger"


def test_a_ledger_is_never_made_over_something(ledger: Ledger) -> None:
    """A folder that holds anything is left alone."""
    with pytest.raises(BadInputError) as found:
        Ledger.create(ledger.folder.path)
    assert found.value.code == "folder_not_empty"


@pytest.mark.parametrize(
    "text,code",
    [
        ('format = 99\nledger = "l-1"\nclock = "real"\n', "newer_version"),
        ("format = ", "damaged"),
        ('format = 1\nledger = "l-1"\nclock = "sundial"\n', "damaged"),
    ],
)
def test_a_folder_of_a_newer_version_or_torn_is_said_plainly(
    ledger: Ledger, text: str, code: str
) -> None:
    """Exit code 4, never mended silently."""
    (ledger.folder.path / "ledger.toml").write_text(text)
    with pytest.raises(DamagedError) as found:
        Ledger.open(ledger.folder.path)
    assert (found.value.code, found.value.exit_code) == (code, 4)


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.9])
def test_a_torn_file_is_damaged(ledger: Ledger, keep: float) -> None:
    """A chain.db cut short or overwritten is refused, not read around."""
    ledger.submit_group([request(str(n)) for n in range(500)])
    ledger.index.database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ledger.close()
    chain = ledger.folder.chain
    data = chain.read_bytes()
    chain.write_bytes(data[: int(len(data) * keep)] + b"\x07" * 4096)
    with pytest.raises(DamagedError):
        verify_chain(ledger.folder)


def test_the_files_of_two_ledgers_do_not_mix(ledger: Ledger, told: Ledger) -> None:
    """A chain.db of another ledger is refused by its id under the first hash."""
    ledger.close()
    told.close()
    for suffix in ("-wal", "-shm"):
        ledger.folder.chain.with_name(f"chain.db{suffix}").unlink(missing_ok=True)
    shutil.copy(told.folder.chain, ledger.folder.chain)
    with pytest.raises(DamagedError) as found:
        Ledger.open(ledger.folder.path)
    assert found.value.code == "foreign_log"


def test_a_folder_held_by_another_is_waited_for_then_named_busy(ledger: Ledger) -> None:
    """Busy is said after a wait; nothing was kept; afterwards the same command is accepted."""
    ledger.index.database.connection.execute("PRAGMA busy_timeout=50")
    holder = sqlite3.connect(ledger.folder.chain, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusyError) as found:
        ledger.submit_group([request("100")])
    assert found.value.exit_code == 5
    holder.execute("ROLLBACK")
    holder.close()
    assert ledger.submit_group([request("100")])[0].position == 2


def test_a_full_disk_is_refused_and_leaves_the_ledger_intact(ledger: Ledger) -> None:
    """Nothing of the group is kept; with room again the same commands are accepted."""
    connection = ledger.index.database.connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages + 4}")
    wanted = [request(str(n)) for n in range(400)]
    with pytest.raises(AttributionError) as found:
        ledger.submit_group(wanted)
    assert found.value.code == "disk_full"
    assert ledger.head.position == 1
    connection.execute("PRAGMA max_page_count=1000000")
    assert [outcome.position for outcome in ledger.submit_group(wanted)] == list(range(2, 402))
    assert verify_chain(ledger.folder).events == 401


def test_an_event_of_an_unknown_type_stops_writing_but_not_reading(ledger: Ledger) -> None:
    """A newer node's event is accepted by the chain; this one reads on and refuses to write."""

    def foreign(group: Group) -> None:
        newer = Attributes("claim.teleported.v7", ("claim:C-1",))
        group.append([NewEvent(newer, b"{}")], group.recorded_at_us)

    assert ledger.writer.submit([foreign]) == [None]
    ledger.close()
    with Ledger.open(ledger.folder.path, clock=SetClock()) as opened:
        assert [event.type for event in opened.reader().read()][-1] == "claim.teleported.v7"
        (outcome,) = opened.submit_group([request("100")])
        assert code_of(outcome) == "newer_version"
        assert opened.head.position == 2
    assert verify_chain(ledger.folder).unknown_types == ("claim.teleported.v7",)


def test_a_query_finds_by_type_and_tag(ledger: Ledger) -> None:
    """Readers find events as decisions do."""
    ledger.submit_group([request("100"), request("200")])
    query = Query((QueryItem(("organisation.registered.v1",), ("organisation:200",)),))
    assert [event.position for event in ledger.reader().read(query)] == [3]


def test_the_position_of_an_instant_is_the_last_recorded_by_then(told: Ledger) -> None:
    """As known at T is a position, and the reader says which."""
    for n in range(1, 4):
        told.submit_group([request(str(n), at_us=BORN_US + n * DAY_US)])
    reader = told.reader()
    assert reader.position_at(BORN_US - 1) == 0
    assert reader.position_at(BORN_US + 2 * DAY_US) == 3
    assert reader.position_at(BORN_US + 9 * DAY_US) == 4
