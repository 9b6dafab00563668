"""Why a unit is not credited: the published codes and our own, from one table (domain.md §8.4)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple


class Reason(NamedTuple):
    """A code of ``reasons.toml``, and what was found in this case."""

    code: str
    found: str = ""


@cache
def table() -> Mapping[str, Mapping[str, Any]]:
    """Every code, in the order in which they are told."""
    return tomllib.loads((files(__package__) / "reasons.toml").read_text(encoding="utf-8"))


def in_order(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons, each code once, the first of them the one that is told."""
    order = {code: number for number, code in enumerate(table())}
    first: dict[str, Reason] = {}
    for reason in reasons:
        first.setdefault(reason.code, reason)
    return tuple(sorted(first.values(), key=lambda reason: order[reason.code]))
