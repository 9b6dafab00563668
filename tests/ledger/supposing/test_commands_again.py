"""Every event has its command, or is carried over for a reason that is told."""

from __future__ import annotations

from ledger.commands import catalogue as commands
from ledger.supposing.commands_again import AGAIN, CARRIED
from schemas import catalogue

BIRTH = "ledger.created.v1"
OF_TIME = {
    "claim.lapsed.v1",
    "consent.passed.v1",
    "gdap.extended.v1",
    "gdap.expiry_notified.v1",
    "gdap.request_lapsed.v1",
    "gdap.expired.v1",
    "enrolment.rolled_forward.v1",
    "enrolment.lapsed.v1",
    "competency.expired.v1",
    "arbitration.unanswered.v1",
    "role.lapsed.v1",
    "delegated_admin.expired.v1",
}
"""What happens because time passes: in a replay it happens by itself."""


def test_every_event_is_decided_again_carried_over_or_comes_with_time() -> None:
    """A new event must say which of them it is; none is two of them."""
    sorts = [set(AGAIN), set(CARRIED), OF_TIME, {BIRTH}]
    known = {event.TYPE for event in catalogue.EVENTS}
    assert set().union(*sorts) == known
    assert sum(map(len, sorts)) == len(known)


def test_every_command_that_is_typed_leads_to_an_event_that_names_it() -> None:
    """But for ``dpor.import``, whose event is that of ``dpor.set``, and an erasure."""
    assert set(commands.COMMANDS) - set(AGAIN.values()) == {"dpor.import", "person.erase"}
    assert set(AGAIN.values()) <= set(commands.COMMANDS)
