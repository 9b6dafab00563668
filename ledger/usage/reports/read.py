"""From the bytes of a report to columns of text, with the dirt of real files named, never hidden.

TSV or CSV, told apart by the header; UTF-8, a byte order mark may stand first; CRLF or LF; quoted
names. A record with too few or too many fields is listed and left out.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv

from ledger.errors import BadInputError
from ledger.usage.reports.columns import Layout, find_columns

BOM = b"\xef\xbb\xbf"
SEPARATORS = "\t,;"
_BLOCK_BYTES = 16 << 20

REJECTED_SCHEMA = pl.Schema(
    {
        "file": pl.String(),
        "line": pl.UInt32(),
        "field": pl.String(),
        "value": pl.String(),
        "problem": pl.String(),
        "hint": pl.String(),
    }
)
"""One bad row, or one bad value of it: where it stands, what is wrong and what to do next."""

_LONGEST_VALUE_SHOWN = 120


class UnreadableReportError(BadInputError):
    """A report that can't be read as a table at all; nothing was read."""

    code = "report_unreadable"


@dataclass(frozen=True, slots=True)
class ReportFile:
    """The content of a report: its name for messages, its bytes, and their SHA-256 in hex."""

    name: str
    content: bytes
    sha256: str

    @classmethod
    def of(cls, name: str, content: bytes) -> ReportFile:
        """A report from bytes in memory."""
        return cls(name, content, hashlib.sha256(content).hexdigest())

    @classmethod
    def open(cls, path: Path) -> ReportFile:
        """The report at ``path``, read once, so that its digest is of what was parsed.

        Raises:
            UnreadableReportError: the file is not there or may not be read.
        """
        try:
            return cls.of(path.name, path.read_bytes())
        except OSError as error:
            raise UnreadableReportError(
                f"{path}: the report can't be opened ({error.strerror}).",
                hint="Check the path and its permissions.",
            ) from error


@dataclass(frozen=True, slots=True)
class Table:
    """The needed and optional fields of a report as stripped text, one row a record.

    ``rows`` has our field names and ``line``, the line of the file a record begins in (header 1);
    an empty cell is null. ``rejected`` are records that do not have the header's number of fields.
    """

    file: ReportFile
    layout: Layout
    rows: pl.DataFrame
    rejected: pl.DataFrame


def read_table(file: ReportFile, needed: tuple[str, ...], optional: tuple[str, ...]) -> Table:
    """The fields of ``file``, or a refusal before the first row.

    Raises:
        UnreadableReportError: empty, not UTF-8, or a quote that never ends.
        MissingColumnError, RepeatedColumnError: see ``columns``.
    """
    content = file.content.removeprefix(BOM)
    content = content if content.endswith(b"\n") else content + b"\n"
    _refuse_other_encodings(file.name, content)
    header, separator = _header(file.name, content[: content.find(b"\n")])
    layout = find_columns(file.name, header, needed, optional)
    records, misfits = _records(file.name, content, separator, layout)
    lines = _line_numbers(content, separator, layout.width, len(records), misfits)
    rows = records.with_columns(lines.read.alias("line"))
    rows = rows.filter(
        ~pl.col("line").is_in([*lines.torn, *_blank_lines(content, separator, rows)])
    )
    return Table(file, layout, rows, _rejected_records(file.name, layout.width, misfits, lines))


def rejected_rows(
    table: Table, bad: pl.DataFrame, field: str, problem: str, hint: str
) -> pl.DataFrame:
    """The rows of ``bad`` as entries of the list of refused rows, all for one reason."""
    return bad.select(
        pl.lit(table.file.name).alias("file"),
        pl.col("line").cast(pl.UInt32),
        pl.lit(table.layout.name[field]).alias("field"),
        pl.col(field).fill_null("").str.slice(0, _LONGEST_VALUE_SHOWN).alias("value"),
        pl.lit(problem).alias("problem"),
        pl.lit(hint).alias("hint"),
    )


def _refuse_other_encodings(name: str, content: bytes) -> None:
    if not content.strip():
        raise UnreadableReportError(f"{name}: the file is empty.", hint="Download it again.")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content[:4096]:
        raise UnreadableReportError(
            f"{name}: the file is UTF-16 or binary, not UTF-8 text.",
            hint="Save it as 'CSV UTF-8' or download the TSV file again.",
        )


def _header(name: str, line: bytes) -> tuple[list[str], str]:
    """The column names and the separator that splits the header into most of them."""
    try:
        text = line.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise _not_utf8(name, "line 1") from error
    separator = max(SEPARATORS, key=text.count)
    names = next(csv.reader([text], delimiter=separator), [])
    return [column.strip() for column in names], separator


def _not_utf8(name: str, where: str) -> UnreadableReportError:
    return UnreadableReportError(
        f"{name}: {where} is not UTF-8 text.",
        hint="Save the file as 'CSV UTF-8' (not 'CSV') and load it again.",
    )


def _records(
    name: str, content: bytes, separator: str, layout: Layout
) -> tuple[pl.DataFrame, list[pa_csv.InvalidRow]]:
    """The wanted columns of all records of the right width, and the other records.

    One thread, because only then the reader numbers the records it refuses.
    """
    misfits: list[pa_csv.InvalidRow] = []

    def skip(record: pa_csv.InvalidRow) -> str:
        misfits.append(record)
        return "skip"

    columns = [str(place) for place in range(layout.width)]
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(content),
            pa_csv.ReadOptions(
                use_threads=False, column_names=columns, skip_rows=1, block_size=_BLOCK_BYTES
            ),
            pa_csv.ParseOptions(
                delimiter=separator,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=skip,
            ),
            pa_csv.ConvertOptions(
                column_types={column: pa.string() for column in columns},
                include_columns=[str(place) for place in layout.index.values()],
            ),
        )
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            raise _not_utf8(name, "a value") from error
        raise UnreadableReportError(
            f"{name}: the file can't be read as a table ({error}).",
            hint="Look for a quote that is opened and never closed, or download it again.",
        ) from error
    return _stripped(table, layout), misfits


def _stripped(table: pa.Table, layout: Layout) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    text = {
        field: pl.col(str(place)).str.strip_chars(" \t\r\n\u00a0")
        for field, place in layout.index.items()
    }
    return frame.select(pl.when(cell != "").then(cell).alias(field) for field, cell in text.items())


def _blank_lines(content: bytes, separator: str, rows: pl.DataFrame) -> list[int]:
    """The lines that hold nothing but separators, which mean nothing."""
    empty = rows.filter(pl.all_horizontal(pl.exclude("line").is_null())).get_column("line")
    if empty.is_empty():
        return []
    text = content.split(b"\n")
    return [line for line in empty if not text[line - 1].strip(separator.encode() + b' \r"')]


@dataclass(frozen=True, slots=True)
class _Lines:
    """Where records begin: those read, those of the wrong width, those run together."""

    read: pl.Series
    misfits: list[int]
    torn: list[int]


def _line_numbers(
    content: bytes, separator: str, width: int, count: int, misfits: list[pa_csv.InvalidRow]
) -> _Lines:
    """The line each record begins in.

    Where every record is one line, its number follows from the records left out before it. Only a
    file with line breaks inside quotes is walked once more, record by record.
    """
    lines = content.count(b"\n")
    if lines != count + len(misfits) + 1:
        return _walked_line_numbers(content, separator, width)
    left_out = [record.number for record in misfits]
    numbers = pl.int_range(2, lines + 1, dtype=pl.UInt32, eager=True)
    return _Lines(numbers.filter(~numbers.is_in(left_out)), left_out, [])


def _walked_line_numbers(content: bytes, separator: str, width: int) -> _Lines:
    reader = csv.reader(io.StringIO(content.decode(), newline=""), delimiter=separator)
    read: list[int] = []
    misfits: list[int] = []
    torn: list[int] = []
    end = 0
    for record in reader:
        begin, end = end + 1, reader.line_num
        if begin == 1:
            continue
        (read if len(record) in (0, width) else misfits).append(begin)
        if end > begin and any("\n" in cell and separator in cell for cell in record):
            torn.append(begin)
    return _Lines(pl.Series(read, dtype=pl.UInt32), misfits, torn)


def _rejected_records(
    name: str, width: int, misfits: list[pa_csv.InvalidRow], lines: _Lines
) -> pl.DataFrame:
    entries = [
        (
            name,
            line,
            "",
            record.text.strip()[:_LONGEST_VALUE_SHOWN],
            f"the row has {record.actual_columns} fields, the header has {width}",
            "Check separators and quotes of this row.",
        )
        for record, line in zip(misfits, lines.misfits, strict=True)
    ] + [
        (
            name,
            line,
            "",
            "",
            "a quoted value runs over several columns and lines",
            "Close the quote that this row opens; the rows it swallowed are not read either.",
        )
        for line in lines.torn
        if line not in lines.misfits
    ]
    return pl.DataFrame(entries, schema=REJECTED_SCHEMA, orient="row")
