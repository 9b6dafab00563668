"""What has to fit together in a programme: names that others name, and points that add up."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.rules.programmes.programme import Metric, Programme


def fault(programme: Programme) -> str | None:
    """The first thing that does not fit, in words; None where all does."""
    return next(_faults(programme), None)


def _faults(programme: Programme) -> Iterator[str]:
    classes = [one.id for one in programme.tenant_class]
    types = [one.id for one in programme.type]
    for one in programme.tenant_class:
        yield from _unknown(f"tenant_class {one.id}: types", one.types, types)
    for metric in programme.metric:
        for found in _metric(programme, metric, classes, types):
            yield f"metric {metric.id}: {found}"
    metrics = [one.id for one in programme.metric]
    for level in programme.qualify.levels:
        yield from _unknown(f"qualify.level {level.id}: needs", level.needs, metrics)
    yield from _sums(programme)
    if programme.qualify.keep == "assigned_class" and all(
        one.assigned is None for one in programme.tenant_class
    ):
        yield "qualify.keep: 'assigned_class', but no tenant_class says when it is assigned"


def _unknown(what: str, named: Collection[str], there: Collection[str]) -> Iterator[str]:
    for name in named:
        if name not in there:
            yield f"{what}: {name!r} is none of {', '.join(there)}"


def _metric(
    programme: Programme, metric: Metric, classes: list[str], types: list[str]
) -> Iterator[str]:
    yield from _unknown("classes", metric.classes, classes)
    yield from _unknown("types", metric.types, types)
    yield from _unknown("by.type", [way.type for way in metric.by if way.type], types)
    markets = [one.id for one in programme.market]
    seen = set()
    for line in metric.threshold:
        at = (line.tenant_class, line.part)
        yield from _unknown("threshold.class", [line.tenant_class], classes)
        yield from _unknown("threshold.market", [line.market] if line.market else [], markets)
        yield from _type_fault(metric, line.type, types)
        if at in seen:
            yield f"threshold: {line.tenant_class} {line.part} stands twice"
        if bool(line.bands) != (metric.formula == "bands"):
            yield "threshold.bands: needed, and allowed, with the formula bands"
        seen.add(at)
    yield from _sizes(metric)
    pointless = metric.formula in ("none", "not_published")
    if pointless and metric.threshold:
        yield f"threshold: the formula {metric.formula} has none"
    if not pointless:
        has = {tenant_class for tenant_class, _ in seen}
        missing = [name for name in classes if metric.in_class(name) and name not in has]
        if missing:
            yield f"threshold: none for class {min(missing)}"
        if metric.max_points is None and any(line.max_points is None for line in metric.threshold):
            yield "max_points: missing"


def _sizes(metric: Metric) -> Iterator[str]:
    """What counts places of a size needs one, and a growth in per cent what to grow from."""
    sized = all(line.size is not None for line in metric.threshold)
    for way in metric.by:
        if way.function == "crossings" and not sized:
            yield "threshold.size: needed with crossings"
        if way.function != "tenants_gained" or way.at_least is not None or sized:
            continue
        if way.over != "level" or way.share_of:
            yield "by.at_least: needed where no threshold says a size"
    if metric.formula == "percent_growth":
        for line in metric.threshold:
            if line.value is None or line.baseline is None:
                yield "threshold: value (per cent) and baseline are needed with percent_growth"


def _type_fault(metric: Metric, named: str | None, types: list[str]) -> Iterator[str]:
    compete = metric.formula in ("best_of_types", "sum_of_types")
    if compete and named not in types:
        yield f"threshold.type: {named!r} is none of {', '.join(types)}"
    if not compete and named is not None:
        yield f"threshold.type: {named!r} is none of None: {metric.formula} tells no types apart"


def _sums(programme: Programme) -> Iterator[str]:
    out_of = programme.qualify.out_of
    if out_of is None:
        return
    for one in programme.tenant_class:
        found = [m for m in programme.metric if m.in_class(one.id) and m.formula != "none"]
        most = [metric.most(one.id) for metric in found]
        total = sum((points for points in most if points is not None), Decimal(0))
        if total > out_of or (None not in most and total != out_of):
            yield f"qualify.out_of: {out_of}, but max_points of {one.id} add up to {total}"
