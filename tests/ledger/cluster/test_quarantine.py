"""What could not be read is kept whole, once, and within bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.cluster.quarantine import Quarantine, Room, Unreadable
from ledger.errors import BadInputError, DamagedError


def record(offset: int, value: bytes | None = b"\xff\x00no JSON") -> Unreadable:
    """A record that nobody can read."""
    headers = (("ce_type", b"\xfe"), ("ce_type", b"again"))
    return Unreadable("relay", "p.events", offset, "stranger", "", b"k", value, headers)


def test_a_record_is_kept_with_its_bytes_headers_and_place(tmp_path: Path) -> None:
    """Byte for byte, in order, also repeated headers and a tombstone; another process sees it."""
    path = tmp_path / "quarantine.db"
    quarantine = Quarantine(path, lambda: 1_700_000_000_000_000)
    assert (quarantine.records(), quarantine.room()) == ([], Room(0, 0, 0))
    assert not path.exists(), "nothing is made before something comes"
    quarantine.keep(record(7))
    quarantine.keep(record(9, None))
    found = Quarantine(path, lambda: 0).records()
    assert [kept.record for kept in found] == [record(7), record(9, None)]
    assert found[0].kept_us == 1_700_000_000_000_000
    assert quarantine.record(found[1].id) == found[1]


def test_a_record_that_is_read_again_is_kept_once(tmp_path: Path) -> None:
    """By reader, topic and offset."""
    quarantine = Quarantine(tmp_path / "q.db", lambda: 0)
    for _ in range(3):
        quarantine.keep(record(7))
    quarantine.keep(record(7)._replace(reader="subscriber"))
    quarantine.keep(record(7)._replace(partition=1))
    assert quarantine.room().records == 3


def test_what_finds_no_room_is_counted_and_what_leaves_makes_room(tmp_path: Path) -> None:
    """Bounded in number and in bytes; nothing that is there is pushed out."""
    quarantine = Quarantine(tmp_path / "q.db", lambda: 0, most_records=2, most_bytes=1_000)
    for offset in range(4):
        quarantine.keep(record(offset))
    assert (quarantine.room().records, quarantine.room().left_out) == (2, 2)
    first, second = quarantine.records()
    quarantine.release(first.id)
    quarantine.release(first.id)
    assert quarantine.room().records == 1
    quarantine.keep(record(8, bytes(2_000)))
    assert quarantine.room().left_out == 3
    quarantine.keep(record(9))
    assert [kept.record.offset for kept in quarantine.records()] == [1, 9]
    quarantine.release(second.id)
    quarantine.release(quarantine.records()[0].id)
    assert quarantine.room() == Room(0, 0, 3)


def test_a_record_that_is_not_there_is_said(tmp_path: Path) -> None:
    """With a code of its own; a file that is none is damaged."""
    quarantine = Quarantine(tmp_path / "q.db", lambda: 0)
    quarantine.keep(record(1))
    with pytest.raises(BadInputError) as refused:
        quarantine.record(5)
    assert refused.value.code == "not_in_quarantine"
    (tmp_path / "torn.db").write_bytes(b"no database" * 100)
    with pytest.raises(DamagedError):
        Quarantine(tmp_path / "torn.db", lambda: 0).room()
