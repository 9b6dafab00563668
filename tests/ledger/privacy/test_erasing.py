"""An erased person's key is destroyed: no byte of it is left, and nobody seals under it again."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.decision import Contact
from ledger.errors import BusyError
from ledger.privacy.erasing import erase
from ledger.privacy.keys import KeyStore

PERSONS = 3_000


def person(number: int) -> Contact:
    """One of many persons."""
    return Contact(name=f"Person {number}", email=f"p{number}@contoso.example")


def secrets(path: Path) -> dict[str, bytes]:
    """Every person's secret, by the id of its key, read past our own code."""
    with closing(sqlite3.connect(path)) as file:
        return dict(file.execute("SELECT id, secret FROM persons"))


def left(path: Path, wanted: list[bytes]) -> list[bytes]:
    """Which of the bytes are found in the file or in one of its companions."""
    names = [path, path.with_name("keys.db-wal"), path.with_name("keys.db-shm")]
    content = b"\n".join(name.read_bytes() for name in names if name.exists())
    return [secret for secret in wanted if secret in content]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A key file with many persons, some added later, so that pages were split and filled."""
    chance = random.Random(11)
    keys = KeyStore(tmp_path / "keys.db", chance.randbytes)
    for start in range(0, PERSONS, 500):
        for number in range(start, start + 500):
            keys.seal(person(number))
        keys.save()
    keys.close()
    return tmp_path / "keys.db"


def test_no_byte_of_an_erased_key_is_left_in_any_file(path: Path) -> None:
    """Of many, with the store open meanwhile; the others stay, and open what they sealed."""
    before = secrets(path)
    gone = random.Random(3).sample(sorted(before), 60)
    wanted = [before[key_id] for key_id in gone]
    assert left(path, wanted) == wanted  # they are found while they are there
    with closing(KeyStore(path, random.Random(5).randbytes)) as keys:
        sealed = keys.seal(person(7))
        keys.save()
        assert erase(path, gone) == 60
        assert left(path, wanted) == []
        kept = {key_id: secret for key_id, secret in before.items() if key_id not in gone}
        assert secrets(path) == kept
        known = person(7) if sealed.key not in gone else None
        assert keys.open(sealed) == known


def test_erasing_nobody_changes_nothing(path: Path) -> None:
    """An unknown key is no key."""
    before = secrets(path)
    assert erase(path, ["p-unknown"]) == 0
    assert secrets(path) == before


def test_a_reader_that_keeps_the_bytes_is_named_and_the_next_erasure_finishes(
    path: Path,
) -> None:
    """The key is gone at once; that bytes may be left is said, not hidden."""
    (key_id, secret), *_ = secrets(path).items()
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM persons").fetchone()
        with pytest.raises(BusyError, match="destroyed, but another process"):
            erase(path, [key_id], busy_wait_ms=1)
        reader.execute("COMMIT")
    assert key_id not in secrets(path)
    erase(path, [])
    assert left(path, [secret]) == []


def test_a_retired_person_gets_another_key_at_once(tmp_path: Path) -> None:
    """Who is named again in the very group of its erasure is sealed under a key that stays."""
    with closing(KeyStore(tmp_path / "keys.db", random.Random(2).randbytes)) as keys:
        old = keys.seal(person(1))
        keys.save()
        keys.start_group()
        keys.retire(old.key)
        assert not keys.holds(old.key)
        new = keys.seal(person(1))
        assert new.key != old.key
        keys.save()
        assert keys.open(old) == keys.open(new) == person(1)
        erase(tmp_path / "keys.db", [old.key])
        assert (keys.open(old), keys.open(new)) == (None, person(1))
        assert keys.keys_of("p1@contoso.example") == [new.key]


def test_a_retirement_that_was_not_kept_leaves_the_person_as_it_was(tmp_path: Path) -> None:
    """A group that another outran takes nothing with it."""
    with closing(KeyStore(tmp_path / "keys.db", random.Random(2).randbytes)) as keys:
        old = keys.seal(person(1))
        keys.save()
        keys.retire(old.key)
        keys.forget()
        keys.save()
        assert keys.holds(old.key)
        assert keys.seal(person(1)).key == old.key
