"""The usage log is checked against what the chain counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import DamagedError
from ledger.usage.decisions import Picture
from ledger.usage.log import DamagedUsageError
from ledger.usage.sqlite_log import SqliteUsageLog
from ledger.usage.verify import verify_usage
from tests.ledger.usage.builders import loads, mau, month


def loaded(folder: Path) -> tuple[SqliteUsageLog, Picture]:
    """A log with two reports that count, and a third attempt that never did."""
    usage = loads(folder)
    for number in (1, 2):
        usage.load(mau(f"{number}.tsv", {month(number): number}), exported_us=number)
    picture = usage.decisions.picture()
    usage.load(mau("3.tsv", {month(3): 3}), exported_us=3)
    assert isinstance(usage.log, SqliteUsageLog)
    return usage.log, picture


def recut(picture: Picture, **changes: Any) -> Picture:
    """The picture in which the last decision names other rows."""
    *before, last = picture.decided
    (cut,) = last.decision.cut
    decision = replace(last.decision, cut=(replace(cut, **changes),))
    return replace(picture, decided=(*before, replace(last, decision=decision)))


def test_every_counted_row_is_checked_and_the_others_are_told(tmp_path: Path) -> None:
    """Rows of an attempt that no decision names are no damage; they mean nothing."""
    log, picture = loaded(tmp_path)
    found = verify_usage(log, picture)
    cuts = [cut for entry in picture.decided for cut in entry.decision.cut]
    assert found.decisions == 2
    assert found.rows == sum(cut.count for cut in cuts)
    assert found.uncounted == log.end_offset() - found.rows > 0


def test_rows_that_are_missing_or_others_are_named(tmp_path: Path) -> None:
    """A cut must hold exactly the rows that were counted."""
    log, picture = loaded(tmp_path)
    end = log.end_offset()
    with pytest.raises(DamagedUsageError):
        verify_usage(log, recut(picture, first_offset=end, end_offset=end + 2))
    with pytest.raises(DamagedUsageError):
        verify_usage(log, recut(picture, count=1))


def test_rows_counted_by_two_decisions_are_named(tmp_path: Path) -> None:
    """A row counts at most once, whatever its digest."""
    log, picture = loaded(tmp_path)
    first = picture.decided[0].decision.cut[0]
    twice = recut(picture, first_offset=first.first_offset, end_offset=first.end_offset)
    with pytest.raises(DamagedError) as caught:
        verify_usage(log, twice)
    assert caught.value.code == "usage_counted_twice"
