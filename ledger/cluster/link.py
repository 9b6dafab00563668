"""How a node reaches its cluster: TLS, who it says it is, and how long it waits (DESIGN §3).

Read from a settings file (TOML, readable by its owner alone) and from the environment, which wins.
Secrets stand in neither ``repr`` nor an error, and are handed to clients only.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from ledger.errors import BadInputError

FILE_NAME = "kafka.toml"
"""The settings of a node's link, in its folder."""

FILE_VARIABLE = "ATTRIBUTION_KAFKA_SETTINGS"
PREFIX = "ATTRIBUTION_KAFKA_"
PASSWORD_VARIABLE = "ATTRIBUTION_KAFKA_PASSWORD"  # noqa: S105  the name of a variable

CONNECT_MS = 6_000
REQUEST_MS = 5_000

_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Link(BaseModel):
    """The settings of a link. A field ``x`` is also read from ``$ATTRIBUTION_KAFKA_X``."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    tls: bool = False
    ca_file: Path | None = None
    """Certificates of those whose word is taken for a broker's; else the machine's own."""
    certificate_file: Path | None = None
    key_file: Path | None = None
    key_password: SecretStr | None = None

    mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "OAUTHBEARER"] = "SCRAM-SHA-512"
    user: str | None = None
    password: SecretStr = SecretStr("")
    token_file: Path | None = None
    """OAUTHBEARER: a token that somebody else keeps fresh, read at each login."""
    token_url: str | None = None
    """OAUTHBEARER: where a token is had for client id and secret (RFC 6749 §4.4)."""
    client_id: str | None = None
    client_secret: SecretStr = SecretStr("")
    scope: str | None = None

    connect_ms: int = Field(CONNECT_MS, ge=100, le=60_000)
    request_ms: int = Field(REQUEST_MS, ge=100, le=60_000)
    give_way_ms: int = Field(50, ge=0, le=10_000)
    """So long a rival that lost may be first, or longer where a try takes it longer."""
    resend_ms: int = Field(2_000, ge=50, le=60_000)
    """With no sign of what was sent for so long, the same bytes are sent again."""
    give_up_ms: int = Field(30_000, ge=100, le=600_000)
    """So long after the first send callers are told that the outcome is not known."""
    wrapping_key: SecretStr | None = None
    """Under it the keys of persons lie in their topic: 32 bytes, in base64. Never the cluster's."""
    wrapping_key_file: Path | None = None
    """Holds the same, readable by its owner alone."""
    bulk_client: Literal["fastest", "kafka-python", "confluent-kafka"] = "fastest"
    """Which client carries usage; confluent-kafka comes with the extra ``fast``."""

    @model_validator(mode="after")
    def _require_one_token(self) -> Self:
        if self.mechanism == "OAUTHBEARER" and not (self.token_file or self.token_url):
            raise ValueError("OAUTHBEARER needs token_file, or token_url with client_id")
        if self.token_url and not self.token_url.startswith(("https://", "http://")):
            raise ValueError("token_url is no web address")
        return self

    @property
    def wraps(self) -> bool:
        """Whether a key for wrapping others was told."""
        return self.wrapping_key is not None or self.wrapping_key_file is not None

    @property
    def logs_in(self) -> bool:
        """Whether the client says who it is."""
        return self.user is not None or self.mechanism == "OAUTHBEARER"

    @property
    def protocol(self) -> str:
        """Kafka's name for how the link is protected."""
        if self.logs_in:
            return "SASL_SSL" if self.tls else "SASL_PLAINTEXT"
        return "SSL" if self.tls else "PLAINTEXT"


def link(file: str | Path | None = None, **told: Any) -> Link:
    """The link that a settings file, the environment and an address (``told``) give together.

    The environment goes before the file, the address before both. Raises ``BadInputError`` with the
    name of what is wrong, never its value.
    """
    named = os.environ.get(FILE_VARIABLE) or file
    found = _of_file(Path(named)) if named else {}
    found |= {
        name: os.environ[variable]
        for name in Link.model_fields
        if (variable := f"{PREFIX}{name.upper()}") in os.environ
    }
    found |= {name: value for name, value in told.items() if value}
    try:
        return Link(**found)
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(map(str, wrong["loc"]))
        raise BadInputError(
            f"The settings of the link to Kafka are wrong: {field or 'together'}: {wrong['msg']}.",
            hint=f"Correct {named or 'the variable'}, or ${PREFIX}{field.upper() or '...'}.",
            code="bad_kafka_settings",
        ) from None


def _of_file(file: Path) -> dict[str, Any]:
    try:
        mode = file.stat().st_mode
        found = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no TOML"
        raise BadInputError(
            f"{file}, the settings of the link to Kafka, can't be read: {why}.",
            hint=f"Name another file with ${FILE_VARIABLE}, or correct this one.",
            code="bad_kafka_settings",
        ) from None
    if mode & _FOR_OTHERS:
        raise BadInputError(
            f"{file} may be read by others, and may hold a password.",
            hint=f"Keep it to its owner: chmod 600 {file}",
            code="open_kafka_settings",
        )
    beside = file.resolve().parent
    return {name: _placed(name, value, beside) for name, value in found.items()}


def _placed(name: str, value: Any, beside: Path) -> Any:
    """A file named in a settings file lies beside it."""
    return str(beside / value) if name.endswith("_file") and isinstance(value, str) else value


def settings_file(folder: Path) -> str:
    """The settings in a node's folder; empty where it has none."""
    file = folder / FILE_NAME
    return str(file) if file.is_file() else ""


def told(link: Link) -> Mapping[str, Any]:
    """What may be shown of a link: how it is protected, and as whom."""
    return {"protocol": link.protocol} | ({"user": link.user} if link.user else {})
