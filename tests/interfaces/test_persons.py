"""Contacts in the log are found wherever an event holds them."""

from __future__ import annotations

from interfaces.persons import sealing_types
from schemas import catalogue


def test_every_event_that_can_hold_a_contact_is_looked_through() -> None:
    """Those of drafts too, where the contact stands a level deeper."""
    found = set(sealing_types())
    assert {"claim.submitted.v1", "claim.amended.v1", "consent.confirmed.v1"} <= found
    assert {"claim.drafted.v1", "claim.draft_edited.v1"} <= found
    assert found < set(catalogue.MODELS)
