"""The examples as one story on a ledger on disk, and what it remembers after it is opened again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ledger.app import Ledger
from ledger.commands import catalogue
from ledger.errors import RefusedError
from schemas.time import from_iso
from tests.builders import CONTOSO
from tests.ledger.commands.estate import example

BIRTH_US = from_iso("2020-07-01T09:00:00Z")
OPERATOR, ADMIN, CUSTOMER = "operator", "admin-100", "contoso-admin"

STORY: tuple[tuple[str, str, dict[str, Any], str | None], ...] = (
    ("organisation.register", OPERATOR, {}, "already_exists"),
    ("location.register", OPERATOR, {}, "already_exists"),
    ("customer.register", OPERATOR, {}, "already_exists"),
    ("identity.register", OPERATOR, {}, "already_exists"),
    (
        "role.grant",
        OPERATOR,
        {"grantee": ADMIN, "role": "global_admin", "organisation": "100", "location": None}
        | {"until": None},
        "role_already_held",
    ),
    (
        "role.grant",
        OPERATOR,
        {"grantee": CUSTOMER, "role": "customer_admin", "tenant": CONTOSO, "location": None}
        | {"until": None},
        "role_already_held",
    ),
    ("role.grant", ADMIN, {"until": None}, None),
    ("role.revoke", ADMIN, {}, "role_not_held"),
    ("agreement.sign", OPERATOR, {}, "already_exists"),
    ("subscription.start", OPERATOR, {}, "already_exists"),
    ("subscription.change_seats", OPERATOR, {}, "already_ended"),
    ("subscription.change_state", OPERATOR, {}, "already_ended"),
    ("dpor.set", CUSTOMER, {}, "already_ended"),
    ("dpor.remove", CUSTOMER, {}, "already_ended"),
    ("pal.link", "dev-1", {}, "identity_state"),
    ("pal.unlink", "dev-1", {}, "pal_not_linked"),
    ("azure_role.assign", CUSTOMER, {}, "already_exists"),
    ("azure_role.remove", CUSTOMER, {}, "already_ended"),
    ("group.register", CUSTOMER, {}, "already_exists"),
    ("group.add_member", CUSTOMER, {}, "effective_too_early"),
    ("group.remove_member", CUSTOMER, {}, "not_a_member"),
    ("scope.place", CUSTOMER, {}, "already_placed"),
    ("identity.disable", ADMIN, {}, "identity_state"),
    ("identity.enable", ADMIN, {}, "identity_state"),
    ("identity.delete", ADMIN, {}, "identity_state"),
    ("gdap.request", ADMIN, {}, "already_exists"),
    ("gdap.approve", CUSTOMER, {}, "gdap_state"),
    ("gdap.terminate", CUSTOMER, {}, "gdap_state"),
    ("tracking_id.register", ADMIN, {}, "already_exists"),
    ("deployment.report", OPERATOR, {}, "already_exists"),
    ("deployment.end", OPERATOR, {}, "already_ended"),
    ("tracking_id.remove", ADMIN, {}, "already_ended"),
    ("delegated_admin.grant", CUSTOMER, {}, "effective_too_early"),
    ("delegated_admin.end", CUSTOMER, {}, "delegated_admin_not_held"),
    ("association.record", OPERATOR, {}, "effective_too_early"),
    ("association.end", OPERATOR, {}, "association_not_held"),
    ("programme.adopt", OPERATOR, {}, "programme_already_adopted"),
    ("usage.load", OPERATOR, {}, None),
    ("usage.withdraw", OPERATOR, {}, "report_not_counted"),
    ("subscription.end", OPERATOR, {}, "already_ended"),
    ("agreement.amend", OPERATOR, {}, "already_ended"),
    ("agreement.end", OPERATOR, {}, "already_ended"),
)
"""Command, actor, changes to the example, and what a second try is refused for at the end.

None where it would be accepted again: a role that was revoked, a report that was withdrawn.
"""

LATER_US = from_iso("2021-07-01T00:00:00Z")
MUCH_LATER_US = from_iso("2023-07-01T00:00:00Z")


def submit(ledger: Ledger, place: int, attempt: str, at_us: int) -> str:
    """Do one step of the story; "done", or the code of the refusal."""
    name, actor, other, _ = STORY[place]
    command = catalogue.load(name).model_validate(example(name, **other))
    try:
        ledger.submit(command, actor=actor, command_id=f"{attempt}-{place}", at_us=at_us)
    except RefusedError as refused:
        return refused.code
    return "done"


def test_the_examples_are_a_story_that_a_ledger_remembers(tmp_path: Path) -> None:
    """All are accepted in order; told again after a restart, each is refused by what it did."""
    path = tmp_path / "ledger"
    with Ledger.create(path, clock_kind="told", at_us=BIRTH_US) as ledger:
        for place, (name, *_) in enumerate(STORY):
            at_us = MUCH_LATER_US if name == "agreement.end" else LATER_US
            assert submit(ledger, place, "first", at_us) == "done", name
    with Ledger.open(path) as ledger:
        assert ledger.head.position == len(STORY) + 1
        for place, (name, _, _, code) in enumerate(STORY):
            if code is not None:
                assert submit(ledger, place, "again", MUCH_LATER_US) == code, name
        assert ledger.head.position == len(STORY) + 1
