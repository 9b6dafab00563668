"""One ledger folder with everything that is read from it: the composition root of the read side.

Wires the rooms together: the ledger, its usage log, its views and its analytics, each opened when
it is first asked for and closed at the end of the block.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from interfaces.bulk.read import Wish
from interfaces.bulk.run import LineOutcome
from ledger.app import Ledger
from ledger.log.query import Query, QueryItem
from ledger.log.reader import Reader
from schemas import catalogue
from schemas.governance import LedgerCreated, PolicyAdopted
from schemas.time import to_us


class Workspace:
    """The ledger in ``path`` and what follows from it. For one thread.

    Raises what ``Ledger.open`` raises, when something is first asked for.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
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
        return self._open.enter_context(Ledger.open(self.path))

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

    def usage_wish(self, wish: Wish) -> LineOutcome:
        """Load or withdraw the usage report a line asks for, to its end."""
        raise NotImplementedError

    @cached_property
    def operator(self) -> str:
        """The operator named when the ledger was made; who owns the folder acts as it."""
        genesis = self.reader.find(limit=1)[0]
        born = catalogue.decode(genesis.type, genesis.data)
        assert isinstance(born, LedgerCreated), "a ledger begins with its birth"
        return born.operator
