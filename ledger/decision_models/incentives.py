"""Which incentive programmes there are: the shipped ones, and those that were adopted (§2)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import orjson

from ledger.decision import Fact, Facts, Model
from ledger.rules import incentives as rules
from ledger.rules.incentives import Incentive
from schemas.enrolment import IncentiveAdopted
from schemas.values import Activity, SolutionArea

Incentives = Mapping[str, Incentive]


@lru_cache(maxsize=64)
def _parsed(content: bytes) -> Incentive:
    return rules.parse(orjson.loads(content))


def _apply(state: Incentives, fact: Fact) -> Incentives:
    event = fact.event
    assert isinstance(event, IncentiveAdopted)
    found = _parsed(orjson.dumps(event.content, option=orjson.OPT_SORT_KEYS))
    return MappingProxyType({**state, event.programme: found})


_NONE: Incentives = MappingProxyType({})

INCENTIVES = Model(
    name="incentives", tag="incentives", types=(IncentiveAdopted,), start=_NONE, apply=_apply
)
"""Every adopted incentive programme, by name; key: ``all``."""


def incentives(facts: Facts) -> Incentives:
    """Every incentive programme there is; an adopted one goes before the shipped of its name."""
    adopted = facts(INCENTIVES, "all")
    return {**rules.table(), **adopted} if adopted else rules.table()


def incentive(facts: Facts, programme: str) -> Incentive:
    """The programme of that name; refused as ``unknown_incentive`` where there is none."""
    known = incentives(facts)
    if programme not in known:
        raise rules.unknown(programme, known)
    return known[programme]


def programmes_of(facts: Facts, area: SolutionArea, activity: Activity) -> frozenset[str]:
    """The incentive programmes that claims of this sort earn in (domain.md §3.2)."""
    adopted = facts(INCENTIVES, "all")
    return _earned_in(incentives(facts), area, activity) if adopted else _shipped(area, activity)


@lru_cache(maxsize=64)
def _shipped(area: SolutionArea, activity: Activity) -> frozenset[str]:
    return _earned_in(rules.table(), area, activity)


def _earned_in(known: Incentives, area: SolutionArea, activity: Activity) -> frozenset[str]:
    about = f"{area} {activity}"
    return frozenset(name for name, one in known.items() if about in one.claims)
