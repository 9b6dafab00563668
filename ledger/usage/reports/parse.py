"""From a report's file to its statements: one way for every kind of ``kinds.toml``.

Columns get a meaning, rows that do not count are left out and told, rows with a fault are refused
and listed; the rest states levels (``levels``) or flows (``flows``) by the metric of each number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import polars as pl

from ledger.rules.kinds import attribution
from ledger.rules.workloads import plain_name, workload
from ledger.usage.reports import resource
from ledger.usage.reports.columns import folded
from ledger.usage.reports.flows import flows
from ledger.usage.reports.kinds import LeftOut, Measure, ReportKind, report_kind
from ledger.usage.reports.levels import levels
from ledger.usage.reports.parsed import (
    Check,
    ParsedReport,
    control_check,
    empty_check,
    exported_us,
    listed,
    month_check,
    sift,
    with_month,
)
from ledger.usage.reports.read import ReportFile, Table, read_table
from ledger.usage.reports.values import (
    MICRO,
    amount_micro,
    guid_lowered,
    is_guid,
    translated,
)

_PAL = "PAL"


def parse_report(kind: str, file: ReportFile) -> ParsedReport:
    """The statements of ``file``, read as a report of ``kind``, with every row that was refused.

    Raises:
        UnknownReportKindError: no such kind.
        UnreadableReportError, MissingColumnError, RepeatedColumnError: before the first row.
    """
    about = report_kind(kind)
    table = read_table(file, about.columns, (*about.optional, "exported"))
    there, notes = _without_left_out(about, _complete(about, table))
    rows, refused = sift(table, _with_meanings(about, there), _checks(about))
    frames, disagreeing = _stated(about, table, rows)
    return ParsedReport(
        kind=about.kind,
        file_name=file.name,
        sha256=file.sha256,
        metrics=about.metrics,
        statements=frames,
        rejected=listed([table.rejected, refused, *disagreeing]),
        ignored_columns=table.layout.ignored,
        notes=(*notes, *_unread(about, table), *_unknown_attributions(about, there)),
        exported_us=exported_us(table.rows),
    )


def _complete(about: ReportKind, table: Table) -> pl.DataFrame:
    """The rows with every field of the kind; what has no column is empty."""
    absent = [name for name in about.optional if name not in table.rows.columns]
    return table.rows.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)


def _without_left_out(
    about: ReportKind, rows: pl.DataFrame
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The rows that may count, and what is told of the others."""
    notes = []
    for rule in about.left_out:
        outside = translated(rows, rule.field, partial(_is_outside, rule), pl.Boolean())
        found = rows.filter(outside.fill_null(value=False))
        if len(found):
            spelled = sorted(found.get_column(rule.field).unique())
            values = ", ".join(repr(text) for text in spelled)
            notes.append(rule.says.format(rows=len(found), values=values))
            rows = rows.filter(~outside.fill_null(value=False))
    return rows, tuple(notes)


def _is_outside(rule: LeftOut, text: str) -> bool:
    """Whether a rule leaves out rows with this value, by its meaning or its spelling."""
    names = {folded(text), folded(attribution(text) or text)}
    if rule.these:
        return not names.isdisjoint(map(folded, rule.these))
    return names.isdisjoint(map(folded, rule.all_but))


def _unread(about: ReportKind, table: Table) -> list[str]:
    return [
        it.says
        for it in about.unread
        if it.field in table.rows.columns and table.rows.get_column(it.field).count()
    ]


def _unknown_attributions(about: ReportKind, rows: pl.DataFrame) -> list[str]:
    """Attribution types that no table knows: kept as spelled, for dropping money would be worse."""
    if about.attribution is None:
        return []
    spelled = rows.get_column(about.attribution).drop_nulls().unique()
    unknown = sorted(text for text in spelled if attribution(text) is None)
    told = f"Attribution types not in the table, kept as spelled: {', '.join(unknown)}."
    return [told] if unknown else []


def _with_meanings(about: ReportKind, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with a column ``of:...`` for the meaning of each field; no meaning is null."""
    amounts = [amount_micro(it.field).alias(f"of:{it.field}") for it in about.measures]
    dated = with_month(rows).with_columns(pl.col("tenant").str.to_lowercase(), *amounts)
    if "subscription" in about.dimensions:
        dated = dated.with_columns(guid_lowered("subscription"))
    meanings: dict[str, Callable[[str], str | None]] = {
        field: partial(_word, spellings) for field, spellings in about.words.items()
    }
    if about.workloads is not None:
        meanings["workload"] = workload if about.workloads == "m365" else plain_name
    if about.attribution is not None:
        meanings[about.attribution] = lambda text: attribution(text) or text
    return dated.with_columns(
        translated(rows, field, meaning, pl.String()).alias(f"of:{field}")
        for field, meaning in meanings.items()
    )


def _word(spellings: Mapping[str, tuple[str, ...]], text: str) -> str | None:
    found = [word for word, spelled in spellings.items() if folded(text) in map(folded, spelled)]
    return found[0] if found else None


def _checks(about: ReportKind) -> list[Check]:
    checks = [*map(empty_check, about.needed), month_check()]
    checks += map(control_check, _identifiers(about))
    checks += [
        Check(
            "tenant",
            ~is_guid("tenant"),
            "the tenant is not a GUID",
            "Write the directory id, such as 72f988bf-86f1-41af-91ab-2d7cd011db47.",
        )
    ]
    if about.workloads is not None:
        checks.append(_workload_check(about.workloads))
    checks += [
        _meaning_check(field, "the word is unknown", f"Write one of: {', '.join(spellings)}.")
        for field, spellings in about.words.items()
    ]
    return checks + [check for it in about.measures for check in _number_checks(it)]


def _identifiers(about: ReportKind) -> tuple[str, ...]:
    """The fields whose text becomes part of a key as it stands."""
    told = {
        "tenant",
        "subscription" if "subscription" in about.dimensions else None,
        "workload" if about.workloads == "named" else None,
        *(about.partner, about.attribution, about.role),
        *about.resource,
    }
    return tuple(field for field in about.columns if field in told)


def _workload_check(workloads: str) -> Check:
    if workloads == "named":
        return _meaning_check(
            "workload", "the workload has no letter or digit", "Write its name, as in the portal."
        )
    return _meaning_check(
        "workload",
        "the workload is unknown",
        "Correct the spelling, or add it to ledger/rules/workloads.toml.",
    )


def _meaning_check(field: str, problem: str, hint: str) -> Check:
    unknown = pl.col(field).is_not_null() & pl.col(f"of:{field}").is_null()
    return Check(field, unknown, problem, hint)


def _number_checks(measure: Measure) -> list[Check]:
    field, row, micro = measure.field, measure.about, pl.col(f"of:{measure.field}")
    credit = " A credit is a negative number." if row.negative else ""
    checks = [
        _meaning_check(
            field,
            "not a number the ledger can hold",
            f"Write digits with at most one decimal point, without thousands separators.{credit}",
        )
    ]
    if not row.negative:
        hint = f"A count of {row.unit} is 0 or more; correct it or drop the row."
        checks.append(Check(field, micro < 0, "the number is negative", hint))
    if row.whole:
        hint = f"A count of {row.unit} has no fraction."
        checks.append(Check(field, micro % MICRO != 0, "not a whole number", hint))
    return checks


def _stated(
    about: ReportKind, table: Table, rows: pl.DataFrame
) -> tuple[tuple[pl.DataFrame, ...], list[pl.DataFrame]]:
    """A frame of statements for each metric, and the lists of rows that disagree."""
    keyed = _keyed(about, rows)
    frames: list[pl.DataFrame] = []
    disagreeing: list[pl.DataFrame] = []
    for it in about.measures:
        told = keyed.rename({it.field: "cell", f"of:{it.field}": "value_micro"})
        told = told.filter(pl.col("value_micro").is_not_null())
        if it.attributed is not None:
            frames += flows(it.metric, it.attributed, told)
        else:
            frame, refused = levels(table, it, told)
            frames.append(frame)
            disagreeing.append(refused)
    return tuple(frames), disagreeing


def _keyed(about: ReportKind, rows: pl.DataFrame) -> pl.DataFrame:
    """The dimensions, month and line of each row, and its numbers as read and in micro-units."""
    dimensions = {
        "workload": pl.col("of:workload"),
        "resource": resource.joined([_meant(about, field) for field in about.resource])
        if about.resource
        else pl.lit(""),
        "partner": pl.col(about.partner or "tenant"),
        "attribution": _attribution(about),
    }
    return rows.select(
        *(dimensions.get(name, pl.col(name)).alias(name) for name in about.dimensions),
        pl.col("month_day").alias("month"),
        pl.col("line").alias("row"),
        "line",
        *(it.field for it in about.measures),
        *(f"of:{it.field}" for it in about.measures),
    )


def _meant(about: ReportKind, field: str) -> pl.Expr:
    return pl.col(f"of:{field}" if field in about.words else field)


def _attribution(about: ReportKind) -> pl.Expr:
    """The attribution's id: its type, for a PAL with the role (``PAL.Owner``)."""
    type_ = pl.col(f"of:{about.attribution}")
    if about.role is None:
        return type_
    with_role = pl.concat_str(type_, about.role, separator=".", ignore_nulls=True)
    return pl.when(type_ == _PAL).then(with_role).otherwise(type_)
