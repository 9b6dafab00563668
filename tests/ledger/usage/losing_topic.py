"""A usage topic in memory that loses, repeats and delays what is sent to it, as chance has it.

A stand-in for the cluster, for schedules that no real one gives on demand. Whatever happens, a
record that lies there lies there for good, and partitions keep the order of arrival.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ledger.cluster.bulk import Headers, Page


class Chances(NamedTuple):
    """How likely each mishap is, for a record or a read."""

    lost: float = 0.0
    repeated: float = 0.0
    late: float = 0.0
    silent: float = 0.0


Lying = tuple[bytes, Headers]


class Cluster:
    """What lies in each partition."""

    def __init__(self, partitions: int) -> None:
        self.lying: list[list[Lying]] = [[] for _ in range(partitions)]


class LosingTopic:
    """One client's way to the cluster; ``now`` is its clock, which goes on with each read."""

    def __init__(self, cluster: Cluster, seed: int, chances: Chances) -> None:
        self.now = 0.0
        self.meanwhile: Callable[[], None] | None = None
        """What happens elsewhere, once, while this client reads."""
        self.given_up = False
        self._cluster, self._chances = cluster, chances
        self._chance = random.Random(seed)
        self._late: list[tuple[int, Lying]] = []

    def partitions(self) -> int:
        """See ``BulkTopic``."""
        return len(self._cluster.lying)

    def beginnings(self) -> list[int]:
        """See ``BulkTopic``."""
        return [0] * self.partitions()

    def ends(self) -> list[int]:
        """See ``BulkTopic``."""
        return [len(lane) for lane in self._cluster.lying]

    def send(
        self,
        partition: int,
        keys: Sequence[bytes | None],
        values: Sequence[bytes],
        headers: Sequence[Headers],
    ) -> None:
        """See ``BulkTopic``."""
        for _, value, told in zip(keys, values, headers, strict=True):
            record = (value, told)
            if self._happens(self._chances.lost):
                self.given_up = self.given_up or self._happens(0.5)
                continue
            if self._happens(self._chances.late):
                self._late.append((partition, record))
                continue
            self._cluster.lying[partition].append(record)
            if self._happens(self._chances.repeated):
                self._late.append((partition, record))

    def flush(self, seconds: float) -> bool:
        """See ``BulkTopic``."""
        self.now += seconds
        return True

    def lost(self) -> bool:
        """See ``BulkTopic``."""
        told, self.given_up = self.given_up, False
        return told

    def read(self, offsets: Mapping[int, int], wait_seconds: float) -> list[Page]:
        """See ``BulkTopic``; what was late may arrive meanwhile."""
        self.now += wait_seconds
        if self.meanwhile is not None and self._happens(0.3):
            elsewhere, self.meanwhile = self.meanwhile, None
            elsewhere()
        for one in [it for it in self._late if self._happens(0.5)]:
            self._late.remove(one)
            self._cluster.lying[one[0]].append(one[1])
        pages = []
        for at, offset in offsets.items():
            found = self._cluster.lying[at][offset : offset + self._chance.randint(1, 5)]
            if found and not self._happens(self._chances.silent):
                numbers = list(range(offset, offset + len(found)))
                values, headers = [value for value, _ in found], [told for _, told in found]
                pages.append(Page(at, numbers, values, headers, offset + len(found)))
        return pages

    def close(self) -> None:
        """See ``BulkTopic``."""

    def _happens(self, likely: float) -> bool:
        return self._chance.random() < likely
