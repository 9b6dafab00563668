"""Submitting commands in bulk: JSON lines or rows of a CSV in, one outcome a line."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from interfaces.cli import faults
from interfaces.cli.output import Output, ProgressBar, progress
from interfaces.cli.settings import AsOption, AtOption, Settings, with_settings
from interfaces.moments import instant_us
from ledger.errors import BadInputError

if TYPE_CHECKING:
    from interfaces.bulk.problems import Problem
    from interfaces.bulk.read import Defaults, ReadLine
    from interfaces.bulk.run import LineOutcome


@with_settings
def submit(
    settings: Settings,
    file: Annotated[
        str, typer.Argument(help="A file of JSON lines or a CSV, or - for standard input.")
    ],
    *,
    command: Annotated[
        str | None,
        typer.Option(
            metavar="COMMAND",
            help="What the rows of a CSV are, such as claim.submit; else its column command says.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Say what each line would do, on top of the lines before it; append nothing.",
        ),
    ] = False,
    as_: AsOption = None,
    at: AtOption = None,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet",
            help="Only tell what was not accepted, rows of reports included.",
            show_default=False,
        ),
    ] = False,
) -> None:
    """Submit commands, one JSON object or one row of a CSV each.

    A line is {"command": "claim.submit", "id": "c-17", "data": {...}}, with "actor", "at" (on a
    told clock) and "correlation" where they are needed. The id makes repeating harmless: the same
    command under the same id and actor is answered with the event it led to. A line that can't be
    read, or is refused, does not keep the others from being decided.

    A CSV has a column a field; attribution commands claim.submit --csv writes its header with an
    example. Lists have ; between. Without a column id the row itself gives the id.

    Ends with 2 when a line could not be read, else with 3 when one was refused, else with 0.
    """
    from interfaces.bulk.read import Defaults
    from interfaces.bulk.run import carry_out, unchecked

    at_us = None if at is None else instant_us(at, "--at")
    counts: Counter[str] = Counter()
    with settings.workspace() as workspace, _opened(file) as stream, _bar(file, quiet) as bar:
        folder = Path() if file == "-" else Path(file).parent
        defaults = Defaults(as_ or workspace.operator, at_us, folder)
        ledger = workspace.ledger
        usage = unchecked if dry_run else workspace.usage_line
        with closing(ledger.rehearsal()) if dry_run else nullcontext(ledger) as decider:
            found = _watched(_read(file, stream, command, defaults), stream, bar)
            for outcome in carry_out(found, decider.submit_group, usage):
                counts[outcome.result] += 1
                if not (quiet and outcome.position and not outcome.told.get("rejected")):
                    _tell(settings.output, file, outcome, dry_run=dry_run)
        head = ledger.head.position
        settings.output.note(_summary(counts, head, dry_run=dry_run))
    raise typer.Exit(_exit_code(counts))


def _read(
    file: str, stream: BinaryIO, command: str | None, defaults: Defaults
) -> Iterator[list[ReadLine]]:
    """The commands of the file, whichever of the two forms it has."""
    from interfaces.bulk import csv_rows
    from interfaces.bulk.lines import lots
    from interfaces.bulk.names import named
    from interfaces.bulk.run import read_lots

    if command is not None or Path(file).suffix.lower() in _TABLES:
        if command is not None:
            named(command)
        return csv_rows.lots(stream, command or "", defaults)
    return read_lots(lots(stream), defaults)


_TABLES = (".csv", ".tsv")


def _opened(file: str) -> AbstractContextManager[BinaryIO]:
    """The bytes of the commands."""
    if file == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise BadInputError(
            f"{file} can't be opened: {error.strerror}.",
            hint="Name a file of JSON lines or a CSV, or - for standard input.",
            code="no_such_file",
        ) from error


def _bar(file: str, quiet: bool) -> AbstractContextManager[ProgressBar]:
    size = None if file == "-" else Path(file).stat().st_size
    return progress(file, size, amid_answers=not quiet or file == "-")


def _watched(
    found: Iterable[list[ReadLine]], stream: BinaryIO, bar: ProgressBar
) -> Iterator[list[ReadLine]]:
    for lot in found:
        yield lot
        if bar.shown:
            bar.reach(stream.tell())


def _tell(output: Output, file: str, outcome: LineOutcome, *, dry_run: bool) -> None:
    if output.as_json:
        output.object(_as_json(file, outcome, dry_run=dry_run))
        return
    where = f"{file}:{outcome.line}"
    if outcome.position and dry_run:
        known = f"is position {outcome.position}," if outcome.result == "repeated" else "would be"
        output.text(f"{where}  {outcome.id}  {known} {outcome.type}")
    elif outcome.position:
        repeated = " (repeated)" if outcome.result == "repeated" else ""
        told = "".join(f", {name} {value}" for name, value in _plain(outcome.told))
        output.text(f"{where}  {outcome.id}  {outcome.position}  {outcome.type}{repeated}{told}")
        for line in left_out(outcome.told):
            output.text(f"{where}  {outcome.id}    {line}")
    for problem in outcome.problems:
        output.text(f"{where}  {outcome.id or '-'}  {outcome.result}  {_sentence(problem)}")


def _plain(told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name.replace("_", " "), it) for name, it in told.items() if not isinstance(it, list))


def left_out(told: Mapping[str, Any]) -> Iterator[str]:
    """A line for everything in a usage report that was not read, and what to know of the rest."""
    for row in told.get("rejected", ()):
        field = f" {row['field']} = {row['value']!r}:" if row["field"] else ""
        yield f"{row['file']}:{row['line']}:{field} {row['problem']}. {row['hint']}"
    yield from (f"column {name!r} is not known and was ignored" for name in told.get("ignored", ()))
    yield from told.get("notes", ())


def _sentence(problem: Problem) -> str:
    place = f"{problem.field} = " if problem.field else ""
    named = f" ({place}{problem.value})" if problem.value else ""
    return f"{problem.code}: {problem.message}{named} {problem.hint}".rstrip()


def _as_json(file: str, outcome: LineOutcome, *, dry_run: bool) -> dict[str, Any]:
    """One object: where the line stands, what came of it, and what was wrong first."""
    told: dict[str, Any] = {"file": file, "line": outcome.line, "id": outcome.id}
    told |= {"command": outcome.command, "result": str(outcome.result)}
    if dry_run:
        told["dry_run"] = True
    if outcome.position:
        return {**told, "position": outcome.position, "type": outcome.type, **outcome.told}
    if outcome.as_of:
        told["as_of"] = outcome.as_of
    first, *more = (_problem(problem) for problem in outcome.problems)
    return {**told, **first, "more": more} if more else {**told, **first}


def _problem(problem: Problem) -> dict[str, str]:
    return {
        "error": problem.code,
        "field": problem.field,
        "value": problem.value,
        "message": problem.message,
        "hint": problem.hint,
    }


def _summary(counts: Counter[str], head: int, *, dry_run: bool) -> str:
    told = ", ".join(f"{count:,} {result}" for result, count in sorted(counts.items()))
    if dry_run:
        return f"Dry run: {told or 'no commands'}; nothing was appended after position {head}."
    return f"{told or 'no commands'}; the ledger ends at position {head}."


def _exit_code(counts: Counter[str]) -> int:
    if counts["unreadable"]:
        return faults.WRONG_USE
    return faults.REFUSED if counts["refused"] else faults.DONE
