"""What tries to break the write side: faults between two steps, rivals, time, and other hands."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.app import Ledger
from ledger.commands import catalogue as commands
from ledger.deciding import Request
from ledger.decision import Contact, Fact, Model
from ledger.errors import AttributionError, BusyError, DamagedError
from ledger.facts import WarmFacts
from ledger.log.index import Index
from ledger.log.verify import verify_chain
from schemas import catalogue
from schemas.claims import ClaimSubmitted
from schemas.parties import OrganisationRegistered
from schemas.time import from_iso
from tests.claims import CONTACT, submission
from tests.ledger.test_app import BORN_US, DAY_US, SetClock, code_of, organisation, request

STORY = Path(__file__).parents[2] / "examples" / "five_partners"


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger whose clock is told."""
    with Ledger.create(tmp_path / "t", clock_kind="told", at_us=BORN_US) as made:
        yield made


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger on a real clock that stands still."""
    with Ledger.create(tmp_path / "l", clock=SetClock()) as made:
        yield made


def line(text: str) -> Request:
    """The request of one line of a story, or of what a test writes like one."""
    found = json.loads(text)
    command = commands.load(found["command"]).model_validate(found["data"])
    return Request(command, found["actor"], found["id"], from_iso(found["at"]))


def said(name: str, actor: str, at: str, /, **data: Any) -> Request:
    """A request at an instant, under an id of its own."""
    written = {"command": name, "actor": actor, "id": f"{name} {at}", "at": at, "data": data}
    return line(json.dumps(written))


def estate() -> list[Request]:
    """Everybody a claim needs, and the policy it is judged under."""
    at = "2020-07-01T09:00:00Z"
    customer = commands.load("customer.register").EXAMPLE | {
        "tenant": submission("C-1", "101")["tenant"],
        "domains": ["contoso.example"],
    }
    told = [
        said("policy.adopt", "operator", at, builtin="P2020", in_force_from=at),
        said("organisation.register", "operator", at, organisation="100", name="A", country="CZ"),
        said(
            "location.register",
            "operator",
            at,
            location="101",
            organisation="100",
            name="A",
            country="CZ",
        ),
        said("customer.register", "operator", at, **customer),
        said("role.grant", "operator", at, grantee="rita", role="reviewer"),
        said(
            "role.grant",
            "operator",
            at,
            grantee="adam",
            role="account_admin",
            organisation="100",
        ),
        said("role.grant", "adam", at, grantee="ines", role="incentive_admin", location="101"),
    ]
    return [one._replace(command_id=f"e-{n}") for n, one in enumerate(told)]


def claimed(claim: str, at: str, *workloads: str) -> list[Request]:
    """A claim that is submitted, taken up and approved: its window then runs seven days."""
    data = submission(claim, "101", *workloads)
    return [
        said("claim.submit", "ines", at, **data)._replace(command_id=f"{claim} submit"),
        said("claim.start_review", "rita", at, claim=claim)._replace(command_id=f"{claim} review"),
        said("claim.approve", "rita", at, claim=claim)._replace(command_id=f"{claim} approve"),
    ]


def types(ledger: Ledger) -> list[str]:
    """The types of all events, in order."""
    reader = ledger.reader()
    found = [stored.type for stored in reader.read()]
    reader.close()
    return found


def changed(path: Path, *statements: str) -> None:
    """Change a file behind the ledger's back."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


AT = "2021-03-01T09:00:00Z"
LATER = "2021-03-20T09:00:00Z"
NOBODY = said("organisation.register", "nobody", LATER, organisation="9", name="N", country="CZ")


@pytest.fixture
def windowed(told: Ledger) -> Ledger:
    """A ledger with a claim whose consent window runs from 2021-03-01."""
    outcomes = told.submit_group([*estate(), *claimed("C-1", AT)])
    assert [str(one.error) for one in outcomes if one.error] == []
    return told


def test_a_refused_command_never_moves_a_told_clock(windowed: Ledger) -> None:
    """Its instant was not told: no lapse comes of it, and an earlier line is still in time."""
    head = windowed.head
    in_time = said("consent.bounce", "rita", "2021-03-02T09:00:00Z", claim="C-1")
    refused, accepted = windowed.submit_group([NOBODY, in_time])
    assert (code_of(refused), accepted.error) == ("not_permitted", None)
    assert types(windowed)[head.position :] == ["consent.notice_bounced.v1"]


def test_lapses_due_between_two_lines_of_a_group_come_between_them(told: Ledger) -> None:
    """A window that opens and closes within one group is closed before the line after it."""
    last = NOBODY._replace(actor="operator")
    outcomes = told.submit_group([*estate(), *claimed("C-1", AT), last])
    assert [str(one.error) for one in outcomes if one.error] == []
    assert types(told)[-3:] == [
        "claim.approved.v1",
        "consent.passed.v1",
        "organisation.registered.v1",
    ]


def test_a_lapse_due_at_the_very_instant_of_a_command_comes_first(windowed: Ledger) -> None:
    """The window is closed at its last instant: silence has confirmed before the command."""
    (timer,) = windowed.index.due(2**62)
    at_us = timer.due_us
    windowed.submit_group([NOBODY._replace(actor="operator", at_us=at_us - 1)])
    assert types(windowed)[-1] == "organisation.registered.v1"
    again = Request(organisation("10"), "operator", "at the instant", at_us)
    windowed.submit_group([again])
    assert types(windowed)[-2:] == ["consent.passed.v1", "organisation.registered.v1"]
    assert windowed.tick(at_us) == windowed.head.position
    assert types(windowed).count("consent.passed.v1") == 1


def test_what_a_decision_appended_before_it_failed_is_taken_back(windowed: Ledger) -> None:
    """A fold that fails on the new event: nothing of it is kept, and no state knows of it."""

    def apply(state: int, fact: Fact) -> int:
        if fact.event == broken:
            raise ZeroDivisionError
        return state + 1

    broken = OrganisationRegistered(organisation="666", name="B", country="CZ")
    counting = Model("counting", "organisation", (OrganisationRegistered,), 0, apply)
    facts = windowed.deciding.facts
    assert [facts(counting, number) for number in ("665", "666", "667")] == [0, 0, 0]
    at_us = from_iso("2021-03-20T09:00:00Z")
    wanted = [
        Request(organisation("665", "B"), "operator", "a", at_us),
        Request(organisation("666", "B"), "operator", "b", at_us),
        Request(organisation("667", "B"), "operator", "c", at_us),
    ]
    with pytest.raises(ZeroDivisionError):
        windowed.submit_group(wanted)
    assert [facts(counting, number) for number in ("665", "666", "667")] == [1, 0, 1]
    assert types(windowed)[-3:] == ["consent.passed.v1", *["organisation.registered.v1"] * 2]
    repeats = windowed.submit_group([wanted[0], wanted[2]])
    assert [one.repeated for one in repeats] == [True, True]
    assert verify_chain(windowed.folder).head == windowed.head


def test_a_lapse_taken_back_with_its_command_is_recorded_with_the_next(windowed: Ledger) -> None:
    """Taken back is as if it never was: the timer still runs, and the lapse comes exactly once."""
    next_one = NOBODY._replace(actor="operator", command_id="next")
    outcomes = windowed.submit_group([NOBODY, next_one, next_one._replace(actor="nobody")])
    assert [one.error is None for one in outcomes] == [False, True, False]
    assert types(windowed)[-2:] == ["consent.passed.v1", "organisation.registered.v1"]
    assert verify_chain(windowed.folder).events == windowed.head.position


def test_a_refusal_on_a_real_clock_still_records_what_is_due(tmp_path: Path) -> None:
    """Time passed whether the command was right or not: the lapse is in the log."""
    clock = SetClock(from_iso("2020-07-01T09:00:00Z"))
    with Ledger.create(tmp_path / "l", clock=clock) as ledger:
        for one in [*estate(), *claimed("C-1", AT)]:
            clock.tick(max(0, (one.at_us or 0) - clock.wall_us))
            (outcome,) = ledger.submit_group([one._replace(at_us=None)])
            assert outcome.error is None, str(outcome.error)
        clock.tick(19 * DAY_US)
        assert code_of(ledger.submit_group([NOBODY._replace(at_us=None)])[0]) == "not_permitted"
        assert types(ledger)[-1] == "consent.passed.v1"


def test_warm_states_are_those_the_log_gives(tmp_path: Path) -> None:
    """After the whole story, in groups of any size, each warm state equals its fold of the log."""
    lines = [one for part in sorted(STORY.glob("*.jsonl")) for one in part.read_text().splitlines()]
    told = [
        one for one in lines if not json.loads(one)["command"].startswith(("usage.", "programme."))
    ]
    with Ledger.create(
        tmp_path / "l", clock_kind="told", at_us=from_iso("2022-06-01T00:00:00Z")
    ) as ledger:
        start = 0
        for size in (1, 2, 3, 5, 8, 13, 1000):
            ledger.submit_group([line(one) for one in told[start : start + size]])
            start += size
        cold = WarmFacts(Index(ledger.index.database))
        states = list(ledger.deciding.facts.warm())
        assert len(states) > 30
        for model, key, state in states:
            if model.name != "calendar":  # it remembers closings it worked out
                assert state == cold(model, key), (model.name, key)


def test_a_ledger_that_grows_while_it_is_opened_is_whole(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process' commit between two looks at the file is no damage."""
    applied = Index.applied
    numbers = iter(range(100, 200))

    def slow(index: Index) -> int:
        ledger.submit_group([request(str(next(numbers)))])
        return applied(index)

    monkeypatch.setattr(Index, "applied", slow)
    with Ledger.open(ledger.folder.path, clock=SetClock()) as opened:
        assert opened.head == ledger.head


@pytest.mark.parametrize("lost", ["chain.db", "keys.db"])
def test_a_lost_file_is_named_and_never_made_again(ledger: Ledger, lost: str) -> None:
    """Opening and verifying a ledger without its chain or keys says so and leaves the gap."""
    ledger.submit_group([request("100")])
    ledger.close()
    for suffix in ("", "-wal", "-shm"):
        (ledger.folder.path / f"{lost}{suffix}").unlink(missing_ok=True)
    with pytest.raises(DamagedError, match=re.escape(lost)) as found:
        Ledger.open(ledger.folder.path)
    assert found.value.exit_code == 4
    if lost == "chain.db":
        with pytest.raises(DamagedError, match=re.escape(lost)):
            verify_chain(ledger.folder)
    assert not (ledger.folder.path / lost).exists()


def test_an_emptied_chain_is_damaged(ledger: Ledger) -> None:
    """A log without its first commit is no ledger, and never begun anew."""
    ledger.close()
    changed(ledger.folder.chain, "DELETE FROM commits", "DELETE FROM events")
    with pytest.raises(DamagedError):
        Ledger.open(ledger.folder.path)
    with pytest.raises(DamagedError):
        verify_chain(ledger.folder)


def test_the_keys_of_another_ledger_are_named(ledger: Ledger, told: Ledger) -> None:
    """With other secrets every repeated command would look like another one."""
    ledger.close()
    told.close()
    ledger.folder.keys.write_bytes(told.folder.keys.read_bytes())
    with pytest.raises(DamagedError) as found:
        Ledger.open(ledger.folder.path)
    assert found.value.code == "foreign_keys"


def test_the_kind_of_clock_is_fixed_at_birth(ledger: Ledger) -> None:
    """Whoever changes ledger.toml can't tell a real clock what time it is."""
    toml = ledger.folder.path / "ledger.toml"
    ledger.close()
    toml.write_text(toml.read_text().replace('"real"', '"told"'))
    with pytest.raises(DamagedError) as found:
        Ledger.open(ledger.folder.path)
    assert found.value.code == "foreign_log"
    with pytest.raises(DamagedError):
        verify_chain(ledger.folder._replace(clock="told"))


_STALE_INDEX = (
    "UPDATE timers SET due_us = due_us + 1000000",
    "PRAGMA writable_schema = ON",
    "CREATE TABLE aside AS SELECT * FROM sqlite_master WHERE name = 'timers_due'",
    "DELETE FROM sqlite_master WHERE name = 'timers_due'",
)
_BACK = (
    "UPDATE timers SET due_us = due_us - 1000000",
    "PRAGMA writable_schema = ON",
    "INSERT INTO sqlite_master SELECT * FROM aside",
    "DROP TABLE aside",
)


@pytest.mark.parametrize(
    "attack",
    [
        ("INSERT INTO commits VALUES (-1, 999, 0, x'', x'')",),
        ("CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM event_tags; END",),
        ("DROP INDEX timers_due",),
        (
            "ALTER TABLE commands RENAME TO c",
            "CREATE TABLE commands (id TEXT COLLATE NOCASE, actor TEXT, hash TEXT, position INT)",
            "INSERT INTO commands SELECT * FROM c",
            "DROP TABLE c",
        ),
    ],
    ids=["a commit aside", "a trigger", "no index", "a table that looks alike"],
)
def test_verify_finds_what_was_slipped_in(windowed: Ledger, attack: tuple[str, ...]) -> None:
    """Rows the chain does not lead to, and a schema that is not ours, are damage."""
    windowed.close()
    changed(windowed.folder.chain, *attack)
    with pytest.raises(DamagedError):
        verify_chain(windowed.folder)


def test_verify_finds_an_index_that_hides_a_timer(windowed: Ledger) -> None:
    """The table is right, the b-tree that finds what is due is not: a lapse would be missed."""
    windowed.close()
    changed(windowed.folder.chain, *_STALE_INDEX)
    changed(windowed.folder.chain, *_BACK)
    with pytest.raises(DamagedError):
        verify_chain(windowed.folder)


def test_a_person_that_another_process_named_first_is_no_damage(told: Ledger) -> None:
    """A refused command's contact leaves nothing behind that could clash with a saved person."""
    outcomes = told.submit_group(estate())
    assert [str(one.error) for one in outcomes if one.error] == []
    claim = submission("C-1", "101")
    wanted = said("claim.submit", "ines", AT, **claim)
    contact = Contact.model_validate(CONTACT)
    told.keys.seal(contact)  # as a command does that is then refused
    with Ledger.open(told.folder.path) as other:
        other.keys.seal(contact)
        other.keys.save()  # and then it was killed before its group was kept
    (outcome,) = told.submit_group([wanted])
    assert outcome.error is None, str(outcome.error)


def test_a_key_that_cannot_be_made_durable_stops_its_event(windowed: Ledger) -> None:
    """A full disk under keys.db, or another who holds it: nothing is kept, nothing is spoilt."""
    connection = windowed.keys.database.connection
    connection.execute("PRAGMA busy_timeout = 10")
    filler = ((f"p-{n:016}", bytes(900), b"%032d" % n) for n in range(4))  # a page, nearly full
    connection.executemany("INSERT INTO persons VALUES (?, ?, ?)", filler)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    wanted = []
    for n, workload in enumerate(("teams", "intune", "yammer", "sharepoint", "proplus")):
        contact = {"name": "N", "title": "CTO", "email": f"n{n}@contoso.example"}
        data = submission(f"D-{n}", "101", workload, customer_contact=contact)
        wanted.append(said("claim.submit", "ines", AT, **data)._replace(command_id=f"D-{n}"))
    head = windowed.head
    with pytest.raises(AttributionError) as found:
        windowed.submit_group(wanted)
    assert (found.value.code, windowed.head) == ("disk_full", head)
    connection.execute("PRAGMA max_page_count = 1000000")
    holder = sqlite3.connect(windowed.folder.keys, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusyError, match=r"keys\.db"):
        windowed.submit_group(wanted)
    holder.close()
    assert [one.error for one in windowed.submit_group(wanted)] == [None] * 5
    reader = windowed.reader()
    for stored in reader.read(after=head.position):
        event = catalogue.decode(stored.type, stored.data)
        assert isinstance(event, ClaimSubmitted)
        assert windowed.keys.open(event.customer_contact) is not None
    reader.close()


def test_the_keys_are_their_owners_alone(windowed: Ledger) -> None:
    """Nobody else on the machine can read the one file that must be kept secret."""
    files = sorted(windowed.folder.path.glob("keys.db*"))
    assert [(file.name, oct(file.stat().st_mode & 0o777)) for file in files] == [
        ("keys.db", "0o600"),
        ("keys.db-shm", "0o600"),
        ("keys.db-wal", "0o600"),
    ]


def test_a_ledger_carried_over_a_fork_refuses_to_write(ledger: Ledger) -> None:
    """The child's locks are not held: what it wrote could be lost when the parent closes."""
    child = os.fork()
    if child == 0:
        try:
            ledger.submit_group([request("100")])
            os._exit(0)
        except AttributionError as error:
            os._exit(7 if error.code == "forked" else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7
    assert ledger.submit_group([request("100")])[0].position == 2


def test_two_births_in_one_folder_give_one_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second to come is told that the folder is taken; the first is whole."""
    iterdir = Path.iterdir

    def racing(_: Path) -> Iterator[Path]:
        monkeypatch.setattr(Path, "iterdir", iterdir)
        Ledger.create(tmp_path / "l", clock=SetClock()).close()
        return iter(())

    (tmp_path / "l").mkdir()
    monkeypatch.setattr(Path, "iterdir", racing)
    with pytest.raises(AttributionError) as found:
        Ledger.create(tmp_path / "l", clock=SetClock())
    assert found.value.code == "folder_not_empty"
    with Ledger.open(tmp_path / "l", clock=SetClock()) as opened:
        assert opened.head.position == 1
        assert verify_chain(opened.folder).events == 1


@pytest.mark.parametrize("wrong", ["", "\udcff", "x" * 70_000])
def test_a_command_id_that_cannot_be_kept_is_refused_alone(ledger: Ledger, wrong: str) -> None:
    """Without an id that can be found again a command would be decided twice."""
    bad, good = ledger.submit_group([request("100")._replace(command_id=wrong), request("200")])
    assert bad.error is not None
    assert (good.error, good.position) == (None, 2)
