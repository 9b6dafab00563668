"""Which step of a claim is possible in which state: domain.md §4.2 under P2020, cell by cell."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.rules.policy import ClaimState
from tests.builders import refuses
from tests.claims import CLOCK, CUSTOMER, REVIEWER, admin, claim_in, proof, submission

STATES = tuple(ClaimState)

_TABLE = """
command                submitted    under_review   partner_action_required approved     rejected     dispute        rejected_final replaced
claim.submit           already_exists already_exists already_exists        already_exists already_exists already_exists already_exists already_exists
claim.start_review     under_review wrong_state    wrong_state             wrong_state  wrong_state  wrong_state    wrong_state    wrong_state
claim.request_action   wrong_state  partner_action_required wrong_state    wrong_state  wrong_state  wrong_state    wrong_state    wrong_state
claim.resubmit         wrong_state  wrong_state    submitted               wrong_state  wrong_state  wrong_state    wrong_state    wrong_state
claim.add_proof        submitted    wrong_state    partner_action_required approved     wrong_state  wrong_state    wrong_state    wrong_state
claim.approve          wrong_state  approved       wrong_state             wrong_state  wrong_state  approved       wrong_state    wrong_state
claim.reject           wrong_state  rejected       wrong_state             wrong_state  wrong_state  rejected_final wrong_state    wrong_state
claim.disassociate     not_held     not_held       not_held                rejected_final not_held   not_held       not_held       not_held
claim.dispute          wrong_state  wrong_state    wrong_state             wrong_state  dispute      wrong_state    loss_is_final  dispute
consent.confirm        wrong_state  wrong_state    wrong_state             approved     wrong_state  wrong_state    wrong_state    wrong_state
consent.decline        wrong_state  wrong_state    wrong_state             rejected     wrong_state  wrong_state    wrong_state    rejected
consent.bounce         submitted    under_review   partner_action_required approved     wrong_state  dispute        wrong_state    wrong_state
arbitration.open       wrong_state  not_contested  wrong_state             wrong_state  wrong_state  not_contested  wrong_state    wrong_state
arbitration.answer     not_challenged not_challenged not_challenged        not_challenged not_challenged not_challenged not_challenged not_challenged
clock.silence          not_due      not_due        not_due                 not_due      not_due      not_due        not_due        not_due
arbitration.decide     wrong_state  not_contested  wrong_state             wrong_state  wrong_state  not_contested  wrong_state    wrong_state
clock.lapse.answer     not_due      not_due        not_due                 not_due      not_due      not_due        not_due        not_due
clock.lapse.consent    not_due      not_due        not_due                 not_due      not_due      not_due        not_due        not_due
"""  # noqa: E501  a table is read across

_DATA: dict[str, tuple[str, dict[str, Any]]] = {
    "claim.submit": (admin("101"), submission("C-1", "101")),
    "claim.start_review": (REVIEWER, {}),
    "claim.request_action": (REVIEWER, {"deficiencies": ["all_missing"], "comment": "Missing."}),
    "claim.resubmit": (admin("101"), {"proof": proof()}),
    "claim.add_proof": (admin("101"), {"proof": proof()}),
    "claim.approve": (REVIEWER, {}),
    "claim.reject": (REVIEWER, {"reason": "wrong_details", "comment": "Wrong."}),
    "claim.disassociate": (admin("101"), {"reason": "wrong_location"}),
    "claim.dispute": (admin("101"), {"justification": "It was there."}),
    "consent.confirm": (CUSTOMER, {"how": "portal"}),
    "consent.decline": (CUSTOMER, {}),
    "consent.bounce": (REVIEWER, {}),
    "arbitration.decide": (REVIEWER, {"outcome": "incumbent_stays", "reason": "Compared."}),
    "arbitration.open": (REVIEWER, {}),
    "arbitration.answer": (admin("101"), {"statement": "We work there."}),
    "clock.silence": (CLOCK, {"name": "incumbent"}),
    "clock.lapse.answer": (CLOCK, {"name": "answer"}),
    "clock.lapse.consent": (CLOCK, {"name": "consent"}),
}


def _cells() -> list[tuple[str, ClaimState, str]]:
    head, *rows = [line.split() for line in _TABLE.strip().splitlines()]
    states = [ClaimState(name) for name in head[1:]]
    return [
        (command, state, cell)
        for command, *cells in rows
        for state, cell in zip(states, cells, strict=True)
    ]


def test_the_table_has_a_column_for_every_state_and_a_row_for_every_step() -> None:
    """No state and no step can be added without its cells."""
    cells = _cells()
    assert {state for _, state, _ in cells} == set(STATES)
    assert {command for command, _, _ in cells} == set(_DATA)


@pytest.mark.parametrize("command, state, cell", _cells())
def test_a_step_leads_to_the_state_of_its_cell_or_is_refused(
    command: str, state: ClaimState, cell: str
) -> None:
    """Each cell names the state afterwards, or the code of the refusal."""
    world = claim_in(state)
    assert world.claim("C-1").state is state
    actor, data = _DATA[command]
    name = "clock.lapse" if command.startswith("clock.lapse") else command
    if cell in STATES:
        world.do(name, actor, **{"claim": "C-1", **data})
        assert world.claim("C-1").state == cell
    else:
        with refuses(cell):
            world.do(name, actor, **{"claim": "C-1", **data})
        assert world.claim("C-1").state is state
