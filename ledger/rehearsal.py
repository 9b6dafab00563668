"""Decisions for nothing: each request decided on top of those before, and none of them kept.

One group on the head of the moment, never sealed: rules, repeats, time and lapses are those of the
real thing. No event, no index row and no key is written; another process may write meanwhile, which
the rehearsal does not see.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.deciding import Deciding, Outcome, Request
from ledger.errors import AttributionError
from ledger.log.database import Database
from ledger.log.group import Group
from ledger.log.journal.port import Journal
from ledger.privacy.keys import KeyStore


class Rehearsal:
    """What would come of requests. For one thread; nothing of it outlives ``close``.

    ``database`` is its own, read by ``journal`` and ``deciding``: it holds one state of the log.
    """

    def __init__(
        self,
        database: Database,
        journal: Journal,
        deciding: Deciding,
        keys: KeyStore,
        ledger: str,
    ) -> None:
        self._database, self._deciding, self._keys = database, deciding, keys
        with database.errors():
            database.connection.execute("BEGIN")
        self._group = Group(journal.head(), ledger)

    def submit_group(self, requests: Sequence[Request]) -> list[Outcome]:
        """What ``Ledger.submit_group`` would answer, the requests before having been kept.

        Positions are those that the events would have if nobody else wrote.
        """
        deeds = self._deciding.deeds(requests)
        self._deciding.prepare(deeds)
        outcomes = []
        for deed in deeds:
            try:
                deed(self._group)
                outcomes.append(deed.outcome)
            except AttributionError as error:
                outcomes.append(Outcome(deed.request, error=error))
        return outcomes

    def close(self) -> None:
        """Forget everything."""
        self._keys.forget()
        self._database.close()
