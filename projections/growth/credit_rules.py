"""The credit rules there are: how increments are joined with associations (DESIGN §7)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ledger.errors import BadInputError

SLOT_HOLDER = "slot_holder"


class CreditRule(NamedTuple):
    """A row of `credit_rules.toml`: how increments are joined with associations."""

    id: str
    title: str
    metrics: tuple[str, ...]
    source: str

    def about(self, metric: str) -> bool:
        """Whether the rule says anything about a metric."""
        return not self.metrics or metric in self.metrics


@cache
def credit_rules() -> dict[str, CreditRule]:
    """The credit rules there are, by id."""
    text = (files(__package__) / "credit_rules.toml").read_text(encoding="utf-8")
    return {
        row["id"]: CreditRule(**{**row, "metrics": tuple(row["metrics"])})
        for row in tomllib.loads(text)["rule"]
    }


def rule_named(name: str) -> CreditRule:
    """The credit rule of that id. Raises ``BadInputError`` ``unknown_credit_rule``."""
    found = credit_rules().get(name)
    if found is None:
        raise BadInputError(
            f"There is no credit rule {name!r}.",
            hint=f"Choose from {', '.join(credit_rules())}.",
            code="unknown_credit_rule",
        )
    return found
