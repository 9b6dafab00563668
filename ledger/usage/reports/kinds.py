"""The kinds of usage report that can be loaded, as data: ``kinds.toml`` explains its fields."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field, model_validator

from ledger.errors import BadInputError
from ledger.usage.metrics import Metric, metric
from schemas.values import Value


class UnknownReportKindError(BadInputError):
    """A kind of report that the table does not name."""

    code = "unknown_report_kind"


class Measure(Value):
    """A number of a row: its field and its metric; a flow's ``attributed`` is told by partner."""

    field: str
    metric: str
    attributed: str | None = None

    @property
    def about(self) -> Metric:
        """The metric's row in its own table."""
        return metric(self.metric)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that are stated, the fact first."""
        return (self.metric, self.attributed) if self.attributed else (self.metric,)


class LeftOut(Value):
    """Rows that do not count: those whose field is one of ``is``, or none of ``except``."""

    field: str
    these: tuple[str, ...] = Field(default=(), alias="is")
    all_but: tuple[str, ...] = Field(default=(), alias="except")
    says: str


class Unread(Value):
    """A documented field whose numbers are not counted, and what is said of it."""

    field: str
    says: str


class ReportKind(Value):
    """A row of the table; the comment at the head of ``kinds.toml`` says what each field means."""

    kind: str
    title: str
    needed: tuple[str, ...]
    blank: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    measures: tuple[Measure, ...]
    resource: tuple[str, ...] = ()
    workloads: Literal["m365", "named"] | None = None
    partner: str | None = None
    attribution: str | None = None
    role: str | None = None
    words: Mapping[str, Mapping[str, tuple[str, ...]]] = Field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    unread: tuple[Unread, ...] = ()
    source: str

    @model_validator(mode="after")
    def _flows_and_only_flows_are_attributed(self) -> ReportKind:
        for it in self.measures:
            assert it.about.is_stock == (it.attributed is None), f"{self.kind}: {it.metric}"
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields whose column must be there."""
        return (*self.needed, *self.blank)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric that a report of the kind states."""
        return tuple(name for it in self.measures for name in it.metrics)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Every dimension that the key of one of its metrics has."""
        return tuple(dict.fromkeys(name for it in self.metrics for name in metric(it).key))


@cache
def table() -> Mapping[str, ReportKind]:
    """Every kind, by its id, in the order of the file."""
    text = files("ledger.usage.reports").joinpath("kinds.toml").read_text("utf-8")
    rows = tomllib.loads(text)
    return {name: ReportKind.model_validate({"kind": name, **row}) for name, row in rows.items()}


def report_kind(name: str) -> ReportKind:
    """The row of the table for ``name``; raises ``UnknownReportKindError`` when there is none."""
    try:
        return table()[name]
    except KeyError:
        raise UnknownReportKindError(
            f"There is no report kind {name!r}.", hint=f"Known kinds: {', '.join(table())}."
        ) from None
