"""Makes the usage reports of the story, with the dirt that real files have; always the same bytes.

    python examples/five_partners/make_reports.py

Levels and amounts are told by the tables below, so that a reader can check the growth by hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

REPORTS = Path(__file__).parent / "reports"
CONTOSO = "11111111-1111-4111-8111-111111111111"
FOREIGN = "99999999-9999-4999-8999-999999999999"
AZURE = "a2000000-0000-4000-8000-000000000003"
MONTHS = [f"{2022 + (6 + n) // 12}-{(6 + n) % 12 + 1:02d}" for n in range(18)]
QUARTERS = ("2022q3", "2022q4", "2023q1", "2023q2", "2023q3", "2023q4")

# Active users at the end of each month, July 2022 to December 2023.
EXCHANGE = (
    300,
    310,
    340,
    370,
    400,
    420,
    430,
    445,
    460,
    475,
    490,
    500,
    510,
    520,
    535,
    545,
    560,
    570,
)
SHAREPOINT = (60, 60, 80, 95, 110, 120, 140, 0, 190, 215, 240, 270, 300, 330, 350, 380, 400, 420)
TEAMS = (0, 25, 60, 110, 150, 180, 230, 290, 340, 400, 450, 510, 560, 620, 660, 710, 760, 800)
SEATS = 900
# US dollars a month: what the shop runs on, seen by a Contributor, and the data store, by a Reader.
SHOP = (
    0,
    310.5,
    640,
    655.25,
    700,
    720,
    745,
    760,
    790.75,
    815,
    840,
    870,
    905,
    930,
    960,
    995,
    1020,
    1050,
)
DATA = (0, 120, 240, 250, 255, 262.5, 270, 281, 290, 300, 312, 320, 333, 340, 352, 360, 371, 380)

M365_COLUMNS = (
    "CustomerTenantId", "CustomerName", "WorkloadName", "MonthlyActiveUsers", "PaidAvailableUnits",
    "ClaimId", "MpnId", "DateAssociated", "PartnerAttributionType", "Date",
)  # fmt: skip
AZURE_COLUMNS = (
    "PGAPartnerID", "SubscriptionId", "SubscriptionState", "Month", "ServiceLevel1",
    "ServiceLevel2", "ServiceLevel3", "ServiceLevel4", "ServiceGroup2", "ServiceGroup3",
    "ServiceInfluencer", "ComputeOS", "UsageUnits", "UsageQuantity",
    "CustomerName", "CustomerTenantId", "CustomerMarket", "PartnerID", "PartnerName",
    "PartnerLocation", "PartnerAttributionType", "SalesChannel", "AdminType", "ACR_USD",
)  # fmt: skip

Row = tuple[object, ...]


def cell(value: object, separator: str) -> str:
    """A value as the exporter writes it: quoted where it must be."""
    text = str(value)
    quote = separator in text or '"' in text
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if quote else text


def write(name: str, columns: Iterable[str], rows: Iterable[Row], *, end: str, bom: bool) -> None:
    """One report, in the separator its name says, with its line ends and perhaps a BOM."""
    separator = "," if name.endswith(".csv") else "\t"
    lines = [separator.join(columns)]
    lines += [separator.join(cell(value, separator) for value in row) for row in rows]
    text = ("\ufeff" if bom else "") + "".join(line + end for line in lines)
    (REPORTS / name).write_bytes(text.encode("utf-8"))


def spelled(month: str, n: int) -> str:
    """The month as one of the spellings that occur in real files."""
    year, number = month.split("-")
    names = ("January", "February", "March", "April", "May", "June", "July", "August",
             "September", "October", "November", "December")  # fmt: skip
    return (
        f"{month}-01",
        f"{int(number)}/1/{year}",
        month,
        f"{names[int(number) - 1]}, {year}",
    )[n % 4]


def m365_rows(quarter: int) -> list[Row]:
    """The rows of one quarter; SharePoint is not stated in February 2023: a gap."""
    rows: list[Row] = []
    for n in range(quarter * 3, quarter * 3 + 3):
        month = spelled(MONTHS[n], quarter)
        for workload, claim, location, since, levels in (
            ("Exchange", "A-1", "101", "2022-07-15", EXCHANGE),
            ("SharePoint", "A-1", "101", "2022-07-15", SHAREPOINT),
            ("Teams" if n % 2 else "Microsoft Teams", "D-1", "401", "2022-09-01", TEAMS),
        ):
            if workload == "SharePoint" and MONTHS[n] == "2023-02":
                continue
            rows.append(
                (CONTOSO, "Contoso, s.r.o.", workload, levels[n], SEATS, claim, location, since,
                 "CPOR", month)
            )  # fmt: skip
    return rows


def azure_rows(quarter: int) -> list[Row]:
    """The rows of one quarter: PAL for Echo, and TPOR for Beta, which tells the same fact again."""
    rows: list[Row] = []
    for n in range(quarter * 3, quarter * 3 + 3):
        for service, amount, role in (("App Service", SHOP[n], "Contributor"),
                                      ("Storage", DATA[n], "Reader")):  # fmt: skip
            for pga, location, name, kind, admin in (
                ("500", "501", "Echo Developers, Olomouc", "PAL", role),
                ("200", "201", "Beta Licensing, Brno", "TPOR", ""),
            ):
                if amount:
                    rows.append(
                        (pga, AZURE, "Active", spelled(MONTHS[n], quarter + 1), "Azure", service,
                         f"{service} compute", "", "", "", "", "", "Hours", 730, "Contoso, s.r.o.",
                         CONTOSO, "Czechia", location, name, "CZ", kind, "EA", admin, amount)
                    )  # fmt: skip
    return rows


def dirt(quarter: int, rows: list[Row]) -> list[Row]:
    """What else stands in such files: a foreign tenant, repeats, numbers that can't be."""
    first = rows[0]
    if quarter == 0:
        stranger = (FOREIGN, "Fabrikam Škoda", "Exchange", 12, 40, "X-9", "777", "2020-01-01",
                    "CPOR", first[-1])  # fmt: skip
        return [*rows, first, stranger]
    if quarter == 1:
        return [*rows, (*first[:2], "Yammer", -5, *first[4:])]
    if quarter == 2:
        unknown = (*first[:2], "Teamz", *first[3:])
        empty = (*first[:2], "Yammer", "", *first[4:])
        return [unknown, *rows, empty]
    return rows


def main() -> None:
    """Write every report of the story."""
    REPORTS.mkdir(exist_ok=True)
    for quarter, name in enumerate(QUARTERS):
        m365 = f"m365_{name}.{'csv' if quarter == 1 else 'tsv'}"
        azure = f"azure_{name}.{'csv' if quarter == 3 else 'tsv'}"
        end = "\r\n" if quarter % 2 else "\n"
        write(m365, M365_COLUMNS, dirt(quarter, m365_rows(quarter)), end=end, bom=quarter == 0)
        write(azure, AZURE_COLUMNS, azure_rows(quarter), end=end, bom=quarter == 2)
    restated = [row for row in m365_rows(1) if row[-1] == spelled("2022-12", 1)]
    changed = [(*row[:3], 210, *row[4:]) if "Teams" in str(row[2]) else row for row in restated]
    write("m365_2022-12_restated.tsv", M365_COLUMNS, changed, end="\n", bom=False)


if __name__ == "__main__":
    main()
