"""Usage load: from a report's file to rows that ClickHouse answers for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench import estate, market
from bench.blocks import Pace, Plan, pace, repeat
from bench.table import Row, at_least
from interfaces.usage_reports import Caller
from interfaces.workspace import Workspace

HEADER = (
    "CustomerTenantId\tCustomerName\tWorkloadName\tMonthlyActiveUsers\tPaidAvailableUnits\t"
    "ClaimId\tMpnId\tDateAssociated\tPartnerAttributionType\tDate"
)
WORKLOADS = ("Exchange", "SharePoint", "Teams", "Intune", "Yammer")
MONTHS = 12


def measure(plan: Plan) -> Iterator[Row]:
    """A CPOR-M365 report of a year: parsed, reconciled, kept, decided, fed. One row, two metrics.

    A second report restates every level of the first: then the first has to be read again.
    """
    rounds, rows = plan.pick(1, 3), plan.pick(120, 200_000)
    folder = plan.new_folder("usage")
    tenants = max(1, rows // (MONTHS * len(WORKLOADS)))
    files = [report(folder / f"r-{n}.tsv", tenants, n) for n in range(rounds + 1)]
    for work, ledgers in (("new keys", rounds + 1), ("restated", 1)):
        estates = [folder / f"{work.split()[0]}-{n}" for n in range(ledgers)]
        for made in estates:
            estate.build(made, estate.Size(100))
        rows_each = tenants * MONTHS * len(WORKLOADS)
        turns = iter(zip(estates * len(files), files, strict=False))

        def block(rows_each: int = rows_each, turns: Iterator[tuple[Path, Path]] = turns) -> Pace:
            ledger, file = next(turns)
            with Workspace(ledger) as workspace:
                workspace.open_analytics()  # starting ClickHouse takes a second, whatever is loaded
                return pace(rows_each, lambda: load(workspace, file))

        found = repeat(rounds, block)
        told = f"usage load, {rows_each:,} rows, {work}, file to queryable"
        yield at_least(told, "rows/s", found, 100_000)


def load(workspace: Workspace, file: Path) -> None:
    """Load one report and feed the growth tables with it."""
    caller = Caller("operator", workspace.ledger.head.recorded_at_us)
    loaded = workspace.usage_reports.load(
        file, "cpor_m365", caller, exported_us=caller.at_us, report=file.stem
    )
    assert loaded.outcome.outcome == "loaded", loaded.outcome
    workspace.feed(workspace.analytics)


def report(path: Path, tenants: int, number: int) -> Path:
    """A report as Partner Center writes it; another number states other levels."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"\ufeff{HEADER}\r\n")
        for n in range(tenants):
            for place, workload in enumerate(WORKLOADS):
                for month in range(1, MONTHS + 1):
                    level = (n * 31 + place * 7 + month * (3 + number)) % 900
                    file.write(
                        f"{market.tenant(n)}\tCustomer {n}\t{workload}\t{level}\t900\tC-{n}\t"
                        f"{n % 50}1\t2021-07-15\tCPOR\t2021-{month:02}-01\r\n"
                    )
    return path
