"""A small estate on a told clock in which holders come and go: DPOR, PAL, CUA and GDAP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from ledger.app import Ledger
from ledger.commands import catalogue
from ledger.refusal import Refused
from schemas.time import to_us

TENANT = "11111111-1111-4111-8111-111111111111"
BORN = datetime(2024, 1, 8, 9, tzinfo=UTC)
GUID = "eb7927c8-dd66-43e1-b0cf-c346a4220633"
SUBSCRIPTIONS = 8


class Story:
    """Tells a ledger what happens, an hour after each other."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._told = 0
        self._now = BORN

    def tell(self, name: str, actor: str = "operator", /, **data: Any) -> int:
        """One command; the position of its event."""
        self._told += 1
        self._now += timedelta(hours=1)
        wish = catalogue.load(name).model_validate(data)
        name, at_us = f"c-{self._told}", to_us(self._now)
        return self.ledger.submit(wish, actor=actor, command_id=name, at_us=at_us).position

    def days_pass(self, days: int) -> None:
        """Time goes on, and nothing is recorded of it."""
        self._now += timedelta(days=days)

    def begin(self) -> None:
        """Partners, a customer, its subscriptions, an identity and a tracking id."""
        self.tell("organisation.register", organisation="100", name="Alfa", country="CZ")
        for location in ("101", "102", "103"):
            told = {"location": location, "organisation": "100", "name": "A", "country": "CZ"}
            self.tell("location.register", **told)
        customer = {"tenant": TENANT, "name": "Contoso", "country": "CZ"}
        self.tell("customer.register", **customer, domains=["contoso.example"])
        self.tell("role.grant", grantee="d.dana", role="customer_admin", tenant=TENANT)
        for number in range(SUBSCRIPTIONS):
            told = {"subscription": f"s-{number}", "tenant": TENANT, "product": "m365"}
            told |= {"offer": "Microsoft 365 E3", "channel": "web_direct"}
            self.tell("subscription.start", **told)
        self.tell("identity.register", identity="dev-1", kind="user", location="101")
        self.tell("pal.link", identity="dev-1", tenant=TENANT, location="101")
        self.tell(
            "tracking_id.register",
            tracking_id=GUID,
            location="102",
            kind="cua",
            description="Shop in a box",
        )

    def one_of_each(self) -> None:
        """A holder of every sort: one that excludes others, a set, a deployment, a term."""
        self.tell("dpor.set", "d.dana", subscription="s-0", location="101")
        for number in (1, 2):
            self.tell(
                "azure_role.assign",
                "d.dana",
                assignment=f"RA-{number}",
                identity="dev-1",
                tenant=TENANT,
                role="Contributor",
                scope=f"/subscriptions/S-{number}",
            )
        self.tell(
            "deployment.report",
            deployment="D-1",
            tracking_id=GUID,
            tenant=TENANT,
            subscription="S-1",
            scope="/subscriptions/S-1",
        )
        gdap = {"relationship": "G-1", "tenant": TENANT, "location": "103"}
        self.tell("gdap.request", **gdap, roles=["Directory Readers"], duration_days=30)
        self.tell("gdap.approve", "d.dana", relationship="G-1")

    def change(self, random: Random, times: int) -> None:
        """DPOR is set, changed and removed here and there; what is refused never was."""
        for _ in range(times):
            subscription = f"s-{random.randrange(SUBSCRIPTIONS)}"
            try:
                if random.random() < 0.4:
                    self.tell("dpor.remove", "d.dana", subscription=subscription)
                else:
                    location = random.choice(("101", "102", "103"))
                    told = {"subscription": subscription, "location": location}
                    self.tell("dpor.set", "d.dana", **told)
            except Refused:
                continue
