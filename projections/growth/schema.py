"""The columns of the growth tables as Arrow sees them; `tables/*.sql` says what they mean."""

from __future__ import annotations

import pyarrow as pa

DIMENSIONS = (
    "metric",
    "tenant",
    "subscription",
    "workload",
    "resource",
    "partner",
    "attribution",
)

INCREMENTS = pa.schema(
    [
        ("partition", pa.uint16()),
        ("offset", pa.uint64()),
        ("attempt", pa.string()),
        *((name, pa.string()) for name in DIMENSIONS),
        ("month", pa.date32()),
        ("mark", pa.string()),
        ("delta_micro", pa.int64()),
        ("level_micro", pa.int64()),
        ("gap_from", pa.date32()),
        ("row", pa.uint32()),
    ]
)

ATTEMPTS = pa.schema(
    [
        ("position", pa.uint64()),
        ("kind", pa.string()),
        ("attempt", pa.string()),
        ("report", pa.string()),
        ("report_kind", pa.string()),
        ("file_name", pa.string()),
        ("period_from", pa.date32()),
        ("period_to", pa.date32()),
        ("basis", pa.uint64()),
        ("increments", pa.uint64()),
    ]
)

HOLDING_CHANGES = pa.schema(
    [
        ("position", pa.uint64()),
        ("sign", pa.int8()),
        ("row_id", pa.uint64()),
        *(
            (name, pa.string())
            for name in (
                "kind",
                "slot",
                "tenant",
                "subscription",
                "workload",
                "activity",
                "scope",
                "role",
                "partner",
                "organisation",
                "claim",
            )
        ),
        ("effective_from", pa.int64()),
        ("effective_to", pa.int64()),
        ("because", pa.uint64()),
        ("rule", pa.string()),
    ]
)

PARTY_FACTS = pa.schema(
    [
        ("position", pa.uint64()),
        ("attribute", pa.string()),
        ("subject", pa.string()),
        ("tenant", pa.string()),
        ("value", pa.string()),
    ]
)


def marker(schema: pa.Schema, position: int, **values: str | int) -> pa.Table:
    """One row that says a table is fed up to ``position``; unnamed columns are empty or zero."""
    row = {"position": position, **values}
    return pa.Table.from_arrays(
        [pa.array([row.get(field.name, _empty(field.type))], field.type) for field in schema],
        schema=schema,
    )


def _empty(kind: pa.DataType) -> str | int | None:
    if pa.types.is_date(kind):
        return None
    return "" if pa.types.is_string(kind) else 0
