"""What callers were answered, and whether the log bears it out."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, NamedTuple

import orjson
from kafka import KafkaConsumer, TopicPartition

from ledger.cluster.place import Place
from ledger.log.frame import Frame, parse
from schemas.envelope import Attributes

CHECKER = Path(__file__).parents[3] / "docs" / "check_chain.py"


class Answer(NamedTuple):
    """What a caller was told: a position, or the code of a refusal."""

    position: int
    refused: str


class Told(NamedTuple):
    """An accepted event, as an outsider reads it from the topic."""

    position: int
    type: str
    command_id: str
    data: dict[str, Any]

    @property
    def slot(self) -> str | None:
        """What it takes that nobody else can have; None where it takes nothing."""
        if self.type == "dpor.set.v1":
            return f"place of {self.data['subscription']}"
        if self.type == "organisation.registered.v1":
            return f"name {self.data['organisation']}"
        return None


class Log(NamedTuple):
    """The accepted log of a topic, and how many records of it are void."""

    events: list[Told]
    position: int
    hash: bytes
    voids: int


class Book:
    """The answers of all callers of all nodes, by the id of the command."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.troubles: Counter[str] = Counter()
        self.stopped: dict[str, str] = {}
        self.opened: Counter[str] = Counter()
        self._lock = Lock()

    def hear(self, node: str, told: dict[str, Any]) -> None:
        """Note one line that a node said."""
        with self._lock:
            if "id" in told:
                answer = Answer(told.get("position", 0), told.get("refused", ""))
                before = self.answers.setdefault(told["id"], answer)
                assert before == answer, f"{told['id']} was told {before}, then {answer}"
            elif "trouble" in told:
                self.troubles[told["trouble"]] += 1
            elif "stopped" in told:
                self.stopped[node] = told["stopped"]
            else:
                self.opened[node] += 1

    def next_of(self, node: str, caller: int, before: int) -> int:
        """The number of the first wish of a caller that has no answer yet."""
        number = before
        while f"{node}.{caller}.{number}" in self.answers:
            number += 1
        return number

    def kept(self) -> dict[str, int]:
        """The acknowledged commands with their positions."""
        return {name: one.position for name, one in self.answers.items() if not one.refused}

    def wrong(self, log: Log) -> dict[str, int]:
        """What must never be: each count is 0 where every promise was kept."""
        by_id = {event.command_id: event for event in log.events}
        by_slot = {event.slot: event for event in log.events if event.slot}
        slots = Counter(event.slot for event in log.events if event.slot)
        kept, refused = self.kept(), {n for n, one in self.answers.items() if one.refused}
        lost = [n for n, at in kept.items() if n not in by_id or by_id[n].position != at]
        return {
            "double holders": sum(count > 1 for count in slots.values()),
            "lost": len(lost),
            "doubled effects": len(log.events) - len({e.command_id for e in log.events}),
            "refused and kept": len(refused & set(by_id)),
            "refused otherwise": sum(
                self.answers[name].refused != "dpor_taken" for name in refused
            ),
            "refused what is free": len(refused) if refused and not by_slot else 0,
        }


def read_log(place: Place) -> Log:
    """The accepted log, by a checker that shares no code with the ledger: docs/check_chain.py."""
    check, position, before = _checker().check, 0, bytes(32)
    events: list[Told] = []
    voids = 0
    for value in _values(place):
        try:
            after, digest = check(value or b"", position, before)
        except ValueError:
            voids += 1
            continue
        events += _events(value, position)
        position, before = after, digest
    return Log(events, position, before, voids)


def _events(value: bytes, position: int) -> Iterable[Told]:
    frame = parse(value)
    assert isinstance(frame, Frame), "what the independent checker accepts can be read"
    for number, event in enumerate(frame.events, start=position + 1):
        attributes = Attributes.from_bytes(event.attributes)
        command_id = attributes.command_id or f"none-{number}"
        yield Told(number, attributes.type, command_id, orjson.loads(event.data))


def _values(place: Place) -> Iterable[bytes]:
    at = TopicPartition(place.chain, 0)
    consumer = KafkaConsumer(bootstrap_servers=place.servers, auto_offset_reset="earliest")
    try:
        consumer.assign([at])
        end = consumer.end_offsets([at])[at]
        while consumer.position(at) < end:
            for record in consumer.poll(timeout_ms=500).get(at, ()):
                yield record.value
    finally:
        consumer.close()


def _checker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_chain", CHECKER)
    assert spec is not None, "the checker is a file of this project"
    assert spec.loader is not None, "the checker is a file of this project"
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
