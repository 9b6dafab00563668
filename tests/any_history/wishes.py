"""What anybody may wish for: any command of the catalogue, about something that mostly is there.

The fields of a command follow from its own schema and from its example, so that a new command is
wished for without a word here. Names are taken from what the log has told so far, or made anew;
instants lie around now; a choice is any of its values. Where the parts of a command have to fit
together by rules of the field, ``FITTING`` says how; ``SAME_AS`` says which name is one of which.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from functools import cache
from typing import Any, NamedTuple

from ledger.commands import catalogue
from ledger.rules.role_table import Relation, table
from schemas.time import iso
from tests.any_history.chance import Draw
from tests.any_history.fitting import FITTING
from tests.any_history.known import HOUR_US, NICKNAME, ORGANISATION, PEOPLE, Known

ALL = (*catalogue.COMMANDS, *catalogue.INTERNAL)
CLOCK = {command for command, _ in catalogue.LAPSES.values()}
"""What only the ledger's own clock does; by anybody else it is refused."""

CLAIMS = [name for name in ALL if name.startswith(("claim.", "consent.", "arbitration."))]


SAME_AS = {
    "transacting_partner": "location",
    "indirect_reseller": "location",
    "dpor": "location",
    "succeeds": "subscription",
}
"""A field that holds a name of another kind than its own name says."""

SCOPES = ("organisation", "location", "tenant", "until")
"""Fields that a step leaves out when what it goes back to did."""

OLD = ("organisation", "location", "programme")
"""First fields that tell where something begins, not what."""

NAMED = {
    *("claim", "subscription", "agreement", "identity", "assignment", "report"),
    *("group", "relationship", "deployment", "tracking_id"),
}
"""What has to be there before much can be done about it."""


class Wish(NamedTuple):
    """A command that somebody gives, with the hours that passed before."""

    command: str
    actor: str
    data: dict[str, Any]
    hours: int


def possible(draw: Draw, known: Known, commands: Iterable[str]) -> str:
    """One of the commands; mostly one whose names there are."""
    choice = list(commands)
    if draw.chance(25):  # what was begun just now is brought on
        choice = [name for name in choice if name.startswith(f"{known.lately}.")] or choice
    found: str = draw.one(*choice)
    for _ in range(5):
        wanted = {SAME_AS.get(name, name) for name in list(_example(found))[:2]} & NAMED
        begun = {next(iter(_example(found)), "")} if _begins(found) else set()
        if wanted - begun <= known.names.keys():
            break
        found = draw.one(*choice)
    return found


def wished(draw: Draw, known: Known, command: str, now_us: int, claim: str | None = None) -> Wish:
    """A wish for a command; about a claim, when one is given."""
    data = deepcopy(_example(command))
    fields = _fields(command)
    for name, schema in fields.items():
        if name in data or draw.chance(25):
            value = _value(draw, known, command, name, schema, now_us)
            if value is not None:
                data[name] = value
    noun = command.partition(".")[0]
    if noun in known.told and not _begins(command) and draw.chance(70):
        # What was done before, and is now undone or brought on: its names belong together.
        before = draw.one(*known.told[noun])
        data |= {name: before.get(name) for name in fields if isinstance(before.get(name), str)}
        data |= {name: None for name in SCOPES if name in fields and name not in before}
    if claim and "claim" in fields:
        data["claim"] = claim
    for fitting in (_slots_of_the_claim, FITTING.get(command)):
        if fitting:
            data |= fitting(draw, known, data, now_us)
    data = {name: value for name, value in data.items() if value is not None}
    actor = _entitled(draw, known, command, data) if not draw.chance(8) else draw.one(*PEOPLE)
    return Wish(command, actor, data, draw.one(0, 0, 0, 1, 1, 30, 24 * 3, 24 * 16))


@cache
def _example(command: str) -> dict[str, Any]:
    return dict(catalogue.load(command).EXAMPLE) if command in catalogue.COMMANDS else {}


@cache
def _fields(command: str) -> dict[str, dict[str, Any]]:
    """The schema of each field, references resolved."""
    schema = catalogue.load(command).model_json_schema()
    found: dict[str, dict[str, Any]] = {
        name: _resolved(field, schema.get("$defs", {}))
        for name, field in schema.get("properties", {}).items()
    }
    return found


def _resolved(schema: Any, defs: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_resolved(each, defs) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _resolved(defs[schema["$ref"].rpartition("/")[2]], defs)
    return {name: _resolved(each, defs) for name, each in schema.items()}


def _value(
    draw: Draw, known: Known, command: str, name: str, schema: dict[str, Any], now_us: int
) -> Any:
    """A value for a field; None leaves it as it is in the example, or out."""
    for choice in (schema, *schema.get("anyOf", ())):
        if "enum" in choice:
            return draw.one(*choice["enum"])
        if "const" in choice:
            return choice["const"]
        if choice.get("type") == "boolean":
            return draw.chance(50)
        if choice.get("format") == "date-time":
            return _instant(draw, name, now_us)
        items = choice.get("items", {})
        if choice.get("type") == "array" and "enum" in items:
            return draw.some(items["enum"])
    return _name(draw, known, command, name) if choice.get("type") == "string" else None


def _instant(draw: Draw, name: str, now_us: int) -> str | None:
    if name in ("until", "expires_at"):
        return iso(now_us + draw.one(1, 30, 24, 24 * 40, 24 * 400) * HOUR_US)
    if draw.chance(60):
        return iso(now_us - draw.one(0, 1, 24, 24 * 20, 24 * 200) * HOUR_US)
    return iso(now_us + 24 * HOUR_US) if draw.chance(10) else iso(now_us)


def _name(draw: Draw, known: Known, command: str, name: str) -> str | None:
    pool = SAME_AS.get(name, name)
    # The first field of a command that begins something is mostly a name nobody has used.
    noun, first = command.partition(".")[0], next(iter(_fields(command)))
    begins = name == noun or (name == first and name not in OLD)
    if begins and _begins(command) and draw.chance(90):
        return known.fresh(pool)
    return str(draw.one(*known.names[pool])) if pool in known.names else None


def _begins(command: str) -> bool:
    return command.partition(".")[2] in BEGINNINGS


BEGINNINGS = (
    "register",
    "start",
    "sign",
    "submit",
    "assign",
    "draft",
    "request",
    "report",
    "record",
)
"""The verbs of commands that bring something new into the ledger."""


def _slots_of_the_claim(draw: Draw, known: Known, data: dict[str, Any], _: int) -> dict[str, Any]:
    if draw.chance(60):
        return {"slots": None} if "slots" in data and "claim" in data else {}
    if "slots" in data and data.get("claim") in known.slots:
        return {"slots": draw.some(known.slots[data["claim"]])}
    return {}


def _entitled(draw: Draw, known: Known, command: str, data: dict[str, Any]) -> str:
    """Somebody who by the role table may do it, if the market has such a person."""
    if command.startswith("fact."):  # whoever may tell a fact may set it right
        return known.author.get(data["position"], "operator")
    row = next((row for key, row in table().items() if key.split(" ")[0] == command), None)
    if command.startswith("role.") and "role" in data:
        row = table().get(f"{command} {data['role']}", row)
    if row is None:
        return "clock"
    ways = [f"{relation} {role}" for role, relation in row.may.items()]
    if row.itself and "identity" in data:
        ways.append("itself")
    way = draw.one(*ways) if ways else "nobody"
    location = known.owner.get(data.get("claim", ""), data.get("location", "101"))
    tenant = known.tenant.get(data.get("claim", "")) or data.get("tenant", "")
    tenant = known.tenant.get(data.get("subscription", ""), tenant)
    relation, _, role = way.partition(" ")
    return {
        "itself": str(data.get("identity")),
        Relation.ANY: role,
        Relation.OWN_LOCATION: f"incentives-{location}",
        Relation.OWN_ORGANISATION: f"admin-{ORGANISATION.get(location, '100')}",
        Relation.OWN_TENANT: f"{NICKNAME.get(tenant, 'contoso')}-admin",
    }.get(relation, role)


NEXT = {
    "submitted": (*("claim.start_review",) * 6, "claim.add_proof", "consent.bounce"),
    "under_review": (
        *("claim.approve",) * 3,
        "claim.reject",
        "claim.request_action",
        "consent.confirm",
        "consent.decline",
    ),
    "partner_action_required": ("claim.resubmit", "claim.resubmit", "consent.decline"),
    "approved": (
        "consent.decline",
        "consent.decline",
        "consent.confirm",
        "consent.bounce",
        "claim.disassociate",
        "claim.add_proof",
        "arbitration.answer",
    ),
    "rejected": ("claim.dispute",),
    "replaced": ("claim.dispute", "consent.decline"),
    "dispute": ("claim.approve", "claim.reject"),
}
"""What somebody would do next about a claim in a state; often what no rule allows just then."""
