"""A programme: a dated data file that says what is measured, credited and needed, with its source.

The file is checked as a whole where it enters; nothing in the code repeats a number of it.
"""

from __future__ import annotations

import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ledger.errors import BadInputError

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.]{0,63}$")]
Source = Annotated[str, Field(min_length=1, max_length=300)]
Title = Annotated[str, Field(min_length=1, max_length=200)]
Positive = Annotated[int, Field(gt=0, le=1_000_000_000)]


class ProgrammeError(BadInputError):
    """A programme file that does not say a programme; nothing of it is used."""

    code = "bad_programme"


def _of_slots(metric: str) -> str:
    if metric.endswith(".attributed"):
        raise ValueError("slot_holder_on_date can't credit a metric that files attribute")
    return metric


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Credit(_Table):
    """Who is credited, and whether a key's first level counts."""

    rule: Literal["slot_holder_on_date"]
    openings: Literal[False]
    source: Source


class Qualify(_Table):
    """When a score earns the designation."""

    points: Positive
    out_of: Positive
    least_points_each: Annotated[int, Field(ge=0)]
    window_months: Annotated[int, Field(ge=1, le=60)]
    keep: Literal["better_class"]
    source: Source


class Workloads(_Table):
    """The workloads whose usage counts."""

    eligible: Annotated[tuple[Name, ...], Field(min_length=1)]
    source: Source


class TenantClass(_Table):
    """Tenants with a workload whose level of ``metric`` lies in the range, both ends included."""

    id: Name
    title: Title
    metric: Name
    at_least: Positive
    at_most: Positive | None = None
    source: Source

    def holds(self, level_micro: int) -> bool:
        """Whether a level, in millionths, is in the range."""
        below = self.at_most is None or level_micro <= self.at_most * 1_000_000
        return below and level_micro >= self.at_least * 1_000_000


class AssociationType(_Table):
    """Kinds of association that are scored together as one type."""

    id: Name
    kinds: Annotated[tuple[Name, ...], Field(min_length=1)]
    source: Source


class Threshold(_Table):
    """What earns all points of a metric, in one tenant class, by one type where types compete."""

    tenant_class: Name = Field(alias="class")
    type: Name | None = None
    value: Positive
    source: Source


class Usage(_Table):
    """The usage metric a score reads by itself, over so many months.

    Not one that files attribute themselves: the credit rule here looks at holders of slots.
    """

    metric: Annotated[Name, AfterValidator(_of_slots)]
    months: Annotated[int, Field(ge=1, le=120)]


class Metric(_Table):
    """One line of a programme's table."""

    id: Name
    title: Title
    max_points: Positive
    formula: Literal["linear", "best_of_types"]
    measure: Title
    usage: Usage | None = None
    threshold: Annotated[tuple[Threshold, ...], Field(min_length=1)]
    source: Source

    def thresholds(self, tenant_class: str) -> dict[str, int]:
        """Threshold by type in a class; the type of a metric without types is ``""``."""
        mine = [line for line in self.threshold if line.tenant_class == tenant_class]
        return {line.type or "": line.value for line in mine}


class Programme(_Table):
    """A programme, whole and consistent: every class, type and threshold it names is there."""

    id: Name
    title: Title
    era: Title
    valid_from: date
    source: Source
    credit: Credit
    qualify: Qualify
    workloads: Workloads
    tenant_class: Annotated[tuple[TenantClass, ...], Field(min_length=1)]
    type: Annotated[tuple[AssociationType, ...], Field(min_length=1)]
    metric: Annotated[tuple[Metric, ...], Field(min_length=1)]

    def kinds(self, type_id: str) -> tuple[str, ...]:
        """The association kinds scored as one type."""
        return next(line.kinds for line in self.type if line.id == type_id)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for found in (self._repeated(), self._threshold_fault(), self._sum_fault()):
            if found:
                raise ValueError(found)
        return self

    def _repeated(self) -> str | None:
        for key in ("tenant_class", "type", "metric"):
            ids = [line.id for line in getattr(self, key)]
            if len(set(ids)) < len(ids):
                return f"{key}: every id once, but they are {', '.join(ids)}"
        return None

    def _sum_fault(self) -> str | None:
        total = sum(metric.max_points for metric in self.metric)
        if total == self.qualify.out_of:
            return None
        return f"qualify.out_of: {self.qualify.out_of}, but max_points add up to {total}"

    def _threshold_fault(self) -> str | None:
        classes = [line.id for line in self.tenant_class]
        types = [line.id for line in self.type]
        for metric in self.metric:
            allowed = types if metric.formula == "best_of_types" else [None]
            fault = _fault(metric, classes, allowed)
            if fault:
                return f"metric {metric.id}: {fault}"
        return None


def _fault(metric: Metric, classes: list[str], types: list[Any]) -> str | None:
    seen = set()
    for line in metric.threshold:
        if line.tenant_class not in classes:
            return f"threshold.class: {line.tenant_class!r} is none of {', '.join(classes)}"
        if line.type not in types:
            return f"threshold.type: {line.type!r} is none of {', '.join(map(str, types))}"
        if (line.tenant_class, line.type) in seen:
            return f"threshold: {line.tenant_class} {line.type or ''} stands twice"
        seen.add((line.tenant_class, line.type))
    missing = set(classes) - {tenant_class for tenant_class, _ in seen}
    return f"threshold: none for class {min(missing)}" if missing else None


def programme(text: str, file_name: str) -> Programme:
    """The programme a TOML text says.

    Raises ``ProgrammeError`` with file, key, value and what is allowed.
    """
    try:
        return Programme.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ProgrammeError(
            f"{file_name} is not TOML: {error}.", hint="Mend the line named."
        ) from error
    except ValidationError as error:
        raise _programme_error(file_name, error) from error


def load_programme(path: Path) -> Programme:
    """The programme of a file. Raises ``ProgrammeError`` when it can't be read or says none."""
    try:
        return programme(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ProgrammeError(
            f"{path} can't be read: {error}.", hint="Name a programme file in TOML, UTF-8."
        ) from error


def shipped_programmes() -> dict[str, Programme]:
    """The programmes that come with the ledger, by id."""
    texts = [entry for entry in (files(__package__) / "data").iterdir() if entry.is_file()]
    every = [programme(text.read_text(encoding="utf-8"), text.name) for text in texts]
    return {one.id: one for one in sorted(every, key=lambda one: one.id)}


def _programme_error(file_name: str, error: ValidationError) -> ProgrammeError:
    faults = error.errors(include_url=False)
    first = faults[0]
    key = ".".join(str(part) for part in first["loc"])
    value = "" if not key or first["type"] == "missing" else f" = {first['input']!r}"
    more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
    where = f"{file_name}: {key}{value}" if key else file_name
    allowed = first["msg"].removeprefix("Value error, ")
    return ProgrammeError(
        f"{where}: {allowed}{more}.",
        hint="Nothing of the file is used until it is mended.",
    )
