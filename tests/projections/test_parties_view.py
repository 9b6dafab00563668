"""Who there is, as the parties views tell it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from projections import party_queries
from schemas import access, agreements, associations, governance, parties, subscriptions
from schemas.time import from_us
from tests.projections.memory_log import OTHER_TENANT, TENANT, Told, day, made


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """A log with views that follow it."""
    return Told(tmp_path)


def _customer(tenant: str, **more: Any) -> parties.CustomerRegistered:
    fields = {"name": "Contoso", "domains": ("contoso.example",), "country": "CZ", **more}
    return made(parties.CustomerRegistered, tenant=tenant, **fields)


def test_an_organisation_is_found_with_its_locations(told: Told) -> None:
    """By its id; an unknown one is None."""
    who = {"name": "Partner", "country": "CZ"}
    told.add(made(parties.OrganisationRegistered, organisation="100", **who))
    for location in ("102", "101"):
        told.add(made(parties.LocationRegistered, location=location, organisation="100", **who))
    found = told.ask(party_queries.organisation, "100")
    assert [one["location"] for one in found["locations"]] == ["101", "102"]
    assert told.ask(party_queries.location, "101")["organisation"] == "100"
    assert told.ask(party_queries.organisation, "999") is None
    assert [one["organisation"] for one in told.ask(party_queries.organisations)] == ["100"]


def test_a_customer_is_found_by_tenant(told: Told) -> None:
    """Paging goes by tenant."""
    told.add(_customer(TENANT, since=date(2020, 7, 1)))
    told.add(_customer(OTHER_TENANT, succeeds=TENANT, public_sector=True))
    found = told.ask(party_queries.customer, TENANT)
    assert (found["domains"], found["since"]) == (["contoso.example"], "2020-07-01")
    after = told.ask(party_queries.customers, after=TENANT)
    assert [(one["tenant"], one["public_sector"]) for one in after] == [(OTHER_TENANT, 1)]
    assert told.ask(party_queries.customer, "nobody") is None


def test_a_subscription_shows_its_life(told: Told) -> None:
    """Begun and ended at effective instants, with the reason of the end."""
    told.add(
        made(
            subscriptions.SubscriptionStarted,
            subscription="S-1",
            tenant=TENANT,
            product="dynamics_365",
            offer="Sales",
            channel="ea",
        ),
        on=3,
    )
    assert told.ask(party_queries.subscription, "S-1")["ended_us"] is None
    told.add(
        made(subscriptions.SubscriptionEnded, subscription="S-1", tenant=TENANT, reason="expired"),
        on=9,
    )
    (found,) = told.ask(party_queries.subscriptions, TENANT)
    life = (found["started_us"], found["ended_us"], found["end_reason"])
    assert life == (day(3), day(9), "expired")


def test_an_agreement_shows_its_partners_and_its_end(told: Told) -> None:
    """In the order they stand on the agreement."""
    partners = [
        {"location": "201", "role": "reseller"},
        {"location": "101", "role": "software_advisor"},
    ]
    signed = made(
        agreements.AgreementSigned, agreement="EA-1", kind="EA", tenant=TENANT, partners=partners
    )
    told.add(signed, on=1)
    told.add(made(agreements.AgreementEnded, agreement="EA-1", tenant=TENANT), on=7)
    found = told.ask(party_queries.agreement, "EA-1")
    assert found["partners"] == partners
    assert (found["signed_us"], found["ended_us"]) == (day(1), day(7))
    assert len(told.ask(party_queries.agreements, TENANT)) == 1


def test_an_identity_shows_the_roles_it_was_given(told: Told) -> None:
    """Removed ones with the instant of removal."""
    told.add(made(parties.IdentityRegistered, identity="dev-1", kind="user", location="101"))
    role = {"assignment": "A-1", "identity": "dev-1", "tenant": TENANT}
    told.add(
        made(associations.AzureRoleAssigned, **role, role="Reader", scope="/subscriptions/S-1"),
        on=1,
    )
    told.add(made(associations.AzureRoleRemoved, **role), on=4)
    (found,) = told.ask(party_queries.identity, "dev-1")["assignments"]
    given = (found["role"], found["assigned_us"], found["removed_us"])
    assert given == ("Reader", day(1), day(4))


def test_roles_are_shown_with_the_time_they_count(told: Told) -> None:
    """Genesis grants the operator's; a grant may carry its end, and a revocation sets it."""
    told.add(made(governance.LedgerCreated, ledger="test", clock="told", operator="olga"))
    scope = {"organisation": "100", "location": "101"}
    grant = {"grantee": "ines", "role": "incentive_user", **scope}
    told.add(made(access.RoleGranted, **grant), on=2)
    told.add(made(access.RoleGranted, grantee="rene", role="reviewer", until=from_us(day(9))), on=2)
    told.add(made(access.RoleRevoked, **grant), on=5)
    told.add(made(access.RoleRevoked, grantee="rene", role="auditor"), on=5)

    def acting(on: float) -> list[str]:
        found = told.ask(party_queries.grants, at_us=day(on))
        return [one["grantee"] for one in found]

    assert acting(1.9) == ["olga"]
    assert acting(4) == ["olga", "ines", "rene"]
    assert acting(5) == ["olga", "rene"]
    assert acting(9) == ["olga"]
    assert told.ask(party_queries.grants, grantee="ines")[0]["revoked_at"] == 4


def test_adopted_rules_are_listed_with_when_they_came_into_force(told: Told) -> None:
    """Policies by their own date, the rest by their event's."""
    start = datetime(2019, 10, 1, tzinfo=UTC)
    told.add(
        made(
            governance.PolicyAdopted,
            policy="P2020",
            in_force_from=start,
            content={},
            sha256="0" * 64,
        )
    )
    told.add(made(governance.ProgrammeAdopted, programme="mw", content={}, sha256="0" * 64), on=2)
    days = {"weekend": (5, 6), "first_year": 2020, "last_year": 2021, "holidays": ()}
    told.add(
        made(governance.CalendarAdopted, calendar="cz", title="CZ", zone="Europe/Prague", **days)
    )
    columns = "kind, name, in_force_from_us"
    sql = f"SELECT {columns} FROM adopted ORDER BY position"
    found = told.views.connection.execute(sql).fetchall()
    assert [one[:2] for one in found] == [
        ("policy", "P2020"),
        ("programme", "mw"),
        ("calendar", "cz"),
    ]
    assert [one[2] for one in found[:2]] == [1569888000000000, day(2)]
