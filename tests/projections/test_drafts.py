"""Drafts in the views: as they stand and stood, never in anybody's way, gone when submitted."""

from __future__ import annotations

from projections import claim_queries, draft_queries
from projections.runner import Views, catch_up
from tests.claims import admin, claims, submission
from tests.projections.memory_log import IN_MEMORY, MemoryLog
from tests.projections.test_views_agree_with_decisions import records


def _fed(upto: int | None = None) -> tuple[Views, MemoryLog]:
    """Views of a draft that is begun, edited and submitted, and of one that is discarded."""
    world = claims()
    who = admin("101")
    first = len(world.facts)
    world.do("claim.draft", who, claim="C-1", location="101", title="One", workloads=["teams"])
    world.do("claim.draft", who, claim="C-2", location="101", title="Two")
    whole = {name: value for name, value in submission("C-1", "101").items() if name != "title"}
    world.do("claim.edit", who, **whole, empty=["title"])
    world.do("claim.discard", who, claim="C-2")
    world.do("claim.submit", who, claim="C-1", title="One again")
    log = MemoryLog()
    log.records = records(world)[: None if upto is None else first + upto]
    views = Views(IN_MEMORY)
    catch_up(log, views, batch=3)
    return views, log


def test_a_submitted_draft_is_a_claim_and_a_discarded_one_stays_a_draft() -> None:
    """Each claim is listed once."""
    views, _ = _fed()
    listed = claim_queries.claim_list(views.connection)
    assert [(row["claim"], row["state"]) for row in listed] == [
        ("C-2", "discarded"),
        ("C-1", "submitted"),
    ]
    assert not claim_queries.claim_list(views.connection, slot="cpor:m365:x:teams")
    views.close()


def test_drafts_as_known_at_a_position_are_those_of_the_log_up_to_there() -> None:
    """Title, state and history of every version."""
    whole, log = _fed()
    for upto in range(6):
        cut, shorter = _fed(upto)
        known = len(shorter.records)
        for claim in ("C-1", "C-2"):
            found = [
                claim_queries.claim_show(views.connection, claim, known=known)
                for views in (whole, cut)
            ]
            assert found[0] == found[1]
            steps = claim_queries.claim_history(
                whole.connection, claim, lambda at: log.records[at - 1], known=known
            )
            assert steps == claim_queries.claim_history(
                cut.connection, claim, lambda at: log.records[at - 1]
            )
        listed = claim_queries.claim_list(whole.connection, known=known)
        assert listed == claim_queries.claim_list(cut.connection)
        cut.close()
    whole.close()


def test_what_stands_in_a_draft_is_told_without_its_people() -> None:
    """A person is only said to be there."""
    views, log = _fed(3)
    found = draft_queries.content(views.connection, "C-1", lambda at: log.records[at - 1])
    assert found["customer_contact"] == "sealed"
    assert "title" not in found
    assert found["workloads"] == ["exchange"]
    views.close()
