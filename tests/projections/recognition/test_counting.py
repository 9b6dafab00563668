"""Which associations count where: every cell of the table, and the reasons (§7.2, §7.3)."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.rules.workloads import table
from projections.recognition.counting import Reason, Standing, areas, verdicts

ON_2023, ON_2021 = date(2023, 10, 1), date(2021, 3, 1)

# Read against domain.md §7.3 line by line: who counts (1), in the years of the row.
GRID = """
area                              CPOR.usage CPOR.pre_sales CPOR.revenue DPOR PAL CSP_T1 CSP_T2 TPOR
modern_work_enterprise            1          0              0            1    0   0      0      0
modern_work_smb                   1          0              0            0    0   1      1      0
security_microsoft_365            1          0              0            0    0   0      0      0
security_azure                    0          0              0            0    1   0      0      0
azure_areas                       0          0              0            1    1   1      1      0
business_applications_performance 0          1              1            1    0   1      1      0
business_applications_success     1          0              0            1    0   1      1      0
power_platform_success            0          0              0            0    1   0      0      0
cloud_business_applications_sales 0          0              1            1    0   1      1      0
cloud_business_applications_usage 1          0              0            1    0   1      1      0
cloud_productivity                1          0              0            0    0   0      0      0
"""


def _cells() -> dict[str, dict[str, bool]]:
    head, *rows = (line.split() for line in GRID.strip().splitlines())
    return {
        row[0]: dict(zip(head[1:], (cell == "1" for cell in row[1:]), strict=True)) for row in rows
    }


CELLS = _cells()


def reason(area: str, standing: Standing, on: date, *beside: str) -> Reason:
    """The verdict of one area."""
    (found,) = (it.reason for it in verdicts(standing, on, beside) if it.area.id == area)
    return found


def test_the_grid_has_every_area() -> None:
    """No area is added without its cells."""
    assert set(CELLS) == {area.id for area in areas()}


@pytest.mark.parametrize("area", areas(), ids=lambda area: str(area.id))
def test_an_area_accepts_the_kinds_its_cells_say(area: object) -> None:
    """Each kind and activity on each product of the area, on a day of its years."""
    (row,) = (one for one in areas() if one is area)
    on = max(row.first, date(2021, 1, 1))
    for column, counts in CELLS[row.id].items():
        kind, _, activity = column.partition(".")
        for product in row.products:
            found = reason(row.id, Standing(kind, product, activity or None), on)
            assert (found is Reason.COUNTS) == counts, (column, product)


def test_outside_its_years_an_area_has_no_verdict() -> None:
    """The designations began in October 2022, when the competencies ended (§13.7)."""
    teams = Standing("CPOR", "m365", "usage")
    in_2023 = {it.area.id for it in verdicts(teams, ON_2023)}
    in_2021 = {it.area.id for it in verdicts(teams, ON_2021)}
    assert in_2021 == {"cloud_productivity"}
    assert in_2023 == {
        "modern_work_enterprise",
        "modern_work_smb",
        "security_microsoft_365",
    }


def test_cpor_beats_dpor_on_the_same_subscription() -> None:
    """In the competency of 2020-21 (§7.2); the designations credit both."""
    dpor = Standing("DPOR", "dynamics365")
    sales = "cloud_business_applications_sales"
    assert reason(sales, dpor, ON_2021, "CPOR") is Reason.BEATEN
    assert reason(sales, dpor, ON_2021, "CSP_T1") is Reason.COUNTS
    assert reason("business_applications_performance", dpor, ON_2023, "CPOR") is Reason.COUNTS


def test_a_presales_claim_gives_nothing_in_the_competency() -> None:
    """§7.2: pre-sales claims give nothing; the reason says that it is the activity."""
    claim = Standing("CPOR", "dynamics365", "pre_sales")
    for area in ("cloud_business_applications_sales", "cloud_business_applications_usage"):
        assert reason(area, claim, ON_2021) is Reason.ACTIVITY_NOT_ACCEPTED


def test_an_area_is_about_its_workloads() -> None:
    """Security counts Defender and Intune, Modern Work Teams and Intune (§8.3)."""
    for workload, area, counts in (
        ("teams", "security_microsoft_365", False),
        ("intune", "security_microsoft_365", True),
        ("defender_endpoint", "security_microsoft_365", True),
        ("defender_endpoint", "modern_work_enterprise", False),
        ("teams", "modern_work_enterprise", True),
    ):
        found = reason(area, Standing("CPOR", "m365", "usage", workload), ON_2023)
        wanted = Reason.COUNTS if counts else Reason.WORKLOAD_NOT_CONCERNED
        assert found is wanted, (workload, area)


def test_every_workload_of_an_area_can_be_claimed() -> None:
    """The names are those of the workload table."""
    for area in areas():
        assert area.workloads <= set(table())


def test_a_link_without_a_role_counts_nowhere() -> None:
    """A PAL link measures within a role's scope; without one there is nothing (§6.2)."""
    link = Standing("PAL", "azure", measured=False)
    assert reason("azure_areas", link, ON_2023) is Reason.WITHOUT_ROLE


def test_every_area_names_its_source_and_combination() -> None:
    """A reader can check each row."""
    for area in areas():
        assert area.source.startswith("§")
        assert area.combine in {"best_kind", "each"}
        assert area.first < area.until
