"""Contacts are sealed per person: found again, never readable without the key, erased with it."""

from __future__ import annotations

import hmac
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.decision import Contact
from ledger.errors import DamagedError
from ledger.privacy.keys import Keyed, KeyStore
from ledger.rules.contacts import LONGEST_ADDRESS, LONGEST_NAME, not_too_long
from schemas.values import Sealed

ANNA = Contact(name="Anna Malá", title="CTO", email="anna@contoso.example")


def seeded(seed: int = 1) -> KeyStore:
    """A key store in memory with repeatable randomness."""
    return KeyStore(Path(":memory:"), random.Random(seed).randbytes)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    """A key store on disk."""
    made = KeyStore(tmp_path / "keys.db", random.Random(7).randbytes)
    yield made
    made.close()


@given(st.text(min_size=1, max_size=40), st.none() | st.text(max_size=20), st.emails())
def test_what_is_sealed_opens_to_the_same(name: str, title: str | None, email: str) -> None:
    """Sealing keeps every character."""
    keys = seeded()
    contact = Contact(name=name, title=title, email=email)
    sealed = keys.seal(contact)
    keys.save()
    assert keys.open(sealed) == contact
    keys.close()


def test_nothing_of_a_person_is_readable_in_what_is_sealed(keys: KeyStore, tmp_path: Path) -> None:
    """Neither the event nor the key file holds name or address in the clear."""
    sealed = keys.seal(ANNA)
    keys.save()
    kept = sealed.model_dump_json().encode() + (tmp_path / "keys.db-wal").read_bytes()
    for secret in ("Anna", "Mal", "anna", "contoso"):
        assert secret.encode() not in kept


def test_one_person_has_one_key_and_every_sealing_its_own_bytes(keys: KeyStore) -> None:
    """The address finds the person, whatever its case; two boxes of one text differ."""
    first = keys.seal(ANNA)
    second = keys.seal(ANNA.model_copy(update={"email": " Anna@Contoso.example"}))
    keys.save()
    keys.forget()
    third = keys.seal(ANNA)
    other = keys.seal(ANNA.model_copy(update={"email": "eva@contoso.example"}))
    assert first.key == second.key == third.key != other.key
    assert len({first.box, second.box, third.box}) == 3


def test_a_key_is_durable_before_its_event_and_only_then(keys: KeyStore, tmp_path: Path) -> None:
    """A second store on the file opens a contact after save; before it there is no key."""
    sealed = keys.seal(ANNA)
    other = KeyStore(tmp_path / "keys.db", random.Random(8).randbytes)
    assert other.open(sealed) is None
    keys.save()
    assert other.open(sealed) == ANNA
    other.close()


def test_a_forgotten_group_leaves_no_key_behind(keys: KeyStore) -> None:
    """When a group was not kept, its new persons are as if they had never been."""
    sealed = keys.seal(ANNA)
    keys.forget()
    keys.save()
    assert keys.open(sealed) is None
    assert keys.seal(ANNA).key != sealed.key


def test_a_box_that_was_changed_is_damage_not_another_contact(keys: KeyStore) -> None:
    """The cipher authenticates: a changed box or a foreign key is noticed."""
    sealed, other = keys.seal(ANNA), keys.seal(Contact(name="B", email="b@contoso.example"))
    keys.save()
    changed = sealed.box[:20] + ("A" if sealed.box[20] != "A" else "B") + sealed.box[21:]
    for broken in (Sealed(key=sealed.key, box=changed), Sealed(key=other.key, box=sealed.box)):
        with pytest.raises(DamagedError, match="does not open"):
            keys.open(broken)


def test_the_hash_of_a_command_is_keyed_and_stable(keys: KeyStore, tmp_path: Path) -> None:
    """The same command hashes alike in every process of this ledger and unlike in another."""
    again = KeyStore(tmp_path / "keys.db", random.Random(9).randbytes)
    assert keys.command_hash(b"command") == again.command_hash(b"command")
    assert keys.command_hash(b"command") != keys.command_hash(b"Command")
    assert keys.command_hash(b"command") != seeded().command_hash(b"command")
    again.close()


def test_the_longest_contact_fits_its_box() -> None:
    """What the rules let in can be sealed, whatever the characters, and read back."""
    keys = seeded()
    name, email = "\x01" * LONGEST_NAME, "\x01" * LONGEST_ADDRESS
    contact = not_too_long(Contact(name=name, title=name, email=email))
    sealed = keys.seal(contact)
    keys.save()
    assert keys.open(Sealed.model_validate_json(sealed.model_dump_json())) == contact
    keys.close()


def test_expected_persons_keep_their_keys_and_new_ones_get_theirs(keys: KeyStore) -> None:
    """Looking a group's persons up at once gives the keys that looking up each would give."""
    eva = Contact(name="Eva", email="eva@contoso.example")
    before = keys.seal(ANNA).key
    keys.save()
    keys.forget()
    keys.start_group()
    keys.expect([ANNA, eva])
    assert keys.seal(ANNA).key == before
    made = keys.seal(eva).key
    assert keys.seal(eva).key == made != before
    keys.save()
    keys.forget()
    assert keys.seal(eva).key == made


def test_a_person_whom_another_process_saved_between_groups_is_found(
    keys: KeyStore, tmp_path: Path
) -> None:
    """That a group expected somebody in vain says nothing about the next group."""
    keys.start_group()
    keys.expect([ANNA])
    other = KeyStore(tmp_path / "keys.db", random.Random(8).randbytes)
    saved = other.seal(ANNA).key
    other.save()
    other.close()
    keys.start_group()
    keys.expect([ANNA])
    assert keys.seal(ANNA).key == saved


@given(st.binary(max_size=64), st.binary(max_size=300))
def test_a_keyed_digest_is_the_hmac_of_the_standard_library(key: bytes, message: bytes) -> None:
    """For every key up to a block, and again for the next message."""
    keyed = Keyed(key)
    assert keyed(message) == hmac.digest(key, message, "sha256")
    assert keyed(message + b"x") == hmac.digest(key, message + b"x", "sha256")
