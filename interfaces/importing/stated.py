"""What a file tells of associations on a day: one for each that its newest month still states."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from ledger.errors import BadInputError
from ledger.rules.kinds import kind as kind_of
from ledger.rules.workloads import workload as workload_of
from ledger.usage.reports.read import ReportFile, read_table
from ledger.usage.reports.values import month_of

_OPTIONAL = (
    *("tenant", "subscription", "workload", "claim", "partner", "organisation", "associated"),
    *("attribution", "month", "customer", "role", "market", "partner_name", "partner_location"),
    *("agreement", "product", "sku", "channel", "started", "kind", "activity", "reference"),
)
_DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%Y-%m-%dT%H:%M:%S", "%m/%d/%Y %I:%M:%S %p")


class Source(NamedTuple):
    """A kind of file; ``sources.toml`` says what each field means."""

    name: str
    title: str
    needed: tuple[str, ...]
    kind: str = ""
    product: str = ""
    area: str = ""


class Stated(NamedTuple):
    """An association as a file tells it; empty where it does not.

    ``since`` is the day it says, else the first day of the first month that states it; ``kind`` is
    the id of the table of kinds, or the text itself where the table has no such name.
    """

    line: int
    kind: str
    tenant: str
    partner: str
    since: date
    since_said: bool
    workload: str = ""
    subscription: str = ""
    claim: str = ""
    activity: str = ""
    role: str = ""
    agreement: str = ""
    reference: str = ""
    organisation: str = ""
    customer: str = ""
    market: str = ""
    partner_name: str = ""
    partner_location: str = ""
    product: str = ""
    offer: str = ""
    channel: str = ""
    started: date | None = None

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What the association stands on, to be compared: kind, tenant, subscription, workload."""
        return self.kind, self.tenant, self.subscription, self.workload


class Told(NamedTuple):
    """A file, read: its associations, rows that say nothing usable, and what a reader must know."""

    file: ReportFile
    source: Source
    month: date | None
    stated: tuple[Stated, ...]
    unusable: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]


@cache
def sources() -> Mapping[str, Source]:
    """Every kind of file, by name."""
    text = (files(__package__) / "sources.toml").read_text(encoding="utf-8")
    return {
        name: Source(name, **{**row, "needed": tuple(row["needed"])})
        for name, row in tomllib.loads(text).items()
    }


def source(name: str) -> Source:
    """The kind of file; raises ``BadInputError`` for one there is not."""
    if name not in sources():
        raise BadInputError(
            f"There is no file kind {name!r} to import from.",
            hint=f"Choose from {', '.join(sources())}.",
            code="unknown_report_kind",
        )
    return sources()[name]


def told(file: ReportFile, kind: Source, as_of: date) -> Told:
    """What the file tells of associations on the day ``as_of``.

    Rows of months after that day are passed over; an association that the newest month no longer
    states is over and left out. Raises what reading a report raises, before the first row.
    """
    optional = tuple(field for field in _OPTIONAL if field not in kind.needed)
    table = read_table(file, kind.needed, optional)
    unusable = list(table.rejected.to_dicts())
    read: list[tuple[date, Stated]] = []
    for row in table.rows.iter_rows(named=True):
        found = _read(row, kind, as_of)
        if isinstance(found, str):
            unusable.append(_unusable(file, row, found))
        elif found is not None:
            read.append(found)
    newest = max((month for month, _ in read), default=None)
    lasting = _lasting(read, newest)
    over = len({_identity(one) for _, one in read}) - len(lasting)
    notes = [f"{over} associations are in earlier months only, and left out."] if over else []
    return Told(file, kind, newest, lasting, tuple(unusable), tuple(notes))


def _lasting(read: Iterable[tuple[date, Stated]], newest: date | None) -> tuple[Stated, ...]:
    """Each association of the newest month once, since the earliest day that any row gives."""
    earliest: dict[tuple[str, ...], Stated] = {}
    lasts: set[tuple[str, ...]] = set()
    for month, one in sorted(read, key=lambda entry: (entry[0], entry[1].line)):
        key = _identity(one)
        known = earliest.setdefault(key, one)
        if one.since < known.since:
            earliest[key] = known._replace(since=one.since)
        if month == newest:
            lasts.add(key)
    return tuple(one for key, one in earliest.items() if key in lasts)


def _identity(one: Stated) -> tuple[str, ...]:
    return (*one.place, one.partner, one.claim, one.role, one.activity)


def _read(row: Mapping[str, Any], kind: Source, as_of: date) -> tuple[date, Stated] | str | None:
    """The month and association of a row, or what keeps it from being used; None: it is later."""
    cells = {name: str(value) for name, value in row.items() if value is not None}
    month = month_of(cells["month"]) if "month" in cells else as_of.replace(day=1)
    if month is not None and month > as_of:
        return None
    started = _day(cells["started"]) if "started" in cells else None
    since = _day(cells["associated"]) if "associated" in cells else month
    workload = workload_of(cells.get("workload", "")) if _by_workload(kind, cells) else ""
    problem = _problem(cells, kind, as_of, month, since)
    if problem or month is None or since is None:
        return problem
    named = cells.get("kind") or cells.get("attribution") or kind.kind
    found = kind_of(named)
    return month, Stated(
        line=int(row["line"]),
        kind=found.kind if found else named,
        tenant=cells["tenant"].lower(),
        since=since,
        since_said="associated" in cells,
        started=started,
        workload=workload or "",
        product=cells.get("product", "") or kind.product,
        offer=cells.get("sku", ""),
        **{name: cells.get(name, "") for name in _AS_THEY_ARE},
    )


_AS_THEY_ARE = (
    *("partner", "subscription", "claim", "activity", "role", "agreement", "reference"),
    *("organisation", "customer", "market", "partner_name", "partner_location", "channel"),
)


def _by_workload(kind: Source, cells: Mapping[str, str]) -> bool:
    return "workload" in cells and (kind.area == "m365" or "subscription" not in cells)


def _problem(
    cells: Mapping[str, str], kind: Source, as_of: date, month: date | None, since: date | None
) -> str:
    """What keeps a row from being used; empty when nothing does."""
    empty = [field for field in kind.needed if not cells.get(field)]
    if empty:
        return f"{empty[0]} is empty"
    if month is None:
        return f"the month {cells['month']!r} can't be read"
    dates = [cells[name] for name in ("associated", "started") if name in cells]
    unread = [text for text in dates if _day(text) is None]
    if unread:
        return f"the date {unread[0]!r} can't be read"
    if since and since > as_of:
        return f"it begins on {since}, after {as_of}"
    if _by_workload(kind, cells) and workload_of(cells["workload"]) is None:
        return f"the workload {cells['workload']!r} is unknown"
    return ""


def _day(text: str) -> date | None:
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def _unusable(file: ReportFile, row: Mapping[str, Any], problem: str) -> dict[str, Any]:
    return {
        "file": file.name,
        "line": row["line"],
        "field": "",
        "value": "",
        "problem": problem,
        "hint": "Correct the row and import the file again; what was imported is not repeated.",
    }
