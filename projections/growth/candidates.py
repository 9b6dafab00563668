"""Who could be credited for which key: each credit rule as joins of keys with holdings and facts.

A candidate is a holder of a key by a rule, with the interval in which it holds (``effective_*``,
microseconds UTC) and the positions between which that is known (``known_*``, the last excluded).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

import polars as pl

from projections.growth.credit_rules import credit_rules
from projections.growth.reach import reach
from schemas.time import FOREVER_US

NEVER = 2**64 - 1
"""The position at which what is still known ceases to be."""

KEY = ("metric", "workload", "tenant", "subscription", "named", "attribution")
HOLDER = ("kind", "partner", "organisation")
TIMES = ("effective_from", "effective_to", "known_from", "known_to")

_CHAIN = ("CSP_T1", "CSP_T2")
_CLAIMED_BY_SUBSCRIPTION = "bizapps"
_ROOT = "/providers/microsoft.management/managementgroups/"


class Told(NamedTuple):
    """What candidates follow from: the keys with their number ``key``, holdings, facts."""

    keys: pl.DataFrame
    held: pl.DataFrame
    facts: pl.DataFrame


def candidates(told: Told) -> pl.DataFrame:
    """Every candidate: ``key``, ``rule``, holder, times, and the ``place`` it stands on."""
    asked = set(rules_of(told.keys)["rule"])
    found = [
        part.select("key", pl.lit(rule).alias("rule"), *HOLDER, *TIMES, place="subscription")
        for rule, join in _RULES.items()
        if rule in asked
        for part in join(told)
    ]
    return pl.concat(found)


def rules_of(metrics: pl.DataFrame) -> pl.DataFrame:
    """``metric`` and each ``rule`` that says something about it."""
    pairs = [
        (metric, rule.id)
        for metric in metrics["metric"].unique().to_list()
        for rule in credit_rules().values()
        if rule.about(metric)
    ]
    return pl.DataFrame(pairs, schema={"metric": pl.String, "rule": pl.String}, orient="row")


def _slot_holder(told: Told) -> Iterator[pl.DataFrame]:
    """By `reach.toml`: the slot of a workload, a place on a subscription; what a file states."""
    table = reach()
    own = told.keys.filter(named="", attribution="").with_columns(
        family=pl.col("metric").str.split(".").list.first(),
        of=pl.when(pl.col("metric").is_in(table["revenues"]))
        .then(pl.lit("revenue"))
        .otherwise(pl.lit("usage")),
    )
    claims = told.held.filter(pl.col("kind").is_in(table["workload_kinds"]))
    sold = told.held.filter(pl.col("kind").is_in(table["subscription_kinds"]))
    whole = own.filter(subscription="")
    by_workload = claims.filter(pl.col("workload") != "").drop("subscription")
    yield whole.join(by_workload, on=["tenant", "workload"])
    by_family = _with_family(sold, told.facts).drop("subscription", "workload")
    yield whole.join(by_family, on=["tenant", "family"])
    parts = own.filter(pl.col("subscription") != "").drop("workload")
    reaching = dict(zip(table["activities"], table["activities_reach"], strict=True))
    claimed = claims.with_columns(
        of=pl.col("activity").replace_strict(reaching, default="", return_dtype=pl.String)
    )
    yield parts.join(sold, on="subscription")
    yield parts.join(claimed, on=["subscription", "of"])
    yield _as_stated(told)


def _as_stated(told: Told) -> pl.DataFrame:
    """Where a file names the partner itself, with its organisation as it was known."""
    named = told.keys.filter(pl.col("named") != "")
    registered = told.facts.filter(attribute="location.organisation")
    # A file may name a location or, where it knows no more, the organisation itself.
    own = registered.group_by("value").agg(pl.col("position").min())
    names = pl.concat(
        [
            registered.select("subject", "value", "position"),
            own.select(subject="value", value="value", position="position"),
            named.select(subject="named", value=pl.lit(""), position=pl.lit(0, pl.UInt64)).unique(),
        ]
    )
    standing = _standing(names.sort("subject", "position", "value"), "subject")
    return named.join(standing, left_on="named", right_on="subject").with_columns(
        kind=pl.col("attribution").str.split(".").list.first(),
        partner="named",
        organisation="value",
        effective_from=pl.lit(-FOREVER_US, pl.Int64),
        effective_to=pl.lit(FOREVER_US, pl.Int64),
        known_from="since",
        known_to="until",
    )


def _shared(told: Told) -> Iterator[pl.DataFrame]:
    """Whoever is associated to a paid subscription of the tenant, by usage (domain.md §7.2)."""
    table = reach()
    keys = told.keys.filter(pl.col("metric").is_in(table["shared"])).drop("subscription")
    free = told.facts.filter(attribute="subscription.paid", value="no")["subject"].to_list()
    associated = told.held.filter(
        pl.col("kind").is_in(table["subscription_kinds"])
        | (pl.col("kind").is_in(table["workload_kinds"]) & (pl.col("activity") == "usage"))
    ).filter(~pl.col("subscription").is_in(free))
    found = _with_family(associated, told.facts).filter(family=_CLAIMED_BY_SUBSCRIPTION)
    yield keys.join(found, on="tenant")


def _present_owner(told: Told) -> Iterator[pl.DataFrame]:
    """The partners of a subscription's CSP chain, whenever they held (domain.md §6.3)."""
    keys = told.keys.filter(pl.col("metric").is_in(reach()["present_owner"]))
    yield keys.join(told.held.filter(pl.col("kind").is_in(_CHAIN)), on="subscription")


def _rbac(told: Told) -> Iterator[pl.DataFrame]:
    """Whose counting role reaches a subscription whole: on it, or on the root above (§13.1)."""
    table = reach()
    begins = table["azure_roles_from"]
    assert isinstance(begins, date)
    keys = told.keys.filter(pl.col("metric").is_in(table["rbac"]))
    roles = told.held.filter(
        (pl.col("kind") == "PAL") & pl.col("role").str.to_lowercase().is_in(table["azure_roles"])
    ).with_columns(
        # The list of roles that count begins on a day; nothing is earned by it before.
        effective_from=pl.max_horizontal("effective_from", pl.lit(begins).dt.epoch("us")),
        scope=pl.col("scope").str.strip_chars_end("/"),
    )
    on_one = roles.filter(pl.col("scope").str.contains("(?i)^/subscriptions/[^/]+$")).with_columns(
        subscription=pl.col("scope").str.split("/").list.get(2)
    )
    yield keys.join(on_one, on="subscription")
    root = pl.lit(_ROOT) + pl.col("tenant").str.to_lowercase()
    on_root = roles.filter(pl.col("scope").str.to_lowercase() == root).drop("subscription")
    yield keys.join(on_root, on="tenant")


def _rbac_and_agreement(told: Told) -> Iterator[pl.DataFrame]:
    """Whose role reaches a subscription, and who transacts the agreement it was bought under."""
    yield from _rbac(told)
    keys = told.keys.filter(pl.col("metric").is_in(reach()["rbac"]))
    bought = _standing(
        told.facts.filter(attribute="subscription.agreement").sort("subject", "position"), "subject"
    ).select("since", "until", subscription="subject", agreement="value")
    signed = told.held.filter(kind="TPOR").with_columns(
        agreement=pl.col("slot").str.split(":").list.get(1, null_on_oob=True)
    )
    both = signed.drop("subscription").join(bought, on="agreement")
    yield keys.join(_while_both(both), on="subscription")


_RULES: dict[str, Callable[[Told], Iterator[pl.DataFrame]]] = {
    "slot_holder": _slot_holder,
    "shared": _shared,
    "present_owner": _present_owner,
    "rbac_mci": _rbac,
    "rbac_enterprise": _rbac_and_agreement,
}


def _with_family(held: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Holdings on subscriptions with the ``family`` of their product, as long as both are known."""
    table = reach()
    families = dict(zip(table["products"], table["families"], strict=True))
    products = _standing(
        facts.filter(attribute="subscription.product").sort("subject", "position"), "subject"
    ).select(
        "since",
        "until",
        subscription="subject",
        family=pl.col("value").replace_strict(families, default="", return_dtype=pl.String),
    )
    found = held.join(products.filter(pl.col("family") != ""), on="subscription")
    return _while_both(found)


def _while_both(found: pl.DataFrame) -> pl.DataFrame:
    """Rows whose holding and fact (``since``, ``until``) are known together at some position."""
    return (
        found.with_columns(
            known_from=pl.max_horizontal("known_from", "since"),
            known_to=pl.min_horizontal("known_to", "until"),
        )
        .filter(pl.col("known_from") < pl.col("known_to"))
        .drop("since", "until")
    )


def _standing(facts: pl.DataFrame, subject: str) -> pl.DataFrame:
    """Facts in order, each with the positions between which it stands: to the next of the same."""
    later = pl.col("position").shift(-1).over(subject)
    return facts.with_columns(
        since="position", until=later.fill_null(pl.lit(NEVER, pl.UInt64))
    ).filter(pl.col("since") < pl.col("until"))
