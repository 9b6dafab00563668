"""A growth question narrowed to what the one who asks may see (domain.md §14.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ledger.errors import RefusedError
from ledger.usage.metrics import METRICS
from projections.growth.growth import Wanted
from projections.visibility import Scopes, Sight


class NotVisibleGrowthError(RefusedError):
    """The one who asks may not see the growth of that."""

    code = "not_visible"


def narrowed(sight: Sight, wanted: Wanted) -> Wanted:
    """The same question, limited to the holders or customers that the actor's roles cover.

    Revenue is left out where the roles cover it less far than usage; asked for by name, it is the
    scope for revenue that counts. Raises ``NotVisibleGrowthError`` for what is not covered at all.
    """
    asked = wanted.metrics or tuple(METRICS)
    revenue = tuple(name for name in asked if METRICS[name].is_revenue)
    usage, money = sight.scopes("growth"), sight.scopes("revenue")
    if revenue and len(revenue) == len(asked):
        return replace(_within(sight, wanted, money), metrics=revenue)
    rest = tuple(name for name in asked if name not in revenue)
    metrics = asked if money == usage else rest
    return replace(_within(sight, wanted, usage), metrics=metrics)


def _within(sight: Sight, wanted: Wanted, scopes: Scopes) -> Wanted:
    if scopes.everything:
        return wanted
    own = _chosen(wanted.tenants, scopes.tenants)
    if scopes.tenants and (wanted.tenants or not (scopes.locations or scopes.organisations)):
        return replace(wanted, tenants=own or _none(sight, "such customer"))
    partners = _chosen(wanted.partners, sight.locations_of(scopes))
    if scopes.organisations and not scopes.locations and not wanted.partners:
        organisations = _chosen(wanted.organisations, scopes.organisations)
        return replace(wanted, organisations=organisations or _none(sight, "such organisation"))
    return replace(wanted, partners=partners or _none(sight, "such partner"))


def _chosen(asked: Iterable[str], covered: frozenset[str]) -> tuple[str, ...]:
    """What is asked for and covered; all that is covered when nothing is asked for."""
    named = tuple(asked)
    return tuple(sorted(covered.intersection(named) if named else covered))


def _none(sight: Sight, what: str) -> tuple[str, ...]:
    raise NotVisibleGrowthError(
        f"There is no growth of {what} that {sight.actor} may see.",
        hint="Ask for the own partner or customer, or as somebody with an executive role.",
    )
