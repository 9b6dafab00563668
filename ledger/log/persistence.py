"""A persistence module for ``eventsourcing``: applications with dynamic boundaries on the chain.

Set ``PERSISTENCE_MODULE=ledger.log.persistence``. ``CHAIN_FILE`` names the SQLite file; with
``CHAIN_LOG=kafka://HOST:PORT/PREFIX`` that file is a replica of the log on Kafka, and any number of
processes append to it conditionally. What a projection has tracked stands in ``TRACKING_FILE``.
"""

from __future__ import annotations

from pathlib import Path

from eventsourcing.dcb.api import DCBRecorder
from eventsourcing.dcb.persistence import DCBInfrastructureFactory
from eventsourcing.persistence import InfrastructureFactoryError
from eventsourcing.sqlite import SQLiteFactory, SQLiteTrackingRecorder
from eventsourcing.utils import Environment, EnvType

from ledger.log.recorder import ChainRecorder

FILE, LOG, TRACKING = "CHAIN_FILE", "CHAIN_LOG", "TRACKING_FILE"


class ChainFactory(DCBInfrastructureFactory[SQLiteTrackingRecorder]):
    """Makes the recorder of an application's events and those of what its projections tracked."""

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self._recorders: list[ChainRecorder] = []
        self._tracking: SQLiteFactory | None = None

    def dcb_recorder(self) -> DCBRecorder:
        """The recorder; raises ``InfrastructureFactoryError`` when no file is named."""
        file = self.env.get(FILE)
        if not file:
            raise InfrastructureFactoryError(f"{FILE} is not set: name the file of the chain.")
        recorder = ChainRecorder(Path(file), log=self.env.get(LOG, "") or "")
        self._recorders.append(recorder)
        return recorder

    def tracking_recorder(
        self, tracking_recorder_class: type[SQLiteTrackingRecorder] | None = None
    ) -> SQLiteTrackingRecorder:
        """The library's own tracking recorder, on a file of its own."""
        if self._tracking is None:
            named = self.env.get(TRACKING) or ":memory:"
            settings = Environment(self.env.name, {**self.env, "SQLITE_DBNAME": named})
            self._tracking = SQLiteFactory(settings)
        return self._tracking.tracking_recorder(tracking_recorder_class)

    def close(self) -> None:
        """Let files and topics go."""
        for recorder in self._recorders:
            recorder.close()
        if self._tracking is not None:
            self._tracking.close()
