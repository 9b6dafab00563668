"""Keys per person, in a file of their own outside the log (DESIGN §8).

A contact is sealed under its person's key before it enters an event; destroying the key erases the
person while every hash still verifies. A key is durable before the event that uses it. Also kept
here: the ledger's secrets for keyed hashes (of commands, and of e-mail addresses to find a person).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.decision import Contact
from ledger.errors import BusyError, DamagedError
from ledger.log.database import VALUES, Database
from ledger.privacy.key_tables import make_tables, shared
from ledger.privacy.wrapping import no_wrapping_key
from schemas.values import Sealed

if TYPE_CHECKING:  # the Kafka client is loaded by nodes only
    from ledger.privacy.key_topic import KeyTopic

Entropy = Callable[[int], bytes]
"""A source of random bytes: ``os.urandom``, or a seeded one in a simulation."""

_NONCE_BYTES = 12
_BLOCK_BYTES = 64


class Keyed:
    """HMAC-SHA256 under one key (RFC 2104): a function from messages to 32 bytes.

    As ``hmac.digest`` with the key worked in once; the standard library's copy costs twice as much.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        assert len(key) <= _BLOCK_BYTES, "a longer key would have to be hashed first"
        block = key.ljust(_BLOCK_BYTES, b"\0")
        self._inner = sha256(bytes([byte ^ 0x36 for byte in block]))
        self._outer = sha256(bytes([byte ^ 0x5C for byte in block]))

    def __call__(self, message: bytes) -> bytes:
        """The keyed digest of the message."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


def _address(contact: Contact) -> str:
    return contact.email.strip().lower()


class _Person(NamedTuple):
    id: str
    cipher: AESGCM


class NewKey(NamedTuple):
    """A person's key: its id, the key itself, and the keyed hash the person is found by."""

    id: str
    secret: bytes
    found_by: bytes


class KeyStore:
    """The keys of persons, and contacts sealed and opened with them."""

    def __init__(self, path: Path, entropy: Entropy) -> None:
        self.database = Database(path)
        self._entropy = entropy
        self._warm: dict[bytes, _Person] = {}
        self._unsaved: list[tuple[str, bytes, bytes]] = []
        self._digests: dict[str, bytes] = {}
        self._without_key: set[bytes] = set()
        self._retired: set[str] = set()
        with self.database.errors():
            connection = self.database.connection
            connection.execute("PRAGMA secure_delete=ON")
            make_tables(connection)
            self.shared = shared(connection)
            """Whether the keys lie in a topic, too: then none is made but through it."""
        self.topic: KeyTopic | None = None
        self._command_hash = Keyed(self._secret("commands"))
        self._person_hash = Keyed(self._secret("persons"))

    def _secret(self, name: str) -> bytes:
        with self.database.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO secrets VALUES (?, ?)", (name, self._entropy(32))
            )
            row = connection.execute("SELECT secret FROM secrets WHERE name = ?", (name,))
            secret: bytes = row.fetchone()[0]
        return secret

    def command_hash(self, command: bytes) -> str:
        """The keyed hash of a command's canonical bytes, hexadecimal."""
        return self._command_hash(command).hex()

    def seal(self, contact: Contact) -> Sealed:
        """The contact, encrypted under its person's key; a new person gets one (see ``save``)."""
        if self.shared and self.topic is None:
            raise no_wrapping_key()
        person = self._person(_address(contact))
        nonce = self._entropy(_NONCE_BYTES)
        plain = contact.model_dump_json(exclude_none=True).encode()
        box = nonce + person.cipher.encrypt(nonce, plain, person.id.encode())
        return Sealed(key=person.id, box=b64encode(box).decode())

    def expect(self, contacts: Sequence[Contact]) -> None:
        """Look up at once which persons of this group have a key; nobody else adds any in it."""
        if not contacts:
            return
        emails = {_address(contact) for contact in contacts}
        digests = {email: self._person_hash(email.encode()) for email in emails}
        cold = [found_by for found_by in digests.values() if found_by not in self._warm]
        self._stored(cold)
        if self.topic is not None and any(found_by not in self._warm for found_by in cold):
            self.topic.follow()
            self._stored(cold)
        self._digests = digests
        self._without_key = {found_by for found_by in cold if found_by not in self._warm}

    def _person(self, email: str) -> _Person:
        found_by = self._digests.get(email) or self._person_hash(email.encode())
        if found_by not in self._warm and found_by not in self._without_key:
            self._stored([found_by])
        person = self._warm.get(found_by)
        if person is None:
            person = self._warm[found_by] = self._new(found_by)
        return person

    def _stored(self, wanted: Sequence[bytes]) -> None:
        """Make those of the persons warm that have a key."""
        for start in range(0, len(wanted), VALUES):
            page = wanted[start : start + VALUES]
            marks = ", ".join(["(?)"] * len(page))
            with self.database.errors():
                rows = self.database.connection.execute(
                    f"WITH wanted(found_by) AS (VALUES {marks})"  # noqa: S608  marks only
                    " SELECT found_by, id, secret FROM wanted JOIN persons USING (found_by)",
                    page,
                ).fetchall()
                if self.shared:
                    rows += self.database.connection.execute(
                        f"WITH wanted(found_by) AS (VALUES {marks})"  # noqa: S608  marks only
                        " SELECT found_by, id, secret FROM wanted JOIN later_keys USING (found_by)"
                        " ORDER BY place, id",
                        page,
                    ).fetchall()
            for found_by, key_id, secret in rows:
                if key_id in self._retired or found_by in self._warm:
                    continue
                self._warm[found_by] = _Person(key_id, AESGCM(secret))

    def _new(self, found_by: bytes) -> _Person:
        secret = self._entropy(32)
        key_id = "p-" + self._entropy(8).hex()
        self._unsaved.append((key_id, secret, found_by))
        return _Person(key_id, AESGCM(secret))

    def start_group(self) -> None:
        """Drop the persons that no kept event uses: another process may have saved them since."""
        for _, _, found_by in self._unsaved:
            self._warm.pop(found_by, None)
        self._unsaved.clear()
        self._digests.clear()
        self._without_key.clear()
        self._retired.clear()

    def save(self) -> bool:
        """Make the keys of new persons durable; called before any event that uses them is kept.

        False where another node had given one of them a key: then the group is decided again.

        Persons that retire are not found by their address any more: whoever names them from now on
        gets another key, and what was sealed before can be read until theirs is destroyed.
        """
        if not (self._unsaved or self._retired):
            return True
        if self.topic is not None:
            return self._save_through(self.topic)
        with self.database.transaction() as connection:
            if shared(connection) and self._unsaved:
                raise BusyError(
                    "The keys of persons were put into a topic while this process ran.",
                    hint="Start it again with the wrapping key in its settings; nothing was kept.",
                    code="keys_moved",
                )
            connection.executemany(
                "UPDATE persons SET found_by = ? WHERE id = ?",
                [(self._entropy(32), key_id) for key_id in self._retired],
            )
            connection.executemany("INSERT INTO persons VALUES (?, ?, ?)", self._unsaved)
        self._unsaved.clear()
        return True

    def _save_through(self, topic: KeyTopic) -> bool:
        """As ``save``, by the order of the topic.

        Who retires stays bound until the chain says so: then the new key waits behind the old one,
        and is found there when the group is decided again.
        """
        new = [NewKey(*one) for one in self._unsaved]
        topic.publish(new)
        self._unsaved.clear()
        if all(self._ids_of(one.found_by)[0] == one.id for one in new):
            return True
        self.forget()
        return False

    def _ids_of(self, found_by: bytes) -> list[str]:
        """The ids of the keys of a person, the first of the topic first."""
        with self.database.errors():
            rows = self.database.connection.execute(
                "SELECT id, -1 AS place FROM persons WHERE found_by = :f UNION ALL"
                " SELECT id, place FROM later_keys WHERE found_by = :f ORDER BY place, id",
                {"f": found_by},
            ).fetchall()
        return [key_id for key_id, _ in rows]

    def forget(self) -> None:
        """Drop what is warm: a group was not kept, or another process may have added persons."""
        self._unsaved.clear()
        self._warm.clear()
        self._digests.clear()
        self._without_key.clear()
        self._retired.clear()

    def holds(self, key_id: str) -> bool:
        """Whether there is a key of that id that does not retire."""
        return key_id not in self._retired and self._secret_of(key_id) is not None

    def _secret_of(self, key_id: str) -> bytes | None:
        """The key of that id, looked for in the topic where it did not come from there yet."""
        found = self._kept_secret(key_id)
        if found is None and self.topic is not None:
            self.topic.follow()
            found = self._kept_secret(key_id)
        return found

    def kept(self, key_id: str) -> bool:
        """Whether there is a key of that id in this file, whatever lies in the topic."""
        return self._kept_secret(key_id) is not None

    def _kept_secret(self, key_id: str) -> bytes | None:
        with self.database.errors():
            row = self.database.connection.execute(
                "SELECT secret FROM persons WHERE id = :id UNION ALL"
                " SELECT secret FROM later_keys WHERE id = :id",
                {"id": key_id},
            ).fetchone()
        return row[0] if row else None

    def keys_of(self, email: str) -> list[str]:
        """The ids of the keys of the person with an address: one, or none where nobody has it.

        More where two nodes gave it one each at once: the first is in use.
        """
        found_by = self._person_hash(email.strip().lower().encode())
        if self.topic is not None:
            self.topic.follow()
        return self._ids_of(found_by)

    def key_ids(self) -> list[str]:
        """The ids of all keys there are in use."""
        if self.topic is not None:
            self.topic.follow()
        with self.database.errors():
            rows = self.database.connection.execute("SELECT id FROM persons ORDER BY id")
            return [key_id for (key_id,) in rows]

    def retire(self, key_id: str) -> None:
        """Seal nothing under a key any more; ``erasing.erase`` destroys it when it is logged."""
        self._retired.add(key_id)
        for found_by in [it for it, person in self._warm.items() if person.id == key_id]:
            del self._warm[found_by]

    def open(self, sealed: Sealed) -> Contact | None:
        """The contact, or None when its person was erased.

        Raises ``DamagedError`` when the box is not what was sealed under its key.
        """
        secret = self._secret_of(sealed.key)
        if secret is None:
            return None
        box = b64decode(sealed.box)
        try:
            plain = AESGCM(secret).decrypt(
                box[:_NONCE_BYTES], box[_NONCE_BYTES:], sealed.key.encode()
            )
        except InvalidTag:
            raise DamagedError(
                f"The contact sealed under key {sealed.key} does not open with that key.",
                hint="Check that keys.db belongs to this ledger.",
            ) from None
        return Contact.model_validate_json(plain)

    def close(self) -> None:
        """Let the file go."""
        self.database.close()
