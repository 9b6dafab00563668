"""What a partner is about to lose without anybody saying so: next month's visible gaps.

Each finding names its rule and the pain of domain.md §10 that it is about. Nothing is forecast:
what is told follows from what is known, were next month's usage as the last that was reported.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from ledger.rules.incentive_programmes.programme import IncentiveProgramme
from projections.filters import Row
from projections.incentives.evaluate import holders
from projections.incentives.lines import Line, Place, Tenure
from projections.incentives.marks import Level
from projections.incentives.months import first_us, plus
from projections.incentives.statement import number
from projections.programmes.level import PartnerLevel
from projections.programmes.nearby import Nearby
from schemas.time import from_us, iso

NEAR_PERCENT = 10
"""A customer is near a minimum with at most so many hundredths of it to spare [P]."""

_STANDS_IN_THE_WAY = {"NOREPORT", "OPENING", "PAULWPHWM", "MAULWPHWM", "MINTHNTMT", "NOMILESTONE"}
_OF_USAGE = _STANDS_IN_THE_WAY | {"SHAREHIGH", "NOSHARE", "NOBUCKET", "NOTPUBLISHED", "CAPREACHED"}
"""Reasons that usage or the programme's numbers decide; every other is about the partner."""


class Finding(NamedTuple):
    """One gap: what it is about, the sentence, since the values it names; the rule and the pain."""

    kind: str
    says: str
    programme: str | None
    tenant: str | None
    workload: str | None
    subscription: str | None
    partner: str | None
    claim: str | None
    due: str | None
    pain: int
    rule: str


@cache
def table() -> Mapping[str, Mapping[str, Any]]:
    """Every kind of finding."""
    return tomllib.loads((files(__package__) / "outlook.toml").read_text(encoding="utf-8"))


def found(kind: str, about: Mapping[str, Any], **values: Any) -> Finding:
    """A finding of a kind; ``values`` fill its sentence, ``due`` is told by itself, too."""
    row = table()[kind]
    names = ("programme", "tenant", "workload", "subscription", "partner", "claim")
    told = {name: about.get(name) or None for name in names}
    says, rule = row["says"].format(**values), row["rule"]
    return Finding(kind, says, **told, due=values.get("due"), pain=row["pain"], rule=rule)


def of_line(line: Line) -> dict[str, Any]:
    """What a finding is about, from a line."""
    return {
        "programme": line.programme,
        "tenant": line.place.tenant,
        "workload": line.place.workload,
        "subscription": line.place.subscription,
        "partner": line.tenure.partner,
        "claim": line.tenure.claim,
    }


def of_deadlines(awaited: Iterable[Row]) -> Iterator[Finding]:
    """What lapses by itself, or can be answered no longer, by the end of next month."""
    for row in awaited:
        if row["effect"]:
            due = iso(row["due_us"])
            yield found("deadline", row, name=row["name"].replace("_", " "), due=due)


def of_lines(
    programmes: Mapping[str, IncentiveProgramme],
    lines: Sequence[Line],
    month: date,
    *,
    priced: frozenset[str] = frozenset(),
) -> Iterator[Finding]:
    """Gaps of ``month`` (the next), by its lines and the last ones whose usage was told.

    ``lines`` are those of the months up to it; ``priced`` are the programmes that have a rate.
    """
    next_lines = [line for line in lines if line.month == month]
    for line in next_lines:
        last = _last_told(lines, line)
        yield from _of_partner(line)
        if line.tenure.approved:
            programme = programmes[line.programme]
            yield from _of_usage(programme, line, last)
    told = dict.fromkeys(line.programme for line in next_lines)
    for name in told:
        if name not in priced:
            yield found("no_rate", {"programme": name}, programme=name)


def _last_told(lines: Sequence[Line], of: Line) -> Line | None:
    same = [
        line
        for line in lines
        if (line.programme, line.place, line.tenure.claim, line.tenure.partner)
        == (of.programme, of.place, of.tenure.claim, of.tenure.partner)
        and line.quantity is not None
        and line.month < of.month
    ]
    return max(same, key=lambda line: (line.month, str(line.milestone)), default=None)


def _of_partner(line: Line) -> Iterator[Finding]:
    """Why next month's usage would earn nothing, whatever it is."""
    for reason in line.reasons:
        if reason.code == "IVDPOE" and not line.tenure.approved:
            since = from_us(line.tenure.submitted_us).date()
            yield found("waiting", of_line(line), since=since)
        elif reason.code not in _OF_USAGE:
            yield found(
                "not_eligible", of_line(line), month=f"{line.month:%Y-%m}", reason=reason.code,
                found=reason.found or "see the reason",
            )  # fmt: skip


def _of_usage(programme: IncentiveProgramme, line: Line, last: Line | None) -> Iterator[Finding]:
    about = of_line(line)
    if last is None:
        since = from_us(line.tenure.from_us).date()
        counts = _first_counted(line.tenure)
        shown = plus(counts, 1) + timedelta(days=15)
        yield found("first_month", about, since=since, month=f"{counts:%Y-%m}", shown=shown)
        return
    if last.month < plus(line.month, -2):
        missing = f"{plus(last.month, 1):%Y-%m}"
        yield found("no_report", about, month=missing)
    yield from _seats(programme, last, about)
    if line.mark is not None:
        yield found(
            "mark_to_pass", about, month=f"{line.month:%Y-%m}", mark=number(line.mark),
            seats=number(last.quantity), users=number(last.beside) or "no",
        )  # fmt: skip
    kinds = {
        "SHAREHIGH": "share_spoiled",
        "NOMILESTONE": "next_milestone",
        "NOTPUBLISHED": "not_published",
    }
    for reason in last.reasons:
        if reason.code in kinds:
            yield found(kinds[reason.code], about, found=reason.found)
    for cap in last.caps:
        if cap.left is not None:
            yield found("cap_near", about, cap=cap.cap, left=number(cap.left))


def _first_counted(tenure: Tenure) -> date:
    """The first month whose first instant lies in the association."""
    month = from_us(tenure.from_us).date().replace(day=1)
    return month if tenure.from_us <= first_us(month) else plus(month, 1)


def _seats(
    programme: IncentiveProgramme, last: Line, about: Mapping[str, Any]
) -> Iterator[Finding]:
    minimum = programme.minimum
    if minimum is None or last.quantity is None:
        return
    spare = last.quantity - minimum.units
    told = {"least": minimum.units, "seats": number(last.quantity)}
    if spare < 0:
        yield found("too_few_seats", about, missing=number(-spare), **told)
    elif spare * 100 <= minimum.units * NEAR_PERCENT:
        yield found("near_minimum", about, spare=number(spare), **told)


def of_designation(name: str, level: PartnerLevel, near: Iterable[Nearby]) -> Iterator[Finding]:
    """What is near in a designation: customers short of a number, and the next level (§8.3)."""
    for one in near:
        about = {"programme": name, "tenant": one.tenant, "workload": one.workload}
        kind = "near_loss" if one.counts else "near_threshold"
        apart = number(abs(one.value - one.needed))
        told = found(
            kind, about, value=number(one.value), measured=one.measured, month=f"{one.month:%Y-%m}",
            more=apart, spare=apart, needed=number(one.needed), metric=one.metric.title,
            tenant_class=one.tenant_class.title,
        )  # fmt: skip
        yield told._replace(rule=one.metric.source)
    following = level.next
    if following is None or following.points is None:
        return
    # A level that other metrics withhold is not near, however many points there are.
    if not 0 < following.points <= NEAR_PERCENT or following.below:
        return
    steps = [
        f"{number(one.more)} more of {one.metric}{f' by {one.part}' if one.part else ''}"
        for one in following.steps
        if one.points >= following.points
    ]
    told = found(
        "near_level", {"programme": name}, points=number(following.points),
        level=following.level.title, month=f"{level.month:%Y-%m}",
        ways=" or ".join(steps) or "no metric alone brings them",
    )  # fmt: skip
    yield told._replace(rule=following.level.source or level.programme.qualify.source)


def of_unclaimed(
    tenant: str,
    workloads: Mapping[str, Mapping[date, Level]],
    tenures: Mapping[str, Sequence[Tenure]],
    month: date,
) -> Iterator[Finding]:
    """Workloads of an own customer that are in use, growing, and claimed by nobody.

    ``workloads`` gives active users by workload and month, ``tenures`` who holds or waits.
    """
    for workload, users in sorted(workloads.items()):
        held = tenures.get(workload, ())
        last = max((each for each in users if each <= month), default=None)
        if last is None or last < plus(month, -3):
            continue
        if holders(held, month) or any(not one.approved for one in held):
            continue
        before = users.get(plus(last, -3))
        grown = users[last].value - (before.value if before else Decimal(0))
        if grown > 0:
            place = Place(tenant, workload, "")
            yield found(
                "unclaimed", place._asdict(), users=number(users[last].value),
                grown=number(grown), month=f"{last:%Y-%m}",
            )  # fmt: skip
