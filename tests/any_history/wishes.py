"""What anybody may wish for: any command of the catalogue, with data that is mostly about something.

The fields of a command follow from its own schema and from its example, so that a new command is
wished for without a word here. Names are taken from what the log has told so far, or made anew;
instants lie around now; a choice is any of its values. Where the parts of a command have to fit
together by rules of the field, ``FITTING`` says how; ``SAME_AS`` says which name is one of which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from functools import cache
from random import Random
from typing import Any, NamedTuple

from ledger.commands import catalogue
from ledger.rules.roles import Relation, table
from projections.record import Record
from schemas.time import iso

HOUR_US = 3_600_000_000
ALL = (*catalogue.COMMANDS, *catalogue.INTERNAL)
CLAIMS = [name for name in ALL if name.startswith(("claim.", "consent.", "arbitration."))]

WORKLOADS = ("exchange", "teams", "sharepoint", "intune")
LOCATIONS = ("101", "102", "201", "301")
ORGANISATION = {"101": "100", "102": "100", "201": "200", "301": "300"}
PEOPLE = ("operator", "reviewer", "auditor", "nobody", "user-101", "admin-100", "incentives-201")

SAME_AS = {
    "transacting_partner": "location",
    "indirect_reseller": "location",
    "dpor": "location",
    "succeeds": "subscription",
}
"""A field that holds a name of another kind than its own name says."""

NAMED = {"claim", "subscription", "agreement", "identity", "assignment", "report"}
"""What has to be there before much can be done about it."""

_ORDINARY = {
    "state",
    "policy",
    "name",
    "title",
    "comment",
    "reason",
    "domain",
    "country",
    "zone",
    "role",
    "kind",
    "outcome",
    "how",
    "activity",
    "solution_area",
    "calendar",
}
"""Fields that are told as text but name nothing one could point at."""


class Wish(NamedTuple):
    """A command that somebody gives, with the hours that passed before."""

    command: str
    actor: str
    data: dict[str, Any]
    hours: int


class Draw:
    """The one way to chance: a step draws one number, and all else about it follows.

    Steps can so be left out when a failing history is made shorter, and a thousand histories cost
    little; a step itself is not made simpler.
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def one(self, *values: Any) -> Any:
        """One of the values, each as likely."""
        return self._random.choice(values)

    def chance(self, percent: int) -> bool:
        """True so many times in a hundred."""
        return self._random.random() * 100 < percent

    def some(self, values: Iterable[Any]) -> list[Any]:
        """One or two of the values."""
        first, *rest = values
        found = [self.one(first, *rest)]
        other = self.one(first, *rest)
        return found if other in found else [*found, other]


class Known:
    """What the log has told so far: names by their kind, and claims by their state."""

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {}
        self.owner: dict[str, str] = {}
        self.tenant: dict[str, str] = {}
        self.slots: dict[str, list[str]] = {}
        self._fresh = 0

    def learn(self, record: Record) -> None:
        """Remember the names an event tells, and whose a claim or subscription is."""
        for name, value in record.data.items():
            if isinstance(value, str) and len(value) < 60 and name not in _ORDINARY:
                known = self.names.setdefault(name, [])
                if value not in known:
                    known.append(value)
        data = record.data
        if record.type == "claim.submitted.v1":
            self.owner[data["claim"]] = data["location"]
            self.slots[data["claim"]] = [slot["slot"] for slot in data["slots"]]
        for kind in ("claim", "subscription", "agreement"):
            if kind in data and "tenant" in data:
                self.tenant[data[kind]] = data["tenant"]

    def fresh(self, kind: str) -> str:
        """A name nobody used before."""
        self._fresh += 1
        if kind == "tenant":
            return f"00000000-0000-4000-8000-{self._fresh:012x}"
        return f"{kind[:2]}-{self._fresh}"


def possible(draw: Draw, known: Known, commands: Iterable[str]) -> str:
    """One of the commands; mostly one whose names there are."""
    choice = list(commands)
    found = draw.one(*choice)
    for _ in range(5):
        wanted = {SAME_AS.get(name, name) for name in list(_example(found))[:2]} & NAMED
        begun = found.partition(".")[0] if _begins(found) else ""
        if wanted - {begun} <= known.names.keys():
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


def _value(  # noqa: PLR0911, PLR0913, PLR0917  one way for each kind of field
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
    begins = name in (command.partition(".")[0], next(iter(_fields(command))))
    if begins and _begins(command) and draw.chance(90):
        return known.fresh(pool)
    return str(draw.one(*known.names[pool])) if pool in known.names else None


def _begins(command: str) -> bool:
    return command.partition(".")[2] in BEGINNINGS


BEGINNINGS = ("register", "start", "sign", "submit", "assign", "draft", "create", "open", "record")
"""The verbs of commands that bring something new into the ledger."""


def _slots_of_the_claim(draw: Draw, known: Known, data: dict[str, Any], _: int) -> dict[str, Any]:
    if draw.chance(60):
        return {"slots": None} if "slots" in data and "claim" in data else {}
    if "slots" in data and data.get("claim") in known.slots:
        return {"slots": draw.some(known.slots[data["claim"]])}
    return {}


def _entitled(draw: Draw, known: Known, command: str, data: dict[str, Any]) -> str:
    """Somebody who by the role table may do it, if the market has such a person."""
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


NICKNAME = {
    "00000000-0000-4000-8000-0000000000c1": "contoso",
    "00000000-0000-4000-8000-0000000000f1": "fabrikam",
}
TENANT = {name: tenant for tenant, name in NICKNAME.items()}

Fitting = Callable[[Draw, Known, dict[str, Any], int], dict[str, Any]]


def _submission(draw: Draw, known: Known, data: dict[str, Any], now_us: int) -> dict[str, Any]:
    nickname = draw.one("contoso", "contoso", "contoso", "fabrikam")
    technical = data["customer_contact"]
    where: dict[str, Any] = {
        "location": draw.one(*LOCATIONS),
        "tenant": TENANT[nickname],
        "domain": f"{nickname}.example",
        "proof": _proof(draw, now_us),
        "customer_technical_contact": technical,
    }
    subscriptions = known.names.get("subscription")
    if subscriptions and draw.chance(30):
        where |= {
            "solution_area": "business_applications",
            "activity": draw.one("usage", "usage", "pre_sales"),
            "subscriptions": draw.some(subscriptions),
            "workloads": None,
        }
        if not draw.chance(10):
            where["tenant"] = known.tenant.get(where["subscriptions"][0], TENANT[nickname])
            where["domain"] = f"{NICKNAME.get(where['tenant'], nickname)}.example"
    else:
        where |= {
            "solution_area": "microsoft_365",
            "activity": "usage",
            "workloads": draw.some(WORKLOADS[: draw.one(1, 2, 4)]),
            "subscriptions": None,
        }
    rivals = [claim for claim in known.slots if known.slots[claim][0].startswith("cpor:m365:")]
    if rivals and draw.chance(50):
        rival = draw.one(*rivals)
        others = [location for location in LOCATIONS if location != known.owner[rival]]
        tenant = known.tenant[rival]
        where |= {
            "location": draw.one(*others),
            "tenant": tenant,
            "domain": f"{NICKNAME.get(tenant, nickname)}.example",
            "solution_area": "microsoft_365",
            "activity": "usage",
            "workloads": [slot.rpartition(":")[2] for slot in known.slots[rival]],
            "subscriptions": None,
        }
    return where


def _proof(draw: Draw, now_us: int) -> dict[str, Any]:
    days = draw.one(10, 10, 10, 10, 10, 10, 200, 400)
    elements = ["identities", "customer_acknowledgement", "activities", "workloads"]
    return {
        "documents": [{"title": "Statement of work", "sha256": "ab" * 32}],
        "elements": elements[: draw.one(4, 4, 4, 4, 4, 4, 4, 3)],
        "acknowledged_on": iso(now_us - days * 24 * HOUR_US)[:10],
    }


def _with_proof(draw: Draw, _: Known, __: dict[str, Any], now_us: int) -> dict[str, Any]:
    return {"proof": _proof(draw, now_us)}


def _approval(draw: Draw, _: Known, __: dict[str, Any], now_us: int) -> dict[str, Any]:
    if draw.chance(60):
        return {"effective_at": None, "back_dated_because": None}
    early = iso(now_us - draw.one(1, 24, 24 * 20) * HOUR_US)
    return {"effective_at": early, "back_dated_because": "Earlier work."}


def _arbitration(draw: Draw, _: Known, __: dict[str, Any], now_us: int) -> dict[str, Any]:
    wins = draw.chance(70)
    early = iso(now_us - draw.one(1, 24) * HOUR_US) if draw.chance(20) else None
    outcome = "challenger_wins" if wins else "incumbent_stays"
    return {"outcome": outcome, "effective_at": early} | ({"slots": None} if wins else {})


def _subscription(draw: Draw, _: Known, data: dict[str, Any], now_us: int) -> dict[str, Any]:
    channel = draw.one("ea", "web_direct", "web_direct", "csp_direct", "csp_indirect")
    csp = channel.startswith("csp")
    return {
        "tenant": TENANT[draw.one("contoso", "contoso", "fabrikam")],
        "product": draw.one("dynamics365", "dynamics365", "m365"),
        "channel": channel,
        "agreement": None,
        "transacting_partner": draw.one(*LOCATIONS) if csp else None,
        "indirect_reseller": draw.one(*LOCATIONS) if channel == "csp_indirect" else None,
        "dpor": draw.one(None, None, "101", "201"),
        "succeeds": None if draw.chance(80) else data.get("succeeds"),
        "effective_at": iso(now_us - draw.one(0, 24, 24 * 90) * HOUR_US),
    }


def _role(draw: Draw, _: Known, data: dict[str, Any], __: int) -> dict[str, Any]:
    scopes = {
        "global_admin": "organisation",
        "account_admin": "organisation",
        "incentive_admin": "location",
        "incentive_user": "location",
        "customer_admin": "tenant",
    }
    wanted = scopes.get(data["role"])
    values = {
        "organisation": draw.one("100", "200"),
        "location": draw.one(*LOCATIONS),
        "tenant": TENANT["contoso"],
    }
    return {
        "grantee": draw.one(*PEOPLE, "new-one"),
        **{part: (value if part == wanted else None) for part, value in values.items()},
    }


def _policy(draw: Draw, _: Known, __: dict[str, Any], now_us: int) -> dict[str, Any]:
    return {
        "builtin": draw.one("P2020", "P2023", "EXPLICIT"),
        "content": None,
        "calendar": None,
        "in_force_from": iso(now_us - draw.one(0, 24) * HOUR_US),
    }


def _delegation(draw: Draw, _: Known, data: dict[str, Any], now_us: int) -> dict[str, Any]:
    if data.get("kind") != "GDAP":
        return {"roles": None, "until": None}
    until = iso(now_us + draw.one(24 * 2, 24 * 30, 24 * 700) * HOUR_US)
    return {"roles": ["Service support administrator"], "until": until, "effective_at": None}


def _lapse(draw: Draw, known: Known, _: dict[str, Any], __: int) -> dict[str, Any]:
    return {
        "claim": draw.one(*known.names.get("claim", ["C-0"])),
        "name": draw.one("answer", "consent"),
    }


def _loaded(draw: Draw, known: Known, _: dict[str, Any], now_us: int) -> dict[str, Any]:
    report = known.fresh("report")
    told = deepcopy(catalogue.load("usage.load").EXAMPLE)
    return {
        **told,
        "report": report,
        "attempt": f"{report}.1",
        "sha256": f"{len(report):02x}" + f"{draw.one(0, 1, 2):02x}" * 31,
        "exported_at": iso(now_us),
        "basis": 10_000,
    }


def _withdrawn(draw: Draw, known: Known, _: dict[str, Any], __: int) -> dict[str, Any]:
    told = deepcopy(catalogue.load("usage.withdraw").EXAMPLE)
    report = draw.one(*known.names.get("report", ["R-0"]))
    return {**told, "report": report, "attempt": f"{report}.2", "basis": 10_000}


def _turn(draw: Draw, known: Known, _: dict[str, Any], now_us: int) -> dict[str, Any]:
    told = deepcopy(catalogue.load("usage.reserve").EXAMPLE)
    expires = iso(now_us + draw.one(1, 30, 90) * HOUR_US // 60)
    return {**told, "attempt": known.fresh("attempt"), "expires_at": expires}


FITTING: dict[str, Fitting] = {
    "claim.submit": _submission,
    "claim.resubmit": _with_proof,
    "claim.add_proof": _with_proof,
    "claim.approve": _approval,
    "arbitration.decide": _arbitration,
    "subscription.start": _subscription,
    "role.grant": _role,
    "role.revoke": _role,
    "policy.adopt": _policy,
    "delegated_admin.grant": _delegation,
    "clock.lapse": _lapse,
    "usage.load": _loaded,
    "usage.withdraw": _withdrawn,
    "usage.reserve": _turn,
}
"""How the parts of a command fit together; what it says comes last."""

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
    ),
    "rejected": ("claim.dispute",),
    "replaced": ("claim.dispute", "consent.decline"),
    "dispute": ("claim.approve", "claim.reject"),
}
"""What somebody would do next about a claim in a state; often what no rule allows just then."""
