"""Which records of the usage topic an attempt consists of (docs/usage_topic.md): the reader's rule.

A record belongs to its attempt if, and only if, its number is the next one of that attempt in its
partition: what a producer's retry repeats counts once, what was lost and sent again is whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from ledger.usage.rows import Record
from ledger.usage.topic_records import Headers, told


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

    def skip(self, attempt: str, count: int) -> None:
        """Take the attempt's next records as kept: somebody else has looked at them."""
        self._next[attempt] += count

    def take(self, page: Sequence[Headers]) -> list[Kept]:
        """The records that belong to attempts among the next ones, by their headers, in order."""
        found: list[Kept] = []
        place = 0
        while place < len(page):
            place += self._run(page, place, found) if self._begin(page[place], place, found) else 1
        return found

    def _run(self, page: Sequence[Headers], place: int, found: list[Kept]) -> int:
        """How many records from ``place``, which begins a run, follow one another in it.

        Most do: they differ from the first in the number of their name alone, and are known
        without being taken apart.
        """
        (first, name), *rest = page[place]
        attempt, _, places = found[-1]
        before, number = name[: name.rfind(b"/") + 1], self._next[attempt]
        plain = first == "ce_id" and all(header != "ce_id" for header, _ in rest)
        upto = place + 1
        while plain and upto < len(page):
            headers = page[upto]
            if not headers or headers[0] != ("ce_id", b"%s%d" % (before, number)):
                break
            if headers[1:] != rest:
                break
            places.append(upto)
            upto += 1
            number += 1
        self._next[attempt] = number
        return upto - place

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
