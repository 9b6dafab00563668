"""The tables of growth as statements for a server: one machine, or a cluster with replicas.

On a cluster each table is replicated within a shard, its rows lie on one shard, and a table of the
same name with ``_everywhere`` reads all shards. What belongs together lies together: increments by
customer, what is credited by partner; the small tables lie on every shard whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from projections.growth import store
from projections.growth.literals import quoted

_ENGINE = re.compile(r"^ENGINE = (Summing)?MergeTree(\(.*\))?$", re.MULTILINE)
_SETTINGS = re.compile(r"non_replicated_deduplication_window = (\d+)")

REPLICATED_WINDOW_SECONDS = 604_800
"""How long a replicated table remembers tokens: longer than an outage should last (a week)."""

SHARDED_BY = {
    "increments_raw": "cityHash64(tenant)",
    "credited_keys": "cityHash64(partner)",
    "credited_holders": "cityHash64(partner)",
}
"""The tables that are spread over shards, and by what; the others are whole on each."""


def statements(cluster: str | None = None) -> Iterator[str]:
    """The statements that make every table; ``cluster`` names the one to make them on."""
    for table in (store.OF_LEDGER, *store.TABLES):
        text = store.sql("tables", table).strip()
        if cluster is None:
            yield f"{text};"
            continue
        yield f"{_replicated(text, table, cluster)};"
        if table in SHARDED_BY:
            yield _everywhere(table, cluster)


def _replicated(text: str, table: str, cluster: str) -> str:
    created = text.replace(
        f"CREATE TABLE IF NOT EXISTS {table}\n",
        f"CREATE TABLE IF NOT EXISTS {table} ON CLUSTER {quoted(cluster)}\n",
    )
    shard = "{shard}" if table in SHARDED_BY else "all"
    path = f"'/clickhouse/tables/{shard}/{{database}}/{table}', '{{replica}}'"
    with_path = _ENGINE.sub(
        lambda found: (
            f"ENGINE = Replicated{found[1] or ''}MergeTree({path}"
            + (f", {found[2][1:-1]}" if found[2] else "")
            + ")"
        ),
        created,
    )
    return _SETTINGS.sub(
        rf"replicated_deduplication_window = \1,"
        rf" replicated_deduplication_window_seconds = {REPLICATED_WINDOW_SECONDS}",
        with_path,
    )


def _everywhere(table: str, cluster: str) -> str:
    return (
        f"CREATE TABLE IF NOT EXISTS {table}_everywhere ON CLUSTER {quoted(cluster)} AS {table}\n"
        f"ENGINE = Distributed({quoted(cluster)}, currentDatabase(), {table},"
        f" {SHARDED_BY[table]});"
    )
