"""Events about figures that people record for programmes: certified people, consultants, revenue.

What usage reports do not say, or what another system counted, enters here, with its source.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import StringConstraints

from schemas.event import Event, distinct
from schemas.values import Comment, Id, Text

Amount = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$")]
"""An exact number with at most six decimals, as text."""

PartName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.]{0,63}$")]
"""The name of a metric, tenant class or type of a programme."""


class FigureEvent(Event):
    """What both say: which figure of whom, as of which day.

    ``organisation`` is always told; ``location`` where the figure is of one location alone.
    """

    programme: Id
    metric: PartName
    organisation: Id
    location: Id | None = None
    tenant_class: PartName | None = None
    type: PartName | None = None
    on: date

    @property
    def figure(self) -> str:
        """What it is a figure of, whatever the day: the key of a decision about it."""
        of = f"location.{self.location}" if self.location else f"organisation.{self.organisation}"
        parts = (self.programme, self.metric, of, self.tenant_class or "-", self.type or "-")
        return ":".join(parts)

    def tags(self) -> tuple[str, ...]:
        """The figure, the programme it is recorded for, whose it is."""
        return distinct(
            f"figure:{self.figure}",
            f"programme:{self.programme}",
            f"partner:{self.location}" if self.location else None,
            f"organisation:{self.organisation}",
        )


class MetricRecorded(FigureEvent):
    """A figure was recorded as of a day; one recorded later for the same day goes before it."""

    TYPE: ClassVar[str] = "metric.recorded.v1"
    value: Amount
    source: Text


class MetricWithdrawn(FigureEvent):
    """The figure recorded as of a day was wrong and is not known: it counts no longer."""

    TYPE: ClassVar[str] = "metric.withdrawn.v1"
    reason: Comment
