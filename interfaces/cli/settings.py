"""What every command is told alike: which ledger, JSON or tables, and whether to show traces."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from interfaces.cli.output import Output, progress
from interfaces.cli.sight import Gate
from ledger.errors import BadInputError

if TYPE_CHECKING:
    from interfaces.workspace import Workspace

VARIABLE = "ATTRIBUTION_LEDGER"
DEFAULT_FOLDER = Path("ledger")

LedgerOption = Annotated[
    Path | None,
    typer.Option(
        "--ledger",
        metavar="PATH",
        help=f"The ledger's folder, or kafka://HOST:PORT/PREFIX (else ${VARIABLE}, else"
        f" ./{DEFAULT_FOLDER}).",
        show_default=False,
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Answer in JSON, one object a line.", show_default=False)
]
DebugOption = Annotated[
    bool, typer.Option("--debug", help="Show a trace when something fails.", show_default=False)
]
AsOption = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="ACTOR",
        help="Who acts (else the operator named when the ledger was made).",
        show_default=False,
    ),
]
AskedByOption = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="ACTOR",
        help="Who asks, and sees what its roles allow (else the folder's owner, who sees all).",
        show_default=False,
    ),
]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="INSTANT",
        help="When, on a told clock, such as 2020-07-01T09:00:00Z.",
        show_default=False,
    ),
]
KnownOption = Annotated[
    str | None,
    typer.Option(
        "--known",
        metavar="DATE|POSITION",
        help="As the ledger knew it at the end of a date, at an instant or at a position"
        " (else now).",
        show_default=False,
    ),
]
AnalyticsOption = Annotated[
    str | None,
    typer.Option(
        "--analytics",
        metavar="URL",
        help="The ClickHouse database that growth is kept in, clickhouse://HOST:PORT/DATABASE"
        " (else $ATTRIBUTION_ANALYTICS, else in the ledger's folder).",
        show_default=False,
    ),
]
CsvOption = Annotated[
    bool,
    typer.Option("--csv", help="Answer in CSV, for a spreadsheet.", show_default=False),
]
EffectiveOption = Annotated[
    str | None,
    typer.Option(
        "--effective",
        metavar="DATE|INSTANT",
        help="At the end of that date, or at that instant (else now, or when --known says).",
        show_default=False,
    ),
]


class Settings(NamedTuple):
    """The ledger that is meant, how to answer, and the gate that answers pass."""

    named: Path
    as_json: bool
    gate: Gate

    @property
    def log(self) -> str:
        """The address of the log, when the ledger lies on Kafka; else empty."""
        text = str(self.named)
        if not text.startswith("kafka:/"):
            return ""
        from ledger.cluster.place import place

        return place(text).url

    @property
    def folder(self) -> Path:
        """The ledger's folder; of a ledger on Kafka that of this machine's node."""
        if not self.log:
            return self.named
        from interfaces.nodes import node_folder

        return node_folder(self.log)

    @property
    def output(self) -> Output:
        """Where the answer goes."""
        return Output(as_json=self.as_json, gate=self.gate)

    def listing(self, *, as_csv: bool) -> Output:
        """Where a list goes that may be asked for as CSV."""
        if as_csv and self.as_json:
            raise BadInputError("Give --json or --csv, not both.", code="wrong_use")
        return Output(as_json=self.as_json, as_csv=as_csv, gate=self.gate)

    def workspace(self, analytics: str | None = None) -> AbstractContextManager[Workspace]:
        """The ledger with all that is read from it; opened lazily, closed at the end.

        ``analytics`` is the address of a ClickHouse database, when one was named.
        """
        from interfaces.workspace import Workspace

        return Workspace(self.folder, progress, analytics=analytics)


def folder_of(named: Path | None) -> Path:
    """The ledger's folder: the named one, else that of the environment, else ``./ledger``."""
    return named or Path(os.environ.get(VARIABLE) or DEFAULT_FOLDER)


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that all have; its first parameter takes them as ``Settings``.

    Typer reads a command's options from its signature, so the shared ones are added there; they
    may also stand before the command's name.
    """
    signature = inspect.signature(command, eval_str=True)
    own = list(signature.parameters.values())[1:]

    @wraps(command)
    def run(
        *,
        ctx: typer.Context,
        ledger: Path | None,
        json: bool,
        debug: bool,
        asked_by: str | None = None,
        **rest: Any,
    ) -> None:
        del debug  # looked for where errors are reported, even when the options can't be read
        before = ctx.find_root().obj or {}
        folder = folder_of(ledger or before.get("ledger"))
        gate = Gate(ctx.command_path.partition(" ")[2])
        settings = Settings(folder, json or before.get("json", False), gate)
        if asked_by is not None:
            ctx.call_on_close(gate.close)
            gate.enter(settings.folder, asked_by)
        command(settings, **rest)

    shared: dict[str, tuple[Any, Any]] = {
        "ledger": (LedgerOption, None),
        "json": (JsonOption, False),
        "debug": (DebugOption, False),
    }
    if "as_" not in signature.parameters:  # who acts is not asked twice
        shared["asked_by"] = (AskedByOption, None)
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # read by inspect
        [
            _keyword("ctx", typer.Context, inspect.Parameter.empty),
            *(each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own),
            *(_keyword(name, *declared) for name, declared in shared.items()),
        ]
    )
    return run


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default
    )
