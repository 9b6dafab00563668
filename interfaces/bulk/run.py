"""Lines of commands decided in order, lot by lot, each with its outcome; memory stays flat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from interfaces.bulk import problems
from interfaces.bulk.lines import Line
from interfaces.bulk.problems import Problem
from interfaces.bulk.read import Defaults, ReadLine, Wish, read
from ledger.app import Ledger
from ledger.collecting import seldom_collected
from ledger.deciding import Outcome, Request
from ledger.errors import AttributionError, RefusedError


class Result(StrEnum):
    """What came of a line."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


class LineOutcome(NamedTuple):
    """The outcome of one line.

    ``position`` and ``type`` are those of its event; ``problems`` say why there is none. ``told``
    is what a usage report adds: its id, statements, increments and rows that were refused.
    """

    line: int
    id: str
    command: str
    result: Result
    position: int = 0
    type: str = ""
    problems: tuple[Problem, ...] = ()
    told: dict[str, Any] = {}  # noqa: RUF012  never changed: a NamedTuple's default


Usage = Callable[[Wish], LineOutcome]
"""Carries out the wish of a line about a usage report; raises what refuses it."""


def run(
    lots: Iterable[list[Line]], ledger: Ledger, defaults: Defaults, usage: Usage
) -> Iterator[LineOutcome]:
    """The outcome of every line, in order; each is durable when it is yielded.

    Lines that can't be read or are refused do not keep the others from being decided. Raises what
    keeps any line from being decided: busy, disk full, damaged.
    """
    with seldom_collected():
        for lot in lots:
            waiting: list[ReadLine] = []
            for line in lot:
                each = read(line, defaults)
                if isinstance(each.wanted, Wish):
                    yield from _decided(ledger, waiting)
                    waiting = []
                    yield _about_usage(each, each.wanted, usage)
                else:
                    waiting.append(each)
            yield from _decided(ledger, waiting)


def _decided(ledger: Ledger, lines: list[ReadLine]) -> Iterator[LineOutcome]:
    requests = [line.wanted for line in lines if isinstance(line.wanted, Request)]
    outcomes = iter(ledger.submit_group(requests) if requests else ())
    for line in lines:
        if line.wanted is None:
            yield _failed(line, Result.UNREADABLE, line.problems)
        else:
            yield _told(line, next(outcomes))


def _told(line: ReadLine, outcome: Outcome) -> LineOutcome:
    if outcome.error is not None:
        return _of_error(line, outcome.error)
    result = Result.REPEATED if outcome.repeated else Result.ACCEPTED
    return LineOutcome(line.number, line.id, line.command, result, outcome.position, outcome.type)


def _about_usage(line: ReadLine, wish: Wish, usage: Usage) -> LineOutcome:
    try:
        return usage(wish)._replace(line=line.number, id=line.id, command=line.command)
    except AttributionError as error:
        if error.exit_code > RefusedError.exit_code:
            raise
        return _of_error(line, error)


def _of_error(line: ReadLine, error: AttributionError) -> LineOutcome:
    """A refusal, or input that the command itself could not read."""
    refused = isinstance(error, RefusedError)
    result = Result.REFUSED if refused else Result.UNREADABLE
    return _failed(line, result, (problems.of_error(error),))


def _failed(line: ReadLine, result: Result, wrong: tuple[Problem, ...]) -> LineOutcome:
    return LineOutcome(line.number, line.id, line.command, result, problems=wrong)
