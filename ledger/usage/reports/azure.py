"""The Azure usage report: a row states consumption of one resource in one month, for one partner.

The key is tenant, subscription and resource, the resource being every column that says what was
used (service levels and groups, influencer, operating system, unit). By partner_center_files.md §2:

- rows of one attribution (same partner, type and role) add up, to ``azure.acr.attributed``;
- attributions that agree tell one fact, ``azure.acr``, once;
- where they disagree (a PAL that sees one resource group only) there is no such fact: the amounts
  stay with their attribution;
- deal registration rows are a promise, not consumption: never summed, and the result says so.
"""

from __future__ import annotations

import polars as pl

from ledger.rules.kinds import attribution
from ledger.usage.metrics import metric
from ledger.usage.reports.parsed import (
    Check,
    ParsedReport,
    control_check,
    empty_check,
    exported_us,
    listed,
    month_check,
    sift,
    statement_frame,
    with_month,
)
from ledger.usage.reports.read import ReportFile, read_table
from ledger.usage.reports.values import amount_micro, guid_lowered, is_guid, translated

KIND = "azure"
FACT, ATTRIBUTED = "azure.acr", "azure.acr.attributed"
RESOURCE = (
    "service_level_1",
    "service_level_2",
    "service_level_3",
    "service_level_4",
    "service_group_2",
    "service_group_3",
    "service_influencer",
    "compute_os",
    "usage_units",
)
FILLED = ("tenant", "subscription", "partner", "attribution", "month", "consumed_revenue")
NEEDED = (*FILLED, *RESOURCE, "role")
OPTIONAL = ("exported",)
DEAL_REGISTRATION = "DEAL_REGISTRATION"
RESOURCE_SEPARATOR = " > "


def parse(file: ReportFile) -> ParsedReport:
    """The statements of ``file``, with every row that was refused.

    Raises:
        UnreadableReportError, MissingColumnError, RepeatedColumnError: before the first row.
    """
    table = read_table(file, NEEDED, OPTIONAL)
    meant, unknown = _with_meanings(table.rows)
    rows, refused = sift(table, meant, _checks())
    promises = rows.get_column("type") == DEAL_REGISTRATION
    amounts = _amounts(rows.filter(~promises))
    return ParsedReport(
        kind=KIND,
        file_name=file.name,
        sha256=file.sha256,
        metrics=(FACT, ATTRIBUTED),
        statements=(
            statement_frame(FACT, _agreed(amounts)),
            statement_frame(ATTRIBUTED, amounts),
        ),
        rejected=listed([table.rejected, refused]),
        ignored_columns=table.layout.ignored,
        notes=_notes(int(promises.sum()), unknown),
        exported_us=exported_us(table.rows),
    )


def _notes(promises: int, unknown: list[str]) -> tuple[str, ...]:
    notes = []
    if promises:
        notes.append(
            f"{promises} deal registration rows were left out: they are amounts of a promise, "
            "not consumption, and are never summed."
        )
    if unknown:
        notes.append(f"Attribution types not in the table, kept as spelled: {', '.join(unknown)}.")
    return tuple(notes)


def _with_meanings(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The rows with ids, dates and amounts, and the attribution types that no table knows."""
    kinds = translated(rows, "attribution", lambda text: attribution(text) or text, pl.String())
    unknown = sorted(text for text in kinds.drop_nulls().unique() if attribution(text) is None)
    meant = with_month(rows).with_columns(
        pl.col("tenant").str.to_lowercase(),
        guid_lowered("subscription"),
        kinds.alias("type"),
        amount_micro("consumed_revenue").alias("value_micro"),
    )
    return meant, unknown


def _checks() -> list[Check]:
    unread = pl.col("consumed_revenue").is_not_null() & pl.col("value_micro").is_null()
    identifiers = ("tenant", "subscription", "partner", "attribution", "role", *RESOURCE)
    return [
        *map(empty_check, FILLED),
        *map(control_check, identifiers),
        month_check(),
        Check(
            "tenant",
            ~is_guid("tenant"),
            "the tenant is not a GUID",
            "Write the directory id, such as 72f988bf-86f1-41af-91ab-2d7cd011db47.",
        ),
        Check(
            "consumed_revenue",
            unread,
            "not a number the ledger can hold",
            "Write digits with at most one decimal point, without thousands separators; "
            "a credit is a negative number.",
        ),
    ]


def _resource() -> pl.Expr:
    """The columns of ``RESOURCE`` as one text: places kept, empty ends cut, ``>`` escaped."""
    parts = [
        pl.col(field).fill_null("").str.replace_all(">", r"\>", literal=True) for field in RESOURCE
    ]
    joined = pl.concat_str(parts, separator=RESOURCE_SEPARATOR)
    return joined.str.replace(r"(?: > )+$", "")


def split_resource(resource: str) -> tuple[str, ...]:
    r"""The columns of ``RESOURCE`` that one text stands for, empty ones at its end too.

    >>> split_resource(r"Azure > App Service > a \> b")[:4]
    ('Azure', 'App Service', 'a > b', '')
    """
    parts = [part.replace(r"\>", ">") for part in resource.split(RESOURCE_SEPARATOR)]
    return (*parts, *[""] * (len(RESOURCE) - len(parts)))


def _attribution() -> pl.Expr:
    """The attribution's id: its type, for a PAL with the role (``PAL.Owner``)."""
    with_role = pl.concat_str("type", "role", separator=".", ignore_nulls=True)
    return pl.when(pl.col("type") == "PAL").then(with_role).otherwise(pl.col("type"))


def _amounts(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a key, month and attribution: the sum of its rows, and their first line."""
    return (
        rows.select(
            "tenant",
            "subscription",
            _resource().alias("resource"),
            "partner",
            _attribution().alias("attribution"),
            pl.col("month_day").alias("month"),
            "value_micro",
            pl.col("line").alias("row"),
        )
        .group_by(*metric(ATTRIBUTED).key, "month")
        .agg(pl.col("value_micro").sum(), pl.col("row").min())
    )


def _agreed(amounts: pl.DataFrame) -> pl.DataFrame:
    """The facts on which every attribution of a key and month agrees, each once."""
    return (
        amounts.group_by(*metric(FACT).key, "month")
        .agg(
            pl.col("value_micro").n_unique().alias("told"),
            pl.col("value_micro").first(),
            pl.col("row").min(),
        )
        .filter(pl.col("told") == 1)
        .drop("told")
    )
