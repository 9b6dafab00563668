"""Where a ledger on many machines lies: a Kafka cluster, and the prefix of its topics."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, urlsplit

from ledger.errors import BadInputError

if TYPE_CHECKING:  # an address is parsed by commands that reach no cluster
    from ledger.cluster.link import Link

SCHEME = "kafka://"

_PREFIX = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
_HOST = re.compile(r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$")


class Place(NamedTuple):
    """A cluster's servers, the prefix of the topics, and a user when it asks for one.

    ``settings`` is the file with the rest of how it is reached; empty where there is none.
    """

    servers: str
    prefix: str
    user: str | None = None
    tls: bool = False
    settings: str = ""

    @property
    def chain(self) -> str:
        """The topic of commits: one partition, internal."""
        return f"{self.prefix}.chain"

    @property
    def events(self) -> str:
        """The topic of accepted events, for everybody."""
        return f"{self.prefix}.events"

    @property
    def usage(self) -> str:
        """The topic of usage rows."""
        return f"{self.prefix}.usage"

    @property
    def holders(self) -> str:
        """The compacted topic of who holds each slot now."""
        return f"{self.prefix}.holders"

    @property
    def keys(self) -> str:
        """The compacted topic of persons' keys, wrapped: internal, and never in the clear."""
        return f"{self.prefix}.keys"

    @property
    def url(self) -> str:
        """The address as it is written; never with a password."""
        user = f"{self.user}@" if self.user else ""
        return f"{SCHEME}{user}{self.servers}/{self.prefix}{'?tls=1' if self.tls else ''}"

    def folder_name(self) -> str:
        """A name for a node's folder, one for each place."""
        return re.sub(r"[^A-Za-z0-9._-]+", "-", f"{self.servers}-{self.prefix}")

    def link(self) -> Link:
        """How it is reached: by its settings file, the environment and this address together.

        Raises ``BadInputError`` for settings that are wrong.
        """
        from ledger.cluster.link import link

        return link(self.settings, user=self.user, tls=self.tls)


def is_place(text: str | Path) -> bool:
    """Whether a text means a cluster, not a folder."""
    # A path swallows one of the two slashes.
    return str(text).startswith(("kafka:/", "kafka://"))


def place(text: str | Path, settings: str = "") -> Place:
    """The place that a text such as ``kafka://host:9092/attribution`` names.

    Several servers stand with commas between; ``?tls=1`` asks for TLS; a user before ``@`` logs in
    with a password that stands elsewhere: in the ``settings`` file, or the environment. Raises
    ``BadInputError`` for anything else.

    >>> place("kafka://a:9092,b:9092/attribution").chain
    'attribution.chain'
    """
    whole = re.sub(r"^kafka:/+", SCHEME, str(text))
    parts = urlsplit(whole)
    user, _, servers = parts.netloc.rpartition("@")
    prefix = parts.path.strip("/") or "attribution"
    asked = parse_qs(parts.query)
    bad = [server for server in servers.split(",") if not _HOST.match(server)]
    if bad or ":" in user or not _PREFIX.match(prefix) or set(asked) - {"tls"}:
        raise BadInputError(
            f"{_without_password(whole)!r} is no address of a ledger on Kafka.",
            hint="Write kafka://HOST:PORT/PREFIX, several servers with commas between, ?tls=1 for"
            " TLS; a password stands in $ATTRIBUTION_KAFKA_PASSWORD or in the settings file.",
            code="bad_place",
        )
    return Place(servers, prefix, user or None, asked.get("tls", ["0"])[0] == "1", settings)


def _without_password(address: str) -> str:
    return re.sub(r"(//[^/@:]*):[^/]*@", r"\1:...@", address)
