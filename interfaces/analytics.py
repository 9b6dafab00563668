"""Which ClickHouse a ledger's growth is kept in: the folder's own, or a server's database."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping

from ledger.folder import Folder
from projections.growth import store
from projections.growth.engine import AnalyticsEngine, AnalyticsError, ChdbEngine
from projections.growth.server import ServerEngine

VARIABLE = "ATTRIBUTION_ANALYTICS"


def address(named: str | None, environment: Mapping[str, str] | None = None) -> str | None:
    """The server's address: the one named, else that of the environment; None: embedded."""
    return named or (os.environ if environment is None else environment).get(VARIABLE) or None


def open_analytics(folder: Folder, named: str | None) -> AnalyticsEngine:
    """The ledger's ClickHouse, with tables that are its own.

    Embedded ones in another format are dropped: they are made again when they are fed. Raises
    what the engines raise, and ``OtherTablesError`` for a server's tables that are not this
    ledger's, or of another format.
    """
    at = address(named)
    engine: AnalyticsEngine = ChdbEngine(folder.analytics) if at is None else ServerEngine(at)
    try:
        store.claim(engine, folder.ledger)
    except store.OtherTablesError:
        if at is not None:
            engine.close()
            raise
        _make_anew(engine, folder)
    return engine


def renew_analytics(folder: Folder, named: str | None) -> AnalyticsEngine:
    """The ledger's ClickHouse without a row, whatever of the ledger's was there before.

    An embedded one that can't be opened is thrown away. Raises ``OtherTablesError`` for the tables
    of another ledger on a server.
    """
    at = address(named)
    engine = _openable(folder) if at is None else ServerEngine(at)
    try:
        store.claim(engine, folder.ledger)
    except store.OtherTablesError as error:
        if at is not None and error.code != "analytics_format":
            engine.close()
            raise
    _make_anew(engine, folder)
    return engine


def _openable(folder: Folder) -> AnalyticsEngine:
    try:
        return ChdbEngine(folder.analytics)
    except AnalyticsError:
        shutil.rmtree(folder.analytics / "chdb")
        return ChdbEngine(folder.analytics)


def _make_anew(engine: AnalyticsEngine, folder: Folder) -> None:
    store.drop_tables(engine)
    store.claim(engine, folder.ledger)
