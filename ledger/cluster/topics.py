"""The topics of a ledger on many machines: made with the right settings, checked at every start.

A topic that could forget a record, or take a commit apart, is refused with the setting named
(DESIGN §3). Two topics are compacted: current holders are state, not
history; and of the keys of erased persons nothing may stay (docs/adr/0014).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from kafka import KafkaAdminClient
from kafka.errors import TopicAlreadyExistsError

from ledger.cluster.clients import kafka_python
from ledger.cluster.errors import naming
from ledger.cluster.place import Place
from ledger.errors import DamagedError, StorageError
from ledger.log.frame import MAX_COMMIT_BYTES

ROOM_BYTES = 64 * 1024
"""What Kafka puts around a record."""

USAGE_PARTITIONS = 6
MOST_USAGE_PARTITIONS = 256
"""A decision states a cut for each partition that its attempt wrote to."""

USAGE_RECORD_BYTES = 1024 * 1024
"""What the topic of usage takes as one record, at least."""

_NEVER_FORGETS = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "unclean.leader.election.enable": "false",
}


KEYS_LAG_MS = 86_400_000
"""So long a key may lie in the topic of keys beyond its tombstone, and so long a tombstone does."""

_FORGETS_THE_ERASED = {
    "cleanup.policy": "compact",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": str(KEYS_LAG_MS),
    "delete.retention.ms": str(KEYS_LAG_MS),
    "segment.ms": str(KEYS_LAG_MS),
    "unclean.leader.election.enable": "false",
}


_AT_MOST = {"max.compaction.lag.ms", "delete.retention.ms", "segment.ms"}
"""Settings that may also be less: the erased is forgotten sooner then."""


class Spec(NamedTuple):
    """What a topic must be."""

    name: str
    partitions: int
    settings: Mapping[str, str]
    history: bool = True


class Topic(NamedTuple):
    """A topic as the cluster has it."""

    name: str
    id: str
    partitions: int
    replicas: int
    settings: Mapping[str, str]


def specs(place: Place, usage_partitions: int = USAGE_PARTITIONS) -> tuple[Spec, ...]:
    """The five topics of a place."""
    large = {"max.message.bytes": str(MAX_COMMIT_BYTES + ROOM_BYTES)}
    # A node whose clock has run far ahead is refused: it would take all others along.
    dated = {"message.timestamp.type": "CreateTime", "message.timestamp.after.max.ms": "3600000"}
    rows = {"max.message.bytes": str(USAGE_RECORD_BYTES + ROOM_BYTES)}
    return (
        Spec(place.chain, 1, _NEVER_FORGETS | large | dated),
        Spec(place.events, 1, _NEVER_FORGETS),
        Spec(place.usage, usage_partitions, _NEVER_FORGETS | rows),
        Spec(place.holders, 1, {"cleanup.policy": "compact"}, history=False),
        Spec(place.keys, 1, _FORGETS_THE_ERASED),
    )


def create(
    place: Place, *, replicas: int | None = None, usage_partitions: int = USAGE_PARTITIONS
) -> list[Topic]:
    """Make the topics that are missing; all of them then, checked.

    ``replicas`` defaults to three, or to as many brokers as there are. Raises ``StorageError``
    when the cluster can't be reached or refuses.
    """
    wanted = specs(place, usage_partitions)
    with _admin(place) as admin:
        brokers = len(admin.describe_cluster()["brokers"])
        copies = replicas or min(3, brokers)
        missing = {spec.name: _options(spec, copies) for spec in wanted if not _find(admin, spec)}
        if missing:
            with suppress(TopicAlreadyExistsError):  # another node was quicker
                admin.create_topics(missing)
            admin.wait_for_topics(list(missing))
    return _checked_when_told(place)


def _checked_when_told(place: Place) -> list[Topic]:
    """The topics, checked as soon as every broker asked has heard of them."""
    until = time.monotonic() + place.link().connect_ms / 1000
    while True:
        try:
            return check(place)
        except StorageError as error:
            if error.code != "topic_missing" or time.monotonic() > until:
                raise
            time.sleep(0.1)


def _options(spec: Spec, copies: int) -> dict[str, Any]:
    in_sync = {"min.insync.replicas": "2"} if copies >= 3 else {}
    return {
        "num_partitions": spec.partitions,
        "replication_factor": copies,
        "configs": {**spec.settings, **in_sync},
    }


def check(place: Place, *names: str) -> list[Topic]:
    """The place's topics (or those named), each fit to keep a ledger.

    Raises ``StorageError`` (``topic_missing``) and ``DamagedError`` (``topic_could_forget``), with
    the setting named.
    """
    with _admin(place) as admin:
        brokers = len(admin.describe_cluster()["brokers"])
        wanted = [spec for spec in specs(place) if not names or spec.name in names]
        found = []
        for spec in wanted:
            topic = _find(admin, spec)
            if topic is None:
                raise StorageError(
                    f"There is no topic {spec.name!r} on {place.servers}.",
                    hint=f"Make the topics first: attribution topics create {place.url}",
                    code="topic_missing",
                )
            _require_fit(spec, topic, brokers)
            found.append(topic)
    return found


def _require_fit(spec: Spec, topic: Topic, brokers: int) -> None:
    wanted = dict(spec.settings)
    room = wanted.pop("max.message.bytes", None)
    if spec.history and brokers >= 3 and topic.replicas >= 3:
        in_sync = topic.settings.get("min.insync.replicas", "1")
        if int(in_sync) < 2:
            raise _unfit(topic, "min.insync.replicas", in_sync, "2 or more")
    for name in _AT_MOST & wanted.keys():
        value, found = wanted.pop(name), topic.settings.get(name, "not set")
        if not found.isdecimal() or int(found) > int(value):
            raise _unfit(topic, name, found, f"{value} or less")
    for name, value in wanted.items():
        if topic.settings.get(name) != value:
            raise _unfit(topic, name, topic.settings.get(name, "not set"), value)
    if room is not None and int(topic.settings.get("max.message.bytes", "0")) < int(room):
        raise _unfit(topic, "max.message.bytes", topic.settings["max.message.bytes"], room)
    if spec.partitions == 1 and topic.partitions != 1:
        raise _unfit(topic, "partitions", str(topic.partitions), "1")
    if topic.partitions > MOST_USAGE_PARTITIONS:
        raise _unfit(topic, "partitions", str(topic.partitions), f"{MOST_USAGE_PARTITIONS} or less")


def _unfit(topic: Topic, setting: str, found: str, wanted: str) -> DamagedError:
    return DamagedError(
        f"The topic {topic.name!r} can't keep a ledger: {setting} is {found}; it must be {wanted}.",
        hint="Set it right on the brokers, then start again.",
        code="topic_could_forget",
    )


def _find(admin: KafkaAdminClient, spec: Spec) -> Topic | None:
    (described,) = admin.describe_topics([spec.name])
    if described["error_code"]:
        return None
    partitions = described["partitions"]
    return Topic(
        spec.name,
        str(described["topic_id"]),
        len(partitions),
        min((len(one["replica_nodes"]) for one in partitions), default=0),
        _settings(admin, spec.name),
    )


def _settings(admin: KafkaAdminClient, topic: str) -> dict[str, str]:
    from kafka.admin import ConfigResource, ConfigResourceType

    asked = [ConfigResource(ConfigResourceType.TOPIC, topic)]
    found = admin.describe_configs(asked, config_filter="all")
    told = next(iter(found.values()))[topic]
    return {name: str(entry["value"]) for name, entry in told.items()}


@contextmanager
def _admin(place: Place) -> Iterator[KafkaAdminClient]:
    """A client that administers, closed at the end; its errors are ours."""
    with naming(place):
        admin = KafkaAdminClient(**kafka_python(place))
        try:
            yield admin
        finally:
            admin.close()
