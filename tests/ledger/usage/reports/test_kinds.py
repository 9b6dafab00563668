"""Every kind of report: what its rows state, with the dirt of real files."""

from __future__ import annotations

from collections import defaultdict

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.usage.metrics import METRICS
from ledger.usage.reports.columns import MissingColumnError, names_of
from ledger.usage.reports.kinds import Measure, report_kind, table
from ledger.usage.reports.parse import parse_report
from ledger.usage.reports.parsed import ParsedReport
from ledger.usage.reports.read import ReportFile
from ledger.usage.rows import DIMENSIONS
from tests.ledger.usage.builders import T1, T2, month
from tests.ledger.usage.reports.report_rows import USUAL, content, report

KINDS = sorted(table())
STATED: dict[str, dict[str, float]] = {
    "cpor_m365": {"m365.mau": 5, "m365.pau": 9},
    "office365": {"m365.mau": 5, "m365.pau": 9},
    "dynamics365": {
        "dynamics365.seats.available": 50,
        "dynamics365.seats.assigned": 40,
        "dynamics365.seats.active": 30,
    },
    "power_bi": {
        "power_bi.seats.available": 50,
        "power_bi.seats.assigned": 40,
        "power_bi.seats.active": 30,
    },
    "bizapps_usage": {"bizapps.mau": 20, "bizapps.pamau": 4},
    "bizapps_revenue": {"bizapps.revenue": 100.5, "bizapps.revenue.attributed": 100.5},
    "azure": {"azure.acr": 10, "azure.acr.attributed": 10},
    "subscription_details": {
        "subscription.seats": 50,
        "subscription.billed_revenue": 1000,
        "subscription.billed_revenue.attributed": 1000,
    },
}
PLACES = {
    "m365.mau": (T1, "", "teams", "", "", ""),
    "dynamics365.seats.active": (T1, "S-1", "", "Sales Enterprise > paid", "", ""),
    "power_bi.seats.active": (T1, "S-1", "", "Power BI Pro > paid", "", ""),
    "bizapps.mau": (T1, "S-1", "field_service", "Enterprise", "", ""),
    "bizapps.pamau": (T1, "S-1", "field_service", "Enterprise", "100", ""),
    "bizapps.revenue": (T1, "S-1", "field_service", "", "", ""),
    "bizapps.revenue.attributed": (T1, "S-1", "field_service", "", "100", "PAL"),
    "azure.acr.attributed": (T1, "S-1", "", "Compute", "101", "PAL.Owner"),
    "subscription.seats": (T1, "S-1", "", "Sales Enterprise", "", ""),
    "subscription.billed_revenue.attributed": (T1, "S-1", "", "Sales Enterprise", "101", "DPOR"),
}


def amounts(parsed: ParsedReport, metric: str) -> list[float]:
    """The numbers a report states of a metric, in the order of its lines."""
    return (parsed.statements_about(metric).get_column("value_micro") / 1e6).to_list()


def refused(parsed: ParsedReport) -> list[tuple[object, ...]]:
    """Line, field and value of what was refused."""
    return parsed.rejected.select("line", "field", "value").rows()


def month_column(kind: str) -> str:
    """What the kind's usual file calls the month."""
    return next(name for name in names_of("columns")["month"] if name in USUAL[kind])


def tenant_column(kind: str) -> str:
    """What the kind's usual file calls the tenant."""
    return next(name for name in USUAL[kind] if name.lower() == "customertenantid")


def test_every_documented_report_can_be_loaded() -> None:
    """partner_center_files.md §1, one row a report; the samples are of the same kinds."""
    assert set(table()) == set(USUAL) == set(STATED)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_names_fields_and_metrics_there_are(kind: str) -> None:
    """A slip in the table is found here, not by a user."""
    about = report_kind(kind)
    aliases = names_of("columns")
    fields = {*about.columns, *about.optional, *about.resource, *about.words}
    fields |= {it.field for it in about.measures}
    fields |= {it.field for it in about.left_out} | {it.field for it in about.unread}
    assert fields <= set(aliases)
    assert set(about.metrics) <= set(METRICS)
    for it in about.measures:
        if it.attributed:
            assert METRICS[it.attributed].key == (*it.about.key, "partner", "attribution")


@pytest.mark.parametrize("separator", ["\t", ","])
@pytest.mark.parametrize("kind", KINDS)
def test_a_usual_row_states_its_metrics_and_nothing_is_left_over(kind: str, separator: str) -> None:
    """A byte order mark, CRLF, quoted names beyond ASCII; every documented column is known."""
    parsed = report(kind, {}, separator=separator)
    assert {name: amounts(parsed, name)[0] for name in parsed.metrics} == STATED[kind]
    assert (parsed.rejected_rows, parsed.ignored_columns, parsed.notes) == (0, (), ())
    assert parsed.period == (month(9), month(9))
    for name in set(PLACES).intersection(parsed.metrics):
        assert parsed.statements_about(name).select(DIMENSIONS[1:]).row(0) == PLACES[name]


@pytest.mark.parametrize("spelled", ["2023-09", "9/1/2023", "September, 2023", "Sep 2023"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_month_may_be_spelled_in_many_ways(kind: str, spelled: str) -> None:
    """FiscalMonthName is the month's name and year."""
    assert report(kind, {month_column(kind): spelled}).period == (month(9), month(9))


@pytest.mark.parametrize("kind", KINDS)
def test_bad_rows_are_listed_and_the_rest_loads(kind: str) -> None:
    """No month, no number, no tenant: each with its line and column."""
    when, who = month_column(kind), tenant_column(kind)
    number = report_kind(kind).measures[-1].field
    column = next(name for name in names_of("columns")[number] if name in USUAL[kind])
    parsed = report(
        kind, {}, {when: "soon"}, {column: "many"}, {who: "zizkov.example"}, {who: T2.upper()}
    )
    assert refused(parsed) == [(3, when, "soon"), (4, column, "many"), (5, who, "zizkov.example")]
    for name in parsed.metrics:
        assert parsed.statements_about(name).get_column("tenant").to_list() == [T1, T2]


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_needed_column_stops_before_the_first_row(kind: str) -> None:
    """Every needed one; a column that no table knows is ignored and named."""
    about, aliases = report_kind(kind), names_of("columns")
    for field in about.columns:
        spellings = {name.lower() for name in aliases[field]}
        header = [name for name in USUAL[kind] if name.lower() not in spellings]
        text = "\t".join(header) + "\n" + "\t".join("x" for _ in header) + "\n"
        with pytest.raises(MissingColumnError, match=aliases[field][0]):
            parse_report(kind, ReportFile.of("f.tsv", text.encode()))
    assert report(kind, {"Colour": "blue"}).ignored_columns == ("Colour",)


STOCKS = [(kind, it) for kind in KINDS for it in table()[kind].measures if it.about.is_stock]
FLOWS = [(kind, it) for kind in KINDS for it in table()[kind].measures if not it.about.is_stock]


def cell(kind: str, field: str, value: str) -> dict[str, str]:
    """What bends a usual row's field to a value."""
    known = {name.lower() for name in names_of("columns")[field]}
    return {next(name for name in USUAL[kind] if name.lower() in known): value}


@pytest.mark.parametrize("kind, measure", STOCKS)
def test_a_level_is_told_again_by_rows_that_agree_and_refused_where_they_do_not(
    kind: str, measure: Measure
) -> None:
    """One row an attributed partner: the fact counts once; torn ones are listed with both lines."""
    field, metric = measure.field, measure.metric
    again = report(kind, {}, {}, cell(kind, field, "7") | cell(kind, "month", "2023-10"))
    assert amounts(again, metric) == [STATED[kind][metric], 7]
    assert again.rejected.is_empty()
    torn = report(kind, {}, cell(kind, field, "7"), cell(kind, "month", "2023-10"))
    assert [row[0] for row in refused(torn)] == [2, 3]
    assert torn.statements_about(metric).get_column("month").to_list() == [month(10)]


@pytest.mark.parametrize("kind, measure", STOCKS)
def test_a_count_is_never_negative_or_a_fraction(kind: str, measure: Measure) -> None:
    """It is refused, the rest of the file loads."""
    field = measure.field
    parsed = report(kind, {}, cell(kind, field, "-1"), cell(kind, field, "1.5"))
    assert [row[0::2] for row in refused(parsed)] == [(3, "-1"), (4, "1.5")]


@pytest.mark.parametrize("kind, measure", FLOWS)
def test_a_credit_is_a_fact(kind: str, measure: Measure) -> None:
    """A negative amount adds up like any other."""
    field, metric = measure.field, measure.metric
    parsed = report(kind, cell(kind, field, "10"), cell(kind, field, "-2.25"))
    assert amounts(parsed, metric) == [7.75]


AMOUNT_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["101", "102"]),
        st.sampled_from(["DPOR", "CSP Tier 1", "Deal registration"]),
        st.integers(-3, 3),
    ),
    min_size=1,
    max_size=6,
)


@pytest.mark.parametrize("kind, measure", FLOWS)
@given(rows=AMOUNT_ROWS)
def test_a_flow_is_one_fact_only_where_all_attributions_agree(
    kind: str, measure: Measure, rows: list[tuple[str, str, int]]
) -> None:
    """Rows of one attribution add up; a promise (deal registration) never counts (§2)."""
    about = report_kind(kind)
    field, metric = measure.field, measure.metric
    partner = about.partner or ""
    parsed = report(
        kind,
        *(
            cell(kind, partner, who)
            | cell(kind, about.attribution or "", type_)
            | cell(kind, field, str(amount))
            for who, type_, amount in rows
        ),
    )
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for who, type_, amount in rows:
        if type_ != "Deal registration":
            sums[who, "DPOR" if type_ == "DPOR" else "CSP_T1"] += amount
    told = parsed.statements_about(f"{metric}.attributed").select(
        "partner", "attribution", pl.col("value_micro") // 1_000_000
    )
    assert {(who, type_): amount for who, type_, amount in told.iter_rows()} == dict(sums)
    agreed = [float(amount) for amount in set(sums.values())]
    assert amounts(parsed, metric) == (agreed if len(agreed) == 1 else [])
    assert any("never summed" in note for note in parsed.notes) == any(
        type_ == "Deal registration" for _, type_, _ in rows
    )


def test_only_paid_usage_counts_and_the_rest_is_named() -> None:
    """Rows of a trial are not judged either: a fault of theirs is nobody's concern."""
    parsed = report("bizapps_usage", {}, {"MetricType": "Trial", "MAU": "many"}, {"MetricType": ""})
    assert amounts(parsed, "bizapps.mau") == [20]
    assert refused(parsed) == [(4, "MetricType", "")]
    assert parsed.notes == ("1 rows of MetricType 'Trial' were left out: only paid usage counts.",)


def test_partner_attached_users_are_a_partners_own() -> None:
    """Two partners of one subscription: two levels of PAMAU, one of MAU; empty states nothing."""
    parsed = report(
        "bizapps_usage",
        {},
        {"GlobalPartnerID": "200", "PAMAU": "9"},
        {"GlobalPartnerID": "300", "PAMAU": ""},
    )
    attached = parsed.statements_about("bizapps.pamau").select("partner", "value_micro").rows()
    assert attached == [("100", 4_000_000), ("200", 9_000_000)]
    assert amounts(parsed, "bizapps.mau") == [20]
    assert parsed.rejected.is_empty()


def test_capacity_is_left_out_and_the_result_says_so() -> None:
    """MAC is the monthly active capacity: of what, no source says."""
    (note,) = report("bizapps_usage", {"MAC": "3"}).notes
    assert "MAC (monthly active capacity)" in note


@pytest.mark.parametrize("kind", ["dynamics365", "power_bi"])
def test_free_and_paid_seats_are_levels_of_their_own(kind: str) -> None:
    """In any case; another word is refused."""
    parsed = report(kind, {}, {"FreeVsPaidSKU": "FREE"}, {"FreeVsPaidSKU": "Maybe"})
    seats = parsed.statements_about(f"{kind}.seats.active").get_column("resource").to_list()
    assert [text.split(" > ")[1] for text in seats] == ["paid", "free"]
    assert refused(parsed) == [(4, "FreeVsPaidSKU", "Maybe")]


def test_the_products_of_a_subscription_are_levels_of_their_own() -> None:
    """The end of the month counts (AvailableSeatsEOP), not the change in it (AvailableSeats)."""
    parsed = report("subscription_details", {}, {"SKU": "Team Members", "AvailableSeatsEOP": "8"})
    assert amounts(parsed, "subscription.seats") == [50, 8]


def test_seats_are_read_where_revenue_may_not_be_seen() -> None:
    """Only executive report viewers get revenue: an empty cell or no column states none."""
    empty = report("subscription_details", {"BilledRevenueUSD": ""})
    text = content("subscription_details", {}).replace(b"BilledRevenueUSD", b"Colour")
    without = parse_report("subscription_details", ReportFile.of("f.tsv", text))
    for parsed in (empty, without):
        assert amounts(parsed, "subscription.seats") == [50]
        assert amounts(parsed, "subscription.billed_revenue") == []
        assert parsed.rejected.is_empty()


def test_a_workload_that_no_partner_can_hold_is_left_out_and_named() -> None:
    """The Office 365 report has Skype for Business; an unknown spelling is still refused."""
    parsed = report(
        "office365", {}, {"WorkloadName": "Skype for Business"}, {"WorkloadName": "Clippy"}
    )
    assert refused(parsed) == [(4, "WorkloadName", "Clippy")]
    assert "'Skype for Business'" in parsed.notes[0]


def test_an_unknown_attribution_type_is_kept_and_named() -> None:
    """Dropping money because of a new label would be worse."""
    parsed = report("bizapps_revenue", {"PartnerAssociationType": "Moonshot"})
    assert "Moonshot" in parsed.notes[0]
    assert amounts(parsed, "bizapps.revenue.attributed") == [100.5]
