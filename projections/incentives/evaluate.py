"""The lines of a programme: every month of every place, who is credited or refused, and why.

Pure functions of facts as known at one position. What came before decides (marks, milestones), so
months are walked in order from the first that is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ledger.rules.incentive_programmes.programme import (
    NOT_PUBLISHED,
    ActiveUsers,
    DailyRole,
    HighWaterMark,
    IncentiveProgramme,
    Milestones,
    SellAttach,
)
from projections.incentives import marks, milestones
from projections.incentives.lines import ZERO, Line, Place, Tenure
from projections.incentives.marks import Level
from projections.incentives.months import apart, between, first_us, last_us, nth_weekday, of_us
from projections.incentives.reasons import Reason, in_order
from schemas.time import from_us, iso

WhyNot = Callable[[Tenure, Place, date], tuple[Reason, ...]]
"""Why an association is not eligible in a month, apart from what usage says; empty: it is."""


@dataclass(frozen=True)
class Counted:
    """What is known of one place: levels by metric and month, and who is associated when.

    ``days`` are, by month, the whole days on which each partner earns by its role (§6.3).
    ``started_us`` and ``channel`` are those of a subscription.
    """

    place: Place
    stated: Mapping[str, Mapping[date, Level]]
    tenures: tuple[Tenure, ...]
    days: Mapping[date, Mapping[Tenure, int]] = field(default_factory=dict)
    started_us: int | None = None
    channel: str = ""

    def of(self, month: date) -> dict[str, Level]:
        """The levels of a month by metric."""
        return {name: told[month] for name, told in self.stated.items() if month in told}

    def first_month(self) -> date | None:
        """The first month that any level is stated for."""
        return min((month for told in self.stated.values() for month in told), default=None)


def lines(
    programme: IncentiveProgramme, counted: Iterable[Counted], until: date, why_not: WhyNot
) -> list[Line]:
    """Every line of the months in which the programme is valid, up to ``until``, in order.

    Before caps and amounts. By month, place and partner.
    """
    walk = _WALKS[type(programme.formula)]
    judge = _Judge(programme, why_not)
    found = [line for one in counted for line in walk(programme, one, until, judge)]
    return sorted(found, key=lambda line: (line.month, *line.key))


@dataclass(frozen=True)
class _Judge:
    programme: IncentiveProgramme
    why_not: WhyNot

    def reasons(self, counted: Counted, tenure: Tenure, month: date) -> tuple[Reason, ...]:
        """Why the association is not eligible in the month; usage left aside."""
        return (
            *_not_yet(tenure, month),
            *self._by_programme(counted, tenure, month),
            *self.why_not(tenure, counted.place, month),
        )

    def _by_programme(self, counted: Counted, tenure: Tenure, month: date) -> Iterator[Reason]:
        rules = self.programme
        for one in rules.recognition_only:
            if one.holds(counted.place.workload, month):
                yield Reason("RECONLY", counted.place.workload)
        attach = rules.attach
        if attach is not None and attach.most_months != NOT_PUBLISHED:
            since = of_us(attached_us(counted.tenures, tenure))
            if apart(since, month) >= attach.most_months:
                yield Reason(attach.reason, f"attached in {since:%Y-%m}")


def attached_us(tenures: Iterable[Tenure], tenure: Tenure) -> int:
    """Since when the claim (or, without one, the partner) is attached to the place."""
    same = [
        one.from_us
        for one in tenures
        if one.approved
        and (one.claim == tenure.claim if tenure.claim else one.partner == tenure.partner)
    ]
    return min(same, default=tenure.from_us)


def _not_yet(tenure: Tenure, month: date) -> Iterator[Reason]:
    if not tenure.approved:
        yield Reason("IVDPOE", f"waits since {iso(tenure.submitted_us)[:10]}")
    elif tenure.from_us > first_us(month):
        yield Reason("IVDPOE", f"approved as of {from_us(tenure.from_us).date()}")


def holders(tenures: Iterable[Tenure], month: date) -> list[Tenure]:
    """Who is associated on the first instant of a month; that is whose month it is (§15 S12)."""
    at_us = first_us(month)
    return [one for one in tenures if one.approved and one.from_us <= at_us < one.until_us]


def others(tenures: Iterable[Tenure], month: date) -> list[Tenure]:
    """Who begins or waits in a month without being associated on its first, each claim once."""
    begins = [
        one for one in tenures if one.approved and first_us(month) < one.from_us <= last_us(month)
    ]
    told = {(one.partner, one.claim) for one in (*holders(tenures, month), *begins)}
    waits = [
        one
        for one in tenures
        if not one.approved
        and one.submitted_us <= last_us(month)
        and one.until_us > first_us(month)
        and (one.partner, one.claim) not in told
    ]
    return [*begins, *waits]


def _line(
    programme: IncentiveProgramme, counted: Counted, tenure: Tenure, month: date, **told: Any
) -> Line:
    formula = programme.formula
    stated = counted.of(month)
    reports = tuple(sorted({stated[name].report for name in programme.metrics if name in stated}))
    reasons = in_order(told.pop("reasons", ()))
    return Line(
        programme=programme.id,
        lever=programme.lever,
        month=month,
        place=counted.place,
        tenure=tenure,
        reasons=reasons,
        reports=reports,
        rule=formula.name,
        source=formula.source,
        **told,
    )


def _by_mark(
    programme: IncentiveProgramme, counted: Counted, until: date, judge: _Judge
) -> Iterator[Line]:
    rule = programme.formula
    assert isinstance(rule, HighWaterMark)
    start = min(programme.valid_from, counted.first_month() or programme.valid_from)
    mark = marks.Marks()
    for month in between(start, until):
        stated = counted.of(month)
        held = holders(counted.tenures, month)
        holder = held[0] if held and programme.valid(month) else None
        why = judge.reasons(counted, holder, month) if holder else ()
        step = marks.month_of(
            mark, stated, rule, programme.minimum, held=holder is not None, earns=not why
        )
        usage = _usage(stated, rule.pays, rule.beside)
        told = {"mark": step.before.paying, "mark_after": step.after.paying} | usage
        told |= {"mark_beside": step.before.beside}
        if holder:
            reasons = (*why, *step.reasons)
            units = ZERO if reasons else step.units
            yield _line(
                programme, counted, holder, month, reasons=reasons, units=units, uncapped=units,
                units_beside=ZERO if reasons else step.units_beside, **told,
            )  # fmt: skip
        yield from _waiting(programme, counted, month, judge, told)
        mark = step.after


def _waiting(
    programme: IncentiveProgramme,
    counted: Counted,
    month: date,
    judge: _Judge,
    told: Mapping[str, Any],
) -> Iterator[Line]:
    """The refused lines of those who wait for approval or were approved within the month."""
    for tenure in others(counted.tenures, month) if programme.valid(month) else ():
        reasons = judge.reasons(counted, tenure, month)
        yield _line(programme, counted, tenure, month, reasons=reasons, **told)


def _usage(stated: Mapping[str, Level], pays: str, beside: str = "") -> dict[str, Any]:
    return {
        "quantity": stated[pays].value if pays in stated else None,
        "quantity_type": _type_of(pays),
        "beside": stated[beside].value if beside in stated else None,
        "beside_type": _type_of(beside),
    }


def _type_of(metric: str) -> str:
    """``PAU`` or ``MAU`` as Partner Center names them; other metrics by their own name."""
    return {"m365.pau": "PAU", "m365.mau": "MAU"}.get(metric, metric)


def _by_milestone(
    programme: IncentiveProgramme, counted: Counted, until: date, judge: _Judge
) -> Iterator[Line]:
    rule = programme.formula
    assert isinstance(rule, Milestones)
    paid: frozenset[int] = frozenset()
    for month in between(programme.valid_from, until):
        if not programme.valid(month):
            return
        stated = counted.of(month)
        told = _usage(stated, rule.seats, rule.active)
        for holder in holders(counted.tenures, month)[:1]:
            at_claim = milestones.snapshot(counted.stated, rule, holder.submitted_us)
            reached = milestones.month_of(stated, at_claim, rule, programme.minimum, paid)
            why = judge.reasons(counted, holder, month)
            reasons = (*why, *reached.reasons)
            each = reached.milestones or ((None, None),)
            for number, percent in each:
                units = ZERO if reasons else Decimal(1)
                yield _line(
                    programme, counted, holder, month, reasons=reasons, units=units, uncapped=units,
                    bucket=reached.bucket, milestone=number, milestone_share=percent, **told,
                )  # fmt: skip
            if not reasons:
                paid |= {number for number, _ in reached.milestones}
        yield from _waiting(programme, counted, month, judge, told)


def _by_active_users(
    programme: IncentiveProgramme, counted: Counted, until: date, judge: _Judge
) -> Iterator[Line]:
    rule = programme.formula
    assert isinstance(rule, ActiveUsers)
    for month in between(programme.valid_from, until):
        if not programme.valid(month):
            return
        stated = counted.of(month)
        held = holders(counted.tenures, month)
        told = _usage(stated, rule.pays)
        several = len({one.organisation for one in held}) > 1
        for holder in _one_a_partner(held):
            why = [*judge.reasons(counted, holder, month), *_nothing(stated, rule.pays)]
            if several:
                why.append(Reason("NOTTOLD"))
            units = ZERO if why else stated[rule.pays].value
            yield _line(
                programme, counted, holder, month, reasons=why, units=units, uncapped=units, **told
            )


def _one_a_partner(held: Iterable[Tenure]) -> list[Tenure]:
    """One association a location: on several subscriptions it is one fee on the tenant's users."""
    found: dict[str, Tenure] = {}
    for one in held:
        found.setdefault(one.partner, one)
    return list(found.values())


def _nothing(stated: Mapping[str, Level], metric: str) -> Iterator[Reason]:
    if metric not in stated:
        yield Reason("NOREPORT", metric)
    elif stated[metric].value <= 0:
        yield Reason("NOUSAGE", f"{stated[metric].value}")


def _by_sale(
    programme: IncentiveProgramme, counted: Counted, until: date, judge: _Judge
) -> Iterator[Line]:
    rule = programme.formula
    assert isinstance(rule, SellAttach)
    for month in between(programme.valid_from, until):
        if not programme.valid(month):
            return
        stated = counted.of(month)
        told = _usage(stated, rule.pays)
        for holder in holders(counted.tenures, month):
            why = [*judge.reasons(counted, holder, month), *_nothing(stated, rule.pays)]
            why += _in_time(rule, counted, holder, month)
            units = ZERO if why else stated[rule.pays].value
            yield _line(
                programme, counted, holder, month, reasons=why, units=units, uncapped=units, **told
            )
        yield from _waiting(programme, counted, month, judge, told)


def last_day_in_time(rule: SellAttach, month: date) -> date:
    """The last day on which a claim may come in to count in a month's run."""
    cut_off = nth_weekday(month, rule.weekday, rule.nth)
    return cut_off - timedelta(days=rule.days_before_cut_off)


def _in_time(rule: SellAttach, counted: Counted, holder: Tenure, month: date) -> Iterator[Reason]:
    submitted = from_us(holder.submitted_us).date()
    last = last_day_in_time(rule, month)
    if submitted > last:
        yield Reason("AFTERCUT", f"submitted on {submitted}, in time by {last}")
    if counted.channel and counted.channel not in rule.channels:
        yield Reason("IVDPTRROLE", f"sold by {counted.channel}")
    if rule.attach_within_days == NOT_PUBLISHED or counted.started_us is None:
        return
    days = (submitted - from_us(counted.started_us).date()).days
    if days > rule.attach_within_days:
        yield Reason("LATEATTACH", f"{days} days after the sale")


def _by_day(
    programme: IncentiveProgramme, counted: Counted, until: date, judge: _Judge
) -> Iterator[Line]:
    rule = programme.formula
    assert isinstance(rule, DailyRole)
    for month in between(programme.valid_from, until):
        if not programme.valid(month):
            return
        stated = counted.of(month)
        told = _usage(stated, rule.pays)
        for tenure, days in counted.days.get(month, {}).items():
            why = [*judge.why_not(tenure, counted.place, month), *_nothing(stated, rule.pays)]
            if not days:
                why.append(Reason("IVDPTRROLE", "no whole day with an eligible role"))
            units = ZERO if why else Decimal(days)
            yield _line(
                programme, counted, tenure, month, reasons=why, units=units, uncapped=units, **told
            )


_WALKS: Mapping[type, Callable[..., Iterator[Line]]] = {
    HighWaterMark: _by_mark,
    Milestones: _by_milestone,
    ActiveUsers: _by_active_users,
    SellAttach: _by_sale,
    DailyRole: _by_day,
}
