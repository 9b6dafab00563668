"""An estate that was there before: taken over from its files, and compared with them."""

from __future__ import annotations

from collections import Counter
from contextlib import closing, nullcontext
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli import faults
from interfaces.cli.settings import (
    AsOption,
    AtOption,
    CsvOption,
    KnownOption,
    Settings,
    with_settings,
)
from interfaces.moments import instant_us, why_not
from ledger.errors import BadInputError, StorageError

if TYPE_CHECKING:
    from interfaces.importing.lines import Plan
    from interfaces.importing.stated import Told

_OUTCOMES = ("file", "line", "what", "result", "position", "code", "message", "next")
_DIFFERENCES = ("difference", "kind", "on", "ours", "our_since", "theirs", "their_since", "tenant")

FileArgument = Annotated[Path, typer.Argument(help="The file, TSV or CSV.", show_default=False)]
KindOption = Annotated[
    str,
    typer.Option(
        "--kind",
        help="cpor_m365, azure, dynamics365, power_bi, bizapps_usage, subscription_details, or"
        " associations (our own list).",
        show_default=False,
    ),
]
AsOfOption = Annotated[
    str,
    typer.Option(
        "--as-of", metavar="DATE", help="The day for which the file is taken.", show_default=False
    ),
]


@with_settings
def import_(
    settings: Settings,
    file: FileArgument,
    *,
    kind: KindOption,
    as_of: AsOfOption,
    organisation: Annotated[
        str, typer.Option(help="Whose the partner locations are that the file does not place.")
    ] = "",
    country: Annotated[
        str, typer.Option(help="Country (two letters) of parties of which the file says none.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the commands there instead of submitting them."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what each line would do; append nothing.")
    ] = False,
    as_: AsOption = None,
    at: AtOption = None,
) -> None:
    """Take over an estate from a file: who there is, and the associations of a day.

    Each fact is recorded with its file and line, and marked as imported. Importing a file again
    changes nothing; what can't be recorded is listed with what to do. Ends with 3 when something
    was refused or left.
    """
    from interfaces.importing.lines import Given, plan

    day = _day(as_of)
    at_us = None if at is None else instant_us(at, "--at")
    with settings.workspace() as workspace:
        told = _told(file, kind, day)
        made = plan(told, workspace.views, Given(day, organisation, country.upper()))
        if out is not None:
            _write(out, made)
            counts: Counter[str] = Counter()
        else:
            counts = _submit(settings, workspace, file, made, as_, at_us, dry_run=dry_run)
    rows = [*_unusable(told), *_left(file, made)]
    if rows:
        settings.output.rows(_OUTCOMES, rows, empty="")
    for note in told.notes:
        settings.output.note(note)
    settings.output.note(_summary(told, made, counts, len(rows), out))
    raise typer.Exit(faults.REFUSED if rows or counts["refused"] else faults.DONE)


@with_settings
def compare(
    settings: Settings,
    file: FileArgument,
    *,
    kind: KindOption,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Pass over rows after that day (else none)."),
    ] = None,
    known: KnownOption = None,
    csv: CsvOption = False,
) -> None:
    """Show where our holdings and those a file states differ, at the end of its newest month."""
    from interfaces.importing.comparing import compared

    day = date.max if as_of is None else _day(as_of)
    with settings.workspace() as workspace:
        position = workspace.known(known).position
        told = _told(file, kind, day)
        found = [
            {**row, "known_position": position} for row in compared(told, workspace.views, position)
        ]
    output = settings.listing(as_csv=csv)
    if told.month is not None:
        output.heading(f"At the end of {told.month:%Y-%m}, as known at position {position}.")
    output.rows(_DIFFERENCES, found, empty="Ours and theirs are the same.")
    for row in _unusable(told):
        settings.output.note(f"{row['file']}:{row['line']} was passed over: {row['message']}")


def _told(file: Path, kind: str, day: date) -> Told:
    from interfaces.importing.stated import source, told
    from ledger.usage.reports.read import ReportFile

    return told(ReportFile.open(file), source(kind), day)


def _submit(
    settings: Settings,
    workspace: Any,
    file: Path,
    made: Plan,
    as_: str | None,
    at_us: int | None,
    *,
    dry_run: bool,
) -> Counter[str]:
    import orjson

    from interfaces.bulk.lines import lots
    from interfaces.bulk.read import Defaults
    from interfaces.bulk.run import carry_out, read_lots, unchecked

    stream = BytesIO(b"".join(orjson.dumps(line) + b"\n" for line in made.lines))
    defaults = Defaults(as_ or workspace.operator, at_us, file.parent)
    counts: Counter[str] = Counter()
    refused: list[dict[str, Any]] = []
    ledger = workspace.ledger
    with closing(ledger.rehearsal()) if dry_run else nullcontext(ledger) as decider:
        for outcome in carry_out(
            read_lots(lots(stream), defaults), decider.submit_group, unchecked
        ):
            counts[outcome.result] += 1
            line = made.lines[outcome.line - 1]
            what = f"{line['command']} of line {line['data']['imported']['line']}"
            row = {
                "file": file.name,
                "line": line["data"]["imported"]["line"],
                "what": what,
                "result": str(outcome.result),
                "position": outcome.position or None,
            }
            if outcome.problems:
                problem = outcome.problems[0]
                row |= {"code": problem.code, "message": problem.message, "next": problem.hint}
                counts["refused"] += outcome.result != "refused"
                refused.append(row)
            elif settings.as_json:
                settings.output.object(row)
    if refused:
        settings.output.rows(_OUTCOMES, refused, empty="")
    return counts


def _write(out: Path, made: Plan) -> None:
    import orjson

    try:
        out.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in made.lines))
    except OSError as error:
        raise StorageError(
            f"{out} can't be written ({error.strerror}).", hint="Check the path and the disk."
        ) from error


def _unusable(told: Told) -> list[dict[str, Any]]:
    return [
        {
            "file": row["file"],
            "line": row["line"],
            "what": row["field"] or "row",
            "result": "unusable",
            "message": row["problem"],
            "next": row["hint"],
        }
        for row in told.unusable
    ]


def _left(file: Path, made: Plan) -> list[dict[str, Any]]:
    return [
        {
            "file": file.name,
            "line": left.line,
            "what": left.about,
            "result": "left",
            "message": left.problem,
            "next": left.hint,
        }
        for left in made.left
    ]


def _summary(told: Told, made: Plan, counts: Counter[str], rest: int, out: Path | None) -> str:
    stated = f"{len(told.stated)} associations stated, {len(made.lines)} commands"
    if out is not None:
        return f"{stated} written to {out}; {rest} rows left."
    done = ", ".join(f"{count} {name}" for name, count in counts.items()) or "nothing to do"
    return f"{stated}: {done}; {rest} rows left."


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(
            f"--as-of {text!r} is no date{why_not(error)}.",
            hint="Write it like 2020-06-30.",
            code="bad_moment",
        ) from error
