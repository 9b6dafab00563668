"""Lines of commands decided in order, lot by lot, each with its outcome; memory stays flat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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
from ledger.refusal import Refused


class Result(StrEnum):
    """What came of a line."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    UNCHECKED = "unchecked"
    """In a rehearsal: a usage report, which is read only when it is loaded."""


class LineOutcome(NamedTuple):
    """The outcome of one line.

    ``position`` and ``type`` are those of its event; ``problems`` say why there is none, ``as_of``
    up to which position of the log a refusal is true. ``told`` is what a usage report adds: its
    id, statements, increments and rows that were refused.
    """

    line: int
    id: str
    command: str
    result: Result
    position: int = 0
    type: str = ""
    problems: tuple[Problem, ...] = ()
    as_of: int = 0
    told: dict[str, Any] = {}  # noqa: RUF012  never changed: a NamedTuple's default


Usage = Callable[[Wish], LineOutcome]
"""Carries out the wish of a line about a usage report; raises what refuses it."""

Submit = Callable[[Sequence[Request]], list[Outcome]]
"""Decides requests in order: a ledger for good, a rehearsal for nothing."""


def run(
    lots: Iterable[list[Line]], ledger: Ledger, defaults: Defaults, usage: Usage
) -> Iterator[LineOutcome]:
    """The outcome of every line, in order; each is durable when it is yielded.

    Lines that can't be read or are refused do not keep the others from being decided. Raises what
    keeps any line from being decided: busy, disk full, damaged.
    """
    return carry_out(read_lots(lots, defaults), ledger.submit_group, usage)


def read_lots(lots: Iterable[list[Line]], defaults: Defaults) -> Iterator[list[ReadLine]]:
    """The commands in lines of JSON."""
    return ([read(line, defaults) for line in lot] for lot in lots)


def carry_out(
    lots: Iterable[list[ReadLine]], submit: Submit, usage: Usage
) -> Iterator[LineOutcome]:
    """As ``run``, for commands that were read from any form of file, by any way to decide."""
    with seldom_collected():
        for lot in lots:
            waiting: list[ReadLine] = []
            for each in lot:
                if isinstance(each.wanted, Wish):
                    yield from _decided(submit, waiting)
                    waiting = []
                    yield _about_usage(each, each.wanted, usage)
                else:
                    waiting.append(each)
            yield from _decided(submit, waiting)


def _decided(submit: Submit, lines: list[ReadLine]) -> Iterator[LineOutcome]:
    requests = [line.wanted for line in lines if isinstance(line.wanted, Request)]
    outcomes = iter(submit(requests) if requests else ())
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
    field, value = _what_it_is_about(line, error)
    wrong = (problems.of_error(error, field, value),)
    if isinstance(error, RefusedError):
        return _failed(line, Result.REFUSED, wrong)._replace(as_of=error.as_of)
    return _failed(line, Result.UNREADABLE, wrong)


def _what_it_is_about(line: ReadLine, error: AttributionError) -> tuple[str, Any]:
    """The field that a refusal is about, with what the line says there; "" where it has none."""
    if isinstance(error, Refused) and isinstance(line.wanted, Request):
        stated = line.wanted.command.model_dump(mode="json", exclude_none=True)
        for name in error.fields:
            if name in stated:
                return problems.path((name,)), stated[name]
    return "", None


def _failed(line: ReadLine, result: Result, wrong: tuple[Problem, ...]) -> LineOutcome:
    return LineOutcome(line.number, line.id, line.command, result, problems=wrong)


def unchecked(wish: Wish) -> LineOutcome:
    """What a rehearsal says of a usage report."""
    del wish
    what = "A dry run does not read usage reports."
    hint = "Load it alone: loading it twice changes nothing, and it can be withdrawn."
    return LineOutcome(
        0, "", "", Result.UNCHECKED, problems=(Problem("not_rehearsed", what, hint),)
    )
