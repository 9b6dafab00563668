"""Competencies and designations of partner organisations, from ``competencies.toml`` (§8.1)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from pydantic import Field

from schemas.time import FOREVER_US, to_us
from schemas.values import Slug, Text, Value


class Competency(Value):
    """A competency: its levels from the lowest up, and its last day where it was ended."""

    title: Text
    levels: tuple[Slug, ...] = Field(min_length=1)
    ended_on: date | None = None
    source: Text

    def ends_us(self) -> int:
        """The instant from which nobody has it any more; FOREVER_US where it was never ended."""
        if self.ended_on is None:
            return FOREVER_US
        return to_us(datetime.combine(self.ended_on + timedelta(days=1), time(), UTC))

    def reaches(self, level: str, least: str | None) -> bool:
        """Whether a level is at least another; every level is at least None."""
        return least is None or self.levels.index(level) >= self.levels.index(least)


@cache
def table() -> Mapping[str, Competency]:
    """Every competency, by its id."""
    text = files("ledger.rules").joinpath("competencies.toml").read_text("utf-8")
    rows = {name: Competency.model_validate(entry) for name, entry in tomllib.loads(text).items()}
    return MappingProxyType(rows)
