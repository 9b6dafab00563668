"""What a claim's history says of each event: one sentence of what happened, and the reason given.

Names no rival (who may know of whom is for the faces to decide) and no contact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from schemas.drafts import DraftField

COMPARED = "the proofs of both sides compared, domain.md 5"
"""Why an arbitration ended as it did, for who may not know more of it."""

Data = dict[str, Any]
Said = tuple[str, str | None]


def told(step: str, data: Data, slots: Iterable[str] = ()) -> Said:
    """The sentence and the reason for a step of ``claim_history``, from its event's data.

    The reason is what the actor gave and the rule the step rests on; a step is never without.
    """
    if step == "challenged":
        return _challenged(slots)
    if step == "restored":
        return _restored(slots)
    if step == "ended":
        return _ended(data, slots)
    if step in _CONTEST:
        return _CONTEST[step](data, slots)
    if step in _PARTY:
        return _PARTY[step](data)
    sentence, given = _SENTENCES[step](data)
    rule = data.get("rule") or _RULES[step]
    return sentence, f"{given} ({rule})" if given else rule


def _challenged(slots: Iterable[str]) -> Said:
    """Another claim asks for slots that this one holds."""
    return f"Another claim asks for {_places(slots)}; it waits for arbitration.", (
        "an occupied slot may be claimed, which triggers arbitration, domain.md 5"
    )


def _restored(slots: Iterable[str]) -> Said:
    """The customer declined the successor: this claim holds again."""
    return f"Holds {_places(slots)} again, from where the successor began.", (
        "the customer declined the successor within its consent window (domain.md 4.2 row 7)"
    )


def _ended(data: Data, slots: Iterable[str]) -> Said:
    """The subscription ended, and the holding with it."""
    why = data.get("reason", "moved to another platform")
    what = f"{_places(slots)} ended with the subscription {data['subscription']}: {why}."
    return what, "a Business Applications association lives with its subscription, domain.md 4.4"


def _told(data: Data, slots: Iterable[str]) -> Said:
    what = f"Told that another claims {_places(slots)}; it may answer until {data['answer_due']}."
    return what, _given(data.get("comment"), "the holder is contacted, domain.md 5, 3")


def _rivals_told(data: Data, _: Iterable[str]) -> Said:
    what = (
        f"Who holds {_places(data['slots'])} was told, and may answer until {data['answer_due']}."
    )
    return what, _given(data.get("comment"), "the holder is contacted, domain.md 5, 3")


def _answers(data: Data, _: Iterable[str]) -> Said:
    how = "with a newer proof" if data.get("proof") else "without a new proof"
    return f"Answered the challenge {how}.", _given(
        data["statement"], "the newest proof of each side is compared, domain.md 5, 4"
    )


def _rival_answered(data: Data, _: Iterable[str]) -> Said:
    how = " with a newer proof" if data.get("proof") else ""
    rule = "the newest proof of each side is compared, domain.md 5, 4"
    return f"Who holds what it asks for answered{how}.", rule


def _unanswered(data: Data, _: Iterable[str]) -> Said:
    silent = "no answer came" if data.get("silent") else "nothing was awaited any more"
    rule = "silence does not block, domain.md 14 case 7"
    return f"The holder's time to answer passed on {data['due']}; {silent}.", rule


def _stayed_silent(data: Data, _: Iterable[str]) -> Said:
    rule = "silence does not block, domain.md 14 case 7"
    return f"Did not answer the challenge until {data['due']}.", rule


def _given(reason: str | None, rule: str) -> str:
    return f"{reason} ({rule})" if reason else rule


def _migrated(data: Data, _: Iterable[str]) -> Said:
    users = f"{data['users']} users" if "users" in data else "All users"
    what = f"{users} of tenant {data['tenant']} went over to {data['to']}, and the claim with them."
    return what, "a migration is no growth, the claim follows, domain.md 14 case 9"


_CONTEST: dict[str, Callable[[Data, Iterable[str]], Said]] = {
    "customer.migrated.v1": _migrated,
    "told": _told,
    "arbitration.opened.v1": _rivals_told,
    "arbitration.answered.v1": _answers,
    "rival_answered": _rival_answered,
    "arbitration.unanswered.v1": _unanswered,
    "stayed_silent": _stayed_silent,
}


def _deleted(data: Data) -> Said:
    what = f"Ended with its location {data['location']}, which was deleted."
    return what, data.get("comment") or "what was not re-pointed before is lost, domain.md 7.5"


def _repointed(data: Data) -> Said:
    what = f"Goes on at location {data['to']}, to which {data['location']} was re-pointed."
    return what, "re-pointed associations are kept, domain.md 7.5"


def _moved(data: Data) -> Said:
    what = f"Its location {data['location']} is organisation {data['organisation']}'s from then on."
    return what, "the location keeps what it holds, domain.md 7.5"


def _merged(data: Data) -> Said:
    what = f"Organisation {data['organisation']} merged into {data['into']}; the claim goes on."
    return what, "associations are kept, credit flows to the new organisation, domain.md 7.5"


_PARTY: dict[str, Callable[[Data], Said]] = {
    "location.deleted.v1": _deleted,
    "location.repointed.v1": _repointed,
    "location.moved.v1": _moved,
    "organisation.merged.v1": _merged,
}


def _places(slots: Iterable[str]) -> str:
    return ", ".join(sorted(_place(slot) for slot in slots))


def _place(slot: str) -> str:
    """The telling part of a slot's name.

    >>> _place("cpor:m365:t:teams"), _place("cpor:bizapps:S-1:usage")
    ('teams', 'usage of S-1')
    """
    parts = slot.split(":")
    return f"{parts[-1]} of {parts[-2]}" if parts[1] == "bizapps" else parts[-1]


def _and(first: str, second: str | None) -> str:
    return f"{first}: {second}" if second else first


def _submitted(data: Data) -> Said:
    held = " Held by another: it waits for arbitration." if data.get("contested") else ""
    asked = ", ".join([_place(slot["slot"]) for slot in data["slots"]])
    what = f"Partner {data['location']} claimed {asked} under {data['policy']}.{held}"
    return what, data.get("comment")


def _imported(data: Data) -> Said:
    held = ", ".join([_place(slot["slot"]) for slot in data["slots"]])
    what = f"Partner {data['location']} holds {held}, approved before this ledger began."
    origin = data["imported"]
    return what, f"{origin['source']}, line {origin['line']}, as of {origin['as_of']}"


def _drafted(data: Data) -> Said:
    filled = ", ".join(name.replace("_", " ") for name in data["content"] if name in _DRAFTABLE)
    return f"Partner {data['location']} began a draft with {filled or 'nothing yet'}.", None


def _draft_edited(data: Data) -> Said:
    filled = [name.replace("_", " ") for name in data["content"] if name in _DRAFTABLE]
    emptied = [name.replace("_", " ") for name in data.get("emptied", ())]
    said = []
    if data.get("moved_from"):
        said.append(f"moved the draft from {data['moved_from']} to {data['location']}")
    said += [f"filled {', '.join(filled)}"] if filled else []
    said += [f"emptied {', '.join(emptied)}"] if emptied else []
    return f"The partner {'; '.join(said)}.", None


def _discarded(data: Data) -> Said:
    return "The partner discarded the draft.", data.get("comment")


def _amended(data: Data) -> Said:
    said = []
    if data.get("moved_from"):
        said.append(f"moved the claim from {data['moved_from']} to {data['location']}")
    said.append(f"asks for {', '.join(_place(slot['slot']) for slot in data['slots'])}")
    if data.get("withdrawn"):
        said.append(f"no more for {_places(data['withdrawn'])}")
    people = [name.replace("_", " ") for name in _PEOPLE if data.get(name)]
    said += [f"named another {', '.join(people)}"] if people else []
    return f"The partner {'; '.join(said)}.", data.get("comment")


def _commented(data: Data) -> Said:
    return f"The {data['by']} commented.", data["comment"]


def _review_started(data: Data) -> Said:
    return f"A reviewer took the claim up and promised a decision by {data['decision_due']}.", None


def _action_requested(data: Data) -> Said:
    why = _and(", ".join(data["deficiencies"]), data["comment"])
    return f"The reviewer asked the partner for more, by {data['answer_due']}.", why


def _resubmitted(data: Data) -> Said:
    return "The partner answered with a new proof.", data.get("comment")


def _proof_added(_: Data) -> Said:
    return "The partner added a newer proof.", None


def _approved(data: Data) -> Said:
    what = f"The proof was accepted for {_places(data['slots'])}; {_consent(data)}."
    return what, data.get("back_dated_because") or data.get("comment")


def _consent(data: Data) -> str:
    mode, closes = data.get("consent_mode"), data.get("consent_closes")
    if mode == "explicit":
        return "the holding begins with the customer's yes"
    if not data.get("silence_confirms", True):
        return "silence can't confirm, the customer's yes is needed"
    if mode == "opt_out_window":
        return f"silence until {closes} confirms"
    return "the customer may decline at any time"


def _rejected(data: Data) -> Said:
    if data.get("held"):
        what = f"The reviewer ended {_places(data['slots'])}, as the partner asked."
        return what, _and(data["reason"], data["comment"])
    what = f"The reviewer rejected {_places(data['slots'])}{_disputable(data)}."
    why = ", ".join((data["reason"], *data.get("deficiencies", ())))
    return what, _and(why, data["comment"])


def _disputable(data: Data) -> str:
    until = data.get("dispute_until")
    return f", disputable until {until}" if until else ", finally"


def _lapsed(data: Data) -> Said:
    what = f"No answer came by {data['due']}: {_places(data['slots'])} rejected by the clock."
    return what, None


def _disassociated(data: Data) -> Said:
    what = f"The partner gave {_places(data['slots'])} back."
    return what, _and(data["reason"], data.get("comment"))


def _confirmed(data: Data) -> Said:
    return f"The customer said yes to {_places(data['slots'])}.", data["how"].replace("_", " ")


def _passed(data: Data) -> Said:
    what = f"The consent window closed in silence on {data['due']}."
    return what, None


def _declined(data: Data) -> Said:
    since = "from the beginning" if data["from_the_beginning"] else "from then on"
    return f"The customer declined {_places(data['slots'])}, {since}.", data.get("comment")


def _objected(data: Data) -> Said:
    to = f" to {_places(data['slots'])}" if data.get("slots") else ""
    what = (
        f"The customer objected{to} after the window closed ({data['window_closed']}): no effect."
    )
    return what, data.get("comment")


def _bounced(data: Data) -> Said:
    what = "The notice did not reach the customer: silence no longer confirms."
    return what, data.get("comment")


def _disputed(data: Data) -> Said:
    what = f"The partner disputed the outcome; an answer is promised by {data['answer_due']}."
    return what, data["justification"]


def _won(data: Data) -> Said:
    return f"Won {_places(data['slots'])} by arbitration; {_consent(data)}.", data["reason"]


def _lost(data: Data) -> Said:
    what = f"Lost the arbitration for {_places(data['slots'])}{_disputable(data)}."
    return what, data["reason"]


def _kept(data: Data) -> Said:
    return f"Kept {_places(data['slots'])} in arbitration.", data["reason"]


def _replaced(data: Data) -> Said:
    what = f"Replaced in {_places(data['slots'])} by arbitration{_disputable(data)}."
    return what, data["reason"]


_PEOPLE = ("customer_contact", "customer_technical_contact", "partner_contact")
_DRAFTABLE = frozenset(DraftField)

_SENTENCES: dict[str, Callable[[Data], Said]] = {
    "claim.drafted.v1": _drafted,
    "claim.draft_edited.v1": _draft_edited,
    "claim.discarded.v1": _discarded,
    "claim.amended.v1": _amended,
    "claim.commented.v1": _commented,
    "claim.submitted.v1": _submitted,
    "claim.imported.v1": _imported,
    "claim.review_started.v1": _review_started,
    "claim.action_requested.v1": _action_requested,
    "claim.resubmitted.v1": _resubmitted,
    "claim.proof_added.v1": _proof_added,
    "claim.approved.v1": _approved,
    "claim.rejected.v1": _rejected,
    "claim.lapsed.v1": _lapsed,
    "claim.disassociated.v1": _disassociated,
    "claim.disputed.v1": _disputed,
    "consent.confirmed.v1": _confirmed,
    "consent.passed.v1": _passed,
    "consent.declined.v1": _declined,
    "consent.objection_recorded.v1": _objected,
    "consent.notice_bounced.v1": _bounced,
    "won=True": _won,
    "won=False": _lost,
    "kept=True": _kept,
    "kept=False": _replaced,
}

_RULES: dict[str, str] = {
    "claim.drafted.v1": "a draft asks for nothing, domain.md 4.2 row 1",
    "claim.draft_edited.v1": "a draft may change in every field, domain.md 4.2 Editing",
    "claim.discarded.v1": "a draft asks for nothing, domain.md 4.2 row 1",
    "claim.amended.v1": "the policy says what may change in which state, domain.md 4.2 Editing",
    "claim.commented.v1": "comments stand in the history, domain.md 4.2 History",
    "claim.submitted.v1": "a claim and its proof, domain.md 4.2 row 2",
    "claim.imported.v1": "what is known is recorded with its source, domain.md 11.1",
    "claim.review_started.v1": "review within the policy's days, domain.md 4.2 row 3",
    "claim.action_requested.v1": "the proof lacks something, domain.md 4.2 row 4",
    "claim.resubmitted.v1": "answered before the deadline, domain.md 4.2 row 5",
    "claim.proof_added.v1": "the newest proof is what a conflict compares, domain.md 3.4, 5",
    "claim.approved.v1": "the proof holds, domain.md 4.2 row 4",
    "claim.rejected.v1": "the reviewer's verdict, domain.md 4.2 rows 4 and 10",
    "claim.lapsed.v1": "silence after partner action required rejects, domain.md 4.2 row 6",
    "claim.disassociated.v1": "the partner gives it back, domain.md 4.2 row 12",
    "claim.disputed.v1": "a rejection may be disputed in time, domain.md 4.2 row 9",
    "consent.confirmed.v1": "the customer's own yes, domain.md 4.3",
    "consent.passed.v1": "silence confirms, domain.md 4.2 row 8",
    "consent.declined.v1": "the customer's no in its window or policy, domain.md 4.2 row 7",
    "consent.objection_recorded.v1": "a late objection is recorded only, domain.md 14 case 11",
    "consent.notice_bounced.v1": "silence confirms only whom a notice reached, domain.md 14 case 1",
    "won=True": COMPARED,
    "won=False": COMPARED,
    "kept=True": COMPARED,
    "kept=False": COMPARED,
}
