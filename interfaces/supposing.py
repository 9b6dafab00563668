"""What would be otherwise: the ledger beside a scratch one in which something was supposed.

The real ledger is only read. The scratch one lies in the folder for temporary files, has a
ClickHouse of its own, reads the real usage log, and is gone at the end, however that comes.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from types import FrameType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from interfaces.supposed_changes import (
    Picture,
    Why,
    holding_changes,
    level_changes,
    line_changes,
)
from interfaces.workspace import Watch, Workspace
from ledger.errors import BadInputError
from ledger.supposing.replay import Replay, Replayed, scratch_ledger, strange
from ledger.supposing.supposition import Supposition
from projections.supposed_holdings import unlike

if TYPE_CHECKING:
    from ledger.usage.decisions import Decided
    from ledger.usage.log import UsageLog
    from projections.growth.engine import AnalyticsEngine
    from projections.incentives.rule_book import Rule

Row = dict[str, Any]
Suppose = Callable[[Workspace], Supposition]


class Asked(NamedTuple):
    """What is compared besides holdings: levels and earnings of a month, where one is named.

    ``partner`` narrows all to an organisation or one of its locations; ``rates`` price both sides.
    """

    month: date | None = None
    partner: str | None = None
    rates: Rule | None = None
    known: str | None = None


@dataclass(frozen=True)
class Answer:
    """What would be otherwise, and the events that make it so."""

    said: str
    position: int
    holdings: list[Row]
    levels: list[Row]
    earnings: list[Row]
    events: list[Row]
    carried: list[Row]
    same: int


class ScratchWorkspace(Workspace):
    """A scratch ledger with what is read from it; its usage is that of the real one."""

    def __init__(self, path: Path, watch: Watch | None, usage: UsageLog) -> None:
        super().__init__(path, watch)
        self.__dict__["usage_log"] = _Borrowed(usage)

    def open_analytics(self, *, anew: bool = False) -> AnalyticsEngine:
        """A ClickHouse in the scratch folder, whatever server the real ledger uses."""
        from projections.growth import store
        from projections.growth.engine import ChdbEngine

        del anew
        engine = ChdbEngine(self.ledger.folder.analytics)
        self._open.callback(engine.close)
        store.claim(engine, self.ledger.folder.ledger)
        return engine


class _Borrowed:
    """The usage log of the real ledger, which holds already whatever counts."""

    shared: ClassVar[bool] = False

    def __init__(self, real: UsageLog) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def hold(self, decided: Collection[Decided]) -> None:
        """Nothing to be brought in."""


def event_of(workspace: Workspace, named: str) -> int:
    """The position that a user names: itself, or the id of the command that led to it."""
    ledger = workspace.ledger
    head = ledger.head.position
    if named.isdecimal():
        if not 1 <= int(named) <= head:
            raise BadInputError(
                f"There is no event {named}; the ledger ends at position {head}.",
                hint="`attribution log` shows events with their positions.",
                code="position_ahead",
            )
        return int(named)
    found = ledger.index.positions_of(named)
    if len(found) == 1:
        return found[0]
    several = ", ".join(map(str, found))
    raise BadInputError(
        f"Commands of {len(found)} actors have the id {named!r}, at positions {several}."
        if found
        else f"There is no event of a command {named!r}.",
        hint="Name the event by its position; `attribution log` shows it.",
        code="unknown_event",
    )


def answer(
    opened: Callable[[], AbstractContextManager[Workspace]],
    suppose: Suppose,
    asked: Asked,
    watch: Watch,
) -> Answer:
    """Replay under a supposition and compare; ``opened`` opens the real ledger's workspace."""
    with _scratch_folder() as folder:
        with opened() as real:
            upto = real.known(asked.known).position
            what = suppose(real)
            _in_time(what, upto)
            before = _picture(real, upto, asked)
            replayed = _replay(real, folder, what, upto, watch)
        with (
            opened() as real,
            ScratchWorkspace(folder / "ledger", watch, real.usage_log) as scratch,
        ):
            return _compared(real, scratch, what, upto, asked, before, replayed)


def _in_time(what: Supposition, upto: int) -> None:
    if what.position > upto:
        raise BadInputError(
            f"Event {what.position} lies beyond what is known at position {upto}.",
            hint="Leave --known out, or name a later one.",
            code="position_ahead",
        )


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    """A folder that is gone at the end, also when a signal ends the program."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with TemporaryDirectory(prefix="attribution-what-if-") as folder:
            yield Path(folder)
    finally:
        signal.signal(signal.SIGTERM, before)


def _replay(real: Workspace, folder: Path, what: Supposition, upto: int, watch: Watch) -> Replayed:
    genesis, first = real.reader.find(limit=1)[0], what.begins(real.reader)
    with closing(scratch_ledger(folder / "control", genesis)) as control:
        known = strange(control, real.reader, first, upto)
    rmtree(folder / "control")
    known.pop(what.position, None)  # whatever it came to, it is supposed to be otherwise
    with (
        closing(scratch_ledger(folder / "ledger", genesis)) as scratch,
        watch("deciding again", upto) as bar,
    ):
        return Replay(scratch, real.reader, what, upto, strange=known).run(bar.reach)


def _picture(workspace: Workspace, position: int, asked: Asked) -> Picture:
    """Levels and earnings of the month asked for."""
    if asked.month is None:
        return Picture({}, {})
    return Picture(
        _levels(workspace, position, asked.month), _lines(workspace, position, asked.month, asked)
    )


def _levels(workspace: Workspace, position: int, month: date) -> dict[tuple[str, str], Row]:
    from interfaces.told_levels import ranked_row
    from ledger.rules.incentive_programmes.files import is_one
    from ledger.rules.programmes import files
    from projections.programmes.level import ranking

    adopted = [name for name, (content, _) in workspace.programmes().items() if not is_one(content)]
    found = {}
    for name in sorted({*adopted, *files.names()}):
        rules, _ = workspace.programme(name, position)
        for one in ranking(workspace.analytics, workspace.views, rules, name, month, position):
            row = ranked_row(0, one, None)
            found[name, one.organisation] = {
                field: row[field] for field in ("level", "points", "missing")
            }
    return found


def _lines(
    workspace: Workspace, position: int, month: date, asked: Asked
) -> dict[tuple[str, ...], Row]:
    """The lines of everybody who holds or claims anything, or of the partner asked about."""
    from interfaces.statements import Whose
    from projections.incentives.rule_book import laid_over
    from projections.incentives.statement import by_key

    statements = workspace.statements
    book = statements.book(position)
    if asked.rates is not None:
        book = laid_over(book, [asked.rates])
    if asked.partner is not None:
        whose = [statements.whose(asked.partner)]
    else:
        names = workspace.views.execute(
            "SELECT organisation FROM holdings UNION SELECT organisation FROM claims ORDER BY 1"
        )
        whose = [Whose(name, None) for (name,) in names if name]
    found: dict[tuple[str, ...], Row] = {}
    for one in whose:
        told = statements.compute(one, month, position, book)
        for key, line in by_key(told.lines).items():
            # Positions differ between the two ledgers; what explains a line is told beside it.
            found[one.organisation, *key] = {
                name: value for name, value in line.items() if name != "because"
            }
    return found


def _compared(
    real: Workspace,
    scratch: Workspace,
    what: Supposition,
    upto: int,
    asked: Asked,
    before: Picture,
    replayed: Replayed,
) -> Answer:
    for each in (real, scratch):
        assert each.views is not None, "asking for them feeds them"
    why = Why(real, scratch, what, replayed)
    gone, come = unlike(
        (real.ledger.folder.views, upto), (scratch.ledger.folder.views, replayed.head)
    )
    held = holding_changes(gone, come, why)
    after = _picture(scratch, replayed.head, asked)
    whose = _whose(real, asked.partner)
    return Answer(
        what.said,
        upto,
        [row for row in held if whose(row)],
        [row for row in level_changes(before, after, held, why) if whose(row)],
        line_changes(before, after, held, why),
        why.events(),
        why.carried(),
        replayed.counts["same"] + replayed.counts["copied"] + 1,
    )


def _whose(real: Workspace, partner: str | None) -> Callable[[Row], bool]:
    """Whether a row is about the partner that was asked about."""
    if partner is None:
        return lambda _: True
    organisation, location = real.statements.whose(partner)

    def mine(row: Row) -> bool:
        at = row.get("partner", location)
        return row["organisation"] == organisation and location in (None, at)

    return mine
