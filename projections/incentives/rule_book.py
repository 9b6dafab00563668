"""The rules that earnings rest on, with their contents: programmes, prerequisites, rate cards.

A statement says which these were: adopted ones by the position of their adoption, shipped ones with
their whole content, so that no later release can change what it says (DESIGN §7).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, Literal, NamedTuple

import orjson

from ledger.rules import incentives, rates
from ledger.rules.content import digest
from ledger.rules.incentive_programmes import files as programme_file
from ledger.rules.incentive_programmes.programme import IncentiveProgramme
from ledger.rules.incentives import Incentive
from ledger.rules.rates import RateCard

Sort = Literal["programme", "incentive", "rates"]


class Rule(NamedTuple):
    """One content; ``adopted_at`` is None for one that ships."""

    sort: Sort
    name: str
    content: Mapping[str, Any]
    adopted_at: int | None = None

    @property
    def sha256(self) -> str:
        """The hash by which adopted content is known."""
        return digest(dict(self.content))


# The same few contents are asked about at every position: each is checked once.


@lru_cache(maxsize=256)
def _programme(content: bytes) -> IncentiveProgramme:
    return programme_file.parse(orjson.loads(content))


@lru_cache(maxsize=256)
def _incentive(content: bytes) -> Incentive:
    return incentives.parse(orjson.loads(content))


@lru_cache(maxsize=256)
def _card(content: bytes) -> RateCard:
    return rates.parse(orjson.loads(content))


def _bytes(rule: Rule) -> bytes:
    return orjson.dumps(rule.content, option=orjson.OPT_SORT_KEYS)


@dataclass(frozen=True)
class RuleBook:
    """Contents by sort and name, in the order of their adoption."""

    rules: tuple[Rule, ...]

    @cached_property
    def programmes(self) -> tuple[IncentiveProgramme, ...]:
        """The incentive programmes, by id."""
        found = [_programme(_bytes(one)) for one in self._of("programme")]
        return tuple(sorted(found, key=lambda one: one.id))

    @cached_property
    def incentives(self) -> Mapping[str, Incentive]:
        """What incentive programmes ask of a partner, by name."""
        return {one.name: _incentive(_bytes(one)) for one in self._of("incentive")}

    @cached_property
    def cards(self) -> tuple[RateCard, ...]:
        """The rate cards, the one adopted last at the end."""
        return tuple(_card(_bytes(one)) for one in self._of("rates"))

    def _of(self, sort: Sort) -> list[Rule]:
        return [one for one in self.rules if one.sort == sort]

    def for_month(self, month: date, programmes: Iterable[str] = ()) -> RuleBook:
        """Only what is needed for a month: valid programmes (or those named), and what they ask."""
        wanted = set(programmes)
        valid = [
            one for one in self.programmes if one.valid(month) and (not wanted or one.id in wanted)
        ]
        names = {("programme", one.id) for one in valid}
        names |= {("incentive", one.incentive) for one in valid if one.incentive}
        ids = {one.id for one in valid}
        names |= {
            ("rates", card.rates)
            for card in self.cards
            if any(rate.programme in ids for rate in card.rate)
        }
        return RuleBook(tuple(one for one in self.rules if (one.sort, one.name) in names))


def shipped() -> RuleBook:
    """Everything that ships; no rate does."""
    programmes = [
        Rule("programme", name, content) for name, content in programme_file.shipped().items()
    ]
    asked = [
        Rule("incentive", name, one.model_dump(mode="json", exclude_none=True))
        for name, one in incentives.table().items()
    ]
    return RuleBook((*programmes, *asked))


def laid_over(book: RuleBook, adopted: Iterable[Rule]) -> RuleBook:
    """The book with adopted contents in place of those of their name, in order of adoption."""
    found = {(one.sort, one.name): one for one in book.rules}
    for one in adopted:
        found.pop((one.sort, one.name), None)
        found[one.sort, one.name] = one
    return RuleBook(tuple(found.values()))
