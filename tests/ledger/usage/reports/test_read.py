"""Bytes to records: separators, encodings, quotes, and the line each record begins in."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.usage.reports.columns import MissingColumnError
from ledger.usage.reports.read import BOM, ReportFile, Table, UnreadableReportError, read_table

HEADER = "CustomerTenantId\tCustomerName\tMonth"


def table(content: bytes | str) -> Table:
    """Tenant, customer and month of a report."""
    raw = content.encode() if isinstance(content, str) else content
    return read_table(ReportFile.of("usage.tsv", raw), ("tenant", "month"), ("customer",))


def rows(content: bytes | str) -> list[tuple[Any, ...]]:
    """Tenant, customer, month and line of every record that was read."""
    return table(content).rows.select("tenant", "customer", "month", "line").rows()


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", BOM])
@pytest.mark.parametrize("last", [True, False])
def test_the_same_rows_in_every_dress(separator: str, end: str, bom: bytes, last: bool) -> None:
    """TSV or CSV, byte order mark or not, either line end, with or without the last one."""
    lines = [HEADER.replace("\t", separator), f't1{separator}"Žluťoučký, a.s."{separator}2023-09']
    text = end.join(lines) + (end if last else "")
    assert rows(bom + text.encode()) == [("t1", "Žluťoučký, a.s.", "2023-09", 2)]


def test_quotes_inside_a_name_are_kept() -> None:
    """Doubled in a quoted value, or plain inside an unquoted one."""
    text = f'{HEADER}\nt1\t"say ""hi"""\tm\nt2\t15" screens\tm\n'
    assert [row[1] for row in rows(text)] == ['say "hi"', '15" screens']


def test_cells_are_stripped_and_empty_cells_are_null() -> None:
    """Blanks around a value mean nothing."""
    assert rows(f"{HEADER}\n t1 \t\t \n") == [("t1", None, None, 2)]


def test_records_of_another_width_are_listed_and_the_rest_is_read() -> None:
    """With the line, what is wrong, and the text of the record."""
    found = table(f"{HEADER}\nt1\ta\tm\nt2\tm\n\nt3\ta\tb\tm\nt4\ta\tm\n")
    assert found.rows.select("tenant", "line").rows() == [("t1", 2), ("t4", 6)]
    assert found.rejected.select("file", "line", "value", "problem").rows() == [
        ("usage.tsv", 3, "t2\tm", "the row has 2 fields, the header has 3"),
        ("usage.tsv", 5, "t3\ta\tb\tm", "the row has 4 fields, the header has 3"),
    ]


def test_lines_are_counted_through_blank_lines_and_line_breaks_in_quotes() -> None:
    """A line number is what an editor shows."""
    text = f'{HEADER}\n\nt1\t"two\nlines"\tm\nt2\tshort\n\nt3\ta\tm\n'
    found = table(text)
    assert found.rows.select("tenant", "line").rows() == [("t1", 3), ("t3", 7)]
    assert found.rejected.get_column("line").to_list() == [5]


def test_a_quote_that_swallows_lines_is_listed() -> None:
    """Rows that an unclosed quote ran together are not read as something else."""
    found = table(f'{HEADER}\nt1\t"open\tm\nt2\t"b\tm\nt3\tc\tm\n')
    assert found.rows.get_column("tenant").to_list() == ["t3"]
    assert found.rejected.get_column("line").to_list() == [2]


def test_an_unclosed_quote_at_the_end_hides_nothing() -> None:
    """What it swallowed stands in the list as one record of the wrong width."""
    found = table(f'{HEADER}\nt1\ta\tm\nt2\t"b\tm\nt3\tc\tm\n')
    assert found.rows.get_column("tenant").to_list() == ["t1"]
    assert found.rejected.get_column("line").to_list() == [3]


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z"]), max_size=5)


@given(
    st.lists(st.tuples(CELLS, CELLS | st.just('"quoted"\nlines'), CELLS), max_size=8),
    st.sampled_from(["\t", ","]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_csv_writer_writes_is_read_back(
    cells: list[tuple[str, str, str]], separator: str, end: str
) -> None:
    """Any text, quoted as need be; lines as the writer's reader counts them."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([HEADER.split("\t"), *cells])
    read = [row[:3] for row in rows(text.getvalue())]
    assert read == [
        tuple(cell.strip() or None for cell in record) for record in cells if any(record)
    ]


def test_lines_without_a_value_mean_nothing() -> None:
    """Blank lines and the rows of separators that spreadsheets leave at the end."""
    assert rows(f"{HEADER}\n\n\t\t\r\n  \t\t\nt1\ta\tm\n\n") == [("t1", "a", "m", 5)]


def test_a_row_that_fills_only_what_is_not_needed_is_kept() -> None:
    """It is refused later with its reason, not dropped here."""
    found = read_table(ReportFile.of("f", f"{HEADER}\n\ta\t\n".encode()), ("tenant", "month"), ())
    assert found.rows.rows() == [(None, None, 2)]


def test_a_file_without_rows_has_none() -> None:
    """A header alone is a report that states nothing."""
    assert rows(HEADER) == []
    assert rows(HEADER + "\r\n") == []


@pytest.mark.parametrize(
    "content, says",
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (HEADER.encode() + b"\nt1\t\xff\xfe\tm\n", "not UTF-8"),
        (b"Customer\xe4TenantId\tMonth\n", "line 1 is not UTF-8"),
    ],
)
def test_what_is_no_text_table_is_refused_whole(content: bytes, says: str) -> None:
    """The error names the file and the way to save it."""
    with pytest.raises(UnreadableReportError, match=says) as refused:
        table(content)
    assert "usage.tsv" in refused.value.message
    assert refused.value.hint


def test_a_missing_column_stops_before_the_first_row() -> None:
    """Even where rows would be bad too."""
    with pytest.raises(MissingColumnError, match=r"usage\.tsv.*Month"):
        table("CustomerTenantId\tCustomerName\nt1\ta\tb\tc\n")


def test_a_file_is_read_once_and_digested(tmp_path: Path) -> None:
    """The digest is that of the bytes that were parsed."""
    path = tmp_path / "usage.tsv"
    path.write_bytes(HEADER.encode())
    file = ReportFile.open(path)
    assert (file.name, file.content) == ("usage.tsv", HEADER.encode())
    assert file.sha256 == hashlib.sha256(HEADER.encode()).hexdigest()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With its path."""
    with pytest.raises(UnreadableReportError, match=r"nowhere\.tsv"):
        ReportFile.open(tmp_path / "nowhere.tsv")
