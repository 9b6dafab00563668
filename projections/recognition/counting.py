"""What an association counts for: the verdict of each area of ``counts.toml``, §7.2 and §7.3.

Association, recognition and earning are three answers (DESIGN §6): that a partner holds says
nothing yet about whose score it counts for, and that it counts nothing about payment.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Reason(StrEnum):
    """Why an association counts or does not."""

    COUNTS = "counts"
    WORKLOAD_NOT_CONCERNED = "workload_not_concerned"
    KIND_NOT_ACCEPTED = "kind_not_accepted"
    ACTIVITY_NOT_ACCEPTED = "activity_not_accepted"
    BEATEN = "beaten_on_same_subscription"
    WITHOUT_ROLE = "without_role"


class Standing(NamedTuple):
    """An association as far as recognition asks.

    ``product`` is that of its subscription; ``m365`` for a workload, ``azure`` for an Azure role.
    ``measured`` is false for a PAL link that no role gives anything to measure (domain.md §6.2).
    """

    kind: str
    product: str
    activity: str | None = None
    workload: str | None = None
    measured: bool = True


class Area(NamedTuple):
    """A row of the table: what is judged, by which measures, and whom it accepts."""

    id: str
    title: str
    measures: tuple[str, ...]
    products: frozenset[str]
    workloads: frozenset[str]
    kinds: Mapping[str, frozenset[str]]
    beaten: Mapping[str, str]
    combine: str
    first: date
    until: date
    source: str

    def on(self, day: date) -> bool:
        """Whether the row is documented for the day."""
        return self.first <= day < self.until


class Verdict(NamedTuple):
    """Whether an association counts in an area, and why or why not."""

    area: Area
    reason: Reason

    @property
    def counts(self) -> bool:
        """Whether it counts there."""
        return self.reason is Reason.COUNTS


@cache
def areas() -> tuple[Area, ...]:
    """Every area of the table, in its order."""
    text = (files(__package__) / "counts.toml").read_text(encoding="utf-8")
    return tuple(
        Area(
            row["id"],
            row["title"],
            tuple(row["measures"]),
            frozenset(row["products"]),
            frozenset(row.get("workloads", ())),
            {kind: frozenset(activities) for kind, activities in row["kinds"].items()},
            row.get("beaten", {}),
            row["combine"],
            row["from"],
            row.get("until", date.max),
            row["source"],
        )
        for row in tomllib.loads(text)["area"]
    )


def verdicts(standing: Standing, on: date, beside: Collection[str] = ()) -> tuple[Verdict, ...]:
    """The verdict of every area that is about the association's product on the day.

    ``beside`` are the kinds that stand on the same subscription, besides this one: CPOR there
    beats DPOR in the competency of 2020-21 (domain.md §7.2).
    """
    concerned = (area for area in areas() if standing.product in area.products and area.on(on))
    return tuple(Verdict(area, _reason(area, standing, beside)) for area in concerned)


def _reason(area: Area, standing: Standing, beside: Collection[str]) -> Reason:
    activities = area.kinds.get(standing.kind)
    if activities is None:
        return Reason.KIND_NOT_ACCEPTED
    if activities and standing.activity not in activities:
        return Reason.ACTIVITY_NOT_ACCEPTED
    if area.workloads and standing.workload and standing.workload not in area.workloads:
        return Reason.WORKLOAD_NOT_CONCERNED
    if not standing.measured:
        return Reason.WITHOUT_ROLE
    if area.beaten.get(standing.kind) in beside:
        return Reason.BEATEN
    return Reason.COUNTS
