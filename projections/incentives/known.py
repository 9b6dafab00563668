"""What is known of a partner organisation's associations at a position, for what they earn.

Reads the views, which keep two times, so that an answer pinned to a position is the same for ever.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ledger.rules.incentive_programmes.programme import IncentiveProgramme
from projections import claim_queries, holder_queries
from projections.filters import Row
from projections.incentives.lines import Place, Tenure
from schemas.time import FOREVER_US

WAITING = ("submitted", "under_review", "partner_action_required", "dispute")
"""States of a claim that is not decided (domain.md §4.1)."""

_AREAS = {"workload": "cpor:m365:", "subscription": "cpor:bizapps:"}


@dataclass(frozen=True)
class Known:
    """The views as known at a position."""

    views: sqlite3.Connection
    position: int

    def places(self, programme: IncentiveProgramme, organisation: str) -> dict[str, Place]:
        """The slots of claims that an organisation ever held or waits for, with their places."""
        asked = {"known": self.position, "organisation": organisation, "kind": "CPOR"}
        held = holder_queries.pages(self.views, holder_queries.associations, asked)
        rows = [row for row in held if self._counts(programme, row)]
        rows += [
            {**claim, **slot}
            for claim in self._waiting(organisation)
            for slot in claim["slots"]
            if self._counts(programme, {**claim, **slot})
        ]
        return {row["slot"]: _place(row) for row in sorted(rows, key=lambda row: row["slot"])}

    def _counts(self, programme: IncentiveProgramme, row: Row) -> bool:
        asked = programme.associations
        area = row["slot"].startswith(_AREAS[asked.per])
        return area and row["activity"] in (asked.activities or ("usage",))

    def tenures(self, slot: str, organisation: str) -> tuple[Tenure, ...]:
        """Everybody who ever held the slot, and the claims of the organisation that wait for it."""
        asked = {"known": self.position, "slot": slot}
        held = holder_queries.pages(self.views, holder_queries.associations, asked)
        found = [self.tenure(row) for row in held]
        found += [
            self._asking(claim)
            for claim in self._waiting(organisation)
            if any(one["slot"] == slot for one in claim["slots"])
        ]
        return tuple(sorted(found, key=lambda one: (one.from_us, one.because)))

    def tenure(self, row: Row) -> Tenure:
        """An association as it is reckoned with."""
        claim = self.claim(row["claim"]) if row["claim"] else None
        return Tenure(
            row["kind"],
            row["partner"],
            row["organisation"] or row["partner"],
            row["claim"],
            row["effective_from"],
            row["effective_to"],
            claim["submitted_at_us"] if claim else row["effective_from"],
            row["because"],
            row["role"],
        )

    def _asking(self, claim: Row) -> Tenure:
        at_us = claim["submitted_at_us"]
        return Tenure(
            "CPOR",
            claim["partner"],
            claim["organisation"],
            claim["claim"],
            at_us,
            FOREVER_US,
            at_us,
            claim["submitted_at"],
            approved=False,
        )

    def claim(self, claim: str) -> Row | None:
        """A claim with its slots, as known."""
        if claim not in self._claims:
            self._claims[claim] = claim_queries.claim_show(self.views, claim, known=self.position)
        return self._claims[claim]

    @cached_property
    def _claims(self) -> dict[str, Row | None]:
        return {}

    @cached_property
    def _waiting_of(self) -> dict[str, list[Row]]:
        return {}

    def _waiting(self, organisation: str) -> list[Row]:
        if organisation not in self._waiting_of:
            found: Iterable[Mapping[str, Any]] = (
                row
                for state in WAITING
                for row in claim_queries.claim_list(
                    self.views, known=self.position, organisation=organisation, state=state
                )
            )
            shown = [self.claim(row["claim"]) for row in found]
            self._waiting_of[organisation] = [
                {**row, "slots": [s for s in row["slots"] if s["outcome"] == "asked"]}
                for row in shown
                if row is not None
            ]
        return self._waiting_of[organisation]


def _place(row: Row) -> Place:
    tenant, subscription = row["tenant"], row["subscription"] or ""
    return Place(tenant, "" if subscription else row["workload"] or "", subscription)
