"""Incentive programmes as files: those that ship, and whether one of a user's own is right."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails

from ledger.errors import BadInputError
from ledger.rules import data_file
from ledger.rules.incentive_programmes.programme import IncentiveProgramme

SORT = "incentive"
"""What the file of an incentive programme says it is; others are scored (``programmes``)."""

_HINT = "`attribution programme show mci_usage_2023 --toml` writes one that is right."


class BadIncentiveProgrammeError(BadInputError):
    """A file that says no incentive programme; nothing of it is used."""

    code = "bad_programme"


def is_one(content: Mapping[str, Any]) -> bool:
    """Whether adopted content is that of an incentive programme."""
    return content.get("sort") == SORT


def parse(content: Mapping[str, Any]) -> IncentiveProgramme:
    """The programme that content states; a ``ValidationError`` tells the places of the content.

    Unlike pydantic's own, these places name only keys that stand in the content.
    """
    try:
        return IncentiveProgramme.model_validate(content)
    except ValidationError as error:
        raise plainly(error, content) from error


def plainly(error: ValidationError, content: Mapping[str, Any]) -> ValidationError:
    """The same faults, each at the place where it stands in the content, and each place once.

    Where a value may be of several sorts, pydantic tells a fault for each and puts the sort into
    the place; the fault of the sort that was meant, the longest place, is the one to tell.
    """
    told: dict[tuple[int | str, ...], InitErrorDetails] = {}
    for each in error.errors(include_url=False):
        place = _standing(each["loc"], content)
        fault = InitErrorDetails(
            type=each["type"], loc=place, input=each["input"], ctx=each.get("ctx", {})
        )
        told.setdefault(place, fault)
    deepest = [
        fault
        for place, fault in told.items()
        if not any(other[: len(place)] == place and other != place for other in told)
    ]
    return ValidationError.from_exception_data(error.title, deepest)


def _standing(place: tuple[int | str, ...], content: Any) -> tuple[int | str, ...]:
    found: list[int | str] = []
    for number, part in enumerate(place):
        last = number == len(place) - 1
        try:
            content = content[part]
        except (KeyError, IndexError, TypeError):
            if not last or not isinstance(content, Mapping) or not isinstance(part, str):
                continue
            if not part.isidentifier():
                continue
        found.append(part)
    return tuple(found)


def stated(content: Mapping[str, Any]) -> IncentiveProgramme:
    """The programme that content states; ``BadIncentiveProgrammeError`` names key and value."""
    try:
        return parse(content)
    except ValidationError as error:
        said = data_file.wrong_value(error.errors(include_url=False)[0])
        raise BadIncentiveProgrammeError(f"In the programme, {said}", hint=_HINT) from error


def read(path: Path) -> dict[str, Any]:
    """The content of a programme's file that is right; every wrong line is named."""
    return data_file.read(path, parse, wrong=BadIncentiveProgrammeError, hint=_HINT)


def text_of(programme: str) -> str:
    """The file of a programme that ships, to begin one's own from."""
    return (files(__package__) / f"{programme}.toml").read_text(encoding="utf-8")


@cache
def shipped() -> Mapping[str, dict[str, Any]]:
    """The contents of the programmes that come with the ledger, by id."""
    texts = [one for one in files(__package__).iterdir() if one.name.endswith(".toml")]
    found = [
        data_file.checked(
            one.read_text(encoding="utf-8"),
            one.name,
            parse,
            wrong=BadIncentiveProgrammeError,
            hint=_HINT,
        )
        for one in texts
    ]
    return {one["id"]: one for one in sorted(found, key=lambda one: str(one["id"]))}
