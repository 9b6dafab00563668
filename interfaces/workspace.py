"""One ledger folder with everything that is read from it: the composition root of the read side.

Wires the rooms together: the ledger, its usage log, its views and its analytics, each opened when
it is first asked for and closed at the end of the block.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

from interfaces.moments import moment_us
from interfaces.shadow import readable
from ledger.app import Ledger
from ledger.clock import SystemClock
from ledger.errors import BadInputError
from ledger.log.query import Query, QueryItem
from ledger.log.reader import Reader
from schemas import catalogue
from schemas.governance import LedgerCreated, PolicyAdopted, ProgrammeAdopted
from schemas.time import iso, to_us

if TYPE_CHECKING:  # what pulls in column stores is imported where it is used
    from interfaces.bulk.read import Wish
    from interfaces.bulk.run import LineOutcome
    from interfaces.log_source import LogSource
    from interfaces.statements import Statements
    from interfaces.usage_reports import UsageReports
    from ledger.rules.policy import Policy
    from ledger.rules.programmes.programme import Programme
    from ledger.usage.log import UsageLog
    from projections.growth.engine import AnalyticsEngine
    from projections.programmes.holder import Holder


class Known(NamedTuple):
    """A state of knowledge: where it ends, the instant asked for, when its end was recorded."""

    position: int
    us: int
    recorded_at_us: int

    def effective_us(self, asked: str | None, option: str = "--effective") -> int:
        """Microseconds UTC of the ``asked`` date or instant; without one, of this knowledge.

        Raises ``BadMomentError`` for what can't be read; ``option`` is what the user calls it.
        """
        return self.us if asked is None else moment_us(asked, option)


WORTH_WATCHING = 20_000
"""Events the views are behind, from which on the wait is shown: about half a second."""


class Reached(Protocol):
    """Who watches a long work."""

    def reach(self, done: int) -> None:
        """The work is so far."""


Watch = Callable[[str, int | None], AbstractContextManager[Reached]]
"""Opens the eyes of who watches: what is done, and how much of it there is."""


class Workspace:
    """The ledger in ``path`` and what follows from it. For one thread.

    ``analytics`` is the address of a ClickHouse database, where growth is not kept in the folder.

    Raises what ``Ledger.open`` raises, when something is first asked for.
    """

    def __init__(
        self, path: Path, watch: Watch | None = None, *, analytics: str | None = None
    ) -> None:
        self.path = path
        self._analytics = analytics
        self._watch = watch
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """The workspace, closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close whatever was opened, the last first."""
        self._open.close()

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger itself."""
        place, only_read = self.place
        return self._open.enter_context(Ledger.open(place, only_read=only_read))

    @cached_property
    def place(self) -> tuple[Path, bool]:
        """Where the ledger is opened, and whether that is a copy of one that can't be written."""
        return self._open.enter_context(readable(self.path))

    @cached_property
    def reader(self) -> Reader:
        """A reader of the accepted log."""
        reader = self.ledger.reader()
        self._open.callback(reader.close)
        return reader

    def type_counts(self) -> dict[str, int]:
        """How many events of each type the log holds."""
        return self.ledger.index.type_counts()

    def policy_in_force(self, at_us: int) -> str | None:
        """The id of the claim policy in force at an instant, None when there is none."""
        starts = [
            (to_us(event.in_force_from), stored.position, event.policy)
            for stored in self.reader.read(Query((QueryItem((PolicyAdopted.TYPE,)),)))
            if isinstance(event := catalogue.decode(stored.type, stored.data), PolicyAdopted)
        ]
        return max((each for each in starts if each[0] <= at_us), default=(0, 0, None))[2]

    def policies(self) -> list[tuple[dict[str, Any], str, int]]:
        """The content of every adopted claim policy, since when it is in force, and where."""
        return [
            (dict(event.content), iso(to_us(event.in_force_from)), stored.position)
            for stored in self.reader.read(Query((QueryItem((PolicyAdopted.TYPE,)),)))
            if isinstance(event := catalogue.decode(stored.type, stored.data), PolicyAdopted)
        ]

    def policy(self, name: str) -> Policy | None:
        """The adopted policy of that name."""
        from ledger.rules.policy import parse

        found = [content for content, _, _ in self.policies() if content["policy"] == name]
        return parse(found[0]) if found else None

    def now_us(self) -> int:
        """Now, as this ledger sees it: the machine's clock, or a told one's last instant."""
        told = self.ledger.folder.clock == "told"
        return self.ledger.head.recorded_at_us if told else SystemClock().now_us()

    def known(self, asked: str | None, option: str = "--known") -> Known:
        """The position that ``asked`` (a position, a date, an instant; None: now) stands for.

        ``option`` is what the user calls it. Raises ``BadInputError`` for what can't be read and
        for a position beyond the head.
        """
        head = self.ledger.head
        if asked is None:
            return Known(head.position, self.now_us(), head.recorded_at_us)
        if not asked.isdecimal():
            us = moment_us(asked, option)
            position = self.reader.position_at(us)
            return Known(position, us, self._recorded_at_us(position))
        if int(asked) > head.position:
            raise BadInputError(
                f"{option} {asked} lies beyond the last position, {head.position}.",
                hint="Name a position up to that, a date or an instant.",
                code="position_ahead",
            )
        recorded_at_us = self._recorded_at_us(int(asked))
        return Known(int(asked), recorded_at_us, recorded_at_us)

    def _recorded_at_us(self, position: int) -> int:
        return self.source.recorded_at_us(position) if position else 0

    @cached_property
    def source(self) -> LogSource:
        """The accepted log, as views are fed by it."""
        from interfaces.log_source import LogSource

        return LogSource(self.reader)

    @cached_property
    def views(self) -> sqlite3.Connection:
        """The current-state views, fed up to the head."""
        from projections.runner import Views, catch_up
        from projections.views import checkpoint

        views = Views(self.ledger.folder.views)
        self._open.callback(views.close)
        head = self.ledger.head.position
        if self._watch and head - checkpoint(views.connection).position > WORTH_WATCHING:
            with self._watch("catching up with the log", head) as bar:
                catch_up(self.source, views, progress=lambda position, _: bar.reach(position))
        else:
            catch_up(self.source, views)
        views.rest()
        return views.connection

    @cached_property
    def analytics(self) -> AnalyticsEngine:
        """The growth tables, fed up to the head."""
        engine = self.open_analytics()
        self.feed(engine)
        return engine

    def open_analytics(self, *, anew: bool = False) -> AnalyticsEngine:
        """The ClickHouse of this ledger, as far as it is fed; ``anew``: without a row."""
        from interfaces.analytics import open_analytics, renew_analytics

        opening = renew_analytics if anew else open_analytics
        engine = opening(self.ledger.folder, self._analytics)
        self._open.callback(engine.close)
        return engine

    def feed(self, engine: AnalyticsEngine) -> int:
        """Feed the growth tables whatever they lack; the position they then answer for."""
        from interfaces.growth_sources import LogDecisions, UsageIncrements
        from projections.growth import feed
        from projections.growth.sources import SqliteHoldings
        from projections.views import checkpoint

        head = checkpoint(self.views).position
        holdings = SqliteHoldings(self.views, head)
        if self.usage_log.shared:
            from ledger.usage.chain_decisions import decided

            self.usage_log.hold(decided(self.reader, upto=head))
        increments = UsageIncrements(self.usage_log)
        return feed.catch_up(engine, increments, LogDecisions(self.reader), holdings).position

    def programme(self, name: str, position: int) -> tuple[Programme, int | None]:
        """A programme as adopted up to ``position``, and where; else the one that ships.

        Raises ``BadInputError`` when there is neither, or when what was adopted says none.
        """
        from ledger.rules.programmes import files

        tagged = Query((QueryItem((ProgrammeAdopted.TYPE,), (f"programme:{name}",)),))
        for stored in reversed(list(self.reader.read(tagged, upto=position))):
            adopted = catalogue.decode(stored.type, stored.data)
            assert isinstance(adopted, ProgrammeAdopted), "the query asks for adoptions only"
            return files.parse(dict(adopted.content)), stored.position
        if name not in files.names():
            raise BadInputError(
                f"There is no programme {name!r}.",
                hint=f"Choose from {', '.join(files.names())}, or adopt your own with"
                " programme.adopt.",
                code="unknown_programme",
            )
        return files.shipped(name), None

    def designations(self, position: int) -> dict[str, Programme]:
        """Every programme that gives points: those that ship, and any adopted up to a position."""
        from ledger.rules.programmes import files

        adopted = {
            name for name, (content, _) in self.programmes().items() if "sort" not in content
        }
        found = {}
        for name in sorted({*files.names(), *adopted}):
            with suppress(BadInputError):  # adopted later, or an adoption that says none
                found[name] = self.programme(name, position)[0]
        return found

    def programmes(self) -> dict[str, tuple[dict[str, Any], int]]:
        """The content of every adopted programme as it stands, and where it was adopted."""
        tagged = Query((QueryItem((ProgrammeAdopted.TYPE,)),))
        found = {}
        for stored in self.reader.read(tagged):
            adopted = catalogue.decode(stored.type, stored.data)
            assert isinstance(adopted, ProgrammeAdopted), "the query asks for adoptions only"
            found[adopted.programme] = (dict(adopted.content), stored.position)
        return found

    def organisation_names(self) -> dict[str, str]:
        """The name of every partner organisation."""
        return dict(self.views.execute("SELECT organisation, name FROM organisations"))

    def holder(self, name: str) -> Holder:
        """The partner organisation, or else the location, with the id ``name``, or of that name.

        Raises ``BadInputError`` for an unknown one, and for a name that several have.
        """
        from projections.party_queries import location, organisation
        from projections.programmes.holder import Holder

        if organisation(self.views, name) is not None:
            return Holder("organisation", name)
        if location(self.views, name) is not None:
            return Holder("location", name)
        named = self._named(name)
        if len(named) == 1:
            return named[0]
        if named:
            ids = ", ".join(one.id for one in named)
            raise BadInputError(
                f"{len(named)} partners are called {name!r}.",
                hint=f"Name one by its id: {ids}.",
                code="unknown_partner",
            )
        raise BadInputError(
            f"There is no partner organisation or location {name!r} in this ledger.",
            hint="Name an organisation or a location that was registered.",
            code="unknown_partner",
        )

    def _named(self, name: str) -> list[Holder]:
        """The organisations of a name, or else the locations; without regard to case."""
        from projections.party_queries import locations_named, organisations_named
        from projections.programmes.holder import Holder

        organisations = organisations_named(self.views, name)
        if organisations:
            return [Holder("organisation", one) for one in organisations]
        return [Holder("location", one) for one in locations_named(self.views, name)]

    @cached_property
    def usage_log(self) -> UsageLog:
        """The usage log; on a node its topic is opened when it is needed."""
        from ledger.usage.opening import open_usage_log

        log = open_usage_log(self.ledger.folder)
        self._open.callback(log.close)
        return log

    @cached_property
    def usage_reports(self) -> UsageReports:
        """Usage reports, loaded and withdrawn on this ledger."""
        from interfaces.usage_reports import UsageReports
        from ledger.usage.chain_decisions import Pictures

        return UsageReports(self.ledger, self.reader, self.usage_log, Pictures(self.reader))

    @cached_property
    def statements(self) -> Statements:
        """What partners earn, and the statements of it."""
        from interfaces.statements import Statements

        return Statements(self)

    def usage_line(self, wish: Wish) -> LineOutcome:
        """Load or withdraw the usage report that a line of bulk commands asks for."""
        from interfaces.bulk.usage_lines import carry_out

        return carry_out(self.usage_reports, wish)

    @cached_property
    def operator(self) -> str:
        """The operator named when the ledger was made; who owns the folder acts as it."""
        genesis = self.reader.find(limit=1)[0]
        born = catalogue.decode(genesis.type, genesis.data)
        assert isinstance(born, LedgerCreated), "a ledger begins with its birth"
        return born.operator
