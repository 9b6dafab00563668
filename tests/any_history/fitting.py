"""How the parts of a command fit together, where that does not follow from its schema."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from ledger.commands import catalogue
from schemas.time import iso
from tests.any_history.chance import Draw
from tests.any_history.known import HOUR_US, LOCATIONS, NICKNAME, PEOPLE, TENANT, WORKLOADS, Known

Fitting = Callable[[Draw, Known, dict[str, Any], int], dict[str, Any]]
"""From chance, what is known, the data so far and now, in microseconds: what to change; None leaves
a field out."""


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


def _revoked(_: Draw, __: Known, data: dict[str, Any], ___: int) -> dict[str, Any]:
    # A location says whose it is.
    return {"organisation": None} if data.get("location") else {}


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


def _chain(draw: Draw, _: Known, __: dict[str, Any], now_us: int) -> dict[str, Any]:
    channel = draw.one("csp_direct", "csp_indirect")
    return {
        "channel": channel,
        "transacting_partner": draw.one(*LOCATIONS),
        "indirect_reseller": draw.one(*LOCATIONS) if channel == "csp_indirect" else None,
        "support_reason": draw.one(None, "The provider closed."),
        "effective_at": _lately(draw, now_us),
    }


def _moved(draw: Draw, known: Known, data: dict[str, Any], now_us: int) -> dict[str, Any]:
    chain = _chain(draw, known, data, now_us)
    del chain["support_reason"]
    if draw.chance(40):
        chain |= {"channel": "web_direct", "transacting_partner": None, "indirect_reseller": None}
    return {**chain, "becomes": draw.one(None, known.fresh("subscription"))}


def _lately(draw: Draw, now_us: int) -> str:
    return iso(now_us - draw.one(0, 0, 1, 24) * HOUR_US)


def _enrolment(draw: Draw, known: Known, _: dict[str, Any], now_us: int) -> dict[str, Any]:
    begun = [told for told in known.told.get("enrolment", []) if draw.chance(80)]
    place = draw.one(*begun) if begun else {"programme": "MCI", "location": draw.one("101", "201")}
    told = {name: place[name] for name in ("programme", "location")}
    return {**told, "effective_at": _lately(draw, now_us)}


def _azure_role(draw: Draw, known: Known, _: dict[str, Any], now_us: int) -> dict[str, Any]:
    groups = known.names.get("group", [])
    to_group = bool(groups) and draw.chance(30)
    return {
        "identity": None if to_group else draw.one(*known.names.get("identity", ["dev-1"])),
        "group": draw.one(*groups) if to_group else None,
        "tenant": TENANT["contoso"],
        "role": draw.one("Owner", "Contributor", "Reader"),
        "scope": f"/subscriptions/{draw.one(*known.names.get('subscription', ['S-3']))}",
        "through": None,
        "effective_at": _lately(draw, now_us),
    }


def _member(draw: Draw, known: Known, data: dict[str, Any], _: int) -> dict[str, Any]:
    joined = [told for told in known.told.get("group", []) if "identity" in told]
    who = draw.one(*joined) if joined and draw.chance(70) else data
    identity = who.get("identity") or draw.one(*known.names.get("identity", ["dev-1"]))
    return {"group": who.get("group"), "identity": identity, "effective_at": None}


def _profiles(draw: Draw, known: Known, data: dict[str, Any], now_us: int) -> dict[str, Any]:
    told = _enrolment(draw, known, data, now_us)
    latest = known.told.get("enrolment", [told])[-1]  # so that the steps follow each other
    place = {name: latest[name] for name in ("programme", "location")}
    return {**told, **place, "profiles": draw.some(["payout", "tax"]), "effective_at": None}


def _corrected(draw: Draw, known: Known, _: dict[str, Any], now_us: int) -> dict[str, Any]:
    return {"position": draw.one(*known.facts or [1]), "effective_at": _lately(draw, now_us)}


def _retracted(draw: Draw, known: Known, _: dict[str, Any], __: int) -> dict[str, Any]:
    return {"position": draw.one(*known.facts or [1])}


def _erased(draw: Draw, known: Known, _: dict[str, Any], __: int) -> dict[str, Any]:
    return {"key": draw.one(*known.keys or ["p-0123456789abcdef"])}


def _figure(draw: Draw, known: Known, data: dict[str, Any], now_us: int) -> dict[str, Any]:
    withdraws = "reason" in data
    told = deepcopy(catalogue.load("metric.withdraw" if withdraws else "metric.record").EXAMPLE)
    recorded = known.told.get("metric", [])
    if withdraws and recorded:
        told |= {name: draw.one(*recorded)[name] for name in ("organisation", "on")}
    else:
        day = iso(now_us - draw.one(2, 40) * 24 * HOUR_US)[:10]
        told |= {"organisation": draw.one("100", "200"), "on": day}
    return {**dict.fromkeys(data), **told} | ({} if withdraws else {"value": draw.one(1, 4, 25)})


def _statement(draw: Draw, known: Known, data: dict[str, Any], now_us: int) -> dict[str, Any]:
    told = deepcopy(catalogue.load("statement.issue").EXAMPLE)
    month = iso(now_us - draw.one(40, 90) * 24 * HOUR_US)[:7]
    number = known.fresh("statement")
    return {**dict.fromkeys(data), **told, "statement": number, "month": f"{month}-01"}


def _competency(draw: Draw, _: Known, __: dict[str, Any], now_us: int) -> dict[str, Any]:
    return {"organisation": draw.one("100", "200"), "effective_at": _lately(draw, now_us)}


def _now(draw: Draw, _: Known, __: dict[str, Any], now_us: int) -> dict[str, Any]:
    return {"effective_at": _lately(draw, now_us)}


def _association(draw: Draw, _: Known, __: dict[str, Any], now_us: int) -> dict[str, Any]:
    # Few of them, so that one that is ended was often recorded.
    return {
        "kind": draw.one("Deal registration", "Advisor"),
        "location": draw.one("101", "201"),
        "tenant": TENANT["contoso"],
        "subscription": None,
        "agreement": None,
        "reference": None,
        "effective_at": _lately(draw, now_us),
    }


FITTING: dict[str, Fitting] = {
    "claim.submit": _submission,
    "claim.resubmit": _with_proof,
    "claim.add_proof": _with_proof,
    "claim.approve": _approval,
    "arbitration.decide": _arbitration,
    "subscription.start": _subscription,
    "role.grant": _role,
    "role.revoke": _revoked,
    "policy.adopt": _policy,
    "delegated_admin.grant": _delegation,
    "subscription.transfer": _chain,
    "subscription.move": _moved,
    **{name: _enrolment for name in catalogue.COMMANDS if name.startswith("enrolment.")},
    **{name: _competency for name in catalogue.COMMANDS if name.startswith("competency.")},
    **{name: _competency for name in catalogue.COMMANDS if name.startswith("partner_agreement.")},
    **{
        name: _now
        for name in catalogue.COMMANDS
        if name.startswith(("deployment.", "tracking_id."))
    },
    **{name: _profiles for name in catalogue.COMMANDS if name.endswith("_profiles")},
    "azure_role.assign": _azure_role,
    "group.add_member": _member,
    "group.remove_member": _member,
    "fact.correct": _corrected,
    "fact.retract": _retracted,
    "person.erase": _erased,
    "association.record": _association,
    "association.end": _association,
    "metric.record": _figure,
    "metric.withdraw": _figure,
    "statement.issue": _statement,
    "clock.lapse": _lapse,
    "usage.load": _loaded,
    "usage.withdraw": _withdrawn,
    "usage.reserve": _turn,
}
"""How the parts of a command fit together; what it says comes last."""
