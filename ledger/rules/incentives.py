"""Incentive programmes: what they are about, their terms, what a partner needs (§2, §8.4).

The shipped table is ``incentives.toml``; a programme that an operator adopts goes before the
shipped one of its name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationError, model_validator

from ledger.errors import BadInputError
from ledger.refusal import Refused
from ledger.rules.competencies import table as competencies
from ledger.rules.workloads import table as workloads
from schemas.time import from_us, to_us
from schemas.values import Activity, Country, Id, SolutionArea, Text, Value

CLAIMED = frozenset(f"{area} {activity}" for area in SolutionArea for activity in Activity)
"""What claims can be about, as a programme names it."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError) as error:
        raise ValueError("is no time zone; write it like Europe/Prague") from error
    return name


class Need(Value):
    """One thing that a partner must have; ``reason`` is the code of §8.4 when it has not.

    ``any_of`` are competencies (of at least the level ``least``) or agreements; ``countries`` are
    None where they are not published. ``workloads`` limits it to claims for those.
    """

    what: Literal["enrolment", "competency", "agreement", "country"]
    any_of: tuple[Id, ...] = ()
    least: Id | None = None
    countries: tuple[Country, ...] | None = None
    workloads: tuple[Id, ...] = ()
    reason: Annotated[str, Field(pattern=r"^[A-Z]{3,16}$")]
    source: Text

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if bool(self.any_of) != (self.what in ("competency", "agreement")):
            raise ValueError("any_of is needed, and allowed, for a competency and an agreement")
        if self.what == "competency":
            for name in self.any_of:
                found = competencies().get(name)
                if found is None:
                    raise ValueError(f"there is no competency {name!r}")
                if self.least is not None and self.least not in found.levels:
                    raise ValueError(f"{name} has no level {self.least!r}")
        unknown = sorted(set(self.workloads) - set(workloads()))
        if unknown:
            raise ValueError(f"there is no workload {unknown[0]!r}")
        return self


class Incentive(Value):
    """One incentive programme."""

    title: Text
    claims: tuple[str, ...]
    invited: bool
    validation_hours: Annotated[int, Field(ge=1, le=720)]
    term_starts: Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$")]
    zone: Annotated[str, AfterValidator(_zone)]
    needs: tuple[Need, ...] = ()
    source: Text

    @model_validator(mode="after")
    def _claims_are_known(self) -> Self:
        unknown = sorted(set(self.claims) - CLAIMED)
        if unknown:
            raise ValueError(f"claims: {unknown[0]!r} is none of {', '.join(sorted(CLAIMED))}")
        return self

    def term_end_us(self, at_us: int) -> int:
        """The first beginning of a fiscal year after an instant, when the term of it ends."""
        zone, (month, day) = ZoneInfo(self.zone), map(int, self.term_starts.split("-"))
        year = from_us(at_us).astimezone(zone).year
        starts = (datetime(year + n, month, day, tzinfo=zone) for n in (0, 1))
        return next(us for start in starts if (us := to_us(start.astimezone(UTC))) > at_us)

    def month(self, at_us: int) -> date:
        """The first day of the month that an instant lies in."""
        return from_us(at_us).astimezone(ZoneInfo(self.zone)).date().replace(day=1)


@cache
def table() -> Mapping[str, Incentive]:
    """The shipped programmes, by name."""
    text = files("ledger.rules").joinpath("incentives.toml").read_text("utf-8")
    rows = {name: Incentive.model_validate(entry) for name, entry in tomllib.loads(text).items()}
    return MappingProxyType(rows)


def parse(content: Mapping[str, Any]) -> Incentive:
    """The programme that a content states; ``BadInputError`` names key, value and the fault."""
    try:
        return Incentive.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "the content"
        fault = first["msg"].removeprefix("Value error, ")
        raise BadInputError(
            f"In the incentive programme, {key}: {fault}, found {first['input']!r:.80}.",
            hint="Compare with a shipped one: ledger/rules/incentives.toml.",
            code="bad_incentive",
        ) from error


def unknown(programme: str, known: Mapping[str, Incentive]) -> Refused:
    """The refusal of a programme that nobody knows."""
    return Refused("unknown_incentive", programme=programme, known=", ".join(sorted(known)))
