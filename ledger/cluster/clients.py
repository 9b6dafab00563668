"""The one place where the settings of a Kafka client are made, for either library.

kafka-python and librdkafka (confluent-kafka) name the same things differently; a link means the
same to both.
"""

from __future__ import annotations

import json
import threading
import time
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from kafka.net.sasl.oauth import AbstractTokenProvider

from ledger.cluster.link import Link
from ledger.cluster.place import Place
from ledger.errors import StorageError

_TOKEN_SECONDS = 5.0
_EARLY_SECONDS = 30.0


def kafka_python(place: Place) -> dict[str, Any]:
    """What every client of kafka-python is told of a place."""
    link = place.link()
    told: dict[str, Any] = {
        "bootstrap_servers": place.servers,
        "bootstrap_timeout_ms": link.connect_ms,
        "request_timeout_ms": link.request_ms,
        "security_protocol": link.protocol,
    }
    if link.tls:
        told |= {
            "ssl_cafile": _text(link.ca_file),
            "ssl_certfile": _text(link.certificate_file),
            "ssl_keyfile": _text(link.key_file),
            "ssl_password": link.key_password and link.key_password.get_secret_value(),
        }
    if link.logs_in:
        told["sasl_mechanism"] = link.mechanism
    if link.logs_in and link.mechanism == "OAUTHBEARER":
        told["sasl_oauth_token_provider"] = Tokens(link)
    elif link.logs_in:
        told["sasl_plain_username"] = link.user
        told["sasl_plain_password"] = link.password.get_secret_value()
    return told


def librdkafka(place: Place) -> dict[str, Any]:
    """What every client of confluent-kafka is told of a place."""
    link = place.link()
    told: dict[str, Any] = {
        "bootstrap.servers": place.servers,
        "socket.connection.setup.timeout.ms": max(1_000, link.connect_ms),
        "socket.timeout.ms": link.request_ms,
        "security.protocol": link.protocol,
        "ssl.ca.location": link.tls and _text(link.ca_file),
        "ssl.certificate.location": link.tls and _text(link.certificate_file),
        "ssl.key.location": link.tls and _text(link.key_file),
        "ssl.key.password": link.key_password and link.key_password.get_secret_value(),
    }
    if link.logs_in:
        told["sasl.mechanism"] = link.mechanism
    if link.logs_in and link.mechanism == "OAUTHBEARER":
        told["oauth_cb"] = Tokens(link).with_expiry
    elif link.logs_in:
        told["sasl.username"] = link.user
        told["sasl.password"] = link.password.get_secret_value()
    return {name: value for name, value in told.items() if value}


class Tokens(AbstractTokenProvider):  # type: ignore[misc]  # the library has no types
    """Bearer tokens for a login: of a file that is kept fresh, or asked for with id and secret."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._lock = threading.Lock()
        self._token, self._until = "", 0.0

    def token(self) -> str:
        """A token that is valid now. Raises ``StorageError`` where none can be had."""
        return self.with_expiry()[0]

    def with_expiry(self, _config: str = "") -> tuple[str, float]:
        """A token and when it runs out, in seconds since 1970."""
        with self._lock:
            if time.time() >= self._until - _EARLY_SECONDS:
                self._token, self._until = self._fetch()
            return self._token, self._until

    def _fetch(self) -> tuple[str, float]:
        link = self._link
        try:
            if link.token_file is not None:
                # Whoever keeps the file fresh does so in time; it is read again after a minute.
                return link.token_file.read_text("utf-8").strip(), time.time() + 60
            return _asked_for(link)
        except (OSError, URLError, ValueError, KeyError) as error:
            raise StorageError(
                f"No token for Kafka can be had: {type(error).__name__}.",
                hint="Check token_file, or token_url, client_id and client_secret.",
                code="kafka_refused",
            ) from None


def _asked_for(link: Link) -> tuple[str, float]:
    fields = {
        "grant_type": "client_credentials",
        "client_id": link.client_id or "",
        "client_secret": link.client_secret.get_secret_value(),
        **({"scope": link.scope} if link.scope else {}),
    }
    request = Request(str(link.token_url), urlencode(fields).encode())  # noqa: S310  http(s), checked when it was read
    with urlopen(request, timeout=_TOKEN_SECONDS) as answer:  # noqa: S310  as above
        found = json.load(answer)
    return str(found["access_token"]), time.time() + float(found.get("expires_in", 300))


def _text(path: Any) -> str | None:
    return None if path is None else str(path)
