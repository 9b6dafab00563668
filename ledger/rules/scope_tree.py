"""The tree of management groups: no circle, and no deeper than Azure's (domain.md §6)."""

from __future__ import annotations

from ledger.decision import Facts
from ledger.decision_models.group import PLACE
from ledger.refusal import Refused
from ledger.rules.azure_scope import DEEPEST
from schemas.directory import ScopePlaced, place_tag


def check_tree(facts: Facts, placed: ScopePlaced) -> None:
    """Refuse a circle, and a tree deeper than Azure's: so every walk up is short."""
    at, depth = placed.parent, 0
    if placed.subscription:
        child = f"subscription {placed.subscription}"
    else:
        child = f"management group {placed.management_group}"
    while at is not None:
        depth += 1
        if at == placed.management_group:
            raise Refused("scope_in_itself", child=child, parent=placed.parent)
        if depth > DEEPEST:
            raise Refused("scope_too_deep", child=child, most=DEEPEST)
        at = facts(PLACE, place_tag(placed.tenant, None, at).partition(":")[2]).parent
