"""The metric table: what is counted, in which unit, and what its key consists of.

The table itself is ``metrics.toml``; a reader can check it against ``domain.md`` line by line.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from ledger.errors import BadInputError

Sort = Literal["flow", "stock"]

CURRENCIES = frozenset({"USD"})
"""Units of metrics that are revenue."""


class UnknownMetricError(BadInputError):
    """A metric that the table does not name."""

    code = "unknown_metric"


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of the metric table (DESIGN §7)."""

    id: str
    title: str
    sort: Sort
    unit: str
    key: tuple[str, ...]
    negative: bool
    whole: bool
    era: str
    source: str

    @property
    def is_stock(self) -> bool:
        """True where the metric is a level and its increments are differences."""
        return self.sort == "stock"

    @property
    def is_revenue(self) -> bool:
        """True where the metric is an amount of money, seen by fewer roles than usage."""
        return self.unit in CURRENCIES


def _table() -> dict[str, Metric]:
    text = files("ledger.usage").joinpath("metrics.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["metric"]
    return {row["id"]: Metric(**{**row, "key": tuple(row["key"])}) for row in rows}


METRICS: dict[str, Metric] = _table()


def metric(name: str) -> Metric:
    """The row of the table for ``name``.

    Raises:
        UnknownMetricError: when the table has no such metric.
    """
    try:
        return METRICS[name]
    except KeyError:
        known = ", ".join(sorted(METRICS))
        raise UnknownMetricError(
            f"There is no metric {name!r}.", hint=f"Known metrics: {known}."
        ) from None
