"""Which figure a command is about: a programme's metric, of an organisation or a location (§8)."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from ledger.decision import Context, Facts
from ledger.decision_models.partner import LOCATION, ORGANISATION
from ledger.decision_models.programme import PROGRAMME
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.programmes import files
from ledger.rules.programmes.files import ProgrammeError
from ledger.rules.programmes.programme import Programme
from ledger.rules.references import known
from ledger.rules.roles import permit
from schemas.figures import PartName
from schemas.values import Id, Value

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_DECIMALS = Decimal("0.000001")
_LARGEST = 10**12


def _amount(value: Any) -> Any:
    """An exact number as its shortest text; a number or a text may be given."""
    try:
        exact = Decimal("NaN" if isinstance(value, bool) else str(value).strip())
        kept = exact.quantize(_DECIMALS)
    except InvalidOperation:
        raise ValueError("is no number; write it like 12 or 1234.5") from None
    if kept != exact or abs(exact) >= _LARGEST:
        raise ValueError("has more than six decimals or twelve digits")
    text = f"{kept:f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _day(value: Any) -> Any:
    """A month stands for its last day; what is no date is left for the type to refuse."""
    if not isinstance(value, str):
        return value
    found = _MONTH.fullmatch(value.strip())
    try:
        if found is None:
            return date.fromisoformat(value)
        year, month = int(found[1]), int(found[2])
        return date(year, month, calendar.monthrange(year, month)[1])
    except ValueError:
        return value


GivenAmount = Annotated[str, BeforeValidator(_amount), WithJsonSchema({"type": "string"})]
DayOrMonth = Annotated[
    date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})
]


class FigureOf(Value):
    """Which figure is meant: either of an organisation or of one location."""

    programme: Id
    metric: PartName
    organisation: Id | None = None
    location: Id | None = None
    tenant_class: PartName | None = None
    type: PartName | None = None
    on: DayOrMonth

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if (self.organisation is None) == (self.location is None):
            raise ValueError("give either organisation or location, whose figure it is")
        return self


class Meant(Value):
    """A figure that may be recorded, in the fields of its events, and when it is true."""

    fields: dict[str, Any]
    at_us: int


def meant(facts: Facts, context: Context, command: str, wish: FigureOf) -> Meant:
    """The figure, if the actor may say it and the programme asks for it; else ``Refused``."""
    organisation = wish.organisation or known(facts, LOCATION, wish.location or "").organisation
    permit(facts, context, command, organisation=organisation, location=wish.location)
    known(facts, ORGANISATION, organisation)
    _asked_for(_programme(facts, wish.programme), wish)
    start = datetime(wish.on.year, wish.on.month, wish.on.day, tzinfo=UTC)
    at_us = effective_us(context, command, start)
    fields = {name: getattr(wish, name) for name in FigureOf.model_fields}
    return Meant(fields={**fields, "organisation": organisation}, at_us=at_us)


def _programme(facts: Facts, name: str) -> Programme:
    """The programme as adopted, else as it ships; refused as ``unknown_programme``."""
    adopted = facts(PROGRAMME, name)
    if adopted is not None:
        try:
            return files.parse(dict(adopted.content))
        except ProgrammeError:
            raise Refused(
                "programme_unreadable", programme=name, position=adopted.position
            ) from None
    if name not in files.names():
        raise Refused("unknown_programme", programme=name, known=", ".join(files.names()))
    return files.shipped(name)


def _asked_for(programme: Programme, wish: FigureOf) -> None:
    """Return only if the programme has such a metric, tenant class and type."""
    there = {
        "metric": programme.recorded(),
        "tenant_class": frozenset(one.id for one in programme.tenant_class),
        "type": frozenset(one.id for one in programme.type),
    }
    for what, names in there.items():
        value = getattr(wish, what)
        if value is not None and value not in names:
            raise Refused(
                "unknown_figure",
                programme=wish.programme,
                what=what.replace("_", " "),
                value=value,
                known=", ".join(sorted(names)) or "none",
            )
