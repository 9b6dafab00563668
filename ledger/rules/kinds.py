"""The kinds of association there are, from one table (``kinds.toml``; domain.md §6, §6.6).

A kind has an id (``CSP_T1``), a title and any number of other spellings. Some rows are *labels*:
the same association under a name of its own (``CPOR_OSA`` is a CPOR for pre-sales); they are told
by what stands in a holding, never recorded by themselves.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import Field

from schemas.values import Slug, Text, Value

NOT_DOCUMENTED = "not documented"


class Cardinality(StrEnum):
    """How many partners one place takes."""

    EXCLUSIVE = "exclusive"
    SET = "set"
    ROLES = "roles"
    CHAIN = "chain"


class Place(StrEnum):
    """What an association without a command of its own is recorded on."""

    TENANT = "tenant"
    SUBSCRIPTION = "subscription"
    AGREEMENT = "agreement"
    ANY = "any"


class Where(Value):
    """What a holding must say for a label to fit; None asks nothing."""

    activity: str | None = None
    area: Literal["m365", "bizapps"] | None = None
    role: str | None = None
    location: Literal["frp"] | None = None


class Step(Value):
    """From a day on a kind no longer earns something (``ends``) for some products.

    ``only`` says that no other products ever earned it.
    """

    on: date
    ends: Text
    products: tuple[Slug, ...]
    only: bool = False
    says: Text
    source: Text


class Kind(Value):
    """A row of the table; the comment at the head of ``kinds.toml`` says what each field means."""

    kind: str
    title: Text
    aliases: tuple[Text, ...] = ()
    scope: Text
    cardinality: Cardinality
    initiator: Text = NOT_DOCUMENTED
    confirmer: Text = NOT_DOCUMENTED
    automatic: bool | None = None
    products: tuple[Text, ...] = ()
    earns: tuple[Text, ...] = ()
    priority: int | None = None
    left_out: bool = False
    commands: tuple[str, ...] = ()
    place: Place | None = None
    label_of: str | None = None
    where: Where = Field(default_factory=Where)
    documented: bool = True
    steps: tuple[Step, ...] = ()
    era: str = ""
    source: Text

    @property
    def slug(self) -> str:
        """The id as it stands in the name of a slot."""
        return self.kind.lower()

    @property
    def says(self) -> str:
        """What the kind can earn, in words; what it earned in the past for some products last."""
        over = {step.ends for step in self.steps}
        lasting = ", ".join(one for one in self.earns if one not in over)
        once = ", ".join(one for one in self.earns if one in over)
        if lasting and once:
            return f"{lasting}; once: {once}"
        return lasting or once or self._nothing

    @property
    def _nothing(self) -> str:
        return "nothing" if self.documented else f"nothing ({NOT_DOCUMENTED})"

    def earning(self, product: str, on: date) -> str:
        """What it can earn on a day for a product, in words.

        >>> table()["DPOR"].earning("azure", date(2021, 10, 1))
        'competency, score'
        """
        over = {step.ends for step in self.ended(product, on)}
        over |= {step.ends for step in self.steps if step.only and product not in step.products}
        return ", ".join(one for one in self.earns if one not in over) or self._nothing

    def ended(self, product: str, on: date) -> tuple[Step, ...]:
        """What it no longer earned on a day, for a product: for information, never to refuse.

        >>> [step.ends for step in table()["DPOR"].ended("azure", date(2021, 10, 1))]
        ['usage incentive']
        """
        return tuple(step for step in self.steps if product in step.products and step.on <= on)


@cache
def table() -> Mapping[str, Kind]:
    """Every kind, by its id, in the order of the file."""
    text = files("ledger.rules").joinpath("kinds.toml").read_text("utf-8")
    return {name: Kind(kind=name, **_lists(row)) for name, row in tomllib.loads(text).items()}


@lru_cache(maxsize=4096)
def kind(text: str) -> Kind | None:
    """The kind a text names, in any of its spellings; None when it names none.

    >>> kind("CSP Tier1").kind, kind("por").kind, kind("Cousin")
    ('CSP_T1', 'DPOR', None)
    """
    found = _spellings().get(_plain(text))
    return table()[found] if found else None


def near(text: str) -> list[str]:
    """The ids of kinds whose spelling is like the text's."""
    spelled = get_close_matches(_plain(text), _spellings(), n=3)
    return list(dict.fromkeys(_spellings()[each] for each in spelled))


def attribution(text: str) -> str | None:
    """The id under which usage of an attribution type is kept; None when no kind has the spelling.

    A kind that is but another name of one is kept as that one (partner of record as DPOR).
    """
    found = kind(text)
    if found is None:
        return None
    return found.label_of if found.label_of and found.where == Where() else found.kind


def label(
    held_kind: str, *, slot: str, activity: str | None, role: str | None, frp: bool
) -> Kind | None:
    """The narrowest name a holding goes by; None for a kind the table does not know.

    ``frp`` says whether the partner's location is a FastTrack Ready Partner's (domain.md §6.5).
    """
    found = table().get(held_kind)
    for row in _labels().get(held_kind, ()):
        if _fits(row.where, slot, activity, role, frp=frp):
            return row
    return found


def _fits(where: Where, slot: str, activity: str | None, role: str | None, *, frp: bool) -> bool:
    return (
        where.activity in (None, activity)
        and (where.area is None or slot.startswith(f"cpor:{where.area}:"))
        and where.role in (None, role)
        and (where.location is None or frp)
    )


@cache
def _labels() -> Mapping[str, tuple[Kind, ...]]:
    """The labels of each kind that ask something; who claims goes before what is claimed."""
    rows = [row for row in table().values() if row.label_of and row.where != Where()]
    rows.sort(key=lambda row: row.where.location is None)
    return {name: tuple(row for row in rows if row.label_of == name) for name in table()}


@cache
def _spellings() -> Mapping[str, str]:
    return {
        _plain(spelling): name
        for name, row in table().items()
        for spelling in (name, row.title, *row.aliases)
    }


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _lists(row: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
