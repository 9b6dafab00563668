"""Rate cards: what a unit is worth, from a file of the user's own; none is public (domain.md §11).

Adopted by an event that embeds it (DESIGN §7), or given with a question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from ledger.errors import BadInputError
from ledger.rules import data_file
from ledger.rules.workloads import table as workloads
from schemas.values import Country, Id, Text, Value

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


def _exact(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, float) else value


def _workload(name: str) -> str:
    if name not in workloads():
        raise ValueError(f"is none of {', '.join(workloads())}")
    return name


PerUnit = Annotated[
    Decimal, BeforeValidator(_exact), Field(ge=0, le=1_000_000_000, max_digits=18, decimal_places=6)
]


class Asked(NamedTuple):
    """What a rate is looked up for."""

    programme: str
    month: date
    workload: str = ""
    bucket: str = ""
    milestone: int | None = None
    country: str = ""


class Rate(Value):
    """One rate; what it does not name, it is for all of. ``until`` is the first month after it."""

    programme: Id
    per_unit: PerUnit
    workload: Annotated[str, AfterValidator(_workload)] | None = None
    bucket: Id | None = None
    milestone: Annotated[int, Field(ge=1, le=100)] | None = None
    country: Country | None = None
    first: date
    until: date | None = None
    source: Text

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.until is not None and self.until <= self.first:
            raise ValueError(f"until {self.until} does not lie after first {self.first}")
        return self

    @property
    def named(self) -> dict[str, Any]:
        """The dimensions that it is limited to."""
        names = ("workload", "bucket", "milestone", "country")
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    def fits(self, asked: Asked) -> bool:
        """Whether it is for what is asked."""
        begun = self.programme == asked.programme and self.first <= asked.month
        running = self.until is None or asked.month < self.until
        return begun and running and all(getattr(asked, n) == v for n, v in self.named.items())

    def meets(self, other: Rate) -> bool:
        """Whether both could be for the same thing, and neither says more about it."""
        if self.programme != other.programme or len(self.named) != len(other.named):
            return False
        apart = (self.until is not None and self.until <= other.first) or (
            other.until is not None and other.until <= self.first
        )
        both = self.named.keys() & other.named.keys()
        return not apart and all(self.named[name] == other.named[name] for name in both)


class RateCard(Value):
    """The rates of one currency; of several that fit, the one that names most is taken."""

    rates: Id
    title: Text
    currency: Currency
    source: Text
    rate: Annotated[tuple[Rate, ...], Field(min_length=1, max_length=10_000)]

    @model_validator(mode="after")
    def _one_at_most_fits(self) -> Self:
        for number, one in enumerate(self.rate):
            for later, other in enumerate(self.rate[number + 1 :], number + 2):
                if one.meets(other):
                    raise ValueError(
                        f"rate {number + 1} and rate {later} are for the same thing at the same"
                        " time; let one end before the other begins, or name more in one of them"
                    )
        return self

    def find(self, asked: Asked) -> Rate | None:
        """The rate for what is asked; None where there is none."""
        fitting = [one for one in self.rate if one.fits(asked)]
        return max(fitting, key=lambda one: len(one.named), default=None)


def parse(content: Mapping[str, Any]) -> RateCard:
    """The card that a content states; raises pydantic's ``ValidationError``."""
    return RateCard.model_validate(content)


def find(cards: Iterable[RateCard], asked: Asked) -> tuple[RateCard, Rate] | None:
    """The rate of the card adopted last that has one."""
    for card in reversed(list(cards)):
        rate = card.find(asked)
        if rate is not None:
            return card, rate
    return None


class BadRatesError(BadInputError):
    """A file that holds no rate card; nothing of it is used."""

    code = "bad_rates"


def read(path: Path) -> dict[str, Any]:
    """The content of a rate file that is right; each wrong line is named, and what is allowed."""
    return data_file.read(
        path,
        parse,
        wrong=BadRatesError,
        hint="`attribution commands rates.adopt` shows a card that is right.",
    )
