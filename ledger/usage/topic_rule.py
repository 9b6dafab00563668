"""Which records of the usage topic an attempt consists of (docs/usage_topic.md): the reader's rule.

A record belongs to its attempt if, and only if, its number is the next one of that attempt in its
partition: what a producer's retry repeats counts once, what was lost and sent again is whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from ledger.usage.rows import Record
from ledger.usage.topic_records import RECORDS, Headers, Name, told


class Kept(NamedTuple):
    """Records of one attempt and one type in a page: the places in it at which they stand."""

    attempt: str
    record: Record
    places: list[int]


class Rule:
    """The rule for one partition of the ledger ``source`` (``ce_source``), fed in order of offsets.

    ``attempts`` are those of interest; None means all.
    """

    def __init__(
        self, source: bytes, partition: int, attempts: Collection[str] | None = None
    ) -> None:
        self.strangers = 0
        """Records so far that are not of this ledger's usage."""
        self._source, self._partition, self._attempts = source, partition, attempts
        self._next: Counter[str] = Counter()

    def kept(self, attempt: str) -> int:
        """How many records belong to an attempt so far."""
        return self._next[attempt]

    def take(self, page: Sequence[Headers]) -> list[Kept]:
        """The records that belong to attempts among the next ones, by their headers, in order."""
        found: list[Kept] = []
        likely, source = b"", self._source
        for place, headers in enumerate(page):
            fields = dict(headers)
            # Most records follow the one before: these are known without being taken apart.
            if (
                fields.get("ce_id") == likely
                and fields.get("ce_source") == source
                and RECORDS.get(fields.get("ce_type", b"")) == found[-1].record
            ):
                found[-1].places.append(place)
                self._next[found[-1].attempt] += 1
            elif not self._begin(headers, place, found):
                continue
            last = found[-1].attempt
            likely = Name(last, self._partition, self._next[last]).to_bytes()
        return found

    def _begin(self, headers: Headers, place: int, found: list[Kept]) -> bool:
        """Look at a record whose attempt is not that of the one before."""
        known = told(headers, self._source)
        if known is None or known.name.partition != self._partition:
            self.strangers += 1
            return False
        attempt = known.name.attempt
        wanted = self._attempts is None or attempt in self._attempts
        if not wanted or known.name.number != self._next[attempt]:
            return False
        self._next[attempt] += 1
        found.append(Kept(attempt, known.record, [place]))
        return True
