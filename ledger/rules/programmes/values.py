"""The small values that programme files are made of, each checked where it enters."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

NOT_PUBLISHED = "not_published"
"""Stands for a number or rule that no source gives; a file of one's own can say it."""

NotPublished = Literal["not_published"]
_LARGEST = 10**12


def _number(value: Any) -> Any:
    """The number exactly as it is written: 3.3 is no binary fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("must be a number")  # noqa: TRY004  pydantic tells value errors alone
    exact = Decimal(str(value))
    if not 0 < exact <= _LARGEST:
        raise ValueError(f"must be a number above 0, at most {_LARGEST}")
    return exact


def _published(value: Any) -> Any:
    if value == NOT_PUBLISHED:
        return value
    try:
        return _number(value)
    except ValueError as error:
        raise ValueError(f"{error}, or {NOT_PUBLISHED!r}") from error


Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.]{0,63}$")]
"""The name of a class, type, metric or level: letters, digits, underscore, point."""

ProgrammeId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Source = Annotated[str, Field(min_length=1, max_length=400)]
Title = Annotated[str, Field(min_length=1, max_length=300)]
Number = Annotated[Decimal, BeforeValidator(_number)]
"""Above 0, exactly as written."""

Published = Annotated[Decimal | NotPublished, BeforeValidator(_published)]
"""A number, or that none is published."""

Months = Annotated[int, Field(strict=True, ge=1, le=120)]


class Table(BaseModel):
    """A table of a programme file: unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def known(value: Decimal | str) -> Decimal | None:
    """The number, or None where it is not published."""
    return value if isinstance(value, Decimal) else None
