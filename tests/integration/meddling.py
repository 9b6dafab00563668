"""What somebody with a client of Kafka does to a ledger's topics, done for good when it returns.

The ledger's own way to send believes no answer, and so may send twice or not at all; a test that
counts records needs each of them once.
"""

from __future__ import annotations

from contextlib import closing

from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType

from ledger.cluster.partition import Inlet, Message
from ledger.cluster.place import Place
from ledger.cluster.topics import create
from tests.waiting import until

_DELIVERED_MS = 300_000
"""So long the client itself tries, and numbers what it tries: no record comes twice."""


def put(place: Place, topic: str, *messages: Message, partition: int = 0) -> None:
    """Have records lie in a topic, in order, each of them once."""
    producer = KafkaProducer(
        bootstrap_servers=place.servers,
        acks="all",
        enable_idempotence=True,
        delivery_timeout_ms=_DELIVERED_MS,
        max_block_ms=_DELIVERED_MS,
    )
    with closing(producer):
        sent = [
            producer.send(topic, value, key=key, headers=list(headers), partition=partition)
            for key, value, headers in messages
        ]
        for one in sent:
            one.get(_DELIVERED_MS / 1000)


def lying_in(place: Place, topic: str) -> list[Message]:
    """Every record of the first partition of a topic, up to its end of now."""
    with closing(Inlet(place, topic)) as inlet:
        found: list[Message] = []
        offset, end = inlet.beginning(), inlet.end()
        while offset < end:
            stretch = inlet.read(offset, 5.0)
            found += [one.message for one in stretch.records]
            offset = stretch.upto
        return found


def make_anew(place: Place, topic: str) -> None:
    """Delete a topic and make it again, once nobody is told of the old one any more."""
    with closing(KafkaAdminClient(bootstrap_servers=place.servers)) as admin:
        admin.delete_topics([topic])
        until(lambda: topic not in admin.list_topics(), f"{topic} is gone")
    create(place)


def set_to(place: Place, topic: str, **settings: str) -> None:
    """Change settings of a topic (``retention_ms="1"``), and wait until they are told."""
    told = {name.replace("_", "."): value for name, value in settings.items()}
    asked = [ConfigResource(ConfigResourceType.TOPIC, topic, told)]
    with closing(KafkaAdminClient(bootstrap_servers=place.servers)) as admin:
        admin.alter_configs(asked)

        def is_told() -> bool:
            found = next(iter(admin.describe_configs(asked).values()))[topic]
            return all(str(found[name]["value"]) == value for name, value in told.items())

        until(is_told, f"{topic} is set to {told}")
