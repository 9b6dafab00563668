"""The CPOR-M365 usage report: a row states two levels of one tenant and workload in one month.

MAU becomes ``m365.mau``, PAU becomes ``m365.pau``; neither belongs to the partner whose report
tells it, so the same fact may stand in several rows. Rows of one key and month that disagree are
refused for that key, month and metric (partner_center_files.md §2).
"""

from __future__ import annotations

import polars as pl

from ledger.rules.workloads import workload
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
from ledger.usage.reports.read import ReportFile, Table, read_table, rejected_rows
from ledger.usage.reports.values import MICRO, amount_micro, is_guid, translated

KIND = "cpor_m365"
METRIC_OF = {"active_users": "m365.mau", "paid_units": "m365.pau"}
NEEDED = ("tenant", "workload", "active_users", "paid_units", "month")
OPTIONAL = ("exported",)


def parse(file: ReportFile) -> ParsedReport:
    """The statements of ``file``, with every row that was refused.

    Raises:
        UnreadableReportError, MissingColumnError, RepeatedColumnError: before the first row.
    """
    table = read_table(file, NEEDED, OPTIONAL)
    rows, refused = sift(table, _with_meanings(table.rows), _checks())
    frames, disagreeing = zip(*(_levels(table, rows, field) for field in METRIC_OF), strict=True)
    return ParsedReport(
        kind=KIND,
        file_name=file.name,
        sha256=file.sha256,
        metrics=tuple(METRIC_OF.values()),
        statements=frames,
        rejected=listed([table.rejected, refused, *disagreeing]),
        ignored_columns=table.layout.ignored,
        notes=(),
        exported_us=exported_us(table.rows),
    )


def _with_meanings(rows: pl.DataFrame) -> pl.DataFrame:
    workload_ids = translated(rows, "workload", workload, pl.String())
    return with_month(rows).with_columns(
        pl.col("tenant").str.to_lowercase(),
        workload_ids.alias("workload_id"),
        *(amount_micro(field).alias(f"{field}_micro") for field in METRIC_OF),
    )


def _checks() -> list[Check]:
    unknown = pl.col("workload").is_not_null() & pl.col("workload_id").is_null()
    checks = [*map(empty_check, NEEDED), month_check(), control_check("tenant")]
    checks += [
        Check(
            "tenant",
            ~is_guid("tenant"),
            "the tenant is not a GUID",
            "Write the directory id, such as 72f988bf-86f1-41af-91ab-2d7cd011db47.",
        ),
        Check(
            "workload",
            unknown,
            "the workload is unknown",
            "Correct the spelling, or add it to ledger/rules/workloads.toml.",
        ),
    ]
    return checks + [check for field in METRIC_OF for check in _number_checks(field)]


def _number_checks(field: str) -> list[Check]:
    row, micro = metric(METRIC_OF[field]), pl.col(f"{field}_micro")
    checks = [
        Check(
            field,
            pl.col(field).is_not_null() & micro.is_null(),
            "not a number the ledger can hold",
            "Write digits with at most one decimal point, without thousands separators.",
        )
    ]
    if not row.negative:
        hint = f"A count of {row.unit} is 0 or more; correct it or drop the row."
        checks.append(Check(field, micro < 0, "the number is negative", hint))
    if row.whole:
        hint = f"A count of {row.unit} has no fraction."
        checks.append(Check(field, micro % MICRO != 0, "not a whole number", hint))
    return checks


def _levels(table: Table, rows: pl.DataFrame, field: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The statements of one metric, and the rows that disagree about a key and month."""
    name = METRIC_OF[field]
    key = [*metric(name).key, "month"]
    levels = rows.select(
        "tenant",
        pl.col("workload_id").alias("workload"),
        pl.col("month_day").alias("month"),
        pl.col(f"{field}_micro").alias("value_micro"),
        pl.col("line").alias("row"),
        field,
        "line",
    )
    groups = levels.group_by(key).agg(
        pl.col("value_micro").n_unique().alias("told"), pl.col("value_micro", "row").first()
    )
    if len(groups) == len(levels):
        return statement_frame(name, levels), table.rejected.clear()
    torn = levels.join(groups.filter(pl.col("told") > 1), on=key, how="semi")
    refused = rejected_rows(
        table,
        torn,
        field,
        "rows of this file disagree about this tenant, workload and month",
        "Find out which number holds, remove the others and load the file again.",
    )
    return statement_frame(name, groups.filter(pl.col("told") == 1)), refused
