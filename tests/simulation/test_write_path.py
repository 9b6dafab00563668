"""The write path of many machines under thousands of schedules, and the rules that carry it.

Each rule is also broken on purpose: the simulation has to notice, or it proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ledger.errors import AttributionError, StorageError
from ledger.log.chain import Accepted, Head, Void, judge
from ledger.log.frame import Unparsable, frame_hash, parse
from ledger.log.journal import kafka
from ledger.log.journal.kafka import KafkaJournal
from tests.conftest import SOAK
from tests.simulation.write_path import BrokenPromiseError, Race

SCHEDULES = 100_000 if SOAK else 500
CHUNKS = 10
FEW = 300


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_schedule_breaks_a_promise(chunk: int) -> None:
    """Nobody holds a slot twice, nothing answered is lost or doubled, no refusal was untrue."""
    size = SCHEDULES // CHUNKS
    for seed in range(chunk * size, (chunk + 1) * size):
        try:
            Race(seed).run()
        except BaseException as error:
            error.add_note(f"seed {seed}: repeat it with Race({seed}).run()")
            raise


class _BelievesTheAck(KafkaJournal):
    """Takes for accepted what it has sent."""

    def _read_back(self, sent: list[bytes]) -> list[Accepted] | Void:
        head, accepted = self._replica.head(), []
        for data in sent:
            verdict = judge(head, data)
            assert isinstance(verdict, Accepted)
            accepted.append(verdict)
            head = verdict.head
        self._replica.keep(zip(sent, accepted, strict=True))
        return accepted


class _RefusesFromAStaleIndex(KafkaJournal):
    """Decides on what it has, without asking where the log ends; reads on when it must write."""

    @contextmanager
    def group(self) -> Iterator[None]:
        with self._replica.group():
            self._ahead.rewind(self._applied_to())
            yield


class _DecidesAnewAfterATimeOut(KafkaJournal):
    """Forgets what it sent when no sign of it came in time, and answers that nothing was kept."""

    def _settle_earlier(self) -> None:
        self._unsettled = []


class _ForgetsWhatItSentWhenReadingFails(KafkaJournal):
    """Answers that the cluster is gone, and decides anew though its record may be on its way."""

    def _read_back(self, sent: list[bytes]) -> list[Accepted] | Void:
        try:
            return super()._read_back(sent)
        except StorageError:
            self._unsettled = []
            raise


def _judge_without_prev(head: Head, data: bytes) -> Accepted | Void:
    frame = parse(data)
    if isinstance(frame, Unparsable) or frame.first != head.position + 1:
        return judge(head, data)
    last = head.position + len(frame.events)
    return Accepted(frame, Head(last, frame_hash(data), head.recorded_at_us + 1))


def _noticed(journal: type[KafkaJournal]) -> bool:
    for seed in range(FEW):
        try:
            Race(seed, journal).run()
        except (BrokenPromiseError, AttributionError, AssertionError):
            return True
    return False


@pytest.mark.parametrize(
    "broken",
    [
        _BelievesTheAck,
        _RefusesFromAStaleIndex,
        _DecidesAnewAfterATimeOut,
        _ForgetsWhatItSentWhenReadingFails,
    ],
)
def test_a_broken_rule_is_noticed(broken: type[KafkaJournal]) -> None:
    """Believing the ack; refusing from what was known before; not sending the same bytes again."""
    assert _noticed(broken)


def test_accepting_without_the_hash_before_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit that follows another one than the head would count."""
    monkeypatch.setattr(kafka, "judge", _judge_without_prev)
    assert _noticed(KafkaJournal)


def test_the_rules_as_they_are_pass_where_the_broken_ones_fail() -> None:
    """What notices the broken rules does not notice ours."""
    assert not _noticed(KafkaJournal)
