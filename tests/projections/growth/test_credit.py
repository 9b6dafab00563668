"""What credited usage says of one key and month: to whom a rule gives it, and what it grew."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.errors import BadInputError
from projections.growth.credit import CreditRow, credited
from projections.growth.engine import ChdbEngine
from projections.growth.growth import Wanted
from tests.projections.growth.estate import MICRO, Estate, increment, month

TENANT = "11111111-1111-1111-1111-111111111111"
TEAMS: dict[str, Any] = {"tenant": TENANT, "workload": "teams"}


def test_each_holder_of_a_key_has_a_row_with_its_amounts(
    engine: ChdbEngine, estate: Estate
) -> None:
    """Growth with its gap, opening and level; two kinds hold, so two rows; nobody in July, one."""
    estate.hold("CPOR", "101", "2023-08-01", **TEAMS)
    estate.hold("CSP_T1", "201", "2023-08-01", tenant=TENANT, subscription="s1", organisation="200")
    estate.tell("subscription.started.v1", subscription="s1", tenant=TENANT, product="m365")
    known = estate.load(
        "a1",
        [
            increment("2023-07", 100, mark="opening", level=100, **TEAMS),
            increment("2023-09", 30, mark="gap", gap_from="2023-07", level=130, **TEAMS),
        ],
    )
    estate.feed(engine)
    answer = credited(engine)
    july = ("m365.mau", month("2023-07"), "teams", TENANT, "")
    nothing = CreditRow(*july, "", "", "", 0, 0, 0, 0, None)
    grown = nothing._replace(
        month=month("2023-09"),
        grown_micro=30 * MICRO,
        across_gap_micro=30 * MICRO,
        level_micro=130 * MICRO,
        gap_from=month("2023-07"),
    )
    assert list(answer.rows()) == [
        nothing._replace(opening_micro=100 * MICRO, level_micro=100 * MICRO),
        grown._replace(kind="CPOR", partner="101", organisation="100"),
        grown._replace(kind="CSP_T1", partner="201", organisation="200"),
    ]
    assert (answer.position, answer.rule) == (known, "slot_holder")
    mine = credited(engine, wanted=Wanted(partners=("201",)))
    assert [row.partner for row in mine.rows()] == ["201"]


def test_a_rule_nobody_wrote_is_refused_by_name(engine: ChdbEngine, estate: Estate) -> None:
    """The answer names the rules there are."""
    estate.feed(engine)
    with pytest.raises(BadInputError, match="no credit rule 'fair'") as caught:
        credited(engine, rule="fair")
    assert "slot_holder" in str(caught.value.hint)
