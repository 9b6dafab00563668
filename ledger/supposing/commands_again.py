"""The command that an event was decided from, made again out of what the event tells.

The log keeps events and not commands, only a command's hash. But an event says in the same fields
what its command said; where it says it otherwise, ``_OTHERWISE`` tells how. What a command left for
the ledger to choose (deadlines, who is contested, whom a decline restores) is chosen again.

People stay sealed: a command gets a stand-in for each, and ``CarriedKeys`` gives its box.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from pydantic import ValidationError

from ledger.commands import catalogue as commands
from ledger.decision import Command, Fact, Facts
from ledger.decision_models.claim import CLAIM
from ledger.decision_models.partner import ORGANISATION
from ledger.errors import BadInputError
from ledger.rules.role_table import LASTING
from ledger.supposing.carried_keys import CarriedKeys
from schemas.claims import ClaimAmended, ClaimApproved
from schemas.time import iso

AGAIN: Mapping[str, str] = {
    "role.granted.v1": "role.grant",
    "role.revoked.v1": "role.revoke",
    "roles.adopted.v1": "roles.adopt",
    "organisation.registered.v1": "organisation.register",
    "location.registered.v1": "location.register",
    "organisation.merged.v1": "organisation.merge",
    "location.moved.v1": "location.move",
    "location.repointed.v1": "location.repoint",
    "location.deleted.v1": "location.delete",
    "customer.registered.v2": "customer.register",
    "customer.migrated.v1": "customer.migrate",
    "identity.registered.v1": "identity.register",
    "subscription.started.v1": "subscription.start",
    "subscription.state_changed.v1": "subscription.change_state",
    "subscription.seats_changed.v1": "subscription.change_seats",
    "subscription.transferred.v1": "subscription.transfer",
    "subscription.moved.v1": "subscription.move",
    "subscription.ended.v1": "subscription.end",
    "agreement.signed.v1": "agreement.sign",
    "agreement.amended.v1": "agreement.amend",
    "agreement.ended.v1": "agreement.end",
    "enrolment.invited.v1": "enrolment.invite",
    "enrolment.started.v1": "enrolment.start",
    "enrolment.profiles_submitted.v1": "enrolment.submit_profiles",
    "enrolment.profiles_validated.v1": "enrolment.validate_profiles",
    "enrolment.profiles_rejected.v1": "enrolment.reject_profiles",
    "enrolment.made_ineligible.v1": "enrolment.make_ineligible",
    "enrolment.left.v1": "enrolment.leave",
    "enrolment.discontinued.v1": "enrolment.discontinue",
    "competency.started.v1": "competency.start",
    "competency.qualified.v1": "competency.qualify",
    "competency.attained.v1": "competency.attain",
    "competency.renewed.v1": "competency.renew",
    "competency.at_risk.v1": "competency.risk",
    "partner_agreement.signed.v1": "partner_agreement.sign",
    "partner_agreement.ended.v1": "partner_agreement.end",
    "incentive.adopted.v1": "incentive.adopt",
    "dpor.set.v1": "dpor.set",
    "dpor.removed.v1": "dpor.remove",
    "pal.linked.v1": "pal.link",
    "pal.unlinked.v1": "pal.unlink",
    "azure_role.assigned.v1": "azure_role.assign",
    "azure_role.assigned_to_group.v1": "azure_role.assign",
    "azure_role.removed.v1": "azure_role.remove",
    "azure_role.removed_from_group.v1": "azure_role.remove",
    "identity.disabled.v1": "identity.disable",
    "identity.enabled.v1": "identity.enable",
    "identity.deleted.v1": "identity.delete",
    "group.registered.v1": "group.register",
    "group.member_added.v1": "group.add_member",
    "group.member_removed.v1": "group.remove_member",
    "scope.placed.v1": "scope.place",
    "gdap.requested.v1": "gdap.request",
    "gdap.approved.v1": "gdap.approve",
    "gdap.auto_extend_set.v1": "gdap.set_auto_extend",
    "gdap.terminated.v1": "gdap.terminate",
    "tracking_id.registered.v1": "tracking_id.register",
    "tracking_id.removed.v1": "tracking_id.remove",
    "deployment.reported.v1": "deployment.report",
    "deployment.ended.v1": "deployment.end",
    "delegated_admin.granted.v1": "delegated_admin.grant",
    "delegated_admin.ended.v1": "delegated_admin.end",
    "association.recorded.v1": "association.record",
    "association.ended.v1": "association.end",
    "fact.corrected.v1": "fact.correct",
    "fact.retracted.v1": "fact.retract",
    "policy.adopted.v1": "policy.adopt",
    "calendar.adopted.v1": "calendar.adopt",
    "programme.adopted.v1": "programme.adopt",
    "metric.recorded.v1": "metric.record",
    "metric.withdrawn.v1": "metric.withdraw",
    "rates.adopted.v1": "rates.adopt",
    "claim.drafted.v1": "claim.draft",
    "claim.draft_edited.v1": "claim.edit",
    "claim.discarded.v1": "claim.discard",
    "claim.submitted.v1": "claim.submit",
    "claim.imported.v1": "claim.import",
    "claim.amended.v1": "claim.amend",
    "claim.commented.v1": "claim.comment",
    "claim.resubmitted.v1": "claim.resubmit",
    "claim.proof_added.v1": "claim.add_proof",
    "claim.disputed.v1": "claim.dispute",
    "arbitration.answered.v1": "arbitration.answer",
    "claim.disassociated.v1": "claim.disassociate",
    "claim.review_started.v1": "claim.start_review",
    "claim.action_requested.v1": "claim.request_action",
    "claim.approved.v1": "claim.approve",
    "claim.rejected.v1": "claim.reject",
    "arbitration.opened.v1": "arbitration.open",
    "arbitration.decided.v1": "arbitration.decide",
    "consent.confirmed.v1": "consent.confirm",
    "consent.declined.v1": "consent.decline",
    "consent.objection_recorded.v1": "consent.decline",
    "consent.notice_bounced.v1": "consent.bounce",
}
"""The command that each event is decided from; what is not here is not decided again."""

CARRIED: Mapping[str, str] = {
    "usage.report.loaded.v1": "its increments were reckoned on the reports before it",
    "usage.report.withdrawn.v1": "its increments were reckoned on the reports before it",
    "usage.turn.reserved.v1": "it belongs to the loads, which are carried over",
    "statement.issued.v1": "a statement says what was known when it was issued",
    "person.erased.v1": "who is erased stays erased",
}
"""Events that are carried over as they were recorded, with the reason."""

_POSITIONS: Mapping[str, tuple[str, ...]] = {
    "usage.report.loaded.v1": ("basis",),
    "usage.report.withdrawn.v1": ("basis",),
    "statement.issued.v1": ("position",),
}
"""The fields by which events that are carried over name positions."""

Data = dict[str, Any]
Moved = Callable[[int], int]
"""Where what stood at a position stands in the scratch ledger."""


class NotTakenError(Exception):
    """The event does not fit the command of this version, which is stricter than its own."""


def name_of(fact: Fact) -> str | None:
    """What the user typed who brought the event about; None for what is not decided again."""
    if fact.event.TYPE == "dpor.set.v1" and getattr(fact.event, "imported", None):
        return "dpor.import"
    return AGAIN.get(fact.event.TYPE)


def command_of(
    fact: Fact, facts: Facts, people: CarriedKeys, moved: Moved, effective_at_us: int | None = None
) -> Command:
    """The command of an event, effective when the event was, or at another instant.

    ``facts`` are those of the scratch ledger. Raises ``NotTakenError``.
    """
    name = name_of(fact)
    assert name is not None, "only what is decided again has a command"
    command = commands.load(name)
    told = fact.event.model_dump(mode="json", exclude_none=True)
    otherwise = _OTHERWISE.get(fact.event.TYPE)
    if otherwise is not None:
        told = otherwise(told, fact, facts, moved)
    at_us = fact.effective_at_us if effective_at_us is None else effective_at_us
    fields = command.model_fields
    lived = at_us == fact.recorded_at_us
    if "effective_at" in fields and (not lived or fields["effective_at"].is_required()):
        told["effective_at"] = iso(at_us)
    if "received_at" in fields and not lived:
        told["received_at"] = iso(at_us)
    given = {field: value for field, value in told.items() if field in fields}
    for field, value in _sealed(given):
        given[field] = people.stand_in(value, _domain(field, told, facts))
    try:
        return command.model_validate_json(orjson.dumps(given))
    except (ValidationError, BadInputError) as error:
        raise NotTakenError(name) from error


def takes_date(fact: Fact) -> bool:
    """Whether the command of an event says itself from when it is true."""
    name = name_of(fact)
    return name is not None and "effective_at" in commands.load(name).model_fields


def carried_data(fact: Fact, data: bytes, moved: Moved) -> bytes:
    """The data of an event that is carried over, naming positions of the scratch ledger."""
    fields = _POSITIONS.get(fact.event.TYPE)
    if fields is None:
        return data
    told = orjson.loads(data)
    told |= {field: moved(told[field]) for field in fields if told.get(field)}
    return orjson.dumps(told)


def _sealed(given: Data) -> Iterator[tuple[str, Data]]:
    for field, value in list(given.items()):
        if isinstance(value, dict) and value.keys() == {"key", "box"}:
            yield field, value


def _domain(field: str, told: Data, facts: Facts) -> str:
    """A domain for a stand-in: the partner's own, where the real address was there."""
    if field == "customer_contact" and told.get("contact_in_partner_domain"):
        partner = facts(ORGANISATION, told["organisation"])
        if partner and partner.domains:
            return str(partner.domains[0])
    return "contact.invalid"


# How a command says what its event says otherwise.


def _amended_agreement(told: Data, _fact: Fact, _facts: Facts, _moved: Moved) -> Data:
    return told | {"add": told.get("added", []), "remove": told.get("removed", [])}


def _ended_association(told: Data, _fact: Fact, _facts: Facts, _moved: Moved) -> Data:
    """The slot is ``association:KIND:PLACE:WHICH[:LOCATION[:REFERENCE]]``; no part has a colon."""
    place, which, *rest = told["slot"].split(":")[2:]
    told = {name: value for name, value in told.items() if name != "tenant"} | {place: which}
    return told | ({"reference": rest[1]} if len(rest) > 1 else {})


def _correction(told: Data, _fact: Fact, _facts: Facts, moved: Moved) -> Data:
    return told | {"position": moved(told["fact"])}


def _policy(told: Data, _fact: Fact, _facts: Facts, _moved: Moved) -> Data:
    """A content that says no date is in force from when it is adopted."""
    return {"content": told["content"]}


def _roles(told: Data, _fact: Fact, _facts: Facts, _moved: Moved) -> Data:
    """The event holds the whole table; its lasting rows no command may name."""
    rows = {name: row for name, row in told["content"]["rows"].items() if name not in LASTING}
    return {"content": {**told["content"], "rows": rows}}


def _calendar(told: Data, _fact: Fact, _facts: Facts, _moved: Moved) -> Data:
    content = {name: value for name, value in told.items() if name != "calendar"}
    return {"calendar": told["calendar"], "content": content}


def _claim(told: Data, _fact: Fact, _facts: Facts, _moved: Moved) -> Data:
    return told | _places(told)


def _places(told: Data) -> Data:
    slots = told.get("slots", [])
    return {
        "workloads": [one["workload"] for one in slots if one.get("workload")],
        "subscriptions": [one["subscription"] for one in slots if one.get("subscription")],
    }


def _draft(told: Data, _fact: Fact, _facts: Facts, _moved: Moved) -> Data:
    return {**told, **told["content"], "empty": told.get("emptied", [])}


def _amended_claim(told: Data, fact: Fact, facts: Facts, _moved: Moved) -> Data:
    """Location and products only where they are others than before, or all that was said."""
    event = fact.event
    assert isinstance(event, ClaimAmended), "the table says so"
    claim = facts(CLAIM, event.claim)
    asked = claim.asked if claim else ()
    others = event.withdrawn or {slot.slot for slot in event.slots} - set(asked)
    people = any(name.endswith("_contact") for name in told)
    if others or not (event.moved_from or people):
        told = told | _places(told)
    if not event.moved_from:
        told = {name: value for name, value in told.items() if name != "location"}
    return told


def _approved(told: Data, fact: Fact, facts: Facts, _moved: Moved) -> Data:
    """Of the slots approved those that are still asked for; all of them where it is all."""
    event = fact.event
    assert isinstance(event, ClaimApproved), "the table says so"
    claim = facts(CLAIM, event.claim)
    asked = claim.asked if claim else ()
    left = [slot for slot in event.slots if slot in asked]
    return told | {"slots": left or list(event.slots)}


def _arbitration(told: Data, _fact: Fact, _facts: Facts, _moved: Moved) -> Data:
    told = told | {"claim": told["challenger"]["claim"]}
    if told.get("outcome") == "challenger_wins":
        told.pop("slots")
    return told


_OTHERWISE: Mapping[str, Callable[[Data, Fact, Facts, Moved], Data]] = {
    "roles.adopted.v1": _roles,
    "agreement.amended.v1": _amended_agreement,
    "association.ended.v1": _ended_association,
    "fact.corrected.v1": _correction,
    "fact.retracted.v1": _correction,
    "policy.adopted.v1": _policy,
    "calendar.adopted.v1": _calendar,
    "claim.drafted.v1": _draft,
    "claim.draft_edited.v1": _draft,
    "claim.submitted.v1": _claim,
    "claim.imported.v1": _claim,
    "claim.amended.v1": _amended_claim,
    "claim.approved.v1": _approved,
    "arbitration.opened.v1": _arbitration,
    "arbitration.decided.v1": _arbitration,
}
