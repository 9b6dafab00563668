"""Markets: which customers and which partners lie in the countries of one (§8.2, Market class)."""

from __future__ import annotations

from functools import cached_property

import polars as pl

from ledger.rules.programmes.programme import Programme
from ledger.rules.programmes.values import NOT_PUBLISHED
from projections.programmes.facts import Facts
from projections.programmes.recorded import Told


class Markets:
    """The market of one threshold; without one, everything is in it."""

    def __init__(self, programme: Programme, facts: Facts, market: str | None) -> None:
        self._facts, self._markets = facts, programme.market
        self._market = next((one for one in programme.market if one.id == market), None)

    @property
    def unpublished(self) -> str:
        """Why nothing can be told by market; empty where it can."""
        open_ = [one.id for one in self._markets if one.countries == NOT_PUBLISHED]
        if self._market is None or not open_:
            return ""
        return f"which countries are {' and '.join(open_)} is not published"

    @cached_property
    def _others(self) -> list[str]:
        """The countries that other markets name."""
        named = (one.countries for one in self._markets if isinstance(one.countries, tuple))
        return [country for countries in named for country in countries]

    def _holds(self, country: str | None) -> bool:
        assert self._market is not None, "only a market holds countries"
        if isinstance(self._market.countries, tuple):
            return country in self._market.countries
        return country is not None and country not in self._others

    def of_customers(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Only rows of customers in the market."""
        if self._market is None:
            return rows
        there = self._facts.customers
        inside = [one for one in there["country"].unique() if self._holds(one)]
        there = there.filter(pl.col("country").is_in(inside))
        return rows.join(there, on="tenant", how="semi")

    def of_partners(self, holder: str, told: dict[str, Told]) -> dict[str, Told]:
        """Only what is recorded of a partner, or of its locations, in the market."""
        if self._market is None:
            return told
        countries = self._facts.countries
        return {
            whose: one for whose, one in told.items() if self._holds(countries.get(whose or holder))
        }
