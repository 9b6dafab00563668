"""Two rivals at one customer, told through the command line, with names that are found again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.interfaces.small_story import BIRTH, by, claim, line, write_lines

__all__ = ["BIRTH", "CONTOSO", "FABRIKAM", "OF_ALPHA", "OF_BETA", "SLOT", "write"]

CONTOSO = "11111111-1111-4111-8111-111111111111"
FABRIKAM = "22222222-2222-4222-8222-222222222222"
SLOT = f"cpor:m365:{CONTOSO}:teams"

OF_ALPHA = ("alpha-org", "alpha-one", "CLAIM-ALPHA", "anna.alpha", "Alpha's plan", "alpha.example")
"""What names the partner that holds: not for its rival."""

OF_BETA = ("beta-org", "beta-one", "CLAIM-BETA", "bob.beta", "Beta's plan", "beta.example")
"""What names the partner that challenges."""

WHY = "Alpha's proof is the newer one."


def _partner(name: str, at: str) -> list[dict[str, Any]]:
    person = {"alpha": "anna.alpha", "beta": "bob.beta"}[name]
    organisation = {"organisation": f"{name}-org", "name": f"{name} and sons", "country": "CZ"}
    location = {"location": f"{name}-one", "organisation": f"{name}-org", "country": "CZ"}
    admin = {"grantee": f"admin.{name}", "role": "global_admin", "organisation": f"{name}-org"}
    own = {"grantee": person, "role": "incentive_admin", "location": f"{name}-one"}
    return [
        line("organisation.register", f"o-{name}", at, **organisation, domains=[f"{name}.example"]),
        line("location.register", f"l-{name}", at, **location, name=f"{name}, Praha"),
        line("role.grant", f"g-{name}", at, **admin),
        by(f"admin.{name}", line("role.grant", f"i-{name}", at, **own)),
        line("enrolment.invite", f"e-{name}", at, programme="OSU", location=f"{name}-one"),
        line(
            "competency.attain",
            f"c-{name}",
            at,
            organisation=f"{name}-org",
            competency="cloud_productivity",
            level="gold",
        ),
    ]


def _claim(name: str) -> dict[str, Any]:
    told = claim(f"CLAIM-{name.upper()}", f"{name}-one")
    email = f"sales@{name}.example"
    return {
        **told,
        "title": f"{name.title()}'s plan",
        "partner_contact": {"name": f"{name} sales", "email": email},
    }


def _who() -> list[dict[str, Any]]:
    at = "2020-07-01T09:00:00Z"
    told = [line("policy.adopt", "p-1", at, builtin="P2020")]
    for name, tenant in (("contoso", CONTOSO), ("fabrikam", FABRIKAM)):
        customer = {"tenant": tenant, "name": name.title(), "country": "CZ"}
        told.append(
            line("customer.register", f"t-{name}", at, **customer, domains=[f"{name}.example"])
        )
        admin = {"grantee": f"{name}.admin", "role": "customer_admin", "tenant": tenant}
        told.append(line("role.grant", f"r-{name}", at, **admin))
    roles: tuple[dict[str, Any], ...] = (
        {"grantee": "rita", "role": "reviewer"},
        {"grantee": "otto", "role": "auditor"},
        {"grantee": "hana", "role": "analyst"},
        {"grantee": "spy", "role": "reviewer", "organisation": "beta-org"},
    )
    told += [*_partner("alpha", at), *_partner("beta", at)]
    told += [line("role.grant", f"r-{role['grantee']}", at, **role) for role in roles]
    executive = {"grantee": "eva.alpha", "role": "executive", "organisation": "alpha-org"}
    told.append(by("admin.alpha", line("role.grant", "r-eva", at, **executive)))
    sold = {"tenant": CONTOSO, "product": "azure", "offer": "Azure plan", "channel": "csp_direct"}
    told += _access(at)
    told.append(
        line(
            "subscription.start",
            "s-1",
            at,
            subscription="S-1",
            **sold,
            transacting_partner="alpha-one",
        )
    )
    return told


def _access(at: str) -> list[dict[str, Any]]:
    """Alpha's link, its tracking id with a deployment, and its delegated administration."""
    link = {"identity": "dev-alpha", "tenant": CONTOSO}
    tracking = {"tracking_id": "pid-eb7927c8-dd66-43e1-b0cf-c346a4220633"}
    scope = "/subscriptions/S-1/resourceGroups/shop"
    return [
        line(
            "identity.register", "a-1", at, identity="dev-alpha", kind="user", location="alpha-one"
        ),
        by("dev-alpha", line("pal.link", "a-2", at, **link, location="alpha-one")),
        by(
            "contoso.admin",
            line(
                "azure_role.assign",
                "a-3",
                at,
                **link,
                assignment="ra-1",
                role="Owner",
                scope="/subscriptions/S-1",
            ),
        ),
        line(
            "tracking_id.register",
            "a-4",
            at,
            **tracking,
            location="alpha-one",
            kind="cua",
            description="Shop in a box",
        ),
        line(
            "deployment.report",
            "a-5",
            at,
            **tracking,
            deployment="D-1",
            tenant=CONTOSO,
            subscription="S-1",
            scope=scope,
        ),
        line(
            "gdap.request",
            "a-6",
            at,
            relationship="G-1",
            tenant=CONTOSO,
            location="alpha-one",
            roles=["Directory Readers"],
            duration_days=365,
        ),
    ]


def _what() -> list[dict[str, Any]]:
    """Alpha holds, Beta challenges, the reviewer keeps Alpha."""
    return [
        by("anna.alpha", line("claim.submit", "h-1", "2020-07-06T09:00:00Z", **_claim("alpha"))),
        by("rita", line("claim.start_review", "h-2", "2020-07-07T09:00:00Z", claim="CLAIM-ALPHA")),
        by("rita", line("claim.approve", "h-3", "2020-07-08T09:00:00Z", claim="CLAIM-ALPHA")),
        by("bob.beta", line("claim.submit", "h-4", "2020-08-03T09:00:00Z", **_claim("beta"))),
        by("rita", line("claim.start_review", "h-5", "2020-08-04T09:00:00Z", claim="CLAIM-BETA")),
        by(
            "rita",
            line(
                "arbitration.decide",
                "h-6",
                "2020-08-05T09:00:00Z",
                claim="CLAIM-BETA",
                outcome="incumbent_stays",
                reason=WHY,
            ),
        ),
    ]


REPORT = "alpha-report"
"""The report that states Alpha's consumption, loaded after the story."""

LOADED_AT = "2020-11-10T09:00:00Z"


def write_azure(path: Path, *told: tuple[str, str, str]) -> Path:
    """Write an Azure report of S-1: location, month and consumption of each row."""
    levels = tuple(f"ServiceLevel{n}" for n in range(1, 5))
    rest = ("ServiceGroup2", "ServiceGroup3", "ServiceInfluencer", "ComputeOS", "UsageUnits")
    who = ("CustomerTenantId", "PartnerID", "PartnerAttributionType", "AdminType", "ACR_USD")
    lines = [("SubscriptionId", "Month", *levels, *rest, *who)]
    for location, month, consumed in told:
        what = ("Azure", "Compute > VM", *("",) * 6, "Hours")
        lines.append(("S-1", month, *what, CONTOSO, location, "PAL", "Owner", consumed))
    path.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")
    return path


def write(folder: Path) -> Path:
    """Write the file of all commands."""
    folder.mkdir(parents=True, exist_ok=True)
    return write_lines(folder / "rivals.jsonl", *_who(), *_what())
