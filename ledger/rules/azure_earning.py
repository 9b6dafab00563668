"""Who earns on the Azure consumption of a subscription: the earning matrix of domain.md §13.1."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ledger.rules import azure_roles


class Attachment(NamedTuple):
    """A partner organisation attached to a subscription: by PAL with a role, or by TPOR."""

    partner: str
    kind: str
    role: str | None = None


class Programme(NamedTuple):
    """What earns in a programme; ``roles`` names the role list by which PAL counts."""

    earns: frozenset[str]
    roles: str | None
    unless_also: str | None
    source: str


@cache
def programmes() -> Mapping[str, Programme]:
    """``azure_earning.toml``, in its order."""
    text = files("ledger.rules").joinpath("azure_earning.toml").read_text("utf-8")
    return {
        name: Programme(
            frozenset(row["earns"]), row.get("roles"), row.get("unless_also"), row["source"]
        )
        for name, row in tomllib.loads(text).items()
    }


def earning(attached: Iterable[Attachment], programme: str, on: date) -> frozenset[str]:
    """The partners that earn in a programme on a date, of all that are attached.

    Several can: a link takes nothing from another partner's (domain.md §6.2).
    """
    every = list(attached)
    rule = programmes()[programme]
    found = frozenset(one.partner for one in every if _earns(one, rule, on))
    return found - earning(every, rule.unless_also, on) if rule.unless_also else found


def earns_by(attached: Attachment, programme: str, earning: frozenset[str], on: date) -> bool:
    """Whether it is by this very attachment that its partner is among those ``earning``."""
    return attached.partner in earning and _earns(attached, programmes()[programme], on)


def _earns(attached: Attachment, rule: Programme, on: date) -> bool:
    if attached.kind not in rule.earns:
        return False
    if attached.kind != "PAL":
        return True
    role, roles = attached.role, rule.roles
    return role is not None and roles is not None and azure_roles.counts(role, roles, on)
