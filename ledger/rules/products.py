"""The products that subscriptions are of, from one table."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ledger.refusal import Refused
from schemas.values import Activity


class Product(NamedTuple):
    """A row of the table; the comment at the head of ``products.toml`` says what fields mean."""

    product: str
    title: str
    claimed_for: tuple[Activity, ...]
    self_service_transfer: bool = False
    partner_fixed: bool = False

    def slots(self, subscription: str) -> tuple[str, ...]:
        """The claimable slots of a subscription of this product (domain.md §3.2)."""
        return tuple(f"cpor:bizapps:{subscription}:{activity}" for activity in self.claimed_for)


@cache
def table() -> Mapping[str, Product]:
    """Every product by its slug."""
    text = files("ledger.rules").joinpath("products.toml").read_text("utf-8")
    return {
        slug: Product(slug, claimed_for=tuple(map(Activity, row.pop("claimed_for"))), **row)
        for slug, row in tomllib.loads(text).items()
    }


def product(slug: str) -> Product:
    """The product; refused as ``unknown_product`` when the table has no such slug."""
    found = table().get(slug)
    if found is None:
        raise Refused("unknown_product", value=slug, known=", ".join(table()))
    return found
