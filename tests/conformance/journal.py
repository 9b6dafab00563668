"""What every journal promises, whatever keeps it: subclass, and give the fixture ``open_journal``.

``open_journal`` is a function that opens the one journal of the test again, as another process
would. A journal of commits is empty at first.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest

from ledger.log.chain import START, Head, Void, VoidReason, seal
from ledger.log.frame import EventBytes
from ledger.log.journal.port import Journal

OpenJournal = Callable[[], Journal]


def commit(head: Head, *texts: str, at_us: int = 1_000_000) -> tuple[bytes, Head]:
    """A commit of small events on ``head``."""
    events = [EventBytes(b'{"tags":[],"type":"t"}', text.encode()) for text in texts]
    return seal(head, max(at_us, head.recorded_at_us), events, "l-test")


class JournalPromises:
    """The shared cases."""

    @pytest.fixture
    def journal(self, open_journal: OpenJournal) -> Journal:
        """The journal under test."""
        return open_journal()

    def test_begins_empty(self, journal: Journal) -> None:
        """A new journal has the start as its head and nothing to read."""
        assert journal.head() == START
        assert list(journal.read()) == []

    def test_gives_back_the_bytes_it_accepted_in_order(self, journal: Journal) -> None:
        """Bytes come back as they were appended, with their positions."""
        first, head = commit(START, "a", "b")
        second, end = commit(head, "c")
        assert not isinstance(journal.append([first]), Void)
        assert not isinstance(journal.append([second]), Void)
        assert [data for data, _ in journal.read()] == [first, second]
        assert journal.head() == end
        assert end.position == 3

    def test_reads_on_from_any_position(self, journal: Journal) -> None:
        """Reading after a position gives the commits that hold a later one."""
        head, sent = START, []
        for n in range(1, 6):
            data, head = commit(head, *["x"] * n)
            sent.append(data)
            journal.append([data])
        for after in range(head.position + 1):
            expected = [data for n, data in enumerate(sent, start=1) if n * (n + 1) // 2 > after]
            assert [data for data, _ in journal.read(after)] == expected

    def test_several_commits_at_once_follow_one_another(self, journal: Journal) -> None:
        """A group of commits is accepted whole."""
        first, head = commit(START, "a")
        second, end = commit(head, "b")
        accepted = journal.append([first, second])
        assert not isinstance(accepted, Void)
        assert [verdict.head.position for verdict in accepted] == [1, 2]
        assert journal.head() == end

    @pytest.mark.parametrize(
        "spoil,reason",
        [
            (lambda data, _: data[:-1], VoidReason.UNPARSABLE),
            (lambda data, _: data + b"x", VoidReason.UNPARSABLE),
            (lambda _data, _head: commit(START, "rival")[0], VoidReason.POSITION_TAKEN),
            (lambda _, head: commit(Head(9, head.hash), "z")[0], VoidReason.POSITION_AHEAD),
            (lambda _data, _head: commit(Head(1, bytes(32)), "z")[0], VoidReason.PREV_DIFFERS),
        ],
    )
    def test_a_commit_that_does_not_follow_is_void_and_changes_nothing(
        self,
        journal: Journal,
        spoil: Callable[[bytes, Head], bytes],
        reason: VoidReason,
    ) -> None:
        """Void by the chain's rule, and the journal is as it was."""
        first, head = commit(START, "a")
        journal.append([first])
        verdict = journal.append([spoil(commit(head, "b")[0], head)])
        assert isinstance(verdict, Void)
        assert verdict.reason is reason
        assert journal.head() == head
        assert [data for data, _ in journal.read()] == [first]

    def test_a_repeat_of_an_accepted_commit_is_void(self, journal: Journal) -> None:
        """The same bytes sent twice count once."""
        first, head = commit(START, "a")
        journal.append([first])
        assert isinstance(journal.append([first]), Void)
        assert journal.head() == head

    def test_a_group_with_one_void_commit_is_void_whole(self, journal: Journal) -> None:
        """Nothing of a group is kept when one of its commits does not follow."""
        first, _ = commit(START, "a")
        foreign, _ = commit(Head(1, bytes(32)), "b")
        assert isinstance(journal.append([first, foreign]), Void)
        assert journal.head() == START

    def test_opened_again_it_is_the_same(self, open_journal: OpenJournal) -> None:
        """What was accepted stands for whoever opens the journal next."""
        data, head = commit(START, "a")
        open_journal().append([data])
        again = open_journal()
        assert again.head() == head
        assert [kept for kept, _ in again.read()] == [data]

    def test_of_two_who_race_exactly_one_wins(self, open_journal: OpenJournal) -> None:
        """Every position is taken once, by commits that follow one another."""
        rounds = 20

        def race(name: str) -> None:
            journal = open_journal()
            while (head := journal.head()).position < rounds:
                journal.append([commit(head, name)[0]])

        racers = [Thread(target=race, args=(name,)) for name in "abc"]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        accepted = [verdict for _, verdict in open_journal().read()]
        assert [verdict.frame.first for verdict in accepted] == list(range(1, len(accepted) + 1))
        assert len(accepted) >= rounds
