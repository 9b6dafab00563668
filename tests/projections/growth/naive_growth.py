"""Credited growth once more, as lists and loops: written from the rule, not from the SQL."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from projections.growth.growth import DIMENSIONS, Wanted
from schemas.time import to_us

REVENUES = {"azure.acr", "azure.acr.attributed", "bizapps.revenue"}


class Held(NamedTuple):
    """A holding, and between which positions it is known."""

    kind: str
    partner: str
    organisation: str
    tenant: str
    workload: str
    subscription: str
    since_us: int
    until_us: int
    activity: str
    known_from: int
    known_to: int
    scope: str = ""
    role: str = ""
    slot: str = ""


@dataclass
class Facts:
    """Everything growth depends on, as plain lists."""

    increments: list[tuple[str, dict[str, Any]]]  # attempt, row
    counted: list[tuple[int, str]]  # position, attempt
    held: list[Held]
    products: list[tuple[int, str, str]]  # position, subscription, product
    organisations: list[tuple[int, str, str]]  # position, location, organisation
    agreements: list[tuple[int, str, str]] = field(default_factory=list)  # ... of a subscription
    free: set[str] = field(default_factory=set)  # subscriptions bought for no seat


def naive_growth(
    facts: Facts, by: tuple[str, ...], wanted: Wanted, position: int
) -> dict[tuple[Any, ...], list[Any]]:
    """The measures of each combination of ``by``; a combination nothing is known of is absent."""
    answer: dict[tuple[Any, ...], list[Any]] = {}
    for key, marks, level, gap_from in keys_at(facts, wanted, position):
        holders = slot_holders(facts, key, wanted, position)
        if (wanted.partners or wanted.organisations) and not holders:
            continue
        shown = {tuple(h if name in by else "" for name, h in holder.items()) for holder in holders}
        for kind, partner, organisation in shown or {("", "", "")}:
            told = {**key, "kind": kind, "partner": partner, "organisation": organisation}
            row = answer.setdefault(tuple(told[name] for name in by), [0, 0, 0, 0, 0, None, None])
            at = 0 if shown else 2
            row[at] += marks["growth"] + marks["gap"]
            row[at + 1] += marks["gap"]
            row[4] += marks["opening"]
            if level is not None and "month" in by:
                row[5] = (row[5] or 0) + level
            if marks["gap"] != 0 and gap_from is not None:
                row[6] = min(row[6] or gap_from, gap_from)
    return answer


def keys_at(
    facts: Facts, wanted: Wanted, position: int
) -> list[tuple[dict[str, Any], dict[str, int], int | None, date | None]]:
    """Each key and month: amounts by mark, level and gap stated last; those not stated left out."""
    amounts: dict[Any, dict[str, int]] = defaultdict(lambda: {"opening": 0, "growth": 0, "gap": 0})
    levels: dict[Any, int | None] = {}
    gaps: dict[Any, date | None] = {}
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for owner, row in facts.increments:
        rows[owner].append(row)
    for _, attempt in sorted(row for row in facts.counted if row[0] <= position):
        for row in rows[attempt]:
            if not _asked(row, wanted):
                continue
            names = ("metric", "tenant", "subscription", "workload", "partner", "attribution")
            key = (row["date"], *(row[name] for name in names), row["resource"])
            amounts[key][row["mark"]] += row["delta_micro"]
            levels[key] = row["level_micro"]
            if row["mark"] == "gap":
                gaps[key] = row["gap_from"]
    kept = []
    for key, marks in amounts.items():
        if any(marks.values()) or levels[key] is not None:
            month, metric, tenant, subscription, workload, named, attribution, part = key
            told = {
                "month": month,
                "metric": metric,
                "tenant": tenant,
                "subscription": subscription,
                "workload": workload,
                "named": named,
                "attribution": attribution,
                "resource": part,
            }
            kept.append((told, marks, levels[key], gaps.get(key)))
    return kept


def _asked(row: dict[str, Any], wanted: Wanted) -> bool:
    return (
        (not wanted.metrics or row["metric"] in wanted.metrics)
        and (not wanted.workloads or row["workload"] in wanted.workloads)
        and (not wanted.tenants or row["tenant"] in wanted.tenants)
        and wanted.from_month <= row["date"] <= wanted.to_month
    )


def slot_holders(
    facts: Facts, key: dict[str, Any], wanted: Wanted, position: int
) -> list[dict[str, str]]:
    """Who holds what reaches a key on its date, or whom the file names."""
    if key["attribution"] or key["named"]:
        found = [(key["attribution"].split(".")[0], key["named"])]
        told = latest(facts.organisations, position)
        ever = {value for at, _, value in facts.organisations if at <= position}
        told = {**{value: value for value in ever}, **told}
        all_ = [(kind, partner, told.get(partner, "")) for kind, partner in found if partner]
    else:
        all_ = [
            (one.kind, one.partner, one.organisation)
            for one in facts.held
            if one.known_from <= position < one.known_to and _reaches(facts, one, key, position)
        ]
    return [
        {"kind": kind, "partner": partner, "organisation": organisation}
        for kind, partner, organisation in all_
        if (not wanted.kinds or kind in wanted.kinds)
        and (not wanted.partners or partner in wanted.partners)
        and (not wanted.organisations or organisation in wanted.organisations)
    ]


def _reaches(facts: Facts, one: Held, key: dict[str, Any], position: int) -> bool:
    when = to_us(datetime(key["month"].year, key["month"].month, 1, tzinfo=UTC))
    if not one.since_us <= when < one.until_us:
        return False
    if one.kind == "CPOR":
        if one.subscription:
            about = "revenue" if key["metric"] in REVENUES else "usage"
            taken = "usage" if one.activity == "usage" else "revenue"
            return one.subscription == key["subscription"] and taken == about
        same = (one.tenant, one.workload) == (key["tenant"], key["workload"])
        return same and not key["subscription"]
    if one.kind not in {"DPOR", "CSP_T1", "CSP_T2"}:
        return False
    if key["subscription"]:
        return bool(one.subscription == key["subscription"])
    product = latest(facts.products, position).get(one.subscription)
    family = {"m365": "m365", "azure": "azure"}.get(product or "")
    return bool(one.tenant == key["tenant"] and family == key["metric"].split(".")[0])


def latest(facts: list[tuple[int, str, str]], position: int) -> dict[str, str]:
    """What is known of each subject at a position."""
    return {subject: value for at, subject, value in sorted(facts) if at <= position}


def columns(by: tuple[str, ...], metrics: tuple[str, ...]) -> tuple[str, ...]:
    """The columns an answer has: those asked for, and those that keep amounts apart."""
    apart = {"metric"}
    if "azure.acr.attributed" in metrics:
        apart |= {"partner", "attribution"}
    if "bizapps.pamau" in metrics:
        apart.add("partner")
    return tuple(name for name in DIMENSIONS if name in apart.union(by))
