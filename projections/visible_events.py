"""What a reader may see of an event: whether at all, and what of it is another's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from projections.claim_sentences import COMPARED
from projections.visibility import HIDDEN, Sight, table

Plain = dict[str, Any]


def sees_event(sight: Sight, tags: Sequence[str]) -> bool:
    """Whether an event is about something of the reader's: its partner, organisation or tenant.

    An event of a claim is judged by its claims, every other by what it names.
    """
    named = [tag.partition(":")[::2] for tag in tags]
    claims = [key for kind, key in named if kind == "claim"]
    if claims:
        return any(sight.sees_claim(claim) for claim in claims)
    about = [_row(kind, key) for kind, key in named]
    rows = [row for row in about if row]
    if not rows:
        return sight.whole()
    slots = [key for kind, key in named if kind == "slot"]
    return any(sight.covers("claims", {**row, "slot": slots[0]} if slots else row) for row in rows)


def _row(kind: str, key: str) -> Plain | None:
    match kind:
        case "partner":
            return {"partner": key}
        case "organisation":
            return {"organisation": key}
        case "tenant":
            return {"tenant": key}
    return None


def sees_all_of(sight: Sight, tags: Sequence[str]) -> bool:
    """Whether nothing of an event is another's: one sees everything, or it is the own tenant's."""
    tenants = sight.scopes("claims").tenants
    return sight.whole() or any(tag.removeprefix("tenant:") in tenants for tag in tags)


def without_rivals(sight: Sight, type_name: str, data: Plain) -> Plain:
    """The data of an event, with ``hidden`` for another's claim and partner, and for why it won.

    Of an event that is another's own act little more stays than that there was one.
    """
    rule = table()["events"]
    why = rule["why"].get(type_name, ())
    of_another = sight.names_another(str(data.get("claim", "")))
    return {
        name: HIDDEN
        if name in why or (of_another and name not in rule["keep"])
        else _without(sight, value)
        for name, value in data.items()
    }


def _without(sight: Sight, value: Any) -> Any:
    """The value less what names another; an object that names one is hidden whole."""
    if isinstance(value, list):
        return [_without(sight, each) for each in value]
    if isinstance(value, dict):
        told = {name: _without(sight, each) for name, each in value.items()}
        return HIDDEN if HIDDEN in told.values() else told
    return HIDDEN if isinstance(value, str) and sight.names_another(value) else value


def visible_tags(sight: Sight, tags: Sequence[str]) -> list[str]:
    """The tags of an event less those that name another."""
    return [tag for tag in tags if _may_stand(sight, *tag.partition(":")[::2])]


def _may_stand(sight: Sight, kind: str, key: str) -> bool:
    match kind:
        case "claim":
            return sight.sees_claim(key)
        case "partner":
            return sight.sees_partner(key)
        case "organisation":
            return sight.sees_organisation(key)
    return True


def visible_event(sight: Sight, event: Plain, tags: Sequence[str]) -> Plain | None:
    """A CloudEvent as a reader may see it, its rivals and why they won left out; None: not at all.

    Where another is left out, so are who acted and under which id.
    """
    if not sees_event(sight, tags):
        return None
    if sees_all_of(sight, tags):
        return event
    kept = visible_tags(sight, tags)
    told = {**event, "tags": " ".join(kept), "subject": kept[0] if kept else HIDDEN}
    if "data" in told:
        told["data"] = without_rivals(sight, event["type"], told["data"])
    if len(kept) < len(tags) or sight.acts_for_another(event.get("actor", "")):
        told |= {name: HIDDEN for name in ("actor", "commandid", "correlation") if name in told}
    return told


def history_step(sight: Sight, step: Plain) -> Plain:
    """A step of a claim's history for a reader of that claim, without its rival and why it won."""
    rule = table()["events"]
    other = step["other_claim"]
    told = dict(step)
    if sight.acts_for_another(step["actor"]):
        told["actor"] = HIDDEN
    if other is not None and not sight.sees_claim(other):
        told |= {"other_claim": HIDDEN, "actor": HIDDEN}
        if step["type"] in rule["why"]:
            told["why"] = COMPARED
    return told
