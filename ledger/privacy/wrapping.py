"""Keys of persons, wrapped for a place that must not read them (docs/adr/0014).

AES-256-GCM under a wrapping key that nodes have from their settings; the record's own key is
associated data, so that no box opens in another's place.
"""

from __future__ import annotations

import binascii
import json
import stat
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.errors import BadInputError

if TYPE_CHECKING:
    from ledger.cluster.link import Link
    from ledger.privacy.keys import Entropy

_KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = 1
_NAMED = b"attribution wrapping key "


class UnwrappableError(Exception):
    """A record that is no wrapped key, or not one of this wrapping key; ``reason`` is a code."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Wrapping:
    """Wraps and unwraps under one wrapping key, which stands in no ``repr`` and no error."""

    def __init__(self, key: bytes, entropy: Entropy) -> None:
        self._cipher = AESGCM(key)
        self._entropy = entropy
        self.name = sha256(_NAMED + key).hexdigest()[:16]
        """Tells one wrapping key from another, and nothing about it."""

    def wrap(self, secret: bytes, place: bytes) -> bytes:
        """The secret as the value of the record whose key is ``place``."""
        nonce = self._entropy(_NONCE_BYTES)
        box = nonce + self._cipher.encrypt(nonce, secret, place)
        told = {"v": _VERSION, "by": self.name, "box": b64encode(box).decode()}
        return json.dumps(told).encode()

    def unwrap(self, value: bytes, place: bytes) -> bytes:
        """The secret of a record. Raises ``UnwrappableError``."""
        try:
            told = json.loads(value)
            version, name, box = told["v"], told["by"], b64decode(told["box"], validate=True)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UnwrappableError("no_key", f"not a wrapped key: {type(error).__name__}") from None
        if version != _VERSION:
            raise UnwrappableError("newer_key", f"version {version!r} is not known here")
        if name != self.name:
            raise UnwrappableError(
                "other_wrapping_key", f"wrapped by {name!r}, this node has {self.name}"
            )
        try:
            return self._cipher.decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], place)
        except (InvalidTag, ValueError):
            raise UnwrappableError("forged_key", "it does not open in its place") from None


def wrapping_of(link: Link, entropy: Entropy) -> Wrapping | None:
    """The wrapping key that settings tell; None where they tell none.

    Raises ``BadInputError`` for one that is no key, or a file that others may read; never with
    anything of the key itself.
    """
    if not link.wraps:
        return None
    if link.wrapping_key is not None:
        return Wrapping(_key(link.wrapping_key.get_secret_value(), "wrapping_key"), entropy)
    file = link.wrapping_key_file
    assert file is not None, "one of the two was told"
    try:
        mode, text = file.stat().st_mode, file.read_text("ascii")
    except (OSError, ValueError) as error:
        raise BadInputError(
            f"{file}, the wrapping key of the keys of persons, can't be read:"
            f" {error.strerror if isinstance(error, OSError) else 'it is no text'}.",
            hint="Correct wrapping_key_file in the settings of the link to Kafka.",
            code="bad_wrapping_key",
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadInputError(
            f"{file} may be read by others, and holds the wrapping key.",
            hint=f"Keep it to its owner: chmod 600 {file}",
            code="bad_wrapping_key",
        )
    return Wrapping(_key(text, str(file)), entropy)


def _key(text: str, where: str) -> bytes:
    try:
        key = b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise BadInputError(
            f"{where} holds no wrapping key: it must be {_KEY_BYTES} bytes in base64.",
            hint="Make one with `openssl rand -base64 32`, once for all nodes, and keep it apart.",
            code="bad_wrapping_key",
        )
    return key


def no_wrapping_key() -> BadInputError:
    """What is said where the keys lie in the topic and this node was not told how to open them."""
    return BadInputError(
        "The keys of persons lie wrapped in their topic, and this node has no wrapping key: it can"
        " follow and verify, and seals no contact.",
        hint="Name wrapping_key_file in the settings of the link to Kafka (docs/kafka_link.md).",
        code="no_wrapping_key",
    )
