"""The part of an archive that holds usage: the rows that each decision counts, as canonical lines.

One JSON object a line, with up to so many rows of one record and metric of one cut: decisions in
order, in each its cuts in order, in each the rows in order. Nothing but what counts is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, get_args

import orjson
import polars as pl

from ledger.errors import DamagedError
from ledger.log.chain import Accepted
from ledger.moving.usage import Counted
from ledger.usage.chain_decisions import decision_of
from ledger.usage.decisions import Decided
from ledger.usage.log import Batch, Cut, DamagedUsageError, Digest
from ledger.usage.rows import Record, canonical_text, rows_from_text
from schemas import catalogue, usage
from schemas.envelope import Attributes

ROWS_AT_ONCE = 2_000

_TYPES = (usage.UsageReportLoaded.TYPE, usage.UsageReportWithdrawn.TYPE)
_HINT = b"usage.report."

Fault = Callable[[str], DamagedError]
"""Makes the error that says what does not fit."""


def decided_in(accepted: Accepted) -> Iterator[Decided]:
    """The usage decisions of a commit."""
    for position, event in enumerate(accepted.frame.events, start=accepted.frame.first):
        if _HINT not in event.attributes:  # most are about something else
            continue
        name = Attributes.from_bytes(event.attributes).type
        if name not in _TYPES:
            continue
        found = catalogue.decode(name, event.data)
        assert isinstance(found, usage.UsageReportLoaded | usage.UsageReportWithdrawn), "asked for"
        yield Decided(position, decision_of(found))


def lines(counted: Counted) -> Iterator[bytes]:
    """The lines of what is counted.

    Raises ``DamagedUsageError`` where rows are not those that were counted.
    """
    for entry in counted.decided:
        for cut in entry.decision.cut:
            digest = Digest()
            for batch in counted.read(cut):
                for rows in batch.rows.iter_slices(ROWS_AT_ONCE):
                    digest.feed(batch.record, rows)
                    told = {
                        "position": entry.position,
                        "partition": cut.partition,
                        "record": batch.record,
                        "metric": batch.metric,
                        "lines": canonical_text(batch.record, rows).decode(),
                    }
                    yield orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)
            if (digest.count, digest.hex()) != (cut.count, cut.digest):
                raise DamagedUsageError(
                    f"The usage rows that position {entry.position} counts are not those it"
                    " states.",
                    hint="Restore usage.db from a copy of this ledger; nothing was written.",
                )


class Lines:
    """Lines of the part, read in the order of the decisions: each cut once, one after another."""

    def __init__(self, text: Iterator[bytes], decided: Sequence[Decided], fault: Fault) -> None:
        self._text, self._fault = text, fault
        self._expected = ((entry, cut) for entry in decided for cut in entry.decision.cut)

    def read(self, wanted: Cut) -> Iterator[Batch]:
        """The rows of the next cut, which ``wanted`` is."""
        entry, cut = next(self._expected)
        assert cut == wanted, "cuts are read in the order of decisions"
        digest = Digest()
        while digest.count < cut.count:
            batch = self._batch(next(self._text, b""), entry, cut)
            digest.feed(batch.record, batch.rows)
            yield batch
        if (digest.count, digest.hex()) != (cut.count, cut.digest):
            raise self._fault(f"the usage rows that position {entry.position} counts are others")

    def rest(self) -> None:
        """Raise unless every line was read."""
        if next(self._text, None) is not None:
            raise self._fault("it holds usage rows that no decision counts")

    def _batch(self, line: bytes, entry: Decided, cut: Cut) -> Batch:
        try:
            told = orjson.loads(line)
            rows = _rows(told)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._fault(
                f"usage rows that position {entry.position} counts can't be read ({error})"
            ) from error
        if (told.get("position"), told.get("partition")) != (entry.position, cut.partition):
            raise self._fault(f"usage rows that position {entry.position} counts are missing")
        return Batch(0, entry.decision.attempt, told["record"], told["metric"], rows)


def _rows(told: dict[str, Any]) -> pl.DataFrame:
    record: Record = told["record"]
    if record not in get_args(Record):
        raise ValueError(f"there is no record {record!r}")
    rows = rows_from_text(record, told["lines"].encode())
    if set(rows.get_column("metric")) != {told["metric"]}:
        raise ValueError("they are of another metric")
    return rows


def check(text: Iterator[bytes], decided: Sequence[Decided], fault: Fault) -> int:
    """Check the whole part against the decisions; how many rows it holds."""
    part = Lines(text, decided, fault)
    count = sum(
        len(batch.rows)
        for entry in decided
        for cut in entry.decision.cut
        for batch in part.read(cut)
    )
    part.rest()
    return count
