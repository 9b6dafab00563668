"""State by step by actor, every cell stated, under each policy: domain.md §4.2 as tables."""

from __future__ import annotations

import pytest

from ledger.commands import catalogue
from ledger.rules.policy import BUILTIN, ClaimState
from tests.ledger.commands.claim_states.tables import ACTIONS, ACTORS, STATES, outcome, table

HIDDEN = (ClaimState.DRAFT, ClaimState.DISCARDED)


@pytest.mark.parametrize("policy", BUILTIN)
def test_a_policys_table_has_a_column_for_every_state_and_a_row_for_every_step(
    policy: str,
) -> None:
    """No state and no step can be added without its cells."""
    rows = table(policy.lower())
    assert set(rows) == set(ACTIONS)
    assert all(set(cells) == {str(state) for state in STATES} for cells in rows.values())


@pytest.mark.parametrize("name", ["actors", "actors_of_drafts"])
def test_the_tables_of_actors_are_whole(name: str) -> None:
    """Nobody can be added without being told what they may."""
    rows = table(name)
    assert set(rows) == set(ACTIONS)
    assert all(set(cells) == set(ACTORS) for cells in rows.values())


def test_every_command_about_a_claim_is_a_step_of_the_tables() -> None:
    """A new command has to be stated for every state, policy and actor."""
    about = {
        name
        for name in catalogue.names()
        if name.startswith(("claim.", "consent.", "arbitration."))
    }
    about.remove("claim.import")  # begins a claim; it is no step of one that is there
    assert about | {"clock.lapse"} == {name for name, _ in ACTIONS.values()}


@pytest.mark.parametrize("policy", BUILTIN)
@pytest.mark.parametrize("state", STATES)
def test_each_step_of_each_actor_comes_to_what_the_tables_state(
    policy: str, state: ClaimState
) -> None:
    """Allowed, with the state it leads to, or refused with the code of the cell."""
    steps = table(policy.lower())
    actors = table("actors_of_drafts" if state in HIDDEN else "actors")
    wrong = []
    for action in ACTIONS:
        for actor in ACTORS:
            may = actors[action][actor]
            if may == "other_row":
                continue
            stated = steps[action][state] if may == "may" else may
            found = outcome(policy, state, action, actor)
            if found != stated:
                wrong.append(f"{action} by {actor}: {found}, stated is {stated}")
    assert not wrong
