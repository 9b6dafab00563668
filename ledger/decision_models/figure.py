"""A figure that people record for a programme: its value as of each day, as known now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from ledger.decision import Fact, Model
from schemas.figures import FigureEvent, MetricRecorded, MetricWithdrawn

Values = Mapping[date, str]


def _apply(state: Values, fact: Fact) -> Values:
    event = fact.event
    assert isinstance(event, FigureEvent), "the model asks for figures only"
    rest = {day: value for day, value in state.items() if day != event.on}
    if isinstance(event, MetricRecorded):
        rest[event.on] = event.value
    return MappingProxyType(rest)


_NONE: Values = MappingProxyType({})

FIGURE: Model[Values] = Model(
    name="figure",
    tag="figure",
    types=(MetricRecorded, MetricWithdrawn),
    start=_NONE,
    apply=_apply,
)
"""The value of a figure by the day it is as of; key: ``FigureEvent.figure``."""
